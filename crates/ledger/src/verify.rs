//! The proof that nothing was altered: every commit is recomputed from its rows, and everything kept beside the journal from the
//! journal.
//!
//! In: a store. Out: how much was checked, or the first commit that does not hold and what is wrong with it. The replay here is
//! written from the rules and shares no code with the batch that wrote the tables. Memory: about a hundred bytes per key in force.

use std::collections::{BTreeMap, BTreeSet};

use model::{Commit, Digest, Digester, KnownAt, Record, RecordKind};
use rusqlite::Row;
use rustc_hash::FxHashMap;

use crate::batch::{Content, commit_hash};
use crate::error::Doing;
use crate::ledger::{COMMIT, commit};
use crate::row::{DELETE, KeyDigest, PUT, RowContent, kind_code, kind_of, op_of, record_of};
use crate::schema::STEPS;
use crate::store::Store;
use crate::{Ledger, LedgerError, RowId, book, held, reject};

/// How much was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Commits.
    pub commits: u64,
    /// Rows of the journal.
    pub rows: u64,
    /// Changes of alerts, superseded ones among them.
    pub alert_changes: u64,
}

impl Ledger {
    /// Recomputes everything. The error names the first commit that does not hold.
    pub fn verify(&self) -> Result<Verified, LedgerError> {
        self.store.snapshot(|| self.verify_snapshot())
    }

    fn verify_snapshot(&self) -> Result<Verified, LedgerError> {
        check_schema(&self.store)?;
        let mut audit = Audit::new(&self.store);
        let sql = format!("SELECT {COMMIT} ORDER BY seq");
        self.store.each("verifying commits", &sql, [], |row| {
            let seq = audit.seq + 1;
            audit.commit(row).map_err(|error| error.at_commit(seq))
        })?;
        audit.finish()?;
        held::verify(&self.store)?;
        check_file(&self.store)?;
        Ok(audit.verified)
    }
}

/// A version in force.
#[derive(Clone, Copy)]
struct Live {
    row: RowId,
    born: KnownAt,
    dataset: Option<u32>,
}

/// What the commits of the current time say about a key.
#[derive(Default)]
struct Touched {
    before: Option<Live>,
    put: Option<Live>,
    deleted: bool,
}

struct Audit<'a> {
    store: &'a Store,
    verified: Verified,
    seq: u64,
    known_at: KnownAt,
    hash: Digest,
    row_last: i64,
    policy: Option<Digest>,
    /// What was in force strictly before the current time.
    live: FxHashMap<KeyDigest, Live>,
    touched: BTreeMap<KeyDigest, Touched>,
    /// By the entity that they name: rows that go with it.
    dependents: FxHashMap<KeyDigest, Vec<(KeyDigest, RowId)>>,
    datasets: Vec<String>,
    tallies: BTreeMap<u32, i64>,
    kept: Kept,
    book: BookAudit<'a>,
}

/// How many rows the tables beside the journal must have.
#[derive(Default)]
struct Kept {
    versions: i64,
    refs: i64,
    tallies: i64,
    in_force: i64,
}

/// A row of the journal as read.
struct JournalRow {
    row: i64,
    op: i64,
    kind: RecordKind,
    key: String,
    payload: String,
}

fn wrong<T>(what: impl std::fmt::Display) -> Result<T, LedgerError> {
    Err(LedgerError::corrupt(what))
}

/// `Ok` when the condition holds.
fn hold(condition: bool, what: impl FnOnce() -> String) -> Result<(), LedgerError> {
    if condition { Ok(()) } else { wrong(what()) }
}

impl<'a> Audit<'a> {
    fn new(store: &'a Store) -> Self {
        Self {
            store,
            verified: Verified::default(),
            seq: 0,
            known_at: KnownAt::MIN,
            hash: Digest::ZERO,
            row_last: 0,
            policy: None,
            live: FxHashMap::default(),
            touched: BTreeMap::new(),
            dependents: FxHashMap::default(),
            datasets: Vec::new(),
            tallies: BTreeMap::new(),
            kept: Kept::default(),
            book: BookAudit { store, alerts: FxHashMap::default() },
        }
    }

