//! The CLI reference as Markdown, from the options themselves.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use crate::args::Args;
use crate::exit::CODES;

/// The whole reference.
pub(crate) fn markdown() -> String {
    let mut text = String::from(
        "# The `lookback` command\n\nWritten by `cargo xtask cli-reference` from the program itself; do not edit.\n\
         The options of every command are told once, in the first part.\n",
    );
    let mut command = Args::command().term_width(110).max_term_width(110);
    command.build();
    section(&mut text, &mut command, "lookback");
    text.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, meaning) in CODES {
        writeln!(text, "| {} | {meaning} |", exit as u8).expect("writing to a string");
    }
    text
}

/// The command without the options that every command takes, except where they are told.
fn told_once(command: &Command, path: &str) -> Command {
    let is_first = path == "lookback";
    command.clone().mut_args(|option| {
        let is_told_above = option.is_global_set() && !is_first;
        option.hide(is_told_above)
    })
}

fn section(text: &mut String, command: &mut Command, path: &str) {
    let help = told_once(command, path).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    write!(text, "\n## `{path}`\n\n```text\n{}\n```\n", help.join("\n").trim_end())
        .expect("writing to a string");
    let inner: Vec<String> = command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
        .map(|inner| inner.get_name().to_owned())
        .collect();
    for name in inner {
        let inner = command.find_subcommand_mut(&name).expect("it was just listed");
        section(text, inner, &format!("{path} {name}"));
    }
}
