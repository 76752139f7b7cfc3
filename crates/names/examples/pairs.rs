//! Scores pairs of names: a tab-separated pair a line on standard input, with `organisation` or `object` as a third column if so, a score in millionths a line on standard output.
//!
//! `cargo run --release -p lookback-names --example pairs [-- --explain | --raw | --time] < pairs.tsv`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program: its output is its purpose")]

use lookback_names::{Name, NameKind, analyse, compare, raw_score, score};
use std::io::{BufRead, stdin};
use std::time::Instant;

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let lines: Vec<String> = stdin().lock().lines().map_while(Result::ok).collect();
    let pair = |line: &String| {
        let mut columns = line.split('\t');
        let (left, right) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        let kind = match columns.next() {
            Some("organisation") => NameKind::Organisation,
            Some("object") => NameKind::Object,
            _ => NameKind::Person,
        };
        (analyse(left, kind), analyse(right, kind))
    };
    if mode == "--time" {
        return time(&lines, pair);
    }
    for (line, (a, b)) in lines.iter().zip(lines.iter().map(pair)) {
        match mode.as_str() {
            "--explain" => println!("{line}\n{:#?}", compare(&a, &b)),
            "--raw" => println!("{}", raw_score(&a, &b)),
            _ => println!("{}", score(&a, &b)),
        }
    }
}

/// Measures in batches that stay in cache, as names do that are analysed and compared one after another.
#[expect(clippy::disallowed_methods, reason = "a program that measures itself")]
fn time(lines: &[String], pair: impl Fn(&String) -> (Name, Name)) {
    let (mut analysed, mut scored, mut keyed) = (0, 0, 0);
    let (mut keys, mut sum) = (0, 0);
    for batch in lines.chunks(500) {
        let start = Instant::now();
        let pairs: Vec<(Name, Name)> = batch.iter().map(&pair).collect();
        analysed += start.elapsed().as_nanos();
        let start = Instant::now();
        sum += pairs.iter().map(|(a, b)| u64::from(score(a, b))).sum::<u64>();
        scored += start.elapsed().as_nanos();
        let start = Instant::now();
        keys += pairs.iter().flat_map(|(a, _)| a.units()).map(|unit| unit.form.keys().len()).sum::<usize>();
        keyed += start.elapsed().as_nanos();
    }
    let count = lines.len().max(1);
    eprintln!(
        "{count} pairs: analyse {} ns a name, score {} ns, keys {} ns a name ({} a name), mean score {}",
        analysed / (2 * count as u128),
        scored / count as u128,
        keyed / count as u128,
        keys / count,
        sum / count as u64,
    );
}
