//! Candidates of a query: the documents that could score at the threshold, and those that share an identifier.
//!
//! # Why nothing is lost
//! A score adds up pairs of units, and a pair is either *related* (by their forms, not both joins: one is stored under a key that the other
//! probes) or goes through an *initial*. Let R be [`required_weight`]: a name that reaches the threshold has matched at least R of the
//! query name's weight. Let P be the tokens that are probed and L those that are left out, so that
//!
//! ```text
//! weight of L  +  what initials could bring for each token of P  <  R
//! ```
//!
//! Suppose a name reaches the threshold although no token of P is covered by a related pair. Then its tokens of P matched
//! through initials at most, and its matched weight is below R: a contradiction. So some token of P lies in a query unit
//! (the token alone or a join) that is related to a unit of that name. *Every* query unit that touches P is probed, with
//! all forms that it is related to and may be paired with (all forms that share a key are compared), and the postings of a form list every name
//! that has it in any unit, token or join. So the name is met. An initial of the query is never probed and always in L.
//!
//! A token of P that is not an initial matches through an initial only in a name that contains one. So a plan may meet
//! all those names too and count nothing for such tokens. Where even then the initials of the query itself could bring R
//! (a name of initials, a very low threshold), every name is looked at.
//!
//! What is met is then thrown out only by bounds: by the weight of the tokens that it was met through, all others being
//! counted as matched in full or through an initial as far as they could be, and by [`upper_bound`].
//!
//! # What it costs
//! The dearest tokens, by the postings of everything that they relate to, are those left out. Where many names are met,
//! the postings of the tokens left out are read after all, if that is cheaper than to look at each name.

use std::cmp::Reverse;
use std::ops::Range;

use names::{INITIAL_WEIGHT, Name, UnitShape, least_raw_score, required_weight, upper_bound};
use smallvec::SmallVec;

use crate::part::{INITIAL_FORM, PackedUnit, Slot, View};
use crate::scratch::{Buffers, Comparison, Expansion, Place, RelatedForm, Scratch};
use crate::{DocumentId, Query};

/// A name is met through a set of tokens, a bit each; the last bit says that it was met through an initial.
const TOKENS_MAX: usize = 63;
const MET_BY_INITIAL: u64 = 1 << TOKENS_MAX;

/// Looking at a name costs two or three cache misses, reading one posting next to none. Beside 16, a search of a million names takes 0.87 of the time.
const POSTINGS_PER_LOOK: usize = 64;

/// Names looked at together.
const BLOCK: usize = 32;

/// Fewer names than this are looked at without further ado.
const FEW: usize = 32;

