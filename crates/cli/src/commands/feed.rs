//! Commands that change a store, and `export`.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use lookback::{CommitReport, IngestOptions, IngestReport, PolicyEffect, Store};
use model::Change;

use super::{Place, note, read_text};
use crate::args::{Held, Ingest, Policy};
use crate::exit::Exit;
use crate::output::Output;
use crate::progress::Bar;

pub(super) fn init(place: &Place, output: &mut Output) -> Result<Exit> {
    Store::create(&place.path, place.settings.clone())?;
    match output.json {
        true => output.value(&serde_json::json!({ "store": place.path }))?,
        false => output.line(format!("made {}; next: `lookback ingest --help`", place.path.display()))?,
    }
    Ok(Exit::Done)
}

pub(super) fn ingest(place: &Place, options: &Ingest, output: &mut Output) -> Result<Exit> {
    let mut store = match place.path.exists() {
        true => place.write()?,
        false => {
            note(&format!("made a new store, {}", place.path.display()));
            Store::create(&place.path, place.settings.clone())?
        }
    };
    let options_of_ingest = IngestOptions {
        dataset: options.dataset.clone(),
        role: options.role.map(Into::into),
        format: options.format.0,
        mapping: options.mapping.as_deref().map(read_text).transpose()?,
        known_at: options.known_at,
        mode: options.mode(),
        confirm_mass_delete: options.confirm_mass_delete,
        keep_excerpts: options.excerpts,
    };
    let mut bar = Bar::new("ingest");
    let report = store.ingest(&options.files, &options_of_ingest, &mut bar);
    drop(bar);
    show_ingest(&report?, output)
}

/// Rejects and notices shown before the rest is only counted.
const SHOWN: usize = 20;
/// Commits shown one by one; of more, those that changed alerts.
const COMMITS_SHOWN: usize = 40;

fn show_ingest(report: &IngestReport, output: &mut Output) -> Result<Exit> {
    if output.json {
        let rejects: Vec<_> = report
            .rejected
            .iter()
            .map(|r| serde_json::json!({"file": r.file, "line": r.line, "reason": r.reason, "excerpt": r.excerpt}))
            .collect();
        let mut value = serde_json::to_value(report)?;
        value["rejected"] = rejects.into();
        output.value(&value)?;
        return Ok(Exit::Done);
    }
    for notice in report.notices.iter().take(SHOWN) {
        note(notice);
    }
    for reject in report.rejected.iter().take(SHOWN) {
        note(&format!("rejected: {reject}"));
    }
    let more =
        report.rejects.saturating_sub(SHOWN as u64) + report.notices.len().saturating_sub(SHOWN) as u64;
    if more > 0 {
        note(&format!("and {more} more rejects and notices; --json lists them"));
    }
    let all = report.commits.len() <= COMMITS_SHOWN;
    let shown = report.commits.iter().filter(|c| all || c.opened + c.changed + c.withdrawn > 0);
    commits_table(shown, output)?;
    output.line(format!(
        "{} rows: {} records, {} rejects; {} unchanged, {} batches known before; {} commits",
        report.rows,
        report.records,
        report.rejects,
        report.unchanged,
        report.skipped_batches,
        report.commits.len()
    ))?;
    Ok(Exit::Done)
}

fn commits_table<'a>(commits: impl Iterator<Item = &'a CommitReport>, output: &mut Output) -> Result<()> {
    let rows = commits.map(|c| {
        let numbers = [c.puts, c.deletes, c.opened, c.changed, c.withdrawn].map(|n| n.to_string());
        let [puts, deletes, opened, changed, withdrawn] = numbers;
        [c.seq.to_string(), c.known_at.to_string(), puts, deletes, opened, changed, withdrawn]
    });
    output.table(["commit", "known at", "puts", "deletes", "opened", "changed", "withdrawn"], rows)
}

