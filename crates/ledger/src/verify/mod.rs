//! The proof that nothing was altered: every commit is recomputed from its rows, and everything kept beside the journal from the
//! journal.
//!
//! In: a store, and the head that somebody wrote down. Out: how much was checked, or the first commit that does not hold and what is
//! wrong with it. A commit does not hold when its row, or anything that hangs on it, or any row of another table that follows from
//! it or says that it does, is not what it was. The replay here is written from the rules and shares no code with the batch that
//! wrote the tables. Memory: about a hundred bytes per key in force; only where something is wrong, a set of the rows in force too.

mod alerts;
mod file;
mod held;
mod strays;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use model::{Commit, Digest, Digester, KnownAt, Record, RecordKind, SourceFile};
use rusqlite::Row;
use rustc_hash::FxHashMap;

use self::alerts::BookAudit;
use self::held::HeldAudit;
use crate::batch::{Content, commit_hash};
use crate::error::Doing;
use crate::ledger::{COMMIT, read_commit};
use crate::purge::{self, PurgedRow};
use crate::row::{DELETE, KeyDigest, PUT, RowContent, kind_code, kind_of, op_of, record_of};
use crate::store::Store;
use crate::{Ledger, LedgerError, RowId, reject};

/// How much was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Commits.
    pub commits: u64,
    /// Rows of the journal.
    pub rows: u64,
    /// Changes of alerts, superseded ones among them.
    pub alert_changes: u64,
    /// The last commit, to be written down outside the store; `None` in an empty one.
    pub head: Option<Head>,
}

/// A commit that was the last one, as written down outside the store: `SEQ:HASH`, or its hash alone. It fixes everything up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number, where it is known: with it, a cut chain is told from one that was written anew.
    pub seq: Option<u64>,
    /// Its hash.
    pub hash: Digest,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "{seq}:{}", self.hash),
            None => write!(f, "{}", self.hash),
        }
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, hash) = match text.split_once(':') {
            Some((seq, hash)) => (seq.parse().map(Some).ok(), hash),
            None => (Some(None), text),
        };
        let head = seq.zip(Digest::from_hex(hash)).map(|(seq, hash)| Self { seq, hash });
        head.ok_or("a head is written SEQ:HASH, or as the 64 digits of its hash alone")
    }
}

impl Ledger {
    /// Recomputes everything. The error names the first commit that does not hold, unless what is damaged belongs to none.
    pub fn verify(&self) -> Result<Verified, LedgerError> {
        self.store.snapshot(|| verify(&self.store, None))
    }

    /// The same, and that a commit which was once the last one is still in the chain. Only this finds that whoever cut the chain, or
    /// wrote it anew, did so with care.
    pub fn verify_against(&self, written_down: Head) -> Result<Verified, LedgerError> {
        self.store.snapshot(|| verify(&self.store, Some(written_down)))
    }
}

fn verify(store: &Store, written_down: Option<Head>) -> Result<Verified, LedgerError> {
    file::check_schema(store)?;
    let mut audit = Audit::new(store, written_down);
    audit.walk()?;
    audit.finish()?;
    audit.found.note(file::check(store))?;
    audit.found.into_result().map(|()| audit.verified)
}

/// The first broken commit met so far and what is wrong with it, and the first damage that belongs to no commit.
#[derive(Clone, Default)]
struct Findings {
    first: Option<(u64, String)>,
    aside: Option<String>,
}

impl Findings {
    /// Keeps damage; lets other errors pass.
    fn note(&mut self, checked: Result<(), LedgerError>) -> Result<(), LedgerError> {
        match checked {
            Err(LedgerError::Corrupt { commit: Some(seq), what }) => {
                if self.first.as_ref().is_none_or(|(first, _)| seq < *first) {
                    self.first = Some((seq, what));
                }
                Ok(())
            }
            Err(LedgerError::Corrupt { commit: None, what }) => {
                self.aside.get_or_insert(what);
                Ok(())
            }
            other => other,
        }
    }

    fn into_result(self) -> Result<(), LedgerError> {
        match (self.first, self.aside) {
            (Some((seq, what)), _) => Err(LedgerError::Corrupt { commit: Some(seq), what }),
            (None, Some(what)) => Err(LedgerError::Corrupt { commit: None, what }),
            (None, None) => Ok(()),
        }
    }
}

