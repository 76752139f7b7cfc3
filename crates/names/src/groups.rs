//! Groups of words that are written for one another: forms of one name in several languages and scripts, articles, abbreviations.
//!
//! In goes a word by its letters or its sound, out come the numbers of its groups, in order, at most six. The groups are `forms.tsv` and
//! `name_forms.txt.gz`, laid out by `build.rs`: nothing is read or built at run time, and a look-up reads a bit and mostly no more. A word is known
//! by 40 bits of a hash: one unknown word in two million is taken for a known one.

use crate::key::{Key, hash};
use smallvec::SmallVec;

pub(crate) type Groups = SmallVec<[u32; 4]>;

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/name_forms.bin"));
const FILTER_BITS: u32 = 21;
const BUCKET_BITS: u32 = 17;
const GROUP_BITS: u32 = 24;
const FILTER: usize = 8;
const BUCKETS: usize = FILTER + (1 << (FILTER_BITS - 3));
const ENTRIES: usize = BUCKETS + 4 * ((1 << BUCKET_BITS) + 1);

/// Equal for equal tables.
pub(crate) fn digest() -> u64 {
    number(0)
}

/// The groups of a word by its letters, for scripts that are not read letter by letter.
pub(crate) fn of_letters(word: &str) -> Groups {
    groups(hash(Key::Word, word.as_bytes()))
}

/// The groups of a word by the hash of its first class reading.
pub(crate) fn of_sound(class: u64) -> Groups {
    groups(class)
}

fn groups(hash: u64) -> Groups {
    if !may_be_known(hash) {
        return Groups::new();
    }
    let bucket = (hash >> (64 - BUCKET_BITS)) as usize;
    let first = |bucket: usize| number(BUCKETS + 4 * bucket) as u32 as usize;
    (first(bucket)..first(bucket + 1))
        .map(|entry| number(ENTRIES + 8 * entry))
        .filter(|entry| entry >> GROUP_BITS == hash >> GROUP_BITS)
        .map(|entry| entry as u32 & ((1 << GROUP_BITS) - 1))
        .collect()
}

/// False only for a hash that has no group.
fn may_be_known(hash: u64) -> bool {
    let bit = (hash >> (64 - FILTER_BITS)) as usize;
    TABLE[FILTER + bit / 8] >> (bit % 8) & 1 == 1
}

/// Eight bytes of the table. The last bucket is followed by entries, so there are always eight.
fn number(at: usize) -> u64 {
    TABLE[at..at + 8].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// True if two ordered lists have a number in common.
pub(crate) fn meet(a: &[u32], b: &[u32]) -> bool {
    !a.is_empty() && a.iter().any(|group| b.contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::form::Form;

    #[test]
    fn forms_of_one_name_share_a_group() {
        let groups = |text: &str| Form::new(text, false).facts().groups.clone();
        for (a, b) in [
            ("vladimir", "уладзімір"),
            ("vladimir", "volodymyr"),
            ("volodymyr", "уладзімір"),
            ("siarhei", "sergei"),
            ("dzmitry", "дмитрий"),
            ("mohammed", "mehmed"),
            ("mohammed", "穆罕默德"),
            ("al", "ash"),
        ] {
            assert!(meet(&groups(a), &groups(b)), "{a} {b}");
        }
        assert!(groups("zarintalova").is_empty());
    }
}
