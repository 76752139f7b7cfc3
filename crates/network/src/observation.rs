//! What the network is told: who used or operated what, from which day to which, on whose word.
//!
//! Ids are opaque and dense: a list as long as the largest one is kept for persons and for attributes. Days are counted from
//! 1970-01-01; both ends of an interval count, and either may be open.

/// A person, or whatever else uses attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// A phone, an address, a document, a booking …: one value of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeId(pub u32);

/// One report, register or seizure that observations come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// One observation. A correction keeps the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObservationId(pub u32);

/// What a person had to do with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Was seen with it.
    Used,
    /// Was behind it: the number was theirs to give out, the house theirs to lend.
    Operated,
    /// A property of the person's own record. It leads on as `Used` does, as evidence of the family of statements, and is
    /// no link.
    Stated,
}

/// A day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The earliest day that an interval may name, in the year −1042.
    pub const EARLIEST: Day = Day(1 - Packed::EPOCH);
    /// The latest day that an interval may name, in the year 10441.
    pub const LATEST: Day = Day(Packed::OPEN_END.cast_signed() - 1 - Packed::EPOCH);
}

/// Days from one to another, both counted. An open end is before, or after, every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// `i32::MIN` when open.
    first: i32,
    /// `i32::MAX` when open.
    last: i32,
}

impl Interval {
    /// All days.
    pub const ALWAYS: Interval = Interval { first: i32::MIN, last: i32::MAX };

    /// Nothing when it would end before it begins, or names a day outside [`Day::EARLIEST`] to [`Day::LATEST`].
    pub fn new(first: Option<Day>, last: Option<Day>) -> Option<Interval> {
        let known = Day::EARLIEST..=Day::LATEST;
        let named = first.iter().chain(&last).all(|day| known.contains(day));
        let interval =
            Interval { first: first.map_or(i32::MIN, |day| day.0), last: last.map_or(i32::MAX, |day| day.0) };
        (named && interval.first <= interval.last).then_some(interval)
    }

    /// The first day; nothing when open.
    pub fn first(self) -> Option<Day> {
        (self.first != i32::MIN).then_some(Day(self.first))
    }

    /// The last day; nothing when open.
    pub fn last(self) -> Option<Day> {
        (self.last != i32::MAX).then_some(Day(self.last))
    }

    /// How many days one ends before the other begins: 0 when they have a day in common, 1 for the day after.
    pub fn gap(self, other: Interval) -> u32 {
        let (later_first, earlier_last) = (self.first.max(other.first), self.last.min(other.last));
        u32::try_from(i64::from(later_first) - i64::from(earlier_last)).unwrap_or(0)
    }

    /// The days of both; nothing when they have none in common.
    pub fn overlap(self, other: Interval) -> Option<Interval> {
        let both = Interval { first: self.first.max(other.first), last: self.last.min(other.last) };
        (both.first <= both.last).then_some(both)
    }

    /// The days on which the two meet: those of both; where they have none in common, from the end of one to the beginning of the other.
    #[must_use]
    pub fn meeting(self, other: Interval) -> Interval {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        Interval { first: first.min(last), last: first.max(last) }
    }

    /// The first day; `i32::MIN` when open.
    pub(crate) fn first_or_ever(self) -> i32 {
        self.first
    }

    /// The last day; `i32::MAX` when open.
    pub(crate) fn last_or_ever(self) -> i32 {
        self.last
    }
}

/// How far an observation is to be relied on, or any other share: 1 to 100 percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u8);

impl Percent {
    /// All of it.
    pub const FULL: Percent = Percent(100);

    /// Nothing unless it is from 1 to 100.
    pub const fn new(percent: u8) -> Option<Percent> {
        if percent >= 1 && percent <= 100 { Some(Percent(percent)) } else { None }
    }

    /// From 1 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// One person and one attribute, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Observation {
    /// Unlike that of every other observation in force.
    pub id: ObservationId,
    /// Who.
    pub person: PersonId,
    /// With what.
    pub attribute: AttributeId,
    /// In which role.
    pub relation: Relation,
    /// When.
    pub interval: Interval,
    /// How far it is to be relied on.
    pub confidence: Percent,
    /// On whose word; an observation without is a source of its own.
    pub source: Option<SourceId>,
}

