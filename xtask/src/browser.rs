//! Step `browser`: the workbench in a real Chromium against the real server, where Node, its packages and Chromium are to be had.
//!
//! In: `web/`, the program built as the tests are. Out: success, or the first test that failed. Where something is missing it says what, and that nothing
//! was tried; nothing is downloaded but what `web/package-lock.json` names.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::run::{answers, cargo, command, run};
use crate::workspace::Workspace;

/// Where Debian's package puts it, unless `CHROMIUM` names another.
const CHROMIUM: &str = "/usr/bin/chromium";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    if let Some(why) = missing(workspace) {
        println!("skipped: {why}; the workbench was tried in no browser");
        return Ok(());
    }
    run(&mut cargo(workspace, &["build", "-p", "lookback-cli"]))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.root.join("target"), PathBuf::from);
    let program = target.join("debug").join("lookback");
    let mut tests = command(workspace, "npm", &["test", "--silent"]);
    run(tests.current_dir(workspace.root.join("web")).env("LOOKBACK", program))
}

fn missing(workspace: &Workspace) -> Option<String> {
    let chromium = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    if !answers(&mut command(workspace, "npm", &["--version"])) {
        return Some("Node is not installed".to_owned());
    }
    if !Path::new(&chromium).is_file() {
        return Some(format!("there is no Chromium at {} (CHROMIUM names another)", chromium.display()));
    }
    let web = workspace.root.join("web");
    let install = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    let packages =
        web.join("node_modules").is_dir() || answers(command(workspace, "npm", &install).current_dir(web));
    (!packages).then(|| "the packages of web/package-lock.json cannot be had".to_owned())
}
