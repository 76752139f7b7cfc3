//! Random journals against the slow, obvious ledger: what is in force, since when and as which identity, at every time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use lookback_ledger::{Access, Deed, Known, Ledger, LedgerError, RowChange, RowId};
use model::{Attribute, DatasetName, EntityId, Key, KnownAt, Line, Op, Record, RecordKind};
use proptest::prelude::*;
use support::{
    Oracle, commit, content, day, decision, delete, delete_generic, event, in_folder, link, observation,
    person, put_generic,
};

const CASES: u32 = if cfg!(feature = "long") { 2000 } else { 64 };

/// One of a few keys, so that journals put, replace and delete the same things.
#[derive(Debug, Clone)]
enum Step {
    Person { id: u8, text: u8 },
    Link { id: u8, ends: (u8, u8), text: u8 },
    Observation { id: u8, subject: u8, text: u8 },
    Event { id: u8, subject: u8, text: u8 },
    Generic { id: u8, text: u8 },
    DeletePerson(u8),
    DeleteLink(u8),
    DeleteObservation(u8),
    DeleteGeneric(u8),
}

impl Step {
    fn op(&self) -> Op {
        let name = |id: &u8| format!("P{id}");
        match self {
            Self::Person { id, text } => {
                person(&name(id), ["border", "list"][usize::from(text % 2)], &format!("Orlo {text}"))
            }
            Self::Link { id, ends: (from, to), text } => {
                link(&format!("L{id}"), &name(from), &name(to), &format!("r{text}"))
            }
            Self::Observation { id, subject, text } => {
                observation(&format!("O{id}"), &name(subject), &format!("{text}"))
            }
            Self::Event { id, subject, text } => {
                event(&format!("V{id}"), &name(subject), &format!("e{text}"), "2031-01-01")
            }
            Self::Generic { id, text } => put_generic(&format!("{id}"), &format!("{text}")),
            Self::DeletePerson(id) => delete("entity", &name(id)),
            Self::DeleteLink(id) => delete("entity", &format!("L{id}")),
            Self::DeleteObservation(id) => delete("observation", &format!("O{id}")),
            Self::DeleteGeneric(id) => delete_generic(&format!("{id}")),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (person, other, text) = (0..4u8, 0..2u8, 0..3u8);
    prop_oneof![
        4 => (person.clone(), text.clone()).prop_map(|(id, text)| Step::Person { id, text }),
        3 => (other.clone(), (0..4u8, 0..4u8), text.clone()).prop_map(|(id, ends, text)| Step::Link { id, ends, text }),
        3 => (other.clone(), person.clone(), text.clone())
            .prop_map(|(id, subject, text)| Step::Observation { id, subject, text }),
        2 => (other.clone(), person.clone(), text.clone())
            .prop_map(|(id, subject, text)| Step::Event { id, subject, text }),
        1 => (other.clone(), text).prop_map(|(id, text)| Step::Generic { id, text }),
        3 => person.prop_map(Step::DeletePerson),
        1 => other.clone().prop_map(Step::DeleteLink),
        1 => other.clone().prop_map(Step::DeleteObservation),
        1 => other.prop_map(Step::DeleteGeneric),
    ]
}

/// Commits as (days after the one before, steps); no days later joins the batch.
fn journal() -> impl Strategy<Value = Vec<(i64, Vec<Step>)>> {
    prop::collection::vec((0..3i64, prop::collection::vec(step(), 0..6)), 1..12)
}

/// Operations by commit, without differing puts of a key at one time: the first one's content is taken for all.
fn commits_of(journal: &[(i64, Vec<Step>)]) -> Vec<(KnownAt, Vec<Op>)> {
    let mut at = 0;
    let mut puts: BTreeMap<(i64, Key), Op> = BTreeMap::new();
    let mut commits = Vec::new();
    for (days, steps) in journal {
        at += days;
        let of_this_time = |step: &Step| {
            let op = step.op();
            if matches!(op, Op::Delete(_)) { op } else { puts.entry((at, op.key())).or_insert(op).clone() }
        };
        commits.push((day(at), steps.iter().map(of_this_time).collect()));
    }
    commits
}

/// What a view holds, by key.
fn state(ledger: &Ledger, at: KnownAt) -> BTreeMap<Key, (u64, KnownAt)> {
    let view = ledger.as_of(at);
    let mut state = BTreeMap::new();
    for kind in RecordKind::ALL {
        view.records(kind, &mut |row, record| {
            assert!(state.insert(record.key(), (row.0, KnownAt::MIN)).is_none(), "two versions in force");
            Ok(())
        })
        .unwrap();
    }
    let mut last = 0;
    view.entities(None, &mut |version| {
        assert!(version.row.0 > last, "entities come in order of row");
        last = version.row.0;
        let key = Key::entity(&version.record.entity.id);
        assert_eq!(state[&key].0, version.row.0);
        assert!(version.from <= at && version.until.is_none_or(|until| until > at));
        assert_eq!(view.entity(&version.record.entity.id).unwrap().as_ref(), Some(&version));
        assert_eq!(ledger.version(version.row).unwrap(), version);
        state.insert(key, (version.row.0, version.born));
        Ok(())
    })
    .unwrap();
    state
}

/// The oracle's state as `state` shows it: only entities show when they were born.
fn expected(oracle: &Oracle, at: KnownAt) -> BTreeMap<Key, (u64, KnownAt)> {
    let shown = |(key, (row, born)): (Key, (u64, KnownAt))| {
        let born = if key.kind == RecordKind::Entity { born } else { KnownAt::MIN };
        (key, (row, born))
    };
    oracle.state(at).into_iter().map(shown).collect()
}

fn differences(
    before: &BTreeMap<Key, (u64, KnownAt)>,
    after: &BTreeMap<Key, (u64, KnownAt)>,
) -> Vec<RowChange> {
    let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    let change = |key: &Key| {
        let (old, new) = (before.get(key), after.get(key));
        let reborn = old.zip(new).is_some_and(|(old, new)| old.1 != new.1);
        let row = |state: Option<&(u64, KnownAt)>| state.map(|(row, _)| RowId(*row));
        (old != new).then(|| RowChange { kind: key.kind, before: row(old), after: row(new), reborn })
    };
    let mut changes: Vec<RowChange> = keys.into_iter().filter_map(change).collect();
    changes.sort_by_key(|change| change.after.or(change.before));
    changes
}

fn times(commits: &[(KnownAt, Vec<Op>)]) -> Vec<KnownAt> {
    let around = |at: &KnownAt| [at.previous(), *at];
    commits.iter().flat_map(|(at, _)| around(at)).chain([KnownAt::MAX]).collect()
}

fn check_counts(ledger: &Ledger, oracle: &Oracle, at: KnownAt) {
    for dataset in ["border", "list", "intel"] {
        let of = |row: &u64| matches!(oracle.record(*row), Record::Entity(record) if record.dataset.as_str() == dataset);
        let expected = oracle.state(at).values().filter(|(row, _)| of(row)).count() as u64;
        let name = DatasetName::new(dataset).unwrap();
        assert_eq!(ledger.as_of(at).count_entities(Some(&name)).unwrap(), expected);
        let mut read = 0;
        let mut count = |_| {
            read += 1;
            Ok(())
        };
        ledger.as_of(at).entities(Some(&name), &mut count).unwrap();
        assert_eq!(read, expected);
    }
}

/// Who is named by what, and what was first put under an id.
fn check_names(ledger: &Ledger, oracle: &Oracle, at: KnownAt) {
    let (view, in_force) = (ledger.as_of(at), oracle.state(at));
    for id in (0..4).map(|id| EntityId::new(&format!("P{id}")).unwrap()) {
        for kind in RecordKind::ALL {
            let names_it = |row: &&u64| {
                let record = oracle.record(**row);
                record.kind() == kind && record.names().contains(&id.as_str())
            };
            let rows: BTreeSet<u64> =
                in_force.values().map(|(row, _)| row).filter(names_it).copied().collect();
            let expected = rows.iter().map(|row| Known {
                row: RowId(*row),
                known_at: oracle.lines[*row as usize - 1].known_at,
                record: oracle.record(*row).clone(),
            });
            let mut found = Vec::new();
            view.naming(&id, kind, &mut |known| {
                found.push(known);
                Ok(())
            })
            .unwrap();
            assert_eq!(found, expected.collect::<Vec<_>>());
        }
        let key = Key::entity(&id);
        let first = oracle.lines.iter().find(|line| line.known_at <= at && Oracle::puts(line, &key));
        let found = view.first_version(&id).unwrap().map(|version| version.row.0);
        assert_eq!(found, first.map(|line| line.row));
    }
}

/// Who was seen with what.
fn check_attributes(ledger: &Ledger, oracle: &Oracle, at: KnownAt) {
    let (view, in_force) = (ledger.as_of(at), oracle.state(at));
    for value in 0..4 {
        let attribute = Attribute { kind: "phone".into(), value: value.to_string() };
        let of_it =
            |row: &u64| matches!(oracle.record(*row), Record::Observation(o) if o.attribute == attribute);
        let expected: BTreeSet<u64> = in_force.values().map(|(row, _)| *row).filter(of_it).collect();
        let mut found = BTreeSet::new();
        view.on_attribute(&attribute, &mut |known| {
            found.insert(known.row.0);
            Ok(())
        })
        .unwrap();
        assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_is_the_obvious_one(journal in journal()) {
        let commits = commits_of(&journal);
        let (_folder, path) = in_folder("store.lookback");
        let mut ledger = Ledger::create(&path).unwrap();
        let mut oracle = Oracle::default();
        let mut past = vec![oracle.clone()];
        for (at, ops) in &commits {
            let before = oracle.state(KnownAt::MAX);
            let kept = ops.iter().filter(|op| oracle.keep(*at, op)).count() as u64;
            let (changes, _) = commit(&mut ledger, *at, ops, &[]).unwrap();
            prop_assert_eq!(changes, differences(&before, &oracle.state(KnownAt::MAX)));
            let counts = ledger.head().unwrap().unwrap().counts;
            prop_assert_eq!((counts.puts + counts.deletes, counts.collapsed), (kept, ops.len() as u64 - kept));
            prop_assert_eq!(state(&ledger, KnownAt::MAX), expected(&oracle, KnownAt::MAX));
            past.push(oracle.clone());
        }
        for at in times(&commits) {
            prop_assert_eq!(state(&ledger, at), expected(&oracle, at));
            check_counts(&ledger, &oracle, at);
            check_names(&ledger, &oracle, at);
            check_attributes(&ledger, &oracle, at);
        }
        check_rows_since(&ledger, &past);
        ledger.verify().unwrap();
    }

    #[test]
    fn order_within_a_time_means_nothing(journal in journal(), seed in any::<u64>()) {
        let commits = commits_of(&journal);
        let (_folder, path) = in_folder("store.lookback");
        let mut ledger = Ledger::create(&path).unwrap();
        for (at, ops) in &commits {
            commit(&mut ledger, *at, ops, &[]).unwrap();
        }
        let (_other_folder, path) = in_folder("other.lookback");
        let mut other = Ledger::create(&path).unwrap();
        for (at, ops) in scrambled(&ledger, seed) {
            commit(&mut other, at, &ops, &[]).unwrap();
        }
        for at in times(&commits) {
            prop_assert_eq!(by_content(&ledger, at), by_content(&other, at));
        }
        other.verify().unwrap();
    }
}

/// The journal as exported, the lines of each time in another order and in other commits.
fn scrambled(ledger: &Ledger, seed: u64) -> Vec<(KnownAt, Vec<Op>)> {
    let mut lines = Vec::new();
    ledger
        .export(&mut |line: &Line| {
            lines.push(Line::from_json(line.to_json().as_bytes()).unwrap());
            Ok(())
        })
        .unwrap();
    assert!(lines.is_sorted_by_key(|line| line.known_at));
    let mut state = seed | 1;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut keyed: Vec<(KnownAt, u64, Op)> =
        lines.into_iter().map(|line| (line.known_at, random(), line.op)).collect();
    keyed.sort_by_key(|(at, order, _)| (*at, *order));
    let mut commits: Vec<(KnownAt, Vec<Op>)> = Vec::new();
    for (at, _, op) in keyed {
        match commits.last_mut() {
            Some((last, ops)) if *last == at && random() % 3 > 0 => ops.push(op),
            _ => commits.push((at, vec![op])),
        }
    }
    commits
}

fn by_content(ledger: &Ledger, at: KnownAt) -> BTreeMap<Key, (Vec<u8>, KnownAt)> {
    let mut content = BTreeMap::new();
    for kind in RecordKind::ALL {
        let each = &mut |_, record: Record| {
            content.insert(record.key(), (record.to_bytes(), KnownAt::MIN));
            Ok(())
        };
        ledger.as_of(at).records(kind, each).unwrap();
    }
    for (key, (_, born)) in state(ledger, at) {
        content.entry(key).and_modify(|entry| entry.1 = born);
    }
    content
}

fn check_rows_since(ledger: &Ledger, past: &[Oracle]) {
    for kind in RecordKind::ALL {
        check_rows_of_kind_since(ledger, past, kind);
    }
}

fn check_rows_of_kind_since(ledger: &Ledger, past: &[Oracle], kind: RecordKind) {
    let of_kind = |oracle: &Oracle| -> Vec<u64> {
        let state = oracle.state(KnownAt::MAX);
        let mut rows: Vec<u64> =
            state.iter().filter(|(key, _)| key.kind == kind).map(|(_, (row, _))| *row).collect();
        rows.sort_unstable();
        rows
    };
    let now = of_kind(past.last().unwrap());
    for (seq, oracle) in past.iter().enumerate() {
        let then = of_kind(oracle);
        let since = ledger.rows_since(seq as u64, kind).unwrap();
        let only = |a: &[u64], b: &[u64]| {
            a.iter().filter(|row| !b.contains(row)).map(|row| RowId(*row)).collect::<Vec<_>>()
        };
        assert_eq!((since.added, since.ended), (only(&now, &then), only(&then, &now)));
    }
}

#[test]
fn differing_puts_of_one_key_name_both_lines() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let (one, other) = (person("P1", "border", "Ana Velkova"), person("P1", "border", "Ana Velkov"));
    let error = commit(&mut ledger, day(1), &[one.clone(), one.clone(), other.clone()], &[]).unwrap_err();
    assert!(matches!(error, LedgerError::Conflict { first: 1, second: 3, earlier: None, .. }), "{error}");
    assert!(!error.to_string().contains("Velkov") && !error.to_string().contains("P1"));
    assert!(ledger.head().unwrap().is_none(), "nothing is left of a refused batch");
    commit(&mut ledger, day(1), std::slice::from_ref(&one), &[]).unwrap();
    let error = commit(&mut ledger, day(1), &[other], &[]).unwrap_err();
    assert!(matches!(error, LedgerError::Conflict { first: 1, second: 1, earlier: Some(1), .. }), "{error}");
    commit(&mut ledger, day(1), &[one], &[]).unwrap();
    assert_eq!(ledger.head().unwrap().unwrap().counts.collapsed, 1);
}

#[test]
fn what_was_written_of_a_key_is_found_by_known_time() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let people = |text: &str| ["P1", "P2"].map(|id| person(id, "border", text));
    commit(&mut ledger, day(1), &people("Ana Velkova"), &[]).unwrap();
    commit(&mut ledger, day(2), &people("Ina Velkova"), &[]).unwrap();
    commit(&mut ledger, day(2), &[delete("entity", "P1"), observation("O1", "P2", "1")], &[]).unwrap();
    let keys: BTreeSet<Key> = ["P1", "P3"].map(|id| Key::entity(&EntityId::new(id).unwrap())).into();
    let written = |at: i64| -> Vec<(u64, Deed)> {
        let written = ledger.written(day(at), &keys).unwrap();
        assert!(written.iter().all(|written| &*written.key.text == "P1"));
        written.iter().map(|written| (written.line, written.deed)).collect()
    };
    assert_eq!(written(1), [(1, Deed::Put)]);
    assert_eq!(written(2), [(1, Deed::Put), (1, Deed::Delete)]);
    assert_eq!((written(0), written(3)), (vec![], vec![]));
}

#[test]
fn known_at_never_runs_back() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    commit(&mut ledger, day(2), &[person("P1", "border", "Ana Velkova")], &[]).unwrap();
    let error = commit(&mut ledger, day(1), &[], &[]).unwrap_err();
    assert!(matches!(error, LedgerError::RunsBack { .. }));
    assert!(error.to_string().contains("merge the journals"), "{error}");
    commit(&mut ledger, day(2), &[], &[]).unwrap();
}

