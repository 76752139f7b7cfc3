//! How the reviews stand, what waits, in which order, and what the order would have found within a budget.

use std::collections::BTreeSet;

use cases::chart::{Chart, Layer, Shape};
use cases::forecast::{CoursePeriod, as_before};
use cases::report::{Block, Cell, Listed, Lists, Section, Table};
use cases::review::{Desk, ORDER, State};
use model::{CauseKind, EntityId, KnownAt, Verdict};

use super::{Sources, Told, as_command, section as of};
use crate::Error;
use crate::review::{PeriodLength, policies};

/// Points of the backlog.
const POINTS: i64 = 24;
/// Months that are forecast, and months before them that are drawn.
const AHEAD: u32 = 3;
const MONTHS: usize = 24;
/// Bands of the queue that are told.
const BANDS: usize = 10;
/// Budgets for which recall is told.
const BUDGETS: [usize; 5] = [50, 100, 200, 500, 1_000];
const DAY: i64 = 86_400_000_000;

/// All reviews as of the time.
pub(super) struct Reviewed {
    pub(super) desk: Desk,
    /// Every decision on an alert, and whether it counted.
    pub(super) told: Vec<Told>,
    /// How many reviews were pending at some times, as known then.
    backlog: Vec<(KnownAt, u64)>,
}

impl Reviewed {
    /// Read at once, without the way there.
    pub(super) fn read(sources: &Sources<'_>) -> Result<Self, Error> {
        let (desk, told) = sources.desk()?;
        Ok(Self { desk, told, backlog: Vec::new() })
    }

    /// Followed step by step, for how much was pending on the way.
    pub(super) fn followed(sources: &Sources<'_>) -> Result<Self, Error> {
        let (mut desk, mut told, mut backlog) = (Desk::default(), Vec::new(), Vec::new());
        let first = sources.alert_changes()?.first().map(|change| change.known_at);
        for time in first.map(|first| points(first, sources.known_at)).unwrap_or_default() {
            let view = sources.ledger.as_of(time);
            desk.catch_up_telling(&view, policies(&view)?, &mut |known, counted| {
                told.push((known, counted));
            })?;
            backlog
                .push((time, desk.reviews(time).filter(|review| review.state().is_pending()).count() as u64));
        }
        Ok(Self { desk, told, backlog })
    }

    /// Subjects of whom a final verdict says that an alert by name does not concern them.
    pub(super) fn cleared_of_name(&self, now: KnownAt) -> BTreeSet<EntityId> {
        let found = self.desk.reviews(now).filter(|review| {
            let verdict = review.disposition().map(|disposition| disposition.proposal.verdict);
            review.state() == State::Final
                && review.pair.cause.kind == CauseKind::Name
                && verdict == Some(Verdict::Different)
        });
        found.map(|review| review.pair.subject.id.clone()).collect()
    }
}

/// Ends of days between two times, evenly, and the last time itself.
fn points(first: KnownAt, last: KnownAt) -> Vec<KnownAt> {
    let span = last.micros().saturating_sub(first.micros());
    let every = (span / POINTS).max(DAY);
    let mut times = BTreeSet::new();
    let mut at = first.micros();
    while at < last.micros() {
        let end = (at.div_euclid(DAY) + 1) * DAY - 1;
        times.insert(KnownAt::from_micros(end.min(last.micros())));
        at += every;
    }
    times.insert(last);
    times.into_iter().collect()
}

pub(super) fn section(sources: &Sources<'_>, reviewed: &Reviewed) -> Section {
    let lists = lists(sources, reviewed);
    let mut states = Table::new("Reviews of alerts by state", ["state", "alerts", "meaning"]);
    for state in State::ALL {
        let name = format!("review.state.{}", state.word());
        states.row(
            name.as_str(),
            [state.word().into(), lists.count(&name).into(), meaning(state).into()],
            sources.explain(&name),
        );
    }
    let mut verdicts =
        Table::new("Verdicts that stand, each by two persons", ["verdict", "alerts", "meaning"]);
    for (verdict, meaning) in [
        (Verdict::Same, "the alert concerns the subject"),
        (Verdict::Different, "it does not"),
        (Verdict::Inconclusive, "it cannot be said, and nothing further is expected"),
    ] {
        let name = format!("review.verdict.{}", verdict.word());
        verdicts.row(
            name.as_str(),
            [verdict.word().into(), lists.count(&name).into(), meaning.into()],
            sources.explain(&name),
        );
    }
    let mut work = Table::new("What waits, and what is out of sight", ["what", "number", "meaning"]);
    for (name, what, meaning) in [
        ("review.pending", "pending", "alerts of which somebody still has to do something"),
        ("review.overdue", "overdue", "of these, those past the time by which they were to be decided"),
        ("review.snoozed", "snoozed", "of these, those that left the queue until a time"),
        (
            "review.suppressed",
            "suppressed",
            "out of the queue since the same evidence was decided before, and the verdict has not expired",
        ),
        (
            "review.void",
            "void decisions",
            "decisions on alerts that their author could not take; they are kept and change nothing",
        ),
    ] {
        work.row(name, [what.into(), lists.count(name).into(), meaning.into()], sources.explain(name));
    }
    let mut backlog = Table::new("Pending reviews over time", ["as known at", "pending"]);
    for (time, pending) in &reviewed.backlog {
        let as_of = as_command(*time);
        let command = format!("lookback report --known-at {as_of} --explain review.pending");
        backlog.row("review.pending", [as_of.into(), (*pending).into()], command);
    }
    let mut blocks = vec![Block::Text(
        "What is found is to be reviewed; people decide. A verdict is final only after two persons. The policy says how long \
         things may take."
            .into(),
    )];
    if reviewed.backlog.len() > 1 {
        blocks.push(Block::Chart(backlog_chart(&reviewed.backlog)));
    }
    blocks.extend([states, verdicts, work, backlog].map(Block::Table));
    blocks.extend(outlook(sources));
    of("review", "How the reviews stand", blocks)
}

