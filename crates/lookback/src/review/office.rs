//! Accounts, and what takes two persons beside a verdict: another policy, the release of a held version.
//!
//! Always holds: in a store that has accounts, neither happens before a second person agreed; in one that has none, whoever can write to
//! the file does it alone, and the record says who asserted to be it.

use std::collections::BTreeSet;

use cases::review::{Matters, Proposed, Refusal, ReviewOutcome, Standing};
use model::{
    AccountName, Deed, Digest, EntityId, KnownAt, Matter, OfficeAct, PersonName, PolicyReason, ReviewRole,
};
use screening::Policy;
use serde::Serialize;

use super::{Draft, review_of};
use crate::{Error, LaterChanges, Progress, Store};

/// An account as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Account {
    /// Its name.
    pub account: AccountName,
    /// Whose it is and what it may do.
    #[serde(flatten)]
    pub standing: Standing,
}

/// What an agreement did.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Agreed {
    /// The decision.
    pub decision: EntityId,
    /// What was done because of it, in words.
    pub done: String,
}

impl Store {
    /// The accounts open at a time, by name.
    pub fn accounts(&self, known_at: KnownAt) -> Result<Vec<Account>, Error> {
        let rulebook = self.rulebook(known_at)?;
        let open = rulebook.accounts.open_at(known_at);
        Ok(open
            .map(|(account, standing)| Account { account: account.clone(), standing: standing.clone() })
            .collect())
    }

    /// Opens an account, or gives it other roles. The first one of a store is an administrator's.
    pub fn open_account(
        &mut self,
        account: AccountName,
        person: PersonName,
        roles: BTreeSet<ReviewRole>,
        compartments: BTreeSet<String>,
    ) -> Result<EntityId, Error> {
        self.decide_office(OfficeAct::Account { account, person, roles, compartments }, None)
    }

    /// Closes an account.
    pub fn close_account(&mut self, account: AccountName) -> Result<EntityId, Error> {
        self.decide_office(OfficeAct::CloseAccount { account }, None)
    }

    /// What is proposed and was decided, as known at a time.
    pub fn matters(&self, known_at: KnownAt) -> Result<Vec<Proposed<Matter>>, Error> {
        Ok(self.all_matters(known_at)?.office().cloned().collect())
    }

    pub(crate) fn all_matters(&self, known_at: KnownAt) -> Result<Matters, Error> {
        let view = self.ledger.as_of(known_at);
        Ok(Matters::read(&view, &self.rulebook(known_at)?.accounts)?)
    }

    /// Proposes another policy, which is checked now.
    pub fn propose_policy(
        &mut self,
        text: &str,
        reason: PolicyReason,
        note: &str,
    ) -> Result<EntityId, Error> {
        let policy = Policy::parse(text)?;
        review_of(&policy)?;
        let matter = Matter::Policy { digest: Digest::of(text.as_bytes()), text: text.to_owned(), reason };
        self.decide_office(OfficeAct::Propose { matter }, Some(note))
    }

    /// Proposes to release a held version.
    pub fn propose_release(&mut self, held: u64, note: &str) -> Result<EntityId, Error> {
        let none = || Error::NotFound(format!("there is no held version {held}"));
        let digest = self.held()?.into_iter().find(|one| one.id == held).ok_or_else(none)?.digest;
        self.decide_office(OfficeAct::Propose { matter: Matter::HeldRelease { held, digest } }, Some(note))
    }

    /// Agrees to a matter, and does it. When doing it fails, what was agreed can be done later.
    pub fn agree(
        &mut self,
        proposal: &EntityId,
        later_changes: LaterChanges,
        progress: &mut dyn Progress,
    ) -> Result<Agreed, Error> {
        let decision = self.decide_office(OfficeAct::Agree { proposal: proposal.clone() }, None)?;
        let matters = self.all_matters(KnownAt::MAX)?;
        let matter = matters.matter(proposal).expect("it was agreed to above");
        let done = match matter.what.clone() {
            Matter::Policy { text, .. } => {
                let effect = self.adopt_policy(&text)?;
                format!("the policy is adopted in commit {}", effect.commit.seq)
            }
            Matter::HeldRelease { held, .. } => {
                self.held_release(held, later_changes, progress)?;
                format!("held version {held} is applied")
            }
        };
        Ok(Agreed { decision, done })
    }

    /// Does not agree to a matter.
    pub fn reject(&mut self, proposal: &EntityId, note: &str) -> Result<EntityId, Error> {
        self.decide_office(OfficeAct::Reject { proposal: proposal.clone() }, Some(note))
    }

    // Invariant(FOUR-EYES): what was agreed to before `since` was for another time. In a store with accounts, what takes two persons is done after two persons agreed to that very thing.
    pub(crate) fn check_agreed(
        &self,
        wanted: &dyn Fn(&Matter) -> bool,
        since: KnownAt,
        what: &'static str,
    ) -> Result<(), Error> {
        if !self.has_accounts()? {
            return Ok(());
        }
        let matters = self.all_matters(KnownAt::MAX)?;
        let later =
            |closed: &Option<(AccountName, KnownAt)>| closed.as_ref().is_some_and(|(_, at)| *at > since);
        let agreed = matters
            .office()
            .any(|one| one.outcome == ReviewOutcome::Agreed && wanted(&one.what) && later(&one.closed));
        if agreed { Ok(()) } else { Err(Error::Denied(Refusal::TakesTwo { what })) }
    }

    pub(crate) fn decide_office(&mut self, act: OfficeAct, note: Option<&str>) -> Result<EntityId, Error> {
        self.decide_one(Draft { deed: Deed::Office(act), note: note.map(str::to_owned), bulk: None })
    }
}
