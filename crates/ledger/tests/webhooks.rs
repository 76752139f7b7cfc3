//! Invariant(HOOK-PLACE): how far a receiver was told moves only from where its mover saw it, and what it was not told is kept.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use lookback_ledger::{DeadLetter, Place, Webhook, Webhooks};
use model::{AccountName, KnownAt};
use tempfile::TempDir;

fn webhook(id: &str) -> Webhook {
    Webhook {
        id: id.into(),
        url: "https://desk.example/hook".into(),
        secret: "whsec_".into(),
        events: BTreeSet::from(["alert".to_owned()]),
        account: AccountName::new("amon"),
        made_at: KnownAt::from_micros(7),
        stopped: None,
        place: Place::after(3),
        tries: 0,
        why: None,
    }
}

fn letter(seq: u64, row: u64) -> DeadLetter {
    let place = Place { seq, part: Place::ALERTS, row };
    let (id, why) = (format!("msg_{seq}_{row}"), "it answered 500".to_owned());
    DeadLetter { id, place, at: KnownAt::from_micros(9), tries: 3, why, again: false }
}

fn opened() -> (TempDir, Webhooks) {
    let folder = TempDir::new().unwrap();
    let mut webhooks = Webhooks::open(&folder.path().join("s.db")).unwrap();
    webhooks.add(&webhook("a")).unwrap();
    webhooks.add(&webhook("b")).unwrap();
    (folder, webhooks)
}

#[test]
fn a_place_moves_from_where_it_was_seen_or_not_at_all() {
    let (folder, mut webhooks) = opened();
    let (start, next) = (Place::after(3), Place { seq: 4, part: Place::ALERTS, row: 11 });
    assert_eq!(webhooks.note_failure("a", start, "it answered 500").unwrap(), Some(1));
    assert_eq!(webhooks.note_failure("a", start, "it answered 503").unwrap(), Some(2));
    assert_eq!(webhooks.note_failure("a", next, "elsewhere").unwrap(), None);
    assert_eq!(webhooks.get("a").unwrap().unwrap().why.as_deref(), Some("it answered 503"));
    assert!(webhooks.advance("a", start, next).unwrap());
    assert!(!webhooks.advance("a", start, Place::after(9)).unwrap());
    // An administrator moves it whatever it is doing; what was under way then changes nothing.
    assert!(webhooks.tell_from("a", Place::after(1)).unwrap());
    assert!(!webhooks.advance("a", next, Place::after(4)).unwrap());
    assert!(!webhooks.bury("a", next, &letter(4, 12)).unwrap());
    assert_eq!(webhooks.dead("a").unwrap(), []);
    drop(webhooks);
    let kept = Webhooks::open(&folder.path().join("s.db")).unwrap();
    assert_eq!(kept.get("a").unwrap(), Some(Webhook { place: Place::after(1), ..webhook("a") }));
    assert_eq!(kept.get("b").unwrap(), Some(webhook("b")));
}

#[test]
fn dead_letters_are_kept_in_order_and_one_receiver_s() {
    let (_folder, mut webhooks) = opened();
    let letters = [letter(4, 11), letter(4, 12), letter(5, 1)];
    let mut from = Place::after(3);
    for letter in [&letters[0], &letters[1], &letters[2]] {
        assert!(webhooks.bury("a", from, letter).unwrap());
        from = letter.place;
    }
    assert_eq!(webhooks.dead("a").unwrap(), letters);
    assert_eq!((webhooks.dead_count("a").unwrap(), webhooks.dead_count("b").unwrap()), (3, 0));
    assert_eq!(webhooks.get("a").unwrap().unwrap().place, letters[2].place);
    assert_eq!(webhooks.revived("a").unwrap(), None);
    let some = BTreeSet::from([letters[1].id.clone(), "msg_of_nobody".to_owned()]);
    assert_eq!(webhooks.revive("a", Some(&some)).unwrap(), 1);
    assert_eq!(webhooks.revived("a").unwrap().unwrap().id, letters[1].id);
    webhooks.bury_again("a", letters[1].place, KnownAt::from_micros(10), "it answered 404").unwrap();
    assert_eq!(webhooks.revived("a").unwrap(), None);
    let again = &webhooks.dead("a").unwrap()[1];
    assert_eq!((again.tries, again.why.as_str()), (4, "it answered 404"));
    assert_eq!(webhooks.revive("a", None).unwrap(), 3);
    webhooks.forget("a", letters[0].place).unwrap();
    assert_eq!(webhooks.revived("a").unwrap().unwrap().id, letters[1].id);
    assert!(webhooks.remove("a").unwrap() && !webhooks.remove("a").unwrap());
    assert_eq!(webhooks.dead_count("a").unwrap(), 0);
    assert_eq!(webhooks.all().unwrap(), [webhook("b")]);
}

#[test]
fn whoever_is_stopped_keeps_its_place() {
    let (_folder, mut webhooks) = opened();
    webhooks.note_failure("a", Place::after(3), "it answered 500").unwrap();
    assert!(webhooks.stop("a", "an administrator stopped it").unwrap() && !webhooks.stop("c", "").unwrap());
    let stopped = webhooks.get("a").unwrap().unwrap();
    assert_eq!(
        (stopped.stopped.as_deref(), stopped.place),
        (Some("an administrator stopped it"), Place::after(3))
    );
    assert!(webhooks.resume("a").unwrap());
    let on = webhooks.get("a").unwrap().unwrap();
    assert_eq!((on.stopped, on.tries, on.place), (None, 0, Place::after(3)));
}
