//! Two names, with a line break between.
#![no_main]

use libfuzzer_sys::fuzz_target;
use names::{Name, NameKind, analyse, relate, score};

fuzz_target!(|text: &str| {
    let Some((a, b)) = text.split_once('\n') else { return };
    for kind in [NameKind::Person, NameKind::Organisation, NameKind::Object] {
        let (a, b) = (analyse(a, kind), analyse(b, kind));
        let found = score(&a, &b);
        assert_eq!(found, score(&b, &a));
        assert!(found <= 1_000_000);
        related_units_share_a_key(&a, &b);
    }
});

fn related_units_share_a_key(a: &Name, b: &Name) {
    for left in a.units() {
        for right in b.units() {
            let related = relate(&left.form, &right.form);
            assert_eq!(related.is_some(), relate(&right.form, &left.form).is_some());
            let keys = right.form.keys();
            assert!(related.is_none() || left.form.keys().iter().any(|key| keys.contains(key)));
        }
    }
}
