//! One decision about many alerts: a selection that is frozen, looked at, decided row by row in one commit, and taken back.
//!
//! Always holds: each row is a decision like any other, with the state that was seen; a row that changed meanwhile is refused and told,
//! and the others stand. A bulk proposal takes a second person as a single one does.

use std::collections::BTreeMap;

use cases::review::{Query, Row};
use model::{AlertId, Deed, Digester, EntityId, Grounds, Key, KnownAt, Reason, Step, Verdict};
use serde::{Deserialize, Serialize};

use super::{Decided, Draft};
use crate::{Error, Store};

/// An alert as it was when it was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Chosen {
    /// Which alert.
    pub alert: AlertId,
    /// How many steps its review had.
    pub steps: u32,
}

/// What a bulk decision would be about: the whole selection, and some of it to look at.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BulkPreview {
    /// How many are selected.
    pub total: u64,
    /// All of them, as they are.
    pub selection: Vec<Chosen>,
    /// Some, spread over the selection.
    pub sample: Vec<Row>,
    /// How many are of which list and population.
    pub breakdown: BTreeMap<String, u64>,
}

/// What came of a bulk decision.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Bulk {
    /// Its id; what is confirmed, returned or taken back is named by it. Empty when nothing was decided.
    pub bulk: EntityId,
    /// How many rows stand.
    pub done: u64,
    /// How many were refused, by why.
    pub refused: BTreeMap<String, u64>,
    /// The commit and every row.
    #[serde(flatten)]
    pub decided: Decided,
}

impl Store {
    /// Selects over the whole of a query, whatever its page, and changes nothing.
    pub fn bulk_select(&mut self, query: &Query) -> Result<BulkPreview, Error> {
        let whole = Query { offset: 0, limit: usize::MAX, ..query.clone() };
        let page = self.queue(&whole, None)?;
        let wanted = self.review_policy(KnownAt::MAX)?.bulk_sample as usize;
        let every = page.rows.len().div_ceil(wanted.max(1)).max(1);
        let selection = page.rows.iter().map(|row| Chosen { alert: row.alert, steps: row.steps }).collect();
        let mut breakdown = BTreeMap::new();
        for row in &page.rows {
            *breakdown.entry(format!("{} against {}", row.population, row.list)).or_default() += 1;
        }
        let sample = page.rows.into_iter().step_by(every).collect();
        Ok(BulkPreview { total: page.total, selection, sample, breakdown })
    }

    /// Proposes one verdict for every alert of a selection.
    pub fn bulk_propose(
        &mut self,
        selection: &[Chosen],
        verdict: Verdict,
        reason: Reason,
        note: &str,
    ) -> Result<Bulk, Error> {
        let grounds =
            Grounds { reason, matches: BTreeMap::new(), properties: BTreeMap::new(), expires: None };
        let step = Step::Propose { verdict, grounds };
        let bulk = self.bulk_id()?;
        let drafts = selection.iter().map(|chosen| Draft {
            deed: Deed::Alert { alert: chosen.alert, seen: Some(chosen.steps), step: step.clone() },
            note: Some(note.to_owned()),
            bulk: Some(bulk.clone()),
        });
        self.bulk_decide(bulk.clone(), drafts.collect())
    }

    /// Confirms every row of a bulk proposal that still waits for a second person.
    pub fn bulk_confirm(&mut self, bulk: &EntityId, note: Option<&str>) -> Result<Bulk, Error> {
        self.bulk_follow(bulk, note, |proposal| Step::Confirm { proposal })
    }

    /// Returns every row of a bulk proposal that still waits for a second person.
    pub fn bulk_return(&mut self, bulk: &EntityId, reason: Reason, note: &str) -> Result<Bulk, Error> {
        self.bulk_follow(bulk, Some(note), |proposal| Step::Return { proposal, reason })
    }

    /// Takes every row of a bulk decision back that can still be.
    pub fn bulk_undo(&mut self, bulk: &EntityId) -> Result<Bulk, Error> {
        self.bulk_follow(bulk, None, |decision| Step::Undo { decision })
    }

    fn bulk_follow(
        &mut self,
        bulk: &EntityId,
        note: Option<&str>,
        step: impl Fn(EntityId) -> Step,
    ) -> Result<Bulk, Error> {
        let rows = self.ledger.as_of(KnownAt::MAX).decisions_on(&Key::bulk(bulk))?;
        if rows.is_empty() {
            return Err(Error::NotFound(format!("there is no bulk decision {bulk}")));
        }
        let own = self.bulk_id()?;
        let drafts = rows.into_iter().filter_map(|known| {
            let Deed::Alert { alert, .. } = known.record.deed else { return None };
            let deed = Deed::Alert { alert, seen: None, step: step(known.record.id) };
            Some(Draft { deed, note: note.map(str::to_owned), bulk: Some(own.clone()) })
        });
        self.bulk_decide(own.clone(), drafts.collect())
    }

    fn bulk_decide(&mut self, bulk: EntityId, drafts: Vec<Draft>) -> Result<Bulk, Error> {
        let decided = self.decide(drafts)?;
        let done = decided.rows.iter().filter(|row| row.decision.is_some()).count() as u64;
        let mut refused = BTreeMap::new();
        for refusal in decided.rows.iter().filter_map(|row| row.refused.as_ref()) {
            *refused.entry(refusal.to_string()).or_default() += 1;
        }
        Ok(Bulk { bulk, done, refused, decided })
    }

    fn bulk_id(&self) -> Result<EntityId, Error> {
        let mut digester = Digester::new();
        let head = self.ledger.head()?.map(|head| head.hash);
        digester.field(b"bulk").field(head.as_ref().map_or(&[][..], |head| &head.0));
        let text = format!("B-{}", &digester.finish().to_string()[..20]);
        Ok(EntityId::new(&text).expect("hexadecimal digits are an id"))
    }
}
