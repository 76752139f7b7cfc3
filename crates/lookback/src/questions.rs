//! Questions to a store, each as of any known time.
//!
//! In: a known time and what to look for. Out: data for tables and JSON. Always holds: the answer for a past known time is the one
//! that the store gave then (`TWO-TIMES`).

use std::collections::BTreeMap;

use cases::review::Standing;
use ledger::{Version, View};
use matching::{Explanation, Profile};
use model::{
    AlertChange, AlertId, AlertState, CauseKind, Change, Commit, Coverage, Dataset, DatasetName, EntityId,
    Fingerprint, KnownAt, PartialDate, Role, Score,
};
use screening::{Hashes, hashes};
use serde::Serialize;

use crate::audit::is_anchor;
use crate::ingest::READING;
use crate::{Error, NetworkWhy, ScreeningFact, Store};

/// Which alerts to list.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    /// As known at; left out: now.
    pub known_at: Option<KnownAt>,
    /// Only where subject and entry were true in the world by then.
    pub valid_at: Option<PartialDate>,
    /// Only what came, changed or went after this; alerts that went are then listed too.
    pub since: Option<KnownAt>,
    /// Only of this population or list.
    pub dataset: Option<DatasetName>,
    /// Only findings of this kind, also of one that is no alert; left out: all alerts.
    pub kind: Option<CauseKind>,
    /// As whom: those in compartments that the account is not in are left out. `None` sees everybody.
    pub viewer: Option<Standing>,
}

/// An alert as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AlertView {
    /// Its id.
    pub alert: AlertId,
    /// The subject's id.
    pub subject: String,
    /// The population.
    pub dataset: String,
    /// Its root cause.
    pub cause: CauseView,
    /// Its score.
    pub score: Score,
    /// `open` or `withdrawn`.
    pub state: &'static str,
    /// When it last came.
    pub opened: KnownAt,
    /// When it last changed since.
    pub changed: Option<KnownAt>,
    /// When it went.
    pub withdrawn: Option<KnownAt>,
    /// Its evidence.
    pub fingerprint: Fingerprint,
}

/// A root cause as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CauseView {
    /// `name`, `network`, `single` or `lead`.
    pub kind: &'static str,
    /// The list entry's id.
    pub entry: String,
    /// The list.
    pub dataset: String,
}

impl AlertView {
    /// How an alert is shown.
    pub fn of(state: &AlertState) -> Self {
        let cause = &state.pair.cause;
        Self {
            alert: state.alert,
            subject: state.pair.subject.id.to_string(),
            dataset: state.pair.dataset.to_string(),
            cause: CauseView {
                kind: cause.kind.word(),
                entry: cause.entry.id.to_string(),
                dataset: cause.dataset.to_string(),
            },
            score: state.score,
            state: if state.is_open() { "open" } else { "withdrawn" },
            opened: state.opened,
            changed: state.changed,
            withdrawn: state.withdrawn,
            fingerprint: state.fingerprint,
        }
    }
}

/// What differs between two known times.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub struct Diff {
    /// Alerts open at the end and not at the start.
    pub came: Vec<DiffLine>,
    /// Alerts open at both, with another score or other evidence.
    pub changed: Vec<DiffLine>,
    /// Alerts open at the start and not at the end.
    pub went: Vec<DiffLine>,
    /// Who joined and left those moved by the network at each known time between, and the lines that caused it. Not netted.
    pub changes: Vec<cases::changes::Change>,
}

/// One alert that differs, and the commits that made it so.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DiffLine {
    /// The alert, as of the later time.
    #[serde(flatten)]
    pub alert: AlertView,
    /// The commits that caused it, oldest first.
    pub commits: Vec<CauseCommit>,
}

/// A commit as the cause of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CauseCommit {
    /// Sequence number.
    pub seq: u64,
    /// Known time.
    pub known_at: KnownAt,
    /// What happened to the alert.
    pub change: Change,
    /// What the commit was for.
    pub purpose: String,
    /// Names of the files it was read from.
    pub files: Vec<String>,
}

