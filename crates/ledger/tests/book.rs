//! The alert book against an obvious one: random outcomes, in joined batches too.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use lookback_ledger::Ledger;
use model::{AlertChange, AlertId, AlertState, CauseKind, Change, KnownAt, Outcome, Pair};
use proptest::prelude::*;
use support::{commit, day, in_folder, outcome, pair, pair_in};

const CASES: u32 = if cfg!(feature = "long") { 1000 } else { 64 };

/// The obvious book: for each alert, what the last outcome of each time said.
#[derive(Default)]
struct Book(BTreeMap<AlertId, BTreeMap<KnownAt, Outcome>>);

impl Book {
    fn record(&mut self, at: KnownAt, outcome: &Outcome) {
        self.0.entry(outcome.pair.alert_id()).or_default().insert(at, outcome.clone());
    }

    /// Changes of every alert: (time, alert, what, what it says).
    fn changes(&self) -> Vec<(KnownAt, AlertId, Change, Outcome)> {
        let mut changes = Vec::new();
        for (alert, outcomes) in &self.0 {
            let mut before: Option<Outcome> = None;
            for (at, outcome) in outcomes {
                let after = outcome.alert.is_some().then(|| outcome.clone());
                let change = match (&before, &after) {
                    (None, Some(_)) => Some((Change::Opened, outcome.clone())),
                    (Some(last), None) => Some((Change::Withdrawn, last.clone())),
                    (Some(last), Some(now)) if last != now => Some((Change::Changed, outcome.clone())),
                    _ => None,
                };
                changes.extend(change.map(|(change, says)| (*at, *alert, change, says)));
                before = after;
            }
        }
        changes.sort_by_key(|(at, alert, ..)| (*at, *alert));
        changes
    }

    fn states(&self, at: KnownAt) -> BTreeMap<AlertId, AlertState> {
        let mut states: BTreeMap<AlertId, AlertState> = BTreeMap::new();
        for (known_at, alert, change, says) in
            self.changes().into_iter().filter(|(known_at, ..)| *known_at <= at)
        {
            let (score, fingerprint) = says.alert.unwrap();
            let last = states.get(&alert);
            let opened = if change == Change::Opened { known_at } else { last.unwrap().opened };
            let changed = match change {
                Change::Opened => None,
                Change::Changed => Some(known_at),
                Change::Withdrawn => last.unwrap().changed,
            };
            let withdrawn = (change == Change::Withdrawn).then_some(known_at);
            let state = AlertState { alert, pair: says.pair, score, fingerprint, opened, changed, withdrawn };
            states.insert(alert, state);
        }
        states
    }
}

fn pairs() -> Vec<Pair> {
    vec![
        pair("S1", "E1", day(0)),
        pair("S1", "E2", day(0)),
        pair("S2", "E1", day(0)),
        pair("S1", "E1", day(1)),
        pair_in("S2", "port", "E1", day(0)),
        of_kind(CauseKind::Network, pair("S1", "S1", day(0))),
        of_kind(CauseKind::Network, pair("S1", "S1", day(1))),
    ]
}

fn of_kind(kind: CauseKind, mut pair: Pair) -> Pair {
    pair.cause.kind = kind;
    pair
}

/// (pair, score) by pair.
type Said = Vec<(usize, Option<u32>)>;

/// Commits as (days after the one before, (pair, score) by pair).
fn outcomes() -> impl Strategy<Value = Vec<(i64, Said)>> {
    let score = prop_oneof![Just(None), (1..3u32).prop_map(Some)];
    prop::collection::vec((0..2i64, prop::collection::vec((0..7usize, score), 0..6)), 1..12)
}

