//! A copy of a store, taken while others read and write it.
//!
//! In: the path of a store, and of a place where nothing is. Out: a store there. Always holds (`BACKUP`): at the new place stands all of one moment or
//! nothing; the copied audit log goes at least as far as the copied commits say. Index files are not copied: whoever opens the copy
//! builds them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::error::Doing;
use crate::store::{beside, connection, immutable, lock, unscrubbed_mark};
use crate::{AuditLog, Credentials, LedgerError, Webhooks};

/// A copy that stands beside its place until it is kept; one that is dropped is removed.
pub struct StoreCopy {
    draft: PathBuf,
    to: PathBuf,
    _lock: File,
}

impl StoreCopy {
    /// Copies the store at `from`, with its audit log, what its accounts show and its webhooks, for the place `to`.
    pub fn take(from: &Path, to: &Path) -> Result<Self, LedgerError> {
        if !from.is_file() {
            return Err(LedgerError::NotAStore {
                path: from.to_owned(),
                why: "there is no such file".into(),
            });
        }
        let lock = lock(to)?;
        if let Some(there) = files_of(to).into_iter().find(|path| path.exists()) {
            return Err(LedgerError::Exists(there));
        }
        let copy = Self { draft: beside(to, ".copy"), to: to.to_owned(), _lock: lock };
        copy.remove_draft();
        // Before the ledger: whoever was told of a commit that the copy does not have would not be told of the one in its place.
        if Webhooks::path_of(from).is_file() {
            let (told, draft) = (Webhooks::open(from)?, Webhooks::path_of(&copy.draft));
            copy_database(told.connection(), &Webhooks::path_of(from), &draft)?;
        }
        let store = connection(from, false).or_else(|error| immutable(from).ok_or(error))?;
        copy_database(&store, from, &copy.draft)?;
        drop(store);
        // After the ledger: its commits name entries of the log, and the log may go further, never less far.
        if let Some(log) = AuditLog::open_existing(from)? {
            copy_database(log.connection(), &AuditLog::path_of(from), &AuditLog::path_of(&copy.draft))?;
        }
        if Credentials::path_of(from).is_file() {
            let (shown, draft) = (Credentials::open(from)?, Credentials::path_of(&copy.draft));
            copy_database(shown.connection(), &Credentials::path_of(from), &draft)?;
        }
        Ok(copy)
    }

    /// Where it stands until it is kept.
    pub fn path(&self) -> &Path {
        &self.draft
    }

    /// Moves it to its place: the store last, so that one that is there is whole.
    pub fn keep(self) -> Result<(), LedgerError> {
        let doing = "moving the copy to its place";
        for (draft, to) in files_of(&self.draft).into_iter().zip(files_of(&self.to)) {
            if draft.is_file() {
                fs::rename(draft, to).doing(doing)?;
            }
        }
        let folder = self.to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).doing(doing)
    }

    fn remove_draft(&self) {
        for file in files_of(&self.draft) {
            for file in [file.clone(), beside(&file, "-wal"), beside(&file, "-shm")] {
                // What is not there need not be removed; what cannot be is in the way of nobody but the next copy, which says so.
                let _ = fs::remove_file(file);
            }
        }
    }
}

impl Drop for StoreCopy {
    fn drop(&mut self) {
        self.remove_draft();
    }
}

/// The files that a store consists of, itself last.
fn files_of(store: &Path) -> [PathBuf; 4] {
    [Credentials::path_of(store), Webhooks::path_of(store), AuditLog::path_of(store), store.to_owned()]
}

/// All pages as of one moment. The writer goes on meanwhile; its log is not cut back before the copy is done.
fn copy_database(from: &Connection, path: &Path, to: &Path) -> Result<(), LedgerError> {
    let doing = "copying the store";
    from.execute_batch("BEGIN DEFERRED; SELECT count(*) FROM sqlite_schema").doing(doing)?;
    if unscrubbed_mark(path).exists() {
        return Err(LedgerError::Misuse(
            "a purge is under way, and a copy would keep what it removes: copy the store when it is done; \
             if it was interrupted, the next command that writes completes it",
        ));
    }
    let mut draft = Connection::open(to).doing(doing)?;
    let permissions = fs::metadata(path).doing(doing)?.permissions();
    fs::set_permissions(to, permissions).doing(doing)?;
    draft.pragma_update(None, "synchronous", "FULL").doing(doing)?;
    let step = Backup::new(from, &mut draft).and_then(|backup| backup.step(-1)).doing(doing)?;
    if step != StepResult::Done {
        return Err(LedgerError::Busy(path.to_owned()));
    }
    from.execute_batch("ROLLBACK").doing(doing)?;
    draft.close().map_err(|(_, error)| error).doing(doing)
}
