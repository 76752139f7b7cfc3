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

use serde::Serialize;

use crate::drawing::{Anchor, Drawing, Mark, Stroke};

/// A chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ChartLayer)]
pub struct Layer {
    /// What the legend calls it.
    pub name: String,
    /// Which colour and dash it has, from 0; they repeat.
    pub tone: usize,
    /// How it is drawn, and its values.
    pub shape: Shape,
}

/// Values, one for each label; what is missing is left out.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChartShape)]
pub enum Shape {
    /// Points joined by a line.
    Line(Vec<Option<f64>>),
    /// Each value held until the next: for what changes at once.
    Steps(Vec<Option<f64>>),
    /// Bars from zero, beside those of other layers.
    Bars(Vec<Option<f64>>),
    /// The area between a lower and an upper value.
    Band(Vec<Option<(f64, f64)>>),
    /// Words over a value.
    Notes(Vec<Option<(f64, String)>>),
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
/// How wide a label may be, about: a date.
const LABEL_WIDE: i64 = 76;
/// As many lines up the side as are wanted, more or less.
const TICKS: f64 = 5.0;
impl Chart {
    /// The chart as an SVG element.
    pub fn svg(&self) -> String {
        self.drawing().svg(&self.title, &self.description)
    }

    /// The chart as marks.
    pub(crate) fn drawing(&self) -> Drawing {
        let scale = Scale::of(self);
        let lines = self.legend_entries().count().div_ceil(LEGEND_ENTRIES) as i64;
        let mut marks = Marks(Vec::new());
        marks.text("title", (LEFT, 24), Anchor::Start, &self.title);
        self.axes(&scale, &mut marks);
        for (place, layer) in self.layers.iter().enumerate() {
            self.layer(place, layer, &scale, &mut marks);
        }
        marks.line("axis", None, (LEFT, scale.y(0.0)), (WIDTH - RIGHT, scale.y(0.0)));
        self.legend(&mut marks);
        Drawing { width: WIDTH, height: HEIGHT + LEGEND_LINE * lines, marks: marks.0 }
    }

    fn axes(&self, scale: &Scale, marks: &mut Marks) {
        for tick in scale.ticks() {
            let y = scale.y(tick);
            marks.line("rule", None, (LEFT, y), (WIDTH - RIGHT, y));
            marks.text("tick", (LEFT - 8, y + 4), Anchor::End, &grouped(tick));
        }
        let every = self.labels.len().div_ceil(LABELS_MAX).max(1);
        for (place, label) in self.labels.iter().enumerate().step_by(every) {
            // The last one would run over the edge.
            let (x, anchor) = match scale.x(place) {
                x if x + LABEL_WIDE / 2 > WIDTH => (WIDTH - 2, Anchor::End),
                x => (x, Anchor::Middle),
            };
            marks.text("tick", (x, HEIGHT - BOTTOM + 18), anchor, label);
        }
        let (middle, upright) = (i64::midpoint(LEFT, WIDTH - RIGHT), i64::midpoint(TOP, HEIGHT - BOTTOM));
        marks.text("name", (middle, HEIGHT - BOTTOM + 38), Anchor::Middle, &self.across);
        marks.0.push(Mark::Upright { class: "name", at: (14, upright), text: self.up.clone() });
    }

    fn layer(&self, place: usize, layer: &Layer, scale: &Scale, marks: &mut Marks) {
        let tone = Some(layer.tone);
        marks.0.push(Mark::Begin(layer.name.clone()));
        match &layer.shape {
            Shape::Line(values) => {
                for points in unbroken(values, |place, value| (scale.x(place), scale.y(*value))) {
                    marks.path("line", tone, joined(&points));
                }
            }
            Shape::Steps(values) => {
                for points in unbroken(values, |place, value| (scale.x(place), scale.y(*value))) {
                    marks.path("line", tone, stepped(&points));
                }
            }
            Shape::Band(values) => {
                let ends = |place, (low, high): &(f64, f64)| (scale.x(place), scale.y(*low), scale.y(*high));
                for points in unbroken(values, ends) {
                    let upper = points.iter().map(|(x, _, high)| (*x, *high));
                    let lower = points.iter().rev().map(|(x, low, _)| (*x, *low));
                    let mut around = joined(&upper.chain(lower).collect::<Vec<_>>());
                    around.push(Stroke::Close);
                    marks.path("area", tone, around);
                }
            }
            Shape::Bars(values) => {
                let (shift, width) = self.bar(place, scale);
                for (place, value) in values.iter().enumerate().filter_map(|(n, value)| Some((n, (*value)?)))
                {
                    let (zero, end) = (scale.y(0.0), scale.y(value));
                    let (at, size) = ((scale.x(place) + shift, zero.min(end)), (width, (zero - end).abs()));
                    marks.0.push(Mark::Rect { class: "bar", tone, at, size });
                }
            }
            Shape::Notes(values) => {
                let noted = values.iter().enumerate().filter_map(|(n, value)| Some((n, value.as_ref()?)));
                for (place, (value, words)) in noted {
                    marks.text("note", (scale.x(place), scale.y(*value) - 6), Anchor::Middle, words);
                }
            }
        }
        marks.0.push(Mark::End);
    }

