//! The files of `network export`, each opened by a reader that is not ours: GEXF and GraphML by networkx, CSV by the library that the
//! readers of CSV do not use. GEXF also by its own rules, as gexf.net has them for version 1.3.
//!
//! A test that needs networkx (with GEXF 1.3) says `SKIPPED (no networkx): <test>` where no Python has it. `.ci/run` installs it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use lookback::model::{EntityId, KnownAt, PartialDate};
use lookback::network::{Captions, Drawing, DrawingFormat, Period, Surroundings};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value, json};
use support::{Bench, networkx};

/// Everything that is hard to write: several observations of one pair, open and imprecise days, signs that XML and CSV escape and one
/// that XML cannot hold, an attribute that would be another's with a colon elsewhere, a relation, a seed, a hub.
fn bench() -> Bench {
    let mut bench = Bench::new();
    let lines = [
        json!({ "op": "put", "kind": "dataset", "name": "people", "role": "population" }),
        json!({ "op": "put", "kind": "dataset", "name": "watch", "role": "list" }),
        party(
            "watch",
            "T1",
            "Organization",
            &json!({ "name": ["Ostrey Group"], "topics": ["crime.terror"] }),
        ),
        party("watch", "F<1>", "Person", &json!({ "name": ["Ilka \"Q\" Sarkh & Sons\tLtd"] })),
        party(
            "watch",
            "M1",
            "Membership",
            &json!({
                "member": ["F<1>"], "organization": ["T1"], "startDate": ["2029-02"], "endDate": ["2030"],
            }),
        ),
        party("people", "P1", "Person", &json!({ "name": ["Orlan Veska"], "phone": ["+999 1"] })),
        party("people", "P2", "Person", &json!({ "name": ["Бероз, Ормач"] })),
        party("people", "P3", "Person", &json!({ "name": ["Nobody's neighbour"] })),
        observed("O1", "F<1>", "operated", ["phone", "+999 1"], &json!({ "valid_from": "2030-01-01" })),
        observed(
            "O2",
            "P1",
            "used",
            ["phone", "+999 1"],
            &json!({ "valid_from": "2030-02", "valid_to": "2030-02" }),
        ),
        observed(
            "O3",
            "P1",
            "used",
            ["phone", "+999 1"],
            &json!({ "valid_from": "2030-05-01", "valid_to": "2030-05-02" }),
        ),
        observed(
            "O4",
            "P2",
            "used",
            ["address", "12 Dock Lane,\n\"Port\" <Ostrey> & Co\u{1}"],
            &json!({ "grade": "B2" }),
        ),
        observed(
            "O5",
            "P1",
            "used",
            ["address", "12 Dock Lane,\n\"Port\" <Ostrey> & Co\u{1}"],
            &json!({ "source": "a, b; c" }),
        ),
        observed("O6", "P2", "used", ["address", "generic"], &json!({ "valid_to": "2030-03-03" })),
        json!({ "op": "put", "kind": "generic", "attribute": { "kind": "address", "value": "generic" } }),
    ];
    let dated = lines.map(|mut line| {
        line["known_at"] = json!("2031-01-01");
        line.to_string()
    });
    bench.journal(&(dated.join("\n") + "\n")).expect("a sound journal");
    bench
}

fn party(dataset: &str, id: &str, schema: &str, properties: &Value) -> Value {
    let entity = json!({ "id": id, "schema": schema, "properties": properties });
    json!({ "op": "put", "kind": "entity", "dataset": dataset, "entity": entity })
}

fn observed(id: &str, subject: &str, relation: &str, [kind, value]: [&str; 2], more: &Value) -> Value {
    let mut line = json!({
        "op": "put", "kind": "observation", "id": id, "subject": subject, "relation": relation,
        "attribute": { "kind": kind, "value": value },
    });
    line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    line
}

fn drawing(bench: &Bench, captions: Captions, around: Option<&Surroundings>, period: Period) -> Drawing {
    let drawn = bench.store.network(KnownAt::MAX, captions, |network| network.drawing(around, period));
    drawn.expect("a drawing")
}

fn all(bench: &Bench, captions: Captions) -> Drawing {
    drawing(bench, captions, None, Period::ALWAYS)
}

fn written(drawing: &Drawing, format: DrawingFormat) -> String {
    let mut file = Vec::new();
    drawing.write(format, &mut file).expect("memory takes everything");
    String::from_utf8(file).expect("UTF-8")
}

