//! The `FollowTheMoney` schemata: which exist, what descends from what, which are edges, which type a property has.
//!
//! In: a schema's name. Out: a small copyable handle, or nothing for a name that the model does not have.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A schema of the model shipped in `data/ftm/model.json`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String)]
pub struct Schema(u8);

/// What a schema is to the matcher. Two entities can only be the same thing when their kinds agree (see [`Kind::may_be`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A natural person.
    Person,
    /// A company, public body or other organisation.
    Organization,
    /// A legal entity that may be a person or an organisation.
    LegalEntity,
    /// A vessel.
    Vessel,
    /// An aircraft.
    Airplane,
    /// Any other thing that is no party: an address, a vehicle, a document.
    Other,
}

impl Kind {
    /// Whether things of these kinds can be one thing. Symmetric.
    pub fn may_be(self, other: Self) -> bool {
        use Kind::{LegalEntity, Organization, Other, Person};
        self != Other
            && (self == other
                || matches!(
                    (self, other),
                    (LegalEntity, Person | Organization) | (Person | Organization, LegalEntity)
                ))
    }

    /// All kinds, in the order of their discriminants.
    pub const ALL: [Self; 6] =
        [Self::Person, Self::Organization, Self::LegalEntity, Self::Vessel, Self::Airplane, Self::Other];
}

#[derive(Deserialize)]
struct Definition {
    schemata: Vec<String>,
    #[serde(default)]
    edge: Option<Edge>,
    properties: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Edge {
    source: String,
    target: String,
}

#[derive(Deserialize)]
struct Model {
    schemata: BTreeMap<String, Definition>,
}

struct Table {
    names: Vec<String>,
    definitions: Vec<Definition>,
    kinds: Vec<Kind>,
    /// By schema: the types of its properties, those inherited among them.
    properties: Vec<BTreeMap<String, String>>,
    types: BTreeMap<String, String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let model: Model = serde_json::from_str(include_str!("../../../data/ftm/model.json"))
        .expect("the shipped model is checked by a test");
    let types = model.schemata.values().flat_map(|d| d.properties.clone()).collect();
    let properties = model.schemata.values().map(|d| inherited(&model, d)).collect();
    let (names, definitions): (Vec<_>, Vec<_>) = model.schemata.into_iter().unzip();
    let kinds = definitions.iter().map(kind_of).collect();
    Table { names, definitions, kinds, properties, types }
});

/// The properties of a schema and of those that it descends from. Where several have one, the first says its type.
fn inherited(model: &Model, definition: &Definition) -> BTreeMap<String, String> {
    let descent = definition.schemata.iter().rev().filter_map(|name| model.schemata.get(name));
    descent.flat_map(|ancestor| ancestor.properties.clone()).collect()
}

fn kind_of(definition: &Definition) -> Kind {
    let is = |name: &str| definition.schemata.iter().any(|s| s == name);
    match () {
        () if is("Person") => Kind::Person,
        () if is("Organization") => Kind::Organization,
        () if is("LegalEntity") => Kind::LegalEntity,
        () if is("Vessel") => Kind::Vessel,
        () if is("Airplane") => Kind::Airplane,
        () => Kind::Other,
    }
}

impl Schema {
    /// The schema of that name (case matters), if the model has it.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.names.binary_search_by(|n| n.as_str().cmp(name)).ok().map(|at| Self(at as u8))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        &TABLE.names[usize::from(self.0)]
    }

    /// Whether it is `name` or descends from it.
    pub fn is_a(self, name: &str) -> bool {
        self.definition().schemata.iter().any(|s| s == name)
    }

    /// What it is to the matcher.
    pub fn kind(self) -> Kind {
        TABLE.kinds[usize::from(self.0)]
    }

    /// For a relation: the properties that name its source and its target.
    pub fn edge(self) -> Option<(&'static str, &'static str)> {
        self.definition().edge.as_ref().map(|e| (e.source.as_str(), e.target.as_str()))
    }

    /// The type of a property of this schema or of one it descends from: `name`, `date`, `entity`, `identifier` …
    pub fn property_type(self, property: &str) -> Option<&'static str> {
        TABLE.properties[usize::from(self.0)].get(property).map(String::as_str)
    }

    /// The type of a property wherever in the model it stands.
    pub fn type_of(property: &str) -> Option<&'static str> {
        TABLE.types.get(property).map(String::as_str)
    }

    fn definition(self) -> &'static Definition {
        &TABLE.definitions[usize::from(self.0)]
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown schema {name:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_knows_persons_edges_and_types() {
        let person = Schema::named("Person").unwrap();
        assert!(person.is_a("LegalEntity") && person.kind() == Kind::Person && person.edge().is_none());
        assert_eq!(Schema::named("Company").unwrap().kind(), Kind::Organization);
        assert_eq!(Schema::named("PublicBody").unwrap().kind(), Kind::Organization);
        assert_eq!(Schema::named("Membership").unwrap().edge(), Some(("member", "organization")));
        assert_eq!(person.property_type("birthDate"), Some("date"));
        assert_eq!(person.property_type("weakAlias"), Some("name"));
        assert_eq!(Schema::named("person"), None);
    }

    #[test]
    fn a_legal_entity_may_be_a_person_and_a_vessel_may_not() {
        for a in Kind::ALL {
            for b in Kind::ALL {
                assert_eq!(a.may_be(b), b.may_be(a));
            }
        }
        assert!(Kind::LegalEntity.may_be(Kind::Person) && !Kind::Person.may_be(Kind::Organization));
        assert!(!Kind::Vessel.may_be(Kind::Airplane) && !Kind::Other.may_be(Kind::Other));
    }
}
