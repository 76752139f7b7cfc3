//! A set of persons that is emptied and filled again with every batch: a bit for each, and who is in it.

use crate::observation::PersonId;

#[derive(Debug, Clone, Default)]
pub(crate) struct PersonSet {
    bits: Vec<u64>,
    members: Vec<PersonId>,
}

impl PersonSet {
    pub(crate) fn insert(&mut self, person: PersonId) {
        let (word, bit) = (person.0 as usize / 64, 1 << (person.0 % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        if self.bits[word] & bit == 0 {
            self.bits[word] |= bit;
            self.members.push(person);
        }
    }

    pub(crate) fn extend(&mut self, persons: impl Iterator<Item = PersonId>) {
        for person in persons {
            self.insert(person);
        }
    }

    /// Everybody in it, in the order of coming.
    pub(crate) fn members(&self) -> &[PersonId] {
        &self.members
    }

    pub(crate) fn clear(&mut self) {
        for person in self.members.drain(..) {
            self.bits[person.0 as usize / 64] = 0;
        }
    }

    /// Everybody in it, by id; it is empty afterwards.
    pub(crate) fn take_sorted(&mut self) -> Vec<PersonId> {
        let mut members = self.members.clone();
        self.clear();
        members.sort_unstable();
        members
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        self.bits.capacity() * size_of::<u64>() + self.members.capacity() * size_of::<PersonId>()
    }
}
