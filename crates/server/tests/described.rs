//! Every route of `/v1` is asked, and what it answers is held against its own description.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod served;

use std::collections::BTreeSet;

use lookback::proof::SecretKey;
use lookback::{Settings, Store};
use serde_json::{Value, json};
use served::{Accounts, PASSWORD, Served, header};

/// Routes of which no answer is held against the description: a stream, and what takes an identity provider (`tests/access/provider.rs`).
const UNASKED: [&str; 3] = ["get /v1/events", "get /v1/session/oidc", "get /v1/session/oidc/callback"];

#[test]
fn routes_answer_as_they_are_described() {
    let mut office = Served::new(Accounts::Reviewers);
    looks(&mut office);
    files(&mut office);
    reviews(&mut office);
    bulk(&mut office);
    subjects(&mut office);
    matters(&mut office);
    held(&mut office);
    checkpoints(&mut office);
    audit(&mut office);
    webhooks(&mut office);
    credentials(&mut office);
    // What takes two persons where there are accounts.
    let mut desk = Served::new(Accounts::None);
    let policy = other_policy(&mut desk);
    assert!(desk.done("/v1/policy/adopt", &json!({ "text": policy }))["changes"].is_array());
    let held = hold(&mut desk);
    desk.done(&format!("/v1/held/{held}/release"), &json!({}));
    let unasked = |served: &Served| served.unasked().into_iter().collect::<BTreeSet<_>>();
    let never: Vec<String> = unasked(&office).intersection(&unasked(&desk)).cloned().collect();
    assert_eq!(never, UNASKED);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value:#}")).to_owned()
}

/// The id of a subject with an alert, and of the alert.
fn somebody(served: &mut Served) -> (String, String) {
    let alerts = served.got("/v1/alerts");
    let alert = &alerts["alerts"][0];
    (text(&alert["subject"]), text(&alert["alert"]))
}

fn looks(served: &mut Served) {
    for path in [
        "/v1/status",
        "/v1/health",
        "/v1/accounts",
        "/v1/coverage",
        "/v1/coverage?known_at=1990-01-01",
        "/v1/rejects",
        "/v1/figures",
        "/v1/figures/screened",
        "/v1/changes",
        "/v1/claims",
        "/v1/diff?from=2030-01-01",
        "/v1/runs",
        "/v1/matters",
        "/v1/redress",
        "/v1/retention/due",
        "/v1/retention/purges",
        "/v1/retention/holds",
        "/v1/held",
        "/v1/policy",
        "/v1/report",
        "/v1/report?format=md",
        "/v1/report?format=html",
        "/v1/report?format=pdf",
        "/v1/queue?state=new&state=final",
        "/v1/openapi.json",
        "/v1/session",
        "/v1/keys",
        "/v1/alerts?kind=name",
        "/v1/alerts?kind=network",
        "/v1/alerts?kind=single",
        "/v1/alerts?kind=lead",
        "/v1/network/export?format=csv",
        "/v1/network/export?format=graphml&names=true",
    ] {
        served.got(path);
    }
    let (subject, alert) = somebody(served);
    let of_alert = ["", "/why", "/changes"].map(|part| format!("/v1/alerts/{alert}{part}"));
    let of_subject = ["", "/why", "/extract"].map(|part| format!("/v1/subjects/{subject}{part}"));
    for path in of_alert.into_iter().chain(of_subject) {
        served.got(&path);
    }
    let number = number(&served.got("/v1/report"));
    let behind = served.got(&format!("/v1/report/{number}"));
    assert!(behind["behind"].as_array().is_some_and(|behind| !behind.is_empty()), "{behind:#}");
    network(served);
    let scenario = json!({
        "reviewers": { "people": 2, "per_day": 5.0 }, "days_in_period": 5,
        "classes": [{ "name": "all", "share": 1.0, "deadline_days": 20 }],
    });
    served.done("/v1/forecast", &json!({ "scenario": scenario, "period": "week", "horizon": 3 }));
    let known = json!({ "schema": "Person", "properties": { "name": ["Orlan Veska"] } });
    let asked = json!({ "records": [known, { "schema": "Person" }, "no entity"], "limit": 3 });
    let screened = served.done("/v1/screen", &asked);
    let alerts: Vec<&Value> =
        screened["answers"].as_array().unwrap().iter().map(|one| &one["alert"]).collect();
    assert!(alerts[0].is_boolean() && alerts[1].is_null() && alerts[2].is_null(), "{screened:#}");
}

