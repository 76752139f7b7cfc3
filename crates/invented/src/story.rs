//! The story of an invented list: two years in which something is learned now and then about people long let through.
//!
//! In go a seed and the size of the population; out come dated batches of journal lines. The people concerned are taken from that
//! population, so that each step does to the alerts what its title says; the rest of the list is there to be quiet.
//! Every kind of change happens at least once: a new entry, another script, a corrected birth date in both directions, a delisting
//! and a return, a re-used id, a weak alias, a passport under another name, and changes that change nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::entry::Entry;
use crate::naming::upper_case;
use crate::person::{Drawn, drawn};
use crate::random::Random;
use crate::vary::{Variation, vary};

/// The name of the list's dataset.
pub const LIST: &str = "harbour-watch";

/// When the population was loaded: before the list's first version and after the last arrival.
pub const POPULATION_KNOWN_AT: &str = "2030-01-01T00:00:00Z";

/// One version of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListStep {
    /// When it became known, RFC 3339, later than the step before.
    pub known_at: String,
    /// What was learned, in one line.
    pub title: String,
    /// Journal lines without their `known_at`; their order means nothing.
    pub lines: Vec<Value>,
    /// The ids of the subjects whose alerts the step is meant to open, change or end, sorted. By chance there may be more.
    pub concerns: Vec<String>,
}

/// The list's versions, oldest first, for the first `population` people of `seed`.
///
/// Where the population is too small to find somebody fitting, the entry is about somebody who is not in it.
pub fn list_story(seed: u64, population: u64) -> Vec<ListStep> {
    let random = Random::of_item(seed, u64::MAX);
    let mut story =
        Story { seed, population, random, taken: BTreeSet::new(), entries_made: 0, steps: Vec::new() };
    let mut cast = story.first_version();
    story.first_year(&mut cast);
    story.second_year(&mut cast);
    story.steps
}

struct Story {
    seed: u64,
    population: u64,
    random: Random,
    /// Indexes of people whom an entry is already about.
    taken: BTreeSet<u64>,
    entries_made: u64,
    /// The last one is being told.
    steps: Vec<ListStep>,
}

/// An entry and the subject whom it is, or will be found to be, about.
#[derive(Debug, Clone)]
struct Planted {
    entry: Entry,
    subject: Drawn,
    in_population: bool,
}

/// The entries that the story comes back to.
struct Cast {
    /// Alerted from the first day; its programme changes, and in the end it is merged into another entry.
    followed: Planted,
    /// Alerted until its birth date is corrected.
    mistaken: Planted,
    /// Not alerted until its birth date is corrected.
    far_off: Planted,
    /// Alerted at a lower score until its spelling is corrected.
    misspelt: Planted,
    /// Listed under quite another name until the real one is learned.
    cover: Planted,
    /// Strangers, a firm and a ship.
    bystander: Entry,
    duplicate: Entry,
    firm: Entry,
    ship: Entry,
}

/// What a person must be like for a step to show what it is to show; in any case a full birth date and a name
/// that can be misspelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Anyone,
    /// A name recorded in Latin letters that its owner writes otherwise.
    Romanised,
    /// A name in another script, and no Latin form on record.
    OtherScriptOnly,
    /// A passport.
    Passport,
}

impl Story {
    fn first_version(&mut self) -> Cast {
        self.begin(
            "2030-01-07",
            "The list as it is first known: 400 entries, four of them about people who were let through.",
        );
        let title = "Harbour watch (an invented list)";
        let dataset = json!({ "kind": "dataset", "name": LIST, "op": "put", "role": "list", "title": title });
        self.step().lines.push(dataset);
        self.put_quiet(324, 52, 14);
        let followed = self.plant(Wanted::Passport, Variation::Exact);
        self.plant(Wanted::Anyone, Variation::SwappedOrder);
        let mistaken = self.plant(Wanted::Anyone, Variation::Exact);
        let misspelt = self.plant_misspelt();
        let far_off = self.planned(Wanted::Anyone, |entry, subject| {
            entry.birth_date = Some(years_later(&subject.person.birth_date, -23));
        });
        self.put_entry(&far_off.entry);
        let cover_name = Entry::of_stranger(String::new(), &mut self.random).name;
        let cover = self.planned(Wanted::OtherScriptOnly, |entry, _| entry.name = cover_name);
        self.put_entry(&cover.entry);
        let [bystander, duplicate] = [(); 2].map(|()| self.put_new(Entry::of_stranger));
        let firm = self.put_new(Entry::of_organisation);
        let ship = self.put_new(Entry::of_vessel);
        Cast { followed, mistaken, far_off, misspelt, cover, bystander, duplicate, firm, ship }
    }

