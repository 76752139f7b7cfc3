//! The model as it ships, read once: what the handles point into.
//!
//! In: `data/ftm/model.json`. Out: schemata and their properties by name, those inherited among them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Kind, Property, Schema, ValueType};

pub(super) struct Table {
    pub(super) names: Vec<String>,
    pub(super) definitions: Vec<Definition>,
    pub(super) kinds: Vec<Kind>,
    /// By schema: its properties, those inherited among them.
    pub(super) properties: Vec<BTreeMap<String, Property>>,
    /// By schema: those that descend from it, without itself.
    pub(super) descendants: Vec<Vec<Schema>>,
    /// The types of all properties that can be stated, wherever they stand.
    pub(super) types: BTreeMap<String, String>,
    pub(super) value_types: BTreeMap<String, ValueType>,
}

/// A schema as `model.json` has it.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the model has a flag for each")]
pub(super) struct Definition {
    pub(super) label: String,
    pub(super) plural: String,
    pub(super) description: Option<String>,
    pub(super) schemata: Vec<String>,
    #[serde(default)]
    extends: Vec<String>,
    #[serde(default)]
    pub(super) caption: Vec<String>,
    #[serde(default)]
    pub(super) featured: Vec<String>,
    pub(super) edge: Option<Edge>,
    #[serde(default)]
    pub(super) matchable: bool,
    #[serde(default, rename = "abstract")]
    pub(super) is_abstract: bool,
    #[serde(default)]
    pub(super) hidden: bool,
    #[serde(default)]
    pub(super) deprecated: bool,
    properties: BTreeMap<String, Written>,
}

#[derive(Deserialize)]
pub(super) struct Edge {
    pub(super) source: String,
    pub(super) target: String,
}

#[derive(Deserialize)]
struct Written {
    label: String,
    description: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    range: Option<String>,
    reverse: Option<String>,
    #[serde(default)]
    stub: bool,
    #[serde(default)]
    matchable: bool,
    #[serde(default)]
    hidden: bool,
}

#[derive(Deserialize)]
struct Model {
    schemata: BTreeMap<String, Definition>,
    types: BTreeMap<String, ValueType>,
}

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut model: Model = serde_json::from_str(include_str!("../../../../data/ftm/model.json"))
        .expect("the shipped model is checked by a test");
    for (name, of) in &mut model.types {
        of.name.clone_from(name);
    }
    let names: Vec<String> = model.schemata.keys().cloned().collect();
    let schema = |name: &str| {
        let at = names.iter().position(|n| n == name).expect("the shipped model names schemata that it has");
        Schema(at as u8)
    };
    let own = |name: &str, definition: &Definition| -> BTreeMap<String, Property> {
        let of = schema(name);
        let properties = definition.properties.iter();
        properties.map(|(name, written)| (name.clone(), property(name, of, written, &schema))).collect()
    };
    let mut properties: Vec<BTreeMap<String, Property>> = Vec::new();
    let mut descendants = Vec::new();
    for name in &names {
        let mut all = BTreeMap::new();
        for line in lineage(&model, name) {
            for (name, property) in own(line, &model.schemata[line]) {
                all.entry(name).or_insert(property);
            }
        }
        properties.push(all);
        let is_below = |(other, of): &(&String, &Definition)| *other != name && of.schemata.contains(name);
        descendants.push(model.schemata.iter().filter(is_below).map(|(other, _)| schema(other)).collect());
    }
    let stated = |of: &Definition| {
        let stated = of.properties.iter().filter(|(_, written)| !written.stub);
        stated.map(|(name, written)| (name.clone(), written.kind.clone())).collect::<Vec<_>>()
    };
    let types = model.schemata.values().flat_map(stated).collect();
    let definitions: Vec<Definition> = model.schemata.into_values().collect();
    let kinds = definitions.iter().map(kind_of).collect();
    Table { names, definitions, kinds, properties, descendants, types, value_types: model.types }
});

fn property(name: &str, of: Schema, written: &Written, schema: &dyn Fn(&str) -> Schema) -> Property {
    Property {
        name: name.to_owned(),
        of,
        label: written.label.clone(),
        description: written.description.clone(),
        type_name: written.kind.clone(),
        range: written.range.as_deref().map(schema),
        reverse: written.reverse.clone(),
        stub: written.stub,
        matchable: written.matchable,
        hidden: written.hidden,
    }
}

/// A schema and those that it descends from, in the order in which the first to have a property defines it.
fn lineage<'m>(model: &'m Model, name: &'m str) -> Vec<&'m str> {
    let mut line = vec![name];
    let parents = model.schemata[name].extends.iter();
    line.extend(parents.flat_map(|parent| lineage(model, parent)));
    line
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
