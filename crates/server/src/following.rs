//! The lists as the last commit left them, and the one thread that keeps them so.
//!
//! In: word that something was committed, and a way to read the lists after others. Out: the lists, and by which commit they are. Always
//! holds: whoever waits for a commit learns that it is seen, or that it cannot be seen for now, and never waits for what does not come;
//! what failed or panicked is tried again until it holds, without anybody's doing.

use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use lookback::Error;
use lookback::lists::Lists;
use tokio::sync::watch;

/// The lists, shared by all who ask.
pub(crate) struct Following {
    lists: RwLock<Arc<Lists>>,
    /// The commit that the lists are of.
    seen: watch::Sender<u64>,
    /// Whether the last try to follow failed.
    behind: watch::Sender<bool>,
}

/// The lists cannot be those of a commit for now.
pub(crate) struct Behind;

impl Following {
    /// Begins with these lists, and follows each commit by `after`, which reads the lists after others. It ends when nobody commits any more.
    pub(crate) fn start(
        lists: Lists,
        commits: Receiver<()>,
        again: Duration,
        after: impl FnMut(&Lists) -> Result<Lists, Error> + Send + 'static,
    ) -> Arc<Self> {
        let (seen, behind) = (watch::channel(lists.seq()).0, watch::channel(false).0);
        let following = Arc::new(Self { lists: RwLock::new(Arc::new(lists)), seen, behind });
        let of_thread = Arc::clone(&following);
        thread::spawn(move || of_thread.follow(&commits, again, after));
        following
    }

    /// The lists.
    pub(crate) fn lists(&self) -> Arc<Lists> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Follows the commits that are seen, by number.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.seen.subscribe()
    }

    /// The last commit that is seen.
    pub(crate) fn seq(&self) -> u64 {
        *self.seen.borrow()
    }

    /// Whether the lists could not follow the store.
    pub(crate) fn is_behind(&self) -> bool {
        *self.behind.borrow()
    }

    /// Waits until the lists are those of a commit, or could not follow.
    pub(crate) async fn reach(&self, seq: u64) -> Result<(), Behind> {
        let (mut seen, mut behind) = (self.seen.subscribe(), self.behind.subscribe());
        tokio::select! {
            biased;
            _ = seen.wait_for(|at| *at >= seq) => Ok(()),
            _ = behind.wait_for(|behind| *behind) => Err(Behind),
        }
    }

    fn follow(
        &self,
        commits: &Receiver<()>,
        again: Duration,
        mut after: impl FnMut(&Lists) -> Result<Lists, Error>,
    ) {
        loop {
            let behind = self.is_behind();
            match if behind { commits.recv_timeout(again) } else { commits.recv().map_err(Into::into) } {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            iter::from_fn(|| commits.try_recv().ok()).for_each(drop);
            let before = self.lists();
            match catch_unwind(AssertUnwindSafe(|| after(&before))) {
                Ok(Ok(lists)) => {
                    let seq = lists.seq();
                    *self.lists.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
                    if self.behind.send_replace(false) {
                        tracing::info!("the lists follow the store again");
                    }
                    self.seen.send_replace(seq);
                    continue;
                }
                Ok(Err(error)) => tracing::error!(%error, "the lists could not follow the store"),
                Err(_) => tracing::error!("following the store panicked; it is tried anew"),
            }
            self.behind.send_replace(true);
        }
    }
}
