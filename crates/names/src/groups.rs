//! Groups of words that are written for one another: forms of one name in several languages and scripts, articles, abbreviations.
//!
//! In goes a folded word, out come the numbers of its groups, in order, at most `GROUPS_MAX`. The groups are `forms.tsv` and
//! `name_forms.txt.gz`, laid out by `build.rs`: nothing is read or built at run time, and a lookup reads one bucket. A word is known by 40 bits
//! of its hash: one unknown word in two million is taken for a known one.

use crate::key::{Key, hash};
use smallvec::SmallVec;

/// 8: the large table has six groups a word at most, the small one two.
pub(crate) const GROUPS_MAX: usize = 8;
pub(crate) type Groups = SmallVec<[u32; 4]>;

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/name_forms.bin"));
const BUCKET_BITS: u32 = 17;
const GROUP_BITS: u32 = 24;
const BUCKETS: usize = 8;
const ENTRIES: usize = BUCKETS + 4 * ((1 << BUCKET_BITS) + 1);

/// Equal for equal tables.
pub(crate) fn digest() -> u64 {
    number(0)
}

/// The groups of a word.
pub(crate) fn groups(word: &str) -> Groups {
    let hash = hash(Key::Word, word.as_bytes());
    let bucket = (hash >> (64 - BUCKET_BITS)) as usize;
    let first = |bucket: usize| number(BUCKETS + 4 * bucket) as u32 as usize;
    (first(bucket)..first(bucket + 1))
        .map(|entry| number(ENTRIES + 8 * entry))
        .filter(|entry| entry >> GROUP_BITS == hash >> GROUP_BITS)
        .map(|entry| entry as u32 & ((1 << GROUP_BITS) - 1))
        .take(GROUPS_MAX)
        .collect()
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

    #[test]
    fn forms_of_one_name_share_a_group() {
        for (a, b) in [
            ("vladimir", "уладзімір"),
            ("vladimir", "volodymyr"),
            ("volodymyr", "уладзімір"),
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
