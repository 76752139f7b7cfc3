//! The one thread that may write to the store, and the queue before it.
//!
//! In: jobs over the store. Out: whether nothing can be written, and why. Always holds: one job after the other; a job that panics costs
//! nothing but itself; a store that could not be written is tried again until it can be, without anybody's doing; what was given before the
//! end is done before the end.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lookback::{Error, LedgerError, Store};

/// Something to do with the store.
pub(crate) type Job = Box<dyn FnOnce(&mut Store) -> Outcome + Send>;

/// What a job says about the store.
pub(crate) enum Outcome {
    /// It can be written.
    Written,
    /// Nothing: what was asked was refused before.
    Refused,
    /// It cannot be written, or not be trusted.
    Failed(Trouble),
}

/// Why nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The disk, or the store on it: what it said.
    Storage(String),
    /// Screening could not be trusted, and the commit was refused: what failed.
    Control(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(why) => write!(f, "nothing can be written: {why}"),
            Self::Control(why) => write!(f, "controls failed at the last write: {why}"),
        }
    }
}

impl Outcome {
    pub(crate) fn of(error: Option<&Error>) -> Self {
        match error {
            None => Self::Written,
            Some(
                error @ (Error::Ledger(LedgerError::Storage { .. } | LedgerError::Corrupt { .. })
                | Error::Io(..)),
            ) => Self::Failed(Trouble::Storage(error.to_string())),
            Some(error @ Error::Screening(_)) => Self::Failed(Trouble::Control(error.to_string())),
            Some(_) => Self::Refused,
        }
    }
}

#[derive(Default)]
struct Shared {
    waiting: AtomicUsize,
    trouble: Mutex<Option<Trouble>>,
}

impl Shared {
    fn note(&self, outcome: Outcome) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Outcome::Written => *trouble = None,
            Outcome::Refused => {}
            Outcome::Failed(why) => *trouble = Some(why),
        }
    }

    fn trouble(&self) -> Option<Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The queue and the thread behind it.
pub(crate) struct Writer {
    queue: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

/// The queue is full, or there is no more writing.
pub(crate) struct Full;

impl Writer {
    /// Begins to do jobs; `done` is called after each and says whether to go on.
    pub(crate) fn start(
        store: Store,
        most_waiting: usize,
        again: Duration,
        reopen: impl Fn() -> Result<Store, Error> + Send + 'static,
        done: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        let (queue, jobs) = sync_channel(most_waiting);
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = thread::spawn(move || write(store, &jobs, again, &of_thread, &reopen, &done));
        Self { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)), shared }
    }

    /// Puts a job at the end of the queue.
    pub(crate) fn give(&self, job: Job) -> Result<(), Full> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        queue.as_ref().ok_or(Full).and_then(|queue| queue.try_send(job).map_err(|_| Full)).inspect_err(|_| {
            self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        })
    }

    /// How many jobs wait.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.shared.trouble()
    }

    /// Takes no more jobs, and waits until those that were given are done and the store is closed.
    pub(crate) fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A writer that panicked has closed its store.
            let _ = thread.join();
        }
    }
}

fn write(
    store: Store,
    jobs: &Receiver<Job>,
    again: Duration,
    shared: &Shared,
    reopen: &impl Fn() -> Result<Store, Error>,
    done: &impl Fn() -> bool,
) {
    let mut store = Some(store);
    loop {
        let heals = store.is_none() || matches!(shared.trouble(), Some(Trouble::Storage(_)));
        match if heals { jobs.recv_timeout(again) } else { jobs.recv().map_err(Into::into) } {
            Ok(job) => {
                shared.waiting.fetch_sub(1, Ordering::Relaxed);
                // Without a store the job is dropped, and whoever waits for it is told to come back.
                let Some(open) = &mut store else { continue };
                if let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| job(open))) {
                    shared.note(outcome);
                } else {
                    tracing::error!("a write panicked; the store is opened anew");
                    // What it left half done goes with it; the lock has to go before the store is opened again.
                    drop(store.take());
                    store = heal(None, shared, reopen);
                }
                if !done() {
                    break;
                }
            }
            Err(RecvTimeoutError::Timeout) => store = heal(store, shared, reopen),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(error) = store.and_then(|mut store| store.save_indexes().err()) {
        tracing::error!(%error, "the index files could not be written; the next start builds them");
    }
}

/// Opens the store if it is closed, and tries whether it can be written.
fn heal(store: Option<Store>, shared: &Shared, reopen: &impl Fn() -> Result<Store, Error>) -> Option<Store> {
    let open = store.map_or_else(reopen, Ok);
    let tried = open.map(|store| (store.ledger().probe(), store));
    match tried {
        Ok((Ok(()), store)) => {
            if shared.trouble().is_some() {
                tracing::info!("the store can be written again");
            }
            shared.note(Outcome::Written);
            Some(store)
        }
        Ok((Err(error), store)) => {
            shared.note(Outcome::Failed(Trouble::Storage(error.to_string())));
            Some(store)
        }
        Err(error) => {
            tracing::error!(%error, "the store cannot be opened for writing");
            shared.note(Outcome::Failed(Trouble::Storage(error.to_string())));
            None
        }
    }
}
