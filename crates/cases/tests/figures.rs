//! The figures of a store written by hand: who is counted where, and by which event.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use ledger::{Ledger, LedgerError};
use lookback_cases::{Basis, Behind, DEFINITIONS, Figures, changes};
use model::{
    Cause, CauseKind, CommitHeader, Coverage, DatasetName, Digest, Engine, EntityId, Fingerprint, Identity,
    Key, KnownAt, Line, Outcome, Pair, Score,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A store and the time of its last commit.
struct Book {
    _folder: TempDir,
    ledger: Ledger,
}

fn id(id: &str) -> EntityId {
    EntityId::new(id).unwrap()
}

fn at(day: &str) -> KnownAt {
    KnownAt::parse_as_of(day).unwrap()
}

/// A finding on a subject that was first put at a time.
fn finding(kind: CauseKind, subject: &str, born: &str, is: bool) -> Outcome {
    let identity = Identity { id: id(subject), born: KnownAt::parse(born).unwrap() };
    let border = DatasetName::new("border").unwrap();
    let cause = Cause { kind, dataset: border.clone(), entry: identity.clone() };
    let alert = is.then_some((Score::ONE, Fingerprint([1; 16])));
    Outcome { pair: Pair { subject: identity, dataset: border, cause }, alert }
}

impl Book {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::create(&folder.path().join("store.db")).unwrap();
        Self { _folder: folder, ledger }
    }

    fn commit(&mut self, day: &str, lines: &[Value], found: &[Outcome]) {
        let known_at = KnownAt::parse(day).unwrap();
        let engine = Engine { engine: "1".into(), tables: "1".into() };
        let (actor, purpose) = ("Ilva Brandt".to_owned(), "test".to_owned());
        let header = CommitHeader { known_at, actor, purpose, sources: Vec::new(), engine };
        let mut batch = self.ledger.begin(header).unwrap();
        for (line, number) in lines.iter().zip(1..) {
            let mut line = line.clone();
            line["known_at"] = day.into();
            batch.stage(&Line::from_json(line.to_string().as_bytes()).unwrap().op, number).unwrap();
        }
        batch.resolve().unwrap();
        batch.record_outcomes(found).unwrap();
        batch.finish(&Coverage::default()).unwrap();
    }

    fn basis(&self, day: &str) -> Basis {
        Basis::read(&self.ledger.as_of(at(day)), "redress_granted").unwrap()
    }

    fn figures(&self, day: &str) -> Figures {
        self.basis(day).figures()
    }
}

fn dataset(name: &str, role: &str) -> Value {
    json!({ "op": "put", "kind": "dataset", "name": name, "role": role })
}

fn entity(dataset: &str, id: &str, schema: &str, properties: &Value) -> Value {
    let entity = json!({ "id": id, "schema": schema, "properties": properties });
    json!({ "op": "put", "kind": "entity", "dataset": dataset, "entity": entity })
}

fn person(id: &str, arrival: &str) -> Value {
    let mut line = entity("border", id, "Person", &json!({ "name": [format!("Orlo Venn {id}")] }));
    line["valid_from"] = arrival.into();
    line
}

fn event(id: &str, subject: &str, event: &str, at: &str) -> Value {
    json!({ "op": "put", "kind": "event", "id": id, "subject": subject, "event": event, "at": at })
}

fn found(mut event: Value, result: &str) -> Value {
    event["detail"] = json!({ "result": result });
    event
}

fn member_of(id: &str, member: &str, organisation: &str) -> Value {
    entity("casework", id, "Membership", &json!({ "member": [member], "organization": [organisation] }))
}

/// Four people who arrived in the first days of 2030; three are members from June on, the fourth is linked by single evidence.
fn book() -> Book {
    let mut book = Book::new();
    let moved = |subject, is| finding(CauseKind::Network, subject, "2030-01-05", is);
    let mut first =
        vec![dataset("border", "population"), dataset("list", "list"), dataset("casework", "intelligence")];
    first.extend(
        ["P1", "P2", "P3", "P4"].iter().zip(1..).map(|(id, day)| person(id, &format!("2030-01-0{day}"))),
    );
    first.push(found(event("s1", "P1", "screened", "2030-01-01"), "no_hit"));
    first.push(found(event("s2", "P2", "screened", "2030-01-02"), "inconclusive"));
    first.push(event("r1", "P1", "released", "2030-01-02"));
    first.push(event("r4", "P4", "released", "2030-01-04"));
    book.commit("2030-01-05", &first, &[]);
    let single = finding(CauseKind::Single, "P4", "2030-01-05", true);
    book.commit("2030-06-01", &[], &[moved("P1", true), moved("P2", true), moved("P3", true), single]);
    let arrested = [
        event("a1", "P1", "arrested", "2030-06-30"),
        event("a2", "P2", "arrested", "2030-07-01"),
        event("x2", "P2", "removed", "2030-07-02"),
        event("a4", "P4", "arrested", "2030-07-01"),
        found(event("t1", "P1", "threat_assessed", "2030-07-02"), "none_identified"),
        found(event("t2", "P2", "threat_assessed", "2030-07-02"), "identified"),
    ];
    book.commit("2030-07-02", &arrested, &[]);
    book
}

