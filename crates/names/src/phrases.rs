//! Words and phrases that stand for something in the names of organisations and objects: legal forms, trades, countries, numbers.
//!
//! In go words in order, out comes the longest phrase that begins there and what it means. The phrases are data (`legal_forms.tsv`,
//! `trades.tsv`, `territories.tsv`, `numbers.tsv`, `vessels.tsv`) and are folded as names are. A word of six letters or more is
//! known by its sound, so that every usual romanisation of it is; a shorter one by its letters.

use crate::fold;
use crate::form::{Form, Writing};
use crate::key::{Key, hash};
use crate::name::NameKind;
use crate::table;
use crate::words::Role;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What words of one meaning have in common: a row of the tables. Names of words are letters, so a sense is told from a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Sense(u16);

/// What a phrase stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    /// How the phrase is compared, where it has more than one spelling: the usual abbreviation, the digits.
    pub(crate) text: Option<&'static str>,
    /// What it shares with others; none for a number.
    pub(crate) sense: Option<Sense>,
    pub(crate) role: Role,
    /// So short that it is meant only at either end of a name.
    pub(crate) short: bool,
}

/// What a name of a kind may hold. A trie: each phrase is a path of word keys from node 0.
#[derive(Default)]
struct Phrases {
    steps: FxHashMap<(u32, u64), u32>,
    ends: Vec<Option<Meaning>>,
}

struct Lexicon {
    /// Names of senses, in order.
    senses: Vec<&'static str>,
    organisations: Phrases,
    objects: Phrases,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

impl Sense {
    /// The group that it is, beyond the groups of `forms.tsv` and `name_forms.txt.gz`, whose numbers have 24 bits.
    pub(crate) fn group(self) -> u32 {
        (1 << 24) + u32::from(self.0)
    }

    /// Its name in the tables.
    pub(crate) fn name(self) -> &'static str {
        LEXICON.senses.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// The sense of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        LEXICON.senses.binary_search(&name).ok().map(|place| Self(place as u16))
    }
}

/// The longest phrase that begins the words, and how many of them it takes.
pub(crate) fn longest(words: &[Form], kind: NameKind) -> Option<(Meaning, usize)> {
    let phrases = if kind == NameKind::Object { &LEXICON.objects } else { &LEXICON.organisations };
    let (mut node, mut found) = (0, None);
    for (place, word) in words.iter().enumerate() {
        let Some(&next) = phrases.steps.get(&(node, word_key(word))) else { break };
        node = next;
        found = phrases.ends[node as usize].map(|meaning| (meaning, place + 1)).or(found);
    }
    found
}

/// 6: shorter words of unlike letters sound alike too often.
const SOUND_MIN: usize = 6;

fn word_key(word: &Form) -> u64 {
    let facts = word.facts();
    match (facts.writing, facts.classes.first()) {
        (Writing::Alphabetic, Some(&sound)) if facts.spelling.len() >= SOUND_MIN => sound,
        (Writing::Alphabetic, Some(_)) => hash(Key::Spelling, &facts.spelling),
        _ => hash(Key::Word, word.text().as_bytes()),
    }
}

impl Lexicon {
    fn read() -> Self {
        let column = |text, place: usize| table::rows(text).map(move |row| row[place]);
        let all = column(table::LEGAL_FORMS, 0)
            .chain(column(table::TRADES, 0))
            .chain(column(table::TERRITORIES, 0));
        let mut senses: Vec<&str> = all.filter(|sense| *sense != "-").collect();
        senses.sort_unstable();
        senses.dedup();
        let named = |name: &str| senses.binary_search(&name).ok().map(|place| Sense(place as u16));
        let (mut organisations, mut objects) = (Phrases::new(), Phrases::new());
        for row in table::rows(table::LEGAL_FORMS) {
            let meaning =
                Meaning { text: Some(row[1]), sense: named(row[0]), role: Role::LegalForm, short: false };
            organisations.add_all(row[2], meaning);
        }
        for row in table::rows(table::NUMBERS) {
            let meaning = Meaning { text: Some(row[0]), sense: None, role: Role::Number, short: false };
            organisations.add_all(row[1], meaning);
            objects.add_all(row[1], meaning);
        }
        for row in table::rows(table::TRADES).chain(table::rows(table::TERRITORIES)) {
            let meaning = Meaning { text: None, sense: named(row[0]), role: Role::Generic, short: false };
            organisations.add_all(row[1], meaning);
        }
        for row in table::rows(table::VESSELS) {
            let meaning = Meaning { text: Some(row[0]), sense: None, role: Role::Particle, short: true };
            objects.add_all(row[1], meaning);
        }
        Self { senses, organisations, objects }
    }
}

impl Phrases {
    fn new() -> Self {
        Self { ends: vec![None], ..Self::default() }
    }

    /// Adds phrases divided by `|`. The first meaning of a phrase counts.
    fn add_all(&mut self, phrases: &str, meaning: Meaning) {
        for phrase in phrases.split('|') {
            let folded = fold::words(phrase, NameKind::Organisation).words;
            let letters: usize = folded.iter().map(|word| word.form.text().chars().count()).sum();
            let signs = folded.iter().any(|word| word.run > 0);
            let short = meaning.short
                || (meaning.role == Role::LegalForm && !signs && letters <= 2.max(folded.len()));
            let mut node = 0;
            for word in folded {
                let new = self.ends.len() as u32;
                node = *self.steps.entry((node, word_key(&word.form))).or_insert(new);
                if node == new {
                    self.ends.push(None);
                }
            }
            if node != 0 && self.ends[node as usize].is_none() {
                self.ends[node as usize] = Some(Meaning { short, ..meaning });
            }
        }
    }
}
