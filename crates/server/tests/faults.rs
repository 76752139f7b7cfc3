//! What goes wrong around a server: clients that are slow or gone, updates at once, too much at once, a disk that is full.
//!
//! Always holds: no acknowledged write is lost, no answer is wrong, and the server recovers by itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

use lookback::{IngestOptions, Silent, Store, verify};
use lookback_server::{Options, Service};
use support::{
    Answer, LIST, QUERY, Served, ask, connect, eventually, list_options, request, settings, somebody,
};

#[test]
fn clients_that_are_slow_do_not_stop_others() {
    let served = Served::new();
    let mut slow = Vec::new();
    for n in 0..200 {
        let mut stream = connect(served.at);
        // Some stop within the request line, some within the headers, some within the body.
        let whole = request("POST /match/watch", QUERY);
        let part = [4, 40, whole.len() - 5][n % 3];
        stream.write_all(&whole.as_bytes()[..part]).unwrap();
        slow.push((stream, whole[part..].to_owned()));
    }
    for _ in 0..20 {
        assert_eq!(ask(served.at, "POST /match/watch", QUERY).0, 200);
    }
    served.put("more.jsonl", &LIST.replace("e1", "e2")).unwrap();
    // Whoever goes on is answered, too.
    let (mut stream, rest) = slow.swap_remove(2);
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"e2\""), "{answer}");
}

#[test]
fn connections_closed_on_one_side_are_answered_or_let_go() {
    let served = Served::new();
    for part in [0, 10, 60] {
        let mut stream = connect(served.at);
        stream.write_all(&request("POST /match/watch", QUERY).as_bytes()[..part]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // Whatever comes back, something does: the connection is not held open for a request that can never come.
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let mut whole = connect(served.at);
    whole.write_all(request("POST /match/watch", QUERY).as_bytes()).unwrap();
    whole.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    whole.read_to_string(&mut answer).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 200"), "{answer}");
    for _ in 0..50 {
        let mut gone = connect(served.at);
        gone.write_all(request("POST /match/watch", QUERY).as_bytes()).unwrap();
    }
    assert_eq!(ask(served.at, "POST /match/watch", QUERY).0, 200);
    eventually("nobody is waited for", || {
        ask(served.at, "GET /metrics", "").2.lines().any(|line| line == "lookback_http_requests_under_way 1")
    });
}

/// A whole version of the list: so many entries, all with a name of this version.
fn version(name: &str, entries: usize) -> String {
    (0..entries).fold(String::new(), |mut text, n| {
        let entry = format!(
            r#"{{"id":"{name}-{n}","schema":"Person","properties":{{"name":["Orlan Veska"],"alias":["{name}"],"topics":["sanction"]}}}}"#
        );
        writeln!(text, "{entry}").unwrap();
        text
    })
}

/// How many of the entries found belong to which version.
fn versions_found(answer: &str) -> BTreeMap<String, usize> {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let results = answer["responses"]["q"]["results"].as_array().unwrap();
    let mut found = BTreeMap::new();
    for result in results {
        let (version, _) = result["id"].as_str().unwrap().split_once('-').unwrap();
        *found.entry(version.to_owned()).or_default() += 1;
    }
    found
}

#[test]
fn two_updates_at_once_come_one_after_the_other_and_each_is_seen_whole() {
    const ENTRIES: usize = 40;
    let served = Served::new();
    let update = |served: &Served, name: &'static str| {
        let file = served.folder.path().join(format!("{name}.jsonl"));
        std::fs::write(&file, version(name, ENTRIES)).unwrap();
        let options =
            IngestOptions { mode: Some(lookback::Mode::Full), confirm_mass_delete: true, ..list_options() };
        served.change(move |store| Ok(store.ingest(&[file], &options, &mut Silent)?.commits.len()))
    };
    update(&served, "first").unwrap();
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        let updates = ["one", "two"].map(|name| {
            let (barrier, served) = (&barrier, &served);
            scope.spawn(move || {
                barrier.wait();
                update(served, name).unwrap()
            })
        });
        barrier.wait();
        let mut seen = Vec::new();
        while updates.iter().any(|update| !update.is_finished()) {
            let Answer(status, _, body) = ask(served.at, "POST /match/watch?limit=500", QUERY);
            assert_eq!(status, 200);
            let found = versions_found(&body);
            assert!(found.len() == 1 && found.values().all(|number| *number == ENTRIES), "{found:?}");
            seen.extend(found.into_keys());
        }
        for update in updates {
            assert_eq!(update.join().unwrap(), 1, "each is one commit");
        }
        seen.dedup();
        assert!(seen.len() <= 3, "no version comes back: {seen:?}");
    });
    let found = versions_found(&ask(served.at, "POST /match/watch?limit=500", QUERY).2);
    assert!(found.contains_key("one") || found.contains_key("two"), "{found:?}");
    verify(&served.path(), None).unwrap();
}