fn wrong<T>(what: impl fmt::Display) -> Result<T, LedgerError> {
    Err(LedgerError::corrupt(what))
}

/// `Ok` when the condition holds.
fn hold(condition: bool, what: impl FnOnce() -> String) -> Result<(), LedgerError> {
    if condition { Ok(()) } else { wrong(what()) }
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

/// Where a sound commit stands.
struct Place {
    known_at: KnownAt,
    row_last: i64,
}

struct Audit<'a> {
    store: &'a Store,
    written_down: Option<Head>,
    /// Whether the commit that was written down was met.
    met: bool,
    verified: Verified,
    found: Findings,
    /// Whether the chain was walked to its end; else the commit after the sound ones is broken.
    whole: bool,
    /// The sound commits, from the first on.
    places: Vec<Place>,
    /// The current commit.
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
    /// Datasets with entities, and since when there are any.
    datasets: Vec<(String, KnownAt)>,
    tallies: BTreeMap<u32, i64>,
    kept: Kept,
    book: BookAudit<'a>,
    held: HeldAudit<'a>,
}

/// How many rows the tables beside the journal must have.
#[derive(Default)]
struct Kept {
    versions: i64,
    refs: i64,
    tallies: i64,
    rejects: i64,
    purges: i64,
    purged_alerts: i64,
}

/// A row of the journal as read.
struct JournalRow {
    row: i64,
    op: i64,
    kind: RecordKind,
    key: String,
    payload: String,
    purged: Option<PurgedRow>,
}

/// What a put states that anything follows from.
struct Stated<'a> {
    kind: RecordKind,
    dataset: Option<&'a str>,
    mentions: Vec<Mention>,
}

/// A key that a put names.
struct Mention {
    key: KeyDigest,
    /// Whether the put goes when the entity of that key is deleted.
    depends: bool,
}

impl<'a> Stated<'a> {
    fn by(record: &'a Record) -> Self {
        let dataset = match record {
            Record::Entity(record) => Some(record.dataset.as_str()),
            _ => None,
        };
        let mention = |key: &model::Key| Mention {
            key: KeyDigest::of(key),
            depends: key.kind == RecordKind::Entity && record.kind().deletable(),
        };
        Self { kind: record.kind(), dataset, mentions: record.mentions().iter().map(mention).collect() }
    }

    /// What the commit that purged a row says that it stated.
    fn before_purge(kind: RecordKind, purged: &'a PurgedRow) -> Self {
        let mentions = purged.mentions.iter().map(|&key| Mention { key, depends: true }).collect();
        Self { kind, dataset: purged.dataset.as_deref(), mentions }
    }
}

impl<'a> Audit<'a> {
    fn new(store: &'a Store, written_down: Option<Head>) -> Self {
        Self {
            store,
            written_down,
            met: false,
            verified: Verified::default(),
            found: Findings::default(),
            whole: false,
            places: Vec::new(),
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
            book: BookAudit::new(store),
            held: HeldAudit::new(store),
        }
    }

    /// Checks commit after commit, up to the end or to the first whose own content does not hold.
    fn walk(&mut self) -> Result<(), LedgerError> {
        let sql = format!("SELECT {COMMIT} ORDER BY seq");
        let store = self.store;
        let walked = store.each("verifying commits", &sql, [], |columns| {
            let found = self.found.clone();
            let checked = self.commit(columns);
            if checked.is_err() {
                // What a broken commit says is no measure for anything else: it may not even be of the time that it says.
                self.found = found;
            }
            checked
        });
        self.whole = walked.is_ok();
        self.found.note(walked.map_err(|error| error.at_commit(self.next())))
    }

    /// The commit after the sound ones.
    fn next(&self) -> u64 {
        self.places.len() as u64 + 1
    }

    /// The commit that holds a row; the one after the sound ones for a row that none of them holds.
    fn commit_of(&self, row: i64) -> u64 {
        let holds = self.places.partition_point(|place| place.row_last < row) as u64 + 1;
        if row < 1 { self.next() } else { holds }
    }

