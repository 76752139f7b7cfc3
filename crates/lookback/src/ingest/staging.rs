//! One batch while its ops come in: what only repeats what is in force is left out, what a snapshot no longer has is deleted.

use std::collections::BTreeSet;

use ledger::{Batch, Version, View};
use model::{Dataset, DatasetName, Deletion, EntityId, EntityRecord, Key, KnownAt, Op, Record, RecordKind};
use rustc_hash::{FxHashMap, FxHashSet};
use screening::Engine;
use sources::Format;

use super::Mode;
use super::intake::Intake;
use crate::Error;

/// One batch while its ops come in.
pub(super) struct Staging<'i, 'a, 'scope> {
    pub(super) intake: &'i mut Intake<'a, 'scope>,
    pub(super) lines: u64,
    /// Keys in force, and for a snapshot all keys, that the file puts; with the line, where it only repeats what is in force and is therefore not stored again.
    seen: FxHashMap<Key, Option<u64>>,
    /// The first put that only repeats what is in force, of a file that is of no dataset.
    repeated: Option<(Op, u64)>,
    /// Relations among those that only repeat what is in force: a deletion of an end would take them along.
    repeated_relations: Vec<(EntityId, Vec<String>)>,
    deleted: FxHashSet<String>,
    /// Records of the dataset before the batch, of the sort that the file states.
    before: u64,
    /// Of a whole table of evidence: the keys of its dataset before the batch.
    listed: Vec<Key>,
    /// Deletes of records that the file itself states.
    deletes: u64,
    in_force: InForce,
    /// Of what came, changed or went after the held version that is released was set aside: what goes by it, and what is put.
    later_gone: FxHashSet<Key>,
    later_put: FxHashSet<Key>,
    /// Datasets that entities name and nobody has declared yet, with the first line that does.
    undeclared: Vec<(DatasetName, u64)>,
}

impl<'i, 'a, 'scope> Staging<'i, 'a, 'scope> {
    pub(super) fn new(intake: &'i mut Intake<'a, 'scope>, batch: &Batch<'_>) -> Result<Self, Error> {
        let view = batch.head_view();
        let mut listed = Vec::new();
        let before = match (&intake.delivery.options.dataset, intake.delivery.states()) {
            (Some(dataset), kind @ (RecordKind::Observation | RecordKind::Generic)) => {
                if intake.delivery.mode == Mode::Full {
                    each_of_kind(&view, kind, dataset, &mut |record| listed.push(record.key()))?;
                }
                listed.len() as u64
            }
            (Some(dataset), _) => view.count_entities(Some(dataset))?,
            (None, _) => 0,
        };
        let total = view.count_entities(None)?;
        Ok(Self {
            intake,
            lines: 0,
            seen: FxHashMap::default(),
            repeated: None,
            repeated_relations: Vec::new(),
            deleted: FxHashSet::default(),
            before,
            listed,
            deletes: 0,
            in_force: InForce { entities: total, asked: 0, ids: None },
            later_gone: FxHashSet::default(),
            later_put: FxHashSet::default(),
            undeclared: Vec::new(),
        })
    }

    pub(super) fn declare_dataset(&mut self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let options = &self.intake.delivery.options;
        if let (Some(name), Some(role)) = (&options.dataset, options.role)
            && self.intake.known.insert(name.clone())
        {
            let dataset = Dataset { name: name.clone(), role, title: None };
            batch.stage(&Op::Put(Record::Dataset(dataset)), 0)?;
        }
        Ok(())
    }

    pub(super) fn stage(&mut self, batch: &mut Batch<'_>, op: &Op, line: u64) -> Result<(), Error> {
        self.lines += 1;
        let journal = self.intake.delivery.format == Format::Journal;
        match op {
            Op::Put(Record::Dataset(dataset)) => drop(self.intake.known.insert(dataset.name.clone())),
            Op::Put(record) if journal => self.note_dataset(record, line),
            Op::Put(record) if !journal => {
                if !self.changes_something(batch, record, line)? {
                    if self.intake.delivery.options.dataset.is_none() {
                        self.repeated.get_or_insert_with(|| (op.clone(), line));
                    }
                    return Ok(());
                }
                let key = record.key();
                if self.is_later(&key) {
                    self.later_gone.remove(&key);
                    self.later_put.insert(key);
                }
            }
            Op::Delete(deletion) => {
                self.deletes += 1;
                if self.is_later(&deletion.key) {
                    self.later_gone.insert(deletion.key.clone());
                }
                self.deleted.insert(deletion.key.text.to_string());
            }
            Op::Put(_) => {}
        }
        Ok(batch.stage(op, line)?)
    }

    /// Whether it came, changed or went after the held version that is released was set aside.
    fn is_later(&self, key: &Key) -> bool {
        self.intake.delivery.releases.as_ref().is_some_and(|release| release.later.contains(key))
    }

