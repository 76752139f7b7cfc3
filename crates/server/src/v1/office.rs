//! `/v1/matters`, `/v1/redress`, `/v1/retention`, and what is decided about a subject: what takes two persons beside a verdict, reported
//! facts, marks, holds.

use std::collections::BTreeSet;

use lookback::audit::{AuditAction, Reach};
use lookback::model::{
    AccountName, Digest, EntityId, Flag, KnownAt, Matter, PersonName, PolicyReason, ReviewRole, SubjectAct,
};
use lookback::review::{Account, Agreed, Proposed, RedressRequest, Redressed, ReportedEvent};
use lookback::{
    CommitReport, Due, HeldFiles, LaterChanges, LegalHold, OpenAlerts, PurgeOrder, PurgeRecord, Silent, Store,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::alerts::Time;
use super::asking::Asking;
use super::figures::Noted;
use super::reading::{AsOf, Asked, At, Sent};
use super::subjects::SubjectPath;
use crate::routes::{Route, Rule};

const MATTERS: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);
const REDRESS: Rule = Rule::look("read", AuditAction::List, Reach::Everybody);
const DUE: Rule = Rule::look("read", AuditAction::List, Reach::Everybody);
const HOLDS: Rule = Rule::look("read", AuditAction::List, Reach::Everybody);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = matters_routes();
    routes.extend(subject_routes());
    routes.extend(retention_routes());
    routes
}

fn matters_routes() -> Vec<Route> {
    vec![
        // Accounts are of those who work here, and whoever opens them sees nobody else.
        Route::get(
            "/v1/accounts",
            Rule::May("status"),
            "The accounts that are open, and what each may do",
            accounts,
        )
        .query::<Time>()
        .gives::<OpenAccounts>(),
        Route::put(
            "/v1/accounts/{account}",
            Rule::May("account"),
            "Open an account, or give it other roles",
            open,
        )
        .path_parameters::<AccountPath>()
        .takes::<AccountDraft>()
        .gives::<Noted>(),
        Route::delete("/v1/accounts/{account}", Rule::May("account"), "Close an account", close)
            .path_parameters::<AccountPath>()
            .gives::<Noted>(),
        Route::get("/v1/matters", MATTERS, "What was proposed, and what became of it", matters)
            .query::<Time>()
            .gives::<Matters>(),
        Route::post("/v1/matters/policy", Rule::May("propose_policy"), "Propose another policy", policy)
            .takes::<PolicyDraft>()
            .gives::<Noted>(),
        Route::post(
            "/v1/matters/release",
            Rule::May("propose_held_release"),
            "Propose to release a held version",
            release,
        )
        .takes::<ReleaseDraft>()
        .gives::<Noted>(),
        // Which account may agree to what is for the rules of the review, by what was proposed.
        Route::post("/v1/matters/{proposal}/agree", Rule::Known, "Agree: it is done at once", agree)
            .path_parameters::<ProposalPath>()
            .takes::<Agreement>()
            .gives::<Agreed>(),
        Route::post("/v1/matters/{proposal}/reject", Rule::Known, "Do not agree", reject)
            .path_parameters::<ProposalPath>()
            .takes::<Because>()
            .gives::<Noted>(),
    ]
}

/// Accounts.
#[derive(Serialize, ToSchema)]
struct OpenAccounts {
    /// By name.
    accounts: Vec<Account>,
}

async fn accounts(asking: Asking, Asked(time): Asked<Time>) -> Answer<OpenAccounts> {
    let known_at = AsOf::or_now(time.known_at);
    asking.ask(move |store| Ok(OpenAccounts { accounts: store.accounts(known_at)? })).await
}

/// Which account.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct AccountPath {
    /// Its name.
    account: String,
}

/// What an account is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountDraft {
    /// Whose it is.
    person: PersonName,
    /// What it may do.
    roles: BTreeSet<ReviewRole>,
    /// Which compartments it may see.
    #[serde(default)]
    compartments: BTreeSet<String>,
}

async fn open(
    asking: Asking,
    At(account): At<AccountName>,
    Sent(draft): Sent<AccountDraft>,
) -> Answer<Noted> {
    let AccountDraft { person, roles, compartments } = draft;
    let open = move |store: &mut Store| {
        Ok(Noted { decision: store.open_account(account, person, roles, compartments)? })
    };
    asking.change(open).await
}

async fn close(asking: Asking, At(account): At<AccountName>) -> Answer<Noted> {
    asking.change(move |store| Ok(Noted { decision: store.close_account(account)? })).await
}

