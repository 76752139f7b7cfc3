//! Invariant(HOOK-PLACE): receivers of webhooks are told everything, in order and at least once, whatever happens to them or to the server.
//!
//! Letters go over sockets to a receiver that answers as a test tells it to. The last test starts itself as a child that serves, and kills it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lookback::model::{
    AccountName, DatasetName, EntityId, Flag, KnownAt, PersonName, Proof, ReviewRole, Role, SubjectAct,
};
use lookback::webhooks::{Place, Webhook, Webhooks};
use lookback::{Format, IngestOptions, Silent, Store};
use lookback_server::{Caller, Options, Retries, Service};
use serde_json::{Value, json};
use support::{Served, ask, eventually, list_options, settings, somebody};

/// A letter as it came.
#[derive(Debug, Clone)]
struct Heard {
    id: String,
    at: i64,
    signature: String,
    body: String,
}

impl Heard {
    fn said(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether it is signed with a secret, as a receiver's library checks it.
    fn holds(&self, secret: &str) -> bool {
        use base64ct::{Base64, Encoding};
        let key = Base64::decode_vec(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let signed = format!("{}.{}.{}", self.id, self.at, self.body);
        let tag = Base64::decode_vec(self.signature.strip_prefix("v1,").unwrap()).unwrap();
        ring::hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    }
}

/// What a receiver answers.
#[derive(Clone, Copy, PartialEq)]
enum Answers {
    Status(u16),
    /// It keeps the connection and says nothing.
    Nothing,
}

#[derive(Default)]
struct Inbox {
    heard: Vec<Heard>,
    next: VecDeque<Answers>,
    then: Option<Answers>,
}

/// A receiver.
struct Receiver {
    at: SocketAddr,
    inbox: Arc<Mutex<Inbox>>,
}

impl Receiver {
    /// One that answers so first, and then always so.
    fn new(next: &[u16], then: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let next = next.iter().map(|status| Answers::Status(*status)).collect();
        let inbox = Arc::new(Mutex::new(Inbox { next, then: Some(then), ..Inbox::default() }));
        let shared = Arc::clone(&inbox);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // A sender that is killed breaks off: that is no letter.
                let Some(heard) = read(&stream) else { continue };
                let mut inbox = shared.lock().unwrap();
                inbox.heard.push(heard);
                let answer = inbox.next.pop_front().or(inbox.then).unwrap();
                match answer {
                    Answers::Status(status) => {
                        let _ = write!(stream, "HTTP/1.1 {status} so\r\ncontent-length: 0\r\n\r\n");
                    }
                    Answers::Nothing => silent.push(stream),
                }
            }
        });
        Self { at, inbox }
    }

    fn well() -> Self {
        Self::new(&[], Answers::Status(200))
    }

    fn url(&self) -> String {
        format!("http://{}/hook?of=desk", self.at)
    }

    fn answer(&self, then: Answers) {
        self.inbox.lock().unwrap().then = Some(then);
    }

    fn heard(&self) -> Vec<Heard> {
        self.inbox.lock().unwrap().heard.clone()
    }

    /// What it was told, each letter once, in the order in which it was first told.
    fn told(&self) -> Vec<Value> {
        let mut seen = BTreeSet::new();
        self.heard()
            .iter()
            .filter(|letter| seen.insert(letter.id.clone()))
            .map(|letter| letter.said()["data"].clone())
            .collect()
    }

    fn forget(&self) {
        self.inbox.lock().unwrap().heard.clear();
    }
}

fn read(stream: &TcpStream) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let (mut headers, mut line) = (BTreeMap::new(), String::new());
    reader.read_line(&mut line).ok()?;
    assert!(line.is_empty() || line.starts_with("POST /hook?of=desk HTTP/1.1"), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    assert_eq!(headers["content-type"], "application/json");
    Some(Heard {
        id: headers["webhook-id"].clone(),
        at: headers["webhook-timestamp"].parse().unwrap(),
        signature: headers["webhook-signature"].clone(),
        body: String::from_utf8(body).unwrap(),
    })
}

const QUICK: Retries =
    Retries { first: Duration::from_millis(2), longest: Duration::from_millis(10), tries: 3 };

/// A server over a list and a traveller of the same name as its first entry.
fn served() -> Served {
    let served = Served::with(|options| options.retries = QUICK);
    served.change(travel).unwrap();
    served
}

fn travel(store: &mut Store) -> Result<(), lookback::Error> {
    people(store, &["p1"])
}

