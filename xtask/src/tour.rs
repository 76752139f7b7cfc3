//! Step `tour`: the commands of the README's five minutes run as they stand there.
//!
//! In: the code blocks of that section; of them the lines that call `lookback`. Out: success if every one of them ends well.
//! They run in `target/xtask/tour`, on a new store; the paths under `docs/` lead to the repository.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::run::{run, shell};
use crate::workspace::Workspace;

const SECTION: &str = "## Five minutes";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let folder = workspace.scratch()?.join("tour");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let commands = commands(&fs::read_to_string(workspace.root.join("README.md"))?);
    ensure!(!commands.is_empty(), "README.md has no commands under `{SECTION}`");
    let root = workspace.root.to_str().context("the path of the checkout is no UTF-8")?;
    let commands = commands.join("\n").replace(" docs/", " \"$ROOT\"/docs/");
    run(shell(workspace, &format!("{PRELUDE}\n{commands}")).env("ROOT", root).current_dir(&folder))
}

/// Shows each command and stops at the first that fails.
const PRELUDE: &str = r#"set -eux
lookback() { cargo run --quiet --manifest-path "$ROOT/Cargo.toml" --package lookback-cli -- "$@" --store tour.lookback; }"#;

/// The lines that call `lookback`, each with the lines that it goes on in.
fn commands(readme: &str) -> Vec<String> {
    let section = readme.split(SECTION).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```").skip(1).step_by(2);
    let lines: Vec<String> = blocks
        .flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.into_iter().filter(|line| line.starts_with("lookback ")).collect()
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn the_commands_of_the_section_are_taken_whole_and_no_others() {
        let readme = "# X\n```\nlookback demo\n```\n## Five minutes, or ten\n```\ncargo build\nlookback() { x; }\nlookback a \\\n  b\n```\n\
            Say `lookback c`.\n```\nlookback d > e\n```\n## Next\n```\nlookback f\n```\n";
        assert_eq!(commands(readme), ["lookback a    b", "lookback d > e"]);
    }
}
