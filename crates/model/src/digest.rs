//! SHA-256 digests, of bytes and of fields with unambiguous boundaries.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What stands before the first commit.
    pub const ZERO: Self = Self([0; 32]);

    /// Of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex_to(text, &mut bytes).then_some(Self(bytes))
    }

    /// The sum of two digests as numbers of 256 bits, so that the digest of a set follows its changes in any order.
    #[must_use]
    pub fn wrapping_add(self, other: Self) -> Self {
        let mut sum = self.0;
        let mut carry = false;
        for (byte, other) in sum.iter_mut().zip(other.0) {
            let (once, first) = byte.overflowing_add(other);
            let (twice, second) = once.overflowing_add(u8::from(carry));
            (*byte, carry) = (twice, first || second);
        }
        Self(sum)
    }

    /// Takes a digest out of a sum.
    #[must_use]
    pub fn wrapping_sub(self, other: Self) -> Self {
        let negative = Self(other.0.map(|byte| !byte)).wrapping_add(Self::ONE);
        self.wrapping_add(negative)
    }

    /// The number one; the first byte is the least.
    const ONE: Self = {
        let mut bytes = [0; 32];
        bytes[0] = 1;
        Self(bytes)
    };

    /// The first 16 bytes, for ids.
    pub fn half(self) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        half
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("a digest is 64 hexadecimal digits"))
    }
}

pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

pub(crate) fn hex_to(text: &str, bytes: &mut [u8]) -> bool {
    text.len() == bytes.len() * 2
        && text.is_ascii()
        && bytes.iter_mut().enumerate().all(|(at, byte)| {
            u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map(|value| *byte = value).is_ok()
        })
}

/// Digests a sequence of fields; each is preceded by its length, so that no two sequences share their bytes.
#[derive(Clone, Default)]
pub struct Digester(Sha256);

impl Digester {
    /// Nothing digested yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    pub fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a number as a field of eight bytes.
    pub fn number(&mut self, number: i64) -> &mut Self {
        self.field(&number.to_le_bytes())
    }

    /// The digest of the fields so far.
    pub fn finish(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_that_of_the_set_in_any_order_and_each_can_be_taken_out_again() {
        let [a, b, c] = [&b"a"[..], b"b", b"c"].map(Digest::of);
        let sum = a.wrapping_add(b).wrapping_add(c);
        assert_eq!(c.wrapping_add(a).wrapping_add(b), sum);
        assert_eq!(sum.wrapping_sub(b), c.wrapping_add(a));
        assert_eq!(sum.wrapping_sub(b).wrapping_sub(a).wrapping_sub(c), Digest::ZERO);
        let most = Digest([0xff; 32]);
        assert_eq!(most.wrapping_add(Digest::ONE), Digest::ZERO);
        assert_eq!(Digest::ZERO.wrapping_sub(Digest::ONE), most);
    }
}
