//! What a batch changes in what is in force.
//!
//! For each key, at the batch's time T, with every commit of T taken together:
//! - *before* is the version in force strictly before T;
//! - the key is *deleted* when a line of T deletes it, or when *before* is a relation or observation that names an entity which a
//!   line of T deletes (that entity need not be in force; what was ended with it deletes nothing further);
//! - *after* is the put of T if there is one, else nothing if the key is deleted, else *before*;
//! - a put's identity was born at T if the key is deleted or nothing was before, else with *before*.
//!
//! In: the staged rows. Out: the changes against the state before this commit, and the same written into `versions`, `keys`,
//! `refs` and `tallies`.

use std::collections::BTreeMap;

use model::{KnownAt, RecordKind};
use rusqlite::params;

use crate::batch::Batch;
use crate::error::Doing;
use crate::row::{KeyDigest, dataset_name, kind_of};
use crate::{LedgerError, RowId};

/// How a batch changed which version of a key is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowChange {
    /// The kind of record.
    pub kind: RecordKind,
    /// The version in force before this commit.
    pub before: Option<RowId>,
    /// The version in force after it. The same as `before` when only its identity is another.
    pub after: Option<RowId>,
    /// Whether `after` is another identity than `before`: the key was deleted and put at one `known_at`.
    pub reborn: bool,
}

impl RowChange {
    /// Changes are ordered by the version that they leave, or the one that they end.
    fn row(&self) -> Option<RowId> {
        self.after.or(self.before)
    }
}

/// A version of a key as `versions` has it.
struct Standing {
    row: RowId,
    born: KnownAt,
    since: KnownAt,
    until: Option<KnownAt>,
    dataset: Option<String>,
}

impl Standing {
    /// Whether it was in force strictly before a time.
    fn before(&self, time: KnownAt) -> bool {
        self.since < time && self.until.is_none_or(|until| until >= time)
    }
}

