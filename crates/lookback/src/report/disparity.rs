//! Whether people are alerted alike, by the script of their names and by origin, where that is kept apart for reporting.
//!
//! Invariant(NO-ORIGIN): origin is read here alone, from what is kept for reporting alone, and nothing but these counts is made of it. It
//! is no filter and no list: whom a cell by origin counts is not listed. Small cells are not told (`SMALL-CELLS`).

use std::collections::{BTreeMap, BTreeSet};

use cases::report::{Block, Cell, Cells, Listed, Lists, SMALL, Section, Table};
use model::{CauseKind, Entity, EntityId, EntityRecord, Role};
use unicode_script::{Script, UnicodeScript};

use super::reviews::Reviewed;
use super::{Sources, section as of};
use crate::Error;

const NOT_STATED: &str = "not stated";

/// How many people of a group there are, how many have an open alert by name or by network, and of how many a final verdict says that
/// one by name does not concern them.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    people: u64,
    named: u64,
    not_concerned: u64,
    linked: u64,
}

type Groups = BTreeMap<String, Counted>;

/// Who has an open alert, and of whom it was said that one by name does not concern them.
struct Alerted {
    named: BTreeSet<EntityId>,
    not_concerned: BTreeSet<EntityId>,
    linked: BTreeSet<EntityId>,
}

impl Alerted {
    fn read(sources: &Sources<'_>, reviewed: &Reviewed) -> Result<Self, Error> {
        let open = |kind| -> Result<BTreeSet<EntityId>, Error> {
            Ok(sources.view.findings(kind)?.into_iter().map(|state| state.pair.subject.id).collect())
        };
        Ok(Self {
            named: open(CauseKind::Name)?,
            not_concerned: reviewed.cleared_of_name(sources.known_at),
            linked: open(CauseKind::Network)?,
        })
    }

    /// In words, what a person counts as beside being one.
    fn groups(&self, id: &EntityId) -> String {
        let groups = [
            (self.named.contains(id), "by name"),
            (self.not_concerned.contains(id), "not concerned"),
            (self.linked.contains(id), "by network"),
        ];
        groups.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect::<Vec<_>>().join(", ")
    }

    fn count(&self, id: &EntityId, counted: &mut Counted) {
        counted.people += 1;
        counted.named += u64::from(self.named.contains(id));
        counted.not_concerned += u64::from(self.not_concerned.contains(id));
        counted.linked += u64::from(self.linked.contains(id));
    }
}

pub(super) fn section(sources: &Sources<'_>, reviewed: &Reviewed) -> Result<Section, Error> {
    let alerted = Alerted::read(sources, reviewed)?;
    let (mut by_script, mut by_origin) = (Groups::new(), Groups::new());
    let mut origin_is_kept = false;
    each_person(sources, &mut |record| {
        let id = &record.entity.id;
        alerted.count(id, by_script.entry(script_of(&record.entity)).or_default());
        let origin = origin_of(record);
        origin_is_kept |= origin.is_some();
        alerted.count(id, by_origin.entry(origin.unwrap_or(NOT_STATED).to_owned()).or_default());
    })?;
    let mut blocks = vec![Block::Text(format!(
        "Of the people of the populations: how many have an open alert by name, of how many two persons found that one by name does not concern \
         them (a false match), and how many have an open alert by network. A number under {SMALL} is shown as \"<{SMALL}\", and as many larger \
         ones are withheld as are needed so that it does not follow by subtraction; where that is not to be had, the whole column is withheld."
    ))];
    let explain = |script: &str| {
        let name = format!("disparity.script.{script}");
        let command = sources.explain(&name);
        (name, command)
    };
    blocks.extend(tables("By the script of the stated names", "script", &by_script, &explain));
    if origin_is_kept {
        blocks.push(Block::Text(
            "By origin, where it is kept apart for reporting. It is read for this table alone and from there alone; no score, no alert, no order and \
             no list depends on it. For that reason no command lists whom a cell counts: that would be a list of people by origin. Who has to \
             check a cell counts the lines of the journal that keep it."
                .into(),
        ));
        let check = |origin: &str| (format!("disparity.origin.{origin}"), "lookback export".to_owned());
        blocks.extend(tables("By origin", "origin", &by_origin, &check));
    }
    Ok(of("disparity", "Whether people are alerted alike", blocks))
}

