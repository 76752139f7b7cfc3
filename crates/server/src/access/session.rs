//! `/v1/session`: log in, log out, who am I; and the change of one's own password.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use lookback::access::{may, permissions};
use lookback::model::{AccountName, KnownAt, Proof, ReviewRole};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::{Who, note_access, other_site, session_cookie};
use super::keeper::{Live, NoLogin};
use super::limit::Rate;
use super::{Access, Terms, origin};
use crate::problem::Problem;
use crate::routes::{Route, Rule};
use crate::service::{Caller, Service};
use crate::v1::Sent;

/// A person mistypes a few times; a program that guesses is slowed to one try in three seconds from one address.
const LOGINS: Rate = Rate { burst: 20, each_micros: 3_000_000 };

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/session", Rule::Open, "Log in", log_in).takes::<LogIn>().gives::<Me>(),
        Route::get("/v1/session", Rule::Known, "Who asks, and what they may do", who_am_i).gives::<Me>(),
        Route::delete("/v1/session", Rule::Known, "Log out", log_out).gives_nothing(),
        Route::put("/v1/session/password", Rule::Known, "Change one's own password", change_password)
            .takes::<ChangePassword>()
            .gives::<Me>(),
    ]
}

/// A log-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    /// The account.
    account: String,
    /// Its password.
    password: String,
    /// For what, where a request of the session does not say.
    purpose: Option<String>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    /// The password up to now.
    password: String,
    /// The password from now on.
    new_password: String,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
struct Me {
    /// The account; none in a store without accounts.
    account: Option<String>,
    /// Whose it is.
    person: Option<String>,
    /// How they showed it.
    proof: &'static str,
    /// The roles of the account.
    #[schema(value_type = Vec<String>)]
    roles: Vec<ReviewRole>,
    /// What they may do: words of the table of permissions.
    permissions: Vec<&'static str>,
    /// For what, where a request does not say.
    purpose: Option<String>,
    /// What to send in `x-csrf-token` with whatever changes something; only with a session.
    csrf_token: Option<String>,
    /// When the session ends if it is not used, or the key.
    #[schema(value_type = Option<String>)]
    expires_at: Option<KnownAt>,
}

async fn log_in(
    State(service): State<Service>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Sent(body): Sent<LogIn>,
) -> Result<Response, Problem> {
    let access = service.access();
    if !origin::is_own(&headers, &access.terms) {
        return Err(other_site());
    }
    slow_down(access, address.map(|Extension(ConnectInfo(address))| address))?;
    let wrong = || {
        let detail = "there is no such account with this password";
        Problem::new(StatusCode::UNAUTHORIZED, "wrong_password", detail)
    };
    let account = AccountName::new(&body.account).ok_or_else(wrong)?;
    match access.check_password(account.clone(), body.password).await {
        Ok(()) => {}
        Err(NoLogin::Wrong) => {
            tracing::warn!(%account, "a log-in failed");
            return Err(wrong());
        }
        Err(NoLogin::Wait(seconds)) => return Err(Problem::too_often(seconds)),
        Err(NoLogin::Failed(error)) => return Err(error.into()),
    }
    if !access.standings.now(&service).await?.open.contains_key(&account) {
        return Err(wrong());
    }
    let live = begin(&service, account, body.purpose, &headers, "log in").await?;
    logged_in(&service, live).await
}

/// Takes a log-in from those that an address has.
pub(super) fn slow_down(access: &Access, address: Option<SocketAddr>) -> Result<(), Problem> {
    let Some(address) = address else { return Ok(()) };
    let mut logins = access.logins.lock().unwrap_or_else(PoisonError::into_inner);
    logins.take(&address.ip(), LOGINS, access.keeper.now().micros()).map_err(Problem::too_often)
}

/// Answers with who they are, and the cookie of their session.
async fn logged_in(service: &Service, live: Live) -> Result<Response, Problem> {
    let cookie = set_cookie(&service.access().terms, live.secret.reveal(), None);
    let me = me(service, &Who::Session(Arc::new(live))).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(me)).into_response())
}

