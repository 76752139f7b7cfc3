//! The curves of a comparator: how many right pairs it accepts at how many wrong ones.
//!
//! In: labelled pairs and a score for each. Out: the figures of `../shared/eval/score_names.py`, in the shape of its JSON; a test holds the
//! two to each other. Rows that names alone cannot decide are left out of the curves and told apart.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::pairs::Pair;

/// Scores, sorted: of right pairs and of wrong ones.
#[derive(Debug, Default, Clone)]
pub(crate) struct Curve {
    right: Vec<f64>,
    wrong: Vec<f64>,
}

/// The scores from which on at most a hundredth, a thousandth, a ten-thousandth of the wrong pairs are accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thresholds {
    pub(crate) hundredth: f64,
    pub(crate) thousandth: f64,
    ten_thousandth: f64,
}

impl Curve {
    pub(crate) fn of(right: Vec<f64>, wrong: Vec<f64>) -> Self {
        let mut curve = Self { right, wrong };
        curve.right.sort_by(f64::total_cmp);
        curve.wrong.sort_by(f64::total_cmp);
        curve
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        let at = |rate| self.threshold(rate);
        Thresholds { hundredth: at(1e-2), thousandth: at(1e-3), ten_thousandth: at(1e-4) }
    }

    /// The smallest score that at most this share of the wrong pairs reaches.
    fn threshold(&self, rate: f64) -> f64 {
        #[expect(clippy::cast_sign_loss, reason = "a share of a count")]
        let allowed = (rate * self.wrong.len() as f64) as usize;
        self.wrong.len().checked_sub(allowed + 1).map_or(f64::INFINITY, |place| self.wrong[place].next_up())
    }

    /// How often a right pair scores above a wrong one, ties half.
    fn area(&self) -> f64 {
        let wins = |&score: &f64| {
            let less = self.wrong.partition_point(|&wrong| wrong < score) as f64;
            let at_most = self.wrong.partition_point(|&wrong| wrong <= score) as f64;
            less + 0.5 * (at_most - less)
        };
        self.right.iter().map(wins).sum::<f64>() / (self.right.len() as f64 * self.wrong.len() as f64)
    }

    /// The best balance of precision and recall over all thresholds.
    fn balance(&self) -> Value {
        let mut best = (0.0, 0.0, 0.0, 0.0);
        let mut scores: Vec<f64> = self.right.iter().chain(&self.wrong).copied().collect();
        scores.sort_by(|left, right| right.total_cmp(left));
        scores.dedup();
        for threshold in scores {
            let accepted_right = accepted(&self.right, threshold) as f64;
            let precision = accepted_right / (accepted_right + accepted(&self.wrong, threshold) as f64);
            let recall = accepted_right / self.right.len() as f64;
            let f1 = 2.0 * precision * recall / (precision + recall);
            if f1 > best.0 {
                best = (f1, precision, recall, threshold);
            }
        }
        json!({"f1": best.0, "precision": best.1, "recall": best.2, "threshold": best.3})
    }

    fn figures(&self, at: Thresholds) -> Value {
        json!({
            "positives": self.right.len(),
            "negatives": self.wrong.len(),
            "recall_1e2": share(&self.right, at.hundredth),
            "recall_1e3": share(&self.right, at.thousandth),
            "false_match_rate_1e2": share(&self.wrong, at.hundredth),
        })
    }
}

/// How many of sorted scores reach a threshold.
fn accepted(sorted: &[f64], threshold: f64) -> usize {
    sorted.len() - sorted.partition_point(|&score| score < threshold)
}

/// The share of sorted scores that reaches a threshold; `None` of none.
fn share(sorted: &[f64], threshold: f64) -> Option<f64> {
    (!sorted.is_empty()).then(|| accepted(sorted, threshold) as f64 / sorted.len() as f64)
}

/// Groups of fewer rows are not told: so few say nothing.
const GROUP_ROWS: usize = 20;

/// The curve over the pairs that are wanted.
pub(crate) fn curve<'a>(scored: impl Iterator<Item = (&'a Pair, f64)>) -> Curve {
    let (right, wrong): (Vec<_>, Vec<_>) = scored.partition(|(pair, _)| pair.same);
    let scores = |rows: Vec<(&Pair, f64)>| rows.into_iter().map(|(_, score)| score).collect();
    Curve::of(scores(right), scores(wrong))
}

/// The thresholds and all figures of labelled pairs and their scores.
pub(crate) fn figures(pairs: &[Pair], scores: &[f64]) -> (Thresholds, Value) {
    let decidable = || scored(pairs, scores).filter(|(pair, _)| pair.is_decidable());
    let all = curve(decidable());
    let at = all.thresholds();
    let apart = curve(scored(pairs, scores).filter(|(pair, _)| !pair.is_decidable()));
    let by = |key: fn(&Pair) -> String| by(decidable(), key, at);
    let figures = json!({
        "positives": all.right.len(),
        "negatives": all.wrong.len(),
        "auc": all.area(),
        "f1max": all.balance(),
        "recall_at_fpr": {
            "1e-2": share(&all.right, at.hundredth),
            "1e-3": share(&all.right, at.thousandth),
            "1e-4": share(&all.right, at.ten_thousandth),
        },
        "threshold_at_fpr": {"1e-2": at.hundredth, "1e-3": at.thousandth, "1e-4": at.ten_thousandth},
        "subset_accepted_at_1e3": share(&apart.wrong, at.thousandth),
        "dissimilar_alias_recall_at_1e2": share(&apart.right, at.hundredth),
        "by_country": by(|pair| pair.country.clone()),
        "by_script": by(Pair::scripts),
        "by_relation": by(|pair| pair.relation.clone()),
    });
    (at, figures)
}

