//! How wrong a rule was: its own past errors over rolling origins, and the bands that follow from them (split-conformal).
//!
//! In: a history, a rule, how far ahead. Out: forecasts made at every past origin with what came true, and bands. Always holds: what is
//! said at an origin follows from the periods up to it alone, the errors of its band among them; a wider level's band contains a
//! narrower one's.

use serde::Serialize;

use super::{Flows, Observed, Rule};

/// A band says nothing with fewer errors behind it than these.
const ERRORS_MIN: usize = 10;

/// From where to where.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastBand)]
pub struct Band {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What was forecast at a past origin, and what came true.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// The last period that was known.
    pub origin: String,
    /// The period that was forecast.
    pub target: String,
    /// The stock that was forecast.
    pub forecast: f64,
    /// The stock that came true.
    pub actual: f64,
    /// The 80 % band around the forecast, where enough errors were known at the origin.
    pub band: Option<Band>,
}

impl Trial {
    /// The error as a share of what came true; `None` where nothing was left.
    pub fn error_share(&self) -> Option<f64> {
        (self.actual > 0.0).then(|| (self.forecast - self.actual).abs() / self.actual)
    }

    /// Whether the band, if there is one, contains what came true.
    pub fn is_covered(&self) -> Option<bool> {
        self.band.map(|band| band.low <= self.actual && self.actual <= band.high)
    }
}

/// Every past origin at which the rule could speak, as it would have spoken then.
pub fn trials(history: &[Observed], rule: Rule, ahead: usize) -> Vec<Trial> {
    let trial = |origin: usize| {
        // Invariant(NO-LOOK-AHEAD): whoever speaks at an origin is given what was known there and nothing else.
        let known = &history[..=origin];
        let forecast = rule.stock(known, ahead)?;
        let target = history.get(origin + ahead)?;
        Some(Trial {
            origin: history[origin].label.clone(),
            target: target.label.clone(),
            forecast,
            actual: target.stock as f64,
            band: Errors::known(known, rule, ahead).band(forecast, 80),
        })
    };
    (0..history.len()).filter_map(trial).collect()
}

/// The sizes of a rule's errors so far, on a scale of ratios, smallest first; and the scale of the origin that they are used at.
#[derive(Debug, Clone)]
pub(super) struct Errors {
    sizes: Vec<f64>,
    scale: Scale,
}

impl Errors {
    /// Those that were known when the last of the periods had ended.
    pub(super) fn known(known: &[Observed], rule: Rule, ahead: usize) -> Self {
        let size = |origin: usize| {
            let (then, target) = (&known[..=origin], known.get(origin + ahead)?);
            Some(Scale::at(then).distance(target.stock as f64, rule.stock(then, ahead)?).abs())
        };
        let mut sizes: Vec<f64> = (0..known.len()).filter_map(size).collect();
        sizes.sort_by(f64::total_cmp);
        Self { sizes, scale: Scale::at(known) }
    }

    /// The band around a forecast that contains what comes true in so many cases of a hundred, if errors stay what they were: of n
    /// errors the one of rank ⌈level · (n + 1)⌉. `None` with too few errors to say so.
    pub(super) fn band(&self, forecast: f64, level: usize) -> Option<Band> {
        let rank = (level * (self.sizes.len() + 1)).div_ceil(100);
        let size = *self.sizes.get(rank.checked_sub(1)?).filter(|_| self.sizes.len() >= ERRORS_MIN)?;
        let at = |distance| self.scale.at_distance(forecast, distance);
        Some(Band { low: at(-size).max(0.0), high: at(size) })
    }
}

/// A scale of ratios on which an empty queue has its place: a queue is seen with a little more in it than there is.
#[derive(Debug, Clone, Copy)]
struct Scale(f64);

/// A tenth of a period's receipts, some days' work: without it a queue that was once nearly empty was once wrong by any factor, and its
/// bands would be as wide. A queue of months hardly feels it.
const MORE: f64 = 0.1;

impl Scale {
    /// The scale at an origin.
    fn at(known: &[Observed]) -> Self {
        Self((MORE * Flows::recent(known).receipts).max(1.0))
    }

    /// How far a count is above another.
    fn distance(self, actual: f64, forecast: f64) -> f64 {
        ((actual + self.0) / (forecast + self.0)).ln()
    }

    /// The count that is so far above another.
    fn at_distance(self, forecast: f64, distance: f64) -> f64 {
        forecast + (forecast + self.0) * distance.exp_m1()
    }
}

