//! What is kept of how accounts show that they are themselves: whose a secret is, how long, and that taking it back takes it back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use lookback_ledger::{AccessKey, AccessSession, Credentials, Failures};
use model::{AccountName, DatasetName, Digest, KnownAt};
use tempfile::TempDir;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

fn opened() -> (TempDir, Credentials) {
    let folder = TempDir::new().unwrap();
    let credentials = Credentials::open(&folder.path().join("s.db")).unwrap();
    (folder, credentials)
}

fn account(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

fn at(micros: i64) -> KnownAt {
    KnownAt::from_micros(micros)
}

fn secret(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn session(name: &str, time: i64) -> AccessSession {
    AccessSession {
        account: account(name),
        purpose: Some("counter 4".into()),
        made_at: at(time),
        seen_at: at(time),
    }
}

fn key(id: &str, name: &str, made_at: i64) -> AccessKey {
    AccessKey {
        id: id.into(),
        account: account(name),
        label: "counter 4".into(),
        scope: BTreeSet::from(["read".to_owned(), "search".to_owned()]),
        purpose: Some("entry check".into()),
        enrol: DatasetName::new("travellers"),
        rate: Some(7),
        made_at: at(made_at),
        expires_at: at(made_at + DAY),
        revoked_at: None,
    }
}

#[test]
fn a_key_is_found_by_its_secret_and_comes_back_as_it_was_kept() {
    let (folder, mut credentials) = opened();
    assert!(credentials.is_empty().unwrap());
    let keys = [key("a", "amon", 1), key("b", "brandt", 2), key("c", "amon", 3)];
    for one in &keys {
        credentials.add_key(secret(&one.id), one).unwrap();
    }
    for one in &keys {
        assert_eq!(credentials.key(secret(&one.id)).unwrap().as_ref(), Some(one));
    }
    assert_eq!(credentials.key(secret("d")).unwrap(), None);
    let ids = |of: Option<&str>| -> Vec<String> {
        let of = of.map(account);
        credentials.keys(of.as_ref()).unwrap().into_iter().map(|key| key.id).collect()
    };
    assert_eq!(ids(None), ["a", "c", "b"], "by account, oldest first");
    assert_eq!(ids(Some("amon")), ["a", "c"]);
    assert!(credentials.add_key(secret("a"), &key("other", "brandt", 4)).is_err(), "a secret is one key's");
    // Another process sees the same.
    let again = Credentials::open(&folder.path().join("s.db")).unwrap();
    assert_eq!(again.key(secret("b")).unwrap().as_ref(), Some(&keys[1]));
    assert!(!again.is_empty().unwrap());
}

#[test]
fn a_key_is_taken_back_once_and_when_it_was_stays() {
    let (_folder, mut credentials) = opened();
    credentials.add_key(secret("a"), &key("a", "amon", 1)).unwrap();
    assert!(!credentials.revoke_key("b", at(5)).unwrap());
    assert!(credentials.revoke_key("a", at(5)).unwrap());
    assert!(!credentials.revoke_key("a", at(9)).unwrap());
    assert_eq!(credentials.key(secret("a")).unwrap().unwrap().revoked_at, Some(at(5)));
    assert!(credentials.is_empty().unwrap(), "what was taken back shows nothing");
}

#[test]
fn a_new_password_ends_sessions_and_forgets_failures_of_its_account_alone() {
    let (_folder, mut credentials) = opened();
    for name in ["amon", "brandt"] {
        credentials.begin_session(secret(name), &session(name, 1)).unwrap();
        credentials.note_failure(&account(name), at(2)).unwrap();
    }
    credentials.set_password(&account("amon"), "hash", at(3)).unwrap();
    assert_eq!(credentials.password(&account("amon")).unwrap().as_deref(), Some("hash"));
    assert_eq!(credentials.password(&account("brandt")).unwrap(), None);
    assert_eq!(credentials.session(secret("amon")).unwrap(), None);
    assert_eq!(credentials.failures(&account("amon")).unwrap(), None);
    assert_eq!(credentials.session(secret("brandt")).unwrap(), Some(session("brandt", 1)));
    assert_eq!(
        credentials.failures(&account("brandt")).unwrap(),
        Some(Failures { count: 1, last_at: at(2) })
    );
    credentials.set_password(&account("amon"), "another", at(4)).unwrap();
    assert_eq!(credentials.password(&account("amon")).unwrap().as_deref(), Some("another"));
}

#[test]
fn failures_are_counted_in_a_row_and_forgotten_by_a_log_in_or_a_day() {
    let (_folder, mut credentials) = opened();
    let amon = account("amon");
    for time in 1..=3 {
        credentials.note_failure(&amon, at(time)).unwrap();
    }
    assert_eq!(credentials.failures(&amon).unwrap(), Some(Failures { count: 3, last_at: at(3) }));
    credentials.begin_session(secret("s"), &session("amon", 4)).unwrap();
    assert_eq!(credentials.failures(&amon).unwrap(), None);
    credentials.note_failure(&amon, at(5)).unwrap();
    credentials.note_failure(&account("brandt"), at(6 + DAY)).unwrap();
    assert_eq!(credentials.failures(&amon).unwrap(), None, "of yesterday");
}

#[test]
fn sessions_end_by_themselves_and_are_never_seen_earlier_than_they_were() {
    let (_folder, mut credentials) = opened();
    for (name, time) in [("amon", 10), ("brandt", 20)] {
        credentials.begin_session(secret(name), &session(name, time)).unwrap();
    }
    credentials.touch_session(secret("amon"), at(50)).unwrap();
    credentials.touch_session(secret("amon"), at(30)).unwrap();
    assert_eq!(credentials.session(secret("amon")).unwrap().unwrap().seen_at, at(50));
    credentials.end_old_sessions(at(40), at(0)).unwrap();
    assert_eq!(credentials.session(secret("brandt")).unwrap(), None, "nobody used it");
    assert!(credentials.session(secret("amon")).unwrap().is_some());
    credentials.end_old_sessions(at(0), at(11)).unwrap();
    assert_eq!(credentials.session(secret("amon")).unwrap(), None, "it began too long ago");
    credentials.begin_session(secret("cole"), &session("cole", 60)).unwrap();
    credentials.end_session(secret("cole")).unwrap();
    assert_eq!(credentials.session(secret("cole")).unwrap(), None);
}

#[test]
fn whoever_is_taken_everything_has_nothing_and_the_others_have_theirs() {
    let (_folder, mut credentials) = opened();
    for name in ["amon", "brandt"] {
        credentials.set_password(&account(name), "hash", at(1)).unwrap();
        credentials.begin_session(secret(&format!("{name} session")), &session(name, 2)).unwrap();
        credentials.add_key(secret(&format!("{name} key")), &key(name, name, 3)).unwrap();
        credentials.link("https://login.example", &format!("{name}@x"), &account(name)).unwrap();
    }
    let linked =
        |credentials: &Credentials, claim: &str, issuer: &str| credentials.linked(issuer, claim).unwrap();
    assert_eq!(linked(&credentials, "amon@x", "https://login.example"), Some(account("amon")));
    assert_eq!(
        linked(&credentials, "amon@x", "https://other.example"),
        None,
        "another issuer says it of another"
    );
    credentials.revoke_all(&account("amon"), at(9)).unwrap();
    assert_eq!(credentials.password(&account("amon")).unwrap(), None);
    assert_eq!(credentials.session(secret("amon session")).unwrap(), None);
    assert_eq!(credentials.key(secret("amon key")).unwrap().unwrap().revoked_at, Some(at(9)));
    assert_eq!(linked(&credentials, "amon@x", "https://login.example"), None);
    let shown = credentials.shown().unwrap();
    let amon = shown.iter().find(|one| one.account == account("amon")).unwrap();
    assert_eq!((amon.password, amon.sessions, amon.keys, amon.identities.len()), (false, 0, 0, 0));
    let brandt = shown.iter().find(|one| one.account == account("brandt")).unwrap();
    assert_eq!((brandt.password, brandt.sessions, brandt.keys), (true, 1, 1));
    assert_eq!(brandt.identities, ["brandt@x"]);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, mut credentials) = opened();
    credentials.set_password(&account("amon"), "hash", at(1)).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}
