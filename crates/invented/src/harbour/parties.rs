//! The parties of the story: the listed group and its branch, the crew, the facilitators, what they ran, and what is learned of them.
//!
//! In: random numbers. Out: journal lines, and the value of each thing, for those who were given it. Names of people are drawn;
//! those of groups are words of the tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Telling;
use super::calendar::{day, number};
use super::plan::{
    APPEAL, CREW, HANDSET, LIAISON, OPENING, PAYER, RETRACTION, SHELTER_GENERIC, STRUCK_OFF, TENURES, Tenure,
    Thing,
};
use super::{TRAVELLERS, plan};
use crate::naming::{Families, Gender, profile};
use crate::random::Random;

/// The list on which the groups stand, beside the one that `list_story` tells of.
const REGISTER: &str = "register-of-groups";
/// Liaison and case reports.
const CASEWORK: &str = "casework";

const FACILITATORS: [&str; 4] = ["F1", "F2", "F3", "F4"];

/// What the parties ran, and how the facilitators are called.
#[derive(Debug)]
pub(super) struct Things {
    values: BTreeMap<Thing, (&'static str, String)>,
    names: BTreeMap<&'static str, String>,
}

impl Things {
    /// Kind and value.
    pub(super) fn of(&self, thing: Thing) -> (&'static str, &str) {
        let (kind, value) = &self.values[&thing];
        (kind, value)
    }