/// Ascending ids of the live documents that could answer, each once.
pub(crate) fn candidates(
    index: u64,
    views: &[View<'_>],
    query: &Query<'_>,
    scratch: &mut Scratch,
) -> Vec<DocumentId> {
    let mut found = Vec::new();
    for view in views {
        add_sharing_identifiers(view, query, &mut found);
    }
    let least = least_raw_score(query.threshold);
    for name in query.names.iter().filter(|name| !name.is_empty()) {
        let forms = name.units().map(|unit| (!unit.shape.initial).then_some(unit.form));
        let (places, expansions, buffers) = scratch.expand(index, views, forms);
        for (part, view) in views.iter().enumerate().filter(|(_, view)| !view.arrays.slots.is_empty()) {
            let expansion = |place: &Option<Place>| place.map(|place| expansions.get(place, part));
            let expansions = places.iter().map(expansion).collect();
            Search::new(name, query, least, *view, expansions).run(buffers, &mut found);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn add_sharing_identifiers(view: &View<'_>, query: &Query<'_>, found: &mut Vec<DocumentId>) {
    for &identifier in query.identifiers {
        view.part.documents_with_identifier(identifier, &mut |document| {
            let group = view.arrays.groups.get(document as usize);
            if group.is_some_and(|&group| answers(query, group)) && !view.removed.contains(document) {
                found.extend(view.arrays.ids.get(document as usize).copied().map(DocumentId));
            }
        });
    }
}

fn answers(query: &Query<'_>, group: u8) -> bool {
    query.groups >> (group & 7) & 1 == 1
}

/// One query name against one part.
struct Search<'a> {
    query: &'a Query<'a>,
    view: View<'a>,
    /// The least raw score of a name that answers.
    least: u32,
    required: u32,
    query_weight: u32,
    shapes: SmallVec<[UnitShape; 8]>,
    /// By unit; none for initials.
    expansions: SmallVec<[Option<&'a Expansion>; 8]>,
    tokens: SmallVec<[Token; 4]>,
    filter: FormFilter,
}

/// A token of the query name.
#[derive(Clone, Copy, Default)]
struct Token {
    weight: u32,
    initial: bool,
    /// Postings of everything that the units covering it relate to.
    postings: usize,
}

impl Token {
    /// The most it can bring without being covered by a related pair: a pair with an initial has one on either side.
    fn unrelated_weight(&self, name_has_initial: bool) -> u32 {
        if self.initial || name_has_initial { self.weight.min(u32::from(INITIAL_WEIGHT)) } else { 0 }
    }
}

/// Whether a name can match what is required when only these tokens may be covered by related pairs: one with an initial, and one without.
struct Matchable {
    related: u64,
    with_initial: bool,
    without: bool,
}

impl Matchable {
    fn of(search: &Search<'_>, related: u64) -> Self {
        let reaches = |has_initial| search.matchable_weight(related, has_initial) >= search.required;
        Self { related, with_initial: reaches(true), without: reaches(false) }
    }
}

/// A name that is to be looked at: whose it is, and where its units are.
struct MetName {
    document: u32,
    units: Range<usize>,
}

/// Where the names to look at come from.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    EveryName,
    Probe { tokens: u64, initials: bool },
}

impl<'a> Search<'a> {
    fn new(
        name: &Name,
        query: &'a Query<'a>,
        least: u32,
        view: View<'a>,
        expansions: SmallVec<[Option<&'a Expansion>; 8]>,
    ) -> Search<'a> {
        let mut search = Search {
            query,
            view,
            least,
            required: required_weight(name.weight(), least),
            query_weight: name.weight(),
            shapes: name.shapes().collect(),
            expansions,
            tokens: SmallVec::new(),
            filter: FormFilter::default(),
        };
        search.note_tokens();
        search.expansions.iter().flatten().for_each(|expansion| search.filter.insert(&expansion.related));
        search
    }

    fn note_tokens(&mut self) {
        for (shape, expansion) in self.shapes.iter().zip(&self.expansions) {
            let tokens = usize::from(shape.first)..usize::from(shape.first) + usize::from(shape.len);
            if self.tokens.len() < tokens.end {
                self.tokens.resize(tokens.end, Token::default());
            }
            if shape.len == 1 {
                let token = &mut self.tokens[tokens.start];
                token.weight = u32::from(shape.weight);
                token.initial = shape.initial;
            }
            for token in &mut self.tokens[tokens] {
                token.postings += expansion.map_or(0, |expansion| expansion.postings as usize);
            }
        }
    }

    fn run(&self, buffers: &mut Buffers, found: &mut Vec<DocumentId>) {
        let names = self.view.arrays.slots.len();
        buffers.met.resize(buffers.met.len().max(names), 0);
        let known = match self.plan() {
            Plan::EveryName => {
                buffers.slots.extend(0..names as u32);
                0
            }
            Plan::Probe { tokens, initials } => {
                self.probe(tokens, initials, buffers);
                self.refine(tokens, buffers)
            }
        };
        self.look_at_all(known, buffers, found);
    }

    /// The cheaper of the plans that lose nothing: with the names that contain an initial, or without.
    fn plan(&self) -> Plan {
        let plans = [false, true].into_iter().filter_map(|initials| self.plan_probes(initials));
        plans.min_by_key(|&(postings, _)| postings).map_or(Plan::EveryName, |(_, plan)| plan)
    }

    /// Leaves out the dearest tokens, as long as what could be matched without the others stays below what is required.
    /// With the postings to read; none where even all tokens are not enough.
    fn plan_probes(&self, initials: bool) -> Option<(usize, Plan)> {
        let unrelated = |token: &Token| token.unrelated_weight(!initials);
        let mut missed: u32 = self.tokens.iter().map(unrelated).sum();
        if missed >= self.required || self.tokens.len() > TOKENS_MAX {
            return None;
        }
        let mut postings = if initials { self.view.part.postings(INITIAL_FORM).len() } else { 0 };
        let mut order: SmallVec<[usize; 8]> = (0..self.tokens.len()).collect();
        order.sort_by_key(|&token| (Reverse(self.tokens[token].postings), token));
        let mut tokens = 0;
        for number in order {
            let token = &self.tokens[number];
            let without = missed - unrelated(token) + token.weight;
            if without < self.required {
                missed = without;
            } else {
                tokens |= 1 << number;
                postings += token.postings;
            }
        }
        Some((postings, Plan::Probe { tokens, initials }))
    }

    /// Meets every name that has a form related to a unit touching the tokens, and every name with an initial if asked.
    fn probe(&self, tokens: u64, initials: bool, buffers: &mut Buffers) {
        let Buffers { met, slots, .. } = buffers;
        let mut meet = |slot: u32, bits: u64| {
            let Some(cell) = met.get_mut(slot as usize) else { return };
            if *cell == 0 {
                slots.push(slot);
            }
            *cell |= bits;
        };
        for (bits, expansion) in self.units_touching(tokens) {
            for related in &expansion.related {
                self.view.part.postings(related.form).iter().for_each(|&slot| meet(slot, bits));
            }
        }
        if initials {
            for &slot in self.view.part.postings(INITIAL_FORM) {
                meet(slot, MET_BY_INITIAL);
            }
        }
    }

    /// Reads the postings of the tokens left out where that spares looking at names. Returns the tokens for which it is
    /// now known whether a met name has something related to them.
    fn refine(&self, probed: u64, buffers: &mut Buffers) -> u64 {
        let all = self.tokens.iter().enumerate().filter(|(_, token)| !token.initial);
        let left_out: u64 = all.map(|(number, _)| 1 << number).sum::<u64>() & !probed;
        let postings: usize =
            self.units_touching(left_out).map(|(_, expansion)| expansion.postings as usize).sum();
        if buffers.slots.len() < FEW || postings > POSTINGS_PER_LOOK * buffers.slots.len() {
            return probed;
        }
        for (bits, expansion) in self.units_touching(left_out) {
            for related in &expansion.related {
                for &slot in self.view.part.postings(related.form) {
                    if let Some(cell) = buffers.met.get_mut(slot as usize).filter(|cell| **cell != 0) {
                        *cell |= bits;
                    }
                }
            }
        }
        probed | left_out
    }

    /// The units that cover any of the tokens: the bits of all tokens that each covers, and what it relates to.
    fn units_touching(&self, tokens: u64) -> impl Iterator<Item = (u64, &'a Expansion)> {
        self.shapes.iter().zip(&self.expansions).filter_map(move |(shape, expansion)| {
            let bits = ((1 << shape.len) - 1) << shape.first;
            expansion.filter(|_| bits & tokens != 0).map(|expansion| (bits, expansion))
        })
    }

    /// The weight that a name can match if only these tokens may be covered by related pairs.
    fn matchable_weight(&self, related: u64, has_initial: bool) -> u32 {
        let weight = |(number, token): (usize, &Token)| {
            if related >> number & 1 == 1 { token.weight } else { token.unrelated_weight(has_initial) }
        };
        self.tokens.iter().enumerate().map(weight).sum()
    }

    /// Adds the documents of the met names whose bound reaches the threshold.
    ///
    /// Names lie scattered, and their look costs mostly waiting for memory: so it is done a block at a time, first all
    /// slots, then all units, and the processor waits for many at once (40 % less time, with thousands of names met).
    fn look_at_all(&self, known: u64, buffers: &mut Buffers, found: &mut Vec<DocumentId>) {
        let Buffers { met, slots, units, comparison } = buffers;
        let mut matchable = Matchable::of(self, 0);
        for block in slots.chunks(BLOCK) {
            let mut names = SmallVec::<[(u32, bool); BLOCK]>::new();
            for &slot in block {
                let related = std::mem::take(&mut met[slot as usize]) | !known;
                if matchable.related != related {
                    matchable = Matchable::of(self, related);
                }
                if matchable.with_initial {
                    names.push((slot, matchable.without));
                }
            }
            let owners: SmallVec<[Option<Slot>; BLOCK]> =
                names.iter().map(|&(slot, _)| self.view.arrays.slots.get(slot as usize).copied()).collect();
            let names = names.iter().zip(owners).filter_map(|(&(slot, reaches), owner)| {
                let owner = owner.filter(|owner| reaches || owner.has_initial())?;
                self.met_name(slot, owner)
            });
            let names: SmallVec<[MetName; BLOCK]> = names.collect();
            units.clear();
            for name in &names {
                units.extend_from_slice(self.view.arrays.units.get(name.units.clone()).unwrap_or(&[]));
            }
            let mut rest = units.as_slice();
            for name in names {
                let (units, others) = rest.split_at(name.units.len().min(rest.len()));
                rest = others;
                if self.bound(units, comparison) >= self.least {
                    found.extend(self.view.arrays.ids.get(name.document as usize).copied().map(DocumentId));
                }
            }
        }
        slots.clear();
    }

    /// The name in a slot, if it may answer.
    fn met_name(&self, slot: u32, owner: Slot) -> Option<MetName> {
        let document = owner.document();
        let may_answer = answers(self.query, owner.group()) && !self.view.removed.contains(document);
        let units = self.view.arrays.unit_range(slot)?;
        may_answer.then_some(MetName { document, units })
    }

    /// The most that the raw score of the query name and a name of these units can be.
    fn bound(&self, units: &[PackedUnit], comparison: &mut Comparison) -> u32 {
        let Comparison { alike, shapes } = comparison;
        shapes.clear();
        alike.clear();
        let mut weight = 0;
        for (place, unit) in units.iter().enumerate() {
            let shape = unit.shape();
            weight += if shape.len == 1 { u32::from(shape.weight) } else { 0 };
            shapes.push(shape);
            if self.filter.may_contain(unit.form) {
                alike.extend(self.alike(unit.form).map(|(query, similarity)| (query, place, similarity)));
            }
        }
        upper_bound(&self.shapes, self.query_weight, shapes, weight, alike.iter().copied())
    }

    /// The units of the query that are related to a form, with their similarity.
    fn alike(&self, form: u32) -> impl Iterator<Item = (usize, u16)> {
        self.expansions.iter().enumerate().filter_map(move |(query, expansion)| {
            let related = &(*expansion)?.related;
            let place = related.binary_search_by_key(&form, |related| related.form).ok()?;
            Some((query, related[place].similarity))
        })
    }
}

/// A Bloom filter of one hash: says at once that a form is related to no unit of the query, as most are.
struct FormFilter {
    words: [u64; FormFilter::WORDS],
}

impl FormFilter {
    /// 4,096 bits: stays in the first-level cache, and a query relates to some hundred forms.
    const WORDS: usize = 64;

    fn insert(&mut self, related: &[RelatedForm]) {
        for related in related {
            let (word, bit) = FormFilter::place(related.form);
            self.words[word] |= bit;
        }
    }

    fn may_contain(&self, form: u32) -> bool {
        let (word, bit) = FormFilter::place(form);
        self.words[word] & bit != 0
    }

    fn place(form: u32) -> (usize, u64) {
        let hash = form.wrapping_mul(0x9E37_79B1) >> 20;
        (hash as usize / 64, 1 << (hash % 64))
    }
}

impl Default for FormFilter {
    fn default() -> FormFilter {
        FormFilter { words: [0; FormFilter::WORDS] }
    }
}
