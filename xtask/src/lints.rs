//! Steps `lints` and `rustdoc`: what the compiler's companions say, with warnings refused.
//!
//! Which lints are on, and why some are not, stands in the root `Cargo.toml` and in `clippy.toml`.

use anyhow::Result;

use crate::run::{cargo, run};
use crate::workspace::Workspace;

pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    run(&mut cargo(workspace, &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

pub(crate) fn rustdoc(workspace: &Workspace) -> Result<()> {
    // `lookback` is both a library and a program; their pages would overwrite each other, and the program has none to speak of.
    let arguments = ["doc", "--quiet", "--workspace", "--no-deps", "--exclude", "lookback-cli"];
    run(cargo(workspace, &arguments).env("RUSTDOCFLAGS", "-D warnings"))
}
