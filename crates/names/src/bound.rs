//! Bounds: what a score can at most be, from less than a score needs.
//!
//! `required_weight` says how much of a query must find a counterpart before a name can reach a threshold, so that an index
//! need not look for all of it. `upper_bound` takes the similarities of units and no alignment. Neither ever rules out a name
//! whose score reaches the threshold.

use crate::INITIAL_WEIGHT;
use crate::align::spent;
use crate::name::UnitShape;
use crate::{calibration, raw};
use smallvec::SmallVec;

/// The least weight of query tokens with a counterpart in a name that scores at least `threshold` (millionths). A query token whose
/// counterpart is an initial spends at most [`INITIAL_WEIGHT`].
pub fn required_weight(query_weight: u32, threshold: u32) -> u32 {
    raw::required(query_weight, calibration::least_raw(threshold))
}

/// At least the score of any two names with these units, in millionths, where `similarity(i, j)` is at least the similarity (thousandths,
/// 0 for unrelated) of query unit `i` and document unit `j`.
///
/// The lists must hold every single token of their name. The closure is not asked for two joins, which never pair, nor for
/// initials, which are allowed the most that they could bring. The cost is one step for each pair of units.
pub fn upper_bound(
    query: &[UnitShape],
    query_weight: u32,
    document: &[UnitShape],
    document_weight: u32,
    similarity: impl Fn(usize, usize) -> u16,
) -> u32 {
    if query_weight == 0 || document_weight == 0 {
        return 0;
    }
    let (mut best_query, mut best_document) = (Best::of(query), Best::of(document));
    for (i, a) in query.iter().enumerate() {
        for (j, b) in document.iter().enumerate() {
            let (most, cap) = match (a.initial || b.initial, a.len.max(b.len), a.len.min(b.len)) {
                (true, 1, _) => (1000, INITIAL_WEIGHT),
                (true, ..) | (_, _, 2..) => continue,
                _ => (u32::from(similarity(i, j)), u16::MAX / 2),
            };
            if most > 0 {
                let (spent_a, spent_b) = spent(a.weight.min(cap), b.weight.min(cap));
                let (credit_a, credit_b) = (most * u32::from(spent_a), most * u32::from(spent_b));
                best_query
                    .note(i, Most { own: credit_a, all: credit_a + credit_b, spent: u32::from(spent_a) });
                best_document
                    .note(j, Most { own: credit_b, all: credit_a + credit_b, spent: u32::from(spent_b) });
            }
        }
    }
    let (of_query, of_document) = (best_query.sums(query), best_document.sums(document));
    let credit = (of_query.own + of_document.own).min(of_query.all).min(of_document.all);
    let raw = raw::raw_at_most(
        credit,
        (of_query.own, of_document.own),
        (of_query.spent as u32, of_document.spent as u32),
        (query_weight, document_weight),
    );
    calibration::calibrated(raw)
}

/// The most that a unit can bring: its own share of a credit, the whole credit, and the weight that it can spend.
#[derive(Clone, Copy, Default)]
struct Most<T = u32> {
    own: T,
    all: T,
    spent: T,
}

/// The most that each unit of one side can bring.
struct Best(SmallVec<[Most; 24]>);

impl Best {
    fn of(units: &[UnitShape]) -> Self {
        Self(SmallVec::from_elem(Most::default(), units.len()))
    }

    fn note(&mut self, unit: usize, most: Most) {
        let best = &mut self.0[unit];
        best.own = best.own.max(most.own);
        best.all = best.all.max(most.all);
        best.spent = best.spent.max(most.spent);
    }

    /// Sums over the tokens of the most that a unit brings to each token it covers, in proportion to the token's weight. An
    /// alignment covers a token at most once, so it brings no more.
    fn sums(&self, units: &[UnitShape]) -> Most<u64> {
        let mut sums = Most::<u64>::default();
        for token in units.iter().filter(|unit| unit.len == 1) {
            let covers = |unit: &UnitShape| unit.tokens().contains(&usize::from(token.first));
            let share = |best: u32, unit: &UnitShape| {
                (u64::from(best) * u64::from(token.weight)).div_ceil(u64::from(unit.weight.max(1)))
            };
            let mut most = Most::<u64>::default();
            for (unit, best) in units.iter().zip(&self.0).filter(|(unit, best)| best.all > 0 && covers(unit))
            {
                most.own = most.own.max(share(best.own, unit));
                most.all = most.all.max(share(best.all, unit));
                most.spent = most.spent.max(share(best.spent, unit));
            }
            sums.own += most.own;
            sums.all += most.all;
            sums.spent += most.spent;
        }
        sums
    }
}
