//! Records: what a journal line puts or deletes. A record's key is what a later put of it replaces.
//!
//! In: JSON objects as in docs/reference/journal.md. Out: typed records and their canonical JSON bytes.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Decision, Entity, EntityId, PartialDate, Published};

/// The name of a dataset: not empty, at most 100 characters of `a-z A-Z 0-9 _ - .`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[A-Za-z0-9_.-]{1,100}$")]
pub struct DatasetName(Box<str>);

impl DatasetName {
    /// Checks a name; `None` when it is empty, too long or has other characters.
    pub fn new(name: &str) -> Option<Self> {
        let sound = (1..=100).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        sound.then(|| Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DatasetName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&name).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{name:?} is no dataset name: use letters, digits, '_', '-' and '.'"
            ))
        })
    }
}

/// What a dataset is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Publishes whom to watch for.
    List,
    /// Those who were screened.
    Population,
    /// Evidence: reports, observations, links.
    Intelligence,
}

/// A named source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Dataset {
    /// Its key.
    pub name: DatasetName,
    /// What it is for.
    pub role: Role,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// An entity as one dataset states it. Its key is the entity's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityRecord {
    /// The dataset that states it.
    pub dataset: DatasetName,
    /// What is stated.
    pub entity: Entity,
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How far the source is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Since when it has been true in the world (a traveller: the day of arrival).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Text<PartialDate>>,
    /// Kept apart for reporting; nothing reads it to screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporting: Option<Value>,
    /// What its publisher writes around it; nothing reads it to screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Box<Published>>,
}

/// Whether the subject of an observation used the attribute or ran it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Used it.
    Used,
    /// Operated it.
    Operated,
}

/// A phone, a device, an address, a document, an account, a booking, an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attribute {
    /// Which kind.
    pub kind: String,
    /// The value; compared exactly.
    pub value: String,
}

/// Evidence that somebody used or operated an attribute over an interval of days; an open end is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Its key.
    pub id: EntityId,
    /// The dataset whose table it stands in; `None` where it stands by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<DatasetName>,
    /// Who.
    pub subject: EntityId,
    /// How.
    pub relation: Relation,
    /// What.
    pub attribute: Attribute,
    /// First day.
    #[serde(default)]
    pub valid_from: Option<Text<PartialDate>>,
    /// Last day.
    #[serde(default)]
    pub valid_to: Option<Text<PartialDate>>,
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How far the source is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
}

/// Declares an attribute as shared by many for reasons of its own (a shelter, a lawyer's phone). Its key is the attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generic {
    /// Which attribute.
    pub attribute: Attribute,
    /// The dataset whose table it stands in; `None` where it stands by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<DatasetName>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A reported fact about a person. Never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// Its key.
    pub id: EntityId,
    /// About whom.
    pub subject: EntityId,
    /// What happened.
    pub event: String,
    /// When it happened, as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Anything more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// An attributed figure that can be held against a query. Never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its key.
    pub id: EntityId,
    /// Who said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_by: Option<String>,
    /// Where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<String>,
    /// Its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The figure it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// How it compares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<String>,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The claim it contradicts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contests: Option<Value>,
}

/// A version of the policy. There is one policy; each adoption puts it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// The policy file as adopted (TOML), with the fingerprints of its known good pairs filled in.
    pub text: String,
}

/// The kinds of record, in the order in which a batch is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// [`Dataset`].
    Dataset,
    /// [`PolicyRecord`].
    Policy,
    /// [`EntityRecord`].
    Entity,
    /// [`Observation`].
    Observation,
    /// [`Generic`].
    Generic,
    /// [`Event`].
    Event,
    /// [`Claim`].
    Claim,
    /// [`Decision`].
    Decision,
}

impl RecordKind {
    /// All kinds, in order.
    pub const ALL: [Self; 8] = [
        Self::Dataset,
        Self::Policy,
        Self::Entity,
        Self::Observation,
        Self::Generic,
        Self::Event,
        Self::Claim,
        Self::Decision,
    ];

    /// Its word in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Policy => "policy",
            Self::Entity => "entity",
            Self::Observation => "observation",
            Self::Generic => "generic",
            Self::Event => "event",
            Self::Claim => "claim",
            Self::Decision => "decision",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a record of the kind may be deleted.
    pub fn deletable(self) -> bool {
        matches!(self, Self::Entity | Self::Observation | Self::Generic)
    }

    /// Whether a record of the kind goes with an entity that it mentions. What was reported and what was decided stays.
    pub fn goes_with_entity(self) -> bool {
        matches!(self, Self::Entity | Self::Observation)
    }
}

/// What a put replaces and a delete ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which kind of record.
    pub kind: RecordKind,
    /// The key within the kind: an id, a dataset's name, an attribute as `kind␟value`.
    pub text: Box<str>,
}

impl Key {
    /// The key of an entity.
    pub fn entity(id: &EntityId) -> Self {
        Self { kind: RecordKind::Entity, text: id.as_str().into() }
    }

    /// The key of a generic declaration.
    pub fn attribute(attribute: &Attribute) -> Self {
        Self {
            kind: RecordKind::Generic,
            text: format!("{}\u{1f}{}", attribute.kind, attribute.value).into(),
        }
    }
}

