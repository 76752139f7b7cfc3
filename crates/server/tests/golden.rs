//! What a recorded server answered to recorded requests, and what this one answers over the same files.
//!
//! Needs `../shared`. Compared are the status, the headers, the keys and types of everything in the body (null where the recorded server says
//! that a field may be null), the ids of what was found, and what is said of entities.
//! Every difference is printed; those that are meant (docs/reference/yente.md) are listed here, and any other fails.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking; differences are told"
)]

mod client;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use client::{Answer, Client};
use lookback::model::{DatasetName, Role};
use lookback::{Format, IngestOptions, Settings, Silent, Store};
use serde_json::Value;
use tempfile::TempDir;

/// What differs on purpose, by the name of the exchange (or how it begins, before a `*`) and a part of the line: docs/reference/yente.md
/// says of each why.
const MEANT: [(&str, &str); 6] = [
    // Scores are ours.
    ("*", "score "),
    ("reconcile_q", "other "),
    ("match_name-based", "hit .responses.q: NK-JseaPJctnK9o8wrmz8xmoT is missing"),
    ("match_name-based", "hit .responses.q: NK-hUAjuiA3vTKXF6v2X6MYnS is missing"),
    // A passport is an identification too; a property without another side has nothing there.
    ("adjacent", "shape .adjacent: also identification"),
    ("adjacent", "shape .adjacent: no riskSource"),
];

fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !found.exists() {
        println!(
            "SKIPPED (no ../shared): every_recorded_exchange_has_the_same_status_headers_shape_and_hits"
        );
    }
    found.exists().then_some(found)
}

const LISTS: [(&str, &str, &str); 3] = [
    ("zala", "Zala Test Dataset", "yente/yente_zala.ftm.json"),
    ("parteispenden", "German political party donations", "yente/yente_parteispenden.ftm.json"),
    ("eu_journal_sanctions", "EU OJ", "eu/eu_consolidated.ftm.json.gz"),
];

