//! Exit codes, and how an error is told. The table stands in docs/reference/cli.md.

use std::process::ExitCode;

use lookback::{Error, LedgerError};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Something unforeseen: the disk, the system, a fault of ours.
    Unexpected,
    /// The options do not fit (2, as clap has it).
    Usage,
    /// The input was refused; nothing, or nothing further, was applied.
    Refused,
    /// The input was set aside; see `lookback held list`.
    Held,
    /// The store is damaged, or a replay came to something else.
    Broken,
    /// Somebody else is writing to the store.
    Busy,
    /// Another engine recorded this; it cannot be recomputed here.
    OtherEngine,
    /// There is no such alert, subject or held version.
    NotFound,
    /// Whoever asks may not do this, or the state of the review does not allow it.
    Denied,
}

/// Code, word and meaning of every exit, for the reference.
pub(crate) const CODES: [(Exit, &str); 10] = [
    (Exit::Done, "done"),
    (Exit::Unexpected, "something unforeseen: the disk, the system, a fault of ours"),
    (Exit::Usage, "the options do not fit"),
    (Exit::Refused, "the input was refused; nothing, or nothing further, was applied"),
    (Exit::Held, "the input was set aside; see `lookback held list`"),
    (Exit::Broken, "the store is damaged, or a replay came to something else"),
    (Exit::Busy, "another process is writing to the store"),
    (Exit::OtherEngine, "another engine recorded this; it cannot be recomputed here"),
    (Exit::NotFound, "there is no such alert, subject, dataset or held version"),
    (Exit::Denied, "whoever asks may not do this, or the state of the review does not allow it"),
];

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Tells an error on standard error and gives its exit code. A reader that went away is no error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken_pipe) {
        return Exit::Done.into();
    }
    #[expect(clippy::print_stderr, reason = "this is where errors are told")]
    {
        eprintln!("lookback: {}", format!("{error:#}").trim_end());
    }
    error.downcast_ref::<Error>().map_or(Exit::Unexpected, code).into()
}

fn code(error: &Error) -> Exit {
    match error {
        Error::Usage(_) => Exit::Usage,
        Error::NotFound(_) => Exit::NotFound,
        Error::Denied(_) => Exit::Denied,
        Error::File(_) | Error::Policy(_) | Error::Line { .. } => Exit::Refused,
        Error::Held { .. } => Exit::Held,
        Error::Screening(_) | Error::Io(..) => Exit::Unexpected,
        Error::Ledger(error) => match error {
            LedgerError::Busy(_) => Exit::Busy,
            LedgerError::Conflict { .. } | LedgerError::RunsBack { .. } => Exit::Refused,
            LedgerError::Corrupt { .. } => Exit::Broken,
            LedgerError::NoSuchHeld(_) => Exit::NotFound,
            LedgerError::Exists(_) | LedgerError::NotAStore { .. } => Exit::Usage,
            _ => Exit::Unexpected,
        },
    }
}
