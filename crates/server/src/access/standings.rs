//! Who the accounts are and what they may do, as the last commit left them.
//!
//! Always holds: what is answered is of the last commit that was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;

use lookback::model::{AccountName, KnownAt};
use lookback::review::Standing;
use lookback::{Error, Store};
use tokio::sync::Mutex;

use crate::problem::Problem;
use crate::service::Service;

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
pub(crate) struct Standings(Mutex<Known>);

#[derive(Default)]
struct Known {
    last: Option<Arc<AsOf>>,
    /// A reader of their own: who may ask is known also while all others are busy.
    reader: Option<Store>,
}

impl Standings {
    /// Those of the last commit.
    // Invariant(ROLES-NOW): read anew when there was a commit since, also one that the lists do not follow yet.
    pub(crate) async fn now(&self, service: &Service) -> Result<Arc<AsOf>, Problem> {
        let mut known = self.0.lock().await;
        let seq = service.acknowledged();
        if let Some(last) = known.last.as_ref().filter(|last| last.seq == seq) {
            return Ok(Arc::clone(last));
        }
        let (reader, service) = (known.reader.take(), service.clone());
        let read = tokio::task::spawn_blocking(move || {
            let options = service.options();
            let open = || Store::open(&options.store, lookback::Access::Read, options.settings.clone());
            let store = reader.map_or_else(open, Ok)?;
            let has_accounts = store.has_accounts()?;
            let accounts = if has_accounts { store.accounts(KnownAt::MAX)? } else { Vec::new() };
            let open = accounts.into_iter().map(|one| (one.account, one.standing)).collect();
            Ok::<_, Error>((store, AsOf { seq, has_accounts, open }))
        });
        let (store, read) = read.await.map_err(|_| Problem::ours())??;
        let read = Arc::new(read);
        *known = Known { last: Some(Arc::clone(&read)), reader: Some(store) };
        Ok(read)
    }
}
