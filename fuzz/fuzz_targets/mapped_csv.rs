//! Any bytes as a mapping and a table, with a zero byte between.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lookback_fuzz::{file, items};
use model::DatasetName;
use sources::{Mapping, Nothing, read_csv, read_evidence};

fuzz_target!(|bytes: &[u8]| {
    let Some(at) = bytes.iter().position(|&byte| byte == 0) else { return };
    let Some(file) = file("table.csv", &bytes[at + 1..]) else { return };
    let Ok(text) = std::str::from_utf8(&bytes[..at]) else { return };
    let dataset = DatasetName::new("demo").expect("a sound name");
    match Mapping::parse(text) {
        Ok(Mapping::Entities(mapping)) => {
            items(|each| read_csv(&file, &mapping, &dataset, &Nothing, each));
        }
        Ok(Mapping::Evidence(mapping)) => {
            items(|each| read_evidence(&file, &mapping, Some(&dataset), each));
        }
        Err(_) => {}
    }
});
