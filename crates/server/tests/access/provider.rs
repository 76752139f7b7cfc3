//! Log-in by an identity provider: a real one from the Python index, in a process of its own on this machine.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use lookback::model::AccountName;
use lookback_server::{Oidc, Secret, Terms};

use crate::served::{Answer, Served, send, served_today};

/// The version that the tests were made with.
const PROVIDER: &str = "oidc-provider-mock==0.3.4";

struct Provider {
    process: Child,
    at: SocketAddr,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The provider, installed where builds keep their files; `None`, saying so, where it cannot be.
fn provider() -> Option<Provider> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc-provider");
    let program = folder.join("bin/oidc-provider-mock");
    if !program.is_file() {
        let quietly = |program: &Path, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let made = quietly(Path::new("python3"), &["-m", "venv", folder.to_str().unwrap()])
            && quietly(&folder.join("bin/pip"), &["install", PROVIDER]);
        if !made {
            println!("SKIPPED (no oidc-provider-mock): log-in by an identity provider");
            return None;
        }
    }
    let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new(program);
    command.args(["--port", &at.port().to_string(), "--require-nonce", "true"]);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut provider = Provider { process, at };
    while TcpStream::connect(at).is_err() {
        assert!(provider.process.try_wait().unwrap().is_none(), "the provider ended");
        thread::sleep(Duration::from_millis(50));
    }
    Some(provider)
}

fn desk(provider: &Provider) -> Served {
    let issuer = format!("http://{}", provider.at);
    let secret = Some(Secret::shown("shown to the provider"));
    let oidc = Oidc { issuer: issuer.clone(), client: "desk".to_owned(), secret, claim: "sub".to_owned() };
    let served = served_today(Terms { oidc: Some(oidc), ..Terms::default() });
    for (account, claim) in [("reader", "248"), ("closed-long-ago", "250")] {
        served.keeper().link(&issuer, claim, &AccountName::new(account).unwrap()).unwrap();
    }
    served
}

/// Begins a log-in and lets the provider say who somebody is: what leads back, and the cookie of the browser.
fn vouched(served: &Served, provider: &Provider, sub: &str) -> (String, String) {
    let begun = served.ask("GET /v1/session/oidc", &[], "");
    assert_eq!(begun.status, 302, "{}", begun.body);
    let cookie = begun.header("set-cookie")[0];
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    let page =
        begun.header("location")[0].strip_prefix(&format!("http://{}", provider.at)).unwrap().to_owned();
    for part in ["code_challenge_method=S256", "nonce=", "state=", "response_type=code"] {
        assert!(page.contains(part), "{page}");
    }
    let body = format!("sub={sub}");
    let request = format!(
        "POST {page} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{body}",
        provider.at,
        body.len()
    );
    let answer = send(provider.at, request.as_bytes());
    assert_eq!(answer.status, 302, "{}", answer.body);
    let back = answer.header("location")[0].strip_prefix("http://localhost").unwrap().to_owned();
    (back, begun.cookie().unwrap())
}

fn come_back(served: &Served, back: &str, cookie: &str) -> Answer {
    served.ask(&format!("GET {back}"), &[("cookie", cookie)], "")
}

#[test]
fn whom_the_provider_names_gets_the_account_that_was_linked() {
    let Some(provider) = provider() else { return };
    let served = desk(&provider);
    let (back, browser) = vouched(&served, &provider, "248");
    let answer = come_back(&served, &back, &browser);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let session = answer.cookie().unwrap();
    assert!(session.starts_with("lookback=") && answer.header("set-cookie")[0].contains("SameSite=Strict"));
    let me = served.ask("GET /v1/session", &[("cookie", &session)], "").json();
    assert_eq!((me["account"].as_str(), me["proof"].as_str()), (Some("reader"), Some("session")));
    assert_eq!(come_back(&served, &back, &browser).status, 401, "it leads back once");
}

#[test]
fn who_was_not_linked_or_did_not_begin_here_is_not_let_in() {
    let Some(provider) = provider() else { return };
    let served = desk(&provider);
    for sub in ["249", "reader", "250"] {
        let (back, browser) = vouched(&served, &provider, sub);
        let answer = come_back(&served, &back, &browser);
        assert_eq!((answer.status, answer.cookie()), (401, None), "{sub}");
    }
    // The link that another browser was given, as when somebody is made to log in as somebody else.
    let (back, _) = vouched(&served, &provider, "248");
    assert_eq!(served.ask(&format!("GET {back}"), &[], "").status, 401);
    let (back, _) = vouched(&served, &provider, "248");
    let (_, other) = vouched(&served, &provider, "248");
    assert_eq!(come_back(&served, &back, &other).status, 401);
    let (back, browser) = vouched(&served, &provider, "248");
    let unknown = back.replace("state=", "state=0");
    assert_eq!(come_back(&served, &unknown, &browser).status, 401);
    assert_eq!(come_back(&served, &format!("{back}&iss=https://evil.example"), &browser).status, 401);
    let (back, browser) = vouched(&served, &provider, "248");
    let code = back.split(['?', '&']).find(|part| part.starts_with("code=")).unwrap();
    let other_code = back.replace(code, "code=guessed");
    let answer = come_back(&served, &other_code, &browser);
    assert_eq!((answer.status, answer.cookie()), (502, None), "the provider knows no such code");
    let denied = back.replace(code, "error=access_denied");
    assert_eq!(come_back(&served, &denied, &browser).status, 401);
}

#[test]
fn a_provider_that_is_not_who_it_was_said_to_be_is_not_asked() {
    let Some(provider) = provider() else { return };
    let with = |issuer: String| {
        let oidc = Oidc { issuer, client: "desk".to_owned(), secret: None, claim: "sub".to_owned() };
        served_today(Terms { oidc: Some(oidc), ..Terms::default() })
    };
    for issuer in [
        format!("http://{}/", provider.at),
        "http://203.0.113.7".to_owned(),
        "http://127.0.0.1:1".to_owned(),
        "no address".to_owned(),
    ] {
        assert_eq!(with(issuer.clone()).ask("GET /v1/session/oidc", &[], "").status, 502, "{issuer}");
    }
    let none = served_today(Terms::default());
    assert_eq!(none.ask("GET /v1/session/oidc", &[], "").status, 404);
}
