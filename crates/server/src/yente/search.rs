//! `GET /search/{dataset}`: a text in, list entries that have its words out.

use std::collections::BTreeMap;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use lookback::lists::{Field, Found, Lists, Query, Search, Syntax};
use lookback::model::{DatasetName, Schema, ValueType};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::example::BASE;
use super::page::{Page, order};
use super::parameters::Parameters;
use super::scope::{Operator, Scope, Selection};
use super::wire::{EntityResponse, Refused, Total};
use crate::access::Looked;
use crate::service::Service;

/// What can be counted.
const FACETS: [&str; 6] = ["datasets", "schema", "countries", "identifiers", "topics", "genders"];
/// What is counted when nothing is said.
const DEFAULT_FACETS: [&str; 3] = ["countries", "topics", "datasets"];

/// What `/search` takes in its query.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query; `search` reads it")]
pub(crate) struct SearchParameters {
    /// Words, phrases, `field:value`, `AND`, `OR`, `NOT`, ranges; all entries if empty.
    q: Option<String>,
    /// Only entries that may be of this schema.
    schema: Option<String>,
    /// Only entries of these datasets.
    include_dataset: Option<Vec<String>>,
    /// No entries of these.
    exclude_dataset: Option<Vec<String>>,
    /// No entries of these schemata.
    exclude_schema: Option<Vec<String>>,
    /// Only entries that changed since.
    changed_since: Option<String>,
    /// Only entries of these countries, by code.
    countries: Option<Vec<String>>,
    /// Only entries with these topics.
    topics: Option<Vec<String>>,
    /// Only entries of these datasets, as a facet.
    datasets: Option<Vec<String>>,
    /// `field:value`.
    filter: Option<Vec<String>>,
    /// Only entries that carry a risk, or none of them.
    target: Option<bool>,
    /// Whether a `~` after a word stands for words close to it.
    fuzzy: Option<bool>,
    /// Whether the text is what anybody types into a box, and never wrong.
    simple: Option<bool>,
    /// Which fields to count values of.
    facets: Option<Vec<String>>,
    /// Whether several filters on one field mean all (`AND`) or any (`OR`).
    filter_op: Option<String>,
}

/// The answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchResponse<'a> {
    limit: usize,
    offset: usize,
    total: Total,
    results: Vec<EntityResponse<'a>>,
    facets: BTreeMap<&'static str, SearchFacet>,
}

/// Counts of the values of one field.
#[derive(Serialize, ToSchema)]
struct SearchFacet {
    label: String,
    values: Vec<SearchFacetItem>,
}

/// One value.
#[derive(Serialize, ToSchema)]
struct SearchFacetItem {
    name: String,
    label: String,
    count: usize,
}

pub(crate) async fn search(
    State(service): State<Service>,
    Path(dataset): Path<String>,
    RawQuery(query): RawQuery,
    Extension(looked): Extension<Looked>,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let mut parameters = Parameters::of(query.as_deref());
    let page = Page::of(&mut parameters);
    let simple = parameters.flag("simple").unwrap_or(false);
    let syntax = if parameters.flag("fuzzy").unwrap_or(false) { Syntax::Fuzzy } else { Syntax::Exact };
    let target = parameters.flag("target");
    let operator = parameters.word("filter_op", &["AND", "OR"]);
    let counted = parameters.words("facets", &FACETS).unwrap_or_else(|| DEFAULT_FACETS.to_vec());
    let selection = Selection::of(&mut parameters);
    parameters.checked()?;

    let mut scope = Scope::of(&lists, &dataset, selection)?;
    let schema = parameters.text("schema").unwrap_or(BASE);
    scope.schema(Schema::named(schema).ok_or_else(|| Refused::bad("Invalid schema"))?);
    for field in ["countries", "topics", "datasets"] {
        scope.filter(Field::named(field), parameters.list(field));
    }
    for filter in parameters.list("filter") {
        let Some((field, value)) = filter.split_once(':') else {
            return Err(Refused::bad(format!("Invalid filter: '{filter}'")));
        };
        scope.filter(Field::named(field), vec![value.to_owned()]);
    }
    scope.filter(Field::named("target"), target.map(|target| target.to_string()).into_iter().collect());
    scope.operator(if operator == Some("AND") { Operator::And } else { Operator::Or });
    let text = parameters.text("q").unwrap_or("").trim();
    looked.query(text);
    let asked = match text {
        "" => Ok(Query::all()),
        _ if simple => Query::simple(text),
        _ => Query::parse(text, syntax),
    };
    let asked = asked.map_err(|error| Refused::bad(format!("Search error: {error}")))?;
    let fields: Vec<Field> = counted.iter().filter_map(|name| Field::named(name)).collect();
    let sort = order(&parameters)?;
    let (limit, offset) = (page.limit, page.offset);
    let question = Search {
        query: &asked,
        wanted: &|listed| scope.holds(listed),
        sort: &sort,
        facets: &fields,
        offset,
        limit,
    };
    let found = tokio::task::block_in_place(|| lists.search(&question));
    let answer = answer(&lists, &found, &counted, &page);
    Ok(Json(answer).into_response())
}

fn answer<'a>(lists: &Lists, found: &Found<'a>, counted: &[&'static str], page: &Page) -> SearchResponse<'a> {
    let results = found.page.iter().map(|listed| EntityResponse::of(lists, listed)).collect();
    let facet = |(name, counts): (&&'static str, &Vec<(String, usize)>)| {
        let (label, captions) = naming(name);
        let item = |(value, count): &(String, usize)| {
            let label = captions(lists, value).unwrap_or_else(|| value.clone());
            SearchFacetItem { name: value.clone(), label, count: *count }
        };
        (*name, SearchFacet { label, values: counts.iter().map(item).collect() })
    };
    let facets = counted.iter().zip(&found.facets).map(facet).collect();
    SearchResponse { limit: page.limit, offset: page.offset, total: Total::of(found.total), results, facets }
}

type Caption = Box<dyn Fn(&Lists, &str) -> Option<String>>;

/// What a facet is called, and what its values are.
fn naming(facet: &str) -> (String, Caption) {
    match facet {
        "datasets" => {
            let title =
                |lists: &Lists, name: &str| lists.datasets().get(&DatasetName::new(name)?)?.title.clone();
            ("Data sources".to_owned(), Box::new(title))
        }
        "schema" => {
            let plural = |_: &Lists, name: &str| Schema::named(name).map(|schema| schema.plural().to_owned());
            ("Entity types".to_owned(), Box::new(plural))
        }
        _ => {
            let of = ValueType::of_group(facet);
            let label = of.map_or(facet, |of| of.plural.as_str()).to_owned();
            (label, Box::new(move |_, value| of?.caption(value).map(str::to_owned)))
        }
    }
}
