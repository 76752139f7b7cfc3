//! The token relation: which forms may be taken for one another, and how alike they are.
//!
//! In go two forms; out comes the strongest relation between them, or none. Symmetric; 1000 for a form with itself. Every
//! relation here has its key in `Form::keys`; a new one must bring its own.
//!
//! | relation | holds when | similarity |
//! |---|---|---|
//! | Equal | the same letters after folding and romanising | 1000 |
//! | Class | a common romanisation reading (classes.tsv) | 985 |
//! | Equivalent | words of one group (forms.tsv, name_forms.txt.gz) or one meaning (phrases.rs); 900 when most of their sounds differ, as in short forms, or one is in syllable signs | 950 |
//! | Skeleton | an abjad and a vowelled script, equal consonants; less for each vowel that does not go with it | ≤ 940 |
//! | Skeleton | two abjads, equal consonants; less for each vowel that only one writes | ≤ 940 |
//! | Vowels | three consonants or more, or two and two vowels, equal in class and place; less for each vowel of another quality | ≤ 930 |
//! | Equivalent | patronymics of one father and gender in East Slavic languages (inflection.rs) | 930 |
//! | Dialect | a family name in the spellings of East Slavic languages (inflection.rs) | 920 |
//! | Gender | the same, one of a man and one of a woman | 850 |
//! | Reading | different syllabic letters read alike | 800 |
//! | Transcription | Han, Hangul or Kana signs that write the word's syllables (transcription.rs) | 720 to 990 |
//! | Acronym | a word is the first letters of several | 800 |
//! | SoundEdit | one edit between the usual romanisation readings | 960 · (1 − 1 / classes of the longer) |
//! | Edits | within the edit budget of the shorter spelling (edit.rs) | 1000 − 950 · edits / letters of the longer |

use crate::edit;
use crate::form::{Facts, Form, Writing};
use crate::groups;
use crate::skeleton::Skeleton;
use crate::transcription;

/// How alike two forms are, in thousandths: 0..=1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Similarity(pub u16);

impl Similarity {
    /// Of a form with itself.
    pub const FULL: Self = Self(1000);
}

/// Why two forms may be taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// The same letters after folding and romanising.
    Equal,
    /// Different romanisations of the same sounds.
    Class,
    /// Forms of one word by table.
    Equivalent,
    /// Equal consonants, one side written without short vowels.
    Skeleton,
    /// One East Slavic name in the spellings of two languages.
    Dialect,
    /// A family name in its forms for men and for women.
    Gender,
    /// Equal consonants, vowels written differently.
    Vowels,
    /// Different syllable signs that are read alike.
    Reading,
    /// A foreign name written in syllable signs.
    Transcription,
    /// A word that is the first letters of several.
    Acronym,
    /// One typing error in a letter that other scripts write with several.
    SoundEdit,
    /// As many typing errors as given.
    Edits(u8),
}

/// That two forms are related, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Related {
    /// Why.
    pub kind: RelationKind,
    /// How alike.
    pub similarity: Similarity,
}

/// The strongest relation between two forms, if any. Symmetric; two related forms share a key unless both are joined.
#[inline]
pub fn relate(a: &Form, b: &Form) -> Option<Related> {
    if a.glance().may_be_related(b.glance()) { relate_closely(a, b) } else { None }
}

/// The same for two forms that may be related.
fn relate_closely(a: &Form, b: &Form) -> Option<Related> {
    let (seen, other) = (a.glance(), b.glance());
    let transcribed = || seen.may_be_transcribed(other).then(|| transcribed(a.facts(), b.facts()))?;
    let mistyped = || seen.may_be_mistyped(other).then(|| mistyped(a.facts(), b.facts()))?;
    if !seen.may_sound_like(other) {
        return transcribed().or_else(mistyped);
    }
    if a.is_initials() != b.is_initials() {
        return acronym(a.facts(), b.facts());
    }
    if a.text() == b.text() {
        return related(RelationKind::Equal, 1000);
    }
    let (x, y) = (a.facts(), b.facts());
    let strong = same_spelling(x, y).or_else(|| same_class(x, y));
    strong.or_else(|| {
        [equivalent(x, y), skeleton(x, y), inflected(x, y), vowels(x, y), transcribed(), mistyped()]
            .into_iter()
            .flatten()
            .max_by_key(|related| rank(*related))
    })
}

