//! `network path`, `neighbours` and `export`: what they say, and how they end.

use serde_json::{Value, json};

use crate::desk::Desk;

/// F1, whose chain leads to a listed group, gave P1 a number and a house; P1 shared a house with P2 later; a shelter is generic; a
/// tower has too many people. Everything is known on 2031-01-01 but P2's stay, which becomes known on 2031-02-01.
pub(crate) fn journal() -> String {
    let mut lines = vec![
        json!({ "op": "put", "kind": "dataset", "name": "guests", "role": "population" }),
        json!({ "op": "put", "kind": "dataset", "name": "watch", "role": "list" }),
        party(
            "watch",
            "T1",
            "Organization",
            &json!({ "name": ["Ostrey Group"], "topics": ["crime.terror"] }),
        ),
        party("watch", "F1", "Person", &json!({ "name": ["Ilka Sarkh"] })),
        party("watch", "M1", "Membership", &json!({ "member": ["F1"], "organization": ["T1"] })),
        party("guests", "P1", "Person", &json!({ "name": ["Orlan Veska"] })),
        party("guests", "P2", "Person", &json!({ "name": ["Tirzah Morvenna"] })),
        observed("O1", "F1", "operated", "phone", "+999 1", ["2030-01-01", "2030-03-31"]),
        observed("O2", "P1", "used", "phone", "+999 1", ["2030-02-10", "2030-02-20"]),
        observed("O3", "P1", "used", "address", "12 Dock Lane", ["2030-03-01", "2030-04-30"]),
        observed("O4", "P1", "used", "address", "Shelter", ["2030-03-01", "2030-03-02"]),
        observed("O5", "F1", "used", "address", "Shelter", ["2030-03-01", "2030-03-02"]),
        json!({ "op": "put", "kind": "generic", "attribute": { "kind": "address", "value": "Shelter" }, "reason": "a shelter" }),
    ];
    for n in 10..75 {
        let id = format!("P{n}");
        lines.push(party("guests", &id, "Person", &json!({ "name": [format!("Cael Tamberlane {n}")] })));
        lines.push(observed(&format!("T{n}"), &id, "used", "address", "Tower", ["2030-01-01", "2030-12-31"]));
    }
    lines.push(observed("O9", "P2", "used", "address", "12 Dock Lane", ["2030-06-01", "2030-06-30"]));
    let last = lines.len() - 1;
    let dated = lines.into_iter().enumerate().map(|(place, mut line)| {
        line["known_at"] = json!(if place == last { "2031-02-01" } else { "2031-01-01" });
        format!("{line}\n")
    });
    dated.collect()
}

fn party(dataset: &str, id: &str, schema: &str, properties: &Value) -> Value {
    let entity = json!({ "id": id, "schema": schema, "properties": properties });
    json!({ "op": "put", "kind": "entity", "dataset": dataset, "entity": entity })
}

fn observed(
    id: &str,
    subject: &str,
    relation: &str,
    kind: &str,
    value: &str,
    [from, to]: [&str; 2],
) -> Value {
    json!({
        "op": "put", "kind": "observation", "id": id, "subject": subject, "relation": relation,
        "attribute": { "kind": kind, "value": value }, "valid_from": from, "valid_to": to,
        "source": "report 7", "grade": "B2",
    })
}

fn told() -> Desk {
    let desk = Desk::empty();
    desk.write("network.jsonl", journal());
    desk.run("ingest network.jsonl").ends(0);
    desk
}

#[test]
fn a_path_is_told_as_sentences() {
    let told = told().run("network path F1 P2").ends(0).out;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(
        lines,
        [
            "F1 to P2 in 2 steps, forward in time, as known at 2031-02-01T00:00:00Z",
            "1. F1 operated phone +999 1 from 2030-01-01 to 2030-03-31 (report 7, B2); P1 used it from 2030-02-10 to \
             2030-02-20 (report 7, B2). Taken on 2030-02-10 at the earliest.",
            "2. P1 used address 12 Dock Lane from 2030-03-01 to 2030-04-30 (report 7, B2); P2 used it from 2030-06-01 to \
             2030-06-30 (report 7, B2); 31 days lie between the two. Taken on 2030-06-01 at the earliest.",
        ]
    );
}

