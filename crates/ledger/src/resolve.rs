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
use crate::row::{KeyDigest, dataset_name, kind_code, kind_of};
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

/// A put of this commit: there is no other put of its key at this time.
struct Put {
    older: Option<RowId>,
    row: RowId,
    kind: RecordKind,
    deleted: bool,
}

impl Batch<'_> {
    pub(crate) fn work_out(&mut self) -> Result<Vec<RowChange>, LedgerError> {
        self.write_refs()?;
        let deleted = self.deleted_keys()?;
        let puts = self.meet_older(&deleted)?;
        let mut changes = self.end_older(puts)?;
        for (&key, &kind) in &deleted {
            changes.extend(self.resolve_delete(key, kind)?);
        }
        self.write_tallies()?;
        changes.sort_unstable_by_key(|change| (change.row(), *change));
        Ok(changes)
    }

    /// Finds for every put the latest older row of its key, and notes its own. In order of key.
    fn meet_older(&mut self, deleted: &BTreeMap<KeyDigest, RecordKind>) -> Result<Vec<Put>, LedgerError> {
        let mut staged: Vec<(KeyDigest, (RowId, RecordKind))> =
            std::mem::take(&mut self.puts).into_iter().collect();
        staged.sort_unstable();
        let mut puts = Vec::with_capacity(staged.len());
        for (key, (row, kind)) in staged {
            let older = self.latest_row(key, self.rows.first)?;
            let note = "INSERT INTO keys (head, tail, row) VALUES (?1, ?2, ?3)";
            self.store.write("noting a key", note, [key.head, key.tail, row.sql()])?;
            puts.push(Put { older, row, kind, deleted: deleted.contains_key(&key) });
        }
        Ok(puts)
    }

    /// Ends what the puts replace, in order of the rows replaced, and hands their identities on, in order of the new rows.
    fn end_older(&mut self, mut puts: Vec<Put>) -> Result<Vec<RowChange>, LedgerError> {
        let mut changes = Vec::with_capacity(puts.len());
        let mut born = Vec::new();
        puts.sort_unstable_by_key(|put| (put.older, put.row));
        for put in puts {
            let older = put.older.map(|row| self.standing(row)).transpose()?;
            let change = RowChange { kind: put.kind, before: None, after: Some(put.row), reborn: false };
            // A version that ended before, or that an earlier commit of this time deleted, hands nothing on.
            let Some(before) = older.filter(|older| older.until.is_none()) else {
                changes.push(change);
                continue;
            };
            if !put.deleted {
                born.push((put.row, before.born));
            }
            self.end(&before)?;
            changes.push(RowChange { before: Some(before.row), reborn: put.deleted, ..change });
        }
        born.sort_unstable();
        born.into_iter().try_for_each(|(row, born)| self.write_born(row, born))?;
        Ok(changes)
    }

    /// Notes which rows mention which key, in order of key.
    fn write_refs(&mut self) -> Result<(), LedgerError> {
        let mut refs = std::mem::take(&mut self.refs);
        refs.sort_unstable();
        refs.dedup();
        let sql = "INSERT INTO refs (head, tail, row) VALUES (?1, ?2, ?3)";
        for (key, row) in refs {
            self.store.write("noting a reference", sql, [key.head, key.tail, row.sql()])?;
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
            WHERE f.head = ?1 AND f.tail = ?2 AND v.kind IN (?4, ?5) AND v.since < ?3 AND (v.until IS NULL OR v.until >= ?3)
            ORDER BY f.row";
        let [relations, observations] = [RecordKind::Entity, RecordKind::Observation].map(kind_code);
        debug_assert!(RecordKind::ALL.iter().all(|kind| {
            kind.goes_with_entity() == [relations, observations].contains(&kind_code(*kind))
        }));
        let mut keys = Vec::new();
        self.store.each(
            doing,
            sql,
            [entity.head, entity.tail, self.header.known_at.micros(), relations, observations],
            |row| {
                let kind = kind_of(row.get(0).doing(doing)?)?;
                keys.push((KeyDigest::new(kind, &row.get::<_, String>(1).doing(doing)?), kind));
                Ok(())
            },
        )?;
        Ok(keys)
    }

    /// A deleted key. When this commit puts it too, the put has already been resolved.
    fn resolve_delete(&mut self, key: KeyDigest, kind: RecordKind) -> Result<Option<RowChange>, LedgerError> {
        let time = self.header.known_at;
        let latest = self.latest_row(key, self.rows.next)?.filter(|row| *row < self.rows.first);
        let Some(last) = latest.map(|row| self.standing(row)).transpose()? else { return Ok(None) };
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
    fn latest_row(&self, key: KeyDigest, before: RowId) -> Result<Option<RowId>, LedgerError> {
        if before == RowId(1) {
            return Ok(None);
        }
        let sql = "SELECT row FROM keys WHERE head = ?1 AND tail = ?2 AND row < ?3 ORDER BY row DESC LIMIT 1";
        let params = [key.head, key.tail, before.sql()];
        self.store.first("looking a key up", sql, params, |row| row.get(0).map(RowId::of))
    }

    fn standing(&self, row: RowId) -> Result<Standing, LedgerError> {
        let sql = "SELECT born, since, until, dataset FROM versions WHERE row = ?1";
        let found = self.store.first("reading a version", sql, [row.sql()], |columns| {
            Ok(Standing {
                row,
                born: KnownAt::from_micros(columns.get(0)?),
                since: KnownAt::from_micros(columns.get(1)?),
                until: columns.get::<_, Option<i64>>(2)?.map(KnownAt::from_micros),
                dataset: columns.get(3)?,
            })
        })?;
        found.ok_or_else(|| LedgerError::corrupt(format_args!("the version of row {} is missing", row.0)))
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