/// What trials come to.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastPastErrors)]
pub struct PastErrors {
    /// How many periods ahead.
    pub ahead: usize,
    /// Past origins.
    pub origins: usize,
    /// The mean of the errors as shares of what came true.
    pub mean_error_share: Option<f64>,
    /// Origins with an 80 % band.
    pub banded: usize,
    /// Of these, how many times the band contained what came true.
    pub covered: usize,
}

impl PastErrors {
    /// Sums up trials of one distance.
    pub fn of(ahead: usize, trials: &[Trial]) -> Self {
        let shares: Vec<f64> = trials.iter().filter_map(Trial::error_share).collect();
        let banded = trials.iter().filter_map(Trial::is_covered);
        Self {
            ahead,
            origins: trials.len(),
            mean_error_share: (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64),
            banded: banded.clone().count(),
            covered: banded.filter(|covered| *covered).count(),
        }
    }

    /// The share of the bands that contained what came true, and Wilson's 95 % interval of it.
    pub fn coverage(&self) -> Option<(f64, Band)> {
        (self.banded > 0)
            .then(|| (self.covered as f64 / self.banded as f64, wilson(self.covered, self.banded)))
    }
}

/// Wilson's 95 % interval of a share.
fn wilson(hits: usize, of: usize) -> Band {
    let (n, z) = (of as f64, 1.959_964);
    let (share, square) = (hits as f64 / n, z * z);
    let centre = share + square / (2.0 * n);
    let reach = z * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    let scale = 1.0 + square / n;
    Band { low: (centre - reach) / scale, high: (centre + reach) / scale }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::history::tests::history;
    use super::*;

    fn rows() -> impl Strategy<Value = Vec<(u64, u64, Option<u64>)>> {
        let row = (0..500u64, 0..500u64, proptest::option::of(0..2_000u64));
        proptest::collection::vec(row, 12..48).prop_map(|mut rows| {
            rows[0].2.get_or_insert(700);
            rows
        })
    }

    proptest! {
        #[test]
        fn what_is_said_at_an_origin_does_not_hang_on_what_came_later(
            rows in rows(), other in 0..2_000u64, at in 6..11usize, ahead in 1..6usize,
        ) {
            let before = history(&rows);
            let mut changed = rows;
            for row in &mut changed[at..] {
                *row = (other, other / 3, Some(other));
            }
            let after = history(&changed);
            for rule in Rule::ALL {
                let said = |history: &super::super::History| {
                    let trials = trials(history.periods(), rule, ahead).into_iter();
                    let until = history.periods()[..at].iter().map(|period| period.label.clone()).collect::<Vec<_>>();
                    trials.filter(|trial| until.contains(&trial.origin)).map(|t| (t.forecast, t.band)).collect::<Vec<_>>()
                };
                prop_assert_eq!(said(&before), said(&after));
            }
        }

        #[test]
        fn bands_are_nested_and_contain_the_forecast(rows in rows(), forecast in 0.0..5_000.0f64, ahead in 1..6usize) {
            let errors = Errors::known(history(&rows).periods(), Rule::RecentMean, ahead);
            let bands: Vec<Band> = [50, 80, 95].into_iter().filter_map(|level| errors.band(forecast, level)).collect();
            for band in &bands {
                prop_assert!(0.0 <= band.low && band.low <= forecast + 1e-9 && forecast <= band.high + 1e-9);
            }
            for pair in bands.windows(2) {
                let (inner, outer) = (pair[0], pair[1]);
                prop_assert!(outer.low <= inner.low && inner.high <= outer.high);
            }
        }
    }

    #[test]
    fn a_band_needs_errors_enough_for_its_level() {
        let errors = |count: u32| Errors { sizes: (1..=count).map(f64::from).collect(), scale: Scale(1.0) };
        assert!(errors(9).band(5.0, 50).is_none());
        assert!(errors(10).band(5.0, 80).is_some() && errors(10).band(5.0, 95).is_none());
        assert!(errors(18).band(5.0, 95).is_none() && errors(19).band(5.0, 95).is_some());
        // Rank ⌈0.8 · 11⌉ = 9 of ten.
        let high = errors(10).band(1.0, 80).unwrap().high;
        assert!((high - (2.0 * 9f64.exp() - 1.0)).abs() < 1e-6);
    }

    #[test]
    fn the_interval_of_a_share_is_wilson_s() {
        // 32 of 40: 0.652 to 0.895 in any table.
        let band = wilson(32, 40);
        assert!((band.low - 0.6524).abs() < 1e-3 && (band.high - 0.8950).abs() < 1e-3, "{band:?}");
    }
}
