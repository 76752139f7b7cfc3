//! `/v1/policy`: the policy in force, what another would do, and adopting it.

use lookback::model::{AlertId, Change, Digest, EntityId, KnownAt, Score};
use lookback::{PolicyEffect, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use super::alerts::Time;
use super::asking::Asking;
use super::reading::{AsOf, Asked, Sent};
use crate::routes::{Route, Rule};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/policy", Rule::May("status"), "The policy in force", policy)
            .query::<Time>()
            .gives::<PolicyText>(),
        Route::post("/v1/policy/try", Rule::May("propose_policy"), "What a policy would do", trial)
            .takes::<PolicySent>()
            .gives::<Effect>(),
        // In a store with accounts it takes two persons; the façade refuses what was not agreed to.
        Route::post("/v1/policy/adopt", Rule::May("agree_policy"), "Adopt a policy", adopt)
            .takes::<PolicySent>()
            .gives::<Effect>(),
    ]
}

/// A policy.
#[derive(Serialize, ToSchema)]
struct PolicyText {
    /// As TOML (docs/reference/policy.md), everything that it leaves open written out.
    text: String,
    /// Digest of that text.
    digest: Digest,
    /// As known at; `null`: now.
    known_at: Option<KnownAt>,
}

async fn policy(asking: Asking, Asked(time): Asked<Time>) -> Answer<PolicyText> {
    let policy = move |store: &mut Store| {
        let text = store.policy(AsOf::or_now(time.known_at))?.to_text();
        Ok(PolicyText { digest: Digest::of(text.as_bytes()), text, known_at: time.known_at() })
    };
    asking.ask(policy).await
}

/// A policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicySent {
    /// As TOML (docs/reference/policy.md).
    text: String,
}

/// What a policy does.
#[derive(Serialize, ToSchema)]
struct Effect {
    /// The commit, and datasets that it names and the store does not have.
    #[serde(flatten)]
    effect: PolicyEffect,
    /// The alerts that come, change and go.
    changes: Vec<EffectChange>,
}

/// What a policy does to an alert.
#[derive(Serialize, ToSchema)]
struct EffectChange {
    /// Which.
    alert: AlertId,
    /// What.
    change: Change,
    /// The subject's id.
    subject: EntityId,
    /// The list entry's id.
    entry: EntityId,
    /// The score.
    score: Score,
}

impl Effect {
    fn of(mut effect: PolicyEffect) -> Self {
        let changes = std::mem::take(&mut effect.changes).into_iter().map(|change| EffectChange {
            alert: change.alert,
            change: change.change,
            subject: change.pair.subject.id,
            entry: change.pair.cause.entry.id,
            score: change.score,
        });
        Self { changes: changes.collect(), effect }
    }
}

async fn trial(asking: Asking, Sent(sent): Sent<PolicySent>) -> Answer<Effect> {
    asking.change(move |store| store.try_policy(&sent.text).map(Effect::of)).await
}

async fn adopt(asking: Asking, Sent(sent): Sent<PolicySent>) -> Answer<Effect> {
    asking.change(move |store| store.adopt_policy(&sent.text).map(Effect::of)).await
}
