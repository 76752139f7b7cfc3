//! The growing part of the index, in memory: documents in, everything that [`Part`] asks for out.
//!
//! Document ids only grow. A form's keys are computed once, when the form first appears.

use std::borrow::Cow;

use names::{Form, Name};
use smallvec::SmallVec;

use crate::Document;
use crate::part::{Arrays, INITIAL_FORM, PackedUnit, Part, Runs, Slot};
use crate::table::{IdentifierEntry, KeyEntry, Shards, cut_key};
use crate::vocabulary::Vocabulary;

#[derive(Clone)]
pub(crate) struct Delta {
    ids: Vec<u64>,
    groups: Vec<u8>,
    slots: Vec<Slot>,
    units: Vec<PackedUnit>,
    vocabulary: Vocabulary,
    /// By form. Most forms, joins above all, stand in one name or two: four fit without an allocation.
    postings: Vec<SmallVec<[u32; 4]>>,
    keys: Shards<KeyEntry>,
    identifiers: Shards<IdentifierEntry>,
    /// The encoded form that is looked for.
    encoded: String,
}

impl Delta {
    pub(crate) fn new() -> Delta {
        let mut vocabulary = Vocabulary::new();
        assert_eq!(vocabulary.intern(""), INITIAL_FORM, "the form of initials comes first");
        Delta {
            ids: Vec::new(),
            groups: Vec::new(),
            slots: Vec::new(),
            units: Vec::new(),
            vocabulary,
            postings: vec![SmallVec::new()],
            keys: Shards::new(),
            identifiers: Shards::new(),
            encoded: String::new(),
        }
    }

    pub(crate) fn insert(&mut self, document: &Document<'_>) {
        let number = u32::try_from(self.ids.len()).expect("a part holds at most 2^28 documents");
        assert!(self.ids.last().is_none_or(|&last| last < document.id.0), "document ids grow");
        self.ids.push(document.id.0);
        self.groups.push(document.group);
        for name in document.names.iter().filter(|name| !name.is_empty()) {
            self.insert_name(name, number, document.group);
        }
        for &identifier in document.identifiers {
            self.identifiers.insert(IdentifierEntry::new(identifier, number));
        }
    }

    fn insert_name(&mut self, name: &Name, document: u32, group: u8) {
        let slot = self.slots.len() as u32;
        let start = u32::try_from(self.units.len()).expect("a part holds less than 2^32 units");
        let has_initial = name.shapes().any(|shape| shape.initial);
        self.slots.push(Slot::new(start, document, group, has_initial));
        for unit in name.units() {
            let form = if unit.shape.initial { INITIAL_FORM } else { self.intern(unit.form) };
            self.units.push(PackedUnit::new(form, unit.shape));
            let postings = &mut self.postings[form as usize];
            if postings.last() != Some(&slot) {
                postings.push(slot);
            }
        }
    }

    fn intern(&mut self, form: &Form) -> u32 {
        let known = self.vocabulary.len();
        self.encoded.clear();
        form.encode_into(&mut self.encoded);
        let number = self.vocabulary.intern(&self.encoded);
        if number == known {
            self.postings.push(SmallVec::new());
            for key in form.keys() {
                self.keys.insert(KeyEntry { key: cut_key(key), form: number });
            }
        }
        number
    }
}

impl Part for Delta {
    fn arrays(&self) -> Arrays<'_> {
        Arrays {
            ids: &self.ids,
            groups: &self.groups,
            slots: &self.slots,
            units: &self.units,
            form_ends: self.vocabulary.ends(),
            form_text: self.vocabulary.text(),
        }
    }

    fn postings(&self, form: u32) -> &[u32] {
        self.postings.get(form as usize).map_or(&[], |postings| postings.as_slice())
    }

    fn forms_with_keys(&self, keys: &[u32], found: &mut dyn FnMut(u32)) {
        keys.iter().flat_map(|&key| self.keys.get(key)).for_each(|entry| found(entry.form));
    }

    fn documents_with_identifier(&self, identifier: u64, found: &mut dyn FnMut(u32)) {
        self.identifiers.get(identifier).for_each(|entry| found(entry.document));
    }

    fn keys(&self) -> (Runs<'_, KeyEntry>, usize) {
        (Box::new(self.keys.runs().map(Cow::Owned)), self.keys.len())
    }

    fn identifiers(&self) -> (Runs<'_, IdentifierEntry>, usize) {
        (Box::new(self.identifiers.runs().map(Cow::Owned)), self.identifiers.len())
    }
}