    /// Notes damage of something that follows from the journal: the walk goes on.
    fn follows(&mut self, seq: u64, holds: bool, what: impl FnOnce() -> String) -> Result<(), LedgerError> {
        self.found.note(hold(holds, what).map_err(|error| error.at_commit(seq)))
    }

    fn commit(&mut self, columns: &Row<'_>) -> Result<(), LedgerError> {
        let doing = "verifying commits";
        let commit = read_commit(columns)?;
        let row_last: i64 = columns.get(15).doing(doing)?;
        let coverage: String = columns.get(16).doing(doing)?;
        let held_last: i64 = columns.get(17).doing(doing)?;
        let next = self.next();
        hold(commit.seq == next, || format!("commit {} stands in its place", commit.seq))?;
        hold(commit.previous == self.hash, || "it is not linked to the commit before".into())?;
        hold(commit.header.known_at >= self.known_at, || "its known_at runs back".into())?;
        check_sources(columns, &commit.header.sources)?;
        if commit.header.known_at > self.known_at {
            self.settle()?;
        }
        (self.seq, self.known_at, self.hash) = (commit.seq, commit.header.known_at, commit.hash);
        let rows = self.rows(&commit, row_last)?;
        let (changes, count) = self.book.changes(commit.seq, self.known_at, &mut self.found)?;
        hold(commit.policy == self.policy, || "its policy digest is not that of the policy in force".into())?;
        let (rejects, kept) = reject::digest_of(self.store, commit.seq)?;
        hold(kept == commit.counts.rejects, || {
            format!("it counts {} rejects and keeps {kept}", commit.counts.rejects)
        })?;
        let held = self.held.events(Some(&commit), held_last)?;
        let (purged, [purges, purged_alerts]) = purge::digest_of(self.store, commit.seq)?;
        let content = Content { rows, changes, rejects, held, purged };
        hold(commit.hash == commit_hash(&commit, &coverage, &content), || {
            "its hash is not that of its content".into()
        })?;
        serde_json::from_str::<model::Coverage>(&coverage).doing("reading coverage")?;
        self.kept.purges += purges;
        self.kept.purged_alerts += purged_alerts;
        self.stands(&commit, row_last, count);
        Ok(())
    }

    fn stands(&mut self, commit: &Commit, row_last: i64, alert_changes: u64) {
        self.places.push(Place { known_at: commit.header.known_at, row_last });
        self.kept.rejects += commit.counts.rejects.cast_signed();
        self.verified.commits += 1;
        self.verified.alert_changes += alert_changes;
        self.verified.head = Some(Head { seq: Some(commit.seq), hash: commit.hash });
        self.met |= self
            .written_down
            .is_some_and(|head| head.hash == commit.hash && head.seq.is_none_or(|seq| seq == commit.seq));
    }

