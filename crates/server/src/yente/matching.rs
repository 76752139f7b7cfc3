//! `POST /match/{dataset}`: entities in, list entries that they may be out.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lookback::Explanation;
use lookback::lists::{Listed, Lists, Scored};
use lookback::matching::{Profile, Verdict};
use lookback::model::{Entity, EntityId, Properties, Schema, Score};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::parameters::Parameters;
use super::wire::{EntityResponse, Refused};
use crate::service::Service;

const QUERIES_MOST: usize = 100;

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

/// An entity to look for.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
pub(crate) struct EntityExample {
    #[serde(default)]
    id: Option<String>,
    schema: String,
    #[schema(value_type = Object)]
    properties: BTreeMap<String, Value>,
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

/// How many there are.
#[derive(Serialize, ToSchema)]
#[schema(as = TotalSpec)]
struct Total {
    value: usize,
    relation: &'static str,
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
struct ScoredEntity<'a> {
    #[serde(flatten)]
    entity: EntityResponse<'a>,
    score: f64,
    explanations: BTreeMap<String, Feature>,
    r#match: bool,
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

pub(crate) async fn matches(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
    Json(body): Json<MatchQuery>,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let mut parameters = Parameters::of(query.as_deref());
    let limit = parameters.integer("limit", 5, 500);
    let threshold = parameters.score("threshold").unwrap_or(Score(700_000));
    let cutoff = parameters.score("cutoff").unwrap_or(Score(700_000)).min(threshold);
    let wanted = Wanted::of(&mut parameters);
    parameters.checked()?;
    let scope = scope(&lists, &dataset)?;
    let in_scope = |listed: &Listed| scope(listed) && wanted.lets_through(listed);
    if body.queries.is_empty() {
        return Err(Refused::bad("No queries provided."));
    }
    if body.queries.len() > QUERIES_MOST {
        return Err(Refused::bad(format!("Too many queries in one batch (limit: {QUERIES_MOST})")));
    }
    if let Some(name) = body.config.keys().next() {
        return Err(Refused::bad(format!("Invalid configuration parameter: {name} for algorithm logic-v2")));
    }
    let mut responses = BTreeMap::new();
    for (name, example) in &body.queries {
        let entity = read(example)?;
        let profile = Profile::of(&entity);
        let scored = service.with_scratch(|scratch| lists.matches(&profile, cutoff, &in_scope, scratch));
        let results: Vec<_> =
            scored.iter().take(limit).map(|scored| shown(&lists, &profile, scored, threshold)).collect();
        let total = Total { value: results.iter().filter(|result| result.r#match).count(), relation: "eq" };
        let query =
            Asked { id: example.id.clone(), schema: entity.schema.name(), properties: entity.properties };
        responses.insert(name.as_str(), Matches { status: 200, results, total, query });
    }
    let size = [("x-batch-size", body.queries.len().to_string())];
    Ok((size, Json(MatchResponse { responses, limit })).into_response())
}

/// Which entries of the scope a client wants.
struct Wanted {
    datasets: Vec<String>,
    no_datasets: Vec<String>,
    no_schemata: Vec<String>,
    topics: Vec<String>,
    no_ids: Vec<String>,
    since: Option<String>,
}

impl Wanted {
    fn of(parameters: &mut Parameters) -> Self {
        Self {
            datasets: parameters.list("include_dataset"),
            no_datasets: parameters.list("exclude_dataset"),
            no_schemata: parameters.list("exclude_schema"),
            topics: parameters.list("topics"),
            no_ids: parameters.short_list("exclude_entity_ids", 50),
            since: parameters.moment("changed_since"),
        }
    }

    fn lets_through(&self, listed: &Listed) -> bool {
        let (entity, dataset) = (listed.entity(), listed.dataset().as_str());
        let has = |list: &[String], text: &str| list.iter().any(|item| item == text);
        let changed = || listed.version().from.to_string();
        (self.datasets.is_empty() || has(&self.datasets, dataset))
            && !has(&self.no_datasets, dataset)
            && !self.no_schemata.iter().any(|schema| entity.schema.is_a(schema))
            && (self.topics.is_empty()
                || entity.values("topics").iter().any(|topic| has(&self.topics, topic)))
            && !has(&self.no_ids, entity.id.as_str())
            && self.since.as_ref().is_none_or(|since| changed() >= *since)
    }
}

/// Which entries a dataset of a path speaks of.
fn scope(lists: &Lists, dataset: &str) -> Result<impl Fn(&Listed) -> bool, Refused> {
    let all = dataset == "default";
    if !all && lists.datasets().keys().all(|name| name.as_str() != dataset) {
        return Err(Refused::With(StatusCode::NOT_FOUND, "No such dataset.".into()));
    }
    let dataset = dataset.to_owned();
    Ok(move |listed: &Listed| all || listed.dataset().as_str() == dataset)
}

fn read(example: &EntityExample) -> Result<Entity, Refused> {
    let wrong = |reason: String| Refused::bad(format!("Cannot parse example entity: {reason}"));
    let schema = Schema::named(&example.schema)
        .ok_or_else(|| wrong(format!("Unknown schema: '{}'", example.schema)))?;
    let id = EntityId::new("query").expect("it is a sound id");
    let mut entity = Entity { id, schema, properties: Properties::new() };
    for (property, values) in &example.properties {
        if schema.property_type(property).is_none() {
            continue;
        }
        match values {
            Value::Array(values) => {
                values.iter().filter_map(Value::as_str).for_each(|value| entity.add(property, value));
            }
            Value::String(value) => entity.add(property, value),
            _ => {}
        }
    }
    Ok(entity)
}

fn shown<'a>(lists: &Lists, profile: &Profile, scored: &Scored<'a>, threshold: Score) -> ScoredEntity<'a> {
    let explanation = lists.explain(profile, scored.listed);
    ScoredEntity {
        entity: EntityResponse::of(scored.listed),
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
