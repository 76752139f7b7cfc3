//! CSV files of entities with a mapping: the examples of the documentation, and what is refused.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests; a skipped test says so")]

mod held;

use std::path::Path;

use held::{Held, Read, bytes, collect};
use lookback_sources::{Current, File, FileError, Mapping, Nothing, ReadError, read_csv};
use model::{DatasetName, Entity, Op, Record};

type Failed = ReadError<std::convert::Infallible>;

fn read_with(file: &File, mapping: &str, current: &dyn Current) -> Result<Read, Failed> {
    let Mapping::Entities(mapping) = Mapping::parse(mapping)? else { panic!("no mapping of entities") };
    collect(|each| read_csv(file, &mapping, &DatasetName::new("demo").unwrap(), current, each))
}

fn read(text: impl AsRef<[u8]>, mapping: &str) -> Result<Read, Failed> {
    read_with(&bytes("t.csv", text), mapping, &Nothing)
}

fn example(name: &str) -> Read {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let mapping = std::fs::read_to_string(folder.join(format!("{name}.mapping.toml"))).unwrap();
    let file = File::open(&folder.join(format!("{name}.csv"))).unwrap();
    read_with(&file, &mapping, &Nothing).unwrap()
}

fn shown(entity: &Entity) -> String {
    let values = entity.properties.iter().map(|(name, values)| format!("{name}={}", values.join("|")));
    format!("{} {} {}", entity.id, entity.schema, values.collect::<Vec<_>>().join(" "))
}

#[test]
fn the_customer_example_reads_as_the_documentation_says() {
    let read = example("customers");
    assert_eq!((read.tally.rows, read.tally.rejects), (4, 0));
    let shown: Vec<String> = read.entities().iter().map(shown).collect();
    assert_eq!(
        shown,
        [
            "customer-10001 Person alias=Ana Tamsin|Ani Velkova birthDate=1955-03-09 email=ana.velkova@mail.example \
             firstName=Ana Mirela gender=female lastName=Velkova name=Ana Mirela Velkova passportNumber=XA4410021",
            "customer-10002 Person birthDate=1971 firstName=Бероз gender=male lastName=Ормач name=Бероз Ормач",
            "customer-10003 Person birthDate=1988-11-30 email=odd@quillan.example firstName=Odd gender=male \
             lastName=Quillan name=Odd Quillan passportNumber=XC9981200",
            "customer-10004 Person birthDate=1990-05 firstName=Ilen \"Lena\" gender=female lastName=Sarkh \
             name=Ilen \"Lena\" Sarkh passportNumber=XD0031337",
        ]
    );
}

