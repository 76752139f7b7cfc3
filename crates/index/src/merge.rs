//! Writes one segment file of everything live in the given parts.
//!
//! In: the parts, in order of their document ids, and an output. Out: the file's bytes. Documents and names that are gone,
//! and forms that only they used, are left out; a form that stands in several parts is kept once. The sections are
//! streamed: beside the parts, only the maps from old numbers to new ones are held in memory. The parts are intact
//! (the caller has verified a segment), as whatever is copied here gets a checksum that says so.

use std::borrow::Cow;
use std::io::{self, Seek, SeekFrom, Write};

use bytemuck::Pod;
use rustc_hash::FxHashMap;

use crate::Stamp;
use crate::part::{INITIAL_FORM, Slot, View};
use crate::segment::{Extent, HEADER, SECTIONS, Section, checksum, encode_header};
use crate::table::{Directory, Entry, IdentifierEntry, KeyEntry};

/// Where something of an old part went: nowhere.
const GONE: u32 = u32::MAX;

/// Where the documents, slots and forms of one part go: by old number, the new one or [`GONE`].
struct Move<'a> {
    view: View<'a>,
    documents: Vec<u32>,
    slots: Vec<u32>,
    forms: Vec<u32>,
}

/// By new form: the number that it had in each of the parts, or [`GONE`].
type Origins = Vec<[u32; 2]>;

/// Writes the segment. There are at most two parts.
pub(crate) fn write(views: &[View<'_>], stamp: &Stamp, out: &mut (impl Write + Seek)) -> io::Result<()> {
    let mut moves = number_documents_and_slots(views);
    let origins = number_forms(&mut moves);
    let mut file = Writer::new(out)?;
    file.section(Section::Stamp, stamp.bytes.iter().copied())?;
    write_documents(&mut file, &moves)?;
    write_names(&mut file, &moves)?;
    write_forms(&mut file, &moves, &origins)?;
    write_postings(&mut file, &moves, &origins)?;
    write_keys(&mut file, &moves, &origins)?;
    write_identifiers(&mut file, &moves)?;
    file.finish()
}

fn number_documents_and_slots<'a>(views: &[View<'a>]) -> Vec<Move<'a>> {
    let (mut documents, mut slots) = (Numbers::default(), Numbers::default());
    let number_part = |&view: &View<'a>| {
        let old_documents = 0..view.arrays.ids.len() as u32;
        let to_documents: Vec<u32> =
            old_documents.map(|old| documents.next_if(!view.removed.contains(old))).collect();
        let stays = |slot: &Slot| to_documents.get(slot.document() as usize).is_some_and(|&to| to != GONE);
        let to_slots = view.arrays.slots.iter().map(|slot| slots.next_if(stays(slot))).collect();
        Move { view, documents: to_documents, slots: to_slots, forms: Vec::new() }
    };
    views.iter().map(number_part).collect()
}

/// Numbers from 0 for what stays.
#[derive(Default)]
struct Numbers {
    next: u32,
}

impl Numbers {
    fn next_if(&mut self, stays: bool) -> u32 {
        if !stays {
            return GONE;
        }
        assert!(self.next < GONE, "a segment holds fewer than 2^32 - 1 of anything");
        self.next += 1;
        self.next - 1
    }
}

