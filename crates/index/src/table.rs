//! Sorted multimaps from hashes to numbers: keys to forms, and identifiers to documents.
//!
//! Entries are few bytes wide and stand sorted, because a map of lists would spend more on its lists than on what they
//! hold: names give some dozens of keys to each form. In a segment all entries are one sorted array with a
//! [`Directory`]; in memory they are spread over sorted [`Shards`] that take new entries cheaply.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

/// An entry that sorts by its hash first.
pub(crate) trait Entry: Copy + Ord {
    type Hash: Copy + Ord;
    fn hash(self) -> Self::Hash;
    /// The most significant bits of the hash, by which shards and directories divide.
    fn high(hash: Self::Hash) -> u32;
}

/// A form has a key. The key is cut to 32 bits: whoever looks a key up compares the forms themselves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct KeyEntry {
    pub(crate) key: u32,
    pub(crate) form: u32,
}

/// A 64-bit key as the table holds it. Multiplying spreads keys that differ in their low bits only.
pub(crate) fn cut_key(key: u64) -> u32 {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

impl Entry for KeyEntry {
    type Hash = u32;

    fn hash(self) -> u32 {
        self.key
    }

    fn high(hash: u32) -> u32 {
        hash
    }
}

/// A document has an identifier, given as the two halves of its 64-bit hash (so that an entry takes 12 bytes, not 16).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct IdentifierEntry {
    upper: u32,
    lower: u32,
    pub(crate) document: u32,
}

impl IdentifierEntry {
    pub(crate) fn new(identifier: u64, document: u32) -> IdentifierEntry {
        IdentifierEntry { upper: (identifier >> 32) as u32, lower: identifier as u32, document }
    }

    pub(crate) fn with_document(self, document: u32) -> IdentifierEntry {
        IdentifierEntry { document, ..self }
    }
}

impl Entry for IdentifierEntry {
    type Hash = u64;

    fn hash(self) -> u64 {
        u64::from(self.upper) << 32 | u64::from(self.lower)
    }

    fn high(hash: u64) -> u32 {
        (hash >> 32) as u32
    }
}

/// Twice the entries of a full cache line.
const SHORT: usize = 16;

/// The run of entries with this hash in a sorted slice.
pub(crate) fn equal_run<E: Entry>(sorted: &[E], hash: E::Hash) -> &[E] {
    let start = match sorted.len() {
        // Most buckets are: going through one is cheaper than the branches of a search that nothing can foretell.
        0..=SHORT => sorted.iter().take_while(|entry| entry.hash() < hash).count(),
        _ => sorted.partition_point(|entry| entry.hash() < hash),
    };
    let rest = &sorted[start..];
    let len = rest.iter().take_while(|entry| entry.hash() == hash).count();
    &rest[..len]
}

/// Where the entries of each bucket of a sorted array begin; a bucket is a value of the hash's upper bits.
pub(crate) struct Directory {
    bits: u32,
    starts: Vec<u32>,
}

impl Directory {
    /// For about this many entries: four to a bucket, so that the directory adds an eighth to the array.
    pub(crate) fn for_entries(count: usize) -> Directory {
        let bits = (count / 4).max(1).ilog2().min(28);
        Directory { bits, starts: vec![0; (1 << bits) + 1] }
    }

    /// Counts the next entry. Call [`Directory::finish`] when all are counted.
    pub(crate) fn count(&mut self, high: u32) {
        let bucket = bucket_of(high, self.bits);
        self.starts[bucket + 1] += 1;
    }

    /// The starts of all buckets and the end of the last.
    pub(crate) fn finish(mut self) -> Vec<u32> {
        let mut total = 0;
        for start in &mut self.starts {
            total += *start;
            *start = total;
        }
        self.starts
    }
}

/// The entries that can have this hash, by the starts that a directory gave. None when the directory is damaged.
pub(crate) fn directory_range(starts: &[u32], high: u32) -> Option<Range<usize>> {
    let bits = starts.len().checked_sub(1)?.checked_ilog2()?;
    let bucket = bucket_of(high, bits);
    Some(*starts.get(bucket)? as usize..*starts.get(bucket + 1)? as usize)
}

