//! What one subject's standing in the network rests on, at any known time: look-ups in the ledger, no network in memory.
//!
//! In: a view and a subject. Out: every link to a seed with both observations and the chain, everything that looked like one and was
//! ignored, and why. Always holds: it is worked out from the rule's words and shares nothing with the network kept in step but the
//! policy and the search for chains, so that each can be held against the other (`ACCOUNT`).

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Known, RowId, View};
use model::{Attribute, EntityId, Event, Generic, Key, Observation, Record, RecordKind, Relation};
use network::{Chain, Chains, Interval};

use crate::graph::interval_of;
use crate::network_policy::Carries;
use crate::{NetworkPolicy, ScreeningError};

/// A subject and a seed on one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// What was observed of the subject.
    pub own: Known<Observation>,
    /// What was observed of the seed: that it operated the attribute.
    pub seed: Known<Observation>,
    /// From the seed to the listed party.
    pub chain: Chain<EntityId>,
}

/// Why what looks like a link is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignored {
    /// The attribute is declared generic.
    Generic {
        /// What was observed of the subject.
        own: Known<Observation>,
        /// The declaration.
        declaration: Generic,
    },
    /// The two have no day in common.
    OutOfTime {
        /// The link that it would be.
        tie: Tie,
        /// So many days lie between them; `None` where an interval ends before it begins.
        gap_days: Option<u32>,
    },
    /// The dates of relations bind, and no chain from the seed holds on the days of the two.
    Unaffiliated {
        /// The link that it would be, with the chain that holds on other days.
        tie: Tie,
    },
}

/// What the rule of the network makes of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkStanding {
    /// No link to a seed.
    Unlinked,
    /// Linked, but not enough for an alert.
    Single,
    /// Moved by the network: an alert.
    Moved,
}

/// What a subject's standing rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whether the subject is in force.
    pub in_force: bool,
    /// Every link, by attribute, then by row.
    pub ties: Vec<Tie>,
    /// What looked like a link.
    pub ignored: Vec<Ignored>,
    /// The families of evidence among the links, by their words.
    pub families: BTreeSet<String>,
    /// Whether a link of a strong kind is among them.
    pub strong: bool,
    /// Redress that was granted: what was linked then no longer stands.
    pub redress: Option<Known<Event>>,
}

impl Account {
    /// What the rule makes of it.
    pub fn standing(&self, policy: &NetworkPolicy) -> NetworkStanding {
        let linked = self.in_force && self.redress.is_none() && !self.ties.is_empty();
        match () {
            () if !linked => NetworkStanding::Unlinked,
            () if self.strong || self.families.len() as u64 >= u64::from(policy.families_needed) => {
                NetworkStanding::Moved
            }
            () => NetworkStanding::Single,
        }
    }

    /// The keys of every record that the links rest on: the subject, both observations, the chains, and the attributes' declarations.
    pub fn support(&self, subject: &EntityId) -> BTreeSet<Key> {
        let mut support = BTreeSet::new();
        if !self.ties.is_empty() {
            support.insert(Key::entity(subject));
        }
        for tie in &self.ties {
            support.insert(Key::attribute(&tie.own.record.attribute));
            for observation in [&tie.own.record, &tie.seed.record] {
                support.insert(Key { kind: RecordKind::Observation, text: observation.id.as_str().into() });
            }
            support.extend(tie.chain.ids().map(Key::entity));
        }
        support
    }
}

/// Accounts of one view. Chains that were looked for once are kept.
pub struct Accounts<'a> {
    view: View<'a>,
    policy: &'a NetworkPolicy,
    chains: Chains<EntityId>,
    carries: BTreeMap<EntityId, Carries>,
    explored: BTreeSet<EntityId>,
    operators: BTreeMap<Attribute, Vec<Known<Observation>>>,
}

impl<'a> Accounts<'a> {
    /// Accounts as of a view, by a policy.
    pub fn new(view: View<'a>, policy: &'a NetworkPolicy) -> Self {
        Self {
            view,
            policy,
            chains: Chains::default(),
            carries: BTreeMap::new(),
            explored: BTreeSet::new(),
            operators: BTreeMap::new(),
        }
    }

