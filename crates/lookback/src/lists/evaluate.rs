//! Which entries answer a query, and how well.
//!
//! In: a parsed query. Out: places of entries with a rank, ascending by place. Always holds: ranks follow from the entries that stand,
//! whichever way the lists came to hold them. Ranks order a page of results and nothing else.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use strsim::osa_distance;

use super::query::{Bounds, Edge, Node, Term};
use super::words::{folded, words};
use super::{Field, Listed, Lists};

/// An entry: the segment and its place there.
type Place = (u32, u32);
/// By entry, how well it answers.
pub(super) type Hits = BTreeMap<Place, f64>;

/// 3: a name that has the word says more than a note that does.
const NAMES_BOOST: f64 = 3.0;

impl Lists {
    pub(super) fn hits(&self, node: &Node) -> Hits {
        match node {
            Node::All => self.places(&|_| true),
            Node::Nothing => Hits::new(),
            Node::Word(None | Some(Field::Text), term) => self.with_word(term, InAll),
            Node::Word(Some(Field::Names), term) => self.with_word(term, InNames),
            Node::Word(Some(field), term) => {
                let has = |listed: &Listed| {
                    field.values(listed).iter().any(|value| words(value).iter().any(|word| term.fits(word)))
                };
                self.among(self.with_word(term, InAll), &has)
            }
            Node::Phrase { field, words, slop } => {
                let mut parts = words.iter().map(|term| self.with_word(term, InAll));
                let first = parts.next().unwrap_or_default();
                let all = parts.fold(first, |all, next| both(all, &next));
                let field = field.as_ref().unwrap_or(&Field::Text);
                self.among(all, &|listed| {
                    field.values(listed).iter().any(|value| beside(words, value, *slop))
                })
            }
            Node::Value(field, term) => self.places(&|listed| match term {
                Term::Is(value) => field.holds(listed, value),
                _ => field.values(listed).iter().any(|value| term.fits(&folded(value))),
            }),
            Node::Range(field, bounds) => {
                self.places(&|listed| field.values(listed).iter().any(|value| bounds.hold(&folded(value))))
            }
            Node::Exists(field) => self.places(&|listed| !field.values(listed).is_empty()),
            Node::Boost(node, by) => {
                let mut hits = self.hits(node);
                for rank in hits.values_mut() {
                    *rank *= by;
                }
                hits
            }
            Node::Clause { must, should, must_not } => {
                let mut required = must.iter().map(|node| self.hits(node));
                let optional = should.iter().map(|node| self.hits(node)).fold(Hits::new(), either);
                let mut hits = match required.next() {
                    Some(first) => {
                        let all = required.fold(first, |all, next| both(all, &next));
                        let bonus = |(place, rank)| (place, rank + optional.get(&place).unwrap_or(&0.0));
                        all.into_iter().map(bonus).collect()
                    }
                    None if should.is_empty() => self.places(&|_| true),
                    None => optional,
                };
                for node in must_not {
                    let unwanted = self.hits(node);
                    hits.retain(|place, _| !unwanted.contains_key(place));
                }
                hits
            }
        }
    }

    /// The entry at a place.
    pub(super) fn at(&self, (segment, place): Place) -> &Arc<Listed> {
        &self.segments[segment as usize].listed[place as usize]
    }

    /// Every entry that stands and of which something is true.
    fn places(&self, is_one: &dyn Fn(&Listed) -> bool) -> Hits {
        let mut hits = Hits::new();
        for (number, segment) in self.segments.iter().enumerate() {
            let stands = |(_, listed): &(usize, &Arc<Listed>)| self.stands(listed) && is_one(listed);
            let found = segment.listed.iter().enumerate().filter(stands);
            hits.extend(found.map(|(place, _)| ((number as u32, place as u32), 1.0)));
        }
        hits
    }

    fn among(&self, hits: Hits, is_one: &dyn Fn(&Listed) -> bool) -> Hits {
        hits.into_iter().filter(|(place, _)| is_one(self.at(*place))).collect()
    }

    /// The entries that have a word. The fewer have it, the more it says.
    fn with_word(&self, term: &Term, where_: Where) -> Hits {
        let mut counts: BTreeMap<Place, (u32, u32)> = BTreeMap::new();
        for (number, segment) in self.segments.iter().enumerate() {
            for (_, postings) in term.of(&segment.index().words) {
                let standing = postings.iter().filter(|p| self.stands(&segment.listed[p.place as usize]));
                for posting in standing.filter(|p| where_ == InAll || p.in_names > 0) {
                    let (in_names, in_all) = counts.entry((number as u32, posting.place)).or_default();
                    *in_names += u32::from(posting.in_names);
                    *in_all += u32::from(posting.in_all);
                }
            }
        }
        let said = match term {
            // Of a word that may be many the rarity says nothing.
            Term::Begins(_) | Term::Like(_) => 1.0,
            Term::Is(_) | Term::Near(..) => {
                let (all, with) = (self.rows.len() as f64, counts.len() as f64);
                (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
            }
        };
        let rank = |(in_names, in_all)| f64::max(NAMES_BOOST * repeated(in_names), repeated(in_all)) * said;
        counts.into_iter().map(|(place, counts)| (place, rank(counts))).collect()
    }
}

/// Where a word has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    InNames,
    InAll,
}
use Where::{InAll, InNames};

