//! A checkpoint: what the chain of commits was at some time, signed. Kept elsewhere, it betrays that the store was cut or rolled back.

use serde::{Deserialize, Serialize};

use crate::{Hash, PublicKey, SecretKey};

/// How far the audit log went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditHead {
    /// Sequence number of its last entry.
    pub seq: u64,
    /// Hash of that entry.
    pub hash: Hash,
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// How many commits there were: the sequence number of the last.
    pub commits: u64,
    /// Root of the Merkle tree over their hashes.
    pub root: Hash,
    /// Hash of the last commit.
    pub head: Hash,
    /// When the last commit became known.
    pub known_at: String,
    /// How far the audit log went, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
}

/// A signed statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// What it says.
    #[serde(flatten)]
    pub says: Statement,
    /// Which key signed it.
    pub key: String,
    /// Ed25519 over the lines of [`Statement::signed`], as 128 hexadecimal digits.
    pub signature: String,
}

impl Statement {
    /// The bytes that are signed: a line of its kind, then each field on a line of its own; `-` for no audit log.
    pub fn signed(&self) -> Vec<u8> {
        let Self { commits, root, head, known_at, audit } = self;
        let audit = audit.map_or("-".to_owned(), |audit| format!("{} {}", audit.seq, audit.hash));
        format!("lookback checkpoint 1\n{commits}\n{root}\n{head}\n{known_at}\n{audit}\n").into_bytes()
    }
}

impl Checkpoint {
    /// Signs a statement.
    pub fn sign(says: Statement, key: &SecretKey) -> Self {
        let signature = key.sign(&says.signed());
        Self { says, key: key.public().id(), signature }
    }

    /// Whether the key signed just this.
    pub fn holds(&self, key: &PublicKey) -> bool {
        self.key == key.id()
            && !self.says.known_at.contains('\n')
            && key.has_signed(&self.says.signed(), &self.signature)
    }
}
