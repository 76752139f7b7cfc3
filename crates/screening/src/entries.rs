//! The list entries of one commit, apart from the engine that goes on: any number of threads ask at once.
//!
//! In: a profile. Out: the rows of the entries that can score at least so much. Always holds: it finds what the engine of that commit
//! would (`LOSSLESS`); a copy that follows the ledger further leaves this one as it was.

use std::collections::BTreeMap;

use index::{Index, Scratch};
use ledger::{RowId, Version};
use matching::Profile;
use model::{DatasetName, Role, Score};

use crate::coverage::Standing;
use crate::side::{self, Party, document_of, row_of};
use crate::{Engine, Policy};

/// The indexed entries, the policy and the roles of datasets, as of one commit.
#[derive(Clone)]
pub struct Entries {
    policy: Policy,
    roles: BTreeMap<DatasetName, Role>,
    index: Index,
}

impl Engine {
    /// The entries as this engine has them now.
    pub fn entries(&self) -> Entries {
        Entries {
            policy: self.policy.clone(),
            roles: self.roles.clone(),
            index: self.indexes.entries.clone(),
        }
    }
}

impl Entries {
    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What each dataset is for.
    pub fn roles(&self) -> &BTreeMap<DatasetName, Role> {
        &self.roles
    }

    /// What screening sees of a version, if it is an entry that can alert.
    pub fn party(&self, version: &Version) -> Option<Party> {
        let party = Party::of(&self.policy, version);
        let role = self.roles.get(&version.record.dataset).copied();
        let standing = Standing::of(&self.policy, role, version, &party);
        matches!(standing, Standing::Entry(_)).then_some(party)
    }

    /// Takes in a later entry.
    pub fn insert(&mut self, party: &Party) {
        side::insert(&mut self.index, &self.policy.rules, document_of(party.row), &party.profile);
    }

    /// Leaves out a version that is no longer in force; nothing happens when it was no entry.
    pub fn remove(&mut self, row: RowId) {
        self.index.remove(document_of(row));
    }

    /// The rows of every entry that can score at least `least` with a profile, and of some that cannot; ascending.
    pub fn candidates(&self, profile: &Profile, least: Score, scratch: &mut Scratch) -> Vec<RowId> {
        let found = side::candidates(&self.index, &self.policy.rules, profile, least, scratch);
        found.into_iter().filter_map(row_of).collect()
    }
}
