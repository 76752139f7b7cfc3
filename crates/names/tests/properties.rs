//! What must hold for every text: symmetry, identity, keys that lose nothing, bounds that rule out nothing, and an end.

use lookback_names::{
    Form, INITIAL_WEIGHT, Name, NameKind, NamePart, PairKind, Shortfall, Unit, UnitPair, UnitShape, analyse,
    analyse_parts, compare, least_raw_score, raw_score, relate, required_weight, score, upper_bound,
};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Syllables, marks, articles, titles and numbers of many scripts.
#[rustfmt::skip]
const SYLLABLES: [&str; 81] = [
    "ka", "ra", "mi", "zo", "kha", "sh", "al ", "abd ", "ya", "iy", "x", "q", "ov", "ovich", "a ",
    " b ", "j", "mm", "ou", "-", "bin ", "ш", "ха", "ми", "ов", "я", " И", "ب", "ر", "ا", "ال", "و",
    " م", "王", "拉", "马", "克", "米", "卡", "希", "·", "김", "라", "lama", "kar", "ზ", "ა", "é", "ş", "7", ".",
    "vladimir", "уладзімір", "mohammed", "穆罕默德", "sasha", "ovna", ", ", "Dr ", "Haji ", "MI",
    "KaraMiro", "abu ", " oglu", " jr", "аў", "ova", "ski", "dz", " ltd", " d.o.o.", "ооо ", " bank",
    " banque ", " and ", "first ", " vii", "no 5 ", "有限公司", "شركة ", "krm",
];

/// Names that are near one another often: few syllables, many scripts, joins, initials, typing errors.
fn near() -> impl Strategy<Value = String> {
    let syllable = prop::sample::select(&SYLLABLES[..]);
    prop::collection::vec(syllable, 1..9).prop_map(|parts| parts.concat())
}

/// Two such names, half of the time one derived from the other by a few changes.
fn near_pair() -> impl Strategy<Value = (String, String)> {
    let edits = prop::collection::vec(
        (any::<prop::sample::Index>(), prop::sample::select(vec!["", "a", "k", " ", "z", "o"])),
        0..3,
    );
    (near(), near(), edits, any::<bool>()).prop_map(|(a, b, edits, derive)| {
        if !derive {
            return (a, b);
        }
        let mut letters: Vec<String> = a.chars().map(String::from).collect();
        for (place, with) in edits {
            let place = place.index(letters.len());
            with.clone_into(&mut letters[place]);
        }
        let mut words: Vec<&str> = letters.iter().map(String::as_str).collect();
        if a.len() % 3 == 0 {
            words.reverse();
        }
        let derived = words.concat();
        (a, derived)
    })
}

/// The letters of scripts, from first to last: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Kurdish and other Arabic, Syriac,
/// Thaana, N'Ko, Devanagari, Bengali, Tamil, Malayalam, Sinhala, Thai, Lao, Tibetan, Burmese, Georgian, Ethiopic, Cherokee, Khmer,
/// Mongolian, Georgian capitals, Hiragana, Katakana, Bopomofo, Han, Hangul, rare Han, Osage, Adlam.
const SCRIPTS: [(u32, u32); 34] = [
    (0x41, 0x7a),
    (0xc0, 0x24f),
    (0x386, 0x3ff),
    (0x400, 0x52f),
    (0x531, 0x587),
    (0x5b0, 0x5ea),
    (0x620, 0x657),
    (0x671, 0x6d5),
    (0x710, 0x72f),
    (0x780, 0x7b1),
    (0x7ca, 0x7ea),
    (0x904, 0x939),
    (0x985, 0x9cc),
    (0xb85, 0xbcc),
    (0xd05, 0xd4c),
    (0xd85, 0xddf),
    (0xe01, 0xe4d),
    (0xe81, 0xecd),
    (0xf40, 0xf81),
    (0x1000, 0x103f),
    (0x10a0, 0x10ff),
    (0x1200, 0x135a),
    (0x13a0, 0x13f5),
    (0x1780, 0x17c8),
    (0x1820, 0x1877),
    (0x1c90, 0x1cbf),
    (0x3041, 0x3096),
    (0x30a1, 0x30fa),
    (0x3105, 0x312f),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7a3),
    (0x20000, 0x2a6df),
    (0x104b0, 0x104fb),
    (0x1e900, 0x1e943),
];

