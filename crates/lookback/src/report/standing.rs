//! How those who are moved by the network stand: the figures with their meaning, the statuses, and how long everything took.

use std::collections::BTreeMap;

use cases::report::{Band, Block, Cell, Flow, Listed, Lists, Section, Table};
use cases::{Behind, DEFINITIONS, Member, Status};
use model::{CauseKind, Change, Deed, EntityId, KnownAt, PartialDate, Step};
use serde_json::Value;

use super::reviews::Reviewed;
use super::{Sources, section};
use crate::Error;

/// A figure that is no number stands with the other digests.
pub(super) const DIGEST_OF_MEMBERS: &str = "moved_sha256";

pub(super) fn figures(sources: &Sources<'_>) -> Result<Section, Error> {
    let values = serde_json::to_value(sources.store.figures(sources.known_at)?)
        .expect("figures are numbers and words");
    let mut table = Table::new("Figures", ["figure", "number", "meaning"]);
    for (figure, meaning) in DEFINITIONS.into_iter().filter(|(figure, _)| *figure != DIGEST_OF_MEMBERS) {
        let command = |name: &str| sources.explain_figure(name);
        match &values[figure] {
            Value::Object(groups) => {
                for (place, (group, number)) in groups.iter().enumerate() {
                    let name = format!("{figure}.{group}");
                    let (command, meaning) = (command(&name), if place == 0 { meaning } else { "" });
                    table.row(name.clone(), [name.into(), cell(number), meaning.into()], command);
                }
            }
            value => table.row(figure, [figure.into(), cell(value), meaning.into()], command(figure)),
        }
    }
    let text = "Each figure is counted from the list that its command prints, and stays what it was whatever is learned later. \
                docs/reference/figures.md says what counts as what.";
    Ok(section("figures", "Counts, and what they mean", vec![Block::Text(text.into()), Block::Table(table)]))
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::None,
        Value::String(text) => text.clone().into(),
        number => number.as_i64().map_or(Cell::None, |number| match u64::try_from(number) {
            Ok(number) => Cell::Count(number),
            Err(_) => Cell::Number(number),
        }),
    }
}

pub(super) fn statuses(sources: &Sources<'_>) -> Result<Section, Error> {
    let figures = sources.store.figures(sources.known_at)?;
    let mut table =
        Table::new("Members by the status that was reported last", ["status", "members", "share of members"]);
    for status in Status::ALL {
        let word = status.word();
        let number = figures.statuses.get(word).copied().unwrap_or_default();
        let share = Cell::share(number, figures.moved_by_network);
        table.row(word, [word.into(), number.into(), share], sources.explain_figure(word));
    }
    let flow = flow(sources)?;
    let mut ways = Table::new(
        "From the first screening to the status",
        ["result of the first screening", "status", "members"],
    );
    let mut bands = Vec::new();
    for name in flow.names() {
        let mut words = name.splitn(3, '.').skip(1);
        let (from, to) =
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let people = flow.count(name);
        ways.row(name, [from.clone().into(), to.clone().into(), people.into()], sources.explain(name));
        bands.push(Band { from, to, people });
    }
    bands.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to))));
    let told: Vec<String> =
        bands.iter().map(|band| format!("{} from {} to {}", band.people, band.from, band.to)).collect();
    let mut blocks = vec![Block::Text(
        "Statuses are reported facts with a source; nothing here produces one. Somebody who was removed directly after an arrest counts \
         as both, so that shares may add up to more than all."
            .into(),
    )];
    if !bands.is_empty() {
        blocks.push(Block::Flow(Flow {
            title: "From the first screening to the status".into(),
            description: format!(
                "Bands from the result of the first screening to the status: {}.",
                told.join(", ")
            ),
            sides: ["first screening".into(), "status reported last".into()],
            bands,
        }));
    }
    blocks.extend([Block::Table(table), Block::Table(ways)]);
    Ok(section("statuses", "How the members stand", blocks))
}

/// Members by the result of their first screening and by all their statuses together, so that everybody counts once.
pub(super) fn flow(sources: &Sources<'_>) -> Result<Lists, Error> {
    let basis = sources.store.basis(sources.ledger, sources.known_at)?;
    let by_subject = |figure: &str| {
        let mut groups: BTreeMap<EntityId, Vec<String>> = BTreeMap::new();
        for Behind { subject, group, .. } in basis.behind(figure).unwrap_or_default() {
            groups.entry(subject).or_default().extend(group);
        }
        groups
    };
    let (screened, statuses) = (by_subject("screened"), by_subject("statuses"));
    let mut lists = Lists::default();
    for (subject, results) in screened {
        let status = statuses.get(&subject).map(|all| all.join("+")).unwrap_or_default();
        let from: String = results.join("+").replace('.', "_");
        lists.add(&format!("flow.{from}.{status}"), Listed::of(subject));
    }
    Ok(lists)
}

const TO_LEARNABLE: &str = "times.clearance_to_learnable";
const TO_ALERT: &str = "times.clearance_to_alert";
const COMMIT_TO_ALERT: &str = "times.commit_to_alert";
const TO_FINDING: &str = "times.learnable_to_finding";
const NO_FINDING: &str = "times.without_finding";

