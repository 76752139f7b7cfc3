//! Who may do what over HTTP: passwords, sessions, keys, and the guard before every route (docs/reference/access.md).
//!
//! In: requests. Out: the same in somebody's name, or a refusal. Always holds: which accounts there are, and what their roles allow, is
//! asked of the ledger at the time of the request (`ROLES-NOW`); a look is in the audit before it is answered (`NOTED-FIRST`); a secret is
//! told once and kept as a digest (`NO-SECRET`).

mod secret;
pub use secret::Secret;

mod limit;
mod password;

mod keeper;
pub use keeper::{Keeper, NewKey};

mod standings;

mod origin;

mod guard;
pub use guard::Looked;
pub(crate) use guard::{Guarded, Who, guard, note_access};

pub(crate) mod shield;

mod lock;
pub use lock::Lock;

mod credentials;
mod keys;
mod oidc;
pub use oidc::Oidc;
mod session;
pub(crate) use session::sessions_only;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use lookback::audit::AuditWriter;
use lookback::model::AccountName;
use lookback::{AuditEntry, Error};
use tokio::sync::{Semaphore, oneshot};

use crate::listen::Tls;
use crate::problem::Problem;
use crate::routes::Route;
use crate::service::Options;
use limit::Limiter;
use standings::Standings;

/// What whoever runs the server says about access.
#[derive(Clone, Default)]
pub struct Terms {
    /// Where its users find it, as `https://desk.example`, where that is not where it listens.
    pub public_url: Option<String>,
    /// What makes its own connections TLS.
    pub tls: Option<Tls>,
    /// Whether a look without a purpose is refused.
    pub purpose_needed: bool,
    /// Who else says who somebody is.
    pub oidc: Option<Oidc>,
}

impl Terms {
    /// Whether browsers reach it by TLS, its own or of what stands before it.
    pub(crate) fn by_tls(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The name of the cookie of a session. By TLS it has the prefix by which browsers let no other host and no plain page set it.
    pub(crate) fn session_cookie(&self) -> &'static str {
        if self.by_tls() { "__Host-lookback" } else { "lookback" }
    }
}

/// Checking a password takes 19 MiB and a processor: so many at once, the rest is told to come back.
const PASSWORDS_AT_ONCE: usize = 2;

/// What stands between requests and the store.
pub(crate) struct Access {
    pub(crate) terms: Terms,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) standings: Standings,
    audit: AuditWriter,
    begun: oidc::AllBegun,
    passwords: Arc<Semaphore>,
    logins: Mutex<Limiter<IpAddr>>,
    keys: Mutex<Limiter<String>>,
}

impl Access {
    pub(crate) fn open(options: &Options) -> Result<Self, Error> {
        Ok(Self {
            terms: options.access.clone(),
            keeper: Arc::new(Keeper::open(&options.store, options.settings.clock)?),
            standings: Standings::default(),
            audit: AuditWriter::open(&options.store)?,
            begun: oidc::AllBegun::default(),
            passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            logins: Mutex::new(Limiter::new()),
            keys: Mutex::new(Limiter::new()),
        })
    }

    /// Notes something; it is durable when this returns.
    // Invariant(NOTED-FIRST): an answer is sent after this returned.
    pub(crate) async fn note(&self, entry: AuditEntry) -> Result<(), Problem> {
        let (told, written) = oneshot::channel();
        if !self.audit.try_record(entry, |done| drop(told.send(done))) {
            return Err(Problem::busy());
        }
        written.await.map_err(|_| Problem::ours())??;
        Ok(())
    }

    /// Whether a password is an account's, on a thread that may take its time.
    pub(crate) async fn check_password(
        &self,
        account: AccountName,
        password: String,
    ) -> Result<(), keeper::NoLogin> {
        let busy = || keeper::NoLogin::Wait(1);
        let permit = Arc::clone(&self.passwords).try_acquire_owned().map_err(|_| busy())?;
        let keeper = Arc::clone(&self.keeper);
        let checked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            keeper.check_password(&account, &password)
        });
        checked.await.unwrap_or_else(|_| Err(busy()))
    }
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = session::routes();
    routes.extend(oidc::routes());
    routes.extend(keys::routes());
    routes.extend(credentials::routes());
    routes
}