#[test]
fn a_path_is_one_of_its_time_direction_and_gaps() {
    let desk = told();
    let steps = |line: &str| desk.run(&format!("network path {line} --json")).ends(0).json()["steps"].clone();
    let number = |line: &str| steps(line).as_array().map(Vec::len);
    assert_eq!(number("F1 P2"), Some(2));
    assert_eq!(number("F1 P2 --steps 1"), None);
    assert_eq!(number("F1 P2 --known-at 2031-01-31"), None, "not yet known");
    assert_eq!(number("F1 P2 --max-gap 31"), None);
    assert_eq!(number("F1 P2 --max-gap 32"), Some(2));
    assert_eq!(number("F1 P2 --to 2030-05-31"), None);
    assert_eq!(number("F1 P2 --from 2030-02-20"), Some(2));
    assert_eq!(number("F1 P2 --from 2030-02-21"), None);
    assert_eq!(number("F1 P1 --valid-at 2030-02-20"), Some(1));
    assert_eq!(number("F1 P1 --valid-at 2030-02-21"), None);
    assert_eq!(number("P2 F1"), None, "to later days");
    assert_eq!(number("P2 F1 --direction backward --aim earliest-arrival"), Some(2));
    assert_eq!(steps("P2 F1 --direction backward")[1]["day"], "2030-02-20");
    assert_eq!(steps("P10 P11"), Value::Null, "a hub leads nowhere");
    let none = desk.run("network path P2 F1 --steps 3").ends(0).out;
    assert_eq!(none, "no path from P2 to F1 in 3 steps, forward in time, as known at 2031-02-01T00:00:00Z\n");
}

#[test]
fn neighbours_are_grouped_by_kind_and_warn_of_hubs_and_generic_attributes() {
    let desk = told();
    let answer = desk.run("network neighbours P1 --json").ends(0).json();
    let kinds = answer["kinds"].as_array().unwrap();
    let words: Vec<&str> = kinds.iter().map(|kind| kind["kind"].as_str().unwrap()).collect();
    assert_eq!(words, ["phone", "address"]);
    assert_eq!((&kinds[0]["parties"], &kinds[1]["parties"]), (&json!(1), &json!(1)));
    let values: Vec<&str> = kinds[1]["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shared| shared["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["12 Dock Lane", "Shelter"]);
    let lane = &kinds[1]["attributes"][0];
    assert_eq!(lane["neighbours"], json!([{ "id": "P2", "relation": "used", "gap_days": 32 }]));
    assert_eq!((&lane["leads"], &lane["on_it"]), (&json!("everybody"), &json!(2)));
    assert_eq!(kinds[1]["attributes"][1]["leads"], "nobody");
    let text = desk.run("network neighbours P1").ends(0).out;
    assert!(text.contains("declared generic (a shelter): it leads to nobody"), "{text}");
    assert!(text.contains("    F1 operated it at the same time\n"), "{text}");
    let text = desk.run("network neighbours P10 --names").ends(0).out;
    assert!(text.contains("a hub: 65 parties are on it, more than 64"), "{text}");
    assert!(text.contains("P10 (Cael Tamberlane 10) used Tower"), "{text}");
    let june = desk.run("network neighbours P1 --valid-at 2030-06 --json").ends(0).json();
    assert_eq!(june["kinds"], json!([]));
}

#[test]
fn an_export_is_a_new_file_or_standard_output() {
    let desk = told();
    for (format, beginning) in [("gexf", "<?xml"), ("graphml", "<?xml"), ("csv", "type,id,subject,")] {
        let out = desk.run(&format!("network export --format {format}")).ends(0).out;
        assert!(out.starts_with(beginning) && out.ends_with('\n') && !out.contains("Veska"), "{out}");
        let line = format!("network export --format {format} --output network.{format} --json");
        let wrote = desk.run(&line).ends(0).json();
        assert_eq!(std::fs::read_to_string(desk.path(&format!("network.{format}"))).unwrap(), out);
        let counts = ["parties", "attributes", "observations", "relations"]
            .map(|field| wrote[field].as_u64().unwrap());
        assert_eq!(counts, [69, 4, 71, 1]);
        desk.run(&line).ends(2).tells("name a new file");
    }
    let around = desk.run("network export --format csv --around T1 --steps 2 --names").ends(0).out;
    assert!(around.contains("Orlan Veska") && !around.contains("Tirzah"), "{around}");
}

#[test]
fn a_question_that_cannot_be_asked_says_why() {
    let desk = told();
    for (line, code, reason) in [
        ("path F1 P99", 8, "P99: no party known at that time"),
        ("path F1 P1 --known-at 2030-12-31", 8, "F1: no party known at that time"),
        ("path F1 M1", 8, "M1: no party"),
        ("path F1 F1", 2, "somebody else"),
        ("path F1 P1 --from 2030-02-02 --to 2030-02-01", 2, "--from 2030-02-02 is after --to 2030-02-01"),
        ("path F1 P1 --valid-at 2030 --to 2030-02-01", 2, "cannot be used with"),
        ("path F1 P1 --steps 0", 2, "--steps"),
        ("path F1 P1 --max-gap many", 2, "--max-gap"),
        ("neighbours P99", 8, "P99: no party"),
        ("export", 2, "--format"),
        ("export --format gexf --steps 3", 2, "--around"),
        ("export --format gexf --around P99", 8, "P99: no party"),
    ] {
        desk.run(&format!("network {line}")).ends(code).tells(reason);
    }
    let empty = Desk::empty();
    empty.run("init").ends(0);
    empty.run("network export --format csv").ends(8).tells("the store is empty");
}
