//! How good the forecast of a backlog is, on public series. `lookback-bench forecast`.
//!
//! In: `../shared/data/backlog`, or another folder with the same files. Out: errors and coverage over rolling origins, of the rule that is used
//! and of others beside it, and the origins at which its bands missed. Always holds: the figures follow from the series and the program
//! alone; at every origin the rules are given the periods up to it and nothing else.

mod series;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use lookback::forecast::{History, PastErrors, Rule, Trial, trials};

use crate::frozen;
use crate::table::aligned;

const HELP: &str = "\
lookback-bench forecast [--data FOLDER]
  --data FOLDER    the public series (../shared/data/backlog)";

/// A quarter, a year, two years.
const QUARTERS: [usize; 3] = [1, 4, 8];
const YEARS: [usize; 3] = [1, 2, 3];

/// Runs the command. Returns what it says.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<String> {
    let folder = folder(words)?;
    if !folder.is_dir() {
        return Ok(format!("nothing is measured: there is no {}\n{HELP}\n", folder.display()));
    }
    let (quarters, years) = (series::quarters(&folder)?, series::years(&folder)?);
    Ok(report("asylum applications, United Kingdom, by quarter", &quarters, QUARTERS)
        + &misses(&quarters)
        + "\n"
        + &report("immigration courts, United States, by fiscal year", &years, YEARS))
}

fn folder(mut words: impl Iterator<Item = String>) -> Result<PathBuf> {
    let mut folder = frozen::shared("data/backlog");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--data" => folder = words.next().context(HELP)?.into(),
            _ => bail!("{HELP}"),
        }
    }
    Ok(folder)
}

fn word(rule: Rule) -> &'static str {
    match rule {
        Rule::RecentMean => "mean of the last four (used)",
        Rule::Persistence => "persistence",
        Rule::Drift => "drift since the first period",
        Rule::Seasonal => "seasonal, as the last four",
        Rule::ShareOfStock => "a share of the stock leaves",
        Rule::Damped => "mean of the last four, damped",
    }
}

fn report(title: &str, history: &History, distances: [usize; 3]) -> String {
    let heading = ["rule", "ahead", "origins", "MAPE", "banded", "covered", "share", "Wilson 95 %"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for rule in Rule::ALL {
        for ahead in distances {
            rows.push(row(rule, &PastErrors::of(ahead, &trials(history.periods(), rule, ahead))));
        }
    }
    let (first, last) = (history.periods().first(), history.periods().last());
    let label =
        |period: Option<&lookback::forecast::Observed>| period.map(|p| p.label.clone()).unwrap_or_default();
    let sizes = history.periods().get(1..).unwrap_or_default();
    let size = sizes.iter().map(|p| p.adjustment.unsigned_abs() as f64 / p.stock.max(1) as f64).sum::<f64>();
    format!(
        "{title}\n{} periods, {} to {}; adjustment in a period, mean size as a share of the stock: {}\n\n{}",
        history.periods().len(),
        label(first),
        label(last),
        per_cent(Some(size / sizes.len().max(1) as f64)),
        aligned(&rows)
    )
}

fn row(rule: Rule, errors: &PastErrors) -> Vec<String> {
    let coverage = errors.coverage();
    let wilson =
        coverage.map(|(_, wilson)| format!("{:.1} to {:.1} %", wilson.low * 100.0, wilson.high * 100.0));
    vec![
        word(rule).to_owned(),
        errors.ahead.to_string(),
        errors.origins.to_string(),
        per_cent(errors.mean_error_share),
        errors.banded.to_string(),
        errors.covered.to_string(),
        per_cent(coverage.map(|(share, _)| share)),
        wilson.unwrap_or_else(|| "-".to_owned()),
    ]
}

/// The origins at which the 80 % band of the rule that is used did not contain what came true.
fn misses(history: &History) -> String {
    let mut rows = vec![["said at", "of", "80 % band", "came true"].map(str::to_owned).to_vec()];
    for ahead in QUARTERS {
        let trials = trials(history.periods(), Rule::RecentMean, ahead);
        rows.extend(trials.iter().filter(|trial| trial.is_covered() == Some(false)).map(missed));
    }
    format!(
        "\nwhere the 80 % bands of the rule that is used missed, as seen from the forecast\n{}",
        aligned(&rows)
    )
}

/// Band and outcome as seen from the forecast: shares that were added or taken away, and no counts of the series.
fn missed(trial: &Trial) -> Vec<String> {
    let off = |number: f64| format!("{:+.1} %", (number / trial.forecast - 1.0) * 100.0);
    let band = trial.band.map(|band| format!("{} to {}", off(band.low), off(band.high)));
    vec![trial.origin.clone(), trial.target.clone(), band.unwrap_or_default(), off(trial.actual)]
}

fn per_cent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn shared(test: &str) -> Option<PathBuf> {
        let folder = frozen::shared("data/backlog");
        if !folder.is_dir() {
            println!("SKIPPED (no ../shared): {test}");
        }
        folder.is_dir().then_some(folder)
    }

    fn quarters(folder: &Path, rule: Rule, ahead: usize) -> PastErrors {
        PastErrors::of(ahead, &trials(series::quarters(folder).unwrap().periods(), rule, ahead))
    }

    #[test]
    fn bands_cover_what_they_say_and_a_year_ahead_beats_persistence() {
        let Some(folder) = shared("bands_cover_what_they_say_and_a_year_ahead_beats_persistence") else {
            return;
        };
        for (ahead, origins, banded) in [(1, 50, 40), (4, 47, 34), (8, 43, 26)] {
            let errors = quarters(&folder, Rule::RecentMean, ahead);
            let (_, wilson) = errors.coverage().unwrap();
            assert_eq!((errors.origins, errors.banded), (origins, banded));
            assert!(wilson.low <= 0.8 && 0.8 <= wilson.high, "{errors:?} {wilson:?}");
        }
        let share = |rule| quarters(&folder, rule, 4).mean_error_share.unwrap();
        let (used, persistence) = (share(Rule::RecentMean), share(Rule::Persistence));
        assert!((persistence - 0.190).abs() < 0.0005, "the series is another: {persistence}");
        assert!(used < persistence && used <= 0.16, "{used}");
    }

    #[test]
    fn every_change_of_the_stock_is_explained_to_the_head() {
        let Some(folder) = shared("every_change_of_the_stock_is_explained_to_the_head") else { return };
        for history in [series::quarters(&folder).unwrap(), series::years(&folder).unwrap()] {
            let signed = |count: u64| i64::try_from(count).unwrap();
            for (before, after) in history.periods().iter().zip(&history.periods()[1..]) {
                let flows = signed(after.receipts) - signed(after.completions) + after.adjustment;
                assert_eq!(signed(before.stock) + flows, signed(after.stock));
            }
        }
    }

    #[test]
    fn without_the_series_the_command_says_so() {
        let said = run(["--data", "no/such/folder"].map(str::to_owned).into_iter()).unwrap();
        assert!(said.starts_with("nothing is measured: there is no no/such/folder"), "{said}");
        assert!(run(["--dat"].map(str::to_owned).into_iter()).is_err());
    }
}
