//! Requests that no honest client sends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lookback::AuditFilter;
use lookback::model::ReviewRole;

use crate::served::{Served, locked, open, read};

fn still_answers(served: &Served) {
    assert_eq!(served.ask("GET /healthz", &[], "").status, 200);
}

#[test]
fn a_path_leads_to_nothing_but_routes() {
    let served = locked();
    for path in [
        "/assets/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/....//....//etc/passwd",
        "/assets/..%5c..%5cetc%5cpasswd",
        "//etc/passwd",
        "/v1/../healthz/../v1/keys",
        "/healthz/%00",
        "/%2e%2e/s.db.access",
    ] {
        let answer = served.ask(&format!("GET {path}"), &[], "");
        assert!([400, 401, 404, 405].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.contains("root:") && !answer.body.contains("SQLite"), "{path}");
    }
}

#[test]
fn nothing_that_is_sent_becomes_a_header_of_the_answer() {
    let served = locked();
    let (_, secret) = served.key(ReviewRole::Reader, &[]);
    let key = format!("ApiKey {secret}");
    let body = r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
    for request in
        ["POST /match/default%0d%0aset-cookie:%20a=b", "POST /match/default?limit=1%0d%0aset-cookie:%20a=b"]
    {
        let answer = served.ask(request, &[("authorization", &key)], body);
        assert!(answer.header("set-cookie").is_empty(), "{request}: {}", answer.head);
    }
    let headers = [("authorization", key.as_str()), ("x-purpose", "a%0d%0aset-cookie: a=b")];
    assert!(served.ask("POST /match/default", &headers, body).header("set-cookie").is_empty());
    let noted = served.audit(&AuditFilter::default());
    assert!(
        noted.iter().any(|entry| entry.purpose == "a%0d%0aset-cookie: a=b"),
        "it is noted as it was sent"
    );
    let long = "x".repeat(501);
    assert_eq!(
        served.ask("POST /match/default", &[("authorization", &key), ("x-purpose", &long)], body).status,
        400
    );
}

#[test]
fn a_request_that_two_readers_could_read_differently_is_refused() {
    let served = open();
    let tries = [
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: x, chunked, y\r\n\r\n0\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost : localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: a\r\n folded: b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: a\u{0}b\r\n\r\n",
        "GET /health z HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n",
    ];
    for bytes in tries {
        assert_eq!(served.send(bytes.as_bytes()).status, 400, "{bytes:?}");
    }
    still_answers(&served);
}

#[test]
fn what_is_too_large_is_not_read() {
    let served = open();
    let large = "x".repeat(3 * 1024 * 1024);
    let stated = served.ask("POST /match/default", &[], &large);
    assert_eq!(stated.status, 413, "{}", stated.body);
    let lied = [("content-length", "99999999999")];
    assert_eq!(served.ask("POST /match/default", &lied, "{}").status, 413);
    let chunk = format!("100000\r\n{}\r\n", &large[..0x10_0000]);
    let head = "POST /match/default HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let body = format!("{head}{}0\r\n\r\n", [chunk.as_str(), &chunk, &chunk].concat());
    assert_eq!(served.send(body.as_bytes()).status, 413, "also where it does not say how large it is");
    let header = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", &large[..200_000]);
    assert_eq!(served.send(header.as_bytes()).status, 431);
    let many = "x: 1\r\n".repeat(200);
    assert_eq!(
        served.send(format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{many}\r\n").as_bytes()).status,
        431
    );
    still_answers(&served);
}

#[test]
fn what_is_small_cannot_become_large() {
    let served = open();
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let answer = served.ask("POST /match/default", &[("content-encoding", encoding)], "\u{1f}");
        assert_eq!(answer.status, 415, "{encoding}");
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = served.ask("POST /match/default", &[], &deep);
    assert!([400, 422].contains(&answer.status), "{}", answer.status);
    still_answers(&served);
}

#[test]
fn who_sends_byte_by_byte_is_let_go_and_keeps_nobody_waiting() {
    let served = open();
    let mut slow: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(served.at).unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: local").unwrap();
    }
    still_answers(&served);
    let silent = TcpStream::connect(served.at).unwrap();
    slow.push(silent);
    for stream in &mut slow {
        // A byte now and then does not buy time: the whole head has to be there.
        let _ = stream.write_all(b"h");
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut rest = Vec::new();
        // An end, or a reset where a byte came too late; not the client's own patience.
        if let Err(error) = stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
    }
    still_answers(&served);
}

#[test]
fn who_goes_away_in_the_middle_harms_nobody() {
    let served = open();
    for part in [
        "",
        "POST",
        "POST /match/default HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"quer",
    ] {
        let mut stream = TcpStream::connect(served.at).unwrap();
        stream.write_all(part.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = read(&mut stream);
        assert!([0, 400].contains(&answer.status), "{part:?}: {}", answer.status);
    }
    still_answers(&served);
}

#[test]
fn every_answer_says_that_it_is_not_to_be_kept_guessed_at_or_framed() {
    let served = locked();
    let (_, secret) = served.key(ReviewRole::Reader, &[]);
    let key = format!("ApiKey {secret}");
    let answers = [
        served.ask("GET /healthz", &[], ""),
        served.ask("GET /v1/session", &[("authorization", &key)], ""),
        served.ask("GET /v1/session", &[], ""),
        served.ask("GET /v1/credentials", &[("authorization", &key)], ""),
        served.ask("GET /nowhere", &[], ""),
        served.ask("DELETE /healthz", &[], ""),
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 200, 401, 403, 404, 405]);
    for answer in &answers {
        let head = &answer.head;
        assert!(answer.header("content-security-policy")[0].contains("frame-ancestors 'none'"), "{head}");
        assert_eq!(answer.header("x-content-type-options"), ["nosniff"], "{head}");
        assert_eq!(answer.header("referrer-policy"), ["no-referrer"], "{head}");
        assert_eq!(answer.header("cache-control"), ["no-store"], "{head}");
        assert!(answer.header("strict-transport-security").is_empty(), "not without TLS: {head}");
        assert!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty(), "{head}");
    }
    assert_eq!(answers[2].header("www-authenticate"), ["ApiKey"]);
}
