//! The queue, steps on an alert, and bulk decisions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use lookback::Error;
use lookback::review::{
    Bulk as BulkDone, BulkPreview, Chosen, Draft, ORDER, PERMISSIONS, Page, Query, RULES, ReviewView, Row,
    State,
};
use model::{AlertId, Digest, EntityId, Grounds, KnownAt, Reason, ReviewRole, Step};
use serde::Deserialize;

use super::Place;
use super::show::as_known;
use crate::args::review::{Bulk, GroundsArgs, OnAlert, Queue, Review, Selection};
use crate::exit::Exit;
use crate::output::{Output, count};

impl Selection {
    fn query(self, offset: usize, limit: usize) -> Query {
        let Self { state, assigned, dataset, kind, overdue, snoozed } = self;
        Query { states: state, assigned, kind, dataset, overdue, snoozed, viewer: None, offset, limit }
    }
}

pub(super) fn queue(place: &Place, options: Queue, output: &mut Output) -> Result<Exit> {
    let Queue { selection, as_of, limit, offset } = options;
    let mut store = place.read()?;
    let viewer = place.viewer(&store)?;
    let page = store.queue(&Query { viewer, ..selection.query(offset, limit) }, as_of.known_at)?;
    if output.json {
        output.value(&page)?;
        return Ok(Exit::Done);
    }
    rows(&page.rows, output)?;
    totals(&page, as_of.time(), output)?;
    Ok(Exit::Done)
}

fn rows(rows: &[Row], output: &mut Output) -> Result<()> {
    let cells = rows.iter().map(|row| {
        [
            row.alert.to_string()[..10].to_owned(),
            row.subject.to_string(),
            row.entry.to_string(),
            format!("{:.3}", row.score),
            if row.ties > 1 { format!("{}", row.ties) } else { String::new() },
            row.state.word().to_owned(),
            format!("{} {}", row.moved.1, row.moved.0.day()),
            row.due.day(),
            row.lock.as_ref().or(row.assigned.as_ref()).map(ToString::to_string).unwrap_or_default(),
        ]
    });
    output.table(["alert", "subject", "entry", "score", "ties", "state", "why here", "due", "with"], cells)
}

fn totals(page: &Page, known_at: KnownAt, output: &mut Output) -> Result<()> {
    let states: Vec<String> = page.states.iter().map(|(state, number)| format!("{number} {state}")).collect();
    let overdue = page.overdue;
    output.line(format!(
        "{} fit, {} shown{}; in all {}; {overdue} overdue",
        page.total,
        page.rows.len(),
        as_known(known_at),
        if states.is_empty() { "none".to_owned() } else { states.join(", ") }
    ))?;
    output.line(format!("order: {ORDER}"))
}

/// What a step of `review` does to an alert.
fn step(store: &lookback::Store, alert: AlertId, command: Review) -> Result<(Step, Option<String>)> {
    let now = store.now()?;
    let proposal = || -> Result<EntityId> {
        let review = store.review(alert, None)?;
        let none = || Error::Usage(format!("nothing waits for a second person on alert {alert}"));
        Ok(review.proposal.ok_or_else(none)?.decision)
    };
    Ok(match command {
        Review::Queue { .. } => (Step::Queue, None),
        Review::Claim { minutes, .. } => {
            let until = KnownAt::from_micros(now.micros() + i64::from(minutes) * 60_000_000);
            (Step::Claim { until }, None)
        }
        Review::Release { .. } => (Step::Release, None),
        Review::Assign { to, .. } => (Step::Assign { to }, None),
        Review::Clear { grounds, .. } => {
            let (grounds, note) = grounds_of(grounds)?;
            (Step::Clear { grounds }, Some(note))
        }
        Review::Escalate { reason, note, .. } => (Step::Escalate { reason }, Some(note)),
        Review::Inconclusive { reason, note, owner, due, .. } => {
            (Step::Inconclusive { reason, owner, due }, Some(note))
        }
        Review::Request { of, question, due, .. } => (Step::RequestInformation { of, question, due }, None),
        Review::Information { request, unanswered, note, .. } => {
            (Step::Information { request, answered: !unanswered }, note)
        }
        Review::Propose { verdict, grounds, .. } => {
            let (grounds, note) = grounds_of(grounds)?;
            (Step::Propose { verdict, grounds }, Some(note))
        }
        Review::Confirm { note, .. } => (Step::Confirm { proposal: proposal()? }, note),
        Review::Return { reason, note, .. } => (Step::Return { proposal: proposal()?, reason }, Some(note)),
        Review::Reopen { reason, note, .. } => (Step::Reopen { reason }, Some(note)),
        Review::Snooze { until, .. } => (Step::Snooze { until }, None),
        Review::Comment { text, .. } => (Step::Comment, Some(text)),
        Review::Attach { file, .. } => (attachment(&file)?, None),
        Review::Due { due, .. } => (Step::Due { due }, None),
        Review::Undo { .. } => {
            let history = store.review(alert, None)?.history;
            let last = history.into_iter().rev().find(|row| row.void.is_none());
            let none = || Error::Usage(format!("nothing was decided on alert {alert}"));
            (Step::Undo { decision: last.ok_or_else(none)?.decision.id }, None)
        }
        Review::Show { .. } | Review::Rules => unreachable!("these are no steps"),
    })
}

