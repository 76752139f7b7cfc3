//! Log-in by an identity provider: OIDC, authorization code with PKCE.
//!
//! In: a browser that wants to log in, and comes back with a code. Out: a session of the account that an administrator linked to whom the
//! provider named. Always holds: a code is taken only from the browser that began (cookie), once (state), for this log-in (nonce, PKCE),
//! from this provider; nobody gets an account that was not linked.

mod token;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, Request, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use lookback::model::Digest;
use serde::Deserialize;
use utoipa::IntoParams;

use super::guard::cookie;
use super::secret::Secret;
use super::{Access, session};
use crate::outgoing;
use crate::problem::Problem;
use crate::routes::{Route, Rule};
use crate::service::Service;
use token::{Expected, Keys};

/// An identity provider, and what this server is to it.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// As in its discovery document.
    pub issuer: String,
    /// How it calls this server.
    pub client: String,
    /// What this server shows it; none where PKCE is enough for it.
    pub secret: Option<Secret>,
    /// The claim that is linked to accounts.
    pub claim: String,
}

/// Whoever began to log in has ten minutes to come back.
const BEGUN_SECONDS: i64 = 600;
/// So many are under way; past it the next is told to come back.
const BEGUN_MOST: usize = 1_000;
/// The cookie of the browser that began.
const COOKIE: &str = "lookback-oidc";
const CALLBACK: &str = "/v1/session/oidc/callback";

/// A log-in that was begun.
struct Begun {
    browser: Digest,
    nonce: Secret,
    verifier: Secret,
    redirect: String,
    /// Microseconds.
    at: i64,
}

/// Log-ins that were begun, by the digest of their state.
#[derive(Default)]
pub(crate) struct AllBegun(Mutex<HashMap<Digest, Begun>>);

impl AllBegun {
    fn add(&self, state: &Secret, begun: Begun) -> Result<(), Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, other| is_fresh(other.at, begun.at));
        if all.len() >= BEGUN_MOST {
            return Err(Problem::busy());
        }
        all.insert(state.digest(), begun);
        Ok(())
    }

    fn take(&self, state: &str, now: i64) -> Option<Begun> {
        let begun =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&Secret::shown(state).digest());
        begun.filter(|begun| is_fresh(begun.at, now))
    }
}

fn is_fresh(at: i64, now: i64) -> bool {
    now.saturating_sub(at) < BEGUN_SECONDS * 1_000_000
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/session/oidc", Rule::Open, "Log in by the identity provider: leads there", begin),
        Route::get(CALLBACK, Rule::Open, "Where the identity provider leads back to", come_back)
            .query::<CameBack>(),
    ]
}

/// What a provider says of itself.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Given {
    id_token: String,
}

async fn begin(
    State(service): State<Service>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let access = service.access();
    let oidc = provider(access)?;
    session::slow_down(access, address.map(|Extension(ConnectInfo(address))| address))?;
    let discovered = discover(oidc).await?;
    let [state, nonce, verifier, browser] =
        [Secret::new("")?, Secret::new("")?, Secret::new("")?, Secret::new("")?];
    let redirect = redirect(access, &headers)?;
    let query = form(&[
        ("response_type", "code"),
        ("client_id", &oidc.client),
        ("redirect_uri", &redirect),
        ("scope", "openid email profile"),
        ("state", state.reveal()),
        ("nonce", nonce.reveal()),
        ("code_challenge", &challenge(&verifier)),
        ("code_challenge_method", "S256"),
    ]);
    let mark = if discovered.authorization_endpoint.contains('?') { '&' } else { '?' };
    let to = format!("{}{mark}{query}", discovered.authorization_endpoint);
    // Lax, since the provider's page leads back here; the session's own cookie is strict.
    let secure = if access.terms.by_tls() { "; Secure" } else { "" };
    let kept = format!(
        "{COOKIE}={}; Path={CALLBACK}; HttpOnly; SameSite=Lax; Max-Age={BEGUN_SECONDS}{secure}",
        browser.reveal()
    );
    let at = access.keeper.now().micros();
    access.begun.add(&state, Begun { browser: browser.digest(), nonce, verifier, redirect, at })?;
    Ok((StatusCode::FOUND, [(header::LOCATION, to), (header::SET_COOKIE, kept)]).into_response())
}

/// What a provider leads back with.
#[derive(Deserialize, IntoParams)]
struct CameBack {
    /// What stands for the log-in.
    code: Option<String>,
    /// Which log-in.
    state: Option<String>,
    /// Which provider.
    iss: Option<String>,
}

