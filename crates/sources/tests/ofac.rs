//! The OFAC reader on invented rows: every kind of remark, the three files together, and changes.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests; a skipped test says so")]

mod held;

use held::{Held, Read, bytes, collect, collect_suspect};
use lookback_sources::ofac::{read_events, read_snapshot};
use lookback_sources::{Applied, Current, File, FileError, Nothing, ReadError};
use model::{DatasetName, Entity, EntityId, KnownAt, Op};

fn dataset() -> DatasetName {
    DatasetName::new("demo").unwrap()
}

fn row(number: u32, name: &str, kind: &str, remarks: &str) -> String {
    format!("{number},\"{name}\",{kind},\"DEMO\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"{remarks}\"\r\n")
}

fn snapshot(rows: &str, current: &dyn Current) -> Read {
    let file = bytes("sdn.csv", rows);
    collect(|each| read_snapshot(&file, None, None, &dataset(), current, each)).unwrap()
}

fn only(kind: &str, remarks: &str) -> Entity {
    snapshot(&row(7, "TAMSIN, Bero", kind, remarks), &Nothing).entities().remove(0)
}

#[test]
fn every_kind_of_remark_of_a_person_becomes_its_property() {
    let person = [
        ("DOB 09 Mar 1955.", "birthDate", "1955-03-09"),
        ("DOB Mar 1955.", "birthDate", "1955-03"),
        ("DOB 1955.", "birthDate", "1955"),
        ("DOB circa 1955.", "birthDate", "1955"),
        ("DOB circa Mar 1955.", "birthDate", "1955"),
        ("DOB circa 1955-1957.", "birthDate", "1955|1956|1957"),
        ("DOB 1971 to 1973.", "birthDate", "1971|1972|1973"),
        ("DOB 01 Jan 1971 to 31 Dec 1971.", "birthDate", "1971"),
        ("DOB Nov 1971 to Feb 1972.", "birthDate", "1971|1972"),
        ("DOB 1900 to 1999.", "birthDate", ""),
        ("DOB 31 Feb 1955.", "birthDate", ""),
        ("DOB 09 Mar 1955; alt. DOB 1956; alt. DOB 1956.", "birthDate", "1955-03-09|1956"),
        ("POB Port Ostrey, Utland; alt. POB Reyka.", "birthPlace", "Port Ostrey, Utland|Reyka"),
        ("nationality Utland; citizen Ostrey; alt. citizen Reyka.", "nationality", "Utland|Ostrey|Reyka"),
        ("Gender Female.", "gender", "female"),
        ("Gender Unknown.", "gender", ""),
        ("a.k.a. 'BERO'; a.k.a. 'THE PILOT'.", "weakAlias", "BERO|THE PILOT"),
        ("f.k.a. 'BERO ORMACH'.", "previousName", "BERO ORMACH"),
        (
            "Passport XA 1 (Utland) issued 01 Feb 2024 expires 31 Jan 2034; alt. Passport XB2.",
            "passportNumber",
            "XA 1|XB2",
        ),
        ("Diplomatic Passport D5 (Utland).", "passportNumber", "D5"),
        ("SSN 999-00-1111 (Utland).", "socialSecurityNumber", "999-00-1111"),
        (
            "National ID No. 11 (Utland); Cedula No. 12; D.N.I. 13; C.U.R.P. AA14; Identification Number 15.",
            "idNumber",
            "11|12|13|AA14|15",
        ),
        (
            "Tax ID No. 21; NIT # 22 (Utland); RUC # 23; R.F.C. 24; RFC 25; RIF # J-26.",
            "taxNumber",
            "21|22|23|24|25|J-26",
        ),
        (
            "Phone Number 99901; alt. Phone Number 99902; Telephone (99)(903).",
            "phone",
            "99901|99902|(99)(903)",
        ),
        (
            "Email Address a@b.example; alt. Email Address c@d.example; Email:e@f.example.",
            "email",
            "a@b.example|c@d.example|e@f.example",
        ),
        ("Vessel Registration Identification IMO 1234567.", "imoNumber", ""),
        ("Something that nobody wrote before 77.", "idNumber", ""),
    ];
    check_all("\"individual\"", &person);
}

