//! What is known of single words: their role in a name and what that role weighs.
//!
//! In goes a form and the kind of name; out comes a role. The words are data (`words.tsv`).

use crate::form::{Form, Writing};
use crate::name::NameKind;
use crate::rarity::Commonness;
use crate::table;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// How much of a name a word is, in thousandths: 1..=1000 for one word; a join weighs the sum of its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(pub u16);

/// 600: a word of two letters is one of a few hundred.
const SHORT: u16 = 600;

/// What a word does in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A name proper.
    Name,
    /// A name after the father, beside a given and a family name.
    Patronymic,
    /// A single letter that stands for a name.
    Initial,
    /// A form of address, a rank, a generation.
    Title,
    /// An article or preposition.
    Particle,
    /// The legal form of an organisation.
    LegalForm,
    /// A word that says what an organisation does.
    Generic,
}

impl Role {
    /// What a rare word of this role weighs. Chosen so that losing a particle or title costs a two-word name under a tenth.
    pub fn weight(self) -> Weight {
        Weight(match self {
            Self::Name => 1000,
            Self::Patronymic => 600,
            Self::Generic => 500,
            Self::Initial => crate::INITIAL_WEIGHT,
            Self::Title | Self::Particle => 200,
            Self::LegalForm => 150,
        })
    }
}

/// What a word weighs: as its role says, and less if many people bear it or if it is so short that many names share it.
pub(crate) fn weight(form: &Form, role: Role, commonness: Commonness) -> Weight {
    let borne = borne(role.weight(), commonness).0;
    match (role, form.spelling().len()) {
        (Role::Name, 1..=2) => Weight(borne.min(SHORT)),
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
        Commonness::Rare => 1000,
        Commonness::Known => 950,
        Commonness::Usual => 850,
        Commonness::Common => 700,
        Commonness::VeryCommon => 550,
    }
}

type Roles = FxHashMap<&'static str, Role>;

static ROLES: LazyLock<[Roles; 3]> = LazyLock::new(|| {
    let mut roles = [Roles::default(), Roles::default(), Roles::default()];
    for row in table::rows(table::WORDS) {
        let role = match row[1] {
            "title" => Role::Title,
            "particle" => Role::Particle,
            "legal" => Role::LegalForm,
            _ => Role::Generic,
        };
        let words = &mut roles[match row[0] {
            "person" => NameKind::Person,
            "organisation" => NameKind::Organisation,
            _ => NameKind::Object,
        } as usize];
        for word in row[2].split(' ') {
            words.entry(word).or_insert(role);
        }
    }
    roles
});

/// The role of a word by itself; place in the name is the caller's to judge.
pub(crate) fn role(form: &Form, kind: NameKind) -> Role {
    let facts = form.facts();
    let roles = &ROLES[kind as usize];
    // The romanisation of one sign says nothing: 德 is not the particle "de".
    let by_spelling = || (facts.writing != Writing::Syllabic).then(|| roles.get(form.spelling()))?;
    if let Some(&role) = roles.get(form.text()).or_else(by_spelling) {
        return role;
    }
    let is_letter = facts.writing == Writing::Alphabetic
        && form.text().chars().count() == 1
        && form.text().chars().all(char::is_alphabetic);
    match kind {
        NameKind::Person if is_letter => Role::Initial,
        _ => Role::Name,
    }
}

/// True for the endings of East Slavic patronymics; a family name may end so too, so it takes a third word to tell.
pub(crate) fn ends_as_patronymic(form: &Form) -> bool {
    form.facts().inflection.is_some_and(|inflection| inflection.patronymic)
}
