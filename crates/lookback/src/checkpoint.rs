//! Checkpoints of a store, signed, and proofs under them.
//!
//! In: a store, a key. Out: checkpoints and proofs as files, and whether a store still holds what a checkpoint says. Always holds: a store
//! that was cut, rolled back or written anew before a checkpoint's last commit no longer fits it (`PROVED`).

use std::path::Path;

use ledger::{AuditLog, Head, Ledger, LedgerError, Verified};
use model::{Commit, Digest};
use proof::{
    AuditHead, Checkpoint, Consistency, Hash, Inclusion, PublicKey, SecretKey, Statement, leaf, root,
};

use crate::{Access, Error, Store};

fn hash(digest: Digest) -> Hash {
    Hash(digest.0)
}

fn root_over(commits: &[Commit]) -> Hash {
    root(&commits.iter().map(|commit| leaf(&commit.hash.0)).collect::<Vec<_>>())
}

impl Store {
    /// Signs what the chain of commits is now.
    pub fn checkpoint(&self, key: &SecretKey) -> Result<Checkpoint, Error> {
        Ok(Checkpoint::sign(self.statement()?, key))
    }

    /// What a checkpoint would say now, unsigned.
    pub fn statement(&self) -> Result<Statement, Error> {
        let commits = self.ledger.commits()?;
        let head = commits.last().ok_or_else(|| Error::Usage("the store has no commit yet".into()))?;
        Ok(Statement {
            commits: head.seq,
            root: root_over(&commits),
            head: hash(head.hash),
            known_at: head.header.known_at.to_string(),
            audit: self.audit_head()?.map(|head| AuditHead { seq: head.seq, hash: hash(head.hash) }),
        })
    }

    /// The proof that a commit is under a checkpoint of this store.
    pub fn prove(&self, commit: u64, checkpoint: &Checkpoint) -> Result<Inclusion, Error> {
        let hashes = self.hashes_of(checkpoint.says.commits)?;
        let none = || Error::NotFound(format!("there is no commit {commit} under the checkpoint"));
        Inclusion::of(commit, &hashes).ok_or_else(none)
    }

    /// The proof that a later checkpoint of this store only added to an earlier one.
    pub fn prove_consistency(&self, earlier: &Checkpoint, later: &Checkpoint) -> Result<Consistency, Error> {
        let hashes = self.hashes_of(later.says.commits)?;
        let none = || Error::Usage("the first checkpoint is the later one".to_owned());
        Consistency::of(earlier.says.commits, &hashes).ok_or_else(none)
    }

    fn hashes_of(&self, commits: u64) -> Result<Vec<Hash>, Error> {
        let all = self.ledger.commits()?;
        let missing = || {
            let here = all.len();
            Error::NotFound(format!("the checkpoint is over {commits} commits, and the store has {here}"))
        };
        let count = usize::try_from(commits).ok().filter(|count| *count <= all.len()).ok_or_else(missing)?;
        Ok(all[..count].iter().map(|commit| hash(commit.hash)).collect())
    }
}

/// Recomputes everything that a store holds, and that it still has what a checkpoint says, which the key signed.
pub fn verify_against_checkpoint(
    path: &Path,
    checkpoint: &Checkpoint,
    key: &PublicKey,
) -> Result<Verified, Error> {
    if !checkpoint.holds(key) {
        return Err(Error::Usage(proof::Broken::Signature.to_string()));
    }
    let ledger = Ledger::open(path, Access::Read)?;
    if let Some(AuditHead { seq, hash }) = checkpoint.says.audit {
        let log = AuditLog::open_existing(path)?;
        let found = log.map(|log| log.hash_of(seq)).transpose()?.flatten();
        if found != Some(Digest(hash.0)) {
            let gone = format!("entry {seq} of the audit log is missing or another: the checkpoint names it");
            return Err(LedgerError::corrupt(gone).into());
        }
    }
    // Invariant(PROVED): the head of the checkpoint has to be a commit of the chain, whose hash covers everything before it.
    let head = Head { seq: Some(checkpoint.says.commits), hash: Digest(checkpoint.says.head.0) };
    let verified = ledger.verify_against(head)?;
    let commits = ledger.commits()?;
    let count = usize::try_from(checkpoint.says.commits).unwrap_or(usize::MAX).min(commits.len());
    if root_over(&commits[..count]) != checkpoint.says.root {
        return Err(Error::Usage(
            "the checkpoint's root is not that of these commits, though its head is: it was not made by this program".into(),
        ));
    }
    Ok(verified)
}
