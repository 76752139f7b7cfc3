//! Preview: whom files would concern before they are ingested - a list change, a link, an attribution, a generic declaration.
//!
//! In: files and the options of their ingestion. Out: the alerts that would come, change and go, and a sample with the links. Always holds:
//! everything is committed inside a transaction that is given up, so that the counts are those of ingesting the same files next, and
//! nothing is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use model::{AlertId, AlertState, CauseKind, KnownAt};
use serde::Serialize;
use sources::File;

use crate::ingest::deliveries;
use crate::store::Ending;
use crate::{AlertView, Error, IngestOptions, IngestReport, Progress, Store};

/// What ingesting files would do to the findings.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// Rows of all files.
    pub rows: u64,
    /// Rows that would be rejected.
    pub rejects: u64,
    /// Commits it would make.
    pub commits: usize,
    /// How many findings of each kind would come, change and go: `name`, `network`, `single`, `lead`.
    pub findings: BTreeMap<&'static str, Impact>,
    /// Alerts that would come.
    pub came: Vec<AlertView>,
    /// Alerts whose score or evidence would be another.
    pub changed: Vec<AlertView>,
    /// Alerts that would go.
    pub went: Vec<AlertView>,
    /// Some of the network alerts that would come, with their links.
    pub sample: Vec<Sample>,
}

/// How many findings of a kind would come, change and go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewImpact)]
pub struct Impact {
    /// Open afterwards and not before.
    pub came: u64,
    /// Open at both, with another score or other evidence.
    pub changed: u64,
    /// Open before and not afterwards.
    pub went: u64,
}

/// Somebody who would be concerned, and by which links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewSample)]
pub struct Sample {
    /// The subject's id.
    pub subject: String,
    /// Each link as a sentence.
    pub links: Vec<String>,
}

/// So many are shown with their links.
const SAMPLED: usize = 5;

impl Store {
    /// What ingesting files would do. Nothing is changed; a file that would be held is refused with the reason.
    pub fn preview(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        progress: &mut dyn Progress,
    ) -> Result<Preview, Error> {
        let files = paths.iter().map(|path| File::open(path)).collect::<Result<Vec<_>, _>>()?;
        let before = self.open_findings()?;
        let mut report = IngestReport::default();
        let mut taken = Ok(());
        for delivery in deliveries(files, options)? {
            taken = taken.and_then(|()| self.take(&delivery, Ending::Preview, progress, &mut report));
        }
        let preview = taken.and_then(|()| self.effect(&before, &report));
        self.ledger.abandon_group();
        self.drop_engine();
        preview
    }

    fn open_findings(&self) -> Result<BTreeMap<AlertId, AlertState>, Error> {
        let states = self.ledger.as_of(KnownAt::MAX).alerts()?;
        Ok(states.into_iter().map(|state| (state.alert, state)).collect())
    }

    fn effect(
        &self,
        before: &BTreeMap<AlertId, AlertState>,
        report: &IngestReport,
    ) -> Result<Preview, Error> {
        let after = self.open_findings()?;
        let mut preview = Preview {
            rows: report.rows,
            rejects: report.rejects,
            commits: report.commits.len(),
            findings: BTreeMap::new(),
            came: Vec::new(),
            changed: Vec::new(),
            went: Vec::new(),
            sample: Vec::new(),
        };
        let ids: BTreeSet<&AlertId> = before.keys().chain(after.keys()).collect();
        for id in ids {
            preview.note(before.get(id), after.get(id));
        }
        for alerts in [&mut preview.came, &mut preview.changed, &mut preview.went] {
            alerts.sort_by(|a, b| (&a.subject, &a.cause.entry).cmp(&(&b.subject, &b.cause.entry)));
        }
        let view = self.ledger.as_of(KnownAt::MAX);
        let linked = preview.came.iter().filter(|alert| alert.cause.kind == CauseKind::Network.word());
        for alert in linked.take(SAMPLED) {
            let Ok(id) = model::EntityId::new(&alert.subject) else { continue };
            let why = self.network_why(&view, &id, &BTreeSet::new())?;
            let links = why.into_iter().flat_map(|why| why.links).map(|link| link.sentence).collect();
            preview.sample.push(Sample { subject: alert.subject.clone(), links });
        }
        Ok(preview)
    }
}

impl Preview {
    fn note(&mut self, before: Option<&AlertState>, after: Option<&AlertState>) {
        let Some(state) = after.or(before) else { return };
        let says = |state: &AlertState| (state.score, state.fingerprint, state.pair.clone());
        let effect = self.findings.entry(state.pair.cause.kind.word()).or_default();
        let (count, shown) = match (before, after) {
            (None, _) => (&mut effect.came, &mut self.came),
            (_, None) => (&mut effect.went, &mut self.went),
            (Some(before), Some(after)) if says(before) != says(after) => {
                (&mut effect.changed, &mut self.changed)
            }
            _ => return,
        };
        *count += 1;
        if state.pair.is_alert() {
            shown.push(AlertView::of(state));
        }
    }
}