fn people(store: &mut Store, ids: &[&str]) -> Result<(), lookback::Error> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.jsonl");
    let person = |id: &&str| {
        json!({ "id": id, "schema": "Person", "properties": { "name": ["Orlan Veska"] } }).to_string() + "\n"
    };
    let lines: Vec<String> = ids.iter().map(person).collect();
    std::fs::write(&file, lines.concat()).unwrap();
    let (dataset, role, format) = (DatasetName::new("travellers"), Some(Role::Population), Some(Format::Ftm));
    let options = IngestOptions { dataset, role, format, ..IngestOptions::default() };
    store.ingest(&[file], &options, &mut Silent).map(drop)
}

/// Another entry of the traveller's name: one commit, one alert.
fn entry(number: usize) -> String {
    let properties = json!({ "name": ["Orlan Veska"], "topics": ["sanction"] });
    json!({ "id": format!("n{number}"), "schema": "Person", "properties": properties }).to_string() + "\n"
}

fn list(served: &Served, numbers: std::ops::Range<usize>) {
    for number in numbers {
        served.put("more.jsonl", &entry(number)).unwrap();
    }
}

/// Makes a webhook; its id and secret.
fn hook(at: SocketAddr, url: &str, after: Option<u64>) -> (String, String) {
    let body = json!({ "url": url, "events": ["alert", "case"], "after": after }).to_string();
    let made = ask(at, "POST /v1/webhooks", &body);
    assert_eq!(made.0, 201, "{}", made.2);
    let made: Value = serde_json::from_str(&made.2).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["webhook"]["id"]), text(&made["secret"]))
}

fn asked(at: SocketAddr, line: &str, body: &Value) -> Value {
    let answer = ask(at, line, &body.to_string());
    assert_eq!(answer.0, 200, "{line}: {}", answer.2);
    serde_json::from_str(&answer.2).unwrap()
}

fn webhook(at: SocketAddr) -> Value {
    asked(at, "GET /v1/webhooks", &json!({}))["webhooks"][0].clone()
}

/// Everything that happened, read commit by commit from the store itself.
fn happened(store: &Path) -> Vec<Value> {
    let store = Store::open(store, lookback::Access::Read, settings()).unwrap();
    let commits = store.happenings(0, 10_000, None).unwrap();
    let of = |commit: lookback::CommitHappenings| {
        commit.happenings.into_iter().map(move |happening| {
            let mut told = serde_json::to_value(happening).unwrap();
            told["seq"] = commit.seq.into();
            told["known_at"] = serde_json::to_value(commit.known_at).unwrap();
            told
        })
    };
    commits.into_iter().flat_map(of).collect()
}

#[test]
fn a_receiver_is_told_what_happens_in_order_and_signed() {
    let (served, receiver) = (served(), Receiver::well());
    let (id, secret) = hook(served.at, &receiver.url(), Some(0));
    list(&served, 0..5);
    // More than a page of rows in one commit.
    let many: String = (100..350).map(entry).collect();
    served.put("many.jsonl", &many).unwrap();
    let all = happened(&served.path());
    assert!(all.len() > 250, "{}", all.len());
    eventually("everything is told", || receiver.heard().len() >= all.len());
    assert_eq!(receiver.told(), all);
    let heard = receiver.heard();
    assert_eq!(heard.len(), all.len(), "nothing went wrong, and nothing is told twice");
    let now = KnownAt::micros((settings().clock)()) / 1_000_000;
    for letter in &heard {
        assert!(letter.holds(&secret), "{letter:?}");
        assert!((now - 300..=now).contains(&letter.at), "{letter:?}");
        let said = letter.said();
        assert_eq!((&said["type"], &said["timestamp"]), (&json!("alert.opened"), &said["data"]["known_at"]));
        assert!(!letter.body.contains("Veska"), "{letter:?}");
    }
    let shown = ask(served.at, "GET /v1/webhooks", "").2;
    assert!(shown.contains(&id) && !shown.contains(&secret[6..]), "a secret is told once: {shown}");
    eventually("it is noted", || webhook(served.at)["behind"] == 0);
    let noted = Store::open(&served.path(), lookback::Access::Read, settings()).unwrap();
    let recipients = noted.recipients(&EntityId::new("p1").unwrap()).unwrap();
    assert!(
        recipients.iter().any(|one| one.purpose == format!("webhook {id} to 127.0.0.1")),
        "{recipients:?}"
    );
}

