//! The graph as bytes, so that whoever opens a store need not read all of its evidence again.
//!
//! In: a graph; bytes. Out: bytes; a graph. Always holds: what is read back says what was saved, and has the numbers that any graph that was
//! told the same gets, whatever way led there; bytes that do not fit together are no graph, never a panic. It stores what the graph was told, and
//! works out again what follows from it: labels, seeds, chains. Whether bytes are whole, and of which commit, is the caller's to know.
//!
//! ```text
//! each part   length in bytes u64 · little-endian numbers
//! people      digest of the id (16)      by number
//! rows        row of the version u64     by number; 0 for none
//! marks       u8                         by number: waiting, redressed, closed
//! counts      u32                        by number: how many observations follow
//! attributes  digest (16)                by number
//! kinds       u8                         by number; the highest bit for a generic one
//! rows of evidence, 24 bytes each, by person: id · attribute · first day · last day · source · relation and confidence
//! affairs     chains and relations, as JSON
//! ```

use std::collections::BTreeMap;

use ledger::RowId;
use model::EntityId;
use network::{
    AttributeId, Columns, Cost, Day, Generic, Interval, KindId, Network, Observation, ObservationId, Percent,
    PersonId, Relation, SourceId,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Graph, Numbers, Pending, Relative, Stale};
use crate::NetworkPolicy;
use crate::network_policy::Carries;

/// Raised with every change of what the bytes mean. They are made anew from the ledger, so older ones are refused.
const VERSION: u64 = 1;

const WAITING: u8 = 1;
const REDRESSED: u8 = 2;
const CLOSED: u8 = 4;
const GENERIC: u8 = 1 << 7;

/// What is not counted by millions.
#[derive(Serialize, Deserialize)]
struct Affairs {
    targets: Vec<EntityId>,
    /// From, to, relation.
    steps: Vec<(EntityId, EntityId, EntityId)>,
    /// How far each relation is relied on.
    relations: BTreeMap<EntityId, u8>,
    /// On which days relations carry links that do not always.
    bound: BTreeMap<EntityId, Bound>,
    related: Vec<Kinship>,
    stated: u32,
}

#[derive(Serialize, Deserialize)]
struct Bound {
    /// `None`: on none.
    days: Option<(i32, i32)>,
}

#[derive(Serialize, Deserialize)]
struct Kinship {
    person: u32,
    of: u32,
    cost: u32,
    relation: EntityId,
}

/// Writing.
impl Graph {
    /// Appends everything that the graph was told and that is in force, with numbers of its own: those of people and attributes follow
    /// their digests.
    pub fn save(&self, out: &mut Vec<u8>) {
        let needed = |person: &u32| self.is_needed(PersonId(*person));
        let people = Ranks::of(&self.people.in_order(), needed);
        let is_spoken_of = |attribute: &u32| {
            let attribute = AttributeId(*attribute);
            self.network.degree(attribute) > 0 || self.network.generic(attribute) == Generic::Declared
        };
        let attributes = Ranks::of(&self.attributes.in_order(), is_spoken_of);
        out.extend(VERSION.to_le_bytes());
        let persons = || people.order.iter().copied().map(PersonId);
        part(out, people.digests.iter().copied());
        part(out, persons().map(|person| self.row(person).map_or(0, |row| row.0).to_le_bytes()));
        part(out, persons().map(|person| [self.marks(person)]));
        part(out, persons().map(|person| (self.network.observations(person).count() as u32).to_le_bytes()));
        part(out, attributes.digests.iter().copied());
        part(out, attributes.order.iter().map(|attribute| [self.kind_and_generic(AttributeId(*attribute))]));
        let mut stated = u32::MAX;
        let mut own: Vec<Observation> = Vec::new();
        let evidence = persons().flat_map(|person| {
            own.clear();
            own.extend(self.network.observations(person).map(|observation| Observation {
                attribute: AttributeId(attributes.rank[observation.attribute.0 as usize]),
                ..observation
            }));
            own.sort_unstable_by_key(|observation| (observation.attribute, observation.id));
            for observation in own.iter_mut().filter(|observation| observation.relation == Relation::Stated) {
                observation.id = ObservationId(stated);
                stated -= 1;
            }
            own.iter().copied().map(row_of).collect::<Vec<_>>()
        });
        part(out, evidence);
        let affairs = serde_json::to_vec(&self.affairs(&people, stated)).expect("numbers and ids are JSON");
        part(out, affairs.into_iter().map(|byte| [byte]));
    }

