//! What takes two persons beside a verdict: another policy, the release of a held version; and redress. Who proposed and who agreed.
//!
//! In: decisions. Out: each matter and what became of it. Always holds: whoever agrees is another person than whoever proposed
//! (`FOUR-EYES`); a policy is never changed because there are too few reviewers.

use std::collections::BTreeMap;

use ledger::{Known, LedgerError, View};
use model::{
    AccountName, Decision, Deed, EntityId, Key, KnownAt, Matter, OfficeAct, PersonName, PolicyReason,
    SubjectAct, Topic,
};
use serde::Serialize;

use super::{Accounts, Refusal, Standing};

/// What became of something that takes two persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProposalOutcome)]
pub enum Outcome {
    /// It waits.
    Open,
    /// A second person agreed.
    Agreed,
    /// A second person did not.
    Rejected,
}

/// Something proposed or asked for, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Proposed<T> {
    /// The decision that proposed it.
    pub id: EntityId,
    /// When.
    pub known_at: KnownAt,
    /// Who.
    pub by: AccountName,
    /// The person behind that account.
    #[serde(skip)]
    pub person: PersonName,
    /// Why, in their words.
    pub note: Option<String>,
    /// What.
    pub what: T,
    /// What became of it.
    pub outcome: Outcome,
    /// Who decided that, and when.
    pub closed: Option<(AccountName, KnownAt)>,
}

/// A request to be put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RedressRequest {
    /// Whom it is about.
    pub subject: EntityId,
    /// On what ground.
    pub ground: String,
    /// Digest of what was handed in.
    pub evidence: Option<model::Digest>,
}

/// All matters through time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matters {
    office: BTreeMap<EntityId, Proposed<Matter>>,
    redress: BTreeMap<EntityId, Proposed<RedressRequest>>,
}

impl Matters {
    /// As a view knows them.
    pub fn read(view: &View<'_>, accounts: &Accounts) -> Result<Self, LedgerError> {
        let mut matters = Self::default();
        let mut decisions = view.decisions_on(&Key::topic(Topic::Proposals))?;
        decisions.extend(view.decisions_on(&Key::topic(Topic::Redress))?);
        decisions.sort_by(|a, b| (a.known_at, &a.record.id).cmp(&(b.known_at, &b.record.id)));
        for Known { known_at, record, .. } in &decisions {
            // What could not be decided is void.
            let _ = matters.apply(*known_at, record, accounts);
        }
        Ok(matters)
    }

    /// Matters of the office, by id.
    pub fn office(&self) -> impl Iterator<Item = &Proposed<Matter>> {
        self.office.values()
    }

    /// Requests for redress, by id.
    pub fn redress(&self) -> impl Iterator<Item = &Proposed<RedressRequest>> {
        self.redress.values()
    }

    /// A matter by the decision that proposed it.
    pub fn matter(&self, id: &EntityId) -> Option<&Proposed<Matter>> {
        self.office.get(id)
    }

    /// A request by the decision that recorded it.
    pub fn request(&self, id: &EntityId) -> Option<&Proposed<RedressRequest>> {
        self.redress.get(id)
    }

    /// Takes a decision in, if it is about a matter and its author could take it.
    pub fn apply(&mut self, at: KnownAt, decision: &Decision, accounts: &Accounts) -> Result<(), Refusal> {
        match &decision.deed {
            Deed::Office(act) => self.of_the_office(at, decision, act, accounts),
            Deed::Subject { subject, act } => self.of_a_subject(at, decision, subject, act, accounts),
            Deed::Alert { .. } => Ok(()),
        }
    }

    fn of_the_office(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        act: &OfficeAct,
        accounts: &Accounts,
    ) -> Result<(), Refusal> {
        let standing = || accounts.standing(&decision.by, at);
        match act {
            OfficeAct::Propose { matter } => {
                let standing = standing()?;
                standing.check(match matter {
                    Matter::Policy { .. } => "propose_policy",
                    Matter::HeldRelease { .. } => "propose_held_release",
                })?;
                if let Matter::Policy { reason: PolicyReason::Capacity, .. } = matter {
                    return Err(Refusal::Capacity);
                }
                self.office.insert(decision.id.clone(), proposed(at, decision, standing, matter.clone()));
            }
            OfficeAct::Agree { proposal } => {
                self.close(at, decision, proposal, Outcome::Agreed, standing()?)?;
            }
            OfficeAct::Reject { proposal } => {
                self.close(at, decision, proposal, Outcome::Rejected, standing()?)?;
            }
            OfficeAct::Run { .. } | OfficeAct::Lesson { .. } => standing()?.check("run")?,
            OfficeAct::Account { .. } | OfficeAct::CloseAccount { .. } => {}
        }
        Ok(())
    }

    fn close(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        proposal: &EntityId,
        outcome: Outcome,
        standing: &Standing,
    ) -> Result<(), Refusal> {
        let open = self.office.get_mut(proposal).filter(|matter| matter.outcome == Outcome::Open);
        let matter = open.ok_or(Refusal::NoSuchProposal)?;
        standing.check(match matter.what {
            Matter::Policy { .. } => "agree_policy",
            Matter::HeldRelease { .. } => "agree_held_release",
        })?;
        finish(matter, at, decision, outcome, standing)
    }

    fn of_a_subject(
        &mut self,
        at: KnownAt,
        decision: &Decision,
        subject: &EntityId,
        act: &SubjectAct,
        accounts: &Accounts,
    ) -> Result<(), Refusal> {
        let standing = || accounts.standing(&decision.by, at);
        match act {
            SubjectAct::RequestRedress { ground, evidence } => {
                let standing = standing()?;
                standing.check("request_redress")?;
                let (subject, ground, evidence) = (subject.clone(), ground.clone(), *evidence);
                let request = RedressRequest { subject, ground, evidence };
                self.redress.insert(decision.id.clone(), proposed(at, decision, standing, request));
            }
            SubjectAct::DecideRedress { request, granted } => {
                let standing = standing()?;
                standing.check("decide_redress")?;
                let open = self.redress.get_mut(request).filter(|one| one.outcome == Outcome::Open);
                let request = open.filter(|one| one.what.subject == *subject);
                let outcome = if *granted { Outcome::Agreed } else { Outcome::Rejected };
                finish(request.ok_or(Refusal::NoSuchProposal)?, at, decision, outcome, standing)?;
            }
            SubjectAct::LegalHold { .. } => standing()?.check("legal_hold")?,
            SubjectAct::LiftHold { .. } => standing()?.check("lift_hold")?,
            SubjectAct::Merge { .. }
            | SubjectAct::Detach { .. }
            | SubjectAct::Flag { .. }
            | SubjectAct::Unflag { .. } => {}
        }
        Ok(())
    }
}

fn proposed<T>(at: KnownAt, decision: &Decision, standing: &Standing, what: T) -> Proposed<T> {
    Proposed {
        id: decision.id.clone(),
        known_at: at,
        by: decision.by.clone(),
        person: standing.person.clone(),
        note: decision.note.clone(),
        what,
        outcome: Outcome::Open,
        closed: None,
    }
}

// Invariant(FOUR-EYES): whoever closes a matter is another person than whoever proposed it.
fn finish<T>(
    matter: &mut Proposed<T>,
    at: KnownAt,
    decision: &Decision,
    outcome: Outcome,
    standing: &Standing,
) -> Result<(), Refusal> {
    if matter.person == standing.person {
        return Err(Refusal::SamePerson);
    }
    (matter.outcome, matter.closed) = (outcome, Some((decision.by.clone(), at)));
    Ok(())
}
