//! How a word is used in names, as the tables say: what may tell its role and its weight.
//!
//! In goes a form, out comes everything that is known of it whatever stands around it. It follows from the form alone, so a form asks once.

use crate::form::Form;
use crate::parts;
use crate::rarity::{self, Commonness};
use crate::words::{self, Known};

/// What is known of one word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// What the table of words says of it in a name of each kind.
    pub(crate) known: [Option<Known>; 3],
    pub(crate) commonness: Commonness,
    /// The part of a name that the table says it is.
    pub(crate) listed: Option<parts::Known>,
    pub(crate) ends_as_family: bool,
}

impl Usage {
    pub(crate) fn of(form: &Form) -> Self {
        Self {
            known: words::known(form),
            commonness: rarity::commonness(form),
            listed: parts::listed(form),
            ends_as_family: parts::ends_as_family(form),
        }
    }
}
