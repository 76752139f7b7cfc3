//! Held versions: files in quarantine, kept whole until somebody releases or discards them.
//!
//! In: a file's bytes and why they were not applied. Out: the list, the bytes, and who did what about them and when. They stand
//! beside the chain of commits, because nothing follows from them; each has a hash of its own, which `verify` checks.

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
    fn hash(&self) -> Digest {
        let mut digester = Digester::new();
        digester
            .number(self.held.cast_signed())
            .field(self.action.word().as_bytes())
            .field(self.actor.as_bytes())
            .number(self.at.micros());
        digester.finish()
    }
}

impl Held {
    fn hash(&self, note: &str) -> Digest {
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
            let (id, held) = read_held(row)?;
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
            let (id, held) = read_held(row)?;
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
        Ok(events(&self.store)?.into_iter().map(|(event, _)| event).collect())
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
    let sql = "INSERT INTO held_events (held, action, actor, at, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
    let params = params![
        event.held.cast_signed(),
        event.action.word(),
        event.actor,
        event.at.micros(),
        event.hash().0
    ];
    store.write("noting what was done about a held version", sql, params).map(drop)
}

const HELD: &str = "id, dataset, file, reason, held_at, digest, note";

fn read_held(row: &rusqlite::Row<'_>) -> Result<(u64, Held), LedgerError> {
    let doing = "reading a held version";
    let text = |at: usize| row.get::<_, String>(at).doing(doing);
    let held = Held {
        dataset: dataset_name(&text(1)?)?,
        file: text(2)?,
        reason: text(3)?,
        held_at: KnownAt::from_micros(row.get(4).doing(doing)?),
        digest: Digest(row.get(5).doing(doing)?),
        note: serde_json::from_str(&text(6)?).doing(doing)?,
    };
    Ok((row.get::<_, i64>(0).doing(doing)?.cast_unsigned(), held))
}

fn events(store: &Store) -> Result<Vec<(HeldEvent, Digest)>, LedgerError> {
    let doing = "reading what was done about held versions";
    let mut events = Vec::new();
    store.each(
        doing,
        "SELECT held, action, actor, at, hash FROM held_events ORDER BY number",
        [],
        |row| {
            let word: String = row.get(1).doing(doing)?;
            let event = HeldEvent {
                held: row.get::<_, i64>(0).doing(doing)?.cast_unsigned(),
                action: HeldAction::from_word(&word)
                    .ok_or_else(|| LedgerError::corrupt("an action on a held version has no meaning"))?,
                actor: row.get(2).doing(doing)?,
                at: KnownAt::from_micros(row.get(3).doing(doing)?),
            };
            events.push((event, Digest(row.get(4).doing(doing)?)));
            Ok(())
        },
    )?;
    Ok(events)
}

/// Checks the hashes of everything held.
pub(crate) fn verify(store: &Store) -> Result<(), LedgerError> {
    let doing = "verifying held versions";
    store.each(doing, &format!("SELECT {HELD}, bytes, hash, note FROM held ORDER BY id"), [], |row| {
        let (id, held) = read_held(row)?;
        let bytes: Option<Vec<u8>> = row.get(7).doing(doing)?;
        let whole = bytes.is_none_or(|bytes| Digest::of(&bytes) == held.digest);
        let hash = Digest(row.get(8).doing(doing)?);
        let note: String = row.get(9).doing(doing)?;
        if whole && hash == held.hash(&note) {
            return Ok(());
        }
        Err(LedgerError::corrupt(format_args!("held version {id} was altered")))
    })?;
    match events(store)?.iter().find(|(event, hash)| event.hash() != *hash) {
        None => Ok(()),
        Some((event, _)) => Err(LedgerError::corrupt(format_args!(
            "what was done about held version {} was altered",
            event.held
        ))),
    }
}
