//! Who the accounts belonged to and what they might do, at any time.
//!
//! In: decisions about accounts, with when they became known. Out: an account's person, roles and compartments as of a time. Always
//! holds: an account stays with one person; nobody reviews who opens accounts or audits; a decision about accounts that its author could
//! not take is void. The first account of a store is an administrator's, whoever opens it.

use std::collections::{BTreeMap, BTreeSet};

use model::{AccountName, Decision, Deed, KnownAt, OfficeAct, PersonName, ReviewRole};
use serde::Serialize;

use super::{Refusal, may};

/// What an account is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Standing {
    /// Whose it is.
    pub person: PersonName,
    /// What it may do.
    pub roles: BTreeSet<ReviewRole>,
    /// Which compartments it may see.
    pub compartments: BTreeSet<String>,
}

impl Standing {
    /// Refuses what none of its roles may do.
    pub fn check(&self, action: &'static str) -> Result<(), Refusal> {
        if may(self.roles.iter().copied(), action) { Ok(()) } else { Err(Refusal::NotAllowed { action }) }
    }
}

/// All accounts through time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// What each account was, since when; `None` where it was closed.
    stood: BTreeMap<AccountName, Vec<(KnownAt, Option<Standing>)>>,
}

/// Roles that keep somebody from reviewing, by any account.
const APART: [ReviewRole; 2] = [ReviewRole::Auditor, ReviewRole::Administrator];
const REVIEWS: [ReviewRole; 4] =
    [ReviewRole::AnalystL1, ReviewRole::AnalystL2, ReviewRole::Approver, ReviewRole::ListManager];

impl Accounts {
    /// Whether there is no account yet.
    pub fn is_empty(&self) -> bool {
        self.stood.is_empty()
    }

    /// What an account was at a time; refused when there was none.
    pub fn standing(&self, account: &AccountName, at: KnownAt) -> Result<&Standing, Refusal> {
        let none = || Refusal::NoAccount { account: account.clone() };
        let stood = self.stood.get(account).ok_or_else(none)?;
        let after = stood.partition_point(|(since, _)| *since <= at);
        after.checked_sub(1).and_then(|last| stood[last].1.as_ref()).ok_or_else(none)
    }

    /// The accounts open at a time, by name.
    pub fn open_at(&self, at: KnownAt) -> impl Iterator<Item = (&AccountName, &Standing)> {
        self.stood.keys().filter_map(move |account| Some((account, self.standing(account, at).ok()?)))
    }

    /// Takes a decision in, if it is about accounts and its author could take it.
    pub fn apply(&mut self, known_at: KnownAt, decision: &Decision) -> Result<(), Refusal> {
        let Deed::Office(act) = &decision.deed else { return Ok(()) };
        match act {
            OfficeAct::Account { account, person, roles, compartments } => {
                let standing = Standing {
                    person: person.clone(),
                    roles: roles.clone(),
                    compartments: compartments.clone(),
                };
                self.check_author(known_at, decision, Some(&standing))?;
                self.check_change(known_at, account, Some(&standing))?;
                self.stood.entry(account.clone()).or_default().push((known_at, Some(standing)));
            }
            OfficeAct::CloseAccount { account } => {
                self.check_author(known_at, decision, None)?;
                self.standing(account, known_at)?;
                self.check_change(known_at, account, None)?;
                self.stood.entry(account.clone()).or_default().push((known_at, None));
            }
            _ => {}
        }
        Ok(())
    }

    fn check_author(
        &self,
        at: KnownAt,
        decision: &Decision,
        opens: Option<&Standing>,
    ) -> Result<(), Refusal> {
        if self.is_empty() {
            let administers =
                opens.is_some_and(|standing| standing.roles.contains(&ReviewRole::Administrator));
            return if administers { Ok(()) } else { Err(Refusal::LastAdministrator) };
        }
        self.standing(&decision.by, at)?.check("account")
    }

    fn check_change(
        &self,
        at: KnownAt,
        account: &AccountName,
        standing: Option<&Standing>,
    ) -> Result<(), Refusal> {
        let mut history = self.stood.get(account).into_iter().flatten().filter_map(|(_, was)| was.as_ref());
        if let Some(standing) = standing
            && history.any(|was| was.person != standing.person)
        {
            return Err(Refusal::OtherPerson);
        }
        let others = || self.open_at(at).filter(|(other, _)| *other != account).map(|(_, other)| other);
        let administers = |standing: &Standing| standing.roles.contains(&ReviewRole::Administrator);
        if !self.is_empty() && !standing.is_some_and(administers) && !others().any(administers) {
            return Err(Refusal::LastAdministrator);
        }
        let Some(standing) = standing else { return Ok(()) };
        let mut roles = standing.roles.clone();
        for other in others().filter(|other| other.person == standing.person) {
            roles.extend(&other.roles);
        }
        let any = |of: &[ReviewRole]| of.iter().any(|role| roles.contains(role));
        if any(&APART) && any(&REVIEWS) { Err(Refusal::RolesConflict) } else { Ok(()) }
    }
}
