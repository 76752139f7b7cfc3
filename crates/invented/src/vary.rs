//! A subject's name from a list name: the ways in which one person comes to stand under two names.
//!
//! A variation is one kind of change and no other, so that a recall can be stated for each. A name that cannot be changed
//! in the way asked for gives `None`, never the name unchanged.

use crate::naming::upper_case;
use crate::random::Random;
use crate::transliterate::{Script, transliterate};

/// How a subject's name differs from the name on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variation {
    /// The same name.
    Exact,
    /// "LAST, First Middle" as "First Middle LAST", "First Last" as "Last First".
    SwappedOrder,
    /// One letter put in, left out, replaced, or changed with its neighbour, in one word of four letters or more.
    OneTypo,
    /// A Latin name in Cyrillic, Greek, Georgian, Armenian or Arabic letters.
    OtherScript,
    /// The same name; the birth date is written differently ([`other_date_format`]).
    OtherDateFormat,
}

impl Variation {
    /// Every variation, for counting by class.
    pub const ALL: [Self; 5] =
        [Self::Exact, Self::SwappedOrder, Self::OneTypo, Self::OtherScript, Self::OtherDateFormat];
}

/// The name changed in one way; `None` when it cannot be (no letters, one word, no word long enough, not Latin).
pub fn vary(name: &str, variation: Variation, random: &mut Random) -> Option<String> {
    match variation {
        Variation::Exact | Variation::OtherDateFormat => {
            name.contains(char::is_alphabetic).then(|| name.to_owned())
        }
        Variation::SwappedOrder => swapped(name),
        Variation::OneTypo => with_typo(name, random),
        Variation::OtherScript => transliterate(name, *random.choose(&Script::ALL)),
    }
}

fn swapped(name: &str) -> Option<String> {
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first.trim(), last.trim()),
        None => name.trim().rsplit_once(' ').map(|(first, last)| (last.trim(), first.trim()))?,
    };
    let changes = first != last && [first, last].iter().all(|part| part.contains(char::is_alphabetic));
    changes.then(|| format!("{first} {last}"))
}

/// Shorter words are left alone: one letter in three is another name.
const TYPO_LETTERS_MIN: usize = 4;

fn with_typo(name: &str, random: &mut Random) -> Option<String> {
    let letters: Vec<char> = name.chars().collect();
    let words: Vec<(usize, usize)> =
        words(&letters).filter(|(start, end)| end - start >= TYPO_LETTERS_MIN).collect();
    if words.is_empty() {
        return None;
    }
    let (start, end) = *random.choose(&words);
    let word = &letters[start..end];
    let mistyped = cased_like(&mistyped(word, random), word);
    Some(letters[..start].iter().chain(&mistyped).chain(&letters[end..]).collect())
}

/// The runs of letters, as places of their first letter and after their last.
fn words(letters: &[char]) -> impl Iterator<Item = (usize, usize)> {
    letters
        .chunk_by(|a, b| a.is_alphabetic() == b.is_alphabetic())
        .scan(0, |at, run| {
            let start = *at;
            *at += run.len();
            Some((run[0].is_alphabetic(), start, *at))
        })
        .filter_map(|(is_word, start, end)| is_word.then_some((start, end)))
}

/// The word in lower case with exactly one edit, whatever the draw.
fn mistyped(word: &[char], random: &mut Random) -> Vec<char> {
    let mut word: Vec<char> = word.iter().map(|letter| lower_case(*letter)).collect();
    let at = random.below(word.len() as u64) as usize;
    match random.below(4) {
        0 => word.insert(at, letter_beside(&word, at, random)),
        1 => drop(word.remove(at)),
        2 => word[at] = letter_beside(&word, at, random),
        _ => match word
            .windows(2)
            .enumerate()
            .cycle()
            .skip(at)
            .take(word.len())
            .find(|(_, pair)| pair[0] != pair[1])
        {
            Some((at, _)) => word.swap(at, at + 1),
            // "aaaa": there is nothing to change places with.
            None => drop(word.remove(at)),
        },
    }
    word
}

/// A letter other than the one at `at`: any Latin one in a Latin word, else one that the word itself knows.
fn letter_beside(word: &[char], at: usize, random: &mut Random) -> char {
    let is_latin = word.iter().any(char::is_ascii_lowercase);
    let choice: Vec<char> = if is_latin { ('a'..='z').collect() } else { word.to_vec() }
        .into_iter()
        .filter(|c| *c != word[at])
        .collect();
    if choice.is_empty() { 'x' } else { *random.choose(&choice) }
}

