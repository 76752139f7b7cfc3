//! Files into commits: read in one thread, staged, screened and committed in another.
//!
//! In: files and options. Out: a report with every commit, reject and notice.
//! Always holds: what one file says of one known time is one commit, whole or not at all; a batch that an earlier, interrupted run
//! already committed is skipped; rows that change nothing are counted and not stored again; a file that cannot be read to its end
//! or that would delete too much is not applied.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use ledger::{Batch, Ledger, Version, View};
use model::{
    AlertChange, Change, Commit, Counts, Dataset, DatasetName, Deletion, Entity, EntityId, EntityRecord, Key,
    KnownAt, Op, Record, Role, SourceFile,
};
use rustc_hash::{FxHashMap, FxHashSet};
use screening::Engine;
use serde::{Deserialize, Serialize};
use sources::{Current, File, FileError, Format, Item, Mapping, ReadError, Reject, Tally};

use crate::store::{Access, Ending, screen_and_finish};
use crate::{Error, Store};

/// Whether a file is a whole version of its dataset or only what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A whole version: what it does not contain is deleted.
    Full,
    /// Only what changed.
    Delta,
}

/// How to read files. A journal names its datasets itself and takes neither dataset nor role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct IngestOptions {
    /// The dataset that the files state.
    pub dataset: Option<DatasetName>,
    /// Its role; needed the first time.
    pub role: Option<Role>,
    /// The format; found out when left out.
    #[serde(skip)]
    pub format: Option<Format>,
    /// The text of the mapping of a CSV file.
    pub mapping: Option<String>,
    /// When the content became known; for formats that do not say so themselves. Left out: now.
    pub known_at: Option<KnownAt>,
    /// Left out: full for OFAC lists, delta for everything else.
    pub mode: Option<Mode>,
    /// Apply even what would be held.
    pub confirm_mass_delete: bool,
    /// Let rejects carry the beginning of their row.
    pub keep_excerpts: bool,
}

/// Watches a long ingestion.
pub trait Progress {
    /// A file is begun: its name.
    fn file(&mut self, name: &str);
    /// So many rows were read since the last call.
    fn rows(&mut self, rows: u64);
    /// A batch is being screened: how many lines it holds.
    fn screening(&mut self, known_at: KnownAt, lines: u64);
    /// A commit stands.
    fn committed(&mut self, report: &CommitReport);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn file(&mut self, _: &str) {}
    fn rows(&mut self, _: u64) {}
    fn screening(&mut self, _: KnownAt, _: u64) {}
    fn committed(&mut self, _: &CommitReport) {}
}

/// What one commit did.
#[derive(Debug, Clone, Serialize)]
pub struct CommitReport {
    /// Its sequence number; 0 for a trial.
    pub seq: u64,
    /// When its content became known.
    pub known_at: KnownAt,
    /// Lines put.
    pub puts: u64,
    /// Lines deleted.
    pub deletes: u64,
    /// Alerts that opened.
    pub opened: u64,
    /// Alerts that changed.
    pub changed: u64,
    /// Alerts that went.
    pub withdrawn: u64,
    /// The changes themselves.
    #[serde(skip)]
    pub changes: Vec<AlertChange>,
}

/// What an ingestion did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IngestReport {
    /// Rows of all files.
    pub rows: u64,
    /// Rows that became a record or part of one.
    pub records: u64,
    /// Rows that became none.
    pub rejects: u64,
    /// Records equal to what was in force: not stored again.
    pub unchanged: u64,
    /// Known times that an earlier run had already committed from the same file.
    pub skipped_batches: u64,
    /// The rejects. All of them are counted; the first thousand are kept here.
    #[serde(skip)]
    pub rejected: Vec<Reject>,
    /// What a person should know: ids given to another party, and so on.
    pub notices: Vec<String>,
    /// The commits.
    pub commits: Vec<CommitReport>,
}

/// How many rejects a report carries.
const REJECTS_REPORTED: usize = 1000;
/// Items handed between the threads at once, and how many such parts may wait.
const PART: usize = 512;
const PARTS_WAITING: usize = 32;

