//! A store: the ledger file, the index files and the network's beside it, and an engine that is kept in step.
//!
//! Always holds: index files are only a saving of work. They say which commit, engine and policy they are of; one that is missing,
//! damaged or of something else is rebuilt from the ledger.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use cases::review::Desk;
use index::{Index, Stamp};
use ledger::{Batch, Head, Ledger, Verified};
use model::{AlertChange, Commit, CommitHeader, Counts, DatasetName, Digest, KnownAt, Role, SourceFile};
use screening::{Applied, Engine, Graph, Indexes, engine_version};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::saved_network::Opened;

pub use ledger::Access;

/// What a store takes from its surroundings.
#[derive(Clone)]
pub struct Settings {
    /// Who acts.
    pub actor: String,
    /// How they showed it.
    pub proof: model::Proof,
    /// For what; recorded with every commit. Empty: what the command does.
    pub purpose: String,
    /// How many threads screen.
    pub threads: NonZero<usize>,
    /// The clock.
    pub clock: fn() -> KnownAt,
    /// Who decides; tests put another one here to play an upgrade.
    pub engine: model::Engine,
    /// Index files are written when this many rows changed since they were; fewer are caught up with when a store is opened.
    pub rows_worth_saving: u64,
}

impl Settings {
    /// The machine's clock and threads.
    pub fn of_this_machine(actor: &str) -> Self {
        Self {
            actor: actor.to_owned(),
            proof: model::Proof::Asserted,
            purpose: String::new(),
            threads: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            clock: system_clock,
            engine: engine_version(),
            rows_worth_saving: ROWS_WORTH_SAVING,
        }
    }
}

