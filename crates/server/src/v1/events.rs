//! `/v1/events`: what happens, as it happens, as server-sent events.
//!
//! Always holds: the cursor is the sequence number of a commit; only the last event of a commit carries it as its `id`, so that a client
//! that comes back with `Last-Event-ID` is told the whole commit that was cut, and misses nothing. A stream ends after a quarter of an
//! hour, and whoever goes on listening shows anew who they are.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use lookback::audit::{AuditAction, Reach};
use lookback::model::KnownAt;
use lookback::{CommitHappenings, Happening};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

use super::asking::Asking;
use super::reading::Asked;
use crate::problem::Problem;
use crate::routes::{Route, Rule};

const EVENTS: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/events", EVENTS, "What happens, as it happens", events)
            .query::<EventParameters>()
            .headers::<EventHeader>()
            .or_gives::<EventStream>(StatusCode::OK, "text/event-stream"),
    ]
}

/// Server-sent events: `alert` and `case`, each with its commit; `id` is the commit's sequence number, on its last event.
#[derive(ToSchema)]
#[schema(value_type = String)]
#[expect(dead_code, reason = "it describes what is answered as it stands")]
struct EventStream(String);

/// From where on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct EventParameters {
    /// Everything after this commit; left out: from now on. `Last-Event-ID` goes before it.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    after: Option<u64>,
}

/// What a client that comes back sends by itself.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a header")]
struct EventHeader {
    /// The last `id` that it saw.
    #[param(rename = "Last-Event-ID", required = false, pattern = "^[0-9]{1,9}$")]
    last_event_id: String,
}

/// So long a stream lasts.
const LASTS: Duration = Duration::from_mins(15);
/// A proxy gives a silent connection up after half a minute or more.
const HEART_BEAT: Duration = Duration::from_secs(15);
/// So many commits are read at once, and so many events wait for a slow client; then nothing more is read for it.
const COMMITS_AT_ONCE: usize = 50;
const EVENTS_WAITING: usize = 64;

async fn events(
    asking: Asking,
    Asked(asked): Asked<EventParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wrong =
        || Problem::new(StatusCode::BAD_REQUEST, "malformed", "Last-Event-ID is the number of a commit");
    let seen = headers
        .get("last-event-id")
        .map(|value| value.to_str().ok().and_then(|text| text.parse::<u64>().ok()).ok_or_else(wrong));
    let head = asking.service.seq();
    let after = seen.transpose()?.or(asked.after).map_or(head, |after| after.min(head));
    let (events, listening) = channel(EVENTS_WAITING);
    tokio::spawn(async move { tell(&asking, after, &events).await });
    let stream = Sse::new(ReceiverStream::new(listening));
    Ok(stream.keep_alive(KeepAlive::new().interval(HEART_BEAT)).into_response())
}

type Events = Sender<Result<Event, Infallible>>;

/// Tells what happens after a commit until nobody listens or the time is over.
async fn tell(asking: &Asking, mut after: u64, events: &Events) {
    let end = Instant::now() + LASTS;
    let mut commits = asking.service.commits();
    // From here on a client that comes back says so, also when nothing happened meanwhile.
    if events.send(Ok(Event::default().id(after.to_string()))).await.is_err() {
        return;
    }
    loop {
        let more =
            asking.look(move |store, viewer| store.happenings(after, COMMITS_AT_ONCE, viewer.as_ref()));
        // Whoever may no longer look, or came at a bad moment, comes back and is told so.
        let Ok(axum::Json(told)) = more.await else { return };
        if told.is_empty() {
            tokio::select! {
                changed = timeout_at(end, commits.wait_for(|seq| *seq > after)) => match changed {
                    Ok(Ok(_)) => {}
                    _ => return,
                },
                () = events.closed() => return,
                () = asking.service.ending() => return,
            }
        }
        for commit in told {
            after = commit.seq;
            for event in of_commit(&commit) {
                if events.send(Ok(event)).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// An event and its commit.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    pub(crate) seq: u64,
    pub(crate) known_at: KnownAt,
    #[serde(flatten)]
    pub(crate) happening: &'a Happening,
}

fn of_commit(commit: &CommitHappenings) -> Vec<Event> {
    let CommitHappenings { seq, known_at, happenings } = commit;
    if happenings.is_empty() {
        return vec![Event::default().id(seq.to_string())];
    }
    let last = happenings.len() - 1;
    let event = |(at, happening): (usize, &Happening)| {
        let kind = match happening {
            Happening::Alert(_) => "alert",
            Happening::Case(_) => "case",
        };
        let told = Told { seq: *seq, known_at: *known_at, happening };
        let data = serde_json::to_string(&told).expect("ids and numbers are JSON");
        let event = Event::default().event(kind).data(data);
        if at == last { event.id(seq.to_string()) } else { event }
    };
    happenings.iter().enumerate().map(event).collect()
}
