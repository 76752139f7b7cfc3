//! `/v1/subjects`: all that is known of one, and what it is given of that.

use lookback::Store;
use lookback::audit::{AuditAction, Reach};
use lookback::model::EntityId;
use lookback::review::{Dossier, Extract};
use utoipa::IntoParams;

use super::Answer;
use super::alerts::Time;
use super::asking::{Asking, Sight};
use super::reading::{Asked, At};
use crate::routes::Route;

const SUBJECT: Sight = Sight::of("subject show", AuditAction::LookUp, "read", Reach::Targets);
const EXTRACT: Sight = Sight::of("subject extract", AuditAction::Export, "extract", Reach::Targets);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/subjects/{subject}", SUBJECT.rule(), "All that is known of a subject", subject)
            .path_parameters::<SubjectPath>()
            .query::<Time>()
            .gives::<Dossier>(),
        Route::get(
            "/v1/subjects/{subject}/extract",
            EXTRACT.rule(),
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
    let target = id.clone();
    let dossier = move |store: &mut Store, _| store.dossier(&id, time.known_at());
    asking.look(SUBJECT, &[target.as_str()], dossier).await
}

async fn extract(asking: Asking, At(id): At<EntityId>, Asked(time): Asked<Time>) -> Answer<Extract> {
    let target = id.clone();
    let extract = move |store: &mut Store, _| store.extract(&id, time.known_at());
    asking.look(EXTRACT, &[target.as_str()], extract).await
}
