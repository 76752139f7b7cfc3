//! Invariant(CRASH): a server that is killed under load loses no write that it acknowledged, and what it answers is right.
//!
//! The test starts itself as a child that serves a store and writes to it on three threads, and kills it (SIGKILL) somewhere.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use lookback::invented::Random;
use lookback::model::{DatasetName, KnownAt};
use lookback::{Access, Settings, Silent, Store, verify};
use lookback_server::{Options, Service};
use serde_json::{Value, json};
use support::{LIST, list_options, settings, somebody, stocked, try_ask};
use tempfile::TempDir;

const SEED: u64 = 50;
const KILLS: usize = if cfg!(feature = "long") { 50 } else { 5 };
/// Marks a folder as a child's, so that the child's test does nothing when somebody runs all ignored tests.
const MARK: &str = "serve-here";
const WRITERS: u64 = 3;
/// More than are ever written.
const ENTRIES: u64 = 30_000;

/// The entry of a number: every one is another invented person with a passport number of their own.
fn entry(number: u64) -> Value {
    let mut entity = lookback::invented::person(SEED, number).to_ftm();
    entity["id"] = format!("W{number}").into();
    entity["properties"]["topics"] = json!(["sanction"]);
    entity["properties"]["passportNumber"] = json!([format!("XA{number:09}")]);
    entity
}

#[test]
#[ignore = "the other test of this file starts it as its child"]
fn child() {
    let folder = std::env::current_dir().unwrap();
    let Ok(first) = std::fs::read_to_string(folder.join(MARK)) else { return };
    let settings = Settings { rows_worth_saving: 50, ..settings() };
    let service = Service::open(Options::of(folder.join("s.db"), settings)).unwrap();
    let first: u64 = first.parse().unwrap();
    for writer in 0..WRITERS {
        let (service, folder) = (service.clone(), folder.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            for number in (first + writer..).step_by(WRITERS as usize) {
                let file = folder.join(format!("{writer}.jsonl"));
                std::fs::write(&file, entry(number).to_string() + "\n").unwrap();
                let caller = somebody();
                let put =
                    service.change(&caller, move |store| store.ingest(&[file], &list_options(), &mut Silent));
                if runtime.block_on(put).is_ok() {
                    println!("STANDS {number}");
                }
            }
        });
    }
    lookback_server::run("127.0.0.1:0".parse().unwrap(), service, |at| println!("SERVES {at}")).unwrap();
}

fn start(folder: &Path, first: u64) -> Child {
    std::fs::write(folder.join(MARK), first.to_string()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--ignored", "--nocapture"]).current_dir(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Whether a server finds an entry; `None` where it was killed before it answered.
fn finds(at: SocketAddr, number: u64) -> Option<bool> {
    let passport = json!([format!("XA{number:09}")]);
    let names = entry(number)["properties"]["name"].clone();
    let query = json!({ "schema": "Person", "properties": { "name": names, "passportNumber": passport } });
    let body = json!({ "queries": { "q": query } }).to_string();
    let answer = try_ask(at, "POST /match/watch?limit=500", &body).ok()?;
    assert_eq!(answer.0, 200, "{}", answer.2);
    // An answer that was cut off by the kill is none.
    let answer: Value = serde_json::from_str(&answer.2).ok()?;
    let results = answer["responses"]["q"]["results"].as_array().unwrap();
    Some(results.iter().any(|result| result["id"] == format!("W{number}")))
}

/// One life of the server: it is asked what it acknowledged while it goes on writing, and killed after so many acknowledgements.
fn live(folder: &Path, acknowledged: &Mutex<BTreeSet<u64>>, until: usize, moment: Duration) -> u64 {
    let before = acknowledged.lock().unwrap().clone();
    let mut child = start(folder, before.last().map_or(1, |last| last + 10));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = |line: &str, word: &str| line.split_once(word).map(|(_, rest)| rest.trim().to_owned());
    let at: SocketAddr =
        lines.by_ref().find_map(|line| told(&line.unwrap(), "SERVES ")).unwrap().parse().unwrap();
    let answers = Mutex::new(0);
    thread::scope(|scope| {
        for reader in 0..2_usize {
            let (answers, acknowledged) = (&answers, acknowledged);
            scope.spawn(move || {
                let mut random = Random::new(SEED + reader as u64);
                loop {
                    let known: Vec<u64> = acknowledged.lock().unwrap().iter().copied().collect();
                    let number = if known.is_empty() {
                        ENTRIES
                    } else {
                        known[random.below(known.len() as u64) as usize]
                    };
                    match finds(at, number) {
                        None => break,
                        Some(found) => assert!(found != known.is_empty(), "entry {number} was acknowledged"),
                    }
                    *answers.lock().unwrap() += 1;
                }
            });
        }
        let mut heard = 0;
        let note = |line: std::io::Result<String>| -> Option<()> {
            let number = told(&line.ok()?, "STANDS ")?.parse().ok()?;
            acknowledged.lock().unwrap().insert(number);
            Some(())
        };
        while heard < until {
            let line = lines.next().unwrap();
            heard += usize::from(note(line).is_some());
        }
        thread::sleep(moment);
        child.kill().unwrap();
        lines.for_each(|line| {
            note(line);
        });
        child.wait().unwrap();
    });
    answers.into_inner().unwrap()
}

#[test]
fn a_server_that_is_killed_under_load_loses_nothing_acknowledged_and_answers_right() {
    let folder = TempDir::new().unwrap();
    let path = stocked(folder.path(), LIST);
    let acknowledged = Mutex::new(BTreeSet::new());
    let mut random = Random::new(SEED);
    let mut answers = 0;
    for kill in 1..=KILLS {
        let (until, moment) = (random.between(1, 12) as usize, Duration::from_micros(random.below(20_000)));
        answers += live(folder.path(), &acknowledged, until, moment);
        verify(&path, None).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        let store = Store::open(&path, Access::Read, settings()).unwrap();
        let mut there = BTreeSet::new();
        let list = DatasetName::new("watch");
        let view = store.ledger().as_of(KnownAt::MAX);
        view.entities(list.as_ref(), &mut |version| {
            there.extend(
                version.record.entity.id.as_str().strip_prefix('W').and_then(|n| n.parse::<u64>().ok()),
            );
            Ok(())
        })
        .unwrap();
        let lost: Vec<u64> = acknowledged.lock().unwrap().difference(&there).copied().collect();
        assert!(lost.is_empty(), "kill {kill}: acknowledged and lost: {lost:?}");
        // What stands and was not acknowledged is no fault; from here on it is known to stand.
        acknowledged.lock().unwrap().extend(there);
    }
    let store = Store::open(&path, Access::Write, settings()).unwrap();
    assert!(store.replay(&mut Silent).unwrap().agrees());
    let written = acknowledged.into_inner().unwrap().len();
    println!("{KILLS} kills, {written} entries written, {answers} answers on the way");
    assert!(written >= KILLS && answers > 0);
}
