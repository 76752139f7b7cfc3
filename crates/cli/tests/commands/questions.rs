//! `alerts`, `diff`, `why`, `entities`, `status`, `verify`, `replay`, `hash`: each as of any known time.

use serde_json::Value;

use crate::desk::{Desk, entry};

/// After the list of February: L01 goes in March, an alias about P4 comes in April.
fn told() -> Desk {
    let desk = Desk::stocked();
    let journal = [
        r#"{"known_at":"2030-03-01","op":"delete","kind":"entity","id":"L01","dataset":"watch"}"#,
        r#"{"known_at":"2030-04-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"L02","schema":"Person","properties":{"name":["Ilka Sarkh"],"alias":["Callum Quillan"]}}}"#,
    ];
    desk.write("later.jsonl", journal.join("\n") + "\n");
    desk.run("ingest later.jsonl").ends(0);
    desk
}

fn subjects(alerts: &[Value]) -> Vec<&str> {
    alerts.iter().map(|alert| alert["subject"].as_str().unwrap()).collect()
}

#[test]
fn alerts_are_those_of_the_time_asked_about() {
    let desk = told();
    for (time, expected) in [
        ("2030-01-31", &[][..]),
        ("2030-02-01", &["P1", "P3"]),
        ("2030-03-01", &["P3"]),
        ("2030-04-01", &["P3", "P4"]),
    ] {
        let alerts = desk.run(&format!("alerts --json --known-at {time}")).ends(0).lines();
        assert_eq!(subjects(&alerts), expected, "{time}");
    }
    assert!(
        desk.run("alerts --known-at 2030-01-31")
            .ends(0)
            .out
            .starts_with("0 alerts, as known at 2030-01-31T23")
    );
}

#[test]
fn a_line_carries_the_alert_whole() {
    let desk = told();
    let alerts = desk.run("alerts --json --since 2030-02-15").ends(0).lines();
    assert_eq!(subjects(&alerts), ["P1", "P4"]);
    let gone = &alerts[0];
    let fields: Vec<&str> = gone.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "alert",
        "subject",
        "dataset",
        "cause",
        "score",
        "state",
        "opened",
        "changed",
        "withdrawn",
        "fingerprint",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(gone["cause"], serde_json::json!({"kind": "name", "entry": "L01", "dataset": "watch"}));
    assert_eq!((&gone["state"], &gone["score"]), (&"withdrawn".into(), &1.0.into()));
    assert_eq!(
        (&gone["opened"], &gone["withdrawn"]),
        (&"2030-02-01T00:00:00Z".into(), &"2030-03-01T00:00:00Z".into())
    );
    assert_eq!((&alerts[1]["state"], &alerts[1]["withdrawn"]), (&"open".into(), &Value::Null));
    assert_eq!(gone["fingerprint"].as_str().unwrap().len(), 32);
}

#[test]
fn alerts_of_one_population_or_list_and_of_none_that_is_not_there() {
    let desk = told();
    assert_eq!(desk.run("alerts --json --dataset guests").ends(0).lines().len(), 2);
    assert_eq!(desk.run("alerts --json --dataset watch").ends(0).lines().len(), 2);
    desk.run("alerts --dataset wtach").ends(8).tells("there is no dataset wtach");
    desk.run("entities --dataset wtach").ends(8).tells("there is no dataset wtach");
}

#[test]
fn alerts_of_things_that_were_true_later_are_left_out_of_an_earlier_valid_time() {
    let desk = Desk::stocked();
    let line = r#"{"known_at":"2030-05-01","op":"put","kind":"entity","dataset":"guests","valid_from":"2030-03-20","entity":{"id":"P9","schema":"Person","properties":{"name":["Ilka Sarkh"]}}}"#;
    desk.write("late.jsonl", format!("{line}\n"));
    desk.run("ingest late.jsonl").ends(0);
    let at = |date: &str| desk.run(&format!("alerts --json --valid-at {date}")).ends(0).lines().len();
    assert_eq!((at("2030-03-19"), at("2030-03-20"), at("2030-03")), (2, 3, 3));
}

