//! The append-only store: record versions, hash-chained commits, the alert book and coverage, in one SQLite file.
//!
//! In: batches of journal operations with one `known_at` each, and the outcomes that screening found for them. Out: what was in
//! force at any `known_at`, what changed with a batch, the history of every alert, the journal again, and a proof that nothing
//! was altered. Always holds: a commit stands whole or not at all; `known_at` never runs back (`NEVER-BACK`); what was in force at a time
//! stays readable; rows of the journal are never changed, and what is altered is found (`CHAIN`); the order of lines within one `known_at` means nothing.
//! Nothing here interprets a name, scores a pair, or reads a clock.

mod error;
pub use error::LedgerError;

mod schema;
mod store;

mod row;
pub use row::{RowId, Version};

mod ledger;
pub use ledger::{Access, Deed, Ledger, RowsSince, Written};

mod batch;
pub use batch::Batch;

mod reject;
pub use reject::KeptReject;

mod resolve;
pub use resolve::RowChange;

mod book;
pub use book::Touched;

mod view;
pub use view::{Known, View};

mod held;
pub use held::{Held, HeldAction, HeldEvent, HeldInfo, HeldVersion};

mod purge;
pub use purge::{Purge, PurgedId};

mod export;

mod copy;
pub use copy::StoreCopy;

mod verify;
pub use verify::{Head, Verified};

mod apart;

mod audit;
pub use audit::{AuditAction, AuditEntry, AuditFilter, AuditHead, AuditLog, Audited};

mod credentials;
pub use credentials::{AccessKey, AccessSession, Credentials, Failures, Shown};

mod webhooks;
pub use webhooks::{DeadLetter, Place, Webhook, Webhooks};
