//! The network of what is in force, kept in step with the ledger: parties and their chains, observations, generic attributes, redress.
//!
//! In: what a batch changes. Out: the subjects whose findings may be others now, and the findings of each: an alert (moved by the
//! network), single evidence only, or a lead. Always holds: what it says of a subject is a function of what is in force, so that one
//! that was kept in step and one that was built anew agree (`INCREMENTAL`); a subject has one finding at most, and none after
//! redress (`ONE-FINDING`). A graph exists from when somebody carries the topic that chains end in: without a target nobody can be
//! linked, and nothing is kept.

mod catch_up;
mod saved;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Known, LedgerError, RowId, Version, View};
use model::{
    Attribute, Cause, CauseKind, DatasetName, Digester, Entity, EntityId, Fingerprint, Identity, KnownAt,
    Observation, Outcome, Pair, PartialDate, Record, RecordKind, Relation, Score, Text,
};
use network::cotravel::{CoTravel, Companion, Touched};
use network::{
    Affected, AttributeId, Chain, Chains, Change, Columns, Cost, Day, Interval, KindId, Link, Network,
    ObservationId, PassThrough, Percent, PersonId, SourceId, Standing,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::network_policy::{Carries, Related};
use crate::{NetworkPolicy, ScreeningError};

/// The dataset that the cause of a network finding is stated by.
const DATASET: &str = "network";

/// Numbers given to texts in the order in which they come. A text is known by 128 bits of its SHA-256, as in the ledger.
#[derive(Default)]
struct Numbers(FxHashMap<[u8; 16], u32>);

impl Numbers {
    fn digest(parts: &[&str]) -> [u8; 16] {
        let mut digester = Digester::new();
        for part in parts {
            digester.field(part.as_bytes());
        }
        digester.finish().half()
    }

    fn known(&self, parts: &[&str]) -> Option<u32> {
        self.0.get(&Self::digest(parts)).copied()
    }

    fn number(&mut self, parts: &[&str]) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(Self::digest(parts)).or_insert(next)
    }
}

/// Somebody whom a relation that informs leads names beside another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Relative {
    /// The relation's weight and how far it is relied on.
    cost: Cost,
    relation: EntityId,
    of: PersonId,
}

/// Somebody has one finding at most: which kind, and what it says, if there is any.
pub(crate) type Finding = (CauseKind, Option<(Score, Fingerprint)>);

/// What a chain says of a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    cost: Cost,
    chain: Chain<EntityId>,
}

/// What has changed since the network was last brought up to date.
#[derive(Default)]
struct Pending {
    changes: Vec<Change>,
    observed: FxHashSet<ObservationId>,
    retracted: FxHashSet<ObservationId>,
    /// Whose findings have to be told anew, whatever the network says.
    touched: BTreeSet<PersonId>,
    /// Who came or went.
    moved: BTreeSet<PersonId>,
    /// Whose passing on may be another.
    roles: BTreeSet<PersonId>,
    chains: Stale,
    /// Where chains may lead on otherwise than before. Kept where dates of relations bind, since then a link may rest on another
    /// chain than the one that is told of its seed.
    bent: BTreeSet<EntityId>,
}

#[derive(Default, PartialEq, Eq)]
enum Stale {
    #[default]
    No,
    Yes,
}

/// The network of what is in force.
pub struct Graph {
    policy: NetworkPolicy,
    co_travel: CoTravel,
    network: Network,
    chains: Chains<EntityId>,
    /// How far each relation of a chain is relied on.
    relations: BTreeMap<EntityId, Percent>,
    /// The relations of a chain that do not carry links on all days.
    bound: BTreeMap<EntityId, Carries>,
    told: BTreeMap<EntityId, Told>,
    /// The ids of the seeds.
    seeds: FxHashMap<PersonId, EntityId>,
    /// Who is related to whom by a relation that informs leads, by either end.
    related: FxHashMap<PersonId, BTreeSet<Relative>>,
    people: Numbers,
    /// The version in force of each person.
    rows: Vec<Option<RowId>>,
    attributes: Numbers,
    /// Persons whose observations wait for somebody to state who they are.
    waiting: FxHashSet<PersonId>,
    redressed: FxHashSet<PersonId>,
    /// Persons whose work is meeting people.
    closed: FxHashSet<PersonId>,
    /// Ids of stated observations are counted down from the highest; those of others are rows, counted up.
    stated: u32,
    /// Of whom it said something when last asked, and perhaps others.
    found: FxHashSet<PersonId>,
    pending: Pending,
}

