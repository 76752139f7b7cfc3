//! Paths, reach and neighbours are what their definition says: every walk over small random graphs is written out and
//! held against it, in both directions of time, with and without a period and a longest wait. A failure prints its seed.

use std::collections::{BTreeMap, BTreeSet};

use invented::Random;
use lookback_network::reach::{Aim, Bounds, Direction, Leg, Passage, Path, Reached};
use lookback_network::{
    AttributeId, Change, Columns, Day, Generic, Interval, KindId, Network, Observation, ObservationId,
    PassThrough, Percent, PersonId, Relation, Rules,
};

const GRAPHS: u64 = if cfg!(feature = "long") { 50_000 } else { 4_000 };
const KINDS: u8 = 2;

/// A graph in plain lists.
#[derive(Debug, Clone)]
struct World {
    persons: u32,
    attributes: u32,
    observations: Vec<Observation>,
    generic: BTreeSet<AttributeId>,
    closed: BTreeSet<PersonId>,
}

/// Of the first kind there are no hubs, so that walks are many; of the second one three persons are a hub.
fn rules() -> Rules {
    let mut rules = Rules::default();
    rules.kinds.truncate(usize::from(KINDS));
    rules.kinds[1].cap = 2;
    rules
}

fn kind(attribute: AttributeId) -> KindId {
    KindId(attribute.0 as u8 % KINDS)
}

impl World {
    fn random(random: &mut Random) -> World {
        let (persons, attributes) = (random.between(3, 7) as u32, random.between(3, 8) as u32);
        let ids = 0..random.between(8, 20) as u32;
        World {
            persons,
            attributes,
            observations: ids.map(|id| observation(random, id, persons, attributes)).collect(),
            generic: (0..attributes).map(AttributeId).filter(|_| random.below(8) == 0).collect(),
            closed: (0..persons).map(PersonId).filter(|_| random.below(6) == 0).collect(),
        }
    }

    fn network(&self) -> Network {
        let columns = Columns {
            kinds: &(0..self.attributes).map(|id| kind(AttributeId(id))).collect::<Vec<_>>(),
            observations: self.observations.iter().copied(),
            seeds: &[],
            generic: &self.generic.iter().copied().collect::<Vec<_>>(),
            closed: &self.closed.iter().copied().collect::<Vec<_>>(),
        };
        Network::build(rules(), columns).expect("nothing to refuse")
    }

    fn degree(&self, attribute: AttributeId) -> usize {
        let on = self.observations.iter().filter(|observation| observation.attribute == attribute);
        on.map(|observation| observation.person).collect::<BTreeSet<_>>().len()
    }

    fn is_hub(&self, attribute: AttributeId) -> bool {
        self.degree(attribute) > rules().kind(kind(attribute)).cap as usize
    }

    /// Whether two observations are a step, whatever their days.
    fn is_step(&self, one: &Observation, next: &Observation) -> bool {
        let operated = one.relation == Relation::Operated || next.relation == Relation::Operated;
        one.attribute == next.attribute
            && one.person != next.person
            && !self.generic.contains(&one.attribute)
            && (operated || !self.is_hub(one.attribute))
    }
}

fn observation(random: &mut Random, id: u32, persons: u32, attributes: u32) -> Observation {
    let first = random.below(12) as i32;
    let last = first + *random.choose(&[0, 1, 3, 8, 12]);
    let open = random.below(14);
    Observation {
        id: ObservationId(id),
        person: PersonId(random.below(u64::from(persons)) as u32),
        attribute: AttributeId(random.below(u64::from(attributes)) as u32),
        relation: *random.choose(&[Relation::Used, Relation::Used, Relation::Stated, Relation::Operated]),
        interval: interval((open != 0).then_some(first), (open != 1).then_some(last)),
        confidence: Percent::FULL,
        source: None,
    }
}

fn interval(first: Option<i32>, last: Option<i32>) -> Interval {
    Interval::new(first.map(Day), last.map(Day)).expect("the first day is not after the last")
}

