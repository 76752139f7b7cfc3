//! A chart as SVG. In: a title, labels along the bottom, layers of values over them. Out: one `<svg>` element.
//!
//! Always holds: the same chart gives the same bytes; every coordinate is a whole number; nothing is loaded, no script, no font. Whoever
//! cannot see it is read the title and the description; whoever cannot tell colours apart has dashes, and the legend beside them. The
//! colours are CSS variables (`--chart-ink`, `--chart-0` …) that a page may set; left alone they follow light and dark.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "coordinates and counts of labels are small; ticks are counted upwards"
)]

use std::fmt::Write as _;

/// A chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    /// What it shows, in a few words.
    pub title: String,
    /// What is to be seen in it, in sentences, for those who cannot.
    pub description: String,
    /// What goes along the bottom: the name of the axis.
    pub across: String,
    /// What goes up the side: the name of the axis.
    pub up: String,
    /// The labels along the bottom.
    pub labels: Vec<String>,
    /// What is drawn, the first at the back.
    pub layers: Vec<Layer>,
}

/// One thing drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// What the legend calls it.
    pub name: String,
    /// Which colour and dash it has, from 0; they repeat.
    pub tone: usize,
    /// How it is drawn, and its values.
    pub shape: Shape,
}

/// Values, one for each label; what is missing is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Points joined by a line.
    Line(Vec<Option<f64>>),
    /// Each value held until the next: for what changes at once.
    Steps(Vec<Option<f64>>),
    /// Bars from zero, beside those of other layers.
    Bars(Vec<Option<f64>>),
    /// The area between a lower and an upper value.
    Band(Vec<Option<(f64, f64)>>),
}

const WIDTH: i64 = 720;
const HEIGHT: i64 = 360;
const LEFT: i64 = 84;
const RIGHT: i64 = 16;
const TOP: i64 = 40;
const BOTTOM: i64 = 56;
/// The height of a line of the legend, and how many entries it takes.
const LEGEND_LINE: i64 = 20;
const LEGEND_ENTRIES: usize = 3;
/// As many labels as do not run into each other.
const LABELS_MAX: usize = 8;
/// As many lines up the side as are wanted, more or less.
const TICKS: f64 = 5.0;
const TONES: usize = 4;

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

