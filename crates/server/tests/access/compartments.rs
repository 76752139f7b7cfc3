//! Somebody in a compartment is not there for those outside it, by whatever route; who breaks the glass says why, and it stands out.

use std::collections::BTreeSet;

use lookback::model::{AccountName, DatasetName, PersonName, Proof, ReviewRole, Role};
use lookback::{AuditFilter, Format, IngestOptions, Silent};
use lookback_server::Caller;

use crate::served::{Served, locked, word};

const SOMEBODY: &str = r#""schema":"Person","properties":{"name":["Orlan Veska"],"birthDate":["1961-04-05"]"#;

fn caller(account: &str) -> Caller {
    let (account, purpose) = (account.to_owned(), "test".to_owned());
    Caller { account, proof: Proof::ApiKey, purpose, break_glass: None }
}

/// A desk with one alert about G1.
fn desk() -> Served {
    let served = locked();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (name, role, row) in [
        ("watch", Role::List, format!(r#"{{"id":"W1",{SOMEBODY},"topics":["sanction"]}}}}"#)),
        ("guests", Role::Population, format!(r#"{{"id":"G1",{SOMEBODY}}}}}"#)),
    ] {
        let file = served.folder.path().join(name);
        std::fs::write(&file, row + "\n").unwrap();
        let (dataset, format) = (DatasetName::new(name), Some(Format::Ftm));
        let options = IngestOptions { dataset, role: Some(role), format, ..IngestOptions::default() };
        let lists = caller("list_manager");
        let put = served
            .service
            .change(&lists, move |store| store.ingest(&[file], &options, &mut Silent).map(drop));
        runtime.block_on(put).unwrap();
    }
    let administrator = caller("administrator");
    let insider = served.service.change(&administrator, |store| {
        let (account, person) = (AccountName::new("insider").unwrap(), PersonName::new("staff-in").unwrap());
        let harbour = BTreeSet::from(["harbour".to_owned()]);
        store.open_account(account, person, BTreeSet::from([ReviewRole::AnalystL1]), harbour).map(drop)
    });
    runtime.block_on(insider).unwrap();
    served
}

fn key(served: &Served, account: &str) -> String {
    let (_, secret) = served.key_with(|new| lookback_server::NewKey {
        account: AccountName::new(account).unwrap(),
        purpose: Some("test".to_owned()),
        ..new
    });
    format!("ApiKey {secret}")
}

#[test]
fn who_is_in_a_compartment_is_there_for_those_in_it_and_for_who_breaks_the_glass() {
    let served = desk();
    let [first, second, insider] =
        [word(ReviewRole::AnalystL1).as_str(), word(ReviewRole::AnalystL2).as_str(), "insider"]
            .map(|account| key(&served, account));
    let ask = |path: &str, key: &str, glass: Option<&str>| {
        let mut headers = vec![("authorization", key)];
        headers.extend(glass.map(|why| ("x-break-glass", why)));
        served.ask(&format!("GET {path}"), &headers, "")
    };
    let alerts = ask("/v1/alerts", &first, None).json();
    let alert = alerts["alerts"][0]["alert"].as_str().unwrap_or_else(|| panic!("{alerts}")).to_owned();
    let paths = [
        format!("/v1/alerts/{alert}"),
        format!("/v1/alerts/{alert}/why"),
        format!("/v1/alerts/{alert}/changes"),
        "/v1/subjects/G1".to_owned(),
        "/v1/subjects/G1/why".to_owned(),
    ];
    for path in &paths {
        assert_eq!(ask(path, &first, None).status, 200, "{path}, before");
    }
    let flag = r#"{"decision":{"act":"flag","flag":{"compartment":"harbour"}},"note":"need to know"}"#;
    let flagged = served.ask("POST /v1/subjects/G1/decisions", &[("authorization", &second)], flag);
    assert_eq!(flagged.status, 200, "{}", flagged.body);

    for path in &paths {
        assert_eq!(ask(path, &first, None).status, 404, "{path}, outside");
        assert_eq!(ask(path, &insider, None).status, 200, "{path}, inside");
        assert_eq!(ask(path, &first, Some("a fire")).status, 403, "{path}, who may not break the glass");
        assert_eq!(ask(path, &second, None).status, 404, "{path}, who may, and did not");
        assert_eq!(ask(path, &second, Some("a fire")).status, 200, "{path}, who did");
    }
    for path in ["/v1/alerts", "/v1/queue"] {
        let shows = |answer: crate::served::Answer| answer.status == 200 && answer.body.contains("G1");
        assert!(!shows(ask(path, &first, None)), "{path}, outside");
        assert!(shows(ask(path, &insider, None)), "{path}, inside");
        assert!(shows(ask(path, &second, Some("a fire"))), "{path}, with the glass broken");
    }
    assert_eq!(ask("/v1/subjects/G1/extract", &second, None).status, 404);
    let diff = "/v1/diff?from=2031-01-01&to=2031-12-31";
    assert_eq!(ask(diff, &first, None).status, 403, "what can leave nobody out");

    let broken = served.audit(&AuditFilter { break_glass: true, ..AuditFilter::default() });
    assert_eq!(broken.len(), paths.len() + 2, "each time it is noted");
    assert!(broken.iter().all(|one| one.break_glass.as_deref() == Some("a fire")));
    assert!(broken.iter().all(|one| one.account.as_str() == "analyst_l2"), "who was refused did not look");
    let review = format!("POST /v1/audit/{}/review", broken[0].seq);
    let note = r#"{"note":"there was one"}"#;
    let auditor = key(&served, "auditor");
    assert_eq!(served.ask(&review, &[("authorization", &second)], note).status, 403);
    let reviewed = served.ask(&review, &[("authorization", &auditor)], note);
    assert_eq!(reviewed.status, 200, "{}", reviewed.body);
}