/// How a store stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Status {
    /// The last commit.
    pub head: Option<Commit>,
    /// Datasets and how many entities of each are in force.
    pub datasets: Vec<DatasetStatus>,
    /// Open alerts.
    pub open_alerts: usize,
    /// Who is screened.
    pub coverage: Coverage,
    /// How many versions are held.
    pub held: usize,
    /// Who decided last, when another engine would decide now.
    pub other_engine: Option<model::Engine>,
}

/// A dataset and its size.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DatasetStatus {
    /// Name, role and title.
    #[serde(flatten)]
    pub dataset: Dataset,
    /// Entities in force.
    pub entities: u64,
}

/// Why a subject is, or is not, alerted.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Why {
    /// The subject's id.
    pub subject: String,
    /// As known at.
    pub known_at: KnownAt,
    /// Its alerts, the withdrawn ones too.
    pub alerts: Vec<WhyAlert>,
    /// In words: whether it was screened, and against how many entries.
    pub standing: String,
    /// What the network says of it, and what it ignored.
    pub network: Option<NetworkWhy>,
    /// Its screening facts: from when it was put as it is, and the last one known; one where they are the same, none for what is no
    /// subject.
    pub screened: Vec<ScreeningFact>,
}

/// Why one alert is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WhyAlert {
    /// The alert.
    pub alert: AlertView,
    /// Its kind of cause.
    #[serde(skip)]
    pub kind: CauseKind,
    /// The name under which the subject is stated.
    pub subject_caption: Option<String>,
    /// The name under which the entry is stated.
    pub entry_caption: Option<String>,
    /// The score at which it alerts.
    pub threshold: Option<Score>,
    /// Where the score comes from; nothing when a side is no longer in force.
    pub explanation: Option<Explanation>,
    /// What happened to it.
    pub history: Vec<CauseCommit>,
    /// Set when the recorded score is another engine's and cannot be recomputed here.
    pub recorded_by: Option<model::Engine>,
}

/// How many leads to expect that mean nothing: association is not role.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ExpectedFalseLeads {
    /// Subjects in force.
    pub subjects: u64,
    /// The share of people without any tie whom a score like this leaves alone, as the policy states it.
    pub specificity: f64,
    /// How many of the subjects it would name nevertheless.
    pub expected: u64,
}

impl std::fmt::Display for ExpectedFalseLeads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { subjects, specificity, expected } = self;
        write!(
            f,
            "association is not role: at a specificity of {specificity}, expect about {expected} false leads among {subjects} people"
        )
    }
}

impl Store {
    /// How many false leads to expect at a known time.
    pub fn expected_false_leads(&self, known_at: KnownAt) -> Result<ExpectedFalseLeads, Error> {
        let subjects = self.coverage(known_at)?.map_or(0, |(_, coverage)| coverage.subjects);
        let specificity = self.policy(known_at)?.network.specificity;
        #[expect(clippy::cast_sign_loss, reason = "a share of a count is not negative")]
        let expected = (subjects as f64 * (1.0 - specificity)).round() as u64;
        Ok(ExpectedFalseLeads { subjects, specificity, expected })
    }

