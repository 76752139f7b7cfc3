//! Step `requests`: schemathesis makes requests of the server's own descriptions and holds the answers against them.
//!
//! In: minutes. Out: its reports on the terminal and under `target/xtask/requests/`. Always holds: the server is the release program over
//! an invented store; it is asked as an administrator with a session, as a reviewer and as an auditor with keys; an answer of 5xx, of an
//! undescribed status or media type, or of another form than described is a failure; so is a credential that was lost on the way.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::run::{answers, cargo, command, output, run, run_copying};
use crate::workspace::Workspace;

/// The version that the descriptions were made to pass.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      response_headers_conformance,unsupported_method,allow_header_conformance";
/// What has no end, or takes from whoever asks what they ask with.
const LEFT_OUT: [&str; 5] = [
    "GET /v1/events",
    "DELETE /v1/session",
    "DELETE /v1/keys/{key}",
    "DELETE /v1/accounts/{account}/credentials",
    "PUT /v1/accounts/{account}/password",
];
const PASSWORD: &str = "an invented password";
const YENTE: &str = "/openapi.json";
const OWN: &str = "/v1/openapi.json";
/// Before a release.
const MINUTES: u64 = 20;

pub(crate) fn step(workspace: &Workspace) -> Result<()> {
    requests(workspace, MINUTES)
}

pub(crate) fn requests(workspace: &Workspace, minutes: u64) -> Result<()> {
    run(&mut cargo(workspace, &["build", "--release", "--quiet", "--package", "lookback-cli"]))?;
    let folder = workspace.scratch()?.join("requests");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let schemathesis = installed(workspace)?;
    let desk = Desk::new(workspace, &folder)?;
    let (reviewer, auditor) = (desk.key("reviewer")?, desk.key("auditor")?);
    let server = Server::start(&desk)?;
    let administrator = server.session()?;
    let who = [
        ("administrator", &administrator, OWN),
        ("administrator", &administrator, YENTE),
        ("reviewer", &reviewer, OWN),
        ("reviewer", &reviewer, YENTE),
        ("auditor", &auditor, OWN),
    ];
    let seconds = (minutes * 60 / who.len() as u64).max(1).to_string();
    let mut failed = Vec::new();
    for (name, headers, description) in who {
        println!("\n-- {description} as {name}");
        let url = format!("http://{}{description}", server.address);
        let mut asks = Command::new(&schemathesis);
        asks.args(["run", &url, "--max-time", &seconds, "--checks", CHECKS, "--continue-on-failure"]);
        asks.args(["--no-color"]).current_dir(&folder).stdin(Stdio::null());
        for header in headers {
            asks.args(["--header", header]);
        }
        if description == OWN {
            for operation in LEFT_OUT {
                asks.args(["--exclude-name", operation]);
            }
        }
        let report = folder.join(format!("{name}{}.txt", description.replace('/', "-")));
        if run_copying(&mut asks, &report).is_err() {
            failed.push(report.display().to_string());
        }
        let status = server.ask("GET", "/v1/session", headers, "")?.0;
        ensure!(status == 200, "{name} is not known any more after {description}: {status}");
    }
    ensure!(failed.is_empty(), "answers were not as described: {}", failed.join(", "));
    Ok(())
}

/// The program, in an environment of its own under `target/`.
fn installed(workspace: &Workspace) -> Result<PathBuf> {
    let venv = workspace.scratch()?.join("schemathesis");
    let (program, pip) = (venv.join("bin").join("schemathesis"), venv.join("bin").join("pip"));
    if !answers(Command::new(&program).arg("--version")) {
        let venv = venv.to_str().context("the path of the checkout is no UTF-8")?;
        run(&mut command(workspace, "python3", &["-m", "venv", venv]))?;
        run(Command::new(pip).args(["install", "--quiet", SCHEMATHESIS]))?;
    }
    Ok(program)
}

/// An invented store with accounts.
struct Desk {
    program: PathBuf,
    store: PathBuf,
}

impl Desk {
    fn new(workspace: &Workspace, folder: &Path) -> Result<Self> {
        let target = workspace.scratch()?.parent().context("target/xtask is below target/")?.to_owned();
        let desk = Self { program: target.join("release").join("lookback"), store: folder.join("desk.db") };
        desk.says(&["demo", "--people", "400", "--seed", "7"])?;
        for (account, roles) in [
            ("administrator", &["administrator"][..]),
            ("reviewer", &["analyst_l1", "analyst_l2", "approver", "list_manager"]),
            ("auditor", &["auditor"]),
        ] {
            let person = format!("staff-{account}");
            let mut words = vec!["account", "open", account, "--person", &person];
            words.extend(roles.iter().flat_map(|role| ["--role", role]));
            desk.says(&words)?;
        }
        let mut password = desk.command(&["access", "password", "administrator"]);
        let mut child = password.stdin(Stdio::piped()).spawn().context("setting a password")?;
        writeln!(child.stdin.take().context("its input is piped")?, "{PASSWORD}")?;
        ensure!(child.wait()?.success(), "the password was not taken");
        Ok(desk)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).arg("--store").arg(&self.store).args(["--actor", "administrator"]);
        command
    }

    fn says(&self, words: &[&str]) -> Result<String> {
        output(&mut self.command(words))
    }

    /// The headers by which an account shows its key.
    fn key(&self, account: &str) -> Result<Vec<String>> {
        let secret =
            self.says(&["access", "key", account, "--label", "requests", "--default-purpose", "trying"])?;
        Ok(vec![format!("Authorization: ApiKey {}", secret.trim())])
    }
}

/// The program, serving on a port of its own until this is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(desk: &Desk) -> Result<Self> {
        let log = File::create(desk.store.with_extension("log"))?;
        let mut serve = desk.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn().context("starting the server")?;
        let mut out = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut server = Self { child, address: String::new() };
        let mut line = String::new();
        while server.address.is_empty() {
            line.clear();
            ensure!(out.read_line(&mut line)? > 0, "the server did not say where it listens");
            if let Some((_, address)) = line.trim().split_once("http://") {
                address.clone_into(&mut server.address);
            }
        }
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Ok(server)
    }

    /// Logs the administrator in: the headers of the session.
    fn session(&self) -> Result<Vec<String>> {
        let body = format!(r#"{{"account":"administrator","password":"{PASSWORD}","purpose":"trying"}}"#);
        let (status, head, body) = self.ask("POST", "/v1/session", &[], &body)?;
        ensure!(status == 200, "the administrator could not log in: {body}");
        let after = |text: &str, word: &str, end: char| -> Result<String> {
            let (_, rest) = text.split_once(word).with_context(|| format!("no {word} in the answer"))?;
            Ok(rest.split(end).next().unwrap_or_default().to_owned())
        };
        let cookie = after(&head, "set-cookie: ", ';')?;
        let token = after(&body, r#""csrf_token":""#, '"')?;
        Ok(vec![format!("Cookie: {cookie}"), format!("x-csrf-token: {token}")])
    }

    /// Sends one request: status, head, body.
    fn ask(&self, method: &str, path: &str, headers: &[String], body: &str) -> Result<(u16, String, String)> {
        let mut stream = TcpStream::connect(&self.address).context("connecting")?;
        let (address, length) = (&self.address, body.len());
        let headers: String = headers.iter().flat_map(|header| [header.as_str(), "\r\n"]).collect();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { bail!("the server did not answer") };
        let status = head.get(9..12).and_then(|status| status.parse().ok()).context("no status")?;
        Ok((status, head.to_owned(), body.to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After an error there is nothing to tell of the end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
