//! Which format a file is of.
//!
//! In: a name and the first bytes. Out: a format, by content where the content speaks, else by name. XML and binary files are none.

use std::fmt;
use std::str::FromStr;

use crate::json_rows::Names;
use crate::lines::Lines;
use crate::reason::{NOT_UTF8, TOO_LONG, without_values};
use crate::{File, FileError, ofac};

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The native journal: JSON lines with `known_at`, `op` and `kind`.
    Journal,
    /// `FollowTheMoney` entities as JSON lines.
    Ftm,
    /// The OFAC lists: sdn.csv, alt.csv, add.csv, and the consolidated prim.csv, alt.csv, add.csv.
    Ofac,
    /// Dated changes of sdn.csv: `seen_at`, `op`, `ent_num`, `raw_line`, separated by tabs.
    OfacEvents,
    /// Any CSV, with a mapping.
    Csv,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Journal, Self::Ftm, Self::Ofac, Self::OfacEvents, Self::Csv];

    /// Its word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Ftm => "ftm",
            Self::Ofac => "ofac",
            Self::OfacEvents => "ofac-events",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.word() == word)
            .ok_or_else(|| format!("{word:?} is no format: use journal, ftm, ofac, ofac-events or csv"))
    }
}

/// What the beginning of a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Is(Format),
    Json,
    Xml,
    Utf16,
    Binary,
    Text,
}

/// The format of a file, by the beginning of its content (compressed or not), else by its name.
pub fn detect(name: &str, head: &[u8]) -> Option<Format> {
    match look(&crate::file::unzipped(head)) {
        Look::Is(format) => Some(format),
        Look::Text => by_name(name),
        Look::Json | Look::Xml | Look::Utf16 | Look::Binary => None,
    }
}

fn by_name(name: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    [".csv", ".tsv", ".txt"].iter().any(|ending| stem.ends_with(ending)).then_some(Format::Csv)
}

/// From where the content begins.
fn content(head: &[u8]) -> &[u8] {
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start()
}

/// Whether a beginning has nothing that could be a row.
pub(crate) fn is_empty(head: &[u8]) -> bool {
    matches!(content(head).trim_ascii_end(), b"" | b"\x1a")
}

/// A mark at the beginning says so, or that every other byte of the beginning is zero.
fn is_utf16(head: &[u8]) -> bool {
    let beginning = &head[..head.len().min(64)];
    let zeros = |from: usize| beginning.iter().skip(from).step_by(2).all(|&byte| byte == 0);
    let marked = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| head.starts_with(mark));
    marked || beginning.len() > 1 && zeros(0) != zeros(1)
}

fn look(head: &[u8]) -> Look {
    let head = content(head);
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    match head.first() {
        _ if is_utf16(head) => Look::Utf16,
        _ if head.contains(&0) => Look::Binary,
        Some(b'<') => Look::Xml,
        Some(b'{' | b'[') => json(line),
        _ if line == ofac::EVENTS_HEADER.as_bytes() => Look::Is(Format::OfacEvents),
        _ if ofac::part_of_line(line).is_some() => Look::Is(Format::Ofac),
        _ => Look::Text,
    }
}

/// By the fields of the first line; by their names alone when the line is longer than the head.
fn json(line: &[u8]) -> Look {
    let fields: Option<Names> = serde_json::from_slice(line).ok();
    let text = String::from_utf8_lossy(line);
    let has = |field: &str| match &fields {
        Some(fields) => fields.0.contains(field),
        None => text.contains(&format!("\"{field}\"")),
    };
    match () {
        () if has("op") && has("kind") => Look::Is(Format::Journal),
        () if has("schema") && has("id") => Look::Is(Format::Ftm),
        () => Look::Json,
    }
}

/// Refuses a file whose beginning cannot be of the format, with what it looks like instead.
pub(crate) fn expect(file: &File, expected: Format) -> Result<(), FileError> {
    let head = file.head()?;
    let look = look(&head);
    let hint = match (look, expected) {
        // A file without content, or whose compressed content is damaged at once, has its own error later.
        _ if is_empty(&head) => return Ok(()),
        (Look::Is(found), _) if found == expected => return Ok(()),
        (Look::Text, Format::Csv | Format::Ofac) | (Look::Json, Format::Journal | Format::Ftm) => {
            return Ok(());
        }
        // An OFAC file with a mapping is read as the mapping says.
        (Look::Is(Format::Ofac | Format::OfacEvents), Format::Csv) => return Ok(()),
        (Look::Is(found), _) => {
            format!("it looks like {found}; give that format, or leave the format to be detected")
        }
        (Look::Json, _) => "it is JSON".to_owned(),
        (Look::Xml, _) => XML.to_owned(),
        (Look::Utf16, _) => UTF16.to_owned(),
        (Look::Binary, _) => BINARY.to_owned(),
        (Look::Text, Format::OfacEvents) => {
            format!("its first line is not the header {:?}", ofac::EVENTS_HEADER)
        }
        (Look::Text, _) => "its first line is no JSON object".to_owned(),
    };
    Err(FileError::NotThisFormat { file: file.name.clone(), expected, hint })
}

const XML: &str = "it is XML or HTML; fetch the CSV or JSON lines edition";
const UTF16: &str = "it is not UTF-8 and looks like UTF-16; save it as UTF-8";
const BINARY: &str = "it is binary; convert it to text in UTF-8";