/// A number of the report that counts somebody.
fn number(report: &Value) -> String {
    let mut rows = Vec::new();
    for section in report["sections"].as_array().unwrap() {
        for block in section["blocks"].as_array().unwrap() {
            rows.extend(block["table"]["rows"].as_array().into_iter().flatten());
        }
    }
    let counts = |row: &&&Value| {
        let traced = row["command"]
            .as_str()
            .is_some_and(|command| command.contains("lookback report") && command.contains("--explain"));
        traced && row["cells"].as_array().unwrap().iter().any(|cell| cell.as_u64().is_some_and(|n| n > 0))
    };
    let row = rows.iter().find(counts).unwrap_or_else(|| panic!("{rows:#?}"));
    text(&row["name"])
}

/// Two parties that share an attribute.
fn network(served: &mut Served) {
    let observation = |id: &str, person: &str| {
        json!({
            "known_at": "2032-01-01T00:00:00Z", "op": "put", "kind": "observation", "id": id, "subject": person,
            "attribute": { "kind": "phone", "value": "+99890000001" }, "relation": "used",
            "valid_from": "2031-01-01", "valid_to": "2031-02-01", "source": "the port", "grade": "B2",
        })
    };
    let alerts = served.got("/v1/alerts");
    let mut people: Vec<String> =
        alerts["alerts"].as_array().unwrap().iter().map(|alert| text(&alert["subject"])).collect();
    people.sort_unstable();
    people.dedup();
    let body = format!("{}\n{}\n", observation("o-1", &people[0]), observation("o-2", &people[1]));
    let head = "content-type: application/x-ndjson\r\n";
    let ingested = served.checked("POST", "/v1/ingest?format=journal", head, body.as_bytes());
    assert_eq!(ingested.status, 200, "{}", ingested.json());
    let neighbours = served.got(&format!("/v1/network/neighbours/{}?names=true", people[0]));
    assert!(neighbours["kinds"][0]["attributes"].is_array(), "{neighbours:#}");
    let path = served.got(&format!("/v1/network/path?start={}&end={}", people[0], people[1]));
    assert_eq!(path["steps"].as_array().map(Vec::len), Some(1), "{path:#}");
    let drawing = served.get(&format!("/v1/network/export?format=gexf&around={}", people[0]));
    assert_eq!(header(&drawing.head, "content-disposition"), "attachment; filename=\"network.gexf\"");
    assert!(String::from_utf8_lossy(&drawing.body).contains(&people[1]));
}

fn files(served: &mut Served) {
    let entity = json!({ "id": "new-1", "schema": "Person", "properties": { "name": ["Orlan Veska"] } });
    let body = format!("{entity}\nno entity\n");
    let head = "content-type: application/x-ndjson\r\n";
    let asked = "dataset=travellers&role=population&format=ftm";
    let preview = served.checked("POST", &format!("/v1/preview?{asked}"), head, body.as_bytes());
    assert_eq!((preview.status, preview.json()["rows"].as_u64()), (200, Some(2)));
    let ingested = served.checked("POST", &format!("/v1/ingest?{asked}"), head, body.as_bytes()).json();
    assert_eq!(ingested["rejected"][0]["line"], 2, "{ingested:#}");
}

fn reviews(served: &mut Served) {
    let row = served.got("/v1/queue?limit=1")["rows"][0].clone();
    let alert = text(&row["alert"]);
    let comment = json!({ "seen": row["steps"], "note": "asked the port", "step": { "act": "comment" } });
    served.done(&format!("/v1/alerts/{alert}/decisions"), &comment);
    let run = served.got("/v1/runs")["runs"][0]["commit"].clone();
    let noted = served.done(&format!("/v1/runs/{run}/notes"), &json!({ "trigger": "the list changed" }));
    let lesson = json!({ "run": noted["decision"], "lesson": "ask for birth dates" });
    served.done("/v1/lessons", &lesson);
}

