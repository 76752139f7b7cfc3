//! A store as many ask it at once: frozen lists for questions about names, readers for everything else, one writer.
//!
//! In: closures over a [`Store`]. Out: what they gave, or a [`Problem`]. Always holds: there is one writer, and it is the only one of
//! the file; after a write was acknowledged it is durable (`CRASH`), and [`Service::lists`] are those after it; no queue grows without bound (what does not fit is
//! told to come back).

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::thread;
use std::time::Duration;

use lookback::lists::Lists;
use lookback::model::Proof;
use lookback::{Error, Scratch, Settings, Store, Vitals};
use tokio::sync::{Semaphore, oneshot, watch};

use crate::access::{Access, Secret, Terms};
use crate::following::{Behind, Following};
use crate::ops::{Metrics, Traces, now};
use crate::problem::Problem;
use crate::v1::Repeats;
use crate::webhooks::{Retries, Webhooks};
use crate::writer::{Job, Outcome, Trouble, Writer};

/// What is served, and how.
#[derive(Clone)]
pub struct Options {
    /// The store.
    pub store: PathBuf,
    /// What it takes from its surroundings; who acts is said with each request.
    pub settings: Settings,
    /// How many may read at once.
    pub readers: usize,
    /// A list that is as it was for longer is stale.
    pub stale_after: Duration,
    /// Who is let in, and how.
    pub access: Terms,
    /// What allows `/updatez`, as yente's clients send it.
    pub update_token: Option<Secret>,
    /// How a letter to a webhook that was not taken is sent again.
    pub retries: Retries,
    /// Where a span of each request is sent, if anywhere.
    pub traces: Option<Traces>,
}

impl Options {
    /// As many readers as the settings have threads; a list is stale after a week.
    pub fn of(store: PathBuf, settings: Settings) -> Self {
        const WEEK: Duration = Duration::from_hours(7 * 24);
        let readers = settings.threads.get();
        Self {
            store,
            settings,
            readers,
            stale_after: WEEK,
            access: Terms::default(),
            traces: None,
            update_token: None,
            retries: Retries::default(),
        }
    }
}

/// How many writes may wait. More are told to come back.
const WRITES_WAITING: usize = 64;
/// How many readers may wait for each that reads.
const READS_WAITING: usize = 64;
/// How long until something that failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// So many times as long as looking took, nobody looks again: a large store is not kept busy by being looked after.
const REST: u32 = 20;

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

struct Inner {
    options: Options,
    access: Access,
    repeats: Repeats,
    webhooks: Webhooks,
    following: Arc<Following>,
    acknowledged: Arc<AtomicU64>,
    scratches: Mutex<Vec<Scratch>>,
    writer: Writer,
    readers: Mutex<Vec<Store>>,
    reading: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    vitals: RwLock<Option<Arc<Vitals>>>,
    metrics: Metrics,
    ending: watch::Sender<bool>,
}

/// A store that is served. Copies are the same service.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

impl Service {
    /// Opens the store for the one writer, and reads the lists.
    pub fn open(options: Options) -> Result<Self, Error> {
        Self::open_where(options, || Ok(()))
    }

