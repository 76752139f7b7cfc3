//! The native journal: JSON lines `{known_at, op, kind, …}`, sorted by `known_at`. See docs/reference/journal.md.
//!
//! In: a file. Out: its operations with their times, in its order. A field that the kind does not have is a reject that names it,
//! so that a misspelt one is never lost quietly. The fields that exports put around an entity are accepted and not kept.

use std::collections::BTreeSet;
use std::fmt;

use model::{KnownAt, Line, LineError, Op, Record, RecordKind};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::detect::expect;
use crate::json_rows::{Names, Row, RowError, each_row};
use crate::reason::{is_word, without_values};
use crate::sink::Sink;
use crate::{Each, File, FileError, Format, ReadError, Tally, ftm};

/// Reads a journal. [`FileError::OutOfOrder`] where it runs back in time; what came before has been handed over by then.
pub fn read_journal<E>(file: &File, each: Each<'_, E>) -> Result<Tally, ReadError<E>> {
    expect(file, Format::Journal)?;
    let mut sink = Sink::new(file, each);
    let mut before = KnownAt::MIN;
    let read = each_row(file, &mut sink, |row, sink| match read_line(row) {
        Err(error) => row.refuse(file, error, sink),
        Ok(Line { known_at, .. }) if known_at < before => {
            Err(FileError::OutOfOrder { file: file.name.clone(), line: row.line, known_at, before }.into())
        }
        Ok(Line { known_at, op }) => {
            before = known_at;
            sink.count_record();
            sink.op(row.line, Some(known_at), op)
        }
    });
    sink.finish(read)
}

fn read_line(row: &Row<'_>) -> Result<Line, RowError> {
    let line = Line::from_json(row.bytes).map_err(|error| match error {
        LineError::Json(error) => RowError::Json(error),
        other => RowError::Reason(without_values(&other.to_string())),
    })?;
    let fields: Fields = serde_json::from_slice(row.bytes)?;
    if let Some(field) = fields.unknown(&line.op) {
        return Err(RowError::Reason(field));
    }
    if let Op::Put(Record::Entity(record)) = &line.op {
        ftm::check_dates(&record.entity).map_err(RowError::Reason)?;
    }
    Ok(line)
}

/// The names of a line's fields, and of those inside `entity` and `attribute`.
#[derive(Default)]
struct Fields {
    line: BTreeSet<String>,
    entity: BTreeSet<String>,
    attribute: BTreeSet<String>,
}

impl Fields {
    /// Says which field the line should not have.
    fn unknown(&self, op: &Op) -> Option<String> {
        let kind = op.key().kind;
        let known = match op {
            Op::Delete(_) => &["id", "attribute", "dataset", "reason"],
            Op::Put(_) => fields_of(kind)?,
        };
        let of_line = |field: &&String| known.contains(&field.as_str()) || HEAD.contains(&field.as_str());
        let of_entity = |field: &&String| {
            ["id", "schema", "properties"].contains(&field.as_str()) || ftm::AROUND.contains(&field.as_str())
        };
        let of_attribute = |field: &&String| ["kind", "value"].contains(&field.as_str());
        let in_line = self.line.iter().find(|f| !of_line(f)).map(|f| (f, kind.word()));
        let in_entity = self.entity.iter().find(|f| !of_entity(f)).map(|f| (f, "entity"));
        let in_attribute = self.attribute.iter().find(|f| !of_attribute(f)).map(|f| (f, "attribute"));
        in_line.or(in_entity).or(in_attribute).map(|(field, of)| {
            let named = if is_word(field) { format!(" {field:?}") } else { String::new() };
            format!("the {of} has a field{named} that the journal does not know")
        })
    }
}

const HEAD: [&str; 3] = ["known_at", "op", "kind"];

/// The fields of a put; `None` where any is allowed.
fn fields_of(kind: RecordKind) -> Option<&'static [&'static str]> {
    Some(match kind {
        RecordKind::Dataset => &["name", "role", "title"],
        RecordKind::Policy => &["text"],
        RecordKind::Entity => {
            &["dataset", "entity", "source", "grade", "valid_from", "reporting", "published"]
        }
        RecordKind::Observation => &[
            "id",
            "dataset",
            "subject",
            "relation",
            "attribute",
            "valid_from",
            "valid_to",
            "source",
            "grade",
        ],
        RecordKind::Generic => &["attribute", "dataset", "reason"],
        RecordKind::Event => &["id", "subject", "event", "at", "source", "detail"],
        RecordKind::Claim => {
            &["id", "said_by", "outlet", "text", "metric", "comparison", "value", "contests"]
        }
        RecordKind::Decision => return None,
    })
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "entity" => fields.entity = map.next_value::<Names>()?.0,
                "attribute" => fields.attribute = map.next_value::<Names>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            fields.line.insert(name);
        }
        Ok(fields)
    }
}
