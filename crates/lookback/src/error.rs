//! What can go wrong, by who can do something about it.

use std::fmt;

use cases::review::Refusal;
use ledger::LedgerError;
use screening::{PolicyError, ScreeningError};
use sources::FileError;

/// Why something was not done. The store is then as it was before.
#[derive(Debug)]
pub enum Error {
    /// What was asked for cannot be asked: the caller's fault. What to do instead.
    Usage(String),
    /// There is no such alert, subject, held version.
    NotFound(String),
    /// A file cannot be read as what it should be.
    File(FileError),
    /// A policy file cannot be used.
    Policy(PolicyError),
    /// The file was set aside instead of applied: the number of the held version, and why.
    Held {
        /// Number of the held version.
        id: u64,
        /// Why it is held.
        reason: String,
    },
    /// A line of the file, and why the batch it belongs to was refused.
    Line {
        /// Name of the file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// The ledger.
    Ledger(LedgerError),
    /// A decision that cannot be taken: who asks may not, or the state does not allow it.
    Denied(Refusal),
    /// Screening failed; nothing was committed.
    Screening(ScreeningError),
    /// A file beside the store could not be read or written: what was being done, and the error.
    Io(String, std::io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::NotFound(text) => f.write_str(text),
            Self::File(error) => write!(f, "{error}"),
            Self::Policy(error) => write!(f, "{error}"),
            Self::Held { id, reason } => write!(
                f,
                "not applied but held as version {id}: {reason}. Look with `lookback held compare {id}`, then \
                 `lookback held release {id}` or `lookback held discard {id}`"
            ),
            Self::Line { file, line, reason } => write!(f, "{file}, line {line}: {reason}"),
            Self::Ledger(error) => write!(f, "{error}"),
            Self::Denied(refusal) => write!(f, "{refusal}"),
            Self::Screening(error) => write!(f, "{error}"),
            Self::Io(doing, error) => write!(f, "{doing}: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Denied(refusal)
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<ScreeningError> for Error {
    fn from(error: ScreeningError) -> Self {
        match error {
            ScreeningError::Ledger(error) => Self::Ledger(error),
            other => Self::Screening(other),
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}