    fn commit(&mut self, columns: &Row<'_>) -> Result<(), LedgerError> {
        let doing = "verifying commits";
        let commit = commit(columns)?;
        let row_last: i64 = columns.get(15).doing(doing)?;
        let coverage: String = columns.get(16).doing(doing)?;
        hold(commit.seq == self.seq + 1, || format!("commit {} follows commit {}", commit.seq, self.seq))?;
        hold(commit.previous == self.hash, || "it is not linked to the commit before".into())?;
        hold(commit.header.known_at >= self.known_at, || "its known_at runs back".into())?;
        if commit.header.known_at > self.known_at {
            self.end_of_time()?;
        }
        (self.seq, self.known_at, self.hash) = (commit.seq, commit.header.known_at, commit.hash);
        let rows = self.rows(&commit, row_last)?;
        let (changes, count) = self.book.changes(commit.seq, commit.header.known_at)?;
        self.verified.alert_changes += count;
        hold(commit.policy == self.policy, || "its policy digest is not that of the policy in force".into())?;
        let (rejects, kept) = reject::digest_of(self.store, commit.seq)?;
        hold(kept == commit.counts.rejects, || {
            format!("it counts {} rejects and keeps {kept}", commit.counts.rejects)
        })?;
        let content = Content { rows, changes, rejects };
        hold(commit.hash == commit_hash(&commit, &coverage, &content), || {
            "its hash is not that of its content".into()
        })?;
        serde_json::from_str::<model::Coverage>(&coverage).doing("reading coverage")?;
        self.verified.commits += 1;
        Ok(())
    }

    /// Checks the rows of a commit one by one; their digest.
    fn rows(&mut self, commit: &Commit, row_last: i64) -> Result<Digest, LedgerError> {
        let mut digester = Digester::new();
        let (mut puts, mut deletes) = (0, 0);
        let sql = "SELECT row, op, kind, key, payload, salt, hash, line, commit_seq FROM rows
            WHERE row > ?1 AND row <= ?2 ORDER BY row";
        let store = self.store;
        store.each("verifying rows", sql, [self.row_last, row_last], |columns| {
            let (row, hash) = self.row(columns, commit.seq)?;
            digester.field(&hash.0);
            match row.op {
                PUT => puts += 1,
                _ => deletes += 1,
            }
            self.follow(&row)
        })?;
        hold(self.row_last == row_last, || format!("rows after row {} are missing", self.row_last))?;
        hold((puts, deletes) == (commit.counts.puts, commit.counts.deletes), || {
            format!("it counts other puts and deletes than its rows: {puts} and {deletes}")
        })?;
        Ok(digester.finish())
    }

    fn row(&mut self, columns: &Row<'_>, seq: u64) -> Result<(JournalRow, Digest), LedgerError> {
        let doing = "verifying rows";
        let row = JournalRow {
            row: columns.get(0).doing(doing)?,
            op: columns.get(1).doing(doing)?,
            kind: kind_of(columns.get(2).doing(doing)?)?,
            key: columns.get(3).doing(doing)?,
            payload: columns.get(4).doing(doing)?,
        };
        let salt = columns.get_ref(5).doing(doing)?.as_blob().map_err(LedgerError::corrupt)?;
        let stored = Digest(columns.get(6).doing(doing)?);
        let line = columns.get(7).doing(doing)?;
        let content =
            RowContent { salt, op: row.op, kind: row.kind, key: &row.key, line, payload: &row.payload };
        let place = row.row;
        hold(content.hash() == stored, || format!("the hash of row {place} is not that of its content"))?;
        hold(place == self.row_last + 1, || format!("row {} is missing", self.row_last + 1))?;
        let commit: i64 = columns.get(8).doing(doing)?;
        hold(commit.cast_unsigned() == seq, || format!("row {place} says that it is of commit {commit}"))?;
        self.row_last = place;
        self.verified.rows += 1;
        Ok((row, stored))
    }

    fn follow(&mut self, row: &JournalRow) -> Result<(), LedgerError> {
        let key = KeyDigest::new(row.kind, &row.key);
        if row.op == DELETE {
            op_of(
                row.op,
                model::Key { kind: row.kind, text: row.key.as_str().into() },
                row.payload.as_bytes(),
            )?;
            self.delete(key)?;
            if row.kind == RecordKind::Entity {
                for (dependent, named_in) in self.dependents.get(&key).cloned().unwrap_or_default() {
                    if self.live.get(&dependent).is_some_and(|live| live.row == named_in) {
                        self.delete(dependent)?;
                    }
                }
            }
            return Ok(());
        }
        let record = record_of(row.kind, row.payload.as_bytes())?;
        hold(*record.key().text == *row.key, || format!("row {} puts another key than it says", row.row))?;
        self.put(key, &record, RowId::of(row.row))
    }

