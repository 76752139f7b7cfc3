//! The policy of a store: show it, try another one, adopt it.

use std::collections::BTreeSet;

use model::{AlertChange, DatasetName, EntityId, KnownAt, Matter, Op, PolicyRecord, Record};
use screening::Policy;
use serde::Serialize;

use crate::review::review_of;
use crate::store::{Ending, screen_and_finish};
use crate::{CommitReport, Error, Store};

/// What a policy does, or would do, to the alerts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PolicyEffect {
    /// The commit; its sequence number is 0 when it was only tried.
    pub commit: CommitReport,
    /// Datasets that the policy names and the store does not have: a slip, or yet to come.
    pub unknown_datasets: BTreeSet<DatasetName>,
    /// The alerts that come, change and go.
    #[serde(skip)]
    pub changes: Vec<AlertChange>,
}

impl Store {
    /// The policy in force at a known time.
    pub fn policy(&self, known_at: KnownAt) -> Result<Policy, Error> {
        let adopted = self.ledger.as_of(known_at).policy()?;
        Ok(adopted.map_or(Ok(Policy::default()), |record| Policy::parse(&record.text))?)
    }

    /// What adopting a policy would do. Nothing is changed.
    pub fn try_policy(&mut self, text: &str) -> Result<PolicyEffect, Error> {
        let effect = self.put_policy(text, Ending::Trial);
        self.drop_engine();
        effect
    }

    /// Adopts a policy: everybody is examined anew in the same commit.
    pub fn adopt_policy(&mut self, text: &str) -> Result<PolicyEffect, Error> {
        let digest = model::Digest::of(text.as_bytes());
        let same =
            |matter: &Matter| matches!(matter, Matter::Policy { digest: agreed, .. } if *agreed == digest);
        let last =
            self.ledger.as_of(KnownAt::MAX).policies()?.last().map_or(KnownAt::MIN, |last| last.known_at);
        self.check_agreed(&same, last, "another policy")?;
        let effect = self.put_policy(text, Ending::Commit);
        if effect.is_err() {
            self.drop_engine();
            return effect;
        }
        let subjects = self.parts()?.1.coverage().subjects;
        self.count_unsaved(subjects);
        self.save_indexes()?;
        effect
    }

    fn put_policy(&mut self, text: &str, ending: Ending) -> Result<PolicyEffect, Error> {
        let policy = self.with_fingerprints(Policy::parse(text)?)?;
        review_of(&policy)?;
        let unknown_datasets = self.unknown_datasets(&policy)?;
        let known_at = self.next_known_at()?;
        let header = self.header(known_at, "adopt a policy", Vec::new());
        let (ledger, engine) = self.parts()?;
        let mut batch = ledger.begin(header)?;
        batch.stage(&Op::Put(Record::Policy(PolicyRecord { text: policy.to_text() })), 1)?;
        let (applied, commit, counts) = screen_and_finish(engine, batch, model::Counts::default(), ending)?;
        let commit = CommitReport::of(commit.as_ref(), known_at, counts, applied.changes);
        Ok(PolicyEffect { changes: commit.changes.clone(), commit, unknown_datasets })
    }

    fn unknown_datasets(&self, policy: &Policy) -> Result<BTreeSet<DatasetName>, Error> {
        let known = self.ledger.as_of(KnownAt::MAX).datasets()?;
        let named = policy
            .lists
            .iter()
            .flat_map(|list| std::iter::once(&list.dataset).chain(list.populations.iter().flatten()));
        let unknown = named.filter(|name| !known.iter().any(|dataset| dataset.name == **name));
        Ok(unknown.cloned().collect())
    }

    /// Fills in on which evidence each known good pair was judged, where the file does not say.
    fn with_fingerprints(&self, mut policy: Policy) -> Result<Policy, Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        for (at, pair) in
            policy.good_pairs.iter_mut().enumerate().filter(|(_, pair)| pair.fingerprint.is_none())
        {
            let print = |id: &str| -> Result<_, Error> {
                let version = EntityId::new(id).ok().map(|id| view.entity(&id)).transpose()?.flatten();
                let missing = || Error::NotFound(format!("good_pair {}: {id} is not in force", at + 1));
                Ok(matching::fingerprint(&version.ok_or_else(missing)?.record.entity))
            };
            pair.fingerprint = Some(matching::of_pair(print(&pair.subject)?, print(&pair.entry)?));
        }
        Ok(policy)
    }
}
