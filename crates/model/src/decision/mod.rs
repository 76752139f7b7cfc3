//! Decisions: what people did about an alert, about a subject, or about how the office works.
//!
//! In: JSON objects as in docs/reference/review.md. Out: typed decisions and the same JSON again. Whether a decision was one that its
//! author could take is not judged here; the crate `cases` reads them in order and leaves out those that were not.

mod reason;
pub use reason::{Occasion, Reason};

mod role;
pub use role::{AccountName, PersonName, ReviewRole};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AlertId, Digest, EntityId, Key, KnownAt, RecordKind};

/// How an account showed that it is itself.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// It was only named, as on a command line.
    #[default]
    Asserted,
    /// Somebody logged in.
    Session,
    /// A program showed a key.
    ApiKey,
}

impl Proof {
    /// Its word in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asserted => "asserted",
            Self::Session => "session",
            Self::ApiKey => "api_key",
        }
    }
}

/// What the comparison of one property, or of one match, came to. Unknown is never different.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// It is the same.
    Same,
    /// It is another.
    Different,
    /// Nobody can say.
    Unknown,
}

/// What a review of an alert came to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The alert concerns the subject: the entry is this person, or the links hold.
    Same,
    /// It does not.
    Different,
    /// It cannot be said, and nothing further is expected.
    Inconclusive,
}

impl Verdict {
    /// Its word in output and storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Grounds {
    /// The reason, of the closed set.
    pub reason: Reason,
    /// Each match of the alert and what it was found to be: none is left out.
    pub matches: BTreeMap<EntityId, Finding>,
    /// Each property that was compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, Finding>,
    /// Until when the verdict keeps the same evidence from coming again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<KnownAt>,
}

/// One step in the review of one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each field is named by what its variant says")]
pub enum Step {
    /// Puts it into the queue.
    Queue,
    /// Takes it to work on until a time; nobody else does meanwhile.
    Claim { until: KnownAt },
    /// Lets go of it.
    Release,
    /// Gives it to an account, or to nobody in particular.
    Assign { to: Option<AccountName> },
    /// First line: it does not concern the subject. Counts once a second person confirms it.
    Clear { grounds: Grounds },
    /// First line: the second line has to look.
    Escalate { reason: Reason },
    /// Nobody can say yet; the owner looks again when it is due or when data arrive.
    Inconclusive { reason: Reason, owner: AccountName, due: KnownAt },
    /// Asks somebody outside for information.
    RequestInformation { of: String, question: String, due: KnownAt },
    /// The answer to a request, or that there will be none.
    Information { request: EntityId, answered: bool },
    /// Second line: a verdict. Counts once a second person confirms it.
    Propose { verdict: Verdict, grounds: Grounds },
    /// A second person confirms what was cleared or proposed.
    Confirm { proposal: EntityId },
    /// A second person does not.
    Return { proposal: EntityId, reason: Reason },
    /// Takes a final verdict back.
    Reopen { reason: Reason },
    /// Out of the queue until a time.
    Snooze { until: KnownAt },
    /// Says something about it; the text is the note.
    Comment,
    /// Adds a file, which is kept elsewhere, by its digest.
    Attach { digest: Digest, name: String },
    /// Sets by when it is to be decided.
    Due { due: KnownAt },
    /// Takes back a step, which must be the last one that changed the state.
    Undo { decision: EntityId },
}

/// Something decided about a subject and not about one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each field is named by what its variant says")]
pub enum SubjectAct {
    /// It is the same as another record, which stands for both. The properties of which one says what the other does not.
    Merge {
        into: EntityId,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        new_facts: BTreeSet<String>,
    },
    /// It is not, after all.
    Detach { merge: EntityId },
    /// Nothing of it may be purged.
    LegalHold {
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<KnownAt>,
    },
    /// It may be again.
    LiftHold {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Marks it: a minor, somebody vulnerable, a compartment that only some accounts may see.
    Flag { flag: Flag },
    /// Takes a mark off.
    Unflag { flag: Flag },
    /// Says that the subject is wrongly linked, and asks for it to be put right.
    RequestRedress {
        ground: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<Digest>,
    },
    /// Somebody who decided nothing about the subject before grants it or does not.
    DecideRedress { request: EntityId, granted: bool },
}

/// A mark on a subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Under age.
    Minor,
    /// In need of particular care.
    Vulnerable,
    /// Only for accounts that are in it.
    Compartment(String),
}

