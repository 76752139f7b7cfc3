//! `access` and `serve`: who is let in, and who gives them what they show.

use crate::desk::Desk;

fn office() -> Desk {
    let desk = Desk::stocked();
    for (account, person, role) in [("root", "p0", "administrator"), ("amon", "p1", "analyst_l1")] {
        desk.run(&format!("account open {account} --person {person} --role {role} --actor root")).ends(0);
    }
    desk.run("account open auditor --person p5 --role auditor --actor root").ends(0);
    desk.used_by("root")
}

#[test]
fn an_administrator_gives_and_takes_what_accounts_show() {
    let desk = office();
    desk.run_with(&["access", "password", "amon"], "a long password\n")
        .ends(0)
        .shows("amon has a new password");
    let made = desk.run("access key amon --label counter --scope search --json").ends(0).json();
    let id = made["key"]["id"].as_str().unwrap();
    assert!(made["secret"].as_str().unwrap().starts_with(&format!("lbk_{id}_")));
    let listed = desk.run("access list --json").ends(0).json();
    assert_eq!(listed["accounts"][0]["account"], "amon");
    assert_eq!(
        (&listed["accounts"][0]["password"], &listed["accounts"][0]["keys"]),
        (&true.into(), &1.into())
    );
    assert!(!listed.to_string().contains(made["secret"].as_str().unwrap()), "a secret is shown once");
    desk.run(&format!("access revoke {id}")).ends(0);
    desk.run(&format!("access revoke {id}")).ends(8);
    desk.run("access link amon --issuer https://login.example --claim 17").ends(0);
    desk.run("access revoke --account amon").ends(0);
    let listed = desk.run("access list --json").ends(0).json();
    assert_eq!(listed["accounts"][0]["password"], false);
    assert_eq!(listed["accounts"][0]["identities"], serde_json::json!([]));
    let noted = desk.run("audit list --action access --json --actor auditor").ends(0).lines();
    assert_eq!(noted[0]["detail"], "access password amon");
    assert!(noted.len() >= 7, "each is in the audit: {}", noted.len());
    let file = std::fs::read(desk.path("lookback.db.access")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("a long password"));
}

#[test]
fn nobody_else_does_and_nothing_unsound_is_given() {
    let desk = office();
    desk.run_with(&["access", "password", "amon", "--actor", "amon"], "a long password\n")
        .ends(9)
        .tells("no role");
    desk.run("access list --actor nobody").ends(9);
    desk.run_with(&["access", "password", "someone"], "a long password\n")
        .ends(8)
        .tells("account open someone");
    desk.run_with(&["access", "password", "amon"], "short\n").ends(2).tells("12 to");
    desk.run("access key amon --label counter --scope everything").ends(2).tells("review rules");
    desk.run("access key amon --label counter --days 1000").ends(2);
    desk.run("access revoke").ends(2);
}

#[test]
fn the_demonstration_is_served_to_this_machine_alone() {
    let desk = Desk::empty();
    desk.run("serve --demo --listen 0.0.0.0:0").tells("this machine alone");
    desk.run("serve --demo --public-url https://desk.example").tells("cannot be used with");
}

#[test]
fn a_server_that_others_reach_wants_an_account_that_can_show_who_it_is() {
    let desk = Desk::stocked();
    desk.run("serve --listen 0.0.0.0:0").tells("lookback access password");
    desk.run("serve --public-url https://desk.example --listen 127.0.0.1:0").tells("account open");
}
