//! Any bytes as a journal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lookback_fuzz::{file, items};
use model::Line;
use sources::{Item, read_journal};

fuzz_target!(|bytes: &[u8]| {
    let Some(file) = file("journal", bytes) else { return };
    for item in items(|each| read_journal(&file, each)) {
        if let Item::Op { known_at: Some(known_at), op, .. } = item {
            let line = Line { known_at, op };
            let again = Line::from_json(line.to_json().as_bytes()).expect("what was written can be read");
            assert_eq!(again, line);
        }
    }
});