    /// Alerts, sorted by subject, then entry.
    pub fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertView>, Error> {
        let known_at = filter.known_at.unwrap_or(KnownAt::MAX);
        let view = self.ledger.as_of(known_at);
        let mut states = view.alerts()?;
        if let Some(since) = filter.since {
            states.retain(|state| state.opened.max(state.changed.unwrap_or(state.opened)) > since);
            for change in last_changes(self.ledger.alert_changes(since, known_at)?).into_values() {
                if change.change == Change::Withdrawn {
                    states.extend(view.alert(change.alert)?);
                }
            }
        }
        states.retain(|state| match filter.kind {
            Some(kind) => state.pair.cause.kind == kind,
            None => state.pair.is_alert(),
        });
        if let Some(viewer) = &filter.viewer {
            let (flags, now) = (self.rulebook(KnownAt::MAX)?.flags, self.now()?);
            states.retain(|state| flags.may_see(viewer, &state.pair.subject.id, now));
        }
        if let Some(dataset) = &filter.dataset {
            self.known_dataset(dataset)?;
            states.retain(|state| state.pair.dataset == *dataset || state.pair.cause.dataset == *dataset);
        }
        if let Some(valid_at) = filter.valid_at {
            states = held_at(&view, states, valid_at)?;
        }
        states.sort_by(|a, b| a.pair.cmp(&b.pair));
        Ok(states.iter().map(AlertView::of).collect())
    }

    /// What came, changed and went between two known times, and which commits caused it.
    pub fn diff(&self, from: KnownAt, to: KnownAt) -> Result<Diff, Error> {
        if from > to {
            return Err(Error::Usage(format!("--from {from} is after --to {to}")));
        }
        let (before, after) = (self.ledger.as_of(from), self.ledger.as_of(to));
        let mut changes: BTreeMap<AlertId, Vec<AlertChange>> = BTreeMap::new();
        let alerts = self.ledger.alert_changes(from, to)?.into_iter().filter(|change| change.pair.is_alert());
        for change in alerts {
            changes.entry(change.alert).or_default().push(change);
        }
        let commits: BTreeMap<u64, Commit> = self.ledger.commits()?.into_iter().map(|c| (c.seq, c)).collect();
        let mut diff = Diff::default();
        for (alert, changes) in changes {
            let open =
                |view: &View<'_>| -> Result<_, Error> { Ok(view.alert(alert)?.filter(AlertState::is_open)) };
            let (old, new) = (open(&before)?, open(&after)?);
            let Some(state) = after.alert(alert)? else { continue };
            let line = DiffLine { alert: AlertView::of(&state), commits: causes(&commits, &changes) };
            match (old, new) {
                (None, Some(_)) => diff.came.push(line),
                (Some(_), None) => diff.went.push(line),
                (Some(a), Some(b)) if (a.score, a.fingerprint) != (b.score, b.fingerprint) => {
                    diff.changed.push(line);
                }
                _ => {}
            }
        }
        let order = |a: &DiffLine, b: &DiffLine| {
            (&a.alert.subject, &a.alert.cause.entry, a.alert.alert).cmp(&(
                &b.alert.subject,
                &b.alert.cause.entry,
                b.alert.alert,
            ))
        };
        for lines in [&mut diff.came, &mut diff.changed, &mut diff.went] {
            lines.sort_by(order);
        }
        diff.changes = self.network_changes(from, to)?;
        Ok(diff)
    }

    /// Entities of a dataset in force at a known time, one by one.
    pub fn entities(
        &self,
        dataset: &DatasetName,
        known_at: KnownAt,
        each: &mut dyn FnMut(&Version),
    ) -> Result<(), Error> {
        self.known_dataset(dataset)?;
        let view = self.ledger.as_of(known_at);
        Ok(view.entities(Some(dataset), &mut |version| {
            each(&version);
            Ok(())
        })?)
    }

    /// A name that no dataset ever had is a slip, and never an empty answer.
    fn known_dataset(&self, dataset: &DatasetName) -> Result<(), Error> {
        let unknown =
            || Error::NotFound(format!("there is no dataset {dataset}; `lookback status` lists them"));
        self.ledger.as_of(KnownAt::MAX).dataset(dataset)?.map(drop).ok_or_else(unknown)
    }

