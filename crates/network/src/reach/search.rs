//! The search behind paths and reach: step by step outwards from one person.
//!
//! In: the network, a person, bounds. Out: labels, and the legs of the best path. A label says by which day a person can be reached in exactly
//! so many steps, and until which day the last observation vouches for them. Neither a later arrival with an earlier end nor one with
//! more steps leads anywhere that the other does not; such labels are not kept. Without a longest wait the end means
//! nothing, and a person has no more than one label for each number of steps.
//!
//! Backward in time is forward in time with all days mirrored.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::passage::Passage;
use super::{Bounds, Direction, Leg, Path, Reached};
use crate::Network;
use crate::observation::{AttributeId, Day, PersonId, Relation};
use crate::store::Row;

/// How somebody can be reached.
#[derive(Debug, Clone, Copy)]
struct Label {
    steps: u32,
    /// The first day.
    arrival: i32,
    /// The last day of the observation by which they are reached; the last of all when any wait will do.
    until: i32,
}

impl Label {
    /// Whether this leads wherever the other leads, as soon and in no more steps.
    fn covers(self, other: Label) -> bool {
        self.steps <= other.steps && self.arrival <= other.arrival && self.until >= other.until
    }
}

/// Where a search begins: at any time, and nothing has ended yet.
const START: Label = Label { steps: 0, arrival: i32::MIN, until: i32::MAX };

type Labels = SmallVec<[Label; 1]>;

/// Days of an observation as the search counts them: in its direction, inside the period.
#[derive(Debug, Clone, Copy)]
struct Days {
    first: i32,
    last: i32,
}

/// Being at an observation: from which day on, and its own days.
#[derive(Debug, Clone, Copy)]
struct Entry {
    arrival: i32,
    days: Days,
    relation: Relation,
}

/// What the rest of a path asks of how somebody is reached.
#[derive(Debug, Clone, Copy)]
struct Demand {
    arrival_max: i32,
    until_min: i32,
}

/// A step of the best path, found from its end.
#[derive(Debug, Clone, Copy)]
struct LastStep {
    from: PersonId,
    rows: [Row; 2],
    /// What it asks of the steps before it.
    demand: Demand,
}

/// A search from one person.
#[derive(Debug)]
pub(super) struct Search<'a> {
    network: &'a Network,
    bounds: &'a Bounds,
    from: PersonId,
    labels: FxHashMap<PersonId, Labels>,
    /// Who has labels of the number of steps that was searched last.
    frontier: Vec<PersonId>,
    steps: u32,
    /// Who arrives no earlier leads to nothing that is asked for.
    of_interest_before: i32,
}

impl<'a> Search<'a> {
    pub(super) fn new(network: &'a Network, from: PersonId, bounds: &'a Bounds) -> Search<'a> {
        Search {
            network,
            bounds,
            from,
            labels: [(from, SmallVec::from_elem(START, 1))].into_iter().collect(),
            frontier: vec![from],
            steps: 0,
            of_interest_before: i32::MAX,
        }
    }

    /// The path that arrives first among those with the fewest steps.
    pub(super) fn in_fewest_steps(mut self, to: PersonId) -> Option<Path> {
        while self.step() {
            if let Some(best) = self.best(to) {
                return Some(self.path(to, best));
            }
        }
        None
    }

    /// The path with the fewest steps among those that arrive first.
    pub(super) fn arriving_first(mut self, to: PersonId) -> Option<Path> {
        while self.step() {
            self.of_interest_before = self.best(to).map_or(i32::MAX, |best| best.arrival);
        }
        self.best(to).map(|best| self.path(to, best))
    }

    /// Everybody but the person that it begins with, by id.
    #[expect(clippy::iter_over_hash_type, reason = "sorted before it is returned")]
    pub(super) fn everybody(mut self) -> Vec<Reached> {
        while self.step() {}
        self.labels.remove(&self.from);
        let mut reached = Vec::with_capacity(self.labels.len());
        for (person, labels) in &self.labels {
            let steps = labels.iter().map(|label| label.steps).min().unwrap_or(0);
            let arrival = labels.iter().map(|label| label.arrival).min().unwrap_or(i32::MIN);
            reached.push(Reached { person: *person, steps, day: self.day(arrival) });
        }
        reached.sort_unstable();
        reached
    }

    /// How somebody is reached first, in the fewest steps that it takes.
    fn best(&self, person: PersonId) -> Option<Label> {
        let labels = self.labels.get(&person)?;
        labels.iter().copied().min_by_key(|label| (label.arrival, label.steps))
    }
}

