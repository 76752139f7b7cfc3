//! The network and numbers of a hundred thousand users: one that nobody is behind, and one that the facilitator gave out.
//!
//! In: a graph. Out: findings. Users of the first come one by one; every change of the second concerns all of its users.

use std::time::Duration;

use anyhow::{Context as _, Result};
use network::{
    AttributeId, Change, Cost, Day, Generic, Interval, KindId, Network, Observation, ObservationId, Percent,
    PersonId, Relation, Standing,
};

use super::graph::{FACILITATOR, Graph};
use super::{kinds, network};
use crate::phases::{Finding, Target, finding};
use crate::stopwatch::{Times, timed};

const USERS: u32 = 100_000;
/// How often the second number changes in each way.
const REPEATED: u32 = 5;

pub(super) fn measure(graph: &Graph) -> Result<Vec<Finding>> {
    let mut network = network(graph, &kinds(graph))?;
    network.apply(&[Change::Seed(PersonId(FACILITATOR), Percent::new(90).map(Cost::of))])?;
    let mut numbers = Numbers { next: graph.rows.len() as u32, persons: graph.persons };
    let mut findings = one_by_one(&mut network, &mut numbers, AttributeId(graph.attributes))?;
    findings.extend(given_out(&mut network, &mut numbers, AttributeId(graph.attributes + 1))?);
    Ok(findings)
}

/// What the next observation is.
struct Numbers {
    next: u32,
    persons: u32,
}

impl Numbers {
    /// Somebody has the number all the time; users are the last persons of the graph, and more.
    fn observation(
        &mut self,
        person: u32,
        attribute: AttributeId,
        relation: Relation,
    ) -> Result<Observation> {
        self.next += 1;
        Ok(Observation {
            id: ObservationId(self.next),
            person: PersonId(person),
            attribute,
            relation,
            interval: Interval::new(Some(Day(700)), Some(Day(900))).context("the days are in order")?,
            confidence: Percent::FULL,
            source: None,
        })
    }

    fn user(&mut self, turn: u32, attribute: AttributeId) -> Result<Observation> {
        self.observation(
            self.persons.saturating_sub(USERS).max(FACILITATOR + 1) + turn,
            attribute,
            Relation::Used,
        )
    }
}

/// The facilitator and a hundred thousand others come to use one number.
fn one_by_one(network: &mut Network, numbers: &mut Numbers, hub: AttributeId) -> Result<Vec<Finding>> {
    let his = numbers.observation(FACILITATOR, hub, Relation::Used)?;
    network.apply(&[Change::Attribute(hub, KindId::PHONE), Change::Observe(his)])?;
    let hub_from = network.rules().kind(KindId::PHONE).cap + 2;
    let (mut times, mut looked_at, mut concerned) = (Times::default(), 0, 0);
    for turn in 0..USERS {
        let arrival = [Change::Observe(numbers.user(turn, hub)?)];
        let (affected, time) = timed(|| network.apply(&arrival));
        times.note(time);
        let affected = affected?;
        if network.degree(hub) >= hub_from {
            looked_at = looked_at.max(affected.looked_at);
            concerned = concerned.max(affected.evidence.len());
        }
    }
    let over_it = network.members(hub).filter(|user| leads_over(network, *user, hub)).count();
    Ok(vec![
        finding("a number of 100,000 users, who come one by one: mean", times.mean() * 1e3, "µs", None),
        finding("the same: p99", times.rank(99) * 1e3, "µs", Some(Target::AtMost(200.0))),
        finding("once it is a hub, an arrival looks at so many others, at most", looked_at as f64, "", None),
        finding("once it is a hub, an arrival concerns so many persons, at most", concerned as f64, "", None),
        finding("persons with evidence that leads over it", over_it as f64, "", Some(Target::AtMost(0.0))),
    ])
}

fn leads_over(network: &Network, person: PersonId, attribute: AttributeId) -> bool {
    let factors = network.evidence(person).map_or(Vec::new(), |evidence| evidence.factors);
    factors.iter().flat_map(|factor| &factor.path).any(|step| step.attribute == attribute)
}

/// A number that the facilitator gave to a hundred thousand, and what may happen to it.
fn given_out(network: &mut Network, numbers: &mut Numbers, number: AttributeId) -> Result<Vec<Finding>> {
    let his = numbers.observation(FACILITATOR, number, Relation::Operated)?;
    let mut users = vec![Change::Attribute(number, KindId::PHONE), Change::Observe(his)];
    for turn in 0..USERS {
        users.push(Change::Observe(numbers.user(turn, number)?));
    }
    let (affected, at_once) = timed(|| network.apply(&users));
    let affected = affected?;
    let linked = |person: &&PersonId| network.standing(**person) != Standing::Unlinked;
    let (linked, looked_up) = timed(|| affected.links.iter().filter(linked).count());
    let user = numbers.user(USERS, number)?;
    let listed = |cost| Change::Seed(PersonId(FACILITATOR), cost);
    let pairs = [
        ("a user more, or less", Change::Observe(user), Change::Retract(user.person, user.id)),
        (
            "that he had it is retracted, or observed",
            Change::Retract(his.person, his.id),
            Change::Observe(his),
        ),
        (
            "it is declared generic, or that is withdrawn",
            Change::Generic(number, Generic::Declared),
            Change::Generic(number, Generic::No),
        ),
        ("he is delisted, or listed", listed(None), listed(Percent::new(90).map(Cost::of))),
    ];
    let mut findings = vec![
        finding("a number that he gave to 100,000: told in one batch", milliseconds(at_once), "ms", None),
        finding("linked to him", linked as f64, "", None),
        finding("the standing of all of them", milliseconds(looked_up), "ms", None),
    ];
    for (what, there, back) in pairs {
        let slowest = there_and_back(network, there, back)?.rank(100);
        findings.push(finding(
            &format!("{what}: slowest of ten"),
            slowest,
            "ms",
            Some(Target::AtMost(200.0)),
        ));
    }
    Ok(findings)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn there_and_back(network: &mut Network, there: Change, back: Change) -> Result<Times> {
    let mut times = Times::default();
    for _ in 0..REPEATED {
        for change in [there, back] {
            let (affected, time) = timed(|| network.apply(&[change]));
            affected?;
            times.note(time);
        }
    }
    Ok(times)
}
