//! Entries by the words they have, the ids they had and the entities they name. Parts that never change, made when first asked.
//!
//! In: entries. Out: places in the order given. Always holds: which parts the entries of a list are divided into changes no answer; an
//! entry that is no longer in force is passed over by whoever asks.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::Listed;
use super::words::words;

/// Some entries of the lists.
pub(super) struct Segment {
    pub(super) listed: Vec<Arc<Listed>>,
    index: OnceLock<Index>,
}

/// Where things stand among the entries of a segment.
#[derive(Default)]
pub(super) struct Index {
    pub(super) words: BTreeMap<Box<str>, Vec<Posting>>,
    pub(super) referents: FxHashMap<Box<str>, Vec<u32>>,
    /// By id: the entries that name the entity in one of their properties.
    pub(super) naming: FxHashMap<Box<str>, Vec<u32>>,
}

/// That an entry has a word: how often in its names, and how often at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) place: u32,
    pub(super) in_names: u16,
    pub(super) in_all: u16,
}

impl Segment {
    pub(super) fn of(listed: Vec<Arc<Listed>>) -> Self {
        Self { listed, index: OnceLock::new() }
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for (place, listed) in self.listed.iter().enumerate() {
                let place = u32::try_from(place).expect("four thousand million entries do not fit in memory");
                index.add(place, listed);
            }
            index
        })
    }
}

impl Index {
    fn add(&mut self, place: u32, listed: &Listed) {
        let entity = listed.entity();
        let mut counts: BTreeMap<String, (u16, u16)> = BTreeMap::new();
        for (name, values) in &entity.properties {
            let property = entity.schema.property(name);
            let is_name = property.is_some_and(|p| p.type_name == "name" && p.matchable);
            for word in values.iter().flat_map(|value| words(value)) {
                let (in_names, in_all) = counts.entry(word).or_default();
                *in_names = in_names.saturating_add(u16::from(is_name));
                *in_all = in_all.saturating_add(1);
            }
            if property.is_some_and(model::Property::names_entities) {
                for id in values {
                    let naming = self.naming.entry(id.as_str().into()).or_default();
                    if naming.last() != Some(&place) {
                        naming.push(place);
                    }
                }
            }
        }
        for (word, (in_names, in_all)) in counts {
            self.words.entry(word.into()).or_default().push(Posting { place, in_names, in_all });
        }
        for id in listed.referents() {
            self.referents.entry(id.as_str().into()).or_default().push(place);
        }
    }
}
