//! Invariant(BACKUP): a copy taken at any moment is a whole store of that moment, and nothing is written over.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use invented::{list_story, population};
use lookback::audit::{AuditAction, Look, Reach};
use lookback::model::{DatasetName, KnownAt, Role};
use lookback::{
    Access, CommitReport, Error, Format, IngestOptions, LedgerError, Progress, Silent, Store, copy_store,
    verify,
};
use support::{Bench, settings};

const SEED: u64 = 23;
const PEOPLE: u64 = 150;

/// Copies the store in the midst of ingestion: while a file is read, while a batch is screened, and after each commit.
struct Copying {
    store: PathBuf,
    into: PathBuf,
    /// Where each copy is, and the last commit that was acknowledged when it was taken.
    copies: Vec<(PathBuf, u64)>,
    acknowledged: u64,
}

impl Copying {
    fn copy(&mut self) {
        let to = self.into.join(format!("{}.db", self.copies.len()));
        copy_store(&self.store, &to).unwrap();
        self.copies.push((to, self.acknowledged));
    }
}

impl Progress for Copying {
    fn file(&mut self, _: &str) {
        self.copy();
    }
    fn rows(&mut self, _: u64) {}
    fn screening(&mut self, _: KnownAt, _: u64) {
        self.copy();
    }
    fn committed(&mut self, report: &CommitReport) {
        self.acknowledged = report.seq;
        self.copy();
    }
}

fn look_for(store: &Store) {
    let look = Look {
        action: AuditAction::Search,
        targets: vec!["P0000001".into()],
        query: Some("somebody".into()),
        what: "screen".into(),
        permission: "search",
        reach: Reach::Filtered,
        break_glass: None,
    };
    store.note_look(look).unwrap();
}

/// People, then the story of a list, each file noted in the audit before it is ingested.
fn ingest_all(bench: &mut Bench, progress: &mut Copying) {
    let people = population(SEED, PEOPLE).fold(String::new(), |mut text, person| {
        writeln!(text, "{}", person.to_ftm()).unwrap();
        text
    });
    let people = bench.file("people.json", people);
    let options = IngestOptions {
        dataset: DatasetName::new("travellers"),
        role: Some(Role::Population),
        format: Some(Format::Ftm),
        known_at: Some(KnownAt::parse("2029-12-31").unwrap()),
        ..IngestOptions::default()
    };
    look_for(&bench.store);
    bench.store.ingest(&[people], &options, progress).unwrap();
    for step in list_story(SEED, PEOPLE) {
        let mut text = String::new();
        for mut line in step.lines {
            line["known_at"] = step.known_at.as_str().into();
            writeln!(text, "{line}").unwrap();
        }
        let file = bench.file("list.jsonl", text);
        look_for(&bench.store);
        bench.store.ingest(&[file], &IngestOptions::default(), progress).unwrap();
    }
}

#[test]
fn a_copy_taken_during_ingestion_restores_to_a_store_that_verifies_and_replays_to_the_same_alerts() {
    let mut bench = Bench::new();
    let into = bench.folder.path().join("copies");
    fs::create_dir(&into).unwrap();
    let mut copying = Copying { store: bench.path(), into, copies: Vec::new(), acknowledged: 0 };
    ingest_all(&mut bench, &mut copying);
    let last = bench.store.ledger().head().unwrap().unwrap().seq;
    let mut taken = Vec::new();
    for (copy, acknowledged) in &copying.copies {
        let restored = copy.with_extension("restored");
        let copied = copy_store(copy, &restored).unwrap();
        let head = copied.store.head;
        let store = Store::open(&restored, Access::Write, settings()).unwrap();
        let seq = head.and_then(|head| head.seq).unwrap_or(0);
        assert!(seq >= *acknowledged, "nothing that was acknowledged is missing");
        let replayed = store.replay(&mut Silent).unwrap();
        assert!(replayed.agrees(), "{replayed:?}");
        let known_at = store.ledger().head().unwrap().map_or(KnownAt::MIN, |commit| commit.header.known_at);
        assert_eq!(replayed.recorded, bench.store.hashes(known_at).unwrap(), "commit {seq}");
        let noted = store.audit_head().unwrap().map(|head| head.seq);
        assert_eq!(noted, Some(copied.audit.entries).filter(|entries| *entries > 0));
        taken.push(seq);
    }
    assert!(
        taken.iter().any(|seq| (1..last).contains(seq)),
        "copies were taken on the way: {taken:?} of {last}"
    );
    assert!(taken.last() == Some(&last) && bench.store.hashes(KnownAt::MAX).unwrap().open > 0);
}

