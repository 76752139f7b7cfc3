//! Step `licences`: every dependency may be used under a licence that `deny.toml` allows.
//!
//! In: the SPDX expression of every package that cargo resolved, and the list `licenses.allow`. Out: the packages that offend.
//! This is cargo-deny's rule in small, so that it holds on a machine without cargo-deny too.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cargo, output};
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let allowed = allowed(&fs::read_to_string(workspace.root.join("deny.toml"))?)?;
    let metadata = output(&mut cargo(workspace, &["metadata", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let offending: Vec<String> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| offence(package, &allowed))
        .collect();
    if offending.is_empty() { Ok(()) } else { bail!("{}", offending.join("\n")) }
}

fn allowed(deny: &str) -> Result<Vec<String>> {
    let deny: toml::Table = deny.parse()?;
    let list =
        deny.get("licenses").and_then(|licenses| licenses.get("allow")).and_then(toml::Value::as_array);
    let list = list.context("deny.toml has no list licenses.allow")?;
    Ok(list.iter().filter_map(|licence| licence.as_str().map(str::to_owned)).collect())
}

fn offence(package: &Value, allowed: &[String]) -> Option<String> {
    let name = package["name"].as_str().unwrap_or_default();
    match package["license"].as_str() {
        Some(expression) if permits(expression, allowed) => None,
        Some(expression) => Some(format!("{name}: `{expression}` is not allowed by deny.toml")),
        None => Some(format!("{name}: it names no licence")),
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

    #[test]
    fn a_package_without_a_licence_offends() {
        let package = serde_json::json!({ "name": "plum", "license": null });
        assert_eq!(offence(&package, &[]), Some("plum: it names no licence".to_owned()));
    }
}
