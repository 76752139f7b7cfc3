//! Files that were set aside instead of applied: held in the store until somebody compares and releases or discards them.
//!
//! A held version keeps its files byte for byte and the options it came with, so that releasing it is the same ingestion again.
//! Always holds: a release takes back what came after its version was set aside only where that is confirmed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ledger::{Held, LedgerError};
use model::{DatasetName, Digest, Key, KnownAt, Matter, Record, RecordKind};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use sources::{File, FileError, Format};

use crate::ingest::{Delivery, Release, deliveries, each_of_kind};
use crate::store::Ending;
use crate::{Error, IngestOptions, IngestReport, Mode, Progress, Silent, Store};

/// A held version, without its bytes.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
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

/// What a release may do to records of the dataset that came, changed or went after the version was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaterChanges {
    /// Nothing: a release that would take any of it back is refused, with how many.
    Keep,
    /// Take it back.
    Undo,
}

#[derive(Serialize, Deserialize)]
struct Note {
    format: String,
    mode: Mode,
    options: IngestOptions,
    /// The last commit when it was set aside; 0 when there was none.
    head: u64,
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
    pub fn held_compare(&mut self, id: u64) -> Result<IngestReport, Error> {
        let report = self.replay_held(id, LaterChanges::Undo, Ending::Trial, &mut Silent);
        self.drop_engine();
        report
    }

    /// Applies a held version after all.
    pub fn held_release(
        &mut self,
        id: u64,
        later_changes: LaterChanges,
        progress: &mut dyn Progress,
    ) -> Result<IngestReport, Error> {
        let digest = self.ledger.held_version(id)?.held.digest;
        let same = |matter: &Matter| matches!(matter, Matter::HeldRelease { held, digest: agreed } if *held == id && *agreed == digest);
        self.check_agreed(&same, KnownAt::MIN, "releasing a held version")?;
        let report = self.replay_held(id, later_changes, Ending::Commit, progress);
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

    pub(crate) fn replay_held(
        &mut self,
        id: u64,
        later_changes: LaterChanges,
        ending: Ending,
        progress: &mut dyn Progress,
    ) -> Result<IngestReport, Error> {
        let held = self.ledger.held_version(id)?;
        let broken = |what: &str| {
            Error::Usage(format!("held version {id} {what}; discard it and ingest the file again"))
        };
        let note: Note = serde_json::from_value(held.held.note).map_err(|_| broken("cannot be read"))?;
        let format = note.format.parse::<Format>().map_err(|_| broken("has no format"))?;
        let mode = Some(note.mode);
        let mut options =
            IngestOptions { confirm_mass_delete: true, mode, format: Some(format), ..note.options };
        // What was to be known before the head becomes known with its release.
        let earliest = self.ledger.head()?.map_or(KnownAt::MIN, |head| head.header.known_at);
        let stated = options.known_at;
        options.known_at = stated.filter(|known_at| *known_at >= earliest);
        let mut rest = held.bytes.as_slice();
        let mut files = Vec::new();
        for (name, length) in &note.files {
            let length = usize::try_from(*length).ok().filter(|length| *length <= rest.len());
            let (bytes, after) = rest.split_at(length.ok_or_else(|| broken("is incomplete"))?);
            files.push(File::from_bytes(name, bytes.to_vec()));
            rest = after;
        }
        let mut report = IngestReport::default();
        if stated != options.known_at {
            let notice =
                "it becomes known now: the time that it was to be known at lies before the last commit";
            report.notices.push(notice.to_owned());
        }
        let mut deliveries = deliveries(files, &options)?;
        if let Some(last) = deliveries.last_mut() {
            let dataset = &held.held.dataset;
            let mut later = self.changed_since(note.head, dataset)?;
            for kind in [RecordKind::Observation, RecordKind::Generic] {
                later.extend(self.evidence_changed_since(note.head, kind, dataset)?);
            }
            last.releases = Some(Release { id, later, later_changes });
        }
        for delivery in &deliveries {
            self.take(delivery, ending, progress, &mut report).map_err(|error| of_held(id, error))?;
        }
        Ok(report)
    }

    /// Entities of a dataset that came, changed or went after a commit.
    fn changed_since(&self, seq: u64, dataset: &DatasetName) -> Result<FxHashSet<Key>, Error> {
        let rows = self.ledger.rows_since(seq, RecordKind::Entity)?;
        let mut changed = FxHashSet::default();
        for row in rows.added.into_iter().chain(rows.ended) {
            match self.ledger.version(row) {
                Ok(version) if version.record.dataset == *dataset => {
                    changed.insert(Key::entity(&version.record.entity.id));
                }
                // Whoever was purged cannot be taken back by anything.
                Ok(_) | Err(LedgerError::NoSuchRow(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(changed)
    }

    /// Observations or declarations of a dataset that came, changed or went after a commit.
    fn evidence_changed_since(
        &self,
        seq: u64,
        kind: RecordKind,
        dataset: &DatasetName,
    ) -> Result<FxHashSet<Key>, Error> {
        let evidence = |at| -> Result<BTreeMap<Key, Record>, Error> {
            let mut found = BTreeMap::new();
            each_of_kind(&self.ledger.as_of(at), kind, dataset, &mut |record| {
                found.insert(record.key(), record);
            })?;
            Ok(found)
        };
        let then = self.ledger.commit(seq)?.map_or(KnownAt::MIN, |commit| commit.header.known_at);
        let (before, now) = (evidence(then)?, evidence(KnownAt::MAX)?);
        let keys = before.keys().chain(now.keys());
        Ok(keys.filter(|key| before.get(*key) != now.get(*key)).cloned().collect())
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
        self.hold(delivery, paths, reason).unwrap_or_else(|failed| failed)
    }

    fn hold(&mut self, delivery: &Delivery, paths: &[PathBuf], reason: String) -> Result<Error, Error> {
        let (mut bytes, mut files) = (Vec::new(), Vec::new());
        for path in paths {
            let read =
                std::fs::read(path).map_err(|e| Error::Io(format!("reading {}", path.display()), e))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, read.len() as u64));
            bytes.extend(read);
        }
        let options = delivery.options.clone();
        let dataset =
            options.dataset.clone().expect("what is held is a version of the dataset it was given for");
        let names = files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let format = delivery.format.word().to_owned();
        let head = self.ledger.head()?.map_or(0, |commit| commit.seq);
        let note = Note { format, mode: delivery.mode, options, head, files };
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
        Error::Ledger(LedgerError::RunsBack { head, .. }) => Error::Usage(format!(
            "held version {id} speaks of times before the last commit, of {head}: discard it and ingest a whole version instead"
        )),
        other => other,
    }
}
