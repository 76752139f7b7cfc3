//! The two readers of JSON lines: what they take, what they refuse, and with which words.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests; a skipped test says so")]

mod held;

use held::{Read, bytes, collect};
use lookback_sources::{FileError, ReadError, read_ftm, read_journal};
use model::{DatasetName, EntityId, KnownAt, Op, Record};

type Failed = ReadError<std::convert::Infallible>;

fn journal(text: impl AsRef<[u8]>) -> Result<Read, Failed> {
    let file = bytes("j.jsonl", text);
    collect(|each| read_journal(&file, each))
}

fn ftm(text: impl AsRef<[u8]>) -> Result<Read, Failed> {
    let file = bytes("e.json", text);
    collect(|each| read_ftm(&file, &DatasetName::new("demo").unwrap(), each))
}

const PUT: &str = r#"{"known_at":"2031-01-02","op":"put","kind":"entity","dataset":"border","entity":{"id":"P1","schema":"Person","properties":{"name":["Ana Velkova"]}}}"#;

#[test]
fn a_journal_states_its_own_times_and_keeps_its_order() {
    let later = PUT.replace("2031-01-02", "2031-01-03T04:05:06Z").replace("P1", "P2");
    let read = journal(format!("\u{feff}{PUT}\r\n\n  \n{later}")).unwrap();
    let seen: Vec<(String, u64)> =
        read.ops.iter().map(|(at, _, line)| (at.unwrap().to_string(), *line)).collect();
    assert_eq!(seen, [("2031-01-02T00:00:00Z".to_owned(), 1), ("2031-01-03T04:05:06Z".to_owned(), 4)]);
    let error = journal(format!("{later}\n{PUT}\n")).unwrap_err();
    let expected = KnownAt::parse("2031-01-02").unwrap();
    assert!(
        matches!(error, ReadError::File(FileError::OutOfOrder { line: 2, known_at, .. }) if known_at == expected)
    );
}