/// Interval, relation and confidence in 53 bits: two days of 22, 2 and 7.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Packed([u32; 2]);

impl Packed {
    /// Day 0 is stored as this, so that days of years before ours are positive too.
    const EPOCH: i32 = 1_100_000;
    const OPEN_START: u32 = 0;
    const OPEN_END: u32 = (1 << 22) - 1;

    pub(crate) fn new(interval: Interval, relation: Relation, confidence: Percent) -> Packed {
        let stored = |day: Day| (day.0 + Packed::EPOCH).cast_unsigned();
        let first = interval.first().map_or(Packed::OPEN_START, stored);
        let last = interval.last().map_or(Packed::OPEN_END, stored);
        let relation = match relation {
            Relation::Used => 0,
            Relation::Operated => 1,
            Relation::Stated => 2,
        };
        Packed([first | relation << 22, last | u32::from(confidence.0) << 22])
    }

    pub(crate) fn interval(self) -> Interval {
        let day = |stored: u32| (stored & Packed::OPEN_END).cast_signed() - Packed::EPOCH;
        let [first, last] = self.0;
        Interval {
            first: if first & Packed::OPEN_END == Packed::OPEN_START { i32::MIN } else { day(first) },
            last: if last & Packed::OPEN_END == Packed::OPEN_END { i32::MAX } else { day(last) },
        }
    }

    pub(crate) fn relation(self) -> Relation {
        match self.0[0] >> 22 {
            0 => Relation::Used,
            1 => Relation::Operated,
            _ => Relation::Stated,
        }
    }

    pub(crate) fn confidence(self) -> Percent {
        Percent((self.0[1] >> 22) as u8)
    }
}

#[cfg(test)]
mod test {
    use super::*;

    fn days(first: impl Into<Option<i32>>, last: impl Into<Option<i32>>) -> Interval {
        Interval::new(first.into().map(Day), last.into().map(Day)).unwrap()
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let (earliest, latest) = (Day::EARLIEST.0, Day::LATEST.0);
        let years_minus_1000_to_9999 = days(-1_084_767, 2_932_896);
        let intervals = [
            Interval::ALWAYS,
            days(earliest, latest),
            days(None, earliest),
            days(latest, None),
            days(0, 0),
            years_minus_1000_to_9999,
        ];
        for interval in intervals {
            for relation in [Relation::Used, Relation::Operated, Relation::Stated] {
                for confidence in (1..=100).filter_map(Percent::new) {
                    let packed = Packed::new(interval, relation, confidence);
                    assert_eq!(packed.interval(), interval);
                    assert_eq!((packed.relation(), packed.confidence()), (relation, confidence));
                }
            }
        }
    }

    #[test]
    fn an_interval_ends_no_earlier_than_it_begins_and_names_days_of_the_calendar() {
        let interval = |first, last| Interval::new(Some(Day(first)), Some(Day(last)));
        assert!(interval(3, 3).is_some());
        assert_eq!(interval(4, 3), None);
        assert_eq!(interval(Day::EARLIEST.0 - 1, 3), None);
        assert_eq!(interval(3, Day::LATEST.0 + 1), None);
    }

    #[test]
    fn both_ends_count_and_the_day_after_is_a_gap_of_one() {
        assert_eq!(days(1, 5).gap(days(5, 9)), 0);
        assert_eq!(days(1, 5).gap(days(6, 9)), 1);
        assert_eq!(days(6, 9).gap(days(1, 5)), 1);
        assert_eq!(days(1, 9).gap(days(3, 4)), 0);
        assert_eq!(days(None, 5).gap(days(7, None)), 2);
        assert_eq!(days(None, None).gap(days(7, 8)), 0);
        assert_eq!(days(1, 5).overlap(days(5, 9)), Some(days(5, 5)));
        assert_eq!(days(1, 5).overlap(days(6, 9)), None);
        assert_eq!(days(None, 5).overlap(Interval::ALWAYS), Some(days(None, 5)));
    }
}
