//! How the index behaves at scale: `cargo run --release -p lookback-index --example scale -- 1000000`.
//!
//! Builds an index of N invented people, saves and opens it, and asks it for derived names; prints documents a second, bytes,
//! peak memory, and percentiles of the query times.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program that measures time and prints it"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use lookback_index::{Document, DocumentId, Index, Query, Scratch, Stamp};
use names::{Name, NameKind, analyse};

/// A default alert threshold, in millionths.
const THRESHOLD: u32 = 850_000;

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).as_deref().unwrap_or("100000").parse()?;
    let started = Instant::now();
    let people: Vec<Vec<Name>> = (0..count).map(|number| names_of(number as u64)).collect();
    println!(
        "analysed      {count} people, {:.1} s, peak {} MB",
        started.elapsed().as_secs_f32(),
        peak_memory()
    );

    let mut index = Index::new();
    let started = Instant::now();
    for (number, names) in people.iter().enumerate() {
        index.insert(Document {
            id: DocumentId(number as u64),
            group: 0,
            names,
            identifiers: &[number as u64],
        });
    }
    let seconds = started.elapsed().as_secs_f32();
    println!("inserted      {:.0} a second, peak {} MB", count as f32 / seconds, peak_memory());
    measure("delta", &index, &people);

    let path = std::env::temp_dir().join(format!("lookback-index-{}", std::process::id()));
    let started = Instant::now();
    index.save(&path, &Stamp::default())?;
    let len = std::fs::metadata(&path)?.len();
    let seconds = started.elapsed().as_secs_f32();
    println!("saved         {} MB in {seconds:.1} s, peak {} MB", len >> 20, peak_memory());
    drop(index);

    let started = Instant::now();
    let (index, _) = Index::open(&path)?;
    println!("opened        in {:.2} ms", started.elapsed().as_secs_f32() * 1e3);
    measure("segment", &index, &people);
    std::fs::remove_file(&path)?;
    Ok(())
}

/// Asks for 2,000 people with a changed letter each, twice: the second time the forms are in the cache.
fn measure(what: &str, index: &Index, people: &[Vec<Name>]) {
    let mut scratch = Scratch::new();
    let step = (people.len() / 2_000).max(1);
    let queries: Vec<[Name; 1]> = (0..people.len()).step_by(step).map(|n| [changed(n as u64)]).collect();
    for round in ["cold", "warm"] {
        let mut found = 0;
        let mut times: Vec<Duration> = Vec::new();
        for names in &queries {
            let query = Query { groups: 1, names, identifiers: &[], threshold: THRESHOLD };
            let started = Instant::now();
            found += index.candidates(&query, &mut scratch).len();
            times.push(started.elapsed());
        }
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f32() * 1e6;
        println!(
            "query {what:7} {round}  p50 {:.0} µs  p90 {:.0} µs  p99 {:.0} µs  max {:.0} µs  candidates {:.1} a query",
            at(50),
            at(90),
            at(99),
            at(100),
            found as f32 / times.len() as f32
        );
    }
}

const SYLLABLES: [&str; 40] = [
    "ka", "ri", "mo", "san", "dov", "el", "mar", "ta", "qu", "zho", "ya", "sha", "ben", "lu", "ter", "vin",
    "os", "gar", "pli", "veen", "mel", "in", "kat", "bro", "dun", "fe", "go", "hal", "ish", "jo", "ne",
    "pro", "rud", "sti", "tul", "ur", "wem", "xan", "yor", "zel",
];

/// Numbers that look random and are the same on every run.
fn mix(seed: u64, salt: u64) -> u64 {
    let mixed = (seed ^ salt << 56).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 29).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 32
}

/// A rank below `count`, about as unequal as names are: each doubling of rank has an equal share, so that in a million people
/// the eight most usual given names have ten thousand bearers each.
fn rank(random: u64, count: u64) -> u64 {
    let magnitude = 3 + random % u64::from(count.ilog2() - 3);
    let below = (random >> 32) & ((1 << magnitude) - 1);
    if magnitude == 3 { below } else { 1 << magnitude | below }
}

fn word(number: u64, salt: u64) -> String {
    let syllables = 2 + mix(number, salt) % 3;
    (0..syllables).map(|place| SYLLABLES[(mix(number, salt + 1 + place) % 40) as usize]).collect()
}

/// "given [middle] family": some 16,000 given and 500,000 family names of very unequal frequency.
fn text_of(person: u64) -> String {
    let given = word(rank(mix(person, 1), 1 << 14), 10);
    let family = word(rank(mix(person, 2), 1 << 19), 20);
    match mix(person, 3) % 4 {
        0 => format!("{given} {family}"),
        1 => format!("{given} al {family}"),
        _ => format!("{given} {} {family}", word(rank(mix(person, 4), 1 << 14), 10)),
    }
}

fn names_of(person: u64) -> Vec<Name> {
    let mut names = vec![analyse(&text_of(person), NameKind::Person)];
    if person.is_multiple_of(5) {
        names.push(analyse(&text_of(person ^ 1 << 40), NameKind::Person));
    }
    names
}

/// The person's name with one letter doubled.
fn changed(person: u64) -> Name {
    let mut text = text_of(person);
    let at = (mix(person, 5) % text.len() as u64) as usize;
    let letter = text.as_bytes()[at] as char;
    text.insert(at, letter);
    analyse(&text, NameKind::Person)
}

/// In megabytes; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or(0) >> 10
}
