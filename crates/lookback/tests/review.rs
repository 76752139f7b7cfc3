//! The review through the façade: what takes two persons takes them by whatever way, evidence that matters re-opens and what is cosmetic
//! does not, bulk decisions go row by row, redress changes now and not then.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use lookback::model::{
    AccountName, AlertId, CauseKind, DatasetName, EntityId, Finding, Flag, Grounds, KnownAt, PersonName,
    PolicyReason, Proof, Reason, ReviewRole, Step, SubjectAct, Verdict,
};
use lookback::review::{Chosen, Draft, Learned, Query, Refusal, State};
use lookback::{Error, Format, HeldFiles, IngestOptions, LaterChanges, Mode, OpenAlerts, PurgeOrder, Silent};
use support::Bench;

fn account(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

fn id(text: &str) -> EntityId {
    EntityId::new(text).unwrap()
}

type Facts = BTreeMap<&'static str, Vec<String>>;

/// A list entry and a subject who may be it, with every kind of fact that is evidence.
fn facts() -> Facts {
    [
        ("name", "Leonor Quastel"),
        ("alias", "L. Quastel the Younger"),
        ("birthDate", "1970-05-06"),
        ("gender", "female"),
        ("passportNumber", "XA900100200"),
        ("address", "4 Quay Street"),
        ("program", "P1"),
    ]
    .into_iter()
    .map(|(property, value)| (property, vec![value.to_owned()]))
    .collect()
}

fn put(dataset: &str, id: &str, facts: &Facts) -> String {
    let properties = serde_json::to_string(facts).unwrap();
    format!(
        r#"{{"known_at":"{{at}}","op":"put","kind":"entity","dataset":"{dataset}","entity":{{"id":"{id}","schema":"Person","properties":{properties}}}}}"#
    )
}

/// An office with people of every role, a list, a population, and one alert for each of so many subjects.
struct Office {
    bench: Bench,
    day: u32,
}

impl Office {
    fn new(subjects: usize) -> Self {
        let mut bench = Bench::new();
        bench.store.act_as("root", Proof::Asserted);
        let mut office = Self { bench, day: 0 };
        let dataset = |name, role| {
            format!(r#"{{"known_at":"{{at}}","op":"put","kind":"dataset","name":"{name}","role":"{role}"}}"#)
        };
        office.tell(&[dataset("watch", "list"), dataset("guests", "population")]);
        office.tell(&[put("watch", "W1", &facts())]);
        let guests: Vec<String> = (0..subjects).map(|n| put("guests", &format!("G{n}"), &facts())).collect();
        office.tell(&guests);
        let accounts: [(&str, &str, &[ReviewRole]); 6] = [
            ("root", "p0", &[ReviewRole::Administrator]),
            ("first", "p1", &[ReviewRole::AnalystL1]),
            ("second", "p2", &[ReviewRole::AnalystL2]),
            ("second-too", "p2", &[ReviewRole::Approver]),
            ("senior", "p3", &[ReviewRole::AnalystL2, ReviewRole::Approver]),
            ("lists", "p5", &[ReviewRole::ListManager]),
        ];
        for (name, person, roles) in accounts {
            let roles = roles.iter().copied().collect();
            let store = &mut office.bench.store;
            store.open_account(account(name), PersonName::new(person).unwrap(), roles, [].into()).unwrap();
        }
        office
    }

    fn now(&self) -> KnownAt {
        self.bench.store.now().unwrap()
    }

    /// Journal lines of one later time.
    fn tell(&mut self, lines: &[String]) {
        self.day += 1;
        let base = self.now().max(KnownAt::parse("2031-01-01").unwrap());
        let at = KnownAt::from_micros(base.micros() + i64::from(self.day));
        let lines: Vec<String> = lines.iter().map(|line| line.replace("{at}", &at.to_string())).collect();
        self.bench.journal(&(lines.join("\n") + "\n")).expect("a sound journal");
    }

    fn act_as(&mut self, name: &str) -> &mut lookback::Store {
        self.bench.store.act_as(name, Proof::Asserted)
    }

    fn alerts(&self) -> Vec<AlertId> {
        let view = self.bench.store.ledger().as_of(KnownAt::MAX);
        view.alerts().unwrap().into_iter().map(|alert| alert.alert).collect()
    }

    fn state(&self, alert: AlertId) -> State {
        self.bench.store.review(alert, None).unwrap().review
    }

    fn step(&mut self, by: &str, alert: AlertId, step: Step) -> Result<EntityId, Error> {
        self.act_as(by).decide_one(Draft::on(alert, step, Some("as seen".into())))
    }

    /// First line clears, an approver confirms.
    fn clear(&mut self, alert: AlertId) {
        let proposal = self.step("first", alert, clear()).unwrap();
        self.step("senior", alert, Step::Confirm { proposal }).unwrap();
        assert_eq!(self.state(alert), State::Final);
    }
}

#[test]
fn a_row_of_the_queue_says_what_was_learned_when_it_last_moved() {
    let mut office = Office::new(1);
    let learned = |office: &mut Office| {
        let page = office.bench.store.queue(&Query { limit: 10, ..Query::default() }, None).unwrap();
        let rows = office.bench.store.explained(page.rows, None).unwrap();
        assert_eq!(rows[0].subject_caption.as_deref(), Some("Leonor Quastel"));
        rows[0].learned
    };
    assert_eq!(learned(&mut office), Learned::SubjectAdded);
    let mut entry = facts();
    entry.insert("alias", vec!["L. Quastel the Younger".into(), "Lea Quastel".into()]);
    office.tell(&[put("watch", "W1", &entry)]);
    assert_eq!(learned(&mut office), Learned::AliasLearned);
    entry.insert("birthDate", vec!["1970-05-07".into()]);
    office.tell(&[put("watch", "W1", &entry)]);
    assert_eq!(learned(&mut office), Learned::EntryChanged);
    let mut subject = facts();
    subject.insert("address", vec!["9 Quay Street".into()]);
    office.tell(&[put("guests", "G0", &subject)]);
    assert_eq!(learned(&mut office), Learned::SubjectCorrected);
}

fn grounds(reason: Reason) -> Grounds {
    Grounds { reason, matches: BTreeMap::new(), properties: BTreeMap::new(), expires: None }
}

fn clear() -> Step {
    Step::Clear { grounds: grounds(Reason::BirthDateDiffers) }
}

fn denied<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result.expect_err("it takes another person") {
        Error::Denied(refusal) => refusal,
        other => panic!("{other}"),
    }
}

/// A fact that reviewers would call evidence, changed on one side.
fn material(property: &'static str) -> Facts {
    let mut changed = facts();
    let value = match property {
        "alias" | "name" => "Leonor Quastel-Brand",
        "birthDate" => "1970-05-07",
        "gender" => "other",
        "address" => "5 Quay Street",
        "program" => "P2",
        _ => "XA900100201",
    };
    // A further name, document, address or programme; another birth date or gender.
    let values = changed.entry(property).or_default();
    if matches!(property, "birthDate" | "gender") {
        values.clear();
    }
    values.push(value.to_owned());
    changed
}

/// The same facts, written otherwise.
fn cosmetic(kind: usize) -> Facts {
    let mut written = facts();
    for values in written.values_mut() {
        let value = values[0].clone();
        match kind {
            0 => values[0] = value.to_uppercase(),
            1 => values[0] = value.split(' ').collect::<Vec<_>>().join("   "),
            2 => values.push(value.to_lowercase()),
            _ => values.insert(0, value),
        }
    }
    written.insert("notes", vec!["seen again".into()]);
    written.insert("nationality", vec!["xa".into()]);
    written
}

#[test]
fn every_material_change_on_either_side_reopens_a_verdict_and_no_cosmetic_one_does() {
    let mut changes: Vec<(&str, &str, Facts, State)> = Vec::new();
    let materials =
        ["alias", "name", "birthDate", "gender", "passportNumber", "idNumber", "address", "program"];
    for (dataset, id) in [("guests", "G0"), ("watch", "W1")] {
        changes.extend(materials.map(|property| (dataset, id, material(property), State::Reopened)));
        changes.extend((0..4).map(|kind| (dataset, id, cosmetic(kind), State::Final)));
    }
    for (dataset, id, changed, expected) in changes {
        let mut office = Office::new(1);
        let [alert] = office.alerts()[..] else { panic!("one alert") };
        office.clear(alert);
        office.tell(&[put(dataset, id, &changed)]);
        assert_eq!(office.state(alert), expected, "{dataset}: {changed:?}");
        if expected == State::Reopened {
            assert!(!office.bench.store.changed_since_verdict(alert).unwrap().is_empty());
        }
    }
}

#[test]
fn nothing_is_final_by_one_person_whatever_the_way() {
    let mut office = Office::new(3);
    let alerts = office.alerts();
    let propose = || Step::Propose { verdict: Verdict::Different, grounds: grounds(Reason::NameDiffers) };
    // By a second account, and by somebody who may do both.
    let proposal = office.step("second", alerts[0], propose()).unwrap();
    assert_eq!(denied(office.step("second-too", alerts[0], Step::Confirm { proposal })), Refusal::SamePerson);
    let proposal = office.step("senior", alerts[1], propose()).unwrap();
    assert_eq!(
        denied(office.step("senior", alerts[1], Step::Confirm { proposal: proposal.clone() })),
        Refusal::SamePerson
    );
    // By taking a step back and trying again.
    office.step("senior", alerts[1], Step::Undo { decision: proposal.clone() }).unwrap();
    assert_eq!(
        denied(office.step("second-too", alerts[1], Step::Confirm { proposal })),
        Refusal::WrongState { act: "confirm", state: office.state(alerts[1]) }
    );
    // In bulk.
    let query = Query { states: vec![State::New], limit: 10, ..Query::default() };
    let chosen = office.act_as("second").bulk_select(&query).unwrap();
    let bulk = office.act_as("second").bulk_propose(
        &chosen.selection,
        Verdict::Different,
        Reason::NameDiffers,
        "as seen",
    );
    let bulk = bulk.unwrap();
    assert_eq!(bulk.done, chosen.total);
    let same = office.act_as("second-too").bulk_confirm(&bulk.bulk, None).unwrap();
    assert_eq!((same.done, same.refused.len()), (0, 1));
    let other = office.act_as("senior").bulk_confirm(&bulk.bulk, None).unwrap();
    assert_eq!(other.done, chosen.total);
    // Another policy, by whatever call.
    let policy = "threshold = 0.9";
    assert_eq!(
        denied(office.act_as("lists").adopt_policy(policy)),
        Refusal::TakesTwo { what: "another policy" }
    );
    let proposal = office.act_as("second").propose_policy(policy, PolicyReason::Evidence, "figures").unwrap();
    let agree = |office: &mut Office, by: &str, proposal: &EntityId| {
        office.act_as(by).agree(proposal, LaterChanges::Keep, &mut Silent)
    };
    assert_eq!(denied(agree(&mut office, "second-too", &proposal)), Refusal::SamePerson);
    agree(&mut office, "senior", &proposal).unwrap();
    assert!((office.bench.store.policy(KnownAt::MAX).unwrap().threshold - 0.9).abs() < 1e-9);
    // What was agreed once is not agreed for ever.
    let back = "threshold = 0.95";
    let proposal = office.act_as("second").propose_policy(back, PolicyReason::Law, "a letter").unwrap();
    agree(&mut office, "senior", &proposal).unwrap();
    assert!(matches!(denied(office.act_as("lists").adopt_policy(policy)), Refusal::TakesTwo { .. }));
    assert_eq!(
        denied(office.act_as("second").propose_policy(policy, PolicyReason::Capacity, "too few of us")),
        Refusal::Capacity
    );
}

#[test]
fn a_bulk_decision_goes_row_by_row_and_can_be_taken_back() {
    let mut office = Office::new(20);
    let query = Query { states: vec![State::New], limit: 1, ..Query::default() };
    let chosen = office.act_as("second").bulk_select(&query).unwrap();
    assert_eq!((chosen.total, chosen.selection.len()), (20, 20), "over the whole query, not its page");
    // An alert that is not there is a row that is refused, as any other.
    let mut chosen = chosen;
    chosen.selection.push(Chosen { alert: AlertId([7; 16]), steps: 1 });
    // A colleague gets in between.
    office.step("first", chosen.selection[3].alert, Step::Comment).unwrap();
    let propose = office.act_as("second").bulk_propose(
        &chosen.selection,
        Verdict::Different,
        Reason::OnlyNameAgrees,
        "as seen",
    );
    let bulk = propose.unwrap();
    assert_eq!((bulk.done, bulk.refused.values().sum::<u64>()), (19, 2));
    assert_eq!(office.state(chosen.selection[3].alert), State::New);
    assert_eq!(office.state(chosen.selection[4].alert), State::SecondPerson);
    let confirmed = office.act_as("senior").bulk_confirm(&bulk.bulk, None).unwrap();
    assert_eq!(confirmed.done, 19);
    let undone = office.act_as("senior").bulk_undo(&confirmed.bulk).unwrap();
    assert_eq!(undone.done, 19);
    let undone = office.act_as("second").bulk_undo(&bulk.bulk).unwrap();
    assert_eq!(undone.done, 19);
    for row in &chosen.selection[..20] {
        assert_eq!(office.state(row.alert), State::New);
    }
    // Nothing of this touched an alert, and all of it is in the chain.
    office.bench.store.ledger().verify().unwrap();
    assert!(office.bench.store.replay(&mut Silent).unwrap().agrees());
}

#[test]
fn a_compartment_is_seen_by_those_in_it_alone_and_every_match_is_adjudicated() {
    let mut office = Office::new(2);
    let alerts = office.alerts();
    let subject = office.bench.store.review(alerts[0], None).unwrap().alert.subject;
    let flag = SubjectAct::Flag { flag: Flag::Compartment("harbour".into()) };
    office.act_as("second").decide_subject(&id(&subject), flag, "need to know").unwrap();
    assert_eq!(denied(office.step("first", alerts[0], clear())), Refusal::NoSuchAlert);
    let (_, viewer) = office.act_as("first").actor().unwrap();
    let query = Query { viewer: Some(viewer), limit: 10, ..Query::default() };
    let page = office.bench.store.queue(&query, None).unwrap();
    assert_eq!((page.total, page.rows.len()), (1, 1));
    let wrong = Grounds { matches: [(id("W2"), Finding::Different)].into(), ..grounds(Reason::NameDiffers) };
    assert_eq!(denied(office.step("first", alerts[1], Step::Clear { grounds: wrong })), Refusal::MatchesOpen);
}

#[test]
fn a_held_version_takes_two_persons_too() {
    let mut office = Office::new(1);
    let empty = office.bench.file("watch.ftm.json", "");
    let options = IngestOptions {
        dataset: Some(DatasetName::new("watch").unwrap()),
        format: Some(Format::Ftm),
        mode: Some(Mode::Full),
        ..IngestOptions::default()
    };
    let Err(Error::Held { id: held, .. }) = office.bench.ingest(&empty, &options) else {
        panic!("an empty version is held")
    };
    let release =
        |office: &mut Office| office.act_as("lists").held_release(held, LaterChanges::Keep, &mut Silent);
    assert!(matches!(denied(release(&mut office)), Refusal::TakesTwo { .. }));
    let proposal = office.act_as("lists").propose_release(held, "the list is closed").unwrap();
    let agree =
        |office: &mut Office, by: &str| office.act_as(by).agree(&proposal, LaterChanges::Keep, &mut Silent);
    assert_eq!(denied(agree(&mut office, "lists")), Refusal::SamePerson);
    agree(&mut office, "senior").unwrap();
    assert!(office.alerts().is_empty(), "nobody is listed any more");
}

/// A line of the journal, put now.
fn line(rest: &str) -> String {
    format!(r#"{{"known_at":"{{at}}","op":"put",{rest}}}"#)
}

fn used(id: &str, subject: &str, relation: &str, document: &str, days: (&str, &str)) -> String {
    let (from, to) = days;
    line(&format!(
        r#""kind":"observation","id":"{id}","subject":"{subject}","relation":"{relation}","attribute":{{"kind":"document","value":"{document}"}},"valid_from":"{from}","valid_to":"{to}","source":"port""#
    ))
}

#[test]
fn another_link_on_either_side_reopens_a_verdict_and_a_better_source_does_not() {
    const DAYS: (&str, &str) = ("2030-01-01", "2030-06-30");
    let changes: [(Vec<String>, State); 5] = [
        (vec![used("U2", "G0", "used", "D2", DAYS)], State::Reopened),
        (vec![used("U1", "G0", "used", "D1", ("2030-02-01", "2030-06-30"))], State::Reopened),
        (vec![used("O1", "FAC", "operated", "D1", ("2030-01-01", "2030-05-31"))], State::Reopened),
        (vec![used("U1", "G0", "used", "D1", DAYS).replace("port", "harbour")], State::Final),
        (vec![used("U3", "G0", "used", "D3", DAYS)], State::Final),
    ];
    for (lines, expected) in changes {
        let mut office = Office::new(1);
        office.tell(&[
            line(r#""kind":"dataset","name":"reports","role":"intelligence""#),
            line(r#""kind":"entity","dataset":"watch","entity":{"id":"ORG","schema":"Organization","properties":{"name":["Tamber Guild"],"topics":["crime.terror"]}}"#),
            line(r#""kind":"entity","dataset":"reports","entity":{"id":"FAC","schema":"Person","properties":{"name":["Orlan Veska"]}}"#),
            line(r#""kind":"entity","dataset":"reports","entity":{"id":"MEM","schema":"Membership","properties":{"member":["FAC"],"organization":["ORG"]}}"#),
            used("O1", "FAC", "operated", "D1", DAYS),
            used("O2", "FAC", "operated", "D2", DAYS),
            used("U1", "G0", "used", "D1", DAYS),
        ]);
        let view = office.bench.store.ledger().as_of(KnownAt::MAX);
        let open = view.alerts().unwrap();
        let network = open.iter().find(|alert| alert.pair.cause.kind == CauseKind::Network).unwrap().alert;
        let grounds =
            Grounds { matches: [(id("FAC"), Finding::Different)].into(), ..grounds(Reason::LinkExplained) };
        let proposal = office.step("first", network, Step::Clear { grounds }).unwrap();
        office.step("senior", network, Step::Confirm { proposal }).unwrap();
        office.tell(&lines);
        assert_eq!(office.state(network), expected, "{lines:?}");
        let changed = office.bench.store.changed_since_verdict(network).unwrap();
        assert_eq!(changed.is_empty(), expected == State::Final, "{lines:?}: {changed:?}");
    }
}

#[test]
fn a_case_that_was_closed_late_is_kept_as_long_again() {
    let mut office = Office::new(1);
    let policy = "[[retention]]\ndataset = 'guests'\ndays = 10\nafter = 'case_closed'";
    let proposal = office.act_as("second").propose_policy(policy, PolicyReason::Law, "an order").unwrap();
    office.act_as("senior").agree(&proposal, LaterChanges::Keep, &mut Silent).unwrap();
    let [alert] = office.alerts()[..] else { panic!("one alert") };
    // Nine days later the case is closed.
    let day = 24 * 60 * 60 * 1_000_000;
    let later = |office: &Office, days: i64| KnownAt::from_micros(office.now().micros() + days * day);
    let known = office.now();
    let at = later(&office, 9).to_string();
    let other = put("guests", "G9", &[("name", vec!["Ilka Sorontes".to_owned()])].into());
    office.bench.journal(&(other.replace("{at}", &at) + "\n")).unwrap();
    office.clear(alert);
    let order = PurgeOrder {
        reason: "time".into(),
        authority: "policy".into(),
        held: HeldFiles::Refuse,
        alerts: OpenAlerts::Refuse,
    };
    let due = |office: &Office, days: i64| -> Vec<String> {
        let now = KnownAt::from_micros(known.micros() + days * day);
        let due = office.bench.store.due_for_purge(now, &order).unwrap();
        due.into_iter().map(|due| due.subject.to_string()).collect()
    };
    assert!(due(&office, 12).is_empty());
    assert_eq!(due(&office, 20), ["G0", "G9"]);
}
