//! Retention: legal holds, and purging people whose time is over.
//!
//! In: ids, a reason, an authority. Out: what was purged, by digest, and what a purge cannot reach: files held in quarantine, and copies
//! that were handed out. Always holds: nobody under a legal hold is purged; the subject is deleted by the same path as by any
//! deletion, so that alerts are withdrawn, and purged in the same commit (`PURGE`); index files beside the store are removed before and
//! written anew afterwards.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Known, PurgedId, View};
use model::{Decision, Deed, Deletion, EntityId, Key, KnownAt, Op, Role, SubjectAct, Topic};
use serde::Serialize;

use cases::review::{Proposed, RedressRequest, ReviewOutcome, Rulebook};

use screening::RetentionClock;

use crate::{Error, Store};

/// A legal hold: its subject is not purged while it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LegalHold {
    /// Whom it protects from being purged.
    pub subject: EntityId,
    /// Why.
    pub reason: String,
    /// Up to and without this time; `None` until it is lifted.
    pub until: Option<KnownAt>,
}

/// What a purge does with files in quarantine that name whom it purges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldFiles {
    /// The purge is refused, and they are listed.
    Refuse,
    /// They are discarded whole: a file cannot be purged in part.
    Discard,
}

/// What a purge does with people on whom alerts are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenAlerts {
    /// The purge is refused.
    Refuse,
    /// The alerts are withdrawn with the deletion, as an order to erase may demand.
    Withdraw,
}

/// Why and how people are purged.
#[derive(Debug, Clone)]
pub struct PurgeOrder {
    /// Why: recorded with the commit, so without personal data.
    pub reason: String,
    /// Under which rule, order or decision.
    pub authority: String,
    /// Files in quarantine.
    pub held: HeldFiles,
    /// Open alerts.
    pub alerts: OpenAlerts,
}

/// Why somebody is not purged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Kept {
    /// A legal hold.
    LegalHold {
        /// Why it was set.
        reason: String,
        /// Until when it stands.
        until: Option<KnownAt>,
    },
    /// Somebody asked for it to be put right, and nobody has decided.
    PendingRedress,
    /// An alert is open, and its review pending.
    OpenAlert {
        /// How many.
        alerts: usize,
    },
    /// A file in quarantine names the person.
    HeldFile {
        /// Numbers of the held versions.
        held: Vec<u64>,
    },
}

/// What a purge did, or would do.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PurgeReport {
    /// The commit; `None` when it was only tried.
    pub commit: Option<u64>,
    /// When it became known.
    pub known_at: KnownAt,
    /// Digests of who was purged.
    pub subjects: Vec<String>,
    /// How many rows of the journal lost their content.
    pub rows: u64,
    /// Held versions that were discarded because they named somebody purged.
    pub discarded: Vec<u64>,
    /// Where ids are left nevertheless, because the chain rests on it: policies, purposes, rejects; number by number.
    pub left: Vec<String>,
    /// To whom exports are known to have gone: a purge does not reach them.
    pub recipients: Vec<String>,
}

/// What the store recorded of a purge.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PurgeRecord {
    /// The commit.
    pub commit: u64,
    /// When.
    pub known_at: KnownAt,
    /// Who, as asserted.
    pub actor: String,
    /// Why, and under which authority.
    pub purpose: String,
    /// Digests of who was purged.
    pub subjects: Vec<String>,
    /// How many rows of the journal lost their content.
    pub rows: u64,
    /// How many alerts name a digest since.
    pub alerts: u64,
}

/// Somebody whose time is over.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Due {
    /// Who.
    pub subject: EntityId,
    /// Of which population.
    pub dataset: String,
    /// When they were last put, changed or deleted.
    pub last_known: KnownAt,
    /// Since when they are due.
    pub due: KnownAt,
    /// Why they are kept; empty for whoever a purge takes.
    pub kept: Vec<Kept>,
}

/// Whether a purge is done or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeRun {
    /// It is done.
    Now,
    /// What it would do is told; nothing is changed.
    Dry,
}

const MICROS_A_DAY: i64 = 86_400_000_000;

