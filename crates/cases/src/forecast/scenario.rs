//! What is assumed of the office. In: how many review, how fast, in which order, what comes in addition. Out: the same, checked. Always
//! holds: nothing here says which alerts there are; it says in which order and when they are decided.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An office and what happens to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForecastScenario)]
pub struct Scenario {
    /// Who decides first.
    pub reviewers: Team,
    /// Working days in a period: 5 in a week, 21 in a month, 63 in a quarter.
    pub days_in_period: u32,
    /// Classes of alerts, the first decided first; within one, the oldest first.
    pub classes: Vec<Class>,
    /// What comes in addition, at once.
    #[serde(default)]
    pub shocks: Vec<Shock>,
    /// What opens again after it was closed.
    #[serde(default)]
    pub reopening: Reopening,
    /// The second queue: decisions that a second person has to confirm.
    #[serde(default)]
    pub four_eyes: Option<FourEyes>,
}

/// People who decide.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForecastTeam)]
pub struct Team {
    /// How many.
    pub people: u32,
    /// What each decides on a working day.
    pub per_day: f64,
}

/// Alerts of one urgency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForecastClass)]
pub struct Class {
    /// What it is called.
    pub name: String,
    /// How many of the alerts are of this class, as a share of the sum of all classes' shares.
    pub share: f64,
    /// Within how many working days an alert is to be closed.
    pub deadline_days: u32,
}

/// Alerts that open at once, as after a lookback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForecastShock)]
pub struct Shock {
    /// On the first day of which period to come, counted from 1.
    pub period: u32,
    /// How many.
    pub alerts: u64,
    /// Of which class: its place, from 0.
    #[serde(default)]
    pub class: usize,
}

/// What opens again.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForecastReopening)]
pub struct Reopening {
    /// The share of closings.
    pub share: f64,
    /// After how many working days on average; any number from 1 to twice as many is equally likely.
    pub mean_days: u32,
}

/// The step of the second person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForecastFourEyes)]
pub struct FourEyes {
    /// The share of first decisions that need it.
    pub share: f64,
    /// Who confirms.
    pub reviewers: Team,
}

impl Team {
    /// How many decisions a day brings: whole ones of each person, so that another person never takes away from any day.
    #[expect(clippy::cast_sign_loss, reason = "decisions a day are not negative")]
    pub(super) fn on_day(self, day: u32) -> u64 {
        let until = |days: u32| (f64::from(days) * self.per_day) as u64;
        u64::from(self.people) * (until(day) - until(day - 1))
    }
}

impl Scenario {
    /// An office without classes, shocks, re-openings or a second person.
    pub fn of(reviewers: Team, days_in_period: u32, deadline_days: u32) -> Self {
        let all = Class { name: "all".to_owned(), share: 1.0, deadline_days };
        Self {
            reviewers,
            days_in_period,
            classes: vec![all],
            shocks: Vec::new(),
            reopening: Reopening::default(),
            four_eyes: None,
        }
    }

    /// What is wrong with it, if anything.
    pub(super) fn check(&self, horizon: u32) -> Result<(), ScenarioError> {
        let share =
            |what, share: f64| (0.0..=1.0).contains(&share).then_some(()).ok_or(ScenarioError::Share(what));
        self.reviewers.check()?;
        share("reopening", self.reopening.share)?;
        if let Some(four_eyes) = self.four_eyes {
            four_eyes.reviewers.check()?;
            share("four_eyes", four_eyes.share)?;
        }
        let days = u64::from(horizon) * u64::from(self.days_in_period);
        if horizon == 0 || self.days_in_period == 0 || days > DAYS_MAX {
            return Err(ScenarioError::Days);
        }
        for class in &self.classes {
            share("a class", class.share)?;
        }
        if self.classes.iter().map(|class| class.share).sum::<f64>() <= 0.0
            || self.classes.len() > CLASSES_MAX
        {
            return Err(ScenarioError::Classes);
        }
        let is_possible = |shock: &Shock| {
            (1..=horizon).contains(&shock.period)
                && shock.class < self.classes.len()
                && shock.alerts <= ALERTS_MAX
        };
        self.shocks.iter().all(is_possible).then_some(()).ok_or(ScenarioError::Shock)
    }
}

/// About a hundred years of working days.
const DAYS_MAX: u64 = 25_000;
/// A class fits a byte.
const CLASSES_MAX: usize = 200;
/// What 200 runs go through in some seconds.
pub(super) const ALERTS_MAX: u64 = 2_000_000;
/// More than a program decides, let alone a person.
const PER_DAY_MAX: f64 = 1_000_000.0;

impl Team {
    fn check(self) -> Result<(), ScenarioError> {
        (0.0..=PER_DAY_MAX).contains(&self.per_day).then_some(()).ok_or(ScenarioError::PerDay)
    }
}

/// Why a scenario cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenarioError {
    /// A share of this is not from 0 to 1.
    Share(&'static str),
    /// Decisions a day are negative, or too many.
    PerDay,
    /// There are no days, or too many.
    Days,
    /// There is no class with a share, or there are too many.
    Classes,
    /// A shock is outside the horizon, of no class, or too large.
    Shock,
    /// More alerts than the simulation takes.
    TooMany,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(what) => write!(f, "the share of {what} must be from 0 to 1"),
            Self::PerDay => write!(f, "decisions a day must be from 0 to {PER_DAY_MAX}"),
            Self::Days => write!(f, "the horizon must have from 1 to {DAYS_MAX} working days"),
            Self::Classes => {
                write!(f, "name from 1 to {CLASSES_MAX} classes, at least one of them with a share")
            }
            Self::Shock => write!(
                f,
                "a shock must fall into a period of the horizon, be of a class and have at most {ALERTS_MAX} alerts"
            ),
            Self::TooMany => {
                write!(f, "more than {ALERTS_MAX} alerts would have to be simulated; take a shorter horizon")
            }
        }
    }
}

impl std::error::Error for ScenarioError {}
