//! Who can be reached from a person over shared attributes, while time runs one way: for an analyst's questions, never for an alert.
//!
//! In go a person and what a path may be; out come the persons within so many steps, the path to one of them, or the
//! neighbours. A *step* leads from a person over one of their observations to an attribute, and over an observation of the same attribute
//! to another person: two hops of the graph of persons and attributes.
//!
//! **Time.** Both days of an interval count. Whoever arrives at an observation on day t goes on at `max(t, first day)`, if that is no
//! later than its last day; so a path is one along which days can be chosen, one inside each interval, that never run
//! backwards. Backward in time they never run forwards. Only what lies inside the period counts of an interval. Where a longest wait is
//! set, no interval may begin more days after the end of the one before it: the days for which nothing vouches (`FORWARD`).
//!
//! **What is no step.** Over an attribute that is declared generic there is none, and over one with more persons than its kind's cap
//! none between two who merely used it: a step from or to one of its operators is. Persons who hand nothing on can be where a
//! path ends or begins, not between.
//!
//! **Walks.** A person may come twice on a path where a longest wait is set: what was seen of them later leads on when what
//! was seen before does not. Without one, going round never helps, and no person comes twice. (To forbid it with a longest wait would be to
//! search for restless paths, which is NP-hard; Casteigts, Himmel, Molter and Zschoche 2021.)
//!
//! **Ties.** Of several best paths it is the one whose last step has the smallest ids (of the person it comes from, of the attribute, of the
//! observations from there and to here), then the step before it, and so on.

mod neighbours;
mod passage;
mod search;

pub use self::neighbours::{Neighbour, OfKind, Shared};
pub use self::passage::Passage;

use self::search::Search;
use crate::Network;
use crate::observation::{Day, Interval, Observation, PersonId};

/// Which way time runs along a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Direction {
    /// To later days: where somebody's doings may have led.
    #[default]
    Forward,
    /// To earlier days: what may have led to somebody.
    Backward,
}

/// What the best path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Aim {
    /// The one with the fewest steps; of these the one that arrives first.
    #[default]
    FewestSteps,
    /// The one that arrives first; of these the one with the fewest steps. Backward in time, first is latest.
    EarliestArrival,
}

/// What a path may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Which way time runs.
    pub direction: Direction,
    /// What of each interval counts.
    pub period: Interval,
    /// So many days may lie between the end of one interval and the beginning of the next. Nothing: any number.
    pub wait_days_max: Option<u32>,
    /// So many steps from person to person.
    pub steps_max: u32,
}

impl Bounds {
    /// Forward in time, in any period, with any waiting.
    pub fn within_steps(steps_max: u32) -> Bounds {
        Bounds { direction: Direction::Forward, period: Interval::ALWAYS, wait_days_max: None, steps_max }
    }
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leg {
    /// Of whom it comes from.
    pub from: Observation,
    /// Of whom it leads to, with the same attribute.
    pub to: Observation,
    /// The first day on which it can have been taken, after all before it; nothing when any day would do. Backward in time the
    /// last day.
    pub day: Option<Day>,
}

/// A path between two persons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// From the first person to the second; none when they are the same.
    pub legs: Vec<Leg>,
}

/// A person that can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// Who.
    pub person: PersonId,
    /// In how many steps at least.
    pub steps: u32,
    /// The first day on which, with whatever steps are allowed; nothing when any day would do. Backward in time the last day.
    pub day: Option<Day>,
}

impl Network {
    /// The best path from one person to another; nothing when there is none.
    pub fn path(&self, from: PersonId, to: PersonId, aim: Aim, bounds: &Bounds) -> Option<Path> {
        if from == to {
            return Some(Path::default());
        }
        let search = Search::new(self, from, bounds);
        match aim {
            Aim::FewestSteps => search.in_fewest_steps(to),
            Aim::EarliestArrival => search.arriving_first(to),
        }
    }

    /// Everybody within so many steps of a person, without them, by id.
    pub fn within(&self, from: PersonId, bounds: &Bounds) -> Vec<Reached> {
        Search::new(self, from, bounds).everybody()
    }
}
