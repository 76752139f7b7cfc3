//! Keys of programs.

use lookback::model::{AccountName, DatasetName, Proof, ReviewRole};
use lookback::{Access, Settings, Store};
use lookback_server::NewKey;
use serde_json::json;

use crate::served::{Served, locked, wait};

fn status(served: &Served, secret: &str) -> u16 {
    served.ask("GET /v1/session", &[("authorization", &format!("ApiKey {secret}"))], "").status
}

#[test]
fn a_key_is_good_until_it_is_taken_back_expires_or_its_account_closes() {
    let served = locked();
    let (key, secret) = served.key(ReviewRole::Reader, &[]);
    let (_, other) = served.key(ReviewRole::Reader, &[]);
    assert_eq!((status(&served, &secret), status(&served, &other)), (200, 200));
    served.keeper().revoke_key(&key.id).unwrap();
    assert_eq!((status(&served, &secret), status(&served, &other)), (401, 200), "with the next request");
    wait(31 * 24 * 60 * 60);
    assert_eq!(status(&served, &other), 401, "its time is over");
    let (_, last) = served.key(ReviewRole::Reader, &[]);
    assert_eq!(status(&served, &last), 200);
    close(&served, "reader");
    assert_eq!(status(&served, &last), 401, "its account is closed");
    let (_, unknown) = served.key_with(|new| NewKey { account: AccountName::new("nobody").unwrap(), ..new });
    assert_eq!(status(&served, &unknown), 401, "there is no such account");
}

fn close(served: &Served, account: &str) {
    let caller = lookback_server::Caller {
        account: "administrator".to_owned(),
        proof: Proof::Session,
        purpose: String::new(),
        break_glass: None,
    };
    let account = AccountName::new(account).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(served.service.change(&caller, move |store| store.close_account(account))).unwrap();
}

#[test]
fn what_is_no_key_lets_nobody_in() {
    let served = locked();
    let (key, secret) = served.key(ReviewRole::Reader, &[]);
    let longer = format!("{secret}0");
    let upper = secret.to_uppercase();
    let digest = model::Digest::of(secret.as_bytes()).to_string();
    for wrong in
        ["", &secret[1..], &secret[..secret.len() - 1], &longer, &upper, &digest, &key.id, "' OR 1=1 --"]
    {
        assert_eq!(status(&served, wrong), 401, "{wrong}");
    }
    for header in [secret.clone(), format!("Basic {secret}"), format!("ApiKey{secret}"), "ApiKey".to_owned()]
    {
        assert_eq!(served.ask("GET /v1/session", &[("authorization", &header)], "").status, 401, "{header}");
    }
    // A key that is no good is not made good by a session beside it.
    let (cookie, _) = served.session(ReviewRole::Reader);
    let both = [("authorization", "ApiKey wrong"), ("cookie", cookie.as_str())];
    assert_eq!(served.ask("GET /v1/session", &both, "").status, 401);
}

