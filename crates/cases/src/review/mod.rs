//! The review of alerts: what state each is in, who may do what about it, and what everybody did.
//!
//! In: changes of alerts, decisions, the accounts and the review policy, each with when it became known. Out: the state of one alert
//! or of all, as of any time. Always holds: the state is a function of what is in the ledger, by look-ups or all at once
//! (`REVIEW-PURE`); a verdict is final only after two persons (`FOUR-EYES`); a decision that its author could not take is void,
//! is kept, and changes nothing. Nothing here decides about anybody, and nothing reads a clock.

mod state;
pub use state::{RULES, Rule, State};

mod permission;
pub use permission::{Action, PERMISSIONS, may};

mod refusal;
pub use refusal::Refusal;

mod policy;
pub use policy::{Priority, ReviewPolicies, ReviewPolicy};

mod accounts;
pub use accounts::{Accounts, Standing};

mod flags;
pub use flags::Flags;

mod merges;
pub use merges::Merges;

mod one;
pub use one::{Disposition, Happening, Lock, Proposal, Request, Review, Rulebook, Stood};

mod matters;
pub use matters::{Matters, Outcome as ReviewOutcome, Proposed, RedressRequest};

mod read;
pub use read::{Entry, history_of, review_of, rulebook};

mod desk;
pub use desk::{Counts, Desk, Page, Query, Row};

mod flow;
pub use flow::{Flow, flows};

mod order;
pub use order::{ORDER, Place, TieBand, place, tie_bands};
