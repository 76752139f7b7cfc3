//! The audit: what a command is about to look at, and the log of it.

use anyhow::Result;
use lookback::audit::{AuditAction, Look, Reach, verify_audit};
use lookback::{AuditFilter, Audited};

use super::{Place, note};
use crate::args::access::Access;
use crate::args::audit::Audit;
use crate::args::review::{Matters, Redress, Review, Runs, Subject};
use crate::args::{Args, Command, Hold, Network, Retention};
use crate::exit::Exit;
use crate::output::{Output, count};

/// What a command looks at; `None` for one that changes something, or shows nothing of anybody.
fn look(command: &Command) -> Option<Look> {
    use AuditAction::{Access as OfAccess, Audit as OfAudit, Explain, Export, Figures, List, LookUp, Search};
    use Reach::{Everybody, Filtered, Targets};
    let to = |action, (what, permission): (&str, _), reach, targets: &[&str]| {
        let targets = targets.iter().map(|&target| target.to_owned()).collect();
        let what = what.to_owned();
        Some(Look { action, targets, query: None, what, permission, reach, break_glass: None })
    };
    match command {
        Command::Entities { .. } => to(Export, ("entities", "export"), Everybody, &[]),
        Command::Export { .. } => to(Export, ("export", "export"), Everybody, &[]),
        // Nobody is shown by it, so that whoever keeps the machine need not be in all compartments.
        Command::Backup { .. } => to(Export, ("backup", "back_up"), Filtered, &[]),
        Command::Screen(options) if options.enrol.is_none() => {
            let asked = options.name.join(" ");
            let look = to(Search, ("screen", "search"), Filtered, &[])?;
            Some(Look { query: (!asked.is_empty()).then_some(asked), ..look })
        }
        Command::Alerts { .. } => to(List, ("alerts", "read"), Filtered, &[]),
        Command::Diff { .. } => to(List, ("diff", "read"), Everybody, &[]),
        Command::Queue(_) => to(List, ("queue", "read"), Filtered, &[]),
        Command::Why { what, .. } => to(LookUp, ("why", "read"), Targets, &[what]),
        Command::Figures { explain: None, .. } => to(Figures, ("figures", "figures"), Filtered, &[]),
        Command::Figures { explain: Some(figure), .. } => {
            to(Explain, ("figures --explain", "explain_figures"), Everybody, &[figure])
        }
        Command::Claims { .. } => to(Figures, ("claims", "figures"), Filtered, &[]),
        Command::Report(options) => match &options.explain {
            None => to(Figures, ("report", "report"), Filtered, &[]),
            Some(name) => to(Explain, ("report --explain", "explain_figures"), Everybody, &[name]),
        },
        Command::Review { command: Review::Show { alert, .. } } => {
            to(LookUp, ("review show", "read"), Targets, &[alert])
        }
        Command::Subject { command: Subject::Show { subject, .. } } => {
            to(LookUp, ("subject show", "read"), Targets, &[subject.as_str()])
        }
        Command::Subject { command: Subject::Extract { subject, .. } } => {
            to(Export, ("subject extract", "extract"), Targets, &[subject.as_str()])
        }
        Command::Redress { command: Redress::List { .. } } => {
            to(List, ("redress list", "read"), Everybody, &[])
        }
        Command::Retention { command: Retention::Due { .. } } => {
            to(List, ("retention due", "read"), Everybody, &[])
        }
        Command::Hold { command: Hold::List } => to(List, ("hold list", "read"), Everybody, &[]),
        Command::Runs { command: Runs::List { .. } } => to(List, ("runs list", "read"), Filtered, &[]),
        Command::Matters { command: Matters::List { .. } } => {
            to(List, ("matters list", "read"), Filtered, &[])
        }
        Command::Network { command: Network::Path(options) } => {
            let ends = [options.start.as_str(), options.end.as_str()];
            to(LookUp, ("network path", "read"), Everybody, &ends)
        }
        Command::Network { command: Network::Neighbours { id, .. } } => {
            to(LookUp, ("network neighbours", "read"), Everybody, &[id.as_str()])
        }
        Command::Network { command: Network::Export(_) } => {
            to(Export, ("network export", "export"), Everybody, &[])
        }
        Command::Access { command } => Some(Look {
            what: look_at_access(command)?,
            ..to(OfAccess, ("access", "account"), Filtered, &[])?
        }),
        Command::Audit { command: Audit::List { .. } } => to(OfAudit, ("audit list", "audit"), Filtered, &[]),
        _ => None,
    }
}

/// The same for credentials, in words.
fn look_at_access(command: &Access) -> Option<String> {
    Some(match command {
        Access::Password { account } => format!("access password {account}"),
        Access::Key { account, .. } => format!("access key {account}"),
        Access::List => "access list".to_owned(),
        Access::Revoke { key: Some(key), .. } => format!("access revoke {key}"),
        Access::Revoke { account: Some(account), .. } => format!("access revoke --account {account}"),
        Access::Revoke { .. } => return None,
        Access::Link { account, .. } => format!("access link {account}"),
    })
}

/// Asks whether the account may look, and notes that it is about to. Where nothing may be written it says so and goes on.
pub(super) fn note_look(place: &Place, args: &Args) -> Result<()> {
    let Some(look) = look(&args.command).filter(|_| args.store.is_file()) else {
        return Ok(());
    };
    let store = place.read()?;
    let look = Look { break_glass: args.break_glass.clone(), ..look };
    store.check_look(&look)?;
    if let Err(error) = store.note_look(look) {
        note(&format!("this look could not be noted in the audit: {error}"));
    }
    Ok(())
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
