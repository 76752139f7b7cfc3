//! Whether whoever asks has to show who they are, and where the server may therefore listen.

use std::net::SocketAddr;

use lookback::model::KnownAt;
use lookback::{Error, Store};

use crate::service::Service;

/// Who gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// The store has no accounts: whoever sits at the machine is let in, as on the command line.
    Open,
    /// It has accounts, and none of them can show anything yet: nobody is let in.
    NoKeys,
    /// Accounts that show a password, a key or an identity are let in.
    Locked,
}

impl Service {
    /// Who gets in now.
    pub fn lock(&self) -> Result<Lock, Error> {
        let options = self.options();
        let store = Store::open(&options.store, lookback::Access::Read, options.settings.clone())?;
        if !store.has_accounts()? {
            return Ok(Lock::Open);
        }
        let open = store.accounts(KnownAt::MAX)?;
        let shown = self.access().keeper.shown()?;
        let can = shown.iter().any(|one| {
            (one.password || one.keys > 0 || !one.identities.is_empty())
                && open.iter().any(|account| account.account == one.account)
        });
        Ok(if can { Lock::Locked } else { Lock::NoKeys })
    }

    /// Refuses an address that others reach, or one that a proxy speaks for, unless an account can show that it is itself.
    // Invariant(LOOPBACK): asked before the socket is there.
    pub(crate) fn check_listen(&self, listen: SocketAddr) -> Result<(), Error> {
        let reached = !listen.ip().is_loopback() || self.options().access.public_url.is_some();
        if !reached || self.lock()? == Lock::Locked {
            return Ok(());
        }
        Err(Error::Usage(
            "others would reach this address, and no account could show that it is itself: open an account \
             (`lookback account open`), give it a password (`lookback access password`), then serve"
                .into(),
        ))
    }
}
