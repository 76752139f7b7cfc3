//! A text as somebody types it into a search.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lookback::lists::{Query, Syntax};

fuzz_target!(|text: &str| {
    for read in [Query::parse(text, Syntax::Exact), Query::parse(text, Syntax::Fuzzy), Query::simple(text)] {
        if let Err(error) = read {
            assert!(!error.to_string().is_empty());
        }
    }
});