/// Outwards.
impl Search<'_> {
    /// Goes one step further; false when there was none to go.
    fn step(&mut self) -> bool {
        if self.steps == self.bounds.steps_max || self.frontier.is_empty() {
            return false;
        }
        let frontier = std::mem::take(&mut self.frontier);
        for person in frontier {
            let labels: Labels = self.labels_of(person, self.steps).collect();
            for (attribute, own) in self.network.store.by_attribute(person) {
                self.cross(person, &labels, attribute, own);
            }
        }
        self.steps += 1;
        true
    }

    /// Goes over an attribute to everybody there.
    fn cross(&mut self, person: PersonId, labels: &[Label], attribute: AttributeId, own: &[Row]) {
        let passage = self.network.passage(attribute);
        let others = self.network.beyond(attribute, own);
        if others.is_empty() {
            return;
        }
        let entries: SmallVec<[Entry; 4]> =
            own.iter().flat_map(|row| labels.iter().filter_map(|label| self.enter(*label, row))).collect();
        if entries.is_empty() {
            return;
        }
        for other in others.iter().map(|other| PersonId(*other)).filter(|other| *other != person) {
            for row in self.network.store.rows_on(other, attribute) {
                for entry in &entries {
                    if let Some(label) = self.leave(*entry, row, passage) {
                        self.arrive(other, label);
                    }
                }
            }
        }
    }

    /// Notes a label, unless a better one is known. The person is of the next frontier, if paths go on from them.
    fn arrive(&mut self, person: PersonId, label: Label) {
        if label.arrival >= self.of_interest_before {
            return;
        }
        let goes_on = self.goes_on(person);
        let labels = self.labels.entry(person).or_default();
        if labels.iter().any(|known| known.covers(label)) {
            return;
        }
        let is_new = labels.iter().all(|known| known.steps != label.steps);
        labels.retain(|known| known.steps != label.steps || !label.covers(*known));
        labels.push(label);
        if is_new && goes_on {
            self.frontier.push(person);
        }
    }

    /// Whether a path may go on from somebody.
    fn goes_on(&self, person: PersonId) -> bool {
        person == self.from || self.network.hands_on(person)
    }

    fn labels_of(&self, person: PersonId, steps: u32) -> impl Iterator<Item = Label> {
        let labels = self.labels.get(&person).map_or(&[][..], |labels| labels.as_slice());
        labels.iter().copied().filter(move |label| label.steps == steps)
    }

    /// Being at a first observation, of somebody who is reached so.
    fn enter(&self, label: Label, row: &Row) -> Option<Entry> {
        let days = self.days(row)?;
        let arrival = self.go_on(label.arrival, label.until, days)?;
        Some(Entry { arrival, days, relation: row.packed().relation() })
    }

    /// Being reached by a second observation of the same attribute.
    fn leave(&self, entry: Entry, row: &Row, passage: Passage) -> Option<Label> {
        if !passage.admits(entry.relation, row.packed().relation()) {
            return None;
        }
        let days = self.days(row)?;
        let arrival = self.go_on(entry.arrival, entry.days.last, days)?;
        let until = self.bounds.wait_days_max.map_or(i32::MAX, |_| days.last);
        Some(Label { steps: self.steps + 1, arrival, until })
    }

    /// The first day at the next observation, of who is at one from a day on and until another.
    fn go_on(&self, arrival: i32, until: i32, next: Days) -> Option<i32> {
        let wait = i64::from(next.first) - i64::from(until);
        let waits = self.bounds.wait_days_max.is_none_or(|most| wait <= i64::from(most));
        (arrival <= next.last && waits).then(|| arrival.max(next.first))
    }

    /// What counts of an observation's days.
    fn days(&self, row: &Row) -> Option<Days> {
        let days = row.packed().interval().overlap(self.bounds.period)?;
        let (first, last) = (days.first_or_ever(), days.last_or_ever());
        Some(match self.bounds.direction {
            Direction::Forward => Days { first, last },
            Direction::Backward => Days { first: !last, last: !first },
        })
    }

    /// A day as others count it.
    fn day(&self, arrival: i32) -> Option<Day> {
        let day = match self.bounds.direction {
            Direction::Forward => arrival,
            Direction::Backward => !arrival,
        };
        (arrival != i32::MIN).then_some(Day(day))
    }
}

