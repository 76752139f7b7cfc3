//! The audit log: who looked at what, for what. A file of its own beside the store, with a chain of its own.
//!
//! In: entries. Out: the same entries again, and whether any was altered. Always holds: nothing that alerts are a function of is here
//! (`AUDIT-APART`); an entry is durable when [`AuditLog::append`] returns; whatever is altered is found, also after a purge, which removes
//! what an entry says and not that it was (`AUDIT-CHAIN`). It has a file of its own because people look while another process writes to
//! the store. That the last entries were cut is seen by the commits that name them.

use std::path::{Path, PathBuf};

use model::{AccountName, Digest, Digester, KnownAt, Proof};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::LedgerError;
use crate::apart::Apart;
use crate::error::Doing;
use crate::row::Salts;

/// What somebody did.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// Looked at somebody or something by id.
    LookUp,
    /// Asked for a name.
    Search,
    /// Listed alerts, a queue, a dataset, differences.
    List,
    /// Asked whom a number counts.
    Explain,
    /// Asked for figures or a report.
    Figures,
    /// Took data out.
    Export,
    /// Read the audit.
    Audit,
    /// Looked at an entry that broke the glass.
    Reviewed,
    /// Removed what entries say of somebody who was purged.
    Purged,
    /// Logged in, or changed how an account shows that it is itself.
    Access,
}

impl AuditAction {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::LookUp,
        Self::Search,
        Self::List,
        Self::Explain,
        Self::Figures,
        Self::Export,
        Self::Audit,
        Self::Reviewed,
        Self::Purged,
        Self::Access,
    ];

    /// Its word in output and storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::LookUp => "look_up",
            Self::Search => "search",
            Self::List => "list",
            Self::Explain => "explain",
            Self::Figures => "figures",
            Self::Export => "export",
            Self::Audit => "audit",
            Self::Reviewed => "reviewed",
            Self::Purged => "purged",
            Self::Access => "access",
        }
    }

    /// The action of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// What is to be noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: KnownAt,
    /// Who.
    pub account: AccountName,
    /// How the account showed that it is itself.
    pub proof: Proof,
    /// For what.
    pub purpose: String,
    /// What was done.
    pub action: AuditAction,
    /// The ids that were asked about.
    pub targets: Vec<String>,
    /// What was searched for: only a salted digest of it is kept.
    pub query: Option<String>,
    /// More about it, without anything of a person.
    pub detail: Option<String>,
    /// Why somebody looked beyond what is theirs to see.
    pub break_glass: Option<String>,
}

/// What an entry says of whom: the part that a purge removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Payload {
    targets: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Audited {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: KnownAt,
    /// Who.
    pub account: AccountName,
    /// How the account showed that it is itself.
    pub proof: &'static str,
    /// For what.
    pub purpose: String,
    /// What was done.
    pub action: AuditAction,
    /// The ids that were asked about; none where they were purged.
    pub targets: Vec<String>,
    /// More about it.
    pub detail: Option<String>,
    /// Why somebody looked beyond what is theirs to see.
    pub break_glass: Option<String>,
    /// Whether what it says was purged.
    pub purged: bool,
}

/// How far a log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// The number of its last entry.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Digest,
}

/// An open log.
pub struct AuditLog {
    conn: Connection,
    salts: Salts,
}

const FILE: Apart = Apart {
    suffix: ".audit",
    // "LKBA".
    application_id: 0x4c4b_4241,
    schema: "
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL, account TEXT NOT NULL, proof TEXT NOT NULL, purpose TEXT NOT NULL, action TEXT NOT NULL,
    break_glass TEXT, salt BLOB NOT NULL, payload TEXT NOT NULL, content BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_at ON entries (at);
CREATE TABLE IF NOT EXISTS targets (
    target TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES entries (seq), PRIMARY KEY (target, seq)
) STRICT, WITHOUT ROWID;
",
    doing: "opening the audit log",
};

const COLUMNS: &str = "seq, at, account, proof, purpose, action, break_glass, salt, payload, content, hash";

