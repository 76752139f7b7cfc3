//! `backup` and `restore`: a copy that is a store, noted in the audit, and written over nothing.

use crate::desk::Desk;

#[test]
fn what_was_backed_up_is_restored_and_the_audit_says_who_has_a_copy() {
    let desk = Desk::stocked();
    desk.run("account open root --person p0 --role administrator --actor root").ends(0);
    desk.run("account open auditor --person p5 --role auditor --actor root").ends(0);
    let desk = desk.used_by("root");
    desk.run("backup copy.db --actor auditor").ends(9);
    assert!(!desk.path("copy.db").exists());
    let told = desk.run("backup copy.db --json --purpose nightly").ends(0).json();
    let head = desk.run("status --json").ends(0).json()["head"]["seq"].clone();
    assert_eq!(told["head"].as_str().unwrap().split(':').next(), Some(head.to_string().as_str()));
    let exports = desk.run("audit list --action export --json --actor auditor").ends(0).lines();
    assert_eq!(
        (exports.len(), &exports[0]["detail"], &exports[0]["purpose"]),
        (1, &"backup".into(), &"nightly".into())
    );
    desk.run("backup copy.db").ends(2).tells("exists");
    desk.run("restore copy.db").ends(2).tells("exists");
    desk.run("restore copy.db --store again.db").ends(0).shows("the chain holds");
    for check in ["verify", "audit verify", "replay --verify"] {
        desk.run(&format!("{check} --store again.db")).ends(0);
    }
    let restored = desk.run("hash --json --store again.db").ends(0).json();
    assert_eq!(restored, desk.run("hash --json").ends(0).json());
}
