//! The reference pages are what the program says and does.

use crate::desk::{Desk, workspace};

fn page(name: &str) -> String {
    let path = workspace().join("docs").join("reference").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn the_page_of_the_command_is_what_it_prints() {
    let printed = Desk::empty().run("help-markdown").ends(0).out;
    assert_eq!(page("cli.md"), printed, "write it anew with `cargo xtask cli-reference`");
}

#[test]
fn every_command_helps_with_examples() {
    let printed = page("cli.md");
    let sections: Vec<&str> = printed.split("\n## `lookback ").skip(1).collect();
    assert!(sections.len() > 20);
    for section in sections {
        assert!(section.contains("Example"), "no example: {section}");
    }
}

#[test]
fn the_example_on_the_page_of_the_policy_is_one() {
    let desk = Desk::stocked();
    let page = page("policy.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    desk.write("policy.toml", example.replace("customer-10002", "P1").replace("ofac-104", "L01"));
    desk.run("policy adopt policy.toml").ends(0);
    let shown = desk.run("policy show --json").ends(0).json();
    for field in ["threshold", "mass_delete_share", "match", "network", "list", "good_pair"] {
        assert!(page.contains(&format!("`{field}")) && !shown[field].is_null(), "{field}");
    }
    let network = &shown["network"];
    for section in
        [&shown["match"], network, &network["step"][0], &network["kind"][0], &network["property"][0]]
    {
        for field in section.as_object().unwrap().keys() {
            assert!(page.contains(&format!("`{field}`")), "{field}");
        }
    }
}