    /// How the store stands.
    pub fn status(&self) -> Result<Status, Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        let head = self.ledger.head()?;
        let mut datasets = Vec::new();
        for dataset in view.datasets()? {
            datasets.push(DatasetStatus { entities: view.count_entities(Some(&dataset.name))?, dataset });
        }
        let coverage = head.as_ref().map(|commit| self.ledger.coverage(commit.seq)).transpose()?.flatten();
        Ok(Status {
            head,
            datasets,
            open_alerts: view.alerts()?.iter().filter(|state| state.pair.is_alert()).count(),
            coverage: coverage.unwrap_or_default(),
            held: self.ledger.held()?.len(),
            other_engine: self.other_engine()?,
        })
    }

    /// State and history hash at a known time.
    pub fn hashes(&self, known_at: KnownAt) -> Result<Hashes, Error> {
        Ok(hashes(&self.ledger, known_at)?)
    }

    /// The coverage fact of the last commit known at a time.
    pub fn coverage(&self, known_at: KnownAt) -> Result<Option<(Commit, Coverage)>, Error> {
        Ok(self.ledger.as_of(known_at).last_commit()?)
    }

    /// Why an alert is, by its id or a beginning of it, or why a subject is or is not alerted.
    pub fn why(&self, what: &str, known_at: KnownAt) -> Result<Why, Error> {
        let view = self.ledger.as_of(known_at);
        let commits: BTreeMap<u64, Commit> = self.ledger.commits()?.into_iter().map(|c| (c.seq, c)).collect();
        let mut history: BTreeMap<AlertId, Vec<AlertChange>> = BTreeMap::new();
        for change in self.ledger.alert_changes(KnownAt::MIN, known_at)? {
            let is_it = change.pair.subject.id.as_str() == what || starts_with(change.alert, what);
            if is_it {
                history.entry(change.alert).or_default().push(change);
            }
        }
        let known_at = match self.ledger.head()? {
            Some(head) if known_at == KnownAt::MAX => head.header.known_at,
            _ => known_at,
        };
        let subject = history
            .values()
            .flatten()
            .next()
            .map_or(what, |change| change.pair.subject.id.as_str())
            .to_owned();
        let (standing, screened) = self.standing(&view, &subject)?;
        let mut alerts = Vec::new();
        for (alert, changes) in &history {
            if let Some(state) = view.alert(*alert)? {
                alerts.push(self.why_alert(&view, &state, causes(&commits, changes), known_at)?);
            }
        }
        let kinds = alerts.iter().filter(|why| why.alert.withdrawn.is_none()).map(|why| why.kind).collect();
        let id = EntityId::new(&subject).ok();
        let network = id.map(|id| self.network_why(&view, &id, &kinds)).transpose()?.flatten();
        Ok(Why { subject, known_at, alerts, standing, network, screened })
    }

    fn why_alert(
        &self,
        view: &View<'_>,
        state: &AlertState,
        history: Vec<CauseCommit>,
        known_at: KnownAt,
    ) -> Result<WhyAlert, Error> {
        let policy = self.policy(known_at)?;
        let in_force = |identity: &model::Identity| -> Result<Option<Version>, Error> {
            Ok(view.entity(&identity.id)?.filter(|version| version.born == identity.born))
        };
        let (subject, entry) = (in_force(&state.pair.subject)?, in_force(&state.pair.cause.entry)?);
        let caption = |version: &Option<Version>| {
            version.as_ref().and_then(|v| v.record.entity.first("name").map(str::to_owned))
        };
        let captions = (caption(&subject), caption(&entry));
        let mut why = WhyAlert {
            alert: AlertView::of(state),
            kind: state.pair.cause.kind,
            subject_caption: captions.0,
            entry_caption: captions.1,
            threshold: None,
            explanation: None,
            history,
            recorded_by: None,
        };
        if let (Some(subject), Some(entry)) = (subject, entry) {
            let (left, right) = (Profile::of(&subject.record.entity), Profile::of(&entry.record.entity));
            let explanation = matching::explain(&policy.rules, &left, &right);
            let last = why.history.last().map(|cause| cause.seq);
            let decided_by =
                last.and_then(|seq| self.ledger.commit(seq).ok().flatten()).map(|c| c.header.engine);
            why.recorded_by = decided_by.filter(|engine| {
                state.is_open() && explanation.score != state.score && *engine != self.settings.engine
            });
            why.threshold = Some(policy.threshold_of(&entry.record.dataset, &entry.record.entity));
            why.explanation = Some(explanation);
        }
        Ok(why)
    }

    /// In words whether something was screened; and for a subject its screening facts.
    fn standing(&self, view: &View<'_>, subject: &str) -> Result<(String, Vec<ScreeningFact>), Error> {
        let unknown = || {
            Error::NotFound(format!(
                "{subject}: neither an alert nor a subject known at that time; `lookback alerts` lists alerts"
            ))
        };
        let id = EntityId::new(subject).map_err(|_| unknown())?;
        let Some(version) = view.entity(&id)? else {
            if let Some(purge) = self.purge_of(&id)? {
                let told = format!("purged at {} by {}: {}", purge.known_at, purge.actor, purge.purpose);
                return Ok((told, Vec::new()));
            }
            let known = self.ledger.as_of(KnownAt::MAX).entity(&id)?.is_some();
            return if known {
                Ok(("not yet known, or withdrawn, at that time".into(), Vec::new()))
            } else {
                Err(unknown())
            };
        };
        match view.dataset(&version.record.dataset)?.map(|dataset| dataset.role) {
            Some(Role::Population) => {
                let facts = self.first_and_last_fact(&version, view.known_at())?;
                Ok((facts.last().map(standing_of).unwrap_or_default(), facts))
            }
            Some(Role::List) => Ok(("a list entry".into(), Vec::new())),
            _ => Ok(("neither a subject nor a list entry: not screened".into(), Vec::new())),
        }
    }
}

