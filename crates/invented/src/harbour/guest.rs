//! The people who came: who is in which group, and what the border reports of each.
//!
//! In: the plan, a seed. Out: everybody, by id, and their journal lines. Whom the list's own story is about is in no group.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::calendar::{day, number, reported};
use super::parties::{Things, in_ledger};
use super::plan::{BEFORE_THE_LIST, BEGIN, COHORTS, DETAINED, END, Group, INCONCLUSIVE, Thing};
use super::truth::Guest;
use super::{TRAVELLERS, Telling};
use crate::person::{Person, person};
use crate::random::Random;

/// Days for which somebody had a thing: longer than a day, so that time shows; within the days left in the plan.
const STAY: u64 = 3;

/// Everybody, with the group that the draw put them into.
pub(super) fn invited(seed: u64, people: u64, listed: &BTreeSet<String>, random: &mut Random) -> Vec<Guest> {
    let mut guests: BTreeMap<u64, Guest> = BTreeMap::new();
    let is_listed = |index: u64| listed.contains(&person(seed, index).id);
    for cohort in COHORTS {
        let mut members = 0;
        while members < cohort.people {
            let index = random.below(people);
            if guests.contains_key(&index) || is_listed(index) {
                continue;
            }
            let came = match cohort.group {
                Group::SameDay => day_of_a_member(&guests, random),
                _ => day_between(cohort.came, random),
            };
            guests.insert(index, guest(seed, index, cohort.group, came));
            members += 1;
        }
    }
    for index in 0..people {
        let last = if is_listed(index) { BEFORE_THE_LIST } else { END };
        let came = day_between((BEGIN, last), random);
        guests.entry(index).or_insert_with(|| guest(seed, index, Group::Background, came));
    }
    let mut guests: Vec<Guest> = guests.into_values().collect();
    what_the_border_did(&mut guests, random);
    guests
}

fn guest(seed: u64, index: u64, group: Group, came: String) -> Guest {
    let Person { id, passport, .. } = person(seed, index);
    let document = passport.unwrap_or_else(|| format!("TD{index:09}"));
    let (statuses, reported) = (BTreeMap::new(), report_of(&came)[..10].to_owned());
    Guest {
        id,
        group,
        came,
        reported,
        released: true,
        screened: "no_hit",
        redressed: false,
        statuses,
        index,
        document,
    }
}

/// When the border's report of somebody is known: after the stay.
fn report_of(came: &str) -> String {
    reported(number(came) + STAY)
}

fn day_between((first, last): (&str, &str), random: &mut Random) -> String {
    day(random.between(number(first), number(last)))
}

fn day_of_a_member(guests: &BTreeMap<u64, Guest>, random: &mut Random) -> String {
    let members: Vec<&Guest> = guests.values().filter(|guest| guest.group == Group::House).collect();
    random.choose(&members).came.clone()
}

/// Some members were not let go at once, and some screenings were not clear; of the others about one in fifty was kept for a while.
fn what_the_border_did(guests: &mut [Guest], random: &mut Random) {
    const MEMBERS: [Group; 4] = [Group::House, Group::Ledger, Group::Crew, Group::Payer];
    let mut members: Vec<usize> = Vec::new();
    for (at, guest) in guests.iter_mut().enumerate() {
        if MEMBERS.contains(&guest.group) {
            members.push(at);
        } else {
            guest.released = !random.chance(20);
        }
    }
    for at in drawn(&members, DETAINED, random) {
        guests[at].released = false;
    }
    for at in drawn(&members, INCONCLUSIVE, random) {
        guests[at].screened = "inconclusive";
    }
}

/// So many of the items, each at most once, in the order in which they are drawn.
pub(super) fn drawn(items: &[usize], count: usize, random: &mut Random) -> Vec<usize> {
    let mut left = items.to_vec();
    (0..count.min(items.len())).map(|_| left.swap_remove(random.below(left.len() as u64) as usize)).collect()
}

/// What the border reports of somebody.
pub(super) fn tell(seed: u64, guest: &Guest, things: &Things, telling: &mut Telling) {
    let (came, known) = (number(&guest.came), report_of(&guest.came));
    let mut random = Random::of_item(seed ^ GATE, guest.index);
    telling.say(&known, entity(seed, guest, things, &mut random));
    telling.say(&known, used(guest, "document", &guest.document, 0));
    let had = guest.group.cohort().map_or(&[][..], |cohort| cohort.had);
    for thing in had {
        let (kind, value) = things.of(*thing);
        telling.say(&known, used(guest, kind, value, stay(*thing)));
    }
    if !had.iter().any(|thing| things.of(*thing).0 == "phone") {
        telling.say(&known, used(guest, "phone", &format!("+9990{:08}", guest.index), STAY));
    }
    if guest.group == Group::Ledger {
        in_ledger(&guest.id, &guest.document, telling);
    }
    let result = json!({ "result": guest.screened });
    telling.say(&known, border_event(guest, "screened", &guest.came, &result));
    let (event, after) = if guest.released { ("released", 1) } else { ("detained", 0) };
    telling.say(&known, border_event(guest, event, &day(came + after), &json!({})));
}

/// Keeps what the border states apart from the other draws of an item.
const GATE: u64 = 0x6761_7465;

fn stay(thing: Thing) -> u64 {
    match thing {
        Thing::Booking3 | Thing::Account9 => 0,
        _ => STAY,
    }
}

fn entity(seed: u64, guest: &Guest, things: &Things, random: &mut Random) -> Value {
    let mut entity = person(seed, guest.index).to_ftm();
    if guest.group == Group::Namesake {
        let properties = entity["properties"].as_object_mut().expect("people have properties");
        properties.remove("alias");
        properties.insert("name".to_owned(), json!([things.name_for(guest.index as usize)]));
    }
    // Stated for reporting only, and drawn from nothing: it goes with no name, no group and no day.
    let origin = random.choose(&["XA", "XB", "XC", "XD", "XE", "XF"]);
    json!({ "dataset": TRAVELLERS, "entity": entity, "grade": "A1", "kind": "entity", "op": "put",
        "reporting": { "reporting_origin": origin }, "source": gate(guest), "valid_from": guest.came })
}

fn gate(guest: &Guest) -> String {
    format!("gate:{}", guest.id)
}

fn used(guest: &Guest, kind: &str, value: &str, days: u64) -> Value {
    json!({ "attribute": { "kind": kind, "value": value }, "grade": "A1", "id": format!("O-{}-{kind}", guest.id),
        "kind": "observation", "op": "put", "relation": "used", "source": gate(guest), "subject": guest.id,
        "valid_from": guest.came, "valid_to": day(number(&guest.came) + days) })
}

fn border_event(guest: &Guest, event: &str, at: &str, detail: &Value) -> Value {
    json!({ "at": at, "detail": detail, "event": event, "id": format!("{}-{event}", guest.id), "kind": "event",
        "op": "put", "source": gate(guest), "subject": guest.id })
}