#[test]
fn every_kind_of_remark_of_other_parties_becomes_its_property() {
    let organization = [
        ("Organization Established Date 12 May 2019.", "incorporationDate", "2019-05-12"),
        (
            "Registration Number HR 77 (Port) (Utland); Registration ID 78; Company Number 79; C.R. No. 80.",
            "registrationNumber",
            "HR 77|78|79|80",
        ),
        (
            "Government Gazette Number 81; Legal Entity Number 82; Chamber of Commerce Number 83.",
            "registrationNumber",
            "81|82|83",
        ),
        (
            "Business Registration Document # 84 (Utland); Folio Mercantil No. 85.",
            "registrationNumber",
            "84|85",
        ),
        ("Trade License No. 86 (Utland); License 87.", "licenseNumber", "86|87"),
        ("SWIFT/BIC ABCDUT2L.", "swiftBic", "ABCDUT2L"),
        ("Unified Social Credit Code (USCC) 91AA.", "uscCode", "91AA"),
        ("V.A.T. Number UT 1.", "vatCode", "UT 1"),
        ("D-U-N-S Number 55-5.", "dunsCode", "55-5"),
        ("Identification Number IMO 7654321; Identification Number 5.", "imoNumber", "7654321"),
        (
            "Website www.a.example; alt. Website https://b.example; Website: c.example.",
            "website",
            "www.a.example|https://b.example|c.example",
        ),
        ("Organization Type: Sea transport; Target Type Private Company.", "sector", "Sea transport"),
        ("Target Type Private Company.", "classification", "Private Company"),
        ("Nationality of Registration Utland.", "jurisdiction", "Utland"),
    ];
    check_all("-0- ", &organization);
    let vessel = [
        ("Vessel Registration Identification IMO 1234567.", "imoNumber", "1234567"),
        ("MMSI 999000111 (Utland).", "mmsi", "999000111"),
        ("Other Vessel Call Sign XA7Q.", "callSign", "XA7Q"),
        ("Vessel Flag Utland; Other Vessel Flag Ostrey.", "flag", "Utland|Ostrey"),
        ("Former Vessel Flag Utland; alt. Former Vessel Flag Reyka.", "pastFlags", "Utland|Reyka"),
        ("Other Vessel Type Tug.", "type", "Tug"),
        ("Vessel Year of Build 1998.", "buildDate", "1998"),
    ];
    check_all("\"vessel\"", &vessel);
    let aircraft = [
        (
            "Aircraft Tail Number XA-HRN; Previous Aircraft Tail Number XB-1.",
            "registrationNumber",
            "XA-HRN|XB-1",
        ),
        ("Aircraft Manufacturer's Serial Number (MSN) 4471.", "serialNumber", "4471"),
        ("Aircraft Construction Number (also called L/N or S/N or F/N) 12.", "serialNumber", "12"),
        ("Aircraft Mode S Transponder Code 730AAA.", "icaoCode", "730AAA"),
        ("Aircraft Model Tern 200.", "model", "Tern 200"),
        ("Aircraft Manufacture Date 03 Mar 1989.", "buildDate", "1989-03-03"),
    ];
    check_all("\"aircraft\"", &aircraft);
}

fn check_all(kind: &str, cases: &[(&str, &str, &str)]) {
    for (remarks, property, expected) in cases {
        let entity = only(kind, remarks);
        assert_eq!(entity.values(property).join("|"), *expected, "{remarks}");
        assert_eq!(entity.values("notes"), [remarks.to_string()], "the remarks stay whole");
    }
}

