//! `FollowTheMoney` entities as JSON lines, plain or as data catalogues export them. See docs/reference/ftm.md.
//!
//! In: a file, and the dataset that it is read into. Out: one put an entity, with what its publisher writes around it. A property's value
//! is a text, a list of texts, or null. What changes with every publication alone, such as when an entity was last seen, is not read: it
//! would make each of its entries a new version every time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{DatasetName, Entity, EntityId, PartialDate, Properties, Published, Schema};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::detect::expect;
use crate::json_rows::{RowError, each_row};
use crate::reason::is_word;
use crate::sink::Sink;
use crate::{Each, File, Format, ReadError, Tally, put_published};

/// What exports put around an entity: accepted everywhere.
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
            let odd = odd_fields(&entity, &around.names);
            for text in odd.into_iter().filter(|text| reported.insert(text.clone())) {
                sink.notice(row.line, text)?;
            }
            sink.count_record();
            sink.op(row.line, None, put_published(dataset, entity, around.published.said().map(Box::new)))
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
    around: Around,
}

fn read_entity(bytes: &[u8]) -> Result<(Entity, Around), RowError> {
    let written: Written = serde_json::from_slice(bytes)?;
    let stated = written.properties.into_iter().filter(|(_, values)| !values.0.is_empty());
    let properties: Properties = stated.map(|(name, values)| (name, values.0)).collect();
    let entity = Entity { id: written.id, schema: written.schema, properties };
    entity.check().map_err(|error| RowError::Reason(error.to_string()))?;
    check_dates(&entity).map_err(RowError::Reason)?;
    Ok((entity, written.around))
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

/// What stands beside id, schema and properties. What is kept of it but is not of the expected form is left out, as if not stated.
#[derive(Default)]
struct Around {
    names: BTreeSet<String>,
    published: Published,
}

impl<'de> Deserialize<'de> for Around {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AroundVisitor)
    }
}

struct AroundVisitor;

impl<'de> Visitor<'de> for AroundVisitor {
    type Value = Around;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Around, A::Error> {
        let mut around = Around::default();
        while let Some(name) = map.next_key::<String>()? {
            let published = &mut around.published;
            match name.as_str() {
                "caption" => published.caption = text(&map.next_value()?),
                "first_seen" => published.first_seen = text(&map.next_value()?),
                "last_change" => published.last_change = text(&map.next_value()?),
                "target" => published.target = map.next_value::<Value>()?.as_bool(),
                "referents" => published.referents = ids(&map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            around.names.insert(name);
        }
        Ok(around)
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn ids(value: &Value) -> Vec<EntityId> {
    let ids = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    ids.filter_map(|id| EntityId::new(id).ok()).collect()
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
