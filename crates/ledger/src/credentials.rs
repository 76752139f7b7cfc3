//! How accounts show that they are themselves: passwords, sessions, keys. A file of its own beside the store.
//!
//! In: digests of secrets, with times. Out: whose they are. Always holds: no secret is here that could be shown again (`NO-SECRET`):
//! passwords as argon2id hashes that the caller makes, sessions and keys as SHA-256 of 32 random bytes; nothing that alerts are a function
//! of is here. Which accounts there are and what they may do stands in the ledger; that a key is still good is for the caller to see by
//! its times. It has a file of its own because people log in while another process writes, and because a copy of the store must not
//! carry credentials.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::{AccountName, DatasetName, Digest, KnownAt};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::LedgerError;
use crate::apart::{Apart, name, time, wrong};
use crate::error::Doing;

/// A key of a program, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessKey {
    /// Its name, which is no secret.
    pub id: String,
    /// Whose it is.
    pub account: AccountName,
    /// What it is for, in words.
    pub label: String,
    /// What may be done with it, of what its account may; nothing named: all of that.
    pub scope: BTreeSet<String>,
    /// For what, where a request does not say.
    pub purpose: Option<String>,
    /// The population in which whoever is asked about with it is enrolled.
    pub enrol: Option<DatasetName>,
    /// At most so many requests in a second.
    pub rate: Option<u32>,
    /// When it was made.
    pub made_at: KnownAt,
    /// From when on it is good no more.
    pub expires_at: KnownAt,
    /// When it was taken back.
    pub revoked_at: Option<KnownAt>,
}

/// Somebody who logged in, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSession {
    /// Who.
    pub account: AccountName,
    /// For what, where a request does not say.
    pub purpose: Option<String>,
    /// When they logged in.
    pub made_at: KnownAt,
    /// When it was last used, to the minute.
    pub seen_at: KnownAt,
}

/// How often in a row a log-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How often.
    pub count: u32,
    /// When last.
    pub last_at: KnownAt,
}

/// What an account can show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The account.
    pub account: AccountName,
    /// Whether it has a password.
    pub password: bool,
    /// What an identity provider calls it.
    pub identities: Vec<String>,
    /// How many sessions were begun and not ended.
    pub sessions: u64,
    /// How many keys it has that were not taken back.
    pub keys: u64,
}

/// The open file.
pub struct Credentials {
    conn: Connection,
}

