//! Files of their own beside the store, each an `SQLite` database: how they are named, made and opened.
//!
//! Always holds: what is committed there is durable, what is removed is overwritten, and another process may use the file meanwhile.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::{AccountName, KnownAt};
use rusqlite::{Connection, Row};

use crate::LedgerError;
use crate::error::Doing;

/// What a file is.
pub(crate) struct Apart {
    /// What is added to the name of the store.
    pub(crate) suffix: &'static str,
    /// The application id that it carries.
    pub(crate) application_id: i64,
    /// Its tables, made where they are not.
    pub(crate) schema: &'static str,
    /// What is said where it cannot be opened.
    pub(crate) doing: &'static str,
}

impl Apart {
    /// Where the file of a store is.
    pub(crate) fn path_of(&self, store: &Path) -> PathBuf {
        let mut name = OsString::from(store);
        name.push(self.suffix);
        name.into()
    }

    /// Opens the file of a store, and makes it where there is none.
    pub(crate) fn open(&self, store: &Path) -> Result<Connection, LedgerError> {
        let doing = self.doing;
        let conn = Connection::open(self.path_of(store)).doing(doing)?;
        conn.busy_timeout(Duration::from_secs(5)).doing(doing)?;
        conn.pragma_update(None, "journal_mode", "WAL").doing(doing)?;
        conn.pragma_update(None, "synchronous", "FULL").doing(doing)?;
        conn.pragma_update(None, "secure_delete", "ON").doing(doing)?;
        let application: i64 =
            conn.pragma_query_value(None, "application_id", |row| row.get(0)).doing(doing)?;
        if application != self.application_id {
            conn.execute_batch(self.schema).doing(doing)?;
            conn.pragma_update(None, "application_id", self.application_id).doing(doing)?;
        }
        Ok(conn)
    }

    /// The same; where there is none, for its owner alone.
    pub(crate) fn open_private(&self, store: &Path) -> Result<Connection, LedgerError> {
        make_private(&self.path_of(store)).doing(self.doing)?;
        self.open(store)
    }
}

/// Makes an empty file that only its owner may read, where there is none; `SQLite` gives its log the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<KnownAt> {
    row.get(column).map(KnownAt::from_micros)
}

pub(crate) fn wrong(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "not what was kept".to_owned(), rusqlite::types::Type::Text)
}

pub(crate) fn name(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountName> {
    AccountName::new(&row.get::<_, String>(column)?).ok_or_else(|| wrong(column))
}