#[test]
fn what_was_restored_goes_on() {
    let mut bench = Bench::new();
    let copy = bench.folder.path().join("copy.db");
    let into = bench.folder.path().to_owned();
    let mut copying = Copying { store: bench.path(), into, copies: Vec::new(), acknowledged: 0 };
    ingest_all(&mut bench, &mut copying);
    copy_store(&bench.path(), &copy).unwrap();
    let mut restored = Store::open(&copy, Access::Write, settings()).unwrap();
    let line = r#"{"known_at":"2035-01-01","op":"put","kind":"entity","dataset":"travellers","entity":{"id":"late","schema":"Person","properties":{"name":["Orlan Veska"]}}}"#;
    let file = bench.file("late.jsonl", line);
    restored.ingest(std::slice::from_ref(&file), &IngestOptions::default(), &mut Silent).unwrap();
    bench.store.ingest(&[file], &IngestOptions::default(), &mut Silent).unwrap();
    assert_eq!(restored.hashes(KnownAt::MAX).unwrap(), bench.store.hashes(KnownAt::MAX).unwrap());
    drop(restored);
    verify(&copy, None).unwrap();
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn nothing_is_written_over_and_nothing_half_is_left() {
    let bench = Bench::new();
    look_for(&bench.store);
    let folder = bench.folder.path().join("backups");
    fs::create_dir(&folder).unwrap();
    let to = folder.join("copy.db");
    copy_store(&bench.path(), &to).unwrap();
    assert_eq!(files(&folder), ["copy.db", "copy.db.audit", "copy.db.lock"]);
    let before = fs::read(&to).unwrap();
    for place in [to.clone(), bench.path()] {
        let error = copy_store(&bench.path(), &place).unwrap_err();
        assert!(matches!(error, Error::Ledger(LedgerError::Exists(_) | LedgerError::Busy(_))), "{error}");
    }
    assert_eq!(fs::read(&to).unwrap(), before);
    // A log that lies there without its store would be taken for the new store's.
    let alone = folder.join("alone.db");
    fs::write(folder.join("alone.db.audit"), "a log").unwrap();
    assert!(matches!(copy_store(&bench.path(), &alone), Err(Error::Ledger(LedgerError::Exists(_)))));
    let none = copy_store(&folder.join("none.db"), &folder.join("new.db")).unwrap_err();
    assert!(matches!(none, Error::Ledger(LedgerError::NotAStore { .. })), "{none}");
}

#[test]
fn a_copy_that_does_not_verify_is_not_kept() {
    let mut bench = Bench::new();
    let into = bench.folder.path().join("copies");
    fs::create_dir(&into).unwrap();
    let mut copying =
        Copying { store: bench.path(), into: into.clone(), copies: Vec::new(), acknowledged: 0 };
    ingest_all(&mut bench, &mut copying);
    let copy = &copying.copies.last().unwrap().0;
    let bytes = fs::read(copy).unwrap();
    let place = bytes.windows(8).rposition(|window| window == b"P0000002").unwrap();
    let mut altered = bytes;
    altered[place + 7] = b'9';
    fs::write(copy, altered).unwrap();
    let to = into.join("restored.db");
    assert!(copy_store(copy, &to).is_err());
    assert!(!to.exists() && !into.join("restored.db.copy").exists());
}

#[test]
fn while_bytes_of_a_purge_are_still_there_no_copy_is_taken() {
    let bench = Bench::new();
    let mark = bench.folder.path().join("store.db.purging");
    fs::write(&mark, "").unwrap();
    let to = bench.folder.path().join("copy.db");
    assert!(matches!(copy_store(&bench.path(), &to), Err(Error::Ledger(LedgerError::Misuse(_)))));
    assert!(!to.exists());
    fs::remove_file(mark).unwrap();
    copy_store(&bench.path(), &to).unwrap();
}
