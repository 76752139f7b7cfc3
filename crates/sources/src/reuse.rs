//! Whether a publisher gave an id to another party.
//!
//! In: two entities of one id, the older first. Out: true only when names, and birth dates or identifiers, are stated on both sides and
//! have nothing in common. In doubt it is the same party: a rename must not lose what was known.

use std::collections::BTreeSet;

use model::{Entity, PartialDate, Schema};

/// Four letters: shorter words ("bin", "Ltd", "Ali") are shared by strangers.
const WORD_LETTERS_MIN: usize = 4;

/// What two sides say about one thing.
#[derive(PartialEq)]
enum Compared {
    Unknown,
    Shared,
    Disjoint,
}

/// Whether `new` is another party than `old` although it bears the same id: no word of a name in common, and no birth date or no
/// identifier in common although both state one; or no word in common and of kinds that cannot be one thing.
pub fn is_reused_id(old: &Entity, new: &Entity) -> bool {
    if compare(&name_words(old), &name_words(new), |a, b| a == b) != Compared::Disjoint
        || !one_script(old, new)
    {
        return false;
    }
    let other_kind = !old.schema.kind().may_be(new.schema.kind());
    let born = compare(&birth_dates(old), &birth_dates(new), |a, b| may_be_one_day(*a, *b));
    let identifiers = compare(&identifiers(old), &identifiers(new), |a, b| a == b);
    let shared = born == Compared::Shared || identifiers == Compared::Shared;
    let disjoint = born == Compared::Disjoint || identifiers == Compared::Disjoint;
    !shared && (disjoint || other_kind)
}

fn compare<T>(old: &BTreeSet<T>, new: &BTreeSet<T>, same: impl Fn(&T, &T) -> bool) -> Compared {
    match old.iter().any(|a| new.iter().any(|b| same(a, b))) {
        _ if old.is_empty() || new.is_empty() => Compared::Unknown,
        true => Compared::Shared,
        false => Compared::Disjoint,
    }
}

fn names(entity: &Entity) -> impl Iterator<Item = &str> {
    let named = entity.properties.iter().filter(|(property, _)| Schema::type_of(property) == Some("name"));
    named.flat_map(|(_, values)| values).map(String::as_str)
}

/// Words of four letters and more; all words where none is as long.
fn name_words(entity: &Entity) -> BTreeSet<String> {
    let words = names(entity).flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    let words: BTreeSet<String> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let long: BTreeSet<String> =
        words.iter().filter(|word| word.chars().count() >= WORD_LETTERS_MIN).cloned().collect();
    if long.is_empty() { words } else { long }
}

/// Names in different scripts share no word even when they are the same name, so they prove nothing.
fn one_script(old: &Entity, new: &Entity) -> bool {
    let latin = |entity| names(entity).flat_map(str::chars).any(|c| c.is_alphabetic() && c < '\u{250}');
    let other = |entity| names(entity).flat_map(str::chars).any(|c| c.is_alphabetic() && c >= '\u{250}');
    (latin(old) && latin(new)) || (!latin(old) && !latin(new) && other(old) && other(new))
}

fn birth_dates(entity: &Entity) -> BTreeSet<PartialDate> {
    entity.values("birthDate").iter().filter_map(|date| date.parse().ok()).collect()
}

/// One may be a less precise or mistyped writing of the other; 1 January is as precise as a year.
fn may_be_one_day(a: PartialDate, b: PartialDate) -> bool {
    let vague =
        |date: PartialDate| date.month().is_none() || (date.month(), date.day()) == (Some(1), Some(1));
    let swapped = a.day() == b.month() && a.month() == b.day();
    let by_month = a.month() == b.month() && (a.day() == b.day() || a.day().is_none() || b.day().is_none());
    a.year() == b.year() && (vague(a) || vague(b) || by_month || swapped)
}

fn identifiers(entity: &Entity) -> BTreeSet<String> {
    let kinds = ["identifier", "email", "phone"];
    let properties = entity.properties.iter().filter(|(property, _)| {
        property.as_str() != "programId"
            && Schema::type_of(property).is_some_and(|kind| kinds.contains(&kind))
    });
    let bare =
        |value: &String| value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    properties.flat_map(|(_, values)| values).map(bare).filter(|value: &String| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(schema: &str, stated: &[(&str, &str)]) -> Entity {
        let mut entity = Entity {
            id: model::EntityId::new("x").unwrap(),
            schema: Schema::named(schema).unwrap(),
            properties: [].into(),
        };
        for (property, value) in stated {
            entity.add(property, value);
        }
        entity
    }

    #[test]
    fn only_a_party_that_shares_nothing_is_another_one() {
        let old = [("name", "VELKOVA, Ana"), ("birthDate", "1955-03-09"), ("passportNumber", "AB 123")];
        let old = entity("Person", &old);
        let other = |stated: &[(&str, &str)]| is_reused_id(&old, &entity("Person", stated));
        assert!(other(&[("name", "Bero Tamsin"), ("birthDate", "1971-12-01")]));
        assert!(other(&[("name", "Bero Tamsin"), ("passportNumber", "C9")]));
        assert!(other(&[("name", "Bero Tamsin"), ("birthDate", "1971"), ("passportNumber", "C9")]));
        assert!(!other(&[("name", "Bero Tamsin")]), "a name alone proves nothing");
        assert!(!other(&[("name", "Velkova Bero"), ("birthDate", "1971")]), "a shared word");
        assert!(!other(&[("name", "Bero Tamsin"), ("birthDate", "1955")]), "the date may be the same");
        assert!(!other(&[("name", "Bero Tamsin"), ("birthDate", "1955-09-03")]), "day and month swapped");
        assert!(
            !other(&[("name", "Bero Tamsin"), ("birthDate", "1971"), ("idNumber", "ab123")]),
            "a shared number"
        );
        assert!(
            !other(&[("name", "Бера Тамсин"), ("birthDate", "1971")]),
            "another script cannot be compared"
        );
        assert!(!other(&[("birthDate", "1971")]), "no name");
        assert!(is_reused_id(&old, &entity("Vessel", &[("name", "TAMSIN STAR")])), "a person is no vessel");
        assert!(!is_reused_id(
            &entity("LegalEntity", &[("name", "Orla Works")]),
            &entity("Company", &[("name", "Bero Tamsin")])
        ));
    }
}
