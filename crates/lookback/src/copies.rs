//! Backups: a copy of a store is a store.
//!
//! In: a store that may be read and written meanwhile, and a place where nothing is. Out: what the copy holds. Always holds (`BACKUP`): the copy was
//! verified, with its audit log and held files, before it stood at its place; what stood anywhere before is as it was.

use std::path::Path;

use ledger::{StoreCopy, Verified};

use crate::Error;
use crate::audit::{AuditVerified, verify_audit};
use crate::store::verify;

/// What a copy holds.
#[derive(Debug, Clone)]
pub struct Copied {
    /// Of the ledger.
    pub store: Verified,
    /// Of the audit log.
    pub audit: AuditVerified,
    /// The length of the ledger's file.
    pub bytes: u64,
}

/// Copies a store with its audit log, as of one moment, and verifies the copy.
pub fn copy_store(from: &Path, to: &Path) -> Result<Copied, Error> {
    let copy = StoreCopy::take(from, to)?;
    let (store, audit) = (verify(copy.path(), None)?, verify_audit(copy.path())?);
    let bytes = std::fs::metadata(copy.path()).map_or(0, |file| file.len());
    copy.keep()?;
    Ok(Copied { store, audit, bytes })
}
