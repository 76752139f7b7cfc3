//! Opening a ledger and asking it about its commits.

use std::collections::BTreeSet;
use std::path::Path;

use model::{
    AlertChange, AlertId, Commit, CommitHeader, Counts, Coverage, Digest, Engine, Key, KnownAt, RecordKind,
    SourceFile,
};
use rusqlite::params;

use crate::error::Doing;
use crate::row::{PUT, VERSION, kind_code, kind_of, record_of, version};
use crate::store::Store;
use crate::{Batch, LedgerError, RowId, Version, View, book};

/// What a ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading: any number of processes, also while one writes.
    Read,
    /// Reading and writing: one process.
    Write,
}

/// An open ledger.
pub struct Ledger {
    pub(crate) store: Store,
}

/// What something that follows the ledger, and stands at some commit, lacks of one kind of record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowsSince {
    /// Versions that later commits put and that are in force now, in order of row.
    pub added: Vec<RowId>,
    /// Versions that were in force after that commit and no longer are, in order of row.
    pub ended: Vec<RowId>,
}

/// A line of a source as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its number in the source.
    pub line: u64,
    /// What it does.
    pub deed: Deed,
    /// With which record.
    pub key: Key,
}

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It puts the record.
    Put,
    /// It deletes it.
    Delete,
}

impl Ledger {
    /// Makes a new, empty store and opens it for writing. Refuses a path where something is.
    pub fn create(path: &Path) -> Result<Self, LedgerError> {
        Ok(Self { store: Store::create(path)? })
    }

    /// Opens a store. Opening for writing migrates an older format and refuses a second writer.
    pub fn open(path: &Path, access: Access) -> Result<Self, LedgerError> {
        Ok(Self { store: Store::open(path, access == Access::Write, None)? })
    }

