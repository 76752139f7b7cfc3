//! `/v1/status`, `/v1/coverage`, `/v1/rejects`: how the store stands, what was examined, and which rows became no record.

use lookback::model::{Commit, Coverage};
use lookback::{Status, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::alerts::Time;
use super::asking::Asking;
use super::reading::{AsOf, Asked, Limit};
use crate::routes::{Route, Rule};

pub(super) fn routes() -> Vec<Route> {
    let status_of = Rule::May("status");
    vec![
        Route::get("/v1/status", status_of, "How the store stands", status).gives::<Status>(),
        Route::get("/v1/coverage", status_of, "What was examined with the last commit of a time", coverage)
            .query::<Time>()
            .gives::<CoverageAnswer>(),
        Route::get("/v1/rejects", Rule::May("ingest"), "Rows that became no record", rejects)
            .query::<RejectParameters>()
            .gives::<Rejects>(),
    ]
}

async fn status(asking: Asking) -> Answer<Status> {
    asking.ask(|store| store.status()).await
}

/// What was examined.
#[derive(Serialize, ToSchema)]
struct CoverageAnswer {
    /// The last commit known at that time; `null` where nothing was known yet.
    commit: Option<Commit>,
    /// What was examined with it.
    coverage: Option<Coverage>,
}

async fn coverage(asking: Asking, Asked(time): Asked<Time>) -> Answer<CoverageAnswer> {
    let coverage = move |store: &mut Store| {
        let (commit, coverage) = store.coverage(AsOf::or_now(time.known_at))?.unzip();
        Ok(CoverageAnswer { commit, coverage })
    };
    asking.ask(coverage).await
}

/// Which rejects.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct RejectParameters {
    /// Only of this commit.
    #[param(minimum = 1, maximum = 1_000_000_000)]
    commit: Option<u64>,
    /// How many at most; left out: 100.
    #[param(inline)]
    limit: Option<Limit>,
}

/// Rows that became no record.
#[derive(Serialize, ToSchema)]
struct Rejects {
    /// How many there are.
    total: usize,
    /// These of them, the first ones.
    rejects: Vec<RejectedRow>,
}

/// A row that became no record.
#[derive(Serialize, ToSchema)]
struct RejectedRow {
    /// The commit that it came with.
    commit: u64,
    /// The file.
    file: String,
    /// The line in it.
    line: u64,
    /// Why.
    reason: String,
}

async fn rejects(asking: Asking, Asked(asked): Asked<RejectParameters>) -> Answer<Rejects> {
    let rejects = move |store: &mut Store| {
        let all = store.ledger().rejects(asked.commit)?;
        let limit = asked.limit.map_or(100, |Limit(limit)| limit);
        let total = all.len();
        let shown = all.into_iter().take(limit).map(|reject| RejectedRow {
            commit: reject.commit,
            file: reject.file,
            line: reject.line,
            reason: reject.reason,
        });
        Ok(Rejects { total, rejects: shown.collect() })
    };
    asking.ask(rejects).await
}
