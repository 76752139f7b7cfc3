//! A report as PDF: pages of A4 with the standard fonts, the charts as vectors, a heading and a number on every page.
//!
//! Always holds: the same report gives the same bytes: there is no date in the file but those that the report speaks of, and no random
//! id. The fonts are not in the file, since every reader has them; letters that they do not have are shown as question marks, and the
//! first page says so.

mod font;
mod sheet;
mod table;

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, TextStr};

use super::{Block, Report, TITLE};
use font::Font;
use sheet::{INK, LEFT, PAGE, RULE, SOFT, Sheet, Style, WIDE, show};

const BODY: Style = Style::new(Font::Plain, 9.5, INK);
const HEADING: Style = Style::new(Font::Bold, 13.0, INK);
const SMALL: Style = Style::new(Font::Plain, 7.0, SOFT);
const CODE: Style = Style::new(Font::Code, 7.0, SOFT);

/// A heading, where it stands: what a reader shows beside the pages.
struct Mark {
    title: &'static str,
    page: usize,
    y: f32,
}

pub(super) fn write(report: &Report) -> Vec<u8> {
    let mut sheet = Sheet::new();
    front(&mut sheet, report);
    let mut marks = Vec::new();
    for section in &report.sections {
        // A heading does not stand alone at the foot of a page.
        sheet.need(80.0);
        sheet.leave(10.0);
        let (page, y) = sheet.place();
        marks.push(Mark { title: section.title, page, y });
        sheet.words(HEADING, 0.0, 0.0, section.title);
        sheet.leave(HEADING.leading() + 3.0);
        for block in &section.blocks {
            match block {
                Block::Text(text) => {
                    sheet.paragraph(BODY, 0.0, text);
                    sheet.leave(4.0);
                }
                Block::Points(points) => points.iter().for_each(|point| {
                    sheet.need(BODY.leading());
                    sheet.words(BODY, 4.0, 0.0, "•");
                    sheet.paragraph(BODY, 14.0, point);
                    sheet.leave(2.0);
                }),
                Block::Table(table) => table::write(&mut sheet, table),
                Block::Chart(chart) => sheet.drawing(&chart.drawing()),
                Block::Flow(flow) => sheet.drawing(&flow.drawing()),
            }
        }
    }
    let mut pages = sheet.pages;
    let count = pages.len();
    for (number, page) in pages.iter_mut().enumerate() {
        margins(page, report, number + 1, count);
    }
    bound(report, pages, &marks)
}

fn front(sheet: &mut Sheet, report: &Report) {
    let title = Style::new(Font::Bold, 20.0, INK);
    sheet.words(title, 0.0, 0.0, TITLE);
    sheet.leave(title.leading() + 6.0);
    for (word, meaning) in report.facts() {
        let lines = CODE.lines(&meaning, WIDE - 90.0);
        sheet.words(Style { colour: SOFT, size: 8.5, ..BODY }, 0.0, 0.0, word);
        for line in lines {
            sheet.words(Style { colour: INK, size: 8.0, ..CODE }, 90.0, 0.5, &line);
            sheet.leave(12.0);
        }
    }
    if !font::has(&report.json()) {
        sheet.leave(4.0);
        let note = "Letters that the standard fonts of PDF do not have are shown as question marks here; the other formats have them.";
        sheet.paragraph(BODY, 0.0, note);
    }
}

/// What stands above and below every page.
fn margins(page: &mut Content, report: &Report, number: usize, count: usize) {
    let heading = &report.heading;
    let top = PAGE.1 - 36.0;
    let bold = Style { font: Font::Bold, colour: INK, ..SMALL };
    show(page, bold, (LEFT, top), &format!("{TITLE}, as known at {}", heading.known_at));
    let of = format!("page {number} of {count}");
    show(page, SMALL, (LEFT + WIDE - SMALL.width(&of), top), &of);
    show(page, SMALL, (LEFT, top - 10.0), &cut(SMALL, format!("query: {}", heading.query)));
    let stated = |text: &str| if text.is_empty() { "not stated".to_owned() } else { text.to_owned() };
    let whose = format!("made by: {}    purpose: {}", stated(&heading.by), stated(&heading.purpose));
    show(page, SMALL, (LEFT, top - 20.0), &cut(SMALL, whose));
    let (red, green, blue) = RULE;
    page.save_state().set_stroke_rgb(red, green, blue).set_line_width(0.5);
    page.move_to(LEFT, top - 26.0).line_to(LEFT + WIDE, top - 26.0);
    page.move_to(LEFT, 44.0).line_to(LEFT + WIDE, 44.0).stroke().restore_state();
    show(page, CODE, (LEFT, 34.0), &format!("digest {}", report.digest));
}

/// As much of a line as fits.
fn cut(style: Style, text: String) -> String {
    if style.width(&text) <= WIDE {
        return text;
    }
    let mut short: Vec<char> = text.chars().collect();
    while style.width(&short.iter().collect::<String>()) > WIDE - 12.0 {
        short.pop();
    }
    short.into_iter().chain(['…']).collect()
}

fn bound(report: &Report, pages: Vec<Content>, marks: &[Mark]) -> Vec<u8> {
    let mut last = 0;
    let mut next = || {
        last += 1;
        Ref::new(last)
    };
    let (catalog, tree, info, outline) = (next(), next(), next(), next());
    let fonts = Font::ALL.map(|font| (font, next()));
    let page_ids: Vec<(Ref, Ref)> = pages.iter().map(|_| (next(), next())).collect();
    let mark_ids: Vec<Ref> = marks.iter().map(|_| next()).collect();
    let mut pdf = Pdf::new();
    let mut root = pdf.catalog(catalog);
    root.pages(tree).outlines(outline).lang(TextStr("en"));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    let title = format!("{TITLE}, as known at {}", report.heading.as_of);
    pdf.document_info(info).title(TextStr(&title)).creator(TextStr("lookback"));
    pdf.pages(tree).kids(page_ids.iter().map(|(page, _)| *page)).count(number(&pages));
    for (font, id) in fonts {
        pdf.type1_font(id).base_font(Name(font.base())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for (content, (page_id, content_id)) in pages.into_iter().zip(&page_ids) {
        let mut page = pdf.page(*page_id);
        page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(*content_id);
        let mut resources = page.resources();
        let mut named = resources.fonts();
        for (font, id) in fonts {
            named.pair(Name(font.name()), id);
        }
        named.finish();
        resources.finish();
        page.finish();
        pdf.stream(*content_id, &content.finish());
    }
    outline_of(&mut pdf, outline, marks, &mark_ids, &page_ids);
    pdf.finish()
}

/// As many as there are, as PDF counts.
fn number<T>(of: &[T]) -> i32 {
    i32::try_from(of.len()).expect("fewer pages than there are numbers")
}

fn outline_of(pdf: &mut Pdf, outline: Ref, marks: &[Mark], ids: &[Ref], pages: &[(Ref, Ref)]) {
    let mut top = pdf.outline(outline);
    if let (Some(first), Some(last)) = (ids.first(), ids.last()) {
        top.first(*first).last(*last).count(number(ids));
    }
    top.finish();
    for (place, (mark, id)) in marks.iter().zip(ids).enumerate() {
        let mut item = pdf.outline_item(*id);
        item.title(TextStr(mark.title)).parent(outline);
        if let Some(before) = place.checked_sub(1) {
            item.prev(ids[before]);
        }
        if let Some(next) = ids.get(place + 1) {
            item.next(*next);
        }
        item.dest().page(pages[mark.page].0).xyz(0.0, mark.y + 10.0, None);
    }
}