#[test]
fn the_traveller_example_has_digests_for_ids_and_days_of_arrival() {
    let read = example("travellers");
    assert_eq!((read.tally.rows, read.tally.rejects), (3, 0));
    let records: Vec<_> = read
        .ops
        .iter()
        .map(|(_, op, _)| match op {
            Op::Put(Record::Entity(record)) => record.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let arrivals: Vec<String> = records.iter().map(|r| r.valid_from.as_ref().unwrap().to_string()).collect();
    assert_eq!(arrivals, ["2030-07-14", "2030-07-14", "2030-08-02"]);
    assert!(records.iter().all(|r| r.entity.id.as_str().len() == "traveller-".len() + 40));
    assert_eq!(
        records,
        example("travellers")
            .ops
            .iter()
            .map(|(_, op, _)| match op {
                Op::Put(Record::Entity(record)) => record.clone(),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>(),
        "the same row has the same id"
    );
    assert_eq!(records[2].entity.values("birthDate"), ["1979-05"]);
}

const MAPPING: &str = "schema = \"Person\"\n[id]\ncolumn = \"no\"\n[properties]\nname = \"name\"\nbirthDate = { column = \"born\", date = \"dmy\" }\ngender = { column = \"sex\", values = { M = \"male\" } }\n";
const HEADER: &str = "no,name,born,sex\n";

#[test]
fn a_row_that_does_not_fit_is_a_reject_and_names_the_column_only() {
    let cases = [
        (",Ana Velkova,1955,M", "the id column \"no\" is empty"),
        ("1,Ana Velkova,30/02/1955,M", "column \"born\" is no date that exists"),
        ("1,Ana Velkova,soon,M", "column \"born\" is no date"),
        ("1,Ana Velkova,1955,X", "column \"sex\" has a value that the mapping does not list"),
        ("1,Ana Velkova", "the row has 2 fields, the header 4"),
        ("1,Ana,Velkova,1955,M", "the row has 5 fields, the header 4"),
    ];
    for (row, expected) in cases {
        let read = read(format!("{HEADER}7,Bero,1971,M\n{row}\n8,Odd,,\n"), MAPPING).unwrap();
        assert_eq!((read.tally.rows, read.tally.rejects, read.rejects[0].line), (3, 1, 3), "{row}");
        let reason = &read.rejects[0].reason;
        assert!(reason.contains(expected) && !reason.contains("Velkova"), "{expected}: {reason}");
    }
    let wrong = [HEADER.as_bytes(), b"1,\xd0,1955,M\n2,Bero,,\n"].concat();
    assert_eq!(read(wrong, MAPPING).unwrap().rejects[0].reason, "the row is not UTF-8");
}

#[test]
fn a_row_without_a_name_is_a_record() {
    assert_eq!(read(format!("{HEADER}1,,1955,M\n"), MAPPING).unwrap().tally.records, 1);
}

#[test]
fn quoted_fields_may_hold_line_breaks_delimiters_and_quotes() {
    let text = format!("{HEADER}1,\"Ana\nMirela, \"\"Ani\"\"\",1955,M\r\n\r\n2,Bero,1971,M");
    let read = read(text, MAPPING).unwrap();
    let names: Vec<String> = read.entities().iter().map(|e| e.first("name").unwrap().to_owned()).collect();
    assert_eq!(names, ["Ana\nMirela, \"Ani\"", "Bero"]);
    let lines: Vec<u64> = read.ops.iter().map(|(_, _, line)| *line).collect();
    assert_eq!(lines, [2, 5]);
}

#[test]
fn a_stray_carriage_return_ends_no_row() {
    let read = read(format!("{HEADER}1,Ana\rMirela,1955,M\n"), MAPPING).unwrap();
    assert_eq!((read.tally.rows, read.tally.rejects), (1, 0));
}

#[test]
fn a_table_without_header_is_mapped_by_numbers() {
    let mapping = MAPPING
        .replace("\"no\"", "\"1\"")
        .replace("\"name\"\nb", "\"2\"\nb")
        .replace("\"born\"", "\"3\"")
        .replace("\"sex\"", "\"4\"");
    let read = read("1,Ana,1955,M\n2,Bero,,\n", &format!("header = false\n{mapping}")).unwrap();
    assert_eq!(read.tally.records, 2);
}

#[test]
fn other_encodings_are_decoded() {
    let mapping = format!("encoding = \"windows-1251\"\n{MAPPING}");
    let read = read([HEADER.as_bytes(), b"1,\xc1\xe5\xf0\xee\xe7,1955,M\n"].concat(), &mapping).unwrap();
    assert_eq!(read.entities()[0].values("name"), ["Бероз"]);
}

#[test]
fn a_file_without_the_columns_of_the_mapping_is_refused() {
    for (header, expected) in [
        ("no;name;born;sex\n", "no column \"no\""),
        ("no,name,born,sex,sex\n", "more than one column \"sex\""),
    ] {
        let error = read(format!("{header}1,A,1955,M\n"), MAPPING).unwrap_err();
        assert!(
            matches!(error, ReadError::File(FileError::Mapping(_))) && error.to_string().contains(expected),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    for (text, line) in
        [("1,Ana,1955,M\n2,\"Bero", 3), ("1,Ana,1955,M\n2,Be", 3), ("1,\"Ana,1955,M\n2,Bero,,\n", 2)]
    {
        let error = read(format!("{HEADER}{text}"), MAPPING).unwrap_err();
        assert!(
            matches!(error, ReadError::Suspect { error: FileError::Truncated { line: at, .. }, .. } if at == line),
            "{text}: {error}"
        );
    }
    assert!(matches!(
        read(HEADER, MAPPING).unwrap_err(),
        ReadError::Suspect { error: FileError::Empty { .. }, .. }
    ));
}

#[test]
fn an_id_that_was_given_to_another_party_is_deleted_and_put() {
    let mut held = Held::default();
    held.apply(
        &read(format!("{HEADER}1,Ana Velkova,09/03/1955,M\n2,Bero Ormach,1971,M\n"), MAPPING)
            .unwrap()
            .batch(),
    );
    let second = bytes("t.csv", format!("{HEADER}1,Quillan Odd,30/11/1988,M\n2,Beroz Ormach,1972,M\n"));
    let read = read_with(&second, MAPPING, &held).unwrap();
    let deleted: Vec<u64> =
        read.ops.iter().filter(|(_, op, _)| matches!(op, Op::Delete(_))).map(|(_, _, line)| *line).collect();
    assert_eq!((deleted.as_slice(), read.notices.len()), (&[2][..], 1));
    assert_eq!(read.tally.rows, 2);
}

#[test]
fn a_row_that_never_ends_is_a_reject_and_the_next_row_is_read() {
    let text = format!("{HEADER}1,\"{}\n2,Bero,1971,M\n", "x".repeat(17_000_000));
    let read = read(text, MAPPING).unwrap();
    assert_eq!((read.tally.rows, read.tally.rejects, read.rejects[0].line), (2, 1, 2));
}
