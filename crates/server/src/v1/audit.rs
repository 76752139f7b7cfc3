//! `/v1/audit` and `/v1/checkpoint`: who looked at what, and what an outsider can hold the store against.

use lookback::audit::{AuditAction, AuditVerified, Reach, verify_audit};
use lookback::model::AccountName;
use lookback::{AuditFilter, Audited, Error, Store, proof};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At, Limit, Sent};
use crate::routes::{Route, Rule};

const AUDIT: Rule = Rule::look("audit", AuditAction::Audit, Reach::Filtered);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/audit", AUDIT, "Who looked at what, when and for what", audit)
            .query::<AuditParameters>()
            .gives::<AuditPage>(),
        Route::get("/v1/audit/verification", AUDIT, "Walk the chain of the audit", verify)
            .gives::<AuditVerified>(),
        Route::post("/v1/audit/{entry}/review", AUDIT, "Note a look at broken glass", review)
            .path_parameters::<EntryPath>()
            .takes::<ReviewNote>()
            .gives::<Reviewed>(),
        Route::get("/v1/checkpoint", Rule::May("status"), "What a checkpoint would say now, unsigned", state)
            .gives::<StatementFile>(),
        Route::post(
            "/v1/checkpoint/inclusion",
            Rule::May("status"),
            "Prove that a commit is under a checkpoint",
            include,
        )
        .takes::<InclusionQuestion>()
        .gives::<ProofFile>(),
        Route::post(
            "/v1/checkpoint/consistency",
            Rule::May("status"),
            "Prove that a later checkpoint only added",
            consist,
        )
        .takes::<ConsistencyQuestion>()
        .gives::<ProofFile>(),
    ]
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct AuditParameters {
    /// Only from this time on.
    #[param(inline)]
    since: Option<AsOf>,
    /// Only by this account.
    #[param(inline)]
    account: Option<AccountName>,
    /// Only about this id.
    target: Option<String>,
    /// Only of this kind.
    #[param(inline)]
    action: Option<AuditAction>,
    /// Only what broke the glass.
    #[serde(default)]
    break_glass_only: bool,
    /// Only entries before this one: the `next` of the page before.
    #[param(minimum = 1, maximum = 1_000_000_000_000_i64)]
    before: Option<u64>,
    /// How many at most; left out: 100.
    #[param(inline)]
    limit: Option<Limit>,
}

/// Entries of the audit, the last one first.
#[derive(Serialize, ToSchema)]
struct AuditPage {
    /// The entries.
    entries: Vec<Audited>,
    /// Ask for the next page with it as `before`; `null` on the last one.
    next: Option<u64>,
}

async fn audit(asking: Asking, Asked(asked): Asked<AuditParameters>) -> Answer<AuditPage> {
    let entries = move |store: &mut Store, _| {
        let AuditParameters { since, account, target, action, break_glass_only, before, limit } = asked;
        let since = since.map(|AsOf(since)| since);
        let all =
            store.audit(&AuditFilter { since, account, target, action, break_glass: break_glass_only })?;
        let limit = limit.map_or(100, |Limit(limit)| limit);
        let mut rest = all.into_iter().rev().filter(|entry| before.is_none_or(|before| entry.seq < before));
        let entries: Vec<Audited> = rest.by_ref().take(limit).collect();
        let next = rest.next().and(entries.last()).map(|last| last.seq);
        Ok(AuditPage { entries, next })
    };
    asking.look(entries).await
}

async fn verify(asking: Asking) -> Answer<AuditVerified> {
    let path = asking.service.options().store.clone();
    asking.look(move |_, _| verify_audit(&path)).await
}

/// Which entry.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct EntryPath {
    /// Its number.
    #[param(minimum = 1, maximum = 1_000_000_000)]
    entry: u64,
}

/// What was found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewNote {
    /// In a sentence.
    note: String,
}

/// That it was noted.
#[derive(Serialize, ToSchema)]
struct Reviewed {
    /// The entry that notes it.
    entry: u64,
}

async fn review(asking: Asking, At(seq): At<u64>, Sent(sent): Sent<ReviewNote>) -> Answer<Reviewed> {
    asking.look(move |store, _| Ok(Reviewed { entry: store.review_broken_glass(seq, &sent.note)? })).await
}

/// A checkpoint, as `lookback checkpoint sign` wrote it.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
struct CheckpointFile(Value);

impl CheckpointFile {
    fn read(self) -> Result<proof::Checkpoint, Error> {
        serde_json::from_value(self.0).map_err(|_| Error::Usage("this is no checkpoint".into()))
    }
}

/// What a checkpoint would say: commits, root, head, when it became known, and how far the audit goes.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
struct StatementFile(Value);

async fn state(asking: Asking) -> Answer<StatementFile> {
    let state = |store: &mut Store| {
        let state = serde_json::to_value(store.statement()?);
        Ok(StatementFile(state.expect("statements are numbers and hashes")))
    };
    asking.ask(state).await
}

/// A proof, as `lookback-check` reads it.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
struct ProofFile(Value);

/// Which commit under which checkpoint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InclusionQuestion {
    /// The commit.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    commit: u64,
    /// The checkpoint.
    checkpoint: CheckpointFile,
}

async fn include(asking: Asking, Sent(asked): Sent<InclusionQuestion>) -> Answer<ProofFile> {
    let proof = move |store: &mut Store| {
        let proof = store.prove(asked.commit, &asked.checkpoint.read()?)?;
        Ok(ProofFile(serde_json::to_value(proof).expect("proofs are numbers and hashes")))
    };
    asking.ask(proof).await
}

/// Which two checkpoints.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConsistencyQuestion {
    /// The earlier one.
    earlier: CheckpointFile,
    /// The later one.
    later: CheckpointFile,
}

async fn consist(asking: Asking, Sent(asked): Sent<ConsistencyQuestion>) -> Answer<ProofFile> {
    let proof = move |store: &mut Store| {
        let proof = store.prove_consistency(&asked.earlier.read()?, &asked.later.read()?)?;
        Ok(ProofFile(serde_json::to_value(proof).expect("proofs are numbers and hashes")))
    };
    asking.ask(proof).await
}
