//! Invariant(NETWORK): after every batch, the network says what one built from scratch says, and what the definition says.
//!
//! Random batches over few persons and attributes, with caps so small that bands change all the time. After each, every cell,
//! link, standing, factor, path and obstacle is compared with the slow model of `oracle`, with a network built from everything in
//! force, and with one that was told the same in another order; and everybody for whom an answer changed must have been named.
//! A failure prints its seed.

mod oracle;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use lookback_network::{
    Affected, AttributeId, Change, Columns, Cost, Day, FamilyId, Generic, Interval, KindId, KindRule,
    Network, Observation, ObservationId, Obstacle, PassThrough, Percent, PersonId, Proof, Relation, Rules,
    SourceId, Standing, Step,
};
use oracle::{Answers, EVER, Leg, World};

/// Stories in an everyday run, and in a long one: each is of 20 batches.
const STORIES: u64 = if cfg!(feature = "long") { 5000 } else { 1000 };
const BATCHES: usize = 20;

/// A small generator of our own, so that a seed tells the whole story.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32;
        mixed as u32 % bound
    }

    fn one_in(&mut self, bound: u32) -> bool {
        self.below(bound) == 0
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }
}

/// What a story is about, and how much of it there may be.
struct Setting {
    rules: Rules,
    persons: u32,
    attributes: u32,
    most_observations: usize,
    kinds: Vec<KindId>,
    confidences: &'static [u8],
}

fn setting(random: &mut Random) -> Setting {
    // In some stories everything is certain, so that there are ties everywhere.
    let certain = random.one_in(3);
    let kinds = (0..4).map(|place| KindRule {
        family: FamilyId(random.pick(&[place, place, 0])),
        proof: if place == 0 { Proof::Strong } else { Proof::OneOfSeveral },
        weight: percent(if certain { 100 } else { random.pick(&[95, 80, 60, 100]) }),
        usual: random.pick(&[2, 3, 5]),
        cap: random.pick(&[2, 4, 4, 8]),
        decay_days: NonZeroU32::new(random.pick(&[0, 1, 5, 30])),
        max_gap_days: random.pick(&[0, 1, 6, u32::MAX]),
    });
    let rules = Rules {
        kinds: kinds.collect(),
        statement: FamilyId(random.pick(&[6, 6, 1])),
        families_needed: random.pick(&[1, 2, 2, 3]),
        gate_max_gap_days: random.pick(&[0, 0, 2]),
        steps: random
            .pick(&[&[100, 50][..], &[100, 50], &[100], &[100, 70, 50], &[90, 90, 90]])
            .iter()
            .map(|p| percent(*p))
            .collect(),
        cut: random.pick(&[Cost::THOUSANDTH, Cost(150_000), Cost(60_000)]),
    };
    let attributes = 2 + random.below(7);
    Setting {
        persons: 3 + random.below(10),
        attributes,
        most_observations: if rules.steps.len() > 2 { 22 } else { 40 },
        confidences: if certain { &[100] } else { &[100, 100, 80, 50, 3] },
        kinds: (0..attributes).map(|_| KindId(random.below(4) as u8)).collect(),
        rules,
    }
}

fn percent(percent: u8) -> Percent {
    Percent::new(percent).expect("a percentage")
}

fn batch(random: &mut Random, setting: &Setting, world: &World, next_id: &mut u32) -> Vec<Change> {
    let mut changes: Vec<Change> = (world.kinds.is_empty())
        .then(|| {
            (0..)
                .map(AttributeId)
                .zip(&setting.kinds)
                .map(|(attribute, kind)| Change::Attribute(attribute, *kind))
        })
        .into_iter()
        .flatten()
        .collect();
    let mut spoken_of = Vec::new();
    let mut first = |thing: (u8, u32)| {
        !spoken_of.contains(&thing) && {
            spoken_of.push(thing);
            true
        }
    };
    let most = random.pick(&[2, 4, 12]);
    for _ in 0..=random.below(most) {
        let (person, attribute) =
            (PersonId(random.below(setting.persons)), AttributeId(random.below(setting.attributes)));
        let in_force: Vec<&Observation> = world.observations.values().collect();
        let crowded = in_force.len() > setting.most_observations;
        match random.below(20) {
            0..10 if !crowded => {
                changes.push(Change::Observe(observation(random, setting, ObservationId(*next_id))));
                *next_id += 1;
            }
            0..13 if !in_force.is_empty() => {
                let gone = random.pick(&in_force);
                if first((0, gone.id.0)) {
                    changes.push(Change::Retract(gone.person, gone.id));
                }
            }
            13..15 if !in_force.is_empty() => {
                let corrected = random.pick(&in_force);
                if first((0, corrected.id.0)) {
                    let new = observation(random, setting, corrected.id);
                    let other = match random.below(4) {
                        0 => new,
                        1 => Observation { person: corrected.person, attribute: corrected.attribute, ..new },
                        2 => Observation { source: new.source, ..*corrected },
                        _ => Observation { interval: new.interval, ..*corrected },
                    };
                    changes.extend([Change::Retract(corrected.person, corrected.id), Change::Observe(other)]);
                }
            }
            15..17 if first((1, person.0)) => {
                let cost = random.pick(&[Some(0), Some(6905), Some(40_000), Some(200_000), None]);
                changes.push(Change::Seed(person, cost.map(Cost)));
            }
            17 if first((2, attribute.0)) => {
                changes.push(Change::Generic(
                    attribute,
                    random.pick(&[Generic::No, Generic::Declared, Generic::No]),
                ));
            }
            18.. if first((3, person.0)) => {
                let pass = random.pick(&[PassThrough::Open, PassThrough::Closed]);
                changes.push(Change::PassThrough(person, pass));
            }
            _ => {}
        }
    }
    changes
}

