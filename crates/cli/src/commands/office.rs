//! Accounts, matters that take two persons, subjects, redress, re-examinations.

use anyhow::Result;
use lookback::review::{Account as Standing, Proposed, ReportedEvent, ReviewOutcome, Run};
use lookback::{LaterChanges, Store};
use model::{Digest, EntityId, KnownAt, Matter, SubjectAct};
use serde::Serialize;

use super::Place;
use crate::args::review::{Account, Matters, Redress, Runs, Subject};
use crate::exit::Exit;
use crate::output::Output;
use lookback::Silent;

pub(super) fn account(place: &Place, command: Account, output: &mut Output) -> Result<Exit> {
    match command {
        Account::Open { account, person, role, compartment } => {
            let (roles, compartments) = (role.into_iter().collect(), compartment.into_iter().collect());
            let decision = place.write()?.open_account(account, person, roles, compartments)?;
            decided(&decision, output)
        }
        Account::Close { account } => decided(&place.write()?.close_account(account)?, output),
        Account::List { as_of } => {
            let store = place.read()?;
            let at = as_of.known_at.map_or_else(|| store.now(), Ok)?;
            let accounts = store.accounts(at)?;
            lines(&accounts, output, |accounts, output| {
                output.table(["account", "person", "roles", "compartments"], accounts.iter().map(account_row))
            })
        }
    }
}

fn account_row(account: &Standing) -> [String; 4] {
    let standing = &account.standing;
    [
        account.account.to_string(),
        standing.person.to_string(),
        standing.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", "),
        standing.compartments.iter().cloned().collect::<Vec<_>>().join(", "),
    ]
}

fn decided(decision: &EntityId, output: &mut Output) -> Result<Exit> {
    if output.json {
        output.value(&serde_json::json!({ "decision": decision }))?;
    } else {
        output.line(format!("{decision}: recorded"))?;
    }
    Ok(Exit::Done)
}

/// One value a line as JSON, or a table.
fn lines<T: Serialize>(
    values: &[T],
    output: &mut Output,
    table: impl FnOnce(&[T], &mut Output) -> Result<()>,
) -> Result<Exit> {
    if output.json {
        values.iter().try_for_each(|value| output.value(value))?;
    } else {
        table(values, output)?;
    }
    Ok(Exit::Done)
}

fn outcome<T>(proposed: &Proposed<T>) -> String {
    match (&proposed.outcome, &proposed.closed) {
        (ReviewOutcome::Open, _) | (_, None) => "waits for a second person".to_owned(),
        (ReviewOutcome::Agreed, Some((by, at))) => format!("agreed by {by}, {}", at.day()),
        (ReviewOutcome::Rejected, Some((by, at))) => format!("rejected by {by}, {}", at.day()),
    }
}

pub(super) fn matters(place: &Place, command: Matters, output: &mut Output) -> Result<Exit> {
    match command {
        Matters::List { as_of } => {
            let matters = place.read()?.matters(as_of.time())?;
            lines(&matters, output, |matters, output| {
                let rows = matters.iter().map(|one| {
                    let what = match &one.what {
                        Matter::Policy { digest, .. } => format!("policy {}", &digest.to_string()[..12]),
                        Matter::HeldRelease { held, .. } => format!("release of held version {held}"),
                    };
                    [one.id.to_string(), what, one.by.to_string(), outcome(one)]
                });
                output.table(["proposal", "what", "by", "outcome"], rows)
            })
        }
        Matters::ProposePolicy { file, reason, note } => {
            let text = super::read_text(&file)?;
            decided(&place.write()?.propose_policy(&text, reason, &note)?, output)
        }
        Matters::ProposeRelease { held, note } => {
            decided(&place.write()?.propose_release(held, &note)?, output)
        }
        Matters::Agree { proposal, confirm_undo_later } => {
            let later = if confirm_undo_later { LaterChanges::Undo } else { LaterChanges::Keep };
            let agreed = place.write()?.agree(&proposal, later, &mut Silent)?;
            if output.json {
                output.value(&agreed)?;
            } else {
                output.line(format!("{}: {}", agreed.decision, agreed.done))?;
            }
            Ok(Exit::Done)
        }
        Matters::Reject { proposal, note } => decided(&place.write()?.reject(&proposal, &note)?, output),
    }
}

pub(super) fn subject(place: &Place, command: Subject, output: &mut Output) -> Result<Exit> {
    let act = |store: &mut Store, subject: &EntityId, act: SubjectAct, note: &str| {
        store.decide_subject(subject, act, note)
    };
    match command {
        Subject::Show { subject, as_of } => show_subject(&place.read()?, &subject, as_of.known_at, output),
        Subject::Extract { subject, as_of } => {
            output.value(&place.read()?.extract(&subject, as_of.known_at)?)?;
            Ok(Exit::Done)
        }
        Subject::Merge { subject, into, note } => {
            decided(&place.write()?.merge(&subject, &into, &note)?, output)
        }
        Subject::Detach { subject, merge, note } => {
            decided(&act(&mut place.write()?, &subject, SubjectAct::Detach { merge }, &note)?, output)
        }
        Subject::Flag { subject, flag } => {
            decided(&act(&mut place.write()?, &subject, SubjectAct::Flag { flag }, "")?, output)
        }
        Subject::Unflag { subject, flag } => {
            decided(&act(&mut place.write()?, &subject, SubjectAct::Unflag { flag }, "")?, output)
        }
        Subject::Report { subject, event, at, source, result } => {
            let reported = ReportedEvent { subject, event, at, source, result };
            let commit = place.write()?.report_event(reported)?;
            if output.json {
                output.value(&commit)?;
            } else {
                output.line(format!("commit {}: recorded", commit.seq))?;
            }
            Ok(Exit::Done)
        }
    }
}

