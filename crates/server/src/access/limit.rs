//! How often something may be done: buckets that fill again with time.
//!
//! Always holds: at most [`MOST`] are remembered; what is forgotten first is what waited longest, and so is full again soonest.

use std::collections::HashMap;
use std::hash::Hash;

/// So many are remembered.
const MOST: usize = 16_384;

/// So many at once, and then one in so many microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) burst: u32,
    pub(crate) each_micros: i64,
}

impl Rate {
    /// So many in a second, and as many at once.
    pub(crate) fn of_a_second(count: u32) -> Self {
        Self { burst: count, each_micros: 1_000_000 / i64::from(count.max(1)) }
    }
}

/// When each one's bucket is full again, in microseconds.
pub(crate) struct Limiter<K>(HashMap<K, i64>);

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Takes one at a time in microseconds; otherwise says in how many seconds there is one again.
    pub(crate) fn take(&mut self, of: &K, rate: Rate, now: i64) -> Result<(), u64> {
        if self.0.len() >= MOST && !self.0.contains_key(of) {
            self.forget();
        }
        let each = rate.each_micros.max(1);
        let empty = now.saturating_add(i64::from(rate.burst) * each);
        let full_at = self.0.entry(of.clone()).or_insert(now);
        // A clock that was set back makes nobody wait longer than for one.
        let then = (*full_at).clamp(now, empty).saturating_add(each);
        if then > empty {
            *full_at = (*full_at).min(empty);
            return Err(then.saturating_sub(empty).unsigned_abs().div_ceil(1_000_000));
        }
        *full_at = then;
        Ok(())
    }

    /// Forgets the half that is full first.
    fn forget(&mut self) {
        let mut times: Vec<i64> = self.0.values().copied().collect();
        times.sort_unstable();
        let middle = times[times.len() / 2];
        self.0.retain(|_, full_at| *full_at > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, each_micros: 2_000_000 };

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
        assert_eq!(limiter.take(&"a", RATE, -3_000_000), Ok(()), "nor does it keep anybody waiting");
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut limiter = Limiter::new();
        for (n, now) in (0..3 * MOST).zip(0..) {
            assert_eq!(limiter.take(&n, RATE, now), Ok(()));
            assert!(limiter.0.len() <= MOST);
        }
    }
}
