//! The tables, as steps from an empty file to the newest format. docs/reference/store.md explains them to auditors.
//!
//! A released step never changes; a new format is a new step. Creating a store takes all steps, opening an older one for writing
//! takes those that it lacks.

/// Marks the file as a store of ours: "LKBK".
pub(crate) const APPLICATION_ID: i64 = 0x4c4b_424b;

/// The newest format.
pub(crate) const FORMAT: i64 = STEPS.len().cast_signed() as i64;

/// Step n takes a store from format n to n + 1.
pub(crate) const STEPS: &[&str] = &[STEP_1, STEP_2];

/// `rows` and `commits` are the journal. `versions`, `keys`, `refs` and `tallies` follow from it and are kept because looking a
/// thing up must not read the whole journal; `verify` compares them with it. `keys` and `refs` are tables and not indexes, so
/// that a batch can append to them in order: random insertion was the largest cost of a large batch. They know a key by 128 bits of
/// its SHA-256 and not by 64 bits and its text: reading the text from `rows` made a batch that updates everything ten times slower.
/// `AUTOINCREMENT` makes SQLite remember the last number given out, which betrays that the last rows were removed.
const STEP_1: &str = "
CREATE TABLE commits (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    known_at  INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    purpose   TEXT NOT NULL,
    sources   TEXT NOT NULL,
    engine    TEXT NOT NULL,
    tables    TEXT NOT NULL,
    rows      INTEGER NOT NULL,
    puts      INTEGER NOT NULL,
    deletes   INTEGER NOT NULL,
    collapsed INTEGER NOT NULL,
    rejects   INTEGER NOT NULL,
    row_last  INTEGER NOT NULL,
    held_last INTEGER NOT NULL,
    policy    BLOB,
    coverage  TEXT NOT NULL,
    previous  BLOB NOT NULL,
    hash      BLOB NOT NULL
) STRICT;
CREATE INDEX commits_known_at ON commits (known_at);

CREATE TABLE rejects (
    number     INTEGER PRIMARY KEY,
    commit_seq INTEGER NOT NULL REFERENCES commits (seq),
    file       TEXT NOT NULL,
    line       INTEGER NOT NULL,
    reason     TEXT NOT NULL
) STRICT;
CREATE INDEX rejects_commit ON rejects (commit_seq);

CREATE TABLE rows (
    row        INTEGER PRIMARY KEY,
    commit_seq INTEGER NOT NULL REFERENCES commits (seq),
    line       INTEGER NOT NULL,
    op         INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    key        TEXT NOT NULL,
    salt       BLOB NOT NULL,
    hash       BLOB NOT NULL,
    payload    TEXT NOT NULL
) STRICT;
CREATE TRIGGER rows_stay BEFORE UPDATE ON rows BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END;
CREATE TRIGGER rows_remain BEFORE DELETE ON rows BEGIN SELECT RAISE(ABORT, 'rows are never removed'); END;

CREATE TABLE versions (
    row      INTEGER PRIMARY KEY,
    kind     INTEGER NOT NULL,
    dataset  TEXT,
    born     INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER,
    ended_by INTEGER REFERENCES commits (seq)
) STRICT;
CREATE INDEX versions_ended_by ON versions (ended_by) WHERE ended_by IS NOT NULL;
CREATE INDEX versions_kind ON versions (kind) WHERE kind <> 2;
CREATE INDEX versions_dataset ON versions (dataset) WHERE dataset IS NOT NULL;

