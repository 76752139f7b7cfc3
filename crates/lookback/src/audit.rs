//! The audit: who looked at what, for what, noted before the answer is given; and who was given copies.
//!
//! In: what somebody is about to look at. Out: an entry that is durable, or an error. Always holds: looking changes no alert, no hash and no
//! figure (`AUDIT-APART`); every commit names how far the log went, so that a log that was cut is found.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cases::review::{Refusal, Rulebook, Standing};
use ledger::{AuditEntry, AuditFilter, AuditHead, AuditLog, Audited, Ledger, PurgedId};
use model::{Digest, EntityId, KnownAt, SourceFile};
use serde::Serialize;

use crate::{Access, Error, Store};

pub use ledger::AuditAction;

/// Stands among the sources of a commit, with the number of the last entry of the audit log behind it and that entry's hash as digest.
const ANCHOR: &str = "audit log up to entry ";

/// What somebody is about to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What they do.
    pub action: AuditAction,
    /// The ids that they ask about.
    pub targets: Vec<String>,
    /// What they search for; only a salted digest of it is kept.
    pub query: Option<String>,
    /// The command or the page.
    pub what: String,
    /// What an account must be allowed, of the table of actions.
    pub permission: &'static str,
    /// Whom the answer may show.
    pub reach: Reach,
    /// Why they look beyond what is theirs to see.
    pub break_glass: Option<String>,
}

/// Whom an answer may show, as far as compartments go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: numbers, list entries; or only those whom the account may see, because the answer leaves the others out.
    Filtered,
    /// The subjects of the targets.
    Targets,
    /// Anybody of the population.
    Everybody,
}

/// What was found of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AuditVerified {
    /// How many entries there are.
    pub entries: u64,
    /// How many commits name an entry, which is there.
    pub anchors: u64,
}

/// Whether a source of a commit is the audit log's place in it.
pub(crate) fn is_anchor(name: &str) -> bool {
    name.starts_with(ANCHOR)
}

fn anchor_of(source: &SourceFile) -> Option<(u64, Digest)> {
    let seq = source.name.strip_prefix(ANCHOR)?.parse().ok()?;
    Some((seq, source.digest))
}

impl Store {
    /// Whether the account may look. Everybody may in a store that has no accounts.
    // Invariant(NEED-TO-KNOW): asked before anything is read for an answer.
    pub fn check_look(&self, look: &Look) -> Result<(), Error> {
        if !self.has_accounts()? {
            return Ok(());
        }
        let (_, standing) = self.actor()?;
        standing.check(look.permission)?;
        if look.break_glass.is_some() {
            return Ok(standing.check("break_glass")?);
        }
        let (rulebook, now) = (self.rulebook(KnownAt::MAX)?, self.now()?);
        match look.reach {
            Reach::Filtered => Ok(()),
            Reach::Everybody if rulebook.flags.may_see_all(&standing, now) => Ok(()),
            Reach::Everybody => Err(Refusal::NotInAllCompartments.into()),
            Reach::Targets => {
                for target in &look.targets {
                    let subjects = self.subjects_of(target, &rulebook, now)?;
                    if !subjects.iter().all(|subject| rulebook.flags.may_see(&standing, subject, now)) {
                        // As for an id that is not there: that somebody is in a compartment is part of it.
                        return Err(Error::NotFound(format!("there is no alert or subject {target}")));
                    }
                }
                Ok(())
            }
        }
    }

    /// The subjects that a target of a look is about: itself and what is one with it, or those of the alerts that begin like that.
    fn subjects_of(
        &self,
        target: &str,
        rulebook: &Rulebook,
        now: KnownAt,
    ) -> Result<BTreeSet<EntityId>, Error> {
        let view = self.ledger.as_of(KnownAt::MAX);
        let mut subjects: BTreeSet<EntityId> = EntityId::new(target).into_iter().collect();
        for alert in self.ledger.alerts_beginning(target)? {
            subjects.extend(view.alert(alert)?.map(|state| state.pair.subject.id));
        }
        Ok(subjects.iter().flat_map(|id| rulebook.merges.group(id, now)).collect())
    }

    /// Whom the account may see, where the store has accounts: for answers that leave the others out.
    pub fn viewer(&self) -> Result<Option<Standing>, Error> {
        if self.has_accounts()? { Ok(Some(self.actor()?.1)) } else { Ok(None) }
    }

    /// Notes that somebody is about to look.
    pub fn note_look(&self, look: Look) -> Result<u64, Error> {
        let entry = self.look_entry(look)?;
        Ok(AuditLog::open(&self.path)?.append(&[entry])?)
    }

    /// What is to be noted of somebody who is about to look, for programs that write it with others' through an [`AuditWriter`].
    pub fn look_entry(&self, mut look: Look) -> Result<AuditEntry, Error> {
        for target in &mut look.targets {
            if let Some(digest) = self.digest_of_purged(target)? {
                *target = digest;
            }
        }
        self.entry(look)
    }

