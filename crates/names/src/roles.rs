//! What each word of a person's name does in it, and by which rule that is known.
//!
//! In go the folded words of a name in their order, with their forms; out comes a role and a reason for each. The rules go from the sure
//! to the likely, and a word that has got a role keeps it. What always holds: a name that is not empty has a word that is no title.
//! A name of which no rule says whether it was given or inherited stays a name.

use crate::fold::Word;
use crate::form::{Form, Writing};
use crate::han;
use crate::name::NameKind;
use crate::parts;
use crate::words::{Known, Role};
use smallvec::SmallVec;

/// By which rule a word has its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleReason {
    /// No rule says more.
    Default,
    /// It is in the table of words (`words.tsv`).
    Word,
    /// It is a phrase of the tables of organisations (phrases.rs).
    Phrase,
    /// It is a number.
    Number,
    /// It is one letter.
    OneLetter,
    /// A title stands here: before names.
    BeforeNames,
    /// A title stands here: after names.
    AfterNames,
    /// "Father of" or "mother of" stands before it.
    AfterKunya,
    /// "Son of" or "daughter of" stands beside it.
    ChildOf,
    /// It ends as patronymics do, and two other names stand beside it.
    PatronymicEnding,
    /// Family names stand before a comma, given names after.
    Comma,
    /// Family names are in capitals, given names are not.
    Capitals,
    /// Signs of a family name begin the name (`han_surnames.tsv`).
    FamilySigns,
    /// A particle that stands before family names stands before it.
    AfterParticle,
    /// A given name stands before the patronymic, or the patronymic ends a name that the family name begins.
    BesidePatronymic,
    /// It is in the table of given and family names (`parts.tsv`).
    Listed,
    /// It ends as family names do (`family_endings.tsv`).
    FamilyEnding,
    /// It is what is left beside a given or a family name.
    Rest,
    /// It was stated as that part of the name.
    Stated,
}

impl RoleReason {
    /// The rule in words.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Default => "no rule says more",
            Self::Word => "listed in words.tsv",
            Self::Phrase => "a phrase listed for organisations and objects",
            Self::Number => "a number",
            Self::OneLetter => "one letter",
            Self::BeforeNames => "its place before names",
            Self::AfterNames => "its place after names",
            Self::AfterKunya => "after \"father of\" or \"mother of\"",
            Self::ChildOf => "beside \"son of\" or \"daughter of\"",
            Self::PatronymicEnding => "ends as patronymics do, beside two other names",
            Self::Comma => "family names before the comma, given names after it",
            Self::Capitals => "only family names in capitals",
            Self::FamilySigns => "begins with signs of a family name, listed in han_surnames.tsv",
            Self::AfterParticle => "goes on from the particle before it",
            Self::BesidePatronymic => "its place beside the patronymic",
            Self::Listed => "listed in parts.tsv",
            Self::FamilyEnding => "ends as family names do, listed in family_endings.tsv",
            Self::Rest => "what is left beside the other part",
            Self::Stated => "stated as that part of the name",
        }
    }
}

/// What a word does and why.
pub(crate) type Part = (Role, RoleReason);

/// The roles of the words of a person's name.
pub(crate) fn roles(words: &[Word]) -> SmallVec<[Part; 4]> {
    let known: SmallVec<[Option<Known>; 4]> =
        words.iter().map(|word| word.form.usage().known[NameKind::Person as usize]).collect();
    let mut parts: SmallVec<[Part; 4]> =
        known.iter().zip(words).map(|(known, word)| alone(*known, &word.form, NameKind::Person)).collect();
    let mut analysis = Analysis { words, known: &known, parts: &mut parts };
    // Most names have no word that is listed for what it does.
    if known.iter().any(Option::is_some) {
        analysis.mark_titles();
        analysis.mark_kunya();
        analysis.mark_child_of();
    }
    analysis.mark_patronymic();
    analysis.mark_given_and_family();
    parts
}

/// The roles of words that were stated as parts of a person's name: a name is what it was stated as, unless it is a patronymic.
pub(crate) fn stated_roles(words: &[Word], stated: &[Role]) -> SmallVec<[Part; 4]> {
    let mut parts = roles(words);
    for (part, stated) in parts.iter_mut().zip(stated) {
        if matches!(part.0, Role::Name | Role::Given | Role::Family) {
            *part = (*stated, RoleReason::Stated);
        }
    }
    parts
}

