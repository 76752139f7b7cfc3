//! Any CSV with a [`Mapping`].
//!
//! In: a file, a mapping, and what the dataset holds. Out: one put a row. Where an id was given to another party (see
//! [`is_reused_id`]), a delete comes before the put and a notice says so. A row whose date, id or width is wrong is a reject.

use std::borrow::Cow;

use model::{DatasetName, Digester, Entity, EntityId, EntityRecord, Op, PartialDate, Record, Text};

use crate::detect::expect;
use crate::mapping::{DatePattern, IdFrom, Mapping, Source, TextFrom};
use crate::reason::{NOT_UTF8, TOO_LONG};
use crate::rows::{End, RawRow, Rows};
use crate::sink::Sink;
use crate::{Current, Each, File, FileError, Format, ReadError, Tally, delete_entity, is_reused_id};

/// Reads the rows of a CSV file. [`FileError::Mapping`] when the file lacks a column that the mapping names.
pub fn read_csv<E>(
    file: &File,
    mapping: &Mapping,
    dataset: &DatasetName,
    current: &dyn Current,
    each: Each<'_, E>,
) -> Result<Tally, ReadError<E>> {
    expect(file, Format::Csv)?;
    let mut sink = Sink::new(file, each);
    let read = each_row(file, mapping, dataset, current, &mut sink);
    sink.finish(read)
}

fn each_row<E>(
    file: &File,
    mapping: &Mapping,
    dataset: &DatasetName,
    current: &dyn Current,
    sink: &mut Sink<'_, E>,
) -> Result<(), ReadError<E>> {
    let mut rows = Rows::of(file, mapping.delimiter)?;
    let mut table = None;
    while let Some(row) = rows.next()? {
        let Some(table) = &table else {
            let (first, is_row) = Table::of_first_row(file, mapping, &row)?;
            if is_row {
                one_row(&first, file, dataset, current, &row, sink)?;
            }
            table = Some(first);
            continue;
        };
        one_row(table, file, dataset, current, &row, sink)?;
    }
    Ok(())
}

fn one_row<E>(
    table: &Table<'_>,
    file: &File,
    dataset: &DatasetName,
    current: &dyn Current,
    row: &RawRow<'_>,
    sink: &mut Sink<'_, E>,
) -> Result<(), ReadError<E>> {
    let short = row.fields.is_none_or(|fields| fields.len() < table.columns.len());
    match table.record(row, dataset) {
        _ if row.end == End::OpenQuote || (row.end == End::File && short) => {
            Err(FileError::Truncated { file: file.name.clone(), line: row.line }.into())
        }
        Err(reason) => sink.reject(row.line, reason, &row.joined()),
        Ok(record) => {
            sink.count_record();
            if current.entity(&record.entity.id).is_some_and(|old| is_reused_id(&old, &record.entity)) {
                let id = &record.entity.id;
                sink.notice(
                    row.line,
                    format!("the id {id} was given to another party: deleted and put anew"),
                )?;
                sink.op(row.line, None, delete_entity(dataset, id, "the id was given to another party"))?;
            }
            sink.op(row.line, None, Op::Put(Record::Entity(record)))
        }
    }
}

/// A mapping bound to the columns of one file.
struct Table<'a> {
    mapping: &'a Mapping,
    columns: Vec<String>,
}

impl<'a> Table<'a> {
    /// From the header; without one, columns are called "1", "2" … and the first row is a row.
    fn of_first_row(file: &File, mapping: &'a Mapping, row: &RawRow<'_>) -> Result<(Self, bool), FileError> {
        let cut_off = || FileError::Truncated { file: file.name.clone(), line: row.line };
        let too_long = || FileError::Mapping(format!("{}, line {}: {TOO_LONG}", file.name, row.line));
        let fields = match row.end {
            End::OpenQuote => return Err(cut_off()),
            _ => row.fields.ok_or_else(too_long)?,
        };
        let columns: Vec<String> = if mapping.header {
            let name = |field| decode(mapping, field).unwrap_or_default().trim().to_owned();
            fields.iter().map(name).collect()
        } else {
            (1..=fields.len()).map(|number| number.to_string()).collect()
        };
        let has = |wanted: &&str| columns.iter().filter(|column| column == wanted).count() == 1;
        if let Some(missing) = mapping.columns().into_iter().find(|wanted| !has(wanted)) {
            let what =
                if columns.iter().any(|c| c == missing) { "more than one column" } else { "no column" };
            return Err(FileError::Mapping(format!(
                "{} has {what} {missing:?}, which the mapping names; check the header and the delimiter",
                file.name
            )));
        }
        Ok((Self { mapping, columns }, !mapping.header))
    }

