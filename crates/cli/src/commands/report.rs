//! The report, and the ids behind its numbers.

use anyhow::{Context, Result};
use lookback::Listed;
use model::KnownAt;

use super::show::as_known;
use super::{Place, write_out};
use crate::args::{ReportFormat, ReportOptions};
use crate::exit::Exit;
use crate::output::{Output, WRITING};

pub(super) fn run(place: &Place, options: &ReportOptions, output: &mut Output) -> Result<Exit> {
    let store = place.read()?;
    let known_at = options.as_of.time();
    if let Some(name) = &options.explain {
        return behind(name, &store.report_behind(name, known_at)?, known_at, output);
    }
    let report = store.report(known_at)?;
    if output.json && options.output.is_none() {
        output.value(&report)?;
        return Ok(Exit::Done);
    }
    let bytes = match options.format {
        ReportFormat::Md => report.markdown().into_bytes(),
        ReportFormat::Html => report.html().into_bytes(),
        ReportFormat::Pdf => report.pdf(),
        ReportFormat::Json => report.json().into_bytes(),
    };
    write_out(options.output.as_deref(), output, |out| out.write_all(&bytes).context(WRITING))?;
    Ok(Exit::Done)
}

fn behind(name: &str, behind: &[Listed], known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    if output.json {
        behind.iter().try_for_each(|one| output.value(one))?;
        return Ok(Exit::Done);
    }
    let rows = behind.iter().map(|one| {
        let number = one.number.map(|number| number.to_string()).unwrap_or_default();
        [one.id.to_string(), one.group.as_deref().unwrap_or_default().to_owned(), number]
    });
    output.table(["id", "counted as", "number"], rows)?;
    output.line(format!("{} behind {name}{}", behind.len(), as_known(known_at)))?;
    Ok(Exit::Done)
}
