//! A store as many ask it at once: frozen lists for questions about names, readers for everything else, one writer.
//!
//! In: closures over a [`Store`]. Out: what they gave, or a [`Problem`]. Always holds: there is one writer, and it is the only one of
//! the file; after a write was acknowledged, [`Service::lists`] are those after it; no queue grows without bound (what does not fit is
//! told to come back).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::thread;

use lookback::lists::Lists;
use lookback::model::Proof;
use lookback::{Error, Scratch, Settings, Store};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::access::{Access, Terms};
use crate::problem::Problem;
use crate::v1::Repeats;

/// What is served, and how.
#[derive(Clone)]
pub struct Options {
    /// The store.
    pub store: PathBuf,
    /// What it takes from its surroundings; who acts is said with each request.
    pub settings: Settings,
    /// How many may read at once.
    pub readers: usize,
    /// Who is let in, and how.
    pub access: Terms,
}

/// How many writes may wait. More are told to come back.
const WRITES_WAITING: usize = 64;
/// How many readers may wait for each that reads.
const READS_WAITING: usize = 64;

/// In whose name something is asked.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// How it showed that it is itself.
    pub proof: Proof,
    /// For what.
    pub purpose: String,
    /// Why it looks beyond what is its to see; the store was asked whether it may.
    pub break_glass: Option<String>,
}

type Job = Box<dyn FnOnce(&mut Store) + Send>;

struct Inner {
    options: Options,
    access: Access,
    repeats: Repeats,
    stopping: watch::Sender<bool>,
    lists: RwLock<Arc<Lists>>,
    /// The commit that the lists are of.
    published: watch::Receiver<u64>,
    scratches: Mutex<Vec<Scratch>>,
    writes: mpsc::Sender<Job>,
    readers: Mutex<Vec<Store>>,
    reading: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A store that is served. Copies are the same service.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

impl Service {
    /// Opens the store for the one writer, and reads the lists.
    pub fn open(options: Options) -> Result<Self, Error> {
        let mut writer = Store::open(&options.store, lookback::Access::Write, options.settings.clone())?;
        writer.prepare()?;
        let follower = Store::open(&options.store, lookback::Access::Read, options.settings.clone())?;
        let lists = Arc::new(follower.lists()?);
        let (committed, commits) = std::sync::mpsc::channel();
        let (published, seen) = watch::channel(lists.seq());
        let (writes, jobs) = mpsc::channel(WRITES_WAITING);
        let readers = options.readers.max(1);
        let access = Access::open(&options)?;
        let repeats = Repeats::open(&options.store, options.settings.clock)
            .map_err(|error| Error::Io("reading the answers kept beside the store".into(), error))?;
        let service = Self(Arc::new(Inner {
            options,
            access,
            repeats,
            stopping: watch::Sender::new(false),
            lists: RwLock::new(lists),
            published: seen,
            scratches: Mutex::new(Vec::new()),
            writes,
            readers: Mutex::new(Vec::new()),
            reading: Arc::new(Semaphore::new(readers)),
            waiting: Arc::new(Semaphore::new(readers * READS_WAITING)),
        }));
        let of_writer = service.options().clone();
        thread::spawn(move || write(writer, jobs, &committed, &of_writer));
        let weak = Arc::downgrade(&service.0);
        thread::spawn(move || follow(&follower, &commits, &published, &weak));
        Ok(service)
    }

    /// What it was opened with.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// Who is let in.
    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }

    /// Answers that were given under a key.
    pub(crate) fn repeats(&self) -> &Repeats {
        &self.0.repeats
    }

    /// Follows the commits that are acknowledged, by number.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.0.published.clone()
    }

    /// Whether the server is about to end: what would go on for ever ends first.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// The server is about to end.
    pub(crate) fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// The last commit that was acknowledged.
    pub(crate) fn seq(&self) -> u64 {
        *self.0.published.borrow()
    }

    /// The lists as the last commit left them.
    pub fn lists(&self) -> Arc<Lists> {
        Arc::clone(&self.0.lists.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lends a scratch for searching the lists.
    pub fn with_scratch<T>(&self, search: impl FnOnce(&mut Scratch) -> T) -> T {
        let idle = || self.0.scratches.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let found = search(&mut scratch);
        idle().push(scratch);
        found
    }

    /// Asks the store in somebody's name. What is read is of one commit.
    pub async fn ask<T: Send + 'static>(
        &self,
        caller: &Caller,
        question: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let _place = Arc::clone(&self.0.waiting).try_acquire_owned().map_err(|_| Problem::busy())?;
        let permit = Arc::clone(&self.0.reading).acquire_owned().await.map_err(|_| Problem::ours())?;
        let (service, caller) = (self.clone(), caller.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let idle = service.0.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let options = service.options();
            let mut store = match idle {
                Some(store) => store,
                None => Store::open(&options.store, lookback::Access::Read, options.settings.clone())?,
            };
            store.act_for(&caller.account, caller.proof, &caller.purpose);
            let answer = question(&mut store);
            service.0.readers.lock().unwrap_or_else(PoisonError::into_inner).push(store);
            answer
        });
        Ok(asked.await.map_err(|_| Problem::ours())??)
    }

    /// Changes the store in somebody's name. Answered when the change is durable and the lists are those after it.
    pub async fn change<T: Send + 'static>(
        &self,
        caller: &Caller,
        change: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let (answer, answered) = oneshot::channel();
        let caller = caller.clone();
        let job: Job = Box::new(move |store| {
            store.act_for(&caller.account, caller.proof, &caller.purpose);
            let done = change(store).and_then(|done| {
                let head = store.ledger().head()?;
                Ok((done, head.map_or(0, |head| head.seq)))
            });
            // Whoever went away does not hear it.
            let _ = answer.send(done);
        });
        self.0.writes.try_send(job).map_err(|_| Problem::busy())?;
        let (done, seq) = answered.await.map_err(|_| Problem::ours())??;
        let mut published = self.0.published.clone();
        published.wait_for(|at| *at >= seq).await.map_err(|_| Problem::ours())?;
        Ok(done)
    }
}

/// Does one write after the other. A write that panics is answered as a failure of ours, and the store is opened anew.
fn write(mut store: Store, mut jobs: mpsc::Receiver<Job>, committed: &Sender<()>, options: &Options) {
    while let Some(job) = jobs.blocking_recv() {
        if catch_unwind(AssertUnwindSafe(|| job(&mut store))).is_err() {
            tracing::error!("a write panicked; the store is opened anew");
            drop(store);
            match Store::open(&options.store, lookback::Access::Write, options.settings.clone()) {
                Ok(opened) => store = opened,
                Err(error) => {
                    tracing::error!(%error, "the store cannot be opened anew: nothing can be written");
                    return;
                }
            }
        }
        if committed.send(()).is_err() {
            return;
        }
    }
}

/// Keeps the lists those of the last commit.
fn follow(store: &Store, commits: &Receiver<()>, published: &watch::Sender<u64>, service: &Weak<Inner>) {
    while commits.recv().is_ok() {
        while commits.try_recv().is_ok() {}
        let Some(service) = service.upgrade() else { return };
        let before = Arc::clone(&service.lists.read().unwrap_or_else(PoisonError::into_inner));
        match store.lists_after(&before) {
            Ok(lists) => {
                let seq = lists.seq();
                *service.lists.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
                published.send_replace(seq);
            }
            Err(error) => tracing::error!(%error, "the lists could not follow the store"),
        }
    }
}
