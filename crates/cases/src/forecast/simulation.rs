//! One possible future of the queue, day by day. In: a scenario, what comes in each period, the run's draws. Out: what opened, closed and
//! was withdrawn in each period, how long it took, what passed its deadline.
//!
//! Always holds: what opened = what was closed + what is open + what was withdrawn; which alerts come, and which of them is withdrawn,
//! does not hang on the reviewers (`CAPACITY`); with more reviewers the n-th closing for good is never later. The last holds because every
//! draw that follows a decision belongs to the decision's number and not to the alert: then each queue hands on at least as many by every day.

use std::collections::VecDeque;

use super::draw::{Draws, What};
use super::scenario::Scenario;

/// What comes in one period of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coming {
    pub(super) openings: u64,
    /// The share of these that is withdrawn before anybody decides.
    pub(super) withdrawn_share: f64,
}

/// What happened until the end of a period, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Newcomers, those withdrawn at once and those of shocks among them.
    pub(super) opened: u64,
    pub(super) reopened: u64,
    pub(super) closed: u64,
    pub(super) withdrawn: u64,
    /// Waiting for the first or the second person.
    pub(super) open: u64,
}

/// Of alerts whose deadline fell within the horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) all: u64,
    pub(super) late: u64,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) periods: Vec<Tally>,
    pub(super) due: Vec<Due>,
    /// For each day from 0, how many had come by then that were not withdrawn; nothing re-opened among them.
    pub(super) came: Vec<u64>,
    /// For each day, how many had been closed for good by then.
    pub(super) gone: Vec<u64>,
}

/// An alert that waits.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    since: u32,
    class: u8,
}

/// Alerts in order: by class, then by age.
#[derive(Debug)]
struct Waitlist(Vec<VecDeque<Waiting>>);

impl Waitlist {
    fn push(&mut self, alert: Waiting) {
        self.0[usize::from(alert.class)].push_back(alert);
    }

    fn pop(&mut self) -> Option<Waiting> {
        self.0.iter_mut().find_map(VecDeque::pop_front)
    }
}

/// Simulates a run that starts with a stock.
pub(super) fn run(scenario: &Scenario, stock: u64, coming: &[Coming], draws: Draws) -> Run {
    let mut office = Office::new(scenario, draws, coming.len());
    for _ in 0..stock {
        let class = office.class();
        office.open(class, 0);
    }
    office.tally.opened = 0;
    office.end_day();
    for (period, coming) in (1..).zip(coming) {
        office.period(period, *coming);
    }
    office.end()
}

struct Office<'a> {
    scenario: &'a Scenario,
    draws: Draws,
    /// Each class's share of all, with those before it.
    shares: Vec<f64>,
    days: u32,
    first: Waitlist,
    second: Waitlist,
    /// What opens again, by day.
    returning: Vec<Vec<u8>>,
    tally: Tally,
    newcomers: u64,
    first_decisions: u64,
    closed_by_one: u64,
    closed_by_two: u64,
    staying: u64,
    for_good: u64,
    ended: Run,
}

impl<'a> Office<'a> {
    fn new(scenario: &'a Scenario, draws: Draws, periods: usize) -> Self {
        let all: f64 = scenario.classes.iter().map(|class| class.share).sum();
        let shares = scenario.classes.iter().scan(0.0, |sum, class| {
            *sum += class.share / all;
            Some(*sum)
        });
        let queue = || Waitlist(scenario.classes.iter().map(|_| VecDeque::new()).collect());
        let days = periods as u32 * scenario.days_in_period;
        Self {
            scenario,
            draws,
            shares: shares.collect(),
            days,
            first: queue(),
            second: queue(),
            returning: vec![Vec::new(); days as usize + 1],
            tally: Tally::default(),
            newcomers: 0,
            first_decisions: 0,
            closed_by_one: 0,
            closed_by_two: 0,
            staying: 0,
            for_good: 0,
            ended: Run {
                periods: Vec::new(),
                due: vec![Due::default(); scenario.classes.len()],
                came: Vec::new(),
                gone: Vec::new(),
            },
        }
    }

