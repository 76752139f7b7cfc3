//! `checkpoint` and `verify --checkpoint`: what was signed and kept elsewhere betrays a store that was rolled back or written anew.

use crate::desk::{Desk, entry};

fn signed() -> Desk {
    let desk = Desk::stocked();
    desk.run("checkpoint key desk").ends(0).shows("keep desk.secret to yourself");
    desk.run("checkpoint sign --key desk.secret --output one.checkpoint").ends(0);
    desk
}

const VERIFY: &str = "verify --checkpoint one.checkpoint --key desk.public";

#[test]
fn a_store_that_went_on_still_fits_and_one_that_was_rolled_back_does_not() {
    let desk = signed();
    desk.run(VERIFY).ends(0).shows("all that the checkpoint says");
    std::fs::copy(desk.path("lookback.db"), desk.path("before.db")).unwrap();
    desk.write("more.ftm.json", entry("L13", "Jorun Tamberlane", ""));
    desk.run("ingest more.ftm.json --dataset watch").ends(0);
    desk.run(VERIFY).ends(0);
    desk.run("checkpoint sign --key desk.secret --output two.checkpoint").ends(0);
    // The store as it was before the second checkpoint.
    desk.run("verify --store before.db --checkpoint one.checkpoint --key desk.public").ends(0);
    desk.run("verify --store before.db --checkpoint two.checkpoint --key desk.public")
        .ends(5)
        .tells("commit 3");
    desk.run("checkpoint prove 1 --store before.db --checkpoint two.checkpoint").ends(8).tells("has 2");
}

#[test]
fn another_history_with_sound_hashes_does_not_fit() {
    let (desk, other) = (signed(), Desk::empty());
    other.write("list.ftm.json", entry("L01", "Somebody Else", ""));
    other.run("ingest list.ftm.json --dataset watch --role list --known-at 2030-01-01").ends(0);
    other.write("more.ftm.json", entry("L02", "Jorun Tamberlane", ""));
    other.run("ingest more.ftm.json --dataset watch --known-at 2030-02-01").ends(0);
    other.run("verify").ends(0);
    for name in ["one.checkpoint", "desk.public"] {
        std::fs::copy(desk.path(name), other.path(name)).unwrap();
    }
    other.run(VERIFY).ends(5);
}

#[test]
fn keys_are_not_overwritten_and_a_checkpoint_that_was_altered_is_refused() {
    let desk = signed();
    desk.run("checkpoint key desk").ends(2).tells("exists");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.path("desk.secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(desk.path("one.checkpoint")).unwrap();
    desk.write("one.checkpoint", text.replace("\"commits\": 2", "\"commits\": 1"));
    desk.run(VERIFY).ends(2).tells("did not sign");
    desk.run("verify --checkpoint desk.public --key desk.public").ends(2).tells("desk.public");
}

#[test]
fn proofs_are_written_for_those_outside() {
    let desk = signed();
    let proof = desk.run("checkpoint prove 2 --checkpoint one.checkpoint").ends(0).out;
    let proof: serde_json::Value = serde_json::from_str(&proof).unwrap();
    assert_eq!((&proof["commit"], &proof["commits"]), (&2.into(), &2.into()));
    let status = desk.run("status --json").ends(0).json();
    assert_eq!(proof["hash"], status["head"]["hash"]);
    desk.run("checkpoint consistency one.checkpoint one.checkpoint").ends(0);
}
