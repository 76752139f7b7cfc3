//! The ids behind the numbers of a report, by the number's name.
//!
//! Always holds: a number is as long as what is listed behind it (`COUNTED`), since it is counted from there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use model::{AlertId, EntityId};
use serde::Serialize;

/// An id, or what stands for one. Alerts are many, and only written out where they are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Id {
    /// An alert's.
    Alert(AlertId),
    /// A subject's or an entry's.
    Entity(EntityId),
    /// Of something else that has a name.
    Name(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(id) => write!(f, "{id}"),
            Self::Entity(id) => write!(f, "{id}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<AlertId> for Id {
    fn from(id: AlertId) -> Self {
        Self::Alert(id)
    }
}

impl From<EntityId> for Id {
    fn from(id: EntityId) -> Self {
        Self::Entity(id)
    }
}

impl From<&EntityId> for Id {
    fn from(id: &EntityId) -> Self {
        Self::Entity(id.clone())
    }
}

impl From<&str> for Id {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Id {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

/// One of those whom a number counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = ReportListed)]
pub struct Listed {
    /// Whose id: a subject's, an alert's, an entry's, whatever the number counts.
    #[schema(value_type = String)]
    pub id: Id,
    /// Under which heading, in a row that has several numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Cow<'static, str>>,
    /// How many, in a number that is of days or hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
}

impl Listed {
    /// An id.
    pub fn of(id: impl Into<Id>) -> Self {
        Self { id: id.into(), group: None, number: None }
    }

    /// Under a heading.
    #[must_use]
    pub fn under(mut self, group: impl Into<Cow<'static, str>>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// With a number of its own.
    #[must_use]
    pub fn with(mut self, number: i64) -> Self {
        self.number = Some(number);
        self
    }
}

/// Lists by the name of the number that they are behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists(BTreeMap<String, Vec<Listed>>);

impl Lists {
    /// Makes room for a number, which may stay 0.
    pub fn open(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_default();
    }

    /// Adds one to a number.
    pub fn add(&mut self, name: &str, one: Listed) {
        match self.0.get_mut(name) {
            Some(list) => list.push(one),
            None => drop(self.0.insert(name.to_owned(), vec![one])),
        }
    }

    /// What is behind a number, in order of id; `None` for what is no number of these.
    pub fn take(mut self, name: &str) -> Option<Vec<Listed>> {
        let mut list = self.0.remove(name)?;
        list.sort();
        Some(list)
    }

    /// What is behind a number.
    pub fn get(&self, name: &str) -> &[Listed] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// How many are behind a number.
    pub fn count(&self, name: &str) -> u64 {
        self.get(name).len() as u64
    }

    /// How many of them stand under a heading.
    pub fn count_under(&self, name: &str, group: &str) -> u64 {
        self.get(name).iter().filter(|one| one.group.as_deref() == Some(group)).count() as u64
    }

    /// The median of their own numbers, the upper of two; `None` of nobody.
    pub fn median(&self, name: &str) -> Option<i64> {
        let mut numbers: Vec<i64> = self.get(name).iter().filter_map(|one| one.number).collect();
        numbers.sort_unstable();
        numbers.get(numbers.len() / 2).copied()
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
