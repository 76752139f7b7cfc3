//! Every route of the table, asked by everybody.

use lookback::AuditFilter;
use lookback::access::may;
use lookback::audit::AuditAction;
use lookback::model::{AccountName, ReviewRole};
use lookback_server::{Route, Rule, Terms, routes};

use crate::served::{ROLES, Served, locked, open, served};

/// A request for a route: its parameters are something that there is not.
fn request(route: &Route) -> String {
    let part = |part: &str| if part.starts_with('{') { "nothing".to_owned() } else { part.to_owned() };
    let path = route.path.split('/').map(part).collect::<Vec<_>>().join("/");
    format!("{} {path}", route.method_word().to_uppercase())
}

/// Whether a request got past the guard: what the route then says of it is another matter.
fn passed(served: &Served, route: &Route, headers: &[(&str, &str)]) -> Result<(), u16> {
    let answer = served.ask(&request(route), headers, "{}");
    match answer.status {
        401 | 403 if answer.body.contains("urn:lookback:") => Err(answer.status),
        status => {
            assert_ne!(status, 0, "{}", request(route));
            Ok(())
        }
    }
}

#[test]
fn whom_a_route_lets_in_is_what_the_table_of_roles_says() {
    let served = locked();
    for route in routes() {
        let open = route.rule == Rule::Open;
        let without = passed(&served, &route, &[]);
        if !open {
            assert_eq!(without, Err(401), "{} without credentials", request(&route));
        }
        for role in ROLES {
            let (_, secret) = served.key(role, &[]);
            let key = format!("ApiKey {secret}");
            let lets = passed(&served, &route, &[("authorization", &key)]);
            let expected = match route.rule.permission() {
                Some(permission) if !may([role], permission) => Err(403),
                Some(_) => Ok(()),
                None => continue,
            };
            // What takes a person and no program, or an account that is there, says so behind the guard.
            let of_account =
                route.path.starts_with("/v1/accounts/") && lets == Err(403) && expected == Ok(());
            assert!(lets == expected || of_account, "{} by {role:?}: {lets:?}", request(&route));
        }
    }
}

#[test]
fn a_key_does_what_it_is_for_and_nothing_else_that_its_account_may() {
    let served = locked();
    for route in routes() {
        let Some(permission) = route.rule.permission() else { continue };
        let Some(role) = ROLES.into_iter().find(|role| may([*role], permission)) else { continue };
        let other = if permission == "status" { "read" } else { "status" };
        let (_, secret) = served.key(role, &[other]);
        let key = format!("ApiKey {secret}");
        assert_eq!(passed(&served, &route, &[("authorization", &key)]), Err(403), "{}", request(&route));
    }
}

#[test]
fn a_store_without_accounts_is_open_to_who_sits_at_the_machine_alone() {
    let served = open();
    let body = r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
    assert_eq!(served.ask("POST /match/default", &[], body).status, 200);
    assert_eq!(served.ask("POST /match/default", &[("host", "127.0.0.1:8000")], body).status, 200);
    let rebound = served.ask("POST /match/default", &[("host", "rebound.example")], body);
    assert_eq!(rebound.status, 403, "{}", rebound.body);
    for headers in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        assert_eq!(served.ask("POST /match/default", &[headers], body).status, 403, "{headers:?}");
    }
    let me = served.ask("GET /v1/session", &[], "");
    assert_eq!((me.json()["proof"].as_str(), me.json()["account"].as_str()), (Some("asserted"), None));
    let noted = served.audit(&AuditFilter { action: Some(AuditAction::Search), ..AuditFilter::default() });
    assert_eq!(noted.len(), 2);
    assert_eq!((noted[0].account.as_str(), noted[0].proof), ("administrator", "asserted"));
}

#[test]
fn others_reach_a_server_only_when_an_account_can_show_that_it_is_itself() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let without_credentials = locked();
    without_credentials.keeper().revoke_all(&AccountName::new("administrator").unwrap()).unwrap();
    for served in [open(), without_credentials] {
        let refused =
            lookback_server::run(everywhere, served.service.clone(), |_| unreachable!("it listens"));
        assert!(refused.unwrap_err().to_string().contains("lookback access password"));
    }
    let terms = || Terms { public_url: Some("https://desk.example".to_owned()), ..Terms::default() };
    let behind = std::panic::catch_unwind(|| served(false, terms()));
    assert!(behind.is_err(), "what stands before it would let everybody in");
}

#[test]
fn a_look_is_in_the_audit_with_who_and_for_what_before_it_is_answered() {
    let served = locked();
    let (_, secret) =
        served.key_with(|new| lookback_server::NewKey { purpose: Some("counter 4".to_owned()), ..new });
    let key = format!("Bearer {secret}");
    let body = r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
    let searches =
        || served.audit(&AuditFilter { action: Some(AuditAction::Search), ..AuditFilter::default() });
    assert_eq!(served.ask("POST /match/default", &[("authorization", &key)], body).status, 200);
    let noted = searches();
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].account.as_str(), noted[0].proof), ("reader", "api_key"));
    assert_eq!(noted[0].purpose, "counter 4");
    assert_eq!(noted[0].detail.as_deref(), Some("post /match/{dataset}"));
    let headers = [("authorization", key.as_str()), ("x-purpose", "case 12")];
    assert_eq!(served.ask("POST /match/default", &headers, body).status, 200);
    assert_eq!(searches()[1].purpose, "case 12");
    let text = std::fs::read(served.folder.path().join("s.db.audit")).unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("Veska"), "a name is in the audit");
    let (_, administrator) = served.key(ReviewRole::Administrator, &[]);
    let key = format!("ApiKey {administrator}");
    assert_eq!(served.ask("POST /match/default", &[("authorization", &key)], body).status, 403);
    assert_eq!(searches().len(), 2, "who may not look did not look");
}

#[test]
fn where_a_purpose_is_needed_a_look_without_one_is_refused() {
    let served = served(true, Terms { purpose_needed: true, ..Terms::default() });
    let (_, secret) = served.key(ReviewRole::Reader, &[]);
    let key = format!("ApiKey {secret}");
    let body = r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
    let refused = served.ask("POST /match/default", &[("authorization", &key)], body);
    assert_eq!(refused.status, 400, "{}", refused.body);
    let headers = [("authorization", key.as_str()), ("x-purpose", "case 12")];
    assert_eq!(served.ask("POST /match/default", &headers, body).status, 200);
    assert_eq!(served.ask("GET /v1/session", &[("authorization", &key)], "").status, 200, "that is no look");
}
