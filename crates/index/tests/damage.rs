//! A damaged file is refused or found out by `verify`; nothing that is in it makes opening or a query panic.

use std::fs;
use std::path::Path;

use lookback_index::{Document, DocumentId, Index, IndexError, Query, Scratch, Stamp};
use names::{Name, NameKind, analyse};

const SYLLABLES: [&str; 8] = ["kar", "imo", "sund", "ovel", "mart", "aqui", "zhoy", "ashe"];

fn invented(number: usize) -> Name {
    let syllable = |place: usize| SYLLABLES[number / 8_usize.pow(place as u32) % 8];
    analyse(&format!("{}{} {}{}", syllable(0), syllable(1), syllable(2), syllable(3)), NameKind::Person)
}

fn sample(count: usize) -> Index {
    let mut index = Index::new();
    for number in 0..count {
        let (names, identifiers) = ([invented(number * 37)], [number as u64 / 2]);
        index.insert(Document {
            id: DocumentId(number as u64),
            group: 0,
            names: &names,
            identifiers: &identifiers,
        });
    }
    index
}

fn saved(count: usize, path: &Path) -> Vec<u8> {
    sample(count).save(path, &Stamp { bytes: b"prefix 7".to_vec() }).expect("the index saves");
    fs::read(path).expect("the saved file is there")
}

/// Asks an index, whatever is in it, for everything it has.
fn ask(index: &Index) {
    let scratch = &mut Scratch::new();
    for number in 0..20 {
        let names = [invented(number * 37)];
        for threshold in [0, 850_000] {
            let query = Query { groups: 255, names: &names, identifiers: &[number as u64], threshold };
            let _found = index.candidates(&query, scratch);
        }
    }
    let _there = index.contains(DocumentId(3));
}

/// A small generator of its own, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn changed_bytes_are_found_and_do_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let intact = saved(60, &path);
    let mut random = Random(20_240_229);
    for round in 0..600 {
        let mut bytes = intact.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 + random.below(255) as u8;
        }
        fs::write(&path, &bytes).unwrap();
        let Ok((index, _)) = Index::open(&path) else { continue };
        assert!(bytes == intact || index.verify().is_err(), "round {round}: verify found nothing");
        assert!(bytes == intact || index.save(&folder.path().join("copy"), &Stamp::default()).is_err());
        ask(&index);
    }
}

#[test]
fn whole_sections_of_rubbish_do_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let intact = saved(60, &path);
    let mut random = Random(7);
    for _ in 0..200 {
        let mut bytes = intact.clone();
        let start = 400 + random.below(bytes.len() - 400);
        let end = (start + random.below(2_000)).min(bytes.len());
        bytes[start..end].iter_mut().for_each(|byte| *byte = random.below(256) as u8);
        fs::write(&path, &bytes).unwrap();
        if let Ok((index, _)) = Index::open(&path) {
            ask(&index);
        }
    }
}

#[test]
fn truncated_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let intact = saved(60, &path);
    for len in (0..intact.len()).step_by(41) {
        fs::write(&path, &intact[..len]).unwrap();
        assert!(Index::open(&path).is_err(), "{len} of {} bytes", intact.len());
    }
}

#[test]
fn other_files_and_versions_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let intact = saved(3, &path);
    let open = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Index::open(&path).err()
    };
    assert!(matches!(open(&[b'x'; 1_000]), Some(IndexError::NotAnIndex)));
    assert!(matches!(open(b""), Some(IndexError::NotAnIndex)));
    let mut later = intact.clone();
    later[8] = 99;
    assert!(matches!(open(&later), Some(IndexError::Version(99))));
    assert!(open(&intact).is_none());
    let absent = Index::open(&folder.path().join("absent")).err();
    assert!(matches!(absent, Some(IndexError::Io { .. })));
}

#[test]
fn saving_over_an_open_index_leaves_it_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    saved(60, &path);
    let (mut index, _) = Index::open(&path).unwrap();
    assert!(index.remove(DocumentId(3)));
    index.save(&path, &Stamp::default()).unwrap();
    index.verify().unwrap();
    ask(&index);
    let (merged, _) = Index::open(&path).unwrap();
    assert_eq!(merged.len(), 59);
    assert!(!merged.contains(DocumentId(3)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn an_empty_index_saves_and_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    Index::new().save(&path, &Stamp::default()).unwrap();
    let (index, stamp) = Index::open(&path).unwrap();
    assert!(index.is_empty() && stamp.bytes.is_empty());
    index.verify().unwrap();
    ask(&index);
}
