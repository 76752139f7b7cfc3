//! Han characters and Hangul: how signs that stand for a syllable are read.
//!
//! In goes folded text of such signs; out come its romanisations, each read within one language (a name is Mandarin or Cantonese or
//! Korean, never half of each), so that their number does not multiply. Readings are data (`han.tsv`, `han_surnames.tsv`); how a language is
//! spelt in Latin letters is a rule here: pinyin, Wade-Giles, the Hong Kong spelling of Cantonese, and for Korean the Revised
//! Romanisation and the two usual spellings of passports.

use crate::rewrite::{Letters, Variants};
use crate::table;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::LazyLock;

/// 4: two signs of two readings each.
const ALTERNATIVES_MAX: usize = 4;

/// What is known of a character: alternatives divided by `|`.
#[derive(Clone, Copy)]
pub(crate) struct Character {
    pub(crate) pinyin: &'static str,
    pub(crate) jyutping: &'static str,
    pub(crate) hangul: &'static str,
}

struct Characters {
    read: FxHashMap<char, Character>,
    variants: FxHashMap<char, char>,
}

static CHARACTERS: LazyLock<Characters> = LazyLock::new(|| {
    let first = |text: &str| text.chars().next().unwrap_or_default();
    let mut characters = Characters { read: FxHashMap::default(), variants: FxHashMap::default() };
    for row in table::rows(table::HAN) {
        match row[..] {
            [letter, pinyin, jyutping, hangul] => {
                characters.read.insert(first(letter), Character { pinyin, jyutping, hangul });
            }
            [letter, variant] => {
                characters.variants.insert(first(letter), first(variant.trim_start_matches("= ")));
            }
            _ => {}
        }
    }
    characters
});

/// The usual spellings of family names, beside the regular ones.
static SURNAMES: LazyLock<FxHashMap<&'static str, &'static str>> =
    LazyLock::new(|| table::rows(table::HAN_SURNAMES).map(|row| (row[0], row[1])).collect());

/// True for the characters of a family name.
pub(crate) fn is_family_name(text: &str) -> bool {
    SURNAMES.contains_key(text)
}

/// The character that stands for this one and its variants.
pub(crate) fn folded(letter: char) -> char {
    CHARACTERS.variants.get(&letter).copied().unwrap_or(letter)
}

/// All characters of names and how they are read.
pub(crate) fn characters() -> impl Iterator<Item = (char, Character)> {
    CHARACTERS.read.iter().map(|(letter, character)| (*letter, *character))
}

/// How a character is read, if it is one of a name.
pub(crate) fn character(letter: char) -> Option<Character> {
    CHARACTERS.read.get(&letter).copied()
}

/// 3: longer words are foreign names, which nobody romanises in Cantonese or Korean.
const NATIVE_MAX: usize = 3;

/// Romanisations of a word of Han or Hangul, the first one being its spelling. None if a sign is unknown.
pub(crate) fn romanisations(text: &str) -> Option<Variants> {
    let hangul = text.chars().all(is_hangul);
    let mut found = if hangul { korean(&text.chars()) } else { of_characters(text)? };
    if text.chars().nth(NATIVE_MAX).is_some() {
        found.truncate(1);
        return Some(found);
    }
    let surname = SURNAMES.get(text).copied().unwrap_or_default();
    found.extend(surname.split_whitespace().map(letters));
    Some(distinct(found))
}

fn of_characters(text: &str) -> Option<Variants> {
    let characters = text.chars().map(character).collect::<Option<SmallVec<[Character; 8]>>>()?;
    let mut found = products(characters.iter().map(|character| character.pinyin));
    if characters.len() <= NATIVE_MAX {
        found.push(spelt(&characters, |character| wade_giles(first(character.pinyin))));
        for sibilant in ["ch", "ts"] {
            found.push(spelt(&characters, |character| hong_kong(first(character.jyutping), sibilant)));
        }
        if characters.iter().all(|character| !character.hangul.is_empty()) {
            found.extend(korean(&characters.iter().flat_map(|character| first(character.hangul).chars())));
        }
    }
    Some(found)
}

