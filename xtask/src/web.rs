//! Step `web`: what is committed under `web/dist` is what `web/src` builds to, where Node and its packages are to be had.
//!
//! In: `web/`. Out: success, or the first built file that differs. Builds beside, in `target/xtask`; never changes `web/dist`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::run::{answers, command, run};
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    if !answers(&mut command(workspace, "npm", &["--version"])) {
        println!("Node is not installed: web/dist was not compared with what web/src builds to");
        return Ok(());
    }
    let web = workspace.root.join("web");
    if !web.join("node_modules").is_dir() {
        run(command(workspace, "npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&web))?;
    }
    let built = workspace.scratch()?.join("web-dist");
    let to = built.to_str().context("the path of the checkout is no UTF-8")?;
    run(command(workspace, "npm", &["run", "--silent", "check"]).current_dir(&web))?;
    let build = ["exec", "--", "vite", "build", "--logLevel", "error", "--emptyOutDir", "--outDir", to];
    run(command(workspace, "npm", &build).current_dir(&web))?;
    let (kept, built) = (files(&web.join("dist"))?, files(&built)?);
    let names = kept.keys().chain(built.keys());
    match names.into_iter().find(|name| kept.get(*name) != built.get(*name)) {
        Some(name) => bail!("web/dist/{name} is not what web/src builds to"),
        None => Ok(()),
    }
}

/// The files of a folder and of those in it, by their path from there.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else {
                files.insert(name, fs::read(entry.path())?);
            }
        }
    }
    Ok(files)
}
