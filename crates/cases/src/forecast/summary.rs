//! What many runs of the simulation come to. In: the history, a scenario, a seed. Out: medians and ranges over the runs. Always holds:
//! every run of every scenario meets the receipts and the luck that its number and the seed say.

use serde::Serialize;

use super::draw::{Draws, What};
use super::scenario::ALERTS_MAX;
use super::simulation::{self, Coming, Due, Run, Tally};
use super::{Flows, Observed, Scenario, ScenarioError, receipt_errors};

/// Enough for a 95 % range: five runs lie beyond each of its ends.
const RUNS: u64 = 200;

/// How the queue goes under a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastQueue)]
pub struct Queue {
    /// The periods to come.
    pub periods: Vec<QueuePeriod>,
    /// Working days from coming to being closed for good, the median over all that come and all runs; `None` where that is beyond the horizon.
    pub clearance_days: Option<u32>,
    /// Working days until as many are closed for good as wait now, the median over the runs; `None` where that is beyond the horizon.
    pub start_cleared_days: Option<u32>,
    /// The share past its deadline, of those whose deadline falls within the horizon; `None` where there are none.
    pub past_deadline: Option<f64>,
    /// The same, class by class.
    pub classes: Vec<ClassDeadline>,
    /// How many runs.
    pub runs: u64,
}

/// A period to come, under a scenario: medians over the runs.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastQueuePeriod)]
pub struct QueuePeriod {
    /// How many periods ahead.
    pub ahead: usize,
    /// How many come, with those that are withdrawn before anybody decides.
    pub opened: u64,
    /// How many open again.
    pub reopened: u64,
    /// How many are closed.
    pub closed: u64,
    /// How many are withdrawn before anybody decides.
    pub withdrawn: u64,
    /// How many wait at its end.
    pub open: u64,
    /// Between which numbers 50 of 100 runs leave the queue.
    pub range_50: Range,
    /// 80 of 100.
    pub range_80: Range,
    /// 95 of 100.
    pub range_95: Range,
}

/// From where to where, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastRange)]
pub struct Range {
    /// The lower end.
    pub low: u64,
    /// The upper end.
    pub high: u64,
}

/// How a class keeps its deadline.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastClassDeadline)]
pub struct ClassDeadline {
    /// What the class is called.
    pub class: String,
    /// Its deadline in working days.
    pub deadline_days: u32,
    /// The share past it.
    pub past_deadline: Option<f64>,
}

pub(super) fn simulated(
    known: &[Observed],
    scenario: &Scenario,
    horizon: u32,
    seed: u64,
) -> Result<Queue, ScenarioError> {
    let stock = known.last().map_or(0, |period| period.stock);
    let paths = receipt_errors(known, horizon as usize);
    let mut runs = Vec::new();
    for number in 0..RUNS {
        let draws = Draws::new(seed, number);
        let coming = coming(known, &paths, horizon as usize, draws);
        let shocks = scenario.shocks.iter().map(|shock| shock.alerts);
        let alerts =
            coming.iter().map(|coming| coming.openings).chain(shocks).fold(stock, u64::saturating_add);
        if alerts > ALERTS_MAX {
            return Err(ScenarioError::TooMany);
        }
        runs.push(simulation::run(scenario, stock, &coming, draws));
    }
    Ok(summed_up(scenario, &runs))
}

/// What comes in a run: the recent mean, off by as much as it was after one past origin. A positive adjustment comes too; a negative
/// one is withdrawn.
#[expect(clippy::cast_sign_loss, reason = "neither receipts nor their factor are negative")]
fn coming(known: &[Observed], paths: &[Vec<f64>], horizon: usize, draws: Draws) -> Vec<Coming> {
    let Flows { receipts, adjustment, .. } = Flows::recent(known);
    let path = match paths.len() {
        0 => &[][..],
        many => &paths[draws.below(What::Origin, 0, many as u64) as usize],
    };
    let withdrawn_share = if receipts > 0.0 { (-adjustment / receipts).clamp(0.0, 1.0) } else { 0.0 };
    let period = |step: usize| {
        // After the last error that is known of an origin, it stays.
        let factor = path.get(step).or(path.last()).copied().unwrap_or(1.0);
        let openings = receipts * factor + adjustment.max(0.0);
        Coming { openings: openings.round() as u64, withdrawn_share }
    };
    (0..horizon).map(period).collect()
}

