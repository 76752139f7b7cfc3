//! A batch: operations of one `known_at` staged, resolved, screened and finished as one commit.
//!
//! In: operations with their line numbers, outcomes, coverage. Out: a commit. Always holds: dropping a batch, or an error in it,
//! leaves the store as it was; two puts of one key at one `known_at` are identical or the batch is refused; memory is a few tens
//! of bytes per put, the rows go to the file as they come.

use std::collections::BTreeMap;

use model::{
    AlertChange, Commit, CommitHeader, Counts, Coverage, DatasetName, Digest, Digester, Key, Op, Outcome,
    Record, RecordKind,
};
use rusqlite::params;
use rustc_hash::FxHashMap;

use crate::error::Doing;
use crate::resolve::RowChange;
use crate::row::{DELETE, KeyDigest, PUT, RowContent, Salts, kind_code, payload_of, record_of};
use crate::store::Store;
use crate::{LedgerError, RowId, Version, View, book, held, purge, reject};

/// An open batch. See [`Ledger::begin`](crate::Ledger::begin).
pub struct Batch<'a> {
    pub(crate) store: &'a Store,
    pub(crate) seq: u64,
    pub(crate) header: CommitHeader,
    pub(crate) rows: RowRange,
    /// Staged puts by key.
    pub(crate) puts: FxHashMap<KeyDigest, (RowId, RecordKind)>,
    pub(crate) deletes: Vec<Key>,
    /// (a key, row that mentions it).
    pub(crate) refs: Vec<(KeyDigest, RowId)>,
    /// By how much the number of entities in force changes, by dataset.
    pub(crate) tallies: BTreeMap<DatasetName, i64>,
    previous: Digest,
    counts: Counts,
    digester: Digester,
    salts: Salts,
    stage: Stage,
    /// Whether nothing but decisions was staged.
    decided_only: bool,
}

/// Where rows of this batch begin.
#[derive(Clone, Copy)]
pub(crate) struct RowRange {
    /// The first row of any commit of this `known_at`.
    pub(crate) time: RowId,
    /// The first row of this commit.
    pub(crate) first: RowId,
    /// The next row.
    pub(crate) next: RowId,
}

impl RowRange {
    /// Whether earlier commits of the same `known_at` put or deleted something.
    pub(crate) fn joins(self) -> bool {
        self.time < self.first
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Staging,
    Resolved,
    /// A call failed: only dropping is left.
    Failed,
    Finished,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if self.stage != Stage::Finished {
            self.store.rollback();
        }
    }
}

impl<'a> Batch<'a> {
    pub(crate) fn begin(store: &'a Store, header: CommitHeader) -> Result<Self, LedgerError> {
        store.begin()?;
        let start = RowId(1);
        let mut batch = Self {
            store,
            seq: 1,
            header,
            rows: RowRange { time: start, first: start, next: start },
            puts: FxHashMap::default(),
            deletes: Vec::new(),
            refs: Vec::new(),
            tallies: BTreeMap::new(),
            previous: Digest::ZERO,
            counts: Counts::default(),
            digester: Digester::new(),
            salts: Salts::default(),
            stage: Stage::Staging,
            decided_only: true,
        };
        batch.follow_head()?;
        batch.write_header()?;
        Ok(batch)
    }

    /// Takes its place after the head, or is refused.
    fn follow_head(&mut self) -> Result<(), LedgerError> {
        let Some((head, row_last)) = self.store.head()? else { return Ok(()) };
        let asked = self.header.known_at;
        if asked < head.header.known_at {
            return Err(LedgerError::RunsBack { head: head.header.known_at, asked });
        }
        let sql = "SELECT row_last FROM commits WHERE known_at < ?1 ORDER BY known_at DESC, seq DESC LIMIT 1";
        let before =
            self.store.first("reading the head", sql, [asked.micros()], |row| row.get::<_, i64>(0))?;
        let next = RowId(row_last.0 + 1);
        self.rows =
            RowRange { time: RowId(before.unwrap_or_default().cast_unsigned() + 1), first: next, next };
        self.seq = head.seq + 1;
        self.previous = head.hash;
        Ok(())
    }

