//! A join: neighbouring words taken as one.
//!
//! In go where it stands and the words of its name; out come its form and whether it may be related to a word. Most joins are told from every
//! word of another name by what all their readings have in common, so their forms are made only when somebody asks for them.

use crate::bones::{self, Bones};
use crate::form::{Form, Writing};
use crate::glance::Marks;
use crate::groups;
use crate::inflection::{may_end, shapes};
use crate::key::Key;
use crate::name::{Token, UnitShape};
use crate::rewrite::Keyed;
use crate::romanise::romanise;
use crate::transcription;
use smallvec::SmallVec;
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) shape: UnitShape,
    read: Read,
    form: OnceLock<Box<Form>>,
}

/// What tells a join from words.
#[derive(Clone, Debug)]
struct Read {
    /// Of all its readings.
    bones: Bones,
    /// Of the groups that its form is in.
    groups: Marks,
    /// Those that its inflection may have.
    shapes: Shapes,
}

impl Join {
    /// Of the words of `tokens` that `shape` covers, read in turn if they may be.
    pub(crate) fn new(shape: UnitShape, tokens: &[Token], in_turn: Option<&InTurn>) -> Self {
        let covered = &tokens[shape.tokens()];
        let read = match in_turn {
            Some(words) => Some(words.read(covered)),
            None => read(covered),
        };
        match read {
            Some(read) if read.bones.has_any() => Self { shape, read, form: OnceLock::new() },
            _ => Self::formed(shape, joined(covered)),
        }
    }

    /// With a form that is made at once, and seen as it is.
    pub(crate) fn formed(shape: UnitShape, form: Form) -> Self {
        let read = Read { bones: Bones::UNKNOWN, groups: Marks::default(), shapes: Shapes::new() };
        Self { shape, read, form: Box::new(form).into() }
    }

    /// Its form. `tokens` are all words of its name.
    pub(crate) fn form(&self, tokens: &[Token]) -> &Form {
        self.form.get_or_init(|| Box::new(joined(&tokens[self.shape.tokens()])))
    }

    /// False only if it is not related to a word.
    #[inline]
    pub(crate) fn may_be_related(&self, word: &Form) -> bool {
        let (read, seen) = (&self.read, word.glance());
        read.bones.may_meet(seen.bones)
            || read.groups.meet(seen.groups)
            || (seen.shape != 0 && read.shapes.contains(&seen.shape))
            || seen.signs
    }
}

/// The form of words taken as one.
fn joined(covered: &[Token]) -> Form {
    Form::new(&text(covered), true)
}

fn text(covered: &[Token]) -> String {
    let mut text = String::with_capacity(covered.iter().map(|token| token.form.text().len()).sum());
    for token in covered {
        text.push_str(token.form.text());
    }
    text
}

/// 2: that of its stem, and seldom another of the same father.
type Shapes = SmallVec<[u32; 2]>;

impl Read {
    /// Of a join in letters, by the consonants and the key of its usual reading, but for its inflection.
    fn heard(bones: Bones, usual: u64) -> Self {
        let mut groups = Marks::default();
        groups.add_groups(&groups::of_sound(usual));
        Self { bones, groups, shapes: Shapes::new() }
    }

    /// With its spelling, by which its inflection is known.
    fn spelt(mut self, spelling: &[u8]) -> Self {
        shapes(spelling, |shape| self.shapes.push(shape));
        self
    }
}

