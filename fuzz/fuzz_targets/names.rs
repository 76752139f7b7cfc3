//! Two names, with a line break between; where they have tabs, what these divide are stated parts of persons' names as well.
#![no_main]

use libfuzzer_sys::fuzz_target;
use names::{
    Form, Name, NameKind, NamePart, Shortfall, Unit, UnitShape, analyse, analyse_parts, compare,
    least_raw_score, relate, required_weight, score, upper_bound,
};

const PARTS: [NamePart; 5] =
    [NamePart::Title, NamePart::Given, NamePart::Middle, NamePart::Patronymic, NamePart::Family];

fuzz_target!(|text: &str| {
    let Some((left, right)) = text.split_once('\n') else { return };
    for kind in [NameKind::Person, NameKind::Organisation, NameKind::Object] {
        check_both(&analyse(left, kind), &analyse(right, kind));
    }
    check_both(&analyse(left, NameKind::Person), &analyse(right, NameKind::Organisation));
    if text.contains('\t') {
        check_both(&stated(left), &stated(right));
        check_both(&stated(left), &analyse(right, NameKind::Person));
    }
});

fn stated(text: &str) -> Name {
    let parts: Vec<(NamePart, &str)> = PARTS.into_iter().zip(text.split('\t')).collect();
    analyse_parts(&parts)
}

fn check_both(a: &Name, b: &Name) {
    is_bounded_and_itself(a);
    is_bounded_and_itself(b);
    let found = score(a, b);
    assert_eq!(found, score(b, a), "symmetric");
    assert!(found <= 1_000_000);
    assert!(found == 0 || !(a.is_empty() || b.is_empty()));
    assert!(bound(a, b) >= least_raw_score(found), "bound");
    is_explained(a, b, found);
    related_units_share_a_key(a, b);
}

fn is_bounded_and_itself(name: &Name) {
    assert!(name.tokens().len() <= 64);
    assert_eq!(name.is_empty(), name.weight() == 0);
    assert_eq!(score(name, name), if name.is_empty() { 0 } else { 1_000_000 });
    for unit in name.units() {
        assert_eq!(Form::decode(&unit.form.encode()).as_ref(), Some(unit.form), "decodes");
        assert_eq!(relate(unit.form, unit.form).map(|related| related.similarity.0), Some(1000));
    }
}

fn is_explained(a: &Name, b: &Name, score: u32) {
    let explained = compare(a, b);
    assert_eq!(explained.score, score);
    let costs: u32 = explained.shortfalls.iter().map(Shortfall::cost).sum();
    assert!(a.is_empty() || b.is_empty() || costs + score == 1_000_000, "costs add up");
    let spent: u32 = explained.pairs.iter().map(|pair| u32::from(pair.spent_a)).sum();
    assert!(
        spent >= required_weight(a.weight(), least_raw_score(score)) || a.is_empty() || b.is_empty(),
        "required weight"
    );
}

fn bound(a: &Name, b: &Name) -> u32 {
    let shapes = |name: &Name| name.shapes().collect::<Vec<UnitShape>>();
    let alike = a.units().enumerate().flat_map(|(i, x)| {
        let related = move |(j, y): (usize, Unit<'_>)| {
            relate(x.form, y.form).map(|related| (i, j, related.similarity.0))
        };
        b.units().enumerate().filter_map(related)
    });
    upper_bound(&shapes(a), a.weight(), &shapes(b), b.weight(), alike)
}

fn related_units_share_a_key(a: &Name, b: &Name) {
    for left in a.units() {
        for right in b.units().filter(|right| !left.form.is_joined() || !right.form.is_joined()) {
            let related = relate(left.form, right.form);
            assert_eq!(related, relate(right.form, left.form), "symmetric");
            let meet = |from: &Form, to: &Form| {
                let keys = to.keys();
                from.probes().iter().any(|probe| keys.contains(probe))
            };
            let shared = || meet(left.form, right.form) && meet(right.form, left.form);
            assert!(related.is_none() || shared(), "a related pair without a key");
        }
    }
}
