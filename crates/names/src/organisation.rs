//! The words of an organisation's or object's name, with what each stands for.
//!
//! In go folded words; out come the words to compare with their roles: phrases made one word (a legal form of several words, a country), numbers
//! as digits however they are written, letters and digits divided, "and" left out, as `&` is no letter. What is written differently
//! and means the same has a sense in common. Order is kept, and a name in which nothing else is left keeps all its words.

use crate::fold::{Script, WORDS_MAX, Word, script};
use crate::form::Form;
use crate::name::NameKind;
use crate::phrases::{self, Meaning};
use crate::recent;
use crate::roles::{self, RoleReason};
use crate::words::Role;
use smallvec::SmallVec;

/// A word to compare.
pub(crate) struct Part {
    pub(crate) raw: String,
    pub(crate) form: Form,
    pub(crate) role: Role,
    pub(crate) reason: RoleReason,
    /// As in [`Word`].
    pub(crate) run: u8,
}

pub(crate) type Parts = SmallVec<[Part; 4]>;

/// Reads the words of a name that is not a person's. The flag says that the last words were left out.
pub(crate) fn parts(words: Vec<Word>, kind: NameKind) -> (Parts, bool) {
    let mut words: SmallVec<[Word; 4]> = words.into_iter().flat_map(divided).collect();
    let cut = words.len() > WORDS_MAX;
    words.truncate(WORDS_MAX);
    let forms: SmallVec<[Form; 4]> = words.iter().map(|word| word.form.clone()).collect();
    let spans = spans(&forms, kind);
    let mut parts: Parts = spans.iter().map(|span| span.part(&words, &forms, kind)).collect();
    if kind == NameKind::Organisation && parts.iter().all(|part| part.role == Role::LegalForm) {
        parts = (0..words.len()).map(|place| Span::plain(place).part(&words, &forms, kind)).collect();
        parts.iter_mut().for_each(|part| part.role = Role::Name);
    }
    let (mut place, last) = (0, parts.len().saturating_sub(1));
    parts.retain(|part| {
        place += 1;
        !(2..=last).contains(&place) || !is_and(part)
    });
    (parts, cut)
}

/// Letters and digits apart, and the Arabic "and the", "for the" before a word.
fn divided(word: Word) -> SmallVec<[Word; 2]> {
    const JOINED: [(&str, &str); 2] = [("وال", "ال"), ("لل", "ال")];
    let part = |text: &str| Word { raw: text.to_owned(), form: recent::word(text), ..word };
    for (joined, article) in JOINED {
        if let Some(rest) = word.form.text().strip_prefix(joined).filter(|rest| rest.chars().count() >= 3) {
            return smallvec::smallvec![part(article), part(rest)];
        }
    }
    let is_digit = |letter: char| letter.is_ascii_digit();
    if word.run > 0 || !word.form.text().contains(is_digit) || word.form.text().chars().all(is_digit) {
        return smallvec::smallvec![word];
    }
    let mut divided = SmallVec::new();
    let mut rest = word.form.text();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| is_digit(letter) != is_digit(first)).unwrap_or(rest.len());
        divided.push(part(&rest[..end]));
        rest = &rest[end..];
    }
    divided
}

/// Words taken as one, and what they mean.
struct Span {
    first: usize,
    len: usize,
    meaning: Option<Meaning>,
    /// A number's digits.
    number: Option<String>,
}

impl Span {
    fn plain(first: usize) -> Self {
        Self { first, len: 1, meaning: None, number: None }
    }

    fn part(&self, words: &[Word], forms: &[Form], kind: NameKind) -> Part {
        let covered = &words[self.first..self.first + self.len];
        let signs = covered.iter().any(|word| word.run > 0);
        let raw: Vec<&str> = covered.iter().map(|word| word.raw.as_str()).collect();
        let raw = raw.join(if signs { "" } else { " " });
        let run = if self.len == 1 && self.meaning.is_none() { covered[0].run } else { 0 };
        if let Some(number) = &self.number {
            return Part {
                raw,
                form: recent::word(number),
                role: Role::Number,
                reason: RoleReason::Number,
                run,
            };
        }
        let Some(meaning) = self.meaning else {
            let form = forms[self.first].clone();
            let (role, reason) = roles::alone(form.usage().known[kind as usize], &form, kind);
            return Part { raw, form, role, reason, run };
        };
        let own = || covered.iter().map(|word| word.form.text()).collect::<String>();
        let form = Form::meaning(&meaning.text.map_or_else(own, str::to_owned), meaning.sense);
        Part { raw, form, role: meaning.role, reason: RoleReason::Phrase, run }
    }
}

