//! The alignment: which units of two names stand for one another, each token taken at most once on a side.
//!
//! In go two names; out come the pairs that bring in the most credit, and whether they stand in the same order. The choice is
//! the exact optimum while one of the names has at most `EXACT_MAX` tokens with a counterpart. Beyond, it is the better of taking the best pair
//! first and of the exact best among alignments that keep the order. The credit is the same whichever name comes first.

use crate::INITIAL_WEIGHT;
use crate::compare::PairKind;
use crate::join::Join;
use crate::name::{Name, Token, UnitShape};
use crate::raw::Parts;
use crate::relation::{Related, relate};
use crate::words::{Role, Weight};
use smallvec::SmallVec;
use std::cmp::Reverse;

/// 10: a thousand sets of tokens, past which names are lists of words and greed is right in practice.
const EXACT_MAX: u32 = 10;
/// What remains of the credit, in thousandths, when the order changed: enough to rank, too little to decide.
pub(crate) const CHANGED_ORDER: u64 = 995;
/// How alike an initial and a name that begins with it are, in thousandths.
const INITIAL_SIMILARITY: u16 = 900;

/// Two units that may stand for one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) a: UnitShape,
    pub(crate) b: UnitShape,
    pub(crate) kind: PairKind,
    pub(crate) similarity: u16,
    /// What each side brings in: its weight, but no more than twice that of the other.
    pub(crate) spent_a: u16,
    pub(crate) spent_b: u16,
}

pub(crate) type Pairs = SmallVec<[Pair; 8]>;

/// Pairs that cover each token at most once on each side.
pub(crate) struct Alignment {
    pub(crate) pairs: Pairs,
    pub(crate) changed_order: bool,
}

impl Pair {
    fn new(a: UnitShape, b: UnitShape, kind: PairKind, similarity: u16, cap: u16) -> Self {
        let (spent_a, spent_b) = spent(a.weight.min(cap), b.weight.min(cap));
        Self { a, b, kind, similarity, spent_a, spent_b }
    }

    fn swap(&mut self) {
        std::mem::swap(&mut self.a, &mut self.b);
        std::mem::swap(&mut self.spent_a, &mut self.spent_b);
    }

    /// In thousandths of thousandths of weight.
    pub(crate) fn credit(&self) -> u32 {
        u32::from(self.similarity) * u32::from(self.spent_a + self.spent_b)
    }
}

/// What two units of these weights bring in when they are paired.
pub(crate) fn spent(a: u16, b: u16) -> (u16, u16) {
    (a.min(2 * b), b.min(2 * a))
}

impl Alignment {
    /// Credit in thousandths of thousandths of thousandths of weight, the price of changed order taken off.
    fn value(&self) -> u64 {
        let credit = total(&self.pairs);
        if self.changed_order { credit * CHANGED_ORDER } else { credit * 1000 }
    }

    /// Weight that the pairs cover on each side.
    fn spent(&self) -> (u32, u32) {
        let add =
            |sum: (u32, u32), pair: &Pair| (sum.0 + u32::from(pair.spent_a), sum.1 + u32::from(pair.spent_b));
        self.pairs.iter().fold((0, 0), add)
    }

    /// Weight left over on each side.
    pub(crate) fn left_over(&self, a: &Name, b: &Name) -> (u32, u32) {
        let spent = self.spent();
        (a.weight() - spent.0, b.weight() - spent.1)
    }

    /// The score before calibration, in millionths.
    pub(crate) fn raw(&self, a: &Name, b: &Name) -> u32 {
        let spent = self.spent();
        let parts =
            Parts { credit: total(&self.pairs), spent: spent.0 + spent.1, left_over: self.left_over(a, b) };
        let raw = parts.raw();
        if self.changed_order { (u64::from(raw) * CHANGED_ORDER / 1000) as u32 } else { raw }
    }
}

/// The best alignment of two names. Where two are equally good, which one is taken does not depend on which name is called a.
pub(crate) fn align(a: &Name, b: &Name) -> Alignment {
    let mut pairs = related_pairs(a, b);
    if is_exact(&pairs) && compatible(&pairs) && in_order(&pairs) {
        return Alignment { pairs, changed_order: false };
    }
    let swapped = identity(b).lt(identity(a));
    if swapped {
        pairs = related_pairs(b, a);
    }
    let mut alignment = chosen(&pairs);
    if swapped {
        alignment.pairs.iter_mut().for_each(Pair::swap);
    }
    alignment
}

/// True if the optimum is looked for.
fn is_exact(pairs: &[Pair]) -> bool {
    let (tokens_a, tokens_b) = covered(pairs);
    tokens_a.count_ones().min(tokens_b.count_ones()) <= EXACT_MAX
}

