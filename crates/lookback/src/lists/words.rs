//! Text as it is searched: folded words, and whole values folded the same way.
//!
//! In: text as it stands or as it was typed. Out: words of lower-case letters and digits, Latin ones without accents. Both sides of
//! a search go through here, so that they meet.

use any_ascii::any_ascii_char;

/// The words of a text, in order. An apostrophe divides no word; Han, Kana and Hangul give one a sign, since their spacing says nothing.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        if is_sign(letter) {
            words.extend(taken(&mut word));
            words.push(letter.to_string());
        } else if letter.is_alphanumeric() {
            push_folded(&mut word, letter);
        } else if !glues(letter) {
            words.extend(taken(&mut word));
        }
    }
    words.extend(taken(&mut word));
    words
}

/// A whole value, folded: for what is compared as it stands, such as an identifier or a code.
pub(super) fn folded(value: &str) -> String {
    let mut folded = String::new();
    value
        .trim()
        .chars()
        .filter(|letter| !is_mark(*letter))
        .for_each(|letter| push_folded(&mut folded, letter));
    folded
}

fn taken(word: &mut String) -> Option<String> {
    (!word.is_empty()).then(|| std::mem::take(word))
}

fn push_folded(word: &mut String, letter: char) {
    match letter {
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            word.extend(any_ascii_char(letter).chars().flat_map(char::to_lowercase));
        }
        _ => word.extend(letter.to_lowercase()),
    }
}

fn glues(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2019}' | '\u{2bc}' | '`') || is_mark(letter)
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{2ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_is_left_when_writing_is_taken_away() {
        let cases = [
            ("Łukasz O’Neil-Ström", "lukasz oneil strom"),
            ("  ОАО «Заря», 12/3 ", "оао заря 12 3"),
            ("e\u{301}te\u{301}", "ete"),
            ("王小明 Ltd", "王 小 明 ltd"),
            ("--", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text).join(" "), expected, "{text}");
            let again = words(&words(text).join(" "));
            assert_eq!(again.join(" "), expected, "folding twice changes nothing");
        }
        assert_eq!(folded(" RU-É 7 "), "ru-e 7");
    }
}
