//! The server for a long time: writers, list updates, readers and listeners at once, and what is left of it at the end.
//!
//! In: how long. Out: a table of what was asked, answered and needed; an error where something fell short. Always holds: memory is judged after
//! a warm-up of a quarter of the time by the rule of [`Samples`]; at the end the store is opened by this process, verified, and its whole alert
//! history is made again from the ledger and compared; what was acknowledged is in it.

mod clients;
mod samples;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use lookback::{Access, Settings, Silent, Store};

use crate::machine::Machine;
use crate::phases::{Finding, Target, finding};
use crate::serve::{Server, list, program, stocked};
use crate::soak::clients::{Client, Done, Kind};
use crate::soak::samples::Samples;
use crate::table::rows_of;

const HELP: &str = "\
lookback-bench soak [--minutes N] [--entries N] [--program FILE] [--folder FOLDER]
  --minutes N      for so long (30)
  --entries N      entries of the invented list (5,000)
  --program FILE   the server (the release program of this workspace, built if need be)
  --folder FOLDER  where the store is made and left (a temporary folder, removed at the end)";

/// A sample in so many seconds.
const SAMPLE: Duration = Duration::from_secs(2);

/// So many faults are told; all are counted.
const FAULTS_TOLD: usize = 10;

struct Options {
    minutes: u64,
    entries: u64,
    program: Option<PathBuf>,
    folder: Option<PathBuf>,
}

pub(crate) fn run(mut words: impl Iterator<Item = String>) -> Result<String> {
    let mut options = Options { minutes: 30, entries: 5_000, program: None, folder: None };
    while let Some(word) = words.next() {
        let value = words.next().context(HELP)?;
        let number = || value.replace('_', "").parse::<u64>().context(HELP);
        match word.as_str() {
            "--minutes" => options.minutes = number()?.max(1),
            "--entries" => options.entries = number()?.max(100),
            "--program" => options.program = Some(value.into()),
            "--folder" => options.folder = Some(value.into()),
            _ => bail!("{HELP}"),
        }
    }
    let machine = Machine::of_this();
    let temporary = tempfile::tempdir()?;
    let folder = options.folder.as_deref().unwrap_or(temporary.path());
    let findings = soak(folder, &options)?;
    let Options { minutes, entries, .. } = options;
    let text = format!("{minutes} minutes, {entries} entries\n{machine}\n\n{}", rows_of(&findings));
    let short = |finding: &&Finding| finding.target.is_some_and(|target| !target.is_met(finding.value));
    if let Some(finding) = findings.iter().find(short) {
        bail!("{text}\nfell short: {}", finding.what);
    }
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
fn soak(folder: &Path, options: &Options) -> Result<Vec<Finding>> {
    let program = options.program.clone().map_or_else(program, Ok)?;
    let entries = list(options.entries);
    let store = stocked(folder, &entries)?;
    let server = Server::start(&program, &store, &[])?;
    let (address, over) = (server.address, AtomicBool::new(false));
    let time = Duration::from_secs(options.minutes * 60);
    let mut samples = Samples::default();
    let done = thread::scope(|scope| -> Result<Vec<(Kind, Done)>> {
        let clients: Vec<_> = Kind::all()
            .map(|kind| {
                let (entries, over) = (&entries, &over);
                (kind, scope.spawn(move || Client::new(kind, address, entries).work(over)))
            })
            .collect();
        let start = Instant::now();
        while start.elapsed() < time {
            thread::sleep(SAMPLE);
            samples.take(start.elapsed(), server.id());
        }
        over.store(true, Ordering::Relaxed);
        let joined = clients.into_iter().map(|(kind, client)| {
            let done = client.join().ok().with_context(|| format!("{} panicked", kind.word()))?;
            Ok((kind, done))
        });
        joined.collect()
    })?;
    // Listeners end with the server's answers.
    server.stop()?;
    let mut findings = told(&done);
    findings.extend(samples.findings());
    findings.extend(compared(&store, &done)?);
    Ok(findings)
}

/// What the clients met.
fn told(done: &[(Kind, Done)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for word in done.iter().map(|(kind, _)| kind.word()).collect::<BTreeSet<_>>() {
        let of_kind = || done.iter().filter(|(kind, _)| kind.word() == word).map(|(_, done)| done);
        let times = of_kind().fold(crate::stopwatch::Times::default(), |mut all, done| {
            all.add(done.times.clone());
            all
        });
        findings.push(finding(&format!("{word}: answers"), times.count() as f64, "", None));
        if times.count() > 0 {
            findings.push(finding(&format!("{word}: p99"), times.rank(99), "ms", None));
        }
    }
    let faults: Vec<&String> = done.iter().flat_map(|(_, done)| &done.faults).collect();
    for fault in faults.iter().take(FAULTS_TOLD) {
        let _ = writeln!(std::io::stderr(), "{fault}");
    }
    findings.push(finding("answers that were errors", faults.len() as f64, "", Some(Target::AtMost(0.0))));
    let events: u64 = done.iter().map(|(_, done)| done.events).sum();
    findings.push(finding("events told to listeners", events as f64, "", Some(Target::AtLeast(1.0))));
    findings
}

/// What stands at the end, held against what was acknowledged and against a history made from scratch.
fn compared(path: &Path, done: &[(Kind, Done)]) -> Result<Vec<Finding>> {
    let verified = lookback::verify(path, None)?;
    let store = Store::open(path, Access::Write, Settings::of_this_machine("bench"))?;
    let replayed = store.replay(&mut Silent)?;
    ensure!(verified.commits > 1, "nothing was written");
    let acknowledged: BTreeSet<&String> = done.iter().flat_map(|(_, done)| &done.acknowledged).collect();
    let mut there = BTreeSet::new();
    store.ledger().as_of(lookback::model::KnownAt::MAX).entities(None, &mut |version| {
        there.insert(version.record.entity.id.to_string());
        Ok(())
    })?;
    let lost = acknowledged.iter().filter(|id| !there.contains(**id)).count();
    Ok(vec![
        finding("commits", verified.commits as f64, "", None),
        finding("entities acknowledged", acknowledged.len() as f64, "", None),
        finding("of these not in the store", lost as f64, "", Some(Target::AtMost(0.0))),
        finding("changes of alerts", verified.alert_changes as f64, "", Some(Target::AtLeast(1.0))),
        finding(
            "alert histories that differ from one made from scratch",
            f64::from(u8::from(!replayed.agrees())),
            "",
            Some(Target::AtMost(0.0)),
        ),
    ])
}
