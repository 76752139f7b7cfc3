//! Whether a score can be read as a probability.
//!
//! In: for two halves of the persons, claims (a score between 0 and 1) and whether they were right. Out: reliability in bins, expected calibration
//! error and Brier score on the second half: of the score as it is, and of the best increasing map of it that the first half gives,
//! which shows what a calibration could reach.

use serde_json::{Value, json};

/// Bins of equal width.
const BINS: usize = 15;

/// A score taken as a probability, and the truth.
pub(crate) type Claim = (f64, bool);

/// One bin of the reliability table.
#[derive(Debug, PartialEq)]
pub(crate) struct Bin {
    pub(crate) rows: usize,
    pub(crate) claimed: f64,
    pub(crate) true_share: f64,
}

/// Claims by size, in bins of equal width; empty bins are left out.
pub(crate) fn bins(claims: &[Claim]) -> Vec<Bin> {
    let mut sums = [(0_usize, 0.0, 0_usize); BINS];
    for &(claim, right) in claims {
        #[expect(clippy::cast_sign_loss, reason = "a probability is not negative")]
        let bin = &mut sums[((claim * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + claim, bin.2 + usize::from(right));
    }
    let bin = |&(rows, claimed, right): &(usize, f64, usize)| Bin {
        rows,
        claimed: claimed / rows as f64,
        true_share: right as f64 / rows as f64,
    };
    sums.iter().filter(|(rows, ..)| *rows > 0).map(bin).collect()
}

/// The mean distance between what is claimed and what is true, over bins weighted by their rows.
pub(crate) fn expected_error(claims: &[Claim]) -> f64 {
    let distance = |bin: &Bin| bin.rows as f64 * (bin.claimed - bin.true_share).abs();
    bins(claims).iter().map(distance).sum::<f64>() / claims.len().max(1) as f64
}

/// The mean squared distance between a claim and the truth.
pub(crate) fn brier(claims: &[Claim]) -> f64 {
    let square = |&(claim, right): &Claim| (claim - f64::from(u8::from(right))).powi(2);
    claims.iter().map(square).sum::<f64>() / claims.len().max(1) as f64
}

/// The increasing map from scores to probabilities with the least Brier score: steps that start at these scores.
#[derive(Debug)]
pub(crate) struct Isotonic(Vec<(f64, f64)>);

impl Isotonic {
    /// Pools neighbours that would decrease ("pool adjacent violators").
    pub(crate) fn fit(claims: &[Claim]) -> Self {
        let mut sorted = claims.to_vec();
        sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
        let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
        for same in sorted.chunk_by(|left, right| left.0.total_cmp(&right.0).is_eq()) {
            let right = same.iter().filter(|(_, right)| *right).count() as f64;
            let mut block = (same[0].0, right, same.len() as f64);
            while let Some(before) = blocks.pop_if(|before| before.1 * block.2 >= block.1 * before.2) {
                block = (before.0, before.1 + block.1, before.2 + block.2);
            }
            blocks.push(block);
        }
        Self(blocks.into_iter().map(|(start, right, rows)| (start, right / rows)).collect())
    }

    pub(crate) fn of(&self, score: f64) -> f64 {
        let place = self.0.partition_point(|(start, _)| *start <= score);
        self.0.get(place.max(1) - 1).map_or(score, |(_, probability)| *probability)
    }
}

/// The figures on `measured`, with a map fitted on `fitting`.
pub(crate) fn figures(fitting: &[Claim], measured: &[Claim]) -> Value {
    let map = Isotonic::fit(fitting);
    let mapped: Vec<Claim> = measured.iter().map(|&(score, right)| (map.of(score), right)).collect();
    json!({
        "rows": measured.len(),
        "expected_error": expected_error(measured),
        "brier": brier(measured),
        "expected_error_of_best_map": expected_error(&mapped),
        "brier_of_best_map": brier(&mapped),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-12
    }

    #[test]
    fn errors_are_as_counted_by_hand() {
        let claims = [(0.9, true), (0.9, false), (0.1, false), (1.0, true)];
        // Bins: two claims of .9 with half true, one of .1 with none, one of 1 that is.
        assert_eq!(bins(&claims).iter().map(|bin| bin.rows).collect::<Vec<_>>(), [1, 2, 1]);
        assert!(close(expected_error(&claims), (2.0 * 0.4 + 0.1) / 4.0));
        assert!(close(brier(&claims), (0.01 + 0.81 + 0.01) / 4.0));
        assert!(close(expected_error(&[]), 0.0));
    }

    #[test]
    fn the_best_map_pools_what_would_decrease() {
        let map = Isotonic::fit(&[(0.1, false), (0.2, true), (0.3, false), (0.4, true), (0.4, true)]);
        for (score, expected) in [(0.0, 0.0), (0.1, 0.0), (0.25, 0.5), (0.3, 0.5), (0.4, 1.0), (1.0, 1.0)] {
            assert!(close(map.of(score), expected), "{score} {}", map.of(score));
        }
    }
}
