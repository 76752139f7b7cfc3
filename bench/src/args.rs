//! The options. In: words of a command line. Out: what to measure, or what is wrong with the words.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::phases::Phase;

/// What anybody can run in a minute.
const PEOPLE: u64 = 100_000;
/// The size of the targets.
const PEOPLE_LARGE: u64 = 1_000_000;

const HELP: &str = "\
lookback-bench [--people N | --large] [--list FOLDER] [--folder FOLDER] [--out FILE] [--json]
  --people N       invented subjects (100,000)
  --large          1,000,000 of them: the size that the targets are set for
  --list FOLDER    a history of OFAC's list (../shared/data/ofac/history; without one, an invented list of the same size)
  --folder FOLDER  where the store is made and left (a temporary folder, removed at the end)
  --out FILE       write the table there
  --json           as JSON";

/// The options.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) people: u64,
    pub(crate) list: Option<PathBuf>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) json: bool,
    /// Set in a child: the phase that it is to run.
    pub(crate) phase: Option<Phase>,
}

impl Args {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut args = Self { people: PEOPLE, ..Self::default() };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value\n{HELP}"));
            match word.as_str() {
                "--people" => args.people = value()?.replace('_', "").parse().context("--people")?,
                "--large" => args.people = PEOPLE_LARGE,
                "--list" => args.list = Some(value()?.into()),
                "--folder" => args.folder = Some(value()?.into()),
                "--out" => args.out = Some(value()?.into()),
                "--json" => args.json = true,
                "--phase" => args.phase = Some(Phase::of(&value()?).context("no such phase")?),
                _ => bail!("{HELP}"),
            }
        }
        Ok(args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args> {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read_and_others_refused() {
        assert_eq!(parse("").unwrap().people, PEOPLE);
        assert_eq!(parse("--people 1_000 --json").unwrap().people, 1_000);
        assert_eq!(parse("--large").unwrap().people, PEOPLE_LARGE);
        for wrong in ["--people", "--people many", "--fast", "--phase none"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
