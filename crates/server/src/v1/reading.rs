//! What a request says, read strictly: query, path, body and times; what cannot be read is a [`Problem`] that says where.
//!
//! Always holds: a problem does not repeat what was sent, which may be somebody's name.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use lookback::model::{KnownAt, PartialDate};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::Problem;
use crate::service::Service;

/// The parameters in a query. Repeated ones are lists; one that the route does not have is refused.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Service> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let read = serde_html_form::from_str(query);
        read.map(Self).map_err(|error| malformed("the query", &error.to_string()))
    }
}

/// What stands in the path.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Service> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, service).await;
        read.map(|Path(at)| Self(at)).map_err(|_| {
            Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at a path like this")
        })
    }
}

/// A body of JSON.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Service> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Problem> {
        let stated = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = stated.and_then(|stated| stated.split(';').next()).unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            let how = "send JSON, with `content-type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", how));
        }
        let bytes = bytes(request, service).await?;
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error| malformed("the body", &error.to_string()))
    }
}

/// The whole body.
pub(super) async fn bytes(request: Request<Body>, service: &Service) -> Result<Bytes, Problem> {
    Bytes::from_request(request, service).await.map_err(|rejected| {
        let status = rejected.status();
        let why = match status {
            StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than this server takes",
            _ => "the body broke off",
        };
        Problem::new(status, "body", why)
    })
}

/// That a part of the request is not of the form that the route takes.
fn malformed(part: &str, error: &str) -> Problem {
    let detail = format!("{part} is not of the form that this route takes: {}", without_value(error));
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

/// A message of a reader, without the value that it read.
fn without_value(error: &str) -> String {
    for began in ["invalid type: ", "invalid value: "] {
        let Some(at) = error.find(began) else { continue };
        let (before, rest) = error.split_at(at + began.len() - 2);
        if let Some(expected) = rest.rfind(", expected ") {
            return format!("{before}{}", &rest[expected..]);
        }
    }
    match error.find("unknown variant `") {
        Some(at) => match error.rfind("`, expected ") {
            Some(expected) => format!("{}unknown word{}", &error[..at], &error[expected + 1..]),
            None => format!("{}unknown word", &error[..at]),
        },
        None => error.to_owned(),
    }
}

/// The time of a question: an instant, or a day meaning everything known up to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsOf(pub(super) KnownAt);

impl AsOf {
    /// The time, or after everything.
    pub(super) fn or_now(time: Option<Self>) -> KnownAt {
        time.map_or(KnownAt::MAX, |AsOf(known_at)| known_at)
    }
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = |_| D::Error::custom("a time is an instant 2031-01-15T08:30:00Z or a day 2031-01-15");
        KnownAt::parse_as_of(&text).map(Self).map_err(wrong)
    }
}

fn text(format: KnownFormat) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)))
}

impl PartialSchema for AsOf {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new().item(text(KnownFormat::DateTime)).item(text(KnownFormat::Date)).into()
    }
}

impl ToSchema for AsOf {}

/// How many at most: up to a thousand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit(pub(super) usize);

/// An answer of so many rows is well below a megabyte.
const LIMIT_MAX: usize = 1_000;

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limit = usize::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("a limit is at most {LIMIT_MAX}"));
        (limit <= LIMIT_MAX).then_some(Self(limit)).ok_or_else(wrong)
    }
}

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        number.minimum(Some(0)).maximum(Some(LIMIT_MAX)).into()
    }
}

impl ToSchema for Limit {}

/// A time in the world: a year, a month or a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValidAt(pub(super) PartialDate);

impl<'de> Deserialize<'de> for ValidAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom("a date is YYYY, YYYY-MM or YYYY-MM-DD"))
    }
}

impl PartialSchema for ValidAt {
    fn schema() -> RefOr<Schema> {
        let month =
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[12][0-9]{3}(-(0[1-9]|1[0-2]))?$"));
        AnyOfBuilder::new().item(text(KnownFormat::Date)).item(month).into()
    }
}

impl ToSchema for ValidAt {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_repeats_no_value_that_was_sent() {
        let said = |error: &str, expected: &str| assert_eq!(without_value(error), expected, "{error}");
        said(
            "invalid type: string \"Orlan, expected Veska\", expected u32 at line 1 column 9",
            "invalid type, expected u32 at line 1 column 9",
        );
        said("unknown variant `Orlan`, expected one of `a`, `b`", "unknown word, expected one of `a`, `b`");
        said("missing field `note` at line 1 column 2", "missing field `note` at line 1 column 2");
    }
}
