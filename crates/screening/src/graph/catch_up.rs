//! What a graph that was saved at a commit lacks: everything that later commits put and ended, as if it were one batch.
//!
//! In: a ledger, a commit. Out: the graph of the head. Always holds: it says what one built from the ledger says (`INCREMENTAL`), since it
//! takes the way of every batch.

use std::collections::BTreeMap;

use ledger::{Ledger, RowId, View};
use model::{Attribute, KnownAt, Record, RecordKind};
use network::{Generic, PersonId};

use super::Graph;
use crate::ScreeningError;

impl Graph {
    /// Brings a graph that was saved at a commit up to date with the ledger's head. Returns how many rows that took.
    pub fn catch_up(&mut self, ledger: &Ledger, seq: u64) -> Result<u64, ScreeningError> {
        let view = ledger.as_of(KnownAt::MAX);
        let entities = ledger.rows_since(seq, RecordKind::Entity)?;
        for row in &entities.ended {
            self.leave(&ledger.version(*row)?);
        }
        for row in &entities.added {
            self.enter(&ledger.version(*row)?);
        }
        let evidence = ledger.rows_since(seq, RecordKind::Observation)?;
        for (row, record) in read(&view, &evidence.ended)? {
            if let Record::Observation(observation) = record {
                self.retract(row, &observation);
            }
        }
        for (row, record) in read(&view, &evidence.added)? {
            if let Record::Observation(observation) = record {
                self.observe(row, &observation);
            }
        }
        // A declaration that was replaced both ended and was added, and holds.
        let generic = ledger.rows_since(seq, RecordKind::Generic)?;
        let ended = read(&view, &generic.ended)?.into_iter().map(|(_, record)| (record, Generic::No));
        let added = read(&view, &generic.added)?.into_iter().map(|(_, record)| (record, Generic::Declared));
        let mut declared: BTreeMap<Attribute, Generic> = BTreeMap::new();
        for (record, holds) in ended.chain(added) {
            if let Record::Generic(record) = record {
                declared.insert(record.attribute, holds);
            }
        }
        for (attribute, holds) in &declared {
            self.declare(attribute, *holds);
        }
        let events = ledger.rows_since(seq, RecordKind::Event)?;
        for (_, record) in read(&view, &events.added)? {
            if let Record::Event(event) = record {
                self.hear(&event);
            }
        }
        let concerned = self.settle(&view)?;
        self.found.extend(concerned);
        let rows = [entities, evidence, generic, events].map(|since| since.ended.len() + since.added.len());
        Ok(rows.iter().sum::<usize>() as u64)
    }

    /// How many rows building it anew reads, as near as it knows.
    pub fn size(&self) -> u64 {
        let evidence =
            (0..self.network.persons()).map(|person| self.network.observations(PersonId(person)).count());
        self.rows.len() as u64 + evidence.sum::<usize>() as u64
    }
}

fn read(view: &View<'_>, rows: &[RowId]) -> Result<Vec<(RowId, Record)>, ScreeningError> {
    rows.iter().map(|row| Ok((*row, view.record_of(*row)?))).collect()
}
