//! The score before calibration: what was credited, against what it was credited for and what found no counterpart.
//!
//! In go the sums of an alignment; out comes a share of one in millionths. It grows with the credit and falls with what either side
//! has left over. What only one name has left over may be missing from the other; what both have left over contradicts.
//!
//! ```text
//! raw = credit / (spent + ¾ · more + 2⅗ · less · longer)
//! ```
//!
//! `more` and `less` are the weights left over on the side that has more and less of it. The index of Tversky (Features of similarity,
//! 1977) with the unmatched parts ordered by size; the factors were chosen on labelled pairs (docs/names.md). `longer` is one for names of up to
//! three words, and grows with what matched: of a long chain of names, one that contradicts counts no less than of a short one.

/// 20: the factors below in twentieths.
const WHOLE: u64 = 20;
/// Weighs what one side has left over beyond the other.
const MISSING: u64 = 15;
/// Weighs what both sides have left over, beside [`MISSING`].
const CONTRADICTING: u64 = 52;
/// 3000 thousandths: a word and a half on both sides.
const LONG: u64 = 3000;

/// The sums of an alignment.
pub(crate) struct Parts {
    /// Similarity times weight, of both sides.
    pub(crate) credit: u64,
    /// Weight that the pairs cover, of both sides.
    pub(crate) spent: u32,
    /// Weight left over on each side.
    pub(crate) left_over: (u32, u32),
}

impl Parts {
    /// Millionths, rounded down; 0 where there is nothing.
    pub(crate) fn raw(&self) -> u32 {
        let (more, less) = (self.left_over.0.max(self.left_over.1), self.left_over.0.min(self.left_over.1));
        let spent = u64::from(self.spent);
        let contradicting = CONTRADICTING * u64::from(less) * spent.max(LONG) / LONG;
        let whole = WHOLE * spent + MISSING * u64::from(more) + contradicting;
        (self.credit * 1000 * WHOLE).checked_div(whole).unwrap_or(0) as u32
    }
}

/// What one thousandth of weight left over takes from the raw score on each side, in thousandths of what one spent on unlike units takes.
pub(crate) fn rates(left_over: (u32, u32)) -> (u64, u64) {
    let (a, b) = (u64::from(left_over.0), u64::from(left_over.1));
    let (more, less) = (a.max(b), a.min(b));
    let contradicting = (MISSING + CONTRADICTING) * less / 2;
    let of_more = (contradicting + MISSING * (more - less)) * 1000 / (WHOLE * more.max(1));
    let of_less = contradicting * 1000 / (WHOLE * less.max(1));
    if a >= b { (of_more, of_less) } else { (of_less, of_more) }
}

/// At least [`Parts::raw`] of every alignment that credits at most `credit` in all and `own` to each side, and covers at most
/// `spent` of each side's `weight`.
pub(crate) fn raw_at_most(credit: u64, own: (u64, u64), spent: (u32, u32), weight: (u32, u32)) -> u32 {
    let with_more = |more: (u64, u32), less: (u64, u32, u32)| {
        // The side with more left over has it all left over but what its credit needs; the other has left over what it must.
        let credited = credit.saturating_sub(less.0).min(more.0);
        let left_more = u64::from(more.1) * 1000 - credited.min(u64::from(more.1) * 1000);
        let left_less = u64::from(less.2 - less.1.min(less.2));
        let all = u64::from(more.1) + u64::from(less.2);
        let whole = (WHOLE * all * 1000 + CONTRADICTING * left_less * 1000)
            .saturating_sub(WHOLE * left_less * 1000)
            - (WHOLE - MISSING) * left_more;
        (credit * 1000 * 1000 * WHOLE).div_ceil(whole.max(1))
    };
    let first = with_more((own.0, weight.0), (own.1, spent.1, weight.1));
    let second = with_more((own.1, weight.1), (own.0, spent.0, weight.0));
    first.max(second).min(1_000_000) as u32
}

/// The least weight that a query must spend in an alignment whose raw score reaches `raw` (millionths).
///
/// At best the other name is covered whole and brings twice what the query spends: with M for that,
/// `raw ≤ 3M / (3M + ¾ (W − M))`, so `M ≥ ¾ · raw · W / (3 − 2¼ · raw)`.
pub(crate) fn required(weight: u32, raw: u32) -> u32 {
    let raw = u64::from(raw.min(1_000_000));
    let needed = MISSING * raw * u64::from(weight);
    needed.div_ceil(3 * WHOLE * (1_000_000 - raw) + MISSING * raw) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(credit: u64, spent: u32, left_over: (u32, u32)) -> u32 {
        Parts { credit: credit * 1000, spent, left_over }.raw()
    }

    #[test]
    fn what_contradicts_costs_more_than_what_is_missing() {
        assert_eq!(raw(4000, 4000, (0, 0)), 1_000_000);
        assert_eq!(raw(0, 0, (0, 0)), 0);
        assert_eq!(raw(4000, 4000, (1000, 0)), raw(4000, 4000, (0, 1000)));
        assert!(raw(4000, 4000, (1000, 0)) > 840_000);
        assert!(raw(4000, 4000, (1000, 1000)) < 560_000);
        assert!(raw(8000, 8000, (1000, 1000)) < 680_000);
    }

    #[test]
    fn required_is_all_for_identity_and_nothing_for_nothing() {
        assert_eq!(required(2000, 1_000_000), 2000);
        assert_eq!(required(2000, 0), 0);
        assert!(required(2000, 820_000) > 1000);
    }
}
