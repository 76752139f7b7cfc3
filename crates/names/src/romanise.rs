//! From the letters of any script to Latin ones, and from those to romanisation classes.
//!
//! In goes folded text. `romanise` gives the spelling that equality and typing errors are judged by, and the sounds that the
//! classes are read from; `classes` gives the class readings. Everything is ASCII: letters and digits.

use crate::rewrite::{
    Letters, Reading, Rewriter, Step, VARIANTS_MAX, Variants, append, extend, is_too_many, push_once, unread,
};
use crate::table;
use any_ascii::any_ascii_char;
use smallvec::{Array, SmallVec};
use std::sync::LazyLock;

pub(crate) static SCRIPTS: LazyLock<Rewriter> =
    LazyLock::new(|| Rewriter::with_spelling(table::ROMANISATION));
pub(crate) static CLASSES: LazyLock<Rewriter> = LazyLock::new(|| Rewriter::with_readings(table::CLASSES));

/// A romanised token.
pub(crate) struct Romanised {
    pub(crate) spelling: Letters,
    pub(crate) sounds: Variants,
    /// True if all sounds were followed, whatever letters stand beside the text.
    pub(crate) sure: bool,
}

/// Romanises folded text of any script but the abjads.
pub(crate) fn romanise(text: &str) -> Romanised {
    if text.is_ascii() {
        let spelling = Letters::from_slice(text.as_bytes());
        return Romanised { sounds: smallvec::smallvec![spelling.clone()], spelling, sure: true };
    }
    let (mut spelling, mut sounds, mut sure): (_, Variants, _) = (Letters::new(), unread(), true);
    SCRIPTS.each_step(text, |step| match step {
        Step::Rule(wanted) => {
            let rule = SCRIPTS.rule(wanted);
            extend(&mut spelling, rule.spelling.as_bytes(), false);
            sure &= !rule.is_bound() && !is_too_many(sounds.len(), &rule.readings);
            append(&mut sounds, &rule.readings, false);
        }
        Step::Letter(letter) => {
            let plain = plain(letter);
            extend(&mut spelling, &plain, false);
            sounds.iter_mut().for_each(|variant| extend(variant, &plain, false));
        }
    });
    if !sounds.contains(&spelling) {
        sounds.push(spelling.clone());
    }
    Romanised { spelling, sounds, sure }
}

/// What `any_ascii` makes of a letter, without punctuation and capitals.
fn plain(letter: char) -> Letters {
    if letter.is_ascii() {
        return Letters::from_slice(&[letter as u8]);
    }
    any_ascii_char(letter)
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_lowercase())
        .collect()
}

/// The class readings of a token's sounds: distinct, at most `VARIANTS_MAX`, first the most usual.
pub(crate) fn classes(sounds: &Variants) -> Variants {
    classes_up_to(VARIANTS_MAX, sounds)
}

/// The same with a bound of its own.
pub(crate) fn classes_up_to(most: usize, sounds: &Variants) -> Variants {
    let mut found = Variants::new();
    for variant in sounds.iter().flat_map(|sound| class_readings::<[Letters; 2]>(sound, &mut ())) {
        if found.len() < most && !variant.is_empty() && !found.contains(&variant) {
            found.push(variant);
        }
    }
    found
}

/// The first class reading of sounds that has a letter.
pub(crate) fn first_class(sounds: &Variants) -> Letters {
    let usual = sounds.first().map(|sound| CLASSES.first_reading::<Letters>(sound)).unwrap_or_default();
    if usual.is_empty() { classes_up_to(1, sounds).into_iter().next().unwrap_or_default() } else { usual }
}

/// The class readings of one sound, the usual one first; that one is appended to `usual`, too.
pub(crate) fn class_readings<A: Array<Item: Reading>>(sound: &[u8], usual: &mut impl Reading) -> SmallVec<A> {
    let mut variants = unread::<A>();
    CLASSES.each_ascii_step(sound, |step| match step {
        Step::Letter(letter) => {
            push_once(usual, letter as u8);
            variants.iter_mut().for_each(|variant| push_once(variant, letter as u8));
        }
        Step::Rule(wanted) => {
            extend(usual, wanted.usual(), true);
            if wanted.sure {
                variants.iter_mut().for_each(|variant| extend(variant, wanted.usual(), true));
            } else {
                append(&mut variants, &CLASSES.rule(wanted).readings, true);
            }
            for doubt in wanted.doubts() {
                variants.iter_mut().for_each(|variant| variant.doubt(doubt));
            }
        }
    });
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(text: &str) -> Vec<String> {
        classes(&romanise(text).sounds).iter().map(|v| String::from_utf8(v.to_vec()).unwrap()).collect()
    }

    #[test]
    fn spellings_of_one_sound_share_a_reading() {
        for (a, b) in [
            ("юлия", "julija"),
            ("khodja", "hoja"),
            ("хуршед", "xurshed"),
            ("ж", "zh"),
            ("ҷамшед", "jamshed"),
            ("щукин", "shchukin"),
            ("šarov", "sharoff"),
            ("čapek", "chapek"),
            ("alexandr", "aleksandr"),
            ("სანიკიძე", "sanikidze"),
            ("παπαδόπουλος", "papadopoulos"),
            ("վարդանյան", "vardanian"),
            ("müller", "mueller"),
            ("walid", "oualid"),
            ("dmitrij", "dmitriy"),
        ] {
            let (left, right) = (readings(a), readings(b));
            assert!(left.iter().any(|reading| right.contains(reading)), "{a} {left:?} / {b} {right:?}");
        }
    }

    #[test]
    fn readings_are_bounded() {
        assert!(readings("chchchchchcwxjxjwcwc").len() <= VARIANTS_MAX);
    }
}
