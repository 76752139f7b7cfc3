//! The OFAC lists: sdn.csv with alt.csv and add.csv, the consolidated edition of the same columns, and dated changes of sdn.csv.
//! See docs/reference/ofac.md.
//!
//! In: files of rows. Out: one entity a row of sdn.csv, and one relation for every `Linked To` that names a row in force.
//! Always holds: the relations are a function of the rows in force, however these came to be; the columns `ent_num`, `SDN_Name`,
//! `SDN_Type`, `Program` and `Remarks` can be told from the entity exactly; an entity exists for every row and for nothing else.

mod remarks;
mod row;

mod list;
pub use list::OfacList;

mod read;
pub use read::{read_events, read_snapshot};

use crate::detect::is_empty;
use crate::rows::LineParser;
use crate::{File, FileError};

/// The first line of a file of changes.
pub const EVENTS_HEADER: &str = "seen_at\top\tent_num\traw_line";

/// Which of the three files of a list one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `sdn.csv` or `cons_prim.csv`: twelve columns, one party a row.
    Entries,
    /// alt.csv: five columns, one other name a row.
    Aliases,
    /// add.csv: six columns, one address a row.
    Addresses,
}

impl Part {
    /// What OFAC calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Entries => "sdn.csv",
            Self::Aliases => "alt.csv",
            Self::Addresses => "add.csv",
        }
    }

    fn columns(self) -> usize {
        match self {
            Self::Entries => 12,
            Self::Aliases => 5,
            Self::Addresses => 6,
        }
    }
}

/// Some editions begin with a header, and a first row may be damaged; a file of which twenty rows are no rows is none of ours.
const ROWS_LOOKED_AT: usize = 20;

/// Which part of a list a file is, by its first rows, or by its name where it has no whole row; `None` when it is no part.
pub fn part(file: &File) -> Result<Option<Part>, FileError> {
    let head = file.head()?;
    let rows = head.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let found = rows.take(ROWS_LOOKED_AT).find_map(part_of_line);
    let no_whole_row = is_empty(&head) || !head.contains(&b'\n');
    Ok(found.or_else(|| no_whole_row.then(|| part_of_name(&file.name))))
}

/// `alt.csv`, `cons_alt.csv.gz` and the like are what they are called; anything else is the main file.
fn part_of_name(name: &str) -> Part {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    match () {
        () if stem.ends_with("alt") => Part::Aliases,
        () if stem.ends_with("add") => Part::Addresses,
        () => Part::Entries,
    }
}

/// A row of digits first, with the columns of a part and a `-0-` (which every part nearly always has).
pub(crate) fn part_of_line(line: &[u8]) -> Option<Part> {
    let mut parser = LineParser::new();
    let (fields, _) = parser.parse(line.trim_ascii_end());
    let fields: Vec<&[u8]> = fields?.iter().collect();
    let numbered = fields.first().is_some_and(|first| is_number(first));
    let null = fields.iter().any(|field| field.trim_ascii() == b"-0-");
    let part = [Part::Entries, Part::Aliases, Part::Addresses]
        .into_iter()
        .find(|part| part.columns() == fields.len())?;
    (numbered && null && (part == Part::Entries || is_number(fields[1]))).then_some(part)
}

fn is_number(field: &[u8]) -> bool {
    (1..=10).contains(&field.len()) && field.iter().all(u8::is_ascii_digit)
}
