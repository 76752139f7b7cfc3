//! Others' answers to one question of the benchmark: whom does the facilitator reach within four hops?
//!
//! In: the size of a graph, a Python. Out: an answer of each, or that it is not installed. They are called through
//! `bench/network_peers.py`, one process each, over the columns of the same graph; Raphtory over a smaller one, as it takes a thousand
//! times as long. What an answer knows of time decides how many persons it should have.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::graph::{Graph, Size};
use crate::machine::peak_mib;
use crate::table::{aligned, grouped, number};

/// The script, as it was when this was compiled.
const SCRIPT: &str = include_str!("../../network_peers.py");
/// The graph that Raphtory gets.
const SMALLER: u32 = 100_000;

/// The largest graph that the others get: at ten times as many persons some need more memory than most machines have.
const LARGEST: u32 = 1_000_000;

/// Who is asked about the graph.
const PEERS: [&str; 3] = ["numpy", "igraph", "duckdb"];
/// Who is asked about the smaller one.
const PEERS_OF_SMALLER: [&str; 2] = ["numpy", "raphtory"];

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    who: String,
    persons: u32,
    told: Told,
}

/// What a peer told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Told {
    Measured(Measured),
    Missing { missing: String },
}

/// What the script prints of a peer that is there.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Measured {
    version: String,
    knows: String,
    build_s: f64,
    reach_ms: f64,
    persons: u32,
    planted: u32,
    peak_mib: u64,
}

impl Answer {
    /// The network's own.
    pub(super) fn ours(persons: u32, built: Duration, reach_ms: f64, reached: usize, planted: usize) -> Self {
        let measured = Measured {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            knows: "intervals".to_owned(),
            build_s: built.as_secs_f64(),
            reach_ms,
            persons: reached as u32,
            planted: planted as u32,
            peak_mib: peak_mib(),
        };
        Self { who: "lookback".to_owned(), persons, told: Told::Measured(measured) }
    }

    /// How many of those that were moved are among its persons.
    #[cfg(test)]
    pub(super) fn planted(&self) -> u32 {
        match &self.told {
            Told::Measured(measured) => measured.planted,
            Told::Missing { .. } => 0,
        }
    }

    fn cells(&self) -> Vec<String> {
        let persons = grouped(self.persons.into());
        match &self.told {
            Told::Missing { missing } => {
                vec![format!("{}: {missing} is not installed", self.who), persons]
            }
            Told::Measured(measured) => vec![
                format!("{} {}", self.who, measured.version),
                persons,
                measured.knows.clone(),
                number(measured.build_s),
                number(measured.reach_ms),
                grouped(measured.persons.into()),
                measured.planted.to_string(),
                grouped(measured.peak_mib),
            ],
        }
    }
}

/// The sizes of the two graphs that the others get, the slowest the second.
pub(super) fn sizes(size: Size) -> [Size; 2] {
    let at_most = |most: u32| match size.persons.min(most) {
        persons if persons == size.persons => size,
        persons => Size { persons, observations: persons * 5, ..size },
    };
    [at_most(LARGEST), at_most(SMALLER)]
}

/// The answers of all peers that the Python has.
pub(super) fn answers(size: Size, python: &Path) -> Result<Vec<Answer>> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("network_peers.py");
    fs::write(&script, SCRIPT)?;
    let mut answers = Vec::new();
    for (size, peers) in sizes(size).into_iter().zip([&PEERS[..], &PEERS_OF_SMALLER]) {
        Graph::of(size).write_columns(folder.path())?;
        for peer in peers {
            let _ = writeln!(std::io::stderr(), "{peer}, {} persons …", size.persons);
            let told = ask(python, &script, folder.path(), peer);
            answers.push(Answer { who: (*peer).to_owned(), persons: size.persons, told: told? });
        }
    }
    Ok(answers)
}

fn ask(python: &Path, script: &Path, folder: &Path, peer: &str) -> Result<Told> {
    let output = Command::new(python).arg(script).arg(folder).arg(peer).output();
    let Ok(output) = output else {
        return Ok(Told::Missing { missing: python.display().to_string() });
    };
    let told = || String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{peer} did not come to its end: {}", told());
    serde_json::from_slice(&output.stdout).with_context(|| format!("reading what {peer} told"))
}

/// The answers under each other.
pub(super) fn text(answers: &[Answer]) -> String {
    let head = [
        "whom person 0 reaches in 4 hops",
        "persons",
        "time",
        "ready, s",
        "answer, ms",
        "reached",
        "of 400",
        "MiB",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(answers.iter().map(Answer::cells));
    aligned(&rows)
}
