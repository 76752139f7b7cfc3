//! A server over an invented list, and requests as bytes.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lookback::model::{DatasetName, Proof, Role};
use lookback::{Error, Format, IngestOptions, Settings, Silent, Store};
use lookback_server::{Caller, Options, Service};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(crate) const LIST: &str = "{\"id\":\"e1\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Orlan Veska\"],\"topics\":[\"sanction\"]}}\n";
pub(crate) const QUERY: &str =
    r#"{"queries":{"q":{"schema":"Person","properties":{"name":["Orlan Veska"]}}}}"#;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn settings() -> Settings {
    Settings::of_this_machine("tester")
}

pub(crate) fn somebody() -> Caller {
    Caller { account: "tester".into(), proof: Proof::Asserted, purpose: "test".into(), break_glass: None }
}

/// How a whole version of the list is ingested.
pub(crate) fn list_options() -> IngestOptions {
    let (dataset, role, format) = (DatasetName::new("watch"), Some(Role::List), Some(Format::Ftm));
    IngestOptions { dataset, role, format, ..IngestOptions::default() }
}

/// A store with a list in it.
pub(crate) fn stocked(folder: &Path, list: &str) -> PathBuf {
    let (path, file) = (folder.join("s.db"), folder.join("list.jsonl"));
    std::fs::write(&file, list).unwrap();
    let mut store = Store::create(&path, settings()).unwrap();
    store.ingest(&[file], &list_options(), &mut Silent).unwrap();
    path
}

/// A server in this process.
pub(crate) struct Served {
    pub(crate) folder: TempDir,
    pub(crate) at: SocketAddr,
    pub(crate) service: Service,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(set: impl FnOnce(&mut Options)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut options = Options::of(stocked(folder.path(), LIST), settings());
        options.readers = 2;
        set(&mut options);
        let service = Service::open(options).unwrap();
        let (told, at) = channel();
        let (stop, stopped) = oneshot::channel();
        let served = service.clone();
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                let stop = async move { drop(stopped.await) };
                lookback_server::serve(listener, served, stop).await.unwrap();
            });
        });
        let at = at.recv().unwrap();
        Self { folder, at, service, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("s.db")
    }

    /// Asks the server to end and waits until it has.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Ingests entries into the list, as a request would.
    pub(crate) fn put(&self, name: &str, lines: &str) -> Result<u64, lookback_server::Problem> {
        let file = self.folder.path().join(name);
        std::fs::write(&file, lines).unwrap();
        self.change(move |store| {
            let report = store.ingest(&[file], &list_options(), &mut Silent)?;
            Ok(report.commits.last().map_or(0, |commit| commit.seq))
        })
    }

    pub(crate) fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, lookback_server::Problem> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.service.change(&somebody(), change))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub(crate) fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn request(line: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// What came back: status, head, body.
pub(crate) struct Answer(pub(crate) u16, pub(crate) String, pub(crate) String);

/// Sends one request as it stands and reads the answer to its end.
pub(crate) fn ask(at: SocketAddr, line: &str, body: &str) -> Answer {
    try_ask(at, line, body).unwrap()
}

pub(crate) fn try_ask(at: SocketAddr, line: &str, body: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request(line, body).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(cut)?;
    Ok(Answer(status, head.to_owned(), body.to_owned()))
}

/// Tries until it holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: not within half a minute");
}