fn distinct(found: Variants) -> Variants {
    let mut kept = Variants::new();
    for variant in found {
        if !variant.is_empty() && !kept.contains(&variant) {
            kept.push(variant);
        }
    }
    kept
}

pub(crate) fn first(alternatives: &'static str) -> &'static str {
    let end = alternatives.bytes().position(|letter| letter == b'|');
    &alternatives[..end.unwrap_or(alternatives.len())]
}

fn letters(text: &str) -> Letters {
    Letters::from_slice(text.as_bytes())
}

/// Every way to choose one alternative of each, at most `ALTERNATIVES_MAX`, the usual one first.
fn products<'t>(signs: impl Iterator<Item = &'t str>) -> Variants {
    let mut found: Variants = smallvec::smallvec![Letters::new()];
    for alternatives in signs {
        let usual = found.len();
        for (place, alternative) in alternatives.split('|').enumerate().skip(1) {
            if found.len() + usual <= ALTERNATIVES_MAX && place == 1 {
                let more: Variants =
                    found[..usual].iter().map(|before| followed(before, alternative)).collect();
                found.extend(more);
            }
        }
        let first = alternatives.split('|').next().unwrap_or_default();
        found[..usual].iter_mut().for_each(|before| before.extend_from_slice(first.as_bytes()));
    }
    found
}

fn followed(before: &Letters, syllable: &str) -> Letters {
    let mut letters = before.clone();
    letters.extend_from_slice(syllable.as_bytes());
    letters
}

/// The word in one spelling; empty if that has none for a character.
fn spelt(characters: &[Character], spelling: impl Fn(&Character) -> Spelt) -> Letters {
    let mut word = Letters::new();
    for syllable in characters.iter().map(spelling) {
        let before = word.len();
        for part in syllable {
            word.extend_from_slice(part.as_bytes());
        }
        if word.len() == before {
            return Letters::new();
        }
    }
    word
}

/// A syllable in parts, of which some may be empty.
type Spelt = [&'static str; 3];

/// The initial consonants of a syllable, and the rest.
pub(crate) fn divided(syllable: &str) -> (&str, &str) {
    let vowel = |letter: char| matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u');
    // Without a vowel ("ng", "m") all of it is the rest.
    let at = syllable.find(vowel).unwrap_or_default();
    syllable.split_at(at)
}

/// A pinyin syllable in Wade-Giles, without its apostrophes.
fn wade_giles(pinyin: &'static str) -> Spelt {
    let (initial, rest) = divided(pinyin);
    let start = match initial {
        "b" => "p",
        "d" => "t",
        "g" => "k",
        "zh" | "j" | "q" => "ch",
        "x" => "hs",
        "z" | "c" if rest == "i" => return ["tzu", "", ""],
        "s" if rest == "i" => return ["ssu", "", ""],
        "z" | "c" => "ts",
        "r" => "j",
        other => other,
    };
    let end = match (initial, rest) {
        ("zh" | "ch" | "sh" | "r", "i") => "ih",
        ("" | "y", "ou") => "u",
        ("y", "an") => "en",
        ("y", "e") => "eh",
        ("y", "i") => return ["i", "", ""],
        ("g" | "k", "ui") => "uei",
        ("g" | "k" | "h" | "sh", "uo") => "uo",
        (_, "uo" | "e") if !matches!(initial, "sh" | "zh" | "ch" | "r" | "y") || rest == "uo" => "o",
        (_, "ong") => "ung",
        (_, "iong") => "iung",
        (_, "ian") => "ien",
        (_, "ie") => "ieh",
        (_, "ue") => "ueh",
        (_, "er") => "erh",
        _ => rest,
    };
    [start, end, ""]
}

/// A jyutping syllable as Hong Kong spells it, with one of the two spellings of its sibilants.
fn hong_kong(jyutping: &'static str, sibilant: &'static str) -> Spelt {
    let (initial, rest) = divided(jyutping);
    let start = match initial {
        "b" => "p",
        "d" => "t",
        "g" => "k",
        "gw" => "kw",
        "z" | "c" | "zy" | "cy" => sibilant,
        "j" | "jy" => "y",
        "sy" => "s",
        other => other,
    };
    if let Some(tail) = rest.strip_prefix("aa") {
        return [start, "a", tail];
    }
    let end = match rest {
        "ou" => "o",
        "oeng" => "eung",
        "oek" => "euk",
        "oe" => "eu",
        "i" if initial == "s" && sibilant == "ts" => "ze",
        "i" if start == "ts" => "z",
        "eoi" => "ui",
        "eon" => "un",
        "eot" => "ut",
        "un" if initial.ends_with('y') => "uen",
        "ut" if initial.ends_with('y') => "uet",
        other => other,
    };
    [start, end, ""]
}

const HANGUL: std::ops::RangeInclusive<char> = '\u{ac00}'..='\u{d7a3}';

pub(crate) fn is_hangul(letter: char) -> bool {
    HANGUL.contains(&letter)
}

/// Initial, vowel and final of a Hangul syllable, by their number.
pub(crate) fn jamo(letter: char) -> Option<(usize, usize, usize)> {
    let code = HANGUL.contains(&letter).then(|| letter as usize - *HANGUL.start() as usize)?;
    Some((code / (21 * 28), code / 28 % 21, code % 28))
}

/// The Revised Romanisation.
pub(crate) const INITIALS: [&str; 19] =
    ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
pub(crate) const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi",
    "yu", "eu", "ui", "i",
];
pub(crate) const FINALS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t",
    "ng", "t", "t", "k", "t", "p", "t",
];
/// The same letters as passports have them ("Kyung", "Young", "Soo") and as McCune-Reischauer does without its marks.
const PASSPORT: [(&str, &str); 4] = [("g", "k"), ("eo", "u"), ("yeo", "you"), ("ui", "ee")];
const REISCHAUER: [(&str, &str); 6] =
    [("g", "k"), ("d", "t"), ("b", "p"), ("j", "ch"), ("eo", "o"), ("yeo", "yo")];

