//! `/reconcile/{dataset}`: the reconciliation interface 0.2 that `OpenRefine` speaks.
//!
//! In: texts with types and properties, by a form or in the query. Out: entries that they may be, and what else is known of entries.

use std::collections::BTreeMap;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use lookback::lists::{Listed, Lists, Query, Search};
use lookback::model::{EntityId, Score};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::algorithms::{Algorithm, BEST};
use super::example::{BASE, EntityExample};
use super::manifest::{self, FreebaseType};
use super::matching::{MATCH, QUERIES_MOST, Question, answered};
use super::parameters::Parameters;
use super::scope::{Scope, Selection};
use super::wire::Refused;
use crate::access::Looked;
use crate::service::Service;

/// What `/reconcile` takes in its query.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query")]
pub(crate) struct ReconcileParameters {
    /// `best`, or the name of another algorithm, which is taken for it.
    algorithm: Option<String>,
    /// Only entries that changed since.
    changed_since: Option<String>,
}

/// What `/reconcile` takes as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes a form")]
pub(crate) struct ReconcileForm {
    /// Questions by a name of the client's own, as JSON.
    queries: Option<String>,
    /// What else to tell of entries, as JSON.
    extend: Option<String>,
}

/// Candidates by the name of the question; or rows by id.
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "it describes an answer")]
pub(crate) struct ReconcileResponse(Value);

/// One question.
#[derive(Deserialize)]
struct ReconQuery {
    query: Option<String>,
    r#type: Option<OneOrMany>,
    #[serde(default = "five")]
    limit: i64,
    #[serde(default)]
    properties: Vec<ReconProperty>,
}

#[derive(Deserialize)]
struct ReconProperty {
    pid: String,
    v: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn five() -> i64 {
    5
}

/// An entry that it may be.
#[derive(Serialize)]
struct Candidate<'a> {
    id: &'a str,
    name: &'a str,
    description: &'static str,
    r#type: [FreebaseType; 1],
    score: f64,
    r#match: bool,
}

/// What is asked about entries that are known.
#[derive(Deserialize)]
struct ExtendQuery {
    ids: Vec<String>,
    properties: Vec<ExtendProperty>,
}

#[derive(Deserialize)]
struct ExtendProperty {
    id: String,
    #[serde(default)]
    settings: ExtendSettings,
}

#[derive(Deserialize, Default)]
struct ExtendSettings {
    #[serde(default)]
    limit: usize,
    #[serde(default)]
    render: Render,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Render {
    #[default]
    Caption,
    Raw,
}

/// The manifest; with `queries` or `extend` in the query, the answer to them.
pub(crate) async fn get(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
    Extension(looked): Extension<Looked>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let form = Parameters::of(query.as_deref());
    if form.text("queries").is_some() || form.text("extend").is_some() {
        return answer(&service, &dataset, query.as_deref(), &form, &looked);
    }
    let lists = service.lists();
    let scope = Scope::dataset(&lists, &dataset)?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let manifest =
        tokio::task::block_in_place(|| manifest::of(&lists, &scope, &dataset, host, query.as_deref()));
    Ok(Json(manifest).into_response())
}

/// The answer to a form.
pub(crate) async fn post(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
    Extension(looked): Extension<Looked>,
    body: axum::body::Bytes,
) -> Result<Response, Refused> {
    let form = Parameters::of(std::str::from_utf8(&body).ok());
    answer(&service, &dataset, query.as_deref(), &form, &looked)
}

fn answer(
    service: &Service,
    dataset: &str,
    query: Option<&str>,
    form: &Parameters,
    looked: &Looked,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let mut parameters = Parameters::of(query);
    let selection = Selection::of(&mut parameters);
    parameters.checked()?;
    if let Some(extend) = form.text("extend").filter(|text| !text.trim().is_empty()) {
        let (size, extended) = extended(&lists, extend)?;
        return Ok(([("x-batch-size", size.to_string())], Json(extended)).into_response());
    }
    let scope = Scope::of(&lists, dataset, selection)?;
    looked.query(form.text("queries").unwrap_or_default());
    let queries = queries(form.text("queries"))?;
    if queries.len() > QUERIES_MOST {
        return Err(Refused::bad(format!("Too many queries in one batch (limit: {QUERIES_MOST})")));
    }
    let algorithm = parameters.text("algorithm").unwrap_or(BEST);
    let answers = tokio::task::block_in_place(|| {
        let one = |(name, query): (&String, &ReconQuery)| {
            let entity = example(query).read().map_err(Refused::bad)?;
            Algorithm::named(algorithm)?;
            let limit = usize::try_from(query.limit).unwrap_or(0);
            let question = Question { limit, threshold: MATCH, cutoff: Score(0), scope: &scope };
            let (_, found) = answered(service, &lists, &entity, &question);
            let candidate = |scored: &super::matching::ScoredEntity<'_>| candidate(&lists, scored);
            let result: Vec<Value> = found.iter().filter_map(candidate).collect();
            Ok((name.clone(), json!({ "result": result })))
        };
        queries.iter().map(one).collect::<Result<BTreeMap<String, Value>, Refused>>()
    })?;
    Ok(([("x-batch-size", queries.len().to_string())], Json(answers)).into_response())
}

fn candidate(lists: &Lists, scored: &super::matching::ScoredEntity<'_>) -> Option<Value> {
    let listed = lists.get(&EntityId::new(scored.entity.id).ok()?)?;
    let schema = listed.entity().schema;
    let candidate = Candidate {
        id: scored.entity.id,
        name: scored.entity.caption,
        description: schema.label(),
        r#type: [FreebaseType::of(schema)],
        score: scored.score,
        r#match: scored.r#match,
    };
    serde_json::to_value(candidate).ok()
}

/// Why a form is refused, in the shape that its readers expect.
fn invalid(title: &str, kind: &str, message: &str, input: Option<&str>) -> Refused {
    let fault = json!({
        "type": kind, "loc": [], "msg": message, "input": input,
        "url": format!("https://errors.pydantic.dev/2.14/v/{kind}"),
    });
    Refused::Body(StatusCode::BAD_REQUEST, json!({ "detail": title, "errors": [fault] }))
}

fn queries(text: Option<&str>) -> Result<BTreeMap<String, ReconQuery>, Refused> {
    let title = "RootModel[Dict[str, FreebaseReconQuery]]";
    let Some(text) = text else {
        return Err(invalid(title, "json_type", "JSON input should be string, bytes or bytearray", None));
    };
    serde_json::from_str(text).map_err(|error| {
        let kind = if error.is_data() { "model_type" } else { "json_invalid" };
        invalid(title, kind, &format!("Invalid JSON: {error}"), Some(text))
    })
}

fn example(query: &ReconQuery) -> EntityExample {
    let schema = match &query.r#type {
        Some(OneOrMany::One(name)) => name.clone(),
        Some(OneOrMany::Many(names)) => names.first().cloned().unwrap_or_else(|| BASE.into()),
        None => BASE.into(),
    };
    let mut properties: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    if let Some(text) = &query.query {
        properties.entry("name".into()).or_default().push(json!(text));
    }
    for property in &query.properties {
        // `Person:birthDate`, or the name alone.
        let name = property.pid.split_once(':').map_or(property.pid.as_str(), |(_, name)| name);
        properties.entry(name.into()).or_default().push(property.v.clone());
    }
    let properties = properties.into_iter().map(|(name, values)| (name, Value::Array(values))).collect();
    EntityExample { id: None, schema, properties }
}

