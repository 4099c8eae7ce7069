//! What several tests need.

#![allow(dead_code, unreachable_pub, reason = "no test needs all of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]

pub mod git_repository;
pub mod git_server;
pub mod looking;
pub mod sink;