fn each_person(sources: &Sources<'_>, take: &mut dyn FnMut(&EntityRecord)) -> Result<(), Error> {
    for dataset in sources.view.datasets()?.into_iter().filter(|dataset| dataset.role == Role::Population) {
        sources.view.entities(Some(&dataset.name), &mut |version| {
            if version.record.entity.schema.is_a("Person") {
                take(&version.record);
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn tables(title: &str, group: &str, groups: &Groups, trace: &dyn Fn(&str) -> (String, String)) -> [Block; 2] {
    let column = |of: fn(&Counted) -> u64| Cells::of(&groups.values().map(of).collect::<Vec<_>>());
    let people = column(|counted| counted.people);
    let parts: [(&str, Cells); 3] = [
        ("people alerted by name", column(|counted| counted.named)),
        ("people whom an alert by name does not concern", column(|counted| counted.not_concerned)),
        ("people alerted by network", column(|counted| counted.linked)),
    ];
    let columns =
        [group, "people", "by name", "of people", "not concerned", "of people", "by network", "of people"];
    let mut table = Table::new(title, columns);
    let mut shares = [const { Vec::new() }; 3];
    for (place, name) in groups.keys().enumerate() {
        let mut share = |part: usize| match (parts[part].1.plain(place), people.plain(place)) {
            (Some(of_them), Some(whole)) => {
                shares[part].push(of_them as f64 / whole as f64);
                Cell::share(of_them, whole)
            }
            _ => Cell::None,
        };
        let cell = |part: usize| parts[part].1.cell(place);
        let (name_of_number, command) = trace(name);
        table.row(
            name_of_number,
            [
                name.clone().into(),
                people.cell(place),
                cell(0),
                share(0),
                cell(1),
                share(1),
                cell(2),
                share(2),
            ],
            command,
        );
    }
    let told = parts.iter().zip(&shares).map(|((what, _), shares)| ratio(what, shares)).collect();
    [Block::Table(table), Block::Points(told)]
}

fn ratio(what: &str, shares: &[f64]) -> String {
    let ends = shares.iter().copied().reduce(f64::max).zip(shares.iter().copied().reduce(f64::min));
    match ends {
        Some((most, least)) if shares.len() > 1 => format!(
            "Share of {what}: between the highest and the lowest of the {} groups that are shown lies a factor of {:.2}.",
            shares.len(),
            most / least
        ),
        _ => format!("Share of {what}: fewer than two groups are shown, so that nothing can be compared."),
    }
}

/// Whom a number by script counts. None of those by origin is listed.
pub(super) fn behind(
    sources: &Sources<'_>,
    reviewed: &Reviewed,
    name: &str,
) -> Result<Option<Vec<Listed>>, Error> {
    if name.starts_with("disparity.origin.") {
        return Err(Error::Usage(
            "people are not listed by origin; origin is kept for counts alone".to_owned(),
        ));
    }
    let alerted = Alerted::read(sources, reviewed)?;
    let mut lists = Lists::default();
    each_person(sources, &mut |record| {
        let id = &record.entity.id;
        if format!("disparity.script.{}", script_of(&record.entity)) == name {
            let groups = alerted.groups(id);
            let listed = Listed::of(id);
            lists.add(name, if groups.is_empty() { listed } else { listed.under(groups) });
        }
    })?;
    Ok(lists.take(name))
}

/// The script of the letters of the stated names; `several` where there are several.
fn script_of(entity: &Entity) -> String {
    let letters = entity.values("name").iter().flat_map(|name| name.chars());
    let of_no_script = [Script::Common, Script::Inherited, Script::Unknown];
    let scripts: BTreeSet<&str> = letters
        .map(|letter| letter.script())
        .filter(|script| !of_no_script.contains(script))
        .map(Script::full_name)
        .collect();
    match scripts.len() {
        0 => "none".to_owned(),
        1 => scripts.into_iter().collect(),
        _ => "several".to_owned(),
    }
}

/// The origin that is kept apart for reporting.
fn origin_of(record: &EntityRecord) -> Option<&str> {
    let kept = record.reporting.as_ref()?;
    kept.get("reporting_origin").or_else(|| kept.get("origin"))?.as_str()
}
