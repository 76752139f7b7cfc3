//! Bounds: what a raw score can at most be, from less than a score needs.
//!
//! `required_weight` says how much of a query must find a counterpart before a name can reach a score, so that an index
//! need not look for all of it. `upper_bound` takes the similarities of units and no alignment. Neither ever rules out a name
//! whose raw score is so high. A score is turned once into the least raw score that reaches it.

use crate::INITIAL_WEIGHT;
use crate::align::spent;
use crate::name::UnitShape;
use crate::{calibration, raw};
use smallvec::SmallVec;

/// The least raw score (millionths) of names that score at least `score` (millionths).
pub fn least_raw_score(score: u32) -> u32 {
    calibration::least_raw(score)
}

/// The least weight of query tokens with a counterpart in a name whose raw score is at least `raw` (millionths). A query token whose
/// counterpart is an initial spends at most [`INITIAL_WEIGHT`].
pub fn required_weight(query_weight: u32, raw: u32) -> u32 {
    raw::required(query_weight, raw)
}

/// Two units that are related: their places in the query and in the document, and a similarity (thousandths) that is not less than theirs.
pub type UnitsAlike = (usize, usize, u16);

/// At least the raw score of any two names with these units, in millionths, where `alike` has every two units that are related, in any order.
///
/// The lists are as [`Name::units`](crate::Name::units) has them: every token in order, then joins. Two joins never pair, and initials are
/// allowed the most that they could bring, so `alike` need have neither. The cost is one step for each unit and each pair in `alike`.
pub fn upper_bound(
    query: &[UnitShape],
    query_weight: u32,
    document: &[UnitShape],
    document_weight: u32,
    alike: impl IntoIterator<Item = UnitsAlike>,
) -> u32 {
    if query_weight == 0 || document_weight == 0 {
        return 0;
    }
    let (mut of_query, mut of_document) = (Best::of(query), Best::of(document));
    for (i, j, similarity) in alike {
        let (a, b) = (query[i], document[j]);
        if !a.initial && !b.initial && a.len.min(b.len) == 1 {
            let (most_a, most_b) = most(a.weight, b.weight, similarity);
            of_query.note(a, most_a);
            of_document.note(b, most_b);
        }
    }
    if of_query.initial > 0 || of_document.initial > 0 {
        of_query.note_initials(&of_document);
        of_document.note_initials(&of_query);
    }
    let (of_query, of_document) = (of_query.sum(), of_document.sum());
    let credit = (of_query.own + of_document.own).min(of_query.all).min(of_document.all);
    raw::raw_at_most(
        credit,
        (of_query.own, of_document.own),
        (of_query.spent as u32, of_document.spent as u32),
        (query_weight, document_weight),
    )
}

/// The most that a unit can bring: its own share of a credit, the whole credit, and the weight that it can spend.
#[derive(Clone, Copy, Default)]
struct Most<T = u32> {
    own: T,
    all: T,
    spent: T,
}

/// What two units of these weights bring, each of them.
fn most(a: u16, b: u16, similarity: u16) -> (Most, Most) {
    // No unit weighs so much, but a damaged file may say so.
    let (spent_a, spent_b) = spent(a.min(u16::MAX / 2), b.min(u16::MAX / 2));
    let credit = |spent: u16| u32::from(similarity) * u32::from(spent);
    let (own_a, own_b) = (credit(spent_a), credit(spent_b));
    let most = |own: u32, spent: u16| Most { own, all: own_a + own_b, spent: u32::from(spent) };
    (most(own_a, spent_a), most(own_b, spent_b))
}

/// The most that units bring to each token of one side, in proportion to the token's weight where a unit covers several. An alignment
/// covers a token at most once, so it brings no more.
struct Best<'u> {
    tokens: &'u [UnitShape],
    most: SmallVec<[Most; 8]>,
    /// The weight of the heaviest token, and of the heaviest initial.
    heaviest: u16,
    initial: u16,
}

impl<'u> Best<'u> {
    fn of(units: &'u [UnitShape]) -> Self {
        let tokens = &units[..units.iter().take_while(|unit| unit.len == 1).count()];
        let (mut heaviest, mut initial) = (0, 0);
        for token in tokens {
            heaviest = heaviest.max(token.weight);
            initial = initial.max(if token.initial { token.weight } else { 0 });
        }
        Self { tokens, most: SmallVec::from_elem(Most::default(), tokens.len()), heaviest, initial }
    }

    /// Notes what a unit can bring.
    fn note(&mut self, unit: UnitShape, most: Most) {
        let covered = self.most.get_mut(unit.tokens()).unwrap_or_default();
        if let [best] = covered {
            return best.raise(most);
        }
        let tokens = self.tokens.get(unit.tokens()).unwrap_or_default();
        for (best, token) in covered.iter_mut().zip(tokens) {
            let part = u64::from(token.weight);
            let share = |most: u32| (u64::from(most) * part).div_ceil(u64::from(unit.weight.max(1))) as u32;
            best.raise(Most { own: share(most.own), all: share(most.all), spent: share(most.spent) });
        }
    }

    /// Notes what each token can bring beside an initial, or as one: the most with the heaviest that it could stand beside.
    fn note_initials(&mut self, others: &Best<'_>) {
        for (best, token) in self.most.iter_mut().zip(self.tokens) {
            let other = if token.initial { others.heaviest } else { others.initial };
            best.raise(most(token.weight.min(INITIAL_WEIGHT), other.min(INITIAL_WEIGHT), 1000).0);
        }
    }

    fn sum(&self) -> Most<u64> {
        self.most.iter().fold(Most::default(), |sum: Most<u64>, most| Most {
            own: sum.own + u64::from(most.own),
            all: sum.all + u64::from(most.all),
            spent: sum.spent + u64::from(most.spent),
        })
    }
}

impl Most {
    fn raise(&mut self, other: Self) {
        self.own = self.own.max(other.own);
        self.all = self.all.max(other.all);
        self.spent = self.spent.max(other.spent);
    }
}
