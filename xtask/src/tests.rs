//! Steps `doctests`, `tests` and `long-tests`: every test of the workspace, with what it printed kept for the step `skips`.
//!
//! Out: the runner's own lines on the terminal, and `target/xtask/tests.*` with the captured output of passing tests too.
//! cargo-nextest is used where it is installed; plain `cargo test` runs the same tests where it is not.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::run::{answers, cargo, run, run_copying};
use crate::skips;
use crate::workspace::{Crate, Workspace};

/// What the last run of `tests` printed: by nextest, or by `cargo test`.
pub(crate) fn captures(workspace: &Workspace) -> Result<[PathBuf; 2]> {
    // nextest puts its report below `store.dir` of xtask/nextest.toml.
    let scratch = workspace.scratch()?;
    Ok([scratch.join("check").join("tests.xml"), scratch.join("tests.log")])
}

pub(crate) fn doctests(workspace: &Workspace) -> Result<()> {
    run(&mut cargo(workspace, &["test", "--quiet", "--workspace", "--doc"]))
}

pub(crate) fn tests(workspace: &Workspace) -> Result<()> {
    test(workspace, &[])
}

pub(crate) fn long_tests(workspace: &Workspace) -> Result<()> {
    let features = long_features(&workspace.crates);
    if features.is_empty() {
        return Ok(());
    }
    // In release: the sizes are large, and the code that users run is tested as they run it.
    test(workspace, &["--release", "--features", &features])?;
    skips::check_last_run(workspace)
}

fn test(workspace: &Workspace, options: &[&str]) -> Result<()> {
    let [report, log] = captures(workspace)?;
    for old in [&report, &log] {
        if old.exists() {
            fs::remove_file(old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
    }
    if answers(&mut cargo(workspace, &["nextest", "--version"])) {
        let profile =
            ["nextest", "run", "--workspace", "--config-file", "xtask/nextest.toml", "--profile", "check"];
        run(cargo(workspace, &profile).args(options))
    } else {
        let all_but_doctests = ["test", "--workspace", "--tests", "--no-fail-fast"];
        run_copying(cargo(workspace, &all_but_doctests).args(options).args(["--", "--show-output"]), &log)
    }
}

/// `package/long` of every crate that has the feature, separated by commas.
fn long_features(crates: &[Crate]) -> String {
    let with_long = crates.iter().filter(|member| member.features.iter().any(|feature| feature == "long"));
    with_long.map(|member| format!("{}/long", member.package)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn the_feature_long_is_asked_only_of_the_crates_that_have_it() {
        let member = |package: &str, features: &[&str]| Crate {
            name: package.to_owned(),
            package: package.to_owned(),
            folder: package.to_owned(),
            dependencies: Vec::new(),
            features: features.iter().map(|&feature| feature.to_owned()).collect(),
            takes_lints: true,
        };
        let crates = [member("pear", &["long"]), member("plum", &["short"]), member("fig", &["a", "long"])];
        assert_eq!(long_features(&crates), "pear/long,fig/long");
    }
}
