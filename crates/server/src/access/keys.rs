//! `/v1/keys`: what programs show.
//!
//! Always holds: no key makes a key, so that one that is for little does not become one that is for more.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use lookback::Error;
use lookback::access::AccessKey;
use lookback::model::{AccountName, DatasetName, KnownAt};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::{Who, note_access};
use super::keeper::NewKey;
use super::session::sessions_only;
use crate::problem::Problem;
use crate::routes::{Route, Rule};
use crate::service::{Caller, Service};
use crate::v1::{At, Sent};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/keys", Rule::Known, "One's own keys; for administrators everybody's", list)
            .gives::<Keys>(),
        Route::post("/v1/keys", Rule::Known, "Make a key", make)
            .takes::<MakeKey>()
            .or_gives::<MadeKey>(StatusCode::CREATED, "application/json"),
        Route::delete("/v1/keys/{key}", Rule::Known, "Take a key back", revoke)
            .path_parameters::<KeyPath>()
            .gives_nothing(),
    ]
}

#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct KeyPath {
    /// The key's id.
    key: String,
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeKey {
    /// Whose; left out: one's own. Others' are for administrators.
    account: Option<String>,
    /// What it is for, in words.
    label: String,
    /// What may be done with it, of the table of permissions; none: all that the account may.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    scope: BTreeSet<String>,
    /// For what, where a request does not say.
    purpose: Option<String>,
    /// The population in which whoever is asked about by `/match` is enrolled.
    enrol: Option<String>,
    /// At most so many requests in a second.
    rate: Option<u32>,
    /// For how many days it is good; left out: 90.
    days: Option<u32>,
}

/// A key.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    /// Its id, which is no secret.
    id: String,
    /// Whose it is.
    account: String,
    /// What it is for, in words.
    label: String,
    /// What may be done with it; none: all that the account may.
    #[schema(value_type = Vec<String>)]
    scope: BTreeSet<String>,
    /// For what, where a request does not say.
    purpose: Option<String>,
    /// The population in which whoever is asked about is enrolled.
    enrol: Option<String>,
    /// At most so many requests in a second.
    rate: Option<u32>,
    /// When it was made.
    #[schema(value_type = String)]
    made_at: KnownAt,
    /// From when on it is good no more.
    #[schema(value_type = String)]
    expires_at: KnownAt,
    /// When it was taken back.
    #[schema(value_type = Option<String>)]
    revoked_at: Option<KnownAt>,
}

impl From<AccessKey> for KeyView {
    fn from(key: AccessKey) -> Self {
        let AccessKey { id, account, label, scope, purpose, enrol, rate, made_at, expires_at, revoked_at } =
            key;
        let (account, enrol) = (account.to_string(), enrol.map(|dataset| dataset.to_string()));
        Self { id, account, label, scope, purpose, enrol, rate, made_at, expires_at, revoked_at }
    }
}

/// Keys.
#[derive(Serialize, ToSchema)]
struct Keys {
    /// By account, oldest first.
    keys: Vec<KeyView>,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
struct MadeKey {
    /// What to send in `authorization: ApiKey …`. It is not told again.
    secret: String,
    /// The key.
    key: KeyView,
}

async fn list(State(service): State<Service>, Extension(who): Extension<Who>) -> Result<Json<Keys>, Problem> {
    let everybody_s = administers(&service, &who).await?;
    let of = who.account().filter(|_| !everybody_s).cloned();
    let keys = service.access().keeper.keys(of.as_ref())?;
    Ok(Json(Keys { keys: keys.into_iter().map(KeyView::from).collect() }))
}

async fn make(
    State(service): State<Service>,
    Extension(who): Extension<Who>,
    Extension(caller): Extension<Caller>,
    Sent(body): Sent<MakeKey>,
) -> Result<(StatusCode, Json<MadeKey>), Problem> {
    let Who::Session(live) = &who else { return Err(sessions_only()) };
    let account = match &body.account {
        None => live.session.account.clone(),
        Some(account) => {
            let account = AccountName::new(account).ok_or_else(|| usage("this is no name of an account"))?;
            if account != live.session.account && !administers(&service, &who).await? {
                return Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "denied",
                    "others' keys are for administrators",
                ));
            }
            account
        }
    };
    if !service.access().standings.now(&service).await?.open.contains_key(&account) {
        return Err(usage("there is no such account"));
    }
    let enrol = body
        .enrol
        .as_deref()
        .map(|name| DatasetName::new(name).ok_or_else(|| usage("enrol names a dataset")));
    let MakeKey { label, scope, purpose, rate, days, .. } = body;
    let (enrol, days) = (enrol.transpose()?, days.unwrap_or(90));
    let new = NewKey { account, label, scope, purpose, enrol, rate, days };
    let keeper = Arc::clone(&service.access().keeper);
    let made = tokio::task::spawn_blocking(move || keeper.make_key(new));
    let (key, secret) = made.await.map_err(|_| Problem::ours())??;
    note_access(&service, &caller, format!("make key {} of {}", key.id, key.account)).await?;
    Ok((StatusCode::CREATED, Json(MadeKey { secret: secret.reveal().to_owned(), key: key.into() })))
}

async fn revoke(
    State(service): State<Service>,
    Extension(who): Extension<Who>,
    Extension(caller): Extension<Caller>,
    At(id): At<String>,
) -> Result<StatusCode, Problem> {
    let everybody_s = administers(&service, &who).await?;
    let of = who.account().filter(|_| !everybody_s).cloned();
    let keeper = Arc::clone(&service.access().keeper);
    let revoked = tokio::task::spawn_blocking(move || {
        if keeper.keys(of.as_ref())?.iter().all(|key| key.id != id) {
            return Err(Error::NotFound("there is no key of that id".into()));
        }
        keeper.revoke_key(&id).map(|()| id)
    });
    let id = revoked.await.map_err(|_| Problem::ours())??;
    note_access(&service, &caller, format!("take key {id} back")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether whoever asks may change accounts. A key may look after others' only if it is for that.
async fn administers(service: &Service, who: &Who) -> Result<bool, Problem> {
    if let Who::Key(key) = who
        && !key.scope.is_empty()
        && !key.scope.contains("account")
    {
        return Ok(false);
    }
    let standings = service.access().standings.now(service).await?;
    let standing = who.account().and_then(|account| standings.open.get(account));
    Ok(standing.is_some_and(|standing| standing.check("account").is_ok()))
}

fn usage(text: &str) -> Problem {
    Error::Usage(text.to_owned()).into()
}
