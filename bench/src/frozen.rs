//! Figures of quality that are kept in the repository, so that a change of them shows in review.
//!
//! In: figures as JSON, a file. Out: the file written; the same figures flat, one number a name; where two differ. Rounded to five digits
//! behind the point, and only figures: no name of anybody gets in here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Five digits: one right pair of a hundred thousand.
const DIGITS: f64 = 1e5;

/// Figures by name, as `by_script Cyrl-Latn recall_1e2`.
pub(crate) type Flat = BTreeMap<String, f64>;

/// What an evaluation is asked to do.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// What is measured, where it is not the usual.
    pub(crate) source: Option<PathBuf>,
    /// Keep the figures; of the usual source alone.
    pub(crate) freeze: bool,
    /// Where the single results are written.
    pub(crate) out: Option<PathBuf>,
    /// Answer as JSON.
    pub(crate) json: bool,
}

impl Request {
    /// Reads the words after the command; `out` is its option for the single results, `help` what is told of a wrong word.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>, out: &str, help: &str) -> Result<Self> {
        let mut request = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--freeze" => request.freeze = true,
                "--json" => request.json = true,
                option if option == out => {
                    let file = words.next().with_context(|| format!("{out} needs a file\n{help}"))?;
                    request.out = Some(file.into());
                }
                source if !source.starts_with('-') && request.source.is_none() => {
                    request.source = Some(source.into());
                }
                _ => bail!("{help}"),
            }
        }
        if request.freeze && request.source.is_some() {
            bail!("only the usual figures are kept: --freeze stands alone\n{help}");
        }
        Ok(request)
    }
}

/// Where the figures of an evaluation are kept.
pub(crate) fn path(evaluation: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("frozen").join(format!("{evaluation}.json"))
}

/// A file of `../shared`, beside the checkout.
pub(crate) fn shared(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(file)
}

/// The numbers in the figures, rounded. What is not known (null) is not in it.
pub(crate) fn flat(figures: &Value) -> Flat {
    let mut flat = Flat::new();
    walk(figures, "", &mut flat);
    flat
}

fn walk(value: &Value, name: &str, flat: &mut Flat) {
    if let Value::Object(fields) = value {
        for (field, value) in fields {
            walk(value, format!("{name} {field}").trim_start(), flat);
        }
    } else if let Some(number) = value.as_f64() {
        flat.insert(name.to_owned(), (number * DIGITS).round() / DIGITS);
    }
}

/// The figures of a file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Value>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(Some(serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?))
}

/// Writes the figures, one a line.
pub(crate) fn write(path: &Path, figures: &Value) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(&flat(figures))? + "\n";
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// The figures that differ, each with what it was and what it is.
pub(crate) fn differences(frozen: &Flat, now: &Flat) -> Vec<String> {
    let names: BTreeSet<&String> = frozen.keys().chain(now.keys()).collect();
    let differs = |name: &&String| frozen.get(*name) != now.get(*name);
    let told = |number: Option<&f64>| number.map_or_else(|| "none".to_owned(), f64::to_string);
    let line = |name: &String| format!("{name}: {} -> {}", told(frozen.get(name)), told(now.get(name)));
    names.into_iter().filter(differs).map(line).collect()
}

/// Fails where the figures are not those of the file. For tests.
#[cfg(test)]
pub(crate) fn assert_frozen(evaluation: &str, figures: &Value) {
    let frozen = read(&path(evaluation)).expect("the frozen figures can be read").unwrap_or_default();
    let differences = differences(&flat(&frozen), &flat(figures));
    assert!(
        differences.is_empty(),
        "{} figures changed; look at them, then `cargo run --release -p lookback-bench -- {evaluation} --freeze`:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_others_refused() {
        let parse =
            |line: &str| Request::parse(line.split_whitespace().map(str::to_owned), "--scores", "help");
        assert!(parse("").unwrap().source.is_none() && !parse("").unwrap().freeze);
        assert_eq!(parse("some.tsv --json").unwrap().source.unwrap(), Path::new("some.tsv"));
        assert_eq!(parse("--scores out.txt").unwrap().out.unwrap(), Path::new("out.txt"));
        for wrong in ["--scores", "--fast", "one.tsv two.tsv", "some.tsv --freeze"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
    use serde_json::json;

    #[test]
    fn figures_are_flat_and_rounded_and_differ_by_name() {
        let was = flat(&json!({"recall": {"Cyrl-Latn": 0.912_344_4}, "rows": 3, "unknown": null}));
        assert_eq!(was, Flat::from([("recall Cyrl-Latn".into(), 0.91234), ("rows".into(), 3.0)]));
        assert_eq!(flat(&serde_json::to_value(&was).unwrap()), was, "what is written is read again");
        let now = flat(&json!({"recall": {"Cyrl-Latn": 0.92}, "more": 1}));
        assert_eq!(
            differences(&was, &now),
            ["more: none -> 1", "recall Cyrl-Latn: 0.91234 -> 0.92", "rows: 3 -> none"]
        );
        assert!(differences(&was, &was).is_empty());
    }
}
