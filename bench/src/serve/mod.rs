//! The server as its clients meet it: `POST /match` over an invented list, asked from this process over loopback.
//!
//! In: how many entries, connections, seconds; the address of another server with the same interface, if one is there. Out: requests a second
//! and times of answers beside their targets. The server is the release program as a process of its own; it shares the cores with this one.

mod http;
mod load;
mod process;

pub(crate) use http::{Connection, request};
pub(crate) use process::{Server, program};

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lookback::invented::{Random, Variation, population, vary};
use lookback::model::{DatasetName, Entity, Role};
use lookback::{Format, IngestOptions, Settings, Silent, Store};
use serde_json::{Value, json};

use crate::machine::{Machine, processor_seconds};
use crate::phases::{Finding, Target, finding};
use crate::serve::load::{Answered, Load};
use crate::table::rows_of;

const HELP: &str = "\
lookback-bench serve [--entries N] [--connections N] [--seconds N] [--program FILE] [--folder FOLDER]
  --entries N      entries of the invented list (15,000)
  --connections N  connections that ask at once (16)
  --seconds N      for so long (20)
  --program FILE   the server (the release program of this workspace, built if need be)
  --folder FOLDER  where the store is made and left (a temporary folder, removed at the end)";

/// The list.
pub(crate) const DATASET: &str = "watch";
const SEED: u64 = 15;
const SEED_OF_STRANGERS: u64 = 16;
/// Requests before anything is measured.
const WARM_UP: Duration = Duration::from_secs(2);

/// Just below the 900 connections that the server takes.
const CROWD: Load = Load { connections: 800, time: Duration::from_secs(10) };
/// A connection, its request and its answer are some 100 KiB each.
const CROWD_MIB: u64 = 160;

struct Options {
    entries: u64,
    load: Load,
    program: Option<PathBuf>,
    folder: Option<PathBuf>,
}

pub(crate) fn run(mut words: impl Iterator<Item = String>) -> Result<String> {
    let load = Load { connections: 16, time: Duration::from_secs(20) };
    let mut options = Options { entries: 15_000, load, program: None, folder: None };
    while let Some(word) = words.next() {
        let value = words.next().context(HELP)?;
        let number = || value.replace('_', "").parse::<u64>().context(HELP);
        match word.as_str() {
            "--entries" => options.entries = number()?,
            "--connections" => options.load.connections = usize::try_from(number()?.max(1))?,
            "--seconds" => options.load.time = Duration::from_secs(number()?),
            "--program" => options.program = Some(value.into()),
            "--folder" => options.folder = Some(value.into()),
            _ => bail!("{HELP}"),
        }
    }
    let machine = Machine::of_this();
    let temporary = tempfile::tempdir()?;
    let folder = options.folder.as_deref().unwrap_or(temporary.path());
    let findings = measure(folder, &options)?;
    Ok(format!(
        "{} entries, {} connections\n{machine}\n\n{}",
        options.entries,
        options.load.connections,
        rows_of(&findings)
    ))
}

fn measure(folder: &Path, options: &Options) -> Result<Vec<Finding>> {
    let program = options.program.clone().map_or_else(program, Ok)?;
    let list = list(options.entries);
    let store = stocked(folder, &list)?;
    let requests = requests(&list)?;
    // What is shed is logged as a warning, a line each: the writing of it is not what is measured.
    let server = Server::start(&program, &store, &["--log-level", "error"])?;
    load::drive(server.address, &requests, Load { time: WARM_UP, ..options.load })?;
    let (before, ours_before) = (server.cost().1, processor_seconds());
    let answered = load::drive(server.address, &requests, options.load)?;
    let (memory, after) = server.cost();
    let ours = processor_seconds() - ours_before;
    let crowded = crowd(&server, &requests, memory)?;
    server.stop()?;
    let Answered { times, refused, found, .. } = &answered;
    let answers = times.count() as f64;
    let mut findings = vec![
        finding(
            "POST /match, one query a request: requests a second",
            answered.a_second(),
            "/s",
            Some(Target::AtLeast(5_000.0)),
        ),
        finding("time of an answer: p50", times.rank(50), "ms", None),
        finding("time of an answer: p99", times.rank(99), "ms", Some(Target::AtMost(10.0))),
        finding("time of an answer: slowest", times.rank(100), "ms", None),
        finding("answers", answers, "", None),
        finding("of these not 200", *refused as f64, "", Some(Target::AtMost(0.0))),
        finding("of these with a result", *found as f64, "", None),
        finding("processor time of the server, a request", (after - before) / answers * 1e6, "µs", None),
        finding("processor time of the generator, a request", ours / answers * 1e6, "µs", None),
        finding("memory of the server", memory as f64, "MiB", None),
    ];
    findings.extend(crowded);
    Ok(findings)
}

