//! The review of alerts: what state they are in, the queue, and decisions.
//!
//! In: what somebody wants to do, in whose name. Out: what was done, row by row, and what was refused and why. Always holds: what can be
//! decided is judged by `cases` alone, from what the ledger holds at the decision's own known time; decisions of one call are one
//! commit; no alert follows from a decision.

pub use cases::review::{
    Action, ORDER, PERMISSIONS, Page, Proposed, Query, RULES, RedressRequest, Refusal, ReviewOutcome,
    ReviewPolicy, Row, Rule, Standing, State, TieBand,
};

mod bulk;
pub use bulk::{Bulk, BulkPreview, Chosen};

mod history;
pub use history::PeriodLength;

mod office;
pub use office::{Account, Agreed};

mod cause;
pub use cause::{ExplainedRow, Learned};

mod changes;
pub use changes::EvidenceChange;

mod events;
pub use events::ReportedEvent;

mod runs;
pub use runs::{Run, RunNote};

mod dossier;
pub use dossier::{Dossier, Stated};

mod subject;
pub use subject::{
    Extract, ExtractEvent, ExtractObservation, ExtractReview, Redressed, Subject, SubjectReview,
};

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use cases::review::{
    self, Desk, Disposition, Lock, Matters, Proposal, Request, Review, ReviewPolicies, Rulebook,
};
use ledger::{Known, View};
use model::{
    AccountName, AlertId, AlertState, CauseKind, Decision, Deed, Digester, EntityId, Finding, Grounds,
    KnownAt, Op, Record, Step, SubjectAct,
};
use screening::{Accounts, Policy};
use serde::Serialize;

use crate::{AlertView, Error, Store};

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it does.
    pub deed: Deed,
    /// In their own words.
    pub note: Option<String>,
    /// The bulk decision that it is a row of.
    pub bulk: Option<EntityId>,
}

impl Draft {
    /// A step in the review of an alert.
    pub fn on(alert: AlertId, step: Step, note: Option<String>) -> Self {
        Self { deed: Deed::Alert { alert, seen: None, step }, note, bulk: None }
    }

    /// Only if nothing was done about the alert since so many steps.
    #[must_use]
    pub fn seen(mut self, steps: u32) -> Self {
        if let Deed::Alert { seen, .. } = &mut self.deed {
            *seen = Some(steps);
        }
        self
    }
}

/// What came of a call: one commit, and every draft's own result in the order given.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Decided {
    /// The commit; `None` when nothing could be decided.
    pub commit: Option<u64>,
    /// When it became known.
    pub known_at: KnownAt,
    /// The decision of each draft, or why it was refused.
    pub rows: Vec<DecidedRow>,
}

/// What came of one draft.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DecidedRow {
    /// The alert that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertId>,
    /// The decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<EntityId>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// The review of an alert as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewView {
    /// The alert.
    #[serde(flatten)]
    pub alert: AlertView,
    /// The state of its review.
    pub review: State,
    /// Since when.
    pub since: KnownAt,
    /// Whether it is out of the queue because the same evidence was decided before.
    pub suppressed: bool,
    /// Who is at it.
    pub lock: Option<Lock>,
    /// To whom it was given.
    pub assigned: Option<AccountName>,
    /// A verdict that waits for a second person.
    pub proposal: Option<Proposal>,
    /// The last final verdict.
    pub disposition: Option<Disposition>,
    /// Whom was asked what.
    pub requests: Vec<(EntityId, Request)>,
    /// By when it is to be decided.
    pub due: KnownAt,
    /// Until when it is out of the queue.
    pub snoozed: Option<KnownAt>,
    /// How many steps it has.
    pub steps: u32,
    /// What has to be found same, different or unknown for a verdict.
    pub matches: BTreeSet<EntityId>,
    /// What was decided, in order.
    pub history: Vec<HistoryRow>,
}

/// One decision in the history of a review.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HistoryRow {
    /// When it became known.
    pub known_at: KnownAt,
    /// What was decided, by whom.
    #[serde(flatten)]
    pub decision: Decision,
    /// Why it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void: Option<Refusal>,
}

