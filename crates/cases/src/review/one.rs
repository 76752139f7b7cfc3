//! The review of one alert: what happened to it, folded in order into the state it is in.
//!
//! In: changes of the alert and decisions on it, with when they became known, and the rulebook. Out: the state, with lock, proposal,
//! verdict and deadlines. Always holds: whatever is not in [`RULES`](super::RULES) changes nothing (a decision that could not be
//! taken is void); a verdict is final only by two persons; what time alone does (a lock or a verdict runs out, a deadline passes) is done at
//! its own time before anything later, so that asking often or seldom makes no difference.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AccountName, AlertChange, AlertId, Change, Decision, Deed, EntityId, Finding, Fingerprint, Grounds,
    KnownAt, Occasion, Pair, PersonName, Score, Step, Verdict,
};
use serde::Serialize;

use super::flags::Flags;
use super::state::{RULES, word_of};
use super::{Accounts, Merges, Refusal, ReviewPolicies, ReviewPolicy, Standing, State};

/// What a review is judged by: who may do what, how long, and which records are one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rulebook {
    /// The accounts.
    pub accounts: Accounts,
    /// The review policies.
    pub policies: ReviewPolicies,
    /// Which records are one subject.
    pub merges: Merges,
    /// Marks on subjects.
    pub flags: Flags,
}

/// Something that happened to an alert.
#[derive(Debug, Clone, Copy)]
pub enum Happening<'a> {
    /// Screening changed it.
    Screened(&'a AlertChange),
    /// A merge brought facts that no verdict rests on.
    NewFacts,
    /// Somebody decided something about it.
    Decided(&'a Decision),
}

/// Somebody is at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ReviewLock)]
pub struct Lock {
    /// Who.
    pub by: AccountName,
    /// Until when.
    pub until: KnownAt,
}

/// A verdict that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = VerdictProposal)]
pub struct Proposal {
    /// The decision that proposed it.
    pub decision: EntityId,
    /// Who proposed it.
    pub by: AccountName,
    /// The person behind that account.
    pub person: PersonName,
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub grounds: Grounds,
}

/// A final verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Disposition {
    /// What was proposed and by whom.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// The decision that confirmed it.
    pub confirmation: EntityId,
    /// Who confirmed it.
    pub confirmed_by: AccountName,
    /// Since when it is final.
    pub since: KnownAt,
    /// The evidence that it rests on.
    pub fingerprint: Fingerprint,
}

impl Disposition {
    /// Whether it keeps an alert on this evidence from coming again at a time.
    fn keeps_away(&self, fingerprint: Fingerprint, at: KnownAt) -> bool {
        self.proposal.verdict != Verdict::Same
            && self.fingerprint == fingerprint
            && self.proposal.grounds.expires.is_some_and(|expires| expires > at)
    }
}

/// A verdict and in which time it stood. Until its end it keeps the same evidence away, here and on other alerts of the same two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// The subject's id on the alert that it is of.
    pub subject: EntityId,
    /// The entry's id on that alert.
    pub entry: EntityId,
    /// The verdict.
    pub verdict: Disposition,
    /// Since when it stood.
    pub since: KnownAt,
    /// When it was taken back.
    pub until: Option<KnownAt>,
}

impl Stood {
    /// Whether it stood when something became known. What was decided at that very time came after it.
    fn at(&self, at: KnownAt) -> bool {
        self.since < at && self.until.is_none_or(|until| until >= at)
    }
}

/// Somebody outside was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = InformationRequest)]
pub struct Request {
    /// Who was asked.
    pub of: String,
    /// What.
    pub question: String,
    /// By when an answer is due.
    pub due: KnownAt,
    /// Whether it was answered; `None` while it is open.
    pub answered: Option<bool>,
}

/// What a step can change and an undo brings back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Work {
    state: State,
    since: KnownAt,
    lock: Option<Lock>,
    assigned: Option<AccountName>,
    proposal: Option<Proposal>,
    disposition: Option<Disposition>,
    requests: BTreeMap<EntityId, Request>,
    due: KnownAt,
    snoozed: Option<KnownAt>,
    /// Of a verdict taken over from another alert: when that one was taken back.
    taken_over_until: Option<KnownAt>,
    /// Confirmations of verdicts that were taken back here: they are not taken over again.
    refused: BTreeSet<EntityId>,
}

/// A step that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Undoable {
    decision: EntityId,
    person: PersonName,
    at: KnownAt,
    before: Work,
}

