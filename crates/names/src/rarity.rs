//! How common the words of names are among people.
//!
//! In goes a form; out comes a level from the shipped table (`rarity.tsv`), whatever the script or spelling: a word has the level of
//! its own spelling and of what it sounds like, else of a common word that differs in the quality of its vowels. What always
//! holds: equal forms have equal levels, and nothing but the word itself is known here, neither whose name it is nor where it is
//! from.

use crate::form::{Form, Writing, writing};
use crate::key::{Key, hash};
use crate::romanise::{first_class, romanise};
use crate::skeleton::{self, Outline, Skeleton};
use crate::table;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::LazyLock;

/// How many people bear a word, where it is most usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Commonness {
    /// Few, or it is not known how many.
    #[default]
    Rare,
    /// One in five thousand or more.
    Known,
    /// One in a thousand or more.
    Usual,
    /// One in two hundred or more.
    Common,
    /// One in fifty or more: Mohammed, Ivanov, Kim, Maria.
    VeryCommon,
}

impl Commonness {
    fn from_table(level: &str) -> Self {
        match level {
            "4" => Self::VeryCommon,
            "3" => Self::Common,
            "2" => Self::Usual,
            "1" => Self::Known,
            _ => Self::Rare,
        }
    }
}

/// The table by hashes. Words that sound unlike may have one frame or skeleton, so these are kept to be compared.
#[derive(Default)]
struct Levels {
    exact: FxHashMap<u64, Commonness>,
    alike: FxHashMap<u64, SmallVec<[(Skeleton, Commonness); 1]>>,
}

static LEVELS: LazyLock<Levels> = LazyLock::new(|| {
    let mut levels = Levels::default();
    for row in table::rows(table::RARITY) {
        let level = Commonness::from_table(row[0]);
        row[1].split(' ').for_each(|word| levels.add(word, level));
    }
    levels
});

/// Of fewer consonants too little is left without the vowels to know a common name by.
const CONSONANTS_LEAST: u8 = 3;

impl Levels {
    /// The rows come with the most common first, so what is there stays.
    fn add(&mut self, word: &str, level: Commonness) {
        let mut add = |key: Key, letters: &[u8]| {
            self.exact.entry(hash(key, letters)).or_insert(level);
        };
        match writing(word) {
            Writing::Abjad => return add(Key::AbjadSpelling, &skeleton::abjad_spelling(word)),
            Writing::Syllabic => return add(Key::Spelling, word.as_bytes()),
            Writing::Alphabetic => {}
        }
        let romanised = romanise(word);
        add(Key::Spelling, &romanised.spelling);
        let reading = first_class(&romanised.sounds);
        if !reading.is_empty() {
            add(Key::Class, &reading);
            if level >= Commonness::Common {
                self.add_alike(&[Outline::of(&reading)], level);
            }
        }
    }

    fn add_alike(&mut self, reading: &[Outline], level: Commonness) {
        for skeleton in skeleton::frames(reading, false).into_iter().chain(skeleton::skeletons(reading)) {
            if skeleton.consonants >= CONSONANTS_LEAST {
                self.alike.entry(skeleton.key).or_default().push((skeleton, level));
            }
        }
    }

    /// The level of the most common listed word whose frame or skeleton is one of these and agrees in the vowels.
    fn alike(
        &self,
        skeletons: &[Skeleton],
        unlike: impl Fn(Skeleton, Skeleton) -> usize,
    ) -> Option<Commonness> {
        let listed = |&skeleton: &Skeleton| {
            let listed = self.alike.get(&skeleton.key)?.iter();
            listed.filter(|(other, _)| unlike(skeleton, *other) == 0).map(|&(_, level)| level).max()
        };
        skeletons.iter().filter_map(listed).max()
    }
}

/// How common a word is among people.
pub(crate) fn commonness(form: &Form) -> Commonness {
    let (levels, facts) = (&*LEVELS, form.facts());
    let exact = |key: &u64| levels.exact.get(key).copied();
    match facts.writing {
        Writing::Syllabic => exact(&hash(Key::Spelling, form.text().as_bytes())),
        Writing::Abjad => {
            exact(&facts.spelling_hash).or_else(|| levels.alike(&facts.skeletons, Skeleton::disagreements))
        }
        Writing::Alphabetic => {
            let spelt = exact(&facts.spelling_hash).max(facts.classes.first().and_then(exact));
            spelt.or_else(|| levels.alike(facts.frames.get(..1)?, Skeleton::unlike_vowels))
        }
    }
    .unwrap_or_default()
}

/// How common a name of several syllable signs is, as the signs write it.
pub(crate) fn commonness_in_signs(text: &str) -> Commonness {
    LEVELS.exact.get(&hash(Key::Spelling, text.as_bytes())).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(word: &str) -> Commonness {
        commonness(&Form::new(word, false))
    }

    #[test]
    fn a_common_word_is_common_in_every_spelling() {
        use Commonness::{Common, VeryCommon};
        for (least, words) in [
            (VeryCommon, "mohammed muhammad mohamad mukhammad мухаммад мухаммед մուհամմադ محمد მუჰამედ"),
            (VeryCommon, "ivanov iwanow ivanoff иванов ივანოვ իվանով"),
            (VeryCommon, "ahmed ahmad akhmed ахмад احمد"),
            (VeryCommon, "kim 김 ким wang 王 张"),
            (VeryCommon, "georgiev георгиев sergeevich sergeyevich сергеевич юрьевич"),
            (Common, "karim karem карим كريم jamal djamal джамал جمال petrov tikriti تكريتي"),
        ] {
            for word in words.split(' ') {
                assert!(level(word) >= least, "{word} {:?}", level(word));
            }
        }
    }

    #[test]
    fn a_word_of_the_same_frame_is_not_common_for_it() {
        for word in ["mihimmid", "karum", "zarekani", "branidis"] {
            assert_eq!(level(word), Commonness::Rare, "{word}");
        }
    }

    #[test]
    fn the_table_is_folded_and_in_order() {
        let rows: Vec<_> = table::rows(table::RARITY).collect();
        assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(Commonness::from_table(row[0]))));
        for row in rows {
            for word in row[1].split(' ') {
                assert!(Form::decode(word).is_some(), "{word}");
            }
        }
    }
}