#[test]
fn too_much_at_once_is_told_to_come_back_and_nothing_grows() {
    let served = Served::new();
    // The writer is held until the test lets it go: the queue behind it is full after 64.
    let (go, wait) = channel::<()>();
    let service = served.service.clone();
    let first = thread::spawn(move || {
        on_a_runtime(async {
            service
                .change(&somebody(), move |_| {
                    let _ = wait.recv();
                    Ok(())
                })
                .await
        })
    });
    eventually("the writer is busy", || served.service.trouble().is_none() && first_is_taken(&served));
    let asked: Vec<_> = (0..200)
        .map(|_| {
            let service = served.service.clone();
            thread::spawn(move || on_a_runtime(async { service.change(&somebody(), |_| Ok(())).await }))
        })
        .collect();
    eventually("the queue is full", || {
        ask(served.at, "GET /metrics", "").2.lines().any(|line| line == "lookback_writes_waiting 64.0")
            && asked.iter().filter(|thread| thread.is_finished()).count() == 200 - 64
    });
    // Reading goes on.
    assert_eq!(ask(served.at, "POST /match/watch", QUERY).0, 200);
    go.send(()).unwrap();
    first.join().unwrap().unwrap();
    let answers: Vec<_> = asked.into_iter().map(|thread| thread.join().unwrap()).collect();
    let shed: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(shed.len(), 200 - 64);
    assert!(shed.iter().all(|problem| problem.status == 503));
    let metrics = ask(served.at, "GET /metrics", "").2;
    assert!(metrics.contains("lookback_shed_total 136"), "{metrics}");
}

fn first_is_taken(served: &Served) -> bool {
    ask(served.at, "GET /metrics", "").2.lines().any(|line| line == "lookback_writes_waiting 0.0")
}

fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Holds every reader and every place in the queue before them until it is dropped.
struct Crowd {
    go: Vec<std::sync::mpsc::Sender<()>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Crowd {
    fn of(served: &Served, size: usize) -> Self {
        let (go, threads) = (0..size)
            .map(|_| {
                let (go, wait) = channel::<()>();
                let service = served.service.clone();
                let thread = thread::spawn(move || {
                    let asked = async {
                        let question = move |_: &mut Store| {
                            // Nobody says anything: it ends when the crowd goes.
                            let _ = wait.recv();
                            Ok(())
                        };
                        service.ask(&somebody(), question).await
                    };
                    on_a_runtime(asked).unwrap();
                });
                (go, thread)
            })
            .unzip();
        Self { go, threads }
    }

    fn leaves(self) {
        drop(self.go);
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}

/// The value of a measurement.
fn measured(served: &Served, name: &str) -> String {
    let metrics = ask(served.at, "GET /metrics", "").2;
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not measured")).to_owned()
}

#[test]
fn an_overload_is_answered_with_when_to_come_back_and_then_answered() {
    let served = Served::new();
    // Two read, and for each of them 64 have a place.
    let crowd = Crowd::of(&served, 128);
    eventually("every place is taken", || measured(&served, "lookback_reads_waiting") == "126.0");
    for _ in 0..3 {
        let Answer(status, head, body) = ask(served.at, "GET /v1/alerts", "");
        assert_eq!(status, 503, "{body}");
        assert!(head.contains("retry-after: 1"), "{head}");
        assert!(head.contains("application/problem+json") && body.contains("urn:lookback:busy"), "{body}");
    }
    // What is answered from memory needs no reader.
    assert_eq!(ask(served.at, "POST /match/watch", QUERY).0, 200);
    crowd.leaves();
    assert_eq!(ask(served.at, "GET /v1/alerts", "").0, 200);
    assert_eq!(measured(&served, "lookback_reads_waiting"), "0.0");
}

#[test]
fn a_question_that_takes_half_a_minute_is_told_to_come_back_and_holds_nobody_up() {
    let served = Served::new();
    let crowd = Crowd::of(&served, 2);
    eventually("every reader is busy", || measured(&served, "lookback_reading") == "2.0");
    let Answer(status, head, body) = ask(served.at, "GET /v1/alerts", "");
    assert_eq!(status, 503, "{body}");
    assert!(head.contains("retry-after: 10") && body.contains("urn:lookback:late"), "{head}{body}");
    // Whoever was told so does not wait any more.
    assert_eq!(measured(&served, "lookback_reads_waiting"), "0.0");
    crowd.leaves();
    assert_eq!(ask(served.at, "GET /v1/alerts", "").0, 200);
}

/// A small file system in memory that goes with the test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(at: &Path) -> Option<Self> {
        let size = ["-t", "tmpfs", "-o", "size=24m", "tmpfs"];
        let mounted = Command::new("mount").args(size).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn on_a_full_disk_nothing_acknowledged_is_lost_and_the_server_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        println!("SKIPPED (may not mount): on_a_full_disk_nothing_acknowledged_is_lost");
        return;
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let mut served = Served::with(|options| {
        options.store = support::stocked(folder.path(), LIST);
    });
    let put = |served: &Served, n: usize| {
        let file = elsewhere.path().join(format!("{n}.jsonl"));
        std::fs::write(&file, LIST.replace("e1", &format!("full-{n}"))).unwrap();
        served.change(move |store| Ok(store.ingest(&[file], &list_options(), &mut Silent)?.commits.len()))
    };
    put(&served, 0).unwrap();
    // Whatever room is left is taken.
    let filler = folder.path().join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    let mut acknowledged = vec![0];
    let mut refused = 0;
    for n in 1..200 {
        match put(&served, n) {
            Ok(_) => acknowledged.push(n),
            Err(problem) => {
                assert_eq!(problem.status, 503, "{problem:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "the disk was full");
    assert_eq!(ask(served.at, "GET /readyz", "").0, 503);
    assert!(ask(served.at, "GET /v1/health", "").2.contains("\"colour\":\"red\""));
    let found = |served: &Served, n: usize| {
        let id = format!("\"full-{n}\"");
        ask(served.at, "POST /match/watch?limit=500", QUERY).2.contains(&id)
    };
    // A look that cannot be noted is refused; none is answered wrongly.
    let Answer(status, _, body) = ask(served.at, "POST /match/watch?limit=500", QUERY);
    let right = acknowledged.iter().all(|n| body.contains(&format!("\"full-{n}\"")));
    assert!(status == 503 || (status == 200 && right), "{status}: {body}");
    drop(file);
    std::fs::remove_file(&filler).unwrap();
    eventually("the server is ready again by itself", || ask(served.at, "GET /readyz", "").0 == 200);
    put(&served, 1_000).unwrap();
    acknowledged.push(1_000);
    assert!(acknowledged.iter().all(|n| found(&served, *n)));
    served.stop();
    let path = folder.path().join("s.db");
    verify(&path, None).unwrap();
    let again = Served::with(|options| options.store = path.clone());
    assert!(acknowledged.iter().all(|n| found(&again, *n)), "after a start anew");
    drop((again, served, disk));
}

#[test]
fn while_the_store_cannot_be_opened_anew_nothing_is_acknowledged() {
    let served = Served::new();
    let path = served.path();
    let aside = path.with_extension("aside");
    let moved = Arc::new((path.clone(), aside.clone()));
    let problem = served
        .change(move |_: &mut Store| -> Result<(), lookback::Error> {
            std::fs::rename(&moved.0, &moved.1).unwrap();
            panic!("a fault of a test")
        })
        .unwrap_err();
    assert!(problem.status >= 500);
    eventually("it is not ready", || ask(served.at, "GET /readyz", "").0 == 503);
    let problem = served.put("no.jsonl", LIST).unwrap_err();
    assert_eq!(problem.status, 503);
    std::fs::rename(aside, path).unwrap();
    eventually("it is ready again", || ask(served.at, "GET /readyz", "").0 == 200);
    served.put("yes.jsonl", &LIST.replace("e1", "e2")).unwrap();
}

#[test]
fn a_second_server_of_the_same_store_is_refused() {
    let served = Served::new();
    let second = Service::open(Options::of(served.path(), settings()));
    assert!(second.is_err_and(|error| error.to_string().contains("another process is writing")));
}

#[test]
fn no_look_is_answered_that_the_audit_could_not_note() {
    use lookback::{AuditFilter, audit::AuditAction};
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        println!("SKIPPED (may not mount): no_look_is_answered_that_the_audit_could_not_note");
        return;
    };
    let mut served = Served::with(|options| options.store = support::stocked(folder.path(), LIST));
    let mut answered = 0;
    let mut look = || {
        let Answer(status, _, body) = ask(served.at, "POST /match/watch", QUERY);
        assert!(status == 200 || (status == 503 && !body.contains("e1")), "{status}: {body}");
        answered += usize::from(status == 200);
        status
    };
    assert_eq!(look(), 200);
    let filler = folder.path().join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    // What room the log itself still has is used up first.
    let refused = (0..2_000).filter(|_| look() == 503).take(20).count();
    assert_eq!(refused, 20, "the disk was full");
    drop(file);
    std::fs::remove_file(&filler).unwrap();
    eventually("looks are answered again", || look() == 200);
    served.stop();
    let store = Store::open(&folder.path().join("s.db"), lookback::Access::Read, settings()).unwrap();
    let filter = AuditFilter { action: Some(AuditAction::Search), ..AuditFilter::default() };
    // A look may be noted and not answered; never the other way round.
    let noted = store.audit(&filter).unwrap().len();
    assert!(noted >= answered, "{noted} noted, {answered} answered");
    drop((store, disk));
}
