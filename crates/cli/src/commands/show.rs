//! Questions to a store.

use std::path::Path;

use anyhow::Result;
use lookback::{
    AlertFilter, AlertView, Diff, DiffLine, Explanation, Head, NetworkWhy, ScreenedList, ScreeningFact,
    Verified, WhyAlert,
};
use model::{CauseKind, Change, DatasetName, KnownAt};
use serde_json::json;

use super::Place;
use crate::exit::Exit;
use crate::output::{Output, count};
use crate::progress::Bar;

pub(super) fn entities(
    place: &Place,
    dataset: &DatasetName,
    known_at: KnownAt,
    output: &mut Output,
) -> Result<Exit> {
    let store = place.read()?;
    let mut result = Ok(());
    store.entities(dataset, known_at, &mut |version| {
        if result.is_ok() {
            result = output.value(&version.record.entity);
        }
    })?;
    result.map(|()| Exit::Done)
}

pub(super) fn alerts(place: &Place, filter: &AlertFilter, output: &mut Output) -> Result<Exit> {
    let store = place.read()?;
    let alerts = store.alerts(&AlertFilter { viewer: place.viewer(&store)?, ..filter.clone() })?;
    if output.json {
        alerts.iter().try_for_each(|alert| output.value(alert))?;
        return Ok(Exit::Done);
    }
    output.table(ALERT_HEADINGS, alerts.iter().map(alert_row))?;
    let known_at = filter.known_at.unwrap_or(KnownAt::MAX);
    let what = match filter.kind {
        None | Some(CauseKind::Name | CauseKind::Network) => "alert",
        Some(CauseKind::Single) => "person with single evidence only",
        Some(CauseKind::Lead) => "lead",
    };
    output.line(format!("{}{}", count(alerts.len(), what), as_known(known_at)))?;
    if filter.kind == Some(CauseKind::Lead) {
        output.line(store.expected_false_leads(known_at)?.to_string())?;
    }
    Ok(Exit::Done)
}

const ALERT_HEADINGS: [&str; 7] = ["alert", "score", "subject", "population", "entry", "list", "opened"];

fn alert_row(alert: &AlertView) -> [String; 7] {
    [
        alert.alert.to_string()[..12].to_owned(),
        alert.score.to_string(),
        alert.subject.clone(),
        alert.dataset.clone(),
        alert.cause.entry.clone(),
        alert.cause.dataset.clone(),
        match alert.withdrawn {
            Some(withdrawn) => format!("{} (withdrawn {})", alert.opened, withdrawn),
            None => alert.opened.to_string(),
        },
    ]
}

pub(super) fn as_known(known_at: KnownAt) -> String {
    if known_at == KnownAt::MAX { String::new() } else { format!(", as known at {known_at}") }
}

pub(super) fn diff(place: &Place, from: KnownAt, to: KnownAt, output: &mut Output) -> Result<Exit> {
    let diff: Diff = place.read()?.diff(from, to)?;
    if output.json {
        output.value(&diff)?;
        return Ok(Exit::Done);
    }
    let came = diff.came.iter().map(|line| diff_row("+", Change::Opened, line));
    let changed = diff.changed.iter().map(|line| diff_row("~", Change::Changed, line));
    let went = diff.went.iter().map(|line| diff_row("-", Change::Withdrawn, line));
    let headings = ["", "alert", "score", "subject", "entry", "known at", "caused by"];
    output.table(headings, came.chain(changed).chain(went))?;
    let causes = diff.changes.iter().flat_map(|change| {
        change.causes.iter().map(|cause| {
            let moved = format!("+{} -{}", change.joined, change.left);
            let (line, subjects) = (cause.line.to_string(), cause.subjects.to_string());
            [change.known_at.to_string(), moved, subjects, line, cause.key.clone()]
        })
    });
    output.table(["known at", "moved by the network", "people", "line", "caused by"], causes)?;
    output.line(format!(
        "{} came, {} changed, {} went",
        diff.came.len(),
        diff.changed.len(),
        diff.went.len()
    ))?;
    Ok(Exit::Done)
}

