//! Transcription: how a foreign name is written in signs that stand for syllables.
//!
//! A word of an alphabet, heard as class letters, is written in Han, Hangul or Kana with a sign for each syllable: consonants that begin a
//! syllable nearly always get a sign that begins alike, the others get one with a vowel of no meaning or none at all, and vowels
//! are kept roughly. In go a class reading on one side and signs on the other; out comes what the fit costs, and the keys
//! under which either finds the other.
//!
//! How a sign may sound is a set, from its readings in several languages: Chinese transcriptions go by Mandarin in one place and by
//! Cantonese or Hokkien in another.

use crate::han::{self, Character};
use crate::key::{Key, hash};
use any_ascii::any_ascii_char;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::LazyLock;

/// Signs of a word that are compared: more are no single name.
const SIGNS_MAX: usize = 10;
/// Letters of a word that are compared.
const HEARD_MAX: usize = 20;
/// Keys of a word in signs: eight choices of silent signs with a few ambiguous ones.
const KEYS_MAX: usize = 40;
/// Least size of a word that a transcription can be told by: a syllable and a consonant.
const SIZE_MIN: u32 = 140;

/// Signs that are written for a consonant without a vowel.
const BARE: &str = "尔耳斯思司士兹茨慈特德得克科可格姆木穆目普布卜勃伯夫弗甫芙福赫呼什施奇吉齐切契勒利里鲁路卢恩次日热泽色瑟图杜库古及\
                    으스즈츠트드크그프브흐르";

/// How one sign may sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sign {
    /// Consonants that it may begin with, a bit for each class letter.
    onsets: u32,
    /// Those that it is used for at need.
    near: u32,
    /// It may begin with its vowel: the vowels it may begin with, as `vowels` has them.
    open: u8,
    /// Its vowels: 1 for a, 2 for e and i, 4 for o and u.
    vowels: u8,
    /// Its last consonants: a bit for each class letter; n stands for every nasal.
    coda: u32,
    /// Its vowel need not be heard.
    bare: bool,
}

type Signs = SmallVec<[Sign; 6]>;

/// A bit for a consonant class letter.
fn bit(letter: u8) -> u32 {
    match letter {
        b'a'..=b'z' => 1 << (letter - b'a'),
        b'C' => 1 << 26,
        b'J' => 1 << 27,
        b'S' => 1 << 28,
        b'T' => 1 << 29,
        _ => 0,
    }
}

fn bits(letters: &str) -> u32 {
    letters.bytes().fold(0, |bits, letter| bits | bit(letter))
}

fn is_vowel(letter: u8) -> bool {
    vowel(letter) != 0
}

fn vowel_bits(letters: &str) -> u8 {
    letters.bytes().fold(0, |bits, letter| bits | vowel(letter))
}

fn vowel(letter: u8) -> u8 {
    match letter {
        b'a' => 1,
        b'e' | b'i' => 2,
        b'o' | b'u' => 4,
        _ => 0,
    }
}

/// False only if the first letter is no sign for a syllable: there is none below Kana.
pub(crate) fn begins_in_signs(text: &str) -> bool {
    text.chars().next().is_some_and(|letter| letter >= '\u{3041}')
}

/// What the signs of a word may sound like; empty if one is unknown or there are too few or too many.
pub(crate) fn signs(text: &str) -> Box<[Sign]> {
    if !begins_in_signs(text) {
        return Box::default();
    }
    let signs = if text.chars().all(is_kana) { kana(text) } else { text.chars().map(sign).collect() };
    signs
        .filter(|signs| (2..=SIGNS_MAX).contains(&signs.len()))
        .map(SmallVec::into_boxed_slice)
        .unwrap_or_default()
}

/// Hiragana and Katakana.
pub(crate) fn is_kana(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fc}')
}

