//! Any bytes as changes of an OFAC list.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use lookback_fuzz::{file, items};
use model::{DatasetName, Entity, KnownAt, Op, Record};
use sources::ofac::read_events;
use sources::{Item, Nothing};

fuzz_target!(|bytes: &[u8]| {
    let Some(file) = file("events.tsv", bytes) else { return };
    let dataset = DatasetName::new("demo").expect("a sound name");
    let mut batches: BTreeMap<KnownAt, Vec<Op>> = BTreeMap::new();
    for item in items(|each| read_events(&file, &dataset, &Nothing, each)) {
        if let Item::Op { known_at, op, .. } = item {
            batches.entry(known_at.expect("a change has its time")).or_default().push(op);
        }
    }
    let mut held: BTreeMap<String, Entity> = BTreeMap::new();
    for batch in batches.values() {
        apply(&mut held, batch);
        for relation in held.values() {
            assert!(relation.ends().all(|end| held.contains_key(end)), "a relation without one of its ends");
        }
    }
});

fn apply(held: &mut BTreeMap<String, Entity>, batch: &[Op]) {
    for op in batch {
        if let Op::Delete(deletion) = op {
            held.remove(&*deletion.key.text);
            held.retain(|_, entity| !entity.ends().any(|end| end == &*deletion.key.text));
        }
    }
    for op in batch {
        if let Op::Put(Record::Entity(record)) = op {
            held.insert(record.entity.id.to_string(), record.entity.clone());
        }
    }
}
