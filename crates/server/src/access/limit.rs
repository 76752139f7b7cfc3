//! How often something may be done: buckets that fill again with time.
//!
//! Always holds: at most [`MOST`] are remembered; what is forgotten first is what waited longest, and so is full again soonest.

use std::collections::HashMap;
use std::hash::Hash;

/// So many are remembered.
const MOST: usize = 16_384;

/// So many at once, and so many a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) burst: f64,
    pub(crate) each_second: f64,
}

struct Bucket {
    left: f64,
    at: i64,
}

/// Buckets by whom they are of.
pub(crate) struct Limiter<K>(HashMap<K, Bucket>);

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Takes one at a time in microseconds; otherwise says in how many seconds there is one again.
    pub(crate) fn take(&mut self, of: &K, rate: Rate, now: i64) -> Result<(), u64> {
        if self.0.len() >= MOST && !self.0.contains_key(of) {
            self.forget();
        }
        let bucket = self.0.entry(of.clone()).or_insert(Bucket { left: rate.burst, at: now });
        // A clock that was set back fills nothing, and takes nothing away.
        let seconds = now.saturating_sub(bucket.at).max(0) as f64 / 1e6;
        bucket.left = (bucket.left + seconds * rate.each_second).min(rate.burst);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(((1.0 - bucket.left) / rate.each_second).ceil().max(1.0) as u64);
        }
        bucket.left -= 1.0;
        Ok(())
    }

    /// Forgets the older half.
    fn forget(&mut self) {
        let mut times: Vec<i64> = self.0.values().map(|bucket| bucket.at).collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        self.0.retain(|_, bucket| bucket.at > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3.0, each_second: 0.5 };

    #[test]
    fn a_bucket_is_empty_after_its_burst_and_fills_with_time() {
        let mut limiter = Limiter::new();
        for _ in 0..3 {
            assert_eq!(limiter.take(&"a", RATE, 0), Ok(()));
        }
        assert_eq!(limiter.take(&"a", RATE, 0), Err(2));
        assert_eq!(limiter.take(&"b", RATE, 0), Ok(()), "each has its own");
        assert_eq!(limiter.take(&"a", RATE, 2_000_000), Ok(()));
        assert_eq!(limiter.take(&"a", RATE, -5_000_000), Err(2), "a clock set back fills nothing");
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut limiter = Limiter::new();
        for n in 0..3 * MOST {
            assert_eq!(limiter.take(&n, RATE, n as i64), Ok(()));
            assert!(limiter.0.len() <= MOST);
        }
    }
}
