//! The report: the same bytes again in every format, every number as long as the list that its command prints, nobody named, and nothing
//! but its own table moved by where people are from. On an invented office, and on the story of ../shared.

mod support;

use std::collections::BTreeSet;

use lookback::model::{
    AccountName, CauseKind, EntityId, Grounds, KnownAt, PersonName, Reason, ReviewRole, Role, Step, Verdict,
};
use lookback::reports::{Block, Cell, Row};
use lookback::review::{Draft, Query, State};
use lookback::{AlertFilter, Error, Listed, Report, Store};
use serde_json::json;
use support::{Bench, settings, shared};

/// The ids that a row's command lists, each with what it counts as and its number; `None` where the command lists none.
fn listed(store: &Store, command: &str) -> Option<Vec<(String, String, Option<i64>)>> {
    let words: Vec<&str> = command.split(' ').collect();
    let option = |name: &str| {
        let place = words.iter().position(|word| *word == name)?;
        Some(words[place + 1].trim_matches('\''))
    };
    let known_at =
        option("--known-at").map_or(KnownAt::MAX, |time| KnownAt::parse_as_of(time).expect("a time"));
    match (words[1], option("--explain")) {
        ("figures", Some(name)) => {
            let behind = store.behind(name, known_at).expect("a figure");
            let one = |behind: lookback::Behind| {
                (behind.subject.to_string(), behind.group.unwrap_or_default(), behind.days)
            };
            Some(behind.into_iter().map(one).collect())
        }
        ("report", Some(name)) => {
            let behind = store.report_behind(name, known_at).expect("a number");
            let one =
                |one: Listed| (one.id.to_string(), one.group.unwrap_or_default().into_owned(), one.number);
            Some(behind.into_iter().map(one).collect())
        }
        ("alerts", None) => {
            let kind = option("--kind").and_then(CauseKind::from_word);
            assert!(kind.is_some(), "{command}");
            let alerts = store
                .alerts(&AlertFilter { known_at: Some(known_at), kind, ..AlertFilter::default() })
                .expect("alerts");
            Some(alerts.into_iter().map(|alert| (alert.alert.to_string(), String::new(), None)).collect())
        }
        ("hash" | "verify" | "policy" | "replay" | "export", None) => None,
        _ => panic!("no such command: {command}"),
    }
}

/// Invariant(COUNTED): what each row says is what its command lists.
fn check_row(store: &Store, row: &Row) {
    let Row { name, cells, command } = row;
    let Some(list) = listed(store, command) else { return };
    let under = |group: &str| Cell::Count(list.iter().filter(|one| one.1 == group).count() as u64);
    let with =
        |word: &str| list.iter().filter(|one| one.1.split(", ").any(|group| group == word)).count() as u64;
    let all = Cell::Count(list.len() as u64);
    let median = || {
        let mut numbers: Vec<i64> = list.iter().filter_map(|one| one.2).collect();
        numbers.sort_unstable();
        numbers.get(numbers.len() / 2).map_or(Cell::None, |number| Cell::Number(*number))
    };
    let what = format!("{name}: {cells:?}, {command}");
    match name.split('.').next().expect("a word") {
        "learned" => assert_eq!([&cells[2], &cells[3]], [&under("joined"), &under("left")], "{what}"),
        "alerts" if cells.len() == 5 => {
            let groups = ["name, came", "name, went", "network, came", "network, went"].map(under);
            assert_eq!(cells[1..], groups, "{what}");
        }
        "times" => assert_eq!([&cells[1], &cells[3]], [&median(), &all], "{what}"),
        "median_days_to_learnable" if cells.len() == 5 => {
            assert_eq!([&cells[1], &cells[3]], [&median(), &all], "{what}");
        }
        "median_days_to_learnable" => {
            let number = |cell: &Cell| cell.shown();
            assert_eq!(number(&cells[1]), number(&median()), "{what}");
        }
        "queue" if name.starts_with("queue.recall") => {
            assert_eq!([&cells[1], &cells[2]], [&under("within the budget"), &all], "{what}");
        }
        "queue" => assert_eq!(cells[2], all, "{what}"),
        "claim" => assert_eq!(cells[4].shown(), all.shown(), "{what}"),
        "disparity" => {
            let counts = [list.len() as u64, with("by name"), with("not concerned"), with("by network")];
            for (cell, count) in [1, 2, 4, 6].into_iter().zip(counts) {
                match &cells[cell] {
                    Cell::Count(shown) => assert!(*shown == count && count >= 10, "{what}"),
                    Cell::Text(word) if word == "<10" => assert!(count < 10, "{what}"),
                    withheld => assert_eq!(*withheld, Cell::from("withheld"), "{what}"),
                }
            }
        }
        "forecast" => assert!(command.ends_with("--explain review.pending"), "{what}"),
        "leads" => assert_eq!(name, "leads.expected_false"),
        "moved_sha256" => {}
        _ => assert!(cells[1] == all || cells[2] == all, "{what}: {} are listed", list.len()),
    }
}

