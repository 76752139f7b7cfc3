//! A form at a glance: little enough to be kept beside the pointer to it, so that most pairs of forms are told apart without following
//! the pointer.
//!
//! In go the facts of a form as they are found; out comes whether two forms may be related. A no is certain: related forms
//! never get one. A yes is right about half of the time.

use crate::edit;

/// What is seen at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    /// A bit for the consonants of each reading.
    sounds: u64,
    /// A bit for each group and for the inflection.
    groups: u64,
    /// The letters of the spelling and of the first class reading, a bit for each.
    letters: [u32; 2],
    /// How many letters those have; 0 where typing errors are not looked for.
    lengths: [u16; 2],
    signs: bool,
}

impl Glance {
    /// Adds what stands for a word's sound.
    pub(crate) fn add_sound(&mut self, sound: u64) {
        self.sounds |= 1 << (sound >> 58);
    }

    /// True before anything was added that tells the sound.
    pub(crate) fn is_mute(&self) -> bool {
        self.sounds == 0
    }

    /// Adds a group or what else words have in common that need not sound alike.
    pub(crate) fn add_group(&mut self, group: u64) {
        self.groups |= 1 << (group.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58);
    }

    pub(crate) fn add_signs(&mut self) {
        self.signs = true;
    }

    /// Adds the letters in which typing errors are looked for.
    pub(crate) fn add_letters(&mut self, spelling: &[u8], sound: &[u8]) {
        let bits = |letters: &[u8]| letters.iter().fold(0, |bits, &letter| bits | 1 << (letter & 31));
        self.letters = [bits(spelling), bits(sound)];
        self.lengths = [spelling.len() as u16, sound.len() as u16];
    }

    /// False only if the two are not related.
    pub(crate) fn may_be_related(&self, other: &Self) -> bool {
        self.may_sound_like(other) || self.may_be_transcribed(other) || self.may_be_mistyped(other)
    }

    /// False only if nothing but typing errors and transcription could relate the two.
    pub(crate) fn may_sound_like(&self, other: &Self) -> bool {
        (self.sounds & other.sounds) | (self.groups & other.groups) != 0
    }

    /// False only if typing errors do not relate the two.
    pub(crate) fn may_be_mistyped(&self, other: &Self) -> bool {
        if self.lengths[0] == 0 || other.lengths[0] == 0 {
            return false;
        }
        let unlike = |of: usize| (self.letters[of] ^ other.letters[of]).count_ones() as usize;
        let lengths = |of: usize| [usize::from(self.lengths[of]), usize::from(other.lengths[of])];
        edit::may_be_apart(lengths(0), || unlike(0))
            || edit::may_be_one_apart_in_sound(lengths(1), || unlike(1))
    }

    /// False only if neither is a transcription of the other.
    pub(crate) fn may_be_transcribed(&self, other: &Self) -> bool {
        self.signs != other.signs
    }
}
