//! What an entity is called in one line.
//!
//! In: an entity. Out: the first value of the first property that its schema is captioned by, or the schema's label. Of several names
//! it is the one whose words most of the others have too, Latin script first: the order in which they are stated says nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::{Entity, Schema};

pub(super) fn caption(schema: Schema, entity: &Entity) -> &str {
    let stated = schema.captions().iter().map(|property| (property, entity.values(property)));
    let mut stated = stated.filter(|(_, values)| !values.is_empty());
    match stated.next() {
        None => schema.label(),
        Some((property, values)) if schema.property_type(property) == Some("name") => common_name(values),
        Some((_, values)) => &values[0],
    }
}

fn common_name(names: &[String]) -> &str {
    let words: Vec<BTreeSet<String>> = names.iter().map(|name| words_of(name)).collect();
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words.iter().flatten() {
        *votes.entry(word).or_default() += 1;
    }
    let rank = |at: &usize| {
        let name = &names[*at];
        let of_words: usize = words[*at].iter().map(|word| votes[word.as_str()]).sum();
        // Per mille, so that a long name is no better for being long.
        let agreement = of_words * 1000 / words[*at].len().max(1);
        let is_shouted = name.chars().all(|c| !c.is_lowercase());
        let written_out = words[*at].iter().filter(|word| word.chars().nth(1).is_some()).count();
        (is_latin(name), written_out.min(2), agreement, !is_shouted, Reverse(name))
    };
    let best = (0..names.len()).max_by_key(rank).expect("a property that is stated has a value");
    &names[best]
}

fn words_of(name: &str) -> BTreeSet<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether all letters are of the Latin blocks.
fn is_latin(name: &str) -> bool {
    name.chars().filter(|c| c.is_alphabetic()).all(|c| c < '\u{250}' || ('\u{1e00}'..'\u{1f00}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption_of(schema: &str, properties: &[(&str, &[&str])]) -> String {
        let schema = Schema::named(schema).unwrap();
        let values = |values: &[&str]| values.iter().map(|&v| v.to_owned()).collect();
        let properties = properties.iter().map(|(name, v)| ((*name).to_owned(), values(v))).collect();
        let entity = Entity { id: crate::EntityId::new("x").unwrap(), schema, properties };
        schema.caption_of(&entity).to_owned()
    }

    #[test]
    fn the_first_property_that_captions_and_is_stated_is_the_caption() {
        assert_eq!(caption_of("Person", &[("alias", &["Ana"]), ("email", &["a@x.invalid"])]), "Ana");
        assert_eq!(caption_of("Sanction", &[("program", &["Harbour Acts"])]), "Harbour Acts");
        assert_eq!(caption_of("Sanction", &[("entity", &["x"])]), "Sanction");
        assert_eq!(caption_of("Ownership", &[]), "Ownership");
    }

    #[test]
    fn of_several_names_it_is_the_one_that_agrees_with_most_in_any_order() {
        let names = ["VELKOVA, Ana", "Ana Velkova", "Ана Велкова", "Anna Velkowa", "Ana Velkova-Mirova"];
        let mut turned = names;
        for _ in 0..names.len() {
            turned.rotate_left(1);
            assert_eq!(caption_of("Person", &[("name", &turned)]), "Ana Velkova");
        }
        assert_eq!(caption_of("Person", &[("name", &["Ана Велкова", "А. Велкова"])]), "Ана Велкова");
    }
}