    fn delete(&mut self, key: KeyDigest) -> Result<(), LedgerError> {
        self.touch(key)?.deleted = true;
        Ok(())
    }

    fn put(&mut self, key: KeyDigest, record: &Record, row: RowId) -> Result<(), LedgerError> {
        let dataset = match record {
            Record::Entity(record) => Some(self.dataset_number(record.dataset.as_str())),
            _ => None,
        };
        if let Record::Policy(policy) = record {
            self.policy = Some(Digest::of(policy.text.as_bytes()));
        }
        let live = Live { row, born: self.known_at, dataset };
        let twice = self.touch(key)?.put.replace(live).is_some();
        hold(!twice, || format!("row {} puts a key a second time at one known_at", row.0))?;
        self.kept.versions += 1;
        self.expect_row("keys", key, row)?;
        for named in record.depends_on().into_iter().collect::<BTreeSet<_>>() {
            let named = KeyDigest::of_entity(named);
            self.dependents.entry(named).or_default().push((key, row));
            self.expect_row("refs", named, row)?;
            self.kept.refs += 1;
        }
        let kind = kind_code(record.kind());
        self.expect_version(row, |version| {
            version.kind == kind
                && version.dataset.as_deref() == dataset.map(|at| self.datasets[at as usize].as_str())
        })
    }

    fn dataset_number(&mut self, name: &str) -> u32 {
        let known = self.datasets.iter().position(|dataset| dataset == name);
        known.unwrap_or_else(|| {
            self.datasets.push(name.to_owned());
            self.datasets.len() - 1
        }) as u32
    }

    /// A key of the current time. What was in force before ends with the first commit that puts or deletes it.
    fn touch(&mut self, key: KeyDigest) -> Result<&mut Touched, LedgerError> {
        if !self.touched.contains_key(&key) {
            let before = self.live.get(&key).copied();
            if let Some(before) = before {
                let (until, ended_by) = (Some(self.known_at.micros()), Some(self.seq.cast_signed()));
                self.expect_version(before.row, |version| {
                    version.until == until && version.ended_by == ended_by
                })?;
            }
            self.touched.insert(key, Touched { before, ..Touched::default() });
        }
        Ok(self.touched.entry(key).or_default())
    }

    /// Everything of the current time is known: what was put is in force from it on.
    fn end_of_time(&mut self) -> Result<(), LedgerError> {
        let last_seq = self.seq;
        self.settle().map_err(|error| error.at_commit(last_seq))
    }

    fn settle(&mut self) -> Result<(), LedgerError> {
        let known_at = self.known_at;
        for (key, touched) in std::mem::take(&mut self.touched) {
            if let Some(dataset) = touched.before.and_then(|before| before.dataset) {
                *self.tallies.entry(dataset).or_default() -= 1;
            }
            let Some(put) = touched.put else {
                self.live.remove(&key);
                continue;
            };
            let born = touched.before.filter(|_| !touched.deleted).map_or(known_at, |before| before.born);
            self.expect_version(put.row, |version| {
                version.born == born.micros() && version.since == known_at.micros()
            })?;
            if let Some(dataset) = put.dataset {
                *self.tallies.entry(dataset).or_default() += 1;
            }
            self.live.insert(key, Live { born, ..put });
        }
        self.check_tallies()
    }

