//! Backups and what is made of them again.

use std::path::Path;

use anyhow::Result;
use lookback::{Copied, copy_store};
use serde_json::json;

use super::Place;
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn backup(place: &Place, to: &Path, output: &mut Output) -> Result<Exit> {
    let copied = copy_store(&place.path, to).map_err(|error| place.hint(error))?;
    tell(&copied, to, output)
}

pub(super) fn restore(place: &Place, from: &Path, output: &mut Output) -> Result<Exit> {
    let copied = copy_store(from, &place.path)?;
    tell(&copied, &place.path, output)
}

fn tell(copied: &Copied, at: &Path, output: &mut Output) -> Result<Exit> {
    let Copied { store, audit, bytes } = copied;
    let head = store.head.map(|head| head.to_string());
    if output.json {
        let path = at.display().to_string();
        output.value(&json!({
            "path": path, "bytes": bytes, "commits": store.commits, "rows": store.rows, "head": head, "audit": audit.entries
        }))?;
        return Ok(Exit::Done);
    }
    let (commits, looks) = (count(store.commits, "commit"), count(audit.entries, "entry"));
    output.line(format!(
        "{}: {bytes} bytes; the chain holds: {commits}; the audit holds: {looks}",
        at.display()
    ))?;
    if let Some(head) = head {
        output.line(format!("head {head}"))?;
    }
    Ok(Exit::Done)
}
