//! A page of the entries that answer a query, and what all of them have.
//!
//! In: a query, what to let through, how to sort, what to count. Out: one page, how many there are, and counts by value. Always holds: the
//! order is a total one (rank, then id), so pages neither overlap nor leave anything out.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::words::folded;
use super::{Field, Listed, Lists, Query};

/// Which way a field is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// A question about the entries.
pub struct Search<'a> {
    /// What they say.
    pub query: &'a Query,
    /// Which of them are wanted.
    pub wanted: &'a dyn Fn(&Listed) -> bool,
    /// By what they are sorted before their rank. Those without the field come last, either way.
    pub sort: &'a [(Field, Order)],
    /// Of which fields values are counted.
    pub facets: &'a [Field],
    /// How many to leave out.
    pub offset: usize,
    /// How many to show.
    pub limit: usize,
}

/// The answer.
pub struct Found<'a> {
    /// How many there are.
    pub total: usize,
    /// One page of them.
    pub page: Vec<&'a Arc<Listed>>,
    /// For each field that was asked for: its values and how many entries have them, the most frequent first.
    pub facets: Vec<Vec<(String, usize)>>,
}

impl Lists {
    /// Searches.
    pub fn search(&self, search: &Search<'_>) -> Found<'_> {
        let hits = self.hits(&search.query.0).into_iter().map(|(place, rank)| (self.at(place), rank));
        let mut hits: Vec<(&Arc<Listed>, f64)> = hits.filter(|(listed, _)| (search.wanted)(listed)).collect();
        let facets = search.facets.iter().map(|field| counted(field, &hits)).collect();
        for (listed, rank) in &mut hits {
            // Of two that have the words alike, the one of which more is known is more likely to be looked for.
            let values: usize = listed.entity().properties.values().map(Vec::len).sum();
            *rank += (0.5 * values as f64).sqrt();
        }
        let total = hits.len();
        let mut keyed: Vec<_> =
            hits.into_iter().map(|(listed, rank)| (keys(search.sort, listed), rank, listed)).collect();
        keyed.sort_by(|(left, left_rank, a), (right, right_rank, b)| {
            let by_fields = by_keys(search.sort, left, right);
            by_fields.then(right_rank.total_cmp(left_rank)).then_with(|| a.entity().id.cmp(&b.entity().id))
        });
        let page =
            keyed.into_iter().skip(search.offset).take(search.limit).map(|(_, _, listed)| listed).collect();
        Found { total, page, facets }
    }

    /// Sorts entries by fields, keeping the order of those that are alike.
    pub fn sort(&self, listed: &mut [&Arc<Listed>], sort: &[(Field, Order)]) {
        listed.sort_by(|a, b| by_keys(sort, &keys(sort, a), &keys(sort, b)));
    }
}

type Keys<'a> = Vec<Option<Cow<'a, str>>>;

fn keys<'a>(sort: &[(Field, Order)], listed: &'a Listed) -> Keys<'a> {
    let key = |(field, order): &(Field, Order)| match order {
        Order::Ascending => field.values(listed).into_iter().min(),
        Order::Descending => field.values(listed).into_iter().max(),
    };
    sort.iter().map(key).collect()
}

fn by_keys(sort: &[(Field, Order)], left: &Keys<'_>, right: &Keys<'_>) -> Ordering {
    let pairs = sort.iter().zip(left.iter().zip(right));
    let ordered = pairs.map(|((_, order), (left, right))| match (left, right) {
        (Some(left), Some(right)) if *order == Order::Ascending => left.cmp(right),
        (Some(left), Some(right)) => right.cmp(left),
        (left, right) => right.is_some().cmp(&left.is_some()),
    });
    ordered.fold(Ordering::Equal, Ordering::then)
}

fn counted(field: &Field, hits: &[(&Arc<Listed>, f64)]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let is_code = !matches!(field, Field::Schema | Field::Dataset);
    for (listed, _) in hits {
        let mut values: Vec<String> =
            field.values(listed).iter().map(|v| if is_code { folded(v) } else { v.to_string() }).collect();
        values.sort_unstable();
        values.dedup();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    // 1,000: no client shows more.
    counts.truncate(1_000);
    counts
}
