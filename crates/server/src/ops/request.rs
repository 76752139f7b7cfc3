//! Every request: how long it took, and a line about it where the log is to have one.
//!
//! Always holds: what is noted of a request is its route (not its path), method, status, time and trace id; a handler that panics is answered.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::metrics::gauge::Gauge;

use super::metrics::{Answered, Text};
use super::now;
use crate::service::Service;

/// One more is under way, until this goes, also when the client goes first.
struct UnderWay<'a>(&'a Gauge);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

pub(crate) async fn observed(State(service): State<Service>, request: Request, next: Next) -> Response {
    let start = now();
    let metrics = service.metrics();
    metrics.under_way.inc();
    let _under_way = UnderWay(&metrics.under_way);
    let method = word_of(request.method());
    let route: Arc<str> =
        request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).into();
    let trace = trace_id(request.headers()).map(str::to_owned);
    let response = next.run(request).await;
    let (status, time) = (response.status(), start.elapsed());
    let millis = time.as_secs_f64() * 1e3;
    if status.is_server_error() {
        tracing::warn!(method, route = &*route, status = status.as_u16(), millis, trace, "answered");
    } else {
        tracing::debug!(method, route = &*route, status = status.as_u16(), millis, trace, "answered");
    }
    let answered = Answered { method, route: Text(route), status: status.as_u16() };
    metrics.requests.get_or_create(&answered).observe(time.as_secs_f64());
    response
}

/// The methods that there are; a client's invention does not become a label.
pub(super) fn word_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The trace that a client says its request is part of, if it says so as W3C has it.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let trace = headers.get("traceparent")?.to_str().ok()?.split('-').nth(1)?;
    (trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(trace)
}
