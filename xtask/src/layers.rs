//! Step `layers`: who may use whom, and what each crate cannot do.
//!
//! In: the crates and their declared dependencies; the Rust files. Out: one sentence for each violation.
//! The tables below are the architecture. What a crate "cannot" do is held three ways: by the crates that it may reach, by the
//! libraries that belong to somebody else, and, in the crates that take the world as arguments, by the words of the
//! standard library that would touch it. Tests may use any crate that stands before theirs.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::workspace::{Crate, Workspace};

/// What each crate may reach of ours: directly, and through others. One row for each crate, and no other row.
const MAY_REACH: &[(&str, &[&str])] = &[
    ("names", &[]),
    ("model", &[]),
    ("invented", &[]),
    ("sources", &["model"]),
    ("ledger", &["model"]),
    ("index", &["names", "model"]),
    ("match", &["names", "model"]),
    ("network", &[]),
    ("proof", &[]),
    ("screening", &["names", "model", "ledger", "index", "match", "network"]),
    ("cases", &["model", "ledger"]),
    (
        "lookback",
        &[
            "names",
            "model",
            "invented",
            "sources",
            "ledger",
            "index",
            "match",
            "network",
            "proof",
            "screening",
            "cases",
        ],
    ),
];

/// Programs: what they may declare; what lies behind the façade is the façade's matter.
const MAY_DECLARE: &[(&str, &[&str])] = &[
    ("server", &["lookback", "model"]),
    ("cli", &["lookback", "model", "server"]),
    ("bench", &["lookback", "invented", "names", "network"]),
    ("xtask", &[]),
];

/// Libraries that belong to the crates named: others have no business with what they do.
const OWNED_LIBRARIES: &[(&str, &[&str])] = &[
    // Storage.
    ("rusqlite", &["ledger"]),
    ("memmap2", &["index"]),
    // Randomness: the salts of purgeable rows, new keys, sessions.
    ("getrandom", &["ledger", "proof", "server"]),
    // Signatures.
    ("ed25519-dalek", &["proof"]),
    // Files as they are delivered.
    ("csv", &["sources", "lookback"]),
    ("quick-xml", &["lookback"]),
    ("pdf-writer", &["cases"]),
    // The script of a name, for the report's table of disparity; names has its own for comparing.
    ("unicode-script", &["lookback"]),
    // What users type into a search box.
    ("tantivy-query-grammar", &["lookback"]),
    // names: its build step unpacks a table.
    ("flate2", &["names", "sources", "lookback", "server", "cli", "bench"]),
    // The calendar; its clock is refused by clippy.toml, and read at the façade alone.
    ("jiff", &["model", "sources", "lookback", "cli"]),
    // The terminal.
    ("clap", &["cli"]),
    ("comfy-table", &["cli"]),
    ("indicatif", &["cli"]),
    // HTTP, and the one place where things wait for one another.
    ("axum", &["server"]),
    ("tower-http", &["server"]),
    ("prometheus-client", &["server"]),
    ("opentelemetry", &["server"]),
    ("opentelemetry-http", &["server"]),
    ("opentelemetry-otlp", &["server"]),
    ("opentelemetry_sdk", &["server"]),
    ("async-trait", &["server"]),
    ("tracing-subscriber", &["server"]),
    ("tokio", &["server"]),
    ("hyper", &["server"]),
    ("hyper-util", &["server"]),
    ("tower", &["server"]),
    ("tokio-rustls", &["server"]),
    ("rustls-native-certs", &["server"]),
    ("ring", &["server"]),
    ("tokio-stream", &["server"]),
    ("serde_html_form", &["server"]),
    // Schemas of what goes over the wire, derived where its types are.
    ("utoipa", &["model", "ledger", "match", "cases", "lookback", "server"]),
    // Passwords.
    ("argon2", &["server"]),
    ("rpassword", &["cli"]),
    // Memory, of programs only: a library leaves the choice to who uses it.
    ("mimalloc", &["cli", "bench"]),
    // Errors that only a program may throw together.
    ("anyhow", &["cli", "bench", "xtask"]),
    // Nothing here fetches.
    ("reqwest", &[]),
    ("ureq", &[]),
    ("curl", &[]),
];

