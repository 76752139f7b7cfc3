//! Rows of files with one JSON object a line: what all their readers do alike.
//!
//! In: lines. Out: each row's bytes, with rejects for what cannot be JSON already made. Blank lines are no rows.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::lines::Lines;
use crate::reason::{NOT_UTF8, TOO_LONG, without_values};
use crate::sink::Sink;
use crate::{File, FileError, ReadError};

/// A row that may be JSON.
pub(crate) struct Row<'a> {
    pub(crate) line: u64,
    pub(crate) bytes: &'a [u8],
    ended: bool,
}

/// Why a row is no record.
pub(crate) enum RowError {
    /// Not JSON, or not of the expected shape.
    Json(serde_json::Error),
    /// Anything else; no personal data.
    Reason(String),
}

impl From<serde_json::Error> for RowError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl Row<'_> {
    /// Rejects the row, or finds the file cut off: a last line without line break whose JSON ends early.
    pub(crate) fn refuse<E>(
        &self,
        file: &File,
        error: RowError,
        sink: &mut Sink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        let reason = match error {
            RowError::Json(error) if error.is_eof() && !self.ended => {
                return Err(FileError::Truncated { file: file.name.clone(), line: self.line }.into());
            }
            RowError::Json(error) => without_values(&error.to_string()),
            RowError::Reason(reason) => reason,
        };
        sink.reject(self.line, reason, self.bytes)
    }
}

/// Gives each row to `read`.
pub(crate) fn each_row<E>(
    file: &File,
    sink: &mut Sink<'_, E>,
    mut read: impl FnMut(&Row<'_>, &mut Sink<'_, E>) -> Result<(), ReadError<E>>,
) -> Result<(), ReadError<E>> {
    let mut lines = Lines::of(file)?;
    while let Some(line) = lines.next()? {
        let Some(bytes) = line.bytes else {
            sink.reject(line.number, TOO_LONG.to_owned(), &[])?;
            continue;
        };
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match std::str::from_utf8(bytes) {
            Err(_) if line.ended => sink.reject(line.number, NOT_UTF8.to_owned(), bytes)?,
            Err(error) if error.error_len().is_some() => {
                sink.reject(line.number, NOT_UTF8.to_owned(), bytes)?;
            }
            Err(_) => return Err(FileError::Truncated { file: file.name.clone(), line: line.number }.into()),
            Ok(_) => read(&Row { line: line.number, bytes, ended: line.ended }, sink)?,
        }
    }
    Ok(())
}

/// The names of an object's fields; none for null.
#[derive(Default)]
pub(crate) struct Names(pub(crate) BTreeSet<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let mut names = Names::default();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<IgnoredAny>()?;
            names.0.insert(name);
        }
        Ok(names)
    }
}
