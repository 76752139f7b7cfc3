//! Step `fmt`: the code is laid out as rustfmt lays it out, in the workspace and in that of the fuzz targets.

use anyhow::Result;

use crate::run::{cargo, run};
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    run(&mut cargo(workspace, &["fmt", "--all", "--check"]))?;
    run(&mut cargo(workspace, &["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}