    fn first_year(&mut self, cast: &mut Cast) {
        self.begin(
            "2030-02-11",
            "Three people are added who had been let through long before, one in another script.",
        );
        let delisted = self.plant(Wanted::Anyone, Variation::Exact);
        let reused = self.plant(Wanted::Anyone, Variation::SwappedOrder);
        self.plant_in_own_script();

        self.begin("2030-03-25", "Two companies and three ships are added; they concern nobody.");
        self.put_quiet(0, 2, 3);

        self.begin("2030-05-06", "A cover name is lifted: the real name becomes known, in its own script.");
        cast.cover.entry.aliases.push(cast.cover.subject.person.name.clone());
        self.put(&cast.cover);

        self.begin(
            "2030-06-17",
            "A birth date is corrected; with the right one an alert has lost its ground.",
        );
        cast.mistaken.entry.birth_date = Some(years_later(&cast.mistaken.subject.person.birth_date, 19));
        self.put(&cast.mistaken);

        self.begin("2030-07-08", "Another birth date is corrected; now the entry fits somebody.");
        cast.far_off.entry.birth_date = Some(cast.far_off.subject.person.birth_date.clone());
        self.put(&cast.far_off);

        self.begin("2030-08-19", "One entry is taken off the list: a court found for the person.");
        self.delete(&delisted, "delisted after a judgment");

        self.begin("2030-09-30", "The publisher gives a number to a different person.");
        self.delete(&reused, "withdrawn by the publisher");
        let id = reused.entry.id;
        self.plant_as(Wanted::Anyone, |entry, _| entry.id = id);

        self.begin("2030-11-11", "A nickname is learned, one that many people bear; alone it says nothing.");
        let many_bear_it = drawn(self.seed, 0).written.latin;
        cast.bystander.weak_aliases.extend(many_bear_it.split(' ').next().map(str::to_owned));
        self.put_entry(&cast.bystander);

        self.begin("2030-12-16", "Somebody travelled under another name: only the passport is the same.");
        let alias = Entry::of_stranger(String::new(), &mut self.random);
        self.plant_as(Wanted::Passport, |entry, subject| {
            entry.passport.clone_from(&subject.person.passport);
            (entry.name, entry.aliases, entry.gender) = (alias.name, alias.aliases, alias.gender);
            entry.birth_date = None;
        });

        self.begin(
            "2031-01-20",
            "An entry moves to another programme; the alert on it stays and says that its evidence changed.",
        );
        "HARBOUR-REVIEWED".clone_into(&mut cast.followed.entry.program);
        self.put(&cast.followed);

        self.begin(
            "2031-03-03",
            "The delisted entry returns under its old number: the judgment was overturned.",
        );
        self.put(&delisted);
    }

    fn second_year(&mut self, cast: &mut Cast) {
        self.begin("2031-04-14", "A misspelt name is put right; the alert on it grows stronger.");
        cast.misspelt.entry.name.clone_from(&cast.misspelt.subject.person.name);
        self.put(&cast.misspelt);

        self.begin(
            "2031-05-26",
            "Forty entries are added at once, four of them about people who were let through.",
        );
        self.put_quiet(34, 2, 0);
        self.plant(Wanted::Anyone, Variation::Exact);
        self.plant(Wanted::Anyone, Variation::SwappedOrder);
        self.plant_misspelt();
        self.plant_in_own_script();

        self.begin("2031-07-07", "The name behind the cover name was a mix-up and is withdrawn.");
        cast.cover.entry.aliases.clear();
        self.put(&cast.cover);

        self.begin(
            "2031-09-08",
            "A firm and a ship are renamed, one name is set in capitals: no news about anybody.",
        );
        cast.firm.aliases.push(cast.firm.name.clone());
        cast.firm.name = Entry::of_organisation(String::new(), &mut self.random).name;
        cast.ship.aliases.push(cast.ship.name.clone());
        cast.ship.name = Entry::of_vessel(String::new(), &mut self.random).name;
        self.put_entry(&cast.firm);
        self.put_entry(&cast.ship);
        cast.misspelt.entry.name = cast.misspelt.entry.name.chars().map(upper_case).collect();
        self.put_entry(&cast.misspelt.entry);

        self.begin(
            "2031-10-20",
            "Two entries turn out to be one person: one number goes, the other takes its names.",
        );
        self.delete(&cast.followed, "merged into another entry");
        cast.duplicate.aliases.push(cast.followed.entry.name.clone());
        cast.duplicate.birth_date.clone_from(&cast.followed.entry.birth_date);
        cast.duplicate.gender = cast.followed.entry.gender;
        self.put_entry(&cast.duplicate);

        self.begin("2031-12-01", "Twelve people are added; none of them was ever let through.");
        self.put_quiet(12, 0, 0);
    }

