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

use crate::bones::Bones;
use crate::key::{Hashing, Key};
use crate::rewrite::{Doubt, Letters, Reading, Rewriter, Step, Variants, append, extend, unread};
use crate::romanise::class_readings;
use crate::table;
use smallvec::SmallVec;
use std::sync::LazyLock;

pub(crate) static ABJAD: LazyLock<Rewriter> = LazyLock::new(|| Rewriter::with_spelling(table::ABJAD));

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

/// The spelling of abjad text and its readings.
pub(crate) fn read_abjad(text: &str) -> (Letters, Heard) {
    let (mut spelling, mut readings): (_, Heard) = (Letters::new(), unread());
    ABJAD.each_step(text, |step| {
        if let Step::Rule(wanted) = step {
            let rule = ABJAD.rule(wanted);
            extend(&mut spelling, rule.spelling.as_bytes(), false);
            append(&mut readings, &rule.readings, false);
        }
    });
    (spelling, readings)
}

/// The class readings of a token's sounds as they are compared: distinct, at most `most`, first the most usual; and that one in letters. No rule has
/// an empty reading, so a sound has one without letters only if it has none itself.
pub(crate) fn heard(most: usize, sounds: &Variants) -> (Heard, Letters) {
    let (mut found, mut usual) = (Heard::new(), Letters::new());
    for sound in sounds {
        let readings = if usual.is_empty() {
            class_readings::<[Outline; 3]>(sound, &mut usual)
        } else {
            class_readings::<[Outline; 3]>(sound, &mut ())
        };
        if sounds.len() == 1 && readings.len() == 1 && readings[0].first != 0 {
            return (readings, usual);
        }
        for reading in readings {
            let known = || found.iter().any(|other| other.class == reading.class);
            if found.len() < most && reading.first != 0 && !known() {
                found.push(reading);
            }
        }
    }
    (found, usual)
}

/// The skeletons of readings, without repeats and without those that have no consonant or a digit.
pub(crate) fn skeletons(readings: &[Outline]) -> SmallVec<[Skeleton; 2]> {
    let mut found = SmallVec::<[Skeleton; 2]>::new();
    for skeleton in readings.iter().filter_map(Outline::skeleton) {
        if !found.contains(&skeleton) {
            found.push(skeleton);
        }
    }
    found
}

/// Frames of so many consonants are told in forms of every kind.
const FRAMED: u8 = 3;

/// The frames of class readings: distinct, without those that have too few consonants for the places of vowels to tell names apart,
/// which in a join are two.
pub(crate) fn frames(readings: &[Outline], joined: bool) -> SmallVec<[Skeleton; 2]> {
    let mut found = SmallVec::<[Skeleton; 2]>::new();
    for frame in readings.iter().filter_map(Outline::frame) {
        let enough = frame.consonants >= if joined { FRAMED } else { 2 };
        if enough && !found.contains(&frame) {
            found.push(frame);
        }
    }
    found
}

/// The readings, a bit each, whose frame is among [`frames`] whether or not they are of a join.
pub(crate) fn framed(readings: &[Outline]) -> u32 {
    let is_framed = |reading: &Outline| reading.frame().is_some_and(|frame| frame.consonants >= FRAMED);
    readings
        .iter()
        .enumerate()
        .fold(0, |bits, (place, reading)| bits | u32::from(is_framed(reading)) << place)
}

/// Readings as they are compared.
pub(crate) type Heard = SmallVec<[Outline; 3]>;

/// The consonants of a class letter in the skeleton alphabet; a vowel and a digit have none.
pub(crate) fn each_bone(letter: u8, mut found: impl FnMut(u8)) {
    match letter {
        b'a' | b'e' | b'i' | b'o' | b'u' | b'*' | b'0'..=b'9' => {}
        b'p' => found(b'b'),
        b'v' => found(b'f'),
        b'T' => {
            found(b't');
            found(b's');
        }
        other => found(other),
    }
}

/// A reading as it is compared: by hashes that grow with it, so that readings with a common beginning share the work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outline {
    class: Hashing,
    frame: Hashing,
    frame_gaps: u64,
    skeleton: Hashing,
    gaps: u64,
    /// Of consonants as skeletons have them, doubled ones once.
    coarse: u64,
    bones: Bones,
    frame_consonants: u16,
    frame_runs: u16,
    consonants: u16,
    first: u8,
    last: u8,
    frame_last: u8,
    coarse_last: u8,
    digits: bool,
    /// A bit for each doubt.
    doubts: u8,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            class: Hashing::new(Key::Class),
            frame: Hashing::new(Key::Frame),
            frame_gaps: 0,
            skeleton: Hashing::new(Key::Skeleton),
            gaps: 0,
            coarse: 0,
            bones: Bones::EMPTY,
            coarse_last: 0,
            frame_consonants: 0,
            frame_runs: 0,
            consonants: 0,
            first: 0,
            last: 0,
            frame_last: 0,
            digits: false,
            doubts: 0,
        }
    }
}

