//! Options of `forecast`, and what they mean: a scenario.

use std::path::PathBuf;

use clap::ValueEnum;
use lookback::forecast::{Class, FourEyes, Reopening, Scenario, Shock, Team};
use lookback::review::PeriodLength;

/// Options of `forecast`.
#[derive(Debug, clap::Args)]
pub(crate) struct ForecastOptions {
    /// How many people decide first
    #[arg(long, value_name = "N")]
    pub(crate) reviewers: u32,
    /// How many decisions each makes on a working day
    #[arg(long, value_name = "M")]
    pub(crate) per_day: f64,
    /// How many periods ahead
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) horizon: u32,
    /// What was counted so far [default: the reviews of the store, by --period]
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// How long the history's periods are: working days have to be told
    #[arg(long, value_enum, default_value_t = PeriodName::Month, value_name = "PERIOD")]
    pub(crate) period: PeriodName,
    /// Within how many working days an alert is to be closed
    #[arg(long, default_value_t = 20, value_name = "DAYS")]
    pub(crate) deadline: u32,
    /// A class of alerts: its share of all and its deadline in working days; more than one, the most urgent first [default: one class]
    #[arg(long, value_name = "NAME:SHARE:DAYS", value_parser = class, conflicts_with = "deadline")]
    pub(crate) class: Vec<Class>,
    /// So many alerts more, of the most urgent class, on the first day of a period to come; may be given more than once
    #[arg(long, value_name = "PERIOD:ALERTS", value_parser = shock)]
    pub(crate) shock: Vec<Shock>,
    /// The share of closed alerts that open again
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) reopened: f64,
    /// After how many working days they do, on average
    #[arg(long, default_value_t = 20, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=25_000))]
    pub(crate) reopened_after: u32,
    /// How many people confirm decisions that need four eyes, as many a day as a reviewer decides [default: no such step]
    #[arg(long, value_name = "N")]
    pub(crate) approvers: Option<u32>,
    /// The share of decisions that they have to confirm
    #[arg(long, default_value_t = 1.0, value_name = "SHARE", requires = "approvers")]
    pub(crate) confirmed: f64,
    /// The same seed gives the same runs
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Write a chart there: a new file
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

impl ForecastOptions {
    pub(crate) fn scenario(&self) -> Scenario {
        let team = |people| Team { people, per_day: self.per_day };
        let office = Scenario::of(team(self.reviewers), self.period.working_days(), self.deadline);
        Scenario {
            classes: if self.class.is_empty() { office.classes } else { self.class.clone() },
            shocks: self.shock.clone(),
            reopening: Reopening { share: self.reopened, mean_days: self.reopened_after },
            four_eyes: self
                .approvers
                .map(|people| FourEyes { share: self.confirmed, reviewers: team(people) }),
            ..office
        }
    }
}

/// Lengths of periods as options.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PeriodName {
    /// 5 working days
    Week,
    /// 21 working days
    Month,
    /// 63 working days
    Quarter,
}

impl From<PeriodName> for PeriodLength {
    fn from(name: PeriodName) -> Self {
        match name {
            PeriodName::Week => Self::Week,
            PeriodName::Month => Self::Month,
            PeriodName::Quarter => Self::Quarter,
        }
    }
}

impl PeriodName {
    fn working_days(self) -> u32 {
        match self {
            Self::Week => 5,
            Self::Month => 21,
            Self::Quarter => 63,
        }
    }
}

fn shock(text: &str) -> Result<Shock, String> {
    let told = || "say which period to come, from 1, and how many: 2:400".to_owned();
    let (period, alerts) = text.split_once(':').ok_or_else(told)?;
    let period = period.parse().map_err(|_| told())?;
    Ok(Shock { period, alerts: alerts.parse().map_err(|_| told())?, class: 0 })
}

fn class(text: &str) -> Result<Class, String> {
    let told = || "say a name, a share and working days: urgent:0.2:3".to_owned();
    let (rest, days) = text.rsplit_once(':').ok_or_else(told)?;
    let (name, share) = rest.rsplit_once(':').ok_or_else(told)?;
    let share = share.parse().map_err(|_| told())?;
    Ok(Class { name: name.to_owned(), share, deadline_days: days.parse().map_err(|_| told())? })
}
