//! Hands items to the caller and counts them.
//!
//! Always holds: a row is counted once, as a record or as a reject, so the tally adds up by construction.

use model::{KnownAt, Op};

use crate::{Each, File, FileError, Item, ReadError, Reject, Tally};

/// 200 bytes: enough to find the row by eye.
const EXCERPT_BYTES: usize = 200;

pub(crate) struct Sink<'a, E> {
    file: String,
    excerpts: bool,
    each: Each<'a, E>,
    tally: Tally,
}

impl<'a, E> Sink<'a, E> {
    pub(crate) fn new(file: &File, each: Each<'a, E>) -> Self {
        Self { file: file.name.clone(), excerpts: file.keeps_excerpts(), each, tally: Tally::default() }
    }

    /// From now on, rejects name this file.
    pub(crate) fn turn_to(&mut self, file: &File) {
        self.file.clone_from(&file.name);
    }

    /// Counts a row that became a record or a part of one.
    pub(crate) fn count_record(&mut self) {
        self.tally.rows += 1;
        self.tally.records += 1;
    }

    pub(crate) fn op(&mut self, line: u64, known_at: Option<KnownAt>, op: Op) -> Result<(), ReadError<E>> {
        self.hand_over(Item::Op { known_at, op, line })
    }

    /// Counts a row and says why it became no record.
    pub(crate) fn reject(&mut self, line: u64, reason: String, row: &[u8]) -> Result<(), ReadError<E>> {
        self.tally.rows += 1;
        self.tally.rejects += 1;
        let start = &row[..row.len().min(EXCERPT_BYTES)];
        let excerpt = self.excerpts.then(|| String::from_utf8_lossy(start).into_owned());
        self.hand_over(Item::Reject(Reject { file: self.file.clone(), line, reason, excerpt }))
    }

    pub(crate) fn notice(&mut self, line: u64, text: String) -> Result<(), ReadError<E>> {
        self.hand_over(Item::Notice { line, text })
    }

    fn hand_over(&mut self, item: Item) -> Result<(), ReadError<E>> {
        (self.each)(item).map_err(ReadError::Caller)
    }

    /// How many rows there were so far.
    pub(crate) fn rows(&self) -> u64 {
        self.tally.rows
    }

    /// The tally, after reading. A file that is cut off or has no row is suspect; what it has was handed over all the same.
    pub(crate) fn finish(self, read: Result<(), ReadError<E>>) -> Result<Tally, ReadError<E>> {
        let tally = self.tally;
        match read {
            Ok(()) if tally.rows > 0 => Ok(tally),
            Ok(()) => Err(ReadError::Suspect { error: FileError::Empty { file: self.file }, tally }),
            Err(ReadError::File(error @ (FileError::Truncated { .. } | FileError::Empty { .. }))) => {
                Err(ReadError::Suspect { error, tally })
            }
            Err(error) => Err(error),
        }
    }
}
