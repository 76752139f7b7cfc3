//! The immutable part of the index: one file, mapped into memory and read in place.
//!
//! ```text
//! header    magic (8) · version u32 · sections u32 · file length u64
//!           per section: offset u64 · length in bytes u64 · checksum u64
//!           checksum of all of the above u64
//! sections  little-endian arrays, each from an offset divisible by 8 and padded with zeros to a length divisible by 8
//! ```
//!
//! Opening reads the header and the stamp and checks both; [`Segment::verify`] checks every byte. Between the two a damaged
//! file is possible, so no number found in a section is trusted: a number that leads outside its array reads as absent.
//! The result of a query is then wrong (until somebody verifies), but reading stays within the file and does not panic.

#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe in Rust: another process could change it underneath"
)]

use std::borrow::Cow;
use std::fs::File;
use std::ops::Range;
use std::path::Path;

use bytemuck::Pod;
use memmap2::Mmap;
use smallvec::SmallVec;

use crate::part::{Arrays, PackedUnit, Part, Runs, Slot};
use crate::table::{Entry, IdentifierEntry, KeyEntry, directory_range, equal_run};
use crate::{IndexError, Stamp};

#[cfg(target_endian = "big")]
compile_error!("segments are little-endian and read in place");

pub(crate) const MAGIC: [u8; 8] = *b"lookbidx";

/// Raised with every change of a section's meaning. An index is rebuilt from the ledger, so older files are refused.
pub(crate) const VERSION: u32 = 2;

/// The sections of a file, in the order of their table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Stamp,
    Ids,
    Groups,
    Slots,
    Units,
    FormEnds,
    FormText,
    PostingEnds,
    Postings,
    Keys,
    KeyDirectory,
    Identifiers,
    IdentifierDirectory,
}

pub(crate) const SECTIONS: usize = Section::IdentifierDirectory as usize + 1;

/// Magic, version, number of sections, file length.
const PREAMBLE: usize = 8 + 4 + 4 + 8;
pub(crate) const HEADER: usize = PREAMBLE + SECTIONS * 24 + 8;

/// Where a section lies in the file, and the checksum of its bytes with their padding.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extent {
    pub(crate) offset: u64,
    pub(crate) len: u64,
    pub(crate) checksum: u64,
}

/// A checksum of bytes in words of eight. Every step is a bijection of the state, so one changed word never goes unseen.
pub(crate) fn checksum(seed: u64, bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(seed, |state, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (state ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    })
}

/// The bytes of a header. The file length is that of the whole file.
pub(crate) fn encode_header(extents: &[Extent; SECTIONS], file_len: u64) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend((SECTIONS as u32).to_le_bytes());
    header.extend(file_len.to_le_bytes());
    for extent in extents {
        for word in [extent.offset, extent.len, extent.checksum] {
            header.extend(word.to_le_bytes());
        }
    }
    let sum = checksum(0, &header);
    header.extend(sum.to_le_bytes());
    header
}

fn decode_header(bytes: &[u8]) -> Result<[Extent; SECTIONS], IndexError> {
    let word = |at: usize| -> Option<u64> { Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?)) };
    if bytes.first_chunk() != Some(&MAGIC) {
        return Err(IndexError::NotAnIndex);
    }
    let versions = word(8).ok_or(IndexError::Damaged("header"))?;
    if versions as u32 != VERSION {
        return Err(IndexError::Version(versions as u32));
    }
    let header = bytes.get(..HEADER).ok_or(IndexError::Damaged("header"))?;
    if word(HEADER - 8) != Some(checksum(0, &header[..HEADER - 8])) || (versions >> 32) as usize != SECTIONS {
        return Err(IndexError::Damaged("header"));
    }
    if word(16) != Some(bytes.len() as u64) {
        return Err(IndexError::Damaged("file length"));
    }
    Ok(std::array::from_fn(|section| {
        let at = |field: usize| word(PREAMBLE + section * 24 + field * 8).unwrap_or(0);
        Extent { offset: at(0), len: at(1), checksum: at(2) }
    }))
}

pub(crate) struct Segment {
    map: Mmap,
    sections: [Range<usize>; SECTIONS],
    checksums: [u64; SECTIONS],
}

