//! The list as its publisher delivers it last: a whole version from which more is missing than a desk takes without a look.
//!
//! In: the batches of the story. Out: `FollowTheMoney` entities. It names three people who were let through, so that releasing it opens alerts,
//! and lacks one entry in seven, so that it also ends some.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::plan::Group;
use super::{HarbourStep, Truth};
use crate::person::person;
use crate::story::LIST;

/// One entry in so many is missing: more than the tenth that a policy lets pass.
const MISSING: usize = 7;
/// So many people are named anew.
const NAMED: usize = 3;

pub(super) fn last(seed: u64, steps: &[HarbourStep], truth: &Truth) -> Vec<Value> {
    let in_force = in_force(steps).into_values().enumerate();
    let mut entries: Vec<Value> =
        in_force.filter(|(at, _)| at % MISSING != 0).map(|(_, entry)| entry.clone()).collect();
    let nobody = truth.guests.iter().filter(|guest| guest.group == Group::Background);
    for (number, guest) in nobody.take(NAMED).enumerate() {
        let someone = person(seed, guest.index);
        entries.push(json!({ "id": format!("hw-{}", 9001 + number), "schema": "Person", "properties": {
            "birthDate": [someone.birth_date], "name": [someone.name], "program": ["HARBOUR-FRAUD"], "topics": ["sanction"] } }));
    }
    entries
}

/// The entries of the list after all batches, by id.
fn in_force(steps: &[HarbourStep]) -> BTreeMap<&str, &Value> {
    let mut entries = BTreeMap::new();
    for line in steps.iter().flat_map(|step| &step.lines).filter(|line| line["dataset"] == LIST) {
        let entity = &line["entity"];
        match (line["id"].as_str(), entity["id"].as_str()) {
            (Some(deleted), _) => drop(entries.remove(deleted)),
            (_, Some(put)) => drop(entries.insert(put, entity)),
            _ => {}
        }
    }
    entries
}