pub(super) fn times(sources: &Sources<'_>, reviewed: &Reviewed) -> Result<Section, Error> {
    let lists = durations(sources, reviewed)?;
    let mut table = Table::new("How long it took", ["what", "median", "in", "of how many", "meaning"]);
    let median = sources.store.figures(sources.known_at)?.median_days_to_learnable;
    let of_arrival =
        sources.store.basis(sources.ledger, sources.known_at)?.behind("median_days_to_learnable");
    let figure = "median_days_to_learnable";
    table.row(
        figure,
        [
            "from arrival until a member was learnable".into(),
            median.into(),
            "days".into(),
            (of_arrival.map_or(0, |list| list.len()) as u64).into(),
            DEFINITIONS.iter().find(|(name, _)| *name == figure).map_or("", |(_, meaning)| *meaning).into(),
        ],
        sources.explain_figure(figure),
    );
    let rows = [
        (
            TO_LEARNABLE,
            "from clearance until a member was learnable",
            "days",
            "from the day of the first screening (of arrival, where no screening is reported) to the first known time at which the evidence made them a member",
        ),
        (
            TO_ALERT,
            "from clearance until the first alert",
            "days",
            "from the same day to the first known time at which an alert of any kind came on the member",
        ),
        (
            COMMIT_TO_ALERT,
            "from a commit of lists, people or links until the alerts that it opened",
            "µs of known time",
            "alerts are opened in the commit that causes them, so this is 0 by construction; what is measured is that the alert book says so for every alert that came. How long a computation took is not in a ledger",
        ),
        (
            TO_FINDING,
            "from an alert until a person first said something of it",
            "hours",
            "from the known time at which the alert first came (it was learnable from then on) to the first decision that counts and says whether it concerns the subject, or who has to look: clear, escalate, inconclusive, request for information, proposal of a verdict",
        ),
    ];
    for (name, what, unit, meaning) in rows {
        table.row(
            name,
            [what.into(), lists.median(name).into(), unit.into(), lists.count(name).into(), meaning.into()],
            sources.explain(name),
        );
    }
    table.row(
        NO_FINDING,
        [
            "open alerts of which nobody said anything yet".into(),
            Cell::None,
            "".into(),
            lists.count(NO_FINDING).into(),
            "open alerts without such a decision".into(),
        ],
        sources.explain(NO_FINDING),
    );
    let text = "Medians are the upper of two. Known time is when the office knew, as its records say; how long a sender took before is \
                not in it.";
    Ok(section("times", "How long it took", vec![Block::Text(text.into()), Block::Table(table)]))
}

/// How long it took, one by one.
pub(super) fn durations(sources: &Sources<'_>, reviewed: &Reviewed) -> Result<Lists, Error> {
    let mut lists = Lists::default();
    for name in [TO_LEARNABLE, TO_ALERT, COMMIT_TO_ALERT, TO_FINDING, NO_FINDING] {
        lists.open(name);
    }
    let by_name = sources.view.first_opened(CauseKind::Name)?;
    for member in sources.store.basis(sources.ledger, sources.known_at)?.members {
        let Some(cleared) = cleared(&member) else { continue };
        let days = |at: KnownAt| at.days_since_1970() - i64::from(cleared.days_since_1970());
        let first = by_name.get(&member.id).map_or(member.learnable, |at| member.learnable.min(*at));
        lists.add(TO_LEARNABLE, Listed::of(&member.id).with(days(member.learnable)));
        lists.add(TO_ALERT, Listed::of(&member.id).with(days(first)));
    }
    let committed: BTreeMap<u64, KnownAt> =
        sources.ledger.commits()?.into_iter().map(|commit| (commit.seq, commit.header.known_at)).collect();
    let mut first_came = BTreeMap::new();
    for change in sources.alert_changes()? {
        if change.change == Change::Opened {
            let by = committed.get(&change.commit).copied().unwrap_or(change.known_at);
            let late = change.known_at.micros() - by.micros();
            lists.add(COMMIT_TO_ALERT, Listed::of(change.alert).with(late));
            first_came.entry(change.alert).or_insert(change.known_at);
        }
    }
    let mut first_said = BTreeMap::new();
    for (known, counted) in &reviewed.told {
        if let (Deed::Alert { alert, step, .. }, Ok(())) = (&known.record.deed, counted)
            && says_something(step)
        {
            first_said.entry(*alert).or_insert(known.known_at);
        }
    }
    for (alert, came) in &first_came {
        if let Some(said) = first_said.get(alert) {
            let hours = (said.micros() - came.micros()).div_euclid(3_600_000_000);
            lists.add(TO_FINDING, Listed::of(*alert).with(hours));
        }
    }
    for state in sources.view.alerts()?.iter().filter(|state| state.pair.is_alert()) {
        if !first_said.contains_key(&state.alert) {
            lists.add(NO_FINDING, Listed::of(state.alert));
        }
    }
    Ok(lists)
}

fn says_something(step: &Step) -> bool {
    matches!(
        step,
        Step::Clear { .. }
            | Step::Escalate { .. }
            | Step::Inconclusive { .. }
            | Step::RequestInformation { .. }
            | Step::Propose { .. }
    )
}

/// The day on which somebody was cleared: of their first screening, else of their arrival; `None` where neither is told to the day.
fn cleared(member: &Member) -> Option<PartialDate> {
    let screened = member.history.first_screening().and_then(|event| event.at.as_deref());
    let day = screened.and_then(|at| at.parse::<PartialDate>().ok()).filter(|date| date.day().is_some());
    day.or(member.arrival)
}