fn served(folder: &TempDir) -> Option<Client> {
    let path = folder.path().join("s.db");
    let mut store = Store::create(&path, Settings::of_this_machine("tester")).unwrap();
    let journal = folder.path().join("lists.jsonl");
    let mut declared = String::new();
    for (name, title, _) in LISTS {
        writeln!(declared, r#"{{"known_at":"2026-01-01","op":"put","kind":"dataset","name":"{name}","role":"list","title":"{title}"}}"#).unwrap();
    }
    std::fs::write(&journal, declared).unwrap();
    store.ingest(&[journal], &IngestOptions::default(), &mut Silent).unwrap();
    for (name, _, file) in LISTS {
        let file = shared(file)?;
        let (dataset, role, format) = (DatasetName::new(name), Some(Role::List), Some(Format::Ftm));
        let options = IngestOptions { dataset, role, format, ..IngestOptions::default() };
        store.ingest(&[file], &options, &mut Silent).unwrap();
    }
    drop(store);
    Some(Client::of_store(&path))
}

#[test]
fn every_recorded_exchange_has_the_same_status_headers_shape_and_hits() {
    let Some(recorded) = shared("yente/golden.json.gz") else { return };
    let mut text = String::new();
    std::io::Read::read_to_string(
        &mut flate2::read::GzDecoder::new(std::fs::File::open(recorded).unwrap()),
        &mut text,
    )
    .unwrap();
    let recorded: Vec<Value> = serde_json::from_str(&text).unwrap();
    let folder = TempDir::new().unwrap();
    let Some(client) = served(&folder) else { return };

    let may_be_null = nullable(&recorded[0]["body"]);
    let (mut alike, mut unexpected) = (0, Vec::new());
    for exchange in &recorded {
        let name = exchange["name"].as_str().unwrap();
        let answer = client.replay(exchange);
        let differences = differences(name, exchange, &answer, &may_be_null);
        alike += usize::from(differences.is_empty());
        for difference in differences {
            let is_of = |of: &str| of.strip_suffix('*').map_or(of == name, |start| name.starts_with(start));
            let meant = MEANT.iter().any(|(of, part)| is_of(of) && difference.contains(part));
            println!("{} {name}: {difference}", if meant { "meant     " } else { "UNEXPECTED" });
            if !meant {
                unexpected.push(format!("{name}: {difference}"));
            }
        }
    }
    println!("{alike} of {} exchanges without any difference", recorded.len());
    assert!(unexpected.is_empty(), "{} unexpected differences", unexpected.len());
}

fn differences(name: &str, exchange: &Value, answer: &Answer, may_be_null: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    if exchange["status"] != answer.status {
        found.push(format!("status {} for {}: {}", answer.status, exchange["status"], answer.text));
    }
    for (header, value) in exchange["headers"].as_object().unwrap() {
        let ours = answer.header(header);
        let same = match header.as_str() {
            "traceparent" => ours.as_ref().is_some_and(|ours| ours.len() == 55),
            "tracestate" => ours.as_ref().is_some_and(|ours| ours.starts_with("yente=")),
            _ => ours.as_deref() == value.as_str(),
        };
        if !same {
            found.push(format!("header {header}: {ours:?} for {value}"));
        }
    }
    if exchange["headers"]["traceparent"].is_null() && answer.header("traceparent").is_some() {
        found.push("header traceparent: there is one".into());
    }
    match name {
        "openapi" => described(&exchange["body"], &answer.body, &mut found),
        _ => shape("", &exchange["body"], &answer.body, may_be_null, &mut found),
    }
    if answer.status >= 400 && exchange["body"]["detail"] != answer.body["detail"] {
        found.push(format!("detail {} for {}", answer.body["detail"], exchange["body"]["detail"]));
    }
    hits("", &exchange["body"], &answer.body, &mut found);
    values("", &exchange["body"], &answer.body, &mut found);
    found.sort();
    found.dedup();
    found
}

/// The fields of which the recorded server says, in its own description, that they may be null.
fn nullable(openapi: &Value) -> BTreeSet<String> {
    let schemas =
        openapi["components"]["schemas"].as_object().expect("the first exchange is the description");
    let fields = schemas.values().filter_map(|schema| schema["properties"].as_object()).flatten();
    let may_be_null =
        |of: &Value| of["anyOf"].as_array().is_some_and(|kinds| kinds.iter().any(|of| of["type"] == "null"));
    fields.filter(|(_, of)| may_be_null(of)).map(|(name, _)| name.clone()).collect()
}

/// Every path, method and parameter that the recorded server describes.
fn described(theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    for (path, methods) in theirs["paths"].as_object().unwrap() {
        for (method, of) in methods.as_object().unwrap() {
            let own = &ours["paths"][path][method];
            if own.is_null() {
                found.push(format!("no {method} {path}"));
            }
            let names = |of: &Value| -> BTreeSet<String> {
                let parameters = of["parameters"].as_array().into_iter().flatten();
                parameters.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
            };
            for missing in names(of).difference(&names(own)) {
                found.push(format!("no parameter {missing} of {method} {path}"));
            }
        }
    }
}

/// Objects whose keys are the data's own, not the interface's.
const MAPS: [&str; 4] = ["explanations", "features", "config", "m"];

fn shape(place: &str, theirs: &Value, ours: &Value, may_be_null: &BTreeSet<String>, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours))
            if MAPS.iter().any(|map| place.ends_with(&format!(".{map}"))) =>
        {
            for own in ours.values() {
                // Each has the shape of one of theirs.
                let against = |their: &Value| {
                    let mut found = Vec::new();
                    shape(&format!("{place}.*"), their, own, may_be_null, &mut found);
                    found
                };
                found.extend(theirs.values().map(against).min_by_key(Vec::len).unwrap_or_default());
            }
        }
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, their) in theirs {
                match ours.get(key) {
                    Some(own) => shape(&format!("{place}.{key}"), their, own, may_be_null, found),
                    None => found.push(format!("shape {place}: no {key}")),
                }
            }
            for key in ours.keys().filter(|key| !theirs.contains_key(*key)) {
                found.push(format!("shape {place}: also {key}"));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            let id = |value: &Value| value.get("id").or_else(|| value.get("name")).cloned();
            for (at, own) in ours.iter().enumerate() {
                // What is the same thing is compared with itself, what has no name with what stands in its place.
                let their = theirs.iter().find(|their| id(their).is_some() && id(their) == id(own));
                if let Some(their) = their.or_else(|| theirs.get(at).filter(|_| id(own).is_none())) {
                    shape(&format!("{place}[]"), their, own, may_be_null, found);
                }
            }
        }
        (theirs, ours) if kind(theirs) == kind(ours) => {}
        (Value::Null, _) | (_, Value::Null)
            if place.rsplit('.').next().is_some_and(|field| may_be_null.contains(field)) => {}
        (theirs, ours) => found.push(format!("shape {place}: {} for {}", kind(ours), kind(theirs))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// What is said of an entity that both answers have.
fn values(place: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    const FIELDS: [&str; 8] =
        ["caption", "schema", "datasets", "referents", "target", "first_seen", "last_change", "properties"];
    match (theirs, ours) {
        (Value::Object(their), Value::Object(own)) => {
            if their.contains_key("referents") && their["id"] == own["id"] {
                for field in FIELDS {
                    if in_order(&their[field]) != in_order(own.get(field).unwrap_or(&Value::Null)) {
                        found.push(format!("value {place}.{field} of {}", their["id"]));
                    }
                }
            }
            for (key, their) in their.iter().filter(|(key, _)| *key != "explanations") {
                values(&format!("{place}.{key}"), their, own.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            for their in theirs {
                let is_same = |own: &&Value| own["id"] == their["id"] && their["id"].is_string();
                if let Some(own) = ours.iter().find(is_same) {
                    values(&format!("{place}[]"), their, own, found);
                }
            }
        }
        _ => {}
    }
}

/// A value whose lists are sorted, and in which an entity is its id.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(values) => {
            let mut values: Vec<Value> = values.iter().map(in_order).collect();
            values.sort_by_key(Value::to_string);
            Value::Array(values)
        }
        Value::Object(fields) if fields.contains_key("id") => fields["id"].clone(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), in_order(value))).collect(),
        other => other.clone(),
    }
}

