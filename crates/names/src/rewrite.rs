//! Rewriting by table: text in, one or more readings out.
//!
//! A rule replaces a pattern by one of its readings. At each place the longest pattern that fits wins, one that is bound to
//! the beginning or the end before one that is not. A letter that has several readings multiplies the variants; past
//! `VARIANTS_MAX` the later letters take their first reading only, so the variants depend on the text alone.

use crate::key::Hashing;
use crate::table;
use rustc_hash::FxHashMap;
use smallvec::{Array, SmallVec};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// ASCII text of one token.
pub(crate) type Letters = SmallVec<[u8; 24]>;
/// Readings of one token, first the most usual.
pub(crate) type Variants = SmallVec<[Letters; 2]>;

/// 9: two letters of three readings. Nine in ten names have one reading; each costs three keys in the index.
pub(crate) const VARIANTS_MAX: usize = 9;

pub(crate) struct Rule {
    /// Its place among the rules of its table.
    pub(crate) number: usize,
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

    /// The letters that it replaces.
    pub(crate) fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// True if it holds at the beginning or the end of a text only.
    pub(crate) fn is_bound(&self) -> bool {
        self.at_start || self.at_end
    }

    /// Why a text that it was followed in might be read in another way beside other letters.
    pub(crate) fn doubts(&self) -> impl Iterator<Item = Doubt> {
        self.at_start.then_some(Doubt::Start).into_iter().chain(self.at_end.then_some(Doubt::End))
    }

    /// True if it holds at the beginning of a text only.
    pub(crate) fn at_start(&self) -> bool {
        self.at_start
    }

    /// True if it holds at the end of a text only.
    pub(crate) fn at_end(&self) -> bool {
        self.at_end
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
    fn new(rule: &Rule) -> Self {
        let length = rule.pattern.len();
        Self {
            pattern: eight(rule.pattern.as_bytes(), 0),
            mask: u64::MAX >> (64 - 8 * length.min(8)),
            rule: rule.number as u16,
            length: length as u8,
            at_start: rule.at_start,
            at_end: rule.at_end,
        }
    }
}

/// The eight bytes of a text from `at` on, which must be before its end; zeros for those that it lacks.
pub(crate) fn eight(text: &[u8], at: usize) -> u64 {
    if let Some(bytes) = text[at..].first_chunk() {
        return u64::from_le_bytes(*bytes);
    }
    match text.last_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes) >> (8 * (8 + at - text.len())),
        None => text[at..].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    }
}

/// The last eight letters, the last one highest, and which bytes they are.
pub(crate) fn tail(letters: &[u8]) -> (u64, u64) {
    let shift = 64 - 8 * letters.len().clamp(1, 8);
    let last = &letters[letters.len().saturating_sub(8)..];
    (eight(last, 0) << shift, u64::MAX << shift)
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

/// The rules that may fit two small letters.
#[derive(Clone, Copy)]
struct Pair {
    places: Places,
    /// What may stand after them, a bit for each letter, for whatever else, and for the end of the text.
    next: u32,
}

impl Pair {
    fn new(rules: &[Wanted], places: Places) -> Self {
        let next = |wanted: &Wanted| match wanted.length {
            0..=2 if wanted.at_end => 1 << LETTERS,
            0..=2 => u32::MAX,
            _ => 1 << letter(wanted.pattern.to_le_bytes().get(2)),
        };
        Self { places, next: rules.iter().fold(0, |bits, wanted| bits | next(wanted)) }
    }
}

/// The rules of one table, as they are looked for: those that may fit two small letters by these, the others by their first letter, the
/// best first.
pub(crate) struct Rewriter {
    rules: Vec<Rule>,
    wanted: Vec<Wanted>,
    /// Where in `wanted` the rules for two small letters are.
    ascii: Vec<Pair>,
    /// The same for the first letters before `NEAR`, which nearly all that have rules are.
    near: Vec<Places>,
    other: FxHashMap<char, Places>,
}

/// From which place on, and up to which.
type Places = (u16, u16);

/// The first letter after those of the alphabets from Latin to Georgian.
const NEAR: usize = 0x1100;

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
                number: 0,
                pattern: pattern.trim_start_matches('^').trim_end_matches('$'),
                at_start: pattern.starts_with('^'),
                at_end: pattern.ends_with('$'),
                spelling,
                readings: readings.split('|').collect(),
            })
            .collect();
        rules.sort_by_key(|rule| Reverse(rule.rank()));
        rules.iter_mut().enumerate().for_each(|(number, rule)| rule.number = number);
        let mut ascii = vec![Vec::new(); LETTERS * LETTERS];
        let mut other = BTreeMap::<char, Vec<Wanted>>::new();
        for rule in &rules {
            let wanted = Wanted::new(rule);
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
        let mut wanted = Vec::new();
        let mut placed = |list: Vec<Wanted>| {
            let first = wanted.len() as u16;
            wanted.extend(list);
            (first, wanted.len() as u16)
        };
        let mut pair = |list: Vec<Wanted>| Pair::new(&list.clone(), placed(list));
        let ascii = ascii.into_iter().map(&mut pair).collect();
        let other: FxHashMap<char, Places> =
            other.into_iter().map(|(letter, list)| (letter, placed(list))).collect();
        let near =
            ('\0'..).take(NEAR).map(|letter| other.get(&letter).copied().unwrap_or_default()).collect();
        Self { rules, wanted, ascii, near, other }
    }

    /// All rules.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule for the letters of `text` at byte `at`, which must be a letter boundary before the end.
    pub(crate) fn rule(&self, text: &str, at: usize) -> Option<&Rule> {
        let bytes = text.as_bytes();
        if bytes[at].is_ascii_lowercase() {
            return self.ascii_rule(bytes, at);
        }
        let letter = text[at..].chars().next()?;
        let places = match self.near.get(letter as usize) {
            Some(places) => *places,
            None => *self.other.get(&letter)?,
        };
        self.first_that_fits(places, bytes, at)
    }

    /// The same for a text of small letters and digits, for which there are no rules.
    #[inline]
    pub(crate) fn ascii_rule(&self, text: &[u8], at: usize) -> Option<&Rule> {
        let pair = &self.ascii[LETTERS * letter(text.get(at)) + letter(text.get(at + 1))];
        let next = text.get(at + 2).map_or(LETTERS, |next| letter(Some(next)));
        if pair.next >> next & 1 == 0 { None } else { self.first_that_fits(pair.places, text, at) }
    }

    #[inline]
    fn first_that_fits(&self, (first, end): Places, text: &[u8], at: usize) -> Option<&Rule> {
        if first == end {
            None
        } else {
            self.best(&self.wanted[usize::from(first)..usize::from(end)], text, at)
        }
    }

    fn best(&self, list: &[Wanted], text: &[u8], at: usize) -> Option<&Rule> {
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
    pub(crate) fn first_reading<R: Reading>(&self, text: &[u8]) -> R {
        let (mut reading, mut at) = (R::default(), 0);
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

    /// Notes why the text might be read in another way if it stood beside other letters.
    fn doubt(&mut self, _: Doubt) {}
}

/// Why a text might be read in another way beside other letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A rule was followed that holds at its beginning only.
    Start,
    /// A rule was followed that holds at its end only.
    End,
    /// Not all readings were followed.
    Many,
}

