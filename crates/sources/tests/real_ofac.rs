//! The real OFAC history beside the workspace: what we make of it, held against the raw files parsed by another parser.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests; a skipped test says so")]

mod held;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use held::{Held, Read, collect, shared};
use lookback_sources::ofac::{read_events, read_snapshot};
use lookback_sources::{File, Nothing};
use model::{DatasetName, Entity, KnownAt};

type Row = (String, String, String, String, String);

fn dataset() -> DatasetName {
    DatasetName::new("sdn").unwrap()
}

/// `(ent_num, name, type, programmes, remarks)` of each row, by the `csv` crate; `-0- ` is empty.
fn raw_rows(path: &Path) -> BTreeSet<Row> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut text).unwrap();
    raw_rows_of(&text)
}

fn raw_rows_of(text: &[u8]) -> BTreeSet<Row> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let rows = reader.records().map(Result::unwrap).filter(|row| row.len() == 12);
    let field = |text: &str| if text.trim() == "-0-" { String::new() } else { text.to_owned() };
    rows.map(|row| (row[0].to_owned(), field(&row[1]), field(&row[2]), field(&row[3]), field(&row[11])))
        .collect()
}

fn our_rows(held: &Held) -> BTreeSet<Row> {
    held.0.values().filter(|entity| entity.schema.edge().is_none()).map(row_of).collect()
}

fn row_of(entity: &Entity) -> Row {
    let kind = match entity.schema.name() {
        "Person" => "individual",
        "Vessel" => "vessel",
        "Airplane" => "aircraft",
        "Organization" => "",
        other => panic!("{other}"),
    };
    let text = |property: &str, between: &str| entity.values(property).join(between);
    let number = entity.id.as_str().strip_prefix("ofac-").unwrap().to_owned();
    (number, text("name", "|"), kind.to_owned(), text("program", "] ["), text("notes", "|"))
}

fn snapshots(history: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(history).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("sdn_"));
    found.sort();
    found
}

/// The time of a snapshot, by the manifest: its name ends in the beginning of the commit.
fn times(history: &Path) -> BTreeMap<String, KnownAt> {
    let manifest = std::fs::read_to_string(history.join("manifest.csv")).unwrap();
    let rows = manifest.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.map(|row| (row[1][..10].to_owned(), KnownAt::parse(row[0]).unwrap())).collect()
}

fn full(path: &Path) -> Read {
    let file = File::open(path).unwrap();
    collect(|each| read_snapshot(&file, None, None, &dataset(), &Nothing, each)).unwrap()
}

fn scratch(path: &Path) -> Held {
    let mut held = Held::default();
    held.apply(&full(path).batch());
    held
}

#[test]
fn changes_lead_to_the_same_entities_and_relations_as_each_snapshot_read_whole() {
    let Some(history) = shared("data/ofac/history", "real_ofac::changes_lead_to_the_same") else { return };
    let (paths, times) = (snapshots(&history), times(&history));
    assert_eq!(paths.len(), 4);
    let mut held = scratch(&paths[0]);
    let events = File::open(&history.join("events.tsv.gz")).unwrap();
    let read = collect(|each| read_events(&events, &dataset(), &held, each)).unwrap();
    println!("{:?}, {} notices of re-used ids", read.tally, read.notices.len());
    assert_eq!((read.tally.rows, read.tally.rejects), (7438, 0));
    let mut batches: BTreeMap<KnownAt, Vec<model::Op>> = BTreeMap::new();
    for (known_at, op, _) in read.ops {
        batches.entry(known_at.unwrap()).or_default().push(op);
    }
    assert_eq!(batches.len(), 259);
    let mut unchecked: BTreeMap<KnownAt, &PathBuf> = paths
        .iter()
        .map(|path| {
            let stem = path.file_name().unwrap().to_string_lossy().into_owned();
            (times[&stem.trim_end_matches(".csv.gz")[15..]], path)
        })
        .collect();
    let first = unchecked.pop_first().unwrap().1;
    assert_eq!(our_rows(&held), raw_rows(first));
    for (known_at, batch) in batches {
        held.apply(&batch);
        if let Some(path) = unchecked.remove(&known_at) {
            let whole = scratch(path);
            assert_eq!(our_rows(&held), raw_rows(path), "{}", path.display());
            assert!(held == whole, "{}: entities or relations differ", path.display());
            let edges = whole.0.values().filter(|entity| entity.schema.edge().is_some());
            for edge in edges.clone() {
                assert!(edge.ends().all(|end| whole.0.contains_key(end)), "a relation without its party");
            }
            println!("{}: {} entities, {} relations", path.display(), our_rows(&held).len(), edges.count());
        }
    }
    assert!(unchecked.is_empty(), "every snapshot was met");
}

