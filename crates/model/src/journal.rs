//! The journal line: what was put or deleted, and when it became known.
//!
//! In: one line of JSON. Out: a checked [`Line`], or why it is none. Writing a line and reading it gives the same line.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Attribute, DatasetName, Deletion, EntityError, EntityId, Key, KnownAt, Record, RecordKind};

/// What a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// States a record, replacing the one of its key.
    Put(Record),
    /// Ends a record.
    Delete(Deletion),
}

impl Op {
    /// The key it puts or deletes.
    pub fn key(&self) -> Key {
        match self {
            Self::Put(record) => record.key(),
            Self::Delete(deletion) => deletion.key.clone(),
        }
    }
}

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it became known.
    pub known_at: KnownAt,
    /// What it does.
    pub op: Op,
}

/// Why a text is no journal line.
#[derive(Debug)]
pub enum LineError {
    /// Not JSON, or a field that is missing or of the wrong type.
    Json(serde_json::Error),
    /// An `op` other than put and delete.
    UnknownOp(String),
    /// A `kind` that the journal does not have.
    UnknownKind(String),
    /// A delete of a kind that is never deleted.
    NotDeletable(RecordKind),
    /// The key of the record is missing or empty.
    NoKey,
    /// The entity is not well formed.
    Entity(EntityError),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "{error}"),
            Self::UnknownOp(op) => write!(f, "op {op:?} is neither \"put\" nor \"delete\""),
            Self::UnknownKind(kind) => write!(f, "unknown kind {kind:?}"),
            Self::NotDeletable(kind) => write!(f, "a {} is never deleted", kind.word()),
            Self::NoKey => f.write_str("the record has no key"),
            Self::Entity(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for LineError {}

impl From<serde_json::Error> for LineError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a journal line")]
struct Head<'a> {
    known_at: Option<KnownAt>,
    #[serde(borrow)]
    op: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(expecting = "a journal line")]
struct DeleteFields {
    id: Option<EntityId>,
    attribute: Option<Attribute>,
    dataset: Option<DatasetName>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Written<'a, T: Serialize> {
    known_at: KnownAt,
    op: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    record: &'a T,
}

#[derive(Serialize)]
struct WrittenDelete<'a> {
    known_at: KnownAt,
    op: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<Attribute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<&'a DatasetName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Line {
    /// Reads a line that states its own `known_at`.
    pub fn from_json(bytes: &[u8]) -> Result<Self, LineError> {
        let missing = || LineError::Json(serde::de::Error::custom("missing field `known_at`"));
        let head: Head<'_> = serde_json::from_slice(bytes)?;
        Ok(Self { known_at: head.known_at.ok_or_else(missing)?, op: Self::op(&head, bytes)? })
    }

    /// Reads a line that leaves `known_at` to its surroundings.
    pub fn from_json_at(known_at: KnownAt, bytes: &[u8]) -> Result<Self, LineError> {
        let head: Head<'_> = serde_json::from_slice(bytes)?;
        Ok(Self { known_at: head.known_at.unwrap_or(known_at), op: Self::op(&head, bytes)? })
    }

    fn op(head: &Head<'_>, bytes: &[u8]) -> Result<Op, LineError> {
        let kind =
            RecordKind::from_word(&head.kind).ok_or_else(|| LineError::UnknownKind(head.kind.to_string()))?;
        match head.op.as_ref() {
            "put" => Self::put(kind, bytes),
            "delete" => Self::delete(kind, bytes),
            other => Err(LineError::UnknownOp(other.to_owned())),
        }
    }

    fn put(kind: RecordKind, bytes: &[u8]) -> Result<Op, LineError> {
        let record = match kind {
            RecordKind::Decision => {
                let mut value: serde_json::Value = serde_json::from_slice(bytes)?;
                if let Some(fields) = value.as_object_mut() {
                    fields.retain(|field, _| !matches!(field.as_str(), "known_at" | "op" | "kind"));
                }
                Record::Decision(Box::new(crate::Decision::from_value(value)?))
            }
            _ => Record::from_bytes(kind, bytes)?,
        };
        if record.key().text.is_empty() {
            return Err(LineError::NoKey);
        }
        if let Record::Entity(record) = &record {
            record.entity.check().map_err(LineError::Entity)?;
        }
        Ok(Op::Put(record))
    }

    fn delete(kind: RecordKind, bytes: &[u8]) -> Result<Op, LineError> {
        if !kind.deletable() {
            return Err(LineError::NotDeletable(kind));
        }
        let fields: DeleteFields = serde_json::from_slice(bytes)?;
        let key = match (kind, &fields.id, &fields.attribute) {
            (RecordKind::Generic, _, Some(attribute)) => Key::attribute(attribute),
            (RecordKind::Entity | RecordKind::Observation, Some(id), _) => {
                Key { kind, text: id.as_str().into() }
            }
            _ => return Err(LineError::NoKey),
        };
        Ok(Op::Delete(Deletion { key, dataset: fields.dataset, reason: fields.reason }))
    }

    /// The line as JSON, without a line break.
    pub fn to_json(&self) -> String {
        let known_at = self.known_at;
        let written = match &self.op {
            Op::Delete(deletion) => serde_json::to_string(&WrittenDelete::of(known_at, deletion)),
            Op::Put(record) => {
                let kind = record.kind().word();
                macro_rules! write {
                    ($record:expr) => {
                        serde_json::to_string(&Written { known_at, op: "put", kind, record: $record })
                    };
                }
                match record {
                    Record::Dataset(record) => write!(record),
                    Record::Policy(record) => write!(record),
                    Record::Entity(record) => write!(record),
                    Record::Observation(record) => write!(record),
                    Record::Generic(record) => write!(record),
                    Record::Event(record) => write!(record),
                    Record::Claim(record) => write!(record),
                    Record::Decision(record) => write!(record),
                }
            }
        };
        written.expect("records hold strings, numbers and maps with string keys")
    }
}

