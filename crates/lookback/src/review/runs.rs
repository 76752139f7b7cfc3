//! Re-examinations as objects: every commit that looked at people again, what it was for, whom it covered, what came of it, and what was
//! learned.
//!
//! In: commits and what was said about them. Out: runs, newest last. Always holds: numbers come from the ledger, words from decisions; a
//! run is replayed by `lookback replay`, as everything is.

use std::collections::BTreeMap;

use model::{AccountName, Change, Deed, EntityId, Key, KnownAt, OfficeAct, Topic};
use serde::Serialize;

use crate::audit::is_anchor;
use crate::{Error, Store};

/// A re-examination.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Run {
    /// Its commit.
    pub commit: u64,
    /// When it became known.
    pub known_at: KnownAt,
    /// Who committed it, as recorded.
    pub actor: String,
    /// What the commit was for, as recorded.
    pub purpose: String,
    /// The files it was read from.
    pub files: Vec<String>,
    /// Subjects in force after it.
    pub subjects: u64,
    /// Subjects that are screened, against every entry.
    pub screened: u64,
    /// List entries that can alert.
    pub entries: u64,
    /// Alerts that came.
    pub opened: u64,
    /// Alerts whose evidence changed.
    pub changed: u64,
    /// Alerts that went.
    pub withdrawn: u64,
    /// Who agreed to it, where it took two persons.
    pub approved_by: Option<AccountName>,
    /// What people said of it.
    pub notes: Vec<RunNote>,
}

/// What somebody said of a re-examination.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RunNote {
    /// The decision that said it.
    pub id: EntityId,
    /// When.
    pub known_at: KnownAt,
    /// Who.
    pub by: AccountName,
    /// What set it off, or what was learned.
    pub text: String,
    /// Whom it was meant to cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl Store {
    /// The re-examinations up to a known time: commits that changed an alert, or of which somebody said something.
    pub fn runs(&self, known_at: KnownAt) -> Result<Vec<Run>, Error> {
        let mut changes: BTreeMap<u64, [u64; 3]> = BTreeMap::new();
        for change in self.ledger.alert_changes(KnownAt::MIN, known_at)? {
            if change.pair.is_alert() {
                changes.entry(change.commit).or_default()[place(change.change)] += 1;
            }
        }
        // What was agreed to is done by the commit after the one that agreed.
        let agreed: BTreeMap<KnownAt, AccountName> = self
            .all_matters(known_at)?
            .office()
            .filter_map(|one| one.closed.clone())
            .map(|(by, at)| (at, by))
            .collect();
        let mut before = None;
        let mut notes = self.run_notes(known_at)?;
        let mut runs = Vec::new();
        for commit in self.ledger.commits()?.into_iter().filter(|c| c.header.known_at <= known_at) {
            let approved_by = before.replace(commit.header.known_at).and_then(|at| agreed.get(&at).cloned());
            let (numbers, notes) = (changes.get(&commit.seq), notes.remove(&commit.seq));
            if numbers.is_none() && notes.is_none() {
                continue;
            }
            let coverage = self.ledger.coverage(commit.seq)?.unwrap_or_default();
            let [opened, changed, withdrawn] = numbers.copied().unwrap_or_default();
            let files = commit.header.sources.into_iter().map(|source| source.name);
            runs.push(Run {
                commit: commit.seq,
                known_at: commit.header.known_at,
                actor: commit.header.actor,
                purpose: commit.header.purpose,
                files: files.filter(|name| name != crate::ingest::READING && !is_anchor(name)).collect(),
                subjects: coverage.subjects,
                screened: coverage.screened,
                entries: coverage.entries.values().sum(),
                opened,
                changed,
                withdrawn,
                approved_by,
                notes: notes.unwrap_or_default(),
            });
        }
        Ok(runs)
    }

    /// Says of a commit what set it off and whom it was meant to cover.
    pub fn note_run(&mut self, commit: u64, trigger: &str, scope: Option<&str>) -> Result<EntityId, Error> {
        if self.ledger.commit(commit)?.is_none() {
            return Err(Error::NotFound(format!("there is no commit {commit}")));
        }
        let (trigger, scope) = (trigger.to_owned(), scope.map(str::to_owned));
        self.decide_office(OfficeAct::Run { commit, trigger, scope }, None)
    }

    /// Says what was learned from a re-examination of which something was said.
    pub fn note_lesson(&mut self, run: &EntityId, lesson: &str) -> Result<EntityId, Error> {
        let known = self.run_notes(KnownAt::MAX)?.into_values().flatten().any(|note| note.id == *run);
        if !known {
            return Err(Error::NotFound(format!("nothing was said of a run under {run}")));
        }
        self.decide_office(OfficeAct::Lesson { run: run.clone(), lesson: lesson.to_owned() }, None)
    }

    fn run_notes(&self, known_at: KnownAt) -> Result<BTreeMap<u64, Vec<RunNote>>, Error> {
        let accounts = self.rulebook(known_at)?.accounts;
        let mut notes: BTreeMap<u64, Vec<RunNote>> = BTreeMap::new();
        let mut commits: BTreeMap<EntityId, u64> = BTreeMap::new();
        for known in self.ledger.as_of(known_at).decisions_on(&Key::topic(Topic::Runs))? {
            let may = accounts.standing(&known.record.by, known.known_at);
            if may.and_then(|standing| standing.check("run")).is_err() {
                continue;
            }
            let (commit, text, scope) = match &known.record.deed {
                Deed::Office(OfficeAct::Run { commit, trigger, scope }) => {
                    (*commit, trigger.clone(), scope.clone())
                }
                Deed::Office(OfficeAct::Lesson { run, lesson }) => {
                    let Some(commit) = commits.get(run) else { continue };
                    (*commit, lesson.clone(), None)
                }
                _ => continue,
            };
            commits.insert(known.record.id.clone(), commit);
            let (known_at, by, id) = (known.known_at, known.record.by, known.record.id);
            notes.entry(commit).or_default().push(RunNote { id, known_at, by, text, scope });
        }
        Ok(notes)
    }
}

fn place(change: Change) -> usize {
    match change {
        Change::Opened => 0,
        Change::Changed => 1,
        Change::Withdrawn => 2,
    }
}
