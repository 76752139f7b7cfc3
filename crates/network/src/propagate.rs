//! A batch of changes, and what follows from it: which cells to work out again, layer by layer.
//!
//! A cell of layer h depends on the seeds, on the person's own observations, and, through each attribute, on its kind, whether
//! it is generic, the band of its degree, and the observations, the pass-through and the labels at layer h − 1 of the others on
//! it. Nothing depends on its own layer, so there are no cycles: once all cells of layer h − 1 are those of a network built from
//! scratch, working out again each cell of layer h of whose inputs one has changed makes layer h so, too. These are, at each
//! layer:
//!
//! 1. persons that became, or are no longer, seeds, and persons with a changed observation;
//! 2. where such a person has labels at h − 1, or had, the others on the attributes of these observations;
//! 3. everybody on an attribute whose band or generic declaration changed, if anybody on it has labels at h − 1;
//! 4. the others on every attribute of a person whose labels at h − 1, or whose pass-through, changed.
//!
//! A label is another one, too, when it came another way: the last step is kept with it, and a cell counts as changed when one of
//! its labels came from a person in 4, or by an observation that was corrected. So paths are followed as cells are.
//!
//! In 2 and 4, over an attribute that too many persons share only its operators hand on to the others, and the others to its
//! operators. That holds before or after the batch, whichever reaches further. The last layer is not stored: there the same
//! rule says whose read-out may have changed.
//!
//! Invariant(NETWORK): cells, links and read-out are those of a network built from scratch.

use std::hint::black_box;
use std::mem;

use crate::change::{Batch, PassThrough, Refusal};
use crate::cost::Cost;
use crate::label::{Cell, Changed};
use crate::observation::{AttributeId, ObservationId, PersonId};
use crate::persons::PersonSet;
use crate::store::Store;
use crate::{Change, Network};

/// Whom a batch concerns: everybody for whom an answer has changed, and some for whom none has. Sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Affected {
    /// Whose links, and so whose standing, may have changed.
    pub links: Vec<PersonId>,
    /// Whose evidence may have changed. Those of `links` are among them.
    pub evidence: Vec<PersonId>,
    /// How many persons and pairs of observations were looked at for it.
    pub looked_at: u64,
}

/// To whom evidence goes over an attribute, from somebody on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spread {
    Nobody,
    /// From its operators to everybody, from the others to its operators.
    ByOperators,
    Everybody,
}

/// How a batch finds things before it changes them, of what it changes.
#[derive(Debug, Default)]
struct Disturbance {
    /// Persons and attributes whose observations change, sorted, and whether the person operated it.
    uses: Vec<(PersonId, AttributeId, Operated)>,
    /// Observations that are new or corrected, sorted.
    observed: Vec<ObservationId>,
    /// Attributes of these, and those declared, sorted.
    attributes: Vec<(AttributeId, Spread, Option<Cost>)>,
    /// Persons with another cost as a seed, or none any more.
    seeds: Vec<PersonId>,
    /// Those among them who were none before, or are none now.
    seeds_come_or_gone: Vec<PersonId>,
    /// Persons whose pass-through changes.
    pass_through: Vec<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operated {
    No,
    Yes,
}

impl Network {
    /// Applies one batch, whole or not at all. Order inside it means nothing, and what is said twice is said once.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Affected, Refusal> {
        let batch = Batch::new(changes);
        if let Some(refusal) = batch.refusal(&self.store, &self.rules) {
            return Err(refusal);
        }
        let mut disturbance = self.disturbance(&batch);
        for (seed, place) in self.seeded_places(&batch, &disturbance) {
            self.seeded.leave(seed, place);
        }
        self.write(&batch);
        self.plant(&batch, &mut disturbance);
        for (seed, place) in self.seeded_places(&batch, &disturbance) {
            self.seeded.enter(seed, place);
        }
        Ok(self.settle(&disturbance))
    }