impl Store {
    /// Now, as far as reviews are concerned: the clock, but not before the head.
    pub fn now(&self) -> Result<KnownAt, Error> {
        let head = self.ledger.head()?.map_or(KnownAt::MIN, |commit| commit.header.known_at);
        Ok((self.settings.clock)().max(head))
    }

    /// What reviews are judged by, as known at a time.
    pub fn rulebook(&self, known_at: KnownAt) -> Result<Rulebook, Error> {
        let view = self.ledger.as_of(known_at);
        Ok(review::rulebook(&view, policies(&view)?)?)
    }

    /// The review policy in force at a time.
    pub fn review_policy(&self, known_at: KnownAt) -> Result<ReviewPolicy, Error> {
        Ok(policies(&self.ledger.as_of(known_at))?.at(known_at))
    }

    /// The account in whose name this store is used, and what it may do now. Refused when there is none.
    pub fn actor(&self) -> Result<(AccountName, Standing), Error> {
        let account = self.account_name()?;
        let now = self.now()?;
        let standing = self.rulebook(KnownAt::MAX)?.accounts.standing(&account, now)?.clone();
        Ok((account, standing))
    }

    /// From here on acts in the name of an account, which showed that it is itself in some way.
    pub fn act_as(&mut self, account: &str, proof: model::Proof) -> &mut Self {
        account.clone_into(&mut self.settings.actor);
        self.settings.proof = proof;
        self
    }

    /// The same, for a purpose that is recorded.
    pub fn act_for(&mut self, account: &str, proof: model::Proof, purpose: &str) {
        self.act_as(account, proof);
        purpose.clone_into(&mut self.settings.purpose);
    }

    pub(crate) fn account_name(&self) -> Result<AccountName, Error> {
        AccountName::new(&self.settings.actor).ok_or_else(|| {
            Error::Usage(format!("{:?} is no account name: name one with --actor", self.settings.actor))
        })
    }

    /// Whether the store has accounts: what takes two persons then takes them.
    pub fn has_accounts(&self) -> Result<bool, Error> {
        let on_accounts =
            self.ledger.as_of(KnownAt::MAX).decisions_on(&model::Key::topic(model::Topic::Accounts));
        Ok(!on_accounts?.is_empty())
    }

    /// The alert whose id begins with some hexadecimal digits; an error when there is none, or more than one.
    pub fn find_alert(&self, digits: &str) -> Result<AlertId, Error> {
        match self.ledger.alerts_beginning(digits)?.as_slice() {
            [alert] => Ok(*alert),
            [] => Err(Error::NotFound(format!("there is no alert {digits}"))),
            many => Err(Error::Usage(format!("{} alerts begin with {digits}: give more digits", many.len()))),
        }
    }

    /// All reviews, in step with the ledger.
    pub fn desk(&mut self) -> Result<&mut Desk, Error> {
        let head = self.ledger.head()?;
        let seq = head.as_ref().map_or(0, |head| head.seq);
        let view = self.ledger.as_of(KnownAt::MAX);
        let stale = match &self.desk {
            Some((at, _)) if *at == seq => false,
            Some((at, desk)) => {
                // What joined a batch that was followed already is not told apart from it.
                let next = self.ledger.commit(at + 1)?.map(|commit| commit.header.known_at);
                if next.is_none() || next <= desk.known_at() {
                    self.desk = None;
                }
                true
            }
            None => true,
        };
        if stale {
            let mut desk = self.desk.take().map(|(_, desk)| desk).unwrap_or_default();
            desk.catch_up(&view, policies(&view)?)?;
            self.desk = Some((seq, desk));
        }
        Ok(&mut self.desk.as_mut().expect("it was read above").1)
    }

