//! For those who keep the server running: what it measures, how it is doing, what it logs, how it ends (docs/reference/operations.md).
//!
//! Always holds: ids and counts, never names, and nothing of a query; what tells of the store is for accounts that may see its status.

mod health;
pub mod log;
mod metrics;
mod request;
mod trace;

pub(crate) use health::StatusResponse;
pub(crate) use metrics::Metrics;
pub(crate) use request::observed;
pub use trace::Traces;
pub(crate) use trace::traced;

use std::time::Instant;

use axum::http::StatusCode;

use crate::routes::{Route, Rule};

/// Whether the server is to be asked at all; yente has them, too.
pub(crate) fn probes() -> Vec<Route> {
    let ready = "Whether the lists can be asked and the store can be written";
    vec![
        Route::get("/healthz", Rule::Open, "Whether the process answers", health::alive)
            .gives::<StatusResponse>(),
        Route::get("/readyz", Rule::Open, ready, health::ready)
            .gives::<StatusResponse>()
            .or_gives::<StatusResponse>(StatusCode::SERVICE_UNAVAILABLE, "application/json"),
    ]
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    const STATUS: Rule = Rule::May("status");
    let mut routes = probes();
    routes.extend([
        Route::get("/metrics", STATUS, "Measurements, for Prometheus", metrics::metrics)
            .or_gives::<String>(StatusCode::OK, metrics::MEDIA_TYPE),
        Route::get("/v1/health", STATUS, "How the store and the server are doing", health::health)
            .gives::<health::Health>(),
        Route::get("/health", STATUS, "The same, as a page", health::page)
            .or_gives::<String>(StatusCode::OK, "text/html"),
    ]);
    routes
}

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "how long something took is measured, and decides nothing")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
