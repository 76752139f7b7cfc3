//! One commit: what changed → whom it concerns → scores → alerts. The main path of the product.
//!
//! Both directions are one search with the sides swapped: changed subjects look through the entries, changed entries look through
//! the subjects. What was open on anything that changed and was not found again is withdrawn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use index::{DocumentId, Index, Scratch};
use ledger::{Batch, LedgerError, RowChange, RowId, Version, View};
use model::{
    AlertChange, AlertId, AlertState, Cause, CauseKind, Coverage, Examination, Fingerprint, Identity, Kind,
    KnownAt, Outcome, Pair, Record, RecordKind, Role, Score,
};
use network::PersonId;

use crate::coverage::Standing;
use crate::engine::{policy_of, roles_of};
use crate::graph::Graph;
use crate::side::{self, Party, candidates, document_of, row_of};
use crate::{Engine, ScreeningError};

/// What a commit did to the alerts.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Alerts that opened, changed or went, net of this known time.
    pub changes: Vec<AlertChange>,
    /// Who was screened.
    pub coverage: Coverage,
}

/// Changes are taken in parts of this size, so that a million subjects need little memory and two threads are busy.
const PART: usize = 2048;

/// Pairs found to be alerts, or looked at and found not to be; the last finding of an alert counts. By alert and not by pair, because
/// an entity that moved to another dataset makes another pair and keeps its alerts.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<AlertId, Outcome>);

impl Findings {
    pub(crate) fn insert(&mut self, pair: Pair, alert: Option<(Score, Fingerprint)>) {
        self.0.insert(pair.alert_id(), Outcome { pair, alert });
    }

    /// What was open has to be found again.
    fn reopen(&mut self, open: impl IntoIterator<Item = AlertState>) {
        self.0.extend(open.into_iter().map(|alert| (alert.alert, Outcome { pair: alert.pair, alert: None })));
    }

    /// Ordered by alert.
    pub(crate) fn into_outcomes(self) -> impl Iterator<Item = Outcome> {
        self.0.into_values()
    }
}

impl Engine {
    /// Screens what a batch changes and hands the outcomes to the alert book.
    ///
    /// Stage every line first. After an error the batch must be dropped, and this engine with it.
    pub fn apply(&mut self, batch: &mut Batch<'_>) -> Result<Applied, ScreeningError> {
        let known_at = batch.known_at();
        let changes = batch.resolve()?;
        self.coverage.examination = Examination::default();
        self.target_came = false;
        let findings = if self.rules_changed(batch, &changes)? {
            self.examine_everything(batch, known_at)?
        } else {
            self.examine(batch, &changes, known_at)?
        };
        self.conclude(batch, findings)
    }

    /// Screens everybody anew, as after a change of engine or tables.
    pub fn reexamine(&mut self, batch: &mut Batch<'_>) -> Result<Applied, ScreeningError> {
        batch.resolve()?;
        self.coverage.examination = Examination::default();
        let findings = self.examine_everything(batch, batch.known_at())?;
        self.conclude(batch, findings)
    }

    /// Checks that screening can be trusted, and hands its outcomes to the alert book.
    fn conclude(&mut self, batch: &mut Batch<'_>, findings: Findings) -> Result<Applied, ScreeningError> {
        self.check(&batch.head_view())?;
        let lists = self.roles.iter().filter(|(_, role)| **role == Role::List).map(|(name, _)| name);
        self.coverage.list_versions = self.contents.versions(lists, &self.coverage.list_versions, batch);
        let outcomes: Vec<Outcome> = findings.into_outcomes().collect();
        let changes = batch.record_outcomes(&outcomes)?;
        self.head = Some(batch.known_at());
        Ok(Applied { changes, coverage: self.coverage.clone() })
    }

    /// Takes over a new policy or new roles. True when anybody may be concerned.
    fn rules_changed(&mut self, batch: &Batch<'_>, changes: &[RowChange]) -> Result<bool, ScreeningError> {
        let touches = |kind| changes.iter().any(|change| change.kind == kind);
        let mut changed = false;
        if touches(RecordKind::Policy) {
            let policy = policy_of(&batch.head_view())?;
            changed |= !policy.screens_as(&self.policy);
            self.policy = policy;
        }
        if touches(RecordKind::Dataset) {
            let roles = roles_of(&batch.head_view())?;
            changed |= self.roles.iter().any(|(name, role)| roles.get(name) != Some(role));
            self.roles = roles;
        }
        Ok(changed)
    }