    /// The numbers kept for the current time are right, and where none is kept the one before still is.
    fn check_tallies(&mut self) -> Result<(), LedgerError> {
        let sql = "SELECT known_at, entities FROM tallies WHERE dataset = ?1 AND known_at <= ?2
            ORDER BY known_at DESC LIMIT 1";
        for (&dataset, &expected) in &self.tallies {
            let name = &self.datasets[dataset as usize];
            let params = rusqlite::params![name, self.known_at.micros()];
            let found = self.store.first("verifying numbers of entities", sql, params, |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            let (known_at, entities) = found.unwrap_or((i64::MIN, 0));
            hold(entities == expected, || "the number of entities kept for a dataset is wrong".into())?;
            self.kept.tallies += i64::from(known_at == self.known_at.micros());
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), LedgerError> {
        self.end_of_time()?;
        self.book.finish()?;
        self.kept.in_force = self.live.len().cast_signed() as i64;
        let counts = [
            ("SELECT count(*) FROM rows", self.row_last, "rows"),
            ("SELECT count(*) FROM versions", self.kept.versions, "versions"),
            ("SELECT count(*) FROM versions WHERE until IS NULL", self.kept.in_force, "versions in force"),
            ("SELECT count(*) FROM keys", self.kept.versions, "keys"),
            ("SELECT count(*) FROM refs", self.kept.refs, "references"),
            ("SELECT count(*) FROM tallies", self.kept.tallies, "numbers of entities"),
            (
                "SELECT count(*) FROM alert_changes",
                self.verified.alert_changes.cast_signed(),
                "alert changes",
            ),
        ];
        for (sql, expected, what) in counts {
            let found =
                self.store.first("counting rows", sql, [], |row| row.get::<_, i64>(0))?.unwrap_or_default();
            let differ = hold(found == expected, || format!("there are {found} {what} and not {expected}"));
            // Rows of the journal beyond the last commit are of one that is missing.
            differ.map_err(|error| if what == "rows" { error.at_commit(self.seq + 1) } else { error })?;
        }
        Ok(())
    }

    fn expect_row(&self, table: &'static str, key: KeyDigest, row: RowId) -> Result<(), LedgerError> {
        let sql = match table {
            "keys" => "SELECT 1 FROM keys WHERE head = ?1 AND tail = ?2 AND row = ?3",
            _ => "SELECT 1 FROM refs WHERE head = ?1 AND tail = ?2 AND row = ?3",
        };
        let found = self.store.first("verifying keys", sql, [key.head, key.tail, row.sql()], |_| Ok(()))?;
        hold(found.is_some(), || format!("{table} lacks row {}", row.0))
    }

    fn expect_version(&self, row: RowId, right: impl FnOnce(&VersionRow) -> bool) -> Result<(), LedgerError> {
        let sql = "SELECT kind, dataset, born, since, until, ended_by FROM versions WHERE row = ?1";
        let found = self.store.first("verifying versions", sql, [row.sql()], |row| {
            Ok(VersionRow {
                kind: row.get(0)?,
                dataset: row.get(1)?,
                born: row.get(2)?,
                since: row.get(3)?,
                until: row.get(4)?,
                ended_by: row.get(5)?,
            })
        })?;
        hold(found.as_ref().is_some_and(right), || {
            format!("the version of row {} is not what the journal makes it", row.0)
        })
    }
}

struct VersionRow {
    kind: i64,
    dataset: Option<String>,
    born: i64,
    since: i64,
    until: Option<i64>,
    ended_by: Option<i64>,
}

/// An alert while the book is replayed.
#[derive(Default)]
struct AlertAudit {
    /// What it said strictly before the time of `last`.
    before: Option<book::Open>,
    last: Option<LastChange>,
}

struct LastChange {
    commit: u64,
    known_at: KnownAt,
    net: Option<book::Net>,
    superseded_by: Option<i64>,
}

struct BookAudit<'a> {
    store: &'a Store,
    alerts: FxHashMap<i64, AlertAudit>,
}

impl BookAudit<'_> {
    /// Checks the changes that a commit wrote; their digest and number.
    fn changes(&mut self, seq: u64, known_at: KnownAt) -> Result<(Digest, u64), LedgerError> {
        let doing = "verifying alert changes";
        let mut digester = Digester::new();
        let mut count = 0;
        let sql = "SELECT a.alert, a.subject, a.subject_born, a.cause_kind, a.entry, a.entry_born,
            c.change, c.score, c.fingerprint, c.subject_dataset, c.entry_dataset,
            c.hash, c.known_at, c.superseded_by, c.alert, a.subject_hash, a.entry_hash
            FROM alert_changes c JOIN alerts a ON a.number = c.alert WHERE c.commit_seq = ?1 ORDER BY c.number";
        let store = self.store;
        store.each(doing, sql, [seq.cast_signed()], |row| {
            let hash = check_change(row, known_at)?;
            digester.field(&hash.0);
            count += 1;
            let last = LastChange {
                commit: seq,
                known_at,
                net: book::read_net(row, 6)?,
                superseded_by: row.get(13).doing(doing)?,
            };
            self.alerts.entry(row.get(14).doing(doing)?).or_default().follow(last)
        })?;
        Ok((digester.finish(), count))
    }

