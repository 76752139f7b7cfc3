//! Formats: stores of every released format open, other files are refused with a reason.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use lookback_ledger::{Access, Ledger, LedgerError};
use rusqlite::Connection;
use support::{
    commit, content, copy, day, delete, event, in_folder, link, observation, outcome, pair, person,
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// What the fixtures of every format hold.
fn fill(ledger: &mut Ledger) {
    let alert = |subject: &str, score| outcome(pair(subject, "E1", day(0)), score);
    let dataset = support::op(r#""op":"put","kind":"dataset","name":"border","role":"population""#);
    let ops = [
        dataset,
        person("P1", "border", "Ana Velkova"),
        link("L1", "P1", "P2", "a"),
        observation("O1", "P1", "1"),
        event("V1", "P1", "released", "2024-10-04"),
    ];
    commit(ledger, day(1), &ops, &[alert("P1", Some(1))]).unwrap();
    commit(ledger, day(1), &[person("P2", "list", "Bo Marn")], &[alert("P1", Some(2))]).unwrap();
    commit(
        ledger,
        day(2),
        &[delete("entity", "P1"), person("P1", "border", "Cleo Dunn")],
        &[alert("P1", None)],
    )
    .unwrap();
}

#[test]
fn a_store_of_format_1_opens_verifies_and_goes_on() {
    let (_folder, path) = in_folder("store.lookback");
    copy(&fixture("format-1.sqlite"), &path);
    let expected = std::fs::read_to_string(fixture("format-1.txt")).unwrap();
    let older = Ledger::open(&path, Access::Read).err().unwrap();
    assert!(matches!(older, LedgerError::OlderFormat { found: 1, known: 2 }), "{older}");
    let mut ledger = Ledger::open(&path, Access::Write).unwrap();
    ledger.verify().unwrap();
    assert_eq!(content(&ledger).unwrap(), expected);
    commit(&mut ledger, day(3), &[person("P3", "border", "Dov Ister")], &[]).unwrap();
    ledger.verify().unwrap();
}

#[test]
fn today_s_store_holds_what_the_fixture_holds() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    fill(&mut ledger);
    assert_eq!(content(&ledger).unwrap(), std::fs::read_to_string(fixture("format-1.txt")).unwrap());
}

/// Run once for a new format: `cargo test -p lookback-ledger --test format -- --ignored`.
#[test]
#[ignore = "writes the fixture of a new format, once"]
fn write_the_fixture_of_a_new_format() {
    let path = fixture("format-1.sqlite");
    assert!(!path.exists(), "the fixture of a released format never changes");
    let (_folder, draft) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&draft).unwrap();
    fill(&mut ledger);
    std::fs::write(fixture("format-1.txt"), content(&ledger).unwrap()).unwrap();
    drop(ledger);
    copy(&draft, &path);
}

#[test]
fn other_files_are_refused_with_a_reason() {
    let (folder, path) = in_folder("store.lookback");
    assert!(matches!(Ledger::open(&path, Access::Read), Err(LedgerError::NotAStore { .. })));
    drop(Ledger::create(&path).unwrap());
    assert!(matches!(Ledger::create(&path), Err(LedgerError::Exists(_))));
    let set = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    set("PRAGMA user_version = 99");
    for access in [Access::Read, Access::Write] {
        let error = Ledger::open(&path, access).err().unwrap();
        assert!(matches!(error, LedgerError::UnknownFormat { found: 99, known: 2 }), "{error}");
    }
    set("PRAGMA user_version = 2; PRAGMA application_id = 7");
    assert!(matches!(Ledger::open(&path, Access::Read), Err(LedgerError::NotAStore { .. })));
    for (name, bytes) in [("empty", &b""[..]), ("text", b"id,name\n1,Ana Velkova\n"), ("zeros", &[0; 8192])] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = Ledger::open(&path, Access::Write).err().unwrap();
        assert!(matches!(error, LedgerError::NotAStore { .. }), "{name}: {error}");
    }
}