fn check_traced(store: &Store, report: &Report) {
    let rows: Vec<&Row> = report.rows().collect();
    assert!(rows.len() > 40, "{}", rows.len());
    for row in &rows {
        check_row(store, row);
        assert!(!row.command.is_empty(), "{}: a number without a command", row.name);
    }
}

/// Invariant(REPORT-BYTES): asked twice, and of another opening of the file, every format has the same bytes.
fn check_bytes(bench: &Bench, report: &Report, known_at: KnownAt) {
    let again = Store::open(&bench.path(), lookback::Access::Read, settings()).expect("opening to read");
    let again = again.report(known_at).expect("a report");
    assert_eq!(report.json(), again.json());
    assert_eq!(report.markdown(), again.markdown());
    assert_eq!(report.html(), again.html());
    assert!(report.pdf() == again.pdf(), "two PDFs of one report differ");
    // Whoever has the JSON can work the digest out; the other formats print it.
    let digest = report.digest.to_string();
    let without = report.json().replace(&digest, &"0".repeat(64));
    assert_eq!(model::Digest::of(without.as_bytes()), report.digest);
    assert!(report.markdown().contains(&digest) && report.html().contains(&digest));
}

/// No name of anybody, and no id of a subject.
fn check_nobody_is_named(store: &Store, report: &Report, known_at: KnownAt) {
    let text = report.json() + &report.markdown() + &report.html();
    let words: BTreeSet<&str> = text.split(|sign: char| !sign.is_alphanumeric() && sign != '-').collect();
    let (mut people, mut names) = (0, BTreeSet::new());
    for dataset in store.status().expect("a status").datasets {
        let each = &mut |version: &ledger::Version| {
            let entity = &version.record.entity;
            if dataset.dataset.role == Role::Population {
                people += 1;
                assert!(!words.contains(entity.id.as_str()), "{} is in the report", entity.id);
            }
            names.extend(
                entity.values("name").iter().filter(|name| name.contains(' ')).map(ToString::to_string),
            );
        };
        store.entities(&dataset.dataset.name, known_at, each).expect("entities");
    }
    assert!(people > 10 && names.len() > 10);
    // Names in full: a part of one may be a word of the report.
    for name in names {
        assert!(!text.contains(name.as_str()), "a name is in the report");
    }
}

/// The page is XML as well, so that every element is closed; it runs nothing and asks nobody.
fn check_page(html: &str) {
    let mut reader = quick_xml::Reader::from_str(html);
    loop {
        match reader.read_event().expect("well-formed") {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                let name = element.name().as_ref().to_owned();
                assert!(!["script", "link", "img", "iframe", "object"].contains(&name.as_str()), "{name}");
                for attribute in element.attributes() {
                    let attribute = attribute.expect("an attribute");
                    let value = attribute.value.into_owned();
                    let is_namespace = attribute.key.as_ref() == "xmlns";
                    assert!(is_namespace || !value.contains("//"), "{value}");
                    assert!(!attribute.key.as_ref().starts_with("on"), "{name}");
                }
            }
            _ => {}
        }
    }
    assert!(!html.contains("@import") && !html.contains("url("));
}

fn check_pdf(pdf: &[u8]) {
    let text = String::from_utf8_lossy(pdf);
    assert!(text.starts_with("%PDF-") && text.trim_end().ends_with("%%EOF"));
    for dated in ["/CreationDate", "/ModDate", "/ID"] {
        assert!(!text.contains(dated), "{dated}");
    }
    let pages = text.matches("/Type /Page\n").count();
    assert!(pages > 1 && text.contains(&format!("page {pages} of {pages}")), "{pages}");
}

