//! `POST /v1/screen`: records against the lists, each match with where its score comes from. Nothing is kept.
//!
//! Always holds: it is answered from the frozen lists, by the policy in force; a record that cannot be read, or not be screened, says so
//! and is not clear. What was asked for is in the audit as a salted digest.

use axum::{Extension, Json};
use lookback::audit::{AuditAction, Reach};
use lookback::lists::{Listed, Lists};
use lookback::matching::Profile;
use lookback::model::{Digest, Entity, KnownAt, Role, Score};
use lookback::{Error, ScreenedMatch, read_query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Answer;
use super::asking::Asking;
use super::reading::Sent;
use crate::access::Looked;
use crate::routes::{Route, Rule};
use crate::service::Service;

const SCREEN: Rule = Rule::look("search", AuditAction::Search, Reach::Filtered);
/// As many as clients of `/match` send at once.
const RECORDS_MOST: usize = 100;
/// So many matches of a record are told at most.
const MATCHES_MOST: usize = 500;
/// Matches from this score on are told, also below the threshold, as `lookback screen` does.
const SHOWN_FROM: Score = Score(80_000);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/screen", SCREEN, "Records against the lists; nothing is kept", screen)
            .takes::<ScreenQuestion>()
            .gives::<ScreenAnswer>(),
    ]
}

/// Whom to screen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScreenQuestion {
    /// FollowTheMoney entities, up to 100: `schema`, `properties`, and an `id` if they have one.
    #[schema(value_type = Vec<Object>, max_items = 100)]
    records: Vec<Value>,
    /// How many matches of each record are told, up to 500; left out: 10.
    #[schema(maximum = 500)]
    limit: Option<usize>,
}

/// What the lists say.
#[derive(Serialize, ToSchema)]
struct ScreenAnswer {
    /// The commit that the lists are of.
    seq: u64,
    /// When it became known.
    #[schema(value_type = String)]
    known_at: KnownAt,
    /// Digest of the policy.
    policy: Digest,
    /// The lists that were held against, by name.
    lists: Vec<ListHeld>,
    /// What was kept of the records: always `nothing`. A later change of a list looks at none of them again.
    kept: &'static str,
    /// For each record, in order.
    answers: Vec<RecordAnswer>,
}

/// A list.
#[derive(Serialize, ToSchema)]
struct ListHeld {
    /// Its name.
    dataset: String,
    /// How many entities it has.
    entities: u64,
    /// When it last changed.
    #[schema(value_type = Option<String>)]
    changed: Option<KnownAt>,
}

/// What the lists say of a record.
#[derive(Serialize, ToSchema)]
struct RecordAnswer {
    /// The record's id, or a digest of what it states; `null` where it could not be read.
    query: Option<String>,
    /// Whether any entry alerts; `null` where it was not screened: it is then not clear.
    alert: Option<bool>,
    /// Why it was not screened.
    unscreenable: Option<String>,
    /// What was odd about it, without its values.
    notes: Vec<String>,
    /// How many entries match, told or not.
    found: usize,
    /// The best of them.
    matches: Vec<ScreenedMatch>,
}

async fn screen(
    asking: Asking,
    Extension(looked): Extension<Looked>,
    Sent(question): Sent<ScreenQuestion>,
) -> Answer<ScreenAnswer> {
    let ScreenQuestion { records, limit } = question;
    if records.len() > RECORDS_MOST {
        return Err(Error::Usage(format!("at most {RECORDS_MOST} records are screened at once")).into());
    }
    let limit = limit.unwrap_or(10);
    if limit > MATCHES_MOST {
        return Err(Error::Usage(format!("at most {MATCHES_MOST} matches are told")).into());
    }
    let read: Vec<_> = records.iter().map(|record| read_query(&record.to_string())).collect();
    let names = read.iter().flatten().flat_map(|(entity, _)| entity.values("name")).map(String::as_str);
    looked.query(names.collect::<Vec<_>>().join("\n"));
    let (service, lists) = (&asking.service, asking.service.lists());
    let answers = tokio::task::block_in_place(|| {
        read.into_iter().map(|read| answer(service, &lists, read, limit)).collect()
    });
    let held = lists.datasets().iter().filter(|(_, of)| of.role == Role::List);
    let held = held.map(|(name, of)| ListHeld {
        dataset: name.to_string(),
        entities: of.entities,
        changed: of.changed,
    });
    Ok(Json(ScreenAnswer {
        seq: lists.seq(),
        known_at: lists.known_at(),
        policy: Digest::of(lists.entries().policy().to_text().as_bytes()),
        lists: held.collect(),
        kept: "nothing",
        answers,
    }))
}

fn answer(
    service: &Service,
    lists: &Lists,
    read: Result<(Entity, Vec<String>), String>,
    limit: usize,
) -> RecordAnswer {
    let unread = |reason| RecordAnswer {
        query: None,
        alert: None,
        unscreenable: Some(reason),
        notes: Vec::new(),
        found: 0,
        matches: Vec::new(),
    };
    let (entity, notes) = match read {
        Ok(read) => read,
        Err(reason) => return unread(reason),
    };
    let (profile, policy) = (Profile::of(&entity), lists.entries().policy());
    let query = Some(entity.id.to_string());
    if let Some(reason) = profile.unscreenable(&policy.rules) {
        return RecordAnswer { query, notes, ..unread(reason.to_string()) };
    }
    let least = policy.threshold_least().min(SHOWN_FROM);
    let everybody = |_: &Listed| true;
    let found = service.with_scratch(|scratch| lists.matches(&profile, least, &everybody, scratch));
    let matches = found.iter().take(limit).filter_map(|scored| {
        let entity = scored.listed.entity();
        Some(ScreenedMatch {
            entry: entity.id.to_string(),
            dataset: scored.listed.dataset().to_string(),
            caption: entity.first("name").map(str::to_owned),
            score: scored.score,
            alert: scored.score >= scored.threshold,
            explanation: lists.explain(&profile, scored.listed)?,
        })
    });
    let alert = Some(found.iter().any(|scored| scored.score >= scored.threshold));
    RecordAnswer { query, alert, unscreenable: None, notes, found: found.len(), matches: matches.collect() }
}