/// The signs of Kana: small letters change the sign before them, n ends it.
fn kana(text: &str) -> Option<Signs> {
    let mut signs = Signs::new();
    for letter in text.chars() {
        let read = any_ascii_char(letter);
        match letter {
            'っ' | 'ッ' | 'ー' => {}
            'ん' | 'ン' => signs.last_mut()?.coda |= bit(b'n'),
            'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'ゃ' | 'ゅ' | 'ょ' | 'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ'
            | 'ャ' | 'ュ' | 'ョ' => {
                let before = signs.last_mut()?;
                before.vowels |= vowel_bits(read);
                before.bare = false;
            }
            _ => {
                let (initial, vowels) = han::divided(read);
                let bare = matches!(read, "to" | "do" | "shi" | "ji" | "chi" | "ki")
                    || (vowels == "u" && !initial.is_empty());
                let mut sign = Sign { bare, ..Sign::default() };
                sign.add(initial, vowels, "", KANA);
                signs.push(sign);
            }
        }
    }
    Some(signs)
}

fn sign(letter: char) -> Option<Sign> {
    if let Some((initial, vowel, end)) = han::jamo(letter) {
        let mut sign = Sign { bare: BARE.contains(letter), ..Sign::default() };
        sign.add(han::INITIALS[initial], han::VOWELS[vowel], han::FINALS[end], KOREAN);
        return Some(sign);
    }
    SIGNS.get(&letter).copied()
}

/// How each character of a name may sound.
static SIGNS: LazyLock<FxHashMap<char, Sign>> = LazyLock::new(|| {
    han::characters().map(|(letter, character)| (letter, sign_of(letter, character))).collect()
});

fn sign_of(letter: char, character: Character) -> Sign {
    let mut sign = Sign { bare: BARE.contains(letter), ..Sign::default() };
    for syllable in character.pinyin.split('|') {
        if syllable == "er" {
            sign.onsets |= bits("lr");
        }
        sign.add_syllable(syllable, PINYIN);
    }
    if let Some(syllable) = character.jyutping.split('|').next() {
        sign.add_syllable(syllable, JYUTPING);
    }
    sign
}

/// Initials and the class letters that they are written for: always, and at need.
type Onsets = &'static [(&'static str, &'static str, &'static str)];

const PINYIN: Onsets = &[
    ("b", "bp", "fv"),
    ("p", "pb", "f"),
    ("m", "m", ""),
    ("f", "fv", "ph"),
    ("d", "dt", ""),
    ("t", "td", "T"),
    ("n", "n", "l"),
    ("l", "lr", "n"),
    ("g", "gk", "h"),
    ("k", "kg", "h"),
    ("h", "h", "kgfv"),
    ("j", "Jgk", "zCTs"),
    ("q", "Ck", "JTSs"),
    ("x", "sSh", "C"),
    ("zh", "J", "zCT"),
    ("ch", "C", "JTS"),
    ("sh", "Ss", "zC"),
    ("r", "r", "Jzl"),
    ("z", "zJT", "Csd"),
    ("c", "TC", "szJ"),
    ("s", "sz", "STC"),
    ("y", "", "J"),
    ("w", "v", "bm"),
];

const JYUTPING: Onsets = &[
    ("b", "bp", "fv"),
    ("p", "pb", "f"),
    ("m", "m", "b"),
    ("f", "fv", "hp"),
    ("d", "dt", ""),
    ("t", "td", ""),
    ("n", "n", "l"),
    ("l", "lr", "n"),
    ("g", "gk", "J"),
    ("gw", "gk", ""),
    ("k", "kg", ""),
    ("kw", "kg", ""),
    ("h", "h", "fk"),
    ("ng", "", "n"),
    ("z", "JzCT", "s"),
    ("c", "CT", "Jsz"),
    ("s", "sSz", "T"),
    ("j", "", "J"),
    ("w", "v", "h"),
];

const KOREAN: Onsets = &[
    ("g", "gk", ""),
    ("kk", "gk", ""),
    ("n", "n", "l"),
    ("d", "dt", ""),
    ("tt", "td", ""),
    ("r", "rl", "n"),
    ("m", "m", ""),
    ("b", "bv", "p"),
    ("pp", "pb", ""),
    ("s", "sST", "z"),
    ("ss", "sS", ""),
    ("j", "JzC", "T"),
    ("jj", "JzC", "T"),
    ("ch", "CT", "J"),
    ("k", "k", "gh"),
    ("t", "t", "d"),
    ("p", "pf", "b"),
    ("h", "h", "fk"),
];

