//! Inputs that are not what they should be: a clear error or a reject with its line, an exit code, no panic, nothing applied.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::desk::{Desk, entry, list};

const AS_PEOPLE: &str = "--dataset guests --role population";

#[test]
fn files_that_are_nothing_are_refused_in_every_format() {
    let desk = Desk::empty();
    let noise: Vec<u8> = (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let files: [(&str, Vec<u8>); 7] = [
        ("empty", Vec::new()),
        ("gzip-empty", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0".to_vec()),
        ("blank", b"\n\n \n".to_vec()),
        ("noise", noise),
        ("gzip-begun", vec![0x1f, 0x8b]),
        ("nested", vec![b'['; 100_000]),
        ("utf-16", b"\xff\xfe{\0\"\0i\0d\0\"\0:\0\"\0a\0\"\0}\0\n\0".to_vec()),
    ];
    desk.write("mapping.toml", "schema = \"Person\"\n[id]\ncolumn = \"no\"\n[properties]\nname = \"name\"\n");
    desk.run("init").ends(0);
    for (name, bytes) in files {
        desk.write(name, bytes);
        for format in ["ftm", "journal", "ofac", "ofac-events", "csv", "auto"] {
            let more = match format {
                "journal" => String::new(),
                "csv" => format!("{AS_PEOPLE} --mapping mapping.toml"),
                _ => AS_PEOPLE.to_owned(),
            };
            let ran = desk.run(&format!("ingest {name} --format {format} {more}"));
            let code = match () {
                () if ran.err.contains("none of sdn.csv") => 2,
                // An OFAC list is a whole version unless it is said to be a delta: an empty or cut off one is held.
                () if format == "ofac" && ["empty", "blank", "gzip-empty", "gzip-begun"].contains(&name) => 4,
                () => 3,
            };
            assert!(ran.ends(code).err.contains(name));
        }
    }
    assert_eq!(desk.run("status --json").ends(0).json()["head"], serde_json::Value::Null);
}

#[test]
fn a_file_of_no_known_format_says_in_which_line_and_what_to_do() {
    let desk = Desk::empty();
    desk.run("init").ends(0);
    let utf16 = list().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&str, Vec<u8>, &str); 5] = [
        ("long", vec![b'x'; 20 << 20], "line 1: no known format: the row is longer than 16 MB; check that"),
        (
            "nested",
            vec![b'['; 100_000],
            "line 1: no known format: the row is JSON nested deeper than 128 levels",
        ),
        (
            "utf-16.json",
            utf16,
            "line 1: no known format: it is not UTF-8 and looks like UTF-16; save it as UTF-8",
        ),
        (
            "latin-1",
            b"\nname\nJos\xe9\n".to_vec(),
            "line 2: no known format: the row tells none; if it is one of",
        ),
        ("page", b"<html>".to_vec(), "line 1: no known format: it is XML or HTML; fetch"),
    ];
    for (name, bytes, says) in files {
        desk.write(name, bytes);
        desk.run(&format!("ingest {name} {AS_PEOPLE}")).ends(3).tells(&format!("{name}, {says}"));
    }
}

#[test]
fn a_line_that_asks_about_nobody_says_what_one_is() {
    let desk = Desk::stocked();
    let none = "it is no entity: one JSON object with `schema` and `properties` is needed";
    let lines = [
        ("Zora Quist", none),
        ("<p>", none),
        ("{\"known_at\":\"2031-01-01\",\"op\":\"put\",\"kind\":\"dataset\"}", none),
        ("{\"schema\":\"Person\"", "EOF while parsing"),
        ("[1]", "invalid type: sequence, expected an entity"),
        (&"{\"a\":".repeat(200), "nested deeper than 128 levels"),
    ];
    for (line, says) in lines {
        let input = entry("Q1", "Orlan Veska", "") + line + "\n";
        let ran = desk.run_with(&["screen", "--json"], input).ends(3);
        assert_eq!(ran.lines().len(), 1);
        assert!(
            ran.err.starts_with("lookback: standard input, line 2: ") && ran.err.contains(says),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains("first line") && !ran.err.contains("query"), "{}", ran.err);
    }
}