    /// The commit's row stands first, so that its rows can refer to it; [`Batch::finish`] fills in the rest.
    fn write_header(&mut self) -> Result<(), LedgerError> {
        let sources = serde_json::to_string(&self.header.sources).expect("names and digests");
        let sql = "INSERT INTO commits (seq, known_at, actor, purpose, sources, engine, tables, rows, puts, deletes,
            collapsed, rejects, row_last, held_last, coverage, previous, hash)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, 0, 0, 0, 0, '', ?8, x'')";
        let header = &self.header;
        let params = params![
            self.seq.cast_signed(),
            header.known_at.micros(),
            header.actor,
            header.purpose,
            sources,
            header.engine.engine,
            header.engine.tables,
            self.previous.0
        ];
        self.store.write("opening a commit", sql, params).map(drop)
    }

    /// Adds an operation; `line` is its line in the source, for messages and for auditors. An identical put of a key collapses
    /// with the first one, a differing one is a [`LedgerError::Conflict`].
    pub fn stage(&mut self, op: &Op, line: u64) -> Result<(), LedgerError> {
        if self.stage != Stage::Staging {
            return Err(LedgerError::Misuse(
                "a batch takes operations before it is resolved and until one fails",
            ));
        }
        let staged = match op {
            Op::Put(record) => self.stage_put(op, record, line),
            Op::Delete(deletion) => self.stage_delete(op, &deletion.key, line),
        };
        self.guard(staged)
    }

    fn stage_put(&mut self, op: &Op, record: &Record, line: u64) -> Result<(), LedgerError> {
        let key = record.key();
        let digest = KeyDigest::of(&key);
        let payload = payload_of(op);
        self.decided_only &= key.kind == RecordKind::Decision;
        // Invariant(DECIDED): a decision is never put anew, whenever that is.
        let earlier = match key.kind {
            RecordKind::Decision => self.put_since(digest, RowId(1))?,
            _ => self.put_of_this_time(digest)?,
        };
        if let Some(row) = earlier {
            self.check_same(row, key.kind, &payload, line)?;
            self.counts.collapsed += 1;
            return Ok(());
        }
        let row = self.append(PUT, &key, &payload, line)?;
        self.puts.insert(digest, (row, key.kind));
        self.note_put(record, row)?;
        self.counts.puts += 1;
        Ok(())
    }

    fn stage_delete(&mut self, op: &Op, key: &Key, line: u64) -> Result<(), LedgerError> {
        self.decided_only = false;
        self.append(DELETE, key, &payload_of(op), line)?;
        self.deletes.push(key.clone());
        self.counts.deletes += 1;
        Ok(())
    }

    /// The put of a key in this commit or an earlier one of this `known_at`.
    fn put_of_this_time(&self, key: KeyDigest) -> Result<Option<RowId>, LedgerError> {
        match self.puts.get(&key) {
            Some((row, _)) => Ok(Some(*row)),
            None if !self.rows.joins() => Ok(None),
            None => self.put_since(key, self.rows.time),
        }
    }

    /// The first put of a key from a row on.
    fn put_since(&self, key: KeyDigest, first: RowId) -> Result<Option<RowId>, LedgerError> {
        if let Some((row, _)) = self.puts.get(&key) {
            return Ok(Some(*row));
        }
        let sql = "SELECT row FROM keys WHERE head = ?1 AND tail = ?2 AND row >= ?3 ORDER BY row LIMIT 1";
        let params = [key.head, key.tail, first.sql()];
        self.store.first("looking for earlier puts", sql, params, |row| row.get(0).map(RowId::of))
    }

    /// Two puts of one key at one time are the same, or a conflict.
    fn check_same(&self, row: RowId, kind: RecordKind, payload: &str, line: u64) -> Result<(), LedgerError> {
        let sql = "SELECT payload = ?2, line, commit_seq FROM rows WHERE row = ?1";
        let found =
            self.store.first("comparing puts of one key", sql, params![row.sql(), payload], |row| {
                Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
        match found {
            Some((true, ..)) => Ok(()),
            Some((false, first, commit)) => Err(LedgerError::Conflict {
                kind,
                first: first.cast_unsigned(),
                second: line,
                earlier: Some(commit.cast_unsigned()).filter(|&commit| commit != self.seq),
            }),
            None => Err(LedgerError::corrupt(format_args!("row {} is missing", row.0))),
        }
    }

    fn append(&mut self, op: i64, key: &Key, payload: &str, line: u64) -> Result<RowId, LedgerError> {
        let (row, salt, line) = (self.rows.next, self.salts.next()?, line.cast_signed());
        let content = RowContent { salt: &salt, op, kind: key.kind, key: &key.text, line, payload };
        let hash = content.hash();
        let sql = "INSERT INTO rows (row, commit_seq, line, op, kind, key, salt, hash, payload)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let (seq, kind) = (self.seq.cast_signed(), kind_code(key.kind));
        let params = params![row.sql(), seq, line, op, kind, &*key.text, salt, hash.0, payload];
        self.store.write("appending a row", sql, params)?;
        self.digester.field(&hash.0);
        self.rows.next.0 += 1;
        Ok(row)
    }

    /// A put is in force from now on; whether its identity is older is seen when the batch is resolved.
    fn note_put(&mut self, record: &Record, row: RowId) -> Result<(), LedgerError> {
        let dataset = match record {
            Record::Entity(record) => Some(&record.dataset),
            _ => None,
        };
        let sql = "INSERT INTO versions (row, kind, dataset, born, since) VALUES (?1, ?2, ?3, ?4, ?4)";
        let known_at = self.header.known_at.micros();
        let params = params![row.sql(), kind_code(record.kind()), dataset.map(DatasetName::as_str), known_at];
        self.store.write("noting a version", sql, params)?;
        self.refs.extend(record.mentions().iter().map(|key| (KeyDigest::of(key), row)));
        if let Some(dataset) = dataset {
            self.tally(dataset, 1);
        }
        Ok(())
    }

    pub(crate) fn tally(&mut self, dataset: &DatasetName, difference: i64) {
        match self.tallies.get_mut(dataset) {
            Some(tally) => *tally += difference,
            None => drop(self.tallies.insert(dataset.clone(), difference)),
        }
    }

    /// When the content of this batch became known.
    pub fn known_at(&self) -> model::KnownAt {
        self.header.known_at
    }

    /// The sequence number of the commit that it becomes.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Counts of lines; rows and rejects are the caller's to fill in.
    pub fn counts_mut(&mut self) -> &mut Counts {
        &mut self.counts
    }

    /// Works out what is in force now, after the last operation was staged: what changed against the state before this commit,
    /// ordered by row. Observations and relations that went with a deleted entity are among it.
    pub fn resolve(&mut self) -> Result<Vec<RowChange>, LedgerError> {
        if self.stage != Stage::Staging {
            return Err(LedgerError::Misuse("a batch is resolved once, and not after a failure"));
        }
        let changes = self.work_out();
        let changes = self.guard(changes)?;
        self.stage = Stage::Resolved;
        Ok(changes)
    }

    /// The entity version of a row, of this batch or an earlier one.
    pub fn version(&self, row: RowId) -> Result<Version, LedgerError> {
        self.store.version(row)
    }

    /// The record that a row puts.
    pub fn record(&self, row: RowId) -> Result<Record, LedgerError> {
        self.store.record(row)
    }

    /// What is known with this batch; complete once it is resolved.
    pub fn head_view(&self) -> View<'_> {
        View::new(self.store, model::KnownAt::MAX)
    }

    /// Writes what follows from outcomes into the alert book: for each pair the net change against the state strictly before this
    /// `known_at`, in place of what earlier commits of the same `known_at` wrote for it. Returns the changes newly written; a
    /// pair that stands as already written, or whose net change is none, has none. The last outcome of a pair counts.
    pub fn record_outcomes(&mut self, outcomes: &[Outcome]) -> Result<Vec<AlertChange>, LedgerError> {
        if self.stage == Stage::Failed {
            return Err(LedgerError::Misuse("the batch failed: only dropping it is left"));
        }
        let mut changes = Vec::new();
        for outcome in outcomes {
            let written = book::record(self.store, self.seq, self.header.known_at, outcome);
            changes.extend(self.guard(written)?);
        }
        Ok(changes)
    }

    /// Takes a held version out of quarantine because this batch holds what it says.
    pub fn release_held(&mut self, id: u64) -> Result<(), LedgerError> {
        let event = held::HeldEvent {
            held: id,
            action: held::HeldAction::Released,
            actor: self.header.actor.clone(),
            at: self.header.known_at,
        };
        let released = held::close(self.store, &event);
        self.guard(released)
    }

    /// Finishes a batch of nothing but decisions. No alert follows from one, so nobody is screened: the coverage is that of the commit
    /// before, and says so.
    pub fn finish_decided(self) -> Result<Commit, LedgerError> {
        if !self.decided_only {
            return Err(LedgerError::Misuse("finish_decided: the batch holds more than decisions"));
        }
        let before = self.store.coverage_before(self.seq)?;
        let repeats = before.as_ref().map(|(seq, coverage)| coverage.repeats.unwrap_or(*seq));
        let coverage = before.map(|(_, coverage)| coverage).unwrap_or_default();
        self.finish(&Coverage { examination: model::Examination::default(), repeats, ..coverage })
    }

    /// Whether nothing but decisions was staged.
    pub fn is_decided_only(&self) -> bool {
        self.decided_only
    }

    /// Hashes the commit, links it to the one before and makes it durable. A batch that was not resolved is resolved first.
    pub fn finish(mut self, coverage: &Coverage) -> Result<Commit, LedgerError> {
        match self.stage {
            Stage::Failed => return Err(LedgerError::Misuse("the batch failed: only dropping it is left")),
            Stage::Staging => drop(self.resolve()?),
            Stage::Resolved | Stage::Finished => {}
        }
        let coverage = serde_json::to_string(coverage).expect("numbers and maps with string keys");
        let policy = self.head_view().policy()?.map(|policy| Digest::of(policy.text.as_bytes()));
        let mut commit = Commit {
            seq: self.seq,
            header: self.header.clone(),
            counts: self.counts,
            policy,
            previous: self.previous,
            hash: Digest::ZERO,
        };
        let changes = book::hashes_of(self.store, self.seq)?;
        let (rejects, _) = reject::digest_of(self.store, self.seq)?;
        let held = held::hashes_since(self.store, self.seq - 1)?;
        let (purged, _) = purge::digest_of(self.store, self.seq)?;
        let content = Content { rows: self.digester.finish(), changes, rejects, held, purged };
        commit.hash = commit_hash(&commit, &coverage, &content);
        self.write_commit(&commit, &coverage)?;
        self.store.commit()?;
        self.stage = Stage::Finished;
        Ok(commit)
    }

    fn write_commit(&self, commit: &Commit, coverage: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE commits SET rows = ?2, puts = ?3, deletes = ?4, collapsed = ?5, rejects = ?6, row_last = ?7,
            policy = ?8, coverage = ?9, hash = ?10,
            held_last = (SELECT coalesce(max(number), 0) FROM held_events) WHERE seq = ?1";
        let counts = &commit.counts;
        let params = params![
            commit.seq.cast_signed(),
            counts.rows.cast_signed(),
            counts.puts.cast_signed(),
            counts.deletes.cast_signed(),
            counts.collapsed.cast_signed(),
            counts.rejects.cast_signed(),
            self.rows.next.sql() - 1,
            commit.policy.map(|policy| policy.0),
            coverage,
            commit.hash.0
        ];
        self.store.write("closing a commit", sql, params).map(drop)
    }

    /// Whether it is worked out what is in force.
    pub(crate) fn is_resolved(&self) -> bool {
        self.stage == Stage::Resolved
    }

    /// After a failure only dropping is left.
    pub(crate) fn guard<T>(&mut self, result: Result<T, LedgerError>) -> Result<T, LedgerError> {
        if result.is_err() {
            self.stage = Stage::Failed;
        }
        result
    }
}