/// What is written in names beside letters, and what is not seen.
const BESIDE: [&str; 10] = [" ", " ", "-", ", ", "\u{200c}", "\u{301}", "\u{64e}", "\u{202e}", "😀", "·"];
const INVISIBLE: [char; 8] =
    ['\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{202b}', '\u{2060}', '\u{ad}', '\u{feff}'];

/// Names of any letters of one script or two.
fn in_scripts() -> impl Strategy<Value = String> {
    let script = || prop::sample::select(SCRIPTS.to_vec());
    let letters = |(first, last): (u32, u32), begins: bool| {
        let is_letter =
            |c: &char| c.is_alphabetic() && !(begins && (is_combining_mark(*c) || *c == '\u{640}'));
        let letters = (first..=last).filter_map(char::from_u32).filter(is_letter);
        prop::sample::select(letters.collect::<Vec<char>>())
    };
    let word = move |script| {
        (letters(script, true), prop::collection::vec(letters(script, false), 0..6))
            .prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect::<String>())
    };
    (script(), script(), any::<bool>()).prop_flat_map(move |(one, other, two)| {
        let word = prop_oneof![word(one), word(if two { other } else { one })];
        let beside = prop::sample::select(BESIDE.to_vec());
        prop::collection::vec((word, beside), 1..5).prop_map(|words| {
            words.into_iter().flat_map(|(word, beside)| [word, beside.to_owned()]).collect()
        })
    })
}

/// The text with such marks between its letters.
fn with_invisible(text: &str, marks: &[(prop::sample::Index, prop::sample::Index)]) -> String {
    let mut letters: Vec<char> = text.nfc().collect();
    for (place, mark) in marks {
        let place = place.index(letters.len());
        if !is_combining_mark(letters[place]) {
            letters.insert(place, INVISIBLE[mark.index(INVISIBLE.len())]);
        }
    }
    letters.into_iter().collect()
}

fn kinds() -> impl Strategy<Value = NameKind> {
    prop::sample::select(vec![NameKind::Person, NameKind::Organisation, NameKind::Object])
}

fn shapes(name: &Name) -> Vec<UnitShape> {
    name.shapes().collect()
}

fn bound(a: &Name, b: &Name) -> u32 {
    let alike = a.units().enumerate().flat_map(|(i, x)| {
        let related = move |y: Unit<'_>| relate(x.form, y.form).map_or(0, |related| related.similarity.0);
        b.units().enumerate().map(move |(j, y)| (i, j, related(y)))
    });
    upper_bound(&shapes(a), a.weight(), &shapes(b), b.weight(), alike)
}

/// The most credit over all sets of compatible pairs, tried one after another, the price of changed order taken off.
fn slow_credit(a: &Name, b: &Name) -> u64 {
    let mut pairs = Vec::new();
    for x in a.units() {
        for y in b.units() {
            let alone = compare_units(a, b, x, y);
            if alone > 0 {
                pairs.push((x.shape, y.shape, alone));
            }
        }
    }
    best(&pairs, &mut Vec::new())
}

type Credit = (UnitShape, UnitShape, u64);

fn best(pairs: &[Credit], chosen: &mut Vec<Credit>) -> u64 {
    let Some((first, rest)) = pairs.split_first() else {
        let credit: u64 = chosen.iter().map(|pair| pair.2).sum();
        let ordered =
            chosen.iter().all(|x| chosen.iter().all(|y| (x.0.first < y.0.first) == (x.1.first < y.1.first)));
        return if ordered { credit * 1000 } else { credit * 995 };
    };
    let without = best(rest, chosen);
    let apart = |x: UnitShape, y: UnitShape| x.first + x.len <= y.first || y.first + y.len <= x.first;
    if chosen.iter().any(|pair| !apart(pair.0, first.0) || !apart(pair.1, first.1)) {
        return without;
    }
    chosen.push(*first);
    let with = best(rest, chosen);
    chosen.pop();
    with.max(without)
}

