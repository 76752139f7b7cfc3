//! Purge: no byte of the person is left, the chain verifies, everybody else stays as they were, and only this may empty a row.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lookback_ledger::{Access, Ledger, LedgerError, PurgedId};
use model::{Coverage, EntityId, KnownAt, Op, Outcome};
use proptest::prelude::*;
use rusqlite::Connection;
use support::{
    commit, content, day, delete, event, header, in_folder, link, observation, op, outcome, pair, person,
};

/// Whatever the store says of the person, and of nobody else.
const OF_THE_PERSON: [&str; 8] = [
    "CUST-70155",
    "Orlova-Quist",
    "Quist-Orlova",
    "+99970155",
    "LINK-70155",
    "OBS-70155",
    "EVENT-70155",
    "at the harbour",
];

fn id(text: &str) -> EntityId {
    EntityId::new(text).unwrap()
}

fn alert(subject: &str, score: Option<u32>) -> Outcome {
    outcome(pair(subject, "E1", day(0)), score)
}

fn fill(ledger: &mut Ledger) {
    let first = [
        op(r#""op":"put","kind":"dataset","name":"border","role":"population""#),
        person("CUST-70155", "border", "Ana Orlova-Quist"),
        person("P2", "border", "Bo Marn"),
        link("LINK-70155", "P2", "CUST-70155", "sibling"),
        observation("OBS-70155", "CUST-70155", "+99970155"),
        observation("O2", "P2", "+1"),
        event("EVENT-70155", "CUST-70155", "at the harbour", "2031-01-01"),
    ];
    commit(ledger, day(1), &first, &[alert("CUST-70155", Some(1)), alert("P2", Some(1))]).unwrap();
    commit(ledger, day(2), &[person("CUST-70155", "border", "Ana Quist-Orlova")], &[]).unwrap();
    let decision = op(
        r#""op":"put","kind":"decision","id":"D1","by":"amon","act":"legal_hold","reason":"court","subject":"CUST-70155","note":"spoke to Orlova-Quist""#,
    );
    let other = op(
        r#""op":"put","kind":"decision","id":"D2","by":"amon","act":"legal_hold","reason":"court","subject":"P2","note":"spoke to Marn""#,
    );
    commit(ledger, day(3), &[delete("observation", "OBS-70155"), decision, other], &[]).unwrap();
}

fn purge(ledger: &mut Ledger, at: KnownAt, ids: &[&str]) -> Result<u64, LedgerError> {
    let said: Vec<Outcome> = ids.iter().map(|id| alert(id, None)).collect();
    let mut batch = ledger.begin(header(at))?;
    for (id, line) in ids.iter().zip(1..) {
        batch.stage(&delete("entity", id), line)?;
    }
    batch.resolve()?;
    batch.record_outcomes(&said)?;
    let rows = batch.purge(&ids.iter().map(|text| id(text)).collect())?;
    batch.finish(&Coverage::default())?;
    ledger.scrub()?;
    Ok(rows)
}

/// Every file beside the store, its bytes.
fn bytes_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn found_in(folder: &Path, text: &str) -> bool {
    let contains = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    bytes_of(folder).iter().any(|(_, bytes)| contains(bytes))
}

fn purged_store() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    fill(&mut ledger);
    purge(&mut ledger, day(4), &["CUST-70155"]).unwrap();
    commit(&mut ledger, day(5), &[person("P3", "border", "Cleo Dunn")], &[]).unwrap();
    (folder, path)
}

#[test]
fn no_byte_of_the_purged_is_left_in_the_store_its_log_or_a_new_export() {
    let (folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    fill(&mut ledger);
    for text in OF_THE_PERSON {
        assert!(found_in(folder.path(), text), "{text} is there before");
    }
    let before = ledger.as_of(day(2)).count_entities(None).unwrap();
    purge(&mut ledger, day(4), &["CUST-70155"]).unwrap();
    for text in OF_THE_PERSON {
        assert!(!found_in(folder.path(), text), "{text} is left while the store is open");
    }
    ledger.verify().unwrap();
    let seen = content(&ledger).unwrap();
    for text in OF_THE_PERSON {
        assert!(!seen.contains(text), "{text} is told");
    }
    assert!(seen.contains("Bo Marn") && seen.contains("spoke to Marn"), "everybody else is");
    assert_eq!(ledger.as_of(day(2)).count_entities(None).unwrap(), before, "coverage stays as it was");
    let purges = ledger.purges().unwrap();
    assert_eq!(purges.len(), 1);
    assert_eq!(purges[0].subjects, [PurgedId::of(&id("CUST-70155"))]);
    assert_eq!(purges[0].alerts, 1);
    drop(ledger);
    for text in OF_THE_PERSON {
        assert!(!found_in(folder.path(), text), "{text} is left");
    }
    let ledger = Ledger::open(&path, Access::Read).unwrap();
    let history = ledger.alert_changes(KnownAt::MIN, KnownAt::MAX).unwrap();
    let theirs = pair("CUST-70155", "E1", day(0)).alert_id();
    assert_eq!(history.iter().filter(|change| change.alert == theirs).count(), 2, "opened and withdrawn");
}

#[test]
fn whoever_comes_back_after_a_purge_is_somebody_new() {
    let (_folder, path) = purged_store();
    let mut ledger = Ledger::open(&path, Access::Write).unwrap();
    commit(&mut ledger, day(6), &[person("CUST-70155", "border", "Ana Orlova-Quist")], &[]).unwrap();
    let version = ledger.as_of(day(6)).entity(&id("CUST-70155")).unwrap().unwrap();
    assert_eq!(version.born, day(6));
    ledger.verify().unwrap();
    purge(&mut ledger, day(7), &["CUST-70155"]).unwrap();
    ledger.verify().unwrap();
    assert_eq!(ledger.purges().unwrap().len(), 2);
}

#[test]
fn who_is_in_force_or_whom_somebody_else_s_alert_rests_on_is_not_purged() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    fill(&mut ledger);
    for subject in ["P2", "E1"] {
        let before = content(&ledger).unwrap();
        let mut batch = ledger.begin(header(day(4))).unwrap();
        batch.resolve().unwrap();
        let refused = batch.purge(&BTreeSet::from([id(subject)]));
        assert!(matches!(refused, Err(LedgerError::Misuse(_))), "{subject}");
        drop(batch);
        assert_eq!(content(&ledger).unwrap(), before);
    }
}