fn random_bounds(random: &mut Random) -> Bounds {
    let from = random.below(8) as i32;
    let periods = [
        Interval::ALWAYS,
        Interval::ALWAYS,
        interval(Some(from), Some(from + 6)),
        interval(Some(from), None),
    ];
    Bounds {
        direction: *random.choose(&[Direction::Forward, Direction::Backward]),
        period: *random.choose(&periods),
        wait_days_max: *random.choose(&[None, None, Some(0), Some(2)]),
        steps_max: random.between(0, 4) as u32,
    }
}

/// Before, or after, every other day.
const EVER: i64 = 1_000_000;

/// The days of an observation that count.
fn days(observation: &Observation, period: Interval) -> (i64, i64) {
    let first = |interval: Interval| interval.first().map_or(-EVER, |day| i64::from(day.0));
    let last = |interval: Interval| interval.last().map_or(EVER, |day| i64::from(day.0));
    let own = observation.interval;
    (first(own).max(first(period)), last(own).min(last(period)))
}

/// Whether days can be chosen, one inside each interval, that never run the wrong way, and no wait is too long. They can be
/// chosen when no interval has ended before an earlier one begins; backward, when none begins after an earlier one has ended.
fn is_in_time(walk: &[Observation], bounds: &Bounds) -> bool {
    let days: Vec<(i64, i64)> = walk.iter().map(|observation| days(observation, bounds.period)).collect();
    let forward = bounds.direction == Direction::Forward;
    let in_order =
        |one: (i64, i64), next: (i64, i64)| if forward { one.0 <= next.1 } else { next.0 <= one.1 };
    let wait = |one: (i64, i64), next: (i64, i64)| if forward { next.0 - one.1 } else { one.0 - next.1 };
    let most = bounds.wait_days_max.map_or(i64::MAX, i64::from);
    days.iter().all(|(first, last)| first <= last)
        && (0..days.len()).all(|next| (0..next).all(|one| in_order(days[one], days[next])))
        && days.windows(2).all(|pair| wait(pair[0], pair[1]) <= most)
}

/// The first day at the end of a walk, backward the last one: so that a smaller one is better, and as it is told.
fn arrival(walk: &[Observation], bounds: &Bounds) -> (i64, Option<Day>) {
    let days = walk.iter().map(|observation| days(observation, bounds.period));
    let (day, sign) = match bounds.direction {
        Direction::Forward => (days.map(|(first, _)| first).max(), 1),
        Direction::Backward => (days.map(|(_, last)| -last).max(), -1),
    };
    let day = day.expect("a walk has observations");
    (day, (day != -EVER).then_some(Day((sign * day) as i32)))
}

type Walk = Vec<Observation>;

/// Every walk from a person, two observations a step.
fn walks(world: &World, from: PersonId, bounds: &Bounds) -> Vec<Walk> {
    let (mut all, mut latest) = (Vec::new(), vec![Walk::new()]);
    for _ in 0..bounds.steps_max {
        latest = latest.iter().flat_map(|walk| longer(world, from, walk, bounds)).collect();
        all.extend(latest.iter().cloned());
    }
    all
}

fn longer(world: &World, from: PersonId, walk: &Walk, bounds: &Bounds) -> Vec<Walk> {
    let end = walk.last().map_or(from, |observation| observation.person);
    if end != from && world.closed.contains(&end) {
        return Vec::new();
    }
    let steps = world.observations.iter().filter(|one| one.person == end).flat_map(|one| {
        let next = world.observations.iter().filter(|next| world.is_step(one, next));
        next.map(move |next| walk.iter().chain([one, next]).copied().collect::<Walk>())
    });
    steps.filter(|walk| is_in_time(walk, bounds)).collect()
}

/// What decides between walks that are as good: the ids of the last step, then those of the one before.
fn from_the_end(walk: &Walk) -> Vec<(PersonId, AttributeId, ObservationId, ObservationId)> {
    walk.rchunks(2).map(|step| (step[0].person, step[0].attribute, step[0].id, step[1].id)).collect()
}

