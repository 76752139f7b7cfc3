//! Whom a person shares attributes with, in whichever order they had them. In: a person, a period. Out: their attributes by kind, each
//! with everybody a step can lead to, and with what keeps it from leading to more. Only what lies inside the period counts
//! of an interval; how many persons are on an attribute, and so whether it is a hub, is counted over all time.

use std::collections::BTreeMap;

use super::passage::Passage;
use crate::Network;
use crate::observation::{AttributeId, Interval, PersonId};
use crate::rules::KindId;
use crate::store::Row;

/// The attributes of one kind that a person has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfKind {
    /// The kind.
    pub kind: KindId,
    /// How many persons a step leads to over any of the attributes.
    pub persons: u32,
    /// The attributes, by id.
    pub attributes: Vec<Shared>,
}

/// An attribute of a person, and who else has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The attribute.
    pub attribute: AttributeId,
    /// How many persons are on it in all.
    pub degree: u32,
    /// Between whom it leads: a warning, when that is not everybody.
    pub passage: Passage,
    /// To whom it leads from the person, by id.
    pub neighbours: Vec<Neighbour>,
}

/// Somebody to whom an attribute leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Neighbour {
    /// Who.
    pub person: PersonId,
    /// The days between the two nearest observations of the two: 0 when they had it on the same day.
    pub gap_days: u32,
}

impl Network {
    /// Whom a person shares attributes with in a period, by kind.
    pub fn neighbours(&self, person: PersonId, period: Interval) -> Vec<OfKind> {
        let mut by_kind: BTreeMap<KindId, Vec<Shared>> = BTreeMap::new();
        for (attribute, own) in self.store.by_attribute(person) {
            let counts = own.iter().any(|row| row.packed().interval().overlap(period).is_some());
            if let Some(kind) = self.kind(attribute).filter(|_| counts) {
                by_kind.entry(kind).or_default().push(self.shared(person, attribute, own, period));
            }
        }
        by_kind.into_iter().map(|(kind, attributes)| of_kind(kind, attributes)).collect()
    }

    fn shared(&self, person: PersonId, attribute: AttributeId, own: &[Row], period: Interval) -> Shared {
        let passage = self.passage(attribute);
        let others =
            self.beyond(attribute, own).iter().map(|other| PersonId(*other)).filter(|other| *other != person);
        let neighbour = |other| {
            let gap_days = nearest(own, self.store.rows_on(other, attribute), passage, period)?;
            Some(Neighbour { person: other, gap_days })
        };
        let mut neighbours: Vec<Neighbour> = others.filter_map(neighbour).collect();
        neighbours.sort_unstable();
        Shared { attribute, degree: self.degree(attribute), passage, neighbours }
    }
}

/// The days between the two nearest of the observations between which the attribute leads in a period.
fn nearest(own: &[Row], theirs: &[Row], passage: Passage, period: Interval) -> Option<u32> {
    let pairs = own.iter().flat_map(|own| theirs.iter().map(|theirs| (own.packed(), theirs.packed())));
    let led = pairs.filter(|(own, theirs)| passage.admits(own.relation(), theirs.relation()));
    let days =
        led.map(|(own, theirs)| Some((own.interval().overlap(period)?, theirs.interval().overlap(period)?)));
    days.flatten().map(|(own, theirs)| own.gap(theirs)).min()
}

fn of_kind(kind: KindId, attributes: Vec<Shared>) -> OfKind {
    let neighbours = attributes.iter().flat_map(|shared| &shared.neighbours);
    let mut persons: Vec<PersonId> = neighbours.map(|neighbour| neighbour.person).collect();
    persons.sort_unstable();
    persons.dedup();
    OfKind { kind, persons: persons.len() as u32, attributes }
}