fn check(bench: &mut Bench, known_at: KnownAt) -> Report {
    let report = bench.store.report(known_at).expect("a report");
    check_bytes(bench, &report, known_at);
    check_reviews(&mut bench.store, &report);
    check_traced(&bench.store, &report);
    check_nobody_is_named(&bench.store, &report, known_at);
    check_page(&report.html());
    check_pdf(&report.pdf());
    report
}

/// What the queue says of the same time, which it works out on its own way.
fn check_reviews(store: &mut Store, report: &Report) {
    let known_at = report.heading.known_at;
    let page = store.queue(&Query { snoozed: true, ..Query::default() }, Some(known_at)).expect("a queue");
    for state in State::ALL {
        let number = page.states.get(state.word()).copied().unwrap_or_default();
        assert_eq!(cell(report, &format!("review.state.{}", state.word()), 1), Cell::Count(number).shown());
    }
    assert_eq!(cell(report, "review.pending", 1), Cell::Count(page.total).shown());
    assert_eq!(cell(report, "review.overdue", 1), Cell::Count(page.overdue).shown());
    for row in report.rows().filter(|row| row.name.starts_with("queue.recall.")) {
        let (Cell::Count(within), Cell::Count(all)) = (&row.cells[1], &row.cells[2]) else {
            panic!("{row:?}")
        };
        assert_eq!(row.cells[3], Cell::share(*within, *all), "{row:?}");
    }
}

fn cell(report: &Report, name: &str, place: usize) -> String {
    let row = report.rows().find(|row| row.name == name);
    row.unwrap_or_else(|| panic!("no row {name}")).cells[place].shown()
}

#[test]
fn every_number_of_the_story_is_traced_by_its_command() {
    let name = "every_number_of_the_story_is_traced_by_its_command";
    let Some(folder) = shared("data/scenario/default", name) else { return };
    let mut bench = Bench::new();
    bench.ingest(&folder.join("journal.jsonl.gz"), &lookback::IngestOptions::default()).expect("a journal");
    for (day, members) in [("2030-07-13", "0"), ("2031-06-25", "417"), ("2031-07-02", "412")] {
        let report = check(&mut bench, KnownAt::parse_as_of(day).expect("a day"));
        assert_eq!(cell(&report, "moved_by_network", 1), members, "{day}");
        let since = report.rows().filter(|row| row.name.starts_with("learned.")).last();
        assert_eq!(since.map_or("0".to_owned(), |row| row.cells[4].shown()), members, "{day}");
    }
    let report = bench.store.report(KnownAt::parse_as_of("2031-06-25").expect("a day")).expect("a report");
    assert_eq!(cell(&report, "arrested", 1), "153");
    assert_eq!(cell(&report, "claim.C1", 5), "supported");
}

#[test]
fn every_number_of_the_traps_is_traced_by_its_command() {
    let name = "every_number_of_the_traps_is_traced_by_its_command";
    let Some(folder) = shared("data/scenario/traps-dev", name) else { return };
    let mut bench = Bench::new();
    bench.ingest(&folder.join("journal.jsonl.gz"), &lookback::IngestOptions::default()).expect("a journal");
    let report = check(&mut bench, KnownAt::MAX);
    let members = bench.store.figures(KnownAt::MAX).expect("figures").moved_by_network;
    let since = report.rows().filter(|row| row.name.starts_with("learned.")).last();
    assert_eq!(since.map(|row| row.cells[4].shown()), Some(members.to_string()));
}

#[test]
fn an_empty_store_has_a_report() {
    let bench = Bench::new();
    let report = bench.store.report(KnownAt::MAX).expect("a report");
    check_bytes(&bench, &report, KnownAt::MAX);
    check_traced(&bench.store, &report);
    check_page(&report.html());
    check_pdf(&report.pdf());
    assert_eq!(cell(&report, "moved_by_network", 1), "0");
}

