//! Errors of the ledger, by what the caller can do about them. Messages name places (commits, lines, files), never people.

use std::fmt;
use std::io;
use std::path::PathBuf;

use model::{KnownAt, RecordKind};

use crate::RowId;

/// What went wrong, and so what the caller can do.
#[derive(Debug)]
pub enum LedgerError {
    /// Caller's fault: there is a file where a new store was to be created.
    Exists(PathBuf),
    /// Caller's fault: the file is missing or is no store.
    NotAStore {
        /// Which file.
        path: PathBuf,
        /// Why it is none.
        why: String,
    },
    /// The store was written by a later version of this program: use that one.
    UnknownFormat {
        /// The store's format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The store has an older format: open it once for writing, which migrates it.
    OlderFormat {
        /// The store's format.
        found: i64,
        /// The format needed.
        known: i64,
    },
    /// Another process writes to the store: try again when it has finished. Reading goes on.
    Busy(PathBuf),
    /// Caller's fault: a write to a store opened for reading.
    ReadOnly,
    /// Caller's fault: a batch that became known earlier than the head.
    RunsBack {
        /// When the last commit became known.
        head: KnownAt,
        /// When the refused batch is said to have become known.
        asked: KnownAt,
    },
    /// Caller's fault: two puts of one key that differ, at one `known_at`.
    Conflict {
        /// What kind of record.
        kind: RecordKind,
        /// The line of the first put.
        first: u64,
        /// The line of the second.
        second: u64,
        /// The commit that holds the first, when it is an earlier commit of the same `known_at`.
        earlier: Option<u64>,
    },
    /// Caller's fault: calls in an order that has no meaning; the text says which.
    Misuse(&'static str),
    /// Caller's fault: there is no such record version.
    NoSuchRow(RowId),
    /// Caller's fault: there is no such held version, or it was released or discarded.
    NoSuchHeld(u64),
    /// A callback asked for a stream to stop.
    Stopped,
    /// The store is damaged or was altered: restore a copy, or replay the journal.
    Corrupt {
        /// The first commit that does not hold, where it is known.
        commit: Option<u64>,
        /// What is wrong.
        what: String,
    },
    /// The storage failed: nothing of the batch was kept; see to the disk and try again.
    Storage {
        /// What was being done.
        doing: &'static str,
        /// What the storage said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => {
                write!(f, "{} exists: a new store needs a path where nothing is", path.display())
            }
            Self::NotAStore { path, why } => write!(f, "{} is no store: {why}", path.display()),
            Self::UnknownFormat { found, known } => {
                write!(
                    f,
                    "the store has format {found}, and this program knows formats up to {known}: use a newer program"
                )
            }
            Self::OlderFormat { found, known } => {
                write!(
                    f,
                    "the store has format {found}, older than {known}: open it once for writing to migrate it"
                )
            }
            Self::Busy(path) => {
                write!(
                    f,
                    "another process is writing to {}: wait for it to finish; reading goes on",
                    path.display()
                )
            }
            Self::ReadOnly => f.write_str("the store was opened for reading"),
            Self::RunsBack { head, asked } => write!(
                f,
                "known_at never runs back: the store knows things up to {head}, and the batch became known at {asked}; \
                 merge the journals in order of known_at and replay them into a new store"
            ),
            Self::Conflict { kind, first, second, earlier: None } => write!(
                f,
                "lines {first} and {second} put the same {} differently at one known_at: keep one of them",
                kind.word()
            ),
            Self::Conflict { kind, first, second, earlier: Some(commit) } => write!(
                f,
                "line {second} puts the same {} as line {first} of commit {commit}, differently and at the same known_at: \
                 give the new one a later known_at",
                kind.word()
            ),
            Self::Misuse(what) => f.write_str(what),
            Self::NoSuchRow(row) => write!(f, "there is no record version {}", row.0),
            Self::NoSuchHeld(id) => {
                write!(f, "there is no held version {id}, or it was released or discarded")
            }
            Self::Stopped => f.write_str("the reader stopped the stream"),
            Self::Corrupt { commit: Some(commit), what } => {
                write!(f, "the store does not hold at commit {commit}: {what}")
            }
            Self::Corrupt { commit: None, what } => write!(f, "the store does not hold: {what}"),
            Self::Storage { doing, source } => write!(f, "the storage failed while {doing}: {source}"),
        }
    }
}

impl std::error::Error for LedgerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Storage { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl LedgerError {
    /// Damage that was met.
    pub fn corrupt(what: impl fmt::Display) -> Self {
        Self::Corrupt { commit: None, what: what.to_string() }
    }

    /// Names the commit at which damage was met, where no commit is named yet.
    pub(crate) fn at_commit(self, seq: u64) -> Self {
        match self {
            Self::Corrupt { commit: None, what } => Self::Corrupt { commit: Some(seq), what },
            other => other,
        }
    }

    pub(crate) fn from_sqlite(doing: &'static str, error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, NotADatabase};
        match &error {
            Sql::SqliteFailure(failure, _) if matches!(failure.code, DatabaseBusy | DatabaseLocked) => {
                Self::Busy(PathBuf::from("the store"))
            }
            Sql::SqliteFailure(failure, _) if matches!(failure.code, DatabaseCorrupt | NotADatabase) => {
                Self::corrupt(format_args!("{doing}: {error}"))
            }
            Sql::FromSqlConversionFailure(..)
            | Sql::InvalidColumnType(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::Utf8Error(..) => Self::corrupt(format_args!("{doing}: {error}")),
            Sql::SqliteFailure(failure, Some(message))
                if failure.code == rusqlite::ErrorCode::Unknown && message.starts_with("no such") =>
            {
                Self::corrupt(format_args!("{doing}: {message}"))
            }
            Sql::SqlInputError { msg, .. } if msg.starts_with("no such") => {
                Self::corrupt(format_args!("{doing}: {msg}"))
            }
            _ => Self::Storage { doing, source: Box::new(error) },
        }
    }
}

/// Says what was being done when a lower layer failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError>;
}

impl<T> Doing<T> for rusqlite::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError> {
        self.map_err(|error| LedgerError::from_sqlite(doing, error))
    }
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError> {
        self.map_err(|source| LedgerError::Storage { doing, source: Box::new(source) })
    }
}

impl<T> Doing<T> for serde_json::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, LedgerError> {
        self.map_err(|error| LedgerError::corrupt(format_args!("{doing}: {error}")))
    }
}
