//! Distinct forms, of a growing part or of a cache: encoded text in, a number from 0 out, the same for the same text.
//!
//! The texts stand one after the other in one buffer, and the hash table holds only numbers: four to eight bytes a form
//! beside its text, where a map of strings takes above sixty.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

/// An empty cell of the table.
const EMPTY: u32 = u32::MAX;

/// Distinct texts, numbered in the order of their first appearance.
#[derive(Clone)]
pub(crate) struct Vocabulary {
    ends: Vec<u32>,
    text: Vec<u8>,
    /// Open addressing with linear probing; a power of two cells, at most three in four of them taken.
    cells: Vec<u32>,
}

impl Default for Vocabulary {
    fn default() -> Vocabulary {
        Vocabulary::new()
    }
}

impl Vocabulary {
    pub(crate) fn new() -> Vocabulary {
        Vocabulary { ends: Vec::new(), text: Vec::new(), cells: vec![EMPTY; 16] }
    }

    pub(crate) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The number of the text, if it has one.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        Some(self.cells[self.cell_of(text.as_bytes())]).filter(|&number| number != EMPTY)
    }

    /// The number of the text, which is `len()` as it was before when the text is new.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let cell = self.cell_of(text.as_bytes());
        if self.cells[cell] != EMPTY {
            return self.cells[cell];
        }
        let number = self.len();
        self.text.extend_from_slice(text.as_bytes());
        self.ends
            .push(u32::try_from(self.text.len()).expect("a part holds less than 4 GiB of distinct forms"));
        self.cells[cell] = number;
        if self.ends.len() * 4 > self.cells.len() * 3 {
            self.grow();
        }
        number
    }

    fn bytes(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[number] as usize]
    }

    /// The cell that holds the text, or the empty one where it belongs.
    fn cell_of(&self, text: &[u8]) -> usize {
        let mask = self.cells.len() - 1;
        let mut cell = hash(text) & mask;
        while self.cells[cell] != EMPTY && self.bytes(self.cells[cell]) != text {
            cell = (cell + 1) & mask;
        }
        cell
    }

    fn grow(&mut self) {
        self.cells = vec![EMPTY; self.cells.len() * 2];
        for number in 0..self.len() {
            let cell = self.cell_of(self.bytes(number));
            self.cells[cell] = number;
        }
    }
}

fn hash(text: &[u8]) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_number_and_numbers_are_dense() {
        let mut vocabulary = Vocabulary::new();
        for round in 0..2 {
            for n in 0..1_000 {
                assert_eq!(vocabulary.intern(&format!("form{n}")), n, "round {round}");
            }
        }
        assert_eq!(vocabulary.intern(""), 1_000);
        assert_eq!(vocabulary.intern(""), 1_000);
        assert_eq!(vocabulary.len(), 1_001);
        assert_eq!(vocabulary.bytes(999), b"form999");
        assert_eq!((vocabulary.number("form7"), vocabulary.number("form1000")), (Some(7), None));
    }
}