#[test]
fn the_triggers_let_a_purge_happen_and_nothing_else() {
    let (_folder, path) = purged_store();
    let conn = Connection::open(&path).unwrap();
    let row = |condition: &str| -> i64 {
        let sql = format!("SELECT min(row) FROM rows WHERE {condition}");
        conn.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let (purged, kept) = (row("payload = ''"), row("payload <> ''"));
    for sql in [
        format!("UPDATE rows SET key = '', salt = x'', payload = '' WHERE row = {kept}"),
        format!("UPDATE rows SET payload = 'x' WHERE row = {purged}"),
        format!("UPDATE rows SET hash = x'00' WHERE row = {purged}"),
        format!("UPDATE rows SET line = 7 WHERE row = {purged}"),
        format!("DELETE FROM rows WHERE row = {purged}"),
        "DELETE FROM purges".into(),
        "UPDATE purges SET commit_seq = 1".into(),
    ] {
        assert!(conn.execute_batch(&sql).is_err(), "{sql}");
    }
}

#[test]
fn what_is_removed_or_altered_around_a_purge_is_found_and_its_commit_named() {
    let (folder, sound) = purged_store();
    let cases = [
        ("UPDATE rows SET key = '', salt = x'', payload = '' WHERE row = 3", 1),
        ("UPDATE rows SET payload = '' WHERE row = 3", 1),
        ("UPDATE rows SET payload = '{}' WHERE row = 2", 1),
        ("UPDATE rows SET hash = zeroblob(32) WHERE row = 2", 1),
        (
            "INSERT INTO purges SELECT 3, 4, key, dataset, mentions FROM purges WHERE row = 2;
          UPDATE rows SET key = '', salt = x'', payload = '' WHERE row = 3",
            1,
        ),
        ("INSERT INTO purges SELECT 13, 9, key, dataset, mentions FROM purges WHERE row = 2", 5),
        ("DELETE FROM purges WHERE row = 2", 1),
        ("UPDATE purges SET key = zeroblob(16) WHERE row = 2", 1),
        ("UPDATE purges SET dataset = 'list' WHERE row = 2", 1),
        ("UPDATE purges SET dataset = NULL WHERE row = 2", 1),
        ("UPDATE purges SET mentions = x'' WHERE row = 4", 1),
        ("UPDATE purges SET commit_seq = 5 WHERE row = 2", 4),
        ("UPDATE purges SET commit_seq = 9 WHERE row = 2", 4),
        ("DELETE FROM purged_alerts", 1),
        ("UPDATE purged_alerts SET commit_seq = 5", 4),
        ("INSERT INTO purged_alerts SELECT number, 4 FROM alerts WHERE subject = 'P2'", 1),
        ("UPDATE alerts SET subject = 'P9' WHERE subject LIKE 'purged:%'", 1),
        ("UPDATE alerts SET subject_born = 7 WHERE subject LIKE 'purged:%'", 4),
        ("UPDATE alerts SET entry = 'E2', entry_hash = 3 WHERE subject LIKE 'purged:%'", 1),
        ("UPDATE alerts SET cause_kind = 'network' WHERE subject LIKE 'purged:%'", 4),
        ("DELETE FROM refs WHERE row = 4", 1),
        ("DELETE FROM keys WHERE row = 2", 1),
    ];
    for (sql, commit) in cases {
        let path = folder.path().join("altered.lookback");
        support::copy(&sound, &path);
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = 0").unwrap();
        let triggers: Vec<(String, String)> = conn
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (name, _) in &triggers {
            conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        conn.execute_batch(sql).unwrap();
        for (_, sql) in &triggers {
            conn.execute_batch(sql).unwrap();
        }
        drop(conn);
        let found = Ledger::open(&path, Access::Read).unwrap().verify();
        match found {
            Err(LedgerError::Corrupt { commit: named, .. }) => assert_eq!(named, Some(commit), "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

/// Each write fails once: the person is purged whole or not at all, and opening the store again and purging completes it.
#[test]
fn a_failing_call_leaves_a_purge_whole_or_undone_and_a_second_run_completes_it() {
    let (_folder, path) = in_folder("expected.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    fill(&mut ledger);
    let before = content(&ledger).unwrap();
    purge(&mut ledger, day(4), &["CUST-70155"]).unwrap();
    let after = content(&ledger).unwrap();
    for failing in 0.. {
        let (folder, path) = in_folder("store.lookback");
        fill(&mut Ledger::create(&path).unwrap());
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let faults = Box::new(move |_: &'static str| counted.fetch_add(1, Ordering::Relaxed) == failing);
        let mut ledger = Ledger::open_with_faults(&path, faults).unwrap();
        let failed = purge(&mut ledger, day(4), &["CUST-70155"]).is_err();
        drop(ledger);
        let mut ledger = Ledger::open(&path, Access::Write).unwrap();
        ledger.verify().unwrap();
        let stands = content(&ledger).unwrap();
        assert!(stands == before || stands == after, "call {failing}");
        if stands == before {
            purge(&mut ledger, day(4), &["CUST-70155"]).unwrap();
        }
        assert_eq!(content(&ledger).unwrap(), after, "call {failing}");
        for text in OF_THE_PERSON {
            assert!(!found_in(folder.path(), text), "{text} is left after call {failing}");
        }
        if !failed {
            assert!(failing > 20, "a purge writes more often than {failing} times");
            return;
        }
    }
}

/// What somebody does in a random journal.
fn ops() -> impl Strategy<Value = Op> {
    let (who, other, text) = (0..4u8, 0..2u8, 0..3u8);
    prop_oneof![
        4 => (who.clone(), text.clone()).prop_map(|(id, text)| person(&format!("P{id}"), "border", &format!("Orlo {text}"))),
        3 => (other.clone(), who.clone(), who.clone()).prop_map(|(id, a, b)| link(&format!("L{id}"), &format!("P{a}"), &format!("P{b}"), "r")),
        3 => (other.clone(), who.clone(), text).prop_map(|(id, a, text)| observation(&format!("O{id}"), &format!("P{a}"), &format!("{text}"))),
        2 => (other.clone(), who.clone()).prop_map(|(id, a)| event(&format!("V{id}"), &format!("P{a}"), "e", "2031-01-01")),
        2 => who.prop_map(|id| delete("entity", &format!("P{id}"))),
        1 => other.prop_map(|id| delete("entity", &format!("L{id}"))),
    ]
}

/// At every time, what is in force of everybody who is not purged, as JSON; records that name the purged are theirs.
fn of_the_others(ledger: &Ledger, days: i64, purged: &str) -> Vec<String> {
    let mut states = Vec::new();
    for at in 0..days {
        let view = ledger.as_of(day(at));
        for kind in model::RecordKind::ALL {
            view.records(kind, &mut |row, record| {
                let names = record.names().contains(&purged) || &*record.key().text == purged;
                if !names {
                    states.push(format!("{at} {row:?} {}", String::from_utf8(record.to_bytes()).unwrap()));
                }
                Ok(())
            })
            .unwrap();
        }
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(feature = "long") { 2000 } else { 48 }))]

    /// Against a store where the person was only deleted at that time: the same is in force of everybody else at every time, before
    /// and after, and both verify.
    #[test]
    fn to_everybody_else_a_purge_is_a_deletion(
        before in prop::collection::vec(prop::collection::vec(ops(), 0..6), 1..8),
        after in prop::collection::vec(prop::collection::vec(ops(), 0..6), 0..4),
        who in 0..4u8,
    ) {
        let purged = format!("P{who}");
        let (_folder, path) = in_folder("purged.lookback");
        let (_other, other) = in_folder("deleted.lookback");
        let (mut left, mut right) = (Ledger::create(&path).unwrap(), Ledger::create(&other).unwrap());
        let mut days = 0;
        let go = |ledger: &mut Ledger, at: i64, ops: &[Op]| {
            // Two puts of a key at one time would be refused: the first one counts.
            let mut seen = BTreeSet::new();
            let ops: Vec<Op> = ops.iter().filter(|op| matches!(op, Op::Delete(_)) || seen.insert(op.key())).cloned().collect();
            commit(ledger, day(at), &ops, &[]).unwrap();
        };
        for ops in &before {
            days += 1;
            go(&mut left, days, ops);
            go(&mut right, days, ops);
        }
        days += 1;
        purge(&mut left, day(days), &[&purged]).unwrap();
        go(&mut right, days, &[delete("entity", &purged)]);
        left.verify().unwrap();
        for ops in &after {
            days += 1;
            go(&mut left, days, ops);
            go(&mut right, days, ops);
        }
        left.verify().unwrap();
        right.verify().unwrap();
        prop_assert_eq!(of_the_others(&left, days + 1, &purged), of_the_others(&right, days + 1, &purged));
    }
}
