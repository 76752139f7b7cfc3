//! What a policy does: trying shows what adopting does, lists apply to whom it says, and known good pairs end.

mod support;

use lookback::model::{DatasetName, KnownAt};
use lookback::{Error, PolicyEffect, Silent};
use support::Bench;

/// A list of two programmes, a second list, and two populations.
const START: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"arrivals","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"customers","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"other","role":"list"}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-1","schema":"Person","properties":{"name":["Leonor Quastel"],"program":["P1"],"topics":["sanction"]}}}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-2","schema":"Person","properties":{"name":["Zoran Belimakov"],"birthDate":["1970-05-06"],"passportNumber":["XA 900 100 200"]}}}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"other","entity":{"id":"O-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}}
{"known_at":"2031-01-03","op":"put","kind":"entity","dataset":"arrivals","entity":{"id":"A-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}}
{"known_at":"2031-01-03","op":"put","kind":"entity","dataset":"arrivals","entity":{"id":"A-2","schema":"Person","properties":{"name":["Leonora Questel"]}}}
{"known_at":"2031-01-03","op":"put","kind":"entity","dataset":"customers","entity":{"id":"C-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}}
{"known_at":"2031-01-03","op":"put","kind":"entity","dataset":"customers","entity":{"id":"C-2","schema":"Person","properties":{"name":["Ilka Sorontes"],"passportNumber":["XA900100200"],"birthDate":["1999-12-30"]}}}
"#;

fn started() -> Bench {
    let mut bench = Bench::new();
    bench.journal(START).expect("a sound journal");
    bench
}

fn open(bench: &Bench) -> Vec<String> {
    bench.open(KnownAt::MAX)
}

fn numbers(effect: &PolicyEffect) -> Vec<String> {
    let changes = effect.changes.iter();
    changes
        .map(|c| format!("{} {} {:?} {}", c.change.word(), support::arrow(&c.pair), c.score, c.fingerprint))
        .collect()
}

/// Tries, then adopts; the two must show the same, and trying must change nothing.
fn adopt(bench: &mut Bench, text: &str) -> Vec<String> {
    let before = bench.fingerprint();
    let tried = bench.store.try_policy(text).expect("a sound policy");
    assert_eq!(bench.fingerprint(), before, "trying changes nothing");
    let adopted = bench.store.adopt_policy(text).expect("a sound policy");
    assert_eq!(numbers(&tried), numbers(&adopted), "adopting does what trying showed");
    assert!(tried.commit.seq == 0 && adopted.commit.seq > 0);
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
    bench.store.ledger().verify().expect("verify");
    open(bench)
}

const ALL: [&str; 5] = ["A-1 <- O-1", "A-1 <- W-1", "C-1 <- O-1", "C-1 <- W-1", "C-2 <- W-2"];

#[test]
fn a_strong_identifier_alerts_whatever_the_name_and_only_while_the_policy_says_so() {
    let mut bench = started();
    let standing: Vec<String> = open(&bench).into_iter().filter(|line| !line.starts_with("A-2")).collect();
    assert_eq!(standing, ALL);
    let after = adopt(&mut bench, "[match]\nstrong_identifiers = []");
    assert!(!after.contains(&"C-2 <- W-2".to_owned()), "{after:?}");
    let after = adopt(&mut bench, "threshold = 1.0");
    assert_eq!(after, ALL, "equal names and equal passports");
}

#[test]
fn a_list_has_its_own_threshold_and_an_entry_takes_the_lowest_of_its_programmes() {
    let mut bench = started();
    let strict = adopt(&mut bench, "threshold = 1.0");
    assert_eq!(strict, ALL);
    let lists = adopt(&mut bench, "threshold = 1.0\n[[list]]\ndataset = 'other'\nthreshold = 0.7");
    assert!(
        lists.contains(&"A-2 <- O-1".to_owned()) && !lists.contains(&"A-2 <- W-1".to_owned()),
        "{lists:?}"
    );
    let programs =
        adopt(&mut bench, "threshold = 1.0\n[[list]]\ndataset = 'watch'\nprograms = { P1 = 0.7, P2 = 0.9 }");
    assert!(
        programs.contains(&"A-2 <- W-1".to_owned()) && !programs.contains(&"A-2 <- O-1".to_owned()),
        "{programs:?}"
    );
}

#[test]
fn a_list_applies_to_the_populations_named_and_to_the_topics_named() {
    let mut bench = started();
    let named =
        adopt(&mut bench, "threshold = 1.0\n[[list]]\ndataset = 'watch'\npopulations = ['customers']");
    assert_eq!(named, ["A-1 <- O-1", "C-1 <- O-1", "C-1 <- W-1", "C-2 <- W-2"]);
    let topics = adopt(&mut bench, "threshold = 1.0\n[[list]]\ndataset = 'watch'\ntopics = ['sanction']");
    assert_eq!(topics, ["A-1 <- O-1", "A-1 <- W-1", "C-1 <- O-1", "C-1 <- W-1"]);
    let (_, coverage) = bench.store.coverage(KnownAt::MAX).expect("coverage").expect("a commit");
    assert_eq!((coverage.entries["watch"], coverage.unmatchable["watch"]), (1, 1));
}

fn good(expires: &str) -> String {
    format!(
        "threshold = 1.0\n[[good_pair]]\nsubject = 'A-1'\nentry = 'W-1'\nreason = 'seen'\nowner = 'L. Amon'\nexpires = '{expires}'"
    )
}

fn put(at: &str, dataset: &str, id: &str, properties: &str) -> String {
    format!(
        r#"{{"known_at":"{at}","op":"put","kind":"entity","dataset":"{dataset}","entity":{{"id":"{id}","schema":"Person","properties":{properties}}}}}"#
    )
}

const PAIR: &str = "A-1 <- W-1";

#[test]
fn a_known_good_pair_ends_at_its_expiry_with_the_first_commit_after_it() {
    let mut bench = started();
    assert!(!adopt(&mut bench, &good("2031-06-01T00:00:00Z")).contains(&PAIR.to_owned()));
    let far = |at: &str| put(at, "customers", "C-9", r#"{"name":["Pell Vandrisse"]}"#);
    bench.journal(&far("2031-05-31T23:59:59Z")).expect("a commit before");
    assert!(!open(&bench).contains(&PAIR.to_owned()));
    bench.journal(&far("2031-06-01T00:00:00Z")).expect("a commit at the expiry");
    assert!(open(&bench).contains(&PAIR.to_owned()));
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
}

#[test]
fn a_file_that_changes_nothing_is_a_commit_like_any_other_when_a_good_pair_ends() {
    let mut bench = started();
    adopt(&mut bench, &good("2031-06-01T00:00:00Z"));
    let path = bench.file(
        "customers.json",
        "{\"id\":\"C-1\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Leonor Quastel\"]}}\n",
    );
    let options = lookback::IngestOptions {
        dataset: DatasetName::new("customers"),
        format: Some(lookback::Format::Ftm),
        known_at: Some(KnownAt::parse("2031-07-01").expect("a day")),
        ..Default::default()
    };
    let report = bench.ingest(&path, &options).expect("the same as in force");
    assert_eq!((report.unchanged, report.commits.len()), (1, 1));
    assert!(open(&bench).contains(&PAIR.to_owned()));
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees(), "the journal tells when it was known");
    let mut other = Bench::new();
    other.journal(&bench.export()).expect("what was exported");
    assert_eq!(
        other.store.hashes(KnownAt::MAX).expect("hashes"),
        bench.store.hashes(KnownAt::MAX).expect("hashes")
    );
}

#[test]
fn a_known_good_pair_reopens_when_either_side_changes_and_not_for_a_cosmetic_change() {
    let sides = [("arrivals", "A-1", ""), ("watch", "W-1", r#","program":["P1"],"topics":["sanction"]"#)];
    for (dataset, id, rest) in sides {
        let mut bench = started();
        assert!(!adopt(&mut bench, &good("2040-01-01T00:00:00Z")).contains(&PAIR.to_owned()));
        let cosmetic = format!(r#"{{"name":["LEONOR  quastel"]{rest}}}"#);
        bench.journal(&put("2031-06-01", dataset, id, &cosmetic)).expect("capitals");
        assert!(!open(&bench).contains(&PAIR.to_owned()), "{id}: capitals are no news");
        let material = format!(r#"{{"name":["Leonor Quastel"],"birthDate":["1958-04-22"]{rest}}}"#);
        bench.journal(&put("2031-07-01", dataset, id, &material)).expect("a birth date");
        assert!(open(&bench).contains(&PAIR.to_owned()), "{id}: a birth date is news");
    }
}

#[test]
fn a_policy_that_cannot_be_used_says_why_and_changes_nothing() {
    let mut bench = started();
    let before = bench.fingerprint();
    for (text, says) in [
        ("threshold = 2.0", "between 0 and 1"),
        ("nonsense", ""),
        (good("2040-01-01T00:00:00Z").replace("A-1", "A-7").as_str(), "A-7"),
        (good("2040-01-01T00:00:00Z").replace("seen", " ").as_str(), "reason"),
    ] {
        let error = bench.store.adopt_policy(text).expect_err(text).to_string();
        assert!(error.contains(says), "{error}");
    }
    let policy = r#"{"known_at":"2031-06-01","op":"put","kind":"policy","text":"threshold = 2.0"}"#;
    assert!(matches!(bench.journal(policy), Err(Error::Screening(_))));
    assert_eq!(bench.fingerprint(), before);
    bench
        .journal(&put("2031-07-01", "arrivals", "A-9", r#"{"name":["Leonor Quastel"]}"#))
        .expect("and it goes on");
    assert!(open(&bench).contains(&"A-9 <- W-1".to_owned()));
}

#[test]
fn earlier_times_are_answered_with_the_policy_of_that_time() {
    let mut bench = started();
    let at = KnownAt::parse("2031-01-03").expect("a day");
    let (before, why) = (bench.open(at), bench.store.why("C-2", at).expect("why"));
    adopt(&mut bench, "[match]\nstrong_identifiers = []");
    assert_eq!(bench.open(at), before);
    let again = bench.store.why("C-2", at).expect("why");
    assert_eq!(
        again.alerts[0].explanation.as_ref().map(|e| e.score),
        why.alerts[0].explanation.as_ref().map(|e| e.score)
    );
    assert!(bench.store.policy(at).expect("a policy") == lookback::Policy::default());
}