/// An element of a document, read with the names as they stand.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Element>,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.expect("a sound attribute, and no other of the same name");
            (
                attribute.key.as_ref().to_owned(),
                attribute.normalized_value(XmlVersion::Explicit1_0).expect("escaped").into_owned(),
            )
        });
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            children: Vec::new(),
        }
    }

    fn read(document: &str) -> Self {
        let mut reader = quick_xml::Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().expect("well-formed XML") {
                Event::Start(start) => open.push(Self::of(&start)),
                Event::Empty(start) => open.last_mut().expect("open").children.push(Self::of(&start)),
                Event::End(_) => {
                    let closed = open.pop().expect("it was opened");
                    open.last_mut().expect("open").children.push(closed);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut document = open.pop().expect("the document");
        assert!(open.is_empty() && document.children.len() == 1, "one element, and all are closed");
        document.children.remove(0)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }
}

/// What GEXF 1.3 asks of a document; returns its nodes and edges.
fn by_the_rules(gexf: &Element) -> [&[Element]; 2] {
    assert_eq!((gexf.name.as_str(), gexf.get("version")), ("gexf", Some("1.3")));
    assert_eq!(gexf.get("xmlns"), Some("http://gexf.net/1.3"));
    assert_eq!(gexf.names(), ["meta", "graph"], "in this order");
    let [meta, graph] = &gexf.children[..] else { panic!("two elements") };
    assert!(is_day(meta.get("lastmodifieddate").expect("a date")));
    assert!(meta.names().iter().all(|name| ["creator", "keywords", "description"].contains(name)));
    for (name, value) in [
        ("mode", "dynamic"),
        ("defaultedgetype", "directed"),
        ("idtype", "string"),
        ("timeformat", "date"),
        ("timerepresentation", "interval"),
    ] {
        assert_eq!(graph.get(name), Some(value));
    }
    assert_eq!(
        graph.names(),
        ["attributes", "attributes", "nodes", "edges"],
        "declared before they are used"
    );
    let [of_nodes, of_edges, nodes, edges] = &graph.children[..] else { panic!("four elements") };
    for list in [nodes, edges] {
        assert_eq!(list.get("count"), Some(list.children.len().to_string().as_str()));
    }
    let ids = rules_of_nodes(&nodes.children, &declared("node", of_nodes));
    rules_of_edges(&edges.children, &declared("edge", of_edges), &ids);
    [&nodes.children, &edges.children]
}

/// Types of the attributes of a class, by id.
fn declared<'a>(class: &str, attributes: &'a Element) -> BTreeMap<&'a str, &'a str> {
    assert_eq!((attributes.get("class"), attributes.get("mode")), (Some(class), Some("static")));
    let mut declared = BTreeMap::new();
    for attribute in &attributes.children {
        assert_eq!(attribute.name, "attribute");
        assert!(!attribute.get("title").expect("a title").is_empty());
        let of = attribute.get("type").expect("a type");
        assert!(["string", "boolean", "integer"].contains(&of));
        let twice = declared.insert(attribute.get("id").expect("an id"), of);
        assert_eq!(twice, None);
    }
    declared
}

fn rules_of_nodes<'a>(nodes: &'a [Element], declared: &BTreeMap<&str, &str>) -> BTreeSet<&'a str> {
    let mut ids = BTreeSet::new();
    for node in nodes {
        assert_eq!(node.name, "node");
        assert!(node.attributes.keys().all(|name| ["id", "label"].contains(&name.as_str())));
        assert!(ids.insert(node.get("id").expect("an id")), "a node twice");
        rules_of_values(node, declared);
    }
    ids
}

fn rules_of_edges(edges: &[Element], declared: &BTreeMap<&str, &str>, nodes: &BTreeSet<&str>) {
    let mut ids = BTreeSet::new();
    for edge in edges {
        assert_eq!(edge.name, "edge");
        let known = ["id", "source", "target", "type", "kind", "start", "end"];
        assert!(edge.attributes.keys().all(|name| known.contains(&name.as_str())));
        assert!(ids.insert(edge.get("id").expect("an id")), "an edge twice");
        assert_eq!(edge.get("type"), Some("directed"), "mixed graphs are not read by everybody");
        assert!(["source", "target"].iter().all(|end| nodes.contains(edge.get(end).expect("both ends"))));
        let days = ["start", "end"].map(|end| edge.get(end));
        assert!(days.iter().flatten().all(|day| is_day(day)), "{days:?}");
        if let [Some(start), Some(end)] = days {
            assert!(start <= end, "{start} to {end}");
        }
        rules_of_values(edge, declared);
    }
}

