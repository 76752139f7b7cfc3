//! A join: neighbouring words taken as one.
//!
//! In go where it stands and the words of its name; out comes how it is related to a word. Most joins are told from every word of another
//! name by the consonants that their own words have in every reading, so their forms are made only when somebody asks for them.

use crate::border::Bones;
use crate::form::Form;
use crate::glance::Marks;
use crate::groups;
use crate::inflection::inflection;
use crate::name::{Token, UnitShape};
use crate::relation::{Related, relate};
use crate::romanise::class_key;
use smallvec::SmallVec;
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) shape: UnitShape,
    /// What every reading of its form has.
    bones: Bones,
    /// Of the groups that its form is in.
    groups: Marks,
    form: OnceLock<Form>,
}

impl Join {
    /// Of the words of `tokens` that `shape` covers.
    pub(crate) fn new(shape: UnitShape, tokens: &[Token]) -> Self {
        let covered = &tokens[shape.tokens()];
        match bones(covered) {
            Some(bones) => Self { shape, bones, groups: groups_of(covered), form: OnceLock::new() },
            None => Self::formed(shape, Form::new(&text(covered), true)),
        }
    }

    /// With a form that is made at once, and seen as it is.
    pub(crate) fn formed(shape: UnitShape, form: Form) -> Self {
        Self { shape, bones: Bones::default(), groups: Marks::default(), form: form.into() }
    }

    /// Its form. `tokens` are all words of its name.
    pub(crate) fn form(&self, tokens: &[Token]) -> &Form {
        self.form.get_or_init(|| Form::new(&text(&tokens[self.shape.tokens()]), true))
    }

    /// How it is related to a word.
    #[inline]
    pub(crate) fn relate(&self, tokens: &[Token], word: &Form) -> Option<Related> {
        let seen = word.glance();
        let may_be = self.bones.are_within(seen.bones) || self.groups.meet(seen.groups);
        if may_be { relate(self.form(tokens), word) } else { None }
    }
}

fn text(covered: &[Token]) -> String {
    let mut text = String::with_capacity(covered.iter().map(|token| token.form.text().len()).sum());
    for token in covered {
        text.push_str(token.form.text());
    }
    text
}

/// What every reading of a join has; none where it is not read as its words are in turn.
fn bones(covered: &[Token]) -> Option<Bones> {
    let mut borders = covered.iter().map(|token| token.form.facts().border.as_ref());
    let mut before = borders.next()??;
    let mut bones = before.bones;
    for border in borders {
        let next = border.filter(|next| before.is_clean(next))?;
        bones = bones.then(next.bones);
        before = next;
    }
    Some(bones)
}

/// The groups of a join that is read as its words are in turn.
fn groups_of(covered: &[Token]) -> Marks {
    let facts = || covered.iter().map(|token| token.form.facts());
    let groups = groups::of_sound(class_key(facts().map(super::form::Facts::sound)));
    let mut spelling = SmallVec::<[u8; 64]>::new();
    facts().for_each(|facts| spelling.extend_from_slice(&facts.spelling));
    Marks::of_groups(&groups, inflection(&spelling))
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
