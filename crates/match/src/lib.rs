//! Two entities in, a score and its explanation out.
//!
//! In: the [`Profile`]s of a subject and of a list entry, and the [`Rules`] of the policy. Out: a [`model::Score`], or the same
//! score with an [`Explanation`] that shows where each number comes from.
//! Always holds: the score depends on the two profiles and the rules alone (`PAIR-PURE`); it is symmetric; a discriminator can
//! only lower what the names say, so the index may search by the alert threshold (`LOSSLESS`); origin, nationality, religion and
//! ethnicity are not in a profile (`NO-ORIGIN`). Nothing is looked up here.

mod profile;
pub use profile::{Gender, Identifier, NameStrength, Profile, Unscreenable};

mod fingerprint;
pub use fingerprint::{differences, fingerprint, of_pair};

mod rules;
pub use rules::{Rules, RulesError};

mod birth;
pub use birth::BirthDates;

mod compare;
pub use compare::{explain, score};

mod explanation;
pub use explanation::{Explanation, Finding, NameEvidence, UnitPair, Verdict};

/// Version of the rules in code; part of the engine version that every commit records.
pub const RULES_VERSION: u32 = 1;