fn lower_case(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Upper case at the places where `word` has it; past its end as at its end.
fn cased_like(letters: &[char], word: &[char]) -> Vec<char> {
    let is_upper = |at: usize| word.get(at).or(word.last()).is_some_and(|letter| letter.is_uppercase());
    letters.iter().enumerate().map(|(at, c)| if is_upper(at) { upper_case(*c) } else { *c }).collect()
}

/// An ISO day as a form may have it, never one that could be read two ways; `None` when it is no full date.
///
/// One of `05.11.1960`, `5 November 1960`, `05 Nov 1960`, `Nov 5, 1960` and `19601105`; the first only for days past
/// the twelfth.
pub fn other_date_format(iso: &str, random: &mut Random) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut fields = iso.split('-');
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    let month_name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day_number: u8 = day.parse().ok()?;
    let short = &month_name[..3];
    let unambiguous = u64::from(day_number <= 12);
    Some(match random.between(unambiguous, 4) {
        0 => format!("{day}.{month}.{year}"),
        1 => format!("{day_number} {month_name} {year}"),
        2 => format!("{day} {short} {year}"),
        3 => format!("{short} {day_number}, {year}"),
        _ => format!("{year}{month}{day}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::population;

    const NAMES: [&str; 8] = [
        "Tibor Walsh",
        "VARGO, Ilan Marek",
        "OYELARAN-BRANT, Sefa",
        "Зоран Грошов",
        "ნინო კობაძე",
        "محمود الشريد",
        "Aaaa Bo",
        "Łukasz Ćwik",
    ];

    /// Optimal string alignment: the edits are insert, delete, replace and swap of neighbours.
    fn osa(a: &str, b: &str) -> usize {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(d[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        d[a.len()][b.len()]
    }

    fn sorted_words(name: &str) -> Vec<String> {
        let mut words: Vec<String> =
            name.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        words.sort();
        words
    }

    #[test]
    fn a_typo_is_exactly_one_edit() {
        let people = population(5, 300).map(|person| person.name);
        for name in NAMES.into_iter().map(str::to_owned).chain(people) {
            for seed in 0..40 {
                let random = &mut Random::new(seed);
                let Some(typo) = vary(&name, Variation::OneTypo, random) else { continue };
                assert_eq!(
                    osa(&name.to_lowercase(), &typo.to_lowercase()),
                    1,
                    "{name} → {typo}, seed {seed}"
                );
            }
        }
    }

    #[test]
    fn all_four_kinds_of_typo_occur_and_the_case_stays() {
        let lengths: Vec<usize> = (0..100)
            .map(|seed| vary("VARGO, Bo", Variation::OneTypo, &mut Random::new(seed)).unwrap())
            .inspect(|typo| assert!(typo.split_once(',').unwrap().0.chars().all(char::is_uppercase)))
            .map(|typo| typo.len())
            .collect();
        assert!(lengths.contains(&8) && lengths.contains(&9) && lengths.contains(&10));
    }

    #[test]
    fn changed_order_keeps_the_words() {
        let swap = |name: &str| vary(name, Variation::SwappedOrder, &mut Random::new(1));
        assert_eq!(swap("VARGO, Ilan Marek").as_deref(), Some("Ilan Marek VARGO"));
        assert_eq!(swap("Tibor Walsh").as_deref(), Some("Walsh Tibor"));
        assert_eq!(swap("Ana Lucía Vega Ríos").as_deref(), Some("Ríos Ana Lucía Vega"));
        for person in population(6, 2000) {
            let swapped = swap(&person.name).unwrap();
            assert_eq!(sorted_words(&swapped), sorted_words(&person.name));
            assert_ne!(swapped, person.name);
        }
    }

    #[test]
    fn another_script_has_no_latin_letter_left() {
        for seed in 0..60 {
            let other = vary("OYELARAN-BRANT, Sefa", Variation::OtherScript, &mut Random::new(seed)).unwrap();
            assert!(!other.contains(|c: char| c.is_ascii_alphabetic()), "{other}");
        }
    }

    #[test]
    fn what_cannot_be_varied_is_not() {
        let vary = |name, variation| vary(name, variation, &mut Random::new(3));
        for variation in Variation::ALL {
            assert_eq!(vary("", variation), None);
            assert_eq!(vary("0042 17", variation), None);
        }
        assert_eq!(vary("Tibor", Variation::SwappedOrder), None);
        assert_eq!(vary("Bo Lo", Variation::OneTypo), None);
        assert_eq!(vary("Зоран Грошов", Variation::OtherScript), None);
        assert_eq!(vary("Tibor", Variation::OtherDateFormat).as_deref(), Some("Tibor"));
    }

    #[test]
    fn a_date_in_another_format_is_the_same_day() {
        let all = |iso: &str| -> Vec<String> {
            let mut all: Vec<String> =
                (0..200).filter_map(|seed| other_date_format(iso, &mut Random::new(seed))).collect();
            all.sort();
            all.dedup();
            all
        };
        assert_eq!(
            all("1960-11-25"),
            ["19601125", "25 Nov 1960", "25 November 1960", "25.11.1960", "Nov 25, 1960"]
        );
        assert_eq!(all("1960-02-05"), ["05 Feb 1960", "19600205", "5 February 1960", "Feb 5, 1960"]);
        assert!(all("1960").is_empty() && all("1960-13-05").is_empty() && all("n/a").is_empty());
    }
}
