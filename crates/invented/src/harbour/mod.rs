//! The Harbour story: people who were screened by name, let through, and concerned all the same, as is learned piece by piece.
//!
//! In: a seed and how many people. Out: dated batches of journal lines, and what the story knows of everybody in it: whom it put where,
//! and what that must come to at any day. Always holds: what it knows follows from its own plan, never from what an engine finds, so
//! that an engine can be held against it; the list of [`list_story`] runs through it, about people who are in no other part of it.
//!
//! The plan: a facilitator's telephone and house, another's ledger of document numbers, a crew that is listed with a third one, a report that
//! turns out to be wrong, a payer who turns out to be the third one, redress, and a court that strikes the crew off until an appeal. Beside
//! them stand those who look linked and are not.

mod calendar;
mod delivery;
mod guest;
mod office;
mod parties;
mod plan;
mod truth;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::random::Random;
use crate::story::list_story;

pub use plan::{Group, PEOPLE_MIN};
pub use truth::{Guest, Truth};

/// The population of the story.
pub const TRAVELLERS: &str = "travellers";

/// One batch of the story.
#[derive(Debug, Clone, PartialEq)]
pub struct HarbourStep {
    /// When it became known, RFC 3339, later than the batch before.
    pub known_at: String,
    /// What was learned, in one line; `None` where people merely arrived or were seen.
    pub learned: Option<String>,
    /// Journal lines without their `known_at`; their order means nothing.
    pub lines: Vec<Value>,
}

/// The whole story.
#[derive(Debug, Clone, PartialEq)]
pub struct Harbour {
    /// Its batches, oldest first.
    pub steps: Vec<HarbourStep>,
    /// What it knows of everybody in it.
    pub truth: Truth,
    /// The list as it is delivered after all that, `FollowTheMoney` entities: a whole version from which much is missing.
    pub last_delivery: Vec<Value>,
}

/// Tells the story of the first `people` people of a seed, of whom there must be at least [`PEOPLE_MIN`].
pub fn harbour(seed: u64, people: u64) -> Harbour {
    assert!(people >= PEOPLE_MIN, "the story takes at least {PEOPLE_MIN} people");
    let mut telling = Telling::default();
    let mut random = Random::of_item(seed, u64::MAX - 1);
    let listed = tell_list(seed, people, &mut telling);
    let things = parties::tell(&mut random, &mut telling);
    let mut guests = guest::invited(seed, people, &listed, &mut random);
    for guest in &guests {
        guest::tell(seed, guest, &things, &mut telling);
    }
    office::tell(&mut guests, &mut random, &mut telling);
    let (steps, truth) = (telling.steps(), Truth { guests });
    Harbour { last_delivery: delivery::last(seed, &steps, &truth), steps, truth }
}

/// Takes over the story of the list; whom its entries are about is in no other part of this one.
fn tell_list(seed: u64, people: u64, telling: &mut Telling) -> BTreeSet<String> {
    let mut about = BTreeSet::new();
    for step in list_story(seed, people) {
        about.extend(step.concerns);
        telling.learn(&step.known_at, &step.title);
        step.lines.into_iter().for_each(|line| telling.say(&step.known_at, line));
    }
    about
}

/// What was said so far, by when it became known.
#[derive(Debug, Default)]
struct Telling {
    steps: BTreeMap<String, (Option<String>, Vec<Value>)>,
}

impl Telling {
    fn learn(&mut self, known_at: &str, title: &str) {
        self.steps.entry(known_at.to_owned()).or_default().0 = Some(title.to_owned());
    }

    fn say(&mut self, known_at: &str, line: Value) {
        self.steps.entry(known_at.to_owned()).or_default().1.push(line);
    }

    /// A reported fact about somebody, known on the day it is of.
    fn event(&mut self, subject: &str, event: &str, day: &str, detail: &Value) {
        self.say(
            &format!("{day}T12:00:00Z"),
            json!({ "at": day, "detail": detail, "event": event, "id": format!("{subject}-{event}-{day}"),
                "kind": "event", "op": "put", "source": "casework", "subject": subject }),
        );
    }

    fn steps(self) -> Vec<HarbourStep> {
        self.steps
            .into_iter()
            .map(|(known_at, (learned, lines))| HarbourStep { known_at, learned, lines })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::plan::COHORTS;
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_story_and_another_seed_another() {
        let story = harbour(3, PEOPLE_MIN);
        assert_eq!(story, harbour(3, PEOPLE_MIN));
        assert_ne!(story.steps, harbour(4, PEOPLE_MIN).steps);
    }

    #[test]
    fn everybody_is_in_it_once_and_every_group_has_its_people() {
        let story = harbour(5, 2_000);
        let ids: BTreeSet<&str> = story.truth.guests.iter().map(|guest| guest.id.as_str()).collect();
        assert_eq!((ids.len(), story.truth.guests.len()), (2_000, 2_000));
        for cohort in COHORTS {
            assert_eq!(story.truth.of(cohort.group).len(), cohort.people, "{:?}", cohort.group);
        }
    }

    #[test]
    fn whom_the_list_is_about_is_in_no_group_and_came_before_it() {
        let (seed, people) = (6, PEOPLE_MIN);
        let story = harbour(seed, people);
        let about: BTreeSet<String> =
            list_story(seed, people).into_iter().flat_map(|step| step.concerns).collect();
        assert!(!about.is_empty());
        for guest in story.truth.guests.iter().filter(|guest| about.contains(&guest.id)) {
            assert!(guest.group == Group::Background && guest.came.as_str() < "2030-01-01", "{guest:?}");
        }
    }

    #[test]
    fn a_batch_puts_a_key_once_and_nobody_is_known_before_they_came() {
        let story = harbour(8, PEOPLE_MIN);
        assert!(story.steps.is_sorted_by(|a, b| a.known_at < b.known_at));
        for step in &story.steps {
            let mut put = BTreeSet::new();
            for line in step.lines.iter().filter(|line| line["op"] == "put" && line["kind"] != "generic") {
                let id = line["entity"]["id"].as_str().or(line["id"].as_str()).or(line["name"].as_str());
                assert!(put.insert((line["kind"].to_string(), id)), "{line}");
                if line["dataset"] == TRAVELLERS {
                    assert!(line["valid_from"].as_str().is_some_and(|came| came < &step.known_at[..10]));
                }
            }
        }
    }

    #[test]
    fn the_last_delivery_lacks_more_than_a_tenth_of_the_list() {
        let story = harbour(9, PEOPLE_MIN);
        let mut listed = BTreeSet::new();
        for line in
            story.steps.iter().flat_map(|step| &step.lines).filter(|line| line["dataset"] == "harbour-watch")
        {
            match (line["id"].as_str(), line["entity"]["id"].as_str()) {
                (Some(id), _) => drop(listed.remove(id)),
                (_, Some(id)) => drop(listed.insert(id)),
                _ => {}
            }
        }
        let delivered: BTreeSet<&str> =
            story.last_delivery.iter().filter_map(|entity| entity["id"].as_str()).collect();
        assert!(listed.difference(&delivered).count() * 10 > listed.len());
        assert_eq!(delivered.difference(&listed).count(), 3);
    }
}