fn bucket_of(high: u32, bits: u32) -> usize {
    (u64::from(high) >> (32 - bits)) as usize
}

/// 4,096 shards: with 25 million entries a shard still fits the second-level cache while it is sorted.
const SHARD_BITS: u32 = 12;

/// A growing multimap: each shard is a sorted run and an unsorted tail.
#[derive(Clone)]
pub(crate) struct Shards<E> {
    shards: Vec<Shard<E>>,
    len: usize,
}

#[derive(Clone)]
struct Shard<E> {
    entries: Vec<E>,
    sorted: usize,
}

impl<E: Entry> Shards<E> {
    pub(crate) fn new() -> Shards<E> {
        let empty = || Shard { entries: Vec::new(), sorted: 0 };
        Shards { shards: std::iter::repeat_with(empty).take(1 << SHARD_BITS).collect(), len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn insert(&mut self, entry: E) {
        self.shards[bucket_of(E::high(entry.hash()), SHARD_BITS)].insert(entry);
        self.len += 1;
    }

    /// The entries with this hash, in no particular order.
    pub(crate) fn get(&self, hash: E::Hash) -> impl Iterator<Item = E> {
        let shard = &self.shards[bucket_of(E::high(hash), SHARD_BITS)];
        let (run, tail) = shard.entries.split_at(shard.sorted);
        let tail = tail.iter().filter(move |entry| entry.hash() == hash);
        equal_run(run, hash).iter().chain(tail).copied()
    }

    /// Every entry, ascending, a shard at a time.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Vec<E>> {
        self.shards.iter().map(|shard| {
            let mut entries = shard.entries.clone();
            entries.sort();
            entries
        })
    }
}

impl<E: Entry> Shard<E> {
    /// The tail grows to half of the run before both are sorted: an entry moves some three times in its life, and look-ups, of which
    /// there are few before the index is saved, scan what is in the cache. The stable sort takes the run as it is and merges the tail into it.
    fn insert(&mut self, entry: E) {
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(8 + self.entries.len() / 8);
        }
        self.entries.push(entry);
        if self.entries.len() - self.sorted > 16 + self.sorted / 2 {
            self.entries.sort();
            self.sorted = self.entries.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: u32) -> impl Iterator<Item = KeyEntry> {
        (0..count).map(|n| KeyEntry { key: cut_key(u64::from(n % 997)), form: n })
    }

    #[test]
    fn shards_find_every_entry_of_a_hash_and_no_other() {
        let mut shards = Shards::new();
        entries(20_000).for_each(|entry| shards.insert(entry));
        for n in 0..997_u32 {
            let mut forms: Vec<u32> = shards.get(cut_key(u64::from(n))).map(|entry| entry.form).collect();
            forms.sort_unstable();
            let expected: Vec<u32> = (n..20_000).step_by(997).collect();
            assert_eq!(forms, expected);
        }
        assert_eq!(shards.get(1).count(), 0);
    }

    #[test]
    fn shards_iterate_in_order() {
        let mut shards = Shards::new();
        entries(5_000).for_each(|entry| shards.insert(entry));
        let listed: Vec<KeyEntry> = shards.runs().flatten().collect();
        let mut expected: Vec<KeyEntry> = entries(5_000).collect();
        expected.sort();
        assert!(listed == expected);
        assert_eq!(shards.len(), 5_000);
    }

    #[test]
    fn a_directory_leads_to_every_entry() {
        for count in [0, 1, 3, 4, 5, 100, 5_000] {
            let mut sorted: Vec<KeyEntry> = entries(count).collect();
            sorted.sort();
            let mut directory = Directory::for_entries(sorted.len());
            for entry in &sorted {
                directory.count(entry.key);
            }
            let starts = directory.finish();
            for entry in &sorted {
                let range = directory_range(&starts, entry.key).unwrap();
                assert!(equal_run(&sorted[range], entry.key).contains(entry));
            }
        }
    }

    #[test]
    fn a_damaged_directory_reads_as_absent() {
        assert_eq!(directory_range(&[], 7), None);
        assert_eq!(directory_range(&[0], 7), None);
        assert_eq!(directory_range(&[0, 5], u32::MAX), Some(0..5));
    }
}
