//! Consonant skeletons: how a name that is written without its short vowels meets one that is written with them.
//!
//! In go abjad text (Arabic, Persian, Hebrew …) or class readings; out come skeletons: the consonants, and for each gap between
//! them which vowels stand in it. Two skeletons agree when their consonants are equal; `disagreements` then counts the gaps where a
//! vowel that an abjad does write is missing or different on the other side.
//!
//! The skeleton alphabet is coarser than the classes: b for b and p, f for f, v and w, and `ts` written out.

use crate::rewrite::{Letters, Rewriter, Variants, append, extend, unread};
use crate::romanise::is_vowel;
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skeleton {
    pub(crate) consonants: Letters,
    gaps: u64,
}

/// The spelling of abjad text in one Latin letter for each of its letters, for typing errors within the script.
pub(crate) fn abjad_spelling(text: &str) -> Letters {
    read_abjad(text).0
}

/// The skeletons of abjad text.
pub(crate) fn of_abjad(text: &str) -> SmallVec<[Skeleton; 2]> {
    distinct(&read_abjad(text).1)
}

/// The skeletons of class readings.
pub(crate) fn of_classes(readings: &Variants) -> SmallVec<[Skeleton; 2]> {
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
fn distinct(readings: &Variants) -> SmallVec<[Skeleton; 2]> {
    let mut found = SmallVec::<[Skeleton; 2]>::new();
    for reading in readings.iter().filter(|reading| !reading.iter().any(u8::is_ascii_digit)) {
        let skeleton = skeleton(reading);
        if !skeleton.consonants.is_empty() && !found.contains(&skeleton) {
            found.push(skeleton);
        }
    }
    found
}

fn skeleton(reading: &Letters) -> Skeleton {
    let mut skeleton = Skeleton { consonants: Letters::new(), gaps: 0 };
    for &letter in reading {
        match letter {
            b'*' => skeleton.vowel(ANY),
            b'a' => skeleton.vowel(ANY | A),
            b'i' => skeleton.vowel(ANY | I),
            b'u' => skeleton.vowel(ANY | U),
            b'e' => skeleton.vowel(ANY | I | A),
            b'o' => skeleton.vowel(ANY | U | A),
            b'p' => skeleton.consonants.push(b'b'),
            b'v' => skeleton.consonants.push(b'f'),
            b'T' => skeleton.consonants.extend_from_slice(b"ts"),
            consonant => skeleton.consonants.push(consonant),
        }
        debug_assert!(!is_vowel(letter) || skeleton.gaps != 0 || skeleton.consonants.len() >= GAPS_MAX);
    }
    skeleton
}

impl Skeleton {
    fn vowel(&mut self, kinds: u64) {
        let gap = self.consonants.len();
        if gap < GAPS_MAX {
            self.gaps |= kinds << (4 * gap);
        }
    }

    fn gap(&self, gap: usize) -> u64 {
        if gap < GAPS_MAX { (self.gaps >> (4 * gap)) & 15 } else { 0 }
    }

    /// In how many gaps `self`, read from an abjad, does not go with `other`, read from a script with vowels and of equal
    /// consonants: a written vowel that the other lacks, or a vowel at either end that the abjad would have written.
    pub(crate) fn disagreements(&self, other: &Skeleton) -> usize {
        let last = self.consonants.len();
        let disagrees = |gap: usize| {
            let (written, heard) = (self.gap(gap), other.gap(gap));
            let at_end = gap == 0 || gap == last;
            written & !heard != 0 || (at_end && (written == 0) != (heard == 0))
        };
        (0..=last.min(GAPS_MAX - 1)).filter(|&gap| disagrees(gap)).count()
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
            .filter(|(a, o)| a.consonants == o.consonants)
            .map(|(a, o)| a.disagreements(o))
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
