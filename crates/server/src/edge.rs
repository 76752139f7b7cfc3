//! What every request passes on its way in and every answer on its way out: the length of its address, compression, cross-origin rules,
//! and the trace that it belongs to.
//!
//! Always holds: an answer belongs to the trace that its request named, if that was well formed, and otherwise to a new one. Pages of other
//! origins may ask, and are given no cookie to ask with.

use std::hash::{BuildHasher, Hasher, RandomState};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::cors::{Any, CorsLayer};

/// 60,000: below what parsers of addresses cut off.
const ADDRESS_MAX: usize = 60_000;
/// 512: what others who pass a trace on are asked to keep of its state.
const STATE_MAX: usize = 512;

/// Routes with all of this around them.
pub(crate) fn around(router: Router) -> Router {
    router
        .layer(middleware::from_fn(traced))
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

async fn traced(request: Request, next: Next) -> Response {
    let trace = Trace::of(request.headers());
    let mut response = next.run(request).await;
    for (name, value) in [("traceparent", trace.parent()), ("tracestate", trace.state())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Where an answer belongs, after the W3C's trace context.
struct Trace {
    id: String,
    /// This answer's own part of it.
    span: String,
    flags: String,
    /// What others wrote of it.
    others: Vec<String>,
}

impl Trace {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let span = format!("{:016x}", random());
        let given = text("traceparent").split('-').collect::<Vec<_>>();
        let (id, flags) = match given[..] {
            [version, id, parent, flags, ..]
                if is_hex(version, 2)
                    && version != "ff"
                    && named(id, 32)
                    && named(parent, 16)
                    && is_hex(flags, 2) =>
            {
                (id.to_owned(), flags.to_owned())
            }
            _ => (format!("{:016x}{:016x}", random(), random()), "00".to_owned()),
        };
        let state = text("tracestate");
        let entries = state.split(',').filter_map(|entry| entry.split_once('='));
        let others = entries.filter(|(vendor, value)| vendor.trim() != "yente" && !value.contains('='));
        let others = others.map(|(vendor, value)| format!("{}={}", vendor.trim(), value.trim())).collect();
        Self { id, span, flags, others }
    }

    fn parent(&self) -> String {
        format!("00-{}-{}-{}", self.id, self.span, self.flags)
    }

    fn state(&self) -> String {
        // The name that clients look for.
        let mut state = format!("yente={}", self.span);
        for other in &self.others {
            if state.len() + 1 + other.len() <= STATE_MAX {
                state = format!("{state},{other}");
            }
        }
        state
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn named(text: &str, length: usize) -> bool {
    is_hex(text, length) && text.bytes().any(|byte| byte != b'0')
}

/// A number that is not met twice; nothing secret hangs on it.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(parent: &str, state: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(parent).unwrap());
        headers.insert("tracestate", HeaderValue::from_str(state).unwrap());
        let trace = Trace::of(&headers);
        (trace.parent(), trace.state())
    }

    #[test]
    fn a_trace_that_is_named_goes_on_and_any_other_begins() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        let (parent, state) =
            trace(&format!("00-{id}-b7ad6b7169203331-01"), "other=1,yente=2,broken, third = 3 ");
        assert!(parent.starts_with(&format!("00-{id}-")) && parent.ends_with("-01"), "{parent}");
        assert!(!parent.contains("b7ad6b7169203331"));
        let span = parent.split('-').nth(2).unwrap();
        assert_eq!(state, format!("yente={span},other=1,third=3"));
        for wrong in [
            "",
            "00-1-2-3",
            &format!("ff-{id}-b7ad6b7169203331-01"),
            &format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        ] {
            let (parent, state) = trace(wrong, &"x=y,".repeat(400));
            assert!(!parent.contains(id) && parent.len() == 55, "{parent}");
            assert!(state.len() <= STATE_MAX);
        }
        assert_ne!(trace("", "").0, trace("", "").0);
    }
}
