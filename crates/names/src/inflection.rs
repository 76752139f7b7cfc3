//! East Slavic endings: whose child a patronymic names, and what family a family name names, whatever the language and gender.
//!
//! In goes a romanised spelling; out comes its stem by hash, in a reading that Russian, Ukrainian and Belarusian spellings share, with
//! the kind of ending and the gender that it tells. Words without such an ending have no inflection. The letters are `dialect.tsv`, the endings
//! `endings.tsv`, fathers' names that have another stem in another language `fathers.tsv`.

use crate::key::{Hashing, Key};
use crate::rewrite::{Keyed, Rewriter, tail};
use crate::table;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// 3: shorter stems of family names are shared by too many.
const FAMILY_STEM_MIN: usize = 3;
/// 2: "Yurievich", "Lvovich".
const PATRONYMIC_STEM_MIN: usize = 2;

/// A stem and what its ending tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inflection {
    /// Equal for equal stems with endings of one kind; also their key.
    pub(crate) key: u64,
    /// Equal for equal keys, as [`shapes`] has it.
    pub(crate) shape: u32,
    pub(crate) patronymic: bool,
    pub(crate) gender: Gender,
}

/// The gender that an ending tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gender {
    Male,
    Female,
}

struct Ending {
    text: &'static str,
    /// Its letters, the last one highest, and which bytes they are.
    letters: (u64, u64),
    kind: &'static str,
    gender: Gender,
}

static DIALECT: LazyLock<Rewriter> = LazyLock::new(|| Rewriter::with_readings(table::DIALECT));

/// Endings with the same last two letters.
#[derive(Default)]
struct Endings {
    /// The longest first.
    list: Vec<Ending>,
    /// The letters, a bit each, that may stand before those two.
    before: u32,
}

/// The endings by their last two letters.
static ENDINGS: LazyLock<Vec<Endings>> = LazyLock::new(|| {
    let mut endings: Vec<Endings> = (0..LETTERS * LETTERS).map(|_| Endings::default()).collect();
    for row in table::rows(table::ENDINGS) {
        let gender = if row[1] == "m" { Gender::Male } else { Gender::Female };
        for text in row[2].split(' ') {
            let [rest @ .., before, last] = text.as_bytes() else { continue };
            let Some(place) = place(*before, *last) else { continue };
            endings[place].before |= rest.last().map_or(u32::MAX, |letter| bit(*letter));
            let letters = tail(text.as_bytes());
            endings[place].list.push(Ending { text, letters, kind: row[0], gender });
        }
    }
    for Endings { list, .. } in &mut endings {
        list.sort_by_key(|ending| Reverse(ending.text.len()));
    }
    endings
});

/// 26: small letters.
const LETTERS: usize = 26;

/// The place of two small letters among all.
fn place(first: u8, second: u8) -> Option<usize> {
    let number = |letter: u8| letter.is_ascii_lowercase().then(|| usize::from(letter - b'a'));
    Some(LETTERS * number(first)? + number(second)?)
}

/// True for the letters that every reading of the dialects has as often as its text and in the same order.
static KEPT: LazyLock<[bool; 256]> = LazyLock::new(|| {
    let kept = |letter: &u8| {
        let count = |text: &str| text.bytes().filter(|other| other == letter).count();
        DIALECT
            .rules()
            .iter()
            .all(|rule| rule.readings.iter().all(|reading| count(reading) == count(rule.pattern())))
    };
    std::array::from_fn(|letter| (letter as u8).is_ascii_lowercase() && kept(&(letter as u8)))
});

/// The stem of one father, in another language.
#[derive(Clone, Copy)]
struct Father {
    reading: Hashing,
    shape: Hashing,
}

/// Stems of one father: the first, by the reading of each other.
static FATHERS: LazyLock<FxHashMap<Hashing, Father>> = LazyLock::new(|| {
    let mut fathers = FxHashMap::default();
    for row in table::rows(table::FATHERS) {
        let mut stems = row[0].split(' ').map(str::as_bytes);
        if let Some(first) = stems.next() {
            let father = Father { reading: reading(first), shape: shape(first) };
            fathers.extend(stems.map(|stem| (reading(stem), father)));
        }
    }
    fathers
});

/// The shapes that the first stem of a father may have, by the shape of another.
static SHAPES: LazyLock<FxHashMap<Hashing, SmallVec<[Hashing; 1]>>> = LazyLock::new(|| {
    let mut shapes = FxHashMap::<_, SmallVec<[Hashing; 1]>>::default();
    for row in table::rows(table::FATHERS) {
        let mut stems = row[0].split(' ').map(|stem| shape(stem.as_bytes()));
        if let Some(first) = stems.next() {
            stems.for_each(|stem| shapes.entry(stem).or_default().push(first));
        }
    }
    shapes
});