/// The holds that stand as of a view, by subject; the last word counts. In a store with accounts the author must have been allowed to say it.
pub(crate) fn holds_of(view: &View<'_>, now: KnownAt) -> Result<BTreeMap<EntityId, LegalHold>, Error> {
    let accounts = cases::review::rulebook(view, cases::review::ReviewPolicies::default())?.accounts;
    let may = |known: &Known<Decision>, action| {
        let nobody = accounts.open_at(known.known_at).next().is_none();
        nobody
            || accounts.standing(&known.record.by, known.known_at).is_ok_and(|one| one.check(action).is_ok())
    };
    let mut holds = BTreeMap::new();
    for known in view.decisions_on(&Key::topic(Topic::Holds))? {
        let Deed::Subject { subject, act } = &known.record.deed else { continue };
        match act {
            SubjectAct::LegalHold { reason, until } if may(&known, "legal_hold") => {
                let hold = LegalHold { subject: subject.clone(), reason: reason.clone(), until: *until };
                holds.insert(subject.clone(), hold);
            }
            SubjectAct::LiftHold { .. } if may(&known, "lift_hold") => drop(holds.remove(subject)),
            _ => {}
        }
    }
    holds.retain(|_, hold: &mut LegalHold| hold.until.is_none_or(|until| until > now));
    Ok(holds)
}

impl Store {
    /// The legal holds that stand, by subject.
    pub fn legal_holds(&self) -> Result<Vec<LegalHold>, Error> {
        let holds = holds_of(&self.ledger.as_of(KnownAt::MAX), (self.settings.clock)())?;
        Ok(holds.into_values().collect())
    }

    /// Sets a legal hold. One that stands is replaced.
    pub fn hold_subject(
        &mut self,
        subject: &EntityId,
        reason: &str,
        until: Option<KnownAt>,
    ) -> Result<(), Error> {
        self.population_of(subject)?;
        self.decide_hold(subject, SubjectAct::LegalHold { reason: reason.to_owned(), until })
    }

    /// Lifts the legal hold of a subject.
    pub fn lift_hold(&mut self, subject: &EntityId, reason: &str) -> Result<(), Error> {
        let holds = holds_of(&self.ledger.as_of(KnownAt::MAX), KnownAt::MIN)?;
        if !holds.contains_key(subject) {
            return Err(Error::NotFound(format!(
                "{subject}: no legal hold; `lookback hold list` lists them"
            )));
        }
        self.decide_hold(subject, SubjectAct::LiftHold { reason: Some(reason.to_owned()) })
    }

    /// In a store with accounts, by one that may; in one without, by whoever can write to it, as asserted.
    fn decide_hold(&mut self, subject: &EntityId, act: SubjectAct) -> Result<(), Error> {
        if self.has_accounts()? {
            return self.decide_subject(subject, act, "").map(drop);
        }
        self.record_unjudged(Deed::Subject { subject: subject.clone(), act }).map(drop)
    }

    /// What was purged so far, commit by commit.
    pub fn purges(&self) -> Result<Vec<PurgeRecord>, Error> {
        let record = |purge: ledger::Purge| PurgeRecord {
            commit: purge.commit.seq,
            known_at: purge.commit.header.known_at,
            actor: purge.commit.header.actor,
            purpose: purge.commit.header.purpose,
            subjects: purge.subjects.iter().map(PurgedId::to_string).collect(),
            rows: purge.rows,
            alerts: purge.alerts,
        };
        Ok(self.ledger.purges()?.into_iter().map(record).collect())
    }

    /// The purge of somebody, by id or by the digest that stands for it.
    pub(crate) fn purge_of(&self, id: &EntityId) -> Result<Option<PurgeRecord>, Error> {
        let digest = PurgedId::of(id).to_string();
        let is_it = |subject: &String| *subject == digest || subject == id.as_str();
        Ok(self.purges()?.into_iter().rev().find(|purge| purge.subjects.iter().any(is_it)))
    }

