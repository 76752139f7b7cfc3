//! What a thread keeps between queries: buffers, and the forms that each query form relates to.
//!
//! Expanding a form means looking up its keys and comparing it with every form found: tens of microseconds against a large
//! vocabulary, and the same few thousand forms come again and again. A cached expansion stays true for the segment, which
//! never changes; for the delta it is completed with the forms that have been added since.

use names::{Form, UnitShape, UnitsAlike, relate};
use smallvec::SmallVec;

use crate::part::{PackedUnit, View};
use crate::table::cut_key;
use crate::vocabulary::Vocabulary;

/// 2^17 words in each of two generations: all the common name parts of a population, at some 100 bytes each.
const WORDS_MAX: usize = 1 << 17;

/// 2^21 related forms in each of two generations: 16 MB.
const RELATED_MAX: usize = 1 << 21;

/// 2^12 forms of the index, some 3 MB.
const READ_MAX: usize = 1 << 12;

/// A form of a part that a query form relates to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RelatedForm {
    pub(crate) form: u32,
    pub(crate) similarity: u16,
}

/// The related forms in one part, ascending, and how many postings they have together.
#[derive(Default)]
pub(crate) struct Expansion {
    pub(crate) related: Box<[RelatedForm]>,
    pub(crate) postings: u32,
    /// How many forms the part had when this was computed.
    forms: u32,
}

/// Buffers and a bounded cache for the queries of one thread.
///
/// It may be used with any index: the cache starts again when the index is another one.
#[derive(Default)]
pub struct Scratch {
    index: u64,
    expansions: Expansions,
    pub(crate) buffers: Buffers,
}

/// Buffers of a query; empty, or all zero, between queries.
#[derive(Default)]
pub(crate) struct Buffers {
    /// By slot: which tokens of the query name the slot's name was met through, a bit each.
    pub(crate) met: Vec<u64>,
    /// The slots that were met.
    pub(crate) slots: Vec<u32>,
    /// The units of the names that are being looked at.
    pub(crate) units: Vec<PackedUnit>,
    pub(crate) comparison: Comparison,
}

/// A document's name beside the query name.
#[derive(Default)]
pub(crate) struct Comparison {
    /// The shapes of the units of the document's name.
    pub(crate) shapes: Vec<UnitShape>,
    /// The units of both that are related.
    pub(crate) alike: Vec<UnitsAlike>,
}

impl Scratch {
    /// Empty buffers and an empty cache.
    pub fn new() -> Scratch {
        Scratch::default()
    }

    /// Makes sure that all forms are expanded, and says where each expansion is; with the buffers.
    pub(crate) fn expand<'f>(
        &mut self,
        index: u64,
        views: &[View<'_>],
        forms: impl Iterator<Item = Option<&'f Form>>,
    ) -> (SmallVec<[Option<Place>; 8]>, &Expansions, &mut Buffers) {
        if self.index != index {
            self.expansions = Expansions::default();
            self.index = index;
        }
        self.expansions.begin();
        let places = forms.map(|form| form.map(|form| self.expansions.ensure(form, views))).collect();
        (places, &self.expansions, &mut self.buffers)
    }
}

/// The expansions by form, one for each part.
///
/// Two generations bound it: when the young one is full it becomes the old one, and what is used again returns. So the
/// forms that come often stay, and nothing is counted or linked. Joins have few keys and hardly ever come again (a third of the
/// time, and most of the memory, went into keeping them): they are kept for one name only.
#[derive(Default)]
pub(crate) struct Expansions {
    young: Generation,
    old: Generation,
    joins: Vec<Parts>,
    /// The encoded form that is looked for.
    encoded: String,
    buffers: KeyBuffers,
    read: ReadForms,
}

/// Words by their encoded text: the forms themselves would take four times the memory.
#[derive(Default)]
struct Generation {
    words: Vocabulary,
    expansions: Vec<Parts>,
    related: usize,
}

/// Where an expansion is, until those of the next name are made.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Word(u32),
    Join(u32),
}

/// By part of the index; there are at most two.
type Parts = SmallVec<[Expansion; 2]>;

