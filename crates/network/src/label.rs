//! Labels: how early and how strongly evidence reaches a person, layer by layer.
//!
//! A cell (a person at a layer) holds every label that no other label of the cell equals or beats in both respects: the
//! strongest one may arrive too late to go on. Layer 0 is the seeds'. A label knows the last step that it came by, so that a path
//! which changed is seen where its strength did not. A byte for each person says in which layers they hold
//! any, so that most neighbours are passed over without a search.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::change::PassThrough;
use crate::cost::Cost;
use crate::observation::{AttributeId, Day, ObservationId, PersonId};
use crate::pool::reserve_sparingly;

/// One way in which evidence reaches a person that no other way beats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Label {
    /// `i32::MIN` when it was always there.
    arrival: i32,
    /// How weak it is by then.
    pub cost: Cost,
}

impl Label {
    pub(crate) fn new(arrival: i32, cost: Cost) -> Label {
        Label { arrival, cost }
    }

    /// The first day on which it can have reached the person; nothing when that may be any day.
    pub fn arrival(self) -> Option<Day> {
        (self.arrival != i32::MIN).then_some(Day(self.arrival))
    }

    pub(crate) fn arrival_or_ever(self) -> i32 {
        self.arrival
    }
}

/// The last step that a label came by. Of several that bring the same label the least counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Way {
    pub(crate) neighbour: PersonId,
    pub(crate) attribute: AttributeId,
    pub(crate) theirs: ObservationId,
    pub(crate) own: ObservationId,
}

/// The labels of one person at one layer, by arrival, each later one stronger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    labels: SmallVec<[Label; 2]>,
    /// One for each label; none for a seed.
    ways: SmallVec<[Way; 1]>,
}

impl Cell {
    /// The one label of a seed: there from the beginning.
    pub(crate) fn of_seed(cost: Cost) -> Cell {
        Cell { labels: smallvec![Label { arrival: i32::MIN, cost }], ways: SmallVec::new() }
    }

    /// Adds a label unless one that is there is as early and as strong; drops those that it beats.
    pub(crate) fn add(&mut self, label: Label, way: Way) {
        let Cell { labels, ways } = self;
        let at = labels.partition_point(|other| other.arrival < label.arrival);
        if at.checked_sub(1).is_some_and(|earlier| labels[earlier].cost <= label.cost) {
            return;
        }
        let as_early = labels.get(at).filter(|other| other.arrival == label.arrival);
        if as_early.is_some_and(|other| (other.cost, ways[at]) <= (label.cost, way)) {
            return;
        }
        let weaker = labels[at..].iter().take_while(|other| other.cost >= label.cost).count();
        labels.drain(at..at + weaker);
        ways.drain(at..at + weaker);
        labels.insert(at, label);
        ways.insert(at, way);
    }

    pub(crate) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Whether any of its labels came by one of these observations, which are sorted.
    pub(crate) fn rests_on(&self, observations: &[ObservationId]) -> bool {
        let rests = |id: &ObservationId| observations.binary_search(id).is_ok();
        self.ways.iter().any(|way| rests(&way.theirs) || rests(&way.own))
    }

    /// Whether any of its labels came from one of these persons, who are sorted.
    pub(crate) fn comes_from(&self, persons: &[PersonId]) -> bool {
        self.ways.iter().any(|way| persons.binary_search(&way.neighbour).is_ok())
    }
}

/// The cells of one layer. Persons who follow one another mostly have cells that do, too: a batch that changes those of very many goes
/// through memory from one end to the other.
#[derive(Debug, Clone, Default)]
struct Layer {
    /// By person, where their cell is; without meaning for who has none.
    places: Vec<u32>,
    cells: Vec<Cell>,
    /// Cells that are nobody's.
    free: Vec<u32>,
}

impl Layer {
    /// The cell of somebody who has one.
    fn cell(&self, person: PersonId) -> &Cell {
        &self.cells[self.places[person.0 as usize] as usize]
    }

