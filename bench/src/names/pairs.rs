//! Labelled pairs of names. In: a tab-separated file with a header, plain or compressed. Out: its rows in order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;

/// A name, whose it is, and the script it is written in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) script: String,
    /// The person, as far as the source knows.
    pub(crate) group: String,
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    /// True for the same person.
    pub(crate) same: bool,
    pub(crate) query: Named,
    pub(crate) target: Named,
    pub(crate) country: String,
    pub(crate) relation: String,
}

impl Pair {
    /// The two scripts, sorted.
    pub(crate) fn scripts(&self) -> String {
        let (query, target) = (&self.query.script, &self.target.script);
        format!("{}-{}", query.min(target), query.max(target))
    }

    /// False where names alone cannot decide: noms de guerre, and other people whose name is a part of this one.
    pub(crate) fn is_decidable(&self) -> bool {
        self.relation != if self.same { "alias_dissimilar" } else { "neg_subset" }
    }
}

/// Reads labelled pairs.
pub(crate) fn read_pairs(path: &Path) -> Result<Vec<Pair>> {
    let rows = read_rows(path)?;
    rows.iter().map(|row| pair(row).with_context(|| format!("a row of {}", path.display()))).collect()
}

fn pair(row: &BTreeMap<String, String>) -> Result<Pair> {
    let column = |name: &str| row.get(name).cloned().with_context(|| format!("there is no column {name}"));
    let named = |side: &str, group: &str| -> Result<Named> {
        Ok(Named {
            name: column(&format!("{side}_name"))?,
            script: column(&format!("{side}_script"))?,
            group: column(group)?,
        })
    };
    Ok(Pair {
        same: column("label")? == "1",
        query: named("query", "group_q")?,
        target: named("target", "group_t")?,
        country: column("country")?,
        relation: column("relation")?,
    })
}

/// Rows of a tab-separated file without quotes, by the names in its first line.
pub(crate) fn read_rows(path: &Path) -> Result<Vec<BTreeMap<String, String>>> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text)
    } else {
        { file }.read_to_string(&mut text)
    }
    .with_context(|| format!("reading {}", path.display()))?;
    let mut lines = text.lines().map(|line| line.split('\t'));
    let header: Vec<&str> = lines.next().with_context(|| format!("{} is empty", path.display()))?.collect();
    let mut rows = Vec::new();
    for (line, fields) in lines.enumerate() {
        let fields: Vec<String> = fields.map(str::to_owned).collect();
        ensure!(fields.len() == header.len(), "{}: row {} has other columns", path.display(), line + 1);
        rows.push(header.iter().map(|&name| name.to_owned()).zip(fields).collect());
    }
    Ok(rows)
}
