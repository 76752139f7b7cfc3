//! `audit`: every look is noted before it is answered, the chain holds, and looking changes nothing else.

use crate::desk::Desk;

fn office() -> Desk {
    let desk = Desk::stocked();
    for (account, person, role) in [
        ("root", "p0", "administrator"),
        ("second", "p2", "analyst_l2"),
        ("second-too", "p2", "approver"),
        ("auditor", "p5", "auditor"),
    ] {
        desk.run(&format!("account open {account} --person {person} --role {role} --actor root")).ends(0);
    }
    desk.used_by("second")
}

/// Commands that look, and the action that each is noted as.
const LOOKS: [(&str, &str); 14] = [
    ("alerts", "list"),
    ("why P1", "look_up"),
    ("diff --from 2030-01-01 --to 2030-03-01", "list"),
    ("entities --dataset watch", "export"),
    ("screen --name Orlan", "search"),
    ("figures", "figures"),
    ("figures --explain moved_by_network", "explain"),
    ("claims check", "figures"),
    ("queue", "list"),
    ("subject show P1", "look_up"),
    ("subject extract P1", "export"),
    ("network neighbours P1", "look_up"),
    ("export", "export"),
    ("runs list", "list"),
];

#[test]
fn every_look_is_noted_with_who_and_for_what_and_changes_nothing() {
    let desk = office();
    let before =
        (desk.hash(), desk.run("status --json").ends(0).json(), desk.run("verify --json").ends(0).json());
    for (look, _) in LOOKS {
        let ran = desk.run(&format!("{look} --purpose case-12 --actor second"));
        assert!(!ran.err.contains("could not be noted"), "{look}: {}", ran.err);
    }
    let after =
        (desk.hash(), desk.run("status --json").ends(0).json(), desk.run("verify --json").ends(0).json());
    assert_eq!(before, after, "no hash, no head, no alert");
    let entries = desk.run("audit list --json --actor auditor").ends(0).lines();
    let noted: Vec<&str> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected: Vec<&str> = LOOKS.iter().map(|(_, action)| *action).chain(["audit"]).collect();
    assert_eq!(noted, expected);
    assert_eq!((&entries[1]["account"], &entries[1]["purpose"]), (&"second".into(), &"case-12".into()));
    assert!(!entries.iter().any(|entry| entry.to_string().contains("Orlan")), "no name is in it");
    let about = desk.run("audit list --target P1 --json --actor auditor").ends(0).lines();
    assert_eq!(about.len(), 4);
    desk.run("audit list --actor second").ends(9).tells("no role");
    desk.run("audit verify").ends(0).shows("the audit holds");
}

#[test]
fn a_log_that_was_cut_is_found_by_the_commits_and_checkpoints_that_name_it() {
    let desk = office();
    desk.run("alerts --actor second").ends(0);
    desk.write("more.ftm.json", crate::desk::entry("L13", "Jorun Tamberlane", ""));
    desk.run("ingest more.ftm.json --dataset watch").ends(0);
    assert_eq!(desk.run("audit verify --json").ends(0).json()["anchors"], 1);
    desk.run("checkpoint key desk").ends(0);
    desk.run("checkpoint sign --key desk.secret --output one.checkpoint").ends(0);
    desk.run("verify --checkpoint one.checkpoint --key desk.public").ends(0);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(desk.path(&format!("lookback.db.audit{suffix}")));
    }
    desk.run("audit verify").ends(5).tells("names it");
    desk.run("verify --checkpoint one.checkpoint --key desk.public").ends(5).tells("the checkpoint names it");
}

#[test]
fn broken_glass_needs_leave_and_is_looked_at_by_somebody_else() {
    let desk = office();
    desk.run("why P1 --break-glass court --actor auditor").ends(9).tells("no role");
    desk.run("why P1 --break-glass court --actor second").ends(0);
    let broke = desk.run("audit list --break-glass-only --json --actor auditor").ends(0).json();
    assert_eq!(broke["break_glass"], "court");
    let seq = broke["seq"].to_string();
    desk.run(&format!("audit review {seq} --note fine --actor second")).ends(9);
    desk.run(&format!("audit review {seq} --note fine --actor auditor")).ends(0);
    desk.run("audit review 999 --note fine --actor auditor").ends(8);
    let reviewed = desk.run("audit list --action reviewed --json --actor auditor").ends(0).json();
    assert_eq!(reviewed["detail"], format!("entry {seq}: fine"));
}

