//! Observations in memory, found from either side.
//!
//! Each person has one list of rows, sorted by attribute and observation, 20 bytes each; each attribute has one list of the
//! persons on it, operators first. What a person did with an attribute is therefore one slice, found by a binary search, and a
//! walk from an attribute to its persons and on to their other attributes reads one run of memory for each person. Always:
//! a person is on an attribute's list once, exactly when it has a row there, and among the operators exactly when one of these
//! rows says so. Which of two operators, or of two other persons, stands first has no meaning.

use std::slice;

use crate::observation::{AttributeId, Observation, ObservationId, Packed, PersonId, Relation, SourceId};
use crate::pool::{List, Pool, reserve_sparingly};
use crate::rules::KindId;

/// Whether use of an attribute says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Generic {
    /// It does.
    #[default]
    No,
    /// It has been declared to say nothing: a shelter, a lawyer's telephone.
    Declared,
}

/// An observation, without its person.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Row {
    attribute: u32,
    packed: Packed,
    /// One more than the source's id; 0 for none.
    source: u32,
    id: u32,
}

impl Row {
    fn of(observation: &Observation) -> Row {
        let source = |SourceId(id)| id.checked_add(1).expect("fewer than four thousand million sources");
        Row {
            attribute: observation.attribute.0,
            packed: Packed::new(observation.interval, observation.relation, observation.confidence),
            source: observation.source.map_or(0, source),
            id: observation.id.0,
        }
    }

    pub(crate) fn observation(self, person: PersonId) -> Observation {
        Observation {
            id: self.id(),
            person,
            attribute: self.attribute(),
            relation: self.packed.relation(),
            interval: self.packed.interval(),
            confidence: self.packed.confidence(),
            source: self.source(),
        }
    }

    pub(crate) fn id(self) -> ObservationId {
        ObservationId(self.id)
    }

    pub(crate) fn attribute(self) -> AttributeId {
        AttributeId(self.attribute)
    }

    pub(crate) fn packed(self) -> Packed {
        self.packed
    }

    pub(crate) fn source(self) -> Option<SourceId> {
        self.source.checked_sub(1).map(SourceId)
    }

    fn operates(self) -> bool {
        self.packed.relation() == Relation::Operated
    }

    fn key(self) -> (u32, u32) {
        (self.attribute, self.id)
    }
}

#[derive(Debug, Clone, Copy)]
struct Attribute {
    /// Where its list of persons is; the one person itself when there is just one.
    place: u32,
    degree: u32,
    operators: u32,
    kind: Option<KindId>,
    generic: Generic,
}

/// An attribute that nobody has spoken of.
const UNKNOWN: Attribute = Attribute { place: 0, degree: 0, operators: 0, kind: None, generic: Generic::No };

/// All observations in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    persons: Vec<List>,
    rows: Pool<Row>,
    attributes: Vec<Attribute>,
    members: Pool<u32>,
}

impl Store {
    /// How many persons there is room for: one more than the largest id seen.
    pub(crate) fn persons(&self) -> u32 {
        self.persons.len() as u32
    }

    /// How many attributes there is room for.
    pub(crate) fn attributes(&self) -> u32 {
        self.attributes.len() as u32
    }

    /// What is known of a person, by attribute and observation.
    pub(crate) fn rows(&self, person: PersonId) -> &[Row] {
        self.persons.get(person.0 as usize).map_or(&[], |list| self.rows.get(*list))
    }

    /// The same, one slice for each attribute.
    pub(crate) fn by_attribute(&self, person: PersonId) -> impl Iterator<Item = (AttributeId, &[Row])> {
        let runs = self.rows(person).chunk_by(|row, next| row.attribute == next.attribute);
        runs.map(|run| (run[0].attribute(), run))
    }

    /// What is known of a person and an attribute.
    pub(crate) fn rows_on(&self, person: PersonId, attribute: AttributeId) -> &[Row] {
        let rows = self.rows(person);
        let start = rows.partition_point(|row| row.attribute < attribute.0);
        let len = rows[start..].iter().take_while(|row| row.attribute == attribute.0).count();
        &rows[start..start + len]
    }

    /// Whether one of these rows says that the person operated the attribute.
    pub(crate) fn operate(rows: &[Row]) -> bool {
        rows.iter().any(|row| row.operates())
    }

