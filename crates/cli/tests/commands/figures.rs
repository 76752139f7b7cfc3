//! `figures` and `claims`: as of any known time, as a table and as JSON, with whom each number counts.

use serde_json::{Value, json};

use crate::desk::Desk;

/// P2 and P4 are said to be members of a listed organisation from March on; three claims are made about how many are.
pub(crate) const TIED: &str = r#"{"known_at":"2030-03-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"L90","schema":"Organization","properties":{"name":["Tamberlane Front"]}}}
{"known_at":"2030-03-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"M1","schema":"Membership","properties":{"member":["P4"],"organization":["L90"]}}}
{"known_at":"2030-03-02T10:00:00Z","op":"put","kind":"claim","id":"C1","said_by":"a minister","text":"one","metric":"direct_tie_to_listed_org","comparison":"==","value":1,"contests":null}
{"known_at":"2030-03-02T20:00:00Z","op":"put","kind":"entity","dataset":"watch","entity":{"id":"M2","schema":"Membership","properties":{"member":["P2"],"organization":["L90"]}}}
{"known_at":"2030-03-03","op":"put","kind":"claim","id":"C2","outlet":"Tamberlane Post","text":"two at most","metric":"direct_tie_to_listed_org","comparison":"<","value":3,"contests":"C1"}
{"known_at":"2030-03-04","op":"put","kind":"claim","id":"C3","text":"all of them","metric":"direct_tie_to_listed_org","comparison":">=","value":2,"contests":"C2"}
"#;

fn tied() -> Desk {
    let desk = Desk::stocked();
    desk.write("tied.jsonl", TIED);
    desk.run("ingest tied.jsonl").ends(0);
    desk
}

#[test]
fn figures_are_those_of_the_time_asked_about() {
    let desk = tied();
    for (time, number) in [
        ("2030-02-28", 0),
        ("2030-03-01", 1),
        ("2030-03-02T19:00:00Z", 1),
        ("2030-03-02", 2),
        ("2031-01-01", 2),
    ] {
        let figures = desk.run(&format!("figures --json --known-at {time}")).ends(0).json();
        assert_eq!(figures["direct_tie_to_listed_org"], number, "{time}");
        assert_eq!((&figures["moved_by_network"], &figures["screened"]), (&json!(0), &json!({})));
    }
    let table = desk.run("figures --known-at 2030-03-01").ends(0).out;
    let told = |line: &str| table.lines().any(|found| found.split_whitespace().eq(line.split_whitespace()));
    assert!(told("direct_tie_to_listed_org 1") && told("median_days_to_learnable -"), "{table}");
    assert!(table.contains("median_days_to_learnable: of the days from a member's arrival"), "{table}");
    assert!(table.ends_with("0 members, as known at 2030-03-01T23:59:59.999999Z\n"), "{table}");
}

#[test]
fn whom_a_number_counts_is_listed() {
    let desk = tied();
    let behind = desk.run("figures --json --explain direct_tie_to_listed_org").ends(0).lines();
    assert_eq!(behind, [json!({ "subject": "P2" }), json!({ "subject": "P4" })]);
    let table = desk.run("figures --explain direct_tie_to_listed_org --known-at 2030-03-01").ends(0).out;
    assert!(table.contains("\n P4") && !table.contains("P2"), "{table}");
    assert!(
        table.contains("1 behind direct_tie_to_listed_org (people of a population, members or not"),
        "{table}"
    );
    desk.run("figures --explain arrested").ends(0);
    desk.run("figures --explain happiness").ends(8).tells("there is no figure happiness");
}

#[test]
fn a_claim_stands_beside_our_number_of_its_day() {
    let desk = tied();
    let claims = desk.run("claims check --json").ends(0).lines();
    let told = |claim: &Value| {
        (claim["id"].clone(), claim["as_of"].clone(), claim["actual"].clone(), claim["verdict"].clone())
    };
    let expected = [
        ("C1", "2030-03-02", 2, "not supported"),
        ("C2", "2030-03-03", 2, "contested"),
        ("C3", "2030-03-04", 2, "supported"),
    ];
    let expected =
        expected.map(|(id, day, number, verdict)| (json!(id), json!(day), json!(number), json!(verdict)));
    assert_eq!(claims.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(
        (&claims[0]["contested_by"], &claims[0]["supported"], &claims[1]["contests"]),
        (&json!(["C2"]), &json!(false), &json!("C1"))
    );
    let query = claims[0]["query"].as_str().unwrap().strip_prefix("lookback ").unwrap();
    assert_eq!(desk.run(&format!("{query} --json")).ends(0).lines().len(), 2);
    let then = desk.run("claims check --json --known-at 2030-03-02T19:00:00Z").ends(0).lines();
    assert_eq!((then.len(), &then[0]["actual"], &then[0]["verdict"]), (1, &json!(1), &json!("supported")));
    let table = desk.run("claims check").ends(0).out;
    assert!(table.contains("contested (contested by C3)"), "{table}");
    assert!(table.ends_with("3 claims\n"), "{table}");
}
