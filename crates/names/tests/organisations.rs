//! Invented organisations, vessels and aircraft: which names must be taken for one another and which must not.

use lookback_names::{NameKind, Role, analyse, score};

/// Millionths; the threshold that the default policy alerts at.
const ALERT: u32 = 850_000;

fn scored(a: &str, b: &str, kind: NameKind) -> u32 {
    score(&analyse(a, kind), &analyse(b, kind))
}

/// Legal forms, by class, as they are written before or after a name.
const LIMITED: [&str; 16] = [
    "LLC",
    "L.L.C.",
    "Ltd",
    "Limited",
    "Co., Ltd.",
    "GmbH",
    "d.o.o.",
    "S.R.L.",
    "SARL",
    "Sp. z o.o.",
    "Pte Ltd",
    "Sdn Bhd",
    "Ltda",
    "ТОВ",
    "ООО",
    "Ltd. Şti.",
];
const STOCK: [&str; 12] = [
    "JSC",
    "OJSC",
    "S.A.",
    "AG",
    "A.Ş.",
    "PLC",
    "S.p.A.",
    "Oyj",
    "N.V.",
    "ПАО",
    "Joint Stock Company",
    "Aktsionernoe obshchestvo",
];
/// Names of which no two are alike.
const NAMES: [&str; 8] = [
    "Zelinka",
    "Brodan Marsh",
    "Oskarin Tarvo",
    "Munifex",
    "Кварандо",
    "Vondi Shipping",
    "Qarlan Holding",
    "Hulmvard Bank",
];

#[test]
fn legal_forms_of_one_class_hardly_matter() {
    for name in NAMES {
        for forms in [&LIMITED[..], &STOCK[..]] {
            for a in forms {
                for b in forms {
                    let (after, before) = (format!("{name} {a}"), format!("{b} {name}"));
                    let score = scored(&after, &before, NameKind::Organisation);
                    assert!(score >= 950_000, "{score} {after} / {before}");
                }
            }
        }
    }
}

#[test]
fn equal_legal_forms_make_no_match() {
    for (place, a) in NAMES.iter().enumerate() {
        for b in &NAMES[place + 1..] {
            for form in LIMITED.iter().chain(&STOCK) {
                let score = scored(&format!("{a} {form}"), &format!("{b} {form}"), NameKind::Organisation);
                assert!(score < 500_000, "{score} {a} / {b} {form}");
            }
        }
    }
}

#[test]
fn every_way_to_write_a_number_is_that_number() {
    let written = [
        ["1", "1st", "First", "No. 1", "№ 1", "первый", "1-й"],
        ["2", "2nd", "Second", "No. 2", "№ 2", "второй", "2-й"],
        ["3", "3rd", "Third", "No. 3", "#3", "третий", "3-й"],
        ["4", "4th", "Fourth", "No. 4", "IV", "четвертый", "4-й"],
        ["7", "7th", "Seventh", "Nr. 7", "VII", "седьмой", "7-й"],
    ];
    for (x, ways) in written.iter().enumerate() {
        for (y, others) in written.iter().enumerate() {
            for (a, b) in ways.iter().flat_map(|a| others.iter().map(move |b| (a, b))) {
                let (a, b) = (format!("Zelinka {a} Tarvograd"), format!("Zelinka {b} Tarvograd"));
                let score = scored(&a, &b, NameKind::Organisation);
                assert!(if x == y { score == 1_000_000 } else { score < ALERT }, "{score} {a} / {b}");
            }
        }
    }
}

#[test]
fn phrases_are_one_word() {
    for (text, roles) in [
        ("Gesellschaft mit beschränkter Haftung Zelinka", vec![Role::LegalForm, Role::Name]),
        ("Zelinka Joint Stock Company", vec![Role::Name, Role::LegalForm]),
        (
            "Zelinka Bank of the United Arab Emirates",
            vec![Role::Name, Role::Generic, Role::Particle, Role::Particle, Role::Generic],
        ),
        ("Zelinka No. 7", vec![Role::Name, Role::Number]),
        ("泽林有限公司", vec![Role::Name, Role::Name, Role::LegalForm]),
        ("A.S. Zelinka as Brodan", vec![Role::LegalForm, Role::Name, Role::Name, Role::Name]),
    ] {
        let name = analyse(text, NameKind::Organisation);
        let found: Vec<Role> = name.tokens().iter().map(|token| token.role).collect();
        assert_eq!(found, roles, "{text}");
    }
}
