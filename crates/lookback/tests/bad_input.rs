//! Invariant(ALL-ROWS), Invariant(ONE-TRANSACTION): bad input is an error or a reject with its line, and never half an answer.
//!
//! What is not applied leaves the store as it was, to the hash. What claims to be a whole version and is suspect is held. Who has no name
//! is not clear.

mod support;

use std::io::Write as _;

use lookback::model::{DatasetName, EntityId, KnownAt, Role};
use lookback::{
    Error, FileError, Format, IngestOptions, IngestReport, LaterChanges, LedgerError, Mode, Silent,
};
use support::{Bench, shared};

const START: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"people","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"watch","entity":{"id":"W-0","schema":"Person","properties":{"name":["Ottoline Varrask"]}}}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"people","entity":{"id":"P-0","schema":"Person","properties":{"name":["Ottoline Varrask"]}}}
"#;

fn started() -> Bench {
    let mut bench = Bench::new();
    bench.journal(START).expect("a sound journal");
    bench
}

fn dataset(name: &str) -> DatasetName {
    DatasetName::new(name).expect("a sound name")
}

fn list(format: Format, mode: Mode) -> IngestOptions {
    IngestOptions {
        dataset: Some(dataset("watch")),
        role: Some(Role::List),
        format: Some(format),
        mode: Some(mode),
        ..IngestOptions::default()
    }
}

fn person(id: &str, name: &str) -> String {
    format!("{{\"id\":\"{id}\",\"schema\":\"Person\",\"properties\":{{\"name\":[\"{name}\"]}}}}\n")
}

fn line(known_at: &str, id: &str, name: &str) -> String {
    let entity = person(id, name);
    let entity = entity.trim_end();
    format!(
        "{{\"known_at\":\"{known_at}\",\"op\":\"put\",\"kind\":\"entity\",\"dataset\":\"people\",\"entity\":{entity}}}\n"
    )
}

fn nested(depth: usize) -> String {
    format!("{}{}\n", "[".repeat(depth), "]".repeat(depth))
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("zipping");
    encoder.finish().expect("zipping")
}

#[test]
fn what_is_not_applied_leaves_the_store_as_it_was_and_says_where() {
    let whole = START;
    let zipped = gzipped(
        &(0..2000).map(|n| line("2031-03-01", &format!("P-{n}"), "Jorun Miketta")).collect::<String>(),
    );
    let cases: [(&str, Vec<u8>, &str); 15] = [
        ("empty", Vec::new(), "no row"),
        ("blank", b"\n\n".to_vec(), "no row"),
        ("cut off", whole.as_bytes()[..whole.len() - 40].to_vec(), "cut off in line 4"),
        ("cut off and zipped", zipped[..zipped.len() / 2].to_vec(), "line "),
        ("UTF-16", "{\"known_at\"".encode_utf16().flat_map(u16::to_le_bytes).collect(), ""),
        ("Latin-1", line("2031-03-01", "P-1", "Jos\u{e9}").chars().map(|c| c as u8).collect(), "line 1"),
        ("a line of 17 MB", line("2031-03-01", "P-1", &"x".repeat(17 << 20)).into(), "16 MB"),
        ("deep nesting", nested(100_000).into(), "line 1"),
        (
            "differing puts",
            (line("2031-03-01", "P-1", "Ana") + &line("2031-03-01", "P-1", "Bero")).into(),
            "lines 1 and 2",
        ),
        ("impossible date", line("2031-02-30", "P-1", "Ana").into(), "line 1"),
        ("unknown schema", line("2031-03-01", "P-1", "Ana").replace("Person", "Ghost").into(), "line 1"),
        (
            "undeclared",
            line("2031-03-01", "P-1", "Ana").replace("people", "nobody").into(),
            "line 1: dataset nobody is not declared",
        ),
        (
            "runs back",
            (line("2031-03-02", "P-1", "Ana") + &line("2031-03-01", "P-2", "Bero")).into(),
            "line 2",
        ),
        ("before the head", line("2030-12-31", "P-1", "Ana").into(), "never runs back"),
        ("no journal", b"a,b,c\n1,2,3\n".to_vec(), "first line is no JSON object"),
    ];
    for (what, bytes, says) in cases {
        let mut bench = started();
        let before = bench.fingerprint();
        let path = bench.file("bad.jsonl", &bytes);
        let options = IngestOptions { format: Some(Format::Journal), ..IngestOptions::default() };
        let error = bench.ingest(&path, &options).expect_err(what).to_string();
        assert!(error.contains(says), "{what}: {error}");
        assert!(!error.contains("Jorun") && !error.contains("Bero"), "{what} tells a name: {error}");
        assert_eq!(bench.fingerprint(), before, "{what}");
        bench.journal(&line("2031-04-01", "P-9", "Ottoline Varrask")).expect("and it goes on");
        assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-0", "P-9 <- W-0"], "{what}");
    }
}

