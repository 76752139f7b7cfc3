//! The network on an ordinary day: built, a facilitator listed late, observations that come and go, questions.
//!
//! In: a graph. Out: findings, and whom the facilitator reaches. The facilitator's numbers and bookings are there before he is listed, as
//! everything else is; when he is, everybody whom he moved has to be found.

use std::time::Duration;

use anyhow::{Result, ensure};
use lookback::invented::Random;
use network::reach::{Aim, Bounds};
use network::{Affected, Change, Cost, Network, Observation, Percent, PersonId, Standing};

use super::graph::{FACILITATOR, Graph, MOVED};
use super::peers::Answer;
use super::{PERSONS, kinds, network, observation};
use crate::machine::resident_mib;
use crate::phases::{Finding, Target, finding};
use crate::stopwatch::{Times, timed};

/// How often something is measured that is the same each time.
const REPEATED: usize = 9;
/// Observations that are taken back and come again, one by one.
const CHANGED: u64 = 2_000;
/// Paths that are asked for, and of how many steps at most.
const PATHS: u64 = 50;
const PATH_STEPS_MAX: u32 = 6;
/// From his listing to all alerts with explanations, with a million persons and with more.
const LATE_MS_MAX: f64 = 10.0;
const LATE_LARGE_MS_MAX: f64 = 50.0;
/// Four hops between persons and attributes.
const REACH_STEPS: u32 = 2;
const SEED: u64 = 1;

pub(super) fn measure(graph: &Graph) -> Result<(Vec<Finding>, Answer)> {
    let kinds = kinds(graph);
    let before = resident_mib();
    let (network, built) = timed(|| network(graph, &kinds));
    let (mut network, resident) = (network?, resident_mib().saturating_sub(before));
    let at_most = |most| target(graph, most);
    let mut findings = vec![
        finding("build from columns", built.as_secs_f64(), "s", at_most(1.5)),
        finding(
            "memory, as it counts itself",
            network.bytes() as f64 / f64::from(1 << 20),
            "MiB",
            at_most(200.0),
        ),
        finding("memory, as the system counts it", resident as f64, "MiB", None),
    ];
    findings.extend(late(&mut network, graph)?);
    findings.extend(changes(&mut network, graph)?);
    let (reached, answer) = reach(&network, graph, built);
    findings.extend(reached);
    findings.extend(paths(&network)?);
    Ok((findings, answer))
}

/// What is asked of graphs of no more than a million persons.
fn target(graph: &Graph, most: f64) -> Option<Target> {
    (graph.persons <= PERSONS).then_some(Target::AtMost(most))
}

fn listed(cost: Option<Cost>) -> [Change; 1] {
    [Change::Seed(PersonId(FACILITATOR), cost)]
}

/// The facilitator comes onto the list, goes off and comes again; he stays on it.
fn late(network: &mut Network, graph: &Graph) -> Result<Vec<Finding>> {
    let cost = Percent::new(90).map(Cost::of);
    let (mut alerted, mut led, mut gone) = (Times::default(), Times::default(), Times::default());
    let mut first = None;
    let mut counts = (0, 0, 0);
    for _ in 0..REPEATED {
        let (alerts, time) = timed(|| -> Result<_> {
            let affected = network.apply(&listed(cost))?;
            let alerts = alerts(network, &affected);
            Ok((affected, alerts))
        });
        let (affected, (moved, single)) = alerts?;
        first.get_or_insert(time);
        alerted.note(time);
        let (leads, time) = timed(|| leads(network, &affected));
        led.note(time);
        counts = (moved, single, leads);
        let (affected, time) = timed(|| network.apply(&listed(None)));
        ensure!(!affected?.links.is_empty(), "delisting concerns those who were linked");
        gone.note(time);
    }
    network.apply(&listed(cost))?;
    let first = first.map_or(0.0, |time: Duration| time.as_secs_f64() * 1e3);
    let soon = target(graph, LATE_MS_MAX).or(Some(Target::AtMost(LATE_LARGE_MS_MAX)));
    Ok(vec![
        finding("a facilitator listed late: all alerts with explanations, first time", first, "ms", soon),
        finding("the same again, median of nine", alerted.rank(50), "ms", None),
        finding("moved by him", f64::from(counts.0), "", None),
        finding("linked by a single family", f64::from(counts.1), "", None),
        finding("all leads with their paths, median of nine", led.rank(50), "ms", None),
        finding("leads", f64::from(counts.2), "", None),
        finding("the facilitator delisted, median of nine", gone.rank(50), "ms", None),
    ])
}

/// How many are moved and how many linked by one family, after their links and, of the first, their evidence has been written out.
fn alerts(network: &Network, affected: &Affected) -> (u32, u32) {
    let (mut moved, mut single) = (0, 0);
    for person in &affected.links {
        let links = network.links(*person);
        match network.standing_of(&links) {
            Standing::Moved => {
                let factors = network.evidence(*person).map_or(0, |evidence| evidence.factors.len());
                moved += u32::from(factors > 0);
            }
            Standing::Single => single += 1,
            Standing::Unlinked => {}
        }
    }
    (moved, single)
}