fn observation(random: &mut Random, setting: &Setting, id: ObservationId) -> Observation {
    let first = random.below(30).cast_signed() - 15;
    let last = first + random.pick(&[0, 0, 1, 3, 10, 30]);
    let open = random.below(12);
    Observation {
        id,
        person: PersonId(random.below(setting.persons)),
        attribute: AttributeId(random.below(setting.attributes)),
        relation: random.pick(&[Relation::Used, Relation::Used, Relation::Operated, Relation::Stated]),
        interval: Interval::new((open != 0).then_some(Day(first)), (open != 1).then_some(Day(last)))
            .expect("first before last"),
        confidence: percent(random.pick(setting.confidences)),
        source: (!random.one_in(3)).then(|| SourceId(random.below(4))),
    }
}

/// The same changes in another order, some of them said twice.
fn told_otherwise(random: &mut Random, changes: &[Change]) -> Vec<Change> {
    let mut told = changes.to_vec();
    for change in changes {
        if random.one_in(4) {
            told.push(*change);
        }
    }
    for last in (1..told.len()).rev() {
        told.swap(last, random.below(last as u32 + 1) as usize);
    }
    told
}

fn built(rules: &Rules, world: &World, random: &mut Random) -> Network {
    let mut observations: Vec<Observation> = world.observations.values().copied().collect();
    for last in (1..observations.len()).rev() {
        observations.swap(last, random.below(last as u32 + 1) as usize);
    }
    let columns = Columns {
        kinds: &world.kinds.values().copied().collect::<Vec<_>>(),
        observations,
        seeds: &world.seeds.iter().map(|(seed, cost)| (*seed, *cost)).collect::<Vec<_>>(),
        generic: &world.generic.iter().copied().collect::<Vec<_>>(),
        closed: &world.closed.iter().copied().collect::<Vec<_>>(),
    };
    Network::build(rules.clone(), columns).expect("nothing to refuse")
}

/// What the network says, in the words of the slow model.
fn answers(network: &Network, persons: u32) -> Vec<Answers> {
    (0..persons).map(PersonId).map(|person| answers_on(network, person)).collect()
}

fn answers_on(network: &Network, person: PersonId) -> Answers {
    let day = |day: Option<Day>| day.map_or(EVER, |day| i64::from(day.0));
    let evidence = network.evidence(person);
    let said = |person, attribute, id| {
        let mut observations = network.observations_on(person, attribute);
        observations.find(|observation| observation.id == id).expect("a path leads over what is in force")
    };
    let leg = |step: &Step| Leg {
        said: [
            said(step.from, step.attribute, step.from_observation),
            said(step.to, step.attribute, step.to_observation),
        ],
        from: step.from,
        attribute: step.attribute,
        from_observation: step.from_observation,
        to_observation: step.to_observation,
        to: step.to,
        arrival: day(step.arrival),
        gap: step.gap_days,
        cost: u64::from(step.weighing.total().0),
    };
    let cell = |steps| {
        network
            .labels(person, steps)
            .iter()
            .map(|label| (day(label.arrival()), u64::from(label.cost.0)))
            .collect()
    };
    let links = network.links(person);
    assert_eq!(network.standing(person), network.standing_of(&links));
    Answers {
        cells: (0..=network.rules().steps.len()).map(cell).collect(),
        links: links
            .iter()
            .map(|link| (link.attribute, link.observation, link.seed, link.seed_observation))
            .collect(),
        standing: network.standing(person),
        strength: evidence.as_ref().map(|evidence| u64::from(evidence.strength.0)),
        factors: evidence
            .into_iter()
            .flat_map(|evidence| evidence.factors)
            .map(|factor| (factor.family, u64::from(factor.cost.0), factor.path.iter().map(leg).collect()))
            .collect(),
        ignored: network
            .ignored(person)
            .iter()
            .map(|ignored| (ignored.attribute, ignored.obstacle, ignored.neighbour, ignored.neighbours))
            .collect(),
    }
}