/// Digests of what hangs on a commit, each in its order.
pub(crate) struct Content {
    pub(crate) rows: Digest,
    pub(crate) changes: Digest,
    pub(crate) rejects: Digest,
    pub(crate) held: Digest,
    /// Of what it purged, if it purged anything.
    pub(crate) purged: Option<Digest>,
}

/// What a commit's hash covers: everything that its row says, and all that hangs on it.
pub(crate) fn commit_hash(commit: &Commit, coverage: &str, content: &Content) -> Digest {
    let (header, counts) = (&commit.header, &commit.counts);
    let mut digester = Digester::new();
    digester
        .field(&commit.previous.0)
        .number(commit.seq.cast_signed())
        .number(header.known_at.micros())
        .field(header.actor.as_bytes())
        .field(header.purpose.as_bytes())
        .number(header.sources.len().cast_signed() as i64);
    for source in &header.sources {
        digester.field(source.name.as_bytes()).field(&source.digest.0);
    }
    digester.field(header.engine.engine.as_bytes()).field(header.engine.tables.as_bytes());
    for count in [counts.rows, counts.puts, counts.deletes, counts.collapsed, counts.rejects] {
        digester.number(count.cast_signed());
    }
    digester
        .field(commit.policy.as_ref().map_or(&[][..], |policy| &policy.0))
        .field(coverage.as_bytes())
        .field(&content.rows.0)
        .field(&content.changes.0)
        .field(&content.rejects.0)
        .field(&content.held.0);
    if let Some(purged) = content.purged {
        digester.field(&purged.0);
    }
    digester.finish()
}

impl Store {
    /// The last commit before one, and its coverage.
    pub(crate) fn coverage_before(&self, seq: u64) -> Result<Option<(u64, Coverage)>, LedgerError> {
        let sql = "SELECT seq, coverage FROM commits WHERE seq < ?1 ORDER BY seq DESC LIMIT 1";
        let found = self.first("reading coverage", sql, [seq.cast_signed()], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, String>(1)?))
        })?;
        found.map(|(seq, text)| Ok((seq, crate::ledger::coverage(&text)?))).transpose()
    }

    /// The record that a row puts.
    pub(crate) fn record(&self, row: RowId) -> Result<Record, LedgerError> {
        let doing = "reading a record";
        let mut found = None;
        self.each(
            doing,
            "SELECT kind, payload FROM rows WHERE row = ?1 AND op = 1 AND payload <> ''",
            [row.sql()],
            |columns| {
                let kind = crate::row::kind_of(columns.get(0).doing(doing)?)?;
                let payload = columns.get_ref(1).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?;
                found = Some(record_of(kind, payload)?);
                Ok(())
            },
        )?;
        found.ok_or(LedgerError::NoSuchRow(row))
    }
}
