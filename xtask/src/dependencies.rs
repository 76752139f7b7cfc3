//! Step `dependencies`: every dependency comes from crates.io, under an allowed licence, and is not one that we refuse.
//!
//! In: the packages that cargo resolved, and the lists `licenses.allow` and `bans.deny` of `deny.toml`. Out: the packages that
//! offend. These are cargo-deny's rules in small, so that they hold on a machine without cargo-deny too.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cargo, output};
use crate::workspace::Workspace;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let rules = Rules::parse(&fs::read_to_string(workspace.root.join("deny.toml"))?)?;
    let metadata = output(&mut cargo(workspace, &["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let offences: Vec<String> = packages.iter().flat_map(|package| rules.offences(package)).collect();
    if offences.is_empty() { Ok(()) } else { bail!("{}", offences.join("\n")) }
}

/// What `deny.toml` says that this step holds.
struct Rules {
    allowed_licences: Vec<String>,
    refused_packages: Vec<String>,
}

impl Rules {
    fn parse(deny: &str) -> Result<Rules> {
        let deny: toml::Table = deny.parse()?;
        let list = |section: &str, key: &str| {
            let list = deny.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
            list.with_context(|| format!("deny.toml has no list {section}.{key}"))
        };
        let licence = |licence: &toml::Value| licence.as_str().map(str::to_owned);
        let package = |refused: &toml::Value| refused.get("crate")?.as_str().map(str::to_owned);
        Ok(Rules {
            allowed_licences: list("licenses", "allow")?.iter().filter_map(licence).collect(),
            refused_packages: list("bans", "deny")?.iter().filter_map(package).collect(),
        })
    }

    /// What is wrong with a package of `cargo metadata`.
    fn offences(&self, package: &Value) -> Vec<String> {
        let name = package["name"].as_str().unwrap_or_default();
        let mut offences = Vec::new();
        if self.refused_packages.iter().any(|refused| refused == name) {
            offences.push(format!("{name}: it is refused by deny.toml"));
        }
        if let Some(source) = package["source"].as_str().filter(|source| *source != CRATES_IO) {
            offences.push(format!("{name}: it comes from {source}, not from crates.io"));
        }
        match package["license"].as_str() {
            Some(expression) if permits(expression, &self.allowed_licences) => {}
            Some(expression) => offences.push(format!("{name}: `{expression}` is not allowed by deny.toml")),
            None => offences.push(format!("{name}: it names no licence")),
        }
        offences
    }
}

/// Whether some choice of the expression's alternatives is wholly allowed. What cannot be parsed is not.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, allowed) == Some(true) && rest.is_empty()
}

/// `a OR b OR …`, where AND binds closer.
fn any_of(rest: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let mut permitted = all_of(rest, allowed)?;
    while let ["OR", tail @ ..] = *rest {
        *rest = tail;
        permitted |= all_of(rest, allowed)?;
    }
    Some(permitted)
}

fn all_of(rest: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let mut permitted = one(rest, allowed)?;
    while let ["AND", tail @ ..] = *rest {
        *rest = tail;
        permitted &= one(rest, allowed)?;
    }
    Some(permitted)
}

/// A licence, a licence with an exception, or an expression in brackets.
fn one(rest: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let is_allowed = |licence: &str| allowed.iter().any(|found| found == licence);
    match *rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let permitted = any_of(rest, allowed)?;
            *rest = rest.strip_prefix(&[")"])?;
            Some(permitted)
        }
        [licence, "WITH", exception, tail @ ..] => {
            *rest = tail;
            Some(is_allowed(&format!("{licence} WITH {exception}")))
        }
        [")" | "AND" | "OR" | "WITH", ..] | [] => None,
        [licence, tail @ ..] => {
            *rest = tail;
            Some(is_allowed(licence))
        }
    }
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn an_expression_is_permitted_when_one_choice_is_wholly_allowed() {
        let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        let cases = [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT/GPL-2.0", true),
            ("MIT AND GPL-3.0-only", false),
            ("(GPL-3.0-only OR MIT) AND Unicode-3.0", true),
            ("GPL-3.0-only OR MIT AND Unicode-3.0", true),
            ("GPL-3.0-only AND MIT OR Unicode-3.0", true),
            ("Apache-2.0", false),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true),
            ("(MIT", false),
            ("MIT MIT", false),
            ("MIT OR", false),
            ("", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(permits(expression, &allowed), expected, "{expression}");
        }
    }

    fn offences(name: &str, source: Option<&str>, license: Option<&str>) -> Vec<String> {
        let deny = "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"carrier-pigeon\" }]\n";
        let package = serde_json::json!({ "name": name, "source": source, "license": license });
        Rules::parse(deny).unwrap().offences(&package)
    }

    #[test]
    fn a_package_offends_by_its_licence_its_source_or_its_name() {
        assert_eq!(offences("plum", Some(CRATES_IO), Some("MIT")), Vec::<String>::new());
        assert_eq!(offences("ours", None, Some("MIT")), Vec::<String>::new());
        assert_eq!(offences("plum", Some(CRATES_IO), None), ["plum: it names no licence"]);
        let copyleft = offences("plum", Some(CRATES_IO), Some("GPL-3.0-only"));
        assert_eq!(copyleft, ["plum: `GPL-3.0-only` is not allowed by deny.toml"]);
        let forked = offences("plum", Some("git+https://orchard.example/plum"), Some("MIT"));
        assert_eq!(forked, ["plum: it comes from git+https://orchard.example/plum, not from crates.io"]);
        let refused = offences("carrier-pigeon", Some(CRATES_IO), Some("MIT"));
        assert_eq!(refused, ["carrier-pigeon: it is refused by deny.toml"]);
    }

    #[test]
    fn rules_without_their_lists_are_refused() {
        assert!(Rules::parse("[licenses]\nallow = [\"MIT\"]\n").is_err());
    }
}
