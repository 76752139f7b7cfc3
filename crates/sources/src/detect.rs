//! Which format a file is of.
//!
//! In: a name and the first bytes. Out: a format, by content where the content speaks, else by name. XML and binary files are none.

use std::fmt;
use std::str::FromStr;

use crate::json_rows::Names;
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
    Binary,
    Text,
}

/// The format of a file, by the beginning of its content (compressed or not), else by its name.
pub fn detect(name: &str, head: &[u8]) -> Option<Format> {
    match look(&crate::file::unzipped(head)) {
        Look::Is(format) => Some(format),
        Look::Text => by_name(name),
        Look::Json | Look::Xml | Look::Binary => None,
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

fn look(head: &[u8]) -> Look {
    let head = content(head);
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    match head.first() {
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
        _ if content(&head).is_empty() => return Ok(()),
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
        (Look::Xml, _) => "it is XML or HTML; fetch the CSV or JSON lines edition".to_owned(),
        (Look::Binary, _) => "it is binary, or text in UTF-16; save it as UTF-8".to_owned(),
        (Look::Text, Format::OfacEvents) => {
            format!("its first line is not the header {:?}", ofac::EVENTS_HEADER)
        }
        (Look::Text, _) => "its first line is no JSON object".to_owned(),
    };
    Err(FileError::NotThisFormat { file: file.name.clone(), expected, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

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
