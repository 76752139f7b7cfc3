//! The audit: what a command is about to look at, and the log of it.

use anyhow::Result;
use lookback::audit::{AuditAction, Look, verify_audit};
use lookback::{AuditFilter, Audited};

use super::{Place, note};
use crate::args::audit::Audit;
use crate::args::review::{Matters, Redress, Review, Runs, Subject};
use crate::args::{Args, Command, Network};
use crate::exit::Exit;
use crate::output::{Output, count};

/// What a command looks at; `None` for one that changes something, or shows nothing of anybody.
fn look(command: &Command) -> Option<(AuditAction, &'static str, Vec<String>, Option<String>)> {
    use AuditAction::{Audit as OfAudit, Explain, Export, Figures, List, LookUp, Search};
    let to = |action, what, targets: &[&str]| {
        Some((action, what, targets.iter().map(|&target| target.to_owned()).collect(), None))
    };
    match command {
        Command::Entities { .. } => to(Export, "entities", &[]),
        Command::Export { .. } => to(Export, "export", &[]),
        Command::Screen(options) if options.enrol.is_none() => {
            let asked = options.name.join(" ");
            Some((Search, "screen", Vec::new(), (!asked.is_empty()).then_some(asked)))
        }
        Command::Alerts { .. } => to(List, "alerts", &[]),
        Command::Diff { .. } => to(List, "diff", &[]),
        Command::Queue(_) => to(List, "queue", &[]),
        Command::Why { what, .. } => to(LookUp, "why", &[what]),
        Command::Figures { explain: None, .. } => to(Figures, "figures", &[]),
        Command::Figures { explain: Some(figure), .. } => to(Explain, "figures --explain", &[figure]),
        Command::Claims { .. } => to(Figures, "claims", &[]),
        Command::Report(options) => match &options.explain {
            None => to(Figures, "report", &[]),
            Some(name) => to(Explain, "report --explain", &[name]),
        },
        Command::Review { command: Review::Show { alert, .. } } => to(LookUp, "review show", &[alert]),
        Command::Subject { command: Subject::Show { subject, .. } } => {
            to(LookUp, "subject show", &[subject.as_str()])
        }
        Command::Subject { command: Subject::Extract { subject, .. } } => {
            to(Export, "subject extract", &[subject.as_str()])
        }
        Command::Redress { command: Redress::List { .. } } => to(List, "redress list", &[]),
        Command::Runs { command: Runs::List { .. } } => to(List, "runs list", &[]),
        Command::Matters { command: Matters::List { .. } } => to(List, "matters list", &[]),
        Command::Network { command: Network::Path(options) } => {
            to(LookUp, "network path", &[options.start.as_str(), options.end.as_str()])
        }
        Command::Network { command: Network::Neighbours { id, .. } } => {
            to(LookUp, "network neighbours", &[id.as_str()])
        }
        Command::Network { command: Network::Export(_) } => to(Export, "network export", &[]),
        Command::Audit { command: Audit::List { .. } } => to(OfAudit, "audit list", &[]),
        _ => None,
    }
}

/// Notes what a command is about to look at. Where nothing may be written it says so and goes on.
pub(super) fn note_look(place: &Place, args: &Args) -> Result<()> {
    let Some((action, what, targets, query)) = look(&args.command).filter(|_| args.store.is_file()) else {
        return Ok(());
    };
    let store = place.read()?;
    let break_glass = args.break_glass.clone();
    let noted = store.note_look(Look { action, targets, query, what: what.to_owned(), break_glass });
    match noted {
        Ok(_) => Ok(()),
        Err(error @ (lookback::Error::Denied(_) | lookback::Error::Usage(_)))
            if args.break_glass.is_some() =>
        {
            Err(error.into())
        }
        Err(error) => {
            note(&format!("this look could not be noted in the audit: {error}"));
            Ok(())
        }
    }
}

pub(super) fn run(place: &Place, command: Audit, output: &mut Output) -> Result<Exit> {
    match command {
        Audit::List { since, account, target, action, break_glass_only } => {
            let filter = AuditFilter { since, account, target, action, break_glass: break_glass_only };
            let entries = place.read()?.audit(&filter)?;
            if output.json {
                entries.iter().try_for_each(|entry| output.value(entry))?;
            } else {
                let headings = ["entry", "at", "account", "proof", "action", "about", "for", "break-glass"];
                output.table(headings, entries.iter().map(row))?;
            }
        }
        Audit::Verify => {
            let verified = verify_audit(&place.path)?;
            if output.json {
                output.value(&verified)?;
            } else {
                let (entries, anchors) = (verified.entries, count(verified.anchors, "commit"));
                output.line(format!("the audit holds: entries {entries}, named by {anchors}"))?;
            }
        }
        Audit::Review { seq, note } => {
            let entry = place.read()?.review_broken_glass(seq, &note)?;
            output.line(format!("entry {entry}: recorded"))?;
        }
    }
    Ok(Exit::Done)
}

fn row(entry: &Audited) -> [String; 8] {
    let about = match (&entry.targets[..], &entry.detail) {
        _ if entry.purged => "(purged)".to_owned(),
        ([], detail) => detail.clone().unwrap_or_default(),
        (targets, _) => targets.join(", "),
    };
    [
        entry.seq.to_string(),
        entry.at.to_string(),
        entry.account.to_string(),
        entry.proof.to_owned(),
        entry.action.word().to_owned(),
        about,
        entry.purpose.clone(),
        entry.break_glass.clone().unwrap_or_default(),
    ]
}
