//! Any text as a date and as an instant.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{KnownAt, PartialDate};

fuzz_target!(|text: &str| {
    if let Ok(date) = text.parse::<PartialDate>() {
        assert_eq!(date.to_string().parse(), Ok(date));
        assert!(date.first_day() <= date.last_day());
    }
    if let (Ok(start), Ok(end)) = (KnownAt::parse(text), KnownAt::parse_as_of(text)) {
        assert!(start <= end);
        assert_eq!(KnownAt::parse(&start.to_string()), Ok(start));
        assert!(!start.day().is_empty());
    }
});
