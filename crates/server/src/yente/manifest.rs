//! What a reconciliation client is told of a dataset: how to ask, which types there are, which properties.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use lookback::lists::Lists;
use lookback::model::{Property, Schema};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::example::BASE;
use super::parameters::Parameters;
use super::scope::Scope;
use super::wire::Refused;
use crate::service::Service;

/// 5: a list under a text field shows no more.
const SUGGESTIONS_MOST: usize = 5;
/// That of yente: a table that was reconciled with the one goes on with the other.
const SPACE: &str = "https://www.opensanctions.org/reference/#schema";

/// A manifest of the reconciliation interface 0.2.
#[derive(ToSchema)]
#[schema(as = FreebaseManifest, value_type = Object)]
#[expect(dead_code, reason = "it describes an answer")]
pub(crate) struct Manifest(Value);

/// Suggestions.
#[derive(ToSchema)]
#[schema(as = FreebaseSuggestResponse)]
#[expect(dead_code, reason = "it describes an answer")]
pub(crate) struct SuggestResponse {
    code: String,
    status: String,
    prefix: String,
    #[schema(value_type = Vec<Object>)]
    result: Vec<Value>,
}

/// Properties that a type can be extended by.
#[derive(ToSchema)]
#[schema(as = FreebaseExtendPropertiesResponse)]
#[expect(dead_code, reason = "it describes an answer")]
pub(crate) struct ExtendResponse {
    limit: usize,
    r#type: String,
    #[schema(value_type = Vec<Object>)]
    properties: Vec<Value>,
}

/// What suggestions are asked with.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query")]
pub(crate) struct PrefixParameters {
    /// How they begin.
    prefix: Option<String>,
    /// How many.
    #[param(maximum = 500)]
    limit: Option<usize>,
}

/// What properties of a type are asked with.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query")]
pub(crate) struct ExtendParameters {
    /// The schema.
    r#type: Option<String>,
    /// How many; 0 for all.
    limit: Option<usize>,
}

/// A type of entries.
#[derive(Serialize)]
pub(crate) struct FreebaseType {
    id: &'static str,
    name: &'static str,
    description: &'static str,
}

impl FreebaseType {
    /// A schema as a type.
    pub(crate) fn of(schema: Schema) -> Self {
        let description = schema.description().unwrap_or(schema.label());
        Self { id: schema.name(), name: schema.plural(), description }
    }
}

/// The manifest of a dataset.
pub(crate) fn of(lists: &Lists, scope: &Scope, dataset: &str, host: &str, query: Option<&str>) -> Value {
    let named = lists.datasets().iter().find(|(name, _)| name.as_str() == dataset);
    let title = named.and_then(|(_, of)| of.title.as_deref()).unwrap_or(dataset);
    let base = format!("http://{host}/reconcile/{dataset}");
    let query = query.map(str::trim).filter(|query| !query.is_empty());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let service = |path: &str| json!({ "service_url": base, "service_path": format!("{path}{query}") });
    let types: Vec<FreebaseType> = types(lists, scope).into_iter().map(FreebaseType::of).collect();
    json!({
        "versions": ["0.2"],
        "name": format!("{title} (lookback)"),
        "identifierSpace": SPACE,
        "schemaSpace": SPACE,
        "documentation": "https://reconciliation-api.github.io/specs/0.2/",
        "batchSize": 3,
        "view": { "url": format!("http://{host}/entities/{{{{id}}}}") },
        "preview": { "url": format!("http://{host}/entities/{{{{id}}}}"), "width": 430, "height": 600 },
        "suggest": {
            "entity": service("/suggest/entity"),
            "type": service("/suggest/type"),
            "property": service("/suggest/property"),
        },
        "extend": {
            "propose_properties": service("/extend/property"),
            "propose_settings": [
                {
                    "name": "limit", "label": "Limit", "type": "number", "default": 0,
                    "help_text": "Maximum number of values to return per row (0 for no limit).", "choices": [],
                },
                {
                    "name": "render", "label": "Value rendering", "type": "select", "default": "caption",
                    "help_text": "Return what people call a value instead of the value itself.",
                    "choices": [
                        { "id": "caption", "name": "What people call it" },
                        { "id": "raw", "name": "The value itself" },
                    ],
                },
            ],
        },
        "defaultTypes": types,
    })
}

