//! Questions about records that need not be in the store: `screen`, `compare` and `name`.

use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;

use anyhow::Result;
use lookback::{
    Error, NameKind, Rules, Screened, Store, compare_entities, compare_names, read_name, read_query,
};
use model::{Entity, KnownAt};
use serde::Serialize;
use serde_json::{Value, json};

use super::Place;
use super::show::{fact_line, lists_line};
use crate::args::Screen;
use crate::exit::Exit;
use crate::output::{Output, count};

pub(super) fn screen(place: &Place, options: &Screen, output: &mut Output) -> Result<Exit> {
    let mut store = if options.enrol.is_some() { place.write()? } else { place.read()? };
    if !options.name.is_empty() {
        let entity = entity_of(&person(options).to_string()).map_err(Error::Usage)?;
        return answer(&mut store, options, &entity, output).map(|()| Exit::Done);
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        let help = "say whom with --name, or give FollowTheMoney JSON lines on standard input";
        return Err(Error::Usage(help.to_owned()).into());
    }
    let (mut asked, mut refused) = (0, 0);
    each_line(input.lock(), STANDARD_INPUT, |at, line| {
        if matches!(&line, Ok(text) if text.trim().is_empty()) {
            return Ok(());
        }
        asked += 1;
        match line.and_then(|text| entity_of(&text)) {
            Ok(entity) => answer(&mut store, options, &entity, output),
            Err(reason) => {
                refused += 1;
                super::note(&format!("{STANDARD_INPUT}, line {at}: {reason}"));
                Ok(())
            }
        }
    })?;
    if asked == 0 {
        super::note("standard input has no line, so nothing was asked");
    }
    Ok(if refused > 0 || asked == 0 { Exit::Refused } else { Exit::Done })
}

const STANDARD_INPUT: &str = "standard input";

/// Hands over every line with its number, from 1; a line that is not UTF-8 as the reason why it cannot be read.
fn each_line(
    input: impl BufRead,
    name: &str,
    mut each: impl FnMut(u64, Result<String, String>) -> Result<()>,
) -> Result<()> {
    for (at, line) in (1..).zip(input.split(b'\n')) {
        let line = line.map_err(|error| super::unreadable(name, error))?;
        let text = String::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned());
        each(at, text.map(|text| text.trim_end_matches('\r').to_owned()))?;
    }
    Ok(())
}

fn person(options: &Screen) -> Value {
    let mut properties = json!({ "name": options.name });
    let stated = [
        ("birthDate", options.birth_date.map(|date| date.to_string())),
        ("gender", options.gender.clone()),
        ("passportNumber", options.passport.clone()),
    ];
    for (property, value) in stated.into_iter().filter_map(|(property, value)| Some((property, value?))) {
        properties[property] = json!([value]);
    }
    let mut entity = json!({ "schema": options.schema.to_string(), "properties": properties });
    if let Some(id) = &options.id {
        entity["id"] = json!(id);
    }
    entity
}

/// An entity from JSON, and notes about what is odd in it.
fn entity_of(json: &str) -> Result<Entity, String> {
    let (entity, odd) = read_query(json)?;
    for text in &odd {
        super::note(text);
    }
    Ok(entity)
}

fn answer(store: &mut Store, options: &Screen, entity: &Entity, output: &mut Output) -> Result<()> {
    let screened = match &options.enrol {
        Some(dataset) => store.enrol(entity, dataset, options.limit)?,
        None => store.screen(entity, options.limit)?,
    };
    if output.json {
        output.value(&Answer { kept: screened.enrolled.is_some(), screened: &screened })?;
    } else {
        show(&screened, output)?;
    }
    output.flush()
}

/// An answer that says first whether the question was kept.
#[derive(Serialize)]
struct Answer<'a> {
    kept: bool,
    #[serde(flatten)]
    screened: &'a Screened,
}

