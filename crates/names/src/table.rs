//! The shipped tables: text that is compiled in, rows out.
//!
//! A table is UTF-8, one row a line, columns divided by tabs; lines that begin with `#` and empty lines are not rows. The
//! header comment of each file gives its columns and its provenance.

pub(crate) const ROMANISATION: &str = include_str!("../../../data/names/romanisation.tsv");
pub(crate) const CLASSES: &str = include_str!("../../../data/names/classes.tsv");
pub(crate) const ABJAD: &str = include_str!("../../../data/names/abjad.tsv");
pub(crate) const FOLDING: &str = include_str!("../../../data/names/folding.tsv");
pub(crate) const CONFUSABLES: &str = include_str!("../../../data/names/confusables.tsv");
pub(crate) const FORMS: &str = include_str!("../../../data/names/forms.tsv");
pub(crate) const RARITY: &str = include_str!("../../../data/names/rarity.tsv");
pub(crate) const DIALECT: &str = include_str!("../../../data/names/dialect.tsv");
pub(crate) const ENDINGS: &str = include_str!("../../../data/names/endings.tsv");
pub(crate) const FATHERS: &str = include_str!("../../../data/names/fathers.tsv");
pub(crate) const HAN: &str = include_str!("../../../data/names/han.tsv");
pub(crate) const HAN_SURNAMES: &str = include_str!("../../../data/names/han_surnames.tsv");
pub(crate) const PARTS: &str = include_str!("../../../data/names/parts.tsv");
pub(crate) const FAMILY_ENDINGS: &str = include_str!("../../../data/names/family_endings.tsv");
pub(crate) const LEGAL_FORMS: &str = include_str!("../../../data/names/legal_forms.tsv");
pub(crate) const NUMBERS: &str = include_str!("../../../data/names/numbers.tsv");
pub(crate) const TRADES: &str = include_str!("../../../data/names/trades.tsv");
pub(crate) const TERRITORIES: &str = include_str!("../../../data/names/territories.tsv");
pub(crate) const VESSELS: &str = include_str!("../../../data/names/vessels.tsv");
pub(crate) const WORDS: &str = include_str!("../../../data/names/words.tsv");
pub(crate) const CALIBRATION: &str = include_str!("../../../data/names/calibration.tsv");

/// All of them that are text.
pub(crate) const ALL: [&str; 21] = [
    ROMANISATION,
    CLASSES,
    ABJAD,
    FOLDING,
    CONFUSABLES,
    FORMS,
    RARITY,
    DIALECT,
    ENDINGS,
    FATHERS,
    HAN,
    HAN_SURNAMES,
    PARTS,
    FAMILY_ENDINGS,
    LEGAL_FORMS,
    NUMBERS,
    TRADES,
    TERRITORIES,
    VESSELS,
    WORDS,
    CALIBRATION,
];

/// The rows of a table, in file order.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_says_where_it_is_from() {
        for table in ALL {
            assert!(table.starts_with('#') && table.contains("licence"));
            assert!(rows(table).next().is_some());
        }
    }
}
