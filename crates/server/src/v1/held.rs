//! `/v1/held`: versions that were set aside instead of applied, until somebody compares and releases or discards them.

use std::time::Duration;

use lookback::audit::{AuditAction, Reach};
use lookback::{HeldReport, Preview, Silent, Store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::ingest::Ingested;
use super::office::later_changes;
use super::reading::{At, Sent};
use crate::routes::{Route, Rule};

const HELD: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/held", HELD, "What is held, and why", held).gives::<HeldVersions>(),
        Route::post("/v1/held/{held}/compare", Rule::May("ingest"), "What a release would do", compare)
            .path_parameters::<HeldPath>()
            .gives::<Ingested>(),
        Route::post(
            "/v1/held/{held}/preview",
            Rule::May("ingest"),
            "Which records and alerts a release would bring, change and take",
            preview,
        )
        .path_parameters::<HeldPath>()
        .within(Duration::from_hours(1))
        .gives::<Preview>(),
        Route::post("/v1/held/{held}/release", Rule::May("ingest"), "Apply it after all", release)
            .path_parameters::<HeldPath>()
            .takes::<Release>()
            .gives::<Ingested>(),
        Route::post("/v1/held/{held}/discard", Rule::May("ingest"), "Remove it unapplied", discard)
            .path_parameters::<HeldPath>()
            .gives::<Discarded>(),
    ]
}

/// Which held version.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct HeldPath {
    /// Its number.
    #[param(minimum = 1, maximum = 1_000_000_000)]
    held: u64,
}

/// Held versions.
#[derive(Serialize, ToSchema)]
struct HeldVersions {
    /// In the order in which they were set aside.
    held: Vec<HeldReport>,
}

async fn held(asking: Asking) -> Answer<HeldVersions> {
    asking.look(|store: &mut Store, _| Ok(HeldVersions { held: store.held()? })).await
}

async fn compare(asking: Asking, At(held): At<u64>) -> Answer<Ingested> {
    asking.change(move |store| Ok(Ingested::of(store.held_compare(held)?))).await
}

async fn preview(asking: Asking, At(held): At<u64>) -> Answer<Preview> {
    asking.change(move |store| store.held_preview(held)).await
}

/// How to release it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Release {
    /// Also where it takes back what came, changed or went after it was held.
    #[serde(default)]
    confirm_undo_later: bool,
}

async fn release(asking: Asking, At(held): At<u64>, Sent(said): Sent<Release>) -> Answer<Ingested> {
    let later = later_changes(said.confirm_undo_later);
    asking.change(move |store| Ok(Ingested::of(store.held_release(held, later, &mut Silent)?))).await
}

/// What was discarded.
#[derive(Serialize, ToSchema)]
struct Discarded {
    /// Its number.
    discarded: u64,
}

async fn discard(asking: Asking, At(held): At<u64>) -> Answer<Discarded> {
    let discard = move |store: &mut Store| store.held_discard(held).map(|()| Discarded { discarded: held });
    asking.change(discard).await
}
