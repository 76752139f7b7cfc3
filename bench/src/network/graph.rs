//! The generated graph of the network's benchmark: persons and what they had, over five years, with one facilitator among them.
//!
//! In: how many persons and observations, a seed. Out: observations in no order, as rows and as files of columns. Always holds: the same
//! sizes and seed give the same graph. Distributions: of all observations 26 % are phones (70 numbers for 100 of them, but 8 % are
//! of 500 shops' numbers), 26 % addresses (45 for 100, but 10 % are of 2,000 large houses), 16 % documents (97 for 100), 22 % bookings
//! (45 for 100, each on one day), 10 % of 300 shelters. Shops, houses and shelters are taken as Zipf's law has it, so that the largest
//! shelter has 143,000 people of a million. Whoever is seen is anyone, whenever it is. Person 0 is the facilitator: sixty journeys that he
//! booked, each with a phone that he gave to persons 1 to 400, of whom some also share a house or sleep in a shelter.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use lookback::invented::Random;
use serde::Serialize;

/// How large a graph is, and which of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Size {
    pub(super) persons: u32,
    pub(super) observations: u32,
    pub(super) seed: u64,
}

/// Kinds of attribute, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Phone,
    Address,
    Document,
    Booking,
    Shelter,
}

/// What a person had to do with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    Used,
    Operated,
}

/// One observation: both days count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub(super) person: u32,
    pub(super) attribute: u32,
    pub(super) first: i32,
    pub(super) last: i32,
    pub(super) kind: Kind,
    pub(super) relation: Relation,
}

/// The whole graph.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) rows: Vec<Row>,
    pub(super) persons: u32,
    pub(super) attributes: u32,
}

/// Who facilitates.
pub(super) const FACILITATOR: u32 = 0;
/// Persons 1 to this were moved.
pub(super) const MOVED: u32 = 400;
const JOURNEYS: u32 = 60;
/// Five years.
const DAYS: u64 = 1825;
const SHELTERS: u32 = 300;

/// How the observations of one kind are spread.
struct Spread {
    kind: Kind,
    /// Hundredths of all observations.
    share: u32,
    /// Attributes for every hundred observations; 0: all of them are popular ones.
    attributes: u32,
    popular: Popular,
    /// An observation lasts from one to so many days.
    days_max: u64,
}

/// Few attributes that many have.
struct Popular {
    count: u32,
    /// Thousandths of the kind's observations.
    share: u64,
    exponent: f64,
}

const NONE_POPULAR: Popular = Popular { count: 0, share: 0, exponent: 2.0 };

const SPREADS: [Spread; 5] = [
    Spread {
        kind: Kind::Phone,
        share: 26,
        attributes: 70,
        popular: Popular { count: 500, share: 80, exponent: 1.6 },
        days_max: 180,
    },
    Spread {
        kind: Kind::Address,
        share: 26,
        attributes: 45,
        popular: Popular { count: 2000, share: 100, exponent: 1.4 },
        days_max: 240,
    },
    Spread { kind: Kind::Document, share: 16, attributes: 97, popular: NONE_POPULAR, days_max: 900 },
    Spread { kind: Kind::Booking, share: 22, attributes: 45, popular: NONE_POPULAR, days_max: 1 },
    Spread {
        kind: Kind::Shelter,
        share: 10,
        attributes: 0,
        popular: Popular { count: SHELTERS, share: 1000, exponent: 1.2 },
        days_max: 14,
    },
];

impl Graph {
    pub(super) fn of(size: Size) -> Self {
        let mut graph = Self { rows: Vec::new(), persons: size.persons, attributes: 0 };
        let mut random = Random::new(size.seed);
        for spread in &SPREADS {
            graph.strew(spread, size, &mut random);
        }
        let shelters = graph.attributes - SHELTERS;
        graph.plant(shelters);
        graph.rows.sort_unstable();
        graph.rows.dedup_by_key(|row| (row.person, row.attribute, row.first));
        for place in (1..graph.rows.len()).rev() {
            graph.rows.swap(place, random.below(place as u64 + 1) as usize);
        }
        graph
    }

    /// The observations of one kind that nothing lies behind.
    fn strew(&mut self, spread: &Spread, size: Size, random: &mut Random) {
        let count = share(size.observations, spread.share);
        let ordinary = share(count, spread.attributes);
        let popular = Zipf::new(spread.popular.exponent, spread.popular.count);
        let booked: Vec<u64> = match spread.kind {
            Kind::Booking => (0..ordinary).map(|_| random.below(DAYS)).collect(),
            _ => Vec::new(),
        };
        for turn in 0..count {
            let attribute = match spread.kind {
                Kind::Document => turn % ordinary,
                _ if random.chance(spread.popular.share) => ordinary + popular.draw(random),
                _ => random.below(u64::from(ordinary)) as u32,
            };
            let first = booked.get(attribute as usize).copied().unwrap_or_else(|| random.below(DAYS)) as i32;
            self.rows.push(Row {
                person: random.below(u64::from(size.persons)) as u32,
                attribute: self.attributes + attribute,
                first,
                last: first + random.between(1, spread.days_max) as i32,
                kind: spread.kind,
                relation: Relation::Used,
            });
        }
        self.attributes += ordinary + spread.popular.count;
    }