#[test]
fn columns_become_properties_and_stay_exact() {
    let rows = "9,\"Tamsin, Bero \",\"individual\",\"SDGT] [DEMO\",\"Harbour Agent\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\
        10,\"GREY HERON\",\"vessel\",\"DEMO\",-0- ,\"XA7Q\",\"Tug\",\"4,100\",\"2597\",\"Utland\",\"Pier Co\",-0- \r\n\x1a";
    let read = snapshot(rows, &Nothing);
    assert_eq!((read.tally.rows, read.tally.records), (2, 2));
    let [person, vessel] = read.entities().try_into().unwrap();
    assert_eq!((person.id.as_str(), person.schema.name()), ("ofac-9", "Person"));
    let of = |entity: &Entity, property: &str| entity.values(property).join("|");
    assert_eq!(of(&person, "name"), "Tamsin, Bero ");
    assert_eq!((of(&person, "lastName"), of(&person, "firstName")), ("Tamsin".into(), "Bero".into()));
    assert_eq!(of(&person, "program"), "SDGT|DEMO");
    assert_eq!(of(&person, "topics"), "sanction|crime.terror");
    assert_eq!(of(&person, "position"), "Harbour Agent");
    assert!(person.values("notes").is_empty());
    assert_eq!(
        (vessel.schema.name(), of(&vessel, "callSign"), of(&vessel, "type")),
        ("Vessel", "XA7Q".into(), "Tug".into())
    );
    assert_eq!(
        (of(&vessel, "tonnage"), of(&vessel, "grossRegisteredTonnage")),
        ("4,100".into(), "2597".into())
    );
    assert_eq!((of(&vessel, "flag"), of(&vessel, "description")), ("Utland".into(), "Owner: Pier Co".into()));
    assert_eq!(of(&vessel, "topics"), "sanction");
}

#[test]
fn a_statement_that_the_publisher_cut_off_is_not_read() {
    let cut = format!("{}; Passport XA12", "x".repeat(1000 - "; Passport XA12".len()));
    assert!(only("\"individual\"", &cut).values("passportNumber").is_empty());
    assert_eq!(only("\"individual\"", "Passport XA12").values("passportNumber"), ["XA12"]);
}

fn example(name: &str) -> File {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/ofac/");
    File::open(std::path::Path::new(&format!("{path}{name}"))).unwrap()
}

fn examples() -> Held {
    let (sdn, alt, add) = (example("sdn.csv"), example("alt.csv"), example("add.csv"));
    let read =
        collect(|each| read_snapshot(&sdn, Some(&alt), Some(&add), &dataset(), &Nothing, each)).unwrap();
    assert_eq!((read.tally.rows, read.tally.rejects), (12, 0));
    let mut held = Held::default();
    held.apply(&read.batch());
    held
}

fn edges(held: &Held) -> Vec<String> {
    held.0.keys().filter_map(|id| id.strip_prefix("ofac-link-")).map(str::to_owned).collect()
}

#[test]
fn the_three_files_of_the_example_make_one_list() {
    let held = examples();
    assert_eq!(edges(&held), ["101-102", "103-101", "104-101", "105-102", "106-101"]);
    let group = &held.0["ofac-101"];
    assert_eq!(group.values("alias"), ["SARMAT GROUP"]);
    assert_eq!(group.values("previousName"), ["HARBOUR SALVAGE SOCIETY"]);
    assert_eq!(group.values("address"), ["1 Quay Road, Port Ostrey, Ostrey"]);
    assert_eq!(group.values("country"), ["Ostrey"]);
    let edge = &held.0["ofac-link-103-101"];
    assert_eq!(
        (edge.schema.name(), edge.first("subject"), edge.first("object")),
        ("UnknownLink", Some("ofac-103"), Some("ofac-101"))
    );
}

#[test]
fn changes_move_relations_and_keep_what_other_files_gave() {
    let mut held = examples();
    let events = example("events.tsv");
    let read = collect(|each| read_events(&events, &dataset(), &held, each)).unwrap();
    assert_eq!((read.tally.rows, read.tally.rejects, read.notices.len()), (3, 0, 0));
    for time in ["2031-01-15T08:00:00Z", "2031-03-01T08:00:00Z", "2031-06-30T08:00:00Z"] {
        let of_time = read.ops.iter().filter(|(known_at, ..)| known_at.unwrap().to_string() == time);
        held.apply(&of_time.map(|(_, op, _)| op.clone()).collect::<Vec<_>>());
    }
    assert_eq!(edges(&held), ["103-101", "104-101", "106-101", "107-104"]);
    assert_eq!(held.0["ofac-104"].values("birthDate"), ["1971-08-17"]);
    assert!(!held.0.contains_key("ofac-102"));
    assert_eq!(
        held.0["ofac-101"].values("alias"),
        ["SARMAT GROUP"],
        "a change of another row touches nothing"
    );
}