#[test]
fn what_cannot_be_opened_is_refused_by_name() {
    let desk = Desk::stocked();
    desk.run(&format!("ingest missing.csv {AS_PEOPLE}")).ends(3).tells("missing.csv cannot be read");
    desk.run(&format!("ingest . {AS_PEOPLE}")).ends(3).tells("cannot be read");
    desk.run("ingest people.ftm.json --mapping missing.toml --dataset guests").ends(3).tells("missing.toml");
    desk.run("policy try missing.toml").ends(3).tells("missing.toml cannot be read");
    desk.run("compare missing.tsv").ends(3).tells("missing.tsv cannot be read");
}

#[test]
fn a_file_that_is_cut_off_is_not_applied() {
    let desk = Desk::empty();
    desk.run("init").ends(0);
    let whole = list();
    desk.write("list.ftm.json", &whole[..whole.len() - 20]);
    desk.run("ingest list.ftm.json --dataset watch --role list").ends(3).tells("cut off in line 12");
    assert_eq!(desk.run("status --json").ends(0).json()["head"], serde_json::Value::Null);
}

#[test]
fn ten_megabytes_in_one_line_are_a_name_or_a_reject() {
    let desk = Desk::empty();
    desk.write("long.ftm.json", entry("P1", &"a".repeat(10 << 20), ""));
    desk.run(&format!("ingest long.ftm.json {AS_PEOPLE}")).ends(0);
}

#[test]
fn no_message_repeats_a_name() {
    let desk = Desk::stocked();
    let rows = [
        r#""Zora Quist""#,
        r#"{"id":"Z1","schema":"Person","properties":"Zora Quist"}"#,
        r#"{"id":"Z2","schema":"Zora Quist","properties":{}}"#,
        r#"{"id":"Z3","schema":"Person","properties":{"Zora Quist":["x"],"name":[{"Zora Quist":1}]}}"#,
        r#"{"id":"Z4","schema":"Person","properties":{"name":["Zora Quist"],"birthDate":["Zora Quist"]}}"#,
        r#"{"id":"Z5","schema":"Person","properties":{"name":["Zora Quist"]"#,
    ];
    let rows = rows.join("\n") + "\n";
    desk.write("odd.ftm.json", &rows);
    let journal = r#"{"known_at":"Zora Quist","op":"put","kind":"dataset","name":"d","role":"list"}"#;
    desk.write("odd.jsonl", format!("{journal}\n"));
    desk.write("odd.tsv", "Zora Quist\n");
    let pair = r#"{"left":"Zora Quist","right":{"schema":"Person","properties":{"name":"Zora Quist"}}}"#;
    let told = [
        desk.run(&format!("ingest odd.ftm.json --format ftm {AS_PEOPLE}")).ends(3),
        desk.run("ingest odd.jsonl --store other.db").ends(3),
        desk.run_with(&["screen"], &rows).ends(3),
        desk.run("compare odd.tsv").ends(3),
        desk.run_with(&["compare", "--entities", "-"], pair).ends(3),
    ];
    for ran in told {
        assert!(!ran.err.contains("Zora") && !ran.err.contains("Quist"), "{}", ran.err);
    }
}

#[test]
fn journals_out_of_order_and_undeclared_datasets_name_the_line() {
    let desk = Desk::empty();
    let line = |time: &str, name: &str| {
        format!(
            "{{\"known_at\":\"{time}\",\"op\":\"put\",\"kind\":\"dataset\",\"name\":\"{name}\",\"role\":\"list\"}}\n"
        )
    };
    desk.write("back.jsonl", line("2031-01-02", "a") + &line("2031-01-01", "b"));
    desk.run("ingest back.jsonl").ends(3).tells("back.jsonl, line 2");
    let entity = r#"{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"ghost","entity":{"id":"G1","schema":"Person"}}"#;
    desk.write("ghost.jsonl", format!("{entity}\n"));
    desk.run("ingest ghost.jsonl").ends(3).tells("ghost.jsonl, line 1: dataset ghost is not declared");
}