    /// A page of the queue, now or as known at a time.
    pub fn queue(&mut self, query: &Query, known_at: Option<KnownAt>) -> Result<Page, Error> {
        match known_at {
            None => {
                let now = self.now()?;
                Ok(self.desk()?.page(query, now))
            }
            Some(known_at) => {
                let view = self.ledger.as_of(known_at);
                Ok(Desk::read(&view, policies(&view)?)?.page(query, known_at))
            }
        }
    }

    /// The review of an alert, now or as known at a time.
    pub fn review(&self, alert: AlertId, known_at: Option<KnownAt>) -> Result<ReviewView, Error> {
        let now = known_at.map_or_else(|| self.now(), Ok)?;
        let view = self.ledger.as_of(known_at.unwrap_or(KnownAt::MAX));
        let rulebook = review::rulebook(&view, policies(&view)?)?;
        let none = || Error::NotFound(format!("there is no alert {alert}"));
        let (review, history) = review::history_of(&view, &rulebook, alert, now)?.ok_or_else(none)?;
        let state = view.alert(alert)?.ok_or_else(none)?;
        let matches = self.matches(&view, &state)?;
        Ok(shown(&state, &review, matches, history))
    }

    /// What a verdict on an alert has to speak of: the list entry, or every seed that the links lead to.
    pub(crate) fn matches(&self, view: &View<'_>, alert: &AlertState) -> Result<BTreeSet<EntityId>, Error> {
        let cause = &alert.pair.cause;
        if cause.kind != CauseKind::Network {
            return Ok(BTreeSet::from([cause.entry.id.clone()]));
        }
        let policy = self.policy(view.known_at())?.network;
        let account = Accounts::new(*view, &policy).of(&alert.pair.subject.id)?;
        Ok(account.ties.iter().map(|tie| tie.seed.record.subject.clone()).collect())
    }

    /// Decides drafts in the name of the actor, those that can be, as one commit.
    pub fn decide(&mut self, drafts: Vec<Draft>) -> Result<Decided, Error> {
        let by = self.account_name()?;
        let known_at = self.next_known_at()?;
        let policy = self.review_policy(KnownAt::MAX)?;
        let head = self.ledger.head()?.map(|head| head.hash);
        let mut trial = Trial::new(self)?;
        let mut decisions = Vec::with_capacity(drafts.len());
        let mut rows = Vec::with_capacity(drafts.len());
        for (at, draft) in drafts.into_iter().enumerate() {
            let id = decision_id(head.as_ref(), at);
            let proof = self.settings.proof;
            let Draft { deed, note, bulk } = self.completed(draft, policy.verdict_until(known_at))?;
            let decision = Decision { id: id.clone(), by: by.clone(), proof, note, bulk, deed };
            let alert = match &decision.deed {
                Deed::Alert { alert, .. } => Some(*alert),
                _ => None,
            };
            let allowed = match &decision.deed {
                Deed::Subject { act, .. } => subject::by_itself(act),
                _ => Ok(()),
            };
            let taken = match allowed {
                Ok(()) => trial.take(self, known_at, &decision)?,
                refused => refused,
            };
            match taken {
                Ok(()) => {
                    decisions.push(decision);
                    rows.push(DecidedRow { alert, decision: Some(id), refused: None });
                }
                Err(refusal) => rows.push(DecidedRow { alert, decision: None, refused: Some(refusal) }),
            }
        }
        let commit = self.commit_decisions(known_at, decisions)?;
        Ok(Decided { commit, known_at, rows })
    }

    /// One decision, or the refusal as an error.
    pub fn decide_one(&mut self, draft: Draft) -> Result<EntityId, Error> {
        let decided = self.decide(vec![draft])?;
        let row = decided.rows.into_iter().next().expect("one draft has one row");
        match (row.decision, row.refused) {
            (Some(decision), _) => Ok(decision),
            (None, refused) => {
                Err(refused.map_or_else(|| Error::NotFound("nothing to decide".into()), Error::Denied))
            }
        }
    }

