//! How a word is used in names, as the tables say: what may tell its role and its weight.
//!
//! In goes a form, out comes everything that is known of it whatever stands around it. It follows from the form alone, so a form asks once.

use crate::form::{Form, Writing};
use crate::parts;
use crate::rarity::{self, Commonness};
use crate::words::{self, Uses};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What is known of one word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// What the table of words says of it in a name of each kind.
    pub(crate) known: Uses,
    pub(crate) commonness: Commonness,
    /// The part of a name that the table says it is.
    pub(crate) listed: Option<parts::Known>,
    pub(crate) ends_as_family: bool,
}

/// The words of both tables.
static LISTED: LazyLock<FxHashMap<&'static str, (Uses, Option<parts::Known>)>> = LazyLock::new(|| {
    let mut listed: FxHashMap<_, (Uses, Option<parts::Known>)> =
        words::all().into_iter().map(|(word, uses)| (word, (uses, None))).collect();
    for (word, part) in parts::all() {
        listed.entry(word).or_default().1 = Some(part);
    }
    listed
});

impl Usage {
    pub(crate) fn of(form: &Form) -> Self {
        let (mut known, mut listed) = LISTED.get(form.text()).copied().unwrap_or_default();
        // Text of ASCII is its own spelling.
        if !form.text().is_ascii()
            && let Some((by_spelling, part)) = LISTED.get(form.spelling())
        {
            listed = listed.or(*part);
            // The romanisation of one sign says nothing: 德 is not the particle "de".
            if form.facts().writing != Writing::Syllabic {
                known.iter_mut().zip(by_spelling).for_each(|(known, other)| *known = known.or(*other));
            }
        }
        let (commonness, ends_as_family) = (rarity::commonness(form), parts::ends_as_family(form));
        Self { known, commonness, listed, ends_as_family }
    }
}
