//! Bones: what the readings of a text have in common without being read one by one: which consonants, and how many.
//!
//! In go readings, or the sounds of a text; out come bounds that hold for each of its readings. So two texts whose bounds exclude one another
//! have no reading in common, nor have they equal consonants. A sound is gone through once, whatever number of readings it has.
//!
//! Consonants are those of the skeleton alphabet, equal ones in a row once, whatever vowels stand between them.

use crate::key::{Hashing, Key};
use crate::rewrite::{Keyed, Rewriter, Rule, Step, extend, push_once};
use crate::romanise::CLASSES;
use crate::skeleton::{ABJAD, each_bone};
use std::sync::LazyLock;

/// Bounds of the consonants of some readings. A set of consonants has a bit for each letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bones {
    /// Those that each reading has.
    each: u32,
    /// Those that any has.
    any: u32,
    /// Those that any begins with, and ends with.
    ends: (u32, u32),
    /// How many each has at least, and at most.
    count: (u16, u16),
}

/// A bit of `ends` for a class letter of two consonants, which is left out whole where it is repeated.
const DOUBLE: u32 = 1 << 31;

fn bit(bone: u8) -> u32 {
    1 << (bone & 31)
}

impl Bones {
    /// Of no reading.
    pub(crate) const NONE: Self = Self { each: u32::MAX, any: 0, ends: (0, 0), count: (u16::MAX, 0) };
    /// Of a reading without consonants.
    pub(crate) const EMPTY: Self = Self { each: 0, any: 0, ends: (0, 0), count: (0, 0) };
    /// Of readings of which nothing is known.
    pub(crate) const UNKNOWN: Self =
        Self { each: 0, any: u32::MAX, ends: (u32::MAX, u32::MAX), count: (0, u16::MAX) };

    /// Of one reading, as it stands between others.
    fn of(reading: &[u8]) -> Self {
        let (mut bones, mut before) = (Self::EMPTY, 0);
        for &letter in reading {
            each_bone(letter, |bone| {
                if bone != before {
                    bones.push(bone);
                    before = bone;
                }
            });
        }
        bones.within(reading.first().copied(), reading.last().copied())
    }

    /// Adds a consonant that differs from the one before.
    pub(crate) fn push(&mut self, bone: u8) {
        self.each |= bit(bone);
        self.any |= bit(bone);
        self.ends = (if self.count.1 == 0 { bit(bone) } else { self.ends.0 }, bit(bone));
        self.count = (self.count.0.saturating_add(1), self.count.1.saturating_add(1));
    }

    /// The same for a reading that begins and ends with these class letters, when others may stand beside it.
    pub(crate) fn within(mut self, first: Option<u8>, last: Option<u8>) -> Self {
        let double = |letter| if letter == Some(b'T') { DOUBLE } else { 0 };
        self.ends.0 |= double(first);
        self.ends.1 |= double(last);
        self
    }

    /// Of these readings and those.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            each: self.each & other.each,
            any: self.any | other.any,
            ends: (self.ends.0 | other.ends.0, self.ends.1 | other.ends.1),
            count: (self.count.0.min(other.count.0), self.count.1.max(other.count.1)),
        }
    }

    /// Of these readings, each followed by one of those. What ends the one and begins the other counts once.
    #[inline]
    pub(crate) fn then(self, next: Self) -> Self {
        let merged = self.ends.1 & next.ends.0;
        let lost = u16::from(merged != 0) + (merged >> 31) as u16;
        let if_silent = |bones: &Self, ends: u32| if bones.count.0 == 0 { ends } else { 0 };
        Self {
            each: self.each | next.each,
            any: self.any | next.any,
            ends: (self.ends.0 | if_silent(&self, next.ends.0), next.ends.1 | if_silent(&next, self.ends.1)),
            count: (
                (self.count.0.saturating_add(next.count.0)).saturating_sub(lost),
                self.count.1.saturating_add(next.count.1),
            ),
        }
    }

    /// True if any of the readings may have a consonant.
    pub(crate) fn has_any(self) -> bool {
        self.any != 0
    }

    /// False only if none of these readings has the consonants of any of those.
    #[inline]
    pub(crate) fn may_meet(self, other: Self) -> bool {
        let may_lack = self.count.0 == 0 || other.count.0 == 0;
        let may_agree = |a: u32, b: u32| may_lack || a & b & !DOUBLE != 0;
        self.count.0 <= other.count.1
            && other.count.0 <= self.count.1
            && self.each & !other.any == 0
            && other.each & !self.any == 0
            && may_agree(self.ends.0, other.ends.0)
            && may_agree(self.ends.1, other.ends.1)
    }
}