/// The best choice of pairs.
fn chosen(pairs: &Pairs) -> Alignment {
    let (tokens_a, tokens_b) = covered(pairs);
    let exactly = is_exact(pairs);
    let best = if compatible(pairs) {
        pairs.clone()
    } else if exactly {
        exact(pairs, tokens_a, tokens_b)
    } else {
        greedy(pairs)
    };
    let free = Alignment { changed_order: !in_order(&best), pairs: best };
    if exactly && !free.changed_order {
        return free;
    }
    let ordered = Alignment { pairs: best_in_order(pairs), changed_order: false };
    if ordered.value() >= free.value() { ordered } else { free }
}

/// What the comparison of a name depends on.
fn identity(name: &Name) -> impl Iterator<Item = (&str, Role, Weight)> {
    name.tokens().iter().map(|token| (token.form.text(), token.role, token.weight))
}

fn total(pairs: &[Pair]) -> u64 {
    pairs.iter().map(|pair| u64::from(pair.credit())).sum()
}

/// Every pair of units that stands in the relation. Joins pair with single tokens only, initials with single tokens by their rule.
fn related_pairs(a: &Name, b: &Name) -> Pairs {
    let mut pairs = Pairs::new();
    for (x, token_a) in a.tokens().iter().enumerate() {
        for (y, token_b) in b.tokens().iter().enumerate() {
            if is_initial(token_a) || is_initial(token_b) {
                pairs.extend(initial((x, token_a), (y, token_b)));
            } else if let Some(alike) = relate(&token_a.form, &token_b.form) {
                pairs.push(related(token_a.shape(x), token_b.shape(y), alike));
            }
        }
    }
    for join in a.joins() {
        for (y, token) in b.tokens().iter().enumerate() {
            if let Some(alike) = joined(a, join, token) {
                pairs.push(related(join.shape, token.shape(y), alike));
            }
        }
    }
    for (x, token) in a.tokens().iter().enumerate() {
        for join in b.joins() {
            if let Some(alike) = joined(b, join, token) {
                pairs.push(related(token.shape(x), join.shape, alike));
            }
        }
    }
    pairs
}

/// How a join of a name is related to a word that is no initial.
#[inline]
fn joined(name: &Name, join: &Join, word: &Token) -> Option<Related> {
    if join.may_be_related(&word.form) && !is_initial(word) {
        relate(join.form(name.tokens()), &word.form)
    } else {
        None
    }
}

fn is_initial(token: &Token) -> bool {
    token.role == Role::Initial
}

fn related(a: UnitShape, b: UnitShape, related: Related) -> Pair {
    Pair::new(a, b, PairKind::Related(related.kind), related.similarity.0, u16::MAX / 2)
}

/// An initial stands for itself and for a name, not a particle or title, that begins with its letter.
fn initial((x, token_a): (usize, &Token), (y, token_b): (usize, &Token)) -> Option<Pair> {
    let pair =
        |kind, similarity| Pair::new(token_a.shape(x), token_b.shape(y), kind, similarity, INITIAL_WEIGHT);
    if is_initial(token_a) && is_initial(token_b) {
        let related = relate(&token_a.form, &token_b.form)?;
        return Some(pair(PairKind::Related(related.kind), related.similarity.0));
    }
    let is_name = |token: &Token| token.role.is_name() || token.role == Role::Initial;
    let begins = token_a.form.facts().onset & token_b.form.facts().onset != 0;
    let stands = begins && is_name(token_a) && is_name(token_b);
    stands.then(|| pair(PairKind::Initial, INITIAL_SIMILARITY))
}

/// The tokens that a unit covers, as bits.
fn bits(unit: UnitShape) -> u64 {
    ((1 << unit.len) - 1) << unit.first
}

fn covered(pairs: &[Pair]) -> (u64, u64) {
    pairs.iter().fold((0, 0), |(a, b), pair| (a | bits(pair.a), b | bits(pair.b)))
}

/// True if no token is in two pairs.
fn compatible(pairs: &[Pair]) -> bool {
    let (mut a, mut b) = (0, 0);
    pairs.iter().all(|pair| {
        let free = a & bits(pair.a) == 0 && b & bits(pair.b) == 0;
        a |= bits(pair.a);
        b |= bits(pair.b);
        free
    })
}

fn in_order(pairs: &[Pair]) -> bool {
    pairs.iter().all(|x| pairs.iter().all(|y| (x.a.first < y.a.first) == (x.b.first < y.b.first)))
}

