//! What every answer carries, and how many requests are under way.
//!
//! Always holds: an answer says that it is not to be kept, not to be guessed at, and not to be shown within another site's page; past so many
//! requests under way the next is told to come back (`BOUNDED`).

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::Terms;
use crate::problem::Problem;

/// More only wait for the same processors.
const UNDER_WAY: usize = 512;

const ALWAYS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];
/// A year, after which a browser may again try without TLS.
const BY_TLS_ALONE: &str = "max-age=31536000";

#[derive(Clone)]
struct Shield {
    by_tls: bool,
    places: Arc<Semaphore>,
}

/// Routes with all of this around them.
pub(crate) fn around(routes: Router, terms: &Terms) -> Router {
    let shield = Shield { by_tls: terms.by_tls(), places: Arc::new(Semaphore::new(UNDER_WAY)) };
    routes.layer(middleware::from_fn_with_state(shield, pass))
}

async fn pass(State(shield): State<Shield>, request: Request, next: Next) -> Response {
    let mut response = match shield.places.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_) => Problem::busy().into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if shield.by_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(BY_TLS_ALONE));
    }
    response
}