fn attachment(file: &Path) -> Result<Step> {
    let bytes = std::fs::read(file).map_err(|error| super::unreadable(&file.display().to_string(), error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Step::Attach { digest: Digest::of(&bytes), name })
}

fn grounds_of(args: GroundsArgs) -> Result<(Grounds, String)> {
    let GroundsArgs { reason, note, matches, property, expires } = args;
    let entry = |text: &str| EntityId::new(text).map_err(|error| Error::Usage(format!("{text:?}: {error}")));
    let matches = matches.into_iter().map(|(id, finding)| Ok((entry(&id)?, finding)));
    let matches = matches.collect::<Result<BTreeMap<_, _>, Error>>()?;
    Ok((Grounds { reason, matches, properties: property.into_iter().collect(), expires }, note))
}

fn on(command: &Review) -> Option<&OnAlert> {
    Some(match command {
        Review::Queue { on }
        | Review::Claim { on, .. }
        | Review::Release { on }
        | Review::Assign { on, .. }
        | Review::Clear { on, .. }
        | Review::Escalate { on, .. }
        | Review::Inconclusive { on, .. }
        | Review::Request { on, .. }
        | Review::Information { on, .. }
        | Review::Propose { on, .. }
        | Review::Confirm { on, .. }
        | Review::Return { on, .. }
        | Review::Reopen { on, .. }
        | Review::Snooze { on, .. }
        | Review::Comment { on, .. }
        | Review::Attach { on, .. }
        | Review::Due { on, .. }
        | Review::Undo { on } => on,
        Review::Show { .. } | Review::Rules => return None,
    })
}

pub(super) fn review(place: &Place, command: Review, output: &mut Output) -> Result<Exit> {
    match command {
        Review::Rules => {
            output.line(rules_markdown())?;
            Ok(Exit::Done)
        }
        Review::Show { alert, as_of } => {
            let store = place.read()?;
            let review = store.review(store.find_alert(&alert)?, as_of.known_at)?;
            show(&review, as_of.time(), output)
        }
        command => {
            let mut store = place.write()?;
            let on = on(&command).expect("everything else is a step");
            let (alert, seen) = (store.find_alert(&on.alert)?, on.seen);
            let (step, note) = step(&store, alert, command)?;
            let draft = Draft::on(alert, step, note);
            let decision = store.decide_one(seen.map_or(draft.clone(), |seen| draft.seen(seen)))?;
            let review = store.review(alert, None)?;
            if output.json {
                output.value(&review)?;
            } else {
                let (state, steps) = (review.review.word(), count(review.steps, "step"));
                output.line(format!("{decision}: alert {alert} is {state} after {steps}"))?;
            }
            Ok(Exit::Done)
        }
    }
}

fn show(review: &ReviewView, known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    if output.json {
        output.value(review)?;
        return Ok(Exit::Done);
    }
    let alert = &review.alert;
    let suppressed = if review.suppressed { ", because the same evidence was decided before" } else { "" };
    output.line(format!(
        "alert {}: subject {}, {} {} of {}, score {}{}",
        alert.alert,
        alert.subject,
        alert.cause.kind,
        alert.cause.entry,
        alert.cause.dataset,
        alert.score,
        as_known(known_at)
    ))?;
    output.line(format!(
        "{} since {}{suppressed}; {}; due {}",
        review.review.word(),
        review.since,
        count(review.steps, "step"),
        review.due.day()
    ))?;
    let matches: Vec<String> = review.matches.iter().map(ToString::to_string).collect();
    output.line(format!("a verdict has to speak of: {}", matches.join(", ")))?;
    if let Some(lock) = &review.lock {
        output.line(format!("{} is at it until {}", lock.by, lock.until))?;
    }
    if let Some(proposal) = &review.proposal {
        let (by, verdict) = (&proposal.by, proposal.verdict.word());
        output.line(format!("{by} proposes: {verdict} ({})", proposal.grounds.reason.word()))?;
    }
    if let Some(verdict) = review.disposition.as_ref().filter(|_| review.review == State::Final) {
        let (word, by) = (verdict.proposal.verdict.word(), &verdict.proposal.by);
        output.line(format!("verdict: {word}, by {by} and {}", verdict.confirmed_by))?;
    }
    output.line("")?;
    let rows = review.history.iter().map(|row| {
        let step = serde_json::to_value(&row.decision).unwrap_or_default();
        [
            row.known_at.to_string(),
            row.decision.id.to_string(),
            format!("{} ({})", row.decision.by, row.decision.proof.word()),
            step["act"].as_str().unwrap_or_default().to_owned(),
            row.void.as_ref().map_or(String::new(), |void| format!("void: {void}")),
            row.decision.note.clone().unwrap_or_default(),
        ]
    });
    output.table(["known at", "decision", "by", "act", "", "note"], rows)?;
    Ok(Exit::Done)
}

/// The selection of a dry run, as `--json` wrote it.
#[derive(Deserialize)]
struct Frozen {
    selection: Vec<Chosen>,
}

fn frozen(file: &Path) -> Result<Vec<Chosen>> {
    let wrong = || format!("{} is no selection that a dry run wrote with --json", file.display());
    let frozen: Frozen = serde_json::from_str(&super::read_text(file)?).with_context(wrong)?;
    Ok(frozen.selection)
}

pub(super) fn bulk(place: &Place, command: Bulk, output: &mut Output) -> Result<Exit> {
    let mut store = place.write()?;
    let done = match command {
        Bulk::Propose { selection, dry_run: true, .. } => {
            let viewer = place.viewer(&store)?;
            let query = Query { viewer, ..selection.query(0, usize::MAX) };
            return preview(&store.bulk_select(&query)?, output);
        }
        Bulk::Propose { selection, verdict, reason, note, chosen, .. } => {
            let selection = if let Some(file) = chosen {
                frozen(&file)?
            } else {
                let viewer = place.viewer(&store)?;
                let query = Query { viewer, ..selection.query(0, usize::MAX) };
                store.bulk_select(&query)?.selection
            };
            store.bulk_propose(&selection, verdict, reason, &note)?
        }
        Bulk::Confirm { bulk, note } => store.bulk_confirm(&bulk, note.as_deref())?,
        Bulk::Return { bulk, reason, note } => store.bulk_return(&bulk, reason, &note)?,
        Bulk::Undo { bulk } => store.bulk_undo(&bulk)?,
    };
    finished(&done, output)
}

fn preview(preview: &BulkPreview, output: &mut Output) -> Result<Exit> {
    if output.json {
        output.value(preview)?;
        return Ok(Exit::Done);
    }
    rows(&preview.sample, output)?;
    for (group, number) in &preview.breakdown {
        output.line(format!("{number} {group}"))?;
    }
    output.line(format!(
        "{} selected, {} of them shown; nothing was decided. With --json the selection can be kept and given to --chosen",
        preview.total,
        preview.sample.len()
    ))?;
    Ok(Exit::Done)
}

fn finished(done: &BulkDone, output: &mut Output) -> Result<Exit> {
    if output.json {
        output.value(done)?;
    } else {
        output.line(format!("{}: {} decided", done.bulk, count(done.done, "row")))?;
        for (why, number) in &done.refused {
            output.line(format!("{} refused: {why}", count(*number, "row")))?;
        }
    }
    if done.done == 0 && !done.refused.is_empty() {
        super::note("nothing was decided");
        return Ok(Exit::Denied);
    }
    Ok(Exit::Done)
}

/// States, transitions, permissions and reasons as docs/reference/review.md shows them. Writing to a text does not fail.
pub(crate) fn rules_markdown() -> String {
    let mut text = String::from("### Transitions\n\n| act | in state | leads to | by |\n|---|---|---|---|\n");
    let words = |states: &[State]| states.iter().map(|state| state.word()).collect::<Vec<_>>().join(", ");
    let roles = |roles: &[ReviewRole]| roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
    for rule in RULES {
        let to = rule.to.map_or("the same state", State::word);
        let _ = writeln!(text, "| {} | {} | {to} | {} |", rule.act, words(rule.from), roles(rule.roles));
    }
    text += "\n### Who may do what\n\n| action | what |";
    for role in ReviewRole::ALL {
        let _ = write!(text, " {} |", role.word());
    }
    text += "\n|---|---|";
    text += &"---|".repeat(ReviewRole::ALL.len());
    text += "\n";
    for action in PERMISSIONS {
        let _ = write!(text, "| {} | {} |", action.word, action.what);
        for role in ReviewRole::ALL {
            text += if action.roles.contains(&role) { " yes |" } else { " |" };
        }
        text += "\n";
    }
    text += "\n### Reasons\n\n| reason | for | when to use it |\n|---|---|---|\n";
    for reason in Reason::ALL {
        let (word, occasion) = (reason.word(), reason.occasion().word());
        let _ = writeln!(text, "| {word} | {occasion} | {} |", reason.when());
    }
    text
}