fn rules_of_values(element: &Element, declared: &BTreeMap<&str, &str>) {
    assert_eq!(element.names(), ["attvalues"]);
    let mut seen = BTreeSet::new();
    for value in &element.children[0].children {
        let (of, text) = (value.get("for").expect("whose"), value.get("value").expect("a value"));
        assert!(value.name == "attvalue" && seen.insert(of), "{of} twice");
        match *declared.get(of).expect("declared for this class") {
            "boolean" => assert!(["true", "false"].contains(&text)),
            "integer" => assert!(text.parse::<i32>().is_ok()),
            _ => {}
        }
    }
}

/// `YYYY-MM-DD` of a day that exists.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<PartialDate>().is_ok()
}

#[test]
fn gexf_keeps_the_rules_of_its_version() {
    let bench = bench();
    let drawing = all(&bench, Captions::Included);
    let document = Element::read(&written(&drawing, DrawingFormat::Gexf));
    let [nodes, edges] = by_the_rules(&document);
    assert_eq!(nodes.len(), drawing.parties.len() + drawing.attributes.len());
    assert_eq!(edges.len(), drawing.observations.len() + drawing.relations.len());
    let spans: BTreeSet<[Option<&str>; 4]> =
        edges.iter().map(|edge| ["source", "kind", "start", "end"].map(|name| edge.get(name))).collect();
    for span in [
        [Some("party:F<1>"), Some("operated"), Some("2030-01-01"), None],
        [Some("party:P1"), Some("used"), Some("2030-02-01"), Some("2030-02-28")],
        [Some("party:P1"), Some("used"), Some("2030-05-01"), Some("2030-05-02")],
        [Some("party:P1"), Some("stated"), None, None],
        [Some("party:P2"), Some("used"), None, Some("2030-03-03")],
        [Some("party:F<1>"), Some("Membership"), Some("2029-02-01"), Some("2030-12-31")],
    ] {
        assert!(spans.contains(&span), "{span:?} is not in {spans:?}");
    }
}

/// What a graph should be read as: its nodes, and its edges sorted.
fn expected(drawing: &Drawing) -> (Map<String, Value>, Vec<Value>) {
    let mut nodes = Map::new();
    for node in &drawing.parties {
        let id = node.party.id.to_string();
        let mut data = json!({
            "label": node.party.caption.clone().unwrap_or(id.clone()), "type": "party", "party": id,
            "schema": node.schema, "dataset": node.dataset, "seed": node.seed,
        });
        add(&mut data, "finding", node.finding);
        nodes.insert(format!("party:{id}"), data);
    }
    for node in &drawing.attributes {
        let (kind, value) = (&node.attribute.kind, sound(&node.attribute.value));
        let data = json!({
            "label": format!("{kind} {value}"), "type": "attribute", "kind": kind, "value": value,
            "family": node.family, "on_it": node.on_it, "leads": node.leads,
        });
        nodes.insert(format!("attribute:{kind}:{value}"), data);
    }
    let mut edges = Vec::new();
    for edge in &drawing.observations {
        let seen = &edge.observed;
        let mut data = json!({ "type": "observation", "relation": seen.relation, "record": seen.id });
        add(&mut data, "source", seen.source.as_deref());
        add(&mut data, "grade", seen.grade.as_deref());
        add_days(&mut data, [seen.valid_from, seen.valid_to]);
        let target = format!("attribute:{}:{}", edge.attribute.kind, sound(&edge.attribute.value));
        edges.push(json!([format!("party:{}", edge.subject.id), target, data]));
    }
    for edge in &drawing.relations {
        let mut data = json!({ "type": "relation", "relation": edge.schema, "record": edge.record });
        add_days(&mut data, [edge.valid_from, edge.valid_to]);
        edges.push(json!([format!("party:{}", edge.from.id), format!("party:{}", edge.to.id), data]));
    }
    edges.sort_by_key(Value::to_string);
    (nodes, edges)
}

fn add(data: &mut Value, field: &str, value: Option<&str>) {
    if let Some(value) = value {
        data[field] = json!(value);
    }
}

fn add_days(data: &mut Value, [from, to]: [Option<PartialDate>; 2]) {
    add(data, "start", from.map(|date| date.first_day().to_string()).as_deref());
    add(data, "end", to.map(|date| date.last_day().to_string()).as_deref());
}

/// XML cannot hold it.
fn sound(text: &str) -> String {
    text.replace('\u{1}', "\u{fffd}")
}

