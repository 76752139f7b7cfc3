//! What a publisher writes around an entity: kept with it, through export and ingest, and a new version only when it changes.

mod support;

use std::path::Path;

use lookback::model::{DatasetName, KnownAt, Role};
use lookback::{IngestOptions, Mode};
use support::Bench;

const LIST: &str = r#"{"id":"W-1","schema":"Person","caption":"Leonor Q.","referents":["old-2","old-1"],"first_seen":"2030-01-02T03:04:05","last_seen":"2031-01-01T00:00:00","last_change":"2030-05-06T07:08:09","target":true,"properties":{"name":["Leonor Quastel"],"topics":["sanction"]}}
{"id":"W-2","schema":"Person","last_seen":"2031-01-01T00:00:00","properties":{"name":["Emil Torvane"]}}
"#;

fn options(day: &str) -> IngestOptions {
    IngestOptions {
        dataset: DatasetName::new("watch"),
        role: Some(Role::List),
        mode: Some(Mode::Full),
        known_at: Some(KnownAt::parse(day).expect("a day")),
        ..IngestOptions::default()
    }
}

fn ingest(bench: &mut Bench, day: &str, list: &str) -> (u64, u64) {
    let path = bench.file("watch.ftm.json", list);
    let report = bench.ingest(Path::new(&path), &options(day)).expect("a sound list");
    (report.records, report.unchanged)
}

#[test]
fn a_changed_referent_is_a_new_version_and_another_time_of_seeing_it_is_none() {
    let mut bench = Bench::new();
    assert_eq!(ingest(&mut bench, "2031-01-01", LIST), (2, 0));
    let seen_again = LIST.replace("2031-01-01", "2031-01-02");
    assert_eq!(ingest(&mut bench, "2031-01-02", &seen_again), (2, 2));
    let merged = seen_again.replace("old-2", "old-3");
    assert_eq!(ingest(&mut bench, "2031-01-03", &merged), (2, 1));
}

#[test]
fn it_goes_through_export_and_ingest_and_a_store_without_it_is_as_before() {
    let mut bench = Bench::new();
    ingest(&mut bench, "2031-01-01", LIST);
    let journal = bench.export();
    assert_eq!(
        journal.matches(r#""published":{"caption":"Leonor Q.","referents":["old-1","old-2"],"#).count(),
        1
    );
    assert_eq!(journal.matches("published").count(), 1, "W-2 says nothing that is kept");
    let mut again = Bench::new();
    again.journal(&journal).expect("its own export");
    assert_eq!(again.export(), journal);
}
