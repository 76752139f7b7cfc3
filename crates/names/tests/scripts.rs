//! Every name in every script survives: something is left of it, it is itself and not another, and what is not seen changes nothing.
//! Where nothing is left, the name says that it is empty; where it was too long, that it is cut.

use lookback_names::{Name, NameKind, analyse, compare, score};

const KINDS: [NameKind; 3] = [NameKind::Person, NameKind::Organisation, NameKind::Object];

/// The threshold that the default policy alerts at.
const ALERT: u32 = 850_000;

fn person(text: &str) -> Name {
    analyse(text, NameKind::Person)
}

/// Not empty, itself, and taken apart the same again.
fn survives(text: &str) {
    for kind in KINDS {
        let (name, again) = (analyse(text, kind), analyse(text, kind));
        assert!(!name.is_empty() && name.weight() > 0, "nothing is left of {text:?} as {kind:?}");
        assert_eq!(score(&name, &again), 1_000_000, "{text:?} as {kind:?}");
        let token = |token: &lookback_names::Token| (token.raw.clone(), token.weight, token.role);
        assert!(name.tokens().iter().map(token).eq(again.tokens().iter().map(token)), "{text:?}");
        assert!(!name.is_cut(), "{text:?} is short");
    }
}

/// Two invented people in each script.
const TWO_PEOPLE: [(&str, &str, &str); 31] = [
    ("Latin", "Tarvo Zelinka", "Mirel Okundo"),
    ("Latin with marks", "Þórvö Želiňka", "Ñuño Çağrıbek"),
    ("Vietnamese", "Đặng Thụy Miên", "Phùng Quốc Bảo"),
    ("Cyrillic", "Тарво Зелинка", "Мирел Окундо"),
    ("Cyrillic of Tajik and Kazakh", "Ғайрат Қодирзод", "Ұлбосын Әшімқызы"),
    ("Greek", "Τάρβο Ζελίνκας", "Νικηφόρος Βρανίτης"),
    ("Georgian", "თარვო ზელინაძე", "მირელ ოკუნდო"),
    ("Georgian capitals", "ᲗᲐᲠᲕᲝ ᲖᲔᲚᲘᲜᲐᲫᲔ", "ᲛᲘᲠᲔᲚ ᲝᲙᲣᲜᲓᲝ"),
    ("Armenian", "Տարվո Զելինյան", "Միրել Օկունդո"),
    ("Hebrew", "טרבו זלינקה", "מיראל אוקונדו"),
    ("Hebrew with points", "טַרְבוֹ זֶלִינְקָה", "מִירֵאל אוֹקוּנְדוֹ"),
    ("Arabic", "منيف زاريقاني", "ثروت بلحمدون"),
    ("Arabic with vowels", "مُنِيفُ الزَّارِيقَانِيّ", "ثَرْوَت بِلْحَمْدُون"),
    ("Persian", "گودرز پاکزادیان", "ژاله چم‌آسمانی"),
    ("Kurdish", "هێمن ڕەوشتزادە", "ڤیان گۆڕانی"),
    ("Urdu", "ٹیپو ڈھلوڑا", "نسیمہ چغڑزئی"),
    ("Syriac", "ܬܪܒܘ ܙܠܝܢܩܐ", "ܡܝܪܠ ܐܘܩܢܕܘ"),
    ("Thaana", "ތަރުވޯ ޒެލިން", "މިރެލް އޮކުންޑޯ"),
    ("Devanagari", "तारवो ज़ेलिंका", "मिरेल ओकुंदो"),
    ("Bengali", "তারভো জেলিংকা", "মিরেল ওকুন্দো"),
    ("Tamil", "தார்வோ செலிங்கா", "மிரெல் ஒகுண்டோ"),
    ("Thai", "ธารโว เซลินกา", "มิเรล โอกุนโด"),
    ("Lao", "ທາວໂວ ເຊລິນກາ", "ມິເຣນ ໂອກຸນໂດ"),
    ("Burmese", "တာဗို ဇယ်လင်ကာ", "မိရယ် အိုကွန်ဒို"),
    ("Khmer", "តារវ៉ូ ហ្សេលីនកា", "មីរ៉ែល អូគុនដូ"),
    ("Tibetan", "ཏར་བོ་ཛེ་ལིན", "མི་རེལ་ཨོ་ཀུན"),
    ("Ethiopic", "ታርቮ ዘሊንካ", "ሚረል ኦኩንዶ"),
    ("Han", "钟离墨渊", "南宫夏岚"),
    ("Hiragana", "たるぼ ぜりんか", "みれる おくんど"),
    ("Katakana", "タルヴォ・ゼリンカ", "ミレル・オクンド"),
    ("Hangul", "탁민겸", "봉하율"),
];