pub(super) fn held(place: &Place, command: &Held, output: &mut Output) -> Result<Exit> {
    match command {
        Held::List => held_list(&place.read()?, output),
        Held::Compare { id } => {
            let commits = place.write()?.held_compare(*id)?;
            if output.json {
                commits.iter().try_for_each(|commit| output.value(commit))?;
                return Ok(Exit::Done);
            }
            commits_table(commits.iter(), output)?;
            output.line("nothing was changed")?;
            Ok(Exit::Done)
        }
        Held::Release { id } => {
            let mut bar = Bar::new("release");
            let report = place.write()?.held_release(*id, &mut bar);
            drop(bar);
            show_ingest(&report?, output)
        }
        Held::Discard { id } => {
            place.write()?.held_discard(*id)?;
            match output.json {
                true => output.value(&serde_json::json!({ "discarded": id }))?,
                false => output.line(format!("held version {id} was discarded"))?,
            }
            Ok(Exit::Done)
        }
    }
}

fn held_list(store: &Store, output: &mut Output) -> Result<Exit> {
    let held = store.held()?;
    if output.json {
        held.iter().try_for_each(|held| output.value(held))?;
        return Ok(Exit::Done);
    }
    if held.is_empty() {
        output.line("nothing is held")?;
    }
    let rows =
        held.into_iter().map(|h| [h.id.to_string(), h.dataset, h.file, h.held_at.to_string(), h.reason]);
    output.table(["held", "dataset", "files", "since", "why"], rows)?;
    Ok(Exit::Done)
}

pub(super) fn policy(place: &Place, command: &Policy, output: &mut Output) -> Result<Exit> {
    match command {
        Policy::Show { as_of } => {
            let policy = place.read()?.policy(as_of.time())?;
            match output.json {
                true => output.value(&policy)?,
                false => output.line(policy.to_text().trim_end())?,
            }
        }
        Policy::Try { file } => {
            let text = read_text(file)?;
            let effect = place.write()?.try_policy(&text)?;
            show_effect(&effect, output)?;
            if !output.json {
                output.line("nothing was changed; `lookback policy adopt` does it")?;
            }
        }
        Policy::Adopt { file } => {
            let text = read_text(file)?;
            let effect = place.write()?.adopt_policy(&text)?;
            show_effect(&effect, output)?;
        }
    }
    Ok(Exit::Done)
}

fn show_effect(effect: &PolicyEffect, output: &mut Output) -> Result<()> {
    if output.json {
        let changes: Vec<_> = effect
            .changes
            .iter()
            .map(|c| {
                serde_json::json!({
                    "alert": c.alert, "change": c.change, "subject": c.pair.subject.id,
                    "entry": c.pair.cause.entry.id, "score": c.score,
                })
            })
            .collect();
        let mut value = serde_json::to_value(effect)?;
        value["changes"] = changes.into();
        return output.value(&value);
    }
    let sign = |change| match change {
        Change::Opened => "+",
        Change::Changed => "~",
        Change::Withdrawn => "-",
    };
    let rows = effect.changes.iter().take(SHOWN).map(|c| {
        let sign = sign(c.change).to_owned();
        [
            sign,
            c.pair.subject.id.to_string(),
            c.pair.cause.entry.id.to_string(),
            c.score.to_string(),
            c.alert.to_string(),
        ]
    });
    output.table(["", "subject", "entry", "score", "alert"], rows)?;
    let commit = &effect.commit;
    output.line(format!("{} gained, {} changed, {} lost", commit.opened, commit.changed, commit.withdrawn))
}

pub(super) fn export(place: &Place, file: Option<&Path>, output: &mut Output) -> Result<Exit> {
    let store = place.read()?;
    match file {
        None => write_journal(&store, output.writer())?,
        Some(path) => {
            let failed = |error| lookback::Error::Io(format!("writing {}", path.display()), error);
            let mut out = BufWriter::new(std::fs::File::create_new(path).map_err(failed)?);
            write_journal(&store, &mut out)?;
            out.flush().map_err(failed)?;
        }
    }
    Ok(Exit::Done)
}

fn write_journal(store: &Store, out: &mut impl Write) -> Result<()> {
    let mut failed = None;
    let exported = store.ledger().export(&mut |line| {
        writeln!(out, "{}", line.to_json())
            .inspect_err(|error| failed = Some(std::io::Error::from(error.kind())))
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(exported.map(drop).map_err(lookback::Error::from)?),
    }
}