impl Graph {
    fn empty(policy: &NetworkPolicy) -> Result<Self, ScreeningError> {
        let nothing =
            Columns { kinds: &[], observations: std::iter::empty(), seeds: &[], generic: &[], closed: &[] };
        Ok(Self {
            network: Network::build(policy.rules(), nothing)?,
            policy: policy.clone(),
            co_travel: policy.co_travel(),
            chains: Chains::default(),
            relations: BTreeMap::new(),
            bound: BTreeMap::new(),
            told: BTreeMap::new(),
            seeds: FxHashMap::default(),
            related: FxHashMap::default(),
            people: Numbers::default(),
            rows: Vec::new(),
            attributes: Numbers::default(),
            waiting: FxHashSet::default(),
            redressed: FxHashSet::default(),
            closed: FxHashSet::default(),
            stated: u32::MAX,
            found: FxHashSet::default(),
            pending: Pending::default(),
        })
    }

    /// The network of everything that a view sees in force.
    pub fn build(policy: &NetworkPolicy, view: &View<'_>) -> Result<Self, ScreeningError> {
        let mut graph = Self::empty(policy)?;
        view.entities(None, &mut |version| {
            graph.enter(&version);
            Ok(())
        })?;
        view.records(RecordKind::Observation, &mut |row, record| {
            if let Record::Observation(observation) = record {
                graph.observe(row, &observation);
            }
            Ok(())
        })?;
        view.records(RecordKind::Generic, &mut |_, record| {
            if let Record::Generic(generic) = record {
                graph.declare(&generic.attribute, network::Generic::Declared);
            }
            Ok(())
        })?;
        view.records(RecordKind::Event, &mut |_, record| {
            if let Record::Event(event) = record {
                graph.hear(&event);
            }
            Ok(())
        })?;
        graph.connect();
        let Pending { changes, .. } = std::mem::take(&mut graph.pending);
        graph.network = network_of(policy, &changes)?;
        graph.found = graph.everybody().into_iter().collect();
        Ok(graph)
    }

    fn person(&mut self, id: &EntityId) -> PersonId {
        let number = self.people.number(&[id.as_str()]);
        if number as usize >= self.rows.len() {
            self.rows.resize(number as usize + 1, None);
        }
        PersonId(number)
    }

    fn row(&self, person: PersonId) -> Option<RowId> {
        self.rows.get(person.0 as usize).copied().flatten()
    }

    /// The attribute of that kind and value; `None` when the policy has no such kind.
    fn attribute(&mut self, kind: &str, value: &str) -> Option<AttributeId> {
        let of = self.policy.kind_of(kind)?;
        Some(self.attribute_of(of, kind, value))
    }

    fn attribute_of(&mut self, of: KindId, kind: &str, value: &str) -> AttributeId {
        let known = self.attributes.0.len();
        let attribute = AttributeId(self.attributes.number(&[kind, value]));
        if self.attributes.0.len() > known {
            self.pending.changes.push(Change::Attribute(attribute, of));
        }
        attribute
    }

    /// A version of an entity comes into force.
    pub(crate) fn enter(&mut self, version: &Version) {
        let entity = &version.record.entity;
        if entity.schema.edge().is_some() {
            for (from, to) in ends_of(&self.policy, version) {
                self.bend(&from);
                self.chains.put_step(entity.id.clone(), from, to);
            }
            match self.policy.carries(entity) {
                Carries::Always => {}
                bound => drop(self.bound.insert(entity.id.clone(), bound)),
            }
            let confidence = self.policy.confidence(version.record.grade.as_deref());
            for (person, relative) in self.relatives(entity, confidence) {
                self.related.entry(person).or_default().insert(relative);
            }
            self.relations.insert(entity.id.clone(), confidence);
            return;
        }
        let person = self.person(&entity.id);
        self.rows[person.0 as usize] = Some(version.row);
        self.pending.moved.insert(person);
        if self.related.contains_key(&person) {
            self.pending.touched.insert(person);
        }
        if self.policy.is_target(entity) {
            self.chains.put_target(entity.id.clone());
        }
        if self.chains.mentions(&entity.id) {
            self.bend(&entity.id);
        }
        if !self.policy.passes_through(entity) {
            self.closed.insert(person);
            self.pending.roles.insert(person);
        }
        self.state(person, version);
    }

    /// Chains may lead on from here otherwise than before.
    fn bend(&mut self, from: &EntityId) {
        self.pending.chains = Stale::Yes;
        if self.policy.has_bound_steps() {
            self.pending.bent.insert(from.clone());
        }
    }

