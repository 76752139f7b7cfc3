//! Invented pairs of names and what must become of them at the default alert threshold.

use lookback_names::{NameKind, analyse, compare, score};

/// Millionths; the threshold that the default policy alerts at.
const ALERT: u32 = 850_000;

fn scored(a: &str, b: &str, kind: NameKind) -> u32 {
    score(&analyse(a, kind), &analyse(b, kind))
}

#[test]
fn pairs_come_out_as_expected() {
    let people = wrong(include_str!("pairs.tsv"), NameKind::Person);
    let others = wrong(include_str!("organisations.tsv"), NameKind::Organisation);
    assert!(people.is_empty() && others.is_empty(), "\n{people}\n{others}");
}

/// The rows of a table that do not come out as they say; a row that says no kind is of the usual one.
fn wrong(table: &str, usual: NameKind) -> String {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let found = rows.filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let kind = match columns.get(3) {
            Some(&"organisation") => NameKind::Organisation,
            Some(&"object") => NameKind::Object,
            _ => usual,
        };
        let score = scored(columns[1], columns[2], kind);
        let holds = match columns[0] {
            "same" => score == 1_000_000,
            "alert" => score >= ALERT,
            "near" => (100_000..ALERT).contains(&score),
            "below" => score < ALERT,
            other => panic!("unknown expectation {other}"),
        };
        (!holds).then(|| format!("{score} {line}\n"))
    });
    found.collect()
}

/// Names of two words or more, none of them listed as common or shorter than four letters.
const INVENTED: [&str; 16] = [
    "Tarvo Zelinka",
    "Oskarin Brandelius",
    "Munif Zarekani",
    "Jamshed Khurramzod",
    "Ketevan Zelinadze",
    "Vardush Zelinian",
    "Odysseas Branidis",
    "Ulbosyn Zharkenova",
    "Marzuvio Quentara Vondi",
    "Birgitta Holmvard",
    "Тарво Зелинка",
    "Ғайрат Қодирхон",
    "თარვო ზელინაძე",
    "Տարվո Զելինյան",
    "Νικηφόρος Βρανίτης",
    "منيف زاريقاني",
];

/// Every text that one deletion, doubling or swap of neighbouring letters within a word makes of a name.
fn with_one_typo(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut found = Vec::new();
    for at in 0..letters.len() {
        if letters[at].is_alphabetic() {
            found.push([&letters[..at], &letters[at + 1..]].concat());
            found.push([&letters[..=at], &letters[at..]].concat());
            if letters.get(at + 1).is_some_and(|next| next.is_alphabetic()) {
                found.push([&letters[..at], &[letters[at + 1], letters[at]], &letters[at + 2..]].concat());
            }
        }
    }
    found.into_iter().map(String::from_iter).collect()
}

#[test]
fn one_typo_in_a_name_still_alerts() {
    for name in INVENTED {
        for typo in with_one_typo(name) {
            let score = scored(name, &typo, NameKind::Person);
            assert!(score >= ALERT, "{score} {name} / {typo}");
        }
    }
}

#[test]
fn another_order_still_alerts_and_costs_at_most_a_hundredth() {
    for name in INVENTED {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.reverse();
        let score = scored(name, &words.join(", "), NameKind::Person);
        assert!((990_000..1_000_000).contains(&score), "{score} {name}");
    }
}

#[test]
fn a_partial_name_is_a_weaker_grade_and_half_a_name_does_not_alert() {
    let part = |text| scored("Marzuvio Quentara Vondi", text, NameKind::Person);
    assert!(
        (ALERT..900_000).contains(&part("Marzuvio Quentara"))
            && (ALERT..900_000).contains(&part("Quentara Vondi"))
    );
    assert!(part("Quentara") < ALERT && part("Marzuvio Vondi Brodan") < ALERT);
    assert!(scored("Marzuvio Quentara", "Quentara", NameKind::Person) < ALERT);
}

#[test]
fn different_invented_names_do_not_alert() {
    for (place, a) in INVENTED.iter().enumerate() {
        for b in &INVENTED[place + 1..] {
            let same =
                matches!((*a, *b), ("Tarvo Zelinka", "Тарво Зелинка") | ("Munif Zarekani", "منيف زاريقاني"));
            let score = scored(a, b, NameKind::Person);
            assert!(same || score < ALERT, "{score} {a} / {b}");
        }
    }
}

#[test]
fn an_explanation_names_what_was_left_out() {
    let name = |text| analyse(text, NameKind::Person);
    let explained = compare(&name("Tarvo Zelinka Brodan"), &name("Zelinka Tarwo"));
    assert_eq!(explained.unmatched_a, [2]);
    assert!(explained.unmatched_b.is_empty());
    assert_eq!(explained.pairs.len(), 2);
    assert!(explained.order_price > 0);
    assert_eq!(explained.shortfalls.len(), 3, "{:?}", explained.shortfalls);
}