impl Segment {
    /// Maps the file; checks the header, the lengths of the sections against each other, and the stamp.
    pub(crate) fn open(path: &Path) -> Result<(Segment, Stamp), IndexError> {
        let failed = |source| IndexError::Io { doing: "opening an index", path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() < HEADER as u64 {
            return Err(IndexError::NotAnIndex);
        }
        // SAFETY: a mapping is undefined when the file changes underneath. An index file is ours alone: it is written
        // under another name, renamed into place when complete, and from then on replaced but never written to.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        let extents = decode_header(&map)?;
        let mut sections = std::array::from_fn(|_| 0..0);
        for (section, extent) in sections.iter_mut().zip(&extents) {
            *section = range_in(extent, map.len()).ok_or(IndexError::Damaged("section table"))?;
        }
        let segment = Segment { map, sections, checksums: extents.map(|extent| extent.checksum) };
        segment.check_lengths()?;
        segment.verify_section(Section::Stamp as usize)?;
        let stamp = Stamp { bytes: segment.array::<u8>(Section::Stamp).to_vec() };
        Ok((segment, stamp))
    }

    /// Reads the whole file and compares every checksum.
    pub(crate) fn verify(&self) -> Result<(), IndexError> {
        (0..SECTIONS).try_for_each(|section| self.verify_section(section))
    }

    fn verify_section(&self, section: usize) -> Result<(), IndexError> {
        let Range { start, end } = self.sections[section];
        let padded =
            self.map.get(start..end.next_multiple_of(8)).ok_or(IndexError::Damaged("section table"))?;
        let intact = checksum(0, padded) == self.checksums[section];
        if intact { Ok(()) } else { Err(IndexError::Damaged("section")) }
    }

    fn check_lengths(&self) -> Result<(), IndexError> {
        let lens_agree = self.array::<u64>(Section::Ids).len() == self.array::<u8>(Section::Groups).len()
            && self.array::<u32>(Section::FormEnds).len() == self.array::<u32>(Section::PostingEnds).len();
        let whole =
            |section: Section, size: usize| self.sections[section as usize].len().is_multiple_of(size);
        let all_whole = whole(Section::Ids, size_of::<u64>())
            && whole(Section::Slots, size_of::<Slot>())
            && whole(Section::Units, size_of::<PackedUnit>())
            && whole(Section::FormEnds, size_of::<u32>())
            && whole(Section::Postings, size_of::<u32>())
            && whole(Section::Keys, size_of::<KeyEntry>())
            && whole(Section::KeyDirectory, size_of::<u32>())
            && whole(Section::Identifiers, size_of::<IdentifierEntry>())
            && whole(Section::IdentifierDirectory, size_of::<u32>());
        if lens_agree && all_whole { Ok(()) } else { Err(IndexError::Damaged("section lengths")) }
    }

    fn array<T: Pod>(&self, section: Section) -> &[T] {
        let bytes = self.map.get(self.sections[section as usize].clone()).unwrap_or(&[]);
        bytemuck::try_cast_slice(bytes).unwrap_or(&[])
    }

    fn equal_run<E: Entry + Pod>(&self, entries: Section, directory: Section, hash: E::Hash) -> &[E] {
        let entries = self.array::<E>(entries);
        let bucket =
            directory_range(self.array(directory), E::high(hash)).and_then(|range| entries.get(range));
        equal_run(bucket.unwrap_or(&[]), hash)
    }
}

/// The section's bytes, if it lies whole and aligned between the header and the end of the file.
fn range_in(extent: &Extent, file_len: usize) -> Option<Range<usize>> {
    let start = usize::try_from(extent.offset).ok()?;
    let end = start.checked_add(usize::try_from(extent.len).ok()?)?;
    let fits = start >= HEADER && start.is_multiple_of(8) && end.checked_next_multiple_of(8)? <= file_len;
    fits.then_some(start..end)
}

impl Part for Segment {
    fn arrays(&self) -> Arrays<'_> {
        Arrays {
            ids: self.array(Section::Ids),
            groups: self.array(Section::Groups),
            slots: self.array(Section::Slots),
            units: self.array(Section::Units),
            form_ends: self.array(Section::FormEnds),
            form_text: self.array(Section::FormText),
        }
    }

    fn postings(&self, form: u32) -> &[u32] {
        let ends = self.array::<u32>(Section::PostingEnds);
        let form = form as usize;
        let Some(&end) = ends.get(form) else { return &[] };
        let start = form.checked_sub(1).map_or(0, |before| ends[before]);
        self.array(Section::Postings).get(start as usize..end as usize).unwrap_or(&[])
    }

    /// All directory cells first, then all entries: the processor waits for many at once instead of for one after the other.
    fn forms_with_keys(&self, keys: &[u32], found: &mut dyn FnMut(u32)) {
        let (entries, directory) = (self.array::<KeyEntry>(Section::Keys), self.array(Section::KeyDirectory));
        let bucket = |&key: &u32| directory_range(directory, KeyEntry::high(key)).unwrap_or(0..0);
        let buckets: SmallVec<[Range<usize>; 64]> = keys.iter().map(bucket).collect();
        for (&key, bucket) in keys.iter().zip(buckets) {
            for entry in equal_run(entries.get(bucket).unwrap_or(&[]), key) {
                found(entry.form);
            }
        }
    }

    fn documents_with_identifier(&self, identifier: u64, found: &mut dyn FnMut(u32)) {
        let directory = Section::IdentifierDirectory;
        let run = self.equal_run::<IdentifierEntry>(Section::Identifiers, directory, identifier);
        for entry in run {
            found(entry.document);
        }
    }

    fn keys(&self) -> (Runs<'_, KeyEntry>, usize) {
        let entries = self.array::<KeyEntry>(Section::Keys);
        (Box::new(std::iter::once(Cow::Borrowed(entries))), entries.len())
    }

    fn identifiers(&self) -> (Runs<'_, IdentifierEntry>, usize) {
        let entries = self.array::<IdentifierEntry>(Section::Identifiers);
        (Box::new(std::iter::once(Cow::Borrowed(entries))), entries.len())
    }
}