    /// The cell of somebody who has one.
    fn cell_mut(&mut self, person: PersonId) -> &mut Cell {
        &mut self.cells[self.places[person.0 as usize] as usize]
    }

    /// Gives a cell to somebody who has none.
    fn put(&mut self, person: PersonId, cell: Cell) {
        let at = person.0 as usize;
        if self.places.len() <= at {
            reserve_sparingly(&mut self.places, at + 1);
            self.places.resize(at + 1, 0);
        }
        if let Some(place) = self.free.pop() {
            self.places[at] = place;
            self.cells[place as usize] = cell;
        } else {
            self.places[at] = self.cells.len() as u32;
            self.cells.push(cell);
        }
    }

    /// Takes the cell of somebody who has one.
    fn take(&mut self, person: PersonId) {
        let place = self.places[person.0 as usize];
        self.cells[place as usize] = Cell::default();
        self.free.push(place);
    }

    fn bytes(&self) -> usize {
        let places = self.places.capacity() + self.free.capacity();
        places * size_of::<u32>() + self.cells.capacity() * size_of::<Cell>()
    }
}

/// The labels of everybody, and who hands them on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    /// By layer, as many as there are steps: what the last step brings is read out and never stored.
    layers: Vec<Layer>,
    /// By person: bit `h` for labels at layer `h`, and `CLOSED`.
    marks: Vec<u8>,
}

const CLOSED: u8 = 1 << 7;

impl Labels {
    pub(crate) fn new(layers: usize) -> Labels {
        Labels { layers: vec![Layer::default(); layers], marks: Vec::new() }
    }

    /// How many layers are stored.
    pub(crate) fn layers(&self) -> usize {
        self.layers.len()
    }

    pub(crate) fn admit(&mut self, persons: u32) {
        if self.marks.len() < persons as usize {
            self.marks.resize(persons as usize, 0);
        }
    }

    pub(crate) fn cell(&self, person: PersonId, layer: usize) -> &[Label] {
        if self.holds(person, layer) { self.layers[layer].cell(person).labels() } else { &[] }
    }

    /// How a label that the person has at a layer after the first came there.
    pub(crate) fn way(&self, person: PersonId, layer: usize, label: Label) -> Option<Way> {
        let cell = self.holds(person, layer).then(|| self.layers[layer].cell(person))?;
        let at = cell.labels.iter().position(|held| *held == label)?;
        cell.ways.get(at).copied()
    }

    /// Whether the person has labels at the layer.
    pub(crate) fn holds(&self, person: PersonId, layer: usize) -> bool {
        self.marks(person) & (1 << layer) != 0
    }

    /// The first layer at which the person has labels.
    pub(crate) fn first_layer(&self, person: PersonId) -> Option<usize> {
        let layers = self.marks(person) & !CLOSED;
        (layers != 0).then(|| layers.trailing_zeros() as usize)
    }

    /// Whether what the person has at the layer goes on.
    pub(crate) fn hands_on(&self, person: PersonId, layer: usize) -> bool {
        let marks = self.marks(person);
        marks & (1 << layer) != 0 && (layer == 0 || marks & CLOSED == 0)
    }

    pub(crate) fn is_seed(&self, person: PersonId) -> bool {
        self.holds(person, 0)
    }

    /// All seeds, by id.
    pub(crate) fn seeds(&self) -> impl Iterator<Item = PersonId> {
        self.holders(1)
    }

    /// Everybody with labels at any layer, by id.
    pub(crate) fn reached(&self) -> impl Iterator<Item = PersonId> {
        self.holders(!CLOSED)
    }

    fn holders(&self, layers: u8) -> impl Iterator<Item = PersonId> {
        let persons = (0..).map(PersonId).zip(&self.marks);
        persons.filter(move |(_, marks)| **marks & layers != 0).map(|(person, _)| person)
    }

    fn marks(&self, person: PersonId) -> u8 {
        self.marks.get(person.0 as usize).copied().unwrap_or_default()
    }

