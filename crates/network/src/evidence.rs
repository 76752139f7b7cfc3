//! The read-out: how strong the evidence on a person is, by which paths, and what was left out of it.
//!
//! S = 1 − Π (1 − w), over the families of evidence, of the best weight that each family brings. One originating report counts
//! once: labels that come over in the last step are taken one after the other, the strongest first (then by family, then by
//! source), unless their family has been taken or the source of the neighbour's observation has. Between equals the path decides:
//! fewer steps, then from the last step back the smaller neighbour, attribute, neighbour's observation and own observation.
//! A pair with a stated observation is of the family of statements, whatever its kind.
//!
//! This orders leads and explains. It decides nothing about links and standing, which are the gate's.

use std::cmp::Ordering;

use crate::Network;
use crate::cost::{Cost, Strength};
use crate::join::{Join, Obstacle, Sharing, Weighing};
use crate::label::{Label, Way};
use crate::observation::{AttributeId, Day, ObservationId, PersonId, Relation, SourceId};
use crate::rules::FamilyId;
use crate::store::Row;

/// How strong the evidence on a person is, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// S, over all factors.
    pub strength: Strength,
    /// The best of each family, by family.
    pub factors: Vec<Factor>,
}

/// The best evidence of one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// What it counts as.
    pub family: FamilyId,
    /// How weak it is: the seed's cost and those of all steps.
    pub cost: Cost,
    /// From the seed to the person.
    pub path: Vec<Step>,
}

/// One step of a path, from person to person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// From whom.
    pub from: PersonId,
    /// To whom.
    pub to: PersonId,
    /// What both were observed with.
    pub attribute: AttributeId,
    /// The observation of the first.
    pub from_observation: ObservationId,
    /// The observation of the second.
    pub to_observation: ObservationId,
    /// The days between the two.
    pub gap_days: u32,
    /// The first day on which evidence can have come this far; nothing when that may be any day.
    pub arrival: Option<Day>,
    /// What it costs.
    pub weighing: Weighing,
}

/// An attribute over which nothing came to a person, though somebody on it has evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    /// What they share.
    pub attribute: AttributeId,
    /// Why nothing came.
    pub obstacle: Obstacle,
    /// Of those whom this kept apart, the one with the fewest steps to a seed, then the smallest.
    pub neighbour: PersonId,
    /// How many they are.
    pub neighbours: u32,
}

/// Whose word an observation is: its source's, or, without one, its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Source(SourceId),
    Observation(ObservationId),
}

/// A label that the last step may bring.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    family: FamilyId,
    layer: usize,
    join: Join,
}

impl Network {
    /// The evidence on a person; nothing for a seed, and where nothing arrives.
    pub fn evidence(&self, person: PersonId) -> Option<Evidence> {
        let mut candidates = Vec::new();
        for layer in 1..=self.rules.steps.len() {
            self.joins(person, layer, |join| {
                candidates.push(Candidate { family: self.family(join), layer, join: *join });
            });
        }
        candidates.sort_unstable_by(Candidate::order);
        let taken = independent(&candidates);
        let mut factors: Vec<Factor> = taken.iter().map(|candidate| self.factor(person, candidate)).collect();
        factors.sort_unstable_by_key(|factor| factor.family);
        let missing =
            factors.iter().fold(Strength::ONE, |rest, factor| rest.times(factor.cost.weight().rest()));
        (!factors.is_empty()).then_some(Evidence { strength: missing.rest(), factors })
    }

    /// The labels of a person after so many steps, by arrival, each later one stronger.
    pub fn labels(&self, person: PersonId, steps: usize) -> Vec<Label> {
        match steps.cmp(&self.labels.layers()) {
            Ordering::Less => self.labels.cell(person, steps).to_vec(),
            Ordering::Equal => self.pull(person, steps).0.labels().to_vec(),
            Ordering::Greater => Vec::new(),
        }
    }

