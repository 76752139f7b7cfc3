//! One step of evidence, from a person that has a label to another that shares an attribute with them.
//!
//! Two observations of one attribute join two persons. The pair weighs π·ρ·c₁·c₂·α·exp(−gap/H), each factor a rounded cost of
//! its own: π the kind's weight, ρ what the number of persons on the attribute leaves of it (all, where one of the two operated
//! it), c the confidences, α what the step keeps. A label goes over it when the neighbour's observation lasts until the label
//! arrives and the own one until they can have met: time does not run backwards, and equal days count (`FORWARD`).

use crate::cost::Cost;
use crate::label::{Label, Labels};
use crate::observation::{AttributeId, PersonId, Relation};
use crate::rules::{KindRule, Rules};
use crate::store::{Generic, Row, Store};

/// What a step costs, by what it costs it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weighing {
    /// π: the kind of the attribute.
    pub kind: Cost,
    /// ρ: how many persons share it. Nothing where one of the two operated it.
    pub rarity: Cost,
    /// How far the neighbour's observation is to be relied on.
    pub neighbour_confidence: Cost,
    /// How far the own observation is to be relied on.
    pub own_confidence: Cost,
    /// The days between the two observations.
    pub gap: Cost,
    /// α: how far from the seed the step is.
    pub step: Cost,
}

impl Weighing {
    /// All of it.
    pub fn total(self) -> Cost {
        let Weighing { kind, rarity, neighbour_confidence, own_confidence, gap, step } = self;
        kind.and(rarity).and(neighbour_confidence).and(own_confidence).and(gap).and(step)
    }
}

/// Why a neighbour's label did not go over to a person. Of several reasons the last one counts: so far did it get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// The attribute is declared generic.
    Generic,
    /// The neighbour hands nothing on.
    Closed,
    /// There are more persons on the attribute than its kind's cap, and neither of the two operated it.
    Hub,
    /// The observations are too far apart, or time would have to run backwards.
    OutOfTime,
    /// What would arrive is weaker than the cut.
    Weak,
}

/// A label that came over to a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Join {
    pub(crate) neighbour: PersonId,
    pub(crate) theirs: Row,
    pub(crate) own: Row,
    /// The neighbour's label.
    pub(crate) from: Label,
    pub(crate) label: Label,
}

/// What use of an attribute says: its kind's rule, and what the number of persons on it costs, if it says anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sharing<'a> {
    pub(crate) rule: &'a KindRule,
    pub(crate) rarity: Option<Cost>,
}

/// What steps are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) store: &'a Store,
    pub(crate) labels: &'a Labels,
}

impl<'a> Ground<'a> {
    /// Nothing for an attribute that is generic.
    pub(crate) fn sharing(self, attribute: AttributeId) -> Option<Sharing<'a>> {
        let rule = self.rules.kind(self.store.kind(attribute)?);
        let counts = self.store.generic(attribute) == Generic::No;
        counts.then(|| Sharing { rule, rarity: rule.rarity(self.store.degree(attribute)) })
    }

    /// The persons from whom a label can come over the attribute, to somebody with these observations of it.
    pub(crate) fn neighbours(self, sharing: Sharing, own: &[Row]) -> &'a [u32] {
        let attribute = own[0].attribute();
        if sharing.rarity.is_some() || Store::operate(own) {
            self.store.members(attribute)
        } else {
            self.store.operators(attribute)
        }
    }

    /// Every label that the neighbour has at the layer before, over every pair of observations: what came of it.
    pub(crate) fn join(
        self,
        sharing: Sharing,
        layer: usize,
        own: &[Row],
        neighbour: PersonId,
        mut visit: impl FnMut(Result<Join, Obstacle>),
    ) -> u64 {
        let labels = self.labels.cell(neighbour, layer - 1);
        let all_theirs = self.store.rows_on(neighbour, own[0].attribute());
        for &theirs in all_theirs {
            for &own in own {
                let weighed = self.weigh(sharing, layer, theirs, own);
                for &from in labels {
                    let label = weighed.and_then(|weighing| self.carry(from, weighing, theirs, own));
                    visit(label.map(|label| Join { neighbour, theirs, own, from, label }));
                }
            }
        }
        (all_theirs.len() * own.len() * labels.len()) as u64
    }

    /// What a pair of observations costs, whichever label goes over it.
    pub(crate) fn weigh(
        self,
        sharing: Sharing,
        layer: usize,
        theirs: Row,
        own: Row,
    ) -> Result<Weighing, Obstacle> {
        let (theirs, own) = (theirs.packed(), own.packed());
        let operated = theirs.relation() == Relation::Operated || own.relation() == Relation::Operated;
        let rarity = if operated { Some(Cost::NONE) } else { sharing.rarity };
        let gap = sharing.rule.fading(theirs.interval().gap(own.interval()));
        Ok(Weighing {
            kind: Cost::of(sharing.rule.weight),
            rarity: rarity.ok_or(Obstacle::Hub)?,
            neighbour_confidence: Cost::of(theirs.confidence()),
            own_confidence: Cost::of(own.confidence()),
            gap: gap.ok_or(Obstacle::OutOfTime)?,
            step: Cost::of(self.rules.steps[layer - 1]),
        })
    }

    /// A label after it went over a pair of observations.
    fn carry(self, from: Label, weighing: Weighing, theirs: Row, own: Row) -> Result<Label, Obstacle> {
        let (theirs, own) = (theirs.packed().interval(), own.packed().interval());
        let leaves = from.arrival_or_ever().max(theirs.first_or_ever());
        if theirs.last_or_ever() < from.arrival_or_ever() || own.last_or_ever() < leaves {
            return Err(Obstacle::OutOfTime);
        }
        let cost = from.cost.and(weighing.total());
        let label = Label::new(leaves.max(own.first_or_ever()), cost);
        if cost <= self.rules.cut { Ok(label) } else { Err(Obstacle::Weak) }
    }
}