    /// Where the bars of a layer stand beside the others', and how wide they are.
    fn bar(&self, layer: usize, scale: &Scale) -> (i64, i64) {
        let is_bars = |layer: &&Layer| matches!(layer.shape, Shape::Bars(_));
        let all = self.layers.iter().filter(is_bars).count() as i64;
        let before = self.layers[..layer].iter().filter(is_bars).count() as i64;
        let width = (scale.step() * 4 / 5 / all.max(1)).max(1);
        (before * width - all * width / 2, width)
    }

    /// Words over values say themselves what they are.
    fn legend_entries(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter().filter(|layer| !matches!(layer.shape, Shape::Notes(_)))
    }

    fn legend(&self, marks: &mut Marks) {
        let column = (WIDTH - LEFT - RIGHT) / LEGEND_ENTRIES as i64;
        for (place, layer) in self.legend_entries().enumerate() {
            let x = LEFT + column * (place % LEGEND_ENTRIES) as i64;
            let y = HEIGHT + LEGEND_LINE * (place / LEGEND_ENTRIES) as i64;
            let tone = Some(layer.tone);
            let class = match layer.shape {
                Shape::Line(_) | Shape::Steps(_) | Shape::Notes(_) => "line",
                Shape::Bars(_) => "bar",
                Shape::Band(_) => "area",
            };
            match class {
                "line" => marks.line(class, tone, (x, y), (x + 24, y)),
                _ => marks.0.push(Mark::Rect { class, tone, at: (x, y - 6), size: (24, 12) }),
            }
            marks.text("entry", (x + 30, y + 4), Anchor::Start, &layer.name);
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
            Self::Notes(values) => values.iter().flatten().map(|(value, _)| *value).collect(),
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

fn joined(points: &[(i64, i64)]) -> Vec<Stroke> {
    let stroke = |(n, (x, y)): (usize, &(i64, i64))| {
        if n == 0 { Stroke::Move(*x, *y) } else { Stroke::Line(*x, *y) }
    };
    points.iter().enumerate().map(stroke).collect()
}

/// A value that stays is one line, however long it does.
fn stepped(points: &[(i64, i64)]) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    for (n, (x, y)) in points.iter().enumerate() {
        let same = |other: Option<&(i64, i64)>| other.is_some_and(|(_, other)| other == y);
        match n {
            0 => strokes.push(Stroke::Move(*x, *y)),
            _ if same(points.get(n - 1)) && same(points.get(n + 1)) => {}
            _ if same(points.get(n - 1)) => strokes.push(Stroke::Across(*x)),
            _ => strokes.extend([Stroke::Across(*x), Stroke::Up(*y)]),
        }
    }
    strokes
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

struct Marks(Vec<Mark>);

impl Marks {
    fn text(&mut self, class: &'static str, at: (i64, i64), anchor: Anchor, text: &str) {
        self.0.push(Mark::Text { class, at, anchor, text: text.to_owned() });
    }

    fn line(&mut self, class: &'static str, tone: Option<usize>, from: (i64, i64), to: (i64, i64)) {
        self.0.push(Mark::Line { class, tone, from, to });
    }

    fn path(&mut self, class: &'static str, tone: Option<usize>, strokes: Vec<Stroke>) {
        self.0.push(Mark::Path { class, tone, strokes });
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
