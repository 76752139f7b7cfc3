//! A form at a glance: little enough to be kept beside the pointer to it, so that most pairs of forms are told apart without following
//! the pointer.
//!
//! In go the facts of a form as they are found; out comes whether two forms may be related. A no is certain: related forms
//! never get one. A yes is right about half of the time.

use crate::bones::Bones;
use crate::edit;
use crate::inflection::Inflection;
use crate::skeleton::Outline;

/// Two bits for each of some hashes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks([u64; 2]);

impl Marks {
    pub(crate) fn add_groups(&mut self, groups: &[u32]) {
        for &group in groups {
            self.add(u64::from(group).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
    }

    pub(crate) fn add(&mut self, hash: u64) {
        self.0[0] |= 1 << (hash >> 58);
        self.0[1] |= 1 << (hash >> 52 & 63);
    }

    /// False only if no hash is in both.
    pub(crate) fn meet(self, other: Self) -> bool {
        self.0[0] & other.0[0] != 0 && self.0[1] & other.0[1] != 0
    }
}

/// What is seen at a glance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    /// Of the consonants of each reading.
    sounds: Marks,
    pub(crate) groups: Marks,
    /// Of all readings.
    pub(crate) bones: Bones,
    /// The letters of the spelling and of the first class reading, a bit for each.
    letters: [u32; 2],
    /// How many letters those have; 0 where typing errors are not looked for.
    lengths: [u16; 2],
    pub(crate) signs: bool,
    /// Of an East Slavic name, 0 of others.
    pub(crate) shape: u32,
}

impl Default for Glance {
    fn default() -> Self {
        Self {
            sounds: Marks::default(),
            groups: Marks::default(),
            bones: Bones::NONE,
            letters: [0; 2],
            lengths: [0; 2],
            signs: false,
            shape: 0,
        }
    }
}

impl Glance {
    pub(crate) fn add_reading(&mut self, reading: &Outline) {
        self.sounds.add(reading.coarse());
        self.bones = self.bones.or(reading.bones());
    }

    /// Adds what stands for a word's sound where no reading does, or beside them.
    pub(crate) fn add_spelling(&mut self, spelling: u64) {
        self.sounds.add(spelling);
        self.groups.add(spelling);
    }

    /// True before anything was added that tells the sound.
    pub(crate) fn is_mute(&self) -> bool {
        self.sounds.0[0] == 0
    }

    /// Adds what words have in common that need not sound alike.
    pub(crate) fn add_groups(&mut self, groups: &[u32], inflection: Option<Inflection>) {
        self.groups.add_groups(groups);
        if let Some(inflection) = inflection {
            self.groups.add(inflection.key);
            self.shape = inflection.shape;
        }
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
        self.sounds.meet(other.sounds) || self.groups.meet(other.groups)
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