    fn period(&mut self, period: u32, coming: Coming) {
        let days = self.scenario.days_in_period;
        let before = (period - 1) * days;
        // The share of a period's newcomers that has come by the end of a day, in whole alerts.
        let until = |day: u32| (u128::from(coming.openings) * u128::from(day) / u128::from(days)) as u64;
        for day in 1..=days {
            if day == 1 {
                self.shocks(period, before + 1);
            }
            for _ in until(day - 1)..until(day) {
                self.newcomer(before + day, coming.withdrawn_share);
            }
            self.day(before + day);
        }
        self.tally.open = self.waiting();
        self.ended.periods.push(self.tally);
    }

    fn shocks(&mut self, period: u32, day: u32) {
        for shock in self.scenario.shocks.iter().filter(|shock| shock.period == period) {
            (0..shock.alerts).for_each(|_| self.open(shock.class as u8, day));
        }
    }

    // Invariant(CAPACITY): the draws of a newcomer hang on how many came before, not on what was decided.
    fn newcomer(&mut self, day: u32, withdrawn_share: f64) {
        let class = self.class();
        if self.draws.share(What::Withdrawn, self.newcomers) < withdrawn_share {
            self.tally.opened += 1;
            self.tally.withdrawn += 1;
        } else {
            self.open(class, day);
        }
    }

    fn class(&mut self) -> u8 {
        self.newcomers += 1;
        let drawn = self.draws.share(What::Class, self.newcomers);
        self.shares.iter().position(|share| drawn < *share).unwrap_or(self.shares.len() - 1) as u8
    }

    fn open(&mut self, class: u8, day: u32) {
        self.tally.opened += 1;
        self.staying += 1;
        self.first.push(Waiting { since: day, class });
    }

    /// What came is there; what was closed may open again, then both queues are worked on.
    fn day(&mut self, day: u32) {
        for class in std::mem::take(&mut self.returning[day as usize]) {
            self.tally.reopened += 1;
            self.first.push(Waiting { since: day, class });
        }
        for _ in 0..self.scenario.reviewers.on_day(day) {
            let Some(alert) = self.first.pop() else { break };
            self.first_decisions += 1;
            let drawn = self.draws.share(What::SecondPerson, self.first_decisions);
            if self.scenario.four_eyes.is_some_and(|four_eyes| drawn < four_eyes.share) {
                self.second.push(alert);
            } else {
                self.closed_by_one += 1;
                self.close(alert, day, What::AfterFirst, self.closed_by_one);
            }
        }
        let confirmations = self.scenario.four_eyes.map_or(0, |four_eyes| four_eyes.reviewers.on_day(day));
        for _ in 0..confirmations {
            let Some(alert) = self.second.pop() else { break };
            self.closed_by_two += 1;
            self.close(alert, day, What::AfterSecond, self.closed_by_two);
        }
        self.end_day();
    }

    fn close(&mut self, alert: Waiting, day: u32, what: What, nth: u64) {
        self.tally.closed += 1;
        self.note_deadline(alert, Some(day));
        let Scenario { reopening, .. } = self.scenario;
        if self.draws.share(what, nth) >= reopening.share {
            self.for_good += 1;
            return;
        }
        let after = 1 + self.draws.below(what, nth, 2 * u64::from(reopening.mean_days).max(1)) as u32;
        // What would open again after the horizon does not.
        if let Some(returning) = self.returning.get_mut(day.saturating_add(after) as usize) {
            returning.push(alert.class);
        }
    }

