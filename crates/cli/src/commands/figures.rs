//! Figures, whom each number counts, and claims held against them.

use anyhow::Result;
use lookback::{Behind, Checked, DEFINITIONS, Figures};
use model::KnownAt;
use serde_json::Value;

use super::Place;
use super::show::as_known;
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn show(
    place: &Place,
    known_at: KnownAt,
    explain: Option<&str>,
    output: &mut Output,
) -> Result<Exit> {
    let store = place.read()?;
    match explain {
        None => table(&store.figures(known_at)?, known_at, output),
        Some(figure) => behind(figure, &store.behind(figure, known_at)?, known_at, output),
    }
}

fn table(figures: &Figures, known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    if output.json {
        output.value(figures)?;
        return Ok(Exit::Done);
    }
    let values = serde_json::to_value(figures)?;
    let rows = DEFINITIONS.iter().flat_map(|(name, _)| {
        let several = values[name].as_object().into_iter().flatten();
        let several = several.map(|(group, number)| [format!("  {group}"), number.to_string()]);
        let number = match &values[name] {
            Value::Object(_) => String::new(),
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            number => number.to_string(),
        };
        std::iter::once([(*name).to_owned(), number]).chain(several)
    });
    output.table(["figure", "number"], rows)?;
    output.line("")?;
    DEFINITIONS.iter().try_for_each(|(name, meaning)| output.line(format!("{name}: {meaning}")))?;
    output.line(format!("\n{}{}", count(figures.moved_by_network, "member"), as_known(known_at)))?;
    Ok(Exit::Done)
}

fn behind(figure: &str, behind: &[Behind], known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    if output.json {
        behind.iter().try_for_each(|one| output.value(one))?;
        return Ok(Exit::Done);
    }
    let rows = behind.iter().map(|one| {
        let days = one.days.map(|days| days.to_string());
        [
            one.subject.to_string(),
            one.group.clone().or(days).unwrap_or_default(),
            one.event.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]
    });
    output.table(["subject", "counted as", "event"], rows)?;
    let meaning =
        DEFINITIONS.iter().find(|(name, _)| *name == figure).map(|(_, meaning)| format!(" ({meaning})"));
    output.line(format!(
        "{} behind {figure}{}{}",
        behind.len(),
        meaning.unwrap_or_default(),
        as_known(known_at)
    ))?;
    Ok(Exit::Done)
}

pub(super) fn claims(place: &Place, known_at: KnownAt, output: &mut Output) -> Result<Exit> {
    let checked = place.read()?.check_claims(known_at)?;
    if output.json {
        checked.iter().try_for_each(|claim| output.value(claim))?;
        return Ok(Exit::Done);
    }
    output
        .table(["claim", "as of", "said", "our number", "verdict", "ask"], checked.iter().map(claim_row))?;
    output.line(format!("{}{}", count(checked.len(), "claim"), as_known(known_at)))?;
    Ok(Exit::Done)
}

fn claim_row(claim: &Checked) -> [String; 6] {
    let value = claim.value.as_ref().map(ToString::to_string);
    let said = [claim.metric.clone(), claim.comparison.clone(), value];
    let by = claim.contested_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let by = if by.is_empty() { by } else { format!(" (contested by {by})") };
    [
        claim.id.to_string(),
        claim.as_of.clone(),
        said.into_iter().flatten().collect::<Vec<_>>().join(" "),
        claim.actual.map_or("-".to_owned(), |actual| actual.to_string()),
        format!("{}{by}", claim.verdict.word()),
        claim.query.clone(),
    ]
}