#[test]
fn a_changed_row_keeps_aliases_and_addresses_unless_it_is_another_party() {
    let held = examples();
    let file = |raw: &str| {
        bytes("events.tsv", format!("seen_at\top\tent_num\traw_line\n2031-01-15T08:00:00Z\tMOD\t103\t{raw}"))
    };
    let change = file(&row(103, "VELKOVA, Ana M.", "\"individual\"", "DOB 09 Mar 1955."));
    let read = collect(|each| read_events(&change, &dataset(), &held, each)).unwrap();
    let ana = read.entities().remove(0);
    assert_eq!((ana.values("alias"), ana.values("address").len()), (&["TAMSIN, Ana".to_owned()][..], 1));
    assert!(read.notices.is_empty());

    let remarks = "DOB 02 Jun 1990; Linked To: SARMAT HARBOUR GROUP.";
    let other = file(&row(103, "QUILLAN, Odd", "\"individual\"", remarks));
    let read = collect(|each| read_events(&other, &dataset(), &held, each)).unwrap();
    assert_eq!(read.notices.len(), 1, "the id was given to another party");
    let deleted = |id: &str| read.batch().iter().any(|op| matches!(op, Op::Delete(d) if &*d.key.text == id));
    assert!(deleted("ofac-103"));
    let mut after = held.clone();
    after.apply(&read.batch());
    assert!(after.0["ofac-103"].values("alias").is_empty());
    assert!(edges(&after).contains(&"103-101".to_owned()), "the relation of the new party is stated anew");
}

#[test]
fn a_relation_comes_with_its_object_and_goes_with_it() {
    let event = |time: &str, op: &str, row: &str| {
        format!("2031-01-{time}T00:00:00Z\t{op}\t{}\t{row}", row.split(',').next().unwrap())
    };
    let follower = row(1, "FERRY LANE", "-0- ", "Linked To: GREY HARBOUR CO..");
    let (one, two) = (row(2, "GREY HARBOUR CO.", "-0- ", "x."), row(3, "GREY HARBOUR CO.", "-0- ", "y."));
    let lines = [
        event("01", "ADD", &follower),
        event("02", "ADD", &one),
        event("03", "ADD", &two),
        event("04", "DEL", &one),
        event("05", "MOD", &row(3, "RENAMED CO.", "-0- ", "y.")),
        event("06", "MOD", &row(3, "GREY HARBOUR CO.", "-0- ", "y.")),
        event("07", "MOD", &row(1, "FERRY LANE", "-0- ", "nobody.")),
    ];
    let file = bytes("e", format!("seen_at\top\tent_num\traw_line\r\n{}", lines.concat()));
    let read = collect(|each| read_events(&file, &dataset(), &Nothing, each)).unwrap();
    let mut held = Held::default();
    let mut seen = Vec::new();
    for day in 1..=7 {
        let time = format!("2031-01-{day:02}T00:00:00Z");
        let batch: Vec<Op> = read
            .ops
            .iter()
            .filter(|(at, ..)| at.unwrap().to_string() == time)
            .map(|(_, op, _)| op.clone())
            .collect();
        held.apply(&batch);
        seen.push(edges(&held).join(" "));
    }
    assert_eq!(seen, ["", "1-2", "1-2 1-3", "1-3", "", "1-3", ""]);
}

