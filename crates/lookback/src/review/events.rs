//! Facts that somebody outside reported about a subject: arrested, located, departed, assessed. Recorded with source and date; nothing
//! here makes one up.

use model::{EntityId, Event, KnownAt, Op, Record};
use serde_json::json;

use super::decision_id;
use crate::store::{Ending, screen_and_finish};
use crate::{CommitReport, Error, Store};

/// A fact as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedEvent {
    /// About whom.
    pub subject: EntityId,
    /// What happened.
    pub event: String,
    /// When, as the source says.
    pub at: String,
    /// Who reported it.
    pub source: String,
    /// What it came to, for a screening or an assessment.
    pub result: Option<String>,
}

impl Store {
    /// Records a reported fact. In a store with accounts, in the name of one that may.
    pub fn report_event(&mut self, reported: ReportedEvent) -> Result<CommitReport, Error> {
        if self.has_accounts()? {
            self.actor()?.1.check("report_event")?;
        }
        let ReportedEvent { subject, event, at, source, result } = reported;
        if self.ledger.as_of(KnownAt::MAX).first_version(&subject)?.is_none() {
            return Err(Error::NotFound(format!("there is no subject {subject}")));
        }
        let policy = self.policy(KnownAt::MAX)?;
        if event == policy.network.excluding_event {
            let how = "redress is granted by another person than the one who asks: `lookback redress request`, then `lookback redress grant`";
            return Err(Error::Usage(how.to_owned()));
        }
        let head = self.ledger.head()?.map(|head| head.hash);
        let id = EntityId::new(&format!("{}-event", decision_id(head.as_ref(), 0)))
            .expect("an id with a suffix is an id");
        let detail = result.map(|result| json!({ "result": result }));
        let record = Event { id, subject, event, at: Some(at), source: Some(source), detail };
        let known_at = self.next_known_at()?;
        let header = self.header(known_at, "report an event", Vec::new());
        let (ledger, engine) = self.parts()?;
        let mut batch = ledger.begin(header)?;
        batch.stage(&Op::Put(Record::Event(record)), 1)?;
        let counts = model::Counts { rows: 1, ..model::Counts::default() };
        let finished = screen_and_finish(engine, batch, counts, Ending::Commit);
        if finished.is_err() {
            self.drop_engine();
        }
        let (applied, commit, counts) = finished?;
        Ok(CommitReport::of(commit.as_ref(), known_at, counts, applied.changes))
    }
}
