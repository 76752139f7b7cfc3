//! What happened to one person, as reported: the events about them, in the order in which they became known.
//!
//! In: events. Out: what was first found, how the case stands, how the person was assessed. Always holds: of what became known at one
//! time, what happened later counts as later (by `at`, then id), in whatever order it was written.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use ledger::Known;
use model::Event;
use serde_json::Value;

/// How the case of a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// In custody.
    Arrested,
    /// Found, and free.
    Located,
    /// Found; what follows is pending.
    LocatedPending,
    /// Looked for and not found.
    NotLocated,
    /// Left of their own accord.
    Departed,
    /// Their address is known and is being reviewed.
    KnownAddressReview,
    /// Closed.
    NoFurtherAction,
    /// Made to leave.
    Removed,
    /// Nothing was reported yet.
    Unreviewed,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Arrested,
        Self::Located,
        Self::LocatedPending,
        Self::NotLocated,
        Self::Departed,
        Self::KnownAddressReview,
        Self::NoFurtherAction,
        Self::Removed,
        Self::Unreviewed,
    ];

    /// Its word: the event that reports it, but for [`Status::Unreviewed`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Arrested => "arrested",
            Self::Located => "located",
            Self::LocatedPending => "located_pending",
            Self::NotLocated => "not_located",
            Self::Departed => "departed",
            Self::KnownAddressReview => "known_address_review",
            Self::NoFurtherAction => "no_further_action",
            Self::Removed => "removed",
            Self::Unreviewed => "unreviewed",
        }
    }

    /// The status of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// The status that an event reports.
    fn reported_by(event: &Event) -> Option<Self> {
        Self::from_word(&event.event).filter(|status| *status != Self::Unreviewed)
    }
}

/// The events about one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    events: Vec<Known<Event>>,
}

impl History {
    /// Of events in any order.
    pub fn new(mut events: Vec<Known<Event>>) -> Self {
        events.sort_by(later);
        Self { events }
    }

    /// The events of a name, in order.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Event> {
        self.events.iter().map(|known| &known.record).filter(move |event| event.event == name)
    }

    /// The first screening there was, by when it was, whenever it became known.
    pub fn first_screening(&self) -> Option<&Event> {
        let screened = self.events.iter().filter(|known| known.record.event == "screened");
        let first = screened.min_by_key(|known| (&known.record.at, known.known_at, &known.record.id));
        first.map(|known| &known.record)
    }

    /// How the case stands, each with the event that says so: what was reported last. A removal does not make an arrest directly before it
    /// undone, so there may be two.
    pub fn statuses(&self) -> BTreeMap<Status, Option<&Event>> {
        let mut current = BTreeMap::new();
        for event in self.events.iter().map(|known| &known.record) {
            let Some(status) = Status::reported_by(event) else { continue };
            current.retain(|before, _| status == Status::Removed && *before == Status::Arrested);
            current.insert(status, Some(event));
        }
        if current.is_empty() {
            current.insert(Status::Unreviewed, None);
        }
        current
    }

    /// The latest assessment of whether the person is a threat.
    pub fn assessment(&self) -> Option<&Event> {
        self.of("threat_assessed").last()
    }
}

fn later(a: &Known<Event>, b: &Known<Event>) -> Ordering {
    let order = |known: &Known<Event>| known.known_at;
    order(a).cmp(&order(b)).then_with(|| (&a.record.at, &a.record.id).cmp(&(&b.record.at, &b.record.id)))
}

/// What an event found, in the word of its source.
pub(crate) fn result(event: &Event) -> &str {
    let stated = event.detail.as_ref().and_then(|detail| detail.get("result")).and_then(Value::as_str);
    stated.unwrap_or("not_stated")
}

#[cfg(test)]
mod tests {
    use ledger::RowId;
    use model::{EntityId, KnownAt};
    use serde_json::json;

    use super::*;

    fn known(day: i64, id: &str, event: &str, at: &str, found: Option<&str>) -> Known<Event> {
        let record = Event {
            id: EntityId::new(id).unwrap(),
            subject: EntityId::new("P1").unwrap(),
            event: event.into(),
            at: Some(at.into()),
            source: None,
            detail: found.map(|found| json!({ "result": found })),
        };
        Known { row: RowId(0), known_at: KnownAt::from_micros(day), record }
    }

    fn words(events: Vec<Known<Event>>) -> Vec<&'static str> {
        History::new(events).statuses().into_keys().map(Status::word).collect()
    }

    #[test]
    fn the_latest_status_counts_and_a_removal_keeps_the_arrest_before_it() {
        let (arrested, removed, located) = (
            known(1, "a", "arrested", "2031-01-01", None),
            known(2, "b", "removed", "2031-01-02", None),
            known(3, "c", "located", "2031-01-03", None),
        );
        assert_eq!(words(vec![]), ["unreviewed"]);
        assert_eq!(words(vec![known(1, "d", "detained", "2031-01-01", None)]), ["unreviewed"]);
        assert_eq!(words(vec![removed.clone(), arrested.clone()]), ["arrested", "removed"]);
        assert_eq!(words(vec![located.clone(), removed.clone(), arrested.clone()]), ["located"]);
        let found_again = known(0, "c", "located", "2030-12-31", None);
        assert_eq!(words(vec![found_again, removed.clone()]), ["removed"]);
        let twice = known(4, "e", "removed", "2031-01-04", None);
        assert_eq!(words(vec![twice, removed, arrested]), ["arrested", "removed"]);
    }

    #[test]
    fn of_what_became_known_at_one_time_what_happened_later_counts() {
        let early = known(1, "b", "located", "2031-01-01", None);
        let late = known(1, "a", "departed", "2031-01-02", None);
        let same_day = known(1, "c", "arrested", "2031-01-02", None);
        assert_eq!(words(vec![late.clone(), early.clone()]), ["departed"]);
        assert_eq!(words(vec![same_day, late, early]), ["arrested"]);
    }

    #[test]
    fn the_first_screening_is_the_earliest_and_the_assessment_the_one_known_last() {
        let history = History::new(vec![
            known(1, "a", "screened", "2030-02-02", Some("no_hit")),
            known(9, "b", "screened", "2030-02-01", Some("inconclusive")),
            known(3, "c", "threat_assessed", "2031-05-01", Some("identified")),
            known(4, "d", "threat_assessed", "2031-03-01", Some("none_identified")),
        ]);
        assert_eq!(history.first_screening().map(result), Some("inconclusive"));
        assert_eq!(history.assessment().map(result), Some("none_identified"));
        assert_eq!(result(&known(1, "e", "screened", "2030-02-02", None).record), "not_stated");
    }
}