/// The review of an alert as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Which alert.
    pub alert: AlertId,
    /// What it is about.
    pub pair: Pair,
    /// Its score; the last one when it is withdrawn.
    pub score: Score,
    /// Its evidence; the last when it is withdrawn.
    pub fingerprint: Fingerprint,
    /// When it last came.
    pub opened: KnownAt,
    /// What screening did last: it came, or its evidence changed.
    pub moved: (KnownAt, Change),
    /// How often its evidence changed or somebody did something about it.
    pub steps: u32,
    /// How many decisions on it are void.
    pub void: u32,
    work: Work,
    /// Steps that can be taken back, the last one first to go.
    undoable: Vec<Undoable>,
    /// Its own verdicts, each with the time in which it stood.
    stood: Vec<Stood>,
}

const MICROS_OF_A_MINUTE: i64 = 60_000_000;
const MICROS_OF_A_DAY: i64 = 24 * 60 * MICROS_OF_A_MINUTE;

fn minutes_after(at: KnownAt, minutes: u32) -> KnownAt {
    KnownAt::from_micros(at.micros().saturating_add(i64::from(minutes) * MICROS_OF_A_MINUTE))
}

/// A number of days later.
pub(crate) fn days_after(at: KnownAt, days: u32) -> KnownAt {
    KnownAt::from_micros(at.micros().saturating_add(i64::from(days) * MICROS_OF_A_DAY))
}

impl Review {
    /// Of an alert that came.
    pub fn opened(change: &AlertChange, rulebook: &Rulebook, elsewhere: &[Stood]) -> Self {
        let at = change.known_at;
        let policy = rulebook.policies.at(at);
        let work = Work {
            state: State::New,
            since: at,
            lock: None,
            assigned: None,
            proposal: None,
            disposition: None,
            requests: BTreeMap::new(),
            due: days_after(at, policy.due_days),
            snoozed: None,
            taken_over_until: None,
            refused: BTreeSet::new(),
        };
        let mut review = Self {
            alert: change.alert,
            pair: change.pair.clone(),
            score: change.score,
            fingerprint: change.fingerprint,
            opened: at,
            moved: (at, change.change),
            steps: 1,
            void: 0,
            work,
            undoable: Vec::new(),
            stood: Vec::new(),
        };
        review.keep_away(at, rulebook, elsewhere);
        review
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.work.state
    }

    /// Since when.
    pub fn since(&self) -> KnownAt {
        self.work.since
    }

    /// Who is at it.
    pub fn lock(&self) -> Option<&Lock> {
        self.work.lock.as_ref()
    }

    /// To whom it was given.
    pub fn assigned(&self) -> Option<&AccountName> {
        self.work.assigned.as_ref()
    }

    /// The verdict that waits for a second person.
    pub fn proposal(&self) -> Option<&Proposal> {
        self.work.proposal.as_ref()
    }

    /// The last final verdict; it stands while the state is final.
    pub fn disposition(&self) -> Option<&Disposition> {
        self.work.disposition.as_ref()
    }

    /// Whom was asked what.
    pub fn requests(&self) -> &BTreeMap<EntityId, Request> {
        &self.work.requests
    }

    /// By when it is to be decided.
    pub fn due(&self) -> KnownAt {
        self.work.due
    }

    /// Until when it is out of the queue.
    pub fn snoozed(&self) -> Option<KnownAt> {
        self.work.snoozed
    }

    /// Its own verdicts, each with the time in which it stood.
    pub fn stood(&self) -> &[Stood] {
        &self.stood
    }

    /// Whether it is out of sight for good because the same was decided before, and not because somebody decided it now.
    pub fn is_suppressed(&self) -> bool {
        self.work.state == State::Final
            && self.work.disposition.as_ref().is_some_and(|verdict| verdict.since < self.opened)
    }

    /// Takes in what happened next. A decision that could not be taken is counted and changes nothing.
    pub fn follow(
        &mut self,
        at: KnownAt,
        happening: Happening<'_>,
        rulebook: &Rulebook,
        elsewhere: &[Stood],
    ) -> Result<(), Refusal> {
        self.pass(at, rulebook);
        match happening {
            Happening::Screened(change) => self.screened(change, rulebook, elsewhere),
            Happening::NewFacts => self.new_facts(at, rulebook),
            Happening::Decided(decision) => {
                return self.try_decision(at, decision, rulebook).inspect_err(|_| self.void += 1);
            }
        }
        Ok(())
    }

