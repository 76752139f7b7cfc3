//! On names of real lists in many scripts, which are not part of the project: no related pair is without a key, and no bound
//! is below a score.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use lookback_names::{Form, Name, NameKind, Unit, UnitShape, analyse, raw_score, relate, upper_bound};
use std::collections::BTreeSet;
use std::io::Read;

/// Names of the labelled pairs, every `step`th row, both sides.
fn names(step: usize, test: &str) -> Option<Vec<Name>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/names/dev.tsv.gz");
    let Ok(file) = std::fs::File::open(path) else {
        println!("SKIPPED (no ../shared): {test}");
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the shared file is readable");
    let columns = |line: &str| -> Vec<String> { line.split('\t').map(String::from).collect() };
    let rows = text.lines().skip(1).step_by(step).map(columns);
    Some(rows.flat_map(|row| [1, 3].map(|column| analyse(&row[column], NameKind::Person))).collect())
}

#[test]
fn related_forms_of_real_names_share_a_key() {
    let Some(names) = names(70, "related_forms_of_real_names_share_a_key") else { return };
    let forms: BTreeSet<&Form> = names.iter().flat_map(Name::units).map(|unit| unit.form).collect();
    let forms: Vec<_> = forms.into_iter().map(|form| (form, form.keys(), form.probes())).collect();
    let mut related = 0;
    for (place, (a, keys_a, probes_a)) in forms.iter().enumerate() {
        for (b, keys_b, probes_b) in &forms[place + 1..] {
            if (!a.is_joined() || !b.is_joined()) && relate(a, b).is_some() {
                related += 1;
                let meet = probes_a.iter().any(|key| keys_b.contains(key));
                let back = probes_b.iter().any(|key| keys_a.contains(key));
                assert!(meet && back, "a related pair without a key");
            }
        }
    }
    assert!(related > 1_000, "{related} of {} forms", forms.len());
}

#[test]
fn bounds_of_real_names_hold() {
    let Some(names) = names(150, "bounds_of_real_names_hold") else { return };
    let shapes = |name: &Name| name.shapes().collect::<Vec<UnitShape>>();
    let shaped: Vec<(&Name, Vec<UnitShape>)> = names.iter().map(|name| (name, shapes(name))).collect();
    for (place, (a, shapes_a)) in shaped.iter().enumerate() {
        for (b, shapes_b) in &shaped[place..] {
            let alike = a.units().enumerate().flat_map(|(i, x)| {
                let related = move |(j, y): (usize, Unit<'_>)| {
                    relate(x.form, y.form).map(|related| (i, j, related.similarity.0))
                };
                b.units().enumerate().filter_map(related)
            });
            assert!(upper_bound(shapes_a, a.weight(), shapes_b, b.weight(), alike) >= raw_score(a, b));
        }
    }
}
