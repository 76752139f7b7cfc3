//! Who was screened against what, who could not be, and the controls that show that the search finds what it has to.
//!
//! Always holds: who cannot be screened is counted apart, with the reason, and never as clear.

use cases::report::{Block, Cell, Listed, Lists, Section, Table};
use ledger::Version;
use matching::{Profile, Unscreenable};
use model::{Commit, Coverage, Role};
use screening::Policy;

use super::{Sources, section as of};
use crate::Error;

const CONTROLS: &str = "controls";
const REJECTS: &str = "coverage.rejects";

pub(super) fn controls(sources: &Sources<'_>) -> Result<Section, Error> {
    let coverage = sources.view.last_commit()?.map(|(_, coverage)| coverage).unwrap_or_default();
    let mut table = Table::new("Controls", ["what", "number", "meaning"]);
    table.row(
        CONTROLS,
        [
            "controls that were checked with the last commit that anybody was screened with".into(),
            coverage.controls.into(),
            "invented pairs that go through the same index, search and score as everybody, in both directions; some have to be found, the others not".into(),
        ],
        sources.explain(CONTROLS),
    );
    let text = "All of them held: a commit whose controls fail does not stand, so that a silent search cannot be taken for a clear one. The \
                same controls are checked again by: lookback replay --verify";
    Ok(of("controls", "Controls", vec![Block::Text(text.into()), Block::Table(table)]))
}

/// The controls that were checked; in an empty store there was nothing to check them with.
pub(super) fn controls_by_name(sources: &Sources<'_>) -> Result<Lists, Error> {
    let mut lists = Lists::default();
    lists.open(CONTROLS);
    if sources.view.last_commit()?.is_some() {
        for (name, found) in screening::controls(&sources.policy) {
            lists.add(
                CONTROLS,
                Listed::of(name).under(if found { "has to be found" } else { "must not be found" }),
            );
        }
    }
    Ok(lists)
}

pub(super) fn section(sources: &Sources<'_>) -> Result<Section, Error> {
    let coverage = sources.view.last_commit()?.map(|(_, coverage)| coverage).unwrap_or_default();
    let mut people = Table::new("People of the populations", ["what", "subjects", "share", "meaning"]);
    let mut row = |name: &str, what: String, number: u64, meaning: &str| {
        let share = Cell::share(number, coverage.subjects);
        people.row(name, [what.into(), number.into(), share, meaning.into()], sources.explain(name));
    };
    row("coverage.subjects", "subjects in force".into(), coverage.subjects, "whoever is in a population");
    row(
        "coverage.screened",
        "screened".into(),
        coverage.screened,
        "held against every entry of every list that applies",
    );
    for reason in [Unscreenable::MissingName, Unscreenable::UnreadableName] {
        let number = coverage.unscreenable.get(reason.word()).copied().unwrap_or_default();
        let name = format!("coverage.unscreenable.{}", reason.word());
        row(&name, format!("not screened: {reason}"), number, "not looked at and therefore not clear");
    }
    let mut lists = Table::new("Entries of the lists", ["list", "entries", "of which", "meaning"]);
    for list in coverage.list_versions.keys() {
        let number = |counts: &std::collections::BTreeMap<String, u64>| {
            counts.get(list.as_str()).copied().unwrap_or_default()
        };
        for (group, number, meaning) in [
            (
                "entries",
                number(&coverage.entries),
                "can alert: they have a readable name or a strong identifier",
            ),
            (
                "unmatchable",
                number(&coverage.unmatchable),
                "cannot alert: relations, addresses, entries without a name, or left out by the policy",
            ),
        ] {
            let name = format!("coverage.{group}.{list}");
            let command = sources.explain(&name);
            lists.row(name, [list.to_string().into(), number.into(), group.into(), meaning.into()], command);
        }
    }
    let mut rows = Table::new("Rows of files that became no record", ["what", "rows", "meaning"]);
    let rejects = commits(sources)?.iter().map(|commit| commit.counts.rejects).sum::<u64>();
    let meaning = "each is kept with file, line and reason";
    rows.row(REJECTS, ["rejects".into(), rejects.into(), meaning.into()], sources.explain(REJECTS));
    let text = "Nobody is called clear here. A subject without an alert was screened and nothing was found, or could not be screened; the two \
                are counted apart.";
    let blocks =
        vec![Block::Text(text.into()), Block::Table(people), Block::Table(lists), Block::Table(rows)];
    Ok(of("coverage", "Who was screened against what", blocks))
}

/// Commits up to the time.
fn commits(sources: &Sources<'_>) -> Result<Vec<Commit>, Error> {
    let mut commits = sources.ledger.commits()?;
    commits.retain(|commit| commit.header.known_at <= sources.known_at);
    Ok(commits)
}

/// What is behind a number of the coverage: read from the records themselves, and not from the counts that were kept.
pub(super) fn behind(sources: &Sources<'_>, name: &str) -> Result<Option<Vec<Listed>>, Error> {
    if name == REJECTS {
        return rejected(sources).map(Some);
    }
    let mut lists = Lists::default();
    names(&sources.view.last_commit()?.map(|(_, coverage)| coverage).unwrap_or_default(), &mut lists);
    for dataset in sources.view.datasets()? {
        sources.view.entities(Some(&dataset.name), &mut |version: Version| {
            for counted in counts_as(&sources.policy, dataset.role, &version).into_iter().flatten() {
                if counted == name {
                    lists.add(name, Listed::of(&version.record.entity.id));
                }
            }
            Ok(())
        })?;
    }
    Ok(lists.take(name))
}

fn names(coverage: &Coverage, lists: &mut Lists) {
    lists.open("coverage.subjects");
    lists.open("coverage.screened");
    for reason in [Unscreenable::MissingName, Unscreenable::UnreadableName] {
        lists.open(&format!("coverage.unscreenable.{}", reason.word()));
    }
    for list in coverage.list_versions.keys() {
        lists.open(&format!("coverage.entries.{list}"));
        lists.open(&format!("coverage.unmatchable.{list}"));
    }
}

/// The numbers that an entity counts in.
fn counts_as(policy: &Policy, role: Role, version: &Version) -> [Option<String>; 2] {
    let (dataset, entity) = (&version.record.dataset, &version.record.entity);
    let unscreenable = Profile::of(entity).unscreenable(&policy.rules);
    match (role, unscreenable) {
        (Role::Population, Some(Unscreenable::NotMatchable)) | (Role::Intelligence, _) => [None, None],
        (Role::Population, None) => [Some("coverage.subjects".into()), Some("coverage.screened".into())],
        (Role::Population, Some(reason)) => {
            [Some("coverage.subjects".into()), Some(format!("coverage.unscreenable.{}", reason.word()))]
        }
        (Role::List, None) if policy.is_entry(dataset, entity) => {
            [Some(format!("coverage.entries.{dataset}")), None]
        }
        (Role::List, _) => [Some(format!("coverage.unmatchable.{dataset}")), None],
    }
}

fn rejected(sources: &Sources<'_>) -> Result<Vec<Listed>, Error> {
    let mut list = Vec::new();
    for commit in commits(sources)?.iter().filter(|commit| commit.counts.rejects > 0) {
        for reject in sources.ledger.rejects(Some(commit.seq))? {
            let line = i64::try_from(reject.line).unwrap_or(i64::MAX);
            list.push(
                Listed::of(format!("commit {}: {}", commit.seq, reject.file)).under(reject.reason).with(line),
            );
        }
    }
    Ok(list)
}
