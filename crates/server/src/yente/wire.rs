//! What goes over the wire: entities and errors in yente's shapes.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lookback::lists::Listed;
use lookback::model::Properties;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

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
    #[schema(value_type = std::collections::BTreeMap<String, Vec<Object>>)]
    pub(crate) properties: &'a Properties,
    pub(crate) datasets: [&'a str; 1],
    pub(crate) referents: Vec<&'a str>,
    pub(crate) target: bool,
    pub(crate) first_seen: Option<String>,
    pub(crate) last_seen: Option<String>,
    pub(crate) last_change: Option<String>,
}

impl<'a> EntityResponse<'a> {
    pub(crate) fn of(listed: &'a Listed) -> Self {
        let entity = listed.entity();
        Self {
            id: entity.id.as_str(),
            caption: entity.first("name").unwrap_or(entity.schema.name()),
            schema: entity.schema.name(),
            properties: &entity.properties,
            datasets: [listed.dataset().as_str()],
            referents: Vec::new(),
            target: false,
            first_seen: None,
            last_seen: None,
            last_change: None,
        }
    }
}