    /// Records a decision without asking whether its author could take it, where a store has no accounts.
    pub(crate) fn record_unjudged(&mut self, deed: Deed) -> Result<EntityId, Error> {
        let head = self.ledger.head()?.map(|head| head.hash);
        let (id, by, proof) = (decision_id(head.as_ref(), 0), self.account_name()?, self.settings.proof);
        let decision = Decision { id: id.clone(), by, proof, note: None, bulk: None, deed };
        self.commit_decisions(self.next_known_at()?, vec![decision])?;
        Ok(id)
    }

    fn commit_decisions(
        &mut self,
        known_at: KnownAt,
        decisions: Vec<Decision>,
    ) -> Result<Option<u64>, Error> {
        if decisions.is_empty() {
            return Ok(None);
        }
        let header = self.header(known_at, "review", Vec::new());
        let mut batch = self.ledger.begin(header)?;
        batch.counts_mut().rows = decisions.len() as u64;
        for (line, decision) in decisions.into_iter().enumerate() {
            batch.stage(&Op::Put(Record::Decision(Box::new(decision))), line as u64 + 1)?;
        }
        Ok(Some(batch.finish_decided()?.seq))
    }

    /// Fills in what there is only one way to say: the finding on a single match, when a verdict expires, how long a claim lasts.
    fn completed(&self, mut draft: Draft, verdict_until: KnownAt) -> Result<Draft, Error> {
        let Deed::Alert { alert, step, .. } = &mut draft.deed else { return Ok(draft) };
        let (finding, grounds) = match step {
            Step::Clear { grounds } | Step::Propose { verdict: model::Verdict::Different, grounds } => {
                (Finding::Different, grounds)
            }
            Step::Propose { verdict: model::Verdict::Same, grounds } => (Finding::Same, grounds),
            Step::Propose { verdict: model::Verdict::Inconclusive, grounds } => (Finding::Unknown, grounds),
            _ => return Ok(draft),
        };
        if grounds.matches.is_empty() {
            let view = self.ledger.as_of(KnownAt::MAX);
            let matches = match view.alert(*alert)? {
                Some(state) => self.matches(&view, &state)?,
                None => BTreeSet::new(),
            };
            if matches.len() == 1 || draft.bulk.is_some() {
                grounds.matches = matches.into_iter().map(|one| (one, finding)).collect();
            }
        }
        if grounds.expires.is_none() && finding != Finding::Same {
            grounds.expires = Some(verdict_until);
        }
        Ok(draft)
    }
}

/// A copy of what decisions change, on which the drafts of one call are tried one after the other.
struct Trial {
    rulebook: Rulebook,
    matters: Matters,
    reviews: BTreeMap<AlertId, Review>,
}

impl Trial {
    fn new(store: &Store) -> Result<Self, Error> {
        let rulebook = store.rulebook(KnownAt::MAX)?;
        Ok(Self { matters: store.all_matters(KnownAt::MAX)?, rulebook, reviews: BTreeMap::new() })
    }

    fn take(
        &mut self,
        store: &Store,
        at: KnownAt,
        decision: &Decision,
    ) -> Result<Result<(), Refusal>, Error> {
        if let Deed::Alert { alert, step, .. } = &decision.deed {
            if let Err(refusal) = store.speaks_of_every_match(*alert, step)? {
                return Ok(Err(refusal));
            }
            let review = match self.reviews.entry(*alert) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => match store.review_at(*alert, at)? {
                    Some(review) => new.insert(review),
                    None => return Ok(Err(Refusal::NoSuchAlert)),
                },
            };
            return Ok(review.try_decision(at, decision, &self.rulebook));
        }
        if let Deed::Subject { subject, act: SubjectAct::DecideRedress { .. } } = &decision.deed
            && store.took_part(subject, &decision.by)?
        {
            return Ok(Err(Refusal::TookPart));
        }
        let Rulebook { accounts, merges, flags, .. } = &mut self.rulebook;
        let before = accounts.clone();
        let applied = accounts
            .apply(at, decision)
            .and_then(|()| merges.apply(at, decision, &before))
            .and_then(|()| flags.apply(at, decision, &before));
        // Opening the first account needs no account.
        Ok(applied.and_then(|()| self.matters.apply(at, decision, &before)))
    }
}

