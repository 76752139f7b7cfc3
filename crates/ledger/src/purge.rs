//! Purge: the content of a person's rows leaves the store, and what proves the chain stays.
//!
//! In: a resolved batch that deletes entities, and their ids. Out: rows without key, salt and payload, and in their place a digest of
//! the key, the dataset and digests of the entities that they name; alerts whose subject is a digest. Always holds: the
//! triggers let a row lose its content only when a row of `purges` says so, and the commit's hash covers `purges` and
//! `purged_alerts`; so whatever is removed otherwise is found. The batch stands whole or not at all (`PURGE`); the bytes leave the file
//! itself with [`Ledger::scrub`], which a store that was left in between does when it is next opened for writing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{AlertId, Commit, DatasetName, Digest, Digester, EntityId, Key, KnownAt, Record, RecordKind};
use rusqlite::{Row, params};

use crate::batch::Batch;
use crate::error::Doing;
use crate::ledger::{COMMIT, commit};
use crate::row::{DELETE, KeyDigest, PUT, entity_id, kind_of, record_of};
use crate::store::Store;
use crate::{Ledger, LedgerError, RowId};

/// The digest that stands for the id of somebody purged, wherever the id stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PurgedId(pub(crate) KeyDigest);

/// What stands before the digest where an id stood. A source that states such an id harms nothing: `purged_alerts` decides.
pub(crate) const MARK: &str = "purged:";

impl PurgedId {
    /// The digest of an id.
    pub fn of(id: &EntityId) -> Self {
        Self(KeyDigest::of_entity(id.as_str()))
    }

    /// The id that stands in an alert of somebody purged, read back.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(MARK)?;
        let bits = AlertId::from_hex(digits)?.0;
        Some(Self(KeyDigest::from_bytes(bits)))
    }
}

impl fmt::Display for PurgedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}", AlertId(self.0.bytes()))
    }
}

/// What a commit purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// The commit: who, when, for what purpose.
    pub commit: Commit,
    /// Who was purged.
    pub subjects: Vec<PurgedId>,
    /// How many rows of the journal lost their content.
    pub rows: u64,
    /// How many alerts name a digest since.
    pub alerts: u64,
}

/// What `purges` keeps of a row: enough to derive everything that follows from it.
pub(crate) struct PurgedRow {
    pub(crate) commit: u64,
    pub(crate) key: KeyDigest,
    pub(crate) dataset: Option<String>,
    /// The entities whose deletion ends it.
    pub(crate) mentions: Vec<KeyDigest>,
}

impl PurgedRow {
    /// Reads commit, key, dataset and mentions from a column on; `None` where the first is null.
    pub(crate) fn read(columns: &Row<'_>, from: usize) -> Result<Option<Self>, LedgerError> {
        let doing = "reading what was purged";
        let Some(commit) = columns.get::<_, Option<i64>>(from).doing(doing)? else { return Ok(None) };
        let mentions: Vec<u8> = columns.get(from + 3).doing(doing)?;
        let (mentions, rest) = mentions.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(LedgerError::corrupt("what is kept of a purged row cannot be read"));
        }
        Ok(Some(Self {
            commit: commit.cast_unsigned(),
            key: KeyDigest::from_bytes(columns.get(from + 1).doing(doing)?),
            dataset: columns.get(from + 2).doing(doing)?,
            mentions: mentions.iter().map(|bytes| KeyDigest::from_bytes(*bytes)).collect(),
        }))
    }
}

/// A row that is to be purged.
struct Doomed {
    op: i64,
    kind: RecordKind,
    key: String,
    payload: String,
}

