//! What a publisher writes around an entity, and readers of a list want to see again.
//!
//! Always holds: referents are sorted and none is twice, so that two publications that say the same are equal. What changes with every
//! publication (when it was last seen) is not here: it follows from the versions of the dataset.

use serde::{Deserialize, Deserializer, Serialize};

use crate::EntityId;

/// What a publisher writes around an entity. Nothing reads it to screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// What the publisher calls it in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Ids that it had before they were merged into its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "sorted")]
    pub referents: Vec<EntityId>,
    /// When the publisher first had it, as the publisher writes times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// When the publisher last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<String>,
    /// Whether the publisher says that it is one of those whom the list is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<bool>,
}

impl Published {
    /// Puts the referents in order; `None` where nothing is said.
    pub fn said(mut self) -> Option<Self> {
        self.referents.sort();
        self.referents.dedup();
        (self != Self::default()).then_some(self)
    }
}

fn sorted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<EntityId>, D::Error> {
    let mut ids = Vec::deserialize(deserializer)?;
    ids.sort();
    ids.dedup();
    Ok(ids)
}