impl Store {
    /// The review of an alert as it stands, if there is one: of the desk when it is in step, else by look-ups.
    fn review_at(&self, alert: AlertId, now: KnownAt) -> Result<Option<Review>, Error> {
        if let Some((seq, desk)) = &self.desk
            && self.ledger.head()?.is_some_and(|head| head.seq == *seq)
        {
            return Ok(desk.review(alert, now).map(Cow::into_owned));
        }
        let view = self.ledger.as_of(KnownAt::MAX);
        Ok(review::review_of(&view, &self.rulebook(KnownAt::MAX)?, alert, now)?)
    }

    /// Whether a decision could be taken now.
    fn check_decision(&self, at: KnownAt, decision: &Decision) -> Result<Result<(), Refusal>, Error> {
        Trial::new(self)?.take(self, at, decision)
    }

    /// Every match of an alert is adjudicated by a verdict; none is passed over.
    fn speaks_of_every_match(&self, alert: AlertId, step: &Step) -> Result<Result<(), Refusal>, Error> {
        let (Step::Clear { grounds } | Step::Propose { grounds, .. }) = step else { return Ok(Ok(())) };
        let Grounds { matches: said, .. } = grounds;
        let view = self.ledger.as_of(KnownAt::MAX);
        let Some(state) = view.alert(alert)? else { return Ok(Ok(())) };
        let all = self.matches(&view, &state)?;
        Ok(if all.iter().all(|one| said.contains_key(one)) { Ok(()) } else { Err(Refusal::MatchesOpen) })
    }
}

/// The review policies of a view. Policies are checked when they are adopted; one that cannot be read counts as the default.
pub(crate) fn policies(view: &View<'_>) -> Result<ReviewPolicies, Error> {
    let read = |known: Known<model::PolicyRecord>| {
        let policy = Policy::parse(&known.record.text).ok().and_then(|policy| review_of(&policy).ok());
        (known.known_at, policy.unwrap_or_default())
    };
    Ok(ReviewPolicies::new(view.policies()?.into_iter().map(read).collect()))
}

/// The part of a policy that reviews follow.
pub(crate) fn review_of(policy: &Policy) -> Result<ReviewPolicy, Error> {
    let text = serde_json::to_value(&policy.review).expect("TOML is JSON");
    let wrong = |why: String| Error::Usage(format!("the policy's [review]: {why}"));
    let review: ReviewPolicy = serde_json::from_value(text).map_err(|error| wrong(error.to_string()))?;
    review.fault().map_or(Ok(review.clone()), |fault| Err(wrong(fault)))
}

/// Unlike any other: no two commits follow the same head.
pub(crate) fn decision_id(head: Option<&model::Digest>, at: usize) -> EntityId {
    let mut digester = Digester::new();
    digester.field(head.map_or(&[][..], |head| &head.0)).number(at.cast_signed() as i64);
    let text = format!("D-{}", &digester.finish().to_string()[..20]);
    EntityId::new(&text).expect("hexadecimal digits are an id")
}

fn shown(
    state: &AlertState,
    review: &Review,
    matches: BTreeSet<EntityId>,
    history: Vec<(Known<Decision>, Result<(), Refusal>)>,
) -> ReviewView {
    let history = history.into_iter().map(|(known, counted)| HistoryRow {
        known_at: known.known_at,
        decision: known.record,
        void: counted.err(),
    });
    ReviewView {
        alert: AlertView::of(state),
        review: review.state(),
        since: review.since(),
        suppressed: review.is_suppressed(),
        lock: review.lock().cloned(),
        assigned: review.assigned().cloned(),
        proposal: review.proposal().cloned(),
        disposition: review.disposition().cloned(),
        requests: review.requests().iter().map(|(id, request)| (id.clone(), request.clone())).collect(),
        due: review.due(),
        snoozed: review.snoozed(),
        steps: review.steps,
        matches,
        history: history.collect(),
    }
}
