//! How the stock goes on when everything goes on as it went. In: the periods known, and nothing after them. Out: the stock some periods
//! ahead, by the rule that is used and by others to hold it against. Always holds: no stock is negative.

use serde::Serialize;

use super::Observed;

/// Four periods: a year of quarters, so that its seasons cancel; about a month of weeks. Not fitted to anything.
pub const WINDOW: usize = 4;

/// A rule that says how a stock goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ForecastRule)]
pub enum Rule {
    /// The one that is used: receipts, completions and adjustment stay what they were on average in the last [`WINDOW`] periods.
    RecentMean,
    /// The stock stays what it is.
    Persistence,
    /// The stock changes by what it changed by on average since the first period.
    Drift,
    /// The stock changes as in the last [`WINDOW`] periods, one after the other.
    Seasonal,
    /// Receipts stay; completions are the share of the stock that they were on average in the last [`WINDOW`] periods.
    ShareOfStock,
    /// As the one that is used, with the mean change fading by a tenth each period.
    Damped,
}

impl Rule {
    /// All of them: the one that is used first, then those that it is held against.
    pub const ALL: [Self; 6] =
        [Self::RecentMean, Self::Persistence, Self::Drift, Self::Seasonal, Self::ShareOfStock, Self::Damped];

    /// The stock `ahead` periods after the last of those known. `None` where too little is known.
    pub fn stock(self, known: &[Observed], ahead: usize) -> Option<f64> {
        // The change of a period is known from the second period on.
        let recent =
            known.len().checked_sub(WINDOW).filter(|first| *first > 0).map(|first| &known[first..])?;
        let before = &known[known.len() - WINDOW - 1..];
        let (last, steps) = (known.last()?.stock as f64, ahead as f64);
        let change = Flows::of(recent).change();
        let stock = match self {
            Self::RecentMean => last + steps * change,
            Self::Persistence => last,
            Self::Drift => last + steps * (last - known[0].stock as f64) / (known.len() - 1) as f64,
            Self::Seasonal => last + (0..ahead).map(|step| recent[step % WINDOW].change()).sum::<f64>(),
            Self::ShareOfStock => share_of_stock(before, recent, ahead),
            Self::Damped => last + change * (1..=ahead).map(|step| FADING.powf(step as f64)).sum::<f64>(),
        };
        Some(stock.max(0.0))
    }
}

/// What is left of a change after each further period: a usual damping, not fitted to anything.
const FADING: f64 = 0.9;

fn share_of_stock(before: &[Observed], recent: &[Observed], ahead: usize) -> f64 {
    let share = |(before, period): (&Observed, &Observed)| {
        (period.completions as f64 - period.adjustment as f64) / (before.stock as f64).max(1.0)
    };
    let leaving = before.iter().zip(recent).map(share).sum::<f64>() / recent.len() as f64;
    let receipts = Flows::of(recent).receipts;
    let last = before.last().map_or(0.0, |period| period.stock as f64);
    (0..ahead).fold(last, |stock, _| stock + receipts - leaving * stock)
}

impl Observed {
    /// By how much the stock changed.
    fn change(&self) -> f64 {
        self.receipts as f64 - self.completions as f64 + self.adjustment as f64
    }
}

/// What flows in and out in one period, on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ForecastFlows)]
pub struct Flows {
    /// How many come.
    pub receipts: f64,
    /// How many are decided.
    pub completions: f64,
    /// What these two do not explain.
    pub adjustment: f64,
}

impl Flows {
    /// The means of some periods; zero of none.
    pub(super) fn of(periods: &[Observed]) -> Self {
        let mean = |count: fn(&Observed) -> f64| {
            periods.iter().map(count).sum::<f64>() / periods.len().max(1) as f64
        };
        Self {
            receipts: mean(|period| period.receipts as f64),
            completions: mean(|period| period.completions as f64),
            adjustment: mean(|period| period.adjustment as f64),
        }
    }

    /// The means of the last [`WINDOW`] periods whose change is known; of the only period where there is no other.
    pub(super) fn recent(known: &[Observed]) -> Self {
        let changed = known.get(1..).filter(|changed| !changed.is_empty()).unwrap_or(known);
        Self::of(&changed[changed.len().saturating_sub(WINDOW)..])
    }

    fn change(self) -> f64 {
        self.receipts - self.completions + self.adjustment
    }

    /// What flows in a period that begins with a stock: as always, except that nobody leaves who is not there. And the stock at its end.
    pub(super) fn through(self, stock: f64) -> (Self, f64) {
        let adjustment = self.adjustment.max(-(stock + self.receipts));
        let there = stock + self.receipts + adjustment;
        let completions = self.completions.min(there);
        (Self { completions, adjustment, ..self }, there - completions)
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::tests::history;
    use super::*;

    #[test]
    fn the_rules_are_what_they_say() {
        let known = history(&[
            (0, 0, Some(100)),
            (10, 0, None),
            (20, 10, None),
            (10, 30, None),
            (30, 10, None),
            (40, 0, Some(165)),
        ]);
        let stock = |rule: Rule, ahead| rule.stock(known.periods(), ahead).unwrap();
        let close = |left: f64, right: f64| (left - right).abs() < 1e-9;
        // The changes are 10, 10, -20, 20, 45 (of which 5 adjusted).
        assert!(close(stock(Rule::RecentMean, 1), 165.0 + 13.75), "{}", stock(Rule::RecentMean, 1));
        assert!(close(stock(Rule::RecentMean, 8), 165.0 + 110.0));
        assert!(close(stock(Rule::Persistence, 8), 165.0));
        assert!(close(stock(Rule::Drift, 2), 165.0 + 26.0));
        assert!(close(stock(Rule::Seasonal, 2), 165.0 - 10.0));
        assert!(close(stock(Rule::Seasonal, 4), stock(Rule::RecentMean, 4)));
        assert!(close(stock(Rule::Damped, 2), 165.0 + 13.75 * (0.9 + 0.81)));
        assert!(stock(Rule::ShareOfStock, 1) < 165.0 + 25.0);
        for rule in Rule::ALL {
            assert!(rule.stock(&known.periods()[..WINDOW], 1).is_none());
        }
    }

    #[test]
    fn nobody_leaves_who_is_not_there() {
        let flows = Flows { receipts: 5.0, completions: 20.0, adjustment: -3.0 };
        let (flowing, stock) = flows.through(10.0);
        assert_eq!((flowing.completions.round(), stock.round()), (12.0, 0.0));
        let (flowing, stock) = Flows { adjustment: -50.0, ..flows }.through(10.0);
        assert_eq!(
            (flowing.adjustment.round(), flowing.completions.round(), stock.round()),
            (-15.0, 0.0, 0.0)
        );
    }
}
