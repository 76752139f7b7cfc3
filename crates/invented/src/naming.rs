//! Full names from parts: a profile and a random sequence in, the name in its own script and in Latin letters out.
//!
//! Family names follow a rank: low ranks are common (the table's own, then one syllable), high ranks are rare (two
//! syllables). The rank alone decides the native form, so that the same family turns up again under every seed.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::random::Random;
use crate::tables::{NameTable, Part, Spelling, TABLES, Word};

/// A name twice: as its owner writes it and as a border officer might.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) native: String,
    pub(crate) latin: String,
}

/// How rare family names are to be, in bits of their rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Families {
    /// As in a population: a few are everywhere, most are rare.
    Everyday,
    /// Rare ones only: for list entries that are to concern nobody.
    Rare,
}

impl Families {
    /// 5: the 32 commonest families share the top. 22: the two-syllable forms of the smallest table run out soon after.
    fn rank_bits(self) -> RangeInclusive<u64> {
        match self {
            Self::Everyday => 5..=22,
            Self::Rare => 18..=22,
        }
    }
}

/// A way of putting names together. Internal: it is an input of nothing and a field of nobody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    table: &'static NameTable,
    /// Of a thousand people.
    share: u64,
    /// Of a thousand of them, those recorded in Latin letters first.
    pub(crate) latin_first: u64,
}

/// Six script profiles; two of them draw on two tables each.
static PROFILES: LazyLock<[Profile; 8]> = LazyLock::new(|| {
    let tables = &*TABLES;
    let profile = |table, share, latin_first| Profile { table, share, latin_first };
    [
        profile(&tables.european, 250, 150),
        profile(&tables.slavic, 190, 100),
        profile(&tables.tajik, 110, 500),
        profile(&tables.arabic, 120, 100),
        profile(&tables.persian, 80, 100),
        profile(&tables.georgian, 50, 100),
        profile(&tables.armenian, 50, 100),
        profile(&tables.spanish, 150, 150),
    ]
});

/// One of the profiles, by its share.
pub(crate) fn profile(random: &mut Random) -> Profile {
    let mut left = random.below(PROFILES.iter().map(|profile| profile.share).sum());
    for profile in PROFILES.iter() {
        if left < profile.share {
            return *profile;
        }
        left -= profile.share;
    }
    unreachable!("the draw is below the sum of the shares")
}

impl Profile {
    /// A full name for a man or a woman.
    pub(crate) fn name(&self, gender: Gender, families: Families, random: &mut Random) -> Written {
        let mut name = Written::empty();
        for word in random.choose(&self.table.orders) {
            let word = self.word(*word, gender, families, random);
            name.push_word(&word);
        }
        name
    }

    fn word(&self, word: Word, gender: Gender, families: Families, random: &mut Random) -> Written {
        let table = self.table;
        match (word, gender) {
            (Word::Given, Gender::Male) | (Word::Male, _) => {
                written(random.choose_early(&table.given_m).of(Gender::Male), random)
            }
            (Word::Given, Gender::Female) => {
                written(random.choose_early(&table.given_f).of(Gender::Female), random)
            }
            (Word::Father, _) => written(random.choose_early(&table.father).of(gender), random),
            (Word::Family, _) => {
                let bits = random.between(*families.rank_bits().start(), *families.rank_bits().end());
                let rank = random.below(1 << bits);
                self.family(rank, gender, random)
            }
        }
    }

    /// The family name of a rank. `random` only picks among its Latin spellings.
    fn family(&self, rank: u64, gender: Gender, random: &mut Random) -> Written {
        let table = self.table;
        if let Some(part) = table.family.get(rank as usize) {
            return written(part.of(gender), random);
        }
        let mut stem = Written::empty();
        let form = &mut Random::of_item(FAMILY_FORMS, rank);
        let mut push = |parts: &[Part]| stem.push_part(form.choose(parts).of(gender), random);
        push(&table.onset);
        push(&table.vowel);
        if rank >= ONE_SYLLABLE_RANKS {
            push(&table.middle);
            push(&table.vowel);
        }
        push(&table.coda);
        push(&table.suffix);
        stem.capitalise();
        if !table.prefix.is_empty() {
            stem.put_before(form.choose(&table.prefix).of(gender), random);
        }
        stem
    }
}

/// The seed of the family names: any number will do as long as it stays.
const FAMILY_FORMS: u64 = 1;

/// Families up to this rank have one syllable before the ending: frequent names are short.
const ONE_SYLLABLE_RANKS: u64 = 4096;

/// What decides the form of gendered names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    Male,
    Female,
}

impl Part {
    fn of(&self, gender: Gender) -> &Spelling {
        match gender {
            Gender::Male => &self.male,
            Gender::Female => &self.female,
        }
    }
}

fn written(spelling: &Spelling, random: &mut Random) -> Written {
    Written { native: spelling.native.clone(), latin: latin(spelling, random).clone() }
}

/// Three in five people spell it the usual way.
fn latin<'a>(spelling: &'a Spelling, random: &mut Random) -> &'a String {
    if random.chance(600) { &spelling.latin[0] } else { random.choose(&spelling.latin) }
}

impl Written {
    fn empty() -> Self {
        Self { native: String::new(), latin: String::new() }
    }

    fn push_word(&mut self, word: &Self) {
        for (name, word) in [(&mut self.native, &word.native), (&mut self.latin, &word.latin)] {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(word);
        }
    }

    fn push_part(&mut self, part: &Spelling, random: &mut Random) {
        self.native.push_str(&part.native);
        self.latin.push_str(latin(part, random));
    }

    fn put_before(&mut self, prefix: &Spelling, random: &mut Random) {
        self.native.insert_str(0, &prefix.native);
        self.latin.insert_str(0, latin(prefix, random));
    }

    fn capitalise(&mut self) {
        self.native = capitalised(&self.native);
        self.latin = capitalised(&self.latin);
    }
}

/// The word with its first letter in upper case, in scripts whose ordinary spelling has one.
pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let mut out = String::with_capacity(word.len());
    if let Some(first) = letters.next() {
        out.push(upper_case(first));
    }
    out.push_str(letters.as_str());
    out
}

/// The upper case of a letter; itself where that is no single letter, and in Georgian, which writes names without.
pub(crate) fn upper_case(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if !('\u{10D0}'..='\u{10FF}').contains(&letter) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_has_one_native_form_whatever_its_spelling() {
        for profile in PROFILES.iter() {
            for rank in [0, 100, 5000, 4_000_000] {
                let native = |seed| profile.family(rank, Gender::Female, &mut Random::new(seed)).native;
                assert_eq!(native(1), native(2));
            }
        }
    }

    #[test]
    fn rare_families_are_made_of_two_syllables() {
        let profile = PROFILES[0];
        assert!(profile.family(ONE_SYLLABLE_RANKS, Gender::Male, &mut Random::new(1)).latin.len() >= 5);
    }

    #[test]
    fn names_begin_with_a_capital_except_where_there_is_none() {
        assert_eq!(capitalised("éric"), "Éric");
        assert_eq!(capitalised("жук"), "Жук");
        assert_eq!(capitalised("გია"), "გია");
        assert_eq!(capitalised(""), "");
    }
}
