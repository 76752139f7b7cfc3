//! No bytes make a reader panic, the tally always adds up, and real files given as a wrong format say so.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests; a skipped test says so")]

mod held;

use std::io::Write as _;

use held::{Read, collect, shared};
use lookback_sources::ofac::{read_events, read_snapshot};
use lookback_sources::{
    File, FileError, Format, Mapping, Nothing, ReadError, detect, read_csv, read_evidence, read_ftm,
    read_journal,
};
use model::DatasetName;
use proptest::prelude::*;

const MAPPING: &str = "schema = \"Person\"\nheader = false\n[id]\ncolumn = \"1\"\n[properties]\nname = { column = \"1\", split = \"|\" }\n";

const EVIDENCE: &str = "header = false\n[observation]\nsubject = \"1\"\nrelation = { constant = \"used\" }\nkind = { constant = \"phone\" }\nvalue = { column = \"2\", split = \"|\" }\nvalid_to = \"4\"\n";

const SDN: &str = "1,\"VELKOVA, Ana\",\"individual\",\"A\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a";

fn read_as(file: &File, format: Format) -> Result<Read, ReadError<std::convert::Infallible>> {
    let dataset = DatasetName::new("d").unwrap();
    match format {
        Format::Journal => collect(|each| read_journal(file, each)),
        Format::Ftm => collect(|each| read_ftm(file, &dataset, each)),
        Format::Ofac => {
            let sdn = held::bytes("sdn.csv", SDN);
            let _ = collect(|each| read_snapshot(&sdn, Some(file), None, &dataset, &Nothing, each));
            let _ = collect(|each| read_snapshot(&sdn, None, Some(file), &dataset, &Nothing, each));
            collect(|each| read_snapshot(file, None, None, &dataset, &Nothing, each))
        }
        Format::OfacEvents => collect(|each| read_events(file, &dataset, &Nothing, each)),
        Format::Csv => {
            let Mapping::Evidence(mapping) = Mapping::parse(EVIDENCE).unwrap() else { unreachable!() };
            let _ = collect(|each| read_evidence(file, &mapping, Some(&dataset), each));
            let Mapping::Entities(mapping) = Mapping::parse(MAPPING).unwrap() else { unreachable!() };
            collect(|each| read_csv(file, &mapping, &dataset, &Nothing, each))
        }
    }
}

