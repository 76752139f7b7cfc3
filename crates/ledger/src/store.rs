//! The file: opening, locking, and every statement that reads or writes it.
//!
//! In: a path and SQL. Out: rows, or an error that says what was being done. Always holds: one writer at a time, by a lock on
//! `<path>.lock`; every write passes [`Store::write`], so that tests can make each of them fail.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Params, Row};

use crate::LedgerError;
use crate::error::Doing;
use crate::schema::{APPLICATION_ID, FORMAT, STEPS};

/// Asked before every call that writes, with its name; `true` makes that call fail.
pub(crate) type Faults = Box<dyn FnMut(&'static str) -> bool + Send>;

/// An open file. The connection is dropped before the lock.
pub(crate) struct Store {
    conn: Connection,
    faults: Option<RefCell<Faults>>,
    group: Cell<Group>,
    lock: Option<File>,
}

/// Whether commits are made durable one by one or several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Each on its own.
    Closed,
    /// Together, when the group is closed; so many stand in it.
    Open(usize),
}

/// 64 MiB of page cache: the keys of a million entities stay in it while a batch is resolved.
const CACHE_KIB: i64 = 65_536;
/// 512 MiB from the first group on: the keys of five million lines. Every commit of a group writes all over them.
const GROUP_CACHE_KIB: i64 = 524_288;
/// The write-ahead log is cut back to this after a large batch.
const WAL_BYTES: i64 = 64 << 20;
/// More than the distinct statements of this crate.
const STATEMENTS: usize = 96;

impl Store {
    /// Builds the tables beside `path` and moves the file there, so that a crash leaves no half-made store.
    pub(crate) fn create(path: &Path) -> Result<Self, LedgerError> {
        let lock = lock(path)?;
        if path.exists() {
            return Err(LedgerError::Exists(path.to_owned()));
        }
        let draft = beside(path, ".new");
        for file in [draft.clone(), beside(&draft, "-wal"), beside(&draft, "-shm")] {
            if file.exists() {
                fs::remove_file(file).doing("removing a half-made store")?;
            }
        }
        let conn = Connection::open(&draft).doing("creating the store")?;
        conn.pragma_update(None, "journal_mode", "WAL").doing("creating the store")?;
        migrate(&conn, 0)?;
        conn.close().map_err(|(_, error)| error).doing("creating the store")?;
        fs::rename(&draft, path).doing("creating the store")?;
        Self::connect(path, Some(lock), None)
    }

    pub(crate) fn open(path: &Path, write: bool, faults: Option<Faults>) -> Result<Self, LedgerError> {
        if !path.is_file() {
            return Err(LedgerError::NotAStore {
                path: path.to_owned(),
                why: "there is no such file".into(),
            });
        }
        let lock = if write { Some(lock(path)?) } else { None };
        Self::connect(path, lock, faults)
    }

    fn connect(path: &Path, lock: Option<File>, faults: Option<Faults>) -> Result<Self, LedgerError> {
        let conn = match lock {
            Some(_) => connection(path, true)?,
            None => connection(path, false).or_else(|error| immutable(path).ok_or(error))?,
        };
        for (pragma, value) in [
            ("cache_size", -CACHE_KIB),
            ("foreign_keys", 1),
            ("journal_size_limit", WAL_BYTES),
            ("secure_delete", 1),
        ] {
            conn.pragma_update(None, pragma, value).doing("opening the store")?;
        }
        conn.pragma_update(None, "synchronous", "FULL").doing("opening the store")?;
        // Without it a statement is planned anew whenever a bound value changes, which took half the time of a look-up.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).doing("opening the store")?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        let store = Self { conn, faults: faults.map(RefCell::new), group: Cell::new(Group::Closed), lock };
        if store.lock.is_some() && store.unscrubbed_mark().is_some_and(|mark| mark.exists()) {
            store.scrub()?;
        }
        Ok(store)
    }

    /// Refuses a store that was opened for reading.
    pub(crate) fn writable(&self) -> Result<(), LedgerError> {
        if self.lock.is_some() { Ok(()) } else { Err(LedgerError::ReadOnly) }
    }