#[test]
fn lines_of_one_time_mean_the_same_in_any_order() {
    let held = examples();
    let ormach = row(104, "ORMACH, Beroz", "\"individual\"", "DOB 1971; Linked To: FERRY LANE.");
    let lines = [
        format!("2031-01-01T00:00:00Z\tDEL\t104\t{}", ormach.trim_end()),
        format!("2031-01-01T00:00:00Z\tADD\t104\t{}", ormach.trim_end()),
        format!(
            "2031-01-01T00:00:00Z\tADD\t110\t{}",
            row(110, "FERRY LANE", "-0- ", "Linked To: ORMACH, Beroz.").trim_end()
        ),
        format!("2031-01-01T00:00:00Z\tDEL\t102\t{}", "gone"),
    ];
    let after = |order: [usize; 4]| {
        let text = order.map(|at| lines[at].as_str()).join("\n");
        let file = bytes("e", format!("seen_at\top\tent_num\traw_line\n{text}\n"));
        let read = collect(|each| read_events(&file, &dataset(), &held, each)).unwrap();
        let mut after = held.clone();
        after.apply(&read.batch());
        assert_eq!(edges(&after), ["103-101", "104-110", "106-101", "110-104"]);
        after
    };
    let expected = after([0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [1, 3, 2, 0]] {
        assert_eq!(after(order), expected);
    }
}

#[test]
fn a_row_that_is_none_is_a_reject_with_its_line() {
    let good = row(1, "TAMSIN, Bero", "\"individual\"", "DOB 1955.");
    let cases: [(&[u8], &str); 6] = [
        (b"x,\"A\",-0- ,\"D\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n", "no entry number"),
        (b"5,\"A\",\"ghost\",\"D\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n", "type is none"),
        (b"5,\"A\",-0- \n", "3 fields instead of 12"),
        (b"5,\"A,-0- ,\"D\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"x\n", "a quote is not closed"),
        (b"5,\"A\",-0- ,\"D\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"open\n", "a quote is not closed"),
        (b"5,\"\xff\xfe\",-0- ,\"D\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n", "not UTF-8"),
    ];
    for (bad, reason) in cases {
        let file = bytes("sdn.csv", [good.as_bytes(), bad, good.replace("1,", "2,").as_bytes()].concat());
        let read = collect(|each| read_snapshot(&file, None, None, &dataset(), &Nothing, each)).unwrap();
        assert_eq!((read.tally.rows, read.tally.rejects), (3, 1));
        let reject = &read.rejects[0];
        assert_eq!((reject.line, reject.file.as_str(), &reject.excerpt), (2, "sdn.csv", &None));
        assert!(reject.reason.contains(reason), "{reason}: {}", reject.reason);
    }
    let (alt, sdn) = (
        bytes("alt.csv", "99,1,\"aka\",\"NOBODY\",-0- \n1,2,\"zzz\",\"X\",-0- \n1,3,\"aka\",-0- ,-0- \n"),
        bytes("sdn.csv", &good),
    );
    let read = collect(|each| read_snapshot(&sdn, Some(&alt), None, &dataset(), &Nothing, each)).unwrap();
    let reasons: Vec<(u64, &str)> =
        read.rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).collect();
    assert_eq!(reasons[0], (1, "the entry that the row belongs to is not in the list"));
    assert_eq!((read.tally.rows, reasons.len()), (4, 3));
    assert_eq!(read.rejects[0].file, "alt.csv");
}

#[test]
fn a_list_that_is_cut_off_or_given_as_another_part_is_refused() {
    let whole = row(1, "TAMSIN, Bero", "\"individual\"", "DOB 1955.")
        + &row(2, "ORMACH, Beroz", "\"individual\"", "DOB 1971.");
    for cut in 1..row(2, "ORMACH, Beroz", "\"individual\"", "DOB 1971.").len() - 2 {
        let file = bytes("sdn.csv", &whole[..whole.len() - 2 - cut]);
        let error = collect(|each| read_snapshot(&file, None, None, &dataset(), &Nothing, each)).unwrap_err();
        assert!(
            matches!(error, ReadError::Suspect { error: FileError::Truncated { line: 2, .. }, .. }),
            "{cut}: {error}"
        );
    }
    let alt = example("alt.csv");
    let error = collect(|each| read_snapshot(&alt, None, None, &dataset(), &Nothing, each)).unwrap_err();
    assert!(error.to_string().contains("it was given as sdn.csv and is alt.csv"), "{error}");
}

#[test]
fn of_a_list_that_is_cut_off_or_lacks_a_part_everything_else_is_handed_over() {
    let whole =
        row(1, "TAMSIN, Bero", "\"individual\"", "DOB 1955.") + "rubbish\n" + &row(2, "ORMACH", "-0- ", "");
    let [sdn, cut] = [&whole[..], &whole[..whole.len() - 9]].map(|rows| bytes("sdn.csv", rows));
    let alt = bytes("alt.csv", "1,1,\"aka\",\"ANI\",-0- \r\n1,2,\"aka\",\"BE");
    let [blank, nothing] = [bytes("cons_add.csv", "\n\x1a"), bytes("cons_prim.csv.gz", "")];
    let read = |sdn: &File, alt, add| {
        let read = collect_suspect(|each| read_snapshot(sdn, alt, add, &dataset(), &Nothing, each)).unwrap();
        let tally = read.0.tally;
        let entities = read.0.entities();
        let aliases = entities.iter().map(|entity| entity.values("alias").len()).sum::<usize>();
        let numbers = (entities.len(), aliases, tally.records, tally.rejects);
        (numbers, read.1.map(|error| error.to_string()).unwrap_or_default())
    };
    let check = |(numbers, said): ((usize, usize, u64, u64), String), expected, says: &str| {
        assert_eq!(numbers, expected, "{said}");
        assert!(said.contains(says), "{said}");
    };
    check(read(&cut, None, None), (1, 0, 1, 1), "sdn.csv is cut off in line 3");
    check(read(&cut, Some(&alt), None), (1, 1, 2, 1), "sdn.csv is cut off in line 3");
    check(read(&sdn, Some(&alt), None), (2, 1, 3, 1), "alt.csv is cut off in line 2");
    check(read(&sdn, None, Some(&blank)), (2, 0, 2, 1), "cons_add.csv has no row");
    check(read(&nothing, Some(&alt), None), (0, 0, 0, 1), "cons_prim.csv.gz has no row");
}

/// A dataset into which an earlier run put the changes up to a time.
struct Interrupted<'a>(&'a Held, Applied);

impl Current for Interrupted<'_> {
    fn entity(&self, id: &EntityId) -> Option<Entity> {
        self.0.entity(id)
    }
    fn each_entity(&self, each: &mut dyn FnMut(&Entity)) {
        self.0.each_entity(each);
    }
    fn applied(&self, _: KnownAt) -> Option<Applied> {
        Some(self.1.clone())
    }
}