/// What many more than the server can answer do to it: half of them ask about names, half for alerts.
fn crowd(server: &Server, requests: &[Vec<u8>], before: u64) -> Result<Vec<Finding>> {
    let alerts = request("GET", "/v1/alerts?limit=50", "");
    let asked: Vec<Vec<u8>> =
        requests.iter().flat_map(|request| [request.clone(), alerts.clone()]).take(requests.len()).collect();
    let over = AtomicBool::new(false);
    let (answered, most) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = before;
            while !over.load(Ordering::Relaxed) {
                most = most.max(server.cost().0);
                std::thread::sleep(Duration::from_millis(20));
            }
            most
        });
        let answered = load::drive(server.address, &asked, CROWD);
        over.store(true, Ordering::Relaxed);
        (answered, watch.join())
    });
    let (answered, most) = (answered?, most.ok().context("looking at memory panicked")?);
    let faults = answered.refused - answered.come_back;
    Ok(vec![
        finding("800 connections at once: answers a second", answered.a_second(), "/s", None),
        finding("of these told to come back (503)", answered.come_back as f64, "", None),
        finding("of these neither that nor 200", faults as f64, "", Some(Target::AtMost(0.0))),
        finding(
            "memory of the server, most meanwhile",
            most as f64,
            "MiB",
            Some(Target::AtMost((before + CROWD_MIB) as f64)),
        ),
    ])
}

/// Invented list entries as FollowTheMoney entities.
pub(crate) fn list(entries: u64) -> Vec<Value> {
    let listed = population(SEED, entries).map(|person| {
        let mut entity = person.to_ftm();
        entity["id"] = format!("entry-{}", person.id).into();
        entity["properties"]["topics"] = json!(["sanction"]);
        entity
    });
    listed.collect()
}

/// A store with the list in it.
pub(crate) fn stocked(folder: &Path, list: &[Value]) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (file, path) = (folder.join("list.ftm.json"), folder.join("serve.store"));
    let mut text = String::new();
    list.iter().try_for_each(|entity| writeln!(text, "{entity}"))?;
    std::fs::write(&file, text)?;
    let mut store = Store::create(&path, Settings::of_this_machine("bench"))?;
    let (dataset, role, format) = (DatasetName::new(DATASET), Some(Role::List), Some(Format::Ftm));
    store.ingest(
        &[file],
        &IngestOptions { dataset, role, format, ..IngestOptions::default() },
        &mut Silent,
    )?;
    Ok(path)
}

/// As those ask who screen customers: half are strangers to the list, a quarter is on it, a quarter is on it under a name with one slip.
fn requests(list: &[Value]) -> Result<Vec<Vec<u8>>> {
    let mut random = Random::new(SEED);
    let mut requests = Vec::new();
    let strangers = population(SEED_OF_STRANGERS, list.len() as u64).map(|person| person.to_ftm());
    for (number, (listed, stranger)) in list.iter().zip(strangers).enumerate() {
        let asked = match number % 4 {
            0 | 1 => stranger,
            2 => listed.clone(),
            _ => misspelt(listed, &mut random)?,
        };
        let mut properties = asked["properties"].clone();
        if let Value::Object(properties) = &mut properties {
            properties.retain(|name, _| ["name", "birthDate"].contains(&name.as_str()));
        }
        let body = json!({ "queries": { "q": { "schema": "Person", "properties": properties } } });
        requests.push(request("POST", &format!("/match/{DATASET}"), &body.to_string()));
    }
    Ok(requests)
}

fn misspelt(listed: &Value, random: &mut Random) -> Result<Value> {
    let entity: Entity = serde_json::from_value(listed.clone())?;
    let name = entity.first("name").context("every invented person has a name")?;
    let slip = vary(name, Variation::OneTypo, random).unwrap_or_else(|| name.to_owned());
    let mut asked = listed.clone();
    asked["properties"]["name"] = json!([slip]);
    Ok(asked)
}
