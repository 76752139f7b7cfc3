//! How good a search by name is over a real list. `lookback-bench retrieval`.
//!
//! In: a list of people and queries whose answer is known, in the form of `../shared/eval/score_retrieval.py`. Out: that script's
//! lines, with what is frozen, and the results in the form that it reads. Always holds: the answers are those of `Store::screen` over
//! a store that holds the list, under the usual policy. A
//! person of the list has names and nothing else.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use lookback::model::{DatasetName, Entity, EntityId, Role, Schema, Score};
use lookback::{Format, IngestOptions, Policy, ScreenedMatch, Settings, Silent, Store};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::frozen::{self, Flat, Request};
use crate::names::read_rows;
use crate::phases::Target;
use crate::stopwatch::{Times, timed};
use crate::table::{aligned, beside};

/// The evaluation's name: of the command and of its frozen figures.
const EVALUATION: &str = "retrieval";

pub(crate) const HELP: &str = "\
lookback-bench retrieval [FOLDER] [--freeze] [--results FILE] [--json]
  FOLDER           where list.tsv.gz and queries_dev.tsv.gz are (../shared/data/names)
  --freeze         keep the figures in bench/frozen/retrieval.json
  --results FILE   write the answers there, as score_retrieval.py reads them
  --json           the figures as JSON";

/// Runs the command. Returns what it says.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<String> {
    let args = Request::parse(words, "--results", HELP)?;
    let folder = args.source.clone().unwrap_or_else(|| frozen::shared("data/names"));
    let evaluation = Evaluation::of(&folder)?;
    if let Some(path) = &args.out {
        evaluation.write_results(path)?;
    }
    let figures = evaluation.figures();
    let kept = frozen::read(&frozen::path(EVALUATION))?.unwrap_or_default();
    if args.freeze {
        frozen::write(&frozen::path(EVALUATION), &figures)?;
    }
    if args.json {
        return Ok(serde_json::to_string_pretty(&figures)? + "\n");
    }
    Ok(evaluation.text(&frozen::flat(&figures), &frozen::flat(&kept)))
}

/// One row of the queries.
#[derive(Debug, Clone)]
struct Query {
    text: String,
    script: String,
    country: String,
    /// Who is right; `None`: nobody on the list.
    answer: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, Serialize)]
struct Answer {
    /// Entries, best first.
    ids: Vec<String>,
    /// Those that reach the default threshold.
    alerts: Vec<String>,
    /// All that was found, with its score.
    #[serde(skip)]
    found: Vec<(String, Score)>,
}

/// Queries with their answers.
struct Evaluation {
    queries: Vec<Query>,
    answers: Vec<Answer>,
    /// Whom an entry is of.
    groups: HashMap<String, String>,
    times: Times,
}

/// The script counts up to the fiftieth.
const ANSWERS_MOST: usize = 50;
/// More alerts than this for one name are not counted.
const ALERTS_MOST: usize = 500;
impl Evaluation {
    fn of(folder: &Path) -> Result<Self> {
        let list = read_rows(&folder.join("list.tsv.gz"))?;
        let queries = read_rows(&folder.join("queries_dev.tsv.gz"))?;
        let queries: Vec<Query> = queries.iter().map(query).collect::<Result<_>>()?;
        let scratch = tempfile::tempdir()?;
        let mut store = store_of(&list, scratch.path())?;
        let groups =
            list.iter().map(|row| Ok((column(row, "id")?, column(row, "group")?))).collect::<Result<_>>()?;
        let mut times = Times::default();
        let answers = queries.iter().map(|query| {
            let (answer, time) = timed(|| ask(&mut store, &query.text));
            times.note(time);
            answer
        });
        Ok(Self { answers: answers.collect::<Result<_>>()?, queries, groups, times })
    }

    fn write_results(&self, path: &Path) -> Result<()> {
        let lines: Vec<String> = self.answers.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        fs::write(path, lines.join("\n") + "\n").with_context(|| format!("writing {}", path.display()))
    }

