//! The journal as it came in: every operation with its time, in order of commit, deletes before puts, then by row. What was purged
//! is left out.

use std::io;

use model::{Key, KnownAt, Line};

use crate::error::Doing;
use crate::row::{DELETE, PUT, kind_of, op_of};
use crate::{Ledger, LedgerError};

impl Ledger {
    /// Hands every line of the journal to `sink`, ordered by `known_at`; how many there were. Replaying them into an empty store
    /// gives the same states at every time.
    pub fn export(&self, sink: &mut dyn FnMut(&Line) -> io::Result<()>) -> Result<u64, LedgerError> {
        self.store.snapshot(|| {
            let (mut lines, mut row_last) = (0, 0);
            for (known_at, last) in self.row_ranges()? {
                for op in [DELETE, PUT] {
                    lines += self.export_rows(known_at, op, row_last, last, sink)?;
                }
                row_last = last;
            }
            Ok(lines)
        })
    }

    fn row_ranges(&self) -> Result<Vec<(KnownAt, i64)>, LedgerError> {
        self.store.all("reading commits", "SELECT known_at, row_last FROM commits ORDER BY seq", [], |row| {
            Ok((KnownAt::from_micros(row.get(0)?), row.get(1)?))
        })
    }

    fn export_rows(
        &self,
        known_at: KnownAt,
        op: i64,
        after: i64,
        last: i64,
        sink: &mut dyn FnMut(&Line) -> io::Result<()>,
    ) -> Result<u64, LedgerError> {
        let doing = "exporting the journal";
        let sql =
            "SELECT kind, key, payload FROM rows WHERE row > ?1 AND row <= ?2 AND op = ?3 AND payload <> ''
            ORDER BY row";
        let mut lines = 0;
        self.store.each(doing, sql, [after, last, op], |row| {
            let kind = kind_of(row.get(0).doing(doing)?)?;
            let key = Key { kind, text: row.get(1).doing(doing)? };
            let payload = row.get_ref(2).doing(doing)?.as_bytes().map_err(LedgerError::corrupt)?;
            sink(&Line { known_at, op: op_of(op, key, payload)? }).doing("writing the journal")?;
            lines += 1;
            Ok(())
        })?;
        Ok(lines)
    }
}
