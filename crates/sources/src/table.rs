//! The rows of a table as a mapping sees them: fields by the names of columns, values trimmed, split, translated and dated.
//!
//! In: a file and the layout of its table. Out: for each row what the caller makes of it, or a reject. A row of another width or
//! encoding is a reject; a file that lacks a column that the mapping names cannot be read.

use std::borrow::Cow;

use model::{Digester, EntityId, Op, PartialDate};

use crate::mapping::{DatePattern, IdFrom, IdRule, Layout, Source, TextFrom};
use crate::reason::{NOT_UTF8, TOO_LONG};
use crate::rows::{End, RawRow, Rows};
use crate::sink::Sink;
use crate::{File, FileError, ReadError};

/// What a row says.
pub(crate) struct Said {
    pub(crate) ops: Vec<Op>,
    /// What a person should know about it.
    pub(crate) notice: Option<String>,
}

/// Hands on what `read` makes of each row, or its reason why it makes nothing of it. [`FileError::Mapping`] when the file lacks a column
/// that the mapping names.
pub(crate) fn each_row<E>(
    file: &File,
    layout: &Layout,
    sink: &mut Sink<'_, E>,
    read: impl Fn(&MappedRow<'_>) -> Result<Said, String>,
) -> Result<(), ReadError<E>> {
    let mut rows = Rows::of(file, layout.delimiter)?;
    let mut table = None;
    while let Some(row) = rows.next()? {
        let Some(table) = &table else {
            let first = Table::of_first_row(file, layout, &row)?;
            if !layout.header {
                one_row(&first, file, &row, sink, &read)?;
            }
            table = Some(first);
            continue;
        };
        one_row(table, file, &row, sink, &read)?;
    }
    Ok(())
}

fn one_row<E>(
    table: &Table<'_>,
    file: &File,
    row: &RawRow<'_>,
    sink: &mut Sink<'_, E>,
    read: impl Fn(&MappedRow<'_>) -> Result<Said, String>,
) -> Result<(), ReadError<E>> {
    let short = row.fields.is_none_or(|fields| fields.len() < table.columns.len());
    match table.read(row, read) {
        _ if row.end == End::OpenQuote || (row.end == End::File && short) => {
            Err(FileError::Truncated { file: file.name.clone(), line: row.line }.into())
        }
        Err(reason) => sink.reject(row.line, reason, &row.joined()),
        Ok(said) => {
            sink.count_record();
            said.notice.map_or(Ok(()), |text| sink.notice(row.line, text))?;
            said.ops.into_iter().try_for_each(|op| sink.op(row.line, None, op))
        }
    }
}

/// A layout bound to the columns of one file.
struct Table<'a> {
    layout: &'a Layout,
    columns: Vec<String>,
}

impl<'a> Table<'a> {
    /// From the header; without one, columns are called "1", "2" … and the first row is a row.
    fn of_first_row(file: &File, layout: &'a Layout, row: &RawRow<'_>) -> Result<Self, FileError> {
        let cut_off = || FileError::Truncated { file: file.name.clone(), line: row.line };
        let too_long = || FileError::Mapping(format!("{}, line {}: {TOO_LONG}", file.name, row.line));
        let fields = match row.end {
            End::OpenQuote => return Err(cut_off()),
            _ => row.fields.ok_or_else(too_long)?,
        };
        let columns: Vec<String> = if layout.header {
            let name = |field| decode(layout, field).unwrap_or_default().trim().to_owned();
            fields.iter().map(name).collect()
        } else {
            (1..=fields.len()).map(|number| number.to_string()).collect()
        };
        let has = |wanted: &&String| columns.iter().filter(|column| column == wanted).count() == 1;
        if let Some(missing) = layout.named.iter().find(|wanted| !has(wanted)) {
            let what = if columns.contains(missing) { "more than one column" } else { "no column" };
            return Err(FileError::Mapping(format!(
                "{} has {what} {missing:?}, which the mapping names; check the header and the delimiter",
                file.name
            )));
        }
        Ok(Self { layout, columns })
    }

    fn read(
        &self,
        row: &RawRow<'_>,
        read: impl Fn(&MappedRow<'_>) -> Result<Said, String>,
    ) -> Result<Said, String> {
        let fields = row.fields.ok_or(TOO_LONG)?;
        if fields.len() != self.columns.len() {
            return Err(format!("the row has {} fields, the header {}", fields.len(), self.columns.len()));
        }
        let fields: Option<Vec<Cow<'_, str>>> =
            fields.iter().map(|field| decode(self.layout, field)).collect();
        let fields = fields.ok_or_else(|| match self.layout.encoding.name() {
            "UTF-8" => NOT_UTF8.to_owned(),
            other => format!("the row is not {other}"),
        })?;
        read(&MappedRow { columns: &self.columns, fields: &fields })
    }
}

fn decode<'a>(layout: &Layout, field: &'a [u8]) -> Option<Cow<'a, str>> {
    layout.encoding.decode_without_bom_handling_and_without_replacement(field)
}

/// A row, by its columns.
pub(crate) struct MappedRow<'a> {
    columns: &'a [String],
    fields: &'a [Cow<'a, str>],
}

/// What sort of values are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// Texts, or dates where the source has a pattern for them.
    Text,
    /// Dates.
    Date,
}

