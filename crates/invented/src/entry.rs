//! One entry of the invented list as the publisher has it, and the journal lines that say so.
//!
//! The lines have the form of the native journal without `known_at`, which is that of their batch.

use serde_json::{Map, Value, json};

use crate::naming::{Families, Gender, profile};
use crate::person::{Drawn, birth_date, word_for};
use crate::random::Random;
use crate::story::LIST;
use crate::tables::ORGANISATIONS;

/// What the publisher says about one entry.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) schema: &'static str,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) weak_aliases: Vec<String>,
    pub(crate) birth_date: Option<String>,
    pub(crate) gender: Option<&'static str>,
    pub(crate) passport: Option<String>,
    pub(crate) ship_number: Option<String>,
    pub(crate) program: String,
    pub(crate) listed_on: String,
}

impl Entry {
    fn new(id: String, schema: &'static str, name: String, random: &mut Random) -> Self {
        Self {
            id,
            schema,
            name,
            aliases: Vec::new(),
            weak_aliases: Vec::new(),
            birth_date: None,
            gender: None,
            passport: None,
            ship_number: None,
            program: random.choose(&ORGANISATIONS.program).clone(),
            listed_on: String::new(),
        }
    }

    /// A person of the population, listed by the primary name and birth date.
    pub(crate) fn of(subject: &Drawn, id: String, random: &mut Random) -> Self {
        let person = &subject.person;
        Self {
            birth_date: Some(person.birth_date.clone()),
            gender: Some(person.gender),
            ..Self::new(id, "Person", person.name.clone(), random)
        }
    }

    /// A person whose family name is so rare that the entry concerns nobody, as far as chance allows.
    pub(crate) fn of_stranger(id: String, random: &mut Random) -> Self {
        let gender = if random.chance(850) { Gender::Male } else { Gender::Female };
        let name = profile(random).name(gender, Families::Rare, random);
        let mut entry = Self::new(id, "Person", name.latin, random);
        if name.native != entry.name {
            entry.aliases.push(name.native);
        }
        entry.birth_date = random.chance(900).then(|| birth_date(random));
        entry.gender = Some(word_for(gender));
        entry
    }

    /// A firm with a made-up family name, or with none.
    pub(crate) fn of_organisation(id: String, random: &mut Random) -> Self {
        let words = &*ORGANISATIONS;
        let name = profile(random).name(Gender::Male, Families::Rare, random).latin;
        let family = name.split(' ').max_by_key(|word| word.len()).unwrap_or(&name);
        let first = if random.chance(700) { family } else { random.choose(&words.colour) };
        let name = format!("{first} {} {}", random.choose(&words.trade), random.choose(&words.form));
        Self::new(id, if random.chance(600) { "Company" } else { "Organization" }, name, random)
    }

    /// A ship. Real numbers do not begin with 0.
    pub(crate) fn of_vessel(id: String, random: &mut Random) -> Self {
        let words = &*ORGANISATIONS;
        let name = format!("{} {}", random.choose(&words.colour), random.choose(&words.thing));
        let number = format!("IMO0{:06}", random.below(1_000_000));
        Self { ship_number: Some(number), ..Self::new(id, "Vessel", name.to_uppercase(), random) }
    }

    /// The line that puts the entry as it now is.
    pub(crate) fn put(&self) -> Value {
        let mut properties = Map::new();
        let mut set = |key: &str, values: &[&str]| {
            if !values.is_empty() {
                properties.insert(key.to_owned(), json!(values));
            }
        };
        // In alphabetical order, so that the bytes are the same however `serde_json` keeps its maps.
        set("alias", &all(&self.aliases));
        set("birthDate", &all(&self.birth_date));
        set("gender", &all(&self.gender));
        set("imoNumber", &all(&self.ship_number));
        set("name", &[&self.name]);
        set("passportNumber", &all(&self.passport));
        set("program", &[&self.program]);
        set("topics", &["sanction"]);
        set("weakAlias", &all(&self.weak_aliases));
        json!({
            "dataset": LIST,
            "entity": { "id": self.id, "properties": properties, "schema": self.schema },
            "kind": "entity",
            "op": "put",
            "source": LIST,
            "valid_from": self.listed_on,
        })
    }

    /// The line that takes the entry off the list.
    pub(crate) fn delete(&self, reason: &str) -> Value {
        json!({ "dataset": LIST, "id": self.id, "kind": "entity", "op": "delete", "reason": reason })
    }
}

fn all<'a, T: AsRef<str> + 'a>(values: impl IntoIterator<Item = &'a T>) -> Vec<&'a str> {
    values.into_iter().map(AsRef::as_ref).collect()
}
