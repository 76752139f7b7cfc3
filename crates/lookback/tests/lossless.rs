//! Invariant(LOSSLESS): the index returns every pair that scores at or above the threshold, in both directions; brute force over all pairs.
//!
//! Names of a published list where `../shared` is there, else of invented people; against invented people and misspellings of the list.

mod support;

use std::collections::BTreeSet;

use index::{Document, DocumentId, Index, Query, Scratch};
use invented::{Random, Variation, vary};
use lookback::Rules;
use lookback::model::{Entity, Kind, Score};
use matching::Profile;
use support::{read, shared, size};

const SEED: u64 = 4711;
/// The alert threshold, and others that a policy may ask for.
const THRESHOLDS: [u32; 3] = [700_000, 850_000, 950_000];

fn entity(schema: &str, names: &[&str]) -> Entity {
    let value = serde_json::json!({ "id": "x", "schema": schema, "properties": { "name": names } });
    serde_json::from_value(value).expect("an entity")
}

/// Parties of the OFAC list with their aliases, drawn evenly from the whole of it.
fn listed(count: usize) -> Option<Vec<Entity>> {
    let path =
        shared("data/ofac/ofac_2022-01-31_sdn.csv.gz", "every_pair_at_the_threshold_is_found (real names)")?;
    let rows = |bytes: &[u8], columns: usize| -> Vec<csv::StringRecord> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        reader.records().filter_map(Result::ok).filter(|row| row.len() == columns).collect()
    };
    let aliases = rows(&read(&path.with_file_name("ofac_2022-01-31_alt.csv.gz")), 5);
    let rows = rows(&read(&path), 12);
    let step = (rows.len() / count).max(1);
    let party = |row: &csv::StringRecord| {
        let schema = match row[2].trim() {
            "individual" => "Person",
            "vessel" => "Vessel",
            "aircraft" => "Airplane",
            _ => "Organization",
        };
        let mut entity = entity(schema, &[&row[1]]);
        for alias in aliases.iter().filter(|alias| alias[0] == row[0]) {
            entity.add(if alias[2].contains("weak") { "weakAlias" } else { "alias" }, &alias[3]);
        }
        entity
    };
    Some(rows.iter().step_by(step).take(count).map(party).collect())
}

fn invented_entities(seed: u64, count: usize) -> Vec<Entity> {
    let people = invented::population(seed, count as u64);
    people.map(|person| serde_json::from_value(person.to_ftm()).expect("an entity")).collect()
}

/// Half invented people, half misspellings of the list, each in one way or in two at once.
fn subjects(list: &[Entity], count: usize) -> Vec<Entity> {
    let mut random = Random::new(SEED);
    let mut subjects = invented_entities(SEED, count / 2);
    while subjects.len() < count {
        let source = random.choose(list);
        let name = source.first("name").expect("a listed party has a name").to_owned();
        let varied = vary(&name, *random.choose(&Variation::ALL), &mut random);
        let twice = varied.and_then(|name| {
            if random.chance(500) { vary(&name, Variation::OneTypo, &mut random) } else { Some(name) }
        });
        subjects.extend(twice.map(|name| entity(source.schema.name(), &[&name])));
    }
    subjects
}

fn indexed(rules: &Rules, profiles: &[Profile]) -> Index {
    let mut index = Index::new();
    for (at, profile) in profiles.iter().enumerate() {
        let identifiers: Vec<u64> =
            profile.strong_identifiers(rules).map(matching::Identifier::hash).collect();
        let id = DocumentId(at as u64);
        index.insert(Document {
            id,
            group: profile.kind as u8,
            names: &profile.names,
            identifiers: &identifiers,
        });
    }
    index
}

fn found(
    index: &Index,
    rules: &Rules,
    profile: &Profile,
    threshold: u32,
    scratch: &mut Scratch,
) -> BTreeSet<usize> {
    let groups = Kind::ALL.into_iter().filter(|other| profile.kind.may_be(*other));
    let groups = groups.fold(0, |mask, other| mask | 1 << (other as u8));
    let identifiers: Vec<u64> = profile.strong_identifiers(rules).map(matching::Identifier::hash).collect();
    let query = Query { groups, names: &profile.names, identifiers: &identifiers, threshold };
    index.candidates(&query, scratch).into_iter().map(|document| document.0 as usize).collect()
}

/// Every pair with its score, where it reaches the lowest threshold.
fn scored(rules: &Rules, left: &[Profile], right: &[Profile]) -> Vec<(usize, usize, Score)> {
    let halves = left.len().div_ceil(2).max(1);
    let each = |(i, from): (usize, &Profile)| {
        let of = move |(j, to): (usize, &Profile)| (i, j, matching::score(rules, from, to));
        let reached = |(_, _, score): &(usize, usize, Score)| score.0 >= THRESHOLDS[0];
        right.iter().enumerate().map(of).filter(reached).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let parts = left.chunks(halves).enumerate().map(|(part, profiles)| {
            scope.spawn(move || {
                let numbered = profiles.iter().enumerate().map(|(i, profile)| (part * halves + i, profile));
                numbered.flat_map(each).collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().expect("scoring")).collect()
    })
}

#[test]
fn every_pair_at_the_threshold_is_found() {
    let count = size(1_200, 5_000);
    let list = listed(count).unwrap_or_else(|| invented_entities(SEED + 1, count));
    let profiles = |entities: &[Entity]| entities.iter().map(Profile::of).collect::<Vec<_>>();
    let (entries, subjects) = (profiles(&list), profiles(&subjects(&list, count)));
    let rules = Rules::default();
    let pairs = scored(&rules, &subjects, &entries);
    let sides = [(indexed(&rules, &entries), &subjects, false), (indexed(&rules, &subjects), &entries, true)];
    for threshold in THRESHOLDS {
        let wanted = pairs.iter().filter(|(_, _, score)| score.0 >= threshold);
        let wanted: BTreeSet<(usize, usize)> = wanted.map(|(subject, entry, _)| (*subject, *entry)).collect();
        assert!(wanted.len() > count / 4, "the derived names reach the threshold");
        for (index, queries, swapped) in &sides {
            let (mut scratch, mut returned) = (Scratch::new(), BTreeSet::new());
            for (at, profile) in queries.iter().enumerate() {
                let candidates = found(index, &rules, profile, threshold, &mut scratch);
                returned.extend(
                    candidates.into_iter().map(|other| if *swapped { (other, at) } else { (at, other) }),
                );
            }
            let lost: Vec<_> = wanted.difference(&returned).collect();
            let direction = if *swapped { "entries among subjects" } else { "subjects among entries" };
            println!(
                "{threshold} {direction}: {} pairs, {} returned, {} lost",
                wanted.len(),
                returned.len(),
                lost.len()
            );
            assert!(lost.is_empty(), "{threshold}, {direction}: (subject, entry) {lost:?}, seed {SEED}");
        }
    }
}
