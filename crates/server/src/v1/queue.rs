//! `/v1/queue`: what waits to be reviewed, in the order in which it is to be.

use std::collections::BTreeMap;

use lookback::audit::{AuditAction, Reach};
use lookback::model::{AccountName, CauseKind, DatasetName};
use lookback::review::{ExplainedRow, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{AsOf, Asked, Limit};
use crate::routes::{Route, Rule};

const QUEUE: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/queue", QUEUE, "A page of the queue", queue)
            .query::<QueueParameters>()
            .gives::<QueuePage>(),
    ]
}

/// Which part of the queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct QueueParameters {
    /// In this state; may be given more than once. Left out: whatever is pending.
    #[serde(default)]
    #[param(inline)]
    state: Vec<State>,
    /// Given to this account.
    #[param(inline)]
    assigned: Option<AccountName>,
    /// Of this population or list.
    #[param(inline)]
    dataset: Option<DatasetName>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<CauseKind>,
    /// Only what is past its time.
    #[serde(default)]
    overdue: bool,
    /// What is snoozed as well.
    #[serde(default)]
    snoozed: bool,
    /// As known at; left out: now.
    #[param(inline)]
    known_at: Option<AsOf>,
    /// How many to pass over.
    #[serde(default)]
    #[param(maximum = 1_000_000_000)]
    offset: u32,
    /// How many at most; left out: 25.
    #[param(inline)]
    limit: Option<Limit>,
}

/// A page of the queue.
#[derive(Serialize, ToSchema)]
struct QueuePage {
    /// How many fit the query.
    total: u64,
    /// How many reviews there are in each state, whatever the query.
    states: BTreeMap<&'static str, u64>,
    /// How many are past their time.
    overdue: u64,
    /// The rows, in order.
    rows: Vec<ExplainedRow>,
}

async fn queue(asking: Asking, Asked(asked): Asked<QueueParameters>) -> Answer<QueuePage> {
    let QueueParameters { state, assigned, dataset, kind, overdue, snoozed, known_at, offset, limit } = asked;
    let limit = limit.map_or(25, |Limit(limit)| limit);
    let dataset = dataset.map(|name| name.to_string());
    let page = move |store: &mut lookback::Store, viewer| {
        let offset = offset as usize;
        let query = Query { states: state, assigned, kind, dataset, overdue, snoozed, viewer, offset, limit };
        let known_at = known_at.map(|AsOf(at)| at);
        let page = store.queue(&query, known_at)?;
        let rows = store.explained(page.rows, known_at)?;
        Ok(QueuePage { total: page.total, states: page.states, overdue: page.overdue, rows })
    };
    asking.look(page).await
}
