//! `POST /match/{dataset}`: entities in, list entries that they may be out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use lookback::lists::{Field, Listed, Lists, Scored};
use lookback::matching::{Profile, Verdict};
use lookback::model::{Entity, EntityId, Properties, Score};
use lookback::{Explanation, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::algorithms::{Algorithm, BEST};
use super::body;
use super::example::{EntityExample, readings, subject};
use super::parameters::Parameters;
use super::scope::{Scope, Selection};
use super::wire::{EntityResponse, Refused, Total};
use crate::access::{Looked, Who};
use crate::service::{Caller, Service};

/// As many as clients send at once.
pub(crate) const QUERIES_MOST: usize = 100;
/// 4: so many are answered sooner than another thread is found to answer others meanwhile.
const AT_ONCE: usize = 4;
/// From this score on yente calls it a match if it is not told otherwise.
pub(crate) const MATCH: Score = Score(700_000);
/// 0.08: below it names have nothing in common but a letter here and there.
const LEAST: Score = Score(80_000);

/// What `/match` takes in its query.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query; `Asked` reads it")]
pub(crate) struct MatchParameters {
    /// At most so many results for each query.
    #[param(maximum = 500)]
    limit: Option<usize>,
    /// From this score on a result is a match.
    threshold: Option<f64>,
    /// Below this score nothing is told.
    cutoff: Option<f64>,
    /// `best`, or the name of another algorithm, which is taken for it.
    algorithm: Option<String>,
    /// Only entries of these datasets.
    include_dataset: Option<Vec<String>>,
    /// No entries of these.
    exclude_dataset: Option<Vec<String>>,
    /// No entries of these schemata.
    exclude_schema: Option<Vec<String>>,
    /// Only entries with one of these topics.
    topics: Option<Vec<String>>,
    /// Only entries that changed since.
    changed_since: Option<String>,
    /// None of these entries.
    exclude_entity_ids: Option<Vec<String>>,
}

/// What `/match` takes in its body.
#[derive(Deserialize, ToSchema)]
#[schema(as = EntityMatchQuery)]
pub(crate) struct MatchQuery {
    #[expect(dead_code, reason = "scores are ours: weights are accepted and change nothing")]
    #[serde(default)]
    weights: BTreeMap<String, f64>,
    #[serde(default)]
    #[schema(value_type = Object)]
    config: BTreeMap<String, Value>,
    /// By a name of the client's own.
    queries: BTreeMap<String, EntityExample>,
}

/// All answers.
#[derive(Serialize, ToSchema)]
#[schema(as = EntityMatchResponse)]
pub(crate) struct MatchResponse<'a> {
    responses: BTreeMap<&'a str, Matches<'a>>,
    limit: usize,
}

/// One answer.
#[derive(Serialize, ToSchema)]
#[schema(as = EntityMatches)]
struct Matches<'a> {
    status: u16,
    results: Vec<ScoredEntity<'a>>,
    total: Total,
    query: Asked,
}

/// A query as it was understood.
#[derive(Serialize, ToSchema)]
struct Asked {
    id: Option<String>,
    schema: &'static str,
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    properties: Properties,
}

/// A list entry and how it scores.
#[derive(Serialize, ToSchema)]
#[schema(as = ScoredEntityResponse)]
pub(crate) struct ScoredEntity<'a> {
    #[serde(flatten)]
    pub(crate) entity: EntityResponse<'a>,
    pub(crate) score: f64,
    explanations: BTreeMap<String, Feature>,
    pub(crate) r#match: bool,
}

/// One feature of a score.
#[derive(Serialize, ToSchema)]
#[schema(as = FeatureResult)]
struct Feature {
    detail: Option<String>,
    score: f64,
    query: Option<String>,
    candidate: Option<String>,
}

type Asker = (Extension<Who>, Extension<Caller>, Extension<Looked>);

pub(crate) async fn matches(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
    (Extension(who), Extension(caller), Extension(looked)): Asker,
    body: Bytes,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let mut parameters = Parameters::of(query.as_deref());
    let limit = parameters.integer("limit", 5, 500);
    let threshold = parameters.score("threshold").unwrap_or(MATCH);
    // Past the threshold it would hide matches.
    let cutoff = parameters.score("cutoff").unwrap_or(MATCH).min(threshold);
    let selection = Selection::of(&mut parameters);
    let excluded = parameters.short_list("exclude_entity_ids", 50);
    let written = body::read(&body, &mut parameters);
    parameters.checked()?;
    let body: MatchQuery =
        written.and_then(|written| serde_json::from_value(written).ok()).ok_or_else(body::unread)?;

    let mut scope = Scope::of(&lists, &dataset, selection)?;
    scope.exclude_ids(excluded);
    scope.filter(Field::named("topics"), parameters.list("topics"));
    let algorithm = Algorithm::named(parameters.text("algorithm").unwrap_or(BEST))?;
    body.config.keys().try_for_each(|setting| algorithm.check_setting(setting))?;
    if body.queries.len() > QUERIES_MOST {
        return Err(Refused::bad(format!("Too many queries in one batch (limit: {QUERIES_MOST})")));
    }
    if body.queries.is_empty() {
        return Err(Refused::bad("No queries provided."));
    }
    let wrong = |reason| Refused::bad(format!("Cannot parse example entity: {reason}"));
    let entities: Vec<Entity> =
        body.queries.values().map(EntityExample::read).collect::<Result<_, _>>().map_err(wrong)?;
    let names = entities.iter().flat_map(|entity| entity.values("name")).map(String::as_str);
    looked.query(names.collect::<Vec<_>>().join("\n"));
    let kept = kept(&service, &who, &caller, &body.queries, &entities).await?;
    let question = Question { limit, threshold, cutoff, scope: &scope };
    let answer = || {
        let mut responses = BTreeMap::new();
        for ((name, example), entity) in body.queries.iter().zip(entities) {
            let (value, results) = answered(&service, &lists, &entity, &question);
            let (schema, properties) = (entity.schema.name(), entity.properties);
            let query = Asked { id: example.id.clone(), schema, properties };
            responses.insert(name.as_str(), Matches { status: 200, results, total: Total::of(value), query });
        }
        responses
    };
    let responses = if body.queries.len() > AT_ONCE { tokio::task::block_in_place(answer) } else { answer() };
    let headers = [("x-batch-size", body.queries.len().to_string()), ("x-kept", kept)];
    Ok((headers, Json(MatchResponse { responses, limit })).into_response())
}

