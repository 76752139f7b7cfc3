//! Entities: an id, a schema and properties, in the `FollowTheMoney` form.
//!
//! In: JSON. Out: a checked entity, or the reason why it is none. Property values are strings, kept in the order given.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{KnownAt, Schema};

/// The publisher's id of an entity: not empty, at most 255 bytes, no control characters or blanks at its ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = r"^\S(.*\S)?$")]
pub struct EntityId(Box<str>);

impl EntityId {
    /// Checks an id.
    pub fn new(id: &str) -> Result<Self, EntityError> {
        let sound = !id.is_empty() && id.len() <= 255 && id.trim() == id && !id.chars().any(char::is_control);
        if sound { Ok(Self(id.into())) } else { Err(EntityError::BadId) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EntityId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&id).map_err(serde::de::Error::custom)
    }
}

/// One and the same thing behind an id: an id that was deleted and put again is another identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The publisher's id.
    pub id: EntityId,
    /// When the put that began this identity became known.
    pub born: KnownAt,
}

/// Property values by property name.
pub type Properties = BTreeMap<String, Vec<String>>;

/// A `FollowTheMoney` entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entity {
    /// The publisher's id.
    pub id: EntityId,
    /// What it is.
    pub schema: Schema,
    /// What is stated of it.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub properties: Properties,
}

/// Why something is not an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityError {
    /// The id is empty, too long, or has blanks at its ends or control characters.
    BadId,
    /// A relation lacks one of its two ends.
    MissingEnd(&'static str),
}

impl fmt::Display for EntityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadId => {
                f.write_str("the id is empty, longer than 255 bytes, or has blanks or control characters")
            }
            Self::MissingEnd(property) => write!(f, "the relation has no {property}"),
        }
    }
}

impl std::error::Error for EntityError {}

impl Entity {
    /// A property's values; none when it is not stated.
    pub fn values(&self, property: &str) -> &[String] {
        self.properties.get(property).map_or(&[], Vec::as_slice)
    }

    /// A property's first value.
    pub fn first(&self, property: &str) -> Option<&str> {
        self.values(property).first().map(String::as_str)
    }

    /// Adds a value, once.
    pub fn add(&mut self, property: &str, value: &str) {
        let values = self.properties.entry(property.to_owned()).or_default();
        if !value.is_empty() && !values.iter().any(|v| v == value) {
            values.push(value.to_owned());
        }
        if values.is_empty() {
            self.properties.remove(property);
        }
    }

    /// Checks what the types alone do not hold: a relation names both its ends.
    pub fn check(&self) -> Result<(), EntityError> {
        let Some((source, target)) = self.schema.edge() else { return Ok(()) };
        match () {
            () if self.values(source).is_empty() => Err(EntityError::MissingEnd(source)),
            () if self.values(target).is_empty() => Err(EntityError::MissingEnd(target)),
            () => Ok(()),
        }
    }

    /// For a relation: the ids of the entities it names; nothing for anything else.
    pub fn ends(&self) -> impl Iterator<Item = &str> {
        let ends = self.schema.edge().map(|(source, target)| [source, target]);
        ends.into_iter().flatten().flat_map(|property| self.values(property)).map(String::as_str)
    }
}