/// Something decided about how the office works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each field is named by what its variant says")]
pub enum OfficeAct {
    /// Opens an account of a person, or gives it other roles. An account stays with its person.
    Account {
        account: AccountName,
        person: PersonName,
        roles: BTreeSet<ReviewRole>,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        compartments: BTreeSet<String>,
    },
    /// Closes an account.
    CloseAccount { account: AccountName },
    /// Proposes something that takes two persons.
    Propose { matter: Matter },
    /// A second person agrees; what was proposed is done in the same commit.
    Agree { proposal: EntityId },
    /// A second person does not.
    Reject { proposal: EntityId },
    /// Says what a re-examination was for: which commit, whom it covers, who approved it.
    Run {
        commit: u64,
        trigger: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<String>,
    },
    /// What was learned from a re-examination.
    Lesson { run: EntityId, lesson: String },
}

/// What takes two persons, beside a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "matter", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each field is named by what its variant says")]
pub enum Matter {
    /// Another policy.
    Policy { digest: Digest, text: String, reason: PolicyReason },
    /// A held version of a list.
    HeldRelease { held: u64, digest: Digest },
}

/// Why a policy is changed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PolicyReason {
    /// What was measured on decided cases.
    Evidence,
    /// Law or a supervisor asks for it.
    Law,
    /// A mistake is put right.
    Error,
    /// A list or a population came, went or changed its scope.
    Scope,
    /// There are not enough reviewers. Always refused: capacity changes the order of the queue, never whom it holds.
    Capacity,
}

/// What a decision is about, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A step in the review of an alert.
    Alert {
        /// Which alert.
        alert: AlertId,
        /// How many steps of its review its author had seen; the decision is void where there were more.
        seen: Option<u32>,
        /// What is done.
        step: Step,
    },
    /// Something about a subject.
    Subject {
        /// Which subject.
        subject: EntityId,
        /// What is done.
        act: SubjectAct,
    },
    /// Something about the office.
    Office(OfficeAct),
}

/// A decision. Never changed and never deleted; what is taken back is taken back by another decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its key.
    pub id: EntityId,
    /// The account that took it.
    pub by: AccountName,
    /// How the account showed that it is itself.
    pub proof: Proof,
    /// The author's own words.
    pub note: Option<String>,
    /// The bulk decision that it is a row of: the same was decided in one act about all that share this id.
    pub bulk: Option<EntityId>,
    /// What it does.
    pub deed: Deed,
}

/// The fields around the act itself, as JSON has them.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DecisionFrame)]
struct Around {
    id: EntityId,
    by: AccountName,
    #[serde(default)]
    proof: Proof,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bulk: Option<EntityId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alert: Option<AlertId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<EntityId>,
}

impl Decision {
    /// Reads a decision; a field that it does not have is refused by name.
    pub fn from_value(value: Value) -> Result<Self, serde_json::Error> {
        let fields: Vec<String> =
            value.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
        let around = Around::deserialize(&value)?;
        let deed = match (around.alert, around.subject) {
            (Some(alert), None) => {
                Deed::Alert { alert, seen: around.seen, step: serde_json::from_value(value)? }
            }
            (None, Some(subject)) => Deed::Subject { subject, act: serde_json::from_value(value)? },
            (None, None) => Deed::Office(serde_json::from_value(value)?),
            (Some(_), Some(_)) => {
                return Err(serde::de::Error::custom("a decision is about an alert or about a subject"));
            }
        };
        let Around { id, by, proof, note, bulk, .. } = around;
        let decision = Self { id, by, proof, note, bulk, deed };
        let kept = decision.fields();
        let optional =
            ["note", "bulk", "seen", "proof", "expires", "evidence", "until", "reason", "scope", "new_facts"];
        match fields.iter().find(|field| !kept.contains_key(*field) && !optional.contains(&field.as_str())) {
            Some(field) => Err(serde::de::Error::custom(format!("unknown field `{field}`"))),
            None => Ok(decision),
        }
    }

