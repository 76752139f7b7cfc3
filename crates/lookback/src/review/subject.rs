//! One subject: what is decided about it, what it may have of what is kept about it, and how a wrong link is put right.
//!
//! Always holds: redress is decided by somebody who decided nothing about the subject before; what was true as of an earlier known time
//! stays so; an extract names nobody else and no source.

use std::collections::BTreeSet;

use cases::review::{Proposed, RedressRequest, Refusal, State};
use ledger::Audited;
use model::{
    Attribute, CauseKind, Deed, EntityId, Event, Flag, KnownAt, Op, PartialDate, Record, RecordKind,
    SubjectAct, Verdict,
};
use serde::Serialize;

use super::{Draft, decision_id};
use crate::store::{Ending, screen_and_finish};
use crate::{Error, Store};

/// A subject as the review sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SubjectCase)]
pub struct Subject {
    /// Its id.
    pub subject: EntityId,
    /// The id that stands for it and everything that is one with it.
    pub canonical: EntityId,
    /// Everything that is one with it, itself included.
    pub one_with: BTreeSet<EntityId>,
    /// Marks on it.
    pub flags: BTreeSet<Flag>,
    /// The reviews of its alerts.
    pub reviews: Vec<SubjectReview>,
    /// How its case stands: the review that is furthest from done.
    pub case: Option<State>,
    /// Requests for redress.
    pub redress: Vec<Proposed<RedressRequest>>,
}

/// The review of one of its alerts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SubjectReview {
    /// The alert.
    pub alert: model::AlertId,
    /// What kind of cause.
    pub kind: &'static str,
    /// The list entry's id.
    pub entry: EntityId,
    /// The state of its review.
    pub review: State,
    /// The verdict in force.
    pub verdict: Option<Verdict>,
}

/// What somebody is given of what is kept about them. Nobody else and no source is in it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SubjectExtract)]
pub struct Extract {
    /// Their id.
    pub subject: EntityId,
    /// As known at.
    pub known_at: KnownAt,
    /// What is stated of them.
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    pub properties: model::Properties,
    /// What they were observed to use or run, and when.
    pub observations: Vec<ExtractObservation>,
    /// What was reported about them.
    pub events: Vec<ExtractEvent>,
    /// How often something about them was looked into, and how each ended.
    pub reviews: Vec<ExtractReview>,
    /// What they asked to be put right, and what became of it.
    pub redress: Vec<(KnownAt, &'static str)>,
}

/// An observation in an extract.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ExtractObservation {
    /// With what.
    pub attribute: Attribute,
    /// First day.
    pub valid_from: Option<PartialDate>,
    /// Last day.
    pub valid_to: Option<PartialDate>,
}

/// An event in an extract.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ExtractEvent {
    /// What happened.
    pub event: String,
    /// When.
    pub at: Option<String>,
}

/// A review in an extract.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ExtractReview {
    /// Since when it was looked into.
    pub opened: KnownAt,
    /// Whether a name on a list or a link was the reason.
    pub kind: &'static str,
    /// How it stands.
    pub review: State,
    /// What it came to.
    pub verdict: Option<Verdict>,
}

/// What granting redress did.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Redressed {
    /// The decision.
    pub decision: EntityId,
    /// The commit.
    pub commit: u64,
    /// The alerts that went.
    pub withdrawn: Vec<model::AlertId>,
    /// Who was given something of the subject before: they have to be told.
    pub recipients: Vec<Audited>,
}

impl Store {
    /// A subject as the review sees it, now or as known at a time.
    pub fn subject(&self, subject: &EntityId, known_at: Option<KnownAt>) -> Result<Subject, Error> {
        let now = known_at.map_or_else(|| self.now(), Ok)?;
        let view = self.ledger.as_of(known_at.unwrap_or(KnownAt::MAX));
        let rulebook = self.rulebook(view.known_at())?;
        if view.first_version(subject)?.is_none() {
            return Err(Error::NotFound(format!("there is no subject {subject}")));
        }
        let mut reviews = Vec::new();
        for alert in view.alerts_ever_of(subject)? {
            let review = cases::review::review_of(&view, &rulebook, alert, now)?;
            reviews.extend(review.map(|review| {
                SubjectReview {
                    alert,
                    kind: review.pair.cause.kind.word(),
                    entry: review.pair.cause.entry.id.clone(),
                    review: review.state(),
                    verdict: review
                        .disposition()
                        .filter(|_| review.state() == State::Final)
                        .map(|verdict| verdict.proposal.verdict),
                }
            }));
        }
        let matters = self.all_matters(view.known_at())?;
        Ok(Subject {
            subject: subject.clone(),
            canonical: rulebook.merges.canonical(subject, now),
            one_with: rulebook.merges.group(subject, now),
            flags: rulebook.flags.of(subject, now).cloned().unwrap_or_default(),
            case: reviews.iter().map(|review| review.review).filter(|state| state.is_pending()).min(),
            reviews,
            redress: matters.redress().filter(|one| one.what.subject == *subject).cloned().collect(),
        })
    }

