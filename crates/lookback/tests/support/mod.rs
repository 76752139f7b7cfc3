//! What the tests of the whole share: stores in temporary folders, a clock that stands still, files, skipping.
//!
//! A test that needs `../shared` beside the workspace says `SKIPPED (no ../shared): <test>` where it is absent.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::fmt::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;

use lookback::model::{AlertState, Digest, Fingerprint, KnownAt, Pair, Score};
use lookback::{Access, Error, IngestOptions, IngestReport, Settings, Silent, Store, state_hash};
use tempfile::TempDir;

/// Settings with a clock that stands at the epoch, so that a commit without a time of its own comes just after the head.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::of_this_machine("tests");
    settings.clock = || KnownAt::from_micros(0);
    settings.threads = NonZero::new(2).expect("two");
    settings
}

/// A folder in memory where the machine has one: thousands of commits need not wait for a disk.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a temporary folder")
}

/// A store in a folder of its own, and a place for the files that go into it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    files: usize,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let folder = folder();
        let store = Store::create(&folder.path().join("store.db"), settings).expect("a new store");
        Self { folder, store, files: 0 }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// Writes a file beside the store.
    pub(crate) fn file(&mut self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        self.files += 1;
        let folder = self.folder.path().join(self.files.to_string());
        std::fs::create_dir(&folder).expect("a folder for the file");
        let path = folder.join(name);
        std::fs::write(&path, content).expect("writing a file");
        path
    }

    pub(crate) fn ingest(&mut self, path: &Path, options: &IngestOptions) -> Result<IngestReport, Error> {
        self.store.ingest(&[path.to_owned()], options, &mut Silent)
    }

    /// Ingests a text as a journal.
    pub(crate) fn journal(&mut self, text: &str) -> Result<IngestReport, Error> {
        let path = self.file("journal.jsonl", text);
        self.ingest(&path, &IngestOptions::default())
    }

    /// Closes the store and opens it again, after `between` had its way with the files.
    pub(crate) fn reopen(self, between: impl FnOnce(&Path), settings: Settings) -> Self {
        let Self { folder, store, files } = self;
        drop(store);
        between(folder.path());
        let store =
            Store::open(&folder.path().join("store.db"), Access::Write, settings).expect("opening again");
        Self { folder, store, files }
    }

    /// Everything that tells one state of a store from another.
    pub(crate) fn fingerprint(&self) -> String {
        let head = self.store.ledger().head().expect("a head").map(|commit| commit.hash);
        format!("{head:?} {:?}", self.store.hashes(KnownAt::MAX).expect("hashes"))
    }

    pub(crate) fn export(&self) -> String {
        let mut text = String::new();
        let exported = self.store.ledger().export(&mut |line| {
            writeln!(text, "{}", line.to_json()).expect("a string takes everything");
            Ok(())
        });
        exported.expect("export");
        text
    }

    /// `subject <- entry` of the alerts open at a time, sorted.
    pub(crate) fn open(&self, known_at: KnownAt) -> Vec<String> {
        let alerts = self.store.ledger().as_of(known_at).alerts().expect("alerts");
        let mut lines: Vec<String> = alerts.iter().map(|alert| arrow(&alert.pair)).collect();
        lines.sort();
        lines
    }
}

/// `subject <- entry`.
pub(crate) fn arrow(pair: &Pair) -> String {
    format!("{} <- {}", pair.subject.id, pair.cause.entry.id)
}

/// What two computations of an alert set are compared by, sorted by pair.
pub(crate) fn essence(states: Vec<AlertState>) -> Vec<(Pair, Score, Fingerprint)> {
    let mut alerts: Vec<_> = states.into_iter().map(|a| (a.pair, a.score, a.fingerprint)).collect();
    alerts.sort();
    alerts
}

pub(crate) fn hash_of(alerts: &[(Pair, Score, Fingerprint)]) -> Digest {
    state_hash(alerts.iter().map(|(pair, score, print)| (pair, *score, *print)))
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A path in `../shared`; says that the test is skipped and gives `None` where it is absent.
pub(crate) fn shared(path: &str, test: &str) -> Option<PathBuf> {
    let found = workspace().join("../shared").join(path);
    if !found.exists() {
        println!("SKIPPED (no ../shared): {test}");
    }
    found.exists().then_some(found)
}

/// A Python with a networkx that reads GEXF 1.3; says that the test is skipped and gives `None` where there is none.
pub(crate) fn networkx(test: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder for what is built");
    let reads = "from networkx.readwrite.gexf import GEXF; assert '1.3' in GEXF.versions";
    let has_it = |python: &PathBuf| {
        Command::new(python).args(["-c", reads]).output().is_ok_and(|ran| ran.status.success())
    };
    let found = [target.join("python/bin/python3"), "python3".into()].into_iter().find(has_it);
    if found.is_none() {
        println!("SKIPPED (no networkx): {test}");
    }
    found
}

/// A size for everyday runs, and one for `--features long`.
pub(crate) fn size(everyday: usize, long: usize) -> usize {
    if cfg!(feature = "long") { long } else { everyday }
}

/// The content of a plain or gzipped file.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let raw = std::fs::read(path).expect("reading a file");
    if !raw.starts_with(&[0x1f, 0x8b]) {
        return raw;
    }
    let mut content = Vec::new();
    flate2::read::MultiGzDecoder::new(raw.as_slice()).read_to_end(&mut content).expect("unzipping");
    content
}
