//! How long the queue will be, and how long it will take.

use std::path::Path;

use anyhow::Result;
use lookback::Error;
use lookback::forecast::{Band, Forecast, History, Range, forecast};

use super::{Place, open_file, write_out};
use crate::args::ForecastOptions;
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn run(place: &Place, options: &ForecastOptions, output: &mut Output) -> Result<Exit> {
    let history = match options.history.as_deref() {
        Some(file) => history(file)?,
        None => place.read()?.review_history(options.period.into(), None)?,
    };
    let said = forecast(&history, &options.scenario(), options.horizon, options.seed)
        .map_err(|error| Error::Usage(error.to_string()))?;
    if let Some(file) = &options.svg {
        let svg = said.chart(&history).svg();
        write_out(Some(file), output, |out| Ok(out.write_all(svg.as_bytes())?))?;
    }
    if output.json {
        output.value(&said)?;
    } else {
        table(&said, output)?;
    }
    Ok(Exit::Done)
}

/// The history of a file.
fn history(path: &Path) -> Result<History> {
    Ok(lookback::read_history(&path.display().to_string(), open_file(path)?)?)
}

fn table(said: &Forecast, output: &mut Output) -> Result<()> {
    output.line(format!("{} waiting at the end of {}\n", said.stock, said.origin))?;
    output.line("if everything goes on as it went")?;
    let band = |band: Option<Band>| {
        band.map_or("-".to_owned(), |band| format!("{:.0} to {:.0}", band.low, band.high))
    };
    let rows = said.as_before.iter().map(|period| {
        [
            format!("+{}", period.ahead),
            format!("{:.0}", period.flows.receipts),
            format!("{:.0}", period.flows.completions),
            format!("{:+.0}", period.flows.adjustment),
            format!("{:.0}", period.stock),
            band(period.band_50),
            band(period.band_80),
            band(period.band_95),
        ]
    });
    output.table(["period", "come", "decided", "adjustment", "waiting", "50 %", "80 %", "95 %"], rows)?;
    queue(said, output)?;
    limits(said, output)
}

fn queue(said: &Forecast, output: &mut Output) -> Result<()> {
    let queue = &said.scenario;
    output.line(format!("\nunder the scenario, in {}", count(queue.runs, "run")))?;
    let range = |range: Range| format!("{} to {}", range.low, range.high);
    let rows = queue.periods.iter().map(|period| {
        [
            format!("+{}", period.ahead),
            period.opened.to_string(),
            period.reopened.to_string(),
            period.withdrawn.to_string(),
            period.closed.to_string(),
            period.open.to_string(),
            range(period.range_50),
            range(period.range_80),
            range(period.range_95),
        ]
    });
    let headings = ["period", "come", "come again", "withdrawn", "closed", "waiting", "50 %", "80 %", "95 %"];
    output.table(headings, rows)?;
    let days = |days: Option<u32>| {
        days.map_or("longer than the horizon".to_owned(), |days| count(days, "working day"))
    };
    output
        .line(format!("\nfrom coming to being closed for good: {} (median)", days(queue.clearance_days)))?;
    output.line(format!("as many closed for good as wait now: after {}", days(queue.start_cleared_days)))?;
    let share = per_cent(queue.past_deadline);
    output.line(format!("past their deadline, of those whose deadline falls within the horizon: {share}"))?;
    if let [_, _, ..] = queue.classes[..] {
        let rows = queue.classes.iter().map(|class| {
            [class.class.clone(), count(class.deadline_days, "working day"), per_cent(class.past_deadline)]
        });
        output.table(["class", "deadline", "past it"], rows)?;
    }
    Ok(())
}

fn limits(said: &Forecast, output: &mut Output) -> Result<()> {
    output.line(format!(
        "\nadjustment, what came and what was decided do not explain: {:+.1} a period is expected; its mean size is {} of the stock",
        said.adjustment.expected,
        per_cent(Some(said.adjustment.mean_share_of_stock))
    ))?;
    output.line("errors of \"as it went\" at past origins of this history")?;
    let rows = said.past_errors.iter().map(|errors| {
        [
            format!("+{}", errors.ahead),
            errors.origins.to_string(),
            per_cent(errors.mean_error_share),
            errors.coverage().map_or("-".to_owned(), |_| format!("{} of {}", errors.covered, errors.banded)),
        ]
    });
    output.table(["period", "origins", "mean error", "80 % band held"], rows)
}

fn per_cent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