    /// Runs one statement that writes; the number of rows that it touched.
    pub(crate) fn write(
        &self,
        call: &'static str,
        sql: &str,
        params: impl Params,
    ) -> Result<usize, LedgerError> {
        if let Some(faults) = &self.faults
            && (faults.borrow_mut())(call)
        {
            return Err(LedgerError::Storage { doing: call, source: "a fault of a test".into() });
        }
        self.conn.prepare_cached(sql).and_then(|mut statement| statement.execute(params)).doing(call)
    }

    /// Reads the first row of an answer, if there is one.
    pub(crate) fn first<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, LedgerError> {
        let mut statement = self.conn.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params).doing(doing)?;
        rows.next().doing(doing)?.map(read).transpose().doing(doing)
    }

    /// Reads every row of an answer, streamed.
    pub(crate) fn each(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut statement = self.conn.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            read(row)?;
        }
        Ok(())
    }

    /// Reads every row of an answer into memory.
    pub(crate) fn all<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut statement = self.conn.prepare_cached(sql).doing(doing)?;
        statement.query_map(params, read).and_then(Iterator::collect).doing(doing)
    }

    /// Begins the transaction of a batch; in an open group, a part of the group's transaction.
    pub(crate) fn begin(&self) -> Result<(), LedgerError> {
        self.writable()?;
        if self.conn.is_autocommit() {
            self.write("beginning a batch", "BEGIN IMMEDIATE", [])?;
        }
        match self.group.get() {
            Group::Closed => Ok(()),
            Group::Open(_) => self.write("beginning a batch", "SAVEPOINT batch", []).map(drop),
        }
    }

    /// Makes the transaction of a batch durable; in an open group, a part of the group.
    pub(crate) fn commit(&self) -> Result<(), LedgerError> {
        match self.group.get() {
            Group::Closed => self.write("committing", "COMMIT", []).map(drop),
            Group::Open(commits) => {
                self.write("committing", "RELEASE batch", [])?;
                self.group.set(Group::Open(commits + 1));
                Ok(())
            }
        }
    }

    /// Gives a batch up, if there is one; what its group holds stays. When this fails too, `SQLite` rolls back on the next opening.
    pub(crate) fn rollback(&self) {
        let sql = match self.group.get() {
            Group::Closed | Group::Open(0) => "ROLLBACK",
            Group::Open(_) => "ROLLBACK TO batch; RELEASE batch",
        };
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch(sql);
        }
    }

    /// From here on commits stand, but are made durable together.
    pub(crate) fn open_group(&self) -> Result<(), LedgerError> {
        self.writable()?;
        if self.group.get() == Group::Closed {
            self.conn.pragma_update(None, "cache_size", -GROUP_CACHE_KIB).doing("opening a group")?;
            self.group.set(Group::Open(0));
        }
        Ok(())
    }

    /// Makes the commits of a group durable. After an error none of them stands.
    pub(crate) fn close_group(&self) -> Result<(), LedgerError> {
        let Group::Open(commits) = self.group.replace(Group::Closed) else { return Ok(()) };
        if commits == 0 {
            return Ok(());
        }
        let committed = self.write("committing a group", "COMMIT", []).map(drop);
        if committed.is_err() {
            self.rollback();
        }
        committed
    }

    /// Gives the commits of a group up: none of them ever stood.
    pub(crate) fn abandon_group(&self) {
        self.group.set(Group::Closed);
        self.rollback();
    }

    /// Writes something that changes nothing, durably: an error says that nothing can be written now.
    pub(crate) fn probe(&self) -> Result<(), LedgerError> {
        self.begin()?;
        let written = self
            .write("trying to write", &format!("PRAGMA user_version = {FORMAT}"), [])
            .and_then(|_| self.commit());
        if written.is_err() {
            self.rollback();
        }
        written
    }

    /// Lets everything that `read` reads see one state, also while another process commits.
    pub(crate) fn snapshot<T, E: From<LedgerError>>(
        &self,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let outermost = self.conn.is_autocommit();
        if outermost {
            self.conn.execute_batch("BEGIN DEFERRED").doing("beginning to read")?;
        }
        let answer = read();
        if outermost {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
        answer
    }

    fn unscrubbed_mark(&self) -> Option<PathBuf> {
        self.conn.path().map(|path| unscrubbed_mark(Path::new(path)))
    }

    /// Notes that bytes are to leave the file, so that whoever opens it after a crash sees to it.
    pub(crate) fn mark_unscrubbed(&self) -> Result<(), LedgerError> {
        let doing = "noting that a purge begins";
        let mark =
            self.unscrubbed_mark().ok_or(LedgerError::Misuse("a store without a file is not purged"))?;
        File::create(mark).and_then(|mark| mark.sync_all()).doing(doing)
    }

    /// Writes the file anew without what was freed in it, and empties its log.
    pub(crate) fn scrub(&self) -> Result<(), LedgerError> {
        self.writable()?;
        self.write("writing the file anew", "VACUUM", [])?;
        let doing = "emptying the log";
        let busy = self.first(doing, "PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))?;
        if busy == Some(true) {
            return Err(LedgerError::Busy(self.conn.path().unwrap_or_default().into()));
        }
        match self.unscrubbed_mark() {
            Some(mark) if mark.exists() => fs::remove_file(mark).doing("noting that a purge is complete"),
            _ => Ok(()),
        }
    }

    /// The row id of the last insertion.
    pub(crate) fn last_insert(&self) -> i64 {
        self.conn.last_insert_rowid()
    }
}

/// Lies beside the store from before a purge until its bytes have left the file.
pub(crate) fn unscrubbed_mark(path: &Path) -> PathBuf {
    beside(path, ".purging")
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Opens the file, and checks that it is a store of a format known here.
pub(crate) fn connection(path: &Path, write: bool) -> Result<Connection, LedgerError> {
    let mode = if write { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let conn = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .doing("opening the store")?;
    conn.busy_timeout(std::time::Duration::from_secs(5)).doing("opening the store")?;
    check_format(&conn, path, write)?;
    Ok(conn)
}

/// A store where this user may write nothing, not even the files that readers and the writer share: opened as one that does not
/// change while it is read. `None` when a writer has left something in the write-ahead log, which would go unseen.
pub(crate) fn immutable(path: &Path) -> Option<Connection> {
    let log = fs::metadata(beside(path, "-wal"));
    if log.is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let name = path.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mode =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(format!("file:{name}?immutable=1"), mode).ok()?;
    check_format(&conn, path, false).is_ok().then_some(conn)
}

pub(crate) fn lock(path: &Path) -> Result<File, LedgerError> {
    let options = || File::options().create(true).truncate(false).write(true).open(beside(path, ".lock"));
    let file = options().doing("opening the lock beside the store")?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(error).doing("locking the store"),
    }
}

fn check_format(conn: &Connection, path: &Path, write: bool) -> Result<(), LedgerError> {
    let not_a_store = |why: String| LedgerError::NotAStore { path: path.to_owned(), why };
    let number = |pragma: &str| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = number("application_id").map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => not_a_store("it is not an SQLite file".into()),
        _ => LedgerError::from_sqlite("opening the store", error),
    })?;
    if application != APPLICATION_ID {
        return Err(not_a_store("it is an SQLite file of another application".into()));
    }
    let found = number("user_version").doing("reading the format of the store")?;
    match found {
        FORMAT => Ok(()),
        1.. if found < FORMAT && write => migrate(conn, found),
        1.. if found < FORMAT => Err(LedgerError::OlderFormat { found, known: FORMAT }),
        _ => Err(LedgerError::UnknownFormat { found, known: FORMAT }),
    }
}

fn migrate(conn: &Connection, from: i64) -> Result<(), LedgerError> {
    let doing = "building the tables of the store";
    let transaction = conn.unchecked_transaction().doing(doing)?;
    for step in STEPS.iter().skip(from.cast_unsigned() as usize) {
        transaction.execute_batch(step).doing(doing)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).doing(doing)?;
    transaction.pragma_update(None, "user_version", FORMAT).doing(doing)?;
    transaction.commit().doing(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No kill of a process can show this; only a power cut would.
    #[test]
    fn acknowledged_commits_are_synced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("store.lookback")).unwrap();
        let pragma = |name: &str| {
            store.conn.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
        };
        assert_eq!(pragma("synchronous").unwrap(), 2.into());
        assert_eq!(pragma("journal_mode").unwrap(), "wal".to_owned().into());
        assert_eq!(pragma("foreign_keys").unwrap(), 1.into());
    }

    #[test]
    fn a_store_where_nothing_may_be_written_is_read_unless_its_log_holds_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk 1%?.lookback");
        drop(Store::create(&path).unwrap());
        assert!(immutable(&path).is_some());
        fs::write(beside(&path, "-wal"), b"something").unwrap();
        assert!(immutable(&path).is_none());
    }
}
