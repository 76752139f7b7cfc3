//! A population of invented people: a seed and a number in, people out, each depending on the seed and its own number alone.
//!
//! Ids and passport numbers are unique in a population. Nothing says where a person is from.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::naming::{Families, Gender, Written, profile};
use crate::random::Random;

/// An invented person who was once screened and let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `P0000001` and on.
    pub id: String,
    /// The primary name, mostly in the person's own script.
    pub name: String,
    /// The name in another script or spelling, when one is on record.
    pub alias: Option<String>,
    /// `1987-05-30`, or only the year.
    pub birth_date: String,
    /// `male` or `female`.
    pub gender: &'static str,
    /// Two letters and nine digits, no state's format.
    pub passport: Option<String>,
    /// The day on which the person was let through, in 2029.
    pub arrived: String,
}

/// A person with the Latin form of the name, which the record may or may not hold.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    pub(crate) person: Person,
    pub(crate) written: Written,
}

/// The first `count` people of a seed, made one at a time as they are asked for.
pub fn population(seed: u64, count: u64) -> impl Iterator<Item = Person> {
    (0..count).map(move |index| person(seed, index))
}

/// The person number `index` (from 0) of a seed.
pub fn person(seed: u64, index: u64) -> Person {
    drawn(seed, index).person
}

pub(crate) fn drawn(seed: u64, index: u64) -> Drawn {
    let random = &mut Random::of_item(seed, index);
    let profile = profile(random);
    let gender = if random.chance(540) { Gender::Male } else { Gender::Female };
    let written = profile.name(gender, Families::Everyday, random);
    let latin_first = random.chance(profile.latin_first);
    let (name, other) =
        if latin_first { (&written.latin, &written.native) } else { (&written.native, &written.latin) };
    let alias = random.chance(550) && name != other;
    let person = Person {
        id: format!("P{:07}", index + 1),
        name: name.clone(),
        alias: alias.then(|| other.clone()),
        birth_date: birth_date(random),
        gender: word_for(gender),
        passport: random.chance(700).then(|| passport(seed, index)),
        arrived: day_of(2029, random.below(365)),
    };
    Drawn { person, written }
}

pub(crate) fn word_for(gender: Gender) -> &'static str {
    match gender {
        Gender::Male => "male",
        Gender::Female => "female",
    }
}

/// Between 1944 and 2009, mostly in the middle; for some only the year is known, or written as its first day.
pub(crate) fn birth_date(random: &mut Random) -> String {
    let year = 1944 + random.below(33) + random.below(33);
    let day = random.below(365);
    match random.below(1000) {
        0..60 => year.to_string(),
        60..90 => format!("{year}-01-01"),
        _ => day_of(year, day),
    }
}

/// A day by its number in the year, from 0. No leap days: nobody invented is born on one.
pub(crate) fn day_of(year: u64, day: u64) -> String {
    const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut left = day % 365;
    let mut month = 0;
    while left >= LENGTHS[month] {
        left -= LENGTHS[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, left + 1)
}

/// Unique up to 10⁹ people: the factor has no divisor in common with 10⁹, so that no two indexes meet.
fn passport(seed: u64, index: u64) -> String {
    const NUMBERS: u64 = 1_000_000_000;
    let number = ((index % NUMBERS) * 387_420_489 + seed % NUMBERS) % NUMBERS;
    let series = ["XA", "XB", "XC", "XD", "XE", "XF"][(number % 6) as usize];
    format!("{series}{number:09}")
}

impl Person {
    /// The person as a `FollowTheMoney` entity: `id`, `schema` `Person`, and `properties` with lists of strings.
    ///
    /// Keys are in alphabetical order, so that the bytes are the same however `serde_json` keeps its maps.
    pub fn to_ftm(&self) -> Value {
        let mut properties = Map::new();
        let mut put = |key: &str, value: &str| properties.insert(key.to_owned(), json!([value]));
        if let Some(alias) = &self.alias {
            put("alias", alias);
        }
        put("birthDate", &self.birth_date);
        put("gender", self.gender);
        put("name", &self.name);
        if let Some(passport) = &self.passport {
            put("passportNumber", passport);
        }
        json!({ "id": self.id, "properties": properties, "schema": "Person" })
    }
}

/// Writes people as CSV with a header, in the form that `docs/reference` shows for a traveller file.
pub fn population_csv(people: impl Iterator<Item = Person>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "id,name,other_name,date_of_birth,gender,passport,arrived")?;
    for person in people {
        let row = [
            &person.id,
            &person.name,
            person.alias.as_deref().unwrap_or_default(),
            &person.birth_date,
            person.gender,
            person.passport.as_deref().unwrap_or_default(),
            &person.arrived,
        ];
        writeln!(out, "{}", row.map(csv_field).join(","))?;
    }
    Ok(())
}

