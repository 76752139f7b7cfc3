//! The part of the policy that the review follows: how long things may take and last, and what comes first.
//!
//! In: the `[review]` section of a policy file. Out: checked numbers. Nothing of it changes which alerts there are.

use model::KnownAt;
use serde::{Deserialize, Serialize};

/// How the review works. docs/reference/policy.md explains each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewPolicy {
    /// For how many minutes a claim keeps others away, at most.
    pub claim_minutes: u32,
    /// Days until a new alert is to be decided; past it the second line has it.
    pub due_days: u32,
    /// For how many days a review may leave the queue, at most.
    pub snooze_days: u32,
    /// For how many days a verdict keeps the same evidence from coming again, at most.
    pub suppress_days: u32,
    /// For how many minutes a step can be taken back.
    pub undo_minutes: u32,
    /// How many rows of a bulk decision are shown before it.
    pub bulk_sample: u32,
    /// What comes first; the first that fits counts.
    #[serde(rename = "priority")]
    pub priorities: Vec<Priority>,
}

/// What puts an alert before others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Priority {
    /// Its class: 0 comes first. What fits none is of class 5.
    pub class: u8,
    /// Why, in words.
    pub reason: String,
    /// Of this kind: `name` or `network`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Caused by this list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// In this population.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// From this score on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// The class of what no priority fits.
pub(crate) const ORDINARY: u8 = 5;

impl Default for ReviewPolicy {
    fn default() -> Self {
        Self {
            claim_minutes: 60,
            due_days: 30,
            snooze_days: 30,
            suppress_days: 365,
            undo_minutes: 10,
            bulk_sample: 20,
            priorities: Vec::new(),
        }
    }
}

impl ReviewPolicy {
    /// Until when a verdict of now keeps the same evidence away, at most.
    pub fn verdict_until(&self, now: KnownAt) -> KnownAt {
        super::one::days_after(now, self.suppress_days)
    }

    /// What cannot be, by field; `None` when all is well.
    pub fn fault(&self) -> Option<String> {
        let ranges = [
            ("claim_minutes", self.claim_minutes, 1, 10_080),
            ("due_days", self.due_days, 1, 3_650),
            ("snooze_days", self.snooze_days, 1, 365),
            ("suppress_days", self.suppress_days, 1, 1_830),
            ("undo_minutes", self.undo_minutes, 0, 1_440),
            ("bulk_sample", self.bulk_sample, 1, 1_000),
        ];
        let range = ranges.iter().find(|(_, value, least, most)| !(*least..=*most).contains(value));
        if let Some((field, _, least, most)) = range {
            return Some(format!("{field} must lie between {least} and {most}"));
        }
        let odd = |priority: &&Priority| {
            let kind = priority.kind.as_deref();
            priority.reason.trim().is_empty()
                || priority.class > 9
                || !kind.is_none_or(|kind| ["name", "network"].contains(&kind))
        };
        self.priorities.iter().find(odd).map(|_| {
            "a priority needs a reason in words, a class from 0 to 9, and a kind that is name or network"
                .into()
        })
    }
}

/// The review policies that were in force, each with since when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewPolicies(Vec<(KnownAt, ReviewPolicy)>);

impl ReviewPolicies {
    /// Of policies in the order in which they came into force.
    pub fn new(policies: Vec<(KnownAt, ReviewPolicy)>) -> Self {
        Self(policies)
    }

    /// The one in force at a time.
    pub fn at(&self, known_at: KnownAt) -> ReviewPolicy {
        let after = self.0.partition_point(|(since, _)| *since <= known_at);
        after.checked_sub(1).map_or_else(ReviewPolicy::default, |last| self.0[last].1.clone())
    }
}
