//! Whatever bit of a checkpoint, a proof or a key is changed, it does not hold any more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lookback_proof::{
    Broken, Checkpoint, Consistency, Hash, Inclusion, PublicKey, SecretKey, Statement, leaf, root,
};
use proptest::prelude::*;

fn commits(many: u8) -> Vec<Hash> {
    (0..many).map(|n| leaf(&[n, 7])).collect()
}

fn checkpoint(commits: &[Hash], key: &SecretKey) -> Checkpoint {
    let leaves: Vec<Hash> = commits.iter().map(|hash| leaf(&hash.0)).collect();
    let says = Statement {
        commits: commits.len() as u64,
        root: root(&leaves),
        head: *commits.last().unwrap(),
        known_at: "2031-06-25T00:00:00Z".into(),
        audit: None,
    };
    Checkpoint::sign(says, key)
}

#[test]
fn keys_survive_being_written_down_and_others_are_refused() {
    let key = SecretKey::generate().unwrap();
    let again = SecretKey::parse(&key.to_text()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(PublicKey::parse(&key.public().to_text()).unwrap(), key.public());
    for wrong in ["", "lookback-public-key-1 00", &key.to_text()] {
        assert!(PublicKey::parse(wrong).is_err(), "{wrong}");
    }
    let other = SecretKey::generate().unwrap();
    assert!(!checkpoint(&commits(5), &key).holds(&other.public()));
}

#[test]
fn proofs_hold_between_checkpoints_and_not_across_a_rewritten_chain() {
    let key = SecretKey::generate().unwrap();
    let all = commits(40);
    let (earlier, later) = (checkpoint(&all[..13], &key), checkpoint(&all, &key));
    let consistency = Consistency::of(13, &all).unwrap();
    assert_eq!(consistency.check(&earlier, &later, &key.public()), Ok(()));
    let mut rewritten = all.clone();
    rewritten[5] = leaf(b"another history");
    let forged = checkpoint(&rewritten, &key);
    let consistency = Consistency::of(13, &rewritten).unwrap();
    assert_eq!(consistency.check(&earlier, &forged, &key.public()), Err(Broken::Path));
    let inclusion = Inclusion::of(6, &all).unwrap();
    assert_eq!(inclusion.check(&later, &key.public()), Ok(()));
    assert_eq!(inclusion.check(&forged, &key.public()), Err(Broken::Path));
    assert_eq!(inclusion.check(&earlier, &key.public()), Err(Broken::OtherCheckpoint));
    assert!(Inclusion::of(0, &all).is_none() && Inclusion::of(41, &all).is_none());
}

proptest! {
    /// A flipped bit of the JSON is unreadable, or does not hold, or says the same (blanks, the case of no letter that counts).
    #[test]
    fn a_flipped_bit_is_found(size in 1_u8..60, commit in 1_u8..60, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let commit = commit.min(size);
        let key = SecretKey::parse(&format!("lookback-secret-key-1 {}\n", "17".repeat(32))).unwrap();
        let all = commits(size);
        let (checkpoint, proof) = (checkpoint(&all, &key), Inclusion::of(commit.into(), &all).unwrap());
        for part in 0..3 {
            let mut texts = [
                serde_json::to_string(&checkpoint).unwrap(),
                serde_json::to_string(&proof).unwrap(),
                key.public().to_text().trim_end().to_owned(),
            ].map(String::into_bytes);
            let place = at.index(texts[part].len());
            texts[part][place] ^= 1 << bit;
            let [c, p, k] = texts;
            let (Ok(c), Ok(p)) = (serde_json::from_slice::<Checkpoint>(&c), serde_json::from_slice::<Inclusion>(&p)) else {
                continue;
            };
            let Some(k) = String::from_utf8(k).ok().and_then(|text| PublicKey::parse(&text).ok()) else { continue };
            prop_assert!(p.check(&c, &k).is_err(), "part {}, byte {}", part, place);
        }
    }
}