#[test]
fn a_letter_that_is_not_taken_comes_again_before_the_next() {
    let (served, receiver) = (served(), Receiver::new(&[500, 302], Answers::Status(204)));
    hook(served.at, &receiver.url(), Some(0));
    list(&served, 0..2);
    eventually("all are taken", || receiver.told().len() == happened(&served.path()).len());
    let heard = receiver.heard();
    assert_eq!((&heard[0].id, &heard[0].body), (&heard[1].id, &heard[1].body));
    assert_eq!(heard[1].id, heard[2].id);
    assert_eq!(receiver.told(), happened(&served.path()));
    eventually("it is noted", || webhook(served.at)["tries"] == 0 && webhook(served.at)["dead"] == 0);
}

#[test]
fn a_letter_that_is_never_taken_is_dead_and_is_sent_again_when_asked() {
    let (served, receiver) = (served(), Receiver::new(&[500, 500, 500], Answers::Status(200)));
    let (id, secret) = hook(served.at, &receiver.url(), Some(0));
    list(&served, 0..2);
    let all = happened(&served.path());
    eventually("the others are told", || {
        receiver.told().len() == all.len() && webhook(served.at)["behind"] == 0
    });
    let dead = || asked(served.at, &format!("GET /v1/webhooks/{id}/dead"), &json!({}))["letters"].clone();
    let letter = dead()[0].clone();
    assert_eq!((&letter["tries"], &letter["why"]), (&json!(3), &json!("it answered 500")));
    assert_eq!(dead().as_array().unwrap().len(), 1);
    assert_eq!(letter["id"], receiver.heard()[0].id);
    let replay = format!("POST /v1/webhooks/{id}/dead/replay");
    receiver.forget();
    receiver.answer(Answers::Status(503));
    assert_eq!(asked(served.at, &replay, &json!({}))["letters"], 1);
    eventually("it is tried once", || dead()[0]["tries"] == 4);
    assert_eq!(dead()[0]["why"], "it answered 503");
    receiver.answer(Answers::Status(200));
    assert_eq!(asked(served.at, &replay, &json!({ "letters": ["msg_of_nobody"] }))["letters"], 0);
    assert_eq!(asked(served.at, &replay, &json!({ "letters": [letter["id"]] }))["letters"], 1);
    eventually("none is dead", || dead() == json!([]));
    let heard = receiver.heard();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard.iter().all(|again| again.id == letter["id"].as_str().unwrap() && again.holds(&secret)));
    assert_eq!(receiver.told(), all[..1]);
}

#[test]
fn everything_is_told_again_from_a_commit_on() {
    let (served, receiver) = (served(), Receiver::well());
    let (id, _) = hook(served.at, &receiver.url(), Some(0));
    list(&served, 0..3);
    let all = happened(&served.path());
    eventually("everything is told", || {
        receiver.told().len() == all.len() && webhook(served.at)["behind"] == 0
    });
    let first: Vec<_> = receiver.heard().into_iter().map(|letter| (letter.id, letter.body)).collect();
    receiver.forget();
    let from = all[1]["seq"].as_u64().unwrap();
    asked(served.at, &format!("POST /v1/webhooks/{id}/replay"), &json!({ "after": from }));
    let rest = all.iter().filter(|one| one["seq"].as_u64().unwrap() > from).count();
    assert!((1..all.len()).contains(&rest));
    eventually("the rest is told", || receiver.heard().len() == rest);
    let again: Vec<_> = receiver.heard().into_iter().map(|letter| (letter.id, letter.body)).collect();
    assert_eq!(again, first[first.len() - rest..]);
}

#[test]
fn whoever_is_stopped_is_told_nothing_until_it_goes_on_and_then_everything() {
    let (served, receiver) = (served(), Receiver::well());
    let (id, _) = hook(served.at, &receiver.url(), None);
    let set = |state: &str| asked(served.at, &format!("PUT /v1/webhooks/{id}"), &json!({ "state": state }));
    assert_eq!(set("off")["stopped"], "an administrator stopped it");
    list(&served, 0..3);
    // Another one, which is told, shows that the first would have been.
    let other = Receiver::well();
    hook(served.at, &other.url(), Some(0));
    eventually("the other is told", || other.told().len() == happened(&served.path()).len());
    assert!(receiver.heard().is_empty());
    assert_eq!(set("on")["stopped"], Value::Null);
    eventually("it is told what came meanwhile", || receiver.told().len() == 3);
    receiver.answer(Answers::Status(410));
    list(&served, 3..4);
    eventually("it wants no more", || {
        webhook(served.at)["stopped"].as_str().is_some_and(|why| why.contains("410"))
    });
    assert_eq!(ask(served.at, &format!("DELETE /v1/webhooks/{id}"), "").0, 204);
    for line in [format!("DELETE /v1/webhooks/{id}"), format!("GET /v1/webhooks/{id}/dead")] {
        assert_eq!(ask(served.at, &line, "").0, 404, "{line}");
    }
}