    /// A release that takes back what came after its version was set aside has to be confirmed.
    pub(super) fn undo_later_changes(&mut self) -> Result<(), Error> {
        let (gone, put) = (self.later_gone.len(), self.later_put.len());
        let Some(release) = self.intake.delivery.releases.as_ref().filter(|_| gone + put > 0) else {
            return Ok(());
        };
        let id = release.id;
        let what = format!(
            "it takes back what came, changed or went after version {id} was held (records deleted: {gone}, put as it has them: {put})"
        );
        if self.intake.may_undo(release) {
            self.intake.report.notices.push(what);
            return Ok(());
        }
        Err(Error::Usage(format!(
            "not released: {what}. Look with `lookback held compare {id}`; to release it all the same, add \
             --confirm-undo-later"
        )))
    }

    fn note_dataset(&mut self, record: &Record, line: u64) {
        let Some(name) = record.dataset() else { return };
        if !self.intake.known.contains(name) && !self.undeclared.iter().any(|(known, _)| known == name) {
            self.undeclared.push((name.clone(), line));
        }
    }

    /// False for a record that is in force just so already.
    fn changes_something(&mut self, batch: &Batch<'_>, record: &Record, line: u64) -> Result<bool, Error> {
        let key = record.key();
        let Some(replaced) = self.replaced(batch, record, line)? else {
            if self.intake.delivery.mode == Mode::Full {
                self.seen.insert(key, None);
            }
            return Ok(true);
        };
        let repeats = replaced == *record;
        match (self.seen.get(&key), repeats) {
            (Some(None), _) => return Ok(true), // The ledger compares it with the first.
            (Some(Some(first)), false) => {
                let what = key.kind.word();
                let reason =
                    format!("it puts the same {what} as line {first}, differently: keep one of them");
                return Err(self.refused(line, reason));
            }
            (None | Some(Some(_)), _) => {}
        }
        self.seen.insert(key, repeats.then_some(line));
        self.intake.report.unchanged += u64::from(repeats);
        if let Record::Entity(EntityRecord { entity, .. }) = record
            && repeats
            && entity.schema.edge().is_some()
        {
            let ends = entity.ends().map(str::to_owned).collect();
            self.repeated_relations.push((entity.id.clone(), ends));
        }
        Ok(!repeats)
    }

    /// The record that a put replaces.
    fn replaced(&mut self, batch: &Batch<'_>, record: &Record, line: u64) -> Result<Option<Record>, Error> {
        let view = batch.head_view();
        match record {
            Record::Entity(record) => {
                let Some(version) = self.in_force.entity(&view, &record.entity.id)? else { return Ok(None) };
                if version.record.dataset != record.dataset {
                    let of = &version.record.dataset;
                    let reason = format!(
                        "the id is in force in dataset {of}; give the ids of this file a prefix of their own"
                    );
                    return Err(self.refused(line, reason));
                }
                Ok(Some(Record::Entity(version.record)))
            }
            Record::Observation(observation) => {
                let Some(known) = view.observation(&observation.id)? else { return Ok(None) };
                if let Some(of) =
                    known.dataset.as_ref().filter(|of| Some(*of) != observation.dataset.as_ref())
                {
                    let reason = format!(
                        "the id is in force in dataset {of}; give the ids of this file a prefix of their own"
                    );
                    return Err(self.refused(line, reason));
                }
                Ok(Some(Record::Observation(known)))
            }
            Record::Generic(generic) => {
                let Some(known) = view.generic(&generic.attribute)? else { return Ok(None) };
                if let Some(of) = known.dataset.as_ref().filter(|of| Some(*of) != generic.dataset.as_ref()) {
                    let reason = format!(
                        "dataset {of} declares the same attribute generic; leave it to that dataset, or withdraw it there first"
                    );
                    return Err(self.refused(line, reason));
                }
                Ok(Some(Record::Generic(known)))
            }
            _ => Ok(None),
        }
    }

    fn refused(&self, line: u64, reason: String) -> Error {
        Error::Line { file: self.intake.file_name(), line, reason }
    }

    /// After the last op of the batch: what a snapshot no longer contains is deleted, and everything is checked.
    pub(super) fn complete(&mut self, batch: &mut Batch<'_>, last: bool) -> Result<(), Error> {
        if last {
            self.intake.end_of_reading()?;
        }
        let undeclared = self.undeclared.iter().find(|(name, _)| !self.intake.known.contains(name));
        if let Some((name, line)) = undeclared {
            let reason = format!("dataset {name} is not declared; put it with a line of kind dataset");
            return Err(Error::Line { file: self.intake.file_name(), line: *line, reason });
        }
        if self.intake.delivery.mode == Mode::Full && self.intake.delivery.format != Format::OfacEvents {
            self.delete_what_is_gone(batch)?;
        }
        self.put_again(batch)?;
        self.put_something(batch)
    }

