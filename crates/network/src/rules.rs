//! The numbers of the model, as a policy gives them, and what follows from them once.
//!
//! [`Rules`] is what a policy text is parsed into; [`Rules::default`] has the starting values. [`Rules::fault`] says what is
//! wrong with others.

use std::num::NonZeroU32;

use crate::cost::Cost;
use crate::observation::Percent;

/// What sort of thing an attribute is: its place among [`Rules::kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub u8);

/// The kinds of [`Rules::default`].
impl KindId {
    /// A passport or another document, by its number.
    pub const DOCUMENT: KindId = KindId(0);
    /// A journey, by its booking.
    pub const BOOKING: KindId = KindId(1);
    /// A telephone number.
    pub const PHONE: KindId = KindId(2);
    /// A handset or computer.
    pub const DEVICE: KindId = KindId(3);
    /// A bank or payment account.
    pub const ACCOUNT: KindId = KindId(4);
    /// A house or flat.
    pub const ADDRESS: KindId = KindId(5);
    /// A mail address.
    pub const EMAIL: KindId = KindId(6);
}

/// Kinds that say one thing twice are one family, which counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId(pub u8);

/// The families of [`Rules::default`].
impl FamilyId {
    /// Documents.
    pub const DOCUMENT: FamilyId = FamilyId(0);
    /// Telephone numbers and handsets.
    pub const PHONE: FamilyId = FamilyId(1);
    /// Addresses.
    pub const ADDRESS: FamilyId = FamilyId(2);
    /// Accounts.
    pub const ACCOUNT: FamilyId = FamilyId(3);
    /// Bookings.
    pub const BOOKING: FamilyId = FamilyId(4);
    /// Mail addresses.
    pub const EMAIL: FamilyId = FamilyId(5);
    /// Whatever only the people's own records say.
    pub const STATEMENT: FamilyId = FamilyId(6);
}

/// What one link of a kind is worth to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// It takes links of several families.
    OneOfSeveral,
    /// One link is enough.
    Strong,
}

/// The model's numbers for one kind of attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindRule {
    /// What it counts as.
    pub family: FamilyId,
    /// What one link of it is worth to the gate.
    pub proof: Proof,
    /// π: how far one sharing goes, at best.
    pub weight: Percent,
    /// g: so many persons share one as a rule, from 2 to 101. Sharing with more is discounted.
    pub usual: u32,
    /// D: with more persons on it, use by two of them says nothing. A power of two from 2 to 2²⁰.
    pub cap: u32,
    /// H: after a gap of so many days a link is worth 1/e. Nothing when a gap takes nothing away.
    pub decay_days: Option<NonZeroU32>,
    /// G: after more days there is no link.
    pub max_gap_days: u32,
}

/// The model's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// By [`KindId`], at most 255.
    pub kinds: Vec<KindRule>,
    /// What a pair counts as when one of the two observations is [`Stated`](crate::Relation::Stated).
    pub statement: FamilyId,
    /// The gate: so many families, over all seeds together, where no link is strong.
    pub families_needed: u32,
    /// The gate: so many days may lie between the two observations of a link.
    pub gate_max_gap_days: u32,
    /// α: what each step from person to person keeps. As many as there may be steps, from 1 to [`MOST_STEPS`].
    pub steps: Vec<Percent>,
    /// Labels that cost more are cut.
    pub cut: Cost,
}

/// How many steps from person to person rules may allow.
pub const MOST_STEPS: usize = 4;

/// What is wrong with rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesFault {
    /// More than 255 kinds.
    Kinds,
    /// No step, or more than [`MOST_STEPS`].
    Steps,
    /// No family is needed: everybody would be moved.
    FamiliesNeeded,
    /// The usual number of persons of this kind is not from 2 to 101.
    Usual(KindId),
    /// The cap of this kind is not a power of two from 2 to 2²⁰.
    Cap(KindId),
}

impl Default for Rules {
    fn default() -> Rules {
        use FamilyId as F;
        use Proof::{OneOfSeveral, Strong};
        let rule = |family, proof, percent, (usual, cap), decay, max_gap_days| KindRule {
            family,
            proof,
            weight: Percent::new(percent).expect("the percentages below"),
            usual,
            cap,
            decay_days: NonZeroU32::new(decay),
            max_gap_days,
        };
        Rules {
            kinds: vec![
                rule(F::DOCUMENT, Strong, 95, (2, 8), 0, u32::MAX),
                rule(F::BOOKING, OneOfSeveral, 80, (8, 64), 1, 1),
                rule(F::PHONE, OneOfSeveral, 60, (4, 64), 30, 90),
                rule(F::PHONE, OneOfSeveral, 60, (4, 64), 30, 90),
                // An account is kept for years and not given to the next customer: twice the time of a phone.
                rule(F::ACCOUNT, OneOfSeveral, 70, (4, 64), 60, 180),
                rule(F::ADDRESS, OneOfSeveral, 40, (5, 64), 45, 60),
                // As an account.
                rule(F::EMAIL, OneOfSeveral, 60, (2, 16), 60, 180),
            ],
            statement: F::STATEMENT,
            families_needed: 2,
            gate_max_gap_days: 0,
            steps: vec![Percent::FULL, Percent::new(50).expect("a percentage")],
            cut: Cost::THOUSANDTH,
        }
    }
}