/// Numbers the forms that live names use, those of the first part first, and notes where they go in the moves.
fn number_forms(moves: &mut [Move<'_>]) -> Origins {
    let mut origins: Origins = vec![[INITIAL_FORM; 2]];
    for part in 0..moves.len() {
        let (before, rest) = moves.split_at_mut(part);
        let used = used_forms(&rest[0]);
        let shared = before.first().map(|first| shared_forms(first, &rest[0])).unwrap_or_default();
        let mut forms = vec![GONE; used.len()];
        forms.iter_mut().take(1).for_each(|initial| *initial = INITIAL_FORM);
        for old in (1..used.len()).filter(|&old| used[old]) {
            let same = shared.get(&(old as u32)).copied();
            let new = same.unwrap_or(origins.len() as u32);
            if same.is_none() {
                origins.push([GONE; 2]);
            }
            origins[new as usize][part] = old as u32;
            forms[old] = new;
        }
        moves[part].forms = forms;
    }
    origins
}

fn used_forms(part: &Move<'_>) -> Vec<bool> {
    let mut used = vec![false; part.view.arrays.form_ends.len()];
    for unit in live_slots(part).flat_map(|slot| part.view.arrays.units_of(slot)) {
        if let Some(used) = used.get_mut(unit.form as usize) {
            *used = true;
        }
    }
    used
}

/// The forms that stand in both parts and stay in the first: by number in the second, the new number. One part's texts are hashed,
/// the other's looked up; the smaller is hashed, as that takes memory.
fn shared_forms(first: &Move<'_>, second: &Move<'_>) -> FxHashMap<u32, u32> {
    let forms = |part: &Move<'_>| part.view.arrays.form_ends.len() as u32;
    let (small, large) = if forms(first) < forms(second) { (first, second) } else { (second, first) };
    let numbered = |form| Some((small.view.arrays.form(form)?, form));
    let numbers: FxHashMap<&str, u32> = (1..forms(small)).filter_map(numbered).collect();
    let pairs =
        (1..forms(large)).filter_map(|form| Some((form, *numbers.get(large.view.arrays.form(form)?)?)));
    let of_first =
        |(large, small)| if forms(first) < forms(second) { (small, large) } else { (large, small) };
    pairs.map(of_first).filter_map(|(old, other)| Some((other, stays(&first.forms, old)?))).collect()
}

fn live_slots(part: &Move<'_>) -> impl Iterator<Item = u32> {
    let slots = 0..part.slots.len() as u32;
    slots.filter(|&slot| part.slots[slot as usize] != GONE)
}

fn stays(map: &[u32], old: u32) -> Option<u32> {
    map.get(old as usize).copied().filter(|&new| new != GONE)
}

fn live_documents(part: &Move<'_>) -> impl Iterator<Item = usize> {
    (0..part.documents.len()).filter(|&document| part.documents[document] != GONE)
}

fn write_documents(file: &mut Writer<'_, impl Write + Seek>, moves: &[Move<'_>]) -> io::Result<()> {
    let live = || moves.iter().flat_map(|part| live_documents(part).map(move |document| (part, document)));
    file.section(Section::Ids, live().map(|(part, document)| part.view.arrays.ids[document]))?;
    file.section(Section::Groups, live().map(|(part, document)| part.view.arrays.groups[document]))
}

fn write_names(file: &mut Writer<'_, impl Write + Seek>, moves: &[Move<'_>]) -> io::Result<()> {
    let mut start = 0;
    let slots = moves.iter().flat_map(|part| live_slots(part).map(move |slot| (part, slot)));
    let moved = slots.map(|(part, number)| {
        let slot = part.view.arrays.slots[number as usize];
        let document = stays(&part.documents, slot.document()).unwrap_or(0);
        let moved = slot.moved(start, document);
        start += part.view.arrays.units_of(number).len() as u32;
        moved
    });
    file.section(Section::Slots, moved)?;
    let units = moves.iter().flat_map(|part| {
        let units = live_slots(part).flat_map(|slot| part.view.arrays.units_of(slot));
        units.map(|unit| unit.with_form(stays(&part.forms, unit.form).unwrap_or(INITIAL_FORM)))
    });
    file.section(Section::Units, units)
}

