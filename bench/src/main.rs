//! What the product promises, measured, as tables that anybody can have again: the speed and the memory of the main path, and how good
//! the comparison of names is (`names`) and a search by name (`retrieval`); how fast the network answers, beside others (`network`); how fast
//! alerts are reviewed (`review`); how good the forecast of a backlog is (`forecast`); how many clients the server answers (`serve`), and how long (`soak`).
//!
//! In: how many invented subjects, a list; or labelled names. Out: a table of what was measured, each number beside its target, on
//! standard output. Always holds: every number of speed of the main path comes from the façade that all programs use, with durable commits; every phase runs in a process of
//! its own, so that a peak of memory belongs to one phase; nothing here passes or fails because of a time.

mod args;
mod list;
mod machine;
mod phases;
mod stopwatch;
mod table;

mod forecast;
mod frozen;
mod names;
mod network;
mod retrieval;
mod review;
mod serve;
mod soak;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::machine::Machine;
use crate::phases::{Measured, Phase};
use crate::table::Table;

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "lookback-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "names").is_some() {
        return say(&names::run(words)?);
    }
    if words.next_if(|word| word == "retrieval").is_some() {
        return say(&retrieval::run(words)?);
    }
    if words.next_if(|word| word == "network").is_some() {
        return say(&network::run(words)?);
    }
    if words.next_if(|word| word == "review").is_some() {
        return say(&review::run(words)?);
    }
    if words.next_if(|word| word == "forecast").is_some() {
        return say(&forecast::run(words)?);
    }
    if words.next_if(|word| word == "serve").is_some() {
        return say(&serve::run(words)?);
    }
    if words.next_if(|word| word == "soak").is_some() {
        return say(&soak::run(words)?);
    }
    let args = Args::parse(words)?;
    match (args.phase, &args.folder) {
        (Some(phase), Some(folder)) => {
            let measured = phases::run(phase, folder, &args)?;
            Ok(serde_json::to_writer(std::io::stdout(), &measured)?)
        }
        (Some(_), None) => bail!("a phase needs the folder that it works in"),
        (None, Some(folder)) => measure(&args, folder),
        (None, None) => measure(&args, tempfile::tempdir()?.path()),
    }
}

fn say(text: &str) -> Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

/// Runs all phases, one process each, and writes the table.
fn measure(args: &Args, folder: &Path) -> Result<()> {
    let mut table = Table::new(args.people, Machine::of_this());
    for phase in Phase::ALL {
        let _ = writeln!(std::io::stderr(), "{} …", phase.doing());
        table.add(in_a_child(phase, folder, args)?);
    }
    let text = if args.json { table.to_json()? } else { table.to_string() };
    match &args.out {
        Some(path) => std::fs::write(path, &text).with_context(|| format!("writing {}", path.display())),
        None => say(&text),
    }
}

fn in_a_child(phase: Phase, folder: &Path, args: &Args) -> Result<Measured> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["--phase", phase.word(), "--people", &args.people.to_string()]);
    child.arg("--folder").arg(folder);
    if let Some(list) = &args.list {
        child.arg("--list").arg(list);
    }
    let output = child.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{} did not come to its end", phase.doing());
    }
    serde_json::from_slice(&output.stdout).context("reading what a phase measured")
}