    /// Opens a store for writing and asks `faults` before every call that writes, with its name; `true` makes that call fail.
    pub fn open_with_faults(
        path: &Path,
        faults: Box<dyn FnMut(&'static str) -> bool + Send>,
    ) -> Result<Self, LedgerError> {
        Ok(Self { store: Store::open(path, true, Some(faults))? })
    }

    /// The last commit; `None` in an empty store.
    pub fn head(&self) -> Result<Option<Commit>, LedgerError> {
        self.store.head().map(|head| head.map(|(commit, _)| commit))
    }

    /// When the last commit that anybody was screened with became known: commits of decisions alone are passed over.
    pub fn screened_at(&self) -> Result<Option<KnownAt>, LedgerError> {
        let Some((head, _)) = self.store.head()? else { return Ok(None) };
        let repeats = self.coverage(head.seq)?.and_then(|coverage| coverage.repeats);
        let screened = repeats.map(|seq| self.commit(seq)).transpose()?.flatten().unwrap_or(head);
        Ok(Some(screened.header.known_at))
    }

    /// The commit of a sequence number.
    pub fn commit(&self, seq: u64) -> Result<Option<Commit>, LedgerError> {
        let sql = format!("SELECT {COMMIT} WHERE seq = ?1");
        let mut found = None;
        self.store.each("reading a commit", &sql, [seq.cast_signed()], |row| {
            found = Some(commit(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// All commits, in order.
    pub fn commits(&self) -> Result<Vec<Commit>, LedgerError> {
        let mut commits = Vec::new();
        self.store.each("reading commits", &format!("SELECT {COMMIT} ORDER BY seq"), [], |row| {
            commits.push(commit(row)?);
            Ok(())
        })?;
        Ok(commits)
    }

    /// Whether some commit of that `known_at` read a file of that digest: it need not be read again after a crash.
    pub fn has_source(&self, digest: Digest, known_at: KnownAt) -> Result<bool, LedgerError> {
        let mut found = false;
        let sql = "SELECT sources FROM commits WHERE known_at = ?1";
        self.store.each("looking for a source", sql, [known_at.micros()], |row| {
            found |= sources(row, 0)?.iter().any(|source| source.digest == digest);
            Ok(())
        })?;
        Ok(found)
    }

    /// Begins a batch: one transaction that stands whole after [`Batch::finish`] and leaves nothing otherwise. A `known_at` equal
    /// to the head's joins that batch: what was in force before it is worked out anew from the lines of both.
    pub fn begin(&mut self, header: CommitHeader) -> Result<Batch<'_>, LedgerError> {
        Batch::begin(&self.store, header)
    }

    /// From here on finished batches are made durable together, by [`close_group`](Self::close_group): a thousand small commits then
    /// write each page of the file once and not a thousand times. Each commit still stands whole or not at all; a crash loses
    /// whole commits from the end of the group on, so acknowledge none of them before.
    pub fn open_group(&mut self) -> Result<(), LedgerError> {
        self.store.open_group()
    }

    /// Makes the commits since [`open_group`](Self::open_group) durable. After an error none of them stands.
    pub fn close_group(&mut self) -> Result<(), LedgerError> {
        self.store.close_group()
    }

    /// Takes the commits since [`open_group`](Self::open_group) back, as if they had never been.
    pub fn abandon_group(&mut self) {
        self.store.abandon_group();
    }

    /// Writes something that changes nothing, durably: an error says that nothing can be written now.
    pub fn probe(&self) -> Result<(), LedgerError> {
        self.store.probe()
    }

    /// Lets everything that `read` asks see one state, also while another process commits.
    pub fn snapshot<T, E: From<LedgerError>>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.snapshot(|| read(self))
    }

    /// What was known at a time; [`KnownAt::MAX`] is the head.
    pub fn as_of(&self, known_at: KnownAt) -> View<'_> {
        View::new(&self.store, known_at)
    }

    /// Changes of alerts that became known later than `after` and up to `up_to`, ordered by (`known_at`, alert).
    pub fn alert_changes(&self, after: KnownAt, up_to: KnownAt) -> Result<Vec<AlertChange>, LedgerError> {
        book::changes(&self.store, after, up_to)
    }

    /// The alerts and other findings that a commit did something to, as it did it.
    pub fn touched(&self, seq: u64) -> Result<Vec<book::Touched>, LedgerError> {
        book::touched(&self.store, seq, 0, usize::MAX)
    }

    /// The same after a row, and so many at most.
    pub fn touched_after(
        &self,
        seq: u64,
        after_row: u64,
        rows_max: usize,
    ) -> Result<Vec<book::Touched>, LedgerError> {
        book::touched(&self.store, seq, after_row, rows_max)
    }

    /// The decisions that a commit holds, in order.
    pub fn decisions_of(&self, seq: u64) -> Result<Vec<model::Decision>, LedgerError> {
        let all = self.decisions_after(seq, 0, usize::MAX)?;
        Ok(all.into_iter().map(|(_, decision)| decision).collect())
    }

    /// The same with their rows, after a row, and so many at most.
    pub fn decisions_after(
        &self,
        seq: u64,
        after_row: u64,
        rows_max: usize,
    ) -> Result<Vec<(u64, model::Decision)>, LedgerError> {
        let sql = format!(
            "SELECT {VERSION} WHERE v.kind = ?2 AND v.kind <> 2 AND v.row BETWEEN
            1 + max(?3, coalesce((SELECT max(row_last) FROM commits WHERE seq < ?1), 0))
            AND (SELECT row_last FROM commits WHERE seq = ?1) ORDER BY v.row LIMIT ?4"
        );
        let (doing, kind) = ("reading decisions", RecordKind::Decision);
        let rows_max = i64::try_from(rows_max).unwrap_or(i64::MAX);
        let bounds = [seq.cast_signed(), kind_code(kind), after_row.cast_signed(), rows_max];
        let mut decisions = Vec::new();
        self.store.each(doing, &sql, bounds, |row| {
            let payload = row.get_ref(5).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?;
            if let model::Record::Decision(decision) = record_of(kind, payload)? {
                decisions.push((row.get::<_, i64>(0).doing(doing)?.cast_unsigned(), *decision));
            }
            Ok(())
        })?;
        Ok(decisions)
    }

    /// The alerts and other findings whose id begins with some hexadecimal digits, in order of id; none for what is no such beginning.
    pub fn alerts_beginning(&self, digits: &str) -> Result<Vec<AlertId>, LedgerError> {
        let bound =
            |filler: &str| AlertId::from_hex(&format!("{digits}{}", filler.repeat(32 - digits.len())));
        if digits.is_empty() || digits.len() > 32 || !digits.is_ascii() {
            return Ok(Vec::new());
        }
        let (Some(first), Some(last)) = (bound("0"), bound("f")) else { return Ok(Vec::new()) };
        let sql = "SELECT alert FROM alerts WHERE alert BETWEEN ?1 AND ?2 ORDER BY alert";
        self.store.all("looking alerts up", sql, [first.0, last.0], |row| row.get(0).map(AlertId))
    }

    /// What was written of some keys at a known time, by all its commits, in order.
    pub fn written(&self, known_at: KnownAt, keys: &BTreeSet<Key>) -> Result<Vec<Written>, LedgerError> {
        let doing = "reading lines";
        let sql = "SELECT line, op, kind, key FROM rows WHERE row BETWEEN
            1 + coalesce((SELECT max(row_last) FROM commits WHERE known_at < ?1), 0)
            AND (SELECT max(row_last) FROM commits WHERE known_at = ?1) ORDER BY row";
        let mut written = Vec::new();
        self.store.each(doing, sql, [known_at.micros()], |row| {
            let kind = kind_of(row.get(2).doing(doing)?)?;
            let key = Key { kind, text: row.get::<_, String>(3).doing(doing)?.into() };
            if keys.contains(&key) {
                let line = row.get::<_, i64>(0).doing(doing)?.cast_unsigned();
                let deed = if row.get::<_, i64>(1).doing(doing)? == PUT { Deed::Put } else { Deed::Delete };
                written.push(Written { line, deed, key });
            }
            Ok(())
        })?;
        Ok(written)
    }

    /// What was examined with a commit.
    pub fn coverage(&self, seq: u64) -> Result<Option<Coverage>, LedgerError> {
        let sql = "SELECT coverage FROM commits WHERE seq = ?1";
        let text =
            self.store.first("reading coverage", sql, [seq.cast_signed()], |row| row.get::<_, String>(0))?;
        text.map(|text| coverage(&text)).transpose()
    }

    /// What has changed among the records of a kind in force since a commit (0: since the beginning). A row that only became
    /// another identity is in neither list.
    pub fn rows_since(&self, seq: u64, kind: RecordKind) -> Result<RowsSince, LedgerError> {
        let row_last = match seq {
            0 => 0,
            _ => self
                .store
                .first(
                    "reading a commit",
                    "SELECT row_last FROM commits WHERE seq = ?1",
                    [seq.cast_signed()],
                    |r| r.get::<_, i64>(0),
                )?
                .ok_or(LedgerError::Misuse("rows_since: there is no such commit"))?,
        };
        let rows = |sql: &str, params: &[i64]| {
            let params = rusqlite::params_from_iter(params);
            self.store.all("reading what changed", sql, params, |row| row.get(0).map(RowId::of))
        };
        // The pluses keep SQLite from reading all rows instead of those that later commits ended.
        Ok(RowsSince {
            added: rows(
                "SELECT row FROM versions WHERE row > ?1 AND kind = ?2 AND until IS NULL ORDER BY row",
                &[row_last, kind_code(kind)],
            )?,
            ended: rows(
                "SELECT row FROM versions WHERE ended_by > ?2 AND +row <= ?1 AND kind = ?3 ORDER BY +row",
                &[row_last, seq.cast_signed(), kind_code(kind)],
            )?,
        })
    }

    /// The entity version of a row.
    pub fn version(&self, row: RowId) -> Result<Version, LedgerError> {
        self.store.version(row)
    }
}

/// Columns of a commit, in the order in which [`read_commit`] reads them; after them what only some readers need.
pub(crate) const COMMIT: &str =
    "seq, known_at, actor, purpose, sources, engine, tables, rows, puts, deletes, collapsed, rejects,
    policy, previous, hash, row_last, coverage, held_last FROM commits";

/// A commit; damage is that of the commit that the row says it is.
pub(crate) fn commit(row: &rusqlite::Row<'_>) -> Result<Commit, LedgerError> {
    let seq: i64 = row.get(0).doing("reading a commit")?;
    read_commit(row).map_err(|error| error.at_commit(seq.cast_unsigned()))
}

pub(crate) fn read_commit(row: &rusqlite::Row<'_>) -> Result<Commit, LedgerError> {
    let doing = "reading a commit";
    let number = |at: usize| row.get::<_, i64>(at).map(i64::cast_unsigned).doing(doing);
    let text = |at: usize| row.get::<_, String>(at).doing(doing);
    let digest = |at: usize| row.get(at).map(Digest).doing(doing);
    Ok(Commit {
        seq: number(0)?,
        header: CommitHeader {
            known_at: KnownAt::from_micros(row.get(1).doing(doing)?),
            actor: text(2)?,
            purpose: text(3)?,
            sources: sources(row, 4)?,
            engine: Engine { engine: text(5)?, tables: text(6)? },
        },
        counts: Counts {
            rows: number(7)?,
            puts: number(8)?,
            deletes: number(9)?,
            collapsed: number(10)?,
            rejects: number(11)?,
        },
        policy: row.get::<_, Option<[u8; 32]>>(12).doing(doing)?.map(Digest),
        previous: digest(13)?,
        hash: digest(14)?,
    })
}

pub(crate) fn coverage(text: &str) -> Result<Coverage, LedgerError> {
    serde_json::from_str(text).doing("reading coverage")
}

fn sources(row: &rusqlite::Row<'_>, at: usize) -> Result<Vec<SourceFile>, LedgerError> {
    let text: String = row.get(at).doing("reading the sources of a commit")?;
    serde_json::from_str(&text).doing("reading the sources of a commit")
}

impl Store {
    /// The last commit and the last row that it holds.
    pub(crate) fn head(&self) -> Result<Option<(Commit, RowId)>, LedgerError> {
        let sql = format!("SELECT {COMMIT} ORDER BY seq DESC LIMIT 1");
        let mut head = None;
        self.each("reading the head", &sql, [], |row| {
            head = Some((commit(row)?, RowId::of(row.get(15).doing("reading the head")?)));
            Ok(())
        })?;
        Ok(head)
    }

    pub(crate) fn version(&self, row: RowId) -> Result<Version, LedgerError> {
        let mut found = None;
        let sql = format!("SELECT {VERSION} WHERE v.row = ?1 AND v.kind = 2");
        self.each("reading a version", &sql, params![row.sql()], |row| {
            found = Some(version(row)?);
            Ok(())
        })?;
        found.ok_or(LedgerError::NoSuchRow(row))
    }
}
