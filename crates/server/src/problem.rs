//! What went wrong, in the two shapes that clients expect.
//!
//! In: an error of the façade or of a request. Out: a status and a body: `{"detail": …}` as yente has it, or problem details
//! (RFC 9457) on routes of our own. Always holds: no body repeats a name that was asked about; an error of ours is logged by its
//! place and not told.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lookback::review::Refusal;
use lookback::{Error, LedgerError};
use serde::Serialize;
use utoipa::ToSchema;

/// Problem details after RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem, for programs: `urn:lookback:` and a word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, and what to do about it.
    pub detail: String,
    /// Why a decision could not be taken, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Box<Refusal>>,
    /// After how many seconds to come back.
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem.
    pub fn new(status: StatusCode, word: &str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("error").to_owned();
        let (kind, detail) = (format!("urn:lookback:{word}"), detail.into());
        Self { kind, title, status: status.as_u16(), detail, refusal: None, retry_after: None }
    }

    /// Too much at once: the client is to come back.
    pub fn busy() -> Self {
        let busy = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "too much is being asked at once: try again in a second",
        );
        Self { retry_after: Some(1), ..busy }
    }

    /// It took too long. What was to be changed may still be.
    pub fn late() -> Self {
        let late = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "late",
            "this takes too long; what was to be changed may still be: look before trying again",
        );
        Self { retry_after: Some(10), ..late }
    }

    /// Something was done more often than it may be: the client is to come back in so many seconds.
    pub fn too_often(seconds: u64) -> Self {
        let detail = format!("this was asked too often: try again in {seconds} s");
        let often = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", detail);
        Self { retry_after: Some(seconds), ..often }
    }

    /// Nobody showed an account that is open, in a way that is good.
    pub fn unknown() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unknown",
            "log in, or send a key that is good in the header authorization: ApiKey KEY",
        )
    }

    /// A decision that cannot be taken, or a look that is not allowed.
    pub fn refused(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NoAccount { .. }
            | Refusal::NotAllowed { .. }
            | Refusal::SamePerson
            | Refusal::TakesTwo { .. }
            | Refusal::TookPart
            | Refusal::NotInAllCompartments => StatusCode::FORBIDDEN,
            Refusal::NoSuchAlert => StatusCode::NOT_FOUND,
            Refusal::WrongState { .. }
            | Refusal::Locked { .. }
            | Refusal::Stale { .. }
            | Refusal::NoSuchProposal
            | Refusal::NotUndoable
            | Refusal::OtherPerson
            | Refusal::LastAdministrator
            | Refusal::RolesConflict
            | Refusal::NoMerge => StatusCode::CONFLICT,
            Refusal::WrongReason { .. }
            | Refusal::NoNote
            | Refusal::MatchesOpen
            | Refusal::BadExpiry { .. }
            | Refusal::BadTime { .. }
            | Refusal::Capacity => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let detail = refusal.to_string();
        Self { refusal: Some(Box::new(refusal)), ..Self::new(status, "refused", detail) }
    }

    /// Nothing can be written now: the server tries again by itself.
    pub fn cannot_write() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "cannot_write",
            "nothing can be written now; what is stored can still be asked",
        )
    }

    /// It was done and stands, and the lists do not follow yet: the server goes on trying by itself.
    pub fn unseen() -> Self {
        let unseen = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unseen",
            "this is done and stands: do not send it again; questions about lists are answered as of before it until the server has caught up",
        );
        Self { retry_after: Some(1), ..unseen }
    }

    /// Something of ours failed. What, is in the log.
    pub fn ours() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server could not answer; the log says why",
        )
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, word) = match &error {
            Error::Usage(_) | Error::File(_) | Error::Policy(_) => (StatusCode::BAD_REQUEST, "request"),
            Error::Line { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "line"),
            Error::NotFound(_) | Error::Ledger(LedgerError::NoSuchHeld(_) | LedgerError::NoSuchRow(_)) => {
                (StatusCode::NOT_FOUND, "not_found")
            }
            Error::Ledger(LedgerError::RunsBack { .. } | LedgerError::Conflict { .. }) => {
                (StatusCode::CONFLICT, "conflict")
            }
            Error::Held { .. } => (StatusCode::CONFLICT, "held"),
            Error::Denied(refusal) => return Self::refused(refusal.clone()),
            Error::Ledger(LedgerError::Busy(_)) => return Self::busy(),
            Error::Ledger(LedgerError::Storage { .. }) | Error::Io(..) => {
                tracing::error!(%error, "nothing can be written");
                return Self::cannot_write();
            }
            Error::Ledger(_) | Error::Screening(_) => {
                tracing::error!(%error, "a request failed");
                return Self::ours();
            }
        };
        Self::new(status, word, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status(), self.retry_after);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
        }
        response
    }
}
