//! What happened since a commit, commit by commit: changes of alerts, and what people decided about alerts and subjects.
//!
//! In: the sequence number of a commit. Out: what later commits did, in order, by ids. Always holds: whoever follows from commit to commit
//! misses nothing and can tell what it was told twice; so does whoever follows row by row; a commit that joined the batch before it tells what it changed of that.

use cases::review::Standing;
use ledger::Place;
use model::{AlertId, CauseKind, Change, Decision, Deed, EntityId, KnownAt, Score};
use serde::Serialize;

use crate::{Error, Store};

/// What one commit did.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CommitHappenings {
    /// The commit.
    pub seq: u64,
    /// When it became known.
    pub known_at: KnownAt,
    /// What it did.
    pub happenings: Vec<Happening>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happening {
    /// Screening changed an alert.
    Alert(AlertHappening),
    /// Somebody decided something about an alert or a subject.
    Case(CaseHappening),
}

/// What screening did to an alert.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AlertHappening {
    /// Which.
    pub alert: AlertId,
    /// The subject's id.
    pub subject: EntityId,
    /// What kind of cause.
    pub kind: CauseKind,
    /// The list entry's id.
    pub entry: EntityId,
    /// What happened to it.
    pub change: Change,
    /// Its score; for one that went, the last one. `null` where a later line of the same known time took it back.
    pub score: Option<Score>,
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CaseHappening {
    /// The decision.
    pub decision: EntityId,
    /// The alert that it is about.
    pub alert: Option<AlertId>,
    /// The subject that it is about.
    pub subject: EntityId,
    /// What was done, as the rules of the review call it.
    pub act: String,
}

/// Something that happened, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Where: whoever was told everything up to here was told this, too.
    pub place: Place,
    /// When its commit became known.
    pub known_at: KnownAt,
    /// What happened.
    pub happening: Happening,
}

impl Store {
    /// What commits after one did, of at most so many commits, for one who may see it; `None` sees everybody. Commits that did nothing
    /// of the kind are in it.
    pub fn happenings(
        &self,
        after: u64,
        commits_max: usize,
        viewer: Option<&Standing>,
    ) -> Result<Vec<CommitHappenings>, Error> {
        self.ledger.snapshot(|ledger| {
            let sees = self.sight(viewer)?;
            let mut told = Vec::new();
            for seq in (after.saturating_add(1)..).take(commits_max) {
                let Some(commit) = ledger.commit(seq)? else { break };
                let known_at = commit.header.known_at;
                let mut happenings = Vec::new();
                for touched in ledger.touched(seq)? {
                    happenings.extend(self.of_alert(known_at, touched, &sees)?);
                }
                for decision in ledger.decisions_of(seq)? {
                    happenings.extend(self.of_decision(decision, &sees)?);
                }
                told.push(CommitHappenings { seq, known_at, happenings });
            }
            Ok(told)
        })
    }

    /// What happened after a place, for one who may see it, of at most so many rows; and the place after everything that was read.
    pub fn happenings_after(
        &self,
        after: Place,
        rows_max: usize,
        viewer: Option<&Standing>,
    ) -> Result<(Vec<Placed>, Place), Error> {
        self.ledger.snapshot(|ledger| {
            let sees = self.sight(viewer)?;
            let (mut place, mut left, mut told) = (after, rows_max, Vec::new());
            while left > 0 {
                let begun = place.part != Place::DONE;
                let Some(commit) = ledger.commit(if begun { place.seq } else { place.seq + 1 })? else {
                    break;
                };
                let (seq, known_at) = (commit.seq, commit.header.known_at);
                if !begun {
                    // A commit counts like a row, so that very many which did nothing are not read at once.
                    (place, left) = (Place { seq, part: Place::ALERTS, row: 0 }, left - 1);
                }
                if place.part == Place::ALERTS {
                    let rows = ledger.touched_after(seq, place.row, left)?;
                    let done = rows.len() < left;
                    left -= rows.len();
                    for touched in rows {
                        place.row = touched.row;
                        let happening = self.of_alert(known_at, touched, &sees)?;
                        told.extend(happening.map(|happening| Placed { place, known_at, happening }));
                    }
                    if done {
                        place = Place { seq, part: Place::DECISIONS, row: 0 };
                    }
                } else {
                    let rows = ledger.decisions_after(seq, place.row, left)?;
                    let done = rows.len() < left;
                    left -= rows.len();
                    for (row, decision) in rows {
                        place.row = row;
                        let happening = self.of_decision(decision, &sees)?;
                        told.extend(happening.map(|happening| Placed { place, known_at, happening }));
                    }
                    if done {
                        place = Place::after(seq);
                    }
                }
            }
            Ok((told, place))
        })
    }

    /// Whom one may see now.
    fn sight(&self, viewer: Option<&Standing>) -> Result<impl Fn(&EntityId) -> bool, Error> {
        let (flags, now) = (self.rulebook(KnownAt::MAX)?.flags, self.now()?);
        let viewer = viewer.cloned();
        Ok(move |subject: &EntityId| viewer.as_ref().is_none_or(|viewer| flags.may_see(viewer, subject, now)))
    }

    fn of_decision(
        &self,
        decision: Decision,
        sees: &impl Fn(&EntityId) -> bool,
    ) -> Result<Option<Happening>, Error> {
        let act = serde_json::to_value(&decision).unwrap_or_default();
        let act = act["act"].as_str().unwrap_or_default().to_owned();
        let (alert, subject) = match decision.deed {
            Deed::Alert { alert, .. } => {
                let state = self.ledger.as_of(KnownAt::MAX).alert(alert)?;
                (Some(alert), state.map(|state| state.pair.subject.id))
            }
            Deed::Subject { subject, .. } => (None, Some(subject)),
            Deed::Office(_) => (None, None),
        };
        let subject = subject.filter(sees);
        Ok(subject
            .map(|subject| Happening::Case(CaseHappening { decision: decision.id, alert, subject, act })))
    }

    fn of_alert(
        &self,
        known_at: KnownAt,
        touched: ledger::Touched,
        sees: &impl Fn(&EntityId) -> bool,
    ) -> Result<Option<Happening>, Error> {
        let ledger::Touched { alert, subject, kind, entry, change, score, row: _ } = touched;
        if !kind.is_alert() || !sees(&subject.id) {
            return Ok(None);
        }
        let change = match change {
            Some(change) => change,
            // It took back what an earlier line of the same known time had done.
            None => match self.ledger.as_of(known_at).alert(alert)? {
                Some(state) if state.is_open() => Change::Changed,
                _ => Change::Withdrawn,
            },
        };
        let (subject, entry) = (subject.id, entry.id);
        Ok(Some(Happening::Alert(AlertHappening { alert, subject, kind, entry, change, score })))
    }
}
