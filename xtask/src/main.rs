//! The chores of the project as code: `cargo xtask check` is what CI runs.
//!
//! In: the name of a chore. Out: its findings on the terminal and an exit code. Each check reads the workspace and changes
//! nothing but `target/`; the chores that write files of the repository are `cli-reference` and `api-reference`.
//! Always holds: everything that `check` promises is checked with the Rust toolchain alone; other tools make it faster (nextest) or
//! look again (cargo-deny). `check --long` fails when a tool that it needs is missing, and says what to install.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod run;
mod workspace;

// The steps, in the order they run.
mod api;
mod browser;
mod deny;
mod dependencies;
mod docs;
mod format;
mod layers;
mod lints;
mod reference;
mod requests;
mod skips;
mod soak;
mod tests;
mod tour;
mod web;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use workspace::Workspace;

/// One chore: its name on the command line, what it checks, what to do when it fails.
struct Step {
    name: &'static str,
    checks: &'static str,
    remedy: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

/// What `check` runs, cheap steps first. The tests stand last, so that the runner's own lines end the output.
const CHECK: &[Step] = &[
    Step {
        name: "fmt",
        checks: "rustfmt has nothing to change",
        remedy: "run `cargo fmt --all`, or `cargo fmt` in fuzz/ for the targets there",
        run: format::check,
    },
    Step {
        name: "layers",
        checks: "each crate uses only what the table in xtask/src/layers.rs allows",
        remedy: "move the code to the layer that owns it, or change the table and say why in docs/design/",
        run: layers::check,
    },
    Step {
        name: "docs",
        checks: "paths and links exist, invariants name their test, every file says what it is for",
        remedy: "mend the line that is named: the document or the code that it speaks of",
        run: docs::check,
    },
    Step {
        name: "dependencies",
        checks: "every dependency is from crates.io, under a licence that deny.toml allows, and not refused there",
        remedy: "drop the dependency, or change deny.toml and give the reason there",
        run: dependencies::check,
    },
    Step {
        name: "deny",
        checks: "cargo-deny, where installed: the same and more, and advisories already fetched",
        remedy: "see the finding above; deny.toml holds the rules",
        run: deny::check,
    },
    Step {
        name: "lints",
        checks: "clippy, warnings refused, all targets",
        remedy: "mend it, or `#[expect(lint, reason = \"…\")]` where the lint is wrong",
        run: lints::clippy,
    },
    Step {
        name: "rustdoc",
        checks: "documentation builds, warnings refused",
        remedy: "mend the doc comment that is named",
        run: lints::rustdoc,
    },
    Step {
        name: "reference",
        checks: "docs/reference/cli.md is what the command prints",
        remedy: "run `cargo xtask cli-reference` and commit the page",
        run: reference::check,
    },
    Step {
        name: "api",
        checks: "docs/reference/openapi.json is what the server says of itself, and web/src/api.d.ts is made of it",
        remedy: "run `cargo xtask api-reference` and commit both",
        run: api::check,
    },
    Step {
        name: "web",
        checks: "web/dist is what web/src builds to, where Node is installed",
        remedy: "run `npm ci && npm run build` in web/ and commit web/dist",
        run: web::check,
    },
    Step {
        name: "tour",
        checks: "the commands of the README's five minutes run as they stand there",
        remedy: "mend the README or the command",
        run: tour::check,
    },
    Step {
        name: "doctests",
        checks: "the examples in doc comments",
        remedy: "mend the example",
        run: tests::doctests,
    },
    Step {
        name: "tests",
        checks: "all tests, by cargo-nextest where installed",
        remedy: "rerun the one that failed: `cargo test -p PACKAGE NAME`",
        run: tests::tests,
    },
    Step {
        name: "skips",
        checks: "no test was skipped that could have run",
        remedy: "mend the test so that it finds ../shared",
        run: skips::check_last_run,
    },
];

/// What `check --long` adds: hours, not minutes.
const LONG: &[Step] = &[
    Step {
        name: "browser",
        checks: "the workbench in a real Chromium against the real server, where Node and Chromium are installed",
        remedy: "rerun the one that failed: `LOOKBACK=../target/debug/lookback npx playwright test NAME` in web/",
        run: browser::check,
    },
    Step {
        name: "long-tests",
        checks: "the tests behind the cargo feature `long`, in release",
        remedy: "rerun the one that failed: `cargo test --release -p PACKAGE --features long NAME`",
        run: tests::long_tests,
    },
    Step {
        name: "fuzz-builds",
        checks: "every fuzz target builds",
        remedy: "run `cargo +nightly fuzz build`",
        run: soak::fuzz_builds,
    },
    Step {
        name: "fuzz",
        checks: "every fuzz target runs ten minutes without a finding",
        remedy: "keep the input under fuzz/artifacts as a test case, then mend what it found",
        run: soak::fuzz,
    },
    Step {
        name: "requests",
        checks: "twenty minutes of requests made of the server's descriptions: no 5xx, every answer as described",
        remedy: "`cargo xtask requests --minutes 5` again; the reports are in target/xtask/requests",
        run: requests::step,
    },
    Step {
        name: "soak",
        checks: "the server for half an hour: no error, flat memory, alerts as from scratch",
        remedy: "see the table above and the rules in docs/benchmarks.md",
        run: soak::server,
    },
    Step {
        name: "bench",
        checks: "the large sizes of bench/ run to their end",
        remedy: "see the output above",
        run: soak::bench,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<()> {
    if matches!(arguments, [] | ["help" | "--help" | "-h", ..] | [_, "--help" | "-h"]) {
        help();
        return Ok(());
    }
    let workspace = Workspace::load()?;
    match arguments {
        ["check"] => run_all(&workspace, CHECK.iter()),
        ["check", "--long"] => run_all(&workspace, CHECK.iter().chain(LONG)),
        ["cli-reference"] => reference::write(&workspace),
        ["api-reference"] => api::write(&workspace),
        ["requests", "--minutes", minutes] => requests::requests(&workspace, minutes.parse()?),
        ["skips", file] => skips::check_file(&workspace, file.as_ref()),
        [name] => match CHECK.iter().chain(LONG).find(|step| step.name == *name) {
            Some(step) => run_all(&workspace, std::iter::once(step)),
            None => bail!("there is no step `{name}`; `cargo xtask --help` lists them"),
        },
        _ => bail!("these arguments are not understood; `cargo xtask --help` lists what is"),
    }
}

/// Runs every step even after one has failed, so that one run tells all; then says how each went.
fn run_all(workspace: &Workspace, steps: impl Iterator<Item = &'static Step>) -> Result<()> {
    let outcomes: Vec<Outcome> = steps.map(|step| run_one(workspace, step)).collect();
    println!();
    for Outcome { step, passed, took } in &outcomes {
        println!("{:>7.1} s  {:6}  {}", took.as_secs_f64(), if *passed { "ok" } else { "FAILED" }, step.name);
    }
    let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.passed).collect();
    for Outcome { step, .. } in &failed {
        println!(
            "\n{} failed: {}.\n  What to do: {}.\n  This step alone: cargo xtask {}",
            step.name, step.checks, step.remedy, step.name
        );
    }
    if failed.is_empty() { Ok(()) } else { bail!("{} of {} steps failed", failed.len(), outcomes.len()) }
}

/// How one step went.
struct Outcome {
    step: &'static Step,
    passed: bool,
    took: Duration,
}

#[expect(clippy::disallowed_methods, reason = "a program may time itself")]
fn run_one(workspace: &Workspace, step: &'static Step) -> Outcome {
    println!("\n== {}: {}", step.name, step.checks);
    let start = Instant::now();
    let result = (step.run)(workspace);
    if let Err(error) = &result {
        println!("{error:#}");
    }
    Outcome { step, passed: result.is_ok(), took: start.elapsed() }
}

fn help() {
    println!("The chores of lookback.\n\nUsage: cargo xtask <CHORE>\n");
    println!("  {:15} everything below, in this order; what CI runs", "check");
    for step in CHECK {
        println!("    {:13} {}", step.name, step.checks);
    }
    println!("  {:15} after that, also (hours):", "check --long");
    for step in LONG {
        println!("    {:13} {}", step.name, step.checks);
    }
    println!("  {:15} write docs/reference/cli.md from the command itself", "cli-reference");
    println!(
        "  {:15} write docs/reference/openapi.json and web/src/api.d.ts from the table of routes",
        "api-reference"
    );
    println!("  {:15} requests made of the server's descriptions, for so long", "requests --minutes N");
    println!("  {:15} look for tests skipped in this captured output", "skips FILE");
}