#[test]
fn members_are_counted_by_what_happened_to_them_and_others_are_not() {
    let book = book();
    let expected = json!({
        "moved_by_network": 3,
        "single_evidence_only": 1,
        "released_at_entry": 1,
        "screened": { "inconclusive": 1, "no_hit": 1, "not_screened": 1 },
        "statuses": { "arrested": 2, "removed": 1, "unreviewed": 1 },
        "threat_assessed": 2,
        "threat_identified": 1,
        "threat_none_identified": 1,
        "threat_not_assessed": 1,
        "direct_tie_to_listed_org": 0,
        "median_days_to_learnable": 150,
        "arrests_by_month": { "2030-06": 1, "2030-07": 1 },
        "moved_sha256": Digest::of(b"P1\nP2\nP3").to_string(),
    });
    assert_eq!(serde_json::to_value(book.figures("2030-07-02")).unwrap(), expected);
    let before = serde_json::to_value(book.figures("2030-07-01")).unwrap();
    assert_eq!((&before["statuses"], &before["threat_assessed"]), (&json!({ "unreviewed": 3 }), &json!(0)));
}

#[test]
fn before_anybody_is_linked_there_is_nothing_to_count() {
    let figures = serde_json::to_value(book().figures("2030-05-31")).unwrap();
    assert_eq!(figures["moved_by_network"], 0);
    assert_eq!((&figures["screened"], &figures["median_days_to_learnable"]), (&json!({}), &Value::Null));
    assert_eq!(figures["moved_sha256"], Digest::of(b"").to_string());
    assert_eq!(serde_json::to_value(Book::new().figures("2030-05-31")).unwrap(), figures);
}

/// Somebody whose link is withdrawn and found again was learnable when it was first found, also as another identity.
#[test]
fn a_member_was_learnable_when_they_first_became_one_and_arrived_when_their_first_record_says() {
    let mut book = book();
    let moved = |born: &str, is| finding(CauseKind::Network, "P2", born, is);
    let delete = json!({ "op": "delete", "kind": "entity", "id": "P2" });
    book.commit("2030-08-01", &[delete, person("P2", "2030-07-30")], &[moved("2030-01-05", false)]);
    assert_eq!(book.figures("2030-08-01").moved_by_network, 2);
    book.commit("2030-09-01", &[], &[moved("2030-08-01", true)]);
    let days = book.basis("2030-09-01").behind("median_days_to_learnable").unwrap();
    let of: Vec<_> = days.iter().map(|behind| (behind.subject.as_str(), behind.days.unwrap())).collect();
    assert_eq!(of, [("P1", 151), ("P2", 150), ("P3", 149)]);
    assert_eq!(book.figures("2030-09-01").statuses["removed"], 1, "events are about whoever bears the id");
}

#[test]
fn the_median_is_the_upper_one() {
    let mut book = book();
    book.commit("2030-08-01", &[], &[finding(CauseKind::Network, "P1", "2030-01-05", false)]);
    assert_eq!(book.figures("2030-08-01").median_days_to_learnable, Some(150));
    book.commit("2030-08-02", &[], &[finding(CauseKind::Network, "P2", "2030-01-05", false)]);
    assert_eq!(book.figures("2030-08-02").median_days_to_learnable, Some(149));
}

#[test]
fn a_direct_tie_is_a_stated_membership_of_a_listed_organisation_in_force() {
    let mut book = book();
    let named = json!({ "name": ["Invented Front"] });
    let relations = [
        entity("list", "L1", "Organization", &named),
        entity("list", "L2", "Company", &named),
        entity("list", "L3", "Person", &named),
        entity("casework", "C1", "Organization", &named),
        member_of("m1", "P1", "L1"),
        member_of("m2", "P4", "L2"),
        member_of("m3", "P2", "C1"),
        member_of("m4", "P3", "L3"),
        member_of("m5", "L3", "L1"),
        member_of("m6", "P9", "L1"),
        entity("casework", "u1", "UnknownLink", &json!({ "subject": ["P2"], "object": ["L1"] })),
    ];
    book.commit("2030-08-01", &relations, &[]);
    let tied =
        |book: &Book, day| -> Vec<String> { book.basis(day).tied.iter().map(EntityId::to_string).collect() };
    assert_eq!(tied(&book, "2030-08-01"), ["P1", "P4"], "whether moved or not");
    assert_eq!(tied(&book, "2030-07-31"), [""; 0]);
    let granted = event("g1", "P1", "redress_granted", "2030-08-02");
    book.commit("2030-08-02", &[granted, person("P9", "2030-08-02")], &[]);
    assert_eq!(tied(&book, "2030-08-02"), ["P4", "P9"], "redress; a line may speak of who is known later");
    let delisted = json!({ "op": "delete", "kind": "entity", "id": "L1" });
    book.commit("2030-08-03", &[delisted], &[]);
    assert_eq!(tied(&book, "2030-08-03"), ["P4"]);
    assert_eq!(book.figures("2030-08-03").direct_tie_to_listed_org, 1);
}

