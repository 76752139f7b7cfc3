//! What yente's clients ask, over invented lists: searches, entities and what is around them, reconciliation, catalogue, refusals.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking; a test that is skipped says so"
)]

mod client;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use client::{Answer, Client, escaped};
use lookback::model::{DatasetName, Role};
use lookback::{Format, IngestOptions, Settings, Silent, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

const DATASETS: &str = r#"{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"watch","role":"list","title":"Port Watch"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"ships","role":"list"}
{"known_at":"2031-01-01","op":"put","kind":"dataset","name":"arrivals","role":"population"}
{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"arrivals","entity":{"id":"A-1","schema":"Person","properties":{"name":["Orlan Veska"],"nationality":["xk"]}}}
"#;
const WATCH: &str = r#"{"id":"p1","schema":"Person","caption":"Orlan V.","referents":["old-1"],"target":true,"first_seen":"2030-01-02T03:04:05","last_change":"2030-05-06T07:08:09","properties":{"name":["Orlan Veska"],"birthDate":["1961-04-05"],"nationality":["fr"],"topics":["sanction"],"addressEntity":["a1"]}}
{"id":"p2","schema":"Person","properties":{"name":["Mirela Veska"],"nationality":["de"],"topics":["role.pep"]}}
{"id":"c1","schema":"Company","properties":{"name":["Veska Harbour Works Ltd"],"jurisdiction":["fr"],"topics":["sanction"]}}
{"id":"a1","schema":"Address","properties":{"full":["3 Quay Street, Ostrey"]}}
{"id":"o1","schema":"Ownership","properties":{"owner":["p1"],"asset":["c1"]}}
{"id":"o2","schema":"Ownership","properties":{"owner":["p1"],"asset":["gone"]}}
{"id":"s1","schema":"Sanction","properties":{"entity":["p1"],"program":["Harbour Act"]}}
"#;
const SHIPS: &str = r#"{"id":"v1","schema":"Vessel","properties":{"name":["VESKA STAR"],"imoNumber":["9999993"],"topics":["sanction"]}}
"#;

static SERVER: LazyLock<(TempDir, Client)> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("s.db");
    let mut store = Store::create(&path, Settings::of_this_machine("tester")).unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, DATASETS).unwrap();
    store.ingest(std::slice::from_ref(&file), &IngestOptions::default(), &mut Silent).unwrap();
    for (name, list) in [("watch", WATCH), ("ships", SHIPS)] {
        std::fs::write(&file, list).unwrap();
        let (dataset, role, format) = (DatasetName::new(name), Some(Role::List), Some(Format::Ftm));
        let options = IngestOptions { dataset, role, format, ..IngestOptions::default() };
        store.ingest(std::slice::from_ref(&file), &options, &mut Silent).unwrap();
    }
    drop(store);
    let client = Client::of_store(&path);
    (folder, client)
});

