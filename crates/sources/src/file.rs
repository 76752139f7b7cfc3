//! A delivered file: its name, the digest of its bytes as delivered, and its content, decompressed, as often as needed.
//!
//! In: a path or bytes. Out: readers of the content. A `.gz` is known by its first two bytes, whatever it is called.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use model::{Digest, KnownAt};
use sha2::{Digest as _, Sha256};

use crate::Format;
use crate::detect::{is_empty, why_unknown};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// 64 KiB: the usual read size; also enough of a file to tell its format by.
const CHUNK: usize = 1 << 16;

/// A file as delivered.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, without its folder.
    pub name: String,
    /// SHA-256 of the bytes as delivered, before decompression.
    pub digest: Digest,
    content: Content,
    excerpts: bool,
}

#[derive(Debug, Clone)]
enum Content {
    OnDisk(PathBuf),
    InMemory(Arc<[u8]>),
}

impl File {
    /// Opens a file and digests it.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let io = |error| FileError::Io { file: name.clone(), error };
        let mut file = std::fs::File::open(path).map_err(io)?;
        let digest = digest_of(&mut file).map_err(io)?;
        Ok(Self { name, digest, content: Content::OnDisk(path.to_owned()), excerpts: false })
    }

    /// A file that is already in memory.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        Self { name: name.to_owned(), digest, content: Content::InMemory(bytes.into()), excerpts: false }
    }

    /// Lets rejects carry the beginning of their row. It may hold personal data, so it is left out unless asked for.
    #[must_use]
    pub fn keep_excerpts(self) -> Self {
        Self { excerpts: true, ..self }
    }

    pub(crate) fn keeps_excerpts(&self) -> bool {
        self.excerpts
    }

    /// How many bytes its content has; `None` when it is compressed or cannot be read.
    pub fn plain_length(&self) -> Option<u64> {
        let zipped = self.zipped().ok()?;
        let length = match &self.content {
            Content::OnDisk(path) => std::fs::metadata(path).ok()?.len(),
            Content::InMemory(bytes) => bytes.len() as u64,
        };
        (!zipped).then_some(length)
    }

    fn zipped(&self) -> io::Result<bool> {
        let mut magic = Vec::with_capacity(GZIP_MAGIC.len());
        match &self.content {
            Content::OnDisk(path) => drop(std::fs::File::open(path)?.take(2).read_to_end(&mut magic)?),
            Content::InMemory(bytes) => magic.extend(bytes.iter().take(2)),
        }
        Ok(magic == GZIP_MAGIC)
    }

    /// Its content from the beginning, decompressed.
    pub fn reader(&self) -> Result<Box<dyn BufRead>, FileError> {
        let mut raw: Box<dyn BufRead> = match &self.content {
            Content::OnDisk(path) => {
                Box::new(BufReader::with_capacity(CHUNK, std::fs::File::open(path).map_err(|e| self.io(e))?))
            }
            Content::InMemory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        };
        let zipped = raw.fill_buf().map_err(|error| self.io(error))?.starts_with(&GZIP_MAGIC);
        Ok(if zipped { Box::new(BufReader::with_capacity(CHUNK, MultiGzDecoder::new(raw))) } else { raw })
    }

    /// The first 64 KiB of its content, decompressed; less when there is less, or when what follows is damaged.
    pub fn head(&self) -> Result<Vec<u8>, FileError> {
        let mut reader = self.reader()?;
        Ok(read_some(&mut reader))
    }

    /// Whether it has no content: no byte, or nothing but blanks.
    pub fn is_empty(&self) -> Result<bool, FileError> {
        Ok(is_empty(&self.head()?))
    }

    /// The format that its content, or else its name, speaks for; or why none does.
    pub fn format(&self) -> Result<Format, FileError> {
        let head = self.head()?;
        let known = crate::detect(&self.name, &head).filter(|_| !is_empty(&head));
        known.map_or_else(|| Err(why_unknown(self, &head)?), Ok)
    }

    pub(crate) fn io(&self, error: io::Error) -> FileError {
        FileError::Io { file: self.name.clone(), error }
    }
}

/// The first 64 KiB that can be read.
pub(crate) fn read_some(reader: &mut dyn Read) -> Vec<u8> {
    let mut head = vec![0; CHUNK];
    let mut filled = 0;
    while filled < CHUNK {
        match reader.read(&mut head[filled..]) {
            Ok(read) if read > 0 => filled += read,
            _ => break,
        }
    }
    head.truncate(filled);
    head
}

/// The content of a possibly compressed head.
pub(crate) fn unzipped(head: &[u8]) -> Vec<u8> {
    if head.starts_with(&GZIP_MAGIC) { read_some(&mut MultiGzDecoder::new(head)) } else { head.to_vec() }
}

fn digest_of(file: &mut std::fs::File) -> io::Result<Digest> {
    let (mut sha, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(Digest(sha.finalize().into())),
            read => sha.update(&chunk[..read]),
        }
    }
}

/// Why a file cannot be read. Nothing of it should be applied.
#[derive(Debug)]
pub enum FileError {
    /// It has no row.
    Empty {
        /// The file's name.
        file: String,
    },
    /// It ends in the middle: a compressed stream without its end, or a last row that is cut off.
    Truncated {
        /// The file's name.
        file: String,
        /// The line at which the row that is cut off begins, from 1.
        line: u64,
    },
    /// Its compressed stream is damaged.
    Damaged {
        /// The file's name.
        file: String,
        /// The last line that could be begun, from 1.
        line: u64,
    },
    /// It is something else than what it is said to be.
    NotThisFormat {
        /// The file's name.
        file: String,
        /// What it was to be read as.
        expected: Format,
        /// What it looks like, and what would help.
        hint: String,
    },
    /// Neither its content nor its name tells its format.
    UnknownFormat {
        /// The file's name.
        file: String,
        /// The line that shows it, from 1.
        line: u64,
        /// Why it is none that is known, and what would help.
        hint: String,
    },
    /// A journal or a change file runs back in time. It is not sorted for the caller, because an order would be a guess.
    OutOfOrder {
        /// The file's name.
        file: String,
        /// The line that runs back, from 1.
        line: u64,
        /// Its time.
        known_at: KnownAt,
        /// The later time that stands before it.
        before: KnownAt,
    },
    /// The mapping of a CSV file is wrong, or the file does not have its columns.
    Mapping(String),
    /// The operating system refused.
    Io {
        /// The file's name.
        file: String,
        /// Its reason.
        error: io::Error,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { file } => write!(f, "{file} has no row; check that it was delivered whole"),
            Self::Truncated { file, line } => {
                write!(f, "{file} is cut off in line {line}; fetch it again")
            }
            Self::Damaged { file, line } => {
                write!(f, "{file} cannot be decompressed beyond line {line}; fetch it again")
            }
            Self::NotThisFormat { file, expected, hint } => {
                write!(f, "{file} is not of the format {expected}: {hint}")
            }
            Self::UnknownFormat { file, line, hint } => {
                write!(f, "{file}, line {line}: no known format: {hint}")
            }
            Self::OutOfOrder { file, line, known_at, before } => write!(
                f,
                "{file}, line {line}: known at {known_at}, after a line known at {before}; sort the file by time, stably"
            ),
            Self::Mapping(what) => f.write_str(what),
            Self::Io { file, error } => write!(f, "{file} cannot be read: {error}"),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}
