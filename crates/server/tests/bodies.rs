//! Whatever is sent, the server answers, and never with a fault of its own.
//!
//! In: every route of both descriptions; values that are of their schemas in part, by seed. Always holds: no answer is 5xx, none is missing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod served;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lookback::invented::Random;
use serde_json::{Map, Value, json};
use served::{Accounts, Served};

/// `--features long`: fifty times as much.
const SEEDS: u64 = if cfg!(feature = "long") { 50 } else { 1 };
/// Requests to each route.
const EACH: usize = 16;
const AT_ONCE: usize = 16;
const DEPTH: u32 = 6;

/// What readers of texts trip over.
const ODD: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "18446744073709551616",
    "1e999",
    "null",
    "\u{0}",
    "\u{feff}",
    "\u{202e}x",
    "e\u{301}\u{301}\u{301}",
    "\u{1f469}\u{200d}\u{1f680}",
    "../../etc/passwd",
    "%",
    "%00",
    "a:b:c",
    "/(",
    "[* TO",
    "\"",
    "((((((((",
    "2031-02-30",
    "0000-00-00",
    "9999-12-31T23:59:60Z",
    "-0001-01-01",
    "Person",
    "{",
    "[[[[[[[[[[[[[[[[",
    "name:/.*/ AND NOT (a~9 OR b^-1)",
    "\r\nx: y",
];

/// Values for a description.
struct Maker<'a> {
    random: Random,
    description: &'a Value,
    /// Ids and other words that the store knows.
    known: &'a [String],
}

impl Maker<'_> {
    fn text(&mut self) -> String {
        match self.random.below(6) {
            0 => (*self.random.choose(ODD)).to_owned(),
            1 => self.random.choose(ODD).repeat(self.random.below(400) as usize),
            2 => (0..self.random.below(12))
                .filter_map(|_| char::from_u32(self.random.below(0x11_0000) as u32))
                .collect(),
            _ => self.random.choose(self.known).clone(),
        }
    }

    fn number(&mut self) -> Value {
        match self.random.below(6) {
            0 => json!(u64::MAX),
            1 => json!(i64::MIN),
            2 => json!(1e308),
            3 => json!(-0.5),
            _ => json!(self.random.below(50)),
        }
    }

    fn anything(&mut self, depth: u32) -> Value {
        match self.random.below(if depth < DEPTH { 7 } else { 5 }) {
            0 => Value::Null,
            1 => json!(self.random.chance(500)),
            2 => self.number(),
            3 | 4 => json!(self.text()),
            5 => (0..self.random.below(4)).map(|_| self.anything(depth + 1)).collect(),
            _ => (0..self.random.below(4)).map(|_| (self.text(), self.anything(depth + 1))).collect(),
        }
    }

    /// A value of a schema, or in one place of eight none.
    fn of(&mut self, schema: &Value, depth: u32) -> Value {
        if depth > DEPTH || self.random.chance(120) {
            return self.anything(depth);
        }
        if let Some(name) = schema["$ref"].as_str() {
            let schema = self.description.pointer(&name[1..]).unwrap();
            return self.of(schema, depth);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.of(part, depth + 1) {
                    whole.extend(fields);
                }
            }
            return Value::Object(whole);
        }
        for word in ["oneOf", "anyOf", "enum"] {
            let Some(choices) = schema[word].as_array() else { continue };
            let choice = self.random.choose(choices).clone();
            return if word == "enum" { choice } else { self.of(&choice, depth + 1) };
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.random.choose(kinds).clone(),
            kind => kind.clone(),
        };
        match kind.as_str() {
            Some("object") => {
                let mut whole = Map::new();
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    if self.random.chance(850) {
                        whole.insert(name.clone(), self.of(schema, depth + 1));
                    }
                }
                if schema["properties"].is_null() {
                    whole.insert(self.text(), self.of(&schema["additionalProperties"], depth + 1));
                }
                Value::Object(whole)
            }
            Some("array") => {
                (0..self.random.below(4)).map(|_| self.of(&schema["items"], depth + 1)).collect()
            }
            Some("string") => json!(self.text()),
            Some("integer" | "number") => self.number(),
            Some("boolean") => json!(self.random.chance(500)),
            Some("null") => Value::Null,
            _ => self.anything(depth),
        }
    }

    /// A request to an operation.
    fn request(&mut self, method: &str, path: &str, operation: &Value) -> Request {
        let (mut path, mut query) = (path.to_owned(), Vec::new());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let value = match self.of(&parameter["schema"], 0) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            match parameter["in"].as_str() {
                Some("path") => path = path.replace(&format!("{{{name}}}"), &escaped(&value)),
                Some("query") if self.random.chance(400) => query.push(format!("{name}={}", escaped(&value))),
                _ => {}
            }
        }
        // An address may be 60,000 bytes long; longer ones have a test of their own.
        let mut address = format!("{path}?{}", query.join("&"));
        address.truncate(20_000);
        let content = operation["requestBody"]["content"].as_object();
        let (mut head, mut body) = (String::new(), Vec::new());
        if let Some(content) = content {
            let kinds: Vec<&String> = content.keys().collect();
            let media = *self.random.choose(&kinds);
            head = format!("content-type: {media}\r\n");
            let value = self.of(&content[media.as_str()]["schema"], 0);
            body = match value {
                Value::String(text) => text.into_bytes(),
                Value::Object(fields) if media.ends_with("urlencoded") => {
                    let pairs = fields.iter().map(|(name, value)| {
                        format!("{name}={}", escaped(value.as_str().unwrap_or(&value.to_string())))
                    });
                    pairs.collect::<Vec<_>>().join("&").into_bytes()
                }
                value => value.to_string().into_bytes(),
            };
            if self.random.chance(50) && !body.is_empty() {
                body.truncate(self.random.below(body.len() as u64) as usize);
            }
        }
        Request { method: method.to_uppercase(), address, head, body }
    }
}

