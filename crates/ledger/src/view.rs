//! What was known at a time: records in force and alerts open.
//!
//! In: a `known_at`. Out: what every commit up to it says together. A view of a past time never changes, with one exception: a
//! later commit of the head's own `known_at` belongs to that time as well.

use std::collections::BTreeMap;

use model::{
    AlertId, AlertState, Attribute, CauseKind, Claim, Commit, Coverage, Dataset, DatasetName, Decision,
    EntityId, Event, Generic, Identity, Key, KnownAt, Observation, PolicyRecord, Record, RecordKind,
};
use rusqlite::params;

use crate::error::Doing;
use crate::ledger::{COMMIT, commit, coverage};
use crate::row::{KeyDigest, VERSION, kind_code, record_of, version};
use crate::store::Store;
use crate::{LedgerError, RowId, Version, book};

/// The ledger as of a known time.
#[derive(Clone, Copy)]
pub struct View<'a> {
    store: &'a Store,
    at: KnownAt,
}

/// A record in force, where it stands and when it became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    /// Its row.
    pub row: RowId,
    /// Since when.
    pub known_at: KnownAt,
    /// What is known.
    pub record: T,
}

/// A version in force at `?1`.
const IN_FORCE: &str = "v.since <= ?1 AND (v.until IS NULL OR v.until > ?1)";

impl<'a> View<'a> {
    pub(crate) fn new(store: &'a Store, at: KnownAt) -> Self {
        Self { store, at }
    }

    /// Its time.
    pub fn known_at(&self) -> KnownAt {
        self.at
    }

    /// The last commit that it sees, and what was examined with it.
    pub fn last_commit(&self) -> Result<Option<(Commit, Coverage)>, LedgerError> {
        let sql = format!("SELECT {COMMIT} WHERE known_at <= ?1 ORDER BY known_at DESC, seq DESC LIMIT 1");
        let mut last = None;
        self.store.each("reading the last commit", &sql, [self.at.micros()], |row| {
            let text: String = row.get(16).doing("reading coverage")?;
            last = Some((commit(row)?, coverage(&text)?));
            Ok(())
        })?;
        Ok(last)
    }

    /// A dataset by name.
    pub fn dataset(&self, name: &DatasetName) -> Result<Option<Dataset>, LedgerError> {
        let key = Key { kind: RecordKind::Dataset, text: name.as_str().into() };
        Ok(self.record(&key)?.and_then(|record| match record {
            Record::Dataset(dataset) => Some(dataset),
            _ => None,
        }))
    }

    /// All datasets, ordered by name.
    pub fn datasets(&self) -> Result<Vec<Dataset>, LedgerError> {
        let mut datasets = Vec::new();
        self.records(RecordKind::Dataset, &mut |_, record| {
            if let Record::Dataset(dataset) = record {
                datasets.push(dataset);
            }
            Ok(())
        })?;
        datasets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(datasets)
    }

    /// The policy in force; `None` for the built-in default.
    pub fn policy(&self) -> Result<Option<PolicyRecord>, LedgerError> {
        let key = Key { kind: RecordKind::Policy, text: "policy".into() };
        Ok(self.record(&key)?.and_then(|record| match record {
            Record::Policy(policy) => Some(policy),
            _ => None,
        }))
    }

    /// Every policy that was adopted up to the view's time, in order.
    pub fn policies(&self) -> Result<Vec<Known<PolicyRecord>>, LedgerError> {
        let kind = RecordKind::Policy;
        let sql =
            format!("SELECT {VERSION} WHERE v.kind = ?2 AND v.kind <> 2 AND v.since <= ?1 ORDER BY v.row");
        let mut policies = Vec::new();
        self.store.each("reading policies", &sql, [self.at.micros(), kind_code(kind)], |row| {
            if let Known { row, known_at, record: Record::Policy(record) } = known(kind, row)? {
                policies.push(Known { row, known_at, record });
            }
            Ok(())
        })?;
        Ok(policies)
    }

    /// The entity version of a row, whether or not the view sees it in force.
    pub fn version(&self, row: RowId) -> Result<Version, LedgerError> {
        self.store.version(row)
    }

