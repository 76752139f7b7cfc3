//! How a store is doing, for those who keep it running: how old its lists are, whether everybody was screened, what waits for review.
//!
//! In: a store, and a time. Out: counts, times, and what is wrong. Always holds: nobody's id and no name is in it.

use std::collections::BTreeMap;
use std::fmt;

use model::{Coverage, KnownAt};
use serde::Serialize;

use crate::{Error, Store};

/// Counts and times as of the last commit.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Vitals {
    /// The last commit; 0 in an empty store.
    pub commit: u64,
    /// When it became known.
    pub known_at: Option<KnownAt>,
    /// Who is screened against what, and the version of each list.
    pub coverage: Coverage,
    /// Open alerts by the tenth that their score begins with: 8 for 0.8 and up to 0.9, 10 for 1.
    pub open_by_score: BTreeMap<u32, u64>,
    /// What waits for somebody, by the state of its review.
    pub queue: BTreeMap<&'static str, Waiting>,
    /// How many versions of lists are held.
    pub held: u64,
    /// Whether the last commit was decided by another engine than this one: the next to write examines everybody anew.
    pub other_engine: bool,
}

/// How many wait, and since when the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// How many.
    pub alerts: u64,
    /// Since when the oldest is in this state.
    pub oldest: KnownAt,
}

/// Something that somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Concern {
    /// A list is as it was for longer than it should be.
    ListStale {
        /// Which.
        dataset: String,
        /// Since when it is as it is.
        known_at: KnownAt,
    },
    /// Some subjects are neither screened nor said to be unscreenable.
    CoverageNotWhole {
        /// Subjects in force.
        subjects: u64,
        /// Those who are accounted for.
        accounted: u64,
    },
    /// The engine that decided is another one.
    OtherEngine,
    /// A version of a list was set aside and waits for somebody.
    Held {
        /// How many.
        versions: u64,
    },
}

impl Concern {
    /// Whether answers may be wrong or old because of it: the health page is then red.
    pub fn is_grave(&self) -> bool {
        !matches!(self, Self::Held { .. })
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListStale { dataset, known_at } => {
                write!(f, "list {dataset} is stale: it is as it was at {known_at}")
            }
            Self::CoverageNotWhole { subjects, accounted } => {
                write!(f, "coverage is not whole: {accounted} of {subjects} subjects are accounted for")
            }
            Self::OtherEngine => {
                f.write_str("another engine decided: the next to write examines everybody anew")
            }
            Self::Held { versions } => write!(f, "held versions of lists wait for somebody: {versions}"),
        }
    }
}

impl Vitals {
    /// What is wrong at a time, when a list is stale that is as it was for longer than so many microseconds.
    pub fn concerns(&self, now: KnownAt, stale_after: i64) -> Vec<Concern> {
        let mut concerns = Vec::new();
        for (dataset, version) in &self.coverage.list_versions {
            if now.micros().saturating_sub(version.known_at.micros()) > stale_after {
                let (dataset, known_at) = (dataset.to_string(), version.known_at);
                concerns.push(Concern::ListStale { dataset, known_at });
            }
        }
        let (subjects, accounted) = (self.coverage.subjects, self.accounted());
        if subjects != accounted {
            concerns.push(Concern::CoverageNotWhole { subjects, accounted });
        }
        if self.other_engine {
            concerns.push(Concern::OtherEngine);
        }
        if self.held > 0 {
            concerns.push(Concern::Held { versions: self.held });
        }
        concerns
    }

    /// Subjects that are screened or said to be unscreenable.
    fn accounted(&self) -> u64 {
        self.coverage.screened + self.coverage.unscreenable.values().sum::<u64>()
    }
}

impl Store {
    /// How the store is doing as of its last commit. The first time it reads all reviews; later only what came since.
    pub fn vitals(&mut self) -> Result<Vitals, Error> {
        let mut vitals = Vitals {
            held: self.ledger.held()?.len() as u64,
            other_engine: self.other_engine()?.is_some(),
            ..Vitals::default()
        };
        if let Some((commit, coverage)) = self.coverage(KnownAt::MAX)? {
            (vitals.commit, vitals.known_at) = (commit.seq, Some(commit.header.known_at));
            vitals.coverage = coverage;
        }
        for state in self.ledger.as_of(KnownAt::MAX).alerts()? {
            if state.pair.is_alert() {
                *vitals.open_by_score.entry(state.score.0 / TENTH).or_default() += 1;
            }
        }
        let now = self.now()?;
        for review in self.desk()?.reviews(now) {
            if review.state().is_pending() && !review.is_suppressed() {
                let since = review.since();
                let waiting = vitals.queue.entry(review.state().word());
                let waiting = waiting.or_insert(Waiting { alerts: 0, oldest: since });
                waiting.alerts += 1;
                waiting.oldest = waiting.oldest.min(since);
            }
        }
        Ok(vitals)
    }
}

/// A tenth, in the millionths that scores are counted in.
const TENTH: u32 = 100_000;

#[cfg(test)]
mod tests {
    use model::{DatasetName, Digest, ListVersion};

    use super::*;

    fn vitals(subjects: u64, screened: u64) -> Vitals {
        let version = ListVersion { commit: 1, known_at: KnownAt::from_micros(100), content: Digest::ZERO };
        let list = DatasetName::new("watch").expect("a sound name");
        let unscreenable = [("no_name".to_owned(), 1)].into();
        let list_versions = [(list, version)].into();
        let coverage = Coverage { subjects, screened, unscreenable, list_versions, ..Coverage::default() };
        Vitals { coverage, ..Vitals::default() }
    }

    #[test]
    fn a_list_is_stale_after_its_time_and_not_before() {
        let at = KnownAt::from_micros;
        assert_eq!(vitals(3, 2).concerns(at(150), 50), []);
        assert!(matches!(vitals(3, 2).concerns(at(151), 50)[..], [Concern::ListStale { .. }]));
        assert_eq!(vitals(3, 2).concerns(at(0), 50), [], "a clock that ran back makes nothing stale");
    }

    #[test]
    fn whoever_is_not_accounted_for_is_told() {
        let concerns = vitals(4, 2).concerns(KnownAt::from_micros(100), 50);
        assert_eq!(concerns, [Concern::CoverageNotWhole { subjects: 4, accounted: 3 }]);
        assert!(concerns[0].is_grave());
    }
}