/// The credit of one pair by the formula, thousandths of thousandths.
fn compare_units(a: &Name, b: &Name, x: Unit<'_>, y: Unit<'_>) -> u64 {
    let credit = |similarity: u16, cap: u16| {
        let (one, other) = (u64::from(x.shape.weight.min(cap)), u64::from(y.shape.weight.min(cap)));
        u64::from(similarity) * (one.min(2 * other) + other.min(2 * one))
    };
    if x.shape.len > 1 && y.shape.len > 1 {
        return 0;
    }
    if x.shape.initial != y.shape.initial {
        let tokens = (&a.tokens()[usize::from(x.shape.first)], &b.tokens()[usize::from(y.shape.first)]);
        let single = x.shape.len == 1 && y.shape.len == 1;
        let alone =
            single.then(|| compare(&analyse(&tokens.0.raw, a.kind()), &analyse(&tokens.1.raw, b.kind())));
        return if alone.is_some_and(|c| c.pairs.iter().any(|p| p.kind == PairKind::Initial)) {
            credit(900, INITIAL_WEIGHT)
        } else {
            0
        };
    }
    let cap = if x.shape.initial { INITIAL_WEIGHT } else { u16::MAX };
    relate(x.form, y.form).map_or(0, |related| credit(related.similarity.0, cap))
}

fn check(a: &Name, b: &Name) {
    let forward = score(a, b);
    assert_eq!(forward, score(b, a), "symmetric");
    assert!(forward <= 1_000_000);
    assert!(!(a.is_empty() || b.is_empty()) || forward == 0, "empty");
    let raw = raw_score(a, b);
    assert!(bound(a, b) >= raw, "bound {} < raw score {raw}", bound(a, b));
    assert!(
        least_raw_score(forward) <= raw && (forward == 1_000_000 || least_raw_score(forward + 1) > raw),
        "least raw score"
    );
    let explained = compare(a, b);
    assert_eq!(explained.score, forward, "explained");
    if !a.is_empty() && !b.is_empty() {
        let costs: u32 = explained.shortfalls.iter().map(Shortfall::cost).sum();
        assert_eq!(costs + forward, 1_000_000, "costs add up");
    }
    let spent: u32 = explained.pairs.iter().map(|pair| u32::from(pair.spent_a)).sum();
    for least in [raw, raw / 2, 600_000, 860_000] {
        assert!(raw < least || spent >= required_weight(a.weight(), least), "required weight");
    }
}

