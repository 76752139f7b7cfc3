//! Properties of schemata, and the types of their values.
//!
//! Always holds: a stub is the other end of a property that names entities; nothing is ever stated in it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Schema;
use super::table::TABLE;

/// A property of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// The schema that defines it; those below inherit it.
    pub of: Schema,
    /// What people call it.
    pub label: String,
    /// What it means.
    pub description: Option<String>,
    /// The name of its type: `name`, `date`, `entity` …
    pub type_name: String,
    /// Of which schema the entities are that it names.
    pub range: Option<Schema>,
    /// The property on the other side that says the same.
    pub reverse: Option<String>,
    /// Whether it is only the other side of a property, and not stated itself.
    pub stub: bool,
    /// Whether the model means it for matching.
    pub matchable: bool,
    /// Whether it is not for showing.
    pub hidden: bool,
}

impl Property {
    /// The type of its values.
    pub fn value_type(&self) -> &'static ValueType {
        ValueType::named(&self.type_name).expect("the types of the shipped model are checked by a test")
    }

    /// Whether its values are ids of entities.
    pub fn names_entities(&self) -> bool {
        self.type_name == "entity"
    }

    /// Its name with that of the schema that defines it: `Person:birthDate`.
    pub fn qualified_name(&self) -> String {
        format!("{}:{}", self.of, self.name)
    }
}

/// A type of values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ValueType {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// What people call one.
    pub label: String,
    /// What people call several.
    pub plural: String,
    /// What all values of this type in an entity are called together: `countries`, `names` …
    pub group: Option<String>,
    /// Whether the model means such values for matching.
    #[serde(default)]
    pub matchable: bool,
    /// By value, what people call it; for countries, genders and topics.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

impl ValueType {
    /// The type of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLE.value_types.get(name)
    }

    /// The type whose values are called so together.
    pub fn of_group(group: &str) -> Option<&'static Self> {
        TABLE.value_types.values().find(|of| of.group.as_deref() == Some(group))
    }

    /// What people call a value of this type, where the model says it.
    pub fn caption(&self, value: &str) -> Option<&str> {
        self.values.get(value).map(String::as_str)
    }

    /// The values that the model has for this type, each with its caption; none where any value is one.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(value, caption)| (value.as_str(), caption.as_str()))
    }
}