/// A row as it is stored.
struct Row {
    seq: i64,
    at: i64,
    account: String,
    proof: String,
    purpose: String,
    action: String,
    break_glass: Option<String>,
    salt: Vec<u8>,
    payload: String,
    content: [u8; 32],
    hash: [u8; 32],
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            account: row.get(2)?,
            proof: row.get(3)?,
            purpose: row.get(4)?,
            action: row.get(5)?,
            break_glass: row.get(6)?,
            salt: row.get(7)?,
            payload: row.get(8)?,
            content: row.get(9)?,
            hash: row.get(10)?,
        })
    }

    fn content(salt: &[u8], payload: &str) -> Digest {
        Digester::new().field(salt).field(payload.as_bytes()).finish()
    }

    fn chained(&self, previous: Digest) -> Digest {
        let mut digester = Digester::new();
        digester.field(&previous.0).number(self.seq).number(self.at);
        for text in [&self.account, &self.proof, &self.purpose, &self.action] {
            digester.field(text.as_bytes());
        }
        digester.field(self.break_glass.as_deref().unwrap_or_default().as_bytes());
        digester.number(self.break_glass.is_some().into()).field(&self.content);
        digester.finish()
    }

    fn is_purged(&self) -> bool {
        self.payload.is_empty()
    }

    fn shown(self) -> Result<Audited, LedgerError> {
        let broken =
            |what: &str| LedgerError::corrupt(format_args!("entry {} of the audit log: {what}", self.seq));
        let payload = if self.is_purged() {
            Payload { targets: Vec::new(), query: None, detail: None }
        } else {
            serde_json::from_str(&self.payload).map_err(|_| broken("it cannot be read"))?
        };
        let proof = [Proof::Asserted, Proof::Session, Proof::ApiKey];
        let proof = proof.into_iter().map(Proof::word).find(|word| *word == self.proof);
        Ok(Audited {
            seq: self.seq.cast_unsigned(),
            at: KnownAt::from_micros(self.at),
            account: AccountName::new(&self.account).ok_or_else(|| broken("its account is none"))?,
            proof: proof.ok_or_else(|| broken("its proof is none"))?,
            action: AuditAction::from_word(&self.action).ok_or_else(|| broken("its action is none"))?,
            purged: self.is_purged(),
            purpose: self.purpose,
            targets: payload.targets,
            detail: payload.detail,
            break_glass: self.break_glass,
        })
    }
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// From this time on.
    pub since: Option<KnownAt>,
    /// Of this account.
    pub account: Option<AccountName>,
    /// About this id.
    pub target: Option<String>,
    /// Of this kind.
    pub action: Option<AuditAction>,
    /// Only those that broke the glass.
    pub break_glass: bool,
}

impl AuditLog {
    /// Where the log of a store is.
    pub fn path_of(store: &Path) -> PathBuf {
        FILE.path_of(store)
    }

    /// Opens the log of a store, and makes it where there is none.
    pub fn open(store: &Path) -> Result<Self, LedgerError> {
        Ok(Self { conn: FILE.open(store)?, salts: Salts::default() })
    }

    /// Opens the log of a store, where there is one.
    pub fn open_existing(store: &Path) -> Result<Option<Self>, LedgerError> {
        if Self::path_of(store).is_file() { Self::open(store).map(Some) } else { Ok(None) }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.conn
    }

