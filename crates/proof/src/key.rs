//! Ed25519 keys as one line of text each, so that they can be written down, mailed and read over the telephone.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::hex::read_hex;

const SECRET: &str = "lookback-secret-key-1";
const PUBLIC: &str = "lookback-public-key-1";

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// It is not one line of the kind named.
    NotAKey(&'static str),
    /// The system has no randomness to give.
    NoRandomness,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAKey(kind) => {
                write!(f, "it is no key: expected a line `{kind} ` and 64 hexadecimal digits")
            }
            Self::NoRandomness => f.write_str("the system gives no randomness"),
        }
    }
}

impl std::error::Error for KeyError {}

/// Signs checkpoints. Whoever has it can sign in the name of the office.
pub struct SecretKey(SigningKey);

/// Checks what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

fn read(kind: &'static str, text: &str) -> Result<[u8; 32], KeyError> {
    let mut bytes = [0; 32];
    let digits = text.trim_end().strip_prefix(kind).and_then(|rest| rest.strip_prefix(' '));
    let sound = digits.is_some_and(|digits| read_hex(digits, &mut bytes));
    if sound { Ok(bytes) } else { Err(KeyError::NotAKey(kind)) }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}

impl SecretKey {
    /// A new one.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// From its line of text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Ok(Self(SigningKey::from_bytes(&read(SECRET, text)?)))
    }

    /// As a line of text.
    pub fn to_text(&self) -> String {
        format!("{SECRET} {}\n", hex(&self.0.to_bytes()))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> String {
        hex(&self.0.sign(message).to_bytes())
    }
}

impl PublicKey {
    /// From its line of text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        VerifyingKey::from_bytes(&read(PUBLIC, text)?).map(Self).map_err(|_| KeyError::NotAKey(PUBLIC))
    }

    /// As a line of text.
    pub fn to_text(&self) -> String {
        format!("{PUBLIC} {}\n", hex(self.0.as_bytes()))
    }

    /// Names it: the first 16 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes())[..8])
    }

    /// Whether it was signed with the secret half. Signatures that others could have changed into another valid one are refused.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &str) -> bool {
        let mut bytes = [0; 64];
        read_hex(signature, &mut bytes)
            && self.0.verify_strict(message, &Signature::from_bytes(&bytes)).is_ok()
    }
}