fn subject_routes() -> Vec<Route> {
    vec![
        Route::post(
            "/v1/subjects/{subject}/events",
            Rule::May("report_event"),
            "Record a fact that a source reported",
            event,
        )
        .path_parameters::<SubjectPath>()
        .takes::<EventDraft>()
        .gives::<CommitReport>(),
        // Which account may do which is for the rules of the review.
        Route::post(
            "/v1/subjects/{subject}/decisions",
            Rule::Known,
            "Decide something about a subject",
            decide,
        )
        .path_parameters::<SubjectPath>()
        .takes::<SubjectDraft>()
        .gives::<Noted>(),
        Route::get("/v1/redress", REDRESS, "Requests for redress, and what became of them", redress)
            .query::<Time>()
            .gives::<Redress>(),
        Route::post("/v1/redress/{request}/grant", Rule::May("decide_redress"), "Grant redress", grant)
            .path_parameters::<RequestPath>()
            .takes::<Grant>()
            .gives::<Redressed>(),
        Route::post("/v1/redress/{request}/refuse", Rule::May("decide_redress"), "Refuse redress", refuse)
            .path_parameters::<RequestPath>()
            .takes::<Because>()
            .gives::<Noted>(),
    ]
}

fn retention_routes() -> Vec<Route> {
    vec![
        Route::get("/v1/retention/due", DUE, "Whose time is over, and why some are kept", due)
            .query::<DueParameters>()
            .gives::<DueSubjects>(),
        Route::get("/v1/retention/purges", Rule::May("status"), "What was purged, by digest", purges)
            .gives::<Purges>(),
        Route::get("/v1/retention/holds", HOLDS, "Legal holds that stand", holds).gives::<Holds>(),
    ]
}

/// What was proposed.
#[derive(Serialize, ToSchema)]
struct Matters {
    /// In order.
    matters: Vec<Proposed<Matter>>,
}

async fn matters(asking: Asking, Asked(time): Asked<Time>) -> Answer<Matters> {
    let known_at = AsOf::or_now(time.known_at);
    let matters = move |store: &mut Store, _| Ok(Matters { matters: store.matters(known_at)? });
    asking.look(matters).await
}

/// Another policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyDraft {
    /// Its text (docs/reference/policy.md).
    text: String,
    /// Why it is changed; capacity is always refused.
    reason: PolicyReason,
    /// Why, in a sentence.
    note: String,
}

async fn policy(asking: Asking, Sent(draft): Sent<PolicyDraft>) -> Answer<Noted> {
    let PolicyDraft { text, reason, note } = draft;
    asking.change(move |store| Ok(Noted { decision: store.propose_policy(&text, reason, &note)? })).await
}

/// The release of a held version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseDraft {
    /// Its number.
    #[schema(maximum = 1_000_000_000)]
    held: u64,
    /// Why, in a sentence.
    note: String,
}

async fn release(asking: Asking, Sent(draft): Sent<ReleaseDraft>) -> Answer<Noted> {
    asking.change(move |store| Ok(Noted { decision: store.propose_release(draft.held, &draft.note)? })).await
}

/// Which proposal.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct ProposalPath {
    /// The decision that proposed it.
    proposal: String,
}

/// An agreement.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Agreement {
    /// Of a held version: also take back what came after it was set aside.
    #[serde(default)]
    confirm_undo_later: bool,
}

pub(super) fn later_changes(confirm_undo_later: bool) -> LaterChanges {
    if confirm_undo_later { LaterChanges::Undo } else { LaterChanges::Keep }
}

async fn agree(asking: Asking, At(proposal): At<EntityId>, Sent(said): Sent<Agreement>) -> Answer<Agreed> {
    let later = later_changes(said.confirm_undo_later);
    asking.change(move |store| store.agree(&proposal, later, &mut Silent)).await
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Because {
    /// In a sentence.
    note: String,
}

async fn reject(asking: Asking, At(proposal): At<EntityId>, Sent(because): Sent<Because>) -> Answer<Noted> {
    asking.change(move |store| Ok(Noted { decision: store.reject(&proposal, &because.note)? })).await
}

/// A fact as it was reported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventDraft {
    /// What happened: `arrested`, `released`, `located`, `not_located`, `departed`, `removed`, `threat_assessed`, …
    event: String,
    /// The day on which it happened, as the source says.
    at: String,
    /// Who reported it.
    source: String,
    /// What it came to: `identified`, `none_identified`; `hit`, `no_hit`, `inconclusive`.
    result: Option<String>,
}

async fn event(
    asking: Asking,
    At(subject): At<EntityId>,
    Sent(draft): Sent<EventDraft>,
) -> Answer<CommitReport> {
    let EventDraft { event, at, source, result } = draft;
    let reported = ReportedEvent { subject, event, at, source, result };
    asking.change(move |store| store.report_event(reported)).await
}

/// What somebody decides about a subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubjectDraft {
    /// What is done.
    decision: SubjectDecision,
    /// Why.
    #[serde(default)]
    note: String,
}

