//! The model again, slow and from its definition: every walk of evidence, step by step, over maps and vectors.
//!
//! It shares the plain types with the crate and no code: costs are logarithms taken here, intervals are compared as days, walks are
//! written out whole, and nothing is cut but what the definition cuts.

use std::collections::{BTreeMap, BTreeSet};

use lookback_network::{
    AttributeId, Change, Cost, FamilyId, Generic, KindId, Observation, ObservationId, Obstacle, PassThrough,
    Percent, PersonId, Proof, Relation, Rules, SourceId, Standing,
};

/// Everything that has been said and not taken back.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) kinds: BTreeMap<AttributeId, KindId>,
    pub(crate) observations: BTreeMap<ObservationId, Observation>,
    pub(crate) seeds: BTreeMap<PersonId, Cost>,
    pub(crate) generic: BTreeSet<AttributeId>,
    pub(crate) closed: BTreeSet<PersonId>,
}

/// A step: whose observation, over which attribute, to whose; when it arrives, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leg {
    pub(crate) from: PersonId,
    pub(crate) attribute: AttributeId,
    pub(crate) from_observation: ObservationId,
    pub(crate) to_observation: ObservationId,
    /// What the two say.
    pub(crate) said: [Observation; 2],
    pub(crate) to: PersonId,
    pub(crate) arrival: i64,
    pub(crate) gap: u32,
    pub(crate) cost: u64,
}

/// A seed's cost and the steps from it.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) seed: PersonId,
    pub(crate) seed_cost: u64,
    pub(crate) legs: Vec<Leg>,
}

impl Walk {
    fn end(&self) -> PersonId {
        self.legs.last().map_or(self.seed, |leg| leg.to)
    }

    fn arrival(&self) -> i64 {
        self.legs.last().map_or(EVER, |leg| leg.arrival)
    }

    pub(crate) fn cost(&self) -> u64 {
        self.seed_cost + self.legs.iter().map(|leg| leg.cost).sum::<u64>()
    }

    /// From the last step back: ids of the step, then arrival and cost of what went before.
    fn order(&self) -> Vec<[i64; 6]> {
        let mut before = self.cost().cast_signed();
        let mut keys = Vec::new();
        for place in (0..self.legs.len()).rev() {
            let leg = self.legs[place];
            before -= leg.cost.cast_signed();
            let earlier = if place == 0 { EVER } else { self.legs[place - 1].arrival };
            let ids =
                [leg.from.0, leg.attribute.0, leg.from_observation.0, leg.to_observation.0].map(i64::from);
            keys.push([ids[0], ids[1], ids[2], ids[3], earlier, before]);
        }
        keys
    }
}

pub(crate) const EVER: i64 = -1_000_000_000;
const FOREVER: i64 = 1_000_000_000;

/// What the model says of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answers {
    /// By number of steps, the labels as arrival and cost.
    pub(crate) cells: Vec<Vec<(i64, u64)>>,
    /// Attribute, own observation, seed, seed's observation.
    pub(crate) links: Vec<(AttributeId, ObservationId, PersonId, ObservationId)>,
    pub(crate) standing: Standing,
    pub(crate) strength: Option<u64>,
    /// Family, cost and path.
    pub(crate) factors: Vec<(FamilyId, u64, Vec<Leg>)>,
    pub(crate) ignored: Vec<(AttributeId, Obstacle, PersonId, u32)>,
}

