//! Passwords and sessions.

use lookback::AuditFilter;
use lookback::audit::AuditAction;
use lookback::model::{AccountName, ReviewRole};
use lookback_server::Terms;

use crate::served::{PASSWORD, Served, locked, served, wait};

fn status(served: &Served, cookie: &str) -> u16 {
    served.ask("GET /v1/session", &[("cookie", cookie)], "").status
}

#[test]
fn who_logs_in_is_known_until_they_log_out() {
    let served = locked();
    let (cookie, token) = served.session(ReviewRole::AnalystL2);
    let me = served.ask("GET /v1/session", &[("cookie", &cookie)], "").json();
    assert_eq!(me["account"], "analyst_l2");
    assert_eq!(me["roles"], serde_json::json!(["analyst_l2"]));
    assert_eq!(me["csrf_token"], token);
    assert!(me["permissions"].as_array().unwrap().iter().any(|word| word == "propose"));
    let out = served.ask("DELETE /v1/session", &[("cookie", &cookie), ("x-csrf-token", &token)], "");
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie")[0].contains("Max-Age=0"));
    assert_eq!(status(&served, &cookie), 401);
    let noted = served.audit(&AuditFilter { action: Some(AuditAction::Access), ..AuditFilter::default() });
    let details: Vec<_> = noted.iter().filter_map(|entry| entry.detail.as_deref()).collect();
    assert_eq!(details, ["log in", "log out"]);
}

#[test]
fn a_cookie_is_not_for_scripts_or_other_sites_and_by_tls_for_tls_alone() {
    let served = locked();
    served.session(ReviewRole::Reader);
    let plain = served.log_in("reader", PASSWORD, &[]);
    let cookie = plain.header("set-cookie")[0];
    assert!(
        cookie.starts_with("lookback=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    drop(served);
    let served =
        self::served(true, Terms { public_url: Some("https://localhost".to_owned()), ..Terms::default() });
    served.session(ReviewRole::Reader);
    let by_tls = served.log_in("reader", PASSWORD, &[]);
    let cookie = by_tls.header("set-cookie")[0];
    assert!(
        cookie.starts_with("__Host-lookback=") && cookie.ends_with("SameSite=Strict; Secure"),
        "{cookie}"
    );
}

#[test]
fn a_session_ends_when_it_is_left_and_at_the_end_of_a_day() {
    let served = locked();
    let (cookie, _) = served.session(ReviewRole::Reader);
    wait(29 * 60);
    assert_eq!(status(&served, &cookie), 200);
    wait(29 * 60);
    assert_eq!(status(&served, &cookie), 200, "using it keeps it");
    wait(31 * 60);
    assert_eq!(status(&served, &cookie), 401, "nobody used it");
    let (cookie, _) = served.session(ReviewRole::Reader);
    for _ in 0..28 {
        wait(25 * 60);
        assert_eq!(status(&served, &cookie), 200);
    }
    wait(25 * 60);
    assert_eq!(status(&served, &cookie), 401, "a working day is over");
}

#[test]
fn a_session_is_of_the_server_s_making_and_a_new_one_for_each_log_in() {
    let served = locked();
    // What somebody planted in the browser before is not taken for a session, before or after the log-in.
    let planted = format!("lookback={}", "0".repeat(64));
    assert_eq!(status(&served, &planted), 401);
    let (first, _) = served.session(ReviewRole::Reader);
    let answer = served.log_in("reader", PASSWORD, &[("cookie", &planted)]);
    let second = answer.cookie().unwrap();
    assert_ne!(second, planted);
    assert_eq!((status(&served, &planted), status(&served, &second)), (401, 200));
    // Whoever logs in anew leaves the session that they were in.
    let third = served.log_in("reader", PASSWORD, &[("cookie", &second)]).cookie().unwrap();
    assert_ne!(third, second);
    assert_eq!((status(&served, &second), status(&served, &third), status(&served, &first)), (401, 200, 200));
    // A new password ends them all.
    served.keeper().set_password(&AccountName::new("reader").unwrap(), "another long password").unwrap();
    assert_eq!((status(&served, &third), status(&served, &first)), (401, 401));
}

#[test]
fn nothing_is_changed_by_a_cookie_alone() {
    let served = locked();
    let (cookie, token) = served.session(ReviewRole::Reader);
    let (_, other_token) = served.session(ReviewRole::Approver);
    let body = r#"{"label":"x"}"#;
    let mine = ("cookie", cookie.as_str());
    let tries: &[&[(&str, &str)]] = &[
        &[mine],
        &[mine, ("x-csrf-token", "")],
        &[mine, ("x-csrf-token", &other_token)],
        &[mine, ("x-csrf-token", &token), ("origin", "https://evil.example")],
        &[mine, ("x-csrf-token", &token), ("origin", "null")],
        &[mine, ("x-csrf-token", &token), ("sec-fetch-site", "same-site")],
    ];
    for headers in tries {
        let answer = served.ask("POST /v1/keys", headers, body);
        assert_eq!(answer.status, 403, "{headers:?}: {}", answer.body);
        assert!(answer.body.contains("other_site"));
    }
    let own = [mine, ("x-csrf-token", token.as_str()), ("origin", "http://localhost")];
    assert_eq!(served.ask("POST /v1/keys", &own, body).status, 201);
    // Nor is anybody logged in by another site, as whoever that site likes.
    assert_eq!(served.log_in("reader", PASSWORD, &[("origin", "https://evil.example")]).status, 403);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(
        served.log_in("reader", PASSWORD, &form).status,
        415,
        "a form of another site could send that"
    );
}

#[test]
fn whether_there_is_such_an_account_is_not_told() {
    let served = locked();
    served.session(ReviewRole::Reader);
    let wrong = served.log_in("reader", "not the password", &[]);
    let nobody = served.log_in("nobody", "not the password", &[]);
    let without = served.log_in("auditor", "not the password", &[]);
    let no_name = served.log_in("no such\u{0}name", "not the password", &[]);
    for answer in [&nobody, &without, &no_name] {
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body));
    }
    assert_eq!(wrong.status, 401);
    assert!(wrong.header("set-cookie").is_empty());
}

