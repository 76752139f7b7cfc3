//! A small seeded generator (`SplitMix64`): same seed, same numbers, on every machine and in every release.
//!
//! It is for invented data only: it is neither secret nor fit for statistics that matter.

/// Steps of the sequence are this odd number apart (2⁶⁴ divided by the golden ratio).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A sequence of numbers that depends on its seed alone.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: mixed(seed) }
    }

    /// The sequence of the item `index` under a seed: what the items before it drew does not matter.
    pub fn of_item(seed: u64, index: u64) -> Self {
        Self { state: mixed(mixed(seed).wrapping_add(index.wrapping_mul(STEP))) }
    }

    /// The next number, any of the 2⁶⁴.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mixed(self.state)
    }

    /// A number in `0..n`; 0 for `n` = 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(n)) >> 64) as u64
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `per_mille` of a thousand draws.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the items, each as likely as the next. The slice must not be empty.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// One of the items, the first ones far more often than the last ones. The slice must not be empty.
    pub fn choose_early<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let n = items.len() as u64;
        let rank = self.below(n).min(self.below(n)).min(self.below(n));
        &items[rank as usize]
    }
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_published_sequence() {
        // The reference values of SplitMix64 for the state 0, which is what seed 0 is mixed to.
        let mut random = Random::new(0);
        assert_eq!(random.draw(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(random.draw(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn draws_stay_in_range_and_reach_both_ends() {
        let mut random = Random::new(7);
        let drawn: Vec<u64> = (0..2000).map(|_| random.between(3, 9)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&3), Some(&9)));
        assert_eq!(random.below(0), 0);
        let hits = (0..10_000).filter(|_| random.chance(250)).count();
        assert!((2200..2800).contains(&hits), "{hits}");
    }

    #[test]
    fn early_items_are_more_common() {
        let mut random = Random::new(7);
        let items: Vec<usize> = (0..50).collect();
        let mut counts = [0_u32; 50];
        for _ in 0..10_000 {
            counts[*random.choose_early(&items)] += 1;
        }
        assert!(counts[0] > 4 * counts[30] && counts[0] > 300);
    }
}