fn show(screened: &Screened, output: &mut Output) -> Result<()> {
    let entries: u64 = screened.lists.iter().map(|list| list.entries).sum();
    let standing = match (&screened.unscreenable, screened.matches.is_empty()) {
        (Some(reason), _) => format!("cannot be screened, and is not clear: {reason}"),
        (None, true) => format!("nothing found among {}", count(entries, "list entry")),
        (None, false) => format!("held against {}", count(entries, "list entry")),
    };
    output.line(format!("{}: {standing}", screened.query))?;
    output.line(format!("lists: {}", lists_line(&screened.lists)))?;
    let rows = screened.matches.iter().map(|m| {
        let alert = if m.alert { "alert" } else { "below the threshold" };
        let names = m.explanation.names.as_ref().map(|names| format!("{} / {}", names.subject, names.entry));
        [alert.to_owned(), m.score.to_string(), m.entry.clone(), m.dataset.clone(), names.unwrap_or_default()]
    });
    output.table(["", "score", "entry", "list", "names compared"], rows)?;
    let Some(kept) = &screened.enrolled else {
        return output.line("nothing was kept; --enrol DATASET keeps it");
    };
    output
        .line(format!("kept as {} in {}; every later change will look at it again", kept.id, kept.dataset))?;
    output.line(format!("screened with {}", fact_line(&kept.fact)))
}

pub(super) fn compare(place: &Place, pairs: &Path, entities: bool, output: &mut Output) -> Result<Exit> {
    let (name, input): (_, Box<dyn BufRead>) = match pairs.to_str() {
        Some("-") => (STANDARD_INPUT.to_owned(), Box::new(std::io::stdin().lock())),
        _ => (pairs.display().to_string(), Box::new(BufReader::new(super::open_file(pairs)?))),
    };
    let rules = if entities { rules_in_force(place)? } else { Rules::default() };
    each_line(input, &name, |line, text| {
        let wrong = |reason| Error::Line { file: name.clone(), line, reason };
        let text = text.map_err(wrong)?;
        if entities {
            let (left, right) = pair_of_entities(&text).map_err(wrong)?;
            output.value(&compare_entities(&rules, &left, &right))
        } else {
            let (left, right) = pair_of_names(&text).map_err(wrong)?;
            output.line(format!("{:.6}", compare_names(left, right).fraction()))
        }
    })?;
    Ok(Exit::Done)
}

/// The first two columns; further ones, such as a label, are left alone.
fn pair_of_names(text: &str) -> Result<(&str, &str), String> {
    let mut columns = text.split('\t');
    let pair = columns.next().zip(columns.next());
    pair.ok_or_else(|| "two names separated by a tab are needed".to_owned())
}

fn pair_of_entities(text: &str) -> Result<(Entity, Entity), String> {
    let pair: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let side = |side: &str| {
        let entity =
            pair.get(side).ok_or_else(|| r#"{"left": entity, "right": entity} is needed"#.to_owned())?;
        entity_of(&entity.to_string()).map_err(|reason| format!("{side}: {reason}"))
    };
    Ok((side("left")?, side("right")?))
}

/// The rules of the store, if there is one, else the default.
fn rules_in_force(place: &Place) -> Result<Rules> {
    if place.path.exists() { Ok(place.read()?.policy(KnownAt::MAX)?.rules) } else { Ok(Rules::default()) }
}

pub(super) fn name(text: &str, kind: NameKind, output: &mut Output) -> Result<Exit> {
    let name = read_name(text, kind);
    if output.json {
        output.value(&name)?;
        return Ok(Exit::Done);
    }
    if name.words.is_empty() {
        output.line("nothing in it can be compared")?;
        return Ok(Exit::Done);
    }
    let weight = |thousandths: u32| format!("{:.2}", f64::from(thousandths) / 1000.0);
    let words = name.words.iter().map(|word| {
        [
            word.word.clone(),
            word.spelling.clone(),
            word.role.to_owned(),
            weight(word.weight),
            word.commonness.to_owned(),
            word.readings.join(" "),
            word.groups.to_string(),
            word.keys.to_string(),
            word.rule.to_owned(),
        ]
    });
    output.table(
        ["word", "spelling", "role", "weight", "how common", "sounds", "groups", "keys", "why"],
        words,
    )?;
    let joins: Vec<&str> = name.joins.iter().map(|join| join.folded.as_str()).collect();
    if !joins.is_empty() {
        output.line(format!("compared as one word, too: {}", joins.join(", ")))?;
    }
    if name.cut {
        output.line("it is too long; not all of it is compared")?;
    }
    output.line(format!("weight {}, keys in the index: {}", weight(name.weight), name.keys))?;
    Ok(Exit::Done)
}