const KANA: Onsets = &[
    ("k", "k", "gh"),
    ("g", "g", "k"),
    ("s", "s", "TzS"),
    ("sh", "S", "sC"),
    ("z", "z", "sJ"),
    ("j", "J", "zdCi"),
    ("t", "t", "d"),
    ("d", "d", "t"),
    ("ch", "C", "Tt"),
    ("ts", "T", "tzs"),
    ("n", "n", ""),
    ("h", "h", "kf"),
    ("f", "f", "hpv"),
    ("b", "bv", ""),
    ("p", "p", "b"),
    ("m", "m", ""),
    ("r", "rl", ""),
    ("v", "v", "b"),
];

impl Sign {
    fn add_syllable(&mut self, syllable: &str, onsets: Onsets) {
        let (initial, rest) = han::divided(syllable);
        let nucleus = rest.len() - rest.bytes().rev().take_while(|&letter| !is_vowel(letter)).count();
        let (vowels, coda) = rest.split_at(nucleus);
        self.add(initial, vowels, if coda == "r" { "" } else { coda }, onsets);
    }

    fn add(&mut self, initial: &str, vowels: &str, coda: &str, onsets: Onsets) {
        if initial == "y" {
            self.vowels |= vowel(b'i');
        }
        if matches!(initial, "w" | "gw" | "kw") || (initial == "h" && vowels.starts_with('u')) {
            self.onsets |= bit(b'v');
        }
        self.open |= match initial {
            "" | "y" | "j" | "ng" => 7,
            "w" => vowel(b'u'),
            _ => 0,
        };
        if let Some((_, often, near)) = onsets.iter().find(|row| row.0 == initial) {
            self.onsets |= bits(often);
            self.near |= bits(near);
        }
        self.vowels |= vowel_bits(vowels);
        if vowels == "e" {
            self.vowels |= vowel(b'a');
        }
        self.coda |= match coda {
            "n" | "ng" | "m" => bit(b'n'),
            "p" => bits("pb"),
            "t" => bits("tdlsrT"),
            "k" => bits("kgh"),
            "l" => bits("lr"),
            _ => 0,
        };
    }
}

/// The coarse class of a consonant, by which a word and its transcription find one another.
fn coarse(letter: u8) -> u8 {
    match letter {
        b'b' | b'p' => b'p',
        b'f' | b'v' => b'f',
        b'd' | b't' => b't',
        b'g' | b'k' | b'h' => b'k',
        b'l' | b'r' => b'l',
        b's' | b'z' | b'S' | b'C' | b'J' | b'T' => b's',
        other => other,
    }
}

const COARSE: [(u8, &str); 8] = [
    (b'p', "bp"),
    (b'f', "fv"),
    (b't', "dt"),
    (b'k', "gkh"),
    (b'l', "lr"),
    (b's', "szSCJT"),
    (b'm', "m"),
    (b'n', "n"),
];

/// The keys of a word that may be transcribed.
pub(crate) fn heard_keys(heard: &[u8], mut found: impl FnMut(u64)) {
    if heard.len() > HEARD_MAX || size(heard) < SIZE_MIN {
        return;
    }
    let mut strong = SmallVec::<[u8; 24]>::new();
    for at in 0..heard.len() {
        if is_strong(heard, at) {
            strong.push(coarse(heard[at]));
        }
    }
    if !strong.is_empty() {
        found(hash(Key::Transcription, &strong));
    }
    if strong.len() > 1 {
        return;
    }
    // With one syllable's consonant only, the others are what there is to go by.
    for omitted in (0..heard.len()).filter(|&at| !is_vowel(heard[at]) && !is_strong(heard, at)) {
        let consonants: SmallVec<[u8; 24]> = (0..heard.len())
            .filter(|&at| !is_vowel(heard[at]) && (is_strong(heard, at) || at == omitted))
            .map(|at| coarse(heard[at]))
            .collect();
        found(hash(Key::Transcription, &consonants));
    }
}