/// The commit that last did to the alert what the row says; of several, the last.
fn diff_row(sign: &str, change: Change, line: &DiffLine) -> [String; 7] {
    let did_it = line.commits.iter().rev().find(|cause| cause.change == change);
    let cause = did_it.or(line.commits.last());
    let why = cause.map(|c| format!("commit {} ({}: {})", c.seq, c.purpose, c.files.join(", ")));
    let alert = &line.alert;
    [
        sign.to_owned(),
        alert.alert.to_string()[..12].to_owned(),
        alert.score.to_string(),
        alert.subject.clone(),
        alert.cause.entry.clone(),
        cause.map(|c| c.known_at.to_string()).unwrap_or_default(),
        why.unwrap_or_default(),
    ]
}

pub(super) fn why(place: &Place, what: &str, known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    let why = place.read()?.why(what, known_at)?;
    let unknown = why.alerts.iter().any(|alert| alert.recorded_by.is_some());
    if output.json {
        output.value(&why)?;
    } else {
        output.line(format!("{}: {}{}", why.subject, why.standing, as_known(known_at)))?;
        why.screened.iter().try_for_each(|fact| output.line(format!("  {}", fact_line(fact))))?;
        if why.alerts.is_empty() {
            output.line("no alert")?;
        }
        why.alerts.iter().try_for_each(|alert| why_alert(alert, output))?;
        why.network.iter().try_for_each(|network| why_network(network, output))?;
    }
    Ok(if unknown { Exit::OtherEngine } else { Exit::Done })
}

fn why_network(why: &NetworkWhy, output: &mut Output) -> Result<()> {
    output.line("")?;
    output.line(format!("network: {}", why.standing))?;
    for (number, link) in (1..).zip(&why.links) {
        output.line(format!("  link {number}: {}", link.sentence))?;
    }
    for factor in why.lead.iter().flat_map(|lead| &lead.factors) {
        output.line(format!("  lead by {} ({}):", factor.family, factor.strength))?;
        factor.steps.iter().try_for_each(|step| output.line(format!("    {step}")))?;
    }
    for companions in why.lead.iter().flat_map(|lead| &lead.companions) {
        output.line(format!("  lead by travelling together: {companions}"))?;
    }
    for relation in why.lead.iter().flat_map(|lead| &lead.relations) {
        output.line(format!("  lead by being related: {relation}"))?;
    }
    why.ignored.iter().try_for_each(|ignored| output.line(format!("  ignored: {ignored}")))?;
    why.why_not_stronger
        .iter()
        .try_for_each(|reason| output.line(format!("  not stronger because: {reason}")))
}

/// A screening fact in words.
pub(super) fn fact_line(fact: &ScreeningFact) -> String {
    let result = match &fact.unscreenable {
        Some(_) => "could not be screened".to_owned(),
        None if fact.alerts == 0 => "no alert".to_owned(),
        None => count(fact.alerts, "alert"),
    };
    let ScreeningFact { commit, known_at, .. } = fact;
    let (lists, policy) = (lists_line(&fact.lists), &fact.policy.to_string()[..12]);
    format!("commit {commit}, {known_at}: {result}; against {lists}; policy {policy}")
}

/// Lists with their versions, in words.
pub(super) fn lists_line(lists: &[ScreenedList]) -> String {
    let version = |list: &ScreenedList| {
        let (entries, version) = (list.entries, &list.version);
        let entries = count(entries, "entry");
        format!("{} ({entries}, version of commit {}, {})", list.dataset, version.commit, version.known_at)
    };
    let lists: Vec<String> = lists.iter().map(version).collect();
    if lists.is_empty() { "no list".to_owned() } else { lists.join(", ") }
}

