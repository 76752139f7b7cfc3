//! Invariant(CRASH): a process that is killed loses nothing that it acknowledged, and ingesting again comes to the same bytes.
//!
//! The test starts itself as a child that ingests an invented population, an invented list and evidence and says after each commit that it
//! stands; the child is killed (SIGKILL) somewhere. Then: another engine than the last one examines everybody anew.

mod support;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use invented::{POPULATION_KNOWN_AT, Random, list_story, person, population};
use ledger::Ledger;
use lookback::model::{
    CauseKind, CommitHeader, Coverage, Dataset, DatasetName, Engine, KnownAt, Line, Op, Record, Role,
};
use lookback::{
    Access, AlertFilter, CommitReport, Format, IngestOptions, Progress, Settings, Silent, Store,
    engine_version,
};
use serde_json::json;
use support::{Bench, folder, settings, size};
use tempfile::TempDir;

const SEED: u64 = 77;
const PEOPLE: u64 = 4_000;
const FILES: u64 = 20;
const EVIDENCE_FILES: u64 = 8;
/// Marks a folder as a child's, so that the child's test does nothing when somebody runs all ignored tests.
const MARK: &str = "ingest-here";

/// Index files and the network's are written now and then, so that the child is killed while writing them, too.
fn settings_of_child() -> Settings {
    Settings { rows_worth_saving: 400, ..settings() }
}

/// A folder on a disk, where a commit takes its time, whatever the other tests use.
fn disk() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// The files that the child ingests, in order: parts of the population, then the list's story.
fn write_files(folder: &Path) {
    for file in 0..FILES {
        let people =
            population(SEED, PEOPLE).skip((file * PEOPLE / FILES) as usize).take((PEOPLE / FILES) as usize);
        let text = people.fold(String::new(), |mut text, person| {
            writeln!(text, "{}", person.to_ftm()).expect("a string takes everything");
            text
        });
        std::fs::write(folder.join(format!("people-{file}.json")), text).expect("a file");
    }
    let mut text = String::new();
    for step in list_story(SEED, PEOPLE) {
        for mut line in step.lines {
            line["known_at"] = step.known_at.as_str().into();
            writeln!(text, "{line}").expect("a string takes everything");
        }
    }
    std::fs::write(folder.join("list.jsonl"), text).expect("a file");
    for file in 0..EVIDENCE_FILES {
        std::fs::write(folder.join(format!("evidence-{file}.jsonl")), evidence(file)).expect("a file");
    }
    std::fs::write(folder.join(MARK), "").expect("a file");
}

/// One listed facilitator, and the telephones and bookings that he and the people had; each file more than is worth saving.
fn evidence(file: u64) -> String {
    const ON_EACH: u64 = 450;
    let mut random = Random::of_item(SEED, file);
    let mut text = String::new();
    let mut tell = |mut line: serde_json::Value| {
        line["known_at"] = format!("2033-01-{:02}", file + 1).into();
        writeln!(text, "{line}").expect("a string takes everything");
    };
    if file == 0 {
        let entity = json!({"id": "F-0", "schema": "Person", "properties": {"name": ["..."], "topics": ["crime.terror"]}});
        tell(json!({"op": "put", "kind": "entity", "dataset": invented::LIST, "entity": entity}));
    }
    for id in file * ON_EACH..(file + 1) * ON_EACH {
        let (relation, subject) = match random.below(9) {
            0 => ("operated", "F-0".to_owned()),
            _ => ("used", person(SEED, random.below(PEOPLE)).id),
        };
        let kind = *random.choose(&["phone", "booking"]);
        let attribute = json!({"kind": kind, "value": random.below(90).to_string()});
        tell(json!({
            "op": "put", "kind": "observation", "id": format!("O-{id}"), "subject": subject, "relation": relation,
            "attribute": attribute,
        }));
    }
    text
}

/// What is ingested, in order, with its options.
fn deliveries() -> Vec<(PathBuf, IngestOptions)> {
    let loaded = KnownAt::parse(POPULATION_KNOWN_AT).expect("a time").micros();
    let people = (0..FILES).map(|file| {
        let options = IngestOptions {
            dataset: DatasetName::new("travellers"),
            role: Some(Role::Population),
            format: Some(Format::Ftm),
            known_at: Some(KnownAt::from_micros(loaded + file.cast_signed())),
            ..IngestOptions::default()
        };
        (PathBuf::from(format!("people-{file}.json")), options)
    });
    let evidence = (0..EVIDENCE_FILES).map(|file| format!("evidence-{file}.jsonl"));
    let journals = std::iter::once("list.jsonl".to_owned()).chain(evidence);
    people.chain(journals.map(|file| (PathBuf::from(file), IngestOptions::default()))).collect()
}