#[test]
fn whoever_is_slow_holds_up_neither_the_writer_nor_the_others() {
    let (served, slow, quick) = (served(), Receiver::new(&[], Answers::Nothing), Receiver::well());
    hook(served.at, &slow.url(), Some(0));
    hook(served.at, &quick.url(), Some(0));
    list(&served, 0..20);
    let all = happened(&served.path());
    eventually("the other is told", || quick.told().len() == all.len());
    assert_eq!(quick.told(), all);
    assert_eq!(slow.heard().len(), 1);
}

#[test]
fn a_server_that_starts_again_goes_on_where_it_was() {
    let (mut served, receiver) = (served(), Receiver::new(&[200], Answers::Status(500)));
    hook(served.at, &receiver.url(), Some(0));
    list(&served, 0..1);
    eventually("one is taken, one is not", || receiver.heard().len() >= 2);
    served.stop();
    receiver.answer(Answers::Status(200));
    let mut store = Store::open(&served.path(), lookback::Access::Write, settings()).unwrap();
    let file = served.folder.path().join("meanwhile.jsonl");
    std::fs::write(&file, entry(7)).unwrap();
    store.ingest(&[file], &list_options(), &mut Silent).unwrap();
    drop(store);
    let all = happened(&served.path());
    let service =
        Service::open(Options { retries: QUICK, ..Options::of(served.path(), settings()) }).unwrap();
    thread::spawn(move || lookback_server::run("127.0.0.1:0".parse().unwrap(), service, |_| {}));
    eventually("everything is told", || receiver.told().len() == all.len());
    assert_eq!(receiver.told(), all);
    let first = receiver.heard()[0].id.clone();
    assert_eq!(
        receiver.heard().iter().filter(|letter| letter.id == first).count(),
        1,
        "what was taken stays so"
    );
}

#[test]
fn only_addresses_by_tls_or_of_this_machine_are_taken() {
    let served = Served::new();
    for url in [
        "http://desk.example/hook",
        "http://10.0.0.7/hook",
        "ftp://127.0.0.1/hook",
        "https://name:word@desk.example/hook",
        "/hook",
        "",
        "https://",
    ] {
        let body = json!({ "url": url, "events": ["alert"] }).to_string();
        let refused = ask(served.at, "POST /v1/webhooks", &body);
        assert_eq!(refused.0, 400, "{url}: {}", refused.2);
        assert!(url.is_empty() || !refused.2.contains("desk.example"), "{}", refused.2);
    }
    let none = json!({ "url": "https://desk.example/hook", "events": [] }).to_string();
    assert_eq!(ask(served.at, "POST /v1/webhooks", &none).0, 400);
    let other =
        json!({ "url": "https://desk.example/hook", "events": ["alert"], "account": "amon" }).to_string();
    assert_eq!(ask(served.at, "POST /v1/webhooks", &other).0, 400, "the store has no accounts");
    // A name that nobody may give to an address of this link only.
    hook(served.at, "https://169.254.169.254/hook", Some(0));
    served.change(travel).unwrap();
    eventually("it is not reached", || {
        webhook(served.at)["why"].as_str().is_some_and(|why| why.contains("no address that may be reached"))
            || webhook(served.at)["dead"] == 1
    });
}

