//! `/metrics`: measurements in the `OpenMetrics` text that Prometheus reads.
//!
//! In: what the service knows when it is asked, and what was counted since it started. Out: text. Always holds: labels are names of datasets,
//! states, routes and reasons, of which there are few.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use lookback::model::KnownAt;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::health::Health;
use crate::problem::Problem;
use crate::service::Service;

pub(super) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which route answered what.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    pub(crate) method: &'static str,
    pub(crate) route: Text,
    pub(crate) status: u16,
}

/// A label's value that many requests share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Text(pub(crate) std::sync::Arc<str>);

impl EncodeLabelValue for Text {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        std::fmt::Write::write_str(encoder, &self.0)
    }
}

/// What is counted as it happens.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) requests: Family<Answered, Histogram>,
    pub(crate) under_way: Gauge,
    pub(crate) shed: Counter,
    pub(crate) delta_to_alert: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::new_with_constructor(|| from_half_a_millisecond(16)),
            under_way: Gauge::default(),
            shed: Counter::default(),
            delta_to_alert: from_half_a_millisecond(20),
        }
    }
}

/// Each bucket twice as wide as the one before.
fn from_half_a_millisecond(buckets: u16) -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, buckets))
}

pub(super) async fn metrics(State(service): State<Service>) -> Result<Response, Problem> {
    let mut text = String::new();
    encode(&mut text, &registry(&service)).map_err(|_| Problem::ours())?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}

fn registry(service: &Service) -> Registry {
    let mut registry = Registry::with_prefix("lookback");
    let metrics = service.metrics().clone();
    registry.register("http_request_seconds", "Time from a request to its answer", metrics.requests);
    registry.register("http_requests_under_way", "Requests that are not answered yet", metrics.under_way);
    registry.register("shed", "Requests that were told to come back because too much waited", metrics.shed);
    registry.register(
        "delta_to_alert_seconds",
        "Time from the arrival of a change to its alerts being durable and seen by whoever asks",
        metrics.delta_to_alert,
    );
    let mut gauges = Gauges(&mut registry);
    let load = service.load();
    gauges.one("readers", "How many may read at once", service.options().readers);
    gauges.one("reading", "How many read", load.reading);
    gauges.one("reads_waiting", "How many wait to read", load.reads_waiting);
    gauges.one("writes_waiting", "How many writes wait", load.writes_waiting);
    let health = Health::of(service);
    gauges.one("healthy", "Whether the health page is not red", usize::from(!health.is_red()));
    gauges.one("writable", "Whether the store can be written", usize::from(health.writable));
    gauges.one(
        "controls_hold",
        "Whether the controls held at the last write",
        usize::from(health.controls_hold),
    );
    gauges.of_process();
    if let Some(vitals) = service.vitals() {
        of_store(&mut gauges, &vitals, health.at);
    }
    registry
}

fn of_store(gauges: &mut Gauges<'_>, vitals: &lookback::Vitals, now: KnownAt) {
    let coverage = &vitals.coverage;
    let age = |since: KnownAt| micros_to_seconds(now.micros().saturating_sub(since.micros()).max(0));
    gauges.one("commit", "The last commit", vitals.commit);
    gauges.one("held_versions", "Versions of lists that were set aside", vitals.held);
    gauges.one("subjects", "Subjects in force", coverage.subjects);
    gauges.one("subjects_screened", "Subjects that are screened against every entry", coverage.screened);
    gauges.one("controls", "Positive controls that were checked with the last commit", coverage.controls);
    let unscreenable = coverage.unscreenable.iter().map(|(reason, number)| (reason.clone(), *number as f64));
    gauges.many("subjects_unscreenable", "Subjects that cannot be screened", "reason", unscreenable);
    let entries = coverage.entries.iter().map(|(list, number)| (list.clone(), *number as f64));
    gauges.many("entries", "List entries that can alert", "dataset", entries);
    let ages = coverage.list_versions.iter().map(|(list, version)| (list.to_string(), age(version.known_at)));
    gauges.many("list_age_seconds", "How long ago a list last changed", "dataset", ages);
    let scores = vitals.open_by_score.iter();
    let scores = scores.map(|(tenth, number)| (format!("{:.1}", f64::from(*tenth) / 10.0), *number as f64));
    gauges.many("alerts_open", "Open alerts by the tenth that their score begins with", "score", scores);
    let waiting = vitals.queue.iter().map(|(state, waiting)| ((*state).to_owned(), waiting.alerts as f64));
    gauges.many("queue_alerts", "Alerts that wait for somebody", "state", waiting);
    let oldest = vitals.queue.iter().map(|(state, waiting)| ((*state).to_owned(), age(waiting.oldest)));
    gauges.many("queue_oldest_seconds", "How long the oldest has waited", "state", oldest);
}

fn micros_to_seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// What is read when it is asked for.
struct Gauges<'a>(&'a mut Registry);

type Number = Gauge<f64, std::sync::atomic::AtomicU64>;

impl Gauges<'_> {
    fn one(&mut self, name: &str, help: &str, value: impl TryInto<u64>) {
        self.set(name, help, value.try_into().unwrap_or(u64::MAX) as f64);
    }

    fn set(&mut self, name: &str, help: &str, value: f64) {
        let gauge = Number::default();
        gauge.set(value);
        self.0.register(name, help, gauge);
    }

    fn many(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: impl Iterator<Item = (String, f64)>,
    ) {
        let family = Family::<[(&'static str, String); 1], Number>::default();
        for (value, number) in values {
            family.get_or_create(&[(label, value)]).set(number);
        }
        self.0.register(name, help, family);
    }

    /// Memory and processor time, where the system tells of them.
    fn of_process(&mut self) {
        if let Some(pages) = field_of("/proc/self/statm", 1) {
            self.set("resident_memory_bytes", "Memory of the process", pages * PAGE);
        }
        let times = [USER_TIME, SYSTEM_TIME].map(|field| field_of("/proc/self/stat", field));
        if let [Some(user), Some(system)] = times {
            self.set("processor_seconds", "Processor time of the process", (user + system) / TICKS);
        }
    }
}

/// Linux maps memory in pages of 4 KiB on the machines that this runs on, and tells times in hundredths of a second.
const PAGE: f64 = 4096.0;
const TICKS: f64 = 100.0;
/// Places of proc(5), counted from 0; our own name has no blank in it.
const USER_TIME: usize = 13;
const SYSTEM_TIME: usize = 14;

fn field_of(file: &str, place: usize) -> Option<f64> {
    std::fs::read_to_string(file).ok()?.split_whitespace().nth(place)?.parse().ok()
}
