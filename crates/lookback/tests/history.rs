//! The real history: two and a half years of the OFAC list over invented subjects, some of whom were derived from its entries.
//!
//! Needs `../shared`. What is true is taken from the raw rows and their intervals (`statements.tsv.gz`), not from what is tested.

#![expect(clippy::print_stdout, reason = "what is measured is told")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use invented::{Random, Variation, other_date_format, vary};
use lookback::model::{DatasetName, Entity, KnownAt, Role};
use lookback::{Format, IngestOptions, Mode, Silent, from_scratch};
use support::{Bench, essence, hash_of, read, shared, size};

const SEED: u64 = 20_210_818;
/// How many subjects are derived in each way: 300 together.
const CLASSES: [(Variation, usize); 5] = [
    (Variation::Exact, 50),
    (Variation::SwappedOrder, 50),
    (Variation::OneTypo, 90),
    (Variation::OtherScript, 80),
    (Variation::OtherDateFormat, 30),
];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A person's row and how long what it says of name and birth date stood.
#[derive(Debug, Clone)]
struct Source {
    entry: String,
    name: String,
    born: Option<String>,
    from: KnownAt,
    until: KnownAt,
    /// Whether the entry was not there at all just before, and not at all just after.
    came: bool,
    went: bool,
}

/// A subject derived from a source: the ground truth of this test.
struct Derived {
    id: String,
    class: Variation,
    name: String,
    born: String,
    source: Source,
}

fn fields(raw: &str) -> Option<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(raw.as_bytes());
    reader.records().next()?.ok().filter(|row| row.len() == 12)
}

/// `DOB 04 Jul 1954` as `1954-07-04`; only whole days.
fn birth_date(remarks: &str) -> Option<String> {
    let at = remarks.find("DOB ")? + 4;
    let mut words = remarks[at..].split([' ', ';', '.']);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let whole = day.len() == 2 && year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    whole.then(|| format!("{year}-{month:02}-{day}"))
}

fn dates_of(remarks: &str) -> Vec<&str> {
    remarks.split(';').filter(|part| part.contains("DOB ")).map(str::trim).collect()
}

/// Every person's name and birth dates with the time for which they stood unchanged.
fn sources(path: &Path) -> Vec<Source> {
    let text = String::from_utf8(read(path)).expect("the statements are UTF-8");
    let mut runs: BTreeMap<String, Vec<(KnownAt, KnownAt, csv::StringRecord)>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let parts: Vec<&str> = line.splitn(4, '\t').collect();
        let Some(row) = fields(parts[3]) else { continue };
        let until =
            if parts[1].is_empty() { KnownAt::MAX } else { KnownAt::parse(parts[1]).expect("a time") };
        let from = KnownAt::parse(parts[0]).expect("a time");
        runs.entry(parts[2].to_owned()).or_default().push((from, until, row));
    }
    let mut sources = Vec::new();
    for (entry, mut rows) in runs {
        rows.sort_by_key(|(from, ..)| *from);
        let says = |row: &csv::StringRecord| {
            (row[1].to_owned(), dates_of(&row[11]).into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let mut at = 0;
        while at < rows.len() {
            let mut end = at;
            while end + 1 < rows.len()
                && rows[end + 1].0 == rows[end].1
                && says(&rows[end + 1].2) == says(&rows[at].2)
            {
                end += 1;
            }
            let (first, last) = (&rows[at], &rows[end]);
            if first.2[2].trim() == "individual" && first.2[1].contains(',') {
                sources.push(Source {
                    entry: format!("ofac-{entry}"),
                    name: first.2[1].to_owned(),
                    born: birth_date(&first.2[11]),
                    from: first.0,
                    until: last.1,
                    came: at == 0 || rows[at - 1].1 < first.0,
                    went: rows.get(end + 1).is_none_or(|next| next.0 > last.1),
                });
            }
            at = end + 1;
        }
    }
    sources
}

/// The ground truth: sources drawn at random, four in five of them of people who came after the first version.
fn derive(sources: &[Source], start: KnownAt) -> Vec<Derived> {
    let mut random = Random::new(SEED);
    let (late, early): (Vec<&Source>, Vec<&Source>) = sources.iter().partition(|source| source.from > start);
    let gone: Vec<&Source> = sources.iter().filter(|source| source.until < KnownAt::MAX).collect();
    let (mut derived, mut taken) = (Vec::new(), BTreeSet::new());
    for (class, count) in CLASSES {
        let wanted = derived.len() + count;
        while derived.len() < wanted {
            let pool = match random.below(5) {
                0 => &early,
                1 => &gone,
                _ => &late,
            };
            let source = (*random.choose(pool)).clone();
            let Some(name) = vary(&source.name, class, &mut random) else { continue };
            let born = match (&source.born, class) {
                (Some(born), Variation::OtherDateFormat) => other_date_format(born, &mut random),
                (None, Variation::OtherDateFormat) => None,
                (born, _) => Some(born.clone().unwrap_or_default()),
            };
            let Some(born) = born else { continue };
            if taken.insert(source.entry.clone()) {
                derived.push(Derived { id: format!("D-{:03}", derived.len()), class, name, born, source });
            }
        }
    }
    derived
}

/// The date pattern of a mapping that reads what `other_date_format` writes.
fn pattern(born: &str) -> &'static str {
    match () {
        () if born.is_empty() || born.contains('-') => "ymd",
        () if born.contains('.') => "dmy",
        () if born.contains(',') => "%b %d, %Y",
        () if born.bytes().all(|b| b.is_ascii_digit()) => "%Y%m%d",
        () if born.split(' ').nth(1).is_some_and(|month| month.len() == 3) => "%d %b %Y",
        () => "%d %B %Y",
    }
}

