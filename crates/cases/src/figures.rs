//! The figures of a time, and the ids behind each of them.
//!
//! In: whom they count. Out: numbers, and for every number the people and events that make it. Always holds: both come from one list, so
//! a number is as long as its explanation (`COUNTED`). What each figure means is said once, in [`DEFINITIONS`], and shown from there.

use std::collections::BTreeMap;

use model::{Digest, EntityId, Event};
use serde::Serialize;

use crate::history::result;
use crate::{Basis, Member, Status};

/// Each figure and what it means, in one sentence. A member is a subject who is moved by the network.
pub const DEFINITIONS: [(&str, &str); 13] = [
    (
        "moved_by_network",
        "members: people of a population whom evidence of a strong kind, or of two families, links to a facilitator of a listed organisation's network, and who were not granted redress",
    ),
    ("single_evidence_only", "people of a population who are linked to a facilitator, but by less than that"),
    ("released_at_entry", "members of whom a release was reported"),
    ("screened", "members by the result of their first screening, by when it was"),
    (
        "statuses",
        "members by the status reported last; one who was removed directly after an arrest counts as both",
    ),
    ("threat_assessed", "members who were assessed"),
    ("threat_identified", "members whose latest assessment identified a threat"),
    ("threat_none_identified", "members whose latest assessment identified none"),
    ("threat_not_assessed", "members who were not assessed"),
    (
        "direct_tie_to_listed_org",
        "people of a population, members or not, with a stated membership of an organisation on a list; without those who were granted redress",
    ),
    (
        "median_days_to_learnable",
        "of the days from a member's arrival to the first time at which it became known that they are one, the median (the upper of two)",
    ),
    ("arrests_by_month", "arrests of members by the month in which they were"),
    ("moved_sha256", "SHA-256 over the members' ids, sorted, with a line feed between them"),
];

/// The figures of a time. The fields are those of [`DEFINITIONS`], in that order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "DEFINITIONS says what each field means")]
pub struct Figures {
    pub moved_by_network: u64,
    pub single_evidence_only: u64,
    pub released_at_entry: u64,
    pub screened: BTreeMap<String, u64>,
    pub statuses: BTreeMap<String, u64>,
    pub threat_assessed: u64,
    pub threat_identified: u64,
    pub threat_none_identified: u64,
    pub threat_not_assessed: u64,
    pub direct_tie_to_listed_org: u64,
    pub median_days_to_learnable: Option<i64>,
    pub arrests_by_month: BTreeMap<String, u64>,
    pub moved_sha256: Digest,
}

impl Figures {
    /// A single number by name: a figure, a status, or one number of a figure that has several, as `screened.no_hit`. `None` for what is
    /// no number, and for the median of nobody.
    pub fn number(&self, name: &str) -> Option<i64> {
        let group = |(figure, of): (&str, &str)| {
            let numbers = match figure {
                "screened" => &self.screened,
                "statuses" => &self.statuses,
                "arrests_by_month" => &self.arrests_by_month,
                _ => return None,
            };
            Some(numbers.get(of).copied().unwrap_or_default())
        };
        let number = match name {
            "moved_by_network" => self.moved_by_network,
            "single_evidence_only" => self.single_evidence_only,
            "released_at_entry" => self.released_at_entry,
            "threat_assessed" => self.threat_assessed,
            "threat_identified" => self.threat_identified,
            "threat_none_identified" => self.threat_none_identified,
            "threat_not_assessed" => self.threat_not_assessed,
            "direct_tie_to_listed_org" => self.direct_tie_to_listed_org,
            "median_days_to_learnable" => return self.median_days_to_learnable,
            _ if Status::from_word(name).is_some() => self.statuses.get(name).copied().unwrap_or_default(),
            _ => name.split_once('.').and_then(group)?,
        };
        Some(number.cast_signed())
    }
}

/// One of those whom a number counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Behind {
    /// Who.
    pub subject: EntityId,
    /// Under which heading, in a figure that has several numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The event that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EntityId>,
    /// How many days, in a figure that is a number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
}

impl Behind {
    fn whom(subject: &EntityId) -> Self {
        Self { subject: subject.clone(), group: None, event: None, days: None }
    }

    fn of(member: &Member, event: Option<&Event>) -> Self {
        Self { event: event.map(|event| event.id.clone()), ..Self::whom(&member.id) }
    }

    fn in_group(self, group: &str) -> Self {
        Self { group: Some(group.to_owned()), ..self }
    }
}

