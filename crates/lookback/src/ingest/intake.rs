//! The committing side: one batch for each known time, staged, screened and committed.

use std::collections::BTreeSet;

use ledger::{Batch, Ledger, View};
use model::{Counts, DatasetName, KnownAt, Op, SourceFile};
use screening::Engine;
use sources::{FileError, Format, Item, Reject, Tally};

use super::reading::{Ended, Items};
use super::staging::Staging;
use super::{CommitReport, Delivery, IngestReport, Mode, Progress, Release};
use crate::store::{Ending, screen_and_finish};
use crate::{Error, LaterChanges, Store};

/// Stands beside the files of a commit, with the digest of how they were read.
pub(crate) const READING: &str = "how they were read";
/// How many rejects a report carries.
const REJECTS_REPORTED: usize = 1000;

/// A group of commits is made durable when it holds so many lines, a commit by itself counting as so many: about every ten seconds.
const GROUP: u64 = 400_000;
const COMMIT: u64 = 400;

/// An op that waits for the batch it belongs to.
type Waiting = Option<(KnownAt, Op, u64)>;

/// The committing side of one delivery.
pub(super) struct Intake<'a, 'scope> {
    pub(super) delivery: &'a Delivery,
    items: Items<'scope>,
    pub(super) report: &'a mut IngestReport,
    ending: Ending,
    /// Datasets that were put or are in the ledger.
    pub(super) known: BTreeSet<DatasetName>,
    /// Rejects that no batch has kept yet.
    unkept: Vec<Reject>,
    /// Commits that are not durable yet, and so have not been told.
    untold: Vec<CommitReport>,
}

impl<'a, 'scope> Intake<'a, 'scope> {
    pub(super) fn new(
        delivery: &'a Delivery,
        items: Items<'scope>,
        ending: Ending,
        report: &'a mut IngestReport,
    ) -> Self {
        Self {
            delivery,
            items,
            report,
            ending,
            known: BTreeSet::new(),
            unkept: Vec::new(),
            untold: Vec::new(),
        }
    }

    /// Commits everything. `first`: the known time of what states none. A journal's many commits are made durable in groups; also after an
    /// error, those before it.
    pub(super) fn run(
        &mut self,
        store: &mut Store,
        first: KnownAt,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        let done = self.commit_all(store, first, progress);
        if self.ending == Ending::Preview {
            self.report.commits.append(&mut self.untold);
            return done;
        }
        let told = self.tell(&mut store.ledger, progress);
        done.and(told)
    }

    fn commit_all(
        &mut self,
        store: &mut Store,
        first: KnownAt,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
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
                let next = self.pass_over(known_at);
                if let (None, Some(release), Ending::Commit) = (&next, &self.delivery.releases, self.ending) {
                    store.held_discard(release.id)?;
                    let notice = format!("held version {} had been applied before; it is let go", release.id);
                    self.report.notices.push(notice);
                }
                next
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
    pub(super) fn says_its_times(&self) -> bool {
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
        Ok(ledger.has_source(self.delivery.identity(), known_at)?)
    }

    /// The next op; rejects and notices on the way go into the report. `None` at the end.
    pub(super) fn next_op(&mut self, default: KnownAt) -> Waiting {
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

    pub(super) fn file_name(&self) -> String {
        self.delivery.files[0].name.clone()
    }

    /// Reads past a batch that an earlier run committed; its datasets are known by now.
    fn pass_over(&mut self, known_at: KnownAt) -> Waiting {
        loop {
            let next = self.next_op(known_at);
            if next.as_ref().is_none_or(|(other, ..)| *other != known_at) {
                // Whatever was met up to here was kept with the batch that is passed over.
                self.unkept.clear();
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
        let reading = SourceFile { name: READING.to_owned(), digest: self.delivery.identity() };
        let files = self.delivery.files.iter();
        let files = files.map(|file| SourceFile { name: file.name.clone(), digest: file.digest });
        let sources = files.chain([reading]).collect();
        let purpose = format!("ingest {}", self.delivery.format.word());
        let header = store.header(known_at, &purpose, sources);
        let (ledger, engine) = store.parts()?;
        if self.ending == Ending::Preview
            || (self.delivery.format == Format::Journal && self.ending == Ending::Commit)
        {
            ledger.open_group()?;
        }
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
        staging.undo_later_changes()?;
        let lines = staging.lines;
        if let Some(release) = self.delivery.releases.as_ref().filter(|_| waiting.is_none()) {
            batch.release_held(release.id)?;
        }
        progress.screening(known_at, lines);
        let rejects = std::mem::take(&mut self.unkept);
        for reject in &rejects {
            batch.reject(&reject.file, reject.line, &reject.reason)?;
        }
        let counts = Counts { rows: lines + rejects.len() as u64, ..Counts::default() };
        let commit = finish(engine, batch, counts, self.ending, known_at)?;
        store.count_unsaved(commit.puts + commit.deletes);
        self.untold.push(commit);
        let full = self.delivery.format != Format::Journal || self.untold_weight() >= GROUP;
        if full && self.ending != Ending::Preview {
            self.tell(&mut store.ledger, progress)?;
        }
        Ok(waiting)
    }

    fn untold_weight(&self) -> u64 {
        self.untold.iter().map(|commit| commit.puts + commit.deletes + COMMIT).sum()
    }

    /// Makes what was committed durable, and says so.
    fn tell(&mut self, ledger: &mut Ledger, progress: &mut dyn Progress) -> Result<(), Error> {
        ledger.close_group()?;
        for commit in self.untold.drain(..) {
            progress.committed(&commit);
            self.report.commits.push(commit);
        }
        Ok(())
    }

    /// After the last op: whether the delivery was read to its end. Called before the last batch is committed.
    pub(super) fn end_of_reading(&mut self) -> Result<(), Error> {
        let Some(end) = self.items.end() else { return Ok(()) };
        let Ended { tally, suspect } = end?;
        if let Some(suspect) = suspect {
            if !self.may_apply(&suspect, tally) {
                return Err(suspect.into());
            }
            self.report.notices.push(format!("{suspect}; what stands in it was applied, as confirmed"));
        }
        self.report.rows += tally.rows;
        self.report.records += tally.records;
        self.report.rejects += tally.rejects;
        if tally.rows > 0 && tally.records == 0 && self.report.skipped_batches == 0 {
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

impl Intake<'_, '_> {
    /// What is suspect may be applied when that is confirmed: of a cut-off file what stands before the cut, where that is anything; of a
    /// whole version in which nothing stands, just that.
    fn may_apply(&self, suspect: &FileError, tally: Tally) -> bool {
        let something = match suspect {
            FileError::Empty { .. } => self.delivery.mode == Mode::Full,
            _ => tally.records > 0,
        };
        something && self.delivery.options.confirm_mass_delete
    }

    pub(super) fn may_undo(&self, release: &Release) -> bool {
        self.ending != Ending::Commit || release.later_changes == LaterChanges::Undo
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
