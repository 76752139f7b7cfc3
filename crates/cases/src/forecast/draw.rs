//! Numbers that look random and are a function of what they are for. In: a seed, a run, what is drawn, the how-many-eth it is. Out: a
//! number. Always holds: a draw hangs on these alone, so that two scenarios meet the same luck (common random numbers) whatever else
//! differs between them.

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// At which past origin the run's errors of receipts were made.
    Origin,
    /// Of which class a newcomer is.
    Class,
    /// Whether a newcomer is withdrawn before anybody decides.
    Withdrawn,
    /// Whether a decision needs a second person.
    SecondPerson,
    /// Whether what one person closed opens again, and when.
    AfterFirst,
    /// Whether what two persons closed opens again, and when.
    AfterSecond,
}

/// The draws of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64, run: u64) -> Self {
        Self(mixed(mixed(seed) ^ run))
    }

    /// A number from 0 to below 1.
    pub(super) fn share(self, what: What, nth: u64) -> f64 {
        // 53 bits: as many as a double holds.
        (self.bits(what, nth) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from 0 to below a bound.
    pub(super) fn below(self, what: What, nth: u64, bound: u64) -> u64 {
        // The bias is one of 2⁶⁴ for each of the few values.
        ((u128::from(mixed(self.bits(what, nth))) * u128::from(bound)) >> 64) as u64
    }

    fn bits(self, what: What, nth: u64) -> u64 {
        mixed(mixed(self.0 ^ what as u64) ^ nth)
    }
}

/// The step of `SplitMix64` (Steele, Lea and Flood 2014).
fn mixed(state: u64) -> u64 {
    let mut bits = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_their_own() {
        let draws = Draws::new(7, 0);
        let mean = (0..10_000).map(|nth| draws.share(What::Class, nth)).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        let drawn: Vec<u64> = (0..1_000).map(|nth| draws.below(What::Origin, nth, 3)).collect();
        assert!((0..3).all(|value| drawn.iter().filter(|drawn| **drawn == value).count() > 280));
        assert_ne!(draws.bits(What::Class, 1), draws.bits(What::Withdrawn, 1));
        assert_ne!(draws.bits(What::Class, 1), Draws::new(7, 1).bits(What::Class, 1));
    }
}
