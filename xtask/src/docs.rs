//! Step `docs`: what the documents say about the repository is true.
//!
//! In: the Markdown and Rust files. Out: one sentence for each path, link, invariant or opening that does not hold.
//! - a path in backticks or in a code block exists, unless the page is a design decision, which may speak of what is to come or was;
//! - a relative link in any Markdown file leads to a file, and to a heading where it names one;
//! - a row of `docs/invariants.md` names files that say its id, and tests that exist; no `Invariant(ID)` is without a row;
//! - every crate is on the map, every Rust file opens by saying what it is for, and every folder of `data/` where its tables are from.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::workspace::{Crate, Workspace};

/// Pages about other times than now.
const OF_OTHER_TIMES: &[&str] = &["docs/design/", "CHANGELOG.md"];
const INVARIANTS: &str = "docs/invariants.md";
/// What a path of this repository begins with.
const TOP_FOLDERS: &[&str] =
    &[".cargo", ".ci", "bench", "crates", "data", "docs", "fuzz", "stories", "web", "xtask"];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let pages = workspace.files("md")?;
    let code = workspace.files("rs")?;
    let exists = |path: &str| is_there(&workspace.root.join(path));
    let mut findings = Vec::new();
    for (path, text) in &pages {
        if !OF_OTHER_TIMES.iter().any(|other| path.starts_with(other)) {
            findings.extend(dead_paths(path, text, exists));
        }
        findings.extend(dead_links(
            path,
            text,
            |target| fs::read_to_string(workspace.root.join(target)).ok(),
            exists,
        ));
    }
    findings.extend(missing_crates(&text_of(&pages, "ARCHITECTURE.md"), &workspace.crates));
    findings.extend(broken_invariants(&text_of(&pages, INVARIANTS), &code));
    findings.extend(files_without_opening(&code));
    findings.extend(folders_without_provenance(&workspace.root.join("data"))?);
    if findings.is_empty() { Ok(()) } else { bail!("{}", findings.join("\n")) }
}

/// A folder counts only with something in it: git does not keep an empty one.
fn is_there(path: &Path) -> bool {
    path.is_file() || fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
}

fn text_of(files: &[(String, String)], path: &str) -> String {
    files.iter().find(|(found, _)| found == path).map(|(_, text)| text.clone()).unwrap_or_default()
}

fn dead_paths(page: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let named = lines(text).flat_map(|(number, line, fenced)| {
        let words: Vec<&str> = if fenced { line.split_whitespace().collect() } else { code_spans(line) };
        words.into_iter().filter(|word| is_path(word)).map(move |word| (number, word))
    });
    let dead = named.filter(|(_, path)| !exists(path.trim_end_matches('/')));
    dead.map(|(number, path)| format!("{page}:{number}: there is no `{path}`")).collect()
}

/// Whether a word means a file or folder of this repository.
fn is_path(word: &str) -> bool {
    let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    let first = word.split('/').next().unwrap_or_default();
    let below_top = word.contains('/') && TOP_FOLDERS.contains(&first);
    let at_top =
        !word.contains('/') && Path::new(word).extension().is_some_and(|extension| extension == "md");
    plain && (below_top || at_top)
}

fn dead_links(
    page: &str,
    text: &str,
    read: impl Fn(&str) -> Option<String>,
    exists: impl Fn(&str) -> bool,
) -> Vec<String> {
    let prose = lines(text).filter(|(_, _, fenced)| !fenced);
    let links =
        prose.flat_map(|(number, line, _)| link_targets(line).into_iter().map(move |link| (number, link)));
    let mut dead = Vec::new();
    for (number, link) in links.filter(|(_, link)| !link.contains("://") && !link.starts_with("mailto:")) {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let target = if file.is_empty() { page.to_owned() } else { resolve(page, file) };
        if !exists(&target) {
            dead.push(format!("{page}:{number}: the link `{link}` leads nowhere"));
        } else if !heading.is_empty() && !read(&target).is_some_and(|text| headings(&text).contains(heading))
        {
            dead.push(format!("{page}:{number}: the link `{link}` leads to no heading of {target}"));
        }
    }
    dead
}

/// A link's path from the root, given the page that it stands on.
fn resolve(page: &str, link: &str) -> String {
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            // A link out of the repository resolves to what is not there.
            ".." if parts.last().is_none_or(|last| *last == "..") => parts.push(".."),
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a page's headings, as GitHub makes them.
fn headings(text: &str) -> BTreeSet<String> {
    let titles = lines(text).filter(|(_, line, fenced)| !fenced && line.starts_with('#'));
    titles.map(|(_, line, _)| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
}

/// The lines of a page, numbered from 1, and whether each stands in a code block.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut fenced = false;
    text.lines().zip(1..).filter_map(move |(line, number)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        Some((number, line, fenced))
    })
}

