//! A drawing: marks on a sheet, and how they are written as SVG.
//!
//! In: lines, rectangles, paths and words, the first at the back, in whole numbers. Out: one `<svg>` element, or the marks, for whoever draws
//! them elsewhere. Always holds: the same marks give the same bytes; nothing is loaded, no script, no font. Whoever cannot see it is
//! read the title and the description. The colours are CSS variables (`--chart-ink`, `--chart-0` …) that a page may set; left alone they
//! follow light and dark.

use std::fmt::Write as _;

/// Marks on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// Its size.
    pub(crate) width: i64,
    /// Its size.
    pub(crate) height: i64,
    /// What is on it, the first at the back.
    pub(crate) marks: Vec<Mark>,
}

/// Something drawn. `class` says what it is, `tone` which colour and dash it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// What follows until [`Mark::End`] is called this.
    Begin(String),
    /// The end of what was begun.
    End,
    /// Words.
    Text { class: &'static str, at: (i64, i64), anchor: Anchor, text: String },
    /// Words from below upwards, around their middle.
    Upright { class: &'static str, at: (i64, i64), text: String },
    /// A straight line.
    Line { class: &'static str, tone: Option<usize>, from: (i64, i64), to: (i64, i64) },
    /// A filled rectangle: its upper left corner and its size.
    Rect { class: &'static str, tone: Option<usize>, at: (i64, i64), size: (i64, i64) },
    /// A line of class `line`, or a filled area of another.
    Path { class: &'static str, tone: Option<usize>, strokes: Vec<Stroke> },
}

/// Where words stand to their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// They begin there.
    Start,
    /// It is their middle.
    Middle,
    /// They end there.
    End,
}

/// A piece of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// To a point, without drawing.
    Move(i64, i64),
    /// Straight to a point.
    Line(i64, i64),
    /// Sideways to an x.
    Across(i64),
    /// Up or down to a y.
    Up(i64),
    /// In a curve: two points to lean to, and where it ends.
    Curve([(i64, i64); 3]),
    /// Back to where it began.
    Close,
}

/// As many tones as there are; they repeat.
pub(crate) const TONES: usize = 4;

const STYLE: &str = "\
.chart{--ink:var(--chart-ink,#1b1b1b);--paper:var(--chart-paper,#fff);--rule:var(--chart-rule,#ccc);\
--c0:var(--chart-0,#0b5394);--c1:var(--chart-1,#a64d00);--c2:var(--chart-2,#2d6a2d);--c3:var(--chart-3,#6a2d6a)}\
@media (prefers-color-scheme:dark){.chart{--ink:var(--chart-ink,#eee);--paper:var(--chart-paper,#161616);--rule:var(--chart-rule,#444);\
--c0:var(--chart-0,#7db8f0);--c1:var(--chart-1,#f0a860);--c2:var(--chart-2,#8fd18f);--c3:var(--chart-3,#d99ad9)}}\
.chart text{fill:var(--ink);font-size:12px}.chart .title{font-size:15px;font-weight:bold}\
.chart .paper{fill:var(--paper)}.chart .rule{stroke:var(--rule)}.chart .axis{stroke:var(--ink)}\
.chart .line{fill:none;stroke-width:2}.chart .area{fill-opacity:.22}.chart .bar{fill-opacity:.75}\
.chart .t0{stroke:var(--c0)}.chart .t1{stroke:var(--c1);stroke-dasharray:7 3}\
.chart .t2{stroke:var(--c2);stroke-dasharray:2 3}.chart .t3{stroke:var(--c3);stroke-dasharray:9 3 2 3}\
.chart .f0{fill:var(--c0)}.chart .f1{fill:var(--c1)}.chart .f2{fill:var(--c2)}.chart .f3{fill:var(--c3)}";

impl Drawing {
    /// As an SVG element.
    pub(crate) fn svg(&self, title: &str, description: &str) -> String {
        let Self { width, height, .. } = self;
        let mut svg = Svg(String::new());
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
            escaped(title)
        ));
        svg.put(format_args!("<title>{}</title>", escaped(title)));
        svg.put(format_args!("<desc>{}</desc>", escaped(description)));
        svg.put(format_args!("<style>{STYLE}</style>"));
        svg.put(format_args!("<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>"));
        self.marks.iter().for_each(|mark| svg.mark(mark));
        svg.put(format_args!("</svg>"));
        svg.0
    }
}

/// A class with its tone: dashes and colour of a line, the colour of what is filled.
fn toned(class: &str, tone: Option<usize>) -> String {
    match tone.map(|tone| tone % TONES) {
        None => class.to_owned(),
        Some(tone) if class == "line" => format!("{class} t{tone}"),
        Some(tone) => format!("{class} f{tone}"),
    }
}

struct Svg(String);

impl Svg {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{text}").expect("writing to a string");
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Begin(name) => self.put(format_args!("<g><title>{}</title>", escaped(name))),
            Mark::End => self.put(format_args!("</g>")),
            Mark::Text { class, at: (x, y), anchor, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                self.put(format_args!(
                    "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>",
                    escaped(text)
                ));
            }
            Mark::Upright { class, at: (x, y), text } => self.put(format_args!(
                "<text class=\"{class}\" transform=\"translate({x} {y}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                escaped(text)
            )),
            Mark::Line { class, tone, from: (x1, y1), to: (x2, y2) } => self.put(format_args!(
                "<line class=\"{}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>",
                toned(class, *tone)
            )),
            Mark::Rect { class, tone, at: (x, y), size: (width, height) } => self.put(format_args!(
                "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>",
                toned(class, *tone)
            )),
            Mark::Path { class, tone, strokes } => {
                let path: String = strokes.iter().map(written).collect();
                self.put(format_args!("<path class=\"{}\" d=\"{path}\"/>", toned(class, *tone)));
            }
        }
    }
}

fn written(stroke: &Stroke) -> String {
    match stroke {
        Stroke::Move(x, y) => format!("M{x} {y}"),
        Stroke::Line(x, y) => format!("L{x} {y}"),
        Stroke::Across(x) => format!("H{x}"),
        Stroke::Up(y) => format!("V{y}"),
        Stroke::Curve([first, second, end]) => {
            format!("C{} {} {} {} {} {}", first.0, first.1, second.0, second.1, end.0, end.1)
        }
        Stroke::Close => "Z".to_owned(),
    }
}

/// Text as XML and HTML take it.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // What XML cannot hold.
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}