impl Batch<'_> {
    /// Purges entities that this batch, or an earlier one, deleted: all their versions and deletions, relations and observations that
    /// name them, events about them, decisions about them and their alerts, and their ids in alerts. Apply the batch
    /// first, so that their alerts are withdrawn; afterwards it is only finished.
    ///
    /// Refused for an entity that is in force, or that is the entry of somebody else's alert.
    pub fn purge(&mut self, subjects: &BTreeSet<EntityId>) -> Result<u64, LedgerError> {
        if !self.is_resolved() {
            return Err(LedgerError::Misuse("purge: a batch is applied before it purges"));
        }
        let purged = self.store.mark_unscrubbed().and_then(|()| self.purge_all(subjects));
        self.guard(purged)
    }

    fn purge_all(&mut self, subjects: &BTreeSet<EntityId>) -> Result<u64, LedgerError> {
        let mut doomed = BTreeMap::new();
        for subject in subjects {
            self.condemn(subject, &mut doomed)?;
        }
        let alerts = self.purge_alerts(subjects)?;
        for alert in alerts {
            self.condemn_by("refs", KeyDigest::of(&Key::review_of(alert)), &mut doomed)?;
        }
        self.condemn_deletions(subjects, &mut doomed)?;
        for (row, content) in &doomed {
            self.purge_row(*row, content)?;
        }
        Ok(doomed.len() as u64)
    }

    /// Every version of an entity and every put that names it.
    fn condemn(&self, subject: &EntityId, doomed: &mut BTreeMap<RowId, Doomed>) -> Result<(), LedgerError> {
        let doing = "looking for what is to be purged";
        let key = KeyDigest::of_entity(subject.as_str());
        let in_force = "SELECT 1 FROM keys k JOIN versions v ON v.row = k.row
            WHERE k.head = ?1 AND k.tail = ?2 AND v.until IS NULL";
        if self.store.first(doing, in_force, [key.head, key.tail], |_| Ok(()))?.is_some() {
            return Err(LedgerError::Misuse("purge: an entity is deleted before it is purged"));
        }
        ["keys", "refs"].into_iter().try_for_each(|table| self.condemn_by(table, key, doomed))
    }

    /// Every put of a key, or every put that mentions it.
    fn condemn_by(
        &self,
        table: &'static str,
        key: KeyDigest,
        doomed: &mut BTreeMap<RowId, Doomed>,
    ) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT r.row, r.op, r.kind, r.key, r.payload FROM {table} t JOIN rows r ON r.row = t.row
             WHERE t.head = ?1 AND t.tail = ?2 AND r.payload <> ''"
        );
        let doing = "looking for what is to be purged";
        self.store.each(doing, &sql, [key.head, key.tail], |columns| doom(columns, doomed))
    }

    /// Lines that deleted what is purged whole: they repeat its key. Reads all deletions once.
    fn condemn_deletions(
        &self,
        subjects: &BTreeSet<EntityId>,
        doomed: &mut BTreeMap<RowId, Doomed>,
    ) -> Result<(), LedgerError> {
        let doing = "looking for deletions to be purged";
        let mut whole: BTreeSet<(RecordKind, String)> =
            subjects.iter().map(|id| (RecordKind::Entity, id.as_str().to_owned())).collect();
        for content in doomed.values() {
            let key = KeyDigest::new(content.kind, &content.key);
            let sql = "SELECT row FROM keys WHERE head = ?1 AND tail = ?2";
            let rows = self.store.all(doing, sql, [key.head, key.tail], |row| row.get(0).map(RowId::of))?;
            let mut left = rows.into_iter().filter(|row| !doomed.contains_key(row));
            if left.all(|row| self.store.is_purged(row).unwrap_or(false)) {
                whole.insert((content.kind, content.key.clone()));
            }
        }
        let sql = "SELECT row, op, kind, key, payload FROM rows WHERE op = ?1 AND payload <> ''";
        self.store.each(doing, sql, [DELETE], |columns| {
            let kind = kind_of(columns.get(2).doing(doing)?)?;
            let key: String = columns.get(3).doing(doing)?;
            if whole.contains(&(kind, key)) { doom(columns, doomed) } else { Ok(()) }
        })
    }

    /// Takes the ids out of the alert book; the alerts that had them.
    fn purge_alerts(&self, subjects: &BTreeSet<EntityId>) -> Result<BTreeSet<AlertId>, LedgerError> {
        let doing = "looking for alerts to be purged";
        let mut alerts = BTreeSet::new();
        for subject in subjects {
            let id = subject.as_str();
            let hash = KeyDigest::of_entity(id).head;
            let as_entry = "SELECT 1 FROM alerts WHERE entry_hash = ?1 AND entry = ?2 AND subject <> ?2";
            if self.store.first(doing, as_entry, params![hash, id], |_| Ok(()))?.is_some() {
                return Err(LedgerError::Misuse(
                    "purge: somebody else's alert rests on this entity; entries of lists are not purged",
                ));
            }
            let sql = "SELECT number, alert FROM alerts WHERE subject_hash = ?1 AND subject = ?2";
            let found = self.store.all(doing, sql, params![hash, id], |row| {
                Ok((row.get::<_, i64>(0)?, AlertId(row.get(1)?)))
            })?;
            for (number, alert) in found {
                let note = "INSERT INTO purged_alerts (alert, commit_seq) VALUES (?1, ?2)";
                self.store.write("noting a purged alert", note, [number, self.seq.cast_signed()])?;
                let forget =
                    "UPDATE alerts SET subject = ?2, entry = iif(entry = ?3, ?2, entry) WHERE number = ?1";
                let mark = PurgedId::of(subject).to_string();
                self.store.write("purging an alert", forget, params![number, mark, id])?;
                alerts.insert(alert);
            }
        }
        Ok(alerts)
    }

    fn purge_row(&self, row: RowId, content: &Doomed) -> Result<(), LedgerError> {
        let key = KeyDigest::new(content.kind, &content.key);
        let (mut dataset, mut mentions) = (None, Vec::new());
        if content.op == PUT {
            let record = record_of(content.kind, content.payload.as_bytes())?;
            let forget = "DELETE FROM refs WHERE head = ?1 AND tail = ?2 AND row = ?3";
            for mentioned in record.mentions() {
                let named = KeyDigest::of(&mentioned);
                if mentioned.kind == RecordKind::Entity && content.kind.deletable() {
                    mentions.extend(named.bytes());
                } else {
                    self.store.write("purging a reference", forget, [named.head, named.tail, row.sql()])?;
                }
            }
            if let Record::Entity(record) = record {
                dataset = Some(record.dataset.as_str().to_owned());
            }
        }
        let note = "INSERT INTO purges (row, commit_seq, key, dataset, mentions) VALUES (?1, ?2, ?3, ?4, ?5)";
        let params = params![row.sql(), self.seq.cast_signed(), key.bytes(), dataset, mentions];
        self.store.write("noting a purged row", note, params)?;
        let forget = "UPDATE rows SET key = '', salt = x'', payload = '' WHERE row = ?1";
        self.store.write("purging a row", forget, [row.sql()]).map(drop)
    }
}

