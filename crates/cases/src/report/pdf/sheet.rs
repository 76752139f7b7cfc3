//! Pages that are filled from above: lines, tables' rows, drawings, each whole on its page.
//!
//! In: what is to be written, with its height. Out: the content of each page. Always holds: nothing is written below the lower margin.

use pdf_writer::{Content, Name, Str};

use super::font::{Font, encoded};
use crate::drawing::{Anchor, Drawing, Mark, Stroke, TONES};

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.0, 842.0);
pub(super) const LEFT: f32 = 50.0;
/// How wide a line may be.
pub(super) const WIDE: f32 = PAGE.0 - 2.0 * LEFT;
const TOP: f32 = PAGE.1 - 78.0;
/// How much of the width a drawing takes: its words are then 7 points high.
const DRAWN: f32 = 0.85;
const BOTTOM: f32 = 56.0;

pub(super) type Colour = (f32, f32, f32);
pub(super) const INK: Colour = (0.11, 0.11, 0.11);
pub(super) const SOFT: Colour = (0.38, 0.38, 0.38);
pub(super) const RULE: Colour = (0.8, 0.8, 0.8);
pub(super) const SHADE: Colour = (0.95, 0.95, 0.94);
const COLOURS: [Colour; TONES] =
    [(0.043, 0.325, 0.58), (0.65, 0.3, 0.0), (0.176, 0.416, 0.176), (0.416, 0.176, 0.416)];

/// How words look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) font: Font,
    pub(super) size: f32,
    pub(super) colour: Colour,
}

impl Style {
    pub(super) const fn new(font: Font, size: f32, colour: Colour) -> Self {
        Self { font, size, colour }
    }

    pub(super) fn width(self, text: &str) -> f32 {
        self.font.width(text, self.size)
    }

    pub(super) fn lines(self, text: &str, width: f32) -> Vec<String> {
        self.font.lines(text, self.size, width)
    }

    /// From one line to the next.
    pub(super) fn leading(self) -> f32 {
        self.size * 1.35
    }
}

/// The pages so far.
pub(super) struct Sheet {
    pub(super) pages: Vec<Content>,
    /// Where the next line begins.
    y: f32,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self { pages: vec![Content::new()], y: TOP }
    }

    /// Makes sure that so much fits on the page; begins another if not, and says so.
    pub(super) fn need(&mut self, height: f32) -> bool {
        let fits = self.y - height >= BOTTOM;
        if !fits {
            self.pages.push(Content::new());
            self.y = TOP;
        }
        !fits
    }

    /// Leaves so much empty.
    pub(super) fn leave(&mut self, height: f32) {
        self.y -= height;
    }

    /// The number of the page, from 0, and where on it the next line begins.
    pub(super) fn place(&self) -> (usize, f32) {
        (self.pages.len() - 1, self.y)
    }

    fn page(&mut self) -> &mut Content {
        self.pages.last_mut().expect("there is always a page")
    }

    /// Words at a distance from the left, on a line whose upper end is so far below the present place.
    pub(super) fn words(&mut self, style: Style, x: f32, below: f32, text: &str) {
        let y = self.y - below - style.size;
        show(self.page(), style, (LEFT + x, y), text);
    }

    /// A paragraph, over pages if need be.
    pub(super) fn paragraph(&mut self, style: Style, indent: f32, text: &str) {
        for line in style.lines(text, WIDE - indent) {
            self.need(style.leading());
            self.words(style, indent, 0.0, &line);
            self.leave(style.leading());
        }
    }

    /// A rule over the whole width at the present place.
    pub(super) fn rule(&mut self, colour: Colour) {
        let y = self.y;
        let (red, green, blue) = colour;
        let page = self.page();
        page.save_state().set_stroke_rgb(red, green, blue).set_line_width(0.5);
        page.move_to(LEFT, y).line_to(LEFT + WIDE, y).stroke().restore_state();
    }

    /// Shade behind what follows.
    pub(super) fn shade(&mut self, height: f32) {
        let y = self.y - height;
        let (red, green, blue) = SHADE;
        let page = self.page();
        page.save_state().set_fill_rgb(red, green, blue);
        page.rect(LEFT, y, WIDE, height).fill_nonzero().restore_state();
    }

    /// A drawing, nearly as wide as the page.
    pub(super) fn drawing(&mut self, drawing: &Drawing) {
        let scale = DRAWN * WIDE / drawing.width as f32;
        let height = drawing.height as f32 * scale;
        self.need(height);
        let pen = Pen { scale, top: self.y };
        let page = self.page();
        drawing.marks.iter().for_each(|mark| pen.mark(page, mark));
        self.leave(height);
    }
}