    fn examine_everything(
        &mut self,
        batch: &Batch<'_>,
        known_at: KnownAt,
    ) -> Result<Findings, ScreeningError> {
        let view = batch.head_view();
        let mut findings = Findings::default();
        findings.reopen(view.alerts()?);
        self.reindex(&view)?;
        self.examine_subjects_of(&view, known_at, &mut findings)?;
        self.examine_links_of(&view, &mut findings)?;
        Ok(findings)
    }

    /// Screens every subject of a view against the entries indexed.
    pub(crate) fn examine_subjects_of(
        &mut self,
        view: &View<'_>,
        known_at: KnownAt,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let fetch = |row| view.version(row);
        let mut part: Vec<Arc<Party>> = Vec::with_capacity(PART);
        let mut failed = Ok(());
        view.entities(None, &mut |version| {
            let party = Party::of(&self.policy, &version);
            if failed.is_ok() && self.standing(&version, &party) == Standing::Subject {
                part.push(Arc::new(party));
                if part.len() == PART {
                    failed = self.screen_subjects(&part, known_at, &fetch, findings);
                    part.clear();
                }
            }
            Ok(())
        })?;
        failed?;
        self.screen_subjects(&part, known_at, &fetch, findings)
    }

    /// The findings of everybody of whom the network says anything.
    pub(crate) fn examine_links_of(
        &mut self,
        view: &View<'_>,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let everybody = self.graph.as_ref().map(Graph::everybody).unwrap_or_default();
        self.tell_findings(view, everybody, findings)
    }

    fn examine(
        &mut self,
        batch: &Batch<'_>,
        changes: &[RowChange],
        known_at: KnownAt,
    ) -> Result<Findings, ScreeningError> {
        let mut findings = Findings::default();
        let entities = || changes.iter().filter(|change| change.kind == RecordKind::Entity);
        for row in entities().filter_map(|change| change.before.filter(|_| change.before != change.after)) {
            self.leave(batch, row, &mut findings)?;
        }
        let reborn =
            || entities().filter_map(|change| change.before.filter(|_| change.before == change.after));
        reborn().for_each(|row| drop(self.kept.remove(&row)));
        for row in reborn() {
            self.reborn_in_place(batch, row, &mut findings)?;
        }
        let changed = entities().filter(|change| change.before != change.after);
        let rows: Vec<RowId> = changed.filter_map(|change| change.after).collect();
        let mut entries = Vec::new();
        let fetch = |row| batch.version(row);
        let mut parts =
            rows.chunks(PART).map(|part| part.iter().map(|row| fetch(*row)).collect::<Result<Vec<_>, _>>());
        let mut next = parts.next().transpose()?;
        while let Some(versions) = next.take() {
            let subjects = self.enter_part(&versions, &mut entries);
            let (found, following) = self.insert_and_search(&subjects, || parts.next());
            self.judge_found(&subjects, &found, known_at, &fetch, &mut findings)?;
            next = following.transpose()?;
        }
        self.screen_entries(batch, &entries, known_at, &mut findings)?;
        self.expired_good_pairs(batch, known_at, &mut findings)?;
        self.follow_evidence(batch, changes, &mut findings)?;
        Ok(findings)
    }

    /// Brings the network up to date with a batch, and tells the findings of everybody it concerns. Entities have entered and left.
    fn follow_evidence(
        &mut self,
        batch: &Batch<'_>,
        changes: &[RowChange],
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let view = batch.head_view();
        let concerned = match &mut self.graph {
            Some(graph) => {
                tell(graph, batch, changes)?;
                graph.settle(&view)?
            }
            None if self.target_came || self.graph_is_due => {
                self.graph_is_due = false;
                let graph = self.graph.insert(Graph::build(&self.policy.network, &view)?);
                graph.everybody()
            }
            None => return Ok(()),
        };
        self.tell_findings(&view, concerned, findings)
    }