#[test]
fn rows_that_are_none_are_rejects_with_their_lines_and_the_rest_is_applied() {
    let mut bench = started();
    let good = person("W-1", "Jorun Miketta");
    let text = format!(
        "{good}{{\"id\":\"W-2\",\"schema\":\"Ghost\"}}\n{}\n{{\"id\":\"\",\"schema\":\"Person\"}}\n{}{}",
        "not json",
        nested(5000),
        person("W-3", "Pell Vandrisse")
    );
    let path = bench.file("list.ftm.json", text);
    let report = bench.ingest(&path, &list(Format::Ftm, Mode::Delta)).expect("two rows are sound");
    assert_eq!((report.rows, report.records, report.rejects), (6, 2, 4));
    let lines: Vec<u64> = report.rejected.iter().map(|reject| reject.line).collect();
    assert_eq!(lines, [2, 3, 4, 5]);
    assert!(report.rejected.iter().all(|reject| reject.excerpt.is_none() && !reject.reason.is_empty()));
    let commit = bench.store.ledger().head().expect("head").expect("a commit");
    assert_eq!((commit.counts.rows, commit.counts.rejects, commit.counts.puts), (6, 4, 2));
    let kept = bench.store.ledger().rejects(Some(commit.seq)).expect("they are kept with the commit");
    assert_eq!(kept.iter().map(|reject| reject.line).collect::<Vec<_>>(), lines);
    assert!(kept.iter().all(|reject| reject.file == "list.ftm.json" && !reject.reason.is_empty()));
    bench.store.ledger().verify().expect("the chain covers them");
}

#[test]
fn who_has_no_name_is_unscreenable_and_never_clear() {
    let mut bench = started();
    let nameless = line("2031-02-01", "P-1", "");
    let blank = line("2031-02-01", "P-2", "  ");
    let signs = line("2031-02-01", "P-3", "...");
    bench.journal(&(nameless + &blank + &signs)).expect("a nameless subject is a record");
    let (_, coverage) = bench.store.coverage(KnownAt::MAX).expect("coverage").expect("a commit");
    assert_eq!((coverage.subjects, coverage.screened), (4, 1));
    assert_eq!(coverage.unscreenable.values().sum::<u64>(), 3);
    for id in ["P-1", "P-2", "P-3"] {
        let standing = bench.store.why(id, KnownAt::MAX).expect("why").standing;
        assert!(standing.starts_with("cannot be screened, and is therefore not clear"), "{id}: {standing}");
    }
    let query = serde_json::from_str(&person("Q", "")).expect("an entity");
    assert!(bench.store.screen(&query, 10).expect("an answer").unscreenable.is_some());
}

fn hundred(lost: usize) -> String {
    let name = |n: usize| {
        format!("{}a {}o", ["Ka", "Ri", "Mo", "San", "Dov"][n % 5].repeat(2), "Zelb".repeat(1 + n / 5))
    };
    (lost..100).map(|n| person(&format!("W-{n}"), &name(n))).collect::<String>()
        + &person("W-x", "Ottoline Varrask")
}

fn with_hundred() -> Bench {
    let mut bench = started();
    let path = bench.file("watch.json", hundred(0));
    bench
        .ingest(&path, &IngestOptions { confirm_mass_delete: true, ..list(Format::Ftm, Mode::Full) })
        .expect("a list");
    assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-x"], "W-0 is somebody else in this version");
    bench
}

