//! Rewriting by table: text in, one or more readings out.
//!
//! A rule replaces a pattern by one of its readings. At each place the longest pattern that fits wins, one that is bound to
//! the beginning or the end before one that is not. A letter that has several readings multiplies the variants; past
//! `VARIANTS_MAX` the later letters take their first reading only, so the variants depend on the text alone.

use crate::table;
use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

/// ASCII text of one token.
pub(crate) type Letters = SmallVec<[u8; 24]>;
/// Readings of one token, first the most usual.
pub(crate) type Variants = SmallVec<[Letters; 2]>;

/// 9: two letters of three readings. Nine in ten names have one reading; each costs three keys in the index.
pub(crate) const VARIANTS_MAX: usize = 9;

pub(crate) struct Rule {
    pattern: &'static str,
    at_start: bool,
    at_end: bool,
    /// The one replacement that spelling goes by.
    pub(crate) spelling: &'static str,
    pub(crate) readings: SmallVec<[&'static str; 3]>,
}

impl Rule {
    pub(crate) fn length(&self) -> usize {
        self.pattern.len()
    }

    fn fits(&self, text: &[u8], at: usize) -> bool {
        let (rest, pattern) = (&text[at..], self.pattern.as_bytes());
        (!self.at_start || at == 0)
            && (if self.at_end { pattern.len() == rest.len() } else { pattern.len() <= rest.len() })
            && pattern.iter().zip(rest).all(|(wanted, letter)| wanted == letter)
    }

    fn rank(&self) -> (usize, bool, bool) {
        (self.pattern.len(), self.at_start, self.at_end)
    }
}

/// The rules of one table by their first letter.
pub(crate) struct Rewriter {
    ascii: [Vec<Rule>; 128],
    other: FxHashMap<char, Vec<Rule>>,
}

impl Rewriter {
    /// From rows of pattern, spelling and readings; without the third column the spelling is the reading.
    pub(crate) fn with_spelling(table: &'static str) -> Self {
        Self::new(table::rows(table).map(|row| {
            let spelling = row.get(1).copied().unwrap_or("");
            (row[0], spelling, row.get(2).copied().unwrap_or(spelling))
        }))
    }

    /// From rows of pattern and readings.
    pub(crate) fn with_readings(table: &'static str) -> Self {
        Self::new(table::rows(table).map(|row| (row[0], "", row.get(1).copied().unwrap_or(""))))
    }

    fn new(rows: impl Iterator<Item = (&'static str, &'static str, &'static str)>) -> Self {
        let mut rewriter = Self { ascii: std::array::from_fn(|_| Vec::new()), other: FxHashMap::default() };
        for (pattern, spelling, readings) in rows {
            let bare = pattern.trim_start_matches('^').trim_end_matches('$');
            let Some(first) = bare.chars().next() else { continue };
            let rules = match rewriter.ascii.get_mut(first as usize) {
                Some(rules) => rules,
                None => rewriter.other.entry(first).or_default(),
            };
            rules.push(Rule {
                pattern: bare,
                at_start: pattern.starts_with('^'),
                at_end: pattern.ends_with('$'),
                spelling,
                readings: readings.split('|').collect(),
            });
            rules.sort_by_key(|rule| std::cmp::Reverse(rule.rank()));
        }
        rewriter
    }

    /// The rule for the letters of `text` at byte `at`, which must be a letter boundary before the end.
    pub(crate) fn rule(&self, text: &str, at: usize) -> Option<&Rule> {
        let rules = match text.as_bytes()[at] {
            first if first.is_ascii() => &self.ascii[usize::from(first)],
            _ => self.other.get(&text[at..].chars().next()?)?,
        };
        rules.iter().find(|rule| rule.fits(text.as_bytes(), at))
    }

    /// The same for ASCII text.
    pub(crate) fn ascii_rule(&self, text: &[u8], at: usize) -> Option<&Rule> {
        self.ascii[usize::from(text[at])].iter().find(|rule| rule.fits(text, at))
    }
}

/// One empty reading to append to.
pub(crate) fn unread() -> Variants {
    smallvec![Letters::new()]
}

/// Appends to every variant each of the readings. A doubled letter counts once if `once`.
pub(crate) fn append(variants: &mut Variants, readings: &[&str], once: bool) {
    if let ([variant], [reading]) = (variants.as_mut_slice(), readings) {
        return extend(variant, reading.as_bytes(), once);
    }
    let fit = readings.len() > 1 && variants.len() * readings.len() <= VARIANTS_MAX;
    if fit {
        let before = variants.clone();
        for reading in &readings[1..] {
            let mut more = before.clone();
            more.iter_mut().for_each(|variant| extend(variant, reading.as_bytes(), once));
            variants.extend(more);
        }
        variants[..before.len()].iter_mut().for_each(|variant| extend(variant, readings[0].as_bytes(), once));
    } else {
        variants.iter_mut().for_each(|variant| extend(variant, readings[0].as_bytes(), once));
    }
}

/// Appends letters to one variant; digits are never merged, since 11 is not 1.
pub(crate) fn extend(variant: &mut Letters, letters: &[u8], once: bool) {
    for &letter in letters {
        if !(once && letter.is_ascii_alphabetic() && variant.last() == Some(&letter)) {
            variant.push(letter);
        }
    }
}
