//! Answers by the key under which a client asked, so that a request that is sent again is not done again.
//!
//! In: a key and a digest of the request. Out: that it is new, or the answer that it was given. Always holds: an answer is durable beside
//! the store before it is sent; keys and requests are kept as digests; after a day, and past so many, the oldest is forgotten. A crash
//! between a commit and its answer forgets the answer: sent again, the file is read again, and what stands as it says is counted as
//! unchanged.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use lookback::model::{Digest, KnownAt};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::Problem;

/// An answer as it was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Digest of account and key.
    pub(crate) key: Digest,
    /// Digest of the request.
    pub(crate) request: Digest,
    /// When it was answered.
    pub(crate) at: KnownAt,
    /// The status.
    pub(crate) status: u16,
    /// What was said.
    pub(crate) body: Value,
}

/// What a key is at the beginning of a request.
pub(crate) enum Begun {
    /// New: the request is to be done.
    New,
    /// Known: it was answered so.
    Again(Kept),
}

/// The answers that are kept.
pub(crate) struct Repeats {
    path: PathBuf,
    clock: fn() -> KnownAt,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    answers: BTreeMap<Digest, Kept>,
    oldest: VecDeque<Digest>,
    under_way: BTreeSet<Digest>,
}

const MICROS_A_DAY: i64 = 86_400_000_000;
/// So many are kept at most; each is a few kilobytes.
const KEPT_MAX: usize = 2_000;

impl Repeats {
    /// Those beside a store.
    pub(crate) fn open(store: &Path, clock: fn() -> KnownAt) -> io::Result<Self> {
        let mut path = store.as_os_str().to_owned();
        path.push(".repeats");
        let path = PathBuf::from(path);
        let mut known = Known::default();
        match File::open(&path) {
            Ok(file) => {
                // A line that a crash cut is of an answer that nobody was given.
                let lines = BufReader::new(file).lines();
                for kept in lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()) {
                    known.keep(kept);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let repeats = Self { path, clock, known: Mutex::new(known) };
        repeats.write_anew(&mut repeats.known())?;
        Ok(repeats)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request.
    pub(crate) fn begin(&self, key: Digest, request: Digest) -> Result<Begun, Problem> {
        let mut known = self.known();
        known.forget((self.clock)());
        if known.under_way.contains(&key) {
            let why = "the request of this idempotency-key is under way: ask again in a moment";
            return Err(Problem::new(StatusCode::CONFLICT, "under_way", why));
        }
        match known.answers.get(&key) {
            Some(kept) if kept.request == request => Ok(Begun::Again(kept.clone())),
            Some(_) => {
                let why = "this idempotency-key was used for another request";
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "another_request", why))
            }
            None => {
                known.under_way.insert(key);
                Ok(Begun::New)
            }
        }
    }

    /// Ends a request that was begun. What failed by our own fault is not kept: it may be tried again.
    pub(crate) fn end(&self, kept: &Kept) {
        let mut known = self.known();
        known.under_way.remove(&kept.key);
        if kept.status >= 500 {
            return;
        }
        let many = known.keep(kept.clone());
        let written = if many { self.write_anew(&mut known) } else { self.append(kept) };
        if let Err(error) = written {
            tracing::error!(%error, "an answer could not be kept beside the store");
        }
    }

    fn append(&self, kept: &Kept) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        file.write_all(line(kept).as_bytes())?;
        file.sync_data()
    }

    fn write_anew(&self, known: &mut Known) -> io::Result<()> {
        known.forget((self.clock)());
        if known.answers.is_empty() && !self.path.exists() {
            return Ok(());
        }
        let beside = self.path.with_extension("repeats-new");
        let mut file = File::create(&beside)?;
        for kept in known.oldest.iter().filter_map(|key| known.answers.get(key)) {
            file.write_all(line(kept).as_bytes())?;
        }
        file.sync_all()?;
        std::fs::rename(&beside, &self.path)
    }
}

fn line(kept: &Kept) -> String {
    serde_json::to_string(kept).expect("digests and JSON are JSON") + "\n"
}

impl Known {
    /// Keeps an answer; whether so many were forgotten since that the file is worth writing anew.
    fn keep(&mut self, kept: Kept) -> bool {
        self.oldest.push_back(kept.key);
        self.answers.insert(kept.key, kept);
        let full = self.oldest.len() > KEPT_MAX;
        if full {
            let half = self.oldest.len() / 2;
            for key in self.oldest.drain(..half).collect::<Vec<_>>() {
                self.answers.remove(&key);
            }
        }
        full
    }

    fn forget(&mut self, now: KnownAt) {
        let old = |kept: &Kept| now.micros().saturating_sub(kept.at.micros()) > MICROS_A_DAY;
        while let Some(key) = self.oldest.front() {
            match self.answers.get(key) {
                Some(kept) if !old(kept) => break,
                _ => {
                    self.answers.remove(key);
                    self.oldest.pop_front();
                }
            }
        }
    }
}
