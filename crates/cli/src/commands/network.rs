//! Questions to the network: `network path`, `neighbours` and `export`.

use anyhow::Result;
use lookback::network::{
    Drawing, KindView, PartyView, PathAnswer, PathQuestion, PathStep, Period, SharedView, Surroundings,
};
use model::{EntityId, KnownAt};
use serde_json::json;

use super::{Place, write_out};
use crate::args::{ExportOptions, Network, PathOptions, When};
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn run(place: &Place, command: &Network, output: &mut Output) -> Result<Exit> {
    match command {
        Network::Path(options) => path(place, options, output),
        Network::Neighbours { id, when } => neighbours(place, id, *when, output),
        Network::Export(options) => export(place, options, output),
    }
}

fn path(place: &Place, options: &PathOptions, output: &mut Output) -> Result<Exit> {
    let when = options.when;
    let question = PathQuestion {
        from: options.start.clone(),
        to: options.end.clone(),
        aim: options.aim.into(),
        direction: options.direction.into(),
        period: when.period()?,
        max_gap_days: options.max_gap,
        steps_max: options.steps,
    };
    let answer =
        place.read()?.network(when.known_at(), when.captions(), |network| network.path(&question))?;
    if output.json {
        output.value(&answer)?;
    } else {
        show_path(&answer, output)?;
    }
    Ok(Exit::Done)
}

fn show_path(answer: &PathAnswer, output: &mut Output) -> Result<()> {
    let PathAnswer { from, to, direction, .. } = answer;
    let asked = format!("{direction} in time{}", as_asked(answer.period, answer.known_at));
    let Some(steps) = &answer.steps else {
        let most = count(answer.steps_max, "step");
        return output.line(format!("no path from {from} to {to} in {most}, {asked}"));
    };
    output.line(format!("{from} to {to} in {}, {asked}", count(steps.len(), "step")))?;
    (1..)
        .zip(steps)
        .try_for_each(|(place, step)| output.line(format!("{place}. {}", sentence(step, direction))))
}

fn sentence(step: &PathStep, direction: &str) -> String {
    let bound = if direction == "backward" { "at the latest" } else { "at the earliest" };
    let day = step.day.map(|day| format!(". Taken on {day} {bound}.")).unwrap_or_default();
    format!("{step}{day}")
}

fn as_asked(period: Period, known_at: KnownAt) -> String {
    let period = if period == Period::ALWAYS { String::new() } else { format!(", {period}") };
    format!("{period}, as known at {known_at}")
}

fn neighbours(place: &Place, id: &EntityId, when: When, output: &mut Output) -> Result<Exit> {
    let period = when.period()?;
    let ask = when.captions();
    let answer = place.read()?.network(when.known_at(), ask, |network| network.neighbours(id, period))?;
    if output.json {
        output.value(&answer)?;
        return Ok(Exit::Done);
    }
    let attributes: usize = answer.kinds.iter().map(|kind| kind.attributes.len()).sum();
    let asked = as_asked(period, answer.known_at);
    output.line(format!("{}: {}{asked}", answer.party, count(attributes, "attribute")))?;
    answer.kinds.iter().try_for_each(|kind| show_kind(&answer.party, kind, output))?;
    Ok(Exit::Done)
}

fn show_kind(party: &PartyView, kind: &KindView, output: &mut Output) -> Result<()> {
    output.line("")?;
    let (attributes, parties) = (kind.attributes.len(), kind.parties);
    output.line(format!(
        "{}: {}, shared with {}",
        kind.kind,
        count(attributes, "attribute"),
        parties_in_words(parties)
    ))?;
    kind.attributes.iter().try_for_each(|shared| show_shared(party, shared, output))
}

/// So many neighbours are listed for each attribute; `--json` has them all.
const NEIGHBOURS_SHOWN: usize = 20;

fn show_shared(party: &PartyView, shared: &SharedView, output: &mut Output) -> Result<()> {
    for own in &shared.observations {
        output.line(format!("  {}", own.words_of(&party.to_string(), &shared.value)))?;
    }
    if let Some(warning) = &shared.warning {
        output.line(format!("    {warning}"))?;
    }
    let (shown, rest) = shared.neighbours.split_at(shared.neighbours.len().min(NEIGHBOURS_SHOWN));
    shown.iter().try_for_each(|neighbour| output.line(format!("    {neighbour}")))?;
    if !rest.is_empty() {
        output.line(format!("    and {} more; --json lists all", rest.len()))?;
    }
    Ok(())
}

fn parties_in_words(parties: u32) -> String {
    match parties {
        0 => "nobody".to_owned(),
        parties => count(parties, "party"),
    }
}

fn export(place: &Place, options: &ExportOptions, output: &mut Output) -> Result<Exit> {
    let when = options.when;
    let period = when.period()?;
    let around = options.around.clone().map(|of| Surroundings { of, steps: options.steps });
    let store = place.read()?;
    let drawing = store
        .network(when.known_at(), when.captions(), |network| network.drawing(around.as_ref(), period))?;
    write_out(options.output.as_deref(), output, |out| Ok(drawing.write(options.format.into(), out)?))?;
    let Some(path) = &options.output else { return Ok(Exit::Done) };
    if output.json {
        output.value(&json!({
            "output": path,
            "known_at": drawing.known_at,
            "parties": drawing.parties.len(),
            "attributes": drawing.attributes.len(),
            "observations": drawing.observations.len(),
            "relations": drawing.relations.len(),
        }))?;
    } else {
        output.line(format!("wrote {}: {}", path.display(), in_words(&drawing)))?;
    }
    Ok(Exit::Done)
}

fn in_words(drawing: &Drawing) -> String {
    let Drawing { known_at, parties, attributes, observations, relations } = drawing;
    let [parties, attributes, observations, relations] = [
        count(parties.len(), "party"),
        count(attributes.len(), "attribute"),
        count(observations.len(), "observation"),
        count(relations.len(), "relation"),
    ];
    format!("{parties}, {attributes}, {observations}, {relations}, as known at {known_at}")
}
