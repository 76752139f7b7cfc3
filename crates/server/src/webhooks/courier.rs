//! The courier of one receiver: reads a page of what happened, and delivers one letter after the other.
//!
//! ```text
//! gone? ─▶ stopped: wait ─▶ a dead letter that is to be sent again: one try ─▶ resting: wait ─▶ next letter ─▶ delivered: note how far
//!                                                                                                └─▶ not: rest, or dead
//! ```
//!
//! What is kept is read anew before each step, so that whatever an administrator changed holds from the next letter on.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, Uri, header};
use lookback::audit::{AuditAction, Look, Reach};
use lookback::model::Proof;
use lookback::webhooks::{DeadLetter, Place, Webhook};
use lookback::{Error, Store};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::AGAIN;
use super::letter::{Letter, kind_of, signature};
use crate::outgoing;
use crate::problem::Problem;
use crate::service::{Caller, Service};

/// So many rows of what commits did are read at once; about as many letters are in memory for a receiver.
const ROWS_AT_ONCE: usize = 100;
/// A receiver that takes longer has not taken the letter.
const PATIENCE: Duration = Duration::from_secs(20);
/// With so many dead letters a receiver is told nothing more until somebody looks: what it would be told is in the ledger.
const DEAD_MOST: u64 = 1_000;

pub(super) struct Courier {
    service: Service,
    id: String,
    changes: watch::Receiver<u64>,
    /// Up to where what is in hand follows.
    at: Place,
    letters: VecDeque<Letter>,
    rest: Option<Rest>,
}

/// Until when nothing is tried: for a letter after a place, after so many tries.
struct Rest {
    of: (Place, u32),
    until: Instant,
}

/// What comes after a step.
enum Next {
    Step,
    /// The receiver is there no more.
    End,
}

/// Why a letter was not taken.
enum NotTaken {
    /// It may be another time.
    Now(String),
    /// The receiver wants no more letters.
    Ever,
}

impl Courier {
    pub(super) fn new(service: Service, id: String) -> Self {
        let changes = service.webhooks().changes.subscribe();
        Self { service, id, changes, at: Place::after(0), letters: VecDeque::new(), rest: None }
    }

    /// Goes on until the receiver is removed or the service ends.
    pub(super) async fn run(mut self) {
        let service = self.service.clone();
        loop {
            let step = tokio::select! {
                step = self.step() => step,
                () = service.ending() => return,
            };
            let problem = match step {
                Ok(Next::Step) => continue,
                Ok(Next::End) => return,
                Err(problem) => problem,
            };
            // What is in hand may not be what comes next.
            self.letters.clear();
            // What was refused, as a look of an account that is closed, is refused again.
            if problem.status().is_client_error()
                && self.stop(format!("it may not look any more: {}", problem.detail)).await.is_ok()
            {
                continue;
            }
            tracing::warn!(webhook = self.id, problem = problem.kind, "a webhook could not go on");
            sleep(AGAIN).await;
        }
    }

    async fn step(&mut self) -> Result<Next, Problem> {
        self.changes.mark_unchanged();
        let id = self.id.clone();
        let kept = self.service.webhooks();
        let read = kept.with(move |kept| Ok((kept.get(&id)?, kept.revived(&id)?)));
        let (Some(webhook), revived) = read.await? else { return Ok(Next::End) };
        if webhook.stopped.is_some() {
            self.letters.clear();
            self.changed().await;
        } else if let Some(dead) = revived {
            self.send_again(&webhook, dead).await?;
        } else if let Some(until) = self.resting(&webhook) {
            tokio::select! {
                () = sleep_until(until) => {}
                () = self.changed() => {}
            }
        } else if self.at == webhook.place
            && let Some(letter) = self.letters.pop_front()
        {
            self.deliver(&webhook, letter).await?;
        } else {
            self.read_on(&webhook).await?;
        }
        Ok(Next::Step)
    }

    /// Waits until an administrator changes something.
    async fn changed(&mut self) {
        // The service holds the other end.
        let _ = self.changes.changed().await;
    }

    fn resting(&self, webhook: &Webhook) -> Option<Instant> {
        let rest = self.rest.as_ref().filter(|rest| rest.of == (webhook.place, webhook.tries))?;
        (Instant::now() < rest.until).then_some(rest.until)
    }

    /// Reads what happened next, and waits for something to happen where nothing did.
    async fn read_on(&mut self, webhook: &Webhook) -> Result<(), Problem> {
        let (letters, end) = self.read(webhook, webhook.place, ROWS_AT_ONCE).await?;
        self.at = webhook.place;
        self.letters = letters.into();
        if !self.letters.is_empty() {
            return Ok(());
        }
        if end != webhook.place {
            return self.advance(webhook.place, end).await;
        }
        let mut commits = self.service.commits();
        tokio::select! {
            // The service holds the other end.
            _ = commits.wait_for(|seq| *seq > end.seq) => {}
            () = self.changed() => {}
        }
        Ok(())
    }