/// Says on standard output what stands.
struct Acknowledge;

impl Progress for Acknowledge {
    fn file(&mut self, _: &str) {}
    fn rows(&mut self, _: u64) {}
    fn screening(&mut self, _: KnownAt, _: u64) {}
    fn committed(&mut self, report: &CommitReport) {
        let mut out = std::io::stdout().lock();
        let said = writeln!(out, "STANDS {} {}", report.seq, report.known_at.micros());
        said.and_then(|()| out.flush()).expect("the parent listens");
    }
}

fn open_or_create(folder: &Path) -> Store {
    let path = folder.join("store.db");
    let opened = if path.exists() {
        Store::open(&path, Access::Write, settings_of_child())
    } else {
        Store::create(&path, settings_of_child())
    };
    opened.expect("the store opens")
}

fn ingest_all(folder: &Path, progress: &mut dyn Progress) -> Store {
    let mut store = open_or_create(folder);
    for (file, options) in deliveries() {
        store.ingest(&[folder.join(file)], &options, progress).expect("a sound file");
    }
    store
}

#[test]
#[ignore = "the other tests of this file start it as their child"]
fn child() {
    let folder = std::env::current_dir().expect("a folder");
    if folder.join(MARK).exists() {
        drop(ingest_all(&folder, &mut Acknowledge));
    }
}

fn start_child(folder: &Path) -> Child {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", "child", "--ignored", "--nocapture"]).current_dir(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child")
}

/// Lets the child run until it said so many times that a commit stands, and a moment longer; what it said until it was killed.
fn kill_after(folder: &Path, said: u64, moment: Duration) -> Vec<(u64, i64)> {
    let mut child = start_child(folder);
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let read = |line: std::io::Result<String>| -> Option<(u64, i64)> {
        let line = line.ok()?;
        let (_, rest) = line.split_once("STANDS ")?;
        let (seq, known_at) = rest.split_once(' ')?;
        Some((seq.parse().ok()?, known_at.parse().ok()?))
    };
    let mut stands = Vec::new();
    while (stands.len() as u64) < said {
        let Some(line) = lines.next() else { break };
        stands.extend(read(line));
    }
    std::thread::sleep(moment);
    child.kill().expect("it is ours to kill");
    stands.extend(lines.filter_map(read));
    child.wait().expect("it ends");
    stands
}

/// What must be the same whatever happened on the way: hashes, and the alerts as they are shown, byte for byte.
fn outcome(store: &Store) -> String {
    let alerts = store.alerts(&AlertFilter::default()).expect("alerts");
    let lines = alerts.iter().map(|alert| serde_json::to_string(alert).expect("JSON"));
    format!("{:?}\n{}", store.hashes(KnownAt::MAX).expect("hashes"), lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_killed_ingestion_loses_nothing_acknowledged_and_comes_to_the_same_when_repeated() {
    let undisturbed = disk();
    write_files(undisturbed.path());
    let store = ingest_all(undisturbed.path(), &mut Silent);
    let (expected, commits) = (outcome(&store), store.ledger().commits().expect("commits").len() as u64);
    assert!(store.hashes(KnownAt::MAX).expect("hashes").open > 3, "the story finds somebody");
    let moved = store.ledger().as_of(KnownAt::MAX).findings(CauseKind::Network).expect("findings").len();
    assert!(moved > 3 && undisturbed.path().join("store.db.network").exists(), "{moved} moved");
    let mut random = Random::new(SEED);
    let (mut killed, mut inside) = (0, 0);
    while killed < size(12, 200) {
        let disturbed = disk();
        write_files(disturbed.path());
        let mut left = commits;
        for _ in 0..random.between(1, 3) {
            let (said, moment) = (random.below(left), Duration::from_micros(random.below(3_000)));
            let stands = kill_after(disturbed.path(), said, moment);
            killed += 1;
            if !disturbed.path().join("store.db").exists() {
                continue;
            }
            let store = open_or_create(disturbed.path());
            store.ledger().verify().unwrap_or_else(|error| panic!("seed {SEED}, kill {killed}: {error}"));
            for (seq, known_at) in &stands {
                let commit = store.ledger().commit(*seq).expect("an answer");
                let commit = commit.unwrap_or_else(|| panic!("commit {seq} was acknowledged and is lost"));
                assert_eq!(commit.header.known_at.micros(), *known_at);
            }
            left = commits - store.ledger().head().expect("a head").map_or(0, |head| head.seq);
            inside += usize::from(left > 0);
            if left == 0 {
                break;
            }
        }
        let store = ingest_all(disturbed.path(), &mut Silent);
        assert_eq!(outcome(&store), expected, "seed {SEED}, after {killed} kills");
        store.ledger().verify().expect("verify");
    }
    println!("{killed} kills, {inside} of them before the last commit");
    assert!(inside > 0, "no kill met the ingestion");
}

fn next_engine() -> Settings {
    let mut settings = settings();
    settings.engine.engine.push_str("+next");
    settings
}

const START: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"people","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-0","schema":"Person","properties":{"name":["Ottoline Varrask"]}}}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"people","entity":{"id":"P-0","schema":"Person","properties":{"name":["Ottoline Varrask"]}}}
"#;

