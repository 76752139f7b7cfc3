//! Which tables and rules a build compares with.
//!
//! In go the shipped tables and a number raised by hand; out comes a text that differs when either does.

use crate::{groups, table};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Raised by hand when a rule in code changes what a score can be.
const RULES_VERSION: &str = "3";

/// Which tables and rules this build compares with: equal versions give equal scores.
pub fn tables_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut digest = Sha256::new();
        for table in table::ALL {
            digest.update((table.len() as u64).to_le_bytes());
            digest.update(table);
        }
        digest.update(groups::digest().to_le_bytes());
        let head = digest.finalize().iter().take(6).fold(0u64, |head, byte| head << 8 | u64::from(*byte));
        format!("names-{RULES_VERSION}-{head:012x}")
    });
    &VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_rules_and_tables() {
        assert!(tables_version().starts_with("names-3-"));
        assert_eq!(tables_version().len(), "names-3-".len() + 12);
    }
}