    /// Everybody who may have links or evidence, as if all had just changed.
    pub fn concerned(&self) -> Affected {
        let (mut links, mut evidence, mut looked_at) = (PersonSet::default(), PersonSet::default(), 0);
        let undisturbed = Disturbance::default();
        for seed in self.labels.seeds() {
            looked_at += self.mark_linked(seed, &undisturbed, &mut links);
        }
        let goes_on =
            |person: &PersonId| (0..self.labels.layers()).any(|layer| self.labels.hands_on(*person, layer));
        let going_on: Vec<PersonId> = self.labels.reached().filter(goes_on).collect();
        looked_at += self.mark_around(&going_on, &undisturbed, &mut evidence);
        Affected { links: links.take_sorted(), evidence: evidence.take_sorted(), looked_at }
    }

    fn disturbance(&self, batch: &Batch) -> Disturbance {
        let observed = batch.observed.iter().map(|observation| (observation.person, observation.attribute));
        let retracted = batch.retracted.iter().map(|(person, id)| {
            let row = self.store.rows(*person).iter().find(|row| row.id() == *id);
            (*person, row.expect("a batch is checked before").attribute())
        });
        let mut uses: Vec<_> = observed.chain(retracted).collect();
        uses.sort_unstable();
        uses.dedup();
        let declared = batch.generic.iter().map(|(attribute, _)| *attribute);
        let mut attributes: Vec<_> = uses.iter().map(|(_, attribute)| *attribute).chain(declared).collect();
        attributes.sort_unstable();
        attributes.dedup();
        let state = |attribute| (attribute, self.spread(attribute), self.rarity(attribute));
        let role = |(person, attribute)| (person, attribute, self.operated(person, attribute));
        Disturbance {
            uses: uses.into_iter().map(role).collect(),
            observed: batch.observed.iter().map(|observation| observation.id).collect(),
            attributes: attributes.into_iter().map(state).collect(),
            ..Disturbance::default()
        }
    }

    /// Seeds and the attributes that they are on, where the batch may change that.
    fn seeded_places(&self, batch: &Batch, disturbance: &Disturbance) -> Vec<(PersonId, AttributeId)> {
        let seeds =
            batch.seeds.iter().map(|(person, _)| *person).filter(|person| self.labels.is_seed(*person));
        let all =
            seeds.flat_map(|seed| self.store.by_attribute(seed).map(move |(attribute, _)| (seed, attribute)));
        let uses = disturbance.uses.iter().map(|(person, attribute, _)| (*person, *attribute));
        let on = uses.filter(|(person, attribute)| {
            let named = batch.seeds.binary_search_by_key(person, |(seed, _)| *seed).is_ok();
            !named && self.labels.is_seed(*person) && !self.store.rows_on(*person, *attribute).is_empty()
        });
        all.chain(on).collect()
    }

    fn write(&mut self, batch: &Batch) {
        for &(attribute, kind) in &batch.kinds {
            self.store.set_kind(attribute, kind);
        }
        for &(person, id) in &batch.retracted {
            self.store.remove(person, id);
        }
        for observation in &batch.observed {
            self.store.insert(observation);
        }
        for &(attribute, generic) in &batch.generic {
            self.store.set_generic(attribute, generic);
        }
        let seeds = batch.seeds.iter().map(|(person, _)| *person);
        for person in seeds.chain(batch.pass_through.iter().map(|(person, _)| *person)) {
            self.store.admit(person);
        }
        self.labels.admit(self.store.persons());
    }

    /// Sets what the batch says of persons, and notes for whom that is new.
    fn plant(&mut self, batch: &Batch, disturbance: &mut Disturbance) {
        for &(person, cost) in &batch.seeds {
            let was_seed = self.labels.is_seed(person);
            let cell = cost.map_or_else(Cell::default, Cell::of_seed);
            if self.labels.set(person, 0, cell) == Changed::Yes {
                disturbance.seeds.push(person);
                if was_seed != cost.is_some() {
                    disturbance.seeds_come_or_gone.push(person);
                }
            }
        }
        for &(person, pass) in &batch.pass_through {
            if self.labels.pass_through(person) != pass {
                self.labels.set_pass_through(person, pass);
                disturbance.pass_through.push(person);
            }
        }
    }

