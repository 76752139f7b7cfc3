//! What of an entry can be searched, filtered, counted and sorted by, under the names that users know.
//!
//! In: a name such as `names`, `countries`, `properties.birthDate` or `birthDate`. Out: the values of it that an entry has. Always
//! holds: a value that is a text is compared word by word, any other as a whole.

use std::borrow::Cow;

use model::{Schema, ValueType};

use super::Listed;
use super::words::{folded, words};

/// Something of an entry that has values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Its names.
    Names,
    /// All that is stated of it.
    Text,
    /// All its values of one type: `countries`, `topics`, `dates` …
    Group(&'static ValueType),
    /// One of its properties.
    Property(String),
    /// Its schema.
    Schema,
    /// The list that states it.
    Dataset,
    /// What it is called in one line.
    Caption,
    /// Its id.
    Id,
    /// Ids that it had before.
    Referents,
    /// Whether it carries a risk.
    Target,
    /// When its publisher first had it.
    FirstSeen,
    /// When it was last published.
    LastSeen,
    /// When it last changed.
    LastChange,
}

impl Field {
    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "names" => Self::Names,
            "text" => Self::Text,
            "schema" => Self::Schema,
            "datasets" => Self::Dataset,
            "caption" => Self::Caption,
            "id" | "_id" | "entity_id" => Self::Id,
            "referents" => Self::Referents,
            "target" => Self::Target,
            "first_seen" => Self::FirstSeen,
            "last_seen" => Self::LastSeen,
            "last_change" => Self::LastChange,
            _ => {
                if let Some(of) = ValueType::of_group(name) {
                    return Some(Self::Group(of));
                }
                let property = name.strip_prefix("properties.").unwrap_or(name);
                Schema::type_of(property).map(|_| Self::Property(property.to_owned()))?
            }
        })
    }

    /// Whether its values are read word by word.
    pub(super) fn is_text(&self) -> bool {
        match self {
            Self::Names | Self::Text => true,
            Self::Property(name) => Schema::type_of(name).is_some_and(|of| {
                of == "name" || of == "address" || ValueType::named(of).is_some_and(|of| of.group.is_none())
            }),
            _ => false,
        }
    }

    fn is_date(&self) -> bool {
        match self {
            Self::Group(of) => of.name == "date",
            Self::Property(name) => Schema::type_of(name) == Some("date"),
            Self::FirstSeen | Self::LastSeen | Self::LastChange => true,
            _ => false,
        }
    }

    /// Its values in an entry, as they stand.
    pub fn values<'a>(&self, listed: &'a Listed) -> Vec<Cow<'a, str>> {
        let entity = listed.entity();
        let some = |value: &'a str| vec![Cow::Borrowed(value)];
        match self {
            Self::Names => listed.group("names").into_iter().map(Cow::Borrowed).collect(),
            Self::Text => {
                entity.properties.values().flatten().map(|value| Cow::Borrowed(value.as_str())).collect()
            }
            Self::Group(of) => {
                let group = of.group.as_deref().unwrap_or_default();
                listed.group(group).into_iter().map(Cow::Borrowed).collect()
            }
            Self::Property(name) => {
                entity.values(name).iter().map(|value| Cow::Borrowed(value.as_str())).collect()
            }
            Self::Schema => some(entity.schema.name()),
            Self::Dataset => some(listed.dataset().as_str()),
            Self::Caption => some(listed.caption()),
            Self::Id => some(entity.id.as_str()),
            Self::Referents => listed.referents().iter().map(|id| Cow::Borrowed(id.as_str())).collect(),
            Self::Target => some(if listed.target() { "true" } else { "false" }),
            Self::FirstSeen => listed.first_seen().map(Cow::Borrowed).into_iter().collect(),
            // The whole list was published at once: to sort or search one list by it says nothing.
            Self::LastSeen => Vec::new(),
            Self::LastChange => vec![listed.last_change()],
        }
    }

    /// Whether an entry has this value. A day is found by its year and month too.
    pub fn holds(&self, listed: &Listed, value: &str) -> bool {
        if self.is_text() {
            let wanted = words(value);
            let has = |stated: &Cow<'_, str>| {
                let stated = words(stated);
                wanted.iter().all(|word| stated.contains(word))
            };
            return !wanted.is_empty() && self.values(listed).iter().any(has);
        }
        let wanted = folded(value);
        self.values(listed).iter().any(|stated| {
            let stated = folded(stated);
            stated == wanted || (self.is_date() && begins_day(&stated, &wanted))
        })
    }
}

/// Whether a day or time is within a year, month or day.
fn begins_day(day: &str, within: &str) -> bool {
    within.len() >= 4 && day.strip_prefix(within).is_some_and(|rest| rest.starts_with(['-', 't', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_names_that_users_know() {
        assert_eq!(Field::named("properties.birthDate"), Some(Field::Property("birthDate".into())));
        assert_eq!(Field::named("birthDate"), Field::named("properties.birthDate"));
        assert!(matches!(Field::named("countries"), Some(Field::Group(of)) if of.name == "country"));
        assert_eq!(Field::named("shoeSize"), None);
        assert!(begins_day("1960-05-01", "1960-05") && !begins_day("1960-05-01", "196"));
    }
}