    /// The same, where the lists follow the store only as far as `may_follow` lets them.
    fn open_where(
        options: Options,
        may_follow: impl Fn() -> Result<(), Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let open = {
            let (path, settings) = (options.store.clone(), options.settings.clone());
            move |access| Store::open(&path, access, settings.clone())
        };
        let mut store = open(lookback::Access::Write)?;
        store.prepare()?;
        let (follower, observer) = (open(lookback::Access::Read)?, open(lookback::Access::Read)?);
        let lists = follower.lists()?;
        let (committed, commits) = std::sync::mpsc::channel();
        let readers = options.readers.max(1);
        let reopen = open.clone();
        let reopen = move || reopen(lookback::Access::Write);
        let writer = Writer::start(store, WRITES_WAITING, AGAIN, reopen, move || committed.send(()).is_ok());
        let mut follower = Some(follower);
        let following = Following::start(lists, commits, AGAIN, move |before| {
            let opened = follower.take();
            may_follow()?;
            // After a failure the store is opened anew and the lists are read whole: neither is trusted any more.
            let trusted = opened.is_some();
            let store = opened.map_or_else(|| open(lookback::Access::Read), Ok)?;
            let lists = if trusted { store.lists_after(before)? } else { store.lists()? };
            follower = Some(store);
            Ok(lists)
        });
        let access = Access::open(&options)?;
        let repeats = Repeats::open(&options.store, options.settings.clock)
            .map_err(|error| Error::Io("reading the answers kept beside the store".into(), error))?;
        let webhooks = Webhooks::open(&options.store, following.seq())?;
        let service = Self(Arc::new(Inner {
            options,
            access,
            repeats,
            webhooks,
            acknowledged: Arc::new(AtomicU64::new(following.seq())),
            following,
            scratches: Mutex::new(Vec::new()),
            writer,
            readers: Mutex::new(Vec::new()),
            reading: Arc::new(Semaphore::new(readers)),
            waiting: Arc::new(Semaphore::new(readers * READS_WAITING)),
            vitals: RwLock::new(None),
            metrics: Metrics::default(),
            ending: watch::channel(false).0,
        }));
        let weak = Arc::downgrade(&service.0);
        thread::spawn(move || observe(observer, &weak));
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

    /// Who is told what happens.
    pub(crate) fn webhooks(&self) -> &Webhooks {
        &self.0.webhooks
    }

    /// Follows the commits that are acknowledged, by number.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.0.following.commits()
    }

    /// The commit that the lists are of.
    pub(crate) fn seq(&self) -> u64 {
        self.0.following.seq()
    }

    /// The last commit that is durable, also where the lists do not follow it yet.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.0.acknowledged.load(Ordering::Acquire)
    }

    /// The lists as the last commit left them.
    pub fn lists(&self) -> Arc<Lists> {
        self.0.following.lists()
    }

    /// Whether they could not follow it: then they are as of an earlier commit, until they can.
    pub fn is_behind(&self) -> bool {
        self.0.following.is_behind()
    }

    /// How the store was doing when somebody looked last; `None` before anybody did.
    pub fn vitals(&self) -> Option<Arc<Vitals>> {
        self.0.vitals.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why nothing can be written, if so.
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.writer.trouble()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// How many read, how many of those who ask to wait for it, and how many writes wait.
    pub(crate) fn load(&self) -> Load {
        let readers = self.options().readers.max(1);
        let reading = readers - self.0.reading.available_permits();
        let places = readers * READS_WAITING - self.0.waiting.available_permits();
        Load {
            reading,
            reads_waiting: places.saturating_sub(reading),
            writes_waiting: self.0.writer.waiting(),
        }
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
        let place = Arc::clone(&self.0.waiting).try_acquire_owned();
        let _place = place.map_err(|_| self.shed())?;
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

    /// Changes the store in somebody's name. Answered when the change is durable and the lists are those after it; where these cannot
    /// follow, the answer says that it stands and is not seen yet.
    pub async fn change<T: Send + 'static>(
        &self,
        caller: &Caller,
        change: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let asked = now();
        let (answer, answered) = oneshot::channel();
        let (caller, acknowledged) = (caller.clone(), Arc::clone(&self.0.acknowledged));
        let job: Job = Box::new(move |store| {
            store.act_for(&caller.account, caller.proof, &caller.purpose);
            let seq = |store: &Store| Ok::<_, Error>(store.ledger().head()?.map_or(0, |head| head.seq));
            let done = seq(store).and_then(|before| {
                let done = change(store);
                // Also where it failed: what it committed before that stands.
                let after = seq(store)?;
                acknowledged.fetch_max(after, Ordering::AcqRel);
                done.map(|done| (done, after, after > before))
            });
            let outcome = Outcome::of(done.as_ref().err());
            // Whoever went away does not hear it.
            let _ = answer.send(done);
            outcome
        });
        self.0.writer.give(job).map_err(|_| self.shed())?;
        let dropped = |_| if self.trouble().is_some() { Problem::cannot_write() } else { Problem::ours() };
        let (done, seq, committed) = answered.await.map_err(dropped)??;
        self.0.following.reach(seq).await.map_err(|Behind| Problem::unseen())?;
        if committed {
            self.metrics().delta_to_alert.observe(asked.elapsed().as_secs_f64());
        }
        Ok(done)
    }

    fn shed(&self) -> Problem {
        self.metrics().shed.inc();
        Problem::busy()
    }

    /// Tells those who answer without an end that there is one.
    pub(crate) fn end(&self) {
        self.0.ending.send_replace(true);
    }

    /// Waits until the service is to end: for answers that have no end of their own.
    pub async fn ending(&self) {
        let mut ending = self.0.ending.subscribe();
        // That nobody can say any more that it ends, is an end.
        let _ = ending.wait_for(|ending| *ending).await;
    }

    /// Lets the writes that wait be done, writes the index files, and closes the store.
    pub(crate) fn close(&self) {
        self.0.writer.close();
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.0.options.traces.iter().for_each(Traces::end);
    }
}