fn doom(columns: &Row<'_>, doomed: &mut BTreeMap<RowId, Doomed>) -> Result<(), LedgerError> {
    let doing = "looking for what is to be purged";
    let content = Doomed {
        op: columns.get(1).doing(doing)?,
        kind: kind_of(columns.get(2).doing(doing)?)?,
        key: columns.get(3).doing(doing)?,
        payload: columns.get(4).doing(doing)?,
    };
    doomed.insert(RowId::of(columns.get(0).doing(doing)?), content);
    Ok(())
}

/// What a commit's hash covers of what it purged, and of how many rows and alerts; `None` for a commit that purged nothing.
pub(crate) fn digest_of(store: &Store, seq: u64) -> Result<(Option<Digest>, [i64; 2]), LedgerError> {
    let doing = "hashing what was purged";
    let (mut digester, mut counts) = (Digester::new(), [0, 0]);
    let sql =
        "SELECT row, key, coalesce(dataset, ''), mentions FROM purges WHERE commit_seq = ?1 ORDER BY row";
    store.each(doing, sql, [seq.cast_signed()], |row| {
        counts[0] += 1;
        digester.number(row.get(0).doing(doing)?).field(&row.get::<_, [u8; 16]>(1).doing(doing)?);
        let dataset = row.get_ref(2).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?;
        digester.field(dataset);
        digester.field(row.get_ref(3).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?);
        Ok(())
    })?;
    let sql = "SELECT a.alert, a.subject, a.subject_born, a.cause_kind, a.entry, a.entry_born, a.number
        FROM purged_alerts p JOIN alerts a ON a.number = p.alert WHERE p.commit_seq = ?1 ORDER BY a.number";
    store.each(doing, sql, [seq.cast_signed()], |row| {
        counts[1] += 1;
        for column in [0, 1, 3, 4] {
            digester.field(row.get_ref(column).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?);
        }
        for column in [2, 5, 6] {
            digester.number(row.get(column).doing(doing)?);
        }
        Ok(())
    })?;
    Ok(((counts != [0, 0]).then(|| digester.finish()), counts))
}

