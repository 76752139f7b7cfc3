//! What changed about an alert since its last verdict: the facts on both sides and the links, before and after.
//!
//! In: an alert. Out: one line for each property or link that differs in something material. Always holds: of what is only cosmetic there
//! is no line, so a verdict re-opens with lines here, and without them it does not.

use std::collections::BTreeSet;

use ledger::View;
use model::{AlertId, AlertState, CauseKind, Entity, Identity, KnownAt};
use screening::{Accounts, Tie};
use serde::Serialize;

use crate::{Error, Store};

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EvidenceChange {
    /// `subject`, `entry` or `links`.
    pub of: &'static str,
    /// The property; for links, `observation`.
    pub property: String,
    /// What was stated at the time of the verdict.
    pub before: Vec<String>,
    /// What is stated now.
    pub after: Vec<String>,
}

impl Store {
    /// What changed since the last verdict on an alert, or since it came where there is none.
    pub fn changed_since_verdict(&self, alert: AlertId) -> Result<Vec<EvidenceChange>, Error> {
        let none = || Error::NotFound(format!("there is no alert {alert}"));
        let review = self.review_at(alert, self.now()?)?.ok_or_else(none)?;
        let since = review.disposition().map_or(review.opened, |verdict| verdict.since);
        let (then, now) = (self.ledger.as_of(since), self.ledger.as_of(KnownAt::MAX));
        let state = now.alert(alert)?.ok_or_else(none)?;
        let mut changes = Self::facts(&then, &now, "subject", &state.pair.subject)?;
        if state.pair.cause.kind == CauseKind::Network {
            changes.extend(self.links(&then, &now, &state)?);
        } else {
            changes.extend(Self::facts(&then, &now, "entry", &state.pair.cause.entry)?);
        }
        Ok(changes)
    }

    fn facts(
        then: &View<'_>,
        now: &View<'_>,
        of: &'static str,
        identity: &Identity,
    ) -> Result<Vec<EvidenceChange>, Error> {
        let entity = |view: &View<'_>| -> Result<Option<Entity>, Error> {
            Ok(view.entity(&identity.id)?.map(|version| version.record.entity))
        };
        let (before, after) = (entity(then)?, entity(now)?);
        let nothing = |other: &Entity| Entity { properties: model::Properties::new(), ..other.clone() };
        let (before, after) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (Some(before), None) => (before.clone(), nothing(&before)),
            (None, Some(after)) => (nothing(&after), after),
            (None, None) => return Ok(Vec::new()),
        };
        let differ = matching::differences(&before, &after).into_iter();
        let change = |property: String| EvidenceChange {
            of,
            before: before.values(&property).to_vec(),
            after: after.values(&property).to_vec(),
            property,
        };
        Ok(differ.map(change).collect())
    }

    fn links(
        &self,
        then: &View<'_>,
        now: &View<'_>,
        state: &AlertState,
    ) -> Result<Vec<EvidenceChange>, Error> {
        let links = |view: &View<'_>| -> Result<BTreeSet<String>, Error> {
            let policy = self.policy(view.known_at())?.network;
            let account = Accounts::new(*view, &policy).of(&state.pair.subject.id)?;
            Ok(account.ties.iter().map(sentence).collect())
        };
        let (before, after) = (links(then)?, links(now)?);
        if before == after {
            return Ok(Vec::new());
        }
        let only =
            |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).cloned().collect();
        let (gone, came) = (only(&before, &after), only(&after, &before));
        Ok(vec![EvidenceChange { of: "links", property: "observation".into(), before: gone, after: came }])
    }
}

/// A link by what it rests on.
fn sentence(tie: &Tie) -> String {
    let days = |observation: &model::Observation| {
        let day = |day: &Option<model::Text<model::PartialDate>>| {
            day.as_ref().map_or("open".to_owned(), ToString::to_string)
        };
        format!("{} to {}", day(&observation.valid_from), day(&observation.valid_to))
    };
    let (own, seed) = (&tie.own.record, &tie.seed.record);
    let chain: Vec<String> = tie.chain.ids().map(ToString::to_string).collect();
    format!(
        "{} {}: used {}, operated by {} {} ({})",
        own.attribute.kind,
        own.attribute.value,
        days(own),
        seed.subject,
        days(seed),
        chain.join(", ")
    )
}
