//! The guard before every route: who asks, may they, and it is noted.
//!
//! ```text
//! request ─▶ who (key, session, or nobody) ─▶ may they (roles, scope, compartments) ─▶ route ─▶ noted ─▶ answer
//! ```

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use lookback::access::AccessKey;
use lookback::audit::{Look, Reach};
use lookback::model::{AccountName, DatasetName, Proof};
use lookback::review::Standing;
use lookback::{AuditEntry, Error};

use tokio::time::timeout;

use super::keeper::Live;
use super::limit::Rate;
use super::secret::Secret;
use super::{Access, Terms, origin};
use crate::problem::Problem;
use crate::routes::Rule;
use crate::service::{Caller, Service};

/// What a guard knows of its route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guarded {
    pub(crate) rule: Rule,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) patience: Duration,
    pub(crate) largest: usize,
}

/// Who asks, as they showed it.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// Whoever sits at the machine, of a store without accounts.
    Anybody,
    /// A program.
    Key(Arc<AccessKey>),
    /// Somebody who logged in.
    Session(Arc<Live>),
}

impl Who {
    pub(crate) fn account(&self) -> Option<&AccountName> {
        match self {
            Self::Anybody => None,
            Self::Key(key) => Some(&key.account),
            Self::Session(live) => Some(&live.session.account),
        }
    }

    /// The population in which whoever is asked about is enrolled.
    pub(crate) fn enrols(&self) -> Option<&DatasetName> {
        match self {
            Self::Key(key) => key.enrol.as_ref(),
            Self::Anybody | Self::Session(_) => None,
        }
    }

    fn purpose(&self) -> Option<&str> {
        match self {
            Self::Anybody => None,
            Self::Key(key) => key.purpose.as_deref(),
            Self::Session(live) => live.session.purpose.as_deref(),
        }
    }
}

/// What a handler adds to what is noted of its request: ids that only its body or its answer has, and what was searched for.
#[derive(Debug, Clone, Default)]
pub struct Looked(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    targets: Vec<String>,
    query: Option<String>,
}

impl Looked {
    /// Somebody was asked about, by id.
    pub fn target(&self, id: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).targets.push(id.into());
    }

    /// This was searched for; only a salted digest of it is kept.
    pub fn query(&self, text: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).query = Some(text.into());
    }

    fn take(&self) -> Seen {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Parameters of paths that are nobody's id.
const NO_TARGETS: [&str; 4] = ["dataset", "prop", "property", "account"];
/// A purpose, or a reason to break the glass, is a sentence and no file.
const SENTENCE: usize = 500;

/// Lets a request through to its route in somebody's name, or not.
pub(crate) async fn guard(
    State((service, guarded)): State<(Service, Guarded)>,
    parameters: RawPathParams,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content_encoding",
            "bodies are read as they are: send it without a content encoding",
        ));
    }
    if stated_length(request.headers()).is_some_and(|length| length > guarded.largest) {
        let detail = format!("this takes {} bytes at most", guarded.largest);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail));
    }
    let late = |_| Problem::late();
    timeout(guarded.patience, pass(&service, guarded, &parameters, request, next)).await.map_err(late)?
}

/// How long a body says that it is. One that does not say is counted as it is read.
fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn pass(
    service: &Service,
    guarded: Guarded,
    parameters: &RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if guarded.rule == Rule::Open {
        return Ok(next.run(request).await);
    }
    let access = service.access();
    let standings = access.standings.now(service).await?;
    let who = who(access, request.method(), request.headers(), standings.has_accounts).await?;
    let standing = match who.account() {
        None => None,
        Some(account) => Some(standings.open.get(account).ok_or_else(Problem::unknown)?),
    };
    check(guarded.rule, &who, standing)?;
    let caller = caller(service, &who, request.headers())?;
    let looked = Looked::default();
    let targets: Vec<String> = parameters
        .iter()
        .filter(|(name, _)| !NO_TARGETS.contains(name))
        .map(|(_, value)| value.to_owned())
        .collect();
    let look = look(guarded, targets, &caller);
    if let Some(look) = &look {
        if caller.purpose.is_empty() && access.terms.purpose_needed {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "purpose",
                "say for what, in the header x-purpose: whoever looks at people here does",
            ));
        }
        check_look(service, &caller, look).await?;
    }
    request.extensions_mut().insert(caller.clone());
    request.extensions_mut().insert(who);
    request.extensions_mut().insert(looked.clone());
    let response = next.run(request).await;
    if let Some(look) = look {
        let entry = entry(service, &caller, look, looked.take()).await?;
        access.note(entry).await?;
    }
    Ok(response)
}

/// Whether this may be done by whoever asks.
// Invariant(RULED): by its roles and, of these, what its key is for.
fn check(rule: Rule, who: &Who, standing: Option<&Standing>) -> Result<(), Problem> {
    let permission = match rule {
        Rule::Open | Rule::Known => return Ok(()),
        Rule::May(permission) | Rule::Look { permission, .. } => permission,
    };
    let Some(standing) = standing else { return Ok(()) };
    standing.check(permission).map_err(Error::Denied)?;
    match who {
        Who::Key(key) if !key.scope.is_empty() && !key.scope.contains(permission) => {
            Err(Problem::new(StatusCode::FORBIDDEN, "scope", format!("this key is not for {permission}")))
        }
        _ => Ok(()),
    }
}

