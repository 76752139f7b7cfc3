//! Held versions: files in quarantine, kept whole until somebody releases or discards them.
//!
//! In: a file's bytes and why they were not applied. Out: the list, the bytes, and who did what about them and when. Always holds:
//! nothing follows from them, so they are written without a commit, and the next commit's hash covers what was done since the one
//! before.

use model::{DatasetName, Digest, Digester, KnownAt};
use rusqlite::params;
use serde_json::Value;

use crate::error::Doing;
use crate::row::dataset_name;
use crate::store::Store;
use crate::{Ledger, LedgerError};

/// What is to be held.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The dataset that the file is a version of.
    pub dataset: DatasetName,
    /// The file's name, without its folder.
    pub file: String,
    /// Why it was not applied.
    pub reason: String,
    /// When it was held.
    pub held_at: KnownAt,
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Counts, format, options: what releasing it needs.
    pub note: Value,
}

/// A held version as listed.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldInfo {
    /// Its number, from 1.
    pub id: u64,
    /// What is held.
    pub held: Held,
    /// How many bytes the file has.
    pub size: u64,
}

/// A held version with the file's bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldVersion {
    /// Its number, from 1.
    pub id: u64,
    /// What is held.
    pub held: Held,
    /// The file as read.
    pub bytes: Vec<u8>,
}

/// What was done about a held version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldAction {
    /// It was put in quarantine.
    Held,
    /// It was applied after all.
    Released,
    /// It was thrown away.
    Discarded,
}

impl HeldAction {
    /// Its word in output and storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Discarded => "discarded",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Held, Self::Released, Self::Discarded].into_iter().find(|action| action.word() == word)
    }
}

/// Who did what about a held version, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldEvent {
    /// Which held version.
    pub held: u64,
    /// What.
    pub action: HeldAction,
    /// Who, as asserted.
    pub actor: String,
    /// When.
    pub at: KnownAt,
}

impl HeldEvent {
    /// Covers its place, and what is held by that version's hash.
    pub(crate) fn hash(&self, number: i64, held: Digest) -> Digest {
        let mut digester = Digester::new();
        digester
            .number(number)
            .number(self.held.cast_signed())
            .field(self.action.word().as_bytes())
            .field(self.actor.as_bytes())
            .number(self.at.micros())
            .field(&held.0);
        digester.finish()
    }
}

impl Held {
    pub(crate) fn hash(&self, note: &str) -> Digest {
        let mut digester = Digester::new();
        digester
            .field(self.dataset.as_str().as_bytes())
            .field(self.file.as_bytes())
            .field(self.reason.as_bytes())
            .number(self.held_at.micros())
            .field(&self.digest.0)
            .field(note.as_bytes());
        digester.finish()
    }
}

impl Ledger {
    /// Keeps a file in quarantine; its number. `held.digest` is the digest of `bytes`, or the call is refused.
    pub fn hold(&mut self, held: &Held, bytes: &[u8], actor: &str) -> Result<u64, LedgerError> {
        if Digest::of(bytes) != held.digest {
            return Err(LedgerError::Misuse("hold: the digest is not that of the bytes"));
        }
        let held_at = held.held_at;
        in_transaction(&self.store, |store| {
            let note = held.note.to_string();
            let sql = "INSERT INTO held (dataset, file, reason, held_at, digest, note, hash, bytes)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let (dataset, hash) = (held.dataset.as_str(), held.hash(&note).0);
            let params =
                params![dataset, held.file, held.reason, held_at.micros(), held.digest.0, note, hash, bytes];
            store.write("holding a version", sql, params)?;
            let id = store.last_insert().cast_unsigned();
            note_event(
                store,
                &HeldEvent { held: id, action: HeldAction::Held, actor: actor.to_owned(), at: held_at },
            )?;
            Ok(id)
        })
    }

    /// What is held now, in order of number.
    pub fn held(&self) -> Result<Vec<HeldInfo>, LedgerError> {
        let sql = format!("SELECT {HELD}, length(bytes) FROM held WHERE bytes IS NOT NULL ORDER BY id");
        let mut list = Vec::new();
        self.store.each("listing held versions", &sql, [], |row| {
            let (id, held) = read_held(row, 0)?;
            list.push(HeldInfo {
                id,
                held,
                size: row.get::<_, i64>(7).doing("reading held")?.cast_unsigned(),
            });
            Ok(())
        })?;
        Ok(list)
    }

    /// A held version with its bytes.
    pub fn held_version(&self, id: u64) -> Result<HeldVersion, LedgerError> {
        let sql = format!("SELECT {HELD}, bytes FROM held WHERE id = ?1 AND bytes IS NOT NULL");
        let mut found = None;
        self.store.each("reading a held version", &sql, [id.cast_signed()], |row| {
            let (id, held) = read_held(row, 0)?;
            found = Some(HeldVersion { id, held, bytes: row.get(7).doing("reading a held version")? });
            Ok(())
        })?;
        found.ok_or(LedgerError::NoSuchHeld(id))
    }