/// Keys looked up, and forms found.
#[derive(Default)]
struct KeyBuffers {
    keys: Vec<u32>,
    found: Vec<u32>,
}

impl Expansions {
    /// The expansion in one of the parts.
    pub(crate) fn get(&self, place: Place, part: usize) -> &Expansion {
        let parts = match place {
            Place::Word(number) => &self.young.expansions[number as usize],
            Place::Join(number) => &self.joins[number as usize],
        };
        &parts[part]
    }

    /// Before the forms of a name.
    fn begin(&mut self) {
        self.joins.clear();
        if self.young.expansions.len() >= WORDS_MAX || self.young.related >= RELATED_MAX {
            self.old = std::mem::take(&mut self.young);
        }
    }

    fn ensure(&mut self, form: &Form, views: &[View<'_>]) -> Place {
        let Self { young, old, joins, encoded, buffers, read } = self;
        if form.is_joined() {
            let mut expansions = Parts::new();
            complete(form, &mut expansions, views, buffers, read);
            joins.push(expansions);
            return Place::Join(joins.len() as u32 - 1);
        }
        encoded.clear();
        form.encode_into(encoded);
        let number = young.words.intern(encoded);
        if young.expansions.len() == number as usize {
            let known =
                old.words.number(encoded).map(|known| std::mem::take(&mut old.expansions[known as usize]));
            young.expansions.push(known.unwrap_or_default());
        }
        let expansions = &mut young.expansions[number as usize];
        if expansions.is_empty() || !is_current(expansions, views) {
            let related = |parts: &Parts| parts.iter().map(|part| part.related.len()).sum::<usize>();
            let before = related(expansions);
            complete(form, expansions, views, buffers, read);
            young.related += related(expansions) - before;
        }
        Place::Word(number)
    }
}

fn forms_of(view: &View<'_>) -> u32 {
    view.arrays.form_ends.len() as u32
}

fn is_current(expansions: &[Expansion], views: &[View<'_>]) -> bool {
    expansions.iter().zip(views).all(|(expansion, view)| expansion.forms == forms_of(view))
}

/// Brings the expansion of a form up to the forms that each part has now. New forms have higher numbers than all before.
fn complete(
    form: &Form,
    expansions: &mut Parts,
    views: &[View<'_>],
    buffers: &mut KeyBuffers,
    read: &mut ReadForms,
) {
    let KeyBuffers { keys, found } = buffers;
    expansions.resize_with(views.len(), Expansion::default);
    keys.clear();
    keys.extend(form.probes().into_iter().map(cut_key));
    for (part, (expansion, view)) in expansions.iter_mut().zip(views).enumerate() {
        let known = std::mem::replace(&mut expansion.forms, forms_of(view));
        if known == expansion.forms || view.arrays.slots.is_empty() {
            continue;
        }
        found.clear();
        view.part.forms_with_keys(keys, &mut |form| found.push(form));
        found.retain(|&form| form >= known);
        found.sort_unstable();
        found.dedup();
        let related = found.iter().filter_map(|&number| {
            let related = relate(form, read.form(part, number, view)?)?;
            Some(RelatedForm { form: number, similarity: related.similarity.0 })
        });
        let mut all = std::mem::take(&mut expansion.related).into_vec();
        all.extend(related);
        expansion.related = all.into();
        let postings = expansion.related.iter().map(|related| view.part.postings(related.form).len());
        expansion.postings = postings.sum::<usize>() as u32;
    }
}

/// The forms of the index that were read last, since the common ones are near many others. A new one takes the place of the one whose
/// number has the same slot.
#[derive(Default)]
struct ReadForms {
    slots: Vec<Option<(usize, u32, Form)>>,
}

impl ReadForms {
    /// The form with this number in a part.
    fn form(&mut self, part: usize, number: u32, view: &View<'_>) -> Option<&Form> {
        if self.slots.is_empty() {
            self.slots.resize_with(READ_MAX, || None);
        }
        let slot = &mut self.slots[number as usize % READ_MAX];
        if slot.as_ref().is_none_or(|read| (read.0, read.1) != (part, number)) {
            *slot = Some((part, number, Form::decode(view.arrays.form(number)?)?));
        }
        slot.as_ref().map(|read| &read.2)
    }
}