#[test]
fn what_an_earlier_run_applied_is_no_reject_and_changes_nothing() {
    let line = |day: u32, op: &str, number: u32, remarks: &str| {
        format!("2031-01-0{day}T00:00:00Z\t{op}\t{number}\t{}", row(number, "TAMSIN, Bero", "-0- ", remarks))
    };
    let lines = [
        line(1, "ADD", 7, "a."),
        line(1, "DEL", 9, ""),
        line(2, "DEL", 7, ""),
        line(3, "ADD", 7, "b."),
        line(3, "DEL", 8, ""),
    ];
    let file = bytes("e.tsv", format!("seen_at\top\tent_num\traw_line\n{}", lines.concat()));
    let read = |current: &dyn Current| collect(|each| read_events(&file, &dataset(), current, each)).unwrap();
    let first = read(&Nothing);
    assert_eq!((first.tally.records, first.tally.rejects), (3, 2));
    let up_to = KnownAt::parse("2031-01-02").unwrap();
    let kept = first.rejects.iter().filter(|reject| reject.line < 5);
    let rejects = kept.map(|reject| (reject.line, reject.reason.clone())).collect();
    let again = read(&Interrupted(&Held::default(), Applied { up_to, rejects }));
    assert_eq!(again.tally, first.tally);
    assert_eq!(again.rejects, first.rejects);
    let after = |read: &Read| {
        let ops = read.ops.iter().filter(|(at, ..)| *at > Some(up_to));
        ops.map(|(_, op, line)| (op.clone(), *line)).collect::<Vec<_>>()
    };
    assert_eq!(after(&again), after(&first));
}