/// Files of one reading: one file, or the parts of one OFAC list.
pub(crate) struct Delivery {
    pub(crate) files: Vec<File>,
    pub(crate) format: Format,
    pub(crate) mode: Mode,
    pub(crate) options: IngestOptions,
    pub(crate) mapping: Option<Mapping>,
    /// The held version that this releases, in the same transaction.
    pub(crate) releases: Option<u64>,
}

impl Store {
    /// Reads files in the order given and commits what they say.
    pub fn ingest(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        progress: &mut dyn Progress,
    ) -> Result<IngestReport, Error> {
        if paths.is_empty() {
            return Err(Error::Usage("name at least one file".into()));
        }
        let files = paths.iter().map(|path| self.open_file(path, options)).collect::<Result<Vec<_>, _>>()?;
        let mut report = IngestReport::default();
        for delivery in deliveries(files, options)? {
            let result = self.take(&delivery, Ending::Commit, progress, &mut report);
            if let Err(error) = result {
                self.drop_engine();
                return Err(self.hold_if_suspect(&delivery, paths, error));
            }
        }
        self.save_indexes()?;
        Ok(report)
    }

    fn open_file(&mut self, path: &Path, options: &IngestOptions) -> Result<File, Error> {
        let opened =
            File::open(path).map(|file| if options.keep_excerpts { file.keep_excerpts() } else { file });
        match (opened, options.mode) {
            (Err(error @ FileError::Empty { .. }), Some(Mode::Full)) => {
                Err(self.hold_empty(path, options, &error))
            }
            (opened, _) => Ok(opened?),
        }
    }

    /// Reads one delivery into as many commits as it has known times.
    pub(crate) fn take(
        &mut self,
        delivery: &Delivery,
        ending: Ending,
        progress: &mut dyn Progress,
        report: &mut IngestReport,
    ) -> Result<(), Error> {
        delivery.files.iter().for_each(|file| progress.file(&file.name));
        let path = self.path.clone();
        let first_known_at = match delivery.options.known_at {
            Some(known_at) => known_at,
            None => self.next_known_at()?,
        };
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(PARTS_WAITING);
            let reader = scope.spawn(move || read(&path, delivery, sender));
            let items = Items { receiver, part: Vec::new().into_iter(), read: 0 };
            let mut intake = Intake {
                delivery,
                items,
                report,
                ending,
                known: BTreeSet::new(),
                reader: Some(reader),
                unkept: Vec::new(),
            };
            intake.run(self, first_known_at, progress)
        })
    }
}

/// Which files are read together, and as what.
pub(crate) fn deliveries(files: Vec<File>, options: &IngestOptions) -> Result<Vec<Delivery>, Error> {
    let mut deliveries: Vec<Delivery> = Vec::new();
    for file in files {
        let unknown = || {
            let formats = Format::ALL.map(Format::word).join(", ");
            Error::Usage(format!("{}: no known format; if it is one of {formats}, say --format", file.name))
        };
        let format = match options.format {
            Some(format) => format,
            None => file.format()?.ok_or_else(unknown)?,
        };
        if format == Format::Ofac && deliveries.last().is_some_and(|last| last.format == Format::Ofac) {
            deliveries.last_mut().expect("there is a last one").files.push(file);
        } else {
            deliveries.push(delivery(file, format, options)?);
        }
    }
    Ok(deliveries)
}

fn delivery(file: File, format: Format, options: &IngestOptions) -> Result<Delivery, Error> {
    let usage = |text: &str| Err(Error::Usage(text.to_owned()));
    let names_itself = options.dataset.is_some() || options.role.is_some();
    match format {
        Format::Journal if names_itself => {
            return usage("a journal names its datasets itself: leave out --dataset and --role");
        }
        Format::Journal | Format::OfacEvents if options.known_at.is_some() => {
            return usage("this format states when each line became known: leave out --known-at");
        }
        Format::Journal if options.mode == Some(Mode::Full) => {
            return usage("a journal says itself what it deletes: leave out --full");
        }
        Format::Journal => {}
        _ if options.dataset.is_none() => return usage("say which dataset this is with --dataset NAME"),
        Format::Csv if options.mapping.is_none() => {
            return usage("a CSV file needs --mapping FILE; see docs/reference/csv-mapping.md");
        }
        _ => {}
    }
    let mapping = options.mapping.as_deref().map(Mapping::parse).transpose()?;
    let usual = if format == Format::Ofac { Mode::Full } else { Mode::Delta };
    let mode = options.mode.unwrap_or(usual);
    Ok(Delivery { files: vec![file], format, mode, options: options.clone(), mapping, releases: None })
}

