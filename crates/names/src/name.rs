//! A name, taken apart.
//!
//! In goes text and what it names; out comes a `Name`: its words as tokens with role and weight, and its units, which are every
//! token and every join of two or three neighbours; syllable signs, of which a word has several, join up to six. Analysis never fails: text without a letter gives an empty name, and a
//! name too long to compare in bounded time is cut and says so. The order of tokens is that of the text.

use crate::fold;
use crate::form::Form;
use crate::join::{self, InTurn, Join};
use crate::organisation;
use crate::rarity::{self, Commonness};
use crate::roles::{self, RoleReason};
use crate::words::{self, Role, Weight};
use smallvec::SmallVec;

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A natural person.
    Person,
    /// A company, body, group.
    Organisation,
    /// A vessel or aircraft.
    Object,
}

/// A name, ready to be compared. Made by [`analyse`].
#[derive(Clone, Debug)]
pub struct Name {
    kind: NameKind,
    tokens: Vec<Token>,
    joins: Vec<Join>,
    weight: u32,
    cut: bool,
}

/// One word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As written.
    pub raw: String,
    /// As compared.
    pub form: Form,
    /// How much of the name it is.
    pub weight: Weight,
    /// What it does in the name.
    pub role: Role,
    /// By which rule that is known.
    pub reason: RoleReason,
    /// How common it is among people; of a title, a particle and of what is not a person's name, not asked.
    pub commonness: Commonness,
}

impl Token {
    /// Its shape as a unit that stands at this place of its name.
    pub(crate) fn shape(&self, place: usize) -> UnitShape {
        let initial = self.role == Role::Initial;
        UnitShape { first: place as u8, len: 1, weight: self.weight.0, initial }
    }
}

/// A token, or neighbouring tokens taken as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit<'n> {
    /// As compared.
    pub form: &'n Form,
    /// Where it stands and what it weighs.
    pub shape: UnitShape,
}

/// Where a unit stands in its name and what it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitShape {
    /// Place of its first token: 0..=63.
    pub first: u8,
    /// Tokens covered: 1..=3, for signs of Han and Hangul 1..=6, for initials 3..=7.
    pub len: u8,
    /// Their weights' sum in thousandths: 1..=7000.
    pub weight: u16,
    /// True for a single token that is an initial.
    pub initial: bool,
}

impl UnitShape {
    /// The tokens covered.
    pub(crate) fn tokens(self) -> std::ops::Range<usize> {
        usize::from(self.first)..usize::from(self.first) + usize::from(self.len)
    }
}

impl Name {
    /// What it is the name of.
    pub fn kind(&self) -> NameKind {
        self.kind
    }

    /// True if nothing is left to compare.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Its words in order, at most 64.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Every token in order, then every join of two, then every join of three, and so on, then the initials of an organisation's first words.
    pub fn units(&self) -> impl Iterator<Item = Unit<'_>> {
        let words = self.tokens.iter().map(|token| &token.form);
        let joins = self.joins.iter().map(|join| join.form(&self.tokens));
        words.chain(joins).zip(self.shapes()).map(|(form, shape)| Unit { form, shape })
    }

    /// The shapes of its units, in their order.
    pub fn shapes(&self) -> impl Iterator<Item = UnitShape> {
        let words = self.tokens.iter().enumerate().map(|(place, token)| token.shape(place));
        words.chain(self.joins.iter().map(|join| join.shape))
    }

    /// The units that are no tokens.
    pub(crate) fn joins(&self) -> &[Join] {
        &self.joins
    }

    /// Sum of the token weights.
    pub fn weight(&self) -> u32 {
        self.weight
    }

    /// True if the text was too long and its end, or the end of a word, is not compared.
    pub fn is_cut(&self) -> bool {
        self.cut
    }
}

/// Takes a name apart. Never fails; a text without letters gives an empty name.
pub fn analyse(text: &str, kind: NameKind) -> Name {
    let folded = fold::words(text, kind);
    if kind != NameKind::Person {
        return analyse_body(folded, kind);
    }
    named(folded, roles::roles)
}

