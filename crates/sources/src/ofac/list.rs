//! The state of one OFAC dataset: the entries in force and the relations between them.
//!
//! In: entries that come, change and go. Out: the relations that come and go with them.
//! Always holds: after [`OfacList::settle`] there is a relation from s to o exactly when s is in force, its remarks say
//! `Linked To: X`, and o is another entry in force whose primary name is X.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entity, EntityId, Schema};
use rustc_hash::FxHashMap;

use super::remarks::{LINK, Remarks};
use super::row::{EntryNumber, entity_id, number_of};
use crate::Current;

/// Ids of relations are this and the numbers of their two ends.
const LINK_PREFIX: &str = "ofac-link-";

/// The entries in force and the relations between them.
#[derive(Debug, Clone, Default)]
pub struct OfacList {
    entries: FxHashMap<EntryNumber, Entry>,
    by_name: FxHashMap<String, BTreeSet<EntryNumber>>,
    /// Who says `Linked To` this name.
    wanted: FxHashMap<String, BTreeSet<EntryNumber>>,
    /// From subject to objects.
    links: BTreeMap<EntryNumber, BTreeSet<EntryNumber>>,
    /// Entries whose relations may have changed, with the line that caused it.
    unsettled: BTreeMap<EntryNumber, u64>,
    /// Entries that were given to another party: relations with them have to be stated anew.
    reborn: BTreeSet<EntryNumber>,
}

/// What the relations depend on, and the entity itself where it is not (or no longer) what the dataset holds: opening a list of many
/// entries to change a few must not copy them all.
#[derive(Debug, Clone)]
struct Entry {
    name: Option<String>,
    wanted: BTreeSet<String>,
    entity: Option<Entity>,
}

impl Entry {
    fn of(entity: &Entity) -> Self {
        Self { name: entity.first("name").map(str::to_owned), wanted: wanted_names(entity), entity: None }
    }
}

/// A relation that came or went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LinkChange {
    pub(crate) line: u64,
    pub(crate) subject: EntryNumber,
    pub(crate) object: EntryNumber,
    pub(crate) holds: bool,
}

impl OfacList {
    /// What a dataset holds.
    pub fn from_current(current: &dyn Current) -> Self {
        let mut list = Self::default();
        let mut links = Vec::new();
        current.each_entity(&mut |entity| match (number_of(&entity.id), link_ends(&entity.id)) {
            (Some(number), _) => list.enter(number, Entry::of(entity), 1),
            (None, Some(ends)) => links.push(ends),
            (None, None) => {}
        });
        // Every entry is left unsettled: should the dataset's relations differ, the first batch mends them.
        for (subject, object) in links {
            list.links.entry(subject).or_default().insert(object);
        }
        list
    }

    /// How many entries are in force.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An entry in force, where `current` is what the list was made from.
    pub(crate) fn entry(&self, number: EntryNumber, current: &dyn Current) -> Option<Entity> {
        let entry = self.entries.get(&number)?;
        entry.entity.clone().or_else(|| current.entity(&entity_id(number)))
    }

    /// An entry comes or changes.
    pub(crate) fn put(&mut self, number: EntryNumber, entity: Entity, line: u64) {
        let entry = Entry::of(&entity);
        self.enter(number, Entry { entity: Some(entity), ..entry }, line);
    }

    fn enter(&mut self, number: EntryNumber, entry: Entry, line: u64) {
        self.take_out(number, line);
        if let Some(name) = &entry.name {
            self.by_name.entry(name.clone()).or_default().insert(number);
            self.unsettle(name, line);
        }
        for name in &entry.wanted {
            self.wanted.entry(name.clone()).or_default().insert(number);
        }
        self.entries.insert(number, entry);
    }

    /// An entry goes; false when there is none.
    pub(crate) fn remove(&mut self, number: EntryNumber, line: u64) -> bool {
        let held = self.entries.contains_key(&number);
        self.take_out(number, line);
        held
    }

    /// The id of an entry was given to another party.
    pub(crate) fn is_reborn(&mut self, number: EntryNumber) {
        self.reborn.insert(number);
        let subjects =
            self.links.iter().filter(|(_, objects)| objects.contains(&number)).map(|(subject, _)| *subject);
        for subject in subjects.collect::<Vec<_>>() {
            self.unsettled.entry(subject).or_insert(1);
        }
    }

    fn take_out(&mut self, number: EntryNumber, line: u64) {
        self.unsettled.insert(number, line);
        let Some(entry) = self.entries.remove(&number) else { return };
        for name in &entry.wanted {
            leave(&mut self.wanted, name, number);
        }
        if let Some(name) = &entry.name {
            leave(&mut self.by_name, name, number);
            self.unsettle(name, line);
        }
    }

    /// Those who name it have to be looked at again.
    fn unsettle(&mut self, name: &str, line: u64) {
        for subject in self.wanted.get(name).into_iter().flatten() {
            self.unsettled.insert(*subject, line);
        }
    }

    /// The relations that came and went since the last time; those of a reborn entry are stated again.
    pub(crate) fn settle(&mut self) -> Vec<LinkChange> {
        let mut changes = Vec::new();
        for (subject, line) in std::mem::take(&mut self.unsettled) {
            let now = self.objects(subject);
            let before = self.links.remove(&subject).unwrap_or_default();
            let again = |object: &EntryNumber| self.reborn.contains(&subject) || self.reborn.contains(object);
            let came = now.iter().filter(|object| !before.contains(object) || again(object));
            let went = before.iter().filter(|object| !now.contains(object));
            let change = |holds| move |&object| LinkChange { line, subject, object, holds };
            changes.extend(went.map(change(false)));
            changes.extend(came.map(change(true)));
            if !now.is_empty() {
                self.links.insert(subject, now);
            }
        }
        self.reborn.clear();
        changes
    }

    fn objects(&self, subject: EntryNumber) -> BTreeSet<EntryNumber> {
        let names = self.entries.get(&subject).into_iter().flat_map(|entry| &entry.wanted);
        let named = names.filter_map(|name| self.by_name.get(name)).flatten();
        named.copied().filter(|object| *object != subject).collect()
    }
}

fn leave(names: &mut FxHashMap<String, BTreeSet<EntryNumber>>, name: &str, number: EntryNumber) {
    if let Some(numbers) = names.get_mut(name) {
        numbers.remove(&number);
        if numbers.is_empty() {
            names.remove(name);
        }
    }
}

fn wanted_names(entity: &Entity) -> BTreeSet<String> {
    let remarks = entity.first("notes").filter(|notes| notes.contains(LINK)).map(Remarks::read);
    remarks.iter().flat_map(Remarks::linked_names).map(str::to_owned).collect()
}

pub(crate) fn link_id(subject: EntryNumber, object: EntryNumber) -> EntityId {
    EntityId::new(&format!("{LINK_PREFIX}{subject}-{object}")).expect("numbers make a sound id")
}

fn link_ends(id: &EntityId) -> Option<(EntryNumber, EntryNumber)> {
    let (subject, object) = id.as_str().strip_prefix(LINK_PREFIX)?.split_once('-')?;
    Some((subject.parse().ok()?, object.parse().ok()?))
}

/// The relation from an entry to one that its remarks name.
pub(crate) fn link(subject: EntryNumber, object: EntryNumber) -> Entity {
    let schema = Schema::named("UnknownLink").expect("it is in the model");
    let mut entity = Entity { id: link_id(subject, object), schema, properties: [].into() };
    entity.add("subject", entity_id(subject).as_str());
    entity.add("object", entity_id(object).as_str());
    entity.add("role", "Linked To");
    entity
}
