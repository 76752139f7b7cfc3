//! The forecast as its users meet it, on invented histories: the same answer for the same question, nested bands, no negative stock, and
//! more people never for the worse.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lookback_cases::forecast::{
    Band, FourEyes, History, Period, Range, Reopening, Scenario, ScenarioError, Shock, Team, forecast,
};
use proptest::prelude::*;

fn history(rows: &[(u64, u64, u64)]) -> History {
    let period = |(n, &(receipts, completions, stock)): (usize, &(u64, u64, u64))| Period {
        label: format!("p{n}"),
        receipts,
        completions,
        stock: Some(stock),
    };
    History::new(rows.iter().enumerate().map(period)).unwrap()
}

fn histories() -> impl Strategy<Value = History> {
    proptest::collection::vec((0..60u64, 0..60u64, 0..90u64), 1..36).prop_map(|rows| history(&rows))
}

fn office(people: u32) -> Scenario {
    let mut office = Scenario::of(Team { people, per_day: 1.3 }, 5, 7);
    office.shocks = vec![Shock { period: 2, alerts: 30, class: 0 }];
    office.reopening = Reopening { share: 0.1, mean_days: 4 };
    office.four_eyes = Some(FourEyes { share: 0.3, reviewers: Team { people: 2, per_day: 1.0 } });
    office
}

fn contains(outer: Option<Band>, inner: Option<Band>) -> bool {
    match (outer, inner) {
        (Some(outer), Some(inner)) => outer.low <= inner.low && inner.high <= outer.high,
        // A wider level needs more errors behind it, so it may be the only one that is missing.
        (None, _) => true,
        (Some(_), None) => false,
    }
}

fn spans(outer: Range, inner: Range) -> bool {
    outer.low <= inner.low && inner.low <= inner.high && inner.high <= outer.high
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_forecast_is_sound_whatever_was_counted(history in histories(), people in 0..8u32, seed: u64) {
        let said = forecast(&history, &office(people), 6, seed).unwrap();
        prop_assert_eq!(&said, &forecast(&history, &office(people), 6, seed).unwrap());
        prop_assert_eq!(said.chart(&history).svg(), said.chart(&history).svg());
        let mut before = said.stock as f64;
        for period in &said.as_before {
            let flows = period.flows;
            prop_assert!(period.stock >= 0.0 && flows.completions >= 0.0);
            let after = before + flows.receipts - flows.completions + flows.adjustment;
            prop_assert!((after - period.stock).abs() < 1e-6, "{} {}", after, period.stock);
            prop_assert!(contains(period.band_80, period.band_50) && contains(period.band_95, period.band_80));
            before = period.stock;
        }
        for period in &said.scenario.periods {
            prop_assert!(spans(period.range_80, period.range_50) && spans(period.range_95, period.range_80));
            prop_assert!(period.range_50.low <= period.open && period.open <= period.range_50.high);
        }
    }

    #[test]
    fn more_reviewers_never_lengthen_the_median_clearance_time(history in histories(), people in 0..6u32, seed: u64) {
        let days = |people| {
            let queue = forecast(&history, &office(people), 5, seed).unwrap().scenario;
            [queue.clearance_days, queue.start_cleared_days].map(|days| days.unwrap_or(u32::MAX))
        };
        let (fewer, more) = (days(people), days(people + 1));
        prop_assert!(more[0] <= fewer[0] && more[1] <= fewer[1], "{:?} {:?}", fewer, more);
    }
}

#[test]
fn what_the_counts_leave_open_is_told_as_adjustment() {
    let rows: Vec<_> = (0..8).map(|n| (10, 10, 100 + 3 * n)).collect();
    let said = forecast(&history(&rows), &office(1), 2, 1).unwrap();
    assert!((said.adjustment.expected - 3.0).abs() < 1e-9);
    assert_eq!(said.adjustment.recent, ["p4", "p5", "p6", "p7"].map(|label| (label.to_owned(), 3)));
    assert!((said.as_before[1].stock - 127.0).abs() < 1e-9, "{:?}", said.as_before);
    let shrinking: Vec<_> = (0..8).map(|n| (10, 5, 100 - n)).collect();
    let said = forecast(&history(&shrinking), &office(1), 2, 1).unwrap();
    assert!((said.adjustment.expected + 6.0).abs() < 1e-9);
    assert!(said.scenario.periods.iter().all(|period| period.withdrawn > 0));
}

#[test]
fn what_cannot_be_is_refused() {
    let history = history(&[(1, 1, 50)]);
    let refused = |change: fn(&mut Scenario)| {
        let mut scenario = office(2);
        change(&mut scenario);
        forecast(&history, &scenario, 3, 1).unwrap_err()
    };
    assert_eq!(refused(|office| office.reopening.share = f64::NAN), ScenarioError::Share("reopening"));
    assert_eq!(refused(|office| office.reviewers.per_day = -1.0), ScenarioError::PerDay);
    assert_eq!(refused(|office| office.days_in_period = 0), ScenarioError::Days);
    assert_eq!(refused(|office| office.classes.clear()), ScenarioError::Classes);
    assert_eq!(refused(|office| office.shocks[0].period = 4), ScenarioError::Shock);
    assert_eq!(
        refused(|office| office.shocks = vec![Shock { period: 1, alerts: 1_500_000, class: 0 }; 2]),
        ScenarioError::TooMany
    );
}
