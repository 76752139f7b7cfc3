//! Every field of every JSON output is told in docs/reference/outputs.md.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::desk::{Desk, entry, workspace};

/// Fields whose own fields are data: names of datasets, reasons, properties.
const OPEN: [&str; 8] = [
    "entries",
    "list_versions",
    "unmatchable",
    "unscreenable",
    "properties",
    "programs",
    "reliability",
    "credibility",
];

/// A seed with a phone, somebody who used it with an address of the seed's, and a friend of theirs.
const LINKS: &str = r#"
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"dataset","name":"reports","role":"intelligence"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"dataset","name":"harbour","role":"population"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"entity","dataset":"reports","entity":{"id":"T1","schema":"Organization","properties":{"name":["Grey Tide"],"topics":["crime.terror"]}}}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"entity","dataset":"reports","entity":{"id":"F1","schema":"Person","properties":{"name":["Osk Varn"]}}}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"entity","dataset":"reports","entity":{"id":"M1","schema":"Membership","properties":{"member":["F1"],"organization":["T1"]}},"source":"report 1","grade":"B2"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"entity","dataset":"harbour","entity":{"id":"H1","schema":"Person","properties":{"name":["Iva Dorn"]}}}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"entity","dataset":"harbour","entity":{"id":"H2","schema":"Person","properties":{"name":["Per Dorn"]}}}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"observation","id":"o1","subject":"F1","relation":"operated","attribute":{"kind":"phone","value":"+999 1"},"source":"report 1","grade":"B2"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"observation","id":"o2","subject":"F1","relation":"operated","attribute":{"kind":"address","value":"Quay 1"},"valid_to":"2098-06-30","source":"report 1","grade":"B2"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"observation","id":"o3","subject":"H1","relation":"used","attribute":{"kind":"phone","value":"+999 1"},"valid_from":"2098-01-01","valid_to":"2098-02-01"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"observation","id":"o4","subject":"H1","relation":"used","attribute":{"kind":"address","value":"Quay 1"},"valid_from":"2098-06-30","valid_to":"2098-07-01"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"observation","id":"o5","subject":"F1","relation":"used","attribute":{"kind":"booking","value":"B7"},"valid_from":"2098-03-01","valid_to":"2098-03-02","grade":"A1"}
{"known_at":"2099-01-01T00:00:00Z","op":"put","kind":"observation","id":"o6","subject":"H2","relation":"used","attribute":{"kind":"booking","value":"B7"},"valid_from":"2098-03-01","valid_to":"2098-03-02","grade":"A1"}
"#;

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
    desk.write("links.jsonl", LINKS.trim_start());
    desk.write("tied.jsonl", crate::figures::TIED);
    desk.run("ingest tied.jsonl").ends(0);
    desk.run("ingest short.ftm.json --dataset watch --full").ends(4);
    let lines = [
        "init --store new.db",
        "ingest odd.ftm.json --dataset guests",
        "held list",
        "held compare 1",
        "entities --dataset guests",
        "figures",
        "figures --explain direct_tie_to_listed_org",
        "claims check",
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
        "preview links.jsonl",
        "ingest links.jsonl",
        "alerts --kind lead",
        "figures --explain statuses",
        "report",
        "report --explain controls",
        "report --explain times.commit_to_alert",
        "why H1",
        "why H2",
        "network path F1 H2 --names",
        "network neighbours H1",
        "network neighbours H2",
        "network export --format csv --output links.csv",
        "diff --from 2098-01-01 --to 2099-12-31",
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
