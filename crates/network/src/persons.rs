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

    /// Everybody in it, in the order of coming, or by id once sorted.
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
        self.sort();
        let members = self.members.clone();
        self.clear();
        members
    }

    /// Puts those who are in it into the order of their ids: where they are many they are read off the bits, which is faster by far.
    pub(crate) fn sort(&mut self) {
        if self.members.len() < self.bits.len() / 8 {
            self.members.sort_unstable();
            return;
        }
        self.members.clear();
        for (first, &word) in (0..).step_by(64).zip(&self.bits) {
            let mut rest = word;
            while rest != 0 {
                self.members.push(PersonId(first + rest.trailing_zeros()));
                rest &= rest - 1;
            }
        }
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        self.bits.capacity() * size_of::<u64>() + self.members.capacity() * size_of::<PersonId>()
    }
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn few_and_many_come_out_by_id_and_leave_nothing_behind() {
        let mut set = PersonSet::default();
        for (step, persons) in [(7_919, 9), (7_919, 3_000), (1, 9_999), (4_001, 0)] {
            let coming = || (0..persons).map(|turn| PersonId(turn * step % 10_007));
            set.extend(coming().chain(coming()));
            let mut expected: Vec<PersonId> = coming().collect();
            expected.sort_unstable();
            assert_eq!(set.take_sorted(), expected);
            assert!(set.members().is_empty() && set.bits.iter().all(|word| *word == 0));
        }
    }
}