/// The endings of which a word that ends in these letters may have one.
fn endings(letters: &[u8]) -> Option<&'static Endings> {
    let [rest @ .., before, last] = letters else { return None };
    let endings = &ENDINGS[place(*before, *last)?];
    let may_follow = |letter: &u8| !letter.is_ascii_lowercase() || endings.before & bit(*letter) != 0;
    rest.last().is_none_or(may_follow).then_some(endings)
}

/// False only if nothing that ends in these letters has an inflection.
pub(crate) fn may_end(letters: &[u8]) -> bool {
    letters.len() < 2 || endings(letters).is_some_and(|endings| !endings.list.is_empty())
}

/// The stem and the ending of a romanised word, if it ends as an East Slavic family name or patronymic.
fn divided(spelling: &[u8]) -> Option<(&[u8], &'static Ending)> {
    let endings = endings(spelling)?;
    let (letters, _) = tail(spelling);
    let ends = |ending: &&Ending| (letters ^ ending.letters.0) & ending.letters.1 == 0;
    let ending = endings.list.iter().find(ends)?;
    let stem = without_final_vowels(&spelling[..spelling.len() - ending.text.len()]);
    let least = if ending.is_patronymic() { PATRONYMIC_STEM_MIN } else { FAMILY_STEM_MIN };
    (stem.len() >= least).then_some((stem, ending))
}

/// The inflection of a romanised word, if it ends as an East Slavic family name or patronymic.
pub(crate) fn inflection(spelling: &[u8]) -> Option<Inflection> {
    let (stem, ending) = divided(spelling)?;
    let (patronymic, gender) = (ending.is_patronymic(), ending.gender);
    let reading = reading(stem);
    let father = if patronymic { FATHERS.get(&reading).copied() } else { None };
    let Father { reading, shape } = father.unwrap_or_else(|| Father { reading, shape: shape(stem) });
    Some(Inflection { key: ending.key(reading), shape: ending.shape(shape), patronymic, gender })
}

/// Calls `found` with shapes of which the inflection of a romanised word has one, if it has any. They are the letters of the stem that are in every
/// reading, which is not read.
pub(crate) fn shapes(spelling: &[u8], mut found: impl FnMut(u32)) {
    let Some((stem, ending)) = divided(spelling) else { return };
    let shape = shape(stem);
    found(ending.shape(shape));
    if ending.is_patronymic() {
        SHAPES.get(&shape).into_iter().flatten().for_each(|&first| found(ending.shape(first)));
    }
}

impl Ending {
    fn is_patronymic(&self) -> bool {
        self.kind == "patronymic"
    }

    /// The shape of a stem with such an ending, never 0.
    fn shape(&self, stem: Hashing) -> u32 {
        self.key(stem) as u32 | 1
    }

    /// The key of a stem with such an ending.
    fn key(&self, stem: Hashing) -> u64 {
        std::iter::once(&b'-').chain(self.kind.as_bytes()).fold(stem, |stem, &letter| stem.and(letter)).done()
    }
}

/// The reading of a stem, as the key of an inflection begins.
fn reading(stem: &[u8]) -> Hashing {
    DIALECT.first_reading::<Keyed<{ Key::Inflection as u8 }>>(stem).hashing
}

/// The letters of a stem that its reading has, too, in turn, a doubled one once.
fn shape(stem: &[u8]) -> Hashing {
    let (kept, mut shape, mut before) = (&*KEPT, Hashing::new(Key::Inflection), 0);
    for &letter in stem {
        if letter != before && kept[usize::from(letter)] {
            shape = shape.and(letter);
        }
        before = letter;
    }
    shape
}

/// A bit for a small letter, none for others.
fn bit(letter: u8) -> u32 {
    if letter.is_ascii_lowercase() { 1 << (letter - b'a') } else { 0 }
}

