//! Rejects: rows of a source that became no record, kept with the commit of the rows that did.
//!
//! In: file, line and reason, without personal data. Out: the same, as long as the store stands. Always holds: a commit counts as
//! many rejects as it keeps, and its hash covers them.

use model::{Digest, Digester};
use rusqlite::params;

use crate::error::Doing;
use crate::store::Store;
use crate::{Batch, Ledger, LedgerError};

/// A row of a source that became no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReject {
    /// The commit that it came with.
    pub commit: u64,
    /// The file's name, without its folder.
    pub file: String,
    /// The line at which the row begins, from 1.
    pub line: u64,
    /// Why; no personal data.
    pub reason: String,
}

impl Batch<'_> {
    /// Keeps a reject with this commit, and counts it.
    pub fn reject(&mut self, file: &str, line: u64, reason: &str) -> Result<(), LedgerError> {
        let sql = "INSERT INTO rejects (commit_seq, file, line, reason) VALUES (?1, ?2, ?3, ?4)";
        let params = params![self.seq.cast_signed(), file, line.cast_signed(), reason];
        let kept = self.store.write("keeping a reject", sql, params).map(drop);
        self.counts_mut().rejects += 1;
        self.guard(kept)
    }
}

impl Ledger {
    /// The rejects of one commit, or of all, commit by commit in the order in which they were met.
    pub fn rejects(&self, commit: Option<u64>) -> Result<Vec<KeptReject>, LedgerError> {
        let mut rejects = Vec::new();
        each(&self.store, commit, |reject| rejects.push(reject))?;
        Ok(rejects)
    }
}

/// The digest of a commit's rejects, and how many there are.
pub(crate) fn digest_of(store: &Store, seq: u64) -> Result<(Digest, u64), LedgerError> {
    let (mut digester, mut count) = (Digester::new(), 0);
    each(store, Some(seq), |reject| {
        digester
            .field(reject.file.as_bytes())
            .number(reject.line.cast_signed())
            .field(reject.reason.as_bytes());
        count += 1;
    })?;
    Ok((digester.finish(), count))
}

fn each(store: &Store, commit: Option<u64>, mut take: impl FnMut(KeptReject)) -> Result<(), LedgerError> {
    let doing = "reading rejects";
    let (first, last) = commit.map_or((0, i64::MAX), |seq| (seq.cast_signed(), seq.cast_signed()));
    let sql = "SELECT commit_seq, file, line, reason FROM rejects WHERE commit_seq BETWEEN ?1 AND ?2
        ORDER BY commit_seq, number";
    store.each(doing, sql, [first, last], |row| {
        take(KeptReject {
            commit: row.get::<_, i64>(0).doing(doing)?.cast_unsigned(),
            file: row.get(1).doing(doing)?,
            line: row.get::<_, i64>(2).doing(doing)?.cast_unsigned(),
            reason: row.get(3).doing(doing)?,
        });
        Ok(())
    })
}
