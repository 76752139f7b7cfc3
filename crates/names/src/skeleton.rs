//! Consonant skeletons: how a name that is written without its short vowels meets one that is written with them.
//!
//! In go abjad text (Arabic, Persian, Hebrew …) or class readings; out come skeletons: the consonants, and for each gap between
//! them which vowels stand in it. Two skeletons agree when their consonants are equal; `disagreements` then counts the gaps where a
//! vowel that an abjad does write is missing or different on the other side.
//!
//! The skeleton alphabet is coarser than the classes: b for b and p, f for f, v and w, and `ts` written out.
//!
//! A frame is the same for two names that are both written with vowels: consonants and the places of vowels equal, the vowels told
//! apart by `unlike_vowels`.

use crate::key::{Hashing, Key};
use crate::rewrite::{Letters, Rewriter, Variants, append, extend, unread};
use crate::table;
use smallvec::SmallVec;
use std::sync::LazyLock;

static ABJAD: LazyLock<Rewriter> = LazyLock::new(|| Rewriter::with_spelling(table::ABJAD));

/// Vowels of a gap, as bits.
const A: u64 = 1;
const I: u64 = 2;
const U: u64 = 4;
const ANY: u64 = 8;
/// 16 gaps of 4 bits: longer names are compared in their first fifteen consonants' gaps.
const GAPS_MAX: usize = 16;

/// A skeleton as it is compared: its consonants by hash and count, since nobody reads them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skeleton {
    /// Equal for equal consonants; also their key.
    pub(crate) key: u64,
    pub(crate) consonants: u8,
    gaps: u64,
}

/// The spelling of abjad text in one Latin letter for each of its letters, for typing errors within the script.
pub(crate) fn abjad_spelling(text: &str) -> Letters {
    read_abjad(text).0
}

/// The readings of abjad text, in the skeleton alphabet.
pub(crate) fn abjad_readings(text: &str) -> Variants {
    read_abjad(text).1
}

/// The skeletons of abjad text.
#[cfg(test)]
fn of_abjad(text: &str) -> SmallVec<[Skeleton; 1]> {
    distinct(&abjad_readings(text))
}

/// The skeletons of readings.
pub(crate) fn of_classes(readings: &Variants) -> SmallVec<[Skeleton; 1]> {
    distinct(readings)
}

fn read_abjad(text: &str) -> (Letters, Variants) {
    let (mut spelling, mut readings, mut at) = (Letters::new(), unread(), 0);
    while let Some(letter) = text[at..].chars().next() {
        if let Some(rule) = ABJAD.rule(text, at) {
            extend(&mut spelling, rule.spelling.as_bytes(), false);
            append(&mut readings, &rule.readings, false);
            at += rule.length();
        } else {
            at += letter.len_utf8();
        }
    }
    (spelling, readings)
}

/// Skeletons of readings, without repeats and without those that have no consonant or a digit.
fn distinct(readings: &Variants) -> SmallVec<[Skeleton; 1]> {
    let mut found = SmallVec::<[Skeleton; 1]>::new();
    for skeleton in readings.iter().filter_map(skeleton) {
        if !found.contains(&skeleton) {
            found.push(skeleton);
        }
    }
    found
}

/// The frames of class readings: distinct, without those that have too few consonants for the places of vowels to tell names apart,
/// which in a join are two.
pub(crate) fn frames(readings: &Variants, joined: bool) -> SmallVec<[Skeleton; 2]> {
    let mut found = SmallVec::<[Skeleton; 2]>::new();
    for frame in readings.iter().filter_map(frame) {
        let enough = frame.consonants >= if joined { 3 } else { 2 };
        if enough && !found.contains(&frame) {
            found.push(frame);
        }
    }
    found
}

/// None for a reading of one consonant, of two with a single run of vowels between them, or with a digit.
fn frame(reading: &Letters) -> Option<Skeleton> {
    let (mut key, mut last, mut consonants, mut runs, mut gaps) = (Hashing::new(Key::Frame), 0, 0usize, 0, 0);
    for &letter in reading {
        let vowels = match letter {
            b'a' => A,
            b'i' => I,
            b'u' | b'o' => U,
            b'e' => I | A,
            b'0'..=b'9' => return None,
            _ => 0,
        };
        let written = if vowels == 0 { letter } else { b'a' };
        if vowels != 0 {
            gaps |= if consonants < GAPS_MAX { (ANY | vowels) << (4 * consonants) } else { 0 };
        }
        if written != last {
            key = key.and(written);
            consonants += usize::from(vowels == 0);
            runs += usize::from(vowels != 0);
            last = written;
        }
    }
    (consonants >= 3 || (consonants == 2 && runs >= 2)).then(|| Skeleton {
        key: key.done(),
        consonants: consonants as u8,
        gaps,
    })
}

