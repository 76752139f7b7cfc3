//! Questions about records that need not be in the store: `screen` and `compare`.

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Result;
use lookback::{Error, Rules, Screened, Store, compare_entities, compare_names, query_id};
use model::{Entity, KnownAt};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Place;
use crate::args::Screen;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn screen(place: &Place, options: &Screen, output: &mut Output) -> Result<Exit> {
    let mut store = if options.enrol.is_some() { place.write()? } else { place.read()? };
    if !options.name.is_empty() {
        let entity = entity_of(person(options))?;
        return answer(&mut store, options, &entity, output).map(|()| Exit::Done);
    }
    let mut refused = 0;
    for (at, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(&line).map_err(anyhow::Error::from).and_then(entity_of) {
            Ok(entity) => answer(&mut store, options, &entity, output)?,
            Err(error) => {
                refused += 1;
                super::note(&format!("standard input, line {}: {error}", at + 1));
            }
        }
    }
    Ok(if refused > 0 { Exit::Refused } else { Exit::Done })
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
    let mut entity = json!({ "schema": options.schema, "properties": properties });
    if let Some(id) = &options.id {
        entity["id"] = json!(id);
    }
    entity
}

/// An entity from JSON; one without an id is asked about under a digest of its content.
fn entity_of(mut value: Value) -> Result<Entity> {
    if value.get("id").is_none() {
        let id = query_id(&value);
        if let Some(object) = value.as_object_mut() {
            object.insert("id".to_owned(), json!(id));
        }
    }
    let refused = |error: serde_json::Error| Error::Usage(format!("no FollowTheMoney entity: {error}"));
    Ok(serde_json::from_value(value).map_err(refused)?)
}

fn answer(store: &mut Store, options: &Screen, entity: &Entity, output: &mut Output) -> Result<()> {
    let screened = match &options.enrol {
        Some(dataset) => store.enrol(entity, dataset, options.limit)?,
        None => store.screen(entity, options.limit)?,
    };
    if output.json { output.value(&with_kept(&screened)?) } else { show(&screened, output) }
}

fn with_kept(screened: &Screened) -> Result<Value> {
    let mut value = serde_json::to_value(screened)?;
    value["kept"] = json!(screened.enrolled.is_some());
    Ok(value)
}

fn show(screened: &Screened, output: &mut Output) -> Result<()> {
    let entries: u64 = screened.entries.values().sum();
    match (&screened.unscreenable, screened.matches.is_empty()) {
        (Some(reason), _) => {
            output.line(format!("{}: cannot be screened, and is not clear: {reason}", screened.query))?
        }
        (None, true) => {
            output.line(format!("{}: nothing found among {entries} list entries", screened.query))?
        }
        (None, false) => output.line(format!("{}: held against {entries} list entries", screened.query))?,
    }
    let rows = screened.matches.iter().map(|m| {
        let alert = if m.alert { "alert" } else { "below the threshold" };
        let names = m.explanation.names.as_ref().map(|names| format!("{} / {}", names.subject, names.entry));
        [alert.to_owned(), m.score.to_string(), m.entry.clone(), m.dataset.clone(), names.unwrap_or_default()]
    });
    output.table(["", "score", "entry", "list", "names compared"], rows)?;
    output.line(match &screened.enrolled {
        Some(kept) => {
            format!("kept as {} in {}; every later change will look at it again", kept.id, kept.dataset)
        }
        None => "nothing was kept; --enrol DATASET keeps it".to_owned(),
    })
}

#[derive(Deserialize)]
struct EntityPair {
    left: Value,
    right: Value,
}

pub(super) fn compare(place: &Place, pairs: &Path, entities: bool, output: &mut Output) -> Result<Exit> {
    let failed = |error| Error::Io(format!("reading {}", pairs.display()), error);
    let input: Box<dyn BufRead> = match pairs.to_str() {
        Some("-") => Box::new(std::io::stdin().lock()),
        _ => Box::new(BufReader::new(std::fs::File::open(pairs).map_err(failed)?)),
    };
    let rules = if entities { rules_in_force(place)? } else { Rules::default() };
    for (at, line) in input.lines().enumerate() {
        let line = line.map_err(failed)?;
        let wrong = |reason: &str| Error::Line {
            file: pairs.display().to_string(),
            line: at as u64 + 1,
            reason: reason.to_owned(),
        };
        if entities {
            let pair: EntityPair = serde_json::from_str(&line).map_err(|error| wrong(&error.to_string()))?;
            let (left, right) = (entity_of(pair.left)?, entity_of(pair.right)?);
            output.value(&compare_entities(&rules, &left, &right))?;
        } else {
            let (left, right) =
                line.split_once('\t').ok_or_else(|| wrong("two names separated by a tab are needed"))?;
            let right = right.split('\t').next().unwrap_or_default();
            output.line(format!("{:.6}", compare_names(left, right).fraction()))?;
        }
    }
    Ok(Exit::Done)
}

/// The rules of the store, if there is one, else the default.
fn rules_in_force(place: &Place) -> Result<Rules> {
    if place.path.exists() { Ok(place.read()?.policy(KnownAt::MAX)?.rules) } else { Ok(Rules::default()) }
}