struct Request {
    method: String,
    address: String,
    head: String,
    body: Vec<u8>,
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        use std::fmt::Write as _;
        if byte.is_ascii_alphanumeric() {
            escaped.push(byte.into());
        } else {
            write!(escaped, "%{byte:02X}").unwrap();
        }
        escaped
    })
}

/// Texts of what a store answers: ids among them.
fn words(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(values) => values.iter().take(20).for_each(|value| words(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| words(value, into)),
        _ => {}
    }
}

#[test]
fn whatever_is_sent_is_answered_and_never_with_a_fault_of_the_server() {
    let mut served = Served::new(Accounts::Reviewers);
    let mut known: Vec<String> =
        ["Person", "watch", "seed", "default", "root", "api", "name", "topics"].map(str::to_owned).into();
    for path in ["/v1/alerts?limit=5", "/v1/queue?limit=5", "/v1/status", "/catalog", "/v1/policy"] {
        words(&served.send("GET", path, "", b"").json(), &mut known);
    }
    let descriptions =
        ["/openapi.json", "/v1/openapi.json"].map(|path| served.send("GET", path, "", b"").json());
    for seed in 1..=SEEDS {
        println!("seed {seed}");
        send_all(&mut served, &descriptions, &known, seed);
    }
    assert_eq!(served.send("GET", "/healthz", "", b"").status, 200);
}

fn send_all(served: &mut Served, descriptions: &[Value], known: &[String], seed: u64) {
    let mut requests = Vec::new();
    for description in descriptions {
        let mut maker = Maker { random: Random::new(seed), description, known };
        for (path, methods) in description["paths"].as_object().unwrap() {
            // A stream of events has no end.
            for (method, operation) in methods.as_object().unwrap().iter().filter(|_| path != "/v1/events") {
                requests.extend((0..EACH).map(|_| maker.request(method, path, operation)));
            }
        }
    }
    for account in ["api", "root"] {
        served.account = account;
        let (served, requests, next) = (&*served, &requests, AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let Request { method, address, head, body } = request;
                        let answer = served.send(method, address, head, body);
                        let told = String::from_utf8_lossy(&answer.body);
                        let sent = String::from_utf8_lossy(body);
                        assert!(
                            answer.status < 500,
                            "{account}: {method} {address}\n{sent}\n{}: {told}",
                            answer.status
                        );
                    }
                });
            }
        });
    }
}
