//! Figures, whom each of them counts, what changed them, and claims held against them: each as of any known time.
//!
//! In: a known time, a figure's name. Out: numbers and the ids that they count. Always holds: one answer is of one state of the store,
//! also while another process writes.

use cases::changes::{self, Change};
use cases::{Basis, Behind, Checked, Figures};
use ledger::Ledger;
use model::KnownAt;
use screening::{Accounts, NetworkPolicy};

use crate::{Error, Store};

impl Store {
    /// The figures of a known time.
    pub fn figures(&self, known_at: KnownAt) -> Result<Figures, Error> {
        self.ledger.snapshot(|ledger| Ok(self.basis(ledger, known_at)?.figures()))
    }

    /// Whom a figure of a known time, one number of it, or a status counts.
    pub fn behind(&self, figure: &str, known_at: KnownAt) -> Result<Vec<Behind>, Error> {
        let unknown = || {
            Error::NotFound(format!(
                "there is no figure {figure}; `lookback figures` lists them with their meaning"
            ))
        };
        self.ledger.snapshot(|ledger| self.basis(ledger, known_at)?.behind(figure).ok_or_else(unknown))
    }

    /// Every claim known at a time, held against the figure of the day on which it became known.
    pub fn check_claims(&self, known_at: KnownAt) -> Result<Vec<Checked>, Error> {
        self.ledger.snapshot(|ledger| {
            let claims = ledger.as_of(known_at).claims()?;
            cases::check(claims, known_at, |time| Ok(self.basis(ledger, time)?.figures()))
        })
    }

    /// Who came to be moved by the network, and who no longer is, at each known time after `from` and up to `to`, and the lines that caused it.
    pub fn network_changes(&self, from: KnownAt, to: KnownAt) -> Result<Vec<Change>, Error> {
        self.ledger.snapshot(|ledger| {
            let policies = self.policies_between(ledger, from, to)?;
            let in_force = |time: KnownAt| {
                let after = policies.partition_point(|(since, _)| *since <= time);
                &policies[after.saturating_sub(1)].1
            };
            let mut at = from;
            let mut accounts = Accounts::new(ledger.as_of(at), in_force(at));
            changes::between(ledger, from, to, &in_force(to).excluding_event, |subject, known_at| {
                if at != known_at {
                    (at, accounts) = (known_at, Accounts::new(ledger.as_of(known_at), in_force(known_at)));
                }
                Ok(accounts.of(subject)?.support(subject))
            })
        })
    }

    /// The policies in force from a time on and until another, each with since when; the first at any rate.
    fn policies_between(
        &self,
        ledger: &Ledger,
        from: KnownAt,
        to: KnownAt,
    ) -> Result<Vec<(KnownAt, NetworkPolicy)>, Error> {
        let mut policies = vec![(from, self.policy(from)?.network)];
        let mut last = ledger.as_of(from).last_commit()?.and_then(|(commit, _)| commit.policy);
        for commit in ledger.commits()? {
            let known_at = commit.header.known_at;
            if known_at > from && known_at <= to && commit.policy != last {
                last = commit.policy;
                policies.push((known_at, self.policy(known_at)?.network));
            }
        }
        Ok(policies)
    }

    pub(crate) fn basis(&self, ledger: &Ledger, known_at: KnownAt) -> Result<Basis, Error> {
        let policy = self.policy(known_at)?.network;
        Ok(Basis::read(&ledger.as_of(known_at), &policy.excluding_event)?)
    }
}
