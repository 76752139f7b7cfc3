//! How the columns of a CSV file become an entity: a small TOML file. See docs/reference/csv-mapping.md.
//!
//! In: the text of a mapping. Out: a checked [`Mapping`], or [`FileError::Mapping`] that names the field which is wrong.
//! Always holds: the schema exists, every property is one of the schema, every date pattern can be read.

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use model::Schema;
use serde::Deserialize;

use crate::FileError;

/// Columns to properties.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(crate) schema: Schema,
    pub(crate) delimiter: u8,
    pub(crate) header: bool,
    pub(crate) encoding: &'static Encoding,
    pub(crate) id: IdRule,
    pub(crate) valid_from: Option<Source>,
    /// In the order of property names; a property may have several sources.
    pub(crate) properties: Vec<(String, Source)>,
}

/// Where the id comes from.
#[derive(Debug, Clone)]
pub(crate) struct IdRule {
    pub(crate) prefix: String,
    pub(crate) from: IdFrom,
}

#[derive(Debug, Clone)]
pub(crate) enum IdFrom {
    Column(String),
    Digest(Vec<String>),
}

/// Where a property's values come from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) text: TextFrom,
    pub(crate) split: Option<String>,
    pub(crate) date: Option<DatePattern>,
    pub(crate) values: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub(crate) enum TextFrom {
    Column(String),
    Join(Vec<String>),
    Constant(String),
}

/// How dates are written.
#[derive(Debug, Clone)]
pub(crate) enum DatePattern {
    /// Day, month and year in the order of these letters, between any separators; a year or a month and year may stand alone.
    Order(String),
    /// A pattern with `%d`, `%m`, `%b`, `%Y` …
    Strptime(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: String,
    delimiter: Option<String>,
    #[serde(default = "yes")]
    header: bool,
    encoding: Option<String>,
    id: WrittenId,
    valid_from: Option<WrittenSource>,
    properties: BTreeMap<String, WrittenSources>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenId {
    column: Option<String>,
    digest: Option<Vec<String>>,
    #[serde(default)]
    prefix: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenSources {
    One(WrittenSource),
    Many(Vec<WrittenSource>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenSource {
    Column(String),
    Table(WrittenTable),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    column: Option<String>,
    join: Option<Vec<String>>,
    constant: Option<String>,
    split: Option<String>,
    date: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// Never inputs of anything, so they are not taken in at all.
const REFUSED: [&str; 3] = ["ethnicity", "religion", "political"];

fn wrong<T>(what: &str) -> Result<T, FileError> {
    Err(FileError::Mapping(format!("the mapping cannot be used: {what}")))
}

impl Mapping {
    /// Reads a mapping.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let written: Written = match toml::from_str(text) {
            Ok(written) => written,
            Err(error) => return wrong(error.to_string().trim_end()),
        };
        let Some(schema) = Schema::named(&written.schema) else {
            return wrong(&format!(
                "there is no schema {:?}; people are Person, firms Company",
                written.schema
            ));
        };
        let mut properties = Vec::new();
        for (name, sources) in written.properties {
            check_property(schema, &name)?;
            let sources = match sources {
                WrittenSources::One(source) => vec![source],
                WrittenSources::Many(sources) => sources,
            };
            for source in sources {
                properties.push((name.clone(), read_source(&name, source)?));
            }
        }
        Ok(Self {
            schema,
            delimiter: read_delimiter(written.delimiter.as_deref())?,
            header: written.header,
            encoding: read_encoding(written.encoding.as_deref())?,
            id: read_id(written.id)?,
            valid_from: written.valid_from.map(|source| read_source("valid_from", source)).transpose()?,
            properties,
        })
    }

    /// Every column that the mapping names, each with what it is named for.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let id = match &self.id.from {
            IdFrom::Column(column) => std::slice::from_ref(column),
            IdFrom::Digest(columns) => columns,
        };
        let sources = self.properties.iter().map(|(_, source)| source).chain(&self.valid_from);
        let of_sources = sources.flat_map(|source| match &source.text {
            TextFrom::Column(column) => std::slice::from_ref(column),
            TextFrom::Join(columns) => columns.as_slice(),
            TextFrom::Constant(_) => &[],
        });
        id.iter().chain(of_sources).map(String::as_str).collect()
    }
}

fn check_property(schema: Schema, name: &str) -> Result<(), FileError> {
    match schema.property_type(name) {
        _ if REFUSED.contains(&name) => wrong(&format!("{name} is not taken in: nothing may depend on it")),
        None => wrong(&format!("{schema} has no property {name:?}")),
        Some(_) => Ok(()),
    }
}

fn read_source(of: &str, written: WrittenSource) -> Result<Source, FileError> {
    let table = match written {
        WrittenSource::Column(column) => WrittenTable { column: Some(column), ..WrittenTable::default() },
        WrittenSource::Table(table) => table,
    };
    let text = match (table.column, table.join, table.constant) {
        (Some(column), None, None) => TextFrom::Column(column),
        (None, Some(columns), None) if !columns.is_empty() => TextFrom::Join(columns),
        (None, None, Some(constant)) => TextFrom::Constant(constant),
        _ => return wrong(&format!("{of} needs exactly one of column, join and constant")),
    };
    if table.split.as_deref() == Some("") {
        return wrong(&format!("{of} is split at nothing"));
    }
    let date = table.date.map(|pattern| read_pattern(of, pattern)).transpose()?;
    Ok(Source { text, split: table.split, date, values: table.values })
}

fn read_pattern(of: &str, pattern: String) -> Result<DatePattern, FileError> {
    match pattern.as_str() {
        "dmy" | "mdy" | "ymd" => Ok(DatePattern::Order(pattern)),
        // A pattern with a directive that does not exist fails on any input, and says so.
        text if text.contains("%Y")
            && jiff::fmt::strtime::format(text, jiff::civil::date(2031, 1, 15)).is_ok() =>
        {
            Ok(DatePattern::Strptime(pattern))
        }
        _ => wrong(&format!(
            "{of} has the date pattern {pattern:?}; use dmy, mdy, ymd or a pattern such as %d/%m/%Y"
        )),
    }
}

fn read_delimiter(text: Option<&str>) -> Result<u8, FileError> {
    match text.unwrap_or(",").as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | b' ') => Ok(*byte),
        _ => wrong("the delimiter is one character, such as \",\", \";\" or \"\\t\""),
    }
}