fn dataset(name: &str) -> DatasetName {
    DatasetName::new(name).expect("a sound name")
}

fn options(name: &str, role: Role, format: Format, mode: Mode, known_at: Option<KnownAt>) -> IngestOptions {
    IngestOptions {
        dataset: Some(dataset(name)),
        role: Some(role),
        format: Some(format),
        mode: Some(mode),
        known_at,
        ..IngestOptions::default()
    }
}

/// The invented population, then the derived subjects from CSV files, one for each way of writing a date.
fn put_subjects(bench: &mut Bench, count: usize, derived: &[Derived], before: KnownAt) {
    let people: String = invented::population(SEED, count as u64).fold(String::new(), |mut text, person| {
        writeln!(text, "{}", person.to_ftm()).expect("a string takes everything");
        text
    });
    let path = bench.file("people.ftm.json", people);
    let report =
        bench.ingest(&path, &options("people", Role::Population, Format::Ftm, Mode::Delta, Some(before)));
    assert_eq!(report.expect("the population").records, count as u64);
    let mut files: BTreeMap<&str, Vec<&Derived>> = BTreeMap::new();
    for subject in derived {
        files.entry(pattern(&subject.born)).or_default().push(subject);
    }
    for (date, subjects) in files {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "name", "born"]).expect("in memory");
        for subject in &subjects {
            writer.write_record([&subject.id, &subject.name, &subject.born]).expect("in memory");
        }
        let path = bench.file("derived.csv", writer.into_inner().expect("in memory"));
        let mut options = options("derived", Role::Population, Format::Csv, Mode::Delta, Some(before));
        options.mapping = Some(format!(
            "schema = \"Person\"\n[id]\ncolumn = \"id\"\n[properties]\nname = \"name\"\nbirthDate = {{ column = \"born\", date = \"{date}\" }}\n"
        ));
        let report = bench.ingest(&path, &options).expect("the derived subjects");
        assert_eq!((report.rejects, report.records), (0, subjects.len() as u64), "{date}");
    }
}

type Row = (String, String, String, String, String);

/// `(ent_num, name, type, programmes, remarks)` of each row, by another parser; `-0- ` is empty.
fn raw_rows(path: &Path) -> BTreeSet<Row> {
    let text = read(path);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_slice());
    let rows = reader.records().map(|row| row.expect("a row")).filter(|row| row.len() == 12);
    let field = |text: &str| if text.trim() == "-0-" { String::new() } else { text.to_owned() };
    rows.map(|row| (row[0].to_owned(), field(&row[1]), field(&row[2]), field(&row[3]), field(&row[11])))
        .collect()
}

fn row_of(entity: &Entity) -> Row {
    let kind = match entity.schema.name() {
        "Person" => "individual",
        "Vessel" => "vessel",
        "Airplane" => "aircraft",
        "Organization" => "",
        other => panic!("no row makes a {other}"),
    };
    let text = |property: &str, between: &str| entity.values(property).join(between);
    let number = entity.id.as_str().strip_prefix("ofac-").expect("the id ends in ent_num").to_owned();
    (number, text("name", "|"), kind.to_owned(), text("program", "] ["), text("notes", "|"))
}

/// One entity a row, relations between parties that are there, and nothing else.
fn check_rows(bench: &Bench, path: &Path, known_at: KnownAt) {
    let view = bench.store.ledger().as_of(known_at);
    let (mut ours, mut ids, mut ends) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let read = view.entities(Some(&dataset("sdn")), &mut |version| {
        let entity = version.record.entity;
        if entity.schema.edge().is_some() {
            ends.extend(entity.ends().map(str::to_owned));
        } else {
            ours.insert(row_of(&entity));
            ids.insert(entity.id.to_string());
        }
        Ok(())
    });
    read.expect("the entities");
    assert!(ours == raw_rows(path), "{}: the rows differ", path.display());
    assert_eq!(ids.len(), ours.len(), "one entity a row");
    assert!(ends.iter().all(|end| ids.contains(end)), "a relation without its party");
    println!("{known_at}: {} rows equal, {} relations", ours.len(), ends.len() / 2);
}

