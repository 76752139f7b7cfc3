//! The workspace as the checks see it: its crates in the order of `Cargo.toml`, and what each declares.
//!
//! In: `cargo metadata` and the root `Cargo.toml`. Out: plain data, so that each check is a function that a test can feed.
//! A crate is called by its folder's name (`match`), as in the documents, not by its package's (`lookback-match`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

/// The checkout and its crates.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// In the order in which `Cargo.toml` lists them.
    pub(crate) crates: Vec<Crate>,
}

/// One member of the workspace.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// The last part of its folder.
    pub(crate) name: String,
    /// The name in its own `Cargo.toml`.
    pub(crate) package: String,
    /// Relative to the root, with `/`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// The cargo features that it declares, sorted.
    pub(crate) features: Vec<String>,
    /// Whether its `Cargo.toml` takes the lints of the workspace.
    pub(crate) takes_lints: bool,
}

/// One line of a `[dependencies]`, `[build-dependencies]` or `[dev-dependencies]` table.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    /// A crate of ours by its folder's name, a library by its package name.
    pub(crate) name: String,
    pub(crate) ours: bool,
    /// Only for tests, examples and benches.
    pub(crate) dev: bool,
}

impl Workspace {
    /// Reads the checkout that this program was built from.
    pub(crate) fn load() -> Result<Workspace> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
        let mut workspace = Workspace { root: root.to_owned(), crates: Vec::new() };
        let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
        let metadata =
            run::output(&mut run::cargo(&workspace, &["metadata", "--format-version", "1", "--no-deps"]))?;
        workspace.crates = crates(&members(&manifest)?, &serde_json::from_str(&metadata)?, root)?;
        Ok(workspace)
    }

    /// Where chores leave what they captured.
    pub(crate) fn scratch(&self) -> Result<PathBuf> {
        let folder = self.root.join("target").join("xtask");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// Every file with this extension outside build output and hidden folders: path relative to the root with `/`, and its text.
    pub(crate) fn files(&self, extension: &str) -> Result<Vec<(String, String)>> {
        let mut files = Vec::new();
        collect(&self.root, &self.root, extension, &mut files)?;
        files.sort();
        Ok(files)
    }
}

fn members(manifest: &toml::Table) -> Result<Vec<String>> {
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(toml::Value::as_array).context("Cargo.toml lists no workspace members")?;
    Ok(members.iter().filter_map(|member| member.as_str().map(str::to_owned)).collect())
}

fn crates(members: &[String], metadata: &Value, root: &Path) -> Result<Vec<Crate>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let of_folder = |folder: &String| {
        let manifest = root.join(folder).join("Cargo.toml");
        let package = packages.iter().find(|package| package["manifest_path"].as_str() == manifest.to_str());
        let package = package.with_context(|| format!("cargo metadata does not know the member {folder}"))?;
        Ok(Crate {
            name: last_part(folder),
            package: package["name"].as_str().unwrap_or_default().to_owned(),
            folder: folder.clone(),
            dependencies: list(&package["dependencies"]).iter().map(dependency).collect(),
            features: package["features"]
                .as_object()
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default(),
            takes_lints: takes_lints(&fs::read_to_string(&manifest)?.parse()?),
        })
    };
    members.iter().map(of_folder).collect()
}

fn takes_lints(manifest: &toml::Table) -> bool {
    manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool)
        == Some(true)
}

fn dependency(declared: &Value) -> Dependency {
    let path = declared["path"].as_str();
    Dependency {
        name: path.map_or_else(|| declared["name"].as_str().unwrap_or_default().to_owned(), last_part),
        ours: path.is_some(),
        dev: declared["kind"] == "dev",
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn last_part(path: impl AsRef<str>) -> String {
    path.as_ref().rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

fn collect(root: &Path, folder: &Path, extension: &str, files: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            collect(root, &path, extension, files)?;
        } else if path.is_file() && path.extension().is_some_and(|found| found == extension) {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push((relative(root, &path), text));
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