/// The schemata of a dataset that can be matched, with those that they descend from.
fn types(lists: &Lists, scope: &Scope) -> Vec<Schema> {
    let here = lists.all().filter(|listed| scope.holds(listed)).map(|listed| listed.entity().schema);
    let mut types: Vec<Schema> = here.collect();
    types.sort_unstable();
    types.dedup();
    let mut types: Vec<Schema> =
        types.into_iter().filter(|schema| schema.matchable()).flat_map(Schema::lineage).collect();
    types.sort_unstable();
    types.dedup();
    types
}

/// A list of suggestions.
pub(crate) fn suggested(prefix: &str, result: &[Value]) -> Response {
    Json(json!({ "code": "/api/status/ok", "status": "200 OK", "prefix": prefix, "result": result }))
        .into_response()
}

fn begins(prefix: &str, labels: [&str; 2]) -> bool {
    let prefix = prefix.trim().to_lowercase();
    !prefix.is_empty() && labels.iter().any(|label| label.trim().to_lowercase().starts_with(&prefix))
}

/// Types whose names begin so.
pub(crate) async fn suggest_type(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    suggest(&service, &dataset, query.as_deref(), |prefix, types| {
        let types = types.into_iter().filter(|schema| begins(prefix, [schema.name(), schema.label()]));
        types.take(SUGGESTIONS_MOST).map(|schema| json!(FreebaseType::of(schema))).collect()
    })
}

/// Properties whose names begin so.
pub(crate) async fn suggest_property(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    suggest(&service, &dataset, query.as_deref(), |prefix, types| {
        let properties =
            types.into_iter().flat_map(|of| of.properties().filter(move |property| property.of == of));
        let shown = properties.filter(|property| !property.hidden && !property.names_entities());
        let named = shown.filter(|property| begins(prefix, [&property.name, &property.label]));
        let suggestion = |property: &Property| json!({ "id": property.qualified_name(), "name": property.label, "description": property.description });
        named.take(SUGGESTIONS_MOST).map(suggestion).collect()
    })
}

/// What is suggested for a prefix, of the types that a dataset has.
fn suggest(
    service: &Service,
    dataset: &str,
    query: Option<&str>,
    of: impl FnOnce(&str, Vec<Schema>) -> Vec<Value>,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let scope = Scope::dataset(&lists, dataset)?;
    let parameters = Parameters::of(query);
    let prefix = parameters.text("prefix").unwrap_or("");
    let types = tokio::task::block_in_place(|| types(&lists, &scope));
    Ok(suggested(prefix, &of(prefix, types)))
}

/// Properties that a type can be extended by.
pub(crate) async fn extend_property(
    Path(_dataset): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let mut parameters = Parameters::of(query.as_deref());
    let limit = parameters.integer("limit", 0, i64::MAX);
    parameters.checked()?;
    let name = parameters.text("type").unwrap_or(BASE);
    let schema = Schema::named(name).ok_or_else(|| Refused::bad(format!("Invalid type: {name}")))?;
    let featured = schema.featured().iter().filter_map(|name| schema.property(name));
    let others = schema.properties().filter(|property| {
        !property.hidden && !property.names_entities() && !schema.featured().contains(&property.name)
    });
    let most = if limit == 0 { usize::MAX } else { limit };
    let mut properties: Vec<(&str, &str)> = featured
        .chain(others)
        .map(|property| (property.label.as_str(), property.name.as_str()))
        .take(most)
        .collect();
    properties.sort_unstable();
    let properties: Vec<Value> =
        properties.iter().map(|(label, id)| json!({ "id": id, "name": label })).collect();
    Ok(Json(json!({ "limit": limit, "type": schema.name(), "properties": properties })).into_response())
}
