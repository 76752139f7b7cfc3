//! A server on a socket over a store of invented people, and answers held against the server's own description.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZero;
use std::path::Path;
use std::thread;

use lookback::model::{AccountName, PersonName, Proof, ReviewRole};
use lookback::{Demo, Settings, Silent, Store};
use lookback_server::{Keeper, NewKey, Options, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Whether the store has accounts: then decisions can be taken, and `api` may review and bring lists in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accounts {
    /// None.
    None,
    /// An administrator, `api`, `second`, who confirms, and `auditor`; each has a key.
    Reviewers,
}

/// A store of invented people that is served.
pub(crate) struct Served {
    /// Where the store is, for as long as the server runs.
    folder: TempDir,
    /// Where the server is.
    pub(crate) at: SocketAddr,
    description: Value,
    keys: BTreeMap<String, String>,
    /// The account whose key is shown.
    pub(crate) account: &'static str,
    /// What whoever logged in shows instead.
    session: Option<String>,
    asked: BTreeSet<(String, String)>,
}

/// The password of the administrator.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// An answer.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The head as it stands.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

impl Served {
    /// Serves a store of a few invented people who were found by what was learned later.
    pub(crate) fn new(accounts: Accounts) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("s.db");
        let settings = Settings::of_this_machine("root");
        let demo = Demo { people: 300, seed: 7 };
        let (mut store, _) =
            lookback::demo(&path, settings.clone(), demo, &mut Silent, &mut |_, _| Ok(())).unwrap();
        let keys = match accounts {
            Accounts::None => BTreeMap::new(),
            Accounts::Reviewers => open_accounts(&mut store, &path),
        };
        drop(store);
        let readers = NonZero::<usize>::MIN.get();
        let service = Service::open(Options { readers, ..Options::of(path, settings) }).unwrap();
        let (told, at) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let listen = "127.0.0.1:0".parse().unwrap();
            lookback_server::run(listen, service, |at| told.send(at).unwrap()).unwrap();
        });
        let at = at.recv().unwrap();
        let mut served = Self {
            folder,
            session: None,
            at,
            description: Value::Null,
            keys,
            account: "api",
            asked: BTreeSet::new(),
        };
        served.description = served.send("GET", "/v1/openapi.json", "", b"").json();
        served
    }

    /// Sends one request and reads the answer to its end.
    pub(crate) fn send(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.at).unwrap();
        let length = body.len();
        let key = self.keys.get(self.account).map(|key| format!("authorization: ApiKey {key}\r\n"));
        let key = self.session.clone().or(key).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{key}{head}\r\n"
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        Answer { status: head[9..12].parse().unwrap(), head, body: answer[end + 4..].to_vec() }
    }

    /// The store.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("s.db")
    }

    /// Logs in, and acts as who did, until the session is left.
    pub(crate) fn log_in(&mut self, account: &str, password: &str) {
        self.session = None;
        let answer = self.post("/v1/session", &json!({ "account": account, "password": password }));
        assert_eq!(answer.status, 200, "{}", answer.json());
        let cookie = header(&answer.head, "set-cookie").split(';').next().unwrap().to_owned();
        let token = answer.json()["csrf_token"].as_str().unwrap().to_owned();
        self.session = Some(format!("cookie: {cookie}\r\nx-csrf-token: {token}\r\n"));
    }

    /// Shows keys again.
    pub(crate) fn leave_session(&mut self) {
        self.session = None;
    }

    /// The key of the account.
    pub(crate) fn key(&self) -> &str {
        &self.keys[self.account]
    }

    /// Asks, and holds the answer against the description.
    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.checked("GET", path, "", b"")
    }

    /// Asks for what there has to be.
    pub(crate) fn got(&mut self, path: &str) -> Value {
        self.got_of("GET", path, &Value::Null)
    }

    /// Does what has to succeed; what it answers, if anything.
    pub(crate) fn done(&mut self, path: &str, body: &Value) -> Value {
        self.got_of("POST", path, body)
    }

    /// The same by a method.
    pub(crate) fn got_of(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let (head, body) = match body {
            Value::Null => ("", Vec::new()),
            body => ("content-type: application/json\r\n", serde_json::to_vec(body).unwrap()),
        };
        let answer = self.checked(method, path, head, &body);
        let said = String::from_utf8_lossy(&answer.body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {said}", answer.status);
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// Sends JSON, and holds the answer against the description.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.checked("POST", path, "content-type: application/json\r\n", &body)
    }

    /// Sends anything, and holds the answer against the description.
    pub(crate) fn checked(&mut self, method: &str, path: &str, head: &str, body: &[u8]) -> Answer {
        let answer = self.send(method, path, head, body);
        let method = method.to_lowercase();
        let template = self.template(&method, path);
        let responses = &self.description["paths"][&template][&method]["responses"];
        let stated = responses.get(answer.status.to_string()).or_else(|| responses.get("default"));
        let stated = stated.unwrap_or_else(|| panic!("{method} {path}: no {} is described", answer.status));
        if answer.status == 204 {
            assert!(answer.body.is_empty() && stated.get("content").is_none(), "{method} {path}: {stated}");
            self.asked.insert((method, template));
            return answer;
        }
        let media = header(&answer.head, "content-type").split(';').next().unwrap().to_owned();
        let schema = stated["content"].get(&media);
        let schema = schema.unwrap_or_else(|| panic!("{method} {path}: no {media} is described: {stated}"));
        if media.ends_with("json") {
            self.holds(&format!("{method} {path}"), &schema["schema"], &answer.json());
        }
        if answer.status < 300 {
            self.asked.insert((method, template));
        }
        answer
    }

    /// Routes of which no answer was held against the description yet.
    pub(crate) fn unasked(&self) -> Vec<String> {
        let paths = self.description["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
        });
        all.filter(|one| !self.asked.contains(one)).map(|(method, path)| format!("{method} {path}")).collect()
    }

    fn template(&self, method: &str, path: &str) -> String {
        let path = path.split('?').next().unwrap();
        let fits = |template: &str| {
            let (left, right): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            left.len() == right.len()
                && left.iter().zip(&right).all(|(left, right)| left.starts_with('{') || left == right)
        };
        let mut paths = self.description["paths"].as_object().unwrap().iter();
        let found = paths.find(|(template, methods)| fits(template) && methods.get(method).is_some());
        found.unwrap_or_else(|| panic!("{method} {path} is not described")).0.clone()
    }

    /// Whether an answer is what the schema says, and says nothing that the schema does not know.
    fn holds(&self, what: &str, schema: &Value, answer: &Value) {
        let components = &self.description["components"];
        let whole = json!({ "allOf": [schema], "components": components });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(answer)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{what}: {}\n{answer:#}", faults.join("\n"));
        let mut unknown = BTreeSet::new();
        self.undescribed(&[schema], answer, "", &mut unknown);
        assert!(unknown.is_empty(), "{what}: not described: {unknown:?}");
    }

    /// All fields of an answer that no schema at their place names.
    fn undescribed(&self, schemas: &[&Value], answer: &Value, at: &str, unknown: &mut BTreeSet<String>) {
        let mut whole = Vec::new();
        for schema in schemas {
            self.unfold(schema, &mut whole);
        }
        match answer {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let named = whole.iter().filter_map(|schema| schema["properties"].get(name));
                    let others = whole.iter().filter_map(|schema| schema.get("additionalProperties"));
                    let of_it: Vec<&Value> = named.chain(others).collect();
                    // An object without properties is described as anything.
                    let anything = whole.iter().any(|schema| {
                        schema.get("properties").is_none() && schema.get("additionalProperties").is_none()
                    });
                    let place = format!("{at}/{name}");
                    if of_it.is_empty() && !anything {
                        unknown.insert(place);
                    } else if !of_it.is_empty() {
                        self.undescribed(&of_it, value, &place, unknown);
                    }
                }
            }
            Value::Array(items) => {
                let each: Vec<&Value> = whole.iter().filter_map(|schema| schema.get("items")).collect();
                let first = whole.iter().filter_map(|schema| schema["prefixItems"].as_array()).flatten();
                let of_it: Vec<&Value> =
                    each.into_iter().chain(first).filter(|one| one.is_object()).collect();
                for item in items {
                    self.undescribed(&of_it, item, &format!("{at}/*"), unknown);
                }
            }
            _ => {}
        }
    }

    fn unfold<'a>(&'a self, schema: &'a Value, into: &mut Vec<&'a Value>) {
        if let Some(name) = schema["$ref"].as_str() {
            return self.unfold(self.description.pointer(&name[1..]).unwrap(), into);
        }
        let parts: Vec<&Value> =
            ["allOf", "oneOf", "anyOf"].iter().filter_map(|word| schema[word].as_array()).flatten().collect();
        if parts.is_empty() {
            into.push(schema);
        }
        for part in parts {
            self.unfold(part, into);
        }
    }
}