#[test]
fn two_rows_that_say_different_things_of_one_id_are_refused_with_both_lines() {
    let desk = Desk::empty();
    desk.write(
        "list.ftm.json",
        list() + &entry("L02", "Ilka Velkova", "") + &entry("L03", "Beroz Ormach", ""),
    );
    let ran = desk.run("ingest list.ftm.json --dataset watch --role list").ends(3);
    ran.tells("applying list.ftm.json: lines 2 and 13 put the same entity differently");
}

#[test]
fn a_path_that_is_no_store_is_refused_and_left_alone() {
    let desk = Desk::stocked();
    desk.run("status --store people.ftm.json").ends(2).tells("is no store");
    desk.run("serve --store nowhere.db").ends(2).tells("make one with `lookback init --store nowhere.db`");
    desk.run("ingest list.ftm.json --dataset watch --role list --store people.ftm.json").ends(2);
    assert_eq!(std::fs::read_to_string(desk.path("people.ftm.json")).unwrap(), crate::desk::PEOPLE);
    desk.run("status --store .").ends(2).tells("is a folder");
    desk.run("status --store nothing.db").ends(2).tells("lookback init --store nothing.db");
}

#[test]
fn a_damaged_store_is_told_as_one() {
    let desk = Desk::stocked();
    let mut bytes = std::fs::read(desk.path("lookback.db")).unwrap();
    bytes.truncate(bytes.len() / 2);
    desk.write("half.db", bytes);
    desk.run("verify --store half.db").ends(5);
}

#[test]
fn options_that_do_not_fit_say_what_would() {
    let desk = Desk::stocked();
    let wrong = [
        ("frobnicate", "unrecognized"),
        ("alerts --known-at yesterday", "2031-01-15"),
        ("diff --from 2031-01-01 --to 2030-01-01", "is after"),
        ("screen --name X --birth-date 19800", "YYYY-MM-DD"),
        ("screen --name X --schema Ghost", "Person, Organization"),
        ("screen --name X --gender unknown", "female, male"),
        ("ingest list.ftm.json --dataset a/b", "use letters"),
        ("ingest list.ftm.json --dataset watch --full --delta", "cannot be used with"),
        ("replay", "--verify"),
        ("demo --people 0", "1..=10000000"),
    ];
    for (line, help) in wrong {
        desk.run(line).ends(2).tells(help);
    }
}

#[test]
fn a_second_writer_is_told_to_wait_and_readers_go_on() {
    let desk = Desk::stocked();
    let mut first = desk.command(&["screen", "--enrol", "walk-ins", "--json"]).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    input.write_all(entry("W1", "Orlan Veska", "").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(first.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    assert!(answer.contains("\"kept\":true"), "{answer}");
    desk.run("ingest people.ftm.json --dataset guests").ends(6).tells("another process is writing");
    assert_eq!(desk.run("alerts --dataset walk-ins --json").ends(0).lines().len(), 1);
    drop(input);
    assert!(first.wait().unwrap().success());
    desk.run("ingest people.ftm.json --dataset guests").ends(0);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::stocked();
    desk.write(
        "many.ftm.json",
        (0..5000).map(|n| entry(&format!("M{n}"), "Aud Sarkh", "")).collect::<String>(),
    );
    desk.run("ingest many.ftm.json --dataset many --role intelligence").ends(0);
    for line in [&["entities", "--dataset", "many"][..], &["export"]] {
        let mut child = desk.command(line).stdin(Stdio::null()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut String::new()).unwrap();
        drop(output);
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0), "{line:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let desk = Desk::stocked();
    for line in [&["alerts"][..], &["status", "--json"], &["export"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = desk.command(line).stdout(full).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line:?}");
        assert!(told.contains("writing to standard output"), "{told}");
    }
}
