//! Replay: the whole ledger again, from nothing, and whether it comes to the same alerts.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Ledger, LedgerError, PurgedId};
use model::{AlertChange, CauseKind, Digest, KnownAt, Op};
use screening::{Engine, Hashes, from_scratch, hashes_of, state_hash};
use serde::Serialize;

use crate::{Error, Progress, Store};

/// What a replay found.
#[derive(Debug, Clone, Serialize)]
pub struct Replayed {
    /// Commits replayed.
    pub commits: u64,
    /// What the store has recorded.
    pub recorded: Hashes,
    /// What the replay came to.
    pub replayed: Hashes,
    /// The hash of the alerts computed from the last state alone.
    pub from_scratch: Digest,
    /// The first known time at which recorded and replayed changes differ.
    pub first_difference: Option<KnownAt>,
    /// Who was purged and is therefore left out on both sides, by digest.
    pub purged: Vec<String>,
    /// Leads change with whoever shares an attribute, so what is recorded of them up to the last purge is not compared.
    pub leads_compared_after: Option<KnownAt>,
    /// Engines other than this one that decided commits: what they recorded is not recomputable here.
    pub other_engines: Vec<model::Engine>,
}

impl Replayed {
    /// Whether everything that can be recomputed here came out the same.
    pub fn agrees(&self) -> bool {
        self.first_difference.is_none()
            && self.recorded == self.replayed
            && self.from_scratch == self.recorded.state
    }
}

impl Store {
    /// Replays every commit into an empty store beside this one (removed afterwards) and compares.
    pub fn replay(&self, progress: &mut dyn Progress) -> Result<Replayed, Error> {
        let folder = self.path.with_extension(format!("replay-{}", std::process::id()));
        let failed = |error| Error::Io(format!("making {}", folder.display()), error);
        std::fs::create_dir(&folder).map_err(failed)?;
        let result = self.replay_in(&folder.join("replay.db"), progress);
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Error::Io(format!("removing {}", folder.display()), error))?;
        result
    }

    fn replay_in(&self, path: &std::path::Path, progress: &mut dyn Progress) -> Result<Replayed, Error> {
        let mut copy = Ledger::create(path)?;
        let threads = self.settings.threads;
        let mut engine = Engine::build(&copy.as_of(KnownAt::MAX), None, threads)?;
        // Nobody reads the copy before it is whole.
        copy.open_group()?;
        // The deletions of a purge are purged as well: at its time the replay has an empty batch.
        let purges = self.ledger.purges()?;
        let mut silent: BTreeSet<KnownAt> = purges.iter().map(|purge| purge.commit.header.known_at).collect();
        let mut commits = 0;
        let mut pending: Option<(KnownAt, Vec<Op>)> = None;
        let mut failure: Option<Error> = None;
        let mut apply_batch = |known_at: KnownAt, ops: Vec<Op>| -> Result<(), Error> {
            let header = self.header(known_at, "replay", Vec::new());
            let mut batch = copy.begin(header)?;
            for (line, op) in ops.iter().enumerate() {
                batch.stage(op, line as u64 + 1)?;
            }
            progress.screening(known_at, ops.len() as u64);
            if batch.is_decided_only() && !ops.is_empty() {
                batch.finish_decided()?;
                commits += 1;
                return Ok(());
            }
            let applied = engine.apply(&mut batch)?;
            batch.finish(&applied.coverage)?;
            commits += 1;
            Ok(())
        };
        let mut apply = |known_at: KnownAt, ops: Vec<Op>| -> Result<(), Error> {
            silent.remove(&known_at);
            while let Some(at) = silent.first().copied().filter(|at| *at < known_at) {
                silent.remove(&at);
                apply_batch(at, Vec::new())?;
            }
            apply_batch(known_at, ops)
        };
        self.ledger
            .export(&mut |line| {
                match &mut pending {
                    Some((known_at, ops)) if *known_at == line.known_at => ops.push(line.op.clone()),
                    _ => {
                        let done = pending.replace((line.known_at, vec![line.op.clone()]));
                        if let Some(Err(error)) = done.map(|(known_at, ops)| apply(known_at, ops)) {
                            failure.get_or_insert(error);
                            return Err(std::io::Error::other("replay stopped"));
                        }
                    }
                }
                Ok(())
            })
            .or_else(|error| failure.take().map_or(Err(Error::Ledger(error)), Err))?;
        if let Some((known_at, ops)) = pending {
            apply(known_at, ops)?;
        }
        for at in silent {
            apply_batch(at, Vec::new())?;
        }
        copy.close_group()?;
        self.compare(&copy, commits)
    }

    fn compare(&self, copy: &Ledger, commits: u64) -> Result<Replayed, Error> {
        let purges = self.ledger.purges()?;
        let purged: BTreeSet<String> =
            purges.iter().flat_map(|purge| purge.subjects.iter().map(PurgedId::to_string)).collect();
        let leads_compared_after = purges.iter().map(|purge| purge.commit.header.known_at).max();
        let compared = |change: &AlertChange| {
            let lead = change.pair.cause.kind == CauseKind::Lead;
            let early = lead && leads_compared_after.is_some_and(|last| change.known_at <= last);
            !early && !purged.contains(change.pair.subject.id.as_str())
        };
        let of = |ledger: &Ledger| hashes_of(ledger, KnownAt::MAX, compared);
        let (recorded, replayed) = (of(&self.ledger)?, of(copy)?);
        let head = self.ledger.screened_at()?.unwrap_or(KnownAt::MIN);
        let scratch = from_scratch(&self.ledger.as_of(KnownAt::MAX), head, self.settings.threads)?;
        let from_scratch = state_hash(scratch.iter().map(|(pair, score, print)| (pair, *score, *print)));
        let mut others: Vec<model::Engine> =
            self.ledger.commits()?.into_iter().map(|c| c.header.engine).collect();
        others.sort();
        others.dedup();
        others.retain(|engine| *engine != self.settings.engine);
        let first_difference = first_difference(&self.ledger, copy, compared)?;
        Ok(Replayed {
            commits,
            recorded,
            replayed,
            from_scratch,
            first_difference,
            purged: purged.into_iter().collect(),
            leads_compared_after,
            other_engines: others,
        })
    }
}

/// The first known time at which two ledgers record different alert changes.
fn first_difference(
    left: &Ledger,
    right: &Ledger,
    compared: impl Fn(&AlertChange) -> bool,
) -> Result<Option<KnownAt>, LedgerError> {
    let by_time = |ledger: &Ledger| -> Result<BTreeMap<KnownAt, Vec<_>>, LedgerError> {
        let mut times: BTreeMap<KnownAt, Vec<_>> = BTreeMap::new();
        for change in ledger.alert_changes(KnownAt::MIN, KnownAt::MAX)?.into_iter().filter(&compared) {
            let what = (change.alert, change.change, change.score, change.fingerprint);
            times.entry(change.known_at).or_default().push(what);
        }
        Ok(times)
    };
    let (left, right) = (by_time(left)?, by_time(right)?);
    let mut times: Vec<KnownAt> = left.keys().chain(right.keys()).copied().collect();
    times.sort();
    Ok(times.into_iter().find(|time| left.get(time) != right.get(time)))
}