#[test]
fn a_difference_names_the_commit_that_caused_it() {
    let desk = told();
    let diff = desk.run("diff --json --from 2030-02-01 --to 2030-04-01").ends(0).json();
    assert_eq!((&diff["came"][0]["subject"], &diff["went"][0]["subject"]), (&"P4".into(), &"P1".into()));
    assert_eq!(
        (&diff["went"][0]["commits"][0]["seq"], &diff["went"][0]["commits"][0]["files"][0]),
        (&3.into(), &"later.jsonl".into())
    );
    assert!(
        desk.run("diff --from 2030-02-01 --to 2030-04-01")
            .ends(0)
            .out
            .ends_with("1 came, 0 changed, 1 went\n")
    );
}

#[test]
fn why_explains_an_alert_a_subject_and_who_has_none() {
    let desk = told();
    let why = desk.run("why P3 --json").ends(0).json();
    assert_eq!(why["alerts"][0]["alert"]["cause"]["entry"], "L03");
    assert_eq!(why["known_at"], "2030-04-01T00:00:00Z");
    assert!(
        why["alerts"][0]["explanation"]["names"]["pairs"].as_array().is_some_and(|pairs| pairs.len() == 2)
    );
    let id = why["alerts"][0]["alert"]["alert"].as_str().unwrap();
    assert_eq!(desk.run(&format!("why {} --json", &id[..8])).ends(0).json(), why);
    assert!(desk.run("why P2").ends(0).out.contains("screened against 11 list entries"));
    assert!(desk.run("why P5").ends(0).out.contains("not clear"));
    assert!(desk.run("why P1").ends(0).out.contains("withdrawn by commit 3"));
    assert!(desk.run("why L02").ends(0).out.contains("a list entry"));
    desk.run("why P77").ends(8).tells("neither an alert nor a subject");
}

#[test]
fn entities_are_those_in_force_at_the_time() {
    let desk = told();
    let number = |more: &str| desk.run(&format!("entities --dataset watch {more}")).ends(0).lines().len();
    assert_eq!((number(""), number("--known-at 2030-02-01"), number("--known-at 2030-01-31")), (11, 12, 0));
}

#[test]
fn the_state_of_the_store_says_who_is_not_screened() {
    let desk = told();
    let status = desk.run("status --json").ends(0).json();
    assert_eq!(
        (&status["head"]["seq"], &status["open_alerts"], &status["held"]),
        (&4.into(), &2.into(), &0.into())
    );
    assert_eq!(
        (&status["coverage"]["screened"], &status["coverage"]["unscreenable"]["missing_name"]),
        (&4.into(), &1.into())
    );
    assert!(desk.run("status").ends(0).out.contains("not screened, and not clear: 1 subject (missing name)"));
    let empty = Desk::empty();
    empty.run("init").ends(0);
    assert!(empty.run("status").ends(0).out.starts_with("an empty store; next:"));
}

#[test]
fn the_chain_holds_and_a_replay_comes_to_the_same() {
    let desk = told();
    let verified = desk.run("verify --json").ends(0).json();
    assert_eq!((&verified["commits"], &verified["whole"]), (&4.into(), &true.into()));
    let replayed = desk.run("replay --verify --json").ends(0).json();
    assert_eq!(replayed["recorded"], replayed["replayed"]);
    assert_eq!(replayed["from_scratch"], replayed["recorded"]["state"]);
    assert_eq!(replayed["recorded"], desk.hash());
    assert!(desk.run("replay --verify").ends(0).out.contains("everything agrees"));
}

