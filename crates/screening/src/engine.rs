//! The engine: policy, indexes and counts, kept in step with the ledger.
//!
//! In: a ledger (or a view of it). Out: an engine that can apply the next commit or answer an ad hoc question.
//! Always holds: indexes and counts are those of the ledger's head; an engine that met an error is dropped by its owner and opened
//! again.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZero;
use std::sync::Arc;

use index::{Index, Scratch};
use ledger::{Ledger, LedgerError, RowId, Version, View};
use matching::Profile;
use model::{Coverage, DatasetName, Digest, Digester, Entity, KnownAt, RecordKind, Role, Score};
use rustc_hash::FxBuildHasher;

use crate::controls::Controls;
use crate::coverage::{Contents, Standing};
use crate::graph::Graph;
use crate::side::{self, Match, Party, candidates, document_of, row_of};
use crate::{Policy, PolicyError, ScreeningError};

/// Raised with every change of what the network says of the same ledger and policy. 2: relations inform leads.
const NETWORK_VERSION: u32 = 2;

/// Version of the rules in code that decide which alerts and leads there are.
pub fn engine_version() -> model::Engine {
    let (package, rules) = (env!("CARGO_PKG_VERSION"), matching::RULES_VERSION);
    model::Engine {
        engine: format!("{package}+rules.{rules}+network.{NETWORK_VERSION}"),
        tables: names::tables_version().to_owned(),
    }
}

/// The indexes of the two sides.
pub struct Indexes {
    /// Of the list entries.
    pub entries: Index,
    /// Of the subjects.
    pub subjects: Index,
}

/// How many entries are kept analysed; past it all are let go at once. A million entries would take some 2 GB.
const KEPT_ENTRIES: usize = 200_000;

pub(crate) type Kept = HashMap<RowId, Arc<Party>, FxBuildHasher>;

/// Policy, indexes and counts of a ledger's head.
pub struct Engine {
    pub(crate) policy: Policy,
    pub(crate) roles: BTreeMap<DatasetName, Role>,
    pub(crate) indexes: Indexes,
    pub(crate) coverage: Coverage,
    pub(crate) contents: Contents,
    pub(crate) controls: Controls,
    pub(crate) kept: Kept,
    /// One a thread, for searching the entries. What a scratch has cached is of one index and lost with another.
    pub(crate) scratches: Vec<Scratch>,
    /// The same for searching the subjects.
    pub(crate) subject_scratches: Vec<Scratch>,
    /// `None` as long as nobody carries the topic that chains of affiliation end in.
    pub(crate) graph: Option<Graph>,
    /// Whether there is a network that has not been built since this engine was opened.
    pub(crate) graph_is_due: bool,
    /// Whether this batch brought somebody who does.
    pub(crate) target_came: bool,
    pub(crate) head: Option<KnownAt>,
    rows_caught_up: u64,
}

impl Engine {
    /// An engine for what a view holds, indexed anew. `threads`: how many to screen with.
    pub fn build(
        view: &View<'_>,
        head: Option<KnownAt>,
        threads: NonZero<usize>,
    ) -> Result<Self, ScreeningError> {
        let mut engine = Self::bare(view, head, threads)?;
        engine.coverage.list_versions =
            view.last_commit()?.map(|(_, coverage)| coverage.list_versions).unwrap_or_default();
        engine.reindex(view)?;
        engine.rows_caught_up = engine.coverage.screened + engine.coverage.entries.values().sum::<u64>();
        Ok(engine)
    }

    /// An engine for the ledger's head from indexes saved at commit `seq`, brought up to date.
    pub fn resume(
        ledger: &Ledger,
        saved: Indexes,
        seq: u64,
        threads: NonZero<usize>,
    ) -> Result<Self, ScreeningError> {
        let head = ledger.head()?;
        let view = ledger.as_of(KnownAt::MAX);
        let mut engine = Self::bare(&view, ledger.screened_at()?, threads)?;
        engine.indexes = saved;
        if let Some(head) = head {
            engine.coverage = Coverage { repeats: None, ..ledger.coverage(head.seq)?.unwrap_or_default() };
            engine.contents = Contents::of(&engine.coverage);
            engine.catch_up(ledger, seq)?;
            engine.graph_is_due = engine.coverage.seeds > 0;
        }
        Ok(engine)
    }

    /// Whether there is a network that is not here yet. Questions about names do without it; who is going to apply a batch brings it
    /// first, since afterwards everybody in it has to be told anew.
    pub fn lacks_graph(&self) -> bool {
        self.graph_is_due
    }

