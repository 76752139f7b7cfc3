//! Who asks while it lasts: each a thread with a connection of its own, at a pace that leaves the machine some room.
//!
//! Always holds: ids come round again after a while, so that what is in force stays as much as it was, and only the ledger grows; what was
//! acknowledged is told at the end.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lookback::invented::{Random, Variation, person, vary};
use serde_json::{Value, json};

use crate::serve::{Connection, DATASET, request};
use crate::stopwatch::Times;

/// What a client does, over and over.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Brings subjects in, twenty at a time.
    Subjects,
    /// Brings changed entries of the list in, twenty at a time.
    Updates,
    Match,
    Search,
    Alerts,
    Queue,
    /// Listens to what happens.
    Listens,
}

/// Subjects come round after so many.
const SUBJECTS: u64 = 2_000;
const SUBJECTS_AT_ONCE: u64 = 20;
const ENTRIES_AT_ONCE: usize = 20;
/// One subject in so many is somebody of the list.
const LISTED: u64 = 40;
const SEED: u64 = 23;
/// More than any answer is waited for; a listener looks so often whether it is over.
const LISTEN: Duration = Duration::from_secs(1);

impl Kind {
    /// All clients.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        use Kind::{Alerts, Listens, Match, Queue, Search, Subjects, Updates};
        [Subjects, Updates, Match, Match, Match, Match, Search, Alerts, Queue, Listens, Listens].into_iter()
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Subjects => "POST /v1/ingest, subjects",
            Self::Updates => "POST /v1/ingest, list",
            Self::Match => "POST /match",
            Self::Search => "GET /search",
            Self::Alerts => "GET /v1/alerts",
            Self::Queue => "GET /v1/queue",
            Self::Listens => "GET /v1/events",
        }
    }

    /// How long it rests between two requests.
    fn rest(self) -> Duration {
        Duration::from_millis(match self {
            Self::Updates => 2_000,
            Self::Match => 10,
            Self::Search => 40,
            Self::Subjects | Self::Alerts | Self::Queue => 500,
            Self::Listens => 0,
        })
    }
}

/// What a client met.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) times: Times,
    /// Answers that were none, or not 200: what came.
    pub(crate) faults: Vec<String>,
    pub(crate) acknowledged: BTreeSet<String>,
    pub(crate) events: u64,
}

pub(crate) struct Client<'a> {
    kind: Kind,
    address: SocketAddr,
    entries: &'a [Value],
    random: Random,
    turn: u64,
    done: Done,
}

impl<'a> Client<'a> {
    pub(crate) fn new(kind: Kind, address: SocketAddr, entries: &'a [Value]) -> Self {
        Self { kind, address, entries, random: Random::new(SEED), turn: 0, done: Done::default() }
    }

    /// Works until it is over.
    pub(crate) fn work(mut self, over: &AtomicBool) -> Done {
        while !over.load(Ordering::Relaxed) {
            let worked = match self.kind {
                Kind::Listens => self.listen(over),
                _ => self.ask(over),
            };
            if let Err(error) = worked {
                self.done.faults.push(format!("{}: {error:#}", self.kind.word()));
                sleep(LISTEN);
            }
        }
        self.done
    }

    /// Asks over one connection until it is over or the connection is.
    #[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
    fn ask(&mut self, over: &AtomicBool) -> Result<()> {
        let mut connection = Connection::open(self.address)?;
        while !over.load(Ordering::Relaxed) {
            let (request, ids) = self.next()?;
            let start = Instant::now();
            let answer = connection.ask(&request)?;
            self.done.times.note(start.elapsed());
            if answer.status == 200 {
                self.done.acknowledged.extend(ids);
            } else {
                let said = String::from_utf8_lossy(&answer.body).into_owned();
                self.done.faults.push(format!("{}: {} {said}", self.kind.word(), answer.status));
            }
            sleep(self.kind.rest());
        }
        Ok(())
    }