fn check_keys(a: &Name, b: &Name) {
    for x in a.units() {
        let keys = x.form.keys();
        assert_eq!(relate(x.form, x.form).map(|related| related.similarity.0), Some(1000), "reflexive");
        assert_eq!(Form::decode(&x.form.encode()).as_ref(), Some(x.form), "decodes");
        let probes = x.form.probes();
        assert!(keys.len() <= 132 && probes.len() <= 200, "{} keys of {}", keys.len(), x.form.text());
        for y in b.units().filter(|y| !x.form.is_joined() || !y.form.is_joined()) {
            let related = relate(x.form, y.form);
            assert_eq!(related, relate(y.form, x.form), "symmetric");
            let meet = |probes: &[u64], keys: &[u64]| probes.iter().any(|probe| keys.contains(probe));
            let shared = || meet(&probes, &y.form.keys()) && meet(&y.form.probes(), &keys);
            assert!(related.is_none() || shared(), "{} ~ {} without a key", x.form.text(), y.form.text());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn near_names_keep_every_promise((a, b) in near_pair(), kind in kinds()) {
        let (a, b) = (analyse(&a, kind), analyse(&b, kind));
        check(&a, &b);
        check_keys(&a, &b);
    }

    #[test]
    fn any_text_keeps_every_promise(a in any::<String>(), b in any::<String>(), kind in kinds()) {
        let (a, b) = (analyse(&a, kind), analyse(&b, kind));
        check(&a, &b);
        check_keys(&a, &b);
    }

    #[test]
    fn names_of_every_script_keep_every_promise(a in in_scripts(), b in in_scripts(), kind in kinds()) {
        let names = [&a, &b, &format!("{a} {b}")].map(|text| analyse(text, kind));
        for one in &names {
            prop_assert!(!one.is_empty());
            prop_assert_eq!(score(one, one), 1_000_000);
            for other in &names {
                check(one, other);
                check_keys(one, other);
            }
        }
    }

    #[test]
    fn what_is_not_seen_changes_nothing(
        text in prop_oneof![near(), in_scripts()],
        marks in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..6),
        kind in kinds(),
    ) {
        let name = analyse(&text, kind);
        let full = if name.is_empty() { 0 } else { 1_000_000 };
        for same in [text.nfd().collect(), text.nfc().collect(), with_invisible(&text, &marks)] {
            let other = analyse(&same, kind);
            let words = |name: &Name| name.tokens().iter().map(|t| (t.form.clone(), t.role)).collect::<Vec<_>>();
            prop_assert_eq!(words(&name), words(&other), "{:?} {:?}", text, same);
            prop_assert_eq!(score(&name, &other), full);
        }
    }

    #[test]
    fn names_of_parts_keep_every_promise((a, b) in near_pair(), (c, d) in near_pair()) {
        use NamePart::{Family, Given, Middle, Patronymic};
        let a = analyse_parts(&[(Given, &a), (Middle, &b), (Family, &c)]);
        let b = analyse_parts(&[(Given, &b), (Patronymic, &c), (Family, &d)]);
        check(&a, &b);
        check_keys(&a, &b);
    }

    #[test]
    fn a_name_is_itself(a in prop_oneof![near(), any::<String>()], kind in kinds()) {
        let name = analyse(&a, kind);
        prop_assert_eq!(score(&name, &name), if name.is_empty() { 0 } else { 1_000_000 });
        prop_assert_eq!(score(&name, &analyse(&a, kind)), score(&name, &name));
    }

    #[test]
    fn the_alignment_is_the_optimum((a, b) in near_pair()) {
        let (a, b) = (analyse(&a, NameKind::Person), analyse(&b, NameKind::Person));
        // The slow way analyses tokens by themselves, which must leave them what they are.
        let alone = |name: &Name| {
            name.tokens().iter().all(|token| {
                let alone = analyse(&token.raw, NameKind::Person);
                alone.tokens().len() == 1 && alone.tokens()[0].role.is_name() == token.role.is_name()
            })
        };
        if a.tokens().len() * b.tokens().len() <= 16 && alone(&a) && alone(&b) {
            let explained = compare(&a, &b);
            let spent = |pair: &UnitPair| u64::from(pair.similarity.0) * u64::from(pair.spent_a + pair.spent_b);
            let credit: u64 = explained.pairs.iter().map(spent).sum();
            let changed = explained.shortfalls.iter().any(|s| matches!(s, Shortfall::Order { .. }));
            prop_assert_eq!(credit * if changed { 995 } else { 1000 }, slow_credit(&a, &b));
        }
    }
}

#[test]
fn long_and_odd_texts_end() {
    let odd = [
        "ab ".repeat(3_400),
        "a b c ".repeat(1_700),
        "x".repeat(10_000),
        "王".repeat(3_300),
        "chcwxj".repeat(1_600),
        "الرحمن ".repeat(700),
        "abdu rahman ".repeat(800),
        "\u{301}".repeat(5_000),
        "😀".repeat(2_500),
        "o'".repeat(5_000),
        ('a'..='z')
            .chain('a'..='z')
            .map(|letter| ["word", &letter.to_string(), " "].concat())
            .collect::<String>(),
    ];
    for a in &odd {
        for b in &odd {
            let (a, b) = (analyse(a, NameKind::Person), analyse(b, NameKind::Organisation));
            check(&a, &b);
        }
    }
}
