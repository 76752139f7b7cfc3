//! Words that are given names, and words that are family names, by themselves.
//!
//! In goes a form; out comes the part of a name that it is, by table (`parts.tsv`) or by its ending (`family_endings.tsv`), or none.

use crate::form::{Form, Writing};
use crate::table;
use std::sync::LazyLock;

/// A part of a person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Given,
    Family,
}

/// 3: what stands before an ending of a family name.
const STEM_MIN: usize = 3;

/// The part of a name that each word of the table is.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Known)> {
    table::rows(table::PARTS).flat_map(|row| {
        let part = if row[0] == "given" { Known::Given } else { Known::Family };
        row[1].split(' ').map(move |word| (word, part))
    })
}

/// The endings by their last byte.
static ENDINGS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let mut endings = vec![Vec::new(); 256];
    for ending in table::rows(table::FAMILY_ENDINGS).flat_map(|row| row[0].split(' ').collect::<Vec<_>>()) {
        endings[last(ending)].push(ending);
    }
    endings
});

fn last(text: &str) -> usize {
    usize::from(text.as_bytes().last().copied().unwrap_or_default())
}

/// The same as the method of a text, from the end on: nearly all words differ from an ending in the second letter that is looked at.
fn ends_with(text: &str, ending: &str) -> bool {
    let alike = |(letter, other)| letter == other;
    text.len() >= ending.len() && text.bytes().rev().zip(ending.bytes().rev()).all(alike)
}

/// True if it ends as family names do.
pub(crate) fn ends_as_family(form: &Form) -> bool {
    let as_written = form.facts().writing == Writing::Abjad || form.text().is_ascii();
    let spelling = if as_written { form.text() } else { form.spelling() };
    let ends = |ending: &&'static str| {
        ends_with(spelling, ending)
            && spelling[..spelling.len() - ending.len()].chars().nth(STEM_MIN - 1).is_some()
    };
    ENDINGS[last(spelling)].iter().any(ends)
}
