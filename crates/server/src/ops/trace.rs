//! The trace that a request is part of, after the W3C's trace context, and where one is named a collector that is sent a span of each.
//!
//! In: requests. Out: on each answer which trace it belongs to; a span of a request is its route, method, status and times, and goes to the
//! collector as OTLP over HTTP, in JSON. Always holds: an answer belongs to the trace that its request named, if that was well formed, and
//! otherwise to a new one; nothing of a query, of who asked or of whom is in a span; a collector that does not answer costs spans, never an
//! answer or memory without bound.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response as HttpResponse, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{HttpClient, HttpError, Request as HttpRequest};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor};
use tokio::runtime::{Builder, Runtime};

use super::request::word_of;
use crate::outgoing;

/// 512: what others who pass a trace on are asked to keep of its state.
const STATE_MAX: usize = 512;
/// What waits to be sent when the server ends has so long.
const TO_SEND: Duration = Duration::from_secs(3);

/// Where spans are sent. Copies send to the same place.
#[derive(Clone)]
pub struct Traces(Arc<BatchSpanProcessor>);

impl Traces {
    /// Sends to the collector at this address (`http://127.0.0.1:4318/v1/traces`), on a thread of its own.
    ///
    /// # Errors
    /// That it is no address which may be sent to: by TLS, or on this machine.
    pub fn to(collector: &str) -> Result<Self, String> {
        let address: Uri = collector.parse().map_err(|error| format!("{collector}: {error}"))?;
        if address.host().is_none() || !(address.scheme_str() == Some("https") || outgoing::is_here(&address))
        {
            return Err(format!(
                "{collector}: the address of a collector begins with https://, or is on this machine"
            ));
        }
        let failed = |error: &dyn std::fmt::Display| format!("{collector}: {error}");
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client(runtime))
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(collector)
            .build()
            .map_err(|error| failed(&error))?;
        let mut spans = BatchSpanProcessor::builder(exporter).build();
        spans.set_resource(&Resource::builder_empty().with_service_name("lookback").build());
        Ok(Self(Arc::new(spans)))
    }

    /// Sends what waits, and no more.
    pub(crate) fn end(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(TO_SEND) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

impl std::fmt::Debug for Traces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Traces")
    }
}

/// What brings spans to a collector. It is called on the thread that sends, which has nothing else to do.
#[derive(Debug)]
struct Client(Runtime);

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: HttpRequest<Bytes>) -> Result<HttpResponse<Bytes>, HttpError> {
        Ok(self.0.block_on(outgoing::send(request.map(Body::from)))?)
    }
}

/// Says on every answer which trace it belongs to, and sends its span.
pub(crate) async fn traced(State(traces): State<Option<Traces>>, request: Request, next: Next) -> Response {
    let trace = Trace::of(request.headers(), if traces.is_some() { "01" } else { "00" });
    let method = word_of(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let start = wall_clock();
    let mut response = next.run(request).await;
    for (name, value) in [("traceparent", trace.parent()), ("tracestate", trace.state())] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(traces) = traces
        && let Some(span) =
            trace.span(method, route.as_ref().map(MatchedPath::as_str), response.status(), start)
    {
        traces.0.on_end(span);
    }
    response
}

#[expect(
    clippy::disallowed_methods,
    reason = "spans say when, to whoever looks at them; nothing here reads it"
)]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

/// Where an answer belongs, after the W3C's trace context.
struct Trace {
    id: String,
    /// What asked for this.
    above: Option<String>,
    /// This answer's own part of it.
    span: String,
    flags: String,
    /// What others wrote of it.
    others: Vec<String>,
}

