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
/// A word up to this wide is not divided, if that can be helped.
const WORD_MOST: f32 = 130.0;

struct Columns {
    widths: Vec<f32>,
    numeric: Vec<bool>,
}

pub(super) fn write(sheet: &mut Sheet, table: &Table) {
    sheet.leave(4.0);
    let Some(first) = table.rows.first() else {
        sheet.need(40.0);
        sheet.paragraph(TITLE, 0.0, &table.title);
        sheet.paragraph(CELL, 0.0, "None.");
        sheet.leave(6.0);
        return;
    };
    let columns = Columns::of(table);
    // A title and headings do not stand without a row.
    let title = TITLE.lines(&table.title, WIDE).len() as f32 * TITLE.leading() + 2.0;
    let head = columns.heads(table);
    sheet.need(title + head.height(HEAD) + columns.cells_of(first).height(CELL) + traced(first));
    sheet.paragraph(TITLE, 0.0, &table.title);
    sheet.leave(2.0);
    columns.head(sheet, &head);
    for row in &table.rows {
        columns.row(sheet, &head, row);
    }
    sheet.leave(10.0);
}

/// The lines of each cell of a row.
struct Cells(Vec<Vec<String>>);

impl Cells {
    fn height(&self, style: Style) -> f32 {
        let lines = self.0.iter().map(Vec::len).max().unwrap_or_default();
        lines as f32 * style.leading() + 5.0
    }
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
            let longest = longest_word(HEAD, &table.columns[column]);
            widths[column] = cells.fold(longest, f32::max).max(widths[column].min(heads_wrap.min(70.0)));
        }
        let of_numbers: f32 = (0..count).filter(|column| numeric[*column]).map(|column| widths[column]).sum();
        let words: Vec<usize> = (0..count).filter(|column| !numeric[*column]).collect();
        let asked: f32 = words.iter().map(|column| widths[*column]).sum();
        let left = room - of_numbers;
        if asked > left {
            // What a column needs beyond its least is met in one proportion for all.
            let longest = |column: usize| {
                let words = table.rows.iter().map(|row| longest_word(CELL, &row.cells[column].shown()));
                words.fold(longest_word(HEAD, &table.columns[column]), f32::max)
            };
            let least: Vec<f32> = words.iter().map(|column| longest(*column).clamp(0.0, WORD_MOST)).collect();
            let all_least: f32 = least.iter().sum();
            let squeeze = (left / all_least.max(1.0)).min(1.0);
            let beyond: f32 = asked - all_least;
            let spare = (left - all_least).max(0.0);
            for (column, least) in words.into_iter().zip(least) {
                widths[column] =
                    least * squeeze + spare * (widths[column] - least).max(0.0) / beyond.max(1.0);
            }
        }
        Self { widths, numeric }
    }

    fn heads(&self, table: &Table) -> Cells {
        Cells(
            table
                .columns
                .iter()
                .zip(&self.widths)
                .map(|(column, width)| HEAD.lines(column, *width))
                .collect(),
        )
    }

    fn cells_of(&self, row: &Row) -> Cells {
        Cells(
            row.cells
                .iter()
                .zip(&self.widths)
                .map(|(cell, width)| CELL.lines(&cell.shown(), *width))
                .collect(),
        )
    }

    fn head(&self, sheet: &mut Sheet, heads: &Cells) {
        let height = heads.height(HEAD);
        sheet.shade(height);
        self.cells(sheet, HEAD, heads);
        sheet.leave(height);
        sheet.rule(SOFT);
    }

    fn row(&self, sheet: &mut Sheet, heads: &Cells, row: &Row) {
        let cells = self.cells_of(row);
        let height = cells.height(CELL) + traced(row);
        if sheet.need(height) {
            self.head(sheet, heads);
        }
        self.cells(sheet, CELL, &cells);
        let mut below = cells.height(CELL) - 2.0;
        for (name, command) in trace(row) {
            sheet.words(NAME, 2.0, below, &name);
            let shift = if name.is_empty() { 0.0 } else { NAME.width(&name) + 8.0 };
            sheet.words(COMMAND, 2.0 + shift, below, &command);
            below += COMMAND.leading();
        }
        sheet.leave(height);
        sheet.rule(RULE);
    }

    fn cells(&self, sheet: &mut Sheet, style: Style, cells: &Cells) {
        let mut x = 0.0;
        for ((lines, width), numeric) in cells.0.iter().zip(&self.widths).zip(&self.numeric) {
            for (place, line) in lines.iter().enumerate() {
                let shift = if *numeric { width - style.width(line) } else { 0.0 };
                sheet.words(style, x + shift, 2.5 + place as f32 * style.leading(), line);
            }
            x += width + GAP;
        }
    }
}

fn longest_word(style: Style, text: &str) -> f32 {
    text.split_whitespace().map(|word| style.width(word)).fold(0.0, f32::max)
}

/// How high the query of a row is.
fn traced(row: &Row) -> f32 {
    trace(row).len() as f32 * COMMAND.leading()
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
