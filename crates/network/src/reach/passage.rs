//! Between whom an attribute leads. In: an attribute, a person's observations of it. Out: whom a step can lead to, before
//! any day is looked at.

use crate::Network;
use crate::change::PassThrough;
use crate::observation::{AttributeId, PersonId, Relation};
use crate::store::{Generic, Row, Store};

/// Between whom an attribute leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passage {
    /// Between all who are on it.
    Everybody,
    /// Only from and to its operators: more persons are on it than its kind's cap.
    ByOperators,
    /// Between nobody: it is declared generic.
    Nobody,
}

impl Passage {
    /// Whether it leads between two observations.
    pub(super) fn admits(self, one: Relation, next: Relation) -> bool {
        match self {
            Passage::Everybody => true,
            Passage::ByOperators => one == Relation::Operated || next == Relation::Operated,
            Passage::Nobody => false,
        }
    }
}

impl Network {
    /// Between whom an attribute leads.
    pub fn passage(&self, attribute: AttributeId) -> Passage {
        let cap = self.kind(attribute).map_or(0, |kind| self.rules.kind(kind).cap);
        match self.generic(attribute) {
            Generic::Declared => Passage::Nobody,
            Generic::No if self.degree(attribute) > cap => Passage::ByOperators,
            Generic::No => Passage::Everybody,
        }
    }

    /// Whether paths go on from somebody they reach.
    pub(super) fn hands_on(&self, person: PersonId) -> bool {
        self.pass_through(person) == PassThrough::Open || self.seed(person).is_some()
    }

    /// Whom an attribute may lead to from somebody with these observations of it; they are among them.
    pub(super) fn beyond(&self, attribute: AttributeId, own: &[Row]) -> &[u32] {
        match self.passage(attribute) {
            Passage::Nobody => &[],
            Passage::ByOperators if !Store::operate(own) => self.store.operators(attribute),
            Passage::ByOperators | Passage::Everybody => self.store.members(attribute),
        }
    }
}