    fn record(&self, row: &RawRow<'_>, dataset: &DatasetName) -> Result<EntityRecord, String> {
        let fields = row.fields.ok_or(TOO_LONG)?;
        if fields.len() != self.columns.len() {
            return Err(format!("the row has {} fields, the header {}", fields.len(), self.columns.len()));
        }
        let fields: Option<Vec<Cow<'_, str>>> =
            fields.iter().map(|field| decode(self.mapping, field)).collect();
        let fields = fields.ok_or_else(|| match self.mapping.encoding.name() {
            "UTF-8" => NOT_UTF8.to_owned(),
            other => format!("the row is not {other}"),
        })?;
        let row = MappedRow { columns: &self.columns, fields: &fields };
        let mut entity =
            Entity { id: row.id(self.mapping)?, schema: self.mapping.schema, properties: [].into() };
        for (property, source) in &self.mapping.properties {
            let is_date = self.mapping.schema.property_type(property) == Some("date");
            for value in row.values(source, is_date)? {
                entity.add(property, &value);
            }
        }
        entity.check().map_err(|error| error.to_string())?;
        let valid_from = match &self.mapping.valid_from {
            Some(source) => row.values(source, true)?.into_iter().next(),
            None => None,
        };
        let valid_from: Option<Text<PartialDate>> = valid_from.and_then(|date| date.parse().ok());
        Ok(EntityRecord {
            dataset: dataset.clone(),
            entity,
            source: None,
            grade: None,
            valid_from,
            reporting: None,
        })
    }
}

fn decode<'a>(mapping: &Mapping, field: &'a [u8]) -> Option<Cow<'a, str>> {
    mapping.encoding.decode_without_bom_handling_and_without_replacement(field)
}

struct MappedRow<'a> {
    columns: &'a [String],
    fields: &'a [Cow<'a, str>],
}

impl MappedRow<'_> {
    /// The trimmed field of a column.
    fn field(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.fields.get(at)).map_or("", |field| field.trim())
    }

    fn id(&self, mapping: &Mapping) -> Result<EntityId, String> {
        let text = match &mapping.id.from {
            IdFrom::Column(column) if self.field(column).is_empty() => {
                return Err(format!("the id column {column:?} is empty"));
            }
            IdFrom::Column(column) => format!("{}{}", mapping.id.prefix, self.field(column)),
            IdFrom::Digest(columns) => {
                let mut digester = Digester::new();
                for column in columns {
                    digester.field(self.field(column).as_bytes());
                }
                let digest = digester.finish().to_string();
                format!("{}{}", mapping.id.prefix, &digest[..40])
            }
        };
        EntityId::new(&text).map_err(|error| error.to_string())
    }

    /// The values of a source: split, translated, dates in ISO form. Empty ones are left out.
    fn values(&self, source: &Source, is_date: bool) -> Result<Vec<String>, String> {
        let (text, of) = match &source.text {
            TextFrom::Constant(constant) => (constant.clone(), "the constant".to_owned()),
            TextFrom::Column(column) => (self.field(column).to_owned(), format!("column {column:?}")),
            TextFrom::Join(columns) => {
                let parts: Vec<&str> =
                    columns.iter().map(|column| self.field(column)).filter(|part| !part.is_empty()).collect();
                (parts.join(" "), format!("columns {columns:?}"))
            }
        };
        let parts: Vec<&str> = match &source.split {
            Some(separator) => text.split(separator.as_str()).collect(),
            None => vec![text.as_str()],
        };
        let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| match source.values.get(part) {
                Some(value) => Ok(value.clone()),
                None if !source.values.is_empty() => {
                    Err(format!("{of} has a value that the mapping does not list"))
                }
                None if is_date || source.date.is_some() => {
                    let date = read_date(part, source.date.as_ref());
                    date.map(|date| date.to_string())
                        .ok_or_else(|| format!("{of} is no date that exists, or is written another way"))
                }
                None => Ok(part.to_owned()),
            })
            .collect()
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