    /// Each end of a relation that informs leads, and the other end as it sees it. Both are to be told anew.
    fn relatives(&mut self, relation: &Entity, confidence: Percent) -> Vec<(PersonId, Relative)> {
        let mut relatives = Vec::new();
        for Related { ends, weight } in self.policy.related(relation) {
            let [one, other] = ends.map(|end| self.person(&end));
            let cost = Cost::of(weight).and(Cost::of(confidence));
            for (person, of) in [(one, other), (other, one)] {
                self.pending.touched.insert(person);
                relatives.push((person, Relative { cost, relation: relation.id.clone(), of }));
            }
        }
        relatives
    }

    /// What its record states of it.
    fn state(&mut self, person: PersonId, version: &Version) {
        let record = &version.record;
        let confidence = self.policy.confidence(record.grade.as_deref());
        let stated = self.policy.stated(&record.entity);
        let stated: BTreeSet<(KindId, String, String)> =
            stated.map(|(of, kind, value)| (of, kind.to_owned(), value.to_owned())).collect();
        for (of, kind, value) in stated {
            let attribute = self.attribute_of(of, &kind, &value);
            let observation = network::Observation {
                id: ObservationId(self.stated),
                person,
                attribute,
                relation: network::Relation::Stated,
                interval: Interval::ALWAYS,
                confidence,
                source: source_of(record.source.as_deref()),
            };
            self.stated -= 1;
            self.pending.changes.push(Change::Observe(observation));
        }
    }

    /// A version of an entity is no longer in force.
    pub(crate) fn leave(&mut self, version: &Version) {
        let entity = &version.record.entity;
        if entity.schema.edge().is_some() {
            for (from, to) in ends_of(&self.policy, version) {
                self.bend(&from);
                self.chains.take_step(&entity.id, &from, &to);
            }
            self.bound.remove(&entity.id);
            let confidence = self.relations.remove(&entity.id).unwrap_or(Percent::FULL);
            for (person, relative) in self.relatives(entity, confidence) {
                if let Some(others) = self.related.get_mut(&person) {
                    others.remove(&relative);
                }
            }
            return;
        }
        if self.chains.mentions(&entity.id) {
            self.bend(&entity.id);
        }
        self.chains.take_party(&entity.id);
        let person = self.person(&entity.id);
        self.rows[person.0 as usize] = None;
        self.pending.moved.insert(person);
        self.pending.touched.insert(person);
        if self.closed.remove(&person) {
            self.pending.roles.insert(person);
        }
        let stated = |o: &network::Observation| o.relation == network::Relation::Stated;
        let stated = self.network.observations(person).filter(stated);
        self.pending.changes.extend(stated.map(|o| Change::Retract(person, o.id)));
    }

    /// A version stays, but is another identity now.
    pub(crate) fn reborn(&mut self, id: &EntityId) {
        let person = self.person(id);
        self.pending.touched.insert(person);
    }

    /// An observation comes into force. It counts once somebody states who its subject is.
    pub(crate) fn observe(&mut self, row: RowId, observation: &Observation) {
        let person = self.person(&observation.subject);
        if self.row(person).is_none() {
            self.waiting.insert(person);
            return;
        }
        let Some(interval) = interval_of(observation) else { return };
        let Attribute { kind, value } = &observation.attribute;
        let Some(attribute) = self.attribute(kind, value) else { return };
        let id = observation_id(row);
        if !self.pending.observed.insert(id) {
            return;
        }
        self.pending.changes.push(Change::Observe(network::Observation {
            id,
            person,
            attribute,
            relation: match observation.relation {
                Relation::Used => network::Relation::Used,
                Relation::Operated => network::Relation::Operated,
            },
            interval,
            confidence: self.policy.confidence(observation.grade.as_deref()),
            source: source_of(observation.source.as_deref()),
        }));
    }

    /// An observation is no longer in force.
    pub(crate) fn retract(&mut self, row: RowId, observation: &Observation) {
        let person = self.person(&observation.subject);
        let id = observation_id(row);
        if self.network.observations(person).any(|o| o.id == id) && self.pending.retracted.insert(id) {
            self.pending.changes.push(Change::Retract(person, id));
        }
    }

    /// An attribute is declared generic, or is no longer.
    pub(crate) fn declare(&mut self, attribute: &Attribute, generic: network::Generic) {
        if let Some(attribute) = self.attribute(&attribute.kind, &attribute.value) {
            self.pending.changes.push(Change::Generic(attribute, generic));
        }
    }

