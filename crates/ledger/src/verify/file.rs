//! The file itself: the tables of the format, pages, indexes and references.
//!
//! In: a store. Out: damage that belongs to no commit.

use super::hold;
use crate::LedgerError;
use crate::error::Doing;
use crate::schema::STEPS;
use crate::store::Store;

/// The tables are those of the format: none was altered, added or dropped.
pub(super) fn check_schema(store: &Store) -> Result<(), LedgerError> {
    let doing = "reading the tables of the store";
    let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    let found = store.all(doing, sql, [], |row| row.get::<_, String>(0))?;
    let fresh = rusqlite::Connection::open_in_memory().doing(doing)?;
    fresh.execute_batch(&STEPS.concat()).doing(doing)?;
    let mut statement = fresh.prepare(sql).doing(doing)?;
    let expected: Vec<String> =
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).doing(doing)?;
    hold(found == expected, || "its tables are not those of its format".into())
}

/// What `SQLite` itself knows: pages, references, and that every index says what its table says, which its quick check leaves out.
pub(super) fn check(store: &Store) -> Result<(), LedgerError> {
    let found =
        store.first("checking the file", "PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))?;
    hold(found.as_deref() == Some("ok"), || found.unwrap_or_default())?;
    let stray = store.first("checking references", "PRAGMA foreign_key_check", [], |_| Ok(()))?;
    hold(stray.is_none(), || "a row refers to a row that is missing".into())
}
