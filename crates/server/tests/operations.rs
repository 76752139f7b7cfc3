//! What those who run the server see: measurements, health, readiness, an end without loss.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use lookback::model::KnownAt;
use lookback::{Access, Error, Store, verify};
use support::{Answer, QUERY, Served, ask, connect, eventually, request, settings};

#[test]
fn measurements_tell_of_requests_lists_and_coverage_and_of_nobody() {
    let served = Served::new();
    ask(served.at, "POST /match/watch?threshold=0.8", QUERY);
    ask(served.at, "GET /nowhere/Orlan%20Veska", "");
    served.put("more.jsonl", support::LIST).unwrap();
    eventually("the store is looked at", || {
        ask(served.at, "GET /metrics", "").2.contains("lookback_list_age_seconds")
    });
    let Answer(status, head, body) = ask(served.at, "GET /metrics", "");
    assert_eq!(status, 200);
    assert!(head.contains("application/openmetrics-text"), "{head}");
    for line in [
        "lookback_http_request_seconds_count{method=\"POST\",route=\"/match/{dataset}\",status=\"200\"} 1",
        "lookback_http_request_seconds_count{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "lookback_entries{dataset=\"watch\"} 1.0",
        "lookback_writable 1.0",
        "lookback_controls_hold 1.0",
        "lookback_healthy 1.0",
        "lookback_readers 2.0",
        "lookback_writes_waiting 0.0",
        "lookback_subjects 0.0",
    ] {
        assert!(body.lines().any(|given| given == line), "{line} is missing in\n{body}");
    }
    assert!(body.trim_end().ends_with("# EOF"));
    assert!(!body.contains("Orlan") && !body.contains("Veska"), "no name is in it");
}

#[test]
fn health_is_red_when_a_list_is_stale_and_says_which() {
    let served = Served::with(|options| options.stale_after = Duration::ZERO);
    eventually("it is red", || ask(served.at, "GET /v1/health", "").2.contains("\"colour\":\"red\""));
    let health: serde_json::Value = serde_json::from_str(&ask(served.at, "GET /v1/health", "").2).unwrap();
    assert_eq!(health["concerns"][0]["grave"], true);
    assert!(health["concerns"][0]["text"].as_str().unwrap().starts_with("list watch is stale"));
    assert_eq!(health["lists"][0]["entries"], 1);
    let Answer(status, head, page) = ask(served.at, "GET /health", "");
    assert!(status == 200 && head.contains("text/html"));
    assert!(page.contains("list watch is stale"), "{page}");
    assert!(ask(served.at, "GET /metrics", "").2.contains("lookback_healthy 0.0"));
}

#[test]
fn health_is_green_when_nothing_is_wrong() {
    let served = Served::new();
    eventually("it is green", || ask(served.at, "GET /v1/health", "").2.contains("\"colour\":\"green\""));
    assert_eq!(ask(served.at, "GET /readyz", "").0, 200);
}

#[test]
fn a_write_that_panics_costs_nothing_but_itself() {
    let served = Served::new();
    let problem = served.change(|_| -> Result<(), Error> { panic!("a fault of a test") }).unwrap_err();
    assert_eq!(problem.status, 500);
    served.put("after.jsonl", support::LIST).unwrap();
    assert_eq!(ask(served.at, "GET /readyz", "").0, 200);
    assert!(ask(served.at, "POST /match/watch", QUERY).2.contains("\"e1\""));
}

#[test]
fn what_is_under_way_is_finished_when_the_server_ends() {
    let mut served = Served::new();
    let at = served.at;
    // A request of which a part is still to come, and a write that takes its time.
    let whole = request("POST /match/watch", QUERY);
    let (first, rest) = whole.split_at(whole.len() - 10);
    let rest = rest.to_owned();
    let mut stream = connect(at);
    stream.write_all(first.as_bytes()).unwrap();
    eventually("the request is under way", || {
        ask(at, "GET /metrics", "").2.lines().any(|line| line == "lookback_http_requests_under_way 2")
    });
    let entry = support::LIST.replace("e1", "e2");
    let file = served.folder.path().join("late.jsonl");
    std::fs::write(&file, entry).unwrap();
    let service = served.service.clone();
    let writing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(service.change(&support::somebody(), move |store| {
            std::thread::sleep(Duration::from_millis(300));
            store.ingest(&[file], &support::list_options(), &mut lookback::Silent)
        }))
    });
    let finishing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        stream.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    served.stop();
    assert!(finishing.join().unwrap().starts_with("HTTP/1.1 200"), "the request was answered");
    let written = writing.join().unwrap();
    let store = Store::open(&served.path(), Access::Write, settings()).unwrap();
    let commits = store.ledger().commits().unwrap().len();
    assert_eq!(
        commits,
        if written.is_ok() { 2 } else { 1 },
        "what was acknowledged stands, and nothing else"
    );
    drop(store);
    verify(&served.path(), None).unwrap();
    assert!(served.put("too-late.jsonl", support::LIST).is_err(), "a closed store takes nothing");
}

/// A clock that a test sets.
static CLOCK: AtomicI64 = AtomicI64::new(1_900_000_000_000_000);

#[test]
fn known_at_never_runs_back_whatever_the_clock_does() {
    let served = Served::with(|options| {
        options.settings.clock = || KnownAt::from_micros(CLOCK.load(Ordering::Relaxed));
    });
    let mut last = KnownAt::MIN;
    for (n, jump) in [0, 3_600, -7_200, -1_000_000, 0, 90_000_000, -90_000_000].into_iter().enumerate() {
        CLOCK.fetch_add(jump * 1_000_000, Ordering::Relaxed);
        let entry = support::LIST.replace("e1", &format!("clock-{n}"));
        served.put(&format!("{n}.jsonl"), &entry).unwrap();
        let known_at = served.service.lists().known_at();
        assert!(known_at > last, "jump {n}: {known_at} after {last}");
        last = known_at;
        assert_eq!(ask(served.at, "POST /match/watch", QUERY).0, 200);
        assert_eq!(ask(served.at, "GET /v1/health", "").0, 200);
    }
    let path = served.path();
    drop(served.service.clone());
    verify(&path, None).unwrap();
}