/// The value of a header.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// Opens the accounts, and makes a key for each.
fn open_accounts(store: &mut Store, path: &Path) -> BTreeMap<String, String> {
    use ReviewRole::{Administrator, AnalystL1, AnalystL2, Approver, Auditor, ListManager};
    let keeper = Keeper::open(path, Settings::of_this_machine("root").clock).unwrap();
    let mut keys = BTreeMap::new();
    let mut open = |account: &str, roles: &[ReviewRole]| {
        let name = AccountName::new(account).unwrap();
        let person = PersonName::new(&format!("p-{account}")).unwrap();
        store.act_as("root", Proof::Asserted);
        let roles = roles.iter().copied().collect();
        store.open_account(name.clone(), person, roles, BTreeSet::new()).unwrap();
        let (scope, label) = (BTreeSet::new(), "test".to_owned());
        let new = NewKey { account: name, label, scope, purpose: None, enrol: None, rate: None, days: 1 };
        keys.insert(account.to_owned(), keeper.make_key(new).unwrap().1.reveal().to_owned());
    };
    open("root", &[Administrator]);
    keeper.set_password(&AccountName::new("root").unwrap(), PASSWORD).unwrap();
    open("api", &[AnalystL1, AnalystL2, Approver, ListManager]);
    open("second", &[AnalystL1, AnalystL2, Approver, ListManager]);
    open("auditor", &[Auditor]);
    keys
}