fn read_encoding(label: Option<&str>) -> Result<&'static Encoding, FileError> {
    let label = label.unwrap_or("utf-8");
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding.is_ascii_compatible() => Ok(encoding),
        _ => wrong(&format!("the encoding {label:?} is not read; utf-8, windows-1252, windows-1251 … are")),
    }
}

fn read_id(written: WrittenId) -> Result<IdRule, FileError> {
    let from = match (written.column, written.digest) {
        (Some(column), None) => IdFrom::Column(column),
        (None, Some(columns)) if !columns.is_empty() => IdFrom::Digest(columns),
        _ => return wrong("[id] needs exactly one of column and digest"),
    };
    Ok(IdRule { prefix: written.prefix, from })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "schema = \"Person\"\n[id]\ncolumn = \"no\"\n[properties]\nname = \"name\"\n";

    #[test]
    fn a_mapping_that_is_wrong_says_what_is() {
        assert!(Mapping::parse(GOOD).is_ok());
        let cases = [
            ("", "schema"),
            (&GOOD.replace("Person", "Persona"), "no schema \"Persona\""),
            (&GOOD.replace("name =", "nome ="), "no property \"nome\""),
            (&GOOD.replace("column", "colunm"), "unknown field `colunm`"),
            (&GOOD.replace("column = \"no\"", "prefix = \"a\""), "exactly one of column and digest"),
            (&GOOD.replace("\"name\"", "{ split = \";\" }"), "exactly one of column, join and constant"),
            (&GOOD.replace("\"name\"", "{ column = \"a\", split = \"\" }"), "split at nothing"),
            (
                &GOOD.replace("name = \"name\"", "birthDate = { column = \"a\", date = \"%d.%q\" }"),
                "date pattern",
            ),
            (&format!("delimiter = \"::\"\n{GOOD}"), "delimiter"),
            (&format!("encoding = \"utf-16\"\n{GOOD}"), "encoding"),
            (&GOOD.replace("name =", "religion ="), "not taken in"),
        ];
        for (text, expected) in cases {
            let error = Mapping::parse(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
