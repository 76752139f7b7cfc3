//! Time taken. In: something to do. Out: what it gave and how long it took; ranks among many times.

use std::time::{Duration, Instant};

/// Does something and measures it.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Times of the same thing.
#[derive(Debug, Default, Clone)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn note(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The least time that `per_cent` of all do not exceed, in milliseconds: the nearest rank.
    pub(crate) fn rank(&self, per_cent: usize) -> f64 {
        let mut times = self.0.clone();
        times.sort_unstable();
        let rank = (times.len() * per_cent).div_ceil(100).max(1);
        times.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// The mean in milliseconds.
    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<Duration>().as_secs_f64() * 1e3 / self.0.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_the_times_themselves() {
        let times = Times((1..=200).rev().map(Duration::from_millis).collect());
        let close = |left: f64, right: f64| (left - right).abs() < 1e-9;
        assert!(
            close(times.rank(50), 100.0) && close(times.rank(99), 198.0) && close(times.rank(100), 200.0)
        );
        assert!(close(Times::default().rank(50), 0.0));
    }
}
