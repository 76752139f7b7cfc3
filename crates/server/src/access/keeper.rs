//! Who keeps the credentials: makes secrets, keeps their digests, says whose a secret is.
//!
//! In: accounts, passwords, secrets that were shown. Out: new secrets, once; whose one is and how long it is good. Always holds: what is
//! answered is of the file as it is now, so that a key or session that was taken back, here or by another process, is gone with the
//! next request. Whether the account may do something is asked of the ledger, elsewhere.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lookback::Error;
use lookback::access::{AccessKey, AccessSession, Credentials, Shown, permissions};
use lookback::model::{AccountName, DatasetName, KnownAt};

use super::password;
use super::secret::Secret;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60 * SECOND;
/// A session that nobody uses ends: half an hour, as long as a desk may be left.
const SESSION_IDLE: i64 = 30 * 60 * SECOND;
/// A session ends after a working day, however much it is used.
const SESSION_LONGEST: i64 = 12 * 60 * 60 * SECOND;
/// When a session was used is written down once a minute.
const SESSION_NOTED: i64 = 60 * SECOND;
/// So many failures are a person's; from then on each doubles the wait, from a second to a quarter of an hour.
const FAILURES_FREE: u32 = 5;
const WAIT_LONGEST: i64 = 15 * 60;
/// A key is good for at most a year.
const KEY_DAYS_MOST: u32 = 366;

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Whose.
    pub account: AccountName,
    /// What it is for, in words.
    pub label: String,
    /// What may be done with it; nothing named: all that the account may.
    pub scope: BTreeSet<String>,
    /// For what, where a request does not say.
    pub purpose: Option<String>,
    /// The population in which whoever is asked about is enrolled.
    pub enrol: Option<DatasetName>,
    /// At most so many requests in a second.
    pub rate: Option<u32>,
    /// For how many days it is good.
    pub days: u32,
}

/// Why nobody was logged in.
#[derive(Debug)]
pub(crate) enum NoLogin {
    /// It is not the password, or there is no such account, or it has none.
    Wrong,
    /// So many failed that the next has to wait so many seconds.
    Wait(u64),
    /// The credentials could not be read.
    Failed(Error),
}

impl From<Error> for NoLogin {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A session that is good.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) secret: Secret,
    pub(crate) session: AccessSession,
}

impl Live {
    /// What a page shows with whatever changes something, and no other site can know.
    pub(crate) fn csrf(&self) -> Secret {
        self.secret.derived("csrf")
    }

    /// When it ends, if it is not used.
    pub(crate) fn expires_at(&self) -> KnownAt {
        let (idle, longest) =
            (later(self.session.seen_at, SESSION_IDLE), later(self.session.made_at, SESSION_LONGEST));
        idle.min(longest)
    }
}

/// Keeps the credentials of a store.
pub struct Keeper {
    /// Readers do not wait for what is being made durable.
    reading: Mutex<Credentials>,
    writing: Mutex<Credentials>,
    clock: fn() -> KnownAt,
}

impl Keeper {
    /// For a store; makes the file where there is none.
    pub fn open(store: &Path, clock: fn() -> KnownAt) -> Result<Self, Error> {
        let open = || Ok::<_, Error>(Mutex::new(Credentials::open(store)?));
        Ok(Self { reading: open()?, writing: open()?, clock })
    }

    fn reading(&self) -> MutexGuard<'_, Credentials> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, Credentials> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is.
    pub(crate) fn now(&self) -> KnownAt {
        (self.clock)()
    }

    /// What each account can show.
    pub fn shown(&self) -> Result<Vec<Shown>, Error> {
        Ok(self.reading().shown()?)
    }

    /// Keeps a password. The account's sessions end.
    pub fn set_password(&self, account: &AccountName, password: &str) -> Result<(), Error> {
        let hash = password::hash(password)?;
        Ok(self.writing().set_password(account, &hash, self.now())?)
    }

    /// Whether it is the account's password. Whoever fails often waits; an attempt counts before it is tried, so that many at once count.
    pub(crate) fn check_password(&self, account: &AccountName, password: &str) -> Result<(), NoLogin> {
        let now = self.now();
        let hash = {
            let mut file = self.writing();
            let failures = file.failures(account).map_err(Error::from)?;
            if let Some(failures) = failures.filter(|failures| failures.count >= FAILURES_FREE) {
                let wait = (1_i64 << (failures.count - FAILURES_FREE).min(20)).min(WAIT_LONGEST);
                let left = later(failures.last_at, wait * SECOND).micros() - now.micros();
                // A clock that was set back makes nobody wait longer.
                if left > 0 && left <= wait * SECOND {
                    return Err(NoLogin::Wait(left.unsigned_abs().div_ceil(SECOND.unsigned_abs())));
                }
            }
            file.note_failure(account, now).map_err(Error::from)?;
            file.password(account).map_err(Error::from)?
        };
        if password::fits(password, hash.as_deref()) { Ok(()) } else { Err(NoLogin::Wrong) }
    }