    fn begin(&mut self, day: &str, title: &str) {
        self.steps.push(ListStep {
            known_at: format!("{day}T06:00:00Z"),
            title: title.to_owned(),
            lines: Vec::new(),
            concerns: Vec::new(),
        });
    }

    fn step(&mut self) -> &mut ListStep {
        self.steps.last_mut().expect("the first version is begun before anything is put into it")
    }

    /// Entries that are about nobody in the population.
    fn put_quiet(&mut self, people: usize, organisations: usize, vessels: usize) {
        for _ in 0..people {
            self.put_new(Entry::of_stranger);
        }
        for _ in 0..organisations {
            self.put_new(Entry::of_organisation);
        }
        for _ in 0..vessels {
            self.put_new(Entry::of_vessel);
        }
    }

    fn put_new(&mut self, entry_of: fn(String, &mut Random) -> Entry) -> Entry {
        let id = self.next_id();
        let mut entry = entry_of(id, &mut self.random);
        entry.listed_on = self.today();
        self.put_entry(&entry);
        entry
    }

    /// Puts an entry about somebody, by a name that is varied in one way.
    fn plant(&mut self, wanted: Wanted, variation: Variation) -> Planted {
        let random = &mut self.forked_random();
        self.plant_as(wanted, |entry, _| {
            entry.name = vary(&entry.name, variation, random).unwrap_or_else(|| entry.name.clone());
        })
    }

    /// Puts an entry about somebody whose name the publisher got slightly wrong.
    fn plant_misspelt(&mut self) -> Planted {
        let random = &mut self.forked_random();
        self.plant_as(Wanted::Anyone, |entry, _| {
            let mut typos = (0..100).filter_map(|_| vary(&entry.name, Variation::OneTypo, random));
            let slight = typos.find(|typo| is_slight(&entry.name, typo));
            entry.name = slight.unwrap_or_else(|| entry.name.clone());
        })
    }

    /// Puts an entry in another script about somebody whose name is on record in Latin letters.
    fn plant_in_own_script(&mut self) -> Planted {
        self.plant_as(Wanted::Romanised, |entry, subject| entry.name.clone_from(&subject.written.native))
    }

    fn forked_random(&mut self) -> Random {
        Random::new(self.random.draw())
    }

    /// Puts an entry about somebody after `change` has made of it what is known so far.
    fn plant_as(&mut self, wanted: Wanted, change: impl FnOnce(&mut Entry, &Drawn)) -> Planted {
        let planted = self.planned(wanted, change);
        self.put(&planted);
        planted
    }

    /// An entry about somebody after `change` has made of it what is known so far; not put yet.
    fn planned(&mut self, wanted: Wanted, change: impl FnOnce(&mut Entry, &Drawn)) -> Planted {
        let (subject, in_population) = self.subject(wanted);
        let id = self.next_id();
        let mut entry = Entry::of(&subject, id, &mut self.random);
        change(&mut entry, &subject);
        entry.listed_on = self.today();
        Planted { entry, subject, in_population }
    }

    fn put(&mut self, planted: &Planted) {
        self.put_entry(&planted.entry);
        self.concern(planted);
    }

    fn put_entry(&mut self, entry: &Entry) {
        self.step().lines.push(entry.put());
    }