#[test]
fn a_failed_batch_takes_nothing_more() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let mut batch = ledger.begin(support::header(day(1))).unwrap();
    batch.stage(&person("P1", "border", "Ana Velkova"), 1).unwrap();
    batch.stage(&person("P1", "border", "Ina Velkova"), 2).unwrap_err();
    assert!(matches!(batch.stage(&person("P2", "border", "Bo"), 3), Err(LedgerError::Misuse(_))));
    assert!(matches!(batch.finish(&model::Coverage::default()), Err(LedgerError::Misuse(_))));
    assert!(ledger.head().unwrap().is_none());
}

#[test]
fn policies_datasets_and_sources_are_found() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let policy = |text: &str| Op::Put(Record::Policy(model::PolicyRecord { text: text.into() }));
    let dataset = support::op(r#""op":"put","kind":"dataset","name":"border","role":"population""#);
    commit(&mut ledger, day(1), &[dataset], &[]).unwrap();
    commit(&mut ledger, day(2), &[policy("a = 1")], &[]).unwrap();
    let mut header = support::header(day(3));
    let digest = model::Digest::of(b"file");
    header.sources.push(model::SourceFile { name: "people.csv".into(), digest });
    ledger.begin(header).unwrap().finish(&model::Coverage::default()).unwrap();
    assert_eq!(ledger.as_of(day(1)).policy().unwrap(), None);
    assert_eq!(ledger.as_of(day(2)).policy().unwrap().unwrap().text, "a = 1");
    let name = DatasetName::new("border").unwrap();
    assert_eq!(ledger.as_of(day(1)).dataset(&name).unwrap().unwrap().name, name);
    assert_eq!(ledger.as_of(day(0)).datasets().unwrap(), []);
    assert!(ledger.has_source(digest, day(3)).unwrap() && !ledger.has_source(digest, day(2)).unwrap());
    let commits = ledger.commits().unwrap();
    assert_eq!(commits[0].policy, None);
    assert_eq!(commits[2].policy, Some(model::Digest::of(b"a = 1")));
    assert_eq!(ledger.commit(2).unwrap().as_ref(), Some(&commits[1]));
    assert_eq!(ledger.as_of(KnownAt::MAX).entity(&EntityId::new("nobody").unwrap()).unwrap(), None);
    ledger.verify().unwrap();
}