#[test]
fn a_name_in_any_script_is_itself_and_no_other() {
    for (script, one, other) in TWO_PEOPLE {
        survives(one);
        survives(other);
        let (a, b) = (person(one), person(other));
        assert_eq!(score(&a, &b), score(&b, &a), "{script}");
        assert!(score(&a, &b) < ALERT, "{script}: {one} and {other} are two people, {}", score(&a, &b));
        for token in a.tokens() {
            survives(&token.raw);
        }
    }
}

#[test]
fn names_of_several_scripts_survive_and_each_word_counts() {
    for (_, one, other) in TWO_PEOPLE {
        for (_, third, _) in TWO_PEOPLE {
            let mixed = format!("{one} {third}");
            survives(&mixed);
            let turned = score(&person(&mixed), &person(&format!("{third} {one}")));
            assert!(turned >= ALERT, "{mixed}: {turned} in another order");
            let replaced = score(&person(&mixed), &person(&format!("{other} {third}")));
            assert!(replaced < turned, "{mixed}: {other} is not {one}");
        }
    }
}

/// What is written otherwise and is the same name to the reader.
const THE_SAME: [(&str, &str, &str); 20] = [
    ("Marks of direction", "\u{202b}منيف زاريقاني\u{202c}", "منيف زاريقاني"),
    ("isolates", "\u{2067}טרבו\u{2069} \u{2067}זלינקה\u{2069}", "טרבו זלינקה"),
    ("a mark between letters", "Tar\u{200e}vo Zelin\u{200f}ka", "Tarvo Zelinka"),
    ("zero-width spaces within words", "Ta\u{200b}r\u{200b}vo Ze\u{2060}lin\u{feff}ka", "Tarvo Zelinka"),
    ("soft hyphens", "Tar\u{ad}vo Zelin\u{ad}ka", "Tarvo Zelinka"),
    ("joiners", "ژاله چم\u{200c}آسمانی", "ژاله چمآسمانی"),
    ("accents apart", "Z\u{30c}elin\u{30c}ka O\u{308}rvo", "Želiňka Örvo"),
    ("vowel signs left out", "مُنِيف زَارِيقَانِي", "منيف زاريقاني"),
    ("points left out", "טַרְבוֹ זֶלִינְקָה", "טרבו זלינקה"),
    ("stretched letters", "منيـــف زاريقـاني", "منيف زاريقاني"),
    ("presentation forms", "ﻣﻨﻴﻒ ﺯﺍﺭﻳﻘﺎﻧﻲ", "منيف زاريقاني"),
    ("wide letters", "Ｔａｒｖｏ　Ｚｅｌｉｎｋａ", "Tarvo Zelinka"),
    ("narrow kana", "ﾀﾙｳﾞｫ ｾﾞﾘﾝｶ", "タルヴォ ゼリンカ"),
    ("syllables in their letters", "\u{1110}\u{1161}\u{11a8}\u{1106}\u{1175}\u{11ab}", "탁민"),
    ("mathematical letters", "𝓣𝓪𝓻𝓿𝓸 𝐙𝐞𝐥𝐢𝐧𝐤𝐚", "Tarvo Zelinka"),
    ("Cyrillic letters that look Latin", "Tаrvо Zеlinkа", "Tarvo Zelinka"),
    ("Latin letters that look Cyrillic", "Тapвo Зелинкa", "Тарво Зелинка"),
    ("pictures", "😀 Tarvo 🎉 Zelinka 👨‍👩‍👧", "Tarvo Zelinka"),
    ("capitals, blanks and stops", "  TARVO\u{a0}\u{3000}ZELINKA. ", "Tarvo Zelinka"),
    ("quotation marks", "«Tarvo» “Zelinka”", "Tarvo Zelinka"),
];