    fn note_deadline(&mut self, alert: Waiting, closed: Option<u32>) {
        let class = usize::from(alert.class);
        let due = alert.since.saturating_add(self.scenario.classes[class].deadline_days);
        if due <= self.days {
            self.ended.due[class].all += 1;
            self.ended.due[class].late += u64::from(closed.is_none_or(|day| day > due));
        }
    }

    fn end_day(&mut self) {
        self.ended.came.push(self.staying);
        self.ended.gone.push(self.for_good);
    }

    fn waiting(&self) -> u64 {
        self.first.0.iter().chain(&self.second.0).map(|queue| queue.len() as u64).sum()
    }

    fn end(mut self) -> Run {
        while let Some(alert) = self.first.pop().or_else(|| self.second.pop()) {
            self.note_deadline(alert, None);
        }
        self.ended
    }
}

impl Run {
    /// Working days from the n-th coming to the n-th closing for good, for each that came: as long as the queue is, read across. `None`
    /// where that is beyond the horizon. In order of coming.
    pub(super) fn clearance(&self) -> impl Iterator<Item = Option<u32>> {
        let mut came_on = 0;
        let mut gone_on = 0;
        (1..=self.came.last().copied().unwrap_or(0)).map(move |nth| {
            came_on += self.came[came_on..].partition_point(|came| *came < nth);
            gone_on += self.gone[gone_on..].partition_point(|gone| *gone < nth);
            (gone_on < self.gone.len()).then(|| (gone_on - came_on) as u32)
        })
    }