    /// An event became known.
    pub(crate) fn hear(&mut self, event: &model::Event) {
        if event.event == self.policy.excluding_event {
            let person = self.person(&event.subject);
            self.redressed.insert(person);
            self.pending.roles.insert(person);
            self.pending.touched.insert(person);
        }
    }

    /// Brings the network up to date with everything told since the last time. Returns whose findings may be others now.
    pub(crate) fn settle(&mut self, view: &View<'_>) -> Result<BTreeSet<PersonId>, ScreeningError> {
        let moved = std::mem::take(&mut self.pending.moved);
        for &person in &moved {
            match self.row(person) {
                Some(row) if self.waiting.remove(&person) => {
                    let id = view.version(row)?.record.entity.id;
                    view.naming(&id, RecordKind::Observation, &mut |known| {
                        let id = observation_id(known.row);
                        if let Record::Observation(observation) = &known.record
                            && self.network.observations(person).all(|o| o.id != id)
                        {
                            self.observe(known.row, observation);
                        }
                        Ok(())
                    })?;
                }
                Some(_) => {}
                None => self.let_go(person),
            }
        }
        self.connect();
        let Pending { changes, mut touched, .. } = std::mem::take(&mut self.pending);
        let journeys = self.co_travel.touched(&self.network, &changes);
        let Affected { links, evidence, .. } = self.network.apply(&changes)?;
        // Redress makes somebody no companion and no relative any longer, and changes no link.
        let reported: Vec<PersonId> = links.iter().chain(&touched).copied().collect();
        let companions = journeys.persons(&self.co_travel, &self.network, &reported);
        let related = self.related_to(reported.iter().chain(&moved));
        touched.extend(links.into_iter().chain(evidence).chain(companions).chain(related));
        Ok(touched)
    }

    /// Observations of somebody whom nobody states any longer wait.
    fn let_go(&mut self, person: PersonId) {
        for observation in self.network.observations(person) {
            let gone = observation.relation == network::Relation::Stated;
            if !gone && self.pending.retracted.insert(observation.id) {
                self.pending.changes.push(Change::Retract(person, observation.id));
                self.waiting.insert(person);
            }
        }
    }

    /// Works out chains and passing on, where they may be others.
    fn connect(&mut self) {
        for person in std::mem::take(&mut self.pending.roles) {
            let ends = self.closed.contains(&person) || self.redressed.contains(&person);
            let pass = if ends { PassThrough::Closed } else { PassThrough::Open };
            self.pending.changes.push(Change::PassThrough(person, pass));
        }
        if std::mem::take(&mut self.pending.chains) == Stale::No {
            return;
        }
        for id in self.chains.missing() {
            if self.people.known(&[id.as_str()]).is_some_and(|n| self.row(PersonId(n)).is_some()) {
                self.chains.put_party(id);
            }
        }
        let told: BTreeMap<EntityId, Told> =
            self.chains.seeds().into_iter().filter_map(|id| self.tell(id)).collect();
        let before = std::mem::replace(&mut self.told, told);
        let ids: BTreeSet<EntityId> = before.keys().chain(self.told.keys()).cloned().collect();
        let bent = self.chains.upstream(std::mem::take(&mut self.pending.bent));
        for id in ids {
            let (old, new) = (before.get(&id), self.told.get(&id));
            if old == new && !bent.contains(&id) {
                continue;
            }
            let cost = new.map(|told| told.cost);
            let person = self.person(&id);
            self.pending.touched.insert(person);
            if old.map(|told| told.cost) != cost {
                self.pending.changes.push(Change::Seed(person, cost));
            }
            match cost {
                Some(_) => self.seeds.insert(person, id),
                None => self.seeds.remove(&person),
            };
            self.touch_users(person);
        }
    }

    /// Everybody on what a seed operated: their chain is another.
    fn touch_users(&mut self, seed: PersonId) {
        for observation in self.network.observations(seed) {
            if observation.relation == network::Relation::Operated {
                self.pending.touched.extend(self.network.members(observation.attribute));
            }
        }
    }

    fn tell(&self, id: EntityId) -> Option<(EntityId, Told)> {
        let chain = self.chains.chain(&id)?;
        let costs = chain.steps.iter().filter_map(|(relation, _)| self.relations.get(relation));
        let cost = costs.fold(Cost::NONE, |sum, confidence| sum.and(Cost::of(*confidence)));
        Some((id, Told { cost, chain }))
    }