/// Everybody for whom something changed was named.
fn named_all(affected: &Affected, before: &[Answers], after: &[Answers]) {
    for (person, (before, after)) in (0..).map(PersonId).zip(before.iter().zip(after)) {
        if before.links != after.links || before.standing != after.standing {
            assert!(affected.links.contains(&person), "the links of {person:?} changed");
        }
        if (&before.factors, before.strength) != (&after.factors, after.strength) {
            assert!(affected.evidence.contains(&person), "the evidence on {person:?} changed");
        }
    }
    assert!(affected.links.is_sorted() && affected.evidence.is_sorted());
    assert!(affected.links.iter().all(|person| affected.evidence.binary_search(person).is_ok()));
}

fn story(seed: u64) -> Tally {
    let mut random = Random(seed);
    let setting = setting(&mut random);
    let (mut world, mut next_id) = (World::default(), 0);
    let mut network = built(&setting.rules, &world, &mut random);
    let mut other = network.clone();
    let mut before = answers(&network, setting.persons);
    let mut tally = Tally::default();
    for _ in 0..BATCHES {
        let changes = batch(&mut random, &setting, &world, &mut next_id);
        let affected = network.apply(&changes).expect("nothing to refuse");
        assert_eq!(other.apply(&told_otherwise(&mut random, &changes)).expect("nothing to refuse"), affected);
        world.apply(&changes);
        let after = answers(&network, setting.persons);
        assert_eq!(after, world.answers(&setting.rules, setting.persons));
        let scratch = built(&setting.rules, &world, &mut random);
        assert_eq!(answers(&scratch, setting.persons), after);
        assert_eq!(answers(&other, setting.persons), after);
        named_all(&affected, &before, &after);
        concerns_all(&scratch, &after);
        tally.count(&after);
        before = after;
    }
    tally
}

/// How often things came about, so that the stories are known to be about something.
#[derive(Debug, Default)]
struct Tally {
    cells: [u32; 4],
    cells_of_several_labels: u32,
    single: u32,
    moved: u32,
    factors: [u32; 4],
    gaps: u32,
    obstacles: BTreeMap<Obstacle, u32>,
}

impl Tally {
    fn count(&mut self, answers: &[Answers]) {
        for answers in answers {
            for (steps, cell) in answers.cells.iter().enumerate() {
                self.cells[steps] += u32::from(!cell.is_empty());
                self.cells_of_several_labels += u32::from(cell.len() > 1);
            }
            self.single += u32::from(answers.standing == Standing::Single);
            self.moved += u32::from(answers.standing == Standing::Moved);
            self.factors[answers.factors.len().min(3)] += 1;
            self.gaps +=
                u32::from(answers.factors.iter().flat_map(|factor| &factor.2).any(|leg| leg.gap > 0));
            for ignored in &answers.ignored {
                *self.obstacles.entry(ignored.1).or_default() += 1;
            }
        }
    }

    fn add(&mut self, other: &Tally) {
        for (sum, part) in
            self.cells.iter_mut().chain(&mut self.factors).zip(other.cells.iter().chain(&other.factors))
        {
            *sum += part;
        }
        self.cells_of_several_labels += other.cells_of_several_labels;
        self.single += other.single;
        self.moved += other.moved;
        self.gaps += other.gaps;
        for (obstacle, count) in &other.obstacles {
            *self.obstacles.entry(*obstacle).or_default() += count;
        }
    }
}

/// Everybody with an answer is among those who are concerned.
fn concerns_all(network: &Network, answers: &[Answers]) {
    let concerned = network.concerned();
    for (person, answers) in (0..).map(PersonId).zip(answers) {
        assert!(answers.links.is_empty() || concerned.links.contains(&person));
        assert!(answers.factors.is_empty() || concerned.evidence.contains(&person));
    }
}

#[test]
fn every_batch_leaves_what_is_built_from_scratch_and_what_the_definition_says() {
    let mut tally = Tally::default();
    for seed in 0..STORIES {
        match std::panic::catch_unwind(|| story(seed)) {
            Ok(told) => tally.add(&told),
            Err(failure) => {
                eprintln!("story {seed} fails");
                std::panic::resume_unwind(failure);
            }
        }
    }
    let Tally { cells, cells_of_several_labels, single, moved, factors, gaps, obstacles } = &tally;
    let often = cells
        .iter()
        .chain(factors)
        .chain([cells_of_several_labels, single, moved, gaps])
        .chain(obstacles.values());
    assert!(often.min() > Some(&100) && obstacles.len() == 5, "{tally:?}");
}