/// The role of a word whatever stands around it.
pub(crate) fn alone(known: Option<Known>, form: &Form, kind: NameKind) -> Part {
    let role = match known {
        Some(Known::Title) => Role::Title,
        Some(Known::Particle | Known::Of | Known::Servant | Known::SonOf | Known::Son | Known::Kunya) => {
            Role::Particle
        }
        Some(Known::Generic) => Role::Generic,
        Some(Known::Rank | Known::Style | Known::Suffix | Known::Generation) | None => {
            return if kind == NameKind::Person && is_one_letter(form) {
                (Role::Initial, RoleReason::OneLetter)
            } else {
                (Role::Name, RoleReason::Default)
            };
        }
    };
    (role, RoleReason::Word)
}

fn is_one_letter(form: &Form) -> bool {
    let mut letters = form.text().chars();
    let first = letters.next();
    letters.next().is_none()
        && first.is_some_and(char::is_alphabetic)
        && form.facts().writing == Writing::Alphabetic
}

/// A person's name while its roles are being found.
struct Analysis<'n> {
    words: &'n [Word],
    known: &'n [Option<Known>],
    parts: &'n mut [Part],
}

impl Analysis<'_> {
    /// The places of names of which no more is known.
    fn names(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.parts.len()).filter(|&place| self.parts[place].0 == Role::Name)
    }

    fn has(&self, role: Role) -> bool {
        self.parts.iter().any(|part| part.0 == role)
    }

    /// Gives every name of which no more is known the role that `role` says.
    fn mark(&mut self, reason: RoleReason, role: impl Fn(&Self, usize) -> Option<Role>) {
        for place in 0..self.parts.len() {
            if self.parts[place].0 == Role::Name
                && let Some(role) = role(self, place)
            {
                self.parts[place] = (role, reason);
            }
        }
    }

    /// Words that are names for some and titles for others are titles where titles stand: a rank before a name, a style before two
    /// names, a suffix or a generation after two.
    fn mark_titles(&mut self) {
        for place in 0..self.parts.len() {
            let others = match self.known[place] {
                Some(Known::Rank) => 1,
                Some(Known::Style) => 2,
                _ => continue,
            };
            if self.is_first(place) && self.names().count() > others {
                self.parts[place] = (Role::Title, RoleReason::BeforeNames);
            }
        }
        for place in (0..self.parts.len()).rev() {
            let last = self.is_last(place);
            let apart = place > 0 && self.words[place].part != self.words[place - 1].part;
            let role = match self.known[place] {
                Some(Known::Generation) if last || apart => Role::Generation,
                Some(Known::Suffix) if last => Role::Title,
                _ => continue,
            };
            if self.names().count() > 2 {
                self.parts[place] = (role, RoleReason::AfterNames);
            }
        }
        if !self.has(Role::Name)
            && !self.has(Role::Initial)
            && let Some(last) = self.parts.iter_mut().rev().find(|part| part.0 == Role::Title)
        {
            *last = (Role::Name, RoleReason::Default);
        }
    }

    /// True if nothing but titles stands before a word in its part of the text, and a word stands after it.
    fn is_first(&self, place: usize) -> bool {
        let same = |&other: &usize| self.words[other].part == self.words[place].part;
        let titles = (0..place).rev().take_while(same).all(|other| self.parts[other].0 == Role::Title);
        titles && self.words.get(place + 1).is_some_and(|next| next.part == self.words[place].part)
    }

    /// True if nothing but titles stands after a word.
    fn is_last(&self, place: usize) -> bool {
        self.parts[place + 1..].iter().all(|part| matches!(part.0, Role::Title | Role::Generation))
    }

    /// The name of the child in "father of".
    fn mark_kunya(&mut self) {
        self.mark(RoleReason::AfterKunya, |name, place| {
            let before = place.checked_sub(1)?;
            (name.known[before] == Some(Known::Kunya)).then_some(Role::Kunya)
        });
    }

    /// The name of the father in "son of": a patronymic where two other names stand beside it, with one it is all the family name there is.
    fn mark_child_of(&mut self) {
        self.mark(RoleReason::ChildOf, |name, place| {
            let before = place > 0 && name.known[place - 1] == Some(Known::SonOf);
            let after = name.known.get(place + 1) == Some(&Some(Known::Son));
            match name.names().count() {
                _ if !before && !after => None,
                0..=1 => None,
                2 => Some(Role::Family),
                3.. => Some(Role::Patronymic),
            }
        });
    }

    /// A word that ends as an East Slavic patronymic is one if two other names stand beside it: a family name may end so too.
    fn mark_patronymic(&mut self) {
        let inflection = |place: usize| self.words[place].form.facts().inflection;
        let ends = |place: &usize| inflection(*place).is_some_and(|inflection| inflection.patronymic);
        let last = self.names().rev().find(ends).filter(|_| self.names().count() >= 3);
        if let Some(place) = last {
            self.parts[place] = (Role::Patronymic, RoleReason::PatronymicEnding);
        }
    }

    fn mark_given_and_family(&mut self) {
        self.mark_by_comma();
        self.mark_by_capitals();
        self.mark_signs();
        self.mark_after_particle();
        self.mark_beside_patronymic();
        let listed = |name: &Self, place: usize| name.words[place].form.usage().listed;
        self.mark(RoleReason::Listed, |name, place| {
            (listed(name, place) == Some(parts::Known::Given)).then_some(Role::Given)
        });
        self.mark(RoleReason::FamilyEnding, |name, place| {
            name.words[place].form.usage().ends_as_family.then_some(Role::Family)
        });
        let is_family = |place: usize| listed(self, place) == Some(parts::Known::Family);
        if !self.has(Role::Family) && (self.has(Role::Given) || !self.names().all(is_family)) {
            self.mark(RoleReason::Listed, |name, place| {
                (listed(name, place) == Some(parts::Known::Family)).then_some(Role::Family)
            });
        }
        let rest = match (self.has(Role::Given), self.has(Role::Family)) {
            (true, false) => Role::Family,
            (false, true) => Role::Given,
            _ => return,
        };
        if self.names().count() == 1 {
            self.mark(RoleReason::Rest, |_, _| Some(rest));
        }
    }

    /// "LAST, First": names in two parts of the text, of which the first is the family's.
    fn mark_by_comma(&mut self) {
        let named = |part: u8| {
            let is_named =
                |place: usize| self.words[place].part == part && self.parts[place].0 != Role::Generation;
            (0..self.parts.len()).any(is_named)
        };
        let last = self.words.last().map_or(0, |word| word.part);
        if !named(0) || (1..=last).filter(|&part| named(part)).count() != 1 {
            return;
        }
        self.mark(RoleReason::Comma, |name, place| {
            Some(if name.words[place].part == 0 { Role::Family } else { Role::Given })
        });
    }

    /// "First LAST": only family names are in capitals.
    fn mark_by_capitals(&mut self) {
        let capitals = self.names().filter(|&place| self.words[place].capitals).count();
        if capitals == 0 || capitals == self.names().count() {
            return;
        }
        self.mark(RoleReason::Capitals, |name, place| {
            Some(if name.words[place].capitals { Role::Family } else { Role::Given })
        });
    }

    /// One or two signs of a family name, and the given name in the rest of an undivided run of up to four.
    fn mark_signs(&mut self) {
        let signs = self.words.len();
        if !(2..=4).contains(&signs) || self.words.iter().any(|word| word.run != 1) {
            return;
        }
        let begins = |len: usize| {
            let text: String = self.words[..len].iter().map(|word| word.form.text()).collect();
            len < signs && han::is_family_name(&text)
        };
        let family = if begins(2) { 2 } else { 1 };
        if begins(family) {
            self.mark(RoleReason::FamilySigns, |_, place| {
                Some(if place < family { Role::Family } else { Role::Given })
            });
        }
    }

    /// "van Zarin", "al-Zarin", where other names stand before; after "abd", with or without an article, a given name goes on.
    fn mark_after_particle(&mut self) {
        self.mark(RoleReason::AfterParticle, |name, place| {
            let particles =
                (0..place).rev().take_while(|&before| name.known[before] == Some(Known::Of)).count();
            let before = place - particles;
            let is_named = |part: &Part| part.0.is_name() || part.0 == Role::Initial;
            if before > 0 && name.known[before - 1] == Some(Known::Servant) {
                Some(Role::Given)
            } else {
                (particles > 0 && name.parts[..before].iter().any(is_named)).then_some(Role::Family)
            }
        });
    }

    /// "Given Patronymic Family" and "Family Given Patronymic".
    fn mark_beside_patronymic(&mut self) {
        let is_patronymic = |part: &Part| *part == (Role::Patronymic, RoleReason::PatronymicEnding);
        let Some(patronymic) = self.parts.iter().position(is_patronymic) else { return };
        let names: SmallVec<[usize; 4]> = self.names().collect();
        let [first, second] = names[..] else { return };
        let family = if second < patronymic { first } else { second };
        self.mark(RoleReason::BesidePatronymic, |_, place| {
            Some(if place == family { Role::Family } else { Role::Given })
        });
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
            Role::Given => 'g',
            Role::Family => 'f',
            Role::Patronymic => 'P',
            Role::Kunya => 'K',
            Role::Initial => 'I',
            Role::Title => 'T',
            Role::Generation => 'J',
            Role::Particle => 'p',
            Role::LegalForm | Role::Generic | Role::Number => '?',
        };
        analyse(text, NameKind::Person).tokens().iter().map(|token| letter(token.role)).collect()
    }

    fn check(rows: &[(&str, &str)]) {
        let found: Vec<_> = rows.iter().map(|(text, _)| (*text, letters(text))).collect();
        let expected: Vec<_> = rows.iter().map(|(text, letters)| (*text, (*letters).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn titles_have_their_places() {
        check(&[
            ("Dr. Tarvo Zelmet", "Tgf"),
            ("Haji Tarvo Zelmet", "Tgf"),
            ("ZELMET, Haji Tarvo", "fTg"),
            ("Major Tarvo Zelmet", "Tgf"),
            ("Tarvo Major", "gf"),
            ("Lt. Col. Tarvo Zelmet", "TTgf"),
            ("Hafiz Munvif Zarekani", "TNN"),
            ("Munvif Hafiz", "fg"),
            ("Sayyid Munvif Zarekam", "TNN"),
            ("Munvif Zarekam Agha", "NNT"),
            ("Munvif Agha", "NN"),
            ("Tarvo Zelmet Jr.", "gfJ"),
            ("Zelmet, Tarvo, III", "fgJ"),
            ("Junior Zelmet", "gf"),
            ("الشيخ منيف زرقالت", "pTgf"),
            ("доктор Тарво Зелмет", "Tgf"),
            ("Sheikh", "N"),
            ("General Sheikh", "TN"),
            ("T. Zelmet", "IN"),
        ]);
    }

    #[test]
    fn fathers_and_children_are_told() {
        check(&[
            ("Abu Zarin al-Munvifi", "pKpf"),
            ("أبو زرين", "pK"),
            ("Munvif bin Tarvo al-Zareki", "gpPpf"),
            ("Munvif bin Tarvo", "gpf"),
            ("BIN ZELMET, Tarvo", "pfg"),
            ("Munvif bin Tarvo bin Zelmet al-Zareki", "gpPpPpf"),
            ("Tarvo Zelin oglu Brodan", "gPpf"),
            ("Zelin qizi", "Np"),
            ("Тарво Зелинович Бродан", "gPf"),
            ("Бродан Тарво Зелинович", "fgP"),
            ("Tarvo Zelinovich", "gf"),
        ]);
    }

    #[test]
    fn family_names_are_told_by_writing_and_ending() {
        check(&[
            ("ZELMET, Tarvo", "fg"),
            ("Zelmet Brodan, Tarvo T.", "ffgI"),
            ("Tarvo ZELMET", "gf"),
            ("Zelmet MUNVIF", "gf"),
            ("Munvif Zarekam", "NN"),
            ("AL-ZAREKI Munvif", "pfg"),
            ("TARVO ZELMET", "gf"),
            ("Tarvo van der Zelmet", "gppf"),
            ("Abd al-Munvif Zarek", "ppgf"),
            ("Tarvo Zelinkov", "gf"),
            ("Тарво Зелинков", "gf"),
            ("თარვო ზელინაშვილი", "gf"),
            ("Տարվո Զելինյան", "gf"),
            ("Tarvo Zelinoğlu", "gf"),
            ("Tarvo Zelinpour", "gf"),
            ("王小明", "fgg"),
            ("欧阳小明", "ffgg"),
            ("김하늘", "fgg"),
            ("Olga Zelinka", "gf"),
            ("Tarvo, Zelmet, Brodan", "gNN"),
        ]);
    }
}
