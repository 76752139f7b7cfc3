//! `/v1/webhooks`: who is told what happens, and how it goes.
//!
//! Always holds: no key makes a webhook, since it shows whoever receives it what another account may see; a secret is told once.

use std::collections::BTreeSet;

use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};
use lookback::model::{AccountName, KnownAt};
use lookback::webhooks::{DeadLetter, Place, Webhook};
use lookback::{Error, LedgerError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{At, Sent};
use crate::access::{Who, note_access, sessions_only};
use crate::outgoing;
use crate::problem::Problem;
use crate::routes::{Route, Rule};
use crate::service::Service;
use crate::webhooks::new_secret;

const WEBHOOK: Rule = Rule::May("webhook");

pub(super) fn routes() -> Vec<Route> {
    let of_one = |route: Route| route.path_parameters::<WebhookPath>();
    vec![
        Route::get("/v1/webhooks", WEBHOOK, "Who is told what happens, and how it goes", list)
            .gives::<WebhookList>(),
        Route::post("/v1/webhooks", WEBHOOK, "Tell somebody what happens, from now on", make)
            .takes::<MakeWebhook>()
            .or_gives::<MadeWebhook>(StatusCode::CREATED, "application/json"),
        of_one(Route::put("/v1/webhooks/{webhook}", WEBHOOK, "Stop telling it, or go on", set))
            .takes::<SetWebhook>()
            .gives::<WebhookView>(),
        of_one(Route::delete("/v1/webhooks/{webhook}", WEBHOOK, "Remove it", remove)).gives_nothing(),
        of_one(Route::post(
            "/v1/webhooks/{webhook}/replay",
            WEBHOOK,
            "Tell it again, from a commit on",
            replay,
        ))
        .takes::<Replay>()
        .gives::<WebhookView>(),
        of_one(Route::get("/v1/webhooks/{webhook}/dead", WEBHOOK, "What it could not be told", dead))
            .gives::<DeadLetters>(),
        of_one(Route::post("/v1/webhooks/{webhook}/dead/replay", WEBHOOK, "Try dead letters again", revive))
            .takes::<Revive>()
            .gives::<Revived>(),
    ]
}

/// Which webhook.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct WebhookPath {
    /// Its id.
    webhook: String,
}

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EventKind {
    /// An alert was opened, changed or withdrawn.
    Alert,
    /// Somebody decided something about an alert or a subject.
    Case,
}

impl EventKind {
    fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Case => "case",
        }
    }
}

/// Somebody who is to be told what happens.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeWebhook {
    /// Where: an address by `https`, or on this machine.
    url: String,
    /// What of.
    #[schema(value_type = Vec<EventKind>)]
    events: BTreeSet<EventKind>,
    /// The account through whose eyes it sees, which may `read`; none in a store without accounts.
    #[schema(value_type = Option<String>)]
    account: Option<AccountName>,
    /// From after this commit on; left out: from now on.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    after: Option<u64>,
}

/// Somebody who is told what happens.
#[derive(Serialize, ToSchema)]
struct WebhookView {
    /// Its id.
    id: String,
    /// Where it is told.
    url: String,
    /// What of: `alert`, `case`.
    #[schema(value_type = Vec<String>)]
    events: BTreeSet<String>,
    /// The account through whose eyes it sees.
    account: Option<String>,
    /// When it was made.
    #[schema(value_type = String)]
    made_at: KnownAt,
    /// Why it is told nothing for now; `null` while it is told.
    stopped: Option<String>,
    /// The last commit of which it was told everything.
    after: u64,
    /// How many commits that is behind the last one.
    behind: u64,
    /// How often in a row the next letter was not taken.
    tries: u32,
    /// Why, when last.
    why: Option<String>,
    /// How many letters are dead.
    dead: u64,
}

/// Who is told what happens.
#[derive(Serialize, ToSchema)]
struct WebhookList {
    /// Oldest first.
    webhooks: Vec<WebhookView>,
}

/// A webhook that was made.
#[derive(Serialize, ToSchema)]
struct MadeWebhook {
    /// What letters are signed with. It is not told again.
    secret: String,
    /// The webhook.
    webhook: WebhookView,
}

/// Whether it is told anything.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WebhookState {
    /// It is.
    On,
    /// It is not: how far it was told is kept.
    Off,
}