    /// Adds entries in one durable transaction; the number of the last.
    pub fn append(&mut self, entries: &[AuditEntry]) -> Result<u64, LedgerError> {
        let doing = "appending to the audit log";
        let transaction =
            self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).doing(doing)?;
        let (mut seq, mut previous) = last(&transaction)?;
        for entry in entries {
            seq += 1;
            previous = append_one(&transaction, &mut self.salts, seq, previous, entry)?;
        }
        transaction.commit().doing(doing)?;
        Ok(seq.cast_unsigned())
    }

    /// How far it goes; `None` while it is empty.
    pub fn head(&self) -> Result<Option<AuditHead>, LedgerError> {
        let (seq, hash) = last(&self.conn)?;
        Ok((seq > 0).then_some(AuditHead { seq: seq.cast_unsigned(), hash }))
    }

    /// Entries in order, oldest first.
    pub fn entries(&self, filter: &AuditFilter) -> Result<Vec<Audited>, LedgerError> {
        let doing = "reading the audit log";
        let sql = format!(
            "SELECT {COLUMNS} FROM entries WHERE at >= ?1 AND (?2 IS NULL OR account = ?2)
             AND (?3 IS NULL OR seq IN (SELECT seq FROM targets WHERE target = ?3)) AND (?4 IS NULL OR action = ?4)
             AND (NOT ?5 OR break_glass IS NOT NULL) ORDER BY seq"
        );
        let mut statement = self.conn.prepare(&sql).doing(doing)?;
        let params = params![
            filter.since.map_or(i64::MIN, KnownAt::micros),
            filter.account.as_ref().map(AccountName::as_str),
            filter.target,
            filter.action.map(AuditAction::word),
            filter.break_glass
        ];
        let rows = statement.query_map(params, Row::read).doing(doing)?;
        rows.map(|row| row.doing(doing)?.shown()).collect()
    }

    /// Walks the chain; the number of entries, or an error that names the first that does not hold.
    // Invariant(AUDIT-CHAIN): what an entry says is missing only where a later entry of a purge names it.
    pub fn verify(&self) -> Result<u64, LedgerError> {
        let doing = "verifying the audit log";
        let mut statement =
            self.conn.prepare(&format!("SELECT {COLUMNS} FROM entries ORDER BY seq")).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let (mut previous, mut expected) = (Digest::ZERO, 1);
        let mut purged: Vec<i64> = Vec::new();
        let mut targets: Vec<(String, i64)> = Vec::new();
        let broken = |seq: i64, what: &str| {
            LedgerError::corrupt(format_args!("entry {seq} of the audit log does not hold: {what}"))
        };
        while let Some(row) = rows.next().doing(doing)? {
            let row = Row::read(row).map_err(|_| broken(expected, "it cannot be read"))?;
            if row.seq != expected {
                return Err(broken(expected, "it is missing"));
            }
            if row.is_purged() && row.salt.is_empty() {
                purged.push(row.seq);
            } else if Row::content(&row.salt, &row.payload).0 != row.content {
                return Err(broken(row.seq, "what it says was altered"));
            }
            previous = row.chained(previous);
            if previous.0 != row.hash {
                return Err(broken(row.seq, "it was altered, or one before it"));
            }
            expected += 1;
            let seq = row.seq;
            let shown = row.shown()?;
            if shown.action == AuditAction::Purged {
                let named: Vec<i64> = shown
                    .detail
                    .iter()
                    .flat_map(|text| text.split(' '))
                    .filter_map(|n| n.parse().ok())
                    .collect();
                purged.retain(|seq| !named.contains(seq));
            }
            targets.extend(shown.targets.into_iter().map(|target| (target, seq)));
        }
        if let Some(seq) = purged.first() {
            return Err(broken(*seq, "what it says was removed, and no purge says so"));
        }
        self.check_targets(targets)?;
        let given: Option<i64> = self
            .conn
            .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'entries'", [], |row| row.get(0))
            .optional()
            .doing(doing)?;
        if given.unwrap_or(0) != expected - 1 {
            return Err(broken(expected, "it was there, and is missing"));
        }
        Ok((expected - 1).cast_unsigned())
    }

    /// The table by which entries about somebody are found says what the entries say.
    fn check_targets(&self, mut expected: Vec<(String, i64)>) -> Result<(), LedgerError> {
        let doing = "verifying the audit log";
        expected.sort();
        expected.dedup();
        let mut statement =
            self.conn.prepare("SELECT target, seq FROM targets ORDER BY target, seq").doing(doing)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        let found: Vec<(String, i64)> = rows.collect::<Result<_, _>>().doing(doing)?;
        if found == expected {
            return Ok(());
        }
        Err(LedgerError::corrupt("the audit log's table of targets is not that of its entries"))
    }

    /// The hash of an entry; `None` when there is none of that number.
    pub fn hash_of(&self, seq: u64) -> Result<Option<Digest>, LedgerError> {
        let sql = "SELECT hash FROM entries WHERE seq = ?1";
        self.conn
            .query_row(sql, [seq.cast_signed()], |row| row.get(0).map(Digest))
            .optional()
            .doing("reading the audit log")
    }

    /// Removes what entries say of somebody, and notes that it did in an entry of its own, without the id.
    pub fn purge(&mut self, target: &str, note: &AuditEntry) -> Result<u64, LedgerError> {
        let doing = "purging from the audit log";
        let transaction =
            self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).doing(doing)?;
        let seqs: Vec<i64> = {
            let mut statement =
                transaction.prepare("SELECT seq FROM targets WHERE target = ?1 ORDER BY seq").doing(doing)?;
            let seqs = statement.query_map([target], |row| row.get(0)).doing(doing)?;
            seqs.collect::<Result<_, _>>().doing(doing)?
        };
        if seqs.is_empty() {
            return Ok(0);
        }
        for seq in &seqs {
            transaction
                .execute("UPDATE entries SET salt = x'', payload = '' WHERE seq = ?1", [seq])
                .doing(doing)?;
            transaction.execute("DELETE FROM targets WHERE seq = ?1", [seq]).doing(doing)?;
        }
        let named: Vec<String> = seqs.iter().map(i64::to_string).collect();
        let note = AuditEntry {
            action: AuditAction::Purged,
            targets: Vec::new(),
            query: None,
            detail: Some(named.join(" ")),
            ..note.clone()
        };
        let (seq, previous) = last(&transaction)?;
        append_one(&transaction, &mut self.salts, seq + 1, previous, &note)?;
        transaction.commit().doing(doing)?;
        self.conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").doing(doing)?;
        Ok(seqs.len() as u64)
    }
}

