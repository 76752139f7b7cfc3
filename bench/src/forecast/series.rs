//! The public series. In: their folder. Out: histories. What they count is told in docs/forecast.md.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use lookback::forecast::{History, Period};

/// Applications for asylum, people waiting for a first decision, decisions and withdrawals, by quarter.
pub(super) fn quarters(folder: &Path) -> Result<History> {
    let outcomes: BTreeMap<String, u64> = rows(&folder.join("uk_asylum_outcomes_q.csv"), |row| {
        Ok((row.text("Date")?, row.count("Granted")? + row.count("Refused")? + row.count("Withdrawn")?))
    })?
    .into_iter()
    .collect();
    let mut counts: BTreeMap<String, (u64, Option<u64>)> = BTreeMap::new();
    for (date, what, people) in rows(&folder.join("uk_asylum_applications_backlog_q.csv"), |row| {
        Ok((row.text("Date")?, row.text("Type")?, row.count("Number of people")?))
    })? {
        let quarter = counts.entry(date).or_default();
        if what.starts_with("New") {
            quarter.0 = people;
        } else {
            quarter.1 = Some(people);
        }
    }
    let periods = counts.into_iter().map(|(label, (receipts, stock))| {
        let completions = outcomes.get(&label).copied().with_context(|| format!("no outcomes of {label}"))?;
        Ok(Period { label, receipts, completions, stock })
    });
    Ok(History::new(periods.collect::<Result<Vec<_>>>()?)?)
}

/// Cases received, completed and pending before immigration courts, by fiscal year.
pub(super) fn years(folder: &Path) -> Result<History> {
    let periods = rows(&folder.join("eoir_pending_receipts_completions_fy.csv"), |row| {
        Ok(Period {
            label: row.text("fiscal_year")?,
            receipts: row.count("initial_receipts")?,
            completions: row.count("total_completions")?,
            stock: Some(row.count("pending_end_fy")?),
        })
    })?;
    Ok(History::new(periods)?)
}

/// One row: its cells by the names of their columns.
struct Row<'a>(BTreeMap<&'a str, &'a str>);

impl Row<'_> {
    fn text(&self, column: &str) -> Result<String> {
        Ok((*self.0.get(column).with_context(|| format!("no column {column}"))?).to_owned())
    }

    /// A count; an empty cell is none.
    fn count(&self, column: &str) -> Result<u64> {
        let text = self.text(column)?;
        if text.is_empty() { Ok(0) } else { text.parse().with_context(|| format!("column {column}: {text}")) }
    }
}

/// Reads a table whose cells hold no commas, as those of the series do.
fn rows<T>(path: &Path, read: impl Fn(&Row) -> Result<T>) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let row = |line: &str| read(&Row(columns.iter().copied().zip(line.split(',').map(str::trim)).collect()));
    lines.map(|line| row(line).with_context(|| format!("in {}", path.display()))).collect()
}
