//! A Latin name as somebody might write it in another script: plausible, not reversible, and not the matcher's idea of it.
//!
//! Words that the tables know get the spelling that custom gives them ("Muhammad" is محمد, not its sounds, and "Juan" Хуан);
//! all others follow `data/invented/transliteration.tsv`, longest key first. A name with a letter that the table does not
//! know has no spelling here, rather than a broken one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::naming::{capitalised, upper_case};
use crate::tables::{NameTable, TABLES};

/// A script that a Latin name can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// As in Russian, Tajik or Serbian.
    Cyrillic,
    /// Modern Greek.
    Greek,
    /// Mkhedruli.
    Georgian,
    /// Eastern Armenian.
    Armenian,
    /// As in Arabic, vowels written out in words that the tables do not know.
    Arabic,
}

impl Script {
    /// Every script, in the order of the table's columns.
    pub const ALL: [Self; 5] = [Self::Cyrillic, Self::Greek, Self::Georgian, Self::Armenian, Self::Arabic];
}

/// The name in a script; `None` when it has no letters, or any that are not Latin.
pub fn transliterate(name: &str, script: Script) -> Option<String> {
    if !name.contains(char::is_alphabetic) {
        return None;
    }
    let mut out = String::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let is_letter = first.is_alphabetic();
        let run = rest.find(|c: char| c.is_alphabetic() != is_letter).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(run);
        if is_letter {
            out.push_str(&word_in(piece, script)?);
        } else {
            let after_article = out.split(' ').next_back() == Some(ARTICLE);
            out.extend(piece.chars().filter_map(|mark| mark_in(mark, script, after_article)));
        }
        rest = after;
    }
    Some(out)
}

/// Apostrophes go; in Arabic the article is joined to its word and a hyphen is a space.
fn mark_in(mark: char, script: Script, after_article: bool) -> Option<char> {
    match mark {
        '\'' | '’' | '`' | 'ʻ' => None,
        '-' if script == Script::Arabic && after_article => None,
        '-' if script == Script::Arabic => Some(' '),
        _ => Some(mark),
    }
}

const ARTICLE: &str = "ال";

fn word_in(word: &str, script: Script) -> Option<String> {
    let lower = word.to_lowercase();
    let known = WORDS.get(&(script, lower.clone())).cloned();
    let spelled = known.or_else(|| by_sound(&lower, script))?;
    Some(cased_like(&spelled, word))
}

fn cased_like(spelled: &str, word: &str) -> String {
    let mut letters = word.chars();
    let first_is_upper = letters.next().is_some_and(char::is_uppercase);
    let rest_is_upper = letters.clone().next().is_some() && letters.all(char::is_uppercase);
    match (first_is_upper, rest_is_upper) {
        (true, true) => spelled.chars().map(upper_case).collect(),
        (true, false) => capitalised(spelled),
        _ => spelled.to_owned(),
    }
}

fn by_sound(lower: &str, script: Script) -> Option<String> {
    let letters: Vec<char> = lower.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < letters.len() {
        let (length, sound) = longest_key(&letters, at)?;
        at += length;
        // Georgian and Arabic write a doubled consonant once.
        let doubled = length == 1 && at >= 2 && letters[at - 2] == letters[at - 1];
        if !(doubled && matches!(script, Script::Georgian | Script::Arabic)) {
            out.push_str(&sound[script as usize]);
        }
    }
    Some(out)
}

/// The longest key that fits at a place, as the number of letters it takes and its spellings.
fn longest_key(letters: &[char], at: usize) -> Option<(usize, &'static [String; 5])> {
    let longest = (letters.len() - at).min(LONGEST_KEY);
    (1..=longest).rev().find_map(|length| {
        let end = at + length;
        let plain: String = letters[at..end].iter().collect();
        let at_start = (at == 0).then(|| format!("^{plain}"));
        let at_end = (end == letters.len()).then(|| format!("{plain}$"));
        let sound = [at_start, at_end, Some(plain)].into_iter().flatten().find_map(|key| SOUNDS.get(&key));
        sound.map(|sound| (length, sound))
    })
}

/// "shch" is the longest key of the table.
const LONGEST_KEY: usize = 4;

/// Spellings by Latin key, one for each of [`Script::ALL`].
static SOUNDS: LazyLock<BTreeMap<String, [String; 5]>> = LazyLock::new(|| {
    let mut sounds: BTreeMap<String, [String; 5]> = BTreeMap::new();
    let text = include_str!("../../../data/invented/transliteration.tsv");
    for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let (key, spelled) =
            line.split_once('\t').expect("a row of transliteration.tsv has a key and a spelling");
        let spelled = match spelled.strip_prefix('=') {
            Some(like) => like_letters(&sounds, like),
            None => columns(spelled),
        };
        sounds.insert(key.to_owned(), spelled);
    }
    sounds
});

