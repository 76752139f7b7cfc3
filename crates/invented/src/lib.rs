//! Invented people, an invented watchlist that changes, and ways to misspell a name.
//!
//! In goes a seed, out come the same bytes on every machine: there is no clock, no environment and no float here. The people
//! are put together from the tables in `data/invented`, so nobody in them exists. The demo, the benchmarks and the tests of
//! the other crates use them; nothing in the engine does. What a name *means* is not known here: the script profiles
//! only shape how a name is put together, and are no field of a [`Person`].

mod entry;
mod harbour;
mod naming;
mod person;
mod random;
mod story;
mod tables;
mod transliterate;
mod vary;

pub use harbour::{Group, Guest, Harbour, HarbourStep, PEOPLE_MIN, TRAVELLERS, Truth, harbour};
pub use person::{Person, person, population, population_csv};
pub use random::Random;
pub use story::{LIST, ListStep, POPULATION_KNOWN_AT, list_story};
pub use transliterate::{Script, transliterate};
pub use vary::{Variation, other_date_format, vary};
