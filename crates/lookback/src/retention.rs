//! Retention: legal holds, and purging people whose time is over.
//!
//! In: ids, a reason, an authority. Out: what was purged, by digest, and what a purge cannot reach: files held in quarantine, and copies
//! that were handed out. Always holds: nobody under a legal hold is purged; the subject is deleted by the same path as by any
//! deletion, so that alerts are withdrawn, and purged in the same commit (`PURGE`); index files beside the store are removed before and
//! written anew afterwards.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{PurgedId, View};
use model::{Deletion, EntityId, Key, KnownAt, Op, Record, RecordKind, Role};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Error, Store};

/// A legal hold: its subject is not purged while it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Kept {
    /// A legal hold.
    LegalHold {
        /// Why it was set.
        reason: String,
        /// Until when it stands.
        until: Option<KnownAt>,
    },
    /// An alert is open.
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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
#[derive(Debug, Clone, Serialize)]
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

/// What a decision says about a legal hold. The only place that reads the shape of such a decision.
enum HoldAct {
    Set(LegalHold),
    Lift(EntityId),
}

fn hold_act(decision: &Value) -> Option<HoldAct> {
    let text = |field: &str| decision.get(field).and_then(Value::as_str);
    let subject = EntityId::new(text("subject")?).ok()?;
    match text("act")? {
        "legal_hold" => {
            let reason = text("reason").unwrap_or_default().to_owned();
            Some(HoldAct::Set(LegalHold {
                subject,
                reason,
                until: text("until").and_then(|u| u.parse().ok()),
            }))
        }
        "lift_hold" => Some(HoldAct::Lift(subject)),
        _ => None,
    }
}

/// The holds that stand as of a view, by subject; the last word counts.
fn holds_of(view: &View<'_>, now: KnownAt) -> Result<BTreeMap<EntityId, LegalHold>, Error> {
    let mut holds = BTreeMap::new();
    view.records(RecordKind::Decision, &mut |_, record| {
        if let Record::Decision(decision) = record {
            match hold_act(&decision) {
                Some(HoldAct::Set(hold)) => drop(holds.insert(hold.subject.clone(), hold)),
                Some(HoldAct::Lift(subject)) => drop(holds.remove(&subject)),
                None => {}
            }
        }
        Ok(())
    })?;
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
        let until = until.map(|until| until.to_string());
        let shape = json!({ "act": "legal_hold", "subject": subject, "reason": reason, "until": until });
        self.decide("legal hold", shape)
    }

    /// Lifts the legal hold of a subject.
    pub fn lift_hold(&mut self, subject: &EntityId, reason: &str) -> Result<(), Error> {
        let holds = holds_of(&self.ledger.as_of(KnownAt::MAX), KnownAt::MIN)?;
        if !holds.contains_key(subject) {
            return Err(Error::NotFound(format!(
                "{subject}: no legal hold; `lookback hold list` lists them"
            )));
        }
        self.decide("lift a legal hold", json!({ "act": "lift_hold", "subject": subject, "reason": reason }))
    }

    fn decide(&mut self, purpose: &str, mut shape: Value) -> Result<(), Error> {
        let known_at = self.next_known_at()?;
        shape["id"] = json!(format!("hold-{}", known_at.micros()));
        let header = self.header(known_at, purpose, Vec::new());
        let (ledger, engine) = self.parts()?;
        let mut batch = ledger.begin(header)?;
        batch.stage(&Op::Put(Record::Decision(shape)), 1)?;
        let applied = engine.apply(&mut batch);
        let done = applied.map_err(Error::from).and_then(|applied| Ok(batch.finish(&applied.coverage)?));
        if done.is_err() {
            self.drop_engine();
        }
        done.map(drop)
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
        let mut kept: BTreeMap<EntityId, Vec<Kept>> = BTreeMap::new();
        for subject in subjects {
            let mut reasons = Vec::new();
            if let Some(hold) = holds.get(subject) {
                reasons.push(Kept::LegalHold { reason: hold.reason.clone(), until: hold.until });
            }
            if let (OpenAlerts::Refuse, Some(version)) = (order.alerts, view.entity(subject)?) {
                let open = view.alerts_of_subject(&version.identity())?;
                let alerts = open.iter().filter(|state| state.pair.is_alert()).count();
                reasons.extend((alerts > 0).then_some(Kept::OpenAlert { alerts }));
            }
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

    /// Whose time is over at a time, by the retention rules of the policy in force, and why some of them are kept.
    pub fn due_for_purge(&self, now: KnownAt, order: &PurgeOrder) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        for rule in self.policy(KnownAt::MAX)?.retention {
            let days = i64::from(rule.days) * MICROS_A_DAY;
            for (subject, last_known) in self.ledger.last_known(&rule.dataset)? {
                let over = KnownAt::from_micros(last_known.micros().saturating_add(days));
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
        if run == PurgeRun::Now {
            for id in &discarded {
                self.held_discard(*id)?;
            }
            self.remove_indexes()?;
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
        Ok(PurgeReport { commit, known_at, subjects, rows, discarded, left, recipients: Self::recipients() })
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

    /// Who is known to have been given an export. The seam for what the audit log records of exports; the store itself records none.
    fn recipients() -> Vec<String> {
        Vec::new()
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
