//! Nobody's companions change without their having been named: random batches, and after each a look at everybody. A failure
//! prints its seed.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use invented::Random;
use lookback_network::cotravel::{CoTravel, Companion};
use lookback_network::{
    AttributeId, Change, Columns, Cost, Day, Generic, Interval, KindId, Network, Observation, ObservationId,
    Percent, PersonId, Relation, Rules, Standing,
};

const STORIES: u64 = if cfg!(feature = "long") { 2_000 } else { 200 };
const BATCHES: usize = 20;
const PERSONS: u32 = 9;
const ATTRIBUTES: u32 = 12;

/// So small a cap that journeys come to count and cease to; one family is enough, so that people come to be of interest.
fn rules() -> Rules {
    let mut rules = Rules { families_needed: 1, ..Rules::default() };
    rules.kinds[usize::from(KindId::BOOKING.0)].cap = 4;
    rules
}

/// So few travellers that what is significant changes with the bands.
fn gate() -> CoTravel {
    CoTravel { population: NonZeroU32::MIN.saturating_add(19), odds: 8, ..CoTravel::default() }
}

fn some_person(random: &mut Random) -> PersonId {
    PersonId(random.below(u64::from(PERSONS)) as u32)
}

fn some_attribute(random: &mut Random) -> AttributeId {
    AttributeId(random.below(u64::from(ATTRIBUTES)) as u32)
}

fn observation(random: &mut Random, id: u32) -> Observation {
    let first = random.below(3) as i32;
    let last = first + random.below(3) as i32;
    Observation {
        id: ObservationId(id),
        person: some_person(random),
        attribute: some_attribute(random),
        relation: *random.choose(&[Relation::Used, Relation::Used, Relation::Operated, Relation::Stated]),
        interval: Interval::new(Some(Day(first)), Some(Day(last))).expect("in order"),
        confidence: Percent::FULL,
        source: None,
    }
}

/// A few observations, retractions and corrections, and sometimes a seed or a generic declaration.
fn batch(
    random: &mut Random,
    in_force: &mut BTreeMap<ObservationId, Observation>,
    next: &mut u32,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let known: Vec<Observation> = in_force.values().copied().collect();
    if known.len() > 30 {
        let gone = *random.choose(&known);
        in_force.remove(&gone.id);
        changes.push(Change::Retract(gone.person, gone.id));
        if random.below(3) == 0 {
            let corrected = observation(random, gone.id.0);
            in_force.insert(gone.id, corrected);
            changes.push(Change::Observe(corrected));
        }
    }
    for _ in 0..random.below(5) {
        let observation = observation(random, *next);
        *next += 1;
        in_force.insert(observation.id, observation);
        changes.push(Change::Observe(observation));
    }
    match random.below(6) {
        0 => {
            let generic = *random.choose(&[Generic::No, Generic::No, Generic::Declared]);
            changes.push(Change::Generic(some_attribute(random), generic));
        }
        1 => {
            let cost = *random.choose(&[Some(Cost(0)), None]);
            changes.push(Change::Seed(some_person(random), cost));
        }
        _ => {}
    }
    changes
}

fn companions(network: &Network) -> Vec<Vec<Companion>> {
    let of_interest = |person| network.seed(person).is_some() || network.standing(person) == Standing::Moved;
    (0..PERSONS).map(|person| gate().companions(network, PersonId(person), of_interest)).collect()
}

#[test]
fn whoever_has_other_companions_after_a_batch_was_named() {
    // The first attribute is a telephone, the others are journeys.
    let mut kinds = [KindId::BOOKING; ATTRIBUTES as usize];
    kinds[0] = KindId::PHONE;
    let seeds = [(PersonId(0), Cost(0)), (PersonId(1), Cost(0))];
    let (mut changed, mut named) = (0, 0);
    for seed in 0..STORIES {
        let mut random = Random::new(seed);
        let columns = Columns { kinds: &kinds, observations: [], seeds: &seeds, generic: &[], closed: &[] };
        let mut network = Network::build(rules(), columns).expect("nothing to refuse");
        let (mut in_force, mut next) = (BTreeMap::new(), 0);
        for _ in 0..BATCHES {
            let before = companions(&network);
            let changes = batch(&mut random, &mut in_force, &mut next);
            let touched = gate().touched(&network, &changes);
            let affected = network.apply(&changes).expect("nothing to refuse");
            let persons = touched.persons(&gate(), &network, &affected.links);
            let after = companions(&network);
            for (person, (before, after)) in (0..PERSONS).map(PersonId).zip(before.iter().zip(&after)) {
                let is_named = persons.binary_search(&person).is_ok();
                assert!(is_named || before == after, "seed {seed}: {person:?} from {before:?} to {after:?}");
                changed += u64::from(before != after);
                named += u64::from(is_named);
            }
        }
    }
    assert!(changed > STORIES, "companions change: {changed}");
    assert!(named < STORIES * BATCHES as u64 * u64::from(PERSONS) * 2 / 3, "not everybody is named: {named}");
}