/// What is to be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetWebhook {
    /// Whether it is told anything.
    state: WebhookState,
}

/// From where on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Replay {
    /// After this commit.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    after: u64,
}

/// Which dead letters.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Revive {
    /// Their ids; left out: all.
    #[schema(value_type = Option<Vec<String>>)]
    letters: Option<BTreeSet<String>>,
}

/// How many.
#[derive(Serialize, ToSchema)]
struct Revived {
    /// So many letters are tried once more.
    letters: u64,
}

/// A letter that was not taken.
#[derive(Serialize, ToSchema)]
struct DeadView {
    /// Its id, which is its `webhook-id`.
    id: String,
    /// The commit that it tells of.
    seq: u64,
    /// When it was given up.
    #[schema(value_type = String)]
    at: KnownAt,
    /// How often it was tried.
    tries: u32,
    /// Why it was not taken, when last.
    why: String,
    /// Whether it is about to be tried once more.
    again: bool,
}

impl From<DeadLetter> for DeadView {
    fn from(letter: DeadLetter) -> Self {
        let DeadLetter { id, place, at, tries, why, again } = letter;
        Self { id, seq: place.seq, at, tries, why, again }
    }
}

/// Letters that were not taken.
#[derive(Serialize, ToSchema)]
struct DeadLetters {
    /// In the order of what happened.
    letters: Vec<DeadView>,
}

fn view(webhook: Webhook, dead: u64, head: u64) -> WebhookView {
    let Webhook { id, url, events, account, made_at, stopped, place, tries, why, secret: _ } = webhook;
    let after = if place.part == Place::DONE { place.seq } else { place.seq.saturating_sub(1) };
    let (account, behind) = (account.map(|account| account.to_string()), head.saturating_sub(after));
    WebhookView { id, url, events, account, made_at, stopped, after, behind, tries, why, dead }
}

async fn list(asking: Asking) -> Answer<WebhookList> {
    let head = asking.service.seq();
    let read = |kept: &mut lookback::webhooks::Webhooks| {
        let all = kept.all()?.into_iter();
        all.map(|webhook| Ok((kept.dead_count(&webhook.id)?, webhook)))
            .collect::<Result<Vec<_>, LedgerError>>()
    };
    let all = asking.service.webhooks().with(read).await?.into_iter();
    Ok(Json(WebhookList { webhooks: all.map(|(dead, webhook)| view(webhook, dead, head)).collect() }))
}

/// So many are told at most: each has a courier, and a page of letters in memory.
const WEBHOOKS_MOST: usize = 20;
/// An address is not longer.
const URL_LONGEST: usize = 2_000;

async fn make(
    asking: Asking,
    Extension(who): Extension<Who>,
    Sent(sent): Sent<MakeWebhook>,
) -> Result<(StatusCode, Json<MadeWebhook>), Problem> {
    if matches!(who, Who::Key(_)) {
        return Err(sessions_only());
    }
    let MakeWebhook { url, events, account, after } = sent;
    check_url(&url)?;
    if events.is_empty() {
        return Err(usage("say of which events it is told"));
    }
    check_account(&asking.service, account.as_ref()).await?;
    let head = asking.service.seq();
    let (secret, id) = (new_secret()?, new_id()?);
    let webhook = Webhook {
        id: id.clone(),
        url,
        secret: secret.clone(),
        events: events.into_iter().map(|kind| kind.word().to_owned()).collect(),
        account,
        made_at: asking.service.access().keeper.now(),
        stopped: None,
        place: Place::after(after.map_or(head, |after| after.min(head))),
        tries: 0,
        why: None,
    };
    let made = webhook.clone();
    let added = asking.service.webhooks().with(move |kept| {
        let room = kept.all()?.len() < WEBHOOKS_MOST;
        if room { kept.add(&webhook).map(|()| true) } else { Ok(false) }
    });
    if !added.await? {
        return Err(usage("so many are told already: remove one first"));
    }
    asking.service.webhooks().changed();
    let eyes = made.account.as_ref().map(|account| format!(" for {account}")).unwrap_or_default();
    note_access(&asking.service, &asking.caller, format!("make webhook {id}{eyes}")).await?;
    Ok((StatusCode::CREATED, Json(MadeWebhook { secret, webhook: view(made, 0, head) })))
}

