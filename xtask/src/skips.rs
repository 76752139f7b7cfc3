//! Step `skips`: a test that needs `../shared` may be skipped only where that folder is absent.
//!
//! In: the captured output of a test run. A skipped test prints `SKIPPED (no ../shared): NAME` and passes.
//! Out: the list of what was skipped, or an error if there was no reason to.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::tests;
use crate::workspace::Workspace;

const MARK: &str = "SKIPPED (no ../shared):";

/// Looks into what the step `tests` left.
pub(crate) fn check_last_run(workspace: &Workspace) -> Result<()> {
    let captures = tests::captures(workspace)?;
    let Some(capture) = captures.iter().find(|capture| capture.exists()) else {
        bail!("there is no captured output yet: run `cargo xtask tests` first");
    };
    check_file(workspace, capture)
}

/// Looks into this file, which may also be the output of a run elsewhere.
pub(crate) fn check_file(workspace: &Workspace, file: &Path) -> Result<()> {
    let output = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let shared = workspace.root.parent().is_some_and(|parent| parent.join("shared").is_dir());
    for test in judge(&String::from_utf8_lossy(&output), shared)? {
        println!("skipped, for lack of ../shared: {test}");
    }
    Ok(())
}

/// The skipped tests, sorted; an error when some were skipped although the folder is there.
fn judge(output: &str, shared: bool) -> Result<BTreeSet<String>> {
    let skipped: BTreeSet<String> = output.lines().filter_map(skipped_test).collect();
    if shared && !skipped.is_empty() {
        bail!(
            "skipped although ../shared is there: {}",
            skipped.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        );
    }
    Ok(skipped)
}

fn skipped_test(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(MARK)?;
    // In the XML report the last line of an output is followed by the closing tag.
    Some(rest.split('<').next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod test {
    use super::*;

    const OUTPUT: &str = "running 2 tests\nSKIPPED (no ../shared): the_harbour_list_is_read\n\
        <system-out>SKIPPED (no ../shared): every_ferry_is_found</system-out>\ntest quiet ... ok\n";

    #[test]
    fn a_skip_is_listed_where_the_folder_is_absent() {
        let skipped: Vec<String> = judge(OUTPUT, false).unwrap().into_iter().collect();
        assert_eq!(skipped, ["every_ferry_is_found", "the_harbour_list_is_read"]);
    }

    #[test]
    fn a_skip_fails_where_the_folder_is_there() {
        let error = judge(OUTPUT, true).unwrap_err().to_string();
        assert!(error.contains("skipped although ../shared is there: every_ferry_is_found"), "{error}");
    }

    #[test]
    fn a_run_without_skips_passes_either_way() {
        assert!(judge("test quiet ... ok\n", true).unwrap().is_empty());
        assert!(judge("", false).unwrap().is_empty());
    }
}