    /// Takes a decision in, or leaves all as it is and says why it cannot be taken.
    pub fn try_decision(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        rulebook: &Rulebook,
    ) -> Result<(), Refusal> {
        self.pass(at, rulebook);
        let mut next = self.clone();
        next.decide(at, decision, rulebook)?;
        *self = next;
        Ok(())
    }

    /// Lets time pass: what runs out by then, in the order in which it does.
    pub fn pass(&mut self, until: KnownAt, rulebook: &Rulebook) {
        while let Some((at, lapse)) = self.next_lapse().filter(|(at, _)| *at <= until) {
            // A deadline may have passed while somebody was at it.
            let at = at.max(self.work.since);
            self.undoable.clear();
            match lapse {
                Lapse::Snooze => self.work.snoozed = None,
                Lapse::Into(State::Reopened) => {
                    self.enter(at, State::Reopened);
                    self.renew_due(at, rulebook);
                }
                Lapse::Into(state) => self.enter(at, state),
            }
        }
    }

    /// Confirmations of verdicts of its own that were taken back at a time.
    pub(crate) fn ended(&self, at: KnownAt) -> impl Iterator<Item = &EntityId> {
        self.stood
            .iter()
            .filter(move |stood| stood.until == Some(at))
            .map(|stood| &stood.verdict.confirmation)
    }

    /// Whether time alone changes it by then.
    pub(crate) fn lapses_by(&self, now: KnownAt) -> bool {
        self.lapses_at().is_some_and(|at| at <= now)
    }

    /// When time alone changes it next.
    pub(crate) fn lapses_at(&self) -> Option<KnownAt> {
        self.next_lapse().map(|(at, _)| at)
    }

    /// A verdict that was taken over from another alert was taken back there.
    pub(crate) fn taken_back(&mut self, confirmation: &EntityId, at: KnownAt) {
        let of_it =
            self.work.disposition.as_ref().is_some_and(|verdict| verdict.confirmation == *confirmation);
        let own = self.stood.iter().any(|stood| stood.verdict.confirmation == *confirmation);
        if of_it && !own && self.work.taken_over_until.is_none() {
            self.work.taken_over_until = Some(at);
        }
    }

