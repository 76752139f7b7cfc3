//! Searching lists by text: what is found is what reading every entry finds, and following the ledger changes no answer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::sync::LazyLock;

use lookback::lists::{Field, Lists, Order, Query, Search, Syntax};
use lookback::model::{DatasetName, Role};
use lookback::{Access, IngestOptions, Mode, Store};
use proptest::prelude::*;
use support::{Bench, settings};

fn put(bench: &mut Bench, list: &str) {
    let path = bench.file("watch.ftm.json", list);
    let options = IngestOptions {
        dataset: DatasetName::new("watch"),
        role: Some(Role::List),
        mode: Some(Mode::Full),
        confirm_mass_delete: true,
        ..IngestOptions::default()
    };
    bench.ingest(Path::new(&path), &options).unwrap();
}

const LIST: &str = r#"{"id":"p1","schema":"Person","referents":["old-1"],"last_change":"2030-05-06T07:08:09","properties":{"name":["Orlan Veska","Орлан Веска"],"birthDate":["1961-04-05"],"country":["xk"],"topics":["sanction"],"notes":["Runs the Harbour Group"]}}
{"id":"p2","schema":"Person","properties":{"name":["Mirela Véská"],"alias":["M. Orlan"],"birthDate":["1975"],"topics":["role.pep"]}}
{"id":"c1","schema":"Company","properties":{"name":["Veska Harbour Works Ltd"],"registrationNumber":["VH-0077"],"topics":["sanction"]}}
{"id":"o1","schema":"Ownership","properties":{"owner":["p1"],"asset":["c1"],"percentage":["60"]}}
{"id":"s1","schema":"Sanction","properties":{"entity":["p1"],"program":["Ostrey Harbour Act"]}}
"#;

fn found(lists: &Lists, query: &Query, sort: &[(Field, Order)]) -> Vec<String> {
    let search = Search { query, wanted: &|_| true, sort, facets: &[], offset: 0, limit: 100 };
    let found = lists.search(&search);
    assert_eq!(found.total, found.page.len());
    found.page.iter().map(|listed| listed.entity().id.to_string()).collect()
}

fn sorted(lists: &Lists, text: &str, syntax: Syntax) -> String {
    let query = Query::parse(text, syntax).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut ids = found(lists, &query, &[]);
    ids.sort();
    ids.join(" ")
}

#[test]
fn what_users_type_finds_what_they_mean() {
    let mut bench = Bench::new();
    put(&mut bench, LIST);
    let lists = bench.store.lists().unwrap();
    let cases = [
        ("veska", "c1 p1 p2"),
        ("VÉSKA orlan", "p1 p2"),
        ("веска", "p1"),
        ("veska AND NOT harbour", "p2"),
        ("veska -harbour", "p2"),
        ("harbour OR mirela", "c1 p1 p2 s1"),
        ("+veska +works", "c1"),
        ("veska && !orlan", "c1"),
        ("(mirela OR works) veska", "c1 p2"),
        ("\"orlan veska\"", "p1"),
        ("\"veska orlan\"", ""),
        ("\"veska works\"~1", "c1"),
        ("vesk*", "c1 p1 p2"),
        ("v?ska", "c1 p1 p2"),
        ("*rela", "p2"),
        ("names:harbour", "c1"),
        ("notes:harbour", "p1"),
        ("properties.notes:harbour", "p1"),
        ("topics:sanction", "c1 p1"),
        ("topics:role.pep", "p2"),
        ("topics:role*", "p2"),
        ("countries:XK", "p1"),
        ("schema:Company", "c1"),
        ("entity_id:p2", "p2"),
        ("referents:old-1", "p1"),
        ("birthDate:1961", "p1"),
        ("birthDate:1961-04-05", "p1"),
        ("birthDate:196", ""),
        ("birthDate:[1960 TO 1970]", "p1"),
        ("birthDate:{1975 TO *]", ""),
        ("birthDate:[* TO 1975]", "p1 p2"),
        ("percentage:[7 TO 100]", "o1"),
        ("_exists_:birthDate", "p1 p2"),
        ("registrationNumber:*", "c1"),
        ("registrationNumber:\"vh-0077\"", "c1"),
        ("VH-0077", "c1"),
        ("*", "c1 o1 p1 p2 s1"),
        ("NOT veska", "o1 s1"),
        ("shoeSize:41", ""),
        ("nobody", ""),
        ("veska^3 orlan", "p1 p2"),
    ];
    for (text, ids) in cases {
        assert_eq!(sorted(&lists, text, Syntax::Exact), ids, "{text}");
    }
    assert_eq!(sorted(&lists, "wesca~2", Syntax::Exact), "c1 p1 p2");
    assert_eq!(sorted(&lists, "weska~", Syntax::Fuzzy), "c1 p1 p2");
    assert_eq!(sorted(&lists, "weska~", Syntax::Exact), "");
    for (text, ids) in
        [("veska | harbour", "c1 p1 p2 s1"), ("veska -harb*", "p2"), ("topics:sanction (veska", "")]
    {
        let mut of = found(&lists, &Query::simple(text).unwrap(), &[]);
        of.sort();
        assert_eq!(of.join(" "), ids, "{text}");
    }
    assert_eq!(found(&lists, &Query::beginning("orlan ve"), &[]), ["p1"]);
    assert_eq!(found(&lists, &Query::beginning(" "), &[]), [""; 0]);
}