/// Three bulk decisions: one is taken back, one confirmed, one returned.
fn bulk(served: &mut Served) {
    let selection = served.done("/v1/bulk/preview", &json!({}))["selection"].as_array().unwrap().clone();
    assert!(selection.len() >= 3, "{selection:#?}");
    let said = json!({ "reason": "grounds_missing", "note": "not enough" });
    for (act, part) in ["undo", "confirm", "return"].iter().zip(selection.chunks(selection.len().div_ceil(3)))
    {
        served.account = "api";
        let draft = json!({
            "selection": part, "verdict": "different", "reason": "birth_date_differs", "note": "as far as it goes",
        });
        let draft = if *act == "undo" {
            json!({ "selection": part, "verdict": "inconclusive", "reason": "too_little_known", "note": "as far as it goes" })
        } else {
            draft
        };
        let proposed = served.done("/v1/bulk", &draft);
        let bulk = text(&proposed["bulk"]);
        assert!(!bulk.is_empty(), "{proposed:#}");
        let (account, body) = match *act {
            "undo" => ("api", json!({})),
            "confirm" => ("second", json!({})),
            _ => ("second", said.clone()),
        };
        served.account = account;
        served.done(&format!("/v1/bulk/{bulk}/{act}"), &body);
    }
    served.account = "api";
}

fn subjects(served: &mut Served) {
    let (subject, _) = somebody(served);
    let report = json!({ "event": "departed", "at": "2031-05-02", "source": "the port" });
    served.done(&format!("/v1/subjects/{subject}/events"), &report);
    let decisions = format!("/v1/subjects/{subject}/decisions");
    served.done(&decisions, &json!({ "decision": { "act": "flag", "flag": "minor" } }));
    for act in ["refuse", "grant"] {
        served.account = "api";
        let asked = json!({ "decision": { "act": "request_redress", "ground": "another person" }, "note": "by letter" });
        let request = text(&served.done(&decisions, &asked)["decision"]);
        served.account = "second";
        served.done(&format!("/v1/redress/{request}/{act}"), &json!({ "note": "looked at" }));
    }
    served.account = "api";
}

fn other_policy(served: &mut Served) -> String {
    let policy = text(&served.got("/v1/policy")["text"]);
    let other = policy.replace("threshold = 0.85\n", "threshold = 0.9\n");
    assert!(other != policy, "the policy has another threshold");
    other
}

fn matters(served: &mut Served) {
    let other = other_policy(served);
    served.done("/v1/policy/try", &json!({ "text": other }));
    assert_eq!(served.post("/v1/policy/adopt", &json!({ "text": other })).status, 403);
    let draft = json!({ "text": other, "reason": "evidence", "note": "see the figures" });
    let proposal = text(&served.done("/v1/matters/policy", &draft)["decision"]);
    served.account = "second";
    served.done(&format!("/v1/matters/{proposal}/agree"), &json!({}));
    served.account = "api";
}

/// Sends a whole version of a list that leaves almost everything out; the number under which it is held.
fn hold(served: &mut Served) -> u64 {
    let entity = json!({ "id": "only", "schema": "Person", "properties": { "name": ["Nobody Here"] } });
    let (body, head) = (format!("{entity}\n"), "content-type: application/x-ndjson\r\n");
    let path = "/v1/ingest?dataset=harbour-watch&format=ftm&mode=full";
    let refused = served.checked("POST", path, head, body.as_bytes());
    assert_eq!(refused.status, 409, "{}", refused.json());
    let held = served.got("/v1/held");
    held["held"].as_array().unwrap().last().unwrap()["id"].as_u64().unwrap_or_else(|| panic!("{held:#}"))
}

fn held(served: &mut Served) {
    let held = hold(served);
    served.done(&format!("/v1/held/{held}/compare"), &Value::Null);
    let draft = json!({ "held": held, "note": "the publisher says so" });
    let proposal = text(&served.done("/v1/matters/release", &draft)["decision"]);
    served.account = "second";
    served.done(&format!("/v1/matters/{proposal}/reject"), &json!({ "note": "it was cut off" }));
    served.account = "api";
    served.done(&format!("/v1/held/{held}/discard"), &Value::Null);
}