/// A part of a person's name, as records state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamePart {
    /// A form of address.
    Title,
    /// First and further given names.
    Given,
    /// What stands between given and family name.
    Middle,
    /// The father's name.
    Patronymic,
    /// The family name.
    Family,
}

impl NamePart {
    fn role(self) -> Role {
        match self {
            Self::Title => Role::Title,
            Self::Given => Role::Given,
            Self::Middle => Role::Name,
            Self::Patronymic => Role::Patronymic,
            Self::Family => Role::Family,
        }
    }
}

/// A person's name from its parts, in their order. Names have the roles of their parts; everything else is as [`analyse`] does it.
pub fn analyse_parts(parts: &[(NamePart, &str)]) -> Name {
    let mut all = fold::Words { words: Vec::new(), cut: false };
    let mut stated = SmallVec::<[Role; 8]>::new();
    for (part, text) in parts {
        let folded = fold::words(text, NameKind::Person);
        stated.extend(folded.words.iter().map(|_| part.role()));
        all.words.extend(folded.words.into_iter().map(|word| fold::Word { part: 0, ..word }));
        all.cut |= folded.cut;
    }
    all.cut |= all.words.len() > fold::WORDS_MAX;
    all.words.truncate(fold::WORDS_MAX);
    named(all, |words| roles::stated_roles(words, &stated))
}

/// A person's name with its roles.
fn named(folded: fold::Words, roles: impl FnOnce(&[fold::Word]) -> SmallVec<[roles::Part; 4]>) -> Name {
    let runs: Runs = folded.words.iter().map(|word| word.run).collect();
    let roles = roles(&folded.words);
    let token = |(place, word): (usize, fold::Word)| {
        let ((role, reason), form) = (roles[place], word.form);
        let is_name = role.is_name() && !is_later_sign(place, &runs);
        let commonness = if is_name { form.usage().commonness } else { Commonness::Rare };
        let weight = words::weight(&form, role, commonness);
        let weight = if word.run == 0 { weight } else { sign_weight(place, &runs, weight) };
        Token { raw: word.raw, form, weight, role, reason, commonness }
    };
    let mut tokens: Vec<Token> = folded.words.into_iter().enumerate().map(token).collect();
    if runs.iter().any(|&run| run != 0) {
        lighten_common_signs(&mut tokens, &runs);
    }
    let joins = joins(&tokens, &runs);
    let weight = tokens.iter().map(|token| u32::from(token.weight.0)).sum();
    Name { kind: NameKind::Person, tokens, joins, weight, cut: folded.cut }
}

/// Takes the name of an organisation or object apart.
fn analyse_body(folded: fold::Words, kind: NameKind) -> Name {
    let (parts, cut) = organisation::parts(folded.words, kind);
    let runs: Runs = parts.iter().map(|part| part.run).collect();
    let mut tokens = Vec::with_capacity(parts.len());
    for (place, part) in parts.into_iter().enumerate() {
        let weight = words::weight(&part.form, part.role, Commonness::Rare);
        let weight = if part.run == 0 { weight } else { sign_weight(place, &runs, weight) };
        tokens.push(Token {
            raw: part.raw,
            form: part.form,
            weight,
            role: part.role,
            reason: part.reason,
            commonness: Commonness::Rare,
        });
    }
    let mut joins = joins(&tokens, &runs);
    if kind == NameKind::Organisation {
        joins.extend(acronyms(&tokens));
    }
    let weight = tokens.iter().map(|token| u32::from(token.weight.0)).sum();
    Name { kind, tokens, joins, weight, cut: folded.cut || cut }
}

/// 7: acronyms of more words are not in use.
const ACRONYM_MAX: usize = 7;

