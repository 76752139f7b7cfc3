//! Commits: one atomic, hash-chained batch of the ledger, and the proof of what was screened with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{DatasetName, Digest, KnownAt};

/// Which engine and tables decided. Another one on opening triggers a full re-examination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Engine {
    /// Version of the rules in code.
    pub engine: String,
    /// Version of the shipped reference tables.
    pub tables: String,
}

/// Where a commit's lines came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceFile {
    /// The file's name, without its folder.
    pub name: String,
    /// SHA-256 of the file as read (before decompression).
    pub digest: Digest,
}

/// What a caller states about a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CommitHeader {
    /// When its content became known.
    pub known_at: KnownAt,
    /// Who commits, as asserted.
    pub actor: String,
    /// For what.
    pub purpose: String,
    /// The files it was read from.
    pub sources: Vec<SourceFile>,
    /// Which engine screened it.
    pub engine: Engine,
}

/// How many lines and rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Rows of the sources.
    pub rows: u64,
    /// Put lines kept.
    pub puts: u64,
    /// Delete lines kept.
    pub deletes: u64,
    /// Identical puts of one key that collapsed into one.
    pub collapsed: u64,
    /// Rows that became no record.
    pub rejects: u64,
}

/// What was examined with a commit, so that "not found" can be told from "not looked at".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Coverage {
    /// Subjects in force after the commit.
    pub subjects: u64,
    /// Subjects that can be screened, and are, against every entry.
    pub screened: u64,
    /// Subjects that cannot be screened, by reason.
    pub unscreenable: BTreeMap<String, u64>,
    /// List entries in force after the commit that can alert, by dataset.
    pub entries: BTreeMap<String, u64>,
    /// List entries in force that have neither a name nor a strong identifier, by dataset.
    pub unmatchable: BTreeMap<String, u64>,
    /// The version of each list after the commit; empty lists are among them.
    pub list_versions: BTreeMap<DatasetName, ListVersion>,
    /// Parties in force from which a chain leads to a listed organisation. What follows from none is that nobody was linked to one.
    #[serde(default, skip_serializing_if = "is_none")]
    pub seeds: u64,
    /// Positive controls: how many were checked; all of them held, or the commit would not stand.
    pub controls: u64,
    /// What this commit made the engine look at.
    pub examination: Examination,
    /// For a commit that holds nothing but decisions, which no alert follows from: the commit whose coverage this repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What a list says, from the commit that made it say so until one makes it say something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListVersion {
    /// Sequence number of the commit that last changed it.
    pub commit: u64,
    /// When that became known.
    pub known_at: KnownAt,
    /// Sum of the hashes of the record versions in force: equal as long as they are the same ones.
    pub content: Digest,
}

/// Work done by a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Examination {
    /// Subjects that changed and were screened against the lists.
    pub subjects_screened: u64,
    /// List entries that changed and were screened against the subjects.
    pub entries_screened: u64,
    /// Pairs scored.
    pub pairs_scored: u64,
}

/// A commit as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Commit {
    /// Sequence number, from 1.
    pub seq: u64,
    /// What the caller stated.
    #[serde(flatten)]
    pub header: CommitHeader,
    /// What it holds.
    pub counts: Counts,
    /// Digest of the policy in force after it; `None` for the built-in default.
    pub policy: Option<Digest>,
    /// Hash of the commit before.
    pub previous: Digest,
    /// Its own hash.
    pub hash: Digest,
}
