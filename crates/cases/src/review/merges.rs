//! Which records are one subject, as people decided: groups of ids through time.
//!
//! In: merges and detachments. Out: the id that stands for an id, and everything that is one with it. Always holds: a merge that was
//! taken back leaves the groups as they were without it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Decision, Deed, EntityId, KnownAt, SubjectAct};

use super::{Accounts, Refusal};

/// One merge.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Merge {
    id: EntityId,
    from: EntityId,
    into: EntityId,
    since: KnownAt,
    until: Option<KnownAt>,
    new_facts: bool,
}

/// All merges through time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merges {
    merges: Vec<Merge>,
}

impl Merges {
    /// Takes a decision in, if it is about a merge and its author could take it.
    pub fn apply(
        &mut self,
        known_at: KnownAt,
        decision: &Decision,
        accounts: &Accounts,
    ) -> Result<(), Refusal> {
        let Deed::Subject { subject, act } = &decision.deed else { return Ok(()) };
        let author = || accounts.standing(&decision.by, known_at);
        match act {
            SubjectAct::Merge { into, new_facts } => {
                author()?.check("merge")?;
                if self.group(subject, known_at).contains(into) {
                    return Err(Refusal::NoMerge);
                }
                self.merges.push(Merge {
                    id: decision.id.clone(),
                    from: subject.clone(),
                    into: into.clone(),
                    since: known_at,
                    until: None,
                    new_facts: !new_facts.is_empty(),
                });
            }
            SubjectAct::Detach { merge } => {
                author()?.check("detach")?;
                let open = |one: &&mut Merge| one.id == *merge && one.from == *subject && one.until.is_none();
                let found = self.merges.iter_mut().find(open).ok_or(Refusal::NoMerge)?;
                found.until = Some(known_at);
            }
            _ => {}
        }
        Ok(())
    }

    /// Everything that is one with an id at a time, itself included.
    pub fn group(&self, id: &EntityId, at: KnownAt) -> BTreeSet<EntityId> {
        let mut group = BTreeSet::from([id.clone()]);
        loop {
            let before = group.len();
            for merge in self.in_force(at) {
                if group.contains(&merge.from) || group.contains(&merge.into) {
                    group.insert(merge.from.clone());
                    group.insert(merge.into.clone());
                }
            }
            if group.len() == before {
                return group;
            }
        }
    }

    /// Everything that was ever one with an id, itself included.
    pub fn ever(&self, id: &EntityId) -> BTreeSet<EntityId> {
        let mut group = BTreeSet::from([id.clone()]);
        let mut before = 0;
        while before != group.len() {
            before = group.len();
            for Merge { from, into, .. } in &self.merges {
                if group.contains(from) || group.contains(into) {
                    group.extend([from.clone(), into.clone()]);
                }
            }
        }
        group
    }

    /// The id that stands for an id at a time: the end of the merges that lead from it, the least where they lead in a ring.
    pub fn canonical(&self, id: &EntityId, at: KnownAt) -> EntityId {
        let into: BTreeMap<&EntityId, &EntityId> =
            self.in_force(at).map(|merge| (&merge.from, &merge.into)).collect();
        let (mut current, mut passed) = (id, BTreeSet::new());
        while let Some(next) = into.get(current) {
            if !passed.insert(current) {
                return passed.into_iter().min().cloned().unwrap_or_else(|| id.clone());
            }
            current = next;
        }
        current.clone()
    }

    /// When merges brought new facts, in the order decided.
    pub fn brought(&self) -> impl Iterator<Item = KnownAt> {
        self.merges.iter().filter(|merge| merge.new_facts).map(|merge| merge.since)
    }

    /// Whether a merge of that very time brought new facts about what an id is one with.
    pub fn brought_facts_to(&self, id: &EntityId, at: KnownAt) -> bool {
        let mut brought = self.merges.iter().filter(|merge| merge.new_facts && merge.since == at);
        brought.any(|merge| self.group(&merge.into, at).contains(id))
    }

    fn in_force(&self, at: KnownAt) -> impl Iterator<Item = &Merge> {
        self.merges
            .iter()
            .filter(move |merge| merge.since <= at && merge.until.is_none_or(|until| until > at))
    }
}
