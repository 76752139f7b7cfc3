//! `account`, `queue`, `review`, `bulk`, `matters`, `subject`, `redress`, `runs`: two people work on a queue, and nobody alone.

use crate::desk::Desk;

/// With people of every role.
fn office() -> Desk {
    let desk = Desk::stocked();
    let accounts = [
        ("root", "p0", "administrator"),
        ("first", "p1", "analyst_l1"),
        ("second", "p2", "analyst_l2"),
        ("second-too", "p2", "approver"),
        ("senior", "p3", "approver"),
        ("lists", "p4", "list_manager"),
    ];
    for (account, person, role) in accounts {
        desk.run(&format!("account open {account} --person {person} --role {role} --actor root")).ends(0);
    }
    desk.used_by("second")
}

fn first_alert(desk: &Desk) -> String {
    let page = desk.run("queue --json").ends(0).json();
    page["rows"][0]["alert"].as_str().unwrap().to_owned()
}

#[test]
fn without_accounts_nothing_is_reviewed_and_the_first_one_is_an_administrator_s() {
    let desk = Desk::stocked();
    let alert = first_alert(&desk);
    desk.run(&format!("review queue {alert} --actor amon")).ends(9).tells("no account amon");
    desk.run("account open amon --person p1 --role analyst_l1 --actor root")
        .ends(9)
        .tells("one administrator");
    desk.run("account open root --person p0 --role administrator --actor root").ends(0);
    desk.run("account open amon --person p0 --role analyst_l1 --actor root").ends(9).tells("may not both");
    desk.run("account open amon --person p1 --role analyst_l1 --actor root").ends(0);
    desk.run("account close root --actor root").ends(9).tells("keeps one administrator");
    let accounts = desk.run("account list --json").ends(0).lines();
    assert_eq!((accounts.len(), &accounts[0]["account"]), (2, &"amon".into()));
}

#[test]
fn an_alert_goes_through_two_persons_and_the_record_says_how_each_was_known() {
    let desk = office();
    let hash = desk.hash();
    let alert = first_alert(&desk);
    let short = &alert[..8];
    let clear = ["review", "clear", short, "--reason", "birth_date_differs", "--note", "twenty years apart"];
    let by = |account: &'static str| [&clear[..], &["--actor", account]].concat();
    desk.run_with(&by("senior"), "").ends(9).tells("no role of the account");
    desk.run_with(&by("second"), "").ends(0);
    desk.run(&format!("review confirm {short} --actor second-too")).ends(9).tells("two persons");
    desk.run(&format!("review confirm {short} --actor senior")).ends(0);
    let review = desk.run(&format!("review show {short} --json")).ends(0).json();
    assert_eq!(review["review"], "final");
    assert_eq!(review["disposition"]["verdict"], "different");
    assert_eq!(review["history"][1]["proof"], "asserted");
    desk.run(&format!("review show {short}")).ends(0).shows("verdict: different, by second and senior");
    assert_eq!(desk.hash(), hash, "no alert follows from a decision");
    desk.run("verify").ends(0);
    desk.run("replay --verify").ends(0);
}

#[test]
fn a_colleague_s_step_in_between_is_noticed() {
    let desk = office();
    let alert = first_alert(&desk);
    desk.run(&format!("review claim {alert} --actor first")).ends(0);
    desk.run(&format!("review claim {alert} --actor second")).ends(9).tells("cannot be done");
    desk.run(&format!("review release {alert} --seen 1 --actor first")).ends(9).tells("look again");
    desk.run(&format!("review release {alert} --seen 2 --actor first")).ends(0);
    desk.run("review show ffffffffffff").ends(8);
}

#[test]
fn a_bulk_decision_is_what_was_looked_at() {
    let desk = office();
    let propose = "bulk propose --dataset watch --verdict different --reason only_name_agrees --note seen";
    let looked = desk.run(&format!("{propose} --dry-run --json --actor second")).ends(0);
    desk.write("chosen.json", looked.json().to_string());
    assert_eq!(looked.json()["total"], 2);
    let done = desk.run(&format!("{propose} --chosen chosen.json --actor second --json")).ends(0).json();
    let bulk = done["bulk"].as_str().unwrap();
    desk.run(&format!("bulk confirm {bulk} --actor second-too")).ends(9).shows("2 rows refused");
    let confirmed = desk.run(&format!("bulk confirm {bulk} --actor senior --json")).ends(0).json();
    assert_eq!(confirmed["done"], 2);
    assert_eq!(desk.run("queue --json").ends(0).json()["total"], 0);
    let undone = confirmed["bulk"].as_str().unwrap();
    assert_eq!(desk.run(&format!("bulk undo {undone} --actor senior --json")).ends(0).json()["done"], 2);
    assert_eq!(desk.run("queue --json").ends(0).json()["total"], 2);
}

