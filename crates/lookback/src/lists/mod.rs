//! What stands on the lists at one commit, frozen: any number of threads ask at once, and nobody waits for a writer.
//!
//! In: an entity or an id. Out: list entries and how they score. Always holds: all answers of one [`Lists`] are of one commit; it finds
//! what [`Store::screen`] finds (`LOSSLESS`); following the ledger gives what reading it anew gives (`INCREMENTAL`).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use ledger::{Ledger, RowId, Version};
use matching::{Explanation, Profile};
use model::{DatasetName, Entity, EntityId, KnownAt, RecordKind, Role, Score};
use rustc_hash::FxBuildHasher;
use screening::{Entries, Party, Scratch};

use crate::{Error, Store};

mod words;

mod listed;
pub use listed::seconds;

mod fields;
pub use fields::Field;

mod segment;
use segment::Segment;

mod graph;

mod query;
pub use query::{Query, QueryError, Syntax};

mod evaluate;
mod search;
pub use search::{Found, Order, Search};

/// One entity that a list states, and what was worked out about it so far.
pub struct Listed {
    version: Version,
    /// `None` inside: nothing that can alert.
    party: OnceLock<Option<Party>>,
}

impl Listed {
    /// The entity.
    pub fn entity(&self) -> &Entity {
        &self.version.record.entity
    }

    /// The list.
    pub fn dataset(&self) -> &DatasetName {
        &self.version.record.dataset
    }

    /// The version that is in force.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

/// An entry that an entity matches.
pub struct Scored<'a> {
    /// The entry.
    pub listed: &'a Arc<Listed>,
    /// The score.
    pub score: Score,
    /// The score at which it would alert.
    pub threshold: Score,
}

type Rows = HashMap<RowId, Arc<Listed>, FxBuildHasher>;

/// The lists at one commit.
#[derive(Clone)]
pub struct Lists {
    seq: u64,
    known_at: KnownAt,
    entries: Entries,
    rows: Rows,
    ids: HashMap<EntityId, RowId, FxBuildHasher>,
    datasets: BTreeMap<DatasetName, ListedDataset>,
    /// All entries, and some that no longer stand: what is searched by words.
    segments: Vec<Arc<Segment>>,
}

/// A dataset as the lists know it; populations are there without their people.
#[derive(Debug, Clone)]
pub struct ListedDataset {
    /// What it is for.
    pub role: Role,
    /// What it is called.
    pub title: Option<String>,
    /// How many of its entities are here.
    pub entities: u64,
    /// How many of them are things, and no relations or facts about things.
    pub things: u64,
    /// When it last changed.
    pub changed: Option<KnownAt>,
}

impl Store {
    /// The lists as the last commit left them.
    pub fn lists(&self) -> Result<Lists, Error> {
        self.ledger.snapshot(|ledger| {
            let entries = self.open_engine()?.entries();
            let (seq, known_at) =
                ledger.head()?.map_or((0, KnownAt::MIN), |head| (head.seq, head.header.known_at));
            let (rows, ids, datasets) = (Rows::default(), HashMap::default(), BTreeMap::new());
            let mut lists = Lists { seq, known_at, entries, rows, ids, datasets, segments: Vec::new() };
            let view = ledger.as_of(KnownAt::MAX);
            let roles = lists.entries.roles().clone();
            for (name, _) in roles.iter().filter(|(_, role)| **role == Role::List) {
                view.entities(Some(name), &mut |version| {
                    lists.hold(version);
                    Ok(())
                })?;
            }
            lists.describe(&view)?;
            lists.segment_anew();
            Ok(lists)
        })
    }

    /// The lists as the last commit left them, from what they were at an earlier one. The cost is that of what changed.
    pub fn lists_after(&self, before: &Lists) -> Result<Lists, Error> {
        let policy = self.policy(KnownAt::MAX)?;
        let followed = self.ledger.snapshot(|ledger| {
            let view = ledger.as_of(KnownAt::MAX);
            let roles = view.datasets()?.into_iter().map(|dataset| (dataset.name, dataset.role)).collect();
            if policy != *before.entries.policy() || *before.entries.roles() != roles {
                return Ok::<_, Error>(None);
            }
            before.followed(ledger).map(Some)
        })?;
        followed.map_or_else(|| self.lists(), Ok)
    }
}

impl Listed {
    fn party(&self, entries: &Entries) -> Option<&Party> {
        self.party.get_or_init(|| entries.party(&self.version)).as_ref()
    }
}