    fn delete(&mut self, planted: &Planted, reason: &str) {
        self.step().lines.push(planted.entry.delete(reason));
        self.concern(planted);
    }

    fn concern(&mut self, planted: &Planted) {
        if planted.in_population {
            let concerns = &mut self.step().concerns;
            concerns.push(planted.subject.person.id.clone());
            concerns.sort();
        }
    }

    fn today(&mut self) -> String {
        self.step().known_at[..10].to_owned()
    }

    fn next_id(&mut self) -> String {
        self.entries_made += 1;
        format!("hw-{:04}", self.entries_made)
    }

    /// Somebody fitting whom no entry is about yet, and whether that is somebody in the population.
    fn subject(&mut self, wanted: Wanted) -> (Drawn, bool) {
        let n = self.population;
        let start = self.random.below(n);
        let inside = (0..n.min(LOOKED_AT_MAX)).map(|step| (start + step) % n);
        let outside = n..u64::MAX;
        for index in inside.chain(outside) {
            let subject = drawn(self.seed, index);
            if wanted.fits(&subject) && self.taken.insert(index) {
                return (subject, index < n);
            }
        }
        unreachable!("one person in fifty fits the narrowest wish")
    }
}

/// Past this many people in a row who do not fit, the population has nobody fitting left.
const LOOKED_AT_MAX: u64 = 5000;

impl Wanted {
    fn fits(self, subject: &Drawn) -> bool {
        let person = &subject.person;
        let is_latin = person.name == subject.written.latin;
        let has_day = person.birth_date.len() == 10 && !person.birth_date.ends_with("-01-01");
        let is_otherwise_native = !subject.written.native.contains(|c: char| c.is_ascii_alphabetic());
        let has_long_word =
            person.name.split(' ').any(|word| word.chars().count() >= SLIGHT_TYPO_LETTERS_MIN);
        has_day
            && has_long_word
            && match self {
                Self::Anyone => true,
                Self::Romanised => is_latin && is_otherwise_native && person.alias.is_none(),
                Self::OtherScriptOnly => !is_latin && is_otherwise_native && person.alias.is_none(),
                Self::Passport => person.passport.is_some(),
            }
    }
}

/// Whether the slip is in a long word and past its beginning, where nobody takes it for another name.
fn is_slight(name: &str, typo: &str) -> bool {
    name.split(' ').zip(typo.split(' ')).all(|(word, other)| {
        let long = word.chars().count() >= SLIGHT_TYPO_LETTERS_MIN;
        word == other || long && word.chars().take(3).eq(other.chars().take(3))
    })
}

/// A slip in a shorter word can make another name of it.
const SLIGHT_TYPO_LETTERS_MIN: usize = 6;

