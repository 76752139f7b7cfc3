//! `demo`: small, but whole.

use crate::desk::Desk;

#[test]
fn earlier_dates_answer_as_they_did() {
    let desk = Desk::empty();
    let told = desk.run("demo --people 2000").ends(0).out;
    assert!(told.contains("19 of 19 dates answer as they did"), "{told}");
    assert!(told.contains("Why P") && told.contains("lookback status --store lookback.db"), "{told}");
    assert!(!told.contains("DIFFERS"), "{told}");
    desk.run("verify").ends(0);
    assert_eq!(desk.run("status --json").ends(0).json()["coverage"]["subjects"], 2000);
}

#[test]
fn a_demonstration_never_touches_a_store_that_is_there() {
    let desk = Desk::stocked();
    let before = desk.hash();
    let lines = desk.run("demo --people 300 --seed 7 --json").ends(0).lines();
    assert!(lines.iter().filter(|line| line["same"] == true).count() == lines.len() / 2);
    assert_eq!(desk.hash(), before);
    desk.run("status --store lookback-2.db").ends(0);
}