fn path(walk: &Walk, bounds: &Bounds) -> Path {
    let leg = |step: usize| {
        let day = arrival(&walk[..2 * step + 2], bounds).1;
        Leg { from: walk[2 * step], to: walk[2 * step + 1], day }
    };
    Path { legs: (0..walk.len() / 2).map(leg).collect() }
}

/// The path with the fewest steps, the one that arrives first, and what is told of everybody.
type Answer = (Path, Path, Reached);

fn expected(walks: &[Walk], to: PersonId, bounds: &Bounds) -> Option<Answer> {
    let there = || walks.iter().filter(|walk| walk.last().is_some_and(|end| end.person == to));
    let fewest = there().min_by_key(|walk| (walk.len(), arrival(walk, bounds).0, from_the_end(walk)))?;
    let first = there().min_by_key(|walk| (arrival(walk, bounds).0, walk.len(), from_the_end(walk)))?;
    let reached = Reached { person: to, steps: fewest.len() as u32 / 2, day: arrival(first, bounds).1 };
    Some((path(fewest, bounds), path(first, bounds), reached))
}

#[test]
fn paths_and_reach_are_those_of_all_walks_written_out() {
    let mut lengths = BTreeMap::new();
    for seed in 0..GRAPHS {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let network = world.network();
        let from = PersonId(random.below(u64::from(world.persons)) as u32);
        let bounds = random_bounds(&mut random);
        let walks = walks(&world, from, &bounds);
        let mut all = Vec::new();
        for to in (0..world.persons).map(PersonId).filter(|to| *to != from) {
            let told = |aim| network.path(from, to, aim, &bounds);
            let (fewest, first) = (told(Aim::FewestSteps), told(Aim::EarliestArrival));
            *lengths.entry(first.as_ref().map_or(0, |path| path.legs.len())).or_insert(0) += 1;
            let expected = expected(&walks, to, &bounds);
            let paths = expected.as_ref().map(|(fewest, first, _)| (fewest.clone(), first.clone()));
            assert_eq!(fewest.zip(first), paths, "seed {seed}, from {from:?} to {to:?}");
            all.extend(expected.map(|(.., reached)| reached));
        }
        assert_eq!(network.within(from, &bounds), all, "seed {seed}");
    }
    assert!(lengths[&2] > 400 && lengths[&3] > 40, "paths of several steps are met: {lengths:?}");
}

#[test]
fn a_path_forward_is_one_backward_from_its_end() {
    for seed in 0..GRAPHS {
        let mut random = Random::new(seed);
        let network = World::random(&mut random).network();
        let forward = Bounds { direction: Direction::Forward, ..random_bounds(&mut random) };
        let backward = Bounds { direction: Direction::Backward, ..forward };
        let steps = |from: u32, to: u32, bounds: &Bounds| {
            let path = network.path(PersonId(from), PersonId(to), Aim::FewestSteps, bounds);
            path.map(|path| path.legs.len())
        };
        for (one, other) in [(0, 1), (1, 2), (2, 0)] {
            assert_eq!(steps(one, other, &forward), steps(other, one, &backward), "seed {seed}");
        }
    }
}

#[test]
fn neighbours_are_those_one_step_away_in_whichever_order() {
    for seed in 0..GRAPHS {
        let mut random = Random::new(seed);
        let world = World::random(&mut random);
        let network = world.network();
        let period = random_bounds(&mut random).period;
        for person in (0..world.persons).map(PersonId) {
            let mut expected: BTreeMap<(AttributeId, PersonId), u32> = BTreeMap::new();
            for own in world.observations.iter().filter(|own| own.person == person) {
                for next in world.observations.iter().filter(|next| world.is_step(own, next)) {
                    let days = [own, next].map(|observation| observation.interval.overlap(period));
                    let [Some(own_days), Some(next_days)] = days else { continue };
                    let gap = own_days.gap(next_days);
                    let known = expected.entry((own.attribute, next.person)).or_insert(gap);
                    *known = gap.min(*known);
                }
            }
            let told = told_neighbours(&world, &network, person, period);
            assert_eq!(told, expected, "seed {seed}, {person:?}");
        }
    }
}

