//! Signed checkpoints and proofs about the chain of commits, which a third party can check with a public key and nothing of ours but this crate.
//!
//! In: hashes of commits, a key. Out: checkpoints (Ed25519), proofs that a commit is under one and that a later one only added to an
//! earlier one (RFC 6962), and whether they hold. Always holds: a changed bit of a checkpoint, a proof or a key is found (`PROVED`).
//! Nothing here reads a store, a clock or a name; what the commits say is not in a proof, only their hashes.

mod hex;
pub use hex::Hash;

mod merkle;
pub use merkle::{consistency_path, holds_consistency, holds_inclusion, inclusion_path, leaf, root};

mod key;
pub use key::{KeyError, PublicKey, SecretKey};

mod checkpoint;
pub use checkpoint::{AuditHead, Checkpoint, Statement};

mod proof;
pub use proof::{Broken, Consistency, Inclusion};
