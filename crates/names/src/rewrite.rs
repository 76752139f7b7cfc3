//! Rewriting by table: text in, one or more readings out.
//!
//! A rule replaces a pattern by one of its readings. At each place the longest pattern that fits wins, one that is bound to
//! the beginning or the end before one that is not. A letter that has several readings multiplies the variants; past
//! `VARIANTS_MAX` the later letters take their first reading only, so the variants depend on the text alone.

use crate::table;
use rustc_hash::FxHashMap;
use smallvec::{Array, SmallVec};
use std::cmp::Reverse;

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

    fn rank(&self) -> (usize, bool, bool) {
        (self.pattern.len(), self.at_start, self.at_end)
    }
}

/// A rule as it is looked for: the first eight bytes of its pattern as a number, and which bytes of a number they are.
#[derive(Clone)]
struct Wanted {
    pattern: u64,
    mask: u64,
    rule: u16,
    length: u8,
    at_start: bool,
    at_end: bool,
}

impl Wanted {
    fn new(rule: &Rule, number: usize) -> Self {
        let length = rule.pattern.len();
        Self {
            pattern: eight(rule.pattern.as_bytes(), 0),
            mask: u64::MAX >> (64 - 8 * length.min(8)),
            rule: number as u16,
            length: length as u8,
            at_start: rule.at_start,
            at_end: rule.at_end,
        }
    }
}

/// The eight bytes of a text from `at` on, which must be before its end; zeros for those that it lacks.
fn eight(text: &[u8], at: usize) -> u64 {
    if let Some(bytes) = text[at..].first_chunk() {
        return u64::from_le_bytes(*bytes);
    }
    match text.last_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes) >> (8 * (8 + at - text.len())),
        None => text[at..].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    }
}

/// 27: the letters a to z, and whatever else.
const LETTERS: usize = 27;

/// The number of a small letter, or of what is none.
fn letter(byte: Option<&u8>) -> usize {
    match byte {
        Some(byte @ b'a'..=b'z') => usize::from(byte - b'a'),
        _ => LETTERS - 1,
    }
}

/// The rules of one table: those that may fit two small letters by these, the others by their first letter, the best first.
pub(crate) struct Rewriter {
    rules: Vec<Rule>,
    ascii: Vec<SmallVec<[Wanted; 1]>>,
    other: FxHashMap<char, Vec<Wanted>>,
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
        let mut rules: Vec<Rule> = rows
            .map(|(pattern, spelling, readings)| Rule {
                pattern: pattern.trim_start_matches('^').trim_end_matches('$'),
                at_start: pattern.starts_with('^'),
                at_end: pattern.ends_with('$'),
                spelling,
                readings: readings.split('|').collect(),
            })
            .collect();
        rules.sort_by_key(|rule| Reverse(rule.rank()));
        let mut ascii = vec![SmallVec::new(); LETTERS * LETTERS];
        let mut other = FxHashMap::<char, Vec<Wanted>>::default();
        for (number, rule) in rules.iter().enumerate() {
            let wanted = Wanted::new(rule, number);
            match *rule.pattern.as_bytes() {
                [first @ b'a'..=b'z'] => {
                    let seconds = LETTERS * letter(Some(&first));
                    ascii[seconds..seconds + LETTERS].iter_mut().for_each(|list| list.push(wanted.clone()));
                }
                [first @ b'a'..=b'z', second, ..] => {
                    ascii[LETTERS * letter(Some(&first)) + letter(Some(&second))].push(wanted);
                }
                _ => other.entry(rule.pattern.chars().next().unwrap_or_default()).or_default().push(wanted),
            }
        }
        Self { rules, ascii, other }
    }

    /// The rule for the letters of `text` at byte `at`, which must be a letter boundary before the end.
    pub(crate) fn rule(&self, text: &str, at: usize) -> Option<&Rule> {
        let bytes = text.as_bytes();
        if bytes[at].is_ascii_lowercase() {
            return self.ascii_rule(bytes, at);
        }
        let list = self.other.get(&text[at..].chars().next()?)?;
        self.first_that_fits(list, bytes, at)
    }

    /// The same for a text of small letters and digits, for which there are no rules.
    pub(crate) fn ascii_rule(&self, text: &[u8], at: usize) -> Option<&Rule> {
        let list = &self.ascii[LETTERS * letter(text.get(at)) + letter(text.get(at + 1))];
        if list.is_empty() { None } else { self.first_that_fits(list, text, at) }
    }

    fn first_that_fits(&self, list: &[Wanted], text: &[u8], at: usize) -> Option<&Rule> {
        let (here, left) = (eight(text, at), text.len() - at);
        let fits = |wanted: &&Wanted| {
            let length = usize::from(wanted.length);
            (here ^ wanted.pattern) & wanted.mask == 0
                && (!wanted.at_start || at == 0)
                && (!wanted.at_end || length == left)
                && (length <= 8
                    || text[at..].starts_with(self.rules[usize::from(wanted.rule)].pattern.as_bytes()))
        };
        list.iter().find(fits).map(|wanted| &self.rules[usize::from(wanted.rule)])
    }

    /// The first reading of ASCII text, a doubled letter once; letters without a rule stand for themselves.
    pub(crate) fn first_reading(&self, text: &[u8]) -> Letters {
        let (mut reading, mut at) = (Letters::new(), 0);
        while at < text.len() {
            if let Some(rule) = self.ascii_rule(text, at) {
                extend(&mut reading, rule.readings[0].as_bytes(), true);
                at += rule.length();
            } else {
                extend(&mut reading, &text[at..=at], true);
                at += 1;
            }
        }
        reading
    }
}

/// What letters are appended to.
pub(crate) trait Reading: Clone + Default {
    fn push(&mut self, letter: u8);

    fn last(&self) -> Option<u8>;
}

impl Reading for Letters {
    fn push(&mut self, letter: u8) {
        self.push(letter);
    }

    fn last(&self) -> Option<u8> {
        self.as_slice().last().copied()
    }
}

/// One empty reading to append to.
pub(crate) fn unread<A: Array<Item: Reading>>() -> SmallVec<A> {
    let mut unread = SmallVec::new();
    unread.push(A::Item::default());
    unread
}

/// Appends to every variant each of the readings. A doubled letter counts once if `once`.
pub(crate) fn append<A: Array<Item: Reading>>(variants: &mut SmallVec<A>, readings: &[&str], once: bool) {
    let before = variants.len();
    if readings.len() > 1 && before * readings.len() <= VARIANTS_MAX {
        for reading in &readings[1..] {
            for place in 0..before {
                let mut more = variants[place].clone();
                extend(&mut more, reading.as_bytes(), once);
                variants.push(more);
            }
        }
    }
    variants[..before].iter_mut().for_each(|variant| extend(variant, readings[0].as_bytes(), once));
}

/// Appends letters to one variant; digits are never merged, since 11 is not 1.
pub(crate) fn extend(variant: &mut impl Reading, letters: &[u8], once: bool) {
    for &letter in letters {
        if !(once && letter.is_ascii_alphabetic() && variant.last() == Some(letter)) {
            variant.push(letter);
        }
    }
}