/// The days between a person and each neighbour over each attribute, after a look at what is told beside.
fn told_neighbours(
    world: &World,
    network: &Network,
    person: PersonId,
    period: Interval,
) -> BTreeMap<(AttributeId, PersonId), u32> {
    let mut told = BTreeMap::new();
    for of_kind in network.neighbours(person, period) {
        let mut persons = BTreeSet::new();
        for shared in &of_kind.attributes {
            let passage = match (world.generic.contains(&shared.attribute), world.is_hub(shared.attribute)) {
                (true, _) => Passage::Nobody,
                (false, true) => Passage::ByOperators,
                (false, false) => Passage::Everybody,
            };
            assert_eq!((shared.passage, kind(shared.attribute)), (passage, of_kind.kind));
            assert_eq!(shared.degree as usize, world.degree(shared.attribute));
            for neighbour in &shared.neighbours {
                persons.insert(neighbour.person);
                told.insert((shared.attribute, neighbour.person), neighbour.gap_days);
            }
        }
        assert_eq!(of_kind.persons as usize, persons.len());
    }
    told
}

/// Persons who used attributes: who, what, from which day, to which.
fn network(lines: &[(u32, u32, i32, i32)]) -> Network {
    let observation = |(id, &(person, attribute, first, last)): (u32, &(u32, u32, i32, i32))| Observation {
        id: ObservationId(id),
        person: PersonId(person),
        attribute: AttributeId(attribute),
        relation: Relation::Used,
        interval: interval(Some(first), Some(last)),
        confidence: Percent::FULL,
        source: None,
    };
    let observations: Vec<Observation> = (0..).zip(lines).map(observation).collect();
    let columns =
        Columns { kinds: &[KindId::PHONE; 10], observations, seeds: &[], generic: &[], closed: &[] };
    Network::build(Rules::default(), columns).expect("nothing to refuse")
}

/// Any way at any time, in up to nine steps.
const ANY: Bounds =
    Bounds { direction: Direction::Forward, period: Interval::ALWAYS, wait_days_max: None, steps_max: 9 };

/// To whom the steps of a path from person 0 lead, and when.
fn stations(network: &Network, to: u32, aim: Aim, bounds: &Bounds) -> Option<Vec<(u32, i32)>> {
    let path = network.path(PersonId(0), PersonId(to), aim, bounds)?;
    path.legs.iter().map(|leg| Some((leg.to.person.0, leg.day?.0))).collect()
}

fn fewest(network: &Network, to: u32, bounds: &Bounds) -> Option<Vec<(u32, i32)>> {
    stations(network, to, Aim::FewestSteps, bounds)
}

#[test]
fn meeting_on_one_day_is_enough_and_the_day_after_is_too_late() {
    let lines = [(0, 0, 1, 5), (1, 0, 5, 9), (1, 1, 2, 7), (2, 1, 7, 9), (1, 2, 1, 4), (3, 2, 1, 4)];
    let graph = network(&lines);
    assert_eq!(fewest(&graph, 2, &ANY), Some(vec![(1, 5), (2, 7)]));
    assert_eq!(fewest(&graph, 3, &ANY), None, "person 1 shared that before they met person 0");
    let backward = Bounds { direction: Direction::Backward, ..ANY };
    assert_eq!(fewest(&graph, 3, &backward), Some(vec![(1, 5), (3, 4)]));
}

#[test]
fn few_steps_and_an_early_arrival_are_two_aims() {
    let early = [(0, 0, 1, 1), (1, 0, 1, 1), (1, 1, 2, 2), (2, 1, 2, 2)];
    let graph = network(&[&early[..], &[(0, 2, 50, 50), (2, 2, 50, 50)]].concat());
    assert_eq!(stations(&graph, 2, Aim::FewestSteps, &ANY), Some(vec![(2, 50)]));
    assert_eq!(stations(&graph, 2, Aim::EarliestArrival, &ANY), Some(vec![(1, 1), (2, 2)]));
}