    /// What the network says of persons, those among them that are subjects.
    pub(crate) fn tell_findings(
        &mut self,
        view: &View<'_>,
        persons: BTreeSet<PersonId>,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let Some(graph) = &mut self.graph else { return Ok(()) };
        self.coverage.seeds = graph.seeds();
        for person in persons {
            let finding = graph.finding_of(person, view)?;
            let (Some(finding), Some(row)) = (finding, graph.version_of(person)) else { continue };
            let version = view.version(row)?;
            let role = self.roles.get(&version.record.dataset);
            if role != Some(&Role::Population) || version.record.entity.schema.kind() != Kind::Person {
                continue;
            }
            for Outcome { pair, alert } in graph.outcomes(finding, &version) {
                findings.insert(pair, alert);
            }
        }
        Ok(())
    }

    /// A version that is no longer in force leaves the indexes; what was open on it has to be found again.
    fn leave(
        &mut self,
        batch: &Batch<'_>,
        row: RowId,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let version = batch.version(row)?;
        let party = Party::of(&self.policy, &version);
        let view = batch.head_view();
        let standing = self.standing(&version, &party);
        self.count_out(&standing, &version);
        let open = match standing {
            Standing::Subject | Standing::Unscreenable(_) => view.alerts_of_subject(&party.identity)?,
            Standing::Entry(_) => view.alerts_of_entry(&party.identity)?,
            _ => Vec::new(),
        };
        findings.reopen(open);
        self.forget(row);
        if let Some(graph) = &mut self.graph {
            graph.leave(&version);
        }
        Ok(())
    }

    /// A version stays, but a joined commit made it the first of a new identity: its alerts move to that identity.
    fn reborn_in_place(
        &mut self,
        batch: &Batch<'_>,
        row: RowId,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let version = batch.version(row)?;
        let party = Arc::new(Party::of(&self.policy, &version));
        let id = &party.identity.id;
        let open = batch.head_view().alerts()?.into_iter();
        let on_it = open.filter(|alert| alert.pair.subject.id == *id || alert.pair.cause.entry.id == *id);
        findings.reopen(on_it);
        if let Some(graph) = &mut self.graph {
            graph.reborn(id);
        }
        match self.standing(&version, &party) {
            Standing::Subject => {
                let fetch = |row| batch.version(row);
                self.screen_subjects(&[party], batch.known_at(), &fetch, findings)
            }
            Standing::Entry(_) => self.screen_entries(batch, &[party], batch.known_at(), findings),
            _ => Ok(()),
        }
    }

    /// New versions are counted in; the entries among them are indexed and added to `entries`. Returns the subjects among them,
    /// which are yet to be indexed.
    fn enter_part(&mut self, versions: &[Version], entries: &mut Vec<Arc<Party>>) -> Vec<Arc<Party>> {
        let policy = &self.policy;
        let parties = in_parallel(&mut self.scratches, WORTH_A_THREAD, versions, |_, version| {
            Party::of(policy, version)
        });
        let mut subjects = Vec::with_capacity(versions.len());
        for (version, party) in versions.iter().zip(parties) {
            let standing = self.standing(version, &party);
            self.count_in(&standing, version);
            match &mut self.graph {
                Some(graph) => graph.enter(version),
                None => self.target_came |= self.policy.network.is_target(&version.record.entity),
            }
            match standing {
                Standing::Subject => subjects.push(Arc::new(party)),
                Standing::Entry(_) => {
                    self.insert_entry(&party);
                    entries.push(Arc::new(party));
                }
                _ => {}
            }
        }
        subjects
    }

