//! Rows of the journal and the versions that they make: their codes, their hashes, and how they are read back.
//!
//! In: operations. Out: payloads, salted hashes and keys' hashes; from the file, records. A row that cannot be read is damage,
//! never a panic.

use model::{
    DatasetName, Deletion, Digest, Digester, EntityId, EntityRecord, Identity, Key, KnownAt, Op, Record,
    RecordKind,
};
use serde::{Deserialize, Serialize};

use crate::LedgerError;
use crate::error::Doing;

/// A record version: the place of its put in the journal, from 1. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u64);

impl RowId {
    pub(crate) fn sql(self) -> i64 {
        self.0.cast_signed()
    }

    pub(crate) fn of(sql: i64) -> Self {
        Self(sql.cast_unsigned())
    }
}

/// One version of an entity and when it was in force: from `from` up to, and without, `until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its row.
    pub row: RowId,
    /// When its identity began.
    pub born: KnownAt,
    /// Since when it is in force.
    pub from: KnownAt,
    /// Until when it was in force; `None` while it is.
    pub until: Option<KnownAt>,
    /// The commit that put it.
    pub commit: u64,
    /// Hash of its row.
    pub hash: Digest,
    /// What it states.
    pub record: EntityRecord,
}

impl Version {
    /// Which identity it is a version of.
    pub fn identity(&self) -> Identity {
        Identity { id: self.record.entity.id.clone(), born: self.born }
    }
}

/// The code of a put in `rows.op`; a delete is 0.
pub(crate) const PUT: i64 = 1;
pub(crate) const DELETE: i64 = 0;

/// The code of a kind in the tables: its place in [`RecordKind::ALL`].
pub(crate) fn kind_code(kind: RecordKind) -> i64 {
    kind as i64
}

pub(crate) fn kind_of(code: i64) -> Result<RecordKind, LedgerError> {
    let kind = usize::try_from(code).ok().and_then(|at| RecordKind::ALL.get(at));
    kind.copied().ok_or_else(|| LedgerError::corrupt(format_args!("{code} is no kind of record")))
}

/// A key as 128 bits of its SHA-256, split into the two columns of `keys` and `refs`. That two keys never share it is the same
/// assumption that the chain rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyDigest {
    pub(crate) head: i64,
    pub(crate) tail: i64,
}

impl KeyDigest {
    pub(crate) fn new(kind: RecordKind, text: &str) -> Self {
        let bits = Digester::new().field(kind.word().as_bytes()).field(text.as_bytes()).finish().half();
        let (head, tail) = bits.split_at(8);
        let number = |half: &[u8]| i64::from_le_bytes(half.try_into().expect("half of sixteen bytes"));
        Self { head: number(head), tail: number(tail) }
    }

    /// The sixteen bytes, as they stand in the SHA-256.
    pub(crate) fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.head.to_le_bytes());
        bytes[8..].copy_from_slice(&self.tail.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        let (head, tail) = bytes.split_at(8);
        let number = |half: &[u8]| i64::from_le_bytes(half.try_into().expect("half of sixteen bytes"));
        Self { head: number(head), tail: number(tail) }
    }

    pub(crate) fn of(key: &Key) -> Self {
        Self::new(key.kind, &key.text)
    }

    pub(crate) fn of_entity(id: &str) -> Self {
        Self::new(RecordKind::Entity, id)
    }
}

/// What a row's hash covers.
pub(crate) struct RowContent<'a> {
    pub(crate) salt: &'a [u8],
    pub(crate) op: i64,
    pub(crate) kind: RecordKind,
    pub(crate) key: &'a str,
    pub(crate) line: i64,
    pub(crate) payload: &'a str,
}

impl RowContent<'_> {
    /// Salted, so that nothing about a purged payload can be learned from the hash that stays in the chain.
    pub(crate) fn hash(&self) -> Digest {
        let mut digester = Digester::new();
        digester
            .field(self.salt)
            .number(self.op)
            .field(self.kind.word().as_bytes())
            .field(self.key.as_bytes())
            .number(self.line)
            .field(self.payload.as_bytes());
        digester.finish()
    }
}