/// What stands between backticks.
fn code_spans(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

/// The targets of `[text](target)` outside backticks.
fn link_targets(line: &str) -> Vec<&str> {
    let prose = line.split('`').step_by(2);
    // A link's text may hold backticks, so that its `](` opens a later piece of prose.
    let targets = prose.flat_map(|piece| piece.split("](").skip(1));
    targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)).collect()
}

fn missing_crates(map: &str, crates: &[Crate]) -> Vec<String> {
    let named: BTreeSet<&str> = lines(map).flat_map(|(_, line, _)| code_spans(line)).collect();
    let is_named = |folder: &str| named.iter().any(|span| span.trim_end_matches('/') == folder);
    let missing = crates.iter().filter(|member| !is_named(&member.folder));
    missing.map(|member| format!("ARCHITECTURE.md does not speak of `{}`", member.folder)).collect()
}

/// One row of the table of invariants.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    id: &'a str,
    /// Files that say the id.
    held: Vec<&'a str>,
    /// `file::function`.
    tests: Vec<&'a str>,
}

fn broken_invariants(table: &str, code: &[(String, String)]) -> Vec<String> {
    let rows = rows(table);
    let mut findings: Vec<String> = rows.iter().flat_map(|row| broken_row(row, code)).collect();
    for (path, text) in code.iter().filter(|(path, _)| path.starts_with("crates/")) {
        let unknown = markers(text).into_iter().filter(|id| rows.iter().all(|row| row.id != *id));
        findings.extend(unknown.map(|id| format!("{path}: Invariant({id}) is no row of {INVARIANTS}")));
    }
    findings
}

/// The rows under the header `| id | sentence | where held | test |`.
fn rows(table: &str) -> Vec<Row<'_>> {
    let cells =
        table.lines().filter(|line| line.starts_with('|')).map(|line| line.split('|').collect::<Vec<_>>());
    let rows = cells.filter_map(|cells| match cells.as_slice() {
        [_, id, _, held, tests, _] => {
            Some(Row { id: id.trim(), held: code_spans(held), tests: code_spans(tests) })
        }
        _ => None,
    });
    rows.filter(|row| is_id(row.id)).collect()
}

fn broken_row(row: &Row<'_>, code: &[(String, String)]) -> Vec<String> {
    let text = |path: &str| code.iter().find(|(found, _)| found == path).map(|(_, text)| text.as_str());
    let mut findings = Vec::new();
    if row.held.is_empty() || row.tests.is_empty() {
        findings.push(format!(
            "{INVARIANTS}: {} does not name, in backticks, where it is held and a test",
            row.id
        ));
    }
    for path in row.held.iter().filter(|path| !text(path).is_some_and(|text| speaks_of(text, row.id))) {
        findings.push(format!(
            "{INVARIANTS}: {path} does not speak of {} (`// Invariant({}): …`)",
            row.id, row.id
        ));
    }
    for test in &row.tests {
        let found = test
            .split_once("::")
            .is_some_and(|(path, name)| text(path).is_some_and(|text| has_test(text, name)));
        if !found {
            findings
                .push(format!("{INVARIANTS}: the test {test} of {} does not exist (file::function)", row.id));
        }
    }
    findings
}

/// Whether a file marks the invariant at the place that would break it, or says in its opening that it always holds.
fn speaks_of(text: &str, id: &str) -> bool {
    let opening = text.lines().take_while(|line| line.starts_with("//!"));
    markers(text).contains(id) || opening.flat_map(code_spans).any(|span| span == id)
}

/// The ids in `Invariant(ID)` and `Invariant(ID, ID)`.
fn markers(text: &str) -> BTreeSet<&str> {
    let lists =
        text.split("Invariant(").skip(1).filter_map(|rest| rest.split_once(')').map(|(list, _)| list));
    lists.flat_map(|list| list.split(',').map(str::trim)).filter(|id| is_id(id)).collect()
}

fn is_id(word: &str) -> bool {
    !word.is_empty()
        && word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '-')
        && word.starts_with(|letter: char| letter.is_ascii_uppercase())
}

/// Whether `name` is a function of this file under `#[test]`, by itself or inside `proptest!`.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_it =
        |line: &str| line.strip_prefix("fn ").is_some_and(|rest| rest.starts_with(&format!("{name}(")));
    let above = |index: usize| {
        lines[..index].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"))
    };
    (0..lines.len()).any(|index| is_it(lines[index]) && above(index).any(|line| *line == "#[test]"))
}

fn folders_without_provenance(data: &Path) -> Result<Vec<String>> {
    let mut silent = Vec::new();
    for entry in fs::read_dir(data)? {
        let folder = entry?.path();
        if folder.is_dir() && !folder.join("README.md").is_file() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            silent.push(format!(
                "data/{name} has no README.md that says where its tables are from, and under which licence"
            ));
        }
    }
    silent.sort();
    Ok(silent)
}

