//! How fast the ledger appends, resolves, reads and verifies on this machine: `cargo run --release -p lookback-ledger --example
//! speed -- 1000000`. Prints a table; asserts nothing.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures and prints")]

use std::time::Instant;

use lookback_ledger::{Ledger, LedgerError};
use model::{CommitHeader, Coverage, Engine, EntityId, KnownAt, Line, Op};

fn main() -> Result<(), LedgerError> {
    let count: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut ledger = Ledger::create(&folder.path().join("speed.lookback"))?;
    let entities: Vec<Op> = (0..count).map(|number| person(number, "b")).collect();
    timed("stage, resolve and finish into an empty store", count, || append(&mut ledger, 1, &entities))?;
    timed("the same entities put again", count, || append(&mut ledger, 2, &entities))?;
    timed("small commits", 1000, || {
        (0..1000)
            .try_for_each(|at: u16| append(&mut ledger, 3 + i64::from(at), &entities[usize::from(at)..][..1]))
    })?;
    let view = ledger.as_of(KnownAt::MAX);
    timed("entities in force, streamed", count, || view.entities(None, &mut |_| Ok(())))?;
    timed("look-ups by id", 100_000, || {
        (0..100_000).try_for_each(|at| {
            let id = EntityId::new(&format!("P{}", at * 7919 % count)).expect("a well formed id");
            view.entity(&id).map(|found| assert!(found.is_some()))
        })
    })?;
    timed("look-ups of two thousand ids", 100_000, || {
        (0..100_000).try_for_each(|at| {
            let id = EntityId::new(&format!("P{}", at % 2000)).expect("a well formed id");
            view.entity(&id).map(|found| assert!(found.is_some()))
        })
    })?;
    timed("verify", count * 2, || ledger.verify().map(drop))?;
    timed("export", count * 2, || ledger.export(&mut |_| Ok(())).map(drop))?;
    Ok(())
}

fn timed(what: &str, count: u64, work: impl FnOnce() -> Result<(), LedgerError>) -> Result<(), LedgerError> {
    let start = Instant::now();
    work()?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{what:50} {seconds:8.3} s {:12.0} /s", count as f64 / seconds);
    Ok(())
}

fn append(ledger: &mut Ledger, day: i64, ops: &[Op]) -> Result<(), LedgerError> {
    let start = Instant::now();
    let mut batch = ledger.begin(CommitHeader {
        known_at: KnownAt::from_micros(day * 86_400_000_000),
        actor: "speed".into(),
        purpose: "measuring".into(),
        sources: Vec::new(),
        engine: Engine { engine: "0".into(), tables: "0".into() },
    })?;
    for (op, line) in ops.iter().zip(1..) {
        batch.stage(op, line)?;
    }
    let staged = start.elapsed();
    batch.resolve()?;
    let resolved = start.elapsed();
    batch.finish(&Coverage::default())?;
    if ops.len() > 1 {
        println!("  staged {staged:?}, resolved {resolved:?}, finished {:?}", start.elapsed());
    }
    Ok(())
}

/// About the size of a customer record.
fn person(number: u64, dataset: &str) -> Op {
    let text = format!(
        r#"{{"known_at":"2031-01-01","op":"put","kind":"entity","dataset":"{dataset}","entity":{{"id":"P{number}","schema":"Person",
        "properties":{{"name":["Orlo Venn {number}"],"birthDate":["19{:02}-03-09"],"passportNumber":["XA{number:08}"]}}}},
        "valid_from":"2030-12-31"}}"#,
        number % 80 + 10
    );
    Line::from_json(text.as_bytes()).expect("a journal line").op
}