/// The initials of the first words, for every number of them.
fn acronyms(tokens: &[Token]) -> impl Iterator<Item = Join> {
    let ends = (3..=ACRONYM_MAX.min(tokens.len())).filter(|&len| tokens[len - 1].role != Role::Particle);
    ends.filter_map(|len| {
        let covered = &tokens[..len];
        let letters = organisation::initials(covered.iter().map(|token| (&token.form, token.role)))?;
        Some(Join::formed(shape(0, covered), Form::initials(&letters)))
    })
}

/// By token, the number of the undivided run of signs that it stands in; 0 for words of letters.
type Runs = SmallVec<[u8; 8]>;

/// 6: a foreign name of one word seldom takes more signs.
const SIGNS_JOINED_MAX: usize = 6;

/// 3: "abd al rahman" is the longest name that others write as one word of letters.
const LETTERS_JOINED_MAX: usize = 3;

/// 540: what a word of signs weighs. How common it is cannot be told from its signs; this is within a factor of two of every weight that
/// a word of letters may have, so that neither side of a pair has weight left over.
const SIGNED: u16 = 540;

/// What one sign of a run weighs, so that its words weigh what words do: a family name of one sign and the given name after it, or a
/// word between dots (`weight` is what the sign weighs as a word), or about three signs a word where a foreign name is written without a break.
#[expect(clippy::naive_bytecount, reason = "a name has at most 64 words")]
fn sign_weight(place: usize, runs: &[u8], weight: Weight) -> Weight {
    let signs = runs.iter().filter(|&&run| run == runs[place]).count();
    let alone = runs.iter().all(|&run| run == runs[place]);
    Weight(match signs {
        1 => weight.0,
        2..=3 if alone && !is_later_sign(place, runs) => SIGNED / 2,
        2..=3 if alone => SIGNED / (signs as u16 - 1),
        4.. if alone => 2 * SIGNED / signs.clamp(4, 6) as u16,
        _ => SIGNED / signs.min(6) as u16,
    })
}

/// Signs that write a common given name of another language weigh less, as that name does. The longest name counts.
fn lighten_common_signs(tokens: &mut [Token], runs: &[u8]) {
    let mut first = 0;
    while first < runs.len() {
        let found = (2..=SIGNS_JOINED_MAX.min(runs.len() - first)).rev().find_map(|len| {
            let signs = first..first + len;
            let in_run = runs[first] != 0 && runs[signs.clone()].iter().all(|&run| run == runs[first]);
            let text = || tokens[signs].iter().map(|token| token.form.text()).collect::<String>();
            let commonness = if in_run { rarity::commonness_in_signs(&text()) } else { Commonness::Rare };
            (commonness > Commonness::Rare).then_some((len, commonness))
        });
        let (len, commonness) = found.unwrap_or((1, Commonness::Rare));
        for token in tokens[first..first + len].iter_mut().filter(|_| found.is_some()) {
            // Of a name that is known, what it weighs as a word is known too.
            token.weight = words::borne(Weight(2 * token.weight.0), commonness);
            token.commonness = commonness;
        }
        first += len;
    }
}

/// True for a sign after another of its run: not a family name.
fn is_later_sign(place: usize, runs: &[u8]) -> bool {
    place > 0 && runs[place] != 0 && runs[place - 1] == runs[place]
}