/// Initials and vowels in one spelling.
type Jamo = ([&'static str; INITIALS.len()], [&'static str; VOWELS.len()]);

/// Each spelling of Korean, the usual one first.
static KOREAN: LazyLock<[Jamo; 3]> = LazyLock::new(|| {
    [&[][..], &PASSPORT, &REISCHAUER].map(|rules| {
        let respelt = |letters: &'static str| {
            rules.iter().find(|rule| rule.0 == letters).map_or(letters, |rule| rule.1)
        };
        (INITIALS.map(respelt), VOWELS.map(respelt))
    })
});

fn korean(text: &(impl Iterator<Item = char> + Clone)) -> Variants {
    let spelling = |(initials, vowels): &Jamo| {
        let mut word = Letters::new();
        for (initial, vowel, end) in text.clone().filter_map(jamo) {
            for part in [initials[initial], vowels[vowel], FINALS[end]] {
                word.extend_from_slice(part.as_bytes());
            }
        }
        word
    };
    KOREAN.iter().map(spelling).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(text: &str) -> Vec<String> {
        let found = romanisations(text).unwrap_or_default();
        found.iter().map(|word| String::from_utf8(word.to_vec()).unwrap()).collect()
    }

    #[test]
    fn each_language_has_its_spelling() {
        for (text, expected) in [
            ("王", "wang wong ong"),
            ("陈", "chen chan tan"),
            ("黄", "huang wong ng"),
            ("单", "shan"),
            ("小平", "xiaoping hsiaoping"),
            ("建中", "jianzhong chienchung kinchung"),
            ("国强", "guoqiang kuochiang kwokkeung"),
            ("思明", "siming ssuming"),
            ("金", "jin chin kam kim"),
            ("김", "gim kim"),
            ("영수", "yeongsu youngsu yongsu"),
            ("欧阳", "ouyang auyeung"),
        ] {
            let found = spellings(text);
            for wanted in expected.split(' ') {
                assert!(found.iter().any(|spelling| spelling == wanted), "{text} {wanted} {found:?}");
            }
            assert_eq!(found[0], expected.split(' ').next().unwrap());
        }
    }

    #[test]
    fn variants_fold_to_one_character() {
        assert_eq!("陳張劉楊黃趙吳".chars().map(folded).collect::<String>(), "陈张刘杨黄赵吴");
        assert!("陈张刘杨黄赵吴".chars().all(|letter| folded(letter) == letter));
    }
}