impl Chart {
    /// The chart as an SVG element.
    pub fn svg(&self) -> String {
        let scale = Scale::of(self);
        let height = HEIGHT + LEGEND_LINE * self.layers.len().div_ceil(LEGEND_ENTRIES) as i64;
        let mut svg = Svg(String::new());
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
            escaped(&self.title)
        ));
        svg.put(format_args!("<title>{}</title>", escaped(&self.title)));
        svg.put(format_args!("<desc>{}</desc>", escaped(&self.description)));
        svg.put(format_args!("<style>{STYLE}</style>"));
        svg.put(format_args!("<rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>"));
        svg.text("title", LEFT, 24, "start", &self.title);
        self.axes(&scale, &mut svg);
        for (place, layer) in self.layers.iter().enumerate() {
            self.layer(place, layer, &scale, &mut svg);
        }
        svg.line("axis", (LEFT, scale.y(0.0)), (WIDTH - RIGHT, scale.y(0.0)));
        self.legend(&mut svg);
        svg.put(format_args!("</svg>"));
        svg.0
    }

    fn axes(&self, scale: &Scale, svg: &mut Svg) {
        for tick in scale.ticks() {
            let y = scale.y(tick);
            svg.line("rule", (LEFT, y), (WIDTH - RIGHT, y));
            svg.text("tick", LEFT - 8, y + 4, "end", &grouped(tick));
        }
        let every = self.labels.len().div_ceil(LABELS_MAX).max(1);
        for (place, label) in self.labels.iter().enumerate().step_by(every) {
            svg.text("tick", scale.x(place), HEIGHT - BOTTOM + 18, "middle", label);
        }
        let (middle, upright) = (i64::midpoint(LEFT, WIDTH - RIGHT), i64::midpoint(TOP, HEIGHT - BOTTOM));
        svg.text("name", middle, HEIGHT - BOTTOM + 38, "middle", &self.across);
        svg.put(format_args!(
            "<text class=\"name\" transform=\"translate(14 {upright}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            escaped(&self.up)
        ));
    }

    fn layer(&self, place: usize, layer: &Layer, scale: &Scale, svg: &mut Svg) {
        let tone = layer.tone % TONES;
        svg.put(format_args!("<g><title>{}</title>", escaped(&layer.name)));
        match &layer.shape {
            Shape::Line(values) => {
                for points in unbroken(values, |place, value| (scale.x(place), scale.y(*value))) {
                    svg.path(&format!("line t{tone}"), &joined(&points));
                }
            }
            Shape::Steps(values) => {
                for points in unbroken(values, |place, value| (scale.x(place), scale.y(*value))) {
                    svg.path(&format!("line t{tone}"), &stepped(&points));
                }
            }
            Shape::Band(values) => {
                let ends = |place, (low, high): &(f64, f64)| (scale.x(place), scale.y(*low), scale.y(*high));
                for points in unbroken(values, ends) {
                    let upper = points.iter().map(|(x, _, high)| (*x, *high));
                    let lower = points.iter().rev().map(|(x, low, _)| (*x, *low));
                    svg.path(
                        &format!("area f{tone}"),
                        &(joined(&upper.chain(lower).collect::<Vec<_>>()) + "Z"),
                    );
                }
            }
            Shape::Bars(values) => {
                let (shift, width) = self.bar(place, scale);
                for (place, value) in values.iter().enumerate().filter_map(|(n, value)| Some((n, (*value)?)))
                {
                    let (zero, end) = (scale.y(0.0), scale.y(value));
                    svg.put(format_args!(
                        "<rect class=\"bar f{tone}\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{}\"/>",
                        scale.x(place) + shift,
                        zero.min(end),
                        (zero - end).abs()
                    ));
                }
            }
        }
        svg.put(format_args!("</g>"));
    }

    /// Where the bars of a layer stand beside the others', and how wide they are.
    fn bar(&self, layer: usize, scale: &Scale) -> (i64, i64) {
        let is_bars = |layer: &&Layer| matches!(layer.shape, Shape::Bars(_));
        let all = self.layers.iter().filter(is_bars).count() as i64;
        let before = self.layers[..layer].iter().filter(is_bars).count() as i64;
        let width = (scale.step() * 4 / 5 / all.max(1)).max(1);
        (before * width - all * width / 2, width)
    }

    fn legend(&self, svg: &mut Svg) {
        let column = (WIDTH - LEFT - RIGHT) / LEGEND_ENTRIES as i64;
        for (place, layer) in self.layers.iter().enumerate() {
            let x = LEFT + column * (place % LEGEND_ENTRIES) as i64;
            let y = HEIGHT + LEGEND_LINE * (place / LEGEND_ENTRIES) as i64;
            let tone = layer.tone % TONES;
            match layer.shape {
                Shape::Line(_) | Shape::Steps(_) => svg.line(&format!("line t{tone}"), (x, y), (x + 24, y)),
                Shape::Bars(_) | Shape::Band(_) => {
                    let kind = if matches!(layer.shape, Shape::Bars(_)) { "bar" } else { "area" };
                    svg.put(format_args!(
                        "<rect class=\"{kind} f{tone}\" x=\"{x}\" y=\"{}\" width=\"24\" height=\"12\"/>",
                        y - 6
                    ));
                }
            }
            svg.text("entry", x + 30, y + 4, "start", &layer.name);
        }
    }
}

/// From values and places to coordinates.
struct Scale {
    low: f64,
    high: f64,
    tick: f64,
    places: usize,
}

impl Scale {
    fn of(chart: &Chart) -> Self {
        let values =
            chart.layers.iter().flat_map(|layer| layer.shape.values()).filter(|value| value.is_finite());
        let (low, high) =
            values.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
        let tick = nice((high - low).max(1.0) / TICKS);
        Self {
            low: (low / tick).floor() * tick,
            high: ((high / tick).ceil() * tick).max(tick),
            tick,
            places: chart.labels.len(),
        }
    }

    fn y(&self, value: f64) -> i64 {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        (HEIGHT - BOTTOM) - (share * (HEIGHT - BOTTOM - TOP) as f64).round() as i64
    }

    /// The middle of a label's place.
    fn x(&self, place: usize) -> i64 {
        let across = WIDTH - RIGHT - LEFT;
        LEFT + across * (2 * place as i64 + 1) / (2 * self.places.max(1) as i64)
    }

    fn step(&self) -> i64 {
        (WIDTH - RIGHT - LEFT) / self.places.max(1) as i64
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.tick).round() as u32;
        (0..=count).map(|n| self.low + f64::from(n) * self.tick)
    }
}