/// Back along the best path.
impl Search<'_> {
    fn path(&self, to: PersonId, best: Label) -> Path {
        let mut demand = Demand { arrival_max: best.arrival, until_min: i32::MIN };
        let mut person = to;
        let mut steps = Vec::new();
        for before in (0..best.steps).rev() {
            let step =
                self.last_step(person, before, demand).expect("a step led to every label but the first");
            (person, demand) = (step.from, step.demand);
            steps.push(step);
        }
        steps.reverse();
        Path { legs: self.legs(&steps, to) }
    }

    /// The step with the smallest ids by which somebody is reached as demanded, from whoever is reached in so many steps.
    fn last_step(&self, to: PersonId, before: u32, demand: Demand) -> Option<LastStep> {
        let mut shared = Vec::new();
        for (attribute, own) in self.network.store.by_attribute(to) {
            let others = self.network.beyond(attribute, own).iter().map(|other| PersonId(*other));
            let from = others.filter(|other| {
                *other != to && self.goes_on(*other) && self.labels_of(*other, before).next().is_some()
            });
            shared.extend(from.map(|from| (from, attribute)));
        }
        shared.sort_unstable();
        let mut steps = shared.into_iter().flat_map(|(from, attribute)| self.steps_over(from, attribute, to));
        steps.find_map(|(from, rows)| {
            let mut labels = self.labels_of(from, before);
            let demand = labels.find_map(|label| self.meet(label, rows, demand))?;
            Some(LastStep { from, rows, demand })
        })
    }

    /// All pairs of observations by which two persons share an attribute, by ids.
    fn steps_over(
        &self,
        from: PersonId,
        attribute: AttributeId,
        to: PersonId,
    ) -> impl Iterator<Item = (PersonId, [Row; 2])> {
        let store = &self.network.store;
        let next = store.rows_on(to, attribute);
        store
            .rows_on(from, attribute)
            .iter()
            .flat_map(move |one| next.iter().map(move |next| (from, [*one, *next])))
    }

    /// What a step that meets the demand asks of the one before it; nothing if it does not, from this label.
    fn meet(&self, label: Label, [one, next]: [Row; 2], demand: Demand) -> Option<Demand> {
        let (entry, reached) = self.over(label, [one, next])?;
        let met = reached.arrival <= demand.arrival_max && reached.until >= demand.until_min;
        let last = entry.days.last.min(self.days(&next)?.last);
        let wait = self.bounds.wait_days_max;
        met.then(|| Demand {
            arrival_max: demand.arrival_max.min(last),
            until_min: wait.map_or(i32::MIN, |wait| entry.days.first.saturating_sub_unsigned(wait)),
        })
    }

    /// Going over a pair of observations.
    fn over(&self, label: Label, [one, next]: [Row; 2]) -> Option<(Entry, Label)> {
        let entry = self.enter(label, &one)?;
        let reached = self.leave(entry, &next, self.network.passage(one.attribute()))?;
        Some((entry, reached))
    }

    /// The legs of these steps, each with its first day.
    fn legs(&self, steps: &[LastStep], to: PersonId) -> Vec<Leg> {
        let ends = steps.iter().skip(1).map(|step| step.from).chain([to]);
        let mut label = START;
        let leg = |(step, to): (&LastStep, PersonId)| {
            let [one, next] = step.rows;
            label = self.over(label, step.rows)?.1;
            Some(Leg {
                from: one.observation(step.from),
                to: next.observation(to),
                day: self.day(label.arrival),
            })
        };
        steps.iter().zip(ends).map_while(leg).collect()
    }
}
