//! Who is told what happens, and how far each was told. A file of its own beside the store.
//!
//! In: receivers, places in the ledger up to which they were told, letters that could not be delivered. Out: the same again, also after a
//! crash. Always holds: a place moves only from where its mover saw it (`HOOK-PLACE`), so that what is sent to be told again is; a letter is kept as
//! its place, never as what it says: what was purged is told to nobody. The secret that letters are signed with has to be kept as it is, so
//! that the file is its owner's alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::{AccountName, KnownAt};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::LedgerError;
use crate::apart::{Apart, name, time, wrong};
use crate::error::Doing;

/// Up to where somebody was told what commits did: a commit, which part of it, and the last row of that part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The commit.
    pub seq: u64,
    /// Which part of what it did.
    pub part: u8,
    /// The last row of that part; 0 before the first.
    pub row: u64,
}

impl Place {
    /// Changes of alerts.
    pub const ALERTS: u8 = 0;
    /// Decisions.
    pub const DECISIONS: u8 = 1;
    /// Nothing is left of the commit.
    pub const DONE: u8 = 2;

    /// After everything that a commit did.
    pub fn after(seq: u64) -> Self {
        Self { seq, part: Self::DONE, row: 0 }
    }

    /// Just before a row's own place.
    #[must_use]
    pub fn before(self) -> Self {
        Self { row: self.row.saturating_sub(1), ..self }
    }
}

/// Somebody who is told what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// What letters are signed with.
    pub secret: String,
    /// What it is told of.
    pub events: BTreeSet<String>,
    /// Through whose eyes it sees; none in a store without accounts.
    pub account: Option<AccountName>,
    /// When it was made.
    pub made_at: KnownAt,
    /// Why it is told nothing for now; none while it is told.
    pub stopped: Option<String>,
    /// Up to where it was told.
    pub place: Place,
    /// How often in a row the next letter could not be delivered.
    pub tries: u32,
    /// Why it could not be, when last.
    pub why: Option<String>,
}

/// A letter that could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// Its id, the same however often it is sent.
    pub id: String,
    /// Where it stands.
    #[serde(skip)]
    pub place: Place,
    /// When it was given up.
    pub at: KnownAt,
    /// How often it was tried.
    pub tries: u32,
    /// Why it could not be delivered, when last.
    pub why: String,
    /// Whether it is about to be tried again.
    pub again: bool,
}

/// The open file.
pub struct Webhooks {
    conn: Connection,
}

