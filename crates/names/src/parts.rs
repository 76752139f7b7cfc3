//! Words that are given names, and words that are family names, by themselves.
//!
//! In goes a form; out comes the part of a name that it is, by table (`parts.tsv`) or by its ending (`family_endings.tsv`), or none.

use crate::form::{Form, Writing};
use crate::table;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A part of a person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Given,
    Family,
}

/// 3: what stands before an ending of a family name.
const STEM_MIN: usize = 3;

static WORDS: LazyLock<FxHashMap<&'static str, Known>> = LazyLock::new(|| {
    let mut words = FxHashMap::default();
    for row in table::rows(table::PARTS) {
        let part = if row[0] == "given" { Known::Given } else { Known::Family };
        words.extend(row[1].split(' ').map(|word| (word, part)));
    }
    words
});

/// The endings by their last byte.
static ENDINGS: LazyLock<FxHashMap<u8, Vec<&'static str>>> = LazyLock::new(|| {
    let mut endings = FxHashMap::<u8, Vec<&str>>::default();
    for ending in table::rows(table::FAMILY_ENDINGS).flat_map(|row| row[0].split(' ').collect::<Vec<_>>()) {
        endings.entry(last(ending)).or_default().push(ending);
    }
    endings
});

fn last(text: &str) -> u8 {
    text.as_bytes().last().copied().unwrap_or_default()
}

/// The part of a name that the table says a word is.
pub(crate) fn listed(form: &Form) -> Option<Known> {
    WORDS.get(form.text()).or_else(|| WORDS.get(form.spelling())).copied()
}

/// True if it ends as family names do.
pub(crate) fn ends_as_family(form: &Form) -> bool {
    let spelling = if form.facts().writing == Writing::Abjad { form.text() } else { form.spelling() };
    let ends = |ending: &&'static str| {
        spelling.strip_suffix(*ending).is_some_and(|stem| stem.chars().nth(STEM_MIN - 1).is_some())
    };
    ENDINGS.get(&last(spelling)).is_some_and(|endings| endings.iter().any(ends))
}
