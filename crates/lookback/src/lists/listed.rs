//! What an entry of a list is called, counted under and dated by: its publisher's word where there is one.

use std::borrow::Cow;

use model::{EntityId, KnownAt};

use super::Listed;

/// The topics that the FollowTheMoney model (4.11, MIT licence) calls risks.
const RISKS: [&str; 30] = [
    "corp.clone",
    "corp.disqual",
    "crime",
    "crime.boss",
    "crime.fin",
    "crime.fraud",
    "crime.terror",
    "crime.theft",
    "crime.traffick",
    "crime.war",
    "debarment",
    "export.control",
    "export.control.linked",
    "export.risk",
    "geo.risk",
    "invest.ban",
    "invest.risk",
    "mare.detained",
    "mare.shadow",
    "poi",
    "reg.action",
    "reg.warn",
    "role.oligarch",
    "role.pep",
    "role.rca",
    "sanction",
    "sanction.control",
    "sanction.counter",
    "sanction.linked",
    "wanted",
];

impl Listed {
    /// What it is called in one line.
    pub fn caption(&self) -> &str {
        let published = self.version.record.published.as_ref().and_then(|said| said.caption.as_deref());
        published.unwrap_or_else(|| self.entity().schema.caption_of(self.entity()))
    }

    /// Ids that it had before they were merged into its own.
    pub fn referents(&self) -> &[EntityId] {
        self.version.record.published.as_ref().map_or(&[], |said| said.referents.as_slice())
    }

    /// Whether it carries a risk: its publisher says so, or its topics do.
    pub fn target(&self) -> bool {
        let published = self.version.record.published.as_ref().and_then(|said| said.target);
        published.unwrap_or_else(|| {
            self.entity().values("topics").iter().any(|topic| RISKS.contains(&topic.as_str()))
        })
    }

    /// When its publisher first had it.
    pub fn first_seen(&self) -> Option<&str> {
        self.version.record.published.as_ref()?.first_seen.as_deref()
    }

    /// When its publisher last changed it.
    pub fn published_change(&self) -> Option<&str> {
        self.version.record.published.as_ref()?.last_change.as_deref()
    }

    /// When it last changed: its publisher's word, or when the version in force became known.
    pub fn last_change(&self) -> Cow<'_, str> {
        self.published_change().map_or_else(|| Cow::Owned(seconds(self.version.from)), Cow::Borrowed)
    }

    /// All its values of the types that a group is called by, each once. What the model does not mean for matching is not among them.
    pub fn group(&self, group: &str) -> Vec<&str> {
        let mut values: Vec<&str> = Vec::new();
        for (name, stated) in &self.entity().properties {
            let Some(property) = self.entity().schema.property(name) else { continue };
            let of = property.value_type();
            if of.group.as_deref() == Some(group) && (property.matchable || !of.matchable) {
                values.extend(stated.iter().map(String::as_str));
            }
        }
        values.sort_unstable();
        values.dedup();
        values
    }
}

/// A time to the second and without zone, as publishers of such lists write it.
pub fn seconds(time: KnownAt) -> String {
    let mut text = time.to_string();
    text.truncate("YYYY-MM-DDTHH:MM:SS".len());
    text
}
