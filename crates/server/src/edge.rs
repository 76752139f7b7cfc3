//! What every request passes on its way in and every answer on its way out: the length of its address, compression, cross-origin rules,
//! and the trace that it belongs to.
//!
//! Always holds: pages of other origins may ask, and are given no cookie to ask with.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::cors::{Any, CorsLayer};

use crate::ops::{Traces, traced};

/// 60,000: below what parsers of addresses cut off.
const ADDRESS_MAX: usize = 60_000;

/// Routes with all of this around them.
pub(crate) fn around(router: Router, traces: Option<Traces>) -> Router {
    router
        .layer(middleware::from_fn_with_state(traces, traced))
        .layer(CorsLayer::new().allow_origin(Any).allow_methods(Any).allow_headers(Any))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(500)))
        .layer(middleware::from_fn(short_enough))
}

async fn short_enough(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if length > ADDRESS_MAX {
        return (StatusCode::URI_TOO_LONG, Json(json!({ "detail": "Request URI too long" }))).into_response();
    }
    next.run(request).await
}