/// Sends what a reader finds to the committing thread, in parts.
struct Courier {
    sender: SyncSender<Vec<Item>>,
    part: Vec<Item>,
}

/// The committing thread has stopped listening; its own error says why.
#[derive(Debug)]
struct Hung;

impl Courier {
    fn hand(&mut self, item: Item) -> Result<(), Hung> {
        self.part.push(item);
        if self.part.len() < PART { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<(), Hung> {
        self.sender.send(std::mem::take(&mut self.part)).map_err(|_| Hung)
    }
}

/// Reads a whole delivery. Runs in a thread of its own, with a reading connection of its own.
fn read(store: &Path, delivery: &Delivery, sender: SyncSender<Vec<Item>>) -> Result<Tally, Error> {
    let mut courier = Courier { sender, part: Vec::with_capacity(PART) };
    // Opening a connection takes longer than a small commit: only what asks for the state in force has one.
    let current = || -> Result<InForce, Error> {
        Ok(InForce { ledger: Ledger::open(store, Access::Read)?, dataset: delivery.options.dataset.clone() })
    };
    let tally = {
        let each = &mut |item| courier.hand(item);
        let dataset = delivery.options.dataset.as_ref();
        let first = &delivery.files[0];
        match (delivery.format, dataset, &delivery.mapping) {
            (Format::Journal, ..) => sources::read_journal(first, each),
            (Format::Ftm, Some(dataset), _) => sources::read_ftm(first, dataset, each),
            (Format::Csv, Some(dataset), Some(mapping)) => {
                sources::read_csv(first, mapping, dataset, &current()?, each)
            }
            (Format::OfacEvents, Some(dataset), _) => {
                sources::ofac::read_events(first, dataset, &current()?, each)
            }
            (Format::Ofac, Some(dataset), _) => {
                let [entries, aliases, addresses] = parts_of_list(&delivery.files)?;
                let missing = || Error::Usage("an OFAC list needs its main file, sdn.csv".into());
                sources::ofac::read_snapshot(
                    entries.ok_or_else(missing)?,
                    aliases,
                    addresses,
                    dataset,
                    &current()?,
                    each,
                )
            }
            (Format::Ftm | Format::Csv | Format::Ofac | Format::OfacEvents, ..) => {
                return Err(Error::Usage("say which dataset this is with --dataset NAME".into()));
            }
        }
    };
    match tally {
        Ok(tally) => courier.send().map_or(Ok(tally), |()| Ok(tally)),
        Err(ReadError::File(error)) => {
            courier.send().unwrap_or_default();
            Err(error.into())
        }
        Err(ReadError::Caller(Hung)) => Ok(Tally::default()),
    }
}

/// Main file, aliases and addresses of an OFAC list.
fn parts_of_list(files: &[File]) -> Result<[Option<&File>; 3], Error> {
    let mut parts = [None; 3];
    for file in files {
        let part = sources::ofac::part(file)?;
        let unknown = || Error::Usage(format!("{}: none of sdn.csv, alt.csv and add.csv", file.name));
        let place = &mut parts[part.ok_or_else(unknown)? as usize];
        if place.replace(file).is_some() {
            return Err(Error::Usage(format!("{}: this part of the list was named before", file.name)));
        }
    }
    Ok(parts)
}

/// What the dataset holds, for readers that need it.
struct InForce {
    ledger: Ledger,
    dataset: Option<DatasetName>,
}

impl Current for InForce {
    fn entity(&self, id: &EntityId) -> Option<Entity> {
        let version = self.ledger.as_of(KnownAt::MAX).entity(id).ok().flatten()?;
        (Some(&version.record.dataset) == self.dataset.as_ref()).then_some(version.record.entity)
    }

    fn each_entity(&self, each: &mut dyn FnMut(&Entity)) {
        let view = self.ledger.as_of(KnownAt::MAX);
        let read = view.entities(self.dataset.as_ref(), &mut |version| {
            each(&version.record.entity);
            Ok(())
        });
        // A ledger that cannot be read fails again, and aloud, where the batch is begun.
        drop(read);
    }
}

struct Items {
    receiver: Receiver<Vec<Item>>,
    part: std::vec::IntoIter<Item>,
    read: u64,
}

impl Iterator for Items {
    type Item = Item;
    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.part.next() {
                self.read += 1;
                return Some(item);
            }
            self.part = self.receiver.recv().ok()?.into_iter();
        }
    }
}

