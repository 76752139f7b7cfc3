//! A join: neighbouring words taken as one.
//!
//! In go where it stands and the words of its name; out comes how it is related to a word. Most joins are told from every word of another
//! name by what all their readings have in common, so their forms are made only when somebody asks for them.

use crate::bones::{self, Bones};
use crate::form::{Form, Writing};
use crate::glance::Marks;
use crate::groups;
use crate::inflection::inflection;
use crate::key::Key;
use crate::name::{Token, UnitShape};
use crate::relation::{Related, relate};
use crate::rewrite::{Keyed, extend};
use crate::romanise::romanise;
use crate::transcription;
use smallvec::SmallVec;
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) shape: UnitShape,
    /// Of all its readings.
    bones: Bones,
    /// Of the groups that its form is in.
    groups: Marks,
    form: OnceLock<Box<Form>>,
}

impl Join {
    /// Of the words of `tokens` that `shape` covers.
    pub(crate) fn new(shape: UnitShape, tokens: &[Token]) -> Self {
        let covered = &tokens[shape.tokens()];
        match read(covered) {
            Some((bones, groups)) => Self { shape, bones, groups, form: OnceLock::new() },
            None => Self::formed(shape, joined(covered)),
        }
    }

    /// With a form that is made at once, and seen as it is.
    pub(crate) fn formed(shape: UnitShape, form: Form) -> Self {
        Self { shape, bones: Bones::UNKNOWN, groups: Marks::default(), form: Box::new(form).into() }
    }

    /// Its form. `tokens` are all words of its name.
    pub(crate) fn form(&self, tokens: &[Token]) -> &Form {
        self.form.get_or_init(|| Box::new(joined(&tokens[self.shape.tokens()])))
    }

    /// How it is related to a word.
    #[inline]
    pub(crate) fn relate(&self, tokens: &[Token], word: &Form) -> Option<Related> {
        let seen = word.glance();
        let may_be = self.bones.may_meet(seen.bones) || self.groups.meet(seen.groups) || seen.signs;
        if may_be { relate(self.form(tokens), word) } else { None }
    }
}

/// The form of words taken as one.
fn joined(covered: &[Token]) -> Form {
    Form::new(&text(covered), true)
}

fn text(covered: &[Token]) -> String {
    let mut text = String::with_capacity(covered.iter().map(|token| token.form.text().len()).sum());
    covered.iter().for_each(|token| text.push_str(token.form.text()));
    text
}

/// What tells a join from words: the consonants of its readings, and its groups; none if only its form does.
fn read(covered: &[Token]) -> Option<(Bones, Marks)> {
    let are = |writing| covered.iter().all(|token| token.form.facts().writing == writing);
    let (bones, marks) = if let Some((bones, usual)) = in_turn(covered) {
        let mut spelling = SmallVec::<[u8; 64]>::new();
        covered.iter().for_each(|token| spelling.extend_from_slice(&token.form.facts().spelling));
        (bones, Marks::of_groups(&groups::of_sound(usual), inflection(&spelling)))
    } else if are(Writing::Alphabetic) {
        let text = text(covered);
        if transcription::begins_in_signs(&text) {
            return None;
        }
        let romanised = romanise(&text);
        let mut read = romanised.sounds.iter().map(|sound| bones::read(sound));
        let (first, usual) = read.next()?;
        let bones = read.fold(first, |bones, (more, _)| bones.or(more));
        (bones, Marks::of_groups(&groups::of_sound(usual), inflection(&romanised.spelling)))
    } else if are(Writing::Abjad) {
        let text = text(covered);
        let (bones, spelling) = bones::read_abjad(&text);
        let mut marks = Marks::of_groups(&groups::of_letters(&text), None);
        marks.add(spelling);
        (bones, marks)
    } else {
        return None;
    };
    bones.has_any().then_some((bones, marks))
}

/// The consonants and the usual reading of a join that is read as its words are in turn.
fn in_turn(covered: &[Token]) -> Option<(Bones, u64)> {
    let mut borders = covered.iter().map(|token| token.form.facts().border.as_ref());
    let mut before = borders.next()??;
    for border in borders {
        before = border.filter(|next| before.is_clean(next))?;
    }
    let bones = covered.iter().map(|token| token.form.glance().bones).reduce(Bones::then)?;
    let mut usual = Keyed::<{ Key::Class as u8 }>::default();
    covered.iter().for_each(|token| extend(&mut usual, token.form.facts().sound(), true));
    Some((bones, usual.hashing.done()))
}

#[cfg(test)]
mod tests {
    use crate::name::{NameKind, analyse};
    use crate::relation::relate;

    #[test]
    fn a_join_that_is_not_made_is_related_as_its_form_is() {
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
                    let found = join.relate(name.tokens(), &word.form);
                    assert_eq!(found, relate(join.form(name.tokens()), &word.form), "{text} {}", word.raw);
                    related += usize::from(found.is_some());
                }
            }
        }
        assert!(related > 10, "{related}");
    }
}
