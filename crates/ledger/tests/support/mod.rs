//! What the tests share: short ways to write records, and a ledger that is a list of lines and nothing else.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use lookback_ledger::{Batch, Ledger, LedgerError, RowChange};
use model::{
    AlertChange, Cause, CauseKind, CommitHeader, Coverage, DatasetName, Engine, EntityId, Fingerprint,
    Identity, Key, KnownAt, Line, Op, Outcome, Pair, Record, Score,
};

/// Day `n` after an arbitrary first one.
pub fn day(n: i64) -> KnownAt {
    KnownAt::from_micros((20_000 + n) * 86_400_000_000)
}

pub fn header(known_at: KnownAt) -> CommitHeader {
    CommitHeader {
        known_at,
        actor: "Ilva Brandt".into(),
        purpose: "test".into(),
        sources: Vec::new(),
        engine: Engine { engine: "1".into(), tables: "1".into() },
    }
}

/// An operation from the fields of its journal line.
pub fn op(fields: &str) -> Op {
    let text = format!(r#"{{"known_at":"2031-01-01",{fields}}}"#);
    Line::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}")).op
}

pub fn person(id: &str, dataset: &str, name: &str) -> Op {
    op(&format!(
        r#""op":"put","kind":"entity","dataset":"{dataset}","entity":{{"id":"{id}","schema":"Person","properties":{{"name":["{name}"]}}}}"#
    ))
}

pub fn link(id: &str, subject: &str, object: &str, role: &str) -> Op {
    op(&format!(
        r#""op":"put","kind":"entity","dataset":"intel","entity":{{"id":"{id}","schema":"UnknownLink","properties":{{"subject":["{subject}"],"object":["{object}"],"role":["{role}"]}}}}"#
    ))
}

pub fn observation(id: &str, subject: &str, value: &str) -> Op {
    op(&format!(
        r#""op":"put","kind":"observation","id":"{id}","subject":"{subject}","relation":"used","attribute":{{"kind":"phone","value":"{value}"}}"#
    ))
}

pub fn event(id: &str, subject: &str, event: &str, at: &str) -> Op {
    op(&format!(
        r#""op":"put","kind":"event","id":"{id}","subject":"{subject}","event":"{event}","at":"{at}","source":"test""#
    ))
}

