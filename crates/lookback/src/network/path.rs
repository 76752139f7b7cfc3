//! The path between two parties, step by step. In: the two, what a path may be. Out: the steps in records, or that there is
//! none. What the best path is, and which attributes lead nowhere, is told in the crate `network`, module `reach`.

use std::fmt;

use model::{Attribute, EntityId, KnownAt, PartialDate};
use network::reach::{Aim, Bounds, Direction, Leg};
use serde::Serialize;

use super::{NetworkAsOf, PartyView, Period};
use crate::linked::{between, named};
use crate::{Error, ObservationView};

/// Which path is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathQuestion {
    /// From whom.
    pub from: EntityId,
    /// To whom.
    pub to: EntityId,
    /// What the best one is.
    pub aim: Aim,
    /// Which way time runs along it.
    pub direction: Direction,
    /// What counts of each observation's days.
    pub period: Period,
    /// So many days may lie between the end of one observation and the beginning of the next; `None`: any number.
    pub max_gap_days: Option<u32>,
    /// So many steps at most.
    pub steps_max: u32,
}

/// The path, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PathAnswer {
    /// From whom.
    pub from: PartyView,
    /// To whom.
    pub to: PartyView,
    /// `fewest-steps` or `earliest-arrival`.
    pub aim: &'static str,
    /// `forward` or `backward`.
    pub direction: &'static str,
    /// What counts of each observation's days.
    pub period: Period,
    /// So many days may lie between two observations.
    pub max_gap_days: Option<u32>,
    /// So many steps at most.
    pub steps_max: u32,
    /// As known at.
    pub known_at: KnownAt,
    /// The steps in order; `None` when there is no path.
    pub steps: Option<Vec<PathStep>>,
}

/// One step: two parties and what they share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PathStep {
    /// From whom.
    pub from: PartyView,
    /// To whom.
    pub to: PartyView,
    /// Over which attribute.
    pub attribute: Attribute,
    /// What was observed of the one, and of the other.
    pub observations: [ObservationView; 2],
    /// So many days one observation begins after the other ended; 0 when they have a day in common.
    pub gap_days: u32,
    /// The first day on which the step can have been taken after those before it, backward in time the last; `None`: any day.
    pub day: Option<PartialDate>,
}

impl fmt::Display for PathStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, next] = &self.observations;
        let what = named(&self.attribute);
        let (from, to) = (self.from.to_string(), self.to.to_string());
        write!(f, "{}; {}", one.words_of(&from, &what), next.words_of(&to, "it"))?;
        if self.gap_days > 0 {
            write!(f, "; {}", between(self.gap_days))?;
        }
        Ok(())
    }
}

impl NetworkAsOf<'_> {
    /// The best path from one party to another.
    pub fn path(&self, question: &PathQuestion) -> Result<PathAnswer, Error> {
        let PathQuestion { aim, direction, period, max_gap_days, steps_max, .. } = *question;
        let (from, to) = (self.person(&question.from)?, self.person(&question.to)?);
        if from == to {
            return Err(Error::Usage(format!("a path leads to somebody else than {}", question.to)));
        }
        let bounds = Bounds { direction, period: period.interval(), wait_days_max: max_gap_days, steps_max };
        let path = self.network().path(from, to, aim, &bounds);
        let step = |leg: &Leg| self.step(leg);
        let steps = path.map(|path| path.legs.iter().map(step).collect::<Result<_, _>>()).transpose()?;
        Ok(PathAnswer {
            from: self.party(from)?,
            to: self.party(to)?,
            aim: match aim {
                Aim::FewestSteps => "fewest-steps",
                Aim::EarliestArrival => "earliest-arrival",
            },
            direction: match direction {
                Direction::Forward => "forward",
                Direction::Backward => "backward",
            },
            period,
            max_gap_days,
            steps_max,
            known_at: self.known_at,
            steps,
        })
    }

    fn step(&self, leg: &Leg) -> Result<PathStep, Error> {
        let ((attribute, one), (_, next)) = (self.observed(&leg.from)?, self.observed(&leg.to)?);
        Ok(PathStep {
            from: self.party(leg.from.person)?,
            to: self.party(leg.to.person)?,
            attribute,
            observations: [one, next],
            gap_days: leg.from.interval.gap(leg.to.interval),
            day: leg.day.and_then(|day| PartialDate::from_days_since_1970(day.0)),
        })
    }
}