impl Lists {
    fn followed(&self, ledger: &Ledger) -> Result<Self, Error> {
        let mut lists = self.clone();
        let since = ledger.rows_since(self.seq, RecordKind::Entity)?;
        for row in since.ended {
            lists.let_go(row);
        }
        let mut added = Vec::new();
        for row in since.added {
            let version = ledger.version(row)?;
            if lists.entries.roles().get(&version.record.dataset) == Some(&Role::List) {
                let listed = lists.hold(version);
                added.push(Arc::clone(&listed));
                if let Some(party) = listed.party(&lists.entries) {
                    lists.entries.insert(party);
                }
            }
        }
        if let Some(head) = ledger.head()? {
            (lists.seq, lists.known_at) = (head.seq, head.header.known_at);
        }
        lists.describe(&ledger.as_of(KnownAt::MAX))?;
        lists.segment_more(added);
        Ok(lists)
    }

    fn hold(&mut self, version: Version) -> Arc<Listed> {
        let row = version.row;
        self.ids.insert(version.record.entity.id.clone(), row);
        let listed = Arc::new(Listed { version, party: OnceLock::new() });
        self.rows.insert(row, Arc::clone(&listed));
        listed
    }

    fn let_go(&mut self, row: RowId) {
        self.entries.remove(row);
        let Some(listed) = self.rows.remove(&row) else { return };
        if self.ids.get(&listed.entity().id) == Some(&row) {
            self.ids.remove(&listed.entity().id);
        }
    }

    /// One segment of all entries.
    fn segment_anew(&mut self) {
        let mut all: Vec<Arc<Listed>> = self.rows.values().cloned().collect();
        all.sort_by_key(|listed| listed.version.row);
        self.segments = vec![Arc::new(Segment::of(all))];
    }

    /// Adds entries as a segment of their own, until as many were added or left as there are an eighth of all.
    fn segment_more(&mut self, added: Vec<Arc<Listed>>) {
        if !added.is_empty() {
            self.segments.push(Arc::new(Segment::of(added)));
        }
        let held: usize = self.segments.iter().map(|segment| segment.listed.len()).sum();
        let first = self.segments.first().map_or(0, |segment| segment.listed.len());
        let (later, gone) = (held - first, held - self.rows.len());
        if later.max(gone) * 8 > self.rows.len() {
            self.segment_anew();
        }
    }

    /// Whether an entry is one of these lists.
    fn stands(&self, listed: &Listed) -> bool {
        self.rows.contains_key(&listed.version.row)
    }

    fn describe(&mut self, view: &ledger::View<'_>) -> Result<(), Error> {
        let mut datasets: BTreeMap<DatasetName, ListedDataset> = BTreeMap::new();
        for dataset in view.datasets()? {
            let listed = ListedDataset {
                role: dataset.role,
                title: dataset.title,
                entities: 0,
                things: 0,
                changed: None,
            };
            datasets.insert(dataset.name, listed);
        }
        for listed in self.all() {
            if let Some(dataset) = datasets.get_mut(listed.dataset()) {
                dataset.entities += 1;
                dataset.things += u64::from(listed.entity().schema.is_a("Thing"));
                dataset.changed = dataset.changed.max(Some(listed.version.from));
            }
        }
        self.datasets = datasets;
        Ok(())
    }

    /// The commit that this is as of.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The known time of that commit.
    pub fn known_at(&self) -> KnownAt {
        self.known_at
    }

    /// The entries, their policy and the roles of datasets.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// All datasets of the store.
    pub fn datasets(&self) -> &BTreeMap<DatasetName, ListedDataset> {
        &self.datasets
    }

    /// The entity with an id, if a list states it.
    pub fn get(&self, id: &EntityId) -> Option<&Arc<Listed>> {
        self.rows.get(self.ids.get(id)?)
    }

    /// Every entity that a list states, in no order that means anything.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Listed>> {
        self.rows.values()
    }

    /// The entries that a profile scores at least `least` with and that `wanted` lets through, best first, then by id.
    pub fn matches(
        &self,
        profile: &Profile,
        least: Score,
        wanted: &dyn Fn(&Listed) -> bool,
        scratch: &mut Scratch,
    ) -> Vec<Scored<'_>> {
        let mut scored = Vec::new();
        for row in self.entries.candidates(profile, least, scratch) {
            let Some(listed) = self.rows.get(&row).filter(|listed| wanted(listed)) else { continue };
            let Some(party) = listed.party(&self.entries) else { continue };
            let score = matching::score(&self.entries.policy().rules, profile, &party.profile);
            if score >= least {
                scored.push(Scored { listed, score, threshold: party.threshold });
            }
        }
        scored.sort_by(|a, b| {
            b.score.cmp(&a.score).then_with(|| a.listed.entity().id.cmp(&b.listed.entity().id))
        });
        scored
    }

    /// Where the score of an entry comes from; `None` for what can not alert.
    pub fn explain(&self, profile: &Profile, listed: &Listed) -> Option<Explanation> {
        let party = listed.party(&self.entries)?;
        Some(matching::explain(&self.entries.policy().rules, profile, &party.profile))
    }
}
