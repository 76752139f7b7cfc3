//! The CLI reference as Markdown, from the options themselves.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use crate::args::Args;
use crate::exit::CODES;

/// The whole reference.
pub(crate) fn markdown() -> String {
    let mut text = String::from(
        "# The `lookback` command\n\nWritten by `cargo xtask cli-reference` from the program itself; do not edit.\n",
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

fn section(text: &mut String, command: &mut Command, path: &str) {
    let help = command.render_long_help().to_string();
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
