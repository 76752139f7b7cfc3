//! Commands that change a store, and `export`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use lookback::{
    CommitReport, Error, Impact, IngestOptions, IngestReport, LaterChanges, PolicyEffect, Reject, Sample,
    Store,
};
use model::{AlertChange, Change};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Place, note, read_text};
use crate::args::{Held, Ingest, Policy};
use crate::exit::Exit;
use crate::output::{Output, count};
use crate::progress::Bar;

pub(super) fn init(place: &Place, output: &mut Output) -> Result<Exit> {
    place.create()?;
    if output.json {
        output.value(&json!({ "store": place.path }))?;
    } else {
        output.line(format!("made {}; next: `lookback ingest --help`", place.path.display()))?;
    }
    Ok(Exit::Done)
}

pub(super) fn ingest(place: &Place, options: &Ingest, output: &mut Output) -> Result<Exit> {
    let mapping = options.mapping.as_deref().map(read_text).transpose()?;
    let mut store = if place.path.exists() {
        place.write()?
    } else {
        let store = place.create()?;
        note(&format!("made a new store, {}", place.path.display()));
        store
    };
    let options_of_ingest = options_of(options, mapping);
    let mut bar = Bar::new("ingest");
    let report = store.ingest(&options.files, &options_of_ingest, &mut bar);
    drop(bar);
    show_ingest(&report.map_err(|error| naming(&options.files, error))?, output)
}

fn options_of(options: &Ingest, mapping: Option<String>) -> IngestOptions {
    IngestOptions {
        dataset: options.dataset.clone(),
        role: options.role.map(Into::into),
        format: options.format.0,
        mapping,
        known_at: options.known_at,
        mode: options.mode(),
        confirm_mass_delete: options.confirm_mass_delete,
        keep_excerpts: options.excerpts,
    }
}

pub(super) fn preview(place: &Place, options: &Ingest, output: &mut Output) -> Result<Exit> {
    let mapping = options.mapping.as_deref().map(read_text).transpose()?;
    let mut store = place.write()?;
    let mut bar = Bar::new("preview");
    let preview = store.preview(&options.files, &options_of(options, mapping), &mut bar);
    drop(bar);
    let preview = preview.map_err(|error| naming(&options.files, error))?;
    if output.json {
        output.value(&preview)?;
        return Ok(Exit::Done);
    }
    let row = |(kind, impact): (&&str, &Impact)| {
        let Impact { came, changed, went } = impact;
        [(*kind).to_owned(), came.to_string(), changed.to_string(), went.to_string()]
    };
    output.table(["finding", "would come", "would change", "would go"], preview.findings.iter().map(row))?;
    for Sample { subject, links } in &preview.sample {
        output.line(format!("{subject}:"))?;
        links.iter().try_for_each(|link| output.line(format!("  {link}")))?;
    }
    let (rows, commits) = (count(preview.rows, "row"), count(preview.commits, "commit"));
    output.line(format!("{rows}, {} rejected, {commits}; nothing was changed", preview.rejects))?;
    Ok(Exit::Done)
}

/// An error of the ledger speaks of lines: this says of which files.
fn naming(files: &[PathBuf], error: Error) -> anyhow::Error {
    let is_of_ledger = matches!(error, Error::Ledger(_));
    let error = anyhow::Error::from(error);
    if !is_of_ledger {
        return error;
    }
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    error.context(format!("applying {}", names.join(", ")))
}

/// Rejects and notices shown before the rest is only counted.
const SHOWN: usize = 20;
/// Commits shown one by one; of more, those that changed alerts.
const COMMITS_SHOWN: usize = 40;

fn show_ingest(report: &IngestReport, output: &mut Output) -> Result<Exit> {
    if output.json {
        output.value(&Ingested { report, rejected: report.rejected.iter().map(rejected).collect() })?;
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
        "{}: {}, {}; {} unchanged, {} known before; {}",
        count(report.rows, "row"),
        count(report.records, "record"),
        count(report.rejects, "reject"),
        report.unchanged,
        count(report.skipped_batches, "batch"),
        count(report.commits.len(), "commit")
    ))?;
    report.false_leads.iter().try_for_each(|leads| output.line(leads.to_string()))?;
    Ok(Exit::Done)
}