    /// Begins a session under a secret that nobody has seen before, and ends the one that was there.
    // Invariant(NEW-SESSION): the secret is drawn here, after the password was checked.
    pub(crate) fn begin_session(
        &self,
        account: AccountName,
        purpose: Option<String>,
        before: Option<&Secret>,
    ) -> Result<Live, Error> {
        let now = self.now();
        let secret = Secret::new("")?;
        let session = AccessSession { account, purpose, made_at: now, seen_at: now };
        let mut file = self.writing();
        file.end_old_sessions(earlier(now, SESSION_IDLE), earlier(now, SESSION_LONGEST))?;
        if let Some(before) = before {
            file.end_session(before.digest())?;
        }
        file.begin_session(secret.digest(), &session)?;
        Ok(Live { secret, session })
    }

    /// The session of a secret, if it is good; whether that it is used should be noted.
    pub(crate) fn session(&self, secret: &Secret) -> Result<Option<(Live, bool)>, Error> {
        let now = self.now();
        let found = self.reading().session(secret.digest())?;
        let live = found.map(|session| Live { secret: secret.clone(), session });
        let good = live.filter(|live| now < live.expires_at());
        Ok(good.map(|live| {
            let due = later(live.session.seen_at, SESSION_NOTED) <= now;
            (live, due)
        }))
    }

    /// Notes that a session is used.
    pub(crate) fn touch_session(&self, secret: &Secret) -> Result<(), Error> {
        Ok(self.writing().touch_session(secret.digest(), self.now())?)
    }

    /// Ends a session.
    pub(crate) fn end_session(&self, secret: &Secret) -> Result<(), Error> {
        Ok(self.writing().end_session(secret.digest())?)
    }

    /// Makes a key. Its secret is told this once.
    pub fn make_key(&self, new: NewKey) -> Result<(AccessKey, Secret), Error> {
        let NewKey { account, label, scope, purpose, enrol, rate, days } = new;
        if label.is_empty() || label.len() > 200 {
            return Err(Error::Usage("say in up to 200 bytes what the key is for".into()));
        }
        if !(1..=KEY_DAYS_MOST).contains(&days) {
            return Err(Error::Usage(format!("a key is good for 1 to {KEY_DAYS_MOST} days")));
        }
        if rate == Some(0) {
            return Err(Error::Usage("a rate is at least one request a second".into()));
        }
        if let Some(word) = scope.iter().find(|word| permissions().all(|known| known != word.as_str())) {
            return Err(Error::Usage(format!(
                "there is nothing called {word:?} to do: `lookback review rules` lists what there is"
            )));
        }
        let made_at = self.now();
        let expires_at = later(made_at, i64::from(days) * DAY);
        let id = Secret::new("")?.derived("id").reveal()[..12].to_owned();
        let secret = Secret::new(&format!("lbk_{id}_"))?;
        let key = AccessKey {
            id,
            account,
            label,
            scope,
            purpose,
            enrol,
            rate,
            made_at,
            expires_at,
            revoked_at: None,
        };
        self.writing().add_key(secret.digest(), &key)?;
        Ok((key, secret))
    }

    /// The key of a secret, if it is good.
    pub(crate) fn key(&self, secret: &Secret) -> Result<Option<AccessKey>, Error> {
        let now = self.now();
        let key = self.reading().key(secret.digest())?;
        Ok(key.filter(|key| key.revoked_at.is_none() && now < key.expires_at))
    }

    /// All keys, or an account's.
    pub fn keys(&self, account: Option<&AccountName>) -> Result<Vec<AccessKey>, Error> {
        Ok(self.reading().keys(account)?)
    }

    /// Takes a key back; an error when there is none of that name that is still good.
    pub fn revoke_key(&self, id: &str) -> Result<(), Error> {
        let revoked = self.writing().revoke_key(id, self.now())?;
        if revoked { Ok(()) } else { Err(Error::NotFound("there is no key of that id in use".into())) }
    }

    /// Takes everything from an account.
    pub fn revoke_all(&self, account: &AccountName) -> Result<(), Error> {
        Ok(self.writing().revoke_all(account, self.now())?)
    }

    /// The account of whom an identity provider vouches for.
    pub(crate) fn linked(&self, issuer: &str, claim: &str) -> Result<Option<AccountName>, Error> {
        Ok(self.reading().linked(issuer, claim)?)
    }

    /// Says what an identity provider calls an account.
    pub fn link(&self, issuer: &str, claim: &str, account: &AccountName) -> Result<(), Error> {
        Ok(self.writing().link(issuer, claim, account)?)
    }
}

fn later(time: KnownAt, micros: i64) -> KnownAt {
    KnownAt::from_micros(time.micros().saturating_add(micros))
}

fn earlier(time: KnownAt, micros: i64) -> KnownAt {
    later(time, -micros)
}