fn release(bench: &mut Bench, id: u64) -> Result<IngestReport, Error> {
    bench.store.held_release(id, LaterChanges::Keep, &mut Silent)
}

fn held_id(error: &Error) -> u64 {
    let Error::Held { id, .. } = error else { panic!("not held: {error}") };
    assert!(*id > 0);
    *id
}

#[test]
fn a_whole_version_that_would_delete_much_is_held_compared_and_then_released_or_discarded() {
    let mut bench = with_hundred();
    let before = bench.fingerprint();
    let small = person("W-1", "Ottoline Varrask");
    let path = bench.file("watch.json", &small);
    let id = held_id(&bench.ingest(&path, &list(Format::Ftm, Mode::Full)).expect_err("a mass delete"));
    assert_eq!(bench.fingerprint(), before, "held is not applied");
    assert_eq!(bench.store.held().expect("held").len(), 1);
    assert_eq!(bench.store.status().expect("status").held, 1);
    let compared = bench.store.held_compare(id).expect("compare").commits;
    assert_eq!(bench.fingerprint(), before, "compared is not applied");
    let preview = bench.store.held_preview(id).expect("preview");
    assert_eq!(bench.fingerprint(), before, "looked at is not applied");
    let records = &preview.records;
    let (puts, deletes) = compared.iter().fold((0, 0), |sum, c| (sum.0 + c.puts, sum.1 + c.deletes));
    assert_eq!((records.added + records.changed, records.removed), (puts, deletes));
    let changed: Vec<_> = records.shown.iter().filter(|one| one.change == "changed").collect();
    assert_eq!(
        (changed[0].id.as_str(), changed[0].properties[0].after[0].as_str()),
        ("W-1", "Ottoline Varrask")
    );
    assert_eq!((preview.came.len(), preview.went.len()), (1, 1), "the alert of W-x goes, that of W-1 comes");
    let released = release(&mut bench, id).expect("release");
    let numbers = |c: &lookback::CommitReport| (c.puts, c.deletes, c.opened, c.changed, c.withdrawn);
    let both = [&compared, &released.commits].map(|commits| commits.iter().map(numbers).collect::<Vec<_>>());
    assert_eq!(both[0], both[1], "releasing does what comparing showed");
    assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-1"]);
    assert!(bench.store.held().expect("held").is_empty());
    assert!(release(&mut bench, id).is_err(), "only once");
    bench.store.ledger().verify().expect("verify");
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
}

#[test]
fn a_discarded_version_is_gone_and_changed_nothing() {
    let mut bench = with_hundred();
    let before = bench.fingerprint();
    let path = bench.file("watch.json", person("W-1", "Ottoline Varrask"));
    let id = held_id(&bench.ingest(&path, &list(Format::Ftm, Mode::Full)).expect_err("a mass delete"));
    bench.store.held_discard(id).expect("discard");
    assert!(bench.store.held().expect("held").is_empty());
    assert!(bench.store.held_compare(id).is_err());
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn a_whole_version_that_is_empty_or_cut_off_is_held() {
    let text = hundred(0);
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("cut off", text.as_bytes()[..text.len() - 30].to_vec()),
        ("blank", b"\n".to_vec()),
        ("cut off and zipped", gzipped(&text)[..200].to_vec()),
    ];
    for (what, bytes) in cases {
        let mut bench = with_hundred();
        let before = bench.fingerprint();
        let path = bench.file("watch.json", &bytes);
        let error = bench.ingest(&path, &list(Format::Ftm, Mode::Full)).expect_err(what);
        let id = held_id(&error);
        assert_eq!(bench.fingerprint(), before, "{what}");
        bench.store.held_discard(id).expect("discard");
    }
}

fn sdn_of(entries: u32) -> String {
    let name = |n: u32| format!("{}, Ottoline", "Zelb".repeat(1 + n as usize));
    let rows: Vec<(u32, String)> = (1..=entries).map(|n| (n, name(n))).collect();
    sdn(&rows.iter().map(|(n, name)| (*n, name.as_str(), "DOB 1958.")).collect::<Vec<_>>())
}

