//! Lines of a file, one in memory at a time.
//!
//! In: a file. Out: each line without its line break, with its number. A line over [`LINE_BYTES_MAX`] is passed over
//! and reported, never held.

use std::io::{self, BufRead};

use crate::{File, FileError};

/// 16 MB: a hundred times the longest entity of any list we have seen; past it a line is an accident or an attack.
pub(crate) const LINE_BYTES_MAX: usize = 16_000_000;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(crate) struct Lines {
    file: String,
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
    number: u64,
}

/// A line, or the place where one would be.
pub(crate) struct RawLine<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// Without line break; `None` when it is too long.
    pub(crate) bytes: Option<&'a [u8]>,
    /// Whether a line break followed. Only the last line of a file may lack it.
    pub(crate) ended: bool,
}

impl Lines {
    pub(crate) fn of(file: &File) -> Result<Self, FileError> {
        Ok(Self { file: file.name.clone(), reader: file.reader()?, buffer: Vec::new(), number: 0 })
    }

    /// The next line, empty ones included.
    pub(crate) fn next(&mut self) -> Result<Option<RawLine<'_>>, FileError> {
        self.buffer.clear();
        let (mut ended, mut length) = (false, 0_usize);
        while !ended {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(&self.file, self.number + 1, error)),
            };
            if chunk.is_empty() {
                break;
            }
            let line_break = chunk.iter().position(|&byte| byte == b'\n');
            let taken = line_break.map_or(chunk.len(), |at| at + 1);
            ended = line_break.is_some();
            length = length.saturating_add(taken);
            if length <= LINE_BYTES_MAX {
                self.buffer.extend_from_slice(&chunk[..taken]);
            }
            self.reader.consume(taken);
        }
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        let bytes = (length <= LINE_BYTES_MAX).then(|| trimmed(&self.buffer, self.number));
        Ok(Some(RawLine { number: self.number, bytes, ended }))
    }
}

fn trimmed(line: &[u8], number: u64) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match number {
        1 => line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line),
        _ => line,
    }
}

fn broken(file: &str, line: u64, error: io::Error) -> FileError {
    let file = file.to_owned();
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FileError::Truncated { file, line },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => FileError::Damaged { file, line },
        _ => FileError::Io { file, error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_is_read() {
        let mut bytes = vec![b'x'; LINE_BYTES_MAX + 5];
        bytes.extend_from_slice(b"\nnext");
        let file = File::from_bytes("long", bytes);
        let mut lines = Lines::of(&file).unwrap();
        let first = lines.next().unwrap().unwrap();
        assert!(first.bytes.is_none() && first.ended && first.number == 1);
        let second = lines.next().unwrap().unwrap();
        assert_eq!((second.bytes, second.ended, second.number), (Some(b"next".as_slice()), false, 2));
        assert!(lines.next().unwrap().is_none());
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_no_content() {
        let file = File::from_bytes("f", b"\xef\xbb\xbfa\r\n\r\nb\n".to_vec());
        let mut lines = Lines::of(&file).unwrap();
        let mut seen = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            seen.push(line.bytes.unwrap().to_vec());
        }
        assert_eq!(seen, [b"a".to_vec(), b"".to_vec(), b"b".to_vec()]);
    }
}
