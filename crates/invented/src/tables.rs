//! The word tables of `data/invented`: text in, parts of names out, read once per process.
//!
//! The form of the files is described in `data/invented/README.md`. A table that cannot be read is a mistake in this
//! repository and not of the caller, so that reading panics; a test reads them all.

use std::sync::LazyLock;

/// One part of a name in the script of its table and in Latin letters, for a man and for a woman.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) male: Spelling,
    pub(crate) female: Spelling,
}

/// How a part is written: natively, and in one or more Latin spellings, the usual one first.
#[derive(Debug, Clone)]
pub(crate) struct Spelling {
    pub(crate) native: String,
    pub(crate) latin: Vec<String>,
}

/// A word of a full name, as the `order` line of a table lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// The person's given name.
    Given,
    /// A patronymic, or the particle before the father's name.
    Father,
    /// A man's given name: the father's, or his father's.
    Male,
    /// A family name.
    Family,
}

/// Everything one profile puts names together from.
#[derive(Debug)]
pub(crate) struct NameTable {
    pub(crate) orders: Vec<Vec<Word>>,
    pub(crate) given_m: Vec<Part>,
    pub(crate) given_f: Vec<Part>,
    pub(crate) father: Vec<Part>,
    pub(crate) family: Vec<Part>,
    pub(crate) prefix: Vec<Part>,
    pub(crate) onset: Vec<Part>,
    pub(crate) middle: Vec<Part>,
    pub(crate) vowel: Vec<Part>,
    pub(crate) coda: Vec<Part>,
    pub(crate) suffix: Vec<Part>,
}

/// All name tables, in the order in which the profiles list them.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) european: NameTable,
    pub(crate) slavic: NameTable,
    pub(crate) tajik: NameTable,
    pub(crate) arabic: NameTable,
    pub(crate) persian: NameTable,
    pub(crate) georgian: NameTable,
    pub(crate) armenian: NameTable,
    pub(crate) spanish: NameTable,
}

pub(crate) static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    european: name_table(include_str!("../../../data/invented/european.txt")),
    slavic: name_table(include_str!("../../../data/invented/slavic.txt")),
    tajik: name_table(include_str!("../../../data/invented/tajik.txt")),
    arabic: name_table(include_str!("../../../data/invented/arabic.txt")),
    persian: name_table(include_str!("../../../data/invented/persian.txt")),
    georgian: name_table(include_str!("../../../data/invented/georgian.txt")),
    armenian: name_table(include_str!("../../../data/invented/armenian.txt")),
    spanish: name_table(include_str!("../../../data/invented/spanish.txt")),
});

/// Words for what is no person.
#[derive(Debug)]
pub(crate) struct OrganisationTable {
    pub(crate) trade: Vec<String>,
    pub(crate) form: Vec<String>,
    pub(crate) colour: Vec<String>,
    pub(crate) thing: Vec<String>,
    pub(crate) program: Vec<String>,
}

pub(crate) static ORGANISATIONS: LazyLock<OrganisationTable> = LazyLock::new(|| {
    let text = include_str!("../../../data/invented/organisations.txt");
    let words = |kind| items(text, kind).map(spaced).collect();
    OrganisationTable {
        trade: words("trade"),
        form: words("form"),
        colour: words("colour"),
        thing: words("thing"),
        program: words("program"),
    }
});

fn name_table(text: &str) -> NameTable {
    let parts = |kind| items(text, kind).map(part).collect();
    NameTable {
        orders: items(text, "order").map(order).collect(),
        given_m: parts("given_m"),
        given_f: parts("given_f"),
        father: parts("father"),
        family: parts("family"),
        prefix: parts("prefix"),
        onset: parts("onset"),
        middle: parts("middle"),
        vowel: parts("vowel"),
        coda: parts("coda"),
        suffix: parts("suffix"),
    }
}

/// The items of the line `kind: item item …`; none when the table has no such line.
fn items<'a>(text: &'a str, kind: &str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(':'))
        .flat_map(str::split_whitespace)
}

fn part(item: &str) -> Part {
    let (male, female) = item.split_once('|').unwrap_or((item, item));
    Part { male: spelling(male), female: spelling(female) }
}

fn spelling(text: &str) -> Spelling {
    let (native, latin) = match text.split_once('=') {
        Some(both) => both,
        None => (text.split('/').next().unwrap_or(text), text),
    };
    Spelling { native: spaced(native), latin: latin.split('/').map(spaced).collect() }
}

fn spaced(item: &str) -> String {
    item.replace('_', " ")
}

fn order(item: &str) -> Vec<Word> {
    let word = |text| match text {
        "given" => Word::Given,
        "father" => Word::Father,
        "male" => Word::Male,
        "family" => Word::Family,
        other => panic!("data/invented: no word of a name is called {other}"),
    };
    item.split('+').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_what_names_need() {
        let t = &*TABLES;
        for table in
            [&t.european, &t.slavic, &t.tajik, &t.arabic, &t.persian, &t.georgian, &t.armenian, &t.spanish]
        {
            assert!(table.given_m.len() >= 18 && table.given_f.len() >= 18 && table.family.len() >= 15);
            assert!(table.onset.len() >= 18 && table.middle.len() >= 14 && table.vowel.len() >= 5);
            assert!(table.coda.len() >= 12 && table.suffix.len() >= 6);
            let words: Vec<Word> = table.orders.iter().flatten().copied().collect();
            assert!(words.contains(&Word::Given) && words.contains(&Word::Family));
            assert_eq!(words.contains(&Word::Father), !table.father.is_empty());
        }
        assert!(ORGANISATIONS.program.len() >= 2 && ORGANISATIONS.trade.contains(&"Salt Works".to_owned()));
    }

    #[test]
    fn an_item_may_have_spellings_and_a_feminine_form() {
        let part = part("ский=skiy/sky|ская=skaya");
        assert_eq!((part.male.native.as_str(), part.male.latin.len()), ("ский", 2));
        assert_eq!((part.female.native.as_str(), part.female.latin[0].as_str()), ("ская", "skaya"));
        assert_eq!(spelling("de_la_Cruz").latin, ["de la Cruz"]);
        assert_eq!(spelling("=").native, "");
        assert_eq!((spelling("Paul/Pavel").native.as_str(), spelling("Paul/Pavel").latin.len()), ("Paul", 2));
    }
}
