//! Every column of every row of every table, altered: `verify` finds it and names the commit that it belongs to, or it means nothing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};

use lookback_ledger::{Access, Head, Held, Ledger, LedgerError};
use model::{Coverage, DatasetName, Digest, KnownAt, Op, Outcome};
use rusqlite::{Connection, OptionalExtension};
use support::{
    content, copy, day, delete, event, header, in_folder, link, observation, op, outcome, pair, person,
};

/// Columns whose values mean nothing beyond the order of a commit's rows, which its hash covers: moved without changing that order,
/// nothing that can be asked changes.
const ORDER_ONLY: [(&str, &str); 2] = [("rejects", "number"), ("alert_changes", "number")];

/// The commits of the store: two joined ones, alerts that open, change, supersede, say nothing and go, entities that are updated,
/// deleted and put again, what names them, a policy, rejects, and held versions of every fate.
const COMMITS: u64 = 5;

fn hold(ledger: &mut Ledger, at: KnownAt) -> u64 {
    let held = Held {
        dataset: DatasetName::new("list").unwrap(),
        file: "list.csv".into(),
        reason: "empty".into(),
        held_at: at,
        digest: Digest::of(b"bytes"),
        note: serde_json::json!({ "rows": 3 }),
    };
    ledger.hold(&held, b"bytes", "Ilva Brandt").unwrap()
}

fn step(ledger: &mut Ledger, at: KnownAt, ops: &[Op], said: &[Outcome], rejects: u64, release: Option<u64>) {
    let mut header = header(at);
    header.sources = vec![model::SourceFile { name: "list.csv".into(), digest: Digest::of(b"list") }];
    let mut batch = ledger.begin(header).unwrap();
    for (op, line) in ops.iter().zip(1..) {
        batch.stage(op, line).unwrap();
    }
    (0..rejects).for_each(|line| batch.reject("list.csv", line + 1, "no name").unwrap());
    batch.record_outcomes(said).unwrap();
    if let Some(id) = release {
        batch.release_held(id).unwrap();
    }
    batch.finish(&Coverage { subjects: ops.len() as u64, ..Coverage::default() }).unwrap();
}

