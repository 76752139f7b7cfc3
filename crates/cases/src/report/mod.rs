//! The report: what was learned when, how everybody stands, what was done about it, and how each number can be traced to its ids.
//!
//! In: sections of plain data that the façade gathers. Out: the same report as JSON, Markdown, HTML and PDF. Always holds: the same
//! data gives the same bytes in every format (`REPORT-BYTES`): no clock, no random id, no order of a hash map. Every row with a number
//! carries the name of what was asked and the command that lists the ids behind it. No name of a person is in it, and no id of a
//! subject: ids are listed by the commands, to those who may see them.

mod cells;
pub use cells::{Cells, SMALL};

mod flow;
pub use flow::{Band, Flow};

mod list;
pub use list::{Id, Listed, Lists};

mod html;
mod markdown;
mod pdf;

use model::{Digest, KnownAt};
use serde::Serialize;

use crate::chart::Chart;

/// What the report is called.
pub const TITLE: &str = "Lookback report";

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// What it is of, and for whom it was made.
    #[serde(flatten)]
    pub heading: Heading,
    /// SHA-256 over the rest as JSON. It is printed on every page, and is the same in every format.
    pub digest: Digest,
    /// What it says.
    pub sections: Vec<Section>,
}

/// What a report is of, and for whom it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportHeading)]
pub struct Heading {
    /// As known at.
    pub known_at: KnownAt,
    /// That time as commands take it.
    pub as_of: String,
    /// The command that makes it.
    pub query: String,
    /// Who made it, as asserted.
    pub by: String,
    /// For what, as asserted.
    pub purpose: String,
    /// The last commit that it is of, as `verify --head` takes it; `None` of an empty store.
    pub head: Option<String>,
}

/// A part of the report.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportSection)]
pub struct Section {
    /// Its name, which stands at the beginning of the names of its numbers.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportBlock)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Points.
    Points(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart. What it shows stands in a table, too.
    Chart(Chart),
    /// A chart of who went from where to where. What it shows stands in a table, too.
    Flow(Flow),
}

/// Rows under headings.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportTable)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// The headings of the cells.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row: what it is about, and how its numbers are traced.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportRow)]
pub struct Row {
    /// The name of what was asked: a figure's, or that of a number of the report. Empty where the row has no number.
    pub name: String,
    /// As many as the table has columns.
    #[schema(value_type = Vec<serde_json::Value>)]
    pub cells: Vec<Cell>,
    /// What lists the ids behind the numbers, or checks them. Empty where the row has no number.
    pub command: String,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// So many.
    Count(u64),
    /// A number that may lie below zero, as of days.
    Number(i64),
    /// A part of one, to four places.
    Share(f64),
    /// Words.
    Text(String),
    /// There is none.
    None,
}

impl Cell {
    /// A part of a whole; none of an empty one.
    pub fn share(part: u64, whole: u64) -> Self {
        if whole == 0 { Self::None } else { Self::fraction(part as f64 / whole as f64) }
    }

    /// A part of one, rounded to four places.
    pub fn fraction(share: f64) -> Self {
        Self::Share((share * 1e4).round() / 1e4)
    }

    /// As it is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Count(number) => grouped(&number.to_string()),
            Self::Number(number) if *number < 0 => {
                format!("-{}", grouped(&number.unsigned_abs().to_string()))
            }
            Self::Number(number) => grouped(&number.to_string()),
            Self::Share(share) => format!("{:.2} %", share * 100.0),
            Self::Text(text) => text.clone(),
            Self::None => "-".to_owned(),
        }
    }

    fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_))
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Table {
    /// Without rows yet.
    pub fn new<const N: usize>(title: &str, columns: [&str; N]) -> Self {
        Self { title: title.to_owned(), columns: columns.map(str::to_owned).into(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<const N: usize>(
        &mut self,
        name: impl Into<String>,
        cells: [Cell; N],
        command: impl Into<String>,
    ) {
        debug_assert_eq!(N, self.columns.len(), "a cell for each column");
        self.rows.push(Row { name: name.into(), cells: cells.into(), command: command.into() });
    }

    /// Whether no cell of a column is words: such columns are set to the right.
    fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().map(|row| &row.cells[column]);
        !self.rows.is_empty() && cells.all(Cell::is_number)
    }

    /// Whether any row can be traced.
    fn is_traced(&self) -> bool {
        self.rows.iter().any(|row| !row.command.is_empty())
    }
}

impl Report {
    /// Of sections: works out the digest.
    pub fn new(heading: Heading, sections: Vec<Section>) -> Self {
        let mut report = Self { heading, digest: Digest::ZERO, sections };
        report.digest = Digest::of(report.json().as_bytes());
        report
    }

    /// As JSON.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a report holds strings, numbers and lists");
        text.push('\n');
        text
    }

    /// As Markdown. The charts are left to their tables.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    /// As one HTML page that needs nothing else: no script, no font, no picture from elsewhere.
    pub fn html(&self) -> String {
        html::write(self)
    }

    /// As PDF, on pages of A4.
    pub fn pdf(&self) -> Vec<u8> {
        pdf::write(self)
    }

    /// Every row that has a number, in order.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        let tables = blocks.filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        });
        tables.flat_map(|table| &table.rows).filter(|row| !row.name.is_empty())
    }

    /// What stands above everything, as words and their meaning.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let heading = &self.heading;
        let not_stated = |text: &str| if text.is_empty() { "not stated".to_owned() } else { text.to_owned() };
        vec![
            ("as known at", heading.known_at.to_string()),
            ("query", heading.query.clone()),
            ("made by", not_stated(&heading.by)),
            ("purpose", not_stated(&heading.purpose)),
            ("ledger head", heading.head.clone().unwrap_or_else(|| "an empty store".to_owned())),
            ("digest", self.digest.to_string()),
        ]
    }
}
