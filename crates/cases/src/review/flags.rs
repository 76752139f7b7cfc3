//! Marks on subjects: minors, vulnerable people, and compartments that only some accounts may see.
//!
//! In: decisions that mark and unmark. Out: the marks of a subject as of a time.

use std::collections::{BTreeMap, BTreeSet};

use model::{Decision, Deed, EntityId, Flag, KnownAt, SubjectAct};

use super::{Accounts, Refusal, Standing};

/// All marks through time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    marked: BTreeMap<EntityId, Vec<(KnownAt, BTreeSet<Flag>)>>,
}

impl Flags {
    /// Takes a decision in, if it marks or unmarks and its author could take it.
    pub fn apply(
        &mut self,
        known_at: KnownAt,
        decision: &Decision,
        accounts: &Accounts,
    ) -> Result<(), Refusal> {
        let Deed::Subject { subject, act } = &decision.deed else { return Ok(()) };
        let mut marks = self.of(subject, known_at).cloned().unwrap_or_default();
        match act {
            SubjectAct::Flag { flag } => drop(marks.insert(flag.clone())),
            SubjectAct::Unflag { flag } => drop(marks.remove(flag)),
            _ => return Ok(()),
        }
        accounts.standing(&decision.by, known_at)?.check("flag")?;
        self.marked.entry(subject.clone()).or_default().push((known_at, marks));
        Ok(())
    }

    /// The marks of a subject at a time; `None` where there never was one.
    pub fn of(&self, subject: &EntityId, at: KnownAt) -> Option<&BTreeSet<Flag>> {
        let marked = self.marked.get(subject)?;
        let after = marked.partition_point(|(since, _)| *since <= at);
        after.checked_sub(1).map(|last| &marked[last].1)
    }

    /// Whether an account may see a subject.
    pub fn may_see(&self, standing: &Standing, subject: &EntityId, at: KnownAt) -> bool {
        let mut marks = self.of(subject, at).into_iter().flatten();
        marks.all(|mark| match mark {
            Flag::Compartment(name) => standing.compartments.contains(name),
            Flag::Minor | Flag::Vulnerable => true,
        })
    }

    /// Whether an account is in every compartment that anybody is in.
    pub fn may_see_all(&self, standing: &Standing, at: KnownAt) -> bool {
        self.marked.keys().all(|subject| self.may_see(standing, subject, at))
    }
}
