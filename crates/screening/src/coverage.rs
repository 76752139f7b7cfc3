//! Who was screened against what: counts and list versions that follow the changes, so that "not found" is never "not looked at".
//!
//! Always holds: a list's version is the commit that last made it consist of other record versions, so that neither a policy nor a
//! file that repeats what is in force makes another one.

use std::collections::BTreeMap;

use ledger::{Batch, Version};
use model::{Coverage, DatasetName, Digest, ListVersion, Role};

use crate::Policy;
use crate::side::Party;

/// What an entity version counts as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A subject that is screened.
    Subject,
    /// A subject that cannot be screened, and why.
    Unscreenable(&'static str),
    /// A list entry.
    Entry(DatasetName),
    /// Stated by a list, but nothing that can alert: a relation, an address, an entry without a name.
    Unmatchable(DatasetName),
    /// Neither listed nor screened.
    Neither,
}

impl Standing {
    pub(crate) fn of(policy: &Policy, role: Option<Role>, version: &Version, party: &Party) -> Self {
        let (dataset, entity) = (&version.record.dataset, &version.record.entity);
        let unscreenable = party.profile.unscreenable(&policy.rules);
        match (role, unscreenable) {
            (Some(Role::Population), None) => Self::Subject,
            (Some(Role::Population), Some(matching::Unscreenable::NotMatchable))
            | (Some(Role::Intelligence) | None, _) => Self::Neither,
            (Some(Role::Population), Some(reason)) => Self::Unscreenable(reason.word()),
            (Some(Role::List), None) if policy.is_entry(dataset, entity) => Self::Entry(dataset.clone()),
            (Some(Role::List), _) => Self::Unmatchable(dataset.clone()),
        }
    }

    /// Counts the version in.
    pub(crate) fn enter(&self, coverage: &mut Coverage) {
        match self {
            Self::Subject => {
                coverage.subjects += 1;
                coverage.screened += 1;
            }
            Self::Unscreenable(reason) => {
                coverage.subjects += 1;
                *coverage.unscreenable.entry((*reason).to_owned()).or_default() += 1;
            }
            Self::Entry(dataset) => *coverage.entries.entry(dataset.to_string()).or_default() += 1,
            Self::Unmatchable(dataset) => *coverage.unmatchable.entry(dataset.to_string()).or_default() += 1,
            Self::Neither => {}
        }
    }

    /// Counts the version out.
    pub(crate) fn leave(&self, coverage: &mut Coverage) {
        match self {
            Self::Subject => {
                coverage.subjects -= 1;
                coverage.screened -= 1;
            }
            Self::Unscreenable(reason) => {
                coverage.subjects -= 1;
                decrease(&mut coverage.unscreenable, reason);
            }
            Self::Entry(dataset) => decrease(&mut coverage.entries, dataset.as_str()),
            Self::Unmatchable(dataset) => decrease(&mut coverage.unmatchable, dataset.as_str()),
            Self::Neither => {}
        }
    }
}

/// The content of each list: the sum of the row hashes of its versions in force. Row hashes are salted, so that a sum that stays in
/// the chain says nothing about a purged row.
#[derive(Debug, Default)]
pub(crate) struct Contents(BTreeMap<DatasetName, Digest>);

impl Contents {
    /// Those that a commit left.
    pub(crate) fn of(coverage: &Coverage) -> Self {
        Self(coverage.list_versions.iter().map(|(list, version)| (list.clone(), version.content)).collect())
    }

    /// Adds a version, if it is a list's.
    pub(crate) fn enter(&mut self, standing: &Standing, version: &Version) {
        self.update(standing, |content| content.wrapping_add(version.hash));
    }

    /// Takes a version out, if it is a list's.
    pub(crate) fn leave(&mut self, standing: &Standing, version: &Version) {
        self.update(standing, |content| content.wrapping_sub(version.hash));
    }

    fn update(&mut self, standing: &Standing, change: impl FnOnce(Digest) -> Digest) {
        let (Standing::Entry(list) | Standing::Unmatchable(list)) = standing else { return };
        match self.0.get_mut(list) {
            Some(content) => *content = change(*content),
            None => drop(self.0.insert(list.clone(), change(Digest::ZERO))),
        }
    }

    /// The version of each list with this batch: the one before where its content is the same.
    pub(crate) fn versions<'a>(
        &self,
        lists: impl Iterator<Item = &'a DatasetName>,
        before: &BTreeMap<DatasetName, ListVersion>,
        batch: &Batch<'_>,
    ) -> BTreeMap<DatasetName, ListVersion> {
        let version = |list| {
            let content = self.0.get(list).copied().unwrap_or(Digest::ZERO);
            let same = before.get(list).filter(|version| version.content == content);
            let new = || ListVersion { commit: batch.seq(), known_at: batch.known_at(), content };
            same.copied().unwrap_or_else(new)
        };
        lists.map(|list| (list.clone(), version(list))).collect()
    }
}

fn decrease(counts: &mut BTreeMap<String, u64>, key: &str) {
    let left = counts.get(key).copied().unwrap_or_default().saturating_sub(1);
    if left == 0 {
        counts.remove(key);
    } else {
        counts.insert(key.to_owned(), left);
    }
}