    /// Checks the rows of a commit one by one; their digest.
    fn rows(&mut self, commit: &Commit, row_last: i64) -> Result<Digest, LedgerError> {
        let mut digester = Digester::new();
        let (mut puts, mut deletes) = (0, 0);
        let sql = "SELECT r.row, r.op, r.kind, r.key, r.payload, r.salt, r.hash, r.line, r.commit_seq,
            p.commit_seq, p.key, p.dataset, p.mentions FROM rows r LEFT JOIN purges p ON p.row = r.row
            WHERE r.row > ?1 AND r.row <= ?2 ORDER BY r.row";
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
            purged: PurgedRow::read(columns, 9)?,
        };
        let salt = columns.get_ref(5).doing(doing)?.as_blob().map_err(LedgerError::corrupt)?;
        let stored = Digest(columns.get(6).doing(doing)?);
        let line = columns.get(7).doing(doing)?;
        let content =
            RowContent { salt, op: row.op, kind: row.kind, key: &row.key, line, payload: &row.payload };
        let place = row.row;
        match &row.purged {
            Some(purged) => {
                let empty = row.key.is_empty() && row.payload.is_empty() && salt.is_empty();
                hold(empty, || format!("row {place} was purged and has content"))?;
                hold(purged.commit >= seq, || format!("row {place} was purged before it came"))?;
            }
            None if row.payload.is_empty() => {
                return wrong(format_args!(
                    "the content of row {place} was removed, and no commit purged it"
                ));
            }
            None => {
                let right = content.hash() == stored;
                hold(right, || format!("the hash of row {place} is not that of its content"))?;
            }
        }
        hold(place == self.row_last + 1, || format!("row {} is missing", self.row_last + 1))?;
        let commit: i64 = columns.get(8).doing(doing)?;
        hold(commit.cast_unsigned() == seq, || format!("row {place} says that it is of commit {commit}"))?;
        self.row_last = place;
        self.verified.rows += 1;
        Ok((row, stored))
    }

    fn follow(&mut self, row: &JournalRow) -> Result<(), LedgerError> {
        let key = row.purged.as_ref().map_or_else(|| KeyDigest::new(row.kind, &row.key), |purged| purged.key);
        if row.op == DELETE {
            if row.purged.is_none() {
                let key = model::Key { kind: row.kind, text: row.key.as_str().into() };
                op_of(row.op, key, row.payload.as_bytes())?;
            }
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
        if let Some(purged) = &row.purged {
            return self.put(key, &Stated::before_purge(row.kind, purged), RowId::of(row.row));
        }
        let record = record_of(row.kind, row.payload.as_bytes())?;
        hold(*record.key().text == *row.key, || format!("row {} puts another key than it says", row.row))?;
        if let Record::Policy(policy) = &record {
            self.policy = Some(Digest::of(policy.text.as_bytes()));
        }
        self.put(key, &Stated::by(&record), RowId::of(row.row))
    }

    fn delete(&mut self, key: KeyDigest) -> Result<(), LedgerError> {
        self.touch(key)?.deleted = true;
        Ok(())
    }

    fn put(&mut self, key: KeyDigest, stated: &Stated<'_>, row: RowId) -> Result<(), LedgerError> {
        let dataset = stated.dataset.map(|name| self.dataset_number(name));
        let live = Live { row, born: self.known_at, dataset };
        let twice = self.touch(key)?.put.replace(live).is_some();
        hold(!twice, || format!("row {} puts a key a second time at one known_at", row.0))?;
        self.kept.versions += 1;
        self.expect_row("keys", key, row)?;
        for mention in &stated.mentions {
            if mention.depends {
                self.dependents.entry(mention.key).or_default().push((key, row));
            }
            self.expect_row("refs", mention.key, row)?;
            self.kept.refs += 1;
        }
        let kind = kind_code(stated.kind);
        let name = dataset.map(|at| self.datasets[at as usize].0.as_str());
        let found = self.version_row(row)?;
        let since = self.known_at.micros();
        let right = found.is_some_and(|version| {
            version.kind == kind && version.dataset.as_deref() == name && version.since == since
        });
        self.follows(self.seq, right, || not_what_follows(row))
    }

    fn dataset_number(&mut self, name: &str) -> u32 {
        let known = self.datasets.iter().position(|(dataset, _)| dataset == name);
        known.unwrap_or_else(|| {
            self.datasets.push((name.to_owned(), self.known_at));
            self.datasets.len() - 1
        }) as u32
    }

    /// A key of the current time. What was in force before ends with the first commit that puts or deletes it.
    fn touch(&mut self, key: KeyDigest) -> Result<&mut Touched, LedgerError> {
        if !self.touched.contains_key(&key) {
            let before = self.live.get(&key).copied();
            if let Some(before) = before {
                self.ends(before.row)?;
            }
            self.touched.insert(key, Touched { before, ..Touched::default() });
        }
        Ok(self.touched.entry(key).or_default())
    }

    /// A version ends with the current commit; a row that names an earlier one breaks that.
    fn ends(&mut self, row: RowId) -> Result<(), LedgerError> {
        let end = self.version_row(row)?.map(|version| (version.until, version.ended_by));
        let right = end == Some((Some(self.known_at.micros()), Some(self.seq.cast_signed())));
        let named = end.and_then(|(_, ended_by)| ended_by).map_or(self.seq, i64::cast_unsigned);
        let first = self.seq.min(named.max(self.commit_of(row.sql())));
        self.follows(first, right, || not_what_follows(row))
    }

    /// Everything of the current time is known: what was put is in force from it on.
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
            let right = self.version_row(put.row)?.is_some_and(|version| version.born == born.micros());
            self.follows(self.commit_of(put.row.sql()), right, || not_what_follows(put.row))?;
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
        let now = self.known_at.micros();
        let mut right = true;
        for (&dataset, &expected) in &self.tallies {
            let params = rusqlite::params![self.datasets[dataset as usize].0, now];
            let found = self.store.first("verifying numbers of entities", sql, params, |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?;
            let (known_at, entities) = found.unwrap_or((i64::MIN, 0));
            right &= entities == expected;
            self.kept.tallies += i64::from(known_at == now);
        }
        self.follows(self.seq, right, || "the number of entities kept for a dataset is wrong".into())
    }

    /// What only the end of the chain, or the place where it broke, lets one judge.
    fn finish(&mut self) -> Result<(), LedgerError> {
        if self.whole {
            self.settle()?;
            self.check_end()?;
        }
        let broken = (!self.whole).then(|| self.next());
        self.book.finish(broken, &mut self.found)?;
        self.held.finish(broken, &mut self.found)?;
        self.find_strays()
    }

    /// The last commit is the last that there was, as far as the store and the head that was written down can tell.
    fn check_end(&mut self) -> Result<(), LedgerError> {
        let last = self.seq;
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'commits'";
        let given = self.store.first("verifying commits", sql, [], |row| row.get::<_, i64>(0));
        let given = given.map(|given| given.unwrap_or_default().cast_unsigned());
        self.found.note(given.and_then(|given| {
            hold(given <= last, || {
                format!("it is missing: the store has given out the numbers up to {given}")
            })
            .map_err(|error| error.at_commit(last + 1))?;
            hold(given == last, || format!("{last} commits are there, and the store has counted {given}"))
        }))?;
        let Some(head) = self.written_down.filter(|_| !self.met) else { return Ok(()) };
        let what = match head.seq {
            Some(seq) if seq > last => {
                return self
                    .follows(last + 1, false, || format!("it is missing: commit {seq} was once the last"));
            }
            Some(seq) => {
                let what =
                    "it has another hash than was written down: it, or one before it, was written anew";
                return self.follows(seq, false, || what.into());
            }
            None => format!(
                "no commit has the hash that was written down: commits after {last} are missing, or some were written anew"
            ),
        };
        self.found.note(wrong(what))
    }

    fn expect_row(&mut self, table: &'static str, key: KeyDigest, row: RowId) -> Result<(), LedgerError> {
        let sql = match table {
            "keys" => "SELECT 1 FROM keys WHERE head = ?1 AND tail = ?2 AND row = ?3",
            _ => "SELECT 1 FROM refs WHERE head = ?1 AND tail = ?2 AND row = ?3",
        };
        let found = self.store.first("verifying keys", sql, [key.head, key.tail, row.sql()], |_| Ok(()))?;
        self.follows(self.seq, found.is_some(), || format!("{table} lacks row {}", row.0))
    }

    fn version_row(&self, row: RowId) -> Result<Option<VersionRow>, LedgerError> {
        let sql = "SELECT kind, dataset, born, since, until, ended_by FROM versions WHERE row = ?1";
        self.store.first("verifying versions", sql, [row.sql()], |row| {
            Ok(VersionRow {
                kind: row.get(0)?,
                dataset: row.get(1)?,
                born: row.get(2)?,
                since: row.get(3)?,
                until: row.get(4)?,
                ended_by: row.get(5)?,
            })
        })
    }
}

fn not_what_follows(row: RowId) -> String {
    format!("the version of row {} is not what the journal makes it", row.0)
}

/// The sources are written as the store writes them: the hash covers what they say, not how.
fn check_sources(columns: &Row<'_>, sources: &[SourceFile]) -> Result<(), LedgerError> {
    let text: String = columns.get(4).doing("verifying commits")?;
    let written = serde_json::to_string(sources).expect("names and digests");
    hold(text == written, || "its sources are not written as they were".into())
}

struct VersionRow {
    kind: i64,
    dataset: Option<String>,
    born: i64,
    since: i64,
    until: Option<i64>,
    ended_by: Option<i64>,
}
