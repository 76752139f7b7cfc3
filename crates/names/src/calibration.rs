//! Calibration: from a raw score to the share of labelled pairs with that score that are the same person's.
//!
//! In goes a raw score in millionths, out comes the score, and back. The line through the knots of `calibration.tsv` rises from 0 to
//! 1,000,000, and only a raw score of 1,000,000 gives 1,000,000. How well it fits people it was not drawn from is in docs/names.md.

use crate::table;
use std::sync::LazyLock;

/// Raw scores and their scores, both rising, from (0, 0) to (1,000,000, 1,000,000).
static KNOTS: LazyLock<Vec<(u64, u64)>> = LazyLock::new(|| {
    let number = |text: &str| text.parse().expect("calibration.tsv holds numbers");
    table::rows(table::CALIBRATION).map(|row| (number(row[0]), number(row[1]))).collect()
});

/// The score of a raw score. Never falls when the raw score rises.
pub(crate) fn calibrated(raw: u32) -> u32 {
    let raw = u64::from(raw.min(1_000_000));
    let above = KNOTS.partition_point(|knot| knot.0 <= raw);
    let (Some(low), Some(high)) = (KNOTS.get(above.wrapping_sub(1)), KNOTS.get(above)) else {
        return raw as u32;
    };
    (low.1 + (raw - low.0) * (high.1 - low.1) / (high.0 - low.0)) as u32
}

/// The least raw score whose score reaches this one.
pub(crate) fn least_raw(score: u32) -> u32 {
    let score = u64::from(score.min(1_000_000));
    let above = KNOTS.partition_point(|knot| knot.1 < score);
    let (Some(low), Some(high)) = (KNOTS.get(above.wrapping_sub(1)), KNOTS.get(above)) else {
        return 0;
    };
    (low.0 + ((score - low.1) * (high.0 - low.0)).div_ceil(high.1 - low.1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_rises_from_nothing_to_identity() {
        assert_eq!(KNOTS.first(), Some(&(0, 0)));
        assert_eq!(KNOTS.last(), Some(&(1_000_000, 1_000_000)));
        assert!(KNOTS.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
        assert_eq!((calibrated(0), calibrated(1_000_000)), (0, 1_000_000));
        assert!(calibrated(999_999) < 1_000_000);
    }

    #[test]
    fn the_least_raw_score_is_the_least() {
        for score in (1..1_000_000).step_by(997).chain([50_000, 820_000, 999_999, 1_000_000]) {
            let raw = least_raw(score);
            assert!(calibrated(raw) >= score && calibrated(raw - 1) < score, "{score} {raw}");
        }
    }
}
