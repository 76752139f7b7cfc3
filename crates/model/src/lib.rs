//! The words of the system as types: entities, statements about them, records, alerts, and the two times.
//!
//! In: JSON of `FollowTheMoney` entities and journal lines. Out: checked values and their canonical bytes.
//! Always holds: a value of these types is well formed (a known schema, a real date, a non-empty id); equal values have equal
//! canonical bytes; nothing here reads a clock, a file or the environment, and nothing here stores.

mod time;
pub use time::{KnownAt, PartialDate, TimeError};

mod schema;
pub use schema::{Kind, Property, Schema, ValueType};

mod entity;
pub use entity::{Entity, EntityError, EntityId, Identity, Properties};

mod published;
pub use published::Published;

mod record;
pub use record::{
    Attribute, Claim, Dataset, DatasetName, Deletion, EntityRecord, Event, Generic, Key, Observation,
    PolicyRecord, Record, RecordKind, Relation, Role, Text,
};

mod journal;
pub use journal::{Line, LineError, Op};

mod decision;
pub use decision::{
    AccountName, Decision, Deed, Finding, Flag, Grounds, Matter, Occasion, OfficeAct, PersonName,
    PolicyReason, Proof, Reason, ReviewRole, Step, SubjectAct, Topic, Verdict,
};

mod digest;
pub use digest::{Digest, Digester};

mod alert;
pub use alert::{
    AlertChange, AlertId, AlertState, Cause, CauseKind, Change, Fingerprint, Outcome, Pair, Score,
};

mod commit;
pub use commit::{Commit, CommitHeader, Counts, Coverage, Engine, Examination, ListVersion, SourceFile};
