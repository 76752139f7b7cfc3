//! The rules of the score as one table that a compliance officer can read. It is the `[match]` part of the policy file.
//!
//! Always holds: every factor lies between 0 and 1, so that a rule can only lower what the names say.

use serde::{Deserialize, Serialize};

use crate::BirthDates;

/// What each rule does to a name score: the score is multiplied by the factor. Numbers from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// A weak alias without a birth date or identifier in common.
    pub weak_alias: f64,
    /// Birth dates that look like a slip of each other.
    pub birth_date_near: f64,
    /// Birth dates that differ.
    pub birth_date_different: f64,
    /// Genders that differ.
    pub gender_different: f64,
    /// Properties whose exact agreement alerts on its own, whatever the name.
    pub strong_identifiers: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        let strong = [
            "passportNumber",
            "imoNumber",
            "mmsi",
            "swiftBic",
            "leiCode",
            "innCode",
            "ogrnCode",
            "socialSecurityNumber",
            "uscCode",
            "icaoCode",
        ];
        Self {
            weak_alias: 0.75,
            birth_date_near: 0.95,
            birth_date_different: 0.70,
            gender_different: 0.80,
            strong_identifiers: strong.map(str::to_owned).to_vec(),
        }
    }
}

/// Why rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesError {
    /// A factor lies outside 0 to 1: the field's name.
    Factor(&'static str),
    /// A strong identifier that is no identifier property of the model: its name.
    NotAnIdentifier(String),
}

impl std::fmt::Display for RulesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Factor(field) => write!(f, "match.{field} must lie between 0 and 1"),
            Self::NotAnIdentifier(name) => {
                write!(f, "match.strong_identifiers: {name:?} is no identifier property of the model")
            }
        }
    }
}

impl std::error::Error for RulesError {}

impl Rules {
    /// Checks every factor and every identifier.
    pub fn check(&self) -> Result<(), RulesError> {
        let factors = [
            ("weak_alias", self.weak_alias),
            ("birth_date_near", self.birth_date_near),
            ("birth_date_different", self.birth_date_different),
            ("gender_different", self.gender_different),
        ];
        if let Some((field, _)) = factors.iter().find(|(_, factor)| !(0.0..=1.0).contains(factor)) {
            return Err(RulesError::Factor(field));
        }
        let wrong = self.strong_identifiers.iter().find(|p| model::Schema::type_of(p) != Some("identifier"));
        wrong.map_or(Ok(()), |name| Err(RulesError::NotAnIdentifier(name.clone())))
    }

    /// Whether agreement in this property alerts on its own.
    pub fn is_strong(&self, property: &str) -> bool {
        self.strong_identifiers.iter().any(|strong| strong == property)
    }

    pub(crate) fn birth_factor(&self, relation: BirthDates) -> Factor {
        match relation {
            BirthDates::Near => Factor::of(self.birth_date_near),
            BirthDates::Different => Factor::of(self.birth_date_different),
            _ => Factor::NONE,
        }
    }
}

/// A factor in millionths: what a rule leaves of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Factor(u32);

impl Factor {
    /// Leaves a score as it is.
    pub(crate) const NONE: Self = Self(1_000_000);

    pub(crate) fn of(fraction: f64) -> Self {
        model::Score::from_fraction(fraction).map_or(Self::NONE, |score| Self(score.0))
    }

    /// The score times the factor, rounded down.
    pub(crate) fn apply(self, score: u32) -> u32 {
        (u64::from(score) * u64::from(self.0) / 1_000_000) as u32
    }

    pub(crate) fn fraction(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}
