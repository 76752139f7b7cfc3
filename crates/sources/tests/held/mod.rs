//! What a dataset would hold after reading: the rules of a batch, as slowly and plainly as possible.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use lookback_sources::{Current, File, FileError, Item, ReadError, Reject, Tally};
use model::{Entity, EntityId, KnownAt, Op, Record};

/// The entities in force, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Held(pub(crate) BTreeMap<String, Entity>);

impl Current for Held {
    fn entity(&self, id: &EntityId) -> Option<Entity> {
        self.0.get(id.as_str()).cloned()
    }
    fn each_entity(&self, each: &mut dyn FnMut(&Entity)) {
        self.0.values().for_each(each);
    }
}

impl Held {
    /// Applies one batch: deletes first, each with the relations that name what goes; then puts.
    pub(crate) fn apply(&mut self, batch: &[Op]) {
        for op in batch {
            if let Op::Delete(deletion) = op {
                self.0.remove(&*deletion.key.text);
                self.0.retain(|_, entity| !entity.ends().any(|end| end == &*deletion.key.text));
            }
        }
        for op in batch {
            if let Op::Put(Record::Entity(record)) = op {
                self.0.insert(record.entity.id.to_string(), record.entity.clone());
            }
        }
    }
}

/// What a reader handed over.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) ops: Vec<(Option<KnownAt>, Op, u64)>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) notices: Vec<(u64, String)>,
    pub(crate) tally: Tally,
}

impl Read {
    pub(crate) fn batch(&self) -> Vec<Op> {
        self.ops.iter().map(|(_, op, _)| op.clone()).collect()
    }

    pub(crate) fn entities(&self) -> Vec<Entity> {
        self.ops
            .iter()
            .filter_map(|(_, op, _)| match op {
                Op::Put(Record::Entity(record)) => Some(record.entity.clone()),
                _ => None,
            })
            .collect()
    }
}

/// Collects everything; checks that the tally adds up.
pub(crate) fn collect(
    read: impl FnOnce(&mut dyn FnMut(Item) -> Result<(), Infallible>) -> Result<Tally, ReadError<Infallible>>,
) -> Result<Read, ReadError<Infallible>> {
    collect_suspect(read).and_then(|(seen, suspect)| match suspect {
        None => Ok(seen),
        Some(error) => Err(ReadError::Suspect { error, tally: seen.tally }),
    })
}

/// Collects everything, also of a file that is suspect, with what makes it so.
pub(crate) fn collect_suspect(
    read: impl FnOnce(&mut dyn FnMut(Item) -> Result<(), Infallible>) -> Result<Tally, ReadError<Infallible>>,
) -> Result<(Read, Option<FileError>), ReadError<Infallible>> {
    let mut seen = Read::default();
    let read = read(&mut |item| {
        match item {
            Item::Op { known_at, op, line } => seen.ops.push((known_at, op, line)),
            Item::Reject(reject) => seen.rejects.push(reject),
            Item::Notice { line, text } => seen.notices.push((line, text)),
        }
        Ok(())
    });
    let (tally, suspect) = match read {
        Ok(tally) => (tally, None),
        Err(ReadError::Suspect { error, tally }) => (tally, Some(error)),
        Err(error) => return Err(error),
    };
    assert_eq!(tally.rows, tally.records + tally.rejects);
    assert_eq!(tally.rejects, seen.rejects.len() as u64);
    seen.tally = tally;
    Ok((seen, suspect))
}

pub(crate) fn bytes(name: &str, text: impl AsRef<[u8]>) -> File {
    File::from_bytes(name, text.as_ref().to_vec())
}

/// A path in the folder of real data beside the workspace; says so and gives nothing where it is absent.
pub(crate) fn shared(path: &str, test: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = workspace.join("../shared").join(path);
    if !workspace.join("../shared").is_dir() {
        println!("SKIPPED (no ../shared): {test}");
        return None;
    }
    Some(found)
}