fn build(path: &Path) {
    let mut ledger = Ledger::create(path).unwrap();
    let says = |subject: &str, score| outcome(pair(subject, "E1", day(0)), score);
    let mut first = vec![op(r#""op":"put","kind":"dataset","name":"border","role":"population""#)];
    first.extend((0..5).map(|n| person(&format!("P{n}"), "border", "Ana Velkova")));
    step(&mut ledger, day(1), &first, &[says("P1", Some(1)), says("P2", Some(1))], 0, None);
    let released = hold(&mut ledger, day(1));
    let second = [
        link("L1", "P1", "P2", "a"),
        observation("O1", "P1", "1"),
        person("P3", "border", "Bo Marn"),
        event("V1", "P1", "released", "2031-01-01"),
    ];
    step(&mut ledger, day(2), &second, &[says("P1", Some(2)), says("P0", Some(1))], 0, Some(released));
    let joined = [delete("entity", "P4"), delete("entity", "P3")];
    step(&mut ledger, day(2), &joined, &[says("P1", Some(3)), says("P0", None)], 1, None);
    let discarded = hold(&mut ledger, day(2));
    ledger.discard_held(discarded, "Ilva Brandt", day(3)).unwrap();
    let fourth = [
        delete("entity", "P1"),
        person("P4", "list", "Cleo Dunn"),
        op(r#""op":"put","kind":"policy","text":"threshold = 0.9""#),
    ];
    step(&mut ledger, day(3), &fourth, &[says("P1", None)], 0, None);
    hold(&mut ledger, day(3));
    step(&mut ledger, day(4), &[person("P5", "border", "Dov Ister")], &[says("P2", Some(2))], 2, None);
    hold(&mut ledger, day(5));
}

fn everything(ledger: &Ledger) -> String {
    format!("{}{:?}", content(ledger).unwrap(), ledger.rejects(None).unwrap())
}

struct Bench {
    folder: tempfile::TempDir,
    sound: PathBuf,
    content: String,
}

/// What `verify` says of an altered store.
#[derive(Debug, PartialEq)]
enum Answer {
    Whole,
    Broken(Option<u64>),
}

impl Bench {
    fn new() -> Self {
        let (folder, sound) = in_folder("store.lookback");
        build(&sound);
        let ledger = Ledger::open(&sound, Access::Read).unwrap();
        let verified = ledger.verify().unwrap();
        assert_eq!(verified.commits, COMMITS);
        let content = everything(&ledger);
        drop(ledger);
        Self { folder, sound, content }
    }

    /// A copy to alter: nothing guards it.
    fn copy(&self) -> (PathBuf, Connection) {
        let path = self.folder.path().join("altered.lookback");
        copy(&self.sound, &path);
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = 0; PRAGMA synchronous = 0").unwrap();
        (path, conn)
    }

    fn verify(path: &Path, written_down: Option<Head>) -> Answer {
        let ledger = Ledger::open(path, Access::Read).unwrap();
        let verified = match written_down {
            Some(head) => ledger.verify_against(head),
            None => ledger.verify(),
        };
        match verified {
            Ok(_) => Answer::Whole,
            Err(LedgerError::Corrupt { commit, .. }) => Answer::Broken(commit),
            Err(other) => panic!("{other}"),
        }
    }

    /// Alters by a script.
    fn altered(&self, sql: &str) -> Answer {
        let (path, conn) = self.copy();
        unguarded(&conn, |conn| conn.execute_batch(sql)).unwrap();
        drop(conn);
        Self::verify(&path, None)
    }

    fn says_the_same(&self, path: &Path) -> bool {
        everything(&Ledger::open(path, Access::Read).unwrap()) == self.content
    }
}

/// Lets the rows of the journal be changed for a while.
fn unguarded<T>(conn: &Connection, work: impl FnOnce(&Connection) -> T) -> T {
    let trigger = |name: &str| -> String {
        conn.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0)).unwrap()
    };
    let restore = format!("{}; {};", trigger("rows_stay"), trigger("rows_remain"));
    conn.execute_batch("DROP TRIGGER rows_stay; DROP TRIGGER rows_remain").unwrap();
    let done = work(conn);
    conn.execute_batch(&restore).unwrap();
    done
}

/// SQL for the commit that a row of a table belongs to, as far as a column of it is concerned.
fn owner(table: &str, column: &str) -> &'static str {
    match (table, column) {
        ("commits", _) => "seq",
        ("rejects" | "alert_changes", _) => "commit_seq",
        ("rows", _) => "(SELECT min(seq) FROM commits WHERE row_last >= rows.row)",
        ("versions", "until" | "ended_by") => "ended_by",
        ("versions", _) => "(SELECT min(seq) FROM commits WHERE row_last >= versions.row)",
        ("keys", _) => "(SELECT min(seq) FROM commits WHERE row_last >= keys.row AND keys.row > 0)",
        ("refs", _) => "(SELECT min(seq) FROM commits WHERE row_last >= refs.row AND refs.row > 0)",
        ("tallies", _) => {
            "(SELECT max(seq) FROM commits WHERE known_at =
                (SELECT min(known_at) FROM commits WHERE known_at >= tallies.known_at))"
        }
        ("alerts", _) => "(SELECT min(commit_seq) FROM alert_changes c WHERE c.alert = alerts.number)",
        ("held", "bytes") => {
            "(SELECT min(seq) FROM commits WHERE held_last >= (SELECT max(number) FROM held_events e WHERE e.held = held.id))"
        }
        ("held", _) => {
            "(SELECT min(seq) FROM commits WHERE held_last >= (SELECT min(number) FROM held_events e WHERE e.held = held.id))"
        }
        ("held_events", _) => {
            "(SELECT min(seq) FROM commits WHERE held_last >= held_events.number AND held_events.number > 0)"
        }
        // The count of commits betrays that the last ones are missing; that it is too small belongs to none.
        ("sqlite_sequence", "seq") => {
            "(SELECT last + 1 FROM (SELECT max(seq) AS last FROM commits) WHERE name = 'commits' AND sqlite_sequence.seq > last)"
        }
        ("sqlite_sequence", _) => "NULL",
        _ => panic!("{table}.{column} is new: say which commit it belongs to"),
    }
}

/// The commit that must be named for an altered row: the earlier of those that it belonged to and says that it belongs to.
fn expected(
    table: &str,
    column: &str,
    before: Option<u64>,
    after: Option<u64>,
    own: Option<u64>,
) -> Option<u64> {
    let named = [before, after].into_iter().flatten().filter(|seq| (1..=COMMITS + 1).contains(seq)).min();
    match (table, column) {
        ("versions", "until" | "ended_by") => named.max(own).or(own),
        _ => named,
    }
}

