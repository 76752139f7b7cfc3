//! Lays the name-form tables out for lookup: groups of words in, `name_forms.bin` out.
//!
//! A word is known by the hash of its first class reading, so that every spelling of the same sounds finds it, and in scripts that the relation
//! reads in another way by the hash of its letters. Groups that are left with one hash say nothing and go; of a hash's groups the
//! largest `GROUPS_MAX` stay. The file is little-endian: a digest of all entries (u64), a bit for each value of a hash's top `FILTER_BITS` that says
//! whether a known hash has it, the first entry of each bucket (u32, one more than buckets), and the entries (u64), sorted: the
//! upper 40 bits of a hash, then 24 bits of group. A hash's bucket is its top `BUCKET_BITS`. The same tables give the same bytes.

#[path = "src/key.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod key;
#[path = "src/rewrite.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod rewrite;
#[path = "src/romanise.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod romanise;
#[path = "src/table.rs"]
#[expect(dead_code, reason = "the program uses the rest")]
mod table;

use flate2::read::GzDecoder;
use key::{Key, hash};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::io::{Error, Read};
use std::path::Path;

const SMALL: &str = "../../data/names/forms.tsv";
const LARGE: &str = "../../data/names/name_forms.txt.gz";
const FOLDING: &str = "../../data/names/folding.tsv";
/// 6: a common given name has two or three groups that differ, a syllable dozens.
const GROUPS_MAX: usize = 6;
/// 3: shorter sounds are syllables that many names share.
const SOUND_MIN: usize = 3;
/// 21: a quarter of a megabyte, which stays near the processor, and one bit in seven set.
const FILTER_BITS: u32 = 21;
const BUCKET_BITS: u32 = 17;
const GROUP_BITS: u32 = 24;

fn main() -> Result<(), Error> {
    for table in ["forms.tsv", "name_forms.txt.gz", "folding.tsv", "romanisation.tsv", "classes.tsv"] {
        println!("cargo:rerun-if-changed=../../data/names/{table}");
    }
    for module in ["key", "rewrite", "romanise", "table"] {
        println!("cargo:rerun-if-changed=src/{module}.rs");
    }
    let mut large = String::new();
    GzDecoder::new(std::fs::File::open(LARGE)?).read_to_string(&mut large)?;
    let folding = std::fs::read_to_string(FOLDING)?;
    let groups = groups(&std::fs::read_to_string(SMALL)?, &large, &letters(&folding));
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("cargo sets OUT_DIR"))?;
    std::fs::write(Path::new(&out).join("name_forms.bin"), layout(&entries(groups)))
}

/// The letters that fold into others.
fn letters(folding: &str) -> FxHashMap<char, char> {
    let pair = |line: &str| Some((line.chars().next()?, line.split('\t').nth(1)?.chars().next()?));
    folding.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect()
}

/// The hashes of each group, the largest group first; those of the small table before all.
fn groups(small: &str, large: &str, folding: &FxHashMap<char, char>) -> Vec<Vec<u64>> {
    let of = |table: &str, small: bool| -> Vec<Vec<u64>> {
        let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| group(line, folding, small)).filter(|group| group.len() > 1).collect()
    };
    let mut large = of(large, false);
    large.sort_by_cached_key(|group| (Reverse(group.len()), group.clone()));
    large.dedup();
    [of(small, true), large].concat()
}

fn group(line: &str, folding: &FxHashMap<char, char>, small: bool) -> Vec<u64> {
    let mut hashes: Vec<u64> = line.split(' ').flat_map(|word| hashes(word, folding, small)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The hash of the letters where these may be looked up, and that of the sounds where those may.
fn hashes(word: &str, folding: &FxHashMap<char, char>, small: bool) -> impl Iterator<Item = u64> {
    let letter = word.chars().next().unwrap_or_default();
    let abjad = matches!(letter, '\u{590}'..='\u{8ff}');
    let kana = matches!(letter, '\u{3040}'..='\u{30ff}');
    let syllabic = matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..);
    let folded: String = word.chars().map(|letter| folding.get(&letter).copied().unwrap_or(letter)).collect();
    let sounds = (!abjad && !syllabic).then(|| romanise::classes(&romanise::romanise(&folded).sounds));
    let first =
        sounds.as_ref().and_then(|sounds| sounds.first()).filter(|sound| small || sound.len() >= SOUND_MIN);
    let sound = first.map(|sound| hash(Key::Class, sound));
    let letters = (abjad || syllabic || kana).then(|| hash(Key::Word, folded.as_bytes()));
    letters.into_iter().chain(sound)
}

fn entries(groups: Vec<Vec<u64>>) -> Vec<u64> {
    let mut count = FxHashMap::<u64, usize>::default();
    let mut entries = Vec::new();
    let mut number = 0;
    for mut group in groups {
        group.retain(|hash| count.get(hash).is_none_or(|&count| count < GROUPS_MAX));
        if group.len() > 1 {
            for &hash in &group {
                *count.entry(hash).or_default() += 1;
            }
            entries.extend(group.iter().map(|hash| hash >> GROUP_BITS << GROUP_BITS | number));
            number += 1;
        }
    }
    println!("{number} groups, {} entries, {} words", entries.len(), count.len());
    entries.sort_unstable();
    entries
}

fn layout(entries: &[u64]) -> Vec<u8> {
    let body: Vec<u8> = entries.iter().flat_map(|entry| entry.to_le_bytes()).collect();
    let mut filter = vec![0_u8; 1 << (FILTER_BITS - 3)];
    for entry in entries {
        let bit = entry >> (64 - FILTER_BITS);
        filter[bit as usize / 8] |= 1 << (bit % 8);
    }
    let mut laid_out = hash(Key::Word, &body).to_le_bytes().to_vec();
    laid_out.extend(filter);
    for bucket in 0..=1u64 << BUCKET_BITS {
        let first = entries.partition_point(|entry| entry >> (64 - BUCKET_BITS) < bucket) as u32;
        laid_out.extend(first.to_le_bytes());
    }
    laid_out.extend(body);
    laid_out
}
