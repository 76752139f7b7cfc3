//! Held versions and what was done about them: each is as it was when the commit that comes next sealed it.
//!
//! In: what was done between two commits. Out: its digest; damage, with the commit that sealed it, or with none where no commit has
//! come since.

use std::collections::BTreeMap;

use model::{Commit, Digest, Digester};
use rusqlite::Row;

use super::{Findings, hold, wrong};
use crate::LedgerError;
use crate::error::Doing;
use crate::held::{EVENT, HELD, HeldAction, read_event, read_held};
use crate::store::Store;

/// A held version, and what sealed its beginning and its end.
struct Holding {
    digest: Digest,
    began: Seal,
    ended: Option<Seal>,
}

/// The commit that sealed something; `None` while none has.
#[derive(Clone, Copy)]
struct Seal(Option<u64>);

pub(super) struct HeldAudit<'a> {
    store: &'a Store,
    versions: BTreeMap<u64, Holding>,
    last: i64,
}

impl<'a> HeldAudit<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, versions: BTreeMap::new(), last: 0 }
    }

    /// Checks what was done up to a number, and sealed by a commit; its digest.
    pub(super) fn events(&mut self, seal: Option<&Commit>, up_to: i64) -> Result<Digest, LedgerError> {
        let doing = "verifying what was done about held versions";
        let held = HELD.split(", ").map(|column| format!("h.{column}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {EVENT}, e.number, e.hash, h.hash, {held} FROM held_events e LEFT JOIN held h ON h.id = e.held
                WHERE e.number > ?1 AND e.number <= ?2 ORDER BY e.number"
        );
        let mut digester = Digester::new();
        let store = self.store;
        store.each(doing, &sql, [self.last, up_to], |row| {
            digester.field(&self.event(row, seal)?.0);
            Ok(())
        })?;
        let last = self.last;
        let complete = seal.is_none() || last == up_to;
        hold(complete, || format!("what was done about held versions after number {last} is missing"))?;
        Ok(digester.finish())
    }

    /// Checks one thing done; its hash.
    fn event(&mut self, row: &Row<'_>, seal: Option<&Commit>) -> Result<Digest, LedgerError> {
        let doing = "verifying what was done about held versions";
        let event = read_event(row)?;
        let number: i64 = row.get(4).doing(doing)?;
        let hash = Digest(row.get(5).doing(doing)?);
        let id = event.held;
        let Some(stored) = row.get::<_, Option<[u8; 32]>>(6).doing(doing)?.map(Digest) else {
            return wrong(format_args!("held version {id} is missing"));
        };
        let (_, held) = read_held(row, 7)?;
        let note: String = row.get(13).doing(doing)?;
        hold(held.hash(&note) == stored, || format!("held version {id} was altered"))?;
        let right = number == self.last + 1 && event.hash(number, stored) == hash;
        hold(right, || format!("what was done about held version {id} was altered"))?;
        self.last = number;
        let sealed = Seal(seal.map(|commit| commit.seq));
        let follows = match event.action {
            HeldAction::Held => {
                let new = Holding { digest: held.digest, began: sealed, ended: None };
                event.at == held.held_at && self.versions.insert(id, new).is_none()
            }
            HeldAction::Released => {
                let by = |commit: &Commit| {
                    commit.header.known_at == event.at && commit.header.actor == event.actor
                };
                seal.is_some_and(by) && self.end(id, sealed)
            }
            HeldAction::Discarded => self.end(id, sealed),
        };
        hold(follows, || format!("what was done about held version {id} does not follow"))?;
        Ok(hash)
    }

    /// A version that is held ends to be; whether it was.
    fn end(&mut self, id: u64, seal: Seal) -> bool {
        let held = self.versions.get_mut(&id).filter(|held| held.ended.is_none());
        held.map(|held| held.ended = Some(seal)).is_some()
    }

    /// What no commit has sealed, and the bytes.
    pub(super) fn finish(&mut self, broken: Option<u64>, found: &mut Findings) -> Result<(), LedgerError> {
        if broken.is_none() {
            let unsealed = self.events(None, i64::MAX).map(drop);
            let whole = unsealed.is_ok();
            found.note(unsealed)?;
            if whole {
                found.note(self.check_counts())?;
            }
        }
        let doing = "verifying held versions";
        self.store.each(doing, "SELECT id, bytes FROM held ORDER BY id", [], |row| {
            let id: i64 = row.get(0).doing(doing)?;
            let bytes: Option<Vec<u8>> = row.get(1).doing(doing)?;
            let Some(held) = self.versions.get(&id.cast_unsigned()) else { return Ok(()) };
            let (whole, seal) = match (bytes, held.ended) {
                (Some(bytes), None) => (Digest::of(&bytes) == held.digest, held.began),
                (Some(_), Some(seal)) => (false, seal),
                // A commit from the broken one on may have ended it.
                (None, None) => (broken.is_some(), held.began),
                (None, Some(seal)) => (true, seal),
            };
            let whole = hold(whole, || format!("the bytes of held version {id} are not as they were"));
            found.note(whole.map_err(|error| match seal.0 {
                Some(seq) => error.at_commit(seq),
                None => error,
            }))
        })
    }

    fn check_counts(&self) -> Result<(), LedgerError> {
        let count = |sql: &str| {
            let found = self.store.first("counting held versions", sql, [], |row| row.get::<_, i64>(0));
            found.map(Option::unwrap_or_default)
        };
        let last = self.last;
        hold(count("SELECT count(*) FROM held")? == self.versions.len().cast_signed() as i64, || {
            "a held version is there that nobody held".into()
        })?;
        let given = count("SELECT seq FROM sqlite_sequence WHERE name = 'held_events'")?;
        hold(given == last && count("SELECT count(*) FROM held_events")? == last, || {
            format!("what was done about held versions after number {last} is missing, or its count is wrong")
        })
    }
}
