//! East Slavic endings: whose child a patronymic names, and what family a family name names, whatever the language and gender.
//!
//! In goes a romanised spelling; out comes its stem by hash, in a reading that Russian, Ukrainian and Belarusian spellings share, with
//! the kind of ending and the gender that it tells. Words without such an ending have no inflection. The letters are `dialect.tsv`, the endings
//! `endings.tsv`, fathers' names that have another stem in another language `fathers.tsv`.

use crate::key::{Hashing, Key};
use crate::rewrite::{Keyed, Rewriter, tail};
use crate::table;
use rustc_hash::FxHashMap;
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

/// The endings by their last letter, longest first.
static ENDINGS: LazyLock<[Vec<Ending>; 26]> = LazyLock::new(|| {
    let mut endings: [Vec<Ending>; 26] = std::array::from_fn(|_| Vec::new());
    for row in table::rows(table::ENDINGS) {
        let gender = if row[1] == "m" { Gender::Male } else { Gender::Female };
        for text in row[2].split(' ') {
            let last = text.as_bytes()[text.len() - 1];
            endings[usize::from(last - b'a')].push(Ending {
                text,
                letters: tail(text.as_bytes()),
                kind: row[0],
                gender,
            });
        }
    }
    for list in &mut endings {
        list.sort_by_key(|ending| Reverse(ending.text.len()));
    }
    endings
});

/// Stems of one father, by the reading of each, as the reading of the first.
static FATHERS: LazyLock<FxHashMap<Hashing, Hashing>> = LazyLock::new(|| {
    let mut fathers = FxHashMap::default();
    for row in table::rows(table::FATHERS) {
        let mut stems = row[0].split(' ').map(|stem| reading(stem.as_bytes()));
        if let Some(first) = stems.next() {
            fathers.extend(stems.map(|stem| (stem, first)));
        }
    }
    fathers
});

/// The inflection of a romanised word, if it ends as an East Slavic family name or patronymic.
pub(crate) fn inflection(spelling: &[u8]) -> Option<Inflection> {
    let last = spelling.last().filter(|last| last.is_ascii_lowercase())?;
    let (letters, _) = tail(spelling);
    let ends = |ending: &&Ending| (letters ^ ending.letters.0) & ending.letters.1 == 0;
    let ending = ENDINGS[usize::from(last - b'a')].iter().find(ends)?;
    let patronymic = ending.kind == "patronymic";
    let stem = without_final_vowels(&spelling[..spelling.len() - ending.text.len()]);
    if stem.len() < if patronymic { PATRONYMIC_STEM_MIN } else { FAMILY_STEM_MIN } {
        return None;
    }
    let stem = reading(stem);
    let father = if patronymic { FATHERS.get(&stem).copied() } else { None };
    let kind = std::iter::once(&b'-').chain(ending.kind.as_bytes());
    let key = kind.fold(father.unwrap_or(stem), |hashing, &letter| hashing.and(letter)).done();
    Some(Inflection { key, patronymic, gender: ending.gender })
}

/// The reading of a stem, as the key of an inflection begins.
fn reading(stem: &[u8]) -> Hashing {
    DIALECT.first_reading::<Keyed<{ Key::Inflection as u8 }>>(stem).hashing
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
}
