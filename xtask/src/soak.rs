//! Steps of `check --long`: fuzzing, the server for half an hour, and the large sizes of `bench/`.
//!
//! In: the targets that `fuzz/Cargo.toml` lists. Out: nothing but success; a finding is an input under `fuzz/artifacts`.
//! A missing cargo-fuzz or nightly toolchain is a failure that says what to install.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{answers, cargo, cargo_nightly, run};
use crate::workspace::Workspace;

/// Ten minutes for each target, in seconds: what a reader must withstand before a release.
const FUZZ_TIME: &str = "-max_total_time=600";

pub(crate) fn fuzz_builds(workspace: &Workspace) -> Result<()> {
    require_cargo_fuzz(workspace)?;
    run(&mut cargo_nightly(workspace, &["fuzz", "build"]))
}

pub(crate) fn fuzz(workspace: &Workspace) -> Result<()> {
    require_cargo_fuzz(workspace)?;
    for target in targets(&fs::read_to_string(workspace.root.join("fuzz/Cargo.toml"))?)? {
        println!("-- {target}");
        let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
        for folder in [&corpus, &seeds] {
            // libFuzzer refuses a folder that is not there.
            fs::create_dir_all(workspace.root.join(folder))
                .with_context(|| format!("cannot make {folder}"))?;
        }
        run(&mut cargo_nightly(workspace, &["fuzz", "run", &target, &corpus, &seeds, "--", FUZZ_TIME]))?;
    }
    Ok(())
}

pub(crate) fn bench(workspace: &Workspace) -> Result<()> {
    run(&mut cargo(workspace, &["run", "--release", "--package", "lookback-bench", "--", "--large"]))
}

pub(crate) fn server(workspace: &Workspace) -> Result<()> {
    run(&mut cargo(workspace, &["run", "--release", "--package", "lookback-bench", "--", "soak"]))
}

fn require_cargo_fuzz(workspace: &Workspace) -> Result<()> {
    if answers(&mut cargo_nightly(workspace, &["fuzz", "--version"])) {
        return Ok(());
    }
    bail!("fuzzing needs `rustup toolchain install nightly` and `cargo install cargo-fuzz`")
}

fn targets(manifest: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse()?;
    let programs =
        manifest.get("bin").and_then(toml::Value::as_array).context("fuzz/Cargo.toml lists no [[bin]]")?;
    let name = |program: &toml::Value| program.get("name")?.as_str().map(str::to_owned);
    Ok(programs.iter().filter_map(name).collect())
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn every_program_of_the_fuzz_manifest_is_a_target() {
        let manifest = "[package]\nname = \"fuzz\"\n[[bin]]\nname = \"journal\"\n[[bin]]\nname = \"csv\"\n";
        assert_eq!(targets(manifest).unwrap(), ["journal", "csv"]);
        assert!(targets("[package]\nname = \"fuzz\"\n").is_err());
    }
}