    /// Counts for all, for each script and each country.
    fn tallies(&self) -> BTreeMap<String, Tally> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for (query, answer) in self.queries.iter().zip(&self.answers) {
            for key in
                ["all".to_owned(), format!("script {}", query.script), format!("country {}", query.country)]
            {
                tallies.entry(key).or_default().note(query, answer, &self.groups);
            }
        }
        tallies.retain(|_, tally| tally.answerable >= TOLD_LEAST || tally.unanswerable >= TOLD_LEAST);
        tallies
    }

    fn figures(&self) -> Value {
        let tallies = self.tallies().into_iter().map(|(key, tally)| (key, tally.figures()));
        Value::Object(tallies.collect::<Map<_, _>>())
    }

    /// What other thresholds would cost on both sides.
    fn by_threshold(&self) -> String {
        let header = ["threshold", "right alert", "alerts/query", "none alerted"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for threshold in (60..=98).step_by(2) {
            let mut tally = Tally::default();
            for (query, answer) in self.queries.iter().zip(&self.answers) {
                let reach = answer.found.iter().filter(|(_, score)| *score >= Score(threshold * 10_000));
                let alerts = reach.map(|(id, _)| id.clone()).collect();
                let answer = Answer { ids: Vec::new(), alerts, found: Vec::new() };
                tally.note(query, &answer, &self.groups);
            }
            let shares = [tally.share(tally.alerted_right), tally.share(tally.alerts)];
            let shares = shares.into_iter().chain(tally.none_alerted()).map(|share| format!("{share:.3}"));
            rows.push(std::iter::once(format!("0.{threshold}")).chain(shares).collect());
        }
        format!("\n{}", aligned(&rows))
    }

    fn text(&self, now: &Flat, frozen: &Flat) -> String {
        let changed = frozen::differences(frozen, now);
        let verdict = match changed.len() {
            0 => "as frozen".to_owned(),
            some => format!("{some} figures differ from the frozen ones; --freeze keeps them"),
        };
        let mut text =
            format!("{} queries, {} entries; {verdict}\n\n", self.queries.len(), self.groups.len());
        let mut rows = vec![["what", "now", "frozen", "reach"].map(str::to_owned).to_vec()];
        let figure = |value: Option<&f64>| value.map_or_else(String::new, |value| format!("{value:.4}"));
        for &(what, name, target) in ASKED {
            let reach = now.get(name).map_or_else(String::new, |&value| beside(Some(target), value));
            let (now, frozen) = (figure(now.get(name)), figure(frozen.get(name)));
            rows.push(vec![what.to_owned(), now, frozen, reach.trim().to_owned()]);
        }
        text += &aligned(&rows);
        text.push('\n');
        let mut tallies: Vec<(String, Tally)> = self.tallies().into_iter().collect();
        tallies.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.answerable));
        for (key, tally) in tallies {
            text += &tally.line(&key);
        }
        text += &self.by_threshold();
        let _ =
            writeln!(text, "\na query: p50 {:.2} ms, p99 {:.2} ms", self.times.rank(50), self.times.rank(99));
        text
    }
}

/// What is asked for.
const ASKED: &[(&str, &str, Target)] = &[
    ("R@1", "all recall_1", Target::AtLeast(0.82)),
    ("R@10", "all recall_10", Target::AtLeast(0.95)),
    ("R@10 of queries in Arabic script", "script Arab recall_10", Target::AtLeast(0.80)),
    ("answerable queries that alert on the right person", "all right_alert", Target::AtLeast(0.80)),
    ("queries without a right answer that alert", "all none_alerted", Target::AtMost(0.05)),
];

/// Fewer queries of a kind are not told.
const TOLD_LEAST: u64 = 5;

/// Counts over queries of one kind.
#[derive(Debug, Default, Clone, PartialEq)]
struct Tally {
    answerable: u64,
    first: u64,
    among_10: u64,
    among_50: u64,
    alerted_right: u64,
    alerts: u64,
    unanswerable: u64,
    unanswerable_alerted: u64,
}

impl Tally {
    fn note(&mut self, query: &Query, answer: &Answer, groups: &HashMap<String, String>) {
        let Some(right) = &query.answer else {
            self.unanswerable += 1;
            self.unanswerable_alerted += u64::from(!answer.alerts.is_empty());
            return;
        };
        let mut found: Vec<&String> = Vec::new();
        for group in answer.ids.iter().map(|id| &groups[id]) {
            if !found.contains(&group) {
                found.push(group);
            }
        }
        let place = found.iter().position(|group| *group == right);
        let within = |most| u64::from(place.is_some_and(|place| place < most));
        self.answerable += 1;
        self.first += within(1);
        self.among_10 += within(10);
        self.among_50 += within(50);
        self.alerted_right += u64::from(answer.alerts.iter().any(|id| groups[id] == *right));
        self.alerts += answer.alerts.len() as u64;
    }

    fn share(&self, count: u64) -> f64 {
        count as f64 / self.answerable.max(1) as f64
    }

    fn none_alerted(&self) -> Option<f64> {
        (self.unanswerable > 0).then(|| self.unanswerable_alerted as f64 / self.unanswerable as f64)
    }

    fn figures(&self) -> Value {
        json!({
            "queries": self.answerable,
            "recall_1": self.share(self.first),
            "recall_10": self.share(self.among_10),
            "recall_50": self.share(self.among_50),
            "right_alert": self.share(self.alerted_right),
            "alerts_a_query": self.share(self.alerts),
            "none_queries": self.unanswerable,
            "none_alerted": self.none_alerted(),
        })
    }