#[test]
fn a_reader_sees_whole_commits_while_another_writes() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    commit(&mut ledger, day(1), &[person("P1", "border", "Ana Velkova")], &[]).unwrap();
    assert!(matches!(Ledger::open(&path, Access::Write), Err(LedgerError::Busy(_))));
    let reader = Ledger::open(&path, Access::Read).unwrap();
    let mut batch = ledger.begin(support::header(day(2))).unwrap();
    batch.stage(&person("P2", "border", "Bo Lindqvist-Aru"), 1).unwrap();
    batch.resolve().unwrap();
    let count = |ledger: &Ledger| ledger.as_of(KnownAt::MAX).count_entities(None).unwrap();
    assert_eq!(count(&reader), 1);
    reader
        .snapshot(|reader| {
            batch.finish(&model::Coverage::default())?;
            assert_eq!(count(reader), 2, "the snapshot begins with its first read");
            Ok::<_, LedgerError>(())
        })
        .unwrap();
    let seen = content(&reader).unwrap();
    reader
        .snapshot(|reader| {
            assert_eq!(count(reader), 2);
            commit(&mut ledger, day(3), &[person("P3", "border", "Cleo Marn")], &[])?;
            assert_eq!(content(reader)?, seen);
            Ok::<_, LedgerError>(())
        })
        .unwrap();
    assert_eq!(count(&reader), 3);
    let mut reader = reader;
    assert!(matches!(reader.begin(support::header(day(4))), Err(LedgerError::ReadOnly)));
    drop(ledger);
    Ledger::open(&path, Access::Write).unwrap();
}