fn show_subject(
    store: &Store,
    subject: &EntityId,
    known_at: Option<KnownAt>,
    output: &mut Output,
) -> Result<Exit> {
    let subject = store.subject(subject, known_at)?;
    if output.json {
        output.value(&subject)?;
        return Ok(Exit::Done);
    }
    let case = subject.case.map_or("nothing pending", |state| state.word());
    output.line(format!("subject {}: {case}", subject.subject))?;
    if subject.one_with.len() > 1 {
        let ids: Vec<String> = subject.one_with.iter().map(ToString::to_string).collect();
        output.line(format!("one subject: {}; {} stands for it", ids.join(", "), subject.canonical))?;
    }
    for flag in &subject.flags {
        output.line(format!("marked: {}", serde_json::to_value(flag)?.to_string().trim_matches('"')))?;
    }
    let rows = subject.reviews.iter().map(|review| {
        [
            review.alert.to_string(),
            review.kind.to_owned(),
            review.entry.to_string(),
            review.review.word().to_owned(),
            review.verdict.map_or("", |verdict| verdict.word()).to_owned(),
        ]
    });
    output.table(["alert", "kind", "entry", "review", "verdict"], rows)?;
    redress_table(&subject.redress, output)?;
    Ok(Exit::Done)
}

fn redress_table(requests: &[Proposed<lookback::review::RedressRequest>], output: &mut Output) -> Result<()> {
    let rows = requests.iter().map(|one| {
        [
            one.id.to_string(),
            one.what.subject.to_string(),
            one.known_at.day(),
            outcome(one),
            one.what.ground.clone(),
        ]
    });
    output.table(["request", "subject", "since", "outcome", "ground"], rows)
}

pub(super) fn redress(place: &Place, command: Redress, output: &mut Output) -> Result<Exit> {
    match command {
        Redress::List { as_of } => {
            let requests = place.read()?.redress_requests(as_of.time())?;
            lines(&requests, output, redress_table)
        }
        Redress::Request { subject, ground, evidence } => {
            let read = |file| {
                super::open_file(file).and_then(|mut open| {
                    let mut bytes = Vec::new();
                    std::io::Read::read_to_end(&mut open, &mut bytes)?;
                    Ok(Digest::of(&bytes))
                })
            };
            let evidence = evidence.as_deref().map(read).transpose()?;
            let act = SubjectAct::RequestRedress { ground, evidence };
            decided(&place.write()?.decide_subject(&subject, act, "")?, output)
        }
        Redress::Grant { request, retract, note } => {
            let done = place.write()?.grant_redress(&request, &retract, &note)?;
            if output.json {
                output.value(&done)?;
            } else {
                let gone = crate::output::count(done.withdrawn.len(), "alert");
                output.line(format!(
                    "{}: granted in commit {}; {gone} withdrawn",
                    done.decision, done.commit
                ))?;
                for given in &done.recipients {
                    let (who, what) = (&given.account, given.detail.as_deref().unwrap_or_default());
                    output.line(format!("tell {who}: {what} at {} for {}", given.at, given.purpose))?;
                }
            }
            Ok(Exit::Done)
        }
        Redress::Refuse { request, note } => {
            decided(&place.write()?.refuse_redress(&request, &note)?, output)
        }
    }
}

pub(super) fn runs(place: &Place, command: Runs, output: &mut Output) -> Result<Exit> {
    match command {
        Runs::List { as_of } => {
            let runs = place.read()?.runs(as_of.time())?;
            lines(&runs, output, |runs, output| {
                let headings = [
                    "commit",
                    "known at",
                    "for",
                    "subjects",
                    "came",
                    "changed",
                    "went",
                    "approved by",
                    "said of it",
                ];
                output.table(headings, runs.iter().map(run_row))
            })
        }
        Runs::Note { commit, trigger, scope } => {
            decided(&place.write()?.note_run(commit, &trigger, scope.as_deref())?, output)
        }
        Runs::Lesson { run, lesson } => decided(&place.write()?.note_lesson(&run, &lesson)?, output),
    }
}

fn run_row(run: &Run) -> [String; 9] {
    let notes: Vec<&str> = run.notes.iter().map(|note| note.text.as_str()).collect();
    [
        run.commit.to_string(),
        run.known_at.to_string(),
        run.purpose.clone(),
        run.subjects.to_string(),
        run.opened.to_string(),
        run.changed.to_string(),
        run.withdrawn.to_string(),
        run.approved_by.as_ref().map(ToString::to_string).unwrap_or_default(),
        notes.join("; "),
    ]
}