/// What tells a join from words; none if only its form does.
fn read(covered: &[Token]) -> Option<Read> {
    let are = |writing| covered.iter().all(|token| token.form.facts().writing == writing);
    let text = text(covered);
    if are(Writing::Abjad) {
        let (bones, spelling) = bones::read_abjad(&text);
        let mut marks = Marks::default();
        marks.add_groups(&groups::of_letters(&text));
        marks.add(spelling);
        return Some(Read { bones, groups: marks, shapes: Shapes::new() });
    }
    if !are(Writing::Alphabetic) || transcription::begins_in_signs(&text) {
        return None;
    }
    if text.is_ascii() {
        let (bones, usual) = bones::read(text.as_bytes());
        return Some(Read::heard(bones, usual).spelt(text.as_bytes()));
    }
    let romanised = romanise(&text);
    let mut read = romanised.sounds.iter().map(|sound| bones::read(sound));
    let (first, usual) = read.next()?;
    let bones = read.fold(first, |bones, (more, _)| bones.or(more));
    Some(Read::heard(bones, usual).spelt(&romanised.spelling))
}

/// Words that are read in a join as they are one by one.
pub(crate) struct InTurn {
    bones: Bones,
    usual: Keyed<{ Key::Class as u8 }>,
}

impl InTurn {
    /// Of the first word; none if other letters beside it may change how it is read, or if it is in signs, which may be a transcription.
    pub(crate) fn of(word: &Form) -> Option<Self> {
        word.facts().border.as_ref().filter(|_| !transcription::begins_in_signs(word.text()))?;
        let mut read = Self { bones: Bones::EMPTY, usual: Keyed::default() };
        read.add(word);
        Some(read)
    }

    /// Adds a word whose border with the one before is clean.
    pub(crate) fn add(&mut self, word: &Form) {
        self.bones = self.bones.then(word.glance().bones);
        self.usual.follow(&word.facts().sound);
    }

    fn read(&self, covered: &[Token]) -> Read {
        let read = Read::heard(self.bones, self.usual.hashing.done());
        let spellings = covered.iter().map(|token| &token.form.facts().spelling);
        if !spellings.clone().next_back().is_some_and(|last| may_end(last)) {
            return read;
        }
        let mut spelling = SmallVec::<[u8; 64]>::new();
        spellings.for_each(|letters| spelling.extend_from_slice(letters));
        read.spelt(&spelling)
    }
}

/// True if the readings of two words that are written together are those of the words in turn.
pub(crate) fn is_clean(word: &Form, next: &Form) -> bool {
    let borders = word.facts().border.as_ref().zip(next.facts().border.as_ref());
    borders.is_some_and(|(word, next)| word.is_clean(next))
}

#[cfg(test)]
mod tests {
    use crate::name::{NameKind, analyse};
    use crate::relation::relate;

    #[test]
    fn a_join_that_is_not_made_may_be_related_where_its_form_is() {
        let texts = [
            "Abd al-Rahman Zarin",
            "Abdurrahman Abdalrahman Zarin",
            "Zhuk Xcwq Zelinovich-Tarvo",
            "Jean Pierre Jeanpierre",
            "chchch cwcwcw xjxjx",
            "h h h",
            "Ai Oe",
            "Тарво Зелинович Бродан",
            "Tarvozelinovich Zelinovichbrodan",
            "Щукин Юлия Жаковская",
            "عبد الرحمن زرين",
            "زرين Tarvo",
            "王小明 タルボ ゼリン",
            "Tarvo ゼリン",
            "タルボ ゼリン",
            "タルボゼリン Tarvozelin",
            "김하늘 Tarvo",
            "თარვო ზელინაშვილი თარვოზელინაშვილი",
            "Զելինյան Տարվո",
            "Tarvo 7 Zelin",
        ];
        let mut related = 0;
        for kind in [NameKind::Person, NameKind::Organisation, NameKind::Object] {
            for (text, other) in texts.iter().flat_map(|text| texts.map(|other| (*text, other))) {
                let (name, other) = (analyse(text, kind), analyse(other, kind));
                for (join, word) in
                    name.joins().iter().flat_map(|join| other.tokens().iter().map(move |word| (join, word)))
                {
                    let found = relate(join.form(name.tokens()), &word.form);
                    assert!(found.is_none() || join.may_be_related(&word.form), "{text} {}", word.raw);
                    related += usize::from(found.is_some());
                }
            }
        }
        assert!(related > 10, "{related}");
    }
}
