//! Who is told what happens, for programs that tell them: what is kept beside a store of it.
//!
//! What happened is asked of [`Store::happenings_after`](crate::Store::happenings_after); programs sign, send, and keep here how far they came.

pub use ledger::{DeadLetter, Place, Webhook, Webhooks};