pub(super) fn why_alert(why: &WhyAlert, output: &mut Output) -> Result<()> {
    let alert = &why.alert;
    output.line("")?;
    let what = match alert.cause.kind {
        "single" => "single evidence only",
        "lead" => "lead",
        _ => "alert",
    };
    output.line(format!(
        "{what} {}  {}  score {}  {} <- {} ({})",
        alert.alert, alert.state, alert.score, alert.subject, alert.cause.entry, alert.cause.dataset
    ))?;
    for event in &why.history {
        let files = event.files.join(", ");
        output.line(format!(
            "  {} {} by commit {} ({} {files})",
            event.known_at,
            event.change.word(),
            event.seq,
            event.purpose
        ))?;
    }
    if let Some(engine) = &why.recorded_by {
        output.line(format!("  recorded by {} ({}), not recomputable here", engine.engine, engine.tables))?;
    }
    match (&why.explanation, why.threshold) {
        (Some(explanation), Some(threshold)) => {
            output.line(format!("  alerts from {threshold}; evidence weight {}", explanation.evidence))?;
            explain(explanation, output)
        }
        _ if alert.cause.kind != "name" => Ok(()),
        _ => output.line("  one of the two sides is no longer in force; ask with --known-at for when it was"),
    }
}

fn explain(explanation: &Explanation, output: &mut Output) -> Result<()> {
    if let Some(names) = &explanation.names {
        output.line(format!("  names {:?} / {:?}: {}", names.subject, names.entry, names.score))?;
        for pair in &names.pairs {
            let similarity = f64::from(pair.similarity) / 1000.0;
            let line = format!(
                "{} / {}: {} ({similarity:.2}), brings {}",
                pair.subject, pair.entry, pair.relation, pair.credit
            );
            output.line(format!("    {line}"))?;
        }
    }
    for finding in &explanation.findings {
        let values = format!("{} / {}", finding.subject.join(", "), finding.entry.join(", "));
        let factor =
            if finding.factor < 1.0 { format!(", score × {:.2}", finding.factor) } else { String::new() };
        output.line(format!("  {} [{values}]: {}{factor}", finding.property, finding.rule))?;
    }
    for reason in &explanation.why_not_higher {
        output.line(format!("  not higher because: {reason}"))?;
    }
    Ok(())
}

pub(super) fn status(place: &Place, output: &mut Output) -> Result<Exit> {
    let status = place.read()?.status()?;
    if output.json {
        output.value(&status)?;
        return Ok(Exit::Done);
    }
    match &status.head {
        Some(head) => {
            output.line(format!(
                "{}; the last known at {}, by {} for {:?}",
                count(head.seq, "commit"),
                head.header.known_at,
                head.header.actor,
                head.header.purpose
            ))?;
            output.line(format!("head {}:{}", head.seq, head.hash))?;
        }
        None => output.line("an empty store; next: `lookback ingest --help`")?,
    }
    let rows = status.datasets.iter().map(|d| {
        [d.dataset.name.to_string(), format!("{:?}", d.dataset.role).to_lowercase(), d.entities.to_string()]
    });
    output.table(["dataset", "role", "entities"], rows)?;
    let coverage = &status.coverage;
    let (alerts, held) = (count(status.open_alerts, "open alert"), count(status.held, "held version"));
    output.line(format!("{alerts}, {held}"))?;
    output.line(format!(
        "{}: {} screened against {}; {} passed",
        count(coverage.subjects, "subject"),
        coverage.screened,
        count(coverage.entries.values().sum::<u64>(), "list entry"),
        count(coverage.controls, "control")
    ))?;
    for (reason, subjects) in &coverage.unscreenable {
        let (subjects, reason) = (count(*subjects, "subject"), reason.replace('_', " "));
        output.line(format!("not screened, and not clear: {subjects} ({reason})"))?;
    }
    if let Some(engine) = &status.other_engine {
        output.line(format!(
            "decided by {}; the next writing command examines everybody anew",
            engine.engine
        ))?;
    }
    Ok(Exit::Done)
}