/// Ten entries in a dataset, and how a whole version of them is read.
fn with_ten(format: Format) -> (Bench, IngestOptions, String) {
    let mut bench = started();
    let options = IngestOptions { dataset: Some(dataset("ten")), ..list(format, Mode::Full) };
    let whole = match format {
        Format::Ofac => sdn_of(10),
        _ => (0..10).map(|n| person(&format!("T-{n}"), &format!("Tessaly Orrin {n}"))).collect(),
    };
    let path = bench.file("list", &whole);
    bench.ingest(&path, &options).expect("ten entries");
    (bench, options, whole)
}

fn count_of(bench: &Bench, name: &str) -> usize {
    let mut entities = 0;
    bench.store.entities(&dataset(name), KnownAt::MAX, &mut |_| entities += 1).expect("the dataset");
    entities
}

#[test]
fn a_suspect_whole_version_is_held_and_applied_as_it_is_when_that_is_confirmed() {
    for format in [Format::Ofac, Format::Ftm] {
        let whole = with_ten(format).2;
        let end = whole.trim_end_matches(['\u{1a}', '\n', '\r']).len();
        let cut = whole.as_bytes()[..end - 10].to_vec();
        let zipped = gzipped(&whole);
        // What is left of ten entries, and how many rows there were.
        let cases: [(&str, Vec<u8>, usize); 6] = [
            ("empty", Vec::new(), 0),
            ("blank", b"\r\n \n".to_vec(), 0),
            ("empty and zipped", gzipped(""), 0),
            ("cut off", cut, 9),
            ("cut off and zipped", gzipped(&whole[..end - 10]), 9),
            ("without the end of the zip", zipped[..zipped.len() - 4].to_vec(), 10),
        ];
        for (what, bytes, left) in cases {
            let what = format!("{format}, {what}");
            let (mut bench, options, _) = with_ten(format);
            let before = bench.fingerprint();
            let path = bench.file("list", &bytes);
            let id = held_id(&bench.ingest(&path, &options).expect_err(&what));
            let compared = bench.store.held_compare(id).expect(&what).commits;
            assert_eq!(bench.fingerprint(), before, "{what}: held and compared, not applied");
            assert_eq!(compared[0].deletes, 10 - left as u64, "{what}");
            let report = release(&mut bench, id).expect(&what);
            assert_eq!(
                (report.rows, report.records, count_of(&bench, "ten")),
                (left as u64, left as u64, left)
            );
            assert!(report.notices[0].contains("as confirmed"), "{what}: {:?}", report.notices);
            let released = bench.store.hashes(KnownAt::MAX).expect("hashes");

            let (mut bench, options, _) = with_ten(format);
            let path = bench.file("list", &bytes);
            let options = IngestOptions { confirm_mass_delete: true, ..options };
            bench.ingest(&path, &options).expect(&what);
            assert_eq!(count_of(&bench, "ten"), left, "{what}: confirmed at once");
            assert_eq!(bench.store.hashes(KnownAt::MAX).expect("hashes"), released, "{what}");
            assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
        }
    }
}

#[test]
fn a_cut_off_version_of_which_nothing_was_read_is_never_applied() {
    for format in [Format::Ofac, Format::Ftm] {
        let (mut bench, options, whole) = with_ten(format);
        let before = bench.fingerprint();
        let zipped = gzipped(&whole);
        for bytes in [&whole.as_bytes()[..30], &zipped[..2], &zipped[..40]] {
            let path = bench.file("list", bytes);
            let confirmed = IngestOptions { confirm_mass_delete: true, ..options.clone() };
            let id = held_id(&bench.ingest(&path, &options).expect_err("cut off"));
            for error in [
                bench.ingest(&path, &confirmed).expect_err("confirmed"),
                bench.store.held_compare(id).expect_err("compared"),
                release(&mut bench, id).expect_err("released"),
            ] {
                assert!(error.to_string().contains("cut off in line 1"), "{error}");
            }
            assert_eq!(bench.fingerprint(), before);
        }
    }
}