    /// How the first or the second facilitator is called: they are on no list.
    pub(super) fn name_for(&self, n: usize) -> &str {
        &self.names[FACILITATORS[n % 2]]
    }
}

pub(super) fn tell(random: &mut Random, telling: &mut Telling) -> Things {
    let mut names = BTreeMap::new();
    for party in FACILITATORS.into_iter().chain(["X9", "K1", "H1", "S1"]) {
        let name = profile(random).name(Gender::Male, Families::Rare, random).latin;
        names.insert(party, name);
    }
    let values = TENURES.iter().map(|tenure| (tenure.thing, (tenure.kind, value(tenure, random)))).collect();
    let things = Things { values, names };
    opening(&things, telling);
    facilitators(&things, telling);
    crew(&things, telling);
    what_was_run(&things, telling);
    taken_back(&things, telling);
    things
}

/// Telephone numbers begin with +999, which nobody has; streets and ports are of no place.
fn value(tenure: &Tenure, random: &mut Random) -> String {
    let number = random.between(10_000_000, 99_999_999);
    match tenure.kind {
        "phone" => format!("+999{number}"),
        "address" => {
            let street =
                random.choose(&["Ropewalk", "Tar Lane", "Ballast Row", "Lamp Stairs", "Cooper's Hard"]);
            format!("{street} {}, Port Ostrey", 1 + number % 180)
        }
        "device" => format!("IMEI-999{number}"),
        "booking" => format!("BK{number}"),
        _ => format!("AC-{number}"),
    }
}

fn at(day: &str) -> String {
    format!("{day}T06:00:00Z")
}

fn opening(things: &Things, telling: &mut Telling) {
    let known = &at(OPENING);
    telling.learn(known, "The border begins to report; the register names a group, its branch and a firm.");
    for (name, role, title) in [
        (TRAVELLERS, "population", "Arrivals at Port Ostrey (invented)"),
        (REGISTER, "list", "Register of groups (invented)"),
        (CASEWORK, "intelligence", "Liaison and case reports (invented)"),
    ] {
        let dataset = json!({ "kind": "dataset", "name": name, "op": "put", "role": role, "title": title });
        telling.say(known, dataset);
    }
    let group = |id, name| party(REGISTER, id, "Organization", name, &["crime.terror", "sanction"]);
    telling.say(known, group("G-TIDE", "Ninth Tide"));
    telling.say(known, group("G-EAST", "Ninth Tide, eastern branch"));
    telling
        .say(known, relation(REGISTER, "R-EAST", "UnknownLink", ("subject", "G-EAST"), ("object", "G-TIDE")));
    telling.say(known, party(REGISTER, "G-FIRM", "Company", "Pale Compass Timber", &["sanction"]));
    telling.say(known, person(things, "S1"));
    telling
        .say(known, relation(CASEWORK, "R-S1", "Membership", ("member", "S1"), ("organization", "G-FIRM")));
    telling.say(known, party(CASEWORK, "G-CLUB", "Organization", "Dockers' Chess Club", &[]));
    for thing in [Thing::LegalPhone, Thing::LegalHouse] {
        telling.say(known, generic(things, thing, "legal aid office: many clients have it"));
    }
}

fn facilitators(things: &Things, telling: &mut Telling) {
    let known = &at(LIAISON);
    telling.learn(known, "A liaison report: F1 is in contact with the branch; his telephone and his house.");
    telling.say(known, person(things, "F1"));
    telling.say(known, relation(CASEWORK, "R-F1", "UnknownLink", ("subject", "F1"), ("object", "G-EAST")));

    let known = &at(HANDSET);
    telling.learn(known, "F1's handset is read: F2 kept a ledger of document numbers; X9 paid for some.");
    for party in ["F2", "F4", "X9"] {
        telling.say(known, person(things, party));
    }
    for (id, subject) in [("R-F2", "F2"), ("R-F4", "F4")] {
        telling.say(known, relation(CASEWORK, id, "UnknownLink", ("subject", subject), ("object", "F1")));
    }

    let known = &at(PAYER);
    telling.learn(known, "An alias is learned: the payer X9 is F3.");
    telling.say(known, relation(CASEWORK, "R-X9", "UnknownLink", ("subject", "X9"), ("object", "F3")));
}

fn crew(things: &Things, telling: &mut Telling) {
    let known = &at(CREW);
    telling.learn(known, "The register names the Lantern Crew and F3; a report credits him with a shelter.");
    for party in ["K1", "H1"] {
        telling.say(known, person(things, party));
    }
    listed_crew(known, things, telling);

    let known = &at(STRUCK_OFF);
    telling.learn(known, "A court strikes the Lantern Crew off the register: what rested on it goes.");
    for id in ["G-CREW", "F3"] {
        let reason = "struck off by a court";
        telling.say(
            known,
            json!({ "dataset": REGISTER, "id": id, "kind": "entity", "op": "delete", "reason": reason }),
        );
    }
    let known = &at(APPEAL);
    telling.learn(
        known,
        "The appeal is allowed: the crew is back on the register, and what rests on it returns.",
    );
    listed_crew(known, things, telling);
    telling.say(known, relation(CASEWORK, "R-X9", "UnknownLink", ("subject", "X9"), ("object", "F3")));
}

/// The crew and what is said of it and of F3: with the appeal all of it is said again.
fn listed_crew(known: &str, things: &Things, telling: &mut Telling) {
    telling.say(known, party(REGISTER, "G-CREW", "Organization", "Lantern Crew", &["crime.traffick"]));
    telling.say(known, party(REGISTER, "F3", "Person", &things.names["F3"], &["crime.traffick"]));
    telling
        .say(known, relation(REGISTER, "R-CREW", "UnknownLink", ("subject", "G-CREW"), ("object", "G-EAST")));
    telling
        .say(known, relation(REGISTER, "R-F3", "Membership", ("member", "F3"), ("organization", "G-CREW")));
    telling.say(known, relation(CASEWORK, "R-K1", "Family", ("person", "K1"), ("relative", "F3")));
    telling.say(known, relation(CASEWORK, "R-H1", "UnknownLink", ("subject", "G-CREW"), ("object", "H1")));
}

/// Deleting a party ends what was said of it, so that with the appeal it is said again.
fn what_was_run(things: &Things, telling: &mut Telling) {
    for tenure in TENURES {
        telling.say(&at(tenure.known), observation(things, tenure));
        let is_retracted = matches!(tenure.thing, Thing::ShelterPhone | Thing::ShelterHouse);
        if tenure.party == "F3" && !is_retracted {
            telling.say(&at(APPEAL), observation(things, tenure));
        }
    }
}

fn taken_back(things: &Things, telling: &mut Telling) {
    let known = &at(RETRACTION);
    telling.learn(known, "The report about the shelter is retracted: it is a public one.");
    for tenure in TENURES.iter().filter(|one| matches!(one.thing, Thing::ShelterPhone | Thing::ShelterHouse))
    {
        let reason = "retracted by the source: a public shelter";
        telling.say(
            known,
            json!({ "id": observation_id(tenure), "kind": "observation", "op": "delete", "reason": reason }),
        );
    }
    let known = &at(SHELTER_GENERIC);
    telling.learn(known, "The shelter's telephone and address are declared generic.");
    for thing in [Thing::ShelterPhone, Thing::ShelterHouse] {
        telling.say(known, generic(things, thing, "public shelter"));
    }
}

/// The ledger: the document number of one of its people, by the time the handset was read.
pub(super) fn in_ledger(subject: &str, document: &str, telling: &mut Telling) {
    telling.say(
        &at(HANDSET),
        json!({ "attribute": { "kind": "document", "value": document }, "grade": "A1", "id": format!("O-F2-{subject}"),
            "kind": "observation", "op": "put", "relation": "operated", "source": "reading of a handset", "subject": "F2",
            "valid_from": day(number(plan::BEGIN)), "valid_to": null }),
    );
}

fn person(things: &Things, id: &'static str) -> Value {
    party(CASEWORK, id, "Person", &things.names[id], &["poi"])
}

fn party(dataset: &str, id: &str, schema: &str, name: &str, topics: &[&str]) -> Value {
    let mut properties = json!({ "name": [name] });
    if !topics.is_empty() {
        properties["topics"] = json!(topics);
    }
    put(dataset, &json!({ "id": id, "properties": properties, "schema": schema }))
}

fn relation(dataset: &str, id: &str, schema: &str, from: (&str, &str), to: (&str, &str)) -> Value {
    put(dataset, &json!({ "id": id, "properties": { from.0: [from.1], to.0: [to.1] }, "schema": schema }))
}

fn put(dataset: &str, entity: &Value) -> Value {
    json!({ "dataset": dataset, "entity": entity, "grade": "B2", "kind": "entity", "op": "put", "source": dataset })
}

fn generic(things: &Things, thing: Thing, reason: &str) -> Value {
    let (kind, value) = things.of(thing);
    json!({ "attribute": { "kind": kind, "value": value }, "kind": "generic", "op": "put", "reason": reason })
}

fn observation_id(tenure: &Tenure) -> String {
    format!("O-{}-{:?}", tenure.party, tenure.thing)
}

fn observation(things: &Things, tenure: &Tenure) -> Value {
    let (kind, value) = things.of(tenure.thing);
    json!({ "attribute": { "kind": kind, "value": value }, "grade": tenure.grade, "id": observation_id(tenure),
        "kind": "observation", "op": "put", "relation": "operated", "source": tenure.source, "subject": tenure.party,
        "valid_from": tenure.days.0, "valid_to": tenure.days.1 })
}