#[test]
fn letters_that_the_fonts_of_a_pdf_do_not_have_are_told_of() {
    let note = "shown as question marks";
    let pdf = |purpose: &str| {
        let mut bench = Bench::new();
        bench = bench.reopen(|_| {}, lookback::Settings { purpose: purpose.to_owned(), ..settings() });
        let report = bench.store.report(KnownAt::MAX).expect("a report");
        assert!(report.markdown().contains(purpose) && report.html().contains(purpose));
        String::from_utf8_lossy(&report.pdf()).into_owned()
    };
    assert!(pdf("проверка").contains(note));
    assert!(!pdf("Prüfung").contains(note));
}

/// A population of two scripts and some origins, a list that a few of them match, one who cannot be screened, a claim.
fn journal(origins: impl Fn(usize) -> &'static str) -> String {
    let mut lines = vec![
        json!({"known_at": "2031-01-01T00:00:00Z", "op": "put", "kind": "dataset", "name": "gate", "role": "population"}),
        json!({"known_at": "2031-01-01T00:00:00Z", "op": "put", "kind": "dataset", "name": "watch", "role": "list"}),
    ];
    for (n, person) in invented::population(11, 60).enumerate() {
        let mut entity = person.to_ftm();
        entity["id"] = json!(format!("P-{n:04}"));
        let reporting = json!({"origin": origins(n)});
        lines.push(json!({"known_at": "2031-01-01T00:00:00Z", "op": "put", "kind": "entity", "dataset": "gate", "entity": entity, "valid_from": "2030-12-30", "reporting": reporting}));
        if n % 4 == 0 {
            let listed = json!({"id": format!("L-{n}"), "schema": "Person", "properties": {"name": entity["properties"]["name"], "topics": ["sanction"]}});
            lines.push(json!({"known_at": format!("2031-02-{:02}T00:00:00Z", 1 + n / 4), "op": "put", "kind": "entity", "dataset": "watch", "entity": listed}));
        }
    }
    let nameless = json!({"id": "P-9999", "schema": "Person", "properties": {"birthDate": ["1990-01-01"]}});
    lines.push(json!({"known_at": "2031-01-01T00:00:00Z", "op": "put", "kind": "entity", "dataset": "gate", "entity": nameless}));
    lines.push(json!({"known_at": "2031-02-20T00:00:00Z", "op": "put", "kind": "claim", "id": "C1", "outlet": "Quay News (invented)", "metric": "moved_by_network", "comparison": ">", "value": 3}));
    lines.sort_by_key(|line| line["known_at"].as_str().expect("a time").to_owned());
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

fn as_account(bench: Bench, name: &str) -> Bench {
    bench.reopen(|_| {}, lookback::Settings { actor: name.to_owned(), ..settings() })
}

fn grounds(different: bool, note: &str) -> (Grounds, Option<String>) {
    let reason = if different { Reason::BirthDateDiffers } else { Reason::IdentityAgrees };
    let grounds = Grounds { reason, matches: [].into(), properties: [].into(), expires: None };
    (grounds, Some(note.to_owned()))
}

/// An office with alerts cleared, confirmed, found to concern their subject, and a decision that is void.
fn office() -> Bench {
    let mut bench = Bench::new();
    bench
        .journal(&journal(|n| {
            if n < 5 {
                "XB"
            } else if n % 2 == 0 {
                "XA"
            } else {
                "XC"
            }
        }))
        .expect("a journal");
    bench = as_account(bench, "root");
    let mut open = |name: &str, person: &str, roles: &[ReviewRole]| {
        let (account, person) =
            (AccountName::new(name).expect("a name"), PersonName::new(person).expect("a person"));
        bench
            .store
            .open_account(account, person, roles.iter().copied().collect(), [].into())
            .expect("an account");
    };
    open("root", "p0", &[ReviewRole::Administrator]);
    open("first", "p1", &[ReviewRole::AnalystL1, ReviewRole::AnalystL2]);
    open("second", "p2", &[ReviewRole::Approver]);
    let alerts = bench.store.alerts(&AlertFilter::default()).expect("alerts");
    assert!(alerts.len() >= 12, "{}", alerts.len());
    bench = as_account(bench, "first");
    let drafts = alerts.iter().take(9).enumerate().map(|(n, alert)| {
        let (grounds, note) = grounds(n % 3 > 0, "looked at both records");
        let step = if n % 3 > 0 {
            Step::Clear { grounds }
        } else {
            Step::Propose { verdict: Verdict::Same, grounds }
        };
        Draft::on(alert.alert, step, note)
    });
    let drafts: Vec<Draft> = drafts.collect();
    let decided = bench.store.decide(drafts).expect("decided");
    assert_eq!(decided.rows.iter().filter(|row| row.refused.is_none()).count(), 9, "{:?}", decided.rows);
    let proposals: Vec<(model::AlertId, EntityId)> = decided
        .rows
        .into_iter()
        .map(|row| (row.alert.expect("an alert"), row.decision.expect("a decision")))
        .collect();
    bench = as_account(bench, "second");
    let confirmations = proposals
        .iter()
        .take(7)
        .map(|(alert, proposal)| Draft::on(*alert, Step::Confirm { proposal: proposal.clone() }, None));
    let decided = bench.store.decide(confirmations.collect()).expect("decided");
    assert_eq!(decided.rows.iter().filter(|row| row.refused.is_none()).count(), 7, "{:?}", decided.rows);
    // Whoever opens accounts reviews nothing: a journal from elsewhere may hold it, and it is void.
    let void = json!({"known_at": "2031-02-21T00:00:00Z", "op": "put", "kind": "decision", "id": "D-void", "by": "root", "act": "comment", "note": "a remark", "alert": alerts[0].alert});
    bench.journal(&(void.to_string() + "\n")).expect("a journal");
    bench
}

#[test]
fn an_office_s_reviews_are_in_the_report_and_every_number_is_traced() {
    let mut bench = as_account(office(), "tests");
    let report = check(&mut bench, KnownAt::MAX);
    let number = |name: &str| cell(&report, name, 1);
    assert_eq!(number("review.state.final"), "7");
    assert_eq!(number("review.verdict.same"), "3");
    assert_eq!(number("review.verdict.different"), "4");
    assert_eq!([number("review.state.cleared"), number("review.state.second_person")], ["2", "0"]);
    assert_eq!(number("review.void"), "1");
    assert_eq!(cell(&report, "times.learnable_to_finding", 3), "9");
    assert_eq!(number("coverage.unscreenable.missing_name"), "1");
    assert_eq!(cell(&report, "queue.recall.50", 2), "3");
    assert_eq!(cell(&report, "claim.C1", 5), "not supported");
    // Days later the deadlines are past.
    let later = check(&mut bench, KnownAt::parse_as_of("2031-06-01").expect("a day"));
    assert_eq!(cell(&later, "review.overdue", 1), cell(&later, "review.pending", 1));
    assert_ne!(cell(&later, "review.pending", 1), "0");
}

/// Invariant(NO-ORIGIN), Invariant(SMALL-CELLS): origin dealt out anew moves its own table and nothing else; few are not told, nor listed.
#[test]
fn origin_is_counted_in_its_table_alone_and_few_are_not_told() {
    let report = |origins: fn(usize) -> &'static str| {
        let mut bench = Bench::new();
        bench.journal(&journal(origins)).expect("a journal");
        let listed = bench.store.report_behind("disparity.origin.XA", KnownAt::MAX);
        assert!(matches!(listed, Err(Error::Usage(_))), "{listed:?}");
        bench.store.report(KnownAt::MAX).expect("a report")
    };
    let one = report(|n| {
        if n < 5 {
            "XB"
        } else if n % 2 == 0 {
            "XA"
        } else {
            "XC"
        }
    });
    let other = report(|n| if n % 3 == 0 { "XA" } else { "XD" });
    let beside = |report: &Report| {
        let of_others = |name: &str| !["disparity", "reproduce"].contains(&name);
        let sections = report.sections.iter().filter(|section| of_others(section.name));
        serde_json::to_string(&sections.collect::<Vec<_>>()).expect("JSON")
    };
    assert_eq!(beside(&one), beside(&other));
    let by_origin = |report: &Report| -> Vec<Row> {
        report.rows().filter(|row| row.name.starts_with("disparity.origin.")).cloned().collect()
    };
    assert_ne!(by_origin(&one), by_origin(&other));
    // Five of XB and one that is not stated; 27 and 28 of the others, of whom the smaller group is kept back.
    let people: Vec<(String, String)> =
        by_origin(&one).iter().map(|row| (row.cells[0].shown(), row.cells[1].shown())).collect();
    let shown =
        |origin: &str| people.iter().find(|(name, _)| name == origin).map(|(_, people)| people.as_str());
    assert_eq!([shown("XB"), shown("not stated")], [Some("<10"), Some("<10")]);
    let large = [shown("XA").expect("XA"), shown("XC").expect("XC")];
    assert!(large.contains(&"withheld"), "{people:?}");
    // What is shown of parts is never more than what is shown of the whole.
    for row in by_origin(&one) {
        if matches!(row.cells[1], Cell::Text(_)) {
            assert!([3, 5, 7].iter().all(|place| row.cells[*place] == Cell::None), "{row:?}");
        }
    }
}