    /// The day by which as many are closed for good as waited at the start.
    pub(super) fn start_cleared(&self) -> Option<u32> {
        let day = self.gone.partition_point(|gone| *gone < self.came[0]);
        (day < self.gone.len()).then_some(day as u32)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scenario::{Class, FourEyes, Reopening, Shock, Team};
    use super::*;

    fn team() -> impl Strategy<Value = Team> {
        (0..6u32, 0.0..4.0f64).prop_map(|(people, per_day)| Team { people, per_day })
    }

    fn scenarios() -> impl Strategy<Value = Scenario> {
        let classes = proptest::collection::vec((0.1..1.0f64, 0..30u32), 1..4);
        let shocks = proptest::collection::vec((1..5u32, 0..80u64, 0..3usize), 0..3);
        let four_eyes = proptest::option::of((0.0..1.0f64, team()));
        (team(), 1..8u32, classes, shocks, (0.0..1.0f64, 0..6u32), four_eyes).prop_map(
            |(reviewers, days_in_period, classes, shocks, (share, mean_days), four_eyes)| Scenario {
                reviewers,
                days_in_period,
                shocks: shocks
                    .into_iter()
                    .map(|(period, alerts, class)| Shock { period, alerts, class: class % classes.len() })
                    .collect(),
                classes: classes
                    .into_iter()
                    .map(|(share, deadline_days)| Class { name: "c".into(), share, deadline_days })
                    .collect(),
                reopening: Reopening { share, mean_days },
                four_eyes: four_eyes.map(|(share, reviewers)| FourEyes { share, reviewers }),
            },
        )
    }

    fn coming() -> impl Strategy<Value = Vec<Coming>> {
        let period = (0..60u64, 0.0..1.0f64);
        proptest::collection::vec(
            period.prop_map(|(openings, withdrawn_share)| Coming { openings, withdrawn_share }),
            4..7,
        )
    }

    proptest! {
        #[test]
        fn what_opened_was_closed_or_withdrawn_or_is_open(
            scenario in scenarios(), coming in coming(), stock in 0..100u64, seed: u64,
        ) {
            let run = run(&scenario, stock, &coming, Draws::new(seed, 0));
            prop_assert_eq!(run.periods.len(), coming.len());
            for tally in &run.periods {
                prop_assert_eq!(
                    stock + tally.opened + tally.reopened,
                    tally.closed + tally.withdrawn + tally.open
                );
            }
            let came = *run.came.last().unwrap();
            let last = run.periods.last().unwrap();
            prop_assert_eq!(came, stock + last.opened - last.withdrawn);
            prop_assert!(run.came.iter().zip(&run.gone).all(|(came, gone)| gone <= came));
            let expected: u64 = coming.iter().map(|coming| coming.openings).sum::<u64>()
                + scenario.shocks.iter().filter(|shock| shock.period as usize <= coming.len()).map(|shock| shock.alerts).sum::<u64>();
            prop_assert_eq!(last.opened, expected);
        }

        #[test]
        fn more_people_change_when_and_not_what_and_never_to_the_worse(
            scenario in scenarios(), coming in coming(), stock in 0..100u64, seed: u64, more in 1..4u32, confirming in 0..3u32,
        ) {
            let mut larger = scenario.clone();
            larger.reviewers.people += more;
            if let Some(four_eyes) = &mut larger.four_eyes {
                four_eyes.reviewers.people += confirming;
            }
            let draws = Draws::new(seed, 3);
            let (before, after) = (run(&scenario, stock, &coming, draws), run(&larger, stock, &coming, draws));
            prop_assert_eq!(&before.came, &after.came);
            for (before, after) in before.periods.iter().zip(&after.periods) {
                prop_assert_eq!((before.opened, before.withdrawn), (after.opened, after.withdrawn));
            }
            let days = |run: &Run| run.clearance().map(|days| days.unwrap_or(u32::MAX)).collect::<Vec<_>>();
            let (slow, fast) = (days(&before), days(&after));
            prop_assert!(slow.iter().zip(&fast).all(|(slow, fast)| fast <= slow), "{:?} {:?}", slow, fast);
            prop_assert!(after.start_cleared().unwrap_or(u32::MAX) <= before.start_cleared().unwrap_or(u32::MAX));
        }
    }

    #[test]
    fn a_queue_read_by_hand() {
        // Two are decided a day; three wait, and two come every day; each is to be closed on the day after it came.
        let scenario = Scenario::of(Team { people: 2, per_day: 1.0 }, 2, 1);
        let coming = [Coming { openings: 4, withdrawn_share: 0.0 }; 2];
        let run = run(&scenario, 3, &coming, Draws::new(1, 1));
        assert_eq!(run.came, [3, 5, 7, 9, 11]);
        assert_eq!(run.gone, [0, 2, 4, 6, 8]);
        let days: Vec<_> = run.clearance().collect();
        assert_eq!(&days[..8], [1, 1, 2, 1, 2, 1, 2, 1].map(Some));
        assert_eq!((&days[8..], run.start_cleared()), (&[None, None, None][..], Some(2)));
        // The third of the start waits two days, as does the second of day 1 and of day 2; the second of day 3 is still open.
        assert_eq!(run.due, [Due { all: 9, late: 4 }]);
        assert_eq!(run.periods[1], Tally { opened: 8, reopened: 0, closed: 8, withdrawn: 0, open: 3 });
    }

    #[test]
    fn urgent_alerts_go_first_and_a_second_person_holds_up() {
        let mut scenario = Scenario::of(Team { people: 1, per_day: 1.0 }, 10, 3);
        scenario.classes.insert(0, Class { name: "urgent".into(), share: 0.0, deadline_days: 3 });
        scenario.shocks = vec![Shock { period: 1, alerts: 4, class: 0 }];
        let nothing = [Coming { openings: 0, withdrawn_share: 0.0 }];
        let alone = run(&scenario, 4, &nothing, Draws::new(1, 1));
        assert_eq!(alone.due, [Due { all: 4, late: 0 }, Due { all: 4, late: 4 }]);
        scenario.four_eyes = Some(FourEyes { share: 1.0, reviewers: Team { people: 1, per_day: 0.5 } });
        let together = run(&scenario, 4, &nothing, Draws::new(1, 1));
        assert_eq!((alone.gone[8], together.gone[8], together.gone[10]), (8, 4, 5));
    }
}
