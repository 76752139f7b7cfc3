//! Comparing two names: the score, and the same score explained.
//!
//! In go two analysed names; out comes how alike they are in millionths, and as data every pair of units that was credited, what
//! found no counterpart, and what each shortfall cost. The costs and the score add up to exactly one million.
//!
//! ```text
//! credit(pair) = similarity · ( min(w(a), 2·w(b)) + min(w(b), 2·w(a)) )
//! score        = calibrated( Σ credit / (what the pairs cover + what is left over, by raw.rs), less half a hundredth if the order changed )
//! ```

use crate::align::{Alignment, CHANGED_ORDER, Pair, align};
use crate::calibration::calibrated;
use crate::name::{Name, UnitShape};
use crate::raw;
use crate::relation::{RelationKind, Similarity};

/// The score of identity, in millionths.
const FULL: u64 = 1_000_000;

/// Which of the two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

/// Why two units were paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PairKind {
    /// Their forms are related.
    Related(RelationKind),
    /// One is an initial, and the other begins with it.
    Initial,
}

/// Two units taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPair {
    /// The unit of the first name.
    pub a: UnitShape,
    /// The unit of the second name.
    pub b: UnitShape,
    /// Why.
    pub kind: PairKind,
    /// How alike.
    pub similarity: Similarity,
    /// Weight that the first name brings in, thousandths: its own, at most twice the other's.
    pub spent_a: u16,
    /// Weight that the second name brings in.
    pub spent_b: u16,
    /// The pair's share of the score, millionths, rounded down.
    pub credit: u32,
}

/// One reason why a score is not higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// A token found no counterpart.
    Unmatched {
        /// In which name.
        side: Side,
        /// Place of the token in its name.
        token: usize,
        /// Millionths.
        cost: u32,
    },
    /// A pair is not fully alike.
    Unlike {
        /// Place in [`Comparison::pairs`].
        pair: usize,
        /// Millionths.
        cost: u32,
    },
    /// A pair whose one side is less than half of the other, or an initial.
    Uneven {
        /// Place in [`Comparison::pairs`].
        pair: usize,
        /// Millionths.
        cost: u32,
    },
    /// The pairs stand in another order.
    Order {
        /// Millionths.
        cost: u32,
    },
}

impl Shortfall {
    /// What it costs, in millionths.
    pub fn cost(&self) -> u32 {
        match *self {
            Self::Unmatched { cost, .. }
            | Self::Unlike { cost, .. }
            | Self::Uneven { cost, .. }
            | Self::Order { cost } => cost,
        }
    }

    fn cost_mut(&mut self) -> &mut u32 {
        match self {
            Self::Unmatched { cost, .. }
            | Self::Unlike { cost, .. }
            | Self::Uneven { cost, .. }
            | Self::Order { cost } => cost,
        }
    }
}

/// A score with everything that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Millionths, as [`score`] gives it.
    pub score: u32,
    /// What was taken for what, in the order of the first name.
    pub pairs: Vec<UnitPair>,
    /// Places of the first name's tokens that found no counterpart.
    pub unmatched_a: Vec<usize>,
    /// Places of the second name's tokens that found no counterpart.
    pub unmatched_b: Vec<usize>,
    /// What changed order took off, millionths.
    pub order_price: u32,
    /// Why the score is not higher. With the score, the costs add up to one million, except that two names of which one is empty
    /// have a score of 0 and no shortfalls.
    pub shortfalls: Vec<Shortfall>,
}

/// How alike two names are: 0..=1,000,000, the share of such pairs that are the same person's in a labelled set of names that are
/// hard to tell apart. Symmetric; 1,000,000 for a name with itself; 0 if either is empty.
pub fn score(a: &Name, b: &Name) -> u32 {
    if a.is_empty() || b.is_empty() { 0 } else { calibrated(align(a, b).raw(a, b)) }
}

/// The score before calibration, as the tables of calibration are made from it.
pub fn raw_score(a: &Name, b: &Name) -> u32 {
    if a.is_empty() || b.is_empty() { 0 } else { align(a, b).raw(a, b) }
}