/// The four snapshots with their times, oldest first.
fn snapshots(history: &Path) -> Vec<(KnownAt, PathBuf)> {
    let manifest = std::fs::read_to_string(history.join("manifest.csv")).expect("the manifest");
    let rows = manifest.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let times: BTreeMap<String, KnownAt> =
        rows.map(|row| (row[1][..10].to_owned(), KnownAt::parse(row[0]).expect("a time"))).collect();
    let files = std::fs::read_dir(history).expect("the history").map(|entry| entry.expect("a file").path());
    let mut found: Vec<(KnownAt, PathBuf)> = files
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let commit = name.strip_prefix("sdn_")?.strip_suffix(".csv.gz")?.rsplit('_').next()?.to_owned();
            Some((times[&commit], path))
        })
        .collect();
    found.sort();
    found
}

/// Alerts of a derived subject on its source, as of a time.
fn alerted(open: &BTreeMap<KnownAt, BTreeSet<String>>, subject: &Derived, at: KnownAt) -> bool {
    open[&at].contains(&format!("{} <- {}", subject.id, subject.source.entry))
}

fn times_of(derived: &[Derived]) -> BTreeSet<KnownAt> {
    let of = |subject: &Derived| {
        let source = &subject.source;
        [source.from.previous(), source.from, source.until.previous(), source.until]
    };
    derived.iter().flat_map(of).collect()
}

fn check_derived(bench: &Bench, derived: &[Derived]) {
    let open: BTreeMap<KnownAt, BTreeSet<String>> =
        times_of(derived).into_iter().map(|at| (at, bench.open(at).into_iter().collect())).collect();
    let mut found: BTreeMap<Variation, (usize, usize)> = BTreeMap::new();
    for subject in derived {
        let source = &subject.source;
        let is = alerted(&open, subject, source.from);
        let counts = found.entry(subject.class).or_default();
        *counts = (counts.0 + usize::from(is), counts.1 + 1);
        let told = format!("{} ({:?}) and {} at {}", subject.id, subject.class, source.entry, source.from);
        if matches!(subject.class, Variation::Exact | Variation::SwappedOrder) {
            assert!(is, "{told}: not alerted by the version that made it true");
            assert!(alerted(&open, subject, source.until.previous()), "{told}: not alerted for as long");
        }
        assert!(!source.came || !alerted(&open, subject, source.from.previous()), "{told}: alerted before");
        let ended = source.went && source.until < KnownAt::MAX;
        assert!(!ended || !alerted(&open, subject, source.until), "{told}: alerted after the entry went");
    }
    println!("recall by class, {} derived subjects:", derived.len());
    for (class, (hits, all)) in &found {
        println!("  {:<16} {hits:>3} of {all:>3}  {:.3}", format!("{class:?}"), *hits as f64 / *all as f64);
    }
    let least = |class: Variation, thousandths: usize| {
        let (hits, all) = found[&class];
        assert!(
            hits * 1000 >= all * thousandths,
            "{class:?}: {hits} of {all} is below {thousandths} thousandths"
        );
    };
    least(Variation::OneTypo, 970);
    least(Variation::OtherScript, 850);
    least(Variation::OtherDateFormat, 1000);
}

/// Standing alerts of past dates against a screening of those dates' state, hash for hash.
fn check_dates(bench: &Bench, dates: usize) {
    let commits = bench.store.ledger().commits().expect("the commits");
    let mut random = Random::new(SEED + 1);
    for _ in 0..dates {
        let at = random.choose(&commits).header.known_at;
        let view = bench.store.ledger().as_of(at);
        let scratch = from_scratch(&view, at, NonZero::new(2).expect("two")).expect("from scratch");
        assert!(scratch == essence(view.alerts().expect("alerts")), "the alerts as of {at} differ");
        assert_eq!(hash_of(&scratch), bench.store.hashes(at).expect("hashes").state);
        println!("{at}: {} alerts, equal from scratch", scratch.len());
    }
}

#[test]
fn the_real_history_is_told_as_it_was() {
    let Some(history) = shared("data/ofac/history", "the_real_history_is_told_as_it_was") else { return };
    let snapshots = snapshots(&history);
    assert_eq!(snapshots.len(), 4);
    let start = snapshots[0].0;
    let derived = derive(&sources(&history.join("statements.tsv.gz")), start);
    let mut bench = Bench::new();
    put_subjects(&mut bench, size(20_000, 200_000), &derived, start.previous());
    let list = options("sdn", Role::List, Format::Ofac, Mode::Full, Some(start));
    bench.ingest(&snapshots[0].1, &list).expect("the first version");
    let events = options("sdn", Role::List, Format::OfacEvents, Mode::Delta, None);
    let report = bench.ingest(&history.join("events.tsv.gz"), &events).expect("the changes");
    assert_eq!((report.commits.len(), report.rows, report.rejects), (259, 7438, 0));
    for (known_at, path) in &snapshots {
        check_rows(&bench, path, *known_at);
    }
    check_derived(&bench, &derived);
    check_dates(&bench, size(6, 20));
    bench.store.ledger().verify().expect("verify");
    if cfg!(feature = "long") {
        assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
    }
}
