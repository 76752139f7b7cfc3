//! Whether two persons travel together more often than chance would have them.
//!
//! In go one person, the network, and which kinds of attribute are journeys; out come those among others with whom the person shares
//! more journeys than chance explains, each with the journeys and the odds. It informs leads; it never decides an alert.
//!
//! **Model.** A person q made n journeys. Under chance, each of them is with a certain other person m independently, with probability
//! `(B(d) − 1) / M`: d is how many persons made the journey, B the next power of two, M the size of a reference
//! population that the policy fixes. The number of journeys shared is then Poisson-binomial (a sum of independent trials of unlike chance;
//! Le Cam 1960, Hoeffding 1956 study it), and k shared journeys are significant when `P(X ≥ k)` is at most one in
//! [`CoTravel::odds`]. With the starting values two shared journeys of a small group are.
//!
//! **Always.** The answer for a pair depends on the journeys of q, on who else made these, and on the policy, and on nothing else: M and the level are
//! constants, and d counts only through its band. Nobody's arrival elsewhere can move it, so that it is incremental by
//! construction. This is why no procedure that controls a rate over many tests is used (Benjamini and Hochberg 1995 and its kin): their
//! threshold is a rank among all tests of the day, and every change anywhere would move it, for pairs that have nothing to do with it. The
//! expected number of false pairs is the level times the number of pairs looked at, which is for the reader to know.
//!
//! **What it does not know.** Who travels much meets more people than M says: a courier is on more journeys than chance gives to anybody.
//! Families and colleagues travel together too: association is not role.
//!
//! Probabilities are integers, parts of 2⁶², rounded up at every step: what is told is never rarer than it is, the excess is below
//! `n · (2k + 4)` parts, and it is the same on every machine.

use std::num::NonZeroU32;

use crate::Network;
use crate::change::Change;
use crate::observation::{AttributeId, Observation, ObservationId, PersonId, Relation};
use crate::rules::KindId;
use crate::store::Generic;

/// What counts as travelling together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoTravel {
    /// Kinds whose attributes are journeys.
    pub journeys: Vec<KindId>,
    /// M: so many persons might have been on any journey. It is not the number of persons in the network, which changes.
    pub population: NonZeroU32,
    /// Significant is what chance brings about in no more than one pair of so many.
    pub odds: u64,
    /// So many journeys have to be shared, however rare they are.
    pub least: u32,
}

impl Default for CoTravel {
    /// Bookings, a million travellers, one pair in a million, two journeys.
    fn default() -> CoTravel {
        let million = NonZeroU32::new(1_000_000).expect("a million is not none");
        CoTravel { journeys: vec![KindId::BOOKING], population: million, odds: 1_000_000, least: 2 }
    }
}

/// Somebody who shares more journeys with a person than chance explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Who.
    pub person: PersonId,
    /// The journeys, by attribute.
    pub shared: Vec<SharedJourney>,
    /// How many journeys the person made in all.
    pub journeys: u32,
    /// Chance brings this about in no more than one pair of so many.
    pub odds: u64,
}

/// A journey that two persons made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedJourney {
    /// The journey.
    pub attribute: AttributeId,
    /// The person's own observation: of those that meet one of the companion's, the one with the smallest id.
    pub own: ObservationId,
    /// The companion's: of those that meet it, the one with the smallest id.
    pub theirs: ObservationId,
}

/// Whose companions a batch may change, as far as it can be told before the batch is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    journeys: Vec<AttributeId>,
    persons: Vec<PersonId>,
    seeds: Vec<PersonId>,
}

