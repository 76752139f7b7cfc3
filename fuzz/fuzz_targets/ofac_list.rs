//! Any bytes as the three files of an OFAC list, with zero bytes between.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use lookback_fuzz::{file, items};
use model::{DatasetName, Op, Record};
use sources::ofac::read_snapshot;
use sources::{Item, Nothing};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |&byte| byte == 0);
    let Some(sdn) = parts.next().and_then(|part| file("sdn.csv", part)) else { return };
    let alt = parts.next().and_then(|part| file("alt.csv", part));
    let add = parts.next().and_then(|part| file("add.csv", part));
    let dataset = DatasetName::new("demo").expect("a sound name");
    let items = items(|each| read_snapshot(&sdn, alt.as_ref(), add.as_ref(), &dataset, &Nothing, each));
    let entities = items.iter().filter_map(|item| match item {
        Item::Op { op: Op::Put(Record::Entity(record)), .. } => Some(&record.entity),
        _ => None,
    });
    let ids: BTreeSet<&str> = entities.clone().map(|entity| entity.id.as_str()).collect();
    for entity in entities {
        assert!(entity.ends().all(|end| ids.contains(end)), "a relation without one of its ends");
    }
});