impl Reading for Letters {
    fn push(&mut self, letter: u8) {
        self.push(letter);
    }

    fn last(&self) -> Option<u8> {
        self.as_slice().last().copied()
    }
}

/// A reading of which only the key is wanted, by the number of its family.
#[derive(Clone)]
pub(crate) struct Keyed<const FAMILY: u8> {
    pub(crate) hashing: Hashing,
    last: Option<u8>,
}

impl<const FAMILY: u8> Default for Keyed<FAMILY> {
    fn default() -> Self {
        Self { hashing: Hashing::of(FAMILY), last: None }
    }
}

impl<const FAMILY: u8> Reading for Keyed<FAMILY> {
    fn push(&mut self, letter: u8) {
        self.hashing = self.hashing.and(letter);
        self.last = Some(letter);
    }

    fn last(&self) -> Option<u8> {
        self.last
    }
}

/// One empty reading to append to.
pub(crate) fn unread<A: Array<Item: Reading>>() -> SmallVec<A> {
    let mut unread = SmallVec::new();
    unread.push(A::Item::default());
    unread
}

/// True if so many variants are not followed by each of these readings.
pub(crate) fn is_too_many(variants: usize, readings: &[&str]) -> bool {
    readings.len() > 1 && variants * readings.len() > VARIANTS_MAX
}

/// Appends to every variant each of the readings. A doubled letter counts once if `once`.
pub(crate) fn append<A: Array<Item: Reading>>(variants: &mut SmallVec<A>, readings: &[&str], once: bool) {
    let before = variants.len();
    if readings.len() > 1 && !is_too_many(before, readings) {
        for reading in &readings[1..] {
            for place in 0..before {
                let mut more = variants[place].clone();
                extend(&mut more, reading.as_bytes(), once);
                variants.push(more);
            }
        }
    }
    if is_too_many(before, readings) {
        variants.iter_mut().for_each(|variant| variant.doubt(Doubt::Many));
    }
    variants[..before].iter_mut().for_each(|variant| extend(variant, readings[0].as_bytes(), once));
}

/// True for the second of a doubled letter; 11 is not 1.
pub(crate) fn is_repeated(letter: u8, last: Option<u8>) -> bool {
    letter.is_ascii_alphabetic() && last == Some(letter)
}

/// Appends letters to one variant; digits are never merged, since 11 is not 1.
pub(crate) fn extend(variant: &mut impl Reading, letters: &[u8], once: bool) {
    for &letter in letters {
        if !(once && is_repeated(letter, variant.last())) {
            variant.push(letter);
        }
    }
}