impl CoTravel {
    /// Those who share significantly many journeys with a person and are `among` those of interest (seeds and those moved by
    /// them, as a rule), by id.
    pub fn companions(
        &self,
        network: &Network,
        person: PersonId,
        among: impl Fn(PersonId) -> bool,
    ) -> Vec<Companion> {
        let journeys = self.journeys_of(network, person);
        let bands: Vec<u32> = journeys.iter().map(|journey| band(network.degree(*journey))).collect();
        let mut shared: Vec<(PersonId, SharedJourney)> = Vec::new();
        for journey in journeys {
            let others = network.members(journey).filter(|other| *other != person && among(*other));
            shared
                .extend(others.filter_map(|other| Some((other, meeting(network, person, other, journey)?))));
        }
        shared.sort_unstable();
        let by_person = shared.chunk_by(|one, next| one.0 == next.0);
        by_person.filter_map(|shared| self.companion(&bands, shared)).collect()
    }

    fn companion(&self, bands: &[u32], shared: &[(PersonId, SharedJourney)]) -> Option<Companion> {
        let count = shared.len() as u32;
        if count < self.least {
            return None;
        }
        let odds = odds(bands, count, self.population);
        (odds >= self.odds).then(|| Companion {
            person: shared[0].0,
            shared: shared.iter().map(|(_, journey)| *journey).collect(),
            journeys: bands.len() as u32,
            odds,
        })
    }

    /// What a batch touches, asked before it is applied; [`Touched::persons`] says the rest afterwards.
    pub fn touched(&self, network: &Network, changes: &[Change]) -> Touched {
        let mut touched = Touched::default();
        for change in changes {
            match *change {
                Change::Observe(observation) => touched.add(observation.person, observation.attribute),
                Change::Retract(person, id) => {
                    let known = network.observations(person).find(|observation| observation.id == id);
                    if let Some(known) = known {
                        touched.add(person, known.attribute);
                    }
                }
                Change::Generic(attribute, _) => touched.journeys.push(attribute),
                Change::Seed(person, _) => touched.seeds.push(person),
                Change::Attribute(..) | Change::PassThrough(..) => {}
            }
        }
        touched.journeys.retain(|attribute| self.is_journey(network, *attribute));
        let members = touched.journeys.iter().filter(|journey| counts(network, **journey));
        touched.persons.extend(members.flat_map(|journey| network.members(*journey)));
        touched
    }

    /// The journeys of a person that say something: no generic one, none with more people than the kind's cap, and none that is only
    /// stated in the person's own record.
    fn journeys_of(&self, network: &Network, person: PersonId) -> Vec<AttributeId> {
        let made = network.observations(person).filter(travelled);
        let mut journeys: Vec<AttributeId> = made.map(|observation| observation.attribute).collect();
        journeys.dedup();
        journeys.retain(|journey| self.is_journey(network, *journey) && counts(network, *journey));
        journeys
    }

    fn is_journey(&self, network: &Network, attribute: AttributeId) -> bool {
        network.kind(attribute).is_some_and(|kind| self.journeys.contains(&kind))
    }
}

impl Touched {
    fn add(&mut self, person: PersonId, attribute: AttributeId) {
        self.journeys.push(attribute);
        self.persons.push(person);
    }

    /// Whose companions may have changed, by id, once the batch has been applied: everybody on a journey that was
    /// touched, and whoever travelled with somebody who has become of interest or no longer is. `reported`: whom
    /// [`Network::apply`] reported.
    pub fn persons(mut self, gate: &CoTravel, network: &Network, reported: &[PersonId]) -> Vec<PersonId> {
        let of_interest = reported.iter().chain(&self.seeds);
        self.journeys.extend(of_interest.flat_map(|person| gate.journeys_of(network, *person)));
        self.journeys.sort_unstable();
        self.journeys.dedup();
        let counting = self.journeys.iter().filter(|journey| counts(network, **journey));
        self.persons.extend(counting.flat_map(|journey| network.members(*journey)));
        self.persons.sort_unstable();
        self.persons.dedup();
        self.persons
    }
}

/// Whether a journey says anything: it is not generic, and no more people made it than the kind's cap allows.
fn counts(network: &Network, journey: AttributeId) -> bool {
    let cap = network.kind(journey).map_or(0, |kind| network.rules().kind(kind).cap);
    network.generic(journey) == Generic::No && network.degree(journey) <= cap
}

fn travelled(observation: &Observation) -> bool {
    observation.relation != Relation::Stated
}

