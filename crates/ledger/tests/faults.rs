//! A failing call at every place where the ledger writes: nothing is half done, and doing it again gives the undisturbed store.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lookback_ledger::{Access, Held, Ledger, LedgerError};
use model::{DatasetName, Digest, KnownAt, Op, Outcome};
use support::{
    commit, content, day, decision, delete, header, in_folder, link, observation, outcome, pair, person,
};

fn held() -> Held {
    Held {
        dataset: DatasetName::new("list").unwrap(),
        file: "list.csv".into(),
        reason: "would delete 40 %".into(),
        held_at: day(2),
        digest: Digest::of(b"id,name"),
        note: serde_json::json!({"format": "csv"}),
    }
}

type Step = Box<dyn Fn(&mut Ledger) -> Result<(), LedgerError>>;

/// What is done, one acknowledged step after the other.
fn steps() -> Vec<Step> {
    let batch = |at: i64, ops: Vec<Op>, outcomes: Vec<Outcome>| -> Step {
        Box::new(move |ledger| commit(ledger, day(at), &ops, &outcomes).map(drop))
    };
    let alert = |subject: &str, score| outcome(pair(subject, "E1", day(0)), score);
    vec![
        batch(
            1,
            vec![person("P1", "border", "Ana Velkova"), link("L1", "P1", "P2", "a")],
            vec![alert("P1", Some(1))],
        ),
        batch(
            1,
            vec![observation("O1", "P1", "1"), person("P2", "list", "Bo Marn")],
            vec![alert("P1", Some(2))],
        ),
        Box::new(|ledger| ledger.hold(&held(), b"id,name", "Ilva Brandt").map(drop)),
        batch(2, vec![delete("entity", "P1"), person("P1", "border", "Cleo Dunn")], vec![alert("P1", None)]),
        Box::new(|ledger| ledger.discard_held(1, "Ilva Brandt", day(3))),
        Box::new(|ledger| {
            let mut batch = ledger.begin(header(day(3)))?;
            batch.stage(&decision("D1", "P1", "court"), 1)?;
            batch.finish_decided().map(drop)
        }),
        batch(3, vec![person("P2", "border", "Bo Marn")], vec![alert("P2", Some(3))]),
        batch(3, vec![delete("entity", "P2")], vec![alert("P2", None)]),
    ]
}

/// How many steps a store has behind it.
fn done(ledger: &Ledger) -> usize {
    (ledger.commits().unwrap().len()) + ledger.held_events().unwrap().len()
}

fn undisturbed(path: &Path) -> String {
    let mut ledger = Ledger::create(path).unwrap();
    for step in steps() {
        step(&mut ledger).unwrap();
    }
    content(&ledger).unwrap()
}

