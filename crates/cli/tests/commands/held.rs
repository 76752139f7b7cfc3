//! `held`: a file that was set aside is listed, compared, released or discarded, and changes nothing until then.

use crate::desk::{Desk, list};

/// The list without its last four entries, as a whole version of it.
fn shrunk() -> Desk {
    let desk = Desk::stocked();
    desk.write("short.ftm.json", list().split_inclusive('\n').take(8).collect::<String>());
    desk
}

const FULL: &str = "ingest short.ftm.json --dataset watch --full --known-at 2030-03-01";

#[test]
fn a_version_that_deletes_too_much_is_held_and_released() {
    let desk = shrunk();
    let before = desk.hash();
    desk.run(FULL).ends(4).tells("it would delete 4 of 12 entities").tells("lookback held compare 1");
    assert_eq!(desk.hash(), before);
    let held = desk.run("held list --json").ends(0).json();
    assert_eq!(
        (&held["id"], &held["dataset"], &held["file"]),
        (&1.into(), &"watch".into(), &"short.ftm.json".into())
    );
    let would = desk.run("held compare 1 --json").ends(0).json();
    assert_eq!((&would["seq"], &would["deletes"]), (&0.into(), &4.into()));
    assert_eq!(desk.hash(), before);
    let did = desk.run("held release 1 --json").ends(0).json();
    assert_eq!((&did["commits"][0]["deletes"], &did["commits"][0]["seq"]), (&4.into(), &3.into()));
    assert!(desk.run("held list --json").ends(0).lines().is_empty());
    desk.run("held release 1").ends(8).tells("no held version 1");
    desk.run("verify").ends(0);
}

#[test]
fn a_held_version_can_be_discarded() {
    let desk = shrunk();
    let before = desk.hash();
    desk.run(FULL).ends(4);
    assert_eq!(desk.run("held discard 1 --json").ends(0).json()["discarded"], 1);
    desk.run("held compare 1").ends(8);
    assert_eq!(desk.hash(), before);
}

#[test]
fn a_mass_deletion_that_is_confirmed_is_applied_at_once() {
    let desk = shrunk();
    let report = desk.run(&format!("{FULL} --confirm-mass-delete --json")).ends(0).json();
    assert_eq!(report["commits"][0]["deletes"], 4);
}

#[test]
fn an_empty_version_is_held_and_its_release_leaves_nothing() {
    let desk = shrunk();
    desk.write("empty.ftm.json", "");
    desk.run("ingest empty.ftm.json --dataset watch --full").ends(4).tells("has no row");
    assert_eq!(desk.run("held compare 1 --json").ends(0).json()["deletes"], 12);
    desk.run("held release 1").ends(0).tells("has no row");
    assert!(desk.run("entities --dataset watch").ends(0).lines().is_empty());
    desk.run("verify").ends(0);
}

#[test]
fn changes_up_to_the_one_that_is_held_stand_and_the_message_says_so() {
    let desk = Desk::empty();
    let sdn =
        |n: u32| format!("{n},\"TAMBERLANE {n}\",-0- ,\"DEMO\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n");
    desk.write("sdn.csv", (1..=8).map(sdn).collect::<String>());
    desk.run("ingest sdn.csv --dataset list --role list --format ofac --known-at 2030-01-01").ends(0);
    let event = |time: &str, op: &str, n: u32| format!("{time}T08:00:00Z\t{op}\t{n}\t{}", sdn(n));
    let events = [
        "seen_at\top\tent_num\traw_line\n".to_owned(),
        event("2030-02-01", "ADD", 9),
        event("2030-03-01", "DEL", 1),
    ];
    desk.write("events.tsv", events.concat());
    let ran = desk.run("ingest events.tsv --dataset list --format ofac-events").ends(4);
    ran.tells(
        "what it says of earlier times stands; what it says of 2030-03-01T08:00:00Z would delete 1 of 9",
    );
    let did = desk.run("held release 1 --json").ends(0).json();
    assert_eq!((&did["skipped_batches"], &did["commits"][0]["deletes"]), (&1.into(), &1.into()));
}

#[test]
fn a_version_that_is_released_late_becomes_known_then() {
    let desk = shrunk();
    desk.run(FULL).ends(4);
    desk.write("more.ftm.json", crate::desk::entry("L20", "Callum Quillan", ""));
    desk.run("ingest more.ftm.json --dataset watch --known-at 2030-05-01").ends(0);
    let before = desk.hash();
    desk.run("held compare 1").ends(0).tells("(records deleted: 1, put as it has them: 0)");
    desk.run("held release 1")
        .ends(2)
        .tells("(records deleted: 1, put as it has them: 0)")
        .tells("--confirm-undo-later");
    assert_eq!(desk.hash(), before);
    let did = desk.run("held release 1 --confirm-undo-later --json").ends(0).json();
    assert_ne!(did["commits"][0]["known_at"], "2030-03-01T00:00:00Z");
    assert_eq!(did["commits"][0]["deletes"], 5);
}

#[test]
fn a_list_that_is_cut_off_is_held_and_what_stands_in_it_released() {
    let desk = Desk::empty();
    let row =
        |n: u32| format!("{n},\"TAMBERLANE {n}\",-0- ,\"DEMO\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n");
    let whole: String = (1..=8).map(row).collect();
    desk.write("sdn.csv", &whole);
    desk.run("ingest sdn.csv --dataset list --role list --format ofac").ends(0);
    desk.write("sdn.csv", &whole[..whole.len() - 30]);
    let before = desk.hash();
    desk.run("ingest sdn.csv --dataset list --format ofac").ends(4).tells("cut off in line 8");
    assert_eq!(desk.run("held compare 1 --json").ends(0).json()["deletes"], 1);
    assert_eq!(desk.run("entities --dataset list").ends(0).lines().len(), 8);
    assert_eq!(desk.hash(), before);
    let did = desk.run("held release 1 --json").ends(0).json();
    assert!(did["notices"][0].as_str().unwrap().ends_with("what stands in it was applied, as confirmed"));
    assert_eq!((&did["rows"], &did["commits"][0]["deletes"]), (&7.into(), &1.into()));
    desk.write("sdn.csv", &whole[..30]);
    desk.run("ingest sdn.csv --dataset list --format ofac --confirm-mass-delete").ends(4);
    desk.run("held release 2").ends(3).tells("cut off in line 1");
    assert_eq!(desk.run("entities --dataset list").ends(0).lines().len(), 7);
}