    /// What runs out next, when, and to which state that leads.
    fn next_lapse(&self) -> Option<(KnownAt, Lapse)> {
        let work = &self.work;
        let into = |state| move |at: KnownAt| (at, Lapse::Into(state));
        let snooze = work.snoozed.map(|until| (until, Lapse::Snooze));
        let lock = work.lock.as_ref().and_then(|lock| match work.state {
            State::FirstLine => Some((lock.until, Lapse::Into(State::Queued))),
            State::SecondLine => Some((lock.until, Lapse::Into(State::Escalated))),
            _ => None,
        });
        let waits = matches!(
            work.state,
            State::New | State::Queued | State::Reopened | State::Inconclusive | State::NeedsInformation
        );
        let due = waits.then_some(work.due).map(into(State::Escalated));
        let verdict = work.disposition.as_ref().filter(|_| work.state == State::Final);
        let passes = verdict.filter(|verdict| verdict.proposal.verdict != Verdict::Same);
        let expires = passes.and_then(|verdict| verdict.proposal.grounds.expires).map(into(State::Reopened));
        let elsewhere = verdict.and(work.taken_over_until).map(into(State::Reopened));
        [snooze, lock, due, expires, elsewhere].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Enters a state: what belonged to the one before is over.
    fn enter(&mut self, at: KnownAt, state: State) {
        let work = &mut self.work;
        (work.state, work.since) = (state, at);
        if !matches!(state, State::FirstLine | State::SecondLine) {
            work.lock = None;
        }
        if !state.is_proposed() {
            work.proposal = None;
        }
        if !state.is_pending() {
            work.snoozed = None;
        }
    }

    fn screened(&mut self, change: &AlertChange, rulebook: &Rulebook, elsewhere: &[Stood]) {
        let at = change.known_at;
        let material = self.fingerprint != change.fingerprint;
        (self.score, self.fingerprint, self.pair) = (change.score, change.fingerprint, change.pair.clone());
        match change.change {
            Change::Withdrawn => {
                self.enter(at, State::Withdrawn);
            }
            Change::Opened => {
                self.opened = at;
                let was_decided = self.work.disposition.is_some();
                self.enter(at, if was_decided { State::Reopened } else { State::New });
                self.renew_due(at, rulebook);
                self.keep_away(at, rulebook, elsewhere);
            }
            Change::Changed if material => {
                match self.work.state {
                    State::Final | State::Cleared | State::SecondPerson => {
                        self.enter(at, State::Reopened);
                        self.renew_due(at, rulebook);
                        self.keep_away(at, rulebook, elsewhere);
                    }
                    State::Inconclusive | State::NeedsInformation => {
                        self.enter(at, State::Escalated);
                        self.renew_due(at, rulebook);
                    }
                    _ => {}
                }
                self.work.snoozed = None;
            }
            Change::Changed => return,
        }
        self.moved = (at, change.change);
        self.undoable.clear();
        self.steps += 1;
    }

    /// The same subject turned out to be somebody of whom more is known.
    fn new_facts(&mut self, at: KnownAt, rulebook: &Rulebook) {
        let rests_on_less = matches!(self.work.state, State::Final | State::Cleared | State::SecondPerson);
        if rests_on_less {
            self.enter(at, State::Reopened);
            self.renew_due(at, rulebook);
        }
        // What a withdrawn alert was decided to be does not keep it away either.
        self.end_verdict(at);
        self.undoable.clear();
        self.steps += 1;
    }

    fn renew_due(&mut self, at: KnownAt, rulebook: &Rulebook) {
        self.work.due = days_after(at, rulebook.policies.at(at).due_days);
    }

    /// The same evidence was found to be of somebody else before, here or on another alert of the same two, and that still holds.
    fn keep_away(&mut self, at: KnownAt, rulebook: &Rulebook, elsewhere: &[Stood]) {
        let own = self.stood.iter().filter(|stood| stood.until.is_none());
        let one = |mine: &EntityId, theirs: &EntityId| {
            mine == theirs || rulebook.merges.group(mine, at).contains(theirs)
        };
        let (subject, entry) = (&self.pair.subject.id, &self.pair.cause.entry.id);
        let others = elsewhere.iter().filter(|stood| {
            stood.at(at)
                && !self.work.refused.contains(&stood.verdict.confirmation)
                && one(subject, &stood.subject)
                && one(entry, &stood.entry)
        });
        let holds = own.map(|stood| (stood, None)).chain(others.map(|stood| (stood, stood.until)));
        let holds = holds.filter(|(stood, _)| stood.verdict.keeps_away(self.fingerprint, at));
        let latest = holds.max_by_key(|(stood, _)| (stood.since, stood.verdict.confirmation.clone()));
        if let Some((verdict, until)) = latest.map(|(stood, until)| (stood.verdict.clone(), until)) {
            self.enter(at, State::Final);
            self.work.disposition = Some(verdict);
            self.work.taken_over_until = until;
        }
    }

    /// The verdict in force no longer stands.
    fn end_verdict(&mut self, at: KnownAt) {
        for stood in self.stood.iter_mut().filter(|stood| stood.until.is_none()) {
            stood.until = Some(at);
        }
        if let Some(verdict) = self.work.disposition.as_ref() {
            self.work.refused.insert(verdict.confirmation.clone());
        }
    }

    /// What a decision does, or why it cannot be taken. `self` is of no use after an error.
    pub(crate) fn decide(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        rulebook: &Rulebook,
    ) -> Result<(), Refusal> {
        let Deed::Alert { seen, step, .. } = &decision.deed else { return Err(Refusal::NoSuchProposal) };
        let act = word_of(step);
        let standing = rulebook.accounts.standing(&decision.by, at)?;
        if !rulebook.flags.may_see(standing, &self.pair.subject.id, at) {
            return Err(Refusal::NoSuchAlert);
        }
        standing.check(act)?;
        let rule = self.rule_for(act, standing)?;
        self.check_lock(act, &decision.by)?;
        if let Some(seen) = *seen
            && seen != self.steps
        {
            return Err(Refusal::Stale { seen, steps: self.steps });
        }
        let before = self.work.clone();
        let policy = rulebook.policies.at(at);
        if let Some(state) = rule {
            let proposed = self.work.proposal.clone();
            self.enter(at, state);
            self.work.proposal =
                proposed.filter(|_| matches!(step, Step::Confirm { .. } | Step::Return { .. }));
        }
        self.carry_out(at, decision, step, standing, &policy)?;
        self.steps += 1;
        if !matches!(step, Step::Comment | Step::Attach { .. } | Step::Undo { .. }) {
            let person = standing.person.clone();
            self.undoable.retain(|step| minutes_after(step.at, policy.undo_minutes) >= at);
            self.undoable.push(Undoable { decision: decision.id.clone(), person, at, before });
        }
        Ok(())
    }

    /// The state that an act leads to from here; the same one where the state stays.
    fn rule_for(&self, act: &'static str, standing: &Standing) -> Result<Option<State>, Refusal> {
        let state = self.work.state;
        let mut rules = RULES.iter().filter(|rule| rule.act == act && rule.from.contains(&state)).peekable();
        if rules.peek().is_none() {
            return Err(Refusal::WrongState { act, state });
        }
        let allowed = rules.find(|rule| rule.roles.iter().any(|role| standing.roles.contains(role)));
        allowed.map(|rule| rule.to).ok_or(Refusal::NotAllowed { action: act })
    }

    /// What somebody else is at is left alone, but for words, files and what the second line arranges.
    fn check_lock(&self, act: &str, by: &AccountName) -> Result<(), Refusal> {
        let leaves_it_alone = matches!(act, "comment" | "attach" | "assign" | "due" | "undo");
        match &self.work.lock {
            Some(lock) if lock.by != *by && !leaves_it_alone => {
                Err(Refusal::Locked { by: lock.by.clone(), until: lock.until })
            }
            _ => Ok(()),
        }
    }

    fn carry_out(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        step: &Step,
        standing: &Standing,
        policy: &ReviewPolicy,
    ) -> Result<(), Refusal> {
        match step {
            Step::Queue | Step::Release | Step::Attach { .. } => {}
            Step::Claim { until } => {
                check_time(at, *until, minutes_after(at, policy.claim_minutes))?;
                self.work.lock = Some(Lock { by: decision.by.clone(), until: *until });
            }
            Step::Assign { to } => self.work.assigned.clone_from(to),
            Step::Clear { grounds } => {
                self.propose(at, decision, (Verdict::Different, grounds), standing, policy)?;
            }
            Step::Propose { verdict, grounds } => {
                self.propose(at, decision, (*verdict, grounds), standing, policy)?;
            }
            Step::Escalate { reason } => check_reason(decision, *reason, Occasion::Escalate)?,
            Step::Inconclusive { reason, owner, due } => {
                check_reason(decision, *reason, Occasion::Inconclusive)?;
                check_time(at, *due, days_after(at, policy.due_days))?;
                self.work.assigned = Some(owner.clone());
                self.work.due = *due;
            }
            Step::RequestInformation { of, question, due } => {
                check_time(at, *due, days_after(at, policy.due_days))?;
                let (of, question) = (of.clone(), question.clone());
                let request = Request { of, question, due: *due, answered: None };
                self.work.requests.insert(decision.id.clone(), request);
                self.work.due = *due;
            }
            Step::Information { request, answered } => {
                let open = self.work.requests.get_mut(request).filter(|request| request.answered.is_none());
                open.ok_or(Refusal::NoSuchProposal)?.answered = Some(*answered);
                self.work.due = days_after(at, policy.due_days);
            }
            Step::Confirm { proposal } => self.confirm(at, decision, proposal, standing)?,
            Step::Return { proposal, reason } => {
                check_reason(decision, *reason, Occasion::Return)?;
                self.take_proposal(proposal, standing)?;
            }
            Step::Reopen { reason } => {
                check_reason(decision, *reason, Occasion::Reopen)?;
                self.end_verdict(at);
                self.work.due = days_after(at, policy.due_days);
            }
            Step::Snooze { until } => {
                check_time(at, *until, days_after(at, policy.snooze_days))?;
                self.work.snoozed = Some(*until);
            }
            Step::Comment => check_note(decision)?,
            Step::Due { due } => {
                check_time(at, *due, days_after(at, policy.due_days))?;
                self.work.due = *due;
            }
            Step::Undo { decision: last } => self.undo(at, last, standing, policy)?,
        }
        Ok(())
    }

    fn propose(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        (verdict, grounds): (Verdict, &Grounds),
        standing: &Standing,
        policy: &ReviewPolicy,
    ) -> Result<(), Refusal> {
        check_grounds(at, decision, verdict, grounds, policy)?;
        self.work.proposal = Some(Proposal {
            decision: decision.id.clone(),
            by: decision.by.clone(),
            person: standing.person.clone(),
            verdict,
            grounds: grounds.clone(),
        });
        Ok(())
    }

    // Invariant(FOUR-EYES): a proposal is confirmed, or returned, by another person than the one who made it.
    fn take_proposal(&mut self, id: &EntityId, standing: &Standing) -> Result<Proposal, Refusal> {
        let proposal = self.work.proposal.take().filter(|proposal| proposal.decision == *id);
        let proposal = proposal.ok_or(Refusal::NoSuchProposal)?;
        if proposal.person == standing.person { Err(Refusal::SamePerson) } else { Ok(proposal) }
    }

    fn confirm(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        id: &EntityId,
        standing: &Standing,
    ) -> Result<(), Refusal> {
        let proposal = self.take_proposal(id, standing)?;
        if let Some(latest) = proposal.grounds.expires.filter(|expires| *expires <= at) {
            return Err(Refusal::BadExpiry { latest });
        }
        let disposition = Disposition {
            proposal,
            confirmation: decision.id.clone(),
            confirmed_by: decision.by.clone(),
            since: at,
            fingerprint: self.fingerprint,
        };
        self.stand(at, disposition.clone());
        self.work.disposition = Some(disposition);
        self.work.taken_over_until = None;
        Ok(())
    }

    fn undo(
        &mut self,
        at: KnownAt,
        last: &EntityId,
        standing: &Standing,
        policy: &ReviewPolicy,
    ) -> Result<(), Refusal> {
        let undoable = self.undoable.pop().ok_or(Refusal::NotUndoable)?;
        let in_time = minutes_after(undoable.at, policy.undo_minutes) >= at;
        if undoable.decision != *last || undoable.person != standing.person || !in_time {
            return Err(Refusal::NotUndoable);
        }
        let (was, is) = (self.work.state == State::Final, undoable.before.state == State::Final);
        if was && !is {
            for stood in self.stood.iter_mut().filter(|stood| stood.until.is_none()) {
                stood.until = Some(at);
            }
        }
        self.work = undoable.before;
        let own = self.work.disposition.clone().filter(|verdict| {
            self.stood.iter().any(|stood| stood.verdict.confirmation == verdict.confirmation)
        });
        if let Some(verdict) = own.filter(|_| is && !was) {
            self.stand(at, verdict);
        }
        Ok(())
    }

    /// From now on a verdict of its own stands.
    fn stand(&mut self, at: KnownAt, verdict: Disposition) {
        let (subject, entry) = (self.pair.subject.id.clone(), self.pair.cause.entry.id.clone());
        self.stood.push(Stood { subject, entry, verdict, since: at, until: None });
    }
}

/// What time alone does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lapse {
    /// It is in the queue again.
    Snooze,
    /// It enters a state.
    Into(State),
}

