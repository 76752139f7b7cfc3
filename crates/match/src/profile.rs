//! What the matcher sees of an entity. Everything else about it cannot influence a score.
//!
//! In: an entity. Out: names (analysed), birth dates, genders and identifiers, or why it cannot be screened.

use std::fmt;

use model::{Entity, Kind, PartialDate};
use names::{Name, NameKind, NamePart};

use crate::Rules;

/// How much a name says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameStrength {
    /// A name or a good alias.
    Strong,
    /// A weak alias: it needs a birth date or an identifier beside it.
    Weak,
}

/// A stated gender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// A number that somebody gave out: passport, IMO number, BIC …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// The property that states it. Only equal properties compare.
    pub property: Box<str>,
    /// Capitals and digits only.
    pub value: Box<str>,
}

impl Identifier {
    /// Normalises a value; `None` when fewer than four letters or digits are left.
    pub fn new(property: &str, value: &str) -> Option<Self> {
        let mut kept: String =
            value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        match property {
            "imoNumber" => kept.retain(|c| c.is_ascii_digit()),
            "swiftBic" if kept.len() == 11 && kept.ends_with("XXX") => kept.truncate(8),
            _ => {}
        }
        (kept.chars().count() >= 4).then(|| Self { property: property.into(), value: kept.into() })
    }

    /// A hash for the index; the same on every machine (FNV-1a).
    pub fn hash(&self) -> u64 {
        let bytes = self.property.bytes().chain([0x1f]).chain(self.value.bytes());
        bytes
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// Why an entity cannot be screened. It is then reported as such and never as clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unscreenable {
    /// No name is stated and no strong identifier.
    MissingName,
    /// Names are stated, but nothing is left of them to compare, and there is no strong identifier.
    UnreadableName,
    /// The schema is of no matchable kind.
    NotMatchable,
}

impl Unscreenable {
    /// Its word in output and coverage.
    pub fn word(self) -> &'static str {
        match self {
            Self::MissingName => "missing_name",
            Self::UnreadableName => "unreadable_name",
            Self::NotMatchable => "not_matchable",
        }
    }
}

impl fmt::Display for Unscreenable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingName => "no name is stated",
            Self::UnreadableName => "nothing in the stated names can be compared",
            Self::NotMatchable => "entities of this schema are not matched",
        })
    }
}

/// What the matcher sees of an entity.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its names, analysed; at least one, or an identifier, when the profile is screenable.
    pub names: Vec<Name>,
    /// How strong each of the names is; as many as names.
    pub strengths: Vec<NameStrength>,
    /// The names as stated; as many as names.
    pub texts: Vec<String>,
    /// Stated birth dates that are dates.
    pub birth_dates: Vec<PartialDate>,
    /// Stated genders.
    pub genders: Vec<Gender>,
    /// Stated identifiers, sorted.
    pub identifiers: Vec<Identifier>,
    named: bool,
}

const STRONG_NAMES: [&str; 3] = ["name", "alias", "previousName"];
const WEAK_NAMES: [&str; 2] = ["weakAlias", "abbreviation"];
/// The properties that state a part of a name, in the order of a name.
const NAME_PARTS: [(&str, NamePart); 5] = [
    ("firstName", NamePart::Given),
    ("secondName", NamePart::Given),
    ("middleName", NamePart::Middle),
    ("fatherName", NamePart::Patronymic),
    ("lastName", NamePart::Family),
];

impl Profile {
    /// The profile of an entity.
    pub fn of(entity: &Entity) -> Self {
        let kind = entity.schema.kind();
        let mut profile = Self {
            kind,
            names: Vec::new(),
            strengths: Vec::new(),
            texts: Vec::new(),
            birth_dates: entity.values("birthDate").iter().filter_map(|d| d.parse().ok()).collect(),
            genders: entity.values("gender").iter().filter_map(|g| gender(g)).collect(),
            identifiers: identifiers(entity),
            named: false,
        };
        profile.add_names(entity, &STRONG_NAMES, NameStrength::Strong);
        if kind == Kind::Person {
            profile.add_composed_name(entity);
        }
        profile.add_names(entity, &WEAK_NAMES, NameStrength::Weak);
        profile
    }

