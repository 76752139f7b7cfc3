//! `report`: every format to a file and to standard output, twice the same, and the ids behind its numbers.

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::figures::TIED;

fn names(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        Value::Object(fields) => {
            if let (Some(Value::String(name)), Some(Value::String(command))) =
                (fields.get("name"), fields.get("command"))
                && !command.is_empty()
            {
                found.push((name.clone(), command.clone()));
            }
            fields.values().for_each(|value| names(value, found));
        }
        _ => {}
    }
}

#[test]
fn a_report_is_the_same_twice_in_every_format_and_never_overwrites() {
    let desk = Desk::stocked();
    for format in ["html", "pdf", "md", "json"] {
        let run = |file: &str| {
            desk.run(&format!("report --known-at 2030-03-01 --format {format} --actor desk --output {file}"))
        };
        run("one").ends(0);
        run("two").ends(0);
        let read = |file: &str| std::fs::read(desk.path(file)).unwrap();
        assert!(!read("one").is_empty() && read("one") == read("two"), "{format}");
        run("one").ends(2).tells("name a new file");
        std::fs::remove_file(desk.path("one")).unwrap();
        std::fs::remove_file(desk.path("two")).unwrap();
    }
    let shown = desk.run("report --known-at 2030-03-01").ends(0).out;
    assert!(
        shown.starts_with("# Lookback report\n") && shown.contains("lookback report --known-at 2030-03-01")
    );
    for name in ["Orlan", "Morvenna", "Veska"] {
        assert!(!shown.contains(name), "{name}");
    }
}

#[test]
fn the_command_of_every_number_runs() {
    let desk = Desk::stocked();
    desk.write("tied.jsonl", TIED);
    desk.run("ingest tied.jsonl").ends(0);
    let report = desk.run("report --known-at 2030-03-05 --json").ends(0).json();
    let mut found = Vec::new();
    names(&report, &mut found);
    assert!(found.len() > 60, "{}", found.len());
    for (name, command) in found {
        // `replay` and `export` are the same for all, and `verify` reads every byte.
        let line = command.strip_prefix("lookback ").expect("a command").to_owned();
        if line.starts_with("figures") || line.starts_with("report") || line.starts_with("alerts") {
            desk.run(&format!("{line} --json")).ends(0);
        }
        assert!(!name.is_empty(), "{command}");
    }
    let tied =
        desk.run("report --known-at 2030-03-05 --json --explain direct_tie_to_listed_org").ends(0).lines();
    assert_eq!(tied, [json!({ "id": "P2" }), json!({ "id": "P4" })]);
    let nameless = desk.run("report --explain coverage.unscreenable.missing_name").ends(0).out;
    assert!(
        nameless.contains("P5") && nameless.contains("1 behind coverage.unscreenable.missing_name"),
        "{nameless}"
    );
    desk.run("report --explain happiness").ends(8).tells("has no number happiness");
    desk.run("report --explain disparity.origin.XA").ends(2).tells("not listed by origin");
}
