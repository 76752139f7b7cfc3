//! Who is let in over HTTP, on a socket: keys, sessions, roles, other sites, hostile requests.

#![cfg(test)]

mod guarded;
mod keys;
mod served;
mod sessions;
