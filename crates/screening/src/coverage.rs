//! Who was screened: counts that follow the changes, so that "not found" is never "not looked at".

use ledger::Version;
use model::{Coverage, DatasetName, Role};

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

fn decrease(counts: &mut std::collections::BTreeMap<String, u64>, key: &str) {
    let left = counts.get(key).copied().unwrap_or_default().saturating_sub(1);
    if left == 0 {
        counts.remove(key);
    } else {
        counts.insert(key.to_owned(), left);
    }
}
