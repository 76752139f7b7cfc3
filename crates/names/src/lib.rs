//! Names: what a name is made of, and how two names compare.
//!
//! In goes text in any script and what kind of thing it names; out come tokens, units, the token relation between two forms,
//! a score between two names and the explanation of that score. What always holds:
//! - a score is symmetric, the same on every machine, 1,000,000 for a name with itself and 0 for an empty name;
//! - what [`relate`] relates shares a key ([`Form::keys`]) unless both are joins, which are never paired, so an index over keys loses no
//!   pair that [`score`] can credit;
//! - [`upper_bound`] and [`required_weight`] never rule out a pair that reaches the threshold.
//!
//! Similarities and weights are thousandths, scores millionths; no float takes part. Tables are in `data/names` and are part of
//! the program: [`tables_version`] changes with them. There is no I/O, no clock, and no knowledge of the bearer of a name:
//! neither origin nor anything else but the text and its kind is an input.
//!
//! `docs/design/0001-shape.md` has the formulas and why they are so.

mod table;
mod version;

mod bones;
mod border;
mod fold;
mod groups;
mod han;
mod inflection;
mod key;
mod rewrite;
mod romanise;
mod skeleton;
mod transcription;

mod edit;
mod form;
mod glance;
mod recent;
mod relation;

mod join;
mod name;
mod organisation;
mod parts;
mod phrases;
mod rarity;
mod roles;
mod territory;
mod usage;
mod words;

mod align;
mod bound;
mod calibration;
mod compare;
mod raw;

pub use bound::{UnitsAlike, least_raw_score, required_weight, upper_bound};
pub use compare::{Comparison, PairKind, Shortfall, Side, UnitPair, compare, raw_score, score};
pub use form::Form;
pub use name::{Name, NameKind, NamePart, Token, Unit, UnitShape, analyse, analyse_parts};
pub use rarity::Commonness;
pub use relation::{Related, RelationKind, Similarity, relate};
pub use roles::RoleReason;
pub use territory::territory;
pub use version::tables_version;
pub use words::{Role, Weight};

/// The most that an initial, and what it stands for, may bring into a score, in thousandths: as little as it weighs itself.
/// An initial is not found through keys, so the candidate bound has to allow for it.
pub const INITIAL_WEIGHT: u16 = 250;