    /// Why it cannot be screened, if it cannot.
    pub fn unscreenable(&self, rules: &Rules) -> Option<Unscreenable> {
        match () {
            () if self.kind == Kind::Other => Some(Unscreenable::NotMatchable),
            () if !self.names.is_empty() || self.strong_identifiers(rules).next().is_some() => None,
            () if self.named => Some(Unscreenable::UnreadableName),
            () => Some(Unscreenable::MissingName),
        }
    }

    /// The identifiers whose exact agreement alerts on its own.
    pub fn strong_identifiers(&self, rules: &Rules) -> impl Iterator<Item = &Identifier> {
        self.identifiers.iter().filter(|identifier| rules.is_strong(&identifier.property))
    }

    fn add_names(&mut self, entity: &Entity, properties: &[&str], strength: NameStrength) {
        for text in properties.iter().flat_map(|property| entity.values(property)) {
            self.add_name(text, strength);
        }
    }

    /// The name that the properties of its parts make: for want of another, or if it has a word that no stated name has.
    fn add_composed_name(&mut self, entity: &Entity) {
        let stated = NAME_PARTS.iter().filter_map(|&(property, part)| Some((part, entity.first(property)?)));
        let parts: Vec<(NamePart, &str)> = stated.filter(|(_, text)| !text.trim().is_empty()).collect();
        let has = |wanted: NamePart| parts.iter().any(|(part, _)| *part == wanted);
        if self.named && !(has(NamePart::Given) && has(NamePart::Family)) {
            return;
        }
        let name = names::analyse_parts(&parts);
        let holds = |known: &Name| {
            name.tokens().iter().all(|word| known.tokens().iter().any(|other| other.form == word.form))
        };
        self.named |= !parts.is_empty();
        if !self.names.iter().any(holds) {
            let texts: Vec<&str> = parts.iter().map(|(_, text)| *text).collect();
            self.push(name, texts.join(" "), NameStrength::Strong);
        }
    }

    fn add_name(&mut self, text: &str, strength: NameStrength) {
        self.named |= !text.trim().is_empty();
        if self.texts.iter().any(|known| known == text) {
            return;
        }
        self.push(names::analyse(text, name_kind(self.kind)), text.to_owned(), strength);
    }

    fn push(&mut self, name: Name, text: String, strength: NameStrength) {
        if !name.is_empty() {
            self.names.push(name);
            self.strengths.push(strength);
            self.texts.push(text);
        }
    }
}

/// How names of a kind of thing are analysed.
fn name_kind(kind: Kind) -> NameKind {
    match kind {
        Kind::Person => NameKind::Person,
        Kind::Organization | Kind::LegalEntity | Kind::Other => NameKind::Organisation,
        Kind::Vessel | Kind::Airplane => NameKind::Object,
    }
}

fn gender(text: &str) -> Option<Gender> {
    match text.trim().to_ascii_lowercase().as_str() {
        "f" | "female" | "w" | "woman" => Some(Gender::Female),
        "m" | "male" | "man" => Some(Gender::Male),
        _ => None,
    }
}

fn identifiers(entity: &Entity) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = entity
        .properties
        .iter()
        .filter(|(property, _)| entity.schema.property_type(property) == Some("identifier"))
        .flat_map(|(property, values)| values.iter().filter_map(|value| Identifier::new(property, value)))
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(properties: &str) -> Vec<String> {
        let text = format!(r#"{{"id":"x","schema":"Person","properties":{properties}}}"#);
        Profile::of(&serde_json::from_str(&text).unwrap()).texts
    }

    #[test]
    fn parts_make_a_name_where_they_say_more() {
        for (properties, expected) in [
            (r#"{"firstName":["Orlan"],"lastName":["Veska"]}"#, vec!["Orlan Veska"]),
            (r#"{"lastName":["Veska"]}"#, vec!["Veska"]),
            (r#"{"name":["VESKA, Orlan"],"firstName":["Orlan"],"lastName":["Veska"]}"#, vec!["VESKA, Orlan"]),
            (
                r#"{"name":["O. Veska"],"firstName":["Orlan"],"lastName":["Veska"]}"#,
                vec!["O. Veska", "Orlan Veska"],
            ),
            (r#"{"name":["O. Veska"],"lastName":["Tobin"]}"#, vec!["O. Veska"]),
            (r#"{"firstName":[" "]}"#, vec![]),
        ] {
            assert_eq!(names(properties), expected, "{properties}");
        }
    }
}
