//! Preview: whom files would concern before they are ingested - a list change, a link, an attribution, a generic declaration.
//!
//! In: files and the options of their ingestion. Out: the alerts that would come, change and go, and a sample with the links. Always holds:
//! everything is committed inside a transaction that is given up, so that the counts are those of ingesting the same files next, and
//! nothing is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use model::{AlertId, AlertState, CauseKind, Entity, EntityId, KnownAt, RecordKind};
use serde::Serialize;
use sources::File;

use crate::ingest::deliveries;
use crate::store::Ending;
use crate::{AlertView, Error, IngestOptions, IngestReport, LaterChanges, Progress, Silent, Store};

/// What ingesting files would do to the findings.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// Rows of all files.
    pub rows: u64,
    /// Rows that would be rejected.
    pub rejects: u64,
    /// Commits it would make.
    pub commits: usize,
    /// Records of entities that would come, change and go.
    pub records: Records,
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

/// Records of entities that would come, change and go: how many, and the first of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewRecords)]
pub struct Records {
    /// In force afterwards and not before.
    pub added: u64,
    /// In force at both, and stating something else.
    pub changed: u64,
    /// In force before and not afterwards.
    pub removed: u64,
    /// Some of each, by id.
    pub shown: Vec<RecordChange>,
}

/// A record that would come, change or go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewRecordChange)]
pub struct RecordChange {
    /// Its id.
    pub id: EntityId,
    /// The name under which it is stated.
    pub caption: Option<String>,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
    /// What it states before and afterwards, property by property, where that differs.
    pub properties: Vec<PropertyChange>,
}

/// A property of which something else would be stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewPropertyChange)]
pub struct PropertyChange {
    /// The property.
    pub property: String,
    /// What is stated now.
    pub before: Vec<String>,
    /// What would be stated.
    pub after: Vec<String>,
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
/// So many records that come are shown, and of those that change, and of those that go: as many as somebody reads.
const RECORDS_SHOWN: usize = 100;

impl Store {
    /// What ingesting files would do. Nothing is changed; a file that would be held is refused with the reason.
    pub fn preview(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
        progress: &mut dyn Progress,
    ) -> Result<Preview, Error> {
        let files = paths.iter().map(|path| File::open(path)).collect::<Result<Vec<_>, _>>()?;
        let deliveries = deliveries(files, options)?;
        self.tried(|store, report| {
            deliveries.iter().try_for_each(|delivery| store.take(delivery, Ending::Preview, progress, report))
        })
    }

    /// What releasing a held version would do. Nothing is changed.
    pub fn held_preview(&mut self, id: u64) -> Result<Preview, Error> {
        self.tried(|store, report| {
            let replayed = store.replay_held(id, LaterChanges::Undo, Ending::Preview, &mut Silent)?;
            *report = replayed;
            Ok(())
        })
    }

    fn tried(
        &mut self,
        try_it: impl FnOnce(&mut Self, &mut IngestReport) -> Result<(), Error>,
    ) -> Result<Preview, Error> {
        let before = self.open_findings()?;
        let head = self.ledger.head()?.map_or(0, |commit| commit.seq);
        let mut report = IngestReport::default();
        let taken = try_it(self, &mut report);
        let preview = taken.and_then(|()| self.effect(&before, head, &report));
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
        head: u64,
        report: &IngestReport,
    ) -> Result<Preview, Error> {
        let after = self.open_findings()?;
        let mut preview = Preview {
            rows: report.rows,
            rejects: report.rejects,
            commits: report.commits.len(),
            records: self.records_since(head)?,
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
            let Ok(id) = EntityId::new(&alert.subject) else { continue };
            let why = self.network_why(&view, &id, &BTreeSet::new())?;
            let links = why.into_iter().flat_map(|why| why.links).map(|link| link.sentence).collect();
            preview.sample.push(Sample { subject: alert.subject.clone(), links });
        }
        Ok(preview)
    }

    /// Records of entities that came, changed and went since a commit.
    fn records_since(&self, head: u64) -> Result<Records, Error> {
        let rows = self.ledger.rows_since(head, RecordKind::Entity)?;
        let mut sides: BTreeMap<EntityId, (Option<Entity>, Option<Entity>)> = BTreeMap::new();
        for row in rows.ended {
            let entity = self.ledger.version(row)?.record.entity;
            let id = entity.id.clone();
            sides.entry(id).or_default().0 = Some(entity);
        }
        for row in rows.added {
            let entity = self.ledger.version(row)?.record.entity;
            let id = entity.id.clone();
            sides.entry(id).or_default().1 = Some(entity);
        }
        let mut records = Records::default();
        for (id, (before, after)) in sides {
            records.note(id, before.as_ref(), after.as_ref());
        }
        Ok(records)
    }
}

impl Records {
    fn note(&mut self, id: EntityId, before: Option<&Entity>, after: Option<&Entity>) {
        let (count, change) = match (before, after) {
            (None, _) => (&mut self.added, "added"),
            (_, None) => (&mut self.removed, "removed"),
            _ => (&mut self.changed, "changed"),
        };
        *count += 1;
        if *count > RECORDS_SHOWN as u64 {
            return;
        }
        let caption = after.or(before).and_then(|entity| entity.first("name")).map(str::to_owned);
        let stated = |entity: Option<&Entity>, property: &str| {
            entity.map(|entity| entity.values(property).to_vec()).unwrap_or_default()
        };
        let names: BTreeSet<&str> = [before, after]
            .into_iter()
            .flatten()
            .flat_map(|entity| entity.properties.iter())
            .map(|(name, _)| &**name)
            .collect();
        let properties = names.into_iter().map(|property| PropertyChange {
            property: property.to_owned(),
            before: stated(before, property),
            after: stated(after, property),
        });
        let properties = properties.filter(|one| one.before != one.after).collect();
        self.shown.push(RecordChange { id, caption, change, properties });
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