#[test]
fn the_head_that_was_written_down_must_still_be_in_the_chain() {
    let desk = told();
    let verified = desk.run("verify --json").ends(0).json();
    let head = verified["head"].as_str().unwrap();
    for line in ["verify", "status"] {
        assert!(desk.run(line).ends(0).out.contains(&format!("head {head}")), "{line}");
    }
    let hash = head.split_once(':').unwrap().1;
    assert_eq!(desk.run("status --json").ends(0).json()["head"]["hash"], hash);
    desk.write("more.ftm.json", entry("L40", "Tirzah Morvenna", ""));
    desk.run("ingest more.ftm.json --dataset watch").ends(0);
    for still in [head, hash] {
        let verified = desk.run(&format!("verify --head {still}")).ends(0);
        assert!(verified.out.contains("the head that was written down is in it"));
    }
    let other = "0".repeat(64);
    desk.run(&format!("verify --head 3:{other}")).ends(5).tells("at commit 3");
    desk.run(&format!("verify --head 9:{other}")).ends(5).tells("at commit 6: it is missing");
    desk.run(&format!("verify --head {other}")).ends(5).tells("no commit has the hash");
    desk.run("verify --head 3").ends(2).tells("SEQ:HASH");
}

/// Opening a store reads its last commit; verifying it names that commit all the same, or an earlier one that is broken too.
#[test]
fn a_last_commit_that_cannot_be_read_is_named() {
    let desk = told();
    let sound = std::fs::read(desk.path("lookback.db")).unwrap();
    let damaged = |text: &[u8], places: &[usize]| {
        let mut bytes = sound.clone();
        let found = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(text)).collect::<Vec<_>>();
        for place in places {
            bytes[found[*place]] = b'!';
        }
        desk.write("damaged.db", bytes);
        found.len()
    };
    let names = b"[{\"name\":\"";
    let sources = damaged(names, &[]);
    assert!(sources > 1, "{sources}");
    // Where on the file's pages the text of a commit stands is the database's to say.
    let found = |beside: &[usize], told: &str| {
        let place = (0..sources).find(|place| {
            damaged(names, &[beside, &[*place]].concat());
            desk.run("verify --store damaged.db").err.contains(told)
        });
        place.unwrap_or_else(|| panic!("no place of {sources} beside {beside:?} is told as {told:?}"))
    };
    let last = found(&[], "at commit 4: reading the sources");
    found(&[last], "at commit 1: reading the sources");
    desk.run("verify --store damaged.db").ends(5);
}

#[test]
fn an_earlier_time_keeps_its_hash() {
    let desk = told();
    let then = desk.run("hash --json --known-at 2030-02-01").ends(0).json();
    assert_eq!(then["open"], 2);
    desk.write("more.ftm.json", entry("L40", "Tirzah Morvenna", ""));
    desk.run("ingest more.ftm.json --dataset watch").ends(0);
    assert_eq!(desk.run("hash --json --known-at 2030-02-01").ends(0).json(), then);
    assert_ne!(desk.hash()["state"], then["state"]);
}

#[test]
fn tables_line_up_in_every_script() {
    let desk = Desk::empty();
    let ids = ["А-1", "ა-22", "P-333", "漢-4"];
    desk.write("people.ftm.json", ids.map(|id| entry(id, "Orlan Veska", "")).concat());
    desk.write("list.ftm.json", entry("L1", "Orlan Veska", ""));
    desk.run("ingest people.ftm.json --dataset guests --role population").ends(0);
    desk.run("ingest list.ftm.json --dataset watch --role list").ends(0);
    let table = desk.run("alerts").ends(0).out;
    let place = |line: &str| line.find("guests").map(|at| width(&line[..at]));
    let places: Vec<_> = table.lines().filter_map(place).collect();
    assert!(places.len() == 4 && places.windows(2).all(|two| two[0] == two[1]), "{table}");
}

/// Columns of a terminal: two for a Chinese character, one for any other here.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{4e00}'..='\u{9fff}').contains(&c) { 2 } else { 1 }).sum()
}