type Reader<'scope> = std::thread::ScopedJoinHandle<'scope, Result<Tally, Error>>;

/// An op that waits for the batch it belongs to.
type Waiting = Option<(KnownAt, Op, u64)>;

/// The committing side of one delivery.
struct Intake<'a, 'scope> {
    delivery: &'a Delivery,
    items: Items,
    report: &'a mut IngestReport,
    ending: Ending,
    /// Datasets that were put or are in the ledger.
    known: BTreeSet<DatasetName>,
    reader: Option<Reader<'scope>>,
    /// Rejects that no batch has kept yet.
    unkept: Vec<Reject>,
}

impl Intake<'_, '_> {
    fn run(&mut self, store: &mut Store, first: KnownAt, progress: &mut dyn Progress) -> Result<(), Error> {
        let view = store.ledger.as_of(KnownAt::MAX);
        self.known = view.datasets()?.into_iter().map(|dataset| dataset.name).collect();
        self.check_role(&view)?;
        let mut waiting = self.next_op(first);
        let mut begun = false;
        while waiting.is_some() || (!begun && !self.says_its_times()) {
            begun = true;
            let known_at = waiting.as_ref().map_or(first, |(known_at, ..)| *known_at);
            waiting = if self.is_committed(&store.ledger, known_at)? {
                self.report.skipped_batches += 1;
                self.pass_over(known_at)
            } else {
                self.batch(store, known_at, waiting, progress)?
            };
            if self.ending == Ending::Trial && waiting.is_some() {
                let notice = "only the first known time was tried: the later ones follow from it";
                self.report.notices.push(notice.to_owned());
                return Ok(());
            }
        }
        self.end_of_reading()
    }

    /// Journals and change events say when each line became known; everything else is one batch, even when it is empty.
    fn says_its_times(&self) -> bool {
        matches!(self.delivery.format, Format::Journal | Format::OfacEvents)
    }

    fn check_role(&self, view: &View<'_>) -> Result<(), Error> {
        let Some(name) = &self.delivery.options.dataset else { return Ok(()) };
        match (view.dataset(name)?, self.delivery.options.role) {
            (None, None) => Err(Error::Usage(format!(
                "dataset {name} is new: say what it is for with --role list, population or intelligence"
            ))),
            (Some(dataset), Some(role)) if dataset.role != role => Err(Error::Usage(format!(
                "dataset {name} has another role; a role is changed by a journal line, not by a file"
            ))),
            _ => Ok(()),
        }
    }

