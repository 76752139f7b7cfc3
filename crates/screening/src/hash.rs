//! The hashes by which two histories are compared.
//!
//! State hash at T: over the open alerts, sorted by subject and cause. History hash at T: over every change up to T as well.

use ledger::{Ledger, LedgerError};
use model::{AlertChange, AlertState, Digest, Digester, Fingerprint, KnownAt, Pair, Score};
use serde::Serialize;

/// State and history hash at a known time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hashes {
    /// Over the open alerts.
    pub state: Digest,
    /// Over the changes that led to them.
    pub history: Digest,
    /// How many alerts are open.
    pub open: usize,
}

/// The hash of a set of open alerts, in any order.
pub fn state_hash<'a>(alerts: impl IntoIterator<Item = (&'a Pair, Score, Fingerprint)>) -> Digest {
    let mut alerts: Vec<_> =
        alerts.into_iter().map(|(pair, score, fingerprint)| (key(pair), score, fingerprint)).collect();
    alerts.sort();
    let mut digester = Digester::new();
    for ((subject, subject_born, kind, entry, entry_born), score, fingerprint) in alerts {
        digester.field(subject.as_bytes()).number(subject_born);
        digester.field(kind.as_bytes()).field(entry.as_bytes()).number(entry_born);
        digester.number(i64::from(score.0)).field(&fingerprint.0);
    }
    digester.finish()
}

fn key(pair: &Pair) -> (&str, i64, &str, &str, i64) {
    let entry = &pair.cause.entry;
    let kind = pair.cause.kind.word();
    (pair.subject.id.as_str(), pair.subject.born.micros(), kind, entry.id.as_str(), entry.born.micros())
}

/// The hashes of a ledger as of a known time.
pub fn hashes(ledger: &Ledger, known_at: KnownAt) -> Result<Hashes, LedgerError> {
    hashes_of(ledger, known_at, |_| true)
}

/// The hashes of a ledger as of a known time, the history's over some changes only.
pub fn hashes_of(
    ledger: &Ledger,
    known_at: KnownAt,
    counts: impl Fn(&AlertChange) -> bool,
) -> Result<Hashes, LedgerError> {
    let alerts: Vec<AlertState> = ledger.as_of(known_at).alerts()?;
    let state = state_hash(alerts.iter().map(|alert| (&alert.pair, alert.score, alert.fingerprint)));
    let mut digester = Digester::new();
    for change in ledger.alert_changes(KnownAt::MIN, known_at)?.iter().filter(|change| counts(change)) {
        digester
            .field(&change.alert.0)
            .number(change.known_at.micros())
            .field(change.change.word().as_bytes());
        digester.number(i64::from(change.score.0)).field(&change.fingerprint.0);
    }
    Ok(Hashes { state, history: digester.finish(), open: alerts.len() })
}
