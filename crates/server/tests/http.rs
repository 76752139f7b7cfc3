//! A server on a socket, asked as clients ask it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZero;
use std::thread;

use lookback::model::{DatasetName, Role};
use lookback::{Format, IngestOptions, Settings, Silent, Store};
use lookback_server::{Options, Secret, Service};
use tempfile::TempDir;

fn served(list: &str) -> (TempDir, SocketAddr) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("s.db");
    let settings = Settings::of_this_machine("tester");
    let mut store = Store::create(&path, settings.clone()).unwrap();
    let file = folder.path().join("list.jsonl");
    fs::write(&file, list).unwrap();
    let (dataset, role, format) = (DatasetName::new("watch"), Some(Role::List), Some(Format::Ftm));
    store
        .ingest(&[file], &IngestOptions { dataset, role, format, ..IngestOptions::default() }, &mut Silent)
        .unwrap();
    drop(store);
    let readers = NonZero::<usize>::MIN.get();
    let update_token = Some(Secret::shown("a token of an office"));
    let options = Options { readers, update_token, ..Options::of(path, settings) };
    let service = Service::open(options).unwrap();
    let (told, at) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let listen = "127.0.0.1:0".parse().unwrap();
        lookback_server::run(listen, service, |at| told.send(at).unwrap()).unwrap();
    });
    (folder, at.recv().unwrap())
}

/// Sends one request as it stands and reads the answer to its end.
fn ask(at: SocketAddr, request: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(at).unwrap();
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_owned(), body.to_owned())
}

const LIST: &str = "{\"id\":\"e1\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Orlan Veska\"],\"topics\":[\"sanction\"]}}\n";

#[test]
fn a_query_by_example_finds_the_entry() {
    let (_folder, at) = served(LIST);
    let body = r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
    let (status, head, body) = ask(at, "POST /match/watch", body);
    assert_eq!(status, 200, "{body}");
    assert!(head.contains("x-batch-size: 1"), "{head}");
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    let result = &answer["responses"]["q"]["results"][0];
    assert_eq!((result["id"].as_str(), result["score"].as_f64()), (Some("e1"), Some(1.0)));
    assert_eq!(result["match"], true);
    assert_eq!(result["explanations"]["name_match"]["candidate"], "Orlan Veska");
}

#[test]
fn what_cannot_be_asked_is_refused_in_the_shape_that_clients_read() {
    let (_folder, at) = served(LIST);
    assert_eq!(ask(at, "GET /nope", "").0, 404);
    let (status, _, body) = ask(at, "POST /match/watch", r#"{"queries":{}}"#);
    assert_eq!((status, body.as_str()), (400, r#"{"detail":"No queries provided."}"#));
    assert_eq!(
        ask(at, "POST /match/nowhere", r#"{"queries":{"q":{"schema":"Person","properties":{}}}}"#).0,
        404
    );
}

#[test]
fn every_page_of_the_workbench_is_the_same_document_and_asks_nobody_else() {
    let (_folder, at) = served(LIST);
    let (status, head, document) = ask(at, "GET /", "");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/html"), "{head}");
    assert_eq!(ask(at, "GET /alert/3f9c1a", "").2, document);
    for part in document.split('"').filter(|text| text.starts_with('/')) {
        assert_eq!(ask(at, &format!("GET {part}"), "").0, 200, "{part}");
    }
    assert!(!document.contains("http://") && !document.contains("https://"), "{document}");
}

#[test]
fn whoever_shows_the_token_is_told_that_the_lists_are_up_to_date_and_nobody_else() {
    let (_folder, at) = served(LIST);
    for shown in ["", "?token=", "?token=a%20token", "?token=a%20token%20of%20an%20officE&sync=true"] {
        let (status, _, body) = ask(at, &format!("POST /updatez{shown}"), "");
        assert_eq!((status, body.as_str()), (403, r#"{"detail":"Invalid token."}"#), "{shown}");
    }
    for shown in ["?token=a%20token%20of%20an%20office", "?token=a%20token%20of%20an%20office&sync=true"] {
        let (status, _, body) = ask(at, &format!("POST /updatez{shown}"), "");
        assert_eq!((status, body.as_str()), (200, r#"{"status":"ok"}"#), "{shown}");
    }
    assert_eq!(ask(at, "POST /updatez?token=a%20token%20of%20an%20office&sync=maybe", "").0, 422);
}