#[test]
fn relations_at_any_date_are_those_of_the_rows_in_force() {
    let Some(history) = shared("data/ofac/history", "real_ofac::relations_at_any_date") else { return };
    let mut text = String::new();
    let file = std::fs::File::open(history.join("statements.tsv.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let statements: Vec<Vec<&str>> =
        text.lines().skip(1).map(|line| line.splitn(4, '\t').collect()).collect();
    let mut held = scratch(&snapshots(&history)[0]);
    let events = File::open(&history.join("events.tsv.gz")).unwrap();
    let read = collect(|each| read_events(&events, &dataset(), &held, each)).unwrap();
    let mut batches: BTreeMap<KnownAt, Vec<model::Op>> = BTreeMap::new();
    for (known_at, op, _) in read.ops {
        batches.entry(known_at.unwrap()).or_default().push(op);
    }
    for (nth, (known_at, batch)) in batches.into_iter().enumerate() {
        held.apply(&batch);
        if nth % 20 != 7 {
            continue;
        }
        let holds = |row: &&Vec<&str>| {
            let time = |text: &str, open| if text.is_empty() { open } else { KnownAt::parse(text).unwrap() };
            time(row[0], KnownAt::MIN) <= known_at && known_at < time(row[1], KnownAt::MAX)
        };
        let rows: Vec<&str> = statements.iter().filter(holds).map(|row| row[3]).collect();
        let file = held::bytes("rebuilt.csv", rows.join("\n") + "\n");
        let whole = collect(|each| read_snapshot(&file, None, None, &dataset(), &Nothing, each)).unwrap();
        let mut scratch = Held::default();
        scratch.apply(&whole.batch());
        assert!(held == scratch, "at {known_at}");
    }
}

#[test]
fn all_editions_with_aliases_and_addresses_are_read_without_a_reject() {
    let Some(ofac) = shared("data/ofac", "real_ofac::all_editions") else { return };
    let sets = [
        ["ofac_2019-01_sdn.csv.gz", "ofac_2019-01_alt.csv.gz", "ofac_2019-01_add.csv.gz"],
        ["ofac_2021-07_sdn.csv.gz", "ofac_2021-07_alt.csv.gz", "ofac_2021-07_add.csv.gz"],
        ["ofac_2022-01-31_sdn.csv.gz", "ofac_2022-01-31_alt.csv.gz", "ofac_2022-01-31_add.csv.gz"],
        ["ofac_2025-12_cons_prim.csv", "ofac_2025-12_cons_alt.csv", "ofac_2025-12_cons_add.csv"],
    ];
    for set in sets {
        let [sdn, alt, add] = set.map(|name| File::open(&ofac.join(name)).unwrap());
        let read =
            collect(|each| read_snapshot(&sdn, Some(&alt), Some(&add), &dataset(), &Nothing, each)).unwrap();
        println!("{}: {:?}", set[0], read.tally);
        for reject in &read.rejects {
            println!("  {reject}");
        }
        assert!(read.tally.rejects <= 3, "{}", set[0]);
        let with = |property: &str| read.entities().iter().filter(|e| !e.values(property).is_empty()).count();
        for property in [
            "alias",
            "address",
            "country",
            "birthDate",
            "passportNumber",
            "idNumber",
            "registrationNumber",
            "imoNumber",
            "weakAlias",
            "gender",
        ] {
            println!("  {property}: {}", with(property));
        }
    }
}
