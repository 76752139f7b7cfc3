//! What the office did about the members: reviews in the field, arrests, removals, assessments, redress; and what others said of it.
//!
//! In: everybody. Out: events and claims as journal lines, and the same in what the story knows of each.

use serde_json::{Value, json};

use super::Telling;
use super::calendar::{day, number};
use super::guest::drawn;
use super::plan::{ASSESSED, Group, NOT_FOUND_AT_FIRST, REDRESS, REDRESSED, REMOVED, STATUSES};
use super::truth::Guest;
use crate::random::Random;

const FIRST_REVIEW: (&str, &str) = ("2030-08-20", "2030-09-10");
const REVIEWS: (&str, &str) = ("2031-01-20", "2031-06-20");
/// For those who became members with the payer's alias.
const LAST_REVIEWS: &str = "2031-06-01";
const ASSESSMENTS: &str = "2031-06-10";
const REMOVALS: &str = "2031-06-22";
/// The day of the report.
const REPORT: &str = "2031-06-25";
const SHELTER_CLOSED: &str = "2031-04-20";

pub(super) fn tell(guests: &mut [Guest], random: &mut Random, telling: &mut Telling) {
    let in_group = |guests: &[Guest], group| -> Vec<usize> {
        (0..guests.len()).filter(|at| guests[*at].group == group).collect()
    };
    let house = in_group(guests, Group::House);
    let not_found = drawn(&house, NOT_FOUND_AT_FIRST, random);
    for at in house {
        let status = if not_found.contains(&at) { "not_located" } else { "located" };
        report(&mut guests[at], status, &between(FIRST_REVIEW, random), telling);
    }
    for at in in_group(guests, Group::Shelter) {
        report(&mut guests[at], "no_further_action", SHELTER_CLOSED, telling);
    }
    let members: Vec<usize> = (0..guests.len()).filter(|at| guests[*at].is_moved(REPORT)).collect();
    outcomes(guests, &members, random, telling);
    for at in drawn(&members, ASSESSED, random) {
        telling.event(
            &guests[at].id,
            "threat_assessed",
            ASSESSMENTS,
            &json!({ "result": "none_identified" }),
        );
    }
    telling.learn(&noon(ASSESSMENTS), "Most of the members are assessed; in none is a threat identified.");
    let free = members.iter().filter(|at| !guests[**at].statuses.values().any(|status| *status == "removed"));
    let free: Vec<usize> = free.copied().collect();
    for at in drawn(&free, REDRESSED, random) {
        guests[at].redressed = true;
        let ground = json!({ "ground": "taken for somebody else" });
        telling.event(&guests[at].id, "redress_granted", REDRESS, &ground);
    }
    telling.learn(&noon(REDRESS), "Five who were taken for somebody else are granted redress.");
    claims(telling);
}

fn outcomes(guests: &mut [Guest], members: &[usize], random: &mut Random, telling: &mut Telling) {
    let mut order = drawn(members, members.len(), random).into_iter();
    for (count, status) in STATUSES {
        let of_status: Vec<usize> = order.by_ref().take(count).collect();
        for at in &of_status {
            let first = if guests[*at].group == Group::Payer { LAST_REVIEWS } else { REVIEWS.0 };
            report(&mut guests[*at], status, &between((first, REVIEWS.1), random), telling);
        }
        if status == "arrested" {
            for at in of_status.into_iter().take(REMOVED) {
                report(&mut guests[at], "removed", REMOVALS, telling);
            }
        }
    }
}

fn between((first, last): (&str, &str), random: &mut Random) -> String {
    day(random.between(number(first), number(last)))
}

fn report(guest: &mut Guest, status: &'static str, day: &str, telling: &mut Telling) {
    telling.event(&guest.id, status, day, &json!({}));
    guest.statuses.insert(day.to_owned(), status);
}

fn noon(day: &str) -> String {
    format!("{day}T12:00:00Z")
}

/// What others said, of which some holds and some does not.
fn claims(telling: &mut Telling) {
    let rows = [
        (
            "2030-08-30",
            "C1",
            "Quay Gazette (invented)",
            "a spokesman",
            "about 120 people came through one house",
            ("moved_by_network", "==", 120),
            None,
        ),
        (
            "2030-09-15",
            "C2",
            "Quay Gazette (invented)",
            "an official",
            "all but 15 of them were found",
            ("not_located", "==", 15),
            None,
        ),
        (
            "2031-02-03",
            "C3",
            "Harbour Evening (invented)",
            "a member of the assembly",
            "it is far more than four hundred",
            ("moved_by_network", ">", 400),
            None,
        ),
        (
            "2031-06-25",
            "C4",
            "the office's report",
            "the office",
            "417 people were moved by the network",
            ("moved_by_network", "==", 417),
            None,
        ),
        (
            "2031-06-26",
            "C5",
            "Harbour Evening (invented)",
            "a member of the assembly",
            "dozens of them belonged to the group itself",
            ("direct_tie_to_listed_org", ">=", 24),
            Some("C4"),
        ),
        (
            "2031-06-26",
            "C6",
            "the office's report",
            "the office",
            "in none of those assessed was a threat identified",
            ("threat_identified", "==", 0),
            None,
        ),
    ];
    for (known, id, outlet, said_by, text, (metric, comparison, value), contests) in rows {
        let line: Value = json!({ "comparison": comparison, "contests": contests, "id": id, "kind": "claim", "metric": metric,
            "op": "put", "outlet": outlet, "said_by": said_by, "text": text, "value": value });
        telling.say(&noon(known), line);
    }
    telling.learn(&noon(REPORT), "The office reports: 417 moved by the network.");
}
