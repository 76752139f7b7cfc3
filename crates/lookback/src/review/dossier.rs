//! All that is known of one subject, for the page that a reviewer opens.
//!
//! In: an id and a known time. Out: what is stated, reported, found, decided and kept of it, of one state of the store. Always holds: what
//! is not known at that time is not in it.

use model::{Entity, EntityId, Event, KnownAt, PartialDate};
use serde::Serialize;

use super::Subject;
use crate::retention::holds_of;
use crate::{Error, LegalHold, Store, Why};

/// All that is known of a subject.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Dossier {
    /// What is decided about it, and how its case stands.
    pub case: Subject,
    /// What is stated of it; nothing where it is no longer in force.
    pub stated: Option<Stated>,
    /// What was reported about it.
    pub events: Vec<Event>,
    /// The hold that keeps it from being purged.
    pub hold: Option<LegalHold>,
    /// Its alerts, why they are, and what the network says of it.
    pub why: Why,
}

/// What a dataset states of somebody.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Stated {
    /// The dataset.
    pub dataset: String,
    /// Schema and properties.
    pub entity: Entity,
    /// Who said so.
    pub source: Option<String>,
    /// How far the source is trusted.
    pub grade: Option<String>,
    /// Since when it has been true in the world (a traveller: the day of arrival).
    pub valid_from: Option<PartialDate>,
    /// When this version became known.
    pub since: KnownAt,
}

impl Store {
    /// All that is known of a subject, now or as known at a time.
    pub fn dossier(&self, id: &EntityId, known_at: Option<KnownAt>) -> Result<Dossier, Error> {
        self.ledger.snapshot(|ledger| {
            let at = known_at.unwrap_or(KnownAt::MAX);
            let view = ledger.as_of(at);
            let stated = view.entity(id)?.map(|version| Stated {
                dataset: version.record.dataset.to_string(),
                entity: version.record.entity,
                source: version.record.source,
                grade: version.record.grade,
                valid_from: version.record.valid_from.map(|from| from.value()),
                since: version.from,
            });
            let holds = holds_of(&view, known_at.map_or_else(|| self.now(), Ok)?)?;
            Ok(Dossier {
                case: self.subject(id, known_at)?,
                stated,
                events: view.events_of(id)?.into_iter().map(|known| known.record).collect(),
                hold: holds.get(id).cloned(),
                why: self.why(id.as_str(), at)?,
            })
        })
    }
}
