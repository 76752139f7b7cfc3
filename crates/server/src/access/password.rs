//! Passwords: argon2id, and nothing that tells whether there is such an account.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use lookback::Error;

/// The least that OWASP's cheat sheet on storing passwords asks of argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// NIST SP 800-63B asks for 8 beside a second factor, 15 without; 12 and a wait after failures lie between.
const SHORTEST: usize = 12;
/// Longer ones only cost time.
const LONGEST: usize = 1_024;

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these are sound parameters");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a new password; refuses one that is too short or too long.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    if !(SHORTEST..=LONGEST).contains(&password.len()) {
        return Err(Error::Usage(format!("a password has {SHORTEST} to {LONGEST} bytes")));
    }
    let hash = argon2().hash_password(password.as_bytes());
    Ok(hash
        .map_err(|error| Error::Io("hashing a password".into(), std::io::Error::other(error)))?
        .to_string())
}

/// Whether a password is that of a hash. Without a hash it takes as long and is false.
pub(crate) fn fits(password: &str, hash: Option<&str>) -> bool {
    if password.len() > LONGEST {
        return false;
    }
    let Some(hash) = hash else {
        let _ = argon2().hash_password(password.as_bytes());
        return false;
    };
    argon2().verify_password(password.as_bytes(), hash).is_ok()
}
