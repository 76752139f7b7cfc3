//! Purge of the whole: no byte is left beside the store either, everybody else's alerts are those of a deletion, and the replay agrees.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use invented::Random;
use lookback::model::{EntityId, KnownAt};
use lookback::{HeldFiles, Kept, OpenAlerts, PurgeOrder, PurgeRun, Silent};
use support::{Bench, settings};

const PEOPLE: u64 = 12;
/// So many random journals; the seed of each is told with a failure.
const JOURNALS: u64 = 12;

const DATASETS: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"arrivals","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"ORG","schema":"Organization","properties":{"name":["Harrow Column"],"topics":["crime.terror"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"FAC","schema":"Person","properties":{"name":["Vadim Torr"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"M1","schema":"Membership","properties":{"member":["FAC"],"organization":["ORG"],"startDate":["2020-01-01"]}}}
{"known_at":"2031-01-01","op":"put","kind":"observation","id":"OF1","subject":"FAC","relation":"operated","attribute":{"kind":"phone","value":"+999000"},"valid_from":"2030-01-01","valid_to":"2030-12-31","grade":"B2"}
"#;

const NAMES: [&str; 4] = ["Vadim Torr", "Leonor Quastel", "Ilva Brandt", "Orso Menning"];

fn name(person: u64) -> String {
    format!("CUST-7015{person:02}")
}