/// How the backlog goes on if everything goes on as it went, where the months so far say how far such a forecast is off.
fn outlook(sources: &Sources<'_>) -> Vec<Block> {
    // Without a whole month there is no history, and nothing to say.
    let Ok(history) = sources.store.review_history(PeriodLength::Month, Some(sources.known_at)) else {
        return Vec::new();
    };
    let course = as_before(&history, AHEAD);
    if course.iter().all(|period| period.band_80.is_none()) {
        return Vec::new();
    }
    let past = history.periods();
    let past = &past[past.len().saturating_sub(MONTHS)..];
    let now = past.last().map_or(0.0, |period| period.stock as f64);
    let band = |period: &CoursePeriod| period.band_80.map(|band| (band.low, band.high));
    let before = past.len().saturating_sub(1);
    let ahead = |values: Vec<Option<f64>>| -> Vec<Option<f64>> {
        std::iter::repeat_n(None, before).chain([Some(now)]).chain(values).collect()
    };
    let bands = std::iter::repeat_n(None, before).chain([Some((now, now))]).chain(course.iter().map(band));
    let layer = |name: &str, tone, shape| Layer { name: name.into(), tone, shape };
    let chart = Chart {
        title: "Reviews pending at the end of each month, and to be expected".into(),
        description: "A line of what was pending, and after it what is to be expected if everything goes on as it went, with a band that is to \
                      hold it in 80 of 100 cases. The table has the numbers to come."
            .into(),
        across: "month; + is so many months ahead".into(),
        up: "pending".into(),
        labels: past
            .iter()
            .map(|period| period.label.clone())
            .chain(course.iter().map(|period| format!("+{}", period.ahead)))
            .collect(),
        layers: vec![
            layer("as before, 80 %", 2, Shape::Band(bands.collect())),
            layer("as it was", 0, Shape::Line(past.iter().map(|period| Some(period.stock as f64)).collect())),
            layer("as before", 2, Shape::Line(ahead(course.iter().map(|period| Some(period.stock)).collect()))),
        ],
    };
    let mut table = Table::new(
        "To be expected if everything goes on as it went: an estimate from the months so far, which counts nobody and begins with what is pending",
        ["months ahead", "pending", "80 % band"],
    );
    for period in &course {
        let range = band(period).map(|(low, high)| format!("{low:.0} to {high:.0}"));
        let pending = format!("{:.0}", period.stock);
        let command = sources.explain("review.pending");
        table.row(
            format!("forecast.{}", period.ahead),
            [Cell::Count(period.ahead as u64), pending.into(), range.map_or(Cell::None, Cell::Text)],
            command,
        );
    }
    vec![Block::Chart(chart), Block::Table(table)]
}

fn backlog_chart(backlog: &[(KnownAt, u64)]) -> Chart {
    let most = backlog.iter().map(|(_, pending)| pending).max().copied().unwrap_or_default();
    let last = backlog.last().map_or(0, |(_, pending)| *pending);
    Chart {
        title: "Reviews pending over time".into(),
        description: format!(
            "A line of how many reviews were pending: {most} at most, {last} at the end. The table has the numbers."
        ),
        across: "as known at".into(),
        up: "pending".into(),
        labels: backlog.iter().map(|(time, _)| time.day()).collect(),
        layers: vec![Layer {
            name: "pending".into(),
            tone: 0,
            shape: Shape::Line(backlog.iter().map(|(_, pending)| Some(*pending as f64)).collect()),
        }],
    }
}

fn meaning(state: State) -> &'static str {
    match state {
        State::New => "nobody has looked",
        State::Queued => "waits for the first line",
        State::FirstLine => "somebody of the first line is at it",
        State::Cleared => {
            "the first line says that it does not concern the subject; a second person has to confirm"
        }
        State::Escalated => "waits for the second line",
        State::Inconclusive => "cannot be said yet; an owner looks again",
        State::NeedsInformation => "somebody outside was asked",
        State::SecondLine => "somebody of the second line is at it",
        State::SecondPerson => "a verdict is proposed; a second person has to confirm",
        State::Final => "two persons came to a verdict",
        State::Reopened => "there was a verdict, and it no longer stands",
        State::Withdrawn => "the alert itself is gone",
    }
}

