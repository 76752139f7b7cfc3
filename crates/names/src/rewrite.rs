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
    /// The letters that it replaces.
    pub(crate) fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// True if it holds at the beginning or the end of a text only.
    pub(crate) fn is_bound(&self) -> bool {
        self.at_start || self.at_end
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
pub(crate) struct Wanted {
    pattern: u64,
    mask: u64,
    /// The first reading, and how many letters it has.
    usual: [u8; USUAL_MAX],
    usual_length: u8,
    rule: u16,
    length: u8,
    at_start: bool,
    at_end: bool,
    /// There is one reading only.
    pub(crate) sure: bool,
}

/// 8: the longest first reading has five letters.
const USUAL_MAX: usize = 8;

impl Wanted {
    fn new(rule: &Rule) -> Self {
        let length = rule.pattern.len();
        let letters = rule.readings[0].as_bytes();
        let mut usual = [0; USUAL_MAX];
        usual[..letters.len()].copy_from_slice(letters);
        Self {
            pattern: eight(rule.pattern.as_bytes(), 0),
            mask: u64::MAX >> (64 - 8 * length.min(8)),
            usual,
            usual_length: letters.len() as u8,
            rule: rule.number as u16,
            length: length as u8,
            at_start: rule.at_start,
            at_end: rule.at_end,
            sure: rule.readings.len() == 1,
        }
    }

    /// Its place among the rules of its table.
    pub(crate) fn number(&self) -> usize {
        usize::from(self.rule)
    }

    /// The first reading.
    pub(crate) fn usual(&self) -> &[u8] {
        &self.usual[..usize::from(self.usual_length)]
    }

    /// Why a text that it was followed in might be read in another way beside other letters.
    pub(crate) fn doubts(&self) -> impl Iterator<Item = Doubt> {
        self.at_start.then_some(Doubt::Start).into_iter().chain(self.at_end.then_some(Doubt::End))
    }
}

/// One step through a text.
pub(crate) enum Step<'r> {
    /// Letters that a rule is for.
    Rule(&'r Wanted),
    /// A letter that none is for.
    Letter(char),
}

/// A text of which any eight bytes are taken, with zeros after its end.
struct Padded<'t> {
    text: &'t [u8],
    /// The first eight of a text that has no more than these.
    short: u64,
}

impl<'t> Padded<'t> {
    fn new(text: &'t [u8]) -> Self {
        let short = if (1..8).contains(&text.len()) { eight(text, 0) } else { 0 };
        Self { text, short }
    }

