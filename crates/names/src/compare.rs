//! Comparing two names: the score, and the same score explained.
//!
//! In go two analysed names; out comes how alike they are in millionths, and as data every pair of units that was credited, what
//! found no counterpart, and what each shortfall cost. The costs and the score add up to exactly one million.
//!
//! ```text
//! credit(pair) = similarity · ( min(w(a), 2·w(b)) + min(w(b), 2·w(a)) )
//! score        = Σ credit / (W(A) + W(B)), less half a hundredth of itself if the order changed
//! ```

use crate::align::{Alignment, Pair, align};
use crate::name::{Name, UnitShape};
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
    /// What the pair adds to the score before the order price, millionths, rounded down.
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

/// How alike two names are: 0..=1,000,000. Symmetric; 1,000,000 for a name with itself; 0 if either is empty.
pub fn score(a: &Name, b: &Name) -> u32 {
    let weight = u64::from(a.weight() + b.weight());
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    (align(a, b).value() / weight) as u32
}

/// The score and its explanation.
pub fn compare(a: &Name, b: &Name) -> Comparison {
    if a.is_empty() || b.is_empty() {
        return nothing_to_compare(a, b);
    }
    let mut alignment = align(a, b);
    alignment.pairs.sort_by_key(|pair| pair.a.first);
    let weight = u64::from(a.weight() + b.weight());
    let mut costs = Costs::new(weight);
    let shortfalls = shortfalls(a, b, &alignment, &mut costs);
    let order_price =
        shortfalls.iter().filter(|s| matches!(s, Shortfall::Order { .. })).map(Shortfall::cost).sum();
    Comparison {
        score: (alignment.value() / weight) as u32,
        pairs: alignment.pairs.iter().map(|pair| explained(pair, weight)).collect(),
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

fn explained(pair: &Pair, weight: u64) -> UnitPair {
    UnitPair {
        a: pair.a,
        b: pair.b,
        kind: pair.kind,
        similarity: Similarity(pair.similarity),
        spent_a: pair.spent_a,
        spent_b: pair.spent_b,
        credit: (u64::from(pair.credit()) * 1000 / weight) as u32,
    }
}

fn unmatched(name: &Name, covered: impl Iterator<Item = UnitShape>) -> Vec<usize> {
    let covered: Vec<UnitShape> = covered.collect();
    (0..name.tokens().len())
        .filter(|token| !covered.iter().any(|unit| unit.tokens().contains(token)))
        .collect()
}

/// Shares of one million that add up: each is the difference of two rounded sums.
struct Costs {
    weight: u64,
    lost: u64,
    told: u64,
}

impl Costs {
    fn new(weight: u64) -> Self {
        Self { weight, lost: 0, told: 0 }
    }

    /// The cost of losing this much value (as `Alignment::value` counts). Rounded up in sum, as the score is rounded down.
    fn of(&mut self, lost: u64) -> u32 {
        self.lost += lost;
        let before = std::mem::replace(&mut self.told, self.lost.div_ceil(self.weight));
        (self.told - before) as u32
    }
}

fn shortfalls(a: &Name, b: &Name, alignment: &Alignment, costs: &mut Costs) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    for (side, name) in [(Side::A, a), (Side::B, b)] {
        let covered = alignment.pairs.iter().map(|pair| if side == Side::A { pair.a } else { pair.b });
        for token in unmatched(name, covered) {
            let cost = costs.of(FULL * u64::from(name.tokens()[token].weight.0));
            shortfalls.push(Shortfall::Unmatched { side, token, cost });
        }
    }
    for (index, pair) in alignment.pairs.iter().enumerate() {
        let spent = u64::from(pair.spent_a + pair.spent_b);
        let unspent = u64::from(pair.a.weight + pair.b.weight) - spent;
        let unlike = (1000 - u64::from(pair.similarity)) * spent * 1000;
        if unspent > 0 {
            shortfalls.push(Shortfall::Uneven { pair: index, cost: costs.of(FULL * unspent) });
        }
        if unlike > 0 {
            shortfalls.push(Shortfall::Unlike { pair: index, cost: costs.of(unlike) });
        }
    }
    if alignment.changed_order {
        let credit: u64 = alignment.pairs.iter().map(|pair| u64::from(pair.credit())).sum();
        shortfalls.push(Shortfall::Order { cost: costs.of(credit * 1000 - alignment.value()) });
    }
    shortfalls
}
