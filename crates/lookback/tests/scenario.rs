//! The invented story of ../shared, whose reference evaluation says what holds at every checkpoint: the figures, who joined and left and
//! by which lines, and what the claims come to. Everything comes from the journal alone.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use lookback::IngestOptions;
use lookback::model::{CauseKind, KnownAt};
use serde_json::{Map, Value, json};
use support::{Bench, read, shared};

/// A draw that was ingested, and what is expected of it.
struct Draw {
    bench: Bench,
    expected: Value,
}

impl Draw {
    fn of(folder: &Path) -> Self {
        let mut bench = Bench::new();
        let report =
            bench.ingest(&folder.join("journal.jsonl.gz"), &IngestOptions::default()).expect("a journal");
        assert_eq!((report.rejects, report.records), (0, report.rows));
        Self { bench, expected: json_of(&folder.join("expected.json")) }
    }

    fn checkpoints(&self) -> &Map<String, Value> {
        self.expected["as_of"].as_object().expect("checkpoints")
    }

    /// Invariant(TWO-TIMES): every checkpoint is asked about at the end, when all is known.
    fn check_figures(&self) {
        for (time, expected) in self.checkpoints() {
            let known_at = KnownAt::parse_as_of(time).expect("a time");
            let figures = self.bench.store.figures(known_at).expect("figures");
            let figures = serde_json::to_value(&figures).expect("numbers");
            assert_eq!(&figures, expected, "as known at {time}");
        }
    }

    fn check_changes(&self) {
        let changes = |from, to| {
            let changes = self.bench.store.network_changes(from, to).expect("changes");
            serde_json::to_value(changes).expect("lines")
        };
        let mut expected = self.expected["changes"].clone();
        for change in expected.as_array_mut().expect("changes") {
            let change = change.as_object_mut().expect("a change");
            change.retain(|name, _| !name.ends_with("_subjects"));
        }
        assert_eq!(changes(KnownAt::MIN, KnownAt::MAX), expected);
        let times: Vec<KnownAt> =
            self.checkpoints().keys().map(|time| KnownAt::parse_as_of(time).expect("a time")).collect();
        let between: BTreeSet<KnownAt> = times.into_iter().chain([KnownAt::MIN, KnownAt::MAX]).collect();
        let between: Vec<KnownAt> = between.into_iter().collect();
        let parts: Vec<Value> = between
            .windows(2)
            .flat_map(|pair| changes(pair[0], pair[1]).as_array().cloned().unwrap_or_default())
            .collect();
        assert_eq!(Value::from(parts), expected, "from checkpoint to checkpoint");
    }

    fn check_claims(&self) {
        let claims = self.bench.store.check_claims(KnownAt::MAX).expect("claims");
        let claims = serde_json::to_value(claims).expect("numbers");
        let mut found = Vec::new();
        for (claim, expected) in claims.as_array().expect("claims").iter().zip(self.claims()) {
            let fields = expected.as_object().expect("a claim").keys();
            found.push(fields.map(|name| (name.clone(), claim[name].clone())).collect::<Map<_, _>>());
            let verdict = match (&expected["supported"], &expected["contested_by"]) {
                (Value::Bool(false), _) => "not supported",
                (_, by) if *by == json!([]) => "supported",
                _ => "contested",
            };
            assert_eq!(claim["verdict"], verdict, "{}", claim["id"]);
        }
        assert_eq!(json!(found), self.expected["claims"]);
    }

    fn claims(&self) -> &[Value] {
        self.expected["claims"].as_array().expect("claims")
    }

    fn check(&self) {
        self.check_figures();
        self.check_changes();
        self.check_claims();
    }
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&read(path)).expect("JSON")
}

#[test]
fn every_checkpoint_of_the_story_is_as_expected() {
    let Some(folder) = shared("data/scenario/default", "every_checkpoint_of_the_story_is_as_expected") else {
        return;
    };
    let draw = Draw::of(&folder);
    draw.check();
    let at = |day: &str| {
        let figures = draw.bench.store.figures(KnownAt::parse_as_of(day).expect("a day"));
        figures.expect("figures").moved_by_network
    };
    let days =
        ["2030-07-13", "2030-07-14", "2030-12-05", "2031-01-15", "2031-04-18", "2031-05-30", "2031-07-02"];
    assert_eq!(days.map(at), [0, 120, 248, 436, 373, 417, 412]);
    no_control_is_moved(&folder, &draw);
}