impl<'a> WrittenDelete<'a> {
    fn of(known_at: KnownAt, deletion: &'a Deletion) -> Self {
        let text = &*deletion.key.text;
        let attribute = (deletion.key.kind == RecordKind::Generic).then(|| {
            let (kind, value) = text.split_once('\u{1f}').unwrap_or((text, ""));
            Attribute { kind: kind.to_owned(), value: value.to_owned() }
        });
        Self {
            known_at,
            op: "delete",
            kind: deletion.key.kind.word(),
            id: attribute.is_none().then_some(text),
            attribute,
            dataset: deletion.dataset.as_ref(),
            reason: deletion.reason.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_survive_a_round_trip() {
        let lines = [
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"dataset","name":"border","role":"population","title":"Port"}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"entity","dataset":"border","entity":{"id":"P1","schema":"Person","properties":{"name":["Ana Velkova"]}},"grade":"B2","valid_from":"2030-12-31","reporting":{"origin":"XA"}}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"entity","dataset":"l","entity":{"id":"E1","schema":"Person","properties":{"name":["Ana Velkova"]}},"published":{"caption":"Ana V.","referents":["b","a","b"],"first_seen":"2030-12-31T00:00:00","last_change":"2031-01-01T08:00:00","target":true}}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"delete","kind":"entity","id":"P1","dataset":"border","reason":"error"}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"observation","id":"O1","subject":"P1","relation":"used","attribute":{"kind":"phone","value":"+999 1"},"valid_from":"2030-01-01","valid_to":null,"source":"s"}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"delete","kind":"observation","id":"O1"}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"generic","attribute":{"kind":"phone","value":"+999 1"},"reason":"shelter"}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"delete","kind":"generic","attribute":{"kind":"phone","value":"+999 1"}}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"event","id":"E1","subject":"P1","event":"released","at":"2030-12-31"}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"claim","id":"C1","said_by":"press","metric":"moved_by_network","comparison":">","value":400}"#,
            r#"{"known_at":"2031-01-02T00:00:00Z","op":"put","kind":"decision","id":"D1","by":"root","act":"close_account","account":"amon"}"#,
        ];
        for text in lines {
            let line = Line::from_json(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(Line::from_json(line.to_json().as_bytes()).unwrap(), line, "{text}");
        }
    }

    #[test]
    fn a_line_that_is_none_says_why() {
        let wrong = [
            ("", "EOF"),
            ("{}", "missing field"),
            (r#"{"known_at":"2031-01-02","op":"merge","kind":"entity"}"#, "neither"),
            (r#"{"known_at":"2031-01-02","op":"put","kind":"thing"}"#, "unknown kind"),
            (r#"{"known_at":"2031-01-02","op":"delete","kind":"event","id":"E"}"#, "never deleted"),
            (r#"{"known_at":"2031-01-02","op":"delete","kind":"entity"}"#, "no key"),
            (r#"{"known_at":"2031-02-30","op":"delete","kind":"entity","id":"x"}"#, "no instant"),
            (
                r#"{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"d","entity":{"id":"x","schema":"Ghost"}}"#,
                "unknown schema",
            ),
            (
                r#"{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"d","entity":{"id":"x","schema":"Membership","properties":{"member":["a"]}}}"#,
                "no organization",
            ),
        ];
        for (text, reason) in wrong {
            let error = Line::from_json(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