#[test]
fn a_store_that_may_not_be_written_beside_is_read_and_says_so() {
    let desk = Desk::stocked();
    std::fs::create_dir(desk.path("lookback.db.audit")).unwrap();
    desk.run("alerts").ends(0).tells("could not be noted");
}

#[test]
fn a_purge_takes_the_audit_along_and_tells_who_was_given_copies() {
    let desk = office();
    desk.run("subject extract P4 --actor second --purpose request-4").ends(0);
    desk.run("why P4 --actor second").ends(0);
    desk.run("account open lists --person p9 --role list_manager --actor root").ends(0);
    let purge = ["retention", "purge", "P4", "--reason", "erasure", "--authority", "order 7/31", "--json"];
    desk.run_with(&[&purge[..], &["--actor", "second"]].concat(), "").ends(9);
    let dry = desk.run_with(&[&purge[..], &["--actor", "lists", "--dry-run"]].concat(), "").ends(0).json();
    assert!(dry["recipients"].to_string().contains("request-4"), "{dry}");
    desk.run("hold add P4 --reason court --actor auditor").ends(0);
    desk.run_with(&[&purge[..], &["--actor", "lists"]].concat(), "").ends(2).tells("a legal hold");
    desk.run("hold lift P4 --reason over --actor second-too").ends(0);
    desk.run_with(&[&purge[..], &["--actor", "lists"]].concat(), "").ends(0);
    desk.run("verify").ends(0);
    desk.run("audit verify").ends(0);
    desk.run("why P4 --actor second").ends(0).shows("purged");
    let entries = desk.run("audit list --json --actor auditor").ends(0).lines();
    assert_eq!(
        entries.iter().filter(|entry| entry["purged"] == true).count(),
        2,
        "what was looked at before"
    );
    desk.run("replay --verify").ends(0);
}

#[test]
fn who_may_not_look_is_refused_and_whoever_is_in_a_compartment_is_seen_by_those_in_it() {
    let desk = office();
    desk.run("account open insider --person p8 --role analyst_l2 --compartment harbour --actor root").ends(0);
    desk.run("why P1 --actor root").ends(9).tells("no role");
    desk.run("why P1 --actor nobody").ends(9).tells("no account");
    desk.run("figures --explain moved_by_network --actor auditor").ends(0);
    desk.run("subject flag P1 compartment:harbour --actor second").ends(0);
    let seen = |actor: &str| {
        let alerts = desk.run(&format!("alerts --json --actor {actor}")).ends(0).lines().len();
        let queue = desk.run(&format!("queue --json --actor {actor}")).ends(0).json()["total"].clone();
        (alerts, queue)
    };
    assert_eq!((seen("second"), seen("insider")), ((1, 1.into()), (2, 2.into())));
    let alert = desk.run("alerts --json --actor insider").ends(0).lines();
    let alert = alert.iter().find(|alert| alert["subject"] == "P1").unwrap()["alert"].as_str().unwrap();
    for look in [
        "why P1",
        "subject show P1",
        "subject extract P1",
        &format!("review show {alert}"),
        &format!("why {alert}"),
    ] {
        desk.run(&format!("{look} --actor second")).ends(8).tells("no alert or subject");
        desk.run(&format!("{look} --actor insider")).ends(0);
        desk.run(&format!("{look} --actor second --break-glass court")).ends(0);
    }
    for look in [
        "export",
        "entities --dataset guests",
        "diff --from 2030-01-01 --to 2030-03-01",
        "network neighbours P2",
    ] {
        desk.run(&format!("{look} --actor second")).ends(9).tells("a compartment");
        desk.run(&format!("{look} --actor insider")).ends(0);
    }
    assert_eq!(desk.run("alerts --json --actor second --break-glass court").ends(0).lines().len(), 2);
    desk.run("why P2 --actor second").ends(0);
}
