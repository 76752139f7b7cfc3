//! The policy: thresholds, rules, which list applies to whom, known good pairs. A TOML file, versioned in the ledger.
//!
//! In: the text of a policy file. Out: a checked policy. Documented in docs/reference/policy.md.

use std::collections::BTreeMap;
use std::fmt;

use matching::{Rules, RulesError};
use model::{DatasetName, Entity, Fingerprint, KnownAt, Score};
use serde::{Deserialize, Serialize};

use crate::NetworkPolicy;

/// The policy of a store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// At what score a pair becomes an alert, from 0 to 1.
    pub threshold: f64,
    /// The largest share of a dataset that a file may delete unasked, from 0 to 1.
    pub mass_delete_share: f64,
    /// What each rule does to a score.
    #[serde(rename = "match")]
    pub rules: Rules,
    /// How evidence of links is read.
    pub network: NetworkPolicy,
    /// What differs for single lists.
    #[serde(rename = "list")]
    pub lists: Vec<ListPolicy>,
    /// Pairs known to be different.
    #[serde(rename = "good_pair")]
    pub good_pairs: Vec<GoodPair>,
    /// How the review works: read where reviews are, and of no effect on any alert.
    pub review: toml::Table,
    /// How long people are kept. It changes no alert.
    #[serde(rename = "retention", skip_serializing_if = "Vec::is_empty")]
    pub retention: Vec<RetentionRule>,
}

/// How long the people of a population are kept after the last thing that became known of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Which population.
    pub dataset: DatasetName,
    /// Days after that.
    pub days: u32,
    /// From when the days count.
    #[serde(default, skip_serializing_if = "RetentionClock::is_default")]
    pub after: RetentionClock,
}

/// From when the days of a retention rule count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionClock {
    /// From when they were last put, changed or deleted.
    #[default]
    LastKnown,
    /// From when the last of their reviews was closed, or they were last known, whichever is later.
    CaseClosed,
}

impl RetentionClock {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What differs for one list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPolicy {
    /// Which list.
    pub dataset: DatasetName,
    /// The populations it applies to; left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub populations: Option<Vec<DatasetName>>,
    /// Its threshold; left out: the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Thresholds of single programmes. An entry of several takes the lowest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub programs: BTreeMap<String, f64>,
    /// Only entries with one of these topics alert; left out: every entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<String>>,
}

/// A pair known to be two different things. It does not alert until it expires or either side changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoodPair {
    /// The subject's id.
    pub subject: String,
    /// The entry's id.
    pub entry: String,
    /// Why they are different.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when it holds.
    pub expires: KnownAt,
    /// The evidence it was judged on; filled in when the policy is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
}

/// Why a text is no usable policy.
#[derive(Debug)]
pub enum PolicyError {
    /// Not TOML, or a field that is unknown or of the wrong type.
    Toml(String),
    /// A number outside its range: the field.
    Range(String),
    /// The rules.
    Rules(RulesError),
    /// The rules of the network: the field and why.
    Network(String),
    /// Two sections for one list: its name.
    Twice(String),
    /// Two retention rules for one dataset: its name.
    RetentionTwice(String),
    /// A known good pair without a reason or an owner: its place, from 1.
    GoodPair(usize),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toml(error) => write!(f, "{error}"),
            Self::Range(field) => write!(f, "{field} must lie between 0 and 1, and a threshold above 0.5"),
            Self::Rules(error) => write!(f, "{error}"),
            Self::Network(fault) => write!(f, "network.{fault}"),
            Self::Twice(list) => write!(f, "list {list:?} has two sections"),
            Self::RetentionTwice(dataset) => write!(f, "{dataset:?} has two retention rules"),
            Self::GoodPair(at) => write!(f, "good_pair {at} needs a reason and an owner"),
        }
    }
}

impl std::error::Error for PolicyError {}

/// Names that agree this far are worth a reviewer's look; chosen in docs/design/0004-threshold.md.
const THRESHOLD: f64 = 0.85;

/// A list seldom loses a tenth of its entries in one version; a cut-off download does.
const MASS_DELETE_SHARE: f64 = 0.10;

/// Below half, names that share nothing but a common word would alert, and the index could not leave out any word.
const THRESHOLD_LEAST: f64 = 0.5;

impl Default for Policy {
    fn default() -> Self {
        Self {
            threshold: THRESHOLD,
            mass_delete_share: MASS_DELETE_SHARE,
            rules: Rules::default(),
            network: NetworkPolicy::default(),
            lists: Vec::new(),
            good_pairs: Vec::new(),
            review: toml::Table::new(),
            retention: Vec::new(),
        }
    }
}

impl Policy {
    /// Reads and checks a policy file.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text).map_err(|error| PolicyError::Toml(error.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    /// Whether the same alerts follow from both.
    pub fn screens_as(&self, other: &Self) -> bool {
        self.screening() == other.screening()
    }

    /// The part of it that alerts follow from, as a file.
    pub(crate) fn screening_text(&self) -> String {
        self.screening().to_text()
    }