    /// The same graph, numbered as every graph that was told the same: of equally good paths numbers decide, so that the answer is the
    /// same whichever way led here.
    #[must_use]
    pub fn renumbered(&self) -> Self {
        let mut bytes = Vec::new();
        self.save(&mut bytes);
        Self::restore(&self.policy, &bytes).expect("what was saved fits together")
    }

    /// Whether anything is known of a person.
    fn is_needed(&self, person: PersonId) -> bool {
        let is_related = || self.related.get(&person).is_some_and(|relatives| !relatives.is_empty());
        let is_observed = || self.network.observations(person).next().is_some();
        self.row(person).is_some() || self.marks(person) != 0 || is_observed() || is_related()
    }

    fn marks(&self, person: PersonId) -> u8 {
        let sets = [(&self.waiting, WAITING), (&self.redressed, REDRESSED), (&self.closed, CLOSED)];
        sets.into_iter().filter(|(set, _)| set.contains(&person)).map(|(_, mark)| mark).sum()
    }

    fn kind_and_generic(&self, attribute: AttributeId) -> u8 {
        let KindId(kind) = self.network.kind(attribute).expect("an attribute is told with its kind");
        match self.network.generic(attribute) {
            Generic::Declared => kind | GENERIC,
            Generic::No => kind,
        }
    }

    fn affairs(&self, people: &Ranks, stated: u32) -> Affairs {
        let steps =
            self.chains.steps().map(|(from, to, relation)| (from.clone(), to.clone(), relation.clone()));
        let bound = self.bound.iter().map(|(id, carries)| (id.clone(), Bound { days: days_of(*carries) }));
        let mut related = Vec::new();
        for (person, old) in (0..).zip(&people.order) {
            let relatives = self.related.get(&PersonId(*old)).into_iter().flatten();
            related.extend(relatives.map(|relative| Kinship {
                person,
                of: people.rank[relative.of.0 as usize],
                cost: relative.cost.0,
                relation: relative.relation.clone(),
            }));
        }
        Affairs {
            targets: self.chains.targets().cloned().collect(),
            steps: steps.collect(),
            relations: self.relations.iter().map(|(id, percent)| (id.clone(), percent.get())).collect(),
            bound: bound.collect(),
            related,
            stated,
        }
    }
}

/// New numbers, in the order of the digests, for those that are needed.
struct Ranks {
    digests: Vec<[u8; 16]>,
    /// The old numbers in the new order.
    order: Vec<u32>,
    /// The new numbers by the old; without meaning for what is not needed.
    rank: Vec<u32>,
}

impl Ranks {
    fn of(digests: &[[u8; 16]], needed: impl Fn(&u32) -> bool) -> Self {
        let all = (0..).zip(digests).filter(|(number, _)| needed(number));
        let mut sorted: Vec<(u128, u32)> =
            all.map(|(number, digest)| (u128::from_be_bytes(*digest), number)).collect();
        sorted.sort_unstable();
        let mut rank = vec![0; digests.len()];
        for (new, (_, old)) in (0..).zip(&sorted) {
            rank[*old as usize] = new;
        }
        let order = sorted.iter().map(|(_, old)| *old).collect();
        Self { digests: sorted.iter().map(|(digest, _)| digest.to_be_bytes()).collect(), order, rank }
    }
}

fn part<const N: usize>(out: &mut Vec<u8>, cells: impl Iterator<Item = [u8; N]>) {
    let at = out.len();
    out.extend([0; 8]);
    cells.for_each(|cell| out.extend(cell));
    let len = (out.len() - at - 8) as u64;
    out[at..at + 8].copy_from_slice(&len.to_le_bytes());
}

