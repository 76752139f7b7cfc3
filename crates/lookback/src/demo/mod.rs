//! The invented demonstration: a population that was cleared once, and a list that learns for two years.
//!
//! In: an empty path, how many people, a seed. Out: one report for each thing that was learned, and a store to go on exploring.
//! Everybody in it is invented (`crates/invented`).

mod harbour;
pub use harbour::{Colleague, OFFICE, harbour};

use std::fmt::Write as _;
use std::path::Path;

use invented::{POPULATION_KNOWN_AT, list_story, population};
use model::{DatasetName, KnownAt, Role};
use serde::Serialize;
use serde_json::Value;
use sources::{File, Format};

use crate::ingest::deliveries;
use crate::store::Ending;
use crate::{CommitReport, Error, Hashes, IngestOptions, IngestReport, Progress, Settings, Store};

/// The name of the demonstration's population.
pub const POPULATION: &str = "travellers";

/// What to demonstrate.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// How many people.
    pub people: u64,
    /// The same seed gives the same people and the same list.
    pub seed: u64,
}

/// One thing that was learned, and what it did.
#[derive(Debug, Clone, Serialize)]
pub struct DemoStep {
    /// When.
    pub known_at: KnownAt,
    /// What, in plain words.
    pub learned: String,
    /// What it did to the alerts.
    pub commit: CommitReport,
    /// The hashes after it, to hold later answers about this moment against.
    pub hashes: Hashes,
}

/// Runs the demonstration; `each` sees every step as soon as its commit stands.
pub fn demo(
    path: &Path,
    settings: Settings,
    demo: Demo,
    progress: &mut dyn Progress,
    each: &mut dyn FnMut(&Store, &DemoStep) -> Result<(), Error>,
) -> Result<(Store, Vec<DemoStep>), Error> {
    let mut store = Store::create(path, settings)?;
    let mut steps = Vec::new();
    let people = people_as_ftm(demo);
    let known_at = KnownAt::parse(POPULATION_KNOWN_AT).expect("the generator writes RFC 3339");
    let options = IngestOptions {
        dataset: DatasetName::new(POPULATION),
        role: Some(Role::Population),
        format: Some(Format::Ftm),
        known_at: Some(known_at),
        ..IngestOptions::default()
    };
    let learned = format!("{} people arrived, were screened and let through; no list yet", demo.people);
    let file = File::from_bytes("travellers.ftm.json", people);
    steps.push(store.demo_step(file, &options, learned, progress)?);
    each(&store, &steps[0])?;
    for step in list_story(demo.seed, demo.people) {
        let file =
            File::from_bytes(&format!("{}.jsonl", step.known_at), journal_lines(&step.known_at, &step.lines));
        let options = IngestOptions { format: Some(Format::Journal), ..IngestOptions::default() };
        let step = store.demo_step(file, &options, step.title, progress)?;
        each(&store, &step)?;
        steps.push(step);
    }
    store.save_indexes()?;
    Ok((store, steps))
}

impl Store {
    fn demo_step(
        &mut self,
        file: File,
        options: &IngestOptions,
        learned: String,
        progress: &mut dyn Progress,
    ) -> Result<DemoStep, Error> {
        let mut report = IngestReport::default();
        for delivery in deliveries(vec![file], options)? {
            self.take(&delivery, Ending::Commit, progress, &mut report)?;
        }
        let commit =
            report.commits.pop().ok_or_else(|| Error::Usage("the story has an empty step".into()))?;
        let hashes = self.hashes(commit.known_at)?;
        Ok(DemoStep { known_at: commit.known_at, learned, commit, hashes })
    }
}

fn people_as_ftm(demo: Demo) -> Vec<u8> {
    let mut text = String::new();
    for person in population(demo.seed, demo.people) {
        writeln!(text, "{}", person.to_ftm()).expect("writing to a string");
    }
    text.into_bytes()
}

/// One batch as a journal.
fn journal_lines(known_at: &str, lines: &[Value]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        let mut line = line.clone();
        line["known_at"] = known_at.into();
        writeln!(text, "{line}").expect("writing to a string");
    }
    text.into_bytes()
}