fn standing_of(fact: &ScreeningFact) -> String {
    let entries: u64 = fact.lists.iter().map(|list| list.entries).sum();
    match &fact.unscreenable {
        None => format!("screened against {entries} list entries"),
        Some(reason) => format!("cannot be screened, and is therefore not clear: {reason}"),
    }
}

fn starts_with(alert: AlertId, what: &str) -> bool {
    what.len() >= 6 && alert.to_string().starts_with(what)
}

fn last_changes(changes: Vec<AlertChange>) -> BTreeMap<AlertId, AlertChange> {
    changes.into_iter().map(|change| (change.alert, change)).collect()
}

fn causes(commits: &BTreeMap<u64, Commit>, changes: &[AlertChange]) -> Vec<CauseCommit> {
    let of = |change: &AlertChange| {
        let header = commits.get(&change.commit).map(|commit| &commit.header);
        CauseCommit {
            seq: change.commit,
            known_at: change.known_at,
            change: change.change,
            purpose: header.map(|header| header.purpose.clone()).unwrap_or_default(),
            files: header
                .map(|header| {
                    header
                        .sources
                        .iter()
                        .map(|s| s.name.clone())
                        .filter(|name| name != READING && !is_anchor(name))
                        .collect()
                })
                .unwrap_or_default(),
        }
    };
    changes.iter().map(of).collect()
}

/// The alerts of which both sides were true in the world at a date.
fn held_at(
    view: &View<'_>,
    states: Vec<AlertState>,
    valid_at: PartialDate,
) -> Result<Vec<AlertState>, Error> {
    let mut held = Vec::new();
    for state in states {
        let began = |id: &EntityId| -> Result<bool, Error> {
            let from =
                view.entity(id)?.and_then(|version| version.record.valid_from.map(|from| from.value()));
            Ok(from.is_none_or(|from| from.first_day() <= valid_at.last_day()))
        };
        if began(&state.pair.subject.id)? && began(&state.pair.cause.entry.id)? {
            held.push(state);
        }
    }
    Ok(held)
}
