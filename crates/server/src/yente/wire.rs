//! What goes over the wire: entities and errors in yente's shapes.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lookback::lists::{Listed, Lists, seconds};
use lookback::model::{EntityId, Properties};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// The dataset in a path.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
pub(crate) struct DatasetPath {
    /// A dataset, or `default` for all lists.
    dataset: String,
}

/// An error.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorResponse {
    /// What went wrong.
    detail: String,
}

/// What was wrong with a request, each fault by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = HTTPValidationError)]
pub(crate) struct ValidationResponse {
    /// The faults.
    #[schema(value_type = Vec<Object>)]
    detail: Vec<Value>,
}

/// Why a request was not answered.
pub(crate) enum Refused {
    /// A status and what to say.
    With(StatusCode, String),
    /// The request is not of the form that was asked for.
    Invalid(Vec<Value>),
    /// The server could not, or may not.
    Problem(Problem),
    /// A status and a whole body.
    Body(StatusCode, Value),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Refused {
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::With(StatusCode::BAD_REQUEST, detail.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::With(status, detail) => (status, Json(json!({ "detail": detail }))).into_response(),
            Self::Problem(problem) => problem.into_response(),
            Self::Body(status, body) => (status, Json(body)).into_response(),
            Self::Invalid(faults) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": faults }))).into_response()
            }
        }
    }
}

/// An entity.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntityResponse<'a> {
    pub(crate) id: &'a str,
    /// What to call it.
    pub(crate) caption: &'a str,
    pub(crate) schema: &'static str,
    /// By property its values; where another entity is shown in place of its id, that.
    #[schema(value_type = BTreeMap<String, Vec<Value>>)]
    pub(crate) properties: Shown<'a>,
    pub(crate) datasets: [&'a str; 1],
    pub(crate) referents: Vec<&'a str>,
    pub(crate) target: bool,
    pub(crate) first_seen: Option<&'a str>,
    pub(crate) last_seen: Option<String>,
    pub(crate) last_change: Option<&'a str>,
}

/// Properties as they are stated, or with entities in place of their ids.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Shown<'a> {
    /// As they are stated.
    Stated(&'a Properties),
    /// With entities in place of ids.
    Nested(BTreeMap<&'a str, Vec<PropertyValue<'a>>>),
}

impl<'a> Shown<'a> {
    /// The properties, so that entities can be put in place of ids.
    pub(crate) fn nested(&mut self) -> &mut BTreeMap<&'a str, Vec<PropertyValue<'a>>> {
        if let Self::Stated(stated) = *self {
            let texts =
                |values: &'a Vec<String>| values.iter().map(|value| PropertyValue::Text(value)).collect();
            *self =
                Self::Nested(stated.iter().map(|(name, values)| (name.as_str(), texts(values))).collect());
        }
        match self {
            Self::Nested(nested) => nested,
            Self::Stated(_) => unreachable!("what was stated was turned over just now"),
        }
    }
}

/// A value of a property.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum PropertyValue<'a> {
    /// As it is stated.
    Text(&'a str),
    /// The entity whose id is stated.
    Entity(Box<EntityResponse<'a>>),
}

impl<'a> EntityResponse<'a> {
    /// An entity with the ids of those that it names.
    pub(crate) fn of(lists: &Lists, listed: &'a Listed) -> Self {
        let entity = listed.entity();
        // A publisher that says nothing of times is not made to: when a list was last seen is told of entries that are dated.
        let is_dated = listed.first_seen().is_some() || listed.published_change().is_some();
        let last_version = || lists.datasets().get(listed.dataset())?.changed.map(seconds);
        Self {
            id: entity.id.as_str(),
            caption: listed.caption(),
            schema: entity.schema.name(),
            properties: Shown::Stated(&entity.properties),
            datasets: [listed.dataset().as_str()],
            referents: listed.referents().iter().map(EntityId::as_str).collect(),
            target: listed.target(),
            first_seen: listed.first_seen(),
            last_seen: if is_dated { last_version() } else { None },
            last_change: listed.published_change(),
        }
    }
}

/// How many there are.
#[derive(Serialize, ToSchema)]
#[schema(as = TotalSpec)]
pub(crate) struct Total {
    value: usize,
    relation: &'static str,
}

impl Total {
    /// Exactly so many.
    pub(crate) fn of(value: usize) -> Self {
        Self { value, relation: "eq" }
    }
}