#[test]
fn networkx_reads_every_node_and_edge_of_gexf_and_graphml() {
    let Some(python) = networkx("networkx_reads_every_node_and_edge_of_gexf_and_graphml") else { return };
    let mut bench = bench();
    for captions in [Captions::Omitted, Captions::Included] {
        let drawing = all(&bench, captions);
        let gexf = bench.file("drawn.gexf", written(&drawing, DrawingFormat::Gexf));
        let graphml = bench.file("drawn.graphml", written(&drawing, DrawingFormat::Graphml));
        let script = support::workspace().join("crates/lookback/tests/readers/networkx_reads.py");
        let ran = Command::new(&python).arg(script).args([gexf, graphml]).output().expect("it runs");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let (nodes, edges) = expected(&drawing);
        let told = String::from_utf8(ran.stdout).expect("UTF-8");
        assert_eq!(told.lines().count(), 2);
        for line in told.lines() {
            let mut read: Value = serde_json::from_str(line).expect("JSON");
            let mut read_edges = read["edges"].as_array_mut().map(std::mem::take).expect("edges");
            // Ids of edges are their places: GEXF's come as data, GraphML's as keys of a graph with parallel edges.
            for edge in &mut read_edges {
                edge[2].as_object_mut().expect("data").remove("id");
            }
            read_edges.sort_by_key(Value::to_string);
            assert_eq!(read["directed"], true);
            assert_eq!(read["nodes"], Value::Object(nodes.clone()));
            assert_eq!(read_edges, edges);
        }
    }
}

#[test]
fn a_table_has_a_row_for_each_edge_as_it_was_stated() {
    let bench = bench();
    let table = written(&all(&bench, Captions::Included), DrawingFormat::Csv);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().collect::<Result<_, _>>().expect("rows as long as the headings");
    let row = |id: &str| rows.iter().filter(|row| row["id"] == id).collect::<Vec<_>>();
    assert_eq!(rows.len(), 8);
    let columns = |row: &BTreeMap<String, String>, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| row[*name].clone()).collect()
    };
    let days = ["valid_from", "valid_to"];
    assert_eq!(columns(row("O2")[0], &days), ["2030-02", "2030-02"], "as precise as it was stated");
    assert_eq!(columns(row("O6")[0], &days), ["", "2030-03-03"]);
    assert_eq!(row("O4")[0]["value"], "12 Dock Lane,\n\"Port\" <Ostrey> & Co\u{1}");
    let said = ["subject", "subject_name", "relation", "kind", "source", "grade"];
    assert_eq!(columns(row("O5")[0], &said), ["P1", "Orlan Veska", "used", "address", "a, b; c", ""]);
    assert_eq!(
        columns(row("P1")[0], &["type", "relation", "kind", "value"]),
        ["observation", "stated", "phone", "+999 1"]
    );
    let relation = ["type", "subject", "relation", "object", "object_name", "valid_from"];
    assert_eq!(
        columns(row("M1")[0], &relation),
        ["relation", "F<1>", "Membership", "T1", "Ostrey Group", "2029-02"]
    );
}

#[test]
fn ids_stand_for_people_unless_names_are_asked_for() {
    let bench = bench();
    for format in [DrawingFormat::Gexf, DrawingFormat::Graphml, DrawingFormat::Csv] {
        let [ids, names] = [Captions::Omitted, Captions::Included].map(|c| written(&all(&bench, c), format));
        assert!(!ids.contains("Veska") && names.contains("Orlan Veska"), "{format:?}");
        assert_eq!(ids, written(&all(&bench, Captions::Omitted), format), "the same again");
    }
}

fn ids(drawing: &Drawing) -> Vec<&str> {
    drawing.parties.iter().map(|node| node.party.id.as_str()).collect()
}

#[test]
fn surroundings_go_over_what_leads_on_and_over_relations_of_a_chain() {
    let bench = bench();
    let around = |of: &str, steps, period| {
        let of = EntityId::new(of).expect("an id");
        drawing(&bench, Captions::Omitted, Some(&Surroundings { of, steps }), period)
    };
    assert_eq!(
        ids(&all(&bench, Captions::Omitted)),
        ["F<1>", "P1", "P2", "T1"],
        "nobody without a tie is drawn"
    );
    assert_eq!(ids(&around("T1", 0, Period::ALWAYS)), ["T1"]);
    assert_eq!(ids(&around("T1", 1, Period::ALWAYS)), ["F<1>", "T1"]);
    assert_eq!(ids(&around("T1", 2, Period::ALWAYS)), ["F<1>", "P1", "T1"]);
    assert_eq!(ids(&around("T1", 3, Period::ALWAYS)), ["F<1>", "P1", "P2", "T1"]);
    let march = Period::of("2030-03".parse().expect("a month"));
    let in_march = around("P1", 1, march);
    let records: Vec<&str> = in_march.observations.iter().map(|edge| edge.observed.id.as_str()).collect();
    assert_eq!(ids(&in_march), ["F<1>", "P1", "P2"], "P1's own record states the number, whenever that was");
    assert_eq!(records, ["O1", "O5", "P1", "O4", "O6"], "neither observation of P1's number lasted in March");
}
