//! Tables of observations, and of attributes declared generic, with an [`EvidenceMapping`].
//!
//! In: a file, a mapping, and the dataset whose table it is, if it is of one. Out: one put for each value that a row states. A row that states none is a reject, as one whose id, word
//! or date is wrong, or whose last day lies before its first.
//! Always holds: without a rule for ids, the id of an observation is a digest of everything that it states and of its dataset, so that the
//! same statement has the same id in every row and every file of a dataset (`SAME-STATEMENT`).

use model::{
    Attribute, DatasetName, EntityId, Generic, Observation, Op, PartialDate, Record, Relation, Text,
};

use crate::detect::expect;
use crate::mapping::{
    Evidence, EvidenceMapping, GenericRule, IdRule, ObservationRule, Source, read_relation,
};
use crate::sink::Sink;
use crate::table::{MappedRow, Said, Values, each_row, id_of};
use crate::{Each, File, Format, ReadError, Tally};

/// Reads the rows of a CSV file. [`FileError::Mapping`](crate::FileError::Mapping) when the file lacks a column that the mapping names.
pub fn read_evidence<E>(
    file: &File,
    mapping: &EvidenceMapping,
    dataset: Option<&DatasetName>,
    each: Each<'_, E>,
) -> Result<Tally, ReadError<E>> {
    expect(file, Format::Csv)?;
    let mut sink = Sink::new(file, each);
    let read = each_row(file, &mapping.layout, &mut sink, |row| {
        let records = match &mapping.evidence {
            Evidence::Observations { id, rules } => observations(row, id.as_ref(), rules, dataset)?,
            Evidence::Generic(rules) => declarations(row, rules, dataset)?,
        };
        Ok(Said { ops: records.into_iter().map(Op::Put).collect(), notice: None })
    });
    sink.finish(read)
}

fn observations(
    row: &MappedRow<'_>,
    id: Option<&IdRule>,
    rules: &[ObservationRule],
    dataset: Option<&DatasetName>,
) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for rule in rules {
        for value in row.values(&rule.value, Values::Text)? {
            records.push(Record::Observation(rule.observation(row, id, value, dataset)?));
        }
    }
    stated(records, rules.iter().map(|rule| &rule.value))
}

fn declarations(
    row: &MappedRow<'_>,
    rules: &[GenericRule],
    dataset: Option<&DatasetName>,
) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for rule in rules {
        for value in row.values(&rule.value, Values::Text)? {
            let attribute = Attribute { kind: row.needed(&rule.kind)?, value };
            let reason = optional(row, rule.reason.as_ref())?;
            records.push(Record::Generic(Generic { attribute, dataset: dataset.cloned(), reason }));
        }
    }
    stated(records, rules.iter().map(|rule| &rule.value))
}

/// The records of a row, unless it has none: then the sources of their values are named.
fn stated<'a>(records: Vec<Record>, values: impl Iterator<Item = &'a Source>) -> Result<Vec<Record>, String> {
    let empty = || values.map(Source::name).collect::<Vec<_>>().join(" and ");
    if records.is_empty() {
        Err(format!("the row states no value: {} is empty", empty()))
    } else {
        Ok(records)
    }
}

impl ObservationRule {
    fn observation(
        &self,
        row: &MappedRow<'_>,
        id: Option<&IdRule>,
        value: String,
        dataset: Option<&DatasetName>,
    ) -> Result<Observation, String> {
        let subject = row.id(&self.subject)?;
        let word = row.needed(&self.relation)?;
        let kind = row.needed(&self.kind)?;
        let (valid_from, valid_to) = (day(row, self.valid_from.as_ref())?, day(row, self.valid_to.as_ref())?);
        if let (Some(first), Some(last)) = (&valid_from, &valid_to)
            && first.value().days_since_1970() > last.value().last_day().days_since_1970()
        {
            return Err("valid_to lies before valid_from".to_owned());
        }
        let [source, grade] = [&self.source, &self.grade].map(|source| optional(row, source.as_ref()));
        let (source, grade) = (source?, grade?);
        let days = [&valid_from, &valid_to].map(|day| day.as_ref().map(ToString::to_string));
        let [first, last, who, how_far] =
            [&days[0], &days[1], &source, &grade].map(|text| text.as_deref().unwrap_or_default());
        let stated = [subject.as_str(), &word, &kind, &value, first, last, who, how_far];
        let stated = stated.into_iter().chain(dataset.map(DatasetName::as_str));
        let id = id.map_or_else(|| stable_id(stated), |rule| row.id(rule))?;
        let attribute = Attribute { kind, value };
        let relation = self.relation_of(&word)?;
        let dataset = dataset.cloned();
        Ok(Observation { id, dataset, subject, relation, attribute, valid_from, valid_to, source, grade })
    }

    fn relation_of(&self, word: &str) -> Result<Relation, String> {
        let other = || format!("{} is neither \"used\" nor \"operated\"", self.relation.name());
        read_relation(word).ok_or_else(other)
    }
}

/// An id that follows from what an observation states.
fn stable_id<'a>(texts: impl Iterator<Item = &'a str>) -> Result<EntityId, String> {
    EntityId::new(&id_of("observation-", texts)).map_err(|error| error.to_string())
}

fn optional(row: &MappedRow<'_>, source: Option<&Source>) -> Result<Option<String>, String> {
    source.map_or(Ok(None), |source| row.value(source, Values::Text))
}

fn day(row: &MappedRow<'_>, source: Option<&Source>) -> Result<Option<Text<PartialDate>>, String> {
    let Some(source) = source else { return Ok(None) };
    let day = row.value(source, Values::Date)?.map(|day| day.parse());
    day.transpose()
        .map_err(|_| format!("{} is no date that exists, or is written another way", source.name()))
}