    /// Everybody of whom the network says anything.
    pub(crate) fn everybody(&self) -> BTreeSet<PersonId> {
        let Affected { mut links, evidence, .. } = self.network.concerned();
        let seeds = self.told.keys().filter_map(|id| self.people.known(&[id.as_str()]));
        links.extend(seeds.map(PersonId));
        let companions = Touched::default().persons(&self.co_travel, &self.network, &links);
        let related = self.related_to(&links);
        links.into_iter().chain(related).chain(evidence).chain(companions).collect()
    }

    /// How many seeds there are.
    pub(crate) fn seeds(&self) -> u64 {
        self.told.len() as u64
    }

    /// Where somebody's version in force stands; `None` when there is none.
    pub fn version_of(&self, person: PersonId) -> Option<RowId> {
        self.row(person)
    }

    /// What the network says of somebody; `None` when it says nothing and said nothing before.
    pub(crate) fn finding_of(
        &mut self,
        person: PersonId,
        view: &View<'_>,
    ) -> Result<Option<Finding>, ScreeningError> {
        let finding = self.finding(person, view)?;
        let said = if finding.1.is_some() {
            self.found.insert(person);
            true
        } else {
            self.found.remove(&person)
        };
        Ok(said.then_some(finding))
    }

    /// The outcomes of a finding of a subject: one for each kind of finding.
    pub(crate) fn outcomes(&self, (kind, alert): Finding, subject: &Version) -> [Outcome; 3] {
        let outcome = |of| Outcome { pair: self.pair(subject, of), alert: alert.filter(|_| of == kind) };
        [CauseKind::Network, CauseKind::Single, CauseKind::Lead].map(outcome)
    }

    fn finding(&self, person: PersonId, view: &View<'_>) -> Result<Finding, ScreeningError> {
        if self.redressed.contains(&person) {
            return Ok((CauseKind::Network, None));
        }
        let evidence = self.network.evidence(person);
        let is_seed = self.network.seed(person).is_some();
        let strength = evidence.as_ref().map_or(0, |evidence| evidence.strength.millionths());
        let score = if is_seed { Score::ONE } else { Score(strength) };
        let links = self.links(person);
        let kind = match self.network.standing_of(&links) {
            Standing::Moved => CauseKind::Network,
            Standing::Single => CauseKind::Single,
            Standing::Unlinked => {
                let companions = self.companions(person);
                let relative = self.relatives_in_network(person).next().map(|relative| relative.cost);
                let score = if is_seed { score } else { with_relation(score, relative) };
                let tells = evidence.is_some() || relative.is_some();
                let strong = tells && score >= self.policy.lead_score();
                let is_lead = !is_seed && (strong || !companions.is_empty());
                let print = is_lead.then(|| {
                    let mut digester = Digester::new();
                    for factor in evidence.iter().flat_map(|evidence| &evidence.factors) {
                        digester.number(i64::from(factor.family.0)).number(i64::from(factor.cost.0));
                    }
                    let mut journeys: Vec<_> =
                        companions.iter().map(|companion| (companion.odds, companion.shared.len())).collect();
                    journeys.sort_unstable();
                    for (odds, shared) in journeys {
                        digester.number(odds.cast_signed()).number(shared.cast_signed() as i64);
                    }
                    if let Some(cost) = relative {
                        digester.field(b"relation").number(i64::from(cost.0));
                    }
                    (score, Fingerprint(digester.finish().half()))
                });
                return Ok((CauseKind::Lead, print));
            }
        };
        let fingerprint = self.fingerprint(&links, view)?;
        Ok((kind, Some((score, fingerprint))))
    }

    /// What somebody's links come to.
    fn standing(&self, person: PersonId) -> Standing {
        self.network.standing_of(&self.links(person))
    }

    /// The links of somebody that a chain carries.
    fn links(&self, person: PersonId) -> Vec<Link> {
        self.network.links_where(person, |seed, days| {
            let carried = || self.seeds.get(&seed).and_then(|id| self.chain_on(id, days));
            self.bound.is_empty() || carried().is_some()
        })
    }

    /// The chain that carries a seed's links on these days: the one that is told of it, where that does.
    fn chain_on(&self, seed: &EntityId, days: Interval) -> Option<Chain<EntityId>> {
        let carries = |relation: &EntityId| self.bound.get(relation).is_none_or(|bound| bound.during(days));
        let Told { chain, .. } = self.told.get(seed)?;
        if chain.steps.iter().all(|(relation, _)| carries(relation)) {
            return Some(chain.clone());
        }
        self.chains.chain_over(seed, carries)
    }

