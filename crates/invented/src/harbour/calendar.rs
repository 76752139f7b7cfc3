//! Days as numbers, and back: 0 is the first of January 2028. No leap days: the story begins after the one of 2028 and ends before the next.

use crate::person::day_of;

const FIRST_YEAR: u64 = 2028;
/// Days of a year before each month.
const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// The number of a day written as `2030-07-14`.
pub(super) fn number(iso: &str) -> u64 {
    let field = |range| iso.get(range).and_then(|text: &str| text.parse::<u64>().ok());
    let fields = (field(0..4), field(5..7), field(8..10));
    let (Some(year), Some(month), Some(day)) = fields else { panic!("{iso} is no day of the plan") };
    (year - FIRST_YEAR) * 365 + BEFORE[month as usize - 1] + day - 1
}

/// The day of a number.
pub(super) fn day(number: u64) -> String {
    day_of(FIRST_YEAR + number / 365, number % 365)
}

/// When the border's report of a day is known: with the others of seven days, at the end of the last.
pub(super) fn reported(number: u64) -> String {
    format!("{}T18:00:00Z", day(number / 7 * 7 + 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_number() {
        for iso in ["2028-07-01", "2029-02-28", "2029-03-01", "2030-12-31", "2031-01-01"] {
            assert_eq!(day(number(iso)), iso);
        }
        assert_eq!(number("2029-01-01"), 365);
        assert!(reported(number("2030-06-25")).as_str() >= "2030-06-25T18");
    }
}
