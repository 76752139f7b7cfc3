//! Step `deny`: cargo-deny over `deny.toml`, where it is installed. Needs no network.
//!
//! What must hold is checked by the step `dependencies`, without any tool. Advisories are checked when their database has
//! been fetched before (`cargo deny fetch db`): a check that needs the network would fail for reasons that are not ours.

use std::env;
use std::path::PathBuf;

use anyhow::Result;

use crate::run::{answers, cargo, run};
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    if !answers(&mut cargo(workspace, &["deny", "--version"])) {
        println!(
            "cargo-deny is not installed (`cargo install cargo-deny`): bans, sources and advisories were not checked"
        );
        return Ok(());
    }
    run(&mut cargo(workspace, &["deny", "check", "bans", "licenses", "sources"]))?;
    if advisories_fetched() {
        run(&mut cargo(workspace, &["deny", "--offline", "check", "advisories"]))
    } else {
        println!("advisories were not checked: `cargo deny fetch db` brings their database");
        Ok(())
    }
}

/// Whether cargo-deny's database lies where it keeps it by default.
fn advisories_fetched() -> bool {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    cargo_home.is_some_and(|home| home.join("advisory-dbs").is_dir())
}