/// Other values for a column.
fn alterations(kind: &str, column: &str, nullable: bool) -> Vec<String> {
    let mut values = match kind {
        "INTEGER" => vec![
            format!("coalesce({column} + 1, 3)"),
            format!("coalesce({column} - 1, 1)"),
            format!("{column} + 1000"),
        ],
        "TEXT" => vec![format!("coalesce({column}, '') || ' '"), "''".into()],
        "BLOB" => vec![
            format!("CAST(coalesce({column}, x'') || x'00' AS BLOB)"),
            format!("zeroblob(length({column}))"),
        ],
        other => panic!("{other} is a new type of column"),
    };
    values.extend(nullable.then(|| "NULL".to_owned()));
    values
}

/// (column, type, whether it may be null, place in the primary key)
type Column = (String, String, bool, i64);

fn columns(conn: &Connection, table: &str) -> Vec<Column> {
    let mut statement =
        conn.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid").unwrap();
    let read = |row: &rusqlite::Row<'_>| {
        let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
        let kind = match (kind.as_str(), name.as_str()) {
            ("", "seq") => "INTEGER".to_owned(),
            ("", _) => "TEXT".to_owned(),
            _ => kind,
        };
        let pk: i64 = row.get(3)?;
        Ok((name, kind, !row.get::<_, bool>(2)? && pk == 0, pk))
    };
    statement.query_map([table], read).unwrap().map(Result::unwrap).collect()
}