fn checkpoints(served: &mut Served) {
    let key = SecretKey::generate().unwrap();
    let sign = |served: &Served| {
        let settings = Settings::of_this_machine("root");
        let store = Store::open(&served.path(), lookback::Access::Read, settings).unwrap();
        serde_json::to_value(store.checkpoint(&key).unwrap()).unwrap()
    };
    let earlier = sign(served);
    let stated = served.got("/v1/checkpoint");
    for (word, value) in stated.as_object().unwrap().iter().filter(|(word, _)| *word != "audit") {
        assert_eq!(*value, earlier[word], "{word}");
    }
    let included = served.done("/v1/checkpoint/inclusion", &json!({ "commit": 2, "checkpoint": earlier }));
    assert!(included.is_object(), "{included:#}");
    let (subject, _) = somebody(served);
    let mark = json!({ "decision": { "act": "flag", "flag": "vulnerable" } });
    served.done(&format!("/v1/subjects/{subject}/decisions"), &mark);
    let both = json!({ "earlier": earlier, "later": sign(served) });
    served.done("/v1/checkpoint/consistency", &both);
}

fn audit(served: &mut Served) {
    let (subject, _) = somebody(served);
    let head = "x-break-glass: a court asked\r\n";
    let looked = served.checked("GET", &format!("/v1/subjects/{subject}"), head, b"");
    assert_eq!(looked.status, 200, "{}", looked.json());
    served.account = "auditor";
    let entries = served.got("/v1/audit?limit=2");
    assert_eq!(entries["entries"].as_array().unwrap().len(), 2, "{entries:#}");
    served.got("/v1/audit/verification");
    let entry = served.got("/v1/audit?break_glass_only=true")["entries"][0]["seq"].clone();
    served.done(&format!("/v1/audit/{entry}/review"), &json!({ "note": "the court's letter is there" }));
    served.account = "api";
}

fn webhooks(served: &mut Served) {
    let make = json!({ "url": "https://192.0.2.1/hook", "events": ["alert", "case"], "account": "api" });
    served.account = "root";
    assert_eq!(served.post("/v1/webhooks", &make).status, 403, "no key makes a webhook");
    served.log_in("root", PASSWORD);
    for wrong in ["root", "nobody"] {
        let mut wrong_account = make.clone();
        wrong_account["account"] = wrong.into();
        assert_eq!(served.post("/v1/webhooks", &wrong_account).status, 400, "{wrong} may not read");
    }
    let made = served.done("/v1/webhooks", &make);
    let path = format!("/v1/webhooks/{}", text(&made["webhook"]["id"]));
    served.got_of("PUT", &path, &json!({ "state": "off" }));
    served.done(&format!("{path}/replay"), &json!({ "after": 0 }));
    served.got(&format!("{path}/dead"));
    served.done(&format!("{path}/dead/replay"), &json!({}));
    assert_eq!(served.got("/v1/webhooks")["webhooks"][0]["account"], "api");
    served.got_of("DELETE", &path, &Value::Null);
    served.leave_session();
    served.account = "api";
}

fn credentials(served: &mut Served) {
    served.log_in("root", PASSWORD);
    served.got("/v1/credentials");
    let made = served.done("/v1/keys", &json!({ "label": "counter 4", "scope": ["status"] }));
    served.got_of("DELETE", &format!("/v1/keys/{}", text(&made["key"]["id"])), &Value::Null);
    let password = "another horse battery";
    served.got_of("PUT", "/v1/accounts/auditor/password", &json!({ "password": password }));
    served.got_of("DELETE", "/v1/accounts/auditor/credentials", &Value::Null);
    let change = json!({ "password": PASSWORD, "new_password": password });
    served.got_of("PUT", "/v1/session/password", &change);
    served.log_in("root", password);
    served.got_of("DELETE", "/v1/session", &Value::Null);
}