    fn screening(&self) -> Self {
        Self { review: toml::Table::new(), retention: Vec::new(), ..self.clone() }
    }

    /// The policy as a file.
    pub fn to_text(&self) -> String {
        toml::to_string(self).expect("a policy holds strings, numbers, times and lists of them")
    }

    fn check(&self) -> Result<(), PolicyError> {
        self.rules.check().map_err(PolicyError::Rules)?;
        self.network.fault().map_or(Ok(()), |fault| Err(PolicyError::Network(fault)))?;
        let share = ("mass_delete_share".to_owned(), self.mass_delete_share, 0.0);
        let of_lists = self.lists.iter().flat_map(|list| {
            let own = list.threshold.map(|t| (format!("{}: threshold", list.dataset), t, THRESHOLD_LEAST));
            let programs = list.programs.iter();
            own.into_iter().chain(
                programs
                    .map(move |(program, t)| (format!("{}: {program}", list.dataset), *t, THRESHOLD_LEAST)),
            )
        });
        let mut numbers =
            [share, ("threshold".to_owned(), self.threshold, THRESHOLD_LEAST)].into_iter().chain(of_lists);
        if let Some((field, _, _)) = numbers.find(|(_, number, least)| !(*least..=1.0).contains(number)) {
            return Err(PolicyError::Range(field));
        }
        let mut names: Vec<_> = self.lists.iter().map(|list| &list.dataset).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|two| two[0] == two[1]) {
            return Err(PolicyError::Twice(twice[0].to_string()));
        }
        let mut kept: Vec<_> = self.retention.iter().map(|rule| &rule.dataset).collect();
        kept.sort();
        if let Some(twice) = kept.windows(2).find(|two| two[0] == two[1]) {
            return Err(PolicyError::RetentionTwice(twice[0].to_string()));
        }
        let unowned = |pair: &GoodPair| pair.reason.trim().is_empty() || pair.owner.trim().is_empty();
        self.good_pairs.iter().position(unowned).map_or(Ok(()), |at| Err(PolicyError::GoodPair(at + 1)))
    }

    fn list(&self, dataset: &DatasetName) -> Option<&ListPolicy> {
        self.lists.iter().find(|list| list.dataset == *dataset)
    }

    /// Whether a list applies to a population.
    pub fn applies(&self, list: &DatasetName, population: &DatasetName) -> bool {
        let populations = self.list(list).and_then(|list| list.populations.as_ref());
        populations.is_none_or(|populations| populations.contains(population))
    }

    /// Whether an entity of a list is one of those that alert.
    pub fn is_entry(&self, list: &DatasetName, entity: &Entity) -> bool {
        let topics = self.list(list).and_then(|list| list.topics.as_ref());
        topics.is_none_or(|topics| entity.values("topics").iter().any(|topic| topics.contains(topic)))
    }

    /// The score at which an entry alerts.
    pub fn threshold_of(&self, list: &DatasetName, entry: &Entity) -> Score {
        let list = self.list(list);
        let own = list.and_then(|list| list.threshold).unwrap_or(self.threshold);
        let programs = entry.values("program").iter().chain(entry.values("programId"));
        let of_programs = programs.filter_map(|program| list?.programs.get(program).copied());
        score(of_programs.reduce(f64::min).unwrap_or(own))
    }

    /// The lowest score at which anything alerts.
    pub fn threshold_least(&self) -> Score {
        let lists = self
            .lists
            .iter()
            .flat_map(|list| list.threshold.into_iter().chain(list.programs.values().copied()));
        score(lists.fold(self.threshold, f64::min))
    }
}

fn score(fraction: f64) -> Score {
    Score::from_fraction(fraction).expect("thresholds are checked to lie between 0 and 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_a_round_trip_and_a_wrong_one_says_why() {
        let text = r#"
            threshold = 0.85
            [match]
            weak_alias = 0.7
            [[list]]
            dataset = "ofac"
            populations = ["customers"]
            threshold = 0.9
            programs = { SDGT = 0.8 }
            [[good_pair]]
            subject = "C1"
            entry = "ofac-1"
            reason = "another birth place, seen by hand"
            owner = "L. Amon"
            expires = "2032-01-01T00:00:00Z"
        "#;
        let policy = Policy::parse(text).unwrap();
        assert_eq!(Policy::parse(&policy.to_text()).unwrap(), policy);
        assert_eq!(policy.threshold_least(), Score(800_000));
        let wrong = [
            ("threshold = 2.0", "between 0 and 1"),
            ("threshold = 0.2", "above 0.5"),
            ("treshold = 0.8", "unknown field"),
            ("[match]\nweak_alias = 1.5", "weak_alias"),
            ("[match]\nstrong_identifiers = [\"name\"]", "identifier"),
            ("[[retention]]\ndataset='a'\ndays=1\n[[retention]]\ndataset='a'\ndays=2", "two retention rules"),
            ("[[list]]\ndataset='a'\n[[list]]\ndataset='a'", "two sections"),
        ];
        for (text, reason) in wrong {
            let error = Policy::parse(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert_eq!(Policy::parse("").unwrap(), Policy::default());
    }
}
