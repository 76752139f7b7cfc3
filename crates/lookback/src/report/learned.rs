//! What was learned when: who came to be moved by the network and who no longer is, by which lines, and which alerts came and went.

use std::collections::{BTreeMap, BTreeSet};

use cases::changes::{self, Cause, Way, ways};
use cases::chart::{Chart, Layer, Shape};
use cases::report::{Block, Cell, Listed, Lists, Section, Table};
use model::{CauseKind, Change, EntityId, KnownAt, PartialDate};

use super::{Sources, section as of};
use crate::Error;

/// So many causing lines are told in the table, those that moved most people; all are a command away.
const CAUSES: usize = 4;
/// So many days are drawn one by one; of more, months are.
const DAYS: i64 = 1_000;
/// As many numbers of rows as stand beside one another.
const NOTES: usize = 16;
/// So many months of alerts are told one by one; of more, years are.
const MONTHS: usize = 36;

const JOINED: &str = "joined";
const LEFT: &str = "left";

pub(super) fn section(sources: &Sources<'_>) -> Result<Section, Error> {
    let changes = sources.store.network_changes(KnownAt::MIN, sources.known_at)?;
    let lists = joined_and_left(sources)?;
    let mut table = Table::new(
        "Every known time at which members joined or left",
        [
            "no.",
            "known at",
            "joined",
            "left",
            "members since",
            "lines that caused it (what each does; people it moved), most first",
        ],
    );
    let mut members = 0_i64;
    let mut since = Vec::new();
    for (place, change) in changes.iter().enumerate() {
        let name = format!("learned.{}", change.known_at);
        let (joined, left) = (lists.count_under(&name, JOINED), lists.count_under(&name, LEFT));
        members += joined.cast_signed() - left.cast_signed();
        since.push((change.known_at, members));
        table.row(
            name.clone(),
            [
                (place as u64 + 1).into(),
                change.known_at.to_string().into(),
                joined.into(),
                left.into(),
                Cell::Number(members),
                causes(sources, change)?.into(),
            ],
            sources.explain(&name),
        );
    }
    let mut blocks = vec![Block::Text(
        "A member is a subject who is moved by the network. They are members from the known time on at which the evidence made them \
         so, whether or not anybody looked. Times are not netted against one another."
            .into(),
    )];
    blocks.extend(timeline(&since, sources.known_at).map(Block::Chart));
    blocks.push(Block::Table(table));
    if let (Some(first), Some(last)) = (changes.first(), changes.last()) {
        blocks.push(Block::Text(format!(
            "All causing lines, with what each puts or deletes: lookback diff --from {} --to {}",
            first.known_at.previous(),
            last.known_at
        )));
    }
    blocks.push(Block::Table(by_month(sources)?));
    Ok(of("learned", "What was learned when", blocks))
}

/// Who joined and who left, by time. Somebody counts once at a time.
pub(super) fn joined_and_left(sources: &Sources<'_>) -> Result<Lists, Error> {
    let mut lists = Lists::default();
    for (known_at, way, id) in ways(sources.ledger, KnownAt::MIN, sources.known_at)? {
        let group = match way {
            Way::Joined => JOINED,
            Way::Left => LEFT,
        };
        lists.add(&format!("learned.{known_at}"), Listed::of(id).under(group));
    }
    Ok(lists)
}

fn causes(sources: &Sources<'_>, change: &changes::Change) -> Result<String, Error> {
    let mut causes: Vec<&Cause> = change.causes.iter().collect();
    causes.sort_by_key(|cause| (std::cmp::Reverse(cause.subjects), cause.line));
    let mut words = Vec::new();
    for cause in causes.iter().take(CAUSES) {
        let what = kind_of(sources, change.known_at, &cause.key)?;
        words.push(format!("line {} ({what}; {})", cause.line, cause.subjects));
    }
    if causes.len() > CAUSES {
        words.push(format!("and {} more lines", causes.len() - CAUSES));
    }
    Ok(words.join(", "))
}

/// What a line does, without an id or a value: `put Membership of watchlist`.
fn kind_of(sources: &Sources<'_>, known_at: KnownAt, key: &str) -> Result<String, Error> {
    let mut words = key.splitn(3, ' ');
    let (deed, kind, rest) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let view = sources.ledger.as_of(if deed == "delete" { known_at.previous() } else { known_at });
    let id = EntityId::new(rest).ok();
    let more = match (kind, id) {
        ("entity", Some(id)) => view
            .entity(&id)?
            .map(|version| format!("{} of {}", version.record.entity.schema.name(), version.record.dataset)),
        ("observation", Some(id)) => view
            .observation(&id)?
            .map(|seen| format!("observation of {} {}", relation(seen.relation), seen.attribute.kind)),
        ("generic", _) => rest.split(' ').next().map(|kind| format!("generic {kind}")),
        _ => None,
    };
    Ok(format!("{deed} {}", more.unwrap_or_else(|| kind.to_owned())))
}

fn relation(relation: model::Relation) -> &'static str {
    match relation {
        model::Relation::Used => "a used",
        model::Relation::Operated => "an operated",
    }
}

