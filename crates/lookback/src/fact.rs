//! Screening facts: which versions of which lists a subject was held against, under which policy, and what came of it.
//!
//! In: a version of a subject and a known time. Out: the fact as it was then. Nothing is stored for a subject: the fact follows from the
//! coverage of the commit, which is hashed with it, and from the alert book.

use ledger::Version;
use matching::Profile;
use model::{Commit, Coverage, DatasetName, Digest, KnownAt, ListVersion};
use screening::Policy;
use serde::Serialize;

use crate::{Error, Store};

/// One screening of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScreeningFact {
    /// The commit that left it so.
    pub commit: u64,
    /// Its known time.
    pub known_at: KnownAt,
    /// The lists that apply to the subject's population, by name.
    pub lists: Vec<ScreenedList>,
    /// Digest of the policy.
    pub policy: Digest,
    /// Set when the subject could not be screened: it is then not clear, whatever the number of alerts.
    pub unscreenable: Option<String>,
    /// How many alerts were open on the subject.
    pub alerts: u64,
}

/// A list that something was held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScreenedList {
    /// The list.
    pub dataset: DatasetName,
    /// How many of its entries can alert.
    pub entries: u64,
    /// Its version.
    #[serde(flatten)]
    pub version: ListVersion,
}

impl ScreenedList {
    /// Every list of a coverage, by name.
    pub(crate) fn all(coverage: &Coverage) -> impl Iterator<Item = Self> {
        coverage.list_versions.iter().map(|(dataset, version)| Self {
            dataset: dataset.clone(),
            entries: coverage.entries.get(dataset.as_str()).copied().unwrap_or_default(),
            version: *version,
        })
    }
}

/// Digest of the policy in force after a commit.
pub(crate) fn policy_digest(commit: Option<&Commit>) -> Digest {
    let adopted = commit.and_then(|commit| commit.policy);
    adopted.unwrap_or_else(|| Digest::of(Policy::default().to_text().as_bytes()))
}

impl Store {
    /// How a subject in force at a known time was screened then. All commits of one known time are one.
    pub(crate) fn fact(&self, subject: &Version, known_at: KnownAt) -> Result<ScreeningFact, Error> {
        let view = self.ledger.as_of(known_at);
        let (commit, coverage) = view.last_commit()?.expect("a commit put what is in force");
        let policy = self.policy(known_at)?;
        let profile = Profile::of(&subject.record.entity);
        let applies = |list: &ScreenedList| policy.applies(&list.dataset, &subject.record.dataset);
        let open = view.alerts_of_subject(&subject.identity())?;
        Ok(ScreeningFact {
            commit: commit.seq,
            known_at: commit.header.known_at,
            lists: ScreenedList::all(&coverage).filter(applies).collect(),
            policy: policy_digest(Some(&commit)),
            unscreenable: profile.unscreenable(&policy.rules).map(|reason| reason.to_string()),
            alerts: open.iter().filter(|state| state.pair.is_alert()).count() as u64,
        })
    }

    /// How a subject was screened when this version of it was put, and how it last was at a known time; one where they are the same.
    pub(crate) fn first_and_last_fact(
        &self,
        subject: &Version,
        known_at: KnownAt,
    ) -> Result<Vec<ScreeningFact>, Error> {
        let mut facts = vec![self.fact(subject, subject.from)?, self.fact(subject, known_at)?];
        facts.dedup();
        Ok(facts)
    }
}
