//! Reading a delivery, beside the committing thread: parsing and committing each take a core.
//!
//! In: a delivery. Out: its items in order, then whether it was read to its end. Parts of a bounded number wait, so that a large
//! file needs little memory. A file that is smaller than what may wait is read at once: starting a thread takes longer.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use ledger::Ledger;
use model::{DatasetName, Digest, Entity, EntityId, KnownAt};
use sources::{Applied, Current, File, FileError, Format, Item, Mapping, ReadError, Tally};

use super::Delivery;
use crate::Error;
use crate::store::Access;

/// Items handed between the threads at once, and how many such parts may wait.
const PART: usize = 512;
const PARTS_WAITING: usize = 32;

/// A plain file of this many bytes has at most half as many rows, and so fewer items than may wait.
const SMALL: u64 = (PART * PARTS_WAITING) as u64;

/// Begins to read a delivery.
pub(super) fn begin<'scope>(
    scope: &'scope Scope<'scope, '_>,
    store: &Path,
    delivery: &'scope Delivery,
) -> Items<'scope> {
    let (sender, receiver) = sync_channel(PARTS_WAITING);
    let store = store.to_owned();
    let reading = if is_small(delivery) {
        Reading::Done(read(&store, delivery, sender))
    } else {
        Reading::Beside(scope.spawn(move || read(&store, delivery, sender)))
    };
    Items { receiver, part: Vec::new().into_iter(), reading }
}

/// Whether all its items can wait at once. Rows of the other formats can become several items, and compressed ones any number.
fn is_small(delivery: &Delivery) -> bool {
    let one_item_a_row = matches!(delivery.format, Format::Journal | Format::Ftm);
    one_item_a_row
        && delivery.files.iter().all(|file| file.plain_length().is_some_and(|length| length <= SMALL))
}

/// Sends what a reader finds to the committing thread, in parts.
struct Courier {
    sender: SyncSender<Vec<Item>>,
    part: Vec<Item>,
}

/// The committing thread has stopped listening; its own error says why.
#[derive(Debug)]
struct Hung;