fn skeleton(reading: &Letters) -> Option<Skeleton> {
    let (mut key, mut consonants, mut gaps) = (Hashing::new(Key::Skeleton), 0usize, 0);
    for &letter in reading {
        let vowels = match letter {
            b'*' => ANY,
            b'a' => ANY | A,
            b'i' => ANY | I,
            b'u' => ANY | U,
            b'e' => ANY | I | A,
            b'o' => ANY | U | A,
            b'0'..=b'9' => return None,
            _ => 0,
        };
        if vowels != 0 {
            gaps |= if consonants < GAPS_MAX { vowels << (4 * consonants) } else { 0 };
            continue;
        }
        let written: &[u8] = match letter {
            b'p' => b"b",
            b'v' => b"f",
            b'T' => b"ts",
            ref consonant => std::slice::from_ref(consonant),
        };
        consonants += written.len();
        key = written.iter().fold(key, |key, &consonant| key.and(consonant));
    }
    (consonants > 0).then(|| Skeleton { key: key.done(), consonants: consonants as u8, gaps })
}

/// A number for the consonants of a reading of either kind, doubled ones once: equal whenever two readings are equal, or their frames or skeletons
/// are. None for a reading without consonants or with a digit.
pub(crate) fn consonants(reading: &Letters) -> Option<u64> {
    let (mut number, mut last) = (0u64, 0);
    let mut note = |consonant: u8| {
        if consonant != last {
            number = (number.rotate_left(5) ^ u64::from(consonant)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            last = consonant;
        }
    };
    for &letter in reading {
        match letter {
            b'*' | b'a' | b'i' | b'u' | b'e' | b'o' => {}
            b'0'..=b'9' => return None,
            b'p' => note(b'b'),
            b'v' => note(b'f'),
            b'T' => {
                note(b't');
                note(b's');
            }
            consonant => note(consonant),
        }
    }
    (last != 0).then_some(number)
}

impl Skeleton {
    fn gap(self, gap: usize) -> u64 {
        if gap < GAPS_MAX { (self.gaps >> (4 * gap)) & 15 } else { 0 }
    }

    /// In how many gaps `self`, read from an abjad, does not go with `other`, read from a script with vowels and of equal
    /// consonants: a written vowel that the other lacks, or a vowel at either end that the abjad would have written.
    pub(crate) fn disagreements(self, other: Self) -> usize {
        let last = usize::from(self.consonants);
        let disagrees = |gap: usize| {
            let (written, heard) = (self.gap(gap), other.gap(gap));
            let at_end = gap == 0 || gap == last;
            written & !heard != 0 || (at_end && (written == 0) != (heard == 0))
        };
        (0..=last.min(GAPS_MAX - 1)).filter(|&gap| disagrees(gap)).count()
    }

    /// The same for two that were both read from an abjad: gaps where only one writes a vowel, and twice those where they write
    /// different ones.
    pub(crate) fn miswritten(self, other: Self) -> usize {
        let price = |gap: usize| match (self.gap(gap), other.gap(gap)) {
            (x, y) if x & y != 0 || x == y => 0,
            (0, _) | (_, 0) => 1,
            _ => 2,
        };
        (0..GAPS_MAX).map(price).sum()
    }

    /// In how many gaps two frames of equal key have no vowel in common.
    pub(crate) fn unlike_vowels(self, other: Self) -> usize {
        let unlike = |gap: usize| self.gap(gap) != 0 && self.gap(gap) & other.gap(gap) == ANY;
        (0..GAPS_MAX).filter(|&gap| unlike(gap)).count()
    }

    /// How many runs of vowels there are.
    pub(crate) fn runs(self) -> usize {
        (0..GAPS_MAX).filter(|&gap| self.gap(gap) != 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::romanise::{classes, romanise};

    /// The least number of disagreements, or none when no consonants are equal.
    fn check(abjad: &str, other: &str) -> Option<usize> {
        let others = of_classes(&classes(&romanise(other).sounds));
        of_abjad(abjad)
            .iter()
            .flat_map(|a| others.iter().map(move |o| (a, o)))
            .filter(|(a, o)| a.key == o.key)
            .map(|(a, o)| a.disagreements(*o))
            .min()
    }

    #[test]
    fn usual_spellings_meet_without_disagreement() {
        for (abjad, other) in [
            ("محمد", "muhammad"),
            ("علي", "ali"),
            ("وليد", "walid"),
            ("يوسف", "yusuf"),
            ("خديجة", "khadija"),
            ("قاسم", "qasem"),
            ("فلاديمير", "vladimir"),
            ("بوتروس", "petros"),
            ("جمشيد", "джамшед"),
            ("عثمان", "othman"),
            ("عثمان", "osman"),
        ] {
            assert!(check(abjad, other).is_some_and(|n| n <= 1), "{abjad} {other} {:?}", check(abjad, other));
        }
    }

    #[test]
    fn a_written_vowel_tells_names_apart() {
        assert_eq!(check("حسن", "hasani"), Some(1));
        assert_eq!(check("أمير".trim_start_matches('أ'), "mir"), Some(0));
        assert_eq!(check("كريم", "karam"), Some(1));
        assert_eq!(check("كريم", "salim"), None);
    }
}
