//! What administrators do with others' credentials: see which there are, set a password, take everything back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use lookback::model::AccountName;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::{Who, note_access};
use super::session::sessions_only;
use crate::problem::Problem;
use crate::routes::{Route, Rule};
use crate::service::{Caller, Service};
use crate::v1::{At, Sent};

pub(super) fn routes() -> Vec<Route> {
    let may = Rule::May("account");
    vec![
        Route::get("/v1/credentials", may, "What each account can show", list).gives::<CredentialsView>(),
        Route::put("/v1/accounts/{account}/password", may, "Set an account's password", set_password)
            .path_parameters::<AccountPath>()
            .gives_nothing()
            .takes::<SetPassword>(),
        Route::delete(
            "/v1/accounts/{account}/credentials",
            may,
            "Take all credentials of an account back",
            revoke,
        )
        .path_parameters::<AccountPath>()
        .gives_nothing(),
    ]
}

#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct AccountPath {
    /// The account.
    account: String,
}

/// A password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPassword {
    /// The password from now on.
    password: String,
}

/// What accounts can show.
#[derive(Serialize, ToSchema)]
struct CredentialsView {
    /// By account.
    accounts: Vec<ShownView>,
}

/// What an account can show.
#[derive(Serialize, ToSchema)]
struct ShownView {
    /// The account.
    account: String,
    /// Whether it has a password.
    password: bool,
    /// What an identity provider calls it.
    identities: Vec<String>,
    /// How many sessions were begun and not ended.
    sessions: u64,
    /// How many keys it has that were not taken back.
    keys: u64,
}

async fn list(State(service): State<Service>) -> Result<Json<CredentialsView>, Problem> {
    let shown = service.access().keeper.shown()?.into_iter();
    let accounts = shown.map(|one| ShownView {
        account: one.account.to_string(),
        password: one.password,
        identities: one.identities,
        sessions: one.sessions,
        keys: one.keys,
    });
    Ok(Json(CredentialsView { accounts: accounts.collect() }))
}

async fn set_password(
    State(service): State<Service>,
    Extension(who): Extension<Who>,
    Extension(caller): Extension<Caller>,
    At(account): At<String>,
    Sent(body): Sent<SetPassword>,
) -> Result<StatusCode, Problem> {
    if matches!(who, Who::Key(_)) {
        return Err(sessions_only());
    }
    let account = known(&service, &account).await?;
    let (keeper, of) = (Arc::clone(&service.access().keeper), account.clone());
    let set = tokio::task::spawn_blocking(move || keeper.set_password(&of, &body.password));
    set.await.map_err(|_| Problem::ours())??;
    note_access(&service, &caller, format!("set the password of {account}")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(
    State(service): State<Service>,
    Extension(caller): Extension<Caller>,
    At(account): At<String>,
) -> Result<StatusCode, Problem> {
    // Also of an account that is closed.
    let account = AccountName::new(&account).ok_or_else(none)?;
    let (keeper, of) = (Arc::clone(&service.access().keeper), account.clone());
    let revoked = tokio::task::spawn_blocking(move || keeper.revoke_all(&of));
    revoked.await.map_err(|_| Problem::ours())??;
    note_access(&service, &caller, format!("take all credentials of {account} back")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn known(service: &Service, account: &str) -> Result<AccountName, Problem> {
    let standings = service.access().standings.now(service).await?;
    let account = AccountName::new(account).filter(|account| standings.open.contains_key(account));
    account.ok_or_else(none)
}

fn none() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such account")
}