#[test]
fn a_policy_takes_two_persons_and_is_never_for_want_of_reviewers() {
    let desk = office();
    desk.write(
        "policy.toml",
        "threshold = 0.9\n[review]\ndue_days = 14\n[[list]]\ndataset = 'watch'\npopulations = ['nobody']\n",
    );
    desk.run("policy adopt policy.toml --actor lists").ends(9).tells("takes two persons");
    let propose = "matters propose-policy policy.toml --note figures --actor lists";
    desk.run(&format!("{propose} --reason capacity")).ends(9).tells("never whom it holds");
    let proposal = desk.run(&format!("{propose} --reason evidence --json")).ends(0).json();
    let proposal = proposal["decision"].as_str().unwrap().to_owned();
    desk.run(&format!("matters agree {proposal} --actor lists")).ends(9);
    desk.run(&format!("matters agree {proposal} --actor senior")).ends(0).shows("adopted");
    assert_eq!(desk.run("policy show --json").ends(0).json()["threshold"], 0.9);
    let matters = desk.run("matters list --json").ends(0).json();
    assert_eq!(matters["outcome"], "agreed");
    let runs = desk.run("runs list --json").ends(0).lines();
    let last = runs.last().unwrap();
    assert_eq!((&last["approved_by"], &last["withdrawn"]), (&"senior".into(), &2.into()));
}

#[test]
fn the_tables_of_the_reference_are_those_of_the_program() {
    let desk = Desk::empty();
    let printed = desk.run("review rules").ends(0).out;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/review.md");
    let page = std::fs::read_to_string(path).unwrap();
    assert!(
        page.contains(printed.trim()),
        "put what `lookback review rules` prints into docs/reference/review.md"
    );
}

#[test]
fn a_subject_is_shown_marked_and_given_what_is_kept_about_it() {
    let desk = office();
    desk.run("subject flag P1 minor --actor second").ends(0);
    desk.run("subject report P1 released --at 2030-01-02 --source port --actor first").ends(0);
    let subject = desk.run("subject show P1 --json").ends(0).json();
    assert_eq!((&subject["flags"][0], &subject["case"]), (&"minor".into(), &subject["reviews"][0]["review"]));
    let extract = desk.run("subject extract P1").ends(0).json();
    assert_eq!(extract["events"][0]["event"], "released");
    assert!(!extract.to_string().contains("L01"), "nobody else is in it");
    desk.run("subject show nobody").ends(8);
    let request = desk.run("redress request P1 --ground mistaken --actor first --json").ends(0).json();
    let request = request["decision"].as_str().unwrap().to_owned();
    desk.run(&format!("redress grant {request} --note so --actor first")).ends(9);
    let granted = desk.run(&format!("redress grant {request} --note so --actor senior")).ends(0);
    granted.shows("tell second: subject extract");
    assert_eq!(desk.run("redress list --json").ends(0).json()["outcome"], "agreed");
    desk.run("replay --verify").ends(0);
}

#[test]
fn re_examinations_are_listed_with_what_was_said_of_them() {
    let desk = office();
    let runs = desk.run("runs list --json").ends(0).lines();
    let commit = &runs[0]["commit"];
    assert_eq!((&runs[0]["opened"], runs.len()), (&2.into(), 1));
    let note =
        ["runs", "note", &commit.to_string(), "--trigger", "a list came", "--actor", "second", "--json"];
    let run = desk.run_with(&note, "").ends(0).json();
    let lesson = ["runs", "lesson", run["decision"].as_str().unwrap(), "look earlier", "--actor", "second"];
    desk.run_with(&lesson, "").ends(0);
    let runs = desk.run("runs list --json").ends(0).json();
    assert_eq!(runs["notes"][1]["text"], "look earlier");
    desk.run("runs note 99 --trigger x --actor second").ends(8);
}
