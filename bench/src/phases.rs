//! What is measured, phase by phase; each runs in a process of its own and finds what the one before left in the folder.
//!
//! In: a folder, options. Out: findings in words and numbers, and the peak of memory.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lookback::invented::population;
use lookback::matching::{self, Profile, Rules};
use lookback::model::{DatasetName, Entity, Role};
use lookback::{Access, Format, IngestOptions, Policy, Settings, Silent, Store};
use serde::{Deserialize, Serialize};

use crate::args::Args;
use crate::list::{self, Changes};
use crate::machine::{peak_mib, processor_seconds};
use crate::stopwatch::{Times, timed};

/// The phases in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    List,
    Subjects,
    Open,
    Changes,
    BruteForce,
}

impl Phase {
    pub(crate) const ALL: [Self; 5] =
        [Self::List, Self::Subjects, Self::Open, Self::Changes, Self::BruteForce];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Subjects => "subjects",
            Self::Open => "open",
            Self::Changes => "changes",
            Self::BruteForce => "brute-force",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.word() == word)
    }

    pub(crate) fn doing(self) -> &'static str {
        match self {
            Self::List => "loading the list",
            Self::Subjects => "ingesting, indexing and screening the subjects",
            Self::Open => "opening the store and asking",
            Self::Changes => "changing the list",
            Self::BruteForce => "scoring every pair of a sample",
        }
    }
}

/// What a phase found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) phase: String,
    pub(crate) peak_mib: u64,
    pub(crate) findings: Vec<Finding>,
}

/// One number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    pub(crate) target: Option<Target>,
}

/// What the number should be.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

pub(crate) fn finding(what: &str, value: f64, unit: &str, target: Option<Target>) -> Finding {
    Finding { what: what.to_owned(), value, unit: unit.to_owned(), target }
}

/// Runs a phase. The first one makes the store.
pub(crate) fn run(phase: Phase, folder: &Path, args: &Args) -> Result<Measured> {
    let findings = match phase {
        Phase::List => list_phase(folder, args)?,
        Phase::Subjects => subjects_phase(folder, args.people)?,
        Phase::Open => open_phase(folder)?,
        Phase::Changes => changes_phase(folder)?,
        Phase::BruteForce => brute_force_phase(folder)?,
    };
    Ok(Measured { phase: phase.word().to_owned(), peak_mib: peak_mib(), findings })
}

const POPULATION: &str = "subjects";
/// Seed of the subjects; those asked about ad hoc are others.
const SEED: u64 = 1;
const SEED_OF_QUESTIONS: u64 = 2;

const SINGLE_CHANGES: usize = 200;
/// The mean and the largest change of OFAC's list, 2021-08-18 to 2023-12-28.
const MEAN_LINES: u64 = 29;
const MEAN_CHANGES: usize = 20;
const LARGEST_LINES: u64 = 499;
const LARGEST_CHANGES: usize = 3;
const QUESTIONS: u64 = 2_000;
/// So many invented people, and as many slips in names of the list.
const BRUTE_FORCE_QUESTIONS: u64 = 100;

fn settings() -> Settings {
    Settings::of_this_machine("benchmark")
}

fn store_path(folder: &Path) -> PathBuf {
    folder.join("bench.store")
}

fn open(folder: &Path) -> Result<Store> {
    Ok(Store::open(&store_path(folder), Access::Write, settings())?)
}

fn list_phase(folder: &Path, args: &Args) -> Result<Vec<Finding>> {
    fs::create_dir_all(folder)?;
    write_subjects(folder, args.people)?;
    let mut store = Store::create(&store_path(folder), settings())?;
    let (from, time) = timed(|| list::load(&mut store, folder, args.list.as_deref()));
    let entries = list::entries(&store)?.len();
    Ok(vec![
        finding(&format!("entries of {}", from?), entries as f64, "", None),
        finding("loading the list, a commit for each version", time.as_secs_f64(), "s", None),
    ])
}

fn subjects_file(folder: &Path) -> PathBuf {
    folder.join("subjects.ftm.json")
}

fn write_subjects(folder: &Path, people: u64) -> Result<()> {
    let mut out = BufWriter::new(File::create(subjects_file(folder))?);
    for person in population(SEED, people) {
        writeln!(out, "{}", person.to_ftm())?;
    }
    Ok(out.flush()?)
}

fn subjects_phase(folder: &Path, people: u64) -> Result<Vec<Finding>> {
    let options = IngestOptions {
        dataset: DatasetName::new(POPULATION),
        role: Some(Role::Population),
        format: Some(Format::Ftm),
        ..IngestOptions::default()
    };
    let (report, time) =
        timed(|| -> Result<_> { Ok(open(folder)?.ingest(&[subjects_file(folder)], &options, &mut Silent)?) });
    let opened: u64 = report?.commits.iter().map(|commit| commit.opened).sum();
    let rate = people as f64 / time.as_secs_f64();
    let mut findings = vec![
        finding(
            "ingest, index, screen, commit, save: subjects a second",
            rate,
            "/s",
            Some(Target::AtLeast(20_000.0)),
        ),
        finding("the same, in all", time.as_secs_f64(), "s", None),
        finding("the same, processor time of all threads", processor_seconds(), "s", None),
        finding("alerts opened", opened as f64, "", None),
    ];
    findings.extend(file_sizes(folder)?);
    Ok(findings)
}