fn write_forms(
    file: &mut Writer<'_, impl Write + Seek>,
    moves: &[Move<'_>],
    origins: &Origins,
) -> io::Result<()> {
    let text =
        |origin: [u32; 2]| first_origin(moves, origin).and_then(|(part, old)| part.view.arrays.form(old));
    let texts = || origins.iter().map(|&origin| text(origin).unwrap_or(""));
    let mut end = 0;
    let ends = texts().map(|text| {
        end += text.len() as u32;
        end
    });
    file.section(Section::FormEnds, ends)?;
    file.begin();
    for text in texts() {
        file.push_all(text.as_bytes())?;
    }
    file.end(Section::FormText)
}

/// The first part that has the form, and the form's number there.
fn first_origin<'m, 'a>(moves: &'m [Move<'a>], origin: [u32; 2]) -> Option<(&'m Move<'a>, u32)> {
    moves.iter().zip(origin).find(|(_, old)| *old != GONE)
}

fn write_postings(
    file: &mut Writer<'_, impl Write + Seek>,
    moves: &[Move<'_>],
    origins: &Origins,
) -> io::Result<()> {
    let mut ends = Vec::with_capacity(origins.len());
    let mut end = 0;
    file.begin();
    for origin in origins {
        for (part, &old) in moves.iter().zip(origin) {
            let postings = part.view.part.postings(old).iter();
            for slot in postings.filter_map(|&slot| stays(&part.slots, slot)) {
                file.push(slot)?;
                end += 1;
            }
        }
        ends.push(end);
    }
    file.end(Section::Postings)?;
    file.section(Section::PostingEnds, ends.into_iter())
}

fn write_keys(
    file: &mut Writer<'_, impl Write + Seek>,
    moves: &[Move<'_>],
    origins: &Origins,
) -> io::Result<()> {
    let mut count = 0;
    let parts = moves.iter().enumerate().map(|(number, part)| {
        let (runs, len) = part.view.part.keys();
        count += len;
        let brought = forms_with_keys_here(part, number, origins);
        // Keys stand in no order of forms, so each look into the map waits for memory: it is spared where nothing moves.
        let unmoved = brought.iter().zip(0..).all(|(&new, old)| new == old);
        let moved = move |entry: &KeyEntry| Some(KeyEntry { form: stays(&brought, entry.form)?, ..*entry });
        runs.map(move |run| if unmoved { run } else { run.iter().filter_map(&moved).collect() })
    });
    let parts: Vec<_> = parts.collect();
    write_table(file, parts, count, [Section::Keys, Section::KeyDirectory])
}

/// Where the forms go whose keys this part brings: a form that an earlier part has brings its keys from there.
fn forms_with_keys_here(part: &Move<'_>, number: usize, origins: &Origins) -> Vec<u32> {
    let earlier = |new: u32| origins[new as usize][..number].iter().any(|&old| old != GONE);
    part.forms.iter().map(|&new| if new == GONE || earlier(new) { GONE } else { new }).collect()
}

fn write_identifiers(file: &mut Writer<'_, impl Write + Seek>, moves: &[Move<'_>]) -> io::Result<()> {
    let mut count = 0;
    let parts = moves.iter().map(|part| {
        let (runs, len) = part.view.part.identifiers();
        count += len;
        let moved = |entry: &IdentifierEntry| {
            stays(&part.documents, entry.document).map(|document| entry.with_document(document))
        };
        runs.map(move |run| run.iter().filter_map(moved).collect::<Vec<_>>().into())
    });
    let parts: Vec<_> = parts.collect();
    write_table(file, parts, count, [Section::Identifiers, Section::IdentifierDirectory])
}

/// Merges ascending entries into one section, and their directory into another.
fn write_table<'a, E: Entry + Pod>(
    file: &mut Writer<'_, impl Write + Seek>,
    parts: Vec<impl Iterator<Item = Cow<'a, [E]>>>,
    count: usize,
    [entries, directory]: [Section; 2],
) -> io::Result<()> {
    let mut buckets = Directory::for_entries(count);
    let mut parts = parts.into_iter();
    let (mut first, mut second) = (Unwritten::of(parts.next()), Unwritten::of(parts.next()));
    assert!(parts.next().is_none(), "an index has at most two parts");
    file.begin();
    loop {
        let (mine, others) = (first.run(), second.run());
        let lesser = others.first().map_or(mine.len(), |other| count_while(mine, |entry| entry <= other));
        let (mine, others) = if lesser > 0 {
            (&mine[..lesser], &others[..0])
        } else {
            let lesser = mine.first().map_or(others.len(), |one| count_while(others, |entry| entry < one));
            (&mine[..0], &others[..lesser])
        };
        let written = (mine.len(), others.len());
        if written == (0, 0) {
            break;
        }
        for run in [mine, others] {
            for entry in run {
                buckets.count(E::high(entry.hash()));
            }
            file.push_all(run)?;
        }
        first.written += written.0;
        second.written += written.1;
    }
    file.end(entries)?;
    file.section(directory, buckets.finish().into_iter())
}

