//! How long the queue will be, and how long it will take.
//!
//! In: what was counted period by period, a scenario, a horizon, a seed. Out: the stock of each period to come with its bands, twice: as
//! things went, from the history alone; and under the scenario, from a simulation. Beside it clearance time, the share past its deadline, the
//! adjustment, and how wrong the same rule was in the past. Always holds: the same inputs give the same forecast, to the byte; a stock
//! is never negative; capacity changes order and time, never which alerts there are. Nothing here sees an alert. docs/forecast.md is the method.

mod history;
pub use history::{History, HistoryError, Observed, Period};

mod scenario;
pub use scenario::{Class, FourEyes, Reopening, Scenario, ScenarioError, Shock, Team};

mod course;
pub use course::{Flows, Rule, WINDOW};

mod errors;
pub use errors::{Band, PastErrors, Trial, trials};

mod draw;
mod simulation;

mod summary;
pub use summary::{ClassDeadline, Queue, QueuePeriod, Range};

mod picture;

use serde::Serialize;

use errors::Errors;

/// The rule that the forecast follows.
const RULE: Rule = Rule::RecentMean;

/// What is to be expected.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Forecast {
    /// The last period that is known.
    pub origin: String,
    /// How many wait at its end.
    pub stock: u64,
    /// What receipts and completions did not explain.
    pub adjustment: Adjustment,
    /// How the stock goes on if everything goes on as it went.
    pub as_before: Vec<CoursePeriod>,
    /// How the queue goes under the scenario.
    pub scenario: Queue,
    /// How wrong the rule of `as_before` was at this history's own past origins.
    pub past_errors: Vec<PastErrors>,
}

/// What receipts and completions did not explain.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastAdjustment)]
pub struct Adjustment {
    /// What is expected of it in a period: its mean over the last periods.
    pub expected: f64,
    /// What it was in the last periods, oldest first.
    pub recent: Vec<(String, i64)>,
    /// Its mean size, as a share of the stock, over the whole history.
    pub mean_share_of_stock: f64,
}

/// A period to come, as things went.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastCoursePeriod)]
pub struct CoursePeriod {
    /// How many periods ahead.
    pub ahead: usize,
    /// What flows in and out.
    #[serde(flatten)]
    pub flows: Flows,
    /// The stock at its end.
    pub stock: f64,
    /// In which the stock is to be in 50 of 100 cases, if errors stay what they were. No band with too few past errors.
    pub band_50: Option<Band>,
    /// In 80 of 100.
    pub band_80: Option<Band>,
    /// In 95 of 100.
    pub band_95: Option<Band>,
}

/// The forecast of a history under a scenario, so many periods ahead.
pub fn forecast(
    history: &History,
    scenario: &Scenario,
    horizon: u32,
    seed: u64,
) -> Result<Forecast, ScenarioError> {
    scenario.check(horizon)?;
    let known = history.periods();
    let last = known.last().expect("a history has a period");
    let ahead = 1..=horizon as usize;
    Ok(Forecast {
        origin: last.label.clone(),
        stock: last.stock,
        adjustment: adjustment(known),
        as_before: course(known, ahead.clone()),
        scenario: summary::simulated(known, scenario, horizon, seed)?,
        past_errors: ahead.map(|ahead| PastErrors::of(ahead, &trials(known, RULE, ahead))).collect(),
    })
}

/// How the stock of a history goes on if everything goes on as it went, so many periods ahead.
pub fn as_before(history: &History, horizon: u32) -> Vec<CoursePeriod> {
    course(history.periods(), 1..=horizon as usize)
}

fn adjustment(known: &[Observed]) -> Adjustment {
    // The first period explains itself: nothing is known before it.
    let changed = known.get(1..).unwrap_or_default();
    let recent = &changed[changed.len().saturating_sub(WINDOW)..];
    let share = |period: &Observed| period.adjustment.unsigned_abs() as f64 / (period.stock as f64).max(1.0);
    Adjustment {
        expected: Flows::recent(known).adjustment,
        recent: recent.iter().map(|period| (period.label.clone(), period.adjustment)).collect(),
        mean_share_of_stock: changed.iter().map(share).sum::<f64>() / changed.len().max(1) as f64,
    }
}

fn course(known: &[Observed], ahead: impl Iterator<Item = usize>) -> Vec<CoursePeriod> {
    let last = known.last().map_or(0.0, |period| period.stock as f64);
    let flows = Flows::recent(known);
    let periods = ahead.scan(last, |stock, ahead| {
        let (flows, next) = flows.through(*stock);
        *stock = next;
        let errors = Errors::known(known, RULE, ahead);
        let band = |level| errors.band(next, level);
        let (band_50, band_80, band_95) = (band(50), band(80), band(95));
        Some(CoursePeriod { ahead, flows, stock: next, band_50, band_80, band_95 })
    });
    periods.collect()
}

/// By which factor receipts came out, one, two, … periods after each past origin, as against their recent mean then.
fn receipt_errors(known: &[Observed], horizon: usize) -> Vec<Vec<f64>> {
    let after = |origin: usize| {
        // One more on both sides: nothing came is no more than a factor either.
        let mean = Flows::recent(&known[..=origin]).receipts + 1.0;
        let later = known[origin + 1..].iter().take(horizon);
        later.map(|period| (period.receipts as f64 + 1.0) / mean).collect()
    };
    (WINDOW..known.len().saturating_sub(1)).map(after).collect()
}