#[test]
fn an_empty_version_without_a_format_is_one_of_the_dataset_it_is_given_for() {
    let (mut bench, options, _) = with_ten(Format::Ftm);
    let path = bench.file("list.csv", "");
    let any = IngestOptions { format: None, ..options };
    let id = held_id(&bench.ingest(&path, &any).expect_err("empty"));
    release(&mut bench, id).expect("nothing is left");
    assert_eq!(count_of(&bench, "ten"), 0);
    for mode in [None, Some(Mode::Delta)] {
        let error =
            bench.ingest(&path, &IngestOptions { mode, ..any.clone() }).expect_err("no whole version");
        assert!(matches!(error, Error::File(FileError::Empty { .. })), "{error}");
    }
}

#[test]
fn of_a_list_with_an_empty_part_the_rest_is_applied_when_that_is_confirmed() {
    let (mut bench, options, whole) = with_ten(Format::Ofac);
    let aka = |n: u32| format!("{n},{n},\"aka\",\"VARRASK, Odilie\",-0- \r\n");
    let paths = [bench.file("sdn.csv", &whole), bench.file("alt.csv", aka(3))];
    bench.store.ingest(&paths, &options, &mut Silent).expect("a list with an alias");
    let before = bench.fingerprint();
    let paths = [paths[0].clone(), bench.file("alt.csv", gzipped(""))];
    let error = bench.store.ingest(&paths, &options, &mut Silent).expect_err("an empty part");
    let id = held_id(&error);
    assert!(error.to_string().contains("alt.csv has no row"), "{error}");
    assert_eq!(bench.fingerprint(), before);
    let report = release(&mut bench, id).expect("released");
    assert_eq!((report.rows, report.unchanged, report.commits[0].puts), (10, 9, 1));
}

#[test]
fn a_release_takes_back_what_came_after_its_version_was_held_only_when_that_is_confirmed() {
    let mut bench = with_hundred();
    let path = bench.file("watch.json", person("W-1", "Ottoline Varrask") + &person("W-2", "Jorun Miketta"));
    let id = held_id(&bench.ingest(&path, &list(Format::Ftm, Mode::Full)).expect_err("a mass delete"));
    // Another dataset may change meanwhile; of this one, two come and one changes.
    bench.journal(&line("2031-07-01", "P-7", "Ottoline Varrask")).expect("a traveller");
    let later =
        person("W-a", "Pell Vandrisse") + &person("W-b", "Zoran Belimakov") + &person("W-2", "Leonor");
    let path = bench.file("more.json", later);
    bench.ingest(&path, &list(Format::Ftm, Mode::Delta)).expect("a change of the list");
    let before = bench.fingerprint();
    let error = release(&mut bench, id).expect_err("two records would go").to_string();
    assert!(
        error.contains("after version 1 was held (records deleted: 2, put as it has them: 1)"),
        "{error}"
    );
    assert!(error.contains("--confirm-undo-later"), "{error}");
    let compared = bench.store.held_compare(id).expect("compare");
    assert!(compared.notices.iter().any(|notice| notice.contains("records deleted: 2")));
    assert_eq!(bench.fingerprint(), before);
    bench.store.held_release(id, LaterChanges::Undo, &mut Silent).expect("confirmed");
    assert_eq!(count_of(&bench, "watch"), 2);
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
}