/// Higher similarity first, then the earlier kind.
fn rank(related: Related) -> (Similarity, std::cmp::Reverse<RelationKind>) {
    (related.similarity, std::cmp::Reverse(related.kind))
}

#[expect(clippy::unnecessary_wraps, reason = "every caller answers an Option")]
fn related(kind: RelationKind, similarity: u16) -> Option<Related> {
    Some(Related { kind, similarity: Similarity(similarity) })
}

/// Initials of words beside the same letters as a word.
fn acronym(a: &Facts, b: &Facts) -> Option<Related> {
    let same = a.writing == b.writing && !a.spelling.is_empty() && a.spelling == b.spelling;
    same.then(|| related(RelationKind::Acronym, 800))?
}

fn same_spelling(a: &Facts, b: &Facts) -> Option<Related> {
    let one_is_abjad = (a.writing == Writing::Abjad) != (b.writing == Writing::Abjad);
    if one_is_abjad || a.spelling.is_empty() || a.spelling_hash != b.spelling_hash || a.spelling != b.spelling
    {
        return None;
    }
    let both_syllabic = a.writing == Writing::Syllabic && b.writing == Writing::Syllabic;
    if both_syllabic { related(RelationKind::Reading, 800) } else { related(RelationKind::Equal, 1000) }
}

fn same_class(a: &Facts, b: &Facts) -> Option<Related> {
    let both_syllabic = a.writing == Writing::Syllabic && b.writing == Writing::Syllabic;
    (!both_syllabic && meet(&a.classes, &b.classes)).then(|| related(RelationKind::Class, 985))?
}

fn equivalent(a: &Facts, b: &Facts) -> Option<Related> {
    let genders_differ =
        a.inflection.zip(b.inflection).is_some_and(|(x, y)| x.key == y.key && x.gender != y.gender);
    if genders_differ || !groups::meet(&a.groups, &b.groups) {
        return None;
    }
    let unlike = !a.sound.is_empty() && !b.sound.is_empty() && !edit::akin(&a.sound, &b.sound);
    let transcribed = a.signs.is_empty() != b.signs.is_empty();
    related(RelationKind::Equivalent, if unlike || transcribed { 900 } else { 950 })
}

/// Equal stems with East Slavic endings of one kind. A patronymic of the other gender is a sibling's.
fn inflected(a: &Facts, b: &Facts) -> Option<Related> {
    let (x, y) = (a.inflection?, b.inflection?);
    match (x.key == y.key, x.patronymic, x.gender == y.gender) {
        (false, ..) | (true, true, false) => None,
        (true, true, true) => related(RelationKind::Equivalent, 930),
        (true, false, true) => related(RelationKind::Dialect, 920),
        (true, false, false) => related(RelationKind::Gender, 850),
    }
}

/// Equal consonants with vowels in equal places. A single vowel is most of what tells short names apart, so it must agree.
fn vowels(a: &Facts, b: &Facts) -> Option<Related> {
    if a.writing == Writing::Syllabic || b.writing == Writing::Syllabic {
        return None;
    }
    let similarity = |x: &Skeleton, unlike: usize| match (x.consonants, x.runs(), unlike) {
        (_, 1, 0) => Some(840),
        (_, 1, _) => None,
        (2, _, 0) => Some(880),
        (2, ..) => None,
        (_, _, 0) => Some(930),
        (_, _, 1) => Some(860),
        _ => Some(800),
    };
    best(&a.frames, &b.frames, |x, y| similarity(x, x.unlike_vowels(*y)))
        .and_then(|similarity| related(RelationKind::Vowels, similarity))
}

/// The highest similarity of two skeletons of equal key.
fn best(
    a: &[Skeleton],
    b: &[Skeleton],
    similarity: impl Fn(&Skeleton, &Skeleton) -> Option<u16>,
) -> Option<u16> {
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| (x, y)));
    pairs.filter(|(x, y)| x.key == y.key).filter_map(|(x, y)| similarity(x, y)).max()
}

/// Equal consonants where at least one side is an abjad.
fn skeleton(a: &Facts, b: &Facts) -> Option<Related> {
    let similarity = match (a.writing, b.writing) {
        (Writing::Abjad, Writing::Abjad) => best(&a.skeletons, &b.skeletons, rewritten),
        (Writing::Abjad, _) => best(&a.skeletons, &b.skeletons, voiced),
        (_, Writing::Abjad) => best(&b.skeletons, &a.skeletons, voiced),
        _ => None,
    };
    similarity.and_then(|similarity| related(RelationKind::Skeleton, similarity))
}

