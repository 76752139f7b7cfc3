//! GraphML (graphml.graphdrawing.org). It knows no time: the first and last day of an edge are data like any other.

use std::borrow::Cow;
use std::io::{self, Write};

use super::rows::{EDGE_FIELDS, Edge, NODE_FIELDS, Node, Type, Values};
use super::xml::{Attributes, Xml, document, element, empty, text};
use crate::network::Drawing;

const LABEL: &str = "label";
const DAYS: [&str; 2] = ["start", "end"];

pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
    let root: Attributes<'_> = vec![
        ("xmlns", "http://graphml.graphdrawing.org/xmlns".into()),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance".into()),
        (
            "xsi:schemaLocation",
            "http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd"
                .into(),
        ),
    ];
    document(out, "graphml", &root, |xml| {
        text(xml, "desc", &Vec::new(), &format!("the network as known at {}", drawing.known_at))?;
        declare(xml, "node", &[&[(LABEL, Type::Text)], &NODE_FIELDS[..]].concat())?;
        declare(xml, "edge", &[&EDGE_FIELDS[..], &DAYS.map(|day| (day, Type::Text))].concat())?;
        element(xml, "graph", &vec![("id", "network".into()), ("edgedefault", "directed".into())], |xml| {
            drawing.nodes().try_for_each(|row| node(xml, row))?;
            drawing.edges().try_for_each(|row| edge(xml, row))
        })
    })
}

fn declare(xml: &mut Xml<'_>, class: &'static str, fields: &[(&'static str, Type)]) -> io::Result<()> {
    fields.iter().try_for_each(|(name, of)| {
        let of = match of {
            Type::Text => "string",
            Type::Flag => "boolean",
            Type::Number => "int",
        };
        let key: Attributes<'_> = vec![
            ("id", format!("{class}.{name}").into()),
            ("for", class.into()),
            ("attr.name", (*name).into()),
            ("attr.type", of.into()),
        ];
        empty(xml, "key", &key)
    })
}

fn node(xml: &mut Xml<'_>, row: Node<'_>) -> io::Result<()> {
    element(xml, "node", &vec![("id", row.id.into())], |xml| {
        let label: (&str, Cow<'_, str>) = (LABEL, row.label.into());
        data(xml, "node", [label].into_iter().chain(row.values).collect())
    })
}

fn edge(xml: &mut Xml<'_>, row: Edge<'_>) -> io::Result<()> {
    let attributes =
        vec![("id", row.id.into()), ("source", row.source.into()), ("target", row.target.into())];
    let days = DAYS.into_iter().zip(row.days).filter_map(|(end, day)| Some((end, day?.into())));
    element(xml, "edge", &attributes, |xml| data(xml, "edge", row.values.into_iter().chain(days).collect()))
}

fn data(xml: &mut Xml<'_>, class: &str, values: Values<'_>) -> io::Result<()> {
    values.into_iter().try_for_each(|(name, value)| {
        text(xml, "data", &vec![("key", format!("{class}.{name}").into())], &value)
    })
}
