//! Which documents could match a name: a candidate index that loses nothing.
//!
//! In go [`Document`]s (a record version of an entity: its names, its strong identifiers) and [`Query`]s of the same
//! shape; out come the ids of every document that has a name scoring at the threshold with a name of the query, or that
//! shares an identifier. Always: what `names::score` puts at or above the threshold is among the candidates (`LOSSLESS`;
//! the argument is in `query.rs`). It never scores and never ranks, and it reads nothing about a person but names and
//! identifiers.
//!
//! ```text
//! key of a form ──> forms (compared by names::relate) ──> names that contain them ──> documents
//! ```
//!
//! An index is an immutable file that is mapped into memory, a growing part in memory, and marks on what was removed.
//! [`Index::save`] merges all three into a new file. The file can always be rebuilt from the ledger.

mod delta;
mod merge;
mod part;
mod query;
mod scratch;
mod segment;
mod table;
mod vocabulary;

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use names::Name;

pub use crate::scratch::Scratch;

use crate::delta::Delta;
use crate::part::{Shelf, View};
use crate::segment::Segment;

/// The ledger's row id of an entity version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u64);

/// What the index is told of an entity version.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Greater than every id inserted before.
    pub id: DocumentId,
    /// Which kind of thing it is (person, organisation, vessel …), 0..=7. The index gives groups no meaning.
    pub group: u8,
    /// All names that it can be found by. Empty ones are passed over.
    pub names: &'a [Name],
    /// Hashes of its strong identifiers.
    pub identifiers: &'a [u64],
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Which groups may answer: bit `g` stands for group `g`.
    pub groups: u8,
    /// The names of one entity; a document answers to any of them.
    pub names: &'a [Name],
    /// Hashes of its strong identifiers.
    pub identifiers: &'a [u64],
    /// The least score of a name, in millionths.
    pub threshold: u32,
}

/// What a saved index is of (which ledger prefix, which tables). Opaque to the index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Whatever the caller wants back on opening.
    pub bytes: Vec<u8>,
}

/// Why an index could not be opened or saved. The remedy is the same in every case but `Io`: rebuild it from the ledger.
#[derive(Debug)]
pub enum IndexError {
    /// The file system refused.
    Io {
        /// What was being done.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The file is something else.
    NotAnIndex,
    /// The file was written by a version of this crate with another format.
    Version(u32),
    /// The file is an index, but this piece of it is not as it was written.
    Damaged(&'static str),
}

impl fmt::Display for IndexError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IndexError::Io { doing, path, .. } => write!(formatter, "{doing} failed: {}", path.display()),
            IndexError::NotAnIndex => {
                write!(formatter, "the file is not a lookback index; rebuild the index")
            }
            IndexError::Version(version) => {
                write!(formatter, "the index has format {version}, not {}; rebuild it", segment::VERSION)
            }
            IndexError::Damaged(what) => write!(formatter, "the index is damaged ({what}); rebuild it"),
        }
    }
}

impl Error for IndexError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            IndexError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A candidate index. Any number of threads may query it at once, each with a [`Scratch`] of its own.
pub struct Index {
    /// Tells a scratch whether its cache is of this index.
    identity: u64,
    segment: Option<Shelf<Segment>>,
    delta: Shelf<Delta>,
}

impl Clone for Index {
    /// A copy that goes its own way. It shares what is there until one of the two takes in a document: then the growing part is copied.
    fn clone(&self) -> Index {
        Index { identity: next_identity(), segment: self.segment.clone(), delta: self.delta.clone() }
    }
}

/// No two indexes of a process have the same.
fn next_identity() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Default for Index {
    fn default() -> Index {
        Index::new()
    }
}

impl Index {
    /// An empty index in memory.
    pub fn new() -> Index {
        Index::with(None)
    }

    /// Maps a saved index. Takes the same short time for any size: it checks what it reads, the header and the stamp; for
    /// the rest there is [`Index::verify`].
    pub fn open(path: &Path) -> Result<(Index, Stamp), IndexError> {
        let (segment, stamp) = Segment::open(path)?;
        Ok((Index::with(Some(segment)), stamp))
    }

    fn with(segment: Option<Segment>) -> Index {
        Index { identity: next_identity(), segment: segment.map(Shelf::new), delta: Shelf::new(Delta::new()) }
    }

    /// Adds a document.
    ///
    /// # Panics
    /// When the id is not greater than all ids before, or the group is above 7.
    pub fn insert(&mut self, document: Document<'_>) {
        let last = self.segment.as_ref().and_then(Shelf::last_id);
        assert!(last.is_none_or(|last| last < document.id.0), "document ids grow");
        Arc::make_mut(&mut self.delta.part).insert(&document);
    }

    /// Takes a document out; false when there is none with this id.
    pub fn remove(&mut self, id: DocumentId) -> bool {
        self.delta.remove(id.0) || self.segment.as_mut().is_some_and(|segment| segment.remove(id.0))
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.views().iter().map(View::live_count).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the document is there (inserted and not removed).
    pub fn contains(&self, id: DocumentId) -> bool {
        self.views().iter().any(|view| view.find(id.0).is_some())
    }

    /// Every document of an allowed group with a name that scores at least the threshold with a name of the query, or
    /// that shares an identifier with it; and some that do not. Ascending, each once.
    pub fn candidates(&self, query: &Query<'_>, scratch: &mut Scratch) -> Vec<DocumentId> {
        query::candidates(self.identity, &self.views(), query, scratch)
    }

    /// Writes everything live to one file, which replaces what was there when it is complete and safely stored. This
    /// index goes on as it is; opening the file gives the merged one.
    pub fn save(&self, path: &Path, stamp: &Stamp) -> Result<(), IndexError> {
        self.verify()?;
        let temporary = path.with_added_extension("new");
        let failed = |source| IndexError::Io { doing: "saving an index", path: path.to_owned(), source };
        self.write(&temporary, stamp).map_err(failed)?;
        fs::rename(&temporary, path).map_err(failed)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn write(&self, path: &Path, stamp: &Stamp) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        merge::write(&self.views(), stamp, &mut out)?;
        out.into_inner()?.sync_all()
    }

    /// Reads the whole file that this index was opened from, and compares it with its checksums.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.segment.as_ref().map_or(Ok(()), |segment| segment.part.verify())
    }

    fn views(&self) -> smallvec::SmallVec<[View<'_>; 2]> {
        self.segment.iter().map(Shelf::view).chain([self.delta.view()]).collect()
    }
}
