//! One batch of changes: sorted, so that its order means nothing, and checked whole, so that it applies whole or not at all.

use std::error::Error;
use std::fmt;

use crate::cost::Cost;
use crate::observation::{AttributeId, Observation, ObservationId, PersonId};
use crate::rules::{KindId, Rules, RulesFault};
use crate::store::{Generic, Store};

/// Whether evidence that reaches a person goes on to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PassThrough {
    /// It does.
    #[default]
    Open,
    /// It ends there: a lawyer, an interpreter, a carer, an officer. A seed hands it on nevertheless.
    Closed,
}

/// One change of what is in force. A correction is a `Retract` and an `Observe` of one id in one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// An attribute is of this kind. Said once, with or before its first observation.
    Attribute(AttributeId, KindId),
    /// An observation comes into force.
    Observe(Observation),
    /// An observation of this person is no longer in force.
    Retract(PersonId, ObservationId),
    /// A person is where evidence starts, at this cost, or no longer is.
    Seed(PersonId, Option<Cost>),
    /// An attribute is declared generic, or the declaration withdrawn.
    Generic(AttributeId, Generic),
    /// A person hands evidence on, or does not.
    PassThrough(PersonId, PassThrough),
}

/// Why nothing was done: the caller contradicts itself, or what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The rules have a fault.
    Rules(RulesFault),
    /// The attribute was given no kind, one that the rules do not have, or two.
    Kind(AttributeId),
    /// The observation is in force already, or is given twice.
    Observed(ObservationId),
    /// The observation is not in force.
    Retracted(ObservationId),
    /// Two changes of one batch say different things of this person.
    Person(PersonId),
    /// Two changes of one batch say different things of this attribute.
    Attribute(AttributeId),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Rules(fault) => write!(f, "the rules of the network have a fault: {fault:?}"),
            Refusal::Kind(AttributeId(id)) => write!(f, "attribute {id} has no kind, an unknown one or two"),
            Refusal::Observed(ObservationId(id)) => write!(f, "observation {id} is in force or given twice"),
            Refusal::Retracted(ObservationId(id)) => write!(f, "observation {id} is not in force"),
            Refusal::Person(PersonId(id)) => write!(f, "two changes of one batch disagree on person {id}"),
            Refusal::Attribute(AttributeId(id)) => {
                write!(f, "two changes of one batch disagree on attribute {id}")
            }
        }
    }
}

impl Error for Refusal {}

/// The changes of one batch, by what they are of, each list sorted and without repetition.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) kinds: Vec<(AttributeId, KindId)>,
    pub(crate) retracted: Vec<(PersonId, ObservationId)>,
    /// By id.
    pub(crate) observed: Vec<Observation>,
    pub(crate) seeds: Vec<(PersonId, Option<Cost>)>,
    pub(crate) generic: Vec<(AttributeId, Generic)>,
    pub(crate) pass_through: Vec<(PersonId, PassThrough)>,
}

impl Batch {
    pub(crate) fn new(changes: &[Change]) -> Batch {
        let mut batch = Batch::default();
        for change in changes {
            match *change {
                Change::Attribute(attribute, kind) => batch.kinds.push((attribute, kind)),
                Change::Observe(observation) => batch.observed.push(observation),
                Change::Retract(person, id) => batch.retracted.push((person, id)),
                Change::Seed(person, cost) => batch.seeds.push((person, cost)),
                Change::Generic(attribute, generic) => batch.generic.push((attribute, generic)),
                Change::PassThrough(person, pass) => batch.pass_through.push((person, pass)),
            }
        }
        sort(&mut batch.kinds);
        sort(&mut batch.retracted);
        sort(&mut batch.observed);
        sort(&mut batch.seeds);
        sort(&mut batch.generic);
        sort(&mut batch.pass_through);
        batch
    }

    /// The first thing that cannot be done, if there is any.
    pub(crate) fn refusal(&self, store: &Store, rules: &Rules) -> Option<Refusal> {
        (self.kind_refusal(store, rules))
            .or_else(|| self.retraction_refusal(store))
            .or_else(|| self.observation_refusal(store))
            .or_else(|| repeated(&self.seeds, |seed| seed.0).map(|seed| Refusal::Person(seed.0)))
            .or_else(|| repeated(&self.pass_through, |pass| pass.0).map(|pass| Refusal::Person(pass.0)))
            .or_else(|| {
                repeated(&self.generic, |generic| generic.0).map(|generic| Refusal::Attribute(generic.0))
            })
    }

    fn kind_refusal(&self, store: &Store, rules: &Rules) -> Option<Refusal> {
        let wrong = |&&(attribute, kind): &&(AttributeId, KindId)| {
            let other = store.kind(attribute).is_some_and(|known| known != kind);
            other || usize::from(kind.0) >= rules.kinds.len()
        };
        let wrong = self.kinds.iter().find(wrong).or_else(|| repeated(&self.kinds, |kind| kind.0));
        let unknown = |observation: &&Observation| {
            let told = self.kinds.binary_search_by_key(&observation.attribute, |kind| kind.0).is_ok();
            !told && store.kind(observation.attribute).is_none()
        };
        let unknown = || self.observed.iter().find(unknown).map(|observation| observation.attribute);
        wrong.map(|kind| kind.0).or_else(unknown).map(Refusal::Kind)
    }

    fn retraction_refusal(&self, store: &Store) -> Option<Refusal> {
        let absent = self.retracted.iter().find(|(person, id)| !store.has(*person, *id));
        absent.map(|(_, id)| Refusal::Retracted(*id))
    }

    fn observation_refusal(&self, store: &Store) -> Option<Refusal> {
        let stays = |observation: &&Observation| {
            let key = (observation.person, observation.id);
            self.retracted.binary_search(&key).is_err() && store.has(observation.person, observation.id)
        };
        let twice = repeated(&self.observed, |observation| observation.id);
        twice
            .or_else(|| self.observed.iter().find(stays))
            .map(|observation| Refusal::Observed(observation.id))
    }
}

fn sort<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// The first of a sorted list whose key the next one has too.
fn repeated<T, K: PartialEq>(list: &[T], key: impl Fn(&T) -> K) -> Option<&T> {
    list.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])).map(|pair| &pair[0])
}