/// How many have evidence, after it has been written out.
fn leads(network: &Network, affected: &Affected) -> u32 {
    affected.evidence.iter().filter(|person| network.evidence(**person).is_some()).count() as u32
}

/// Random observations are taken back and come again, one by one; then those of the facilitator.
fn changes(network: &mut Network, graph: &Graph) -> Result<Vec<Finding>> {
    let mut random = Random::new(SEED);
    let anywhere = (0..CHANGED).map(|_| random.below(graph.rows.len() as u64) as u32);
    let (retracted, observed) = taken_and_given(network, graph, anywhere)?;
    let his = (0..).zip(&graph.rows).filter(|(_, row)| row.person == FACILITATOR).map(|(id, _)| id);
    let (his_retracted, his_observed) = taken_and_given(network, graph, his)?;
    let at_most = |most| target(graph, most);
    let micro = |times: &Times, per_cent| times.rank(per_cent) * 1e3;
    Ok(vec![
        finding("an observation arrives: p50", micro(&observed, 50), "µs", at_most(20.0)),
        finding("an observation arrives: p99", micro(&observed, 99), "µs", at_most(200.0)),
        finding("an observation is retracted: p50", micro(&retracted, 50), "µs", at_most(20.0)),
        finding("an observation is retracted: p99", micro(&retracted, 99), "µs", at_most(200.0)),
        finding("one of the facilitator's arrives: p50", micro(&his_observed, 50), "µs", None),
        finding("one of the facilitator's is retracted: p50", micro(&his_retracted, 50), "µs", None),
        finding("the slowest of his", his_observed.rank(100).max(his_retracted.rank(100)) * 1e3, "µs", None),
    ])
}

/// All of these observations are taken back one by one, then all come again.
fn taken_and_given(
    network: &mut Network,
    graph: &Graph,
    ids: impl Iterator<Item = u32>,
) -> Result<(Times, Times)> {
    let mut observations: Vec<Observation> =
        ids.map(|id| observation(id, &graph.rows[id as usize])).collect();
    observations.sort_unstable_by_key(|observation| observation.id);
    observations.dedup();
    let retractions = observations.iter().map(|gone| Change::Retract(gone.person, gone.id));
    let retracted = one_by_one(network, retractions)?;
    let observed = one_by_one(network, observations.iter().copied().map(Change::Observe))?;
    Ok((retracted, observed))
}

fn one_by_one(network: &mut Network, changes: impl Iterator<Item = Change>) -> Result<Times> {
    let mut times = Times::default();
    for change in changes {
        let (affected, time) = timed(|| network.apply(&[change]));
        affected?;
        times.note(time);
    }
    Ok(times)
}

/// Paths from the facilitator to people whom they lead to.
fn paths(network: &Network) -> Result<Vec<Finding>> {
    let mut random = Random::new(SEED);
    let bounds = Bounds::within_steps(PATH_STEPS_MAX);
    let (reached, all) = timed(|| network.within(PersonId(FACILITATOR), &bounds));
    let (mut fewest, mut earliest) = (Times::default(), Times::default());
    for _ in 0..PATHS {
        let to = random.choose(&reached).person;
        for (aim, times) in [(Aim::FewestSteps, &mut fewest), (Aim::EarliestArrival, &mut earliest)] {
            let (path, time) = timed(|| network.path(PersonId(FACILITATOR), to, aim, &bounds));
            times.note(time);
            ensure!(path.is_some(), "who is reached is at the end of a path");
        }
    }
    Ok(vec![
        finding("everybody within twelve hops", all.as_secs_f64() * 1e3, "ms", None),
        finding("they are", reached.len() as f64, "", None),
        finding("the path of fewest steps to one of them: p50", fewest.rank(50), "ms", None),
        finding("the path of fewest steps: slowest of fifty", fewest.rank(100), "ms", None),
        finding("the path of earliest arrival: slowest of fifty", earliest.rank(100), "ms", None),
    ])
}

/// Everybody within four hops of the facilitator.
fn reach(network: &Network, graph: &Graph, built: Duration) -> (Vec<Finding>, Answer) {
    let bounds = Bounds::within_steps(REACH_STEPS);
    let mut times = Times::default();
    let mut reached = Vec::new();
    for _ in 0..REPEATED {
        let (everybody, time) = timed(|| network.within(PersonId(FACILITATOR), &bounds));
        times.note(time);
        reached = everybody;
    }
    let planted = reached.iter().filter(|reached| reached.person.0 <= MOVED).count();
    let findings = vec![
        finding(
            "everybody within four hops, time in order: median of nine",
            times.rank(50),
            "ms",
            target(graph, 2.0),
        ),
        finding("the same, slowest", times.rank(100), "ms", None),
    ];
    (findings, Answer::ours(graph.persons, built, times.rank(50), reached.len(), planted))
}
