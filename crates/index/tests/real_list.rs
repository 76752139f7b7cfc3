//! Invariant(LOSSLESS) on real names of many scripts: every pair of two draws is scored, and none at or above the threshold is
//! missing from the candidates, whichever draw is indexed. The names are not part of the project: the test reads them beside it,
//! says so when they are not there, and names pairs by their places in the draws only. With the feature `long`, 25 million pairs.

#![expect(clippy::print_stdout, reason = "a skipped test says so, and a run says what it compared")]

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use lookback_index::{Document, DocumentId, Index, Query, Scratch};
use names::{Name, NameKind, analyse, score};

/// What a search by hand shows, and alert thresholds around the default.
const THRESHOLDS: [u32; 4] = [80_000, 700_000, 850_000, 950_000];

/// How many entities a draw has.
const DRAW: usize = if cfg!(feature = "long") { 5_000 } else { 700 };

/// The names of each entity.
type Entities = Vec<Vec<Name>>;

fn shared(file: &str, test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/names").join(file);
    if !path.exists() {
        println!("SKIPPED (no ../shared): {test}");
    }
    path.exists().then_some(path)
}

/// The rows of a compressed table without its heading.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut text = String::new();
    let file = File::open(path).expect("the shared file opens");
    GzDecoder::new(file).read_to_string(&mut text).expect("the shared file is compressed UTF-8");
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// So many of the items, or all, spread evenly.
fn spread<T>(items: Vec<T>, count: usize) -> impl Iterator<Item = T> {
    let step = (items.len() / count.max(1)).max(1);
    items.into_iter().step_by(step).take(count)
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

/// Every pair that reaches the least threshold: its two places and its score.
fn scored(left: &Entities, right: &Entities) -> Vec<(usize, usize, u32)> {
    let best =
        |a: &[Name], b: &[Name]| a.iter().flat_map(|x| b.iter().map(move |y| score(x, y))).max().unwrap_or(0);
    let of = |(i, a): (usize, &Vec<Name>)| {
        let pairs = right.iter().enumerate().map(|(j, b)| (i, j, best(a, b)));
        pairs.filter(|pair| pair.2 >= THRESHOLDS[0]).collect::<Vec<_>>()
    };
    let half = left.len().div_ceil(2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| left.iter().enumerate().take(half).flat_map(of).collect::<Vec<_>>());
        let second: Vec<_> = left.iter().enumerate().skip(half).flat_map(of).collect();
        let mut pairs = first.join().expect("scoring");
        pairs.extend(second);
        pairs
    })
}

/// Looks for all of `queries` in an index of `documents`; `pairs` are places in these two.
fn check(queries: &Entities, documents: &Entities, pairs: &[(usize, usize, u32)]) {
    let mut index = Index::new();
    for (number, names) in documents.iter().enumerate() {
        index.insert(Document { id: DocumentId(number as u64), group: 0, names, identifiers: &[] });
    }
    let scratch = &mut Scratch::new();
    for threshold in THRESHOLDS {
        let candidates = queries
            .iter()
            .map(|names| index.candidates(&Query { groups: 1, names, identifiers: &[], threshold }, scratch));
        let candidates: Vec<Vec<DocumentId>> = candidates.collect();
        let reaching = pairs.iter().filter(|pair| pair.2 >= threshold);
        let is_lost = |pair: &&(usize, usize, u32)| {
            candidates[pair.0].binary_search(&DocumentId(pair.1 as u64)).is_err()
        };
        let lost: Vec<_> = reaching.clone().filter(is_lost).collect();
        println!(
            "{} queries × {} documents at {threshold}: {} pairs reach it, {} candidates, {} lost",
            queries.len(),
            documents.len(),
            reaching.count(),
            candidates.iter().map(Vec::len).sum::<usize>(),
            lost.len()
        );
        assert!(lost.is_empty(), "(query, document, score) lost at {threshold}: {lost:?}");
    }
}

fn check_both_ways(left: &Entities, right: &Entities) {
    let pairs = scored(left, right);
    assert!(pairs.len() > DRAW / 4, "the draws have pairs to lose: {}", pairs.len());
    check(left, right, &pairs);
    let turned: Vec<_> = pairs.into_iter().map(|(i, j, score)| (j, i, score)).collect();
    check(right, left, &turned);
}

#[test]
fn candidates_contain_every_pair_of_a_list_and_of_queries() {
    let test = "candidates_contain_every_pair_of_a_list_and_of_queries";
    let (Some(list), Some(queries)) = (shared("list.tsv.gz", test), shared("queries_dev.tsv.gz", test))
    else {
        return;
    };
    let entry = |row: &Vec<String>| row[4].split(" | ").map(str::to_owned).collect::<Vec<_>>();
    let listed: Vec<Vec<String>> = spread(rows(&list).iter().map(entry).collect(), DRAW).collect();
    let asked = spread(rows(&queries), DRAW / 2).map(|row| row[0].clone());
    let asked = asked.chain(listed.iter().step_by(2).map(|names| derived(&names[0])));
    let queries: Entities = asked.map(|text| vec![person(&text)]).collect();
    let documents: Entities =
        listed.iter().map(|names| names.iter().map(|text| person(text)).collect()).collect();
    check_both_ways(&queries, &documents);
}

/// Half of the rows with a script other than Latin and Cyrillic on a side, up to a sixth of all with Han.
#[test]
fn candidates_contain_every_pair_of_labelled_names_in_many_scripts() {
    let test = "candidates_contain_every_pair_of_labelled_names_in_many_scripts";
    let Some(path) = shared("dev.tsv.gz", test) else { return };
    let of_script = |row: &Vec<String>, scripts: &[&str]| {
        scripts.contains(&row[2].as_str()) || scripts.contains(&row[4].as_str())
    };
    let (other, common): (Vec<_>, Vec<_>) =
        rows(&path).into_iter().partition(|row| of_script(row, &["Arab", "Hani", "Geor", "Armn"]));
    let (han, other): (Vec<_>, Vec<_>) = other.into_iter().partition(|row| of_script(row, &["Hani"]));
    let mut drawn: Vec<_> = spread(han, DRAW / 6).chain(spread(other, DRAW / 3)).collect();
    drawn.extend(spread(common, DRAW - drawn.len()));
    let (left, right): (Entities, Entities) =
        drawn.iter().map(|row| (vec![person(&row[1])], vec![person(&row[3])])).unzip();
    check_both_ways(&left, &right);
}