fn scored<'a>(pairs: &'a [Pair], scores: &'a [f64]) -> impl Iterator<Item = (&'a Pair, f64)> {
    pairs.iter().zip(scores.iter().copied())
}

fn by<'a>(
    scored: impl Iterator<Item = (&'a Pair, f64)>,
    key: fn(&Pair) -> String,
    at: Thresholds,
) -> Map<String, Value> {
    let mut groups: BTreeMap<String, Vec<(&Pair, f64)>> = BTreeMap::new();
    for (pair, score) in scored {
        groups.entry(key(pair)).or_default().push((pair, score));
    }
    groups.retain(|_, rows| rows.len() >= GROUP_ROWS);
    groups.into_iter().map(|(group, rows)| (group, curve(rows.into_iter()).figures(at))).collect()
}

/// What a threshold accepts: shares of the right pairs, of the wrong ones, and of partial names that are others'.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) threshold: f64,
    pub(crate) right: Option<f64>,
    pub(crate) wrong: Option<f64>,
    pub(crate) subset: Option<f64>,
}

/// What thresholds accept, two hundredths apart.
pub(crate) fn by_threshold(pairs: &[Pair], scores: &[f64]) -> Vec<Accepted> {
    let [curve, apart] = [true, false]
        .map(|wanted| curve(scored(pairs, scores).filter(|(pair, _)| pair.is_decidable() == wanted)));
    let at = |hundredths: u8| {
        let threshold = f64::from(hundredths) / 100.0;
        let share = |scores: &[f64]| share(scores, threshold);
        Accepted {
            threshold,
            right: share(&curve.right),
            wrong: share(&curve.wrong),
            subset: share(&apart.wrong),
        }
    };
    (60..=98).step_by(2).map(at).collect()
}

/// What is asked of some countries, and of two that are few together; and of partial names that are right.
pub(crate) fn more_figures(pairs: &[Pair], scores: &[f64], at: Thresholds) -> Value {
    let recall = |wanted: &dyn Fn(&Pair) -> bool| {
        let curve = curve(scored(pairs, scores).filter(|(pair, _)| pair.is_decidable() && wanted(pair)));
        json!({"positives": curve.right.len(), "recall_1e2": share(&curve.right, at.hundredth)})
    };
    json!({
        "positives that are subsets": recall(&is_subset),
        "tj + md": recall(&|pair| matches!(pair.country.as_str(), "tj" | "md")),
    })
}

/// True if one name's words are a true part of the other's: of names for which a letter for a letter is enough to see it.
fn is_subset(pair: &Pair) -> bool {
    let [query, target] = [&pair.query, &pair.target].map(|named| super::hard::words(&named.name));
    let within = |small: &[String], large: &[String]| small.iter().all(|word| large.contains(word));
    within(&query, &target) != within(&target, &query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-12
    }

    #[test]
    fn a_threshold_lets_no_more_wrong_pairs_through_than_asked() {
        let wrong: Vec<f64> = (0..200).map(f64::from).collect();
        let at = Curve::of(vec![198.0, 197.5, 300.0], wrong.clone()).thresholds();
        // Two of 200 are a hundredth: 198 and 199 are let through.
        assert_eq!(accepted(&wrong, at.hundredth), 2);
        assert!(at.hundredth > 197.0 && at.hundredth < 197.000_001);
        assert_eq!(accepted(&wrong, at.thousandth), 0);
        assert_eq!(share(&[], 0.0), None);
        assert_eq!(share(&[1.0, 2.0, 3.0, 4.0], 2.0), Some(0.75));
    }

    #[test]
    fn areas_and_balances_are_as_counted_by_hand() {
        // Of 2 × 3 comparisons: 4 below and 5 above, then 1 below, 1 tie and 1 above: 3 + 1.5 of 6.
        let curve = Curve::of(vec![5.0, 2.0], vec![1.0, 2.0, 3.0]);
        assert!(close(curve.area(), 4.5 / 6.0));
        // At 5: precision 1, recall 1/2. At 2: 2 of 4 right, recall 1: the same balance; the higher threshold stands.
        let balance = curve.balance();
        assert!(close(balance["f1"].as_f64().unwrap(), 2.0 / 3.0));
        assert!(close(balance["threshold"].as_f64().unwrap(), 5.0));
        assert!(close(balance["precision"].as_f64().unwrap(), 1.0));
    }
}
