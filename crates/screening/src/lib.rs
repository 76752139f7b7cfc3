//! A commit's changes in, alert changes and proof of coverage out.
//!
//! In: a [`ledger::Batch`] whose lines are staged and resolved, and the policy. Out: the outcome of every pair that the changes
//! concern, handed to the ledger's alert book, and a [`model::Coverage`] fact.
//! Always holds: the alerts open afterwards are those that [`from_scratch`] finds in the same state (`INCREMENTAL`); a change on
//! either side goes through the same path with the sides swapped; nothing is read that is not in the ledger or the policy
//! (`REPLAY`); when the controls fail or a count does not add up, the commit does not stand (`FAIL-CLOSED`).
//! It does not see dispositions, files, clocks or terminals.

mod apply;
pub use apply::Applied;

mod engine;
pub use engine::{Engine, Indexes, basis_of, engine_version};

mod entries;
pub use entries::Entries;
pub use index::Scratch;

mod side;
pub use side::{Match, Party};

mod scratch;
pub use scratch::{ScratchAlert, from_scratch};

mod controls;
pub use controls::controls;

mod coverage;

mod hash;
pub use hash::{Hashes, hashes, hashes_of, state_hash};

mod graph;
pub use graph::{Companionship, Graph, Lead, LeadFactor, LeadRelation, LeadStep, Observed};

mod account;
pub use account::{Account, Accounts, Ignored, NetworkStanding, Tie};

mod network_policy;
pub use network_policy::{
    AttributeKind, CoTravelRule, NetworkPolicy, PropertyRule, Related, RelationRule, StepRule, Validity,
};

mod policy;
pub use policy::{GoodPair, ListPolicy, Policy, PolicyError, RetentionClock, RetentionRule};

mod error;
pub use error::ScreeningError;