    /// Letters after a place, of so many rows at most, for the eyes of the receiver's account; and up to where they were read. That they
    /// are taken out is noted first.
    async fn read(
        &self,
        webhook: &Webhook,
        after: Place,
        rows_max: usize,
    ) -> Result<(Vec<Letter>, Place), Problem> {
        let (events, id) = (webhook.events.clone(), webhook.id.clone());
        let (account, caller) = (webhook.account.clone(), self.caller(webhook));
        let read = move |store: &mut Store| {
            let viewer = store.viewer()?;
            if viewer.is_some() && account.is_none() {
                let none = "the store has accounts, and this webhook sees through the eyes of none";
                return Err(Error::Usage(none.to_owned()));
            }
            viewer.as_ref().map_or(Ok(()), |viewer| viewer.check("read")).map_err(Error::Denied)?;
            let (told, end) = store.happenings_after(after, rows_max, viewer.as_ref())?;
            let told = told.iter().filter(|placed| events.contains(kind_of(&placed.happening)));
            let letters: Vec<Letter> = told.map(Letter::of).collect();
            if letters.is_empty() {
                return Ok((letters, end, None));
            }
            let mut targets: Vec<String> = letters.iter().map(|letter| letter.subject.to_string()).collect();
            targets.sort_unstable();
            targets.dedup();
            let (action, what, permission) = (AuditAction::Export, format!("webhook {id}"), "read");
            let (query, break_glass, reach) = (None, None, Reach::Filtered);
            let look = Look { action, targets, query, what, permission, reach, break_glass };
            Ok((letters, end, Some(store.look_entry(look)?)))
        };
        let (letters, end, entry) = self.service.ask(&caller, read).await?;
        if let Some(entry) = entry {
            self.service.access().note(entry).await?;
        }
        Ok((letters, end))
    }

    fn caller(&self, webhook: &Webhook) -> Caller {
        let account = webhook
            .account
            .as_ref()
            .map_or_else(|| self.service.options().settings.actor.clone(), ToString::to_string);
        let uri: Option<Uri> = webhook.url.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let purpose = format!("webhook {} to {host}", webhook.id);
        Caller { account, proof: Proof::Asserted, purpose, break_glass: None }
    }

    /// Sends the next letter, and notes what became of it.
    async fn deliver(&mut self, webhook: &Webhook, letter: Letter) -> Result<(), Problem> {
        let from = webhook.place;
        let why = match self.post(webhook, &letter).await {
            Ok(()) => return self.advance(from, letter.place).await,
            Err(NotTaken::Ever) => return self.unwanted().await,
            Err(NotTaken::Now(why)) => why,
        };
        tracing::info!(webhook = self.id, letter = letter.id, why, "a letter was not taken");
        let (id, retries, at) =
            (self.id.clone(), self.service.options().retries, self.service.access().keeper.now());
        let (letter_id, place) = (letter.id.clone(), letter.place);
        let noted = self.service.webhooks().with(move |kept| {
            let Some(tries) = kept.note_failure(&id, from, &why)? else { return Ok(None) };
            if tries >= retries.tries {
                let dead = DeadLetter { id: letter_id, place, at, tries, why, again: false };
                kept.bury(&id, from, &dead)?;
                if kept.dead_count(&id)? >= DEAD_MOST {
                    kept.stop(&id, "too many letters are dead: look at them, then let it go on")?;
                }
                return Ok(None);
            }
            Ok(Some(tries))
        });
        self.letters.push_front(letter);
        if let Some(tries) = noted.await? {
            let drawn = getrandom::u32().unwrap_or_default().to_le_bytes();
            let wait = retries.wait(tries, u16::from_le_bytes([drawn[0], drawn[1]]));
            self.rest = Some(Rest { of: (from, tries), until: Instant::now() + wait });
        }
        Ok(())
    }

    /// Sends a dead letter once more. What it told may be gone meanwhile: then it is forgotten.
    async fn send_again(&mut self, webhook: &Webhook, dead: DeadLetter) -> Result<(), Problem> {
        let (place, id) = (dead.place, self.id.clone());
        let (letters, _) = self.read(webhook, place.before(), 1).await?;
        let letter = letters.into_iter().find(|letter| letter.place == place);
        let sent = match &letter {
            Some(letter) => self.post(webhook, letter).await,
            None => Ok(()),
        };
        let at = self.service.access().keeper.now();
        match sent {
            Ok(()) => self.service.webhooks().with(move |kept| kept.forget(&id, place)).await,
            Err(NotTaken::Ever) => self.unwanted().await,
            Err(NotTaken::Now(why)) => {
                self.service.webhooks().with(move |kept| kept.bury_again(&id, place, at, &why)).await
            }
        }
    }

    /// Notes how far the receiver was told. Where it was moved meanwhile, what is in hand is read anew.
    async fn advance(&mut self, from: Place, to: Place) -> Result<(), Problem> {
        let id = self.id.clone();
        self.service.webhooks().with(move |kept| kept.advance(&id, from, to)).await?;
        self.at = to;
        Ok(())
    }

    async fn unwanted(&mut self) -> Result<(), Problem> {
        self.stop("the receiver answered 410: it wants no more letters".to_owned()).await
    }

    async fn stop(&mut self, why: String) -> Result<(), Problem> {
        tracing::warn!(webhook = self.id, why, "a webhook was stopped");
        let id = self.id.clone();
        self.service.webhooks().with(move |kept| kept.stop(&id, &why)).await.map(drop)
    }

    async fn post(&self, webhook: &Webhook, letter: &Letter) -> Result<(), NotTaken> {
        let at = self.service.access().keeper.now().micros().div_euclid(1_000_000);
        let Letter { id, body, .. } = letter;
        let signature = signature(&webhook.secret, id, at, body);
        let signature = signature.ok_or_else(|| NotTaken::Now("its secret is none".to_owned()))?;
        let request = Request::post(&webhook.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len())
            .header(header::USER_AGENT, concat!("lookback/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature)
            .body(Body::from(body.clone()))
            .map_err(|error| NotTaken::Now(error.to_string()))?;
        let told = outgoing::tell(request, outgoing::is_somebody_s, PATIENCE).await;
        match told.map_err(NotTaken::Now)? {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(NotTaken::Ever),
            status => Err(NotTaken::Now(format!("it answered {}", status.as_u16()))),
        }
    }
}