fn tables(conn: &Connection) -> Vec<String> {
    let mut statement =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Conditions that pick each row of a table.
fn places(conn: &Connection, table: &str, columns: &[Column]) -> Vec<String> {
    let key: Vec<&str> = columns.iter().filter(|(.., pk)| *pk > 0).map(|(name, ..)| name.as_str()).collect();
    let key = if key.is_empty() { vec!["rowid"] } else { key };
    let picked: Vec<String> = key.iter().map(|name| format!("'{name} IS ' || quote({name})")).collect();
    let sql = format!("SELECT {} FROM {table}", picked.join(" || ' AND ' || "));
    let mut statement = conn.prepare(&sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn number(conn: &Connection, sql: &str) -> Option<u64> {
    let found = conn.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).optional();
    found.unwrap_or_else(|error| panic!("{sql}: {error}")).flatten().map(i64::cast_unsigned)
}

#[test]
fn every_altered_column_is_found_and_its_commit_named() {
    let bench = Bench::new();
    let conn = Connection::open(&bench.sound).unwrap();
    let (mut altered, mut wrong) = (0, Vec::new());
    for table in tables(&conn) {
        let columns = columns(&conn, &table);
        for (column, kind, nullable, _) in &columns {
            for place in places(&conn, &table, &columns) {
                for value in alterations(kind, column, *nullable) {
                    altered += usize::from(alter(&bench, &table, column, &place, &value, &mut wrong));
                }
            }
        }
    }
    assert!(altered > 1_000, "{altered}");
    assert!(wrong.is_empty(), "{} of {altered} alterations:\n{}", wrong.len(), wrong.join("\n"));
}

/// Makes one alteration, if it can be made and is one, and notes what is said wrongly of it.
fn alter(
    bench: &Bench,
    table: &str,
    column: &str,
    place: &str,
    value: &str,
    wrong: &mut Vec<String>,
) -> bool {
    let (path, conn) = bench.copy();
    let owner = owner(table, column);
    let before = number(&conn, &format!("SELECT {owner} FROM {table} WHERE {place}"));
    let own = (table == "versions")
        .then(|| {
            number(
                &conn,
                &format!(
                    "SELECT min(seq) FROM commits WHERE row_last >= (SELECT row FROM versions WHERE {place})"
                ),
            )
        })
        .flatten();
    let sql = format!("UPDATE {table} SET {column} = {value} WHERE {place} AND {column} IS NOT ({value})");
    let changed = unguarded(&conn, |conn| {
        conn.query_row(&format!("{sql} RETURNING {owner}"), [], |row| row.get::<_, Option<i64>>(0)).optional()
    });
    drop(conn);
    let after = match changed {
        Ok(Some(after)) => after.map(i64::cast_unsigned),
        // The value is the same, or another row has it.
        Ok(None) => return false,
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
            return false;
        }
        Err(error) => panic!("{sql}: {error}"),
    };
    let answer = Bench::verify(&path, None);
    let meaningless = ORDER_ONLY.contains(&(table, column)) && answer == Answer::Whole;
    let expected = expected(table, column, before, after, own);
    let right = if meaningless { bench.says_the_same(&path) } else { answer == Answer::Broken(expected) };
    if !right {
        wrong.push(format!("{sql}: {answer:?}, expected {expected:?}"));
    }
    true
}

#[test]
fn every_row_removed_is_found_and_its_commit_named() {
    let bench = Bench::new();
    let conn = Connection::open(&bench.sound).unwrap();
    let mut wrong = Vec::new();
    for table in tables(&conn) {
        let columns = columns(&conn, &table);
        for place in places(&conn, &table, &columns) {
            let belongs = owner(&table, if table == "versions" { "row" } else { "" });
            let belongs = number(&conn, &format!("SELECT {belongs} FROM {table} WHERE {place}"));
            let answer = bench.altered(&format!("DELETE FROM {table} WHERE {place}"));
            if answer != Answer::Broken(belongs) {
                wrong.push(format!("{table} without {place}: {answer:?}, expected {belongs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_row_added_is_found_and_the_commit_named_that_it_says_it_is_of() {
    let bench = Bench::new();
    let at = |n: i64| day(n).micros();
    let cases = [
        ("INSERT INTO rejects (commit_seq, file, line, reason) VALUES (2, 'x', 1, 'y')".to_owned(), Some(2)),
        ("INSERT INTO rejects (commit_seq, file, line, reason) VALUES (9, 'x', 1, 'y')".into(), Some(6)),
        ("INSERT INTO rows SELECT 1000, 3, line, op, kind, key, salt, hash, payload FROM rows WHERE row = 1".into(), Some(3)),
        ("INSERT INTO rows SELECT -1, 9, line, op, kind, key, salt, hash, payload FROM rows WHERE row = 1".into(), Some(6)),
        ("INSERT INTO versions SELECT 11, kind, dataset, born, since, until, ended_by FROM versions WHERE row = 2".into(), Some(3)),
        ("INSERT INTO versions SELECT 1000, kind, dataset, born, since, until, ended_by FROM versions WHERE row = 2".into(), Some(6)),
        ("INSERT INTO keys VALUES (1, 1, 8)".into(), Some(2)),
        ("INSERT INTO keys VALUES (1, 1, 1000)".into(), Some(6)),
        ("INSERT INTO refs VALUES (1, 1, 2)".into(), Some(1)),
        ("INSERT INTO refs VALUES (1, 1, -5)".into(), Some(6)),
        (format!("INSERT INTO tallies VALUES ('list', {}, 0)", at(1)), Some(1)),
        (format!("INSERT INTO tallies VALUES ('border', {}, 4)", at(2) - 7), Some(3)),
        (format!("INSERT INTO tallies VALUES ('border', {}, 9)", at(9)), Some(6)),
        ("INSERT INTO alerts SELECT 99, x'00', subject, subject_born, cause_kind, entry, entry_born, subject_hash, entry_hash
            FROM alerts WHERE number = 1".into(), Some(6)),
        ("INSERT INTO alert_changes SELECT 99, 9, alert, known_at, change, score, fingerprint, subject_dataset, entry_dataset, hash,
            superseded_by FROM alert_changes WHERE number = 1".into(), Some(6)),
        ("INSERT INTO alert_changes SELECT 99, 4, alert, known_at, change, score, fingerprint, subject_dataset, entry_dataset, hash,
            superseded_by FROM alert_changes WHERE number = 1".into(), Some(4)),
        ("INSERT INTO commits SELECT 6, known_at, actor, purpose, sources, engine, tables, rows, puts, deletes, collapsed, rejects,
            row_last, held_last, policy, coverage, previous, hash FROM commits WHERE seq = 5".into(), Some(6)),
        ("INSERT INTO held SELECT 99, dataset, file, reason, held_at, digest, note, hash, bytes FROM held WHERE id = 1".into(), None),
        ("INSERT INTO held_events SELECT 99, held, action, actor, at, hash FROM held_events WHERE number = 1".into(), None),
        ("CREATE TABLE extra (a)".into(), None),
        ("DROP INDEX alerts_subject".into(), None),
    ];
    for (sql, commit) in cases {
        assert_eq!(bench.altered(&sql), Answer::Broken(commit), "{sql}");
    }
}

/// A number of entities that repeats the one before, at the time of a commit, changes no answer.
#[test]
fn a_number_of_entities_said_twice_means_nothing() {
    let bench = Bench::new();
    let (path, conn) = bench.copy();
    conn.execute("INSERT INTO tallies VALUES ('list', ?1, 1)", [day(4).micros()]).unwrap();
    drop(conn);
    assert_eq!(Bench::verify(&path, None), Answer::Whole);
    assert!(bench.says_the_same(&path));
}

#[test]
fn the_earlier_of_two_alterations_is_named() {
    let bench = Bench::new();
    let late = "UPDATE commits SET purpose = 'none' WHERE seq = 5";
    let early = [
        ("UPDATE versions SET ended_by = 4 WHERE row = 2", 4),
        ("UPDATE alert_changes SET superseded_by = 3 WHERE number = 1", 1),
        ("UPDATE versions SET born = born - 1 WHERE row = 7", 2),
        ("INSERT INTO keys VALUES (1, 1, 3)", 1),
        ("INSERT INTO refs VALUES (1, 1, 8)", 2),
        ("DELETE FROM keys WHERE row = 8", 2),
        ("UPDATE held SET reason = 'none' WHERE id = 2", 4),
    ];
    for (early, commit) in early {
        assert_eq!(bench.altered(&format!("{late}; {early}")), Answer::Broken(Some(commit)), "{early}");
    }
}

/// Removes the commits after one, and all that follows from them, as somebody would who knows the tables.
fn cut(seq: u64) -> String {
    format!(
        "UPDATE versions SET until = NULL, ended_by = NULL WHERE ended_by > {seq};
        UPDATE alert_changes SET superseded_by = NULL WHERE superseded_by > {seq};
        DELETE FROM rows WHERE commit_seq > {seq};
        DELETE FROM rejects WHERE commit_seq > {seq};
        DELETE FROM alert_changes WHERE commit_seq > {seq};
        DELETE FROM alerts WHERE number NOT IN (SELECT alert FROM alert_changes);
        DELETE FROM versions WHERE row NOT IN (SELECT row FROM rows);
        DELETE FROM keys WHERE row NOT IN (SELECT row FROM rows);
        DELETE FROM refs WHERE row NOT IN (SELECT row FROM rows);
        DELETE FROM commits WHERE seq > {seq};
        DELETE FROM tallies WHERE known_at > (SELECT max(known_at) FROM commits)"
    )
}

/// Removes what was done about held versions since, and makes the store count as if nothing had been.
fn forget(seq: u64) -> String {
    format!(
        "DELETE FROM held_events WHERE number > (SELECT held_last FROM commits WHERE seq = {seq});
        DELETE FROM held WHERE id NOT IN (SELECT held FROM held_events);
        UPDATE sqlite_sequence SET seq = {seq} WHERE name = 'commits';
        UPDATE sqlite_sequence SET seq = (SELECT count(*) FROM held_events) WHERE name = 'held_events'"
    )
}

#[test]
fn a_cut_chain_is_betrayed_by_the_numbers_given_out_and_a_careful_cut_by_the_head_written_down() {
    let bench = Bench::new();
    let head = Ledger::open(&bench.sound, Access::Read).unwrap().verify().unwrap().head.unwrap();
    let bare = Head { seq: None, ..head };
    for seq in [4, 3, 1] {
        assert_eq!(bench.altered(&cut(seq)), Answer::Broken(Some(seq + 1)), "cut after {seq}");
        let (path, conn) = bench.copy();
        unguarded(&conn, |conn| conn.execute_batch(&(cut(seq) + ";" + &forget(seq)))).unwrap();
        drop(conn);
        assert_eq!(Bench::verify(&path, None), Answer::Whole, "it is what the store was after {seq}");
        assert_eq!(Bench::verify(&path, Some(head)), Answer::Broken(Some(seq + 1)));
        assert_eq!(
            Bench::verify(&path, Some(bare)),
            Answer::Broken(None),
            "cut, or written anew: who can tell?"
        );
    }
}

#[test]
fn a_chain_written_anew_is_betrayed_by_the_head_written_down() {
    let bench = Bench::new();
    let head = |path: &Path| Ledger::open(path, Access::Read).unwrap().verify().unwrap().head.unwrap();
    let written_down = head(&bench.sound);
    let mut ledger = Ledger::open(&bench.sound, Access::Write).unwrap();
    step(&mut ledger, day(6), &[person("P6", "border", "Dov Ister")], &[], 0, None);
    drop(ledger);
    for still in [written_down, Head { seq: None, ..written_down }, head(&bench.sound)] {
        assert_eq!(Bench::verify(&bench.sound, Some(still)), Answer::Whole, "a chain that went on");
    }
    let anew = bench.folder.path().join("anew.lookback");
    build(&anew);
    assert_eq!(Bench::verify(&anew, Some(written_down)), Answer::Broken(Some(COMMITS)));
    assert_eq!(Bench::verify(&anew, Some(Head { seq: None, ..written_down })), Answer::Broken(None));
}

#[test]
fn a_head_is_read_as_it_is_written() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for text in [hash.to_owned(), format!("41:{hash}")] {
        assert_eq!(text.parse::<Head>().unwrap().to_string(), text);
    }
    for text in ["", "41", "41:", "x:00", &format!("-1:{hash}"), &format!(":{hash}"), &hash[1..]] {
        assert!(text.parse::<Head>().is_err(), "{text}");
    }
}
