//! Lays the name-form tables out for lookup: words and group numbers in, `name_forms.bin` out.
//!
//! The file is little-endian: a digest of all entries (u64), the first entry of each bucket (u32, one more than buckets), and the entries
//! (u64), sorted: the upper 40 bits of a word's hash, then 24 bits of group. A word's bucket is the top `BUCKET_BITS` of its hash. The
//! same tables give the same bytes.

#[path = "src/key.rs"]
#[expect(dead_code, reason = "the program uses the other families")]
mod key;

use flate2::read::GzDecoder;
use key::{Key, hash};
use std::io::{Error, Read};
use std::path::Path;

const SMALL: &str = "../../data/names/forms.tsv";
const LARGE: &str = "../../data/names/name_forms.txt.gz";
const BUCKET_BITS: u32 = 17;
const GROUP_BITS: u32 = 24;

fn main() -> Result<(), Error> {
    for path in [SMALL, LARGE, "src/key.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let small = std::fs::read_to_string(SMALL)?;
    let mut large = String::new();
    GzDecoder::new(std::fs::File::open(LARGE)?).read_to_string(&mut large)?;
    let groups = small.lines().chain(large.lines()).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("cargo sets OUT_DIR"))?;
    std::fs::write(Path::new(&out).join("name_forms.bin"), layout(&entries(groups)))
}

fn entries<'t>(groups: impl Iterator<Item = &'t str>) -> Vec<u64> {
    let entry = |group: u64, word: &str| hash(Key::Word, word.as_bytes()) >> GROUP_BITS << GROUP_BITS | group;
    let mut entries: Vec<u64> = (0..)
        .zip(groups)
        .flat_map(|(group, words)| words.split(' ').map(move |word| entry(group, word)))
        .collect();
    entries.sort_unstable();
    entries.dedup();
    entries
}

fn layout(entries: &[u64]) -> Vec<u8> {
    let body: Vec<u8> = entries.iter().flat_map(|entry| entry.to_le_bytes()).collect();
    let mut laid_out = hash(Key::Word, &body).to_le_bytes().to_vec();
    for bucket in 0..=1u64 << BUCKET_BITS {
        let first = entries.partition_point(|entry| entry >> (64 - BUCKET_BITS) < bucket) as u32;
        laid_out.extend(first.to_le_bytes());
    }
    laid_out.extend(body);
    laid_out
}
