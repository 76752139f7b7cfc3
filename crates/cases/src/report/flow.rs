//! A chart of who went from where to where: a band for each way, as wide as there are people on it.
//!
//! In: bands with their numbers. Out: a drawing. Always holds: the same bands give the same drawing; both sides add up to the same.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::drawing::{Anchor, Drawing, Mark, Stroke, TONES};

/// The chart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportFlow)]
pub struct Flow {
    /// What it shows.
    pub title: String,
    /// What is to be seen in it, in sentences, for those who cannot.
    pub description: String,
    /// What the left side is, and the right.
    pub sides: [String; 2],
    /// The bands, from above.
    pub bands: Vec<Band>,
}

/// People who went one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FlowBand)]
pub struct Band {
    /// From where.
    pub from: String,
    /// To where.
    pub to: String,
    /// How many.
    pub people: u64,
}

const WIDTH: i64 = 720;
const TOP: i64 = 64;
/// What all people together take up, without the gaps.
const PEOPLE: u64 = 260;
/// Between two places of a side: as high as a word.
const GAP: i64 = 16;
/// Where the sides stand, and how wide they are.
const SIDES: [i64; 2] = [190, 440];
const THICK: i64 = 12;

/// A place of a side.
struct Place {
    y: i64,
    height: i64,
    /// How much of it bands took already.
    taken: u64,
    people: u64,
    tone: usize,
}

impl Flow {
    pub(crate) fn svg(&self) -> String {
        self.drawing().svg(&self.title, &self.description)
    }

    pub(crate) fn drawing(&self) -> Drawing {
        let mut marks = Vec::new();
        let text = |class, at, anchor, text: &str| Mark::Text { class, at, anchor, text: text.to_owned() };
        marks.push(text("title", (16, 24), Anchor::Start, &self.title));
        marks.push(text("name", (SIDES[0] + THICK, TOP - 14), Anchor::End, &self.sides[0]));
        marks.push(text("name", (SIDES[1], TOP - 14), Anchor::Start, &self.sides[1]));
        let (mut left, mut right) = (self.side(|band| &band.from), self.side(|band| &band.to));
        for band in &self.bands {
            let tone = right[&band.to].tone;
            let from = left.get_mut(&band.from).map(|place| place.take(band.people, self.scale()));
            let to = right.get_mut(&band.to).map(|place| place.take(band.people, self.scale()));
            if let (Some(from), Some(to)) = (from, to) {
                marks.push(Mark::Begin(format!("{} to {}: {}", band.from, band.to, band.people)));
                let strokes = between((SIDES[0] + THICK, from), (SIDES[1], to));
                marks.push(Mark::Path { class: "area", tone: Some(tone), strokes });
                marks.push(Mark::End);
            }
        }
        let mut lowest = TOP;
        for (side, x, at, anchor) in [
            (&left, SIDES[0], SIDES[0] - 8, Anchor::End),
            (&right, SIDES[1], SIDES[1] + THICK + 8, Anchor::Start),
        ] {
            for (name, place) in side {
                let size = (THICK, place.height);
                marks.push(Mark::Rect { class: "bar", tone: Some(place.tone), at: (x, place.y), size });
                let middle = place.y + place.height / 2 + 4;
                marks.push(text("entry", (at, middle), anchor, &format!("{name}: {}", place.people)));
                lowest = lowest.max(place.y + place.height);
            }
        }
        Drawing { width: WIDTH, height: lowest + 20, marks }
    }

    fn scale(&self) -> u64 {
        self.bands.iter().map(|band| band.people).sum::<u64>().max(1)
    }

    /// The places of a side by name, in the order in which bands first come to them.
    fn side<'a>(&'a self, end: impl Fn(&'a Band) -> &'a String) -> BTreeMap<&'a String, Place> {
        let mut names: Vec<&String> = Vec::new();
        let mut people: BTreeMap<&String, u64> = BTreeMap::new();
        for band in &self.bands {
            let name = end(band);
            if !people.contains_key(name) {
                names.push(name);
            }
            *people.entry(name).or_default() += band.people;
        }
        let mut y = TOP;
        let mut places = BTreeMap::new();
        for (number, name) in names.into_iter().enumerate() {
            let people = people[name];
            let height = drawn(people, self.scale()).max(1);
            places.insert(name, Place { y, height, taken: 0, people, tone: number % TONES });
            y += height + GAP;
        }
        places
    }
}

impl Place {
    /// Upper and lower end of the next band.
    fn take(&mut self, people: u64, all: u64) -> (i64, i64) {
        let begin = self.y + drawn(self.taken, all);
        self.taken += people;
        (begin, (self.y + drawn(self.taken, all)).max(begin + 1))
    }
}

fn drawn(people: u64, all: u64) -> i64 {
    (people * PEOPLE / all).cast_signed()
}

fn between(
    (left, (top, bottom)): (i64, (i64, i64)),
    (right, (upper, lower)): (i64, (i64, i64)),
) -> Vec<Stroke> {
    let middle = i64::midpoint(left, right);
    vec![
        Stroke::Move(left, top),
        Stroke::Curve([(middle, top), (middle, upper), (right, upper)]),
        Stroke::Line(right, lower),
        Stroke::Curve([(middle, lower), (middle, bottom), (left, bottom)]),
        Stroke::Close,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_as_high_as_the_people_on_them() {
        let band = |from: &str, to: &str, people| Band { from: from.into(), to: to.into(), people };
        let bands = vec![band("a", "x", 30), band("b", "x", 10), band("a", "y", 60)];
        let flow = Flow { bands, ..Flow::default() };
        let heights: Vec<i64> = flow
            .drawing()
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Rect { size, .. } => Some(size.1),
                _ => None,
            })
            .collect();
        assert_eq!(heights, [234, 26, 104, 156]);
        assert!(Flow::default().svg().ends_with("</svg>\n"));
    }
}
