//! A store with an account for each role, served on a socket, and a client that says exactly what it is told to.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use lookback::access::AccessKey;
use lookback::model::{AccountName, KnownAt, PersonName, Proof, ReviewRole};
use lookback::{AuditFilter, Audited, Settings, Store};
use lookback_server::{Keeper, NewKey, Options, Service, Terms};
use serde_json::Value;
use tempfile::TempDir;

/// 2031-06-01, and whatever a test lets pass.
static NOW: AtomicI64 = AtomicI64::new(1_937_952_000_000_000);

fn clock() -> KnownAt {
    KnownAt::from_micros(NOW.fetch_add(1, Ordering::Relaxed))
}

/// Lets time pass for this process's tests: each test has a process of its own.
pub(crate) fn wait(seconds: i64) {
    NOW.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
}

pub(crate) const PASSWORD: &str = "correct horse battery";

/// The word of a role, which is also the name of its account here.
pub(crate) fn word(role: ReviewRole) -> String {
    serde_json::to_value(role).unwrap().as_str().unwrap().to_owned()
}

pub(crate) const ROLES: [ReviewRole; 7] = [
    ReviewRole::Administrator,
    ReviewRole::Reader,
    ReviewRole::AnalystL1,
    ReviewRole::AnalystL2,
    ReviewRole::Approver,
    ReviewRole::ListManager,
    ReviewRole::Auditor,
];

pub(crate) struct Served {
    pub(crate) folder: TempDir,
    pub(crate) at: SocketAddr,
    pub(crate) service: Service,
}

/// A store without accounts.
pub(crate) fn open() -> Served {
    served(false, Terms::default())
}

/// A store with an account for each role.
pub(crate) fn locked() -> Served {
    served(true, Terms::default())
}

pub(crate) fn served(accounts: bool, terms: Terms) -> Served {
    serve(accounts, terms, Settings { clock, ..Settings::of_this_machine("administrator") })
}

/// The same by the clock of the machine, for those who speak to others who have it.
pub(crate) fn served_today(terms: Terms) -> Served {
    serve(true, terms, Settings::of_this_machine("administrator"))
}

fn serve(accounts: bool, terms: Terms, settings: Settings) -> Served {
    let folder = TempDir::new().unwrap();
    let store = folder.path().join("s.db");
    let mut made = Store::create(&store, settings.clone()).unwrap();
    if accounts {
        for role in ROLES {
            let account = AccountName::new(&word(role)).unwrap();
            let person = PersonName::new(&format!("staff-{}", word(role))).unwrap();
            made.act_as("administrator", Proof::Asserted);
            made.open_account(account, person, BTreeSet::from([role]), BTreeSet::new()).unwrap();
        }
    }
    drop(made);
    let service =
        Service::open(Options { readers: 1, access: terms, ..Options::of(store.clone(), settings) }).unwrap();
    if accounts {
        // So that others may reach it, where a test asks for that.
        let administrator = AccountName::new("administrator").unwrap();
        Keeper::open(&store, clock).unwrap().set_password(&administrator, PASSWORD).unwrap();
    }
    let (told, at) = std::sync::mpsc::channel();
    let serving = service.clone();
    thread::spawn(move || {
        let listen = "127.0.0.1:0".parse().unwrap();
        lookback_server::run(listen, serving, |at| told.send(at).unwrap()).unwrap();
    });
    Served { folder, at: at.recv().unwrap(), service }
}

impl Served {
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("s.db")
    }

    /// The credentials as another process has them.
    pub(crate) fn keeper(&self) -> Keeper {
        Keeper::open(&self.store(), clock).unwrap()
    }

    pub(crate) fn key(&self, role: ReviewRole, scope: &[&str]) -> (AccessKey, String) {
        let scope = scope.iter().map(|word| (*word).to_owned()).collect();
        self.key_with(|new| NewKey { account: AccountName::new(&word(role)).unwrap(), scope, ..new })
    }

    pub(crate) fn key_with(&self, change: impl FnOnce(NewKey) -> NewKey) -> (AccessKey, String) {
        let new = NewKey {
            account: AccountName::new("reader").unwrap(),
            label: "a test".to_owned(),
            scope: BTreeSet::new(),
            purpose: None,
            enrol: None,
            rate: None,
            days: 30,
        };
        let (key, secret) = self.keeper().make_key(change(new)).unwrap();
        (key, secret.reveal().to_owned())
    }

    /// Sends a request with these headers, beside those that every client sends.
    pub(crate) fn ask(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let has = |name: &str| headers.iter().any(|(of, _)| *of == name);
        let length = body.len().to_string();
        let usual =
            [("host", "localhost"), ("content-type", "application/json"), ("content-length", &length)];
        let usual = usual.into_iter().filter(|(name, _)| !has(name));
        let mut sent = format!("{request} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in usual.chain(headers.iter().copied()) {
            sent.extend([name, ": ", value, "\r\n"]);
        }
        self.send(format!("{sent}\r\n{body}").as_bytes())
    }

    /// Sends these bytes.
    pub(crate) fn send(&self, bytes: &[u8]) -> Answer {
        send(self.at, bytes)
    }

    pub(crate) fn log_in(&self, account: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
        let body = serde_json::json!({ "account": account, "password": password }).to_string();
        self.ask("POST /v1/session", headers, &body)
    }

    /// Gives the account of a role its password and logs in: the cookie and the token.
    pub(crate) fn session(&self, role: ReviewRole) -> (String, String) {
        let account = AccountName::new(&word(role)).unwrap();
        self.keeper().set_password(&account, PASSWORD).unwrap();
        let answer = self.log_in(account.as_str(), PASSWORD, &[]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        (answer.cookie().unwrap(), answer.json()["csrf_token"].as_str().unwrap().to_owned())
    }

    pub(crate) fn audit(&self, filter: &AuditFilter) -> Vec<Audited> {
        let settings = Settings { clock, ..Settings::of_this_machine("auditor") };
        let store = Store::open(&self.store(), lookback::Access::Read, settings).unwrap();
        store.audit(filter).unwrap()
    }
}

/// Sends these bytes to somebody.
pub(crate) fn send(at: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(at).unwrap();
    // Who answers before they read all may close before all is sent.
    let _ = stream.write_all(bytes);
    read(&mut stream)
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Reads an answer to its end, or as much as comes.
pub(crate) fn read(stream: &mut TcpStream) -> Answer {
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(read) => {
                answer.extend_from_slice(&part[..read]);
                // A stream of events has no end; its head says that it was let in.
                if String::from_utf8_lossy(&answer).contains("text/event-stream") {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("the server did not answer: {error}"),
        }
    }
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// The cookie that was set, as it is sent back.
    pub(crate) fn cookie(&self) -> Option<String> {
        let set = self.header("set-cookie");
        set.first().and_then(|cookie| cookie.split(';').next()).map(str::to_owned)
    }
}
