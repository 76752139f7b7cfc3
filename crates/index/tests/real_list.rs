//! Invariant(LOSSLESS) on real names of many scripts: every pair of a draw from a published list and of queries is scored, and
//! none at or above the threshold is missing from the candidates. The lists are not part of the project: the test reads
//! them beside it, says so when they are not there, and names pairs by line number only.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use lookback_index::{Document, DocumentId, Index, Query, Scratch};
use names::{Name, NameKind, analyse, score};

fn shared(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/names").join(file)
}

/// The given column of a compressed table without its heading.
fn column(file: &str, column: usize) -> Vec<String> {
    let mut text = String::new();
    let file = File::open(shared(file)).expect("the shared file opens");
    GzDecoder::new(file).read_to_string(&mut text).expect("the shared file is compressed UTF-8");
    text.lines().skip(1).filter_map(|line| line.split('\t').nth(column).map(str::to_owned)).collect()
}

/// About `count` of the items, spread evenly.
fn spread<T>(items: Vec<T>, count: usize) -> impl Iterator<Item = T> {
    let step = (items.len() / count).max(1);
    items.into_iter().step_by(step)
}

fn person(text: &str) -> Name {
    analyse(text, NameKind::Person)
}

/// The name with its first word last and its fourth letter gone.
fn derived(text: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let first = words.len().min(1);
    words.rotate_left(first);
    words.join(" ").chars().enumerate().filter(|&(place, _)| place != 3).map(|(_, letter)| letter).collect()
}

/// Compares candidates and scores for all pairs of a draw of this size.
fn check(draw: usize) {
    let listed: Vec<Vec<String>> = column("list.tsv.gz", 4)
        .iter()
        .map(|names| names.split(" | ").map(str::to_owned).collect())
        .collect();
    let listed: Vec<Vec<String>> = spread(listed, draw).collect();
    let queries = spread(column("queries_dev.tsv.gz", 0), draw / 2);
    let queries = queries.chain(listed.iter().step_by(2).map(|names| derived(&names[0])));
    let queries: Vec<[Name; 1]> = queries.map(|text| [person(&text)]).collect();
    let documents: Vec<Vec<Name>> =
        listed.iter().map(|names| names.iter().map(|text| person(text)).collect()).collect();

    let mut index = Index::new();
    for (number, names) in documents.iter().enumerate() {
        index.insert(Document { id: DocumentId(number as u64), group: 0, names, identifiers: &[] });
    }
    let scratch = &mut Scratch::new();
    let mut reaching = 0;
    for (line, names) in queries.iter().enumerate() {
        let score =
            |document: &Vec<Name>| document.iter().map(|name| score(&names[0], name)).max().unwrap_or(0);
        let scores: Vec<u32> = documents.iter().map(score).collect();
        for threshold in [600_000, 800_000, 900_000] {
            let found = index.candidates(&Query { groups: 1, names, identifiers: &[], threshold }, scratch);
            for (number, _) in scores.iter().enumerate().filter(|(_, score)| **score >= threshold) {
                let there = found.binary_search(&DocumentId(number as u64)).is_ok();
                assert!(there, "query {line} lost list entry {number} of a draw of {draw} at {threshold}");
                reaching += 1;
            }
        }
    }
    assert!(reaching > draw, "the draw has pairs to lose: {reaching}");
}

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn is_there(test: &str) -> bool {
    let there = shared("list.tsv.gz").exists();
    if !there {
        println!("SKIPPED (no ../shared): {test}");
    }
    there
}

#[test]
fn candidates_contain_every_pair_of_a_draw_of_real_names() {
    if is_there("candidates_contain_every_pair_of_a_draw_of_real_names") {
        check(700);
    }
}

#[test]
#[ignore = "long: 25 million pairs"]
fn candidates_contain_every_pair_of_a_large_draw_of_real_names() {
    if is_there("candidates_contain_every_pair_of_a_large_draw_of_real_names") {
        check(5_000);
    }
}