impl Courier {
    fn hand(&mut self, item: Item) -> Result<(), Hung> {
        self.part.push(item);
        if self.part.len() < PART { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<(), Hung> {
        self.sender.send(std::mem::take(&mut self.part)).map_err(|_| Hung)
    }
}

/// How a reading ended.
#[derive(Default)]
pub(super) struct Ended {
    /// What became of the rows.
    pub(super) tally: Tally,
    /// What makes the delivery suspect; all that stands in it was handed over.
    pub(super) suspect: Option<FileError>,
}

/// Reads a whole delivery, with a connection of its own where the reader asks for the state in force.
fn read(store: &Path, delivery: &Delivery, sender: SyncSender<Vec<Item>>) -> Result<Ended, Error> {
    let mut courier = Courier { sender, part: Vec::with_capacity(PART) };
    // Opening a connection takes longer than a small commit: only what asks for the state in force has one.
    let current = || -> Result<InForce, Error> {
        let (dataset, identity) = (delivery.options.dataset.clone(), delivery.identity());
        Ok(InForce { ledger: Ledger::open(store, Access::Read)?, dataset, identity })
    };
    let tally = {
        let each = &mut |item| courier.hand(item);
        let dataset = delivery.options.dataset.as_ref();
        let first = &delivery.files[0];
        match (delivery.format, dataset, &delivery.mapping) {
            (Format::Journal, ..) => sources::read_journal(first, each),
            (Format::Ftm, Some(dataset), _) => sources::read_ftm(first, dataset, each),
            (Format::Csv, Some(dataset), Some(Mapping::Entities(mapping))) => {
                sources::read_csv(first, mapping, dataset, &current()?, each)
            }
            (Format::Csv, _, Some(Mapping::Evidence(mapping))) => {
                sources::read_evidence(first, mapping, dataset, each)
            }
            (Format::OfacEvents, Some(dataset), _) => {
                sources::ofac::read_events(first, dataset, &current()?, each)
            }
            (Format::Ofac, Some(dataset), _) => {
                let [entries, aliases, addresses] = parts_of_list(&delivery.files)?;
                let missing = || Error::Usage("an OFAC list needs its main file, sdn.csv".into());
                sources::ofac::read_snapshot(
                    entries.ok_or_else(missing)?,
                    aliases,
                    addresses,
                    dataset,
                    &current()?,
                    each,
                )
            }
            (Format::Ftm | Format::Csv | Format::Ofac | Format::OfacEvents, ..) => {
                return Err(Error::Usage("say which dataset this is with --dataset NAME".into()));
            }
        }
    };
    // Nobody may listen any more: the committing thread's own error says why.
    courier.send().unwrap_or_default();
    match tally {
        Ok(tally) => Ok(Ended { tally, suspect: None }),
        Err(ReadError::Suspect { error, tally }) => Ok(Ended { tally, suspect: Some(error) }),
        Err(ReadError::File(error)) => Err(error.into()),
        Err(ReadError::Caller(Hung)) => Ok(Ended::default()),
    }
}

/// Main file, aliases and addresses of an OFAC list.
fn parts_of_list(files: &[File]) -> Result<[Option<&File>; 3], Error> {
    let mut parts = [None; 3];
    for file in files {
        let part = sources::ofac::part(file)?;
        let unknown = || Error::Usage(format!("{}: none of sdn.csv, alt.csv and add.csv", file.name));
        let place = &mut parts[part.ok_or_else(unknown)? as usize];
        if place.replace(file).is_some() {
            return Err(Error::Usage(format!("{}: this part of the list was named before", file.name)));
        }
    }
    Ok(parts)
}

/// What the dataset holds, for readers that need it.
struct InForce {
    ledger: Ledger,
    dataset: Option<DatasetName>,
    /// Of the delivery that is read.
    identity: Digest,
}

impl InForce {
    fn applied_up_to_now(&self) -> Result<Option<Applied>, Error> {
        let mut applied: Option<Applied> = None;
        let of_this = |source: &model::SourceFile| source.digest == self.identity;
        for commit in self.ledger.commits()? {
            if !commit.header.sources.iter().any(of_this) {
                continue;
            }
            let up_to = commit.header.known_at;
            let known = applied.get_or_insert_with(|| Applied { up_to, rejects: [].into() });
            known.up_to = up_to;
            let rejects = self.ledger.rejects(Some(commit.seq))?.into_iter();
            known.rejects.extend(rejects.map(|reject| (reject.line, reject.reason)));
        }
        Ok(applied)
    }
}

impl Current for InForce {
    fn entity(&self, id: &EntityId) -> Option<Entity> {
        let version = self.ledger.as_of(KnownAt::MAX).entity(id).ok().flatten()?;
        (Some(&version.record.dataset) == self.dataset.as_ref()).then_some(version.record.entity)
    }

    fn each_entity(&self, each: &mut dyn FnMut(&Entity)) {
        let view = self.ledger.as_of(KnownAt::MAX);
        let read = view.entities(self.dataset.as_ref(), &mut |version| {
            each(&version.record.entity);
            Ok(())
        });
        // A ledger that cannot be read fails again, and aloud, where the batch is begun.
        drop(read);
    }

    fn applied(&self, first: KnownAt) -> Option<Applied> {
        // What is after the head cannot stand already, and mostly all of a file is: the commits need not be looked through.
        let head = self.ledger.head().ok()??;
        if first > head.header.known_at { None } else { self.applied_up_to_now().ok()? }
    }
}

/// What a reading finds, in order.
pub(super) struct Items<'scope> {
    receiver: Receiver<Vec<Item>>,
    part: std::vec::IntoIter<Item>,
    reading: Reading<'scope>,
}

/// Where the reading is done.
enum Reading<'scope> {
    Beside(ScopedJoinHandle<'scope, Result<Ended, Error>>),
    Done(Result<Ended, Error>),
    Asked,
}

impl Iterator for Items<'_> {
    type Item = Item;
    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.part.next() {
                return Some(item);
            }
            self.part = self.receiver.recv().ok()?.into_iter();
        }
    }
}

impl Items<'_> {
    /// After the last item: how the reading ended, or why the delivery cannot be read. `None` when asked again.
    pub(super) fn end(&mut self) -> Option<Result<Ended, Error>> {
        match std::mem::replace(&mut self.reading, Reading::Asked) {
            Reading::Beside(thread) => {
                Some(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            }
            Reading::Done(result) => Some(result),
            Reading::Asked => None,
        }
    }
}
