//! Rows too many: what stands beside the journal and does not follow from it.
//!
//! In: the replay, at its end or where the chain broke. Out: the earliest commit that such a row says it belongs to; the one after
//! the sound commits for a row that names none of them. Counting tells whether there are any; only then, or
//! where something else is wrong, are they looked for.

use model::KnownAt;
use rusqlite::Row;
use rustc_hash::FxHashSet;

use super::{Audit, wrong};
use crate::LedgerError;
use crate::error::Doing;
use crate::purge::PurgedRow;
use crate::row::{KeyDigest, kind_of, record_of};

const DOING: &str = "looking for rows that do not follow";

impl Audit<'_> {
    /// Where something is wrong, be it by counting, what says that it belongs to an earlier commit comes first.
    pub(super) fn find_strays(&mut self) -> Result<(), LedgerError> {
        let differ = self.count_that_differs()?;
        if self.whole && differ.is_none() && self.found.first.is_none() {
            return Ok(());
        }
        self.stray_rows()?;
        self.stray_versions()?;
        self.stray_ends()?;
        self.stray_keys()?;
        self.stray_refs()?;
        self.stray_tallies()?;
        self.stray_of_commits("a reject", "rejects")?;
        self.stray_of_commits("an alert change", "alert_changes")?;
        self.stray_of_commits("a purged row", "purges")?;
        self.stray_of_commits("a purged alert", "purged_alerts")?;
        self.stray_alerts()?;
        match differ {
            Some(what) if self.found.first.is_none() => self.found.note(wrong(what)),
            _ => Ok(()),
        }
    }

    /// What the first table has too many or too few of.
    fn count_that_differs(&self) -> Result<Option<String>, LedgerError> {
        let in_force = self.live.len().cast_signed() as i64;
        let counts = [
            ("rows", self.row_last, "rows"),
            ("versions", self.kept.versions, "versions"),
            ("versions WHERE until IS NULL AND ended_by IS NULL", in_force, "versions in force"),
            ("keys", self.kept.versions, "keys"),
            ("refs", self.kept.refs, "references"),
            ("tallies", self.kept.tallies, "numbers of entities"),
            ("rejects", self.kept.rejects, "rejects"),
            ("alerts", self.book.alerts(), "alerts"),
            ("alert_changes", self.verified.alert_changes.cast_signed(), "alert changes"),
            ("purges", self.kept.purges, "purged rows"),
            ("purged_alerts", self.kept.purged_alerts, "purged alerts"),
        ];
        for (table, expected, what) in counts {
            let sql = format!("SELECT count(*) FROM {table}");
            let found = self.store.first("counting rows", &sql, [], |row| row.get::<_, i64>(0))?;
            let found = found.unwrap_or_default();
            if found != expected {
                return Ok(Some(format!("there are {found} {what} and not {expected}")));
            }
        }
        Ok(None)
    }

    /// Notes, for every row of an answer, the commit that `claim` finds it to belong to.
    fn stray(
        &mut self,
        what: &str,
        sql: &str,
        claim: impl Fn(&Self, &Row<'_>) -> Result<Option<u64>, LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut first: Option<u64> = None;
        self.store.each(DOING, sql, [], |row| {
            if let Some(seq) = claim(self, row)? {
                first = Some(first.map_or(seq, |first| first.min(seq)));
            }
            Ok(())
        })?;
        let next = self.next();
        first.map_or(Ok(()), |seq| {
            let of = if seq == next {
                "is of none before it, and it is missing"
            } else {
                "does not follow from it"
            };
            self.follows(seq, false, || format!("there is {what} that {of}"))
        })
    }

    /// A commit that a row names; the one after the sound ones, where it names none of them.
    fn named(&self, commit: i64) -> u64 {
        let next = self.next();
        u64::try_from(commit).ok().filter(|seq| (1..next).contains(seq)).unwrap_or(next)
    }

    /// Rows beyond those of the last commit. Where the chain is broken, those of the commits that follow are among them.
    fn stray_rows(&mut self) -> Result<(), LedgerError> {
        if !self.whole {
            return Ok(());
        }
        let sql =
            format!("SELECT commit_seq FROM rows WHERE row NOT BETWEEN 1 AND {} ORDER BY row", self.row_last);
        self.stray("a row", &sql, |audit, row| Ok(Some(audit.named(row.get(0).doing(DOING)?))))
    }

    fn stray_versions(&mut self) -> Result<(), LedgerError> {
        let sql =
            "SELECT v.row FROM versions v LEFT JOIN rows r ON r.row = v.row AND r.op = 1 WHERE r.row IS NULL";
        self.stray("a version", sql, |audit, row| Ok(Some(audit.commit_of(row.get(0).doing(DOING)?))))
    }

    /// Versions that ended although the journal does not end them: with the commit that is said to have done it, or else their own.
    fn stray_ends(&mut self) -> Result<(), LedgerError> {
        let before =
            self.live.iter().filter(|(key, _)| !self.touched.contains_key(key)).map(|(_, live)| live);
        let put = self.touched.values().filter_map(|touched| touched.put.as_ref());
        let in_force: FxHashSet<i64> = before.chain(put).map(|live| live.row.sql()).collect();
        let sql = "SELECT row, ended_by FROM versions WHERE until IS NOT NULL OR ended_by IS NOT NULL";
        self.stray("the end of a version", sql, |audit, row| {
            let version: i64 = row.get(0).doing(DOING)?;
            let own = audit.commit_of(version);
            let ended_by: Option<i64> = row.get(1).doing(DOING)?;
            let end = ended_by.map_or(own, |seq| audit.named(seq).max(own));
            Ok(in_force.contains(&version).then_some(end))
        })
    }

    fn stray_keys(&mut self) -> Result<(), LedgerError> {
        let sql = "SELECT k.row, k.head, k.tail, r.kind, r.key, p.commit_seq, p.key, p.dataset, p.mentions
            FROM keys k LEFT JOIN rows r ON r.row = k.row AND r.op = 1 LEFT JOIN purges p ON p.row = k.row";
        self.stray("a key", sql, |audit, columns| {
            let row: i64 = columns.get(0).doing(DOING)?;
            let kind: Option<i64> = columns.get(3).doing(DOING)?;
            let purged = PurgedRow::read(columns, 5).ok().flatten();
            let follows = kind.is_some_and(|kind| {
                if let Some(purged) = purged {
                    return digest(columns) == Some(purged.key);
                }
                let text = columns.get_ref(4).ok().and_then(|text| text.as_str().ok());
                let key = kind_of(kind).ok().zip(text).map(|(kind, text)| KeyDigest::new(kind, text));
                key.is_some() && key == digest(columns)
            });
            Ok((!follows).then(|| audit.commit_of(row)))
        })
    }

    fn stray_refs(&mut self) -> Result<(), LedgerError> {
        let sql =
            "SELECT f.row, f.head, f.tail, r.kind, r.payload, p.commit_seq, p.key, p.dataset, p.mentions
            FROM refs f LEFT JOIN rows r ON r.row = f.row AND r.op = 1 LEFT JOIN purges p ON p.row = f.row";
        self.stray("a reference", sql, |audit, columns| {
            let row: i64 = columns.get(0).doing(DOING)?;
            let kind: Option<i64> = columns.get(3).doing(DOING)?;
            let named = digest(columns);
            let purged = PurgedRow::read(columns, 5).ok().flatten();
            let follows = kind.is_some_and(|kind| {
                if let Some(purged) = purged {
                    return named.is_some_and(|named| purged.mentions.contains(&named));
                }
                let payload = columns.get_ref(4).ok().and_then(|payload| payload.as_bytes().ok());
                let record = kind_of(kind).ok().zip(payload);
                let record = record.and_then(|(kind, payload)| record_of(kind, payload).ok());
                record.is_some_and(|record| {
                    record.mentions().iter().any(|key| Some(KeyDigest::of(key)) == named)
                })
            });
            Ok((!follows).then(|| audit.commit_of(row)))
        })
    }

    /// Numbers of entities of times or datasets that no commit has. One of a time belongs to the last commit of that time, one
    /// between two times to the later.
    fn stray_tallies(&mut self) -> Result<(), LedgerError> {
        // Where the chain is broken, the last time before may go on there.
        let sound = self.places.last().filter(|_| !self.whole).map(|place| place.known_at);
        let sql = "SELECT known_at, dataset FROM tallies";
        self.stray("a number of entities", sql, |audit, row| {
            let at = KnownAt::from_micros(row.get(0).doing(DOING)?);
            let dataset: String = row.get(1).doing(DOING)?;
            if sound.is_some_and(|sound| at >= sound) {
                return Ok(None);
            }
            let place = audit.places.partition_point(|place| place.known_at < at);
            let place = audit.places.get(place).map(|place| place.known_at);
            let since = audit.datasets.iter().find(|(name, _)| *name == dataset).map(|(_, since)| *since);
            if place == Some(at) && since.is_some_and(|since| since <= at) {
                return Ok(None);
            }
            let last = place.map(|at| audit.places.partition_point(|place| place.known_at <= at) as u64);
            Ok(Some(last.unwrap_or(audit.next())))
        })
    }

    fn stray_of_commits(&mut self, what: &str, table: &str) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT commit_seq FROM {table} WHERE commit_seq NOT BETWEEN 1 AND {}",
            self.places.len()
        );
        self.stray(what, &sql, |audit, row| Ok(Some(audit.named(row.get(0).doing(DOING)?))))
    }

    /// An alert that nothing ever happened to names no commit.
    fn stray_alerts(&mut self) -> Result<(), LedgerError> {
        let sql = "SELECT 1 FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM alert_changes c WHERE c.alert = a.number)";
        self.stray("an alert without a change", sql, |audit, _| Ok(Some(audit.next())))
    }
}

/// The key of a row of `keys` or `refs`.
fn digest(columns: &Row<'_>) -> Option<KeyDigest> {
    columns.get(1).ok().zip(columns.get(2).ok()).map(|(head, tail)| KeyDigest { head, tail })
}
