//! Who asks, and how they look or change: the one way from a route to the store.
//!
//! The guard before the route asked whether they may, and notes a look in the audit before its answer leaves.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lookback::review::Standing;
use lookback::{Error, Store};

use super::Answer;
use crate::access::Looked;
use crate::problem::Problem;
use crate::service::{Caller, Service};

/// Somebody who asks something of the store.
pub(super) struct Asking {
    pub(super) service: Service,
    pub(super) caller: Caller,
    looked: Looked,
}

impl FromRequestParts<Service> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(Problem::ours)?;
        let looked = parts.extensions.get::<Looked>().cloned().unwrap_or_default();
        Ok(Self { service: service.clone(), caller, looked })
    }
}

impl Asking {
    /// Looks at somebody whose id is not in the path: it is noted, too.
    pub(super) fn about(&self, id: &str) {
        self.looked.target(id);
    }

    /// Looks at something. The question is told whom the asker may see, for answers that leave the others out; `None` sees everybody.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Store, Option<Standing>) -> Result<T, Error> + Send + 'static,
    ) -> Answer<T> {
        let breaks_glass = self.caller.break_glass.is_some();
        let asked = self.service.ask(&self.caller, move |store| {
            let viewer = if breaks_glass { None } else { store.viewer()? };
            question(store, viewer)
        });
        asked.await.map(Json)
    }

    /// Asks for something that shows nothing of anybody.
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
