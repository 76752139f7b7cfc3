//! The alert set of a past or present state, computed from nothing but that state. The incremental result must equal it.

use std::num::NonZero;

use ledger::View;
use model::{Fingerprint, KnownAt, Outcome, Pair, Score};

use crate::apply::Findings;
use crate::{Engine, ScreeningError};

/// An alert as computed from scratch.
pub type ScratchAlert = (Pair, Score, Fingerprint);

/// Every alert of what a view holds, sorted by pair: new indexes, every subject screened. `known_at` is the time of the last commit
/// the view sees, against which known good pairs expire.
pub fn from_scratch(
    view: &View<'_>,
    known_at: KnownAt,
    threads: NonZero<usize>,
) -> Result<Vec<ScratchAlert>, ScreeningError> {
    let mut engine = Engine::build(view, Some(known_at), threads)?;
    let mut findings = Findings::default();
    engine.examine_subjects_of(view, known_at, &mut findings)?;
    engine.examine_links_of(view, &mut findings)?;
    let found = findings.into_outcomes();
    let mut alerts: Vec<ScratchAlert> = found
        .filter_map(|Outcome { pair, alert }| alert.map(|(score, print)| (pair, score, print)))
        .collect();
    alerts.sort();
    Ok(alerts)
}