/// The ids in every list of results: each that was found there, in whatever order; of scored ones each that matched.
fn hits(place: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    let Value::Object(fields) = theirs else { return };
    for (key, their) in fields {
        let own = &ours[key];
        if matches!(key.as_str(), "results" | "result") && their.is_array() {
            let ids = |list: &Value| -> Vec<(String, bool, Value)> {
                let list = list.as_array().cloned().unwrap_or_default();
                let one = |hit: Value| {
                    let id = hit["id"].as_str().unwrap_or_default().to_owned();
                    (id, hit["match"].as_bool().unwrap_or(true), hit["score"].clone())
                };
                list.into_iter().map(one).collect()
            };
            let (their, own) = (ids(their), ids(own));
            for (id, matched, score) in &their {
                match own.iter().find(|(own, ..)| own == id) {
                    None if *matched => found.push(format!("hit {place}: {id} is missing")),
                    None => found.push(format!("other {place}: {id} ({score}, no match) is missing")),
                    Some((_, own_match, own_score)) if own_match != matched => {
                        found.push(format!("match {place}: {id} {own_score} for {score}"));
                    }
                    Some((_, _, own_score)) if own_score != score => {
                        found.push(format!("score {place}: {id} {own_score} for {score}"));
                    }
                    Some(_) => {}
                }
            }
            for (id, matched, score) in
                own.iter().filter(|(id, ..)| their.iter().all(|(their, ..)| their != id))
            {
                found.push(format!("more {place}: {id} ({score}, match {matched})"));
            }
        } else {
            hits(&format!("{place}.{key}"), their, own, found);
        }
    }
}