    /// Throws a held version's bytes away. That it was there, and who discarded it, stays. To release one, apply it in a batch and
    /// call [`Batch::release_held`](crate::Batch::release_held) there.
    pub fn discard_held(&mut self, id: u64, actor: &str, at: KnownAt) -> Result<(), LedgerError> {
        let event = HeldEvent { held: id, action: HeldAction::Discarded, actor: actor.to_owned(), at };
        in_transaction(&self.store, |store| close(store, &event))
    }

    /// Everything that was ever done about held versions, in order.
    pub fn held_events(&self) -> Result<Vec<HeldEvent>, LedgerError> {
        let doing = "reading what was done about held versions";
        let mut events = Vec::new();
        self.store.each(doing, &format!("SELECT {EVENT} FROM held_events e ORDER BY number"), [], |row| {
            events.push(read_event(row)?);
            Ok(())
        })?;
        Ok(events)
    }
}

fn in_transaction<T>(
    store: &Store,
    work: impl FnOnce(&Store) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    store.begin()?;
    let done = work(store).and_then(|value| store.commit().map(|()| value));
    if done.is_err() {
        store.rollback();
    }
    done
}

/// Ends the holding of a version inside a transaction.
pub(crate) fn close(store: &Store, event: &HeldEvent) -> Result<(), LedgerError> {
    let sql = "UPDATE held SET bytes = NULL WHERE id = ?1 AND bytes IS NOT NULL";
    match store.write("ending a held version", sql, [event.held.cast_signed()])? {
        0 => Err(LedgerError::NoSuchHeld(event.held)),
        _ => note_event(store, event),
    }
}

fn note_event(store: &Store, event: &HeldEvent) -> Result<(), LedgerError> {
    let doing = "noting what was done about a held version";
    let sql = "SELECT hash, (SELECT coalesce(max(number), 0) + 1 FROM held_events) FROM held WHERE id = ?1";
    let held = event.held.cast_signed();
    let found = store.first(doing, sql, [held], |row| Ok((Digest(row.get(0)?), row.get(1)?)))?;
    let (hash, number): (Digest, i64) = found.ok_or(LedgerError::NoSuchHeld(event.held))?;
    let sql =
        "INSERT INTO held_events (number, held, action, actor, at, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let at = event.at.micros();
    let params = params![number, held, event.action.word(), event.actor, at, event.hash(number, hash).0];
    store.write(doing, sql, params).map(drop)
}

/// The digest over the hashes of what was done about held versions since a commit.
pub(crate) fn hashes_since(store: &Store, seq: u64) -> Result<Digest, LedgerError> {
    let mut digester = Digester::new();
    let sql = "SELECT hash FROM held_events
        WHERE number > coalesce((SELECT held_last FROM commits WHERE seq = ?1), 0) ORDER BY number";
    let doing = "hashing what was done about held versions";
    store.each(doing, sql, [seq.cast_signed()], |row| {
        digester.field(&row.get::<_, [u8; 32]>(0).doing(doing)?);
        Ok(())
    })?;
    Ok(digester.finish())
}

/// Columns of a held version, in the order in which [`read_held`] reads them from a place on.
pub(crate) const HELD: &str = "id, dataset, file, reason, held_at, digest, note";

pub(crate) fn read_held(row: &rusqlite::Row<'_>, from: usize) -> Result<(u64, Held), LedgerError> {
    let doing = "reading a held version";
    let text = |at: usize| row.get::<_, String>(from + at).doing(doing);
    let held = Held {
        dataset: dataset_name(&text(1)?)?,
        file: text(2)?,
        reason: text(3)?,
        held_at: KnownAt::from_micros(row.get(from + 4).doing(doing)?),
        digest: Digest(row.get(from + 5).doing(doing)?),
        note: serde_json::from_str(&text(6)?).doing(doing)?,
    };
    Ok((row.get::<_, i64>(from).doing(doing)?.cast_unsigned(), held))
}

/// Columns of what was done, in the order in which [`read_event`] reads them.
pub(crate) const EVENT: &str = "e.held, e.action, e.actor, e.at";

pub(crate) fn read_event(row: &rusqlite::Row<'_>) -> Result<HeldEvent, LedgerError> {
    let doing = "reading what was done about held versions";
    let word: String = row.get(1).doing(doing)?;
    Ok(HeldEvent {
        held: row.get::<_, i64>(0).doing(doing)?.cast_unsigned(),
        action: HeldAction::from_word(&word)
            .ok_or_else(|| LedgerError::corrupt("an action on a held version has no meaning"))?,
        actor: row.get(2).doing(doing)?,
        at: KnownAt::from_micros(row.get(3).doing(doing)?),
    })
}