#[test]
fn changes_that_an_interrupted_run_applied_are_known_before_and_no_rejects() {
    let event = |day: u32, op: &str, n: u32| {
        let rows = sdn_of(n);
        let row = rows.trim_end_matches('\u{1a}').lines().last().expect("a row");
        format!("2031-02-0{day}T00:00:00Z\t{op}\t{n}\t{row}\n")
    };
    let events = [
        event(1, "ADD", 11),
        event(1, "DEL", 99),
        event(2, "DEL", 11),
        event(3, "DEL", 3),
        event(3, "DEL", 4),
        event(4, "ADD", 12),
    ];
    let text = "seen_at\top\tent_num\traw_line\n".to_owned() + &events.concat();
    let started = |confirm_mass_delete| {
        let (mut bench, full, whole) = with_ten(Format::Ofac);
        let path = bench.file("sdn.csv", whole);
        let known_at = Some(KnownAt::parse("2031-01-05").expect("a day"));
        bench.ingest(&path, &IngestOptions { known_at, ..full.clone() }).expect("ten entries");
        let path = bench.file("events.tsv", &text);
        let format = Some(Format::OfacEvents);
        (bench, path, IngestOptions { format, mode: None, confirm_mass_delete, ..full })
    };
    let numbers =
        |report: &IngestReport| (report.rows, report.rejects, report.skipped_batches, report.commits.len());
    let (mut whole, path, options) = started(true);
    let first = whole.ingest(&path, &options).expect("undisturbed");
    assert_eq!(numbers(&first), (6, 1, 0, 4));

    let (mut bench, path, options) = started(false);
    held_id(&bench.ingest(&path, &options).expect_err("2 of 10 go, after the second time"));
    assert_eq!(count_of(&bench, "ten"), 10);
    let confirmed = IngestOptions { confirm_mass_delete: true, ..options };
    let rest = bench.ingest(&path, &confirmed).expect("what was left");
    assert_eq!(numbers(&rest), (6, 1, 2, 2));
    assert_eq!(rest.rejected, first.rejected);
    assert_eq!(bench.export(), whole.export());
    let again = bench.ingest(&path, &confirmed).expect("nothing is left");
    assert_eq!(numbers(&again), (6, 1, 4, 0));
    assert_eq!(again.rejected, first.rejected);
}

#[test]
fn a_tenth_may_go_unasked_and_what_repeats_itself_is_not_stored_again() {
    let mut bench = with_hundred();
    let path = bench.file("watch.json", hundred(10));
    let report = bench.ingest(&path, &list(Format::Ftm, Mode::Full)).expect("10 of 101");
    assert_eq!((report.unchanged, report.commits[0].deletes), (91, 10));
    let again = bench.file("watch.json", hundred(10));
    let report = bench.ingest(&again, &list(Format::Ftm, Mode::Full)).expect("the same again");
    assert_eq!((report.unchanged, report.commits[0].deletes, report.commits.len()), (91, 0, 1));
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
}

#[test]
fn one_id_twice_in_a_file_is_refused_wherever_the_two_stand() {
    let (old, new) = (person("W-5", "Ottoline Varrask"), person("W-5", "Jorun Miketta"));
    for text in [old.clone() + &new, new.clone() + &old] {
        let mut bench = started();
        let first = bench.file("watch.json", &old);
        bench.ingest(&first, &list(Format::Ftm, Mode::Delta)).expect("a list");
        let before = bench.fingerprint();
        let path = bench.file("watch.json", &text);
        let error =
            bench.ingest(&path, &list(Format::Ftm, Mode::Delta)).expect_err("two persons").to_string();
        assert!(error.contains('1') && error.contains('2'), "{error}");
        assert_eq!(bench.fingerprint(), before);
        let twice = bench.file("watch.json", new.clone() + &new);
        bench.ingest(&twice, &list(Format::Ftm, Mode::Delta)).expect("the same twice is once");
        assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-0"]);
    }
}

#[test]
fn a_relation_that_a_version_states_again_outlives_the_party_that_it_drops() {
    let link = r#"{"id":"L-1","schema":"UnknownLink","properties":{"subject":["W-1"],"object":["W-2"]}}"#
        .to_owned()
        + "\n";
    let rest: String = (10..40).map(|n| person(&format!("W-{n}"), "Pell Vandrisse")).collect();
    let mut bench = started();
    let full = |bench: &mut Bench, text: String| {
        let path = bench.file("watch.json", text);
        bench.ingest(&path, &list(Format::Ftm, Mode::Full)).expect("a list")
    };
    let both = person("W-0", "Ottoline Varrask")
        + &person("W-1", "Jorun Miketta")
        + &person("W-2", "Zoran Belimakov");
    full(&mut bench, both + &link + &rest);
    full(&mut bench, person("W-0", "Ottoline Varrask") + &person("W-1", "Jorun Miketta") + &link + &rest);
    let id = EntityId::new("L-1").expect("an id");
    assert!(bench.store.ledger().as_of(KnownAt::MAX).entity(&id).expect("an answer").is_some());
}

