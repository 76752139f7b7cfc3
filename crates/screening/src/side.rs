//! The two sides of screening. Both are indexed the same way and search the same way; only their roles differ.
//!
//! In: entity versions from the ledger. Out: parties (what screening sees of an entity), documents of an index, matches.

use index::{Document, DocumentId, Index, Query, Scratch};
use ledger::{RowId, Version};
use matching::{Profile, Rules};
use model::{DatasetName, Entity, Fingerprint, Identity, Kind, Score};

use crate::Policy;

/// An entity as screening sees it.
#[derive(Debug, Clone)]
pub struct Party {
    /// The row of the version.
    pub row: RowId,
    /// Which thing.
    pub identity: Identity,
    /// Who states it.
    pub dataset: DatasetName,
    /// What the matcher sees.
    pub profile: Profile,
    /// Its evidence.
    pub fingerprint: Fingerprint,
    /// For an entry: the score at which it alerts.
    pub threshold: Score,
}

impl Party {
    pub(crate) fn of(policy: &Policy, version: &Version) -> Self {
        let (dataset, entity) = (&version.record.dataset, &version.record.entity);
        Self {
            row: version.row,
            identity: version.identity(),
            dataset: dataset.clone(),
            profile: Profile::of(entity),
            fingerprint: matching::fingerprint(entity),
            threshold: policy.threshold_of(dataset, entity),
        }
    }
}

/// A list entry that an entity matches.
#[derive(Debug, Clone)]
pub struct Match {
    /// The entry's dataset.
    pub dataset: DatasetName,
    /// The entry as the ledger states it.
    pub entry: Entity,
    /// Its identity.
    pub identity: Identity,
    /// The score.
    pub score: Score,
    /// The score at which it would alert.
    pub threshold: Score,
}

/// Documents below this id are controls; a row's document id is the row's id plus this.
const CONTROLS: u64 = 1000;

pub(crate) fn document_of(row: RowId) -> DocumentId {
    DocumentId(row.0 + CONTROLS)
}

pub(crate) fn control_document(place: usize) -> DocumentId {
    DocumentId(place as u64)
}

/// The row of a document; `None` for a control.
pub(crate) fn row_of(document: DocumentId) -> Option<RowId> {
    document.0.checked_sub(CONTROLS).map(RowId)
}

pub(crate) fn group(kind: Kind) -> u8 {
    kind as u8
}

fn groups_that_may_be(kind: Kind) -> u8 {
    Kind::ALL.into_iter().filter(|other| kind.may_be(*other)).fold(0, |mask, other| mask | 1 << group(other))
}

fn identifiers(rules: &Rules, profile: &Profile) -> Vec<u64> {
    profile.strong_identifiers(rules).map(matching::Identifier::hash).collect()
}

pub(crate) fn insert(index: &mut Index, rules: &Rules, id: DocumentId, profile: &Profile) {
    let identifiers = identifiers(rules, profile);
    index.insert(Document {
        id,
        group: group(profile.kind),
        names: &profile.names,
        identifiers: &identifiers,
    });
}

/// Every document that can reach the threshold, controls included.
pub(crate) fn candidates(
    index: &Index,
    rules: &Rules,
    profile: &Profile,
    threshold: Score,
    scratch: &mut Scratch,
) -> Vec<DocumentId> {
    let identifiers = identifiers(rules, profile);
    let groups = groups_that_may_be(profile.kind);
    let query = Query { groups, names: &profile.names, identifiers: &identifiers, threshold: threshold.0 };
    index.candidates(&query, scratch)
}