    /// What stands for the id of somebody who was purged: the id itself does not come back by being asked about.
    fn digest_of_purged(&self, target: &str) -> Result<Option<String>, Error> {
        let Ok(id) = EntityId::new(target) else { return Ok(None) };
        if self.ledger.as_of(KnownAt::MAX).first_version(&id)?.is_some() {
            return Ok(None);
        }
        Ok(self.purge_of(&id)?.map(|_| PurgedId::of(&id).to_string()))
    }

    fn entry(&self, look: Look) -> Result<AuditEntry, Error> {
        let Look { action, targets, query, what, break_glass, .. } = look;
        let purpose =
            if self.settings.purpose.is_empty() { what.clone() } else { self.settings.purpose.clone() };
        Ok(AuditEntry {
            at: (self.settings.clock)(),
            account: self.account_name()?,
            proof: self.settings.proof,
            purpose,
            action,
            targets,
            query,
            detail: Some(what),
            break_glass,
        })
    }

    /// Entries of the audit, oldest first. In a store with accounts for those who may read it.
    pub fn audit(&self, filter: &AuditFilter) -> Result<Vec<Audited>, Error> {
        if self.has_accounts()? {
            self.actor()?.1.check("audit")?;
        }
        match AuditLog::open_existing(&self.path)? {
            Some(log) => Ok(log.entries(filter)?),
            None => Ok(Vec::new()),
        }
    }

    /// Notes that a second person looked at an entry that broke the glass.
    pub fn review_broken_glass(&self, seq: u64, note: &str) -> Result<u64, Error> {
        let filter = AuditFilter { break_glass: true, ..AuditFilter::default() };
        let broke = self.audit(&filter)?.into_iter().find(|entry| entry.seq == seq);
        let none = || Error::NotFound(format!("entry {seq} of the audit log broke no glass"));
        let broke = broke.ok_or_else(none)?;
        let account = self.account_name()?;
        let same_account = broke.account == account;
        let accounts = self.rulebook(KnownAt::MAX)?.accounts;
        let person = |account, at| accounts.standing(account, at).map(|standing| standing.person.clone());
        let now = self.now()?;
        let by = person(&account, now);
        // At the time of the entry, or now, where the clock of the ledger is another.
        let then = person(&broke.account, broke.at).or_else(|_| person(&broke.account, now.max(broke.at)));
        if same_account || by.ok().zip(then.ok()).is_some_and(|(by, then)| by == then) {
            return Err(Error::Denied(Refusal::SamePerson));
        }
        self.note_look(Look {
            action: AuditAction::Reviewed,
            targets: broke.targets,
            query: None,
            what: format!("entry {seq}: {note}"),
            permission: "audit",
            reach: Reach::Filtered,
            break_glass: None,
        })
    }

    /// Who was given something of a subject: exports since it first became known, and extracts of it.
    pub fn recipients(&self, subject: &EntityId) -> Result<Vec<Audited>, Error> {
        let Some(log) = AuditLog::open_existing(&self.path)? else { return Ok(Vec::new()) };
        let exports = AuditFilter { action: Some(AuditAction::Export), ..AuditFilter::default() };
        let mut given = log.entries(&exports)?;
        given.retain(|entry| {
            entry.targets.is_empty() || entry.targets.iter().any(|id| id == subject.as_str())
        });
        Ok(given)
    }

    /// Removes what the audit says of people who were purged.
    pub(crate) fn purge_audit(&self, subjects: &BTreeSet<EntityId>) -> Result<(), Error> {
        let Some(mut log) = AuditLog::open_existing(&self.path)? else { return Ok(()) };
        let note = self.entry(Look {
            action: AuditAction::Purged,
            targets: Vec::new(),
            query: None,
            what: "purge".into(),
            permission: "purge",
            reach: Reach::Filtered,
            break_glass: None,
        })?;
        for subject in subjects {
            log.purge(subject.as_str(), &note)?;
        }
        Ok(())
    }

    /// How far the audit log goes.
    pub fn audit_head(&self) -> Result<Option<AuditHead>, Error> {
        match AuditLog::open_existing(&self.path)? {
            Some(log) => Ok(log.head()?),
            None => Ok(None),
        }
    }

    /// The audit log's place in a commit that is about to be made.
    pub(crate) fn anchor(&self) -> Option<SourceFile> {
        // A log that cannot be read now is told by `audit verify`; nobody is kept from writing by it.
        let head = self.audit_head().ok().flatten()?;
        Some(SourceFile { name: format!("{ANCHOR}{}", head.seq), digest: head.hash })
    }
}

/// Walks the audit log's chain, and checks that it still has what the commits say of it.
pub fn verify_audit(path: &Path) -> Result<AuditVerified, Error> {
    let ledger = Ledger::open(path, Access::Read)?;
    let log = AuditLog::open_existing(path)?;
    let entries = log.as_ref().map_or(Ok(0), AuditLog::verify)?;
    let mut anchors = 0;
    for commit in ledger.commits()? {
        for (seq, hash) in commit.header.sources.iter().filter_map(anchor_of) {
            let found = log.as_ref().map(|log| log.hash_of(seq)).transpose()?.flatten();
            if found != Some(hash) {
                let what = if found.is_none() { "is missing" } else { "is another" };
                let said = format!("entry {seq} of the audit log {what}: commit {} names it", commit.seq);
                return Err(Error::Ledger(ledger::LedgerError::corrupt(said)));
            }
            anchors += 1;
        }
    }
    Ok(AuditVerified { entries, anchors })
}