    /// Whether it is a step in the review of an alert.
    pub fn is_on(&self, of: AlertId) -> bool {
        matches!(self.deed, Deed::Alert { alert, .. } if alert == of)
    }

    fn fields(&self) -> Map<String, Value> {
        let (alert, seen, subject) = match &self.deed {
            Deed::Alert { alert, seen, .. } => (Some(*alert), *seen, None),
            Deed::Subject { subject, .. } => (None, None, Some(subject.clone())),
            Deed::Office(_) => (None, None, None),
        };
        let (id, by) = (self.id.clone(), self.by.clone());
        let around = Around {
            id,
            by,
            proof: self.proof,
            note: self.note.clone(),
            bulk: self.bulk.clone(),
            alert,
            seen,
            subject,
        };
        let act = match &self.deed {
            Deed::Alert { step, .. } => serde_json::to_value(step),
            Deed::Subject { act, .. } => serde_json::to_value(act),
            Deed::Office(act) => serde_json::to_value(act),
        };
        let mut fields = object(serde_json::to_value(around));
        fields.extend(object(act));
        fields
    }

    /// Keys by which it is found: its alert, its subject or what it is about, and the bulk decision that it is a row of.
    pub(crate) fn mentions(&self) -> Vec<Key> {
        let mut keys = self.deed_mentions();
        keys.extend(self.bulk.as_ref().map(Key::bulk));
        keys
    }

    fn deed_mentions(&self) -> Vec<Key> {
        match &self.deed {
            Deed::Alert { alert, .. } => vec![Key::review_of(*alert)],
            Deed::Subject { subject, act } => {
                let group = match act {
                    SubjectAct::Merge { .. } | SubjectAct::Detach { .. } => Some(Topic::Merges),
                    SubjectAct::LegalHold { .. } | SubjectAct::LiftHold { .. } => Some(Topic::Holds),
                    SubjectAct::RequestRedress { .. } | SubjectAct::DecideRedress { .. } => {
                        Some(Topic::Redress)
                    }
                    SubjectAct::Flag { .. } | SubjectAct::Unflag { .. } => Some(Topic::Flags),
                };
                let mut keys = vec![Key { kind: RecordKind::Entity, text: subject.as_str().into() }];
                if let SubjectAct::Merge { into, .. } = act {
                    keys.push(Key { kind: RecordKind::Entity, text: into.as_str().into() });
                }
                keys.extend(group.map(Key::topic));
                keys
            }
            Deed::Office(act) => vec![Key::topic(match act {
                OfficeAct::Account { .. } | OfficeAct::CloseAccount { .. } => Topic::Accounts,
                OfficeAct::Propose { .. } | OfficeAct::Agree { .. } | OfficeAct::Reject { .. } => {
                    Topic::Proposals
                }
                OfficeAct::Run { .. } | OfficeAct::Lesson { .. } => Topic::Runs,
            })],
        }
    }
}

fn object(value: serde_json::Result<Value>) -> Map<String, Value> {
    match value.expect("decisions hold strings, numbers and maps with string keys") {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

impl Serialize for Decision {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields().serialize(serializer)
    }
}

/// A decision as JSON has it: the fields around the act, and those of the act.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes what `Decision` writes")]
struct Written {
    #[serde(flatten)]
    around: Around,
    #[serde(flatten)]
    act: Act,
}

#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = DecisionAct)]
#[expect(dead_code, reason = "it describes what `Decision` writes")]
enum Act {
    Step(Step),
    Subject(SubjectAct),
    Office(OfficeAct),
}

impl utoipa::PartialSchema for Decision {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Written::schema()
    }
}