    /// The account of a subject.
    pub fn of(&mut self, subject: &EntityId) -> Result<Account, ScreeningError> {
        let mut account = Account {
            in_force: self.view.entity(subject)?.is_some(),
            ties: Vec::new(),
            ignored: Vec::new(),
            families: BTreeSet::new(),
            strong: false,
            redress: self.redress(subject)?,
        };
        let mut own = Vec::new();
        self.view.naming(subject, RecordKind::Observation, &mut |Known { row, known_at, record }| {
            if let Record::Observation(record) = record {
                own.push(Known { row, known_at, record });
            }
            Ok(())
        })?;
        for own in own {
            self.follow(own, &mut account)?;
        }
        account.ties.sort_by(|a, b| key_of(a).cmp(&key_of(b)));
        Ok(account)
    }

    /// The shortest chain from a party to a listed one, if there is any.
    pub fn chain(&mut self, party: &EntityId) -> Result<Option<Chain<EntityId>>, ScreeningError> {
        let mut waiting = vec![party.clone()];
        while let Some(id) = waiting.pop() {
            if !self.explored.insert(id.clone()) {
                continue;
            }
            let Some(version) = self.view.entity(&id)? else { continue };
            if self.policy.is_target(&version.record.entity) {
                self.chains.put_target(id.clone());
            }
            self.chains.put_party(id.clone());
            self.view.naming(&id, RecordKind::Entity, &mut |known| {
                let Record::Entity(relation) = known.record else { return Ok(()) };
                self.carries.insert(relation.entity.id.clone(), self.policy.carries(&relation.entity));
                let onward = self.policy.steps_of(&relation.entity).into_iter();
                for (_, to) in onward.filter(|(from, _)| *from == id.as_str()) {
                    let Ok(to) = EntityId::new(to) else { continue };
                    self.chains.put_step(relation.entity.id.clone(), id.clone(), to.clone());
                    waiting.push(to);
                }
                Ok(())
            })?;
        }
        Ok(self.chains.chain(party))
    }

    /// The shortest chain from a party to a listed one whose relations all carry links on these days.
    fn chain_on(
        &mut self,
        party: &EntityId,
        days: Interval,
    ) -> Result<Option<Chain<EntityId>>, ScreeningError> {
        self.chain(party)?;
        Ok(self.chains.chain_over(party, |relation| self.carries[relation].during(days)))
    }

    fn redress(&self, subject: &EntityId) -> Result<Option<Known<Event>>, ScreeningError> {
        let events = self.view.events_of(subject)?;
        Ok(events.into_iter().find(|known| known.record.event == self.policy.excluding_event))
    }

    /// Where one observation of the subject leads.
    fn follow(&mut self, own: Known<Observation>, account: &mut Account) -> Result<(), ScreeningError> {
        let attribute = &own.record.attribute;
        let Some(kind) = self.policy.kind.iter().find(|kind| kind.kind == attribute.kind) else {
            return Ok(());
        };
        let declaration = self.view.generic(attribute)?;
        let operators = self.operators_of(attribute)?;
        for seed in operators.into_iter().filter(|seed| seed.record.subject != own.record.subject) {
            let Some(chain) = self.chain(&seed.record.subject)? else { continue };
            if let Some(declaration) = declaration {
                account.ignored.push(Ignored::Generic { own, declaration });
                return Ok(());
            }
            let intervals = interval_of(&own.record).zip(interval_of(&seed.record));
            let gap_days = intervals.map(|(own, seed)| own.gap(seed));
            let tie = Tie { own: own.clone(), seed, chain };
            let Some((own_days, seed_days)) =
                intervals.filter(|(own, seed)| own.gap(*seed) <= self.policy.max_gap_days)
            else {
                account.ignored.push(Ignored::OutOfTime { tie, gap_days });
                continue;
            };
            let Some(chain) = self.chain_on(&tie.seed.record.subject, own_days.meeting(seed_days))? else {
                account.ignored.push(Ignored::Unaffiliated { tie });
                continue;
            };
            account.families.insert(kind.family.clone());
            account.strong |= kind.strong;
            account.ties.push(Tie { chain, ..tie });
        }
        Ok(())
    }

    fn operators_of(&mut self, attribute: &Attribute) -> Result<Vec<Known<Observation>>, ScreeningError> {
        if let Some(known) = self.operators.get(attribute) {
            return Ok(known.clone());
        }
        let mut found = Vec::new();
        self.view.on_attribute(attribute, &mut |known| {
            if known.record.relation == Relation::Operated {
                found.push(known);
            }
            Ok(())
        })?;
        self.operators.insert(attribute.clone(), found.clone());
        Ok(found)
    }
}

fn key_of(tie: &Tie) -> (&Attribute, RowId, RowId) {
    (&tie.own.record.attribute, tie.own.row, tie.seed.row)
}