fn count_while<E>(entries: &[E], holds: impl Fn(&E) -> bool) -> usize {
    entries.iter().take_while(|&entry| holds(entry)).count()
}

/// What is left to write of one part.
struct Unwritten<'a, I, E: Clone> {
    runs: Option<I>,
    current: Cow<'a, [E]>,
    written: usize,
}

impl<'a, I: Iterator<Item = Cow<'a, [E]>>, E: Clone> Unwritten<'a, I, E> {
    fn of(runs: Option<I>) -> Self {
        Self { runs, current: Cow::Borrowed(&[]), written: 0 }
    }

    /// The run that is next, empty at the end.
    fn run(&mut self) -> &[E] {
        while self.written == self.current.len() {
            let Some(next) = self.runs.as_mut().and_then(Iterator::next) else { break };
            (self.current, self.written) = (next, 0);
        }
        &self.current[self.written..]
    }
}

/// Full buffers are multiples of eight bytes, as the checksum wants them.
const BUFFER: usize = 1 << 16;

/// Writes sections behind room for the header, and the header at last.
struct Writer<'a, W> {
    out: &'a mut W,
    offset: u64,
    buffer: Vec<u8>,
    current: Extent,
    extents: [Extent; SECTIONS],
}

impl<'a, W: Write + Seek> Writer<'a, W> {
    fn new(out: &'a mut W) -> io::Result<Writer<'a, W>> {
        out.write_all(&[0; HEADER])?;
        let (offset, extents) = (HEADER as u64, [Extent::default(); SECTIONS]);
        Ok(Writer {
            out,
            offset,
            buffer: Vec::with_capacity(2 * BUFFER),
            current: Extent::default(),
            extents,
        })
    }

    fn section<T: Pod>(&mut self, section: Section, items: impl Iterator<Item = T>) -> io::Result<()> {
        self.begin();
        for item in items {
            self.push(item)?;
        }
        self.end(section)
    }

    fn begin(&mut self) {
        self.current = Extent { offset: self.offset, len: 0, checksum: 0 };
    }

    fn push<T: Pod>(&mut self, item: T) -> io::Result<()> {
        self.push_all(&[item])
    }

    fn push_all<T: Pod>(&mut self, items: &[T]) -> io::Result<()> {
        for part in bytemuck::cast_slice::<T, u8>(items).chunks(BUFFER) {
            self.buffer.extend_from_slice(part);
            if self.buffer.len() >= BUFFER {
                self.flush(BUFFER)?;
            }
        }
        self.current.len += size_of_val(items) as u64;
        Ok(())
    }

    fn end(&mut self, section: Section) -> io::Result<()> {
        self.buffer.resize(self.buffer.len().next_multiple_of(8), 0);
        self.flush(self.buffer.len())?;
        self.extents[section as usize] = self.current;
        Ok(())
    }

    fn flush(&mut self, len: usize) -> io::Result<()> {
        self.current.checksum = checksum(self.current.checksum, &self.buffer[..len]);
        self.out.write_all(&self.buffer[..len])?;
        self.buffer.drain(..len);
        self.offset += len as u64;
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&encode_header(&self.extents, self.offset))?;
        self.out.flush()
    }
}
