//! Webhooks: receivers are told what happens, each by a courier of its own (docs/reference/v1.md).
//!
//! In: what commits did, as [`Store::happenings_after`](lookback::Store::happenings_after) tells it. Out: signed letters, by POST. Always holds: a
//! receiver is told everything that its account may see, in order and at least once (`HOOK-PLACE`): how far it was told is durable before the
//! next letter goes out, and what it could not be told is listed. The ledger is the queue: a receiver that is slow, or away, costs one page
//! of letters in memory, and neither the writer nor another receiver waits for it.

mod courier;
mod letter;

pub(crate) use letter::new_secret;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lookback::webhooks::{Place, Webhooks as Kept};
use lookback::{Error, LedgerError};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::problem::Problem;
use crate::service::Service;
use courier::Courier;

/// How long until something of ours that failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How a letter that could not be delivered is sent again.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    /// How long until the second try; each later one waits twice as long, less up to half by chance, so that many do not come at once.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
    /// So many tries; then the letter is dead.
    pub tries: u32,
}

impl Default for Retries {
    /// Five seconds up to an hour, 24 times: a receiver that is away for a night misses nothing.
    fn default() -> Self {
        Self { first: Duration::from_secs(5), longest: Duration::from_hours(1), tries: 24 }
    }
}

impl Retries {
    /// How long after so many tries the next is made, by a number that is drawn.
    fn wait(self, tries: u32, drawn: u16) -> Duration {
        let doublings = tries.saturating_sub(1).min(31);
        let whole = self.first.saturating_mul(1 << doublings).min(self.longest);
        whole.saturating_sub(whole / 2 * u32::from(drawn) / u32::from(u16::MAX))
    }
}

/// The receivers, and how far each was told.
pub(crate) struct Webhooks {
    kept: Arc<Mutex<Kept>>,
    changes: watch::Sender<u64>,
}

impl Webhooks {
    /// Those of a store. Where the store was told to be longer than it is, an older copy was put in its place: it goes on from its end.
    pub(crate) fn open(store: &Path, head: u64) -> Result<Self, Error> {
        let mut kept = Kept::open(store)?;
        for webhook in kept.all()?.iter().filter(|webhook| webhook.place.seq > head) {
            tracing::warn!(
                webhook = webhook.id,
                "it was told more than the store holds, and is told what comes now"
            );
            kept.tell_from(&webhook.id, Place::after(head))?;
        }
        Ok(Self { kept: Arc::new(Mutex::new(kept)), changes: watch::channel(0).0 })
    }

    /// Does something with what is kept, on a thread that may wait for the disk.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Kept) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, Problem> {
        let kept = Arc::clone(&self.kept);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut kept.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Ok(done.await.map_err(|_| Problem::ours())?.map_err(Error::from)?)
    }

    /// Tells the couriers that an administrator changed something.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// Sends a courier to each receiver, also to those that are made meanwhile, until the service ends.
pub(crate) async fn deliver(service: Service) {
    let mut changes = service.webhooks().changes.subscribe();
    let (mut couriers, mut sent) = (JoinSet::new(), BTreeSet::new());
    loop {
        changes.mark_unchanged();
        while couriers.try_join_next().is_some() {}
        let all = service.webhooks().with(|kept| kept.all()).await;
        let failed = all.is_err();
        for webhook in all.into_iter().flatten().filter(|webhook| sent.insert(webhook.id.clone())) {
            couriers.spawn(Courier::new(service.clone(), webhook.id).run());
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(AGAIN), if failed => {}
            () = service.ending() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ_by_chance() {
        let retries = Retries::default();
        let seconds = |tries, drawn| retries.wait(tries, drawn).as_millis();
        assert_eq!([1, 2, 3, 4].map(|tries| seconds(tries, 0)), [5_000, 10_000, 20_000, 40_000]);
        assert_eq!(seconds(1, u16::MAX), 2_500);
        for tries in [11, 24, 1_000, u32::MAX] {
            assert_eq!(seconds(tries, 0), 3_600_000, "{tries}");
        }
        let night: Duration = (1..retries.tries).map(|tries| retries.wait(tries, u16::MAX)).sum();
        assert!(night > Duration::from_hours(7), "{night:?}");
    }
}
