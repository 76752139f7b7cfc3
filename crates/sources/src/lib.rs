//! Readers of list and subject files: every row becomes a record or a reject, and the two counts add up to the rows.
//!
//! In: a journal, `FollowTheMoney` JSON lines, the OFAC lists and their changes, any CSV of entities or evidence with a [`Mapping`]; each plain or gzipped.
//! Out: [`Item`]s in the order of the file, handed to the caller one by one, and a [`Tally`].
//! Always holds: `records + rejects = rows`; blank lines, header lines and the final 0x1A byte of OFAC files are no rows; one row is
//! in memory at a time (the OFAC list apart, which is small and speaks of itself); a row over 16 MB is a reject and never
//! an allocation; no bytes make a reader panic; a reason never repeats a value of a person.
//! Does not do: fetch anything, drop a row quietly, decide whether a file may be applied.

use std::collections::BTreeMap;
use std::fmt;

use model::{DatasetName, Entity, EntityId, KnownAt, Op};

mod file;
pub use file::{File, FileError};

mod detect;
pub use detect::{Format, detect};

mod json_rows;
mod lines;
mod reason;
mod rows;
mod sink;

mod journal;
pub use journal::read_journal;

mod ftm;
pub use ftm::read_ftm;

mod mapping;
pub use mapping::{EntityMapping, EvidenceMapping, Mapping};

mod table;

mod delimited;
pub use delimited::read_csv;

mod evidence;
pub use evidence::read_evidence;

pub mod ofac;

mod reuse;
pub use reuse::is_reused_id;

/// What a reader hands over, one at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A put or a delete.
    Op {
        /// When it became known, where the file says so itself.
        known_at: Option<KnownAt>,
        /// What is put or deleted.
        op: Op,
        /// The line of the file, from 1; for OFAC parts the line of the part that caused it.
        line: u64,
    },
    /// A row that became no record.
    Reject(Reject),
    /// Something a person should know about a row that became a record all the same.
    Notice {
        /// The line of the file, from 1.
        line: u64,
        /// What there is to know; no personal data.
        text: String,
    },
}

/// A row that became no record, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The file's name without its folder.
    pub file: String,
    /// The line at which the row begins, from 1.
    pub line: u64,
    /// Why; no personal data.
    pub reason: String,
    /// The beginning of the row, only where the file was opened to keep it (see [`File::keep_excerpts`]).
    pub excerpt: Option<String>,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.reason)?;
        self.excerpt.as_ref().map_or(Ok(()), |excerpt| write!(f, ": {excerpt}"))
    }
}

/// How many rows there were and what became of them. `rows = records + rejects`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows of the file or files.
    pub rows: u64,
    /// Rows that became a record or a part of one.
    pub records: u64,
    /// Rows that did not.
    pub rejects: u64,
}

/// Why reading stopped: the file cannot be read as what it is said to be, or the caller had enough.
#[derive(Debug)]
pub enum ReadError<E> {
    /// The file.
    File(FileError),
    /// The file is cut off or has no row, as a failed delivery has. What stood there was handed over: whether that may be applied is for
    /// the caller to decide.
    Suspect {
        /// What is wrong with it.
        error: FileError,
        /// What became of the rows that there were.
        tally: Tally,
    },
    /// The caller's own error, handed back.
    Caller(E),
}

impl<E> From<FileError> for ReadError<E> {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) | Self::Suspect { error, .. } => error.fmt(f),
            Self::Caller(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for ReadError<E> {}

/// Receives what a reader finds. An error stops the reader and is handed back as [`ReadError::Caller`].
pub type Each<'a, E> = &'a mut dyn FnMut(Item) -> Result<(), E>;

/// What the dataset to be read into holds now. Readers of lists need it to tell an update from an id that was given to another party.
pub trait Current {
    /// The entity of that id that the dataset has in force.
    fn entity(&self, id: &EntityId) -> Option<Entity>;
    /// Every entity that the dataset has in force, relations included, in any order.
    fn each_entity(&self, each: &mut dyn FnMut(&Entity));
    /// What an earlier run committed of this very file, whose first change is of that time; `None` when none did.
    fn applied(&self, _first: KnownAt) -> Option<Applied> {
        None
    }
}

/// What an interrupted run committed of a file of dated changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The last time of which the changes stand.
    pub up_to: KnownAt,
    /// The rows that it rejected: line and reason.
    pub rejects: BTreeMap<u64, String>,
}

/// A dataset that holds nothing yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Current for Nothing {
    fn entity(&self, _: &EntityId) -> Option<Entity> {
        None
    }
    fn each_entity(&self, _: &mut dyn FnMut(&Entity)) {}
}

fn put_entity(dataset: &DatasetName, entity: Entity) -> Op {
    put_published(dataset, entity, None)
}

fn put_published(dataset: &DatasetName, entity: Entity, published: Option<Box<model::Published>>) -> Op {
    Op::Put(model::Record::Entity(model::EntityRecord {
        dataset: dataset.clone(),
        entity,
        source: None,
        grade: None,
        valid_from: None,
        reporting: None,
        published,
    }))
}

fn delete_entity(dataset: &DatasetName, id: &EntityId, reason: &str) -> Op {
    Op::Delete(model::Deletion {
        key: model::Key::entity(id),
        dataset: Some(dataset.clone()),
        reason: Some(reason.to_owned()),
    })
}