    /// Everybody on the attribute, operators first.
    pub(crate) fn members(&self, attribute: AttributeId) -> &[u32] {
        let Some(attribute) = self.attributes.get(attribute.0 as usize) else { return &[] };
        match attribute.degree {
            1 => slice::from_ref(&attribute.place),
            degree => self.members.get(List { start: attribute.place, len: degree }),
        }
    }

    /// Those on the attribute who operated it.
    pub(crate) fn operators(&self, attribute: AttributeId) -> &[u32] {
        &self.members(attribute)[..self.attribute(attribute).operators as usize]
    }

    /// How many persons are on the attribute.
    pub(crate) fn degree(&self, attribute: AttributeId) -> u32 {
        self.attribute(attribute).degree
    }

    /// Its kind, once it was given one.
    pub(crate) fn kind(&self, attribute: AttributeId) -> Option<KindId> {
        self.attribute(attribute).kind
    }

    pub(crate) fn generic(&self, attribute: AttributeId) -> Generic {
        self.attribute(attribute).generic
    }

    fn attribute(&self, attribute: AttributeId) -> &Attribute {
        self.attributes.get(attribute.0 as usize).unwrap_or(&UNKNOWN)
    }

    pub(crate) fn set_kind(&mut self, attribute: AttributeId, kind: KindId) {
        self.attribute_mut(attribute).kind = Some(kind);
    }

    pub(crate) fn set_generic(&mut self, attribute: AttributeId, generic: Generic) {
        self.attribute_mut(attribute).generic = generic;
    }

    fn attribute_mut(&mut self, attribute: AttributeId) -> &mut Attribute {
        let place = attribute.0 as usize;
        if self.attributes.len() <= place {
            reserve_sparingly(&mut self.attributes, place + 1);
            self.attributes.resize(place + 1, UNKNOWN);
        }
        &mut self.attributes[place]
    }

    /// Makes room for persons up to this one.
    pub(crate) fn admit(&mut self, person: PersonId) {
        let place = person.0 as usize;
        if self.persons.len() <= place {
            reserve_sparingly(&mut self.persons, place + 1);
            self.persons.resize(place + 1, List::default());
        }
    }

    pub(crate) fn insert(&mut self, observation: &Observation) {
        let Observation { person, attribute, .. } = *observation;
        let row = Row::of(observation);
        self.admit(person);
        let before = self.rows_on(person, attribute);
        let (was_member, was_operator) = (!before.is_empty(), Store::operate(before));
        let list = self.persons[person.0 as usize];
        let at = self.rows.get(list).partition_point(|other| other.key() < row.key());
        self.persons[person.0 as usize] = self.rows.insert(list, at, row);
        if !was_member {
            self.add_member(person, attribute);
        }
        if row.operates() && !was_operator {
            self.promote(person, attribute);
        }
    }

    /// Whether the person has this observation.
    pub(crate) fn has(&self, person: PersonId, id: ObservationId) -> bool {
        self.rows(person).iter().any(|row| row.id == id.0)
    }