/// The rows of a table under its comment and its header, as the Latin key and the rest.
fn rows(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split_once('\t').expect("a row has a key and its spellings"))
}

fn columns(spelled: &str) -> [String; 5] {
    let columns: Vec<String> = spelled.split('\t').map(str::to_owned).collect();
    columns.try_into().expect("a row has five spellings")
}

/// `=ae`: spelled as the key `ae` or, without such a key, as its letters one after the other.
fn like_letters(sounds: &BTreeMap<String, [String; 5]>, like: &str) -> [String; 5] {
    if let Some(spelled) = sounds.get(like) {
        return spelled.clone();
    }
    Script::ALL.map(|script| {
        let letter = |letter: char| sounds[&letter.to_string()][script as usize].as_str();
        like.chars().map(letter).collect()
    })
}

/// Words with a spelling of their own, by script and Latin spelling in lower case: those of `words.tsv`, then those whose
/// native spelling the name tables know.
static WORDS: LazyLock<BTreeMap<(Script, String), String>> = LazyLock::new(|| {
    let tables = &*TABLES;
    let mut words = BTreeMap::new();
    for article in ["al", "el"] {
        words.insert((Script::Arabic, article.to_owned()), ARTICLE.to_owned());
    }
    for (latin, spelled) in rows(include_str!("../../../data/invented/words.tsv")) {
        for (latin, script) in latin.split('/').flat_map(|latin| Script::ALL.map(|script| (latin, script))) {
            words.insert((script, latin.to_owned()), columns(spelled)[script as usize].clone());
        }
    }
    for (script, table) in [
        (Script::Cyrillic, &tables.slavic),
        (Script::Cyrillic, &tables.tajik),
        (Script::Arabic, &tables.arabic),
        (Script::Arabic, &tables.persian),
        (Script::Georgian, &tables.georgian),
        (Script::Armenian, &tables.armenian),
    ] {
        for (latin, native) in known_words(table) {
            words.entry((script, latin)).or_insert(native);
        }
    }
    words
});

/// A family with the article is known without it too, because the article is a word of its own in Latin.
fn known_words(table: &NameTable) -> impl Iterator<Item = (String, String)> {
    let parts = table.given_m.iter().chain(&table.given_f).chain(&table.father).chain(&table.family);
    parts.flat_map(|part| [&part.male, &part.female]).flat_map(|spelling| {
        let native = spelling.native.to_lowercase();
        spelling.latin.iter().map(move |latin| {
            let latin = latin.to_lowercase();
            match (latin.split_once(['-', ' ']), native.strip_prefix(ARTICLE)) {
                (Some((_, latin)), Some(native)) => (latin.to_owned(), native.to_owned()),
                _ => (latin, native.clone()),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: [&str; 5]) {
        for (script, expected) in Script::ALL.into_iter().zip(expected) {
            assert_eq!(transliterate(name, script).as_deref(), Some(expected), "{name} in {script:?}");
        }
    }

    #[test]
    fn names_are_spelled_as_they_sound() {
        check("Tibor Walsh", ["Тибор Валш", "Τιμπορ Ουαλσ", "ტიბორ ვალშ", "Տիբոր Վալշ", "تيبور والش"]);
        check("KHUZHIN", ["ХУЖИН", "ΧΟΥΖΙΝ", "ხუჟინ", "ԽՈՒԺԻՆ", "خوجين"]);
        check("Ellis", ["Эллис", "Ελλις", "ელის", "Էլլիս", "إيليس"]);
    }

    #[test]
    fn words_that_have_a_spelling_of_their_own_keep_it() {
        assert_eq!(transliterate("Muhammad al-Haddad", Script::Arabic).as_deref(), Some("محمد الحداد"));
        assert_eq!(
            transliterate("PETROSYAN, Tigran", Script::Armenian).as_deref(),
            Some("ՊԵՏՐՈՍՅԱՆ, Տիգրան")
        );
        check("Juan Tibor", ["Хуан Тибор", "Χουάν Τιμπορ", "ხუან ტიბორ", "Խուան Տիբոր", "خوان تيبور"]);
        assert_eq!(transliterate("Vorobiev", Script::Cyrillic).as_deref(), Some("Воробьёв"));
        assert_eq!(transliterate("ZAYTSEVA, Natalia", Script::Cyrillic).as_deref(), Some("ЗАЙЦЕВА, Наталья"));
    }

    #[test]
    fn marks_on_letters_do_not_hide_the_letter() {
        assert_eq!(transliterate("Nuñez Çağlar", Script::Cyrillic).as_deref(), Some("Нунез Саглар"));
    }

    #[test]
    fn what_is_not_latin_has_no_spelling() {
        for name in ["", "12345", "Иван Петров", "Jan Петров", "王小明", "---"] {
            for script in Script::ALL {
                assert_eq!(transliterate(name, script), None, "{name}");
            }
        }
    }
}