#[test]
fn what_is_not_seen_changes_nothing() {
    for (what, written, plain) in THE_SAME {
        survives(written);
        assert_eq!(score(&person(written), &person(plain)), 1_000_000, "{what}");
    }
}

#[test]
fn short_and_long_names_survive() {
    for letter in ["A", "Ж", "ა", "Ա", "Ω", "ש", "م", "王", "김", "あ", "ア", "ก", "अ", "አ", "É", "7"]
    {
        survives(letter);
        survives(&format!("{letter}."));
        survives(&format!("{letter} {letter}"));
    }
    for (_, one, _) in TWO_PEOPLE {
        let word = person(one).tokens()[0].raw.clone();
        let chain = vec![word.as_str(); 50].join(" ");
        survives(&chain);
        assert_eq!(person(&chain).tokens().len(), 50 * person(&word).tokens().len(), "{chain}");
    }
    let words: String = ('a'..='y').flat_map(|a| [format!("{a}rvo "), format!("{a}linka ")]).collect();
    survives(&words);
}

/// No letter and no digit, in one way or another.
const NOTHING: [&str; 14] = [
    "",
    " ",
    "\u{a0}\u{3000}\t",
    "...",
    "- / & '",
    "«»„“",
    "…،、。",
    "😀",
    "👨‍👩‍👧 🎉🎉",
    "\u{200b}\u{200d}\u{feff}",
    "\u{202e}\u{202c}",
    "\u{301}\u{308}",
    "\u{64e}\u{651} \u{640}",
    "\u{fffd}\u{0}\u{7f}",
];

#[test]
fn a_name_of_which_nothing_is_left_says_so_and_is_like_none() {
    let someone = person("Tarvo Zelinka");
    for text in NOTHING {
        for kind in KINDS {
            let name = analyse(text, kind);
            assert!(name.is_empty() && name.units().next().is_none() && name.weight() == 0, "{text:?}");
            assert_eq!(score(&name, &name), 0, "{text:?}");
            assert_eq!(score(&name, &someone), 0, "{text:?}");
            let compared = compare(&name, &someone);
            assert!(compared.pairs.is_empty() && compared.unmatched_b == [0, 1], "{text:?}");
        }
    }
}

#[test]
fn ten_thousand_bytes_of_any_script_are_cut_and_say_so() {
    let odd =
        ["\u{301}", "😀", "\u{202e}", "a\u{301}", "'", "ﷺ", "a1", ".", "-a", "A.", "ǆ"].map(str::to_owned);
    let people = TWO_PEOPLE
        .iter()
        .flat_map(|(_, one, other)| [one.replace(' ', ""), format!("{one} "), format!("{one} {other} ")]);
    for piece in odd.into_iter().chain(people) {
        let text = piece.repeat(10_000 / piece.len());
        for kind in KINDS {
            let name = analyse(&text, kind);
            assert!(name.tokens().len() <= 64 && name.units().count() <= 6 * 64, "{piece:?}");
            assert!(name.is_empty() || name.is_cut(), "{piece:?} is too long and does not say so");
            assert_eq!(score(&name, &name), if name.is_empty() { 0 } else { 1_000_000 }, "{piece:?}");
        }
    }
}
