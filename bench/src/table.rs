//! The table. In: what the phases measured, and the machine. Out: aligned text, or JSON with the same content.

use std::fmt;

use anyhow::Result;
use serde::Serialize;

use crate::machine::Machine;
use crate::phases::{Finding, Measured, Target};

/// What one run measured.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    people: u64,
    machine: Machine,
    phases: Vec<Measured>,
}

/// The most memory that any phase may need.
const PEAK_MIB: Target = Target::AtMost(1536.0);

impl Table {
    pub(crate) fn new(people: u64, machine: Machine) -> Self {
        Self { people, machine, phases: Vec::new() }
    }

    /// Adds a phase, and its peak of memory as a finding.
    pub(crate) fn add(&mut self, mut phase: Measured) {
        phase.findings.push(Finding {
            what: "peak memory".into(),
            value: phase.peak_mib as f64,
            unit: "MiB".into(),
            target: Some(PEAK_MIB),
        });
        self.phases.push(phase);
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = grouped(self.people);
        write!(f, "{people} invented subjects\n{}\n\n{}", self.machine, sections(&self.phases))
    }
}

/// The findings of all phases, those of one under its name.
pub(crate) fn sections(phases: &[Measured]) -> String {
    let width = width_of(phases.iter().flat_map(|phase| &phase.findings));
    let head = format!("{:width$}  {:>12} {:4}  {:>12}\n", "what", "measured", "", "target");
    let section = |phase: &Measured| format!("\n{}\n{}", phase.phase, rows_as_wide(&phase.findings, width));
    head + &phases.iter().map(section).collect::<String>()
}

/// Findings alone, one a line.
pub(crate) fn rows_of(findings: &[Finding]) -> String {
    rows_as_wide(findings, width_of(findings.iter()))
}

fn width_of<'a>(findings: impl Iterator<Item = &'a Finding>) -> usize {
    findings.map(|finding| finding.what.chars().count()).max().unwrap_or(0)
}

fn rows_as_wide(findings: &[Finding], width: usize) -> String {
    let row = |Finding { what, value, unit, target }: &Finding| {
        let row = format!("{what:width$}  {:>12} {unit:4}  {}", number(*value), beside(*target, *value));
        row.trim_end().to_owned() + "\n"
    };
    findings.iter().map(row).collect()
}

/// Rows of cells, the first to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0)).map(width).collect();
    let cell = |(column, cell): (usize, &String)| match (column, widths[column]) {
        (0, width) => format!("{cell:width$}"),
        (_, width) => format!("  {cell:>width$}"),
    };
    let line =
        |row: &Vec<String>| row.iter().enumerate().map(cell).collect::<String>().trim_end().to_owned() + "\n";
    rows.iter().map(line).collect()
}

pub(crate) fn beside(target: Option<Target>, value: f64) -> String {
    let Some(target) = target else { return String::new() };
    let (sign, bound) = match target {
        Target::AtLeast(bound) => ('≥', bound),
        Target::AtMost(bound) => ('≤', bound),
    };
    let verdict = if target.is_met(value) { "ok" } else { "short" };
    format!("{:>12}  {verdict}", format!("{sign} {}", number(bound)))
}

/// Three digits that tell, thousands set apart.
pub(crate) fn number(value: f64) -> String {
    match value {
        whole if whole >= 100.0 || whole.fract() == 0.0 => grouped_digits(&format!("{whole:.0}")),
        tens if tens >= 10.0 => format!("{tens:.1}"),
        small => format!("{small:.2}"),
    }
}

pub(crate) fn grouped(number: u64) -> String {
    grouped_digits(&number.to_string())
}

fn grouped_digits(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_three_digits_that_tell() {
        for (value, expected) in
            [(1_234_567.0, "1,234,567"), (999.6, "1,000"), (12.34, "12.3"), (1.239, "1.24")]
        {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn cells_stand_under_each_other() {
        let rows = [["what", "n"], ["as", "100"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), "what    n\nas    100\n");
    }

    #[test]
    fn a_number_stands_beside_its_target() {
        assert!(beside(Some(Target::AtMost(2.0)), 1.5).ends_with("≤ 2  ok"));
        assert!(beside(Some(Target::AtLeast(20_000.0)), 1.5).ends_with("≥ 20,000  short"));
        assert_eq!(beside(None, 1.0), "");
    }
}