/// The words divided into spans, the longest phrase first.
fn spans(forms: &[Form], kind: NameKind) -> Vec<Span> {
    let mut spans = Vec::with_capacity(forms.len());
    let mut first = 0;
    while first < forms.len() {
        let span =
            numbered(forms, first, kind).unwrap_or_else(|| match phrases::longest(&forms[first..], kind) {
                Some((meaning, len)) => Span { first, len, meaning: Some(meaning), number: None },
                None => Span::plain(first),
            });
        first += span.len;
        spans.push(span);
    }
    plain_within(spans, kind)
}

/// Short legal forms are meant only at either end, beside other legal forms at most; the prefix of a vessel only before its name.
fn plain_within(spans: Vec<Span>, kind: NameKind) -> Vec<Span> {
    let is_legal = |span: &Span| span.meaning.is_some_and(|meaning| meaning.role == Role::LegalForm);
    let (start, end) = match kind {
        NameKind::Object => (1, usize::MAX),
        _ => (
            spans.iter().take_while(|span| is_legal(span)).count(),
            spans.len() - spans.iter().rev().take_while(|span| is_legal(span)).count(),
        ),
    };
    let mut kept = Vec::with_capacity(spans.len());
    for (place, span) in spans.into_iter().enumerate() {
        let short = span.meaning.is_some_and(|meaning| meaning.short);
        if short && (start..end).contains(&place) {
            kept.extend((span.first..span.first + span.len).map(Span::plain));
        } else {
            kept.push(span);
        }
    }
    kept
}

/// A number in digits or Roman numerals, with the "No." before and the ending after it.
fn numbered(forms: &[Form], first: usize, kind: NameKind) -> Option<Span> {
    const MARKS: [&str; 10] = ["第", "no", "nr", "num", "number", "numero", "nomer", "номер", "رقم", "شماره"];
    const ENDINGS: [&str; 19] = [
        "st", "nd", "rd", "th", "er", "ere", "eme", "й", "я", "е", "ый", "ий", "ая", "ое", "ой", "го", "ого",
        "ші", "чи",
    ];
    let is_digits = |form: &Form| form.text().bytes().all(|byte| byte.is_ascii_digit());
    let text = |place: usize| forms.get(place).map(Form::text);
    let mark = usize::from(text(first).is_some_and(|word| MARKS.contains(&word)));
    let at = first + mark;
    let form = forms.get(at)?;
    let number = if is_digits(form) {
        let digits = form.text().trim_start_matches('0');
        if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
    } else {
        let ends = || ends_in_legal_forms(&forms[at + 1..], kind);
        roman(form.text(), || mark == 1 || ends(), at > 0)?.to_string()
    };
    let ending = usize::from(is_digits(form) && text(at + 1).is_some_and(|word| ENDINGS.contains(&word)));
    Some(Span { first, len: mark + 1 + ending, meaning: None, number: Some(number) })
}

/// True if nothing but legal forms is left.
fn ends_in_legal_forms(mut forms: &[Form], kind: NameKind) -> bool {
    while let Some((meaning, len)) = phrases::longest(forms, kind) {
        if meaning.role != Role::LegalForm {
            return false;
        }
        forms = &forms[len..];
    }
    forms.is_empty()
}

/// A Roman numeral below forty. A single letter is one at the end of a name only, and none begins a name.
fn roman(text: &str, single: impl Fn() -> bool, within: bool) -> Option<u32> {
    const UNITS: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    if !within || !text.bytes().all(|letter| b"ivx".contains(&letter)) || (text.len() == 1 && !single()) {
        return None;
    }
    let units = text.trim_start_matches('x');
    let tens = text.len() - units.len();
    let (tens, units) = if units == "ix" || tens < 4 { (tens, units) } else { return None };
    UNITS.iter().position(|numeral| *numeral == units).map(|units| 10 * tens as u32 + units as u32)
}

/// "and" between two words, which others write `&` or not at all.
fn is_and(part: &Part) -> bool {
    const AND: [&str; 16] =
        ["and", "und", "et", "y", "e", "i", "и", "і", "та", "og", "och", "ve", "va", "ва", "و", "və"];
    part.role != Role::Number && AND.contains(&part.form.text())
}

/// The first letters of these words, where they are of one script that writes acronyms; at least three.
pub(crate) fn initials<'p>(forms: impl Iterator<Item = (&'p Form, Role)>) -> Option<String> {
    const LETTERS_MIN: usize = 3;
    let mut letters = String::new();
    for (form, role) in forms {
        let letter = form.text().chars().next()?;
        match role {
            Role::Particle => {}
            Role::Number | Role::LegalForm => return None,
            _ if matches!(script(letter), Script::Latin | Script::Cyrillic) => letters.push(letter),
            _ => return None,
        }
    }
    (letters.chars().count() >= LETTERS_MIN).then_some(letters)
}