    fn finish(&mut self) -> Result<(), LedgerError> {
        let mut alerts: Vec<(i64, AlertAudit)> = std::mem::take(&mut self.alerts).into_iter().collect();
        alerts.sort_unstable_by_key(|(number, _)| *number);
        alerts.iter().try_for_each(|(_, alert)| alert.stands())
    }
}

/// Checks what one change says on its own; its hash.
fn check_change(row: &Row<'_>, known_at: KnownAt) -> Result<Digest, LedgerError> {
    let doing = "verifying alert changes";
    let key = book::read_key(row)?;
    let (alert, subject, entry) =
        (key.alert, book::identity_hash(&key.subject), book::identity_hash(&key.entry));
    let hashes: (i64, i64) = (row.get(15).doing(doing)?, row.get(16).doing(doing)?);
    hold(hashes == (subject, entry), || format!("alert {alert} has wrong look-up hashes"))?;
    let net = book::read_net(row, 6)?;
    let hash = Digest(row.get(11).doing(doing)?);
    hold(hash == book::change_hash(alert, known_at, net.as_ref()), || {
        format!("the hash of a change of alert {alert} is not that of its content")
    })?;
    let time: i64 = row.get(12).doing(doing)?;
    hold(time == known_at.micros(), || {
        format!("a change of alert {alert} has another known_at than its commit")
    })?;
    let any = model::DatasetName::new("any").expect("a well formed name");
    let says = book::Open {
        score: model::Score(0),
        fingerprint: model::Fingerprint([0; 16]),
        subject_dataset: any.clone(),
        entry_dataset: any,
    };
    hold(key.pair(&says).alert_id() == alert, || format!("alert {alert} is not of the pair that it says"))?;
    Ok(hash)
}

impl AlertAudit {
    fn follow(&mut self, next: LastChange) -> Result<(), LedgerError> {
        match self.last.take() {
            Some(last) if last.known_at == next.known_at => {
                hold(last.superseded_by == Some(next.commit.cast_signed()), || {
                    "a superseded alert change counts".into()
                })
                .map_err(|error| error.at_commit(last.commit))?;
                hold(last.net != next.net, || "an alert change supersedes the same one".into())?;
            }
            Some(last) => self.settle(last)?,
            None => {
                hold(next.net.is_some(), || "an alert change says nothing and supersedes nothing".into())?;
            }
        }
        if let Some(next) = &next.net {
            let after = Some(next.says.clone()).filter(|_| next.change != model::Change::Withdrawn);
            let expected = book::net(self.before.clone(), after);
            hold(expected.as_ref() == Some(next), || {
                "an alert change does not follow from the state before".into()
            })?;
        }
        self.last = Some(next);
        Ok(())
    }

    /// A later time has come: the last change counts.
    fn settle(&mut self, last: LastChange) -> Result<(), LedgerError> {
        last.counts()?;
        if let Some(net) = last.net {
            self.before = Some(net.says).filter(|_| net.change != model::Change::Withdrawn);
        }
        Ok(())
    }

    fn stands(&self) -> Result<(), LedgerError> {
        self.last.as_ref().map_or(Ok(()), LastChange::counts)
    }
}

impl LastChange {
    fn counts(&self) -> Result<(), LedgerError> {
        hold(self.superseded_by.is_none(), || "an alert change is superseded by nothing".into())
            .map_err(|error| error.at_commit(self.commit))
    }
}

/// The tables are those of the format: none was altered, added or dropped.
fn check_schema(store: &Store) -> Result<(), LedgerError> {
    let doing = "reading the tables of the store";
    let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    let found = store.all(doing, sql, [], |row| row.get::<_, String>(0))?;
    let fresh = rusqlite::Connection::open_in_memory().doing(doing)?;
    fresh.execute_batch(&STEPS.concat()).doing(doing)?;
    let mut statement = fresh.prepare(sql).doing(doing)?;
    let expected: Vec<String> =
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).doing(doing)?;
    hold(found == expected, || "its tables are not those of its format".into())
}

/// What `SQLite` itself knows: pages, references, and that every index says what its table says, which its quick check leaves out.
fn check_file(store: &Store) -> Result<(), LedgerError> {
    let found =
        store.first("checking the file", "PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))?;
    hold(found.as_deref() == Some("ok"), || found.unwrap_or_default())?;
    let stray = store.first("checking references", "PRAGMA foreign_key_check", [], |_| Ok(()))?;
    hold(stray.is_none(), || "a row refers to a row that is missing".into())
}