/// Who waits for what.
pub(crate) struct Load {
    pub(crate) reading: usize,
    pub(crate) reads_waiting: usize,
    pub(crate) writes_waiting: usize,
}

/// Looks how the store is doing after each commit, and not all the time.
fn observe(mut store: Store, service: &Weak<Inner>) {
    loop {
        let Some(inner) = service.upgrade() else { return };
        let known = inner.vitals.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|v| v.commit);
        let mut rest = AGAIN / 2;
        if known != Some(inner.following.seq()) {
            let start = now();
            match store.vitals() {
                Ok(vitals) => {
                    *inner.vitals.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(vitals));
                }
                Err(error) => tracing::error!(%error, "how the store is doing could not be read"),
            }
            rest = rest.max(start.elapsed() * REST);
        }
        drop(inner);
        thread::sleep(rest);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU8;

    use lookback::model::{AccountName, PersonName, ReviewRole};

    use super::*;

    const FOLLOWS: u8 = 0;
    const FAILS: u8 = 1;
    const PANICS: u8 = 2;

    fn open_account(store: &mut Store) -> Result<(), Error> {
        let (name, person) = (AccountName::new("root"), PersonName::new("p-1"));
        let (name, person) = (name.expect("it is a name"), person.expect("it is a name"));
        store.open_account(name, person, [ReviewRole::Administrator].into(), [].into()).map(drop)
    }

    #[test]
    fn a_change_that_the_lists_cannot_follow_is_said_to_stand_and_they_follow_when_they_can() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for fault in [FAILS, PANICS] {
            runtime.block_on(stands_unseen(fault));
        }
    }

    async fn stands_unseen(fault: u8) {
        let folder = tempfile::tempdir().unwrap();
        let (path, settings) = (folder.path().join("s.db"), Settings::of_this_machine("tester"));
        drop(Store::create(&path, settings.clone()).unwrap());
        let how = Arc::new(AtomicU8::new(fault));
        let asked = Arc::clone(&how);
        let service =
            Service::open_where(Options::of(path, settings), move || match asked.load(Ordering::SeqCst) {
                FOLLOWS => Ok(()),
                FAILS => Err(Error::Usage("a fault of a test".into())),
                _ => panic!("a fault of a test"),
            });
        let service = service.unwrap();
        let proof = Proof::Asserted;
        let caller = Caller { account: "tester".into(), proof, purpose: "test".into(), break_glass: None };
        let problem = service.change(&caller, open_account).await.unwrap_err();
        assert_eq!((problem.status, problem.kind.as_str()), (503, "urn:lookback:unseen"));
        assert!(service.is_behind() && service.seq() == 0);
        // Who may do what is known at once, also where names are still answered as of before.
        assert!(service.access().standings.now(&service).await.unwrap().has_accounts);
        let stands = service.ask(&caller, |store| Ok(store.ledger().head()?.map(|head| head.seq))).await;
        assert_eq!(stands.unwrap(), Some(1), "it is durable");
        how.store(FOLLOWS, Ordering::SeqCst);
        let mut commits = service.commits();
        commits.wait_for(|seq| *seq == 1).await.unwrap();
        service.change(&caller, |_| Ok(())).await.unwrap();
        assert!(!service.is_behind() && service.lists().seq() == 1);
    }
}
