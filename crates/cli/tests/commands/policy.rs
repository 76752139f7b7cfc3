//! `policy`: shown, tried without a trace, adopted with everybody examined anew.

use crate::desk::Desk;

#[test]
fn a_policy_that_is_tried_changes_nothing_and_one_that_is_adopted_does() {
    let desk = Desk::stocked();
    let before = desk.hash();
    desk.write("strict.toml", "threshold = 0.99\n[[list]]\ndataset = \"watch\"\npopulations = []\n");
    let tried = desk.run("policy try strict.toml --json").ends(0).json();
    assert_eq!((&tried["commit"]["seq"], &tried["commit"]["withdrawn"]), (&0.into(), &2.into()));
    let changes = tried["changes"].as_array().unwrap();
    assert_eq!((&changes[0]["change"], &changes[0]["subject"]), (&"withdrawn".into(), &"P1".into()));
    assert_eq!(desk.hash(), before);
    assert_eq!(desk.run("status --json").ends(0).json()["head"]["seq"], 2);

    let adopted = desk.run("policy adopt strict.toml --json").ends(0).json();
    assert_eq!((&adopted["commit"]["seq"], &adopted["commit"]["withdrawn"]), (&3.into(), &2.into()));
    assert!(desk.run("alerts --json").ends(0).lines().is_empty());
    assert_eq!(desk.run("policy show --json").ends(0).json()["threshold"], 0.99);
    assert_eq!(
        desk.run("policy show --json --known-at 2030-02-01T00:00:00Z").ends(0).json()["threshold"],
        0.85
    );
    desk.run("replay --verify").ends(0);
}

#[test]
fn a_dataset_that_is_not_there_is_named() {
    let desk = Desk::stocked();
    desk.write("slip.toml", "[[list]]\ndataset = \"watch\"\npopulations = [\"geusts\", \"guests\"]\n");
    let tried = desk
        .run("policy try slip.toml --json")
        .ends(0)
        .tells("dataset geusts, which the store does not have");
    assert_eq!(tried.json()["unknown_datasets"], serde_json::json!(["geusts"]));
}

#[test]
fn what_show_prints_can_be_adopted() {
    let desk = Desk::stocked();
    desk.write("same.toml", desk.run("policy show").ends(0).out);
    let effect = desk.run("policy try same.toml --json").ends(0).json();
    assert!(effect["changes"].as_array().unwrap().is_empty());
}

#[test]
fn a_known_good_pair_does_not_alert_until_a_side_changes() {
    let desk = Desk::stocked();
    let pair = "[[good_pair]]\nsubject = \"P1\"\nentry = \"L01\"\nreason = \"seen by hand\"\nowner = \"desk 4\"\n\
        expires = \"2099-01-01T00:00:00Z\"\n";
    desk.write("good.toml", pair);
    desk.run("policy adopt good.toml").ends(0);
    assert_eq!(desk.run("alerts --json").ends(0).json()["subject"], "P3");
    let line =
        crate::desk::entry("L01", "Orlan Veska", r#","birthDate":["1980-03-04"],"alias":["Orlan Vesk"]"#);
    desk.write("change.ftm.json", line);
    desk.run("ingest change.ftm.json --dataset watch").ends(0);
    assert_eq!(desk.run("alerts --json").ends(0).lines().len(), 2);
    desk.write("unknown.toml", pair.replace("P1", "P99"));
    desk.run("policy try unknown.toml").ends(8).tells("P99 is not in force");
}

#[test]
fn a_policy_that_cannot_be_used_says_which_field() {
    let desk = Desk::stocked();
    let wrong = [
        ("threshold = 0.2", "threshold"),
        ("treshold = 0.9", "treshold"),
        ("[match]\nweak_alias = 7", "weak_alias"),
        ("\u{0}", "TOML"),
    ];
    for (text, field) in wrong {
        desk.write("wrong.toml", text);
        desk.run("policy try wrong.toml").ends(3).tells(field);
        desk.run("policy adopt wrong.toml").ends(3).tells(field);
    }
}