fn joins(tokens: &[Token], runs: &[u8]) -> Vec<Join> {
    let in_signs = runs.iter().any(|&run| run != 0);
    let apart = |token: &Token| matches!(token.role, Role::LegalForm | Role::Number);
    let any_apart = tokens.iter().any(apart);
    let len_max = if in_signs { SIGNS_JOINED_MAX } else { LETTERS_JOINED_MAX };
    let clean: SmallVec<[bool; 8]> =
        tokens.windows(2).map(|words| join::is_clean(&words[0].form, &words[1].form)).collect();
    // By their first word, the words of the last join.
    let beginnings = &tokens[..tokens.len().saturating_sub(1)];
    let mut in_turn: SmallVec<[Option<InTurn>; 4]> =
        beginnings.iter().map(|token| InTurn::of(&token.form)).collect();
    let (clean, in_turn) = (&clean[..], &mut in_turn[..]);
    let mut joins = Vec::with_capacity(2 * tokens.len().saturating_sub(1));
    for len in 2..=len_max {
        for (first, covered) in tokens.windows(len).enumerate() {
            let last = first + len - 1;
            let words = &mut in_turn[first];
            match words {
                Some(words) if clean[last - 1] => words.add(&tokens[last].form),
                _ => *words = None,
            }
            let joined = (!in_signs || is_of_one_run(&runs[first..=last]))
                && (!any_apart || !covered.iter().any(apart));
            if joined {
                joins.push(Join::new(shape(first, covered), tokens, words.as_ref()));
            }
        }
    }
    joins
}

/// True for signs of one run, and for letters beside letters.
fn is_of_one_run(runs: &[u8]) -> bool {
    runs.iter().all(|run| *run == runs[0]) && (runs[0] != 0 || runs.len() <= LETTERS_JOINED_MAX)
}

/// The shape of a join of two or more words.
fn shape(first: usize, covered: &[Token]) -> UnitShape {
    UnitShape {
        first: first as u8,
        len: covered.len() as u8,
        weight: covered.iter().map(|token| token.weight.0).sum(),
        initial: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str, kind: NameKind) -> Vec<(String, Role)> {
        analyse(text, kind).tokens().iter().map(|token| (token.form.text().to_owned(), token.role)).collect()
    }

    #[test]
    fn words_get_their_roles() {
        use Role::{Family, Generic, Given, Initial, LegalForm, Name, Number, Particle, Patronymic, Title};
        for (text, kind, expected) in [
            ("Dr. Ada van Zarin", NameKind::Person, vec![Title, Given, Particle, Family]),
            ("Mohammad al-Zarin", NameKind::Person, vec![Given, Particle, Family]),
            ("Belov Toman Zarinovich", NameKind::Person, vec![Family, Given, Patronymic]),
            ("Toman Zarinovich", NameKind::Person, vec![Given, Family]),
            ("J. Zarin", NameKind::Person, vec![Initial, Name]),
            ("Zarin Trading Co. Ltd", NameKind::Organisation, vec![Name, Generic, LegalForm]),
            ("ООО Зарин", NameKind::Organisation, vec![LegalForm, Name]),
            ("M/V Zarin 7", NameKind::Object, vec![Particle, Name, Number]),
        ] {
            let found: Vec<Role> = roles(text, kind).into_iter().map(|(_, role)| role).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn parts_keep_what_they_were_stated_as() {
        use NamePart::{Family, Given, Patronymic, Title};
        let name = analyse_parts(&[
            (Title, "Dr."),
            (Given, "Tarvo J. Zelinovich"),
            (Patronymic, "Munvif"),
            (Family, "van Zelmet"),
        ]);
        let roles: Vec<&str> = name.tokens().iter().map(|token| token.role.word()).collect();
        assert_eq!(roles, ["title", "given", "initial", "patronymic", "patronymic", "particle", "family"]);
        assert_eq!(name.tokens()[1].reason, RoleReason::Stated);
        assert!(analyse_parts(&[(Given, "…")]).is_empty());
        let long = "ab ".repeat(40);
        assert!(analyse_parts(&[(Given, &long), (Family, &long)]).is_cut());
    }

    #[test]
    fn units_are_tokens_and_joins() {
        let name = analyse("abd al rahman", NameKind::Person);
        let texts: Vec<&str> = name.units().map(|unit| unit.form.text()).collect();
        assert_eq!(texts, ["abd", "al", "rahman", "abdal", "alrahman", "abdalrahman"]);
        let last = UnitShape { first: 0, len: 3, weight: 830, initial: false };
        assert_eq!(name.shapes().last(), Some(last));
    }
}