    /// Everybody who is related to one of these.
    fn related_to<'a>(&self, persons: impl IntoIterator<Item = &'a PersonId>) -> Vec<PersonId> {
        let relatives = persons.into_iter().filter_map(|person| self.related.get(person)).flatten();
        relatives.map(|relative| relative.of).collect()
    }

    /// Whoever of the network somebody is related to, the most telling first.
    fn relatives_in_network(&self, person: PersonId) -> impl Iterator<Item = &Relative> {
        self.related
            .get(&person)
            .into_iter()
            .flatten()
            .filter(|relative| self.row(relative.of).is_some() && self.is_of_network(relative.of))
    }

    /// Whether somebody is a seed, or was moved and hands that on.
    fn is_of_network(&self, person: PersonId) -> bool {
        let moved = || self.standing(person) == Standing::Moved;
        let hands_on = !self.redressed.contains(&person) && !self.closed.contains(&person);
        self.network.seed(person).is_some() || (hands_on && moved())
    }

    /// Those of the network with whom somebody travelled more often than chance has it.
    fn companions(&self, person: PersonId) -> Vec<Companion> {
        self.co_travel.companions(&self.network, person, |other| {
            let moved = || self.standing(other) == Standing::Moved && !self.redressed.contains(&other);
            self.network.seed(other).is_some() || moved()
        })
    }

    /// Stands for the links of a subject: what was observed on both sides, and the chain of each seed.
    fn fingerprint(&self, links: &[Link], view: &View<'_>) -> Result<Fingerprint, ScreeningError> {
        let mut lines = BTreeSet::new();
        for link in links {
            let own = observation_of(view, link.observation)?;
            let seed = observation_of(view, link.seed_observation)?;
            let met = interval_of(&own).zip(interval_of(&seed)).map(|(own, seed)| own.meeting(seed));
            let chain = met.and_then(|days| self.chain_on(&seed.subject, days));
            let mut digester = Digester::new();
            for text in [&own.attribute.kind, &own.attribute.value] {
                digester.field(text.as_bytes());
            }
            for observation in [&own, &seed] {
                let days = [&observation.valid_from, &observation.valid_to];
                let word = |day: &Option<Text<PartialDate>>| day.as_ref().map(ToString::to_string);
                for text in days.map(|day| word(day).unwrap_or_default()) {
                    digester.field(text.as_bytes());
                }
            }
            for id in chain.iter().flat_map(Chain::ids) {
                digester.field(id.as_str().as_bytes());
            }
            lines.insert(digester.finish());
        }
        let mut digester = Digester::new();
        for line in lines {
            digester.field(&line.0);
        }
        Ok(Fingerprint(digester.finish().half()))
    }

    fn pair(&self, subject: &Version, kind: CauseKind) -> Pair {
        let entry = EntityId::new(&self.policy.target_topic).expect("the policy is checked");
        let dataset = DatasetName::new(DATASET).expect("a constant");
        Pair {
            subject: subject.identity(),
            dataset: subject.record.dataset.clone(),
            cause: Cause { kind, dataset, entry: Identity { id: entry, born: KnownAt::from_micros(0) } },
        }
    }
}

/// The record behind an observation in the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// An observation.
    Recorded(Known<Observation>),
    /// An entity that states the attribute of itself.
    Stated(Box<Version>, Attribute),
}

impl Observed {
    /// With what.
    pub fn attribute(&self) -> &Attribute {
        match self {
            Self::Recorded(known) => &known.record.attribute,
            Self::Stated(_, attribute) => attribute,
        }
    }
}

/// What questions to the network need beside it: who and what the numbers in it stand for.
impl Graph {
    /// Persons and attributes by number.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The number of whoever bears an id; `None` when nobody in force does.
    pub fn person_of(&self, id: &EntityId) -> Option<PersonId> {
        let person = self.people.known(&[id.as_str()]).map(PersonId);
        person.filter(|person| self.row(*person).is_some())
    }