#[test]
fn a_journal_line_that_is_none_is_a_reject_that_says_why_and_repeats_no_value() {
    let with = |from: &str, to: &str| PUT.replace(from, to);
    let cases = [
        (with(r#""op":"put","#, ""), "missing field `op`"),
        (with("2031-01-02", "2031-02-30"), "no instant"),
        (with(r#","dataset""#, r#","datset":1,"dataset""#), "the entity has a field \"datset\""),
        (with(r#""schema""#, r#""Ana Velkova":1,"schema""#), "the entity has a field that"),
        (with("Person", "Ghost"), "unknown schema \"Ghost\""),
        (with(r#"["Ana Velkova"]"#, r#""Ana Velkova""#), "invalid type: string …"),
        (with(r#"{"name""#, r#"{"birthDate":["1985-02-30"],"name""#), "birthDate is no date that exists"),
        (with("\"P1\"", "\" P1\""), "the id is empty"),
        (with("\"kind\":\"entity\"", "\"kind\":\"thing\""), "unknown kind \"thing\""),
        (with("border", "a border"), "no dataset name"),
        (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), "invalid type"),
        (
            with(
                r#""dataset":"border""#,
                &format!(r#""dataset":"border","reporting":{}1{}"#, "[".repeat(9999), "]".repeat(9999)),
            ),
            "nested deeper than 128 levels",
        ),
        ("true".to_owned(), "invalid type"),
        ("{".to_owned(), "EOF"),
    ];
    for (line, expected) in cases {
        let read = journal(format!("{PUT}\n{line}\n{PUT}\n")).unwrap();
        assert_eq!((read.tally.rows, read.tally.rejects, read.rejects[0].line), (3, 1, 2), "{line:.200}");
        let reason = &read.rejects[0].reason;
        assert!(reason.contains(expected), "{expected}: {reason}");
        assert!(!reason.contains("Velkova") && !reason.contains("1985"), "{reason}");
    }
}

#[test]
fn what_exports_put_around_an_entity_is_accepted_in_a_journal() {
    let around = r#""caption":"x","datasets":["a"],"referents":[],"first_seen":"2031","last_seen":"2031","last_change":"2031","target":true,"origin":[],"schema""#;
    assert_eq!(journal(PUT.replace(r#""schema""#, around)).unwrap().tally.records, 1);
}

#[test]
fn excerpts_are_kept_only_when_asked_for() {
    let file = bytes("j.jsonl", format!("{PUT}\n{{\"secret\"\n"));
    let plain = collect(|each| read_journal(&file, each)).unwrap();
    assert_eq!(plain.rejects[0].excerpt, None);
    let file = file.keep_excerpts();
    let kept = collect(|each| read_journal(&file, each)).unwrap();
    assert_eq!(kept.rejects[0].excerpt.as_deref(), Some("{\"secret\""));
}

#[test]
fn an_entity_may_state_a_text_a_list_or_null_and_whatever_exports_add() {
    let line = r#"{"id":"a","schema":"Person","caption":"A","target":true,"score":1,"properties":{"name":"Ana Velkova","alias":["Ani",null,"Ana T"],"notes":null,"shoeSize":["41"]}}"#;
    let read = ftm(format!("{line}\n{}\n", line.replace("\"a\"", "\"b\""))).unwrap();
    let entity = &read.entities()[0];
    assert_eq!(entity.values("alias"), ["Ani", "Ana T"]);
    assert_eq!(entity.values("name"), ["Ana Velkova"]);
    assert!(!entity.properties.contains_key("notes"));
    let notices: Vec<&str> = read.notices.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(notices.len(), 2, "once each: {notices:?}");
    assert!(notices[0].contains("shoeSize") && notices[1].contains("score"));
    let without_name = ftm(r#"{"id":"a","schema":"Person"}"#).unwrap();
    assert_eq!(
        without_name.tally.records, 1,
        "an entity without a name is a record: it is unscreenable, never lost"
    );
}

#[test]
fn what_a_publisher_writes_around_an_entity_is_kept_but_when_it_was_last_seen() {
    let line = r#"{"id":"a","schema":"Person","caption":"A. V.","referents":["r2","r1","r2"],"first_seen":"2030-01-02T03:04:05","last_seen":"2031-01-01T00:00:00","last_change":"2030-05-06T07:08:09","target":false,"datasets":["other"],"properties":{"name":"Ana Velkova"}}"#;
    let published = |line: &str| {
        let read = ftm(format!("{line}\n")).unwrap();
        assert_eq!((read.tally.records, read.notices.len()), (1, 0), "{line}");
        match &read.ops[0].1 {
            Op::Put(Record::Entity(record)) => record.published.clone(),
            other => panic!("{other:?}"),
        }
    };
    let kept = published(line).unwrap();
    assert_eq!(kept.caption.as_deref(), Some("A. V."));
    assert_eq!(kept.referents.iter().map(EntityId::as_str).collect::<Vec<_>>(), ["r1", "r2"]);
    assert_eq!(kept.first_seen.as_deref(), Some("2030-01-02T03:04:05"));
    assert_eq!(kept.last_change.as_deref(), Some("2030-05-06T07:08:09"));
    assert_eq!(kept.target, Some(false));
    assert_eq!(published(&line.replace("2031-01-01", "2032-02-02")).unwrap(), kept);
    assert_eq!(published(&line.replace(r#""r2","r1","r2""#, r#""r1","r2""#)).unwrap(), kept);
    assert_eq!(
        published(r#"{"id":"a","schema":"Person","caption":["A"],"referents":[" x",7],"target":"yes"}"#),
        None
    );
}

#[test]
fn an_entity_that_is_none_is_a_reject() {
    let good = r#"{"id":"a","schema":"Person","properties":{}}"#;
    let cases = [
        (good.replace("Person", "Membership"), "the relation has no member"),
        (good.replace("{}", r#"{"name":[["Ana"]]}"#), "invalid type: sequence"),
        (good.replace("{}", r#"{"name":5550001}"#), "expected a text or a list of texts"),
        (good.replace("{}", r#"{"birthDate":["1985-13"]}"#), "birthDate is no date"),
        (good.replace("\"id\":\"a\",", ""), "missing field `id`"),
        (good.replace("Person", "person"), "unknown schema"),
    ];
    for (line, expected) in cases {
        let read = ftm(format!("{good}\n{line}\n")).unwrap();
        assert_eq!(read.tally.rejects, 1, "{line}");
        assert!(read.rejects[0].reason.contains(expected), "{expected}: {}", read.rejects[0].reason);
        assert!(!read.rejects[0].reason.contains("5550001"));
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused_wherever_it_is_cut() {
    let text = format!("{PUT}\n{}", PUT.replace("Velkova", "Вэлкова"));
    assert_eq!(journal(&text).unwrap().tally.records, 2, "a last line without line break is a line");
    for end in PUT.len() + 2..text.len() {
        let error = journal(&text.as_bytes()[..end]).unwrap_err();
        assert!(
            matches!(error, ReadError::Suspect { error: FileError::Truncated { line: 2, .. }, .. }),
            "{end}: {error}"
        );
    }
    for text in ["\n", "  \n\n", "\u{feff}"] {
        assert!(matches!(
            journal(text).unwrap_err(),
            ReadError::Suspect { error: FileError::Empty { .. }, .. }
        ));
    }
}

#[test]
fn wrong_utf_8_is_a_reject_and_a_long_line_is_one_too() {
    let mut text = format!("{PUT}\n").into_bytes();
    text.extend_from_slice(b"{\"a\":\"\xff\"}\n");
    text.extend(std::iter::repeat_n(b'x', 17_000_000));
    text.extend_from_slice(format!("\n{PUT}\n").as_bytes());
    let read = journal(text).unwrap();
    let rejects: Vec<(u64, &str)> = read.rejects.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(rejects, [(2, "the row is not UTF-8"), (3, "the row is longer than 16 MB")]);
    assert_eq!(read.tally.records, 2);
}

#[test]
fn a_caller_who_has_enough_stops_the_reader() {
    let file = bytes("j.jsonl", format!("{PUT}\n{PUT}\n"));
    let mut seen = 0;
    let stopped = read_journal(&file, &mut |_| {
        seen += 1;
        Err("enough")
    });
    assert!(matches!(stopped, Err(ReadError::Caller("enough"))));
    assert_eq!(seen, 1);
}