/// The controls look like links to somebody and are none. Names find none of those whom the links find.
fn no_control_is_moved(folder: &Path, draw: &Draw) {
    let truth = json_of(&folder.join("truth.json"));
    let view = draw.bench.store.ledger().as_of(KnownAt::parse_as_of("2031-06-25").expect("a day"));
    let of = |kind| -> BTreeSet<String> {
        let found = view.findings(kind).expect("findings");
        found.iter().map(|state| state.pair.subject.id.to_string()).collect()
    };
    let (moved, named) = (of(CauseKind::Network), of(CauseKind::Name));
    let people = |group: &str| -> BTreeSet<String> {
        let people = truth[group].as_array().expect("people").iter();
        people.map(|id| id.as_str().expect("an id").to_owned()).collect()
    };
    let story: BTreeSet<String> = ["W1", "W2", "W3", "W5"].into_iter().flat_map(people).collect();
    assert_eq!(moved, story);
    assert_eq!(moved.intersection(&named).count(), 0);
}

/// Invariant(NO-ORIGIN): the statements of origin kept for reporting, dealt out anew to everybody, change no finding at any time.
#[test]
fn origin_dealt_out_anew_changes_no_finding() {
    let name = "origin_dealt_out_anew_changes_no_finding";
    let Some(folder) = shared("data/scenario/traps-dev", name) else { return };
    let as_told = String::from_utf8(unpacked(&folder.join("journal.jsonl.gz"))).expect("text");
    let mut lines: Vec<Value> =
        as_told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut origins: Vec<Value> = lines.iter().filter_map(|line| line.get("reporting")).cloned().collect();
    assert!(origins.iter().any(|origin| *origin != origins[0]));
    let third = origins.len() / 3;
    origins.rotate_left(third);
    let told = lines.iter_mut().filter_map(|line| line.get_mut("reporting"));
    told.zip(origins).for_each(|(told, other)| *told = other);
    let dealt: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let hashes = |journal: &str| {
        let mut bench = Bench::new();
        bench.journal(journal).expect("a journal");
        bench.store.hashes(KnownAt::MAX).expect("hashes")
    };
    assert_ne!(dealt.join("\n"), as_told.trim_end());
    assert_eq!(hashes(&dealt.join("\n")), hashes(&as_told), "state and history of all findings");
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(path).expect("a journal"));
    std::io::Read::read_to_end(&mut reader, &mut text).expect("a journal");
    text
}

#[test]
fn every_checkpoint_of_the_traps_is_as_expected() {
    if let Some(folder) = shared("data/scenario/traps-dev", "every_checkpoint_of_the_traps_is_as_expected") {
        Draw::of(&folder).check();
    }
}

/// Draws with other dates, counts, kinds of attribute and traps, made and evaluated by the scripts of ../shared.
#[test]
#[cfg(feature = "long")]
fn other_draws_are_as_expected() {
    let Some(scripts) = shared("data/scenario", "other_draws_are_as_expected") else { return };
    for (seed, traps) in (1..=21).zip(["", "abcdefgh", "ab", "cd", "ef", "gh", "bdg"].iter().cycle()) {
        let folder = support::folder();
        let draw = folder.path().join("draw");
        let people = (1_500 + 400 * (seed % 5)).to_string();
        let python = |script: &str, options: &[&str]| {
            let mut command = std::process::Command::new("python3");
            let ran = command.arg(scripts.join(script)).args(options).output().expect("python3");
            assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
        };
        let out = draw.to_str().expect("a path");
        python(
            "generate.py",
            &["--seed", &seed.to_string(), "--people", &people, "--out", out, "--traps", traps],
        );
        python("evaluate.py", &[out]);
        println!("seed {seed}, {people} people, traps {traps:?}");
        Draw::of(&draw).check();
    }
}