impl Trace {
    /// The trace of a request; `flags` are those of a new one.
    fn of(headers: &HeaderMap, flags: &str) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let span = format!("{:016x}", random());
        let given = text("traceparent").split('-').collect::<Vec<_>>();
        let (id, above, flags) = match given[..] {
            [version, id, parent, flags, ..]
                if is_hex(version, 2)
                    && version != "ff"
                    && named(id, 32)
                    && named(parent, 16)
                    && is_hex(flags, 2) =>
            {
                (id.to_owned(), Some(parent.to_owned()), flags.to_owned())
            }
            _ => (format!("{:016x}{:016x}", random(), random()), None, flags.to_owned()),
        };
        let state = text("tracestate");
        let entries = state.split(',').filter_map(|entry| entry.split_once('='));
        let others = entries.filter(|(vendor, value)| vendor.trim() != "yente" && !value.contains('='));
        let others = others.map(|(vendor, value)| format!("{}={}", vendor.trim(), value.trim())).collect();
        Self { id, above, span, flags, others }
    }

    fn parent(&self) -> String {
        format!("00-{}-{}-{}", self.id, self.span, self.flags)
    }

    /// The span of a request that was answered; none where whoever began the trace does not record it.
    fn span(
        &self,
        method: &'static str,
        route: Option<&str>,
        status: StatusCode,
        start_time: SystemTime,
    ) -> Option<SpanData> {
        let flags = TraceFlags::new(u8::from_str_radix(&self.flags, 16).ok()?);
        let (trace, span) = (TraceId::from_hex(&self.id).ok()?, SpanId::from_hex(&self.span).ok()?);
        let above = self.above.as_deref().map_or(Ok(SpanId::INVALID), SpanId::from_hex).ok()?;
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        ];
        attributes.extend(route.map(|route| KeyValue::new("http.route", route.to_owned())));
        let status =
            if status.is_server_error() { Status::error(status.as_str().to_owned()) } else { Status::Unset };
        flags.is_sampled().then(|| SpanData {
            span_context: SpanContext::new(trace, span, flags, false, TraceState::NONE),
            parent_span_id: above,
            parent_span_is_remote: self.above.is_some(),
            span_kind: SpanKind::Server,
            name: route.map_or(method.into(), |route| format!("{method} {route}").into()),
            start_time,
            end_time: wall_clock(),
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: InstrumentationScope::builder("lookback").build(),
        })
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
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;

    use axum::routing::get;
    use axum::{Router, middleware};
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;

    fn trace(parent: &str, state: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(parent).unwrap());
        headers.insert("tracestate", HeaderValue::from_str(state).unwrap());
        let trace = Trace::of(&headers, "00");
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

    /// What a collector is sent: the head and the body of one request.
    fn collector() -> (String, std::thread::JoinHandle<(String, Value)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let heard = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(&stream);
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let from = head.len();
                reader.read_line(&mut head).unwrap();
                if let Some(value) = head[from..].to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            (head, serde_json::from_slice(&body).unwrap())
        });
        (at, heard)
    }

    #[tokio::test]
    async fn a_collector_is_sent_a_span_of_each_request_that_is_recorded() {
        let (at, heard) = collector();
        let traces = Traces::to(&at).unwrap();
        let router = Router::new().route("/entities/{id}", get(|| async { StatusCode::NOT_FOUND }));
        let router = router.layer(middleware::from_fn_with_state(Some(traces.clone()), traced));
        let ask = async |parent: &str| {
            let request = Request::get("/entities/Q-1?purpose=p").header("traceparent", parent);
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            answer.headers()["traceparent"].to_str().unwrap().to_owned()
        };
        let id = "0af7651916cd43dd8448eb211c80319c";
        let recorded = ask(&format!("00-{id}-b7ad6b7169203331-01")).await;
        ask(&format!("00-{id}-b7ad6b7169203331-00")).await;
        let new = ask("").await;
        assert!(new.ends_with("-01"), "{new}");
        tokio::task::spawn_blocking(move || traces.end()).await.unwrap();

        let (head, body) = heard.join().unwrap();
        assert!(
            head.starts_with("POST /v1/traces HTTP/1.1\r\n") && head.contains("application/json"),
            "{head}"
        );
        let resource = &body["resourceSpans"][0];
        assert_eq!(resource["resource"]["attributes"][0]["value"]["stringValue"], "lookback");
        let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
        let ids = |span: &Value| {
            format!("00-{}-{}-01", span["traceId"].as_str().unwrap(), span["spanId"].as_str().unwrap())
        };
        assert_eq!(spans.iter().map(ids).collect::<Vec<_>>(), [recorded, new]);
        assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
        assert_eq!(spans[0]["name"], "GET /entities/{id}");
        assert!(!body.to_string().contains("Q-1") && !body.to_string().contains("purpose"), "{body}");
    }

    #[test]
    fn a_collector_is_here_or_is_spoken_to_by_tls() {
        for wrong in ["", "collector", "http://collector.example/v1/traces", "ftp://127.0.0.1 x"] {
            assert!(Traces::to(wrong).is_err(), "{wrong}");
        }
        assert!(Traces::to("https://collector.example/v1/traces").is_ok());
    }
}
