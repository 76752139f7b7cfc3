//! What each word of a person's name does in it, and by which rule that is known.
//!
//! In go the folded words of a name in their order, with their forms; out comes a role and a reason for each. What always holds: a
//! name that is not empty has a word that is no title.

use crate::fold::Word;
use crate::form::{Form, Writing};
use crate::name::NameKind;
use crate::words::{self, Known, Role};
use smallvec::SmallVec;

/// By which rule a word has its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleReason {
    /// No rule says more.
    Default,
    /// It is in the table of words (words.tsv).
    Table,
    /// It is a title where it stands: before names.
    BeforeNames,
    /// It is a title where it stands: after names.
    AfterNames,
    /// It is one letter.
    OneLetter,
    /// It ends as patronymics do, and two other names stand beside it.
    PatronymicEnding,
    /// It follows "father of" or "mother of".
    AfterKunya,
}

/// What a word does and why.
pub(crate) type Part = (Role, RoleReason);

/// The roles of the words of a name.
pub(crate) fn roles(words: &[Word], forms: &[Form], kind: NameKind) -> SmallVec<[Part; 4]> {
    let known: SmallVec<[Option<Known>; 4]> = forms.iter().map(|form| words::known(form, kind)).collect();
    let mut parts: SmallVec<[Part; 4]> =
        known.iter().zip(forms).map(|(known, form)| alone(*known, form, kind)).collect();
    if kind == NameKind::Person {
        mark_titles(words, &known, &mut parts);
        mark_kunya(&known, &mut parts);
        mark_patronymic(forms, &mut parts);
    }
    parts
}

/// The role of a word whatever stands around it.
fn alone(known: Option<Known>, form: &Form, kind: NameKind) -> Part {
    let role = match known {
        Some(Known::Title) => Role::Title,
        Some(Known::Particle | Known::Kunya) => Role::Particle,
        Some(Known::LegalForm) => Role::LegalForm,
        Some(Known::Generic) => Role::Generic,
        Some(Known::Rank | Known::Style | Known::Suffix | Known::Generation) | None => {
            return if kind == NameKind::Person && is_one_letter(form) {
                (Role::Initial, RoleReason::OneLetter)
            } else {
                (Role::Name, RoleReason::Default)
            };
        }
    };
    (role, RoleReason::Table)
}

fn is_one_letter(form: &Form) -> bool {
    form.facts().writing == Writing::Alphabetic
        && form.text().chars().count() == 1
        && form.text().chars().all(char::is_alphabetic)
}

fn names(parts: &[Part]) -> usize {
    parts.iter().filter(|(role, _)| *role == Role::Name).count()
}

/// Words that are names for some and titles for others are titles where titles stand: a rank before a name, a style before two, a
/// suffix or a generation after two.
fn mark_titles(words: &[Word], known: &[Option<Known>], parts: &mut [Part]) {
    for place in 0..parts.len() {
        let names = names(parts);
        let first = is_first(words, parts, place);
        match known[place] {
            Some(Known::Rank) if first && names >= 2 => parts[place] = (Role::Title, RoleReason::BeforeNames),
            Some(Known::Style) if first && names >= 3 => {
                parts[place] = (Role::Title, RoleReason::BeforeNames);
            }
            _ => {}
        }
    }
    for place in (0..parts.len()).rev() {
        let last = parts[place + 1..].iter().all(|(role, _)| matches!(role, Role::Title | Role::Generation));
        let apart = place > 0 && words[place].part != words[place - 1].part;
        match known[place] {
            Some(Known::Generation) if (last || apart) && names(parts) >= 3 => {
                parts[place] = (Role::Generation, RoleReason::AfterNames);
            }
            Some(Known::Suffix) if last && names(parts) >= 3 => {
                parts[place] = (Role::Title, RoleReason::AfterNames);
            }
            _ => {}
        }
    }
    if !parts.iter().any(|(role, _)| matches!(role, Role::Name | Role::Initial))
        && let Some(last) = parts.iter_mut().rev().find(|(role, _)| *role == Role::Title)
    {
        *last = (Role::Name, RoleReason::Default);
    }
}

/// True if nothing but titles stands before a word in its part of the text, and a name stands after.
fn is_first(words: &[Word], parts: &[Part], place: usize) -> bool {
    let part = words[place].part;
    let same = |other: usize| words[other].part == part;
    let titles_before =
        (0..place).rev().take_while(|&other| same(other)).all(|other| parts[other].0 == Role::Title);
    titles_before && place + 1 < parts.len() && same(place + 1)
}

/// The name after "father of" or "mother of".
fn mark_kunya(known: &[Option<Known>], parts: &mut [Part]) {
    for place in 1..parts.len() {
        if known[place - 1] == Some(Known::Kunya) && parts[place].0 == Role::Name {
            parts[place] = (Role::Kunya, RoleReason::AfterKunya);
        }
    }
}

/// A word that ends as an East Slavic patronymic is one if two other names stand beside it: a family name may end so too.
fn mark_patronymic(forms: &[Form], parts: &mut [Part]) {
    if names(parts) >= 3 {
        let is_patronymic = |place: &usize| {
            let inflection = forms[*place].facts().inflection;
            parts[*place].0 == Role::Name && inflection.is_some_and(|inflection| inflection.patronymic)
        };
        if let Some(place) = (0..parts.len()).rev().find(is_patronymic) {
            parts[place] = (Role::Patronymic, RoleReason::PatronymicEnding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::name::{NameKind, analyse};
    use crate::words::Role;

    /// The roles of a person's name, a letter each.
    fn letters(text: &str) -> String {
        let letter = |role| match role {
            Role::Name => 'N',
            Role::Patronymic => 'P',
            Role::Kunya => 'K',
            Role::Initial => 'I',
            Role::Title => 'T',
            Role::Generation => 'G',
            Role::Particle => 'p',
            Role::LegalForm | Role::Generic => '?',
        };
        analyse(text, NameKind::Person).tokens().iter().map(|token| letter(token.role)).collect()
    }

    #[test]
    fn words_have_the_roles_of_their_places() {
        for (text, expected) in [
            ("Dr. Tarvo Zelinka", "TNN"),
            ("Haji Tarvo Zelinka", "TNN"),
            ("ZELINKA, Haji Tarvo", "NTN"),
            ("Major Tarvo Zelinka", "TNN"),
            ("Tarvo Major", "NN"),
            ("Lt. Col. Tarvo Zelinka", "TTNN"),
            ("Hafiz Munif Zarekani", "TNN"),
            ("Munif Hafiz", "NN"),
            ("Sayyid Munif Zarekani", "TNN"),
            ("Sayyid Zarekani", "NN"),
            ("Munif Zarekani Agha", "NNT"),
            ("Munif Agha", "NN"),
            ("Tarvo Zelinka Jr.", "NNG"),
            ("Zelinka, Tarvo, III", "NNG"),
            ("Junior Zelinka", "NN"),
            ("Abu Zarin al-Munifi", "pKpN"),
            ("أبو زرين", "pK"),
            ("الشيخ منيف زرقاني", "pTNN"),
            ("доктор Тарво Зелинка", "TNN"),
            ("Тарво Зелинович Бродан", "NPN"),
            ("Sheikh", "N"),
            ("General Sheikh", "TN"),
            ("T. Zelinka", "IN"),
        ] {
            assert_eq!(letters(text), expected, "{text}");
        }
    }
}