impl utoipa::ToSchema for Decision {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        Written::schemas(schemas);
    }
}

impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Groups of decisions that are about no single alert, by which they are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Who may do what.
    Accounts,
    /// What takes two persons.
    Proposals,
    /// Which records are one subject.
    Merges,
    /// What may not be purged.
    Holds,
    /// Marks on subjects.
    Flags,
    /// Wrong links, and what was decided about them.
    Redress,
    /// Re-examinations and what they were for.
    Runs,
}

impl Key {
    /// Decisions on an alert mention this key.
    pub fn review_of(alert: AlertId) -> Self {
        Self { kind: RecordKind::Decision, text: format!("alert:{alert}").into() }
    }

    /// The rows of a bulk decision mention this key.
    pub fn bulk(bulk: &EntityId) -> Self {
        Self { kind: RecordKind::Decision, text: format!("bulk:{bulk}").into() }
    }

    /// Decisions on a topic mention this key.
    pub fn topic(topic: Topic) -> Self {
        let word = match topic {
            Topic::Accounts => "topic:accounts",
            Topic::Proposals => "topic:proposals",
            Topic::Merges => "topic:merges",
            Topic::Holds => "topic:holds",
            Topic::Flags => "topic:flags",
            Topic::Redress => "topic:redress",
            Topic::Runs => "topic:runs",
        };
        Self { kind: RecordKind::Decision, text: word.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_survive_a_round_trip_and_unknown_fields_are_named() {
        let alert = "00112233445566778899aabbccddeeff";
        let sound = [
            format!(r#"{{"id":"D1","by":"amon","act":"claim","alert":"{alert}","seen":2,"until":"2031-01-02T00:00:00Z"}}"#),
            format!(r#"{{"id":"D2","by":"amon","act":"clear","alert":"{alert}","note":"another day of birth","grounds":{{"reason":"birth_date_differs","matches":{{"L1":"different"}},"properties":{{"birthDate":"different"}},"expires":"2032-01-01T00:00:00Z"}}}}"#),
            r#"{"id":"D3","by":"root","act":"account","account":"amon","person":"p-17","roles":["analyst_l1"]}"#.to_owned(),
            r#"{"id":"D4","by":"root","act":"legal_hold","subject":"P1","reason":"court"}"#.to_owned(),
            r#"{"id":"D5","by":"root","act":"propose","matter":{"matter":"held_release","held":3,"digest":"0000000000000000000000000000000000000000000000000000000000000000"}}"#.to_owned(),
        ];
        for text in sound {
            let decision: Decision = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
            let again = serde_json::to_string(&decision).unwrap();
            assert_eq!(serde_json::from_str::<Decision>(&again).unwrap(), decision, "{text}");
        }
        let wrong = [
            (r#"{"id":"D1","by":"amon","act":"dance"}"#.to_owned(), "unknown variant"),
            (r#"{"id":"D1","by":"a b","act":"close_account","account":"x"}"#.to_owned(), "no account name"),
            (format!(r#"{{"id":"D1","by":"amon","act":"queue","alert":"{alert}","nite":"x"}}"#), "nite"),
            (
                format!(r#"{{"id":"D1","by":"amon","act":"queue","alert":"{alert}","subject":"P1"}}"#),
                "or about",
            ),
            (
                format!(
                    r#"{{"id":"D1","by":"amon","act":"escalate","alert":"{alert}","reason":"a_feeling"}}"#
                ),
                "unknown variant",
            ),
        ];
        for (text, reason) in wrong {
            let error = serde_json::from_str::<Decision>(&text).expect_err(&text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
