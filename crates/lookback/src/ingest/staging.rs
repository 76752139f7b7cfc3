//! One batch while its ops come in: what only repeats what is in force is left out, what a snapshot no longer has is deleted.

use std::collections::BTreeSet;

use ledger::{Batch, Version, View};
use model::{
    Dataset, DatasetName, Deletion, EntityId, EntityRecord, Key, KnownAt, Observation, Op, Record, RecordKind,
};
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
    /// Of a whole table of observations: those of its dataset before the batch.
    observed: Vec<EntityId>,
    /// Deletes of records that the file itself states.
    deletes: u64,
    in_force: InForce,
    /// Of what came, changed or went after the held version that is released was set aside: what goes by it, and what is put.
    later_gone: FxHashSet<EntityId>,
    later_put: FxHashSet<EntityId>,
    /// Datasets that entities name and nobody has declared yet, with the first line that does.
    undeclared: Vec<(DatasetName, u64)>,
}

impl<'i, 'a, 'scope> Staging<'i, 'a, 'scope> {
    pub(super) fn new(intake: &'i mut Intake<'a, 'scope>, batch: &Batch<'_>) -> Result<Self, Error> {
        let view = batch.head_view();
        let mut observed = Vec::new();
        let before = match &intake.delivery.options.dataset {
            Some(dataset) if intake.delivery.states_observations() => {
                if intake.delivery.mode == Mode::Full {
                    each_observation_of(&view, dataset, &mut |observation| observed.push(observation.id))?;
                }
                observed.len() as u64
            }
            Some(dataset) => view.count_entities(Some(dataset))?,
            None => 0,
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
            observed,
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
                let id = match record {
                    Record::Entity(record) => Some(&record.entity.id),
                    Record::Observation(observation) => Some(&observation.id),
                    _ => None,
                };
                if let Some(id) = id.filter(|id| self.is_later(id)) {
                    self.later_gone.remove(id);
                    self.later_put.insert(id.clone());
                }
            }
            Op::Delete(deletion) => {
                self.deletes += 1;
                let id = EntityId::new(&deletion.key.text).ok().filter(|id| self.is_later(id));
                self.later_gone.extend(id);
                self.deleted.insert(deletion.key.text.to_string());
            }
            Op::Put(_) => {}
        }
        Ok(batch.stage(op, line)?)
    }

    /// Whether it came, changed or went after the held version that is released was set aside.
    fn is_later(&self, id: &EntityId) -> bool {
        self.intake.delivery.releases.as_ref().is_some_and(|release| release.later.contains(id))
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
            Record::Generic(generic) => Ok(view.generic(&generic.attribute)?.map(Record::Generic)),
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
        let kind = if self.intake.delivery.states_observations() {
            gone.append(&mut self.observed);
            RecordKind::Observation
        } else {
            batch.head_view().entities(Some(&dataset), &mut |version| {
                gone.push(version.record.entity.id);
                Ok(())
            })?;
            RecordKind::Entity
        };
        let key = |id: &EntityId| Key { kind, text: id.as_str().into() };
        gone.retain(|id| !self.seen.contains_key(&key(id)));
        self.deletes += gone.len() as u64;
        for id in gone {
            self.deleted.insert(id.to_string());
            if self.is_later(&id) {
                self.later_gone.insert(id.clone());
            }
            let reason = Some("not in this version".to_owned());
            let deletion = Deletion { key: key(&id), dataset: Some(dataset.clone()), reason };
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
        let records = if self.intake.delivery.states_observations() { "observations" } else { "entities" };
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

/// Every observation in force of a dataset. It reads all of any: who replaces a table whole has read about as many.
pub(crate) fn each_observation_of(
    view: &View<'_>,
    dataset: &DatasetName,
    each: &mut dyn FnMut(Observation),
) -> Result<(), Error> {
    Ok(view.records(RecordKind::Observation, &mut |_, record| {
        match record {
            Record::Observation(observation) if observation.dataset.as_ref() == Some(dataset) => {
                each(observation);
            }
            _ => {}
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
