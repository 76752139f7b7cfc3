//! `GET /algorithms`: what scores, and under which other names it answers.
//!
//! Always holds: there is one way of scoring here, `best`. Names of others are taken for it, and whoever asks is told so.

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::Refused;

/// The way of scoring.
pub(crate) const BEST: &str = "best";

/// Names that clients know, and the settings that they may send with each.
const ALIASES: [(&str, &[&str]); 5] = [
    (
        "logic-v2",
        &[
            "nm_name_property",
            "nm_number_mismatch",
            "nm_extra_query_name",
            "nm_extra_result_name",
            "nm_family_name_weight",
            "nm_fuzzy_cutoff_factor",
        ],
    ),
    ("name-based", &[]),
    ("name-qualified", &[]),
    ("logic-v1", &[]),
    ("regression-v1", &[]),
];

/// What a score is made of.
const FEATURES: [(&str, &str, f64); 5] = [
    ("name_match", "How much two names are alike, in whatever scripts they are written.", 1.0),
    ("identifier_match", "The same passport, registration or vessel number.", 1.0),
    ("birth_date", "Birth dates that differ, as far as both are known, lower the score.", -0.3),
    ("gender", "Genders that differ, where both are stated, lower the score.", -0.2),
    ("weak_alias", "A weak alias lowers the score where nothing else agrees.", -0.25),
];

/// The algorithm that a client named: the name that it is known by, or that there is none of it.
pub(crate) struct Algorithm {
    name: &'static str,
    settings: &'static [&'static str],
}

impl Algorithm {
    /// The algorithm of that name.
    pub(crate) fn named(name: &str) -> Result<Self, Refused> {
        let clean = name.trim().to_lowercase();
        // `best` is what clients know as logic-v2, and takes its settings.
        let clean = if clean == BEST { ALIASES[0].0 } else { &clean };
        let found = ALIASES.iter().find(|(alias, _)| *alias == clean);
        let (name, settings) = found.ok_or_else(|| Refused::bad(format!("Invalid algorithm: {name}")))?;
        Ok(Self { name, settings })
    }

    /// Refuses a setting that the algorithm does not have.
    pub(crate) fn check_setting(&self, setting: &str) -> Result<(), Refused> {
        if self.settings.contains(&setting) {
            return Ok(());
        }
        Err(Refused::bad(format!("Invalid configuration parameter: {setting} for algorithm {}", self.name)))
    }
}

/// All algorithms.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlgorithmResponse {
    algorithms: Vec<Described>,
    /// What scores when nothing is said.
    default: &'static str,
    /// The best there is.
    best: &'static str,
}

/// One of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Algorithm)]
struct Described {
    name: &'static str,
    description: String,
    features: BTreeMap<&'static str, FeatureDoc>,
    docs: AlgorithmDocs,
}

/// The same once more, as newer clients read it.
#[derive(Serialize, ToSchema)]
struct AlgorithmDocs {
    name: &'static str,
    description: String,
    config: BTreeMap<&'static str, ConfigVar>,
    features: BTreeMap<&'static str, FeatureDoc>,
}

/// One part of a score.
#[derive(Serialize, ToSchema)]
struct FeatureDoc {
    description: &'static str,
    coefficient: f64,
    url: &'static str,
}

/// A setting.
#[derive(Serialize, ToSchema)]
struct ConfigVar {
    r#type: &'static str,
    description: &'static str,
    default: Option<f64>,
}

pub(crate) async fn algorithms() -> Json<AlgorithmResponse> {
    let own = "Names in any script are compared word by word through forms, transcriptions and slips; identifiers, birth dates and \
               genders confirm or contradict. Explained with every result.";
    let mut algorithms = vec![described(BEST, own.to_owned(), &[])];
    for (alias, settings) in ALIASES {
        let said = format!(
            "Another name of {BEST}, which answers in its place; weights and settings are accepted and change nothing."
        );
        algorithms.push(described(alias, said, settings));
    }
    Json(AlgorithmResponse { algorithms, default: BEST, best: BEST })
}

fn described(name: &'static str, description: String, settings: &[&'static str]) -> Described {
    let features = || {
        let doc = |(name, description, coefficient)| {
            (name, FeatureDoc { description, coefficient, url: "/openapi.json" })
        };
        FEATURES.into_iter().map(doc).collect()
    };
    let setting = |name: &&'static str| {
        let r#type = if *name == "nm_name_property" { "string" } else { "float" };
        (*name, ConfigVar { r#type, description: "Accepted, and changes nothing.", default: None })
    };
    let config = settings.iter().map(setting).collect();
    let docs = AlgorithmDocs { name, description: description.clone(), config, features: features() };
    Described { name, description, features: features(), docs }
}