    /// What the subject is given of what is kept about it.
    pub fn extract(&self, id: &EntityId, known_at: Option<KnownAt>) -> Result<Extract, Error> {
        let subject = self.subject(id, known_at)?;
        let view = self.ledger.as_of(known_at.unwrap_or(KnownAt::MAX));
        let (mut observations, mut reviews) = (Vec::new(), Vec::new());
        view.naming(id, RecordKind::Observation, &mut |known| {
            if let Record::Observation(observation) = known.record {
                observations.push(ExtractObservation {
                    attribute: observation.attribute,
                    valid_from: observation.valid_from.map(|from| from.value()),
                    valid_to: observation.valid_to.map(|to| to.value()),
                });
            }
            Ok(())
        })?;
        for review in &subject.reviews {
            let opened = view.alert(review.alert)?.map_or(KnownAt::MIN, |alert| alert.opened);
            let (kind, state) = (review.kind, review.review);
            reviews.push(ExtractReview { opened, kind, review: state, verdict: review.verdict });
        }
        let events = view.events_of(id)?.into_iter().map(|known| known.record);
        Ok(Extract {
            subject: id.clone(),
            known_at: known_at.map_or_else(|| self.now(), Ok)?,
            properties: view.entity(id)?.map(|version| version.record.entity.properties).unwrap_or_default(),
            observations,
            events: events.map(|Event { event, at, .. }| ExtractEvent { event, at }).collect(),
            reviews,
            redress: subject.redress.iter().map(|one| (one.known_at, word(one))).collect(),
        })
    }

