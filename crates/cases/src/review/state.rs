//! The states of a review and the one table of how an act leads from one to another.

use model::{ReviewRole, Step};
use serde::{Deserialize, Serialize};

/// In what state the review of an alert is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewState)]
pub enum State {
    /// The alert came; nobody has looked.
    New,
    /// It waits for the first line.
    Queued,
    /// Somebody of the first line is at it.
    FirstLine,
    /// The first line says that it does not concern the subject; a second person has to confirm.
    Cleared,
    /// It waits for the second line.
    Escalated,
    /// It cannot be said yet; an owner looks again.
    Inconclusive,
    /// Somebody outside was asked.
    NeedsInformation,
    /// Somebody of the second line is at it.
    SecondLine,
    /// The second line proposes a verdict; a second person has to confirm.
    SecondPerson,
    /// Two persons came to a verdict.
    Final,
    /// There was a verdict, and it no longer stands: the evidence changed, its time ran out, or it was taken back.
    Reopened,
    /// The alert itself is gone.
    Withdrawn,
}

impl State {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 12] = [
        Self::New,
        Self::Queued,
        Self::FirstLine,
        Self::Cleared,
        Self::Escalated,
        Self::Inconclusive,
        Self::NeedsInformation,
        Self::SecondLine,
        Self::SecondPerson,
        Self::Final,
        Self::Reopened,
        Self::Withdrawn,
    ];

    /// Its word in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Queued => "queued",
            Self::FirstLine => "first_line",
            Self::Cleared => "cleared",
            Self::Escalated => "escalated",
            Self::Inconclusive => "inconclusive",
            Self::NeedsInformation => "needs_information",
            Self::SecondLine => "second_line",
            Self::SecondPerson => "second_person",
            Self::Final => "final",
            Self::Reopened => "reopened",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether somebody still has to do something about it.
    pub fn is_pending(self) -> bool {
        !matches!(self, Self::Final | Self::Withdrawn)
    }

    /// Whether it waits for a second person.
    pub fn is_proposed(self) -> bool {
        matches!(self, Self::Cleared | Self::SecondPerson)
    }
}

/// One row of the table: an act, the states in which it may be done, where it leads, and who may do it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The act's word.
    pub act: &'static str,
    /// The states in which it may be done.
    pub from: &'static [State],
    /// Where it leads; `None` where the state stays.
    pub to: Option<State>,
    /// Who may do it.
    pub roles: &'static [ReviewRole],
}

use ReviewRole::{AnalystL1, AnalystL2, Approver};
use State::{
    Cleared, Escalated, Final, FirstLine, Inconclusive, NeedsInformation, New, Queued, Reopened, SecondLine,
    SecondPerson, Withdrawn,
};

const FIRST: &[State] = &[New, Queued, Reopened];
const FIRST_AT_IT: &[State] = &[New, Queued, Reopened, FirstLine];
const SECOND: &[State] = &[Escalated, Inconclusive, NeedsInformation];
const UNDECIDED: &[State] =
    &[New, Queued, Reopened, FirstLine, Escalated, Inconclusive, NeedsInformation, SecondLine];
const PENDING: &[State] = &[
    New,
    Queued,
    Reopened,
    FirstLine,
    Escalated,
    Inconclusive,
    NeedsInformation,
    SecondLine,
    Cleared,
    SecondPerson,
];
const PROPOSED: &[State] = &[Cleared, SecondPerson];
const ANY: &[State] = &[
    New,
    Queued,
    Reopened,
    FirstLine,
    Escalated,
    Inconclusive,
    NeedsInformation,
    SecondLine,
    Cleared,
    SecondPerson,
    Final,
    Withdrawn,
];
const ANALYSTS: &[ReviewRole] = &[AnalystL1, AnalystL2];
const REVIEWERS: &[ReviewRole] = &[AnalystL1, AnalystL2, Approver];
const SENIORS: &[ReviewRole] = &[AnalystL2, Approver];

/// The whole workflow. What is not in it is forbidden. An `undo` leads back to the state before the step that it takes back.
pub const RULES: &[Rule] = &[
    Rule { act: "queue", from: &[New, Reopened], to: Some(Queued), roles: ANALYSTS },
    Rule { act: "claim", from: FIRST, to: Some(FirstLine), roles: ANALYSTS },
    Rule { act: "claim", from: SECOND, to: Some(SecondLine), roles: &[AnalystL2] },
    Rule { act: "release", from: &[FirstLine], to: Some(Queued), roles: ANALYSTS },
    Rule { act: "release", from: &[SecondLine], to: Some(Escalated), roles: &[AnalystL2] },
    Rule { act: "assign", from: PENDING, to: None, roles: SENIORS },
    Rule { act: "clear", from: FIRST_AT_IT, to: Some(Cleared), roles: ANALYSTS },
    Rule { act: "escalate", from: FIRST_AT_IT, to: Some(Escalated), roles: ANALYSTS },
    Rule { act: "inconclusive", from: UNDECIDED, to: Some(Inconclusive), roles: ANALYSTS },
    Rule { act: "request_information", from: UNDECIDED, to: Some(NeedsInformation), roles: ANALYSTS },
    Rule { act: "information", from: &[NeedsInformation], to: Some(Escalated), roles: ANALYSTS },
    Rule { act: "propose", from: UNDECIDED, to: Some(SecondPerson), roles: &[AnalystL2] },
    Rule { act: "confirm", from: PROPOSED, to: Some(Final), roles: &[Approver] },
    Rule { act: "return", from: PROPOSED, to: Some(Escalated), roles: &[Approver] },
    Rule { act: "reopen", from: &[Final], to: Some(Reopened), roles: SENIORS },
    Rule { act: "snooze", from: UNDECIDED, to: None, roles: &[AnalystL2] },
    Rule { act: "comment", from: ANY, to: None, roles: REVIEWERS },
    Rule { act: "attach", from: ANY, to: None, roles: REVIEWERS },
    Rule { act: "due", from: PENDING, to: None, roles: SENIORS },
    Rule { act: "undo", from: ANY, to: None, roles: REVIEWERS },
];

/// The word of a step in [`RULES`].
pub(crate) fn word_of(step: &Step) -> &'static str {
    match step {
        Step::Queue => "queue",
        Step::Claim { .. } => "claim",
        Step::Release => "release",
        Step::Assign { .. } => "assign",
        Step::Clear { .. } => "clear",
        Step::Escalate { .. } => "escalate",
        Step::Inconclusive { .. } => "inconclusive",
        Step::RequestInformation { .. } => "request_information",
        Step::Information { .. } => "information",
        Step::Propose { .. } => "propose",
        Step::Confirm { .. } => "confirm",
        Step::Return { .. } => "return",
        Step::Reopen { .. } => "reopen",
        Step::Snooze { .. } => "snooze",
        Step::Comment => "comment",
        Step::Attach { .. } => "attach",
        Step::Due { .. } => "due",
        Step::Undo { .. } => "undo",
    }
}