impl Shape {
    fn values(&self) -> Vec<f64> {
        match self {
            Self::Line(values) | Self::Steps(values) | Self::Bars(values) => {
                values.iter().copied().flatten().collect()
            }
            Self::Band(values) => {
                values.iter().copied().flatten().flat_map(|(low, high)| [low, high]).collect()
            }
        }
    }
}

/// The least of 1, 2, 5 times a power of ten that is at least so large, and 1 at least.
fn nice(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|nice| *nice >= step);
    nice.unwrap_or(step).max(1.0)
}

/// Values without a gap between them, as points.
fn unbroken<V, P>(values: &[Option<V>], point: impl Fn(usize, &V) -> P) -> Vec<Vec<P>> {
    let mut parts = vec![Vec::new()];
    for (place, value) in values.iter().enumerate() {
        match (value, parts.last_mut()) {
            (Some(value), Some(part)) => part.push(point(place, value)),
            _ => parts.push(Vec::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn joined(points: &[(i64, i64)]) -> String {
    let words =
        points.iter().enumerate().map(|(n, (x, y))| format!("{}{x} {y}", if n == 0 { 'M' } else { 'L' }));
    words.collect()
}

fn stepped(points: &[(i64, i64)]) -> String {
    let words = points.iter().enumerate().map(|(n, (x, y))| match n {
        0 => format!("M{x} {y}"),
        _ => format!("H{x}V{y}"),
    });
    words.collect()
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = if value < 0.0 { "−".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn escaped(text: &str) -> String {
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

struct Svg(String);

impl Svg {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{text}").expect("writing to a string");
    }

    fn text(&mut self, class: &str, x: i64, y: i64, anchor: &str, text: &str) {
        let text = escaped(text);
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    fn line(&mut self, class: &str, (x1, y1): (i64, i64), (x2, y2): (i64, i64)) {
        self.put(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    fn path(&mut self, class: &str, path: &str) {
        self.put(format_args!("<path class=\"{class}\" d=\"{path}\"/>"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(shape: Shape) -> Chart {
        Chart {
            title: "Tea & <cakes>".into(),
            labels: ["mon", "tue", "wed"].map(str::to_owned).into(),
            layers: vec![Layer { name: "cups".into(), tone: 0, shape }],
            ..Chart::default()
        }
    }

    #[test]
    fn shapes_have_the_points_that_they_should() {
        let drawn = |shape| chart(shape).svg();
        let line = drawn(Shape::Line(vec![Some(0.0), Some(10.0), Some(5.0)]));
        assert!(line.contains("d=\"M187 304L394 40L600 172\""), "{line}");
        let steps = drawn(Shape::Steps(vec![Some(0.0), Some(10.0), None]));
        assert!(steps.contains("d=\"M187 304H394V40\""), "{steps}");
        let gap = drawn(Shape::Line(vec![Some(0.0), None, Some(10.0)]));
        assert!(gap.contains("d=\"M187 304\"") && gap.contains("d=\"M600 40\""), "{gap}");
        let band = drawn(Shape::Band(vec![Some((0.0, 10.0)), Some((5.0, 10.0)), None]));
        assert!(band.contains("d=\"M187 40L394 40L394 172L187 304Z\""), "{band}");
        let bars = drawn(Shape::Bars(vec![Some(10.0), Some(-10.0), None]));
        assert!(bars.contains("y=\"40\"") && bars.contains("height=\"132\""), "{bars}");
    }

    #[test]
    fn what_is_written_is_xml_and_safe() {
        let mut odd = chart(Shape::Line(vec![Some(f64::NAN), Some(f64::INFINITY)]));
        odd.layers[0].name = "a\u{0}\"<script>".into();
        let svg = odd.svg();
        assert!(svg.contains("<title>Tea &amp; &lt;cakes&gt;</title>") && !svg.contains("<script"), "{svg}");
        assert!(!svg.contains('\u{0}') && !svg.contains("NaN"), "{svg}");
        assert_eq!(svg, odd.svg());
        assert!(Chart::default().svg().ends_with("</svg>\n"));
    }

    #[test]
    fn ticks_are_round_numbers() {
        for (step, expected) in [(0.2, 1.0), (3.0, 5.0), (20.0, 20.0), (2_100.0, 5_000.0)] {
            assert!((nice(step) - expected).abs() < 1e-9, "{step}");
        }
        assert_eq!([grouped(1_234_567.0), grouped(-1_000.0)], ["1,234,567", "−1,000"]);
    }
}