fn row_of(observation: Observation) -> [u8; 24] {
    let Observation { id, attribute, relation, interval, confidence, source, .. } = observation;
    let (first, last) = numbers_of(interval);
    let relation: u32 = match relation {
        Relation::Used => 0,
        Relation::Operated => 1,
        Relation::Stated => 2,
    };
    let source = source.map_or(0, |SourceId(id)| id + 1);
    let numbers = [
        id.0,
        attribute.0,
        first.cast_unsigned(),
        last.cast_unsigned(),
        source,
        relation << 8 | u32::from(confidence.get()),
    ];
    let mut row = [0; 24];
    for (cell, number) in row.chunks_exact_mut(4).zip(numbers) {
        cell.copy_from_slice(&number.to_le_bytes());
    }
    row
}

/// The days of an interval; the least and the greatest number stand for an open end.
fn numbers_of(interval: Interval) -> (i32, i32) {
    let (first, last) = (interval.first(), interval.last());
    (first.map_or(i32::MIN, |day| day.0), last.map_or(i32::MAX, |day| day.0))
}

fn days_of(carries: Carries) -> Option<(i32, i32)> {
    match carries {
        Carries::Always => Some(numbers_of(Interval::ALWAYS)),
        Carries::On(days) => Some(numbers_of(days)),
        Carries::Never => None,
    }
}

/// Reading.
impl Graph {
    /// The graph that was saved; `None` where the bytes are of another version, or do not fit together or with the policy.
    pub fn restore(policy: &NetworkPolicy, bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&VERSION.to_le_bytes())?;
        let mut next = || {
            let (len, after) = rest.split_first_chunk()?;
            let (part, after) = after.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
            rest = after;
            Some(part)
        };
        let [people, rows, marks, counts] = [next()?, next()?, next()?, next()?];
        let [attributes, kinds, evidence, affairs] = [next()?, next()?, next()?, next()?];
        let affairs: Affairs = serde_json::from_slice(affairs).ok()?;
        let mut graph = Self::empty(policy).ok()?;
        graph.rows = cells::<8>(rows)?
            .map(|row| Some(RowId(u64::from_le_bytes(*row))).filter(|row| row.0 != 0))
            .collect();
        let observations = evidence_of(cells::<4>(counts)?, cells::<24>(evidence)?)?;
        let fits = people.len() / 16 == marks.len()
            && marks.len() == graph.rows.len()
            && counts.len() / 4 == marks.len();
        if !fits || attributes.len() / 16 != kinds.len() {
            return None;
        }
        // The numbers of texts are a third of the work, and nothing else needs them before the end.
        let (known, network) = std::thread::scope(|scope| {
            let known = scope.spawn(|| Some([Numbers::of(people)?, Numbers::of(attributes)?]));
            let network = graph.resume(marks, kinds, &observations, affairs);
            (known.join().ok().flatten(), network)
        });
        [graph.people, graph.attributes] = known?;
        network?;
        graph.told_of_seeds()?;
        graph.found = graph.everybody().into_iter().collect();
        Some(graph)
    }

    /// Takes over marks, chains and relations, and builds the network; its seeds are yet to be told.
    fn resume(
        &mut self,
        marks: &[u8],
        kinds: &[u8],
        observations: &[Observation],
        affairs: Affairs,
    ) -> Option<()> {
        for (person, mark) in (0..).map(PersonId).zip(marks).filter(|(_, mark)| **mark != 0) {
            for (set, own) in
                [(&mut self.waiting, WAITING), (&mut self.redressed, REDRESSED), (&mut self.closed, CLOSED)]
            {
                if mark & own != 0 {
                    set.insert(person);
                }
            }
        }
        affairs.targets.into_iter().for_each(|target| self.chains.put_target(target));
        for (from, to, relation) in affairs.steps {
            self.chains.put_step(relation, from, to);
        }
        for (relation, confidence) in affairs.relations {
            self.relations.insert(relation, Percent::new(confidence)?);
        }
        for (relation, Bound { days }) in affairs.bound {
            let carries = match days {
                Some(days) => Carries::On(interval_of(days)?),
                None => Carries::Never,
            };
            self.bound.insert(relation, carries);
        }
        for Kinship { person, of, cost, relation } in affairs.related {
            let relative = Relative { cost: Cost(cost), relation, of: PersonId(of) };
            self.related.entry(PersonId(person)).or_default().insert(relative);
        }
        self.stated = affairs.stated;
        let is_generic = |(_, kind): &(AttributeId, &u8)| **kind & GENERIC != 0;
        let generic: Vec<AttributeId> =
            (0..).map(AttributeId).zip(kinds).filter(is_generic).map(|(id, _)| id).collect();
        let ends = |person: &PersonId| marks[person.0 as usize] & (CLOSED | REDRESSED) != 0;
        let closed: Vec<PersonId> = (0..marks.len() as u32).map(PersonId).filter(ends).collect();
        let kinds: Vec<KindId> = kinds.iter().map(|kind| KindId(kind & !GENERIC)).collect();
        let observations = observations.iter().copied();
        let columns = Columns { kinds: &kinds, observations, seeds: &[], generic: &generic, closed: &closed };
        self.network = Network::build(self.policy.rules(), columns).ok()?;
        Some(())
    }

    /// Works out chains, and where evidence starts.
    fn told_of_seeds(&mut self) -> Option<()> {
        self.pending.chains = Stale::Yes;
        self.connect();
        let Pending { changes, .. } = std::mem::take(&mut self.pending);
        self.network.apply(&changes).ok().map(drop)
    }
}