/// The machine's clock in microseconds.
#[expect(clippy::disallowed_methods, reason = "the façade is where the clock is read")]
fn system_clock() -> KnownAt {
    KnownAt::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// What happened when another engine had decided before.
#[derive(Debug, Clone)]
pub struct Reexamined {
    /// Who had decided.
    pub before: model::Engine,
    /// What it changed.
    pub changes: Vec<AlertChange>,
}

/// A store.
pub struct Store {
    pub(crate) path: PathBuf,
    pub(crate) ledger: Ledger,
    pub(crate) settings: Settings,
    engine: Option<Engine>,
    /// All reviews, and the commit up to which they were followed.
    pub(crate) desk: Option<(u64, Desk)>,
    unsaved_rows: u64,
    /// What opening it re-examined, if another engine had decided before.
    pub reexamined: Option<Reexamined>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct IndexStamp {
    seq: u64,
    commit: Digest,
    basis: Digest,
    /// A dataset that comes later changes no index; one that changes its role moves its entities from one to the other.
    roles: BTreeMap<DatasetName, Role>,
}

/// Catching up with 2,000 rows takes less time than writing the index files of a million.
const ROWS_WORTH_SAVING: u64 = 2_000;

/// Recomputes everything that a store holds; with a head that was written down, also that the chain still has it. Nothing of the
/// store is asked before, so that the first broken commit is the one that is told.
pub fn verify(path: &Path, written_down: Option<Head>) -> Result<Verified, Error> {
    let ledger = Ledger::open(path, Access::Read)?;
    Ok(match written_down {
        Some(head) => ledger.verify_against(head)?,
        None => ledger.verify()?,
    })
}

impl Store {
    /// Makes a new store. Refuses a path where something is.
    pub fn create(path: &Path, settings: Settings) -> Result<Self, Error> {
        let ledger = Ledger::create(path)?;
        Ok(Self {
            path: path.to_owned(),
            ledger,
            settings,
            engine: None,
            desk: None,
            unsaved_rows: 0,
            reexamined: None,
        })
    }

    /// Opens a store. With write access, another engine or other tables than the last commit's re-examine everybody at once.
    pub fn open(path: &Path, access: Access, settings: Settings) -> Result<Self, Error> {
        let writes = matches!(access, Access::Write);
        let ledger = Ledger::open(path, access)?;
        let mut store = Self {
            path: path.to_owned(),
            ledger,
            settings,
            engine: None,
            desk: None,
            unsaved_rows: 0,
            reexamined: None,
        };
        if let Some(before) = store.other_engine()?.filter(|_| writes) {
            store.reexamine(before)?;
        }
        Ok(store)
    }

    /// The engine of the last commit, when it is not this one.
    pub fn other_engine(&self) -> Result<Option<model::Engine>, Error> {
        let last = self.ledger.head()?.map(|commit| commit.header.engine);
        Ok(last.filter(|engine| *engine != self.settings.engine))
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The ledger and an engine that is in step and ready to apply a batch; opens the engine if need be.
    pub(crate) fn parts(&mut self) -> Result<(&mut Ledger, &mut Engine), Error> {
        let (_, engine) = self.parts_to_ask()?;
        if engine.lacks_graph() {
            let policy = engine.policy().clone();
            let Opened { graph, unsaved_rows } = self.open_network(&policy)?;
            self.unsaved_rows += unsaved_rows;
            self.parts_to_ask()?.1.take_graph(graph);
        }
        self.parts_to_ask()
    }

    /// The same for questions about names, for which the network need not be built.
    pub(crate) fn parts_to_ask(&mut self) -> Result<(&mut Ledger, &mut Engine), Error> {
        if self.engine.is_none() {
            let engine = self.open_engine()?;
            self.unsaved_rows += engine.rows_caught_up();
            self.engine = Some(engine);
        }
        let engine = self.engine.as_mut().expect("it was opened above");
        Ok((&mut self.ledger, engine))
    }

    /// The network of the head, where the engine holds it.
    pub(crate) fn standing_graph(&self) -> Option<&Graph> {
        self.engine.as_ref().and_then(Engine::graph)
    }

    /// Lets the engine go, as after an error or a trial: the next use opens it anew from the ledger.
    pub(crate) fn drop_engine(&mut self) {
        self.engine = None;
    }

    /// Counts rows that the index files do not have yet.
    pub(crate) fn count_unsaved(&mut self, rows: u64) {
        self.unsaved_rows += rows;
    }

    /// The time of the next commit, where none is given: now, or just after the head.
    pub(crate) fn next_known_at(&self) -> Result<KnownAt, Error> {
        let after_head = self.ledger.head()?.map_or(KnownAt::MIN, |commit| commit.header.known_at.next());
        Ok((self.settings.clock)().max(after_head))
    }

    pub(crate) fn header(
        &self,
        known_at: KnownAt,
        purpose: &str,
        mut sources: Vec<SourceFile>,
    ) -> CommitHeader {
        sources.extend(self.anchor());
        let purpose = if self.settings.purpose.is_empty() { purpose } else { &self.settings.purpose };
        CommitHeader {
            known_at,
            actor: self.settings.actor.clone(),
            purpose: purpose.to_owned(),
            sources,
            engine: self.settings.engine.clone(),
        }
    }

    pub(crate) fn open_engine(&self) -> Result<Engine, Error> {
        let threads = self.settings.threads;
        let view = self.ledger.as_of(KnownAt::MAX);
        if let Some((indexes, stamp)) = self.saved_indexes()
            && self.ledger.commit(stamp.seq)?.is_some_and(|commit| commit.hash == stamp.commit)
        {
            let engine = Engine::resume(&self.ledger, indexes, stamp.seq, threads)?;
            let same_role = |(name, role): (&DatasetName, &Role)| engine.roles().get(name) == Some(role);
            if engine.basis() == stamp.basis && stamp.roles.iter().all(same_role) {
                return Ok(engine);
            }
        }
        Ok(Engine::build(&view, self.ledger.screened_at()?, threads)?)
    }

    fn index_path(&self, side: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{side}.index"));
        PathBuf::from(name)
    }

    /// Index files that can be read and belong together.
    fn saved_indexes(&self) -> Option<(Indexes, IndexStamp)> {
        let open = |side| {
            let (index, stamp) = Index::open(&self.index_path(side)).ok()?;
            // Invariant(LOSSLESS): a damaged byte would lose pairs, so all of the file is read once before it is trusted.
            index.verify().ok()?;
            Some((index, serde_json::from_slice::<IndexStamp>(&stamp.bytes).ok()?))
        };
        let ((entries, of_entries), (subjects, of_subjects)) = (open("entries")?, open("subjects")?);
        (of_entries == of_subjects).then_some((Indexes { entries, subjects }, of_entries))
    }

    /// Removes the index files and the network's, and what a killed process left of one that it was writing; the next use builds them
    /// from the ledger.
    pub(crate) fn remove_indexes(&self) -> Result<(), Error> {
        let files = [self.index_path("entries"), self.index_path("subjects"), self.network_path()];
        for path in files.iter().flat_map(|path| [path.clone(), path.with_added_extension("new")]) {
            if path.exists() {
                let failed = |error| Error::Io(format!("removing {}", path.display()), error);
                std::fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Builds the indexes from what the ledger holds, and writes them where they are worth it.
    pub(crate) fn rebuild_indexes(&mut self) -> Result<(), Error> {
        self.engine = None;
        self.unsaved_rows = 0;
        self.parts()?;
        self.save_indexes()
    }

    /// Makes the next write or question as fast as all later ones: builds what is missing, and writes index files that are worth it.
    pub fn prepare(&mut self) -> Result<(), Error> {
        self.parts()?;
        self.save_indexes()?;
        self.parts().map(drop)
    }

    /// Writes the index files, if enough changed since they were written to be worth it.
    pub fn save_indexes(&mut self) -> Result<(), Error> {
        let (Some(engine), Some(head)) = (&self.engine, self.ledger.head()?) else { return Ok(()) };
        if self.unsaved_rows < self.settings.rows_worth_saving {
            return Ok(());
        }
        let (seq, commit, basis) = (head.seq, head.hash, engine.basis());
        let stamp = IndexStamp { seq, commit, basis, roles: engine.roles().clone() };
        let stamp = Stamp { bytes: serde_json::to_vec(&stamp).expect("numbers and digests are JSON") };
        let indexes = engine.indexes();
        for (side, index) in [("entries", &indexes.entries), ("subjects", &indexes.subjects)] {
            let path = self.index_path(side);
            let failed =
                |error| Error::Io(format!("writing {}", path.display()), std::io::Error::other(error));
            index.save(&path, &stamp).map_err(failed)?;
        }
        if let Some(graph) = engine.graph() {
            self.save_network(graph, seq, commit, basis)?;
        }
        self.unsaved_rows = 0;
        self.engine = None;
        Ok(())
    }

    fn reexamine(&mut self, before: model::Engine) -> Result<(), Error> {
        let header = self.header(self.next_known_at()?, "another engine or other tables", Vec::new());
        let purpose = format!("re-examination: decided by {} ({}) before", before.engine, before.tables);
        let header = CommitHeader { purpose, ..header };
        let view = self.ledger.as_of(KnownAt::MAX);
        let mut engine = Engine::build(&view, self.ledger.screened_at()?, self.settings.threads)?;
        let mut batch = self.ledger.begin(header)?;
        let applied = engine.reexamine(&mut batch)?;
        batch.finish(&applied.coverage)?;
        self.reexamined = Some(Reexamined { before, changes: applied.changes });
        self.engine = Some(engine);
        self.unsaved_rows = self.settings.rows_worth_saving;
        self.save_indexes()
    }
}

/// Screens a staged batch and commits it, or drops it when it is only a trial.
pub(crate) fn screen_and_finish(
    engine: &mut Engine,
    mut batch: Batch<'_>,
    counts: Counts,
    ending: Ending,
) -> Result<(Applied, Option<Commit>, Counts), Error> {
    let staged = batch.counts_mut();
    staged.rows = counts.rows;
    let staged = *staged;
    if ending != Ending::Trial && staged.puts > 0 && batch.is_decided_only() {
        let commit = batch.finish_decided()?;
        let applied = Applied { changes: Vec::new(), coverage: engine.coverage().clone() };
        return Ok((applied, Some(commit), staged));
    }
    let applied = engine.apply(&mut batch)?;
    match ending {
        Ending::Commit | Ending::Preview => {
            let commit = batch.finish(&applied.coverage)?;
            Ok((applied, Some(commit), staged))
        }
        Ending::Trial => Ok((applied, None, staged)),
    }
}

/// What becomes of a batch that was screened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is committed.
    Commit,
    /// It is dropped: what it would have done was asked, not done.
    Trial,
    /// It is committed in a group that is given up afterwards.
    Preview,
}