fn csv_field(field: &str) -> String {
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{LIST, list_story};

    fn csv(seed: u64, count: u64) -> Vec<u8> {
        let mut out = Vec::new();
        population_csv(population(seed, count), &mut out).unwrap();
        out
    }

    /// FNV-1a: enough to see that something changed.
    fn digest(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        })
    }

    /// These digests change when a table or a draw changes, and then every demo and benchmark is about other people.
    #[test]
    fn a_seed_gives_the_same_bytes_everywhere() {
        let first = "P0000001,Жюгукчук";
        assert!(String::from_utf8(csv(1, 1)).unwrap().contains(first));
        assert_eq!(digest(&csv(1, 10_000)), 16_241_640_154_651_444_822);
        let story: String =
            list_story(1, 10_000).into_iter().flat_map(|step| step.lines).map(|l| l.to_string()).collect();
        assert!(story.contains(LIST));
        assert_eq!(digest(story.as_bytes()), 11_349_795_684_310_397_465);
    }

    #[test]
    fn a_person_depends_on_the_seed_and_the_index_alone() {
        let people: Vec<Person> = population(9, 500).collect();
        assert_eq!(people[321], person(9, 321));
        assert!(population(9, 100_000).take(500).eq(people.iter().cloned()));
        assert_ne!(people[321].name, person(10, 321).name);
    }

    #[test]
    fn ids_and_passports_are_unique() {
        let people: Vec<Person> = population(2, 50_000).collect();
        let ids: BTreeSet<&str> = people.iter().map(|person| person.id.as_str()).collect();
        let passports: Vec<&str> = people.iter().filter_map(|person| person.passport.as_deref()).collect();
        assert_eq!(ids.len(), people.len());
        assert_eq!(passports.iter().collect::<BTreeSet<_>>().len(), passports.len());
        assert!((30_000..40_000).contains(&passports.len()));
    }

    #[test]
    fn names_vary_as_names_do() {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for person in population(3, 100_000) {
            for word in person.name.split(' ') {
                *counts.entry(word.to_owned()).or_default() += 1;
            }
        }
        let commonest = counts.values().max().unwrap();
        let once = counts.values().filter(|count| **count == 1).count();
        assert!(counts.len() > 60_000, "{} distinct words", counts.len());
        assert!((1_000..3_000).contains(commonest) && once > 40_000, "{commonest}, {once}");
    }

    #[test]
    fn every_script_is_there() {
        for script in ["Ия", "აი", "Աա", "مد", "éáñ"] {
            let in_script = |person: &Person| person.name.contains(|c| script.contains(c));
            let share = population(4, 10_000).filter(in_script).count();
            assert!(share > 300, "{script}: {share}");
        }
    }

    #[test]
    fn every_field_is_well_formed() {
        for person in population(5, 5_000) {
            assert!(
                person.name.contains(' ') && !person.name.contains(['=', '_', '/', '|', ',']),
                "{person:?}"
            );
            assert_ne!(person.alias.as_ref(), Some(&person.name));
            assert!(matches!(person.birth_date.len(), 4 | 10) && person.birth_date.as_str() >= "1944");
            assert!(person.arrived.len() == 10 && person.arrived.starts_with("2029-"));
            assert!(["male", "female"].contains(&person.gender));
        }
    }

    #[test]
    fn days_of_a_year_are_real_days() {
        assert_eq!(day_of(1970, 0), "1970-01-01");
        assert_eq!(day_of(1970, 58), "1970-02-28");
        assert_eq!(day_of(1970, 59), "1970-03-01");
        assert_eq!(day_of(1970, 364), "1970-12-31");
    }

    #[test]
    fn a_person_is_an_ftm_entity() {
        let person = Person {
            id: "P0000001".to_owned(),
            name: "Тибор Грошов".to_owned(),
            alias: Some("Tibor Groshov".to_owned()),
            birth_date: "1960".to_owned(),
            gender: "male",
            passport: None,
            arrived: "2029-05-01".to_owned(),
        };
        assert_eq!(
            person.to_ftm().to_string(),
            "{\"id\":\"P0000001\",\"properties\":{\"alias\":[\"Tibor Groshov\"],\"birthDate\":[\"1960\"],\"gender\":[\"male\"],\
             \"name\":[\"Тибор Грошов\"]},\"schema\":\"Person\"}"
        );
    }

    #[test]
    fn csv_fields_are_quoted_when_they_must_be() {
        assert_eq!(csv_field("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(csv_field("Tibor"), "Tibor");
        let text = String::from_utf8(csv(1, 3)).unwrap();
        assert!(text.starts_with("id,name,other_name,date_of_birth,gender,passport,arrived\nP0000001,"));
        assert_eq!(text.lines().count(), 4);
    }
}