/// Words whose base line begins at a point of the page.
pub(super) fn show(page: &mut Content, style: Style, (x, y): (f32, f32), text: &str) {
    put(page, style, [1.0, 0.0, 0.0, 1.0, x, y], text);
}

fn put(page: &mut Content, style: Style, matrix: [f32; 6], text: &str) {
    let (red, green, blue) = style.colour;
    page.begin_text().set_fill_rgb(red, green, blue).set_font(Name(style.font.name()), style.size);
    page.set_text_matrix(matrix).show(Str(&encoded(text))).end_text();
}

/// From a drawing's numbers to points.
struct Pen {
    scale: f32,
    top: f32,
}

impl Pen {
    fn x(&self, x: i64) -> f32 {
        LEFT + x as f32 * self.scale
    }

    fn y(&self, y: i64) -> f32 {
        self.top - y as f32 * self.scale
    }

    fn style(&self, class: &str) -> Style {
        match class {
            "title" => Style::new(Font::Bold, 15.0 * self.scale, INK),
            _ => Style::new(Font::Plain, 12.0 * self.scale, INK),
        }
    }

    fn mark(&self, page: &mut Content, mark: &Mark) {
        match mark {
            Mark::Begin(_) | Mark::End => {}
            Mark::Text { class, at: (x, y), anchor, text } => {
                let style = self.style(class);
                let shift = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => style.width(text) / 2.0,
                    Anchor::End => style.width(text),
                };
                show(page, style, (self.x(*x) - shift, self.y(*y)), text);
            }
            Mark::Upright { class, at: (x, y), text } => {
                let style = self.style(class);
                let below = self.y(*y) - style.width(text) / 2.0;
                put(page, style, [0.0, 1.0, -1.0, 0.0, self.x(*x), below], text);
            }
            Mark::Line { class, tone, from, to } => {
                self.stroked(page, class, *tone, &[Stroke::Move(from.0, from.1), Stroke::Line(to.0, to.1)]);
            }
            Mark::Rect { class, tone, at: (x, y), size: (width, height) } => {
                let (red, green, blue) = filled(class, *tone);
                page.save_state().set_fill_rgb(red, green, blue);
                page.rect(
                    self.x(*x),
                    self.y(*y + *height),
                    *width as f32 * self.scale,
                    *height as f32 * self.scale,
                );
                page.fill_nonzero().restore_state();
            }
            Mark::Path { class: "line", tone, strokes } => self.stroked(page, "line", *tone, strokes),
            Mark::Path { class, tone, strokes } => {
                let (red, green, blue) = filled(class, *tone);
                page.save_state().set_fill_rgb(red, green, blue);
                self.trace(page, strokes);
                page.fill_nonzero().restore_state();
            }
        }
    }

    fn stroked(&self, page: &mut Content, class: &str, tone: Option<usize>, strokes: &[Stroke]) {
        let (red, green, blue) = match (class, tone) {
            ("rule", _) => RULE,
            (_, Some(tone)) => COLOURS[tone % TONES],
            _ => INK,
        };
        page.save_state().set_stroke_rgb(red, green, blue);
        page.set_line_width(if class == "line" { 1.4 } else { 0.6 });
        if class == "line" {
            let dashes: &[f32] = match tone.unwrap_or_default() % TONES {
                0 => &[],
                1 => &[5.0, 2.0],
                2 => &[1.5, 2.0],
                _ => &[6.0, 2.0, 1.5, 2.0],
            };
            page.set_dash_pattern(dashes.iter().copied(), 0.0);
        }
        self.trace(page, strokes);
        page.stroke().restore_state();
    }

    fn trace(&self, page: &mut Content, strokes: &[Stroke]) {
        let mut at = (0, 0);
        for stroke in strokes {
            match *stroke {
                Stroke::Move(x, y) => {
                    at = (x, y);
                    page.move_to(self.x(x), self.y(y));
                    continue;
                }
                Stroke::Line(x, y) => at = (x, y),
                Stroke::Across(x) => at.0 = x,
                Stroke::Up(y) => at.1 = y,
                Stroke::Curve([(a, b), (c, d), end]) => {
                    at = end;
                    page.cubic_to(self.x(a), self.y(b), self.x(c), self.y(d), self.x(end.0), self.y(end.1));
                    continue;
                }
                Stroke::Close => {
                    page.close_path();
                    continue;
                }
            }
            page.line_to(self.x(at.0), self.y(at.1));
        }
    }
}

/// The colour of an area or a bar on white paper.
fn filled(class: &str, tone: Option<usize>) -> Colour {
    let share = if class == "area" { 0.22 } else { 0.75 };
    let (red, green, blue) = tone.map_or(INK, |tone| COLOURS[tone % TONES]);
    let mixed = |part: f32| 1.0 - (1.0 - part) * share;
    (mixed(red), mixed(green), mixed(blue))
}