impl Reading for Outline {
    fn push(&mut self, letter: u8) {
        self.first = if self.first == 0 { letter } else { self.first };
        self.last = letter;
        self.class = self.class.and(letter);
        match letter {
            b'a' => self.add_vowel(A, A),
            b'i' => self.add_vowel(I, I),
            b'u' => self.add_vowel(U, U),
            b'e' => self.add_vowel(I | A, I | A),
            b'o' => self.add_vowel(U, U | A),
            b'*' => self.add_vowel(0, 0),
            b'0'..=b'9' => self.digits = true,
            consonant => self.add_consonant(consonant),
        }
    }

    fn last(&self) -> u8 {
        self.last
    }

    fn doubt(&mut self, doubt: Doubt) {
        self.doubts |= 1 << doubt as u8;
    }
}

impl Outline {
    pub(crate) fn of(reading: &[u8]) -> Self {
        let mut outline = Self::default();
        extend(&mut outline, reading, false);
        outline
    }

    fn add_vowel(&mut self, in_frame: u64, in_skeleton: u64) {
        let place =
            |gap: u16, vowels: u64| if usize::from(gap) < GAPS_MAX { (ANY | vowels) << (4 * gap) } else { 0 };
        self.frame_gaps |= place(self.frame_consonants, in_frame);
        self.gaps |= place(self.consonants, in_skeleton);
        if self.frame_last != b'a' {
            self.frame = self.frame.and(b'a');
            self.frame_runs += 1;
            self.frame_last = b'a';
        }
    }

    fn add_consonant(&mut self, consonant: u8) {
        if self.frame_last != consonant {
            self.frame = self.frame.and(consonant);
            self.frame_consonants += 1;
            self.frame_last = consonant;
        }
        each_bone(consonant, |bone| {
            self.skeleton = self.skeleton.and(bone);
            self.consonants += 1;
            if self.coarse_last != bone {
                self.coarse =
                    (self.coarse.rotate_left(5) ^ u64::from(bone)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                self.coarse_last = bone;
                self.bones.push(bone);
            }
        });
    }

    /// Its key, as a class reading.
    pub(crate) fn class(&self) -> u64 {
        self.class.done()
    }

    /// Its first letter.
    pub(crate) fn first(&self) -> u8 {
        self.first
    }

    /// A number that is equal whenever two readings are equal, or their frames or skeletons are: for their consonants, doubled ones once; if there
    /// are none, or a digit, for the reading.
    pub(crate) fn coarse(&self) -> u64 {
        if self.digits || self.coarse_last == 0 { self.class() } else { self.coarse }
    }

    /// True if other letters beside the text might have it read in another way for this reason.
    pub(crate) fn is_doubtful(&self, doubt: Doubt) -> bool {
        self.doubts >> doubt as u8 & 1 == 1
    }

    /// Its consonants.
    pub(crate) fn bones(&self) -> Bones {
        self.bones.within(Some(self.first), Some(self.last))
    }

    /// None for a reading of one consonant, of two with a single run of vowels between them, or with a digit.
    fn frame(&self) -> Option<Skeleton> {
        let (key, consonants) = (self.frame.done(), self.frame_consonants as u8);
        let enough = self.frame_consonants >= 3 || (self.frame_consonants == 2 && self.frame_runs >= 2);
        (enough && !self.digits).then_some(Skeleton { key, consonants, gaps: self.frame_gaps })
    }

    /// None for a reading without consonants or with a digit.
    fn skeleton(&self) -> Option<Skeleton> {
        let (key, consonants) = (self.skeleton.done(), self.consonants as u8);
        (self.consonants > 0 && !self.digits).then_some(Skeleton { key, consonants, gaps: self.gaps })
    }
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
    use crate::rewrite::VARIANTS_MAX;
    use crate::romanise::romanise;

    /// The least number of disagreements, or none when no consonants are equal.
    fn check(abjad: &str, other: &str) -> Option<usize> {
        let others = skeletons(&heard(VARIANTS_MAX, &romanise(other).sounds).0);
        skeletons(&read_abjad(abjad).1)
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