fn check_url(url: &str) -> Result<(), Problem> {
    let wrong =
        || usage("say where, as an address by https or on this machine, without a name and a password in it");
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if url.len() > URL_LONGEST || !plain || outgoing::check(&uri).is_err() {
        return Err(wrong());
    }
    Ok(())
}

/// Whether there is an account through whose eyes it may see, where there are accounts.
async fn check_account(service: &Service, account: Option<&AccountName>) -> Result<(), Problem> {
    let standings = service.access().standings.now(service).await?;
    let sees =
        account.and_then(|account| standings.open.get(account)).is_some_and(|of| of.check("read").is_ok());
    if standings.has_accounts == sees && (sees || account.is_none()) {
        return Ok(());
    }
    Err(usage(
        "name the account through whose eyes it sees, one that may read; none in a store without accounts",
    ))
}

async fn set(asking: Asking, At(id): At<String>, Sent(sent): Sent<SetWebhook>) -> Answer<WebhookView> {
    let what = match sent.state {
        WebhookState::On => "let webhook go on",
        WebhookState::Off => "stop webhook",
    };
    change(&asking, id, what, move |kept, id| match sent.state {
        WebhookState::On => kept.resume(id),
        WebhookState::Off => kept.stop(id, "an administrator stopped it"),
    })
    .await
}

async fn replay(asking: Asking, At(id): At<String>, Sent(sent): Sent<Replay>) -> Answer<WebhookView> {
    let after = Place::after(sent.after.min(asking.service.seq()));
    change(&asking, id, "replay webhook", move |kept, id| kept.tell_from(id, after)).await
}

/// Changes one, notes who did, and tells its courier.
async fn change(
    asking: &Asking,
    id: String,
    what: &str,
    change: impl FnOnce(&mut lookback::webhooks::Webhooks, &str) -> Result<bool, LedgerError> + Send + 'static,
) -> Answer<WebhookView> {
    let what = format!("{what} {id}");
    let changed = asking.service.webhooks().with(move |kept| {
        if !change(kept, &id)? {
            return Ok(None);
        }
        Ok(kept.get(&id)?.map(|webhook| (kept.dead_count(&id), webhook)))
    });
    let (dead, webhook) = changed.await?.ok_or_else(none)?;
    asking.service.webhooks().changed();
    note_access(&asking.service, &asking.caller, what).await?;
    Ok(Json(view(webhook, dead.map_err(Error::from)?, asking.service.seq())))
}

async fn remove(asking: Asking, At(id): At<String>) -> Result<StatusCode, Problem> {
    let what = format!("remove webhook {id}");
    if !asking.service.webhooks().with(move |kept| kept.remove(&id)).await? {
        return Err(none());
    }
    asking.service.webhooks().changed();
    note_access(&asking.service, &asking.caller, what).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dead(asking: Asking, At(id): At<String>) -> Answer<DeadLetters> {
    let read = asking.service.webhooks().with(move |kept| Ok(kept.get(&id)?.map(|_| kept.dead(&id))));
    let letters = read.await?.ok_or_else(none)?.map_err(Error::from)?;
    Ok(Json(DeadLetters { letters: letters.into_iter().map(DeadView::from).collect() }))
}

async fn revive(asking: Asking, At(id): At<String>, Sent(sent): Sent<Revive>) -> Answer<Revived> {
    let what = format!("replay dead letters of webhook {id}");
    let revived = asking
        .service
        .webhooks()
        .with(move |kept| Ok(kept.get(&id)?.map(|_| kept.revive(&id, sent.letters.as_ref()))));
    let letters = revived.await?.ok_or_else(none)?.map_err(Error::from)?;
    asking.service.webhooks().changed();
    note_access(&asking.service, &asking.caller, what).await?;
    Ok(Json(Revived { letters }))
}

fn none() -> Problem {
    Error::NotFound("there is no such webhook".into()).into()
}

fn usage(text: &str) -> Problem {
    Error::Usage(text.to_owned()).into()
}

fn new_id() -> Result<String, Error> {
    let secret = crate::Secret::new("")?;
    Ok(format!("wh_{}", &secret.reveal()[..16]))
}
