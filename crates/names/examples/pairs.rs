//! Scores pairs of names: a tab-separated pair a line on standard input, a score in millionths a line on standard output.
//!
//! `cargo run --release -p lookback-names --example pairs [-- --explain | --time] < pairs.tsv`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program: its output is its purpose")]

use lookback_names::{Name, NameKind, analyse, compare, score};
use std::io::{BufRead, stdin};

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let lines: Vec<String> = stdin().lock().lines().map_while(Result::ok).collect();
    let pair = |line: &String| {
        let (left, right) = line.split_once('\t').unwrap_or((line, ""));
        (analyse(left, NameKind::Person), analyse(right, NameKind::Person))
    };
    if mode == "--time" {
        return time(&lines, pair);
    }
    for (line, (a, b)) in lines.iter().zip(lines.iter().map(pair)) {
        match mode.as_str() {
            "--explain" => println!("{line}\n{:#?}", compare(&a, &b)),
            _ => println!("{}", score(&a, &b)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program that measures itself")]
fn time(lines: &[String], pair: impl Fn(&String) -> (Name, Name)) {
    let start = std::time::Instant::now();
    let pairs: Vec<(Name, Name)> = lines.iter().map(pair).collect();
    let analysed = start.elapsed();
    let start = std::time::Instant::now();
    let sum: u64 = pairs.iter().map(|(a, b)| u64::from(score(a, b))).sum();
    let scored = start.elapsed();
    let count = pairs.len().max(1) as u128;
    let start = std::time::Instant::now();
    let keys: usize = pairs.iter().flat_map(|(a, _)| a.units()).map(|unit| unit.form.keys().len()).sum();
    let keyed = start.elapsed();
    eprintln!(
        "{count} pairs: analyse {} ns a name, score {} ns, keys {} ns a name ({} a name), mean score {}",
        analysed.as_nanos() / (2 * count),
        scored.as_nanos() / count,
        keyed.as_nanos() / count,
        keys / count as usize,
        sum / count as u64,
    );
}