/// The values of properties of entries that are known by id.
fn extended(lists: &Lists, text: &str) -> Result<(usize, Value), Refused> {
    let query: Value =
        serde_json::from_str(text).map_err(|_| Refused::bad("Cannot decode extension request"))?;
    let query: ExtendQuery = serde_json::from_value(query)
        .map_err(|error| invalid("FreebaseExtendQuery", "model_type", &error.to_string(), None))?;
    if query.ids.len() > QUERIES_MOST {
        return Err(Refused::bad(format!("Too many queries in one batch (limit: {QUERIES_MOST})")));
    }
    let (mut metas, mut rows) = (Vec::new(), serde_json::Map::new());
    for id in &query.ids {
        let listed = EntityId::new(id).ok().and_then(|id| lists.get(&id));
        if listed.is_none() && tokio::task::block_in_place(|| lists.referent(id)).is_some() {
            return Err(Refused::bad("Please specify the canonical entity ID, not a referent"));
        }
        let row = listed.map(|listed| row(listed, &query.properties, &mut metas));
        rows.insert(id.clone(), Value::Object(row.unwrap_or_default()));
    }
    let metas: Vec<Value> = metas.into_iter().map(|(_, meta)| meta).collect();
    Ok((rows.len(), json!({ "meta": metas, "rows": rows })))
}

fn row(
    listed: &Listed,
    asked: &[ExtendProperty],
    metas: &mut Vec<(String, Value)>,
) -> serde_json::Map<String, Value> {
    let mut row = serde_json::Map::new();
    for ask in asked {
        let Some(property) = listed.entity().schema.property(&ask.id) else { continue };
        if metas.iter().all(|(id, _)| *id != ask.id) {
            metas.push((ask.id.clone(), json!({ "id": property.name, "name": property.label })));
        }
        let most = if ask.settings.limit == 0 { usize::MAX } else { ask.settings.limit };
        let shown = |value: &String| {
            let caption =
                property.value_type().caption(value).filter(|_| ask.settings.render == Render::Caption);
            json!({ "str": caption.unwrap_or(value) })
        };
        let values: Vec<Value> =
            listed.entity().values(&property.name).iter().take(most).map(shown).collect();
        row.insert(ask.id.clone(), Value::Array(values));
    }
    row
}

/// Entries whose names begin so.
pub(crate) async fn suggest_entity(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
    Extension(looked): Extension<Looked>,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let mut parameters = Parameters::of(query.as_deref());
    let limit = parameters.integer("limit", 10, 500);
    parameters.checked()?;
    let scope = Scope::dataset(&lists, &dataset)?;
    let prefix = parameters.text("prefix").unwrap_or("").to_owned();
    looked.query(&prefix);
    let wanted = |listed: &Listed| scope.holds(listed);
    let question = Search {
        query: &Query::beginning(&prefix),
        wanted: &wanted,
        sort: &[],
        facets: &[],
        offset: 0,
        limit,
    };
    let found = tokio::task::block_in_place(|| lists.search(&question));
    let suggested = |listed: &&std::sync::Arc<Listed>| {
        let schema = listed.entity().schema;
        json!({
            "id": listed.entity().id, "name": listed.caption(), "description": schema.label(),
            "type": [FreebaseType::of(schema)],
        })
    };
    Ok(manifest::suggested(&prefix, &found.page.iter().map(suggested).collect::<Vec<_>>()))
}
