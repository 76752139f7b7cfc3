//! Where answers go: tables for people, JSON for machines. Standard output carries answers and nothing else.

use std::io::{BufWriter, Stdout, Write};

use anyhow::{Context, Result};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// What was being done when standard output fails.
pub(crate) const WRITING: &str = "writing to standard output";

/// Standard output, as text or as JSON.
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    /// Whether the caller asked for JSON.
    pub(crate) json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { out: BufWriter::new(std::io::stdout()), json }
    }

    /// A line of text.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> Result<()> {
        writeln!(self.out, "{text}").context(WRITING)
    }

    /// A value as one line of JSON.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, value).map_err(std::io::Error::from).context(WRITING)?;
        writeln!(self.out).context(WRITING)
    }

    /// Rows under headings; nothing at all when there are no rows.
    pub(crate) fn table<const N: usize>(
        &mut self,
        headings: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Result<()> {
        let mut table = Table::new();
        table
            .load_preset(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(headings);
        for row in rows {
            table.add_row(row);
        }
        if table.row_count() == 0 {
            return Ok(());
        }
        for line in table.lines() {
            writeln!(self.out, "{}", line.trim_end()).context(WRITING)?;
        }
        Ok(())
    }

    /// Raw bytes.
    pub(crate) fn writer(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Makes sure that everything is out, so that a reader sees it now.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.out.flush().context(WRITING)
    }

    /// The last word: nothing is left in the buffer.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.flush()
    }
}

/// A number and what it counts: "1 commit", "2 commits", "2 entries", "2 days".
pub(crate) fn count(number: impl TryInto<u64>, one: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {one}"),
        many => match (one.strip_suffix('y').filter(|stem| !stem.ends_with('a')), one.ends_with("ch")) {
            (Some(stem), _) => format!("{many} {stem}ies"),
            (None, true) => format!("{many} {one}es"),
            (None, false) => format!("{many} {one}s"),
        },
    }
}
