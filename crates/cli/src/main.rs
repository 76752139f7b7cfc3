//! The `lookback` command: options in, tables or JSON out, an exit code that means something.
//!
//! Every command is a few lines: read the options, ask the façade, show the answer. No rule of the business lives here.

mod args;
mod commands;
mod exit;
mod output;
mod progress;
mod reference;

use std::process::ExitCode;

use clap::Parser;

/// docs/design/0005-dependencies.md has what it was measured to save.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let mut output = output::Output::new(args.json);
    let result = commands::run(args, &mut output).and_then(|code| output.finish().map(|()| code));
    match result {
        Ok(code) => code.into(),
        Err(error) => exit::report(&error),
    }
}