fn without_final_vowels(stem: &[u8]) -> &[u8] {
    let is_vowel = |letter: &u8| matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'j');
    let kept = stem.iter().rposition(|letter| !is_vowel(letter)).map_or(0, |last| last + 1);
    &stem[..kept]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::romanise::romanise;

    #[test]
    fn every_ending_of_the_table_is_known_by_its_last_letters() {
        let listed = table::rows(table::ENDINGS).flat_map(|row| row[2].split(' ').collect::<Vec<_>>());
        for ending in listed {
            assert!(may_end(ending.as_bytes()) && may_end(&ending.as_bytes()[1..]), "{ending}");
            let (stem, found) = divided_text(&format!("brodan{ending}"));
            assert!(found.is_some_and(|found| found.ends_with(ending)), "{stem} {ending}");
        }
    }

    /// A word in its stem and its ending.
    fn divided_text(word: &str) -> (String, Option<&'static str>) {
        let divided = divided(word.as_bytes());
        let stem = divided.map_or(String::new(), |(stem, _)| String::from_utf8_lossy(stem).into_owned());
        (stem, divided.map(|(_, ending)| ending.text))
    }

    fn of(text: &str) -> Option<Inflection> {
        inflection(&romanise(text).spelling)
    }

    #[test]
    fn patronymics_of_one_father_are_equal() {
        for same in [
            "vladimirovich volodymyrovych uladzimiravich владимирович володимирович уладзіміравіч uładzimiravič",
            "vladimirovna volodymyrivna uladzimirauna владимировна володимирівна уладзіміраўна",
            "sergeevich sergeyevich serhiyovych siarheevich siarhieyevich сергеевич сергійович сяргеевіч",
            "nikolaevich mykolayovych mikalaevich николаевич миколайович мікалаевіч",
            "dmitrievich dmytrovych dzmitryevich дмитриевич дмитрович дзмітрыевіч",
            "grigorievich hryhorovych ryhoravich григорьевич григорович рыгоравіч",
            "petrovich petrovych piatrovich петрович пятровіч",
            "pavlovich pavlovych paulavich павлович паўлавіч",
            "evgenievich yevhenovych yauhenavich евгеньевич євгенович яўгенавіч",
            "konstantinovich kostyantynovych kanstantsinavich константинович костянтинович канстанцінавіч",
            "stepanovich stsiapanavich степанович сцяпанавіч",
            "gennadievich hennadiyovych henadzevich геннадьевич геннадійович генадзевіч",
            "vyacheslavovich viachaslavavich вячеславович вячаслававіч",
            "yurievich yuriyovych iurievich юрьевич юрійович юр'евіч",
        ] {
            let found: Vec<_> = same.split(' ').map(|word| (word, of(&word.replace('\'', "")))).collect();
            assert!(found[0].1.is_some_and(|inflection| inflection.patronymic), "{}", found[0].0);
            assert!(found.iter().all(|(_, inflection)| *inflection == found[0].1), "{found:?}");
        }
        assert_ne!(of("ivanovich"), of("ivanovna"));
        assert_ne!(of("mikhailovich"), of("nikolaevich"));
    }

    #[test]
    fn spellings_of_one_family_name_are_equal() {
        for same in [
            "zarinkov zarinkau zarinkow zarynkoff заринков зарынкаў",
            "dedrov dziadrou дедров дзядроў",
            "vargolsky vargolski vargolskyi varholskij варгольський варгольскі варгольский",
            "shevtsanov shautsanau шевцанов шаўцанаў",
            "zelichenko zelichanka зеличенко зелічэнка",
        ] {
            let found: Vec<_> = same.split(' ').map(|word| (word, of(word))).collect();
            assert!(
                found.iter().all(|(_, inflection)| inflection.is_some() && *inflection == found[0].1),
                "{found:?}"
            );
        }
        let (man, woman) = (of("заринков").unwrap(), of("zarinkava").unwrap());
        assert!(man.key == woman.key && man.gender != woman.gender);
        assert_eq!(of("marsil"), None);
        assert_eq!(of("lvov"), None);
    }

    #[test]
    fn what_is_kept_is_kept_in_every_reading() {
        let kept: Vec<u8> = (b'a'..=b'z').filter(|&letter| KEPT[usize::from(letter)]).collect();
        assert!(kept.len() > 4, "{kept:?}");
        for rule in DIALECT.rules() {
            let of = |text: &str| text.bytes().filter(|letter| kept.contains(letter)).collect::<Vec<_>>();
            assert!(
                rule.readings.iter().all(|reading| !reading.is_empty() && of(reading) == of(rule.pattern()))
            );
        }
    }

    #[test]
    fn a_shape_is_found_without_reading() {
        for word in
            "petrovich volodymyrovych zarinkova mikalaevich dannova dzmitryevich szczerenko".split(' ')
        {
            let mut found = Vec::new();
            shapes(word.as_bytes(), |shape| found.push(shape));
            let inflection = inflection(word.as_bytes()).unwrap();
            assert!(found.contains(&inflection.shape), "{word}");
        }
        let shape = |word: &str| of(word).unwrap().shape;
        assert_eq!(shape("mykolayovych"), shape("nikolaevich"));
        assert_ne!(shape("petrovich"), shape("nikolaevich"));
    }
}