#[test]
fn a_failing_call_leaves_a_store_that_goes_on() {
    let (_folder, path) = in_folder("undisturbed.lookback");
    let expected = undisturbed(&path);
    for failing in 0.. {
        let (_folder, path) = in_folder("store.lookback");
        drop(Ledger::create(&path).unwrap());
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let faults = Box::new(move |_: &'static str| counted.fetch_add(1, Ordering::Relaxed) == failing);
        let mut ledger = Ledger::open_with_faults(&path, faults).unwrap();
        let mut acknowledged = 0;
        for step in steps() {
            match step(&mut ledger) {
                Ok(()) => acknowledged += 1,
                Err(LedgerError::Storage { .. }) => break,
                Err(other) => panic!("call {failing}: {other}"),
            }
        }
        assert_eq!(done(&ledger), acknowledged, "the same ledger goes on after call {failing}");
        drop(ledger);
        let mut ledger = Ledger::open(&path, Access::Write).unwrap();
        ledger.verify().unwrap();
        assert_eq!(done(&ledger), acknowledged, "after call {failing}");
        for step in &steps()[acknowledged..] {
            step(&mut ledger).unwrap();
        }
        ledger.verify().unwrap();
        assert_eq!(content(&ledger).unwrap(), expected, "after call {failing}");
        if calls.load(Ordering::Relaxed) <= failing {
            assert!(failing > 50, "the steps write more often than {failing} times");
            return;
        }
    }
}

#[test]
fn held_versions_are_listed_read_released_and_discarded() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let (one, other) =
        (ledger.hold(&held(), b"id,name", "a").unwrap(), ledger.hold(&held(), b"id,name", "a").unwrap());
    assert!(matches!(ledger.hold(&held(), b"other", "a"), Err(LedgerError::Misuse(_))));
    assert_eq!(
        ledger.held().unwrap().iter().map(|info| (info.id, info.size)).collect::<Vec<_>>(),
        [(one, 7), (other, 7)]
    );
    assert_eq!(ledger.held_version(one).unwrap().bytes, b"id,name");
    assert_eq!(ledger.held_version(one).unwrap().held, held());
    let mut batch = ledger.begin(header(day(3))).unwrap();
    batch.release_held(one).unwrap();
    drop(batch);
    assert_eq!(ledger.held().unwrap().len(), 2, "a dropped batch releases nothing");
    let mut batch = ledger.begin(header(day(3))).unwrap();
    batch.release_held(one).unwrap();
    batch.finish(&model::Coverage::default()).unwrap();
    ledger.discard_held(other, "b", KnownAt::parse("2031-01-01").unwrap()).unwrap();
    assert!(matches!(ledger.discard_held(other, "b", day(4)), Err(LedgerError::NoSuchHeld(2))));
    assert!(matches!(ledger.held_version(one), Err(LedgerError::NoSuchHeld(1))));
    assert_eq!(ledger.held().unwrap(), []);
    let words: Vec<&str> = ledger.held_events().unwrap().iter().map(|event| event.action.word()).collect();
    assert_eq!(words, ["held", "held", "released", "discarded"]);
    ledger.verify().unwrap();
}

/// Commits of a group: a call that fails gives up its own commit; the ones before stand once the group is closed, or none does.
#[test]
fn a_group_stands_from_its_beginning() {
    let batches = || {
        let one =
            |at: i64, op: Op, score| (day(at), vec![op], vec![outcome(pair("P1", "E1", day(0)), score)]);
        [
            one(1, person("P1", "border", "Ana Velkova"), Some(1)),
            one(1, person("P2", "border", "Bo Marn"), Some(2)),
            one(2, delete("entity", "P1"), None),
        ]
    };
    let alone = |number: usize| {
        let (_folder, path) = in_folder("alone.lookback");
        let mut ledger = Ledger::create(&path).unwrap();
        batches().iter().take(number).for_each(|(at, ops, found)| drop(commit(&mut ledger, *at, ops, found)));
        content(&ledger).unwrap()
    };
    let mut none_left = false;
    for failing in 0.. {
        let (_folder, path) = in_folder("store.lookback");
        drop(Ledger::create(&path).unwrap());
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let faults = Box::new(move |_: &'static str| counted.fetch_add(1, Ordering::Relaxed) == failing);
        let mut ledger = Ledger::open_with_faults(&path, faults).unwrap();
        ledger.open_group().unwrap();
        let mut done = 0;
        for (at, ops, found) in batches() {
            if commit(&mut ledger, at, &ops, &found).is_err() {
                break;
            }
            done += 1;
        }
        let stands = ledger.close_group().map_or(0, |()| done);
        drop(ledger);
        let ledger = Ledger::open(&path, Access::Write).unwrap();
        assert_eq!(ledger.commits().unwrap().len(), stands, "failing call {failing}");
        assert_eq!(content(&ledger).unwrap(), alone(stands), "failing call {failing}");
        ledger.verify().unwrap();
        none_left |= done == 3 && stands == 0;
        if calls.load(Ordering::Relaxed) <= failing {
            assert_eq!(stands, 3);
            break;
        }
    }
    assert!(none_left, "closing the group failed once");
}