/// People who come, change, use phones (the facilitator's among them) and go, a few a day.
fn journal(seed: u64, days: std::ops::Range<u64>) -> String {
    let mut random = Random::new(seed.wrapping_mul(1000).wrapping_add(days.start));
    let mut text = String::new();
    let mut said = BTreeSet::new();
    for day in days {
        let at = KnownAt::parse("2031-01-01").expect("a day").micros() + day.cast_signed() * 86_400_000_000;
        let at = KnownAt::from_micros(at);
        for _ in 0..4 {
            let (person, what) = (random.below(PEOPLE), random.below(8));
            if !said.insert((day, person, what < 5)) {
                continue;
            }
            let id = name(person);
            let called = random.choose(&NAMES);
            let phone = random.below(3);
            let line = match what {
                0..5 => format!(
                    r#""op":"put","kind":"entity","dataset":"arrivals","entity":{{"id":"{id}","schema":"Person","properties":{{"name":["{called}"],"idNumber":["SECRET-{id}"]}}}}"#
                ),
                5 | 6 => format!(
                    r#""op":"put","kind":"observation","id":"O-{id}","subject":"{id}","relation":"used","attribute":{{"kind":"phone","value":"+99900{phone}"}},"valid_from":"2030-0{}-01","valid_to":"2030-12-31","grade":"B2""#,
                    1 + random.below(9)
                ),
                _ => format!(r#""op":"delete","kind":"entity","id":"{id}""#),
            };
            writeln!(text, r#"{{"known_at":"{at}",{line}}}"#).expect("a string takes everything");
        }
    }
    text
}

fn bench(seed: u64) -> Bench {
    let mut settings = settings();
    settings.rows_worth_saving = 0;
    let mut bench = Bench::with(settings);
    bench.journal(DATASETS).expect("a sound journal");
    let mut everybody = String::new();
    for person in 0..PEOPLE {
        let (id, called) = (name(person), NAMES[usize::try_from(person % 4).expect("below four")]);
        let properties = format!(r#"{{"name":["{called}"],"idNumber":["SECRET-{id}"]}}"#);
        let entity = format!(r#"{{"id":"{id}","schema":"Person","properties":{properties}}}"#);
        let line = r#""known_at":"2031-01-02","op":"put","kind":"entity","dataset":"arrivals","entity""#;
        writeln!(everybody, "{{{line}:{entity}}}").expect("a string takes everything");
    }
    bench.journal(&everybody).expect("a sound journal");
    bench.journal(&journal(seed, 2..8)).expect("a sound journal");
    bench
}

fn order() -> PurgeOrder {
    PurgeOrder {
        reason: "erasure".into(),
        authority: "order 7/31".into(),
        held: HeldFiles::Refuse,
        alerts: OpenAlerts::Withdraw,
    }
}

fn ids(people: &[u64]) -> BTreeSet<EntityId> {
    people.iter().map(|person| EntityId::new(&name(*person)).expect("an id")).collect()
}

/// Whether a file of the store, its log or its indexes has a text; the journals that were read lie in folders.
fn lies_beside(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.is_file()).any(|path| {
        let bytes = std::fs::read(path).expect("a file");
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

/// Everybody's alert changes but those of some people, without the numbers of commits.
fn others(bench: &Bench, purged: &BTreeSet<EntityId>) -> Vec<String> {
    let marks: Vec<String> =
        bench.store.purges().expect("purges").into_iter().flat_map(|purge| purge.subjects).collect();
    let changes = bench.store.ledger().alert_changes(KnownAt::MIN, KnownAt::MAX).expect("changes");
    let of_others = changes.into_iter().filter(|change| {
        let subject = &change.pair.subject.id;
        !purged.contains(subject) && !marks.iter().any(|mark| mark == subject.as_str())
    });
    of_others
        .map(|c| {
            format!("{} {:?} {} {:?} {} {}", c.known_at, c.pair, c.alert, c.change, c.score, c.fingerprint)
        })
        .collect()
}

#[test]
fn after_a_purge_no_byte_is_left_and_everybody_else_s_alerts_are_those_of_a_deletion() {
    let mut withdrawn = 0;
    for seed in 0..JOURNALS {
        let (mut left, mut right) = (bench(seed), bench(seed));
        let mut random = Random::new(seed);
        let people = [random.below(PEOPLE), random.below(PEOPLE)];
        let subjects = ids(&people);
        for subject in &subjects {
            assert!(lies_beside(left.folder.path(), subject.as_str()), "seed {seed}: {subject} is there");
        }
        // The network's file, and what a killed process left of files that it was writing.
        for file in ["network", "network.new", "subjects.index.new"] {
            let text = people.map(name).join(" ");
            std::fs::write(left.folder.path().join(format!("store.db.{file}")), text).expect("a file");
        }
        let dry = left.store.purge(&subjects, &order(), PurgeRun::Dry).expect("a trial");
        let unchanged = left.fingerprint();
        let report = left.store.purge(&subjects, &order(), PurgeRun::Now).expect("a purge");
        assert_eq!(dry.rows, report.rows, "seed {seed}: a trial tells what a purge does");
        assert_ne!(left.fingerprint(), unchanged);
        let mut deletions = String::new();
        for id in &subjects {
            let at = report.known_at;
            writeln!(deletions, r#"{{"known_at":"{at}","op":"delete","kind":"entity","id":"{id}"}}"#)
                .expect("a string takes everything");
        }
        right.journal(&deletions).expect("a sound journal");
        for subject in &subjects {
            assert!(!lies_beside(left.folder.path(), subject.as_str()), "seed {seed}: {subject} is left");
            assert!(!left.export().contains(subject.as_str()), "seed {seed}: {subject} is exported");
            let why = left.store.why(subject.as_str(), KnownAt::MAX).expect("an answer");
            assert!(why.standing.starts_with("purged at"), "seed {seed}: {}", why.standing);
            assert!(why.standing.contains("order 7/31"), "{}", why.standing);
        }
        assert_eq!(others(&left, &subjects), others(&right, &subjects), "seed {seed}");
        withdrawn += left.store.purges().expect("purges")[0].alerts;
        // It goes on, with whoever was purged coming back as somebody new.
        let more = journal(seed, 12..16);
        left.journal(&more).expect("a sound journal");
        right.journal(&more).expect("a sound journal");
        assert_eq!(others(&left, &subjects), others(&right, &subjects), "seed {seed}, later");
        left.store.ledger().verify().expect("it verifies");
        let replayed = left.store.replay(&mut Silent).expect("a replay");
        assert!(replayed.agrees(), "seed {seed}: {replayed:?}");
        assert_eq!(replayed.purged.len(), subjects.len());
        let mut settings = settings();
        settings.rows_worth_saving = 0;
        let left = left.reopen(|_| {}, settings);
        assert_eq!(left.store.purges().expect("purges").len(), 1);
    }
    assert!(withdrawn > 0, "some who were purged had alerts");
}

#[test]
fn who_is_on_legal_hold_or_has_an_open_alert_or_a_held_file_is_kept_and_the_list_of_who_is_due_says_so() {
    let mut bench = bench(1);
    let policy = "[[retention]]\ndataset = \"arrivals\"\ndays = 30\n";
    bench.store.adopt_policy(policy).expect("a policy");
    let now = KnownAt::parse("2031-06-01").expect("a day");
    let careful = PurgeOrder { alerts: OpenAlerts::Refuse, ..order() };
    let due = bench.store.due_for_purge(now, &careful).expect("due");
    assert!(due.len() as u64 == PEOPLE, "everybody is due, and so is who was deleted: {}", due.len());
    let early = KnownAt::parse("2031-01-20").expect("a day");
    assert!(bench.store.due_for_purge(early, &careful).expect("due").is_empty());
    let alerted = due.iter().find(|due| matches!(due.kept[..], [Kept::OpenAlert { .. }])).expect("an alert");
    let free = due.iter().find(|due| due.kept.is_empty()).expect("somebody free");
    let only = |id: &EntityId| BTreeSet::from([id.clone()]);
    assert!(bench.store.purge(&only(&alerted.subject), &careful, PurgeRun::Now).is_err());
    bench.store.hold_subject(&free.subject, "case 12/31", None).expect("a hold");
    assert_eq!(bench.store.legal_holds().expect("holds").len(), 1);
    assert!(
        bench.store.purge(&only(&free.subject), &order(), PurgeRun::Now).is_err(),
        "not by an order either"
    );
    bench.store.lift_hold(&free.subject, "closed").expect("lifted");
    assert!(bench.store.legal_holds().expect("holds").is_empty());
    bench.store.purge(&only(&free.subject), &careful, PurgeRun::Now).expect("a purge");
    assert!(!lies_beside(bench.folder.path(), free.subject.as_str()), "the hold named the person and went");
    let left = bench.store.due_for_purge(now, &careful).expect("due");
    assert!(left.iter().all(|due| due.subject != free.subject), "whoever was purged is due no more");
    assert!(
        bench.store.purge(&only(&EntityId::new("FAC").expect("an id")), &order(), PurgeRun::Now).is_err()
    );
}
