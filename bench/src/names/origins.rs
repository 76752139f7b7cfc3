//! Whether some origins bear more false matches than others.
//!
//! In: wrong pairs with their scores, the threshold of all. Out: for each group that is large enough its rate of false matches, the 95 % interval
//! that Wilson gives it, and whether that meets the band that is allowed. Origin is used here to measure, and nowhere to score.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Groups of fewer wrong pairs have intervals that meet every band.
const WRONG_PAIRS_LEAST: u64 = 500;
/// A rate may be so many times the rate of all, or so many times smaller.
const BAND: f64 = 1.7;

/// How many of how many.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) hits: u64,
    pub(crate) of: u64,
}

impl Rate {
    pub(crate) fn count(hits: impl Iterator<Item = bool>) -> Self {
        hits.fold(Self::default(), |rate, hit| Self { hits: rate.hits + u64::from(hit), of: rate.of + 1 })
    }

    pub(crate) fn share(self) -> f64 {
        self.hits as f64 / self.of.max(1) as f64
    }

    /// Wilson's 95 % score interval.
    pub(crate) fn interval(self) -> (f64, f64) {
        /// 97.5 % of a normal distribution lie below.
        const Z: f64 = 1.959_963_984_540_054;
        let (of, share) = (self.of.max(1) as f64, self.share());
        let scale = 1.0 + Z * Z / of;
        let centre = share + Z * Z / (2.0 * of);
        let half = Z * (share * (1.0 - share) / of + Z * Z / (4.0 * of * of)).sqrt();
        (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
    }

    /// True if the interval meets the band around the rate of all.
    fn meets(self, rate_of_all: f64) -> bool {
        let (low, high) = self.interval();
        high >= rate_of_all / BAND && low <= rate_of_all * BAND
    }

    pub(crate) fn figures(self) -> Map<String, Value> {
        let (low, high) = self.interval();
        let figures = json!({"pairs": self.of, "false_matches": self.hits, "rate": self.share(), "low": low, "high": high});
        figures.as_object().cloned().unwrap_or_default()
    }
}

/// The table: in go the group of every wrong pair and whether it was accepted.
pub(crate) fn figures<'a>(wrong: impl Iterator<Item = (&'a str, bool)>) -> Value {
    let mut all = Rate::default();
    let mut groups: BTreeMap<&str, Rate> = BTreeMap::new();
    for (group, accepted) in wrong {
        for rate in [&mut all, groups.entry(group).or_default()] {
            rate.of += 1;
            rate.hits += u64::from(accepted);
        }
    }
    groups.retain(|_, rate| rate.of >= WRONG_PAIRS_LEAST);
    let rows = groups.into_iter().map(|(group, rate)| {
        let mut figures = rate.figures();
        figures.insert("in_band".to_owned(), u8::from(rate.meets(all.share())).into());
        (group.to_owned(), Value::from(figures))
    });
    Value::Object(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        // Wilson for 10 of 100 at 95 %: .0552 to .1744; for 0 of 20: 0 to .1611.
        for (rate, low, high) in [
            (Rate { hits: 10, of: 100 }, 0.0552, 0.1744),
            (Rate { hits: 0, of: 20 }, 0.0, 0.1611),
            (Rate { hits: 20, of: 20 }, 0.8389, 1.0),
        ] {
            let found = rate.interval();
            assert!((found.0 - low).abs() < 1e-4 && (found.1 - high).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn a_group_is_out_of_the_band_when_its_whole_interval_is() {
        let wrong = |group: &'static str, accepted: usize, of: usize| {
            (0..of).map(move |place| (group, place < accepted))
        };
        let rows = wrong("usual", 100, 10_000).chain(wrong("harsh", 60, 1_000)).chain(wrong("few", 90, 499));
        let figures = figures(rows);
        assert_eq!(figures["usual"]["in_band"], 0, "the others raise the rate of all to twice its own");
        assert_eq!(figures["harsh"]["in_band"], 0);
        assert!(figures.get("few").is_none());
    }
}
