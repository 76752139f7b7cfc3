//! Rows of separated values, one in memory at a time.
//!
//! In: a file and a delimiter. Out: each row's fields as bytes, with the line at which it begins. Quoting as in RFC 4180; a quoted
//! field may go over several lines. Blank lines are no rows. A row over [`LINE_BYTES_MAX`] is passed over and reported.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use crate::lines::{LINE_BYTES_MAX, Lines};
use crate::{File, FileError};

/// 10,000 fields: a table wider than that is none.
const FIELDS_MAX: usize = 10_000;

pub(crate) struct Rows {
    lines: Lines,
    parser: Parser,
}

/// A row, or the place where one would be.
pub(crate) struct RawRow<'a> {
    /// The line at which it begins, from 1.
    pub(crate) line: u64,
    /// `None` when it is too long or has too many fields.
    pub(crate) fields: Option<Fields<'a>>,
    /// How it stands at the end of the file.
    pub(crate) end: End,
}

impl RawRow<'_> {
    /// The fields as one text, for an excerpt.
    pub(crate) fn joined(&self) -> Vec<u8> {
        let fields: Vec<&[u8]> = self.fields.into_iter().flat_map(Fields::iter).collect();
        fields.join(&b" | "[..])
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A line break follows.
    LineBreak,
    /// The file ends without a line break.
    File,
    /// The file ends inside a quoted field.
    OpenQuote,
}

/// The fields of a row.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Fields<'a> {
    pub(crate) fn len(self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends).map(move |(start, &end)| &self.bytes[start..end])
    }

    /// The fields as text; `None` when one is not UTF-8.
    pub(crate) fn text(self) -> Option<Vec<&'a str>> {
        self.iter().map(|field| std::str::from_utf8(field).ok()).collect()
    }
}

impl Rows {
    pub(crate) fn of(file: &File, delimiter: u8) -> Result<Self, FileError> {
        Ok(Self { lines: Lines::of(file)?, parser: Parser::new(delimiter) })
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<RawRow<'_>>, FileError> {
        self.parser.begin();
        let mut start = None;
        loop {
            let Some(line) = self.lines.next()? else {
                return Ok(start.map(|line| self.parser.row(line, End::OpenQuote)));
            };
            let first = *start.get_or_insert(line.number);
            let Some(bytes) = line.bytes else {
                self.parser.overflow();
                return Ok(Some(self.parser.row(first, End::LineBreak)));
            };
            if !self.parser.inside_row() && bytes.iter().all(|&byte| byte == b' ') {
                start = None;
                continue;
            }
            let end = if line.ended { End::LineBreak } else { End::File };
            if self.parser.feed(bytes) {
                return Ok(Some(self.parser.row(first, end)));
            }
        }
    }
}

/// The fields of one line that is a row by itself: a quoted field that does not end in it ends with it.
pub(crate) struct LineParser(Parser);

impl LineParser {
    pub(crate) fn new() -> Self {
        Self(Parser::new(b','))
    }

    /// The line's fields, and whether all its quotes were closed.
    pub(crate) fn parse(&mut self, line: &[u8]) -> (Option<Fields<'_>>, bool) {
        self.0.begin();
        let closed = self.0.feed(line);
        (self.0.row(0, End::LineBreak).fields, closed)
    }
}

/// `csv-core` with bounded output.
struct Parser {
    reader: Reader,
    begun: bool,
    bytes: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    end_count: usize,
    overflown: bool,
}

impl Parser {
    fn new(delimiter: u8) -> Self {
        Self {
            // Lines come without their breaks and one "\n" is fed after each, so that a stray carriage return ends no row.
            reader: ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build(),
            begun: false,
            bytes: vec![0; 4096],
            filled: 0,
            ends: vec![0; 64],
            end_count: 0,
            overflown: false,
        }
    }

    fn begin(&mut self) {
        (self.filled, self.end_count, self.begun, self.overflown) = (0, 0, false, false);
        self.reader.reset();
    }

    fn inside_row(&self) -> bool {
        self.begun
    }

    fn overflow(&mut self) {
        self.overflown = true;
    }

    /// Takes a line without its line break. True when the row is complete or can no longer be one.
    fn feed(&mut self, line: &[u8]) -> bool {
        self.begun = true;
        // To csv-core, empty input means the end of the file.
        (!line.is_empty() && self.take(line)) || self.take(b"\n")
    }

    fn take(&mut self, mut input: &[u8]) -> bool {
        loop {
            let (result, read, wrote, ended) = self.reader.read_record(
                input,
                &mut self.bytes[self.filled..],
                &mut self.ends[self.end_count..],
            );
            input = &input[read..];
            self.filled += wrote;
            self.end_count += ended;
            match result {
                ReadRecordResult::InputEmpty => return self.overflown,
                ReadRecordResult::OutputFull if self.bytes.len() < LINE_BYTES_MAX => {
                    self.bytes.resize(self.bytes.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < FIELDS_MAX => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.overflown = true;
                    return true;
                }
                ReadRecordResult::Record | ReadRecordResult::End => return true,
            }
        }
    }

    fn row(&self, line: u64, end: End) -> RawRow<'_> {
        let whole = Fields { bytes: &self.bytes[..self.filled], ends: &self.ends[..self.end_count] };
        RawRow { line, fields: (!self.overflown).then_some(whole), end }
    }
}
