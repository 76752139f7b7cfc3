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
/// The lists must hold every single token of their name. Two joins never pair, and initials are allowed the most that they could
/// bring, so `alike` need have neither. The cost is one step for each pair of units in it.
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
    let mut note = |a: UnitShape, b: UnitShape, similarity: u16, cap: u16| {
        let (spent_a, spent_b) = spent(a.weight.min(cap), b.weight.min(cap));
        let credit = |spent: u16| u32::from(similarity) * u32::from(spent);
        let (credit_a, credit_b) = (credit(spent_a), credit(spent_b));
        let all = credit_a + credit_b;
        of_query.note(query, a, Most { own: credit_a, all, spent: u32::from(spent_a) });
        of_document.note(document, b, Most { own: credit_b, all, spent: u32::from(spent_b) });
    };
    for (i, j, similarity) in alike {
        let (a, b) = (query[i], document[j]);
        if !a.initial && !b.initial && a.len.min(b.len) == 1 && similarity > 0 {
            note(a, b, similarity, u16::MAX / 2);
        }
    }
    if has_initial(query) || has_initial(document) {
        for a in query.iter().filter(|unit| unit.len == 1) {
            let stand = |b: &&UnitShape| b.len == 1 && (a.initial || b.initial);
            document.iter().filter(stand).for_each(|b| note(*a, *b, 1000, INITIAL_WEIGHT));
        }
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

fn has_initial(units: &[UnitShape]) -> bool {
    units.iter().any(|unit| unit.initial)
}

/// The most that a unit can bring: its own share of a credit, the whole credit, and the weight that it can spend.
#[derive(Clone, Copy, Default)]
struct Most<T = u32> {
    own: T,
    all: T,
    spent: T,
}

/// By token of one side, the most that a unit brings to it, in proportion to the token's weight where the unit covers several. An alignment covers a
/// token at most once, so it brings no more.
struct Best(SmallVec<[Most<u64>; 16]>);

impl Best {
    fn of(units: &[UnitShape]) -> Self {
        let tokens = units.iter().map(|unit| unit.tokens().end).max().unwrap_or(0);
        Self(SmallVec::from_elem(Most::default(), tokens))
    }

    /// Notes what a unit can bring.
    fn note(&mut self, units: &[UnitShape], unit: UnitShape, most: Most) {
        let mut raise = |token: usize, share: &dyn Fn(u32) -> u64| {
            let best = &mut self.0[token];
            best.own = best.own.max(share(most.own));
            best.all = best.all.max(share(most.all));
            best.spent = best.spent.max(share(most.spent));
        };
        if unit.len == 1 {
            return raise(usize::from(unit.first), &|most| u64::from(most));
        }
        for token in units.iter().filter(|token| token.len == 1) {
            let place = usize::from(token.first);
            if unit.tokens().contains(&place) {
                let whole = u64::from(unit.weight.max(1));
                raise(place, &|most| (u64::from(most) * u64::from(token.weight)).div_ceil(whole));
            }
        }
    }

    fn sum(&self) -> Most<u64> {
        self.0.iter().fold(Most::default(), |sum: Most<u64>, most| Most {
            own: sum.own + most.own,
            all: sum.all + most.all,
            spent: sum.spent + most.spent,
        })
    }
}
