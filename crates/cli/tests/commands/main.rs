//! The built command, run as a user runs it, over invented inputs in a folder of its own.
//!
//! Held here: exit codes, JSON that parses and carries its fields, what is told and what is kept silent. What the numbers should be
//! is held by the stories and by the crates below.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod desk;

mod access;
mod audit;
mod backup;
mod bad_input;
mod checkpoint;
mod demo;
mod feed;
mod figures;
mod forecast;
mod held;
mod killed;
mod network;
mod outputs;
mod policy;
mod questions;
mod reference;
mod report;
mod review;
mod screen;
