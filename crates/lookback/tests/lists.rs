//! Frozen lists that follow the ledger are those read anew, and find what screening finds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::num::NonZero;

use lookback::lists::Lists;
use lookback::matching::Profile;
use lookback::model::{DatasetName, Entity, Role, Score};
use lookback::{Access, Format, IngestOptions, Mode, Scratch, Settings, Silent, Store};
use proptest::prelude::*;
use tempfile::TempDir;

fn store(folder: &TempDir) -> Store {
    let settings = Settings { threads: NonZero::<usize>::MIN, ..Settings::of_this_machine("tester") };
    Store::create(&folder.path().join("s.db"), settings).unwrap()
}

fn ingest(store: &mut Store, folder: &TempDir, people: &[(u8, u8)]) {
    let line = |(id, name): &(u8, u8)| {
        let (given, family) =
            (["Orlan", "Tarvo", "Mirela"][*name as usize % 3], ["Veska", "Zelinka"][*name as usize / 3 % 2]);
        format!(
            "{{\"id\":\"e{id}\",\"schema\":\"Person\",\"properties\":{{\"name\":[\"{given} {family}\"],\"topics\":[\"sanction\"]}}}}\n"
        )
    };
    let path = folder.path().join("list.jsonl");
    fs::write(&path, people.iter().map(line).collect::<String>()).unwrap();
    let options = IngestOptions {
        dataset: Some(DatasetName::new("list").unwrap()),
        role: Some(Role::List),
        format: Some(Format::Ftm),
        mode: Some(Mode::Full),
        confirm_mass_delete: true,
        ..IngestOptions::default()
    };
    store.ingest(&[path], &options, &mut Silent).unwrap();
}

fn query(name: &str) -> Profile {
    let json = format!("{{\"id\":\"q\",\"schema\":\"Person\",\"properties\":{{\"name\":[\"{name}\"]}}}}");
    Profile::of(&serde_json::from_str::<Entity>(&json).unwrap())
}

/// What lists say to every question of this test.
fn answers(lists: &Lists) -> Vec<(String, u32)> {
    let mut scratch = Scratch::new();
    let names = ["Orlan Veska", "Tarvo Zelinka", "Mirela Veska", "Orlan Zelinkova"];
    let found = names.iter().flat_map(|name| {
        let scored = lists.matches(&query(name), Score(300_000), &|_| true, &mut scratch);
        scored.iter().map(|s| (s.listed.entity().id.to_string(), s.score.0)).collect::<Vec<_>>()
    });
    found.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn lists_that_follow_are_lists_read_anew(versions in proptest::collection::vec(proptest::collection::btree_map(0..12_u8, 0..6_u8, 1..10), 1..5)) {
        let folder = TempDir::new().unwrap();
        let mut writer = store(&folder);
        let reader = Store::open(&folder.path().join("s.db"), Access::Read, Settings::of_this_machine("r")).unwrap();
        let mut followed = reader.lists().unwrap();
        for version in versions {
            let before = answers(&followed);
            let people: Vec<(u8, u8)> = version.into_iter().collect();
            ingest(&mut writer, &folder, &people);
            let next = reader.lists_after(&followed).unwrap();
            prop_assert_eq!(answers(&followed), before, "the earlier lists stay what they were");
            let anew = reader.lists().unwrap();
            prop_assert_eq!(next.seq(), anew.seq());
            prop_assert_eq!(next.all().count(), people.len());
            prop_assert_eq!(answers(&next), answers(&anew));
            followed = next;
        }
    }
}

#[test]
fn lists_find_what_screening_finds() {
    let folder = TempDir::new().unwrap();
    let mut writer = store(&folder);
    ingest(&mut writer, &folder, &[(1, 0), (2, 1), (3, 5)]);
    let lists = writer.lists().unwrap();
    let entity: Entity = serde_json::from_str(
        "{\"id\":\"q\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Orlan Veska\"]}}",
    )
    .unwrap();
    let screened = writer.screen(&entity, 10).unwrap();
    let scored = lists.matches(&Profile::of(&entity), Score(80_000), &|_| true, &mut Scratch::new());
    let of_screening: Vec<_> = screened.matches.iter().map(|m| (m.entry.clone(), m.score)).collect();
    let of_lists: Vec<_> = scored.iter().map(|s| (s.listed.entity().id.to_string(), s.score)).collect();
    assert_eq!(of_lists, of_screening);
    assert!(!of_lists.is_empty());
}
