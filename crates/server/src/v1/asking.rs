//! Who asks, and how they look or change: the one way from a route to the store.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lookback::audit::{AuditAction, Look, Reach};
use lookback::review::Standing;
use lookback::{Error, Store};

use super::Answer;
use crate::problem::Problem;
use crate::routes::Rule;
use crate::service::{Caller, Service};

/// What a route lets somebody look at: for its rule, and for the audit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    what: &'static str,
    action: AuditAction,
    permission: &'static str,
    reach: Reach,
}

impl Sight {
    pub(super) const fn of(
        what: &'static str,
        action: AuditAction,
        permission: &'static str,
        reach: Reach,
    ) -> Self {
        Self { what, action, permission, reach }
    }

    /// Who may.
    pub(super) const fn rule(self) -> Rule {
        Rule::May(self.permission)
    }
}

/// Somebody who asks something of the store.
pub(super) struct Asking {
    service: Service,
    caller: Caller,
    break_glass: Option<String>,
}

/// With it somebody says why they look beyond what is theirs to see.
const BREAK_GLASS: &str = "x-break-glass";

impl FromRequestParts<Service> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(Problem::ours)?;
        let said = parts.headers.get(BREAK_GLASS).and_then(|value| value.to_str().ok());
        let break_glass = said.map(str::trim).filter(|why| !why.is_empty()).map(str::to_owned);
        Ok(Self { service: service.clone(), caller, break_glass })
    }
}

impl Asking {
    /// Looks at something, which is allowed and noted first. The question is told whom else to leave out.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        sight: Sight,
        targets: &[&str],
        question: impl FnOnce(&mut Store, Option<Standing>) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        self.look_for(sight, targets, None, question).await
    }

    /// The same, where something is searched for.
    pub(super) async fn look_for<T: Send + 'static>(
        &self,
        sight: Sight,
        targets: &[&str],
        query: Option<String>,
        question: impl FnOnce(&mut Store, Option<Standing>) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let Sight { what, action, permission, reach } = sight;
        let targets = targets.iter().map(|&target| target.to_owned()).collect();
        let break_glass = self.break_glass.clone();
        let breaks_glass = break_glass.is_some();
        let look = Look { action, targets, query, what: what.to_owned(), permission, reach, break_glass };
        let asked = self.service.ask(&self.caller, move |store| {
            store.check_look(&look)?;
            store.note_look(look)?;
            let viewer = if breaks_glass { None } else { store.viewer()? };
            question(store, viewer)
        });
        asked.await.map(Json)
    }

    /// Asks for something that shows nothing of anybody, and is not noted.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        self.service.ask(&self.caller, question).await.map(Json)
    }

    /// Changes something.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Store) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        self.service.change(&self.caller, change).await.map(Json)
    }
}