#[test]
fn another_engine_examines_everybody_anew_and_says_what_it_changed() {
    let mut bench = Bench::new();
    bench.journal(START).expect("a sound journal");
    let before = bench.store.hashes(KnownAt::MAX).expect("hashes");
    let bench = bench.reopen(|_| (), next_engine());
    let again = bench.store.reexamined.as_ref().expect("it was examined anew");
    assert_eq!((&again.before, again.changes.len()), (&engine_version(), 0));
    assert_eq!(bench.store.hashes(KnownAt::MAX).expect("hashes"), before);
    let head = bench.store.ledger().head().expect("a head").expect("a commit");
    assert!(
        head.header.engine == next_engine().engine && head.header.purpose.contains(&engine_version().engine)
    );
    assert_eq!(bench.store.replay(&mut Silent).expect("replay").other_engines, [engine_version()]);
    let bench = bench.reopen(|_| (), next_engine());
    assert!(bench.store.reexamined.is_none(), "once is enough");
    let reader = Store::open(&bench.path(), Access::Read, settings()).expect("readers change nothing");
    assert_eq!(reader.other_engine().expect("an answer"), Some(next_engine().engine));
    bench.store.ledger().verify().expect("verify");
}

#[test]
fn what_another_engine_missed_is_found_on_opening_and_is_told_from_damage() {
    let folder = folder();
    let path = folder.path().join("store.db");
    let mut ledger = Ledger::create(&path).expect("a new store");
    let other = Engine { engine: "0.0.1".into(), tables: "none".into() };
    for text in START.lines() {
        let line = Line::from_json(text.as_bytes()).expect("a line");
        let header = CommitHeader {
            known_at: line.known_at,
            actor: "tests".into(),
            purpose: "an engine that finds nobody".into(),
            sources: Vec::new(),
            engine: other.clone(),
        };
        let mut batch = ledger.begin(header).expect("a batch");
        batch.stage(&line.op, 1).expect("a line");
        batch.finish(&Coverage::default()).expect("a commit");
    }
    drop(ledger);
    let store = Store::open(&path, Access::Write, settings()).expect("it opens");
    let again = store.reexamined.as_ref().expect("it was examined anew");
    assert_eq!((&again.before, again.changes.len()), (&other, 1));
    let replayed = store.replay(&mut Silent).expect("replay");
    assert_eq!(replayed.other_engines, [other]);
    assert!(
        !replayed.agrees() && replayed.first_difference.is_some(),
        "recorded by another engine, not recomputable here"
    );
    assert_eq!(replayed.from_scratch, replayed.recorded.state, "what stands now is this engine's");
    store.ledger().verify().expect("and nothing is damaged");
    assert!(
        store.coverage(KnownAt::MAX).expect("coverage").is_some_and(|(_, coverage)| coverage.screened == 1)
    );
}

/// Begins a commit and goes away.
fn begin_and_leave(path: &Path) {
    let mut ledger = Ledger::open(path, Access::Write).expect("it opens");
    let head = ledger.head().expect("a head").expect("a commit");
    let header = CommitHeader { known_at: KnownAt::MAX.previous(), ..head.header };
    let mut batch = ledger.begin(header).expect("a batch");
    let name = DatasetName::new("more").expect("a name");
    let dataset = Dataset { name, role: Role::List, title: None };
    batch.stage(&Op::Put(Record::Dataset(dataset)), 1).expect("a line");
}

#[test]
fn a_store_that_was_left_in_the_middle_of_a_commit_is_as_before_it() {
    let mut bench = Bench::new();
    bench.journal(START).expect("a sound journal");
    let before = bench.fingerprint();
    let bench = bench.reopen(|folder| begin_and_leave(&folder.join("store.db")), settings());
    assert_eq!(bench.fingerprint(), before);
}
