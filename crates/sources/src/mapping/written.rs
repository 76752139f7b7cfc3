//! A mapping as it is written in TOML. Always holds: it has no field that is not known. Nothing else of it is checked yet.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    pub(super) schema: Option<String>,
    pub(super) delimiter: Option<String>,
    #[serde(default = "yes")]
    pub(super) header: bool,
    pub(super) encoding: Option<String>,
    pub(super) id: Option<Id>,
    pub(super) valid_from: Option<ColumnOr<Source>>,
    pub(super) properties: Option<BTreeMap<String, OneOrMany<ColumnOr<Source>>>>,
    pub(super) observation: Option<OneOrMany<Observation>>,
    pub(super) generic: Option<OneOrMany<Generic>>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Observation {
    pub(super) subject: ColumnOr<Id>,
    pub(super) relation: ColumnOr<Source>,
    pub(super) kind: ColumnOr<Source>,
    pub(super) value: ColumnOr<Source>,
    pub(super) valid_from: Option<ColumnOr<Source>>,
    pub(super) valid_to: Option<ColumnOr<Source>>,
    pub(super) source: Option<ColumnOr<Source>>,
    pub(super) grade: Option<ColumnOr<Source>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Generic {
    pub(super) kind: ColumnOr<Source>,
    pub(super) value: ColumnOr<Source>,
    pub(super) reason: Option<ColumnOr<Source>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Id {
    pub(super) column: Option<String>,
    pub(super) digest: Option<Vec<String>>,
    pub(super) constant: Option<String>,
    #[serde(default)]
    pub(super) prefix: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) column: Option<String>,
    pub(super) join: Option<Vec<String>>,
    pub(super) constant: Option<String>,
    pub(super) split: Option<String>,
    pub(super) date: Option<String>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
}

impl From<String> for Id {
    fn from(column: String) -> Self {
        Self { column: Some(column), ..Self::default() }
    }
}

impl From<String> for Source {
    fn from(column: String) -> Self {
        Self { column: Some(column), ..Self::default() }
    }
}

/// The name of a column, or a table that says more.
pub(super) struct ColumnOr<T>(pub(super) T);

/// One, or a list of them.
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

// Not `#[serde(untagged)]`: that says of a misspelt field only that nothing fits.

impl<'de, T: Deserialize<'de> + From<String>> Deserialize<'de> for ColumnOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnOrVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct ColumnOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + From<String>> Visitor<'de> for ColumnOrVisitor<T> {
    type Value = ColumnOr<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column, or a table")
    }

    fn visit_str<E: Error>(self, column: &str) -> Result<Self::Value, E> {
        Ok(ColumnOr(T::from(column.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(ColumnOr)
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column, a table, or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(text.into_deserializer()).map(|one| OneOrMany(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany)
    }
}
