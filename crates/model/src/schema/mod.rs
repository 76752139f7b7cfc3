//! The `FollowTheMoney` schemata: which exist, what descends from what, which are edges, which type a property has.
//!
//! In: a schema's name. Out: a small copyable handle, or nothing for a name that the model does not have.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Entity;

mod property;
pub use property::{Property, ValueType};

mod caption;
mod table;
use table::{Definition, TABLE};

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

    /// The property of that name, of this schema or of one that it descends from.
    pub fn property(self, name: &str) -> Option<&'static Property> {
        TABLE.properties[usize::from(self.0)].get(name)
    }

    /// All its properties by name, those inherited and the stubs among them.
    pub fn properties(self) -> impl Iterator<Item = &'static Property> {
        TABLE.properties[usize::from(self.0)].values()
    }

    /// The type of a property that an entity of this schema may state: `name`, `date`, `entity`, `identifier` …
    pub fn property_type(self, property: &str) -> Option<&'static str> {
        self.property(property).filter(|property| !property.stub).map(|property| property.type_name.as_str())
    }

    /// All schemata, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.names.len()).map(|at| Self(at as u8))
    }

    /// Itself and those that it descends from, by name.
    pub fn lineage(self) -> impl Iterator<Item = Self> {
        self.definition().schemata.iter().filter_map(|name| Self::named(name))
    }

    /// Those that descend from it, by name; not itself.
    pub fn descendants(self) -> &'static [Self] {
        &TABLE.descendants[usize::from(self.0)]
    }

    /// What people call one.
    pub fn label(self) -> &'static str {
        &self.definition().label
    }

    /// What people call several.
    pub fn plural(self) -> &'static str {
        &self.definition().plural
    }

    /// What it is for.
    pub fn description(self) -> Option<&'static str> {
        self.definition().description.as_deref()
    }

    /// The properties that caption an entity of it, the best first; not inherited.
    pub fn captions(self) -> &'static [String] {
        &self.definition().caption
    }

    /// The properties to show first.
    pub fn featured(self) -> &'static [String] {
        &self.definition().featured
    }

    /// Whether the model means it for matching.
    pub fn matchable(self) -> bool {
        self.definition().matchable
    }

    /// Whether it is only there to be descended from.
    pub fn is_abstract(self) -> bool {
        self.definition().is_abstract
    }

    /// Whether it is not for showing.
    pub fn is_hidden(self) -> bool {
        self.definition().hidden
    }

    /// Whether it should be used no more.
    pub fn is_deprecated(self) -> bool {
        self.definition().deprecated
    }

    /// What an entity of it is called in one line.
    pub fn caption_of(self, entity: &Entity) -> &str {
        caption::caption(self, entity)
    }

    /// The type of a property that may be stated, wherever in the model it stands.
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
    fn what_is_named_on_one_side_can_be_asked_from_the_other() {
        let company = Schema::named("Company").unwrap();
        let held = company.property("ownershipAsset").unwrap();
        assert!(held.stub && held.names_entities());
        assert_eq!(held.range, Schema::named("Ownership"));
        assert_eq!(held.reverse.as_deref(), Some("asset"));
        assert_eq!(
            (company.property_type("ownershipAsset"), Schema::type_of("ownershipAsset")),
            (None, None)
        );
        for property in Schema::all().flat_map(Schema::properties) {
            assert_eq!(property.names_entities(), property.value_type().name == "entity");
            let Some(reverse) = &property.reverse else { continue };
            let range =
                property.range.unwrap_or_else(|| panic!("{} has no range", property.qualified_name()));
            let back = range.property(reverse).unwrap_or_else(|| panic!("{range} has no {reverse}"));
            assert!(property.stub || back.stub, "{}", property.qualified_name());
        }
    }

    #[test]
    fn schemata_have_labels_flags_and_a_place_among_others() {
        let [thing, person, sanction] =
            ["Thing", "Person", "Sanction"].map(|name| Schema::named(name).unwrap());
        assert_eq!((person.label(), person.plural()), ("Person", "People"));
        assert!(person.matchable() && !thing.matchable() && thing.is_abstract() && !sanction.matchable());
        assert!(thing.descendants().contains(&person) && !thing.descendants().contains(&thing));
        assert!(
            person.lineage().eq(["LegalEntity", "Person", "Thing"].map(|name| Schema::named(name).unwrap()))
        );
        assert_eq!(person.property("country").unwrap().qualified_name(), "Thing:country");
        assert_eq!(person.featured(), ["name", "nationality", "birthDate"]);
        let countries = ValueType::of_group("countries").unwrap();
        assert_eq!((countries.label.as_str(), countries.caption("fr")), ("Country", Some("France")));
        assert_eq!(countries.caption("atlantis"), None);
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
