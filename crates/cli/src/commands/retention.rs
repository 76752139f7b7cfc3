//! Retention and legal holds: who is due, what was purged, and what a purge could not reach.

use std::collections::BTreeSet;

use anyhow::Result;
use lookback::{HeldFiles, OpenAlerts, PurgeOrder, PurgeRun};
use serde_json::json;

use super::{Place, note};
use crate::args::{Hold, Purge, Retention};
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn run(place: &Place, command: Retention, output: &mut Output) -> Result<Exit> {
    match command {
        Retention::Due { now } => due(place, now, output),
        Retention::Purge(options) => purge(place, options, output),
        Retention::List => list(place, output),
    }
}

fn due(place: &Place, now: Option<model::KnownAt>, output: &mut Output) -> Result<Exit> {
    let now = now.unwrap_or_else(|| (place.settings.clock)());
    let (held, alerts) = (HeldFiles::Refuse, OpenAlerts::Refuse);
    let order = PurgeOrder { reason: String::new(), authority: String::new(), held, alerts };
    let due = place.read()?.due_for_purge(now, &order)?;
    if output.json {
        due.iter().try_for_each(|due| output.value(due))?;
        return Ok(Exit::Done);
    }
    let rows = due.into_iter().map(|due| {
        let kept = lookback::kept_in_words(&due.kept);
        [due.subject.to_string(), due.dataset, due.last_known.to_string(), due.due.to_string(), kept]
    });
    output.table(["subject", "dataset", "last known", "due since", "kept because of"], rows)?;
    Ok(Exit::Done)
}

fn list(place: &Place, output: &mut Output) -> Result<Exit> {
    let purges = place.read()?.purges()?;
    if output.json {
        purges.iter().try_for_each(|purge| output.value(purge))?;
        return Ok(Exit::Done);
    }
    let rows = purges.into_iter().map(|purge| {
        let (subjects, rows) = (purge.subjects.len().to_string(), purge.rows.to_string());
        [purge.commit.to_string(), purge.known_at.to_string(), purge.actor, subjects, rows, purge.purpose]
    });
    output.table(["commit", "known at", "by", "subjects", "rows", "why"], rows)?;
    Ok(Exit::Done)
}

fn purge(place: &Place, options: Purge, output: &mut Output) -> Result<Exit> {
    let held = if options.discard_held { HeldFiles::Discard } else { HeldFiles::Refuse };
    let alerts = if options.withdraw_alerts { OpenAlerts::Withdraw } else { OpenAlerts::Refuse };
    let order = PurgeOrder { reason: options.reason, authority: options.authority, held, alerts };
    let mut store = place.write()?;
    let mut subjects: BTreeSet<_> = options.subjects.into_iter().collect();
    if options.due {
        let due = store.due_for_purge((place.settings.clock)(), &order)?;
        let kept = due.iter().filter(|due| !due.kept.is_empty()).count();
        if kept > 0 {
            note(&format!("{} kept; `lookback retention due` says why", count(kept, "subject")));
        }
        subjects.extend(due.into_iter().filter(|due| due.kept.is_empty()).map(|due| due.subject));
    }
    if subjects.is_empty() {
        note("nobody is due");
        return Ok(Exit::Done);
    }
    let run = if options.dry_run { PurgeRun::Dry } else { PurgeRun::Now };
    let report = store.purge(&subjects, &order, run)?;
    if output.json {
        output.value(&report)?;
        return Ok(Exit::Done);
    }
    let did = if options.dry_run { "would purge" } else { "purged" };
    let (people, rows) = (count(report.subjects.len(), "subject"), count(report.rows, "row"));
    output.line(format!("{did} {people} and {rows}"))?;
    report.discarded.iter().try_for_each(|id| output.line(format!("held version {id} goes with them")))?;
    report.left.iter().try_for_each(|place| output.line(format!("an id is left in {place}")))?;
    report.recipients.iter().try_for_each(|who| output.line(format!("an export went to {who}")))?;
    output.line("copies of the store and journals exported before are not reached")?;
    Ok(Exit::Done)
}

pub(super) fn hold(place: &Place, command: Hold, output: &mut Output) -> Result<Exit> {
    let (subject, done) = match command {
        Hold::Add { subject, reason, until } => {
            place.write()?.hold_subject(&subject, &reason, until)?;
            (subject, "set")
        }
        Hold::Lift { subject, reason } => {
            place.write()?.lift_hold(&subject, &reason)?;
            (subject, "lifted")
        }
        Hold::List => return holds(place, output),
    };
    if output.json {
        output.value(&json!({ "subject": subject, "legal_hold": done }))?;
    } else {
        output.line(format!("{subject}: legal hold {done}"))?;
    }
    Ok(Exit::Done)
}

fn holds(place: &Place, output: &mut Output) -> Result<Exit> {
    let holds = place.read()?.legal_holds()?;
    if output.json {
        holds.iter().try_for_each(|hold| output.value(hold))?;
        return Ok(Exit::Done);
    }
    let rows = holds.into_iter().map(|hold| {
        let until = hold.until.map_or_else(String::new, |until| until.to_string());
        [hold.subject.to_string(), until, hold.reason]
    });
    output.table(["subject", "until", "why"], rows)?;
    Ok(Exit::Done)
}
