//! The alert book, replayed: every change follows from the state before, and those that count are those that should.
//!
//! In: the changes of commit after commit. Out: their digests; damage, with the commit that wrote the change.

use model::{Change, Digest, Digester, Identity, KnownAt};
use rusqlite::Row;
use rustc_hash::FxHashMap;

use super::{Findings, hold};
use crate::error::Doing;
use crate::purge::PurgedId;
use crate::store::Store;
use crate::{LedgerError, book};

/// An alert while the book is replayed.
#[derive(Default)]
struct AlertAudit {
    /// What it said strictly before the time of `last`.
    before: Option<book::Open>,
    last: Option<LastChange>,
}

struct LastChange {
    commit: u64,
    known_at: KnownAt,
    net: Option<book::Net>,
    superseded_by: Option<i64>,
}

pub(super) struct BookAudit<'a> {
    store: &'a Store,
    alerts: FxHashMap<i64, AlertAudit>,
}

impl<'a> BookAudit<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, alerts: FxHashMap::default() }
    }

    /// How many alerts the changes so far are of.
    pub(super) fn alerts(&self) -> i64 {
        self.alerts.len().cast_signed() as i64
    }

    /// Checks the changes that a commit wrote; their digest and number.
    pub(super) fn changes(
        &mut self,
        seq: u64,
        known_at: KnownAt,
        found: &mut Findings,
    ) -> Result<(Digest, u64), LedgerError> {
        let doing = "verifying alert changes";
        let mut digester = Digester::new();
        let mut count = 0;
        let sql = "SELECT a.alert, a.subject, a.subject_born, a.cause_kind, a.entry, a.entry_born,
            c.change, c.score, c.fingerprint, c.subject_dataset, c.entry_dataset,
            c.hash, c.known_at, c.superseded_by, c.alert, a.subject_hash, a.entry_hash, p.commit_seq
            FROM alert_changes c JOIN alerts a ON a.number = c.alert LEFT JOIN purged_alerts p ON p.alert = a.number
            WHERE c.commit_seq = ?1 ORDER BY c.number";
        let store = self.store;
        store.each(doing, sql, [seq.cast_signed()], |row| {
            let hash = check_change(row, known_at)?;
            digester.field(&hash.0);
            count += 1;
            let last = LastChange {
                commit: seq,
                known_at,
                net: book::read_net(row, 6)?,
                superseded_by: row.get(13).doing(doing)?,
            };
            self.alerts.entry(row.get(14).doing(doing)?).or_default().follow(last, found)
        })?;
        Ok((digester.finish(), count))
    }

    /// The last change of every alert counts. Where the chain is broken, a commit from there on may have superseded it.
    pub(super) fn finish(&self, broken: Option<u64>, found: &mut Findings) -> Result<(), LedgerError> {
        let mut last: Vec<&LastChange> =
            self.alerts.values().filter_map(|alert| alert.last.as_ref()).collect();
        last.sort_unstable_by_key(|change| change.commit);
        let unknown = |change: &LastChange| {
            broken.is_some_and(|broken| change.superseded_by.is_some_and(|by| by >= broken.cast_signed()))
        };
        last.into_iter().filter(|change| !unknown(change)).try_for_each(|change| change.counts(found))
    }
}

/// Checks what one change says on its own; its hash.
fn check_change(row: &Row<'_>, known_at: KnownAt) -> Result<Digest, LedgerError> {
    let doing = "verifying alert changes";
    let key = book::read_key(row)?;
    let purged: Option<i64> = row.get(17).doing(doing)?;
    let (alert, subject, entry) = match purged {
        None => (key.alert, book::identity_hash(&key.subject), book::identity_hash(&key.entry)),
        Some(_) => (
            key.alert,
            purged_hash(&key.subject)?,
            purged_hash(&key.entry).unwrap_or_else(|_| book::identity_hash(&key.entry)),
        ),
    };
    let hashes: (i64, i64) = (row.get(15).doing(doing)?, row.get(16).doing(doing)?);
    hold(hashes == (subject, entry), || format!("alert {alert} has wrong look-up hashes"))?;
    let net = book::read_net(row, 6)?;
    let hash = Digest(row.get(11).doing(doing)?);
    let silent = net.is_some() || says_nothing(row)?;
    hold(silent && hash == book::change_hash(alert, known_at, net.as_ref()), || {
        format!("the hash of a change of alert {alert} is not that of its content")
    })?;
    let time: i64 = row.get(12).doing(doing)?;
    hold(time == known_at.micros(), || {
        format!("a change of alert {alert} has another known_at than its commit")
    })?;
    let any = model::DatasetName::new("any").expect("a well formed name");
    let says = book::Open {
        score: model::Score(0),
        fingerprint: model::Fingerprint([0; 16]),
        subject_dataset: any.clone(),
        entry_dataset: any,
    };
    // The hash of the commit that purged an alert covers what is left of its pair.
    let whole = purged.is_some() || key.pair(&says).alert_id() == alert;
    hold(whole, || format!("alert {alert} is not of the pair that it says"))?;
    Ok(hash)
}

/// The look-up hash of somebody purged: the first half of the digest that stands for the id.
fn purged_hash(identity: &Identity) -> Result<i64, LedgerError> {
    let read = PurgedId::read(identity.id.as_str());
    read.map(|id| id.0.head).ok_or_else(|| LedgerError::corrupt("a purged alert names an id"))
}

/// The columns of "nothing after all", which no hash covers, are empty.
fn says_nothing(row: &Row<'_>) -> Result<bool, LedgerError> {
    let doing = "verifying alert changes";
    let score: i64 = row.get(7).doing(doing)?;
    let fingerprint: Vec<u8> = row.get(8).doing(doing)?;
    let (subject, entry): (String, String) = (row.get(9).doing(doing)?, row.get(10).doing(doing)?);
    Ok(score == 0 && fingerprint.is_empty() && subject.is_empty() && entry.is_empty())
}

impl AlertAudit {
    fn follow(&mut self, next: LastChange, found: &mut Findings) -> Result<(), LedgerError> {
        match self.last.take() {
            Some(last) if last.known_at == next.known_at => {
                let superseded = last.superseded_by == Some(next.commit.cast_signed());
                let counts = hold(superseded, || "a superseded alert change counts".into());
                found.note(counts.map_err(|error| error.at_commit(last.commit)))?;
                hold(last.net != next.net, || "an alert change supersedes the same one".into())?;
            }
            Some(last) => self.settle(last, found)?,
            None => {
                hold(next.net.is_some(), || "an alert change says nothing and supersedes nothing".into())?;
            }
        }
        if let Some(next) = &next.net {
            let after = Some(next.says.clone()).filter(|_| next.change != Change::Withdrawn);
            let expected = book::net(self.before.clone(), after);
            hold(expected.as_ref() == Some(next), || {
                "an alert change does not follow from the state before".into()
            })?;
        }
        self.last = Some(next);
        Ok(())
    }

    /// A later time has come: the last change counts.
    fn settle(&mut self, last: LastChange, found: &mut Findings) -> Result<(), LedgerError> {
        last.counts(found)?;
        if let Some(net) = last.net {
            self.before = Some(net.says).filter(|_| net.change != Change::Withdrawn);
        }
        Ok(())
    }
}

impl LastChange {
    fn counts(&self, found: &mut Findings) -> Result<(), LedgerError> {
        let counts = hold(self.superseded_by.is_none(), || "an alert change is superseded by nothing".into());
        found.note(counts.map_err(|error| error.at_commit(self.commit)))
    }
}
