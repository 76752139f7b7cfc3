//! Every field of every JSON output is told in docs/reference/outputs.md.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::desk::{Desk, entry, workspace};

/// Fields whose own fields are data: names of datasets, reasons, properties.
const OPEN: [&str; 6] = ["entries", "list_versions", "unmatchable", "unscreenable", "properties", "programs"];

fn collect(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, fields)),
        Value::Object(object) => {
            for (field, value) in object {
                fields.insert(field.clone());
                if !OPEN.contains(&field.as_str()) {
                    collect(value, fields);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_is_documented() {
    let desk = Desk::stocked();
    desk.write("strict.toml", "threshold = 0.99\n[[list]]\ndataset = \"watch\"\npopulations = []\n");
    desk.write("short.ftm.json", entry("L01", "Orlan Veska", ""));
    desk.write("odd.ftm.json", entry("P8", "Hild Velkova", "") + "no JSON\n");
    desk.run("ingest short.ftm.json --dataset watch --full").ends(4);
    let lines = [
        "init --store new.db",
        "ingest odd.ftm.json --dataset guests",
        "held list",
        "held compare 1",
        "entities --dataset guests",
        "screen --name Orlan --name Veska --enrol walk-ins",
        "name Orlan-Veska",
        "alerts",
        "diff --from 2030-01-01 --to 2030-12-31",
        "why P1",
        "status",
        "rejects",
        "verify",
        "replay --verify",
        "policy show",
        "policy try strict.toml",
        "hash",
        "held release 1",
        "demo --people 50",
    ];
    let mut fields = BTreeSet::new();
    for line in lines {
        let ran = desk.run(&format!("{line} --json")).ends(0);
        assert!(!ran.out.is_empty(), "{line}");
        ran.lines().iter().for_each(|value| collect(value, &mut fields));
    }
    let told = told("outputs.md").chain(told("policy.md")).collect::<BTreeSet<_>>();
    let missing: Vec<_> = fields.difference(&told).collect();
    assert!(missing.is_empty(), "docs/reference/outputs.md does not tell: {missing:?}");
}

/// The fields that a page names in code, alone or at the end of a path such as `alerts[].threshold`.
fn told(page: &str) -> impl Iterator<Item = String> {
    let page = std::fs::read_to_string(workspace().join("docs/reference").join(page)).unwrap();
    let code: Vec<String> = page.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    code.into_iter().map(|code| {
        let field = code.trim_matches(['[', ']']);
        field.rsplit('.').next().unwrap_or(field).to_owned()
    })
}
