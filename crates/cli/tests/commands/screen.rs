//! `screen`, `compare` and `name`: questions that are not kept, unless they are enrolled.

use serde_json::Value;

use crate::desk::{self, Desk, entry};

const ORLAN: [&str; 6] = ["screen", "--json", "--name", "Orlan Veska", "--birth-date", "1980-03-04"];

#[test]
fn an_ad_hoc_answer_says_that_nothing_was_kept() {
    let desk = Desk::stocked();
    let before = desk.hash();
    let answer = desk.run_with(&ORLAN, "").ends(0).json();
    assert_eq!((&answer["kept"], &answer["alert"]), (&false.into(), &true.into()));
    assert_eq!((&answer["matches"][0]["entry"], &answer["lists"][0]["entries"]), (&"L01".into(), &12.into()));
    let list = &answer["lists"][0];
    assert_eq!((&list["dataset"], &list["commit"]), (&"watch".into(), &2.into()));
    assert_eq!(list["known_at"], "2030-02-01T00:00:00Z");
    assert_eq!(desk.hash(), before);
    assert_eq!(desk.run("status --json").ends(0).json()["coverage"]["subjects"], 5);
    let told = desk.run_with(&["screen", "--name", "Ilka Sarkh"], "").ends(0).out;
    assert!(told.contains("nothing was kept") && told.contains("version of commit 2"), "{told}");
}

#[test]
fn who_cannot_be_screened_is_never_shown_as_clear() {
    let desk = Desk::stocked();
    let answer = desk.run_with(&["screen", "--json", "--name", " "], "").ends(0).json();
    assert_eq!(answer["unscreenable"], "no name is stated");
    let told = desk.run_with(&["screen", "--name", " "], "").ends(0).out;
    assert!(told.contains("is not clear"), "{told}");
}

#[test]
fn enrolling_the_same_again_keeps_one_subject() {
    let desk = Desk::stocked();
    let line: Vec<&str> = ORLAN.into_iter().chain(["--enrol", "walk-ins"]).collect();
    let first = desk.run_with(&line, "").ends(0).json();
    assert_eq!((&first["kept"], &first["enrolled"]["dataset"]), (&true.into(), &"walk-ins".into()));
    assert_eq!(first["enrolled"]["commit"], 3);
    let hash = desk.hash();
    let again = desk.run_with(&line, "").ends(0).json();
    assert_eq!(again["enrolled"]["commit"], Value::Null);
    assert_eq!(again["enrolled"]["id"], first["enrolled"]["id"]);
    assert_eq!(again["enrolled"]["fact"], first["enrolled"]["fact"]);
    assert_eq!(desk.hash(), hash);
    assert_eq!(desk.run("entities --dataset walk-ins").ends(0).lines().len(), 1);
    let other: Vec<&str> = ORLAN.into_iter().chain(["--enrol", "watch"]).collect();
    desk.run_with(&other, "").ends(2).tells("watch is no population");
}

#[test]
fn the_fact_of_an_enrolled_subject_is_answered_later_as_it_was() {
    let desk = Desk::stocked();
    let line: Vec<&str> = ORLAN.into_iter().chain(["--id", "W1", "--enrol", "walk-ins"]).collect();
    let fact = desk.run_with(&line, "").ends(0).json()["enrolled"]["fact"].clone();
    assert_eq!(
        (&fact["commit"], &fact["alerts"], &fact["lists"][0]["commit"]),
        (&3.into(), &1.into(), &2.into())
    );
    assert_eq!(fact["policy"], desk.run_with(&ORLAN, "").ends(0).json()["policy"]);
    desk.write("less.ftm.json", desk::list().lines().skip(1).collect::<Vec<_>>().join("\n"));
    desk.run("ingest less.ftm.json --dataset watch --full").ends(0);
    let again = desk.run_with(&line, "").ends(0).json();
    assert_eq!((&again["enrolled"]["fact"], &again["alert"]), (&fact, &false.into()));
    assert_eq!((&again["lists"][0]["entries"], &again["lists"][0]["commit"]), (&11.into(), &4.into()));
    let why = desk.run("why W1 --json").ends(0).json();
    assert_eq!((&why["screened"][0], &why["screened"][1]["alerts"]), (&fact, &0.into()));
    let then = desk.run(&format!("why W1 --json --known-at {}", fact["known_at"].as_str().unwrap())).ends(0);
    assert_eq!(then.json()["screened"], serde_json::json!([fact]));
    let told = desk.run("why W1").ends(0).out;
    assert!(told.contains("1 alert; against watch (12 entries, version of commit 2, 2030-02-01"), "{told}");
    assert!(told.contains("no alert; against watch (11 entries, version of commit 4"), "{told}");
}

