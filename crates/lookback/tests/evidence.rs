//! Tables of observations and generic declarations come to what a journal of the same lines comes to.

mod support;

use lookback::model::{CauseKind, DatasetName, KnownAt, Record, RecordKind, Role};
use lookback::{Error, IngestOptions, IngestReport, LaterChanges, Mode, Silent};
use support::Bench;

const START: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"travellers","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-1","schema":"Organization","properties":{"name":["Grey Anchor Circle"],"topics":["crime.terror"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"F-1","schema":"Person","properties":{"name":["Orsolt Mebrandt"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"M-1","schema":"Membership","properties":{"member":["F-1"],"organization":["W-1"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"travellers","entity":{"id":"T-1","schema":"Person","properties":{"name":["Halvard Quimbrel"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"travellers","entity":{"id":"T-2","schema":"Person","properties":{"name":["Ismene Tarrowby"]}}}
"#;

const OBSERVATIONS: &str = r#"
[observation]
subject = "who"
relation = "how"
kind = "kind"
value = "value"
valid_from = "from"
valid_to = "to"
"#;

const SIGHTINGS: &str = "no,who,how,kind,value,from,to
1,F-1,operated,phone,+999 1,2031-01-01,2031-01-31
2,F-1,operated,address,4 Pilot Street,2031-01-01,2031-01-31
3,T-1,used,phone,+999 1,2031-01-10,2031-01-10
4,T-1,used,address,4 Pilot Street,2031-01-10,2031-01-12
5,T-2,used,phone,+999 1,2031-02-01,2031-02-01
";

const GENERIC: &str = r#"
[generic]
kind = { constant = "phone" }
value = "number"
reason = "whose"
"#;

impl Bench {
    /// Ingests a table, after a preview of it told what that brings.
    fn table(&mut self, at: &str, mapping: &str, table: &str) -> IngestReport {
        let path = self.file("table.csv", table);
        let options = IngestOptions {
            mapping: Some(mapping.to_owned()),
            known_at: Some(KnownAt::parse(at).expect("a day")),
            ..IngestOptions::default()
        };
        let paths = [path.clone()];
        let preview = self.store.preview(&paths, &options, &mut Silent).expect("a preview");
        let report = self.ingest(&path, &options).expect("a table");
        let [commit] = report.commits.as_slice() else { panic!("one commit") };
        let seen = (preview.came.len() as u64, preview.went.len() as u64);
        assert_eq!(seen, (commit.opened, commit.withdrawn));
        report
    }

    fn found(&self, kind: CauseKind) -> Vec<String> {
        let view = self.store.ledger().as_of(KnownAt::MAX);
        let states = view.findings(kind).expect("the findings");
        states.iter().map(|state| state.pair.subject.id.to_string()).collect()
    }
}

fn started() -> Bench {
    let mut bench = Bench::new();
    bench.journal(START).expect("the journal");
    bench
}

#[test]
fn a_table_comes_to_what_a_journal_of_its_lines_comes_to() {
    let mut bench = started();
    let report = bench.table("2031-02-01", OBSERVATIONS, SIGHTINGS);
    assert_eq!((report.rows, report.records, report.commits[0].puts), (5, 5, 5));
    assert_eq!(
        (bench.found(CauseKind::Network), bench.found(CauseKind::Single)),
        (vec!["T-1".to_owned()], vec![])
    );
    let report = bench.table("2031-03-01", GENERIC, "number,whose\n+999 1,legal aid\n");
    assert_eq!(report.commits[0].withdrawn, 1);
    assert_eq!(
        (bench.found(CauseKind::Network), bench.found(CauseKind::Single)),
        (vec![], vec!["T-1".to_owned()])
    );
    let mut told = Bench::new();
    told.journal(&bench.export()).expect("what was exported");
    let [one, other] = [&bench, &told].map(|bench| bench.store.hashes(KnownAt::MAX).expect("hashes"));
    assert_eq!(one, other);
}

#[test]
fn what_a_table_repeats_is_not_stored_again() {
    let mut bench = started();
    bench.table("2031-02-01", OBSERVATIONS, SIGHTINGS);
    bench.table("2031-02-01", GENERIC, "number,whose\n+999 7,legal aid\n");
    let before = bench.store.hashes(KnownAt::MAX).expect("hashes");
    let report = bench.table("2031-03-01", OBSERVATIONS, SIGHTINGS);
    let put = (report.unchanged, report.commits.len(), report.commits[0].puts);
    assert_eq!(put, (5, 1, 1), "one of them, so that the journal tells that the file was known");
    let report = bench.table("2031-03-02", GENERIC, "number,whose\n+999 7,legal aid\n+999 8,a shelter\n");
    assert_eq!((report.unchanged, report.commits[0].puts), (1, 1));
    assert_eq!(bench.store.hashes(KnownAt::MAX).expect("hashes"), before);
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
    bench.store.ledger().verify().expect("verify");
}

#[test]
fn with_numbers_of_its_own_a_row_replaces_the_one_before() {
    let mut bench = started();
    let mapping = format!("[id]\ncolumn = \"no\"\nprefix = \"desk-\"\n{OBSERVATIONS}");
    bench.table("2031-02-01", &mapping, SIGHTINGS);
    let corrected = SIGHTINGS.replace(
        "2,F-1,operated,address,4 Pilot Street,2031-01-01",
        "2,F-1,operated,address,4 Pilot Street,2031-01-13",
    );
    let report = bench.table("2031-03-01", &mapping, &corrected);
    assert_eq!((report.unchanged, report.commits[0].puts, report.commits[0].withdrawn), (4, 1, 1));
    let twice = format!("{SIGHTINGS}2,F-1,operated,address,5 Pilot Street,,\n");
    let path = bench.file("table.csv", twice);
    let options = IngestOptions { mapping: Some(mapping), ..IngestOptions::default() };
    let before = bench.fingerprint();
    let error = bench.ingest(&path, &options).expect_err("one number, two rows").to_string();
    assert!(error.contains('3') && error.contains('7'), "{error}");
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn a_whole_table_is_a_dataset_s() {
    let mut bench = started();
    let before = bench.fingerprint();
    let path = bench.file("table.csv", SIGHTINGS);
    let of = |mapping: &str| IngestOptions { mapping: Some(mapping.to_owned()), ..IngestOptions::default() };
    let full = Some(Mode::Full);
    let cases = [
        (IngestOptions { mode: full, ..of(OBSERVATIONS) }, "--dataset"),
        (IngestOptions { dataset: DatasetName::new("new"), ..of(OBSERVATIONS) }, "--role"),
        (IngestOptions { mode: full, ..of(GENERIC) }, "--dataset"),
        (IngestOptions { dataset: DatasetName::new("new"), ..of(GENERIC) }, "--role"),
    ];
    for (options, says) in cases {
        let error = bench.ingest(&path, &options).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
        assert_eq!(bench.fingerprint(), before);
    }
}

/// The whole table of what a desk saw.
fn whole(at: &str) -> IngestOptions {
    IngestOptions {
        mapping: Some(OBSERVATIONS.to_owned()),
        dataset: DatasetName::new("sightings"),
        role: Some(Role::Intelligence),
        mode: Some(Mode::Full),
        known_at: Some(KnownAt::parse(at).expect("a day")),
        ..IngestOptions::default()
    }
}

/// A whole table without the rows of these numbers.
fn without(bench: &mut Bench, numbers: &[&str]) -> std::path::PathBuf {
    let goes = |line: &&str| numbers.iter().any(|number| line.starts_with(&format!("{number},")));
    let lines: Vec<&str> = SIGHTINGS.lines().filter(|line| !goes(line)).collect();
    bench.file("table.csv", lines.join("\n") + "\n")
}

#[test]
fn what_a_whole_table_no_longer_has_is_deleted_and_nothing_else() {
    let mut bench = started();
    let beside = r#"{"known_at":"2031-01-02","op":"put","kind":"observation","id":"O-1","subject":"T-2","relation":"used","attribute":{"kind":"address","value":"4 Pilot Street"},"valid_from":"2031-01-05"}
"#;
    bench.journal(beside).expect("the journal");
    let table = without(&mut bench, &["3", "4"]);
    let of_another = IngestOptions { dataset: DatasetName::new("others"), ..whole("2031-02-01") };
    bench.ingest(&table, &of_another).expect("another desk's table");
    let table = bench.file("table.csv", SIGHTINGS);
    let report = bench.ingest(&table, &whole("2031-02-02")).expect("a table");
    assert_eq!((report.commits[0].puts, report.commits[0].deletes), (6, 0), "five, and the dataset");
    assert_eq!(bench.found(CauseKind::Network), ["T-1"]);
    let table = without(&mut bench, &["4"]);
    let options = IngestOptions { confirm_mass_delete: true, ..whole("2031-03-01") };
    let report = bench.ingest(&table, &options).expect("a table");
    let done = (report.unchanged, report.commits[0].puts, report.commits[0].deletes);
    assert_eq!((done, report.commits[0].withdrawn), ((4, 0, 1), 1));
    assert_eq!(bench.found(CauseKind::Single), ["T-1", "T-2"]);
    let mut told = Bench::new();
    told.journal(&bench.export()).expect("what was exported");
    let [one, other] = [&bench, &told].map(|bench| bench.store.hashes(KnownAt::MAX).expect("hashes"));
    assert_eq!(one, other);
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
    bench.store.ledger().verify().expect("verify");
}

#[test]
fn a_whole_table_of_declarations_withdraws_what_it_no_longer_declares() {
    let mut bench = started();
    bench.table("2031-01-05", OBSERVATIONS, SIGHTINGS);
    let beside = r#"{"known_at":"2031-01-06","op":"put","kind":"generic","attribute":{"kind":"phone","value":"+999 9"}}
"#;
    bench.journal(beside).expect("the journal");
    let declared = |bench: &Bench| {
        let mut declared = Vec::new();
        let view = bench.store.ledger().as_of(KnownAt::MAX);
        let read = view.records(RecordKind::Generic, &mut |_, record| {
            if let Record::Generic(generic) = record {
                let of = generic.dataset.map_or_else(|| "nobody".to_owned(), |of| of.to_string());
                declared.push(format!("{} of {of}", generic.attribute.value));
            }
            Ok(())
        });
        read.expect("the store answers");
        declared.sort();
        declared
    };
    let whole = |name: &str, at: &str| {
        let dataset = DatasetName::new(name);
        IngestOptions { mapping: Some(GENERIC.to_owned()), dataset, confirm_mass_delete: true, ..whole(at) }
    };
    assert_eq!(bench.found(CauseKind::Network), ["T-1"]);
    let table = bench.file("table.csv", "number,whose\n+999 1,a shelter\n+999 2,a lawyer\n+999 9,a port\n");
    bench.ingest(&table, &whole("shelters", "2031-02-01")).expect("a table");
    let all = ["+999 1 of shelters", "+999 2 of shelters", "+999 9 of shelters"];
    assert_eq!(declared(&bench), all, "what was of nobody is taken over");
    assert!(bench.found(CauseKind::Network).is_empty());
    let error = bench.ingest(&table, &whole("others", "2031-02-02")).expect_err("another's").to_string();
    assert!(error.contains("dataset shelters declares"), "{error}");
    let other = bench.file("table.csv", "number,whose\n+999 4,a hotel\n");
    bench.ingest(&other, &whole("others", "2031-02-03")).expect("a table");
    let table = bench.file("table.csv", "number,whose\n+999 2,a lawyer\n");
    let report = bench.ingest(&table, &whole("shelters", "2031-03-01")).expect("a table");
    assert_eq!((report.unchanged, report.commits[0].puts, report.commits[0].deletes), (1, 0, 2));
    assert_eq!(declared(&bench), ["+999 2 of shelters", "+999 4 of others"]);
    assert_eq!(bench.found(CauseKind::Network), ["T-1"], "the number says something again");
    let mut told = Bench::new();
    told.journal(&bench.export()).expect("what was exported");
    let [one, other] = [&bench, &told].map(|bench| bench.store.hashes(KnownAt::MAX).expect("hashes"));
    assert_eq!(one, other);
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
    // What would withdraw too much is held, and released takes back what came since.
    let cautious = IngestOptions { confirm_mass_delete: false, ..whole("shelters", "2031-04-01") };
    let table = bench.file("table.csv", "number,whose\n+999 5,a camp\n");
    assert!(matches!(bench.ingest(&table, &cautious), Err(Error::Held { .. })));
    let error = bench.store.held_release(1, LaterChanges::Keep, &mut Silent);
    assert!(error.is_ok(), "nothing came since: {error:?}");
    assert_eq!(declared(&bench), ["+999 4 of others", "+999 5 of shelters"]);
}

#[test]
fn a_whole_table_that_would_delete_too_much_is_held_until_it_is_released() {
    let mut bench = started();
    let table = bench.file("table.csv", SIGHTINGS);
    bench.ingest(&table, &whole("2031-02-01")).expect("a table");
    let before = bench.fingerprint();
    let table = without(&mut bench, &["4"]);
    let error = bench.ingest(&table, &whole("2031-03-01")).expect_err("a fifth of it").to_string();
    assert!(error.contains("1 of 5 observations"), "{error}");
    assert_eq!(bench.fingerprint(), before);
    let held = bench.store.held().expect("what is held");
    assert_eq!((held.len(), held[0].dataset.as_str()), (1, "sightings"));
    let compared = bench.store.held_compare(held[0].id).expect("compared");
    assert_eq!((compared.commits[0].deletes, compared.commits[0].withdrawn), (1, 1));
    // A report that came after it was held would go by it.
    let later = format!("{SIGHTINGS}6,T-2,used,address,4 Pilot Street,2031-01-20,2031-01-20\n");
    let table = bench.file("table.csv", later);
    bench.ingest(&table, &whole("2031-03-02")).expect("a table");
    let refused =
        bench.store.held_release(held[0].id, LaterChanges::Keep, &mut Silent).expect_err("it is later");
    assert!(refused.to_string().contains("records deleted: 1"), "{refused}");
    let released = bench.store.held_release(held[0].id, LaterChanges::Undo, &mut Silent).expect("released");
    assert_eq!(released.commits[0].deletes, 2);
    assert_eq!(bench.found(CauseKind::Network), [""; 0]);
}

#[test]
fn a_number_that_one_dataset_has_is_no_other_s() {
    let mut bench = started();
    let mapping = Some(format!("[id]\ncolumn = \"no\"\n{OBSERVATIONS}"));
    let path = bench.file("table.csv", SIGHTINGS);
    bench.ingest(&path, &IngestOptions { mapping: mapping.clone(), ..whole("2031-02-01") }).expect("a table");
    let before = bench.fingerprint();
    let others = [DatasetName::new("watch"), None];
    for dataset in others {
        let options = IngestOptions { mapping: mapping.clone(), dataset, ..IngestOptions::default() };
        let error = bench.ingest(&path, &options).expect_err("sightings has it").to_string();
        assert!(error.contains("in force in dataset sightings"), "{error}");
        assert_eq!(bench.fingerprint(), before);
    }
}