/// Members over known time, with the number of the table's row at each step.
fn timeline(since: &[(KnownAt, i64)], until: KnownAt) -> Option<Chart> {
    let (first, last) = (since.first()?.0.days_since_1970(), until.days_since_1970());
    let span = last - first;
    let begin = first - (span / 20).max(1);
    let places = Places::new(begin, last);
    let mut values = vec![Some(0.0); places.count()];
    for (known_at, members) in since {
        values[places.of(known_at.days_since_1970())..].fill(Some(*members as f64));
    }
    let told: Vec<String> =
        since.iter().map(|(known_at, members)| format!("{members} from {} on", known_at.day())).collect();
    Some(Chart {
        title: "Members over known time".into(),
        description: format!(
            "A line that steps where members joined or left. Each step has the number of its row in the table. Members: {}.",
            told.join(", ")
        ),
        across: "known at; numbers are rows of the table".into(),
        up: "members".into(),
        labels: places.labels(),
        layers: vec![
            Layer { name: "members".into(), tone: 0, shape: Shape::Steps(values) },
            Layer { name: "row of the table".into(), tone: 0, shape: Shape::Notes(notes(since, &places)) },
        ],
    })
}

/// The numbers of the table's rows, above the line whichever way it steps; of steps that are close together, the first and the last.
fn notes(since: &[(KnownAt, i64)], places: &Places) -> Vec<Option<(f64, String)>> {
    let apart = places.count().div_ceil(NOTES);
    let mut notes = vec![None; places.count()];
    let (mut group, mut before): (Option<(usize, usize, f64)>, i64) = (None, 0);
    for (number, (known_at, members)) in (1..).zip(since) {
        let place = places.of(known_at.days_since_1970());
        let high = before.max(*members) as f64;
        before = *members;
        let (first, began, high) = match group.take() {
            Some((first, began, highest)) if place < began + apart => {
                notes[began] = None;
                (first, began, high.max(highest))
            }
            _ => (number, place, high),
        };
        let words = if first == number { number.to_string() } else { format!("{first}–{number}") };
        notes[began] = Some((high, words));
        group = Some((first, began, high));
    }
    notes
}

/// Days, or months where there are too many days.
struct Places {
    first: i64,
    last: i64,
    monthly: bool,
}

impl Places {
    fn new(first: i64, last: i64) -> Self {
        Self { first, last: last.max(first), monthly: last - first >= DAYS }
    }

    fn month(day: i64) -> i64 {
        let date = i32::try_from(day).ok().and_then(PartialDate::from_days_since_1970);
        date.map_or(0, |date| i64::from(date.year()) * 12 + i64::from(date.month().unwrap_or(1)) - 1)
    }

    fn of(&self, day: i64) -> usize {
        let place = if self.monthly { Self::month(day) - Self::month(self.first) } else { day - self.first };
        usize::try_from(place).unwrap_or_default().min(self.count() - 1)
    }

    fn count(&self) -> usize {
        let last = if self.monthly {
            Self::month(self.last) - Self::month(self.first)
        } else {
            self.last - self.first
        };
        usize::try_from(last).unwrap_or_default() + 1
    }

    fn labels(&self) -> Vec<String> {
        let day = |day: i64| {
            i32::try_from(day).ok().and_then(PartialDate::from_days_since_1970).map(|date| date.to_string())
        };
        let label = |place: usize| {
            let place = i64::try_from(place).unwrap_or(i64::MAX);
            if self.monthly {
                let month = Self::month(self.first) + place;
                format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
            } else {
                day(self.first + place).unwrap_or_default()
            }
        };
        (0..self.count()).map(label).collect()
    }
}

const GROUPS: [&str; 4] = ["name, came", "name, went", "network, came", "network, went"];

/// Alerts that came and went, by month of the known time.
pub(super) fn alerts_by_month(sources: &Sources<'_>) -> Result<Lists, Error> {
    let changes = sources.alert_changes()?;
    // Many alerts come at one time, and the changes are in order of it.
    let month = |at: KnownAt| at.day().chars().take(7).collect::<String>();
    let mut times: Vec<KnownAt> = changes.iter().map(|change| change.known_at).collect();
    times.dedup();
    let months: BTreeSet<String> = times.into_iter().map(month).collect();
    let letters = if months.len() > MONTHS { 4 } else { 7 };
    let (mut lists, mut last, mut name) = (Lists::default(), None, String::new());
    for change in changes {
        let by_network = change.pair.cause.kind == CauseKind::Network;
        let group = match (change.change, by_network) {
            (Change::Opened, false) => GROUPS[0],
            (Change::Withdrawn, false) => GROUPS[1],
            (Change::Opened, true) => GROUPS[2],
            (Change::Withdrawn, true) => GROUPS[3],
            (Change::Changed, _) => continue,
        };
        if last != Some(change.known_at) {
            let time: String = change.known_at.day().chars().take(letters).collect();
            (last, name) = (Some(change.known_at), format!("alerts.{time}"));
        }
        lists.add(&name, Listed::of(change.alert).under(group));
    }
    Ok(lists)
}

fn by_month(sources: &Sources<'_>) -> Result<Table, Error> {
    let lists = alerts_by_month(sources)?;
    let mut columns = vec!["known in"];
    columns.extend(GROUPS);
    let mut table = Table {
        title: "Alerts that came and went, by what caused them".into(),
        columns: columns.into_iter().map(str::to_owned).collect(),
        rows: Vec::new(),
    };
    let mut sums = BTreeMap::new();
    for name in lists.names() {
        let counts = GROUPS.map(|group| lists.count_under(name, group));
        sums.insert(name.to_owned(), counts);
    }
    for (name, [name_came, name_went, network_came, network_went]) in sums {
        let time = name.split('.').nth(1).unwrap_or_default().to_owned();
        let command = sources.explain(&name);
        table.row(
            name,
            [time.into(), name_came.into(), name_went.into(), network_came.into(), network_went.into()],
            command,
        );
    }
    Ok(table)
}
