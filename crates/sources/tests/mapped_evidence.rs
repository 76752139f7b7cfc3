//! CSV files of observations and generic declarations with a mapping: the examples of the documentation, and what is refused.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests; a skipped test says so")]

mod held;

use std::path::Path;

use held::{Read, bytes, collect};
use lookback_sources::{File, FileError, Mapping, ReadError, read_evidence};
use model::{Line, Op, Record};

type Failed = ReadError<std::convert::Infallible>;

fn read_with(file: &File, mapping: &str) -> Result<Read, Failed> {
    let Mapping::Evidence(mapping) = Mapping::parse(mapping)? else { panic!("no mapping of evidence") };
    collect(|each| read_evidence(file, &mapping, None, each))
}

fn read(text: impl AsRef<[u8]>, mapping: &str) -> Read {
    read_with(&bytes("t.csv", text), mapping).unwrap()
}

fn example(table: &str, mapping: &str) -> Read {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let mapping = std::fs::read_to_string(folder.join(mapping)).unwrap();
    read_with(&File::open(&folder.join(table)).unwrap(), &mapping).unwrap()
}

/// Who, how, what, and when; with source and grade.
fn shown(op: &Op) -> String {
    match op {
        Op::Put(Record::Observation(o)) => {
            let days = [&o.valid_from, &o.valid_to].map(|day| day.as_ref().map(ToString::to_string));
            let [from, to] = days.map(Option::unwrap_or_default);
            let relation = serde_json::to_string(&o.relation).unwrap();
            let (source, grade) = (o.source.clone().unwrap_or_default(), o.grade.clone().unwrap_or_default());
            let (kind, value) = (&o.attribute.kind, &o.attribute.value);
            format!(
                "{} {} {kind} {value} {from}..{to} {source} {grade}",
                o.subject,
                relation.trim_matches('"')
            )
        }
        Op::Put(Record::Generic(g)) => {
            format!("{} {}: {}", g.attribute.kind, g.attribute.value, g.reason.clone().unwrap_or_default())
        }
        other => panic!("{other:?}"),
    }
}

fn all_shown(read: &Read) -> Vec<String> {
    read.ops.iter().map(|(_, op, _)| shown(op)).collect()
}

fn ids(read: &Read) -> Vec<String> {
    read.ops.iter().map(|(_, op, _)| op.key().text.to_string()).collect()
}

#[test]
fn the_phone_example_reads_as_the_documentation_says() {
    let read = example("phones.csv", "phones.mapping.toml");
    assert_eq!((read.tally.rows, read.tally.rejects), (4, 1));
    assert_eq!(
        all_shown(&read),
        [
            "customer-10001 used phone +999 555 0101 2030-05-03..2030-05-19 H-17 B2",
            "customer-10003 used phone +999 555 0101 2030-05-04.. H-17 B2",
            "customer-10003 used phone +999 555 0102 2030-05-04.. H-17 B2",
            "crew-7 operated phone +999 555 0101 2030-05..2030-05 H-18 C3",
        ]
    );
    assert_eq!(read.rejects[0].line, 5);
    assert_eq!(read.rejects[0].reason, "the row states no value: column \"numbers\" is empty");
}

#[test]
fn the_observations_of_the_passenger_list_are_of_the_travellers_that_it_states() {
    let read = example("travellers.csv", "travellers.evidence.toml");
    assert_eq!((read.tally.rows, read.tally.rejects, read.ops.len()), (3, 0, 6));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let mapping = std::fs::read_to_string(folder.join("travellers.mapping.toml")).unwrap();
    let Mapping::Entities(mapping) = Mapping::parse(&mapping).unwrap() else {
        panic!("no mapping of entities")
    };
    let file = File::open(&folder.join("travellers.csv")).unwrap();
    let dataset = model::DatasetName::new("demo").unwrap();
    let people = collect(|each| {
        lookback_sources::read_csv(&file, &mapping, &dataset, &lookback_sources::Nothing, each)
    });
    let people: Vec<String> = people.unwrap().entities().iter().map(|e| e.id.to_string()).collect();
    let shown = all_shown(&read);
    assert!(shown[0].starts_with(&format!("{} used document XE2207741 2030-07-14..2030-07-14 ", people[0])));
    assert!(shown[5].starts_with(&format!("{} used booking OT 209 02 Aug 2030 2030-08-02..", people[2])));
}

#[test]
fn the_shelter_example_declares_what_it_has() {
    let read = example("shelters.csv", "shelters.mapping.toml");
    assert_eq!((read.tally.rows, read.tally.rejects), (2, 0));
    assert_eq!(
        all_shown(&read),
        [
            "address 9 Chandler Row: Lantern House",
            "phone +999 555 0700: Lantern House",
            "address 2 Ropewalk: Quay Mission",
        ]
    );
}