CREATE TABLE keys (
    head INTEGER NOT NULL,
    tail INTEGER NOT NULL,
    row  INTEGER NOT NULL,
    PRIMARY KEY (head, tail, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE refs (
    head INTEGER NOT NULL,
    tail INTEGER NOT NULL,
    row  INTEGER NOT NULL,
    PRIMARY KEY (head, tail, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE tallies (
    dataset  TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    entities INTEGER NOT NULL,
    PRIMARY KEY (dataset, known_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    number       INTEGER PRIMARY KEY,
    alert        BLOB NOT NULL UNIQUE,
    subject      TEXT NOT NULL,
    subject_born INTEGER NOT NULL,
    cause_kind   TEXT NOT NULL,
    entry        TEXT NOT NULL,
    entry_born   INTEGER NOT NULL,
    subject_hash INTEGER NOT NULL,
    entry_hash   INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_subject ON alerts (subject_hash);
CREATE INDEX alerts_entry ON alerts (entry_hash);
CREATE INDEX alerts_other ON alerts (cause_kind) WHERE cause_kind <> 'name';

CREATE TABLE alert_changes (
    number          INTEGER PRIMARY KEY,
    commit_seq      INTEGER NOT NULL REFERENCES commits (seq),
    alert           INTEGER NOT NULL REFERENCES alerts (number),
    known_at        INTEGER NOT NULL,
    change          TEXT NOT NULL,
    score           INTEGER NOT NULL,
    fingerprint     BLOB NOT NULL,
    subject_dataset TEXT NOT NULL,
    entry_dataset   TEXT NOT NULL,
    hash            BLOB NOT NULL,
    superseded_by   INTEGER REFERENCES commits (seq)
) STRICT;
CREATE INDEX alert_changes_alert ON alert_changes (alert, known_at);
CREATE INDEX alert_changes_known_at ON alert_changes (known_at);
CREATE INDEX alert_changes_commit ON alert_changes (commit_seq);

CREATE TABLE held (
    id      INTEGER PRIMARY KEY,
    dataset TEXT NOT NULL,
    file    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    digest  BLOB NOT NULL,
    note    TEXT NOT NULL,
    hash    BLOB NOT NULL,
    bytes   BLOB
) STRICT;
CREATE TABLE held_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    held   INTEGER NOT NULL REFERENCES held (id),
    action TEXT NOT NULL,
    actor  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    hash   BLOB NOT NULL
) STRICT;

CREATE VIEW journal AS
SELECT rows.row AS row, commit_seq, datetime(commits.known_at / 1000000, 'unixepoch') AS known_at_utc,
    CASE op WHEN 1 THEN 'put' ELSE 'delete' END AS op,
    CASE kind WHEN 0 THEN 'dataset' WHEN 1 THEN 'policy' WHEN 2 THEN 'entity' WHEN 3 THEN 'observation'
        WHEN 4 THEN 'generic' WHEN 5 THEN 'event' WHEN 6 THEN 'claim' ELSE 'decision' END AS kind,
    key, payload
FROM rows JOIN commits ON commits.seq = rows.commit_seq;
";

/// A row may lose key, salt and payload, all three and nothing else, once a row of `purges` says so; the hash of the commit that
/// purges covers that row.
const STEP_2: &str = "
CREATE TABLE purges (
    row        INTEGER PRIMARY KEY REFERENCES rows (row),
    commit_seq INTEGER NOT NULL REFERENCES commits (seq),
    key        BLOB NOT NULL,
    dataset    TEXT,
    mentions   BLOB NOT NULL
) STRICT;
CREATE INDEX purges_commit ON purges (commit_seq);
CREATE TRIGGER purges_stay BEFORE UPDATE ON purges BEGIN SELECT RAISE(ABORT, 'purges are never changed'); END;
CREATE TRIGGER purges_remain BEFORE DELETE ON purges BEGIN SELECT RAISE(ABORT, 'purges are never removed'); END;

CREATE TABLE purged_alerts (
    alert      INTEGER PRIMARY KEY REFERENCES alerts (number),
    commit_seq INTEGER NOT NULL REFERENCES commits (seq)
) STRICT;
CREATE INDEX purged_alerts_commit ON purged_alerts (commit_seq);

DROP TRIGGER rows_stay;
CREATE TRIGGER rows_stay BEFORE UPDATE ON rows WHEN NOT (
    EXISTS (SELECT 1 FROM purges WHERE purges.row = OLD.row) AND NEW.key = '' AND NEW.salt = x'' AND NEW.payload = ''
    AND NEW.row = OLD.row AND NEW.commit_seq = OLD.commit_seq AND NEW.line = OLD.line AND NEW.op = OLD.op
    AND NEW.kind = OLD.kind AND NEW.hash = OLD.hash
) BEGIN SELECT RAISE(ABORT, 'rows are never changed'); END;
";