    /// Why each of some people is not purged; those without an entry would be.
    pub fn kept_from_purge(
        &self,
        subjects: &BTreeSet<EntityId>,
        order: &PurgeOrder,
    ) -> Result<BTreeMap<EntityId, Vec<Kept>>, Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        let holds = holds_of(&view, self.next_known_at()?)?;
        let files = self.held_files()?;
        let (rulebook, matters) = (self.rulebook(KnownAt::MAX)?, self.all_matters(KnownAt::MAX)?);
        let mut kept: BTreeMap<EntityId, Vec<Kept>> = BTreeMap::new();
        for subject in subjects {
            let mut reasons = Vec::new();
            // A hold on one record protects everything that is the same subject.
            let one = rulebook.merges.group(subject, KnownAt::MAX.previous());
            if let Some(hold) = one.iter().find_map(|id| holds.get(id)) {
                reasons.push(Kept::LegalHold { reason: hold.reason.clone(), until: hold.until });
            }
            if order.alerts == OpenAlerts::Refuse {
                let alerts = self.pending_reviews(&view, &rulebook, subject)?;
                reasons.extend((alerts > 0).then_some(Kept::OpenAlert { alerts }));
            }
            let asks = |one: &Proposed<RedressRequest>| {
                one.what.subject == *subject && one.outcome == ReviewOutcome::Open
            };
            reasons.extend(matters.redress().any(asks).then_some(Kept::PendingRedress));
            let held: Vec<u64> =
                files.iter().filter(|file| names(&file.bytes, subject)).map(|file| file.id).collect();
            if order.held == HeldFiles::Refuse && !held.is_empty() {
                reasons.push(Kept::HeldFile { held });
            }
            if !reasons.is_empty() {
                kept.insert(subject.clone(), reasons);
            }
        }
        Ok(kept)
    }

    /// How many reviews of a subject's open alerts are pending.
    fn pending_reviews(
        &self,
        view: &View<'_>,
        rulebook: &Rulebook,
        subject: &EntityId,
    ) -> Result<usize, Error> {
        let (now, mut pending) = (self.now()?, 0);
        for alert in view.alerts_ever_of(subject)? {
            let review = cases::review::review_of(view, rulebook, alert, now)?;
            pending += usize::from(review.is_some_and(|review| review.state().is_pending()));
        }
        Ok(pending)
    }

    /// When the last review of a subject entered the state that it is in: where none is pending, when the case was closed.
    fn case_closed(
        &self,
        view: &View<'_>,
        rulebook: &Rulebook,
        subject: &EntityId,
    ) -> Result<KnownAt, Error> {
        let (now, mut closed) = (self.now()?, KnownAt::MIN);
        for alert in view.alerts_ever_of(subject)? {
            let review = cases::review::review_of(view, rulebook, alert, now)?;
            closed = closed.max(review.map_or(KnownAt::MIN, |review| review.since()));
        }
        Ok(closed)
    }

    /// Whose time is over at a time, by the retention rules of the policy in force, and why some of them are kept.
    pub fn due_for_purge(&self, now: KnownAt, order: &PurgeOrder) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        let (view, rulebook) = (self.ledger.as_of(KnownAt::MAX), self.rulebook(KnownAt::MAX)?);
        for rule in self.policy(KnownAt::MAX)?.retention {
            let days = i64::from(rule.days) * MICROS_A_DAY;
            for (subject, last_known) in self.ledger.last_known(&rule.dataset)? {
                let after = |time: KnownAt| KnownAt::from_micros(time.micros().saturating_add(days));
                let mut over = after(last_known);
                if over <= now && rule.after == RetentionClock::CaseClosed {
                    over = over.max(after(self.case_closed(&view, &rulebook, &subject)?));
                }
                if over <= now {
                    due.push(Due {
                        subject,
                        dataset: rule.dataset.to_string(),
                        last_known,
                        due: over,
                        kept: Vec::new(),
                    });
                }
            }
        }
        let subjects = due.iter().map(|due| due.subject.clone()).collect();
        let mut kept = self.kept_from_purge(&subjects, order)?;
        for due in &mut due {
            due.kept = kept.remove(&due.subject).unwrap_or_default();
        }
        Ok(due)
    }

    /// Purges people. Refused as a whole when one of them is kept; see [`kept_from_purge`](Self::kept_from_purge).
    pub fn purge(
        &mut self,
        subjects: &BTreeSet<EntityId>,
        order: &PurgeOrder,
        run: PurgeRun,
    ) -> Result<PurgeReport, Error> {
        if self.has_accounts()? {
            self.actor()?.1.check("purge")?;
        }
        for subject in subjects {
            self.population_of(subject)?;
        }
        let kept = self.kept_from_purge(subjects, order)?;
        if let Some((subject, reasons)) = kept.first_key_value() {
            return Err(Error::Usage(format!("{subject} is not purged: {}", kept_in_words(reasons))));
        }
        let discarded: Vec<u64> = self
            .held_files()?
            .iter()
            .filter(|file| subjects.iter().any(|subject| names(&file.bytes, subject)))
            .map(|file| file.id)
            .collect();
        let mut recipients = BTreeSet::new();
        for subject in subjects {
            let given = self.recipients(subject)?.into_iter();
            recipients.extend(given.map(|one| format!("{} at {} for {}", one.account, one.at, one.purpose)));
        }
        let recipients = recipients.into_iter().collect();
        if run == PurgeRun::Now {
            for id in &discarded {
                self.held_discard(*id)?;
            }
            self.remove_indexes()?;
            // Before the store: whoever is killed in between still knows whom to purge.
            self.purge_audit(subjects)?;
        }
        let mut left = BTreeSet::new();
        for subject in subjects {
            left.extend(self.ledger.left_by_a_purge(subject)?);
        }
        let left = left.into_iter().collect();
        let done = self.purge_in_one_commit(subjects, order, run);
        // What the engine keeps of the purged in memory goes with it; its indexes are built from what is left.
        self.drop_engine();
        let (commit, known_at, rows) = done?;
        if run == PurgeRun::Now {
            self.ledger.scrub()?;
            self.rebuild_indexes()?;
        }
        let subjects = subjects.iter().map(|id| PurgedId::of(id).to_string()).collect();
        Ok(PurgeReport { commit, known_at, subjects, rows, discarded, left, recipients })
    }

    fn purge_in_one_commit(
        &mut self,
        subjects: &BTreeSet<EntityId>,
        order: &PurgeOrder,
        run: PurgeRun,
    ) -> Result<(Option<u64>, KnownAt, u64), Error> {
        let known_at = self.next_known_at()?;
        let mut header = self.header(known_at, "purge", Vec::new());
        header.purpose = format!("{}: {}; authority: {}", header.purpose, order.reason, order.authority);
        let (ledger, engine) = self.parts()?;
        let mut batch = ledger.begin(header)?;
        for (subject, line) in subjects.iter().zip(1..) {
            let deletion = Deletion { key: Key::entity(subject), dataset: None, reason: None };
            batch.stage(&Op::Delete(deletion), line)?;
        }
        let applied = engine.apply(&mut batch)?;
        let rows = batch.purge(subjects)?;
        let commit = match run {
            PurgeRun::Now => Some(batch.finish(&applied.coverage)?.seq),
            PurgeRun::Dry => None,
        };
        Ok((commit, known_at, rows))
    }

    /// Only people of a population are purged: lists are public and the ground of other people's alerts.
    fn population_of(&self, subject: &EntityId) -> Result<(), Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        let unknown = || Error::NotFound(format!("{subject}: no subject of that id is or was known"));
        let version = view.first_version(subject)?.ok_or_else(unknown)?;
        let dataset = view.dataset(&version.record.dataset)?;
        match dataset.map(|dataset| dataset.role) {
            Some(Role::List) => {
                Err(Error::Usage(format!("{subject} is of a list; only people of a population are purged")))
            }
            _ => Ok(()),
        }
    }

    fn held_files(&self) -> Result<Vec<ledger::HeldVersion>, Error> {
        self.ledger.held()?.into_iter().map(|held| Ok(self.ledger.held_version(held.id)?)).collect()
    }
}

fn names(bytes: &[u8], subject: &EntityId) -> bool {
    let id = subject.as_str().as_bytes();
    bytes.windows(id.len()).any(|window| window == id)
}

/// Why somebody is kept, in words; empty for whoever is not.
pub fn kept_in_words(reasons: &[Kept]) -> String {
    let words = reasons.iter().map(|reason| match reason {
        Kept::LegalHold { reason, until: None } => format!("a legal hold ({reason})"),
        Kept::LegalHold { reason, until: Some(until) } => format!("a legal hold until {until} ({reason})"),
        Kept::PendingRedress => "a request for redress that nobody has decided".to_owned(),
        Kept::OpenAlert { alerts } => {
            format!("{alerts} open alert(s); `--withdraw-alerts` purges nevertheless")
        }
        Kept::HeldFile { held } => {
            let ids: Vec<String> = held.iter().map(u64::to_string).collect();
            format!("held file(s) {} name it; `--discard-held` discards them", ids.join(", "))
        }
    });
    words.collect::<Vec<_>>().join("; ")
}
