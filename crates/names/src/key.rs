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
    SoundEdit,
    AbjadSpelling,
    AbjadOneEdit,
    AbjadTwoEdits,
    Word,
    Inflection,
    Transcription,
    Transcribed,
}

/// FNV-1a with a final mix.
pub(crate) fn hash(key: Key, letters: &[u8]) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mixed = letters.iter().fold(step(0xcbf2_9ce4_8422_2325, key as u8), |hash, &byte| step(hash, byte));
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_change() {
        assert_eq!(hash(Key::Spelling, b"zarin"), 2_440_760_399_020_319_010);
    }
}