impl Rules {
    /// The first fault, if there is any.
    pub fn fault(&self) -> Option<RulesFault> {
        if self.kinds.len() > usize::from(u8::MAX) {
            return Some(RulesFault::Kinds);
        }
        if !(1..=MOST_STEPS).contains(&self.steps.len()) {
            return Some(RulesFault::Steps);
        }
        if self.families_needed == 0 {
            return Some(RulesFault::FamiliesNeeded);
        }
        (0..).map(KindId).zip(&self.kinds).find_map(|(id, kind)| kind.fault(id))
    }

    /// The rule of a kind that an attribute was given.
    pub fn kind(&self, kind: KindId) -> &KindRule {
        &self.kinds[usize::from(kind.0)]
    }
}

impl KindRule {
    fn fault(&self, id: KindId) -> Option<RulesFault> {
        if !(2..=101).contains(&self.usual) {
            return Some(RulesFault::Usual(id));
        }
        let sound = self.cap.is_power_of_two() && (2..=1 << 20).contains(&self.cap);
        (!sound).then_some(RulesFault::Cap(id))
    }

    /// ρ: the cost of sharing with `degree` persons in all; nothing above the cap. It depends on the band of the degree
    /// alone, the next power of two, so that most arrivals change no other person's cost.
    pub(crate) fn rarity(&self, degree: u32) -> Option<Cost> {
        let within = (2..=self.cap).contains(&degree);
        within.then(|| Cost::of_rarity(self.usual, degree.next_power_of_two()))
    }

    /// The cost of the days between two observations; nothing when they are too many.
    pub(crate) fn fading(&self, gap: u32) -> Option<Cost> {
        let cost = || self.decay_days.map_or(Cost::NONE, |decay| Cost::of_gap(gap, decay.get()));
        (gap <= self.max_gap_days).then(cost)
    }
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn the_starting_values_have_no_fault() {
        assert_eq!(Rules::default().fault(), None);
    }

    #[test]
    fn rules_with_a_fault_are_told_which() {
        let with = |change: fn(&mut Rules)| {
            let mut rules = Rules::default();
            change(&mut rules);
            rules.fault()
        };
        assert_eq!(with(|rules| rules.steps.clear()), Some(RulesFault::Steps));
        assert_eq!(with(|rules| rules.steps = vec![Percent::FULL; 5]), Some(RulesFault::Steps));
        assert_eq!(with(|rules| rules.families_needed = 0), Some(RulesFault::FamiliesNeeded));
        assert_eq!(with(|rules| rules.kinds[3].usual = 1), Some(RulesFault::Usual(KindId::DEVICE)));
        assert_eq!(with(|rules| rules.kinds[6].cap = 63), Some(RulesFault::Cap(KindId::EMAIL)));
        let document = Rules::default().kinds[0].clone();
        let rules = Rules { kinds: vec![document; 256], ..Rules::default() };
        assert_eq!(rules.fault(), Some(RulesFault::Kinds));
    }

    #[test]
    fn sharing_is_discounted_by_the_band_of_the_degree_up_to_the_cap() {
        let rules = Rules::default();
        let phone = rules.kind(KindId::PHONE);
        assert_eq!(phone.rarity(1), None);
        assert_eq!(phone.rarity(2), Some(Cost::NONE));
        assert_eq!(phone.rarity(4), Some(Cost::NONE));
        assert_eq!(phone.rarity(5), phone.rarity(8));
        assert!(phone.rarity(8) < phone.rarity(9));
        assert!(phone.rarity(64).is_some());
        assert_eq!(phone.rarity(65), None);
    }

    #[test]
    fn a_gap_takes_away_until_there_is_no_link() {
        let rules = Rules::default();
        let phone = rules.kind(KindId::PHONE);
        assert_eq!(phone.fading(0), Some(Cost::NONE));
        assert_eq!(phone.fading(30), Some(Cost(65_536)));
        assert_eq!(phone.fading(91), None);
        assert_eq!(rules.kind(KindId::DOCUMENT).fading(u32::MAX), Some(Cost::NONE));
    }
}