    fn is_committed(&self, ledger: &Ledger, known_at: KnownAt) -> Result<bool, Error> {
        let all = self.delivery.files.iter().map(|file| ledger.has_source(file.digest, known_at));
        Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().all(|known| known))
    }

    /// The next op; rejects and notices on the way go into the report. `None` at the end.
    fn next_op(&mut self, default: KnownAt) -> Waiting {
        while let Some(item) = self.items.next() {
            match item {
                Item::Op { known_at, op, line } => return Some((known_at.unwrap_or(default), op, line)),
                Item::Notice { line, text } => {
                    let notice = format!("{}, line {line}: {text}", self.file_name());
                    self.report.notices.push(notice);
                }
                Item::Reject(reject) => self.reject(reject),
            }
        }
        None
    }

    fn reject(&mut self, reject: Reject) {
        if self.report.rejected.len() < REJECTS_REPORTED {
            self.report.rejected.push(reject.clone());
        }
        self.unkept.push(reject);
    }

    fn file_name(&self) -> String {
        self.delivery.files[0].name.clone()
    }

    /// Reads past a batch that an earlier run committed; its datasets are known by now.
    fn pass_over(&mut self, known_at: KnownAt) -> Waiting {
        loop {
            let next = self.next_op(known_at);
            if next.as_ref().is_none_or(|(other, ..)| *other != known_at) {
                return next;
            }
        }
    }

    /// One batch: stage, screen, commit. Returns the first op of the next.
    fn batch(
        &mut self,
        store: &mut Store,
        known_at: KnownAt,
        mut waiting: Waiting,
        progress: &mut dyn Progress,
    ) -> Result<Waiting, Error> {
        let sources = self
            .delivery
            .files
            .iter()
            .map(|f| SourceFile { name: f.name.clone(), digest: f.digest })
            .collect();
        let purpose = format!("ingest {}", self.delivery.format.word());
        let header = store.header(known_at, &purpose, sources);
        let (ledger, engine) = store.parts()?;
        let mut batch = ledger.begin(header)?;
        let mut staging = Staging::new(self, &batch)?;
        staging.declare_dataset(&mut batch)?;
        while let Some((of_batch, op, line)) = waiting.take() {
            if of_batch != known_at {
                waiting = Some((of_batch, op, line));
                break;
            }
            staging.stage(&mut batch, &op, line)?;
            if staging.lines.is_multiple_of(4096) {
                progress.rows(4096);
            }
            waiting = staging.intake.next_op(known_at);
        }
        progress.rows(staging.lines % 4096);
        staging.complete(&mut batch, waiting.is_none())?;
        if let Some(reason) = staging.too_many_deletes(engine, known_at) {
            return Err(Error::Held { id: 0, reason });
        }
        let lines = staging.lines;
        if let Some(id) = self.delivery.releases.filter(|_| waiting.is_none()) {
            batch.release_held(id)?;
        }
        progress.screening(known_at, lines);
        let rejects = std::mem::take(&mut self.unkept);
        for reject in &rejects {
            batch.reject(&reject.file, reject.line, &reject.reason)?;
        }
        let counts = Counts { rows: lines + rejects.len() as u64, ..Counts::default() };
        let commit = finish(engine, batch, counts, self.ending, known_at)?;
        store.count_unsaved(commit.puts + commit.deletes);
        progress.committed(&commit);
        self.report.commits.push(commit);
        Ok(waiting)
    }

    /// After the last op: whether the file was read to its end. Called before the last batch is committed.
    ///
    /// A cut-off file may be applied when that is confirmed, but never one of which nothing was read: it would delete everything.
    fn end_of_reading(&mut self) -> Result<(), Error> {
        let Some(reader) = self.reader.take() else { return Ok(()) };
        let tally = match reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
            Ok(tally) => tally,
            Err(Error::File(FileError::Truncated { .. }))
                if self.delivery.options.confirm_mass_delete && self.items.read > 0 =>
            {
                Tally::default()
            }
            Err(error) => return Err(error),
        };
        self.report.rows += tally.rows;
        self.report.records += tally.records;
        self.report.rejects += tally.rejects;
        if tally.rows > 0 && tally.records == 0 {
            return Err(Error::Line {
                file: self.file_name(),
                line: self.report.rejected.first().map_or(1, |reject| reject.line),
                reason: format!(
                    "none of {} rows is a record, so nothing was applied; the first: {}",
                    tally.rows,
                    self.report.rejected.first().map_or("", |reject| &reject.reason)
                ),
            });
        }
        Ok(())
    }
}

fn finish(
    engine: &mut Engine,
    batch: Batch<'_>,
    counts: Counts,
    ending: Ending,
    known_at: KnownAt,
) -> Result<CommitReport, Error> {
    let (applied, commit, staged) = screen_and_finish(engine, batch, counts, ending)?;
    Ok(CommitReport::of(commit.as_ref(), known_at, staged, applied.changes))
}

impl CommitReport {
    pub(crate) fn of(
        commit: Option<&Commit>,
        known_at: KnownAt,
        counts: Counts,
        changes: Vec<AlertChange>,
    ) -> Self {
        let number = |change| changes.iter().filter(|c| c.change == change).count() as u64;
        Self {
            seq: commit.map_or(0, |commit| commit.seq),
            known_at,
            puts: counts.puts,
            deletes: counts.deletes,
            opened: number(Change::Opened),
            changed: number(Change::Changed),
            withdrawn: number(Change::Withdrawn),
            changes,
        }
    }
}

