//! A forecast as a chart. In: a forecast and the history that it is of. Out: the chart. Nothing is computed here but places.

use super::{CoursePeriod, Forecast, History, QueuePeriod};
use crate::chart::{Chart, Layer, Shape};

/// As many past periods as leave the future room.
const PAST: usize = 16;

impl Forecast {
    /// The stock as it was, as it goes on as before with two of its bands, and under the scenario. The band of 95 % would leave the rest no room.
    pub fn chart(&self, history: &History) -> Chart {
        let periods = history.periods();
        let past = &periods[periods.len().saturating_sub(PAST)..];
        let known = past.iter().map(|period| period.label.clone());
        let ahead = self.as_before.iter().map(|period| format!("+{}", period.ahead));
        let now = self.stock as f64;
        let as_before = |value: fn(&CoursePeriod) -> Option<(f64, f64)>| {
            after(past.len(), (now, now), self.as_before.iter().map(value))
        };
        let line = |values: Vec<Option<f64>>| after(past.len(), now, values.into_iter());
        let queue =
            |value: fn(&QueuePeriod) -> Option<f64>| line(self.scenario.periods.iter().map(value).collect());
        let range = self
            .scenario
            .periods
            .iter()
            .map(|period| Some((period.range_80.low as f64, period.range_80.high as f64)));
        let shapes = [
            ("as before, 80 %", 2, Shape::Band(as_before(|p| p.band_80.map(|band| (band.low, band.high))))),
            ("as before, 50 %", 2, Shape::Band(as_before(|p| p.band_50.map(|band| (band.low, band.high))))),
            ("scenario, 80 % of runs", 1, Shape::Band(after(past.len(), (now, now), range))),
            ("as it was", 0, Shape::Line(past.iter().map(|period| Some(period.stock as f64)).collect())),
            ("as before", 2, Shape::Line(line(self.as_before.iter().map(|p| Some(p.stock)).collect()))),
            ("scenario", 1, Shape::Line(queue(|period| Some(period.open as f64)))),
        ];
        let layer = |(name, tone, shape): (&str, usize, Shape)| Layer { name: name.to_owned(), tone, shape };
        Chart {
            title: "Backlog".to_owned(),
            description: self.in_words(),
            across: "period".to_owned(),
            up: "waiting at its end".to_owned(),
            labels: known.chain(ahead).collect(),
            layers: shapes.map(layer).into(),
        }
    }

    fn in_words(&self) -> String {
        let (Some(before), Some(scenario)) = (self.as_before.last(), self.scenario.periods.last()) else {
            return String::new();
        };
        format!(
            "At the end of {}, {} waited. {} periods later it is {:.0} if everything goes on as it went, and {} under the scenario.",
            self.origin, self.stock, before.ahead, before.stock, scenario.open
        )
    }
}

/// Values that begin where the past ends.
fn after<T: Copy>(past: usize, now: T, later: impl Iterator<Item = Option<T>>) -> Vec<Option<T>> {
    let before = std::iter::repeat_n(None, past.saturating_sub(1));
    before.chain([Some(now)]).chain(later).collect()
}
