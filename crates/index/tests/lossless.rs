//! Invariant(LOSSLESS): whatever `names::score` puts at or above the threshold is among the candidates.
//!
//! Every case compares the index, after random inserts, removals, saves and re-openings, with scoring every pair. The
//! names come from a small grammar, so that most of them nearly equal many others: one or two edits, joined and split
//! tokens, initials, other scripts, signs, other order, particles, legal forms, acronyms, stated parts.

use std::collections::BTreeMap;
use std::path::Path;

use lookback_index::{Document, DocumentId, Index, Query, Scratch, Stamp};
use names::{Name, NameKind, NamePart, analyse, analyse_parts, score};
use proptest::prelude::*;

const SYLLABLES: [&str; 14] =
    ["ka", "ri", "mo", "san", "dov", "el", "mar", "ta", "qu", "zho", "ya", "sha", "ben", "lu"];
const FOREIGN: [&str; 16] = [
    "Карим",
    "Шандов",
    "Марта",
    "კარიმ",
    "كريم",
    "محمد",
    "Μάρτα",
    "김산",
    "卡里姆",
    "马尔塔",
    "王丽",
    "מרטה",
    "Մարտա",
    "マルタ",
    "الكريم",
    "Mohammed",
];
const PARTICLES: [&str; 5] = ["al", "bin", "de", "abd", "van"];
/// What names of organisations are made of, beside names.
const PHRASES: [&str; 8] = ["Ltd", "ООО", "d.o.o.", "Bank", "Trading Company", "No 7", "KMS", "有限公司"];

#[derive(Debug, Clone)]
enum Token {
    Word(Vec<usize>),
    Foreign(usize),
    Particle(usize),
    Initial(usize),
    Phrase(usize),
}

fn token() -> impl Strategy<Value = Token> {
    prop_oneof![
        8 => prop::collection::vec(0..SYLLABLES.len(), 1..4).prop_map(Token::Word),
        2 => (0..FOREIGN.len()).prop_map(Token::Foreign),
        2 => (0..PARTICLES.len()).prop_map(Token::Particle),
        1 => (0..SYLLABLES.len()).prop_map(Token::Initial),
        1 => (0..PHRASES.len()).prop_map(Token::Phrase),
    ]
}

fn spell(token: &Token) -> String {
    match token {
        Token::Word(syllables) => syllables.iter().map(|&syllable| SYLLABLES[syllable]).collect(),
        Token::Foreign(word) => FOREIGN[*word].to_owned(),
        Token::Particle(particle) => PARTICLES[*particle].to_owned(),
        Token::Initial(letter) => SYLLABLES[*letter][..1].to_owned(),
        Token::Phrase(phrase) => PHRASES[*phrase].to_owned(),
    }
}

/// What happens to a name on its way into the index or the query.
#[derive(Debug, Clone)]
enum Change {
    Drop(usize),
    Double(usize),
    Swap(usize),
    Join(usize),
    Split(usize),
    Reverse,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..20_usize).prop_map(Change::Drop),
        (0..20_usize).prop_map(Change::Double),
        (0..20_usize).prop_map(Change::Swap),
        (0..4_usize).prop_map(Change::Join),
        (0..20_usize).prop_map(Change::Split),
        Just(Change::Reverse),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let within = |at: &usize| (*at < letters.len()).then_some(*at);
    match change {
        Change::Drop(at) => drop(within(at).map(|at| letters.remove(at))),
        Change::Double(at) => drop(within(at).map(|at| letters.insert(at, letters[at]))),
        Change::Swap(at) => drop(within(&(at + 1)).map(|next| letters.swap(next - 1, next))),
        Change::Split(at) => drop(within(at).map(|at| letters.insert(at, ' '))),
        Change::Join(nth) => return join(text, *nth),
        Change::Reverse => return text.split(' ').rev().collect::<Vec<_>>().join(" "),
    }
    letters.into_iter().collect()
}

/// Takes out the space after the nth token.
fn join(text: &str, nth: usize) -> String {
    let space = text.match_indices(' ').nth(nth).map(|(at, _)| at);
    space.map_or_else(|| text.to_owned(), |at| format!("{}{}", &text[..at], &text[at + 1..]))
}

fn text() -> impl Strategy<Value = String> {
    (prop::collection::vec(token(), 0..5), prop::collection::vec(change(), 0..3)).prop_map(
        |(tokens, changes)| {
            let text = tokens.iter().map(spell).collect::<Vec<_>>().join(" ");
            changes.iter().fold(text, |text, change| apply(&text, change))
        },
    )
}

/// A name of any kind: a text, or the stated parts of a person's name.
fn name() -> impl Strategy<Value = Name> {
    use NameKind::{Object, Organisation, Person};
    let kind = prop::sample::select(vec![Person, Person, Organisation, Object]);
    prop_oneof![
        4 => (text(), kind).prop_map(|(text, kind)| analyse(&text, kind)),
        1 => (text(), text()).prop_map(|(given, family)| {
            analyse_parts(&[(NamePart::Given, &given), (NamePart::Family, &family)])
        }),
    ]
}

/// An entity: a group, names, and identifiers that are often shared.
#[derive(Debug, Clone)]
struct Entity {
    group: u8,
    names: Vec<Name>,
    identifiers: Vec<u64>,
}

fn entity() -> impl Strategy<Value = Entity> {
    let names = prop::collection::vec(name(), 0..3);
    (0..3_u8, names, prop::collection::vec(0..40_u64, 0..2)).prop_map(|(group, names, identifiers)| Entity {
        group,
        names,
        identifiers,
    })
}