fn cells<const N: usize>(part: &[u8]) -> Option<impl ExactSizeIterator<Item = &[u8; N]>> {
    let (cells, rest) = part.as_chunks::<N>();
    rest.is_empty().then(|| cells.iter())
}

fn evidence_of<'a>(
    counts: impl ExactSizeIterator<Item = &'a [u8; 4]>,
    mut rows: impl ExactSizeIterator<Item = &'a [u8; 24]>,
) -> Option<Vec<Observation>> {
    let mut observations = Vec::with_capacity(rows.len());
    for (person, count) in (0..).map(PersonId).zip(counts) {
        for _ in 0..u32::from_le_bytes(*count) {
            observations.push(observation_of(person, rows.next()?)?);
        }
    }
    rows.next().is_none().then_some(observations)
}

fn observation_of(person: PersonId, row: &[u8; 24]) -> Option<Observation> {
    let mut numbers = row.as_chunks::<4>().0.iter().map(|cell| u32::from_le_bytes(*cell));
    let mut next = || numbers.next();
    let [id, attribute, first, last, source, rest] = [next()?, next()?, next()?, next()?, next()?, next()?];
    Some(Observation {
        id: ObservationId(id),
        person,
        attribute: AttributeId(attribute),
        relation: match rest >> 8 {
            0 => Relation::Used,
            1 => Relation::Operated,
            2 => Relation::Stated,
            _ => return None,
        },
        interval: interval_of((first.cast_signed(), last.cast_signed()))?,
        confidence: Percent::new((rest & 0xff) as u8)?,
        source: source.checked_sub(1).map(SourceId),
    })
}

fn interval_of((first, last): (i32, i32)) -> Option<Interval> {
    Interval::new(
        Some(first).filter(|day| *day != i32::MIN).map(Day),
        Some(last).filter(|day| *day != i32::MAX).map(Day),
    )
}

impl Numbers {
    /// The digests, by number.
    #[expect(clippy::iter_over_hash_type, reason = "each goes to the place that its number says")]
    fn in_order(&self) -> Vec<[u8; 16]> {
        let mut digests = vec![[0; 16]; self.0.len()];
        for (digest, number) in &self.0 {
            digests[*number as usize] = *digest;
        }
        digests
    }

    /// Of digests by number; `None` where one comes twice.
    fn of(digests: &[u8]) -> Option<Self> {
        let digests = cells::<16>(digests)?;
        let (len, mut numbers) = (digests.len(), FxHashMap::default());
        numbers.reserve(len);
        numbers.extend(digests.copied().zip(0..));
        (numbers.len() == len).then_some(Self(numbers))
    }
}
