//! Why a decision could not be taken. Told to whoever tries, and kept beside a decision in the ledger that is void.

use std::fmt;

use model::{AccountName, KnownAt, Occasion};
use serde::Serialize;

use super::{RULES, State};

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "refusal", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each field is named by what its variant says")]
pub enum Refusal {
    /// There is no such account, or it was closed.
    NoAccount { account: AccountName },
    /// No role of the account may do this.
    NotAllowed { action: &'static str },
    /// It cannot be done in this state.
    WrongState { act: &'static str, state: State },
    /// It takes two persons, and this is the same one.
    SamePerson,
    /// Somebody else is at it.
    Locked { by: AccountName, until: KnownAt },
    /// More was done about it than the author had seen.
    Stale { seen: u32, steps: u32 },
    /// There is nothing of that id here that waits for this.
    NoSuchProposal,
    /// The reason is for another occasion.
    WrongReason { reason: &'static str, occasion: Occasion },
    /// A note is needed.
    NoNote,
    /// Matches of the alert were not adjudicated, or the finding contradicts the verdict.
    MatchesOpen,
    /// A verdict that keeps evidence from coming again has to expire, and not too late.
    BadExpiry { latest: KnownAt },
    /// A time that lies in the past or too far ahead.
    BadTime { latest: KnownAt },
    /// Only the last step can be taken back, by whom it was taken, and not for long.
    NotUndoable,
    /// Roles that one person may not have together.
    RolesConflict,
    /// An account stays with its person.
    OtherPerson,
    /// A store keeps an administrator.
    LastAdministrator,
    /// Capacity changes the order of the queue, never whom it holds.
    Capacity,
    /// It takes two persons in this store, and has not been agreed to.
    TakesTwo { what: &'static str },
    /// Whoever decides on redress has decided nothing about the subject before.
    TookPart,
    /// One cannot stand for itself, or the two are one already, or are not one.
    NoMerge,
    /// There is no such alert, or it is of somebody whom the account may not see: that is not told apart.
    NoSuchAlert,
    /// The answer shows anybody, and somebody is in a compartment that the account is not in.
    NotInAllCompartments,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccount { account } => write!(f, "there is no account {account}; an administrator opens one with `lookback account open`"),
            Self::NotAllowed { action } => {
                write!(f, "no role of the account may do this ({action}); docs/reference/review.md shows who may")
            }
            Self::WrongState { act, state } => {
                write!(f, "`{act}` cannot be done while the review is {}; what can: {}", state.word(), possible(*state))
            }
            Self::SamePerson => f.write_str("it takes two persons, and this is the person who proposed it"),
            Self::Locked { by, until } => write!(f, "{by} is at it until {until}"),
            Self::Stale { seen, steps } => write!(
                f,
                "more was done about it meanwhile ({steps} steps, {seen} were seen): look again, then decide"
            ),
            Self::NoSuchProposal => f.write_str("there is no such proposal that waits for a second person"),
            Self::WrongReason { reason, occasion } => {
                write!(f, "the reason {reason} is for another occasion ({})", occasion.word())
            }
            Self::NoNote => f.write_str("a note is needed: say in a sentence what was seen"),
            Self::MatchesOpen => f.write_str(
                "every match of the alert has to be found same, different or unknown, and the verdict has to follow from that",
            ),
            Self::BadExpiry { latest } => {
                write!(f, "the verdict has to expire, at the latest {latest}")
            }
            Self::BadTime { latest } => write!(f, "the time has to lie ahead, at the latest {latest}"),
            Self::NotUndoable => {
                f.write_str("only the last step can be taken back, by whoever took it, and not for long")
            }
            Self::RolesConflict => f.write_str(
                "one person may not both open accounts and review, or audit and review",
            ),
            Self::OtherPerson => {
                f.write_str("an account stays with its person: close it and open another")
            }
            Self::LastAdministrator => f.write_str("a store keeps one administrator: open another first"),
            Self::Capacity => f.write_str(
                "capacity changes the order of the queue, never whom it holds: a policy is not changed for it; see `[review] priorities`",
            ),
            Self::TakesTwo { what } => write!(f, "{what} takes two persons in a store that has accounts: one proposes, another agrees"),
            Self::TookPart => f.write_str("redress is decided by somebody who decided nothing about the subject before"),
            Self::NoMerge => f.write_str("these two are one already, or are not, or one of them is not there"),
            Self::NotInAllCompartments => f.write_str("it would show somebody in a compartment that the account is not in; --break-glass says why it has to be"),
            Self::NoSuchAlert => f.write_str("there is no such alert"),
        }
    }
}

/// What can be done in a state, and by whom.
fn possible(state: State) -> String {
    let rules = RULES.iter().filter(|rule| rule.from.contains(&state));
    let told = rules.map(|rule| {
        let roles: Vec<&str> = rule.roles.iter().map(|role| role.word()).collect();
        format!("{} ({})", rule.act, roles.join(", "))
    });
    told.collect::<Vec<_>>().join("; ")
}

impl std::error::Error for Refusal {}
