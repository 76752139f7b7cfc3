//! Tables on pages: columns as wide as they need, words wrapped, the headings again on every page, the query of a row below it.

use super::font::Font;
use super::sheet::{INK, RULE, SOFT, Sheet, Style, WIDE};
use crate::report::{Row, Table};

const CELL: Style = Style::new(Font::Plain, 8.0, INK);
const HEAD: Style = Style::new(Font::Bold, 7.5, INK);
const TITLE: Style = Style::new(Font::Bold, 9.5, INK);
const NAME: Style = Style::new(Font::Bold, 6.5, SOFT);
const COMMAND: Style = Style::new(Font::Code, 6.2, SOFT);
const GAP: f32 = 10.0;
/// However little it needs, a column of words is not squeezed below this.
const WORDS_LEAST: f32 = 56.0;

struct Columns {
    widths: Vec<f32>,
    numeric: Vec<bool>,
}

pub(super) fn write(sheet: &mut Sheet, table: &Table) {
    sheet.skip(4.0);
    sheet.need(60.0);
    sheet.paragraph(TITLE, 0.0, &table.title);
    sheet.skip(2.0);
    if table.rows.is_empty() {
        sheet.paragraph(CELL, 0.0, "None.");
        sheet.skip(6.0);
        return;
    }
    let columns = Columns::of(table);
    columns.head(sheet, table);
    for row in &table.rows {
        columns.row(sheet, table, row);
    }
    sheet.skip(10.0);
}

impl Columns {
    /// Columns of numbers get what they need; those of words share the rest by what they would need on one line.
    fn of(table: &Table) -> Self {
        let count = table.columns.len();
        let numeric: Vec<bool> = (0..count).map(|column| table.is_numeric(column)).collect();
        let wanted = |column: usize| {
            let cells = table.rows.iter().map(|row| CELL.width(&row.cells[column].shown()));
            cells.fold(HEAD.width(&table.columns[column]), f32::max)
        };
        let mut widths: Vec<f32> = (0..count).map(wanted).collect();
        let room = WIDE - GAP * (count.saturating_sub(1)) as f32;
        let heads_wrap = room / count.max(1) as f32;
        for column in (0..count).filter(|column| numeric[*column]) {
            let cells = table.rows.iter().map(|row| CELL.width(&row.cells[column].shown()));
            let longest_word = table.columns[column].split(' ').map(|word| HEAD.width(word)).fold(0.0, f32::max);
            widths[column] = cells.fold(longest_word, f32::max).max(widths[column].min(heads_wrap.min(70.0)));
        }
        let of_numbers: f32 = (0..count).filter(|column| numeric[*column]).map(|column| widths[column]).sum();
        let words: Vec<usize> = (0..count).filter(|column| !numeric[*column]).collect();
        let asked: f32 = words.iter().map(|column| widths[*column]).sum();
        let left = room - of_numbers;
        if asked > left {
            let least = WORDS_LEAST.min(left / words.len().max(1) as f32);
            // What a column needs beyond the least is met in one proportion for all.
            let beyond = |width: f32| (width - least).max(0.0);
            let all: f32 = words.iter().map(|column| beyond(widths[*column])).sum();
            let spare = left - words.iter().map(|column| widths[*column].min(least)).sum::<f32>();
            for column in words {
                widths[column] = widths[column].min(least) + spare * beyond(widths[column]) / all.max(1.0);
            }
        }
        Self { widths, numeric }
    }

    fn head(&self, sheet: &mut Sheet, table: &Table) {
        let cells: Vec<Vec<String>> =
            table.columns.iter().zip(&self.widths).map(|(column, width)| HEAD.lines(column, *width)).collect();
        let height = tallest(&cells) * HEAD.leading() + 5.0;
        sheet.need(height + 30.0);
        sheet.shade(height);
        self.cells(sheet, HEAD, &cells);
        sheet.skip(height);
        sheet.rule(SOFT);
    }

    fn row(&self, sheet: &mut Sheet, table: &Table, row: &Row) {
        let cells: Vec<Vec<String>> =
            row.cells.iter().zip(&self.widths).map(|(cell, width)| CELL.lines(&cell.shown(), *width)).collect();
        let trace = trace(row);
        let height = tallest(&cells) * CELL.leading() + 5.0 + trace.len() as f32 * COMMAND.leading();
        if sheet.need(height) {
            self.head(sheet, table);
        }
        self.cells(sheet, CELL, &cells);
        let mut below = 3.0 + tallest(&cells) * CELL.leading();
        for (name, command) in trace {
            sheet.words(NAME, 2.0, below, &name);
            let shift = if name.is_empty() { 0.0 } else { NAME.width(&name) + 8.0 };
            sheet.words(COMMAND, 2.0 + shift, below, &command);
            below += COMMAND.leading();
        }
        sheet.skip(height);
        sheet.rule(RULE);
    }

    fn cells(&self, sheet: &mut Sheet, style: Style, cells: &[Vec<String>]) {
        let mut x = 0.0;
        for ((lines, width), numeric) in cells.iter().zip(&self.widths).zip(&self.numeric) {
            for (place, line) in lines.iter().enumerate() {
                let shift = if *numeric { width - style.width(line) } else { 0.0 };
                sheet.words(style, x + shift, 2.5 + place as f32 * style.leading(), line);
            }
            x += width + GAP;
        }
    }
}

fn tallest(cells: &[Vec<String>]) -> f32 {
    cells.iter().map(Vec::len).max().unwrap_or_default() as f32
}

/// The query of a row and its command: on one line if they fit.
fn trace(row: &Row) -> Vec<(String, String)> {
    if row.command.is_empty() {
        return Vec::new();
    }
    let wide = WIDE - 4.0;
    let left = wide - NAME.width(&row.name) - 8.0;
    if COMMAND.width(&row.command) <= left {
        return vec![(row.name.clone(), row.command.clone())];
    }
    let lines = COMMAND.lines(&row.command, wide).into_iter().map(|line| (String::new(), line));
    std::iter::once((row.name.clone(), String::new())).chain(lines).collect()
}
