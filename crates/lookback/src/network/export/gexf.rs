//! GEXF 1.3 (gexf.net): a dynamic graph whose edges last from a first to a last day, both counted; an open end is left out.
//! `kind` keeps observations of one party and one attribute apart where their relations differ.

use std::io::{self, Write};

use super::rows::{EDGE_FIELDS, Edge, NODE_FIELDS, Node, Type, Values};
use super::xml::{Attributes, Xml, document, element, empty, text};
use crate::network::Drawing;

pub(super) fn write(drawing: &Drawing, out: &mut dyn Write) -> io::Result<()> {
    let root: Attributes<'_> = vec![
        ("xmlns", "http://gexf.net/1.3".into()),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance".into()),
        ("xsi:schemaLocation", "http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd".into()),
        ("version", "1.3".into()),
    ];
    document(out, "gexf", &root, |xml| {
        let known_at = drawing.known_at;
        element(xml, "meta", &vec![("lastmodifieddate", known_at.day().into())], |xml| {
            text(xml, "creator", &Vec::new(), "lookback")?;
            text(xml, "description", &Vec::new(), &format!("the network as known at {known_at}"))
        })?;
        let graph: Attributes<'_> = vec![
            ("mode", "dynamic".into()),
            ("defaultedgetype", "directed".into()),
            ("idtype", "string".into()),
            ("timeformat", "date".into()),
            ("timerepresentation", "interval".into()),
        ];
        element(xml, "graph", &graph, |xml| {
            declare(xml, "node", &NODE_FIELDS)?;
            declare(xml, "edge", &EDGE_FIELDS)?;
            let count = drawing.nodes().count().to_string();
            element(xml, "nodes", &vec![("count", count.into())], |xml| {
                drawing.nodes().try_for_each(|row| node(xml, row))
            })?;
            let count = drawing.edges().count().to_string();
            element(xml, "edges", &vec![("count", count.into())], |xml| {
                drawing.edges().try_for_each(|row| edge(xml, row))
            })
        })
    })
}

fn declare(xml: &mut Xml<'_>, class: &'static str, fields: &[(&'static str, Type)]) -> io::Result<()> {
    element(xml, "attributes", &vec![("class", class.into()), ("mode", "static".into())], |xml| {
        fields.iter().try_for_each(|(name, of)| {
            let of = match of {
                Type::Text => "string",
                Type::Flag => "boolean",
                Type::Number => "integer",
            };
            let id = format!("{class}.{name}");
            empty(xml, "attribute", &vec![("id", id.into()), ("title", (*name).into()), ("type", of.into())])
        })
    })
}

fn node(xml: &mut Xml<'_>, row: Node<'_>) -> io::Result<()> {
    let attributes = vec![("id", row.id.into()), ("label", row.label.into())];
    element(xml, "node", &attributes, |xml| values(xml, "node", row.values))
}

fn edge(xml: &mut Xml<'_>, row: Edge<'_>) -> io::Result<()> {
    let mut attributes: Attributes<'_> = vec![
        ("id", row.id.into()),
        ("source", row.source.into()),
        ("target", row.target.into()),
        ("type", "directed".into()),
        ("kind", row.relation.into()),
    ];
    let ends = ["start", "end"].into_iter().zip(row.days);
    attributes.extend(ends.filter_map(|(end, day)| Some((end, day?.into()))));
    element(xml, "edge", &attributes, |xml| values(xml, "edge", row.values))
}

fn values(xml: &mut Xml<'_>, class: &str, values: Values<'_>) -> io::Result<()> {
    element(xml, "attvalues", &Vec::new(), |xml| {
        values.into_iter().try_for_each(|(name, value)| {
            empty(xml, "attvalue", &vec![("for", format!("{class}.{name}").into()), ("value", value)])
        })
    })
}