/// The alerts, or decisions, behind the numbers of this section.
pub(super) fn lists(sources: &Sources<'_>, reviewed: &Reviewed) -> Lists {
    let now = sources.known_at;
    let mut lists = Lists::default();
    for state in State::ALL {
        lists.open(&format!("review.state.{}", state.word()));
    }
    for verdict in [Verdict::Same, Verdict::Different, Verdict::Inconclusive] {
        lists.open(&format!("review.verdict.{}", verdict.word()));
    }
    for name in ["pending", "overdue", "snoozed", "suppressed", "void"] {
        lists.open(&format!("review.{name}"));
    }
    for review in reviewed.desk.reviews(now) {
        let state = review.state();
        let mut add = |name: &str| lists.add(name, Listed::of(review.alert));
        add(&format!("review.state.{}", state.word()));
        if let Some(disposition) = review.disposition().filter(|_| state == State::Final) {
            add(&format!("review.verdict.{}", disposition.proposal.verdict.word()));
        }
        if state.is_pending() {
            add("review.pending");
            if review.due() <= now {
                add("review.overdue");
            }
            if review.snoozed().is_some() {
                add("review.snoozed");
            }
        }
        if review.is_suppressed() {
            add("review.suppressed");
        }
    }
    for (known, counted) in &reviewed.told {
        if let Err(refusal) = counted {
            lists.add("review.void", Listed::of(&known.record.id).under(refusal.to_string()));
        }
    }
    lists
}

pub(super) fn order(sources: &Sources<'_>, reviewed: &Reviewed) -> Section {
    let lists = queue_lists(sources, reviewed);
    let policy = reviewed.desk.rulebook().policies.at(sources.known_at);
    let mut priorities =
        Table::new("Priorities of the policy, the first that fits counts", ["class", "reason", "fits"]);
    for priority in &policy.priorities {
        let fits = [
            priority.kind.as_ref().map(|kind| format!("kind {kind}")),
            priority.list.as_ref().map(|list| format!("list {list}")),
            priority.population.as_ref().map(|population| format!("population {population}")),
            priority.score.map(|score| format!("score from {score}")),
        ];
        let fits: Vec<String> = fits.into_iter().flatten().collect();
        let fits = if fits.is_empty() { "everything".to_owned() } else { fits.join(", ") };
        priorities.row(
            "",
            [u64::from(priority.class).into(), priority.reason.clone().into(), fits.into()],
            "",
        );
    }
    let mut bands = Table::new(
        "Bands of pending alerts that only age tells apart, the largest",
        ["class", "score", "alerts"],
    );
    for (band, _) in reviewed.desk.tied(sources.known_at).iter().take(BANDS) {
        let name = band_name(band.class, band.score);
        let cells =
            [u64::from(band.class).into(), format!("{:.6}", band.score).into(), lists.count(&name).into()];
        let command = sources.explain(&name);
        bands.row(name, cells, command);
    }
    let mut recall = Table::new(
        "Recall at budget: if only so many had been decided, in this order, how many of those found to concern their subject were among them",
        ["budget", "among the first", "of all", "recall"],
    );
    for budget in BUDGETS {
        let name = format!("queue.recall.{budget}");
        let (within, all) = (lists.count_under(&name, WITHIN), lists.count(&name));
        let share = reviewed.desk.recall_at(budget, sources.known_at).map_or(Cell::None, Cell::fraction);
        recall.row(
            name.as_str(),
            [(budget as u64).into(), within.into(), all.into(), share],
            sources.explain(&name),
        );
    }
    let blocks = vec![
        Block::Text(format!(
            "The queue is ordered {ORDER}. It decides what comes first, never what is there; nothing of a person's origin and nothing of how many reviewers there are is in it."
        )),
        Block::Table(priorities),
        Block::Table(bands),
        Block::Table(recall),
    ];
    of("order", "The order of the queue", blocks)
}

const WITHIN: &str = "within the budget";
const BEYOND: &str = "beyond it";

fn band_name(class: u8, score: f64) -> String {
    format!("queue.band.{class}.{score:.6}")
}

/// The alerts behind the numbers of the order.
pub(super) fn queue_lists(sources: &Sources<'_>, reviewed: &Reviewed) -> Lists {
    let now = sources.known_at;
    let mut lists = Lists::default();
    for (band, alerts) in reviewed.desk.tied(now) {
        let name = band_name(band.class, band.score);
        for alert in alerts {
            lists.add(&name, Listed::of(alert));
        }
    }
    let decided = reviewed.desk.decided_in_order(now);
    for budget in BUDGETS {
        let name = format!("queue.recall.{budget}");
        lists.open(&name);
        for (place, (alert, _)) in decided.iter().enumerate().filter(|(_, (_, same))| *same) {
            lists.add(&name, Listed::of(*alert).under(if place < budget { WITHIN } else { BEYOND }));
        }
    }
    lists
}
