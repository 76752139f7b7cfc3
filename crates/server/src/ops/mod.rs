//! For those who keep the server running: what it measures, how it is doing, what it logs, how it ends (docs/reference/operations.md).
//!
//! Always holds: ids and counts, never names, and nothing of a query; what tells of the store is for accounts that may see its status.

mod health;
pub mod log;
mod metrics;
mod request;

pub(crate) use metrics::Metrics;
pub(crate) use request::observed;

use std::time::Instant;

use axum::http::StatusCode;

use crate::routes::{Route, Rule};

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Rule::Open, "Whether the process answers", health::alive)
            .gives::<health::StatusResponse>(),
        Route::get(
            "/readyz",
            Rule::Open,
            "Whether the lists can be asked and the store can be written",
            health::ready,
        )
        .gives::<health::StatusResponse>()
        .or_gives::<health::StatusResponse>(StatusCode::SERVICE_UNAVAILABLE, "application/json"),
        Route::get("/metrics", Rule::May("status"), "Measurements, for Prometheus", metrics::metrics)
            .or_gives::<String>(StatusCode::OK, metrics::MEDIA_TYPE),
        Route::get(
            "/v1/health",
            Rule::May("status"),
            "How the store and the server are doing",
            health::health,
        )
        .gives::<health::Health>(),
        Route::get("/health", Rule::May("status"), "The same, as a page", health::page)
            .or_gives::<String>(StatusCode::OK, "text/html"),
    ]
}

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "how long something took is measured, and decides nothing")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
