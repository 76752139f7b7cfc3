//! What the figures of a time count: who is moved by the network, who is linked by single evidence, who has a direct tie.
//!
//! In: a view of the ledger. Out: these people, sorted by id, the members with what happened to them. Who is linked was decided when
//! the evidence was screened and is read from the alert book; a direct tie is what a stated membership says, and is never mixed with that.

use std::collections::BTreeSet;

use ledger::{Known, LedgerError, Version, View};
use model::{CauseKind, EntityId, KnownAt, PartialDate, Record, RecordKind, Role};

use crate::History;

/// Somebody who is moved by the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their id.
    pub id: EntityId,
    /// The day of arrival, as their first record states it.
    pub arrival: Option<PartialDate>,
    /// When it first became known that they are one, under whatever identity.
    pub learnable: KnownAt,
    /// What happened to them.
    pub history: History,
}

/// Whom the figures of a time count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// Who is moved by the network, sorted by id.
    pub members: Vec<Member>,
    /// Who is linked by single evidence only, sorted.
    pub single: Vec<EntityId>,
    /// Which subjects have a direct tie to a listed organisation, moved or not; sorted.
    pub tied: Vec<EntityId>,
}

impl Basis {
    /// Of a view's time. Whom the excluding event is known of counts nowhere; the alert book leaves them out already.
    pub fn read(view: &View<'_>, excluding_event: &str) -> Result<Self, LedgerError> {
        let member = |(id, learnable): (EntityId, KnownAt)| -> Result<Member, LedgerError> {
            let record = view.first_version(&id)?.map(|version| version.record);
            Ok(Member {
                arrival: record.and_then(|record| record.valid_from).map(|from| from.value()),
                learnable,
                history: History::new(view.events_of(&id)?),
                id,
            })
        };
        let members = view.open_since(CauseKind::Network)?.into_iter();
        let members = members.map(member).collect::<Result<_, _>>()?;
        let single = view.open_since(CauseKind::Single)?.into_keys().collect();
        Ok(Self { members, single, tied: tied(view, excluding_event)?.into_iter().collect() })
    }
}

/// Subjects with a stated membership of a listed organisation, without those who were granted redress. The lists are read and not the
/// population, which is many times as large.
fn tied(view: &View<'_>, excluding_event: &str) -> Result<BTreeSet<EntityId>, LedgerError> {
    let (mut organisations, mut tied) = (Vec::new(), BTreeSet::new());
    for list in view.datasets()?.into_iter().filter(|dataset| dataset.role == Role::List) {
        view.entities(Some(&list.name), &mut |Version { record, .. }| {
            if record.entity.schema.is_a("Organization") {
                organisations.push(record.entity.id);
            }
            Ok(())
        })?;
    }
    for organisation in organisations {
        for member in members_of(view, &organisation)? {
            if is_subject(view, &member)? && !has_event(view, &member, excluding_event)? {
                tied.insert(member);
            }
        }
    }
    Ok(tied)
}

/// Whoever a relation in force states to be a member of an organisation.
fn members_of(view: &View<'_>, organisation: &EntityId) -> Result<Vec<EntityId>, LedgerError> {
    let mut members = Vec::new();
    view.naming(organisation, RecordKind::Entity, &mut |Known { record, .. }| {
        if let Record::Entity(record) = record
            && record.entity.schema.is_a("Membership")
            && record.entity.values("organization").iter().any(|id| id == organisation.as_str())
        {
            members.extend(record.entity.values("member").iter().filter_map(|id| EntityId::new(id).ok()));
        }
        Ok(())
    })?;
    Ok(members)
}

/// Whether it is a person of a population.
fn is_subject(view: &View<'_>, id: &EntityId) -> Result<bool, LedgerError> {
    let Some(Version { record, .. }) = view.entity(id)? else { return Ok(false) };
    let role = view.dataset(&record.dataset)?.map(|dataset| dataset.role);
    Ok(role == Some(Role::Population) && record.entity.schema.is_a("Person"))
}

fn has_event(view: &View<'_>, id: &EntityId, name: &str) -> Result<bool, LedgerError> {
    Ok(view.events_of(id)?.iter().any(|known| known.record.event == name))
}
