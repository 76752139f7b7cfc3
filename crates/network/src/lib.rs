//! Who was moved by whom: temporal noisy-or evidence propagation over persons and the attributes that they share.
//!
//! In go observations that are in force (a person, an attribute, an interval, how far to be relied on), the persons where evidence
//! starts, and rules; out come links, strengths and paths. Ids are opaque, days and costs are integers. It knows nothing of names,
//! deletions or what was known when: whoever calls it sees to these.
//!
//! Two products are kept apart. The **gate** ([`Network::links`], [`Network::standing`]) is a rule: what a seed operated and the person
//! used or operated on a common day is a link, and one of a strong kind or several families of them are enough. The **read-out**
//! ([`Network::evidence`]) is a measure: labels of arrival and cost go from seeds over pairs of observations forward in time, at each
//! step weaker, and
//!
//! ```text
//! S(q) = 1 − Π over families (1 − the best weight that the family brings)
//! ```
//!
//! It orders leads and explains, and decides nothing. Beside them stand questions that an analyst asks ([`reach`]: paths, reach, neighbours) and
//! who travels together more often than chance has it ([`cotravel`]); neither knows of costs. The definition of both, where the parts are from, and why the incremental result is
//! that of a calculation from scratch are in `docs/design/0007-network.md`; the weight of a step is in `join.rs`, the read-out in
//! `evidence.rs`, what a batch makes to be worked out again in `propagate.rs`.
//!
//! ```text
//! Change ──▶ change (one batch, checked) ──▶ store (rows, members) ──▶ propagate (which cells) ──▶ label (cells)
//!                                              gate ◀── asked ──▶ evidence, over join
//! ```

mod chain;
mod change;
mod cost;
pub mod cotravel;
mod evidence;
mod gate;
mod join;
mod label;
mod observation;
mod persons;
mod pool;
mod propagate;
pub mod reach;
mod rules;
mod store;

pub use crate::chain::{Chain, Chains};
pub use crate::change::{Change, PassThrough, Refusal};
pub use crate::cost::{Cost, Strength};
pub use crate::evidence::{Evidence, Factor, Ignored, Step};
pub use crate::gate::{Link, Standing};
pub use crate::join::{Obstacle, Weighing};
pub use crate::label::Label;
pub use crate::observation::{
    AttributeId, Day, Interval, Observation, ObservationId, Percent, PersonId, Relation, SourceId,
};
pub use crate::propagate::Affected;
pub use crate::rules::{FamilyId, KindId, KindRule, MOST_STEPS, Proof, Rules, RulesFault};
pub use crate::store::Generic;

use crate::join::Ground;
use crate::label::{Labels, Seeded};
use crate::persons::PersonSet;
use crate::store::Store;

/// Everything in force at once, to build a network from.
#[derive(Debug, Clone)]
pub struct Columns<'a, I> {
    /// The kind of each attribute, by [`AttributeId`].
    pub kinds: &'a [KindId],
    /// All observations, in any order. They are gone through several times.
    pub observations: I,
    /// Where evidence starts, and at what cost.
    pub seeds: &'a [(PersonId, Cost)],
    /// Attributes that have been declared generic.
    pub generic: &'a [AttributeId],
    /// Persons that hand nothing on.
    pub closed: &'a [PersonId],
}

/// The persons, their attributes, and what follows from the seeds.
#[derive(Debug, Clone)]
pub struct Network {
    rules: Rules,
    store: Store,
    labels: Labels,
    seeded: Seeded,
    scratch: [PersonSet; 2],
}