fn net(changes: &[AlertChange]) -> Vec<(KnownAt, AlertId, Change, Outcome)> {
    let shown = |change: &AlertChange| {
        let says = Outcome { pair: change.pair.clone(), alert: Some((change.score, change.fingerprint)) };
        (change.known_at, change.alert, change.change, says)
    };
    changes.iter().map(shown).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_book_is_the_obvious_one(commits in outcomes()) {
        let (_folder, path) = in_folder("store.lookback");
        let mut ledger = Ledger::create(&path).unwrap();
        let mut book = Book::default();
        let mut at = 2;
        for (days, outcomes) in commits {
            at += days;
            let outcomes: Vec<Outcome> =
                outcomes.into_iter().map(|(which, score)| outcome(pairs()[which].clone(), score)).collect();
            for outcome in &outcomes {
                book.record(day(at), outcome);
            }
            let before = ledger.alert_changes(KnownAt::MIN, KnownAt::MAX).unwrap();
            let last_of_each: BTreeMap<AlertId, &Outcome> =
                outcomes.iter().map(|outcome| (outcome.pair.alert_id(), outcome)).collect();
            let outcomes: Vec<Outcome> = last_of_each.into_values().cloned().collect();
            // What an earlier call of the batch said of the same pairs does not count.
            let noise: Vec<Outcome> = outcomes.iter().map(|said| outcome(said.pair.clone(), Some(9))).collect();
            let mut batch = ledger.begin(support::header(day(at))).unwrap();
            batch.record_outcomes(&noise).unwrap();
            let mut written = batch.record_outcomes(&outcomes).unwrap();
            batch.finish(&model::Coverage::default()).unwrap();
            written.sort_by_key(|change| change.alert);
            let now = ledger.alert_changes(KnownAt::MIN, KnownAt::MAX).unwrap();
            let new: Vec<AlertChange> = now.into_iter().filter(|change| !before.contains(change)).collect();
            prop_assert_eq!(written, new);
            let head = ledger.verify().unwrap();
            prop_assert_eq!(head.commits, ledger.head().unwrap().unwrap().seq);
        }
        prop_assert_eq!(net(&ledger.alert_changes(KnownAt::MIN, KnownAt::MAX).unwrap()), book.changes());
        for time in 1..=at + 1 {
            let view = ledger.as_of(day(time));
            let states = book.states(day(time));
            let open: Vec<AlertState> = states.values().filter(|state| state.is_open()).cloned().collect();
            prop_assert_eq!(&view.alerts().unwrap(), &open);
            for kind in [CauseKind::Name, CauseKind::Network] {
                let of_it = |pair: &Pair| pair.cause.kind == kind;
                let findings: Vec<AlertState> = open.iter().filter(|state| of_it(&state.pair)).cloned().collect();
                prop_assert_eq!(view.findings(kind).unwrap(), findings);
                let mut first = BTreeMap::new();
                for (at, _, change, said) in book.changes() {
                    if at <= day(time) && change == Change::Opened && of_it(&said.pair) {
                        let earliest = first.entry(said.pair.subject.id).or_insert(at);
                        *earliest = at.min(*earliest);
                    }
                }
                prop_assert_eq!(&view.first_opened(kind).unwrap(), &first);
                let open_on = open.iter().filter(|state| of_it(&state.pair)).map(|state| state.pair.subject.id.clone());
                let since: BTreeMap<_, _> = open_on.map(|id| (id.clone(), first[&id])).collect();
                prop_assert_eq!(view.open_since(kind).unwrap(), since);
            }
            for pair in pairs() {
                let alert = pair.alert_id();
                prop_assert_eq!(view.alert(alert).unwrap(), states.get(&alert).cloned());
                let of = |keep: &dyn Fn(&AlertState) -> bool| {
                    open.iter().filter(|state| keep(state)).cloned().collect::<Vec<_>>()
                };
                let subject = of(&|state| state.pair.subject == pair.subject);
                prop_assert_eq!(view.alerts_of_subject(&pair.subject).unwrap(), subject);
                let entry = of(&|state| state.pair.cause.entry == pair.cause.entry);
                prop_assert_eq!(view.alerts_of_entry(&pair.cause.entry).unwrap(), entry);
            }
        }
    }
}

#[test]
fn outcomes_in_several_calls_count_as_one() {
    let (_folder, path) = in_folder("store.lookback");
    let mut ledger = Ledger::create(&path).unwrap();
    let [one, other] = [0, 1].map(|which| pairs()[which].clone());
    let mut batch = ledger.begin(support::header(day(1))).unwrap();
    batch.record_outcomes(&[outcome(one.clone(), Some(1)), outcome(other.clone(), Some(1))]).unwrap();
    batch.record_outcomes(&[outcome(one.clone(), None), outcome(other.clone(), Some(2))]).unwrap();
    batch.finish(&model::Coverage::default()).unwrap();
    let changes = ledger.alert_changes(KnownAt::MIN, KnownAt::MAX).unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].alert, changes[0].score.0), (other.alert_id(), 2));
    // A joined commit takes it back: nothing is left of it, and the chain still covers what the first commit wrote.
    commit(&mut ledger, day(1), &[], &[outcome(other, None)]).unwrap();
    assert_eq!(ledger.alert_changes(KnownAt::MIN, KnownAt::MAX).unwrap(), []);
    assert_eq!(ledger.verify().unwrap().alert_changes, 2);
}