    /// What only repeats what is in force is stored after all where this batch also deletes it, or an end of it.
    fn put_again(&self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let ends_deleted = |ends: &[String]| ends.iter().any(|end| self.deleted.contains(end));
        let relations =
            self.repeated_relations.iter().filter(|(_, ends)| ends_deleted(ends)).map(|(id, _)| id);
        let itself = |id: &&String| {
            EntityId::new(id).ok().filter(|id| matches!(self.seen.get(&Key::entity(id)), Some(Some(_))))
        };
        let deleted = self.deleted.iter().filter_map(|id| itself(&id));
        let again: BTreeSet<EntityId> = relations.cloned().chain(deleted).collect();
        for id in again {
            if let Some(version) = batch.head_view().entity(&id)? {
                let line = self.seen.get(&Key::entity(&id)).copied().flatten().unwrap_or_default();
                batch.stage(&Op::Put(Record::Entity(version.record)), line)?;
            }
        }
        Ok(())
    }

    /// A file that changes nothing is a fact as well: its dataset, or the first that it repeats, is stated again, so that the journal tells
    /// when it was known.
    fn put_something(&self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let staged = *batch.counts_mut();
        if staged.puts + staged.deletes > 0 {
            return Ok(());
        }
        if let Some((op, line)) = &self.repeated {
            return Ok(batch.stage(op, *line)?);
        }
        let Some(name) = &self.intake.delivery.options.dataset else { return Ok(()) };
        if let Some(dataset) = batch.head_view().dataset(name)? {
            batch.stage(&Op::Put(Record::Dataset(dataset)), 0)?;
        }
        Ok(())
    }

    fn delete_what_is_gone(&mut self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let Some(dataset) = self.intake.delivery.options.dataset.clone() else { return Ok(()) };
        let mut gone = Vec::new();
        if self.intake.delivery.states() == RecordKind::Entity {
            batch.head_view().entities(Some(&dataset), &mut |version| {
                gone.push(Key::entity(&version.record.entity.id));
                Ok(())
            })?;
        } else {
            gone.append(&mut self.listed);
        }
        gone.retain(|key| !self.seen.contains_key(key));
        self.deletes += gone.len() as u64;
        for key in gone {
            self.deleted.insert(key.text.to_string());
            if self.is_later(&key) {
                self.later_gone.insert(key.clone());
            }
            let reason = Some("not in this version".to_owned());
            let deletion = Deletion { key, dataset: Some(dataset.clone()), reason };
            batch.stage(&Op::Delete(deletion), 0)?;
        }
        Ok(())
    }

    /// The share of the dataset that the batch deletes, when it is more than the policy allows unasked.
    pub(super) fn too_many_deletes(&self, engine: &Engine, known_at: KnownAt) -> Option<String> {
        let journal = self.intake.delivery.format == Format::Journal;
        let allowed = engine.policy().mass_delete_share;
        let share = self.deletes as f64 / self.before.max(1) as f64;
        let too_many = !journal && !self.intake.delivery.options.confirm_mass_delete && share > allowed;
        let what = if self.intake.says_its_times() {
            format!("what it says of earlier times stands; what it says of {known_at}")
        } else {
            "it".to_owned()
        };
        let records = match self.intake.delivery.states() {
            RecordKind::Observation => "observations",
            RecordKind::Generic => "declarations",
            _ => "entities",
        };
        too_many.then(|| {
            format!(
                "{what} would delete {} of {} {records} of its dataset ({:.0} %, allowed without confirmation {:.0} %)",
                self.deletes,
                self.before,
                share * 100.0,
                allowed * 100.0
            )
        })
    }
}

/// Every record in force of a kind and a dataset. It reads all of any dataset: who replaces a table whole has read about as many.
pub(crate) fn each_of_kind(
    view: &View<'_>,
    kind: RecordKind,
    dataset: &DatasetName,
    each: &mut dyn FnMut(Record),
) -> Result<(), Error> {
    Ok(view.records(kind, &mut |_, record| {
        if record.dataset() == Some(dataset) {
            each(record);
        }
        Ok(())
    })?)
}

/// What is in force before the batch, for many questions of which most find nothing.
struct InForce {
    /// How many entities there are.
    entities: u64,
    asked: u64,
    /// All ids, once so many questions were asked that reading them has paid off.
    ids: Option<FxHashSet<EntityId>>,
}

/// A question costs about a quarter of what reading an entity does; fewer questions than this are not worth reading any.
const QUESTIONS_WORTH_READING: u64 = 10_000;

impl InForce {
    fn entity(&mut self, view: &View<'_>, id: &EntityId) -> Result<Option<Version>, Error> {
        if self.entities == 0 {
            return Ok(None);
        }
        self.asked += 1;
        if self.ids.is_none() && self.asked > QUESTIONS_WORTH_READING.max(self.entities / 4) {
            let mut ids = FxHashSet::default();
            view.entities(None, &mut |version| {
                ids.insert(version.record.entity.id);
                Ok(())
            })?;
            self.ids = Some(ids);
        }
        match &self.ids {
            Some(ids) if !ids.contains(id) => Ok(None),
            _ => Ok(view.entity(id)?),
        }
    }
}