#[test]
fn who_guesses_waits_longer_with_each_guess_whether_there_is_such_an_account_or_not() {
    let served = locked();
    served.session(ReviewRole::Reader);
    for account in ["reader", "nobody"] {
        // Their address is not what slows them here.
        wait(60);
        for _ in 0..5 {
            assert_eq!(served.log_in(account, "a wrong guess", &[]).status, 401);
        }
        let slowed = served.log_in(account, "a wrong guess", &[]);
        assert_eq!((slowed.status, slowed.header("retry-after")), (429, vec!["1"]));
        wait(1);
        assert_eq!(served.log_in(account, "a wrong guess", &[]).status, 401);
        let slowed = served.log_in(account, PASSWORD, &[]);
        assert_eq!((slowed.status, slowed.header("retry-after")), (429, vec!["2"]), "also the right one");
    }
    wait(2);
    assert_eq!(served.log_in("reader", PASSWORD, &[]).status, 200);
    assert_eq!(served.log_in("reader", "a wrong guess", &[]).status, 401, "and the count begins anew");
}

#[test]
fn one_address_guesses_at_many_accounts_no_faster() {
    let served = locked();
    let guesses = (0..25).map(|n| served.log_in(&format!("account{n}"), "a wrong guess", &[]).status);
    let guesses: Vec<u16> = guesses.collect();
    assert_eq!(guesses[..20], [401; 20]);
    assert_eq!(guesses[20..], [429; 5]);
}

#[test]
fn passwords_are_changed_by_who_knows_them_or_administers() {
    let served = locked();
    let (cookie, token) = served.session(ReviewRole::Reader);
    let mine = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    let wrong = r#"{"password":"not the password","new_password":"another long password"}"#;
    assert_eq!(served.ask("PUT /v1/session/password", &mine, wrong).status, 401);
    let short = format!(r#"{{"password":"{PASSWORD}","new_password":"short"}}"#);
    assert_eq!(served.ask("PUT /v1/session/password", &mine, &short).status, 400);
    let right = format!(r#"{{"password":"{PASSWORD}","new_password":"another long password"}}"#);
    let changed = served.ask("PUT /v1/session/password", &mine, &right);
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!((status(&served, &cookie), status(&served, &changed.cookie().unwrap())), (401, 200));
    assert_eq!(served.log_in("reader", PASSWORD, &[]).status, 401);
    let (cookie, token) = served.session(ReviewRole::Administrator);
    let administrator = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    let body = r#"{"password":"set by the office"}"#;
    assert_eq!(served.ask("PUT /v1/accounts/reader/password", &administrator, body).status, 204);
    assert_eq!(served.ask("PUT /v1/accounts/nobody/password", &administrator, body).status, 404);
    let in_again = served.log_in("reader", "set by the office", &[]);
    assert_eq!(in_again.status, 200);
    assert_eq!(served.ask("DELETE /v1/accounts/reader/credentials", &administrator, "").status, 204);
    assert_eq!(status(&served, &in_again.cookie().unwrap()), 401);
    assert_eq!(served.log_in("reader", "set by the office", &[]).status, 401);
}