/// Why the format of a file that begins so cannot be told.
pub(crate) fn why_unknown(file: &File, head: &[u8]) -> Result<FileError, FileError> {
    let (line, hint) = match look(head) {
        _ if is_empty(head) => return Err(why_empty(file)?),
        Look::Xml => (1, XML.to_owned()),
        Look::Utf16 => (1, UTF16.to_owned()),
        Look::Binary => {
            let text = head.split(|&byte| byte == 0).next().unwrap_or_default();
            (text.split(|&byte| byte == b'\n').count() as u64, BINARY.to_owned())
        }
        look => first_line(file, |line| why_no_row(line, look))?,
    };
    Ok(FileError::UnknownFormat { file: file.name.clone(), line, hint })
}

/// A file that begins with nothing may be cut off or damaged at once.
fn why_empty(file: &File) -> Result<FileError, FileError> {
    let mut lines = Lines::of(file)?;
    while lines.next()?.is_some() {}
    Ok(FileError::Empty { file: file.name.clone() })
}

/// The number of the first line that is not blank, and what is said of it; `None` stands for one that is too long.
fn first_line(file: &File, say: impl Fn(Option<&[u8]>) -> String) -> Result<(u64, String), FileError> {
    let mut lines = Lines::of(file)?;
    while let Some(line) = lines.next()? {
        if line.bytes.is_none_or(|bytes| !bytes.trim_ascii().is_empty()) {
            return Ok((line.number, say(line.bytes)));
        }
    }
    Err(FileError::Empty { file: file.name.clone() })
}

fn why_no_row(line: Option<&[u8]>, look: Look) -> String {
    let Some(line) = line else { return format!("{TOO_LONG}; check that the file has line breaks") };
    if std::str::from_utf8(line).is_err() {
        return format!(
            "{NOT_UTF8}; if it is a CSV file, give that format and a mapping that names the encoding"
        );
    }
    if look == Look::Text {
        let formats = Format::ALL.map(Format::word).join(", ");
        return format!("the row tells none; if it is one of {formats}, give that format");
    }
    match serde_json::from_slice::<serde_json::Value>(line) {
        Ok(_) => "the JSON has neither `op` and `kind` (journal) nor `id` and `schema` (ftm)".to_owned(),
        Err(error) => {
            format!("{}; one flat JSON object a line is needed", without_values(&error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_known_format_says_in_which_line_and_why() {
        let long = [b"{\"a\":\"".as_slice(), &vec![b'x'; 17 << 20], b"\"}\n"].concat();
        let utf16: Vec<u8> = "id,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases: [(&[u8], u64, &str); 10] = [
            (&long, 1, "longer than 16 MB"),
            (&vec![b'['; 100_000], 1, "nested deeper than 128 levels"),
            (&[b"{\"a\":".repeat(200), b"1".to_vec(), b"}".repeat(200)].concat(), 1, "nested deeper"),
            (&utf16, 1, "looks like UTF-16; save it as UTF-8"),
            (b"\xff\xfe\x31\x04", 1, "looks like UTF-16"),
            (b"id,name\nP\0", 2, "binary"),
            (b"\n\n<html>", 1, "XML or HTML"),
            (b"\n{\n \"id\": 1}", 2, "one flat JSON object a line"),
            (b"{\"name\":\"x\"}\n", 1, "neither `op` and `kind`"),
            (b"\nid,name\n", 2, "if it is one of journal, ftm"),
        ];
        for (bytes, line, says) in cases {
            let error = File::from_bytes("x", bytes.to_vec()).format().unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, FileError::UnknownFormat { line: at, .. } if at == line), "{text}");
            assert!(text.starts_with(&format!("x, line {line}: ")) && text.contains(says), "{text}");
        }
        for empty in [b"".as_slice(), b"\n \n", b"\x1a"] {
            let error = File::from_bytes("x", empty.to_vec()).format().unwrap_err();
            assert!(matches!(error, FileError::Empty { .. }), "{error}");
        }
    }

    #[test]
    fn content_speaks_before_the_name() {
        let cases: [(&str, &[u8], Option<Format>); 11] = [
            ("x.csv", br#"{"known_at":"2031-01-01","op":"put","kind":"dataset"}"#, Some(Format::Journal)),
            ("x", b"\n{\"id\":\"a\",\"schema\":\"Person\"}\n", Some(Format::Ftm)),
            ("x", br#"{"id":"a","caption":"cut off"#, None),
            ("x", br#"{"schema":"Person","id":"a","caption":"cut off"#, Some(Format::Ftm)),
            (
                "x",
                b"1,\"VELKOVA, Ana\",\"individual\",\"DEMO\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n",
                Some(Format::Ofac),
            ),
            ("x", b"1,2,\"aka\",\"ANI\",-0- \n", Some(Format::Ofac)),
            ("x", b"seen_at\top\tent_num\traw_line\n", Some(Format::OfacEvents)),
            ("customers.csv", b"id,name\n", Some(Format::Csv)),
            ("customers", b"id,name\n", None),
            ("list.csv", b"<?xml version=\"1.0\"?>", None),
            ("list.csv", b"\xff\xfei\0d\0", None),
        ];
        for (name, head, expected) in cases {
            assert_eq!(detect(name, head), expected, "{name} {}", String::from_utf8_lossy(head));
        }
        assert_eq!("ofac-events".parse(), Ok(Format::OfacEvents));
        assert!("xml".parse::<Format>().is_err());
    }
}