    /// Everybody in force.
    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        (0..self.rows.len() as u32).map(PersonId).filter(|person| self.row(*person).is_some())
    }

    /// Every relation in force, whether or not it is a step of a chain, by id.
    pub fn relations(&self) -> impl Iterator<Item = &EntityId> {
        self.relations.keys()
    }

    /// The record behind an observation in the network.
    pub fn observed(
        &self,
        observation: &network::Observation,
        view: &View<'_>,
    ) -> Result<Observed, ScreeningError> {
        if observation.relation != network::Relation::Stated {
            return Ok(Observed::Recorded(view.observation_of(RowId(u64::from(observation.id.0)))?));
        }
        let unstated = || LedgerError::Misuse("nobody in force states what was observed");
        let version = view.version(self.row(observation.person).ok_or_else(unstated)?)?;
        let is_it = |kind, value| self.attributes.known(&[kind, value]) == Some(observation.attribute.0);
        let mut stated = self.policy.stated(&version.record.entity);
        let (_, kind, value) = stated.find(|(_, kind, value)| is_it(kind, value)).ok_or_else(unstated)?;
        let attribute = Attribute { kind: kind.to_owned(), value: value.to_owned() };
        drop(stated);
        Ok(Observed::Stated(Box::new(version), attribute))
    }
}

/// A strength, and that of the most telling relation to somebody of the network beside it: noisy-or, as between families of evidence.
fn with_relation(Score(strength): Score, relation: Option<Cost>) -> Score {
    let rest = |millionths: u32| 1_000_000 - u64::from(millionths);
    let relation = relation.map_or(0, |cost| cost.weight().millionths());
    Score(1_000_000 - (rest(strength) * rest(relation) / 1_000_000) as u32)
}

/// A network of everything at once.
fn network_of(policy: &NetworkPolicy, changes: &[Change]) -> Result<Network, ScreeningError> {
    let (mut kinds, mut seeds, mut generic, mut closed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        match *change {
            // Attributes are numbered, and told, in the order in which they come.
            Change::Attribute(_, kind) => kinds.push(kind),
            Change::Seed(person, Some(cost)) => seeds.push((person, cost)),
            Change::Generic(attribute, network::Generic::Declared) => generic.push(attribute),
            Change::PassThrough(person, PassThrough::Closed) => closed.push(person),
            _ => {}
        }
    }
    let observed = |change: &Change| match change {
        Change::Observe(observation) => Some(*observation),
        _ => None,
    };
    let observations = changes.iter().filter_map(observed);
    let columns = Columns { kinds: &kinds, observations, seeds: &seeds, generic: &generic, closed: &closed };
    Ok(Network::build(policy.rules(), columns)?)
}

/// Each pair of ends of a relation that is a step.
fn ends_of(policy: &NetworkPolicy, version: &Version) -> Vec<(EntityId, EntityId)> {
    let steps = policy.steps_of(&version.record.entity);
    let ids = steps.into_iter().map(|(from, to)| Some((EntityId::new(from).ok()?, EntityId::new(to).ok()?)));
    ids.flatten().collect()
}

fn observation_of(view: &View<'_>, id: ObservationId) -> Result<Observation, ScreeningError> {
    match view.record_of(RowId(u64::from(id.0)))? {
        Record::Observation(observation) => Ok(observation),
        _ => Err(LedgerError::Misuse("a link rests on a row that is no observation").into()),
    }
}

fn observation_id(row: RowId) -> ObservationId {
    ObservationId(u32::try_from(row.0).expect("a store has fewer than four billion rows"))
}

/// One source is one number; two that share it by chance would count once, in the strength of a lead alone.
fn source_of(source: Option<&str>) -> Option<SourceId> {
    let digest = source.map(|source| Numbers::digest(&[source]));
    digest.map(|[a, b, c, d, ..]| SourceId(u32::from_le_bytes([a, b, c, d])))
}

/// The days of an observation; `None` where it ends before it begins.
pub(crate) fn interval_of(observation: &Observation) -> Option<Interval> {
    let first = observation.valid_from.as_ref().map(|day| Day(day.value().days_since_1970()));
    let last = observation.valid_to.as_ref().map(|day| Day(day.value().last_day().days_since_1970()));
    Interval::new(first, last)
}

/// Why somebody is a lead: the strongest way from a seed for each family of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// How strong it is in all.
    pub strength: Score,
    /// By family.
    pub factors: Vec<LeadFactor>,
    /// With whom of the network the subject travelled more often than chance has it.
    pub companions: Vec<Companionship>,
    /// To whom of the network the subject is related, the most telling first, which alone counts.
    pub relations: Vec<LeadRelation>,
}

/// A relation to somebody of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRelation {
    /// To whom.
    pub with: EntityId,
    /// The id of the relation.
    pub relation: EntityId,
    /// How strong it is by itself.
    pub strength: Score,
}

