//! The interface of our own, `/v1` (docs/reference/v1.md): one module a resource, each a few lines over the façade.
//!
//! In: a request in somebody's name. Out: what the façade answers, as JSON, or a [`Problem`]. Always holds: a look is allowed and noted
//! before anything is read for it; what a request says and its route does not know is refused, never passed over.

mod asking;
mod repeats;
pub(crate) use repeats::Repeats;
mod reading;
pub(crate) use reading::{At, Sent};

mod alerts;
mod audit;
mod bulk;
mod events;
pub(crate) use events::Told;
mod figures;
mod held;
mod ingest;
mod network;
mod office;
mod policy;
mod queue;
mod report;
mod screen;
mod status;
mod subjects;
mod webhooks;

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::routes::{Route, Rule, openapi, routes as all_routes};

/// What a route answers with.
type Answer<T> = Result<Json<T>, Problem>;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let all = [
        alerts::routes(),
        queue::routes(),
        bulk::routes(),
        subjects::routes(),
        figures::routes(),
        office::routes(),
        held::routes(),
        screen::routes(),
        network::routes(),
        status::routes(),
        policy::routes(),
        report::routes(),
        audit::routes(),
        ingest::routes(),
        events::routes(),
        webhooks::routes(),
        vec![own_description()],
    ];
    all.into_iter().flatten().collect()
}

fn own_description() -> Route {
    let what = "These routes, as OpenAPI 3.1";
    Route::get("/v1/openapi.json", Rule::Open, what, async || Json(&*DESCRIPTION)).gives::<OpenApi>()
}

/// An OpenAPI 3.1 description.
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "it describes what is answered as it stands")]
struct OpenApi(Value);

/// The description of `/v1`.
pub fn description() -> &'static Value {
    &DESCRIPTION
}

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let all: Vec<Route> = all_routes().into_iter().filter(|route| route.path.starts_with("/v1/")).collect();
    openapi("lookback", &all)
});

/// For a method that a path of `/v1` does not have.
pub(crate) fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "this path has other methods; /v1/openapi.json lists them",
    )
}

/// For a path of `/v1` that is none.
pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such route; /v1/openapi.json lists them")
}
