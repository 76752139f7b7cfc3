//! How many reviews came and were decided in each period: what a forecast goes by.
//!
//! In: a view and the ends of periods. Out: for each period how many became pending, how many no longer were, and how many were at its end.
//! Always holds: `stock` of a period is that of the one before and `receipts` less `completions`.

use std::collections::BTreeSet;

use ledger::{LedgerError, View};
use model::KnownAt;
use serde::Serialize;

use super::{Desk, ReviewPolicies};

/// One period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Reviews that became pending: alerts that came, and verdicts that no longer stand.
    pub receipts: u64,
    /// Reviews that no longer are: verdicts, and alerts that went.
    pub completions: u64,
    /// Reviews that are pending at the end of the period.
    pub stock: u64,
}

/// Which reviews were pending when it was last looked.
#[derive(Default)]
struct Tally {
    pending: BTreeSet<usize>,
    flow: Flow,
}

impl Tally {
    fn note(&mut self, place: usize, is_pending: bool) {
        match is_pending {
            true if self.pending.insert(place) => self.flow.receipts += 1,
            false if self.pending.remove(&place) => self.flow.completions += 1,
            _ => {}
        }
    }
}

/// The flows of periods that end at these times, which rise. What came before the first end is of the first period.
pub fn flows(view: &View<'_>, policies: ReviewPolicies, ends: &[KnownAt]) -> Result<Vec<Flow>, LedgerError> {
    let (mut desk, events) = Desk::unread(view, policies)?;
    let mut events = events.into_iter().peekable();
    let (mut tally, mut flows) = (Tally::default(), Vec::with_capacity(ends.len()));
    for &end in ends {
        while let Some(event) = events.next_if(|event| event.at() <= end) {
            let at = event.at();
            // What time did up to then is counted before what happened then.
            let before: Vec<usize> = desk.places_of(&event);
            for place in before {
                tally.note(place, desk.is_pending_at(place, at.previous()));
            }
            desk.take_all(vec![event], &mut |_, _| {});
            for place in desk.touched() {
                tally.note(place, desk.is_pending_at(place, at));
            }
        }
        for place in 0..desk.len() {
            tally.note(place, desk.is_pending_at(place, end));
        }
        tally.flow.stock = tally.pending.len() as u64;
        flows.push(std::mem::take(&mut tally.flow));
    }
    Ok(flows)
}