/// The first two observations by which two persons made one journey at one time; none where they missed each other.
fn meeting(
    network: &Network,
    person: PersonId,
    other: PersonId,
    journey: AttributeId,
) -> Option<SharedJourney> {
    let made = |who| network.observations_on(who, journey).filter(travelled);
    made(person).find_map(|own| {
        let met = made(other).find(|theirs| own.interval.gap(theirs.interval) == 0)?;
        Some(SharedJourney { attribute: journey, own: own.id, theirs: met.id })
    })
}

/// B(d) − 1: so many others at most made a journey.
fn band(degree: u32) -> u32 {
    degree.max(1).next_power_of_two() - 1
}

/// Certainty.
const ONE: u64 = 1 << 62;

/// Chance brings somebody on so many of a person's journeys in no more than one pair of so many. `others`: for each of the
/// journeys, how many others at most made it; their order means nothing. `u64::MAX` when there are fewer journeys than shared ones.
pub fn odds(others: &[u32], shared: u32, population: NonZeroU32) -> u64 {
    let mut others = others.to_vec();
    others.sort_unstable();
    let (shared, population) = (shared as usize, population.get());
    // How likely it is that exactly so many are shared, up to one too few; and that enough are.
    let mut exactly = vec![0; shared];
    let mut enough = 0;
    match exactly.first_mut() {
        Some(none) => *none = ONE,
        None => enough = ONE,
    }
    for others in others {
        let others = others.min(population);
        let (with, without) = (part(others, population), part(population - others, population));
        for have in (0..shared).rev() {
            let joined = times(exactly[have], with);
            exactly[have] = times(exactly[have], without);
            match exactly.get_mut(have + 1) {
                Some(more) => *more += joined,
                None => enough += joined,
            }
        }
    }
    ONE.checked_div(enough).unwrap_or(u64::MAX)
}

/// A share of the whole, rounded up.
fn part(of: u32, whole: u32) -> u64 {
    (u128::from(of) * u128::from(ONE)).div_ceil(u128::from(whole)) as u64
}

/// The product of two probabilities, rounded up.
fn times(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other)).div_ceil(u128::from(ONE)) as u64
}

#[cfg(test)]
mod test {
    use super::*;
    use crate::observation::{Day, Interval, Percent};
    use crate::{Columns, Rules};

    const POPULATION: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

    /// P(X ≥ shared) from the definition: over all subsets of journeys.
    fn by_subsets(others: &[u32], shared: u32, population: f64) -> f64 {
        let chance = |subset: u32| {
            let of = |(place, others): (usize, &u32)| {
                let with = f64::from(*others) / population;
                if subset >> place & 1 == 1 { with } else { 1.0 - with }
            };
            others.iter().enumerate().map(of).product::<f64>()
        };
        (0..1_u32 << others.len()).filter(|subset| subset.count_ones() >= shared).map(chance).sum()
    }

    #[test]
    fn odds_are_those_of_the_sum_over_all_subsets_and_never_better() {
        let bands = [1, 3, 7, 15, 31, 63];
        for (population, turn) in (0..400).map(|turn| ([64, 100, 1000][turn % 3], turn as u32)) {
            let count = 1 + turn % 9;
            let others: Vec<u32> =
                (0..count).map(|place| bands[(turn * 7 + place * 5) as usize % 6]).collect();
            for shared in 0..=count {
                let exact = by_subsets(&others, shared, f64::from(population));
                let told = odds(&others, shared, NonZeroU32::new(population).unwrap());
                let excess = f64::from(count * (2 * shared + 4)) / ONE as f64;
                let (rarest, commonest) = (1.0 / exact, 1.0 / (exact + excess));
                assert!(told as f64 <= rarest * (1.0 + 1e-9), "{others:?} {shared}: {told} > {rarest}");
                assert!(told as f64 >= (commonest - 1.0) * (1.0 - 1e-9), "{others:?} {shared}: {told}");
            }
        }
    }

