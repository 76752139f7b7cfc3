//! `lookback-check`: checks a checkpoint or a proof with a public key. For people outside, who have no store and need not trust one.
//!
//! Exit codes: 0 it holds; 1 it does not; 2 it cannot be read.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::path::Path;
use std::process::ExitCode;

use lookback_proof::{Checkpoint, Consistency, Inclusion, PublicKey};
use serde::de::DeserializeOwned;

const HELP: &str = "\
Checks what an office signed about its chain of commits.

  lookback-check checkpoint CHECKPOINT --key PUBLIC
      whether the key signed just this
  lookback-check inclusion PROOF CHECKPOINT --key PUBLIC
      whether a commit is under the checkpoint
  lookback-check consistency PROOF EARLIER LATER --key PUBLIC
      whether the later checkpoint only added to the earlier one

All files are those that `lookback checkpoint` writes. Exit code: 0 it holds, 1 it does not, 2 it cannot be read.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match check(&words) {
        Ok(Ok(said)) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Ok(Err(broken)) => {
            eprintln!("lookback-check: it does not hold: {broken}");
            ExitCode::from(1)
        }
        Err(wrong) => {
            eprintln!("lookback-check: {wrong}");
            ExitCode::from(2)
        }
    }
}

type Checked = Result<String, lookback_proof::Broken>;

fn check(words: &[&str]) -> Result<Checked, String> {
    match words {
        ["checkpoint", checkpoint, "--key", key] => {
            let (checkpoint, key): (Checkpoint, _) = (read(checkpoint)?, key_of(key)?);
            let holds = checkpoint.holds(&key);
            let said =
                format!("signed: {} commits, known at {}", checkpoint.says.commits, checkpoint.says.known_at);
            Ok(if holds { Ok(said) } else { Err(lookback_proof::Broken::Signature) })
        }
        ["inclusion", proof, checkpoint, "--key", key] => {
            let (proof, checkpoint): (Inclusion, Checkpoint) = (read(proof)?, read(checkpoint)?);
            let said = format!("commit {} with hash {} is under the checkpoint", proof.commit, proof.hash);
            Ok(proof.check(&checkpoint, &key_of(key)?).map(|()| said))
        }
        ["consistency", proof, earlier, later, "--key", key] => {
            let proof: Consistency = read(proof)?;
            let said = format!("commits 1 to {} are the same under both", proof.from);
            Ok(proof.check(&read(earlier)?, &read(later)?, &key_of(key)?).map(|()| said))
        }
        ["--help" | "-h" | "help"] => Ok(Ok(HELP.to_owned())),
        _ => Err(format!("the options do not fit\n{HELP}")),
    }
}

fn text(path: &str) -> Result<String, String> {
    std::fs::read_to_string(Path::new(path)).map_err(|error| format!("reading {path}: {error}"))
}

fn read<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    serde_json::from_str(&text(path)?).map_err(|error| format!("{path} is no such file: {error}"))
}

fn key_of(path: &str) -> Result<PublicKey, String> {
    PublicKey::parse(&text(path)?).map_err(|error| format!("{path}: {error}"))
}