/// The keys of a word in signs: every choice of one sound for each sign and of signs without a vowel left out.
pub(crate) fn sign_keys(signs: &[Sign], found: impl FnMut(u64)) {
    let mut readings: Vec<SmallVec<[u8; 24]>> = vec![SmallVec::new()];
    for sign in signs {
        let mut more = Vec::new();
        let classes =
            COARSE.iter().filter(|(_, letters)| sign.onsets & bits(letters) != 0).map(|class| class.0);
        for class in classes {
            more.extend(readings.iter().map(|before| {
                let mut reading = before.clone();
                reading.push(class);
                reading
            }));
        }
        if sign.bare || sign.open != 0 || sign.onsets == 0 {
            more.append(&mut readings);
        }
        more.truncate(KEYS_MAX);
        readings = more;
    }
    readings.sort_unstable();
    readings.dedup();
    readings
        .iter()
        .filter(|reading| !reading.is_empty())
        .map(|reading| hash(Key::Transcription, reading))
        .for_each(found);
}

/// A consonant before a vowel.
fn is_strong(heard: &[u8], at: usize) -> bool {
    !is_vowel(heard[at]) && heard.get(at + 1).is_some_and(|&next| is_vowel(next))
}

/// How much of a word there is to tell it by, in hundredths of a syllable.
fn size(heard: &[u8]) -> u32 {
    let consonants = (0..heard.len()).filter(|&at| !is_vowel(heard[at]));
    let size: u32 = consonants.map(|at| if is_strong(heard, at) { 100 } else { 40 }).sum();
    size + if heard.first().is_some_and(|&first| is_vowel(first)) { 50 } else { 0 }
}

/// What it costs to take a letter for one that was not written.
fn unwritten(heard: &[u8], at: usize) -> u32 {
    let letter = heard[at];
    if is_vowel(letter) {
        return match at {
            0 => 50,
            _ if is_vowel(heard[at - 1]) => 5,
            _ => 40,
        };
    }
    if is_strong(heard, at) {
        return 120;
    }
    match letter {
        b'h' => 5,
        b'r' => 10,
        b'l' => 15,
        b'b' | b'p' | b'd' | b't' | b'g' | b'k' => 25,
        _ => 45,
    }
}

/// How well signs transcribe a word, in thousandths: none if badly, or if the word is too short to tell.
pub(crate) fn similarity(heard: &[u8], signs: &[Sign]) -> Option<u16> {
    let size = size(heard);
    if heard.len() > HEARD_MAX || size < SIZE_MIN {
        return None;
    }
    // Two signs fit many words by chance.
    let most = if signs.len() == 2 { 210 } else { 270 };
    let lost = cost(heard, signs) * 650 / size;
    (lost <= most).then(|| (990 - lost) as u16)
}

/// The least cost of an alignment of letters and signs, in hundredths of a consonant.
fn cost(heard: &[u8], signs: &[Sign]) -> u32 {
    let width = heard.len() + 1;
    let mut row = SmallVec::<[u32; 24]>::from_elem(u32::MAX / 2, width);
    row[0] = 0;
    for (place, sign) in signs.iter().enumerate() {
        leave_unwritten(heard, &mut row);
        let mut next = SmallVec::<[u32; 24]>::from_elem(u32::MAX / 2, width);
        for at in 0..width {
            let so_far = row[at];
            // A name is not written with a sign before it that is not heard: that is another name.
            let unheard = if place == 0 {
                300
            } else if sign.bare || sign.open != 0 {
                45
            } else {
                120
            };
            next[at] = next[at].min(so_far + unheard);
            spend(heard, at, so_far, *sign, place + 1 == signs.len(), &mut next);
        }
        row = next;
    }
    leave_unwritten(heard, &mut row);
    row[heard.len()]
}

fn leave_unwritten(heard: &[u8], row: &mut [u32]) {
    for at in 0..heard.len() {
        row[at + 1] = row[at + 1].min(row[at] + unwritten(heard, at));
    }
}