/// One batch while its ops come in.
struct Staging<'i, 'a, 'scope> {
    intake: &'i mut Intake<'a, 'scope>,
    lines: u64,
    /// Ids in force, and for a snapshot all ids, that the file states; with the line, where it only repeats what is in force and is therefore not stored again.
    seen: FxHashMap<EntityId, Option<u64>>,
    /// Relations among those that only repeat what is in force: a deletion of an end would take them along.
    repeated_relations: Vec<(EntityId, Vec<String>)>,
    deleted: FxHashSet<String>,
    /// Entities of the dataset before the batch.
    before: u64,
    /// Deletes of entities that the file itself states.
    deletes: u64,
    /// Nothing is in the ledger that a new entity could meet.
    ledger_is_empty: bool,
    /// Datasets that entities name and nobody has declared yet, with the first line that does.
    undeclared: Vec<(DatasetName, u64)>,
}

impl<'i, 'a, 'scope> Staging<'i, 'a, 'scope> {
    fn new(intake: &'i mut Intake<'a, 'scope>, batch: &Batch<'_>) -> Result<Self, Error> {
        let view = batch.head_view();
        let before = match &intake.delivery.options.dataset {
            Some(dataset) => view.count_entities(Some(dataset))?,
            None => 0,
        };
        let total = view.count_entities(None)?;
        Ok(Self {
            intake,
            lines: 0,
            seen: FxHashMap::default(),
            repeated_relations: Vec::new(),
            deleted: FxHashSet::default(),
            before,
            deletes: 0,
            ledger_is_empty: total == 0,
            undeclared: Vec::new(),
        })
    }

    fn declare_dataset(&mut self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let options = &self.intake.delivery.options;
        if let (Some(name), Some(role)) = (&options.dataset, options.role)
            && self.intake.known.insert(name.clone())
        {
            let dataset = Dataset { name: name.clone(), role, title: None };
            batch.stage(&Op::Put(Record::Dataset(dataset)), 0)?;
        }
        Ok(())
    }

    fn stage(&mut self, batch: &mut Batch<'_>, op: &Op, line: u64) -> Result<(), Error> {
        self.lines += 1;
        let journal = self.intake.delivery.format == Format::Journal;
        match op {
            Op::Put(Record::Dataset(dataset)) => drop(self.intake.known.insert(dataset.name.clone())),
            Op::Put(Record::Entity(record)) if journal => self.note_dataset(record, line),
            Op::Put(Record::Entity(record)) => {
                if !self.changes_something(batch, record, line)? {
                    return Ok(());
                }
            }
            Op::Delete(deletion) => {
                self.deletes += 1;
                self.deleted.insert(deletion.key.text.to_string());
            }
            Op::Put(_) => {}
        }
        Ok(batch.stage(op, line)?)
    }

    fn note_dataset(&mut self, record: &EntityRecord, line: u64) {
        let name = &record.dataset;
        if !self.intake.known.contains(name) && !self.undeclared.iter().any(|(known, _)| known == name) {
            self.undeclared.push((name.clone(), line));
        }
    }

    /// False for an entity that is in force just so already.
    fn changes_something(
        &mut self,
        batch: &Batch<'_>,
        record: &EntityRecord,
        line: u64,
    ) -> Result<bool, Error> {
        let id = &record.entity.id;
        let in_force = if self.ledger_is_empty { None } else { batch.head_view().entity(id)? };
        let Some(version): Option<Version> = in_force else {
            if self.intake.delivery.mode == Mode::Full {
                self.seen.insert(id.clone(), None);
            }
            return Ok(true);
        };
        let refused = |reason| Err(Error::Line { file: self.intake.file_name(), line, reason });
        if version.record.dataset != record.dataset {
            return refused(format!(
                "the id is in force in dataset {}; give the ids of this file a prefix of their own",
                version.record.dataset
            ));
        }
        let repeats = version.record == *record;
        match (self.seen.get(id), repeats) {
            (Some(None), _) => return Ok(true), // The ledger compares it with the first.
            (Some(Some(first)), false) => {
                return refused(format!(
                    "it puts the same entity as line {first}, differently: keep one of them"
                ));
            }
            (None | Some(Some(_)), _) => {}
        }
        self.seen.insert(id.clone(), repeats.then_some(line));
        self.intake.report.unchanged += u64::from(repeats);
        let ends: Vec<String> = record.entity.ends().map(str::to_owned).collect();
        if repeats && !ends.is_empty() {
            self.repeated_relations.push((id.clone(), ends));
        }
        Ok(!repeats)
    }

