//! The Harbour story of `crates/invented`: what the engine finds at every day on which something was learned is what the story knows of
//! its own people, which it knows from its plan alone; and the demonstration's store has something for every page.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lookback::invented::{Group, Harbour, HarbourStep, PEOPLE_MIN, harbour};
use lookback::model::{CauseKind, KnownAt};
use lookback::review::{Query, State};
use lookback::{Access, Demo, OFFICE, Silent, Store};
use support::{Bench, settings};

fn told(story: &Harbour) -> Bench {
    let mut text = String::new();
    for step in &story.steps {
        for line in &step.lines {
            let mut line = line.clone();
            line["known_at"] = step.known_at.as_str().into();
            writeln!(text, "{line}").expect("writing to a string");
        }
    }
    let mut bench = Bench::new();
    let report = bench.journal(&text).expect("a journal");
    assert_eq!((report.rejects, report.records), (0, report.rows));
    bench
}

/// The days on which something was learned, and some of the others.
fn days(story: &Harbour) -> BTreeSet<&str> {
    let asked = |(at, step): &(usize, &HarbourStep)| step.learned.is_some() || at % 40 == 0;
    story.steps.iter().enumerate().filter(asked).map(|(_, step)| &step.known_at[..10]).collect()
}

fn found(bench: &Bench, kind: CauseKind, day: &str) -> BTreeSet<String> {
    let view = bench.store.ledger().as_of(KnownAt::parse_as_of(day).expect("a day"));
    let found = view.findings(kind).expect("findings");
    found.iter().map(|state| state.pair.subject.id.to_string()).collect()
}

fn owned(ids: BTreeSet<&str>) -> BTreeSet<String> {
    ids.into_iter().map(str::to_owned).collect()
}

/// Invariant(TWO-TIMES): asked at the end, when all is known.
fn check(seed: u64, people: u64) {
    let story = harbour(seed, people);
    let (bench, truth) = (told(&story), &story.truth);
    for day in days(&story) {
        let why = format!("seed {seed}, as known on {day}");
        assert_eq!(found(&bench, CauseKind::Network, day), owned(truth.moved(day)), "{why}");
        assert_eq!(found(&bench, CauseKind::Single, day), owned(truth.single(day)), "{why}");
        let known_at = KnownAt::parse_as_of(day).expect("a day");
        let behind = |figure| bench.store.behind(figure, known_at).expect("a figure");
        let released = behind("released_at_entry").into_iter().map(|one| one.subject.to_string()).collect();
        assert_eq!(owned(truth.released(day)), released, "{why}");
        let mut statuses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in behind("statuses") {
            statuses.entry(one.group.expect("a status")).or_default().insert(one.subject.to_string());
        }
        let known = truth.statuses(day).into_iter().map(|(status, ids)| (status.to_owned(), owned(ids)));
        assert_eq!(known.collect::<BTreeMap<_, _>>(), statuses, "{why}");
    }
}

#[test]
fn the_engine_finds_at_every_day_whom_the_story_put_there() {
    check(20_310_625, PEOPLE_MIN);
    check(7, 1_700);
}

#[test]
fn the_story_goes_through_its_steps_and_no_control_is_ever_an_alert() {
    let story = harbour(20_310_625, PEOPLE_MIN);
    let bench = told(&story);
    let moved = |day| {
        let figures = bench.store.figures(KnownAt::parse_as_of(day).expect("a day")).expect("figures");
        figures.moved_by_network
    };
    let days =
        ["2030-07-13", "2030-07-14", "2030-12-05", "2031-01-15", "2031-04-18", "2031-05-30", "2031-07-02"];
    assert_eq!(days.map(moved), [0, 120, 248, 436, 373, 417, 412]);
    let struck_off = moved("2031-11-10");
    assert!(struck_off < 412 - 150 && moved("2031-11-24") == 412, "{struck_off}");
    let controls = [
        Group::Before,
        Group::After,
        Group::One,
        Group::OneFamily,
        Group::LegalAid,
        Group::Namesake,
        Group::SameDay,
        Group::Kin,
        Group::Extorted,
        Group::OtherSanction,
        Group::Background,
    ];
    let changes = bench.store.network_changes(KnownAt::MIN, KnownAt::MAX).expect("changes");
    assert!(changes.iter().all(|change| !change.causes.is_empty()));
    let moves: Vec<(String, u64, u64)> =
        changes.iter().map(|change| (change.known_at.day(), change.joined, change.left)).collect();
    let days = moves.iter().map(|(day, ..)| day.as_str());
    let learned = [
        "2030-07-14",
        "2030-12-05",
        "2031-01-15",
        "2031-04-18",
        "2031-05-30",
        "2031-07-02",
        "2031-11-10",
        "2031-11-24",
    ];
    assert!(days.eq(learned), "{moves:?}");
    let ever: BTreeSet<String> =
        learned.iter().flat_map(|day| found(&bench, CauseKind::Network, day)).collect();
    for group in controls {
        let members = story.truth.of(group);
        assert!(!members.is_empty() && owned(members).is_disjoint(&ever), "{group:?}");
    }
    let claims = bench.store.check_claims(KnownAt::MAX).expect("claims");
    let verdicts = serde_json::to_value(&claims).expect("claims are JSON");
    let verdicts: Vec<&str> = (0..claims.len()).filter_map(|at| verdicts[at]["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["supported", "supported", "supported", "contested", "not supported", "supported"]);
}

#[test]
fn the_demonstration_leaves_something_for_every_page() {
    let folder = support::folder();
    let path = folder.path().join("demo.db");
    let demo = Demo { people: PEOPLE_MIN, seed: 20_310_625 };
    let start = lookback::harbour(&path, settings(), demo, &mut Silent).expect("a demonstration");
    let mut store = Store::open(&path, Access::Write, settings()).expect("the store");
    let page = store.queue(&Query { limit: usize::MAX, ..Query::default() }, None).expect("a queue");
    assert!(page.rows.iter().any(|row| row.subject == start && row.kind == "network"));
    for state in [State::SecondPerson, State::FirstLine, State::Inconclusive, State::Reopened, State::New] {
        assert!(page.rows.iter().any(|row| row.state == state), "{state:?}: {:?}", page.states);
    }
    assert!(page.states["final"] > 200, "{:?}", page.states);
    assert_eq!(store.accounts(KnownAt::MAX).expect("accounts").len(), OFFICE.len());
    assert_eq!(store.held().expect("held versions").len(), 1);
    let preview = store.held_compare(1).expect("what a release would do");
    let total = |of: fn(&lookback::CommitReport) -> u64| preview.commits.iter().map(of).sum::<u64>();
    assert!(total(|commit| commit.opened) >= 3 && total(|commit| commit.withdrawn) >= 1);
    assert_eq!(store.redress_requests(KnownAt::MAX).expect("requests").len(), 1);
    assert_eq!(store.runs(KnownAt::MAX).expect("runs").iter().filter(|run| !run.notes.is_empty()).count(), 3);
    let void = page.rows.iter().flat_map(|row| store.review(row.alert, None).expect("a review").history);
    assert!(void.into_iter().all(|row| row.void.is_none()));
}
