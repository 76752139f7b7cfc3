//! What made people come and go: for every known time at which somebody joined or left, the lines that caused it.
//!
//! In: who joined and left when, with what the membership rests on, and the lines that became known then. Out: one change for each time,
//! with each causing line once. Always holds: times are never netted against one another; within one time a person is a member before
//! and after or is not, under whatever identity. A cause is a line of that time which touches what the membership rests on: for joining
//! what it rests on since, for leaving what it rested on before, and redress that was granted.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Deed, Ledger, LedgerError, Written};
use model::{CauseKind, EntityId, Key, KnownAt, RecordKind};
use serde::Serialize;

/// Everybody who joined or left at one known time, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = NetworkChange)]
pub struct Change {
    /// When.
    pub known_at: KnownAt,
    /// How many joined.
    pub joined: u64,
    /// How many left.
    pub left: u64,
    /// The lines that caused it, in order.
    pub causes: Vec<Cause>,
}

/// A line that made people join or leave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = NetworkCause)]
pub struct Cause {
    /// Its number in the source.
    pub line: u64,
    /// What it does, in words: `put entity F3`.
    pub key: String,
    /// How many people it made join or leave.
    pub subjects: u64,
}

/// Which way somebody moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// They are a member since.
    Joined,
    /// They no longer are.
    Left,
}

/// Somebody who joined or left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// When.
    pub known_at: KnownAt,
    /// Which way.
    pub way: Way,
    /// What a line of that time has to touch to be a cause.
    pub support: BTreeSet<Key>,
}

/// What happened later than `after` and up to `until`. The excluding event (redress) makes those leave of whom it becomes known. `support` tells the keys that somebody's membership rests on at a time: the
/// record of the person, both observations of each link, the parties and relations of each chain, the generic markings.
pub fn between<E: From<LedgerError>>(
    ledger: &Ledger,
    after: KnownAt,
    until: KnownAt,
    excluding_event: &str,
    mut support: impl FnMut(&EntityId, KnownAt) -> Result<BTreeSet<Key>, E>,
) -> Result<Vec<Change>, E> {
    let mut moves = Vec::new();
    for (known_at, way, id) in ways(ledger, after, until)? {
        let support = match way {
            Way::Joined => support(&id, known_at)?,
            Way::Left => {
                let mut keys = support(&id, known_at.previous())?;
                keys.extend(events_named(excluding_event, ledger, &id, known_at)?);
                keys
            }
        };
        moves.push(Move { known_at, way, support });
    }
    Ok(changes(&moves, |known_at, keys| ledger.written(known_at, keys))?)
}

/// Who joined and then who left, by time. Somebody who leaves as one identity and joins as another does neither.
pub fn ways(
    ledger: &Ledger,
    after: KnownAt,
    until: KnownAt,
) -> Result<BTreeSet<(KnownAt, Way, EntityId)>, LedgerError> {
    let mut ways = BTreeMap::new();
    let changes = ledger.alert_changes(after, until)?.into_iter();
    for change in changes.filter(|change| change.pair.cause.kind == CauseKind::Network) {
        let way = match change.change {
            model::Change::Opened => Way::Joined,
            model::Change::Withdrawn => Way::Left,
            model::Change::Changed => continue,
        };
        let at = (change.known_at, change.pair.subject.id);
        if ways.remove(&at).is_none() {
            ways.insert(at, way);
        }
    }
    Ok(ways.into_iter().map(|((known_at, id), way)| (known_at, way, id)).collect())
}

/// The events of a name about a person that became known at a time.
fn events_named(
    name: &str,
    ledger: &Ledger,
    id: &EntityId,
    known_at: KnownAt,
) -> Result<Vec<Key>, LedgerError> {
    let events = ledger.as_of(known_at).events_of(id)?.into_iter();
    let named = events.filter(|known| known.known_at == known_at && known.record.event == name);
    Ok(named.map(|known| Key { kind: RecordKind::Event, text: known.record.id.as_str().into() }).collect())
}

