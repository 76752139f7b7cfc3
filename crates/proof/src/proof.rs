//! Proofs as files: that a commit is under a checkpoint, that a later checkpoint only added to an earlier one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, Hash, PublicKey, consistency_path, holds_consistency, holds_inclusion, inclusion_path, leaf,
};

/// That a commit is under a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inclusion {
    /// The commit's sequence number, from 1.
    pub commit: u64,
    /// Its hash.
    pub hash: Hash,
    /// How many commits the tree is over.
    pub commits: u64,
    /// The hashes that lead to the root, the lowest first.
    pub path: Vec<Hash>,
}

/// That the commits of an earlier checkpoint are the first ones of a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// How many commits the earlier tree is over.
    pub from: u64,
    /// How many the later one.
    pub to: u64,
    /// The hashes that show it.
    pub path: Vec<Hash>,
}

/// Why something does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The checkpoint was not signed with this key, or says something else than was signed.
    Signature,
    /// The proof is over another number of commits than the checkpoint.
    OtherCheckpoint,
    /// The hashes do not lead to the root.
    Path,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "this key did not sign what the checkpoint says",
            Self::OtherCheckpoint => {
                "the proof is for another checkpoint: it is over another number of commits"
            }
            Self::Path => "the hashes do not lead to the root that the checkpoint says",
        })
    }
}

impl std::error::Error for Broken {}

fn leaves(commits: &[Hash]) -> Vec<Hash> {
    commits.iter().map(|hash| leaf(&hash.0)).collect()
}

/// The root over the hashes of commits.
pub(crate) fn check_signature(checkpoint: &Checkpoint, key: &PublicKey) -> Result<(), Broken> {
    if checkpoint.holds(key) { Ok(()) } else { Err(Broken::Signature) }
}

impl Inclusion {
    /// For a commit among the hashes of all commits of a checkpoint; `None` when it is not among them.
    pub fn of(commit: u64, commits: &[Hash]) -> Option<Self> {
        let index = usize::try_from(commit.checked_sub(1)?).ok()?;
        let path = inclusion_path(index, &leaves(commits))?;
        Some(Self { commit, hash: commits[index], commits: commits.len() as u64, path })
    }

    /// Whether it holds under a checkpoint that the key signed.
    // Invariant(PROVED): nothing is believed but the key.
    pub fn check(&self, checkpoint: &Checkpoint, key: &PublicKey) -> Result<(), Broken> {
        check_signature(checkpoint, key)?;
        if self.commits != checkpoint.says.commits || self.commit == 0 {
            return Err(Broken::OtherCheckpoint);
        }
        let (leaf, index) = (leaf(&self.hash.0), self.commit - 1);
        let holds = holds_inclusion(leaf, index, self.commits, &self.path, checkpoint.says.root);
        if holds { Ok(()) } else { Err(Broken::Path) }
    }
}

impl Consistency {
    /// From the first `from` commits to all of these; `None` when there are fewer, or `from` is 0.
    pub fn of(from: u64, commits: &[Hash]) -> Option<Self> {
        let path = consistency_path(usize::try_from(from).ok()?, &leaves(commits))?;
        Some(Self { from, to: commits.len() as u64, path })
    }

    /// Whether it holds between two checkpoints that the key signed.
    pub fn check(&self, earlier: &Checkpoint, later: &Checkpoint, key: &PublicKey) -> Result<(), Broken> {
        check_signature(earlier, key)?;
        check_signature(later, key)?;
        if (self.from, self.to) != (earlier.says.commits, later.says.commits) {
            return Err(Broken::OtherCheckpoint);
        }
        let (first, second) = ((self.from, earlier.says.root), (self.to, later.says.root));
        if holds_consistency(first, second, &self.path) { Ok(()) } else { Err(Broken::Path) }
    }
}
