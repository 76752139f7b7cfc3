//! `lookback demo`: what was learned, date by date, whom it concerned, and proof that earlier dates still answer as they did.

use std::path::PathBuf;

use anyhow::Result;
use lookback::{Demo, DemoStep, Error, LedgerError, Store, demo};
use model::{AlertChange, Change, KnownAt};
use serde_json::json;

use super::{Place, show};
use crate::exit::Exit;
use crate::output::Output;
use crate::progress::Bar;

/// Alerts shown for each step.
const SHOWN: usize = 3;

pub(super) fn run(place: &Place, what: Demo, output: &mut Output) -> Result<Exit> {
    let path = free_path(&place.path);
    if !output.json {
        output.line(format!(
            "{} invented people and an invented list, in {}",
            what.people,
            path.display()
        ))?;
        output.flush()?;
    }
    let mut bar = Bar::new("demo");
    let line = bar.line();
    let mut shown = Ok(());
    let result = demo(&path, place.settings.clone(), what, &mut bar, &mut |_, step| {
        shown = line.suspend(|| {
            let printed = if output.json { output.value(step) } else { show_step(step, output) };
            printed.and_then(|()| output.flush())
        });
        if shown.is_ok() { Ok(()) } else { Err(Error::Ledger(LedgerError::Stopped)) }
    });
    drop(bar);
    shown?;
    let (store, steps) = result?;
    if output.json {
        return proof_as_json(&store, &steps, output);
    }
    explain_one(&store, &steps, output)?;
    prove(&store, &steps, output)?;
    next_steps(&path, &steps, output)?;
    Ok(Exit::Done)
}

/// The path asked for, or the next free one beside it: a demonstration never touches a store that is there.
pub(super) fn free_path(path: &std::path::Path) -> PathBuf {
    let numbered = (2..).map(|n| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!("{stem}-{n}.db"))
    });
    std::iter::once(path.to_owned())
        .chain(numbered)
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.to_owned())
}

fn show_step(step: &DemoStep, output: &mut Output) -> Result<()> {
    let commit = &step.commit;
    output.line(format!("\n{}  {}", step.known_at.day(), step.learned))?;
    output.line(format!(
        "            {} opened, {} changed, {} withdrawn; {} open",
        commit.opened, commit.changed, commit.withdrawn, step.hashes.open
    ))?;
    for change in commit.changes.iter().take(SHOWN) {
        output.line(format!("            {}", sentence(change)))?;
    }
    if commit.changes.len() > SHOWN {
        output.line(format!("            and {} more", commit.changes.len() - SHOWN))?;
    }
    Ok(())
}

fn sentence(change: &AlertChange) -> String {
    let sign = match change.change {
        Change::Opened => '+',
        Change::Changed => '~',
        Change::Withdrawn => '-',
    };
    let (subject, entry) = (&change.pair.subject.id, &change.pair.cause.entry.id);
    format!("{sign} {subject} <- {entry}  score {}", change.score)
}

fn explain_one(store: &Store, steps: &[DemoStep], output: &mut Output) -> Result<()> {
    let changes = steps.iter().rev().flat_map(|step| &step.commit.changes);
    let below = |change: &&AlertChange| change.change == Change::Opened && change.score.0 < 1_000_000;
    let Some(change) = changes.clone().find(below).or_else(|| changes.clone().next()) else { return Ok(()) };
    output.line(format!("\nWhy {}?", change.pair.subject.id))?;
    let why = store.why(&change.alert.to_string(), KnownAt::MAX)?;
    why.alerts.iter().try_for_each(|alert| show::why_alert(alert, output))
}

/// Asks again about every earlier date and holds the answer against what was answered then.
fn prove(store: &Store, steps: &[DemoStep], output: &mut Output) -> Result<()> {
    output.line("\nAsked again about every earlier date:")?;
    let mut same = 0;
    for step in steps {
        let again = store.hashes(step.known_at)?;
        same += usize::from(again == step.hashes);
        let verdict = if again == step.hashes { "as it was" } else { "DIFFERS" };
        output.line(format!(
            "  {}  {:>4} open  {}  {verdict}",
            step.known_at.day(),
            again.open,
            &again.state.to_string()[..16]
        ))?;
    }
    output.line(format!("{same} of {} dates answer as they did", steps.len()))
}

fn proof_as_json(store: &Store, steps: &[DemoStep], output: &mut Output) -> Result<Exit> {
    for step in steps {
        let again = store.hashes(step.known_at)?;
        output.value(
            &json!({ "known_at": step.known_at, "asked_again": again, "same": again == step.hashes }),
        )?;
    }
    Ok(Exit::Done)
}

fn next_steps(path: &std::path::Path, steps: &[DemoStep], output: &mut Output) -> Result<()> {
    let middle = &steps[steps.len() / 2];
    let store = path.display();
    output.line(format!(
        "\nGo on exploring (from a checkout: cargo run --release -- instead of lookback):
  lookback status --store {store}
  lookback alerts --store {store} --known-at {}
  lookback diff   --store {store} --from {} --to {}
  lookback replay --store {store} --verify",
        middle.known_at.day(),
        middle.known_at.day(),
        steps[steps.len() - 1].known_at.day(),
    ))
}