/// Adds moves up by time. `written` tells the lines that a time has of some keys.
pub fn changes<E>(
    moves: &[Move],
    mut written: impl FnMut(KnownAt, &BTreeSet<Key>) -> Result<Vec<Written>, E>,
) -> Result<Vec<Change>, E> {
    let mut times: BTreeMap<KnownAt, Vec<&Move>> = BTreeMap::new();
    for moved in moves {
        times.entry(moved.known_at).or_default().push(moved);
    }
    let mut changes = Vec::with_capacity(times.len());
    for (known_at, moves) in times {
        let keys: BTreeSet<Key> = moves.iter().flat_map(|moved| &moved.support).cloned().collect();
        let number = |way| moves.iter().filter(|moved| moved.way == way).count() as u64;
        changes.push(Change {
            known_at,
            joined: number(Way::Joined),
            left: number(Way::Left),
            causes: causes(&moves, written(known_at, &keys)?),
        });
    }
    Ok(changes)
}

fn causes(moves: &[&Move], written: Vec<Written>) -> Vec<Cause> {
    let mut resting: BTreeMap<&Key, u64> = BTreeMap::new();
    for key in moves.iter().flat_map(|moved| &moved.support) {
        *resting.entry(key).or_default() += 1;
    }
    let cause = |line: Written| {
        let subjects = *resting.get(&line.key)?;
        Some(Cause { line: line.line, key: in_words(&line), subjects })
    };
    let mut causes: Vec<Cause> = written.into_iter().filter_map(cause).collect();
    causes.sort();
    causes
}

/// A line in words that do not depend on where it stands.
fn in_words(line: &Written) -> String {
    let deed = match line.deed {
        Deed::Put => "put",
        Deed::Delete => "delete",
    };
    format!("{deed} {} {}", line.key.kind.word(), line.key.text.replace('\u{1f}', " "))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use model::Attribute;

    use super::*;

    fn entity(id: &str) -> Key {
        Key::entity(&EntityId::new(id).unwrap())
    }

    fn phone() -> Key {
        Key::attribute(&Attribute { kind: "phone".into(), value: "+999 55".into() })
    }

    fn moved(at: i64, way: Way, support: &[Key]) -> Move {
        Move { known_at: KnownAt::from_micros(at), way, support: support.iter().cloned().collect() }
    }

    fn line(line: u64, deed: Deed, key: Key) -> Written {
        Written { line, deed, key }
    }

    fn told(moves: &[Move], lines: &[(i64, Written)]) -> Vec<Change> {
        let written = |at: KnownAt, keys: &BTreeSet<Key>| {
            let of = |(time, line): &&(i64, Written)| *time == at.micros() && keys.contains(&line.key);
            Ok::<_, Infallible>(lines.iter().filter(of).map(|(_, line)| line.clone()).collect())
        };
        changes(moves, written).unwrap()
    }

    #[test]
    fn each_causing_line_stands_once_with_the_number_of_people_that_it_moved() {
        let moves = [
            moved(7, Way::Joined, &[entity("P1"), entity("F1"), phone()]),
            moved(7, Way::Joined, &[entity("P2"), entity("F1"), phone()]),
            moved(7, Way::Left, &[entity("P3"), phone()]),
        ];
        let lines = [
            (7, line(12, Deed::Put, entity("F1"))),
            (7, line(11, Deed::Delete, phone())),
            (7, line(13, Deed::Put, entity("P2"))),
            (7, line(14, Deed::Put, entity("P9"))),
            (8, line(15, Deed::Put, entity("P1"))),
        ];
        let [change] = told(&moves, &lines).try_into().unwrap();
        assert_eq!((change.known_at.micros(), change.joined, change.left), (7, 2, 1));
        let causes: Vec<_> = change.causes.iter().map(|c| (c.line, c.key.as_str(), c.subjects)).collect();
        assert_eq!(
            causes,
            [(11, "delete generic phone +999 55", 3), (12, "put entity F1", 2), (13, "put entity P2", 1)]
        );
    }

    #[test]
    fn times_are_not_netted_and_a_line_that_deletes_and_one_that_puts_are_two_causes() {
        let support = [entity("P1"), entity("F1")];
        let moves = [moved(9, Way::Joined, &support), moved(8, Way::Left, &support)];
        let lines = [
            (8, line(1, Deed::Delete, entity("F1"))),
            (9, line(2, Deed::Delete, entity("F1"))),
            (9, line(2, Deed::Put, entity("F1"))),
        ];
        let changes = told(&moves, &lines);
        let numbers: Vec<_> = changes.iter().map(|c| (c.joined, c.left, c.causes.len())).collect();
        assert_eq!(numbers, [(0, 1, 1), (1, 0, 2)]);
        assert!(told(&[], &lines).is_empty());
    }
}
