//! The log of the process, on standard error: lines for people, or JSON.
//!
//! Always holds: a panic is told by its place, never by its words, which may hold what somebody sent.

use std::panic;
use std::str::FromStr;

use tracing::level_filters::LevelFilter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for Form {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("text or json".to_owned()),
        }
    }
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(LevelFilter);

impl FromStr for Level {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = ["error", "warn", "info", "debug"].contains(&word);
        let level = word.parse().ok().filter(|_| known);
        level.map(Self).ok_or_else(|| "error, warn, info or debug".to_owned())
    }
}

/// Logs from here on. Once a process; a second call changes nothing.
pub fn start(form: Form, level: Level) {
    let log =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level.0).with_target(false);
    let started = match form {
        Form::Text => tracing::subscriber::set_global_default(log.with_ansi(false).finish()),
        Form::Json => tracing::subscriber::set_global_default(log.json().flatten_event(true).finish()),
    };
    if started.is_ok() {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, "a thread panicked");
        }));
    }
}
