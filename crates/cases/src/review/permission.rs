//! Who may do what: one table of roles and actions. Steps of the review are in it by the rules of [`RULES`].

use model::ReviewRole;

use super::state::RULES;

/// An action and who may do it, beside the steps of the review.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// Its word.
    pub word: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Who may do it.
    pub roles: &'static [ReviewRole],
}

use ReviewRole::{Administrator, AnalystL1, AnalystL2, Approver, Auditor, ListManager, Reader};

const EVERYBODY: &[ReviewRole] =
    &[Reader, AnalystL1, AnalystL2, Approver, ListManager, Auditor, Administrator];
const SEES_PEOPLE: &[ReviewRole] = &[Reader, AnalystL1, AnalystL2, Approver, ListManager, Auditor];

/// Everything that is no step of a review. What is not in it nobody may do.
pub const PERMISSIONS: &[Action] = &[
    Action { word: "status", what: "see how the store stands, without anybody's id", roles: EVERYBODY },
    Action { word: "read", what: "look at alerts, subjects, lists, evidence", roles: SEES_PEOPLE },
    Action {
        word: "search",
        what: "screen a name without keeping it",
        roles: &[Reader, AnalystL1, AnalystL2, Approver, ListManager],
    },
    Action { word: "figures", what: "see figures and claims", roles: SEES_PEOPLE },
    Action {
        word: "explain_figures",
        what: "see whom a figure counts",
        roles: &[AnalystL1, AnalystL2, Approver, Auditor],
    },
    Action { word: "report", what: "make the report", roles: SEES_PEOPLE },
    Action { word: "export", what: "take data out", roles: &[AnalystL2, Approver, ListManager, Auditor] },
    Action { word: "ingest", what: "bring lists, populations and evidence in", roles: &[ListManager] },
    Action {
        word: "report_event",
        what: "record a fact that a source reported",
        roles: &[AnalystL1, AnalystL2, Approver],
    },
    Action { word: "propose_policy", what: "propose another policy", roles: &[AnalystL2, ListManager] },
    Action { word: "agree_policy", what: "agree to another policy", roles: &[Approver] },
    Action {
        word: "propose_held_release",
        what: "propose to release a held version",
        roles: &[AnalystL2, ListManager],
    },
    Action {
        word: "agree_held_release",
        what: "agree to release a held version",
        roles: &[Approver, ListManager],
    },
    Action { word: "merge", what: "say that two records are one subject", roles: &[AnalystL2] },
    Action { word: "detach", what: "say that they are not, after all", roles: &[AnalystL2, Approver] },
    Action {
        word: "flag",
        what: "mark a subject: minor, vulnerable, compartment",
        roles: &[AnalystL2, Approver],
    },
    Action {
        word: "request_redress",
        what: "record that somebody asks to be put right",
        roles: &[AnalystL1, AnalystL2, Approver],
    },
    Action { word: "decide_redress", what: "grant or refuse redress", roles: &[Approver] },
    Action {
        word: "extract",
        what: "give somebody what is kept about them",
        roles: &[AnalystL2, Approver, Auditor],
    },
    Action { word: "legal_hold", what: "keep a subject from being purged", roles: &[Approver, Auditor] },
    Action { word: "lift_hold", what: "let it be purged again", roles: &[Approver] },
    Action { word: "purge", what: "purge what is due", roles: &[ListManager] },
    Action {
        word: "run",
        what: "say what a re-examination was for and what was learned",
        roles: &[AnalystL2, Approver, ListManager],
    },
    Action { word: "audit", what: "read the audit", roles: &[Auditor] },
    Action { word: "checkpoint", what: "sign a checkpoint", roles: &[Auditor, Administrator] },
    Action {
        word: "break_glass",
        what: "look beyond one's compartments, with a reason and a later review",
        roles: &[AnalystL2, Approver],
    },
    Action { word: "webhook", what: "say who is told what happens", roles: &[Administrator] },
    Action { word: "back_up", what: "copy the whole store", roles: &[Administrator] },
    Action { word: "account", what: "open, change and close accounts", roles: &[Administrator] },
];

/// Whether one of the roles may do it: a step of the review or another action, by its word. What nobody knows nobody may do.
pub fn may(roles: impl IntoIterator<Item = ReviewRole>, word: &str) -> bool {
    let allowed = |role: ReviewRole| {
        let step = RULES.iter().filter(|rule| rule.act == word).any(|rule| rule.roles.contains(&role));
        step || PERMISSIONS.iter().any(|action| action.word == word && action.roles.contains(&role))
    };
    roles.into_iter().any(allowed)
}
