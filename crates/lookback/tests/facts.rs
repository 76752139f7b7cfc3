//! Screening facts: which versions of which lists a subject was held against, and with which result, told for any known time.

mod support;

use lookback::model::{DatasetName, KnownAt};
use lookback::{Enrolled, IngestOptions, Mode, Screened, ScreenedList, ScreeningFact, read_query};
use support::{Bench, settings};

const LISTS: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"arrivals","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"empty","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-2","schema":"Person","properties":{}}}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"arrivals","entity":{"id":"A-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}}
{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"arrivals","entity":{"id":"A-2","schema":"Person","properties":{"birthDate":["1990"]}}}
{"known_at":"2031-01-04","op":"delete","kind":"entity","id":"W-1"}
"#;

fn started() -> Bench {
    let mut bench = Bench::new();
    bench.journal(LISTS).expect("a sound journal");
    bench
}

fn day(day: u8) -> KnownAt {
    KnownAt::parse(&format!("2031-01-{day:02}")).expect("a day")
}

/// Enrols Leonor Quastel among the walk-ins.
fn enrol(bench: &mut Bench) -> (Screened, Enrolled) {
    let query = r#"{"id":"Q-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}"#;
    let (entity, _) = read_query(query).expect("an entity");
    let population = DatasetName::new("walk-ins").expect("a name");
    let screened = bench.store.enrol(&entity, &population, 10).expect("enrolled");
    let enrolled = screened.enrolled.clone().expect("it was kept");
    (screened, enrolled)
}

fn facts(bench: &Bench, subject: &str, known_at: KnownAt) -> Vec<ScreeningFact> {
    bench.store.why(subject, known_at).expect("a subject").screened
}

/// `dataset entries @ commit` of each list.
fn lists(lists: &[ScreenedList]) -> Vec<String> {
    let version =
        |list: &ScreenedList| format!("{} {} @ {}", list.dataset, list.entries, list.version.commit);
    lists.iter().map(version).collect()
}

#[test]
fn a_subject_has_the_fact_of_when_it_was_put_and_the_last_one_known() {
    let bench = started();
    let before = facts(&bench, "A-1", day(2));
    assert_eq!((before.len(), before[0].commit, before[0].known_at, before[0].alerts), (1, 2, day(2), 1));
    assert_eq!(lists(&before[0].lists), ["empty 0 @ 1", "watch 1 @ 1"]);
    assert_eq!(facts(&bench, "A-1", day(3)), before, "between two commits");
    let [first, last] = &facts(&bench, "A-1", KnownAt::MAX)[..] else { panic!("two facts") };
    assert_eq!(first, &before[0]);
    assert_eq!((last.commit, last.known_at, last.alerts, last.policy), (3, day(4), 0, first.policy));
    assert_eq!(lists(&last.lists), ["empty 0 @ 1", "watch 0 @ 3"]);
    assert_eq!(last.lists[1].version.known_at, day(4));
    assert_ne!(last.lists[1].version.content, first.lists[1].version.content);
}

#[test]
fn who_could_not_be_screened_has_a_fact_that_says_so_and_a_list_entry_has_none() {
    let bench = started();
    let fact = &facts(&bench, "A-2", day(2))[0];
    assert_eq!((fact.unscreenable.as_deref(), fact.alerts), (Some("no name is stated"), 0));
    assert!(facts(&bench, "W-2", day(1)).is_empty());
    assert!(facts(&bench, "W-2", KnownAt::MAX).is_empty());
}

#[test]
fn enrolling_again_answers_with_the_fact_of_the_first_time() {
    let mut bench = started();
    let (screened, first) = enrol(&mut bench);
    assert_eq!((first.commit, first.fact.commit, first.fact.alerts), (Some(4), 4, 0));
    assert_eq!(screened.lists, first.fact.lists);
    let back = r#"{"known_at":"2031-02-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-1","schema":"Person","properties":{"name":["Leonor Quastel"]}}}"#;
    bench.journal(back).expect("a sound journal");
    let mut bench = bench.reopen(|_| (), settings());
    let (screened, again) = enrol(&mut bench);
    assert_eq!((again.commit, &again.fact), (None, &first.fact));
    assert!(screened.alert);
    assert_eq!(lists(&screened.lists), ["empty 0 @ 1", "watch 1 @ 5"]);
    let facts = facts(&bench, "Q-1", KnownAt::MAX);
    assert_eq!((&facts[0], facts[1].alerts), (&first.fact, 1));
}

#[test]
fn neither_a_policy_nor_a_file_that_repeats_the_list_makes_another_version() {
    let mut bench = started();
    let before = facts(&bench, "A-1", KnownAt::MAX).remove(1);
    bench.store.adopt_policy("threshold = 0.9").expect("a sound policy");
    let options = IngestOptions {
        dataset: DatasetName::new("watch"),
        mode: Some(Mode::Full),
        ..IngestOptions::default()
    };
    let path = bench.file("watch.ftm.json", r#"{"id":"W-2","schema":"Person","properties":{}}"#);
    let report = bench.ingest(&path, &options).expect("ingested");
    assert_eq!((report.unchanged, report.commits[0].seq), (1, 5));
    let after = facts(&bench, "A-1", KnownAt::MAX).remove(1);
    assert_eq!((after.commit, &after.lists), (5, &before.lists));
    assert_ne!(after.policy, before.policy);
}

#[test]
fn a_list_that_does_not_apply_to_the_population_is_not_in_the_fact() {
    let mut bench = started();
    bench.store.adopt_policy("[[list]]\ndataset = \"watch\"\npopulations = []").expect("a sound policy");
    let [first, last] = &facts(&bench, "A-1", KnownAt::MAX)[..] else { panic!("two facts") };
    assert_eq!((lists(&first.lists).len(), lists(&last.lists)), (2, vec!["empty 0 @ 1".to_owned()]));
    assert_eq!(
        bench.store.why("A-1", KnownAt::MAX).expect("why").standing,
        "screened against 0 list entries"
    );
}

#[test]
fn a_dataset_that_becomes_a_list_has_its_version_from_then_on() {
    let mut bench = started();
    let role = |at: &str, role: &str| {
        format!(r#"{{"known_at":"{at}","op":"put","kind":"dataset","name":"empty","role":"{role}"}}"#)
    };
    bench.journal(&role("2031-01-05", "intelligence")).expect("a sound journal");
    assert_eq!(lists(&facts(&bench, "A-1", KnownAt::MAX)[1].lists), ["watch 0 @ 3"]);
    bench.journal(&role("2031-01-06", "list")).expect("a sound journal");
    assert_eq!(lists(&facts(&bench, "A-1", KnownAt::MAX)[1].lists), ["empty 0 @ 5", "watch 0 @ 3"]);
}