    /// The eight bytes from `at` on, which must be before the end.
    #[inline]
    fn eight(&self, at: usize) -> u64 {
        if let Some(bytes) = self.text[at..].first_chunk() {
            return u64::from_le_bytes(*bytes);
        }
        match self.text.last_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes) >> (8 * (8 + at - self.text.len())),
            None => self.short >> (8 * at),
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

/// 28: the letters a to z, whatever else, and the end of the text.
const LETTERS: usize = 28;
const OTHER: usize = 26;
const END: usize = 27;

/// The number of each letter; a zero ends a text.
const NUMBERS: [u8; 256] = {
    let mut numbers = [OTHER as u8; 256];
    let mut letter = 0;
    while letter < 26 {
        numbers[b'a' as usize + letter] = letter as u8;
        letter += 1;
    }
    numbers[0] = END as u8;
    numbers
};

fn number(byte: u8) -> usize {
    usize::from(NUMBERS[usize::from(byte)])
}

/// The rules that may fit two letters, of which the first is a small one of ASCII.
#[derive(Clone, Copy)]
struct Pair {
    places: Places,
    /// What may stand after them, a bit for the number of each.
    next: u32,
}

impl Pair {
    fn new(rules: &[Wanted], places: Places) -> Self {
        let next = |wanted: &Wanted| match wanted.length {
            0..=2 if wanted.at_end => 1 << END,
            0..=2 => u32::MAX,
            _ => 1 << number(wanted.pattern.to_le_bytes()[2]),
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
                    let seconds = LETTERS * number(first);
                    ascii[seconds..seconds + LETTERS].iter_mut().for_each(|list| list.push(wanted.clone()));
                }
                [first @ b'a'..=b'z', second, ..] => {
                    ascii[LETTERS * number(first) + number(second)].push(wanted);
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

    /// The rule of the number that one is looked for by.
    pub(crate) fn rule(&self, wanted: &Wanted) -> &Rule {
        &self.rules[wanted.number()]
    }

    /// Goes through a text, the longest pattern that fits at each place first.
    pub(crate) fn each_step<'r>(&'r self, text: &str, mut found: impl FnMut(Step<'r>)) {
        let (padded, mut at) = (Padded::new(text.as_bytes()), 0);
        while let Some(letter) = text[at..].chars().next() {
            let fitting = if letter.is_ascii() {
                self.fitting_pair(&padded, at)
            } else {
                let near = self.near.get(letter as usize).copied();
                let places = near.or_else(|| self.other.get(&letter).copied()).unwrap_or_default();
                self.fitting(places, &padded, at)
            };
            at += fitting.map_or(letter.len_utf8(), |wanted| usize::from(wanted.length));
            found(fitting.map_or(Step::Letter(letter), Step::Rule));
        }
    }

    /// The same for a text of small letters and digits.
    #[inline]
    pub(crate) fn each_ascii_step<'r>(&'r self, text: &[u8], mut found: impl FnMut(Step<'r>)) {
        let (padded, mut at) = (Padded::new(text), 0);
        while let Some(&letter) = text.get(at) {
            let fitting = self.fitting_pair(&padded, at);
            at += fitting.map_or(1, |wanted| usize::from(wanted.length));
            found(fitting.map_or(Step::Letter(char::from(letter)), Step::Rule));
        }
    }

    /// The rule that fits where a letter of ASCII is.
    #[inline]
    fn fitting_pair(&self, text: &Padded<'_>, at: usize) -> Option<&Wanted> {
        let [first, second, third, ..] = text.eight(at).to_le_bytes();
        let pair = self.ascii[LETTERS * number(first) + number(second)];
        if pair.next >> number(third) & 1 == 0 { None } else { self.fitting(pair.places, text, at) }
    }

    fn fitting(&self, (first, end): Places, text: &Padded<'_>, at: usize) -> Option<&Wanted> {
        let (here, left) = (text.eight(at), text.text.len() - at);
        let fits = |wanted: &&Wanted| {
            let length = usize::from(wanted.length);
            (here ^ wanted.pattern) & wanted.mask == 0
                && (!wanted.at_start || at == 0)
                && (!wanted.at_end || length == left)
                && (length <= 8 || text.text[at..].starts_with(self.rule(wanted).pattern.as_bytes()))
        };
        self.wanted[usize::from(first)..usize::from(end)].iter().find(fits)
    }

    /// The first reading of ASCII text, a doubled letter once; letters without a rule stand for themselves.
    pub(crate) fn first_reading<R: Reading>(&self, text: &[u8]) -> R {
        let mut reading = R::default();
        self.each_ascii_step(text, |step| match step {
            Step::Rule(wanted) => wanted.usual().iter().for_each(|&letter| push_once(&mut reading, letter)),
            Step::Letter(letter) => push_once(&mut reading, letter as u8),
        });
        reading
    }
}

/// What letters are appended to.
pub(crate) trait Reading: Clone + Default {
    fn push(&mut self, letter: u8);

    /// The last letter, 0 if there is none.
    fn last(&self) -> u8;

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

    fn last(&self) -> u8 {
        self.as_slice().last().copied().unwrap_or_default()
    }
}

/// A reading that nobody wants.
impl Reading for () {
    fn push(&mut self, _: u8) {}

    fn last(&self) -> u8 {
        0
    }
}

/// A reading of which only the key is wanted, by the number of its family.
#[derive(Clone)]
pub(crate) struct Keyed<const FAMILY: u8> {
    pub(crate) hashing: Hashing,
    last: u8,
}

impl<const FAMILY: u8> Default for Keyed<FAMILY> {
    fn default() -> Self {
        Self { hashing: Hashing::of(FAMILY), last: 0 }
    }
}

impl<const FAMILY: u8> Keyed<FAMILY> {
    /// Appends a reading in which no letter is doubled.
    pub(crate) fn follow(&mut self, reading: &[u8]) {
        if let [first, rest @ ..] = reading {
            push_once(self, *first);
            self.hashing = rest.iter().fold(self.hashing, |hashing, &letter| hashing.and(letter));
            self.last = rest.last().copied().unwrap_or(self.last);
        }
    }
}

impl<const FAMILY: u8> Reading for Keyed<FAMILY> {
    fn push(&mut self, letter: u8) {
        self.hashing = self.hashing.and(letter);
        self.last = letter;
    }

    fn last(&self) -> u8 {
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
    if let [only] = readings {
        return variants.iter_mut().for_each(|variant| extend(variant, only.as_bytes(), once));
    }
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

/// Appends a letter, but not the second of a doubled one; digits are never merged, since 11 is not 1.
#[inline]
pub(crate) fn push_once(variant: &mut impl Reading, letter: u8) {
    if letter != variant.last() || !letter.is_ascii_alphabetic() {
        variant.push(letter);
    }
}

/// Appends letters to one variant, of a doubled one both or one.
#[inline]
pub(crate) fn extend(variant: &mut impl Reading, letters: &[u8], once: bool) {
    for &letter in letters {
        if once {
            push_once(variant, letter);
        } else {
            variant.push(letter);
        }
    }
}
