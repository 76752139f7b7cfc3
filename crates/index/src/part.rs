//! One part of the index: forms, the names made of them, and the documents that bear the names.
//!
//! An index has at most two parts, an immutable [`crate::segment::Segment`] and a growing [`crate::delta::Delta`].
//! Both answer the same questions, so that queries and merging are written once. Within a part documents, names
//! ("slots") and forms are numbered from 0. Slots stand in the order of their documents, documents in the order of
//! their ids, and a number that leads nowhere (a damaged file) reads as absent.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use names::UnitShape;

use crate::table::{IdentifierEntry, KeyEntry};

/// The form of every initial: it has no keys, and its postings are the names that contain an initial.
pub(crate) const INITIAL_FORM: u32 = 0;

/// More units than any name has (three for each of at most 255 tokens); longer runs come from a damaged file.
const UNITS_MAX: usize = 3 * 255;

/// A unit of a stored name in eight bytes.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PackedUnit {
    pub(crate) form: u32,
    /// From the lowest bit: first token (8), tokens (3), whether it is an initial (1), weight (16).
    shape: u32,
}

impl PackedUnit {
    pub(crate) fn new(form: u32, shape: UnitShape) -> PackedUnit {
        assert!(shape.len < 8, "a unit joins at most seven tokens");
        let packed = u32::from(shape.first)
            | u32::from(shape.len) << 8
            | u32::from(shape.initial) << 11
            | u32::from(shape.weight) << 12;
        PackedUnit { form, shape: packed }
    }

    pub(crate) fn shape(self) -> UnitShape {
        UnitShape {
            first: self.shape as u8,
            len: (self.shape >> 8) as u8 & 7,
            initial: self.shape >> 11 & 1 == 1,
            weight: (self.shape >> 12) as u16,
        }
    }

    pub(crate) fn with_form(self, form: u32) -> PackedUnit {
        PackedUnit { form, ..self }
    }
}

/// A stored name: where its units begin, and whose it is. Its units end where those of the next slot begin.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Slot {
    pub(crate) units: u32,
    /// From the lowest bit: group (3), whether the name contains an initial (1), document (28). What a query may pass over
    /// without looking at the units is here.
    owner: u32,
}

impl Slot {
    pub(crate) fn new(units: u32, document: u32, group: u8, has_initial: bool) -> Slot {
        assert!(document < 1 << 28 && group < 8, "a part holds at most 2^28 documents of 8 groups");
        Slot { units, owner: document << 4 | u32::from(has_initial) << 3 | u32::from(group) }
    }

    /// The same name elsewhere.
    pub(crate) fn moved(self, units: u32, document: u32) -> Slot {
        Slot::new(units, document, self.group(), self.has_initial())
    }

    pub(crate) fn document(self) -> u32 {
        self.owner >> 4
    }

    pub(crate) fn has_initial(self) -> bool {
        self.owner >> 3 & 1 == 1
    }

    pub(crate) fn group(self) -> u8 {
        self.owner as u8 & 7
    }
}

/// What every part keeps as plain arrays.
#[derive(Clone, Copy)]
pub(crate) struct Arrays<'a> {
    /// Ids of the documents, ascending.
    pub(crate) ids: &'a [u64],
    /// Groups of the documents.
    pub(crate) groups: &'a [u8],
    pub(crate) slots: &'a [Slot],
    pub(crate) units: &'a [PackedUnit],
    /// Where the text of each form ends.
    pub(crate) form_ends: &'a [u32],
    /// The encoded forms, one after the other.
    pub(crate) form_text: &'a [u8],
}

impl<'a> Arrays<'a> {
    /// Where the units of a slot are.
    pub(crate) fn unit_range(&self, slot: u32) -> Option<Range<usize>> {
        let slot = slot as usize;
        let start = self.slots.get(slot)?.units as usize;
        let end = self.slots.get(slot + 1).map_or(self.units.len(), |next| next.units as usize);
        let fits = start <= end && end <= self.units.len() && end - start <= UNITS_MAX;
        fits.then_some(start..end)
    }

    pub(crate) fn units_of(&self, slot: u32) -> &'a [PackedUnit] {
        self.unit_range(slot).and_then(|range| self.units.get(range)).unwrap_or(&[])
    }

    /// The encoded form with this number.
    pub(crate) fn form(&self, form: u32) -> Option<&'a str> {
        let form = form as usize;
        let end = *self.form_ends.get(form)? as usize;
        let start = form.checked_sub(1).map_or(0, |before| self.form_ends[before] as usize);
        std::str::from_utf8(self.form_text.get(start..end)?).ok()
    }
}

/// The questions that queries and merging ask of a part.
pub(crate) trait Part {
    fn arrays(&self) -> Arrays<'_>;

    /// The slots whose name contains the form, ascending.
    fn postings(&self, form: u32) -> &[u32];

    /// Calls `found` with every form that has one of the keys, once for each key.
    fn forms_with_keys(&self, keys: &[u32], found: &mut dyn FnMut(u32));

    /// Calls `found` with every document that has the identifier.
    fn documents_with_identifier(&self, identifier: u64, found: &mut dyn FnMut(u32));

    /// Every key of every form, ascending, and about how many there are.
    fn keys(&self) -> (Runs<'_, KeyEntry>, usize);

    /// Every identifier of every document, ascending, and about how many there are.
    fn identifiers(&self) -> (Runs<'_, IdentifierEntry>, usize);
}

/// Ascending entries in runs of any length.
pub(crate) type Runs<'a, E> = Box<dyn Iterator<Item = Cow<'a, [E]>> + 'a>;

/// Which documents of a part are gone.
#[derive(Clone, Default)]
pub(crate) struct Removed {
    words: Vec<u64>,
    count: usize,
}

impl Removed {
    pub(crate) fn contains(&self, document: u32) -> bool {
        let word = self.words.get(document as usize / 64).copied().unwrap_or(0);
        word >> (document % 64) & 1 == 1
    }

    fn insert(&mut self, document: u32) {
        let word = document as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (document % 64);
        self.count += 1;
    }
}

/// A part, which copies of a shelf share until one of them changes it, and which of its documents are gone.
pub(crate) struct Shelf<P> {
    pub(crate) part: Arc<P>,
    pub(crate) removed: Removed,
}

impl<P> Clone for Shelf<P> {
    fn clone(&self) -> Shelf<P> {
        Shelf { part: Arc::clone(&self.part), removed: self.removed.clone() }
    }
}

impl<P: Part> Shelf<P> {
    pub(crate) fn new(part: P) -> Shelf<P> {
        Shelf { part: Arc::new(part), removed: Removed::default() }
    }

    pub(crate) fn last_id(&self) -> Option<u64> {
        self.part.arrays().ids.last().copied()
    }

    /// Marks a live document as gone; false when there is none.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let document = self.view().find(id);
        if let Some(document) = document {
            self.removed.insert(document);
        }
        document.is_some()
    }

    pub(crate) fn view(&self) -> View<'_> {
        View { part: &*self.part, arrays: self.part.arrays(), removed: &self.removed }
    }
}

/// A shelf as queries and merging read it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) part: &'a dyn Part,
    pub(crate) arrays: Arrays<'a>,
    pub(crate) removed: &'a Removed,
}

impl View<'_> {
    pub(crate) fn live_count(&self) -> usize {
        self.arrays.ids.len() - self.removed.count
    }

    /// The number of a live document.
    pub(crate) fn find(&self, id: u64) -> Option<u32> {
        let document = self.arrays.ids.binary_search(&id).ok()? as u32;
        (!self.removed.contains(document)).then_some(document)
    }
}