#[derive(Debug, Clone)]
enum Step {
    Insert(Entity),
    /// The nth of the documents inserted so far.
    Remove(usize),
    Reopen,
    Query(Entity, u32),
}

fn step() -> impl Strategy<Value = Step> {
    let threshold = prop_oneof![
        4 => 700_000..=950_000_u32,
        1 => 0..=1_000_000_u32,
        1 => Just(1_000_000_u32)
    ];
    prop_oneof![
        40 => entity().prop_map(Step::Insert),
        6 => (0..200_usize).prop_map(Step::Remove),
        1 => Just(Step::Reopen),
        20 => (entity(), threshold).prop_map(|(entity, threshold)| Step::Query(entity, threshold)),
    ]
}

/// The index and, beside it, the plain list of what it should hold.
struct Twin {
    index: Index,
    scratch: Scratch,
    live: BTreeMap<DocumentId, Entity>,
    inserted: u64,
}

impl Twin {
    fn new() -> Twin {
        Twin { index: Index::new(), scratch: Scratch::new(), live: BTreeMap::new(), inserted: 0 }
    }

    fn take(&mut self, step: Step, file: &Path) {
        match step {
            Step::Insert(entity) => self.insert(entity),
            Step::Remove(nth) => {
                let id = DocumentId(nth as u64 * 3);
                assert_eq!(self.index.remove(id), self.live.remove(&id).is_some());
                assert!(!self.index.contains(id));
            }
            Step::Reopen => {
                let stamp = Stamp { bytes: self.inserted.to_le_bytes().to_vec() };
                self.index.save(file, &stamp).expect("the index saves");
                let (index, opened) = Index::open(file).expect("what was saved opens");
                assert_eq!(opened, stamp);
                index.verify().expect("what was saved is intact");
                self.index = index;
            }
            Step::Query(entity, threshold) => self.check(&entity, threshold),
        }
        assert_eq!(self.index.len(), self.live.len());
    }

    fn insert(&mut self, entity: Entity) {
        let id = DocumentId(self.inserted * 3);
        self.inserted += 1;
        let Entity { group, names, identifiers } = &entity;
        self.index.insert(Document { id, group: *group, names, identifiers });
        self.live.insert(id, entity);
        assert!(self.index.contains(id));
    }

    fn check(&mut self, entity: &Entity, threshold: u32) {
        let groups = 0b011 << (entity.group & 1);
        let query = Query { groups, names: &entity.names, identifiers: &entity.identifiers, threshold };
        let found = self.index.candidates(&query, &mut self.scratch);
        assert!(found.is_sorted_by(|a, b| a < b), "ascending, each once");
        for id in &found {
            assert!(groups >> self.live[id].group & 1 == 1, "only live documents of the groups asked for");
        }
        for (id, document) in &self.live {
            let asked = groups >> document.group & 1 == 1;
            if asked && answers(entity, document, threshold) {
                assert!(found.binary_search(id).is_ok(), "lost {document:?} for {entity:?} at {threshold}");
            }
        }
    }
}

/// What `candidates` promises, from scratch.
fn answers(query: &Entity, document: &Entity, threshold: u32) -> bool {
    let scored = |a: &Name, b: &Name| !a.is_empty() && !b.is_empty() && score(a, b) >= threshold;
    query.identifiers.iter().any(|identifier| document.identifiers.contains(identifier))
        || query.names.iter().any(|a| document.names.iter().any(|b| scored(a, b)))
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn candidates_contain_every_document_that_scores_at_the_threshold(
        steps in prop::collection::vec(step(), 100..300)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut twin = Twin::new();
        for step in steps {
            twin.take(step, &folder.path().join("index"));
        }
    }
}

#[test]
fn one_scratch_serves_two_indexes() {
    let bearer =
        |text| Entity { group: 0, names: vec![analyse(text, NameKind::Person)], identifiers: vec![] };
    let (mut first, mut second) = (Twin::new(), Twin::new());
    first.insert(bearer("Tarvo Melinkat"));
    second.insert(bearer("Osgar Pliveen"));
    second.insert(bearer("Tarvo Melinkat"));
    let asked = [analyse("Tarvo Melinkat", NameKind::Person)];
    let query = Query { groups: 1, names: &asked, identifiers: &[], threshold: 900_000 };
    let scratch = &mut Scratch::new();
    for _ in 0..2 {
        assert_eq!(first.index.candidates(&query, scratch), [DocumentId(0)]);
        assert_eq!(second.index.candidates(&query, scratch), [DocumentId(3)]);
    }
}

/// Names that all share their tokens with hundreds of others: the case where tokens are left out and postings refined.
#[test]
fn names_of_popular_tokens_are_found() {
    let given = ["Kario", "Tamsin", "Belu", "Shadov", "Yamar"];
    let family = ["Quasan", "Zhotal", "Marida", "Elbenka", "Risando", "Lukamar"];
    let mut twin = Twin::new();
    for number in 0..1_500 {
        let (first, second) = (given[number % 5], family[number / 5 % 6]);
        let middle = ["", "al", "K", "Benmor"][number / 30 % 4];
        let names = vec![analyse(&format!("{first} {middle} {second}"), NameKind::Person)];
        twin.insert(Entity { group: 0, names, identifiers: vec![] });
    }
    for text in
        ["Kario Quasan", "Zhotal Belu", "T Marida", "Yamar al Lukamar", "Shadovelbenka", "K T", "Belu"]
    {
        let asked = Entity { group: 0, names: vec![analyse(text, NameKind::Person)], identifiers: vec![] };
        for threshold in [500_000, 700_000, 850_000, 950_000] {
            twin.check(&asked, threshold);
        }
    }
}
