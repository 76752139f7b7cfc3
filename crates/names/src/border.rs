//! Borders: when words that are written together are read as they are read one by one.
//!
//! In go the sounds and readings of a word; out comes what must be known of it to tell whether the readings of a join are those of its words in
//! turn. They are where no rule takes letters of two words at once and none is bound to the end of a text that is none in the join. Then
//! the bounds of the words' consonants give those of the join's (bones.rs), and its first reading is theirs: so it need not be read to be told
//! from nearly every other word.

use crate::rewrite::{Doubt, Variants, eight, tail};
use crate::romanise::{CLASSES, SCRIPTS};
use crate::skeleton::Outline;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use std::sync::LazyLock;

/// What is known of a word's borders.
#[derive(Clone, Debug)]
pub(crate) struct Border {
    /// The first and the last letter as they are written.
    letters: (char, char),
    ascii: bool,
    /// A rule holds for its beginning only, or for its end only.
    bound: (bool, bool),
    sounds: SmallVec<[Ends; 1]>,
}

/// The ends of one sound.
#[derive(Clone, Copy, Debug)]
struct Ends {
    length: usize,
    first: u8,
    last: u8,
    /// The first eight letters, the first one lowest, and which bytes they are.
    head: (u64, u64),
    /// The last eight letters, the last one highest, and which bytes they are.
    tail: (u64, u64),
}

/// A pattern of a rule, divided as a border might divide it.
struct Divided {
    before: (u64, u64),
    after: (u64, u64),
    before_length: usize,
    after_length: usize,
    at_start: bool,
    at_end: bool,
}

/// 26: small letters.
const LETTERS: usize = 26;

/// The patterns of the classes that a border may divide, by the letters on both sides of it.
static DIVIDED: LazyLock<Vec<Vec<Divided>>> = LazyLock::new(|| {
    let mut divided: Vec<Vec<Divided>> = (0..LETTERS * LETTERS).map(|_| Vec::new()).collect();
    for rule in CLASSES.rules() {
        let pattern = rule.pattern().as_bytes();
        for at in 1..pattern.len() {
            let (before, after) = pattern.split_at(at);
            divided[place(before[at - 1], after[0])].push(Divided {
                before: tail(before),
                after: head(after),
                before_length: before.len(),
                after_length: after.len(),
                at_start: rule.at_start(),
                at_end: rule.at_end(),
            });
        }
    }
    divided
});

/// Letters that stand side by side in a pattern of the scripts.
static NEIGHBOURS: LazyLock<FxHashSet<(char, char)>> = LazyLock::new(|| {
    let patterns = SCRIPTS.rules().iter().map(|rule| rule.pattern().chars());
    patterns.flat_map(|letters| letters.clone().zip(letters.skip(1))).collect()
});

fn place(before: u8, after: u8) -> usize {
    LETTERS * usize::from(before - b'a') + usize::from(after - b'a')
}

fn head(letters: &[u8]) -> (u64, u64) {
    (eight(letters, 0), u64::MAX >> (64 - 8 * letters.len().min(8)))
}

/// True if two texts agree in the letters that both have.
fn agree(a: (u64, u64), b: (u64, u64)) -> bool {
    (a.0 ^ b.0) & a.1 & b.1 == 0
}

impl Border {
    /// Of a word with these sounds and all their readings; none where another border might change how the word itself is read.
    pub(crate) fn of(text: &str, sounds: &Variants, readings: &[Outline]) -> Option<Self> {
        let sounds = sounds.iter().map(|sound| Ends::of(sound)).collect::<Option<_>>()?;
        let letters = (text.chars().next()?, text.chars().next_back()?);
        let doubtful = |doubt: Doubt| readings.iter().any(|reading| reading.is_doubtful(doubt));
        let bound = (doubtful(Doubt::Start), doubtful(Doubt::End));
        (!doubtful(Doubt::Many)).then(|| Self { letters, ascii: text.is_ascii(), bound, sounds })
    }

    /// True if no rule takes letters of this word and of the next at once, and none that was followed holds at this border only where it is
    /// the end of a text. Text that is all ASCII has no script to be read by, so words of
    /// which only one is are not told.
    pub(crate) fn is_clean(&self, next: &Self) -> bool {
        let apart = match (self.ascii, next.ascii) {
            (true, true) => true,
            (false, false) => !NEIGHBOURS.contains(&(self.letters.1, next.letters.0)),
            _ => false,
        };
        if !apart || self.bound.1 || next.bound.0 {
            return false;
        }
        self.sounds.iter().all(|before| next.sounds.iter().all(|after| before.is_clean(after)))
    }
}

impl Ends {
    /// None for a sound with a digit, or without a letter.
    fn of(sound: &[u8]) -> Option<Self> {
        let (first, last) = (*sound.first()?, *sound.last()?);
        let in_letters = sound.iter().all(u8::is_ascii_lowercase);
        in_letters.then(|| Self { length: sound.len(), first, last, head: head(sound), tail: tail(sound) })
    }

    fn is_clean(&self, next: &Self) -> bool {
        let divides = |divided: &Divided| {
            agree(self.tail, divided.before)
                && agree(next.head, divided.after)
                && !(divided.at_start && self.length > divided.before_length)
                && !(divided.at_end && next.length > divided.after_length)
        };
        !DIVIDED[place(self.last, next.first)].iter().any(divides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;

    #[test]
    fn words_with_a_clean_border_are_read_in_turn() {
        // A rule that gives nothing could leave a reading of letters without one, which is passed over.
        let gives = |reading: &&str| !reading.is_empty();
        assert!(CLASSES.rules().iter().all(|rule| rule.readings.iter().all(gives)));
        let words = "a at ah ha h s sh k akr zl ine n nder der chr c tsch schtsch zarin tarvo munif marsil abd al rahman \
                     et azl off kha in e ye iye ice eldin el din \
                     тарво щукин юлия жа ж д зелинович аў у ў ий т თარვო ց ու վարդան";
        let words: Vec<Form> = words.split_whitespace().map(|word| Form::new(word, false)).collect();
        let (mut clean, mut all) = (0, 0);
        for (a, b) in words.iter().flat_map(|a| words.iter().map(move |b| (a, b))) {
            all += 1;
            let joined = Form::new(&[a.text(), b.text()].concat(), true);
            let (Some(x), Some(y)) = (&a.facts().border, &b.facts().border) else { continue };
            if x.is_clean(y) {
                clean += 1;
                let first = joined.readings()[0].clone();
                let mut in_turn = [&a.readings()[0][..], &b.readings()[0]].concat().into_bytes();
                in_turn.dedup_by(|x, y| x == y);
                assert_eq!(first.as_bytes(), in_turn, "{} {}", a.text(), b.text());
                let in_turn = a.glance().bones.then(b.glance().bones);
                let bones = joined.glance().bones;
                assert_eq!(in_turn.or(bones), in_turn, "{} {}", a.text(), b.text());
            }
        }
        assert!(3 * clean > all, "{clean} of {all}");
    }
}
