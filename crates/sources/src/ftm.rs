//! `FollowTheMoney` entities as JSON lines, plain or as data catalogues export them. See docs/reference/ftm.md.
//!
//! In: a file, and the dataset that it is read into. Out: one put an entity. A property's value is a text, a list of texts, or null.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{DatasetName, Entity, EntityId, PartialDate, Properties, Schema};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::detect::expect;
use crate::json_rows::{Names, RowError, each_row};
use crate::reason::is_word;
use crate::sink::Sink;
use crate::{Each, File, Format, ReadError, Tally, put_entity};

/// What exports put around an entity: accepted everywhere, kept nowhere.
pub(crate) const AROUND: [&str; 8] =
    ["caption", "datasets", "referents", "first_seen", "last_seen", "last_change", "target", "origin"];

/// Reads entities. Fields around an entity and properties that the model does not have are reported once each.
pub fn read_ftm<E>(file: &File, dataset: &DatasetName, each: Each<'_, E>) -> Result<Tally, ReadError<E>> {
    expect(file, Format::Ftm)?;
    let mut sink = Sink::new(file, each);
    let mut reported = BTreeSet::new();
    let read = each_row(file, &mut sink, |row, sink| match read_entity(row.bytes) {
        Err(error) => row.refuse(file, error, sink),
        Ok((entity, around)) => {
            let odd = odd_fields(&entity, &around);
            for text in odd.into_iter().filter(|text| reported.insert(text.clone())) {
                sink.notice(row.line, text)?;
            }
            sink.count_record();
            sink.op(row.line, None, put_entity(dataset, entity))
        }
    });
    sink.finish(read)
}

#[derive(Deserialize)]
#[serde(expecting = "an entity")]
struct Written {
    id: EntityId,
    schema: Schema,
    #[serde(default)]
    properties: BTreeMap<String, Values>,
    #[serde(flatten)]
    around: Names,
}

fn read_entity(bytes: &[u8]) -> Result<(Entity, BTreeSet<String>), RowError> {
    let written: Written = serde_json::from_slice(bytes)?;
    let stated = written.properties.into_iter().filter(|(_, values)| !values.0.is_empty());
    let properties: Properties = stated.map(|(name, values)| (name, values.0)).collect();
    let entity = Entity { id: written.id, schema: written.schema, properties };
    entity.check().map_err(|error| RowError::Reason(error.to_string()))?;
    check_dates(&entity).map_err(RowError::Reason)?;
    Ok((entity, written.around.0))
}

/// Refuses an entity that states a day which does not exist.
pub(crate) fn check_dates(entity: &Entity) -> Result<(), String> {
    let wrong = |(name, values): &(&String, &Vec<String>)| {
        entity.schema.property_type(name) == Some("date")
            && values.iter().any(|value| value.parse::<PartialDate>().is_err())
    };
    match entity.properties.iter().find(wrong) {
        Some((name, _)) => Err(format!("{name} is no date that exists: write YYYY, YYYY-MM or YYYY-MM-DD")),
        None => Ok(()),
    }
}

fn odd_fields(entity: &Entity, around: &BTreeSet<String>) -> Vec<String> {
    let word = |name: &str| if is_word(name) { format!("{name:?}") } else { "of another name".to_owned() };
    let unread = entity.properties.keys().filter(|name| entity.schema.property_type(name).is_none());
    let unread = unread.map(|name| {
        format!(
            "{} has a property {} that the model does not: kept, and nothing reads it",
            entity.schema,
            word(name)
        )
    });
    let unkept = around.iter().filter(|name| !AROUND.contains(&name.as_str()));
    unread.chain(unkept.map(|name| format!("entities have a field {}: not kept", word(name)))).collect()
}

/// A text, a list of texts, or null.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Values, E> {
        Ok(Values(vec![text.to_owned()]))
    }

    fn visit_unit<E>(self) -> Result<Values, E> {
        Ok(Values(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Option<String>>()? {
            values.extend(value);
        }
        Ok(Values(values))
    }
}
