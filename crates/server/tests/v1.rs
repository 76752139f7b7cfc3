//! The interface of our own, asked over a socket; every answer is held against the server's own description of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod served;

use serde_json::{Value, json};
use served::{Accounts, Served, header};

#[test]
fn alerts_come_page_by_page_and_all_of_them_once() {
    let mut served = Served::new(Accounts::None);
    let all = served.get("/v1/alerts").json();
    let total = all["total"].as_u64().unwrap();
    assert!(total > 3, "{all:#}");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = served.get(&format!("/v1/alerts?limit=2{cursor}")).json();
        seen.extend(page["alerts"].as_array().unwrap().iter().map(|alert| alert["alert"].clone()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let whole: Vec<Value> =
        all["alerts"].as_array().unwrap().iter().map(|alert| alert["alert"].clone()).collect();
    assert_eq!(seen, whole);
    assert_eq!(served.get("/v1/alerts?cursor=1.2").status, 400);
}

#[test]
fn an_alert_is_explained_reviewed_and_decided_once() {
    let mut served = Served::new(Accounts::Reviewers);
    let queue = served.get("/v1/queue?limit=1").json();
    let row = &queue["rows"][0];
    let (alert, steps) = (row["alert"].as_str().unwrap(), row["steps"].as_u64().unwrap());
    let why = served.get(&format!("/v1/alerts/{alert}/why")).json();
    assert_eq!(why["alerts"][0]["alert"]["alert"], alert);
    let entry = row["entry"].as_str().unwrap();
    let propose = json!({
        "seen": steps,
        "note": "born in another century",
        "step": { "act": "propose", "verdict": "different", "grounds": {
            "reason": "birth_date_differs", "matches": { entry: "different" },
        } },
    });
    let path = format!("/v1/alerts/{alert}/decisions");
    let taken = served.post(&path, &propose);
    assert_eq!(taken.status, 200, "{}", taken.json());
    assert_eq!(taken.json()["review"]["review"], "second_person");
    let late = json!({ "seen": steps, "note": "as before", "step": { "act": "comment" } });
    let again = served.post(&path, &late);
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["refusal"]["refusal"], "stale");
    assert_eq!(header(&again.head, "content-type"), "application/problem+json");
    let review = served.get(&format!("/v1/alerts/{alert}")).json();
    assert_eq!(review["history"][0]["act"], "propose");
    let subject = row["subject"].as_str().unwrap();
    let dossier = served.get(&format!("/v1/subjects/{subject}")).json();
    assert_eq!(dossier["stated"]["entity"]["id"], subject);
    assert_eq!(served.get(&format!("/v1/subjects/{subject}?known_at=2001-01-01")).status, 404);
}

#[test]
fn what_a_route_does_not_know_is_refused_and_not_repeated() {
    let mut served = Served::new(Accounts::None);
    for path in ["/v1/alerts?knwon_at=2031-01-01", "/v1/alerts?known_at=Orlan", "/v1/queue?limit=1001"] {
        let refused = served.get(path);
        assert_eq!(refused.status, 400, "{path}");
        assert!(!String::from_utf8_lossy(&refused.body).contains("Orlan"), "{path}");
    }
    assert_eq!(served.send("GET", "/v1/nothing", "", b"").json()["type"], "urn:lookback:not_found");
}

#[test]
fn a_file_under_a_key_is_applied_once_and_answered_as_before() {
    let served = Served::new(Accounts::None);
    let entity = |name: &str| {
        json!({ "id": "new-1", "schema": "Person", "properties": { "name": [name] } }).to_string() + "\n"
    };
    let send = |name: &str| {
        let head = "content-type: application/x-ndjson\r\nidempotency-key: one\r\n";
        let path = "/v1/ingest?dataset=travellers&role=population&format=ftm";
        served.send("POST", path, head, entity(name).as_bytes())
    };
    let first = send("Orlan Veska");
    assert_eq!(first.status, 200, "{}", first.json());
    let head = served.send("GET", "/v1/status", "", b"").json()["head"]["seq"].clone();
    let again = send("Orlan Veska");
    assert_eq!((again.status, again.json()), (200, first.json()));
    assert_eq!(served.send("GET", "/v1/status", "", b"").json()["head"]["seq"], head);
    let other = send("Tamsin Roe");
    assert_eq!((other.status, other.json()["type"].clone()), (422, json!("urn:lookback:another_request")));
}

/// Reads server-sent events until there are so many with an id.
fn listen(served: &Served, path: &str, ids: usize) -> Vec<String> {
    use std::io::{BufRead, BufReader, Write};
    let mut stream = std::net::TcpStream::connect(served.at).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let (mut seen, mut lines) = (0, Vec::new());
    for line in BufReader::new(stream).lines().map(Result::unwrap) {
        seen += usize::from(line.starts_with("id: "));
        lines.push(line);
        if seen == ids {
            break;
        }
    }
    lines
}

#[test]
fn whoever_comes_back_to_the_events_misses_nothing() {
    let served = Served::new(Accounts::None);
    let head = served.send("GET", "/v1/status", "", b"").json()["head"]["seq"].as_u64().unwrap();
    let commits = usize::try_from(head).unwrap();
    let alerts = |lines: &[String]| -> Vec<Value> {
        let data = lines.iter().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap()).collect()
    };
    // The first id says where the stream begins.
    let whole = alerts(&listen(&served, "/v1/events?after=0", commits + 1));
    assert!(whole.iter().any(|event| event["change"] == "opened"), "{whole:?}");
    let mut parts = Vec::new();
    for after in 0..head {
        let part = alerts(&listen(&served, &format!("/v1/events?after={after}"), 2));
        parts.extend(part.into_iter().filter(|event| event["seq"] == after + 1));
    }
    assert_eq!(parts, whole);
    let body = json!({ "id": "hw-new", "schema": "Person", "properties": { "name": ["Nobody Here"], "topics": ["sanction"] } });
    let heard = std::thread::scope(|scope| {
        let heard = scope.spawn(|| listen(&served, &format!("/v1/events?after={head}"), 2));
        let path = "/v1/ingest?dataset=harbour-watch&role=list&format=ftm";
        let sent = format!("{body}\n");
        let head = "content-type: application/x-ndjson\r\n";
        assert_eq!(served.send("POST", path, head, sent.as_bytes()).status, 200);
        heard.join().unwrap()
    });
    assert!(heard.iter().any(|line| *line == format!("id: {}", head + 1)), "{heard:?}");
}

#[test]
fn the_examples_of_the_reference_run_as_they_stand() {
    use std::process::Command;
    let served = Served::new(Accounts::Reviewers);
    let page = include_str!("../../../docs/reference/v1.md");
    let curl = Command::new("curl").arg("--version").output();
    if !curl.is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: curl is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut ran = 0;
    for block in page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", block]).current_dir(folder.path());
        shell.env("LOOKBACK", format!("http://{}", served.at)).env("KEY", served.key());
        let out = shell.output().unwrap();
        let (said, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success() && !said.is_empty(), "{block}\n{said}{wrong}");
        ran += 1;
    }
    assert_eq!(ran, 4);
}