/// A report with its rejects.
#[derive(Serialize)]
struct Ingested<'a> {
    #[serde(flatten)]
    report: &'a IngestReport,
    rejected: Vec<Value>,
}

fn rejected(reject: &Reject) -> Value {
    json!({"file": reject.file, "line": reject.line, "reason": reject.reason, "excerpt": reject.excerpt})
}

fn commits_table<'a>(commits: impl Iterator<Item = &'a CommitReport>, output: &mut Output) -> Result<()> {
    let rows = commits.map(|c| {
        let numbers = [c.puts, c.deletes, c.opened, c.changed, c.withdrawn].map(|n| n.to_string());
        let [puts, deletes, opened, changed, withdrawn] = numbers;
        let seq = if c.seq == 0 { "trial".to_owned() } else { c.seq.to_string() };
        [seq, c.known_at.to_string(), puts, deletes, opened, changed, withdrawn]
    });
    output.table(["commit", "known at", "puts", "deletes", "opened", "changed", "withdrawn"], rows)
}

pub(super) fn held(place: &Place, command: &Held, output: &mut Output) -> Result<Exit> {
    match command {
        Held::List => held_list(&place.read()?, output),
        Held::Compare { id } => {
            let report = place.write()?.held_compare(*id)?;
            report.notices.iter().take(SHOWN).for_each(|notice| note(notice));
            if output.json {
                report.commits.iter().try_for_each(|commit| output.value(commit))?;
                return Ok(Exit::Done);
            }
            commits_table(report.commits.iter(), output)?;
            output.line("nothing was changed")?;
            Ok(Exit::Done)
        }
        Held::Release { id, confirm_undo_later } => {
            let later_changes = if *confirm_undo_later { LaterChanges::Undo } else { LaterChanges::Keep };
            let mut bar = Bar::new("release");
            let report = place.write()?.held_release(*id, later_changes, &mut bar);
            drop(bar);
            show_ingest(&report?, output)
        }
        Held::Discard { id } => {
            place.write()?.held_discard(*id)?;
            if output.json {
                output.value(&json!({ "discarded": id }))?;
            } else {
                output.line(format!("held version {id} was discarded"))?;
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
            if output.json {
                output.value(&policy)?;
            } else {
                output.line(policy.to_text().trim_end())?;
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
    for dataset in &effect.unknown_datasets {
        note(&format!("the policy names dataset {dataset}, which the store does not have"));
    }
    if output.json {
        return output.value(&Effect { effect, changes: effect.changes.iter().map(changed).collect() });
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

/// What a policy does, with the alerts.
#[derive(Serialize)]
struct Effect<'a> {
    #[serde(flatten)]
    effect: &'a PolicyEffect,
    changes: Vec<Value>,
}

fn changed(change: &AlertChange) -> Value {
    json!({
        "alert": change.alert, "change": change.change, "subject": change.pair.subject.id,
        "entry": change.pair.cause.entry.id, "score": change.score,
    })
}

pub(super) fn export(place: &Place, file: Option<&Path>, output: &mut Output) -> Result<Exit> {
    let store = place.read()?;
    super::write_out(file, output, |out| write_journal(&store, out))?;
    let purged: u64 = store.purges()?.iter().map(|purge| purge.rows).sum();
    if purged > 0 {
        note(&format!("{} left out: purged; `lookback retention list` says when", count(purged, "row")));
    }
    Ok(Exit::Done)
}

fn write_journal(store: &Store, out: &mut dyn Write) -> Result<()> {
    let mut failed = None;
    let exported = store.ledger().export(&mut |line| {
        writeln!(out, "{}", line.to_json())
            .inspect_err(|error| failed = Some(std::io::Error::from(error.kind())))
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(exported.map(drop).map_err(Error::from)?),
    }
}
