//! Whether the process lives, whether it is ready, and how store and server are doing.
//!
//! Always holds: it is red when controls fail, a list is stale, coverage is not whole, or nothing can be written.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use lookback::model::KnownAt;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Service;
use crate::writer::Trouble;

/// That all is well, or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatusResponse {
    /// `ok`, or why not.
    pub(crate) status: &'static str,
}

pub(super) async fn alive() -> Json<StatusResponse> {
    Json(StatusResponse { status: "ok" })
}

pub(super) async fn ready(State(service): State<Service>) -> (StatusCode, Json<StatusResponse>) {
    match service.trouble() {
        Some(Trouble::Storage(_)) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(StatusResponse { status: "the store cannot be written" }))
        }
        _ if service.is_behind() => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(StatusResponse { status: "the lists are behind the store" }),
        ),
        _ => (StatusCode::OK, Json(StatusResponse { status: "ok" })),
    }
}

/// How store and server are doing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `green`, `yellow` when something waits for somebody, `red` when answers may be wrong or old or nothing can be written.
    colour: &'static str,
    /// When this was said.
    #[schema(value_type = String)]
    pub(super) at: KnownAt,
    /// Whether the store can be written.
    pub(super) writable: bool,
    /// Whether the controls held at the last write.
    pub(super) controls_hold: bool,
    /// What somebody has to look at.
    concerns: Vec<Said>,
    /// The last commit; nothing before the store was looked at.
    commit: Option<u64>,
    /// Subjects in force.
    subjects: u64,
    /// Subjects that are screened against every entry.
    screened: u64,
    /// Subjects that cannot be screened.
    unscreenable: u64,
    /// Positive controls that were checked with the last commit.
    controls: u64,
    /// Lists, and since when each is as it is.
    lists: Vec<ListHealth>,
    /// What waits for somebody.
    queue: Vec<QueueHealth>,
}

/// A concern in words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Said {
    /// Whether it makes the page red.
    grave: bool,
    /// What it is.
    text: String,
}

/// A list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListHealth {
    dataset: String,
    /// Entries that can alert.
    entries: u64,
    /// Since when it is as it is.
    #[schema(value_type = String)]
    known_at: KnownAt,
    /// The same in seconds.
    age_seconds: i64,
}

/// Alerts that wait in one state of their review.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueHealth {
    state: &'static str,
    alerts: u64,
    /// Since when the oldest is in it.
    #[schema(value_type = String)]
    oldest: KnownAt,
}

impl Health {
    pub(super) fn of(service: &Service) -> Self {
        let options = service.options();
        let (at, vitals, trouble) = ((options.settings.clock)(), service.vitals(), service.trouble());
        let mut concerns: Vec<Said> = Vec::new();
        concerns.extend(trouble.iter().map(|trouble| Said { grave: true, text: trouble.to_string() }));
        if service.is_behind() {
            let text =
                format!("the lists are behind the store: names are answered as of commit {}", service.seq());
            concerns.push(Said { grave: true, text });
        }
        let stale_after = i64::try_from(options.stale_after.as_micros()).unwrap_or(i64::MAX);
        let of_store = vitals.iter().flat_map(|vitals| vitals.concerns(at, stale_after));
        concerns
            .extend(of_store.map(|concern| Said { grave: concern.is_grave(), text: concern.to_string() }));
        if vitals.is_none() {
            concerns.push(Said { grave: false, text: "the store was not looked at yet".to_owned() });
        }
        let colour = match concerns.iter().map(|concern| concern.grave).max() {
            None => "green",
            Some(false) => "yellow",
            Some(true) => "red",
        };
        let vitals_or_none = vitals.as_deref().cloned().unwrap_or_default();
        let coverage = vitals_or_none.coverage;
        let lists = coverage.list_versions.iter().map(|(dataset, version)| ListHealth {
            dataset: dataset.to_string(),
            entries: coverage.entries.get(dataset.as_str()).copied().unwrap_or_default(),
            known_at: version.known_at,
            age_seconds: (at.micros().saturating_sub(version.known_at.micros()) / 1_000_000).max(0),
        });
        let queue = vitals_or_none.queue.into_iter();
        let queue = queue.map(|(state, waiting)| QueueHealth {
            state,
            alerts: waiting.alerts,
            oldest: waiting.oldest,
        });
        Self {
            colour,
            at,
            writable: !matches!(trouble, Some(Trouble::Storage(_))),
            controls_hold: !matches!(trouble, Some(Trouble::Control(_))),
            concerns,
            commit: vitals.map(|vitals| vitals.commit),
            subjects: coverage.subjects,
            screened: coverage.screened,
            unscreenable: coverage.unscreenable.values().sum(),
            controls: coverage.controls,
            lists: lists.collect(),
            queue: queue.collect(),
        }
    }

    pub(super) fn is_red(&self) -> bool {
        self.colour == "red"
    }
}

pub(super) async fn health(State(service): State<Service>) -> Json<Health> {
    Json(Health::of(&service))
}

pub(super) async fn page(State(service): State<Service>) -> Html<String> {
    Html(shown(&Health::of(&service)))
}

/// A page that needs nothing but itself: no script, no style sheet, no picture, whatever the server allows to be loaded.
fn shown(health: &Health) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>lookback: health</title>",
    );
    let symbol = match health.colour {
        "green" => "\u{1f7e2}",
        "yellow" => "\u{1f7e1}",
        _ => "\u{1f534}",
    };
    let _ = write!(page, "<h1>{symbol} {}</h1><p>{}", health.colour, escaped(&health.at.to_string()));
    page += "<h2>To look at</h2><ul>";
    for Said { grave, text } in &health.concerns {
        let _ = write!(page, "<li>{}{}", if *grave { "<strong>red:</strong> " } else { "" }, escaped(text));
    }
    if health.concerns.is_empty() {
        page += "<li>nothing";
    }
    let Health { subjects, screened, unscreenable, controls, .. } = health;
    let commit = health.commit.map_or_else(|| "-".to_owned(), |commit| commit.to_string());
    let _ = write!(
        page,
        "</ul><h2>Coverage</h2><p>Commit {commit}: {subjects} subjects, {screened} screened, {unscreenable} unscreenable (not clear); \
         {controls} controls checked"
    );
    page += "<h2>Lists</h2><table><tr><th>list<th>entries<th>as it is since<th>hours";
    for list in &health.lists {
        let ListHealth { dataset, entries, known_at, age_seconds } = list;
        let hours = age_seconds / 3600;
        let _ = write!(page, "<tr><td>{}<td>{entries}<td>{known_at}<td>{hours}", escaped(dataset));
    }
    page += "</table><h2>Queue</h2><table><tr><th>state<th>alerts<th>oldest since";
    for QueueHealth { state, alerts, oldest } in &health.queue {
        let _ = write!(page, "<tr><td>{state}<td>{alerts}<td>{oldest}");
    }
    page + "</table></html>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
