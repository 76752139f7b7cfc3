//! The forms of words that were made last, since names share most of their words. Of joins only one in thirty comes again soon enough to be
//! worth a place.
//!
//! In goes a folded word; out comes its form, made anew or as it was made before. A form follows from its text alone, so nobody can tell which.
//! Each thread keeps its own, at most `FORMS_MAX`: a new one takes the place of the one that was asked for longer ago of two whose texts have
//! the same slots. A thread that ends leaves what it kept to the next that begins.

use crate::form::Form;
use rustc_hash::FxBuildHasher;
use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// 16,384: three in four words of a population are found, four in five with any number; some 10 MB.
const FORMS_MAX: usize = 1 << 14;
/// 16: what more threads kept than that is let go.
const LEFT_MAX: usize = 16;

#[derive(Clone, Default)]
struct Slot {
    hash: u64,
    form: Option<Form>,
}

struct Slots(Vec<Slot>);

/// What threads that ended kept.
static LEFT: Mutex<Vec<Vec<Slot>>> = Mutex::new(Vec::new());

thread_local! {
    static SLOTS: RefCell<Slots> = RefCell::new(Slots::take());
}

impl Slot {
    /// The form of this text, if it is here.
    fn form(&self, hash: u64, text: &str) -> Option<&Form> {
        self.form.as_ref().filter(|form| self.hash == hash && form.text() == text)
    }
}

impl Slots {
    fn take() -> Self {
        let left = Self::left().pop();
        Self(left.unwrap_or_else(|| vec![Slot::default(); FORMS_MAX]))
    }

    fn left() -> MutexGuard<'static, Vec<Vec<Slot>>> {
        LEFT.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        let mut left = Self::left();
        if left.len() < LEFT_MAX {
            left.push(std::mem::take(&mut self.0));
        }
    }
}

/// The form of a word.
pub(crate) fn word(text: &str) -> Form {
    let hash = FxBuildHasher.hash_one(text);
    SLOTS.with_borrow_mut(|Slots(slots)| {
        let first = 2 * (hash as usize % (FORMS_MAX / 2));
        let [newer, older] = slots[first..].first_chunk_mut().expect("slots come in pairs");
        if let Some(form) = newer.form(hash, text) {
            return form.clone();
        }
        std::mem::swap(newer, older);
        if let Some(form) = newer.form(hash, text) {
            return form.clone();
        }
        newer.hash = hash;
        newer.form.insert(Form::new(text, false)).clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_was_made_before_is_the_same() {
        for number in (0..FORMS_MAX).chain(0..5) {
            let text = format!("ali{number}");
            assert_eq!(word(&text), Form::new(&text, false));
        }
        let elsewhere = std::thread::spawn(|| word("zarin")).join().unwrap();
        let next = std::thread::spawn(|| word("zarin")).join().unwrap();
        assert_eq!((&elsewhere, &next), (&word("zarin"), &word("zarin")));
        for (text, known) in [("al", true), ("zarin", false), ("al", true)] {
            assert_eq!(word(text).usage().known[0].is_some(), known, "{text}");
        }
    }
}
