//! Damaged files: every flipped bit that changes content is found.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use lookback_ledger::{Access, Held, Ledger, LedgerError};
use model::{Coverage, DatasetName, Digest};
use rusqlite::Connection;
use support::{commit, content, day, delete, header, in_folder, link, observation, outcome, pair, person};

const FLIPS: usize = if cfg!(feature = "long") { 20_000 } else { 300 };

fn store() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let alert = |subject: &str, score| outcome(pair(subject, "E1", day(0)), score);
    let people: Vec<_> = (0..30).map(|n| person(&format!("P{n}"), "border", "Ana Velkova")).collect();
    commit(&mut ledger, day(1), &people, &[alert("P1", Some(1)), alert("P2", Some(1))]).unwrap();
    let ops = [link("L1", "P1", "P2", "a"), observation("O1", "P1", "1"), person("P3", "border", "Bo Marn")];
    commit(&mut ledger, day(2), &ops, &[alert("P1", Some(2))]).unwrap();
    commit(&mut ledger, day(2), &[delete("entity", "P4")], &[alert("P1", Some(3))]).unwrap();
    commit(
        &mut ledger,
        day(3),
        &[delete("entity", "P1"), person("P4", "list", "Cleo Dunn")],
        &[alert("P1", None)],
    )
    .unwrap();
    let mut batch = ledger.begin(header(day(4))).unwrap();
    batch.stage(&person("P31", "border", "Dov Ister"), 1).unwrap();
    batch.reject("border.csv", 7, "no name").unwrap();
    batch.finish(&Coverage::default()).unwrap();
    let held = Held {
        dataset: DatasetName::new("list").unwrap(),
        file: "list.csv".into(),
        reason: "empty".into(),
        held_at: day(3),
        digest: Digest::of(b"bytes"),
        note: serde_json::json!({}),
    };
    ledger.hold(&held, b"bytes", "Ilva Brandt").unwrap();
    ledger.verify().unwrap();
    (folder, path)
}

/// What verifying and reading a file says: its content, or damage. Anything but an answer fails the test by itself.
fn examine(path: &Path) -> Result<String, LedgerError> {
    let ledger = Ledger::open(path, Access::Write)?;
    ledger.verify()?;
    content(&ledger)
}

#[test]
fn a_flipped_byte_is_found_or_means_nothing() {
    let (folder, path) = store();
    let sound = examine(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let flipped = folder.path().join("flipped.lookback");
    let (mut state, mut found) = (0x5eed_u64, 0);
    for _ in 0..FLIPS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (at, bit) = ((state >> 20) as usize % bytes.len(), state >> 60 & 7);
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << bit;
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("flipped.lookback{suffix}")));
        }
        std::fs::write(&flipped, bytes).unwrap();
        match examine(&flipped) {
            Ok(content) => assert_eq!(content, sound, "bit {bit} of byte {at} changes content unseen"),
            Err(_) => found += 1,
        }
    }
    assert!(found > 0);
}

/// What random flips found first: an index that says another time than its table.
#[test]
fn an_index_that_differs_from_its_table_is_found() {
    let (_folder, path) = store();
    let conn = Connection::open(&path).unwrap();
    let root: u32 = conn
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'alert_changes_known_at'", [], |row| {
            row.get(0)
        })
        .unwrap();
    let page: u32 = conn.pragma_query_value(None, "page_size", |row| row.get(0)).unwrap();
    drop(conn);
    let mut bytes = std::fs::read(&path).unwrap();
    // The first entry inserted stands last in the page: header, eight bytes of known_at, row.
    bytes[(root * page - 4) as usize] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(matches!(examine(&path), Err(LedgerError::Corrupt { .. })));
}

#[test]
fn a_file_cut_short_is_refused() {
    let (folder, path) = store();
    let bytes = std::fs::read(&path).unwrap();
    for part in 0..8 {
        let cut = folder.path().join(format!("cut{part}.lookback"));
        std::fs::write(&cut, &bytes[..bytes.len() * part / 8]).unwrap();
        assert!(examine(&cut).is_err(), "{part} eighths of a store");
    }
}

#[test]
fn rows_of_the_journal_cannot_be_changed_by_accident() {
    let (_folder, path) = store();
    let conn = Connection::open(&path).unwrap();
    assert!(conn.execute("UPDATE rows SET key = 'x' WHERE row = 1", []).is_err());
    assert!(conn.execute("DELETE FROM rows WHERE row = 1", []).is_err());
}
