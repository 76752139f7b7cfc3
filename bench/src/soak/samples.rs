//! What the server needs while it is asked: memory and open files, sample by sample.
//!
//! The rule: the first quarter of the samples is warm-up. Over the rest a line is laid by least squares through the memory. Memory is flat
//! if the line rises over that whole time by no more than a twentieth of its mean, or by [`NOISE_MIB`] where that is more. Open files are
//! as many at the end as at the beginning: their mean over the last quarter is no more than [`NOISE_FILES`] above that of the second.

use std::time::Duration;

use crate::machine::{open_files_of, resident_kib_of};
use crate::phases::{Finding, Target, finding};

/// What an allocator takes and gives back from one minute to the next under a load that does not change.
const NOISE_MIB: f64 = 8.0;
/// Connections that are being closed while others are opened.
const NOISE_FILES: f64 = 16.0;

/// One look.
struct Sample {
    seconds: f64,
    mib: f64,
    files: f64,
}

/// All looks, in their order.
#[derive(Default)]
pub(crate) struct Samples(Vec<Sample>);

impl Samples {
    pub(crate) fn take(&mut self, at: Duration, process: u32) {
        let folder = format!("/proc/{process}");
        let (mib, files) = (resident_kib_of(&folder) as f64 / 1024.0, open_files_of(&folder) as f64);
        self.0.push(Sample { seconds: at.as_secs_f64(), mib, files });
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        let quarter = self.0.len() / 4;
        let (warm, rest) = self.0.split_at(quarter);
        let memory: Vec<(f64, f64)> = rest.iter().map(|sample| (sample.seconds, sample.mib)).collect();
        let (mean, rise) = line(&memory);
        let most = self.0.iter().map(|sample| sample.mib).fold(0.0, f64::max);
        let files =
            |part: &[Sample]| part.iter().map(|sample| sample.files).sum::<f64>() / part.len().max(1) as f64;
        let second = files(&rest[..quarter.min(rest.len())]);
        let last = files(&rest[rest.len() - quarter.min(rest.len())..]);
        let first = warm.first().map_or(0.0, |sample| sample.mib);
        vec![
            finding("memory: first sample", first, "MiB", None),
            finding("memory: mean after the warm-up", mean, "MiB", None),
            finding("memory: most", most, "MiB", None),
            finding(
                "memory: rise after the warm-up",
                rise,
                "MiB",
                Some(Target::AtMost((mean / 20.0).max(NOISE_MIB))),
            ),
            finding("open files: second quarter", second, "", None),
            finding("open files: last quarter", last, "", Some(Target::AtMost(second + NOISE_FILES))),
        ]
    }
}

/// The mean of some points, and how much the line of least squares through them rises from the first to the last.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len().max(1) as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (mut over, mut under) = (0.0, 0.0);
    for point in points {
        over += (point.0 - x) * (point.1 - y);
        under += (point.0 - x) * (point.0 - x);
    }
    let span = points.last().map_or(0.0, |last| last.0 - points[0].0);
    (y, if under > 0.0 { over / under * span } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(mib_a_sample: f64) -> Samples {
        let sample = |n: u32| Sample {
            seconds: f64::from(n),
            mib: 200.0 + mib_a_sample * f64::from(n) + f64::from(n % 3),
            files: 40.0,
        };
        Samples((0..100).map(sample).collect())
    }

    fn all_met(samples: &Samples) -> bool {
        let met = |finding: &Finding| finding.target.is_none_or(|target| target.is_met(finding.value));
        samples.findings().iter().all(met)
    }

    #[test]
    fn memory_that_goes_up_and_down_is_flat_and_memory_that_leaks_is_not() {
        assert!(all_met(&rising(0.0)));
        assert!(all_met(&rising(-1.0)));
        assert!(!all_met(&rising(0.3)));
    }

    #[test]
    fn files_that_are_never_closed_are_seen() {
        let mut samples = rising(0.0);
        for (n, sample) in samples.0.iter_mut().enumerate() {
            sample.files += n as f64;
        }
        assert!(!all_met(&samples));
    }

    #[test]
    fn the_line_is_that_of_least_squares() {
        let (mean, rise) = line(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]);
        assert!((mean - 3.0).abs() < 1e-9 && (rise - 4.0).abs() < 1e-9);
        assert!(line(&[]).1.abs() < 1e-9);
    }
}
