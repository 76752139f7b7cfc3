//! How the columns of a CSV file become records: a small TOML file. See docs/reference/csv-mapping.md.
//!
//! In: the text of a mapping. Out: a checked [`Mapping`], or [`FileError::Mapping`] that names the field which is wrong.
//! Always holds: the schema exists, every property is one of the schema, every date pattern can be read, and what an observation or a
//! declaration must state comes from somewhere.

mod written;

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use model::{Relation, Schema};

use self::written::{ColumnOr, OneOrMany};
use crate::FileError;

/// What the rows of a table are.
#[derive(Debug, Clone)]
pub enum Mapping {
    /// Each is an entity of a dataset.
    Entities(EntityMapping),
    /// Each states observations, which may be of a dataset, or that an attribute is generic, which is of none.
    Evidence(EvidenceMapping),
}

/// Columns to the properties of an entity.
#[derive(Debug, Clone)]
pub struct EntityMapping {
    pub(crate) layout: Layout,
    pub(crate) schema: Schema,
    pub(crate) id: IdRule,
    pub(crate) valid_from: Option<Source>,
    /// In the order of property names; a property may have several sources.
    pub(crate) properties: Vec<(String, Source)>,
}

/// Columns to observations or declarations.
#[derive(Debug, Clone)]
pub struct EvidenceMapping {
    pub(crate) layout: Layout,
    pub(crate) evidence: Evidence,
}

#[derive(Debug, Clone)]
pub(crate) enum Evidence {
    /// Without a rule for it, the id follows from what the observation states.
    Observations {
        id: Option<IdRule>,
        rules: Vec<ObservationRule>,
    },
    Generic(Vec<GenericRule>),
}

#[derive(Debug, Clone)]
pub(crate) struct ObservationRule {
    pub(crate) subject: IdRule,
    pub(crate) relation: Source,
    pub(crate) kind: Source,
    pub(crate) value: Source,
    pub(crate) valid_from: Option<Source>,
    pub(crate) valid_to: Option<Source>,
    pub(crate) source: Option<Source>,
    pub(crate) grade: Option<Source>,
}

#[derive(Debug, Clone)]
pub(crate) struct GenericRule {
    pub(crate) kind: Source,
    pub(crate) value: Source,
    pub(crate) reason: Option<Source>,
}

/// How the table is written, whatever its rows are.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) delimiter: u8,
    pub(crate) header: bool,
    pub(crate) encoding: &'static Encoding,
    /// Every column that the mapping names.
    pub(crate) named: Vec<String>,
}

/// Where an id comes from.
#[derive(Debug, Clone)]
pub(crate) struct IdRule {
    pub(crate) prefix: String,
    pub(crate) from: IdFrom,
}

#[derive(Debug, Clone)]
pub(crate) enum IdFrom {
    Column(String),
    Digest(Vec<String>),
    Constant(String),
}

/// Where a value, or several, come from.
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

/// Never inputs of anything, so they are not taken in at all.
const REFUSED: [&str; 3] = ["ethnicity", "religion", "political"];

/// The three forms of a mapping.
const FORMS: &str = "a mapping has a schema with [id] and [properties], or [observation], or [generic]";

fn wrong<T>(what: &str) -> Result<T, FileError> {
    Err(FileError::Mapping(format!("the mapping cannot be used: {what}")))
}

impl Mapping {
    /// Reads a mapping.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let written: written::Mapping = match toml::from_str(text) {
            Ok(written) => written,
            Err(error) => return wrong(error.to_string().trim_end()),
        };
        let layout = Layout {
            delimiter: read_delimiter(written.delimiter.as_deref())?,
            header: written.header,
            encoding: read_encoding(written.encoding.as_deref())?,
            named: Vec::new(),
        };
        let id = written.id.map(|id| read_id("[id]", id)).transpose()?;
        if matches!(&id, Some(IdRule { from: IdFrom::Constant(_), .. })) {
            return wrong("[id] is the same in every row");
        }
        let valid_from = optional("valid_from", written.valid_from)?;
        let evidence = match (written.observation, written.generic) {
            (None, None) => {
                let (Some(schema), Some(id), Some(properties)) = (written.schema, id, written.properties)
                else {
                    return wrong(FORMS);
                };
                let schema = read_schema(&schema)?;
                let properties = read_properties(schema, properties)?;
                let entities = EntityMapping { layout, schema, id, valid_from, properties };
                return Ok(Self::Entities(entities.with_columns()));
            }
            _ if written.schema.is_some() || written.properties.is_some() || valid_from.is_some() => {
                return wrong(FORMS);
            }
            (Some(OneOrMany(rules)), None) => read_observations(id, rules)?,
            (None, Some(OneOrMany(rules))) if id.is_none() && !rules.is_empty() => {
                Evidence::Generic(rules.into_iter().map(GenericRule::read).collect::<Result<_, _>>()?)
            }
            _ => return wrong(FORMS),
        };
        Ok(Self::Evidence(EvidenceMapping { layout, evidence }.with_columns()))
    }
}

