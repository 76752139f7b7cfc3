//! What nodes and edges say, whatever the format. In: a drawing. Out: rows of texts under the names of fields; a field without a
//! value is left out.
//!
//! A party's node is `party:` and its id, an attribute's `attribute:`, its kind and its value: no two things share a node, whatever their
//! ids look like.

use std::borrow::Cow;

use model::{Attribute, PartialDate};

use crate::network::{AttributeNode, Drawing, ObservationEdge, PartyNode, PartyView, RelationEdge};

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Flag,
    Number,
}

/// What nodes say.
pub(super) const NODE_FIELDS: [(&str, Type); 11] = [
    ("type", Type::Text),
    ("party", Type::Text),
    ("schema", Type::Text),
    ("dataset", Type::Text),
    ("seed", Type::Flag),
    ("finding", Type::Text),
    ("kind", Type::Text),
    ("value", Type::Text),
    ("family", Type::Text),
    ("on_it", Type::Number),
    ("leads", Type::Text),
];

/// What edges say, beside their days.
pub(super) const EDGE_FIELDS: [(&str, Type); 5] = [
    ("type", Type::Text),
    ("relation", Type::Text),
    ("record", Type::Text),
    ("source", Type::Text),
    ("grade", Type::Text),
];

/// Values under the names of their fields.
pub(super) type Values<'a> = Vec<(&'static str, Cow<'a, str>)>;

pub(super) struct Node<'a> {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) values: Values<'a>,
}

pub(super) struct Edge<'a> {
    /// Its place among the edges.
    pub(super) id: String,
    pub(super) source: String,
    pub(super) target: String,
    /// `used`, `operated`, `stated`, or a schema.
    pub(super) relation: &'static str,
    /// First and last day, as far as they are known.
    pub(super) days: [Option<String>; 2],
    pub(super) values: Values<'a>,
}

impl Drawing {
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.parties.iter().map(Node::from).chain(self.attributes.iter().map(Node::from))
    }

    pub(super) fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        let edges = self.observations.iter().map(Edge::from).chain(self.relations.iter().map(Edge::from));
        edges.enumerate().map(|(place, edge)| Edge { id: place.to_string(), ..edge })
    }
}

impl<'a> From<&'a PartyNode> for Node<'a> {
    fn from(node: &'a PartyNode) -> Self {
        let PartyNode { party, schema, dataset, seed, finding } = node;
        let mut values: Values<'a> = vec![
            ("type", "party".into()),
            ("party", party.id.as_str().into()),
            ("schema", (*schema).into()),
            ("dataset", dataset.as_str().into()),
            ("seed", seed.to_string().into()),
        ];
        values.extend(finding.map(|finding| ("finding", finding.into())));
        let label = party.caption.clone().unwrap_or_else(|| party.id.to_string());
        Node { id: id_of_party(party), label, values }
    }
}

impl<'a> From<&'a AttributeNode> for Node<'a> {
    fn from(node: &'a AttributeNode) -> Self {
        let AttributeNode { attribute, family, on_it, leads } = node;
        let values = vec![
            ("type", "attribute".into()),
            ("kind", attribute.kind.as_str().into()),
            ("value", attribute.value.as_str().into()),
            ("family", family.into()),
            ("on_it", on_it.to_string().into()),
            ("leads", (*leads).into()),
        ];
        let label = format!("{} {}", attribute.kind, attribute.value);
        Node { id: id_of_attribute(attribute), label, values }
    }
}

impl<'a> From<&'a ObservationEdge> for Edge<'a> {
    fn from(edge: &'a ObservationEdge) -> Self {
        let ObservationEdge { subject, attribute, observed } = edge;
        let said = [&observed.source, &observed.grade];
        Edge {
            id: String::new(),
            source: id_of_party(subject),
            target: id_of_attribute(attribute),
            relation: observed.relation,
            days: days(observed.valid_from, observed.valid_to),
            values: values("observation", observed.relation, &observed.id, said),
        }
    }
}

impl<'a> From<&'a RelationEdge> for Edge<'a> {
    fn from(edge: &'a RelationEdge) -> Self {
        let said = [&edge.source, &edge.grade];
        Edge {
            id: String::new(),
            source: id_of_party(&edge.from),
            target: id_of_party(&edge.to),
            relation: edge.schema,
            days: days(edge.valid_from, edge.valid_to),
            values: values("relation", edge.schema, edge.record.as_str(), said),
        }
    }
}

fn values<'a>(
    of: &'static str,
    relation: &'static str,
    record: &'a str,
    [source, grade]: [&'a Option<String>; 2],
) -> Values<'a> {
    let mut values: Values<'a> =
        vec![("type", of.into()), ("relation", relation.into()), ("record", record.into())];
    values.extend(source.as_deref().map(|source| ("source", source.into())));
    values.extend(grade.as_deref().map(|grade| ("grade", grade.into())));
    values
}

fn days(first: Option<PartialDate>, last: Option<PartialDate>) -> [Option<String>; 2] {
    [first.map(PartialDate::first_day), last.map(PartialDate::last_day)]
        .map(|day| day.map(|day| day.to_string()))
}

fn id_of_party(party: &PartyView) -> String {
    format!("party:{}", party.id)
}

/// The kind ends at the first colon that is not part of it.
fn id_of_attribute(attribute: &Attribute) -> String {
    let kind = attribute.kind.replace('%', "%25").replace(':', "%3A");
    format!("attribute:{kind}:{}", attribute.value)
}