const FILE: Apart = Apart {
    suffix: ".webhooks",
    // "LKBW".
    application_id: 0x4c4b_4257,
    schema: "
CREATE TABLE IF NOT EXISTS webhooks (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL, events TEXT NOT NULL, account TEXT, made_at INTEGER NOT NULL,
    stopped TEXT, seq INTEGER NOT NULL, part INTEGER NOT NULL, row INTEGER NOT NULL, tries INTEGER NOT NULL, why TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS dead (
    webhook TEXT NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL, row INTEGER NOT NULL,
    id TEXT NOT NULL, at INTEGER NOT NULL, tries INTEGER NOT NULL, why TEXT NOT NULL, again INTEGER NOT NULL,
    PRIMARY KEY (webhook, seq, part, row)
) STRICT, WITHOUT ROWID;
",
    doing: "opening the webhooks",
};
const WEBHOOK: &str = "id, url, secret, events, account, made_at, stopped, seq, part, row, tries, why";
const DEAD: &str = "id, seq, part, row, at, tries, why, again";

impl Webhooks {
    /// Where the webhooks of a store are.
    pub fn path_of(store: &Path) -> PathBuf {
        FILE.path_of(store)
    }

    /// Opens the webhooks of a store, and makes the file where there is none, for its owner alone.
    pub fn open(store: &Path) -> Result<Self, LedgerError> {
        FILE.open_private(store).map(|conn| Self { conn })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.conn
    }

    /// All of them, oldest first.
    pub fn all(&self) -> Result<Vec<Webhook>, LedgerError> {
        let doing = "reading webhooks";
        let sql = format!("SELECT {WEBHOOK} FROM webhooks ORDER BY made_at, id");
        let mut statement = self.conn.prepare_cached(&sql).doing(doing)?;
        statement.query_map([], read_webhook).and_then(Iterator::collect).doing(doing)
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Result<Option<Webhook>, LedgerError> {
        let doing = "reading a webhook";
        let sql = format!("SELECT {WEBHOOK} FROM webhooks WHERE id = ?");
        let mut statement = self.conn.prepare_cached(&sql).doing(doing)?;
        statement.query_row([id], read_webhook).optional().doing(doing)
    }

    /// Keeps a new one.
    pub fn add(&mut self, webhook: &Webhook) -> Result<(), LedgerError> {
        let Webhook { id, url, secret, events, account, made_at, stopped, place, tries, why } = webhook;
        let events = serde_json::to_string(events).expect("texts are JSON");
        let account = account.as_ref().map(AccountName::as_str);
        let (seq, row) = (place.seq.cast_signed(), place.row.cast_signed());
        let values = params![
            id,
            url,
            secret,
            events,
            account,
            made_at.micros(),
            stopped,
            seq,
            place.part,
            row,
            tries,
            why
        ];
        let sql = "INSERT INTO webhooks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.conn.execute(sql, values).doing("keeping a webhook").map(drop)
    }

    /// Removes one and its dead letters; false when there is none of that id.
    pub fn remove(&mut self, id: &str) -> Result<bool, LedgerError> {
        let doing = "removing a webhook";
        let transaction = self.conn.transaction().doing(doing)?;
        transaction.execute("DELETE FROM dead WHERE webhook = ?", [id]).doing(doing)?;
        let removed = transaction.execute("DELETE FROM webhooks WHERE id = ?", [id]).doing(doing)?;
        transaction.commit().doing(doing)?;
        Ok(removed > 0)
    }

    /// Stops telling one, for a reason; false when there is none of that id.
    pub fn stop(&mut self, id: &str, why: &str) -> Result<bool, LedgerError> {
        let sql = "UPDATE webhooks SET stopped = ?2 WHERE id = ?1";
        Ok(self.conn.execute(sql, [id, why]).doing("stopping a webhook")? > 0)
    }

    /// Tells one again, from where it was; false when there is none of that id.
    pub fn resume(&mut self, id: &str) -> Result<bool, LedgerError> {
        let sql = "UPDATE webhooks SET stopped = NULL, tries = 0 WHERE id = ?";
        Ok(self.conn.execute(sql, [id]).doing("resuming a webhook")? > 0)
    }

    /// Tells one everything after a place, again or at last; false when there is none of that id.
    pub fn tell_from(&mut self, id: &str, place: Place) -> Result<bool, LedgerError> {
        let sql = "UPDATE webhooks SET seq = ?2, part = ?3, row = ?4, tries = 0 WHERE id = ?1";
        Ok(self.conn.execute(sql, of_place(id, place)).doing("moving a webhook")? > 0)
    }

    /// Notes that one was told up to a place; false when it was moved meanwhile.
    // Invariant(HOOK-PLACE): from where it was read, or not at all.
    pub fn advance(&mut self, id: &str, from: Place, to: Place) -> Result<bool, LedgerError> {
        advance(&self.conn, id, from, to).doing("noting a delivery")
    }

    /// Notes that the letter after a place could not be delivered; how often in a row, or nothing when the webhook was moved meanwhile.
    pub fn note_failure(&mut self, id: &str, at: Place, why: &str) -> Result<Option<u32>, LedgerError> {
        let sql = "UPDATE webhooks SET tries = tries + 1, why = ?5
            WHERE id = ?1 AND seq = ?2 AND part = ?3 AND row = ?4 RETURNING tries";
        let values = params![id, at.seq.cast_signed(), at.part, at.row.cast_signed(), why];
        let mut statement = self.conn.prepare_cached(sql).doing("noting a failure")?;
        statement.query_row(values, |row| row.get(0)).optional().doing("noting a failure")
    }

    /// Gives the letter after a place up, and goes on with the next; false when the webhook was moved meanwhile.
    pub fn bury(&mut self, id: &str, from: Place, letter: &DeadLetter) -> Result<bool, LedgerError> {
        let doing = "giving a letter up";
        let transaction = self.conn.transaction().doing(doing)?;
        if !advance(&transaction, id, from, letter.place).doing(doing)? {
            return Ok(false);
        }
        let DeadLetter { id: letter_id, place, at, tries, why, again } = letter;
        let values = params![
            id,
            place.seq.cast_signed(),
            place.part,
            place.row.cast_signed(),
            letter_id,
            at.micros(),
            tries,
            why,
            again
        ];
        let sql = "INSERT OR REPLACE INTO dead VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        transaction.execute(sql, values).doing(doing)?;
        transaction.commit().doing(doing)?;
        Ok(true)
    }

    /// The dead letters of one, in the order of what happened.
    pub fn dead(&self, id: &str) -> Result<Vec<DeadLetter>, LedgerError> {
        let doing = "reading dead letters";
        let sql = format!("SELECT {DEAD} FROM dead WHERE webhook = ? ORDER BY seq, part, row");
        let mut statement = self.conn.prepare_cached(&sql).doing(doing)?;
        statement.query_map([id], read_dead).and_then(Iterator::collect).doing(doing)
    }

    /// How many dead letters one has.
    pub fn dead_count(&self, id: &str) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM dead WHERE webhook = ?";
        let count = self.conn.query_row(sql, [id], |row| row.get::<_, i64>(0)).doing("counting dead letters");
        count.map(i64::cast_unsigned)
    }

    /// Sends dead letters again: those of these ids, or all; how many.
    pub fn revive(&mut self, id: &str, letters: Option<&BTreeSet<String>>) -> Result<u64, LedgerError> {
        let doing = "sending dead letters again";
        let letters = letters.map(|letters| serde_json::to_string(letters).expect("texts are JSON"));
        let sql = "UPDATE dead SET again = 1
            WHERE webhook = ?1 AND (?2 IS NULL OR id IN (SELECT value FROM json_each(?2)))";
        let revived = self.conn.execute(sql, params![id, letters]).doing(doing)?;
        Ok(revived.try_into().expect("a count of rows"))
    }

    /// The first dead letter that is to be sent again.
    pub fn revived(&self, id: &str) -> Result<Option<DeadLetter>, LedgerError> {
        let doing = "reading dead letters";
        let sql =
            format!("SELECT {DEAD} FROM dead WHERE webhook = ? AND again ORDER BY seq, part, row LIMIT 1");
        let mut statement = self.conn.prepare_cached(&sql).doing(doing)?;
        statement.query_row([id], read_dead).optional().doing(doing)
    }

    /// A dead letter was delivered after all, or there is nothing to tell any more.
    pub fn forget(&mut self, id: &str, letter: Place) -> Result<(), LedgerError> {
        let sql = "DELETE FROM dead WHERE webhook = ? AND seq = ? AND part = ? AND row = ?";
        self.conn.execute(sql, of_place(id, letter)).doing("forgetting a dead letter").map(drop)
    }

    /// A dead letter could not be delivered again.
    pub fn bury_again(&mut self, id: &str, letter: Place, at: KnownAt, why: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE dead SET again = 0, tries = tries + 1, at = ?5, why = ?6
            WHERE webhook = ?1 AND seq = ?2 AND part = ?3 AND row = ?4";
        let (seq, row) = (letter.seq.cast_signed(), letter.row.cast_signed());
        let values = params![id, seq, letter.part, row, at.micros(), why];
        self.conn.execute(sql, values).doing("giving a letter up").map(drop)
    }
}

fn of_place(id: &str, place: Place) -> impl rusqlite::Params {
    (id.to_owned(), place.seq.cast_signed(), place.part, place.row.cast_signed())
}

fn advance(conn: &Connection, id: &str, from: Place, to: Place) -> rusqlite::Result<bool> {
    let sql = "UPDATE webhooks SET seq = ?5, part = ?6, row = ?7, tries = 0, why = NULL
        WHERE id = ?1 AND seq = ?2 AND part = ?3 AND row = ?4";
    let (before, after) =
        ((from.seq.cast_signed(), from.row.cast_signed()), (to.seq.cast_signed(), to.row.cast_signed()));
    let values = params![id, before.0, from.part, before.1, after.0, to.part, after.1];
    Ok(conn.prepare_cached(sql)?.execute(values)? > 0)
}

/// The place in three columns from one on.
fn place(row: &Row<'_>, column: usize) -> rusqlite::Result<Place> {
    let number = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    Ok(Place { seq: number(column)?, part: row.get(column + 1)?, row: number(column + 2)? })
}

fn read_webhook(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    Ok(Webhook {
        id: row.get(0)?,
        url: row.get(1)?,
        secret: row.get(2)?,
        events: serde_json::from_str(&row.get::<_, String>(3)?).map_err(|_| wrong(3))?,
        account: row.get::<_, Option<String>>(4)?.map(|_| name(row, 4)).transpose()?,
        made_at: time(row, 5)?,
        stopped: row.get(6)?,
        place: place(row, 7)?,
        tries: row.get(10)?,
        why: row.get(11)?,
    })
}

fn read_dead(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.get(0)?,
        place: place(row, 1)?,
        at: time(row, 4)?,
        tries: row.get(5)?,
        why: row.get(6)?,
        again: row.get(7)?,
    })
}