const MAPPING: &str = "[observation]\nsubject = { column = \"who\", prefix = \"c-\" }\nrelation = \"how\"\nkind = { constant = \"phone\" }\nvalue = \"number\"\nvalid_from = \"from\"\nvalid_to = \"to\"\n";
const HEADER: &str = "who,how,number,from,to\n";

#[test]
fn a_row_that_does_not_fit_is_a_reject_and_names_the_column_only() {
    let cases = [
        (",used,+999 1,,", "the id column \"who\" is empty"),
        ("1,,+999 1,,", "column \"how\" is empty"),
        ("1,owned,+999 1,,", "column \"how\" is neither \"used\" nor \"operated\""),
        ("1,used,,2030-05-03,", "the row states no value: column \"number\" is empty"),
        ("1,used,+999 1,2030-02-30,", "column \"from\" is no date that exists"),
        ("1,used,+999 1,,soon", "column \"to\" is no date that exists"),
        ("1,used,+999 1,2030-05-03,2030-05-02", "valid_to lies before valid_from"),
        ("1,used,+999 1,2030-06,2030-05", "valid_to lies before valid_from"),
        ("1,used,+999 1,,,", "the row has 6 fields, the header 5"),
    ];
    for (row, expected) in cases {
        let read =
            read(format!("{HEADER}7,used,+999 2,,\n{row}\n8,used,+999 2,2030-05-03,2030-05\n"), MAPPING);
        assert_eq!((read.tally.rows, read.tally.rejects, read.rejects[0].line), (3, 1, 3), "{row}");
        let reason = &read.rejects[0].reason;
        assert!(reason.contains(expected) && !reason.contains("+999"), "{expected}: {reason}");
    }
}

#[test]
fn without_a_column_for_it_an_id_stands_for_what_the_row_states() {
    let rows = ["1,used,+999 1,2030-05-03,2030-05-04", "1, used ,+999 1 ,2030-05-03,2030-05-04"];
    let mut first = ids(&read(format!("{HEADER}{}\n2,used,+999 1,,\n{}\n", rows[0], rows[1]), MAPPING));
    assert_eq!(first[0], first[2], "what a row states, not how it is spaced");
    assert_eq!(first[0].len(), "observation-".len() + 40);
    first.dedup();
    let other_order = "to,number,from,how,who\n2030-05-04,+999 1,2030-05-03,used,1\n";
    assert_eq!(ids(&read(other_order, MAPPING)), first[..1], "nor in which order its columns stand");
    let dated =
        MAPPING.replace("valid_from = \"from\"", "valid_from = { column = \"from\", date = \"dmy\" }");
    let written_another_way = format!("{HEADER}1,used,+999 1,03/05/2030,2030-05-04\n");
    assert_eq!(ids(&read(written_another_way, &dated)), first[..1], "nor how its dates are written");
    let others = [
        "2,used,+999 1,2030-05-03,2030-05-04",
        "1,operated,+999 1,2030-05-03,2030-05-04",
        "1,used,+999 2,2030-05-03,2030-05-04",
        "1,used,+999 1,2030-05-02,2030-05-04",
        "1,used,+999 1,2030-05-03,2030-05-05",
        "1,used,+999 1,,2030-05-03",
        "1,used,+999 1,2030-05-03,",
    ];
    let mut different = ids(&read(format!("{HEADER}{}\n{}\n", rows[0], others.join("\n")), MAPPING));
    different.sort();
    different.dedup();
    assert_eq!(different.len(), others.len() + 1, "what is stated otherwise has another id");
}

#[test]
fn with_a_column_for_it_a_later_row_replaces_an_earlier_one() {
    let mapping = format!("[id]\ncolumn = \"no\"\nprefix = \"desk-\"\n{MAPPING}");
    let read = read(format!("no,{HEADER}17,1,used,+999 1,,\n"), &mapping);
    assert_eq!(ids(&read), ["desk-17"]);
}

#[test]
fn what_is_read_is_a_line_of_a_journal() {
    let tables = [
        ("phones.csv", "phones.mapping.toml"),
        ("travellers.csv", "travellers.evidence.toml"),
        ("shelters.csv", "shelters.mapping.toml"),
    ];
    for (table, mapping) in tables {
        for (_, op, _) in example(table, mapping).ops {
            let line = Line { known_at: model::KnownAt::from_micros(0), op };
            assert_eq!(Line::from_json(line.to_json().as_bytes()).unwrap(), line);
        }
    }
}

#[test]
fn a_file_that_lacks_a_column_or_is_cut_off_is_refused() {
    let read = |text: &str| read_with(&bytes("t.csv", text), MAPPING).unwrap_err();
    let error = read("who,how,number,from\n1,used,+999 1,\n");
    assert!(matches!(&error, ReadError::File(FileError::Mapping(what)) if what.contains("no column \"to\"")));
    let error = read(&format!("{HEADER}1,used,+999 1,,\n2,us"));
    assert!(matches!(error, ReadError::Suspect { error: FileError::Truncated { line: 3, .. }, .. }));
}
