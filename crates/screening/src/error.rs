//! What can go wrong while screening, by who can do something about it.

use std::fmt;

use ledger::LedgerError;

use crate::PolicyError;

/// Why a commit was not screened. It then does not stand.
#[derive(Debug)]
pub enum ScreeningError {
    /// The ledger could not be read or written.
    Ledger(LedgerError),
    /// The policy in the ledger cannot be used.
    Policy(PolicyError),
    /// The network was told what contradicts what it holds: a fault of this program.
    Network(network::Refusal),
    /// A positive control did not behave: which one, and what was expected.
    Control {
        /// The control's name.
        control: &'static str,
        /// What it should have done.
        expected: &'static str,
    },
    /// What is indexed is not what the ledger holds: of what, and the two counts.
    Count {
        /// Entries of which dataset, or the subjects.
        what: String,
        /// In the ledger.
        ledger: u64,
        /// In the index.
        index: u64,
    },
}

impl fmt::Display for ScreeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(error) => write!(f, "{error}"),
            Self::Policy(error) => write!(f, "the policy in force cannot be used: {error}"),
            Self::Network(refusal) => write!(
                f,
                "the network does not agree with the ledger ({refusal}); nothing was committed. Please report this, with the \
                 output of `lookback verify`"
            ),
            Self::Control { control, expected } => write!(
                f,
                "control {control:?} failed ({expected}); nothing was committed, because screening cannot be trusted. \
                 Run `lookback policy show`: a threshold above 1 or below the controls' scores makes them fail"
            ),
            Self::Count { what, ledger, index } => write!(
                f,
                "{what}: {ledger} in the ledger, {index} screened; nothing was committed. Remove the index files beside the \
                 store, they are rebuilt"
            ),
        }
    }
}

impl std::error::Error for ScreeningError {}

impl From<LedgerError> for ScreeningError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<PolicyError> for ScreeningError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl From<network::Refusal> for ScreeningError {
    fn from(refusal: network::Refusal) -> Self {
        Self::Network(refusal)
    }
}
