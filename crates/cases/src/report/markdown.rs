//! A report as Markdown.
//!
//! Always holds: what is in a cell cannot become markup or another cell. Charts are left out: their tables say the same.

use std::fmt::Write as _;

use super::{Block, Report, TITLE, Table};

pub(super) fn write(report: &Report) -> String {
    let mut text = format!("# {TITLE}\n\n");
    for (word, meaning) in report.facts() {
        writeln!(text, "- {word}: {}", code(&meaning)).expect("writing to a string");
    }
    for section in &report.sections {
        writeln!(text, "\n## {}", section.title).expect("writing to a string");
        for block in &section.blocks {
            match block {
                Block::Text(words) => writeln!(text, "\n{}", plain(words)).expect("writing to a string"),
                Block::Points(points) => {
                    text.push('\n');
                    for point in points {
                        writeln!(text, "- {}", plain(point)).expect("writing to a string");
                    }
                }
                Block::Table(table) => write_table(&mut text, table),
                Block::Chart(_) | Block::Flow(_) => {}
            }
        }
    }
    text
}

fn write_table(text: &mut String, table: &Table) {
    writeln!(text, "\n**{}**\n", plain(&table.title)).expect("writing to a string");
    if table.rows.is_empty() {
        text.push_str("None.\n");
        return;
    }
    let traced = table.is_traced();
    let mut heads: Vec<String> = table.columns.iter().map(|column| plain(column)).collect();
    let mut rules: Vec<&str> =
        (0..heads.len()).map(|column| if table.is_numeric(column) { "--:" } else { "---" }).collect();
    if traced {
        heads.extend(["query".to_owned(), "ids behind it".to_owned()]);
        rules.extend(["---", "---"]);
    }
    writeln!(text, "| {} |\n|{}|", heads.join(" | "), rules.join("|")).expect("writing to a string");
    for row in &table.rows {
        let mut cells: Vec<String> = row.cells.iter().map(|cell| plain(&cell.shown())).collect();
        if traced {
            cells.extend([code(&row.name), code(&row.command)]);
        }
        writeln!(text, "| {} |", cells.join(" | ")).expect("writing to a string");
    }
}

/// Words that are nothing but words.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => safe.extend(['\\', sign]),
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// A span of code; nothing of nothing.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let safe: String =
        text.chars().map(|sign| if sign.is_control() || sign == '`' { ' ' } else { sign }).collect();
    format!("`{}`", safe.replace('|', "\\|"))
}