fn get(address: &str) -> Answer {
    SERVER.1.get(address)
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

fn search(query: &str) -> String {
    let answer = get(&format!("/search/{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let mut ids = ids(&answer.body["results"]);
    ids.sort_unstable();
    ids.join(" ")
}

#[test]
fn a_search_is_filtered_by_everything_that_clients_filter_by() {
    let cases = [
        ("watch?q=veska", "c1 p1 p2"),
        ("default?q=veska", "c1 p1 p2 v1"),
        ("default?q=veska&exclude_dataset=watch", "v1"),
        ("default?q=veska&include_dataset=ships&include_dataset=none", "v1"),
        ("default?q=veska&datasets=ships", "v1"),
        ("watch?q=veska&schema=Company", "c1"),
        ("watch?q=veska&schema=Person", "p1 p2"),
        ("watch?q=veska&exclude_schema=Company", "p1 p2"),
        ("watch?q=harbour&schema=Sanction", ""),
        ("watch?q=", "a1 c1 p1 p2"),
        ("watch?topics=sanction", "c1 p1"),
        ("watch?topics=sanction&topics=role.pep", "c1 p1 p2"),
        ("watch?topics=sanction&topics=role.pep&filter_op=AND", ""),
        ("watch?countries=fr", "c1 p1"),
        ("watch?filter=nationality:de", "p2"),
        ("watch?filter=birthDate:1961", "p1"),
        ("watch?filter=shoeSize:41", ""),
        ("watch?target=false", "a1"),
        ("watch?changed_since=2031-01-01", "a1 c1 p2"),
        ("watch?q=veska&offset=2", "p2"),
        ("watch?q=weska~&fuzzy=true", "c1 p1 p2"),
        ("watch?q=weska~", ""),
        ("watch?q=veska%20|%20(quay&simple=true", "a1 c1 p1 p2"),
        ("watch?q=mirela%20|%20quay&simple=true", "a1 p2"),
    ];
    for (query, found) in cases {
        if query.contains("offset") {
            assert_eq!(search(query).len(), found.len(), "one of three is left: {query}");
        } else {
            assert_eq!(search(query), found, "{query}");
        }
    }
    let ascending = get("/search/watch?q=veska&sort=caption:asc").body;
    assert_eq!(ids(&ascending["results"]), ["p2", "p1", "c1"]);
}

#[test]
fn facets_are_counted_over_all_that_is_found_and_named_for_people() {
    let answer = get("/search/watch?q=veska&limit=1").body;
    assert_eq!(answer["total"], json!({ "value": 3, "relation": "eq" }));
    assert_eq!(
        answer["facets"]["countries"],
        json!({ "label": "Countries", "values": [
            { "name": "fr", "label": "France", "count": 2 }, { "name": "de", "label": "Germany", "count": 1 },
        ] })
    );
    assert_eq!(
        answer["facets"]["topics"]["values"][0],
        json!({ "name": "sanction", "label": "Sanctioned", "count": 2 })
    );
    assert_eq!(answer["facets"]["datasets"]["values"][0]["label"], "Port Watch");
    let chosen = get("/search/watch?q=veska&facets=schema").body["facets"].clone();
    assert_eq!(chosen.as_object().unwrap().keys().collect::<Vec<_>>(), ["schema"]);
    assert_eq!(chosen["schema"]["values"][0], json!({ "name": "Person", "label": "People", "count": 2 }));
}

#[test]
fn whoever_was_screened_is_not_searched_and_never_by_country() {
    for address in [
        "/search/arrivals?q=veska",
        "/search/arrivals?countries=xk",
        "/search/arrivals?facets=countries",
        "/search/arrivals?filter=nationality:xk",
        "/reconcile/arrivals",
    ] {
        let answer = get(address);
        assert_eq!(answer.status, 403, "{address}");
        assert!(answer.body["detail"].as_str().unwrap().contains("by country never"), "{}", answer.text);
    }
    let query = r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
    assert_eq!(
        SERVER.1.post("/match/arrivals", query).status,
        403,
        "an empty answer would look like a clear one"
    );
    assert_eq!(get("/entities/A-1").status, 404);
    assert_eq!(search("default?countries=xk"), "");
}

#[test]
fn an_entity_shows_what_is_around_it() {
    let p1 = get("/entities/p1").body;
    assert_eq!((&p1["caption"], &p1["target"]), (&json!("Orlan V."), &json!(true)));
    assert_eq!(
        (&p1["first_seen"], &p1["last_change"]),
        (&json!("2030-01-02T03:04:05"), &json!("2030-05-06T07:08:09"))
    );
    assert_eq!(p1["last_seen"].as_str().unwrap().len(), "2031-01-01T00:00:00".len());
    assert_eq!(p1["properties"]["addressEntity"][0]["properties"]["full"], json!(["3 Quay Street, Ostrey"]));
    assert_eq!(p1["properties"]["sanctions"][0]["id"], "s1");
    let owned = &p1["properties"]["ownershipOwner"];
    assert_eq!(ids(owned), ["o1", "o2"]);
    assert_eq!(owned[0]["properties"]["owner"], json!(["p1"]), "what is on the way is not repeated");
    assert_eq!(owned[0]["properties"]["asset"][0]["caption"], "Veska Harbour Works Ltd");
    assert_eq!(owned[1]["properties"]["asset"], json!(["gone"]), "what no list states stays an id");
    let plain = get("/entities/p1?nested=false").body;
    assert_eq!(plain["properties"]["addressEntity"], json!(["a1"]));
    assert_eq!(get("/entities/p2").body["first_seen"], Value::Null);

    let moved = get("/entities/old-1/adjacent");
    assert_eq!((moved.status, moved.header("location").as_deref()), (308, Some("/entities/p1")));
    assert_eq!(get("/entities/old-9").body, json!({ "detail": "No such entity!" }));
}

#[test]
fn what_is_adjacent_comes_in_pages() {
    let adjacent = get("/entities/p1/adjacent?limit=1").body;
    assert_eq!(adjacent["entity"]["properties"]["addressEntity"], json!(["a1"]));
    let by = &adjacent["adjacent"];
    assert_eq!(
        by.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["addressEntity", "ownershipOwner", "sanctions"]
    );
    assert_eq!(
        (&by["ownershipOwner"]["total"]["value"], ids(&by["ownershipOwner"]["results"])),
        (&json!(2), vec!["o1"])
    );
    let second = get("/entities/p1/adjacent/ownershipOwner?limit=1&offset=1").body;
    assert_eq!((ids(&second["results"]), &second["total"]["value"]), (vec!["o2"], &json!(2)));
    assert_eq!(
        get("/entities/c1/adjacent/ownershipAsset").body["results"][0]["properties"]["owner"][0]["id"],
        "p1"
    );
    assert_eq!(get("/entities/s1/adjacent/addressEntity").body["detail"], "No such property!");
    assert_eq!(get("/entities/p1/adjacent/name").body["detail"], "No such property!");
    assert_eq!(get("/entities/p1/adjacent/parent").body["results"], json!([]));
}

#[test]
fn a_match_is_narrowed_by_everything_that_clients_narrow_it_by() {
    let body = json!({ "queries": { "q": { "id": "mine", "schema": "Person", "properties": { "name": ["Orlan Veska"], "country": "France" } } } });
    let ask = |query: &str| {
        let answer = SERVER.1.post(&format!("/match/{query}"), &body.to_string());
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.body["responses"]["q"].clone()
    };
    let found = |query: &str| ids(&ask(query)["results"]).join(" ");
    let all = ask("watch");
    assert_eq!(ids(&all["results"]), ["p1"]);
    assert_eq!(
        all["query"],
        json!({ "id": "mine", "schema": "Person", "properties": { "name": ["Orlan Veska"], "country": ["fr"] } })
    );
    assert_eq!(all["total"], json!({ "value": 1, "relation": "eq" }));
    for algorithm in ["best", "logic-v2", " LOGIC-V1", "name-based", "name-qualified", "regression-v1"] {
        assert_eq!(found(&format!("watch?algorithm={}", escaped(algorithm))), "p1");
    }
    for query in [
        "watch?exclude_entity_ids=p1",
        "watch?exclude_entity_ids=old-1",
        "watch?exclude_schema=Person",
        "watch?topics=wanted",
        "watch?changed_since=2030-05-06T07:08:09",
        "default?exclude_dataset=watch",
        "default?include_dataset=ships",
        "watch?threshold=1.0&cutoff=1.0",
    ] {
        assert_eq!(found(query), "", "{query}");
    }
    for query in [
        "watch?topics=wanted&topics=sanction",
        "watch?changed_since=2030-05-06",
        "default?limit=1",
        "watch?limit=5&cutoff=0.9",
    ] {
        assert_eq!(found(query), "p1", "{query}");
    }
    let query = json!({ "schema": "Person", "properties": { "name": ["Orlan Veska"] } });
    let many: serde_json::Map<String, Value> = (0..6).map(|n| (format!("q{n}"), query.clone())).collect();
    let many = SERVER.1.post("/match/watch", &json!({ "queries": many }).to_string());
    assert_eq!(
        (many.header("x-batch-size").as_deref(), many.header("x-kept").as_deref()),
        (Some("6"), Some("nothing"))
    );
    let answers = many.body["responses"].as_object().unwrap();
    assert!(answers.len() == 6 && answers.values().all(|answer| ids(&answer["results"]) == ["p1"]));
    let near =
        json!({ "queries": { "q": { "schema": "Person", "properties": { "name": ["Orlan Vesko"] } } } });
    let low =
        SERVER.1.post("/match/watch?cutoff=0.1&threshold=0.99", &near.to_string()).body["responses"]["q"]
            .clone();
    assert_eq!(
        (ids(&low["results"])[0], &low["results"][0]["match"], &low["total"]["value"]),
        ("p1", &json!(false), &json!(0))
    );
    let thing =
        json!({ "queries": { "q": { "schema": "Thing", "properties": { "name": ["Veska Star"] } } } });
    let answer = SERVER.1.post("/match/default", &thing.to_string()).body;
    assert_eq!(ids(&answer["responses"]["q"]["results"]), ["v1"], "{answer}");
}

#[test]
fn a_table_is_reconciled_and_extended() {
    let manifest = get("/reconcile/watch?api_key=k").body;
    assert_eq!(manifest["versions"], json!(["0.2"]));
    let types = ids(&manifest["defaultTypes"]).join(" ");
    assert_eq!(types, "Address Asset Company LegalEntity Organization Person Thing Value");
    let suggest = &manifest["suggest"]["entity"];
    assert_eq!(suggest["service_path"], "/suggest/entity?api_key=k");
    assert!(suggest["service_url"].as_str().unwrap().ends_with("/reconcile/watch"));

    let queries = r#"{"a":{"query":"Orlan Veska","type":"Person","limit":2,"properties":[{"pid":"Person:birthDate","v":"1961-04-05"}]},"b":{"query":"Nobody Here","type":["Company"]}}"#;
    let answer = SERVER.1.post_form("/reconcile/watch", &[("queries", queries)]);
    assert_eq!((answer.status, answer.header("x-batch-size").as_deref()), (200, Some("2")));
    let first = &answer.body["a"]["result"][0];
    assert_eq!(
        (&first["id"], &first["name"], &first["match"]),
        (&json!("p1"), &json!("Orlan V."), &json!(true))
    );
    assert_eq!(first["type"][0]["name"], "People");
    assert_eq!(answer.body["b"]["result"], json!([]));
    assert_eq!(get(&format!("/reconcile/watch?queries={}", escaped(queries))).body, answer.body);

    let extend = r#"{"ids":["p1","nobody"],"properties":[{"id":"nationality"},{"id":"birthDate"},{"id":"nationality2"}]}"#;
    let answer = SERVER.1.post_form("/reconcile/watch", &[("extend", extend)]).body;
    assert_eq!(
        answer["meta"],
        json!([{ "id": "nationality", "name": "Nationality" }, { "id": "birthDate", "name": "Birth date" }])
    );
    assert_eq!(answer["rows"]["p1"]["nationality"], json!([{ "str": "France" }]));
    assert_eq!(answer["rows"]["nobody"], json!({}));
    let raw = r#"{"ids":["p1"],"properties":[{"id":"nationality","settings":{"limit":1,"render":"raw"}}]}"#;
    assert_eq!(
        SERVER.1.post_form("/reconcile/watch", &[("extend", raw)]).body["rows"]["p1"]["nationality"],
        json!([{ "str": "fr" }])
    );
    let referent =
        SERVER.1.post_form("/reconcile/watch", &[("extend", r#"{"ids":["old-1"],"properties":[]}"#)]);
    assert_eq!(referent.body["detail"], "Please specify the canonical entity ID, not a referent");

    let entities = get("/reconcile/watch/suggest/entity?prefix=orlan%20ve").body;
    assert_eq!((ids(&entities["result"]), &entities["code"]), (vec!["p1"], &json!("/api/status/ok")));
    assert_eq!(ids(&get("/reconcile/watch/suggest/type?prefix=comp").body["result"]), ["Company"]);
    assert_eq!(
        ids(&get("/reconcile/watch/suggest/property?prefix=birth").body["result"])[0],
        "Person:birthCountry"
    );
    let by = get("/reconcile/watch/extend/property?type=Person").body;
    assert!(ids(&by["properties"]).contains(&"birthDate"));
    assert_eq!(get("/reconcile/watch/extend/property?type=Xx").body["detail"], "Invalid type: Xx");
}

#[test]
fn the_catalogue_has_a_tag_and_says_of_when_each_list_is() {
    let catalogue = get("/catalog");
    assert_eq!(catalogue.body["current"], json!(["ships", "watch"]));
    let watch = &catalogue.body["datasets"][1];
    assert_eq!(
        (&watch["title"], &watch["entity_count"], &watch["thing_count"]),
        (&json!("Port Watch"), &json!(7), &json!(4))
    );
    assert_eq!(watch["version"].as_str().unwrap().len(), "20310101000000".len());
    let tag = catalogue.header("etag").unwrap();
    let again = SERVER.1.ask("GET", "/manifest", &[&format!("if-none-match: W/\"x\", {tag}")], "");
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(SERVER.1.ask("GET", "/manifest", &["if-none-match: \"x\""], "").body, catalogue.body);
    let algorithms = get("/algorithms").body;
    assert_eq!((&algorithms["default"], &algorithms["best"]), (&json!("best"), &json!("best")));
    assert!(algorithms["algorithms"][1]["description"].as_str().unwrap().contains("Another name of best"));
}

#[test]
fn what_cannot_be_asked_is_refused_as_clients_expect() {
    let cases = [
        ("/search/watch?q=(veska", 400, "Search error: "),
        ("/search/watch?sort=shoeSize", 400, "Search error: No mapping found for [shoeSize]"),
        ("/search/watch?schema=Xx", 400, "Invalid schema"),
        ("/search/watch?filter=nocolon", 400, "Invalid filter: 'nocolon'"),
        ("/search/nowhere", 404, "No such dataset."),
        ("/nope", 404, "Not Found"),
        ("/match/watch", 405, "Method Not Allowed"),
    ];
    for (address, status, detail) in cases {
        let answer = get(address);
        assert_eq!(answer.status, status, "{address}");
        assert!(answer.body["detail"].as_str().unwrap().starts_with(detail), "{address}: {}", answer.text);
    }
    for (query, kind, place) in [
        ("limit=x", "int_parsing", json!(["query", "limit"])),
        ("offset=9500", "less_than_equal", json!(["query", "offset"])),
        ("fuzzy=perhaps", "bool_parsing", json!(["query", "fuzzy"])),
        ("filter_op=XOR", "enum", json!(["query", "filter_op"])),
        ("facets=topics&facets=zzz", "enum", json!(["query", "facets", 1])),
        ("changed_since=now", "string_pattern_mismatch", json!(["query", "changed_since"])),
    ] {
        let answer = get(&format!("/search/watch?{query}"));
        assert_eq!(answer.status, 422, "{query}");
        assert_eq!(
            (&answer.body["detail"][0]["type"], &answer.body["detail"][0]["loc"]),
            (&json!(kind), &place)
        );
    }
    let unread = SERVER.1.post_form("/reconcile/watch", &[("queries", "{")]);
    assert_eq!((unread.status, &unread.body["errors"][0]["type"]), (400, &json!("json_invalid")));
    assert_eq!(SERVER.1.ask("POST", "/updatez?token=", &[], "").status, 403);
    assert_eq!(SERVER.1.ask("POST", "/updatez?token=x", &[], "").body, json!({ "detail": "Invalid token." }));
}

#[test]
fn every_answer_is_traced_and_long_ones_are_packed() {
    let traced = SERVER.1.ask(
        "GET",
        "/healthz",
        &["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        "",
    );
    assert!(traced.header("traceparent").unwrap().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert!(get("/nope").header("tracestate").unwrap().starts_with("yente="));
    assert_eq!(
        SERVER.1.ask("GET", "/catalog", &["accept-encoding: gzip"], "").header("content-encoding").as_deref(),
        Some("gzip")
    );
    assert_eq!(
        SERVER.1.ask("GET", "/healthz", &["accept-encoding: gzip"], "").header("content-encoding"),
        None
    );
    let preflight = [
        "origin: https://x.invalid",
        "access-control-request-method: POST",
        "access-control-request-headers: authorization",
    ];
    assert_eq!(
        SERVER
            .1
            .ask("OPTIONS", "/match/watch", &preflight, "")
            .header("access-control-allow-origin")
            .as_deref(),
        Some("*")
    );
    let long = get(&format!("/search/watch?q={}", "a".repeat(60_000)));
    assert_eq!((long.status, long.header("traceparent")), (414, None));
}

/// A Python that has these packages; says that the test is skipped and gives `None` where there is none.
fn python(package: &str, imports: &str, test: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let has_it = |python: &PathBuf| {
        Command::new(python).args(["-c", imports]).output().is_ok_and(|ran| ran.status.success())
    };
    let found = [target.join("python/bin/python3"), "python3".into()].into_iter().find(has_it);
    if found.is_none() {
        println!("SKIPPED (no {package}): {test}");
    }
    found
}

fn run(python: &Path, script: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let ran = Command::new(python).arg(script).arg(format!("http://{}", SERVER.1.at)).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(said(&ran.stdout).trim(), "all answers were read", "{}", said(&ran.stderr));
}

#[test]
fn the_client_of_the_hosted_service_reads_every_answer() {
    let test = "the_client_of_the_hosted_service_reads_every_answer";
    let Some(python) = python("yente-client", "import yente_client", test) else { return };
    run(&python, "yente_client_asks.py");
}

#[test]
fn nomenklatura_enriches_from_it() {
    let imports = "import nomenklatura.enrich.yente";
    let Some(python) = python("nomenklatura", imports, "nomenklatura_enriches_from_it") else { return };
    run(&python, "nomenklatura_enriches.py");
}
