//! The interface that yente's clients speak (docs/reference/yente.md), answered from the frozen lists.
//!
//! Always holds: statuses, bodies and headers are those of yente; scores are ours.

mod wire;

mod body;
mod example;
mod page;
mod parameters;
mod scope;

mod algorithms;
mod catalog;
mod entities;
mod manifest;
mod matching;
mod reconcile;
mod search;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lookback::audit::{AuditAction, Reach};
use serde_json::{Value, json};

use crate::ops::{self, StatusResponse};
use crate::routes::{self, Route, Rule};

/// Lists are searched and nobody of a population is shown.
const SEARCH: Rule = Rule::look("search", AuditAction::Search, Reach::Filtered);

const JSON: &str = "application/json";

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    [entity_routes(), reconcile_routes(), service_routes()].into_iter().flatten().collect()
}

/// With the refusals that every question may meet.
fn refuses(route: Route) -> Route {
    route
        .or_gives::<wire::ErrorResponse>(StatusCode::BAD_REQUEST, JSON)
        .or_gives::<wire::ErrorResponse>(StatusCode::FORBIDDEN, JSON)
        .or_gives::<wire::ErrorResponse>(StatusCode::NOT_FOUND, JSON)
        .or_gives::<wire::ValidationResponse>(StatusCode::UNPROCESSABLE_ENTITY, JSON)
}

fn of_dataset(route: Route) -> Route {
    refuses(route.path_parameters::<wire::DatasetPath>())
}

/// Whose entity may have moved to another id.
fn moves(route: Route) -> Route {
    refuses(route.or_gives::<wire::ErrorResponse>(StatusCode::PERMANENT_REDIRECT, JSON))
}

fn entity_routes() -> Vec<Route> {
    vec![
        of_dataset(Route::post("/match/{dataset}", SEARCH, "Query by example", matching::matches))
            .query::<matching::MatchParameters>()
            .takes::<matching::MatchQuery>()
            .gives::<matching::MatchResponse>(),
        of_dataset(Route::get("/search/{dataset}", SEARCH, "Search by text", search::search))
            .query::<search::SearchParameters>()
            .query::<page::PageParameters>()
            .gives::<search::SearchResponse>(),
        moves(Route::get("/entities/{entity_id}", SEARCH, "One entity", entities::entity))
            .path_parameters::<entities::EntityPath>()
            .query::<entities::EntityParameters>()
            .gives::<wire::EntityResponse>(),
        moves(Route::get(
            "/entities/{entity_id}/adjacent",
            SEARCH,
            "What is adjacent to it",
            entities::adjacent,
        ))
        .path_parameters::<entities::EntityPath>()
        .query::<page::PageParameters>()
        .gives::<entities::EntityAdjacentResponse>(),
        moves(Route::get(
            "/entities/{entity_id}/adjacent/{property_name}",
            SEARCH,
            "What is adjacent to it by one property",
            entities::adjacent_by_property,
        ))
        .path_parameters::<entities::PropertyPath>()
        .query::<page::PageParameters>()
        .gives::<entities::AdjacentResultsResponse>(),
    ]
}

fn reconcile_routes() -> Vec<Route> {
    vec![
        of_dataset(Route::get("/reconcile/{dataset}", SEARCH, "Reconciliation: how to ask", reconcile::get))
            .gives::<manifest::Manifest>(),
        of_dataset(Route::post(
            "/reconcile/{dataset}",
            SEARCH,
            "Reconciliation: questions as a form",
            reconcile::post,
        ))
        .query::<reconcile::ReconcileParameters>()
        .takes_form::<reconcile::ReconcileForm>()
        .gives::<reconcile::ReconcileResponse>(),
        suggests(
            "/reconcile/{dataset}/suggest/entity",
            "Entities whose names begin so",
            reconcile::suggest_entity,
        ),
        suggests("/reconcile/{dataset}/suggest/type", "Types whose names begin so", manifest::suggest_type),
        suggests(
            "/reconcile/{dataset}/suggest/property",
            "Properties whose names begin so",
            manifest::suggest_property,
        ),
        of_dataset(Route::get(
            "/reconcile/{dataset}/extend/property",
            SEARCH,
            "What to extend by",
            manifest::extend_property,
        ))
        .query::<manifest::ExtendParameters>()
        .gives::<manifest::ExtendResponse>(),
    ]
}

/// What the lists, the scores and the interface are.
fn service_routes() -> Vec<Route> {
    vec![
        Route::get("/catalog", Rule::Known, "The lists", catalog::catalog)
            .gives::<catalog::DataCatalogModel>(),
        Route::get("/manifest", Rule::Known, "The lists", catalog::catalog)
            .gives::<catalog::DataCatalogModel>(),
        Route::get("/algorithms", Rule::Known, "What scores", algorithms::algorithms)
            .gives::<algorithms::AlgorithmResponse>(),
        Route::post("/updatez", Rule::Open, "Bring lists up to date", catalog::update)
            .query::<catalog::UpdateParameters>()
            .gives::<StatusResponse>()
            .or_gives::<wire::ErrorResponse>(StatusCode::FORBIDDEN, JSON),
        Route::get("/openapi.json", Rule::Open, "This interface, described", description).gives::<Value>(),
    ]
}

fn suggests<H: axum::handler::Handler<T, crate::service::Service>, T: 'static>(
    path: &'static str,
    summary: &'static str,
    handler: H,
) -> Route {
    Route::get(path, SEARCH, summary, handler)
        .path_parameters::<wire::DatasetPath>()
        .query::<manifest::PrefixParameters>()
        .gives::<manifest::SuggestResponse>()
        .or_gives::<wire::ErrorResponse>(StatusCode::FORBIDDEN, "application/json")
        .or_gives::<wire::ErrorResponse>(StatusCode::NOT_FOUND, "application/json")
        .or_gives::<wire::ValidationResponse>(StatusCode::UNPROCESSABLE_ENTITY, "application/json")
}

/// The routes of this interface as an OpenAPI document.
async fn description() -> Json<Value> {
    let routes: Vec<Route> = routes().into_iter().chain(ops::probes()).map(Route::or_problem).collect();
    Json(routes::openapi("lookback, as yente's clients ask it", &routes))
}

/// For a method that a path does not have.
pub(crate) fn wrong_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({ "detail": "Method Not Allowed" }))).into_response()
}

/// For a path that is none.
pub(crate) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not Found" }))).into_response()
}
