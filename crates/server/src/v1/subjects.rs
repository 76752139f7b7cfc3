//! `/v1/subjects`: all that is known of one, and what it is given of that.

use lookback::audit::{AuditAction, Reach};
use lookback::model::EntityId;
use lookback::review::{Dossier, Extract};
use lookback::{Store, Why};
use utoipa::IntoParams;

use super::Answer;
use super::alerts::Time;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At};
use crate::routes::{Route, Rule};

const SUBJECT: Rule = Rule::look("read", AuditAction::LookUp, Reach::Targets);
const EXTRACT: Rule = Rule::look("extract", AuditAction::Export, Reach::Targets);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/subjects/{subject}", SUBJECT, "All that is known of a subject", subject)
            .path_parameters::<SubjectPath>()
            .query::<Time>()
            .gives::<Dossier>(),
        Route::get("/v1/subjects/{subject}/why", SUBJECT, "Why a subject is, or is not, alerted", why)
            .path_parameters::<SubjectPath>()
            .query::<Time>()
            .gives::<Why>(),
        Route::get(
            "/v1/subjects/{subject}/extract",
            EXTRACT,
            "What a subject is given of what is kept about it: nobody else and no source is in it",
            extract,
        )
        .path_parameters::<SubjectPath>()
        .query::<Time>()
        .gives::<Extract>(),
    ]
}

/// Which subject.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
pub(super) struct SubjectPath {
    /// Its id.
    subject: String,
}

async fn subject(asking: Asking, At(id): At<EntityId>, Asked(time): Asked<Time>) -> Answer<Dossier> {
    let dossier = move |store: &mut Store, _| store.dossier(&id, time.known_at());
    asking.look(dossier).await
}

async fn why(asking: Asking, At(id): At<EntityId>, Asked(time): Asked<Time>) -> Answer<Why> {
    let known_at = AsOf::or_now(time.known_at);
    asking.look(move |store: &mut Store, _| store.why(id.as_str(), known_at)).await
}

async fn extract(asking: Asking, At(id): At<EntityId>, Asked(time): Asked<Time>) -> Answer<Extract> {
    let extract = move |store: &mut Store, _| store.extract(&id, time.known_at());
    asking.look(extract).await
}
