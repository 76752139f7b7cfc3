//! A join: neighbouring words taken as one.
//!
//! In go where it stands and the words of its name; out come its form and what is seen of it at a glance. Either is found when somebody
//! asks for it and kept: most joins are told from every word of another name at a glance, and their forms are never made.

use crate::form::{self, Form};
use crate::glance::Glance;
use crate::name::{Token, UnitShape};
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) shape: UnitShape,
    glance: OnceLock<Glance>,
    form: OnceLock<Form>,
}

impl Join {
    /// Of the words that `shape` covers.
    pub(crate) fn new(shape: UnitShape) -> Self {
        Self { shape, glance: OnceLock::new(), form: OnceLock::new() }
    }

    /// With a form that does not follow from the words alone.
    pub(crate) fn formed(shape: UnitShape, form: Form) -> Self {
        Self { shape, glance: OnceLock::new(), form: form.into() }
    }

    /// Its form. `tokens` are all words of its name.
    pub(crate) fn form(&self, tokens: &[Token]) -> &Form {
        self.form.get_or_init(|| Form::new(&self.text(tokens), true))
    }

    /// What its form shows at a glance.
    pub(crate) fn glance(&self, tokens: &[Token]) -> &Glance {
        if let Some(form) = self.form.get() {
            return form.glance();
        }
        self.glance.get_or_init(|| {
            form::glance_at_join(&self.text(tokens)).unwrap_or_else(|| *self.form(tokens).glance())
        })
    }

    fn text(&self, tokens: &[Token]) -> String {
        tokens[self.shape.tokens()].iter().map(|token| token.form.text()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::name::{NameKind, analyse};

    #[test]
    fn a_glance_is_that_of_the_form() {
        for text in [
            "Abd al-Rahman Zarin",
            "Zhuk Xcwq Zelinovich-Tarvo",
            "chchch cwcwcw xjxjx",
            "h h h",
            "Тарво Зелинович Бродан",
            "Щукин Юлия Жаковская",
            "عبد الرحمن زرين",
            "زرين Tarvo",
            "王小明",
            "タルボ ゼリン",
            "Tarvo ゼリン",
            "김하늘 Tarvo",
            "თარვო ზელინაშვილი",
            "Զելինյան Տարվո",
            "Tarvo 7 Zelin",
        ] {
            for kind in [NameKind::Person, NameKind::Organisation, NameKind::Object] {
                let name = analyse(text, kind);
                for join in name.joins() {
                    let seen = *join.glance(name.tokens());
                    assert_eq!(seen, *join.form(name.tokens()).glance(), "{text} {:?}", join.shape);
                }
            }
        }
    }
}
