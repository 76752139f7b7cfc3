//! Who the accounts are and what they may do, as the last commit left them.
//!
//! Always holds: what is answered is of the last commit that was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;

use lookback::model::{AccountName, KnownAt, Proof};
use lookback::review::Standing;
use tokio::sync::Mutex;

use crate::problem::Problem;
use crate::service::{Caller, Service};

/// The accounts of one commit.
pub(crate) struct AsOf {
    seq: u64,
    /// Whether the store ever had an account.
    pub(crate) has_accounts: bool,
    /// Those that are open.
    pub(crate) open: BTreeMap<AccountName, Standing>,
}

/// The accounts of the last commit, read anew after each.
#[derive(Default)]
pub(crate) struct Standings(Mutex<Option<Arc<AsOf>>>);

impl Standings {
    /// Those of the last commit.
    // Invariant(ROLES-NOW): read anew when there was a commit since.
    pub(crate) async fn now(&self, service: &Service) -> Result<Arc<AsOf>, Problem> {
        let mut last = self.0.lock().await;
        let seq = service.seq();
        if let Some(last) = last.as_ref().filter(|last| last.seq == seq) {
            return Ok(Arc::clone(last));
        }
        let settings = &service.options().settings;
        let purpose = String::new();
        let caller =
            Caller { account: settings.actor.clone(), proof: Proof::Asserted, purpose, break_glass: None };
        let read = service.ask(&caller, move |store| {
            let has_accounts = store.has_accounts()?;
            let accounts = if has_accounts { store.accounts(KnownAt::MAX)? } else { Vec::new() };
            let open = accounts.into_iter().map(|one| (one.account, one.standing)).collect();
            Ok(AsOf { seq, has_accounts, open })
        });
        let read = Arc::new(read.await?);
        *last = Some(Arc::clone(&read));
        Ok(read)
    }
}
