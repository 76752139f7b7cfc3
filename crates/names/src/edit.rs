//! Typing errors: optimal string alignment distance within a budget, and the keys that find whatever is within it.
//!
//! An edit inserts, deletes or replaces one letter or swaps two neighbours. How many are forgiven follows from the shorter of two
//! spellings, so a key set can be made for one spelling without knowing the other:
//! - spellings of 3 to 8 letters forgive one: two of them within one edit share a string after deleting at most one letter of
//!   each, so all such strings are keys. A spelling of 9 meets one of 8 by those without a letter.
//! - spellings of 9 and more forgive two: the first `PREFIX` letters of two that are within two edits share a string after deleting
//!   two letters of each (the shorter remainder can be reached by deleting from the end of the longer, and where fewer letters need to
//!   go, any that both have may go).

use crate::rewrite::Letters;
use smallvec::SmallVec;
use std::ops::RangeInclusive;

/// The least length that forgives one edit.
const ONE_FROM: usize = 3;
/// The least length that forgives two edits.
const TWO_FROM: usize = 9;
/// Class readings that forgive an edit. Shorter ones have too little left, longer ones too many keys.
const SOUND: RangeInclusive<usize> = 4..=9;
/// 8: 28 keys a spelling, and six equal letters before two forms are compared.
const PREFIX: usize = 8;

/// Edits forgiven when the shorter of two spellings has this many letters.
pub(crate) fn budget(shorter: usize) -> usize {
    match shorter {
        0..ONE_FROM => 0,
        ONE_FROM..TWO_FROM => 1,
        _ => 2,
    }
}

/// The distance if it is within the budget of the shorter spelling.
pub(crate) fn distance(a: &[u8], b: &[u8]) -> Option<usize> {
    let budget = budget(a.len().min(b.len()));
    if budget == 0 || a.len().abs_diff(b.len()) > budget {
        return (a == b).then_some(0);
    }
    let (a, b) = without_common_ends(a, b);
    if budget == 1 {
        return match (a, b) {
            ([], []) => Some(0),
            ([] | [_], [] | [_]) => Some(1),
            (&[first, second], &[third, fourth]) if (first, second) == (fourth, third) => Some(1),
            _ => None,
        };
    }
    Some(aligned(a, b)).filter(|&distance| distance <= budget)
}