    /// Says that a record is the same subject as another, which stands for both; with which of its facts the other did not have.
    pub fn merge(&mut self, subject: &EntityId, into: &EntityId, note: &str) -> Result<EntityId, Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        let entity = |id: &EntityId| -> Result<_, Error> {
            let none = || Error::NotFound(format!("{id} is not in force"));
            Ok(view.entity(id)?.ok_or_else(none)?.record.entity)
        };
        let new_facts = matching::differences(&entity(subject)?, &entity(into)?);
        self.decide_subject(subject, SubjectAct::Merge { into: into.clone(), new_facts }, note)
    }

    /// Decides something about a subject.
    pub fn decide_subject(
        &mut self,
        subject: &EntityId,
        act: SubjectAct,
        note: &str,
    ) -> Result<EntityId, Error> {
        if self.ledger.as_of(KnownAt::MAX).first_version(subject)?.is_none() {
            return Err(Error::NotFound(format!("there is no subject {subject}")));
        }
        let note = (!note.is_empty()).then(|| note.to_owned());
        self.decide_one(Draft { deed: Deed::Subject { subject: subject.clone(), act }, note, bulk: None })
    }

    /// Grants redress: the decision, the event that takes the subject out, and the retraction of observations that were wrong, in one commit
    /// that is screened.
    pub fn grant_redress(
        &mut self,
        request: &EntityId,
        retract: &[EntityId],
        note: &str,
    ) -> Result<Redressed, Error> {
        let known_at = self.next_known_at()?;
        let matters = self.all_matters(KnownAt::MAX)?;
        let none = || Error::NotFound(format!("there is no request for redress {request}"));
        let subject = matters.request(request).ok_or_else(none)?.what.subject.clone();
        let act = SubjectAct::DecideRedress { request: request.clone(), granted: true };
        let head = self.ledger.head()?.map(|head| head.hash);
        let decision = model::Decision {
            id: decision_id(head.as_ref(), 0),
            by: self.account_name()?,
            proof: self.settings.proof,
            note: (!note.is_empty()).then(|| note.to_owned()),
            bulk: None,
            deed: Deed::Subject { subject: subject.clone(), act },
        };
        self.check_decision(known_at, &decision)?.map_err(Error::Denied)?;
        let event = Event {
            id: EntityId::new(&format!("{}-event", decision.id)).expect("an id with a suffix is an id"),
            subject: subject.clone(),
            event: self.policy(KnownAt::MAX)?.network.excluding_event,
            at: Some(known_at.day()),
            source: Some("redress".to_owned()),
            detail: None,
        };
        let id = decision.id.clone();
        let mut ops = vec![Op::Put(Record::Decision(Box::new(decision))), Op::Put(Record::Event(event))];
        for observation in retract {
            let found = self.ledger.as_of(KnownAt::MAX).observation(observation)?;
            if found.is_none_or(|found| found.subject != subject) {
                return Err(Error::NotFound(format!(
                    "no observation {observation} of {subject} is in force"
                )));
            }
            let key = model::Key { kind: RecordKind::Observation, text: observation.as_str().into() };
            let reason = Some("redress".to_owned());
            ops.push(Op::Delete(model::Deletion { key, dataset: None, reason }));
        }
        let header = self.header(known_at, "redress", Vec::new());
        let (ledger, engine) = self.parts()?;
        let mut batch = ledger.begin(header)?;
        for (line, op) in ops.iter().enumerate() {
            batch.stage(op, line as u64 + 1)?;
        }
        let counts = model::Counts { rows: ops.len() as u64, ..model::Counts::default() };
        let finished = screen_and_finish(engine, batch, counts, Ending::Commit);
        if finished.is_err() {
            self.drop_engine();
        }
        let (applied, commit, _) = finished?;
        let gone = applied.changes.iter().filter(|change| {
            change.change == model::Change::Withdrawn && change.pair.cause.kind == CauseKind::Network
        });
        Ok(Redressed {
            decision: id,
            commit: commit.map_or(0, |commit| commit.seq),
            withdrawn: gone.map(|change| change.alert).collect(),
            recipients: self.recipients(&subject)?,
        })
    }

    /// Refuses redress.
    pub fn refuse_redress(&mut self, request: &EntityId, note: &str) -> Result<EntityId, Error> {
        let matters = self.all_matters(KnownAt::MAX)?;
        let none = || Error::NotFound(format!("there is no request for redress {request}"));
        let subject = matters.request(request).ok_or_else(none)?.what.subject.clone();
        let act = SubjectAct::DecideRedress { request: request.clone(), granted: false };
        self.decide_subject(&subject, act, note)
    }

    /// Requests for redress and what became of them, as known at a time.
    pub fn redress_requests(&self, known_at: KnownAt) -> Result<Vec<Proposed<RedressRequest>>, Error> {
        Ok(self.all_matters(known_at)?.redress().cloned().collect())
    }

    /// Whoever decides on redress decided nothing about the subject's alerts before.
    pub(super) fn took_part(&self, subject: &EntityId, by: &model::AccountName) -> Result<bool, Error> {
        let (view, now) = (self.ledger.as_of(KnownAt::MAX), self.now()?);
        let rulebook = self.rulebook(KnownAt::MAX)?;
        let Ok(person) = rulebook.accounts.standing(by, now).map(|standing| standing.person.clone()) else {
            return Ok(false);
        };
        for alert in view.alerts_ever_of(subject)? {
            let history = cases::review::history_of(&view, &rulebook, alert, now)?;
            for (known, counted) in history.into_iter().flat_map(|(_, history)| history) {
                let author = rulebook.accounts.standing(&known.record.by, known.known_at);
                if counted.is_ok() && author.is_ok_and(|author| author.person == person) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn word(request: &Proposed<RedressRequest>) -> &'static str {
    match request.outcome {
        cases::review::ReviewOutcome::Open => "open",
        cases::review::ReviewOutcome::Agreed => "granted",
        cases::review::ReviewOutcome::Rejected => "refused",
    }
}

/// A granted redress withdraws what hung on the links, and so goes through [`Store::grant_redress`] alone.
pub(super) fn by_itself(act: &SubjectAct) -> Result<(), Refusal> {
    match act {
        SubjectAct::DecideRedress { granted: true, .. } => {
            Err(Refusal::NotAllowed { action: "decide_redress" })
        }
        _ => Ok(()),
    }
}