    /// Subjects enter their index while their candidates are looked for among the entries, and `meanwhile` is done in this thread:
    /// none of the three touches what another does.
    fn insert_and_search<T>(
        &mut self,
        subjects: &[Arc<Party>],
        meanwhile: impl FnOnce() -> T,
    ) -> (Vec<Vec<DocumentId>>, T) {
        let Self { policy, indexes, scratches, .. } = self;
        let (policy, entries, index) = (&*policy, &indexes.entries, &mut indexes.subjects);
        let mut insert = || {
            for subject in subjects {
                side::insert(index, &policy.rules, document_of(subject.row), &subject.profile);
            }
        };
        let mut search = || search(policy, entries, scratches, subjects);
        if subjects.len() < WORTH_A_THREAD {
            insert();
            return (search(), meanwhile());
        }
        std::thread::scope(|scope| {
            scope.spawn(insert);
            let searching = scope.spawn(search);
            let meanwhile = meanwhile();
            (searching.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), meanwhile)
        })
    }

    /// Subjects against the entries.
    fn screen_subjects(
        &mut self,
        subjects: &[Arc<Party>],
        known_at: KnownAt,
        fetch: &dyn Fn(RowId) -> Result<Version, LedgerError>,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let found = search(&self.policy, &self.indexes.entries, &mut self.scratches, subjects);
        self.judge_found(subjects, &found, known_at, fetch, findings)
    }

    /// Subjects against the entries found for each.
    fn judge_found(
        &mut self,
        subjects: &[Arc<Party>],
        found: &[Vec<DocumentId>],
        known_at: KnownAt,
        fetch: &dyn Fn(RowId) -> Result<Version, LedgerError>,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        self.keep(found.iter().flatten().copied().filter_map(row_of), fetch)?;
        let pairs: Vec<(&Party, &Party)> = subjects
            .iter()
            .zip(found)
            .flat_map(|(subject, found)| {
                found.iter().copied().filter_map(row_of).map(|row| (&**subject, &*self.kept[&row]))
            })
            .collect();
        self.coverage.examination.subjects_screened += subjects.len() as u64;
        self.coverage.examination.pairs_scored += pairs.len() as u64;
        let policy = &self.policy;
        let judged = in_parallel(&mut self.scratches, WORTH_A_THREAD, &pairs, |_, (subject, entry)| {
            judge(policy, subject, entry, known_at).map(|alert| (pair(subject, entry), alert))
        });
        judged.into_iter().flatten().for_each(|(pair, alert)| findings.insert(pair, Some(alert)));
        Ok(())
    }

    /// Entries against the subjects: the same search with the sides swapped.
    fn screen_entries(
        &mut self,
        batch: &Batch<'_>,
        entries: &[Arc<Party>],
        known_at: KnownAt,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        for part in entries.chunks(ENTRIES_PART) {
            let (policy, index) = (&self.policy, &self.indexes.subjects);
            let found =
                in_parallel(&mut self.subject_scratches, ENTRIES_WORTH_A_THREAD, part, |scratch, entry| {
                    candidates(index, &policy.rules, &entry.profile, entry.threshold, scratch)
                });
            self.coverage.examination.entries_screened += part.len() as u64;
            for (entry, found) in part.iter().zip(found) {
                for row in found.into_iter().filter_map(row_of) {
                    let subject = Party::of(&self.policy, &batch.version(row)?);
                    self.coverage.examination.pairs_scored += 1;
                    if let Some(alert) = judge(&self.policy, &subject, entry, known_at) {
                        findings.insert(pair(&subject, entry), Some(alert));
                    }
                }
            }
        }
        Ok(())
    }

    /// Known good pairs that expired since the last commit are judged again.
    fn expired_good_pairs(
        &mut self,
        batch: &Batch<'_>,
        known_at: KnownAt,
        findings: &mut Findings,
    ) -> Result<(), ScreeningError> {
        let since = self.head.unwrap_or(KnownAt::MIN);
        let view = batch.head_view();
        for good in
            self.policy.good_pairs.iter().filter(|good| good.expires > since && good.expires <= known_at)
        {
            let ids = [&good.subject, &good.entry].map(|id| model::EntityId::new(id).ok());
            let [Some(subject), Some(entry)] = ids else { continue };
            let (Some(subject), Some(entry)) = (view.entity(&subject)?, view.entity(&entry)?) else {
                continue;
            };
            let parties = [&subject, &entry].map(|version| Party::of(&self.policy, version));
            let standings = [self.standing(&subject, &parties[0]), self.standing(&entry, &parties[1])];
            if let ([subject, entry], [Standing::Subject, Standing::Entry(_)]) = (&parties, &standings) {
                findings.insert(pair(subject, entry), judge(&self.policy, subject, entry, known_at));
            }
        }
        Ok(())
    }
}