/// The optimum, over the tokens of the longer side in turn and the sets of tokens used on the other.
fn exact(pairs: &[Pair], tokens_a: u64, tokens_b: u64) -> Pairs {
    let by_a = tokens_b.count_ones() <= tokens_a.count_ones();
    let (turns, used) = if by_a { (tokens_a, tokens_b) } else { (tokens_b, tokens_a) };
    let sides = |pair: &Pair| if by_a { (pair.a, pair.b) } else { (pair.b, pair.a) };
    let steps = (64 - turns.leading_zeros()) as usize;
    let sets = 1usize << used.count_ones();
    // best[step * sets + set]: credit still to be had from the tokens from `step` on, and the pair to begin with.
    let mut best = SmallVec::<[(u32, u16); 64]>::from_elem((0, u16::MAX), (steps + 1) * sets);
    for step in (0..steps).rev() {
        best.copy_within((step + 1) * sets..(step + 2) * sets, step * sets);
        best[step * sets..(step + 1) * sets].iter_mut().for_each(|(_, pair)| *pair = u16::MAX);
        for (index, pair) in
            pairs.iter().enumerate().filter(|(_, pair)| usize::from(sides(pair).0.first) == step)
        {
            let (turn, other) = sides(pair);
            let (taken, next) = (gather(bits(other), used), (step + usize::from(turn.len)) * sets);
            for set in (0..sets).filter(|set| set & taken == 0) {
                let credit = pair.credit() + best[next + (set | taken)].0;
                if credit > best[step * sets + set].0 {
                    best[step * sets + set] = (credit, index as u16);
                }
            }
        }
    }
    let (mut chosen, mut step, mut set) = (Pairs::new(), 0, 0);
    while step < steps {
        match pairs.get(usize::from(best[step * sets + set].1)) {
            Some(pair) => {
                chosen.push(*pair);
                step += usize::from(sides(pair).0.len);
                set |= gather(bits(sides(pair).1), used);
            }
            None => step += 1,
        }
    }
    chosen
}

/// The bits of `tokens` moved together to the places that they have among the bits of `among`.
fn gather(tokens: u64, among: u64) -> usize {
    let (mut left, mut gathered) = (tokens, 0);
    while left != 0 {
        let lowest = left & left.wrapping_neg();
        gathered |= 1 << (among & (lowest - 1)).count_ones();
        left ^= lowest;
    }
    gathered
}

/// The best pair first. Ties go by place.
fn greedy(pairs: &[Pair]) -> Pairs {
    let mut sorted: Vec<&Pair> = pairs.iter().collect();
    sorted.sort_by_key(|pair| (Reverse(pair.credit()), pair.a, pair.b));
    let (mut chosen, mut a, mut b) = (Pairs::new(), 0, 0);
    for pair in sorted {
        if a & bits(pair.a) == 0 && b & bits(pair.b) == 0 {
            a |= bits(pair.a);
            b |= bits(pair.b);
            chosen.push(*pair);
        }
    }
    chosen.sort_by_key(|pair| pair.a.first);
    chosen
}

/// The optimum among alignments that keep the order, over prefixes of both names.
fn best_in_order(pairs: &[Pair]) -> Pairs {
    let mut sorted: SmallVec<[&Pair; 16]> = pairs.iter().collect();
    let start = |pair: &Pair| (pair.a.first, pair.b.first);
    sorted.sort_by_key(|pair| start(pair));
    let end = |tokens: u64| (64 - tokens.leading_zeros()) as usize;
    let (tokens_a, tokens_b) = covered(pairs);
    let (height, width) = (end(tokens_a), end(tokens_b) + 1);
    let mut best = SmallVec::<[(u32, Option<&Pair>); 32]>::from_elem((0, None), (height + 1) * width);
    let after =
        |pair: &Pair, i: usize, j: usize| (i + usize::from(pair.a.len)) * width + j + usize::from(pair.b.len);
    for i in (0..height).rev() {
        for j in (0..width - 1).rev() {
            let mut cell = (best[(i + 1) * width + j].0.max(best[i * width + j + 1].0), None);
            let from = sorted.partition_point(|pair| start(pair) < (i as u8, j as u8));
            for pair in sorted[from..].iter().take_while(|pair| start(pair) == (i as u8, j as u8)) {
                let credit = pair.credit() + best[after(pair, i, j)].0;
                if credit > cell.0 {
                    cell = (credit, Some(*pair));
                }
            }
            best[i * width + j] = cell;
        }
    }
    let (mut chosen, mut i, mut j) = (Pairs::new(), 0, 0);
    while i < height && j < width - 1 {
        let (credit, pair) = best[i * width + j];
        if let Some(pair) = pair {
            chosen.push(*pair);
            (i, j) = (i + usize::from(pair.a.len), j + usize::from(pair.b.len));
        } else if best[(i + 1) * width + j].0 == credit {
            i += 1;
        } else {
            j += 1;
        }
    }
    chosen
}