    /// Works out again what follows from the seeds, layer by layer.
    fn settle(&mut self, disturbance: &Disturbance) -> Affected {
        let [mut dirty, mut affected] = mem::take(&mut self.scratch);
        let mut looked_at = self.mark_links(disturbance, &mut affected);
        let links = affected.take_sorted();
        let mut changed = disturbance.seeds.clone();
        for layer in 1..=self.rules.steps.len() {
            looked_at += self.mark_dirty(layer, disturbance, &changed, &mut dirty);
            // By id: neighbours in memory are read one after the other.
            dirty.sort();
            affected.extend(dirty.members().iter().copied());
            let changed_before = mem::take(&mut changed);
            if layer < self.labels.layers() {
                for &person in dirty.members() {
                    let (cell, pairs) = self.pull(person, layer);
                    looked_at += pairs;
                    let other_path = cell.comes_from(&changed_before) || cell.rests_on(&disturbance.observed);
                    if self.labels.set(person, layer, cell) == Changed::Yes || other_path {
                        changed.push(person);
                    }
                }
            }
            dirty.clear();
        }
        let evidence = affected.take_sorted();
        self.scratch = [dirty, affected];
        Affected { links, evidence, looked_at }
    }

    /// One cell, from the layer before.
    pub(crate) fn pull(&self, person: PersonId, layer: usize) -> (Cell, u64) {
        let mut cell = Cell::default();
        let looked_at = self.joins(person, layer, |join| cell.add(join.label, join.way()));
        (cell, looked_at)
    }

    /// Everybody of whose cell at the layer an input may have changed.
    fn mark_dirty(
        &self,
        layer: usize,
        disturbance: &Disturbance,
        changed: &[PersonId],
        dirty: &mut PersonSet,
    ) -> u64 {
        let mut looked_at = 0;
        dirty.extend(disturbance.seeds.iter().copied());
        for &(person, attribute, operated) in &disturbance.uses {
            dirty.insert(person);
            let held = changed.binary_search(&person).is_ok() || self.labels.holds(person, layer - 1);
            if held && self.goes_on(person, layer - 1, disturbance) {
                let operated = operated.max(self.operated(person, attribute));
                looked_at += self.mark_members(attribute, operated, disturbance, dirty);
            }
        }
        for &(attribute, spread, rarity) in &disturbance.attributes {
            if spread != self.spread(attribute) || rarity != self.rarity(attribute) {
                looked_at += self.mark_shifted(layer, attribute, spread, dirty);
            }
        }
        let redirected =
            disturbance.pass_through.iter().filter(|person| self.labels.holds(**person, layer - 1));
        let going_on = changed.iter().chain(redirected).copied();
        let going_on = going_on.filter(|person| self.goes_on(*person, layer - 1, disturbance));
        looked_at + self.mark_around(&going_on.collect::<Vec<_>>(), disturbance, dirty)
    }

    /// Whether the person hands on what they have at the layer, before or after the batch.
    fn goes_on(&self, person: PersonId, layer: usize, disturbance: &Disturbance) -> bool {
        let open = || self.labels.pass_through(person) == PassThrough::Open;
        layer == 0 || open() || disturbance.pass_through.binary_search(&person).is_ok()
    }

    /// Everybody on an attribute that now spreads otherwise, if there is something to spread.
    fn mark_shifted(
        &self,
        layer: usize,
        attribute: AttributeId,
        before: Spread,
        dirty: &mut PersonSet,
    ) -> u64 {
        let members = self.store.members(attribute);
        let by_operators = before.max(self.spread(attribute)) < Spread::Everybody;
        if by_operators && self.store.operators(attribute).is_empty() {
            return 0;
        }
        if members.iter().any(|member| self.labels.holds(PersonId(*member), layer - 1)) {
            dirty.extend(members.iter().copied().map(PersonId));
        }
        members.len() as u64
    }

    /// Everybody to whom something may go from these persons.
    fn mark_around(&self, persons: &[PersonId], disturbance: &Disturbance, dirty: &mut PersonSet) -> u64 {
        let mut looked_at = 0;
        let (mut uses, mut reached) = (Vec::new(), Vec::new());
        for persons in persons.chunks(64) {
            for &person in persons {
                uses.extend(self.store.by_attribute(person).map(|(attribute, rows)| {
                    let operated = if Store::operate(rows) { Operated::Yes } else { Operated::No };
                    (attribute, operated)
                }));
            }
            fetch(uses.iter().map(|(attribute, _)| self.store.degree(*attribute)));
            let over =
                |(attribute, operated)| -> &[u32] { self.reached_over(attribute, operated, disturbance) };
            reached.extend(uses.drain(..).map(over));
            fetch(reached.iter().filter_map(|members| members.first().copied()));
            for members in reached.drain(..) {
                dirty.extend(members.iter().copied().map(PersonId));
                looked_at += members.len() as u64;
            }
        }
        looked_at
    }