/// The latest at which what was gathered is made durable.
const GATHER: Duration = Duration::from_millis(50);
/// So many entries wait at most; past it whoever records one waits too.
const WAITING: usize = 4_096;

/// Is told the number of the entry, or a later one of the same write, or why it could not be written.
type Told = Box<dyn FnOnce(Result<u64, Error>) + Send>;
type Ticketed = (AuditEntry, Told);

/// Makes entries of many threads durable together.
pub struct AuditWriter {
    queue: Option<SyncSender<Ticketed>>,
    thread: Option<JoinHandle<()>>,
}

/// An entry that is on its way.
pub struct Ticket(Receiver<Result<u64, Error>>);

impl Ticket {
    /// Waits until the entry is durable; its number or a later one of the same write.
    pub fn wait(self) -> Result<u64, Error> {
        self.0.recv().unwrap_or_else(|_| Err(unwritten("the writer is gone")))
    }
}

fn unwritten(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Io("writing the audit log".into(), std::io::Error::other(why))
}

impl AuditWriter {
    /// For the log of a store.
    pub fn open(store: &Path) -> Result<Self, Error> {
        let log = AuditLog::open(store)?;
        let (queue, entries) = sync_channel(WAITING);
        let thread = std::thread::spawn(move || write_all(log, &entries));
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands an entry over. Waits while too many wait already; none is dropped.
    pub fn record(&self, entry: AuditEntry) -> Ticket {
        let (told, ticket) = channel();
        // Nobody waits for it: that is theirs to decide.
        let told: Told = Box::new(move |written| drop(told.send(written)));
        if let Some(queue) = &self.queue {
            match queue.try_send((entry, told)) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                Err(TrySendError::Full(waiting)) => drop(queue.send(waiting)),
            }
        }
        Ticket(ticket)
    }

    /// Hands an entry over without waiting, for who must not wait on a thread. False when too many wait already: then nobody is told.
    pub fn try_record(
        &self,
        entry: AuditEntry,
        told: impl FnOnce(Result<u64, Error>) + Send + 'static,
    ) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.try_send((entry, Box::new(told))).is_ok())
    }
}

impl Drop for AuditWriter {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told nobody that their entry is durable.
            let _ = thread.join();
        }
    }
}

fn write_all(mut log: AuditLog, entries: &Receiver<Ticketed>) {
    while let Ok(first) = entries.recv() {
        let mut gathered = vec![first];
        gather(entries, &mut gathered);
        let (batch, all): (Vec<_>, Vec<_>) = gathered.into_iter().unzip();
        let written = log.append(&batch).map_err(|error| error.to_string());
        for told in all {
            told(written.clone().map_err(unwritten));
        }
    }
}

/// Takes what comes until the time is over or nothing comes for a moment.
#[expect(clippy::disallowed_methods, reason = "the façade is where the clock is read")]
fn gather(entries: &Receiver<Ticketed>, gathered: &mut Vec<Ticketed>) {
    let until = Instant::now() + GATHER;
    while gathered.len() < WAITING {
        let left = until.saturating_duration_since(Instant::now());
        match entries.recv_timeout(left.min(Duration::from_millis(1))) {
            Ok(next) => gathered.push(next),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{AccountName, Proof};

    use super::*;

    fn entry(target: String) -> AuditEntry {
        AuditEntry {
            at: KnownAt::from_micros(1),
            account: AccountName::new("amon").expect("a name"),
            proof: Proof::Session,
            purpose: "test".into(),
            action: AuditAction::LookUp,
            targets: vec![target],
            query: None,
            detail: None,
            break_glass: None,
        }
    }

    #[test]
    fn what_many_threads_record_is_durable_once_it_is_acknowledged() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store.db");
        let writer = AuditWriter::open(&store).expect("a writer");
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (writer, store) = (&writer, &store);
                scope.spawn(move || {
                    for n in 0..20 {
                        let target = format!("P{thread}-{n}");
                        writer.record(entry(target.clone())).wait().expect("it is written");
                        let log = AuditLog::open(store).expect("the log");
                        let filter = AuditFilter { target: Some(target), ..AuditFilter::default() };
                        assert_eq!(log.entries(&filter).expect("entries").len(), 1);
                    }
                });
            }
        });
        drop(writer);
        assert_eq!(AuditLog::open(&store).expect("the log").verify().expect("it holds"), 160);
    }

    #[test]
    fn an_entry_that_could_not_be_written_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store.db");
        std::fs::create_dir(AuditLog::path_of(&store)).expect("a folder in the place of the log");
        assert!(AuditWriter::open(&store).is_err());
        let (queue, _) = sync_channel(1);
        let gone = AuditWriter { queue: Some(queue), thread: None };
        assert!(gone.record(entry("P1".into())).wait().is_err(), "nobody writes it");
    }
}
