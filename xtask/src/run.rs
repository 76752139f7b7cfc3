//! Running other programs from the workspace root.
//!
//! In: a program and its arguments. Out: success, or an error that repeats the command line so that it can be run by hand.
//! Standard input is closed: no chore may wait for an answer.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// A cargo command in the workspace root, of the pinned toolchain.
pub(crate) fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    command(workspace, "cargo", arguments)
}

/// A cargo command of the nightly toolchain, which fuzzing needs.
pub(crate) fn cargo_nightly(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = command(workspace, "rustup", &["run", "nightly", "cargo"]);
    command.args(arguments).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command
}

/// A script for the shell, in the workspace root.
pub(crate) fn shell(workspace: &Workspace, script: &str) -> Command {
    command(workspace, "sh", &["-c", script])
}

/// Any program in the workspace root.
pub(crate) fn command(workspace: &Workspace, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&workspace.root).stdin(Stdio::null());
    command
}

/// Runs it with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", shown(command)) }
}

/// Runs it and hands back what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} wrote no UTF-8", shown(command)))
}

/// Runs it with its standard output on the terminal and in `copy`.
pub(crate) fn run_copying(command: &mut Command, copy: &Path) -> Result<()> {
    let mut file = File::create(copy).with_context(|| format!("cannot write {}", copy.display()))?;
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let stdout = child.stdout.take().expect("standard output was piped two lines above");
    for line in BufReader::new(stdout).split(b'\n') {
        let mut line = line?;
        line.push(b'\n');
        std::io::stdout().write_all(&line)?;
        file.write_all(&line)?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", shown(command)) }
}

/// Whether a program answers at all: how an optional tool is found.
pub(crate) fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}