impl Batch<'_> {
    pub(crate) fn work_out(&mut self) -> Result<Vec<RowChange>, LedgerError> {
        let mut refs = std::mem::take(&mut self.refs);
        refs.sort_unstable();
        refs.dedup();
        let note = "INSERT INTO refs (head, tail, row) VALUES (?1, ?2, ?3)";
        self.write_keys("noting a reference", note, refs.iter().copied())?;
        let deleted = self.deleted_keys()?;
        let mut puts: Vec<(KeyDigest, (RowId, RecordKind))> =
            std::mem::take(&mut self.puts).into_iter().collect();
        puts.sort_unstable();
        let note = "INSERT INTO keys (head, tail, row) VALUES (?1, ?2, ?3)";
        self.write_keys("noting a key", note, puts.iter().map(|&(key, (row, _))| (key, row)))?;
        // From here on in order of row: the versions that an update ends were mostly put in the same order.
        puts.sort_unstable_by_key(|(_, put)| *put);
        let mut changes = Vec::with_capacity(puts.len() + deleted.len());
        for (key, (row, kind)) in puts {
            changes.push(self.resolve_put(key, row, kind, deleted.contains_key(&key))?);
        }
        for (&key, &kind) in &deleted {
            changes.extend(self.resolve_delete(key, kind)?);
        }
        self.write_tallies()?;
        changes.sort_unstable_by_key(|change| (change.row(), *change));
        Ok(changes)
    }

    /// Appends to `keys` or `refs`, in their order.
    fn write_keys(
        &mut self,
        call: &'static str,
        sql: &str,
        rows: impl Iterator<Item = (KeyDigest, RowId)>,
    ) -> Result<(), LedgerError> {
        for (key, row) in rows {
            self.store.write(call, sql, [key.head, key.tail, row.sql()])?;
        }
        Ok(())
    }

    /// Keys that lines of this commit delete, and keys that go with a deleted entity.
    fn deleted_keys(&mut self) -> Result<BTreeMap<KeyDigest, RecordKind>, LedgerError> {
        let mut deleted = BTreeMap::new();
        for key in std::mem::take(&mut self.deletes) {
            let digest = KeyDigest::of(&key);
            deleted.insert(digest, key.kind);
            if key.kind == RecordKind::Entity {
                deleted.extend(self.dependents(digest)?);
            }
        }
        Ok(deleted)
    }

    /// Keys of the relations and observations in force strictly before this batch that name an entity.
    fn dependents(&self, entity: KeyDigest) -> Result<Vec<(KeyDigest, RecordKind)>, LedgerError> {
        let doing = "reading references";
        let sql = "SELECT r.kind, r.key FROM refs f JOIN versions v ON v.row = f.row JOIN rows r ON r.row = f.row
            WHERE f.head = ?1 AND f.tail = ?2 AND v.since < ?3 AND (v.until IS NULL OR v.until >= ?3) ORDER BY f.row";
        let mut keys = Vec::new();
        self.store.each(doing, sql, [entity.head, entity.tail, self.header.known_at.micros()], |row| {
            let kind = kind_of(row.get(0).doing(doing)?)?;
            keys.push((KeyDigest::new(kind, &row.get::<_, String>(1).doing(doing)?), kind));
            Ok(())
        })?;
        Ok(keys)
    }

    /// A put of this commit: there is no other put of its key at this time.
    fn resolve_put(
        &mut self,
        key: KeyDigest,
        row: RowId,
        kind: RecordKind,
        deleted: bool,
    ) -> Result<RowChange, LedgerError> {
        let new = RowChange { kind, before: None, after: Some(row), reborn: false };
        let time = self.header.known_at;
        let Some(before) = self.latest(key, self.rows.first)?.filter(|version| version.before(time)) else {
            return Ok(new);
        };
        let reborn = deleted || before.until.is_some();
        if !reborn {
            self.write_born(row, before.born)?;
        }
        if before.until.is_some() {
            return Ok(new);
        }
        self.end(&before)?;
        Ok(RowChange { before: Some(before.row), reborn, ..new })
    }

    /// A deleted key. When this commit puts it too, the put has already been resolved.
    fn resolve_delete(&mut self, key: KeyDigest, kind: RecordKind) -> Result<Option<RowChange>, LedgerError> {
        let time = self.header.known_at;
        let latest = self.latest(key, self.rows.next)?;
        let Some(last) = latest.filter(|last| last.row < self.rows.first) else { return Ok(None) };
        let change = RowChange { kind, before: Some(last.row), after: None, reborn: false };
        match () {
            () if last.since == time && last.born == time => Ok(None),
            () if last.since == time => {
                self.write_born(last.row, time)?;
                Ok(Some(RowChange { after: Some(last.row), reborn: true, ..change }))
            }
            () if last.until.is_none() => {
                self.end(&last)?;
                Ok(Some(change))
            }
            () => Ok(None),
        }
    }

    /// The latest version of a key among the rows before one.
    fn latest(&self, key: KeyDigest, before: RowId) -> Result<Option<Standing>, LedgerError> {
        if before == RowId(1) {
            return Ok(None);
        }
        let sql =
            "SELECT v.row, v.born, v.since, v.until, v.dataset FROM keys k JOIN versions v ON v.row = k.row
            WHERE k.head = ?1 AND k.tail = ?2 AND k.row < ?3 ORDER BY k.row DESC LIMIT 1";
        self.store.first("looking a key up", sql, [key.head, key.tail, before.sql()], |row| {
            Ok(Standing {
                row: RowId::of(row.get(0)?),
                born: KnownAt::from_micros(row.get(1)?),
                since: KnownAt::from_micros(row.get(2)?),
                until: row.get::<_, Option<i64>>(3)?.map(KnownAt::from_micros),
                dataset: row.get(4)?,
            })
        })
    }

    fn write_born(&mut self, row: RowId, born: KnownAt) -> Result<(), LedgerError> {
        let sql = "UPDATE versions SET born = ?2 WHERE row = ?1";
        self.store.write("noting an identity", sql, [row.sql(), born.micros()]).map(drop)
    }

    fn end(&mut self, version: &Standing) -> Result<(), LedgerError> {
        let sql = "UPDATE versions SET until = ?2, ended_by = ?3 WHERE row = ?1";
        let params = [version.row.sql(), self.header.known_at.micros(), self.seq.cast_signed()];
        self.store.write("ending a version", sql, params)?;
        if let Some(dataset) = &version.dataset {
            self.tally(&dataset_name(dataset)?, -1);
        }
        Ok(())
    }

    fn write_tallies(&mut self) -> Result<(), LedgerError> {
        let sql = "INSERT OR REPLACE INTO tallies (dataset, known_at, entities) SELECT ?1, ?2, ?3 + coalesce(
            (SELECT entities FROM tallies WHERE dataset = ?1 AND known_at <= ?2 ORDER BY known_at DESC LIMIT 1), 0)";
        for (dataset, difference) in std::mem::take(&mut self.tallies) {
            if difference != 0 {
                let params = params![dataset.as_str(), self.header.known_at.micros(), difference];
                self.store.write("noting how many entities are in force", sql, params)?;
            }
        }
        Ok(())
    }
}