/// Enrols whoever is asked about where the key says so. What was kept: the population, or nothing.
async fn kept(
    service: &Service,
    who: &Who,
    caller: &Caller,
    queries: &BTreeMap<String, EntityExample>,
    entities: &[Entity],
) -> Result<String, Refused> {
    let Some(population) = who.enrols().cloned() else { return Ok("nothing".to_owned()) };
    let subjects = queries.values().zip(entities).map(|(query, entity)| subject(query.id.as_deref(), entity));
    let wrong = |reason| Refused::bad(format!("Cannot parse example entity: {reason}"));
    let subjects: Vec<Entity> = subjects.collect::<Result<_, _>>().map_err(wrong)?;
    let name = population.to_string();
    let enrol = move |store: &mut Store| {
        subjects.iter().try_for_each(|subject| store.enrol(subject, &population, 0).map(drop))
    };
    service.change(caller, enrol).await?;
    Ok(name)
}

/// How one entity is looked for.
pub(crate) struct Question<'a> {
    pub(crate) limit: usize,
    /// From this score on it is a match.
    pub(crate) threshold: Score,
    /// What scores more than this is told.
    pub(crate) cutoff: Score,
    pub(crate) scope: &'a Scope,
}

/// How many entries an entity matches, and the best of those that score enough to be told.
pub(crate) fn answered<'a>(
    service: &Service,
    lists: &'a Lists,
    entity: &Entity,
    question: &Question<'_>,
) -> (usize, Vec<ScoredEntity<'a>>) {
    let Question { limit, threshold, cutoff, scope } = question;
    let profiles: Vec<Profile> = readings(entity).iter().map(Profile::of).collect();
    let mut best: BTreeMap<&EntityId, (Scored<'a>, &Profile)> = BTreeMap::new();
    for profile in &profiles {
        let wanted = |listed: &Listed| scope.holds(listed);
        let least = (*cutoff).max(LEAST);
        for scored in service.with_scratch(|scratch| lists.matches(profile, least, &wanted, scratch)) {
            let id = &scored.listed.entity().id;
            if scored.score > *cutoff && best.get(id).is_none_or(|(other, _)| other.score < scored.score) {
                best.insert(id, (scored, profile));
            }
        }
    }
    let mut best: Vec<(Scored<'a>, &Profile)> = best.into_values().collect();
    best.sort_by_key(|(scored, _)| Reverse(scored.score));
    let matches = best.iter().filter(|(scored, _)| scored.score >= *threshold).count();
    let told = best.iter().take(*limit).map(|(scored, profile)| shown(lists, profile, scored, *threshold));
    (matches, told.collect())
}

fn shown<'a>(lists: &Lists, profile: &Profile, scored: &Scored<'a>, threshold: Score) -> ScoredEntity<'a> {
    let explanation = lists.explain(profile, scored.listed);
    ScoredEntity {
        entity: EntityResponse::of(lists, scored.listed),
        score: scored.score.fraction(),
        explanations: explanation.map(features).unwrap_or_default(),
        r#match: scored.score >= threshold,
    }
}

/// Where a score comes from, in yente's words.
fn features(explanation: Explanation) -> BTreeMap<String, Feature> {
    let mut features = BTreeMap::new();
    if let Some(names) = explanation.names {
        let pair = |pair: &lookback::matching::UnitPair| {
            format!(
                "['{}'≈'{}' {}: {:.2}]",
                pair.subject,
                pair.entry,
                pair.relation,
                f64::from(pair.similarity) / 1000.0
            )
        };
        let detail = names.pairs.iter().map(pair).collect::<Vec<_>>().join(" ");
        let feature = Feature {
            detail: Some(detail),
            score: names.score.fraction(),
            query: Some(names.subject),
            candidate: Some(names.entry),
        };
        features.insert("name_match".to_owned(), feature);
    }
    for finding in explanation.findings {
        let score = if finding.verdict == Verdict::Different { finding.factor - 1.0 } else { 0.0 };
        let stated = |values: &[String]| values.first().cloned();
        let (query, candidate) = (stated(&finding.subject), stated(&finding.entry));
        features.insert(finding.property, Feature { detail: Some(finding.rule), score, query, candidate });
    }
    features
}