/// Rows that nearly are of each format, so that damage reaches past the first check.
fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"b","entity":{"id":"P1","schema":"Person","properties":{"name":["Ana"]}}}"#,
        r#"{"known_at":"2031-01-03","op":"delete","kind":"generic","attribute":{"kind":"phone","value":"1"}}"#,
        r#"{"id":"a","schema":"Person","properties":{"name":"Ana","birthDate":["1955"]}}"#,
        "1,\"VELKOVA, Ana\",\"individual\",\"A] [B\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB circa 1955 to 1956; Passport X (Y); Linked To: Z.\"",
        "1,2,\"aka\",\"ANI\",-0- ",
        "1,3,\"Quay 1\",-0- ,\"Utland\",-0- ",
        "seen_at\top\tent_num\traw_line\n2031-01-01\tADD\t1\t1,\"A\",-0- ,\"D\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"Linked To: A.\"",
        "1,name,\"quoted \"\" field\nwith a break\",1955",
    ];
    texts.iter().map(|text| format!("{text}\n{text}\n").into_bytes()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    let seeded = (prop::sample::select(seeds()), prop::collection::vec(change, 0..6), any::<bool>());
    let seeded = seeded.prop_map(|(mut bytes, changes, zipped)| {
        if zipped {
            bytes = gzip(&bytes);
        }
        for (at, byte, what) in changes {
            let at = at.index(bytes.len().max(1));
            match what {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    });
    prop_oneof![seeded, prop::collection::vec(any::<u8>(), 1..200)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_bytes_make_a_reader_panic_and_the_tally_adds_up(bytes in damaged()) {
        prop_assume!(!bytes.is_empty());
        detect("x.csv", &bytes);
        let file = File::from_bytes("x", bytes);
        for format in Format::ALL {
            // `collect` checks that records and rejects are the rows.
            if let Err(ReadError::File(error) | ReadError::Suspect { error, .. }) = read_as(&file, format) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}

#[test]
fn a_compressed_file_that_is_cut_off_or_damaged_is_refused_by_every_reader() {
    for (seed, format) in seeds().into_iter().zip([
        Format::Journal,
        Format::Journal,
        Format::Ftm,
        Format::Ofac,
        Format::Ofac,
        Format::Ofac,
        Format::OfacEvents,
        Format::Csv,
    ]) {
        let whole = gzip(&seed.repeat(50));
        for cut in 1..whole.len() - 2 {
            let file = File::from_bytes("cut.gz", whole[..whole.len() - cut].to_vec());
            let Err(ReadError::File(error) | ReadError::Suspect { error, .. }) = read_as(&file, format)
            else {
                panic!("{format}, cut by {cut}: read")
            };
            assert!(
                !matches!(error, FileError::Io { .. } | FileError::Empty { .. }),
                "{format}, cut by {cut}: {error}"
            );
        }
    }
}

#[test]
fn a_file_from_disk_is_named_and_digested_and_read_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some name.gz");
    std::fs::write(&path, gzip(b"id,name\n1,Ana\n")).unwrap();
    let file = File::open(&path).unwrap();
    assert_eq!(file.name, "some name.gz");
    assert_eq!(file.digest, model::Digest::of(&std::fs::read(&path).unwrap()));
    for _ in 0..2 {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file.reader().unwrap(), &mut text).unwrap();
        assert_eq!(text, "id,name\n1,Ana\n");
    }
    assert!(matches!(File::open(folder.path()), Err(FileError::Io { .. })));
    assert!(matches!(File::open(&folder.path().join("none")), Err(FileError::Io { .. })));
}

#[test]
fn real_files_given_as_a_wrong_format_are_refused_and_say_what_they_are() {
    let Some(data) = shared("data", "any_bytes::real_files_given_as_a_wrong_format") else { return };
    let xml = [
        "un/un_2024-10_sample_unsc.xml.gz",
        "un/un_2016-03-25_consolidated.xml.gz",
        "ofac/canada_2025-05-25.xml.gz",
    ];
    for name in xml {
        let file = File::open(&data.join(name)).unwrap();
        let unknown = file.format().unwrap_err();
        assert!(unknown.to_string().contains("line 1: no known format: it is XML"), "{unknown}");
        for format in Format::ALL {
            let error = read_as(&file, format).unwrap_err();
            assert!(
                matches!(error, ReadError::File(FileError::NotThisFormat { .. })),
                "{name} as {format}: {error}"
            );
            assert!(error.to_string().contains("XML"), "{error}");
        }
    }
    let known = [
        ("scenario/default/journal.jsonl.gz", Some(Format::Journal)),
        ("eu/eu_consolidated.ftm.json.gz", Some(Format::Ftm)),
        ("yente/yente_zala.ftm.json", Some(Format::Ftm)),
        ("ofac/ofac_2019-01_sdn.csv.gz", Some(Format::Ofac)),
        ("ofac/ofac_2025-12_cons_prim.csv", Some(Format::Ofac)),
        ("ofac/history/events.tsv.gz", Some(Format::OfacEvents)),
        ("uk/uk_hmt_2020-04_conlist.csv.gz", Some(Format::Csv)),
        ("ofac/us_csl_2023-11_csl.csv.gz", Some(Format::Csv)),
        ("yente/yente_delta_t2/20240527194702-wnk/entities.delta.json", None),
        ("eu/amendments.tar.gz", None),
    ];
    for (name, expected) in known {
        let file = File::open(&data.join(name)).unwrap();
        assert_eq!(file.format().ok(), expected, "{name}");
        for format in Format::ALL {
            match read_as(&file, format) {
                Ok(read) if Some(format) != expected => {
                    assert!(
                        format == Format::Csv || read.tally.records == 0,
                        "{name} as {format}: {:?}",
                        read.tally
                    );
                }
                Ok(read) => println!("{name}: {:?}", read.tally),
                Err(error) => assert!(Some(format) != expected || format == Format::Csv, "{name}: {error}"),
            }
        }
    }
}

#[test]
fn real_journals_and_entities_are_read_without_a_reject() {
    let Some(data) = shared("data", "any_bytes::real_journals_and_entities") else { return };
    let files = [
        "scenario/default/journal.jsonl.gz",
        "scenario/traps-dev/journal.jsonl.gz",
        "eu/eu_consolidated.ftm.json.gz",
        "yente/yente_zala.ftm.json",
        "yente/yente_parteispenden.ftm.json",
        "yente/yente_delta_t1/entities.ftm.json",
    ];
    for name in files {
        let file = File::open(&data.join(name)).unwrap();
        let format = file.format().expect(name);
        let read = read_as(&file, format).unwrap();
        println!("{name}: {:?}, {} notices", read.tally, read.notices.len());
        assert_eq!(read.tally.rejects, 0, "{name}: {}", read.rejects[0]);
    }
}