#[test]
fn an_enrolled_subject_meets_what_is_learned_later() {
    let desk = Desk::stocked();
    desk.run_with(&["screen", "--name", "Aud Velkova", "--id", "W7", "--enrol", "walk-ins"], "").ends(0);
    desk.write("more.ftm.json", entry("L30", "Aud Velkova", ""));
    desk.run("ingest more.ftm.json --dataset watch").ends(0);
    let alert = desk.run("alerts --dataset walk-ins --json").ends(0).json();
    assert_eq!((&alert["subject"], &alert["cause"]["entry"]), (&"W7".into(), &"L30".into()));
}

#[test]
fn lines_on_standard_input_are_answered_one_by_one() {
    let desk = Desk::stocked();
    let input = entry("Q1", "Orlan Veska", "") + "\n" + &entry("Q2", "Nobody Known", "") + "{}\n";
    let ran = desk.run_with(&["screen", "--json"], input).ends(3).tells("standard input, line 4");
    let alerts: Vec<_> = ran.lines().iter().map(|a| (a["query"].clone(), a["alert"].clone())).collect();
    assert_eq!(alerts, [("Q1".into(), true.into()), ("Q2".into(), false.into())]);
    desk.run("screen").ends(3).tells("nothing was asked");
}

#[test]
fn a_limit_cuts_what_is_shown_and_not_the_verdict() {
    let desk = Desk::stocked();
    let line: Vec<&str> = ORLAN.into_iter().chain(["--limit", "0"]).collect();
    let answer = desk.run_with(&line, "").ends(0).json();
    assert_eq!((&answer["alert"], answer["matches"].as_array().unwrap().len()), (&true.into(), 0));
}

#[test]
fn names_are_compared_one_score_a_line() {
    let desk = Desk::empty();
    desk.write(
        "pairs.tsv",
        "Orlan Veska\tOrlan Veska\tsame\r\nOrlan Veska\tHild Sarkh\nБероз Ормач\tBeroz Ormach\n",
    );
    let scores = desk.run("compare pairs.tsv").ends(0).out;
    let scores: Vec<&str> = scores.lines().collect();
    assert!(
        matches!(scores[..], ["1.000000", other, cyrillic] if other < "0.5" && cyrillic > "0.9"),
        "{scores:?}"
    );
    desk.run_with(&["compare", "-"], "one column\n").ends(3).tells("standard input, line 1: two names");
    desk.run_with(&["compare", "-"], b"a\xff\tb\n").ends(3).tells("not UTF-8");
    assert!(desk.run_with(&["compare", "-"], "").ends(0).out.is_empty());
}

#[test]
fn entities_are_compared_with_their_explanation() {
    let desk = Desk::empty();
    let side = entry("A", "Orlan Veska", r#","birthDate":["1980"]"#);
    let pair = format!("{{\"left\":{},\"right\":{}}}", side.trim(), side.trim());
    let explanation = desk.run_with(&["compare", "--entities", "-"], &pair).ends(0).json();
    assert_eq!((&explanation["score"], &explanation["names"]["weak"]), (&1.0.into(), &false.into()));
    desk.run_with(&["compare", "--entities", "-"], r#"{"left":{}}"#).ends(3).tells("line 1");
}

#[test]
fn a_name_is_shown_as_it_is_read() {
    let desk = Desk::empty();
    let read = desk.run_with(&["name", "VESKA, Dr. Orlan", "--json"], "").ends(0).json();
    let column = |field: &str| -> Vec<&Value> {
        read["words"].as_array().unwrap().iter().map(|word| &word[field]).collect()
    };
    assert_eq!(column("role"), ["family", "title", "given"]);
    assert_eq!(column("spelling"), ["veska", "dr", "orlan"]);
    assert!(column("rule")[0].as_str().unwrap().contains("comma"));
    assert_eq!(read["joins"][0]["words"], serde_json::json!([1, 2]));
    let told = desk.run_with(&["name", "Veska Ltd", "--kind", "organisation"], "").ends(0).out;
    assert!(told.contains("legal form"), "{told}");
    let told = desk.run_with(&["name", "…"], "").ends(0).out;
    assert!(told.contains("nothing in it can be compared"), "{told}");
}