/// Takes letters from `at` on as what a sign writes, in every way.
fn spend(heard: &[u8], at: usize, so_far: u32, sign: Sign, last: bool, next: &mut [u32]) {
    let Some(&letter) = heard.get(at) else { return };
    let (nucleus, price) = if is_vowel(letter) {
        (at, if sign.open & vowel(letter) != 0 { 0 } else { 60 })
    } else if sign.onsets & bit(letter) != 0 {
        (at + 1, 0)
    } else if sign.near & bit(letter) != 0 {
        (at + 1, 30)
    } else {
        return;
    };
    let so_far = so_far + price;
    let vowels = heard[nucleus.min(heard.len())..].iter().take_while(|&&letter| is_vowel(letter)).count();
    if vowels == 0 {
        let price = if sign.bare { 0 } else { 30 };
        return end(heard, nucleus, so_far + price, sign, last, next);
    }
    let price = if vowel(heard[nucleus]) & sign.vowels != 0 { 0 } else { 25 };
    for taken in 1..=vowels {
        let extra = heard[nucleus + 1..nucleus + taken]
            .iter()
            .filter(|&&letter| vowel(letter) & sign.vowels == 0)
            .count() as u32;
        end(heard, nucleus + taken, so_far + price + 5 * extra, sign, last, next);
    }
}

/// The end of a syllable: a sign may write the consonants that close it.
fn end(heard: &[u8], at: usize, so_far: u32, sign: Sign, last: bool, next: &mut [u32]) {
    let nasal = |at: usize| matches!(heard.get(at), Some(b'n' | b'm'));
    let has_nasal = sign.coda & bit(b'n') != 0;
    let open = match (has_nasal, nasal(at)) {
        (true, true) => 5,
        (true, false) if !sign.bare => {
            if last {
                30
            } else {
                25
            }
        }
        _ => 0,
    };
    next[at] = next[at].min(so_far + open);
    let closed = |at: usize| at < heard.len() && !is_vowel(heard[at]) && !is_strong(heard, at);
    if !closed(at) {
        return;
    }
    if has_nasal && nasal(at) {
        next[at + 1] = next[at + 1].min(so_far);
        if closed(at + 1) && matches!(heard[at + 1], b'g' | b'k') {
            next[at + 2] = next[at + 2].min(so_far);
        }
    } else if sign.coda & bit(heard[at]) != 0 {
        next[at + 1] = next[at + 1].min(so_far);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::romanise::{classes, romanise};

    fn check(word: &str, text: &str) -> (Option<u16>, bool) {
        let heard = classes(&romanise(word).sounds)[0].clone();
        let signs = signs(text);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        heard_keys(&heard, |key| ours.push(key));
        sign_keys(&signs, |key| theirs.push(key));
        (similarity(&heard, &signs), ours.iter().any(|key| theirs.contains(key)))
    }

    #[test]
    fn usual_transcriptions_fit_and_are_found() {
        for (word, text) in [
            ("ibrahim", "易卜拉欣"),
            ("ibrahim", "依布拉欣"),
            ("ismail", "伊斯迈"),
            ("rahman", "拉曼"),
            ("abdul", "阿都"),
            ("hassan", "哈山"),
            ("victoria", "维多利亚"),
            ("kassim", "卡欣"),
            ("mark", "马克"),
            ("ali", "阿里"),
            ("smith", "史密斯"),
            ("robert", "罗伯特"),
            ("victoria", "ヴィクトリア"),
            ("robert", "ロバート"),
            ("hassan", "ハッサン"),
            ("martin", "マーティン"),
            ("victoria", "빅토리아"),
        ] {
            let (similarity, found) = check(word, text);
            assert!(
                found && similarity.is_some_and(|similarity| similarity >= 680),
                "{word} {text} {similarity:?} {found}"
            );
        }
    }

    #[test]
    fn other_names_do_not() {
        for (word, text) in [
            ("ibrahim", "伊斯迈"),
            ("rahman", "哈山"),
            ("robert", "维多利亚"),
            ("mark", "阿里"),
            ("lee", "阿里"),
        ] {
            let (similarity, found) = check(word, text);
            assert!(!found || similarity.is_none(), "{word} {text} {similarity:?} {found}");
        }
    }
}