fn file_sizes(folder: &Path) -> Result<Vec<Finding>> {
    let mib = |path: PathBuf| Ok::<_, std::io::Error>(fs::metadata(path)?.len() as f64 / f64::from(1 << 20));
    let beside = |side: &str| folder.join(format!("bench.store.{side}.index"));
    Ok(vec![
        finding("file: subjects as FtM JSON lines", mib(subjects_file(folder))?, "MiB", None),
        finding("file: ledger", mib(store_path(folder))?, "MiB", None),
        finding("file: index of subjects", mib(beside("subjects"))?, "MiB", None),
        finding("file: index of entries", mib(beside("entries"))?, "MiB", None),
    ])
}

fn questions(count: u64) -> Result<Vec<Entity>> {
    let people = population(SEED_OF_QUESTIONS, count);
    people.map(|person| serde_json::from_value(person.to_ftm()).context("an invented person")).collect()
}

fn open_phase(folder: &Path) -> Result<Vec<Finding>> {
    let questions = questions(QUESTIONS + 1)?;
    let (first, others) = questions.split_first().context("there is a first question")?;
    let (store, time) = timed(|| -> Result<_> {
        let mut store = open(folder)?;
        store.screen(first, 10)?;
        Ok(store)
    });
    let (mut store, mut times) = (store?, Times::default());
    for question in others {
        let (answer, time) = timed(|| store.screen(question, 10));
        answer?;
        times.note(time);
    }
    Ok(vec![
        finding("open the store, first question", time.as_secs_f64(), "s", Some(Target::AtMost(2.0))),
        finding("one question about one person: p50", times.rank(50), "ms", None),
        finding("one question about one person: p99", times.rank(99), "ms", None),
    ])
}

fn changes_phase(folder: &Path) -> Result<Vec<Finding>> {
    let mut store = open(folder)?;
    let head = store.ledger().head()?.context("the store has commits")?;
    let entries = list::entries(&store)?;
    let mut changes = Changes::new(entries, head.header.known_at, folder.join("change.jsonl"));
    store.screen(&questions(1)?[0], 1)?;
    let single = commits(&mut store, SINGLE_CHANGES, || changes.mixed(1))?;
    let mean = commits(&mut store, MEAN_CHANGES, || changes.mixed(MEAN_LINES))?;
    let largest = commits(&mut store, LARGEST_CHANGES, || changes.corrections(LARGEST_LINES))?;
    let at_most = |most| Some(Target::AtMost(most));
    Ok(vec![
        finding("one changed entry: p50", single.rank(50), "ms", at_most(2.0)),
        finding("one changed entry: p90", single.rank(90), "ms", None),
        finding("one changed entry: p99", single.rank(99), "ms", None),
        finding("a mean change, 29 entries: p50", mean.rank(50), "ms", at_most(40.0)),
        finding("a mean change, 29 entries: slowest of 20", mean.rank(100), "ms", None),
        finding("the largest change, 499 entries: p50", largest.rank(50), "ms", at_most(500.0)),
        finding("the same when the index files are written after it", largest.rank(100), "ms", None),
        finding("processor time of all threads, for 2,277 entries", processor_seconds(), "s", None),
    ])
}

/// Ingests so many journals, one commit each.
fn commits(store: &mut Store, count: usize, mut next: impl FnMut() -> Result<PathBuf>) -> Result<Times> {
    let mut times = Times::default();
    let options = IngestOptions { format: Some(Format::Journal), ..IngestOptions::default() };
    for _ in 0..count {
        let journal = [next()?];
        let (report, time) = timed(|| store.ingest(&journal, &options, &mut Silent));
        anyhow::ensure!(report?.commits.len() == 1, "a change is one commit");
        times.note(time);
    }
    Ok(times)
}

/// The same questions answered by scoring every entry.
fn brute_force_phase(folder: &Path) -> Result<Vec<Finding>> {
    let mut store = open(folder)?;
    let rules = Rules::default();
    let listed = list::entries(&store)?;
    let entries: Vec<Profile> = listed.iter().map(Profile::of).collect();
    let mut questions = questions(BRUTE_FORCE_QUESTIONS)?;
    questions.extend(list::misspelt(&listed, BRUTE_FORCE_QUESTIONS as usize));
    let least = Policy::default().threshold_least();
    // The store opens with its first question, which is measured elsewhere.
    store.screen(&questions[0], 1)?;
    let (mut indexed, mut scored) = (Times::default(), Times::default());
    let (mut found, mut missed) = (0, 0);
    for question in &questions {
        let (answer, time) = timed(|| store.screen(question, usize::MAX));
        indexed.note(time);
        let (hits, time) = timed(|| {
            let profile = Profile::of(question);
            entries.iter().filter(|entry| matching::score(&rules, &profile, entry) >= least).count()
        });
        scored.note(time);
        let matches = answer?.matches.iter().filter(|found| found.score >= least).count();
        found += hits;
        missed += hits.saturating_sub(matches);
    }
    let pairs = entries.len() as f64 / (scored.mean() / 1e3);
    Ok(vec![
        finding("every pair scored, no index: one question, mean", scored.mean(), "ms", None),
        finding("every pair scored, no index: pairs a second, one thread", pairs, "/s", None),
        finding("the same questions through the index: mean", indexed.mean(), "ms", None),
        finding("how many times faster", scored.mean() / indexed.mean(), "×", None),
        finding("matches that scoring every pair found", f64::from(u32::try_from(found)?), "", None),
        finding("of these not found through the index", f64::from(u32::try_from(missed)?), "", None),
    ])
}
