//! The score of a pair, told top to bottom.

use model::Score;

use crate::explanation::{self, Explanation};
use crate::rules::Factor;
use crate::{BirthDates, NameStrength, Profile, Rules};

/// The score of two profiles; 0 when they are of kinds that cannot be one thing.
pub fn score(rules: &Rules, subject: &Profile, entry: &Profile) -> Score {
    if !subject.kind.may_be(entry.kind) {
        return Score(0);
    }
    if shared_identifiers(subject, entry).any(|identifier| rules.is_strong(identifier)) {
        return Score::ONE;
    }
    let circumstances = Circumstances::of(rules, subject, entry);
    let best = best_names(subject, entry, &circumstances).map_or(0, |best| best.score);
    Score(circumstances.lower(best))
}

/// The same score, with everything that went into it.
pub fn explain(rules: &Rules, subject: &Profile, entry: &Profile) -> Explanation {
    let circumstances = Circumstances::of(rules, subject, entry);
    let best = best_names(subject, entry, &circumstances);
    explanation::build(rules, (subject, entry), &circumstances, best, score(rules, subject, entry))
}

/// What the two sides say beside their names, and what each of it leaves of a name score.
pub(crate) struct Circumstances {
    pub(crate) birth: BirthDates,
    pub(crate) birth_factor: Factor,
    /// `None` when a side states no gender.
    pub(crate) same_gender: Option<bool>,
    pub(crate) gender_factor: Factor,
    pub(crate) weak_factor: Factor,
}

impl Circumstances {
    fn of(rules: &Rules, subject: &Profile, entry: &Profile) -> Self {
        let birth = BirthDates::of(&subject.birth_dates, &entry.birth_dates);
        let both = !subject.genders.is_empty() && !entry.genders.is_empty();
        let same_gender = both.then(|| subject.genders.iter().any(|gender| entry.genders.contains(gender)));
        let corroborated = birth.is_same() || shared_identifiers(subject, entry).next().is_some();
        Self {
            birth,
            birth_factor: rules.birth_factor(birth),
            same_gender,
            gender_factor: if same_gender == Some(false) {
                Factor::of(rules.gender_different)
            } else {
                Factor::NONE
            },
            weak_factor: if corroborated { Factor::NONE } else { Factor::of(rules.weak_alias) },
        }
    }

    fn lower(&self, score: u32) -> u32 {
        self.gender_factor.apply(self.birth_factor.apply(score))
    }
}

/// The pair of names that says most: places in the two profiles, and the score after the price of a weak alias.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BestNames {
    pub(crate) subject: usize,
    pub(crate) entry: usize,
    pub(crate) weak: bool,
    pub(crate) score: u32,
}

fn best_names(subject: &Profile, entry: &Profile, circumstances: &Circumstances) -> Option<BestNames> {
    let mut best: Option<BestNames> = None;
    for (i, left) in subject.names.iter().enumerate() {
        for (j, right) in entry.names.iter().enumerate() {
            let weak = [subject.strengths[i], entry.strengths[j]].contains(&NameStrength::Weak);
            let raw = names::score(left, right);
            let score = if weak { circumstances.weak_factor.apply(raw) } else { raw };
            if score > best.map_or(0, |b| b.score) {
                best = Some(BestNames { subject: i, entry: j, weak, score });
            }
        }
    }
    best
}

/// The properties in which both sides state the same identifier.
pub(crate) fn shared_identifiers<'a>(
    subject: &'a Profile,
    entry: &'a Profile,
) -> impl Iterator<Item = &'a str> {
    let shared =
        subject.identifiers.iter().filter(|identifier| entry.identifiers.binary_search(identifier).is_ok());
    shared.map(|identifier| &*identifier.property)
}
