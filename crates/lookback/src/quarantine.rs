//! Files that were set aside instead of applied: held in the store until somebody compares and releases or discards them.
//!
//! A held version keeps its files byte for byte and the options it came with, so that releasing it is the same ingestion again.

use std::path::{Path, PathBuf};

use ledger::Held;
use model::{DatasetName, Digest, KnownAt};
use serde::{Deserialize, Serialize};
use sources::{File, FileError, Format};

use crate::ingest::{Delivery, deliveries};
use crate::store::Ending;
use crate::{CommitReport, Error, IngestOptions, IngestReport, Mode, Progress, Silent, Store};

/// A held version, without its bytes.
#[derive(Debug, Clone, Serialize)]
pub struct HeldReport {
    /// Its number.
    pub id: u64,
    /// The dataset it would have changed.
    pub dataset: String,
    /// The names of its files.
    pub file: String,
    /// Why it is held.
    pub reason: String,
    /// When it was set aside.
    pub held_at: KnownAt,
    /// SHA-256 over its files.
    pub digest: Digest,
}

#[derive(Serialize, Deserialize)]
struct Note {
    format: Option<String>,
    mode: Option<Mode>,
    options: IngestOptions,
    /// Names and lengths of the files, in the order of the bytes.
    files: Vec<(String, u64)>,
}

impl Store {
    /// What is held.
    pub fn held(&self) -> Result<Vec<HeldReport>, Error> {
        let held = self.ledger.held()?;
        Ok(held
            .into_iter()
            .map(|held| HeldReport {
                id: held.id,
                dataset: held.held.dataset.to_string(),
                file: held.held.file,
                reason: held.held.reason,
                held_at: held.held.held_at,
                digest: held.held.digest,
            })
            .collect())
    }

    /// What releasing a held version would do. Nothing is changed.
    pub fn held_compare(&mut self, id: u64) -> Result<Vec<CommitReport>, Error> {
        let report = self.replay_held(id, Ending::Trial, &mut Silent);
        self.drop_engine();
        Ok(report?.commits)
    }

    /// Applies a held version after all.
    pub fn held_release(&mut self, id: u64, progress: &mut dyn Progress) -> Result<IngestReport, Error> {
        let report = self.replay_held(id, Ending::Commit, progress);
        if report.is_err() {
            self.drop_engine();
        }
        self.save_indexes()?;
        report
    }

    /// Removes a held version without applying it.
    pub fn held_discard(&mut self, id: u64) -> Result<(), Error> {
        let (actor, at) = (self.settings.actor.clone(), self.next_known_at()?);
        Ok(self.ledger.discard_held(id, &actor, at)?)
    }

    fn replay_held(
        &mut self,
        id: u64,
        ending: Ending,
        progress: &mut dyn Progress,
    ) -> Result<IngestReport, Error> {
        let held = self.ledger.held_version(id)?;
        let broken = |what: &str| {
            Error::Usage(format!("held version {id} {what}; discard it and ingest the file again"))
        };
        let note: Note = serde_json::from_value(held.held.note).map_err(|_| broken("cannot be read"))?;
        let mut options = IngestOptions { confirm_mass_delete: true, mode: note.mode, ..note.options };
        options.format = note
            .format
            .as_deref()
            .map(|word| word.parse::<Format>().map_err(|_| broken("has no format")))
            .transpose()?;
        // What was to be known before the head becomes known with its release.
        let earliest = self.ledger.head()?.map_or(KnownAt::MIN, |head| head.header.known_at);
        let stated = options.known_at;
        options.known_at = stated.filter(|known_at| *known_at >= earliest);
        let mut rest = held.bytes.as_slice();
        let mut files = Vec::new();
        for (name, length) in &note.files {
            let length = usize::try_from(*length).ok().filter(|length| *length <= rest.len());
            let (bytes, after) = rest.split_at(length.ok_or_else(|| broken("is incomplete"))?);
            files.push(File::from_bytes(name, bytes.to_vec()).map_err(|_| broken("has nothing to apply"))?);
            rest = after;
        }
        let mut report = IngestReport::default();
        if stated != options.known_at {
            let notice = "it becomes known now, not when it was held: what came in between and is not in it goes as well";
            report.notices.push(notice.to_owned());
        }
        let mut deliveries = deliveries(files, &options)?;
        if let Some(last) = deliveries.last_mut() {
            last.releases = Some(id);
        }
        for delivery in &deliveries {
            self.take(delivery, ending, progress, &mut report).map_err(|error| of_held(id, error))?;
        }
        Ok(report)
    }

    /// Holds the delivery, which was read from these paths, when the error says that the files themselves are suspect; hands back what
    /// the caller should see.
    pub(crate) fn hold_if_suspect(&mut self, delivery: &Delivery, paths: &[PathBuf], error: Error) -> Error {
        let whole = delivery.mode == Mode::Full;
        let reason = match &error {
            Error::Held { reason, .. } => reason.clone(),
            Error::File(FileError::Truncated { .. } | FileError::Empty { .. }) if whole => error.to_string(),
            _ => return error,
        };
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        self.hold(&paths, &delivery.options, Some(delivery.format), Some(delivery.mode), reason)
            .unwrap_or_else(|failed| failed)
    }

    /// Holds an empty file that claims to be a whole version.
    pub(crate) fn hold_empty(&mut self, path: &Path, options: &IngestOptions, error: &FileError) -> Error {
        self.hold(&[path], options, options.format, options.mode, error.to_string())
            .unwrap_or_else(|failed| failed)
    }

    fn hold(
        &mut self,
        paths: &[&Path],
        options: &IngestOptions,
        format: Option<Format>,
        mode: Option<Mode>,
        reason: String,
    ) -> Result<Error, Error> {
        let (mut bytes, mut files) = (Vec::new(), Vec::new());
        for path in paths {
            let read =
                std::fs::read(path).map_err(|e| Error::Io(format!("reading {}", path.display()), e))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, read.len() as u64));
            bytes.extend(read);
        }
        let unnamed = || DatasetName::new("unnamed").expect("it is a sound name");
        let dataset = options.dataset.clone().unwrap_or_else(unnamed);
        let names = files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let format = format.map(|format| format.word().to_owned());
        let note = Note { format, mode, options: options.clone(), files };
        let note = serde_json::to_value(note).expect("options are strings, times and flags");
        let held_at = self.next_known_at()?;
        let actor = self.settings.actor.clone();
        let digest = Digest::of(&bytes);
        let held = Held { dataset, file: names, reason: reason.clone(), held_at, digest, note };
        let id = self.ledger.hold(&held, &bytes, &actor)?;
        Ok(Error::Held { id, reason })
    }
}

/// A held file of dated changes cannot become known with its release.
fn of_held(id: u64, error: Error) -> Error {
    match error {
        Error::Ledger(ledger::LedgerError::RunsBack { head, .. }) => Error::Usage(format!(
            "held version {id} speaks of times before the last commit, of {head}: discard it and ingest a whole version instead"
        )),
        other => other,
    }
}
