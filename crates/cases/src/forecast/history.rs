//! What was counted, period by period. In: receipts, completions and, where it is stated, the stock. Out: a history in which every stock
//! follows from the one before. Always holds: stock = stock before + receipts − completions + adjustment, to the alert, in every period
//! but the first, whose stock is where counting starts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What was counted of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = HistoryPeriod)]
pub struct Period {
    /// What the period is called: `2031-Q2`, `2031-06`.
    pub label: String,
    /// How many came.
    pub receipts: u64,
    /// How many were decided.
    pub completions: u64,
    /// How many waited at its end, where that is stated.
    pub stock: Option<u64>,
}

/// A period as it stands in a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = HistoryObserved)]
pub struct Observed {
    /// What the period is called.
    pub label: String,
    /// How many came.
    pub receipts: u64,
    /// How many were decided.
    pub completions: u64,
    /// How many waited at its end.
    pub stock: u64,
    /// What receipts and completions do not explain of the change in stock: withdrawals, re-openings, corrections, counting by other
    /// rules. Zero in the first period, and where the stock is carried on instead of stated.
    pub adjustment: i64,
}

/// Periods one after the other, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct History(Vec<Observed>);

/// More than any office has, and few enough to count with in 64 bits.
const COUNT_MAX: u64 = 1_000_000_000_000;

impl History {
    /// Brings periods into a history. Where no stock is stated it is carried on; the first period must state it.
    pub fn new(periods: impl IntoIterator<Item = Period>) -> Result<Self, HistoryError> {
        let mut observed: Vec<Observed> = Vec::new();
        for period in periods {
            let counts = [Some(period.receipts), Some(period.completions), period.stock];
            if counts.into_iter().flatten().any(|count| count > COUNT_MAX) {
                return Err(HistoryError::TooLarge(period.label));
            }
            observed.push(following(observed.last(), period)?);
        }
        if observed.is_empty() {
            return Err(HistoryError::Empty);
        }
        Ok(Self(observed))
    }

    /// The periods, oldest first.
    pub fn periods(&self) -> &[Observed] {
        &self.0
    }
}

fn following(before: Option<&Observed>, period: Period) -> Result<Observed, HistoryError> {
    let Period { label, receipts, completions, stock } = period;
    let signed = |count: u64| i64::try_from(count).expect("counts are bounded by COUNT_MAX");
    let Some(before) = before else {
        let stock = stock.ok_or_else(|| HistoryError::NoStock(label.clone()))?;
        return Ok(Observed { label, receipts, completions, stock, adjustment: 0 });
    };
    let explained = signed(before.stock) + signed(receipts) - signed(completions);
    // Nobody waits less than nobody: what a carried stock would lack is an adjustment, and shows as one.
    let carried = u64::try_from(explained.max(0)).expect("it is not negative");
    let stock = stock.unwrap_or(carried);
    if stock > COUNT_MAX {
        return Err(HistoryError::TooLarge(label));
    }
    Ok(Observed { label, receipts, completions, stock, adjustment: signed(stock) - explained })
}

/// Why periods make no history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryError {
    /// There are none.
    Empty,
    /// The first period, which is called so, states no stock.
    NoStock(String),
    /// A count of the period that is called so is larger than any office has.
    TooLarge(String),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the history has no period"),
            Self::NoStock(label) => {
                write!(f, "the first period, {label}, must state how many waited at its end")
            }
            Self::TooLarge(label) => write!(f, "a count of period {label} is above {COUNT_MAX}"),
        }
    }
}

impl std::error::Error for HistoryError {}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A history of invented counts; the completions follow from the stocks unless an adjustment is given.
    pub(in crate::forecast) fn history(rows: &[(u64, u64, Option<u64>)]) -> History {
        let period = |(n, &(receipts, completions, stock)): (usize, &(u64, u64, Option<u64>))| Period {
            label: format!("p{n}"),
            receipts,
            completions,
            stock,
        };
        History::new(rows.iter().enumerate().map(period)).unwrap()
    }

    #[test]
    fn what_receipts_and_completions_do_not_explain_is_the_adjustment() {
        let history = history(&[(5, 5, Some(100)), (10, 4, Some(103)), (10, 4, None), (0, 200, None)]);
        let told: Vec<_> = history.periods().iter().map(|p| (p.stock, p.adjustment)).collect();
        assert_eq!(told, [(100, 0), (103, -3), (109, 0), (0, 91)]);
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let period = |stock, receipts| Period { label: "p".into(), receipts, completions: 0, stock };
        assert_eq!(History::new([]), Err(HistoryError::Empty));
        assert_eq!(History::new([period(None, 1)]), Err(HistoryError::NoStock("p".into())));
        assert_eq!(History::new([period(Some(1), u64::MAX)]), Err(HistoryError::TooLarge("p".into())));
    }
}
