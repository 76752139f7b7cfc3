//! `/v1/alerts`: which alerts there are, why each is, how its review stands, and decisions on it.

use lookback::audit::{AuditAction, Reach};
use lookback::model::{AlertId, CauseKind, DatasetName, EntityId, KnownAt, Step};
use lookback::review::{Draft, EvidenceChange, ReviewView};
use lookback::{AlertFilter, AlertView, Error, Store, Why};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At, Limit, Sent, ValidAt};
use crate::routes::{Route, Rule};

const ALERTS: Rule = Rule::look("read", AuditAction::List, Reach::Filtered);
const WHY: Rule = Rule::look("read", AuditAction::LookUp, Reach::Targets);
const REVIEW: Rule = Rule::look("read", AuditAction::LookUp, Reach::Targets);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/alerts", ALERTS, "Alerts and other findings, page by page", alerts)
            .query::<AlertParameters>()
            .gives::<AlertPage>(),
        Route::get("/v1/alerts/{alert}/why", WHY, "Why an alert is, with all of its subject", why)
            .path_parameters::<AlertPath>()
            .query::<Time>()
            .gives::<Why>(),
        Route::get("/v1/alerts/{alert}", REVIEW, "An alert and how its review stands", review)
            .path_parameters::<AlertPath>()
            .query::<Time>()
            .gives::<ReviewView>(),
        Route::get(
            "/v1/alerts/{alert}/changes",
            REVIEW,
            "What changed since the last verdict on an alert",
            changes,
        )
        .path_parameters::<AlertPath>()
        .gives::<EvidenceChanges>(),
        // Which account may take which step is for the rules of the review, and told by them.
        Route::post("/v1/alerts/{alert}/decisions", Rule::Known, "Decide something about an alert", decide)
            .path_parameters::<AlertPath>()
            .takes::<DecisionDraft>()
            .gives::<DecisionTaken>(),
    ]
}

/// Which alert.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct AlertPath {
    /// The alert's id: its first 6 digits or more.
    #[param(pattern = "^[0-9a-f]{6,32}$")]
    alert: String,
}

/// Of which time a question is.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    /// As known at; left out: now.
    #[param(inline)]
    pub(super) known_at: Option<AsOf>,
}

impl Time {
    pub(super) fn known_at(&self) -> Option<KnownAt> {
        self.known_at.map(|AsOf(known_at)| known_at)
    }
}

/// Which alerts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct AlertParameters {
    /// As known at; left out: now.
    #[param(inline)]
    known_at: Option<AsOf>,
    /// Only where subject and entry were true in the world by then.
    #[param(inline)]
    valid_at: Option<ValidAt>,
    /// Only what came, changed or went after this; alerts that went are then listed too.
    #[param(inline)]
    since: Option<AsOf>,
    /// Only of this population or list.
    #[param(inline)]
    dataset: Option<DatasetName>,
    /// Only findings of this kind, also of one that is no alert. Left out: all alerts.
    #[param(inline)]
    kind: Option<CauseKind>,
    /// How many at most; left out: 100.
    #[param(inline)]
    limit: Option<Limit>,
    /// Where the page before ended: its `next`, with the same filter.
    cursor: Option<String>,
}

/// A page of alerts, by subject and entry.
#[derive(Serialize, ToSchema)]
struct AlertPage {
    /// As known at: all pages of one walk are of this time.
    known_at: KnownAt,
    /// How many fit the filter.
    total: usize,
    /// These of them.
    alerts: Vec<AlertView>,
    /// Ask for the next page with it; `null` on the last one.
    next: Option<String>,
}

/// Where a page ended: its time and its last alert.
#[derive(Clone, Copy)]
struct Cursor(KnownAt, AlertId);

impl Cursor {
    fn read(text: &str) -> Result<Self, Error> {
        let read = text.split_once('.').and_then(|(micros, alert)| {
            Some(Self(KnownAt::from_micros(micros.parse().ok()?), AlertId::from_hex(alert)?))
        });
        read.ok_or_else(|| Error::Usage("this cursor is none that a page ended with".into()))
    }

    fn word(self) -> String {
        format!("{}.{}", self.0.micros(), self.1)
    }
}

async fn alerts(asking: Asking, Asked(asked): Asked<AlertParameters>) -> Answer<AlertPage> {
    let page = move |store: &mut Store, viewer| {
        let AlertParameters { known_at, valid_at, since, dataset, kind, limit, cursor } = asked;
        let after = cursor.as_deref().map(Cursor::read).transpose()?;
        let known_at = match (after, known_at) {
            (Some(Cursor(began, _)), _) => began,
            (None, Some(AsOf(known_at))) => known_at,
            (None, None) => store.now()?,
        };
        let alerts = store.alerts(&AlertFilter {
            known_at: Some(known_at),
            valid_at: valid_at.map(|ValidAt(date)| date),
            since: since.map(|AsOf(since)| since),
            dataset,
            kind,
            viewer,
        })?;
        let begin = match after {
            None => 0,
            Some(Cursor(_, last)) => {
                let gone = || Error::Usage("this cursor is of a page with another filter: begin anew".into());
                1 + alerts.iter().position(|alert| alert.alert == last).ok_or_else(gone)?
            }
        };
        let (total, limit) = (alerts.len(), limit.map_or(100, |Limit(limit)| limit));
        let page: Vec<AlertView> = alerts.into_iter().skip(begin).take(limit).collect();
        let more = begin + page.len() < total;
        let next = page.last().filter(|_| more).map(|last| Cursor(known_at, last.alert).word());
        Ok(AlertPage { known_at, total, alerts: page, next })
    };
    asking.look(page).await
}

async fn why(asking: Asking, At(alert): At<String>, Asked(time): Asked<Time>) -> Answer<Why> {
    let known_at = AsOf::or_now(time.known_at);
    let why = move |store: &mut Store, _| {
        let alert = store.find_alert(&alert)?;
        store.why(&alert.to_string(), known_at)
    };
    asking.look(why).await
}

async fn review(asking: Asking, At(alert): At<String>, Asked(time): Asked<Time>) -> Answer<ReviewView> {
    let review = move |store: &mut Store, _| store.review(store.find_alert(&alert)?, time.known_at());
    asking.look(review).await
}

/// What changed since a verdict.
#[derive(Serialize, ToSchema)]
struct EvidenceChanges {
    /// Property by property.
    changes: Vec<EvidenceChange>,
}

async fn changes(asking: Asking, At(alert): At<String>) -> Answer<EvidenceChanges> {
    let changes = move |store: &mut Store, _| {
        let changes = store.changed_since_verdict(store.find_alert(&alert)?)?;
        Ok(EvidenceChanges { changes })
    };
    asking.look(changes).await
}

/// What somebody decides about an alert.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionDraft {
    /// How many steps of the review its author saw: refused when more was done meanwhile.
    seen: u32,
    /// What is done.
    step: Step,
    /// In their own words.
    note: Option<String>,
}

/// A decision that stands.
#[derive(Serialize, ToSchema)]
struct DecisionTaken {
    /// Its id.
    decision: EntityId,
    /// The review after it.
    review: ReviewView,
}

async fn decide(
    asking: Asking,
    At(alert): At<String>,
    Sent(draft): Sent<DecisionDraft>,
) -> Answer<DecisionTaken> {
    let decide = move |store: &mut Store| {
        let alert = store.find_alert(&alert)?;
        let DecisionDraft { seen, step, note } = draft;
        let decision = store.decide_one(Draft::on(alert, step, note).seen(seen))?;
        Ok(DecisionTaken { decision, review: store.review(alert, None)? })
    };
    asking.change(decide).await
}
