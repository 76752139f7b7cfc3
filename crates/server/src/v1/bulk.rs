//! `/v1/bulk`: one decision about many alerts, looked at before it is taken, row by row, and taken back.

use lookback::Store;
use lookback::audit::{AuditAction, Reach};
use lookback::model::{AccountName, CauseKind, DatasetName, EntityId, Reason, Verdict};
use lookback::review::{Bulk, BulkPreview, Chosen, Query, State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{At, Sent};
use crate::routes::{Route, Rule};

const PREVIEW: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);

pub(super) fn routes() -> Vec<Route> {
    let on = |path, rule, what, act: Act| {
        let handler = move |asking, at, sent| follow(asking, at, sent, act);
        Route::post(path, rule, what, handler)
            .path_parameters::<BulkPath>()
            .takes::<BulkFollowing>()
            .gives::<Bulk>()
    };
    vec![
        Route::post("/v1/bulk/preview", PREVIEW, "Which alerts a selection holds, and some of them", preview)
            .takes::<Selection>()
            .gives::<BulkPreview>(),
        Route::post("/v1/bulk", Rule::May("propose"), "Propose one verdict for a selection", propose)
            .takes::<BulkDraft>()
            .gives::<Bulk>(),
        on(
            "/v1/bulk/{bulk}/confirm",
            Rule::May("confirm"),
            "Confirm every row that still waits",
            Act::Confirm,
        ),
        on("/v1/bulk/{bulk}/return", Rule::May("return"), "Return every row that still waits", Act::Return),
        on("/v1/bulk/{bulk}/undo", Rule::May("undo"), "Take every row back that still can be", Act::Undo),
    ]
}

/// Which part of the queue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Selection {
    /// In these states; none: whatever is pending.
    #[serde(default)]
    states: Vec<State>,
    /// Given to this account.
    assigned: Option<AccountName>,
    /// Of this population or list.
    dataset: Option<DatasetName>,
    /// Of this kind.
    kind: Option<CauseKind>,
    /// Only what is past its time.
    #[serde(default)]
    overdue: bool,
    /// What is snoozed as well.
    #[serde(default)]
    snoozed: bool,
}

async fn preview(asking: Asking, Sent(selection): Sent<Selection>) -> Answer<BulkPreview> {
    let preview = move |store: &mut Store, viewer| {
        let Selection { states, assigned, dataset, kind, overdue, snoozed } = selection;
        let dataset = dataset.map(|name| name.to_string());
        let (offset, limit) = (0, usize::MAX);
        store.bulk_select(&Query { states, assigned, kind, dataset, overdue, snoozed, viewer, offset, limit })
    };
    asking.look(preview).await
}

/// One verdict about many alerts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkDraft {
    /// The selection of a preview, as it was then: a row that changed meanwhile is refused, and the others stand.
    selection: Vec<Chosen>,
    /// The verdict.
    verdict: Verdict,
    /// The reason.
    reason: Reason,
    /// What was seen, in a sentence.
    note: String,
}

async fn propose(asking: Asking, Sent(draft): Sent<BulkDraft>) -> Answer<Bulk> {
    let BulkDraft { selection, verdict, reason, note } = draft;
    asking.change(move |store| store.bulk_propose(&selection, verdict, reason, &note)).await
}

/// Which bulk decision.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct BulkPath {
    /// Its id.
    bulk: String,
}

/// What is done about a bulk decision.
#[derive(Clone, Copy)]
enum Act {
    Confirm,
    Return,
    Undo,
}

/// What is said with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkFollowing {
    /// The reason; needed where it is returned.
    reason: Option<Reason>,
    /// What was seen; needed where it is returned.
    note: Option<String>,
}

async fn follow(
    asking: Asking,
    At(bulk): At<EntityId>,
    Sent(said): Sent<BulkFollowing>,
    act: Act,
) -> Answer<Bulk> {
    let follow = move |store: &mut Store| match (act, said.reason, said.note) {
        (Act::Confirm, _, note) => store.bulk_confirm(&bulk, note.as_deref()),
        (Act::Return, Some(reason), Some(note)) => store.bulk_return(&bulk, reason, &note),
        (Act::Return, ..) => Err(lookback::Error::Usage("to return takes a reason and a note".into())),
        (Act::Undo, ..) => store.bulk_undo(&bulk),
    };
    asking.change(follow).await
}
