//! `GET /catalog` and `/manifest`: which lists there are and of when; `POST /updatez`.
//!
//! Always holds: lists are never outdated, since what is answered from is what was last committed. The entity tag is of the commit.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lookback::lists::{Lists, seconds};
use lookback::model::{Proof, Role};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::parameters::Parameters;
use super::wire::Refused;
use crate::ops::StatusResponse;
use crate::problem::Problem;
use crate::service::{Caller, Service};

/// All lists.
#[derive(Serialize, ToSchema)]
pub(crate) struct DataCatalogModel {
    datasets: Vec<Dataset>,
    current: Vec<String>,
    outdated: Vec<String>,
    index_stale: bool,
}

/// One list.
#[derive(Serialize, ToSchema)]
#[schema(as = YenteDatasetModel)]
#[expect(clippy::struct_excessive_bools, reason = "yente has a flag for each")]
struct Dataset {
    name: String,
    title: String,
    license: Option<String>,
    summary: Option<String>,
    description: Option<String>,
    url: Option<String>,
    /// When it last changed here.
    updated_at: Option<String>,
    last_export: Option<String>,
    entity_count: u64,
    thing_count: u64,
    /// The time of the last change, in digits alone.
    version: String,
    category: Option<String>,
    tags: Vec<String>,
    #[schema(value_type = Option<Object>)]
    publisher: Option<()>,
    #[schema(value_type = Option<Object>)]
    coverage: Option<()>,
    resources: Vec<String>,
    children: Vec<String>,
    deprecation: Option<String>,
    deprecated: bool,
    load: bool,
    /// Lists are brought here, not fetched: there is no place to name.
    entities_url: Option<String>,
    delta_url: Option<String>,
    namespace: bool,
    index_version: String,
    index_current: bool,
}

pub(crate) async fn catalog(State(service): State<Service>, headers: HeaderMap) -> Response {
    let lists = service.lists();
    let tag = format!("\"{}\"", lists.seq());
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known =
        known.flat_map(|value| value.split(',')).map(|value| value.trim().trim_start_matches("W/"));
    if known.any(|known| known == tag || known == "*") {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    ([(header::ETAG, tag)], Json(described(&lists))).into_response()
}

fn described(lists: &Lists) -> DataCatalogModel {
    let mut datasets = Vec::new();
    for (name, listed) in lists.datasets().iter().filter(|(_, of)| of.role == Role::List) {
        let changed = listed.changed.map(seconds);
        let digits = |time: &String| time.chars().filter(char::is_ascii_digit).collect::<String>();
        let version = changed.as_ref().map_or_else(|| "static".to_owned(), digits);
        datasets.push(Dataset {
            name: name.to_string(),
            title: listed.title.clone().unwrap_or_else(|| name.to_string()),
            license: None,
            summary: None,
            description: None,
            url: None,
            updated_at: changed,
            last_export: None,
            entity_count: listed.entities,
            thing_count: listed.things,
            index_version: version.clone(),
            version,
            category: None,
            tags: Vec::new(),
            publisher: None,
            coverage: None,
            resources: Vec::new(),
            children: Vec::new(),
            deprecation: None,
            deprecated: false,
            load: true,
            entities_url: None,
            delta_url: None,
            namespace: false,
            index_current: true,
        });
    }
    let current = datasets.iter().map(|dataset| dataset.name.clone()).collect();
    DataCatalogModel { datasets, current, outdated: Vec::new(), index_stale: false }
}

/// What `/updatez` takes.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query")]
pub(crate) struct UpdateParameters {
    /// What allows it.
    token: Option<String>,
    /// Whether to wait until the lists are those of the last commit.
    sync: Option<bool>,
}

/// Lists are brought by whoever may ingest, and follow the ledger by themselves. For whoever shows the token it is seen that they do: with
/// `sync` the answer comes when they are those of the last commit of now.
pub(crate) async fn update(
    State(service): State<Service>,
    RawQuery(query): RawQuery,
) -> Result<Json<StatusResponse>, Refused> {
    let mut parameters = Parameters::of(query.as_deref());
    let sync = parameters.flag("sync").unwrap_or(false);
    parameters.checked()?;
    let allowed = service.options().update_token.as_ref().zip(parameters.text("token"));
    if !allowed.is_some_and(|(own, token)| own.is(token)) {
        return Err(Refused::With(StatusCode::FORBIDDEN, "Invalid token.".into()));
    }
    let account = service.options().settings.actor.clone();
    let caller = Caller { account, proof: Proof::Asserted, purpose: String::new(), break_glass: None };
    let head = service.ask(&caller, |store| Ok(store.ledger().head()?.map_or(0, |head| head.seq))).await?;
    if sync {
        let mut commits = service.commits();
        commits.wait_for(|seq| *seq >= head).await.map_err(|_| Problem::ours())?;
    }
    Ok(Json(StatusResponse { status: "ok" }))
}
