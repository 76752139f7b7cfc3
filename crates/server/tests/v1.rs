//! The interface of our own, asked over a socket; every answer is held against the server's own description of it.

mod served;

use serde_json::{Value, json};
use served::{Accounts, Served, header};

#[test]
fn alerts_come_page_by_page_and_all_of_them_once() {
    let mut served = Served::new(Accounts::None);
    let all = served.get("/v1/alerts").json();
    let total = all["total"].as_u64().unwrap();
    assert!(total > 3, "{all:#}");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = served.get(&format!("/v1/alerts?limit=2{cursor}")).json();
        seen.extend(page["alerts"].as_array().unwrap().iter().map(|alert| alert["alert"].clone()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let whole: Vec<Value> =
        all["alerts"].as_array().unwrap().iter().map(|alert| alert["alert"].clone()).collect();
    assert_eq!(seen, whole);
    assert_eq!(served.get("/v1/alerts?cursor=1.2").status, 422);
}

#[test]
fn an_alert_is_explained_reviewed_and_decided_once() {
    let mut served = Served::new(Accounts::Reviewers);
    let queue = served.get("/v1/queue?limit=1").json();
    let row = &queue["rows"][0];
    let (alert, steps) = (row["alert"].as_str().unwrap(), row["steps"].as_u64().unwrap());
    let why = served.get(&format!("/v1/alerts/{alert}/why")).json();
    assert_eq!(why["alerts"][0]["alert"]["alert"], alert);
    let entry = row["entry"].as_str().unwrap();
    let propose = json!({
        "seen": steps,
        "note": "born in another century",
        "step": { "act": "propose", "verdict": "different", "grounds": {
            "reason": "birth_date_differs", "matches": { entry: "different" },
        } },
    });
    let path = format!("/v1/alerts/{alert}/decisions");
    let taken = served.post(&path, &propose);
    assert_eq!(taken.status, 200, "{}", taken.json());
    assert_eq!(taken.json()["review"]["review"], "second_person");
    let late = json!({ "seen": steps, "note": "as before", "step": { "act": "comment" } });
    let again = served.post(&path, &late);
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["refusal"]["refusal"], "stale");
    assert_eq!(header(&again.head, "content-type"), "application/problem+json");
    let review = served.get(&format!("/v1/alerts/{alert}")).json();
    assert_eq!(review["history"][0]["act"], "propose");
    let subject = row["subject"].as_str().unwrap();
    let dossier = served.get(&format!("/v1/subjects/{subject}")).json();
    assert_eq!(dossier["stated"]["entity"]["id"], subject);
    assert_eq!(served.get(&format!("/v1/subjects/{subject}?known_at=2001-01-01")).status, 404);
}

#[test]
fn what_a_route_does_not_know_is_refused_and_not_repeated() {
    let mut served = Served::new(Accounts::None);
    for path in ["/v1/alerts?knwon_at=2031-01-01", "/v1/alerts?known_at=Orlan", "/v1/queue?limit=1001"] {
        let refused = served.get(path);
        assert_eq!(refused.status, 400, "{path}");
        assert!(!String::from_utf8_lossy(&refused.body).contains("Orlan"), "{path}");
    }
    assert_eq!(served.send("GET", "/v1/nothing", "", b"").json()["type"], "urn:lookback:not_found");
}