/// Crates that take files, time and configuration as arguments, and what their code may therefore not name.
const PURE: &[&str] = &["names", "model", "invented", "match", "network", "screening", "cases"];
const WORLD: &[&str] = &["fs", "net", "process", "env"];

/// Names that say nothing about what is inside.
const EMPTY_CRATE_NAMES: &[&str] = &["common", "core", "types", "utils", "util", "helpers", "misc"];
const EMPTY_MODULE_NAMES: &[&str] = &["common", "utils", "util", "helpers", "misc"];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut violations = crate_violations(&workspace.crates);
    violations.extend(file_violations(&workspace.files("rs")?));
    if violations.is_empty() {
        return Ok(());
    }
    bail!("{}", violations.join("\n"))
}

/// Everything that the graph of crates gets wrong. `crates` stand in the order of `Cargo.toml`.
fn crate_violations(crates: &[Crate]) -> Vec<String> {
    let mut violations = rows_without_crates(crates);
    for (place, member) in crates.iter().enumerate() {
        violations.extend(name_violation(member));
        violations.extend(lint_violation(member));
        violations.extend(order_violations(member, &crates[..place]));
        violations.extend(reach_violations(member, crates));
        violations.extend(library_violations(member));
    }
    violations
}

fn rows_without_crates(crates: &[Crate]) -> Vec<String> {
    let rows = MAY_REACH.iter().chain(MAY_DECLARE).map(|(name, _)| name);
    let stale = rows.filter(|name| crates.iter().all(|member| member.name != **name));
    stale.map(|name| format!("the table of layers speaks of `{name}`, which is no crate")).collect()
}

fn name_violation(member: &Crate) -> Option<String> {
    EMPTY_CRATE_NAMES
        .contains(&member.name.as_str())
        .then(|| format!("no crate may be called `{}`: name what it owns", member.name))
}

fn lint_violation(member: &Crate) -> Option<String> {
    (!member.takes_lints)
        .then(|| format!("`{}` does not take the lints: add `[lints] workspace = true`", member.name))
}

/// Members stand in dependency order, for what is shipped and for what only tests use.
fn order_violations(member: &Crate, before: &[Crate]) -> Vec<String> {
    let stands_before = |name: &str| before.iter().any(|earlier| earlier.name == name);
    let late = member.dependencies.iter().filter(|used| used.ours && !stands_before(&used.name));
    late.map(|used| {
        format!("`{}` uses `{}`, which does not stand before it in Cargo.toml", member.name, used.name)
    })
    .collect()
}

fn reach_violations(member: &Crate, crates: &[Crate]) -> Vec<String> {
    let row = |table: &[(&str, &'static [&'static str])]| {
        table.iter().find(|(name, _)| *name == member.name).map(|(_, allowed)| *allowed)
    };
    let paths = paths_from(member, crates);
    let (allowed, considered): (_, Vec<&Vec<&str>>) = match (row(MAY_REACH), row(MAY_DECLARE)) {
        (Some(allowed), _) => (allowed, paths.values().collect()),
        (None, Some(declared)) => (declared, paths.values().filter(|path| path.len() == 2).collect()),
        (None, None) => return vec![format!("`{}` has no row in the table of layers", member.name)],
    };
    let forbidden =
        considered.into_iter().filter(|path| path.last().is_some_and(|end| !allowed.contains(end)));
    forbidden
        .map(|path| format!("`{}` may not reach this crate: {}", member.name, path.join(" -> ")))
        .collect()
}

/// The shortest path to each crate of ours that shipped code of `member` can reach, by where it ends.
fn paths_from<'a>(member: &'a Crate, crates: &'a [Crate]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut frontier = vec![vec![member.name.as_str()]];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for path in frontier {
            let end = path.last().and_then(|end| crates.iter().find(|found| found.name == *end));
            let used = end.map_or(&[][..], |end| end.dependencies.as_slice());
            for used in used.iter().filter(|used| used.ours && !used.dev) {
                let longer: Vec<&str> = path.iter().copied().chain([used.name.as_str()]).collect();
                if !paths.contains_key(used.name.as_str()) {
                    paths.insert(&used.name, longer.clone());
                    next.push(longer);
                }
            }
        }
        frontier = next;
    }
    paths
}