    /// The facilitator's journeys. `shelters`: the first of them.
    fn plant(&mut self, shelters: u32) {
        for journey in 0..JOURNEYS {
            let day = 600 + 8 * journey.cast_signed();
            let (booking, phone, house) = (self.attributes, self.attributes + 1, self.attributes + 2);
            self.attributes += 3;
            let mut add = |person, attribute, kind, first, days, relation| {
                self.rows.push(Row { person, attribute, first, last: first + days, kind, relation });
            };
            add(FACILITATOR, booking, Kind::Booking, day, 1, Relation::Operated);
            add(FACILITATOR, phone, Kind::Phone, day - 5, 20, Relation::Operated);
            for person in 1 + journey * MOVED / JOURNEYS..=(journey + 1) * MOVED / JOURNEYS {
                add(person, booking, Kind::Booking, day, 1, Relation::Used);
                if person % 2 == 1 {
                    add(person, phone, Kind::Phone, day - 4 + (person % 3).cast_signed(), 20, Relation::Used);
                }
                if person % 3 == 0 {
                    add(person, house, Kind::Address, day + 1, 6, Relation::Used);
                }
                if person % 4 == 0 {
                    add(person, shelters + person % 40, Kind::Shelter, day + 2, 10, Relation::Used);
                }
            }
        }
    }

    /// Writes each column as numbers of little endian, as `numpy.fromfile` reads them: `person`, `attribute` (u32), `first`, `last`
    /// (i32), `kind` (u8).
    pub(super) fn write_columns(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, bytes: Vec<u8>| {
            let path = folder.join(name);
            fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
        };
        write("person", self.rows.iter().flat_map(|row| row.person.to_le_bytes()).collect())?;
        write("attribute", self.rows.iter().flat_map(|row| row.attribute.to_le_bytes()).collect())?;
        write("first", self.rows.iter().flat_map(|row| row.first.to_le_bytes()).collect())?;
        write("last", self.rows.iter().flat_map(|row| row.last.to_le_bytes()).collect())?;
        write("kind", self.rows.iter().map(|row| row.kind as u8).collect())
    }
}

/// So many hundredths of a number.
fn share(count: u32, hundredths: u32) -> u32 {
    (u64::from(count) * u64::from(hundredths) / 100) as u32
}

/// Zipf's law without an end, of which the last place takes all that is beyond it.
struct Zipf {
    /// The chance of this place or one before it.
    up_to: Vec<f64>,
}

impl Zipf {
    fn new(exponent: f64, places: u32) -> Self {
        let weight = |place: u32| f64::from(place).powf(-exponent);
        // The sum from the last place on to infinity, by the Euler-Maclaurin formula.
        let end = f64::from(places);
        let tail = end.powf(1.0 - exponent) / (exponent - 1.0)
            + end.powf(-exponent) / 2.0
            + exponent * end.powf(-exponent - 1.0) / 12.0;
        let sum = |total: &mut f64, weight: f64| {
            *total += weight;
            Some(*total)
        };
        let mut up_to: Vec<f64> = (1..places).map(weight).chain([tail]).scan(0.0, sum).collect();
        let all = up_to.last().copied().unwrap_or(1.0);
        for chance in &mut up_to {
            *chance /= all;
        }
        Self { up_to }
    }

    fn draw(&self, random: &mut Random) -> u32 {
        let drawn = (random.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        self.up_to.partition_point(|chance| *chance <= drawn).min(self.up_to.len() - 1) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SMALL: Size = Size { persons: 2_000, observations: 10_000, seed: 7 };

    #[test]
    fn a_seed_gives_one_graph() {
        assert_eq!(Graph::of(SMALL).rows, Graph::of(SMALL).rows);
        assert_ne!(Graph::of(SMALL).rows, Graph::of(Size { seed: 8, ..SMALL }).rows);
    }

    #[test]
    fn attributes_have_one_kind_and_bookings_one_first_day() {
        let graph = Graph::of(SMALL);
        let mut kinds = BTreeMap::new();
        let mut days = BTreeMap::new();
        for row in &graph.rows {
            assert_eq!(*kinds.entry(row.attribute).or_insert(row.kind), row.kind);
            assert!(row.attribute < graph.attributes && row.person < SMALL.persons && row.first < row.last);
            if row.kind == Kind::Booking {
                assert_eq!(*days.entry(row.attribute).or_insert(row.first), row.first);
            }
        }
        assert!((10_000..11_000).contains(&graph.rows.len()));
    }

    #[test]
    fn the_facilitator_meets_those_that_he_moved() {
        let graph = Graph::of(SMALL);
        let his: Vec<&Row> = graph
            .rows
            .iter()
            .filter(|row| row.person == FACILITATOR && row.relation == Relation::Operated)
            .collect();
        let met = |row: &&Row| {
            (1..=MOVED).contains(&row.person) && his.iter().any(|own| own.attribute == row.attribute)
        };
        let mut persons: Vec<u32> = graph.rows.iter().filter(met).map(|row| row.person).collect();
        persons.sort_unstable();
        persons.dedup();
        assert_eq!((his.len(), persons.len()), (120, 400));
    }

    #[test]
    fn zipf_gives_each_place_its_share() {
        // ζ(2) = π²/6: the first place has 6/π² of all, the third and last the rest beyond the second.
        let zipf = Zipf::new(2.0, 50);
        let first = 6.0 / std::f64::consts::PI.powi(2);
        assert!((zipf.up_to[0] - first).abs() < 1e-6 && (zipf.up_to[1] - 1.25 * first).abs() < 1e-6);
        let mut random = Random::new(1);
        let drawn = (0..100_000).filter(|_| zipf.draw(&mut random) == 0).count();
        assert!((60_000..61_600).contains(&drawn), "{drawn}");
    }
}