#[test]
fn the_file_of_credentials_has_no_secret_and_is_for_its_owner_alone() {
    let served = locked();
    let (_, secret) = served.key(ReviewRole::Reader, &[]);
    let (cookie, token) = served.session(ReviewRole::Approver);
    let mut bytes = Vec::new();
    for name in ["s.db.access", "s.db.access-wal"] {
        bytes.extend(std::fs::read(served.folder.path().join(name)).unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    let session = cookie.split_once('=').unwrap().1;
    for hidden in [&secret[..], &secret[17..], session, &token, crate::served::PASSWORD] {
        assert!(!text.contains(hidden), "{hidden} is in the file");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(served.folder.path().join("s.db.access")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_person_makes_keys_of_their_own_and_no_key_makes_a_key() {
    let served = locked();
    let (cookie, token) = served.session(ReviewRole::Reader);
    let mine = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    let body = r#"{"label":"nightly","scope":["search"],"purpose":"nightly run","days":10}"#;
    let made = served.ask("POST /v1/keys", &mine, body);
    assert_eq!(made.status, 201, "{}", made.body);
    let (secret, id) = (made.json()["secret"].clone(), made.json()["key"]["id"].clone());
    let key = format!("ApiKey {}", secret.as_str().unwrap());
    let by_key = [("authorization", key.as_str())];
    let me = served.ask("GET /v1/session", &by_key, "").json();
    assert_eq!(me["permissions"], serde_json::json!(["search"]));
    assert_eq!(served.ask("POST /v1/keys", &by_key, body).status, 403);
    let others = r#"{"label":"nightly","account":"approver"}"#;
    assert_eq!(served.ask("POST /v1/keys", &mine, others).status, 403);
    for wrong in
        [r#"{"label":"x","scope":["everything"]}"#, r#"{"label":"x","days":9999}"#, r#"{"label":""}"#]
    {
        assert_eq!(served.ask("POST /v1/keys", &mine, wrong).status, 400, "{wrong}");
    }
    let listed = served.ask("GET /v1/keys", &mine, "");
    assert_eq!(listed.json()["keys"][0]["id"], id);
    assert!(!listed.body.contains(secret.as_str().unwrap()), "a secret is told once");
    // Somebody else does not see it and cannot take it back; an administrator can.
    let (cookie, token) = served.session(ReviewRole::AnalystL1);
    let other = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    assert_eq!(served.ask("GET /v1/keys", &other, "").json()["keys"], serde_json::json!([]));
    let path = format!("DELETE /v1/keys/{}", id.as_str().unwrap());
    assert_eq!(served.ask(&path, &other, "").status, 404);
    let (cookie, token) = served.session(ReviewRole::Administrator);
    let administrator = [("cookie", cookie.as_str()), ("x-csrf-token", token.as_str())];
    assert_eq!(served.ask("POST /v1/keys", &administrator, others).status, 201);
    assert_eq!(served.ask(&path, &administrator, "").status, 204);
    assert_eq!(served.ask("GET /v1/session", &by_key, "").status, 401);
}

#[test]
fn a_key_with_a_rate_is_told_to_wait_and_others_are_not() {
    let served = locked();
    let (_, slow) = served.key_with(|new| NewKey { rate: Some(2), ..new });
    let (_, free) = served.key(ReviewRole::Reader, &[]);
    assert_eq!([status(&served, &slow), status(&served, &slow)], [200, 200]);
    let answer = served.ask("GET /v1/session", &[("authorization", &format!("ApiKey {slow}"))], "");
    assert_eq!((answer.status, answer.header("retry-after")), (429, vec!["1"]));
    assert_eq!(status(&served, &free), 200);
    wait(1);
    assert_eq!(status(&served, &slow), 200);
}

#[test]
fn whoever_is_asked_about_with_such_a_key_is_kept_once_and_otherwise_nobody_is() {
    let served = locked();
    let (_, forgets) = served.key(ReviewRole::Reader, &[]);
    let (_, keeps) = served.key_with(|new| NewKey { enrol: DatasetName::new("walk-ins"), ..new });
    let ask = |secret: &str, name: &str, id: &str| {
        let query = json!({ "id": if id.is_empty() { None } else { Some(id) }, "schema": "Person", "properties": { "name": [name] } });
        let body = json!({ "queries": { "q": query } }).to_string();
        let answer =
            served.ask("POST /match/default", &[("authorization", &format!("ApiKey {secret}"))], &body);
        (answer.status, answer.header("x-kept").concat())
    };
    let head = || {
        let store = Store::open(&served.store(), Access::Read, Settings::of_this_machine("t")).unwrap();
        store.ledger().head().unwrap().map_or(0, |head| head.seq)
    };
    let before = head();
    assert_eq!(ask(&forgets, "Orlan Veska", "mine"), (200, "nothing".to_owned()));
    assert_eq!(head(), before);
    for (name, id, commits) in [
        ("Orlan Veska", "mine", 1),
        ("Orlan Veska", "mine", 1),
        ("Orlan Veskov", "mine", 2),
        ("Mirela Veska", "", 3),
        ("Mirela Veska", "", 3),
    ] {
        assert_eq!(ask(&keeps, name, id), (200, "walk-ins".to_owned()));
        assert_eq!(head(), before + commits, "{name} {id}");
    }
    assert_eq!(ask(&keeps, "Orlan Veska", " not an id").0, 400);
}
