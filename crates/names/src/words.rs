//! What is known of single words: their role in a name and what that role weighs.
//!
//! In goes a form and the kind of name; out comes a role. The words are data (`words.tsv`).

use crate::form::Form;
use crate::name::NameKind;
use crate::rarity::Commonness;
use crate::table;
use rustc_hash::FxHashMap;

/// How much of a name a word is, in thousandths: 1..=1500 for one word, of which 1500 is a number of a thing; a join weighs the sum of its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(pub u16);

/// 600: a word of two letters is one of a few hundred.
const SHORT: u16 = 600;

/// What a word does in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A name of which no more is known.
    Name,
    /// A name that was given.
    Given,
    /// A name of a family, or of a place or people that one is from.
    Family,
    /// A name after the father, beside a given and a family name.
    Patronymic,
    /// The name in "father of" or "mother of".
    Kunya,
    /// A single letter that stands for a name.
    Initial,
    /// A form of address, a rank.
    Title,
    /// Which of several that are named alike: the younger, the third.
    Generation,
    /// An article or preposition.
    Particle,
    /// The legal form of an organisation.
    LegalForm,
    /// A word that says what an organisation does or where.
    Generic,
    /// A number in the name of an organisation or object.
    Number,
}

impl Role {
    /// Its word in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Given => "given",
            Self::Family => "family",
            Self::Patronymic => "patronymic",
            Self::Kunya => "kunya",
            Self::Initial => "initial",
            Self::Title => "title",
            Self::Generation => "generation",
            Self::Particle => "particle",
            Self::LegalForm => "legal form",
            Self::Generic => "generic",
            Self::Number => "number",
        }
    }

    /// True for names, of which an initial may stand for one.
    pub fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::Given | Self::Family | Self::Patronymic | Self::Kunya)
    }

    /// What a rare word of this role weighs. Chosen so that losing a particle or title costs a two-word name under a tenth.
    #[expect(clippy::match_same_arms, reason = "each role has a weight of its own, some are equal")]
    pub fn weight(self) -> Weight {
        Weight(match self {
            Self::Name => 1000,
            Self::Given => 1000,
            Self::Family => 1000,
            Self::Kunya => 1000,
            Self::Number => 1500,
            Self::Patronymic => 230,
            Self::Generic => 500,
            Self::Initial => crate::INITIAL_WEIGHT,
            Self::Title => 120,
            Self::Generation => 120,
            Self::Particle => 180,
            Self::LegalForm => 150,
        })
    }
}

/// What a word weighs: as its role says, and less if many people bear it or if it is so short that many names share it.
pub(crate) fn weight(form: &Form, role: Role, commonness: Commonness) -> Weight {
    let borne = borne(role.weight(), commonness).0;
    match (role, form.facts().spelling.len()) {
        (Role::Name | Role::Given | Role::Family, 1..=2) => Weight(borne.min(SHORT)),
        _ => Weight(borne),
    }
}

/// A weight, less if many people bear the word.
pub(crate) fn borne(weight: Weight, commonness: Commonness) -> Weight {
    Weight((u32::from(weight.0) * u32::from(rarity_share(commonness)) / 1000) as u16)
}

/// What is left of a word's weight if so many people bear it, in thousandths. A word tells less the more people share it; tuned so
/// that no origin's names match one another much more often than another's.
fn rarity_share(commonness: Commonness) -> u16 {
    match commonness {
        Commonness::Rare | Commonness::Known => 1000,
        Commonness::Usual => 750,
        Commonness::Common => 470,
        Commonness::VeryCommon => 270,
    }
}

/// What the table says of a word. Some words have their role only where they stand (roles.rs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// A title wherever it stands.
    Title,
    /// A title before a name.
    Rank,
    /// A title before two names: a name, too.
    Style,
    /// A title after two names.
    Suffix,
    /// The younger, the third, after two names.
    Generation,
    Particle,
    /// A particle after which a family name stands: "van".
    Of,
    /// A particle that begins a given name: "abd".
    Servant,
    /// A particle before a father's name: "bin".
    SonOf,
    /// A particle after a father's name: "oglu".
    Son,
    /// A particle: "father of".
    Kunya,
    Generic,
}

impl Known {
    fn from_table(word: &str) -> Self {
        match word {
            "title" => Self::Title,
            "rank" => Self::Rank,
            "style" => Self::Style,
            "suffix" => Self::Suffix,
            "generation" => Self::Generation,
            "particle" => Self::Particle,
            "of" => Self::Of,
            "servant" => Self::Servant,
            "son-of" => Self::SonOf,
            "son" => Self::Son,
            "kunya" => Self::Kunya,
            _ => Self::Generic,
        }
    }
}

/// What is known of a word in a name of each kind.
pub(crate) type Uses = [Option<Known>; 3];

/// What the table says of each of its words.
pub(crate) fn all() -> FxHashMap<&'static str, Uses> {
    let mut all = FxHashMap::<_, Uses>::default();
    for row in table::rows(table::WORDS) {
        let kind = match row[0] {
            "person" => NameKind::Person,
            "organisation" => NameKind::Organisation,
            _ => NameKind::Object,
        };
        for word in row[2].split(' ') {
            all.entry(word).or_default()[kind as usize].get_or_insert(Known::from_table(row[1]));
        }
    }
    all
}
