//! What the story knows of everybody in it, and what that must come to at any day.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::plan::{Group, REDRESS, Span};

/// Somebody who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The id in the journal.
    pub id: String,
    /// Why they are in the story.
    pub group: Group,
    /// The day they came, `2030-05-04`.
    pub came: String,
    /// The day on which the border's report of it was known.
    pub reported: String,
    /// Whether they were let go when they came.
    pub released: bool,
    /// What their screening by name came to.
    pub screened: &'static str,
    /// Whether they are granted redress in the end.
    pub redressed: bool,
    /// What was reported of them, by day.
    pub statuses: BTreeMap<String, &'static str>,
    /// The number of the person under the story's seed.
    pub(super) index: u64,
    /// Documents: the person's own number.
    pub(super) document: String,
}

/// Everybody in the story, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// In the order of their ids.
    pub guests: Vec<Guest>,
}

impl Truth {
    /// Whom the network moved, as far as is known at the end of a day.
    pub fn moved(&self, day: &str) -> BTreeSet<&str> {
        self.ids(|guest| guest.is_moved(day))
    }

    /// Who is linked by too little, as far as is known at the end of a day.
    pub fn single(&self, day: &str) -> BTreeSet<&str> {
        self.ids(|guest| {
            let spans = guest.group.cohort().map_or(&[][..], |cohort| cohort.single);
            holds(spans, day) && guest.is_known(day) && !guest.has_redress(day)
        })
    }

    /// Of those whom the network moved, those who were let go when they came.
    pub fn released(&self, day: &str) -> BTreeSet<&str> {
        self.ids(|guest| guest.is_moved(day) && guest.released)
    }

    /// What was reported last of those whom the network moved, by status. Who was removed after an arrest is under both.
    pub fn statuses(&self, day: &str) -> BTreeMap<&'static str, BTreeSet<&str>> {
        let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for guest in self.guests.iter().filter(|guest| guest.is_moved(day)) {
            let mut known = guest
                .statuses
                .range::<str, _>((Bound::Unbounded, Bound::Included(day)))
                .rev()
                .map(|(_, status)| *status);
            let last = known.next().unwrap_or("unreviewed");
            let before = known.next().filter(|before| (last, *before) == ("removed", "arrested"));
            for status in before.into_iter().chain([last]) {
                found.entry(status).or_default().insert(guest.id.as_str());
            }
        }
        found
    }

    /// Who is in a group.
    pub fn of(&self, group: Group) -> BTreeSet<&str> {
        self.ids(|guest| guest.group == group)
    }

    fn ids(&self, fits: impl Fn(&Guest) -> bool) -> BTreeSet<&str> {
        self.guests.iter().filter(|guest| fits(guest)).map(|guest| guest.id.as_str()).collect()
    }
}

impl Guest {
    pub(super) fn is_moved(&self, day: &str) -> bool {
        let spans = self.group.cohort().map_or(&[][..], |cohort| cohort.moved);
        holds(spans, day) && self.is_known(day) && !self.has_redress(day)
    }

    fn is_known(&self, day: &str) -> bool {
        self.reported.as_str() <= day
    }

    fn has_redress(&self, day: &str) -> bool {
        self.redressed && day >= REDRESS
    }
}

fn holds(spans: &[Span], day: &str) -> bool {
    spans.iter().any(|span| span.from <= day && day < span.until)
}
