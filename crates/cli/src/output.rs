//! Where answers go: tables for people, JSON for machines. Standard output carries answers and nothing else.

use std::io::{BufWriter, Stdout, Write};

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

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
        Ok(writeln!(self.out, "{text}")?)
    }

    /// A value as one line of JSON.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        Ok(writeln!(self.out)?)
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
        rows.into_iter().for_each(|row| drop(table.add_row(row)));
        if table.row_count() == 0 {
            return Ok(());
        }
        for line in table.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Raw bytes.
    pub(crate) fn writer(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Makes sure that everything is out, so that a reader sees it now.
    pub(crate) fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    pub(crate) fn finish(&mut self) -> Result<()> {
        self.flush()
    }
}