#[derive(Serialize, Deserialize)]
struct DeletionPayload {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dataset: Option<DatasetName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What a row says beside its key, as canonical JSON.
pub(crate) fn payload_of(op: &Op) -> String {
    let bytes = match op {
        Op::Put(record) => record.to_bytes(),
        Op::Delete(Deletion { dataset, reason, .. }) => {
            let payload = DeletionPayload { dataset: dataset.clone(), reason: reason.clone() };
            serde_json::to_vec(&payload).expect("two optional strings")
        }
    };
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

pub(crate) fn record_of(kind: RecordKind, payload: &[u8]) -> Result<Record, LedgerError> {
    Record::from_bytes(kind, payload).doing("reading a record")
}

/// The operation of a row.
pub(crate) fn op_of(op: i64, key: Key, payload: &[u8]) -> Result<Op, LedgerError> {
    match op {
        PUT => record_of(key.kind, payload).map(Op::Put),
        DELETE => {
            let DeletionPayload { dataset, reason } =
                serde_json::from_slice(payload).doing("reading a deletion")?;
            Ok(Op::Delete(Deletion { key, dataset, reason }))
        }
        _ => Err(LedgerError::corrupt(format_args!("{op} is no operation"))),
    }
}

pub(crate) fn entity_id(text: &str) -> Result<EntityId, LedgerError> {
    EntityId::new(text).map_err(LedgerError::corrupt)
}

pub(crate) fn dataset_name(text: &str) -> Result<DatasetName, LedgerError> {
    DatasetName::new(text).ok_or_else(|| LedgerError::corrupt("a dataset's name is not well formed"))
}

/// Columns of a version with its row, in the order in which [`version`] reads them. What was purged has no payload and is not read.
pub(crate) const VERSION: &str = "v.row, v.born, v.since, v.until, r.commit_seq, r.payload, r.hash
    FROM versions v JOIN rows r ON r.row = v.row AND r.payload <> ''";

/// Reads the columns of [`VERSION`] for an entity.
pub(crate) fn version(row: &rusqlite::Row<'_>) -> Result<Version, LedgerError> {
    let doing = "reading a version";
    let time = |at: usize| row.get::<_, i64>(at).map(KnownAt::from_micros).doing(doing);
    let payload = row.get_ref(5).doing(doing)?;
    let payload = payload.as_bytes().map_err(LedgerError::corrupt)?;
    Ok(Version {
        row: RowId::of(row.get(0).doing(doing)?),
        born: time(1)?,
        from: time(2)?,
        until: row.get::<_, Option<i64>>(3).doing(doing)?.map(KnownAt::from_micros),
        commit: row.get::<_, i64>(4).doing(doing)?.cast_unsigned(),
        hash: Digest(row.get(6).doing(doing)?),
        record: serde_json::from_slice(payload).doing("reading an entity")?,
    })
}

/// Salts for rows, 16 random bytes each, drawn many at a time.
#[derive(Default)]
pub(crate) struct Salts {
    pool: Vec<u8>,
    used: usize,
}

/// A small commit draws 1 KiB in microseconds; each further draw is four times as large, up to 1 MiB.
const SALTS_FIRST: usize = 1 << 10;
const SALTS_MOST: usize = 1 << 20;

impl Salts {
    pub(crate) fn next(&mut self) -> Result<[u8; 16], LedgerError> {
        if self.used == self.pool.len() {
            self.pool.resize((self.pool.len() * 4).clamp(SALTS_FIRST, SALTS_MOST), 0);
            getrandom::fill(&mut self.pool).map_err(|error| LedgerError::Storage {
                doing: "drawing random salts",
                source: error.to_string().into(),
            })?;
            self.used = 0;
        }
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.pool[self.used..self.used + 16]);
        self.used += 16;
        Ok(salt)
    }
}
