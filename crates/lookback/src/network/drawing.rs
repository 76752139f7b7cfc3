//! The network as a drawing: parties and attributes as nodes; observations, and relations that are steps of a chain, as edges.
//!
//! In: whose surroundings, or everybody's; a period. Out: plain data, sorted. Who has no observation in force and stands in no relation of
//! a chain is not drawn. An attribute is drawn with all of the drawn who have it, also where it leads nowhere.

use std::collections::{BTreeMap, BTreeSet};

use model::{Attribute, CauseKind, DatasetName, EntityId, EntityRecord, KnownAt, PartialDate, Text};
use network::{AttributeId, Interval, PersonId};

use super::{NetworkAsOf, PartyView, Period, passage_word};
use crate::{Error, ObservationView};

/// What is drawn: whoever is within so many steps of a party, whether over an attribute that leads on or over a relation of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Of whom.
    pub of: EntityId,
    /// So many steps.
    pub steps: u32,
}

/// A drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// As known at.
    pub known_at: KnownAt,
    /// By id.
    pub parties: Vec<PartyNode>,
    /// By kind and value.
    pub attributes: Vec<AttributeNode>,
    /// By party, attribute and record.
    pub observations: Vec<ObservationEdge>,
    /// By record and ends.
    pub relations: Vec<RelationEdge>,
}

/// A party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyNode {
    /// Who.
    pub party: PartyView,
    /// Its schema.
    pub schema: &'static str,
    /// The dataset that states it.
    pub dataset: DatasetName,
    /// Whether a chain leads from it to a listed party.
    pub seed: bool,
    /// What the network says of it: `network` (an alert), `single` or `lead`.
    pub finding: Option<&'static str>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeNode {
    /// Kind and value.
    pub attribute: Attribute,
    /// Kinds of one family count once as evidence.
    pub family: String,
    /// How many parties are on it in all.
    pub on_it: u32,
    /// Between whom it leads, as in [`SharedView`](super::SharedView).
    pub leads: &'static str,
}

/// A party had an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationEdge {
    /// Who.
    pub subject: PartyView,
    /// What.
    pub attribute: Attribute,
    /// How, when, by whose word.
    pub observed: ObservationView,
}

/// A relation that is a step of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationEdge {
    /// Its id.
    pub record: EntityId,
    /// Its schema.
    pub schema: &'static str,
    /// Where the step begins.
    pub from: PartyView,
    /// Where it leads.
    pub to: PartyView,
    /// First day; nothing when open.
    pub valid_from: Option<PartialDate>,
    /// Last day; nothing when open.
    pub valid_to: Option<PartialDate>,
    /// Who said so.
    pub source: Option<String>,
    /// How far the source is trusted.
    pub grade: Option<String>,
}

/// A relation and the numbers of its ends.
struct Step {
    ends: [PersonId; 2],
    edge: RelationEdge,
}