    /// An observation that some person has twice, if there is any.
    pub(crate) fn repeated(&self) -> Option<ObservationId> {
        let mut ids = Vec::new();
        (0..self.persons()).find_map(|person| {
            ids.clear();
            ids.extend(self.rows(PersonId(person)).iter().map(|row| row.id));
            ids.sort_unstable();
            ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| ObservationId(pair[0]))
        })
    }

    /// Takes back an observation that the person has.
    pub(crate) fn remove(&mut self, person: PersonId, id: ObservationId) {
        let rows = self.rows(person);
        let at = rows.iter().position(|row| row.id == id.0).expect("an observation of this person");
        let attribute = rows[at].attribute();
        let was_operator = Store::operate(self.rows_on(person, attribute));
        let list = &mut self.persons[person.0 as usize];
        *list = self.rows.remove(*list, at);
        let after = self.rows_on(person, attribute);
        let (is_member, is_operator) = (!after.is_empty(), Store::operate(after));
        if was_operator && !is_operator {
            self.demote(person, attribute);
        }
        if !is_member {
            self.remove_member(person, attribute);
        }
    }

    /// Adds a person at the end of the list, in constant time: a hub grows by one after the other.
    fn add_member(&mut self, person: PersonId, attribute: AttributeId) {
        let header = self.attributes[attribute.0 as usize];
        let place = match header.degree {
            0 => person.0,
            1 => {
                let pair = self.members.allocate(2);
                self.members.get_mut(pair).copy_from_slice(&[header.place, person.0]);
                pair.start
            }
            degree => {
                let list = List { start: header.place, len: degree };
                self.members.insert(list, degree as usize, person.0).start
            }
        };
        self.attributes[attribute.0 as usize] = Attribute { place, degree: header.degree + 1, ..header };
    }

    /// Takes a person that is no operator off the list; the last one takes the place.
    fn remove_member(&mut self, person: PersonId, attribute: AttributeId) {
        let header = self.attributes[attribute.0 as usize];
        let list = List { start: header.place, len: header.degree };
        let place = match header.degree {
            1 => 0,
            degree => {
                let last = degree as usize - 1;
                let at = self.place_of(person, attribute, header.operators as usize);
                self.members.get_mut(list).swap(at, last);
                let rest = self.members.remove(list, last);
                if degree == 2 { self.sole_member(rest) } else { rest.start }
            }
        };
        self.attributes[attribute.0 as usize] = Attribute { place, degree: header.degree - 1, ..header };
    }

    /// The one person that is left on a list, which is given up.
    fn sole_member(&mut self, list: List) -> u32 {
        let person = self.members.get(list)[0];
        self.members.remove(list, 0);
        person
    }

    fn promote(&mut self, person: PersonId, attribute: AttributeId) {
        let operators = self.attribute(attribute).operators;
        self.swap_members(person, attribute, operators);
        self.attributes[attribute.0 as usize].operators = operators + 1;
    }

    fn demote(&mut self, person: PersonId, attribute: AttributeId) {
        let operators = self.attribute(attribute).operators - 1;
        self.swap_members(person, attribute, operators);
        self.attributes[attribute.0 as usize].operators = operators;
    }

    /// Lets a person and whoever is at this place change places.
    fn swap_members(&mut self, person: PersonId, attribute: AttributeId, place: u32) {
        let header = self.attributes[attribute.0 as usize];
        if header.degree > 1 {
            let at = self.place_of(person, attribute, 0);
            self.members.get_mut(List { start: header.place, len: header.degree }).swap(at, place as usize);
        }
    }

    /// Where a person stands on the list, looked for from the end, where the latest is, down to `from`.
    fn place_of(&self, person: PersonId, attribute: AttributeId, from: usize) -> usize {
        let members = self.members(attribute);
        let mut end = members.len();
        // `contains` compares many at a time, which a search for the place does not.
        loop {
            let start = end.saturating_sub(256).max(from);
            let part = &members[start..end];
            if start == from || part.contains(&person.0) {
                let place = part.iter().position(|member| *member == person.0);
                return start + place.expect("a person on this attribute");
            }
            end = start;
        }
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        let headers =
            self.persons.capacity() * size_of::<List>() + self.attributes.capacity() * size_of::<Attribute>();
        headers + self.rows.bytes() + self.members.bytes()
    }
}

/// Everything at once.
impl Store {
    /// As if inserted one by one, by counting and distributing. `kinds` is by attribute.
    pub(crate) fn build<I>(kinds: &[KindId], observations: I) -> Store
    where
        I: Iterator<Item = Observation> + Clone,
    {
        let mut store = Store {
            attributes: kinds.iter().map(|kind| Attribute { kind: Some(*kind), ..UNKNOWN }).collect(),
            ..Store::default()
        };
        store.distribute_rows(observations);
        store.distribute_members();
        store
    }

    fn distribute_rows(&mut self, observations: impl Iterator<Item = Observation> + Clone) {
        let persons = observations.clone().map(|observation| observation.person.0 + 1).max();
        let mut lens = vec![0_u32; persons.unwrap_or(0) as usize];
        for observation in observations.clone() {
            lens[observation.person.0 as usize] += 1;
        }
        self.rows.reserve(lens.iter().copied());
        self.persons = lens.iter().map(|len| self.rows.allocate(*len)).collect();
        for observation in observations {
            let person = observation.person.0 as usize;
            lens[person] -= 1;
            self.rows.get_mut(self.persons[person])[lens[person] as usize] = Row::of(&observation);
        }
        for list in &self.persons {
            self.rows.get_mut(*list).sort_unstable_by_key(|row| row.key());
        }
    }

