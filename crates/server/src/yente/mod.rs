//! The interface that yente's clients speak (docs/reference/yente.md), answered from the frozen lists.
//!
//! Always holds: statuses, bodies and headers are those of yente; scores are ours.

mod matching;
mod parameters;
mod wire;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lookback::audit::{AuditAction, Reach};
use serde_json::json;

use crate::routes::{Route, Rule};

/// Lists are searched and nobody of a population is shown.
const SEARCH: Rule = Rule::look("search", AuditAction::Search, Reach::Filtered);

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/match/{dataset}", SEARCH, "Query by example", matching::matches)
            .path_parameters::<wire::DatasetPath>()
            .query::<matching::MatchParameters>()
            .takes::<matching::MatchQuery>()
            .gives::<matching::MatchResponse>()
            .or_gives::<wire::ErrorResponse>(StatusCode::BAD_REQUEST, "application/json")
            .or_gives::<wire::ErrorResponse>(StatusCode::NOT_FOUND, "application/json")
            .or_gives::<wire::ValidationResponse>(StatusCode::UNPROCESSABLE_ENTITY, "application/json"),
    ]
}

/// For a path that is none.
pub(crate) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not Found" }))).into_response()
}
