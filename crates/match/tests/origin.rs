//! Invariant(NO-ORIGIN), Invariant(PAIR-PURE): what is stated about origin, belief, office or anything else that is neither a name, a
//! birth date, a gender nor a number changes no score and no explanation, on either side; origin changes no fingerprint either.
//!
//! The properties are those of the model itself, so that one added to it is among them.

use std::collections::BTreeMap;

use lookback_match::{Explanation, Profile, Rules, explain, fingerprint, score};
use model::{Entity, Schema, Score};
use proptest::prelude::*;

/// By property, its type.
fn properties() -> BTreeMap<String, String> {
    let properties = Schema::all().flat_map(Schema::properties).filter(|property| !property.stub);
    properties.map(|property| (property.name.clone(), property.type_name.clone())).collect()
}

/// What a score is made from, beside identifiers.
const COMPARED: [&str; 12] = [
    "name",
    "alias",
    "previousName",
    "weakAlias",
    "abbreviation",
    "firstName",
    "secondName",
    "middleName",
    "fatherName",
    "lastName",
    "birthDate",
    "gender",
];

/// What no score may be made from.
fn not_compared() -> Vec<String> {
    let is_other =
        |(name, kind): &(String, String)| kind != "identifier" && !COMPARED.contains(&name.as_str());
    properties().into_iter().filter(is_other).map(|(name, _)| name).collect()
}

/// Strings of the model that say where somebody is from, what somebody believes, is or does.
const OF_ORIGIN: [&str; 16] = [
    "birthPlace",
    "religion",
    "ethnicity",
    "political",
    "politicalGroup",
    "position",
    "profession",
    "education",
    "title",
    "appearance",
    "eyeColor",
    "hairColor",
    "motherName",
    "classification",
    "subnationalArea",
    "translatedTextLanguage",
];

/// What no fingerprint may be made from. The flag of a vessel is no origin of a person.
fn origin() -> Vec<String> {
    let is_origin = |(name, kind): &(String, String)| {
        let by_type = ["country", "language", "text"].contains(&kind.as_str()) && name != "flag";
        by_type || OF_ORIGIN.contains(&name.as_str())
    };
    properties().into_iter().filter(is_origin).map(|(name, _)| name).collect()
}

#[test]
fn every_property_that_speaks_of_origin_is_among_those_that_change_nothing() {
    const WORDS: [&str; 10] = [
        "birth",
        "nation",
        "citizen",
        "ethnic",
        "relig",
        "country",
        "politic",
        "language",
        "jurisdiction",
        "race",
    ];
    let (origin, not_compared) = (origin(), not_compared());
    for (name, _) in properties().iter().filter(|(name, _)| *name != "birthDate") {
        let lower = name.to_lowercase();
        let speaks = WORDS.iter().any(|word| lower.contains(word));
        assert!(!speaks || origin.contains(name), "{name} speaks of origin");
    }
    for stated in ["nationality", "country", "birthPlace", "birthCountry", "religion", "ethnicity", "notes"] {
        assert!(origin.iter().any(|name| name == stated), "{stated}");
    }
    assert!(origin.iter().all(|name| not_compared.contains(name)));
}

const NAMES: [&str; 10] = [
    "Orlan Veska",
    "VESKA, Orlan",
    "Орлан Веска",
    "O. Veska",
    "Orlan bin Munif al-Veska",
    "منيف زاريقاني",
    "Munif Zarekani",
    "穆尼夫",
    "Veska Harbour Trading Ltd",
    "...",
];
const SCHEMATA: [&str; 6] = ["Person", "Person", "Person", "LegalEntity", "Company", "Vessel"];
const BIRTHS: [&str; 4] = ["1980", "1980-03-04", "1980-04-03", "1961"];
const VALUES: [&str; 10] =
    ["ru", "iq", "us", "xa", "Orlan Veska", "Munif", "female", "1980-03-04", "XA900100", "sanction"];

type Pick = prop::sample::Index;

/// What is compared, of one who may be many.
fn bare() -> impl Strategy<Value = Entity> {
    let table = |table: &'static [&'static str]| prop::sample::select(table.to_vec());
    let maybe = |table| prop::option::of(prop::sample::select(table));
    let name = (table(&["name", "alias", "weakAlias", "firstName", "lastName"]), table(&NAMES));
    let names = prop::collection::vec(name, 1..4);
    let passport = maybe(vec!["XA 900 100", "XA900100", "XB 900 200"]);
    (table(&SCHEMATA), names, maybe(BIRTHS.to_vec()), maybe(vec!["male", "female"]), passport).prop_map(
        |(schema, names, birth, gender, passport)| {
            let text = format!(r#"{{"id":"x","schema":"{schema}"}}"#);
            let mut entity: Entity = serde_json::from_str(&text).expect("an entity");
            for (property, name) in names {
                entity.add(property, name);
            }
            for (property, value) in [("birthDate", birth), ("gender", gender), ("passportNumber", passport)]
            {
                entity.add(property, value.unwrap_or_default());
            }
            entity
        },
    )
}

/// Statements to make of somebody: which of the properties, and what.
fn statements() -> impl Strategy<Value = Vec<(Pick, &'static str)>> {
    prop::collection::vec((any::<Pick>(), prop::sample::select(VALUES.to_vec())), 1..9)
}

fn stating(entity: &Entity, properties: &[String], statements: &[(Pick, &str)]) -> Entity {
    let mut entity = entity.clone();
    for (property, value) in statements {
        entity.add(&properties[property.index(properties.len())], value);
    }
    entity
}

/// Everything that a comparison says.
fn compared(subject: &Entity, entry: &Entity) -> (Score, Explanation, bool) {
    let (rules, subject, entry) = (Rules::default(), Profile::of(subject), Profile::of(entry));
    let screenable = subject.unscreenable(&rules).is_none() && entry.unscreenable(&rules).is_none();
    (score(&rules, &subject, &entry), explain(&rules, &subject, &entry), screenable)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_compared_changes_no_score_and_no_explanation(
        (subject, entry) in (bare(), bare()),
        (of_subject, of_entry) in (statements(), statements()),
    ) {
        let properties = not_compared();
        let stated = [stating(&subject, &properties, &of_subject), stating(&subject, &properties, &of_entry)];
        let entries = [&entry, &stating(&entry, &properties, &of_entry)];
        let expected = compared(&subject, &entry);
        for subject in &stated {
            for entry in entries {
                prop_assert_eq!(&compared(subject, entry), &expected);
            }
        }
    }

    #[test]
    fn origin_changes_no_fingerprint(entity in bare(), one in statements(), other in statements()) {
        let origin = origin();
        let bare = fingerprint(&entity);
        prop_assert_eq!(fingerprint(&stating(&entity, &origin, &one)), bare);
        prop_assert_eq!(fingerprint(&stating(&entity, &origin, &other)), bare);
    }
}
