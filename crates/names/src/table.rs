//! The shipped tables: text that is compiled in, rows out.
//!
//! A table is UTF-8, one row a line, columns divided by tabs; lines that begin with `#` and empty lines are not rows. The
//! header comment of each file gives its columns and its provenance.

use crate::groups;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Raised by hand when a rule in code changes what a score can be.
const RULES_VERSION: &str = "1";

pub(crate) const ROMANISATION: &str = include_str!("../../../data/names/romanisation.tsv");
pub(crate) const CLASSES: &str = include_str!("../../../data/names/classes.tsv");
pub(crate) const ABJAD: &str = include_str!("../../../data/names/abjad.tsv");
pub(crate) const FOLDING: &str = include_str!("../../../data/names/folding.tsv");
pub(crate) const CONFUSABLES: &str = include_str!("../../../data/names/confusables.tsv");
pub(crate) const FORMS: &str = include_str!("../../../data/names/forms.tsv");
pub(crate) const RARITY: &str = include_str!("../../../data/names/rarity.tsv");
pub(crate) const WORDS: &str = include_str!("../../../data/names/words.tsv");

/// The rows of a table, in file order.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// Which tables and rules this build compares with: equal versions give equal scores.
pub fn tables_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut digest = Sha256::new();
        for table in [ROMANISATION, CLASSES, ABJAD, FOLDING, CONFUSABLES, FORMS, RARITY, WORDS] {
            digest.update((table.len() as u64).to_le_bytes());
            digest.update(table);
        }
        digest.update(groups::digest().to_le_bytes());
        let head = digest.finalize().iter().take(6).fold(0u64, |head, byte| head << 8 | u64::from(*byte));
        format!("names-{RULES_VERSION}-{head:012x}")
    });
    &VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_rules_and_tables() {
        assert!(tables_version().starts_with("names-1-"));
        assert_eq!(tables_version().len(), "names-1-".len() + 12);
    }

    #[test]
    fn every_table_says_where_it_is_from() {
        for table in [ROMANISATION, CLASSES, ABJAD, FOLDING, CONFUSABLES, FORMS, RARITY, WORDS] {
            assert!(table.starts_with('#') && table.contains("licence"));
            assert!(rows(table).next().is_some());
        }
    }
}