fn sdn(rows: &[(u32, &str, &str)]) -> String {
    let row = |(number, name, remarks): &(u32, &str, &str)| {
        format!(
            "{number},\"{name}\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"{remarks}\"\r\n"
        )
    };
    rows.iter().map(row).collect::<String>() + "\u{1a}"
}

#[test]
fn an_id_that_the_publisher_gave_to_somebody_else_is_another_identity() {
    let mut bench = started();
    let options = IngestOptions { dataset: Some(dataset("sdn")), ..list(Format::Ofac, Mode::Full) };
    let first = bench.file(
        "sdn.csv",
        sdn(&[(7, "VARRASK, Ottoline", "DOB 22 Apr 1958."), (8, "QUASTEL, Leonor", "DOB 1970.")]),
    );
    bench.ingest(&first, &options).expect("a list");
    assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-0", "P-0 <- ofac-7"]);
    let id = EntityId::new("ofac-7").expect("an id");
    let born =
        |bench: &Bench| bench.store.ledger().as_of(KnownAt::MAX).entity(&id).expect("it").expect("it").born;
    let before = born(&bench);
    let second = bench.file(
        "sdn.csv",
        sdn(&[(7, "MIKETTA, Jorun", "DOB 03 Sep 1991."), (8, "QUASTEL, Leonor", "DOB 1970.")]),
    );
    let report =
        bench.ingest(&second, &IngestOptions { confirm_mass_delete: true, ..options }).expect("a list");
    assert!(
        report.notices.iter().any(|notice| notice.contains("ofac-7") && notice.contains("another party")),
        "{:?}",
        report.notices
    );
    assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-0"]);
    assert!(born(&bench) > before, "another identity");
    assert!(bench.store.replay(&mut Silent).expect("replay").agrees());
}

#[test]
fn an_id_in_force_in_another_dataset_is_refused() {
    let mut bench = started();
    let before = bench.fingerprint();
    let path = bench.file("watch.json", person("W-1", "Jorun Miketta") + &person("P-0", "Pell Vandrisse"));
    let error =
        bench.ingest(&path, &list(Format::Ftm, Mode::Delta)).expect_err("P-0 is a subject").to_string();
    assert!(error.contains("line 2") && error.contains("people"), "{error}");
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn equal_to_the_head_joins_and_a_conflict_with_the_head_names_both() {
    let mut bench = started();
    bench.journal(&line("2031-01-01", "P-1", "Ottoline Varrask")).expect("it joins");
    assert_eq!(bench.open(KnownAt::MAX), ["P-0 <- W-0", "P-1 <- W-0"]);
    let before = bench.fingerprint();
    let error =
        bench.journal(&line("2031-01-01", "P-1", "Jorun Miketta")).expect_err("put at this time before");
    assert!(matches!(error, Error::Ledger(LedgerError::Conflict { earlier: Some(2), .. })), "{error}");
    assert_eq!(bench.fingerprint(), before);
}

#[test]
fn options_that_a_format_has_no_use_for_are_refused_with_what_to_do() {
    let mut bench = started();
    let before = bench.fingerprint();
    let journal = bench.file("j.jsonl", line("2031-03-01", "P-1", "Ana"));
    let rows = bench.file("rows.csv", "a,b\n1,2\n");
    let new = bench.file("w.json", person("W-1", "Ana"));
    let of = |options: IngestOptions| options;
    let cases = [
        (
            &journal,
            of(IngestOptions { dataset: Some(dataset("people")), ..IngestOptions::default() }),
            "leave out --dataset",
        ),
        (
            &journal,
            of(IngestOptions { known_at: Some(KnownAt::MAX), ..IngestOptions::default() }),
            "leave out --known-at",
        ),
        (&rows, list(Format::Csv, Mode::Delta), "--mapping"),
        (&new, of(IngestOptions { format: Some(Format::Ftm), ..IngestOptions::default() }), "--dataset"),
        (
            &new,
            IngestOptions { dataset: Some(dataset("fresh")), role: None, ..list(Format::Ftm, Mode::Delta) },
            "--role",
        ),
        (
            &new,
            IngestOptions { role: Some(Role::Population), ..list(Format::Ftm, Mode::Delta) },
            "another role",
        ),
    ];
    for (path, options, says) in cases {
        let error = bench.ingest(path, &options).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
        assert_eq!(bench.fingerprint(), before, "{says}");
    }
    let missing = bench.folder.path().join("missing.csv");
    assert!(matches!(
        bench.ingest(&missing, &list(Format::Ftm, Mode::Delta)),
        Err(Error::File(FileError::Io { .. }))
    ));
}

#[test]
fn malformed_files_as_they_were_published_are_refused_or_rejected_in_every_format() {
    let test = "malformed_files_as_they_were_published_are_refused_or_rejected_in_every_format";
    let files = [
        "un/un_2024-10_sample_unsc.xml.gz",
        "ofac/ofac_2025-12_cons_prim.csv",
        "ofac/ofac_2025-12_cons_alt.csv",
        "uk/uk_hmt_2016-03-25_conlist.csv.gz",
        "yente/yente_delta_t1/delta.json",
        "scenario/default/plan.json",
        "names/dev.tsv.gz",
    ];
    let mapping = "schema = \"Person\"\n[id]\ncolumn = \"id\"\n[properties]\nname = \"name\"\n";
    for file in files {
        let Some(path) = shared(&format!("data/{file}"), test) else { return };
        for format in Format::ALL {
            let mut bench = started();
            let before = bench.fingerprint();
            let mut options = list(format, Mode::Delta);
            options.mapping = (format == Format::Csv).then(|| mapping.to_owned());
            if format == Format::Journal {
                options = IngestOptions { format: Some(format), ..IngestOptions::default() };
            }
            match bench.ingest(&path, &options) {
                Ok(report) => assert_eq!(report.rows, report.records + report.rejects, "{file} as {format}"),
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    assert_eq!(bench.fingerprint(), before, "{file} as {format}: {error}");
                }
            }
        }
    }
}