#[test]
fn of_changes_that_are_cut_off_those_before_the_cut_are_handed_over() {
    let line = |day: u32, number: u32| {
        format!("2031-01-0{day}T00:00:00Z\tADD\t{number}\t{}", row(number, "TAMSIN, Bero", "-0- ", "x."))
    };
    let text = format!("seen_at\top\tent_num\traw_line\n{}{}{}", line(1, 7), line(2, 8), line(2, 9));
    let file = bytes("e.tsv", &text[..text.len() - 12]);
    let (read, suspect) = collect_suspect(|each| read_events(&file, &dataset(), &Nothing, each)).unwrap();
    assert!(matches!(suspect, Some(FileError::Truncated { line: 4, .. })));
    assert_eq!((read.entities().len(), read.tally.rows), (2, 2));
}

#[test]
fn changes_that_run_back_or_contradict_the_list_are_refused() {
    let line = |time: &str, op: &str, number: u32| {
        format!("2031-01-{time}T00:00:00Z\t{op}\t{number}\t{}", row(7, "TAMSIN, Bero", "-0- ", "x."))
    };
    let read = |lines: &[String]| {
        let file = bytes("e.tsv", format!("seen_at\top\tent_num\traw_line\n{}", lines.concat()));
        collect(|each| read_events(&file, &dataset(), &Nothing, each))
    };
    let error = read(&[line("02", "ADD", 7), line("01", "MOD", 7)]).unwrap_err();
    assert!(matches!(error, ReadError::File(FileError::OutOfOrder { line: 3, .. })), "{error}");
    let odd = read(&[line("01", "DEL", 7), line("01", "ADD", 8), line("01", "PUT", 7), "x\ty\n".to_owned()])
        .unwrap();
    let reasons: Vec<&str> = odd.rejects.iter().map(|reject| reject.reason.as_str()).collect();
    assert_eq!(odd.tally.rejects, 4);
    for reason in
        ["not in the list", "different entries", "none of ADD, MOD and DEL", "2 fields instead of 4"]
    {
        assert!(reasons.iter().any(|r| r.contains(reason)), "{reason}: {reasons:?}");
    }
}

#[test]
fn a_snapshot_keeps_what_a_missing_file_gave_and_reports_a_reused_id() {
    let held = examples();
    let rows = row(101, "SARMAT HARBOUR GROUP", "-0- ", "x.")
        + &row(103, "QUILLAN, Odd", "\"individual\"", "DOB 1990.");
    let read = snapshot(&rows, &held);
    let by_id = |id: &str| read.entities().into_iter().find(|e| e.id == EntityId::new(id).unwrap()).unwrap();
    assert_eq!(by_id("ofac-101").values("alias"), ["SARMAT GROUP"]);
    assert!(by_id("ofac-103").values("alias").is_empty());
    assert_eq!(read.notices.len(), 1);
}

#[test]
fn a_number_that_stands_twice_is_taken_once_and_the_other_row_is_a_reject() {
    let (first, other) = (row(7, "TAMSIN, Bero", "individual", ""), row(7, "ORMACH LIMITED", "-0- ", ""));
    let read = snapshot(&format!("{first}{other}{first}"), &Nothing);
    assert_eq!(read.entities().len(), 1);
    assert_eq!(read.entities()[0].first("name"), Some("TAMSIN, Bero"));
    assert_eq!((read.tally.rows, read.tally.records, read.tally.rejects), (3, 2, 1));
    let reasons: Vec<_> = read.rejects.iter().map(|reject| (reject.line, reject.reason.clone())).collect();
    assert!(reasons[0].0 == 2 && reasons[0].1.contains("line 1"), "{reasons:?}");
}