fn last(conn: &Connection) -> Result<(i64, Digest), LedgerError> {
    let sql = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1";
    let found = conn.query_row(sql, [], |row| Ok((row.get(0)?, Digest(row.get(1)?)))).optional();
    Ok(found.doing("reading the audit log")?.unwrap_or((0, Digest::ZERO)))
}

fn append_one(
    conn: &Connection,
    salts: &mut Salts,
    seq: i64,
    previous: Digest,
    entry: &AuditEntry,
) -> Result<Digest, LedgerError> {
    let doing = "appending to the audit log";
    let salt = salts.next()?;
    let query = entry.query.as_ref().map(|text| Row::content(&salt, text));
    let mut targets = entry.targets.clone();
    targets.sort();
    targets.dedup();
    let payload = Payload { targets, query, detail: entry.detail.clone() };
    let payload_text = serde_json::to_string(&payload).expect("texts and digests are JSON");
    let mut row = Row {
        seq,
        at: entry.at.micros(),
        account: entry.account.to_string(),
        proof: entry.proof.word().to_owned(),
        purpose: entry.purpose.clone(),
        action: entry.action.word().to_owned(),
        break_glass: entry.break_glass.clone(),
        content: Row::content(&salt, &payload_text).0,
        salt: salt.to_vec(),
        payload: payload_text,
        hash: [0; 32],
    };
    let hash = row.chained(previous);
    row.hash = hash.0;
    let sql =
        format!("INSERT INTO entries ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    let params = params![
        row.seq,
        row.at,
        row.account,
        row.proof,
        row.purpose,
        row.action,
        row.break_glass,
        row.salt,
        row.payload,
        row.content,
        row.hash
    ];
    conn.prepare_cached(&sql).and_then(|mut statement| statement.execute(params)).doing(doing)?;
    for target in &payload.targets {
        let sql = "INSERT INTO targets (target, seq) VALUES (?1, ?2)";
        conn.prepare_cached(sql).and_then(|mut s| s.execute(params![target, seq])).doing(doing)?;
    }
    Ok(hash)
}