#[test]
fn one_file_for_two_datasets_at_one_time_is_read_for_both() {
    let mut bench = started();
    let path = bench.file("both.json", person("B-1", "Jorun Miketta"));
    let at = Some(KnownAt::parse("2031-05-01").expect("a day"));
    let first = IngestOptions { known_at: at, ..list(Format::Ftm, Mode::Delta) };
    bench.ingest(&path, &first).expect("the first time");
    assert_eq!(bench.ingest(&path, &first).expect("again").skipped_batches, 1);
    let other = IngestOptions { dataset: Some(dataset("second")), ..first };
    let error = bench.ingest(&path, &other).expect_err("the id is taken, which shows that the file was read");
    assert!(error.to_string().contains("in force in dataset watch"), "{error}");
}

#[test]
fn of_two_files_of_one_name_the_suspect_one_is_held_and_released() {
    let mut bench = started();
    let many: String = (0..10).map(|n| person(&format!("W-2{n}"), &format!("Tessaly Orrin {n}"))).collect();
    let first = bench.file("list.json", many);
    let folder = tempfile::tempdir().expect("a folder");
    let later = folder.path().join(first.file_name().expect("a name"));
    std::fs::write(&later, person("W-20", "Tessaly Orrin 0")).expect("writing a file");
    let options = list(Format::Ftm, Mode::Full);
    let confirmed = IngestOptions { confirm_mass_delete: true, ..options.clone() };
    bench.ingest(&first, &confirmed).expect("the list as it is first known");
    let error = bench.store.ingest(&[first, later], &options, &mut Silent).expect_err("a mass delete");
    release(&mut bench, held_id(&error)).expect("only the later file is held");
    let name = dataset("watch");
    let mut left = Vec::new();
    bench
        .store
        .entities(&name, KnownAt::MAX, &mut |version| left.push(version.record.entity.id.to_string()))
        .expect("the dataset");
    assert_eq!(left, ["W-20"]);
    assert!(bench.store.held().expect("held").is_empty());
}