fn without_common_ends<'t>(a: &'t [u8], b: &'t [u8]) -> (&'t [u8], &'t [u8]) {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// Optimal string alignment over three rows.
fn aligned(a: &[u8], b: &[u8]) -> usize {
    let width = b.len() + 1;
    let mut rows = SmallVec::<[u16; 96]>::from_elem(0, 3 * width);
    let (mut before, rest) = rows.split_at_mut(width);
    let (mut above, mut row) = rest.split_at_mut(width);
    above.iter_mut().zip(0..).for_each(|(cell, count)| *cell = count);
    for i in 1..=a.len() {
        row[0] = i as u16;
        for j in 1..width {
            let replaced = above[j - 1] + u16::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        (before, above, row) = (above, row, before);
    }
    usize::from(above[b.len()])
}

/// True if at least half of the letters of the longer word stay when the words are made one.
pub(crate) fn akin(a: &[u8], b: &[u8]) -> bool {
    let longer = a.len().max(b.len());
    let (a, b) = without_common_ends(a, b);
    2 * aligned(a, b) <= longer
}

/// False only if no edits within the budget make spellings of these lengths equal, where so many letters are in one of them alone.
pub(crate) fn may_be_apart(lengths: [usize; 2], unlike: impl Fn() -> usize) -> bool {
    let budget = budget(lengths[0].min(lengths[1]));
    budget > 0 && lengths[0].abs_diff(lengths[1]) <= budget && unlike() <= 2 * budget
}

/// The same for one edit between class readings.
pub(crate) fn may_be_one_apart_in_sound(lengths: [usize; 2], unlike: impl Fn() -> usize) -> bool {
    let in_range = SOUND.contains(&lengths[0]) && SOUND.contains(&lengths[1]);
    in_range && lengths[0].abs_diff(lengths[1]) <= 1 && unlike() <= 2
}

/// True if one edit makes one class reading of the other. Forgives what the spelling cannot: a letter of another script that takes two
/// or more Latin ones. Only for readings of `SOUND` letters; longer names have two edits of their spelling to go by.
pub(crate) fn one_apart_in_sound(a: &[u8], b: &[u8]) -> bool {
    let in_range = SOUND.contains(&a.len()) && SOUND.contains(&b.len());
    in_range && distance(a, b) == Some(1)
}

/// Calls `found` with every string whose hash is a key of this class reading.
pub(crate) fn sound_neighbourhood(reading: &[u8], mut found: impl FnMut(&[u8])) {
    if SOUND.contains(&reading.len()) {
        found(reading);
        each_deletion(reading, 0, &mut |shorter, _| found(shorter));
    }
}

/// Calls `found` with every string whose hash is a key of this spelling; the bool tells those for two edits.
pub(crate) fn neighbourhood(spelling: &[u8], mut found: impl FnMut(bool, &[u8])) {
    let length = spelling.len();
    if (ONE_FROM..TWO_FROM).contains(&length) {
        found(false, spelling);
    }
    if (ONE_FROM..=TWO_FROM).contains(&length) {
        each_deletion(spelling, 0, &mut |shorter, _| found(false, shorter));
    }
    if length >= TWO_FROM {
        each_deletion(&spelling[..PREFIX], 0, &mut |shorter, at| {
            each_deletion(shorter, at, &mut |shortest, _| found(true, shortest));
        });
    }
}

/// The text without one of its letters, for each place from `from` on; one of a run of equal letters stands for all.
fn each_deletion(text: &[u8], from: usize, found: &mut impl FnMut(&[u8], usize)) {
    for at in from..text.len() {
        if at == from || text[at] != text[at - 1] {
            let mut shorter = Letters::from_slice(&text[..at]);
            shorter.extend_from_slice(&text[at + 1..]);
            found(&shorter, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_budget_follows_the_shorter_spelling() {
        for (a, b, expected) in [
            ("zarin", "zarin", Some(0)),
            ("zarin", "zairn", Some(1)),
            ("zarin", "zarn", Some(1)),
            ("zarin", "zxrix", None),
            ("ab", "ac", None),
            ("abc", "ab", None),
            ("abc", "abd", Some(1)),
            ("marsilova", "marsilowva", Some(1)),
            ("marsilova", "narsilowa", Some(2)),
            ("marsilova", "narsilowb", None),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    fn keys(text: &str) -> Vec<(bool, Vec<u8>)> {
        let mut keys = Vec::new();
        neighbourhood(text.as_bytes(), |two, key| keys.push((two, key.to_vec())));
        keys
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn spellings_within_the_budget_share_a_key(a in "[ab]{1,14}", b in "[ab]{1,14}") {
            if distance(a.as_bytes(), b.as_bytes()).is_some_and(|edits| edits > 0) {
                let theirs = keys(&b);
                prop_assert!(keys(&a).iter().any(|key| theirs.contains(key)));
            }
        }

        #[test]
        fn one_edit_is_told_without_alignment(a in "[abc]{1,8}", b in "[abc]{1,8}") {
            let (shorter, all) = (a.len().min(b.len()), aligned(a.as_bytes(), b.as_bytes()));
            let expected = (all <= budget(shorter)).then_some(all);
            prop_assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected);
        }

        #[test]
        fn common_ends_change_no_distance(ends in "[ab]{0,3}", a in "[ab]{0,5}", b in "[ab]{0,5}") {
            let with_ends = |text: &str| [&ends[..], text, &ends].concat();
            let (longer, other) = (with_ends(&a), with_ends(&b));
            let all = aligned(longer.as_bytes(), other.as_bytes());
            prop_assert_eq!(aligned(a.as_bytes(), b.as_bytes()), all);
        }

        #[test]
        fn keys_stay_few(a in "[a-z]{1,48}") {
            prop_assert!(keys(&a).len() <= 48);
        }

        #[test]
        fn distance_is_symmetric(a in "[abc]{1,14}", b in "[abc]{1,14}") {
            prop_assert_eq!(distance(a.as_bytes(), b.as_bytes()), distance(b.as_bytes(), a.as_bytes()));
        }
    }
}