impl NetworkAsOf<'_> {
    /// Draws somebody's surroundings, or everybody, with what was true in a period.
    pub fn drawing(&self, around: Option<&Surroundings>, period: Period) -> Result<Drawing, Error> {
        let days = period.interval();
        let steps = self.steps(days)?;
        let drawn = match around {
            Some(Surroundings { of, steps: most }) => self.within(self.person(of)?, *most, &steps, days),
            None => self.everybody(&steps, days),
        };
        let findings = self.findings()?;
        let mut drawing = Drawing {
            known_at: self.known_at,
            parties: Vec::new(),
            attributes: Vec::new(),
            observations: Vec::new(),
            relations: Vec::new(),
        };
        let mut attributes = BTreeMap::new();
        for person in &drawn {
            let node = self.party_node(*person, &findings)?;
            self.draw_observations(*person, &node.party, days, &mut attributes, &mut drawing.observations)?;
            drawing.parties.push(node);
        }
        drawing.attributes.extend(attributes.into_values());
        let steps = steps.into_iter().filter(|step| step.ends.iter().all(|end| drawn.contains(end)));
        drawing.relations.extend(steps.map(|step| step.edge));
        drawing.sort();
        Ok(drawing)
    }

    /// Every step of a chain between parties in force, with its days where they are known.
    fn steps(&self, period: Interval) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for id in self.graph.relations() {
            let Some(version) = self.view.entity(id)? else { continue };
            let [valid_from, valid_to] = days_of(&version.record);
            if interval(valid_from, valid_to).is_none_or(|days| days.overlap(period).is_none()) {
                continue;
            }
            for (from, to) in self.policy.steps_of(&version.record.entity) {
                let end = |id| EntityId::new(id).ok().and_then(|id| self.graph.person_of(&id));
                let (Some(from), Some(to)) = (end(from), end(to)) else { continue };
                let edge = RelationEdge {
                    record: id.clone(),
                    schema: version.record.entity.schema.name(),
                    from: self.party(from)?,
                    to: self.party(to)?,
                    valid_from,
                    valid_to,
                    source: version.record.source.clone(),
                    grade: version.record.grade.clone(),
                };
                steps.push(Step { ends: [from, to], edge });
            }
        }
        Ok(steps)
    }

    fn everybody(&self, steps: &[Step], period: Interval) -> BTreeSet<PersonId> {
        let mut drawn: BTreeSet<PersonId> = steps.iter().flat_map(|step| step.ends).collect();
        let in_period = |person: &PersonId| {
            self.network().observations(*person).any(|own| own.interval.overlap(period).is_some())
        };
        drawn.extend(self.graph.people().filter(in_period));
        drawn
    }

    fn within(&self, centre: PersonId, most: u32, steps: &[Step], period: Interval) -> BTreeSet<PersonId> {
        let mut beside: BTreeMap<PersonId, Vec<PersonId>> = BTreeMap::new();
        for [from, to] in steps.iter().map(|step| step.ends) {
            beside.entry(from).or_default().push(to);
            beside.entry(to).or_default().push(from);
        }
        let mut drawn = BTreeSet::from([centre]);
        let mut frontier = vec![centre];
        for _ in 0..most {
            let mut next = Vec::new();
            for person in frontier {
                let kinds = self.network().neighbours(person, period);
                let shared = kinds.iter().flat_map(|of_kind| &of_kind.attributes);
                let sharing = shared.flat_map(|shared| &shared.neighbours).map(|other| other.person);
                let related = beside.get(&person).into_iter().flatten().copied();
                next.extend(sharing.chain(related).filter(|other| drawn.insert(*other)));
            }
            frontier = next;
        }
        drawn
    }

    /// What the alert book has of the network, by subject.
    fn findings(&self) -> Result<BTreeMap<EntityId, &'static str>, Error> {
        let mut findings = BTreeMap::new();
        for kind in [CauseKind::Network, CauseKind::Single, CauseKind::Lead] {
            let open = self.view.findings(kind)?.into_iter();
            findings.extend(open.map(|finding| (finding.pair.subject.id, kind.word())));
        }
        Ok(findings)
    }

    fn party_node(
        &self,
        person: PersonId,
        findings: &BTreeMap<EntityId, &'static str>,
    ) -> Result<PartyNode, Error> {
        let EntityRecord { dataset, entity, .. } = self.record(person)?;
        Ok(PartyNode {
            party: self.shown(&entity),
            schema: entity.schema.name(),
            dataset,
            seed: self.network().seed(person).is_some(),
            finding: findings.get(&entity.id).copied(),
        })
    }

    fn draw_observations(
        &self,
        person: PersonId,
        subject: &PartyView,
        period: Interval,
        attributes: &mut BTreeMap<AttributeId, AttributeNode>,
        edges: &mut Vec<ObservationEdge>,
    ) -> Result<(), Error> {
        let own = self.network().observations(person);
        for own in own.filter(|own| own.interval.overlap(period).is_some()) {
            let (attribute, observed) = self.observed(&own)?;
            attributes.entry(own.attribute).or_insert_with(|| self.attribute_node(own.attribute, &attribute));
            edges.push(ObservationEdge { subject: subject.clone(), attribute, observed });
        }
        Ok(())
    }

    fn attribute_node(&self, id: AttributeId, attribute: &Attribute) -> AttributeNode {
        let rule = self.policy.kind.iter().find(|rule| rule.kind == attribute.kind);
        AttributeNode {
            attribute: attribute.clone(),
            family: rule.map(|rule| rule.family.clone()).unwrap_or_default(),
            on_it: self.network().degree(id),
            leads: passage_word(self.network().passage(id)),
        }
    }
}

impl Drawing {
    fn sort(&mut self) {
        self.parties.sort_by(|a, b| a.party.cmp(&b.party));
        self.attributes.sort_by(|a, b| a.attribute.cmp(&b.attribute));
        self.observations.sort_by(|a, b| a.order().cmp(&b.order()));
        self.relations.sort_by(|a, b| a.order().cmp(&b.order()));
    }
}

impl ObservationEdge {
    fn order(&self) -> impl Ord + '_ {
        (&self.subject, &self.attribute, &self.observed.id)
    }
}

impl RelationEdge {
    fn order(&self) -> impl Ord + '_ {
        (&self.record, &self.from, &self.to)
    }
}

/// The days of a relation, where its record states them in the right order.
fn days_of(record: &EntityRecord) -> [Option<PartialDate>; 2] {
    let stated = |property| record.entity.first(property).and_then(|date| date.parse().ok());
    let since = record.valid_from.as_ref().map(Text::value);
    let days = [since.or_else(|| stated("startDate")), stated("endDate")];
    if interval(days[0], days[1]).is_some() { days } else { [None, None] }
}

fn interval(first: Option<PartialDate>, last: Option<PartialDate>) -> Option<Interval> {
    Period { from: first, to: last }.days()
}
