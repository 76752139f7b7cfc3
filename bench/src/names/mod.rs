//! How good the comparison of names is, on labelled pairs. `lookback-bench names`.
//!
//! In: labelled pairs. Out: the figures of `../shared/eval/score_names.py` and those that the project asks of itself beside them, in a table with
//! the frozen figures and what another matcher reaches. Always holds: the figures follow from the pairs and the program alone; the speed, which
//! does not, is shown and never frozen.

mod pairs;

mod calibration;
mod curves;
mod hard;
mod origins;

mod report;
mod speed;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use names::{NameKind, analyse, score};
use serde_json::{Map, Value, json};

use sha2::{Digest, Sha256};

use crate::frozen::{self, Request};
use calibration::Claim;
use curves::Thresholds;
use hard::People;
use origins::Rate;
pub(crate) use pairs::read_rows;
use pairs::{Pair, read_pairs};

/// The evaluation's name: of the command and of its frozen figures.
const EVALUATION: &str = "names";

pub(crate) const HELP: &str = "\
lookback-bench names [PATH] [--freeze] [--scores FILE] [--json]
  PATH             labelled pairs (../shared/data/names/dev.tsv.gz)
  --freeze         keep the figures in bench/frozen/names.json
  --scores FILE    write the score of each pair there, as score_names.py reads it
  --json           the figures as JSON";

/// The pairs that are measured when no others are named.
fn usual_pairs() -> PathBuf {
    frozen::shared("data/names/dev.tsv.gz")
}

/// Runs the command. Returns what it says.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<String> {
    let args = Request::parse(words, "--scores", HELP)?;
    let pairs = read_pairs(&args.source.clone().unwrap_or_else(usual_pairs))?;
    let scores = scores(&pairs);
    if let Some(path) = &args.out {
        write_scores(path, &scores)?;
    }
    let evaluation = Evaluation::of(&pairs, &scores);
    let kept = frozen::read(&frozen::path(EVALUATION))?.unwrap_or_default();
    if args.freeze {
        frozen::write(&frozen::path(EVALUATION), &evaluation.figures)?;
    }
    if args.json {
        return Ok(serde_json::to_string_pretty(&evaluation.figures)? + "\n");
    }
    // What another matcher reaches is known for the usual pairs.
    let peer = if args.source.is_none() {
        frozen::read(&frozen::shared("eval/logic_v2_on_dev.json"))?
    } else {
        None
    };
    let peer = frozen::flat(&json!({"pairs": peer}));
    Ok(report::text(&evaluation, &frozen::flat(&kept), &peer, &speed::findings(&pairs)))
}

/// The score of each pair, 0 to 1. Only the two names are compared.
fn scores(pairs: &[Pair]) -> Vec<f64> {
    pairs.iter().map(|pair| name_score(&pair.query.name, &pair.target.name)).collect()
}

fn name_score(left: &str, right: &str) -> f64 {
    let person = |name| analyse(name, NameKind::Person);
    f64::from(score(&person(left), &person(right))) / 1e6
}

fn write_scores(path: &Path, scores: &[f64]) -> Result<()> {
    let lines: Vec<String> = scores.iter().map(f64::to_string).collect();
    fs::write(path, lines.join("\n") + "\n").with_context(|| format!("writing {}", path.display()))
}

/// Two scripts of which hard wrong pairs are made.
const HARD_SCRIPTS: [(&str, &str); 8] = [
    ("Arab", "Latn"),
    ("Hani", "Latn"),
    ("Cyrl", "Latn"),
    ("Geor", "Latn"),
    ("Armn", "Latn"),
    ("Arab", "Cyrl"),
    ("Hani", "Cyrl"),
    ("Geor", "Cyrl"),
];

/// Everything that was found out.
struct Evaluation {
    figures: Value,
    /// What each threshold accepts.
    by_threshold: Vec<curves::Accepted>,
    /// The reliability table of the half that calibration is measured on.
    reliability: Vec<calibration::Bin>,
}

impl Evaluation {
    fn of(pairs: &[Pair], scores: &[f64]) -> Self {
        let (at, curves) = curves::figures(pairs, scores);
        let wrong = pairs.iter().zip(scores).filter(|(pair, _)| !pair.same && pair.is_decidable());
        let accepted = wrong.map(|(pair, &score)| (&*pair.country, score >= at.hundredth));
        let [fitting, measured] = [0, 1].map(|half| claims(pairs, scores, half));
        let figures = json!({
            "pairs": curves,
            "more": curves::more_figures(pairs, scores, at),
            "origins": origins::figures(accepted),
            "hard": hard_figures(pairs, at),
            "calibration": calibration::figures(&fitting, &measured),
        });
        let by_threshold = curves::by_threshold(pairs, scores);
        Self { figures, by_threshold, reliability: calibration::bins(&measured) }
    }
}

/// False matches among hard wrong pairs, at the threshold of all.
fn hard_figures(pairs: &[Pair], at: Thresholds) -> Value {
    let people = People::of(pairs);
    let rows = HARD_SCRIPTS.iter().filter_map(|(left, right)| {
        let pairs = people.pairs(left, right);
        let rate = Rate::count(pairs.iter().map(|(left, right)| name_score(left, right) >= at.hundredth));
        (rate.of > 0).then(|| (format!("{left}-{right}"), Value::from(rate.figures())))
    });
    Value::Object(rows.collect::<Map<_, _>>())
}

/// The pairs of half of the persons, as claims: the person asked about decides, so that each half has right and wrong pairs as the whole.
fn claims(pairs: &[Pair], scores: &[f64], half: u8) -> Vec<Claim> {
    let in_half = |pair: &Pair| pair.is_decidable() && half_of(&pair.query.group) == half;
    let rows = pairs.iter().zip(scores).filter(|(pair, _)| in_half(pair));
    rows.map(|(pair, &score)| (score, pair.same)).collect()
}

/// 0 for the people that `data/names/calibration.py` fits the calibration to, 1 for those it holds out: by SHA-256 of the person's id.
fn half_of(group: &str) -> u8 {
    Sha256::digest(group)[0] % 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn quality_on_labelled_names_is_as_frozen() {
        if !usual_pairs().exists() {
            println!("SKIPPED (no ../shared): quality_on_labelled_names_is_as_frozen");
            return;
        }
        let pairs = read_pairs(&usual_pairs()).unwrap();
        frozen::assert_frozen(EVALUATION, &Evaluation::of(&pairs, &scores(&pairs)).figures);
    }

    #[test]
    fn figures_are_those_of_the_shared_script() {
        let script = frozen::shared("eval/score_names.py");
        if !script.exists() {
            println!("SKIPPED (no ../shared): figures_are_those_of_the_shared_script");
            return;
        }
        let (pairs, folder) = (read_pairs(&usual_pairs()).unwrap(), tempfile::tempdir().unwrap());
        let (scores, [written, json]) =
            (scores(&pairs), ["scores", "json"].map(|file| folder.path().join(file)));
        write_scores(&written, &scores).unwrap();
        let files = [script, usual_pairs(), written, "--json".into(), json.clone()];
        match Command::new("python3").args(files).output() {
            Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => return println!("nothing to compare with: there is no python3"),
        }
        let theirs = frozen::read(&json).unwrap().unwrap();
        let ours = curves::figures(&pairs, &scores).1;
        assert_eq!(frozen::differences(&frozen::flat(&theirs), &frozen::flat(&ours)), Vec::<String>::new());
    }
}
