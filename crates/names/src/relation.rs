//! The token relation: which forms may be taken for one another, and how alike they are.
//!
//! In go two forms; out comes the strongest relation between them, or none. Symmetric; 1000 for a form with itself. Every
//! relation here has its key in `Form::keys`; a new one must bring its own.
//!
//! | relation | holds when | similarity |
//! |---|---|---|
//! | Equal | the same letters after folding and romanising | 1000 |
//! | Class | a common romanisation reading (classes.tsv) | 960 |
//! | Equivalent | words of one group (forms.tsv, name_forms.txt.gz) | 950 |
//! | Skeleton | an abjad and a vowelled script, equal consonants; less for each vowel that does not go with it | ≤ 900 |
//! | Vowels | three consonants or more equal in class and place, vowels of any quality between them | 860 |
//! | Reading | different syllabic letters read alike | 800 |
//! | SoundEdit | one edit between the usual romanisation readings | 960 · (1 − 1 / classes of the longer) |
//! | Edits | within the edit budget of the shorter spelling (edit.rs) | 1000 · (1 − edits / letters of the longer) |

use crate::edit;
use crate::form::{Facts, Form, Writing};
use crate::groups;

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
    /// Equal consonants, vowels written differently.
    Vowels,
    /// Different syllable signs that are read alike.
    Reading,
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

/// The strongest relation between two forms, if any. Symmetric; any two related forms share a key.
pub fn relate(a: &Form, b: &Form) -> Option<Related> {
    if !a.may_sound_like(b) {
        return mistyped(a.facts(), b.facts());
    }
    if a.text() == b.text() {
        return related(RelationKind::Equal, 1000);
    }
    let (a, b) = (a.facts(), b.facts());
    let strong = same_spelling(a, b).or_else(|| same_class(a, b)).or_else(|| equivalent(a, b));
    strong.or_else(|| {
        [skeleton(a, b), vowels(a, b), mistyped(a, b)]
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
    (!both_syllabic && meet(&a.classes, &b.classes)).then(|| related(RelationKind::Class, 960))?
}

fn equivalent(a: &Facts, b: &Facts) -> Option<Related> {
    groups::meet(&a.groups, &b.groups).then(|| related(RelationKind::Equivalent, 950))?
}

fn vowels(a: &Facts, b: &Facts) -> Option<Related> {
    let both_syllabic = a.writing == Writing::Syllabic && b.writing == Writing::Syllabic;
    (!both_syllabic && meet(&a.frames, &b.frames)).then(|| related(RelationKind::Vowels, 860))?
}

/// Equal consonants between an abjad and another script. Of one or two consonants little is left, so every written vowel must
/// agree; of three one may differ, of more two.
fn skeleton(a: &Facts, b: &Facts) -> Option<Related> {
    let (abjad, other) = match (a.writing, b.writing) {
        (Writing::Abjad, Writing::Abjad) => return None,
        (Writing::Abjad, _) => (a, b),
        (_, Writing::Abjad) => (b, a),
        _ => return None,
    };
    let pairs = abjad.skeletons.iter().flat_map(|x| other.skeletons.iter().map(move |y| (x, y)));
    let similarity = |disagreements: usize, consonants: u8| match (consonants, disagreements) {
        (1, 0) => Some(850),
        (2, 0) => Some(880),
        (3, 0..=1) | (4.., 0..=2) => Some(900 - 60 * disagreements as u16),
        _ => None,
    };
    pairs
        .filter(|(x, y)| x.key == y.key)
        .filter_map(|(x, y)| similarity(x.disagreements(*y), x.consonants))
        .max()
        .and_then(|similarity| related(RelationKind::Skeleton, similarity))
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
    if longer - shorter > budget || (a.letters ^ b.letters).count_ones() as usize > 2 * budget {
        return None;
    }
    let edits = edit::distance(&a.spelling, &b.spelling).filter(|&edits| edits > 0)?;
    related(RelationKind::Edits(edits as u8), (1000 - 1000 * edits / longer) as u16)
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
            ("khurshid", "xurshid", Some((Class, 960))),
            ("al", "ash", Some((Equivalent, 950))),
            ("zarinqul", "زرنقول", Some((Skeleton, 900))),
            ("zarinqul", "zoranqil", Some((Vowels, 860))),
            ("volodymyr", "уладзімір", Some((Equivalent, 950))),
            ("明", "鳴", Some((Reading, 800))),
            ("marsil", "narsil", Some((Edits(1), 834))),
            ("zarin", "zoltan", None),
            ("hull7", "hull8", None),
            ("محمد", "محمود", Some((Edits(1), 800))),
        ] {
            let found = relate(&form(a), &form(b)).map(|related| (related.kind, related.similarity.0));
            assert_eq!(found, expected, "{a} {b}");
        }
    }
}