    /// Replaces a cell and says whether that changed it.
    pub(crate) fn set(&mut self, person: PersonId, layer: usize, cell: Cell) -> Changed {
        let held = self.holds(person, layer);
        let (marks, layer, mark) = (&mut self.marks[person.0 as usize], &mut self.layers[layer], 1 << layer);
        match (held, cell.labels().is_empty()) {
            (false, true) => return Changed::No,
            (true, true) => {
                *marks &= !mark;
                layer.take(person);
            }
            (true, false) if *layer.cell(person) == cell => return Changed::No,
            (true, false) => *layer.cell_mut(person) = cell,
            (false, false) => {
                *marks |= mark;
                layer.put(person, cell);
            }
        }
        Changed::Yes
    }

    pub(crate) fn pass_through(&self, person: PersonId) -> PassThrough {
        if self.marks(person) & CLOSED == 0 { PassThrough::Open } else { PassThrough::Closed }
    }

    pub(crate) fn set_pass_through(&mut self, person: PersonId, pass: PassThrough) {
        let marks = &mut self.marks[person.0 as usize];
        match pass {
            PassThrough::Open => *marks &= !CLOSED,
            PassThrough::Closed => *marks |= CLOSED,
        }
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        self.marks.capacity() + self.layers.iter().map(Layer::bytes).sum::<usize>()
    }
}

/// The seeds on an attribute, of those attributes that any is on. Most attributes of most persons are passed over by it, and of
/// the many users of a seed's telephone none has to look through the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seeded(FxHashMap<AttributeId, SmallVec<[PersonId; 2]>>);

impl Seeded {
    /// In no order that means anything.
    pub(crate) fn on(&self, attribute: AttributeId) -> &[PersonId] {
        self.0.get(&attribute).map_or(&[], |seeds| seeds)
    }

    pub(crate) fn enter(&mut self, seed: PersonId, attribute: AttributeId) {
        self.0.entry(attribute).or_default().push(seed);
    }

    pub(crate) fn leave(&mut self, seed: PersonId, attribute: AttributeId) {
        if let Entry::Occupied(mut seeds) = self.0.entry(attribute) {
            seeds.get_mut().retain(|other| *other != seed);
            if seeds.get().is_empty() {
                seeds.remove();
            }
        }
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<(AttributeId, SmallVec<[PersonId; 2]>)>()
    }
}

/// Whether something is no longer what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    No,
    Yes,
}

#[cfg(test)]
mod test {
    use super::*;

    fn way(own: u32) -> Way {
        Way {
            neighbour: PersonId(1),
            attribute: AttributeId(2),
            theirs: ObservationId(3),
            own: ObservationId(own),
        }
    }

    #[test]
    fn a_cell_holds_what_nothing_beats_by_the_least_way_in_any_order_of_adding() {
        let labels = [(5, 90), (5, 80), (9, 30), (2, 95), (3, 95), (9, 30), (7, 81), (12, 30), (11, 20)];
        let labels = labels.map(|(arrival, cost)| Label::new(arrival, Cost(cost)));
        let mut expected = Cell::default();
        for (arrival, cost, own) in [(2, 95, 3), (5, 80, 1), (9, 30, 2), (11, 20, 8)] {
            expected.labels.push(Label::new(arrival, Cost(cost)));
            expected.ways.push(way(own));
        }
        for turn in 0..labels.len() {
            for step in [1, 2, 4, 5, 7, 8] {
                let mut cell = Cell::default();
                for place in 0..labels.len() {
                    let which = (turn + place * step) % labels.len();
                    cell.add(labels[which], way(which as u32));
                }
                assert_eq!(cell, expected);
            }
        }
    }

    #[test]
    fn a_label_and_its_way_take_no_memory_of_their_own() {
        assert_eq!((size_of::<Label>(), size_of::<Way>(), size_of::<Cell>()), (8, 16, 48));
    }
}