impl Basis {
    /// The figures.
    pub fn figures(&self) -> Figures {
        let count = |name| self.list(name).len() as u64;
        let groups = |name| {
            let mut numbers = BTreeMap::new();
            for group in self.list(name).into_iter().filter_map(|behind| behind.group) {
                *numbers.entry(group).or_default() += 1;
            }
            numbers
        };
        let ids: Vec<&str> = self.members.iter().map(|member| member.id.as_str()).collect();
        Figures {
            moved_by_network: count("moved_by_network"),
            single_evidence_only: count("single_evidence_only"),
            released_at_entry: count("released_at_entry"),
            screened: groups("screened"),
            statuses: groups("statuses"),
            threat_assessed: count("threat_assessed"),
            threat_identified: count("threat_identified"),
            threat_none_identified: count("threat_none_identified"),
            threat_not_assessed: count("threat_not_assessed"),
            direct_tie_to_listed_org: count("direct_tie_to_listed_org"),
            median_days_to_learnable: upper_median(&self.list("median_days_to_learnable")),
            arrests_by_month: groups("arrests_by_month"),
            moved_sha256: Digest::of(ids.join("\n").as_bytes()),
        }
    }

    /// Those whom a figure, or one number of it, counts: sorted by group, then id. A status may be named without its figure. `None` for what
    /// is no figure.
    pub fn behind(&self, name: &str) -> Option<Vec<Behind>> {
        let (figure, group) = match name.split_once('.') {
            _ if Status::from_word(name).is_some() => ("statuses", Some(name)),
            Some((figure, group)) => (figure, Some(group)),
            None => (name, None),
        };
        let mut list = DEFINITIONS.iter().any(|(known, _)| *known == figure).then(|| self.list(figure))?;
        if let Some(group) = group {
            list.retain(|behind| behind.group.as_deref() == Some(group));
        }
        list.sort_by(|a, b| (&a.group, &a.subject, &a.event).cmp(&(&b.group, &b.subject, &b.event)));
        Some(list)
    }

    /// Whom a figure counts, in order of id.
    fn list(&self, figure: &str) -> Vec<Behind> {
        let members = self.members.iter();
        let assessed = |found: &'static str| {
            let event = move |member: &Member| {
                let event = member.history.assessment().filter(|event| result(event) == found)?;
                Some(Behind::of(member, Some(event)))
            };
            self.members.iter().filter_map(event).collect()
        };
        match figure {
            "moved_by_network" | "moved_sha256" => members.map(|member| Behind::whom(&member.id)).collect(),
            "single_evidence_only" => self.single.iter().map(Behind::whom).collect(),
            "direct_tie_to_listed_org" => self.tied.iter().map(Behind::whom).collect(),
            "released_at_entry" => members
                .filter_map(|m| m.history.of("released").next().map(|event| Behind::of(m, Some(event))))
                .collect(),
            "screened" => members.map(screened).collect(),
            "statuses" => members.flat_map(statuses).collect(),
            "threat_assessed" => members
                .filter_map(|m| m.history.assessment().map(|event| Behind::of(m, Some(event))))
                .collect(),
            "threat_identified" => assessed("identified"),
            "threat_none_identified" => assessed("none_identified"),
            "threat_not_assessed" => {
                members.filter(|m| m.history.assessment().is_none()).map(|m| Behind::whom(&m.id)).collect()
            }
            "median_days_to_learnable" => members.filter_map(days_to_learnable).collect(),
            "arrests_by_month" => members.flat_map(arrests).collect(),
            _ => Vec::new(),
        }
    }
}

fn screened(member: &Member) -> Behind {
    let first = member.history.first_screening();
    Behind::of(member, first).in_group(first.map_or("not_screened", result))
}

fn statuses(member: &Member) -> Vec<Behind> {
    let statuses = member.history.statuses().into_iter();
    statuses.map(|(status, event)| Behind::of(member, event).in_group(status.word())).collect()
}

fn arrests(member: &Member) -> Vec<Behind> {
    let arrests = member.history.of(Status::Arrested.word());
    let month = |event: &Event| event.at.as_ref().and_then(|at| at.get(..7)).unwrap_or("undated").to_owned();
    arrests.map(|event| Behind::of(member, Some(event)).in_group(&month(event))).collect()
}

/// Nobody whose day of arrival is not stated.
fn days_to_learnable(member: &Member) -> Option<Behind> {
    let days = member.learnable.days_since_1970() - i64::from(member.arrival?.days_since_1970());
    Some(Behind { days: Some(days), ..Behind::whom(&member.id) })
}

fn upper_median(list: &[Behind]) -> Option<i64> {
    let mut days: Vec<i64> = list.iter().filter_map(|behind| behind.days).collect();
    days.sort_unstable();
    days.get(days.len() / 2).copied()
}