    #[test]
    fn order_means_nothing_and_a_journey_alone_neither() {
        let told = odds(&[1, 3, 63, 31, 7, 7], 3, POPULATION);
        assert_eq!(odds(&[63, 7, 31, 7, 3, 1], 3, POPULATION), told);
        assert_eq!(odds(&[63, 0, 7, 0, 31, 7, 3, 1], 3, POPULATION), told);
    }

    #[test]
    fn more_shared_is_rarer_and_more_journeys_make_it_commoner() {
        let of = |journeys: usize, shared| odds(&vec![3; journeys], shared, POPULATION);
        assert!(of(5, 2) < of(5, 3) && of(5, 3) < of(5, 4));
        assert!(of(5, 2) > of(6, 2) && of(6, 2) > of(60, 2));
        assert_eq!(of(5, 0), 1);
        assert_eq!(of(2, 3), u64::MAX);
        assert_eq!(odds(&[5_000_000, 5_000_000], 2, POPULATION), 1, "no more than everybody");
    }

    fn network(made: &[(u32, u32, i32)]) -> Network {
        let observation = |(id, &(person, attribute, day)): (u32, &(u32, u32, i32))| Observation {
            id: ObservationId(id),
            person: PersonId(person),
            attribute: AttributeId(attribute),
            relation: Relation::Used,
            interval: Interval::new(Some(Day(day)), Some(Day(day))).unwrap(),
            confidence: Percent::FULL,
            source: None,
        };
        let observations: Vec<Observation> = (0..).zip(made).map(observation).collect();
        let kinds = vec![KindId::BOOKING; 200];
        let columns =
            Columns { kinds: &kinds, observations, seeds: &[], generic: &[AttributeId(9)], closed: &[] };
        Network::build(Rules::default(), columns).unwrap()
    }

    fn found(network: &Network, person: u32) -> Vec<(u32, u32, u32)> {
        let companions = CoTravel::default().companions(network, PersonId(person), |_| true);
        let told = |found: &Companion| (found.person.0, found.shared.len() as u32, found.journeys);
        companions.iter().map(told).collect()
    }

    #[test]
    fn two_shared_journeys_of_few_are_significant_and_one_is_not() {
        let network = network(&[(0, 1, 5), (1, 1, 5), (0, 2, 9), (1, 2, 9), (2, 2, 9), (0, 3, 11)]);
        assert_eq!(found(&network, 0), [(1, 2, 3)]);
        assert_eq!(found(&network, 1), [(0, 2, 2)]);
        assert_eq!(found(&network, 2), []);
        let nobody = CoTravel::default().companions(&network, PersonId(0), |other| other != PersonId(1));
        assert_eq!(nobody, []);
    }

    #[test]
    fn who_missed_the_other_did_not_travel_along() {
        let network = network(&[(0, 1, 5), (1, 1, 6), (0, 2, 9), (1, 2, 9)]);
        assert_eq!(found(&network, 0), []);
    }

    #[test]
    fn generic_journeys_and_those_of_too_many_say_nothing() {
        let two = [(0, 1, 5), (1, 1, 5)];
        let crowd: Vec<(u32, u32, i32)> = (0..65).map(|person| (person, 2, 7)).collect();
        assert_eq!(found(&network(&[&two[..], &crowd[..64]].concat()), 0), [(1, 2, 2)]);
        assert_eq!(found(&network(&[&two[..], &crowd].concat()), 0), []);
        assert_eq!(found(&network(&[&two[..], &[(0, 9, 7), (1, 9, 7)]].concat()), 0), []);
    }

    #[test]
    fn a_frequent_traveller_needs_more_shared_journeys() {
        let mut made = vec![(0, 1, 5), (1, 1, 5), (0, 2, 9), (1, 2, 9)];
        for journey in 100..200 {
            made.extend((0..60).map(|other| (if other == 0 { 0 } else { 100 + other }, journey, 20)));
        }
        let network = network(&made);
        assert_eq!(found(&network, 1), [(0, 2, 2)]);
        assert!(!found(&network, 0).iter().any(|(person, ..)| *person == 1));
    }
}
