//! How two sets of birth dates relate.
//!
//! 1 January is read as year precision, because registries write it for an unknown day. Unknown is never different.

use model::PartialDate;

/// How the stated birth dates of two entities relate; the best of all pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BirthDates {
    /// The same day.
    SameDay,
    /// The same month of the same year; at least one side states no day.
    SameMonth,
    /// The same year; at least one side states no more.
    SameYear,
    /// Day and month exchanged, or one digit of the date differs: a likely slip.
    Near,
    /// A side states none.
    Unknown,
    /// None of the pairs agrees.
    Different,
}

impl BirthDates {
    /// Compares all pairs.
    pub fn of(left: &[PartialDate], right: &[PartialDate]) -> Self {
        let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (*a, *b)));
        pairs.map(|(a, b)| Self::pair(a, b)).min().unwrap_or(Self::Unknown)
    }

    /// Whether both sides state dates and some pair agrees as far as it goes.
    pub fn is_same(self) -> bool {
        matches!(self, Self::SameDay | Self::SameMonth | Self::SameYear)
    }

    fn pair(left: PartialDate, right: PartialDate) -> Self {
        if left.year() == right.year() {
            Self::within_year(left, right)
        } else {
            Self::across_years(left, right)
        }
    }

    fn within_year(left: PartialDate, right: PartialDate) -> Self {
        match (precision(left), precision(right)) {
            ((None, _), _) | (_, (None, _)) => Self::SameYear,
            ((Some(month), None), (Some(other), _)) | ((Some(month), _), (Some(other), None)) => {
                if month == other { Self::SameMonth } else { Self::Different }
            }
            (stated, other) if stated == other => Self::SameDay,
            ((Some(month), Some(day)), (Some(other_month), Some(other_day))) => match () {
                () if month == other_day && day == other_month => Self::Near,
                () if month == other_month => slip(day, other_day),
                () if day == other_day => slip(month, other_month),
                () => Self::Different,
            },
        }
    }

    fn across_years(left: PartialDate, right: PartialDate) -> Self {
        let stated = precision(left);
        let whole = stated == precision(right) && stated.1.is_some();
        let slipped = one_digit(&format!("{:04}", left.year()), &format!("{:04}", right.year()));
        if whole && slipped { Self::Near } else { Self::Different }
    }
}

/// Month and day as far as the date states them; 1 January states neither.
fn precision(date: PartialDate) -> (Option<u8>, Option<u8>) {
    match (date.month(), date.day()) {
        (Some(1), Some(1)) => (None, None),
        stated => stated,
    }
}

fn slip(a: u8, b: u8) -> BirthDates {
    if one_digit(&format!("{a:02}"), &format!("{b:02}")) { BirthDates::Near } else { BirthDates::Different }
}

fn one_digit(a: &str, b: &str) -> bool {
    a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_counts_and_unknown_is_not_different() {
        let rows = [
            ("1955-03-09", "1955-03-09", BirthDates::SameDay),
            ("1955-03", "1955-03-09", BirthDates::SameMonth),
            ("1955", "1955-03-09", BirthDates::SameYear),
            ("1955-01-01", "1955-03-09", BirthDates::SameYear),
            ("1955-03-09", "1955-09-03", BirthDates::Near),
            ("1955-03-09", "1955-03-08", BirthDates::Near),
            ("1955-03-09", "1965-03-09", BirthDates::Near),
            ("1955-03-09", "1955-03-18", BirthDates::Different),
            ("1955", "1956", BirthDates::Different),
            ("1955-03-09", "1966-03-09", BirthDates::Different),
        ];
        for (a, b, expected) in rows {
            let (left, right) = ([a.parse().unwrap()], [b.parse().unwrap()]);
            assert_eq!(BirthDates::of(&left, &right), expected, "{a} {b}");
            assert_eq!(BirthDates::of(&right, &left), expected, "{b} {a}");
        }
        assert_eq!(BirthDates::of(&[], &["1955".parse().unwrap()]), BirthDates::Unknown);
    }
}
