//! The audit log: whatever is altered or removed is found, several processes may append, and a purge removes what is said and not that it was.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use lookback_ledger::{AuditAction, AuditEntry, AuditFilter, AuditLog};
use model::{AccountName, KnownAt, Proof};
use rusqlite::Connection;
use tempfile::TempDir;

fn entry(account: &str, action: AuditAction, target: &str) -> AuditEntry {
    AuditEntry {
        at: KnownAt::from_micros(7),
        account: AccountName::new(account).unwrap(),
        proof: Proof::Asserted,
        purpose: "case 12".into(),
        action,
        targets: vec![target.into()],
        query: (action == AuditAction::Search).then(|| "Orlan Veska-Quist".to_owned()),
        detail: None,
        break_glass: (account == "cole").then(|| "a court asked".to_owned()),
    }
}

fn filled() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let store = folder.path().join("store.db");
    let mut log = AuditLog::open(&store).unwrap();
    log.append(&[
        entry("amon", AuditAction::LookUp, "CUST-70155"),
        entry("amon", AuditAction::Search, "query-1"),
    ])
    .unwrap();
    log.append(&[entry("cole", AuditAction::Export, "CUST-70155"), entry("brandt", AuditAction::List, "G2")])
        .unwrap();
    (folder, store)
}

fn alter(store: &Path, sql: &str) {
    Connection::open(AuditLog::path_of(store)).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn every_altered_column_of_every_entry_is_found() {
    let columns = [
        ("seq", "seq + 100"),
        ("at", "at + 1"),
        ("account", "account || 'x'"),
        ("proof", "'session'"),
        ("purpose", "purpose || 'x'"),
        ("action", "'figures'"),
        ("break_glass", "CASE WHEN break_glass IS NULL THEN '' ELSE NULL END"),
        ("salt", "zeroblob(16)"),
        ("payload", "replace(payload, 'targets', 'targetz')"),
        ("content", "zeroblob(32)"),
        ("hash", "zeroblob(32)"),
    ];
    for seq in 1..=4 {
        for (column, value) in columns {
            let (_folder, store) = filled();
            alter(
                &store,
                &format!(
                    "PRAGMA foreign_keys = OFF; UPDATE entries SET {column} = {value} WHERE seq = {seq}"
                ),
            );
            let error = AuditLog::open(&store).unwrap().verify().expect_err(column).to_string();
            assert!(error.contains(&format!("entry {seq} ")), "{column} of {seq}: {error}");
        }
        let (_folder, store) = filled();
        alter(&store, &format!("PRAGMA foreign_keys = OFF; DELETE FROM entries WHERE seq = {seq}"));
        AuditLog::open(&store).unwrap().verify().expect_err("an entry was removed");
        let (_folder, store) = filled();
        alter(&store, &format!("UPDATE entries SET salt = x'', payload = '' WHERE seq = {seq}"));
        let error = AuditLog::open(&store).unwrap().verify().expect_err("it was emptied").to_string();
        assert!(error.contains("no purge says so"), "{error}");
    }
    for sql in ["DELETE FROM targets WHERE seq = 1", "UPDATE targets SET target = 'other' WHERE seq = 3"] {
        let (_folder, store) = filled();
        alter(&store, sql);
        AuditLog::open(&store).unwrap().verify().expect_err(sql);
    }
    let (_folder, store) = filled();
    assert_eq!(AuditLog::open(&store).unwrap().verify().unwrap(), 4);
}

#[test]
fn entries_are_found_by_what_is_asked() {
    let (_folder, store) = filled();
    let log = AuditLog::open(&store).unwrap();
    let found = |filter: AuditFilter| -> Vec<u64> {
        log.entries(&filter).unwrap().into_iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(found(AuditFilter::default()), [1, 2, 3, 4]);
    assert_eq!(found(AuditFilter { target: Some("CUST-70155".into()), ..AuditFilter::default() }), [1, 3]);
    assert_eq!(found(AuditFilter { account: AccountName::new("brandt"), ..AuditFilter::default() }), [4]);
    assert_eq!(found(AuditFilter { action: Some(AuditAction::Search), ..AuditFilter::default() }), [2]);
    assert_eq!(found(AuditFilter { break_glass: true, ..AuditFilter::default() }), [3]);
    assert_eq!(found(AuditFilter { since: Some(KnownAt::from_micros(8)), ..AuditFilter::default() }), [0; 0]);
}

#[test]
fn a_purge_leaves_no_byte_of_the_id_and_a_chain_that_holds() {
    let (_folder, store) = filled();
    let bytes = || {
        let path = AuditLog::path_of(&store);
        let beside = |suffix: &str| {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            std::fs::read(name).unwrap_or_default()
        };
        [beside(""), beside("-wal"), beside("-shm")].concat()
    };
    let holds = |text: &str| bytes().windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("CUST-70155"));
    assert!(!holds("Veska-Quist"), "what was searched for is never kept");
    let mut log = AuditLog::open(&store).unwrap();
    let note = entry("lists", AuditAction::Purged, "none");
    assert_eq!(log.purge("CUST-70155", &note).unwrap(), 2);
    assert!(!holds("CUST-70155"));
    assert_eq!(log.verify().unwrap(), 5);
    let entries = log.entries(&AuditFilter::default()).unwrap();
    assert!(entries[0].purged && entries[2].purged && !entries[1].purged);
    assert_eq!(log.purge("CUST-70155", &note).unwrap(), 0);
    alter(&store, "UPDATE entries SET salt = x'', payload = '' WHERE seq = 4");
    log.verify().expect_err("the purge does not name it");
}

#[test]
fn several_may_append_at_once() {
    let (_folder, store) = filled();
    std::thread::scope(|scope| {
        for account in ["amon", "brandt", "cole", "dorn"] {
            let store = &store;
            scope.spawn(move || {
                let mut log = AuditLog::open(store).unwrap();
                for _ in 0..20 {
                    log.append(&[entry(account, AuditAction::LookUp, "P1")]).unwrap();
                }
            });
        }
    });
    let log = AuditLog::open(&store).unwrap();
    assert_eq!(log.verify().unwrap(), 84);
    assert_eq!(log.head().unwrap().unwrap().seq, 84);
}
