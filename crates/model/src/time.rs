//! The two times. `KnownAt`: when we knew, an instant in microseconds. `PartialDate`: when it was true, as precise as the source.
//!
//! In: RFC 3339 text and ISO dates. Out: integers that order as time does. A third notion of time does not exist here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeError {
    /// Neither an RFC 3339 instant nor an ISO day.
    NotAnInstant(String),
    /// Not `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or no such day.
    NotADate(String),
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnInstant(text) => {
                write!(f, "{text:?} is no instant: write 2031-01-15T08:30:00Z or a day 2031-01-15")
            }
            Self::NotADate(text) => {
                write!(f, "{text:?} is no date: write YYYY, YYYY-MM or YYYY-MM-DD of a day that exists")
            }
        }
    }
}

impl std::error::Error for TimeError {}

/// When something was known to us: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct KnownAt(i64);

impl KnownAt {
    /// Before everything.
    pub const MIN: Self = Self(i64::MIN);
    /// After everything.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant one microsecond later.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The instant one microsecond earlier.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Reads the time at which a batch became known: an instant, or a day meaning its first instant.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        Self::read(text, "T00:00:00Z")
    }

    /// Reads the time of a question: an instant, or a day meaning everything known up to its end.
    pub fn parse_as_of(text: &str) -> Result<Self, TimeError> {
        Self::read(text, "T23:59:59.999999Z")
    }

    fn read(text: &str, time_of_a_day: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::NotAnInstant(text.to_owned());
        let whole = match text.len() {
            10 => format!("{text}{time_of_a_day}"),
            _ => text.to_owned(),
        };
        let instant: jiff::Timestamp = whole.parse().map_err(|_| wrong())?;
        Ok(Self(instant.as_microsecond()))
    }

    /// Days from 1970-01-01 to the UTC day of the instant.
    pub const fn days_since_1970(self) -> i64 {
        self.0.div_euclid(86_400_000_000)
    }

    /// The UTC day of the instant, `YYYY-MM-DD`.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl fmt::Display for KnownAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) if self.0 < 0 => f.write_str("the beginning"),
            Err(_) => f.write_str("the end"),
        }
    }
}

impl FromStr for KnownAt {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::parse(text)
    }
}

impl Serialize for KnownAt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KnownAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A calendar date as precise as its source: a year, a month or a day. Orders by year, then month, then day; less precise first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: i16,
    month: u8,
    day: u8,
}

impl PartialDate {
    /// A date of the proleptic Gregorian calendar; `None` where there is no such day or month.
    pub fn new(year: i16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let (m, d) = (month.unwrap_or(1), day.unwrap_or(1));
        if month.is_none() && day.is_some() {
            return None;
        }
        jiff::civil::Date::new(year, m.try_into().ok()?, d.try_into().ok()?).ok()?;
        Some(Self { year, month: month.unwrap_or(0), day: day.unwrap_or(0) })
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month 1-12, where the source gave one.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day 1-31, where the source gave one.
    pub fn day(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The first day that this date can mean, with day precision.
    #[must_use]
    pub fn first_day(self) -> Self {
        Self { year: self.year, month: self.month.max(1), day: self.day.max(1) }
    }

    /// Days from 1970-01-01 to its first day.
    pub fn days_since_1970(self) -> i32 {
        let first = self.first_day();
        let date = jiff::civil::date(first.year, first.month.cast_signed(), first.day.cast_signed());
        let epoch = jiff::civil::date(1970, 1, 1);
        epoch.until(date).map_or(0, |span| span.get_days())
    }

    /// The day so many days after 1970-01-01; `None` outside the years −9999 to 9999.
    pub fn from_days_since_1970(days: i32) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        let date = jiff::civil::date(1970, 1, 1).checked_add(span).ok()?;
        Self::new(date.year(), Some(date.month().cast_unsigned()), Some(date.day().cast_unsigned()))
    }

    /// The last day that this date can mean, with day precision.
    #[must_use]
    pub fn last_day(self) -> Self {
        let month = if self.month == 0 { 12 } else { self.month };
        let last = jiff::civil::date(self.year, month.cast_signed(), 1).days_in_month().cast_unsigned();
        Self { year: self.year, month, day: if self.day == 0 { last } else { self.day } }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for PartialDate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        text.description(Some("A calendar date as precise as its source: a year, a month or a day."))
            .pattern(Some("^-?[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"))
            .into()
    }
}

impl utoipa::ToSchema for PartialDate {}

impl FromStr for PartialDate {
    type Err = TimeError;
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`; a time of day after a `T` or a blank is ignored.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::NotADate(text.to_owned());
        let date = text.split(['T', ' ']).next().unwrap_or_default();
        let mut parts = date.split('-');
        let year = parts.next().filter(|y| y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit()));
        let year = year.and_then(|y| y.parse().ok()).ok_or_else(wrong)?;
        let mut small = || match parts.next() {
            None => Ok(None),
            Some(p) if p.len() == 2 => p.parse::<u8>().map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        };
        let (month, day) = (small()?, small()?);
        if parts.next().is_some() {
            return Err(wrong());
        }
        Self::new(year, month, day).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_means_its_end_in_a_question_and_its_start_in_a_batch() {
        let (start, end) =
            (KnownAt::parse("2031-01-15").unwrap(), KnownAt::parse_as_of("2031-01-15").unwrap());
        assert_eq!(end.micros() - start.micros(), 86_400_000_000 - 1);
        assert_eq!(start.to_string(), "2031-01-15T00:00:00Z");
        assert_eq!(KnownAt::parse("2031-01-15T00:00:00.5Z").unwrap().to_string(), "2031-01-15T00:00:00.5Z");
        assert_eq!(end.next().day(), "2031-01-16");
        assert_eq!(end.next().days_since_1970() - start.days_since_1970(), 1);
        assert_eq!(
            end.days_since_1970(),
            i64::from(PartialDate::from_str("2031-01-15").unwrap().days_since_1970())
        );
        assert_eq!(KnownAt::from_micros(-1).days_since_1970(), -1);
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in ["", "2031-02-30", "31", "2031-13", "2031-1-1", "2031-01-01-01", "abcd", "2031--01"] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
        for text in ["1955", "1955-03", "1955-03-09"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
        assert_eq!("1955-03-09T10:00:00".parse::<PartialDate>().unwrap().to_string(), "1955-03-09");
        assert!(KnownAt::parse("yesterday").is_err());
        for (text, days) in
            [("1970", 0), ("1969-12-31", -1), ("2031-06-25", 22_455), ("0001-01-01", -719_162)]
        {
            let date = text.parse::<PartialDate>().unwrap();
            assert_eq!(date.days_since_1970(), days, "{text}");
            assert_eq!(PartialDate::from_days_since_1970(days), Some(date.first_day()), "{text}");
        }
        assert_eq!(PartialDate::from_days_since_1970(i32::MAX), None);
    }
}
