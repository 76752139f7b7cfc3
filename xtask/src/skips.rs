//! Step `skips`: a test that needs `../shared` may be skipped only where that folder is absent.
//!
//! In: the captured output of a test run. A skipped test prints `SKIPPED (no ../shared): NAME`, or what else it lacks, and passes.
//! Out: the list of what was skipped, or an error if there was no reason to. What programs a machine has is its own matter: such
//! skips are listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::tests;
use crate::workspace::Workspace;

const MARK: &str = "SKIPPED (no ";
const SHARED: &str = "../shared";

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
    for Skip { lack, test } in judge(&String::from_utf8_lossy(&output), shared)? {
        println!("skipped, for lack of {lack}: {test}");
    }
    Ok(())
}

/// A test that was skipped, and what it lacked.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Skip {
    lack: String,
    test: String,
}

/// The skipped tests, sorted; an error when some were skipped for lack of a folder that is there.
fn judge(output: &str, shared: bool) -> Result<BTreeSet<Skip>> {
    let skips: BTreeSet<Skip> = output.lines().filter_map(skip).collect();
    let needless = skips.iter().filter(|skip| shared && skip.lack == SHARED);
    let needless: Vec<&str> = needless.map(|skip| skip.test.as_str()).collect();
    if !needless.is_empty() {
        bail!("skipped although {SHARED} is there: {}", needless.join(", "));
    }
    Ok(skips)
}

fn skip(line: &str) -> Option<Skip> {
    let (lack, rest) = line.split_once(MARK)?.1.split_once("):")?;
    // In the XML report the last line of an output is followed by the closing tag.
    let test = rest.split('<').next().unwrap_or_default().trim();
    Some(Skip { lack: lack.to_owned(), test: test.to_owned() })
}

#[cfg(test)]
mod test {
    use super::*;

    const OUTPUT: &str = "running 2 tests\nSKIPPED (no ../shared): the_harbour_list_is_read\n\
        <system-out>SKIPPED (no ../shared): every_ferry_is_found</system-out>\ntest quiet ... ok\n";

    #[test]
    fn a_skip_is_listed_where_the_folder_is_absent() {
        let skipped: Vec<String> = judge(OUTPUT, false).unwrap().into_iter().map(|skip| skip.test).collect();
        assert_eq!(skipped, ["every_ferry_is_found", "the_harbour_list_is_read"]);
    }

    #[test]
    fn a_skip_fails_where_the_folder_is_there() {
        let error = judge(OUTPUT, true).unwrap_err().to_string();
        assert!(error.contains("skipped although ../shared is there: every_ferry_is_found"), "{error}");
    }

    #[test]
    fn a_program_that_a_machine_lacks_is_listed_and_is_no_fault() {
        let skipped = judge("SKIPPED (no networkx): every_graph_is_read\n", true).unwrap();
        let skip = Skip { lack: "networkx".to_owned(), test: "every_graph_is_read".to_owned() };
        assert_eq!(skipped, BTreeSet::from([skip]));
    }

    #[test]
    fn a_run_without_skips_passes_either_way() {
        assert!(judge("test quiet ... ok\n", true).unwrap().is_empty());
        assert!(judge("", false).unwrap().is_empty());
    }
}