    fn distribute_members(&mut self) {
        for person in 0..self.persons() {
            for run in self
                .rows
                .get(self.persons[person as usize])
                .chunk_by(|row, next| row.attribute == next.attribute)
            {
                let header = &mut self.attributes[run[0].attribute as usize];
                header.degree += 1;
                header.operators += u32::from(Store::operate(run));
                header.place = person;
            }
        }
        let several = |header: &&mut Attribute| header.degree > 1;
        self.members
            .reserve(self.attributes.iter().map(|header| if header.degree > 1 { header.degree } else { 0 }));
        for header in self.attributes.iter_mut().filter(several) {
            header.place = self.members.allocate(header.degree).start;
        }
        self.fill_members();
    }

    /// Writes the lists that have been laid out, operators first.
    fn fill_members(&mut self) {
        let mut operators = vec![0_u32; self.attributes.len()];
        let mut others: Vec<u32> = self.attributes.iter().map(|header| header.operators).collect();
        for person in 0..self.persons() {
            for run in self
                .rows
                .get(self.persons[person as usize])
                .chunk_by(|row, next| row.attribute == next.attribute)
            {
                let attribute = run[0].attribute as usize;
                let header = self.attributes[attribute];
                if header.degree > 1 {
                    let next =
                        if Store::operate(run) { &mut operators[attribute] } else { &mut others[attribute] };
                    self.members.get_mut(List { start: header.place, len: header.degree })[*next as usize] =
                        person;
                    *next += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod test {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::observation::{Interval, Percent};

    fn holds(store: &Store, expected: &BTreeMap<u32, Observation>) {
        let mut members: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut operators: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut rows: BTreeMap<u32, Vec<Observation>> = BTreeMap::new();
        for observation in expected.values() {
            let (person, attribute) = (observation.person.0, observation.attribute.0);
            members.entry(attribute).or_default().insert(person);
            rows.entry(person).or_default().push(*observation);
            if observation.relation == Relation::Operated {
                operators.entry(attribute).or_default().insert(person);
            }
        }
        let sorted = |list: &[u32]| {
            let set: BTreeSet<u32> = list.iter().copied().collect();
            assert_eq!(set.len(), list.len());
            set
        };
        for attribute in 0..=store.attributes() {
            let id = AttributeId(attribute);
            assert_eq!(sorted(store.members(id)), members.remove(&attribute).unwrap_or_default());
            assert_eq!(sorted(store.operators(id)), operators.remove(&attribute).unwrap_or_default());
        }
        for person in 0..=store.persons() {
            let id = PersonId(person);
            let mut expected = rows.remove(&person).unwrap_or_default();
            expected.sort_by_key(|observation| (observation.attribute, observation.id));
            let found: Vec<Observation> = store.rows(id).iter().map(|row| row.observation(id)).collect();
            assert_eq!(found, expected);
            for (attribute, run) in store.by_attribute(id) {
                assert_eq!(run.len(), store.rows_on(id, attribute).len());
            }
        }
        assert!(rows.is_empty() && members.is_empty() && operators.is_empty());
    }

    #[test]
    fn both_sides_agree_after_every_change_and_built_at_once() {
        let mut state = 7_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        let kinds = [KindId(0); 5];
        let mut store = Store::build(&kinds, std::iter::empty());
        let mut expected: BTreeMap<u32, Observation> = BTreeMap::new();
        for id in 0..4000 {
            if expected.len() > 3 && random(100) < 30 + id / 100 {
                let taken = *expected.keys().nth(random(expected.len() as u32) as usize).unwrap();
                let observation = expected.remove(&taken).unwrap();
                assert!(store.has(observation.person, observation.id));
                store.remove(observation.person, observation.id);
            } else {
                let observation = Observation {
                    id: ObservationId(id),
                    person: PersonId(random(30)),
                    attribute: AttributeId(random(5)),
                    relation: [Relation::Used, Relation::Operated, Relation::Stated][random(3) as usize],
                    interval: Interval::ALWAYS,
                    confidence: Percent::FULL,
                    source: (random(2) == 0).then(|| SourceId(random(9))),
                };
                store.insert(&observation);
                expected.insert(id, observation);
            }
            holds(&store, &expected);
        }
        holds(&Store::build(&kinds, expected.values().copied()), &expected);
    }

    #[test]
    fn a_row_and_a_header_are_as_small_as_the_memory_plan_says() {
        assert_eq!((size_of::<Row>(), size_of::<Attribute>(), size_of::<List>()), (20, 16, 8));
    }
}
