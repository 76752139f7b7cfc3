//! The list of the benchmark, and changes of it. In: a history of OFAC's list, or nothing. Out: a store that holds its last version;
//! journal files that change it as OFAC does.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lookback::invented::{Random, Variation, population, vary};
use lookback::model::{DatasetName, Entity, EntityId, KnownAt, Role};
use lookback::{Format, IngestOptions, Silent, Store};
use serde_json::json;

/// The list's dataset.
pub(crate) const LIST: &str = "list";
/// Entries of OFAC's list on 2023-12-28.
const ENTRIES: u64 = 13_821;
const SEED: u64 = 7;
/// Neighbours on a list are often kin; so far apart they are not.
const SLIPS_APART: usize = 31;
/// The first version of the history.
const FIRST_KNOWN_AT: &str = "2021-08-18T09:39:01Z";

/// Loads the list into a store. Returns where it is from, in words.
pub(crate) fn load(store: &mut Store, folder: &Path, asked: Option<&Path>) -> Result<&'static str> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ofac/history");
    let options =
        IngestOptions { dataset: DatasetName::new(LIST), role: Some(Role::List), ..IngestOptions::default() };
    match asked.or(beside.is_dir().then_some(&*beside)) {
        Some(history) => load_history(store, history, options),
        None => load_invented(store, folder, options),
    }
}

fn load_history(store: &mut Store, history: &Path, options: IngestOptions) -> Result<&'static str> {
    let files = fs::read_dir(history).with_context(|| format!("reading {}", history.display()))?;
    let mut versions: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    versions.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sdn_")));
    let first = versions.iter().min().context("the history has no version sdn_….csv.gz")?;
    let known_at = Some(KnownAt::parse(FIRST_KNOWN_AT)?);
    let snapshot = IngestOptions { format: Some(Format::Ofac), known_at, ..options.clone() };
    store.ingest(std::slice::from_ref(first), &snapshot, &mut Silent)?;
    let events = IngestOptions { format: Some(Format::OfacEvents), ..options };
    store.ingest(&[history.join("events.tsv.gz")], &events, &mut Silent)?;
    Ok("OFAC's list of 2023-12-28, from its first version and its changes")
}

fn load_invented(store: &mut Store, folder: &Path, options: IngestOptions) -> Result<&'static str> {
    let path = folder.join("list.ftm.json");
    let mut text = String::new();
    for person in population(SEED, ENTRIES) {
        let mut entity = person.to_ftm();
        entity["id"] = format!("entry-{}", person.id).into();
        entity["properties"]["topics"] = json!(["sanction"]);
        writeln!(text, "{entity}")?;
    }
    fs::write(&path, text)?;
    let options = IngestOptions { format: Some(Format::Ftm), ..options };
    store.ingest(&[path], &options, &mut Silent)?;
    Ok("an invented list of the size of OFAC's, as no history of the real one was there")
}

/// The entries in force; relations between them are not among them.
pub(crate) fn entries(store: &Store) -> Result<Vec<Entity>> {
    let mut entries = Vec::new();
    let list = DatasetName::new(LIST);
    store.ledger().as_of(KnownAt::MAX).entities(list.as_ref(), &mut |version| {
        let entity = version.record.entity;
        entries.extend(entity.schema.edge().is_none().then_some(entity));
        Ok(())
    })?;
    Ok(entries)
}

/// Persons of the list under one name each, with one slip in it.
pub(crate) fn misspelt(entries: &[Entity], count: usize) -> Vec<Entity> {
    let mut random = Random::new(SEED);
    let persons = entries.iter().filter(|entry| entry.schema.name() == "Person");
    let slips = persons.filter_map(|entry| {
        let name = vary(entry.first("name")?, Variation::OneTypo, &mut random)?;
        let properties = [("name".to_owned(), vec![name])].into();
        Some(Entity { properties, ..entry.clone() })
    });
    slips.step_by(SLIPS_APART).take(count).collect()
}

/// Writes changes of a list, each file with entries of its own: what an entry says is a real one's, or has an invented alias.
pub(crate) struct Changes {
    /// Entries that no file has changed yet, in random order.
    untouched: Vec<Entity>,
    random: Random,
    made: u64,
    last: KnownAt,
    path: PathBuf,
}

impl Changes {
    /// `entries` in force; `last`: the head's known time; `path`: where the files are written, one over the other.
    pub(crate) fn new(mut entries: Vec<Entity>, last: KnownAt, path: PathBuf) -> Self {
        let mut random = Random::new(SEED);
        for place in (1..entries.len()).rev() {
            entries.swap(place, random.below(place as u64 + 1) as usize);
        }
        Self { untouched: entries, random, made: 0, last, path }
    }

    /// A journal of so many lines, mixed as in OFAC's history: three of four are new entries, the others changed and deleted ones.
    pub(crate) fn mixed(&mut self, lines: u64) -> Result<PathBuf> {
        self.write(lines, |random| match random.below(8) {
            0..6 => Line::New,
            6 => Line::Changed,
            _ => Line::Deleted,
        })
    }

    /// A journal of so many changed entries, as OFAC's largest change was one.
    pub(crate) fn corrections(&mut self, lines: u64) -> Result<PathBuf> {
        self.write(lines, |_| Line::Changed)
    }

    fn write(&mut self, lines: u64, kind: impl Fn(&mut Random) -> Line) -> Result<PathBuf> {
        self.last = self.last.next();
        let mut text = String::new();
        for _ in 0..lines {
            let entry = self.untouched.pop().context("the list has too few entries for so many changes")?;
            let kind = kind(&mut self.random);
            writeln!(text, "{}", self.line(entry, &kind)?)?;
        }
        fs::write(&self.path, text)?;
        Ok(self.path.clone())
    }

    fn line(&mut self, mut entry: Entity, kind: &Line) -> Result<serde_json::Value> {
        self.made += 1;
        match kind {
            Line::Deleted => {
                return Ok(json!({"known_at": self.last, "op": "delete", "kind": "entity", "dataset": LIST,
                    "id": entry.id}));
            }
            Line::Changed => {
                let stranger = population(SEED + self.made, 1).next().context("a population has a first")?;
                entry.add("alias", &stranger.name);
            }
            Line::New => entry.id = EntityId::new(&format!("new-{}", self.made))?,
        }
        Ok(json!({"known_at": self.last, "op": "put", "kind": "entity", "dataset": LIST, "entity": entry}))
    }
}

enum Line {
    New,
    Changed,
    Deleted,
}
