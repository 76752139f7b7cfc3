//! The forms that were made last, since names share most of their words.
//!
//! In goes folded text and whether it was joined; out comes its form, made anew or as it was made before. A form follows from its text
//! alone, so nobody can tell which. Each thread keeps its own, at most `FORMS_MAX`: a new one takes the place of the one whose text has
//! the same slot.

use crate::form::Form;
use rustc_hash::FxBuildHasher;
use std::cell::RefCell;
use std::hash::BuildHasher;

/// 65,536: two in three words and joins of mixed lists of names are found, half with a half of it; some 30 MB.
const FORMS_MAX: usize = 1 << 14;

#[derive(Clone, Default)]
struct Slot {
    hash: u64,
    form: Option<Form>,
}

thread_local! {
    static SLOTS: RefCell<Vec<Slot>> = RefCell::new(vec![Slot::default(); FORMS_MAX]);
}

/// The form of a word, or of several joined.
pub(crate) fn form(text: &str, joined: bool) -> Form {
    let hash = FxBuildHasher.hash_one((text, joined));
    SLOTS.with_borrow_mut(|slots| {
        let slot = &mut slots[hash as usize % FORMS_MAX];
        let same = |form: &&Form| slot.hash == hash && form.text() == text && form.is_joined() == joined;
        if let Some(form) = slot.form.as_ref().filter(same) {
            return form.clone();
        }
        slot.hash = hash;
        slot.form.insert(Form::new(text, joined)).clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_was_made_before_is_the_same() {
        for number in (0..FORMS_MAX).chain(0..5) {
            let text = format!("ali{number}");
            assert_eq!(form(&text, false), Form::new(&text, false));
            assert_eq!(form(&text, true), Form::new(&text, true));
        }
        for (text, known) in [("al", true), ("zarin", false), ("al", true)] {
            assert_eq!(form(text, false).usage().known[0].is_some(), known, "{text}");
        }
    }
}