/// Journeys shared with somebody of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companionship {
    /// With whom.
    pub with: EntityId,
    /// Which.
    pub journeys: Vec<Attribute>,
    /// Of how many.
    pub of: u32,
    /// Chance brings this about in no more than one pair of so many.
    pub odds: u64,
}

/// The strongest way of one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFactor {
    /// The family's word.
    pub family: String,
    /// How strong it is by itself.
    pub strength: Score,
    /// From the seed to the subject.
    pub steps: Vec<LeadStep>,
}

/// A step from one person to another who shares an attribute with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadStep {
    /// From whom.
    pub from: EntityId,
    /// To whom.
    pub to: EntityId,
    /// What both were observed with; `None` where only their records state it.
    pub attribute: Option<Attribute>,
    /// The rows of both observations; `None` for what a record states.
    pub rows: [Option<RowId>; 2],
    /// The days between the two.
    pub gap_days: u32,
}

impl Lead {
    /// The evidence that reaches a subject, in the network of a view; `None` when none does.
    pub fn of(graph: &Graph, view: &View<'_>, subject: &EntityId) -> Result<Option<Self>, ScreeningError> {
        let Some(person) = graph.people.known(&[subject.as_str()]).map(PersonId) else { return Ok(None) };
        let (evidence, companions) = (graph.network.evidence(person), graph.companions(person));
        let relatives: Vec<&Relative> = graph.relatives_in_network(person).collect();
        if evidence.is_none() && companions.is_empty() && relatives.is_empty() {
            return Ok(None);
        }
        let companions = companions.iter().map(|companion| graph.companionship(companion, view));
        let companions = companions.collect::<Result<_, _>>()?;
        let (strength, factors) =
            evidence.map_or((0, Vec::new()), |evidence| (evidence.strength.millionths(), evidence.factors));
        let factor = |factor: &network::Factor| -> Result<_, ScreeningError> {
            let steps = factor.path.iter().map(|step| graph.lead_step(step, view));
            Ok(LeadFactor {
                family: graph.policy.family_word(factor.family).to_owned(),
                strength: Score(factor.cost.weight().millionths()),
                steps: steps.collect::<Result<_, _>>()?,
            })
        };
        let relations = relatives.iter().map(|relative| graph.lead_relation(relative, view));
        let first = relatives.first().map(|relative| relative.cost);
        Ok(Some(Self {
            strength: with_relation(Score(strength), first),
            relations: relations.collect::<Result<_, _>>()?,
            factors: factors.iter().map(factor).collect::<Result<_, _>>()?,
            companions,
        }))
    }
}

impl Graph {
    fn companionship(&self, companion: &Companion, view: &View<'_>) -> Result<Companionship, ScreeningError> {
        let row = self.row(companion.person).ok_or(LedgerError::Misuse("nobody was on a journey"))?;
        let journeys = companion.shared.iter().map(|shared| Ok(observation_of(view, shared.own)?.attribute));
        Ok(Companionship {
            with: view.version(row)?.record.entity.id,
            journeys: journeys.collect::<Result<_, ScreeningError>>()?,
            of: companion.journeys,
            odds: companion.odds,
        })
    }

    fn lead_relation(&self, relative: &Relative, view: &View<'_>) -> Result<LeadRelation, ScreeningError> {
        let row = self.row(relative.of).ok_or(LedgerError::Misuse("a relation leads to nobody"))?;
        Ok(LeadRelation {
            with: view.version(row)?.record.entity.id,
            relation: relative.relation.clone(),
            strength: Score(relative.cost.weight().millionths()),
        })
    }

    fn lead_step(&self, step: &network::Step, view: &View<'_>) -> Result<LeadStep, ScreeningError> {
        let id = |person| -> Result<EntityId, ScreeningError> {
            let row = self.row(person).ok_or(LedgerError::Misuse("a path leads through nobody"))?;
            Ok(view.version(row)?.record.entity.id)
        };
        let row_of = |observation: ObservationId| {
            Some(observation.0).filter(|id| *id <= self.stated).map(|id| RowId(u64::from(id)))
        };
        let rows = [step.from_observation, step.to_observation].map(row_of);
        let observed = rows.iter().flatten().next();
        let attribute = observed.map(|row| observation_of(view, ObservationId(row.0 as u32))).transpose()?;
        Ok(LeadStep {
            from: id(step.from)?,
            to: id(step.to)?,
            attribute: attribute.map(|observation| observation.attribute),
            rows,
            gap_days: step.gap_days,
        })
    }
}