pub fn delete(kind: &str, id: &str) -> Op {
    op(&format!(r#""op":"delete","kind":"{kind}","id":"{id}","reason":"test""#))
}

pub fn decision(id: &str, subject: &str, reason: &str) -> Op {
    op(&format!(
        r#""op":"put","kind":"decision","id":"{id}","by":"amon","act":"legal_hold","subject":"{subject}","reason":"{reason}""#
    ))
}

pub fn put_generic(value: &str, reason: &str) -> Op {
    op(&format!(
        r#""op":"put","kind":"generic","attribute":{{"kind":"phone","value":"{value}"}},"reason":"{reason}""#
    ))
}

pub fn delete_generic(value: &str) -> Op {
    op(&format!(r#""op":"delete","kind":"generic","attribute":{{"kind":"phone","value":"{value}"}}"#))
}

pub fn identity(id: &str, born: KnownAt) -> Identity {
    Identity { id: EntityId::new(id).unwrap(), born }
}

pub fn pair(subject: &str, entry: &str, born: KnownAt) -> Pair {
    pair_in(subject, "border", entry, born)
}

pub fn pair_in(subject: &str, dataset: &str, entry: &str, born: KnownAt) -> Pair {
    let list = DatasetName::new("list").unwrap();
    Pair {
        subject: identity(subject, born),
        dataset: DatasetName::new(dataset).unwrap(),
        cause: Cause { kind: CauseKind::Name, dataset: list, entry: identity(entry, born) },
    }
}

pub fn outcome(pair: Pair, score: Option<u32>) -> Outcome {
    Outcome { pair, alert: score.map(|score| (Score(score), Fingerprint([score as u8; 16]))) }
}

/// Commits operations and outcomes as one batch.
pub fn commit(
    ledger: &mut Ledger,
    known_at: KnownAt,
    ops: &[Op],
    outcomes: &[Outcome],
) -> Result<(Vec<RowChange>, Vec<AlertChange>), LedgerError> {
    let mut batch: Batch<'_> = ledger.begin(header(known_at))?;
    for (op, line) in ops.iter().zip(1..) {
        batch.stage(op, line)?;
    }
    let rows = batch.resolve()?;
    let alerts = batch.record_outcomes(outcomes)?;
    let coverage = Coverage { subjects: rows.len() as u64, ..Coverage::default() };
    batch.finish(&coverage)?;
    Ok((rows, alerts))
}

/// Everything that a user can see in a ledger, but for salts and hashes. The states as of each commit are those of the last twenty.
pub fn content(ledger: &Ledger) -> Result<String, LedgerError> {
    let mut text = String::new();
    ledger.export(&mut |line| {
        text += &line.to_json();
        text.push('\n');
        Ok(())
    })?;
    let commits = ledger.commits()?;
    for commit in &commits {
        let coverage = ledger.coverage(commit.seq)?;
        writeln!(
            text,
            "{} {:?} {:?} {:?} {coverage:?}",
            commit.seq, commit.header, commit.counts, commit.policy
        )
        .expect("a string takes text");
        for change in ledger.alert_changes(commit.header.known_at.previous(), commit.header.known_at)? {
            writeln!(text, "{change:?}").expect("a string takes text");
        }
    }
    for commit in &commits[commits.len().saturating_sub(20)..] {
        let view = ledger.as_of(commit.header.known_at);
        writeln!(text, "{:?} {}", view.alerts()?, view.count_entities(None)?).expect("a string takes text");
        view.entities(None, &mut |version| {
            writeln!(text, "{:?} {:?}", version.identity(), version.until).expect("a string takes text");
            Ok(())
        })?;
    }
    writeln!(text, "{:?} {:?}", ledger.held()?, ledger.held_events()?).expect("a string takes text");
    Ok(text)
}

pub fn in_folder(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

/// A kept line of the oracle.
#[derive(Clone)]
pub struct Kept {
    pub known_at: KnownAt,
    pub op: Op,
    pub row: u64,
}

/// The slow, obvious ledger: a list of lines, and the words of the rules.
#[derive(Default, Clone)]
pub struct Oracle {
    pub lines: Vec<Kept>,
}

impl Oracle {
    /// Keeps a line, unless it is a put that this batch has; whether it was kept.
    pub fn keep(&mut self, known_at: KnownAt, op: &Op) -> bool {
        let same = |line: &&Kept| matches!(op, Op::Put(_)) && line.known_at == known_at && line.op == *op;
        if self.lines.iter().any(|line| same(&line)) {
            return false;
        }
        let row = self.lines.len() as u64 + 1;
        self.lines.push(Kept { known_at, op: op.clone(), row });
        true
    }

    /// Whether a line puts a key.
    pub fn puts(line: &Kept, key: &Key) -> bool {
        matches!(&line.op, Op::Put(record) if record.key() == *key)
    }

    /// The put of a key at a time, if there is one.
    pub fn put_at(&self, key: &Key, known_at: KnownAt) -> Option<&Kept> {
        let put = |line: &&Kept| matches!(&line.op, Op::Put(record) if record.key() == *key);
        self.lines.iter().filter(put).find(|line| line.known_at == known_at)
    }

    /// "A put is in force at T when it is the latest put of its key known at T and no delete of that key has a later `known_at`
    /// up to T", nor has a delete of an entity that it names.
    pub fn in_force(&self, key: &Key, at: KnownAt) -> Option<&Kept> {
        let put = |line: &&Kept| matches!(&line.op, Op::Put(record) if record.key() == *key);
        let latest = self
            .lines
            .iter()
            .filter(put)
            .filter(|line| line.known_at <= at)
            .max_by_key(|line| line.known_at)?;
        let ended = Self::ending(key, latest).iter().any(|key| self.deleted(key, latest.known_at.next(), at));
        (!ended).then_some(latest)
    }

    fn ending(key: &Key, put: &Kept) -> Vec<Key> {
        let Op::Put(record) = &put.op else { unreachable!("a put") };
        let named = record.names().into_iter().map(|id| Key::entity(&EntityId::new(id).unwrap()));
        let named = named.filter(|_| record.kind().deletable());
        std::iter::once(key.clone()).chain(named).collect()
    }

    fn deleted(&self, key: &Key, from: KnownAt, to: KnownAt) -> bool {
        let delete = |line: &&Kept| matches!(&line.op, Op::Delete(deletion) if deletion.key == *key);
        self.lines.iter().filter(delete).any(|line| line.known_at >= from && line.known_at <= to)
    }

    /// "A later put of the same id is a new identity. A put without a delete is an update of the same identity."
    pub fn born(&self, key: &Key, put: &Kept) -> KnownAt {
        let at = put.known_at;
        match self.in_force(key, at.previous()) {
            Some(before) if !Self::ending(key, before).iter().any(|key| self.deleted(key, at, at)) => {
                self.born(key, before)
            }
            _ => at,
        }
    }

    /// Every key in force at a time: its row and when its identity was born.
    pub fn state(&self, at: KnownAt) -> BTreeMap<Key, (u64, KnownAt)> {
        let keys: std::collections::BTreeSet<Key> = self.lines.iter().map(|line| line.op.key()).collect();
        let state = |key: Key| {
            let put = self.in_force(&key, at)?;
            let (row, born) = (put.row, self.born(&key, put));
            Some((key, (row, born)))
        };
        keys.into_iter().filter_map(state).collect()
    }

    pub fn record(&self, row: u64) -> &Record {
        match &self.lines[row as usize - 1].op {
            Op::Put(record) => record,
            Op::Delete(_) => panic!("row {row} is a delete"),
        }
    }
}