impl Ledger {
    /// Everything that was ever purged, commit by commit.
    pub fn purges(&self) -> Result<Vec<Purge>, LedgerError> {
        let doing = "reading what was purged";
        let sql = format!(
            "SELECT {COMMIT} WHERE seq IN (SELECT commit_seq FROM purges UNION SELECT commit_seq FROM purged_alerts) ORDER BY seq"
        );
        let mut purges = Vec::new();
        self.store.each(doing, &sql, [], |row| {
            let commit = commit(row)?;
            let (subjects, rows) = self.purged_by(commit.seq)?;
            let count = "SELECT count(*) FROM purged_alerts WHERE commit_seq = ?1";
            let alerts = self.store.first(doing, count, [commit.seq.cast_signed()], |row| row.get(0))?;
            let alerts = alerts.map_or(0, i64::cast_unsigned);
            purges.push(Purge { commit, subjects, rows, alerts });
            Ok(())
        })?;
        Ok(purges)
    }

    /// Whoever a commit purged by its own deletions, and how many rows it purged.
    fn purged_by(&self, seq: u64) -> Result<(Vec<PurgedId>, u64), LedgerError> {
        let doing = "reading what was purged";
        let (mut subjects, mut rows) = (Vec::new(), 0);
        let sql = "SELECT p.key, r.op = 0 AND r.kind = 2 AND r.commit_seq = p.commit_seq
            FROM purges p JOIN rows r ON r.row = p.row WHERE p.commit_seq = ?1";
        self.store.each(doing, sql, [seq.cast_signed()], |row| {
            rows += 1;
            if row.get(1).doing(doing)? {
                subjects.push(PurgedId(KeyDigest::from_bytes(row.get(0).doing(doing)?)));
            }
            Ok(())
        })?;
        subjects.sort_unstable();
        subjects.dedup();
        Ok((subjects, rows))
    }

    /// When the entities of a dataset were last put, changed or deleted, by id; without those purged.
    pub fn last_known(&self, dataset: &DatasetName) -> Result<Vec<(EntityId, KnownAt)>, LedgerError> {
        let doing = "reading when entities were last known";
        let sql = "SELECT r.key, max(max(v.since, coalesce(v.until, v.since)))
            FROM versions v JOIN rows r ON r.row = v.row AND r.payload <> ''
            WHERE v.dataset = ?1 GROUP BY r.key ORDER BY r.key";
        let mut known = Vec::new();
        self.store.each(doing, sql, [dataset.as_str()], |row| {
            let id = entity_id(&row.get::<_, String>(0).doing(doing)?)?;
            known.push((id, KnownAt::from_micros(row.get(1).doing(doing)?)));
            Ok(())
        })?;
        Ok(known)
    }

    /// Where a purge of an id would leave it: what the chain rests on and no purge removes. Empty where it stands nowhere of that sort.
    pub fn left_by_a_purge(&self, id: &EntityId) -> Result<Vec<String>, LedgerError> {
        let places = [
            ("the policy in row", "SELECT row FROM rows WHERE kind = 1 AND instr(payload, ?1)"),
            (
                "the purpose or the sources of commit",
                "SELECT seq FROM commits WHERE instr(purpose, ?1) OR instr(sources, ?1)",
            ),
            (
                "a reject of commit",
                "SELECT DISTINCT commit_seq FROM rejects WHERE instr(reason, ?1) OR instr(file, ?1)",
            ),
            (
                "the note of held version",
                "SELECT id FROM held WHERE instr(file, ?1) OR instr(note, ?1) OR instr(reason, ?1)",
            ),
        ];
        let mut left = Vec::new();
        for (what, sql) in places {
            let found =
                self.store.all("looking for an id", sql, [id.as_str()], |row| row.get::<_, i64>(0))?;
            left.extend(found.into_iter().map(|number| format!("{what} {number}")));
        }
        Ok(left)
    }

    /// Takes what was purged, or discarded, out of the bytes of the file and of its log: the file is written anew. Refused while
    /// others read.
    pub fn scrub(&mut self) -> Result<(), LedgerError> {
        self.store.scrub()
    }
}

impl Store {
    fn is_purged(&self, row: RowId) -> Result<bool, LedgerError> {
        let sql = "SELECT 1 FROM purges WHERE row = ?1";
        Ok(self.first("reading what was purged", sql, [row.sql()], |_| Ok(()))?.is_some())
    }
}
