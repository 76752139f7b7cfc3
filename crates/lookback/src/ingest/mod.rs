//! Files into commits: read, staged, screened, committed.
//!
//! In: files and options. Out: a report with every commit, reject and notice.
//! Always holds: what one file says of one known time is one commit, whole or not at all; a batch that an earlier, interrupted run
//! already committed is skipped (`CRASH`); rows that change nothing are counted and not stored again; a file that is empty, cannot be read
//! to its end or would delete too much is not applied unless that is confirmed.

mod delivery;
pub(crate) use delivery::{Delivery, Release, deliveries};

mod intake;
pub(crate) use intake::READING;

mod reading;
mod staging;
pub(crate) use staging::each_of_kind;

use std::path::PathBuf;

use model::{AlertChange, Change, Commit, Counts, DatasetName, KnownAt, Role};
use serde::{Deserialize, Serialize};
use sources::{File, Format, Reject};

use crate::store::Ending;
use crate::{Error, ExpectedFalseLeads, Store};

use self::intake::Intake;

/// Whether a file is a whole version of its dataset or only what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
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
    /// How many of the leads to expect to mean nothing, where there is a network to lead anywhere.
    pub false_leads: Option<ExpectedFalseLeads>,
    /// The commits.
    pub commits: Vec<CommitReport>,
}

impl CommitReport {
    pub(crate) fn of(
        commit: Option<&Commit>,
        known_at: KnownAt,
        counts: Counts,
        mut changes: Vec<AlertChange>,
    ) -> Self {
        changes.retain(|change| change.pair.is_alert());
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
        let opened = |path: &PathBuf| {
            File::open(path).map(|file| if options.keep_excerpts { file.keep_excerpts() } else { file })
        };
        let files = paths.iter().map(opened).collect::<Result<Vec<_>, _>>()?;
        let mut report = IngestReport::default();
        let mut rest = paths;
        for delivery in deliveries(files, options)? {
            let (paths, after) = rest.split_at(delivery.files.len());
            rest = after;
            let result = self.take(&delivery, Ending::Commit, progress, &mut report);
            if let Err(error) = result {
                self.drop_engine();
                return Err(self.hold_if_suspect(&delivery, paths, error));
            }
        }
        self.save_indexes()?;
        let seeds = self.coverage(KnownAt::MAX)?.map_or(0, |(_, coverage)| coverage.seeds);
        report.false_leads = (seeds > 0).then(|| self.expected_false_leads(KnownAt::MAX)).transpose()?;
        Ok(report)
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
            let items = reading::begin(scope, &path, delivery);
            Intake::new(delivery, items, ending, report).run(self, first_known_at, progress)
        })
    }
}
