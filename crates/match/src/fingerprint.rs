//! A digest of everything about an entity that a reviewer would call evidence.
//!
//! Always holds: letter case, white space, order and repetition do not change it; a new alias, birth date, document, address or
//! programme does. Origin is not part of it.

use std::collections::BTreeSet;

use model::{Digester, Entity, Fingerprint, Schema};

/// Stated facts that are not evidence of who somebody is, or must not be.
const LEFT_OUT: [&str; 9] = [
    "nationality",
    "citizenship",
    "country",
    "birthCountry",
    "birthPlace",
    "religion",
    "ethnicity",
    "spokenLanguage",
    "political",
];

/// Types of properties that are evidence.
const MATERIAL_TYPES: [&str; 9] =
    ["name", "date", "identifier", "gender", "address", "topic", "phone", "email", "entity"];

fn is_material(property: &str) -> bool {
    let by_type = Schema::type_of(property).is_some_and(|t| MATERIAL_TYPES.contains(&t));
    let administrative = matches!(property, "modifiedAt" | "retrievedAt" | "createdAt" | "wikidataId");
    !LEFT_OUT.contains(&property) && !administrative && (by_type || matches!(property, "program" | "flag"))
}

/// The fingerprint of one entity.
pub fn fingerprint(entity: &Entity) -> Fingerprint {
    let mut digester = Digester::new();
    digester.field(entity.schema.name().as_bytes());
    for (property, values) in entity.properties.iter().filter(|(property, _)| is_material(property)) {
        let mut values: Vec<String> = values.iter().map(|value| cosmetic(value)).collect();
        values.retain(|value| !value.is_empty());
        values.sort();
        values.dedup();
        if !values.is_empty() {
            digester.field(property.as_bytes()).field(&(values.len() as u64).to_le_bytes());
            for value in &values {
                digester.field(value.as_bytes());
            }
        }
    }
    Fingerprint(digester.finish().half())
}

/// The properties of which one entity states something material that the other does not, in whatever direction.
pub fn differences(left: &Entity, right: &Entity) -> BTreeSet<String> {
    let names = left.properties.keys().chain(right.properties.keys()).filter(|name| is_material(name));
    let said = |entity: &Entity, name: &str| -> BTreeSet<String> {
        entity.values(name).iter().map(|value| cosmetic(value)).filter(|value| !value.is_empty()).collect()
    };
    names.filter(|name| said(left, name) != said(right, name)).cloned().collect()
}

/// The fingerprint of a pair: of the subject's and of the entry's.
pub fn of_pair(subject: Fingerprint, entry: Fingerprint) -> Fingerprint {
    Fingerprint(Digester::new().field(&subject.0).field(&entry.0).finish().half())
}

/// The value without what is only cosmetic: letter case and the amount of white space.
fn cosmetic(value: &str) -> String {
    let lower = value.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(properties: &str) -> Fingerprint {
        let text = format!(r#"{{"id":"x","schema":"Person","properties":{properties}}}"#);
        fingerprint(&serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn cosmetic_changes_keep_it_and_material_ones_do_not() {
        let before = of(r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-03"]}"#);
        let cosmetic = [
            r#"{"name":["A.  Velkova","ana VELKOVA "],"birthDate":["1980-02-03"]}"#,
            r#"{"name":["Ana Velkova","A. Velkova","Ana Velkova"],"birthDate":["1980-02-03"],"alias":[]}"#,
            r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-03"],"notes":["x"],"nationality":["xa"]}"#,
        ];
        let material = [
            r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-04"]}"#,
            r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-03"],"alias":["Ana V."]}"#,
            r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-03"],"address":["1 Quay"]}"#,
            r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-03"],"passportNumber":["X123"]}"#,
            r#"{"name":["Ana Velkova","A. Velkova"],"birthDate":["1980-02-03"],"program":["P"]}"#,
        ];
        for text in cosmetic {
            assert_eq!(of(text), before, "{text}");
        }
        for text in material {
            assert_ne!(of(text), before, "{text}");
        }
    }
}