impl World {
    /// Applies a batch: what is taken back first, then what is new.
    pub(crate) fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Retract(_, id) = change {
                self.observations.remove(id);
            }
        }
        for change in changes {
            match *change {
                Change::Retract(..) => {}
                Change::Attribute(attribute, kind) => drop(self.kinds.insert(attribute, kind)),
                Change::Observe(observation) => drop(self.observations.insert(observation.id, observation)),
                Change::Seed(person, None) => drop(self.seeds.remove(&person)),
                Change::Seed(person, Some(cost)) => drop(self.seeds.insert(person, cost)),
                Change::Generic(attribute, Generic::No) => drop(self.generic.remove(&attribute)),
                Change::Generic(attribute, Generic::Declared) => drop(self.generic.insert(attribute)),
                Change::PassThrough(person, PassThrough::Open) => drop(self.closed.remove(&person)),
                Change::PassThrough(person, PassThrough::Closed) => drop(self.closed.insert(person)),
            }
        }
    }

    /// What the model says of each of so many persons.
    pub(crate) fn answers(&self, rules: &Rules, persons: u32) -> Vec<Answers> {
        let walks = self.walks(rules);
        (0..persons).map(PersonId).map(|person| self.answers_on(person, rules, &walks)).collect()
    }

    fn answers_on(&self, person: PersonId, rules: &Rules, walks: &[Vec<Walk>]) -> Answers {
        let links = self.links(person, rules);
        let factors = self.factors(person, rules, walks);
        let strength = factors.iter().fold(1 << 30, |rest, factor| times(rest, (1 << 30) - weight(factor.1)));
        Answers {
            cells: walks
                .iter()
                .map(|layer| unbeaten(layer.iter().filter(|walk| walk.end() == person)))
                .collect(),
            standing: self.standing(&links, rules),
            links,
            strength: (!factors.is_empty()).then_some((1 << 30) - strength),
            factors,
            ignored: self.ignored(person, rules, walks),
        }
    }

    /// Every walk, by its number of steps.
    fn walks(&self, rules: &Rules) -> Vec<Vec<Walk>> {
        let start = |(seed, cost): (&PersonId, &Cost)| Walk {
            seed: *seed,
            seed_cost: u64::from(cost.0),
            legs: vec![],
        };
        let mut layers = vec![self.seeds.iter().map(start).collect::<Vec<_>>()];
        for step in 0..rules.steps.len() {
            let mut longer = Vec::new();
            for walk in &layers[step] {
                for own in self.observations.values().filter(|own| !self.seeds.contains_key(&own.person)) {
                    for theirs in self.observations.values().filter(|theirs| theirs.person == walk.end()) {
                        if let Some(Ok(leg)) = self.step(rules, walk, theirs, own) {
                            let mut walk = walk.clone();
                            walk.legs.push(leg);
                            longer.push(walk);
                        }
                    }
                }
            }
            layers.push(longer);
        }
        layers
    }

    /// A walk going one step on: nothing if the two observations are not of one attribute and two persons.
    fn step(
        &self,
        rules: &Rules,
        walk: &Walk,
        theirs: &Observation,
        own: &Observation,
    ) -> Option<Result<Leg, Obstacle>> {
        (theirs.attribute == own.attribute && theirs.person != own.person).then(|| {
            let kind = &rules.kinds[usize::from(self.kinds[&own.attribute].0)];
            if self.generic.contains(&own.attribute) {
                return Err(Obstacle::Generic);
            }
            if !walk.legs.is_empty() && self.closed.contains(&theirs.person) {
                return Err(Obstacle::Closed);
            }
            let mut share = [kind.weight, theirs.confidence, own.confidence, rules.steps[walk.legs.len()]]
                .map(|percent: Percent| f64::from(percent.get()) / 100.0)
                .to_vec();
            if theirs.relation != Relation::Operated && own.relation != Relation::Operated {
                let degree = self.on(own.attribute).len() as u32;
                if degree > kind.cap {
                    return Err(Obstacle::Hub);
                }
                let mut band = 1;
                while band < degree {
                    band *= 2;
                }
                share.push((f64::from(kind.usual - 1) / f64::from(band - 1)).min(1.0));
            }
            let (theirs_days, own_days) = (days(theirs), days(own));
            let gap = (theirs_days.0.max(own_days.0) - theirs_days.1.min(own_days.1)).max(0);
            let leaves = walk.arrival().max(theirs_days.0);
            let runs_back = theirs_days.1 < walk.arrival() || own_days.1 < leaves;
            if gap > i64::from(kind.max_gap_days) || runs_back {
                return Err(Obstacle::OutOfTime);
            }
            let fading =
                kind.decay_days.map_or(0, |decay| whole(gap as f64 / f64::from(decay.get()) * 65536.0));
            let cost = share.iter().map(|share| whole(-share.ln() * 65536.0)).sum::<u64>() + fading;
            if walk.cost() + cost > u64::from(rules.cut.0) {
                return Err(Obstacle::Weak);
            }
            Ok(Leg {
                from: theirs.person,
                attribute: own.attribute,
                from_observation: theirs.id,
                to_observation: own.id,
                said: [*theirs, *own],
                to: own.person,
                arrival: leaves.max(own_days.0),
                gap: u32::try_from(gap).expect("no gap is negative"),
                cost,
            })
        })
    }

    /// Everybody with an observation of the attribute.
    fn on(&self, attribute: AttributeId) -> BTreeSet<PersonId> {
        let on = self.observations.values().filter(|observation| observation.attribute == attribute);
        on.map(|observation| observation.person).collect()
    }

    /// Whether something could come over the attribute from somebody who is no seed.
    fn tells(&self, rules: &Rules, own: &Observation, theirs: &Observation) -> bool {
        let cap = rules.kinds[usize::from(self.kinds[&own.attribute].0)].cap;
        let operated = |person| {
            self.observations.values().any(|observation| {
                observation.person == person
                    && observation.attribute == own.attribute
                    && observation.relation == Relation::Operated
            })
        };
        let hub = self.on(own.attribute).len() as u32 > cap;
        !self.generic.contains(&own.attribute) && (!hub || operated(own.person) || operated(theirs.person))
    }

    fn links(
        &self,
        person: PersonId,
        rules: &Rules,
    ) -> Vec<(AttributeId, ObservationId, PersonId, ObservationId)> {
        let mut links = Vec::new();
        for own in self.observations.values().filter(|own| own.person == person) {
            for theirs in self.observations.values() {
                let gap = i64::from(rules.gate_max_gap_days);
                let ((own_from, own_to), (their_from, their_to)) = (days(own), days(theirs));
                let linked = own.attribute == theirs.attribute
                    && own.person != theirs.person
                    && self.seeds.contains_key(&theirs.person)
                    && theirs.relation == Relation::Operated
                    && (own.relation == Relation::Used || own.relation == Relation::Operated)
                    && !self.generic.contains(&own.attribute)
                    && own_from <= their_to + gap
                    && their_from <= own_to + gap;
                if linked {
                    links.push((own.attribute, own.id, theirs.person, theirs.id));
                }
            }
        }
        links.sort_unstable();
        links
    }

    fn standing(
        &self,
        links: &[(AttributeId, ObservationId, PersonId, ObservationId)],
        rules: &Rules,
    ) -> Standing {
        let kinds = || links.iter().map(|link| &rules.kinds[usize::from(self.kinds[&link.0].0)]);
        let families: BTreeSet<FamilyId> = kinds().map(|kind| kind.family).collect();
        if links.is_empty() {
            Standing::Unlinked
        } else if kinds().any(|kind| kind.proof == Proof::Strong)
            || families.len() >= rules.families_needed as usize
        {
            Standing::Moved
        } else {
            Standing::Single
        }
    }

    fn factors(
        &self,
        person: PersonId,
        rules: &Rules,
        walks: &[Vec<Walk>],
    ) -> Vec<(FamilyId, u64, Vec<Leg>)> {
        let arriving = walks[1..].iter().flatten().filter(|walk| walk.end() == person);
        let mut ranked: Vec<_> = arriving
            .map(|walk| {
                let last = walk.legs[walk.legs.len() - 1];
                let (theirs, own) =
                    (&self.observations[&last.from_observation], &self.observations[&last.to_observation]);
                let stated = theirs.relation == Relation::Stated || own.relation == Relation::Stated;
                let family = if stated {
                    rules.statement
                } else {
                    rules.kinds[usize::from(self.kinds[&last.attribute].0)].family
                };
                let origin = match theirs.source {
                    Some(SourceId(source)) => (0, source),
                    None => (1, theirs.id.0),
                };
                (walk.cost(), family, origin, walk.legs.len(), walk.order(), walk)
            })
            .collect();
        ranked.sort_by(|one, other| {
            (one.0, one.1, one.2, one.3, &one.4).cmp(&(other.0, other.1, other.2, other.3, &other.4))
        });
        let (mut families, mut origins) = (BTreeSet::new(), BTreeSet::new());
        let mut factors = Vec::new();
        for (cost, family, origin, _, _, walk) in ranked {
            if !families.contains(&family) && !origins.contains(&origin) {
                families.insert(family);
                origins.insert(origin);
                factors.push((family, cost, walk.legs.clone()));
            }
        }
        factors.sort_by_key(|factor| factor.0);
        factors
    }

    fn ignored(
        &self,
        person: PersonId,
        rules: &Rules,
        walks: &[Vec<Walk>],
    ) -> Vec<(AttributeId, Obstacle, PersonId, u32)> {
        if self.seeds.contains_key(&person) {
            return Vec::new();
        }
        // By attribute and neighbour: the fewest steps to a seed, whether anything came, and how far the best got.
        let mut met: BTreeMap<(AttributeId, PersonId), (usize, bool, Obstacle)> = BTreeMap::new();
        for walk in walks[..walks.len() - 1].iter().flatten() {
            for own in self.observations.values().filter(|own| own.person == person) {
                for theirs in self.observations.values().filter(|theirs| theirs.person == walk.end()) {
                    let Some(outcome) = self.step(rules, walk, theirs, own) else { continue };
                    let steps = walk.legs.len();
                    if steps > 0 && !self.tells(rules, own, theirs) {
                        continue;
                    }
                    let entry = met.entry((own.attribute, theirs.person)).or_insert((
                        steps,
                        false,
                        Obstacle::Generic,
                    ));
                    entry.0 = entry.0.min(steps);
                    entry.1 |= outcome.is_ok();
                    entry.2 = entry.2.max(outcome.err().unwrap_or(Obstacle::Generic));
                }
            }
        }
        let mut groups: BTreeMap<(AttributeId, Obstacle), BTreeSet<(usize, PersonId)>> = BTreeMap::new();
        for ((attribute, neighbour), (steps, came, obstacle)) in met {
            if !came {
                groups.entry((attribute, obstacle)).or_default().insert((steps, neighbour));
            }
        }
        let first = |set: &BTreeSet<(usize, PersonId)>| set.first().expect("nobody is met in vain").1;
        groups.iter().map(|(key, set)| (key.0, key.1, first(set), set.len() as u32)).collect()
    }
}

