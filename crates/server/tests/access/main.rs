//! Who is let in over HTTP, on a socket: keys, sessions, roles, other sites, hostile requests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test that skips says so")]

mod compartments;
mod guarded;
mod hostile;
mod keys;
mod provider;
mod served;
mod sessions;
mod tls;