fn library_violations(member: &Crate) -> Vec<String> {
    let used = member.dependencies.iter().filter(|used| !used.ours && !used.dev);
    let owned = used.filter_map(|used| OWNED_LIBRARIES.iter().find(|(library, _)| *library == used.name));
    let foreign = owned.filter(|(_, owners)| !owners.contains(&member.name.as_str()));
    foreign
        .map(|(library, owners)| match owners {
            [] => format!("`{}` may not use `{library}`: nobody here fetches", member.name),
            _ => format!("`{}` may not use `{library}`: that is for {}", member.name, owners.join(", ")),
        })
        .collect()
}

/// Everything that single files get wrong. `files` are paths relative to the root, with their text.
fn file_violations(files: &[(String, String)]) -> Vec<String> {
    files
        .iter()
        .flat_map(|(path, text)| module_name_violation(path).into_iter().chain(purity_violations(path, text)))
        .collect()
}

fn module_name_violation(path: &str) -> Option<String> {
    let stem = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs"))?;
    let name = stem.rsplit('/').next()?;
    EMPTY_MODULE_NAMES
        .contains(&name)
        .then(|| format!("{path}: no module may be called `{name}`: name what it holds"))
}

/// In a pure crate, each line of shipped code that names what touches the world. Tests stand last in a file and may.
fn purity_violations(path: &str, text: &str) -> Vec<String> {
    let is_pure = PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
    if !is_pure {
        return Vec::new();
    }
    let shipped = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let code = shipped.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.filter_map(|(index, line)| {
        let part = world_part(line)?;
        Some(format!("{path}:{}: `std::{part}` in a crate that takes the world as arguments", index + 1))
    })
    .collect()
}

/// The part of the standard library that this line takes from the world, if any.
fn world_part(line: &str) -> Option<&'static str> {
    let (_, rest) = line.split_once("std::")?;
    let in_group = rest.starts_with('{');
    let words: Vec<&str> = rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let named = |part: &&&str| if in_group { words.contains(*part) } else { words.first() == Some(*part) };
    WORLD.iter().find(named).copied()
}

#[cfg(test)]
mod test {
    use super::*;
    use crate::workspace::Dependency;

    /// The workspace as its tables describe it, in an order that they allow.
    fn sound() -> Vec<Crate> {
        let rows = MAY_REACH.iter().chain(MAY_DECLARE);
        rows.map(|(name, uses)| member(name, uses)).collect()
    }

    fn member(name: &str, uses: &[&str]) -> Crate {
        let ours = |name: &&str| Dependency { name: (*name).to_owned(), ours: true, dev: false };
        Crate {
            name: name.to_owned(),
            package: format!("lookback-{name}"),
            folder: format!("crates/{name}"),
            dependencies: uses.iter().map(ours).collect(),
            features: Vec::new(),
            takes_lints: true,
        }
    }

    /// The sound workspace after `user` has begun to use `used`, a crate of ours.
    fn with(user: &str, used: &str) -> Vec<Crate> {
        let used = Dependency { name: used.to_owned(), ours: true, dev: false };
        with_dependency(user, used)
    }

    fn with_dependency(user: &str, used: Dependency) -> Vec<Crate> {
        let mut crates = sound();
        let user = crates.iter_mut().find(|member| member.name == user).unwrap();
        user.dependencies.push(used);
        crates
    }

    fn said(violations: &[String], part: &str) {
        assert!(
            violations.iter().any(|violation| violation.contains(part)),
            "{part:?} is not in {violations:#?}"
        );
    }

    #[test]
    fn the_workspace_of_the_tables_is_sound() {
        assert_eq!(crate_violations(&sound()), Vec::<String>::new());
    }