/// First and last day, an open end being before or after every other.
fn days(observation: &Observation) -> (i64, i64) {
    let interval = observation.interval;
    (
        interval.first().map_or(EVER, |day| i64::from(day.0)),
        interval.last().map_or(FOREVER, |day| i64::from(day.0)),
    )
}

/// Arrival and cost of walks that no other walk is as early and as strong as.
fn unbeaten<'a>(walks: impl Iterator<Item = &'a Walk>) -> Vec<(i64, u64)> {
    let all: BTreeSet<(i64, u64)> = walks.map(|walk| (walk.arrival(), walk.cost())).collect();
    let beaten =
        |one: &(i64, u64)| all.iter().any(|other| other != one && other.0 <= one.0 && other.1 <= one.1);
    all.iter().filter(|one| !beaten(one)).copied().collect()
}

/// `exp (−cost / 2¹⁶)` in units of 2⁻³⁰, as three rounded factors.
fn weight(cost: u64) -> u64 {
    let part = |cost: u64| whole((-(cost as f64) / 65536.0).exp() * 1_073_741_824.0);
    times(times(part(cost / 4096 * 4096), part(cost % 4096 / 64 * 64)), part(cost % 64))
}

#[expect(clippy::cast_sign_loss, reason = "nothing here is negative")]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

fn times(one: u64, other: u64) -> u64 {
    (one * other + (1 << 29)) >> 30
}
