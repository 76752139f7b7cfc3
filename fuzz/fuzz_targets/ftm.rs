//! Any bytes as entities.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lookback_fuzz::{file, items};
use model::DatasetName;
use sources::read_ftm;

fuzz_target!(|bytes: &[u8]| {
    let Some(file) = file("entities", bytes) else { return };
    let dataset = DatasetName::new("demo").expect("a sound name");
    items(|each| read_ftm(&file, &dataset, each));
});