#[test]
fn results_are_sorted_by_fields_and_then_by_how_well_they_answer() {
    let mut bench = Bench::new();
    put(&mut bench, LIST);
    let lists = bench.store.lists().unwrap();
    let veska = Query::parse("veska", Syntax::Exact).unwrap();
    let born = |order| [(Field::named("birthDate").unwrap(), order)];
    assert_eq!(found(&lists, &veska, &born(Order::Ascending)), ["p1", "p2", "c1"], "who has no date is last");
    assert_eq!(found(&lists, &veska, &born(Order::Descending)), ["p2", "p1", "c1"]);
    let orlan = Query::parse("orlan", Syntax::Exact).unwrap();
    assert_eq!(found(&lists, &orlan, &[])[0], "p1", "a name says more where more is known");
}

#[test]
fn an_entity_is_found_by_the_ids_that_it_had_and_by_what_names_it() {
    let mut bench = Bench::new();
    put(&mut bench, LIST);
    let lists = bench.store.lists().unwrap();
    let id = |listed: &lookback::lists::Listed| listed.entity().id.to_string();
    assert_eq!(lists.referent("old-1").map(|listed| id(listed)).as_deref(), Some("p1"));
    assert!(lists.referent("p1").is_none());
    assert_eq!(lists.naming("p1").iter().map(|listed| id(listed)).collect::<Vec<_>>(), ["o1", "s1"]);
}

/// One person of a small world: which of some names, alone or with another's id as its referent.
fn person((id, names): (u8, (u8, u8))) -> String {
    let word = |n: u8| ["orlan", "veska", "mirela", "tarvo", "zelinka"][usize::from(n) % 5];
    let (first, second) = names;
    format!(
        "{{\"id\":\"e{id}\",\"schema\":\"Person\",\"referents\":[\"r{}\"],\"properties\":{{\"name\":[\"{} {}\"],\"notes\":[\"{}\"]}}}}\n",
        first % 4,
        word(first),
        word(second),
        word(first.wrapping_add(second)),
    )
}

/// Everything that lists say to the questions of the test.
fn answers(lists: &Lists) -> String {
    let queries = [
        "orlan",
        "veska mirela",
        "tarvo OR zelinka",
        "names:orlan -veska",
        "\"orlan veska\"",
        "mi*",
        "zelinca~1",
    ];
    let of = |text: &&str| found(lists, &Query::parse(text, Syntax::Fuzzy).unwrap(), &[]).join(" ");
    let referents =
        (0..4).map(|r| lists.referent(&format!("r{r}")).map(|listed| listed.entity().id.to_string()));
    format!("{:?} {:?}", queries.iter().map(of).collect::<Vec<_>>(), referents.collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lists_that_follow_answer_as_lists_read_anew_and_as_reading_every_entry(
        versions in proptest::collection::vec(proptest::collection::btree_map(0..14_u8, (0..5_u8, 0..5_u8), 1..12), 1..6)
    ) {
        let mut bench = Bench::new();
        bench.journal(r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list"}"#).unwrap();
        let reader = Store::open(&bench.path(), Access::Read, settings()).unwrap();
        let mut followed = reader.lists().unwrap();
        for version in versions {
            put(&mut bench, &version.clone().into_iter().map(person).collect::<String>());
            followed = reader.lists_after(&followed).unwrap();
            prop_assert_eq!(answers(&followed), answers(&reader.lists().unwrap()));
            let has = |line: &str, word: &str| line.contains(&format!("\"{word} ")) || line.contains(&format!(" {word}\"")) || line.contains(&format!("[\"{word}\"]"));
            let lines: Vec<(String, String)> = version.into_iter().map(|p| (format!("e{}", p.0), person(p))).collect();
            let expected = |is_one: &dyn Fn(&str) -> bool| {
                let mut ids: Vec<&str> = lines.iter().filter(|(_, line)| is_one(line)).map(|(id, _)| id.as_str()).collect();
                ids.sort_unstable();
                ids.join(" ")
            };
            prop_assert_eq!(sorted(&followed, "orlan veska", Syntax::Exact), expected(&|l| has(l, "orlan") && has(l, "veska")));
            prop_assert_eq!(sorted(&followed, "tarvo OR mirela", Syntax::Exact), expected(&|l| has(l, "tarvo") || has(l, "mirela")));
            prop_assert_eq!(sorted(&followed, "zelinka -orlan", Syntax::Exact), expected(&|l| has(l, "zelinka") && !has(l, "orlan")));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_is_more_than_a_question_or_a_refusal(
        text in "(?s).{0,60}|[()\\[\\]{}\"*?~^:+!&|/\\\\ aoANDORT0-9<>=-]{0,60}"
    ) {
        static LISTS: LazyLock<Lists> = LazyLock::new(|| {
            let mut bench = Bench::new();
            put(&mut bench, LIST);
            bench.store.lists().unwrap()
        });
        for syntax in [Syntax::Exact, Syntax::Fuzzy] {
            if let Ok(query) = Query::parse(&text, syntax) {
                found(&LISTS, &query, &[]);
            }
        }
        found(&LISTS, &Query::simple(&text).unwrap(), &[]);
        found(&LISTS, &Query::beginning(&text), &[]);
    }
}