const FILE: Apart = Apart {
    suffix: ".access",
    // "LKBC".
    application_id: 0x4c4b_4243,
    schema: "
CREATE TABLE IF NOT EXISTS passwords (account TEXT PRIMARY KEY, hash TEXT NOT NULL, set_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS failures (account TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS identities (
    issuer TEXT NOT NULL, claim TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (issuer, claim)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (
    secret BLOB PRIMARY KEY, account TEXT NOT NULL, purpose TEXT, made_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, secret BLOB NOT NULL UNIQUE, account TEXT NOT NULL, label TEXT NOT NULL, scope TEXT NOT NULL,
    purpose TEXT, enrol TEXT, rate INTEGER, made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER
) STRICT;
",
    doing: "opening the credentials",
};

const KEY: &str = "id, account, label, scope, purpose, enrol, rate, made_at, expires_at, revoked_at";
/// A day in microseconds: failures older than that say nothing any more.
const FAILURES_KEPT: i64 = 24 * 60 * 60 * 1_000_000;

impl Credentials {
    /// Where the credentials of a store are.
    pub fn path_of(store: &Path) -> PathBuf {
        FILE.path_of(store)
    }

    /// Opens the credentials of a store, and makes the file where there is none, for its owner alone.
    pub fn open(store: &Path) -> Result<Self, LedgerError> {
        FILE.open_private(store).map(|conn| Self { conn })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.conn
    }

    /// Whether any account can show anything.
    pub fn is_empty(&self) -> Result<bool, LedgerError> {
        Ok(self.shown()?.iter().all(|one| !one.password && one.identities.is_empty() && one.keys == 0))
    }

    /// What each account can show, by name.
    pub fn shown(&self) -> Result<Vec<Shown>, LedgerError> {
        let doing = "reading the credentials";
        let sql = "SELECT account, EXISTS (SELECT 1 FROM passwords p WHERE p.account = a.account),
            (SELECT count(*) FROM sessions s WHERE s.account = a.account),
            (SELECT count(*) FROM keys k WHERE k.account = a.account AND revoked_at IS NULL)
            FROM (SELECT account FROM passwords UNION SELECT account FROM identities UNION SELECT account FROM sessions
                  UNION SELECT account FROM keys) a ORDER BY account";
        let mut statement = self.conn.prepare(sql).doing(doing)?;
        let rows = statement.query_map([], |row| {
            let account = name(row, 0)?;
            Ok(Shown {
                account,
                password: row.get(1)?,
                identities: Vec::new(),
                sessions: row.get::<_, i64>(2)?.cast_unsigned(),
                keys: row.get::<_, i64>(3)?.cast_unsigned(),
            })
        });
        let mut shown: Vec<Shown> = rows.doing(doing)?.collect::<Result<_, _>>().doing(doing)?;
        let sql = "SELECT claim FROM identities WHERE account = ? ORDER BY claim";
        let mut statement = self.conn.prepare(sql).doing(doing)?;
        for one in &mut shown {
            let claims = statement.query_map([one.account.as_str()], |row| row.get(0)).doing(doing)?;
            one.identities = claims.collect::<Result<_, _>>().doing(doing)?;
        }
        Ok(shown)
    }

    /// Keeps the hash of a password, ends the account's sessions and forgets that log-ins failed.
    pub fn set_password(
        &mut self,
        account: &AccountName,
        hash: &str,
        at: KnownAt,
    ) -> Result<(), LedgerError> {
        let doing = "keeping a password";
        let transaction = self.conn.transaction().doing(doing)?;
        let sql = "INSERT OR REPLACE INTO passwords VALUES (?, ?, ?)";
        transaction.execute(sql, params![account.as_str(), hash, at.micros()]).doing(doing)?;
        for sql in ["DELETE FROM sessions WHERE account = ?", "DELETE FROM failures WHERE account = ?"] {
            transaction.execute(sql, [account.as_str()]).doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// The hash of an account's password.
    pub fn password(&self, account: &AccountName) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT hash FROM passwords WHERE account = ?";
        let found = self.conn.query_row(sql, [account.as_str()], |row| row.get(0)).optional();
        found.doing("reading a password")
    }

    /// How often in a row the account's log-in failed, up to now.
    pub fn failures(&self, account: &AccountName) -> Result<Option<Failures>, LedgerError> {
        let sql = "SELECT count, last_at FROM failures WHERE account = ?";
        let read = |row: &Row<'_>| Ok(Failures { count: row.get(0)?, last_at: time(row, 1)? });
        self.conn.query_row(sql, [account.as_str()], read).optional().doing("reading failed log-ins")
    }

    /// Notes that a log-in failed, whether there is such an account or not.
    pub fn note_failure(&mut self, account: &AccountName, at: KnownAt) -> Result<(), LedgerError> {
        let doing = "noting a failed log-in";
        let transaction = self.conn.transaction().doing(doing)?;
        let old = at.micros().saturating_sub(FAILURES_KEPT);
        transaction.execute("DELETE FROM failures WHERE last_at < ?", [old]).doing(doing)?;
        let sql = "INSERT INTO failures VALUES (?1, 1, ?2)
            ON CONFLICT (account) DO UPDATE SET count = count + 1, last_at = ?2";
        transaction.execute(sql, params![account.as_str(), at.micros()]).doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// Begins a session, and forgets that log-ins failed before.
    pub fn begin_session(&mut self, secret: Digest, session: &AccessSession) -> Result<(), LedgerError> {
        let doing = "beginning a session";
        let transaction = self.conn.transaction().doing(doing)?;
        let AccessSession { account, purpose, made_at, seen_at } = session;
        let row = params![secret.0, account.as_str(), purpose, made_at.micros(), seen_at.micros()];
        transaction.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row).doing(doing)?;
        transaction.execute("DELETE FROM failures WHERE account = ?", [account.as_str()]).doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// The session of a secret, whether its time is over or not.
    pub fn session(&self, secret: Digest) -> Result<Option<AccessSession>, LedgerError> {
        let doing = "reading a session";
        let sql = "SELECT account, purpose, made_at, seen_at FROM sessions WHERE secret = ?";
        let mut statement = self.conn.prepare_cached(sql).doing(doing)?;
        let read = |row: &Row<'_>| {
            let (made_at, seen_at) = (time(row, 2)?, time(row, 3)?);
            Ok(AccessSession { account: name(row, 0)?, purpose: row.get(1)?, made_at, seen_at })
        };
        statement.query_row([secret.0], read).optional().doing(doing)
    }

    /// Notes that a session was used.
    pub fn touch_session(&mut self, secret: Digest, at: KnownAt) -> Result<(), LedgerError> {
        let sql = "UPDATE sessions SET seen_at = max(seen_at, ?2) WHERE secret = ?1";
        self.conn.execute(sql, params![secret.0, at.micros()]).doing("noting a session").map(drop)
    }

    /// Ends a session.
    pub fn end_session(&mut self, secret: Digest) -> Result<(), LedgerError> {
        let sql = "DELETE FROM sessions WHERE secret = ?";
        self.conn.execute(sql, [secret.0]).doing("ending a session").map(drop)
    }

    /// Ends all sessions that were last used, or begun, before these times.
    pub fn end_old_sessions(
        &mut self,
        seen_before: KnownAt,
        made_before: KnownAt,
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM sessions WHERE seen_at < ? OR made_at < ?";
        let times = [seen_before.micros(), made_before.micros()];
        self.conn.execute(sql, times).doing("ending old sessions").map(drop)
    }

    /// Takes everything from an account: password, identities, sessions, keys.
    pub fn revoke_all(&mut self, account: &AccountName, at: KnownAt) -> Result<(), LedgerError> {
        let doing = "taking credentials back";
        let transaction = self.conn.transaction().doing(doing)?;
        for table in ["passwords", "identities", "sessions"] {
            let sql = format!("DELETE FROM {table} WHERE account = ?");
            transaction.execute(&sql, [account.as_str()]).doing(doing)?;
        }
        let sql = "UPDATE keys SET revoked_at = ?2 WHERE account = ?1 AND revoked_at IS NULL";
        transaction.execute(sql, params![account.as_str(), at.micros()]).doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// Says what an identity provider calls an account.
    pub fn link(&mut self, issuer: &str, claim: &str, account: &AccountName) -> Result<(), LedgerError> {
        let sql = "INSERT OR REPLACE INTO identities VALUES (?, ?, ?)";
        self.conn.execute(sql, [issuer, claim, account.as_str()]).doing("linking an identity").map(drop)
    }

    /// The account of somebody whom an identity provider vouches for.
    pub fn linked(&self, issuer: &str, claim: &str) -> Result<Option<AccountName>, LedgerError> {
        let sql = "SELECT account FROM identities WHERE issuer = ? AND claim = ?";
        let found = self.conn.query_row(sql, [issuer, claim], |row| name(row, 0)).optional();
        found.doing("reading identities")
    }

    /// Keeps a new key.
    pub fn add_key(&mut self, secret: Digest, key: &AccessKey) -> Result<(), LedgerError> {
        let doing = "keeping a key";
        let scope = serde_json::to_string(&key.scope).expect("texts are JSON");
        let row = params![
            key.id,
            secret.0,
            key.account.as_str(),
            key.label,
            scope,
            key.purpose,
            key.enrol.as_ref().map(DatasetName::as_str),
            key.rate,
            key.made_at.micros(),
            key.expires_at.micros(),
            key.revoked_at.map(KnownAt::micros),
        ];
        let sql = "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.conn.execute(sql, row).doing(doing).map(drop)
    }

    /// The key of a secret, whether it is still good or not.
    pub fn key(&self, secret: Digest) -> Result<Option<AccessKey>, LedgerError> {
        let doing = "reading a key";
        let sql = format!("SELECT {KEY} FROM keys WHERE secret = ?");
        let mut statement = self.conn.prepare_cached(&sql).doing(doing)?;
        statement.query_row([secret.0], read_key).optional().doing(doing)
    }

    /// All keys, or an account's, oldest first.
    pub fn keys(&self, account: Option<&AccountName>) -> Result<Vec<AccessKey>, LedgerError> {
        let doing = "reading keys";
        let sql =
            format!("SELECT {KEY} FROM keys WHERE ?1 IS NULL OR account = ?1 ORDER BY account, made_at, id");
        let mut statement = self.conn.prepare(&sql).doing(doing)?;
        let rows = statement.query_map([account.map(AccountName::as_str)], read_key).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Takes a key back; false when there is none of that name that is still good.
    pub fn revoke_key(&mut self, id: &str, at: KnownAt) -> Result<bool, LedgerError> {
        let sql = "UPDATE keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
        Ok(self.conn.execute(sql, params![id, at.micros()]).doing("taking a key back")? > 0)
    }
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<AccessKey> {
    let enrol: Option<String> = row.get(5)?;
    Ok(AccessKey {
        id: row.get(0)?,
        account: name(row, 1)?,
        label: row.get(2)?,
        scope: serde_json::from_str(&row.get::<_, String>(3)?).map_err(|_| wrong(3))?,
        purpose: row.get(4)?,
        enrol: enrol.map(|text| DatasetName::new(&text).ok_or_else(|| wrong(5))).transpose()?,
        rate: row.get(6)?,
        made_at: time(row, 7)?,
        expires_at: time(row, 8)?,
        revoked_at: row.get::<_, Option<i64>>(9)?.map(KnownAt::from_micros),
    })
}