/// Begins a session of somebody who showed who they are.
pub(super) async fn begin(
    service: &Service,
    account: AccountName,
    purpose: Option<String>,
    headers: &HeaderMap,
    how: &str,
) -> Result<Live, Problem> {
    let access = service.access();
    let before = session_cookie(headers, &access.terms);
    let keeper = Arc::clone(&access.keeper);
    let begun = tokio::task::spawn_blocking(move || keeper.begin_session(account, purpose, before.as_ref()));
    let live = begun.await.map_err(|_| Problem::ours())??;
    let account = live.session.account.to_string();
    let caller = Caller { account, proof: Proof::Session, purpose: String::new(), break_glass: None };
    note_access(service, &caller, how.to_owned()).await?;
    Ok(live)
}

async fn who_am_i(
    State(service): State<Service>,
    Extension(who): Extension<Who>,
) -> Result<Json<Me>, Problem> {
    Ok(Json(me(&service, &who).await?))
}

async fn me(service: &Service, who: &Who) -> Result<Me, Problem> {
    let standings = service.access().standings.now(service).await?;
    let standing = who.account().and_then(|account| standings.open.get(account));
    let roles: Vec<ReviewRole> =
        standing.iter().flat_map(|standing| standing.roles.iter().copied()).collect();
    let scoped = |word: &str| match who {
        Who::Key(key) => key.scope.is_empty() || key.scope.contains(word),
        Who::Anybody | Who::Session(_) => true,
    };
    let anybody = standing.is_none();
    let allowed = |word: &&'static str| scoped(word) && (anybody || may(roles.iter().copied(), word));
    let mut permissions: Vec<&'static str> = permissions().filter(allowed).collect();
    permissions.sort_unstable();
    permissions.dedup();
    let (proof, purpose, csrf_token, expires_at) = match who {
        Who::Anybody => (Proof::Asserted, None, None, None),
        Who::Key(key) => (Proof::ApiKey, key.purpose.clone(), None, Some(key.expires_at)),
        Who::Session(live) => {
            let token = live.csrf().reveal().to_owned();
            (Proof::Session, live.session.purpose.clone(), Some(token), Some(live.expires_at()))
        }
    };
    Ok(Me {
        account: who.account().map(ToString::to_string),
        person: standing.map(|standing| standing.person.to_string()),
        proof: proof.word(),
        roles,
        permissions,
        purpose,
        csrf_token,
        expires_at,
    })
}

async fn log_out(
    State(service): State<Service>,
    Extension(who): Extension<Who>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    let access = service.access();
    if let Who::Session(live) = &who {
        end(access, live).await?;
        note_access(&service, &caller, "log out".to_owned()).await?;
    }
    let cookie = set_cookie(&access.terms, "", Some(0));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn end(access: &Access, live: &Live) -> Result<(), Problem> {
    let (keeper, secret) = (Arc::clone(&access.keeper), live.secret.clone());
    let ended = tokio::task::spawn_blocking(move || keeper.end_session(&secret));
    Ok(ended.await.map_err(|_| Problem::ours())??)
}

async fn change_password(
    State(service): State<Service>,
    Extension(who): Extension<Who>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Sent(body): Sent<ChangePassword>,
) -> Result<Response, Problem> {
    let access = service.access();
    let Who::Session(live) = &who else { return Err(sessions_only()) };
    let account = live.session.account.clone();
    match access.check_password(account.clone(), body.password).await {
        Ok(()) => {}
        Err(NoLogin::Wrong) => {
            let detail = "this is not the password up to now";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_password", detail));
        }
        Err(NoLogin::Wait(seconds)) => return Err(Problem::too_often(seconds)),
        Err(NoLogin::Failed(error)) => return Err(error.into()),
    }
    let (keeper, of) = (Arc::clone(&access.keeper), account.clone());
    let set = tokio::task::spawn_blocking(move || keeper.set_password(&of, &body.new_password));
    set.await.map_err(|_| Problem::ours())??;
    note_access(&service, &caller, "change one's own password".to_owned()).await?;
    let purpose = live.session.purpose.clone();
    let live = begin(&service, account, purpose, &headers, "log in after a new password").await?;
    logged_in(&service, live).await
}

pub(crate) fn sessions_only() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "session", "this takes somebody who logged in, not a key")
}

/// The cookie of a session: not for scripts, not for other sites, and by TLS alone where there is TLS.
pub(super) fn set_cookie(terms: &Terms, value: &str, max_age: Option<u32>) -> String {
    let name = terms.session_cookie();
    let secure = if terms.by_tls() { "; Secure" } else { "" };
    let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}
