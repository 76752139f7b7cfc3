//! An entity as a client writes it, read as yente reads it: what can be cleaned is, what the model does not have is left out.
//!
//! In: a schema and properties of texts, numbers and lists of them. Out: an entity to compare, or why it is none.

use lookback::country;
use lookback::model::{Digest, Entity, EntityId, PartialDate, Properties, Schema, ValueType};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What every other schema of things descends from. A query of it is compared with all parties.
pub(crate) const BASE: &str = "Thing";

/// An entity to look for.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
pub(crate) struct EntityExample {
    #[serde(default)]
    pub(crate) id: Option<String>,
    pub(crate) schema: String,
    #[schema(value_type = Object)]
    pub(crate) properties: BTreeMap<String, Value>,
}

impl EntityExample {
    /// The entity that it describes.
    pub(crate) fn read(&self) -> Result<Entity, String> {
        let schema =
            Schema::named(&self.schema).ok_or_else(|| format!("Unknown schema: '{}'", self.schema))?;
        if schema.name() != BASE && !schema.matchable() {
            return Err(format!("Non-matchable schema for query: {}", schema.name()));
        }
        let id = EntityId::new("query").expect("it is a sound id");
        let mut entity = Entity { id, schema, properties: Properties::new() };
        for (property, stated) in &self.properties {
            let Some(of) = schema.property_type(property) else { continue };
            for text in texts(stated) {
                if let Some(value) = cleaned(of, &text) {
                    entity.add(property, &value);
                }
            }
        }
        Ok(entity)
    }
}

/// A query as somebody to keep: under the id that the client gave, or one that stands for what it states.
pub(crate) fn subject(id: Option<&str>, entity: &Entity) -> Result<Entity, String> {
    let stated = || {
        let stated = (entity.schema, &entity.properties);
        let digest = Digest::of(&serde_json::to_vec(&stated).expect("properties are texts")).to_string();
        EntityId::new(&format!("query-{digest}")).expect("a digest is a sound id")
    };
    let id = id.map_or_else(|| Ok(stated()), EntityId::new).map_err(|error| error.to_string())?;
    let party = Schema::named("LegalEntity").expect("the model has it");
    let schema = if entity.schema.name() == BASE { party } else { entity.schema };
    Ok(Entity { id, schema, properties: entity.properties.clone() })
}

/// The entities that a query stands for: itself, or for one of no certain kind one of each kind that a party may be of.
pub(crate) fn readings(entity: &Entity) -> Vec<Entity> {
    if entity.schema.name() != BASE {
        return vec![entity.clone()];
    }
    let kinds = ["LegalEntity", "Vessel", "Airplane"];
    let schemata = kinds.iter().filter_map(|name| Schema::named(name));
    schemata.map(|schema| Entity { schema, ..entity.clone() }).collect()
}

fn texts(stated: &Value) -> Vec<String> {
    match stated {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(_) | Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// A value of a type as the model writes it; `None` for what is none.
fn cleaned(of: &str, text: &str) -> Option<String> {
    let is_blank = |letter: char| letter.is_whitespace() || letter.is_control();
    let text = text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return None;
    }
    match of {
        "country" => country(&text).map(str::to_owned),
        "date" => text.parse::<PartialDate>().ok().map(|_| text),
        "gender" | "topic" => {
            let word = text.to_lowercase();
            let word = match word.as_str() {
                "m" | "man" | "masculin" => "male",
                "f" | "woman" | "féminin" => "female",
                other => other,
            };
            ValueType::named(of)?.caption(word).map(|_| word.to_owned())
        }
        _ => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Entity, String> {
        serde_json::from_str::<EntityExample>(json).expect("the shape is sound").read()
    }

    #[test]
    fn values_are_cleaned_and_what_the_model_does_not_have_is_left_out() {
        let entity = read(
            r#"{"schema":"Person","properties":{"name":["  Ana \u0007 Velkova","Ana Velkova",""],"country":"Russia","nationality":["xx-yy"],"birthDate":[1965,"soon"],"gender":"F","foo":["x"],"alias":{"a":1}}}"#,
        )
        .unwrap();
        let stated: Vec<(&str, &[String])> =
            entity.properties.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        assert_eq!(
            stated,
            [
                ("birthDate", &["1965".to_owned()][..]),
                ("country", &["ru".to_owned()][..]),
                ("gender", &["female".to_owned()][..]),
                ("name", &["Ana Velkova".to_owned()][..]),
            ]
        );
    }

    #[test]
    fn what_is_no_query_is_refused_in_the_words_that_clients_know() {
        assert_eq!(read(r#"{"schema":"Xx","properties":{}}"#).unwrap_err(), "Unknown schema: 'Xx'");
        let sanction = read(r#"{"schema":"Sanction","properties":{}}"#).unwrap_err();
        assert_eq!(sanction, "Non-matchable schema for query: Sanction");
        assert_eq!(readings(&read(r#"{"schema":"Thing","properties":{}}"#).unwrap()).len(), 3);
        assert_eq!(readings(&read(r#"{"schema":"Person","properties":{}}"#).unwrap()).len(), 1);
    }
}