/// Bounds for what each rule of a table adds to a reading.
fn of_rules(table: &Rewriter) -> Vec<Bones> {
    let of_reading = |reading: &&'static str| Bones::of(reading.as_bytes());
    let any_of = |rule: &Rule| rule.readings.iter().map(of_reading).fold(Bones::NONE, Bones::or);
    table.rules().iter().map(any_of).collect()
}

static OF_CLASSES: LazyLock<Vec<Bones>> = LazyLock::new(|| of_rules(&CLASSES));
static OF_ABJAD: LazyLock<Vec<Bones>> = LazyLock::new(|| of_rules(&ABJAD));
/// Of letters without a rule.
static OF_LETTERS: LazyLock<Vec<Bones>> =
    LazyLock::new(|| (0..=u8::MAX).map(|letter| Bones::of(&[letter])).collect());

/// Bounds for the class readings of a sound, and the key of the first one.
pub(crate) fn read(sound: &[u8]) -> (Bones, u64) {
    let (of_rules, of_letters) = (&*OF_CLASSES, &*OF_LETTERS);
    let (mut bones, mut usual) = (Bones::EMPTY, Keyed::<{ Key::Class as u8 }>::default());
    let mut follow = |next: Bones| {
        // What has no consonant adds nothing.
        if next.has_any() {
            bones = bones.then(next);
        }
    };
    CLASSES.each_ascii_step(sound, |step| match step {
        Step::Rule(wanted) => {
            follow(of_rules[wanted.number()]);
            extend(&mut usual, wanted.usual(), true);
        }
        Step::Letter(letter) => {
            follow(of_letters[letter as usize]);
            push_once(&mut usual, letter as u8);
        }
    });
    (bones, usual.hashing.done())
}

/// Bounds for the readings of abjad text, and the key of its spelling.
pub(crate) fn read_abjad(text: &str) -> (Bones, u64) {
    let (mut bones, mut spelling) = (Bones::EMPTY, Hashing::new(Key::AbjadSpelling));
    ABJAD.each_step(text, |step| {
        if let Step::Rule(wanted) = step {
            let rule = ABJAD.rule(wanted);
            bones = bones.then(OF_ABJAD[rule.number]);
            spelling = rule.spelling.bytes().fold(spelling, Hashing::and);
        }
    });
    (bones, spelling.done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::romanise::{classes, romanise};
    use proptest::prelude::*;
    use smallvec::smallvec;

    fn check(sound: &[u8]) {
        let (bones, first) = read(sound);
        let sounds = smallvec![sound.into()];
        for (place, reading) in classes(&sounds).iter().enumerate() {
            let one = Bones::of(reading);
            assert_eq!(
                (bones.or(one), place > 0 || first == crate::key::hash(Key::Class, reading)),
                (bones, true)
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn every_reading_is_within_the_bounds(sound in "([a-z]|[tscz]|ts|sch|th|c|x|ch|h|ck|aldin){1,9}") {
            check(sound.as_bytes());
        }
    }

    #[test]
    fn bounds_of_words() {
        for words in ["чех цц юрьевич", "tsts ttss cc xx"] {
            words.split(' ').flat_map(|word| romanise(word).sounds).for_each(|sound| check(&sound));
        }
    }
}