/// Anything that the ledger keeps versions of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A dataset.
    Dataset(Dataset),
    /// The policy.
    Policy(PolicyRecord),
    /// An entity.
    Entity(EntityRecord),
    /// An observation.
    Observation(Observation),
    /// A generic declaration.
    Generic(Generic),
    /// An event.
    Event(Event),
    /// A claim.
    Claim(Claim),
    /// A decision.
    Decision(Box<Decision>),
}

impl Record {
    /// The dataset that it is of, if it is of one.
    pub fn dataset(&self) -> Option<&DatasetName> {
        match self {
            Self::Entity(record) => Some(&record.dataset),
            Self::Observation(observation) => observation.dataset.as_ref(),
            Self::Generic(generic) => generic.dataset.as_ref(),
            _ => None,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Dataset(_) => RecordKind::Dataset,
            Self::Policy(_) => RecordKind::Policy,
            Self::Entity(_) => RecordKind::Entity,
            Self::Observation(_) => RecordKind::Observation,
            Self::Generic(_) => RecordKind::Generic,
            Self::Event(_) => RecordKind::Event,
            Self::Claim(_) => RecordKind::Claim,
            Self::Decision(_) => RecordKind::Decision,
        }
    }

    /// Its key.
    pub fn key(&self) -> Key {
        let text = match self {
            Self::Dataset(dataset) => dataset.name.as_str(),
            Self::Policy(_) => "policy",
            Self::Entity(record) => record.entity.id.as_str(),
            Self::Observation(observation) => observation.id.as_str(),
            Self::Generic(generic) => return Key::attribute(&generic.attribute),
            Self::Event(event) => event.id.as_str(),
            Self::Claim(claim) => claim.id.as_str(),
            Self::Decision(decision) => decision.id.as_str(),
        };
        Key { kind: self.kind(), text: text.into() }
    }

    /// The record as canonical JSON bytes, without `known_at`, `op` and `kind`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = match self {
            Self::Dataset(record) => serde_json::to_vec(record),
            Self::Policy(record) => serde_json::to_vec(record),
            Self::Entity(record) => serde_json::to_vec(record),
            Self::Observation(record) => serde_json::to_vec(record),
            Self::Generic(record) => serde_json::to_vec(record),
            Self::Event(record) => serde_json::to_vec(record),
            Self::Claim(record) => serde_json::to_vec(record),
            Self::Decision(record) => serde_json::to_vec(record),
        };
        written.expect("records hold strings, numbers and maps with string keys")
    }

    /// Reads a record of a kind from its JSON bytes. Fields that the kind does not have are ignored here; readers refuse them.
    pub fn from_bytes(kind: RecordKind, bytes: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            RecordKind::Dataset => Self::Dataset(serde_json::from_slice(bytes)?),
            RecordKind::Policy => Self::Policy(serde_json::from_slice(bytes)?),
            RecordKind::Entity => Self::Entity(serde_json::from_slice(bytes)?),
            RecordKind::Observation => Self::Observation(serde_json::from_slice(bytes)?),
            RecordKind::Generic => Self::Generic(serde_json::from_slice(bytes)?),
            RecordKind::Event => Self::Event(serde_json::from_slice(bytes)?),
            RecordKind::Claim => Self::Claim(serde_json::from_slice(bytes)?),
            RecordKind::Decision => Self::Decision(serde_json::from_slice(bytes)?),
        })
    }

    /// Ids of entities that this record names: the ends of a relation, the subject of an observation or an event. The deletion of
    /// one of them ends the record, unless its kind is never deleted.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Entity(record) => record.entity.ends().collect(),
            Self::Observation(observation) => vec![observation.subject.as_str()],
            Self::Event(event) => vec![event.subject.as_str()],
            _ => Vec::new(),
        }
    }

    /// Keys by which this record is found beside its own: those of the entities that it names, the attribute of an observation, what a
    /// decision is about.
    pub fn mentions(&self) -> Vec<Key> {
        if let Self::Decision(decision) = self {
            return decision.mentions();
        }
        let entity = |id: &str| Key { kind: RecordKind::Entity, text: id.into() };
        let mut keys: Vec<Key> = self.names().into_iter().map(entity).collect();
        if let Self::Observation(observation) = self {
            keys.push(Key::attribute(&observation.attribute));
        }
        keys.sort();
        keys.dedup();
        keys
    }
}

/// What a delete line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Which record.
    pub key: Key,
    /// For an entity: the dataset that withdraws it, where stated.
    pub dataset: Option<DatasetName>,
    /// Why.
    pub reason: Option<String>,
}

/// A value kept as the text it was read from, known to parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<T> {
    text: Box<str>,
    value: T,
}

impl<T: Copy> Text<T> {
    /// The parsed value.
    pub fn value(&self) -> T {
        self.value
    }
}

impl<T: std::str::FromStr> std::str::FromStr for Text<T> {
    type Err = T::Err;
    fn from_str(text: &str) -> Result<Self, T::Err> {
        Ok(Self { value: text.parse()?, text: text.into() })
    }
}

impl<T> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> Serialize for Text<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T: std::str::FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
