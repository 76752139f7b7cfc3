//! What a forecast goes by: how many reviews came and were decided in each period of the store's own past.

use cases::forecast::{History, Period};
use cases::review::flows;
use jiff::ToSpan;
use jiff::civil::Date;
use model::KnownAt;

use super::policies;
use crate::{Error, Store};

/// How long the periods of a history are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodLength {
    /// From Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a calendar year.
    Quarter,
}

/// No more periods than this: the last ones count.
const PERIODS_MAX: usize = 400;

impl Store {
    /// The whole periods between the first alert and a known time (left out: now), oldest first. An error while there is none.
    pub fn review_history(&self, length: PeriodLength, known_at: Option<KnownAt>) -> Result<History, Error> {
        let now = known_at.map_or_else(|| self.now(), Ok)?;
        let view = self.ledger.as_of(known_at.unwrap_or(KnownAt::MAX));
        let first = view.alert_changes_after(KnownAt::MIN)?.into_iter().find(|change| change.pair.is_alert());
        let none = || {
            let whole =
                "no whole period has passed since the first alert: name what was counted with --history";
            Error::Usage(whole.to_owned())
        };
        let ends = ends(length, first.ok_or_else(none)?.known_at, now);
        let (labels, ends): (Vec<String>, Vec<KnownAt>) = ends.into_iter().unzip();
        let flows = flows(&view, policies(&view)?, &ends)?;
        let periods = flows.into_iter().zip(labels).map(|(flow, label)| Period {
            label,
            receipts: flow.receipts,
            completions: flow.completions,
            stock: Some(flow.stock),
        });
        History::new(periods).map_err(|_| none())
    }
}

/// Labels and last instants of the whole periods from the one of `first` on that end by `now`.
fn ends(length: PeriodLength, first: KnownAt, now: KnownAt) -> Vec<(String, KnownAt)> {
    let mut ends = Vec::new();
    let Ok(mut start) = first.day().parse::<Date>().map(|day| start_of(length, day)) else { return ends };
    while let Ok(next) = start.checked_add(match length {
        PeriodLength::Week => 1.week(),
        PeriodLength::Month => 1.month(),
        PeriodLength::Quarter => 3.months(),
    }) {
        let end = KnownAt::parse(&next.to_string()).map(KnownAt::previous);
        let Ok(end) = end else { break };
        if end > now {
            break;
        }
        ends.push((label(length, start), end));
        start = next;
    }
    let surplus = ends.len().saturating_sub(PERIODS_MAX);
    ends.split_off(surplus)
}

fn start_of(length: PeriodLength, day: Date) -> Date {
    let month = match length {
        PeriodLength::Week => {
            let back = i64::from(day.weekday().to_monday_zero_offset());
            return day.checked_sub(back.days()).unwrap_or(day);
        }
        PeriodLength::Month => day.month(),
        PeriodLength::Quarter => (day.month() - 1) / 3 * 3 + 1,
    };
    day.with().month(month).day(1).build().unwrap_or(day)
}

fn label(length: PeriodLength, start: Date) -> String {
    match length {
        PeriodLength::Week => format!("week of {start}"),
        PeriodLength::Month => start.to_string()[..7].to_owned(),
        PeriodLength::Quarter => format!("{}-Q{}", start.year(), (start.month() - 1) / 3 + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_whole_and_have_their_names() {
        let at = |day: &str| KnownAt::parse(day).expect("a day");
        let names = |length, first: &str, now: &str| -> Vec<String> {
            ends(length, at(first), at(now)).into_iter().map(|(label, _)| label).collect()
        };
        assert_eq!(names(PeriodLength::Month, "2031-01-15", "2031-03-31"), ["2031-01", "2031-02"]);
        assert_eq!(
            names(PeriodLength::Quarter, "2030-12-31", "2031-07-01"),
            ["2030-Q4", "2031-Q1", "2031-Q2"]
        );
        assert_eq!(
            names(PeriodLength::Week, "2031-01-01", "2031-01-13"),
            ["week of 2030-12-30", "week of 2031-01-06"]
        );
        assert!(names(PeriodLength::Month, "2031-01-15", "2031-01-20").is_empty());
        let (_, end) = ends(PeriodLength::Month, at("2031-01-15"), at("2031-02-01"))[0].clone();
        assert_eq!(end, at("2031-02-01").previous());
    }
}