fn summed_up(scenario: &Scenario, runs: &[Run]) -> Queue {
    let clearance = Days::of(runs.iter().flat_map(Run::clearance));
    let cleared = Days::of(runs.iter().map(Run::start_cleared));
    let due = |class: usize| sum(runs.iter().map(|run| run.due[class]));
    let classes = scenario.classes.iter().enumerate().map(|(place, class)| ClassDeadline {
        class: class.name.clone(),
        deadline_days: class.deadline_days,
        past_deadline: due(place).share(),
    });
    let periods = runs.first().map_or(0, |run| run.periods.len());
    Queue {
        periods: (0..periods).map(|period| queue_period(period, runs)).collect(),
        clearance_days: clearance.median(),
        start_cleared_days: cleared.median(),
        past_deadline: sum((0..scenario.classes.len()).map(due)).share(),
        classes: classes.collect(),
        runs: runs.len() as u64,
    }
}

fn sum(parts: impl Iterator<Item = Due>) -> Due {
    parts.fold(Due::default(), |sum, due| Due { all: sum.all + due.all, late: sum.late + due.late })
}

impl Due {
    fn share(self) -> Option<f64> {
        (self.all > 0).then(|| self.late as f64 / self.all as f64)
    }
}

/// How often each number of days was counted, and how often more than the horizon has.
#[derive(Debug, Default)]
struct Days {
    counts: Vec<u64>,
    beyond: u64,
}

impl Days {
    fn of(all: impl Iterator<Item = Option<u32>>) -> Self {
        let mut days = Self::default();
        for day in all {
            let Some(day) = day else {
                days.beyond += 1;
                continue;
            };
            let needed = days.counts.len().max(day as usize + 1);
            days.counts.resize(needed, 0);
            days.counts[day as usize] += 1;
        }
        days
    }

    /// The upper median; `None` where it is beyond the horizon, or where nothing was counted.
    fn median(&self) -> Option<u32> {
        let all = self.counts.iter().sum::<u64>() + self.beyond;
        let until = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        until.zip(0..).find(|(until, _)| 2 * *until > all).map(|(_, day)| day)
    }
}

fn queue_period(period: usize, runs: &[Run]) -> QueuePeriod {
    let sorted = |count: fn(Tally) -> u64| {
        let mut counts: Vec<u64> = runs.iter().map(|run| count(within(period, run))).collect();
        counts.sort_unstable();
        counts
    };
    let median = |count| rank(&sorted(count), 500);
    let open = sorted(|tally| tally.open);
    let range = |thousandths: usize| Range {
        low: rank(&open, (1_000 - thousandths) / 2),
        high: rank(&open, 1_000 - (1_000 - thousandths) / 2),
    };
    QueuePeriod {
        ahead: period + 1,
        opened: median(|tally| tally.opened),
        reopened: median(|tally| tally.reopened),
        closed: median(|tally| tally.closed),
        withdrawn: median(|tally| tally.withdrawn),
        open: rank(&open, 500),
        range_50: range(500),
        range_80: range(800),
        range_95: range(950),
    }
}

/// What happened in a period alone; `open` is what it is at its end.
fn within(period: usize, run: &Run) -> Tally {
    let until = run.periods[period];
    let before = period.checked_sub(1).map_or_else(Tally::default, |before| run.periods[before]);
    Tally {
        opened: until.opened - before.opened,
        reopened: until.reopened - before.reopened,
        closed: until.closed - before.closed,
        withdrawn: until.withdrawn - before.withdrawn,
        open: until.open,
    }
}

/// The nearest rank: the least that so many of a thousand do not exceed.
fn rank(sorted: &[u64], thousandths: usize) -> u64 {
    let place = (sorted.len() * thousandths).div_ceil(1_000).saturating_sub(1);
    sorted.get(place).copied().unwrap_or(0)
}