    /// An entity by id.
    pub fn entity(&self, id: &EntityId) -> Result<Option<Version>, LedgerError> {
        let digest = KeyDigest::of_entity(id.as_str());
        let sql = format!(
            "SELECT {VERSION} JOIN keys k ON k.row = v.row
             WHERE k.head = ?2 AND k.tail = ?3 AND {IN_FORCE}"
        );
        let params = [self.at.micros(), digest.head, digest.tail];
        let mut found = None;
        self.store.each("looking an entity up", &sql, params, |row| {
            found = Some(version(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first version that was ever put under an id, whichever identity it was of; `None` when it had not come yet.
    pub fn first_version(&self, id: &EntityId) -> Result<Option<Version>, LedgerError> {
        let digest = KeyDigest::of_entity(id.as_str());
        let sql = format!(
            "SELECT {VERSION} JOIN keys k ON k.row = v.row
             WHERE k.head = ?2 AND k.tail = ?3 AND v.since <= ?1 ORDER BY k.row LIMIT 1"
        );
        let params = [self.at.micros(), digest.head, digest.tail];
        let mut found = None;
        self.store.each("looking an entity up", &sql, params, |row| {
            found = Some(version(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Every record in force of a kind that names an entity, streamed in order of row: relations are of kind entity.
    pub fn naming(
        &self,
        id: &EntityId,
        kind: RecordKind,
        each: &mut dyn FnMut(Known<Record>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.mentioning(KeyDigest::of_entity(id.as_str()), kind, each)
    }

    /// Every observation in force of an attribute, streamed in order of row.
    pub fn on_attribute(
        &self,
        attribute: &Attribute,
        each: &mut dyn FnMut(Known<Observation>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let digest = KeyDigest::of(&Key::attribute(attribute));
        self.mentioning(digest, RecordKind::Observation, &mut |Known { row, known_at, record }| {
            let Record::Observation(record) = record else { return Ok(()) };
            each(Known { row, known_at, record })
        })
    }

    fn mentioning(
        &self,
        digest: KeyDigest,
        kind: RecordKind,
        each: &mut dyn FnMut(Known<Record>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT {VERSION} JOIN refs f ON f.row = v.row
             WHERE f.head = ?2 AND f.tail = ?3 AND v.kind = ?4 AND {IN_FORCE} ORDER BY f.row"
        );
        let params = [self.at.micros(), digest.head, digest.tail, kind_code(kind)];
        self.store.each("reading what names a key", &sql, params, |row| each(known(kind, row)?))
    }

    /// The events about whoever bears an id, in order of row.
    pub fn events_of(&self, id: &EntityId) -> Result<Vec<Known<Event>>, LedgerError> {
        let mut events = Vec::new();
        self.naming(id, RecordKind::Event, &mut |Known { row, known_at, record }| {
            if let Record::Event(record) = record {
                events.push(Known { row, known_at, record });
            }
            Ok(())
        })?;
        Ok(events)
    }

    /// The claims, in order of row.
    pub fn claims(&self) -> Result<Vec<Known<Claim>>, LedgerError> {
        let (mut claims, kind) = (Vec::new(), RecordKind::Claim);
        let sql = format!("SELECT {VERSION} WHERE v.kind = ?2 AND v.kind <> 2 AND {IN_FORCE} ORDER BY v.row");
        self.store.each("reading claims", &sql, [self.at.micros(), kind_code(kind)], |row| {
            if let Known { row, known_at, record: Record::Claim(record) } = known(kind, row)? {
                claims.push(Known { row, known_at, record });
            }
            Ok(())
        })?;
        Ok(claims)
    }

    /// The decisions that mention a key, in order of known time and id.
    pub fn decisions_on(&self, key: &Key) -> Result<Vec<Known<Decision>>, LedgerError> {
        let mut decisions = Vec::new();
        self.mentioning(KeyDigest::of(key), RecordKind::Decision, &mut |known| {
            decisions.extend(decision(known));
            Ok(())
        })?;
        decisions.sort_by(|a, b| (a.known_at, &a.record.id).cmp(&(b.known_at, &b.record.id)));
        Ok(decisions)
    }

    /// All decisions that became known later than a time, in order of known time and id.
    pub fn decisions_after(&self, after: KnownAt) -> Result<Vec<Known<Decision>>, LedgerError> {
        let kind = RecordKind::Decision;
        let sql = format!(
            "SELECT {VERSION} WHERE v.kind = ?2 AND v.kind <> 2 AND v.since > ?3 AND {IN_FORCE} ORDER BY v.row"
        );
        let mut decisions = Vec::new();
        let params = [self.at.micros(), kind_code(kind), after.micros()];
        self.store.each("reading decisions", &sql, params, |row| {
            decisions.extend(decision(known(kind, row)?));
            Ok(())
        })?;
        decisions.sort_by(|a, b| (a.known_at, &a.record.id).cmp(&(b.known_at, &b.record.id)));
        Ok(decisions)
    }

    /// Changes of alerts that became known later than a time, ordered by (`known_at`, alert).
    pub fn alert_changes_after(&self, after: KnownAt) -> Result<Vec<model::AlertChange>, LedgerError> {
        book::changes(self.store, after, self.at)
    }

    /// Every alert that ever was on whoever bears an id, open or withdrawn, of any identity and kind; in order of id.
    pub fn alerts_ever_of(&self, subject: &EntityId) -> Result<Vec<AlertId>, LedgerError> {
        book::alerts_ever_of(self.store, subject)
    }

    /// Every entity in force, of one dataset or of all, streamed in order of row.
    pub fn entities(
        &self,
        dataset: Option<&DatasetName>,
        each: &mut dyn FnMut(Version) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let of = if dataset.is_some() { "v.dataset = ?2" } else { "?2 IS NULL" };
        let sql = format!("SELECT {VERSION} WHERE v.kind = 2 AND {IN_FORCE} AND {of} ORDER BY v.row");
        let params = params![self.at.micros(), dataset.map(DatasetName::as_str)];
        self.store.each("reading entities", &sql, params, |row| each(version(row)?))
    }

    /// Every record in force of a kind, streamed in order of row.
    pub fn records(
        &self,
        kind: RecordKind,
        each: &mut dyn FnMut(RowId, Record) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        // The index of the few versions that are no entities serves only what says that it wants no entities.
        let few = if kind == RecordKind::Entity { "" } else { "AND v.kind <> 2" };
        let sql = format!("SELECT {VERSION} WHERE v.kind = ?2 {few} AND {IN_FORCE} ORDER BY v.row");
        let doing = "reading records";
        self.store.each(doing, &sql, params![self.at.micros(), kind_code(kind)], |row| {
            let record =
                record_of(kind, row.get_ref(5).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?)?;
            each(RowId::of(row.get(0).doing(doing)?), record)
        })
    }

    /// The record of a row, whether or not the view sees it in force.
    pub fn record_of(&self, row: RowId) -> Result<Record, LedgerError> {
        self.store.record(row)
    }

    /// The observation of a row, whether or not the view sees it in force.
    pub fn observation_of(&self, row: RowId) -> Result<Known<Observation>, LedgerError> {
        let sql = format!("SELECT {VERSION} WHERE v.row = ?1 AND v.kind = ?2");
        let (mut found, kind) = (None, RecordKind::Observation);
        self.store.each("reading an observation", &sql, [row.sql(), kind_code(kind)], |columns| {
            if let Known { row, known_at, record: Record::Observation(record) } = known(kind, columns)? {
                found = Some(Known { row, known_at, record });
            }
            Ok(())
        })?;
        found.ok_or(LedgerError::NoSuchRow(row))
    }

    /// The declaration in force that an attribute is generic.
    pub fn generic(&self, attribute: &Attribute) -> Result<Option<Generic>, LedgerError> {
        Ok(self.record(&Key::attribute(attribute))?.and_then(|record| match record {
            Record::Generic(generic) => Some(generic),
            _ => None,
        }))
    }

    /// An observation by id.
    pub fn observation(&self, id: &EntityId) -> Result<Option<Observation>, LedgerError> {
        let key = Key { kind: RecordKind::Observation, text: id.as_str().into() };
        Ok(self.record(&key)?.and_then(|record| match record {
            Record::Observation(observation) => Some(observation),
            _ => None,
        }))
    }

    /// How many entities are in force, of one dataset or of all. Kept, not counted: it reads one number per dataset.
    pub fn count_entities(&self, dataset: Option<&DatasetName>) -> Result<u64, LedgerError> {
        if let Some(dataset) = dataset {
            return self.tally(dataset.as_str());
        }
        let (mut count, mut last) = (0, String::new());
        let sql = "SELECT dataset FROM tallies WHERE dataset > ?1 ORDER BY dataset LIMIT 1";
        while let Some(next) =
            self.store.first("counting entities", sql, [&last], |row| row.get::<_, String>(0))?
        {
            count += self.tally(&next)?;
            last = next;
        }
        Ok(count)
    }

    fn tally(&self, dataset: &str) -> Result<u64, LedgerError> {
        let sql = "SELECT entities FROM tallies WHERE dataset = ?1 AND known_at <= ?2 ORDER BY known_at DESC LIMIT 1";
        let params = params![dataset, self.at.micros()];
        let count = self.store.first("counting entities", sql, params, |row| row.get::<_, i64>(0))?;
        Ok(count.unwrap_or_default().cast_unsigned())
    }

    /// The alerts that are open, ordered by id.
    pub fn alerts(&self) -> Result<Vec<AlertState>, LedgerError> {
        book::open_alerts(self.store, self.at, book::Of::All)
    }

    /// The open findings of a kind, ordered by id.
    pub fn findings(&self, kind: CauseKind) -> Result<Vec<AlertState>, LedgerError> {
        book::open_alerts(self.store, self.at, book::Of::Kind(kind))
    }

    /// On whom a finding of a kind is open, by id, and when one first opened on each.
    pub fn open_since(&self, kind: CauseKind) -> Result<BTreeMap<EntityId, KnownAt>, LedgerError> {
        book::open_since(self.store, self.at, kind)
    }

    /// When a finding of a kind first opened on whoever bears an id, by that id; whether or not it is open.
    pub fn first_opened(&self, kind: CauseKind) -> Result<BTreeMap<EntityId, KnownAt>, LedgerError> {
        book::first_opened(self.store, self.at, kind)
    }

    /// An alert, open or withdrawn; `None` when it had not come yet.
    pub fn alert(&self, alert: AlertId) -> Result<Option<AlertState>, LedgerError> {
        book::alert(self.store, self.at, alert)
    }

    /// The open alerts of a subject, ordered by id.
    pub fn alerts_of_subject(&self, subject: &Identity) -> Result<Vec<AlertState>, LedgerError> {
        book::open_alerts(self.store, self.at, book::Of::Subject(subject))
    }

    /// The open alerts whose cause is a list entry, ordered by id.
    pub fn alerts_of_entry(&self, entry: &Identity) -> Result<Vec<AlertState>, LedgerError> {
        book::open_alerts(self.store, self.at, book::Of::Entry(entry))
    }

    /// Everything that happened to an alert up to the time, in order.
    pub fn alert_history(&self, alert: AlertId) -> Result<Vec<model::AlertChange>, LedgerError> {
        book::history(self.store, self.at, alert)
    }

    fn record(&self, key: &Key) -> Result<Option<Record>, LedgerError> {
        let digest = KeyDigest::of(key);
        let sql = format!(
            "SELECT {VERSION} JOIN keys k ON k.row = v.row
             WHERE k.head = ?2 AND k.tail = ?3 AND {IN_FORCE}"
        );
        let params = [self.at.micros(), digest.head, digest.tail];
        let payload = self.store.first("looking a record up", &sql, params, |row| row.get::<_, String>(5))?;
        payload.map(|payload| record_of(key.kind, payload.as_bytes())).transpose()
    }
}

fn decision(Known { row, known_at, record }: Known<Record>) -> Option<Known<Decision>> {
    let Record::Decision(decision) = record else { return None };
    Some(Known { row, known_at, record: *decision })
}

/// Reads the columns of [`VERSION`] for a record of a kind.
fn known(kind: RecordKind, row: &rusqlite::Row<'_>) -> Result<Known<Record>, LedgerError> {
    let doing = "reading records";
    let payload = row.get_ref(5).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?;
    Ok(Known {
        row: RowId::of(row.get(0).doing(doing)?),
        known_at: KnownAt::from_micros(row.get(2).doing(doing)?),
        record: record_of(kind, payload)?,
    })
}