/// What it says that a word stands there so often: never more than 2.2 times what once does.
fn repeated(times: u32) -> f64 {
    let times = f64::from(times);
    times * 2.2 / (times + 1.2)
}

fn both(left: Hits, right: &Hits) -> Hits {
    left.into_iter().filter_map(|(place, rank)| Some((place, rank + right.get(&place)?))).collect()
}

fn either(mut left: Hits, right: Hits) -> Hits {
    for (place, rank) in right {
        *left.entry(place).or_default() += rank;
    }
    left
}

impl Term {
    /// The words of a vocabulary that it may be.
    fn of<'a, T>(
        &'a self,
        words: &'a BTreeMap<Box<str>, Vec<T>>,
    ) -> Box<dyn Iterator<Item = (&'a str, &'a [T])> + 'a> {
        let plain = |(word, of): (&'a _, &'a Vec<T>)| (AsRef::<str>::as_ref(word), of.as_slice());
        match self {
            Self::Is(word) => Box::new(words.get_key_value(word.as_str()).map(plain).into_iter()),
            Self::Begins(start) => {
                let from = words.range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded));
                Box::new(from.map(plain).take_while(move |(word, _)| word.starts_with(start)))
            }
            Self::Like(_) | Self::Near(..) => {
                Box::new(words.iter().map(plain).filter(|(word, _)| self.fits(word)))
            }
        }
    }

    fn fits(&self, word: &str) -> bool {
        match self {
            Self::Is(own) => own == word,
            Self::Begins(start) => word.starts_with(start),
            Self::Like(form) => is_like(word, form),
            Self::Near(own, edits) => {
                let lengths = own.chars().count().abs_diff(word.chars().count());
                lengths <= *edits && osa_distance(own, word) <= *edits
            }
        }
    }
}

/// Whether a word has a form in which `*` is any signs and `?` is one.
fn is_like(word: &str, form: &str) -> bool {
    let (word, form): (Vec<char>, Vec<char>) = (word.chars().collect(), form.chars().collect());
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < word.len() {
        match form.get(place) {
            Some('*') => {
                star = Some((place, at));
                place += 1;
            }
            Some(&sign) if sign == '?' || sign == word[at] => (at, place) = (at + 1, place + 1),
            _ => match star {
                Some((starred, from)) => {
                    star = Some((starred, from + 1));
                    (at, place) = (from + 1, starred + 1);
                }
                None => return false,
            },
        }
    }
    form[place..].iter().all(|sign| *sign == '*')
}

/// Whether the terms stand in a text in their order, with at most so many other words between them.
fn beside(terms: &[Term], text: &str, slop: usize) -> bool {
    let words = words(text);
    let from = |start: usize| {
        let (mut at, mut between) = (start, 0);
        for (number, term) in terms.iter().enumerate() {
            let next = words[at..].iter().position(|word| term.fits(word));
            let Some(skipped) = next else { return false };
            between += if number == 0 { 0 } else { skipped };
            if between > slop {
                return false;
            }
            at += skipped + 1;
        }
        true
    };
    (0..words.len()).filter(|&start| terms[0].fits(&words[start])).any(from)
}

impl Bounds {
    /// Numbers are compared as numbers, all else (days, times, codes) as text. A bound that is a year holds all of its days.
    fn hold(&self, value: &str) -> bool {
        let order = |bound: &str| match (value.parse::<f64>(), bound.parse::<f64>()) {
            (Ok(value), Ok(bound)) => value.total_cmp(&bound),
            _ if value.starts_with(bound) => std::cmp::Ordering::Equal,
            _ => value.cmp(bound),
        };
        let above = self.lower.as_ref().is_none_or(|(bound, edge)| match edge {
            Edge::Within => order(bound).is_ge(),
            Edge::Without => order(bound).is_gt(),
        });
        let below = self.upper.as_ref().is_none_or(|(bound, edge)| match edge {
            Edge::Within => order(bound).is_le(),
            Edge::Without => order(bound).is_lt(),
        });
        above && below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_fit_words_as_in_file_names() {
        for (word, form, fits) in [
            ("strom", "*", true),
            ("strom", "s*m", true),
            ("strom", "s?r*", true),
            ("strom", "str?m?", false),
            ("strom", "*o", false),
            ("aaab", "*ab", true),
            ("", "?", false),
        ] {
            assert_eq!(is_like(word, form), fits, "{word} {form}");
        }
    }

    #[test]
    fn a_phrase_is_words_in_order_and_near_enough() {
        let is = |words: &[&str]| words.iter().map(|w| Term::Is((*w).into())).collect::<Vec<_>>();
        assert!(beside(&is(&["orlan", "veska"]), "Dr Orlan Veska", 0));
        assert!(!beside(&is(&["orlan", "veska"]), "Orlan T. M. Veska", 1));
        assert!(beside(&is(&["orlan", "veska"]), "Orlan T. M. Veska", 2));
        assert!(!beside(&is(&["orlan", "veska"]), "Veska, Orlan", 3));
        assert!(beside(&is(&["a", "b"]), "a c a b", 0), "from its second start");
    }
}