/// An abjad beside a script with vowels. Of one or two consonants little is left, so every written vowel must agree; of three one may
/// differ, of more two.
fn voiced(abjad: &Skeleton, other: &Skeleton) -> Option<u16> {
    match (abjad.consonants, abjad.disagreements(*other)) {
        (1, 0) => Some(900),
        (2, 0) => Some(930),
        (3, disagreements @ 0..=1) | (4.., disagreements @ 0..=2) => Some(940 - 40 * disagreements as u16),
        _ => None,
    }
}

/// Two abjads. A written vowel is a letter like another, so one more or less is no nearer than a slip.
fn rewritten(a: &Skeleton, b: &Skeleton) -> Option<u16> {
    match (a.consonants, a.miswritten(*b)) {
        (2.., 0) => Some(940),
        (4.., miswritten @ 1..=2) => Some(840 - 60 * miswritten as u16),
        _ => None,
    }
}

/// A word and signs for its syllables.
fn transcribed(a: &Facts, b: &Facts) -> Option<Related> {
    let (word, signs) = match (a.signs.is_empty(), b.signs.is_empty()) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        _ => return None,
    };
    let similarity = meet(word.transcription(), signs.transcription())
        .then(|| transcription::similarity(&word.sound, &signs.signs))??;
    related(RelationKind::Transcription, similarity)
}

/// Typing errors, within a kind of writing: an abjad spelling has other letters than a romanised one.
fn mistyped(a: &Facts, b: &Facts) -> Option<Related> {
    if !a.editable || !b.editable || a.writing != b.writing {
        return None;
    }
    [edits(a, b), sound_edit(a, b)].into_iter().flatten().max_by_key(|related| rank(*related))
}

fn sound_edit(a: &Facts, b: &Facts) -> Option<Related> {
    let longer = a.sound.len().max(b.sound.len());
    edit::one_apart_in_sound(&a.sound, &b.sound)
        .then(|| related(RelationKind::SoundEdit, (960 - 960 / longer) as u16))?
}

fn edits(a: &Facts, b: &Facts) -> Option<Related> {
    let (shorter, longer) = (a.spelling.len().min(b.spelling.len()), a.spelling.len().max(b.spelling.len()));
    let budget = edit::budget(shorter);
    if longer - shorter > budget {
        return None;
    }
    let edits = edit::distance(&a.spelling, &b.spelling).filter(|&edits| edits > 0)?;
    related(RelationKind::Edits(edits as u8), (1000 - 950 * edits / longer) as u16)
}

/// True if two short lists have an entry in common.
fn meet(a: &[u64], b: &[u64]) -> bool {
    a.iter().any(|entry| b.contains(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RelationKind::{Class, Edits, Equal, Equivalent, Reading, Skeleton, Vowels};

    fn form(text: &str) -> Form {
        Form::new(text, false)
    }

    #[test]
    fn each_relation_has_its_similarity() {
        for (a, b, expected) in [
            ("zarin", "zarin", Some((Equal, 1000))),
            ("tarasov", "тарасов", Some((Equal, 1000))),
            ("émile", "emile", Some((Equal, 1000))),
            ("khurshid", "xurshid", Some((Class, 985))),
            ("al", "ash", Some((Equivalent, 950))),
            ("zarinqul", "زرنقول", Some((Skeleton, 940))),
            ("zarinqul", "zoranqil", Some((Vowels, 800))),
            ("volodymyr", "уладзімір", Some((Equivalent, 950))),
            ("zirsad", "zirsed", Some((Vowels, 930))),
            ("zirsad", "zarsad", Some((Vowels, 860))),
            ("zaroq", "zariq", Some((Vowels, 860))),
            ("ezor", "izur", Some((Vowels, 880))),
            ("زارینقول", "زرنقول", Some((Edits(1), 865))),
            ("明", "鳴", Some((Reading, 800))),
            ("marsil", "narsil", Some((Edits(1), 842))),
            ("zarin", "zoltan", None),
            ("hull7", "hull8", None),
            ("محمد", "محمود", Some((Edits(1), 810))),
        ] {
            let found = relate(&form(a), &form(b)).map(|related| (related.kind, related.similarity.0));
            assert_eq!(found, expected, "{a} {b}");
        }
    }
}