    /// After the last op of the batch: what a snapshot no longer contains is deleted, and everything is checked.
    fn complete(&mut self, batch: &mut Batch<'_>, last: bool) -> Result<(), Error> {
        if last {
            self.intake.end_of_reading()?;
        }
        let undeclared = self.undeclared.iter().find(|(name, _)| !self.intake.known.contains(name));
        if let Some((name, line)) = undeclared {
            let reason = format!("dataset {name} is not declared; put it with a line of kind dataset");
            return Err(Error::Line { file: self.intake.file_name(), line: *line, reason });
        }
        if self.intake.delivery.mode == Mode::Full && self.intake.delivery.format != Format::OfacEvents {
            self.delete_what_is_gone(batch)?;
        }
        self.put_again(batch)?;
        self.put_something(batch)
    }

    /// What only repeats what is in force is stored after all where this batch also deletes it, or an end of it.
    fn put_again(&self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let ends_deleted = |ends: &[String]| ends.iter().any(|end| self.deleted.contains(end));
        let relations =
            self.repeated_relations.iter().filter(|(_, ends)| ends_deleted(ends)).map(|(id, _)| id);
        let itself =
            |id: &&String| EntityId::new(id).ok().filter(|id| matches!(self.seen.get(id), Some(Some(_))));
        let deleted = self.deleted.iter().filter_map(|id| itself(&id));
        let again: BTreeSet<EntityId> = relations.cloned().chain(deleted).collect();
        for id in again {
            if let Some(version) = batch.head_view().entity(&id)? {
                let line = self.seen.get(&id).copied().flatten().unwrap_or_default();
                batch.stage(&Op::Put(Record::Entity(version.record)), line)?;
            }
        }
        Ok(())
    }

    /// A version that changes nothing is a fact as well: its dataset is stated again, so that the journal tells when it was known.
    fn put_something(&self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let staged = *batch.counts_mut();
        let Some(name) = &self.intake.delivery.options.dataset else { return Ok(()) };
        if staged.puts + staged.deletes > 0 {
            return Ok(());
        }
        if let Some(dataset) = batch.head_view().dataset(name)? {
            batch.stage(&Op::Put(Record::Dataset(dataset)), 0)?;
        }
        Ok(())
    }

    fn delete_what_is_gone(&mut self, batch: &mut Batch<'_>) -> Result<(), Error> {
        let Some(dataset) = self.intake.delivery.options.dataset.clone() else { return Ok(()) };
        let mut gone = Vec::new();
        batch.head_view().entities(Some(&dataset), &mut |version| {
            if !self.seen.contains_key(&version.record.entity.id) {
                gone.push(version.record.entity.id);
            }
            Ok(())
        })?;
        self.deletes += gone.len() as u64;
        for id in gone {
            self.deleted.insert(id.to_string());
            let reason = Some("not in this version".to_owned());
            let deletion = Deletion { key: Key::entity(&id), dataset: Some(dataset.clone()), reason };
            batch.stage(&Op::Delete(deletion), 0)?;
        }
        Ok(())
    }

    /// The share of the dataset that the batch deletes, when it is more than the policy allows unasked.
    fn too_many_deletes(&self, engine: &Engine, known_at: KnownAt) -> Option<String> {
        let journal = self.intake.delivery.format == Format::Journal;
        let allowed = engine.policy().mass_delete_share;
        let share = self.deletes as f64 / self.before.max(1) as f64;
        let too_many = !journal && !self.intake.delivery.options.confirm_mass_delete && share > allowed;
        let what = if self.intake.says_its_times() {
            format!("what it says of earlier times stands; what it says of {known_at}")
        } else {
            "it".to_owned()
        };
        too_many.then(|| {
            format!(
                "{what} would delete {} of {} entities of its dataset ({:.0} %, allowed without confirmation {:.0} %)",
                self.deletes,
                self.before,
                share * 100.0,
                allowed * 100.0
            )
        })
    }
}
