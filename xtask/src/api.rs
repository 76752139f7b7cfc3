//! Step `api` and the chore `api-reference`: `docs/reference/openapi.json` is what the server says of itself, and `web/src/api.d.ts` the
//! types that openapi-typescript makes of it.
//!
//! In: the table of routes. Out: success, or the first line that differs. Always holds: the description is checked with the Rust toolchain
//! alone; the types are where the generator is installed, and it is said where it is not.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::reference::first_difference;
use crate::run::{cargo, command, output};
use crate::workspace::Workspace;

pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let (description, types) = (description(workspace), types(workspace));
    put(&description, &printed(workspace)?)?;
    match generated(workspace, &description)? {
        Some(text) => put(&types, &text),
        None => bail!("{} was not made: run `npm ci` in web/, then this again", types.display()),
    }
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let (description, types) = (description(workspace), types(workspace));
    same(&description, &printed(workspace)?)?;
    if let Some(text) = generated(workspace, &description)? {
        same(&types, &text)
    } else {
        println!("openapi-typescript is not installed: web/src/api.d.ts was not compared with what it makes");
        Ok(())
    }
}

fn description(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs").join("reference").join("openapi.json")
}

fn types(workspace: &Workspace) -> PathBuf {
    workspace.root.join("web").join("src").join("api.d.ts")
}

fn printed(workspace: &Workspace) -> Result<String> {
    output(&mut cargo(workspace, &["run", "--quiet", "--package", "lookback-server", "--example", "openapi"]))
}

/// What the generator makes of a description; `None` where it is not installed.
fn generated(workspace: &Workspace, description: &Path) -> Result<Option<String>> {
    let web = workspace.root.join("web");
    let program = web.join("node_modules").join(".bin").join("openapi-typescript");
    let (Some(program), Some(description)) = (program.to_str(), description.to_str()) else {
        bail!("the path of the checkout is no UTF-8");
    };
    if !Path::new(program).exists() {
        return Ok(None);
    }
    let made = workspace.scratch()?.join("api.d.ts");
    let to = made.to_str().context("the path of the checkout is no UTF-8")?;
    output(command(workspace, program, &[description, "--output", to]).current_dir(&web))?;
    fs::read_to_string(&made).map(Some).with_context(|| format!("cannot read {}", made.display()))
}

fn put(page: &Path, text: &str) -> Result<()> {
    fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}

fn same(page: &Path, made: &str) -> Result<()> {
    let kept = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    match first_difference(&kept, made) {
        None => Ok(()),
        Some(line) => bail!("{} differs from what is made, first in line {line}", page.display()),
    }
}