    /// Takes over the network of the ledger's head.
    pub fn take_graph(&mut self, graph: Graph) {
        self.graph_is_due = false;
        self.graph = Some(graph);
    }

    /// The network, where there is one and it is here.
    pub fn graph(&self) -> Option<&Graph> {
        self.graph.as_ref()
    }

    fn bare(view: &View<'_>, head: Option<KnownAt>, threads: NonZero<usize>) -> Result<Self, ScreeningError> {
        let policy = policy_of(view)?;
        Ok(Self {
            policy,
            roles: roles_of(view)?,
            indexes: Indexes { entries: Index::new(), subjects: Index::new() },
            coverage: Coverage::default(),
            contents: Contents::default(),
            controls: Controls::new(),
            kept: Kept::default(),
            scratches: (0..threads.get()).map(|_| Scratch::new()).collect(),
            subject_scratches: (0..threads.get()).map(|_| Scratch::new()).collect(),
            graph: None,
            graph_is_due: false,
            target_came: false,
            head,
            rows_caught_up: 0,
        })
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What each dataset is for.
    pub fn roles(&self) -> &BTreeMap<DatasetName, Role> {
        &self.roles
    }

    /// How many rows opening this engine had to index because the saved indexes lacked them.
    pub fn rows_caught_up(&self) -> u64 {
        self.rows_caught_up
    }

    /// The indexes, for saving.
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// What is screened now.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Digest of what the indexes depend on beside the ledger: saved indexes of another one are of no use.
    pub fn basis(&self) -> Digest {
        basis_of(&self.policy)
    }

    /// Builds both indexes and the counts from what a view holds. The list versions stay those of the last commit.
    pub(crate) fn reindex(&mut self, view: &View<'_>) -> Result<(), ScreeningError> {
        self.indexes = Indexes { entries: Index::new(), subjects: Index::new() };
        let list_versions = std::mem::take(&mut self.coverage.list_versions);
        self.coverage = Coverage { list_versions, ..Coverage::default() };
        self.contents = Contents::default();
        self.kept.clear();
        let Indexes { entries, subjects } = &mut self.indexes;
        self.controls.plant(&self.policy.rules, subjects, entries);
        let mut target = false;
        view.entities(None, &mut |version| {
            target |= self.policy.network.is_target(&version.record.entity);
            let party = Party::of(&self.policy, &version);
            let standing = self.standing(&version, &party);
            self.count_in(&standing, &version);
            self.insert(&standing, &party);
            Ok(())
        })?;
        self.graph = if target { Some(Graph::build(&self.policy.network, view)?) } else { None };
        self.graph_is_due = false;
        self.coverage.seeds = self.graph.as_ref().map_or(0, Graph::seeds);
        Ok(())
    }

    fn catch_up(&mut self, ledger: &Ledger, seq: u64) -> Result<(), ScreeningError> {
        let since = ledger.rows_since(seq, RecordKind::Entity)?;
        self.rows_caught_up = (since.ended.len() + since.added.len()) as u64;
        for row in since.ended {
            self.forget(row);
        }
        for row in since.added {
            let version = ledger.version(row)?;
            let party = Party::of(&self.policy, &version);
            self.insert(&self.standing(&version, &party), &party);
        }
        Ok(())
    }

    pub(crate) fn standing(&self, version: &Version, party: &Party) -> Standing {
        Standing::of(&self.policy, self.roles.get(&version.record.dataset).copied(), version, party)
    }

    /// Counts a version in.
    pub(crate) fn count_in(&mut self, standing: &Standing, version: &Version) {
        standing.enter(&mut self.coverage);
        self.contents.enter(standing, version);
    }

    /// Counts a version out.
    pub(crate) fn count_out(&mut self, standing: &Standing, version: &Version) {
        standing.leave(&mut self.coverage);
        self.contents.leave(standing, version);
    }

    /// Indexes a version.
    fn insert(&mut self, standing: &Standing, party: &Party) {
        match standing {
            Standing::Subject => self.insert_subject(party),
            Standing::Entry(_) => self.insert_entry(party),
            Standing::Unscreenable(_) | Standing::Unmatchable(_) | Standing::Neither => {}
        }
    }

    fn insert_subject(&mut self, party: &Party) {
        side::insert(&mut self.indexes.subjects, &self.policy.rules, document_of(party.row), &party.profile);
    }

    pub(crate) fn insert_entry(&mut self, party: &Party) {
        side::insert(&mut self.indexes.entries, &self.policy.rules, document_of(party.row), &party.profile);
    }

    /// Takes a version out of both indexes.
    pub(crate) fn forget(&mut self, row: RowId) {
        self.indexes.subjects.remove(document_of(row));
        self.indexes.entries.remove(document_of(row));
        self.kept.remove(&row);
    }

    /// Makes sure that these entries are kept analysed.
    pub(crate) fn keep(
        &mut self,
        rows: impl IntoIterator<Item = RowId>,
        fetch: &dyn Fn(RowId) -> Result<Version, LedgerError>,
    ) -> Result<(), ScreeningError> {
        if self.kept.len() > KEPT_ENTRIES {
            self.kept.clear();
        }
        for row in rows {
            if !self.kept.contains_key(&row) {
                let party = Party::of(&self.policy, &fetch(row)?);
                self.kept.insert(row, Arc::new(party));
            }
        }
        Ok(())
    }

    /// Everything on the lists that an entity would be compared with and that scores at least `least`, best first. Nothing is kept.
    pub fn screen(
        &mut self,
        ledger: &Ledger,
        entity: &Entity,
        least: Score,
    ) -> Result<Vec<Match>, ScreeningError> {
        let profile = Profile::of(entity);
        let scratch = self.scratches.first_mut().expect("there is at least one thread");
        let found = candidates(&self.indexes.entries, &self.policy.rules, &profile, least, scratch);
        let rows: Vec<RowId> = found.into_iter().filter_map(row_of).collect();
        self.keep(rows.iter().copied(), &|row| ledger.version(row))?;
        let mut matches = Vec::new();
        for row in rows {
            let entry = &self.kept[&row];
            let score = matching::score(&self.policy.rules, &profile, &entry.profile);
            if score >= least {
                matches.push(Match {
                    dataset: entry.dataset.clone(),
                    entry: ledger.version(row)?.record.entity,
                    identity: entry.identity.clone(),
                    score,
                    threshold: entry.threshold,
                });
            }
        }
        matches.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.identity.cmp(&b.identity)));
        Ok(matches)
    }

    /// Checks the controls and that what is indexed is what the ledger holds.
    pub(crate) fn check(&mut self, view: &View<'_>) -> Result<(), ScreeningError> {
        let Indexes { entries, subjects } = &self.indexes;
        let scratches = [&mut self.scratches, &mut self.subject_scratches];
        let [of_entries, of_subjects] =
            scratches.map(|s| s.first_mut().expect("there is at least one thread"));
        let sides = [(entries, of_entries), (subjects, of_subjects)];
        self.coverage.controls = self.controls.check(&self.policy, sides)?;
        let planted = self.controls.len() as u64;
        let listed: u64 = self.coverage.entries.values().sum();
        same_count("list entries", listed, entries.len() as u64 - planted)?;
        same_count("subjects", self.coverage.screened, subjects.len() as u64 - planted)?;
        for (dataset, _) in self.roles.iter().filter(|(_, role)| **role == Role::List) {
            let counts = [&self.coverage.entries, &self.coverage.unmatchable];
            let screened: u64 = counts.iter().filter_map(|counts| counts.get(dataset.as_str())).sum();
            same_count(&format!("entities of {dataset}"), view.count_entities(Some(dataset))?, screened)?;
        }
        Ok(())
    }
}

/// Digest of what indexes and network depend on beside the ledger: those that were saved on another one are of no use.
pub fn basis_of(policy: &Policy) -> Digest {
    let engine = engine_version();
    let mut digester = Digester::new();
    digester.field(engine.engine.as_bytes()).field(engine.tables.as_bytes());
    digester.field(policy.screening_text().as_bytes()).finish()
}

fn same_count(what: &str, ledger: u64, index: u64) -> Result<(), ScreeningError> {
    if ledger == index { Ok(()) } else { Err(ScreeningError::Count { what: what.to_owned(), ledger, index }) }
}

/// The policy in force in a view; the default where none was adopted.
pub(crate) fn policy_of(view: &View<'_>) -> Result<Policy, ScreeningError> {
    let adopted = view.policy()?;
    Ok(adopted.map_or(Ok::<_, PolicyError>(Policy::default()), |record| Policy::parse(&record.text))?)
}

pub(crate) fn roles_of(view: &View<'_>) -> Result<BTreeMap<DatasetName, Role>, LedgerError> {
    Ok(view.datasets()?.into_iter().map(|dataset| (dataset.name, dataset.role)).collect())
}