    /// Everybody to whom something may go over the attribute, from somebody who operated it or did not.
    fn mark_members(
        &self,
        attribute: AttributeId,
        operated: Operated,
        disturbance: &Disturbance,
        dirty: &mut PersonSet,
    ) -> u64 {
        let members = self.reached_over(attribute, operated, disturbance);
        dirty.extend(members.iter().copied().map(PersonId));
        members.len() as u64
    }

    fn reached_over(&self, attribute: AttributeId, operated: Operated, disturbance: &Disturbance) -> &[u32] {
        match (self.widest_spread(attribute, disturbance), operated) {
            (Spread::Nobody, _) => &[],
            (Spread::ByOperators, Operated::No) => self.store.operators(attribute),
            (Spread::ByOperators, Operated::Yes) | (Spread::Everybody, _) => self.store.members(attribute),
        }
    }

    /// Everybody whose links may have changed.
    fn mark_links(&self, disturbance: &Disturbance, linked: &mut PersonSet) -> u64 {
        let mut looked_at = 0;
        let is_or_was_seed = |person: &PersonId| {
            self.labels.is_seed(*person) || disturbance.seeds_come_or_gone.binary_search(person).is_ok()
        };
        for &(person, attribute, operated) in &disturbance.uses {
            linked.insert(person);
            let operated = operated.max(self.operated(person, attribute));
            if is_or_was_seed(&person) && operated == Operated::Yes {
                looked_at += self.mark_members(attribute, operated, disturbance, linked);
            }
        }
        for &(attribute, before, _) in &disturbance.attributes {
            let declared = (before == Spread::Nobody) != (self.spread(attribute) == Spread::Nobody);
            let mut operators = self.store.operators(attribute).iter();
            if declared && operators.any(|person| is_or_was_seed(&PersonId(*person))) {
                looked_at += self.mark_members(attribute, Operated::Yes, disturbance, linked);
            }
        }
        for &seed in &disturbance.seeds_come_or_gone {
            looked_at += self.mark_linked(seed, disturbance, linked);
        }
        looked_at
    }

    /// Everybody on the attributes that a seed operated.
    fn mark_linked(&self, seed: PersonId, disturbance: &Disturbance, linked: &mut PersonSet) -> u64 {
        let operated = self.store.by_attribute(seed).filter(|(_, rows)| Store::operate(rows));
        operated.map(|(attribute, _)| self.mark_members(attribute, Operated::Yes, disturbance, linked)).sum()
    }

    fn spread(&self, attribute: AttributeId) -> Spread {
        match self.ground().sharing(attribute) {
            None => Spread::Nobody,
            Some(sharing) if sharing.rarity.is_none() => Spread::ByOperators,
            Some(_) => Spread::Everybody,
        }
    }

    /// Before or after the batch, whichever reaches further.
    fn widest_spread(&self, attribute: AttributeId, disturbance: &Disturbance) -> Spread {
        let touched = disturbance.attributes.binary_search_by_key(&attribute, |(touched, _, _)| *touched);
        let before = touched.map_or(Spread::Nobody, |at| disturbance.attributes[at].1);
        before.max(self.spread(attribute))
    }

    fn operated(&self, person: PersonId, attribute: AttributeId) -> Operated {
        let operates = Store::operate(self.store.rows_on(person, attribute));
        if operates { Operated::Yes } else { Operated::No }
    }
}

/// Reads what is about to be looked at one by one. Each is somewhere else in memory, and here none is waited for before the next is
/// asked for: that halves what a telephone of a hundred thousand users takes.
fn fetch(scattered: impl Iterator<Item = u32>) {
    black_box(scattered.fold(0, u32::wrapping_add));
}