fn check_time(at: KnownAt, time: KnownAt, latest: KnownAt) -> Result<(), Refusal> {
    if time > at && time <= latest { Ok(()) } else { Err(Refusal::BadTime { latest }) }
}

fn check_note(decision: &Decision) -> Result<(), Refusal> {
    let said = decision.note.as_ref().is_some_and(|note| !note.trim().is_empty());
    if said { Ok(()) } else { Err(Refusal::NoNote) }
}

fn check_reason(decision: &Decision, reason: model::Reason, occasion: Occasion) -> Result<(), Refusal> {
    if reason.occasion() != occasion {
        return Err(Refusal::WrongReason { reason: reason.word(), occasion: reason.occasion() });
    }
    check_note(decision)
}

/// A verdict has a reason of its own kind and a note, says of every match what it was found to be, follows from that, and expires where
/// it keeps evidence away.
fn check_grounds(
    at: KnownAt,
    decision: &Decision,
    verdict: Verdict,
    grounds: &Grounds,
    policy: &ReviewPolicy,
) -> Result<(), Refusal> {
    let (occasion, needed) = match verdict {
        Verdict::Same => (Occasion::Same, Finding::Same),
        Verdict::Different => (Occasion::Different, Finding::Different),
        Verdict::Inconclusive => (Occasion::Inconclusive, Finding::Unknown),
    };
    check_reason(decision, grounds.reason, occasion)?;
    let mut findings = grounds.matches.values();
    let follows = match verdict {
        Verdict::Different => !grounds.matches.is_empty() && findings.all(|finding| *finding == needed),
        Verdict::Same | Verdict::Inconclusive => findings.any(|finding| *finding == needed),
    };
    if !follows {
        return Err(Refusal::MatchesOpen);
    }
    let latest = days_after(at, policy.suppress_days);
    let in_time = |expires: KnownAt| expires > at && expires <= latest;
    let sound = match (verdict, grounds.expires) {
        (Verdict::Same, None) => true,
        (_, expires) => expires.is_some_and(in_time),
    };
    if sound { Ok(()) } else { Err(Refusal::BadExpiry { latest }) }
}