impl MappedRow<'_> {
    /// The trimmed field of a column.
    fn field(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.fields.get(at)).map_or("", |field| field.trim())
    }

    /// The id that a rule gives the row.
    pub(crate) fn id(&self, rule: &IdRule) -> Result<EntityId, String> {
        let text = match &rule.from {
            IdFrom::Column(column) if self.field(column).is_empty() => {
                return Err(format!("the id column {column:?} is empty"));
            }
            IdFrom::Column(column) => format!("{}{}", rule.prefix, self.field(column)),
            IdFrom::Constant(constant) => format!("{}{constant}", rule.prefix),
            IdFrom::Digest(columns) => id_of(&rule.prefix, columns.iter().map(|column| self.field(column))),
        };
        EntityId::new(&text).map_err(|error| error.to_string())
    }

    /// The value of a source that cannot be split; `None` where it is empty.
    pub(crate) fn value(&self, source: &Source, sort: Values) -> Result<Option<String>, String> {
        Ok(self.values(source, sort)?.into_iter().next())
    }

    /// The value of a source that must have one.
    pub(crate) fn needed(&self, source: &Source) -> Result<String, String> {
        self.value(source, Values::Text)?.ok_or_else(|| format!("{} is empty", source.name()))
    }

    /// The values of a source: split, translated, dates in ISO form. Empty ones are left out.
    pub(crate) fn values(&self, source: &Source, sort: Values) -> Result<Vec<String>, String> {
        let text: Cow<'_, str> = match &source.text {
            TextFrom::Constant(constant) => constant.into(),
            TextFrom::Column(column) => self.field(column).into(),
            TextFrom::Join(columns) => {
                let parts: Vec<&str> =
                    columns.iter().map(|column| self.field(column)).filter(|part| !part.is_empty()).collect();
                parts.join(" ").into()
            }
        };
        let parts: Vec<&str> = match &source.split {
            Some(separator) => text.split(separator.as_str()).collect(),
            None => vec![&text],
        };
        let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| source.translated(part, sort)).collect()
    }
}

/// An id that stays the same as long as these texts do.
pub(crate) fn id_of<'a>(prefix: &str, texts: impl Iterator<Item = &'a str>) -> String {
    let mut digester = Digester::new();
    for text in texts {
        digester.field(text.as_bytes());
    }
    format!("{prefix}{}", &digester.finish().to_string()[..40])
}

impl Source {
    /// Where it takes its values from, for a message.
    pub(crate) fn name(&self) -> String {
        match &self.text {
            TextFrom::Constant(_) => "the constant".to_owned(),
            TextFrom::Column(column) => format!("column {column:?}"),
            TextFrom::Join(columns) => format!("columns {columns:?}"),
        }
    }

    fn translated(&self, part: &str, sort: Values) -> Result<String, String> {
        match self.values.get(part) {
            Some(value) => Ok(value.clone()),
            None if !self.values.is_empty() => {
                Err(format!("{} has a value that the mapping does not list", self.name()))
            }
            None if sort == Values::Date || self.date.is_some() => {
                let date = read_date(part, self.date.as_ref()).map(|date| date.to_string());
                date.ok_or_else(|| {
                    format!("{} is no date that exists, or is written another way", self.name())
                })
            }
            None => Ok(part.to_owned()),
        }
    }
}

/// A date as the mapping says that it is written; ISO without a pattern.
fn read_date(text: &str, pattern: Option<&DatePattern>) -> Option<PartialDate> {
    match pattern {
        None => text.parse().ok(),
        Some(DatePattern::Order(order)) => in_order(text, order),
        Some(DatePattern::Strptime(pattern)) => {
            let time = jiff::fmt::strtime::parse(pattern, text).ok()?;
            let (month, day) = (time.month().map(i8::cast_unsigned), time.day().map(i8::cast_unsigned));
            PartialDate::new(time.year()?, month, day)
        }
    }
}

/// Numbers in the order of the letters; with two numbers the day is missing, with one the month too. The year has four digits.
fn in_order(text: &str, order: &str) -> Option<PartialDate> {
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let letters = match numbers.len() {
        3 => order.to_owned(),
        2 => order.replace('d', ""),
        1 => "y".to_owned(),
        _ => return None,
    };
    let number = |letter: char| letters.find(letter).and_then(|at| numbers.get(at)).copied();
    let small = |letter: char| match number(letter) {
        None => Some(None),
        Some(digits) if digits.len() <= 2 => digits.parse().ok().map(Some),
        Some(_) => None,
    };
    let year = number('y').filter(|digits| digits.len() == 4)?.parse().ok()?;
    PartialDate::new(year, small('m')?, small('d')?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_order_that_the_mapping_gives() {
        let cases = [
            ("09/03/1955", "dmy", Some("1955-03-09")),
            ("3-9-1955", "mdy", Some("1955-03-09")),
            ("1955.03.09", "ymd", Some("1955-03-09")),
            ("03/1955", "dmy", Some("1955-03")),
            ("1955", "dmy", Some("1955")),
            ("30/02/1955", "dmy", None),
            ("09/03/55", "dmy", None),
            ("1/2/3/1955", "dmy", None),
        ];
        for (text, order, expected) in cases {
            let date = read_date(text, Some(&DatePattern::Order(order.into())));
            assert_eq!(date.map(|d| d.to_string()).as_deref(), expected, "{text}");
        }
        let pattern = DatePattern::Strptime("%d %b %Y".into());
        assert_eq!(read_date("09 Mar 1955", Some(&pattern)).unwrap().to_string(), "1955-03-09");
        assert_eq!(read_date("31 Feb 1955", Some(&pattern)), None);
    }
}