/// What can be decided about a subject by itself.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
enum SubjectDecision {
    /// It is the same as another record, which stands for both.
    Merge {
        /// The record that stands for both.
        into: EntityId,
    },
    /// It is not, after all.
    Detach {
        /// The decision that merged it.
        merge: EntityId,
    },
    /// Marks it.
    Flag {
        /// The mark.
        flag: Flag,
    },
    /// Takes a mark off.
    Unflag {
        /// The mark.
        flag: Flag,
    },
    /// Nothing of it may be purged.
    LegalHold {
        /// Why.
        reason: String,
        /// Until when; left out: until it is lifted.
        until: Option<KnownAt>,
    },
    /// It may be again.
    LiftHold {
        /// Why.
        reason: String,
    },
    /// Says that it is wrongly linked, and asks for it to be put right.
    RequestRedress {
        /// On what ground.
        ground: String,
        /// Digest of a file that was handed in.
        evidence: Option<Digest>,
    },
}

async fn decide(asking: Asking, At(subject): At<EntityId>, Sent(draft): Sent<SubjectDraft>) -> Answer<Noted> {
    let SubjectDraft { decision, note } = draft;
    let decide = move |store: &mut Store| {
        let act = match decision {
            SubjectDecision::Merge { into } => {
                return Ok(Noted { decision: store.merge(&subject, &into, &note)? });
            }
            SubjectDecision::Detach { merge } => SubjectAct::Detach { merge },
            SubjectDecision::Flag { flag } => SubjectAct::Flag { flag },
            SubjectDecision::Unflag { flag } => SubjectAct::Unflag { flag },
            SubjectDecision::LegalHold { reason, until } => SubjectAct::LegalHold { reason, until },
            SubjectDecision::LiftHold { reason } => SubjectAct::LiftHold { reason: Some(reason) },
            SubjectDecision::RequestRedress { ground, evidence } => {
                SubjectAct::RequestRedress { ground, evidence }
            }
        };
        Ok(Noted { decision: store.decide_subject(&subject, act, &note)? })
    };
    asking.change(decide).await
}

/// Requests for redress.
#[derive(Serialize, ToSchema)]
struct Redress {
    /// In order.
    requests: Vec<Proposed<RedressRequest>>,
}

async fn redress(asking: Asking, Asked(time): Asked<Time>) -> Answer<Redress> {
    let known_at = AsOf::or_now(time.known_at);
    let requests = move |store: &mut Store, _| Ok(Redress { requests: store.redress_requests(known_at)? });
    asking.look(requests).await
}

/// Which request for redress.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct RequestPath {
    /// The decision that recorded it.
    request: String,
}

/// Redress is granted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Grant {
    /// Observations of the subject that are wrong, and are retracted.
    #[serde(default)]
    retract: Vec<EntityId>,
    /// Why.
    note: String,
}

async fn grant(asking: Asking, At(request): At<EntityId>, Sent(said): Sent<Grant>) -> Answer<Redressed> {
    asking.change(move |store| store.grant_redress(&request, &said.retract, &said.note)).await
}

async fn refuse(asking: Asking, At(request): At<EntityId>, Sent(because): Sent<Because>) -> Answer<Noted> {
    asking.change(move |store| Ok(Noted { decision: store.refuse_redress(&request, &because.note)? })).await
}

/// As if when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct DueParameters {
    /// As if it were this time; left out: now.
    #[param(inline)]
    now: Option<AsOf>,
}

/// Whose time is over.
#[derive(Serialize, ToSchema)]
struct DueSubjects {
    /// Each, and why it is kept nevertheless.
    due: Vec<Due>,
}

async fn due(asking: Asking, Asked(asked): Asked<DueParameters>) -> Answer<DueSubjects> {
    let due = move |store: &mut Store, _| {
        let now = asked.now.map_or_else(|| store.now(), |AsOf(now)| Ok(now))?;
        let (held, alerts) = (HeldFiles::Refuse, OpenAlerts::Refuse);
        let order = PurgeOrder { reason: String::new(), authority: String::new(), held, alerts };
        Ok(DueSubjects { due: store.due_for_purge(now, &order)? })
    };
    asking.look(due).await
}

/// What was purged.
#[derive(Serialize, ToSchema)]
struct Purges {
    /// Commit by commit.
    purges: Vec<PurgeRecord>,
}

async fn purges(asking: Asking) -> Answer<Purges> {
    asking.ask(|store| Ok(Purges { purges: store.purges()? })).await
}

/// Legal holds.
#[derive(Serialize, ToSchema)]
struct Holds {
    /// Those that stand.
    holds: Vec<LegalHold>,
}

async fn holds(asking: Asking) -> Answer<Holds> {
    asking.look(|store: &mut Store, _| Ok(Holds { holds: store.legal_holds()? })).await
}