/// The score and its explanation.
pub fn compare(a: &Name, b: &Name) -> Comparison {
    if a.is_empty() || b.is_empty() {
        return nothing_to_compare(a, b);
    }
    let mut alignment = align(a, b);
    let score = calibrated(alignment.raw(a, b));
    alignment.pairs.sort_by_key(|pair| pair.a.first);
    let credit: u64 = alignment.pairs.iter().map(|pair| u64::from(pair.credit())).sum();
    let shortfalls = shortfalls(a, b, &alignment, score);
    let order_price =
        shortfalls.iter().filter(|s| matches!(s, Shortfall::Order { .. })).map(Shortfall::cost).sum();
    Comparison {
        score,
        pairs: alignment.pairs.iter().map(|pair| explained(pair, score, credit)).collect(),
        unmatched_a: unmatched(a, alignment.pairs.iter().map(|pair| pair.a)),
        unmatched_b: unmatched(b, alignment.pairs.iter().map(|pair| pair.b)),
        order_price,
        shortfalls,
    }
}

fn nothing_to_compare(a: &Name, b: &Name) -> Comparison {
    Comparison {
        score: 0,
        pairs: Vec::new(),
        unmatched_a: (0..a.tokens().len()).collect(),
        unmatched_b: (0..b.tokens().len()).collect(),
        order_price: 0,
        shortfalls: Vec::new(),
    }
}

fn explained(pair: &Pair, score: u32, credit: u64) -> UnitPair {
    UnitPair {
        a: pair.a,
        b: pair.b,
        kind: pair.kind,
        similarity: Similarity(pair.similarity),
        spent_a: pair.spent_a,
        spent_b: pair.spent_b,
        credit: (u64::from(score) * u64::from(pair.credit())).checked_div(credit).unwrap_or(0) as u32,
    }
}

fn unmatched(name: &Name, covered: impl Iterator<Item = UnitShape>) -> Vec<usize> {
    let covered: Vec<UnitShape> = covered.collect();
    (0..name.tokens().len())
        .filter(|token| !covered.iter().any(|unit| unit.tokens().contains(token)))
        .collect()
}

/// Why the score is not one million: each reason with its part of what is missing, in proportion to what it took from the raw score.
fn shortfalls(a: &Name, b: &Name, alignment: &Alignment, score: u32) -> Vec<Shortfall> {
    let mut reasons: Vec<(Shortfall, u64)> = Vec::new();
    let rates = raw::rates(alignment.left_over(a, b));
    for (side, name, rate) in [(Side::A, a, rates.0), (Side::B, b, rates.1)] {
        let covered = alignment.pairs.iter().map(|pair| if side == Side::A { pair.a } else { pair.b });
        for token in unmatched(name, covered) {
            let weight = u64::from(name.tokens()[token].weight.0);
            reasons.push((Shortfall::Unmatched { side, token, cost: 0 }, weight * rate));
        }
    }
    for (index, pair) in alignment.pairs.iter().enumerate() {
        let left = |weight: u16, spent: u16, rate: u64| u64::from(weight - spent) * rate;
        let uneven = left(pair.a.weight, pair.spent_a, rates.0) + left(pair.b.weight, pair.spent_b, rates.1);
        reasons.push((Shortfall::Uneven { pair: index, cost: 0 }, uneven));
        let unlike = (1000 - u64::from(pair.similarity)) * u64::from(pair.spent_a + pair.spent_b);
        reasons.push((Shortfall::Unlike { pair: index, cost: 0 }, unlike));
    }
    if alignment.changed_order {
        let credit: u64 = alignment.pairs.iter().map(|pair| u64::from(pair.credit())).sum();
        reasons.push((Shortfall::Order { cost: 0 }, credit * (1000 - CHANGED_ORDER) / 1000));
    }
    reasons.retain(|reason| reason.1 > 0);
    shared_out(reasons, FULL - u64::from(score))
}

/// Gives each reason its share of `missing`; the shares add up to it exactly, each the difference of two rounded sums.
fn shared_out(reasons: Vec<(Shortfall, u64)>, missing: u64) -> Vec<Shortfall> {
    let all = reasons.iter().map(|reason| reason.1).sum::<u64>().max(1);
    let (mut so_far, mut told) = (0, 0);
    let share = |(mut shortfall, part): (Shortfall, u64)| {
        so_far += part;
        let before =
            std::mem::replace(&mut told, (u128::from(missing) * u128::from(so_far) / u128::from(all)) as u64);
        *shortfall.cost_mut() = (told - before) as u32;
        shortfall
    };
    reasons.into_iter().map(share).collect()
}
