//! What happened since a commit, commit by commit: changes of alerts, and what people decided about alerts and subjects.
//!
//! In: the sequence number of a commit. Out: what later commits did, in order, by ids. Always holds: whoever follows from commit to commit
//! misses nothing and can tell what it was told twice; a commit that joined the batch before it tells what it changed of that.

use cases::review::Standing;
use model::{AlertId, CauseKind, Change, Deed, EntityId, KnownAt, Score};
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
            let (flags, now) = (self.rulebook(KnownAt::MAX)?.flags, self.now()?);
            let sees = |subject: &EntityId| viewer.is_none_or(|viewer| flags.may_see(viewer, subject, now));
            let mut told = Vec::new();
            for seq in (after.saturating_add(1)..).take(commits_max) {
                let Some(commit) = ledger.commit(seq)? else { break };
                let known_at = commit.header.known_at;
                let mut happenings = Vec::new();
                for touched in ledger.touched(seq)? {
                    if touched.kind.is_alert() && sees(&touched.subject.id) {
                        happenings.push(Happening::Alert(self.of_alert(known_at, touched)?));
                    }
                }
                for decision in ledger.decisions_of(seq)? {
                    let act = serde_json::to_value(&decision).unwrap_or_default();
                    let act = act["act"].as_str().unwrap_or_default().to_owned();
                    let (alert, subject) = match decision.deed {
                        Deed::Alert { alert, .. } => {
                            let state = ledger.as_of(KnownAt::MAX).alert(alert)?;
                            (Some(alert), state.map(|state| state.pair.subject.id))
                        }
                        Deed::Subject { subject, .. } => (None, Some(subject)),
                        Deed::Office(_) => (None, None),
                    };
                    let Some(subject) = subject.filter(&sees) else { continue };
                    happenings.push(Happening::Case(CaseHappening {
                        decision: decision.id,
                        alert,
                        subject,
                        act,
                    }));
                }
                told.push(CommitHappenings { seq, known_at, happenings });
            }
            Ok(told)
        })
    }

    fn of_alert(&self, known_at: KnownAt, touched: ledger::Touched) -> Result<AlertHappening, Error> {
        let ledger::Touched { alert, subject, kind, entry, change, score } = touched;
        let change = match change {
            Some(change) => change,
            // It took back what an earlier line of the same known time had done.
            None => match self.ledger.as_of(known_at).alert(alert)? {
                Some(state) if state.is_open() => Change::Changed,
                _ => Change::Withdrawn,
            },
        };
        Ok(AlertHappening { alert, subject: subject.id, kind, entry: entry.id, change, score })
    }
}
