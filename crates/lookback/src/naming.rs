//! How a name is read: what the comparison of names sees of it, as data to look at.
//!
//! Always holds: it is the very analysis that scores compare.

use names::{Commonness, NameKind, Token, Unit};
use serde::{Serialize, Serializer};

/// A name as it is compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameReading {
    /// The text.
    pub name: String,
    /// What the words weigh together.
    #[serde(serialize_with = "thousandths")]
    pub weight: u32,
    /// How many keys the index has for it, words and joins together.
    pub keys: usize,
    /// Set if the text was too long and not all of it is compared.
    pub cut: bool,
    /// Its words, in order.
    pub words: Vec<WordReading>,
    /// What is compared as one word: neighbouring words, and the acronyms of organisations.
    pub joins: Vec<JoinReading>,
}

/// One word of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WordReading {
    /// As written.
    pub word: String,
    /// As compared, in its script.
    pub folded: String,
    /// Romanised; of an abjad one Latin letter for each letter.
    pub spelling: String,
    /// What it does in the name.
    pub role: &'static str,
    /// The rule that says so.
    pub rule: &'static str,
    /// How many people bear it.
    pub commonness: &'static str,
    /// How much of the name it is.
    #[serde(serialize_with = "thousandths")]
    pub weight: u32,
    /// How it may sound: spellings with a common reading are one.
    pub readings: Vec<String>,
    /// In how many groups of words that are written for one another it is.
    pub groups: usize,
    /// How many keys the index has for it.
    pub keys: usize,
}

/// Words that are compared as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinReading {
    /// As compared.
    pub folded: String,
    /// Which words it covers, from 1.
    pub words: (usize, usize),
    /// What it weighs.
    #[serde(serialize_with = "thousandths")]
    pub weight: u32,
    /// How many keys the index has for it.
    pub keys: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn thousandths<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*value) / 1000.0)
}

/// How a name is read.
pub fn read_name(text: &str, kind: NameKind) -> NameReading {
    let name = names::analyse(text, kind);
    let joins = name.units().skip(name.tokens().len());
    NameReading {
        name: text.to_owned(),
        weight: name.weight(),
        keys: name.units().map(|unit| unit.form.keys().len()).sum(),
        cut: name.is_cut(),
        words: name.tokens().iter().map(word).collect(),
        joins: joins.map(|unit| join(&unit)).collect(),
    }
}

fn word(token: &Token) -> WordReading {
    WordReading {
        word: token.raw.clone(),
        folded: token.form.text().to_owned(),
        spelling: token.form.spelling().to_owned(),
        role: token.role.word(),
        rule: token.reason.rule(),
        commonness: match token.commonness {
            Commonness::Rare => "rare",
            Commonness::Known => "known",
            Commonness::Usual => "usual",
            Commonness::Common => "common",
            Commonness::VeryCommon => "very common",
        },
        weight: u32::from(token.weight.0),
        readings: token.form.readings(),
        groups: token.form.groups(),
        keys: token.form.keys().len(),
    }
}

fn join(unit: &Unit<'_>) -> JoinReading {
    let first = usize::from(unit.shape.first) + 1;
    JoinReading {
        folded: unit.form.text().to_owned(),
        words: (first, first + usize::from(unit.shape.len) - 1),
        weight: u32::from(unit.shape.weight),
        keys: unit.form.keys().len(),
    }
}