pub(super) fn rejects(place: &Place, commit: Option<u64>, output: &mut Output) -> Result<Exit> {
    let rejects = place.read()?.ledger().rejects(commit).map_err(lookback::Error::from)?;
    if output.json {
        for r in &rejects {
            output
                .value(&json!({ "commit": r.commit, "file": r.file, "line": r.line, "reason": r.reason }))?;
        }
        return Ok(Exit::Done);
    }
    let rows =
        rejects.iter().map(|r| [r.commit.to_string(), r.file.clone(), r.line.to_string(), r.reason.clone()]);
    output.table(["commit", "file", "line", "reason"], rows)?;
    output.line(count(rejects.len() as u64, "reject"))?;
    Ok(Exit::Done)
}

pub(super) fn verify(
    place: &Place,
    written_down: Option<Head>,
    checkpoint: Option<(&Path, &Path)>,
    output: &mut Output,
) -> Result<Exit> {
    let Verified { commits, rows, alert_changes, head } = match checkpoint {
        Some((checkpoint, key)) => place.verify_against(checkpoint, key)?,
        None => place.verify(written_down)?,
    };
    let head = head.map(|head| head.to_string());
    if output.json {
        output.value(&json!({
            "commits": commits, "rows": rows, "alert_changes": alert_changes, "head": head, "whole": true
        }))?;
        return Ok(Exit::Done);
    }
    let (commits, rows) = (count(commits, "commit"), count(rows, "row"));
    let changes = count(alert_changes, "alert change");
    output.line(format!("the chain holds: {commits}, {rows}, {changes}"))?;
    if written_down.is_some() {
        output.line("the head that was written down is in it")?;
    }
    if checkpoint.is_some() {
        output.line("it holds all that the checkpoint says, and the key signed that")?;
    }
    if let Some(head) = head {
        output.line(format!("head {head}"))?;
    }
    Ok(Exit::Done)
}

pub(super) fn replay(place: &Place, output: &mut Output) -> Result<Exit> {
    let store = place.read()?;
    let mut bar = Bar::new("replay");
    let replayed = store.replay(&mut bar);
    drop(bar);
    let replayed = replayed?;
    let exit = match (replayed.agrees(), replayed.other_engines.is_empty()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Broken,
        (false, false) => Exit::OtherEngine,
    };
    if output.json {
        output.value(&replayed)?;
        return Ok(exit);
    }
    let rows = [("recorded", replayed.recorded), ("replayed", replayed.replayed)];
    let rows = rows
        .map(|(what, h)| [what.to_owned(), h.open.to_string(), h.state.to_string(), h.history.to_string()]);
    output.table(["", "open", "state", "history"], rows)?;
    output.line(format!("from scratch: {}", replayed.from_scratch))?;
    if !replayed.purged.is_empty() {
        output.line(format!(
            "left out because they were purged: {}",
            count(replayed.purged.len(), "subject")
        ))?;
        replayed.purged.iter().try_for_each(|digest| output.line(format!("  {digest}")))?;
    }
    let first = replayed.first_difference.map(|time| format!(", first at {time}")).unwrap_or_default();
    output.line(match exit {
        Exit::Done => format!("{} replayed; everything agrees", count(replayed.commits, "batch")),
        Exit::OtherEngine => {
            let names: Vec<&str> =
                replayed.other_engines.iter().map(|engine| engine.engine.as_str()).collect();
            format!("recorded by {}, not recomputable here{first}", names.join(", "))
        }
        _ => format!("the replay differs{first}"),
    })?;
    Ok(exit)
}

pub(super) fn hash(place: &Place, known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    let hashes = place.read()?.hashes(known_at)?;
    if output.json {
        output.value(&hashes)?;
    } else {
        output.line(format!("state   {}  ({})", hashes.state, count(hashes.open, "open alert")))?;
        output.line(format!("history {}", hashes.history))?;
    }
    Ok(Exit::Done)
}