    /// The script's line.
    fn line(&self, key: &str) -> String {
        let mut line = format!(
            "{key:14} n {:5}  R@1 {:.3}  R@10 {:.3}  R@50 {:.3}  right alert {:.3}  alerts/query {:.2}",
            self.answerable,
            self.share(self.first),
            self.share(self.among_10),
            self.share(self.among_50),
            self.share(self.alerted_right),
            self.share(self.alerts)
        );
        if let Some(share) = self.none_alerted() {
            let _ = write!(line, "  none alerted {share:.3} of {}", self.unanswerable);
        }
        line + "\n"
    }
}

fn column(row: &BTreeMap<String, String>, name: &str) -> Result<String> {
    row.get(name).cloned().with_context(|| format!("there is no column {name}"))
}

fn query(row: &BTreeMap<String, String>) -> Result<Query> {
    Ok(Query {
        text: column(row, "query")?,
        script: column(row, "script")?,
        country: column(row, "country")?,
        answer: Some(column(row, "answer_group")?).filter(|group| group != "none"),
    })
}

/// A store that holds the list, and nothing else.
fn store_of(list: &[BTreeMap<String, String>], folder: &Path) -> Result<Store> {
    let path = folder.join("list.ftm.json");
    let mut text = String::new();
    for row in list {
        let names = column(row, "names")?;
        let names: Vec<&str> = names.split(" | ").collect();
        let (first, others) = names.split_first().context("a person of the list has a name")?;
        let properties = json!({"name": [first], "alias": others});
        writeln!(
            text,
            "{}",
            json!({"id": column(row, "id")?, "schema": "Person", "properties": properties})
        )?;
    }
    fs::write(&path, text)?;
    let mut store = Store::create(&folder.join("retrieval.store"), Settings::of_this_machine("benchmark"))?;
    let options = IngestOptions {
        dataset: DatasetName::new("list"),
        role: Some(Role::List),
        format: Some(Format::Ftm),
        ..IngestOptions::default()
    };
    let report = store.ingest(&[path], &options, &mut Silent)?;
    let (read, all) = (report.records, list.len() as u64);
    ensure!(read == all, "of {all} entries of the list {read} were read");
    Ok(store)
}

fn ask(store: &mut Store, name: &str) -> Result<Answer> {
    let properties = [("name".to_owned(), vec![name.to_owned()])].into();
    let schema = Schema::named("Person").context("there are persons")?;
    let entity = Entity { id: EntityId::new("query")?, schema, properties };
    let matches = store.screen(&entity, ALERTS_MOST)?.matches;
    let threshold = Policy::default().threshold_least();
    let ids = |matches: &[ScreenedMatch]| matches.iter().map(|found| found.entry.clone()).collect();
    Ok(Answer {
        ids: ids(&matches[..matches.len().min(ANSWERS_MOST)]),
        alerts: ids(&matches[..matches.partition_point(|found| found.score >= threshold)]),
        found: matches.into_iter().map(|found| (found.entry, found.score)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_person_counts_once_however_many_entries_are_of_them() {
        let groups: HashMap<String, String> = [("e1", "a"), ("e2", "a"), ("e3", "b")]
            .map(|(id, group)| (id.to_owned(), group.to_owned()))
            .into();
        let ids = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let query = |answer: Option<&str>| Query {
            text: String::new(),
            script: String::new(),
            country: String::new(),
            answer: answer.map(str::to_owned),
        };
        let answer = Answer { ids: ids(&["e1", "e2", "e3"]), alerts: ids(&["e1"]), found: Vec::new() };
        let mut tally = Tally::default();
        for asked in [query(Some("a")), query(Some("b")), query(Some("c")), query(None)] {
            tally.note(&asked, &answer, &groups);
        }
        let expected = Tally {
            answerable: 3,
            first: 1,
            among_10: 2,
            among_50: 2,
            alerted_right: 1,
            alerts: 3,
            unanswerable: 1,
            unanswerable_alerted: 1,
        };
        assert_eq!(tally, expected);
    }

    /// One search of the whole list serves both: what is frozen, and the shared script.
    #[test]
    fn retrieval_is_as_frozen_and_as_the_shared_script_counts_it() {
        let (folder, script) = (frozen::shared("data/names"), frozen::shared("eval/score_retrieval.py"));
        if !script.exists() {
            println!("SKIPPED (no ../shared): retrieval_is_as_frozen_and_as_the_shared_script_counts_it");
            return;
        }
        let evaluation = Evaluation::of(&folder).unwrap();
        frozen::assert_frozen(EVALUATION, &evaluation.figures());
        let scratch = tempfile::tempdir().unwrap();
        let results = scratch.path().join("results.jsonl");
        evaluation.write_results(&results).unwrap();
        let files = [folder.join("list.tsv.gz"), folder.join("queries_dev.tsv.gz"), results];
        let run = Command::new("python3").arg(script).args(files).output();
        let Ok(output) = run else {
            return println!("nothing to compare with: there is no python3");
        };
        let mut theirs: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
        let ours: String = evaluation.tallies().iter().map(|(key, tally)| tally.line(key)).collect();
        let mut ours: Vec<&str> = ours.lines().collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, theirs);
    }
}