#[test]
fn a_decision_is_never_put_anew() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    commit(&mut ledger, day(1), &[person("P1", "border", "Ana Velkova"), decision("D1", "P1", "court")], &[])
        .unwrap();
    let anew = commit(&mut ledger, day(2), &[decision("D1", "P1", "none")], &[]);
    assert!(
        matches!(anew, Err(LedgerError::Conflict { first: 2, second: 1, earlier: Some(1), .. })),
        "{anew:?}"
    );
    // The same again is the same; and what it is about may go, it stays.
    commit(&mut ledger, day(2), &[decision("D1", "P1", "court"), delete("entity", "P1")], &[]).unwrap();
    let view = ledger.as_of(KnownAt::MAX);
    let kept = view.decisions_on(&Key::entity(&EntityId::new("P1").unwrap())).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].known_at, day(1));
    ledger.verify().unwrap();
}

#[test]
fn a_commit_of_decisions_alone_repeats_the_coverage_before_it() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    commit(&mut ledger, day(1), &[person("P1", "border", "Ana Velkova")], &[]).unwrap();
    let screened = ledger.coverage(1).unwrap().unwrap();
    for (seq, id) in [(2, "D1"), (3, "D2")] {
        let mut batch = ledger.begin(support::header(day(seq))).unwrap();
        batch.stage(&decision(id, "P1", "court"), 1).unwrap();
        batch.finish_decided().unwrap();
        let coverage = ledger.coverage(seq.unsigned_abs()).unwrap().unwrap();
        assert_eq!((coverage.repeats, coverage.subjects), (Some(1), screened.subjects));
    }
    assert_eq!(ledger.screened_at().unwrap(), Some(day(1)));
    let mut batch = ledger.begin(support::header(day(4))).unwrap();
    batch.stage(&person("P2", "border", "Bo Marn"), 1).unwrap();
    assert!(matches!(batch.finish_decided(), Err(LedgerError::Misuse(_))));
    ledger.verify().unwrap();
}