impl EntityMapping {
    fn with_columns(mut self) -> Self {
        let sources = self.properties.iter().map(|(_, source)| source).chain(&self.valid_from);
        self.layout.named =
            self.id.columns().iter().chain(sources.flat_map(Source::columns)).cloned().collect();
        self
    }
}

impl EvidenceMapping {
    /// Whether its rows declare attributes generic, instead of stating observations.
    pub fn declares_generic(&self) -> bool {
        matches!(self.evidence, Evidence::Generic(_))
    }

    fn with_columns(mut self) -> Self {
        let (ids, sources): (Vec<&IdRule>, Vec<&Source>) = match &self.evidence {
            Evidence::Observations { id, rules } => (
                id.iter().chain(rules.iter().map(|rule| &rule.subject)).collect(),
                rules.iter().flat_map(ObservationRule::sources).collect(),
            ),
            Evidence::Generic(rules) => (Vec::new(), rules.iter().flat_map(GenericRule::sources).collect()),
        };
        let columns = ids.into_iter().map(IdRule::columns).chain(sources.into_iter().map(Source::columns));
        self.layout.named = columns.flatten().cloned().collect();
        self
    }
}

impl ObservationRule {
    fn read(written: written::Observation) -> Result<Self, FileError> {
        let relation = one("relation", written.relation)?;
        let mut words: Vec<&str> = relation.values.values().map(String::as_str).collect();
        if let TextFrom::Constant(word) = &relation.text
            && relation.values.is_empty()
        {
            words.push(word);
        }
        if let Some(other) = words.into_iter().find(|word| read_relation(word).is_none()) {
            return wrong(&format!("relation is {other:?}; it is \"used\" or \"operated\""));
        }
        Ok(Self {
            subject: read_id("subject", written.subject.0)?,
            relation,
            kind: one("kind", written.kind)?,
            value: read_source("value", written.value.0)?,
            valid_from: optional("valid_from", written.valid_from)?,
            valid_to: optional("valid_to", written.valid_to)?,
            source: optional("source", written.source)?,
            grade: optional("grade", written.grade)?,
        })
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        let optional = [&self.valid_from, &self.valid_to, &self.source, &self.grade];
        [&self.relation, &self.kind, &self.value].into_iter().chain(optional.into_iter().flatten())
    }
}

impl GenericRule {
    fn read(written: written::Generic) -> Result<Self, FileError> {
        Ok(Self {
            kind: one("kind", written.kind)?,
            value: read_source("value", written.value.0)?,
            reason: optional("reason", written.reason)?,
        })
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        [&self.kind, &self.value].into_iter().chain(&self.reason)
    }
}

impl IdRule {
    fn columns(&self) -> &[String] {
        match &self.from {
            IdFrom::Column(column) => std::slice::from_ref(column),
            IdFrom::Digest(columns) => columns,
            IdFrom::Constant(_) => &[],
        }
    }
}

impl Source {
    fn columns(&self) -> &[String] {
        match &self.text {
            TextFrom::Column(column) => std::slice::from_ref(column),
            TextFrom::Join(columns) => columns,
            TextFrom::Constant(_) => &[],
        }
    }
}

/// How the subject of an observation stands to the attribute; `None` for any other word.
pub(crate) fn read_relation(word: &str) -> Option<Relation> {
    match word {
        "used" => Some(Relation::Used),
        "operated" => Some(Relation::Operated),
        _ => None,
    }
}

/// Several observations of one row have no id of their own but the one that follows from them.
fn read_observations(id: Option<IdRule>, rules: Vec<written::Observation>) -> Result<Evidence, FileError> {
    let rules = rules.into_iter().map(ObservationRule::read).collect::<Result<Vec<_>, _>>()?;
    let several = rules.len() > 1 || rules.iter().any(|rule| rule.value.split.is_some());
    match rules.len() {
        0 => wrong(FORMS),
        _ if several && id.is_some() => {
            wrong("[id] would give several observations of a row one id; leave it out")
        }
        _ => Ok(Evidence::Observations { id, rules }),
    }
}

fn read_schema(name: &str) -> Result<Schema, FileError> {
    let unknown = || wrong(&format!("there is no schema {name:?}; people are Person, firms Company"));
    Schema::named(name).map_or_else(unknown, Ok)
}

fn read_properties(
    schema: Schema,
    written: BTreeMap<String, OneOrMany<ColumnOr<written::Source>>>,
) -> Result<Vec<(String, Source)>, FileError> {
    let mut properties = Vec::new();
    for (name, OneOrMany(sources)) in written {
        check_property(schema, &name)?;
        for ColumnOr(source) in sources {
            properties.push((name.clone(), read_source(&name, source)?));
        }
    }
    Ok(properties)
}

fn check_property(schema: Schema, name: &str) -> Result<(), FileError> {
    match schema.property_type(name) {
        _ if REFUSED.contains(&name) => wrong(&format!("{name} is not taken in: nothing may depend on it")),
        None => wrong(&format!("{schema} has no property {name:?}")),
        Some(_) => Ok(()),
    }
}