    /// What the person shares with somebody who has evidence and which brought none, by attribute, with why. Of an attribute
    /// that is generic, or a hub, only seeds are told, and whoever operated it.
    pub fn ignored(&self, person: PersonId) -> Vec<Ignored> {
        let mut kept_apart = Vec::new();
        if self.labels.is_seed(person) {
            return Vec::new();
        }
        for (attribute, own) in self.store.by_attribute(person) {
            let sharing = self.ground().sharing(attribute);
            let others = sharing.map_or(&[][..], |sharing| self.ground().neighbours(sharing, own));
            let others =
                others.iter().map(|other| PersonId(*other)).filter(|other| !self.labels.is_seed(*other));
            for neighbour in self.seeded.on(attribute).iter().copied().chain(others) {
                let first_layer = self.labels.first_layer(neighbour).filter(|_| neighbour != person);
                let obstacle = first_layer.and_then(|_| self.obstacle(sharing, own, neighbour));
                kept_apart.extend(
                    first_layer
                        .zip(obstacle)
                        .map(|(layer, obstacle)| (attribute, obstacle, layer, neighbour)),
                );
            }
        }
        kept_apart.sort_unstable();
        let alike = kept_apart.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1));
        alike
            .map(|group| {
                let (attribute, obstacle, _, neighbour) = group[0];
                Ignored { attribute, obstacle, neighbour, neighbours: group.len() as u32 }
            })
            .collect()
    }

    /// Why nothing comes from the neighbour over the attribute; nothing if something does.
    fn obstacle(&self, sharing: Option<Sharing>, own: &[Row], neighbour: PersonId) -> Option<Obstacle> {
        let Some(sharing) = sharing else { return Some(Obstacle::Generic) };
        let (mut furthest, mut came) = (Obstacle::Closed, false);
        for layer in 1..=self.rules.steps.len() {
            if self.labels.hands_on(neighbour, layer - 1) {
                self.ground().join(sharing, layer, own, neighbour, |outcome| match outcome {
                    Ok(_) => came = true,
                    Err(obstacle) => furthest = furthest.max(obstacle),
                });
            }
        }
        (!came).then_some(furthest)
    }

    /// Every label that comes over to the person at the layer.
    pub(crate) fn joins(&self, person: PersonId, layer: usize, mut visit: impl FnMut(&Join)) -> u64 {
        let mut looked_at = 0;
        if self.labels.is_seed(person) {
            return looked_at;
        }
        let ground = self.ground();
        for (attribute, own) in self.store.by_attribute(person) {
            let seeds = self.seeded.on(attribute);
            if layer == 1 && seeds.is_empty() {
                continue;
            }
            let Some(sharing) = ground.sharing(attribute) else { continue };
            let mut meet = |neighbour| {
                looked_at += 1;
                if neighbour != person && self.labels.hands_on(neighbour, layer - 1) {
                    looked_at += ground.join(sharing, layer, own, neighbour, |outcome| {
                        outcome.iter().for_each(&mut visit);
                    });
                }
            };
            match layer {
                1 => seeds.iter().for_each(|seed| meet(*seed)),
                _ => ground.neighbours(sharing, own).iter().for_each(|neighbour| meet(PersonId(*neighbour))),
            }
        }
        looked_at
    }

    fn family(&self, join: &Join) -> FamilyId {
        let stated = |row: Row| row.packed().relation() == Relation::Stated;
        let kind = self.store.kind(join.own.attribute()).map(|kind| self.rules.kind(kind));
        match kind {
            Some(kind) if !stated(join.own) && !stated(join.theirs) => kind.family,
            _ => self.rules.statement,
        }
    }

    fn factor(&self, person: PersonId, candidate: &Candidate) -> Factor {
        let Candidate { family, layer, join } = candidate;
        let mut path = vec![self.step(person, *layer, join)];
        let (mut from, mut label) = (join.neighbour, join.from);
        for layer in (1..*layer).rev() {
            let last = self.join_that_brought(from, layer, label);
            path.push(self.step(from, layer, &last));
            (from, label) = (last.neighbour, last.from);
        }
        path.reverse();
        Factor { family: *family, cost: join.label.cost, path }
    }

    /// The join that brought a person a label which they hold.
    fn join_that_brought(&self, person: PersonId, layer: usize, label: Label) -> Join {
        let way = self.labels.way(person, layer, label).expect("a label that is held came some way");
        let own = self.store.rows_on(person, way.attribute);
        let sharing = self.ground().sharing(way.attribute).expect("what was joined is shared");
        let mut brought = None;
        self.ground().join(sharing, layer, own, way.neighbour, |outcome| {
            brought = brought.or(outcome.ok().filter(|join| join.way() == way && join.label == label));
        });
        brought.expect("the way that a label came is there")
    }

    fn step(&self, to: PersonId, layer: usize, join: &Join) -> Step {
        let Join { neighbour, theirs, own, label, .. } = *join;
        let ground = self.ground();
        let sharing = ground.sharing(own.attribute()).expect("what was joined is shared");
        Step {
            from: neighbour,
            to,
            attribute: own.attribute(),
            from_observation: theirs.id(),
            to_observation: own.id(),
            gap_days: theirs.packed().interval().gap(own.packed().interval()),
            arrival: label.arrival(),
            weighing: ground.weigh(sharing, layer, theirs, own).expect("what was joined has a weight"),
        }
    }
}

/// Of sorted candidates, each that is of a family and of an origin of which none is before it.
fn independent(candidates: &[Candidate]) -> Vec<Candidate> {
    let mut taken: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let alike =
            |other: &Candidate| other.family == candidate.family || other.origin() == candidate.origin();
        if !taken.iter().any(alike) {
            taken.push(*candidate);
        }
    }
    taken
}

impl Candidate {
    fn order(&self, other: &Candidate) -> Ordering {
        let key = |candidate: &Candidate| {
            let Candidate { family, layer, join } = candidate;
            (join.label.cost, *family, candidate.origin(), *layer, join.way(), join.from)
        };
        key(self).cmp(&key(other))
    }

    fn origin(&self) -> Origin {
        let theirs = self.join.theirs;
        theirs.source().map_or(Origin::Observation(theirs.id()), Origin::Source)
    }
}

impl Join {
    pub(crate) fn way(&self) -> Way {
        Way {
            neighbour: self.neighbour,
            attribute: self.own.attribute(),
            theirs: self.theirs.id(),
            own: self.own.id(),
        }
    }
}