/// Tells the network what a batch changes beside entities.
fn tell(graph: &mut Graph, batch: &Batch<'_>, changes: &[RowChange]) -> Result<(), ScreeningError> {
    let read = |row: Option<RowId>| -> Result<_, ScreeningError> {
        Ok(row.map(|row| batch.record(row).map(|record| (row, record))).transpose()?)
    };
    let of = |kind| changes.iter().filter(move |change| change.kind == kind && change.before != change.after);
    for change in of(RecordKind::Observation) {
        if let Some((row, Record::Observation(observation))) = read(change.before)? {
            graph.retract(row, &observation);
        }
    }
    for change in of(RecordKind::Observation) {
        if let Some((row, Record::Observation(observation))) = read(change.after)? {
            graph.observe(row, &observation);
        }
    }
    for change in of(RecordKind::Generic) {
        let generic = if change.after.is_some() { network::Generic::Declared } else { network::Generic::No };
        if let Some((_, Record::Generic(declared))) = read(change.after.or(change.before))? {
            graph.declare(&declared.attribute, generic);
        }
    }
    for change in of(RecordKind::Event) {
        if let Some((_, Record::Event(event))) = read(change.after)? {
            graph.hear(&event);
        }
    }
    Ok(())
}

/// Whether a pair is an alert, and if so its score and the fingerprint of its evidence.
fn judge(
    policy: &crate::Policy,
    subject: &Party,
    entry: &Party,
    known_at: KnownAt,
) -> Option<(Score, Fingerprint)> {
    if !policy.applies(&entry.dataset, &subject.dataset) {
        return None;
    }
    let score = matching::score(&policy.rules, &subject.profile, &entry.profile);
    let fingerprint = matching::of_pair(subject.fingerprint, entry.fingerprint);
    let is_good = |good: &&crate::GoodPair| {
        good.subject == subject.identity.id.as_str()
            && good.entry == entry.identity.id.as_str()
            && good.expires > known_at
            && good.fingerprint.is_none_or(|judged| judged == fingerprint)
    };
    (score >= entry.threshold && !policy.good_pairs.iter().any(|good| is_good(&good)))
        .then_some((score, fingerprint))
}

fn pair(subject: &Party, entry: &Party) -> Pair {
    let identity = |party: &Party| Identity { id: party.identity.id.clone(), born: party.identity.born };
    Pair {
        subject: identity(subject),
        dataset: subject.dataset.clone(),
        cause: Cause { kind: CauseKind::Name, dataset: entry.dataset.clone(), entry: identity(entry) },
    }
}

/// The entries that each subject could match.
fn search(
    policy: &crate::Policy,
    entries: &Index,
    scratches: &mut [Scratch],
    subjects: &[Arc<Party>],
) -> Vec<Vec<DocumentId>> {
    let least = policy.threshold_least();
    in_parallel(scratches, WORTH_A_THREAD, subjects, |scratch, subject| {
        candidates(entries, &policy.rules, &subject.profile, least, scratch)
    })
}

/// Fewer subjects than this are done before a second thread has started.
const WORTH_A_THREAD: usize = 256;

/// An entry is searched for among a million subjects in about half a millisecond; a thread starts in a tenth of that.
const ENTRIES_WORTH_A_THREAD: usize = 4;

/// An entry may meet thousands of subjects: so many entries' candidates are held at once.
const ENTRIES_PART: usize = 1024;

/// Applies a function to every item, one thread for each scratch and at least `worth` items for each; results in the order of the
/// items.
fn in_parallel<T: Sync, R: Send>(
    scratches: &mut [Scratch],
    worth: usize,
    items: &[T],
    each: impl Fn(&mut Scratch, &T) -> R + Sync,
) -> Vec<R> {
    let share = items.len().div_ceil(scratches.len()).max(worth);
    let mut parts = scratches.iter_mut().zip(items.chunks(share));
    let Some((first_scratch, first)) = parts.next() else { return Vec::new() };
    std::thread::scope(|scope| {
        let others: Vec<_> = parts
            .map(|(scratch, part)| {
                scope.spawn(|| part.iter().map(|item| each(scratch, item)).collect::<Vec<_>>())
            })
            .collect();
        let mut results: Vec<R> = first.iter().map(|item| each(first_scratch, item)).collect();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}