    #[test]
    fn match_may_not_gain_a_path_to_cases() {
        let mut crates = with("match", "cases");
        crates.insert(4, member("cases", &["model", "ledger"]));
        said(&crate_violations(&crates), "`match` may not reach this crate: match -> cases");
        said(&crate_violations(&crates), "match -> cases -> ledger");
    }

    #[test]
    fn a_path_through_another_crate_counts() {
        let mut crates = with("model", "cases");
        crates.insert(0, member("cases", &[]));
        said(&crate_violations(&crates), "`match` may not reach this crate: match -> model -> cases");
    }

    #[test]
    fn screening_may_not_use_sources() {
        said(&crate_violations(&with("screening", "sources")), "screening -> sources");
    }

    #[test]
    fn names_may_not_see_entities() {
        said(&crate_violations(&with("names", "model")), "names -> model");
    }

    #[test]
    fn the_cli_may_not_go_round_the_facade() {
        said(&crate_violations(&with("cli", "ledger")), "cli -> ledger");
    }

    #[test]
    fn a_crate_without_a_row_is_refused() {
        let mut crates = sound();
        crates.push(member("extra", &["model"]));
        said(&crate_violations(&crates), "`extra` has no row in the table of layers");
    }

    #[test]
    fn a_row_without_a_crate_is_refused() {
        let crates: Vec<Crate> = sound().into_iter().filter(|member| member.name != "bench").collect();
        said(&crate_violations(&crates), "speaks of `bench`, which is no crate");
    }

    #[test]
    fn members_stand_in_dependency_order() {
        let mut crates = sound();
        crates.swap(0, 7);
        said(&crate_violations(&crates), "which does not stand before it in Cargo.toml");
    }

    #[test]
    fn tests_may_use_what_stands_before_and_nothing_later() {
        let dev = |name: &str| Dependency { name: name.to_owned(), ours: true, dev: true };
        assert_eq!(crate_violations(&with_dependency("index", dev("invented"))), Vec::<String>::new());
        said(&crate_violations(&with_dependency("index", dev("screening"))), "`index` uses `screening`");
    }

    #[test]
    fn a_library_belongs_to_its_owners() {
        let library = |name: &str, dev: bool| Dependency { name: name.to_owned(), ours: false, dev };
        let violations = crate_violations(&with_dependency("match", library("rusqlite", false)));
        assert_eq!(violations, ["`match` may not use `rusqlite`: that is for ledger"]);
        said(&crate_violations(&with_dependency("sources", library("ureq", false))), "nobody here fetches");
        assert_eq!(crate_violations(&with_dependency("match", library("csv", true))), Vec::<String>::new());
    }

    #[test]
    fn a_crate_that_does_not_take_the_lints_is_refused() {
        let mut crates = sound();
        crates[0].takes_lints = false;
        said(&crate_violations(&crates), "`names` does not take the lints");
    }

    #[test]
    fn empty_names_are_refused() {
        said(&crate_violations(&[member("common", &[])]), "no crate may be called `common`");
        assert!(module_name_violation("crates/names/src/utils.rs").is_some());
        assert!(module_name_violation("crates/names/tests/common/mod.rs").is_some());
        assert!(module_name_violation("crates/names/src/tokens.rs").is_none());
    }

    #[test]
    fn pure_crates_do_not_touch_the_world() {
        let refused =
            ["use std::fs;", "use std::{fmt, fs};", "    std::env::temp_dir()", "use std::net::{TcpStream};"];
        for line in refused {
            assert_eq!(purity_violations("crates/match/src/lib.rs", line).len(), 1, "{line}");
        }
        for line in ["use std::fmt;", "// std::fs would do", "let fs = 1;", "use std::{fmt, rc};"] {
            assert_eq!(purity_violations("crates/match/src/lib.rs", line), Vec::<String>::new(), "{line}");
        }
        assert_eq!(purity_violations("crates/ledger/src/lib.rs", "use std::fs;"), Vec::<String>::new());
        let tested = "fn x() {}\n#[cfg(test)]\nmod test {\n    use std::fs;\n}\n";
        assert_eq!(purity_violations("crates/match/src/lib.rs", tested), Vec::<String>::new());
    }
}
