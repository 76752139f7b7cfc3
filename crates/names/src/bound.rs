//! Bounds: what a score can at most be, from less than a score needs.
//!
//! `required_weight` says how much of a query must find a counterpart before a name can reach a threshold, so that an index
//! need not look for all of it. `upper_bound` takes the similarities of units and no alignment. Neither ever rules out a name
//! whose score reaches the threshold.

use crate::INITIAL_WEIGHT;
use crate::align::spent;
use crate::name::UnitShape;
use smallvec::SmallVec;

/// The least weight of query tokens with a counterpart in a name that scores at least `threshold` (millionths).
///
/// From `score · (W(Q) + W(D)) ≤ M + min(W(D), 2M)`, where M is what the query side spends: `M ≥ t·W(Q) / (3 − 2t)`. M is a whole number,
/// so the quotient is rounded up. A query token whose counterpart is an initial spends at most [`INITIAL_WEIGHT`].
pub fn required_weight(query_weight: u32, threshold: u32) -> u32 {
    let threshold = u64::from(threshold.min(1_000_000));
    (threshold * u64::from(query_weight)).div_ceil(3_000_000 - 2 * threshold) as u32
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
    let weight = u64::from(query_weight) + u64::from(document_weight);
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
                best_query.note(i, credit_a, credit_a + credit_b);
                best_document.note(j, credit_b, credit_a + credit_b);
            }
        }
    }
    let (own_query, all_query) = best_query.sums(query);
    let (own_document, all_document) = best_document.sums(document);
    let credit = (own_query + own_document).min(all_query).min(all_document);
    (credit * 1000).div_ceil(weight).min(1_000_000) as u32
}

/// The most that each unit of one side can bring: its own share of a credit, and the whole credit.
struct Best(SmallVec<[(u32, u32); 24]>);

impl Best {
    fn of(units: &[UnitShape]) -> Self {
        Self(SmallVec::from_elem((0, 0), units.len()))
    }

    fn note(&mut self, unit: usize, own: u32, all: u32) {
        let best = &mut self.0[unit];
        *best = (best.0.max(own), best.1.max(all));
    }

    /// Both sums over the tokens of the most that a unit brings to each token it covers, in proportion to the token's weight. An alignment covers
    /// a token at most once, so it brings no more.
    fn sums(&self, units: &[UnitShape]) -> (u64, u64) {
        let mut sums = (0, 0);
        for token in units.iter().filter(|unit| unit.len == 1) {
            let covers = |unit: &UnitShape| unit.tokens().contains(&usize::from(token.first));
            let share = |best: u32, unit: &UnitShape| {
                (u64::from(best) * u64::from(token.weight)).div_ceil(u64::from(unit.weight.max(1)))
            };
            let (mut own, mut all) = (0, 0);
            for (unit, best) in units.iter().zip(&self.0).filter(|(unit, best)| best.1 > 0 && covers(unit)) {
                own = own.max(share(best.0, unit));
                all = all.max(share(best.1, unit));
            }
            sums = (sums.0 + own, sums.1 + all);
        }
        sums
    }
}