/// Who asks.
async fn who(
    access: &Access,
    method: &Method,
    headers: &HeaderMap,
    has_accounts: bool,
) -> Result<Who, Problem> {
    if !has_accounts {
        // Invariant(LOOPBACK): open only to whoever sits at the machine, not to pages of elsewhere that they look at.
        return if origin::is_to_loopback(headers) && origin::is_own(headers, &access.terms) {
            Ok(Who::Anybody)
        } else {
            Err(other_site())
        };
    }
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let secret = value.to_str().ok().and_then(shown_key).ok_or_else(Problem::unknown)?;
        let key = access.keeper.key(&secret)?.ok_or_else(Problem::unknown)?;
        if let Some(rate) = key.rate {
            let rate = Rate::of_a_second(rate);
            let now = access.keeper.now().micros();
            let mut keys = access.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.take(&key.id, rate, now).map_err(Problem::too_often)?;
        }
        return Ok(Who::Key(Arc::new(key)));
    }
    let secret = session_cookie(headers, &access.terms).ok_or_else(Problem::unknown)?;
    let (live, due) = access.keeper.session(&secret)?.ok_or_else(Problem::unknown)?;
    if !method.is_safe() {
        let token = headers.get("x-csrf-token").and_then(|token| token.to_str().ok());
        if !origin::is_own(headers, &access.terms) || !token.is_some_and(|token| live.csrf().is(token)) {
            return Err(other_site());
        }
    }
    if due {
        let keeper = Arc::clone(&access.keeper);
        let touched = tokio::task::spawn_blocking(move || keeper.touch_session(&secret));
        touched.await.map_err(|_| Problem::ours())??;
    }
    Ok(Who::Session(Arc::new(live)))
}

/// The key of an `Authorization` header, in either of the words that clients use.
fn shown_key(value: &str) -> Option<Secret> {
    let (scheme, key) = value.split_once(' ')?;
    let known = ["apikey", "bearer"].iter().any(|word| scheme.eq_ignore_ascii_case(word));
    known.then(|| Secret::shown(key.trim()))
}

/// The session of a cookie.
pub(super) fn session_cookie(headers: &HeaderMap, terms: &Terms) -> Option<Secret> {
    cookie(headers, terms.session_cookie())
}

/// A cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(of, _)| *of == name).map(|(_, value)| Secret::shown(value))
}

fn caller(service: &Service, who: &Who, headers: &HeaderMap) -> Result<Caller, Problem> {
    let (account, proof) = match who {
        Who::Anybody => (service.options().settings.actor.clone(), Proof::Asserted),
        Who::Key(key) => (key.account.to_string(), Proof::ApiKey),
        Who::Session(live) => (live.session.account.to_string(), Proof::Session),
    };
    let purpose = sentence(headers, "x-purpose")?;
    let purpose = purpose.or_else(|| who.purpose().map(str::to_owned)).unwrap_or_default();
    Ok(Caller { account, proof, purpose, break_glass: sentence(headers, "x-break-glass")? })
}

/// A sentence in a header.
fn sentence(headers: &HeaderMap, name: &str) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).map(str::trim).ok();
    let sound = text.filter(|text| !text.is_empty() && text.len() <= SENTENCE);
    let unsound = || {
        let detail = format!("{name} is a sentence of up to {SENTENCE} bytes of UTF-8");
        Problem::new(StatusCode::BAD_REQUEST, "header", detail)
    };
    sound.map(|text| Some(text.to_owned())).ok_or_else(unsound)
}

fn look(guarded: Guarded, targets: Vec<String>, caller: &Caller) -> Option<Look> {
    let Rule::Look { permission, action, reach } = guarded.rule else { return None };
    Some(Look {
        action,
        targets,
        query: None,
        what: format!("{} {}", guarded.method, guarded.path),
        permission,
        reach,
        break_glass: caller.break_glass.clone(),
    })
}

/// Asks the store whether the account may look, where its roles alone do not say.
async fn check_look(service: &Service, caller: &Caller, look: &Look) -> Result<(), Problem> {
    if caller.proof == Proof::Asserted || (look.reach == Reach::Filtered && look.break_glass.is_none()) {
        return Ok(());
    }
    let look = look.clone();
    service.ask(caller, move |store| store.check_look(&look)).await
}

/// What is noted.
async fn entry(
    service: &Service,
    caller: &Caller,
    mut look: Look,
    seen: Seen,
) -> Result<AuditEntry, Problem> {
    look.targets.extend(seen.targets);
    look.query = seen.query;
    if look.targets.is_empty() {
        return Ok(entry_of(service, caller, look)?);
    }
    // The store knows whose ids were purged and are not to come back.
    service.ask(caller, move |store| store.look_entry(look)).await
}

/// What is noted of a look at nobody by id.
fn entry_of(service: &Service, caller: &Caller, look: Look) -> Result<AuditEntry, Error> {
    let account = AccountName::new(&caller.account)
        .ok_or_else(|| Error::Usage("whoever serves has no account name: name one with --actor".into()))?;
    let Look { action, targets, query, what, break_glass, .. } = look;
    let purpose = if caller.purpose.is_empty() { what.clone() } else { caller.purpose.clone() };
    let at = service.access().keeper.now();
    Ok(AuditEntry {
        at,
        account,
        proof: caller.proof,
        purpose,
        action,
        targets,
        query,
        detail: Some(what),
        break_glass,
    })
}

/// What is noted when somebody logs in or changes how an account shows that it is itself.
pub(crate) async fn note_access(service: &Service, caller: &Caller, what: String) -> Result<(), Problem> {
    let look = Look {
        action: lookback::audit::AuditAction::Access,
        targets: Vec::new(),
        query: None,
        what,
        permission: "",
        reach: Reach::Filtered,
        break_glass: None,
    };
    service.access().note(entry_of(service, caller, look)?).await
}

pub(super) fn other_site() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "other_site",
        "this does not come from a page of this server: send the header x-csrf-token, and no other site's origin",
    )
}