/// What is behind a number, as it is printed.
fn behind(book: &Book, name: &str) -> Option<Vec<Value>> {
    let list: Option<Vec<Behind>> = book.basis("2030-07-02").behind(name);
    list.map(|list| list.iter().map(|behind| serde_json::to_value(behind).unwrap()).collect())
}

#[test]
fn behind_each_number_are_those_whom_it_counts_and_the_event_that_says_so() {
    let book = book();
    let arrested = [
        json!({ "subject": "P1", "group": "arrested", "event": "a1" }),
        json!({ "subject": "P2", "group": "arrested", "event": "a2" }),
    ];
    assert_eq!(behind(&book, "arrested").unwrap(), arrested);
    assert_eq!(behind(&book, "statuses.arrested").unwrap(), arrested);
    assert_eq!(behind(&book, "single_evidence_only").unwrap(), [json!({ "subject": "P4" })]);
    assert_eq!(behind(&book, "threat_identified").unwrap(), [json!({ "subject": "P2", "event": "t2" })]);
    assert_eq!(
        behind(&book, "arrests_by_month.2030-07").unwrap(),
        [json!({ "subject": "P2", "group": "2030-07", "event": "a2" })]
    );
    assert_eq!(behind(&book, "departed").unwrap(), [Value::Null; 0]);
    assert_eq!(behind(&book, "happiness"), None);
    assert_eq!(behind(&book, "happiness.2030"), None);
}

#[test]
fn every_number_is_as_long_as_what_is_behind_it() {
    let (basis, mut numbers) = (book().basis("2030-07-02"), 0);
    let figures = basis.figures();
    for (name, value) in serde_json::to_value(&figures).unwrap().as_object().unwrap() {
        let list = basis.behind(name).unwrap();
        for (group, number) in value.as_object().into_iter().flatten() {
            let name = format!("{name}.{group}");
            assert_eq!(basis.behind(&name).unwrap().len() as u64, number.as_u64().unwrap(), "{name}");
            assert_eq!(figures.number(&name), number.as_i64(), "{name}");
            numbers += 1;
        }
        if let Some(number) = value.as_u64().filter(|_| name != "median_days_to_learnable") {
            assert_eq!(list.len() as u64, number, "{name}");
            assert_eq!(figures.number(name), value.as_i64(), "{name}");
            numbers += 1;
        }
    }
    assert_eq!(numbers, 16);
    assert_eq!(figures.number("median_days_to_learnable"), Some(150));
    assert_eq!((figures.number("departed"), figures.number("moved_sha256")), (Some(0), None));
}

#[test]
fn each_figure_has_its_definition_and_the_reference_page_says_the_same() {
    let figures = serde_json::to_value(book().figures("2030-07-02")).unwrap();
    let names: BTreeSet<&str> = figures.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(DEFINITIONS.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), names);
    let page = include_str!("../../../docs/reference/figures.md");
    for (name, definition) in DEFINITIONS {
        assert!(page.contains(&format!("| `{name}` | {definition} |")), "{name}");
    }
}

#[test]
fn who_joins_and_leaves_is_told_with_the_lines_that_caused_it() {
    let mut book = book();
    let moved = |subject, born, is| finding(CauseKind::Network, subject, born, is);
    let granted = [person("P3", "2030-01-03"), event("g1", "P1", "redress_granted", "2030-08-01")];
    book.commit("2030-08-01", &granted, &[moved("P1", "2030-01-05", false)]);
    let delete = |id| json!({ "op": "delete", "kind": "entity", "id": id });
    let again = [delete("P2"), delete("P3"), person("P2", "2030-01-02")];
    let outcomes =
        [moved("P2", "2030-01-05", false), moved("P2", "2030-08-02", true), moved("P3", "2030-01-05", false)];
    book.commit("2030-08-02", &again, &outcomes);
    let rests_on =
        |subject: &EntityId, _: KnownAt| Ok::<_, LedgerError>(BTreeSet::from([Key::entity(subject)]));
    let told =
        |from, to| changes::between(&book.ledger, at(from), at(to), "redress_granted", rests_on).unwrap();
    let expected = json!([
        { "known_at": "2030-06-01T00:00:00Z", "joined": 3, "left": 0, "causes": [] },
        { "known_at": "2030-08-01T00:00:00Z", "joined": 0, "left": 1,
            "causes": [{ "line": 2, "key": "put event g1", "subjects": 1 }] },
        { "known_at": "2030-08-02T00:00:00Z", "joined": 0, "left": 1,
            "causes": [{ "line": 2, "key": "delete entity P3", "subjects": 1 }] },
    ]);
    assert_eq!(serde_json::to_value(told("2030-01-01", "2030-12-31")).unwrap(), expected);
    assert_eq!(told("2030-06-01", "2030-08-01").len(), 1);
}