#[test]
fn a_receiver_sees_what_its_account_may_see_and_nothing_when_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = support::stocked(folder.path(), support::LIST);
    let mut store = Store::open(&path, lookback::Access::Write, settings()).unwrap();
    people(&mut store, &["p1", "p2"]).unwrap();
    let accounts: [(&str, ReviewRole, &[&str]); 5] = [
        ("root", ReviewRole::Administrator, &[]),
        ("lists", ReviewRole::ListManager, &[]),
        ("senior", ReviewRole::Approver, &["harbour"]),
        ("amon", ReviewRole::Reader, &[]),
        ("cole", ReviewRole::Reader, &["harbour"]),
    ];
    for (name, role, compartments) in accounts {
        store.act_as("root", Proof::Asserted);
        let (account, person) =
            (AccountName::new(name).unwrap(), PersonName::new(&format!("p-{name}")).unwrap());
        let compartments = compartments.iter().map(|&name| name.to_owned()).collect();
        store.open_account(account, person, BTreeSet::from([role]), compartments).unwrap();
    }
    store.act_as("senior", Proof::Asserted);
    let flag = SubjectAct::Flag { flag: Flag::Compartment("harbour".to_owned()) };
    store.decide_subject(&EntityId::new("p1").unwrap(), flag, "").unwrap();
    let head = store.ledger().head().unwrap().unwrap().seq;
    drop(store);
    let mut kept = Webhooks::open(&path).unwrap();
    let receivers = [("amon", Receiver::well()), ("cole", Receiver::well())];
    for (name, receiver) in &receivers {
        kept.add(&Webhook {
            id: (*name).to_owned(),
            url: receiver.url(),
            secret: "whsec_AAAA".to_owned(),
            events: BTreeSet::from(["alert".to_owned()]),
            account: AccountName::new(name),
            made_at: KnownAt::from_micros(1),
            stopped: None,
            place: Place::after(head),
            tries: 0,
            why: None,
        })
        .unwrap();
    }
    let service = Service::open(Options { retries: QUICK, ..Options::of(path.clone(), settings()) }).unwrap();
    let serving = service.clone();
    thread::spawn(move || lookback_server::run("127.0.0.1:0".parse().unwrap(), serving, |_| {}));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let by = |account: &str| Caller { account: account.to_owned(), ..somebody() };
    let file = folder.path().join("more.jsonl");
    let bring = |number| {
        std::fs::write(&file, entry(number)).unwrap();
        let file = file.clone();
        let put = move |store: &mut Store| store.ingest(&[file], &list_options(), &mut Silent);
        runtime.block_on(service.change(&by("lists"), put)).unwrap();
    };
    bring(1);
    let told = |receiver: &Receiver| -> BTreeSet<String> {
        receiver.told().iter().map(|data| data["subject"].as_str().unwrap().to_owned()).collect()
    };
    let both = BTreeSet::from(["p1".to_owned(), "p2".to_owned()]);
    eventually("who is in the compartment is told of both", || told(&receivers[1].1) == both);
    eventually("who is not, of the other", || !told(&receivers[0].1).is_empty());
    let amon = AccountName::new("amon").unwrap();
    runtime.block_on(service.change(&by("root"), move |store| store.close_account(amon))).unwrap();
    bring(2);
    let stopped = |name: &str| kept.get(name).unwrap().unwrap().stopped;
    eventually("it is stopped", || {
        stopped("amon").is_some_and(|why| why.contains("it may not look any more"))
    });
    eventually("the other goes on", || receivers[1].1.heard().len() == 4);
    assert_eq!(told(&receivers[0].1), BTreeSet::from(["p2".to_owned()]));
    assert_eq!((receivers[0].1.heard().len(), stopped("cole")), (1, None));
}

/// Marks a folder as a child's, so that the child's test does nothing when somebody runs all ignored tests.
const MARK: &str = "serve-here";

#[test]
#[ignore = "the last test of this file starts it as its child"]
fn child() {
    let folder = std::env::current_dir().unwrap();
    let Ok(first) = std::fs::read_to_string(folder.join(MARK)) else { return };
    let first: usize = first.parse().unwrap();
    let options = Options { retries: QUICK, ..Options::of(folder.join("s.db"), settings()) };
    let service = Service::open(options).unwrap();
    let writer = service.clone();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for number in first..first + 30 {
            let file = folder.join("more.jsonl");
            std::fs::write(&file, entry(number)).unwrap();
            let caller = somebody();
            let put =
                writer.change(&caller, move |store| store.ingest(&[file], &list_options(), &mut Silent));
            runtime.block_on(put).unwrap();
        }
    });
    lookback_server::run("127.0.0.1:0".parse().unwrap(), service, |at| println!("SERVES {at}")).unwrap();
}

fn start(folder: &Path, first: usize) -> (Child, SocketAddr) {
    std::fs::write(folder.join(MARK), first.to_string()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--ignored", "--nocapture"]).current_dir(folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = |line: String| line.split_once("SERVES ").map(|(_, rest)| rest.trim().to_owned());
    let at = lines.find_map(|line| told(line.unwrap())).unwrap().parse().unwrap();
    (child, at)
}

#[test]
fn a_server_that_is_killed_while_it_tells_loses_no_letter_and_keeps_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = support::stocked(folder.path(), support::LIST);
    travel(&mut Store::open(&path, lookback::Access::Write, settings()).unwrap()).unwrap();
    let receiver = Receiver::well();
    for life in 0..4_usize {
        let before = receiver.heard().len();
        let (mut child, at) = start(folder.path(), 100 * life);
        if life == 0 {
            hook(at, &receiver.url(), Some(0));
        }
        eventually("some are told", || receiver.heard().len() > before + 3 * (life + 1));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (mut child, at) = start(folder.path(), 1_000);
    eventually("the last entry is told", || {
        let told = receiver.told();
        told.last().is_some_and(|last| last["entry"] == "n1029") && webhook(at)["behind"] == 0
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(receiver.told(), happened(&path));
}