#[test]
fn a_longest_wait_is_counted_from_the_end_of_what_was_seen_last() {
    let graph = network(&[(0, 0, 1, 10), (1, 0, 1, 10), (1, 1, 13, 20), (2, 1, 13, 20)]);
    let waiting = |days| Bounds { wait_days_max: Some(days), ..ANY };
    assert_eq!(fewest(&graph, 2, &waiting(3)), Some(vec![(1, 1), (2, 13)]));
    assert_eq!(fewest(&graph, 2, &waiting(2)), None);
}

#[test]
fn with_a_longest_wait_a_path_may_come_back_to_somebody_who_was_seen_again() {
    let around = [(1, 1, 2, 5), (3, 1, 2, 5), (3, 2, 5, 9), (1, 2, 5, 9)];
    let straight = [(0, 0, 1, 1), (1, 0, 1, 1), (1, 3, 10, 10), (2, 3, 10, 10)];
    let graph = network(&[around, straight].concat());
    let waiting = Bounds { wait_days_max: Some(1), ..ANY };
    assert_eq!(fewest(&graph, 2, &waiting), Some(vec![(1, 1), (3, 2), (1, 5), (2, 10)]));
    assert_eq!(fewest(&graph, 2, &ANY), Some(vec![(1, 1), (2, 10)]));
}

#[test]
fn of_two_paths_as_good_the_one_with_the_smaller_ids_is_told() {
    let over_two = [(0, 5, 1, 9), (2, 5, 1, 9), (2, 6, 1, 9), (3, 6, 1, 9)];
    let over_one = [(0, 7, 1, 9), (1, 7, 1, 9), (1, 8, 1, 9), (3, 8, 1, 9)];
    let graph = network(&[over_two, over_one].concat());
    assert_eq!(fewest(&graph, 3, &ANY), Some(vec![(1, 1), (3, 1)]));
}

#[test]
fn there_is_no_path_to_nobody_and_an_empty_one_to_oneself() {
    let graph = network(&[(0, 0, 1, 9), (1, 0, 1, 9)]);
    assert_eq!(fewest(&graph, 0, &ANY), Some(vec![]));
    assert_eq!(fewest(&graph, 77, &ANY), None);
    assert_eq!(graph.path(PersonId(77), PersonId(0), Aim::FewestSteps, &ANY), None);
    let no_step = Bounds { steps_max: 0, ..ANY };
    assert_eq!(fewest(&graph, 1, &no_step), None);
    assert_eq!(graph.within(PersonId(0), &no_step), []);
}

#[test]
fn who_hands_nothing_on_ends_a_path() {
    let mut graph = network(&[(0, 0, 1, 9), (1, 0, 1, 9), (1, 1, 1, 9), (2, 1, 1, 9)]);
    graph.apply(&[Change::PassThrough(PersonId(1), PassThrough::Closed)]).expect("nothing to refuse");
    assert_eq!(fewest(&graph, 1, &ANY), Some(vec![(1, 1)]));
    assert_eq!(fewest(&graph, 2, &ANY), None);
    assert!(graph.path(PersonId(1), PersonId(2), Aim::FewestSteps, &ANY).is_some(), "it may begin there");
}

#[test]
fn a_generic_declaration_closes_an_attribute_until_it_is_withdrawn() {
    let mut graph = network(&[(0, 0, 1, 9), (1, 0, 1, 9)]);
    for (generic, path) in [(Generic::Declared, None), (Generic::No, Some(vec![(1, 1)]))] {
        graph.apply(&[Change::Generic(AttributeId(0), generic)]).expect("nothing to refuse");
        assert_eq!(fewest(&graph, 1, &ANY), path);
    }
}