    /// The next request, and the ids that it brings in.
    fn next(&mut self) -> Result<(Vec<u8>, Vec<String>)> {
        self.turn += 1;
        let get = |target: &str| (request("GET", target, ""), Vec::new());
        Ok(match self.kind {
            Kind::Subjects => self.subjects(),
            Kind::Updates => self.updates()?,
            Kind::Match => {
                let entity = self.somebody();
                let properties = json!({ "name": entity["properties"]["name"] });
                let body = json!({ "queries": { "q": { "schema": "Person", "properties": properties } } });
                (request("POST", &format!("/match/{DATASET}"), &body.to_string()), Vec::new())
            }
            Kind::Search => {
                let entity = self.somebody();
                let name = entity["properties"]["name"][0].as_str().context("everybody has a name")?;
                let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
                let word = name.split_whitespace().find(plain).unwrap_or("veska");
                get(&format!("/search/{DATASET}?limit=5&q={word}"))
            }
            Kind::Alerts => get("/v1/alerts?limit=50"),
            Kind::Queue => get("/v1/queue?limit=50"),
            Kind::Listens => get("/v1/events"),
        })
    }

    /// Somebody of the list, or nobody known.
    fn somebody(&mut self) -> Value {
        if self.random.chance(500) {
            self.random.choose(self.entries).clone()
        } else {
            person(SEED, SUBJECTS + self.random.below(100_000)).to_ftm()
        }
    }

    fn subjects(&mut self) -> (Vec<u8>, Vec<String>) {
        let (mut rows, mut ids) = (String::new(), Vec::new());
        for number in (0..SUBJECTS_AT_ONCE).map(|n| (self.turn * SUBJECTS_AT_ONCE + n) % SUBJECTS) {
            let mut subject = person(SEED, number).to_ftm();
            if number.is_multiple_of(LISTED) {
                let entry = &self.entries[number as usize % self.entries.len()];
                subject["properties"] = entry["properties"].clone();
                subject["properties"]["topics"] = json!([]);
            }
            let id = format!("subject-{number}");
            subject["id"] = id.clone().into();
            // What is said of them changes each time round.
            subject["properties"]["notes"] =
                json!([format!("turn {}", self.turn * SUBJECTS_AT_ONCE / SUBJECTS)]);
            let _ = writeln!(rows, "{subject}");
            ids.push(id);
        }
        (request("POST", "/v1/ingest?dataset=counter&role=population&format=ftm", &rows), ids)
    }

    /// Entries under another spelling, or as they were.
    fn updates(&mut self) -> Result<(Vec<u8>, Vec<String>)> {
        let (mut rows, mut ids) = (String::new(), Vec::new());
        for n in 0..ENTRIES_AT_ONCE {
            let at = (self.turn as usize * ENTRIES_AT_ONCE + n * 7) % self.entries.len();
            let mut entry = self.entries[at].clone();
            let name = entry["properties"]["name"][0].as_str().context("every entry has a name")?;
            if self.turn.is_multiple_of(2)
                && let Some(slip) = vary(name, Variation::OneTypo, &mut self.random)
            {
                entry["properties"]["name"] = json!([slip]);
            }
            ids.push(entry["id"].as_str().context("every entry has an id")?.to_owned());
            let _ = writeln!(rows, "{entry}");
        }
        Ok((request("POST", &format!("/v1/ingest?dataset={DATASET}&role=list&format=ftm"), &rows), ids))
    }

    /// Listens to one stream until it is over or the stream ends, which it does after a quarter of an hour.
    fn listen(&mut self, over: &AtomicBool) -> Result<()> {
        let mut stream = TcpStream::connect(self.address).context("connecting")?;
        stream.set_read_timeout(Some(LISTEN))?;
        stream.write_all(&request("GET", "/v1/events", ""))?;
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        while !over.load(Ordering::Relaxed) {
            match lines.read_until(b'\n', &mut line) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error)
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) =>
                {
                    continue;
                }
                Err(error) => return Err(error).context("listening"),
            }
            if line.starts_with(b"HTTP/1.1 ") && !line.starts_with(b"HTTP/1.1 200") {
                let said = String::from_utf8_lossy(&line).trim().to_owned();
                self.done.faults.push(format!("{}: {said}", self.kind.word()));
            }
            self.done.events += u64::from(line.starts_with(b"event:"));
            line.clear();
        }
        Ok(())
    }
}