/// The same day in another year; `iso` is a full date.
fn years_later(iso: &str, years: i64) -> String {
    let (year, day) = iso.split_at(4);
    let year: i64 = year.parse().expect("people are picked by having a full birth date");
    format!("{:04}{day}", year + years)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const PEOPLE: u64 = 20_000;

    fn story() -> Vec<ListStep> {
        list_story(20_310_625, PEOPLE)
    }

    fn puts<'a>(step: &'a ListStep, id: &'a str) -> impl Iterator<Item = &'a Value> {
        step.lines.iter().filter(move |line| line["op"] == "put" && line["entity"]["id"] == id)
    }

    /// The version of an entry before the step number `at`.
    fn before<'a>(steps: &'a [ListStep], at: usize, id: &'a str) -> Option<&'a Value> {
        steps[..at].iter().flat_map(|step| puts(step, id)).last()
    }

    #[test]
    fn the_same_seed_tells_the_same_story_and_another_seed_another() {
        assert_eq!(story(), story());
        assert_ne!(story(), list_story(1, PEOPLE));
    }

    #[test]
    fn steps_follow_one_another_over_two_years_after_the_population() {
        let steps = story();
        assert!((12..=20).contains(&steps.len()));
        assert!(POPULATION_KNOWN_AT < steps[0].known_at.as_str());
        assert!(steps.is_sorted_by(|a, b| a.known_at < b.known_at));
        assert!(steps[steps.len() - 1].known_at.starts_with("2031-12"));
        assert!(steps.iter().all(|step| !step.title.is_empty() && !step.title.contains('\n')));
    }

    #[test]
    fn every_line_is_a_journal_line_of_the_list() {
        for step in story() {
            let mut put = BTreeSet::new();
            for line in &step.lines {
                assert!(line.get("known_at").is_none());
                match (line["op"].as_str(), line["kind"].as_str()) {
                    (Some("put"), Some("dataset")) => assert_eq!(line["role"], "list"),
                    (Some("put"), Some("entity")) => {
                        assert_eq!(line["dataset"], LIST);
                        let entity = &line["entity"];
                        assert!(
                            put.insert(entity["id"].as_str().unwrap().to_owned()),
                            "one put of a key in a batch"
                        );
                        let properties = entity["properties"].as_object().unwrap();
                        assert!(properties.contains_key("name") && properties.contains_key("topics"));
                        for values in properties.values() {
                            let values = values.as_array().unwrap();
                            assert!(!values.is_empty());
                            assert!(values.iter().all(|value| !value.as_str().unwrap().is_empty()));
                        }
                    }
                    (Some("delete"), Some("entity")) => assert!(line["reason"].is_string()),
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn the_first_version_has_four_hundred_entries_of_several_kinds() {
        let steps = story();
        let mut schemata: BTreeMap<&str, usize> = BTreeMap::new();
        for line in steps[0].lines.iter().filter(|line| line["kind"] == "entity") {
            *schemata.entry(line["entity"]["schema"].as_str().unwrap()).or_default() += 1;
        }
        assert_eq!(schemata.values().sum::<usize>(), 400);
        assert_eq!(schemata.into_keys().collect::<Vec<_>>(), ["Company", "Organization", "Person", "Vessel"]);
    }

    #[test]
    fn deletes_are_of_entries_on_the_list_and_one_id_is_used_again_at_once() {
        let steps = story();
        let mut reused = 0;
        let mut returned = 0;
        for (at, step) in steps.iter().enumerate() {
            for line in step.lines.iter().filter(|line| line["op"] == "delete") {
                let id = line["id"].as_str().unwrap();
                assert!(before(&steps, at, id).is_some(), "{id}");
                reused += puts(step, id).count();
                returned += steps[at + 1..].iter().flat_map(|step| puts(step, id)).count();
            }
        }
        assert_eq!((reused, returned), (1, 1));
    }

    #[test]
    fn every_kind_of_change_happens() {
        let steps = story();
        let mut changed: BTreeMap<String, usize> = BTreeMap::new();
        for (at, step) in steps.iter().enumerate() {
            for line in step.lines.iter().filter(|line| line["op"] == "put" && line["kind"] == "entity") {
                let Some(old) = before(&steps, at, line["entity"]["id"].as_str().unwrap()) else { continue };
                let (old, new) = (&old["entity"]["properties"], &line["entity"]["properties"]);
                for property in ["alias", "birthDate", "name", "program", "weakAlias"] {
                    *changed.entry(property.to_owned()).or_default() +=
                        usize::from(old[property] != new[property]);
                }
            }
        }
        assert!(changed["alias"] >= 4 && changed["birthDate"] >= 3, "{changed:?}");
        assert!(changed["name"] >= 3 && changed["program"] >= 1 && changed["weakAlias"] == 1, "{changed:?}");
        assert!(
            steps.iter().any(|step| step
                .lines
                .iter()
                .any(|l| !l["entity"]["properties"]["passportNumber"].is_null()))
        );
    }

    #[test]
    fn quiet_steps_concern_nobody_and_the_others_people_of_the_population() {
        let steps = story();
        assert!(steps.iter().filter(|step| step.concerns.is_empty()).count() >= 4);
        for id in steps.iter().flat_map(|step| &step.concerns) {
            let number: u64 = id[1..].parse().unwrap();
            assert!((1..=PEOPLE).contains(&number));
        }
        assert_eq!(steps[0].concerns.len(), 4);
    }

    #[test]
    fn a_population_too_small_still_has_a_story() {
        for people in [0, 1, 3] {
            let steps = list_story(4, people);
            assert_eq!(steps.len(), story().len());
            assert!(steps[0].concerns.len() <= people as usize);
        }
    }
}
