//! The gate: who is linked to a seed, and who was moved.
//!
//! A person is linked to a seed, another person, when both have an observation of one attribute that is not generic, the seed's
//! with the relation operated and the person's used or operated, and the two intervals meet (or lie no further apart than the
//! rules allow). One link of a strong kind, or links of enough families over all seeds together, and the person was moved.
//! Confidence, cost, source, pass-through and the number of persons on the attribute play no part, and nothing else of the model
//! plays any here (`GATE`).

use std::collections::BTreeSet;

use crate::Network;
use crate::observation::{AttributeId, Interval, ObservationId, PersonId, Relation};
use crate::rules::Proof;
use crate::store::{Generic, Row};

/// One pair of observations that links a person to a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// What both were observed with.
    pub attribute: AttributeId,
    /// The person's observation.
    pub observation: ObservationId,
    /// Who operated it.
    pub seed: PersonId,
    /// The seed's observation.
    pub seed_observation: ObservationId,
}

/// What a person's links come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// There is none.
    Unlinked,
    /// Single evidence only: linked, but not enough.
    Single,
    /// A strong link, or links of enough families.
    Moved,
}

impl Network {
    /// All links of a person, sorted.
    pub fn links(&self, person: PersonId) -> Vec<Link> {
        self.links_where(person, |_, _| true)
    }

    /// Those of a person's links that hold for the seed on the days on which the two observations meet, sorted.
    pub fn links_where(&self, person: PersonId, holds: impl Fn(PersonId, Interval) -> bool) -> Vec<Link> {
        let mut links = Vec::new();
        for (attribute, own) in self.store.by_attribute(person) {
            if self.store.generic(attribute) == Generic::Declared {
                continue;
            }
            for &seed in self.seeded.on(attribute).iter().filter(|seed| **seed != person) {
                for theirs in self.store.rows_on(seed, attribute) {
                    let meeting = |own: &Row| own.packed().interval().meeting(theirs.packed().interval());
                    let linked =
                        own.iter().filter(|own| self.links_by(**own, *theirs) && holds(seed, meeting(own)));
                    links.extend(linked.map(|own| Link {
                        attribute,
                        observation: own.id(),
                        seed,
                        seed_observation: theirs.id(),
                    }));
                }
            }
        }
        links.sort_unstable();
        links
    }

    fn links_by(&self, own: Row, theirs: Row) -> bool {
        let (own, theirs) = (own.packed(), theirs.packed());
        let relations = own.relation() != Relation::Stated && theirs.relation() == Relation::Operated;
        relations && own.interval().gap(theirs.interval()) <= self.rules.gate_max_gap_days
    }

    /// What the person's links come to.
    pub fn standing(&self, person: PersonId) -> Standing {
        self.standing_of(&self.links(person))
    }

    /// What these links of one person come to.
    pub fn standing_of(&self, links: &[Link]) -> Standing {
        let rule = |link: &Link| Some(self.rules.kind(self.store.kind(link.attribute)?));
        let rules = || links.iter().filter_map(rule);
        let strong = rules().any(|rule| rule.proof == Proof::Strong);
        let families = rules().map(|rule| rule.family).collect::<BTreeSet<_>>().len();
        if links.is_empty() {
            Standing::Unlinked
        } else if strong || families >= self.rules.families_needed as usize {
            Standing::Moved
        } else {
            Standing::Single
        }
    }
}