#[test]
fn the_charts_say_in_a_table_what_they_show() {
    let bench = as_account(office(), "tests");
    let report = bench.store.report(KnownAt::MAX).expect("a report");
    let charts: Vec<&Block> = report
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter(|block| matches!(block, Block::Chart(_) | Block::Flow(_)))
        .collect();
    assert_eq!(charts.len(), 1, "nobody is linked, so that only the backlog is drawn");
    let Block::Chart(backlog) = charts[0] else { panic!("the backlog is a chart") };
    let rows =
        report.rows().filter(|row| row.command.contains("--explain review.pending") && row.cells.len() == 2);
    let in_table: Vec<String> = rows.skip(1).map(|row| row.cells[1].shown()).collect();
    assert_eq!(backlog.labels.len(), in_table.len());
    let lookback::chart::Shape::Line(values) = &backlog.layers[0].shape else { panic!("a line") };
    let drawn: Vec<String> = values.iter().map(|value| value.expect("a value").to_string()).collect();
    assert_eq!(drawn, in_table);
}

/// Two and a half years in which somebody is listed every month.
#[test]
fn a_backlog_with_a_past_is_drawn_with_what_is_to_be_expected() {
    let put = |known_at: String, rest: serde_json::Value| {
        let mut line = json!({"known_at": known_at, "op": "put"});
        line.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        line
    };
    let begin = || "2029-01-01T00:00:00Z".to_owned();
    let mut lines = vec![
        put(begin(), json!({"kind": "dataset", "name": "gate", "role": "population"})),
        put(begin(), json!({"kind": "dataset", "name": "watch", "role": "list"})),
    ];
    for (n, person) in invented::population(12, 30).enumerate() {
        let mut entity = person.to_ftm();
        entity["id"] = json!(format!("P-{n:04}"));
        let names = entity["properties"]["name"].clone();
        lines.push(put(begin(), json!({"kind": "entity", "dataset": "gate", "entity": entity})));
        let listed = json!({"id": format!("L-{n}"), "schema": "Person", "properties": {"name": names, "topics": ["sanction"]}});
        let month = format!("{}-{:02}-15T00:00:00Z", 2029 + n / 12, n % 12 + 1);
        lines.push(put(month, json!({"kind": "entity", "dataset": "watch", "entity": listed})));
    }
    lines.sort_by_key(|line| line["known_at"].as_str().expect("a time").to_owned());
    let mut bench = Bench::new();
    bench.journal(&lines.iter().map(|line| line.to_string() + "\n").collect::<String>()).expect("a journal");
    let report = check(&mut bench, KnownAt::parse_as_of("2031-06-30").expect("a day"));
    for ahead in 1..=3 {
        assert!(cell(&report, &format!("forecast.{ahead}"), 2).contains(" to "), "{ahead}");
    }
    let early = bench.store.report(KnownAt::parse_as_of("2029-06-30").expect("a day")).expect("a report");
    assert!(early.rows().all(|row| !row.name.starts_with("forecast.")), "six months are no past");
}

#[test]
fn what_is_no_number_of_the_report_is_told_so() {
    let bench = Bench::new();
    for name in ["", "review.dance", "happiness", "learned.yesterday", "coverage.entries.nowhere"] {
        assert!(matches!(bench.store.report_behind(name, KnownAt::MAX), Err(Error::NotFound(_))), "{name}");
    }
}
