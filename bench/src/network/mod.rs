//! How fast the network is, and how others answer the same question. `lookback-bench network`.
//!
//! In: the size of a generated graph, a seed; a Python where others are installed. Out: one table: what was measured of
//! `crates/network` beside its targets, and whom the facilitator reaches, as this and others answer. Always holds: all see the same
//! graph; every part and every peer is a process of its own; a peer that is not installed is said to be missing and is no failure.

mod graph;
mod hubs;
mod ordinary;
mod peers;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use network::{
    AttributeId, Columns, Day, FamilyId, Interval, KindId, KindRule, Network, Observation, ObservationId,
    Percent, PersonId, Proof, Rules,
};
use serde::Serialize;

use crate::machine::{Machine, peak_mib};
use crate::phases::{Measured, Target, finding};
use crate::table::{grouped, sections};
use graph::{Graph, Kind, Row, Size};
use peers::Answer;

const HELP: &str = "\
lookback-bench network [--persons N | --large] [--observations N] [--seed N] [--python PROGRAM | --alone] [--json]
  --persons N        persons of the generated graph (1,000,000)
  --large            10,000,000 of them (the others get a graph of 1,000,000)
  --observations N   observations (five for each person)
  --seed N           another graph of that size (7)
  --python PROGRAM   where numpy, igraph, duckdb and raphtory are looked for (python3)
  --alone            without them
  --json             as JSON";

const PERSONS: u32 = 1_000_000;
const PERSONS_LARGE: u32 = 10_000_000;
const SEED: u64 = 7;
/// What ten million persons have to do with.
const MEMORY_MIB_MAX: f64 = 24.0 * 1024.0;

/// Runs the command. Returns what it says.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<String> {
    let args = Args::parse(words)?;
    if let Some(part) = args.part {
        return Ok(serde_json::to_string(&part.run(args.size)?)?);
    }
    let machine = Machine::of_this();
    let mut run = Run { size: args.size, observations: 0, machine, parts: Vec::new(), answers: Vec::new() };
    for part in Part::ALL {
        let _ = writeln!(std::io::stderr(), "{} …", part.doing());
        let part = in_a_child(part, args.size)?;
        run.observations = run.observations.max(part.observations);
        run.parts.push(part.measured);
        run.answers.extend(part.answer);
    }
    if let Some(python) = &args.python {
        for size in peers::sizes(args.size).into_iter().filter(|size| *size != args.size) {
            run.answers.extend(in_a_child(Part::Ordinary, size)?.answer);
        }
        run.answers.extend(peers::answers(args.size, python)?);
    }
    if args.json { Ok(serde_json::to_string_pretty(&run)? + "\n") } else { Ok(run.text()) }
}

/// The options.
#[derive(Debug)]
struct Args {
    size: Size,
    python: Option<PathBuf>,
    json: bool,
    /// Set in a child: the part that it is to run.
    part: Option<Part>,
}

impl Args {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let size = Size { persons: PERSONS, observations: 0, seed: SEED };
        let mut args = Self { size, python: Some("python3".into()), json: false, part: None };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value\n{HELP}"));
            let number =
                |value: String| value.replace('_', "").parse().with_context(|| format!("{value}\n{HELP}"));
            match word.as_str() {
                "--persons" => args.size.persons = number(value()?)?,
                "--large" => args.size.persons = PERSONS_LARGE,
                "--observations" => args.size.observations = number(value()?)?,
                "--seed" => args.size.seed = number(value()?)?.into(),
                "--python" => args.python = Some(value()?.into()),
                "--alone" => args.python = None,
                "--json" => args.json = true,
                "--part" => args.part = Some(Part::of(&value()?).context("no such part")?),
                _ => bail!("{HELP}"),
            }
        }
        if args.size.observations == 0 {
            args.size.observations = args.size.persons.saturating_mul(5);
        }
        if args.size.persons <= graph::MOVED || args.size.observations < args.size.persons {
            bail!("the graph needs more persons than are moved, and an observation for each\n{HELP}");
        }
        Ok(args)
    }
}

/// What is measured of the network, each part in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Ordinary,
    Hubs,
}

/// What a part measured.
#[derive(Debug, Serialize, serde::Deserialize)]
struct PartMeasured {
    observations: u64,
    measured: Measured,
    /// Whom the facilitator reaches.
    answer: Option<Answer>,
}

impl Part {
    const ALL: [Self; 2] = [Self::Ordinary, Self::Hubs];

    fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Hubs => "hubs",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }

    fn doing(self) -> &'static str {
        match self {
            Self::Ordinary => "building the network, listing the facilitator, changing and asking",
            Self::Hubs => "a hundred thousand users of one number",
        }
    }

    fn run(self, size: Size) -> Result<PartMeasured> {
        let graph = Graph::of(size);
        let observations = graph.rows.len() as u64;
        let (mut findings, answer) = match self {
            Self::Ordinary => {
                let (findings, answer) = ordinary::measure(&graph)?;
                (findings, Some(answer))
            }
            Self::Hubs => (hubs::measure(&graph)?, None),
        };
        let memory = peak_mib();
        findings.push(finding(
            "peak memory, with the rows that were generated",
            memory as f64,
            "MiB",
            Some(Target::AtMost(MEMORY_MIB_MAX)),
        ));
        let measured = Measured { phase: self.word().to_owned(), peak_mib: memory, findings };
        Ok(PartMeasured { observations, measured, answer })
    }
}

fn in_a_child(part: Part, size: Size) -> Result<PartMeasured> {
    let Size { persons, observations, seed } = size;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["network", "--part", part.word(), "--persons", &persons.to_string()]);
    child.args(["--observations", &observations.to_string(), "--seed", &seed.to_string()]);
    let output = child.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{} did not come to its end", part.doing());
    }
    serde_json::from_slice(&output.stdout).context("reading what a part measured")
}

/// What one run measured.
#[derive(Debug, Serialize)]
struct Run {
    size: Size,
    observations: u64,
    machine: Machine,
    parts: Vec<Measured>,
    answers: Vec<Answer>,
}

impl Run {
    fn text(&self) -> String {
        let Size { persons, seed, .. } = self.size;
        format!(
            "{} invented persons, {} observations, seed {seed}\n{}\n\n{}\n{}",
            grouped(persons.into()),
            grouped(self.observations),
            self.machine,
            sections(&self.parts),
            peers::text(&self.answers),
        )
    }
}

/// The rules of the benchmark: the default ones, and shelters as the prototype has them.
fn rules() -> Rules {
    let mut rules = Rules::default();
    rules.kinds.push(KindRule {
        family: FamilyId(7),
        proof: Proof::OneOfSeveral,
        weight: Percent::new(15).expect("15 is a percentage"),
        usual: 2,
        cap: 64,
        decay_days: std::num::NonZeroU32::new(7),
        max_gap_days: 7,
    });
    rules
}

fn kind(kind: Kind) -> KindId {
    match kind {
        Kind::Phone => KindId::PHONE,
        Kind::Address => KindId::ADDRESS,
        Kind::Document => KindId::DOCUMENT,
        Kind::Booking => KindId::BOOKING,
        Kind::Shelter => KindId(7),
    }
}

/// The observation of a row.
fn observation(id: u32, row: &Row) -> Observation {
    Observation {
        id: ObservationId(id),
        person: PersonId(row.person),
        attribute: AttributeId(row.attribute),
        relation: match row.relation {
            graph::Relation::Used => network::Relation::Used,
            graph::Relation::Operated => network::Relation::Operated,
        },
        interval: Interval::new(Some(Day(row.first)), Some(Day(row.last)))
            .expect("rows end after they begin"),
        confidence: Percent::FULL,
        source: None,
    }
}

/// The kind of each attribute; a phone for those that are in no row.
fn kinds(graph: &Graph) -> Vec<KindId> {
    let mut kinds = vec![KindId::PHONE; graph.attributes as usize];
    for row in &graph.rows {
        kinds[row.attribute as usize] = kind(row.kind);
    }
    kinds
}

/// The network of a graph in which nobody is a seed yet.
fn network(graph: &Graph, kinds: &[KindId]) -> Result<Network> {
    let observations = (0..).zip(&graph.rows).map(|(id, row)| observation(id, row));
    let columns = Columns { kinds, observations, seeds: &[], generic: &[], closed: &[] };
    Network::build(rules(), columns).context("building the network")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args> {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read_and_others_refused() {
        let size = parse("--persons 2_000 --seed 3").unwrap().size;
        assert_eq!(size, Size { persons: 2_000, observations: 10_000, seed: 3 });
        assert_eq!(parse("--large").unwrap().size.observations, 50_000_000);
        assert_eq!(parse("--observations 6_000_000").unwrap().size.observations, 6_000_000);
        assert!(parse("").unwrap().python.is_some() && parse("--alone").unwrap().python.is_none());
        for wrong in ["--persons", "--persons many", "--persons 400", "--fast", "--part none"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_small_run_measures_everything_without_any_peer() {
        let args = parse("--persons 2000").unwrap();
        let ordinary = Part::Ordinary.run(args.size).unwrap();
        let answer = ordinary.answer.unwrap();
        assert!(ordinary.measured.findings.len() > 10 && answer.planted() == graph::MOVED);
        assert!(Part::Hubs.run(args.size).unwrap().measured.findings.len() > 5);
        let text = peers::text(&peers::answers(args.size, "no-such-python".as_ref()).unwrap());
        assert!(text.contains("not installed"), "{text}");
    }
}