async fn come_back(
    State(service): State<Service>,
    Query(came): Query<CameBack>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let access = service.access();
    let oidc = provider(access)?;
    let now = access.keeper.now().micros();
    let begun = came.state.as_deref().and_then(|state| access.begun.take(state, now));
    let begun = begun.ok_or_else(|| refused("this log-in was not begun here, or too long ago"))?;
    if cookie(&headers, COOKIE).map(|browser| browser.digest()) != Some(begun.browser) {
        return Err(refused("another browser began this log-in"));
    }
    if came.iss.is_some_and(|issuer| issuer != oidc.issuer) {
        return Err(refused("another provider answered"));
    }
    let code = came.code.ok_or_else(|| refused("the provider did not let them in"))?;
    let discovered = discover(oidc).await?;
    let given: Given =
        outgoing::json(asks_for_token(oidc, &discovered, &begun, &code)?).await.map_err(unreached)?;
    let keys: Keys = outgoing::json(get(&discovered.jwks_uri)?).await.map_err(unreached)?;
    let expected = Expected {
        issuer: &oidc.issuer,
        client: &oidc.client,
        nonce: begun.nonce.reveal(),
        now: now / 1_000_000,
    };
    let claim = token::claim(&given.id_token, &keys, &expected, &oidc.claim).map_err(|why| {
        tracing::warn!(why, "an ID token was refused");
        refused("what the provider said of them does not hold")
    })?;
    let account = access.keeper.linked(&oidc.issuer, &claim)?;
    let open = &access.standings.now(&service).await?.open;
    let account = account.filter(|account| open.contains_key(account));
    let account = account.ok_or_else(|| {
        tracing::warn!("whom the provider named is linked to no account that is open");
        refused(
            "nobody here is linked to whom the provider named: ask an administrator (`lookback access link`)",
        )
    })?;
    let live = session::begin(&service, account, None, &headers, "log in by the identity provider").await?;
    let cookie = session::set_cookie(&access.terms, live.secret.reveal(), None);
    // A page, since a strict cookie does not go with a redirect that another site began.
    let page = "<!doctype html><meta http-equiv=refresh content=\"0;url=/\"><title>lookback</title>";
    Ok(([(header::SET_COOKIE, cookie)], Html(page)).into_response())
}

fn provider(access: &Access) -> Result<&Oidc, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, "not_found", "no identity provider is set up");
    access.terms.oidc.as_ref().ok_or_else(none)
}

async fn discover(oidc: &Oidc) -> Result<Discovered, Problem> {
    let at = format!("{}/.well-known/openid-configuration", oidc.issuer.trim_end_matches('/'));
    let discovered: Discovered = outgoing::json(get(&at)?).await.map_err(unreached)?;
    if discovered.issuer != oidc.issuer {
        return Err(unreached(format!("it calls itself {}", discovered.issuer)));
    }
    let page: Result<Uri, _> = discovered.authorization_endpoint.parse();
    if !page.is_ok_and(|page| page.scheme_str() == Some("https") || outgoing::is_here(&page)) {
        return Err(unreached("its page is not by TLS".to_owned()));
    }
    Ok(discovered)
}

fn asks_for_token(
    oidc: &Oidc,
    discovered: &Discovered,
    begun: &Begun,
    code: &str,
) -> Result<Request<Body>, Problem> {
    let mut body = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &begun.redirect),
        ("code_verifier", begun.verifier.reveal()),
    ];
    let mut request = Request::post(&discovered.token_endpoint)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    match &oidc.secret {
        Some(secret) => {
            let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", escaped(&oidc.client), escaped(secret.reveal()));
            let basic = format!("Basic {}", Base64::encode_string(pair.as_bytes()));
            request = request.header(header::AUTHORIZATION, basic);
        }
        None => body.push(("client_id", &oidc.client)),
    }
    let body = form(&body);
    let length = body.len();
    let request = request.header(header::CONTENT_LENGTH, length).body(Body::from(body));
    request.map_err(|error| unreached(error.to_string()))
}

fn get(url: &str) -> Result<Request<Body>, Problem> {
    Request::get(url).body(Body::empty()).map_err(|error| unreached(error.to_string()))
}

/// Where the provider is to lead back to. It takes only what was registered with it, so that a false host leads nowhere.
fn redirect(access: &Access, headers: &HeaderMap) -> Result<String, Problem> {
    if let Some(url) = &access.terms.public_url {
        return Ok(format!("{}{CALLBACK}", url.trim_end_matches('/')));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.ok_or_else(|| refused("the request names no host"))?;
    let scheme = if access.terms.by_tls() { "https" } else { "http" };
    Ok(format!("{scheme}://{host}{CALLBACK}"))
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What the provider keeps of the verifier until it is shown (RFC 7636).
fn challenge(verifier: &Secret) -> String {
    Base64UrlUnpadded::encode_string(&verifier.digest().0)
}

fn refused(why: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "oidc", why)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unreached(why: String) -> Problem {
    tracing::error!(why, "the identity provider could not be asked");
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "oidc",
        "the identity provider could not be asked; the log says why",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let verifier = Secret::shown("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_log_in_that_was_begun_is_taken_once_and_in_time_and_few_are_kept() {
        let all = AllBegun::default();
        let begun = |at| Begun {
            browser: Digest::ZERO,
            nonce: Secret::shown("n"),
            verifier: Secret::shown("v"),
            redirect: String::new(),
            at,
        };
        all.add(&Secret::shown("s"), begun(0)).unwrap();
        assert!(all.take("t", 1).is_none());
        assert!(all.take("s", 1).is_some() && all.take("s", 1).is_none());
        all.add(&Secret::shown("s"), begun(0)).unwrap();
        assert!(all.take("s", BEGUN_SECONDS * 1_000_000).is_none(), "too late");
        for n in 0..BEGUN_MOST {
            all.add(&Secret::shown(&n.to_string()), begun(0)).unwrap();
        }
        assert!(all.add(&Secret::shown("one more"), begun(1)).is_err());
        all.add(&Secret::shown("later"), begun(BEGUN_SECONDS * 1_000_000)).unwrap();
        assert_eq!(all.0.lock().unwrap().len(), 1, "those too old are forgotten");
    }
}
