//! Why rows of the queue are there: what was learned when each last moved.
//!
//! In: rows of the queue. Out: the same rows with the names on both sides and what the ledger says came, changed or went at that known
//! time. Always holds: it is read from what was known then, so a view of a past time tells what it told then.

use ledger::{Version, View};
use model::{CauseKind, EntityId, KnownAt};
use serde::Serialize;

use super::Row;
use crate::{Error, Store};

/// What made a row of the queue come or change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Learned {
    /// The list entry is new.
    EntryAdded,
    /// The list entry has a name that it had not.
    AliasLearned,
    /// The list entry was changed otherwise.
    EntryChanged,
    /// The list entry is gone.
    EntryRemoved,
    /// The subject is new.
    SubjectAdded,
    /// The subject was corrected.
    SubjectCorrected,
    /// The subject is gone.
    SubjectRemoved,
    /// A link became known.
    LinkLearned,
    /// A link was taken back.
    LinkWithdrawn,
    /// Nothing about either side: the policy or the engine is another one.
    PolicyChanged,
}

/// A row of the queue with what a person wants to know of it first.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = ExplainedRow)]
pub struct ExplainedRow {
    /// The row.
    #[serde(flatten)]
    pub row: Row,
    /// The name under which the subject is stated.
    pub subject_caption: Option<String>,
    /// The name under which the entry is stated.
    pub entry_caption: Option<String>,
    /// Why it last came or changed.
    pub learned: Learned,
}

impl Store {
    /// Rows of the queue, each with why it is there.
    pub fn explained(&self, rows: Vec<Row>, known_at: Option<KnownAt>) -> Result<Vec<ExplainedRow>, Error> {
        let shown = self.ledger.as_of(known_at.unwrap_or(KnownAt::MAX));
        let explained = |row: Row| {
            let caption = |id| Ok::<_, Error>(shown.entity(id)?.and_then(|version| caption(&version)));
            Ok(ExplainedRow {
                subject_caption: caption(&row.subject)?,
                entry_caption: caption(&row.entry)?,
                learned: learned(&self.ledger.as_of(row.moved.0), &self.before(row.moved.0), &row)?,
                row,
            })
        };
        rows.into_iter().map(explained).collect()
    }

    /// What was known just before a time.
    fn before(&self, known_at: KnownAt) -> View<'_> {
        self.ledger.as_of(KnownAt::from_micros(known_at.micros() - 1))
    }
}

fn caption(version: &Version) -> Option<String> {
    version.record.entity.first("name").map(str::to_owned)
}

fn learned(then: &View<'_>, before: &View<'_>, row: &Row) -> Result<Learned, Error> {
    let is_name = row.kind == CauseKind::Name.word();
    if is_name && let Some(of_entry) = changed(then, before, &row.entry)? {
        return Ok(match of_entry {
            Changed::Came => Learned::EntryAdded,
            Changed::Went => Learned::EntryRemoved,
            Changed::Named => Learned::AliasLearned,
            Changed::Otherwise => Learned::EntryChanged,
        });
    }
    if let Some(of_subject) = changed(then, before, &row.subject)? {
        return Ok(match of_subject {
            Changed::Came => Learned::SubjectAdded,
            Changed::Went => Learned::SubjectRemoved,
            Changed::Named | Changed::Otherwise => Learned::SubjectCorrected,
        });
    }
    Ok(match (is_name, row.moved.1) {
        (true, _) => Learned::PolicyChanged,
        (false, "withdrawn") => Learned::LinkWithdrawn,
        (false, _) => Learned::LinkLearned,
    })
}

enum Changed {
    Came,
    Went,
    Named,
    Otherwise,
}

/// What happened to an entity between two views; `None` when nothing did.
fn changed(then: &View<'_>, before: &View<'_>, id: &EntityId) -> Result<Option<Changed>, Error> {
    Ok(match (before.entity(id)?, then.entity(id)?) {
        (None, Some(_)) => Some(Changed::Came),
        (Some(_), None) => Some(Changed::Went),
        (Some(old), Some(new)) if old.row != new.row => {
            Some(if gained_name(&old, &new) { Changed::Named } else { Changed::Otherwise })
        }
        _ => None,
    })
}

fn gained_name(old: &Version, new: &Version) -> bool {
    let gained = |property: &str| {
        let had = old.record.entity.values(property);
        new.record.entity.values(property).iter().any(|name| !had.contains(name))
    };
    ["name", "alias", "weakAlias", "previousName"].into_iter().any(gained)
}
