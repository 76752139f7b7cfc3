//! How accounts show that they are themselves, for programs that ask them to: the credentials beside a store.
//!
//! Which accounts there are and what they may do is in the ledger; programs make the secrets, and keep their digests here.

pub use cases::review::may;
pub use ledger::{AccessKey, AccessSession, Credentials, Failures, Shown};

use cases::review::{PERMISSIONS, RULES};

/// Every word of something that an account may do: of the table of actions and of the steps of a review.
pub fn permissions() -> impl Iterator<Item = &'static str> {
    PERMISSIONS.iter().map(|action| action.word).chain(RULES.iter().map(|rule| rule.act))
}

/// Words of actions that show people, or whom somebody asks about: whoever does them is noted in the audit.
pub const LOOKS: [&str; 8] =
    ["read", "search", "figures", "explain_figures", "report", "export", "extract", "audit"];
