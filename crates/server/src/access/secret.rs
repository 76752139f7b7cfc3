//! Secrets: made here, shown once, kept as digests.
//!
//! Always holds: a secret has 256 random bits, so that its SHA-256 tells nothing of it and needs no salt; comparing digests takes the same
//! time for every wrong secret, as far as anybody could use; `Debug` shows none.

use std::fmt;

use lookback::Error;
use lookback::model::Digest;

/// A secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one, after a word that says what it is to whoever finds it.
    pub(crate) fn new(word: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::Io("drawing a secret".into(), std::io::Error::other(error)))?;
        // A digest only for its 64 hexadecimal digits.
        Ok(Self(format!("{word}{}", Digest(bytes))))
    }

    /// One that somebody showed.
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// What follows from it for one use, and tells nothing of it.
    pub(crate) fn derived(&self, what: &str) -> Self {
        Self(Digest::of(format!("{what}:{}", self.0).as_bytes()).to_string())
    }

    /// Whether a text is this secret, in a time that does not tell where they differ.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.digest() == Digest::of(text.as_bytes())
    }

    /// To hand it to whom it belongs to, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
