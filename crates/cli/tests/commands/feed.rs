//! `init`, `ingest`, `export`: what goes in, and out again.

use crate::desk::{Desk, PEOPLE, entry, list};

#[test]
fn a_new_store_is_made_once_and_never_over_something() {
    let desk = Desk::empty();
    assert_eq!(desk.run("init --json").ends(0).json()["store"], "lookback.db");
    desk.run("init").ends(2).tells("exists");
    desk.run("init --store nowhere/desk.db").ends(2).tells("there is no folder nowhere");
    desk.run("init --store .").ends(2);
}

#[test]
fn every_row_is_a_record_or_a_reject_with_its_line() {
    let desk = Desk::empty();
    let rows = format!("{PEOPLE}{}no JSON\n", entry("P6", "Odd Quillan", r#","birthDate":["1980-02-31"]"#));
    desk.write("people.ftm.json", rows);
    let report = desk
        .run("ingest people.ftm.json --dataset guests --role population --json --known-at 2030-01-01")
        .ends(0)
        .json();
    assert_eq!((&report["rows"], &report["records"], &report["rejects"]), (&7.into(), &5.into(), &2.into()));
    let lines: Vec<_> = report["rejected"].as_array().unwrap().iter().map(|r| r["line"].clone()).collect();
    assert_eq!(lines, [6, 7]);
    assert_eq!(report["rejected"][0]["excerpt"], serde_json::Value::Null);
    assert_eq!(report["commits"][0]["known_at"], "2030-01-01T00:00:00Z");
}

#[test]
fn an_ingestion_says_what_it_did_to_the_alerts_and_the_same_again_does_nothing() {
    let desk = Desk::stocked();
    let before = desk.hash();
    let again = "ingest list.ftm.json --dataset watch --known-at 2030-02-01 --json";
    let report = desk.run(again).ends(0).json();
    assert_eq!((&report["skipped_batches"], report["commits"].as_array().unwrap().len()), (&1.into(), 0));
    desk.write("more.ftm.json", entry("L20", "Callum Quillan", ""));
    let report = desk.run("ingest more.ftm.json --dataset watch --json").ends(0).json();
    assert_eq!((&report["commits"][0]["opened"], &report["commits"][0]["puts"]), (&1.into(), &1.into()));
    assert_ne!(desk.hash(), before);
}

#[test]
fn a_journal_names_its_datasets_itself() {
    let desk = Desk::stocked();
    desk.run("export --output journal.jsonl").ends(0);
    desk.run("ingest journal.jsonl --store copy.db --dataset guests")
        .ends(2)
        .tells("names its datasets itself");
    desk.run("ingest journal.jsonl --store copy.db --role list").ends(2).tells("names its datasets itself");
    desk.run("ingest journal.jsonl --store copy.db --known-at 2030-01-01").ends(2).tells("--known-at");
    desk.run("ingest journal.jsonl --store copy.db --full").ends(2).tells("--full");
}

#[test]
fn an_exported_journal_makes_the_same_store_again() {
    let desk = Desk::stocked();
    let journal = desk.run("export").ends(0);
    assert_eq!(journal.lines()[0]["kind"], "dataset");
    desk.write("journal.jsonl", journal.out);
    desk.run("ingest journal.jsonl --store copy.db").ends(0);
    assert_eq!(desk.run("hash --json --store copy.db").ends(0).json(), desk.hash());
    desk.run("export --output journal.jsonl").ends(2).tells("exists");
}

#[test]
fn a_file_in_gzip_is_read_as_it_is() {
    let desk = Desk::empty();
    desk.write("plain.ftm.json", list());
    let packed = std::process::Command::new("gzip").arg(desk.path("plain.ftm.json")).status();
    if packed.is_ok_and(|status| status.success()) {
        let line = "ingest plain.ftm.json.gz --dataset watch --role list --json";
        assert_eq!(desk.run(line).ends(0).json()["records"], 12);
    }
}

#[test]
fn a_dataset_needs_a_role_the_first_time_and_keeps_it() {
    let desk = Desk::stocked();
    desk.write("more.ftm.json", entry("L20", "Callum Quillan", ""));
    desk.run("ingest more.ftm.json --dataset fresh").ends(2).tells("--role list, population or intelligence");
    desk.run("ingest more.ftm.json --dataset guests --role list").ends(2).tells("has another role");
    desk.run("ingest more.ftm.json").ends(2).tells("--dataset NAME");
    let taken = "ingest list.ftm.json --dataset other --role list";
    desk.run(taken).ends(3).tells("list.ftm.json, line 1: the id is in force in dataset watch");
}

#[test]
fn known_times_never_run_back() {
    let desk = Desk::stocked();
    desk.write("more.ftm.json", entry("L20", "Callum Quillan", ""));
    let early = "ingest more.ftm.json --dataset watch --known-at 2029-12-31";
    desk.run(early).ends(3).tells("known_at never runs back");
}

#[test]
fn who_acted_and_for_what_stands_in_the_commit() {
    let desk = Desk::stocked();
    desk.write("more.ftm.json", entry("L20", "Callum Quillan", ""));
    let line = ["ingest", "more.ftm.json", "--dataset", "watch", "--actor", "desk 4", "--purpose", "case 12"];
    desk.run_with(&line, "").ends(0);
    let head = desk.run("status --json").ends(0).json()["head"].clone();
    assert_eq!((&head["actor"], &head["purpose"]), (&"desk 4".into(), &"case 12".into()));
}