impl Network {
    /// A network of everything in force.
    pub fn build<I>(rules: Rules, columns: Columns<'_, I>) -> Result<Network, Refusal>
    where
        I: IntoIterator<Item = Observation>,
        I::IntoIter: Clone,
    {
        if let Some(fault) = rules.fault() {
            return Err(Refusal::Rules(fault));
        }
        let observations = columns.observations.into_iter();
        let known = |attribute: AttributeId| (attribute.0 as usize) < columns.kinds.len();
        let unknown_kind = columns.kinds.iter().position(|kind| usize::from(kind.0) >= rules.kinds.len());
        let stray = || observations.clone().map(|observation| observation.attribute).find(|id| !known(*id));
        if let Some(attribute) = unknown_kind.map(|place| AttributeId(place as u32)).or_else(stray) {
            return Err(Refusal::Kind(attribute));
        }
        let store = Store::build(columns.kinds, observations);
        if let Some(id) = store.repeated() {
            return Err(Refusal::Observed(id));
        }
        let labels = Labels::new(rules.steps.len());
        let mut network =
            Network { rules, store, labels, seeded: Seeded::default(), scratch: Default::default() };
        network.apply(&planted(columns.seeds, columns.generic, columns.closed))?;
        Ok(network)
    }

    /// The rules that it was built with.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// One more than the largest person that it was told of.
    pub fn persons(&self) -> u32 {
        self.store.persons()
    }

    /// One more than the largest attribute that it was told of.
    pub fn attributes(&self) -> u32 {
        self.store.attributes()
    }

    /// What was observed of a person, by attribute and id.
    pub fn observations(&self, person: PersonId) -> impl Iterator<Item = Observation> {
        self.store.rows(person).iter().map(move |row| row.observation(person))
    }

    /// What was observed of a person with one attribute, by id.
    pub fn observations_on(
        &self,
        person: PersonId,
        attribute: AttributeId,
    ) -> impl Iterator<Item = Observation> {
        self.store.rows_on(person, attribute).iter().map(move |row| row.observation(person))
    }

    /// Everybody on an attribute, each once, operators first; otherwise in no order that means anything.
    pub fn members(&self, attribute: AttributeId) -> impl ExactSizeIterator<Item = PersonId> {
        self.store.members(attribute).iter().copied().map(PersonId)
    }

    /// Those who operated the attribute, as they stand first among its members.
    pub fn operators(&self, attribute: AttributeId) -> impl ExactSizeIterator<Item = PersonId> {
        self.store.operators(attribute).iter().copied().map(PersonId)
    }

    /// How many persons are on the attribute.
    pub fn degree(&self, attribute: AttributeId) -> u32 {
        self.store.degree(attribute)
    }

    /// What sort of thing the attribute is, once that was told.
    pub fn kind(&self, attribute: AttributeId) -> Option<KindId> {
        self.store.kind(attribute)
    }

    /// Whether use of the attribute says anything.
    pub fn generic(&self, attribute: AttributeId) -> Generic {
        self.store.generic(attribute)
    }

    /// What the number of persons on an attribute costs a pair of which neither operated it; nothing when use of it by two
    /// persons says nothing, because it is generic, there are more persons than the cap, or only one.
    pub fn rarity(&self, attribute: AttributeId) -> Option<Cost> {
        let rule = self.rules.kind(self.store.kind(attribute)?);
        match self.store.generic(attribute) {
            Generic::Declared => None,
            Generic::No => rule.rarity(self.store.degree(attribute)),
        }
    }

    /// Whether, and at what cost, evidence starts at the person.
    pub fn seed(&self, person: PersonId) -> Option<Cost> {
        self.labels.cell(person, 0).first().map(|label| label.cost)
    }

    /// Whether evidence that reaches the person goes on.
    pub fn pass_through(&self, person: PersonId) -> PassThrough {
        self.labels.pass_through(person)
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let scratch: usize = self.scratch.iter().map(PersonSet::bytes).sum();
        self.store.bytes() + self.labels.bytes() + self.seeded.bytes() + scratch
    }

    fn ground(&self) -> Ground<'_> {
        Ground { rules: &self.rules, store: &self.store, labels: &self.labels }
    }
}

/// What is said of persons and attributes beside the observations, as one batch.
fn planted(seeds: &[(PersonId, Cost)], generic: &[AttributeId], closed: &[PersonId]) -> Vec<Change> {
    let seeds = seeds.iter().map(|(person, cost)| Change::Seed(*person, Some(*cost)));
    let generic = generic.iter().map(|attribute| Change::Generic(*attribute, Generic::Declared));
    let closed = closed.iter().map(|person| Change::PassThrough(*person, PassThrough::Closed));
    seeds.chain(generic).chain(closed).collect()
}
