//! Keys: fixed hashes of letters, one family for each relation that looks for them.
//!
//! In go a family and letters, out comes a `u64` that is the same on every machine and in every version: keys are stored.

/// The family, mixed in first so that equal letters of different relations do not meet.
#[derive(Clone, Copy)]
pub(crate) enum Key {
    Spelling,
    Class,
    Frame,
    Skeleton,
    Group,
    OneEdit,
    TwoEdits,
    Transcription,
    AbjadSpelling,
    AbjadOneEdit,
    AbjadTwoEdits,
    Word,
    Inflection,
}

/// Who stores a key, where only forms of another side look for it: so those of one side do not meet by it.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Join,
    Abjad,
    Vowelled,
    Word,
    Signs,
}

impl Side {
    /// The key as this side stores it.
    pub(crate) fn stores(self, key: u64) -> u64 {
        key ^ (self as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// FNV-1a with a final mix.
pub(crate) fn hash(key: Key, letters: &[u8]) -> u64 {
    letters.iter().fold(Hashing::new(key), |hashing, &letter| hashing.and(letter)).done()
}

/// A hash of letters that come one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hashing(u64);

impl Hashing {
    pub(crate) fn new(key: Key) -> Self {
        Self::of(key as u8)
    }

    /// Of the family of this number.
    pub(crate) fn of(family: u8) -> Self {
        Self(0xcbf2_9ce4_8422_2325).and(family)
    }

    #[must_use]
    pub(crate) fn and(self, letter: u8) -> Self {
        Self((self.0 ^ u64::from(letter)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    pub(crate) fn done(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_change() {
        assert_eq!(hash(Key::Spelling, b"zarin"), 2_440_760_399_020_319_010);
    }
}