/// A source of which a row has one value.
fn one(of: &str, ColumnOr(written): ColumnOr<written::Source>) -> Result<Source, FileError> {
    match written.split {
        Some(_) => wrong(&format!("{of} cannot be split")),
        None => read_source(of, written),
    }
}

fn optional(of: &str, written: Option<ColumnOr<written::Source>>) -> Result<Option<Source>, FileError> {
    written.map(|written| one(of, written)).transpose()
}

fn read_source(of: &str, written: written::Source) -> Result<Source, FileError> {
    let text = match (written.column, written.join, written.constant) {
        (Some(column), None, None) => TextFrom::Column(column),
        (None, Some(columns), None) if !columns.is_empty() => TextFrom::Join(columns),
        (None, None, Some(constant)) => TextFrom::Constant(constant),
        _ => return wrong(&format!("{of} needs exactly one of column, join and constant")),
    };
    if written.split.as_deref() == Some("") {
        return wrong(&format!("{of} is split at nothing"));
    }
    let date = written.date.map(|pattern| read_pattern(of, pattern)).transpose()?;
    Ok(Source { text, split: written.split, date, values: written.values })
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

fn read_id(of: &str, written: written::Id) -> Result<IdRule, FileError> {
    let from = match (written.column, written.digest, written.constant) {
        (Some(column), None, None) => IdFrom::Column(column),
        (None, Some(columns), None) if !columns.is_empty() => IdFrom::Digest(columns),
        (None, None, Some(constant)) => IdFrom::Constant(constant),
        _ => return wrong(&format!("{of} needs exactly one of column and digest")),
    };
    Ok(IdRule { prefix: written.prefix, from })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTITIES: &str = "schema = \"Person\"\n[id]\ncolumn = \"no\"\n[properties]\nname = \"name\"\n";
    const OBSERVATIONS: &str = "[observation]\nsubject = \"no\"\nrelation = { constant = \"used\" }\nkind = { constant = \"phone\" }\nvalue = \"phone\"\n";
    const GENERIC: &str = "[generic]\nkind = \"kind\"\nvalue = \"value\"\nreason = \"why\"\n";

    fn refused(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let error = Mapping::parse(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn a_mapping_that_is_wrong_says_what_is() {
        assert!(Mapping::parse(ENTITIES).is_ok());
        let good = |from, to| ENTITIES.replace(from, to);
        refused(&[
            ("", "a mapping has a schema"),
            (&good("Person", "Persona"), "no schema \"Persona\""),
            (&good("name =", "nome ="), "no property \"nome\""),
            (&good("column", "colunm"), "unknown field `colunm`"),
            (&good("column = \"no\"", "prefix = \"a\""), "exactly one of column and digest"),
            (&good("column = \"no\"", "constant = \"a\""), "the same in every row"),
            (&good("\"name\"", "{ split = \";\" }"), "exactly one of column, join and constant"),
            (&good("\"name\"", "{ colunm = \"a\" }"), "unknown field `colunm`"),
            (&good("\"name\"", "{ column = \"a\", split = \"\" }"), "split at nothing"),
            (&good("\"name\"", "[\"a\", 7]"), "the name of a column, or a table"),
            (&good("name = \"name\"", "birthDate = { column = \"a\", date = \"%d.%q\" }"), "date pattern"),
            (&format!("delimiter = \"::\"\n{ENTITIES}"), "delimiter"),
            (&format!("encoding = \"utf-16\"\n{ENTITIES}"), "encoding"),
            (&good("name =", "religion ="), "not taken in"),
        ]);
    }

    #[test]
    fn a_mapping_of_evidence_that_is_wrong_says_what_is() {
        assert!(Mapping::parse(OBSERVATIONS).is_ok());
        assert!(Mapping::parse(GENERIC).is_ok());
        let good = |from, to| OBSERVATIONS.replace(from, to);
        let id = "[id]\ncolumn = \"id\"\n";
        refused(&[
            (&format!("{ENTITIES}{OBSERVATIONS}"), "a mapping has a schema"),
            (&format!("{OBSERVATIONS}{GENERIC}"), "a mapping has a schema"),
            (&format!("{id}{GENERIC}"), "a mapping has a schema"),
            (&format!("valid_from = \"day\"\n{OBSERVATIONS}"), "a mapping has a schema"),
            ("observation = []", "a mapping has a schema"),
            ("generic = []", "a mapping has a schema"),
            (&good("value = \"phone\"", ""), "missing field `value`"),
            (&good("value =", "worth ="), "unknown field `worth`"),
            (&good("\"used\"", "\"user\""), "relation is \"user\""),
            (
                &good("constant = \"used\"", "column = \"role\", values = { U = \"user\" }"),
                "relation is \"user\"",
            ),
            (&good("\"no\"", "{ prefix = \"c-\" }"), "subject needs exactly one of"),
            (&good("constant = \"phone\"", "column = \"kind\", split = \"|\""), "kind cannot be split"),
            (&format!("{id}{}", good("\"phone\"\n", "{ column = \"phones\", split = \"|\" }\n")), "one id"),
            (&format!("{id}[{}[{}", good("]", "]]"), good("]", "]]")), "one id"),
        ]);
    }
}