fn files_without_opening(code: &[(String, String)]) -> Vec<String> {
    let silent = code.iter().filter(|(_, text)| !text.starts_with("//!"));
    silent
        .map(|(path, _)| {
            format!("{path}: a file opens with `//!`: what goes in, what comes out, what always holds")
        })
        .collect()
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn a_path_that_is_gone_is_found_in_prose_and_in_code_blocks() {
        let text = "See `crates/names/` and `crates/gone/src/x.rs`, `names::analyse`, `a/b`.\n```\ncat docs/lost.csv --x\n```\n`GONE.md`";
        let found = dead_paths("README.md", text, |path| path == "crates/names");
        let expected = [
            "README.md:1: there is no `crates/gone/src/x.rs`",
            "README.md:3: there is no `docs/lost.csv`",
            "README.md:5: there is no `GONE.md`",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_link_resolves_from_its_page() {
        let cases = [
            ("docs/a.md", "b.md", "docs/b.md"),
            ("docs/design/a.md", "../b.md", "docs/b.md"),
            ("README.md", "./docs/b.md", "docs/b.md"),
            ("README.md", "../outside.md", "../outside.md"),
        ];
        for (page, link, expected) in cases {
            assert_eq!(resolve(page, link), expected, "{page} {link}");
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let page = "[a](b.md) [`c`](gone.md) [d](https://ferry.example/x) `[e](not-a-link.md)` [f](b.md#the-two-times) [g](b.md#no)\n";
        let read = |_: &str| Some("# B\n## The two times\n".to_owned());
        let found = dead_links("docs/a.md", page, read, |path| path == "docs/b.md");
        let expected = [
            "docs/a.md:1: the link `gone.md` leads nowhere",
            "docs/a.md:1: the link `b.md#no` leads to no heading of docs/b.md",
        ];
        assert_eq!(found, expected);
    }

    const TABLE: &str = "| id | sentence | where held | test |\n|---|---|---|---|\n\
        | TIDE | It comes back. | `crates/sea/src/lib.rs` | `crates/sea/src/lib.rs::it_comes_back` |\n";
    const SEA: &str =
        "//! Sea.\n// Invariant(TIDE): as the moon goes.\n#[test]\n/// Twice a day.\nfn it_comes_back() {}\n";

    fn invariants(table: &str, code: &str) -> Vec<String> {
        broken_invariants(table, &[("crates/sea/src/lib.rs".to_owned(), code.to_owned())])
    }

    #[test]
    fn an_invariant_that_the_code_speaks_of_and_a_test_shows_holds() {
        assert_eq!(invariants(TABLE, SEA), Vec::<String>::new());
        let in_opening = SEA
            .replace("Invariant(TIDE)", "See above")
            .replace("//! Sea.", "//! Sea. It comes back (`TIDE`).");
        assert_eq!(invariants(TABLE, &in_opening), Vec::<String>::new());
    }

    #[test]
    fn an_invariant_without_test_marker_or_row_is_found() {
        let gone = "docs/invariants.md: the test crates/sea/src/lib.rs::it_comes_back of TIDE does not exist (file::function)";
        assert_eq!(invariants(TABLE, &SEA.replace("#[test]", "")), [gone]);
        assert_eq!(invariants(TABLE, &SEA.replace("fn it_comes", "fn it_goes")), [gone]);
        let silent =
            "docs/invariants.md: crates/sea/src/lib.rs does not speak of TIDE (`// Invariant(TIDE): …`)";
        assert_eq!(invariants(TABLE, &SEA.replace("Invariant(", "See (")), [silent]);
        let unknown = "crates/sea/src/lib.rs: Invariant(EBB) is no row of docs/invariants.md";
        assert_eq!(invariants(TABLE, &SEA.replace("Invariant(TIDE)", "Invariant(TIDE, EBB)")), [unknown]);
        assert_eq!(invariants("| TIDE | It comes back. | somewhere | some test |\n", SEA).len(), 1);
    }

    #[test]
    fn a_crate_that_is_not_on_the_map_is_found() {
        let member = |name: &str| Crate {
            name: name.to_owned(),
            package: name.to_owned(),
            folder: format!("crates/{name}"),
            dependencies: Vec::new(),
            features: Vec::new(),
            takes_lints: true,
        };
        let found = missing_crates("| `crates/sea/` | salt |", &[member("sea"), member("sky")]);
        assert_eq!(found, ["ARCHITECTURE.md does not speak of `crates/sky`"]);
    }

    #[test]
    fn a_file_without_opening_is_found() {
        let code =
            [("a.rs".to_owned(), "//! A.\n".to_owned()), ("b.rs".to_owned(), "use std::fmt;\n".to_owned())];
        assert_eq!(files_without_opening(&code).len(), 1);
    }
}
