//! Step `reference` and the chore `cli-reference`: `docs/reference/cli.md` is what the command says about itself.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, output};
use crate::workspace::Workspace;

pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let page = page(workspace);
    fs::write(&page, printed(workspace)?).with_context(|| format!("cannot write {}", page.display()))
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let page = page(workspace);
    if !page.exists() {
        // The step `docs` fails as long as the README leads to the page.
        println!("there is no docs/reference/cli.md to compare");
        return Ok(());
    }
    let kept = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let printed = printed(workspace)?;
    match first_difference(&kept, &printed) {
        None => Ok(()),
        Some(line) => {
            bail!("docs/reference/cli.md differs from what the command prints, first in line {line}")
        }
    }
}

fn page(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs").join("reference").join("cli.md")
}

fn printed(workspace: &Workspace) -> Result<String> {
    output(&mut cargo(workspace, &["run", "--quiet", "--package", "lookback-cli", "--", "help-markdown"]))
}

/// The first line, counted from 1, that is not the same on both sides.
pub(crate) fn first_difference(kept: &str, printed: &str) -> Option<usize> {
    let (mut kept, mut printed) = (kept.lines(), printed.lines());
    (1..)
        .map(|line| (line, kept.next(), printed.next()))
        .take_while(|(_, a, b)| a.is_some() || b.is_some())
        .find_map(|(line, a, b)| (a != b).then_some(line))
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn a_page_differs_where_a_line_changed_came_or_went() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\nb\n", ""), Some(1));
    }
}
