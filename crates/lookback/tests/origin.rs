//! Invariant(NO-ORIGIN) of the whole: the same lists and subjects with and without statements of origin give the same answers in the same
//! order and the same alerts with the same fingerprints; a version of a list that changes nothing else changes no alert.

mod support;

use std::fmt::Write as _;

use lookback::model::{Entity, KnownAt};
use proptest::prelude::*;
use support::{Bench, essence, size};

const ORIGIN: [&str; 16] = [
    "nationality",
    "citizenship",
    "country",
    "birthCountry",
    "birthPlace",
    "religion",
    "ethnicity",
    "political",
    "spokenLanguage",
    "jurisdiction",
    "mainCountry",
    "position",
    "education",
    "title",
    "notes",
    "summary",
];
const VALUES: [&str; 6] = ["ru", "iq", "xa", "Karim Haddad", "Damir Port", "a faith"];

/// So alike that many have equal scores, and their order is that of their ids.
const NAMES: [&str; 10] = [
    "Karim Haddad",
    "HADDAD, Karim",
    "Kareem Hadad",
    "كريم حداد",
    "Карим Хаддад",
    "K. Haddad",
    "Karim bin Said Haddad",
    "Tamara Haddad",
    "თამარა ორლიკი",
    "Tamara Orlik",
];

type Pick = prop::sample::Index;

/// What is stated of the origin of one after another.
type Origins = Vec<Vec<(Pick, Pick)>>;

fn origins() -> impl Strategy<Value = Origins> {
    prop::collection::vec(prop::collection::vec(any::<(Pick, Pick)>(), 0..5), 40)
}

/// Somebody of that number, from where `origins` says.
fn person(side: char, number: usize, origins: &[Vec<(Pick, Pick)>]) -> Entity {
    let text = format!(r#"{{"id":"{side}-{number:02}","schema":"Person"}}"#);
    let mut entity: Entity = serde_json::from_str(&text).expect("an entity");
    entity.add("name", NAMES[number % NAMES.len()]);
    if number.is_multiple_of(3) {
        entity.add("birthDate", ["1958-04-22", "1958", "1985"][number / 3 % 3]);
    }
    for (property, value) in origins.get(number).into_iter().flatten() {
        entity.add(ORIGIN[property.index(ORIGIN.len())], VALUES[value.index(VALUES.len())]);
    }
    entity
}

fn puts(known_at: &str, (dataset, side, count): (&str, char, usize), origins: &Origins) -> String {
    let mut lines = String::new();
    for number in 0..count {
        let entity = serde_json::to_string(&person(side, number, origins)).expect("entities are strings");
        writeln!(
            lines,
            r#"{{"known_at":"{known_at}","op":"put","kind":"entity","dataset":"{dataset}","entity":{entity}}}"#
        )
        .expect("a string takes everything");
    }
    lines
}

const DATASETS: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"customers","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
"#;
const LIST: (&str, char, usize) = ("watch", 'W', 30);
const SUBJECTS: (&str, char, usize) = ("customers", 'C', 12);

fn store(listed: &Origins, subjects: &Origins) -> Bench {
    let mut bench = Bench::new();
    let list = puts("2031-01-02", LIST, listed);
    bench.journal(&(DATASETS.to_owned() + &list + &puts("2031-01-03", SUBJECTS, subjects))).expect("sound");
    bench
}

/// Every answer as it is given, in its order, but for the digests of what was stated.
fn answers(bench: &mut Bench, asked: &Origins) -> Vec<String> {
    let mut answer = |number| {
        let screened = bench.store.screen(&person('Q', number, asked), usize::MAX).expect("an answer");
        assert!(screened.matches.len() > 5, "many are alike");
        serde_json::to_string(&(screened.alert, screened.unscreenable, screened.matches)).expect("JSON")
    };
    (0..NAMES.len()).map(&mut answer).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: size(50, 500) as u32, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn whoever_is_asked_about_and_listed_gets_the_same_answers_wherever_they_are_from(
        (listed, later, subjects, asked) in (origins(), origins(), origins(), origins())
    ) {
        let nowhere = Origins::new();
        let mut plain = store(&nowhere, &nowhere);
        let mut stated = store(&listed, &subjects);
        let alerts = |bench: &Bench| {
            essence(bench.store.ledger().as_of(KnownAt::MAX).alerts().expect("alerts"))
        };
        let (expected, standing) = (answers(&mut plain, &nowhere), alerts(&plain));
        prop_assert!(standing.len() > 12);
        prop_assert_eq!(&answers(&mut plain, &asked), &expected);
        prop_assert_eq!(&answers(&mut stated, &asked), &expected);
        prop_assert_eq!(&alerts(&stated), &standing);

        stated.journal(&puts("2031-01-04", LIST, &later)).expect("another version of the list");
        prop_assert_eq!(&answers(&mut stated, &nowhere), &expected);
        prop_assert_eq!(&alerts(&stated), &standing, "only origin has changed");
    }
}
